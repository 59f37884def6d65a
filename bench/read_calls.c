/* A file's bytes through a mapping, and through read and pread: all in order, or 64 at random places, warm and cold. Whoever reads
 * adds up every byte that it was asked for, by words, and the sum is compared with what was written.
 *
 * The file is under /var/tmp, which is a disk where anything is. The clock is the one on the wall: for cold pages one waits.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#define SERVE_CLOCK CLOCK_MONOTONIC
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core_worker.h"

#define CHUNK ((size_t)64 << 10) /* what a read asks for at once */
#define PIECE ((size_t)64)       /* at a random place */
#define COLD ((size_t)64 << 20)
#define COLD_PIECES 200

/* A file that is made when it is first needed, and stays open and mapped. */
typedef struct file {
  size_t size;
  char path[64];
  int fd;
  uint64_t sum;
  mw_region *region;
} file;

static mw_error error;
static uint64_t buffer[CHUNK / sizeof(uint64_t)];

#define good(call) must_be_good((call), &error)

/* ---- what is read */

static uint64_t sum_of(const void *bytes, size_t size) {
  const uint64_t *words = bytes;
  uint64_t a = 0, b = 0, c = 0, d = 0;
  for (size_t i = 0; i < size / sizeof *words; i += 4) {
    a += words[i];
    b += words[i + 1];
    c += words[i + 2];
    d += words[i + 3];
  }
  return a + b + c + d;
}

static uint64_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 24;
}

static void write_all(file *f) {
  uint64_t state = 1;
  for (size_t done = 0; done < f->size; done += CHUNK) {
    size_t size = f->size - done < CHUNK ? f->size - done : CHUNK;
    for (size_t i = 0; i < size / sizeof *buffer; i++) buffer[i] = next_random(&state);
    f->sum += sum_of(buffer, size);
    must(write(f->fd, buffer, size) == (ssize_t)size, "write");
  }
}

static mw_region *mapped(const file *f) {
  const mw_region_options options = {.size_of_struct = sizeof options, .access = MW_READ};
  mw_region *region;
  good(mw_region_file(f->path, 0, &options, &error, &region));
  return region;
}

static void make(file *f) {
  if (f->region) return;
  snprintf(f->path, sizeof f->path, "/var/tmp/memwell-bench-%ld-%zu", (long)getpid(), f->size);
  f->fd = open(f->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  must(f->fd >= 0, f->path);
  write_all(f);
  f->region = mapped(f);
}

static void must_be_all(const file *f, uint64_t sum) { must(sum == f->sum, "the sum of all bytes"); }

/* ---- all of it, opened for that and closed again */

static void whole_map(const file *f) {
  mw_region *region = mapped(f);
  must_be_all(f, sum_of(mw_region_data(region), f->size));
  mw_region_close(region);
}

static void whole_populated(const file *f) {
  mw_region *region = mapped(f);
  good(mw_region_populate(region, 0, f->size, &error));
  must_be_all(f, sum_of(mw_region_data(region), f->size));
  mw_region_close(region);
}

static int opened(const file *f) {
  int fd = open(f->path, O_RDONLY | O_CLOEXEC);
  must(fd >= 0, f->path);
  return fd;
}

static void whole_bare(const file *f) {
  int fd = opened(f);
  struct stat facts;
  must(fstat(fd, &facts) == 0, "fstat");
  void *address = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_SHARED, fd, 0);
  must(address != MAP_FAILED, "mmap");
  close(fd);
  must_be_all(f, sum_of(address, f->size));
  munmap(address, f->size);
}

static void whole_read(const file *f) {
  int fd = opened(f);
  uint64_t sum = 0;
  for (ssize_t size; (size = read(fd, buffer, CHUNK)) > 0;) sum += sum_of(buffer, (size_t)size);
  must_be_all(f, sum);
  close(fd);
}

/* As a file is read into a string. */
static void whole_string(const file *f) {
  int fd = opened(f);
  char *all = malloc(f->size);
  must(all != NULL, "malloc");
  for (size_t done = 0; done < f->size;) {
    ssize_t size = read(fd, all + done, f->size - done);
    must(size > 0, "read");
    done += (size_t)size;
  }
  must_be_all(f, sum_of(all, f->size));
  free(all);
  close(fd);
}

/* ---- all of it, open before and after */

static void kept_map(const file *f) { must_be_all(f, sum_of(mw_region_data(f->region), f->size)); }

static void kept_pread(const file *f) {
  uint64_t sum = 0;
  for (size_t done = 0; done < f->size;) {
    ssize_t size = pread(f->fd, buffer, CHUNK, (off_t)done);
    must(size > 0, "pread");
    sum += sum_of(buffer, (size_t)size);
    done += (size_t)size;
  }
  must_be_all(f, sum);
}

/* ---- pieces at random places; the sums of two ways over the same places are the same */

static uint64_t piece_map(const file *f, uint64_t offset) {
  return sum_of((const char *)mw_region_data(f->region) + offset, PIECE);
}

static uint64_t piece_copied(const file *f, uint64_t offset) {
  size_t size;
  good(mw_region_read(f->region, offset, buffer, PIECE, &error, &size));
  return sum_of(buffer, PIECE);
}

static uint64_t piece_pread(const file *f, uint64_t offset) {
  must(pread(f->fd, buffer, PIECE, (off_t)offset) == (ssize_t)PIECE, "pread");
  return sum_of(buffer, PIECE);
}

static uint64_t pieces(const file *f, uint64_t (*piece)(const file *f, uint64_t offset), long n) {
  uint64_t state = 7, sum = 0;
  for (long i = 0; i < n; i++) sum += piece(f, next_random(&state) % (f->size / PIECE) * PIECE);
  return sum;
}

static volatile uint64_t sink; /* somebody wants the sum */

static void check_pieces(const file *f) {
  uint64_t sum = pieces(f, piece_map, 100);
  must(sum == pieces(f, piece_copied, 100) && sum == pieces(f, piece_pread, 100), "the sum of some pieces");
}

/* ---- cold: out of the page cache, and so out of every mapping */

static void evict(const file *f) {
  must(fdatasync(f->fd) == 0, "fdatasync");
  must(posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED) == 0, "posix_fadvise");
}

static bool can_be_cold(const file *f) {
  uint64_t resident;
  evict(f);
  good(mw_region_resident(f->region, &error, &resident));
  return resident < f->size / 10;
}

static file cold = {.size = COLD};

/* Who maps it must go first: what is mapped stays in the cache. */
static void make_cold(void) {
  mw_region_close(cold.region);
  evict(&cold);
  cold.region = mapped(&cold);
}

static void cold_whole(long n, void (*whole)(const file *f)) {
  for (long i = 0; i < n; i++) {
    serve_apart(make_cold);
    whole(&cold);
  }
}

static void sequential_map(const file *f) {
  mw_region *region = mapped(f);
  good(mw_region_advise(region, MW_ADVICE_SEQUENTIAL, 0, f->size, &error));
  must_be_all(f, sum_of(mw_region_data(region), f->size));
  mw_region_close(region);
}

static void cold_map(long n) { cold_whole(n, whole_map); }
static void cold_sequential(long n) { cold_whole(n, sequential_map); }
static void cold_populated(long n) { cold_whole(n, whole_populated); }
static void cold_read(long n) { cold_whole(n, whole_read); }

static void cold_pieces(uint64_t (*piece)(const file *f, uint64_t offset), long n) {
  for (long i = 0; i < n; i += COLD_PIECES) {
    serve_apart(make_cold);
    good(mw_region_advise(cold.region, MW_ADVICE_RANDOM, 0, cold.size, &error));
    must(posix_fadvise(cold.fd, 0, 0, POSIX_FADV_RANDOM) == 0, "posix_fadvise");
    sink = pieces(&cold, piece, COLD_PIECES);
  }
}

static void cold_piece_map(long n) { cold_pieces(piece_map, n); }
static void cold_piece_pread(long n) { cold_pieces(piece_pread, n); }

/* ---- the works, by size */

#define WHOLE(way, label)                            \
  static void way##_##label(long n) {                \
    serve_apart(make_##label);                       \
    for (long i = 0; i < n; i++) way(&file_##label); \
  }
#define PIECES(way, label)                \
  static void way##_##label(long n) {     \
    serve_apart(make_##label);            \
    sink = pieces(&file_##label, way, n); \
  }
#define WORKS(label, bytes)                     \
  static file file_##label = {.size = (bytes)}; \
  static void make_##label(void) {              \
    bool is_new = !file_##label.region;         \
    make(&file_##label);                        \
    if (is_new) check_pieces(&file_##label);    \
  }                                             \
  WHOLE(whole_map, label)                       \
  WHOLE(whole_populated, label)                 \
  WHOLE(whole_bare, label)                      \
  WHOLE(whole_read, label)                      \
  WHOLE(whole_string, label)                    \
  WHOLE(kept_map, label)                        \
  WHOLE(kept_pread, label)                      \
  PIECES(piece_map, label)                      \
  PIECES(piece_copied, label)                   \
  PIECES(piece_pread, label)

WORKS(4KiB, (size_t)4 << 10)
WORKS(64KiB, (size_t)64 << 10)
WORKS(1MiB, (size_t)1 << 20)
WORKS(16MiB, (size_t)16 << 20)
WORKS(256MiB, (size_t)256 << 20)
WORKS(1GiB, (size_t)1 << 30)

#define ROW(way, label) \
  { #way "_" #label, way##_##label }
#define ROWS(label)                                                                                                             \
  ROW(whole_map, label), ROW(whole_populated, label), ROW(whole_bare, label), ROW(whole_read, label), ROW(whole_string, label), \
      ROW(kept_map, label), ROW(kept_pread, label), ROW(piece_map, label), ROW(piece_copied, label), ROW(piece_pread, label)

static const work by_size[] = {ROWS(4KiB), ROWS(64KiB), ROWS(1MiB), ROWS(16MiB), ROWS(256MiB), ROWS(1GiB)};
static file *const files[] = {&file_4KiB, &file_64KiB, &file_1MiB, &file_16MiB, &file_256MiB, &file_1GiB, &cold};
static const work cold_works[] = {
    {"cold_map", cold_map},   {"cold_sequential", cold_sequential}, {"cold_populated", cold_populated},
    {"cold_read", cold_read}, {"cold_piece_map", cold_piece_map},   {"cold_piece_pread", cold_piece_pread}};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Half of what is free, so that what was written is still there when it is read, beside a copy of it. */
static bool fits_in_memory(size_t size) { return size < (size_t)sysconf(_SC_AVPHYS_PAGES) / 2 * (size_t)sysconf(_SC_PAGESIZE); }

int main(void) {
  work works[COUNT_OF(by_size) + COUNT_OF(cold_works)];
  size_t count = 0, rows = COUNT_OF(by_size) / (COUNT_OF(files) - 1);
  for (size_t i = 0; i < COUNT_OF(by_size); i++) {
    if (fits_in_memory(files[i / rows]->size))
      works[count++] = by_size[i];
    else
      printf("lacks %s there is not twice as much memory free\n", by_size[i].name);
  }
  make(&cold);
  bool is_disk = can_be_cold(&cold);
  for (size_t i = 0; i < COUNT_OF(cold_works); i++) {
    if (is_disk)
      works[count++] = cold_works[i];
    else
      printf("lacks %s the file system of /var/tmp keeps its files in memory\n", cold_works[i].name);
  }
  serve(works, count);
  for (size_t i = 0; i < COUNT_OF(files); i++) {
    if (!files[i]->region) continue;
    mw_region_close(files[i]->region);
    unlink(files[i]->path);
  }
  return 0;
}

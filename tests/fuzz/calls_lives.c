/* Regions made, shared, changed as a whole, and ended.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calls.h"

enum { KEY = 0x6d77 };

#define DEVICE "/dev/zero"

/* ---- objects */

static object objects[SLOTS];

static uint64_t zero_device, zero_inode;

static void look_at_zero_device(void) {
  struct stat stat;
  if (fstatat(AT_FDCWD, DEVICE, &stat, 0) != 0) return;
  zero_device = stat.st_dev;
  zero_inode = stat.st_ino;
}

/* What an object has that nobody here knew before: the regions under test must agree on it from now on. */
static void learn(object *object, mw_region *region) {
  int fd;
  memset(object->bytes, 0, sizeof object->bytes);
  object->known = true;
  if (mw_region_descriptor(region, NULL, &fd) == 0)
    object->known = pread(fd, object->bytes, LARGEST, 0) >= 0;
  else if (mw_region_offset(region) == 0)
    object->known = mw_region_read(region, 0, object->bytes, LARGEST, NULL, &(size_t){0}) == 0;
  else
    object->known = false;
}

static object *object_of(mw_region *region) {
  uint64_t device, inode;
  object *free_one = NULL;
  mw_region_identity(region, &device, &inode);
  for (int i = 0; i < SLOTS; i++) {
    if (objects[i].users == 0) free_one = &objects[i];
    if (objects[i].users > 0 && objects[i].device == device && objects[i].inode == inode) return &objects[i];
  }
  *free_one = (object){.device = device, .inode = inode};
  learn(free_one, region);
  return free_one;
}

/* Every mapping of /dev/zero is memory of its own, though all have one identity. */
static bool is_apart(const mw_region *region, const object *object) {
  if (zero_inode == 0) look_at_zero_device();
  return mw_region_access(region) == MW_COPY_ON_WRITE || (object->device == zero_device && object->inode == zero_inode);
}

/* ---- slots */

static void put(slot *slot, mw_region *region, unsigned flags) {
  fuzz_require(!mw_region_is_closed(region) && !mw_region_is_faulted(region) && mw_region_holds(region) == 0);
  fuzz_require((mw_region_size(region) == 0) == (mw_region_data(region) == NULL));
  fuzz_require(mw_region_size(region) <= LARGEST);
  *slot = (struct slot){.region = region, .object = object_of(region)};
  slot->object->users++;
  if (flags & (MW_NO_GUARD | MW_FAULT_ABORTS)) slot->object->unguarded = true;
  slot->apart = is_apart(region, slot->object);
}

static void forget(slot *slot) {
  for (int i = 0; i < VIEWS; i++)
    if (windows[i].slot == slot) windows[i].slot = NULL;
  slot->object->users--;
  slot->region = NULL;
}

static void drop(slot *slot) {
  slot->holds--;
  mw_region *region = slot->region;
  if (slot->closed && slot->holds == 0) forget(slot);
  mw_region_drop(region);
}

static void close_slot(slot *slot) {
  mw_region *region = slot->region;
  slot->closed = true;
  if (slot->holds == 0) forget(slot);
  mw_region_close(region);
}

static slot *free_slot(fuzz_input *input) {
  slot *slot = &slots[fuzz_below(input, SLOTS)];
  if (slot->region && !slot->closed) close_slot(slot);
  while (slot->region) drop(slot);
  return slot;
}

static void hold_or_end(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  switch (fuzz_below(input, 4)) {
    case 0:
      if (!slot->closed) close_slot(slot);
      break;
    case 1:
      if (slot->holds > 0) drop(slot);
      break;
    default: mw_region_hold(slot->region); slot->holds++;
  }
  if (slot->region) fuzz_require(mw_region_holds(slot->region) == slot->holds && mw_region_is_closed(slot->region) == slot->closed);
}

/* ---- making them */

static mw_region_options any_options(fuzz_input *input, unsigned likely_flags) {
  mw_region_options options = {.size_of_struct = sizeof options};
  uint8_t what = fuzz_byte(input);
  if (what & 1) options.access = (mw_access)fuzz_below(input, 4);
  if (what & 2) options.flags = fuzz_byte(input) & likely_flags;
  if (what & 4) options.offset = fuzz_about(input, 9000);
  if ((what & 24) == 24) options.permissions = (unsigned)fuzz_number(input, 2);
  if ((what & 96) == 96) options.inode = fuzz_byte(input);
  if (what == 255) options.size_of_struct = fuzz_below(input, 2 * sizeof options);
  if (fuzz_byte(input) == 255) options.flags = (unsigned)fuzz_number(input, 2) & ~(unsigned)(MW_NO_GUARD | MW_FAULT_ABORTS);
  return options;
}

/* The files that a call may cut must have no region on them that dies of that. */
static bool may_cut_all(void) {
  for (int i = 0; i < SLOTS; i++)
    if (objects[i].users > 0 && objects[i].unguarded) return false;
  return true;
}

static void unlearn_all(void) {
  for (int i = 0; i < SLOTS; i++) objects[i].known = false;
}

/* Not to be made in place of a device: /dev is not this process's own, and has room for gigabytes that would be reserved first. */
static int make_file(fuzz_input *input, mw_region_options *options, mw_region **out_region) {
  *options = any_options(input, MW_TRUNCATE | MW_EXCLUSIVE | MW_NO_FD);
  if (options->flags & MW_TRUNCATE) {
    if (!may_cut_all()) return MW_EINVAL;
    unlearn_all();
  }
  const char *path = fuzz_byte(input) % 8 ? fuzz_path("", fuzz_byte(input) % 2 ? "file" : "a") : DEVICE;
  if (strcmp(path, DEVICE) == 0) options->flags &= ~(unsigned)(MW_EXCLUSIVE | MW_TRUNCATE);
  return fuzz_judge(mw_region_file(path, fuzz_about(input, 9000), options, fuzz_error(input), out_region));
}

static int make_named(fuzz_input *input, mw_region_options *options, mw_region **out_region) {
  const char *name = fuzz_name(fuzz_byte(input) % 2 ? "a" : "b");
  *options = any_options(input, MW_TEMPORARY | MW_ANY_OWNER | MW_NO_FD);
  uint64_t size = fuzz_about(input, LARGEST);
  switch (fuzz_below(input, 3)) {
    case 0: return fuzz_judge(mw_region_create(name, size, options, fuzz_error(input), out_region));
    case 1: return fuzz_judge(mw_region_open(name, size, options, fuzz_error(input), out_region));
    default:
      if (options->flags == MW_TEMPORARY) options->wait_for_name = 1;
      return fuzz_judge(mw_region_attach(name, options, fuzz_error(input), out_region));
  }
}

static int make_nameless(fuzz_input *input, mw_region_options *options, mw_region **out_region) {
  *options = any_options(input, MW_NO_FD | MW_NO_GUARD | MW_FAULT_ABORTS);
  uint64_t size = fuzz_about(input, LARGEST);
  if (fuzz_byte(input) % 2) return fuzz_judge(mw_region_anonymous(size, options, fuzz_error(input), out_region));
  return fuzz_judge(mw_region_memfd("fuzz", size, options, fuzz_error(input), out_region));
}

static int make_from_fd(fuzz_input *input, mw_region_options *options, mw_region **out_region) {
  slot *other = any_slot(input);
  int fd = fuzz_byte(input) % 16 ? -1 : (int)fuzz_below(input, 3);
  *options = any_options(input, MW_NO_FD);
  if (fuzz_byte(input) % 8 == 7) options->require_seals = (unsigned)fuzz_below(input, 64);
  if (other) (void)mw_region_descriptor(other->region, NULL, &fd);
  return fuzz_judge(mw_region_from_fd(fd, fuzz_about(input, 9000), options, fuzz_error(input), out_region));
}

static int make_sysv(fuzz_input *input, mw_region_options *options, mw_region **out_region) {
  *options = any_options(input, MW_ANY_OWNER);
  if (!fuzz_is_alone()) return MW_EINVAL;
  int32_t key = fuzz_byte(input) % 2 ? KEY : MW_KEY_PRIVATE;
  mw_how how = (mw_how)fuzz_below(input, 4);
  return fuzz_judge(mw_region_sysv(key, fuzz_about(input, LARGEST), how, options, fuzz_error(input), out_region));
}

/* To ourselves. */
static int hand_over(fuzz_input *input, mw_region_options *options, mw_region **out_region) {
  slot *other = any_slot(input);
  int ends[2], status = MW_EINVAL;
  *options = any_options(input, MW_NO_FD);
  if (!other || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return status;
  status = judge(other, mw_region_send(other->region, ends[0], MW_DEADLINE_NOW, fuzz_error(input)));
  if (status == 0) status = fuzz_judge(mw_region_receive(ends[1], MW_DEADLINE_NOW, options, fuzz_error(input), out_region));
  close(ends[0]);
  close(ends[1]);
  return status;
}

static void make(fuzz_input *input) {
  static int (*const ways[])(fuzz_input *, mw_region_options *, mw_region **) = {
      make_file, make_named, make_nameless, make_nameless, make_sysv, make_from_fd, hand_over};
  slot *slot = free_slot(input);
  mw_region *const untouched = (mw_region *)&slots, *region = untouched;
  mw_region_options options;
  int status = ways[fuzz_below(input, sizeof ways / sizeof ways[0])](input, &options, (mw_region **)&region);
  fuzz_require((status >= 0) == (region != untouched));
  if (status >= 0) put(slot, region, options.flags);
}

static void unlink_any(fuzz_input *input) {
  const char *name = fuzz_name(fuzz_byte(input) % 2 ? "a" : "b");
  slot *slot = any_slot(input);
  switch (fuzz_below(input, 4)) {
    case 0: unlink(fuzz_path("", "file")); break;
    case 1:
      if (fuzz_is_alone()) fuzz_judge(mw_region_sysv_remove(KEY, fuzz_error(input)));
      break;
    case 2:
      if (slot) judge(slot, mw_region_sysv_unlink(slot->region, fuzz_error(input)));
      break;
    default: fuzz_judge(mw_region_unlink(name, fuzz_error(input)));
  }
}

/* ---- changing them as a whole */

/* Whoever else has the object would find it cut or grown; the model then knows no more. */
static void unlearn_if_shared(object *object) {
  if (object->users > 1) object->known = false;
}

static void resize(fuzz_input *input) {
  slot *slot = any_slot(input);
  uint64_t size = fuzz_about(input, LARGEST / 2);
  if (!slot || (slot->object->unguarded && slot->object->users > 1)) return;
  uint64_t before = mw_region_size(slot->region), offset = mw_region_offset(slot->region), after;
  int status = judge(slot, mw_region_resize(slot->region, size, fuzz_error(input)));
  after = mw_region_size(slot->region);
  fuzz_require(after == (status ? before : size));
  if (!slot->closed && slot->holds > 0) fuzz_require(status < 0);
  if (status) return;
  fuzz_require(!slot->closed && !mw_region_is_readonly(slot->region));
  unlearn_if_shared(slot->object);
  int fd;
  struct stat stat;
  fuzz_require(mw_region_descriptor(slot->region, NULL, &fd) == 0 && fstat(fd, &stat) == 0 &&
               stat.st_size >= (off_t)(offset + size));
  if (stat.st_size < LARGEST) memset(slot->object->bytes + stat.st_size, 0, LARGEST - (size_t)stat.st_size);
}

static void remap(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  uint64_t before = mw_region_size(slot->region);
  int status = judge(slot, mw_region_remap(slot->region, fuzz_error(input)));
  if (status) {
    fuzz_require(mw_region_size(slot->region) == before);
    return;
  }
  fuzz_require(!slot->closed && (!mw_region_is_faulted(slot->region)));
  if (mw_region_size(slot->region) > LARGEST) close_slot(slot);
}

static void protect(fuzz_input *input) {
  slot *slot = any_slot(input);
  bool readonly = fuzz_byte(input) % 2;
  if (!slot) return;
  bool before = mw_region_is_readonly(slot->region);
  int status = judge(slot, mw_region_protect(slot->region, readonly, fuzz_error(input)));
  fuzz_require(mw_region_is_readonly(slot->region) == (status ? before : readonly));
}

static void seal(fuzz_input *input) {
  slot *slot = any_slot(input);
  unsigned seals = (unsigned)fuzz_below(input, 34), now = 77;
  if (!slot) return;
  if (fuzz_byte(input) % 4) {
    int status = judge(slot, mw_region_seal(slot->region, seals, fuzz_error(input)));
    if (status == 0 && seals & MW_SEAL_WRITE && mw_region_access(slot->region) != MW_COPY_ON_WRITE)
      fuzz_require(mw_region_is_readonly(slot->region));
  }
  int status = judge(slot, mw_region_seals(slot->region, fuzz_error(input), &now));
  fuzz_require(status == 0 ? now < 0x40 : now == 77);
}

static void ask(fuzz_input *input) {
  slot *slot = any_slot(input);
  if (!slot) return;
  int fd = 77;
  int32_t key = 77, id = 77;
  uint64_t bytes = 77;
  fuzz_require(judge(slot, mw_region_descriptor(slot->region, fuzz_error(input), &fd)) == 0 ? fd >= 0 : fd == 77);
  bool is_sysv = fuzz_judge(mw_region_sysv_id(slot->region, fuzz_error(input), &key, &id)) == 0;
  fuzz_require(is_sysv == (strcmp(mw_region_kind(slot->region), "sysv") == 0) && (is_sysv || key == 77));
  int status = judge(slot, mw_region_check(slot->region, fuzz_error(input)));
  if (is_known(slot) && !slot->closed) fuzz_require(status == 0);
  status = judge(slot, mw_region_resident(slot->region, fuzz_error(input), &bytes));
  fuzz_require(status == 0 ? bytes <= mw_region_size(slot->region) : bytes == 77);
}

/* ---- what others do to the object */

static void meddle(fuzz_input *input) {
  slot *slot = any_slot(input);
  int fd;
  uint64_t place = fuzz_below(input, 12000), size = 1 + fuzz_below(input, 12000);
  uint8_t what = fuzz_byte(input) % 4;
  if (!slot || slot->object->unguarded || mw_region_descriptor(slot->region, NULL, &fd) != 0) return;
  slot->object->known = false;
  if (what == 0)
    (void)!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)place, (off_t)size);
  else
    (void)!ftruncate(fd, (off_t)place / (what == 1 ? 4096 : 1) * (what == 1 ? 4096 : 1));
}

act *const acts_on_lives[] = {make, make, make, hold_or_end, unlink_any, resize, remap, remap, protect, seal, ask, meddle};
const unsigned lives_count = sizeof acts_on_lives / sizeof acts_on_lives[0];

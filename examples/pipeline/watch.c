/* The watcher: shows how far a job is, from the status region that the coordinator writes.
 *
 *   watch JOB.board      started by the coordinator; any number of others may be started by hand
 *   watch JOB.well       where all of the job is in one well
 *
 * On a terminal it draws a bar on stderr, elsewhere it writes a line now and then. It attaches read-only, so that it can disturb
 * nothing, and ends when the board says so or when the coordinator died: the kernel has freed its lock on the board then, or the
 * well says so.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "memwell.h"

/* The layout, as in layout.py. */
enum {
  BOARD_MAGIC,
  BOARD_STATE,
  BOARD_COORDINATOR,
  BOARD_WORKERS,
  BOARD_FILES,
  BOARD_RANGES,
  BOARD_BYTES,
  BOARD_RANGES_DONE,
  BOARD_BYTES_DONE,
  BOARD_WORDS,
  BOARD_STARTED,
  BOARD_ENDED,
  BOARD_RESTARTS,
  BOARD_PROBLEMS,
  BOARD_FIELDS = 16
};
enum { ROW_LANGUAGE, ROW_PROCESS, ROW_BUSY, ROW_RANGES, ROW_FIELDS = 8 };
enum { STATE_PREPARING, STATE_COUNTING, STATE_DONE, STATE_STOPPED };
static const char *const languages[] = {"python", "lua", "java", "ruby", "perl"};
#define LANGUAGES 5

#define FRAME 0.05 /* seconds between two looks */
#define LINE 1.0   /* seconds between two lines where no terminal is */

/* What is watched: a board that is a region, whose descriptor the coordinator has locked, or one in a well. */
typedef struct job {
  mw_view board;
  mw_region *region;
  mw_well *well;
  int fd;
} job;

/* What the board said at one moment. It is copied once, and only the copy is looked at. */
typedef struct picture {
  int64_t head[BOARD_FIELDS];
  int workers[LANGUAGES];    /* of each language */
  int64_t ranges[LANGUAGES]; /* that they have counted */
  int64_t now;
} picture;

static void must(int status, const mw_error *error) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(error, text, sizeof text);
  fprintf(stderr, "watch: %s\n", text);
  exit(1);
}

/* The clock that the coordinator writes down: monotonic nanoseconds. */
static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void pause_for(double seconds) {
  struct timespec span = {.tv_nsec = (long)(seconds * 1e9)};
  nanosleep(&span, NULL);
}

/* A field is one aligned int64 with one writer; volatile makes each read one load of what is there now. */
static int64_t field(const mw_view *view, uint64_t index) {
  const volatile int64_t *place = mw_view_at(view, index);
  return place ? *place : 0;
}

static void look(const mw_view *board, picture *out) {
  for (uint64_t i = 0; i < BOARD_FIELDS; i++) out->head[i] = field(board, i);
  memset(out->workers, 0, sizeof out->workers);
  memset(out->ranges, 0, sizeof out->ranges);
  for (uint64_t at = BOARD_FIELDS; at + ROW_FIELDS <= mw_view_count(board); at += ROW_FIELDS) {
    int64_t language = field(board, at + ROW_LANGUAGE);
    if (language < 0 || language >= LANGUAGES) continue;
    out->workers[language]++;
    out->ranges[language] += field(board, at + ROW_RANGES);
  }
  out->now = out->head[BOARD_ENDED] ? out->head[BOARD_ENDED] : now();
}

/* Whether nobody holds the coordinator's lock on a board. A shared lock of ours is given back at once. */
static bool board_is_left(int fd) {
  if (flock(fd, LOCK_SH | LOCK_NB) != 0) return false;
  flock(fd, LOCK_UN);
  return true;
}

/* Whether the coordinator is not among those who are attached to the well. */
static bool well_is_left(mw_well *well, int64_t coordinator) {
  mw_error error;
  mw_participant_info info;
  int status;
  for (uint32_t cursor = 0; (status = mw_well_next_participant(well, &cursor, &error, &info)) > 0;)
    if (info.pid == coordinator && info.state != MW_DEAD) return false;
  must(status, &error);
  return true;
}

static bool is_left(const job *job, const picture *picture) {
  return job->well ? well_is_left(job->well, picture->head[BOARD_COORDINATOR]) : board_is_left(job->fd);
}

static double fraction(const picture *picture) {
  int64_t whole = picture->head[BOARD_BYTES];
  if (whole <= 0) return picture->head[BOARD_STATE] == STATE_DONE;
  double part = (double)picture->head[BOARD_BYTES_DONE] / (double)whole;
  return part < 0 ? 0 : part > 1 ? 1 : part;
}

/* The figures beside the bar: done and whole, rate, time left, and who did how many ranges. */
static void describe(const picture *picture, char *text, size_t size) {
  if (picture->head[BOARD_STATE] == STATE_PREPARING) {
    snprintf(text, size, "cutting the files into ranges");
    return;
  }
  double seconds = (double)(picture->now - picture->head[BOARD_STARTED]) / 1e9;
  double done = (double)picture->head[BOARD_BYTES_DONE] / 1e6;
  double rate = seconds > 0 ? done / seconds : 0;
  double left = rate > 0 ? ((double)picture->head[BOARD_BYTES] / 1e6 - done) / rate : 0;
  int length = snprintf(text, size, "%5.1f %%  %.1f MB  %.1f MB/s  ", 100 * fraction(picture), done, rate);
  if (length < 0 || (size_t)length >= size) return;
  text += length, size -= (size_t)length;
  if (picture->head[BOARD_STATE] == STATE_COUNTING) {
    length = snprintf(text, size, "%d:%02d left", (int)left / 60, (int)left % 60);
  } else {
    length = snprintf(text, size, "%s after %.1f s", picture->head[BOARD_STATE] == STATE_DONE ? "done" : "stopped", seconds);
  }
  for (int i = 0; i < LANGUAGES && length >= 0 && (size_t)length < size; i++) {
    if (!picture->workers[i]) continue;
    text += length, size -= (size_t)length;
    length = snprintf(text, size, "  %s %" PRId64, languages[i], picture->ranges[i]);
  }
}

/* One line that replaces the one before: a bar as wide as the terminal allows, and the figures. */
static void draw(const picture *picture) {
  char text[160];
  describe(picture, text, sizeof text);
  struct winsize terminal = {0};
  ioctl(STDERR_FILENO, TIOCGWINSZ, &terminal);
  int columns = terminal.ws_col ? terminal.ws_col : 80;
  int width = columns - (int)strlen(text) - 4;
  if (width < 1) { /* no room for a bar; and no more text than one line holds, which could not be replaced */
    fprintf(stderr, "\r\033[K%.*s", columns - 1, text);
    return;
  }
  char bar[61];
  if (width > (int)sizeof bar - 1) width = (int)sizeof bar - 1;
  memset(bar, '-', sizeof bar);
  memset(bar, '#', (size_t)(fraction(picture) * width + 0.5));
  fprintf(stderr, "\r\033[K[%.*s] %s", width, bar, text);
}

static void write_line(const picture *picture) {
  char text[160];
  describe(picture, text, sizeof text);
  fprintf(stderr, "%s\n", text);
}

/* Look and show until the job is over. */
static void watch(const job *job, int terminal) {
  picture picture;
  int64_t written = now();
  for (;;) {
    look(&job->board, &picture);
    if (picture.head[BOARD_STATE] >= STATE_DONE || is_left(job, &picture)) break;
    if (terminal) {
      draw(&picture);
    } else if (now() - written >= (int64_t)(LINE * 1e9)) {
      write_line(&picture);
      written = now();
    }
    pause_for(FRAME);
  }
  look(&job->board, &picture);
  if (picture.head[BOARD_STATE] < STATE_DONE) picture.head[BOARD_STATE] = STATE_STOPPED;
  if (terminal) {
    draw(&picture);
    fputc('\n', stderr);
  } else {
    write_line(&picture);
  }
}

static void attach_board(const char *name, job *job) {
  mw_error error;
  mw_region_options options = {.size_of_struct = sizeof options, .access = MW_READ};
  must(mw_region_attach(name, &options, &error, &job->region), &error);
  must(mw_view_init(&job->board, job->region, MW_INT64, 1, NULL, 0, &error), &error);
  must(mw_region_descriptor(job->region, &error, &job->fd), &error);
}

static void attach_well(const char *name, job *job) {
  mw_error error;
  mw_well_options options = {.size_of_struct = sizeof options, .flags = MW_OBSERVER};
  must(mw_well_attach(name, &options, &error, &job->well), &error);
  must(mw_well_find_array(job->well, "board", &error, &job->board), &error);
}

static bool ends_in(const char *text, const char *end) {
  size_t length = strlen(text), part = strlen(end);
  return length >= part && strcmp(text + length - part, end) == 0;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: watch JOB.board, or watch JOB.well\n");
    return 2;
  }
  job job = {0};
  (ends_in(argv[1], ".well") ? attach_well : attach_board)(argv[1], &job);
  int64_t magic;
  memcpy(&magic, "mwpipe01", sizeof magic);
  if (mw_view_count(&job.board) < BOARD_FIELDS || field(&job.board, BOARD_MAGIC) != magic) {
    fprintf(stderr, "watch: %s is not the board of a pipeline, or of another version of it\n", argv[1]);
    return 1;
  }
  watch(&job, isatty(STDERR_FILENO));
  mw_region_close(job.region);
  return mw_well_close(job.well, NULL) < 0;
}

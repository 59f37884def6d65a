/* Where regions come from: each is the one core call, with the options that it takes.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "memwell/handover.h"
#include "objects.h"

#define SET(option) (1u << MWS_##option)
#define COMMON (SET(GUARD) | SET(ON_FAULT) | SET(KEEP_FD))

/* ---- files: the mode is as in C's fopen, and "c" is copy-on-write */

typedef struct file_mode {
  const char *name;
  mw_access access;
  unsigned flags;
} file_mode;

static const file_mode file_modes[] = {
    {"r", MW_READ, 0},          {"r+", MW_READ_WRITE, 0}, {"w+", MW_READ_WRITE, MW_TRUNCATE}, {"x+", MW_READ_WRITE, MW_EXCLUSIVE},
    {"c", MW_COPY_ON_WRITE, 0},
};

static const file_mode *find_mode(const char *name) {
  for (size_t i = 0; i < sizeof file_modes / sizeof *file_modes; i++)
    if (strcmp(file_modes[i].name, name) == 0) return &file_modes[i];
  return NULL;
}

static uint64_t size_of(const mws_options *options) { return options && options->given & SET(SIZE) ? options->size : 0; }

mws_region *mws_region_file(const char *path, mw_error *error, const char *mode, const mws_options *options) {
  mw_region_options chosen;
  mw_region *region = NULL;
  uint32_t allowed = COMMON | SET(OFFSET) | SET(SIZE) | SET(PERMISSIONS);
  const file_mode *found = find_mode(mode);
  if (!found) {
    mws_fail(error, MW_EINVAL, "Region.file", path, "mode \"%.20s\": there are \"r\", \"r+\", \"w+\", \"x+\" and \"c\"", mode);
    return NULL;
  }
  if (mws_options_for_region(options, error, "Region.file", allowed, &chosen) < 0) return NULL;
  chosen.access = found->access;
  chosen.flags |= found->flags;
  int status = mw_region_file(path, size_of(options), &chosen, error, &region);
  return mws_region_new(status, error, region);
}

/* ---- names */

mws_region *mws_region_create(const char *name, mw_error *error, uint64_t size, const mws_options *options) {
  mw_region_options chosen;
  mw_region *region = NULL;
  uint32_t allowed = COMMON | SET(PERMISSIONS) | SET(TEMPORARY);
  if (mws_options_for_region(options, error, "Region.create", allowed, &chosen) < 0) return NULL;
  int status = mw_region_create(name, size, &chosen, error, &region);
  return mws_region_new(status, error, region);
}

typedef struct attaching {
  const char *name;
  mw_region_options options;
  mw_region *region;
} attaching;

static int attach(void *object, mw_deadline deadline, mw_error *error) {
  attaching *wanted = object;
  wanted->options.wait_for_name = deadline;
  return mw_region_attach(wanted->name, &wanted->options, error, &wanted->region);
}

mws_region *mws_region_attach(const char *name, mw_error *error, const mws_options *options) {
  attaching wanted = {.name = name};
  uint32_t allowed = COMMON | SET(READONLY) | SET(ANY_OWNER) | SET(TIMEOUT);
  if (mws_options_for_region(options, error, "Region.attach", allowed, &wanted.options) < 0) return NULL;
  int status = mws_language_wait(attach, &wanted, wanted.options.wait_for_name, error);
  return mws_region_new(status, error, wanted.region);
}

mws_region *mws_region_open(const char *name, mw_error *error, uint64_t size, const mws_options *options) {
  mw_region_options chosen;
  mw_region *region = NULL;
  uint32_t allowed = COMMON | SET(PERMISSIONS) | SET(ANY_OWNER);
  if (mws_options_for_region(options, error, "Region.open", allowed, &chosen) < 0) return NULL;
  int status = mw_region_open(name, size, &chosen, error, &region);
  return mws_region_new(status, error, region);
}

void mws_region_unlink(const char *name, mw_error *error) { mws_settle(error, mw_region_unlink(name, error)); }

/* ---- without a name */

mws_region *mws_region_anonymous(uint64_t size, mw_error *error, const mws_options *options) {
  mw_region_options chosen;
  mw_region *region = NULL;
  uint32_t allowed = COMMON | SET(PRIVATE) | SET(HUGE_PAGES);
  if (mws_options_for_region(options, error, "Region.anonymous", allowed, &chosen) < 0) return NULL;
  int status = mw_region_anonymous(size, &chosen, error, &region);
  return mws_region_new(status, error, region);
}

mws_region *mws_region_memfd(uint64_t size, mw_error *error, const mws_options *options) {
  mw_region_options chosen;
  mw_region *region = NULL;
  uint32_t allowed = COMMON | SET(NAME) | SET(HUGE_PAGES);
  if (mws_options_for_region(options, error, "Region.memfd", allowed, &chosen) < 0) return NULL;
  const char *name = options && options->given & SET(NAME) ? options->name : "memwell";
  int status = mw_region_memfd(name, size, &chosen, error, &region);
  return mws_region_new(status, error, region);
}

mws_region *mws_region_from_fd(int fd, mw_error *error, const mws_options *options) {
  mw_region_options chosen;
  mw_region *region = NULL;
  uint32_t allowed = COMMON | SET(OFFSET) | SET(SIZE) | SET(READONLY) | SET(PRIVATE) | SET(REQUIRE_SEALS);
  if (mws_options_for_region(options, error, "Region.from_fd", allowed, &chosen) < 0) return NULL;
  int status = mw_region_from_fd(fd, size_of(options), &chosen, error, &region);
  return mws_region_new(status, error, region);
}

/* ---- System V */

mws_region *mws_region_sysv(int32_t key, mw_error *error, const mws_options *options) {
  mw_region_options chosen;
  mw_region *region = NULL;
  mw_how how = MW_ATTACH;
  uint32_t allowed = COMMON | SET(SIZE) | SET(HOW) | SET(PERMISSIONS) | SET(READONLY) | SET(HUGE_PAGES) | SET(ANY_OWNER);
  if (mws_options_for_region(options, error, "Region.sysv", allowed, &chosen) < 0) return NULL;
  if (mws_options_how(options, error, "Region.sysv", &how) < 0) return NULL;
  int status = mw_region_sysv(key, size_of(options), how, &chosen, error, &region);
  return mws_region_new(status, error, region);
}

void mws_region_sysv_remove(int32_t key, mw_error *error) { mws_settle(error, mw_region_sysv_remove(key, error)); }

int32_t mws_region_ftok(const char *path, mw_error *error, int project) {
  int32_t key = 0;
  mws_settle(error, mw_region_sysv_key(path, project, error, &key));
  return key;
}

/* ---- through a socket */

typedef struct handover {
  int socket;
  mw_region_options options;
  mw_region *region;
} handover;

static int receive(void *object, mw_deadline deadline, mw_error *error) {
  handover *message = object;
  return mw_region_receive(message->socket, deadline, &message->options, error, &message->region);
}

mws_region *mws_region_receive(int socket, mw_error *error, mw_deadline deadline, const mws_options *options) {
  handover message = {.socket = socket};
  uint32_t allowed = COMMON | SET(REQUIRE_SEALS);
  if (mws_options_for_region(options, error, "Region.receive", allowed, &message.options) < 0) return NULL;
  int status = mws_language_wait(receive, &message, deadline, error);
  return mws_region_new(status, error, message.region);
}

static int send_region(void *object, mw_deadline deadline, mw_error *error) {
  handover *message = object;
  return mw_region_send(message->region, message->socket, deadline, error);
}

void mws_region_send(mws_region *self, mw_error *error, int socket, mw_deadline deadline) {
  handover message = {.socket = socket, .region = mws_region_enter(self, error, "Region.send")};
  if (message.region) mws_region_leave(self, error, mws_language_wait(send_region, &message, deadline, error));
}

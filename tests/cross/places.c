/* The kinds of memory and of semaphores that two peers can share, each written as one word. Main entries: place_create,
 * place_attach. README.md lists the words.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "peer.h"

enum { PING_AT = 512, PONG_AT = 576 };

static const double patience = 60.0; /* seconds: only a peer that died is waited for so long */

typedef enum kind { BY_NAME, BY_KEY, BY_DESCRIPTOR, BY_SOCKET } kind;

/* The kind, and what is behind its colon. */
static kind parse(const char *word, const char **out_what) {
  static const char *const kinds[] = {[BY_NAME] = "name", [BY_KEY] = "key", [BY_DESCRIPTOR] = "fd", [BY_SOCKET] = "socket"};
  for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    size_t length = strlen(kinds[i]);
    if (strncmp(word, kinds[i], length) != 0 || word[length] != ':') continue;
    *out_what = word + length + 1;
    return (kind)i;
  }
  give_up("%s: no such place", word);
}

static int number_of(const char *what) { return (int)strtol(what, NULL, 10); }

/* ---- regions */

static mw_region *send_new(int socket) {
  mw_error error;
  mw_region *region = NULL;
  must(mw_region_memfd("peer", PLACE_SIZE, NULL, &error, &region), &error);
  must(mw_region_seal(region, MW_SEAL_GROW | MW_SEAL_SHRINK | MW_SEAL_SEAL, &error), &error);
  must(mw_region_send(region, socket, mw_deadline_after(patience), &error), &error);
  return region;
}

static mw_region *create_region(kind kind, const char *what) {
  mw_error error;
  mw_region *region = NULL;
  switch (kind) {
    case BY_NAME: must(mw_region_create(what, PLACE_SIZE, NULL, &error, &region), &error); break;
    case BY_KEY: must(mw_region_sysv(number_of(what), PLACE_SIZE, MW_CREATE, NULL, &error, &region), &error); break;
    case BY_DESCRIPTOR: must(mw_region_from_fd(number_of(what), 0, NULL, &error, &region), &error); break;
    case BY_SOCKET: return send_new(number_of(what));
  }
  return region;
}

static mw_region *receive(int socket) {
  mw_error error;
  mw_region *region = NULL;
  mw_region_options options = {.size_of_struct = sizeof options, .require_seals = MW_SEAL_GROW | MW_SEAL_SHRINK};
  must(mw_region_receive(socket, mw_deadline_after(patience), &options, &error, &region), &error);
  return region;
}

static mw_region *attach_region(kind kind, const char *what) {
  mw_error error;
  mw_region *region = NULL;
  switch (kind) {
    case BY_NAME: must(mw_region_attach(what, NULL, &error, &region), &error); break;
    case BY_KEY: must(mw_region_sysv(number_of(what), 0, MW_ATTACH, NULL, &error, &region), &error); break;
    case BY_DESCRIPTOR: must(mw_region_from_fd(number_of(what), 0, NULL, &error, &region), &error); break;
    case BY_SOCKET: return receive(number_of(what));
  }
  return region;
}

/* ---- semaphores */

static mw_semaphore *semaphore_at(mw_region *region, uint64_t offset, int64_t value) {
  mw_error error;
  mw_semaphore *semaphore = NULL;
  must(mw_semaphore_at(region, offset, value, &error, &semaphore), &error);
  return semaphore;
}

static mw_semaphore *semaphore_of_set(int32_t key, unsigned index, mw_how how) {
  mw_error error;
  mw_semaphore *semaphore = NULL;
  mw_semaphore_sysv_options options = {.size_of_struct = sizeof options, .how = how, .count = how == MW_CREATE ? 2 : 0};
  must(mw_semaphore_sysv(key, index, &options, &error, &semaphore), &error);
  return semaphore;
}

/* ---- both */

place place_create(const char *word) {
  const char *what;
  kind kind = parse(word, &what);
  place made = {.region = create_region(kind, what)};
  bool is_sysv = kind == BY_KEY;
  made.ping = is_sysv ? semaphore_of_set(number_of(what), 0, MW_CREATE) : semaphore_at(made.region, PING_AT, 0);
  made.pong = is_sysv ? semaphore_of_set(number_of(what), 1, MW_ATTACH) : semaphore_at(made.region, PONG_AT, 0);
  return made;
}

place place_attach(const char *word) {
  const char *what;
  kind kind = parse(word, &what);
  place found = {.region = attach_region(kind, what)};
  if (mw_region_size(found.region) != PLACE_SIZE) give_up("the region has another size");
  bool is_sysv = kind == BY_KEY;
  found.ping = is_sysv ? semaphore_of_set(number_of(what), 0, MW_ATTACH) : semaphore_at(found.region, PING_AT, -1);
  found.pong = is_sysv ? semaphore_of_set(number_of(what), 1, MW_ATTACH) : semaphore_at(found.region, PONG_AT, -1);
  return found;
}

void place_close(const place *place) {
  mw_semaphore_close(place->ping);
  mw_semaphore_close(place->pong);
  mw_region_close(place->region);
}

void place_remove(const char *word) {
  const char *what;
  mw_error error;
  kind kind = parse(word, &what);
  if (kind == BY_NAME) must(mw_region_unlink(what, &error), &error);
  if (kind != BY_KEY) return;
  must(mw_region_sysv_remove(number_of(what), &error), &error);
  must(mw_semaphore_sysv_remove(number_of(what), &error), &error);
}

/* One of a crew that works on one well until it is killed, or until the well's event "closing" is set: as crew.py, which says more.
 *
 *   crew NAME PLACE LIFE SEED
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "memwell.h"

enum { WORKERS = 6, ACCOUNTS = 8, TOTAL = 800, PERMITS = 3 };
enum { DOOMED = WORKERS, ACTS = 2 * WORKERS, MENDED = 3 * WORKERS }; /* places of the notes */

#define PATIENCE mw_deadline_after(60)

static const char *name;
static int place;
static int64_t life;
static mw_error error;
static mw_well *well;
static mw_mutex *turn;
static mw_robust_semaphore *permits;
static mw_event *bell, *closing;
static volatile int64_t *notes, *ledger, *journal, *inside;

static _Noreturn void give_up(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

static int must(int status) {
  char message[600];
  if (status >= 0) return status;
  mw_error_message(&error, message, sizeof message);
  give_up("%s", message);
}

static int must_but(int exception, int status) { return status == exception ? status : must(status); }

static uint64_t random_state;

static uint64_t random_below(uint64_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state % limit;
}

/* ---- finding all of it */

static volatile int64_t *array_of(const char *array) {
  mw_view view;
  must(mw_well_find_array(well, array, &error, &view));
  return mw_view_data(&view);
}

static void attach(void) {
  must(mw_well_attach(name, NULL, &error, &well));
  ledger = array_of("ledger");
  journal = array_of("journal");
  inside = array_of("inside");
  must(mw_well_mutex(well, "turn", MW_MUST_EXIST, &error, &turn));
  must(mw_well_semaphore(well, "permits", PERMITS, MW_MUST_EXIST, &error, &permits));
  must(mw_well_event(well, "bell", MW_MUST_EXIST, &error, &bell));
  must(mw_well_event(well, "closing", MW_MUST_EXIST, &error, &closing));
}

static void detach(void) {
  must(mw_well_close(well, &error));
  mw_mutex_drop(turn);
  mw_robust_semaphore_drop(permits);
  mw_event_drop(bell);
  mw_event_drop(closing);
}

static void find_notes(void) {
  char text[100];
  mw_region *region;
  snprintf(text, sizeof text, "%s-notes", name);
  must(mw_region_attach(text, NULL, &error, &region));
  notes = mw_region_data(region);
}

/* ---- the ledger */

static void enter(void) {
  if (*inside != 0) give_up("two have the turn: %" PRId64 " %" PRId64, *inside, life);
  *inside = life;
  int64_t sum = 0;
  for (int i = 0; i < ACCOUNTS; i++) sum += ledger[i];
  if (sum != TOTAL) give_up("units were lost or made: %" PRId64, sum);
}

static void leave(void) {
  if (*inside != life) give_up("two have the turn: %" PRId64 " %" PRId64, *inside, life);
  *inside = 0;
}

/* Undo the transfer that the dead has begun. It may be done twice. */
static void mend(void) {
  *inside = life;
  if (journal[0]) {
    ledger[journal[1]] = journal[2];
    ledger[journal[3]] = journal[4];
  }
  journal[0] = 0;
  notes[MENDED] = notes[MENDED] + 1;
  leave();
}

/* One unit. Whoever is killed before the end of it is undone. */
static void move(void) {
  uint64_t source = random_below(ACCOUNTS), target = (source + 1 + random_below(ACCOUNTS - 1)) % ACCOUNTS;
  journal[1] = (int64_t)source;
  journal[2] = ledger[source];
  journal[3] = (int64_t)target;
  journal[4] = ledger[target];
  journal[0] = 1;
  ledger[source] = ledger[source] - 1;
  ledger[target] = ledger[target] + 1;
  journal[0] = 0;
}

static void transfer(void) {
  enter();
  for (uint64_t i = random_below(5000); i > 0; i--) move();
  leave();
}

static void use_turn(void) {
  if (must(mw_mutex_recover_begin(turn, PATIENCE, &error)) == 1) {
    bool mended = random_below(4) != 0;
    if (mended) mend();
    must(mw_mutex_recover_end(turn, mended, &error));
    if (!mended) return;
  }
  transfer();
  must(mw_mutex_release(turn, &error));
}

/* ---- permits */

static int64_t acquisition_of(int worker) { return notes[worker]; }
static bool is_doomed(int worker) { return notes[DOOMED + worker] != 0; }

/* How many surely had one at the same moment: when the first look was over. */
static int count_holders(void) {
  int64_t first[WORKERS];
  bool lives[WORKERS];
  int count = 0;
  for (int i = 0; i < WORKERS; i++) first[i] = acquisition_of(i);
  for (int i = 0; i < WORKERS; i++) lives[i] = !is_doomed(i);
  for (int i = 0; i < WORKERS; i++) count += lives[i] && first[i] != 0 && first[i] == acquisition_of(i);
  return count;
}

static void use_permit(void) {
  static int64_t acquisitions;
  must(mw_robust_semaphore_acquire(permits, PATIENCE, &error));
  notes[place] = life << 32 | ++acquisitions;
  for (uint64_t i = random_below(2000); i > 0; i--) {
    int count = count_holders();
    if (count > PERMITS) give_up("%d have a permit", count);
  }
  notes[place] = 0;
  must(mw_robust_semaphore_release(permits, 1, &error));
}

static void use_all_permits(void) {
  unsigned count = 0;
  while (must_but(MW_ETIMEDOUT, mw_robust_semaphore_acquire(permits, MW_DEADLINE_NOW, &error)) == 0) count++;
  if (count > PERMITS) give_up("%u permits", count);
  if (count > 0) must(mw_robust_semaphore_release(permits, count, &error));
}

/* ---- the rest */

static void use_bell(void) {
  switch (random_below(3)) {
    case 0: must(mw_event_set(bell, &error)); break;
    case 1: must(mw_event_clear(bell, &error)); break;
    default: must_but(MW_ETIMEDOUT, mw_event_wait(bell, mw_deadline_after(0.0005), &error));
  }
}

/* Returns 1, or there is no room: what was deleted keeps its memory while those live who were there. */
static int make(const char *own) {
  mw_view array;
  mw_mutex *new_mutex = NULL;
  mw_robust_semaphore *new_semaphore = NULL;
  mw_event *new_event = NULL;
  int result;
  switch (random_below(4)) {
    case 0: result = mw_well_array(well, own, MW_UINT8, 1, (uint64_t[]){1000}, &error, &array); break;
    case 1: result = mw_well_mutex(well, own, 0, &error, &new_mutex); break;
    case 2: result = mw_well_semaphore(well, own, 20, 0, &error, &new_semaphore); break;
    default: result = mw_well_event(well, own, 0, &error, &new_event);
  }
  must_but(MW_EFULL, result);
  mw_mutex_drop(new_mutex);
  mw_robust_semaphore_drop(new_semaphore);
  mw_event_drop(new_event);
  return result;
}

/* A name of our own; what one who had this place before has left under it goes first. */
static void use_own_object(void) {
  char own[32];
  snprintf(own, sizeof own, "own-%d", place);
  must_but(MW_ENOENT, mw_well_delete(well, own, &error));
  if (make(own) == 1) must(mw_well_delete(well, own, &error));
}

static void attach_anew(void) {
  detach();
  attach();
}

static void look(void) {
  unsigned dead;
  must(mw_well_reap(well, &error, &dead));
  must(mw_well_check(well, &error));
}

/* ---- until it is killed */

static bool is_closing(void) {
  bool set = false;
  must(mw_event_is_set(closing, &error, &set));
  return set;
}

static void work(void) {
  static void (*const acts[])(void) = {use_turn, use_turn,       use_permit,  use_permit, use_all_permits,
                                       use_bell, use_own_object, attach_anew, look};
  for (bool said = false; !is_closing(); said = true) {
    acts[random_below(sizeof acts / sizeof *acts)]();
    notes[ACTS + place] = notes[ACTS + place] + 1;
    if (said) continue;
    puts("working");
    fflush(stdout);
  }
}

int main(int count, char **arguments) {
  if (count != 5) return 2;
  name = arguments[1];
  place = atoi(arguments[2]);
  life = atoll(arguments[3]);
  random_state = strtoull(arguments[4], NULL, 10) + 88172645463325252ULL;
  find_notes();
  attach();
  work();
  detach();
  return 0;
}

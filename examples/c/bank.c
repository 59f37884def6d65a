/* A bank whose money is all there, though its clerks are killed in the middle of a transfer.
 *
 *   bank FILE                            how much is in each account, and in all
 *   bank FILE FROM TO AMOUNT [PAUSE]     a transfer, with so many seconds in its middle, for you to kill it with kill -9
 *
 * The first to come makes FILE, a well, with 100 in each account. A mutex guards the accounts. Before it touches them, a transfer
 * writes down what was in them; if it dies, the mutex is inconsistent, and whoever acquires it next, in any of the three languages,
 * puts that back. examples/README.md says what is in the well.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "memwell.h"

enum { SIZE = 65536, ACCOUNTS = 4, BEGINNING = 100 };
enum { STATE, FROM, TO, FROM_HAD, TO_HAD, FIELDS }; /* of the intent */
enum { NEW, QUIET, UNDER_WAY };                     /* its state; the zero of a new array means a new bank */

typedef struct bank {
  mw_well *well;
  mw_mutex *ledger;
  mw_view accounts;
  mw_view intent;
} bank;

static mw_error error;

static int must(int status) {
  if (status >= 0) return status;
  char text[640];
  mw_error_message(&error, text, sizeof text);
  fprintf(stderr, "bank: %s\n", text);
  exit(1);
}

/* Atomic, for the order: each store is there before the next, and a kill comes between two of them. */
static int64_t get(const mw_view *view, int64_t i) {
  int64_t value;
  must(mw_view_atomic_load(view, (uint64_t)i, &error, &value));
  return value;
}

static void set(const mw_view *view, int64_t i, int64_t value) { must(mw_view_atomic_store(view, (uint64_t)i, value, &error)); }

/* Make good what a dead clerk left, or begin. Whoever dies in here leaves the same work to the next one. */
static void repair(const bank *bank) {
  if (get(&bank->intent, STATE) == NEW)
    for (int i = 0; i < ACCOUNTS; i++) set(&bank->accounts, i, BEGINNING);
  if (get(&bank->intent, STATE) == UNDER_WAY) {
    int64_t from = get(&bank->intent, FROM), to = get(&bank->intent, TO);
    set(&bank->accounts, from, get(&bank->intent, FROM_HAD));
    set(&bank->accounts, to, get(&bank->intent, TO_HAD));
    printf("repaired: a transfer from account %d to %d died half-way, and is undone\n", (int)from, (int)to);
  }
  set(&bank->intent, STATE, QUIET);
}

static void enter(const bank *bank) {
  int died = must(mw_mutex_recover_begin(bank->ledger, MW_DEADLINE_NEVER, &error)); /* 0: as mw_mutex_acquire */
  if (died || get(&bank->intent, STATE) == NEW) repair(bank);
  if (died) must(mw_mutex_recover_end(bank->ledger, true, &error));
}

static void leave(const bank *bank) { must(mw_mutex_release(bank->ledger, &error)); }

static void transfer(const bank *bank, int64_t from, int64_t to, int64_t amount, double pause) {
  int64_t from_has = get(&bank->accounts, from), to_has = get(&bank->accounts, to);
  if (from_has < amount) {
    fprintf(stderr, "bank: account %d has only %d\n", (int)from, (int)from_has);
    leave(bank);
    exit(1);
  }
  set(&bank->intent, FROM, from);
  set(&bank->intent, TO, to);
  set(&bank->intent, FROM_HAD, from_has);
  set(&bank->intent, TO_HAD, to_has);
  set(&bank->intent, STATE, UNDER_WAY); /* from here on all of the above counts */
  set(&bank->accounts, from, from_has - amount);
  printf("%d has taken %d from account %d\n", getpid(), (int)amount, (int)from);
  fflush(stdout);
  nanosleep(&(struct timespec){(time_t)pause, (long)((pause - (double)(time_t)pause) * 1e9)}, NULL);
  set(&bank->accounts, to, get(&bank->accounts, to) + amount);
  set(&bank->intent, STATE, QUIET); /* and from here on the transfer has happened */
  printf("%d has put it into account %d\n", getpid(), (int)to);
}

static void show(const bank *bank) {
  int total = 0;
  for (int i = 0; i < ACCOUNTS; i++) {
    int has = (int)get(&bank->accounts, i);
    printf("account %d: %d\n", i, has);
    total += has;
  }
  printf("in all: %d\n", total);
}

int main(int argc, char **argv) {
  if (argc != 2 && argc != 5 && argc != 6) {
    fprintf(stderr, "usage: bank FILE [FROM TO AMOUNT [PAUSE]]\n");
    return 2;
  }
  bank bank;
  must(mw_well_file(argv[1], SIZE, NULL, &error, &bank.well));
  must(mw_well_array(bank.well, "accounts", MW_INT64, 1, &(uint64_t){ACCOUNTS}, &error, &bank.accounts));
  must(mw_well_array(bank.well, "intent", MW_INT64, 1, &(uint64_t){FIELDS}, &error, &bank.intent));
  must(mw_well_mutex(bank.well, "ledger", 0, &error, &bank.ledger));
  enter(&bank);
  if (argc == 2) {
    show(&bank);
  } else {
    transfer(&bank, atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), argc > 5 ? atof(argv[5]) : 0);
  }
  leave(&bank);
  mw_mutex_drop(bank.ledger);
  must(mw_well_close(bank.well, &error));
  return 0;
}

/* An event of the well: one word that has a flag and counts sets; processes set it, clear it, wait for it, and die.
 * docs/formats.md, "Lock lines".
 *
 * Process 0 sets and clears it as it likes, CHANGES times; SETTERS - 1 others set it once. The rest wait. With UNDONE process 0
 * then leaves what a deletion leaves whose maker died before it was one, and which was mended.
 *
 * Mutants: NO_COUNT, NO_MARK, SET_IN_TWO_STEPS, WAKE_FIRST, MENDED_WITHOUT_COUNT.
 *
 * SPDX-License-Identifier: MIT */
#ifndef N
#define N 4
#endif
#ifndef CHANGES
#define CHANGES 1
#endif
#ifndef SETTERS
#define SETTERS 2
#endif
#define SLEEP_MAY_LAST
#include "kernel.pml"

#define GONE    0
#define CLEAR   1
#define SET     2
#define AWAITED 3

/* The word, as the format packs it: sets << 2 | flag. */
#define flag_of(word) (word & 3)
#define sets_of(word) (word >> 2)
#define state_of(sets, flag) ((sets) << 2 | (flag))

byte state = CLEAR;
byte sets;          /* how often it was set, as a god counts */
byte since[N];      /* that count when a waiter began */
byte changing;      /* who still sets or clears */

inline buries(me) {
  if
  :: me < SETTERS -> changing--
  :: else
  fi
}

inline change(sets_it) {
  do
  :: atomic { flag_of(state) != GONE -> seen = state }
     if
     :: sets_it && flag_of(seen) == SET -> break
     :: !sets_it && flag_of(seen) != SET -> break
     :: else
     fi;
#ifdef WAKE_FIRST
     if
     :: sets_it && flag_of(seen) == AWAITED -> futex_wake_all()
     :: else
     fi;
#endif
     atomic {
       if
#ifdef SET_IN_TWO_STEPS
       :: true ->
#else
       :: state == seen ->
#endif
          if
          :: sets_it -> state = state_of(sets_of(seen) + 1, SET); sets++
          :: !sets_it -> state = state_of(sets_of(seen), CLEAR)
          fi;
          done = true
       :: else
       fi
     }
     if
     :: done ->
#ifndef WAKE_FIRST
        if
        :: sets_it && flag_of(seen) == AWAITED -> futex_wake_all()
        :: else
        fi;
#endif
        break
     :: else
     fi
  od;
  atomic { done = false; seen = 0 }
}

/* What is left of a deletion whose maker died before it was one. */
inline deletion_undone() {
#ifdef MENDED_WITHOUT_COUNT
  atomic { seen = state; state = GONE };
  state = CLEAR;
#else
  atomic { seen = state; state = state_of(sets_of(seen), GONE) };
  state = state_of(sets_of(seen), CLEAR);
#endif
  futex_wake_all()
}

proctype setter(byte me) {
  byte round = 0, seen, k;
  bool done;
  {
    do
    :: me == 0 && round < CHANGES ->
       if
       :: change(true)
       :: change(false)
       fi;
       round++
    :: me == 0 && round == CHANGES -> break
    :: me != 0 -> change(true); break
    od;
#ifdef UNDONE
    if
    :: me == 0 -> deletion_undone()
    :: else
    fi;
#endif
    atomic { changing--; ends(me) }
  } unless { dies(me) }
}

inline is_told() {
  seen = state;
#ifdef NO_COUNT
  told = (flag_of(seen) == SET)
#else
  told = (flag_of(seen) == SET || sets_of(seen) != expected)
#endif
}

proctype waiter(byte me) {
  byte seen, expected, awaited, k;
  bool told, timed_out, late;
  {
    atomic { seen = state; expected = sets_of(seen); told = (flag_of(seen) == SET); since[me] = (told -> sets - 1 : sets) }
    do
    :: told -> assert(sets > since[me]); break
    :: else ->
       seen = state;
       awaited = state_of(sets_of(seen), AWAITED);
#ifdef NO_MARK
       awaited = seen;
#else
       atomic {
         if
         :: flag_of(seen) == CLEAR && state == seen -> state = awaited
         :: else
         fi
       }
#endif
       is_told();
       if
       :: told
       :: !told && late -> break
       :: !told && !late -> futex_wait(me, state, awaited)
       fi
    od;
    since[me] = NOBODY;
    ends(me)
  } unless { dies(me) }
}

/* When nobody sets it any more and all that can run has run, nobody sleeps who was set for. */
#define is_owed(i) (asleep[i] && sets > since[i])

init {
  byte k;
  atomic {
    k = 0;
    changing = SETTERS;
    do
    :: k < SETTERS -> run setter(k); k++
    :: k >= SETTERS && k < N -> run waiter(k); k++
    :: else -> break
    od
  }
  atomic {
    running == 0 && changing == 0 ->
#if SLICE == NEVER
    assert(!is_owed(2) && !is_owed(N - 1))
#endif
  }
}

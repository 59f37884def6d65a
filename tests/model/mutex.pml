/* A mutex of the well: one owner word, one bell, processes that wait, die, reap and recover. docs/formats.md, "Lock lines".
 *
 * Every client takes it ROUNDS times, to use what it protects or, where it is inconsistent, to mend that; any step may be its last.
 * What it protects is the one bit `whole`, which is false between the two stores of a use.
 *
 *   START_DEAD   it is inconsistent at first
 *
 * Mutants: LOOK_THEN_BELL, BELL_CLEARED, RING_BEFORE_FREE, SILENT_RELEASE, SILENT_LEAVER, LATE_WITHOUT_BELL, GIVE_UP_TO_FREE,
 * REAP_TO_FREE, LIFE_BEFORE_SWEEP, RECOVERER_FORGOTTEN, NO_BYTE_LOCK.
 *
 * SPDX-License-Identifier: MIT */
#ifndef N
#define N 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#include "kernel.pml"

#define FREE           100
#define DEAD           101
#define RECOVERING(me) (50 + me)

#define SILENT 1
#define WAITED 2

#ifdef START_DEAD
byte owner = DEAD;
bool whole = false;
#else
byte owner = FREE;
bool whole = true;
#endif
byte bell = SILENT;
bool in_use[N];        /* the life word of each slot */
byte inside = NOBODY;  /* who uses what it protects, as a god sees it */

inline buries(me) {
  if
  :: inside == me -> inside = NOBODY
  :: else
  fi
}

inline goes_in(me) { assert(inside == NOBODY); inside = me }

/* ---- waking */

inline ring_one() {
  if
  :: bell == WAITED ->
     atomic { before = bell; bell = SILENT }
     if
     :: before == WAITED -> futex_wake_one()
     :: else
     fi
  :: else
  fi
}

inline ring_all() {
  bell = SILENT;
  futex_wake_all()
}

/* ---- reaping, by `me`, of `dead` */

inline sweep(dead) {
  atomic {
    swept = true;
    if
#ifdef REAP_TO_FREE
    :: owner == dead -> owner = FREE
#else
    :: owner == dead -> owner = DEAD
#endif
#ifndef RECOVERER_FORGOTTEN
    :: owner == RECOVERING(dead) -> owner = DEAD
#endif
    :: else -> swept = false
    fi;
    assert(!swept || dying[dead])
  }
  if
  :: swept -> ring_all()
  :: else
  fi
}

inline reap(me, dead) {
#ifdef NO_BYTE_LOCK
  locked = (me != dead);
#else
  atomic {
    locked = (life_lock[dead] == NOBODY);
    if
    :: locked -> life_lock[dead] = me
    :: else
    fi
  }
#endif
  if
  :: locked ->
     if
     :: in_use[dead] ->
#ifdef LIFE_BEFORE_SWEEP
        in_use[dead] = false;
        sweep(dead)
#else
        sweep(dead);
        in_use[dead] = false
#endif
     :: else
     fi;
#ifndef NO_BYTE_LOCK
     life_lock[dead] = NOBODY
#endif
  :: else
  fi
}

/* Look whether the owner is dead, and reap it if so. */
inline look_for_death(me) {
  seen = owner;
  if
  :: seen < N && seen != me -> reap(me, seen)
  :: seen >= RECOVERING(0) && seen < RECOVERING(N) && seen != RECOVERING(me) -> reap(me, seen - RECOVERING(0))
  :: else
  fi
}

/* ---- acquiring; out: `got` */

/* Who takes it inconsistent too. */
#define mends (me < 2)

#define NOT_YET   0
#define HELD      1
#define DEAD_SEEN 2
#define TO_MEND   3

inline try(me) {
  atomic {
    seen = owner;
    got = NOT_YET;
    if
    :: seen == FREE -> owner = me; got = HELD; goes_in(me)
    :: seen == DEAD && !mends -> got = DEAD_SEEN
    :: else
    fi
  }
  if
  :: seen == DEAD && mends ->
     atomic {
       if
       :: owner == DEAD -> owner = RECOVERING(me); got = TO_MEND; goes_in(me)
       :: else
       fi
     }
  :: else
  fi
}

#ifdef SILENT_LEAVER
#define leaves_loudly false
#else
#define leaves_loudly (got == DEAD_SEEN)
#endif

inline acquire(me) {
  try(me);
  late = false;
  do
  :: got != NOT_YET -> break
  :: else ->
#ifdef LOOK_THEN_BELL
     try(me);
     bell = WAITED;
#else
     bell = WAITED;
     try(me);
#endif
     if
#ifndef SILENT_LEAVER
     :: got == DEAD_SEEN -> ring_all(); break /* it has said that somebody waits, and will not be there to ring */
#endif
     :: got != NOT_YET && !leaves_loudly -> break
     :: got == NOT_YET && late -> break
     :: got == NOT_YET && !late
     fi;
     futex_wait(me, bell, WAITED);
     if
     :: timed_out || late -> look_for_death(me)
     :: else
     fi;
#ifdef LATE_WITHOUT_BELL
     if
     :: late -> try(me); break
     :: else
     fi;
#endif
#ifdef BELL_CLEARED
     try(me);
     if
     :: got != NOT_YET -> bell = SILENT
     :: else
     fi
#endif
  od
}

/* ---- having it */

inline use() {
  assert(whole);
  whole = false;
  whole = true
}

inline release(me) {
#ifdef RING_BEFORE_FREE
  ring_one();
  atomic { assert(owner == me && inside == me); owner = FREE; inside = NOBODY }
#else
  atomic { assert(owner == me && inside == me); owner = FREE; inside = NOBODY }
#ifndef SILENT_RELEASE
  ring_one()
#endif
#endif
}

inline end_recovery(me) {
  if
  :: whole = true;
     atomic { assert(owner == RECOVERING(me) && inside == me); owner = me };
     use();
     release(me)
#ifdef GIVE_UP_TO_FREE
  :: atomic { assert(owner == RECOVERING(me) && inside == me); owner = FREE; inside = NOBODY };
#else
  :: atomic { assert(owner == RECOVERING(me) && inside == me); owner = DEAD; inside = NOBODY };
#endif
     ring_all()
  fi
}

proctype client(byte me) {
  byte round = 0, seen, before, got, k;
  bool timed_out, late, locked, swept;
  {
    do
    :: round < ROUNDS ->
       acquire(me);
       if
       :: got == HELD -> use(); release(me)
       :: got == TO_MEND -> end_recovery(me)
       :: else
       fi;
       atomic { round++; got = NOT_YET; seen = 0; before = 0; timed_out = false; late = false; locked = false; swept = false }
    :: else -> break
    od;
    in_use[me] = false;
    atomic { life_lock[me] = NOBODY; ends(me) }
  } unless { dies(me) }
}

/* When nobody is left: whoever came now would find all of it, without waiting for anybody. */
inline judge() {
  all_ended;
  k = 0;
  do
  :: k < N -> reap(N, k); k++
  :: else -> break
  od;
  assert(owner == FREE || owner == DEAD);
  assert(owner == DEAD || whole)
}

init {
  byte k, before;
  bool locked, swept;
  atomic {
    k = 0;
    do
    :: k < N -> life_lock[k] = k; in_use[k] = true; run client(k); k++
    :: else -> break
    od
  }
  judge()
}

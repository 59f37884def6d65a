/* A robust semaphore of the well: CAPACITY owner words, one bell, processes that wait, die and reap. docs/formats.md, "Lock lines".
 *
 * Client 0 has both permits at first, and gives them back one right after the other. The others take one and give it back; with
 * KEEPER client 1 keeps it until client 2 has had the other. Any step may be somebody's last.
 *
 * Mutants: LOOK_THEN_BELL, BELL_CLEARED, RING_BEFORE_FREE, NO_BATON, LATE_WITHOUT_BELL, SWEEP_ONE, LIFE_BEFORE_SWEEP,
 * NO_BYTE_LOCK, TAKE_IN_TWO_STEPS.
 *
 * SPDX-License-Identifier: MIT */
#ifndef N
#define N 3
#endif
#define CAPACITY 2
#include "kernel.pml"

#define FREE 100

#define SILENT 1
#define WAITED 2

byte permit[CAPACITY] = 0;
byte bell = SILENT;
bool in_use[N];    /* the life word of each slot */
byte holding[N];   /* how many permits each has, as a god sees it */

inline buries(me) { skip }

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
  if
  :: bell == WAITED ->
     atomic { before = bell; bell = SILENT }
     if
     :: before == WAITED -> futex_wake_all()
     :: else
     fi
  :: else
  fi
}

/* ---- reaping, by `me`, of `dead` */

inline sweep_word(word, dead) {
  atomic {
    if
    :: permit[word] == dead -> permit[word] = FREE; assert(dying[dead]); holding[dead]--; swept = true
    :: else
    fi
  }
}

inline sweep(dead) {
  swept = false;
  sweep_word(0, dead);
#ifndef SWEEP_ONE
  sweep_word(1, dead);
#endif
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

/* Look whether an owner is dead, and reap it if so. */
inline look_for_death(me) {
  word = 0;
  do
  :: word < CAPACITY ->
     seen = permit[word];
     if
     :: seen < N && seen != me -> reap(me, seen)
     :: else
     fi;
     word++
  :: else -> break
  od;
  word = 0
}

/* ---- acquiring; out: `got` */

inline try_word(me, w) {
#ifdef TAKE_IN_TWO_STEPS
  if
  :: permit[w] == FREE -> holding[me]++; permit[w] = me; got = true
  :: else
  fi
#else
  atomic {
    if
    :: permit[w] == FREE -> permit[w] = me; holding[me]++; got = true
    :: else
    fi
  }
#endif
}

inline try(me) {
  got = false;
  try_word(me, 0);
  if
  :: !got -> try_word(me, 1)
  :: else
  fi
}

inline hand_on() {
#ifdef NO_BATON
  skip
#else
  if
  :: permit[0] == FREE -> ring_one()
  :: else ->
     if
     :: permit[1] == FREE -> ring_one()
     :: else
     fi
  fi
#endif
}

inline acquire(me) {
  try(me);
  late = false;
  do
  :: got -> break
  :: else ->
#ifdef LOOK_THEN_BELL
     try(me);
     bell = WAITED;
#else
     bell = WAITED;
     try(me);
#endif
     if
     :: got -> hand_on(); break
     :: !got && late -> break
     :: !got && !late
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
     :: got -> bell = SILENT; hand_on()
     :: else
     fi
#endif
  od
}

/* ---- giving back */

inline free_one(me) {
  atomic {
    if
    :: permit[0] == me -> permit[0] = FREE
    :: else -> assert(permit[1] == me); permit[1] = FREE
    fi;
    holding[me]--
  }
}

inline release(me) {
#ifdef RING_BEFORE_FREE
  ring_one();
  free_one(me)
#else
  free_one(me);
  ring_one()
#endif
}

proctype client(byte me) {
  byte seen, before, word, k;
  bool timed_out, late, locked, swept, got;
  {
    if
    :: me > 0 -> acquire(me)
    :: else
    fi;
#ifdef KEEPER
    (me != 1 || ended[2]);
#endif
    do
    :: holding[me] > 0 -> release(me)
    :: else -> break
    od;
    in_use[me] = false;
    atomic { life_lock[me] = NOBODY; ends(me) }
  } unless { dies(me) }
}

/* When nobody is left, and the dead are reaped, all of it is there again. */
inline judge() {
  all_ended;
  k = 0;
  do
  :: k < N -> reap(N, k); k++
  :: else -> break
  od;
  assert(permit[0] == FREE && permit[1] == FREE)
}

init {
  byte k, before;
  bool locked, swept;
  atomic {
    holding[0] = CAPACITY;
    k = 0;
    do
    :: k < N -> life_lock[k] = k; in_use[k] = true; run client(k); k++
    :: else -> break
    od
  }
  judge()
}

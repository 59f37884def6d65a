/* What the kernel does in the models: processes that die between any two steps, the byte locks that it takes back from them, and
 * sleeping on a word. Included by every model, which defines N, how many processes there are, before.
 *
 *   DEATHS   how many processes are killed, at any moment; 0 where it is not defined
 *   SLICE    when a sleeper's 40 ms end: ANY time, only when all is QUIET (nobody who lives can do anything else), or NEVER
 *   SLEEP_MAY_LAST   that somebody sleeps for ever is no error in itself; the model says when it is one
 *   DEADLINES   whether the deadline of process 1 may come, at any time; the others have none, and would sleep for ever
 *
 * SPDX-License-Identifier: MIT */
#define NEVER 0
#define QUIET 1
#define ANY   2

#ifndef DEATHS
#define DEATHS 0
#endif
#ifndef SLICE
#define SLICE NEVER
#endif

#define NOBODY 255

bool dying[N];        /* killed: it makes no further step but the one that the kernel makes for it */
bool ended[N];        /* it has ended, or the kernel is done with its death */
bool asleep[N];       /* in the queue of a futex */
byte running = N;     /* who is neither asleep nor at an end */
byte life_lock[N];    /* who holds byte k of the file, or NOBODY */

/* Each process runs `body unless { dies(me) }`. The kernel frees locks some time after the last step, not at once. */
inline dies(me) {
  atomic {
    dying[me] ->
    if
    :: asleep[me] -> asleep[me] = false
    :: else -> running--
    fi;
    release_locks(me);
    buries(me);
    ended[me] = true
  }
}

inline release_locks(me) {
  d_step {
    k = 0;
    do
    :: k < N ->
       if
       :: life_lock[k] == me -> life_lock[k] = NOBODY
       :: else
       fi;
       k++
    :: else -> break
    od;
    k = 0
  }
}

inline ends(me) {
  d_step { ended[me] = true; running-- }
}

#if SLICE == ANY
#define slice_ends true
#elif SLICE == QUIET
#define slice_ends (running == 0)
#else
#define slice_ends false
#endif

#ifdef DEADLINES
#define deadlines_come (me == 1)
#else
#define deadlines_come false
#endif

/* Asleep only while the word has the value; out: `timed_out`, and `late` where the deadline has come, which it also can while
 * somebody wakes the sleeper. */
inline futex_wait(me, word, value) {
  timed_out = false;
  atomic {
    if
    :: word == value -> asleep[me] = true; running--
    :: else
    fi
  }
#ifdef SLEEP_MAY_LAST
end_asleep:
#endif
  if
  :: atomic { !asleep[me] -> skip }
  :: atomic { !asleep[me] && deadlines_come -> late = true }
  :: atomic { asleep[me] && slice_ends -> asleep[me] = false; running++; timed_out = true }
  :: atomic { asleep[me] && deadlines_come -> asleep[me] = false; running++; timed_out = true; late = true }
  fi
}

/* Wake any one of the sleepers; or all of them. */
inline futex_wake_one() {
  atomic {
    if
    :: asleep[0] -> asleep[0] = false; running++
#if N > 1
    :: asleep[1] -> asleep[1] = false; running++
#endif
#if N > 2
    :: asleep[2] -> asleep[2] = false; running++
#endif
#if N > 3
    :: asleep[3] -> asleep[3] = false; running++
#endif
#if N > 4
    :: asleep[4] -> asleep[4] = false; running++
#endif
    :: else
    fi
  }
}

inline futex_wake_all() {
  d_step {
    k = 0;
    do
    :: k < N ->
       if
       :: asleep[k] -> asleep[k] = false; running++
       :: else
       fi;
       k++
    :: else -> break
    od;
    k = 0
  }
}

#if DEATHS > 0
active proctype killer() {
  byte deaths = 0;
  do
  :: atomic {
       deaths < DEATHS ->
       if
       :: !dying[0] -> dying[0] = true
#if N > 1
       :: !dying[1] -> dying[1] = true
#endif
#if N > 2
       :: !dying[2] -> dying[2] = true
#endif
#if N > 3
       :: !dying[3] -> dying[3] = true
#endif
#if N > 4
       :: !dying[4] -> dying[4] = true
#endif
       fi;
       deaths++
     }
  :: deaths == DEATHS -> break
  od
}
#endif

#define all_ended (running == 0 && nobody_sleeps)
#if N == 2
#define nobody_sleeps (!asleep[0] && !asleep[1])
#elif N == 3
#define nobody_sleeps (!asleep[0] && !asleep[1] && !asleep[2])
#elif N == 4
#define nobody_sleeps (!asleep[0] && !asleep[1] && !asleep[2] && !asleep[3])
#else
#define nobody_sleeps (!asleep[0] && !asleep[1] && !asleep[2] && !asleep[3] && !asleep[4])
#endif

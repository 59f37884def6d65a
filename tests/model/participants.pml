/* Who is attached to a well: slots with a life word, a generation and a byte lock; processes that attach, take lock words, reap the
 * dead, detach, and die. docs/formats.md, "Participants"; core/src/sync/participant.c.
 *
 * Every client attaches in any slot that it can lock, ROUNDS times, and goes through WORDS lock words: it takes those that are
 * free, and asks about the owners of the others as a waiter does. Then it gives back what it has, and detaches.
 *
 * Mutants: LIFE_BEFORE_SWEEP, NO_GENERATION, NO_BYTE_LOCK, SWEEP_UNLOCKED, CLAIM_WITHOUT_SWEEP, UNLOCK_FIRST.
 *
 * SPDX-License-Identifier: MIT */
#ifndef N
#define N 3
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef WORDS
#define WORDS 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#include "kernel.pml"

/* Owner words and life words, as the format packs them. */
#define FREE                       0
#define owner_of(generation, slot) ((generation) * SLOTS + (slot) + 1)
#define slot_of(owner)             ((owner - 1) % SLOTS)
#define generation_of(owner)       ((owner - 1) / SLOTS)
#define life_of(generation, used)  ((generation) * 2 + (used))
#define is_in_use(life)            (life % 2 == 1)
#define age_of(life)               (life / 2)

#ifdef NO_GENERATION
#define next_generation(life) age_of(life)
#else
#define next_generation(life) (age_of(life) + 1)
#endif

byte life[SLOTS];
byte words[WORDS];

/* As a god sees it. */
byte tenants[SLOTS] = NOBODY; /* who is attached there */
byte holders[WORDS] = NOBODY; /* who took the word, and has not given it back */

/* So that states do not differ in what no longer counts. */
inline forgets() {
  d_step {
    slot = 0;
    self = 0;
    seen = 0;
    seen_life = 0;
    w = 0;
    k = 0;
    locked = false
  }
}

/* What the dead held stays theirs, for `sweep` to see. */
inline buries(me) {
  forgets();
  round = 0;
  d_step {
    k = 0;
    do
    :: k < SLOTS ->
       if
       :: tenants[k] == me -> tenants[k] = NOBODY
       :: else
       fi;
       k++
    :: else -> break
    od;
    k = 0
  }
}

/* ---- byte locks; out: `locked` */

inline lock_byte(me, slot) {
  d_step {
    locked = (life_lock[slot] == NOBODY);
    if
    :: locked -> life_lock[slot] = me
    :: else
    fi
  }
}

inline unlock_byte(slot) { life_lock[slot] = NOBODY }

/* ---- sweeping */

inline give_back(word, owner) {
  d_step {
    if
    :: words[word] == owner ->
       assert(dying[holders[word]]);
       words[word] = FREE;
       holders[word] = NOBODY
    :: else
    fi
  }
}

inline sweep(owner) {
  k = 0;
  do
  :: k < WORDS -> give_back(k, owner); k++
  :: else -> break
  od;
  k = 0
}

inline reap(me, slot) {
#ifdef NO_BYTE_LOCK
  locked = (life_lock[slot] == NOBODY); /* it asks only */
#else
  lock_byte(me, slot);
#endif
  if
  :: locked ->
     seen_life = life[slot];
     if
     :: is_in_use(seen_life) ->
#ifdef SWEEP_UNLOCKED
        unlock_byte(slot);
#endif
#ifdef LIFE_BEFORE_SWEEP
        life[slot] = life_of(age_of(seen_life), 0);
        sweep(owner_of(age_of(seen_life), slot))
#else
        sweep(owner_of(age_of(seen_life), slot));
        life[slot] = life_of(age_of(seen_life), 0)
#endif
     :: else
     fi;
#if !defined(NO_BYTE_LOCK) && !defined(SWEEP_UNLOCKED)
     unlock_byte(slot)
#endif
  :: else
  fi
}

/* ---- a slot of one's own; out: `locked`, and the slot's `seen_life`, in which nobody is any more */

inline claim(me, slot) {
  lock_byte(me, slot);
  if
  :: locked ->
     seen_life = life[slot];
#ifndef CLAIM_WITHOUT_SWEEP
     if
     :: is_in_use(seen_life) -> sweep(owner_of(age_of(seen_life), slot))
     :: else
     fi
#endif
  :: else
  fi
}

inline publish(me, slot) {
  atomic {
    assert(tenants[slot] == NOBODY);
    tenants[slot] = me;
    self = owner_of(next_generation(seen_life), slot);
    life[slot] = life_of(next_generation(seen_life), 1);
    seen_life = 0;
    locked = false
  }
}

inline detach(me, slot) {
#ifdef UNLOCK_FIRST
  atomic { unlock_byte(slot); tenants[slot] = NOBODY };
  life[slot] = life_of(generation_of(self), 0)
#else
  atomic { life[slot] = life_of(generation_of(self), 0); tenants[slot] = NOBODY };
  unlock_byte(slot)
#endif
}

/* ---- what participants do */

/* Of a word that somebody else has: mw__participant_is_gone. The word was read before the life word. */
inline ask_about(me, word, owner) {
  seen_life = life[slot_of(owner)];
  if
  :: age_of(seen_life) > generation_of(owner) || (age_of(seen_life) == generation_of(owner) && !is_in_use(seen_life)) ->
     give_back(word, owner)
  :: age_of(seen_life) == generation_of(owner) && is_in_use(seen_life) && slot_of(owner) != slot ->
     reap(me, slot_of(owner))
  :: else
  fi
}

inline look_at(me, word) {
  seen = words[word];
  if
  :: seen == FREE ->
     d_step {
       if
       :: words[word] == FREE -> words[word] = self; holders[word] = me
       :: else
       fi
     }
  :: else -> ask_about(me, word, seen)
  fi
}

inline release(me, word) {
  d_step {
    if
    :: holders[word] == me ->
       assert(words[word] == self && life[slot] == life_of(generation_of(self), 1));
       words[word] = FREE;
       holders[word] = NOBODY
    :: else
    fi
  }
}

inline participate(me) {
  w = 0;
  do
  :: w < WORDS -> look_at(me, w); d_step { w++; seen = 0; seen_life = 0; locked = false }
  :: else -> break
  od;
  w = 0;
  do
  :: w < WORDS -> release(me, w); w++
  :: else -> break
  od;
  w = 0
}

proctype client(byte me) {
  byte round = 0, slot, self, seen, seen_life, w, k;
  bool locked;
  {
    do
    :: round < ROUNDS ->
       if
       :: slot = 0
       :: slot = 1
#if SLOTS > 2
       :: slot = 2
#endif
       fi;
       claim(me, slot);
       if
       :: locked -> publish(me, slot); participate(me); detach(me, slot)
       :: else /* somebody lives there */
       fi;
       atomic { forgets(); round++ }
    :: else -> break
    od;
    atomic { round = 0; ends(me) }
  } unless { dies(me) }
}

/* When nobody is left: one more, who reaps each slot or attaches there, finds all that can be had. */
inline judge() {
  all_ended;
  slot = 0;
  do
  :: slot < SLOTS ->
     if
     :: reap(N, slot); assert(locked && !is_in_use(life[slot]))
     :: claim(N, slot); assert(locked)
     fi;
     slot++
  :: else -> break
  od;
  slot = 0;
  do
  :: slot < WORDS -> assert(words[slot] == FREE); slot++
  :: else -> break
  od
}

init {
  byte k, slot, seen_life;
  bool locked;
  atomic {
    k = 0;
    do
    :: k < N -> life_lock[k] = NOBODY; run client(k); k++
    :: else -> break
    od;
    k = 0
  }
  judge()
}

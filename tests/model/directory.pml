/* The directory of a well: creating and deleting under the admin lock, reading without one, and memory that stays put while
 * somebody may still use what was deleted. docs/formats.md, "Directory"; core/src/well/directory.c, space.c.
 *
 * There is one object at first, of name 0. Three processes attach, work, and detach; any step may be the last. Process 0 deletes
 * or creates name 0, process 2 creates either name, OPERATIONS times; process 1 looks for one, and uses it. Each object is a mutex,
 * of one line. Who dies is reaped at once: participants.pml and mutex.pml are about that.
 *
 *   EVENT      the objects are events: nobody holds them, and they are GONE after the commit of a deletion, not before
 *   OBSERVER   process 1 does not attach: it may read, and uses nothing
 *
 * Mutants: COMMIT_FIRST, TICKET_FIRST, GONE_FOR_EVER, DELETED_UNSET, NO_QUARANTINE, NO_SECOND_LOOK; with EVENT GONE_LAST.
 *
 * SPDX-License-Identifier: MIT */
#define N 3
#ifndef OPERATIONS
#define OPERATIONS 1
#endif
#ifndef LINES
#define LINES 1
#endif
#include "kernel.pml"

#define ENTRIES 3
#define OBJECTS 2 /* at most, deleted ones too */
#define SERIALS 8

/* Lock words; the words of holders are their numbers. */
#define FREE           100
#define DEAD           101
#define GONE           102
#define RECOVERING(me) (50 + me)

/* States of entries: serial << 2 | phase. */
#define EMPTY   0
#define SPENT   1
#define LIVE    2
#define DELETED 3
#define phase_of(state)         (state & 3)
#define serial_of(state)        (state >> 2)
#define state_of(serial, phase) ((serial) << 2 | (phase))
#define has_object(state)       (phase_of(state) >= LIVE)

#define NOT_DELETED 255

typedef entry {
  byte state;
  byte line;
  byte name;
  byte checksum; /* the serial that the fields are of */
  byte deleted = NOT_DELETED
}

entry entries[ENTRIES];
byte words[LINES];    /* the memory: one lock word each */
byte admin = FREE;
byte ticket = 1;
byte serial = 1;
bool in_use[N];
byte tickets[N];

/* As a god sees it. */
byte made_for[LINES]; /* the serial of the object that the memory is of */
byte line_of[SERIALS];
byte name_of[SERIALS];
byte attached;        /* who is, a bit each */
byte guests[LINES];   /* who was attached when the object there was deleted, and still is */

inline leaves(me) {
  d_step {
    in_use[me] = false;
    attached = attached & ~(1 << me);
    k = 0;
    do
    :: k < LINES -> guests[k] = guests[k] & ~(1 << me); k++
    :: else -> break
    od;
    k = 0
  }
}

inline sweeps(me) {
  d_step {
    if
    :: admin == me || admin == RECOVERING(me) -> admin = DEAD
    :: else
    fi;
    k = 0;
    do
    :: k < LINES ->
       if
       :: words[k] == me -> words[k] = DEAD
       :: else
       fi;
       k++
    :: else -> break
    od;
    k = 0
  }
}

/* So that states do not differ in what no longer counts. */
inline forgets() {
  d_step {
    wanted = 0;
    found = 0;
    line = 0;
    seen = 0;
    its_name = 0;
    checksum = 0;
    oldest = 0;
    in_all = 0;
    i = 0;
    j = 0;
    k = 0;
    closed = false
  }
}

inline buries(me) { sweeps(me); leaves(me); forgets(); round = 0 }

/* ---- attaching: a slot for each */

inline attach(me) {
  atomic { tickets[me] = 0; in_use[me] = true };
  atomic { ticket++; seen = ticket; attached = attached | (1 << me) };
  tickets[me] = seen
}

/* Out: `oldest`, the smallest ticket of all who are attached. */
inline find_oldest() {
  d_step { oldest = NOT_DELETED; i = 0 };
  do
  :: i < N ->
     d_step {
       if
       :: in_use[i] && tickets[i] < oldest -> oldest = tickets[i]
       :: else
       fi;
       i++
     }
  :: else -> break
  od;
  i = 0
}

#ifdef NO_QUARANTINE
#define is_over(e) (phase_of(entries[e].state) == DELETED && entries[e].deleted != NOT_DELETED)
#else
#define is_over(e) (phase_of(entries[e].state) == DELETED && entries[e].deleted < oldest)
#endif

/* ---- reading, without a lock; out: `found`, an entry or NOBODY, and its `seen` state and `line` */

/* Nobody may be given a half-made object: what the checksum refuses is damage to the real reader. */
inline read_entry(e) {
  do
  :: seen = entries[e].state;
     if
     :: !has_object(seen) -> break
     :: else
     fi;
     line = entries[e].line;
     its_name = entries[e].name;
     checksum = entries[e].checksum;
#ifndef NO_SECOND_LOOK
     if
     :: entries[e].state != seen
     :: entries[e].state == seen ->
#endif
        atomic {
          assert(checksum == serial_of(seen) && line == line_of[serial_of(seen)] && its_name == name_of[serial_of(seen)])
        }
        break
#ifndef NO_SECOND_LOOK
     fi
#endif
  od
}

inline find(wanted) {
  d_step { found = NOBODY; i = 0 };
  do
  :: i < ENTRIES ->
     read_entry(i);
     if
     :: seen == EMPTY -> break
     :: phase_of(seen) == LIVE && its_name == wanted -> found = i; break
     :: else -> atomic { i++; line = 0; its_name = 0; checksum = 0 }
     fi
  :: else -> break
  od;
  atomic { i = 0; its_name = 0; checksum = 0 }
}

/* ---- the admin lock. What its holder reads here nobody else writes, and is read in one step. Out: as `find` */

#define is_it(e) (phase_of(entries[e].state) == LIVE && entries[e].name == wanted)

inline find_locked() {
  d_step {
    if
    :: is_it(0) -> found = 0
    :: is_it(1) -> found = 1
    :: is_it(2) -> found = 2
    :: else -> found = NOBODY
    fi;
    if
    :: found != NOBODY -> seen = entries[found].state; line = entries[found].line
    :: else
    fi
  }
}

inline mend() {
  do
  :: i < ENTRIES ->
     if
#ifndef GONE_FOR_EVER
     :: phase_of(entries[i].state) == LIVE && words[entries[i].line] == GONE -> words[entries[i].line] = DEAD
#endif
     :: phase_of(entries[i].state) == DELETED && entries[i].deleted == NOT_DELETED ->
#ifdef EVENT
        words[entries[i].line] = GONE;
#endif
#ifndef DELETED_UNSET
        entries[i].deleted = ticket
#endif
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

inline begin_change(me) {
  if
  :: atomic { admin == FREE -> admin = me }
  :: atomic { admin == DEAD -> admin = RECOVERING(me) };
     mend();
     admin = me
  fi
}

#define end_change() admin = FREE

/* ---- creating */

/* Searches that end right behind an entry may end before it. */
inline shorten_searches(e) {
  j = e;
  do
  :: entries[(j + 1) % ENTRIES].state == EMPTY && entries[j].state == SPENT ->
     entries[j].state = EMPTY;
     j = (j + ENTRIES - 1) % ENTRIES
  :: else -> break
  od;
  j = 0
}

#define retire(e) \
  if \
  :: is_over(e) -> d_step { entries[e].state = SPENT; shorten_searches(e) } \
  :: else \
  fi

#define takes(e, m) (has_object(entries[e].state) && !is_over(e) && entries[e].line == m)
#define is_free(m)  (!takes(0, m) && !takes(1, m) && !takes(2, m))

/* All names begin at place 0. Out: `found` and `line`; NOBODY where the directory or the memory is full. */
inline find_place() {
  find_oldest();
  retire(0);
  retire(1);
  retire(2);
  d_step {
    found = NOBODY;
    in_all = has_object(entries[0].state) + has_object(entries[1].state) + has_object(entries[2].state);
    if
    :: in_all < OBJECTS && !has_object(entries[0].state) -> found = 0
    :: in_all < OBJECTS && has_object(entries[0].state) && !has_object(entries[1].state) -> found = 1
    :: in_all < OBJECTS && has_object(entries[0].state) && has_object(entries[1].state) -> found = 2
    :: else
    fi;
    in_all = 0;
    if
    :: is_free(0) -> line = 0
#if LINES > 1
    :: !is_free(0) && is_free(1) -> line = 1
#endif
    :: else -> found = NOBODY
    fi;
    oldest = 0
  }
}

inline make_memory() {
  d_step {
    assert(!guests[line]);
    assert(serial < SERIALS);
    made_for[line] = serial;
    line_of[serial] = line;
    name_of[serial] = wanted;
    words[line] = FREE
  }
}

#define is_live(e)       (phase_of(entries[e].state) == LIVE)
#define collides(e)      (e != found && is_live(e) && (entries[e].name == wanted || entries[e].line == line))
#define is_alone         (!collides(0) && !collides(1) && !collides(2))

inline commit() { atomic { assert(is_alone); entries[found].state = state_of(seen, LIVE) } }

inline create_found() {
  entries[found].state = SPENT;
  atomic { make_memory(); seen = serial; serial++ };
#ifdef COMMIT_FIRST
  commit();
#endif
  entries[found].line = line;
  entries[found].name = wanted;
  entries[found].checksum = seen;
  entries[found].deleted = NOT_DELETED;
#ifndef COMMIT_FIRST
  commit()
#endif
}

inline create(me) {
  begin_change(me);
  find_locked();
  if
  :: found == NOBODY ->
     find_place();
     if
     :: found != NOBODY -> create_found()
     :: else
     fi
  :: else
  fi;
  end_change()
}

/* ---- deleting */

inline commit_deletion() {
  atomic {
    entries[found].state = state_of(serial_of(seen), DELETED);
    guests[line] = attached
  }
}

/* Out: `closed`. */
inline close_down() {
  atomic {
    closed = (words[line] == FREE || words[line] == DEAD);
    if
    :: closed -> words[line] = GONE
    :: else
    fi
  }
}

inline delete_found() {
#ifdef EVENT
  commit_deletion();
#ifdef GONE_LAST
  entries[found].deleted = ticket;
  words[line] = GONE
#else
  words[line] = GONE;
  entries[found].deleted = ticket
#endif
#else
  close_down();
  if
  :: closed ->
#ifdef TICKET_FIRST
     oldest = ticket;
     commit_deletion();
     entries[found].deleted = oldest
#else
     commit_deletion();
     oldest = ticket;
     entries[found].deleted = oldest
#endif
  :: else
  fi
#endif
}

inline delete(me) {
  begin_change(me);
  find_locked();
  if
  :: found != NOBODY -> delete_found()
  :: else
  fi;
  end_change()
}

/* ---- using */

/* Whoever has found it and is attached finds it there, deleted or not. */
inline uses(me) { assert(made_for[line] == serial_of(seen)) }

inline use(me) {
  atomic {
    uses(me);
    if
    :: words[line] == FREE || words[line] == DEAD -> words[line] = me; closed = false
    :: else -> closed = true
    fi
  }
  if
  :: !closed -> atomic { uses(me); assert(words[line] == me); words[line] = FREE }
  :: closed && words[line] == GONE -> /* he who waits looks whether its deleter is dead */
     if
     :: admin == DEAD -> begin_change(me); end_change()
     :: else
     fi
  :: else
  fi
}

inline look(me) {
  find(wanted);
  if
#if !defined(OBSERVER) && !defined(EVENT)
  :: found != NOBODY -> use(me)
#endif
#if !defined(OBSERVER) && defined(EVENT)
  :: found != NOBODY -> atomic { uses(me) }
#endif
  :: else
  fi
}

#ifdef OBSERVER
#define attaches(me) (me != 1)
#else
#define attaches(me) true
#endif

proctype client(byte me) {
  byte round = 0, wanted, found, line, seen, its_name, checksum, oldest, in_all, i, j, k;
  bool closed;
  {
    if
    :: attaches(me) -> attach(me)
    :: else
    fi;
    do
    :: round < OPERATIONS ->
       if
       :: wanted = 0
       :: me != 0 -> wanted = 1
       fi;
       if
       :: me == 1 -> look(me); round = OPERATIONS
       :: me != 1 -> create(me)
       :: me == 0 -> delete(me)
       fi;
       atomic {
         forgets();
         if
         :: round < OPERATIONS -> round++
         :: else
         fi
       }
    :: else -> break
    od;
    atomic { round = 0; leaves(me); ends(me) }
  } unless { dies(me) }
}

/* When nobody is left, and one more has made a change: all mutexes can be had, and nothing keeps memory. */
inline judge() {
  all_ended;
  begin_change(N);
  end_change();
  assert(admin == FREE);
  find_oldest();
  i = 0;
  do
  :: i < ENTRIES ->
     assert(!is_live(i) || words[entries[i].line] == FREE || words[entries[i].line] == DEAD);
     assert(phase_of(entries[i].state) != DELETED || is_over(i) && words[entries[i].line] == GONE);
     i++
  :: else -> break
  od
}

init {
  byte k, i, oldest, found, line, seen, wanted;
  atomic {
    make_memory();
    entries[0].state = state_of(serial, LIVE);
    entries[0].checksum = serial;
    serial++;
    k = 0;
    do
    :: k < N -> run client(k); k++
    :: else -> break
    od;
    k = 0
  }
  judge()
}

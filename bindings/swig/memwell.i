/* What is bound of memwell, for every language that SWIG knows. Of each class its calls; what they mean, and every error with its
 * cause, is in the public headers, under the call's name (Region.resize is mw_region_resize), and in docs/swig.md.
 *
 * This file names no language. LANGUAGE.i has the typemaps of one, and docs/swig.md says how to write them for another. The calls
 * are those of src/objects.h, which says in which shape they come: object or name first, mw_error second.
 *
 * SPDX-License-Identifier: MIT */
%module Memwell

%{
#include "memwell/version.h"
#include "objects.h"
%}

/* A language may have other names, or none: its file comes after these. */
%rename(version) mw_version;
%rename(page_size) mw_page_size;
%rename(Region) mws_region;
%rename(View) mws_view;
%rename(Semaphore) mws_semaphore;
%rename(Well) mws_well;
%rename(Mutex) mws_mutex;
%rename(RobustSemaphore) mws_robust_semaphore;
%rename(Event) mws_event;
%rename(ObjectInfo) mws_object_info;
%rename(ObjectList) mws_objects;
%rename(ParticipantInfo) mws_participant_info;
%rename(ParticipantList) mws_participants;
%rename(Span) mws_span;
%rename(delete) mws_well::remove;

#if defined(SWIGJAVA)
%include "java.i"
#elif defined(SWIGRUBY)
%include "ruby.i"
#elif defined(SWIGPERL)
%include "perl.i"
#else
#error "bindings/swig has typemaps for Java, Ruby and Perl; docs/swig.md says how to write those of another language"
#endif

/* Nobody makes one but by the calls below, and all that these return belongs to whoever called. */
%nodefaultctor;
%nodefaultdtor;
%newobject mws_region::file;
%newobject mws_region::create;
%newobject mws_region::attach;
%newobject mws_region::open;
%newobject mws_region::anonymous;
%newobject mws_region::memfd;
%newobject mws_region::from_fd;
%newobject mws_region::sysv;
%newobject mws_region::receive;
%newobject mws_region::view;
%newobject mws_view::slice;
%newobject mws_view::select;
%newobject mws_view::reshape;
%newobject mws_semaphore::create;
%newobject mws_semaphore::attach;
%newobject mws_semaphore::open;
%newobject mws_semaphore::at;
%newobject mws_semaphore::sysv;
%newobject mws_well::create;
%newobject mws_well::attach;
%newobject mws_well::open;
%newobject mws_well::file;
%newobject mws_well::region;
%newobject mws_well::array;
%newobject mws_well::mutex;
%newobject mws_well::semaphore;
%newobject mws_well::event;
%newobject mws_well::objects;
%newobject mws_well::held;
%newobject mws_well::participants;

/* The calls that may wait: the language lets its other threads run meanwhile, and handles its signals between two tries. */
#ifdef MWS_WAITS
MWS_WAITS(mws_region::attach)
MWS_WAITS(mws_region::receive)
MWS_WAITS(mws_region::send)
MWS_WAITS(mws_view::wait)
MWS_WAITS(mws_semaphore::attach)
MWS_WAITS(mws_semaphore::sysv)
MWS_WAITS(mws_semaphore::acquire)
MWS_WAITS(mws_well::attach)
MWS_WAITS(mws_mutex::acquire)
MWS_WAITS(mws_mutex::recover_begin)
MWS_WAITS(mws_robust_semaphore::acquire)
MWS_WAITS(mws_event::wait)
#endif

/* Since when is waited, for all tries of one call. */
%typemap(in, numinputs=0) mw_watch *since (mw_watch beginning) {
  beginning.word = NULL;
  $1 = &beginning;
}

typedef struct {} mws_region;
typedef struct {} mws_view;
typedef struct {} mws_semaphore;
typedef struct {} mws_well;
typedef struct {} mws_mutex;
typedef struct {} mws_robust_semaphore;
typedef struct {} mws_event;
#ifndef MWS_PLAIN_VALUES
typedef struct {} mws_objects;
typedef struct {} mws_participants;
#endif

/* ---- regions: memory that is mapped (memwell/region.h, pages.h, search.h, handover.h) */

%extend mws_region {
  ~mws_region() { mws_region_free($self); }

  static mws_region *file(const char *path, mw_error *error, const char *mode = "r", const mws_options *options = NULL);
  static mws_region *create(const char *name, mw_error *error, uint64_t size, const mws_options *options = NULL);
  static mws_region *attach(const char *name, mw_error *error, const mws_options *options = NULL);
  static mws_region *open(const char *name, mw_error *error, uint64_t size, const mws_options *options = NULL);
  static mws_region *anonymous(uint64_t size, mw_error *error, const mws_options *options = NULL);
  static mws_region *memfd(uint64_t size, mw_error *error, const mws_options *options = NULL);
  static mws_region *from_fd(int fd, mw_error *error, const mws_options *options = NULL);
  static mws_region *sysv(int32_t key, mw_error *error, const mws_options *options = NULL);
  static mws_region *receive(int socket, mw_error *error, mw_deadline timeout = MW_DEADLINE_NEVER,
                             const mws_options *options = NULL);
  static void unlink(const char *name, mw_error *error);
  static void sysv_remove(int32_t key, mw_error *error);
  static int32_t ftok(const char *path, mw_error *error, int project);

  void close();
  uint64_t size(mw_error *error);
  const char *kind();
  const char *name();
  bool readonly();
  bool closed();
  bool faulted();
  bool is_private();
  uint64_t offset(mw_error *error);
  uint64_t exports(mw_error *error);
  int32_t key(mw_error *error);
  int32_t id(mw_error *error);
  int fileno(mw_error *error);
  void sysv_unlink(mw_error *error);
  bool same(mw_error *error, mws_region *other);

  mws_bytes read(mw_error *error, uint64_t offset = 0, mws_offset size = MWS_NOTHING);
  void write(mw_error *error, const void *data, size_t size, uint64_t offset = 0);
  void fill(mw_error *error, int byte = 0, uint64_t offset = 0, mws_offset size = MWS_NOTHING);
  void move(mw_error *error, uint64_t destination, uint64_t source, uint64_t size);
  mws_offset find(mw_error *error, const void *data, size_t size, uint64_t start = 0, mws_offset end = MWS_NOTHING);
  mws_offset rfind(mw_error *error, const void *data, size_t size, uint64_t start = 0, mws_offset end = MWS_NOTHING);
  uint64_t count(mw_error *error, const void *data, size_t size, uint64_t start = 0, mws_offset end = MWS_NOTHING);
  mws_span line(mw_error *error, uint64_t start = 0);
  mws_span run(mw_error *error, const void *data, size_t size, uint64_t start = 0);

  void resize(mw_error *error, uint64_t size);
  void remap(mw_error *error);
  void check(mw_error *error);
  void flush(mw_error *error, uint64_t offset = 0, mws_offset size = MWS_NOTHING, bool wait = true);
  void advise(mw_error *error, const char *advice, uint64_t offset = 0, mws_offset size = MWS_NOTHING);
  void discard(mw_error *error, uint64_t offset = 0, mws_offset size = MWS_NOTHING);
  void populate(mw_error *error, uint64_t offset = 0, mws_offset size = MWS_NOTHING);
  void mlock(mw_error *error, uint64_t offset = 0, mws_offset size = MWS_NOTHING);
  void munlock(mw_error *error, uint64_t offset = 0, mws_offset size = MWS_NOTHING);
  uint64_t resident(mw_error *error);
  void protect(mw_error *error, bool readonly);
  void seal(mw_error *error, mws_seals added);
  mws_seals seals(mw_error *error);
  void send(mw_error *error, int socket, mw_deadline timeout = MW_DEADLINE_NEVER);

  mws_buffer buffer(mw_error *error);
  mws_view *view(mw_error *error, const char *dtype = "uint8", const mws_extents *extents = NULL, uint64_t offset = 0);
}

#ifndef MWS_PLAIN_VALUES
/* A part of a region, and where to go on looking. */
typedef struct {
  %immutable;
  mws_offset start;
  mws_offset stop;
  mws_offset resume;
  %mutable;
} mws_span;
#endif

/* ---- views: typed, N-dimensional windows on a region (memwell/view.h, atomic.h) */

%extend mws_view {
  ~mws_view() { mws_view_free($self); }

  const char *dtype();
  mws_extents shape();
  mws_extents strides();
  int ndim();
  uint64_t length();
  uint64_t nbytes();
  int itemsize();
  uint64_t offset();
  bool readonly();
  bool dense();

  mw_value get(mw_error *error, const mws_extents *indices);
  void set(mw_error *error, const mws_extents *at, mw_value value);
  mws_view *slice(mw_error *error, int dimension, uint64_t start, int64_t step, uint64_t count);
  mws_view *select(mw_error *error, int dimension, uint64_t index);
  mws_view *reshape(mw_error *error, const mws_extents *shape);

  void fill(mw_error *error, mw_value value);
  mws_bytes tobytes(mw_error *error);
  mws_elements tolist(mw_error *error);
  mws_elements take(mw_error *error, mws_numbers indices);
  void write(mw_error *error, const void *data, size_t size);
  void assign(mw_error *error, mws_numbers numbers);
  void copy_from(mw_error *error, mws_view *source);
  mw_value sum(mw_error *error);
  mw_value min(mw_error *error);
  mw_value max(mw_error *error);
  mws_offset index(mw_error *error, mw_value value, uint64_t start = 0);
  uint64_t count(mw_error *error, mw_value value);
  bool equals(mw_error *error, mws_view *other);
  mws_buffer buffer(mw_error *error);

  mw_value atomic_load(mw_error *error, uint64_t i);
  void atomic_store(mw_error *error, uint64_t i, mw_value value);
  mw_value atomic_add(mw_error *error, uint64_t i, mw_value n);
  mw_value atomic_sub(mw_error *error, uint64_t i, mw_value n);
  mw_value atomic_and(mw_error *error, uint64_t i, mw_value n);
  mw_value atomic_or(mw_error *error, uint64_t i, mw_value n);
  mw_value atomic_xor(mw_error *error, uint64_t i, mw_value n);
  mw_value atomic_exchange(mw_error *error, uint64_t i, mw_value value);
  mw_value atomic_compare_exchange(mw_error *error, uint64_t i, mw_value expected, mw_value value);
  bool wait(mw_error *error, uint64_t i, mw_value value, mw_deadline timeout = MW_DEADLINE_NEVER);
  uint64_t wake(mw_error *error, uint64_t i, mws_offset count = MWS_NOTHING);
}

/* ---- semaphores: those of POSIX and of System V (memwell/semaphore.h) */

%extend mws_semaphore {
  ~mws_semaphore() { mws_semaphore_free($self); }

  static mws_semaphore *create(const char *name, mw_error *error, uint64_t value = 0, const mws_options *options = NULL);
  static mws_semaphore *attach(const char *name, mw_error *error, const mws_options *options = NULL);
  static mws_semaphore *open(const char *name, mw_error *error, uint64_t value = 0, const mws_options *options = NULL);
  static mws_semaphore *at(mws_region *region, mw_error *error, uint64_t offset, mws_offset value = MWS_NOTHING);
  static mws_semaphore *sysv(int32_t key, mw_error *error, unsigned index = 0, const mws_options *options = NULL);
  static void unlink(const char *name, mw_error *error);
  static void sysv_remove(int32_t key, mw_error *error);

  void close();
  const char *kind();
  const char *name();
  bool closed();
  uint64_t value(mw_error *error);
  int32_t key(mw_error *error);
  int32_t id(mw_error *error);
  void sysv_unlink(mw_error *error);
  bool acquire(mw_error *error, mw_deadline timeout = MW_DEADLINE_NEVER);
  void release(mw_error *error, uint64_t n = 1);
}

/* ---- wells: named objects, and locks that survive kill -9 (memwell/well.h, mutex.h, robust_semaphore.h, event.h) */

%extend mws_well {
  ~mws_well() { mws_well_free($self); }

  static mws_well *create(const char *name, mw_error *error, uint64_t size, const mws_options *options = NULL);
  static mws_well *attach(const char *name, mw_error *error, const mws_options *options = NULL);
  static mws_well *open(const char *name, mw_error *error, uint64_t size, const mws_options *options = NULL);
  static mws_well *file(const char *path, mw_error *error, uint64_t size = 0, const mws_options *options = NULL);
  static void unlink(const char *name, mw_error *error);

  void close(mw_error *error);
  const char *name();
  uint64_t size();
  uint64_t available(mw_error *error);
  int slot(mw_error *error);
  bool readonly();
  bool closed();
  mws_region *region(mw_error *error);

  mws_view *array(mw_error *error, const char *name, const char *OPTIONAL_TEXT = NULL, const mws_extents *shape = NULL);
  mws_mutex *mutex(mw_error *error, const char *name, const mws_options *options = NULL);
  mws_robust_semaphore *semaphore(mw_error *error, const char *name, uint64_t capacity = 0, const mws_options *options = NULL);
  mws_event *event(mw_error *error, const char *name, const mws_options *options = NULL);
  void remove(mw_error *error, const char *name);
  mws_objects *objects(mw_error *error);
  mws_objects *held(mw_error *error, int slot);
  mws_participants *participants(mw_error *error);
  uint64_t reap(mw_error *error);
  uint64_t break_locks(mw_error *error, int slot);
  void check(mw_error *error);
}

%extend mws_mutex {
  ~mws_mutex() { mws_mutex_free($self); }

  const char *name();
  bool acquire(mw_error *error, mw_deadline timeout = MW_DEADLINE_NEVER);
  void release(mw_error *error);
  int recover_begin(mw_error *error, mw_deadline timeout = MW_DEADLINE_NEVER);
  void recover_end(mw_error *error, bool mended);
  int owner(mw_error *error);
  bool inconsistent(mw_error *error);
  bool held();
}

%extend mws_robust_semaphore {
  ~mws_robust_semaphore() { mws_robust_semaphore_free($self); }

  const char *name();
  uint64_t capacity();
  bool acquire(mw_error *error, mw_deadline timeout = MW_DEADLINE_NEVER);
  void release(mw_error *error, uint64_t n = 1);
  uint64_t value(mw_error *error);
  uint64_t held(mw_error *error);
}

%extend mws_event {
  ~mws_event() { mws_event_free($self); }

  const char *name();
  void set(mw_error *error);
  void clear(mw_error *error);
  bool is_set(mw_error *error);
  bool wait(mw_error *error, mw_watch *since, mw_deadline timeout = MW_DEADLINE_NEVER);
}

/* A language that makes plain values and lists of its own from them, all at once, defines MWS_PLAIN_VALUES. */
#ifndef MWS_PLAIN_VALUES

/* One object: owner and waiters of a lock, capacity and held of a semaphore, dtype and shape of an array. */
typedef struct {
  %immutable;
  char name[128];
  char kind[16];
  uint64_t offset;
  uint64_t size;
  int owner;
  bool inconsistent;
  unsigned waiters;
  unsigned capacity;
  unsigned held;
  %mutable;
} mws_object_info;

%extend mws_object_info {
  ~mws_object_info() { free($self); }
  const char *dtype();
  mws_extents shape();
}

%extend mws_objects {
  ~mws_objects() { mws_objects_free($self); }
  uint64_t length();
  mws_object_info at(mw_error *error, uint64_t i);
}

/* One attached process; its condition is "running", "stopped" or "dead". */
typedef struct {
  %immutable;
  int slot;
  int64_t pid;
  bool own;
  const char *condition;
  %mutable;
} mws_participant_info;

%extend mws_participant_info {
  ~mws_participant_info() { free($self); }
}

%extend mws_participants {
  ~mws_participants() { mws_participants_free($self); }
  uint64_t length();
  mws_participant_info at(mw_error *error, uint64_t i);
}

#endif

/* ---- the library */

const char *mw_version(void);
uint64_t mw_page_size(void);

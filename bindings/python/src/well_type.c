/* memwell.Well: the objects in it, and the end of its life. How one is made is in well_source.c, what it says of its objects and
 * participants in well_info.c. Main entry: mwpy_well_type_add.
 *
 * Whatever may wait for another process, be it for the moment in which that changes the directory, lets go of the GIL.
 *
 * SPDX-License-Identifier: MIT */
#include "well_type.h"

#include <limits.h>
#include <stddef.h>
#include <structmember.h>

#include "arguments.h"
#include "convert.h"
#include "errors.h"
#include "event_type.h"
#include "mutex_type.h"
#include "region_source.h"
#include "robust_semaphore_type.h"
#include "view_type.h"
#include "well_info.h"
#include "well_source.h"

mw_well *mwpy_well_handle(WellObject *self, const char *call) {
  if (self->handle == NULL) mwpy_raise_closed(self->state, call, "well", self->title);
  return self->handle;
}

/* ------------------------------------------------------------------ orders */

/* What is asked of the core, and what it gives, in one form for every call.
 *
 * name_owner   the bytes object behind `name`
 * the last few are results */
typedef struct order {
  PyObject *name_owner;
  const char *name;
  mw_dtype dtype;
  int ndim;
  uint64_t shape[MW_MAX_DIMENSIONS];
  unsigned capacity;
  unsigned flags;
  int slot;
  mw_view view;
  mw_mutex *mutex;
  mw_robust_semaphore *semaphore;
  mw_event *event;
  unsigned count;
} order;

typedef int (*order_call)(mw_well *well, order *order, mw_error *error);

/* A name that is not there is a KeyError; a system that lacks something is not. */
static PyObject *well_raise(mwpy_state *state, const mw_error *error) {
  if (error->status == MW_ENOENT && error->os_errno == 0) return mwpy_raise_as(PyExc_KeyError, error);
  if (error->status == MW_EBUSY) return mwpy_raise_as(PyExc_BlockingIOError, error);
  return mwpy_raise(state, error);
}

/* Make the call without the GIL, again after each signal. False with an exception set. */
static bool well_do(WellObject *self, const char *name, order_call call, order *order) {
  mw_well *handle = mwpy_well_handle(self, name);
  mw_error error;
  int status;
  if (handle == NULL) return false;
  mw_well_hold(handle);
  do {
    PyThreadState *thread = PyEval_SaveThread();
    status = call(handle, order, &error);
    PyEval_RestoreThread(thread);
  } while (mwpy_interrupted(status));
  mw_well_drop(handle);
  if (status < 0) well_raise(self->state, &error);
  return status >= 0;
}

static bool take_name(const char *call, PyObject *value, order *order) {
  order->name_owner = mwpy_convert_name(call, value);
  order->name = order->name_owner == NULL ? NULL : PyBytes_AsString(order->name_owner);
  return order->name != NULL;
}

static bool take_create(PyObject *value, order *order) {
  unsigned create = 0;
  if (!mwpy_convert_flag(value == NULL ? Py_True : value, 1, &create)) return false;
  if (create == 0) order->flags |= MW_MUST_EXIST;
  return true;
}

/* ------------------------------------------------------------------ the region and arrays in it */

/* The Region, which is made where nobody has it. New reference. */
static PyObject *well_region(WellObject *self, const char *call) {
  mw_well *handle = mwpy_well_handle(self, call);
  if (handle == NULL) return NULL;
  if (self->region != NULL) return Py_NewRef((PyObject *)self->region);
  self->region = (RegionObject *)mwpy_region_of_well(self->state, (PyObject *)self, mw_well_region(handle));
  return (PyObject *)self->region;
}

void mwpy_well_forget_region(PyObject *well) { ((WellObject *)well)->region = NULL; }

static int call_array(mw_well *well, order *order, mw_error *error) {
  return mw_well_array(well, order->name, order->dtype, order->ndim, order->shape, error, &order->view);
}

static int call_find_array(mw_well *well, order *order, mw_error *error) {
  return mw_well_find_array(well, order->name, error, &order->view);
}

/* Both, or neither. */
static bool take_elements(const char *call, PyObject *dtype, PyObject *shape, order *order) {
  bool is_typed = dtype != NULL && dtype != Py_None, is_shaped = shape != NULL && shape != Py_None;
  if (is_typed != is_shaped) {
    PyErr_Format(PyExc_TypeError, "%s: dtype and shape go together; the name alone finds an array that is there", call);
    return false;
  }
  return !is_typed ||
         (mwpy_convert_dtype(call, dtype, &order->dtype) && mwpy_convert_shape(call, shape, &order->ndim, order->shape));
}

static PyObject *well_array(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Well.array", 1, 3, {"name", "dtype", "shape"}};
  WellObject *self = (WellObject *)object;
  PyObject *values[3] = {NULL}, *region = NULL, *view = NULL;
  order order = {0};
  if (mwpy_arguments(&signature, args, nargs, kwnames, values) && take_elements(signature.call, values[1], values[2], &order) &&
      take_name(signature.call, values[0], &order) &&
      well_do(self, signature.call, order.ndim == 0 ? call_find_array : call_array, &order)) {
    region = well_region(self, signature.call);
  }
  if (region != NULL) view = mwpy_view_new((RegionObject *)region, &order.view);
  Py_XDECREF(region);
  Py_XDECREF(order.name_owner);
  return view;
}

/* ------------------------------------------------------------------ mutexes, semaphores, events */

static int call_mutex(mw_well *well, order *order, mw_error *error) {
  return mw_well_mutex(well, order->name, order->flags, error, &order->mutex);
}

static int call_semaphore(mw_well *well, order *order, mw_error *error) {
  return mw_well_semaphore(well, order->name, order->capacity, order->flags, error, &order->semaphore);
}

static int call_event(mw_well *well, order *order, mw_error *error) {
  return mw_well_event(well, order->name, order->flags, error, &order->event);
}

static bool check_recover(const char *call, PyObject *recover) {
  if (recover == NULL || recover == Py_None || PyCallable_Check(recover)) return true;
  PyErr_Format(PyExc_TypeError, "%s: recover is called when a holder died, and %R cannot be called", call, recover);
  return false;
}

static PyObject *well_mutex(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Well.mutex", 1, 1, {"name", "recover", "create"}};
  WellObject *self = (WellObject *)object;
  PyObject *values[3] = {NULL}, *mutex = NULL;
  order order = {0};
  if (mwpy_arguments(&signature, args, nargs, kwnames, values) && check_recover(signature.call, values[1]) &&
      take_create(values[2], &order) && take_name(signature.call, values[0], &order) &&
      well_do(self, signature.call, call_mutex, &order)) {
    mutex = mwpy_mutex_new(self, order.mutex, values[1] == Py_None ? NULL : values[1]);
  }
  Py_XDECREF(order.name_owner);
  return mutex;
}

/* The core takes 0 for whatever it has; here that is to leave it out, and a 0 is a mistake. */
static bool take_value(const char *call, PyObject *value, order *order) {
  if (value == NULL || value == Py_None) return true;
  if (!mwpy_convert_unsigned(call, "the value", value, &order->capacity)) return false;
  if (order->capacity == 0) PyErr_Format(PyExc_ValueError, "%s: a semaphore has 1 to %d permits, not 0", call, MW_MAX_PERMITS);
  return order->capacity > 0;
}

static PyObject *well_semaphore(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Well.semaphore", 1, 2, {"name", "value", "create"}};
  WellObject *self = (WellObject *)object;
  PyObject *values[3] = {NULL}, *semaphore = NULL;
  order order = {0};
  if (mwpy_arguments(&signature, args, nargs, kwnames, values) && take_value(signature.call, values[1], &order) &&
      take_create(values[2], &order) && take_name(signature.call, values[0], &order) &&
      well_do(self, signature.call, call_semaphore, &order)) {
    semaphore = mwpy_robust_semaphore_new(self, order.semaphore);
  }
  Py_XDECREF(order.name_owner);
  return semaphore;
}

static PyObject *well_event(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Well.event", 1, 1, {"name", "create"}};
  WellObject *self = (WellObject *)object;
  PyObject *values[2] = {NULL}, *event = NULL;
  order order = {0};
  if (mwpy_arguments(&signature, args, nargs, kwnames, values) && take_create(values[1], &order) &&
      take_name(signature.call, values[0], &order) && well_do(self, signature.call, call_event, &order)) {
    event = mwpy_event_new(self, order.event);
  }
  Py_XDECREF(order.name_owner);
  return event;
}

/* ------------------------------------------------------------------ the well as a whole */

static int call_delete(mw_well *well, order *order, mw_error *error) { return mw_well_delete(well, order->name, error); }

static int call_reap(mw_well *well, order *order, mw_error *error) { return mw_well_reap(well, error, &order->count); }

static int call_break_locks(mw_well *well, order *order, mw_error *error) {
  return mw_well_break_locks(well, order->slot, error, &order->count);
}

static int call_check(mw_well *well, order *order, mw_error *error) {
  (void)order;
  return mw_well_check(well, error);
}

static PyObject *well_delete(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Well.delete", 1, 1, {"name"}};
  PyObject *values[1] = {NULL};
  order order = {0};
  bool done = mwpy_arguments(&signature, args, nargs, kwnames, values) && take_name(signature.call, values[0], &order) &&
              well_do((WellObject *)object, signature.call, call_delete, &order);
  Py_XDECREF(order.name_owner);
  if (!done) return NULL;
  Py_RETURN_NONE;
}

static PyObject *well_reap(PyObject *object, PyObject *unused) {
  order order = {0};
  (void)unused;
  return well_do((WellObject *)object, "Well.reap", call_reap, &order) ? PyLong_FromUnsignedLong(order.count) : NULL;
}

static PyObject *well_break_locks(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Well.break_locks", 1, 1, {"slot"}};
  PyObject *values[1] = {NULL};
  order order = {0};
  unsigned slot = 0;
  if (!mwpy_arguments(&signature, args, nargs, kwnames, values) ||
      !mwpy_convert_unsigned(signature.call, "the slot", values[0], &slot)) {
    return NULL;
  }
  order.slot = slot < INT_MAX ? (int)slot : INT_MAX;
  if (!well_do((WellObject *)object, signature.call, call_break_locks, &order)) return NULL;
  return PyLong_FromUnsignedLong(order.count);
}

static PyObject *well_check(PyObject *object, PyObject *unused) {
  order order = {0};
  (void)unused;
  if (!well_do((WellObject *)object, "Well.check", call_check, &order)) return NULL;
  Py_RETURN_NONE;
}

/* ------------------------------------------------------------------ attributes */

static PyObject *title_if(PyObject *object, bool is_file) {
  WellObject *self = (WellObject *)object;
  return Py_NewRef(self->is_file == is_file ? self->title : Py_None);
}

static PyObject *well_get_name(PyObject *object, void *unused) {
  (void)unused;
  return title_if(object, false);
}

static PyObject *well_get_path(PyObject *object, void *unused) {
  (void)unused;
  return title_if(object, true);
}

static PyObject *well_get_size(PyObject *object, void *unused) {
  mw_well *handle = mwpy_well_handle((WellObject *)object, "Well.size");
  (void)unused;
  return handle == NULL ? NULL : PyLong_FromUnsignedLongLong(mw_well_size(handle));
}

static PyObject *well_get_free(PyObject *object, void *unused) {
  WellObject *self = (WellObject *)object;
  mw_well *handle = mwpy_well_handle(self, "Well.free");
  mw_error error;
  uint64_t size;
  (void)unused;
  if (handle == NULL) return NULL;
  return mw_well_free(handle, &error, &size) < 0 ? mwpy_raise(self->state, &error) : PyLong_FromUnsignedLongLong(size);
}

static PyObject *well_get_slot(PyObject *object, void *unused) {
  WellObject *self = (WellObject *)object;
  mw_well *handle = mwpy_well_handle(self, "Well.slot");
  mw_error error;
  int slot;
  (void)unused;
  if (handle == NULL) return NULL;
  if (self->is_observer) Py_RETURN_NONE;
  return mw_well_slot(handle, &error, &slot) < 0 ? mwpy_raise(self->state, &error) : PyLong_FromLong(slot);
}

static PyObject *well_get_readonly(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(((WellObject *)object)->is_observer);
}

static PyObject *well_get_closed(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(((WellObject *)object)->handle == NULL);
}

static PyObject *well_get_region(PyObject *object, void *unused) {
  (void)unused;
  return well_region((WellObject *)object, "Well.region");
}

static PyGetSetDef well_attributes[] = {
    {"name", well_get_name, NULL, "Its name, without a leading slash; None for one in a file.", NULL},
    {"path", well_get_path, NULL, "The path of its file, as it was given; None for one in memory.", NULL},
    {"size", well_get_size, NULL, "How many bytes it has in all.", NULL},
    {"free", well_get_free, NULL, "How many of its bytes are free for arrays, in however many pieces.", NULL},
    {"slot", well_get_slot, NULL, "This process's number in participants(); None for an observer, who has none.", NULL},
    {"readonly", well_get_readonly, NULL, "Whether it was attached to as an observer.", NULL},
    {"closed", well_get_closed, NULL, "Whether close() was called.", NULL},
    {"region", well_get_region, NULL, "The Region that it is in, to look at: what would change or close that is PermissionError.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ------------------------------------------------------------------ its end */

/* The handle is closed, and given back; so is the region for whoever has it. */
static void well_end(WellObject *self) {
  self->handle = NULL;
  if (self->region != NULL) mwpy_region_detach(self->region);
}

static void well_abandon(WellObject *self) {
  mw_well_abandon(self->handle);
  well_end(self);
}

void mwpy_well_unmake(WellObject *self) {
  if (self->handle != NULL) well_abandon(self);
  Py_DECREF((PyObject *)self);
}

static PyObject *well_close(PyObject *object, PyObject *unused) {
  WellObject *self = (WellObject *)object;
  mw_error error;
  (void)unused;
  if (self->handle == NULL) Py_RETURN_NONE;
  int status = mw_well_close(self->handle, &error);
  if (status == MW_EBUSY) return mwpy_raise_as(PyExc_RuntimeError, &error);
  if (status < 0) return mwpy_raise(self->state, &error);
  well_end(self);
  Py_RETURN_NONE;
}

static PyObject *well_enter(PyObject *object, PyObject *unused) {
  (void)unused;
  return mwpy_well_handle((WellObject *)object, "Well.__enter__") == NULL ? NULL : Py_NewRef(object);
}

/* close() is looked up, since a subclass may have its own. */
static PyObject *well_exit(PyObject *object, PyObject *const *args, Py_ssize_t nargs) {
  (void)args;
  (void)nargs;
  PyObject *result = PyObject_CallMethod(object, "close", NULL);
  if (result == NULL) return NULL;
  Py_DECREF(result);
  Py_RETURN_NONE;
}

static PyObject *well_repr(PyObject *object) {
  WellObject *self = (WellObject *)object;
  PyObject *type = PyType_GetName(Py_TYPE(object));
  PyObject *text = NULL;
  if (type == NULL) return NULL;
  if (self->handle == NULL) {
    text = PyUnicode_FromFormat("<memwell.%U %R, closed>", type, self->title);
  } else {
    text = PyUnicode_FromFormat("<memwell.%U %R, %llu bytes%s>", type, self->title, (unsigned long long)mw_well_size(self->handle),
                                self->is_observer ? ", observed" : "");
  }
  Py_DECREF(type);
  return text;
}

static PyObject *well_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
  (void)type;
  (void)args;
  (void)kwargs;
  return PyErr_Format(PyExc_TypeError, "a Well is made by Well.create, Well.attach, Well.open or Well.file");
}

/* A Well can be part of a cycle only through the __dict__ of a subclass, which clears that itself: there is no tp_clear. */
static int well_traverse(PyObject *object, visitproc visit, void *arg) {
  (void)arg;
  (void)visit;
  Py_VISIT(Py_TYPE(object));
  return 0;
}

/* Nobody closed it: say so, as files do, and leave what it holds to the others as our death would. */
static void well_finalize(PyObject *object) {
  WellObject *self = (WellObject *)object;
  if (self->handle == NULL) return;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (PyErr_ResourceWarning(object, 1, "unclosed well %R", object) < 0 && PyErr_ExceptionMatches(PyExc_Warning)) {
    PyErr_WriteUnraisable(object);
  }
  if (self->handle != NULL) well_abandon(self);
  PyErr_Restore(type, value, traceback);
}

/* The stable ABI lacks PyObject_CallFinalizerFromDealloc: the object lives again for the warning. True where it stays alive. */
static bool finalize_from_dealloc(PyObject *object) {
  Py_SET_REFCNT(object, 1);
  well_finalize(object);
  Py_SET_REFCNT(object, Py_REFCNT(object) - 1);
  return Py_REFCNT(object) > 0;
}

static void well_dealloc(PyObject *object) {
  WellObject *self = (WellObject *)object;
  PyTypeObject *type = Py_TYPE(object);
  if (self->handle != NULL && finalize_from_dealloc(object)) return;
  PyObject_GC_UnTrack(object);
  if (self->weakrefs != NULL) PyObject_ClearWeakRefs(object);
  Py_XDECREF(self->title);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

/* ------------------------------------------------------------------ the class */

#define CLASS_METHOD (METH_FASTCALL | METH_KEYWORDS | METH_CLASS)

static PyMethodDef well_methods[] = {
    {"create", MWPY_METHOD(mwpy_well_create), CLASS_METHOD,
     "create($type, name, size, *, permissions=0o600, temporary=False, slots=64,\n       objects=None)\n--\n\n"
     "Create a well in named memory, and attach to it.\n\n"
     "size       bytes in all; its tables take 128 for each slot and about 340 for\n"
     "           each object\n"
     "temporary  this process, never its children, unlinks it at close or exit\n"
     "slots      how many processes can be attached at once, at most 256\n"
     "objects    how many objects it can have; None: one for each 4096 bytes, at\n"
     "           least 16, at most 16384\n\n"
     "FileExistsError where the name is taken; ValueError for a size too small for its\n"
     "tables; OSError with ENOTSUP on a file system that cannot have one."},
    {"attach", MWPY_METHOD(mwpy_well_attach), CLASS_METHOD,
     "attach($type, name, *, timeout=0, readonly=False, any_owner=False)\n--\n\n"
     "Attach to a well that somebody made.\n\n"
     "Waits up to timeout seconds (None: for ever) for the name to appear; then\n"
     "FileNotFoundError. PermissionError where it belongs to another user, unless\n"
     "any_owner is true. FormatError where it is no well, of another version, or damaged;\n"
     "FullError where all its slots are in use.\n\n"
     "readonly  an observer: takes no slot, has no locks, changes nothing"},
    {"open", MWPY_METHOD(mwpy_well_open), CLASS_METHOD,
     "open($type, name, size, *, permissions=0o600, any_owner=False, slots=64,\n     objects=None)\n--\n\n"
     "Attach to a well, or create it: of many at once, exactly one creates.\n\n"
     "size, permissions, slots and objects are for a new one only. Otherwise the errors of\n"
     "create and attach."},
    {"file", MWPY_METHOD(mwpy_well_file), CLASS_METHOD,
     "file($type, path, size=None, *, permissions=0o600, readonly=False, slots=64,\n     objects=None)\n--\n\n"
     "A well in a file, which survives a restart of the machine: attach, or create where\n"
     "there is no such file and a size is given.\n\n"
     "The first to attach after a restart checks all of it: FormatError where that finds\n"
     "damage, but for an observer (readonly). FileNotFoundError where there is no such\n"
     "file and no size; the other errors of create and attach."},
    {"unlink", MWPY_METHOD(mwpy_well_unlink), METH_STATIC | METH_FASTCALL | METH_KEYWORDS,
     "unlink(name, *, missing_ok=False)\n--\n\n"
     "Remove the name of a well in memory. Those who are attached stay so."},
    {"array", MWPY_METHOD(well_array), METH_FASTCALL | METH_KEYWORDS,
     "array($self, name, dtype=None, shape=None)\n--\n\n"
     "Find an array, or create it, full of zeros; a View.\n\n"
     "The name alone finds: KeyError where there is none. With dtype and shape, KindError\n"
     "where the name is something else; FullError where there is no room."},
    {"mutex", MWPY_METHOD(well_mutex), METH_FASTCALL | METH_KEYWORDS,
     "mutex($self, name, *, recover=None, create=True)\n--\n\n"
     "Find a mutex, or create it, free.\n\n"
     "recover  called, holding it, by an acquire that finds that its holder died: it\n"
     "         mends what that left half done. See Mutex\n\n"
     "KeyError where create is false and there is none; KindError where the name is\n"
     "another kind of object; FullError."},
    {"semaphore", MWPY_METHOD(well_semaphore), METH_FASTCALL | METH_KEYWORDS,
     "semaphore($self, name, value=None, *, create=True)\n--\n\n"
     "Find a semaphore, or create it with so many permits, all free.\n\n"
     "The name alone finds: KeyError where there is none, or create is false. KindError\n"
     "where the name is another kind of object or has another capacity; FullError."},
    {"event", MWPY_METHOD(well_event), METH_FASTCALL | METH_KEYWORDS,
     "event($self, name, *, create=True)\n--\n\n"
     "Find an event, or create it, clear.\n\n"
     "KeyError where create is false and there is none; KindError where the name is\n"
     "another kind of object; FullError."},
    {"objects", mwpy_well_objects, METH_NOARGS,
     "objects($self)\n--\n\nWhat is in it: a list of ObjectInfo, in no order that means anything."},
    {"participants", mwpy_well_participants, METH_NOARGS,
     "participants($self)\n--\n\nWho is attached, and what they hold: a list of ParticipantInfo, by slot."},
    {"delete", MWPY_METHOD(well_delete), METH_FASTCALL | METH_KEYWORDS,
     "delete($self, name)\n--\n\n"
     "Delete an object: its handles raise ClosedError from now on, in every process;\n"
     "views of an array stay.\n\n"
     "Its name is free at once, its memory when every process that is attached now has\n"
     "gone. KeyError where there is none; BlockingIOError while somebody holds it."},
    {"reap", well_reap, METH_NOARGS,
     "reap($self)\n--\n\n"
     "Give back all that the dead hold, now, rather than when somebody next waits for\n"
     "it. Returns how many processes were found dead."},
    {"break_locks", MWPY_METHOD(well_break_locks), METH_FASTCALL | METH_KEYWORDS,
     "break_locks($self, slot)\n--\n\n"
     "A person's decision: give back what a process holds though it lives, as its death\n"
     "would. Returns how many locks and permits that were.\n\n"
     "For a process that is stopped and stays so: one that goes on works in what others\n"
     "have taken over, until its release is an error. KeyError where nobody is attached\n"
     "there; ValueError for this process's own slot."},
    {"check", well_check, METH_NOARGS, "check($self)\n--\n\nLook at every structure in it; FormatError says what is damaged."},
    {"close", well_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "End the use of it: views, mutexes, semaphores and events of it raise ClosedError\n"
     "from now on. The last of the process's wells of this name leaves the well.\n\n"
     "RuntimeError, and nothing is changed, where this process still holds something in\n"
     "it. A second close does nothing."},
    {"__enter__", well_enter, METH_NOARGS, "__enter__($self)\n--\n\nThe well itself."},
    {"__exit__", MWPY_METHOD(well_exit), METH_FASTCALL, "__exit__($self, /, *exc)\n--\n\nClose it."},
    {"__reduce__", mwpy_well_reduce, METH_NOARGS,
     "__reduce__($self)\n--\n\n"
     "Pickle the name or path with device and inode, not the contents.\n\n"
     "Loading attaches to the same well, or raises FileNotFoundError."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef well_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(WellObject, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(well_doc, "Named memory, or a file, that describes itself: in it are named objects (arrays, mutexes,\n"
                       "semaphores, events), the memory for them, and the list of the processes attached.\n\n"
                       "Made by Well.create, attach, open and file. When a process dies, even by kill -9, what\n"
                       "it held comes back. A process has one slot however often it attaches, and a child that\n"
                       "is forked has its own: it holds nothing of what its parent holds.\n\n"
                       "Use it in a with statement, or close it. Every call raises ClosedError after that.");

static PyType_Slot well_slots[] = {
    MWPY_TEXT(Py_tp_doc, well_doc),           {Py_tp_methods, well_methods},
    {Py_tp_getset, well_attributes},          {Py_tp_members, well_members},
    MWPY_SLOT(Py_tp_new, well_new),           MWPY_SLOT(Py_tp_dealloc, well_dealloc),
    MWPY_SLOT(Py_tp_finalize, well_finalize), MWPY_SLOT(Py_tp_traverse, well_traverse),
    MWPY_SLOT(Py_tp_repr, well_repr),         {0, NULL},
};

static PyType_Spec well_spec = {
    .name = "memwell.Well",
    .basicsize = sizeof(WellObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = well_slots,
};

bool mwpy_well_type_add(PyObject *module, mwpy_state *state) {
  state->well_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &well_spec, NULL);
  return state->well_type != NULL && PyModule_AddType(module, state->well_type) == 0 && mwpy_well_info_add(module, state);
}

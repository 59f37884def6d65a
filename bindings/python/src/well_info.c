/* Lists of what is in a well and of who is attached. Readers take no lock, so the GIL is kept.
 *
 * SPDX-License-Identifier: MIT */
#include "well_info.h"

#include <string.h>

#include "convert.h"
#include "errors.h"
#include "well_type.h"

/* ------------------------------------------------------------------ the types */

static PyStructSequence_Field object_fields[] = {
    {"name", "its name"},
    {"kind", "\"array\", \"mutex\", \"semaphore\", \"event\", or \"kind N\" of a later version"},
    {"offset", "of its memory in the region"},
    {"size", "in bytes"},
    {"owner", "of a mutex: the slot that holds it, or None"},
    {"waiters", "threads that sleep for it now; more than 16 of one process are counted as 16"},
    {"inconsistent", "of a mutex: whether its holder died, and nobody has mended what that left"},
    {"dtype", "of an array, else None"},
    {"shape", "of an array, else None"},
    {"capacity", "of a semaphore: how many permits it has; else None"},
    {"held", "of a semaphore: how many permits are out; else None"},
    {NULL, NULL},
};

static PyStructSequence_Field participant_fields[] = {
    {"slot", "its number in the well"},
    {"pid", "as it sees itself; in a container that is not what others see"},
    {"state", "\"running\", \"stopped\" (by SIGSTOP or a debugger), or \"dead\" and not reaped yet"},
    {"holds", "the names of the mutexes that it holds, and of the semaphores of which it has permits"},
    {"self", "whether it is this process"},
    {NULL, NULL},
};

static PyStructSequence_Desc object_description = {"memwell.ObjectInfo", "An object in a well, as it was when it was asked for.",
                                                   object_fields, 11};
static PyStructSequence_Desc participant_description = {
    "memwell.ParticipantInfo", "A process that is attached to a well, as it was when it was asked for.", participant_fields, 5};

bool mwpy_well_info_add(PyObject *module, mwpy_state *state) {
  state->object_info_type = PyStructSequence_NewType(&object_description);
  if (state->object_info_type == NULL || PyModule_AddType(module, state->object_info_type) < 0) return false;
  state->participant_info_type = PyStructSequence_NewType(&participant_description);
  return state->participant_info_type != NULL && PyModule_AddType(module, state->participant_info_type) == 0;
}

/* A named tuple of these values, whose references it takes; NULL where one of them is. */
static PyObject *named_tuple(PyTypeObject *type, PyObject *const *values, Py_ssize_t count) {
  PyObject *tuple = PyErr_Occurred() ? NULL : PyStructSequence_New(type);
  for (Py_ssize_t i = 0; i < count; i++) {
    if (tuple != NULL) {
      PyStructSequence_SetItem(tuple, i, values[i]);
    } else {
      Py_XDECREF(values[i]);
    }
  }
  return tuple;
}

/* Put one more into a list, whose reference to it this takes. */
static bool append(PyObject *list, PyObject *item) {
  bool done = item != NULL && PyList_Append(list, item) == 0;
  Py_XDECREF(item);
  return done;
}

/* ------------------------------------------------------------------ objects */

static bool is_a(const mw_object_info *info, const char *kind) { return strcmp(info->kind, kind) == 0; }

static PyObject *none_unless(bool is_there, PyObject *(*make)(const mw_object_info *info), const mw_object_info *info) {
  return is_there ? make(info) : Py_NewRef(Py_None);
}

static PyObject *owner_of(const mw_object_info *info) { return PyLong_FromLong(info->owner); }
static PyObject *dtype_of(const mw_object_info *info) { return PyUnicode_FromString(mw_dtype_name(info->dtype)); }
static PyObject *shape_of(const mw_object_info *info) { return mwpy_from_extents(info->ndim, info->shape); }
static PyObject *capacity_of(const mw_object_info *info) { return PyLong_FromUnsignedLong(info->capacity); }
static PyObject *held_of(const mw_object_info *info) { return PyLong_FromUnsignedLong(info->held); }

static PyObject *from_object(mwpy_state *state, const mw_object_info *info) {
  bool is_array = is_a(info, "array"), is_semaphore = is_a(info, "semaphore");
  PyObject *values[] = {
      PyUnicode_DecodeFSDefault(info->name),
      PyUnicode_FromString(info->kind),
      PyLong_FromUnsignedLongLong(info->offset),
      PyLong_FromUnsignedLongLong(info->size),
      none_unless(is_a(info, "mutex") && info->owner >= 0, owner_of, info),
      PyLong_FromUnsignedLong(info->waiters),
      PyBool_FromLong(info->inconsistent),
      none_unless(is_array, dtype_of, info),
      none_unless(is_array, shape_of, info),
      none_unless(is_semaphore, capacity_of, info),
      none_unless(is_semaphore, held_of, info),
  };
  return named_tuple(state->object_info_type, values, sizeof values / sizeof values[0]);
}

/* ------------------------------------------------------------------ participants */

/* The names of what a slot holds: a tuple. */
static PyObject *held_by(mwpy_state *state, mw_well *handle, int slot) {
  PyObject *names = PyList_New(0);
  mw_object_info info;
  mw_error error;
  uint32_t cursor = 0;
  int status = 0;
  while (names != NULL && (status = mw_well_next_held(handle, slot, &cursor, &error, &info)) > 0) {
    if (!append(names, PyUnicode_DecodeFSDefault(info.name))) Py_CLEAR(names);
  }
  if (names != NULL && status < 0) mwpy_raise(state, &error);
  PyObject *tuple = names == NULL || status < 0 ? NULL : PyList_AsTuple(names);
  Py_XDECREF(names);
  return tuple;
}

static PyObject *from_participant(mwpy_state *state, mw_well *handle, const mw_participant_info *info) {
  static const char *const states[] = {[MW_RUNNING] = "running", [MW_STOPPED] = "stopped", [MW_DEAD] = "dead"};
  PyObject *values[] = {
      PyLong_FromLong(info->slot),        PyLong_FromLongLong(info->pid), PyUnicode_InternFromString(states[info->state]),
      held_by(state, handle, info->slot), PyBool_FromLong(info->self),
  };
  return named_tuple(state->participant_info_type, values, sizeof values / sizeof values[0]);
}

/* ------------------------------------------------------------------ lists */

/* One more: 1 with *out_item, NULL where Python failed; 0 at the end; or what the core says. */
typedef int (*next_call)(mwpy_state *state, mw_well *handle, uint32_t *cursor, mw_error *error, PyObject **out_item);

static int next_object(mwpy_state *state, mw_well *handle, uint32_t *cursor, mw_error *error, PyObject **out_item) {
  mw_object_info info;
  int status = mw_well_next_object(handle, cursor, error, &info);
  if (status > 0) *out_item = from_object(state, &info);
  return status;
}

static int next_participant(mwpy_state *state, mw_well *handle, uint32_t *cursor, mw_error *error, PyObject **out_item) {
  mw_participant_info info;
  int status = mw_well_next_participant(handle, cursor, error, &info);
  if (status > 0) *out_item = from_participant(state, handle, &info);
  return status;
}

static PyObject *list_of(WellObject *self, const char *call, next_call next) {
  mw_well *handle = mwpy_well_handle(self, call);
  PyObject *list = handle == NULL ? NULL : PyList_New(0);
  if (list == NULL) return NULL;
  mw_well_hold(handle);
  mw_error error;
  uint32_t cursor = 0;
  PyObject *item = NULL;
  int status;
  while ((status = next(self->state, handle, &cursor, &error, &item)) > 0) {
    if (append(list, item)) continue;
    Py_CLEAR(list);
    break;
  }
  mw_well_drop(handle);
  if (status >= 0) return list;
  Py_DECREF(list);
  return mwpy_raise(self->state, &error);
}

PyObject *mwpy_well_objects(PyObject *object, PyObject *unused) {
  (void)unused;
  return list_of((WellObject *)object, "Well.objects", next_object);
}

PyObject *mwpy_well_participants(PyObject *object, PyObject *unused) {
  (void)unused;
  return list_of((WellObject *)object, "Well.participants", next_participant);
}

/* memwell.Event. Main entry: mwpy_event_type_add.
 *
 * SPDX-License-Identifier: MIT */
#include "event_type.h"

#include "errors.h"
#include "watch_type.h"

static mwpy_state *state_of(const EventObject *self) { return self->member.state; }

/* ------------------------------------------------------------------ set, clear and wait */

static PyObject *event_change(PyObject *object, int (*call)(mw_event *event, mw_error *error)) {
  EventObject *self = (EventObject *)object;
  mw_error error;
  if (call(self->handle, &error) < 0) return mwpy_raise(state_of(self), &error);
  Py_RETURN_NONE;
}

static PyObject *event_set(PyObject *object, PyObject *unused) {
  (void)unused;
  return event_change(object, mw_event_set);
}

static PyObject *event_clear(PyObject *object, PyObject *unused) {
  (void)unused;
  return event_change(object, mw_event_clear);
}

static PyObject *event_is_set(PyObject *object, PyObject *unused) {
  EventObject *self = (EventObject *)object;
  mw_error error;
  bool is_set;
  (void)unused;
  if (mw_event_is_set(self->handle, &error, &is_set) < 0) return mwpy_raise(state_of(self), &error);
  return PyBool_FromLong(is_set);
}

/* A wait of several calls of the core. */
typedef struct waiting {
  mw_event *event;
  mw_watch since;
} waiting;

static int call_wait(void *handle, mw_deadline deadline, mw_error *error) {
  waiting *self = handle;
  return mw_event_wait_since(self->event, &self->since, deadline, error);
}

static PyObject *event_wait(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Event.wait", 0, 1, {"timeout"}};
  EventObject *self = (EventObject *)object;
  mw_error error;
  double seconds;
  if (!mwpy_well_member_timeout(&signature, args, nargs, kwnames, &seconds)) return NULL;
  int status = mwpy_well_member_wait(call_wait, &(waiting){.event = self->handle}, seconds, &error);
  if (status < 0 && status != MW_ETIMEDOUT) return mwpy_raise(state_of(self), &error);
  return PyBool_FromLong(status == 0);
}

/* ------------------------------------------------------------------ beside asyncio */

static PyObject *event_wait_async(PyObject *object, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
  static const mwpy_signature signature = {"Event.wait_async", 0, 1, {"timeout"}};
  return mwpy_well_member_await(&signature, object, args, nargs, kwnames);
}

static PyObject *event_watch(PyObject *object, PyObject *unused) {
  EventObject *self = (EventObject *)object;
  mw_watch watch;
  mw_error error;
  (void)unused;
  if (mw_event_watch(self->handle, &error, &watch) < 0) return mwpy_raise(state_of(self), &error);
  return mwpy_watch_new(state_of(self), object, watch);
}

/* Whether it is set, or was since `watch`, the one before the last, was made. */
static PyObject *event_try(PyObject *object, PyObject *watch) {
  EventObject *self = (EventObject *)object;
  if (watch != Py_None) {
    const mw_watch *earlier = mwpy_watch_of(state_of(self), watch);
    if (earlier == NULL) return NULL;
    if (mw_event_was_set(self->handle, earlier)) Py_RETURN_TRUE;
  }
  return event_is_set(object, NULL);
}

/* ------------------------------------------------------------------ attributes and the rest */

static PyGetSetDef event_attributes[] = {
    MWPY_MEMBER_ATTRIBUTES,
    {NULL, NULL, NULL, NULL, NULL},
};

static PyObject *event_repr(PyObject *object) {
  bool is_set;
  if (mw_event_is_set(((EventObject *)object)->handle, NULL, &is_set) < 0) return mwpy_well_member_repr(object, NULL);
  return mwpy_well_member_repr(object, is_set ? "set" : "clear");
}

static PyObject *event_reduce(PyObject *object, PyObject *unused) {
  (void)unused;
  return mwpy_well_member_reduce(object, "event", NULL);
}

/* ------------------------------------------------------------------ life and class */

PyObject *mwpy_event_new(WellObject *well, mw_event *handle) {
  PyObject *object = mwpy_well_member_new(well->state->event_type, well, mw_event_name(handle));
  if (object == NULL) {
    mw_event_drop(handle);
  } else {
    ((EventObject *)object)->handle = handle;
  }
  return object;
}

static void event_dealloc(PyObject *object) {
  EventObject *self = (EventObject *)object;
  PyObject_GC_UnTrack(object);
  if (self->member.weakrefs != NULL) PyObject_ClearWeakRefs(object);
  mw_event_drop(self->handle);
  mwpy_well_member_free(object);
}

static PyMethodDef event_methods[] = {
    {"set", event_set, METH_NOARGS, "set($self)\n--\n\nSet the flag, and wake all who wait. Twice is fine."},
    {"clear", event_clear, METH_NOARGS, "clear($self)\n--\n\nClear the flag. Twice is fine."},
    {"is_set", event_is_set, METH_NOARGS, "is_set($self)\n--\n\nWhether the flag is set: a look at memory, no system call."},
    {"wait", MWPY_METHOD(event_wait), METH_FASTCALL | METH_KEYWORDS,
     "wait($self, timeout=None)\n--\n\n"
     "Wait until the flag is set. Who waits while it is set is told, even if it is cleared\n"
     "again at once.\n\n"
     "Returns False where timeout seconds passed first; None waits for ever, 0 does not\n"
     "wait. The clock is monotonic, other threads run meanwhile, and Ctrl-C works."},
    {"wait_async", MWPY_METHOD(event_wait_async), METH_FASTCALL | METH_KEYWORDS,
     "wait_async($self, timeout=None)\n--\n\nwait(), to be awaited beside asyncio."},
    {"_try", event_try, METH_O, "_try($self, watch, /)\n--\n\nWhether it is set, or was since this earlier watch was made."},
    {"_watch", event_watch, METH_NOARGS, "_watch($self)\n--\n\nSay that somebody will sleep for it, and where."},
    MWPY_MEMBER_REDUCE(event_reduce),
    {NULL, NULL, 0, NULL},
};

static PyMemberDef event_members[] = {
    MWPY_MEMBER_WEAKREFS,
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(event_doc, "A flag that processes wait for; made by Well.event.\n\n"
                        "It has no owner, and a process that dies leaves it as it is.");

static PyType_Slot event_slots[] = {
    MWPY_TEXT(Py_tp_doc, event_doc),
    {Py_tp_methods, event_methods},
    {Py_tp_getset, event_attributes},
    {Py_tp_members, event_members},
    MWPY_SLOT(Py_tp_new, mwpy_well_member_refuse),
    MWPY_SLOT(Py_tp_dealloc, event_dealloc),
    MWPY_SLOT(Py_tp_traverse, mwpy_well_member_traverse),
    MWPY_SLOT(Py_tp_repr, event_repr),
    {0, NULL},
};

static PyType_Spec event_spec = {
    .name = "memwell.Event",
    .basicsize = sizeof(EventObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = event_slots,
};

bool mwpy_event_type_add(PyObject *module, mwpy_state *state) {
  state->event_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &event_spec, NULL);
  return state->event_type != NULL && PyModule_AddType(module, state->event_type) == 0;
}

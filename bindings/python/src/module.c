/* The extension module memwell._memwell: it makes the types and the exceptions, and knows nothing else. memwell/__init__.py
 * shows them to the world.
 *
 * One binary serves CPython 3.11 and all later versions (the stable ABI), so the slots that came with later versions are chosen
 * when it is loaded, not when it is compiled. Main entry: PyInit__memwell.
 *
 * SPDX-License-Identifier: MIT */
#include "module.h"

#include <stdbool.h>

#include "errors.h"
#include "event_type.h"
#include "memwell.h"
#include "mutex_type.h"
#include "region_pickle.h"
#include "region_source.h"
#include "region_type.h"
#include "robust_semaphore_type.h"
#include "semaphore_source.h"
#include "semaphore_type.h"
#include "view_type.h"
#include "watch_type.h"
#include "well_member.h"
#include "well_source.h"
#include "well_type.h"

static int module_exec(PyObject *module) {
  mwpy_state *state = PyModule_GetState(module);
  if (!mwpy_errors_add(module, state) || !mwpy_region_type_add(module, state) || !mwpy_view_type_add(module, state) ||
      !mwpy_semaphore_type_add(module, state) || !mwpy_well_type_add(module, state) || !mwpy_mutex_type_add(module, state) ||
      !mwpy_robust_semaphore_type_add(module, state) || !mwpy_event_type_add(module, state) ||
      !mwpy_watch_type_add(module, state)) {
    return -1;
  }
  PyObject *page_size = PyLong_FromUnsignedLongLong(mw_page_size());
  int status = page_size == NULL ? -1 : PyModule_AddObjectRef(module, "PAGE_SIZE", page_size);
  Py_XDECREF(page_size);
  return status < 0 ? -1 : PyModule_AddStringConstant(module, "__version__", mw_version());
}

static int module_traverse(PyObject *module, visitproc visit, void *arg) {
  mwpy_state *state = PyModule_GetState(module);
  Py_VISIT(state->region_type);
  Py_VISIT(state->view_type);
  Py_VISIT(state->view_iterator_type);
  Py_VISIT(state->span_iterator_type);
  Py_VISIT(state->semaphore_type);
  Py_VISIT(state->well_type);
  Py_VISIT(state->object_info_type);
  Py_VISIT(state->participant_info_type);
  Py_VISIT(state->mutex_type);
  Py_VISIT(state->recovery_type);
  Py_VISIT(state->robust_semaphore_type);
  Py_VISIT(state->event_type);
  Py_VISIT(state->watch_type);
  Py_VISIT(state->bell_type);
  Py_VISIT(state->error);
  Py_VISIT(state->closed_error);
  Py_VISIT(state->format_error);
  Py_VISIT(state->fault_error);
  Py_VISIT(state->owner_died_error);
  Py_VISIT(state->kind_error);
  Py_VISIT(state->full_error);
  return 0;
}

static int module_clear(PyObject *module) {
  mwpy_state *state = PyModule_GetState(module);
  Py_CLEAR(state->region_type);
  Py_CLEAR(state->view_type);
  Py_CLEAR(state->view_iterator_type);
  Py_CLEAR(state->span_iterator_type);
  Py_CLEAR(state->semaphore_type);
  Py_CLEAR(state->well_type);
  Py_CLEAR(state->object_info_type);
  Py_CLEAR(state->participant_info_type);
  Py_CLEAR(state->mutex_type);
  Py_CLEAR(state->recovery_type);
  Py_CLEAR(state->robust_semaphore_type);
  Py_CLEAR(state->event_type);
  Py_CLEAR(state->watch_type);
  Py_CLEAR(state->bell_type);
  Py_CLEAR(state->error);
  Py_CLEAR(state->closed_error);
  Py_CLEAR(state->format_error);
  Py_CLEAR(state->fault_error);
  Py_CLEAR(state->owner_died_error);
  Py_CLEAR(state->kind_error);
  Py_CLEAR(state->full_error);
  return 0;
}

static void module_free(void *module) { module_clear((PyObject *)module); }

/* ftok, the functions that pickles name, and where memwell._waiting sleeps. */
static PyMethodDef module_methods[] = {
    {"ftok", MWPY_METHOD(mwpy_ftok), METH_FASTCALL | METH_KEYWORDS,
     "ftok(path, project)\n--\n\n"
     "The System V key that ftok(3) makes of an existing file and a project, 1 to 255.\n\n"
     "Two files may give the same key: create with how='create', which notices. OSError\n"
     "where the file is not there or may not be looked at, ValueError for the project."},
    {"_reopen_region", MWPY_METHOD(mwpy_region_reopen), METH_FASTCALL, NULL},
    {"_reopen_view", MWPY_METHOD(mwpy_view_reopen), METH_FASTCALL, NULL},
    {"_reopen_semaphore", MWPY_METHOD(mwpy_semaphore_reopen), METH_FASTCALL, NULL},
    {"_reopen_well", MWPY_METHOD(mwpy_well_reopen), METH_FASTCALL, NULL},
    {"_reopen_member", MWPY_METHOD(mwpy_well_member_reopen), METH_FASTCALL, NULL},
    {"_watch_wait", MWPY_METHOD(mwpy_watch_wait), METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(module_doc, "The native half of memwell; import memwell instead.");

/* Py_mod_multiple_interpreters and Py_MOD_PER_INTERPRETER_GIL_SUPPORTED, which the headers of 3.11 do not have. */
enum { SLOT_MULTIPLE_INTERPRETERS = 3 };
#define PER_INTERPRETER_GIL ((void *)2)

static PyModuleDef_Slot slots_of_3_11[] = {
    MWPY_SLOT(Py_mod_exec, module_exec),
    {0, NULL},
};

static PyModuleDef_Slot slots_since_3_12[] = {
    MWPY_SLOT(Py_mod_exec, module_exec),
    {SLOT_MULTIPLE_INTERPRETERS, PER_INTERPRETER_GIL},
    {0, NULL},
};

#define MODULE_DEFINITION(slots)                                                                                                  \
  {                                                                                                                               \
    .m_base = PyModuleDef_HEAD_INIT, .m_name = "_memwell", .m_doc = module_doc, .m_size = sizeof(mwpy_state),                     \
    .m_methods = module_methods, .m_slots = slots, .m_traverse = module_traverse, .m_clear = module_clear, .m_free = module_free, \
  }

static struct PyModuleDef definition_of_3_11 = MODULE_DEFINITION(slots_of_3_11);
static struct PyModuleDef definition_since_3_12 = MODULE_DEFINITION(slots_since_3_12);

static bool is_ours(PyObject *module) {
  PyModuleDef *definition = module == NULL ? NULL : PyModule_GetDef(module);
  return definition == &definition_of_3_11 || definition == &definition_since_3_12;
}

/* The stable ABI of 3.11 has no PyType_GetModuleByDef, and class methods that are told who defines them (METH_METHOD) show no
 * docstring. Our classes add fields, so that a subclass always has one of them on its line of tp_base. */
mwpy_state *mwpy_state_of(PyTypeObject *type) {
  PyObject *module = PyType_GetModule(type);
  while (!is_ours(module)) {
    PyErr_Clear();
    type = PyType_GetSlot(type, Py_tp_base);
    module = PyType_GetModule(type);
  }
  return PyModule_GetState(module);
}

PyMODINIT_FUNC PyInit__memwell(void) {
  /* A slot that the running interpreter does not know makes the import fail. */
  return PyModuleDef_Init(Py_Version < 0x030C0000 ? &definition_of_3_11 : &definition_since_3_12);
}

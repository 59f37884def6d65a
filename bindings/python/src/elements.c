/* Many elements at once. Main entries: mwpy_elements_assign, mwpy_elements_to_list, mwpy_elements_take.
 *
 * SPDX-License-Identifier: MIT */
#include "elements.h"

#include "convert.h"
#include "errors.h"
#include "view_type.h"

/* How many elements go by between two looks at the signals. */
#define ELEMENTS_PER_LOOK ((uint64_t)1 << 20)

static bool raise_status(RegionObject *region, int status, const mw_error *error) {
  if (status < 0) mwpy_raise(region->state, error);
  return status == 0;
}

static bool no_memory(void) {
  PyErr_NoMemory();
  return false;
}

/* ------------------------------------------------------------------ writing */

bool mwpy_elements_write(RegionObject *region, const char *call, const mw_view *target, const void *data) {
  mw_region *handle = mwpy_region_hold(region, call);
  if (handle == NULL) return false;
  uint64_t size = mw_view_nbytes(target);
  mw_error error;
  PyThreadState *thread = mwpy_threads_begin(size);
  int status = mw_view_write(target, data, size, &error);
  mwpy_threads_end(thread);
  mw_region_drop(handle);
  return raise_status(region, status, &error);
}

/* ------------------------------------------------------------------ from a view */

static bool assign_view(RegionObject *region, const char *call, const mw_view *target, ViewObject *source) {
  mw_region *from = mwpy_region_hold(source->region, call);
  if (from == NULL) return false;
  mw_region *to = mwpy_region_hold(region, call);
  bool done = false;
  if (to != NULL) {
    mw_error error;
    PyThreadState *thread = mwpy_threads_begin(mw_view_nbytes(target));
    int status = mw_view_copy(target, &source->view, &error);
    mwpy_threads_end(thread);
    mw_region_drop(to);
    done = raise_status(region, status, &error);
  }
  mw_region_drop(from);
  return done;
}

/* ------------------------------------------------------------------ from a buffer */

static bool buffer_dtype(const char *call, const Py_buffer *buffer, mw_dtype *out_dtype) {
  const char *format = buffer->format == NULL ? "B" : buffer->format;
  mw_error error;
  if (mw_dtype_parse(format, &error, out_dtype) == 0 && mw_dtype_size(*out_dtype) == (size_t)buffer->itemsize) return true;
  PyErr_Format(PyExc_TypeError, "%s: a buffer of format '%s' has no elements that a view can take", call, format);
  return false;
}

static bool buffer_has_shape(const char *call, const Py_buffer *buffer, const mw_view *target) {
  bool same = buffer->ndim == target->ndim;
  for (int i = 0; same && i < target->ndim; i++) same = (uint64_t)buffer->shape[i] == target->shape[i];
  if (same) return true;
  if (buffer->ndim == 0) {
    PyErr_Format(PyExc_TypeError, "%s: expected a buffer or a sequence, not a single value; fill() sets every element to one value",
                 call);
    return false;
  }
  PyObject *expected = mwpy_from_extents(target->ndim, target->shape);
  PyObject *got = mwpy_from_extents(buffer->ndim, (const uint64_t *)buffer->shape);
  if (expected != NULL && got != NULL) PyErr_Format(PyExc_ValueError, "%s: the shape is %R, the buffer's %R", call, expected, got);
  Py_XDECREF(expected);
  Py_XDECREF(got);
  return false;
}

/* `count` elements from one dtype to another, or the status of the first that does not fit. */
static int convert_elements(mw_dtype from, const char *source, mw_dtype to, char *target, uint64_t count, mw_error *error) {
  size_t step_from = mw_dtype_size(from), step_to = mw_dtype_size(to);
  int status = 0;
  for (uint64_t i = 0; i < count && status == 0; i++) {
    status = mw_dtype_store(to, target + i * step_to, mw_dtype_load(from, source + i * step_from), error);
  }
  return status;
}

static bool write_converted(RegionObject *region, const char *call, const mw_view *target, mw_dtype dtype, const void *dense) {
  uint64_t size = mw_view_nbytes(target);
  char *copy = PyMem_Malloc(size > 0 ? (size_t)size : 1);
  if (copy == NULL) return no_memory();
  mw_error error;
  PyThreadState *thread = mwpy_threads_begin(size);
  int status = convert_elements(dtype, dense, target->dtype, copy, mw_view_count(target), &error);
  mwpy_threads_end(thread);
  if (status < 0) mwpy_raise_in(region->state, call, &error);
  bool done = status == 0 && mwpy_elements_write(region, call, target, copy);
  PyMem_Free(copy);
  return done;
}

static bool write_dense(RegionObject *region, const char *call, const mw_view *target, mw_dtype dtype, const void *dense) {
  if (dtype == target->dtype) return mwpy_elements_write(region, call, target, dense);
  return write_converted(region, call, target, dtype, dense);
}

static bool write_buffer(RegionObject *region, const char *call, const mw_view *target, const Py_buffer *buffer) {
  mw_dtype dtype;
  if (!buffer_has_shape(call, buffer, target) || !buffer_dtype(call, buffer, &dtype)) return false;
  if (PyBuffer_IsContiguous(buffer, 'C')) return write_dense(region, call, target, dtype, buffer->buf);
  void *dense = PyMem_Malloc(buffer->len > 0 ? (size_t)buffer->len : 1);
  if (dense == NULL) return no_memory();
  bool done = PyBuffer_ToContiguous(dense, buffer, buffer->len, 'C') == 0 && write_dense(region, call, target, dtype, dense);
  PyMem_Free(dense);
  return done;
}

static bool assign_buffer(RegionObject *region, const char *call, const mw_view *target, PyObject *source) {
  Py_buffer buffer;
  if (PyObject_GetBuffer(source, &buffer, PyBUF_FULL_RO) < 0) return false;
  bool done = write_buffer(region, call, target, &buffer);
  PyBuffer_Release(&buffer);
  return done;
}

/* ------------------------------------------------------------------ from a sequence */

/* Where the next element goes, and how many have gone. */
typedef struct gathering {
  RegionObject *region;
  const char *call;
  const mw_view *target;
  char *next;
  uint64_t count;
} gathering;

static bool gather_element(gathering *to, PyObject *source) {
  mw_value value;
  mw_error error;
  if (!mwpy_convert_value(to->call, to->target->dtype, source, &value)) return false;
  if (mw_dtype_store(to->target->dtype, to->next, value, &error) < 0) {
    mwpy_raise_in(to->region->state, to->call, &error);
    return false;
  }
  to->next += mw_dtype_size(to->target->dtype);
  to->count++;
  return to->count % ELEMENTS_PER_LOOK != 0 || PyErr_CheckSignals() == 0;
}

static bool is_sequence(PyObject *object) { return PySequence_Check(object) && !PyUnicode_Check(object) && !PyDict_Check(object); }

static bool raise_no_sequence(const char *call, PyObject *object) {
  PyErr_Format(PyExc_TypeError, "%s: expected a buffer or a sequence, not %R; fill() sets every element to one value", call,
               object);
  return false;
}

/* One dimension and those within it. The sequence is copied first: converting its elements may run code that changes it. */
static bool gather(gathering *to, int dimension, PyObject *source) {
  if (!is_sequence(source)) return raise_no_sequence(to->call, source);
  PyObject *items = PySequence_Tuple(source);
  if (items == NULL) return false;
  Py_ssize_t length = PyTuple_Size(items);
  bool done = (uint64_t)length == to->target->shape[dimension];
  if (!done) {
    PyErr_Format(PyExc_ValueError, "%s: dimension %d has %llu places, the sequence %zd elements", to->call, dimension,
                 (unsigned long long)to->target->shape[dimension], length);
  }
  for (Py_ssize_t i = 0; done && i < length; i++) {
    PyObject *item = PyTuple_GetItem(items, i);
    done = dimension + 1 == to->target->ndim ? gather_element(to, item) : gather(to, dimension + 1, item);
  }
  Py_DECREF(items);
  return done;
}

static bool assign_sequence(RegionObject *region, const char *call, const mw_view *target, PyObject *source) {
  uint64_t size = mw_view_nbytes(target);
  char *copy = PyMem_Malloc(size > 0 ? (size_t)size : 1);
  if (copy == NULL) return no_memory();
  gathering to = {region, call, target, copy, 0};
  bool done = gather(&to, 0, source) && mwpy_elements_write(region, call, target, copy);
  PyMem_Free(copy);
  return done;
}

bool mwpy_elements_assign(RegionObject *region, const char *call, const mw_view *target, PyObject *source) {
  if (mwpy_region_handle(region, call) == NULL) return false;
  if (!mw_view_is_writable(target)) {
    PyErr_Format(PyExc_TypeError, "%s: the view is read-only", call);
    return false;
  }
  if (Py_IS_TYPE(source, region->state->view_type) && ((ViewObject *)source)->view.dtype == target->dtype) {
    return assign_view(region, call, target, (ViewObject *)source);
  }
  if (PyObject_CheckBuffer(source)) return assign_buffer(region, call, target, source);
  return assign_sequence(region, call, target, source);
}

/* ------------------------------------------------------------------ out of a view */

/* One dimension and those within it, from the place of their first element on. The caller holds the region. */
static PyObject *list_from(const mw_view *view, int dimension, const char *first, uint64_t *count) {
  bool is_last = dimension + 1 == view->ndim;
  PyObject *list = PyList_New((Py_ssize_t)view->shape[dimension]);
  for (uint64_t i = 0; list != NULL && i < view->shape[dimension]; i++) {
    PyObject *item = is_last ? mwpy_from_element(view->dtype, first) : list_from(view, dimension + 1, first, count);
    if (item == NULL || PyList_SetItem(list, (Py_ssize_t)i, item) < 0) Py_CLEAR(list);
    if (list != NULL && ++*count % ELEMENTS_PER_LOOK == 0 && PyErr_CheckSignals() < 0) Py_CLEAR(list);
    /* Not past the last one, which may be the end of the mapping; and nowhere in an empty view, which has no place at all. */
    if (first != NULL && i + 1 < view->shape[dimension]) first += view->strides[dimension];
  }
  return list;
}

PyObject *mwpy_elements_to_list(RegionObject *region, const char *call, const mw_view *view) {
  mw_region *handle = mwpy_region_hold(region, call);
  PyObject *list = NULL;
  mw_error error;
  if (handle == NULL) return NULL;
  if (raise_status(region, mw_view_check(view, &error), &error)) {
    uint64_t count = 0;
    list = list_from(view, 0, mw_view_data(view), &count);
    if (list != NULL && !raise_status(region, mw_view_check(view, &error), &error)) Py_CLEAR(list);
  }
  mw_region_drop(handle);
  return list;
}

/* How many places of the first dimension make a piece of work. */
static uint64_t rows_per_piece(const mw_view *view) {
  uint64_t row = view->shape[0] == 0 ? 0 : mw_view_nbytes(view) / view->shape[0];
  return row == 0 ? UINT64_MAX : row >= MWPY_PIECE ? 1 : MWPY_PIECE / row;
}

/* Calls `work` with `view` piece by piece, without the GIL, and looks at signals between. An empty view is one piece. */
static bool in_pieces(RegionObject *region, const mw_view *view, int (*work)(const mw_view *piece, void *context, mw_error *error),
                      void *context) {
  uint64_t rows = view->shape[0], most = rows_per_piece(view), done = 0;
  mw_error error;
  do {
    mw_view piece = *view;
    uint64_t some = rows - done < most ? rows - done : most;
    int status = some == rows ? 0 : mw_view_slice(view, 0, done, 1, some, &error, &piece);
    if (status == 0) {
      PyThreadState *thread = mwpy_threads_begin(mw_view_nbytes(&piece));
      status = work(&piece, context, &error);
      mwpy_threads_end(thread);
    }
    done += some;
    if (!raise_status(region, status, &error) || (done < rows && PyErr_CheckSignals() < 0)) return false;
  } while (done < rows);
  return true;
}

static int read_piece(const mw_view *piece, void *context, mw_error *error) {
  char **next = context;
  uint64_t size = mw_view_nbytes(piece);
  int status = mw_view_read(piece, *next, size, error);
  *next += size;
  return status;
}

PyObject *mwpy_elements_to_bytes(RegionObject *region, const char *call, const mw_view *view) {
  mw_region *handle = mwpy_region_hold(region, call);
  if (handle == NULL) return NULL;
  PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)mw_view_nbytes(view));
  if (bytes != NULL) {
    char *next = PyBytes_AsString(bytes);
    if (!in_pieces(region, view, read_piece, &next)) Py_CLEAR(bytes);
  }
  mw_region_drop(handle);
  return bytes;
}

static int fill_piece(const mw_view *piece, void *context, mw_error *error) {
  return mw_view_fill(piece, *(const mw_value *)context, error);
}

bool mwpy_elements_fill(RegionObject *region, const char *call, const mw_view *view, mw_value value) {
  mw_region *handle = mwpy_region_hold(region, call);
  bool done = handle != NULL && in_pieces(region, view, fill_piece, &value);
  mw_region_drop(handle);
  return done;
}

/* ------------------------------------------------------------------ taking by index */

/* Places as the core wants them; `count` of them, for PyMem_Free. */
typedef struct places {
  uint64_t *indices;
  uint64_t count;
} places;

static bool places_new(places *places, uint64_t count) {
  places->count = count;
  places->indices = count > SIZE_MAX / sizeof(uint64_t) ? NULL : PyMem_Malloc(count > 0 ? (size_t)count * sizeof(uint64_t) : 1);
  return places->indices != NULL || no_memory();
}

/* A negative index counts from the end. What is past the end the core finds. */
static bool place_of(const char *call, mw_value index, uint64_t length, uint64_t *out_place) {
  bool is_negative = index.kind == MW_VALUE_INT && index.as.i < 0;
  *out_place = is_negative ? length + (uint64_t)index.as.i : index.kind == MW_VALUE_INT ? (uint64_t)index.as.i : index.as.u;
  if (!is_negative || *out_place < length) return true;
  PyErr_Format(PyExc_IndexError, "%s: index %lld is out of range for %llu elements", call, (long long)index.as.i,
               (unsigned long long)length);
  return false;
}

static bool places_from_buffer(const char *call, const Py_buffer *buffer, uint64_t length, places *out) {
  mw_dtype dtype;
  if (!buffer_dtype(call, buffer, &dtype)) return false;
  mw_value_kind kind = mw_dtype_kind(dtype);
  if (buffer->ndim != 1 || (kind != MW_VALUE_INT && kind != MW_VALUE_UINT)) {
    PyErr_Format(PyExc_TypeError, "%s: the indices must be integers in one dimension", call);
    return false;
  }
  if (!places_new(out, (uint64_t)buffer->shape[0])) return false;
  const char *item = buffer->buf;
  for (uint64_t i = 0; i < out->count; i++) {
    mw_value index = mw_dtype_load(dtype, item + (Py_ssize_t)i * buffer->strides[0]);
    if (!place_of(call, index, length, &out->indices[i])) return false;
  }
  return true;
}

static bool places_from_tuple(const char *call, PyObject *items, uint64_t length, places *out) {
  if (!places_new(out, (uint64_t)PyTuple_Size(items))) return false;
  for (uint64_t i = 0; i < out->count; i++) {
    int64_t place = mwpy_convert_index(call, PyTuple_GetItem(items, (Py_ssize_t)i), length);
    if (place < 0) return false;
    out->indices[i] = (uint64_t)place;
  }
  return true;
}

static bool places_convert(const char *call, PyObject *source, uint64_t length, places *out) {
  bool done;
  if (PyObject_CheckBuffer(source)) {
    Py_buffer buffer;
    if (PyObject_GetBuffer(source, &buffer, PyBUF_FORMAT | PyBUF_STRIDES) < 0) return false;
    done = places_from_buffer(call, &buffer, length, out);
    PyBuffer_Release(&buffer);
    return done;
  }
  if (!is_sequence(source)) {
    PyErr_Format(PyExc_TypeError, "%s: the indices must be a buffer or a sequence of integers, not %R", call, source);
    return false;
  }
  PyObject *items = PySequence_Tuple(source);
  done = items != NULL && places_from_tuple(call, items, length, out);
  Py_XDECREF(items);
  return done;
}

static PyObject *list_of_elements(mw_dtype dtype, const char *elements, uint64_t count) {
  PyObject *list = PyList_New((Py_ssize_t)count);
  size_t step = mw_dtype_size(dtype);
  for (uint64_t i = 0; list != NULL && i < count; i++) {
    PyObject *item = mwpy_from_element(dtype, elements + i * step);
    if (item == NULL || PyList_SetItem(list, (Py_ssize_t)i, item) < 0) Py_CLEAR(list);
  }
  return list;
}

static PyObject *take_places(RegionObject *region, const char *call, const mw_view *view, const places *places) {
  size_t step = mw_dtype_size(view->dtype);
  mw_region *handle = mwpy_region_hold(region, call);
  if (handle == NULL) return NULL;
  char *elements = places->count > SIZE_MAX / step ? NULL : PyMem_Malloc(places->count > 0 ? (size_t)places->count * step : 1);
  PyObject *list = NULL;
  if (elements == NULL) {
    no_memory();
  } else {
    mw_error error;
    PyThreadState *thread = mwpy_threads_begin(places->count * step);
    int status = mw_view_take(view, places->indices, places->count, elements, &error);
    mwpy_threads_end(thread);
    if (raise_status(region, status, &error)) list = list_of_elements(view->dtype, elements, places->count);
  }
  PyMem_Free(elements);
  mw_region_drop(handle);
  return list;
}

PyObject *mwpy_elements_take(RegionObject *region, const char *call, const mw_view *view, PyObject *indices) {
  places places = {NULL, 0};
  PyObject *list = NULL;
  if (places_convert(call, indices, view->shape[0], &places)) list = take_places(region, call, view, &places);
  PyMem_Free(places.indices);
  return list;
}

/* Perl's scalars and what memwell takes and gives. Main entries: mws_perl_value, mws_perl_buffer, mws_perl_raise.
 *
 * `call` and `parameter` are for the message where a scalar is of no use: what is refused is raised as a Memwell::Error::Type and
 * does not come back. SVs that are returned are mortal.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_SWIG_PERL_CONVERT_H
#define MEMWELL_SWIG_PERL_CONVERT_H

#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "objects.h"

/* ---- errors (errors.c) */

/* Die with the Memwell::Error that `error` stands for. */
void mws_perl_raise(pTHX_ const mw_error *error) __attribute__((noreturn));

/* Die with a Memwell::Error::Type: `call`, as "Region_create", wants something else for `parameter` than `got`. */
void mws_perl_refuse(pTHX_ const char *call, const char *parameter, const char *wanted, SV *got) __attribute__((noreturn));

/* "Region.create" of SWIG's "Region_create". */
void mws_perl_dot(char *call);

/* Die with a Memwell::Error::Type: SWIG's words about a wrong number of arguments. */
void mws_perl_usage(pTHX_ const char *usage) __attribute__((noreturn));

/* ---- objects (object.c): references whose referent has the C object in its magic, which frees it. */

typedef struct mws_perl_class {
  MGVTBL table; /* the first, so that the magic leads back to its class */
  const char *package;
  void (*free)(void *object);
} mws_perl_class;

extern const mws_perl_class mws_perl_region, mws_perl_view, mws_perl_semaphore, mws_perl_well, mws_perl_mutex,
    mws_perl_robust_semaphore, mws_perl_event;

/* Takes over `object`; undef for NULL. What `owner` refers to lives as long; NULL where nothing has to. */
SV *mws_perl_wrap(pTHX_ void *object, const mws_perl_class *class, SV *owner);
void *mws_perl_object(pTHX_ SV *sv, const mws_perl_class *class, const char *call, const char *parameter);

/* The object, which the caller frees now, or NULL where that was done before. */
void *mws_perl_disown(pTHX_ SV *sv, const mws_perl_class *class, const char *call);

/* ---- scalars to C (convert.c) */

mw_value mws_perl_value(pTHX_ SV *sv, const char *call, const char *parameter);
uint64_t mws_perl_unsigned(pTHX_ SV *sv, const char *call, const char *parameter);
uint64_t mws_perl_index(pTHX_ SV *sv, const char *call, const char *parameter);
int64_t mws_perl_integer(pTHX_ SV *sv, const char *call, const char *parameter, int64_t least, int64_t most);
int mws_perl_descriptor(pTHX_ SV *sv, const char *call, const char *parameter);
mw_deadline mws_perl_deadline(pTHX_ SV *sv, const char *call, const char *parameter);
mws_extents mws_perl_extents(pTHX_ SV *sv, const char *call, const char *parameter);
mws_seals mws_perl_seals(pTHX_ SV *sv, const char *call, const char *parameter);
mws_options mws_perl_options(pTHX_ SV *sv, const char *call, const char *parameter);

/* A mortal copy, ended by NUL. */
const char *mws_perl_text(pTHX_ SV *sv, const char *call, const char *parameter);

/* Whether it has bytes: a string, a number, or a reference to one, such as a buffer. Then, when nothing else runs Perl any more,
 * where they are. */
SV *mws_perl_check_bytes(pTHX_ SV *sv, const char *call, const char *parameter);
const void *mws_perl_bytes(pTHX_ SV *sv, const char *call, const char *parameter, size_t *out_size);

/* A list of lists, flattened into memory that is mortal. */
mws_numbers mws_perl_numbers(pTHX_ SV *sv, const char *call, const char *parameter);

/* ---- C to scalars (convert.c) */

SV *mws_perl_new_value(pTHX_ mw_value value);
SV *mws_perl_new_text(pTHX_ const char *text);
SV *mws_perl_new_extents(pTHX_ const mws_extents *extents);
SV *mws_perl_new_elements(pTHX_ const mws_elements *elements);
SV *mws_perl_new_seals(pTHX_ mws_seals seals);
SV *mws_perl_new_span(pTHX_ const mws_span *span);
SV *mws_perl_new_objects(pTHX_ mws_objects *objects);
SV *mws_perl_new_participants(pTHX_ mws_participants *participants);

/* ---- buffers (buffer.c) */

/* A reference to a scalar whose bytes are the memory itself. Takes over what `buffer` holds. */
SV *mws_perl_buffer(pTHX_ const mws_buffer *buffer);

/* ---- waiting (wait.c) */

/* After a try: whether it is to be repeated. Runs the signal handlers, which may die. `first` is the first argument, whose object
 * is kept until the wrapper returns, whatever a handler does with its variable. */
bool mws_perl_interrupted(pTHX_ mw_error *error, SV *first, bool *kept);

#endif

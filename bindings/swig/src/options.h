/* Named options, as every call that makes something takes them: names and meanings are those of the Python and Lua bindings.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_SWIG_OPTIONS_H
#define MEMWELL_SWIG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "memwell/region.h"
#include "memwell/semaphore.h"
#include "memwell/status.h"
#include "memwell/well.h"

/* X(NAME, name, kind of its value) */
#define MWS_OPTION_MAP(X)                \
  X(PERMISSIONS, permissions, NUMBER)    \
  X(TEMPORARY, temporary, FLAG)          \
  X(READONLY, readonly, FLAG)            \
  X(PRIVATE, private, FLAG)              \
  X(ANY_OWNER, any_owner, FLAG)          \
  X(TIMEOUT, timeout, SECONDS)           \
  X(OFFSET, offset, NUMBER)              \
  X(SIZE, size, NUMBER)                  \
  X(NAME, name, TEXT)                    \
  X(GUARD, guard, FLAG)                  \
  X(ON_FAULT, on_fault, TEXT)            \
  X(KEEP_FD, keep_fd, FLAG)              \
  X(HUGE_PAGES, huge_pages, FLAG)        \
  X(REQUIRE_SEALS, require_seals, SEALS) \
  X(HOW, how, TEXT)                      \
  X(COUNT, count, NUMBER)                \
  X(VALUE, value, NUMBER)                \
  X(UNDO, undo, FLAG)                    \
  X(UNUSED_OK, unused_ok, FLAG)          \
  X(SLOTS, slots, NUMBER)                \
  X(OBJECTS, objects, NUMBER)            \
  X(CREATE, create, FLAG)

typedef enum mws_option {
#define MWS_OPTION_CODE(code, name, kind) MWS_##code,
  MWS_OPTION_MAP(MWS_OPTION_CODE)
#undef MWS_OPTION_CODE
} mws_option;

typedef enum mws_option_kind { MWS_FLAG, MWS_NUMBER, MWS_SECONDS, MWS_TEXT, MWS_SEALS } mws_option_kind;

#define MWS_TEXT_MAX 255

/* What was given, as a set of 1 << mws_option; values of the others are the defaults. */
typedef struct mws_options {
  uint32_t given;
  uint32_t flags; /* those of kind FLAG that are true */
  uint64_t permissions;
  mw_deadline deadline;
  uint64_t offset;
  uint64_t size;
  uint64_t count;
  uint64_t value;
  uint64_t slots;
  uint64_t objects;
  unsigned seals;
  char name[MWS_TEXT_MAX + 1];
  char on_fault[8];
  char how[8];
} mws_options;

/* Which option has this name, and what kind of value it takes. 0, or MW_EINVAL; the reason lists the names. */
int mws_option_parse(const char *name, mw_error *error, mws_option *out_option, mws_option_kind *out_kind);

/* Each sets an option of its kind. Those with an error return 0, or MW_EINVAL. */
void mws_options_set_flag(mws_options *options, mws_option option, bool value);
int mws_options_set_number(mws_options *options, mw_error *error, mws_option option, int64_t value);
void mws_options_set_deadline(mws_options *options, mw_deadline deadline);
int mws_options_set_text(mws_options *options, mw_error *error, mws_option option, const char *text);
void mws_options_set_seals(mws_options *options, unsigned seals);

/* The core's options, or MW_EINVAL where one was given that `call` does not take; the reason names it. `allowed` is a set of 1 <<
 * mws_option. NULL is all defaults. */
int mws_options_for_region(const mws_options *options, mw_error *error, const char *call, uint32_t allowed,
                           mw_region_options *out_options);
int mws_options_for_well(const mws_options *options, mw_error *error, const char *call, uint32_t allowed,
                         mw_well_options *out_options);
int mws_options_for_set(const mws_options *options, mw_error *error, const char *call, mw_semaphore_sysv_options *out_options);
int mws_options_check(const mws_options *options, mw_error *error, const char *call, uint32_t allowed);
int mws_options_how(const mws_options *options, mw_error *error, const char *call, mw_how *out_how);

#endif

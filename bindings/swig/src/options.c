/* Reading named options. Main entries: mws_option_parse, mws_options_for_region.
 *
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "objects.h"

#define SET(option) (1u << MWS_##option)

typedef struct known_option {
  const char *name;
  mws_option_kind kind;
} known_option;

static const known_option known[] = {
#define KNOWN(code, name, kind) [MWS_##code] = {#name, MWS_##kind},
    MWS_OPTION_MAP(KNOWN)
#undef KNOWN
};

#define KNOWN_COUNT (sizeof known / sizeof *known)

/* ---- setting */

int mws_option_parse(const char *name, mw_error *error, mws_option *out_option, mws_option_kind *out_kind) {
  for (size_t i = 0; i < KNOWN_COUNT; i++)
    if (strcmp(known[i].name, name) == 0) {
      *out_option = (mws_option)i;
      *out_kind = known[i].kind;
      return 0;
    }
  return mws_fail(error, MW_EINVAL, "options", NULL, "there is no option \"%.40s\"", name);
}

void mws_options_set_flag(mws_options *options, mws_option option, bool value) {
  options->given |= 1u << option;
  options->flags = value ? options->flags | 1u << option : options->flags & ~(1u << option);
}

int mws_options_set_number(mws_options *options, mw_error *error, mws_option option, int64_t value) {
  uint64_t *place[KNOWN_COUNT] = {
      [MWS_PERMISSIONS] = &options->permissions,
      [MWS_OFFSET] = &options->offset,
      [MWS_SIZE] = &options->size,
      [MWS_COUNT] = &options->count,
      [MWS_VALUE] = &options->value,
      [MWS_SLOTS] = &options->slots,
      [MWS_OBJECTS] = &options->objects,
  };
  if (value < 0) return mws_fail(error, MW_EINVAL, "options", NULL, "%s %" PRId64 " is negative", known[option].name, value);
  options->given |= 1u << option;
  *place[option] = (uint64_t)value;
  return 0;
}

void mws_options_set_deadline(mws_options *options, mw_deadline deadline) {
  options->given |= SET(TIMEOUT);
  options->deadline = deadline;
}

static int copy_text(mw_error *error, mws_option option, const char *text, char *place, size_t room) {
  if (strlen(text) >= room) return mws_fail(error, MW_EINVAL, "options", NULL, "%s \"%.40s...\"", known[option].name, text);
  memcpy(place, text, strlen(text) + 1);
  return 0;
}

int mws_options_set_text(mws_options *options, mw_error *error, mws_option option, const char *text) {
  options->given |= 1u << option;
  switch (option) {
    case MWS_NAME: return copy_text(error, option, text, options->name, sizeof options->name);
    case MWS_ON_FAULT: return copy_text(error, option, text, options->on_fault, sizeof options->on_fault);
    default: return copy_text(error, option, text, options->how, sizeof options->how);
  }
}

void mws_options_set_seals(mws_options *options, unsigned seals) {
  options->given |= SET(REQUIRE_SEALS);
  options->seals = seals;
}

/* ---- reading */

int mws_options_check(const mws_options *options, mw_error *error, const char *call, uint32_t allowed) {
  if (!options) return 0;
  for (size_t i = 0; i < KNOWN_COUNT; i++)
    if (options->given & ~allowed & 1u << i)
      return mws_fail(error, MW_EINVAL, call, NULL, "it takes no option \"%s\"", known[i].name);
  return 0;
}

static bool is_true(const mws_options *options, mws_option option, bool otherwise) {
  return options->given & 1u << option ? (options->flags & 1u << option) != 0 : otherwise;
}

static int choose_on_fault(const mws_options *options, mw_error *error, const char *call, unsigned *flags) {
  if (!(options->given & SET(ON_FAULT)) || strcmp(options->on_fault, "error") == 0) return 0;
  if (strcmp(options->on_fault, "abort") != 0)
    return mws_fail(error, MW_EINVAL, call, NULL, "on_fault \"%s\": there are \"error\" and \"abort\"", options->on_fault);
  *flags |= MW_FAULT_ABORTS;
  return 0;
}

static unsigned flags_of(const mws_options *options) {
  unsigned flags = 0;
  if (is_true(options, MWS_TEMPORARY, false)) flags |= MW_TEMPORARY;
  if (is_true(options, MWS_ANY_OWNER, false)) flags |= MW_ANY_OWNER;
  if (is_true(options, MWS_HUGE_PAGES, false)) flags |= MW_HUGE_PAGES;
  if (!is_true(options, MWS_KEEP_FD, true)) flags |= MW_NO_FD;
  if (!is_true(options, MWS_GUARD, true)) flags |= MW_NO_GUARD;
  return flags;
}

static int check_permissions(const mws_options *options, mw_error *error, const char *call) {
  if (!(options->given & SET(PERMISSIONS)) || (options->permissions > 0 && options->permissions <= 07777)) return 0;
  return mws_fail(error, MW_EINVAL, call, NULL, "permissions 0%" PRIo64 ": 1 to 07777, the bits of chmod", options->permissions);
}

static mw_access access_of(const mws_options *options) {
  if (is_true(options, MWS_PRIVATE, false)) return MW_COPY_ON_WRITE;
  return is_true(options, MWS_READONLY, false) ? MW_READ : MW_READ_WRITE;
}

int mws_options_for_region(const mws_options *options, mw_error *error, const char *call, uint32_t allowed,
                           mw_region_options *out_options) {
  *out_options = (mw_region_options){.size_of_struct = sizeof *out_options};
  if (!options) return 0;
  int status = mws_options_check(options, error, call, allowed);
  if (!status) status = check_permissions(options, error, call);
  if (!status) status = choose_on_fault(options, error, call, &out_options->flags);
  if (status) return status;
  out_options->access = access_of(options);
  out_options->flags |= flags_of(options);
  out_options->offset = options->offset;
  out_options->permissions = (unsigned)options->permissions;
  out_options->wait_for_name = options->deadline;
  out_options->require_seals = options->seals;
  return 0;
}

int mws_options_for_well(const mws_options *options, mw_error *error, const char *call, uint32_t allowed,
                         mw_well_options *out_options) {
  *out_options = (mw_well_options){.size_of_struct = sizeof *out_options};
  if (!options) return 0;
  int status = mws_options_check(options, error, call, allowed);
  if (!status) status = check_permissions(options, error, call);
  if (status) return status;
  out_options->flags = flags_of(options) | (is_true(options, MWS_READONLY, false) ? MW_OBSERVER : 0);
  out_options->permissions = (unsigned)options->permissions;
  out_options->slots = mws_unsigned(options->slots);
  out_options->objects = mws_unsigned(options->objects);
  out_options->wait_for_name = options->deadline;
  return 0;
}

int mws_options_how(const mws_options *options, mw_error *error, const char *call, mw_how *out_how) {
  static const char *const names[] = {[MW_ATTACH] = "attach", [MW_CREATE] = "create", [MW_OPEN] = "open"};
  if (!options || !(options->given & SET(HOW))) return 0;
  for (int how = MW_ATTACH; how <= MW_OPEN; how++)
    if (strcmp(options->how, names[how]) == 0) {
      *out_how = (mw_how)how;
      return 0;
    }
  return mws_fail(error, MW_EINVAL, call, NULL, "how \"%s\": there are \"attach\", \"create\" and \"open\"", options->how);
}

int mws_options_for_set(const mws_options *options, mw_error *error, const char *call, mw_semaphore_sysv_options *out_options) {
  uint32_t allowed =
      SET(HOW) | SET(VALUE) | SET(PERMISSIONS) | SET(UNDO) | SET(COUNT) | SET(TIMEOUT) | SET(UNUSED_OK) | SET(ANY_OWNER);
  *out_options = (mw_semaphore_sysv_options){.size_of_struct = sizeof *out_options};
  if (!options) return 0;
  int status = mws_options_check(options, error, call, allowed);
  if (!status) status = check_permissions(options, error, call);
  if (!status) status = mws_options_how(options, error, call, &out_options->how);
  if (status) return status;
  out_options->count = mws_unsigned(options->count);
  out_options->value = mws_unsigned(options->value);
  out_options->permissions = (unsigned)options->permissions;
  out_options->wait_for_use = options->deadline;
  out_options->flags = flags_of(options);
  if (is_true(options, MWS_UNDO, false)) out_options->flags |= MW_UNDO;
  if (is_true(options, MWS_UNUSED_OK, false)) out_options->flags |= MW_UNUSED_OK;
  return 0;
}

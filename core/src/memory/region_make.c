/* The ways to get a region: each reads its options, asks a source, and hands that to mw__region_make.
 *
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "memory/region.h"
#include "memory/source_anonymous.h"
#include "memory/source_fd.h"
#include "memory/source_file.h"
#include "memory/source_named.h"
#include "memory/source_sysv.h"
#include "platform/os.h"

#define EVERYWHERE (MW_NO_FD | MW_NO_GUARD | MW_FAULT_ABORTS) /* flags that every call knows */
#define OPEN_ATTEMPTS 1000
#define MEMFD_NAME_MAX 249 /* memfd_create(2) */

/* ---- options */

int mw__region_read_options(const mw__call *call, const mw_region_options *given, unsigned known_flags,
                            mw_region_options *options) {
  *options = (mw_region_options){.size_of_struct = sizeof *options};
  if (given) {
    if (given->size_of_struct < sizeof given->size_of_struct)
      return mw__fail(call, MW_EINVAL, "options->size_of_struct is not set");
    memcpy(options, given, given->size_of_struct < sizeof *options ? given->size_of_struct : sizeof *options);
  }
  unsigned unknown = options->flags & ~(known_flags | EVERYWHERE);
  if (unknown) return mw__fail(call, MW_EINVAL, "flags 0x%x do not apply here", unknown);
  if ((unsigned)options->access > MW_COPY_ON_WRITE) return mw__fail(call, MW_EINVAL, "%d is no access", (int)options->access);
  return mw__source_permissions(call, options->permissions, &options->permissions);
}

static int check_size(const mw__call *call, uint64_t size) {
  if (size == 0) return mw__fail(call, MW_EINVAL, "the size is 0; it is at least 1 byte");
  uint64_t end;
  return mw__source_end(call, 0, size, &end);
}

/* ---- files */

int mw_region_file(const char *path, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.file", path, error};
  mw_region_options chosen;
  int status = mw__region_read_options(&call, options, MW_TRUNCATE | MW_EXCLUSIVE, &chosen);
  if (status) return status;
  if (!path || !path[0]) return mw__fail(&call, MW_EINVAL, "the path is empty");
  mw__source source;
  status = mw__source_file_open(&call, path, size, &chosen, &source);
  if (status) return status;
  status = mw__region_make(&call, path, &source, chosen.flags, out_region);
  if (status && source.created) (void)mw__os_unlink(path);
  return status;
}

int mw_region_from_fd(int fd, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  char name[24];
  snprintf(name, sizeof name, "fd %d", fd);
  mw__call call = {"Region.from_fd", name, error};
  mw_region_options chosen;
  int status = mw__region_read_options(&call, options, 0, &chosen);
  if (status) return status;
  mw__source source;
  uint64_t object_size;
  status = mw__source_fd_open(&call, fd, size, &chosen, &source, &object_size);
  return status ? status : mw__region_make(&call, name, &source, chosen.flags, out_region);
}

/* ---- named */

int mw_region_create(const char *name, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.create", name, error};
  mw_region_options chosen;
  mw__name parsed;
  int status = mw__region_read_options(&call, options, MW_TEMPORARY, &chosen);
  if (!status) status = mw__name_init(&parsed, &call, name, "");
  if (!status) status = check_size(&call, size);
  if (!status && chosen.access != MW_READ_WRITE)
    status = mw__fail(&call, MW_EINVAL, "what is created is mapped for reading and writing");
  if (status) return status;
  mw__source source;
  status = mw__source_named_create(&call, &parsed, &(mw__content){.size = size, .permissions = chosen.permissions}, &source);
  return status ? status : mw__region_make_created(&call, &parsed, &source, chosen.flags, out_region);
}

int mw_region_attach(const char *name, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.attach", name, error};
  mw_region_options chosen;
  mw__name parsed;
  int status = mw__region_read_options(&call, options, MW_ANY_OWNER, &chosen);
  if (!status) status = mw__name_init(&parsed, &call, name, "");
  if (status) return status;
  mw__source source;
  status = mw__source_named_attach(&call, &parsed, &chosen, &source);
  return status ? status : mw__region_make(&call, parsed.bare, &source, chosen.flags, out_region);
}

static int make_attached(const mw__call *call, const mw__name *name, const mw__source *source, uint64_t size, unsigned flags,
                         mw_region **out_region) {
  if (source->size >= size) return mw__region_make(call, name->bare, source, flags, out_region);
  mw__os_close(source->fd);
  return mw__fail(call, MW_EINVAL, "it exists with %" PRIu64 " bytes, and %" PRIu64 " are wanted", source->size, size);
}

int mw_region_open(const char *name, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.open", name, error};
  mw_region_options chosen;
  mw__name parsed;
  int status = mw__region_read_options(&call, options, MW_ANY_OWNER, &chosen);
  if (!status) status = mw__name_init(&parsed, &call, name, "");
  if (!status) status = check_size(&call, size);
  if (!status && chosen.access != MW_READ_WRITE)
    status = mw__fail(&call, MW_EINVAL, "what may be created is mapped for reading and writing");
  if (status) return status;
  chosen.inode = 0; /* whatever has the name */
  mw__source source;
  mw__content content = {.size = size, .permissions = chosen.permissions};
  int created = mw__source_named_open(&call, &parsed, &content, &chosen, &source);
  if (created < 0) return created;
  status = created ? mw__region_make_created(&call, &parsed, &source, chosen.flags, out_region)
                   : make_attached(&call, &parsed, &source, size, chosen.flags, out_region);
  return status ? status : created;
}

int mw_region_unlink(const char *name, mw_error *error) {
  mw__call call = {"Region.unlink", name, error};
  mw__name parsed;
  int status = mw__name_init(&parsed, &call, name, "");
  return status ? status : mw__source_named_unlink(&call, &parsed);
}

/* ---- without a name */

static int make_anonymous(const mw__call *call, mw__kind kind, const char *name, uint64_t size, const mw_region_options *options,
                          mw_region **out_region) {
  mw_region_options chosen;
  int status = mw__region_read_options(call, options, MW_HUGE_PAGES, &chosen);
  if (!status) status = check_size(call, size);
  if (!status && chosen.access == MW_READ) status = mw__fail(call, MW_EINVAL, "memory that nobody can write to would stay zeros");
  if (status) return status;
  mw__source source;
  status = mw__source_anonymous_create(call, kind, name ? name : "memwell", size, chosen.access, chosen.flags, &source);
  return status ? status : mw__region_make(call, name, &source, chosen.flags, out_region);
}

int mw_region_anonymous(uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.anonymous", NULL, error};
  return make_anonymous(&call, MW__ANONYMOUS, NULL, size, options, out_region);
}

int mw_region_memfd(const char *name, uint64_t size, const mw_region_options *options, mw_error *error, mw_region **out_region) {
  mw__call call = {"Region.memfd", name, error};
  if (!name || strlen(name) > MEMFD_NAME_MAX)
    return mw__fail(&call, MW_EINVAL, "a name is a text of at most %d bytes", MEMFD_NAME_MAX);
  return make_anonymous(&call, MW__MEMFD, name, size, options, out_region);
}

/* ---- System V */

/* "0x1a2b": as ipcs shows a key. */
typedef struct key_text {
  char text[16];
} key_text;

static key_text text_of_key(int32_t key) {
  key_text text;
  snprintf(text.text, sizeof text.text, "0x%" PRIx32, (uint32_t)key);
  return text;
}

static int make_sysv(const mw__call *call, const mw__source *source, unsigned flags, bool created, mw_region **out_region) {
  int status = mw__region_make(call, call->object, source, flags, out_region);
  if (status && created) (void)mw__os_sysv_memory_remove(source->id);
  return status ? status : created;
}

int mw_region_sysv(int32_t key, uint64_t size, mw_how how, const mw_region_options *options, mw_error *error,
                   mw_region **out_region) {
  key_text text = text_of_key(key);
  mw__call call = {"Region.sysv", text.text, error};
  mw_region_options chosen;
  int status = mw__region_read_options(&call, options, MW_ANY_OWNER | MW_HUGE_PAGES, &chosen);
  if (!status && chosen.access == MW_COPY_ON_WRITE) status = mw__fail(&call, MW_ENOTSUP, "System V memory has no private mappings");
  if (!status && chosen.permissions > 0777)
    status = mw__fail(&call, MW_EINVAL, "permissions 0%o: System V has the lowest nine bits only", chosen.permissions);
  if (!status && (unsigned)how > MW_OPEN) status = mw__fail(&call, MW_EINVAL, "%d is neither attach, create nor open", (int)how);
  if (status) return status;
  for (int attempt = 0;; attempt++) {
    mw__source source;
    int created = mw__source_sysv_open(&call, key, size, how, &chosen, &source);
    status = created < 0 ? created : make_sysv(&call, &source, chosen.flags, created, out_region);
    if (status != MW_ENOENT || how != MW_OPEN || attempt == OPEN_ATTEMPTS) return status; /* else removed before it was mapped */
  }
}

int mw_region_sysv_remove(int32_t key, mw_error *error) {
  key_text text = text_of_key(key);
  mw__call call = {"Region.sysv_remove", text.text, error};
  return mw__source_sysv_remove(&call, key);
}

int mw_region_sysv_unlink(mw_region *region, mw_error *error) {
  mw__call call = {"Region.sysv_remove", region->name, error};
  int status = mw__region_check_open(&call, region);
  if (!status && region->source.kind != MW__SYSV) status = mw__fail(&call, MW_ENOTSUP, "it is no System V memory");
  if (status) return status;
  int failure = mw__os_sysv_memory_remove(region->source.id);
  return failure ? mw__os_fail(&call, failure) : 0;
}

int mw_region_sysv_key(const char *path, int project, mw_error *error, int32_t *out_key) {
  mw__call call = {"ftok", path, error};
  if (project < 1 || project > 255) return mw__fail(&call, MW_EINVAL, "project %d: it is 1 to 255", project);
  if (!path || !path[0]) return mw__fail(&call, MW_EINVAL, "the path is empty");
  int key;
  int failure = mw__os_sysv_key(path, project, &key);
  if (failure) return mw__os_fail(&call, failure);
  *out_key = key;
  return 0;
}

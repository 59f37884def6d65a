-- The rock of the Lua module: `luarocks make` in a checkout, or `luarocks install` of a released one.
-- It carries the core's sources with it and needs nothing but a C compiler and the headers of Lua.
--
-- SPDX-License-Identifier: MIT
rockspec_format = "3.0"
package = "memwell"
version = "scm-1"
source = {
  url = ".",
}
description = {
  summary = "Memory that Python, Lua and C programs hold in common",
  detailed = [[
Maps files and named shared memory as typed views, zero-copy, and shares POSIX semaphores with any other program:
plain C, Python's multiprocessing.shared_memory, posix_ipc, and memwell in all three languages.]],
  license = "MIT",
  labels = { "mmap", "shared-memory", "ipc", "semaphore" },
}
supported_platforms = { "linux" }
dependencies = { "lua >= 5.4, < 5.5" }
build = {
  type = "builtin",
  modules = {
    -- The sources are those of core/sources.txt and bindings/lua/sources.txt; a test compares.
    memwell = {
      sources = {
        "core/src/base/dtype.c",
        "core/src/base/half.c",
        "core/src/base/name.c",
        "core/src/base/status.c",
        "core/src/platform/deadline.c",
        "core/src/platform/linux/os_draft.c",
        "core/src/platform/linux/os_fault.c",
        "core/src/platform/linux/os_memory_file.c",
        "core/src/platform/linux/os_pages.c",
        "core/src/platform/linux/os_semaphore.c",
        "core/src/platform/linux/os_space.c",
        "core/src/platform/linux/os_word.c",
        "core/src/platform/posix/os_clock.c",
        "core/src/platform/posix/os_failure.c",
        "core/src/platform/posix/os_file.c",
        "core/src/platform/posix/os_memory.c",
        "core/src/platform/posix/os_process.c",
        "core/src/platform/posix/os_socket.c",
        "core/src/platform/posix/os_sysv_memory.c",
        "core/src/platform/posix/os_sysv_set.c",
        "core/src/memory/atomic.c",
        "core/src/memory/elements.c",
        "core/src/memory/guard.c",
        "core/src/memory/handover.c",
        "core/src/memory/pages.c",
        "core/src/memory/region.c",
        "core/src/memory/region_bytes.c",
        "core/src/memory/region_make.c",
        "core/src/memory/search.c",
        "core/src/memory/source.c",
        "core/src/memory/source_anonymous.c",
        "core/src/memory/source_fd.c",
        "core/src/memory/source_file.c",
        "core/src/memory/source_named.c",
        "core/src/memory/source_sysv.c",
        "core/src/memory/temporary.c",
        "core/src/memory/view.c",
        "core/src/memory/walk.c",
        "core/src/sync/semaphore.c",
        "core/src/sync/semaphore_make.c",
        "core/src/sync/semaphore_sysv.c",
        "bindings/lua/src/module.c",
        "bindings/lua/src/handle.c",
        "bindings/lua/src/errors.c",
        "bindings/lua/src/interrupt.c",
        "bindings/lua/src/convert.c",
        "bindings/lua/src/region.c",
        "bindings/lua/src/region_make.c",
        "bindings/lua/src/region_bytes.c",
        "bindings/lua/src/pages.c",
        "bindings/lua/src/handover.c",
        "bindings/lua/src/search.c",
        "bindings/lua/src/pack.c",
        "bindings/lua/src/stream.c",
        "bindings/lua/src/view.c",
        "bindings/lua/src/element.c",
        "bindings/lua/src/batch.c",
        "bindings/lua/src/atomic.c",
        "bindings/lua/src/semaphore.c",
      },
      incdirs = { "core/include", "core/src" },
      defines = { "MW_EMBEDDED" },
      libraries = { "pthread" },
    },
  },
}

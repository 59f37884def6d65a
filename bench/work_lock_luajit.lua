-- The worker in LuaJIT for locks that nobody else wants: a POSIX semaphore by its FFI, and luaposix's lock of a file; luaposix is
-- packaged for the Lua that LuaJIT speaks, not for Lua 5.4.
--
-- SPDX-License-Identifier: MIT
local bare = require "ffi_bare"
local ffi = require "ffi"
local serve = require "serve"

ffi.cdef [[
typedef union { char bytes[32]; long aligned; } sem_t;
int sem_init(sem_t *, int, unsigned);
int sem_wait(sem_t *);
int sem_post(sem_t *);
]]

local has_posix, fcntl = pcall(require, "posix.fcntl")
local works, lacking = {}, {}

local semaphore = bare.map("sem_t", 1)
assert(ffi.C.sem_init(semaphore, 1, 1) == 0, "sem_init")

function works.pair_ffi(n)
  for _ = 1, n do
    ffi.C.sem_wait(semaphore)
    ffi.C.sem_post(semaphore)
  end
end

if has_posix then
  local fd, path = assert(require("posix.stdlib").mkstemp "/tmp/memwell-bench-XXXXXX")
  os.remove(path)
  local take = { l_type = fcntl.F_WRLCK, l_whence = 0, l_start = 0, l_len = 0 }
  local give = { l_type = fcntl.F_UNLCK, l_whence = 0, l_start = 0, l_len = 0 }

  function works.pair_file(n)
    local lock, wait = fcntl.fcntl, fcntl.F_SETLKW
    for _ = 1, n do
      assert(lock(fd, wait, take) == 0, "fcntl")
      assert(lock(fd, wait, give) == 0, "fcntl")
    end
  end
else
  lacking.pair_file = "luaposix is not installed"
end

serve(works, lacking)

-- Semaphore.sysv: keys, sets and how they are made, attached to and removed. test_semaphore_kinds has what all kinds can.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Semaphore, errno = memwell.Semaphore, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

local function create(key, options)
  options = options or {}
  options.how = "create"
  return assert(Semaphore.sysv(key, 0, options))
end

-- A line of ipcs about the set of this identifier: its key, permissions and number of semaphores.
local function ipcs(id)
  for line in support.run("LC_ALL=C ipcs -s"):gmatch("[^\n]+") do
    local key, found, permissions, count = line:match("^(0x%x+)%s+(%d+)%s+%S+%s+(%d+)%s+(%d+)")
    if tonumber(found) == id then return tonumber(key), permissions, tonumber(count) end
  end
end

-- A set that another program made and has not operated on, as ipcmk leaves it: its identifier and its key.
local function made_by_ipcmk(count)
  local id = tonumber(support.run("LC_ALL=C ipcmk -p 0600 -S " .. count):match("(%d+)%s*$"))
  return id, (ipcs(id))
end

function tests.test_attach_create_open()
  local key = support.key()
  returns({ "Semaphore.sysv", string.format("0x%x", key) }, errno.ENOENT, Semaphore.sysv(key))
  local semaphore <close>, created = Semaphore.sysv(key, 2, { how = "open", value = 5 })
  lu.assertEquals({ semaphore.key, semaphore.index, semaphore.value, created }, { key, 2, 5, true })
  local same <close>, again = Semaphore.sysv(key, 2, { how = "open", value = 7 })
  lu.assertEquals({ same.id, same.value, again }, { semaphore.id, 5, false })
  local other <close>, attached = Semaphore.sysv(key)
  lu.assertEquals({ other.id, other.index, other.value, attached }, { semaphore.id, 0, 5, false })
  returns({ "Semaphore.sysv" }, errno.EEXIST, Semaphore.sysv(key, 0, { how = "create" }))
  lu.assertTrue(semaphore:acquire(0))
  lu.assertEquals({ semaphore.value, same.value, other.value }, { 4, 4, 5 })
  lu.assertTrue(Semaphore.sysv_remove(key))
end

-- A key that nothing has is an answer at once, whatever the timeout.
function tests.test_a_timeout_does_not_wait_for_a_key()
  returns("no set has this key", errno.ENOENT, Semaphore.sysv(support.key(), 0, { timeout = math.huge }))
end

function tests.test_ipcs_sees_it_and_ipcrm_removes_it()
  local key = support.key()
  local semaphore <close> = create(key, { count = 4, permissions = "0640" })
  lu.assertEquals({ ipcs(semaphore.id) }, { key, "640", 4 })
  lu.assertEquals(support.run("ipcrm -s " .. semaphore.id), "")
  returns({ "Semaphore.acquire", "removed" }, errno.EIDRM, semaphore:acquire(0))
  returns({ "Semaphore.release", "removed" }, errno.EIDRM, semaphore:release())
  raises("removed", function() return semaphore.value end)
  raises("removed", semaphore.guard, semaphore, 0)
  returns({ "Semaphore.sysv" }, errno.ENOENT, Semaphore.sysv(key))
end

function tests.test_a_key_without_a_name()
  local first <close> = create(0, { value = 1 })
  local second <close> = create(0, { value = 2 })
  lu.assertEquals({ first.key, second.key, first.value, second.value }, { 0, 0, 1, 2 })
  lu.assertNotEquals(first.id, second.id)
  for _, how in ipairs { "attach", "open" } do raises("IPC_PRIVATE", Semaphore.sysv, 0, 0, { how = how }) end
  raises("IPC_PRIVATE", Semaphore.sysv_remove, 0)
  lu.assertTrue(first:sysv_remove())
  lu.assertTrue(Semaphore.sysv_remove(second))
end

-- The same 32 bits, as ftok of C gives them and as ipcs shows them.
function tests.test_keys_with_a_sign()
  local key = support.key() | 0x80000000
  local semaphore <close> = create(key)
  local same <close> = assert(Semaphore.sysv(key - (1 << 32)))
  lu.assertEquals({ semaphore.key, same.key, same.id }, { key - (1 << 32), key - (1 << 32), semaphore.id })
  lu.assertTrue(Semaphore.sysv_remove(key - (1 << 32)))
  for _, wrong in ipairs { 1 << 32, -(1 << 31) - 1, math.maxinteger } do raises("32 bits", Semaphore.sysv, wrong) end
  raises("integer expected, got string", Semaphore.sysv, "1")
  raises("integer expected, got string", Semaphore.sysv_remove, "1")
end

-- ---- sets that others made

function tests.test_a_set_that_nobody_has_used()
  local id, key = made_by_ipcmk(2)
  returns({ "Semaphore.sysv", "unused_ok" }, errno.EAGAIN, Semaphore.sysv(key))
  returns("unused_ok", errno.EAGAIN, Semaphore.sysv(key, 1, { how = "open", timeout = 0.001 }))
  local semaphore <close> = assert(Semaphore.sysv(key, 1, { unused_ok = true }))
  lu.assertEquals({ semaphore.id, semaphore.value }, { id, 0 })
  lu.assertTrue(semaphore:release())
  local other <close> = assert(Semaphore.sysv(key, 1))
  lu.assertEquals(other.value, 1)
  lu.assertTrue(other:sysv_remove())
end

function tests.test_waiting_for_the_first_use()
  local _, key = made_by_ipcmk(1)
  local code = string.format("print(require 'memwell'.Semaphore.sysv(%d, 0, { timeout = 60 }):acquire(60))", key)
  local pipe <close> = assert(io.popen(support.command(code) .. " 2>&1"))
  local semaphore <close> = assert(Semaphore.sysv(key, 0, { unused_ok = true }))
  lu.assertTrue(semaphore:release())
  lu.assertEquals(pipe:read("a"), "true\n")
  lu.assertTrue(semaphore:sysv_remove())
end

function tests.test_removed_during_a_wait()
  local key, ready_key = support.key(), support.key()
  local semaphore <close> = create(key)
  local ready <close> = create(ready_key)
  local code = string.format([[
    local Semaphore = require "memwell".Semaphore
    local semaphore = Semaphore.sysv(%d)
    Semaphore.sysv(%d):release()
    local value, message, number = semaphore:acquire(60)
    print(value, number)]], key, ready_key)
  local pipe <close> = assert(io.popen("exec env " .. support.command(code) .. " 2>&1"))
  lu.assertTrue(ready:acquire(60))
  lu.assertTrue(semaphore:sysv_remove())
  lu.assertEquals(pipe:read("l"), "nil\t" .. errno.EIDRM)
  lu.assertTrue(ready:sysv_remove())
end

-- ---- undo

-- What a process that ends, killed or not, has acquired and not released.
function tests.test_undo()
  local key = support.key()
  local semaphore <close> = create(key, { value = 3 })
  local code = string.format([[
    local Semaphore = require "memwell".Semaphore
    local lost, kept = Semaphore.sysv(%d), Semaphore.sysv(%d, 0, { undo = true })
    print(lost:acquire(0), kept:acquire(0), kept:acquire(0), kept:release(), kept.value)]], key, key)
  lu.assertEquals(support.run(support.command(code)), "true\ttrue\ttrue\ttrue\t1\n")
  lu.assertEquals(semaphore.value, 2)
  lu.assertTrue(Semaphore.sysv_remove(key))
end

-- ---- removing

function tests.test_remove()
  local key = support.key()
  returns({ "Semaphore.sysv_remove" }, errno.ENOENT, Semaphore.sysv_remove(key))
  lu.assertTrue(Semaphore.sysv_remove(key, { missing_ok = true }))
  local semaphore = create(key)
  lu.assertTrue(Semaphore.sysv_remove(semaphore))
  returns({ "Semaphore.sysv_remove", "removed already" }, errno.EIDRM, Semaphore.sysv_remove(semaphore))
  lu.assertTrue(semaphore:sysv_remove { missing_ok = true })
  semaphore:close()
  raises({ "Semaphore.sysv_remove", string.format("0x%x", key), "closed" }, semaphore.sysv_remove, semaphore)
end

function tests.test_remove_is_not_unlink()
  local named <close> = assert(Semaphore.create(support.name(), 1, { temporary = true }))
  raises("no semaphore of System V", named.sysv_remove, named)
  local key = support.key()
  local semaphore <close> = create(key)
  raises("sysv_remove", semaphore.unlink, semaphore)
  lu.assertTrue(semaphore:sysv_remove())
end

-- ---- wrong arguments

function tests.test_bad_arguments()
  local key = support.key()
  local function refused(reason, index, options) raises(reason, Semaphore.sysv, key, index, options) end
  refused("index -1 is negative", -1)
  refused("integer expected, got string", "0")
  refused("beyond what a set can have", 1 << 16, { how = "create" })
  refused("beyond what a set can have", math.maxinteger)
  refused("index 3 of a set of 3", 3, { how = "create", count = 3 })
  refused("option 'how': \"attach\", \"create\" or \"open\" expected, got make", 0, { how = "make" })
  refused("option 'how'", 0, { how = true })
  refused("the value 32768 is above 32767", 0, { how = "create", value = 32768 })
  refused("option 'value': -1 is negative", 0, { how = "create", value = -1 })
  refused("option 'value': 4294967296 is too large", 0, { how = "create", value = 1 << 32 })
  refused("option 'count': it is 0", 0, { how = "create", count = 0 })
  refused("option 'undo': boolean expected", 0, { undo = 1 })
  refused("option 'timeout': the timeout is negative", 0, { timeout = -1 })
  refused("lowest nine bits", 0, { how = "create", permissions = "1600" })
  refused("unknown option 'temporary'", 0, { temporary = true })
  lu.assertNil((Semaphore.sysv(key)))
end

function tests.test_an_index_that_the_set_does_not_have()
  local key = support.key()
  local semaphore <close> = create(key, { count = 2 })
  raises({ "Semaphore.sysv", "index 2 of a set of 2" }, Semaphore.sysv, key, 2)
  lu.assertTrue(semaphore:sysv_remove())
end

-- More than the system lets a set have: the error says which limit.
function tests.test_a_set_that_is_too_large()
  local key = support.key()
  local good, value, message = pcall(Semaphore.sysv, key, 0, { how = "create", count = 65535 })
  lu.assertFalse(good and value ~= nil)
  lu.assertStrContains(good and message or value, "SEM")
end

return support.suite(tests)

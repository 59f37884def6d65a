-- Mutex: acquire and release, guards, hold, and what its owner's death leaves to mend.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local peers = require "memwell_peers"
local support = require "support"

local errno = memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

-- A well with a mutex "m" whose holder was killed.
local function abandoned()
  local well = support.well()
  support.leave(well, "assert(well:mutex('m'):acquire())")
  return well
end

function tests.test_acquire_and_release()
  local well <close> = support.well()
  local mutex, created = well:mutex("m")
  lu.assertEquals({ created, mutex.name, mutex.closed, mutex.locked, mutex.owner, mutex.inconsistent },
    { true, "m", false, false, nil, false })
  lu.assertIsTrue(mutex:acquire())
  lu.assertEquals({ mutex.locked, mutex.owner }, { true, well.slot })
  lu.assertIsTrue(mutex:release())
  lu.assertFalse(mutex.locked)
  lu.assertIsTrue(mutex:acquire(0))
  lu.assertIsTrue(mutex:release())
  lu.assertIsTrue(mutex:acquire(math.huge))
  lu.assertIsTrue(select(2, well:mutex("other")))
  local same, again = well:mutex("m")
  lu.assertFalse(again)
  lu.assertIsTrue(same:release())
  lu.assertEquals(tostring(mutex), 'memwell.Mutex ("m")')
end

function tests.test_mistakes_of_an_owner()
  local well <close> = support.well()
  local mutex = well:mutex("m")
  raises({ 'Mutex.release("m")', "does not hold it" }, mutex.release, mutex)
  mutex:acquire()
  raises({ 'Mutex.acquire("m")', "this thread holds it already" }, mutex.acquire, mutex)
  raises({ 'Mutex.acquire("m")', "this thread holds it already" }, mutex.acquire, well:mutex("m"), 0)
  raises("this thread holds it already", mutex.guard, mutex)
  raises("this thread holds it already", mutex.hold, mutex, print)
  raises("this thread holds it already", mutex.recover, mutex, print)
  local thread = coroutine.create(function() mutex:acquire() end)
  lu.assertFalse(coroutine.resume(thread))
  lu.assertTrue(mutex.locked)
  mutex:release()
end

function tests.test_bad_arguments()
  local well <close> = support.well()
  local mutex = well:mutex("m")
  for _, call in ipairs { "acquire", "guard" } do
    raises("number of seconds expected, got boolean", mutex[call], mutex, true)
    raises("the timeout is negative", mutex[call], mutex, -1)
    raises("the timeout is not a number", mutex[call], mutex, 0 / 0)
  end
  raises("bad argument #2", mutex.hold, mutex)
  raises("bad argument #2", mutex.recover, mutex)
  raises("attempt to call a nil value", mutex.hold, mutex, nil)
  raises("attempt to call a number value", mutex.recover, mutex, 1)
  lu.assertFalse(mutex.locked)
  raises("option 'recover': function expected, got table", well.mutex, well, "m", { recover = {} })
  raises("option 'create': boolean expected, got number", well.mutex, well, "m", { create = 1 })
  raises("unknown option 'timeout'; it takes create recover", well.mutex, well, "m", { timeout = 1 })
  returns({ 'Well.mutex("x")', "no mutex of this name" }, errno.ENOENT, well:mutex("x", { create = false }))
  lu.assertNotNil(well:mutex("m", { create = false }))
end

function tests.test_close_and_delete()
  local well = support.well()
  local mutex, other = well:mutex("m"), well:mutex("m")
  mutex:acquire()
  lu.assertTrue(mutex:close())
  lu.assertTrue(mutex:close())
  lu.assertTrue(mutex.closed)
  for _, call in ipairs { "acquire", "release", "guard", "hold", "recover" } do
    raises({ 'Mutex.' .. call .. '("m")', "the mutex is closed" }, mutex[call], mutex, call:find("o") and print or nil)
  end
  for _, field in ipairs { "name", "locked", "owner", "inconsistent" } do
    raises("Mutex." .. field, function() return mutex[field] end)
  end
  lu.assertEquals(tostring(mutex), 'memwell.Mutex ("m", closed)')
  returns({ 'Well.delete("m")', "somebody holds it" }, errno.EBUSY, well:delete("m"))
  lu.assertTrue(other.locked)
  other:release()
  lu.assertTrue(well:delete("m"))
  raises({ 'Mutex.acquire("m")', "it was deleted from the well" }, other.acquire, other)
  raises("it was deleted from the well", other.release, other)
  raises("it was deleted from the well", function() return other.locked end)
  local new <close> = well:mutex("m")
  lu.assertIsTrue(new:acquire(0) and new:release())
  well:close()
  raises({ 'Mutex.acquire("m")', "the well is closed" }, new.acquire, new)
  lu.assertTrue(new.closed)
end

-- ---- guards and hold

function tests.test_guard()
  local well <close> = support.well()
  local mutex = well:mutex("m")
  do
    local guard <close> = mutex:guard(10)
    lu.assertEquals({ guard.closed, mutex.locked }, { false, true })
  end
  lu.assertFalse(mutex.locked)
  lu.assertFalse(pcall(function()
    local guard <close> = mutex:guard() -- luacheck: ignore
    error("boom")
  end))
  lu.assertFalse(mutex.locked)
  mutex:guard()
  collectgarbage()
  collectgarbage()
  lu.assertFalse(mutex.locked)
end

-- What a guard holds it can give back though the handle is gone.
function tests.test_guard_outlives_the_handle()
  local well <close> = support.well()
  local mutex, other = well:mutex("m"), well:mutex("m")
  local guard = mutex:guard()
  mutex:close()
  lu.assertTrue(other.locked)
  lu.assertTrue(guard:close())
  lu.assertFalse(other.locked)
  lu.assertTrue(guard.closed and guard:close())
  other:hold(function() other:close() end)
  lu.assertFalse(well:mutex("m").locked)
end

-- Somebody who gives back by hand what a guard holds is told, but not above an error of his own.
function tests.test_guard_of_what_was_released()
  local well <close> = support.well()
  local mutex = well:mutex("m")
  local function released(message)
    local guard <close> = mutex:guard() -- luacheck: ignore
    mutex:release()
    if message then error(message) end
  end
  raises({ 'Mutex.release("m")', "does not hold it" }, released)
  raises("boom", released, "boom")
  raises({ 'Mutex.release("m")', "does not hold it" }, mutex.hold, mutex, mutex.release, mutex)
end

function tests.test_hold()
  local well <close> = support.well()
  local mutex = well:mutex("m")
  local function work(...)
    lu.assertTrue(mutex.locked)
    return select("#", ...), ...
  end
  lu.assertEquals({ mutex:hold(work, 1, nil, 3) }, { 3, 1, nil, 3 })
  lu.assertFalse(mutex.locked)
  local thing = {}
  local good, message = pcall(mutex.hold, mutex, error, thing)
  lu.assertFalse(good)
  lu.assertIs(message, thing)
  lu.assertEquals({ mutex.locked, mutex.inconsistent }, { false, false })
end

function tests.test_hold_over_a_yield()
  local well <close> = support.well()
  local mutex = well:mutex("m")
  local thread = coroutine.create(function() return mutex:hold(coroutine.yield, 1) end)
  lu.assertEquals({ coroutine.resume(thread) }, { true, 1 })
  lu.assertTrue(mutex.locked)
  lu.assertEquals({ coroutine.resume(thread, 2) }, { true, 2 })
  lu.assertFalse(mutex.locked)
  thread = coroutine.create(function() mutex:hold(coroutine.yield) end)
  coroutine.resume(thread)
  lu.assertTrue(coroutine.close(thread))
  lu.assertEquals({ mutex.locked, mutex.inconsistent }, { false, false })
end

-- ---- an owner that died

function tests.test_a_dead_owner()
  local well <close> = abandoned()
  local mutex = well:mutex("m")
  returns({ 'Mutex.acquire("m")', "a process died while it held it" }, errno.EOWNERDEAD, mutex:acquire())
  returns("died", errno.EOWNERDEAD, mutex:acquire(0))
  lu.assertEquals({ mutex.locked, mutex.owner, mutex.inconsistent }, { false, nil, true })
  raises("a process died while it held it", mutex.guard, mutex)
  raises("a process died while it held it", mutex.hold, mutex, print)
  raises("does not hold it", mutex.release, mutex)
  lu.assertTrue(mutex.inconsistent)
end

function tests.test_recover()
  local well <close> = abandoned()
  local mutex = well:mutex("m")
  lu.assertEquals({ mutex:recover(function(...)
    lu.assertEquals({ mutex.locked, mutex.owner, mutex.inconsistent }, { true, well.slot, false })
    raises("it is being recovered", mutex.release, mutex)
    raises({ "Well.close", 'holds "m"' }, well.close, well)
    return select("#", ...), ...
  end, 1, nil) }, { 2, 1, nil })
  lu.assertEquals({ mutex.locked, mutex.inconsistent }, { false, false })
  lu.assertIsTrue(mutex:acquire(0) and mutex:release())
end

function tests.test_recover_that_raises()
  local well <close> = abandoned()
  local mutex, thing = well:mutex("m"), {}
  local good, message = pcall(mutex.recover, mutex, error, thing)
  lu.assertFalse(good)
  lu.assertIs(message, thing)
  lu.assertEquals({ mutex.locked, mutex.inconsistent }, { false, true })
  returns("died", errno.EOWNERDEAD, mutex:acquire(0))
end

function tests.test_recover_over_a_yield()
  local well <close> = abandoned()
  local mutex = well:mutex("m")
  local thread = coroutine.create(function() mutex:recover(coroutine.yield) end)
  coroutine.resume(thread)
  lu.assertTrue(mutex.locked)
  lu.assertTrue(coroutine.close(thread))
  lu.assertEquals({ mutex.locked, mutex.inconsistent }, { false, true })
  thread = coroutine.create(function() return mutex:recover(coroutine.yield) end)
  coroutine.resume(thread)
  lu.assertEquals({ coroutine.resume(thread, "mended") }, { true, "mended" })
  lu.assertEquals({ mutex.locked, mutex.inconsistent }, { false, false })
end

-- Somebody else was faster: it is held all the same, and what the function raises spoils nothing.
function tests.test_recover_of_what_is_consistent()
  local well <close> = support.well()
  local mutex = well:mutex("m")
  lu.assertTrue(mutex:recover(function() return mutex.locked end))
  raises("boom", mutex.recover, mutex, error, "boom")
  lu.assertEquals({ mutex.locked, mutex.inconsistent }, { false, false })
end

function tests.test_acquire_that_recovers()
  local well <close> = abandoned()
  local calls, mutex = 0, nil
  mutex = well:mutex("m", { recover = function(...)
    calls = calls + 1
    lu.assertEquals({ select("#", ...), mutex.locked, mutex.inconsistent }, { 0, true, false })
  end })
  lu.assertIsTrue(mutex:acquire())
  lu.assertEquals({ calls, mutex.locked, mutex.inconsistent }, { 1, true, false })
  lu.assertIsTrue(mutex:release())
  lu.assertIsTrue(mutex:acquire())
  lu.assertIsTrue(mutex:release())
  lu.assertEquals(calls, 1)
end

function tests.test_guard_and_hold_that_recover()
  for _, way in ipairs { "guard", "hold" } do
    local well <close> = abandoned()
    local calls = 0
    local mutex = well:mutex("m", { recover = function() calls = calls + 1 end })
    local results = { mutex[way](mutex, way == "hold" and function() return "held", mutex.locked end or 0) }
    if way == "guard" then
      lu.assertEquals({ mutex.locked, results[1].closed }, { true, false })
      results[1]:close()
    else
      lu.assertEquals(results, { "held", true })
    end
    lu.assertEquals({ calls, mutex.locked, mutex.inconsistent }, { 1, false, false })
  end
end

function tests.test_a_recover_that_raises_or_yields()
  local well <close> = abandoned()
  local thing = {}
  local failing = well:mutex("m", { recover = function() error(thing) end })
  for _, way in ipairs { "acquire", "guard", "hold" } do
    local good, message = pcall(failing[way], failing, way == "hold" and print or 0)
    lu.assertFalse(good)
    lu.assertIs(message, thing)
    lu.assertEquals({ failing.locked, failing.inconsistent }, { false, true })
  end
  local yielding = well:mutex("m", { recover = coroutine.yield })
  local thread = coroutine.create(function() yielding:acquire() end)
  local good, message = coroutine.resume(thread)
  lu.assertFalse(good)
  lu.assertStrContains(message, "attempt to yield across a C-call boundary")
  lu.assertTrue(yielding.inconsistent)
  local closing
  closing = well:mutex("m", { recover = function() closing:close() end })
  lu.assertIsTrue(closing:acquire())
  lu.assertIsTrue(well:mutex("m"):release())
end

-- Who recovers and dies leaves the same as who held it.
function tests.test_a_recoverer_that_dies()
  local well <close> = abandoned()
  support.leave(well, "well:mutex('m'):recover(function() ready() stay() end)")
  local mutex = well:mutex("m")
  returns("died", errno.EOWNERDEAD, mutex:acquire())
  mutex:recover(function() end)
  lu.assertIsTrue(mutex:acquire() and mutex:release())
end

-- ---- other processes

function tests.test_another_process_waits()
  local well <close> = support.well()
  local mutex, counts = well:mutex("m"), well:array("counts", "int64", 1)
  local pipes = {}
  for i = 1, 3 do
    pipes[i] = support.start_in(well, [[
      local mutex, counts = well:mutex "m", well:array "counts"
      for _ = 1, 500 do mutex:hold(function() counts[1] = counts[1] + 1 end) end
      print "done"]])
  end
  for _ = 1, 500 do
    lu.assertIsTrue(mutex:acquire(60))
    counts[1] = counts[1] + 1
    mutex:release()
  end
  for _, pipe in ipairs(pipes) do
    lu.assertEquals(pipe:read("a"), "done\n")
    pipe:close()
  end
  lu.assertEquals(counts[1], 2000)
end

-- A holder that lives is never robbed, also where it is stopped; a person may decide otherwise, and it is told.
function tests.test_a_stopped_holder()
  local well <close> = support.well()
  local mutex, go = well:mutex("m"), well:event("go")
  local pipe, pid = support.start_in(well, [[
    local mutex = well:mutex "m"
    mutex:acquire()
    ready()
    well:event("go"):wait()
    print(pcall(mutex.release, mutex))]])
  lu.assertEquals(pipe:read("l"), "ready")
  support.signal(pid, "STOP")
  while support.state(pid) ~= "T" do end -- luacheck: ignore
  lu.assertIsFalse(mutex:acquire(0.1))
  lu.assertEquals(mutex.owner, 1)
  lu.assertEquals(well:participants()[2], { slot = 1, pid = pid, state = "stopped", holds = { "m" }, self = false })
  lu.assertEquals(well:break_locks(mutex.owner), 1)
  returns("died", errno.EOWNERDEAD, mutex:acquire())
  mutex:recover(function() end)
  go:set()
  support.signal(pid, "CONT")
  local told = pipe:read("a")
  lu.assertStrContains(told, "false")
  lu.assertStrContains(told, "Mutex.release")
  pipe:close()
end

-- A forked child is another process: what its parent holds it does not, and it may wait for that.
function tests.test_fork()
  local well <close> = support.well()
  local mutex = well:mutex("m")
  mutex:acquire()
  local guard = well:mutex("g"):guard()
  local child = assert(peers.fork(function()
    raises("does not hold it", mutex.release, mutex)
    lu.assertIsFalse(mutex:acquire(0))
    lu.assertNotEquals(well.slot, 0)
    raises("does not hold it", guard.close, guard)
  end))
  lu.assertEquals({ peers.wait(child) }, { "exit", 0 })
  lu.assertTrue(well:mutex("g").locked)
  guard:close()
  child = assert(peers.fork(function() lu.assertIsTrue(mutex:acquire(60)) end))
  mutex:release()
  lu.assertEquals({ peers.wait(child) }, { "exit", 0 })
  returns("died", errno.EOWNERDEAD, mutex:acquire())
end

return support.suite(tests)

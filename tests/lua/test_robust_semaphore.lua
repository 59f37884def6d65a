-- RobustSemaphore: acquire and release, guards, hold, and permits that come back from the dead.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local peers = require "memwell_peers"
local support = require "support"

local errno = memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

local function state_of(semaphore) return { semaphore.capacity, semaphore.value, semaphore.held } end

function tests.test_acquire_and_release()
  local well <close> = support.well()
  local permits, created = well:semaphore("s", 3)
  lu.assertEquals({ created, permits.name, permits.closed }, { true, "s", false })
  lu.assertEquals(state_of(permits), { 3, 3, 0 })
  for _ = 1, 3 do lu.assertIsTrue(permits:acquire()) end
  lu.assertEquals(state_of(permits), { 3, 0, 3 })
  lu.assertIsFalse(permits:acquire(0))
  lu.assertIsFalse(permits:acquire(0.001))
  lu.assertIsTrue(permits:release())
  lu.assertIsTrue(permits:release(2))
  lu.assertEquals(state_of(permits), { 3, 3, 0 })
  local same, again = well:semaphore("s")
  lu.assertEquals({ again, same.capacity }, { false, 3 })
  lu.assertEquals(tostring(permits), 'memwell.RobustSemaphore ("s")')
end

function tests.test_sizes()
  local well <close> = support.well()
  for _, capacity in ipairs { 1, 8, 9, 100, 4096 } do
    local permits = well:semaphore("s" .. capacity, capacity)
    for _ = 1, capacity do assert(permits:acquire(0)) end
    lu.assertIsFalse(permits:acquire(0))
    lu.assertIsTrue(permits:release(capacity))
    lu.assertEquals(state_of(permits), { capacity, capacity, 0 })
  end
end

function tests.test_mistakes_of_a_holder()
  local well <close> = support.well()
  local permits = well:semaphore("s", 2)
  raises({ 'RobustSemaphore.release("s")', "1 are to be released, and this process holds 0" }, permits.release, permits)
  permits:acquire()
  raises("holds 1", permits.release, permits, 2)
  raises("holds 1", permits.release, permits, math.maxinteger)
  raises("n is 0", permits.release, permits, 0)
  lu.assertEquals(state_of(permits), { 2, 1, 1 })
  raises({ "Well.close", 'holds "s"' }, well.close, well)
  permits:release()
end

function tests.test_bad_arguments()
  local well <close> = support.well()
  local permits = well:semaphore("s", 2)
  for _, call in ipairs { "acquire", "guard" } do
    raises("number of seconds expected, got string", permits[call], permits, "1")
    raises("the timeout is negative", permits[call], permits, -1)
    raises("the timeout is not a number", permits[call], permits, 0 / 0)
  end
  raises("n -1 is negative", permits.release, permits, -1)
  raises("no integer representation", permits.release, permits, 1.5)
  raises("integer expected, got boolean", permits.release, permits, true)
  raises("bad argument #2", permits.hold, permits)
  raises("at least one permit", well.semaphore, well, "t", 0)
  raises("capacity -1 is negative", well.semaphore, well, "t", -1)
  raises({ 'Well.semaphore("t")', "it is 1 to 4096" }, well.semaphore, well, "t", 4097)
  raises("it is 1 to 4096", well.semaphore, well, "t", math.maxinteger)
  raises({ 'Well.semaphore("s")', "capacity 2", "capacity 3" }, well.semaphore, well, "s", 3)
  raises("unknown option 'value'; it takes create", well.semaphore, well, "t", 1, { value = 1 })
  returns({ 'Well.semaphore("t")', "no semaphore of this name" }, errno.ENOENT, well:semaphore("t"))
  returns("no semaphore of this name", errno.ENOENT, well:semaphore("t", 1, { create = false }))
  lu.assertEquals(state_of(permits), { 2, 2, 0 })
end

function tests.test_close_and_delete()
  local well = support.well()
  local permits, other = well:semaphore("s", 2), well:semaphore("s", 2)
  permits:acquire()
  lu.assertTrue(permits:close() and permits:close() and permits.closed)
  for _, call in ipairs { "acquire", "release", "guard", "hold" } do
    raises({ 'RobustSemaphore.' .. call .. '("s")', "the semaphore is closed" }, permits[call], permits,
      call == "hold" and print or nil)
  end
  for _, field in ipairs { "name", "capacity", "value", "held" } do
    raises("RobustSemaphore." .. field, function() return permits[field] end)
  end
  lu.assertEquals(tostring(permits), 'memwell.RobustSemaphore ("s", closed)')
  returns({ 'Well.delete("s")', "somebody holds it" }, errno.EBUSY, well:delete("s"))
  lu.assertEquals(state_of(other), { 2, 1, 1 })
  other:release()
  lu.assertTrue(well:delete("s"))
  raises("it was deleted from the well", other.acquire, other)
  raises("it was deleted from the well", other.release, other)
  raises("it was deleted from the well", function() return other.value end)
  local new = well:semaphore("s", 5)
  lu.assertEquals(state_of(new), { 5, 5, 0 })
  well:close()
  raises("the well is closed", new.acquire, new)
  lu.assertTrue(new.closed)
end

-- ---- guards and hold

function tests.test_guard()
  local well <close> = support.well()
  local permits = well:semaphore("s", 2)
  do
    local guard <close> = permits:guard(10)
    local second <close> = permits:guard()
    lu.assertEquals({ guard.closed, second.closed, permits.held }, { false, false, 2 })
    raises({ "RobustSemaphore.acquire", "in time" }, permits.guard, permits, 0)
  end
  lu.assertEquals(permits.held, 0)
  permits:guard()
  collectgarbage()
  collectgarbage()
  lu.assertEquals(permits.held, 0)
  local guard = permits:guard()
  permits:close()
  lu.assertTrue(guard:close() and guard:close())
  lu.assertEquals(well:semaphore("s").held, 0)
end

function tests.test_hold()
  local well <close> = support.well()
  local permits = well:semaphore("s", 1)
  local function work(...) return permits.held, select("#", ...), ... end
  lu.assertEquals({ permits:hold(work, nil, 2) }, { 1, 2, nil, 2 })
  raises("boom", permits.hold, permits, error, "boom")
  lu.assertEquals(permits.held, 0)
  local thread = coroutine.create(function() return permits:hold(coroutine.yield, 1) end)
  coroutine.resume(thread)
  lu.assertEquals(permits.held, 1)
  lu.assertEquals({ coroutine.resume(thread, "end") }, { true, "end" })
  lu.assertEquals(permits.held, 0)
end

-- ---- other processes

function tests.test_permits_of_the_dead_come_back()
  local well <close> = support.well()
  local permits = well:semaphore("s", 3)
  permits:acquire()
  support.leave(well, "local s = well:semaphore 's' s:acquire() s:acquire() assert(not s:acquire(0))")
  lu.assertEquals(state_of(permits), { 3, 0, 1 })
  lu.assertEquals(well:participants()[2].state, "dead")
  lu.assertIsTrue(permits:acquire(0))
  lu.assertIsTrue(permits:acquire(60))
  lu.assertIsFalse(permits:acquire(0))
  lu.assertEquals(#well:participants(), 1)
  permits:release(3)
  support.leave(well, "well:semaphore('s'):acquire()")
  lu.assertEquals({ permits.value, well:reap(), permits.value, well:reap() }, { 2, 1, 3, 0 })
end

-- Whoever waits when the holder is killed gets the permit without being told.
function tests.test_a_waiter_of_the_dead()
  local well <close> = support.well()
  local permits = well:semaphore("s", 1)
  local holder, pid = support.start_in(well, "well:semaphore('s'):acquire() ready() stay()")
  lu.assertEquals(holder:read("l"), "ready")
  local waiter, waiter_pid = support.start_in(well, "local s = well:semaphore 's' ready() print(s:acquire(60)) s:release()")
  lu.assertEquals(waiter:read("l"), "ready")
  while support.state(waiter_pid) ~= "S" do end -- luacheck: ignore
  support.signal(pid, "KILL")
  lu.assertEquals(waiter:read("a"), "true\n")
  holder:close()
  waiter:close()
  lu.assertEquals(permits.value, 1)
end

function tests.test_fork()
  local well <close> = support.well()
  local permits = well:semaphore("s", 2)
  permits:acquire()
  local child = assert(peers.fork(function()
    lu.assertEquals(state_of(permits), { 2, 1, 0 })
    raises("this process holds 0", permits.release, permits)
    lu.assertIsTrue(permits:acquire(0))
    lu.assertIsFalse(permits:acquire(0))
    lu.assertEquals(permits.held, 1)
  end))
  lu.assertEquals({ peers.wait(child) }, { "exit", 0 })
  lu.assertIsTrue(permits:acquire(0))
  permits:release(2)
end

return support.suite(tests)

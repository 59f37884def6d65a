-- Semaphore: the ways to get one, acquire and release, guards, hold.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Semaphore, errno = memwell.Semaphore, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

local function new(value)
  return assert(Semaphore.create(support.name(), value, { temporary = true }))
end

function tests.test_create_attach_unlink()
  local name = support.name()
  local semaphore <close> = assert(Semaphore.create(name, 2))
  lu.assertEquals({ semaphore.name, semaphore.value, semaphore.closed }, { name, 2, false })
  local other <close> = assert(Semaphore.attach("/" .. name))
  lu.assertIsTrue(other:acquire())
  lu.assertEquals(semaphore.value, 1)
  returns({ "Semaphore.create", name }, errno.EEXIST, Semaphore.create(name))
  lu.assertTrue(Semaphore.unlink(name))
  returns({ "Semaphore.attach", name }, errno.ENOENT, Semaphore.attach(name))
  returns({ "Semaphore.unlink", name }, errno.ENOENT, Semaphore.unlink(name))
  lu.assertTrue(Semaphore.unlink(name, { missing_ok = true }))
  lu.assertEquals(new().value, 0)
end

function tests.test_open_tells_who_made_it()
  local name = support.name()
  local first <close>, created = assert(Semaphore.open(name, 3))
  local second <close>, again = assert(Semaphore.open(name, 5))
  lu.assertEquals({ created, again, second.value }, { true, false, 3 })
  second:close()
  lu.assertTrue(second:unlink())
  lu.assertEquals(first.value, 3)
end

function tests.test_acquire_and_release()
  local semaphore <close> = new(1)
  lu.assertIsTrue(semaphore:acquire())
  lu.assertIsFalse(semaphore:acquire(0))
  lu.assertIsFalse(semaphore:acquire(0.001))
  lu.assertIsTrue(semaphore:release())
  lu.assertIsTrue(semaphore:release(3))
  lu.assertEquals(semaphore.value, 4)
  for _ = 1, 4 do lu.assertIsTrue(semaphore:acquire(10)) end
  lu.assertIsFalse(semaphore:acquire(0))
end

function tests.test_overflow()
  local semaphore <close> = new(2147483646)
  lu.assertIsTrue(semaphore:release())
  returns({ "Semaphore.release", semaphore.name }, errno.EOVERFLOW, semaphore:release())
  returns({ "Semaphore.release", semaphore.name }, errno.EOVERFLOW, semaphore:release(math.maxinteger))
  lu.assertEquals(semaphore.value, 2147483647)
end

function tests.test_bad_arguments()
  local semaphore <close> = new(1)
  for _, call in ipairs { "acquire", "guard" } do
    raises("number of seconds expected, got boolean", semaphore[call], semaphore, true)
    raises("number of seconds expected, got string", semaphore[call], semaphore, "1")
    raises("the timeout is negative", semaphore[call], semaphore, -0.001)
    raises("the timeout is not a number", semaphore[call], semaphore, 0 / 0)
  end
  raises("n is 0", semaphore.release, semaphore, 0)
  raises("n -1 is negative", semaphore.release, semaphore, -1)
  raises("integer expected, got boolean", semaphore.release, semaphore, true)
  raises("no integer representation", semaphore.release, semaphore, 1.5)
  raises("counts to 2147483647", Semaphore.create, support.name(), 1 << 31)
  raises("value -1 is negative", Semaphore.create, support.name(), -1)
  raises("unknown option 'readonly'", Semaphore.attach, "x", { readonly = true })
  raises("unknown option 'any_owner'", Semaphore.open, "x", 1, { any_owner = true })
  for _, call in ipairs { "create", "attach", "open", "unlink" } do
    raises("zero byte", Semaphore[call], "a\0b")
    raises("string expected, got no value", Semaphore[call])
    for _, name in ipairs { "", "/", "a/b", ("x"):rep(252) } do
      local good, value, message = pcall(Semaphore[call], name)
      lu.assertStrContains(good and message or value, "Semaphore." .. call)
    end
  end
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_what_is_no_semaphore()
  local name = support.name()
  local path = "/dev/shm/sem." .. name
  for _, contents in ipairs { "x", ("\0"):rep(31), ("\0"):rep(32), ("\255"):rep(32), ("x"):rep(4096) } do
    local file <close> = assert(io.open(path, "wb"))
    file:write(contents)
    file:close()
    raises({ "Semaphore.attach", name }, Semaphore.attach, name)
    lu.assertTrue(support.exists(path))
  end
  os.remove(path)
end

function tests.test_close()
  local semaphore = new(1)
  local name = semaphore.name
  lu.assertTrue(semaphore:close())
  lu.assertTrue(semaphore:close())
  lu.assertTrue(semaphore.closed)
  for _, call in ipairs { "acquire", "release", "guard" } do
    raises({ "Semaphore." .. call, name, "the semaphore is closed" }, semaphore[call], semaphore)
  end
  raises({ "Semaphore.hold", "the semaphore is closed" }, semaphore.hold, semaphore, print)
  raises("Semaphore.value", function() return semaphore.value end)
  raises("Semaphore.name", function() return semaphore.name end)
  lu.assertEquals(tostring(semaphore), "memwell.Semaphore (closed)")
  lu.assertEquals(tostring(new()):match("^(.-)\""), "memwell.Semaphore (named, ")
end

-- ---- guards

function tests.test_guard()
  local semaphore <close> = new(1)
  do
    local guard <close> = semaphore:guard()
    lu.assertEquals({ guard.closed, semaphore.value }, { false, 0 })
  end
  lu.assertEquals(semaphore.value, 1)
  local good, message = pcall(function()
    local guard <close> = semaphore:guard()
    error(guard, 0)
  end)
  lu.assertFalse(good)
  lu.assertTrue(message.closed)
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_guard_closes_once()
  local semaphore <close> = new(1)
  do
    local guard <close> = semaphore:guard()
    lu.assertTrue(guard:close())
    lu.assertTrue(guard:close())
    lu.assertTrue(guard.closed)
  end
  collectgarbage()
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_guard_that_cannot_acquire()
  local semaphore <close> = new(0)
  raises({ "Semaphore.acquire", semaphore.name }, semaphore.guard, semaphore, 0)
  raises({ "Semaphore.acquire", semaphore.name }, semaphore.guard, semaphore, 0.001)
  collectgarbage()
  lu.assertEquals(semaphore.value, 0)
end

function tests.test_forgotten_guard()
  local semaphore <close> = new(1)
  semaphore:guard()
  collectgarbage()
  collectgarbage()
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_guard_of_a_closed_semaphore()
  local semaphore = new(1)
  local guard = semaphore:guard()
  semaphore:close()
  raises("the unit is lost", guard.close, guard)
  lu.assertTrue(guard:close())
end

-- ---- hold

function tests.test_hold_passes_everything_on()
  local semaphore <close> = new(1)
  local function work(...)
    lu.assertEquals(semaphore.value, 0)
    return select("#", ...), ...
  end
  lu.assertEquals({ semaphore:hold(work, 1, nil, 3) }, { 3, 1, nil, 3 })
  lu.assertEquals(select("#", semaphore:hold(function() end)), 0)
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_hold_releases_when_the_function_raises()
  local semaphore <close> = new(1)
  local thing = {}
  local good, message = pcall(semaphore.hold, semaphore, error, thing)
  lu.assertFalse(good)
  lu.assertIs(message, thing)
  lu.assertEquals(semaphore.value, 1)
  raises("attempt to call a nil value", semaphore.hold, semaphore, nil)
  raises("bad argument #2", semaphore.hold, semaphore)
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_hold_over_a_yield()
  local semaphore <close> = new(1)
  local thread = coroutine.wrap(function(...)
    return "end", semaphore:hold(function(a, b) return coroutine.yield(a + b) end, ...)
  end)
  lu.assertEquals(thread(1, 2), 3)
  lu.assertEquals(semaphore.value, 0)
  lu.assertEquals({ thread("x", "y") }, { "end", "x", "y" })
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_hold_in_a_coroutine_that_dies()
  local semaphore <close> = new(1)
  local thread = coroutine.create(function()
    semaphore:hold(function()
      coroutine.yield()
      error("boom")
    end)
  end)
  coroutine.resume(thread)
  lu.assertEquals(semaphore.value, 0)
  lu.assertFalse(coroutine.resume(thread))
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_hold_in_a_coroutine_that_is_closed()
  local semaphore <close> = new(1)
  local thread = coroutine.create(function() semaphore:hold(coroutine.yield) end)
  coroutine.resume(thread)
  lu.assertEquals(semaphore.value, 0)
  lu.assertTrue(coroutine.close(thread))
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_hold_in_a_coroutine_that_is_forgotten()
  local semaphore <close> = new(1)
  coroutine.resume(coroutine.create(function() semaphore:hold(coroutine.yield) end))
  collectgarbage()
  collectgarbage()
  lu.assertEquals(semaphore.value, 1)
end

function tests.test_hold_of_a_semaphore_that_is_closed_inside()
  local semaphore = new(1)
  raises("the unit is lost", semaphore.hold, semaphore, function() semaphore:close() end)
  semaphore = new(1)
  raises("boom", semaphore.hold, semaphore, function()
    semaphore:close()
    error("boom")
  end)
end

function tests.test_hold_within_hold()
  local semaphore <close> = new(2)
  lu.assertEquals(semaphore:hold(function()
    return semaphore:hold(function() return semaphore.value end)
  end), 0)
  lu.assertEquals(semaphore.value, 2)
end

-- ---- other processes

function tests.test_another_process()
  local go, done = new(0), new(0)
  local code = string.format([[
    local Semaphore = require "memwell".Semaphore
    local go, done = assert(Semaphore.attach(%q)), assert(Semaphore.attach(%q))
    for _ = 1, 1000 do go:acquire() done:release() end]], go.name, done.name)
  os.execute(support.command(code) .. " &")
  for _ = 1, 1000 do
    go:release()
    lu.assertIsTrue(done:acquire(60))
  end
  lu.assertEquals({ go.value, done.value }, { 0, 0 })
end

return support.suite(tests)

-- Signals: Ctrl-C ends a wait where the interpreter asks for it by a hook; other signals do not.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local tests = {}

-- Wait until the process sleeps. It was heard of just before it began to wait, and does nothing else that sleeps.
local function await_sleep(pid)
  repeat
    local state = support.state(pid)
    assert(state, "the process ended early")
  until state == "S"
end

-- Start a script that finds the semaphore `ready`, to be released before it waits, and `never`; `after` gets its pid once it
-- sleeps. Returns what it printed.
local function interrupted(body, after)
  local name = support.name()
  local ready <close> = assert(memwell.Semaphore.create(name .. "r", 0, { temporary = true }))
  local never <close> = assert(memwell.Semaphore.create(name .. "n", 0, { temporary = true }))
  local code = string.format([[
    local memwell = require "memwell"
    local ready, never = assert(memwell.Semaphore.attach(%q)), assert(memwell.Semaphore.attach(%q))
    %s]], ready.name, never.name, body)
  local pipe <close>, pid = support.start(code)
  lu.assertIsTrue(ready:acquire(60))
  await_sleep(pid)
  after(pid, never)
  return pipe:read("a")
end

function tests.test_ctrl_c_ends_a_wait()
  for _, wait in ipairs { "never:acquire()", "never:acquire(60)", "never:guard()", "never:hold(print)" } do
    local body = "ready:release() " .. wait
    local output = interrupted(body, function(pid) os.execute("kill -INT " .. pid) end)
    lu.assertStrContains(output, "interrupted!")
  end
end

function tests.test_ctrl_c_in_a_coroutine()
  local body = [[
    local thread = coroutine.create(function() return never:acquire() end)
    ready:release()
    print(pcall(function() print(coroutine.resume(thread)) end))]]
  local output = interrupted(body, function(pid) os.execute("kill -INT " .. pid) end)
  lu.assertStrContains(output, "interrupted!")
end

-- Stopped and continued, a wait goes on to the same end.
function tests.test_stop_and_go()
  local output = interrupted("ready:release() print(never:acquire(60))", function(pid, never)
    os.execute("kill -STOP " .. pid .. "; kill -CONT " .. pid)
    never:release()
  end)
  lu.assertStrContains(output, "true")
end

function tests.test_ctrl_c_ends_a_wait_on_an_element()
  local body = "ready:release() memwell.Region.anonymous(4):view('int32'):wait(1, 0)"
  local output = interrupted(body, function(pid) os.execute("kill -INT " .. pid) end)
  lu.assertStrContains(output, "interrupted!")
end

function tests.test_ctrl_c_ends_a_wait_on_a_set()
  local key = support.key()
  local set <close> = assert(memwell.Semaphore.sysv(key, 0, { how = "create" }))
  local body = string.format("local set = memwell.Semaphore.sysv(%d) ready:release() set:acquire()", key)
  local output = interrupted(body, function(pid) os.execute("kill -INT " .. pid) end)
  lu.assertStrContains(output, "interrupted!")
  lu.assertTrue(set:sysv_remove())
end

-- The mutex and the permits are held by the process that interrupts.
function tests.test_ctrl_c_ends_a_wait_in_a_well()
  local well <close> = support.well()
  local mutex = well:mutex("m")
  local held <close> = mutex:guard() -- luacheck: ignore
  local permit <close> = well:semaphore("s", 1):guard() -- luacheck: ignore
  for _, wait in ipairs { "mutex('m'):acquire()", "mutex('m'):guard(60)", "mutex('m'):recover(print)", "semaphore('s'):acquire()",
    "semaphore('s'):hold(print)", "event('e'):wait()" } do
    local body = string.format("local well = memwell.Well.attach(%q) ready:release() well:%s", well.name, wait)
    local output = interrupted(body, function(pid) os.execute("kill -INT " .. pid) end)
    lu.assertStrContains(output, "interrupted!")
  end
  lu.assertTrue(mutex.locked)
end

function tests.test_ctrl_c_ends_an_attach()
  local body = string.format([[
    ready:release()
    memwell.Region.attach(%q, { timeout = math.huge })]], support.name())
  local output = interrupted(body, function(pid) os.execute("kill -INT " .. pid) end)
  lu.assertStrContains(output, "interrupted!")
end

return support.suite(tests)

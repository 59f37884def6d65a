-- Event: set, clear, is_set, wait.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local peers = require "memwell_peers"
local support = require "support"

local errno = memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

function tests.test_set_and_clear()
  local well <close> = support.well()
  local event, created = well:event("e")
  lu.assertEquals({ created, event.name, event.closed }, { true, "e", false })
  lu.assertIsFalse(event:is_set())
  lu.assertIsFalse(event:wait(0))
  lu.assertIsFalse(event:wait(0.001))
  lu.assertIsTrue(event:set())
  lu.assertIsTrue(event:set())
  local same, again = well:event("e", { create = false })
  lu.assertIsFalse(again)
  lu.assertIsTrue(same:is_set())
  for _, timeout in ipairs { 0, 1, math.huge } do lu.assertIsTrue(event:wait(timeout)) end
  lu.assertIsTrue(event:wait())
  lu.assertIsTrue(event:clear())
  lu.assertIsTrue(event:clear())
  lu.assertIsFalse(same:is_set())
  lu.assertEquals(tostring(event), 'memwell.Event ("e")')
end

function tests.test_bad_arguments()
  local well <close> = support.well()
  local event = well:event("e")
  raises("number of seconds expected, got boolean", event.wait, event, true)
  raises("the timeout is negative", event.wait, event, -1)
  raises("the timeout is not a number", event.wait, event, 0 / 0)
  raises("unknown option 'recover'; it takes create", well.event, well, "e", { recover = print })
  returns({ 'Well.event("x")', "no event of this name" }, errno.ENOENT, well:event("x", { create = false }))
end

function tests.test_close_and_delete()
  local well = support.well()
  local event, other = well:event("e"), well:event("e")
  lu.assertTrue(event:close() and event:close() and event.closed)
  for _, call in ipairs { "set", "clear", "is_set", "wait" } do
    raises({ 'Event.' .. call .. '("e")', "the event is closed" }, event[call], event)
  end
  raises("Event.name", function() return event.name end)
  lu.assertEquals(tostring(event), 'memwell.Event ("e", closed)')
  other:set()
  lu.assertTrue(well:delete("e"))
  for _, call in ipairs { "set", "clear", "is_set", "wait" } do
    raises({ "Event." .. call, "it was deleted from the well" }, other[call], other)
  end
  local new = well:event("e")
  lu.assertIsFalse(new:is_set())
  do local handle <close> = new end -- luacheck: ignore
  lu.assertTrue(new.closed)
  new = well:event("e")
  well:close()
  raises("the well is closed", new.wait, new)
  lu.assertTrue(new.closed)
end

-- ---- other processes

function tests.test_another_process()
  local well <close> = support.well()
  local ping, pong = well:event("ping"), well:event("pong")
  local pipe = support.start_in(well, [[
    local ping, pong = well:event "ping", well:event "pong"
    for _ = 1, 500 do
      assert(ping:wait(60) and ping:clear() and pong:set())
    end]])
  for _ = 1, 500 do
    ping:set()
    lu.assertIsTrue(pong:wait(60))
    pong:clear()
  end
  lu.assertEquals(pipe:read("a"), "")
  pipe:close()
end

-- Who sleeps is told of a set, though the flag is clear again when it looks; and one that is deleted ends its wait.
function tests.test_sleepers()
  local well <close> = support.well()
  local event = well:event("e")
  for _, act in ipairs { "set", "delete" } do
    local pipes = {}
    for i = 1, 3 do
      pipes[i] = support.start_in(well, "local e = well:event 'e' ready() print(pcall(e.wait, e, 60))")
      lu.assertEquals(pipes[i]:read("l"), "ready")
    end
    repeat
      local waiters
      for _, object in ipairs(well:objects()) do waiters = object.waiters end
    until waiters == 3
    if act == "set" then
      event:set()
      event:clear()
    else
      well:delete("e")
    end
    for _, pipe in ipairs(pipes) do
      lu.assertStrContains(pipe:read("a"), act == "set" and "true\ttrue" or "it was deleted from the well")
      pipe:close()
    end
  end
end

function tests.test_a_dead_process_leaves_it()
  local well <close> = support.well()
  support.leave(well, "well:event('set'):set() well:event('clear'):set() well:event('clear'):clear()")
  lu.assertEquals({ well:event("set"):is_set(), well:event("clear"):is_set() }, { true, false })
end

function tests.test_fork()
  local well <close> = support.well()
  local event = well:event("e")
  local child = assert(peers.fork(function() lu.assertIsTrue(event:wait(60)) end))
  event:set()
  lu.assertEquals({ peers.wait(child) }, { "exit", 0 })
end

return support.suite(tests)

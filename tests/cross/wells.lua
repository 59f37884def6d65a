-- One well between two: arrays, turns, permits, events; and what the one that is killed leaves to the other.
-- Main entries: wells.first, wells.second, wells.holder, wells.heir.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local wells = {}

local SIZE <const>, ROWS <const>, COLUMNS <const>, PERMITS <const> = 65536, 3, 4, 3
local PATIENCE <const> = 60.0 -- seconds: only a peer that died is waited for so long

local function fail(...)
  error(string.format(...), 0)
end

local function say(word)
  print(word)
  io.stdout:flush()
end

-- ---- finding, or creating, and closing

local function parts_of(well)
  return {
    well = well,
    grid = assert(well:array("grid", "float64", { ROWS, COLUMNS })),
    counts = assert(well:array("counts", "int64", 2)),
    turn = assert(well:mutex "turn"),
    permits = assert(well:semaphore("permits", PERMITS)),
    ping = assert(well:event "ping"),
    pong = assert(well:event "pong"),
  }
end

local function create(name) return parts_of(assert(memwell.Well.create(name, SIZE))) end

local function attach(name) return parts_of(assert(memwell.Well.attach(name, { timeout = PATIENCE }))) end

local function close(own)
  assert(own.well:check())
  own.well:close()
end

-- ---- its objects

-- Each cell has the other side's number; leave one of our own.
local function answer_grid(grid, wanted_sign, sign)
  for row = 1, ROWS do
    for column = 1, COLUMNS do
      local number = (row - 1) * COLUMNS + column - 0.5
      if grid:at(row, column) ~= wanted_sign * number then fail("grid %d %d: %g", row, column, grid:at(row, column)) end
      grid:put(sign * number, row, column)
    end
  end
end

local function take_turns(own, count)
  local counts = own.counts
  for _ = 1, count do
    own.turn:hold(function()
      if counts[1] ~= counts[2] then fail("two have the turn: %d, %d", counts:get(1, 2)) end
      counts[1] = counts[1] + 1
      counts[2] = counts[2] + 1
    end)
  end
end

local function await(event)
  if not event:wait(PATIENCE) then fail("%s was not set in time", event.name) end
  assert(event:clear())
end

local function expect_value(permits, wanted)
  if permits.value ~= wanted then fail("permits: %d free instead of %d", permits.value, wanted) end
end

-- What the well says that it has, but for what may change at any moment.
local function print_objects(well)
  local objects = assert(well:objects())
  table.sort(objects, function(one, other) return one.name < other.name end)
  for _, object in ipairs(objects) do
    local words = { object.name, object.kind, object.offset, object.size, object.dtype or object.capacity }
    for _, extent in ipairs(object.shape or {}) do words[#words + 1] = extent end
    print(table.concat(words, " "))
  end
end

-- ---- two that live

function wells.first(name, count)
  local own = create(name)
  answer_grid(own.grid, 0, 1)
  say "ready"
  await(own.pong)
  answer_grid(own.grid, -1, 1)
  take_turns(own, count)
  for _ = 1, count do
    own.ping:set()
    await(own.pong)
  end
  if own.counts[1] ~= 2 * count then fail("%d turns", own.counts[1]) end
  if not (own.permits:acquire(0) and own.permits:acquire(0)) then fail("no permits") end
  own.ping:set()
  await(own.pong)
  expect_value(own.permits, 1)
  own.permits:release(2)
  print_objects(own.well)
  close(own)
  assert(own.well:unlink())
end

function wells.second(name, count)
  local own = attach(name)
  answer_grid(own.grid, 1, -1)
  own.pong:set()
  take_turns(own, count)
  for _ = 1, count do
    await(own.ping)
    own.pong:set()
  end
  await(own.ping)
  expect_value(own.permits, 1)
  if not own.permits:acquire(0) or own.permits:acquire(0) then fail("not one permit was left") end
  own.permits:release()
  print "ready"
  print_objects(own.well)
  own.pong:set()
  close(own)
end

-- ---- one that is killed, and one that comes after it

function wells.holder(name)
  local own = create(name)
  assert(own.turn:acquire(0))
  own.counts[1] = 1
  if not (own.permits:acquire(0) and own.permits:acquire(0)) then fail("no permits") end
  say "holding"
  await(own.ping)
end

local function print_others(well)
  for _, participant in ipairs(assert(well:participants())) do
    table.sort(participant.holds)
    if not participant.self then
      print(string.format("slot %d %s: %s", participant.slot, participant.state, table.concat(participant.holds, " ")))
    end
  end
end

local function print_turn(turn, timeout)
  local acquired, message, number = turn:acquire(timeout)
  if not acquired and number ~= memwell.errno.EOWNERDEAD then fail("turn: %s", message or "it did not come") end
  print(acquired and "turn: acquired" or "turn: its owner died")
end

function wells.heir(name)
  local own = attach(name)
  expect_value(own.permits, 1)
  print_others(own.well)
  io.stdout:flush()
  print_turn(own.turn, PATIENCE)
  local permits = 0
  while own.permits:acquire(0) do permits = permits + 1 end
  print("permits: " .. permits)
  own.permits:release(permits)
  assert(not pcall(own.turn.recover, own.turn, error))
  print_turn(own.turn, 0)
  own.turn:recover(function() own.counts[2] = own.counts[1] end)
  print_turn(own.turn, 0)
  print(string.format("counts: %d %d", own.counts:get(1, 2)))
  own.turn:release()
  close(own)
  assert(own.well:unlink())
end

return wells

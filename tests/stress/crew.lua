-- One of a crew that works on one well until it is killed, or until the well's event "closing" is set: as crew.py, which says more.
--
--   crew.lua NAME PLACE LIFE SEED
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local WORKERS <const>, ACCOUNTS <const>, TOTAL <const>, PERMITS <const> = 6, 8, 800, 3
local DOOMED <const>, ACTS <const>, MENDED <const> = WORKERS, 2 * WORKERS, 3 * WORKERS + 1 -- places of the notes
local PATIENCE <const> = 60.0
local GIVEN_UP <const> = {} -- a mending that was not done to its end

local name, place, life = arg[1], tonumber(arg[2]), math.tointeger(arg[3])
math.randomseed(math.tointeger(arg[4]))

local notes_region = assert(memwell.Region.attach(name .. "-notes"))
local notes = notes_region:view("int64")
local well, ledger, journal, inside, turn, turn_that_mends, permits, bell, closing

local function expect(condition, ...)
  if not condition then error(string.format(...), 0) end
end

-- What may fail because the well is full, or a mutex inconsistent; any other failure is one of this test.
local function unless(number_wanted, result, message, number)
  if result == nil and number ~= number_wanted then error(message, 0) end
  return result
end

-- ---- the ledger

local function leave()
  expect(inside[1] == life, "two have the turn: %d %d", inside[1], life)
  inside[1] = 0
end

-- Undo the transfer that the dead has begun. It may be done twice. Accounts count from 0 in the journal, as in every language.
local function mend()
  if math.random(4) == 1 then error(GIVEN_UP, 0) end
  inside[1] = life
  if journal[1] ~= 0 then
    ledger[journal[2] + 1] = journal[3]
    ledger[journal[4] + 1] = journal[5]
  end
  journal[1] = 0
  notes[MENDED] = notes[MENDED] + 1
  leave()
end

local function enter()
  expect(inside[1] == 0, "two have the turn: %d %d", inside[1], life)
  inside[1] = life
  expect(ledger:sum() == TOTAL, "units were lost or made: %d", ledger:sum())
end

-- One unit. Whoever is killed before the end of it is undone.
local function move()
  local source = math.random(ACCOUNTS)
  local target = (source + math.random(ACCOUNTS - 1) - 1) % ACCOUNTS + 1
  journal:set(2, source - 1, ledger[source], target - 1, ledger[target])
  journal[1] = 1
  ledger[source] = ledger[source] - 1
  ledger[target] = ledger[target] + 1
  journal[1] = 0
end

local function transfer()
  enter()
  for _ = 1, math.random(0, 200) do move() end
  leave()
end

local function use_turn()
  local acquired = unless(memwell.errno.EOWNERDEAD, turn:acquire(PATIENCE))
  expect(acquired ~= false, "the turn did not come")
  if not acquired then return turn:recover(mend) end
  transfer()
  turn:release()
end

local function use_turn_that_mends() turn_that_mends:hold(transfer) end

-- ---- permits

local function acquisition_of(i) return notes[i] end
local function is_doomed(i) return notes[DOOMED + i] ~= 0 end

-- How many surely had one at the same moment: when the first look was over.
local function count_holders()
  local first, lives, count = {}, {}, 0
  for i = 1, WORKERS do first[i] = acquisition_of(i) end
  for i = 1, WORKERS do lives[i] = not is_doomed(i) end
  for i = 1, WORKERS do
    if lives[i] and first[i] ~= 0 and first[i] == acquisition_of(i) then count = count + 1 end
  end
  return count
end

local acquisitions = 0

local function use_permit()
  expect(permits:acquire(PATIENCE), "no permit came")
  acquisitions = acquisitions + 1
  notes[place + 1] = life << 32 | acquisitions
  for _ = 1, math.random(0, 50) do
    local count = count_holders()
    expect(count <= PERMITS, "%d have a permit", count)
  end
  notes[place + 1] = 0
  permits:release()
end

local function use_all_permits()
  local count = 0
  while permits:acquire(0) do count = count + 1 end
  expect(count <= PERMITS, "%d permits", count)
  if count > 0 then permits:release(count) end
end

-- ---- the rest

local function use_bell()
  local what = math.random(3)
  if what == 1 then bell:set() elseif what == 2 then bell:clear() else bell:wait(0.0005) end
end

local function make(own)
  local what = math.random(4)
  if what == 1 then return well:array(own, "uint8", 1000) end
  if what == 2 then return well:mutex(own) end
  if what == 3 then return well:semaphore(own, 20) end
  return well:event(own)
end

-- A name of our own; what one who had this place before has left under it goes first.
local function use_own_object()
  local own = "own-" .. place
  unless(memwell.errno.ENOENT, well:delete(own))
  if unless(memwell.errno.ENOBUFS, make(own)) then assert(well:delete(own)) end
end

local function attach()
  well = assert(memwell.Well.attach(name))
  ledger, journal, inside = assert(well:array "ledger"), assert(well:array "journal"), assert(well:array "inside")
  turn = assert(well:mutex("turn", { create = false }))
  turn_that_mends = assert(well:mutex("turn", { recover = mend, create = false }))
  permits = assert(well:semaphore("permits", PERMITS, { create = false }))
  bell, closing = assert(well:event("bell", { create = false })), assert(well:event("closing", { create = false }))
end

local function attach_anew()
  well:close()
  attach()
end

local function look()
  assert(well:reap())
  assert(well:check())
end

-- ---- until it is killed

local acts = {
  use_turn, use_turn_that_mends, use_permit, use_permit, use_all_permits, use_bell, use_own_object, attach_anew, look,
}

local function work()
  local said = false
  while not closing:is_set() do
    local done, message = pcall(acts[math.random(#acts)])
    if not done and message ~= GIVEN_UP then error(message, 0) end
    notes[ACTS + place + 1] = notes[ACTS + place + 1] + 1
    if not said then
      print "working"
      io.stdout:flush()
      said = true
    end
  end
end

attach()
work()
well:close()

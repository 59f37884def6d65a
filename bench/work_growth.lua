-- The worker in Lua for what attaching, a lock and a look-up cost by how much there is, as growth_calls.c has it from C.
--
-- SPDX-License-Identifier: MIT
local bare = require "bare_lua"
local memwell = require "memwell"
local serve = require "serve"

local Region, Well = memwell.Region, memwell.Well
local NAME = arg[1]
local COUNTS = { 1, 100, 10000 }
local SIZE = 16 << 20

local works, wells = {}, {}

-- What has to be done before is not counted.
local function timed(work, n, ...)
  local begin = bare.now()
  work(n, ...)
  return bare.now() - begin
end

-- What this process has attached beside the region that comes and goes: without descriptors, of which it has a thousand or so.
local region <close> = assert(Region.create(NAME, 4096, { temporary = true })) -- luacheck: ignore region
local held = {}

local function hold(count)
  while #held > count do table.remove(held):close() end
  while #held < count do held[#held + 1] = assert(Region.attach(NAME, { keep_fd = false })) end
end

local function attach(n, class, name)
  local get = class.attach
  for _ = 1, n do assert(get(name)):close() end
end

-- A well of so many arrays, made when it is first needed: thousands of them take their time.
local function make(vessel)
  vessel.well = assert(Well.create(vessel.name, SIZE, { objects = vessel.arrays + 2 }))
  wells[#wells + 1] = vessel
  for i = 1, vessel.arrays do assert(vessel.well:array("array-" .. i, "int64", 1)) end
  assert(vessel.well:mutex "mutex")
  vessel.is_made = true
end

local function attached(vessel)
  if not vessel.is_made then make(vessel) end
  vessel.well = vessel.well or assert(Well.attach(vessel.name))
  return vessel.well
end

-- So that the next to attach is the process's first.
local function leave(vessel)
  attached(vessel):close()
  vessel.well = nil
end

local function look_up(n, well, name)
  for _ = 1, n do well:array(name) end
end

local function turn(n, mutex)
  for _ = 1, n do
    mutex:acquire()
    mutex:release()
  end
end

for _, count in ipairs(COUNTS) do
  local vessel = { name = NAME .. "-" .. count, arrays = count }
  works["regions_" .. count] = function(n)
    hold(count)
    return nil, timed(attach, n, Region, NAME)
  end
  works["attach_of_" .. count] = function(n)
    leave(vessel)
    return nil, timed(attach, n, Well, vessel.name)
  end
  works["look_up_of_" .. count] = function(n) return nil, timed(look_up, n, attached(vessel), "array-" .. count) end
  works["turn_of_" .. count] = function(n) return nil, timed(turn, n, assert(attached(vessel):mutex "mutex")) end
end

serve(works)
for _, vessel in ipairs(wells) do Well.unlink(vessel.name) end

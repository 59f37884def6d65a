-- The calls that a program makes most, each alone, from Lua: instructions.py counts what they take.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local serve = require "serve"

local Region, Semaphore, Well = memwell.Region, memwell.Semaphore, memwell.Well
local SIZE, COUNT, LINES = 4096, 1000, 100
local NAME = arg[1]

local region <close> = assert(Region.create(NAME, SIZE, { temporary = true })) -- luacheck: ignore region
local semaphore <close> = assert(Semaphore.create(NAME, 1, { temporary = true }))
local well <close> = assert(Well.create(NAME .. "-well", 65536, { temporary = true }))
local mutex, permits, event = assert(well:mutex "mutex"), assert(well:semaphore("permits", 4)), assert(well:event "event")
assert(well:array("array", "float64", COUNT))

local function view_of(dtype, value)
  local view = assert(Region.anonymous(8 * COUNT)):view(dtype, COUNT)
  view:fill(value)
  return view
end

-- Lines of equal length, and a needle in the last of them.
local function make_text()
  local text = assert(Region.anonymous(SIZE))
  local line = string.rep("x", SIZE // LINES - 1) .. "\n"
  text:write(string.rep(line, LINES))
  text:write("needle", SIZE - 10)
  return text
end

local floats, integers, text = view_of("float64", 1.5), view_of("int64", 0), make_text()
local works = {}

function works.region_attach(n)
  local attach = Region.attach
  for _ = 1, n do assert(attach(NAME)):close() end
end

function works.region_create(n)
  local create, unlink, new = Region.create, Region.unlink, NAME .. "-new"
  for _ = 1, n do
    assert(create(new, SIZE)):close()
    assert(unlink(new))
  end
end

function works.region_find(n)
  local r = text
  for _ = 1, n do r:find "needle" end
end

function works.region_lines(n)
  local r = text
  for _ = 1, n do
    for _ in r:lines() do end -- luacheck: ignore
  end
end

function works.view_get(n)
  local v, x = floats, 0
  for _ = 1, n do x = v[5] end
  return x and n
end

function works.view_set(n)
  local v = floats
  for _ = 1, n do v[5] = 1.5 end
end

function works.view_getter(n)
  local get = floats:getter()
  for _ = 1, n do get(5) end
end

function works.view_setter(n)
  local set = floats:setter()
  for _ = 1, n do set(5, 1.5) end
end

function works.view_sum(n)
  local v = floats
  for _ = 1, n do v:sum() end
end

function works.view_iterate(n)
  local v = floats
  for _ = 1, n do
    for _ in v:iter() do end -- luacheck: ignore
  end
end

function works.view_atomic_add(n)
  local v = integers
  for _ = 1, n do v:atomic_add(5, 1) end
end

-- A pair of calls counts as one.
local function turns(lock)
  return function(n)
    local l = lock
    for _ = 1, n do
      l:acquire()
      l:release()
    end
  end
end

works.semaphore_turn, works.mutex_turn, works.permit_turn = turns(semaphore), turns(mutex), turns(permits)

function works.event_is_set(n)
  local e = event
  for _ = 1, n do e:is_set() end
end

function works.event_set_clear(n)
  local e = event
  for _ = 1, n do
    e:set()
    e:clear()
  end
end

function works.well_array(n)
  local w = well
  for _ = 1, n do w:array "array" end
end

-- Its work would be counted with whatever happens to be under way.
collectgarbage "stop"
serve(works)

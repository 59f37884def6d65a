-- A worker of a pool that shares a few permits. Whoever dies with one, even by kill -9, gives it back.
--
--   pool.lua FILE PERMITS [TURNS]      in any of the three languages, in as many terminals as you like
--
-- It takes turns until Ctrl-C, or so many; with 0 it only says how many permits are free. Kill one that works, kill -9 PID, and
-- another takes its permit over. The first to come makes FILE, a well; examples/README.md says what is in it. supervisor shows it
-- as a table, and starts new workers for those that died.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local path, capacity, turns = arg[1], math.tointeger(arg[2]), math.tointeger(arg[3] or -1)
if not (path and capacity and turns) then
  io.stderr:write("usage: pool.lua FILE PERMITS [TURNS]\n")
  os.exit(2)
end

local SIZE, SLOTS = 65536, 64
local PID, LANGUAGE, TURNS, FIELDS, LUA = 1, 2, 3, 3, 2 -- of a row of the roster
local WORK, REST = 0.4, 0.1                            -- seconds with a permit, and without

local well <close> = assert(memwell.Well.file(path, SIZE))
local permits = assert(well:semaphore("permits", capacity))

-- Linux tells a process's id in the first field.
local function own_pid()
  local stat <close> = assert(io.open("/proc/self/stat"))
  return stat:read("n")
end

-- This process's row of the roster, which has one for each slot. It says who is here until the worker itself says that it leaves.
local function sign_on(pid)
  local row = assert(well:array("roster", "int64", { SLOTS, FIELDS })):row(well.slot + 1)
  row[LANGUAGE], row[TURNS] = LUA, 0
  row[PID] = pid
  return row
end

-- One turn with a permit. False when it is time to stop.
local function turn(pid, stop)
  while true do
    local acquired, message = permits:acquire(1)
    if acquired then break end
    if acquired == nil then error(message, 0) end
    if stop:is_set() then return false end
  end
  print(("%d works, %d of %d permits are free"):format(pid, permits.value, permits.capacity))
  io.stdout:flush()
  stop:wait(WORK) -- the work: here it only takes its time
  assert(permits:release())
  return not stop:wait(REST)
end

local function work()
  local stop = assert(well:event("stop"))
  local pid = own_pid()
  local row = sign_on(pid)
  local taken = 0
  while taken ~= turns and turn(pid, stop) do
    taken = taken + 1
    row[TURNS] = taken
  end
  row[PID] = 0 -- left, and did not die
end

if turns ~= 0 then return work() end
assert(well:reap())
print(("%d of %d permits are free"):format(permits.value, permits.capacity))

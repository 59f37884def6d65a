-- A worker that kills itself before the Nth line of worker.lua that it executes, in the first process only: the one that makes
-- the file MARKER.
--
--   dying_worker.lua WORKER N MARKER JOB NUMBER COORDINATOR
--
-- SPDX-License-Identifier: MIT
local program, n, marker = arg[1], math.tointeger(arg[2]), arg[3]
arg = { [0] = program, table.unpack(arg, 4) }

-- Whether this process is the one that makes the file. There is one worker at a time, so looking first is enough.
local function make(path)
  local there = io.open(path)
  if there then
    there:close()
    return false
  end
  assert(io.open(path, "w")):close()
  return true
end

local function die()
  local stat <close> = assert(io.open("/proc/self/stat"))
  os.execute("kill -KILL " .. stat:read("n"))
end

local chunk = assert(loadfile(program))
local source = debug.getinfo(chunk, "S").source
local lines = 0
debug.sethook(function()
  if debug.getinfo(2, "S").source ~= source then return end
  lines = lines + 1
  if lines == n and make(marker) then die() end
end, "l")
chunk()

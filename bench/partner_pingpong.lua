-- The other side of work_pingpong.py, in Lua: for each line N it awaits one semaphore and passes the other, N times, and then says
-- how many nanoseconds it had on a processor.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local MOMENT = 1e-6 -- seconds: long enough to look how many processors there are

local mine <close> = assert(memwell.Semaphore.attach(arg[1]))
local theirs <close> = assert(memwell.Semaphore.attach(arg[2]))

assert(mine:acquire(MOMENT) == false)
print "ready"
io.stdout:flush()
for line in io.lines() do
  local begin = os.clock()
  for _ = 1, math.tointeger(line) do
    mine:acquire()
    theirs:release()
  end
  print(string.format("%.0f", (os.clock() - begin) * 1e9))
  io.stdout:flush()
end

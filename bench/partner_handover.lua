-- The receiver of work_handover.py, in Lua: for each line N it awaits one semaphore, reads all of what has been written, finds it
-- right, and passes the other, N times; and then says how many nanoseconds it had on a processor.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local MOMENT = 1e-6 -- seconds: long enough to look how many processors there are

local region <close> = assert(memwell.Region.attach(arg[1]))
local mine <close> = assert(memwell.Semaphore.attach(arg[2]))
local theirs <close> = assert(memwell.Semaphore.attach(arg[3]))
local view = assert(region:view "float64")

assert(mine:acquire(MOMENT) == false)
print "ready"
io.stdout:flush()
local trip = 0
for line in io.lines() do
  local begin = os.clock()
  for _ = 1, math.tointeger(line) do
    mine:acquire()
    trip = trip + 1
    assert(view:sum() == trip * #view, "what came is not what was sent")
    theirs:release()
  end
  print(string.format("%.0f", (os.clock() - begin) * 1e9))
  io.stdout:flush()
end

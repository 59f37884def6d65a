-- Wait at a FIFO for the bell, and print what lies in shared memory at each ring.
--
--   bell_wait.lua NAME FIFO RINGS      then, in any of the three languages: bell_ring NAME FIFO TEXT
--
-- A FIFO beside shared memory wakes whoever waits in select, poll or an event loop; each byte in it is the number of a shelf. This
-- program makes both and removes both. examples/README.md draws the shelves.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local name, fifo, rings = arg[1], arg[2], tonumber(arg[3])
if not (name and fifo and rings) then
  io.stderr:write("usage: bell_wait.lua NAME FIFO RINGS\n")
  os.exit(2)
end

local SHELVES, SHELF = 8, 64

local region <close> = assert(memwell.Region.create(name, SHELF + SHELVES * SHELF, { temporary = true }))
assert(os.execute(("mkfifo -m 600 '%s'"):format(fifo))) -- Lua has no mkfifo of its own
local bell <close> = assert(io.open(fifo, "r+b"))       -- r+: no end of file between two who ring
bell:setvbuf("no")
print("listening")
io.stdout:flush()
for _ = 1, rings do
  local shelf = bell:read(1):byte() % SHELVES
  print(("%d: %s"):format(shelf, region:unpack("z", SHELF + shelf * SHELF)))
  io.stdout:flush()
end
assert(os.remove(fifo))

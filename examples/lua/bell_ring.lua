-- Put a text on the next free shelf in shared memory, and ring the bell of who waits for it.
--
--   bell_ring.lua NAME FIFO TEXT
--
-- Any number of programs may ring at once: each takes its shelf by one atomic addition.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local SHELVES, SHELF = 8, 64

local name, fifo, text = arg[1], arg[2], arg[3]
if not (name and fifo and text and #text < SHELF) then
  io.stderr:write(("usage: bell_ring.lua NAME FIFO TEXT, TEXT of at most %d bytes\n"):format(SHELF - 1))
  os.exit(2)
end

local region <close> = assert(memwell.Region.attach(name))
local shelf = region:view("uint32", 1):atomic_add(1) % SHELVES -- how many texts had come before
region:pack(SHELF + shelf * SHELF, "z", text)
local bell <close> = assert(io.open(fifo, "r+b")) -- r+: never waits for the other end
assert(bell:write(string.char(shelf)))
print(("rang for shelf %d"):format(shelf))

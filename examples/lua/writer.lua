-- Write into named memory, tell the reader by a semaphore, and wait until it has read.
--
--   writer.lua NAME TEXT [SECONDS]      then, in any of the three languages: reader NAME
--
-- The memory and both semaphores are temporary: their names are gone when this program ends. examples/README.md draws the parcel.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local name, text, seconds = arg[1], arg[2], tonumber(arg[3] or 10)
if not (name and text and seconds) then
  io.stderr:write("usage: writer.lua NAME TEXT [SECONDS]\n")
  os.exit(2)
end

local parcel <close> = assert(memwell.Region.create(name, 128, { temporary = true }))
local written <close> = assert(memwell.Semaphore.create(name .. ".written", 0, { temporary = true }))
local read <close> = assert(memwell.Semaphore.create(name .. ".read", 0, { temporary = true }))

parcel:view("float64", 4, { offset = 16 }):set(1, 0.5, 1.5, 2.5, 3.5)
parcel:view("int64", 1, { offset = 8 })[1] = #text
parcel:write(text, 48)        -- more than 80 bytes raises: they would end outside
parcel:view("uint8", 1)[1] = 1 -- the flag: all the rest is there
assert(written:release())     -- orders all of the above before what the reader does

if not read:acquire(seconds) then error(("nobody read %s within %g seconds"):format(name, seconds), 0) end
print("written and read")

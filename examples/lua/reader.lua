-- Read what a writer, in any of the three languages, put into named memory, and tell it so by a semaphore.
--
--   reader.lua NAME [SECONDS]      may be started before the writer
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local name, seconds = arg[1], tonumber(arg[2] or 10)
if not (name and seconds) then
  io.stderr:write("usage: reader.lua NAME [SECONDS]\n")
  os.exit(2)
end

local parcel <close> = assert(memwell.Region.attach(name, { timeout = seconds, readonly = true }))
local written <close> = assert(memwell.Semaphore.attach(name .. ".written", { timeout = seconds }))
local read <close> = assert(memwell.Semaphore.attach(name .. ".read", { timeout = seconds }))
if not written:acquire(seconds) then error(("nothing was written to %s within %g seconds"):format(name, seconds), 0) end

local length = parcel:view("int64", 1, { offset = 8 })[1] -- copied, checked, then used: the writer may be wrong
if parcel:view("uint8", 1)[1] ~= 1 or length < 0 or length > 80 then error(name .. " holds no parcel", 0) end
local numbers = parcel:view("float64", 4, { offset = 16 }) -- a window, not a copy
local words = {}
for i, x in ipairs(numbers) do words[i] = ("%g"):format(x) end
print(('"%s" and %s, sum %g'):format(parcel:read(48, length), table.concat(words, " "), numbers:sum()))
assert(read:release())

-- Edit a file in place: map it, write into the mapping, and the file has changed. Nothing is read into a buffer and nothing is
-- written back.
--
--   edit_file.lua PATH OFFSET TEXT      write TEXT over what stands at byte OFFSET
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local path, offset, text = arg[1], math.tointeger(tonumber(arg[2])), arg[3]
if not (path and offset and text) then
  io.stderr:write("usage: edit_file.lua PATH OFFSET TEXT\n")
  os.exit(2)
end

local file <close> = assert(memwell.Region.file(path, "r+"))
local before = file:read(offset, #text) -- a copy of what stood there, only to show it
file:write(text, offset)                -- past the end raises, and nothing is written
assert(file:flush())                    -- every program sees it already; now the disk does

print(('%s: "%s" is now "%s"'):format(path, before, text))

-- Make an image, a binary PPM, by writing its pixels straight into the mapped file.
--
--   image_make.lua PATH [WIDTH HEIGHT]      then, in any of the three languages: image_filter PATH invert
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local path = arg[1]
local width, height = math.tointeger(tonumber(arg[2] or 320)), math.tointeger(tonumber(arg[3] or 200))
if not (path and width and height) then
  io.stderr:write("usage: image_make.lua PATH [WIDTH HEIGHT]\n")
  os.exit(2)
end

local header = ("P6\n%d %d\n255\n"):format(width, height)
local options = { size = #header + width * height * 3, permissions = "0644" }
local file <close> = assert(memwell.Region.file(path, "w+", options)) -- the disk space is reserved here
file:write(header)

local rows = file:view("uint8", { height, width * 3 }, { offset = #header })
for y = 0, height - 1 do
  local row = rows:row(y + 1) -- elements count from 1, as everywhere in Lua
  local set = row:setter()    -- the fastest way to write single elements
  for x = 0, width - 1 do
    set(x * 3 + 1, x * 255 // width)  -- red grows to the right
    set(x * 3 + 2, y * 255 // height) -- green grows downwards
    set(x * 3 + 3, (x ~ y) % 256)     -- blue makes a pattern
  end
end
print(("%s: %d x %d pixels"):format(path, width, height))

-- Change an image in place: the pixels are changed in the mapped file itself, and nothing is copied.
--
--   image_filter.lua PATH invert|grey|blur      PATH is a binary PPM, as image_make writes it in any of the three languages
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local filters = {}

function filters.invert(row)
  for i, value in row:iter() do row[i] = 255 - value end
end

function filters.grey(row)
  local get, set = row:getter(), row:setter()
  for i = 1, #row, 3 do
    local level = (get(i) * 299 + get(i + 1) * 587 + get(i + 2) * 114) // 1000
    set(i, level)
    set(i + 1, level)
    set(i + 2, level)
  end
end

-- The mean of each pixel and its two neighbours in the row; outside, the border pixel stands again.
function filters.blur(row)
  for first = 1, 3 do
    local channel = row:slice(first, #row, 3) -- a window on every third byte
    local left = channel[1]
    for x = 1, #channel do
      local here = channel[x]
      channel[x] = (left + here + channel[math.min(x + 1, #channel)]) // 3
      left = here
    end
  end
end

local path, filter = arg[1], filters[arg[2]]
if not (path and filter) then
  io.stderr:write("usage: image_filter.lua PATH invert|grey|blur\n")
  os.exit(2)
end

local file <close> = assert(memwell.Region.file(path, "r+"))
local width, height, start = file:read(0, 64):match("^P6%s+(%d+)%s+(%d+)%s+255[ \n]()")
if not width then error(path .. " is not a binary PPM with 255 levels", 0) end

local shape = { math.tointeger(tonumber(height)), math.tointeger(tonumber(width)) * 3 }
local rows = file:view("uint8", shape, { offset = start - 1 }) -- raises if they are not all in the file
for y = 1, #rows do filter(rows:row(y)) end
print(("%s: %s"):format(path, arg[2]))

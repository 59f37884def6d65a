-- A table of user records of 64 bytes each in a mapped file, and batch look-up by index. examples/README.md draws a record.
--
--   records.lua make PATH COUNT        make a table of COUNT users
--   records.lua show PATH INDEX ...    look users up, all at once; indices count from 0, as in the other languages
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local RECORD <const> = 64

-- One field of every record: a view whose elements are 64 bytes apart.
local function field(file, dtype, offset)
  local every = file:view(dtype)
  return every:slice(offset // every.itemsize + 1, #every, RECORD // every.itemsize)
end

local function make(path, count)
  local file <close> = assert(memwell.Region.file(path, "w+", { size = count * RECORD }))
  local ids, ages = field(file, "int64", 0), field(file, "int32", 8)
  local active, balances = field(file, "bool", 12), field(file, "float64", 16)
  for i = 0, count - 1 do
    ids[i + 1] = 1000 + i -- elements count from 1, bytes from 0
    ages[i + 1] = 18 + i * 7 % 60
    active[i + 1] = i % 3 ~= 0
    balances[i + 1] = i * 1.25
    file:write(("user-%04d"):format(i), i * RECORD + 24)
  end
  print(("%s: %d users"):format(path, count))
end

local function show(path, numbers)
  local file <close> = assert(memwell.Region.file(path, "r"))
  local indices, sum = {}, 0
  for i, number in ipairs(numbers) do indices[i] = math.tointeger(tonumber(number)) + 1 end
  local ids = field(file, "int64", 0):take(indices) -- every index is checked before any element is read
  local ages = field(file, "int32", 8):take(indices)
  local active = field(file, "bool", 12):take(indices)
  local balances = field(file, "float64", 16):take(indices)
  for i, index in ipairs(indices) do
    local name = file:read((index - 1) * RECORD + 24, 40):gsub("\0+$", "")
    print(("%d  %-12s  %3d  %9.2f  %s"):format(ids[i], name, ages[i], balances[i], active[i] and "active" or "away"))
    sum = sum + balances[i]
  end
  print(("%d users, balance %.2f"):format(#indices, sum))
end

local count = math.tointeger(tonumber(arg[3]))
if arg[1] == "make" and count and #arg == 3 then
  make(arg[2], count)
elseif arg[1] == "show" and count then
  show(arg[2], table.move(arg, 3, #arg, 1, {}))
else
  io.stderr:write("usage: records.lua make PATH COUNT, or records.lua show PATH INDEX ...\n")
  os.exit(2)
end

-- Answers questions about views into shared memory. Main entry: survey.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local pattern = require "pattern"

local NOTHING <const>, INTEGER <const>, FLOAT <const>, ERROR <const> = 0, 1, 2, 3

local function numbers_of(text, separator)
  local list = {}
  for word in text:gmatch("[^" .. separator .. "]+") do table.insert(list, math.tointeger(tonumber(word))) end
  return list
end

-- Elements count from 1 here, and from 0 in a question.
local function from_one(list)
  for i = 1, #list do list[i] = list[i] + 1 end
  return list
end

-- One answer: what it is, and its bits.
local function bits_of(x)
  if x == nil then return NOTHING, 0 end
  if type(x) == "boolean" then return INTEGER, x and 1 or 0 end
  if math.type(x) == "integer" then return INTEGER, x end
  return FLOAT, x ~= x and 0x7ff8000000000000 or (string.unpack("=i8", string.pack("=d", x)))
end

local steps = {}

function steps.reshape(view, text)
  return view:reshape(numbers_of(text, "x"))
end

function steps.row(view, text)
  return view[tonumber(text) + 1]
end

function steps.slice(view, text)
  local start, step, count = table.unpack(numbers_of(text, " "))
  if count == 0 then return view:slice(1, 0) end
  return view:slice(start + 1, start + step * (count - 1) + 1, step)
end

function steps.window(view, text)
  local row, column, rows, columns = table.unpack(numbers_of(text, " "))
  return view:window({ row + 1, column + 1 }, { rows, columns })
end

local function view_of(region, dtype, offset, shape, way)
  local view = region:view(dtype, numbers_of(shape, "x"), { offset = math.tointeger(tonumber(offset)) })
  if way == "-" then return view end
  for step in way:gmatch "[^;]+" do
    local verb, rest = step:match "^(%S+) (.*)$"
    view = steps[verb](view, rest)
  end
  return view
end

local verbs = {}

function verbs.shape(put, view)
  for _, extent in ipairs(view.shape) do put(bits_of(extent)) end
end

local function put_all(put, list)
  for _, x in ipairs(list) do
    if type(x) == "table" then
      put_all(put, x)
    else
      put(bits_of(x))
    end
  end
end

function verbs.list(put, view)
  put_all(put, view:totable())
end

-- A method that raises gives an error for an answer.
local function try(put, view, method, ...)
  local ok, result = pcall(view[method], view, ...)
  if not ok then
    put(ERROR, 0)
  elseif type(result) == "table" then
    put_all(put, result)
  else
    put(bits_of(result))
  end
end

function verbs.sum(put, view) try(put, view, "sum") end

function verbs.min(put, view) try(put, view, "min") end

function verbs.max(put, view) try(put, view, "max") end

function verbs.take(put, view, argument)
  try(put, view, "take", from_one(numbers_of(argument, " ")))
end

function verbs.at(put, view, argument)
  put(bits_of(view:at(table.unpack(from_one(numbers_of(argument, " "))))))
end

function verbs.index(put, view, argument)
  local bits, start = argument:match "^(%x+) (%d+)$"
  local place = view:index(pattern.value(view.dtype, math.tointeger(tonumber(bits, 16))), tonumber(start) + 1)
  put(bits_of(place and place - 1))
end

function verbs.count(put, view, argument)
  put(bits_of(view:count(pattern.value(view.dtype, math.tointeger(tonumber(argument, 16))))))
end

-- Write a float64 into an element of the dtype, in memory of its own, and tell its bits.
function verbs.store(put, view, argument)
  local region <close> = assert(memwell.Region.anonymous(8))
  local element = region:view(view.dtype, 1)
  local number = pattern.value("float64", math.tointeger(tonumber(argument, 16)))
  if pcall(function() element[1] = number end) then
    put(INTEGER, region:view("uint64")[1])
  else
    put(ERROR, 0)
  end
end

function verbs.runs(put, view, argument)
  local members = argument:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end)
  for run in view.region:runs(members, view.offset, view.offset + view.nbytes) do put(INTEGER, #run << 8 | run:byte()) end
end

function verbs.equals(put, view, argument, shape, way)
  local dtype, offset = argument:match "^(%S+) (%d+)$"
  put(bits_of(view:equals(view_of(view.region, dtype, offset, shape, way))))
end

local function survey(questions, name, offset)
  local region <close> = assert(memwell.Region.attach(name))
  local pairs_view = region:view("uint64", { (#region - offset) // 16, 2 }, { offset = offset })
  local place = 0
  local function put(what, bits)
    place = place + 1
    pairs_view:put(what, place, 1)
    pairs_view:put(bits, place, 2)
  end
  for line in io.lines(questions) do
    local dtype, at, shape, way, verb, argument = line:match "^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$"
    verbs[verb](put, view_of(region, dtype, at, shape, way), argument, shape, way)
  end
  print(place .. " answers")
end

return survey

-- The worker in LuaJIT for elements: numbers in memory that its FFI maps, one at a time and in bulk. n counts elements.
--
-- A JIT leaves out work of which it sees that nobody wants it. So what is read is added up, and the sum is looked at; and what is
-- written is another value in each pass, and the last one is looked for.
--
-- SPDX-License-Identifier: MIT
local bare = require "ffi_bare"
local ffi = require "ffi"
local serve = require "serve"

local FEW = 1000 -- read and written one by one
local MANY = 1000000 -- in bulk: 8 MB
local VALUE = 1.5
local INTEGER = 100000

-- The loops are written for each type, because what is compiled of a loop is for one type.

local function add_float64(v, count)
  local sum = 0
  for i = 0, count - 1 do sum = sum + v[i] end
  return sum
end

local function add_int32(v, count)
  local sum = 0
  for i = 0, count - 1 do sum = sum + v[i] end
  return sum
end

local function fill_float64(v, count, x)
  for i = 0, count - 1 do v[i] = x end
end

local function fill_int32(v, count, x)
  for i = 0, count - 1 do v[i] = x end
end

local function passes_in(n, count) return math.max(math.floor(n / count), 1) end

local function reading(v, count, add, value)
  return function(n)
    local times, sum = passes_in(n, count), 0
    for _ = 1, times do sum = sum + add(v, count) end
    assert(sum == times * count * value, "what was read is not what is there")
    return times * count
  end
end

local function writing(v, count, fill)
  return function(n)
    local times = passes_in(n, count)
    for pass = 1, times do fill(v, count, pass) end
    assert(v[0] == times and v[math.floor(count / 2)] == times and v[count - 1] == times, "what was written is not there")
    return times * count
  end
end

local function copying(v, source, count)
  return function(n)
    local times = passes_in(n, count)
    for pass = 1, times do
      source[count - 1] = pass
      ffi.copy(v, source, count * ffi.sizeof "double")
    end
    assert(v[0] == source[0] and v[count - 1] == times, "what was copied is not there")
    return times * count
  end
end

local function filled(element, count, fill, value)
  local v = bare.map(element, count)
  fill(v, count, value)
  return v
end

serve {
  read = reading(filled("double", FEW, fill_float64, VALUE), FEW, add_float64, VALUE),
  write = writing(filled("double", FEW, fill_float64, VALUE), FEW, fill_float64),
  read_int32 = reading(filled("int32_t", FEW, fill_int32, INTEGER), FEW, add_int32, INTEGER),
  write_int32 = writing(filled("int32_t", FEW, fill_int32, INTEGER), FEW, fill_int32),
  sum = reading(filled("double", MANY, fill_float64, VALUE), MANY, add_float64, VALUE),
  fill = writing(filled("double", MANY, fill_float64, VALUE), MANY, fill_float64),
  copy = copying(filled("double", MANY, fill_float64, VALUE), filled("double", MANY, fill_float64, VALUE), MANY),
}

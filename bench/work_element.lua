-- The worker in Lua for elements: float64, one at a time and in bulk. memwell beside string.unpack, a table, a userdata that checks
-- as most do, and a userdata in bare C that checks nothing. n counts elements.
--
-- SPDX-License-Identifier: MIT
local bare = require "bare_lua"
local memwell = require "memwell"
local serve = require "serve"

local FEW = 1000 -- read and written one by one
local MANY = 1000000 -- in bulk: 8 MB

-- Run pass(...), which works on `count` elements, until about n elements are done; returns how many. What it works on is handed
-- over to it, and so a local variable in its loop.
local function passes(n, count, pass, ...)
  local times = math.max(n // count, 1)
  for _ = 1, times do pass(...) end
  return times * count
end

local region = assert(memwell.Region.anonymous(2 * MANY * 8))
local view = region:view("float64", FEW)
local many, source = region:view("float64", MANY), region:view("float64", MANY, { offset = MANY * 8 })
local bare_few, bare_many, bare_source = bare.bare(FEW), bare.bare(MANY), bare.bare(MANY)
local checked = bare.checked(FEW)
local int32 = assert(memwell.Region.anonymous(4 * FEW)):view "int32"
local packed = string.pack("d", 1.5):rep(FEW)
local plain, integers = {}, {}
many:fill(1.5)
source:fill(1.5)
for i = 1, FEW do plain[i], integers[i] = 1.5, 100000 end

local works = {}

-- One by one. Each work is a loop of its own, because a function called for each element would cost more than what is measured. The
-- index is the loop's, and what is read lands in a local variable.

local function reading(container)
  return function(n)
    return passes(n, FEW, function(v)
      local x
      for i = 1, FEW do x = v[i] end
      return x
    end, container)
  end
end

local function writing(container, value)
  return function(n)
    return passes(n, FEW, function(v, x)
      for i = 1, FEW do v[i] = x end
    end, container, value)
  end
end

-- A getter or a setter: one function made before the loop.
local function calling_getter(getter)
  return function(n)
    return passes(n, FEW, function(get)
      local x
      for i = 1, FEW do x = get(i) end
      return x
    end, getter)
  end
end

local function calling_setter(setter)
  return function(n)
    return passes(n, FEW, function(set)
      for i = 1, FEW do set(i, 1.5) end
    end, setter)
  end
end

works.read_memwell, works.write_memwell = reading(view), writing(view, 1.5)
works.read_table, works.write_table = reading(plain), writing(plain, 1.5)
works.read_bare, works.write_bare = reading(bare_few), writing(bare_few, 1.5)
works.getter_memwell, works.setter_memwell = calling_getter(view:getter()), calling_setter(view:setter())
works.getter_bare, works.setter_bare = calling_getter(bare.getter(bare_few)), calling_setter(bare.setter(bare_few))

function works.read_unpack(n)
  return passes(n, FEW, function(unpack, bytes)
    local x
    for i = 1, FEW do x = unpack("d", bytes, i * 8 - 7) end
    return x
  end, string.unpack, packed)
end

function works.read_checked(n)
  return passes(n, FEW, function(v)
    local x
    for i = 1, FEW do x = v:get(i) end
    return x
  end, checked)
end

function works.write_checked(n)
  return passes(n, FEW, function(v)
    for i = 1, FEW do v:set(i, 1.5) end
  end, checked)
end

function works.iter_memwell(n)
  return passes(n, FEW, function()
    local last
    for _, x in view:iter() do last = x end
    return last
  end)
end

function works.ipairs_memwell(n)
  return passes(n, FEW, function()
    local last
    for _, x in ipairs(view) do last = x end
    return last
  end)
end

function works.iter_bare(n)
  return passes(n, FEW, function()
    local last
    for _, x in bare.iter(bare_few) do last = x end
    return last
  end)
end

function works.ipairs_table(n)
  return passes(n, FEW, function()
    local last
    for _, x in ipairs(plain) do last = x end
    return last
  end)
end

-- In bulk.

function works.fill_memwell(n)
  return passes(n, MANY, function() many:fill(2.5) end)
end

function works.fill_bare(n)
  return passes(n, MANY, function() bare.fill(bare_many, 2.5) end)
end

function works.copy_memwell(n)
  return passes(n, MANY, function() many:copy_from(source) end)
end

function works.copy_bare(n)
  return passes(n, MANY, function() bare.copy(bare_many, bare_source) end)
end

function works.sum_memwell(n)
  return passes(n, MANY, function() many:sum() end)
end

function works.sum_bare(n)
  return passes(n, MANY, function() bare.sum(bare_many) end)
end

function works.sum_table(n)
  return passes(n, FEW, function(v)
    local sum = 0.0
    for i = 1, FEW do sum = sum + v[i] end
    return sum
  end, plain)
end

int32:fill(100000)
works.read_int32_memwell, works.write_int32_memwell = reading(int32), writing(int32, 100000)
works.read_int32_table, works.write_int32_table = reading(integers), writing(integers, 100000)
serve(works)

-- View, one element between all threads, processes and languages: atomic_load to atomic_compare_exchange.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, errno = memwell.Region, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

local LIMITS = {
  int32 = { -0x80000000, 0x7fffffff },
  uint32 = { 0, 0xffffffff },
  int64 = { math.mininteger, math.maxinteger },
  uint64 = { 0, -1 }, -- 2^64 - 1, as v[i] reads it
}

local CHANGES = { "add", "sub", "and", "or", "xor", "exchange" }

-- What a change makes of `old`, in as many bits as the element has.
local function changed(change, old, n)
  local results = { add = old + n, sub = old - n, ["and"] = old & n, ["or"] = old | n, xor = old ~ n, exchange = n }
  return results[change]
end

local function narrow(dtype, value)
  if dtype == "int32" then return (value + 0x80000000 & 0xffffffff) - 0x80000000 end
  return dtype == "uint32" and value & 0xffffffff or value
end

local function new(dtype, count)
  local region = assert(Region.anonymous(8 * (count or 4)))
  return region:view(dtype, count or 4), region
end

function tests.test_every_change_gives_the_old_value()
  for dtype, limits in pairs(LIMITS) do
    local view, region <close> = new(dtype)
    for _, old in ipairs { 0, 1, 12, limits[1], limits[2] } do
      for _, n in ipairs { 0, 1, 5, limits[1], limits[2] } do
        for _, change in ipairs(CHANGES) do
          view[3] = old
          lu.assertEquals(view["atomic_" .. change](view, 3, n), old)
          lu.assertEquals(view[3], narrow(dtype, changed(change, old, n)), string.format("%s %s %d %d", dtype, change, old, n))
        end
      end
    end
    lu.assertEquals({ region:view(dtype, 4):get(1, 2) }, { 0, 0 })
    lu.assertEquals(view[4], 0)
  end
end

function tests.test_load_and_store()
  for dtype, limits in pairs(LIMITS) do
    local view, region <close> = new(dtype)
    for _, value in ipairs { limits[1], limits[2], 0, 77 } do
      lu.assertEquals(select("#", view:atomic_store(-1, value)), 0)
      lu.assertEquals({ view:atomic_load(4), view[4], math.type(view:atomic_load(4)) }, { value, value, "integer" })
    end
    lu.assertFalse(region.closed)
  end
end

function tests.test_compare_exchange()
  for dtype, limits in pairs(LIMITS) do
    local view, region <close> = new(dtype)
    lu.assertEquals(view:atomic_compare_exchange(1, 1, 5), 0)
    lu.assertEquals(view[1], 0)
    lu.assertEquals(view:atomic_compare_exchange(1, 0, limits[2]), 0)
    lu.assertEquals(view:atomic_compare_exchange(1, limits[2], limits[1]), limits[2])
    lu.assertEquals(view[1], limits[1])
    lu.assertFalse(region.closed)
  end
end

function tests.test_add_and_sub_count_by_one()
  local view, region <close> = new("uint32")
  lu.assertEquals({ view:atomic_add(1), view:atomic_add(1, nil), view:atomic_sub(1), view[1] }, { 0, 1, 2, 1 })
  lu.assertEquals({ view:atomic_sub(2), view[2] }, { 0, 0xffffffff })
  lu.assertEquals(view:atomic_add(2, 1 << 40), 0xffffffff, "n is taken modulo the element's size")
  lu.assertEquals(region:read(4, 4), ("\255"):rep(4))
end

function tests.test_other_steps_and_directions()
  local view, region <close> = new("int64", 6)
  local backwards = view:slice(-1, 1, -2)
  backwards:atomic_add(1, 10)
  backwards:atomic_add(3, 20)
  lu.assertEquals(view:totable(), { 0, 20, 0, 0, 0, 10 })
  lu.assertEquals(region:view("int64", { 2, 3 })[2]:atomic_load(3), 10)
end

-- ---- what is refused

local CALLS = { atomic_load = {}, atomic_store = { 1 }, atomic_add = { 1 }, atomic_sub = { 1 }, atomic_and = { 1 },
  atomic_or = { 1 }, atomic_xor = { 1 }, atomic_exchange = { 1 }, atomic_compare_exchange = { 0, 1 } }

-- Every call on the element raises an error with all of the parts.
local function refused(parts, view, i)
  for call, values in pairs(CALLS) do raises(parts, view[call], view, i, table.unpack(values)) end
end

function tests.test_elements_that_are_not_atomic()
  local region <close> = assert(Region.anonymous(64))
  for _, dtype in ipairs { "int8", "uint8", "int16", "uint16", "float16", "float32", "float64", "bool" } do
    refused({ "View.atomic_", dtype .. " elements are not atomic" }, region:view(dtype), 1)
  end
  refused("2 dimensions", region:view("int32", { 4, 4 }), 1)
  refused("multiple of its size", region:view("int32", 3, { offset = 2 }), 1)
  refused("multiple of its size", region:view("int64", 3, { offset = 4 }), 3)
  lu.assertEquals(region:read(), ("\0"):rep(64))
end

function tests.test_indices_out_of_range()
  local view, region <close> = new("int32")
  for _, i in ipairs { 0, 5, -5, math.maxinteger, math.mininteger } do refused("out of range 1..4", view, i) end
  refused("integer expected, got nil", view, nil)
  refused("integer expected, got string", view, "1")
  refused("no integer representation", view, 1.5)
  refused("out of range 1..0", region:view("int32", 0), 1)
  lu.assertEquals(view:atomic_add(1.0), 0)
end

function tests.test_values_that_do_not_fit()
  local narrows = { int32 = { -0x80000001, 0x80000000 }, uint32 = { -1, 0x100000000 } }
  for dtype, values in pairs(narrows) do
    local view, region <close> = new(dtype)
    for _, value in ipairs(values) do
      raises({ "View.atomic_store", "out of range for " .. dtype }, view.atomic_store, view, 1, value)
      raises({ "View.atomic_exchange", "out of range for " .. dtype }, view.atomic_exchange, view, 1, value)
      raises({ "View.atomic_compare_exchange", dtype }, view.atomic_compare_exchange, view, 1, 0, value)
      raises({ "View.atomic_compare_exchange", dtype }, view.atomic_compare_exchange, view, 1, value, 0)
    end
    lu.assertEquals(region:read(), ("\0"):rep(32))
  end
end

function tests.test_wrong_values()
  local view, region <close> = new("int32")
  for call, values in pairs(CALLS) do
    for place = 1, #values do
      for wrong, reason in pairs { x = "integer expected, got string", [true] = "integer expected, got boolean",
        [0.5] = "no integer representation" } do
        local given = { table.unpack(values) }
        given[place] = wrong
        raises(reason, view[call], view, 1, table.unpack(given))
      end
    end
  end
  raises("integer expected, got no value", view.atomic_store, view, 1)
  raises("integer expected, got no value", view.atomic_and, view, 1)
  raises("integer expected, got no value", view.atomic_compare_exchange, view, 1, 0)
  lu.assertEquals(region:read(), ("\0"):rep(32))
end

function tests.test_read_only_memory()
  local name = support.name()
  local region <close> = assert(Region.create(name, 64, { temporary = true }))
  local reader <close> = assert(Region.attach(name, { readonly = true }))
  local view = reader:view("int64")
  region:view("int64")[2] = 7
  lu.assertEquals(view:atomic_load(2), 7)
  for call, values in pairs(CALLS) do
    if call ~= "atomic_load" then raises({ "View." .. call, name, "read-only" }, view[call], view, 2, table.unpack(values)) end
  end
  lu.assertEquals(view[2], 7)
end

function tests.test_closed_region()
  local view, region = new("int64")
  region:close()
  refused("the region is closed", view, 1)
end

function tests.test_private_memory()
  local region <close> = assert(Region.anonymous(64, { private = true }))
  local view = region:view("int32")
  lu.assertEquals({ view:atomic_add(1, 5), view:atomic_load(1) }, { 0, 5 })
end

-- Somebody cuts the file: the page is lost, and that is no mistake of this program.
function tests.test_lost_page()
  for call, values in pairs(CALLS) do
    local path = support.file(("\1"):rep(2 * memwell.PAGE_SIZE))
    local region <close> = assert(Region.file(path, "r+"))
    local view = region:view("int64")
    support.cut(path)
    returns({ "View." .. call, path }, errno.EIO, view[call](view, 1, table.unpack(values)))
    returns({ "View." .. call, path }, errno.EIO, view[call](view, #view, table.unpack(values)))
  end
end

-- ---- other processes

-- Each adds to both counters as often as the others; nothing is lost.
function tests.test_processes_that_count()
  local PROCESSES, TURNS = 3, 20000
  local region <close> = assert(Region.create(support.name(), 64, { temporary = true }))
  local code = string.format([[
    local region <close> = assert(require "memwell".Region.attach(%q))
    local wide, narrow = region:view("int64", 1), region:view("uint32", 1, { offset = 8 })
    for _ = 1, %d do
      wide:atomic_add(1)
      narrow:atomic_sub(1, 3)
    end]], region.name, TURNS)
  local pipes = {}
  for i = 1, PROCESSES do pipes[i] = assert(io.popen(support.command(code) .. " 2>&1")) end
  for _, pipe in ipairs(pipes) do
    lu.assertEquals(pipe:read("a"), "")
    lu.assertTrue(pipe:close())
  end
  lu.assertEquals(region:view("int64", 1):atomic_load(1), PROCESSES * TURNS)
  lu.assertEquals(region:view("uint32", 1, { offset = 8 })[1], -3 * PROCESSES * TURNS & 0xffffffff)
end

return support.suite(tests)

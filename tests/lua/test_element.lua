-- View, one element at a time: indexing, closures, iteration, and what elements can hold.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region = memwell.Region
local raises = support.raises
local tests = {}

local LIMITS = {
  int8 = { -128, 127 },
  uint8 = { 0, 255 },
  int16 = { -32768, 32767 },
  uint16 = { 0, 65535 },
  int32 = { -2147483648, 2147483647 },
  uint32 = { 0, 4294967295 },
  int64 = { math.mininteger, math.maxinteger },
}

local function new_view(dtype, count)
  local region = assert(Region.anonymous(64))
  return region:view(dtype, count), region
end

-- Every way to write one element: it must hold the value, or raise with these parts and hold what it held.
local function write_everywhere(view, value, parts)
  local before = view[2]
  local ways = {
    function() view[2] = value end,
    function() view:put(value, 2) end,
    function() view:set(2, value) end,
    function() view:set(2, { value }) end,
    function() view:setter()(2, value) end,
    function() view:copy_from({ value }, 2) end,
    function() view:fill(value, 2, 2) end,
  }
  for _, way in ipairs(ways) do
    if parts then
      raises(parts, way)
      lu.assertTrue(rawequal(view[2], before) or (view[2] ~= view[2] and before ~= before))
    else
      view[2] = before
      way()
      local read = view[2]
      lu.assertTrue(read == value or (read ~= read and value ~= value), tostring(read))
      lu.assertEquals(math.type(read), math.type(view[1]))
    end
  end
end

function tests.test_integers()
  for dtype, limits in pairs(LIMITS) do
    local view, region <close> = new_view(dtype, 4)
    for _, value in ipairs { limits[1], limits[2], 0, 1, 5.0 } do write_everywhere(view, value) end
    lu.assertEquals(math.type(view[2]), "integer")
    if dtype ~= "int64" then
      write_everywhere(view, limits[1] - 1, dtype .. " cannot hold " .. limits[1] - 1)
      write_everywhere(view, limits[2] + 1, dtype .. " cannot hold " .. limits[2] + 1)
    end
    write_everywhere(view, 1e30, dtype .. " cannot hold")
    write_everywhere(view, 1.5, dtype .. " holds integers, and 1.5 is none")
    write_everywhere(view, 0 / 0, dtype .. " holds integers")
    write_everywhere(view, 1 / 0, dtype)
    for _, value in ipairs { "1", true, print } do
      write_everywhere(view, value, "number expected, got " .. type(value))
    end
    lu.assertEquals(region.exports, 0)
  end
end

-- What is above 2^63 - 1 is a negative integer, as everywhere in Lua.
function tests.test_uint64()
  local view, region <close> = new_view("uint64", 4)
  for _, value in ipairs { 0, math.maxinteger, math.mininteger, -1 } do write_everywhere(view, value) end
  view[2] = 2.0 ^ 63
  lu.assertEquals(view[2], math.mininteger)
  write_everywhere(view, -1.0, "uint64 cannot hold -1")
  write_everywhere(view, 2.0 ^ 64, "uint64 cannot hold")
  view[1] = -1
  lu.assertTrue(math.ult(1, view[1]))
  lu.assertEquals(region:read(0, 8), ("\xff"):rep(8))
  lu.assertEquals(view:index(-1), 1)
  lu.assertEquals(view:count(-1), 1)
  lu.assertEquals(view:max(), -1)
end

function tests.test_floats()
  for _, dtype in ipairs { "float16", "float32", "float64" } do
    local view, region <close> = new_view(dtype, 4)
    for _, value in ipairs { 0.0, 1.5, -2.25, 1 / 0, -1 / 0, 0 / 0, 1024 } do write_everywhere(view, value) end
    lu.assertEquals(math.type(view[1]), "float")
    for _, value in ipairs { "1", true, print } do
      write_everywhere(view, value, "number expected, got " .. type(value))
    end
    lu.assertEquals(region.exports, 0)
  end
  local half, region <close> = new_view("float16", 4)
  write_everywhere(half, 65536, "float16 cannot hold 65536")
  local single, other <close> = new_view("float32", 4)
  write_everywhere(single, 1e300, "float32 cannot hold 1.0000000000000001e+300")
  single[1] = 0.1
  lu.assertAlmostEquals(single[1], 0.1, 1e-8)
  lu.assertEquals(region.exports + other.exports, 0)
end

function tests.test_bools()
  local view, region <close> = new_view("bool", 4)
  write_everywhere(view, true)
  write_everywhere(view, false)
  view[1] = 1
  lu.assertIsTrue(view[1])
  write_everywhere(view, 2, "bool cannot hold 2")
  write_everywhere(view, -1, "bool cannot hold -1")
  write_everywhere(view, "true", "boolean expected, got string")
  region:write("\5")
  lu.assertIsTrue(view[1])
  lu.assertIsFalse(view[2])
  lu.assertEquals(view:sum(), 1)
  lu.assertEquals(view:index(false), 2)
  lu.assertEquals(view:totable(), { true, false, false, false })
end

function tests.test_unaligned()
  local region <close> = assert(Region.anonymous(64))
  local view = region:view("float64", 3, { offset = 3 })
  view:copy_from { 1.5, 2.5, 3.5 }
  lu.assertEquals({ view[1], view:getter()(2), view:at(3), view:sum() }, { 1.5, 2.5, 3.5, 7.5 })
  lu.assertEquals(string.unpack("<d", region:read(), 4), 1.5)
end

function tests.test_indices()
  local view, region <close> = new_view("int32", 4)
  view:copy_from { 10, 20, 30, 40 }
  lu.assertEquals({ view[1], view[4], view[2.0] }, { 10, 40, 20 })
  for _, index in ipairs { 0, 5, -1, math.maxinteger, math.mininteger, 1.5, 2.0 ^ 70, 0 / 0, true, "1", {} } do
    lu.assertNil(view[index])
    raises("View.__newindex", function() view[index] = 1 end)
  end
  raises({ "View.__newindex", "index 5 is out of range 1..4" }, function() view[5] = 1 end)
  raises({ "View.__newindex", "index -1 is out of range 1..4" }, function() view[-1] = 1 end)
  raises({ "View.__newindex", "'shape'", "cannot be set" }, function() view.shape = {} end)
  for _, index in ipairs { 0, 5, -1, math.maxinteger, math.mininteger } do
    for _, call in ipairs { "at", "put", "getter", "setter" } do
      raises({ "View." .. call, "index " .. index .. " is out of range 1..4" }, function()
        if call == "at" then return view:at(index) end
        if call == "put" then return view:put(1, index) end
        return view[call](view)(index, 1)
      end)
    end
  end
  raises({ "View.at", "1 indices", "got 2" }, view.at, view, 1, 2)
  raises({ "View.put", "1 indices", "got 0" }, view.put, view, 1)
  raises("no integer representation", view.at, view, 1.5)
  lu.assertEquals(view:totable(), { 10, 20, 30, 40 })
  lu.assertEquals(region:read(16, 4), "\0\0\0\0")
end

function tests.test_many_dimensions()
  local region <close> = assert(Region.anonymous(256))
  local view = region:view("uint8", { 2, 2, 2, 2, 2, 2, 2, 2 })
  view:put(7, 1, 2, 1, 2, 1, 2, 1, 2)
  lu.assertEquals(view:at(1, 2, 1, 2, 1, 2, 1, 2), 7)
  lu.assertEquals(view[1][2][1][2][1][2][1][2], 7)
  lu.assertEquals(region:read(0x55, 1), "\7")
  raises("index 3 is out of range 1..2 in dimension 8", view.at, view, 1, 2, 1, 2, 1, 2, 1, 3)
  local grid = region:view("int16", { 3, 4 })
  grid:put(-5, 3, 4)
  lu.assertEquals(grid:at(3, 4), -5)
  lu.assertEquals(grid:slice(-1, 1, -1):at(1, 4), -5)
end

function tests.test_get_and_set()
  local view, region <close> = new_view("int16", 8)
  view:set(1, 1, 2, 3)
  view:set(-2, 7, 8)
  view:set(4, { 4, 5, 6 })
  lu.assertEquals({ view:get(1, 8) }, { 1, 2, 3, 4, 5, 6, 7, 8 })
  lu.assertEquals({ view:get(-3, -1) }, { 6, 7, 8 })
  lu.assertEquals({ view:get(7, 100) }, { 7, 8 })
  lu.assertEquals({ view:get() }, { 1 })
  lu.assertEquals(select("#", view:get(9)), 0)
  lu.assertEquals(select("#", view:get(3, 2)), 0)
  raises("2 elements do not fit: there are 1 from 8 on", view.set, view, 8, 1, 2)
  raises("3 elements do not fit", view.set, view, 7, { 1, 2, 3 })
  raises("index 9 is out of range 1..8", view.set, view, 9, 1)
  raises("index 0 is out of range 1..8", view.set, view, 0, 1)
  raises("index -9 is out of range 1..8", view.set, view, -9, 1)
  raises("bad argument #4", view.set, view, 1, 1, 70000)
  raises("element [2]: number expected, got nil", view.set, view, 1, { 1, nil, 3 })
  raises("element [2]: int16 cannot hold 70000", view.set, view, 1, { 1, 70000 })
  lu.assertEquals({ view:get(1, 8) }, { 1, 2, 3, 4, 5, 6, 7, 8 })
  lu.assertEquals(region.exports, 0)
end

function tests.test_get_many()
  local region <close> = assert(Region.anonymous(1000))
  local view = region:view()
  lu.assertEquals(select("#", view:get(1, 200)), 200)
  raises("more than 200", view.get, view, 1, 201)
  view:set(1, table.unpack(view:totable()))
end

function tests.test_iteration()
  local view, region <close> = new_view("int32", 3)
  view:copy_from { 5, 6, 7 }
  for _, iterate in ipairs { ipairs, view.iter } do
    local seen = {}
    for i, x in iterate(view) do seen[#seen + 1] = { i, x } end
    lu.assertEquals(seen, { { 1, 5 }, { 2, 6 }, { 3, 7 } })
  end
  local total = 0
  for i, row in region:view("int32", { 2, 2 }):iter() do total = total + i * row[1] end
  lu.assertEquals(total, 5 + 2 * 7)
  for _ in region:view("int32", 0):iter() do error("there is none") end
  for _ in region:view("int32", { 0, 2 }):iter() do error("there is none") end
  lu.assertEquals(table.concat(view, ","), "5,6,7")
  lu.assertEquals({ table.unpack(view) }, { 5, 6, 7 })
end

function tests.test_closures_outlive_everything_but_close()
  local getter, setter, iterator, region
  do
    local view
    view, region = new_view("int32", 3)
    getter, setter, iterator = view:getter(), view:setter(), view:iter()
  end
  collectgarbage()
  setter(2, 5)
  lu.assertEquals({ getter(2), select(2, iterator(nil, 1)) }, { 5, 5 })
  region:close()
  raises("View.getter: the region is closed", getter, 2)
  raises("View.setter: the region is closed", setter, 2, 1)
  raises("View.iter: the region is closed", iterator, nil, 1)
end

-- A region may be protected and sealed at any time: each store asks.
function tests.test_memory_that_becomes_read_only()
  local region <close> = assert(Region.memfd(80))
  local view = region:view("float64")
  local grid, part, set = view:reshape(2, 5), view:slice(3, 5), view:setter()
  local writes = {
    ["View.__newindex"] = function() view[1] = 2 end,
    ["View.setter"] = function() set(1, 2) end,
    ["View.put"] = function() grid:put(2, 1, 1) end,
    ["View.set"] = function() part:set(1, 2) end,
    ["View.fill"] = function() part:fill(2) end,
    ["View.copy_from"] = function() grid[2]:copy_from { 2 } end,
  }
  local function check_refused()
    for call, write in pairs(writes) do raises({ call, "read-only" }, write) end
    raises({ "View.setter", "read-only" }, view.setter, view)
    lu.assertEquals({ view.readonly, part.readonly, region.readonly, view:sum() }, { true, true, true, 0 })
  end
  assert(region:protect { readonly = true })
  check_refused()
  assert(region:protect { readonly = false })
  lu.assertEquals({ view.readonly, part.readonly, region.readonly }, { false, false, false })
  for _, write in pairs(writes) do write() end
  lu.assertEquals(view:sum(), 10)
  view:fill(0)
  assert(region:seal("write"))
  check_refused()
end

function tests.test_closure_keeps_the_region()
  local getter
  do
    local region = assert(Region.anonymous(64))
    region:fill(1)
    getter = region:view():slice(1, 5):getter()
  end
  collectgarbage()
  collectgarbage()
  lu.assertEquals(getter(5), 1)
end

return support.suite(tests)

-- View, many elements at a time.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region = memwell.Region
local raises = support.raises
local tests = {}

local DTYPES = { "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64" }

local function view_of(values, dtype)
  local region = assert(Region.anonymous(#values * 8 + 8))
  local view = region:view(dtype or "int32", #values)
  view:copy_from(values)
  return view, region
end

function tests.test_tables_there_and_back()
  for _, dtype in ipairs(DTYPES) do
    local values = {}
    for i = 1, 100 do values[i] = i end
    local view, region <close> = view_of(values, dtype)
    lu.assertEquals(view:totable(), values)
    lu.assertEquals(view:totable(-2), { 99, 100 })
    lu.assertEquals(view:slice(100, 1, -33):totable(), { 100, 67, 34, 1 })
    lu.assertEquals(view:string(), region:read(0, view.nbytes))
    lu.assertEquals({ view:sum(), view:min(), view:max(), view:sum(2, 3) }, { 5050, 1, 100, 5 })
  end
end

-- More than fits into one step of the copy out.
function tests.test_long_tables()
  local region <close> = assert(Region.anonymous(8 * 10007))
  local view = region:view("int64")
  local values = {}
  for i = 1, #view do values[i] = i * i end
  view:copy_from(values)
  lu.assertEquals(view:totable(), values)
  lu.assertEquals(view:take(view:slice(1, 100)), (function()
    local taken = {}
    for i = 1, 100 do taken[i] = values[i * i] end
    return taken
  end)())
end

function tests.test_nested_tables()
  local region <close> = assert(Region.anonymous(48))
  local view = region:view("int16", { 2, 3, 4 })
  local values = { { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } },
    { { 13, 14, 15, 16 }, { 17, 18, 19, 20 }, { 21, 22, 23, 24 } } }
  view:copy_from(values)
  lu.assertEquals(view:totable(), values)
  lu.assertEquals(view:totable(2), { values[2] })
  lu.assertEquals(view:sum(), 300)
  view:copy_from({ values[1] }, 2)
  lu.assertEquals(view:totable(), { values[1], values[1] })
  raises("element [1][2]: 4 elements expected, got 3", view.copy_from, view, { { { 1, 2, 3, 4 }, { 1, 2, 3 }, {} } })
  raises("element [1]: 3 elements expected, got 1", view.copy_from, view, { { { 1, 2, 3, 4 } } })
  raises("element [1]: table expected, got number", view.copy_from, view, { 1, 2 })
  raises("element [1][1][4]: int16 cannot hold 40000", view.copy_from, view, { { { 1, 2, 3, 40000 }, {}, {} } })
  raises("3 elements do not fit: there are 2 from 1 on", view.copy_from, view, { {}, {}, {} })
  lu.assertEquals(view:totable(), { values[1], values[1] })
end

function tests.test_copy_from()
  local view, region <close> = view_of { 1, 2, 3, 4, 5 }
  view:copy_from({ 20, 30 }, 2)
  view:copy_from(string.pack("<i4i4", 40, 50), -2)
  lu.assertEquals(view:totable(), { 1, 20, 30, 40, 50 })
  view:copy_from(view:slice(1, 3), 3)
  lu.assertEquals(view:totable(), { 1, 20, 1, 20, 30 })
  view:copy_from(view:slice(nil, nil, -1))
  lu.assertEquals(view:totable(), { 30, 20, 1, 20, 1 })
  view:copy_from({})
  view:copy_from({}, 6)
  view:copy_from("")
  raises("3 elements do not fit: there are 2 from 4 on", view.copy_from, view, { 1, 2, 3 }, 4)
  raises("1 elements do not fit: there are 0 from 6 on", view.copy_from, view, { 1 }, 6)
  raises("out of range 1..6", view.copy_from, view, { 1 }, 7)
  raises("out of range 1..6", view.copy_from, view, {}, 0)
  raises("7 bytes are no multiple of 4", view.copy_from, view, "1234567")
  raises("6 elements do not fit", view.copy_from, view, ("x"):rep(24))
  raises("View.copy_from", view.copy_from, view, region:view("uint32", 5))
  raises("View.copy_from", view.copy_from, view, region:view("int32", { 2, 2 }))
  raises("table, string or view expected, got number", view.copy_from, view, 5)
  raises("element [2]: int32 holds integers", view.copy_from, view, { 1, 1.5 })
  lu.assertEquals(view:totable(), { 30, 20, 1, 20, 1 })
end

function tests.test_copy_from_follows_metamethods()
  local view, region <close> = view_of { 1, 2, 3 }
  view:copy_from(setmetatable({}, { __len = function() return 3 end, __index = function(_, i) return i * 10 end }))
  lu.assertEquals(view:totable(), { 10, 20, 30 })
  raises("do not fit", view.copy_from, view, setmetatable({}, { __len = function() return math.maxinteger end }))
  raises("negative", view.copy_from, view, setmetatable({}, { __len = function() return -1 end }))
  lu.assertEquals(region.exports, 0)
end

function tests.test_fill()
  local view, region <close> = view_of { 1, 2, 3, 4, 5 }
  view:fill(9, 2, 3)
  view:fill(8, -1)
  lu.assertEquals(view:totable(), { 1, 9, 9, 4, 8 })
  view:fill(7, 4, 3)
  view:slice(1, 5, 2):fill(0)
  lu.assertEquals(view:totable(), { 0, 9, 0, 4, 0 })
  raises("number expected, got no value", view.fill, view)
  region:view("int32", { 2, 2 }):fill(6, 2)
  lu.assertEquals(view:totable(), { 0, 9, 6, 6, 0 })
end

function tests.test_sums()
  local view, region <close> = view_of({ math.maxinteger, 1, -1 }, "int64")
  lu.assertEquals(view:sum(), math.maxinteger)
  raises("View.sum", view.sum, view, 1, 2)
  lu.assertEquals(math.type(view:sum(2)), "integer")
  local floats, other <close> = view_of({ 0.5, 1.0, -1e16 }, "float64")
  lu.assertEquals(floats:sum(1, 2), 1.5)
  lu.assertEquals(math.type(floats:sum()), "float")
  lu.assertEquals(view:sum(4), 0)
  raises("View.min", view.min, view, 4)
  raises("View.max", view.max, view, 4)
  floats[2] = 0 / 0
  lu.assertIsNaN(floats:min())
  lu.assertIsNaN(floats:max())
  lu.assertEquals(region.exports + other.exports, 0)
end

function tests.test_index_and_count()
  local view, region <close> = view_of { 5, 6, 5, 7 }
  lu.assertEquals({ view:index(5), view:index(5, 2), view:index(7, -1), view:index(6.0) }, { 1, 3, 4, 2 })
  lu.assertNil(view:index(8))
  lu.assertNil(view:index(5, 4))
  lu.assertNil(view:index(5, 5))
  lu.assertNil(view:index(5, 500))
  lu.assertNil(view:index(5.5))
  lu.assertEquals(select("#", view:index(8)), 1)
  lu.assertEquals({ view:count(5), view:count(8), view:count(5.5) }, { 2, 0, 0 })
  lu.assertEquals(region:view("int32", { 2, 2 }):count(5), 2)
  raises("number expected, got string", view.index, view, "5")
  raises("number expected, got boolean", view.count, view, true)
  lu.assertNil(region:view("int32", 0):index(1))
end

function tests.test_take()
  local view, region <close> = view_of { 10, 20, 30, 40 }
  lu.assertEquals(view:take { 4, 1, 1, 2.0 }, { 40, 10, 10, 20 })
  lu.assertEquals(view:take {}, {})
  lu.assertEquals(view:slice(4, 1, -1):take { 1 }, { 40 })
  raises("element 2: index 5 is out of range 1..4", view.take, view, { 1, 5 })
  raises("element 1: index 0 is out of range 1..4", view.take, view, { 0 })
  raises("element 1: index -1 is out of range 1..4", view.take, view, { -1 })
  raises("element 1: integer expected, got 1.5", view.take, view, { 1.5 })
  raises("element 2: integer expected, got x", view.take, view, { 1, "x" })
  raises("table or view expected, got number", view.take, view, 1)
  raises("too many", view.take, view, setmetatable({}, { __len = function() return math.maxinteger end }))
  lu.assertEquals(region.exports, 0)
end

function tests.test_equals()
  local view, region <close> = view_of { 1, 2, 3 }
  local floats, other <close> = view_of({ 1, 2, 3 }, "float64")
  lu.assertTrue(view:equals(floats))
  floats[3] = 3.5
  lu.assertFalse(view:equals(floats))
  lu.assertFalse(view:equals(view:slice(1, 2)))
  lu.assertFalse(view:equals(view:reshape(3, 1)))
  floats[1] = 0 / 0
  lu.assertFalse(floats:equals(floats))
  raises("memwell.View expected, got table", view.equals, view, { 1, 2, 3 })
  lu.assertEquals(region.exports + other.exports, 0)
end

return support.suite(tests)

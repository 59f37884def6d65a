-- View: making them, windows on windows, what they say of themselves.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region = memwell.Region
local raises = support.raises
local tests = {}

-- A view of the numbers 1 to n.
local function count_to(n, dtype)
  local region = assert(Region.anonymous(n * 8))
  local view = region:view(dtype or "int32", n)
  for i = 1, n do view[i] = i end
  return view, region
end

function tests.test_fields()
  local region <close> = assert(Region.anonymous(100))
  local view = region:view("float32", { 2, 3 }, { offset = 12 })
  lu.assertEquals({ view.dtype, view.shape, view.itemsize, view.nbytes, view.offset }, { "float32", { 2, 3 }, 4, 24, 12 })
  lu.assertFalse(view.readonly)
  lu.assertIs(view.region, region)
  lu.assertNil(view.nothing)
  lu.assertEquals(#view, 2)
  lu.assertEquals(tostring(view), "memwell.View (float32[2, 3])")
  region:close()
  lu.assertEquals(tostring(view), "memwell.View (float32[2, 3], closed)")
  lu.assertEquals({ view.dtype, view.shape, view.region.closed }, { "float32", { 2, 3 }, true })
end

function tests.test_dtypes()
  local region <close> = assert(Region.anonymous(64))
  local sizes = { int8 = 1, uint8 = 1, int16 = 2, uint16 = 2, int32 = 4, uint32 = 4, int64 = 8, uint64 = 8, float16 = 2,
    float32 = 4, float64 = 8, bool = 1 }
  for dtype, size in pairs(sizes) do
    local view = region:view(dtype)
    lu.assertEquals({ view.dtype, view.itemsize, #view }, { dtype, size, 64 // size })
  end
  for text, dtype in pairs { d = "float64", ["<f4"] = "float32", ["|u1"] = "uint8", ["?"] = "bool", ["=l"] = "int32" } do
    lu.assertEquals(region:view(text).dtype, dtype)
  end
  lu.assertEquals(region:view().dtype, "uint8")
  raises({ "'float65'", "no such dtype" }, region.view, region, "float65")
  raises("byte order", region.view, region, ">f8")
  raises("zero byte", region.view, region, "d\0")
  raises("string expected, got number", region.view, region, 8)
end

function tests.test_shapes_that_do_not_fit()
  local region <close> = assert(Region.anonymous(100))
  raises("Region.view", region.view, region, "int32", 26)
  raises("Region.view", region.view, region, "int32", { 5, 6 })
  raises("Region.view", region.view, region, "int64")
  raises("Region.view", region.view, region, "uint8", { 1 << 32, 1 << 32 })
  raises("Region.view", region.view, region, "uint8", { 1 << 62, 4 })
  raises("Region.view", region.view, region, "uint8", 1, { offset = 100 })
  raises("Region.view", region.view, region, "uint8", nil, { offset = 101 })
  raises("Region.view", region.view, region, "uint8", 1, { offset = math.maxinteger })
  raises("-1 is less than 0", region.view, region, "uint8", -1)
  raises("1 to 8 dimensions", region.view, region, "uint8", {})
  raises("1 to 8 dimensions", region.view, region, "uint8", { 1, 1, 1, 1, 1, 1, 1, 1, 1 })
  raises("integer expected, got 1.5", region.view, region, "uint8", 1.5)
  raises("integer expected, got x", region.view, region, "uint8", { "x" })
  raises("integer expected, got true", region.view, region, "uint8", true)
  raises("unknown option 'ofset'", region.view, region, "uint8", 1, { ofset = 1 })
  lu.assertEquals(#region:view("uint8", 0), 0)
  lu.assertEquals(#region:view("uint8", nil, { offset = 100 }), 0)
  lu.assertEquals(region:view("uint8", { 2, 3, 4 }):sum(), 0)
end

function tests.test_slices()
  local view, region <close> = count_to(10)
  local function slice(...) return view:slice(...):totable() end
  lu.assertEquals(slice(), { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })
  lu.assertEquals(slice(3, 5), { 3, 4, 5 })
  lu.assertEquals(slice(-3), { 8, 9, 10 })
  lu.assertEquals(slice(-3, -2), { 8, 9 })
  lu.assertEquals(slice(0, 2), { 1, 2 })
  lu.assertEquals(slice(-100, 2), { 1, 2 })
  lu.assertEquals(slice(9, 100), { 9, 10 })
  lu.assertEquals(slice(5, 4), {})
  lu.assertEquals(slice(11), {})
  lu.assertEquals(slice(1, -100), {})
  lu.assertEquals(slice(1, 10, 4), { 1, 5, 9 })
  lu.assertEquals(slice(2, 10, 100), { 2 })
  lu.assertEquals(slice(nil, nil, -1), { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 })
  lu.assertEquals(slice(5, 2, -1), { 5, 4, 3, 2 })
  lu.assertEquals(slice(-1, 1, -4), { 10, 6, 2 })
  lu.assertEquals(slice(100, -2, -1), { 10, 9 })
  lu.assertEquals(slice(2, 5, -1), {})
  lu.assertEquals(slice(0, 1, -1), {})
  lu.assertEquals(slice(10, 0, -5), { 10, 5 })
  lu.assertEquals(slice(math.mininteger, math.maxinteger, math.maxinteger), { 1 })
  lu.assertEquals(slice(math.maxinteger, math.mininteger, math.mininteger), { 10 })
  raises("step is 0", view.slice, view, 1, 2, 0)
  raises("no integer representation", view.slice, view, 1.5)
  local part = view:slice(2, 8, 2)
  part:slice(nil, nil, -1)[1] = 80
  lu.assertEquals(view[8], 80)
  lu.assertEquals(part.offset, 4)
  lu.assertEquals(region.exports, 0)
end

-- string.sub says which elements; a table of indices says which they are.
function tests.test_slices_are_as_string_sub()
  local text = "abcdefg"
  local region <close> = assert(Region.anonymous(#text))
  region:write(text)
  local view = region:view()
  for i = -9, 9 do
    for j = -9, 9 do
      lu.assertEquals(view:string(i, j), text:sub(i, j))
      lu.assertEquals(view:slice(i, j):string(), text:sub(i, j))
      lu.assertEquals({ view:get(i, j) }, { text:byte(i, j) })
    end
    lu.assertEquals(view:string(i), text:sub(i))
    lu.assertEquals({ view:get(i) }, { text:byte(i) })
  end
end

function tests.test_rows()
  local view, region <close> = count_to(12)
  local grid = view:reshape(3, 4)
  lu.assertEquals(grid:row(2):totable(), { 5, 6, 7, 8 })
  lu.assertEquals(grid[3]:totable(), { 9, 10, 11, 12 })
  lu.assertEquals(grid:row(-1):totable(), { 9, 10, 11, 12 })
  lu.assertEquals(grid[2][3], 7)
  grid[2][3] = 70
  lu.assertEquals(view[7], 70)
  lu.assertNil(grid[4])
  lu.assertNil(grid[0])
  lu.assertNil(grid[-1])
  lu.assertEquals(grid:slice(nil, nil, -2):totable(), { { 9, 10, 11, 12 }, { 1, 2, 3, 4 } })
  raises("out of range 1..3", grid.row, grid, 4)
  raises("out of range 1..3", grid.row, grid, 0)
  raises("integer expected, got no value", grid.row, grid)
  raises("View.row", view.row, view, 1)
  raises({ "View.__newindex", "2 dimensions" }, function() grid[1] = 5 end)
  for _, call in ipairs { "get", "set", "getter", "setter", "take", "index" } do
    raises({ "View." .. call, "2 dimensions" }, grid[call], grid, call == "take" and {} or 1)
  end
  lu.assertEquals(region.exports, 0)
end

function tests.test_window()
  local view, region <close> = count_to(24)
  local grid = view:reshape(4, 6)
  local window = grid:window({ 2, 3 }, { 2, 3 })
  lu.assertEquals(window:totable(), { { 9, 10, 11 }, { 15, 16, 17 } })
  lu.assertEquals(window.shape, { 2, 3 })
  lu.assertEquals(window:window({ 2, 2 }, { 1, 2 }):totable(), { { 16, 17 } })
  lu.assertEquals(view:window(5, 3):totable(), { 5, 6, 7 })
  lu.assertEquals(view:window({ 24 }, { 1 }):totable(), { 24 })
  lu.assertEquals(#view:window(25, 0), 0)
  raises({ "View.window", "dimension 1" }, grid.window, grid, { 2, 3 }, { 4, 3 })
  raises({ "View.window", "dimension 2" }, grid.window, grid, { 2, 3 }, { 2, 5 })
  raises("0 is less than 1", grid.window, grid, { 0, 1 }, { 1, 1 })
  raises("one index for each dimension", grid.window, grid, 1, { 1, 1 })
  raises("one extent for each dimension", grid.window, grid, { 1, 1 }, 1)
  raises("View.window", view.window, view, math.maxinteger, math.maxinteger)
  raises("integer expected, got nil", view.window, view)
  lu.assertFalse(pcall(window.reshape, window, 6))
  lu.assertEquals(region.exports, 0)
end

function tests.test_reshape()
  local view, region <close> = count_to(12)
  lu.assertEquals(view:reshape(2, 6).shape, { 2, 6 })
  lu.assertEquals(view:reshape({ 2, 3, 2 }):totable(), { { { 1, 2 }, { 3, 4 }, { 5, 6 } }, { { 7, 8 }, { 9, 10 }, { 11, 12 } } })
  lu.assertEquals(view:reshape(2, 6):reshape(12):totable(), view:totable())
  raises("View.reshape", view.reshape, view, 5)
  raises("View.reshape", view.reshape, view, 1 << 62, 12)
  raises("1 to 8 dimensions", view.reshape, view)
  raises("1 to 8 dimensions", view.reshape, view, 1, 1, 1, 1, 1, 1, 1, 1, 12)
  raises("-12 is less than 0", view.reshape, view, -12)
  lu.assertEquals(region.exports, 0)
end

function tests.test_equality_is_of_memory()
  local name = support.name()
  local region <close> = assert(Region.create(name, 64, { temporary = true }))
  local same <close> = assert(Region.attach(name))
  local view = region:view("int32")
  lu.assertTrue(view == region:view("int32"))
  lu.assertTrue(view == same:view("int32"))
  lu.assertTrue(view:slice(2) == same:view("int32", 15, { offset = 4 }))
  lu.assertFalse(view == region:view("uint32"))
  lu.assertFalse(view == region:view("int32", 8))
  lu.assertFalse(view:slice(2, 3) == view:slice(3, 4))
  lu.assertFalse(view:reshape(4, 4) == view)
  local other <close> = assert(Region.anonymous(64))
  lu.assertFalse(view == other:view("int32"))
  lu.assertTrue(view:equals(other:view("int32")))
  lu.assertFalse(view == region)
  local again = region:view("int32")
  region:close()
  lu.assertFalse(view == again)
  lu.assertTrue(rawequal(view, view) and view == view)
end

function tests.test_private_copies_are_other_memory()
  local path = support.file("abcd")
  local one <close> = assert(Region.file(path, "c"))
  local two <close> = assert(Region.file(path, "c"))
  local three <close> = assert(Region.file(path, "r", { offset = 1 }))
  local four <close> = assert(Region.file(path, "r"))
  lu.assertFalse(one:view() == two:view())
  lu.assertTrue(one:view() == one:view())
  lu.assertTrue(three:view() == four:view("uint8", 3, { offset = 1 }))
end

return support.suite(tests)

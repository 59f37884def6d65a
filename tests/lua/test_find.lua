-- Looking for bytes, and walking over lines, where they lie: bounds, zero bytes, pieces of every length, and a region that changes.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, raises = memwell.Region, support.raises
local tests = {}

local function region_of(text)
  local region = assert(Region.anonymous(math.max(#text, 1)))
  region:write(text)
  return region
end

local function lines_of(region, ...)
  local found = {}
  for line, offset in region:lines(...) do found[#found + 1] = line .. "@" .. offset end
  return table.concat(found, " ")
end

function tests.test_offsets_count_from_zero()
  local region <close> = region_of("abcabcab")
  lu.assertEquals({ region:find("abc"), region:rfind("abc"), region:count("abc") }, { 0, 3, 2 })
  lu.assertEquals({ region:find("ab"), region:rfind("ab"), region:count("ab") }, { 0, 6, 3 })
  lu.assertEquals(table.pack(region:find("x")), { n = 1 })
  lu.assertEquals(table.pack(region:rfind("x")), { n = 1 })
  lu.assertEquals(region:count("x"), 0)
  lu.assertNil(region:find("abcabcabc"))
end

function tests.test_no_pattern()
  local region <close> = region_of("a.b%a[")
  lu.assertEquals({ region:find("."), region:find("%a"), region:find("[") }, { 1, 3, 5 })
  lu.assertNil(region:find(".*"))
end

function tests.test_within_bounds()
  local region <close> = region_of("abcabcab")
  lu.assertEquals({ region:find("abc", 1), region:find("b", 1, 2), region:rfind("abc", 0, 5) }, { 3, 1, 0 })
  lu.assertNil(region:find("abc", 1, 5))
  lu.assertNil(region:find("a", 7))
  lu.assertNil(region:find("b", 8))
  lu.assertNil(region:find("b", 1000))
  lu.assertNil(region:find("a", 5, 4))
  lu.assertEquals({ region:find("ab", 1, 1000), region:rfind("b", 0, math.maxinteger) }, { 3, 7 })
  lu.assertEquals({ region:count("ab", 1), region:count("ab", 1, 7), region:count("a", 9) }, { 2, 1, 0 })
end

function tests.test_no_bytes_are_everywhere()
  local region <close> = region_of("abc")
  lu.assertEquals({ region:find(""), region:find("", 2), region:rfind(""), region:rfind("", 0, 2) }, { 0, 2, 3, 2 })
  lu.assertEquals({ region:count(""), region:count("", 1, 2) }, { 4, 2 })
  lu.assertNil(region:find("", 4))
end

function tests.test_zero_bytes_and_high_ones()
  local region <close> = region_of("a\0b\0\255\0")
  lu.assertEquals({ region:find("\0b"), region:rfind("\0"), region:count("\0"), region:find("\255") }, { 1, 5, 3, 4 })
end

-- What string.find says of a copy of the same bytes.
function tests.test_agrees_with_strings()
  math.randomseed(5)
  for _ = 1, 300 do
    local bytes = {}
    for i = 1, math.random(80) do bytes[i] = string.char(math.random(97, 98)) end
    local text = table.concat(bytes)
    local region <close> = region_of(text)
    local sub = text:sub(math.random(#text), math.random(#text) + 2)
    local first = text:find(sub, 1, true)
    lu.assertEquals(region:find(sub), first and first - 1)
    local last, count, from = nil, 0, 1
    while sub ~= "" and from do
      from = text:find(sub, from, true)
      if from then last, from = from - 1, from + 1 end
    end
    for _ in text:gmatch(sub) do count = count + 1 end
    if sub ~= "" then lu.assertEquals({ region:rfind(sub), region:count(sub) }, { last, count }) end
  end
end

-- A find that looks through many windows, and pieces around what is copied to the stack.
function tests.test_large()
  local region <close> = assert(Region.anonymous(1 << 20))
  local needle = ("needle"):rep(100)
  for _, offset in ipairs { 0, 65530, 131072, (1 << 20) - #needle } do
    region:write(needle, offset)
    lu.assertEquals({ region:find(needle), region:rfind(needle), region:count("needle") }, { offset, offset, 100 })
    region:fill(0, offset, #needle)
  end
end

function tests.test_lines()
  local region <close> = region_of("one\ntwo\n\nfour")
  lu.assertEquals(lines_of(region), "one@0 two@4 @8 four@9")
  lu.assertEquals(lines_of(region, 5), "wo@5 @8 four@9")
  lu.assertEquals(lines_of(region, 0, 9), "one@0 two@4 @8")
  lu.assertEquals(lines_of(region, 1, 6), "ne@1 tw@4")
  lu.assertEquals(lines_of(region, 13), "")
  lu.assertEquals(lines_of(region, 14), "")
  lu.assertEquals(lines_of(region, 5, 4), "")
  local newline <close> = region_of("\n")
  lu.assertEquals(lines_of(newline), "@0")
end

function tests.test_lines_of_every_length()
  for _, size in ipairs { 0, 39, 40, 41, 255, 256, 257, 100000 } do
    local region <close> = region_of(("x"):rep(size) .. "\nlast")
    local next_line = region:lines()
    lu.assertEquals({ next_line() }, { ("x"):rep(size), 0 })
    lu.assertEquals({ next_line() }, { "last", size + 1 })
    lu.assertNil(next_line())
    lu.assertNil(next_line())
  end
end

function tests.test_lines_as_a_file_has_them()
  math.randomseed(6)
  for _ = 1, 100 do
    local bytes = {}
    for i = 1, math.random(100) do bytes[i] = ("ab\n\0"):sub(math.random(4)):sub(1, 1) end
    local path = support.file(table.concat(bytes))
    local region <close> = assert(Region.file(path))
    local theirs, ours = {}, {}
    for line in io.lines(path) do theirs[#theirs + 1] = line end
    for line in region:lines() do ours[#ours + 1] = line end
    lu.assertEquals(ours, theirs)
  end
end

function tests.test_lines_of_a_region_that_changes()
  local region <close> = region_of("one\ntwo\nthree\n")
  local next_line = region:lines()
  lu.assertEquals({ next_line() }, { "one", 0 })
  region:write("TWO", 4)
  lu.assertEquals({ next_line() }, { "TWO", 4 })
  lu.assertTrue(region:resize(11))
  lu.assertEquals({ next_line() }, { "thr", 8 })
  lu.assertNil(next_line())
  lu.assertTrue(region:resize(14))
  region:write("ee\n", 11)
  lu.assertEquals({ next_line() }, { "ee", 11 })
  lu.assertTrue(region:resize(1))
  lu.assertNil(next_line())
end

-- The log tail: an iterator that is at the end goes on when the file has grown and the region was mapped anew.
function tests.test_lines_of_a_file_that_grows()
  local path = support.file("first\n")
  local region <close> = assert(Region.file(path))
  local next_line = region:lines()
  lu.assertEquals(next_line(), "first")
  lu.assertNil(next_line())
  local log <close> = assert(io.open(path, "ab"))
  log:write("second\n")
  log:close()
  lu.assertTrue(region:remap())
  lu.assertEquals({ next_line() }, { "second", 6 })
end

function tests.test_wrong_arguments()
  local region <close> = region_of("abc")
  for _, call in ipairs { "find", "rfind", "count" } do
    raises("string expected", region[call], region)
    raises("string expected", region[call], region, {})
    raises("negative", region[call], region, "a", -1)
    raises("negative", region[call], region, "a", 0, -1)
    raises("no integer representation", region[call], region, "a", 1.5)
  end
  raises("negative", region.lines, region, -1)
  raises("integer expected", region.lines, region, "1")
end

return support.suite(tests)

-- Streams against files of io.open: the same calls on both give the same.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, errno = memwell.Region, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

-- The same bytes as a file of io.open and as a stream, behind what closes them.
local function both(text)
  local path = support.file(text)
  local file, region = assert(io.open(path, "rb")), assert(Region.file(path, "c"))
  local function close()
    file:close()
    region:close()
  end
  return setmetatable({}, { __close = close }), file, region:stream()
end

local TEXT = "first line\n\n  12 -7.5e2,0x1Fp1 nan\nlast line without an end\0\255"

-- ---- reading

function tests.test_formats()
  local _ <close>, file, stream = both(TEXT)
  local calls = { {}, { "l" }, { "n", "n" }, { 1 }, { "n" }, { "n" }, { "L" }, { "a" }, { "a" }, { "l" }, { 1 }, { 0 } }
  for _, formats in ipairs(calls) do
    lu.assertEquals(table.pack(stream:read(table.unpack(formats))), table.pack(file:read(table.unpack(formats))))
    lu.assertEquals(stream:seek(), file:seek())
  end
end

function tests.test_formats_of_old()
  local _ <close>, file, stream = both(TEXT)
  lu.assertEquals({ stream:read("*l", "*L", "*n", "*a") }, { file:read("*l", "*L", "*n", "*a") })
end

-- The first that finds nothing is nil, and what follows is not read.
function tests.test_stops_at_the_first_failure()
  local _ <close>, file, stream = both("12 x 13\n")
  lu.assertEquals(table.pack(stream:read("n", "n", "l")), table.pack(file:read("n", "n", "l")))
  lu.assertEquals(stream:read("a"), file:read("a"))
end

local NUMERALS = {
  "0", "12", "-5", "+5", "1.5", ".5", "5.", "1e3", "1E-3", "1e", "0x", "0x10", "0X.8p1", "0x1p-2", "--5", "+", "-", "0x1g",
  "12abc", "1..2", "1e+", "e5", "nan", "inf", "9223372036854775807", "9223372036854775808", "0xffffffffffffffff", "00012",
  ("1"):rep(199), ("1"):rep(200), ("1"):rep(201), ("1"):rep(300), (" "):rep(1000) .. "7", "\t\n\v\f\r 7", "", "   ", "1,5",
  "0.1.2",
}

function tests.test_numbers()
  for _, numeral in ipairs(NUMERALS) do
    for _, tail in ipairs { "", " rest", "\n", "x" } do
      local _ <close>, file, stream = both(numeral .. tail)
      lu.assertEquals(table.pack(stream:read("n")), table.pack(file:read("n")), numeral .. tail)
      lu.assertEquals(math.type(stream:seek("set") and stream:read("n")), math.type(file:seek("set") and file:read("n")))
      lu.assertEquals(stream:read("a"), file:read("a"), numeral .. tail)
    end
  end
end

function tests.test_counts()
  for _, text in ipairs { "", "x", ("x"):rep(300) } do
    for _, count in ipairs { 0, 1, 2, 255, 256, 257, 1000 } do
      local _ <close>, file, stream = both(text)
      lu.assertEquals(table.pack(stream:read(count, count)), table.pack(file:read(count, count)))
    end
  end
end

function tests.test_lines()
  for _, text in ipairs { "", "\n", "a\nb", "a\nb\n", "\n\na", TEXT } do
    for _, formats in ipairs { {}, { "l" }, { "L" }, { 2 }, { "l", 1 }, { "n", "l" } } do
      local _ <close>, file, stream = both(text)
      local theirs, ours = {}, {}
      for a, b in file:lines(table.unpack(formats)) do theirs[#theirs + 1] = { a, b or "nil" } end
      for a, b in stream:lines(table.unpack(formats)) do ours[#ours + 1] = { a, b or "nil" } end
      lu.assertEquals(ours, theirs)
      lu.assertFalse(stream.closed)
    end
  end
end

function tests.test_wrong_formats()
  local _ <close>, _, stream = both(TEXT)
  for _, format in ipairs { "x", "", "*", "**l" } do raises("invalid format", stream.read, stream, format) end
  raises("string expected, got boolean", stream.read, stream, true)
  raises("count -1 is negative", stream.read, stream, -1)
  raises("count", stream.read, stream, 1.5)
  raises("invalid format", stream:lines("x"))
  raises("too many formats", stream.lines, stream, table.unpack({}, 1, 251))
end

-- ---- seeking

function tests.test_seek()
  local _ <close>, file, stream = both(TEXT)
  for _, call in ipairs { {}, { "set" }, { "set", 5 }, { "cur", 3 }, { "cur", -2 }, { "end" }, { "end", -4 }, { "end", 100 },
    { "cur" }, { "set", 1 << 40 } } do
    lu.assertEquals(stream:seek(table.unpack(call)), file:seek(table.unpack(call)))
    lu.assertEquals(stream:read(3), file:read(3))
  end
  for _, call in ipairs { { "set", -1 }, { "end", -1000 }, { "cur", math.mininteger } } do
    local at = stream:seek()
    lu.assertEquals(select(3, stream:seek(table.unpack(call))), errno.EINVAL)
    returns({ "Stream.seek", "before the start" }, errno.EINVAL, stream:seek(table.unpack(call)))
    lu.assertEquals(stream:seek(), at)
  end
  stream:seek("set", math.maxinteger)
  lu.assertNil(stream:read(1))
  lu.assertEquals(stream:read("a"), "")
  returns("before the start", errno.EINVAL, stream:seek("cur", math.maxinteger))
  raises("invalid option 'start'", stream.seek, stream, "start")
  raises("integer expected", stream.seek, stream, "set", "5")
end

-- ---- writing

function tests.test_write()
  local path, copy = support.file(("."):rep(40)), support.file(("."):rep(40))
  local file <close> = assert(io.open(path, "r+b"))
  local region <close> = assert(Region.file(copy, "r+"))
  local stream <close> = region:stream()
  for _, out in ipairs { file, stream } do
    lu.assertIs(out:write("text", 5, -1.5, 2.0, 1e100), out)
    lu.assertIs(out:write(), out)
    out:seek("cur", 3)
    lu.assertIs(out:write("", "\0\n"), out)
    lu.assertTrue(out:flush())
    lu.assertTrue(out:setvbuf("no"))
  end
  lu.assertEquals(stream:seek(), file:seek())
  file:close()
  lu.assertEquals(support.contents(copy), support.contents(path))
end

function tests.test_write_past_the_end()
  local region <close> = assert(Region.anonymous(10))
  local stream <close> = region:stream(2, 4)
  lu.assertIs(stream:write("ab"), stream)
  raises({ "Stream.write", "3 bytes at 2 go past the end of the stream (4 bytes)" }, stream.write, stream, "cde")
  lu.assertEquals(stream:seek(), 2)
  raises("past the end", stream.write, stream, "c", "def")
  lu.assertEquals(region:read(), "\0\0abc\0\0\0\0\0")
  stream:seek("set", 100)
  raises("past the end", stream.write, stream, "x")
  lu.assertIs(stream:write(""), stream)
  raises("string expected, got table", stream.write, stream, {})
end

-- ---- where it begins and ends

function tests.test_window()
  local region <close> = assert(Region.anonymous(10))
  region:write("0123456789")
  local window, rest, none = region:stream(3, 4), region:stream(8), region:stream(10)
  lu.assertEquals({ window:read("a"), rest:read("a"), none:read("a") }, { "3456", "89", "" })
  lu.assertEquals({ window:seek("end"), rest:seek("end"), none:seek("end") }, { 4, 2, 0 })
  window:seek("set", 1)
  lu.assertEquals({ window:read() }, { "456" })
  lu.assertEquals(tostring(window), "memwell.Stream (at 4 of 4 bytes)")
  raises({ "Region.stream", "past the end" }, region.stream, region, 11)
  raises({ "Region.stream", "past the end" }, region.stream, region, 3, 8)
  raises({ "Region.stream", "past the end" }, region.stream, region, 1, math.maxinteger)
  raises("negative", region.stream, region, -1)
end

-- A stream without a size ends where the region ends, one with a size not later than that.
function tests.test_follows_the_region()
  local region <close> = assert(Region.anonymous(4))
  region:write("0123")
  local stream, window = region:stream(1), region:stream(1, 3)
  lu.assertEquals({ stream:read("a"), window:read("a") }, { "123", "123" })
  lu.assertTrue(region:resize(6))
  region:write("45", 4)
  lu.assertEquals({ stream:read("a"), window:read("a") }, { "45", "" })
  lu.assertTrue(region:resize(2))
  lu.assertEquals({ stream:seek("set"), window:seek("set") }, { 0, 0 })
  lu.assertEquals({ stream:read("a"), window:read("a") }, { "1", "1" })
end

function tests.test_closing()
  local region = assert(Region.anonymous(4))
  local stream, other = region:stream(), region:stream()
  local next_line = stream:lines()
  lu.assertTrue(stream:close())
  lu.assertTrue(stream:close())
  lu.assertEquals({ stream.closed, other.closed, region.closed }, { true, false, false })
  lu.assertEquals(tostring(stream), "memwell.Stream (closed)")
  for _, call in ipairs { "read", "lines", "write", "seek", "flush", "setvbuf" } do
    raises({ "Stream.", "the stream is closed" }, stream[call], stream)
  end
  raises({ "Stream.lines", "the stream is closed" }, next_line)
  lu.assertEquals(other:read(1), "\0")
  region:close()
  lu.assertTrue(other.closed)
  lu.assertEquals(tostring(other), "memwell.Stream (closed)")
  raises("the region is closed", other.read, other)
  lu.assertTrue(other:close())
  do
    local block <close> = assert(Region.anonymous(4)):stream()
    stream = block
  end
  lu.assertTrue(stream.closed)
end

-- The stream keeps its region.
function tests.test_keeps_the_region()
  local stream
  do
    local region = assert(Region.anonymous(4))
    region:write("kept")
    stream = region:stream()
  end
  collectgarbage()
  collectgarbage()
  lu.assertEquals(stream:read("a"), "kept")
  local next_line = stream:lines()
  stream:seek("set")
  stream = nil -- luacheck: ignore
  collectgarbage()
  lu.assertEquals(next_line(), "kept")
end

return support.suite(tests)

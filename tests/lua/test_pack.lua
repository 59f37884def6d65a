-- pack and unpack: what string.pack and string.unpack do, at an offset of the region.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, raises = memwell.Region, support.raises
local tests = {}

function tests.test_there_and_back()
  local region <close> = assert(Region.anonymous(100))
  local stop = region:pack(10, "<i4 d s1 z", -5, 1.5, "text", "zero")
  lu.assertEquals(stop, 10 + 4 + 8 + 5 + 5)
  lu.assertEquals({ region:unpack("<i4 d s1 z", 10) }, { -5, 1.5, "text", "zero", stop })
  lu.assertEquals(region:read(10, stop - 10), string.pack("<i4 d s1 z", -5, 1.5, "text", "zero"))
  lu.assertEquals(region:read(0, 10) .. region:read(stop), ("\0"):rep(100 - (stop - 10)))
end

function tests.test_default_offset()
  local region <close> = assert(Region.anonymous(8))
  lu.assertEquals(region:pack(0, "i8", 77), 8)
  lu.assertEquals({ region:unpack("i8") }, { 77, 8 })
  lu.assertEquals({ region:unpack("") }, { 0 })
  lu.assertEquals({ region:unpack("", 8) }, { 8 })
  lu.assertEquals(region:pack(8, ""), 8)
end

local FORMATS = { "b", "<I3", ">i2 i2", "!4 b i4", "!8 b d", "! b j b", "!16 i16", "b !2 Xh h", "c3 !8 i8 x b", "s1", "!4 s4 b",
  "z", "z !8 d", "<f", "=I16", "xxb" }

-- At every offset the same as string.unpack on a copy of the region: so alignment counts from the region's start.
function tests.test_agrees_with_strings_at_every_offset()
  math.randomseed(7)
  local bytes = {}
  for i = 1, 400 do bytes[i] = string.char(math.random(0, 3) * math.random(0, 60)) end
  local text = table.concat(bytes)
  local region <close> = assert(Region.anonymous(#text))
  region:write(text)
  for _, format in ipairs(FORMATS) do
    for offset = 0, #text, format:find("!") and 1 or 7 do
      local theirs = table.pack(pcall(string.unpack, format, text, offset + 1))
      local ours = table.pack(pcall(region.unpack, region, format, offset))
      lu.assertEquals(ours[1], theirs[1], format .. " at " .. offset)
      if theirs[1] then
        theirs[theirs.n] = theirs[theirs.n] - 1
        lu.assertEquals(ours, theirs, format .. " at " .. offset)
      else
        lu.assertStrContains(ours[2], "Region.unpack: ")
      end
    end
  end
end

-- At every offset pack leaves what unpack takes.
function tests.test_pack_at_every_offset()
  local region <close> = assert(Region.anonymous(200))
  for offset = 0, 40 do
    region:fill(255)
    local stop = region:pack(offset, "!8 b d s2 !4 i4", 1, 2.5, "three", 4)
    lu.assertEquals({ region:unpack("!8 b d s2 !4 i4", offset) }, { 1, 2.5, "three", 4, stop })
    lu.assertEquals(region:read(0, offset), ("\255"):rep(offset))
    lu.assertEquals(region:read(stop), ("\255"):rep(200 - stop))
  end
end

-- Formats of no fixed size, longer than the first window that is copied.
function tests.test_long_strings()
  local region <close> = assert(Region.anonymous(1 << 20))
  for _, size in ipairs { 0, 1, 250, 256, 300, 1023, 5000, (1 << 20) - 9 } do
    local text = ("x"):rep(size)
    lu.assertEquals(region:pack(0, "s8", text), size + 8)
    lu.assertEquals({ region:unpack("s8") }, { text, size + 8 })
    lu.assertEquals(region:pack(0, "z", text), size + 1)
    lu.assertEquals({ region:unpack("z") }, { text, size + 1 })
  end
end

-- Only what is asked for is copied: a wrong format is told at once, and few bytes of a large region become no large string.
function tests.test_copies_little()
  local region <close> = assert(Region.anonymous(1 << 30))
  region:pack(1 << 29, "s1 z", "short", "and sweet")
  collectgarbage()
  collectgarbage("stop")
  local before = collectgarbage("count")
  lu.assertEquals({ region:unpack("s1 z", 1 << 29) }, { "short", "and sweet", (1 << 29) + 16 })
  raises("invalid format option 'q'", region.unpack, region, "s1 q")
  raises("invalid format option 'q'", region.unpack, region, "q")
  lu.assertTrue(collectgarbage("count") - before < 64)
  collectgarbage("restart")
end

function tests.test_what_does_not_fit()
  local region <close> = assert(Region.anonymous(16))
  raises({ "Region.unpack", "data string too short" }, region.unpack, region, "i8", 9)
  raises({ "Region.unpack", "data string too short" }, region.unpack, region, "s8", 9)
  region:fill(1)
  raises({ "Region.unpack", "unfinished string" }, region.unpack, region, "z")
  raises({ "Region.unpack", "offset 17 is past the end (16 bytes)" }, region.unpack, region, "b", 17)
  raises({ "Region.pack", "past the end" }, region.pack, region, 9, "i8", 0)
  raises({ "Region.pack", "past the end" }, region.pack, region, 17, "b", 0)
  raises({ "Region.pack", "past the end" }, region.pack, region, math.maxinteger, "b", 0)
  lu.assertEquals(region:read(), ("\1"):rep(16))
end

function tests.test_wrong_arguments()
  local region <close> = assert(Region.anonymous(16))
  raises({ "Region.pack: bad argument #4", "number expected, got string" }, region.pack, region, 3, "b i4", 5, "x")
  raises({ "Region.pack: bad argument #3", "integer overflow" }, region.pack, region, 3, "i1", 1000)
  raises({ "Region.pack: bad argument #3", "number expected, got nil" }, region.pack, region, 0, "i4")
  raises({ "Region.pack", "invalid format option 'q'" }, region.pack, region, 0, "q", 1)
  raises("string expected, got nil", region.unpack, region, nil)
  raises("string expected, got number", region.unpack, region, 5)
  raises("integer expected, got string", region.pack, region, "b", 1)
  raises("offset -1 is negative", region.pack, region, -1, "b", 1)
  raises("offset -1 is negative", region.unpack, region, "b", -1)
  lu.assertEquals(region:read(), ("\0"):rep(16))
end

function tests.test_read_only()
  local name = support.name()
  local region <close> = assert(Region.create(name, 16, { temporary = true }))
  local reader <close> = assert(Region.attach(name, { readonly = true }))
  region:pack(0, "i8", 5)
  lu.assertEquals(reader:unpack("i8"), 5)
  raises({ "Region.pack", name, "read-only" }, reader.pack, reader, 0, "i8", 6)
end

return support.suite(tests)

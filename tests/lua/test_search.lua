-- Region:runs, which finds runs of bytes where they lie: bounds, zero bytes, long runs, and a region that changes meanwhile.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, raises = memwell.Region, support.raises
local tests = {}

local function region_of(text)
  local region = assert(Region.anonymous(#text))
  region:write(text)
  return region
end

local function runs_of(region, ...)
  local found = {}
  for run, offset in region:runs(...) do found[#found + 1] = run .. "@" .. offset end
  return table.concat(found, " ")
end

function tests.test_each_run_with_its_offset()
  local region <close> = region_of("..ab.c..abc")
  lu.assertEquals(runs_of(region, "abc"), "ab@2 c@5 abc@8")
  lu.assertEquals(runs_of(region, "."), "..@0 .@4 ..@6")
  lu.assertEquals(runs_of(region, "cbaabc."), "..ab.c..abc@0")
  lu.assertEquals(runs_of(region, "x"), "")
  lu.assertEquals(runs_of(region, ""), "")
end

function tests.test_within_bounds()
  local region <close> = region_of("abcabc")
  lu.assertEquals(runs_of(region, "abc", 2, 4), "ca@2")
  lu.assertEquals(runs_of(region, "abc", 2), "cabc@2")
  lu.assertEquals(runs_of(region, "abc", 4, 1000), "bc@4")
  lu.assertEquals(runs_of(region, "abc", 4, 4), "")
  lu.assertEquals(runs_of(region, "abc", 6), "")
  lu.assertEquals(runs_of(region, "abc", 7), "")
  lu.assertEquals(runs_of(region, "abc", 4, 2), "")
end

function tests.test_zero_bytes_and_high_ones()
  local region <close> = region_of("\0\255\0\0\254")
  lu.assertEquals(runs_of(region, "\0"), "\0@0 \0\0@2")
  lu.assertEquals(runs_of(region, "\254\255"), "\255@1 \254@4")
end

function tests.test_long_runs()
  for _, size in ipairs { 255, 256, 257, 100000 } do
    local region <close> = region_of("-" .. ("x"):rep(size) .. "-")
    local run, offset = region:runs("x")()
    lu.assertEquals({ #run, offset, (run:gsub("x", "")) }, { size, 1, "" })
  end
end

-- The runs are what string.gmatch finds in a copy of the same bytes.
function tests.test_agrees_with_patterns()
  math.randomseed(4)
  for _ = 1, 200 do
    local bytes = {}
    for i = 1, math.random(60) do bytes[i] = string.char(math.random(97, 101)) end
    local text, expected = table.concat(bytes), {}
    for offset, run in text:gmatch("()([abc]+)") do expected[#expected + 1] = run .. "@" .. offset - 1 end
    local region <close> = region_of(text)
    lu.assertEquals(runs_of(region, "abc"), table.concat(expected, " "))
  end
end

function tests.test_sees_what_is_there_now()
  local region <close> = region_of("a-a-a")
  local next_run = region:runs("a")
  lu.assertEquals({ next_run() }, { "a", 0 })
  region:write("-", 2)
  lu.assertEquals({ next_run() }, { "a", 4 })
  lu.assertNil(next_run())
  lu.assertNil(next_run())
end

function tests.test_region_cut_meanwhile()
  local region <close> = region_of("a-a-a")
  local next_run = region:runs("a")
  lu.assertTrue(region:resize(2))
  lu.assertEquals({ next_run() }, { "a", 0 })
  lu.assertNil(next_run())
  lu.assertTrue(region:resize(1))
  lu.assertNil(next_run())
end

function tests.test_closed()
  local region = region_of("a-a")
  local next_run = region:runs("a")
  next_run()
  region:close()
  raises({ "Region.runs", "closed" }, next_run)
  raises({ "Region.runs", "closed" }, region.runs, region, "a")
end

function tests.test_wrong_arguments()
  local region <close> = region_of("a-a")
  raises({ "#2", "string expected" }, region.runs, region)
  raises({ "#3", "negative" }, region.runs, region, "a", -1)
  raises({ "#4", "negative" }, region.runs, region, "a", 0, -1)
  raises({ "#3" }, region.runs, region, "a", 1.5)
end

return support.suite(tests)

-- The worker in Lua for a file's bytes, warm: its lines counted, and 64 bytes at random places. memwell beside io.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local serve = require "serve"

local SIZE, PIECE, CHUNK = 16 << 20, 64, 64 << 10
local LINE = string.rep("x", PIECE - 1) .. "\n"
local LINES = SIZE // PIECE
local PATH = "/var/tmp/" .. arg[1]

local made = assert(io.open(PATH, "wb"))
assert(made:write(string.rep(LINE, LINES)))
assert(made:close())

local region <close> = assert(memwell.Region.file(PATH))
local file <close> = assert(io.open(PATH, "rb"))
local works = {}

-- Wrong numbers are no figures.
local function counting(count)
  return function(n)
    for _ = 1, n do assert(count() == LINES, "all lines are counted") end
  end
end

works.count_memwell = counting(function()
  local whole <close> = assert(memwell.Region.file(PATH))
  return whole:count "\n"
end)

local function newlines_in(text)
  local _, count = text:gsub("\n", "")
  return count
end

works.count_string = counting(function()
  local whole <close> = assert(io.open(PATH, "rb"))
  return newlines_in(whole:read "a")
end)

works.count_chunks = counting(function()
  local whole <close>, count = assert(io.open(PATH, "rb")), 0
  for chunk in function() return whole:read(CHUNK) end do
    count = count + newlines_in(chunk)
  end
  return count
end)

works.count_lines = counting(function()
  local count = 0
  for _ in io.lines(PATH) do count = count + 1 end
  return count
end)

-- The same places for everybody.
local places = {}
math.randomseed(7)
for i = 1, 1000 do places[i] = math.random(0, LINES - 1) * PIECE end

local function reading(read)
  assert(read(places[1]) == LINE, "a piece is what was written there")
  return function(n)
    for i = 1, n do read(places[i % #places + 1]) end
  end
end

works.piece_memwell = reading(function(place) return region:read(place, PIECE) end)
works.piece_io = reading(function(place)
  file:seek("set", place)
  return file:read(PIECE)
end)

serve(works)
os.remove(PATH)

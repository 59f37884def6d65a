-- Every ```lua block of the guides runs, each as a program of its own, and prints what its comments say.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local support = require "support"

local tests = {}

-- What a block must print: the comments that begin with -->, in order. Three dots stand for anything.
local function promises(code)
  local found = {}
  for promise in code:gmatch("%-%->%s*([^\n]+)") do found[#found + 1] = promise end
  return found
end

local function pattern_of(promise)
  local pattern = promise:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0")
  return (pattern:gsub("%%%.%%%.%%%.", ".-"):gsub("%s%s+", "%%s+"))
end

-- Run the block; returns what it printed. The guide's names become names of this process, and in the output they are the guide's
-- again.
local function run(code, place)
  local ours, theirs = {}, {}
  code = code:gsub('"(guide%-[%w-]+)"', function(name)
    ours[name] = ours[name] or support.name()
    theirs[ours[name]] = name
    return '"' .. ours[name] .. '"'
  end)
  local printed = {}
  local environment = setmetatable({
    print = function(...)
      local words = table.pack(...)
      for i = 1, words.n do words[i] = tostring(words[i]) end
      printed[#printed + 1] = table.concat(words, "  ")
    end,
  }, { __index = _G })
  local chunk = assert(load(code, "=" .. place, "t", environment))
  chunk()
  return (table.concat(printed, "\n"):gsub("memwell%-lua%-%d+%-%d+", theirs))
end

local function add_test(document, first, code)
  local place = document .. ":" .. first
  tests["test_" .. document:match("(%w+)%.md$") .. "_line_" .. first] = function()
    local output, from = run(code, place), 1
    for _, promise in ipairs(promises(code)) do
      local _, stop = output:find(pattern_of(promise), from)
      lu.assertNotNil(stop, string.format("%s does not print %q; it prints\n%s", place, promise, output))
      from = stop + 1
    end
  end
end

-- Returns how many blocks the document has.
local function add_tests(document)
  local line, count = 0, 0
  local block, first
  for text in io.lines(support.root .. document) do
    line = line + 1
    if text:find("^```lua") then
      block, first = {}, line
    elseif text:find("^```") and block then
      add_test(document, first, table.concat(block, "\n"))
      count = count + 1
      block = nil
    elseif block then
      block[#block + 1] = text
    end
  end
  return count
end

local counts = { lua = add_tests("docs/lua.md"), well = add_tests("docs/well.md") }

function tests.test_there_are_blocks()
  lu.assertTrue(counts.lua >= 8)
  lu.assertTrue(counts.well >= 6)
end

return support.suite(tests)

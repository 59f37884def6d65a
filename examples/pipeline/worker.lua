-- A worker in Lua: counts the ranges that the coordinator puts into its mailbox.
--
--   worker.lua JOB NUMBER COORDINATOR      started by the coordinator; `run` is the main entry
--
-- worker.py is the same in Python. Lua's patterns work on Lua strings alone, so it is the region that finds the words where they
-- lie in the mapped file; only they become strings.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

-- The layout, as in layout.py; elements of a view count from 1.
local MAIL = { ORDER = 1, FIRST = 2, COUNT = 3, RESULT_SIZE = 4, CURRENT = 5, ANSWER = 6, FIELDS = 8 }
local RANGE = { BEGIN = 2, END = 3, PATH = 4, PATH_SIZE = 5, ERROR = 6, WORDS = 7, FIELDS = 8 }
local RESULT_FIELDS, RESULT_HEAD = 4, 32
local WELL = ".well" -- how the name of a job in a well ends
local TICK = 1.0

local SHORTER = -1 -- the file ends before the range does

-- The bytes that a word is made of.
local bytes = {}
for byte = 0, 255 do bytes[byte] = string.char(byte) end
local WORD_BYTES = table.concat(bytes, "", 0):gsub("[^A-Za-z0-9_\128-\255]", "")

local job, number, coordinator = arg[1], math.tointeger(arg[2]), math.tointeger(arg[3])

-- The job's memory is regions and semaphores, each with a name of its own, or one well. Either gives: room(name), which is a region
-- and where in it an array begins and how many bytes that has; bell(name), which is how to sleep on it and how to ring it; and
-- whether the coordinator lives.
local memory = {}

if job:sub(-#WELL) == WELL then
  local well = assert(memwell.Well.attach(job))

  function memory.room(name)
    local array = assert(well:array(name))
    return well.region, array.offset, array.nbytes
  end

  -- A bell is cleared before anybody looks, so that no ring is lost.
  function memory.bell(name)
    local event = assert(well:event(name))
    local function sleep(seconds)
      local rung, message = event:wait(seconds)
      if rung then event:clear() end
      return rung, message
    end
    return sleep, function() assert(event:set()) end
  end

  function memory.has_coordinator()
    for _, one in ipairs(assert(well:participants())) do
      if one.pid == coordinator and one.state ~= "dead" then return true end
    end
    return false
  end
else
  function memory.room(name)
    local region = assert(memwell.Region.attach(job .. "." .. name))
    return region, 0, region.size
  end

  function memory.bell(name)
    local semaphore = assert(memwell.Semaphore.attach(job .. "." .. name))
    return function(seconds) return semaphore:acquire(seconds) end, function() assert(semaphore:release()) end
  end

  -- Its children have another parent when it is gone. Linux tells that in the fourth field, after the command's name in brackets.
  function memory.has_coordinator()
    local file <close> = assert(io.open("/proc/self/stat"))
    return math.tointeger(file:read("a"):match("^.*%) %S (%d+)")) == coordinator
  end
end

-- The array `name` as a table of int64 with so many fields in each row.
local function rows_of(name, fields)
  local region, offset, size = memory.room(name)
  return region:view("int64", { size // (8 * fields), fields }, { offset = offset })
end

local sleep = memory.bell("go." .. number)
local _, ring = memory.bell("bell")
local mail = rows_of("mail", MAIL.FIELDS):row(number + 1)
local ranges = rows_of("ranges", RANGE.FIELDS)
local paths, paths_at = memory.room("paths")
local result, result_at, result_size = memory.room("result." .. number)

-- Sleep until the coordinator has put something in. False if it is gone.
local function wait()
  while true do
    local rung, message = sleep(TICK)
    if rung == nil then error(message, 0) end
    if rung then return true end
    if not memory.has_coordinator() then return false end
  end
end

-- Add the words of the bytes [begin, stop) of a region, and return how many there were.
local function count_words(region, begin, stop, counts)
  local words = 0
  for word in region:runs(WORD_BYTES, begin, stop) do
    counts[word] = (counts[word] or 0) + 1
    words = words + 1
  end
  return words
end

-- Add the words of range i. A file that cannot be mapped, or has become shorter, is an error in the range's row.
local function count_range(i, counts)
  local row = ranges:row(i + 1)
  local failure, words = 0, 0
  local path = paths:read(paths_at + row[RANGE.PATH], row[RANGE.PATH_SIZE])
  local region <close>, _, errno = memwell.Region.file(path, "r", { keep_fd = false })
  if not region then
    failure = errno
  elseif region.size < row[RANGE.END] then
    failure = SHORTER
  else
    words = count_words(region, row[RANGE.BEGIN], row[RANGE.END], counts)
  end
  row[RANGE.ERROR] = failure
  row[RANGE.WORDS] = words
end

-- Write the counts out, then the order's number: with that last store, and not before, the answer is there.
local function answer(order, counts)
  if result_size < mail[MAIL.RESULT_SIZE] then
    result:close()
    result, result_at, result_size = memory.room("result." .. number) -- the coordinator has made it larger
  end
  local words, numbers, total = {}, {}, 0
  for word, n in pairs(counts) do
    words[#words + 1] = word
    numbers[#words] = n
    total = total + n
  end
  local text = table.concat(words, "\n")
  result:view("int64", #numbers, { offset = result_at + RESULT_HEAD }):copy_from(numbers)
  result:write(text, result_at + RESULT_HEAD + 8 * #numbers)
  result:view("int64", RESULT_FIELDS, { offset = result_at }):copy_from { order, #numbers, #text, total }
  mail[MAIL.ANSWER] = order
  ring()
end

-- Count what the mailbox says, until it says that there is no more or the coordinator is gone.
local function run()
  while wait() do
    local order, first, count = mail[MAIL.ORDER], mail[MAIL.FIRST], mail[MAIL.COUNT]
    if count == 0 then return end
    local counts = {}
    for i = first, first + count - 1 do
      mail[MAIL.CURRENT] = i
      count_range(i, counts)
    end
    answer(order, counts)
  end
end

run()

-- View: wait and wake, between processes.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, errno = memwell.Region, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

local DTYPES = { int32 = -7, uint32 = 0xfffffff9 }

local function shared()
  return assert(Region.create(support.name(), 64, { temporary = true }))
end

-- Another process, with the region's words as `words`, that prints what it has to say.
local function start(region, body)
  local code = string.format([[
    local memwell = require "memwell"
    local region <close> = assert(memwell.Region.attach(%q))
    local words = region:view("uint32", 16)
    %s]], region.name, body)
  return assert(io.popen("exec env " .. support.command(code) .. " 2>&1"))
end

-- Wake until somebody was there to be woken: whoever waits looks around from time to time, and nobody counts them then.
local function wake_one(view, i)
  repeat until view:wake(i, 1) == 1
end

function tests.test_a_word_that_differs_needs_no_wait()
  for dtype, value in pairs(DTYPES) do
    local region <close> = shared()
    local view = region:view(dtype)
    view[2] = value
    lu.assertIsTrue(view:wait(2, 0))
    lu.assertIsTrue(view:wait(2, 0, 0))
    lu.assertIsTrue(view:wait(-15, value + 1, 60))
  end
end

function tests.test_time_goes_by()
  for dtype, value in pairs(DTYPES) do
    local region <close> = shared()
    local view = region:view(dtype)
    view[2] = value
    for _, timeout in ipairs { 0, 1e-9, 0.001, 0.15 } do lu.assertIsFalse(view:wait(2, value, timeout)) end
  end
end

function tests.test_nobody_to_wake()
  local region <close> = shared()
  local view = region:view("int32")
  lu.assertEquals({ view:wake(1), view:wake(1, 1), view:wake(1, 0), view:wake(-1, math.maxinteger) }, { 0, 0, 0, 0 })
end

function tests.test_a_change_is_noticed()
  local region <close> = shared()
  local words = region:view("uint32")
  local pipe <close> = start(region, "print(words:wait(3, 0))")
  words:atomic_store(3, 1)
  words:wake(3)
  lu.assertEquals(pipe:read("a"), "true\n")
end

function tests.test_a_wake_without_a_change()
  local region <close> = shared()
  local words = region:view("int32")
  local pipe <close> = start(region, "print(words:wait(3, 0))")
  wake_one(words, 3)
  lu.assertEquals(pipe:read("a"), "true\n")
end

function tests.test_wake_counts()
  local WAITERS = 3
  local region <close> = shared()
  local words = region:view("uint32")
  local pipes = {}
  for i = 1, WAITERS do pipes[i] = start(region, "words:atomic_add(2) words:wake(2) print(words:wait(1, 0))") end
  for there = 0, WAITERS - 1 do words:wait(2, there) end
  for _ = 1, 100 do lu.assertEquals(words:wake(1, 0), 0) end
  for _ = 1, WAITERS do wake_one(words, 1) end
  for _, pipe in ipairs(pipes) do
    lu.assertEquals(pipe:read("a"), "true\n")
    pipe:close()
  end
  lu.assertEquals(words:wake(1), 0)
end

-- Turn and turn about: each waits for the other's number.
function tests.test_ping_pong()
  local TURNS = 2000
  local region <close> = shared()
  local words = region:view("uint32")
  local pipe <close> = start(region, string.format([[
    for turn = 1, %d do
      while words:atomic_load(1) ~= 2 * turn - 1 do words:wait(1, 2 * turn - 2) end
      words:atomic_store(1, 2 * turn)
      words:wake(1)
    end
    print "done"]], TURNS))
  for turn = 1, TURNS do
    words:atomic_store(1, 2 * turn - 1)
    words:wake(1)
    while words:atomic_load(1) ~= 2 * turn do lu.assertIsTrue(words:wait(1, 2 * turn - 1, 60)) end
  end
  lu.assertEquals(pipe:read("a"), "done\n")
end

-- Looking needs no right to write, and neither does waking.
function tests.test_read_only_memory()
  local region <close> = shared()
  local reader <close> = assert(Region.attach(region.name, { readonly = true }))
  local pipe <close> = start(region, "print(words:wait(1, 0))")
  local view = reader:view("uint32")
  lu.assertIsFalse(view:wait(1, 0, 0.001))
  wake_one(view, 1)
  lu.assertEquals(pipe:read("a"), "true\n")
end

-- ---- what is refused

function tests.test_elements_that_cannot_be_waited_on()
  local region <close> = shared()
  for _, dtype in ipairs { "int8", "int16", "float32", "float64", "bool" } do
    raises({ "View.wait", "not atomic" }, region:view(dtype).wait, region:view(dtype), 1, 0)
    raises({ "View.wake", "not atomic" }, region:view(dtype).wake, region:view(dtype), 1)
  end
  for _, dtype in ipairs { "int64", "uint64" } do
    raises({ "View.wait", dtype .. " is too wide" }, region:view(dtype).wait, region:view(dtype), 1, 0)
    raises({ "View.wake", dtype .. " is too wide" }, region:view(dtype).wake, region:view(dtype), 1)
  end
  local unaligned = region:view("int32", 4, { offset = 1 })
  raises("multiple of its size", unaligned.wait, unaligned, 1, 0)
  local grid = region:view("int32", { 4, 4 })
  raises("2 dimensions", grid.wake, grid, 1)
end

function tests.test_private_memory()
  local region <close> = assert(Region.anonymous(64, { private = true }))
  local view = region:view("int32")
  raises({ "View.wait", "private" }, view.wait, view, 1, 0)
  raises({ "View.wake", "private" }, view.wake, view, 1)
end

function tests.test_wrong_arguments()
  local region <close> = shared()
  local view = region:view("int32")
  raises("out of range 1..16", view.wait, view, 17, 0)
  raises("out of range 1..16", view.wake, view, 0)
  raises("integer expected, got no value", view.wait, view, 1)
  raises("no integer representation", view.wait, view, 1, 0.5)
  raises({ "View.wait", "out of range for int32" }, view.wait, view, 1, 1 << 31)
  raises({ "View.wait", "out of range for uint32" }, view.wait, region:view("uint32"), 1, -1)
  raises("the timeout is negative", view.wait, view, 1, 0, -1)
  raises("the timeout is not a number", view.wait, view, 1, 0, 0 / 0)
  raises("number of seconds expected, got string", view.wait, view, 1, 0, "1")
  raises("count -1 is negative", view.wake, view, 1, -1)
  raises("count 1.5 has no integer representation", view.wake, view, 1, 1.5)
end

function tests.test_closed_region()
  local region = shared()
  local view = region:view("int32")
  region:close()
  raises({ "View.wait", "the region is closed" }, view.wait, view, 1, 0)
  raises({ "View.wake", "the region is closed" }, view.wake, view, 1)
end

-- Somebody cuts the file, before and during the wait.
function tests.test_lost_page()
  local path = support.file(("\0"):rep(memwell.PAGE_SIZE))
  local region <close> = assert(Region.file(path, "r+"))
  local view = region:view("int32")
  lu.assertIsFalse(view:wait(1, 0, 0))
  local pipe <close> = assert(io.popen(": > " .. path))
  returns({ "View.wait", path }, errno.EIO, view:wait(1, 0))
  lu.assertEquals(pipe:read("a"), "")
  returns({ "View.wait", path }, errno.EIO, view:wait(1, 0, 0))
end

return support.suite(tests)

-- Atomic operations by turns: who waits for his turn sleeps on a word, and both sides know what every step makes of the elements.
-- Main entries: steps.first, steps.second, steps.count.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local pattern = require "pattern"
local places = require "places"

local steps = {}

local DTYPES <const> = { "int32", "uint32", "int64", "uint64" }
local OPERATIONS <const> = { "store", "add", "sub", "and", "or", "xor", "exchange", "compare_exchange" }
local ELEMENTS_AT <const>, ELEMENT_STEP <const> = 64, 64
local PATIENCE <const> = 60.0 -- seconds: only a peer that died is waited for so long

local function fail(...)
  error(string.format(...), 0)
end

-- ---- what a step makes of an element, in bits

local function operation_of(step)
  return OPERATIONS[step // 2 % #OPERATIONS + 1]
end

local function expected_by(step, dtype, old)
  return step // 16 % 2 == 0 and old or pattern.bits(step, dtype, 1)
end

local function result_of(step, dtype, old)
  local n = pattern.bits(step, dtype, 0)
  local results = { store = n, add = old + n, sub = old - n, ["and"] = old & n, ["or"] = old | n, xor = old ~ n, exchange = n,
    compare_exchange = old == expected_by(step, dtype, old) and n or old }
  return results[operation_of(step)] & -1 >> (64 - 8 * pattern.SIZES[dtype])
end

-- ---- one step

-- Returns what the operation says was there.
local function operate(view, step, dtype, old)
  local operation, n = operation_of(step), pattern.value(dtype, pattern.bits(step, dtype, 0))
  if operation == "store" then
    local before = view:atomic_load(1)
    view:atomic_store(1, n)
    return before
  elseif operation == "compare_exchange" then
    return view:atomic_compare_exchange(1, pattern.value(dtype, expected_by(step, dtype, old)), n)
  end
  return view["atomic_" .. operation](view, 1, n)
end

local function make_step(view, step, dtype, old)
  local found = operate(view, step, dtype, old)
  if found ~= pattern.value(dtype, old) then
    fail("step %d, %s %s: it was %d, not 0x%x", step, dtype, operation_of(step), found, old)
  end
end

-- The element has these bits in memory, and loads as what they mean.
local function check_step(view, step, dtype, now)
  local found = view:atomic_load(1)
  if found ~= pattern.value(dtype, now) or view:string() ~= pattern.pack(dtype, now) then
    fail("step %d, %s %s: it is %d, not 0x%x", step, dtype, operation_of(step), found, now)
  end
end

local function await(words, i, wanted)
  local word = words:atomic_load(i)
  while word ~= wanted do
    local changed, message = words:wait(i, word, PATIENCE)
    if not changed then fail("%d did not come: %s", wanted, message or "nothing changed in time") end
    word = words:atomic_load(i)
  end
end

-- Steps of one parity are ours, those of the other the other side's.
local function take_steps(region, count, parity)
  local words, views, bits = region:view("uint32", 2), {}, {}
  for d, dtype in ipairs(DTYPES) do
    views[d] = region:view(dtype, 1, { offset = ELEMENTS_AT + ELEMENT_STEP * (d - 1) })
    bits[d] = 0
  end
  for step = 0, count - 1 do
    local is_ours = step % 2 == parity
    if not is_ours then await(words, 1, step + 1) end
    for d, dtype in ipairs(DTYPES) do
      if is_ours then make_step(views[d], step, dtype, bits[d]) end
      bits[d] = result_of(step, dtype, bits[d])
      check_step(views[d], step, dtype, bits[d])
    end
    if is_ours then
      words:atomic_store(1, step + 1)
      words:wake(1)
    end
  end
end

-- ---- both sides

local function wait_for(semaphore)
  local acquired, message = semaphore:acquire(PATIENCE)
  if not acquired then fail("%s: %s", semaphore.kind, message or "nothing came in time") end
end

local function expect_value(semaphore, wanted)
  if semaphore.value ~= wanted then fail("%s: value %d instead of %d", semaphore.kind, semaphore.value, wanted) end
end

function steps.first(place, count)
  local region, ping, pong = places.create(place)
  print "ready"
  io.stdout:flush()
  take_steps(region, count, 0)
  for _ = 1, count do
    assert(ping:release())
    wait_for(pong)
  end
  wait_for(ping)
  expect_value(ping, 0)
  expect_value(pong, 3)
  ping:close()
  pong:close()
  region:close()
  places.remove(place)
  print(count .. " steps")
end

function steps.second(place, count)
  local region, ping, pong = places.attach(place)
  take_steps(region, count, 1)
  for _ = 1, count do
    wait_for(ping)
    assert(pong:release())
  end
  assert(pong:release(3))
  assert(ping:release())
  ping:close()
  pong:close()
  region:close()
  print(count .. " steps")
end

-- One of several who count at the same time, from the moment on when the second word says so.
function steps.count(name, count)
  local region <close> = assert(memwell.Region.attach(name))
  local words = region:view("uint32", 2)
  local wide = region:view("int64", 1, { offset = ELEMENTS_AT })
  local narrow = region:view("uint32", 1, { offset = ELEMENTS_AT + ELEMENT_STEP })
  words:atomic_add(1)
  words:wake(1)
  await(words, 2, 1)
  local add <const> = wide.atomic_add
  for _ = 1, count do
    add(wide, 1)
    add(narrow, 1)
  end
  print(count .. " counted")
end

return steps

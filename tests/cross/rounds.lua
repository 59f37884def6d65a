-- Taking turns on one region: the first writes, the second checks and answers, the first checks the answer. Main entries:
-- rounds.first, rounds.second.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local pattern = require "pattern"

local rounds = {}

local ELEMENTS <const>, ROWS <const>, COLUMNS <const> = 8, 2, 4
local BLOCKS_AT <const>, BLOCK_STEP <const>, TEXT_AT <const>, TEXT_SIZE <const>, REGION_SIZE <const> = 13, 67, 817, 96, 913
local ONE_BY_ONE <const>, AT_ONCE <const>, IN_ROWS <const>, BACKWARDS <const>, WAYS <const> = 0, 1, 2, 3, 4
local PATIENCE <const> = 60.0 -- seconds: only a peer that died is waited for so long

local function fail(...)
  error(string.format(...), 0)
end

-- ---- one block

local function offset_of(d)
  return BLOCKS_AT + BLOCK_STEP * (d - 1)
end

local function block(region, d, way)
  local shape = way == IN_ROWS and { ROWS, COLUMNS } or ELEMENTS
  local view = region:view(pattern.DTYPES[d], shape, { offset = offset_of(d) })
  return way == BACKWARDS and view:slice(nil, nil, -1) or view
end

local function row_and_column(k)
  return (k - 1) // COLUMNS + 1, (k - 1) % COLUMNS + 1
end

local function backwards(list)
  local result = {}
  for k = 1, #list do result[k] = list[#list + 1 - k] end
  return result
end

local function write_block(region, d, way, values)
  local view = block(region, d, way)
  if way == ONE_BY_ONE then
    for k, x in ipairs(values) do view[k] = x end
  elseif way == AT_ONCE then
    view:copy_from(values)
  elseif way == IN_ROWS then
    for k, x in ipairs(values) do view:put(x, row_and_column(k)) end
  else
    view:copy_from(backwards(values))
  end
end

local function read_block(region, d, way)
  local view = block(region, d, way)
  local values = {}
  if way == AT_ONCE then return view:totable() end
  if way == BACKWARDS then return backwards(view:totable()) end
  for k = 1, ELEMENTS do
    if way == ONE_BY_ONE then
      values[k] = view[k]
    else
      values[k] = view:at(row_and_column(k))
    end
  end
  return values
end

-- The block has these bits in memory, and reads as what they mean.
local function expect_block(region, round, d, way, wanted)
  local dtype = pattern.DTYPES[d]
  local size = pattern.SIZES[dtype]
  local raw = region:read(offset_of(d), ELEMENTS * size)
  local values = read_block(region, d, way)
  for k, bits in ipairs(wanted) do
    local found = raw:sub((k - 1) * size + 1, k * size)
    if found ~= pattern.pack(dtype, bits) or not pattern.is_same(values[k], pattern.value(dtype, bits)) then
      fail("round %d, %s element %d: %s, not 0x%x", round, dtype, k - 1, values[k], bits)
    end
  end
end

local function turn(dtype, x)
  if dtype == "bool" then return not x end
  if math.type(x) == "integer" then return pattern.invert(dtype, x) end
  return x ~= x and x or -x
end

local function turn_text(text)
  return (text:reverse():gsub(".", function(c) return string.char(c:byte() ~ 0xff) end))
end

-- ---- one round

local function bits_of_block(round, dtype)
  local list = {}
  for k = 1, ELEMENTS do list[k] = pattern.bits(round, dtype, k - 1) end
  return list
end

local function ask(region, round)
  region:view("uint64", 1)[1] = round
  for d, dtype in ipairs(pattern.DTYPES) do
    local values = bits_of_block(round, dtype)
    for k, bits in ipairs(values) do values[k] = pattern.value(dtype, bits) end
    write_block(region, d, round % WAYS, values)
  end
  region:write(pattern.text(round), TEXT_AT)
end

local function expect_text(region, round, wanted)
  if region:read(TEXT_AT, TEXT_SIZE) ~= wanted then fail("round %d: another text", round) end
end

local function check_question(region, round)
  local found = region:view("uint64", 1):max()
  if found ~= round then fail("round %d: the number is %d", round, found) end
  for d, dtype in ipairs(pattern.DTYPES) do
    expect_block(region, round, d, (round + 1) % WAYS, bits_of_block(round, dtype))
  end
  expect_text(region, round, pattern.text(round))
end

local function give_answer(region, round)
  for d, dtype in ipairs(pattern.DTYPES) do
    local values = backwards(read_block(region, d, (round + 2) % WAYS))
    for k, x in ipairs(values) do values[k] = turn(dtype, x) end
    write_block(region, d, (round + 1) % WAYS, values)
  end
  region:write(turn_text(region:read(TEXT_AT, TEXT_SIZE)), TEXT_AT)
end

local function check_answer(region, round)
  for d, dtype in ipairs(pattern.DTYPES) do
    local wanted = backwards(bits_of_block(round, dtype))
    for k, bits in ipairs(wanted) do wanted[k] = pattern.answer(dtype, bits) end
    expect_block(region, round, d, round % WAYS, wanted)
  end
  expect_text(region, round, turn_text(pattern.text(round)))
end

-- ---- both sides

local function wait_for(semaphore)
  local acquired, message = semaphore:acquire(PATIENCE)
  if not acquired then fail("%s: %s", semaphore.name, message or "nothing came in time") end
end

local function expect_value(semaphore, wanted)
  if semaphore.value ~= wanted then fail("%s: value %d instead of %d", semaphore.name, semaphore.value, wanted) end
end

-- Three units given at once are three to take.
local function count_units(ping, pong)
  wait_for(ping)
  expect_value(ping, 0)
  for left = 3, 1, -1 do
    expect_value(pong, left)
    if pong:acquire(0) ~= true then fail("only %d of three units came", 3 - left) end
  end
  if pong:acquire(0) ~= false then fail "there were more than three units" end
end

function rounds.first(name, count)
  local region <close> = assert(memwell.Region.create(name, REGION_SIZE))
  local ping <close> = assert(memwell.Semaphore.create(name .. ".ping", 0))
  local pong <close> = assert(memwell.Semaphore.create(name .. ".pong", 0))
  for round = 0, count - 1 do
    ask(region, round)
    assert(ping:release())
    wait_for(pong)
    check_answer(region, round)
  end
  count_units(ping, pong)
  assert(memwell.Region.unlink(name))
  assert(memwell.Semaphore.unlink(name .. ".ping"))
  assert(memwell.Semaphore.unlink(name .. ".pong"))
  print(count .. " rounds")
end

local function attach_when_it_appears(name)
  local early, _, errno = memwell.Region.attach(name)
  if early or errno ~= memwell.errno.ENOENT then fail("%s is there already", name) end
  print "waiting"
  io.stdout:flush()
  return assert(memwell.Region.attach(name, { timeout = PATIENCE }))
end

function rounds.second(name, count)
  local region <close> = attach_when_it_appears(name)
  if #region ~= REGION_SIZE then fail "the region has another size" end
  local ping <close> = assert(memwell.Semaphore.attach(name .. ".ping", { timeout = PATIENCE }))
  local pong <close> = assert(memwell.Semaphore.attach(name .. ".pong", { timeout = PATIENCE }))
  for round = 0, count - 1 do
    wait_for(ping)
    check_question(region, round)
    give_answer(region, round)
    assert(pong:release())
  end
  assert(pong:release(3))
  assert(ping:release())
  print(count .. " rounds")
end

return rounds

-- The kinds of memory and of semaphores that two peers can share, each written as one word. Main entries: places.create,
-- places.attach. README.md lists the words.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local Region, Semaphore = memwell.Region, memwell.Semaphore
local SIZE <const>, PING_AT <const>, PONG_AT <const> = 4096, 512, 576
local PATIENCE <const> = 60.0 -- seconds: only a peer that died is waited for so long

local places = {}

local function parse(word)
  local kind, what = word:match "^(%a+):(.+)$"
  return kind, math.tointeger(what) or what
end

local function create_region(kind, what)
  if kind == "name" then return assert(Region.create(what, SIZE)) end
  if kind == "key" then return assert(Region.sysv(what, SIZE, { how = "create" })) end
  if kind == "fd" then return assert(Region.from_fd(what)) end
  local region = assert(Region.memfd(SIZE))
  assert(region:seal("grow", "shrink", "seal"))
  assert(region:send(what))
  return region
end

local function attach_region(kind, what)
  if kind == "name" then return assert(Region.attach(what)) end
  if kind == "key" then return assert(Region.sysv(what)) end
  if kind == "fd" then return assert(Region.from_fd(what)) end
  return assert(Region.receive(what, { require_seals = { "grow", "shrink" }, timeout = PATIENCE }))
end

-- The region, and the semaphores ping and pong: of System V where the region is, else inside it.
function places.create(word)
  local kind, what = parse(word)
  local region = create_region(kind, what)
  if kind == "key" then
    local ping = assert(Semaphore.sysv(what, 0, { how = "create", count = 2 }))
    return region, ping, assert(Semaphore.sysv(what, 1))
  end
  return region, assert(Semaphore.at(region, PING_AT, 0)), assert(Semaphore.at(region, PONG_AT, 0))
end

function places.attach(word)
  local kind, what = parse(word)
  local region = attach_region(kind, what)
  if #region ~= SIZE then error("the region has another size", 0) end
  if kind == "key" then return region, assert(Semaphore.sysv(what, 0)), assert(Semaphore.sysv(what, 1)) end
  return region, assert(Semaphore.at(region, PING_AT)), assert(Semaphore.at(region, PONG_AT))
end

function places.remove(word)
  local kind, what = parse(word)
  if kind == "name" then assert(Region.unlink(what)) end
  if kind == "key" then
    assert(Region.sysv_remove(what))
    assert(Semaphore.sysv_remove(what))
  end
end

return places

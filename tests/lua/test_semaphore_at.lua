-- Semaphore.at: a sem_t inside a region, which it keeps. test_semaphore_kinds has what all kinds can.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, Semaphore, errno = memwell.Region, memwell.Semaphore, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

function tests.test_make_and_take()
  local region <close> = assert(Region.anonymous(128))
  local made <close> = assert(Semaphore.at(region, 32, 2))
  local taken <close> = assert(Semaphore.at(region, 32))
  lu.assertTrue(taken:acquire(0))
  lu.assertEquals({ made.value, taken.value }, { 1, 1 })
  local anew <close> = assert(Semaphore.at(region, 32, 2147483647))
  lu.assertEquals({ made.value, anew.value }, { 2147483647, 2147483647 })
  lu.assertEquals(region:read(0, 32) .. region:read(64), ("\0"):rep(96), "its 32 bytes and no other")
end

function tests.test_places_that_cannot_be()
  local region <close> = assert(Region.anonymous(128))
  for offset, reason in pairs { [4] = "multiple of 8", [97] = "", [104] = "", [128] = "", [math.maxinteger] = "" } do
    raises({ "Semaphore.at", reason }, Semaphore.at, region, offset, 1)
  end
  raises("offset -8 is negative", Semaphore.at, region, -8, 1)
  raises("integer expected, got no value", Semaphore.at, region)
  raises("value -1 is negative", Semaphore.at, region, 0, -1)
  raises("counts to 2147483647", Semaphore.at, region, 0, 1 << 31)
  raises({ "Semaphore.at", "no semaphore" }, Semaphore.at, region, 0)
  raises("memwell.Region expected, got memwell.View", Semaphore.at, region:view(), 0, 1)
  lu.assertEquals(region:read(), ("\0"):rep(128))
  lu.assertEquals(region.exports, 0)
end

function tests.test_memory_that_nobody_shares_or_writes()
  local private <close> = assert(Region.anonymous(64, { private = true }))
  raises({ "Semaphore.at", "private" }, Semaphore.at, private, 0, 1)
  local name = support.name()
  local region <close> = assert(Region.create(name, 64, { temporary = true }))
  local reader <close> = assert(Region.attach(name, { readonly = true }))
  local semaphore <close> = assert(Semaphore.at(region, 0, 1))
  raises({ "Semaphore.at", name, "read-only" }, Semaphore.at, reader, 0)
  lu.assertEquals(semaphore.value, 1)
end

-- ---- the region that it is in

function tests.test_it_keeps_its_region()
  local name = support.name()
  local semaphore = assert(Semaphore.at(assert(Region.create(name, 64, { temporary = true })), 0, 1))
  collectgarbage()
  collectgarbage()
  lu.assertTrue(semaphore:acquire(0))
  lu.assertTrue(support.exists("/dev/shm/" .. name))
  semaphore:close()
end

function tests.test_a_closed_region_ends_it()
  local region = assert(Region.anonymous(64))
  local semaphore <close> = assert(Semaphore.at(region, 0, 1))
  lu.assertEquals(region.exports, 1)
  returns("Region.resize", errno.EBUSY, region:resize(128))
  region:close()
  raises({ "Semaphore.acquire", "closed" }, semaphore.acquire, semaphore)
  raises({ "Semaphore.release", "closed" }, semaphore.release, semaphore)
  raises({ "Semaphore.value", "closed" }, function() return semaphore.value end)
  raises({ "Semaphore.at", "closed" }, Semaphore.at, region, 0, 1)
  lu.assertFalse(semaphore.closed)
end

function tests.test_closing_it_lets_the_region_be_resized()
  local region <close> = assert(Region.anonymous(64))
  assert(Semaphore.at(region, 0, 1)):close()
  lu.assertTrue(region:resize(128))
  lu.assertEquals(assert(Semaphore.at(region, 0)).value, 1)
end

function tests.test_lost_page()
  local path = support.file(("\0"):rep(memwell.PAGE_SIZE))
  local region <close> = assert(Region.file(path, "r+"))
  local semaphore <close> = assert(Semaphore.at(region, 0, 1))
  support.cut(path)
  returns({ "Semaphore.acquire", path }, errno.EIO, semaphore:acquire(0))
  returns({ "Semaphore.acquire", path }, errno.EIO, semaphore:acquire(60))
  returns({ "Semaphore.release", path }, errno.EIO, semaphore:release())
  returns({ "Semaphore.at", path }, errno.EIO, Semaphore.at(region, 8, 1))
  raises({ "Semaphore.value", path }, function() return semaphore.value end)
end

return support.suite(tests)

-- What a descriptor leads to: whose it stays, offsets and sizes, seals that are required, and what cannot be mapped.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local peers = require "memwell_peers"
local support = require "support"

local Region, errno = memwell.Region, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

function tests.test_a_file_of_io_open()
  local file <close> = assert(io.open(support.file("0123456789"), "r+b"))
  local region <close> = assert(Region.from_fd(file))
  lu.assertEquals({ region.kind, #region, region:read() }, { "fd", 10, "0123456789" })
  lu.assertNil(region.path)
  region:write("AB")
  lu.assertEquals(file:read("a"), "AB23456789")
  file:close()
  lu.assertEquals(region:read(0, 4), "AB23")
  raises("the file is closed", Region.from_fd, file)
end

function tests.test_a_number_stays_the_callers()
  local path = support.file("0123456789")
  local owner <close> = assert(Region.file(path, "r+"))
  local region = assert(Region.from_fd(owner:fileno()))
  lu.assertTrue(region:fileno() ~= owner:fileno())
  region:close()
  lu.assertEquals(owner:read(), "0123456789")
  lu.assertTrue(owner:resize(20))
  local without <close> = assert(Region.from_fd(owner:fileno(), { keep_fd = false }))
  raises("keep_fd", without.fileno, without)
  raises("keep_fd", without.remap, without)
end

function tests.test_offset_size_and_access()
  local file <close> = assert(io.open(support.file(("0123456789"):rep(1000)), "r+b"))
  local region <close> = assert(Region.from_fd(file, { offset = 4099, size = 7 }))
  lu.assertEquals(region:read(), "9012345")
  local rest <close> = assert(Region.from_fd(file, { offset = 9995, readonly = true }))
  lu.assertEquals({ rest:read(), rest.readonly }, { "56789", true })
  local private <close> = assert(Region.from_fd(file, { private = true }))
  lu.assertTrue(private.private)
  private:write("mine")
  lu.assertEquals(file:read(4), "0123")
  raises({ "Region.from_fd" }, Region.from_fd, file, { offset = 10001 })
  raises({ "Region.from_fd" }, Region.from_fd, file, { size = 10001 })
  raises("exclude each other", Region.from_fd, file, { private = true, readonly = true })
end

function tests.test_access_that_the_descriptor_does_not_allow()
  local file <close> = assert(io.open(support.file("contents"), "rb"))
  returns({ "Region.from_fd", "access" }, errno.EACCES, Region.from_fd(file))
  local region <close> = assert(Region.from_fd(file, { readonly = true }))
  lu.assertEquals(region:read(), "contents")
end

function tests.test_seals_that_are_required()
  local memory <close> = assert(Region.memfd(100))
  local fd = memory:fileno()
  returns({ "Region.from_fd", '"shrink"' }, errno.EPERM, Region.from_fd(fd, { require_seals = { "shrink" } }))
  lu.assertTrue(memory:seal("shrink", "grow"))
  local region <close> = assert(Region.from_fd(fd, { require_seals = { "grow", "shrink" } }))
  lu.assertEquals(region.seals, { "shrink", "grow" })
  local same <close> = assert(Region.from_fd(fd, { require_seals = region.seals }))
  lu.assertEquals(#same, 100)
  local file <close> = assert(io.open(support.file("contents"), "rb"))
  returns("Region.from_fd", errno.EPERM, Region.from_fd(file, { readonly = true, require_seals = { "shrink" } }))
  raises("option 'require_seals': \"shrunk\" is no seal", Region.from_fd, fd, { require_seals = { "shrunk" } })
  raises("option 'require_seals': name of a seal expected, got number", Region.from_fd, fd, { require_seals = { 5 } })
  raises("option 'require_seals': table of names expected, got string", Region.from_fd, fd, { require_seals = "shrink" })
end

function tests.test_what_cannot_be_mapped()
  local pipe <close> = assert(io.popen "cat /dev/null")
  returns("Region.from_fd", errno.ENODEV, Region.from_fd(pipe, { readonly = true }))
  local here, there = peers.socketpair()
  returns("Region.from_fd", errno.ENODEV, Region.from_fd(here))
  assert(peers.close(here) and peers.close(there))
  returns("Region.from_fd", errno.EBADF, Region.from_fd(here))
  local folder <close> = assert(io.open("/tmp", "r"))
  returns("Region.from_fd", errno.EISDIR, Region.from_fd(folder, { readonly = true }))
  local terminal <close> = assert(io.open("/dev/null", "r+"))
  local good, value, message = pcall(Region.from_fd, terminal, { size = 10 })
  lu.assertStrContains(good and message or value, "Region.from_fd")
end

function tests.test_a_device()
  local zero <close> = assert(io.open("/dev/zero", "r+b"))
  local region <close> = assert(Region.from_fd(zero, { size = 100 }))
  lu.assertEquals(region:read(), ("\0"):rep(100))
  raises({ "Region.from_fd", "size" }, Region.from_fd, zero)
end

function tests.test_arguments()
  raises("descriptor or file expected, got no value", Region.from_fd)
  raises("descriptor or file expected, got string", Region.from_fd, "1")
  raises("no descriptor", Region.from_fd, -1)
  raises("no descriptor", Region.from_fd, 1 << 31)
  raises("no integer representation", Region.from_fd, 1.5)
  returns("Region.from_fd", errno.EBADF, Region.from_fd(1 << 30))
  raises("unknown option 'permissions'", Region.from_fd, 0, { permissions = "0600" })
end

return support.suite(tests)

-- Files in memory: names, sizes, seals, and huge pages where there are none.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, errno = memwell.Region, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

local function link_of(region) return support.run("readlink /proc/" .. support.pid .. "/fd/" .. region:fileno()) end

function tests.test_name()
  local region <close> = assert(Region.memfd(100, { name = "a name of mine" }))
  lu.assertStrContains(link_of(region), "/memfd:a name of mine")
  lu.assertStrContains(tostring(region), "a name of mine")
  lu.assertNil(region.name)
  local plain <close> = assert(Region.memfd(100))
  lu.assertStrContains(link_of(plain), "/memfd:memwell")
  assert(Region.memfd(100, { name = ("x"):rep(249) })):close()
  raises("option 'name': it has 250 bytes", Region.memfd, 100, { name = ("x"):rep(250) })
  raises("option 'name': string expected, got number", Region.memfd, 100, { name = 5 })
  raises("option 'name': it contains a zero byte", Region.memfd, 100, { name = "a\0b" })
  raises("size is 0", Region.memfd, 0)
end

function tests.test_seals()
  local region <close> = assert(Region.memfd(100))
  lu.assertEquals(region.seals, {})
  lu.assertTrue(region:seal("shrink"))
  lu.assertTrue(region:seal("grow", "shrink"))
  lu.assertEquals(region.seals, { "shrink", "grow" })
  returns({ "Region.resize", "sealed" }, errno.EPERM, region:resize(10))
  returns({ "Region.resize", "sealed" }, errno.EPERM, region:resize(1000))
  lu.assertEquals(#region, 100)
  region:write("still writable")
  lu.assertTrue(region:seal("seal"))
  returns({ "Region.seal" }, errno.EPERM, region:seal("write"))
  lu.assertEquals(region.seals, { "seal", "shrink", "grow" })
end

function tests.test_sealed_against_writing()
  local region <close> = assert(Region.memfd(100))
  local view = region:view()
  region:write("for ever")
  do
    local writer <close> = assert(Region.from_fd(region:fileno()))
    returns({ "Region.seal", "future_write" }, errno.EBUSY, region:seal("write"))
    lu.assertFalse(writer.readonly)
  end
  lu.assertFalse(region.readonly)
  region:write("FOR")
  lu.assertTrue(region:seal("write"))
  lu.assertTrue(region.readonly)
  raises("read-only", region.write, region, "x")
  raises("read-only", function() view[1] = 1 end)
  lu.assertEquals(region:read(0, 8), "FOR ever")
  returns("Region.protect", errno.EACCES, region:protect { readonly = false })
  returns("Region.from_fd", errno.EPERM, Region.from_fd(region:fileno()))
end

function tests.test_future_write()
  local region <close> = assert(Region.memfd(100))
  lu.assertTrue(region:seal("future_write"))
  region:write("mine still")
  local reader <close> = assert(Region.from_fd(region:fileno(), { readonly = true }))
  lu.assertEquals(reader:read(0, 10), "mine still")
  returns("Region.from_fd", errno.EPERM, Region.from_fd(region:fileno()))
end

function tests.test_what_cannot_be_sealed()
  local file <close> = assert(Region.file(support.file("contents"), "r+"))
  local number = select(3, file:seal("shrink"))
  lu.assertTrue(number == errno.ENOTSUP or number == errno.EPERM) -- a file of a tmpfs has the seal "seal"
  local without <close> = assert(Region.memfd(10, { keep_fd = false }))
  raises("keep_fd", without.seal, without, "shrink")
  lu.assertNil(without.seals)
end

function tests.test_arguments()
  local region <close> = assert(Region.memfd(100))
  raises({ "#1", '"shrunk" is no seal', "future_write" }, function() region:seal("shrunk") end)
  raises({ "#2", "name of a seal expected, got number" }, function() region:seal("shrink", 5) end)
  raises("name of a seal expected, got no value", function() region:seal() end)
  lu.assertEquals(region.seals, {})
  raises("option 'readonly' expected", function() region:protect() end)
  raises("option 'readonly' expected", function() region:protect {} end)
  raises("option 'readonly': boolean expected", function() region:protect { readonly = 1 } end)
end

-- Where the system has no huge pages, the error names what to change. The size is beyond what any machine has of them.
function tests.test_huge_pages()
  for _, make in ipairs { Region.memfd, Region.anonymous } do
    local region, message, number = make(1 << 50, { huge_pages = true })
    lu.assertNil(region)
    lu.assertStrContains(message, "vm.nr_hugepages")
    lu.assertTrue(number == errno.ENOMEM or number == errno.ENOSPC)
  end
end

return support.suite(tests)

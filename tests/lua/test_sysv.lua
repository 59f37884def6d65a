-- System V memory: what ipcs shows of it, keys, the ways to open one, and how it goes.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, errno = memwell.Region, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

-- The line that ipcs has of a segment, as a list of words: key, identifier, owner, permissions, bytes, attached, status.
local function shown(id)
  local pipe <close> = assert(io.popen "ipcs -m")
  for line in pipe:lines() do
    local words = {}
    for word in line:gmatch("%S+") do words[#words + 1] = word end
    if tonumber(words[2]) == id then return words end
  end
end

function tests.test_ipcs_shows_it()
  local key = support.key()
  local region <close>, created = assert(Region.sysv(key, 1000, { how = "create", permissions = "0640" }))
  lu.assertEquals({ created, region.kind, region.key, #region }, { true, "sysv", key, 1000 })
  local line = shown(region.id)
  lu.assertEquals({ tonumber(line[1]), line[4], line[5], line[6] }, { key, "640", "1000", "1" })
  lu.assertTrue(Region.sysv_remove(region))
  lu.assertStrContains(table.concat(shown(region.id), " "), "dest")
  local id = region.id
  region:close()
  lu.assertNil(shown(id))
end

function tests.test_ipcrm_removes_it()
  local key = support.key()
  local region <close> = assert(Region.sysv(key, 10, { how = "create" }))
  lu.assertEquals(support.run("ipcrm -M " .. key), "")
  returns({ "Region.sysv", string.format("0x%x", key) }, errno.ENOENT, Region.sysv(key))
  region:write("still here")
  lu.assertEquals(region:read(), "still here")
end

function tests.test_attach_create_open()
  local key = support.key()
  returns("Region.sysv", errno.ENOENT, Region.sysv(key))
  local first <close>, created = assert(Region.sysv(key, 100, { how = "open" }))
  local second <close>, again = assert(Region.sysv(key, 50, { how = "open" }))
  local third <close>, found = assert(Region.sysv(key))
  lu.assertEquals({ created, again, found, #second, #third }, { true, false, false, 100, 100 })
  returns({ "Region.sysv", "attach to it" }, errno.EEXIST, Region.sysv(key, 100, { how = "create" }))
  first:write("hello")
  lu.assertEquals(third:read(0, 5), "hello")
  lu.assertEquals({ first.id, first.id }, { second.id, third.id })
  lu.assertTrue(Region.sysv_remove(key))
end

function tests.test_another_process()
  local key = support.key()
  local region <close> = assert(Region.sysv(key, 100, { how = "create" }))
  local code = string.format('assert(require"memwell".Region.sysv(%d)):write("from afar")', key)
  lu.assertEquals(support.run(support.command(code)), "")
  lu.assertEquals(region:read(0, 9), "from afar")
  lu.assertTrue(region:sysv_remove())
end

function tests.test_private_key()
  local region <close>, created = assert(Region.sysv(0, 10, { how = "create" }))
  local other <close> = assert(Region.sysv(0, 10, { how = "create" }))
  lu.assertEquals({ created, region.key }, { true, 0 })
  lu.assertTrue(region.id ~= other.id)
  raises("Region.sysv", Region.sysv, 0)
  raises("Region.sysv", Region.sysv, 0, 10, { how = "open" })
  raises("Region.sysv_remove", Region.sysv_remove, 0)
  lu.assertTrue(Region.sysv_remove(region))
  lu.assertTrue(other:sysv_remove())
end

function tests.test_readonly()
  local key = support.key()
  local region <close> = assert(Region.sysv(key, 10, { how = "create" }))
  local reader <close> = assert(Region.sysv(key, nil, { readonly = true }))
  lu.assertEquals({ region.readonly, reader.readonly }, { false, true })
  region:write("x")
  lu.assertEquals(reader:read(0, 1), "x")
  raises("read-only", reader.write, reader, "y")
  lu.assertTrue(Region.sysv_remove(key))
end

function tests.test_removing()
  local key = support.key()
  returns({ "Region.sysv_remove", string.format("0x%x", key) }, errno.ENOENT, Region.sysv_remove(key))
  lu.assertTrue(Region.sysv_remove(key, { missing_ok = true }))
  local region = assert(Region.sysv(key, 10, { how = "create" }))
  lu.assertTrue(Region.sysv_remove(region))
  region:close()
  raises("the region is closed", Region.sysv_remove, region)
  raises("System V", Region.sysv_remove, assert(Region.anonymous(10)))
  raises("sysv_remove", Region.unlink, assert(Region.anonymous(10)))
end

-- A segment without a descriptor has what needs one refused, and its title in every message.
function tests.test_what_it_has_not()
  local key = support.key()
  local region = assert(Region.sysv(key, 10, { how = "create", keep_fd = false }))
  local title = string.format("0x%x", key)
  lu.assertTrue(region:sysv_remove())
  raises({ "Region.fileno", title }, region.fileno, region)
  raises({ "Region.resize", title }, region.resize, region, 20)
  lu.assertNil(region.seals)
  lu.assertEquals(tostring(region), 'memwell.Region (sysv, 10 bytes, "' .. title .. '")')
  region:close()
  raises({ "Region.read", title, "closed" }, region.read, region)
end

function tests.test_limits_and_arguments()
  local key = support.key()
  raises("the size is 0", Region.sysv, key, 0, { how = "create" })
  raises("Region.sysv", Region.sysv, key, nil, { how = "create" })
  raises({ "option 'how'", '"attach", "create" or "open" expected, got make' }, Region.sysv, key, 10, { how = "make" })
  raises({ "option 'permissions'" }, Region.sysv, key, 10, { how = "create", permissions = true })
  raises("unknown option 'private'", Region.sysv, key, 10, { private = true })
  raises("32 bits", Region.sysv, 1 << 32)
  raises("32 bits", Region.sysv, -1 << 32)
  raises("integer expected, got string", Region.sysv, "5")
  raises("integer expected, got no value", Region.sysv_remove)
  local good, value, message = pcall(Region.sysv, key, math.maxinteger, { how = "create" })
  lu.assertStrContains(good and message or value, "Region.sysv")
  local small <close> = assert(Region.sysv(key, 10, { how = "create" }))
  raises({ "10", "20" }, Region.sysv, key, 20)
  lu.assertTrue(small:sysv_remove())
end

-- A key is 32 bits, with a sign or without.
function tests.test_key_with_the_highest_bit()
  local key = support.key() | 0x80000000
  local region <close> = assert(Region.sysv(key, 10, { how = "create" }))
  lu.assertEquals(region.key, key - (1 << 32))
  local other <close> = assert(Region.sysv(region.key))
  lu.assertEquals(other.id, region.id)
  lu.assertTrue(Region.sysv_remove(key))
end

function tests.test_ftok()
  local path = support.file()
  local key = assert(memwell.ftok(path, 5))
  lu.assertEquals(memwell.ftok(path, 5), key)
  lu.assertTrue(memwell.ftok(path, 6) ~= key)
  lu.assertEquals(key >> 24 & 0xff, 5)
  returns({ "ftok", "/nothing/here" }, errno.ENOENT, memwell.ftok("/nothing/here", 5))
  for _, project in ipairs { 0, 256, -1 } do raises("1 to 255", memwell.ftok, path, project) end
  raises("string expected", memwell.ftok, 5, 5)
  raises("integer expected", memwell.ftok, path, "5")
  raises("zero byte", memwell.ftok, "a\0b", 5)
end

return support.suite(tests)

-- Region: the ways to get one, bytes in and out, sizes, ends.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, errno = memwell.Region, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

-- ---- named

function tests.test_create_attach_unlink()
  local name = support.name()
  local region <close> = assert(Region.create(name, 100))
  lu.assertEquals({ #region, region.size, region.kind, region.name }, { 100, 100, "named", name })
  lu.assertNil(region.path)
  lu.assertEquals({ region.readonly, region.private, region.closed, region.exports }, { false, false, false, 0 })
  local other <close> = assert(Region.attach("/" .. name))
  lu.assertEquals(other.name, name)
  region:write("hello", 10)
  lu.assertEquals(other:read(10, 5), "hello")
  lu.assertTrue(Region.unlink(name))
  lu.assertEquals(other:read(10, 5), "hello")
  returns({ "Region.attach", name }, errno.ENOENT, Region.attach(name))
end

function tests.test_create_taken()
  local name = support.name()
  local region <close> = assert(Region.create(name, 100, { temporary = true }))
  returns({ "Region.create", name }, errno.EEXIST, Region.create(name, 100))
  lu.assertEquals(#region, 100)
end

function tests.test_temporary_goes_at_close()
  local name = support.name()
  local region = assert(Region.create(name, 100, { temporary = true }))
  lu.assertTrue(support.exists("/dev/shm/" .. name))
  region:close()
  lu.assertFalse(support.exists("/dev/shm/" .. name))
end

function tests.test_temporary_goes_with_the_process()
  local name = support.name()
  local code = string.format('assert(require"memwell".Region.create(%q, 100, {temporary = true})) os.exit(0, false)', name)
  lu.assertEquals(support.run(support.command(code)), "")
  lu.assertFalse(support.exists("/dev/shm/" .. name))
end

function tests.test_open_tells_who_made_it()
  local name = support.name()
  local first <close>, created = assert(Region.open(name, 100))
  local second <close>, again = assert(Region.open(name, 50))
  lu.assertEquals({ created, again }, { true, false })
  lu.assertEquals(#second, 100)
  raises({ "Region.open", name, "100", "200" }, Region.open, name, 200)
  lu.assertTrue(first:unlink())
end

function tests.test_unlink()
  local name = support.name()
  returns({ "Region.unlink", name }, errno.ENOENT, Region.unlink(name))
  lu.assertTrue(Region.unlink(name, { missing_ok = true }))
  local region = assert(Region.create(name, 10))
  region:close()
  lu.assertTrue(Region.unlink(region))
  lu.assertTrue(region:unlink { missing_ok = true })
  raises("name to remove", Region.unlink, assert(Region.anonymous(10)))
  raises("os.remove", Region.unlink, assert(Region.file(support.file("x"))))
end

function tests.test_attach_waits_for_the_name()
  local name = support.name()
  returns(name, errno.ENOENT, Region.attach(name, { timeout = 0.001 }))
  local code = string.format('assert(require"memwell".Region.create(%q, 7))', name)
  os.execute(support.command(code) .. " &")
  local region <close> = assert(Region.attach(name, { timeout = 60 }))
  lu.assertEquals(#region, 7)
  region:unlink()
end

function tests.test_readonly()
  local name = support.name()
  local region <close> = assert(Region.create(name, 10, { temporary = true }))
  local reader <close> = assert(Region.attach(name, { readonly = true }))
  lu.assertTrue(reader.readonly)
  region:write("abc")
  lu.assertEquals(reader:read(0, 3), "abc")
  raises({ "Region.write", "read-only" }, reader.write, reader, "x")
  raises({ "Region.fill", "read-only" }, reader.fill, reader, 1)
  raises({ "Region.move", "read-only" }, reader.move, reader, 0, 1, 2)
  raises({ "Region.resize", "read-only" }, reader.resize, reader, 20)
  local view = reader:view()
  lu.assertTrue(view.readonly)
  raises({ "View.__newindex", "read-only" }, function() view[1] = 1 end)
  raises({ "View.put", "read-only" }, view.put, view, 1, 1)
  raises({ "View.setter", "read-only" }, view.setter, view)
  for _, call in ipairs { "fill", "copy_from", "set" } do
    raises("read-only", view[call], view, call == "copy_from" and { 1 } or 1, call == "set" and 5 or nil)
  end
  lu.assertEquals(region:read(0, 3), "abc")
end

function tests.test_permissions_whatever_the_umask()
  for given, shown in pairs { ["0640"] = "%-rw%-r%-%-%-%-%-", ["0666"] = "%-rw%-rw%-rw%-" } do
    local name = support.name()
    local region <close> = assert(Region.create(name, 10, { permissions = given, temporary = true }))
    lu.assertStrMatches(support.run("ls -l /dev/shm/" .. region.name), shown .. ".*")
  end
  local name = support.name()
  local region <close> = assert(Region.create(name, 10, { permissions = 416, temporary = true }))
  lu.assertStrMatches(support.run("ls -l /dev/shm/" .. region.name), "%-rw%-r%-%-%-%-%-.*")
end

function tests.test_no_room()
  local name = support.name()
  returns({ "Region.create", name }, errno.ENOSPC, Region.create(name, 1 << 50))
  lu.assertFalse(support.exists("/dev/shm/" .. name))
end

function tests.test_what_is_in_the_way()
  local name = support.name()
  local path = "/dev/shm/" .. name
  os.execute("mkdir " .. path)
  local good, value, message = pcall(Region.attach, name)
  lu.assertStrContains(good and message or value, name)
  os.execute("rmdir " .. path .. " && ln -s /etc/passwd " .. path)
  returns(name, errno.ELOOP, Region.attach(name))
  os.execute("rm " .. path .. " && touch " .. path)
  returns(name, errno.EAGAIN, Region.attach(name))
  os.remove(path)
end

function tests.test_out_of_descriptors()
  local code = [[
    local memwell, held = require "memwell", {}
    for i = 1, 100 do
      local region, message, number = memwell.Region.anonymous(10)
      if not region then print(message, number == memwell.errno.EMFILE) os.exit(0) end
      held[i] = region
    end]]
  local output = support.run("ulimit -n 30; " .. support.command(code))
  lu.assertStrMatches(output, "Region.anonymous: .*\ttrue\n")
end

-- ---- files

function tests.test_file_modes()
  local path = support.file("hello world")
  local reader <close> = assert(Region.file(path))
  lu.assertEquals({ #reader, reader.kind, reader.path, reader.readonly }, { 11, "file", path, true })
  lu.assertNil(reader.name)
  lu.assertEquals(reader:read(), "hello world")
  local writer <close> = assert(Region.file(path, "r+"))
  writer:write("HELLO")
  lu.assertTrue(writer:flush())
  lu.assertEquals(reader:read(0, 5), "HELLO")
  lu.assertEquals(support.contents(path), "HELLO world")
  local copy <close> = assert(Region.file(path, "c"))
  lu.assertTrue(copy.private)
  copy:write("private")
  lu.assertEquals(copy:read(0, 7), "private")
  lu.assertEquals(support.contents(path), "HELLO world")
end

function tests.test_file_new()
  local path = support.path()
  local region <close> = assert(Region.file(path, "x+", { size = 10, permissions = "0644" }))
  lu.assertEquals(support.contents(path), ("\0"):rep(10))
  lu.assertStrMatches(support.run("ls -l " .. path), "%-rw%-r%-%-r%-%-.*")
  returns({ "Region.file", path }, errno.EEXIST, Region.file(path, "x+", { size = 10 }))
  region:fill(1)
  local again <close> = assert(Region.file(path, "w+", { size = 5 }))
  lu.assertEquals(again:read(), ("\0"):rep(5))
end

function tests.test_file_offset_and_size()
  local path = support.file(("0123456789"):rep(1000))
  local region <close> = assert(Region.file(path, "r", { offset = 4099, size = 7 }))
  lu.assertEquals(region:read(), "9012345")
  local rest <close> = assert(Region.file(path, "r", { offset = 9995 }))
  lu.assertEquals(rest:read(), "56789")
  local empty <close> = assert(Region.file(path, "r", { offset = 10000 }))
  lu.assertEquals({ #empty, empty:read() }, { 0, "" })
  raises({ "Region.file", path }, Region.file, path, "r", { offset = 10001 })
  raises({ "Region.file", path }, Region.file, path, "r", { size = 10001 })
  raises({ "Region.file", path }, Region.file, path, "r", { offset = math.maxinteger, size = math.maxinteger })
  local grown <close> = assert(Region.file(path, "r+", { size = 10002 }))
  lu.assertEquals(grown:read(9998), "89\0\0")
end

function tests.test_file_that_is_not_there()
  returns({ "Region.file", "/nothing/here" }, errno.ENOENT, Region.file("/nothing/here"))
  returns("Region.file", errno.EISDIR, Region.file("/tmp", "r+"))
  raises("Region.file", Region.file, "")
  raises("invalid option 'a'", Region.file, "/tmp/x", "a")
end

function tests.test_keep_fd()
  local path = support.file("abc")
  local region <close> = assert(Region.file(path, "r+", { keep_fd = false }))
  raises({ "Region.fileno", "keep_fd" }, region.fileno, region)
  raises({ "Region.resize", "keep_fd" }, region.resize, region, 10)
  local other <close> = assert(Region.file(path, "r+"))
  lu.assertTrue(other:fileno() > 2)
end

function tests.test_check_notices_a_cut_file()
  local path = support.file(("x"):rep(10000))
  local region <close> = assert(Region.file(path))
  lu.assertTrue(region:check())
  assert(io.open(path, "wb")):close()
  returns({ "Region.check", "0 bytes" }, errno.EIO, region:check())
end

-- ---- anonymous

function tests.test_anonymous()
  local region <close> = assert(Region.anonymous(100))
  lu.assertEquals({ #region, region.kind, region.private }, { 100, "anonymous", false })
  lu.assertNil(region.name)
  lu.assertNil(region.path)
  lu.assertTrue(region:resize(5000))
  lu.assertEquals(#region, 5000)
  local private <close> = assert(Region.anonymous(100, { private = true }))
  lu.assertTrue(private.private)
  private:write("x")
  lu.assertEquals(private:read(0, 2), "x\0")
end

-- ---- bytes

function tests.test_read_clips()
  local region <close> = assert(Region.anonymous(10))
  region:write("0123456789")
  lu.assertEquals(region:read(), "0123456789")
  lu.assertEquals(region:read(7), "789")
  lu.assertEquals(region:read(7, 100), "789")
  lu.assertEquals(region:read(2, 3), "234")
  lu.assertEquals(region:read(2, 0), "")
  lu.assertEquals(region:read(10, 1), "")
  lu.assertEquals(region:read(math.maxinteger, math.maxinteger), "")
  raises("offset -1 is negative", region.read, region, -1, 1)
  raises("size -1 is negative", region.read, region, 1, -1)
  raises("no integer representation", region.read, region, 1.5)
  raises("integer expected, got string", region.read, region, "1")
end

function tests.test_write()
  local region <close> = assert(Region.anonymous(10))
  lu.assertEquals(region:write("abc", 7), 3)
  lu.assertEquals(region:write(""), 0)
  raises({ "Region.write", "past the end" }, region.write, region, "abcd", 7)
  raises({ "Region.write", "past the end" }, region.write, region, "a", math.maxinteger)
  lu.assertEquals(region:read(), "\0\0\0\0\0\0\0abc")
  raises("string, region or view expected, got number", region.write, region, 5)
  raises("string, region or view expected, got no value", region.write, region)
end

function tests.test_write_from_regions_and_views()
  local source <close> = assert(Region.anonymous(6))
  source:write("abcdef")
  local region <close> = assert(Region.anonymous(10))
  lu.assertEquals(region:write(source, 2), 6)
  lu.assertEquals(region:read(2, 6), "abcdef")
  lu.assertEquals(region:write(source:view():slice(6, 1, -2), 0), 3)
  lu.assertEquals(region:read(0, 3), "fdb")
  lu.assertEquals(region:write(region:view("uint8", 4, { offset = 2 }), 3), 4)
  lu.assertEquals(region:read(0, 7), "fdbbbcd")
end

function tests.test_fill_and_move()
  local region <close> = assert(Region.anonymous(6))
  region:fill(97)
  region:fill(98, 4)
  region:fill(99, 1, 2)
  lu.assertEquals(region:read(), "accabb")
  region:fill()
  lu.assertEquals(region:read(), ("\0"):rep(6))
  region:write("abcdef")
  region:move(1, 0, 5)
  lu.assertEquals(region:read(), "aabcde")
  raises("0 to 255", region.fill, region, 256)
  raises("0 to 255", region.fill, region, -1)
  raises("past the end", region.fill, region, 1, 0, 7)
  raises("past the end", region.fill, region, 1, 7)
  raises("past the end", region.move, region, 2, 0, 5)
  raises("past the end", region.move, region, 0, 2, 5)
  raises("past the end", region.move, region, math.maxinteger, math.maxinteger, math.maxinteger)
  lu.assertEquals(region:read(), "aabcde")
end

function tests.test_flush()
  local region <close> = assert(Region.file(support.file("hello"), "r+"))
  lu.assertTrue(region:flush(1, 2, { wait = false }))
  lu.assertTrue(region:flush(1))
  raises("past the end", region.flush, region, 3, 3)
  raises("unknown option 'weit'", region.flush, region, 0, 1, { weit = true })
end

function tests.test_resize()
  local name = support.name()
  local region <close> = assert(Region.create(name, 10, { temporary = true }))
  local view = region:view()
  region:write("0123456789")
  lu.assertTrue(region:resize(5000))
  lu.assertEquals({ #region, region:read(8, 3) }, { 5000, "89\0" })
  lu.assertEquals(view[10], 57)
  lu.assertTrue(region:resize(4))
  lu.assertEquals(view[4], 51)
  raises("View", function() return view[5] end)
  raises("View", view.sum, view)
  raises("View", function() for _ in view:iter() do end end)
  raises({ "Region.resize", name }, region.resize, region, 0)
  raises("negative", region.resize, region, -1)
end

-- ---- ends

function tests.test_close()
  local region = assert(Region.anonymous(10))
  local name = support.name()
  local named = assert(Region.create(name, 10, { temporary = true }))
  local view = region:view()
  lu.assertTrue(region:close())
  lu.assertTrue(region:close())
  lu.assertTrue(region.closed)
  named:close()
  raises({ "Region.read", name, "closed" }, named.read, named)
  for _, field in ipairs { "size", "kind", "name", "path", "readonly", "private", "exports" } do
    raises("Region." .. field .. ": the region is closed", function() return region[field] end)
  end
  for _, call in ipairs { "view", "read", "fill", "flush", "check", "fileno" } do
    raises("Region." .. call .. ": the region is closed", region[call], region)
  end
  raises("closed", function() return #region end)
  raises("closed", region.write, region, "x")
  raises("closed", region.move, region, 0, 0, 1)
  raises("closed", region.resize, region, 1)
  raises("Region.write: the region is closed", function() return assert(Region.anonymous(1)):write(region) end)
  raises("View.__index: the region is closed", function() return view[1] end)
end

function tests.test_unknown_fields()
  local region <close> = assert(Region.anonymous(10))
  lu.assertNil(region.nothing)
  lu.assertNil(region[1])
  lu.assertNil(region.create)
  lu.assertError(function() region.size = 3 end)
end

function tests.test_tostring()
  local name = support.name()
  local region = assert(Region.create(name, 10, { temporary = true }))
  lu.assertEquals(tostring(region), 'memwell.Region (named, 10 bytes, "' .. name .. '")')
  region:close()
  lu.assertEquals(tostring(region), "memwell.Region (closed)")
  lu.assertEquals(tostring(assert(Region.anonymous(10))), "memwell.Region (anonymous, 10 bytes)")
end

-- ---- bad arguments

function tests.test_names()
  for _, name in ipairs { "", "/", "a/b", "//a", "a/", ".", "..", ("x"):rep(256) } do
    for _, call in ipairs { "attach", "unlink" } do
      local good, value, message = pcall(Region[call], name)
      lu.assertStrContains(good and message or value, "Region." .. call)
    end
    local good, value, message = pcall(Region.create, name, 10)
    lu.assertStrContains(good and message or value, "Region.create")
  end
  for _, call in ipairs { "create", "attach", "open", "file", "unlink" } do
    raises("zero byte", Region[call], "a\0b", "r")
    raises("string expected, got no value", Region[call])
    raises("string expected, got number", Region[call], 5)
  end
end

function tests.test_sizes()
  local name = support.name()
  for _, make in ipairs { Region.create, Region.open } do
    raises("size is 0", make, name, 0)
    raises("size -1 is negative", make, name, -1)
    raises("no integer representation", make, name, 1.5)
    raises("integer expected, got string", make, name, "10")
    raises("integer expected, got boolean", make, name, true)
    raises("integer expected, got no value", make, name)
    raises("no integer representation", make, name, 0 / 0)
  end
  raises("size is 0", Region.anonymous, 0)
  lu.assertFalse(support.exists("/dev/shm/" .. name))
  local region <close> = assert(Region.anonymous(10.0))
  lu.assertEquals(#region, 10)
end

function tests.test_options()
  local name = support.name()
  raises({ "unknown option 'temprary'", "permissions temporary" }, Region.create, name, 10, { temprary = true })
  raises("unknown option 'huge_pages'", Region.file, "/dev/null", "r", { huge_pages = true })
  raises("unknown option 'temporary'", Region.anonymous, 10, { temporary = true })
  raises("option 'guard': boolean expected, got number", Region.create, name, 10, { guard = 1 })
  raises("option 'on_fault': \"error\" or \"abort\" expected, got ignore", Region.create, name, 10, { on_fault = "ignore" })
  raises("option 'on_fault'", Region.create, name, 10, { on_fault = 1 })
  raises("unknown option '1'", Region.create, name, 10, { "temporary" })
  raises("table expected, got boolean", Region.create, name, 10, true)
  raises("option 'temporary': boolean expected, got number", Region.create, name, 10, { temporary = 1 })
  raises("option 'permissions': octal digits", Region.create, name, 10, { permissions = "rw" })
  raises("option 'permissions'", Region.create, name, 10, { permissions = 4096 })
  raises("option 'permissions'", Region.create, name, 10, { permissions = 0 })
  raises("option 'permissions'", Region.create, name, 10, { permissions = -1 })
  raises("option 'permissions': integer expected", Region.create, name, 10, { permissions = true })
  raises("option 'timeout': number of seconds expected, got boolean", Region.attach, name, { timeout = true })
  raises("option 'timeout': number of seconds expected, got string", Region.attach, name, { timeout = "1" })
  raises("option 'timeout': the timeout is negative", Region.attach, name, { timeout = -1 })
  raises("option 'timeout': the timeout is not a number", Region.attach, name, { timeout = 0 / 0 })
  raises("option 'offset': -1 is negative", Region.file, "/dev/null", "r", { offset = -1 })
  raises("option 'size': it is 0", Region.file, "/dev/null", "r", { size = 0 })
  raises("option 'size': integer expected, got 1.5", Region.file, "/dev/null", "r", { size = 1.5 })
  lu.assertFalse(support.exists("/dev/shm/" .. name))
end

-- Options may be inherited; only the table's own keys are checked, as what it inherits may be for other calls too.
function tests.test_inherited_options()
  local name = support.name()
  local defaults = setmetatable({}, { __index = { temporary = true, timeout = 5 } })
  assert(Region.create(name, 10, defaults)):close()
  lu.assertFalse(support.exists("/dev/shm/" .. name))
end

return support.suite(tests)

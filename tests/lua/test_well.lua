-- Well: the ways to get one, its arrays, what is in it and who is attached, and its end.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local peers = require "memwell_peers"
local support = require "support"

local Well, errno = memwell.Well, memwell.errno
local raises, returns = support.raises, support.returns
local tests = {}

local SIZE <const> = 65536

-- ---- the ways to get one

function tests.test_create_attach_unlink()
  local name = support.name()
  local well <close> = assert(Well.create(name, SIZE))
  lu.assertEquals({ well.name, well.path, well.size, well.slot, well.readonly, well.closed }, { name, nil, SIZE, 0, false, false })
  lu.assertTrue(math.type(well.free) == "integer" and well.free > 0 and well.free < SIZE)
  lu.assertEquals(tostring(well), string.format('memwell.Well ("%s", 65536 bytes)', name))
  local other <close> = assert(Well.attach("/" .. name))
  lu.assertEquals({ other.name, other.slot }, { name, 0 })
  other:array("a", "int32", 3)[2] = 5
  lu.assertEquals(well:array("a")[2], 5)
  returns({ "Well.create", name }, errno.EEXIST, Well.create(name, SIZE))
  lu.assertTrue(Well.unlink(name))
  returns({ "Well.attach", name }, errno.ENOENT, Well.attach(name))
  returns({ "Well.attach", name }, errno.ENOENT, Well.attach(name, { timeout = 0.01 }))
  returns({ "Well.unlink", name }, errno.ENOENT, Well.unlink(name))
  lu.assertTrue(Well.unlink(name, { missing_ok = true }))
  lu.assertTrue(well:check())
end

function tests.test_open_tells_who_made_it()
  local name = support.name()
  local first <close>, created = assert(Well.open(name, SIZE, { slots = 3, objects = 20 }))
  local second <close>, again = assert(Well.open(name, 2 * SIZE))
  lu.assertEquals({ created, again, second.size }, { true, false, SIZE })
  second:close()
  lu.assertTrue(second:unlink())
  lu.assertTrue(first:check())
end

function tests.test_attach_waits_for_the_name()
  local name = support.name()
  local pipe = support.start(string.format([[
    local well <close> = assert(require "memwell".Well.attach(%q, { timeout = 60 }))
    print(well.size)]], name))
  local well <close> = assert(Well.create(name, SIZE, { temporary = true, permissions = "0640" }))
  lu.assertEquals(pipe:read("a"), well.size .. "\n") -- its slot may be any: the name is there before its maker has one
  lu.assertTrue(pipe:close())
  lu.assertStrContains(support.run("stat -c %a /dev/shm/" .. name), "640")
end

function tests.test_bad_arguments()
  for _, call in ipairs { "create", "attach", "open", "file", "unlink" } do
    raises("zero byte", Well[call], "a\0b", 1)
    raises("string expected, got no value", Well[call])
    raises("string expected, got number", Well[call], 1)
  end
  for _, call in ipairs { "create", "attach", "open", "unlink" } do
    for _, name in ipairs { "", "/", "a/b", ".", ("x"):rep(256) } do
      local value, message = support.outcome(Well[call], name, call ~= "attach" and call ~= "unlink" and SIZE or nil)
      lu.assertNil(value)
      lu.assertStrContains(message, "Well." .. call)
    end
  end
  raises({ "Well.file", "the path is empty" }, Well.file, "", SIZE)
  for _, call in ipairs { "create", "open" } do
    raises("integer expected, got no value", Well[call], "x")
    raises("size -1 is negative", Well[call], "x", -1)
    raises("no integer representation", Well[call], "x", 1.5)
    raises({ "Well." .. call }, Well[call], support.name(), 0)
    raises({ "Well." .. call }, Well[call], support.name(), 1000)
    raises("option 'slots': it is 0", Well[call], "x", SIZE, { slots = 0 })
    raises("option 'slots': -1 is negative", Well[call], "x", SIZE, { slots = -1 })
    raises("it is 1 to 256", Well[call], support.name(), SIZE, { slots = 257 })
    raises("option 'objects': it is 0", Well[call], "x", SIZE, { objects = 0 })
    raises({ "Well." .. call }, Well[call], support.name(), SIZE, { objects = 1 << 21 })
    raises("octal digits", Well[call], "x", SIZE, { permissions = "rw" })
  end
  raises("the size is 0; leave it out", Well.file, "/tmp/x", 0)
  raises("unknown option 'readonly'; it takes permissions temporary slots objects", Well.create, "x", SIZE, { readonly = true })
  raises("unknown option 'size'; it takes timeout readonly any_owner", Well.attach, "x", { size = 1 })
  raises("unknown option 'temporary'; it takes permissions any_owner", Well.open, "x", SIZE, { temporary = true })
  raises("unknown option 'timeout'; it takes permissions readonly slots objects", Well.file, "x", SIZE, { timeout = 1 })
  raises("the timeout is negative", Well.attach, "x", { timeout = -1 })
end

-- ---- arrays

function tests.test_arrays()
  local well <close> = support.well()
  local grid, created = well:array("grid", "float64", { 3, 4 })
  lu.assertEquals({ created, grid.dtype, grid.shape, grid.offset % 64, grid:sum() }, { true, "float64", { 3, 4 }, 0, 0.0 })
  lu.assertEquals({ grid.region == well.region, grid.readonly }, { true, false })
  grid:put(2.5, 3, 4)
  local same, again = well:array("grid", "d", { 3, 4 })
  lu.assertEquals({ again, same:at(3, 4), same == grid }, { false, 2.5, true })
  lu.assertTrue(well:array("grid") == grid)
  lu.assertEquals(well:array("one", "uint8", 7).shape, { 7 })
  for i, dtype in ipairs { "int8", "uint16", "bool", "float16" } do
    local shape = { 2, 1, 2, 1, 2, 1, 1, i }
    lu.assertEquals(well:array(dtype, dtype, shape).shape, shape)
  end
  lu.assertEquals(well:array("n", "int64", 1):atomic_add(1, 5), 0)
end

function tests.test_arrays_that_cannot_be()
  local well <close> = support.well()
  well:array("a", "int32", 3)
  well:mutex("m")
  raises({ 'Well.array("a")', "int32, shape (3)", "int32, shape (4)" }, well.array, well, "a", "int32", 4)
  raises({ 'Well.array("a")', "int32, shape (3)", "uint32, shape (3)" }, well.array, well, "a", "uint32", 3)
  raises({ 'Well.array("a")', "shape (3, 1)" }, well.array, well, "a", "int32", { 3, 1 })
  raises({ 'Well.array("m")', "mutex", "array" }, well.array, well, "m", "int32", 3)
  raises({ 'Well.array("m")', "mutex", "array" }, well.array, well, "m")
  raises({ 'Well.mutex("a")', "array", "mutex" }, well.mutex, well, "a")
  raises({ 'Well.semaphore("a")', "array", "semaphore" }, well.semaphore, well, "a", 1)
  raises({ 'Well.event("m")', "mutex", "event" }, well.event, well, "m", { create = false })
  returns({ 'Well.array("b")', "no array of this name" }, errno.ENOENT, well:array("b"))
  raises("'int33'", well.array, well, "b", "int33", 1)
  raises("string expected, got nil", well.array, well, "b", nil, 3)
  raises("shape: integer expected, got nil", well.array, well, "b", "int8")
  raises("shape: -1 is less than 0", well.array, well, "b", "int8", -1)
  raises("1 to 8 dimensions", well.array, well, "b", "int8", {})
  raises("1 to 8 dimensions", well.array, well, "b", "int8", { 1, 1, 1, 1, 1, 1, 1, 1, 1 })
  raises("larger than any memory", well.array, well, "b", "int64", { math.maxinteger, 8 })
  lu.assertEquals(#well:objects(), 2)
end

function tests.test_names()
  local well <close> = support.well()
  for _, call in ipairs { "array", "mutex", "semaphore", "event", "delete" } do
    local function with(name)
      if call == "array" then return well:array(name, "int8", 1) end
      return well[call](well, name, call == "semaphore" and 1 or nil)
    end
    raises("zero byte", with, "a\0b")
    raises("string expected, got number", with, 1)
    raises("string expected, got nil", with, nil)
    raises({ "Well." .. call, "1 to 127 bytes, and this has 0" }, with, "")
    raises({ "Well." .. call, "1 to 127 bytes, and this has 128" }, with, ("x"):rep(128))
  end
  local strange = { ("x"):rep(127), "a/b", " ", "\255\1", "Wörter" }
  for i, name in ipairs(strange) do
    well:array(name, "int32", 1)[1] = i
    well:event(name:sub(2) .. "\n"):set()
    if i > 1 then lu.assertEquals(well:array(name)[1], i) end
  end
end

function tests.test_full()
  local well <close> = support.well(SIZE, { objects = 16, slots = 1 })
  local free = well.free
  returns({ 'Well.array("a")', "no room for " .. free + 64 .. " bytes", free .. " are free" }, errno.ENOBUFS,
    well:array("a", "int8", free + 64))
  assert(well:array("a", "int8", free - 64))
  lu.assertEquals(well.free, free - (free - 64 + 63) // 64 * 64)
  returns("no room", errno.ENOBUFS, well:array("b", "int8", 65))
  returns({ 'Well.semaphore("s")', "no room" }, errno.ENOBUFS, well:semaphore("s", 4096))
  local made = 1
  while well:mutex("m" .. made) do made = made + 1 end
  returns('Well.mutex("', errno.ENOBUFS, well:mutex("m" .. made))
  lu.assertTrue(well:check())
end

function tests.test_full_directory()
  local well <close> = support.well(SIZE, { objects = 16 })
  for i = 1, 16 do assert(well:event("e" .. i)) end
  returns({ 'Well.event("e17")', "the directory is full: 16 objects" }, errno.ENOBUFS, well:event("e17"))
  returns("the directory is full", errno.ENOBUFS, well:array("a", "int8", 1))
  lu.assertNotNil(well:event("e16"))
  lu.assertEquals(#well:objects(), 16)
end

function tests.test_full_table()
  local well <close> = support.well(SIZE, { slots = 2 })
  local function try()
    local pipe = support.start(string.format('print(require "memwell".Well.attach(%q))', well.name))
    local told = pipe:read("a")
    pipe:close()
    return told
  end
  local pipe, pid = support.start_in(well, "ready() stay()")
  lu.assertEquals(pipe:read("l"), "ready")
  lu.assertStrContains(try(), "all 2 slots are in use by processes that live")
  lu.assertStrContains(try(), tostring(errno.ENOBUFS))
  support.signal(pid, "KILL")
  pipe:close()
  lu.assertStrContains(try(), "memwell.Well (")
end

-- ---- deleting

function tests.test_delete()
  local well <close> = support.well()
  local array = well:array("a", "int32", 100)
  array:fill(7)
  lu.assertTrue(well:delete("a"))
  returns({ 'Well.delete("a")', "no object of this name" }, errno.ENOENT, well:delete("a"))
  returns("no array of this name", errno.ENOENT, well:array("a"))
  local new = well:array("a", "float64", 100)
  new:fill(1)
  lu.assertEquals({ array:sum(), new:sum(), array.offset ~= new.offset }, { 700, 100.0, true })
end

-- Its memory is used again when all have gone who were attached.
function tests.test_memory_of_the_deleted()
  local name = support.name()
  local path = support.path()
  for i = 1, 10 do
    local well <close> = assert(Well.file(path, SIZE))
    local size = well.free - 4096
    lu.assertTrue(size > SIZE / 2, i)
    assert(well:array(name, "int8", size))
    returns("no room", errno.ENOBUFS, well:array("more", "int8", size))
    assert(well:delete(name))
  end
end

-- ---- who is there, and what

local function by_name(list)
  local named = {}
  for _, entry in ipairs(list) do named[entry.name] = entry end
  return named
end

function tests.test_objects()
  local well <close> = support.well()
  lu.assertEquals(well:objects(), {})
  local array = well:array("a", "int16", { 2, 3 })
  local mutex, permits = well:mutex("m"), well:semaphore("s", 5)
  well:event("e")
  mutex:acquire()
  permits:acquire()
  permits:acquire()
  local objects = by_name(well:objects())
  for _, object in pairs(objects) do
    lu.assertEquals(object.offset % 64, 0)
    lu.assertTrue(object.size > 0 and object.offset + object.size <= well.size)
    object.offset, object.size = nil, nil
  end
  lu.assertEquals(objects, {
    a = { name = "a", kind = "array", waiters = 0, dtype = "int16", shape = { 2, 3 } },
    m = { name = "m", kind = "mutex", waiters = 0, owner = 0, inconsistent = false },
    s = { name = "s", kind = "semaphore", waiters = 0, capacity = 5, held = 2 },
    e = { name = "e", kind = "event", waiters = 0 },
  })
  lu.assertEquals(by_name(well:objects()).a.offset, array.offset)
  mutex:release()
  permits:release(2)
end

function tests.test_participants()
  local well <close> = support.well()
  local permits = well:semaphore("s", 2)
  permits:acquire()
  local here = { slot = 0, pid = support.pid, state = "running", holds = { "s" }, self = true }
  lu.assertEquals(well:participants(), { here })
  local pipe, pid = support.start_in(well, "well:mutex('m'):acquire() ready() stay()")
  lu.assertEquals(pipe:read("l"), "ready")
  local there = { slot = 1, pid = pid, state = "running", holds = { "m" }, self = false }
  lu.assertEquals(well:participants(), { here, there })
  support.signal(pid, "KILL")
  pipe:close()
  there.state = "dead"
  lu.assertEquals(well:participants(), { here, there })
  lu.assertEquals({ well:reap(), well:reap() }, { 1, 0 })
  lu.assertEquals(well:participants(), { here })
  lu.assertTrue(well:mutex("m").inconsistent)
  permits:release()
end

function tests.test_break_locks()
  local well <close> = support.well()
  raises({ "Well.break_locks", "is this process's own" }, well.break_locks, well, 0)
  raises({ "Well.break_locks", "there are 64" }, well.break_locks, well, 64)
  raises("there are 64", well.break_locks, well, math.maxinteger)
  raises("slot -1 is negative", well.break_locks, well, -1)
  raises("integer expected, got no value", well.break_locks, well)
  returns({ "Well.break_locks", "nobody is attached in slot 5" }, errno.ENOENT, well:break_locks(5))
  local pipe, pid = support.start_in(well, [[
    local s = well:semaphore("s", 3)
    s:acquire() s:acquire() well:mutex("m"):acquire()
    ready() stay()]])
  lu.assertEquals(pipe:read("l"), "ready")
  lu.assertEquals(well:break_locks(1), 3)
  lu.assertEquals({ well:semaphore("s").value, well:mutex("m").inconsistent }, { 3, true })
  support.signal(pid, "KILL")
  pipe:close()
end

-- ---- observers

function tests.test_observer()
  local well <close> = support.well()
  well:array("a", "int32", 3):copy_from { 1, 2, 3 }
  well:mutex("m"):acquire()
  local told = support.run(support.command(string.format([[
    local memwell = require "memwell"
    local well = assert(memwell.Well.attach(%q, { readonly = true }))
    local array = well:array("a")
    print(well.readonly, well.slot, #well:objects(), #well:participants(), well:participants()[1].self, well:check())
    print(array.readonly, array:sum(), pcall(function() array[1] = 9 end))
    print(well:array("b", "int8", 1))
    print(well:array("a", "int32", 3):get(3))
    for _, call in ipairs { "mutex", "event", "delete" } do print(well[call](well, "m")) end
    print(well:semaphore("s", 1))
    print(well:reap())
    print(well:break_locks(0))
    print(well:close(), well.closed)]], well.name)))
  local lines = {}
  for line in told:gmatch("[^\n]+") do lines[#lines + 1] = line end
  lu.assertEquals(lines[1], "true\tnil\t2\t1\tfalse\ttrue")
  lu.assertStrMatches(lines[2], "true\t6\tfalse\t.*read%-only.*")
  lu.assertStrContains(lines[3], "nil\tWell.array(\"b\")")
  lu.assertEquals(lines[4], "3")
  for i = 5, 10 do
    lu.assertStrContains(lines[i], "an observer only looks")
    lu.assertStrContains(lines[i], "\t" .. errno.EPERM)
  end
  lu.assertEquals(lines[11], "true\ttrue")
  lu.assertEquals(#well:participants(), 1)
  well:mutex("m"):release()
end

-- ---- its end

function tests.test_close()
  local well = support.well()
  local other = assert(Well.attach(well.name))
  local name, array, region = well.name, well:array("a", "int32", 3), well.region
  lu.assertTrue(well:close())
  lu.assertTrue(well:close())
  lu.assertTrue(well.closed and region.closed)
  for call, arguments in pairs { array = { "a" }, mutex = { "m" }, semaphore = { "s" }, event = { "e" }, delete = { "a" },
    objects = {}, participants = {}, reap = {}, break_locks = { 1 }, check = {} } do
    raises({ "Well." .. call, name, "the well is closed" }, well[call], well, table.unpack(arguments))
  end
  for _, field in ipairs { "name", "path", "size", "free", "slot", "readonly", "region" } do
    raises({ "Well." .. field, "the well is closed" }, function() return well[field] end)
  end
  raises("the region is closed", function() return array[1] end)
  raises("the region is closed", array.sum, array)
  lu.assertEquals(tostring(well), "memwell.Well (closed)")
  lu.assertTrue(other:array("a"):equals(other:array("a")))
  other:close()
end

-- What is held is this process's, by whichever handle: only the last one must not be closed.
function tests.test_close_while_holding()
  local well = support.well()
  local other = assert(Well.attach(well.name))
  local mutex = well:mutex("m")
  mutex:acquire()
  lu.assertTrue(other:close())
  raises({ "Well.close", 'this process holds "m"' }, well.close, well)
  lu.assertFalse(well.closed or mutex.closed)
  lu.assertTrue(mutex.locked)
  mutex:release()
  lu.assertTrue(well:close())
end

-- At the end of a block it is closed all the same, and what was held is as the dead would leave it.
function tests.test_block_ends_while_holding()
  local path = support.path()
  assert(Well.file(path, SIZE)):close()
  local closed
  local function block(message)
    local well <close> = assert(Well.file(path))
    closed = well
    local mutex = well:mutex("m")
    mutex:recover(function() end)
    mutex:acquire()
    if message then error(message) end
  end
  raises({ "Well.close", 'this process holds "m"' }, block)
  lu.assertTrue(closed.closed)
  raises("boom", block, "boom")
  lu.assertTrue(closed.closed)
  local well <close> = assert(Well.file(path))
  lu.assertEquals({ well:reap(), well:mutex("m").inconsistent }, { 1, true })
end

function tests.test_collector_ends_it()
  local name = support.name()
  do
    local well = assert(Well.create(name, SIZE, { temporary = true }))
    well:mutex("m"):acquire()
    well:semaphore("s", 2):guard()
  end
  collectgarbage()
  collectgarbage()
  lu.assertFalse(support.exists("/dev/shm/" .. name))
end

-- Views, handles and guards keep the well, each by itself.
function tests.test_what_keeps_a_well()
  local makers = {
    function(well) return well:array("a", "int32", 3), "sum" end,
    function(well) return well.region, "read" end,
    function(well) return well:mutex("m"), "hold" end,
    function(well) return well:semaphore("s", 1), "hold" end,
    function(well) return well:event("e"), "is_set" end,
  }
  for _, make in ipairs(makers) do
    local kept, call = make(support.well())
    collectgarbage()
    collectgarbage()
    lu.assertTrue(pcall(kept[call], kept, call == "hold" and collectgarbage or nil), call)
  end
end

function tests.test_a_guard_keeps_a_well()
  local array, mutex, guard, event
  do
    local well = support.well()
    array, mutex, event = well:array("a", "int32", 3), well:mutex("m"), well:event("e")
    guard = well:semaphore("s", 1):guard()
  end
  collectgarbage()
  collectgarbage()
  array[1] = 5
  lu.assertEquals({ array[1], mutex:acquire(0), mutex:release(), event:is_set(), guard.closed }, { 5, true, true, false, false })
  guard:close()
end

function tests.test_end_of_a_state()
  local name = support.name()
  local output, exit = support.run(support.command(string.format([[
    local memwell = require "memwell"
    local well = assert(memwell.Well.create(%q, 65536, { temporary = true }))
    keep = { well:array("a", "int8", 1), well:mutex("m"), well:mutex("m"):guard(), well:semaphore("s", 1), well.region }
    last = setmetatable({}, { __gc = function()
      print(pcall(function() return keep[1][1], keep[2].locked, well:objects() end))
      well:close()
    end })
    os.exit(true, true)]], name)))
  lu.assertEquals(exit, 0, output)
  lu.assertFalse(support.exists("/dev/shm/" .. name))
end

function tests.test_region()
  local well <close> = support.well()
  local region = well.region
  lu.assertEquals({ region.size, region.kind, region.closed, #region }, { SIZE, "named", false, SIZE })
  lu.assertEquals(region:read(0, 8), "MEMWELL\n")
  raises({ "Region.close", "it is the region of a well" }, region.close, region)
  raises({ "Region.close", "it is the region of a well" }, function() local r <close> = well.region end) -- luacheck: ignore
  for call, arguments in pairs { resize = { 2 * SIZE }, remap = {}, protect = { { readonly = true } }, seal = { "grow" } } do
    local done, message = support.outcome(region[call], region, table.unpack(arguments))
    lu.assertNil(done)
    lu.assertStrContains(message, "Region." .. call)
  end
  raises("no name to remove", region.unlink, region)
  lu.assertTrue(well:check())
  lu.assertFalse(region.closed)
end

-- ---- files, and what is no well

function tests.test_file()
  local path = support.path()
  returns({ "Well.file", path }, errno.ENOENT, Well.file(path))
  do
    local well <close>, created = assert(Well.file(path, SIZE, { permissions = "0640", slots = 2 }))
    lu.assertEquals({ created, well.name, well.path, well.size }, { true, nil, path, SIZE })
    well:array("a", "int32", 3):copy_from { 1, 2, 3 }
    well:event("e"):set()
    raises("the well has no name to remove", well.unlink, well)
  end
  local killed = support.start(string.format([[
    local well = assert(require "memwell".Well.file(%q))
    assert(well:mutex("m"):acquire() and well:semaphore("s", 2):acquire())
    os.execute("kill -9 $PPID")]], path))
  killed:close()
  local well <close>, created = assert(Well.file(path, 2 * SIZE))
  lu.assertEquals({ created, well.size, well:array("a"):totable() }, { false, SIZE, { 1, 2, 3 } })
  lu.assertEquals({ well:event("e"):is_set(), well:semaphore("s").capacity }, { true, 2 })
  well:reap()
  lu.assertEquals({ well:semaphore("s").value, well:mutex("m").inconsistent }, { 2, true })
  local observer <close> = assert(Well.file(path, nil, { readonly = true }))
  lu.assertEquals({ observer.slot, observer:array("a")[3] }, { nil, 3 })
  lu.assertTrue(observer:check())
end

-- The contents of a well of one array and one mutex.
local function image()
  local path = support.path()
  do
    local well <close> = assert(Well.file(path, SIZE))
    well:array("a", "int32", 3)
    well:mutex("m")
  end
  return support.contents(path)
end

-- Each call gives an answer or an error, whatever is in the file. Returns what is said of it.
local function look_at(path)
  local well, message = support.outcome(Well.file, path)
  if not well then return message end
  for call, arguments in pairs { check = {}, objects = {}, participants = {}, reap = {}, array = { "a" } } do
    support.outcome(well[call], well, table.unpack(arguments))
  end
  local mutex = support.outcome(well.mutex, well, "m")
  if mutex then
    support.outcome(mutex.acquire, mutex, 0)
    support.outcome(mutex.release, mutex)
  end
  well:close()
  return ""
end

function tests.test_what_is_no_well()
  local whole = image()
  raises("it is no well: the file is empty", Well.file, support.file(""))
  raises("it is no well", Well.file, support.file("x"))
  raises("it does not begin with", Well.file, support.file(("\0"):rep(SIZE)))
  raises("it does not begin with", Well.file, support.file(("\255"):rep(SIZE)))
  for offset, field in pairs { [0] = "it is no well", [8] = "byte_order", [12] = "version" } do
    local damaged = whole:sub(1, offset) .. "\127" .. whole:sub(offset + 2)
    raises({ "Well.file", field }, Well.file, support.file(damaged))
  end
  for _, size in ipairs { 1, 100, 255, 256, 1000, SIZE // 2, SIZE - 1 } do
    lu.assertStrContains(look_at(support.file(whole:sub(1, size))), "Well.file")
  end
  lu.assertStrContains(look_at(support.file(whole .. "x")), "size is 65536")
  lu.assertEquals(look_at(support.file(whole)), "")
end

function tests.test_damaged_bytes()
  local whole = image()
  local path = support.file(whole)
  local mutations = 0
  for offset = 0, SIZE - 1, 61 do
    local file <close> = assert(io.open(path, "wb"))
    file:write(whole:sub(1, offset), string.char(whole:byte(offset + 1) ~ 0x81), whole:sub(offset + 2))
    file:close()
    look_at(path)
    mutations = mutations + 1
  end
  lu.assertTrue(mutations > 1000)
end

function tests.test_a_word_that_somebody_overwrote()
  local well <close> = support.well()
  local mutex, permits, event = well:mutex("m"), well:semaphore("s", 1), well:event("e")
  for _, object in ipairs(well:objects()) do well.region:fill(0, object.offset, object.size) end
  raises({ 'Mutex.acquire("m")', "damaged" }, mutex.acquire, mutex)
  raises({ 'RobustSemaphore.acquire("s")', "damaged" }, permits.acquire, permits)
  raises({ 'Event.wait("e")', "damaged" }, event.wait, event)
  raises({ "Well.check", "damaged" }, well.check, well)
end

function tests.test_a_file_that_is_cut()
  local path = support.path()
  local well <close> = assert(Well.file(path, SIZE))
  local mutex, array = well:mutex("m"), well:array("a", "int32", 3)
  support.cut(path)
  returns({ "Mutex.acquire" }, errno.EIO, mutex:acquire())
  raises("a page was lost", function() return array[1] end)
  returns("Well.check", errno.EIO, well:check())
  returns("Well.objects", errno.EIO, well:objects())
  returns("Well.array", errno.EIO, well:array("b", "int8", 1))
end

-- ---- a forked child

function tests.test_fork()
  local well <close> = support.well()
  local array = well:array("a", "int32", 2)
  local child = assert(peers.fork(function()
    array[1] = 5
    lu.assertNotNil(well:array("made by the child", "int8", 1))
    lu.assertEquals(well.slot, 1)
    lu.assertEquals(#well:participants(), 2)
    raises("is this process's own", well.break_locks, well, 1)
    lu.assertTrue(well:close())
  end))
  lu.assertEquals({ peers.wait(child) }, { "exit", 0 })
  lu.assertEquals({ array[1], well:array("made by the child").dtype, #well:participants() }, { 5, "int8", 1 })
end

return support.suite(tests)

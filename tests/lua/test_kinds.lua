-- Every kind of region: each test below runs over each line of tests/kinds/regions.tsv.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local peers = require "memwell_peers"
local support = require "support"

local Region, errno, PAGE = memwell.Region, memwell.errno, memwell.PAGE_SIZE
local raises = support.raises

-- ---- how to make one of each kind, with these contents, and what else leads to the same memory

local makers = {}

local function file(contents, mode, options)
  local path = support.file(("\255"):rep(options and options.offset or 0) .. contents)
  return assert(Region.file(path, mode, options)), function() return assert(Region.file(path, "r", options)) end
end

makers.file = function(contents) return file(contents, "r+") end
makers["file-odd-offset"] = function(contents) return file(contents, "r+", { offset = PAGE + 13 }) end
makers["file-readonly"] = function(contents) return file(contents, "r") end
makers["file-private"] = function(contents) return file(contents, "c") end
makers["file-no-fd"] = function(contents) return file(contents, "r+", { keep_fd = false }) end

local function written(region, contents)
  region:write(contents)
  return region
end

function makers.device(contents) return written(assert(Region.file("/dev/zero", "r+", { size = #contents })), contents) end

local function named(contents, options)
  local name = support.name()
  local maker <close> = written(assert(Region.create(name, #contents)), contents)
  local region, other = assert(Region.attach(name, options)), assert(Region.attach(name))
  assert(maker:unlink())
  return region, function() return other end
end

makers.named = function(contents) return named(contents) end
makers["named-readonly"] = function(contents) return named(contents, { readonly = true }) end

local function duplicate(region)
  return region, function() return assert(Region.from_fd(region:fileno(), { readonly = true })) end
end

function makers.anonymous(contents) return duplicate(written(assert(Region.anonymous(#contents)), contents)) end

makers["anonymous-private"] = function(contents)
  return duplicate(written(assert(Region.anonymous(#contents, { private = true })), contents))
end

function makers.memfd(contents) return duplicate(written(assert(Region.memfd(#contents)), contents)) end

makers["memfd-sealed"] = function(contents)
  local region, other = makers.memfd(contents)
  assert(region:seal("shrink", "grow", "write", "seal"))
  return region, other
end

function makers.fd(contents)
  local memory <close> = makers.memfd(contents)
  return duplicate(assert(Region.from_fd(memory:fileno())))
end

function makers.received(contents)
  local memory <close> = makers.memfd(contents)
  local here, there = peers.socketpair()
  assert(memory:send(here))
  local region = assert(Region.receive(there))
  assert(peers.close(here) and peers.close(there))
  return duplicate(region)
end

local function sysv(contents, options)
  local key = support.key()
  local maker <close> = written(assert(Region.sysv(key, #contents, { how = "create" })), contents)
  local region, other = assert(Region.sysv(key, nil, options)), assert(Region.sysv(key))
  assert(Region.sysv_remove(maker))
  return region, function() return other end
end

makers.sysv = function(contents) return sysv(contents) end
makers["sysv-readonly"] = function(contents) return sysv(contents, { readonly = true }) end

local TEXT = "one line\nanother, much longer line than the first\n\nthe last" .. ("\0"):rep(7) .. "\255"

-- ---- what holds for each: a check gets the line of the table, a region of TEXT, and a function that gives the memory once more

local checks = {}

function checks.fields(kind, region)
  lu.assertEquals({ #region, region.size, region.closed, region.faulted, region.exports }, { #TEXT, #TEXT, false, false, 0 })
  lu.assertEquals(region.readonly, kind.writable == "no")
  lu.assertEquals(region.private, kind.kind:find("private") ~= nil)
  local is = kind.kind == "received" and "fd" or kind.kind == "device" and "file" or kind.kind:match("^%a+")
  lu.assertEquals(region.kind, is)
  lu.assertEquals({ region.name ~= nil, region.path ~= nil }, { is == "named", is == "file" })
  lu.assertEquals({ region.key ~= nil, region.id ~= nil }, { is == "sysv", is == "sysv" })
  lu.assertStrContains(tostring(region), "memwell.Region (" .. is .. ", " .. #TEXT .. " bytes")
end

function checks.reading(_, region)
  lu.assertEquals(region:read(), TEXT)
  lu.assertEquals(region:read(4, 4), "line")
  lu.assertEquals(region:read(#TEXT - 1, 100), "\255")
  lu.assertEquals(region:view():string(), TEXT)
  lu.assertEquals(region:view()[#TEXT], 255)
  lu.assertTrue(region:check())
end

function checks.searching(_, region)
  lu.assertEquals({ region:find("line"), region:rfind("line"), region:count("line") }, { 4, TEXT:find("line than") - 1, 2 })
  lu.assertNil(region:find("lines"))
  local lines = {}
  for line, offset in region:lines() do
    lines[#lines + 1] = line
    lu.assertEquals(TEXT:sub(offset + 1, offset + #line), line)
  end
  lu.assertEquals(table.concat(lines, "\n"), TEXT)
  lu.assertEquals({ region:runs("\0")() }, { ("\0"):rep(7), #TEXT - 8 })
  lu.assertEquals({ region:unpack("z", 48) }, { (string.unpack("z", TEXT, 49)), (TEXT:find("\0", 1, true)) })
  lu.assertEquals(region:stream():read("a"), TEXT)
end

function checks.writing(kind, region, again)
  if kind.writable == "no" then
    for name, call in pairs { write = { "x" }, fill = { 1 }, move = { 0, 1, 1 }, pack = { 0, "b", 1 }, discard = {} } do
      raises({ "Region." .. name, "read-only" }, region[name], region, table.unpack(call))
    end
    raises({ "Stream.write", "read-only" }, function() region:stream():write("x") end)
    raises("read-only", function() region:view()[1] = 1 end)
    lu.assertEquals(region:read(), TEXT)
    return
  end
  lu.assertEquals(region:write("ONE"), 3)
  region:fill(45, 3, 1)
  region:move(4, 9, 4)
  lu.assertEquals(region:pack(8, "<I2", 0x4241), 10)
  lu.assertIs(region:stream(10, 2):write("X", 5):close(), true)
  local now = "ONE-anotABX5" .. TEXT:sub(13)
  lu.assertEquals(region:read(), now)
  lu.assertTrue(region:flush())
  if again then
    local other <close> = again()
    lu.assertEquals(other:read() == now, kind.shared == "yes")
  end
end

function checks.fileno(kind, region)
  if kind.descriptor == "yes" then
    lu.assertTrue(region:fileno() > 2)
  else
    raises({ "Region.fileno", "keeps no descriptor" }, region.fileno, region)
  end
end

function checks.resize(kind, region)
  local call = function() return region:resize(#TEXT + 5) end
  if kind.resize == "yes" then
    local view = region:view()
    lu.assertTrue(call())
    lu.assertEquals(region:read(), TEXT .. ("\0"):rep(5))
    lu.assertEquals(view:string(), TEXT)
    lu.assertTrue(region:resize(3))
    lu.assertEquals(region:read(), TEXT:sub(1, 3))
  else
    raises("Region.resize", call)
    lu.assertEquals(region:read(), TEXT)
  end
end

function checks.remap(kind, region)
  if kind.remap == "yes" then
    lu.assertTrue(region:remap())
  else
    raises("Region.remap", region.remap, region)
  end
  if kind.kind ~= "device" then lu.assertEquals(region:read(), TEXT) end
end

function checks.seal(kind, region)
  local done, _, number = support.outcome(region.seal, region, "shrink")
  if kind.seal == "yes" then
    lu.assertEquals({ done, region.seals }, { true, { "shrink" } })
  else
    lu.assertNil(done)
    lu.assertTrue(number == nil or number == errno.ENOTSUP or number == errno.EPERM)
  end
  lu.assertEquals(region:read(), TEXT)
end

function checks.send(kind, region)
  local here, there = peers.socketpair()
  if kind.send == "yes" then
    lu.assertTrue(region:send(here))
    local received <close> = assert(Region.receive(there))
    lu.assertEquals({ #received, received.readonly }, { #TEXT, region.readonly })
    if kind.kind ~= "device" then lu.assertEquals(received:read(), TEXT) end
  else
    raises("Region.send", region.send, region, here)
  end
  assert(peers.close(here) and peers.close(there))
end

function checks.discard(kind, region)
  if kind.writable == "no" then return end
  local done, message, number = region:discard(4, 4)
  if kind.discard == "fs" and not done then
    lu.assertStrContains(message, "Region.discard")
    lu.assertEquals(number, errno.ENOTSUP)
  elseif kind.shared == "yes" then
    lu.assertEquals(region:read(0, 9), "one \0\0\0\0\n")
  else
    lu.assertEquals(region:read(0, 9), "one line\n") -- of a private region whole pages only
  end
end

function checks.pages(kind, region)
  lu.assertTrue(region:populate())
  local resident = region:resident()
  lu.assertTrue(math.type(resident) == "integer" and resident <= #TEXT)
  for _, advice in ipairs { "normal", "sequential", "random", "willneed" } do
    lu.assertTrue(region:advise(advice), kind.kind .. " " .. advice)
  end
  local locked, message, number = region:mlock(0, 1)
  if locked then
    lu.assertTrue(region:munlock(0, 1))
  else
    lu.assertStrContains(message, "Region.mlock")
    lu.assertTrue(number == errno.ENOMEM or number == errno.EAGAIN or number == errno.EPERM)
  end
  lu.assertEquals(region:read(), TEXT)
end

function checks.protect(kind, region)
  lu.assertTrue(region:protect { readonly = true })
  lu.assertTrue(region.readonly)
  raises({ "Region.write", "read-only" }, region.write, region, "x")
  raises("read-only", function() region:view()[1] = 1 end)
  if kind.writable == "yes" then
    lu.assertTrue(region:protect { readonly = false })
    region:write("x")
    lu.assertEquals(region:read(0, 2), "xn")
  else
    support.returns("Region.protect", errno.EACCES, region:protect { readonly = false })
  end
end

function checks.closing(_, region)
  local view, stream, next_line = region:view(), region:stream(), region:lines()
  region:close()
  region:close()
  lu.assertTrue(region.closed and stream.closed)
  for _, call in ipairs { "read", "view", "find", "rfind", "count", "lines", "runs", "stream", "unpack", "flush", "discard",
    "populate", "mlock", "munlock", "resident", "remap", "check", "fileno" } do
    raises({ "Region." .. call, "the region is closed" }, region[call], region, ("find rfind count runs"):find(call) and "x"
      or call == "unpack" and "b" or nil)
  end
  raises("the region is closed", function() return view[1] end)
  raises({ "Stream.read", "the region is closed" }, stream.read, stream)
  raises({ "Region.lines", "the region is closed" }, next_line)
end

-- ---- running

local tests = {}

for _, kind in ipairs(support.kinds "regions") do
  for name, check in pairs(checks) do
    tests[("test_%s_of_%s"):format(name, kind.kind:gsub("-", "_"))] = function()
      local region <close>, again = makers[kind.kind](TEXT)
      check(kind, region, again)
    end
  end
end

function tests.test_there_are_kinds()
  local kinds = {}
  for _, kind in ipairs(support.kinds "regions") do kinds[kind.kind] = true end
  for kind in pairs(makers) do lu.assertTrue(kinds[kind], kind .. " is no line of the table") end
end

return support.suite(tests)

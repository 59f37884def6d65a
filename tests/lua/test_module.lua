-- The module itself: what it has, what it hides, and that it matches its description for the language server.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local tests = {}

function tests.test_contents()
  local keys = {}
  for key in pairs(memwell) do keys[#keys + 1] = key end
  table.sort(keys)
  lu.assertEquals(keys, { "PAGE_SIZE", "Region", "Semaphore", "Well", "_VERSION", "errno", "ftok" })
  lu.assertStrMatches(memwell._VERSION, "memwell %d+%.%d+%.%d+")
  lu.assertTrue(math.type(memwell.PAGE_SIZE) == "integer" and memwell.PAGE_SIZE >= 4096)
end

function tests.test_require_touches_no_globals()
  local code = [[
    local before = {} for k in pairs(_G) do before[k] = true end
    require "memwell"
    for k in pairs(_G) do if not before[k] then print(k) end end]]
  lu.assertEquals(support.run(support.command(code)), "")
end

function tests.test_errno()
  local errno = memwell.errno
  lu.assertEquals(errno.ENOENT, select(3, io.open("/nothing/here")))
  lu.assertEquals(errno.EEXIST, 17)
  lu.assertEquals(errno.EINTR, 4)
  lu.assertEquals(errno.EBUSY, 16)
  lu.assertEquals(errno.ECLOSED, errno.EBADF)
  lu.assertNil(errno.EOS)
  for name, number in pairs(errno) do
    lu.assertStrMatches(name, "E%w+")
    lu.assertTrue(math.type(number) == "integer" and number > 0)
  end
end

function tests.test_metatables_are_hidden()
  local region <close> = assert(memwell.Region.anonymous(64))
  local semaphore <close> = assert(memwell.Semaphore.create(support.name(), 1, { temporary = true }))
  local guard <close> = semaphore:guard()
  lu.assertEquals(getmetatable(region), "memwell.Region")
  lu.assertEquals(getmetatable(region:view()), "memwell.View")
  lu.assertEquals(getmetatable(semaphore), "memwell.Semaphore")
  lu.assertEquals(getmetatable(guard), "memwell.Guard")
  lu.assertEquals(getmetatable(region:stream()), "memwell.Stream")
  local well <close> = assert(memwell.Well.create(support.name(), 65536, { temporary = true }))
  lu.assertEquals(getmetatable(well), "memwell.Well")
  lu.assertEquals(getmetatable(well:mutex("m")), "memwell.Mutex")
  lu.assertEquals(getmetatable(well:semaphore("s", 1)), "memwell.RobustSemaphore")
  lu.assertEquals(getmetatable(well:event("e")), "memwell.Event")
  lu.assertError(setmetatable, region, {})
end

-- A class is one state's: handles of a module that was loaded anew are strangers.
function tests.test_loaded_twice()
  local loaded = package.loaded.memwell
  package.loaded.memwell = nil
  local other = require "memwell"
  package.loaded.memwell = loaded
  local region <close> = assert(other.Region.anonymous(64))
  lu.assertNotIs(other, memwell)
  support.raises("memwell.Region expected, got memwell.Region", memwell.Region.close, region)
end

-- One of each that a well can have, by its class.
local function objects_of(well)
  return { Mutex = well:mutex("m"), RobustSemaphore = well:semaphore("s", 1), Event = well:event("e") }
end

function tests.test_methods_check_their_self()
  local region <close> = assert(memwell.Region.anonymous(64))
  local well <close> = assert(memwell.Well.create(support.name(), 65536, { temporary = true }))
  local objects = objects_of(well)
  local view = region:view()
  for _, stranger in ipairs { 1, "x", {}, io.stdout, view, print } do
    for name, method in pairs(memwell.Region) do
      local static = name == "unlink" or name == "sysv_remove"
      if region[name] and not static then support.raises("memwell.Region expected", method, stranger) end
    end
  end
  for _, stranger in ipairs { 1, "x", {}, io.stdout, region, print } do
    for _, name in ipairs { "get", "set", "at", "put", "row", "slice", "window", "reshape", "iter", "getter", "setter", "take",
      "totable", "fill", "copy_from", "string", "sum", "min", "max", "index", "count", "equals", "atomic_load",
      "atomic_store", "atomic_add", "atomic_sub", "atomic_and", "atomic_or", "atomic_xor", "atomic_exchange",
      "atomic_compare_exchange", "wait", "wake" } do
      support.raises("memwell.View expected", view[name], stranger)
    end
    for _, name in ipairs { "read", "lines", "write", "seek", "flush", "setvbuf", "close" } do
      support.raises("memwell.Stream expected", region:stream()[name], stranger)
    end
    for name, method in pairs(memwell.Semaphore) do
      if not ("create attach at open unlink sysv sysv_remove"):find(name, 1, true) then
        support.raises("memwell.Semaphore expected", method, stranger)
      end
    end
    for name, method in pairs(memwell.Well) do
      if not ("create attach open file unlink"):find(name, 1, true) then
        support.raises("memwell.Well expected", method, stranger)
      end
    end
    for class, object in pairs(objects) do
      for _, name in ipairs { "acquire", "release", "guard", "hold", "recover", "set", "clear", "is_set", "wait", "close" } do
        if object[name] then support.raises("memwell." .. class .. " expected", object[name], stranger) end
      end
    end
  end
end

function tests.test_metamethods_check_their_self()
  local region <close> = assert(memwell.Region.anonymous(64))
  local well <close> = assert(memwell.Well.create(support.name(), 65536, { temporary = true }))
  local view, objects = region:view(), objects_of(well)
  for _, handle in ipairs { region, view, region:stream(), well, objects.Mutex, objects.RobustSemaphore, objects.Event } do
    local metatable = debug.getmetatable(handle)
    for name, metamethod in pairs(metatable) do
      if type(metamethod) == "function" and name ~= "__eq" and name ~= "__index" then
        support.raises("memwell.", metamethod, io.stdout, 1, 1)
      end
    end
  end
  support.raises("memwell.View expected", debug.getmetatable(view).__index, region, 1)
  support.raises("memwell.Region expected", debug.getmetatable(region).__index, view, "size")
  lu.assertFalse(debug.getmetatable(view).__eq(view, region))
end

-- Every member has its line in the description, and the description has nothing else.
local function described(class)
  local members = {}
  local text = support.contents(support.root .. "bindings/lua/meta/memwell.lua")
  local block = text:match("%-%-%-@class memwell%." .. class .. "\n(.-)\nlocal ") or ""
  for field in block:gmatch("%-%-%-@field ([%w_]+)") do members[field] = true end
  for name in text:gmatch("\nfunction " .. class .. "[.:]([%w_]+)%(") do members[name] = true end
  return members
end

local function upvalue_members(handle)
  local index = debug.getmetatable(handle).__index
  local _, members = debug.getupvalue(index, debug.getinfo(index, "u").nups)
  local copy = {}
  for name in pairs(members) do copy[name] = true end
  return copy
end

function tests.test_description_is_complete()
  local region <close> = assert(memwell.Region.anonymous(64))
  local semaphore <close> = assert(memwell.Semaphore.create(support.name(), 1, { temporary = true }))
  local guard <close> = semaphore:guard()
  local well <close> = assert(memwell.Well.create(support.name(), 65536, { temporary = true }))
  local handles = objects_of(well)
  handles.Region, handles.View, handles.Stream = region, region:view(), region:stream()
  handles.Semaphore, handles.Guard, handles.Well = semaphore, guard, well
  for class, handle in pairs(handles) do
    local there, written = upvalue_members(handle), described(class)
    for name in pairs(memwell[class] or {}) do there[name] = true end
    for name in pairs(there) do lu.assertTrue(written[name], class .. "." .. name .. " is not described") end
    for name in pairs(written) do lu.assertNotNil(there[name], class .. "." .. name .. " is described, but not there") end
  end
end

-- The rock repeats the two source lists.
function tests.test_rockspec_lists_the_sources()
  local expected, rock = {}, {}
  for _, list in ipairs { "core/sources.txt", "bindings/lua/sources.txt" } do
    for line in io.lines(support.root .. list) do
      if line:find("^[^#%s]") then expected[#expected + 1] = line:match("^(.-)%s*$") end
    end
  end
  assert(loadfile(support.root .. "memwell-scm-1.rockspec", "t", rock))()
  lu.assertEquals(rock.build.modules.memwell.sources, expected)
end

return support.suite(tests)

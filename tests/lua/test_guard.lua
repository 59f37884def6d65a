-- Pages that are lost: nobody dies, the next call on the region says so, an element raises, and remap cures.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, errno, PAGE = memwell.Region, memwell.errno, memwell.PAGE_SIZE
local raises, returns = support.raises, support.returns
local tests = {}

local PAGES, SIGBUS = 8, 7

-- A file of eight pages, each full of the digit that counts it.
local function file_of_pages(options)
  local pages = {}
  for page = 1, PAGES do pages[page] = tostring(page):rep(PAGE) end
  local path = support.file(table.concat(pages))
  return path, assert(Region.file(path, "r+", options))
end

-- Cut the file to its first pages, as any other program may.
local function cut(path, pages)
  local kept = pages > 0 and support.contents(path):sub(1, pages * PAGE) or ""
  if pages == 0 then
    assert(io.open(path, "wb")):close()
  else
    lu.assertEquals(support.run(string.format("truncate -s %d %s", #kept, path)), "")
  end
end

local LOST = "a page was lost"

-- ---- every call that touches the bytes notices

local TOUCHING = {
  read = function(region) return region:read() end,
  write = function(region) return region:write("x", 7 * PAGE) end,
  fill = function(region) return region:fill(1) end,
  move = function(region) return region:move(0, PAGE, 7 * PAGE) end,
  find = function(region) return region:find("nothing") end,
  rfind = function(region) return region:rfind("nothing") end,
  count = function(region) return region:count("8") end,
  unpack = function(region) return region:unpack("i8", 5 * PAGE) end,
  pack = function(region) return region:pack(5 * PAGE, "i8", 1) end,
  populate = function(region) return region:populate() end,
  stream_read = function(region) return region:stream():read("a") end,
  stream_line = function(region) return region:stream():read() end,
  stream_number = function(region) return region:stream(7 * PAGE):read("n") end,
  stream_write = function(region) return region:stream(7 * PAGE):write("x") end,
}

for name, call in pairs(TOUCHING) do
  tests["test_notices_in_" .. name] = function()
    local path, region = file_of_pages()
    cut(path, 1)
    returns("remap", errno.EIO, call(region))
    lu.assertTrue(name == "populate" or region.faulted)
    lu.assertTrue(region:remap())
    lu.assertEquals({ region.faulted, #region }, { false, PAGE })
    region:close()
  end
end

local LOOPS = {
  lines = function(region) for _ in region:lines() do end end,
  runs = function(region) for _ in region:runs("12345678") do end end,
  stream_lines = function(region) for _ in region:stream(7 * PAGE):lines("n") do end end,
}

for name, loop in pairs(LOOPS) do
  tests["test_raises_in_" .. name] = function()
    local path, region <close> = file_of_pages()
    cut(path, 1)
    raises({ "page was lost", "remap" }, loop, region)
  end
end

-- ---- what comes after

function tests.test_every_later_call_says_so()
  local path, region <close> = file_of_pages()
  local view = region:view()
  local stream, next_line = region:stream(), region:lines()
  cut(path, 0)
  returns({ "Region.read", path, LOST }, errno.EIO, region:read())
  for _, call in ipairs { "read", "unpack", "flush", "discard", "populate", "mlock", "munlock", "resident", "check" } do
    local argument = call == "unpack" and "b" or nil
    returns({ "Region." .. call, LOST }, errno.EIO, region[call](region, argument))
  end
  returns({ "Region.find", LOST }, errno.EIO, region:find("x"))
  returns({ "Region.write", LOST }, errno.EIO, region:write("x"))
  returns({ "Region.pack", LOST }, errno.EIO, region:pack(0, "b", 1))
  returns({ "Region.resize", LOST }, errno.EIO, region:resize(10))
  returns({ "Region.protect", LOST }, errno.EIO, region:protect { readonly = true })
  returns({ "Region.advise", LOST }, errno.EIO, region:advise("normal"))
  returns({ "Stream.read", LOST }, errno.EIO, stream:read("a"))
  returns({ "Stream.write", LOST }, errno.EIO, stream:write("x"))
  raises({ "Region.lines", LOST }, next_line)
  raises(LOST, function() return view[1] end)
  raises(LOST, function() view[1] = 1 end)
  raises(LOST, function() return view:sum() end)
  lu.assertEquals({ region.size, region.kind, region.faulted, region.path }, { PAGES * PAGE, "file", true, path })
  lu.assertStrContains(tostring(region), path)
end

function tests.test_an_element_raises()
  local path, region <close> = file_of_pages()
  local view = region:view()
  cut(path, 2)
  lu.assertEquals(view[PAGE + 1], ("2"):byte())
  local good, value = pcall(function() return view[2 * PAGE + 1] end) -- the access that loses it reads zero, or raises already
  lu.assertTrue(value == 0 or not good)
  raises(LOST, function() return view[1] end)
  raises(LOST, function() return view[2 * PAGE + 1] end)
  raises(LOST, function() view[1] = 1 end)
  lu.assertTrue(region:remap())
  lu.assertEquals({ #region, view[1] }, { 2 * PAGE, ("1"):byte() })
end

function tests.test_what_is_there_stays_there()
  local path, region <close> = file_of_pages()
  cut(path, 2)
  lu.assertEquals(region:read(0, 2 * PAGE), ("1"):rep(PAGE) .. ("2"):rep(PAGE))
  lu.assertEquals(region:find("2"), PAGE)
  lu.assertFalse(region.faulted)
end

function tests.test_check_notices_before_anybody_touches()
  local path, region <close> = file_of_pages()
  cut(path, 3)
  returns({ "Region.check", tostring(3 * PAGE) }, errno.EIO, region:check())
  lu.assertFalse(region.faulted)
end

function tests.test_remap_follows_a_file_that_grew_again()
  local path, region <close> = file_of_pages()
  cut(path, 0)
  returns(LOST, errno.EIO, region:read())
  local file <close> = assert(io.open(path, "wb"))
  file:write("new contents")
  file:close()
  returns(LOST, errno.EIO, region:read())
  lu.assertTrue(region:remap())
  lu.assertEquals(region:read(), "new contents")
end

function tests.test_named_memory_too()
  local name = support.name()
  local region <close> = assert(Region.create(name, 4 * PAGE, { temporary = true }))
  region:fill(1)
  cut("/dev/shm/" .. name, 1)
  returns({ "Region.read", name, LOST }, errno.EIO, region:read())
  lu.assertTrue(region:remap())
  lu.assertEquals(#region, PAGE)
end

-- ---- other ways to take it

local function child(options, body)
  local path, region = file_of_pages()
  region:close()
  local code = string.format([[
    local Region = require "memwell".Region
    local region = assert(Region.file(%q, "r", %s))
    assert(io.open(%q, "wb")):close()
    %s]], path, options, path, body)
  local sanitizer = 'ASAN_OPTIONS="$ASAN_OPTIONS:handle_sigbus=0"' -- which has a report of its own to make of a fault
  return support.run("ulimit -c 0; exec env " .. sanitizer .. " " .. support.command(code))
end

function tests.test_in_a_process_of_its_own()
  local output, code = child("{}", "print(select(3, region:read()))")
  lu.assertEquals({ output, code }, { errno.EIO .. "\n", 0 })
end

function tests.test_without_guard_it_is_death()
  local output, code = child("{ guard = false }", "region:read() print 'alive'")
  lu.assertEquals({ output, code }, { "", SIGBUS })
end

function tests.test_death_with_a_word_about_it()
  local output, code = child("{ on_fault = 'abort' }", "region:read() print 'alive'")
  lu.assertStrMatches(output, "memwell: [^\n]*page[^\n]*\n")
  lu.assertEquals(code, SIGBUS)
end

return support.suite(tests)

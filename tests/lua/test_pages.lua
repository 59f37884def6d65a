-- What the kernel does with pages: advice, residence, locks, protection, discarding, flushing; and remap. test_kinds.lua has the
-- same over every kind.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, errno, PAGE = memwell.Region, memwell.errno, memwell.PAGE_SIZE
local raises, returns = support.raises, support.returns
local tests = {}

local function pages(count)
  local region = assert(Region.anonymous(count * PAGE))
  region:fill(7)
  return region
end

function tests.test_advice()
  local region <close> = pages(4)
  for _, advice in ipairs { "normal", "sequential", "random", "willneed", "cold", "dontdump", "dodump" } do
    lu.assertTrue(region:advise(advice))
    lu.assertTrue(region:advise(advice, 1, 1))
    lu.assertTrue(region:advise(advice, 4 * PAGE))
  end
  for _, advice in ipairs { "pageout", "hugepage", "nohugepage" } do
    local done, message, number = region:advise(advice)
    if not done then
      lu.assertStrContains(message, "Region.advise")
      lu.assertEquals(number, errno.ENOTSUP)
    end
  end
  lu.assertEquals(region:count("\7"), 4 * PAGE)
  raises({ '"often" is no advice', "willneed" }, region.advise, region, "often")
  raises("string expected", region.advise, region)
  raises("past the end", region.advise, region, "normal", 1, 4 * PAGE)
end

function tests.test_resident_and_populate()
  local region <close> = assert(Region.file(support.file(("x"):rep(4 * PAGE)), "c"))
  lu.assertTrue(region:populate())
  lu.assertEquals(region:resident(), 4 * PAGE)
  lu.assertTrue(region:populate(PAGE, 1))
  lu.assertTrue(region:populate(4 * PAGE))
  raises({ "Region.populate", "past the end" }, region.populate, region, 0, 4 * PAGE + 1)
  raises({ "Region.populate", "past the end" }, region.populate, region, 4 * PAGE + 1)
  local small <close> = assert(Region.anonymous(10))
  lu.assertTrue(small:populate())
  lu.assertEquals(small:resident(), 10)
end

-- The address sanitizer lets no mlock reach the system.
local function skip_where_nothing_is_locked() lu.skipIf(os.getenv "ASAN_OPTIONS", "the sanitizer locks nothing") end

local function status_of(label)
  for line in io.lines("/proc/self/status") do
    local value = line:match("^" .. label .. ":%s*(%d+)")
    if value then return tonumber(value) end
  end
end

function tests.test_lock()
  skip_where_nothing_is_locked()
  local region <close> = pages(4)
  local before = status_of("VmLck")
  local locked, message, number = region:mlock(PAGE, 2 * PAGE)
  if not locked then
    lu.assertStrContains(message, "RLIMIT_MEMLOCK")
    lu.assertTrue(number == errno.ENOMEM or number == errno.EPERM or number == errno.EAGAIN)
    return
  end
  lu.assertEquals(status_of("VmLck") - before, 2 * PAGE // 1024)
  lu.assertTrue(region:munlock())
  lu.assertEquals(status_of("VmLck"), before)
end

-- Where the limit is lower than what is wanted the error says how much that is. Root has no limit, so another user asks.
function tests.test_lock_past_the_limit()
  skip_where_nothing_is_locked()
  local code = [[
    local region = assert(require "memwell".Region.anonymous(1 << 20))
    local locked, message, number = region:mlock()
    print(locked, message, number)]]
  local command = "ulimit -l 64; exec env " .. support.command(code)
  if support.run("id -u") == "0\n" then
    command = "ulimit -l 64; exec setpriv --bounding-set -ipc_lock --inh-caps -ipc_lock env " .. support.command(code)
  end
  local output = support.run(command)
  lu.assertStrMatches(output, "nil\tRegion.mlock: [^\n]*65536 bytes[^\n]*\t" .. errno.ENOMEM .. "\n")
end

function tests.test_protect()
  local region <close> = pages(1)
  local view = region:view()
  lu.assertTrue(region:protect { readonly = true })
  lu.assertTrue(region:protect { readonly = true })
  lu.assertTrue(region.readonly)
  raises("read-only", region.write, region, "x")
  raises("read-only", function() view[1] = 1 end)
  raises("read-only", region.resize, region, 10)
  lu.assertTrue(region:protect { readonly = false })
  region:write("x")
  view[2] = 8
  lu.assertEquals(region:read(0, 3), "x\8\7")
end

function tests.test_discard()
  local region <close> = pages(4)
  local view = region:view()
  lu.assertTrue(region:discard(PAGE - 1, PAGE + 2))
  lu.assertEquals({ region:find("\0"), region:rfind("\0"), region:count("\0") }, { PAGE - 1, 2 * PAGE, PAGE + 2 })
  lu.assertEquals({ view[PAGE - 1], view[PAGE], view[2 * PAGE + 1], view[2 * PAGE + 2] }, { 7, 0, 0, 7 })
  lu.assertTrue(region:discard(0, 0))
  raises("past the end", region.discard, region, 0, 4 * PAGE + 1)
  lu.assertTrue(region:discard())
  lu.assertEquals(region:count("\0"), 4 * PAGE)
end

-- A private region shows the file again.
function tests.test_discard_what_is_private()
  local region <close> = assert(Region.file(support.file(("f"):rep(2 * PAGE)), "c"))
  region:fill(("m"):byte())
  lu.assertTrue(region:discard(0, PAGE))
  lu.assertEquals({ region:count("f"), region:count("m") }, { PAGE, PAGE })
end

-- ---- remap

function tests.test_remap_follows_the_file()
  local path = support.file("four")
  local region <close> = assert(Region.file(path, "r+"))
  local view = region:view()
  local file <close> = assert(io.open(path, "ab"))
  file:write(" and more")
  file:flush()
  lu.assertEquals(region:read(), "four")
  lu.assertTrue(region:remap())
  lu.assertEquals({ region:read(), #view, view:string() }, { "four and more", 4, "four" })
  lu.assertTrue(region:remap())
  support.run("truncate -s 2 " .. path)
  returns("Region.check", errno.EIO, region:check())
  lu.assertTrue(region:remap())
  lu.assertEquals(region:read(), "fo")
  raises("View", function() return view[4] end)
end

-- A region that was given a size has as much of it as there is.
function tests.test_remap_keeps_the_size_that_was_asked_for()
  local path = support.file("0123456789")
  local region <close> = assert(Region.file(path, "r", { offset = 2, size = 4 }))
  support.run("truncate -s 4 " .. path)
  lu.assertTrue(region:remap())
  lu.assertEquals(region:read(), "23")
  support.run("truncate -s 20 " .. path)
  lu.assertTrue(region:remap())
  lu.assertEquals(region:read(), "23\0\0")
  support.run("truncate -s 1 " .. path)
  lu.assertTrue(region:remap())
  lu.assertEquals({ #region, region:read() }, { 0, "" })
end

function tests.test_what_cannot_be_remapped()
  local private <close> = assert(Region.file(support.file("contents"), "c"))
  raises({ "Region.remap", "private" }, private.remap, private)
  local without <close> = assert(Region.file(support.file("contents"), "r", { keep_fd = false }))
  raises({ "Region.remap", "keep_fd" }, without.remap, without)
end

function tests.test_flush()
  local region <close> = assert(Region.file(support.file(("x"):rep(3 * PAGE)), "r+"))
  region:write("y", PAGE + 5)
  lu.assertTrue(region:flush(PAGE + 5, 1, { wait = false }))
  lu.assertTrue(region:flush(PAGE + 5, 1))
  lu.assertTrue(region:flush(3 * PAGE))
  raises({ "Region.flush", "past the end" }, region.flush, region, 3 * PAGE, 1)
end

return support.suite(tests)

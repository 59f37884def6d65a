-- Every kind of semaphore: each test below runs over each line of tests/kinds/semaphores.tsv.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, Semaphore, errno = memwell.Region, memwell.Semaphore, memwell.errno
local raises, returns = support.raises, support.returns

-- How to make one of each kind: returns the semaphore, what another process writes to get it, and what removes it.
local makers = {}

function makers.named(value)
  local name = support.name()
  local semaphore = assert(Semaphore.create(name, value))
  return semaphore, string.format("Semaphore.attach(%q)", name), function() return semaphore:unlink() end
end

function makers.at(value)
  local name = support.name()
  local region = assert(Region.create(name, 128, { temporary = true }))
  local semaphore = assert(Semaphore.at(region, 64, value))
  return semaphore, string.format("Semaphore.at(Region.attach(%q), 64)", name), function() return region:close() end
end

local function sysv(value, undo)
  local key = support.key()
  local semaphore = assert(Semaphore.sysv(key, 1, { how = "create", count = 3, value = value, undo = undo }))
  local again = string.format("Semaphore.sysv(%d, 1, { undo = %s })", key, undo)
  return semaphore, again, function() return Semaphore.sysv_remove(key) end
end

function makers.sysv(value) return sysv(value, false) end

makers["sysv-undo"] = function(value) return sysv(value, true) end

-- Another process that has the semaphore.
local function start(again, body)
  local code = string.format([[
    local Region, Semaphore = require "memwell".Region, require "memwell".Semaphore
    local semaphore = assert(%s)
    %s]], again, body)
  return assert(io.popen("exec env " .. support.command(code) .. " 2>&1"))
end

local checks = {}

function checks.what_it_is(kind)
  local semaphore <close>, again, remove = kind.new(3)
  lu.assertEquals({ semaphore.kind, semaphore.value, semaphore.closed }, { kind.kind:match("^%a+"), 3, false })
  lu.assertEquals(semaphore.name ~= nil, kind.kind == "named")
  for _, field in ipairs { "key", "id", "index" } do
    lu.assertEquals(math.type(semaphore[field]) == "integer", semaphore.kind == "sysv")
  end
  lu.assertStrContains(tostring(semaphore), "memwell.Semaphore (" .. semaphore.kind)
  lu.assertNotNil(again)
  lu.assertTrue(remove())
end

function checks.acquire_and_release(kind)
  local semaphore <close>, _, remove = kind.new(1)
  lu.assertIsTrue(semaphore:acquire())
  lu.assertIsFalse(semaphore:acquire(0))
  lu.assertIsFalse(semaphore:acquire(0.001))
  lu.assertIsTrue(semaphore:release())
  lu.assertIsTrue(semaphore:release(3))
  lu.assertEquals(semaphore.value, 4)
  for _ = 1, 4 do lu.assertIsTrue(semaphore:acquire(10)) end
  lu.assertIsFalse(semaphore:acquire(0))
  raises({ "Semaphore.release", "n is 0" }, semaphore.release, semaphore, 0)
  lu.assertTrue(remove())
end

function checks.the_largest_value(kind)
  local semaphore <close>, _, remove = kind.new(kind.most - 1)
  lu.assertIsTrue(semaphore:release())
  returns({ "Semaphore.release" }, errno.EOVERFLOW, semaphore:release())
  returns({ "Semaphore.release" }, errno.EOVERFLOW, semaphore:release(math.maxinteger))
  lu.assertEquals(semaphore.value, kind.most)
  lu.assertTrue(remove())
end

function checks.a_value_that_cannot_be(kind)
  local good, message = pcall(kind.new, kind.most + 1)
  lu.assertFalse(good)
  lu.assertStrContains(message, tostring(kind.most))
end

function checks.guard_and_hold(kind)
  local semaphore <close>, _, remove = kind.new(1)
  do
    local guard <close> = semaphore:guard(10)
    lu.assertEquals({ guard.closed, semaphore.value }, { false, 0 })
    raises("Semaphore.acquire", semaphore.guard, semaphore, 0)
  end
  lu.assertEquals({ semaphore:hold(function(...) return semaphore.value, ... end, "x", nil, 3) }, { 0, "x", nil, 3 })
  raises("boom", semaphore.hold, semaphore, error, "boom")
  lu.assertEquals(semaphore.value, 1)
  semaphore:guard()
  collectgarbage()
  collectgarbage()
  lu.assertEquals(semaphore.value, 1)
  lu.assertTrue(remove())
end

function checks.hold_over_a_yield(kind)
  local semaphore <close>, _, remove = kind.new(1)
  local thread = coroutine.create(function() semaphore:hold(coroutine.yield) end)
  coroutine.resume(thread)
  lu.assertEquals(semaphore.value, 0)
  lu.assertTrue(coroutine.close(thread))
  lu.assertEquals(semaphore.value, 1)
  lu.assertTrue(remove())
end

function checks.close(kind)
  local semaphore, _, remove = kind.new(1)
  local guard = semaphore:guard()
  lu.assertTrue(semaphore:close())
  lu.assertTrue(semaphore:close())
  lu.assertTrue(semaphore.closed)
  for _, call in ipairs { "acquire", "release", "guard" } do
    raises({ "Semaphore." .. call, "the semaphore is closed" }, semaphore[call], semaphore)
  end
  raises({ "Semaphore.hold", "the semaphore is closed" }, semaphore.hold, semaphore, print)
  for _, field in ipairs { "kind", "name", "key", "id", "index", "value" } do
    raises({ "Semaphore." .. field, "the semaphore is closed" }, function() return semaphore[field] end)
  end
  raises("the unit is lost", guard.close, guard)
  lu.assertEquals(tostring(semaphore), "memwell.Semaphore (closed)")
  lu.assertTrue(remove())
end

function checks.another_process(kind)
  local semaphore <close>, again, remove = kind.new(0)
  local pipe <close> = start(again, "semaphore:release(2) print(semaphore:acquire(60), semaphore:acquire(60))")
  lu.assertEquals(pipe:read("a"), "true\ttrue\n")
  lu.assertEquals(semaphore.value, 0)
  lu.assertTrue(remove())
end

function checks.a_wait_is_ended_by_another_process(kind)
  local semaphore <close>, again, remove = kind.new(0)
  local pipe <close> = start(again, "print(semaphore:acquire(60))")
  lu.assertIsTrue(semaphore:release())
  lu.assertEquals(pipe:read("a"), "true\n")
  lu.assertTrue(remove())
end

-- What a holder that was killed had.
function checks.a_killed_holder(kind)
  local semaphore <close>, again, remove = kind.new(2)
  local pipe <close> = start(again, [[
    assert(semaphore:acquire(0))
    os.execute "kill -9 $PPID"]])
  pipe:read("a")
  pipe:close()
  lu.assertEquals(semaphore.value, kind.undo and 2 or 1)
  lu.assertTrue(remove())
end

-- ---- the tests: each check for each kind

local tests = {}
local kinds = support.kinds("semaphores")
lu.assertTrue(#kinds > 0)

for _, kind in ipairs(kinds) do
  kind.most, kind.undo = math.tointeger(kind.most), kind.undo == "yes"
  kind.new = assert(makers[kind.kind], "tests/kinds/semaphores.tsv has a kind that this test cannot make")
  for name, check in pairs(checks) do
    tests["test_" .. kind.kind:gsub("-", "_") .. "_" .. name] = function() check(kind) end
  end
end

return support.suite(tests)

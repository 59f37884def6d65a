-- Who keeps whom, and what happens when something is closed where nobody expects it: by the collector, by a finalizer, or inside a
-- metamethod of an argument in the middle of a call.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"
local support = require "support"

local Region, Semaphore = memwell.Region, memwell.Semaphore
local raises = support.raises
local tests = {}

local function collect()
  collectgarbage()
  collectgarbage()
end

function tests.test_view_keeps_the_handle_alive()
  local view
  do
    local region = assert(Region.anonymous(64))
    region:fill(5)
    view = region:view()
  end
  collect()
  lu.assertEquals({ view[64], view:sum(), view:slice(3).region.closed }, { 5, 320, false })
end

function tests.test_collector_closes()
  local name = support.name()
  do
    assert(Region.create(name, 64, { temporary = true }))
    assert(Semaphore.create(name, 1, { temporary = true }))
  end
  collect()
  lu.assertFalse(support.exists("/dev/shm/" .. name))
  lu.assertFalse(support.exists("/dev/shm/sem." .. name))
end

function tests.test_close_variables()
  local region, semaphore
  do
    local r <close> = assert(Region.anonymous(64))
    local s <close> = assert(Semaphore.create(support.name(), 1, { temporary = true }))
    region, semaphore = r, s
  end
  lu.assertTrue(region.closed and semaphore.closed)
  local good = pcall(function()
    local r <close> = assert(Region.anonymous(64))
    region = r
    error("boom")
  end)
  lu.assertFalse(good)
  lu.assertTrue(region.closed)
end

-- In one cycle of the collector the newest goes first, but a script can see things in any order by then.
function tests.test_order_of_collection()
  local seen = {}
  do
    local holder = setmetatable({}, {
      __gc = function(self)
        local good, message = pcall(function() return self.view[1] end)
        seen.view = good or message:match("closed")
        seen.region = tostring(self.region):match("^memwell.Region") ~= nil
        seen.view_text = tostring(self.view):match("^memwell.View") ~= nil
        self.region:close()
        self.guard:close()
        seen.value = self.semaphore.value
        self.semaphore:close()
      end,
    })
    holder.region = assert(Region.anonymous(64))
    holder.view = holder.region:view()
    holder.semaphore = assert(Semaphore.create(support.name(), 1, { temporary = true }))
    holder.guard = holder.semaphore:guard()
    holder = nil -- luacheck: ignore
  end
  collect()
  collect()
  lu.assertTrue(seen.region and seen.view_text)
  lu.assertTrue(seen.view == true or seen.view == "closed")
end

-- A state that ends closes everything, whatever refers to what.
function tests.test_end_of_a_state()
  local name = support.name()
  local code = string.format([[
    local memwell = require "memwell"
    local region = assert(memwell.Region.create(%q, 64, { temporary = true }))
    local semaphore = assert(memwell.Semaphore.create(%q, 1, { temporary = true }))
    keep = { region:view(), semaphore:guard(), region:view():getter(), region:view():iter() }
    last = setmetatable({}, { __gc = function()
      print(pcall(function() return #keep[1] end))
      print(pcall(semaphore.release, semaphore))
    end })
    os.exit(true, true)]], name, name)
  local output, exit = support.run(support.command(code))
  lu.assertEquals(exit, 0)
  lu.assertStrContains(output, "true\t")
  lu.assertFalse(support.exists("/dev/shm/" .. name))
  lu.assertFalse(support.exists("/dev/shm/sem." .. name))
end

-- ---- closed in the middle of a call

-- Lists of a well are made step by step, and the collector may close the well at any of them: then they say so. In a state of its
-- own, which has little to collect, it comes by often enough.
function tests.test_a_well_is_closed_while_it_is_listed()
  local code = string.format([[
    local memwell = require "memwell"
    local keep = assert(memwell.Well.create(%q, 1 << 20, { temporary = true }))
    for i = 1, 200 do keep:event("e" .. i) end
    collectgarbage("incremental", 1, 1000, 3)
    local told = { listed = 0, closed = 0 }
    for _, countdown in ipairs { 0, 1, 2, 3, 5, 8, 13, 1 << 30 } do
      local well = assert(memwell.Well.attach(keep.name))
      local function arm(n)
        setmetatable({}, { __gc = function() if n == 0 then well:close() else arm(n - 1) end end })
      end
      collectgarbage()
      arm(countdown)
      local good, list = pcall(well.objects, well)
      assert(good and #list == 200 or list:find "the well is closed", list)
      told[good and "listed" or "closed"] = told[good and "listed" or "closed"] + 1
    end
    print(told.listed > 0, told.closed > 0)]], support.name())
  lu.assertEquals(support.run(support.command(code)), "true\ttrue\n")
end

-- Tables whose metamethods close the region, at the n-th question that they are asked.
local function saboteur(region, at)
  local asked = 0
  local function answer(value)
    asked = asked + 1
    if asked == at then region:close() end
    return value
  end
  return setmetatable({}, {
    __len = function() return answer(2) end,
    __index = function(_, key) return answer(math.type(key) == "integer" and 1 or nil) end,
  })
end

local SABOTAGED = {
  view = function(region, bad) return region:view("uint8", bad) end,
  view_options = function(region, bad) return region:view("uint8", 1, bad) end,
  flush_options = function(region, bad) return region:flush(0, 1, bad) end,
  send_options = function(region, bad) return region:send(0, bad) end,
  set = function(region, bad) return region:view():set(1, bad) end,
  copy_from = function(region, bad) return region:view():copy_from(bad) end,
  copy_from_rows = function(region, bad) return region:view("uint8", { 2, 2 }):copy_from { bad, { 1, 2 } } end,
  take = function(region, bad) return region:view():take(bad) end,
  window_first = function(region, bad) return region:view("uint8", { 4, 4 }):window(bad, { 2, 2 }) end,
  window_shape = function(region, bad) return region:view("uint8", { 4, 4 }):window({ 1, 1 }, bad) end,
  reshape = function(region, bad) return region:view("uint8", 1):reshape(bad) end,
}

function tests.test_closed_inside_a_metamethod()
  for name, call in pairs(SABOTAGED) do
    local last
    for at = 1, 20 do
      local region <close> = assert(Region.anonymous(64))
      local good, message = pcall(call, region, saboteur(region, at))
      if not region.closed then
        last = at
        break
      end
      lu.assertFalse(good, name .. " went on after the region was closed")
      lu.assertStrContains(message, "the region is closed", nil, name)
    end
    lu.assertTrue(last and last > 1, name .. " asked nothing")
  end
end

function tests.test_closed_inside_newindex()
  local region = assert(Region.anonymous(64))
  local key = setmetatable({}, {
    __tostring = function()
      region:close()
      return "closed now"
    end,
  })
  local view = region:view()
  raises("no index", function() view[key] = 1 end)
  raises("expected", function() view[1] = key end)
end

-- ---- closed by a finalizer, which runs wherever Lua allocates

local ALLOCATING = {
  function(region) return region:read() end,
  function(region) return region:view():string() end,
  function(region) return region:view("uint8", { 8, 8 }, { offset = 8 }) end,
  function(region) return tostring(region) .. region.kind end,
  function(region) return region.seals end,
  function(region) return region:runs("\0")() end,
  function(region) return region:lines()() end,
  function(region) return region:find(tostring(region)) end,
  function(region) return region:unpack("i8 !8 d") end,
  function(region) return region:unpack("s1 z c300 z") end,
  function(region) return region:pack(3, "!8 s4 d", tostring(region), 1) end,
  function(region) return tostring(region:stream()) end,
  function(region) return region:stream():read(5, "l", "n", "a") end,
  function(region) return region:stream():write("one", 2.5, tostring(region)) end,
  function(region) for piece in region:stream(0, 1000):lines(300) do assert(#piece > 0) end end,
  function(region) return pcall(region.pack, region, 0, "q") and nil end,
  function(region) return pcall(region.unpack, region, "q") and nil end,
  function(region, view) return view:totable(), region end,
  function(_, view) return view:string() end,
  function(_, view) return view:slice(1, 5) end,
  function(_, view) return view:slice(1, 50, 7):string() end,
  function(_, view) return view:reshape(8, 8)[3] end,
  function(_, view) return view:reshape(8, 8):totable() end,
  function(_, view) return view:take { 1, 2, 3 } end,
  function(_, view) return view:copy_from { 1, 2, 3 } end,
  function(_, view) return view:set(1, { 1, 2, 3 }) end,
  function(_, view) return view:getter()(1) end,
  function(_, view) return tostring(view) .. view.dtype .. #view.shape end,
  function(region, view) return region:write(view:slice(1, 64, 3), 1) end,
  function(_, view) for _, row in view:reshape(8, 8):iter() do assert(row[1]) end end,
  function(_, view) return view:window({ 3 }, { 4 }) end,
  function(_, view) return pcall(view.at, view, 100) and nil end,
  function(_, view) return pcall(view.put, view, 1000, 1) and nil end,
  function(_, view) return pcall(view:setter(), 1, 1000) and nil end,
  function(_, view) return pcall(function() view[1.5] = 1 end) and nil end,
  function(_, view) return pcall(function() view[1] = {} end) and nil end,
}

function tests.test_closed_by_a_finalizer()
  collectgarbage("incremental", 1, 1000, 3)
  for index, call in ipairs(ALLOCATING) do
    for _ = 1, 20 do
      local region <close> = assert(Region.create(support.name(), 8192, { temporary = true }))
      local view = region:view("uint8", 64)
      for _ = 1, 200 do
        setmetatable({}, { __gc = function() region:close() end })
        local good, message = pcall(call, region, view)
        if not good then
          lu.assertStrContains(message, "the region is closed", nil, "call " .. index)
          break
        end
      end
    end
  end
  collectgarbage("incremental", 200, 100, 13)
end

-- The same for calls that allocate between asking for the region and copying from it: the collector is led to every stage of its
-- work, and the allocation inside the call is what takes it one step further.
function tests.test_closed_by_a_finalizer_in_between()
  collectgarbage("incremental", 100, 100, 13)
  local calls = {
    function(region) return region:read() end,
    function(_, view) return view:string() end,
    function(region) return region:lines()() end,
    function(region) return region:unpack("c8000") end,
  }
  for try = 1, 1000 do
    local region <close> = assert(Region.anonymous(8192))
    local view = region:view()
    collectgarbage("stop")
    setmetatable({}, { __gc = function() region:close() end })
    for _ = 1, try // #calls % 100 do collectgarbage("step", 0) end
    collectgarbage("restart")
    local good, message = pcall(calls[try % #calls + 1], region, view)
    lu.assertTrue(good or message:find("the region is closed", 1, true) ~= nil, message)
  end
  collectgarbage("incremental", 200, 100, 13)
end

function tests.test_semaphore_closed_by_a_finalizer()
  collectgarbage("incremental", 1, 1000, 3)
  for _ = 1, 100 do
    local semaphore <close> = assert(Semaphore.create(support.name(), 1, { temporary = true }))
    for _ = 1, 100 do
      setmetatable({}, { __gc = function() semaphore:close() end })
      local good, message = pcall(function() semaphore:hold(tostring, semaphore) end)
      if not good then
        lu.assertTrue(message:find("closed", 1, true) ~= nil, message)
        break
      end
    end
  end
  collectgarbage("incremental", 200, 100, 13)
end

-- ---- nothing is lost when Lua has no memory

function tests.test_out_of_memory()
  local region <close> = assert(Region.anonymous(1 << 20))
  local view = region:view("uint8", { 1 << 62, 0 })
  lu.assertEquals(view:string(), "")
  local huge = setmetatable({}, { __len = function() return 0x7fffffff end, __index = function() error("asked", 0) end })
  local good, message = pcall(region:view().take, region:view(), huge)
  lu.assertFalse(good)
  lu.assertTrue(message == "asked" or message:find("memory", 1, true) ~= nil, message)
end

return support.suite(tests)

-- The worker in Lua for locks that nobody else wants, those of a well, whose holder may die; and for events.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local serve = require "serve"

local well <close> = assert(memwell.Well.create(arg[1], 65536, { temporary = true }))
local works = {}

local function pair(lock)
  return function(n)
    local l = lock
    for _ = 1, n do
      l:acquire()
      l:release()
    end
  end
end

local function guard(lock)
  return function(n)
    for _ = 1, n do
      local g <close> = lock:guard() -- luacheck: ignore g
    end
  end
end

local mutex, permits, event = assert(well:mutex "mutex"), assert(well:semaphore("permits", 1)), assert(well:event "event")
works.pair_mutex, works.guard_mutex = pair(mutex), guard(mutex)
works.pair_permits, works.guard_permits = pair(permits), guard(permits)

function works.is_set(n)
  local e = event
  for _ = 1, n do e:is_set() end
end

serve(works)

-- The worker in Lua for a semaphore that nobody else wants: take and give back, by two calls, for a block, for a function.
--
-- SPDX-License-Identifier: MIT
local bare = require "bare_lua"
local memwell = require "memwell"
local serve = require "serve"

local semaphore <close> = assert(memwell.Semaphore.create(arg[1], 1, { temporary = true }))
local works = {}

function works.pair_memwell(n)
  local s = semaphore
  for _ = 1, n do
    s:acquire()
    s:release()
  end
end

-- The methods looked up before the loop, as one does with string.format.
function works.local_memwell(n)
  local s, acquire, release = semaphore, semaphore.acquire, semaphore.release
  for _ = 1, n do
    acquire(s)
    release(s)
  end
end

function works.pair_bare(n)
  local s = bare.semaphore()
  for _ = 1, n do
    s:acquire()
    s:release()
  end
end

function works.guard_memwell(n)
  for _ = 1, n do
    local guard <close> = semaphore:guard() -- luacheck: ignore guard
  end
end

local function nothing() end

function works.hold_memwell(n)
  for _ = 1, n do semaphore:hold(nothing) end
end

serve(works)

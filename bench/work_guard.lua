-- The worker in Lua for the guard's price, at an access and at an attach: the same with a guard and without.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local serve = require "serve"

local Region = memwell.Region
local COUNT = 1000
local NAME = arg[1]

local memory <close> = assert(Region.create(NAME, 8 * COUNT, { temporary = true })) -- luacheck: ignore memory

local function reading(options)
  local view = assert(Region.attach(NAME, options)):view("float64", COUNT)
  return function(n)
    local v, x = view, 0
    for _ = 1, n do x = v[5] end
    return x and n
  end
end

local function attaching(options)
  return function(n)
    local attach = Region.attach
    for _ = 1, n do assert(attach(NAME, options)):close() end
  end
end

serve {
  read_guarded = reading { guard = true },
  read_unguarded = reading { guard = false },
  attach_guarded = attaching { guard = true },
  attach_unguarded = attaching { guard = false },
}

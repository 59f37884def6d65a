-- The worker in Lua for new shared memory, so many bytes as its second argument says.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local serve = require "serve"

local Region = memwell.Region
local NAME, SIZE = arg[1], math.tointeger(arg[2])

local function fresh(bring_in)
  return function(n)
    for _ = 1, n do
      local region <close> = assert(Region.create(NAME, SIZE, { temporary = true }))
      bring_in(region)
    end
  end
end

serve {
  fresh_memwell = fresh(function(region) assert(region:populate()) end),
  fresh_memwell_filled = fresh(function(region) region:fill(1) end),
}

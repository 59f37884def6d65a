-- The worker in Lua for named memory: attach to it, create it.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local serve = require "serve"

local Region = memwell.Region
local SIZE = 4096
local NAME = arg[1]
local NEW = NAME .. "-new"

local works = {}

function works.attach_memwell(n)
  local attach = Region.attach
  for _ = 1, n do assert(attach(NAME)):close() end
end

function works.create_memwell(n)
  local create, unlink = Region.create, Region.unlink
  for _ = 1, n do
    assert(create(NEW, SIZE)):close()
    assert(unlink(NEW))
  end
end

local region <close> = assert(Region.create(NAME, SIZE, { temporary = true })) -- luacheck: ignore region
serve(works)

-- Uses a file that others cut, grow and punch holes into, in Lua: each loss is an error, and no more than that.
--
--   weather.lua PATH PROGRESS PLACE    as weather.py
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local Region, errno = memwell.Region, memwell.errno

local path, progress_path, place = arg[1], arg[2], tonumber(arg[3])

-- Calls that raise become calls that return nil and a message.
local function guarded(call)
  return function(region)
    local done, result = pcall(call, region)
    if done then return true end
    return nil, result, errno.EIO
  end
end

local uses = {
  function(region) return region:read() end,
  function(region) return region:write(("x"):rep(#region)) end,
  function(region) return region:fill(1) end,
  function(region) return region:check() end,
  function(region) return region:find("\1\2\3") end,
  guarded(function(region) return region:view("uint8"):sum() end),
  guarded(function(region) return region:view("uint8")[#region] end),
  guarded(function(region) for _ in region:lines() do end end),
}

-- What a call may say of a loss; whatever else it says is a failure of this test.
local function is_loss(message, number)
  return number == errno.EIO and (message:find("page was lost", 1, true) or message:find("somebody cut the file", 1, true))
end

local progress <close> = assert(Region.file(progress_path, "r+"))
local words = assert(progress:view("int32"))
local region <close> = assert(Region.file(path, "r+"))
local calls, losses = 0, 0
while words[1] == 0 do
  local _, message, number
  if #region > 0 then _, message, number = uses[math.random(#uses)](region) end
  if message then
    assert(is_loss(message, number), message)
    losses = losses + 1
  end
  if message or #region == 0 or math.random(16) == 1 then assert(region:remap()) end
  calls = calls + 1
  words[place + 1] = calls
end
print(calls, losses)

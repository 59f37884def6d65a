-- memwell in Lua, across from a stranger. README.md has the requests.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local Region, Semaphore = memwell.Region, memwell.Semaphore

local region, semaphore -- one of each at a time

local function seconds(timeout)
  if timeout == "never" then return nil end
  return tonumber(timeout or "0")
end

-- A request that failed returns nil, message, errno, as the call that it made.
local function keep_region(opened, ...)
  if not opened then return nil, ... end
  region = opened
  return #opened
end

local function keep_semaphore(opened, ...)
  if not opened then return nil, ... end
  semaphore = opened
  return true
end

local requests = {
  ["memory-create"] = function(name, size, mode)
    return keep_region(Region.create(name, math.tointeger(tonumber(size)), { permissions = mode }))
  end,
  ["memory-open"] = function(name, timeout) return keep_region(Region.attach(name, { timeout = seconds(timeout) })) end,
  ["memory-unlink"] = function(name) return Region.unlink(name) end,
  ["memory-close"] = function() return region:close() end,
  file = function(path, mode, offset, size)
    return keep_region(Region.file(path, mode, {
      offset = math.tointeger(tonumber(offset)),
      size = size ~= "all" and math.tointeger(tonumber(size)) or nil,
    }))
  end,
  flush = function() return region:flush() end,
  read = function(offset, count)
    local bytes = region:read(math.tointeger(tonumber(offset)), math.tointeger(tonumber(count)))
    return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
  end,
  write = function(offset, digits)
    local bytes = digits:gsub("..", function(pair) return string.char(tonumber(pair, 16)) end)
    return region:write(bytes, math.tointeger(tonumber(offset)))
  end,
  ["semaphore-create"] = function(name, value, mode)
    return keep_semaphore(Semaphore.create(name, math.tointeger(tonumber(value)), { permissions = mode }))
  end,
  ["semaphore-open"] = function(name, timeout) return keep_semaphore(Semaphore.attach(name, { timeout = seconds(timeout) })) end,
  ["semaphore-unlink"] = function(name) return Semaphore.unlink(name) end,
  post = function(count) return semaphore:release(math.tointeger(tonumber(count))) end,
  wait = function(timeout)
    local acquired, message, errno = semaphore:acquire(seconds(timeout))
    if acquired == nil then return nil, message, errno end
    return acquired and 1 or 0
  end,
  value = function() return semaphore.value end,
}

for line in io.lines() do
  local words = {}
  for word in line:gmatch "%S+" do table.insert(words, word) end
  local ok, result, message, errno = pcall(requests[words[1]], table.unpack(words, 2))
  if not ok then
    print("error 0 " .. tostring(result))
  elseif result == nil then
    print(("error %d %s"):format(errno, message))
  else
    print(result == true and "ok" or "ok " .. result)
  end
  io.stdout:flush()
end

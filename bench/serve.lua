-- How a worker in Lua or LuaJIT offers its works to the runner; see serve.h for what is said. A work is a function of n that does
-- something n times, or about n times, and then returns how often it did (nil: n times), and how many nanoseconds it took where not
-- all of its time counts.
--
-- SPDX-License-Identifier: MIT
local bare = require "bare_lua"

local now, mark = bare.now, bare.mark

local function answer(works, line)
  local name, n = line:match "^(%S+) (%d+)$"
  local work = works[name]
  if not work then return "! no work is called " .. tostring(name) end
  n = tonumber(n)
  collectgarbage()
  mark()
  local begin = now()
  local done, counted = work(n)
  local time = counted or now() - begin
  mark()
  done = done or n
  return string.format("%.0f", time * n / done)
end

---Answer until standard input ends.
---@param works table<string, fun(n: integer): integer?, integer?>
---@param lacking table<string, string>? works that cannot be done here, and why
return function(works, lacking)
  for name in pairs(works) do print("has " .. name) end
  for name, reason in pairs(lacking or {}) do print("lacks " .. name .. " " .. reason) end
  print "ready"
  io.stdout:flush()
  for line in io.lines() do
    print(answer(works, line))
    io.stdout:flush()
  end
end

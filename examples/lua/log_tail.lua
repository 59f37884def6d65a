-- Follow a growing file, as tail -f does, in its mapping: remap picks up what was added.
--
--   log_tail.lua PATH LINES [SECONDS]      prints the first LINES lines, waiting for those that are not written yet
--
-- A log that is cut and begun again (logrotate's copytruncate) is read from its start again.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local path, lines, seconds = arg[1], math.tointeger(arg[2]), tonumber(arg[3] or 10)
if not (path and lines and seconds) then
  io.stderr:write("usage: log_tail.lua PATH LINES [SECONDS]\n")
  os.exit(2)
end

local log <close> = assert(memwell.Region.file(path))
local start, left = 0, lines

-- Print the whole lines that are there, as many as are left.
local function print_lines()
  local last = left > 0 and log:rfind("\n", start)
  if not last then return end
  for line in log:lines(start, last + 1) do
    print(line)
    start, left = start + #line + 1, left - 1
    if left == 0 then break end
  end
  io.stdout:flush()
end

print_lines()
local waited = 0
while left > 0 do
  if waited > seconds then error(("%d more lines did not come within %g seconds"):format(left, seconds), 0) end
  os.execute("sleep 0.02") -- Lua has no sleep of its own
  waited = waited + 0.02
  assert(log:remap())
  if #log < start then start = 0 end -- it was cut: a new log
  print_lines()
end

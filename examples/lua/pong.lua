-- The other side of ping, in any of the three languages.
--
--   pong.lua NAME [SECONDS]      may be started first
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local name, seconds = arg[1], tonumber(arg[2] or 10)
if not (name and seconds) then
  io.stderr:write("usage: pong.lua NAME [SECONDS]\n")
  os.exit(2)
end

-- A wait may also end because somebody woke us for nothing: so it is asked again.
local function wait_while(words, value)
  while words:atomic_load(1) == value do
    local woken, message = words:wait(1, value, seconds)
    if not woken then error(message or ("no ball within %g seconds"):format(seconds), 0) end
  end
end

local region <close> = assert(memwell.Region.attach(name, { timeout = seconds }))
local words = region:view("int32")
wait_while(words, 0) -- from here on the number of rounds is there too: it was stored before
local rounds = words:atomic_load(2)
for turn = 0, 2 * rounds - 2, 2 do
  wait_while(words, turn)
  words:atomic_store(1, turn + 2)
  words:wake(1)
end
print(("%d answers"):format(rounds))

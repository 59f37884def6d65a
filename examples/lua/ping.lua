-- Play ping-pong on one word of shared memory: wait sleeps while it has a value, wake ends that sleep.
--
--   ping.lua NAME ROUNDS [SECONDS]      then, in any of the three languages: pong NAME
--
-- Odd numbers are pong's turn, even ones ping's. The second word says how many rounds there are.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local name, rounds, seconds = arg[1], math.tointeger(arg[2]), tonumber(arg[3] or 10)
if not (name and rounds and seconds) then
  io.stderr:write("usage: ping.lua NAME ROUNDS [SECONDS]\n")
  os.exit(2)
end

-- A wait may also end because somebody woke us for nothing: so it is asked again.
local function wait_while(words, value)
  while words:atomic_load(1) == value do
    local woken, message = words:wait(1, value, seconds)
    if not woken then error(message or ("no answer within %g seconds"):format(seconds), 0) end
  end
end

local region <close> = assert(memwell.Region.create(name, 8, { temporary = true }))
local words = region:view("int32")
words:atomic_store(2, rounds)
for turn = 1, 2 * rounds, 2 do
  words:atomic_store(1, turn)
  words:wake(1)
  wait_while(words, turn)
end
print(("%d rounds"):format(rounds))

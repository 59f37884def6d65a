-- Ask a sysv_server, in any of the three languages, and print what it answers.
--
--   sysv_client.lua FILE TEXT [SECONDS]
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local path, text, seconds = arg[1], arg[2], tonumber(arg[3] or 10)
if not (path and text and seconds) then
  io.stderr:write("usage: sysv_client.lua FILE TEXT [SECONDS]\n")
  os.exit(2)
end

local TURN, ASKED, ANSWERED = 0, 1, 2 -- of the set
local TEXT_MAX = 120

local function acquire(semaphore, complaint)
  local acquired, message = semaphore:acquire(seconds)
  if not acquired then error(message or ("%s within %g seconds"):format(complaint, seconds), 0) end
end

local key = assert(memwell.ftok(path, ("m"):byte()))
local counter <close> = assert(memwell.Region.sysv(key))
local turn <close> = assert(memwell.Semaphore.sysv(key, TURN, { undo = true })) -- if we are killed, the next client has its turn
local asked <close> = assert(memwell.Semaphore.sysv(key, ASKED))
local answered <close> = assert(memwell.Semaphore.sysv(key, ANSWERED))

acquire(turn, "it was not our turn")
local length = counter:view("int64", 1)
length[1] = #text
counter:write(text, 8) -- more than 120 bytes raises: they would end outside
assert(asked:release())
acquire(answered, "no answer")
print(counter:read(8, math.min(length[1], TEXT_MAX)))
assert(turn:release())

-- Answer requests through System V shared memory and semaphores, as programs have done since 1983.
--
--   sysv_server.lua FILE REQUESTS [SECONDS]      then, in any of the three languages: sysv_client FILE TEXT
--
-- FILE exists and is what both make their key of. The answer to a text is the same text in capitals. examples/README.md draws the
-- counter that clients come to.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local path, requests, seconds = arg[1], tonumber(arg[2]), tonumber(arg[3] or 10)
if not (path and requests and seconds) then
  io.stderr:write("usage: sysv_server.lua FILE REQUESTS [SECONDS]\n")
  os.exit(2)
end

local TURN, ASKED, ANSWERED, SEMAPHORES = 0, 1, 2, 3 -- of the set
local TEXT_MAX = 120

local function answer(counter)
  local length = counter:view("int64", 1)
  if length[1] < 0 or length[1] > TEXT_MAX then length[1] = 0 end -- the client may be wrong
  local text = counter:read(8, length[1])                         -- a copy, which the client cannot change any more
  counter:write(text:upper(), 8)
end

local key = assert(memwell.ftok(path, ("m"):byte()))
local counter <close> = assert(memwell.Region.sysv(key, 8 + TEXT_MAX, { how = "create" }))
local turn <close> = assert(memwell.Semaphore.sysv(key, TURN, { how = "create", count = SEMAPHORES }))
local asked <close> = assert(memwell.Semaphore.sysv(key, ASKED))
local answered <close> = assert(memwell.Semaphore.sysv(key, ANSWERED))

local ok, why = pcall(function()
  assert(turn:release()) -- open: the first client may come
  print("open")
  io.stdout:flush()
  for _ = 1, requests do
    local acquired, message = asked:acquire(seconds)
    if not acquired then error(message or ("nobody asked within %g seconds"):format(seconds), 0) end
    answer(counter)
    assert(answered:release())
  end
  turn:acquire(seconds) -- the last client has read its answer
end)
memwell.Semaphore.sysv_remove(key) -- System V objects stay until somebody removes them
memwell.Region.sysv_remove(key)
if not ok then error(why, 0) end
print(("answered %d"):format(requests))

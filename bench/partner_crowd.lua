-- A member of crowd.py's in Lua: for each line N it waits at the gate, takes turns until all together have had N, and then says how
-- many it had, how many nanoseconds on a processor, and how long it waited for the lock in some of them.
--
-- SPDX-License-Identifier: MIT
local bare = require "bare_lua"
local memwell = require "memwell"

local wall = bare.wall
local TURNS <const>, BEGAN <const>, ENDED <const> = 1, 2, 3
local TIMED_ONE_IN <const> = 64

local well <close> = assert(memwell.Well.attach(arg[1]))
local lock = arg[2] == "mutex" and assert(well:mutex "mutex") or assert(well:semaphore("permits", 1))
local gate, board = assert(well:event "gate"), assert(well:array "board")

local function compete(n)
  local turns, waits = 0, {}
  gate:wait()
  local cpu = os.clock()
  while true do
    if turns % TIMED_ONE_IN == 0 then
      local before = wall()
      lock:acquire()
      waits[#waits + 1] = wall() - before
    else
      lock:acquire()
    end
    local had = board[TURNS]
    if had == n then break end
    if had == 0 then board[BEGAN] = wall() end
    board[TURNS] = had + 1
    if had + 1 == n then board[ENDED] = wall() end
    lock:release()
    turns = turns + 1
  end
  lock:release()
  return turns, math.floor((os.clock() - cpu) * 1e9), waits
end

print "ready"
io.stdout:flush()
for line in io.lines() do
  local turns, cpu, waits = compete(math.tointeger(line))
  print(turns, cpu, table.concat(waits, " "))
  io.stdout:flush()
end

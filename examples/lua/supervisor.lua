-- Keep workers at work on a well, and show who is attached to it, what each holds, and who died.
--
--   supervisor.lua FILE [WORKERS] [--seconds S] [--once] [-- COMMAND ...] ...
--
-- Starts so many workers (3), and a new one for each that goes: by the commands in turn, or else by pool.lua FILE 2. Kill some from
-- another terminal, kill -9 PID, and watch. Ctrl-C sends all of them home. With 0 workers it only looks, at any well. --once shows
-- the table once, when all are at work.
--
-- It has its news from the well, not from the system's parents and children. So the workers may be of any language, be started by
-- hand, or be left by a supervisor that was killed itself: start another one, and it goes on with them.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local SIZE, SLOTS, NEWS = 65536, 64, 8
local PID, LANGUAGE, TURNS, FIELDS = 1, 2, 3, 3 -- of a row of the roster
local LANGUAGES = { "c", "lua", "python" }
local REFRESH = 0.2                             -- seconds between two looks
local COMING = 5                                -- seconds that a worker has to come after its start, and to go at the end

local function usage()
  io.stderr:write("usage: supervisor.lua FILE [WORKERS] [--seconds S] [--once] [-- COMMAND ...] ...\n")
  os.exit(2)
end

local path, workers, seconds, once, commands = arg[1], 3, math.huge, false, {}

local function quoted(word) return "'" .. word:gsub("'", [['\'']]) .. "'" end

-- Each "--" begins a command.
local function read_arguments()
  local i = 2
  while arg[i] and arg[i] ~= "--" do
    if arg[i] == "--once" then once = true
    elseif arg[i] == "--seconds" then
      i = i + 1
      seconds = tonumber(arg[i]) or usage()
    else
      workers = math.tointeger(arg[i]) or usage()
      if workers < 0 or workers >= SLOTS then usage() end
    end
    i = i + 1
  end
  for at = i, #arg do
    if arg[at] == "--" then commands[#commands + 1] = {}
    else table.insert(commands[#commands], quoted(arg[at])) end
  end
  if #commands > 0 then return end
  local interpreter, pool = arg[-1], arg[0]:gsub("[^/]*$", "pool.lua") -- beside this program
  commands[1] = { quoted(interpreter), quoted(pool), quoted(path), "2" }
end

if not path or path:sub(1, 1) == "-" then usage() end
read_arguments()
local on_terminal = os.execute("test -t 1") == true

local well <close> = assert(memwell.Well.file(path, SIZE))
local roster = assert(well:array("roster", "int64", { SLOTS, FIELDS }))
local stop = assert(well:event("stop"))
local guests, places, news = {}, {}, {} -- guests: who is attached, by slot; places: where a worker belongs

-- A line that the screen keeps for a while, or, where no terminal is, one that is printed at once.
local function tell(format, ...)
  local line = format:format(...)
  news[#news + 1] = os.date("%H:%M:%S  ") .. line
  if #news > NEWS then table.remove(news, 1) end
  if not on_terminal then print(line) end
  io.stdout:flush()
end

---- looking

local function look()
  local now = {}
  for _, guest in ipairs(assert(well:participants())) do
    local row = guest.slot < SLOTS and roster:row(guest.slot + 1)
    if row and row[PID] == guest.pid then guest.language, guest.turns = LANGUAGES[row[LANGUAGE]], row[TURNS] end
    guest.holds = table.concat(guest.holds, ", ")
    now[guest.slot] = guest
  end
  return now
end

-- A worker that leaves takes its pid out of the roster; one that dies cannot.
local function say_who_went(slot, before, now)
  local dead = now and now.pid == before.pid and now.state == "dead"
  if now and now.pid == before.pid and not dead then return end
  if not dead and not (slot < SLOTS and roster:at(slot + 1, PID) == before.pid) then return tell("%d left", before.pid) end
  local holds = (dead and now or before).holds
  tell("%d died, holding %s", before.pid, holds ~= "" and holds or "nothing")
end

-- Compare with the look before, and give back what the dead hold. Ctrl-C may come between any two steps: so one step it is from
-- the old guests to the new.
local function update()
  local before, now, alive = guests, look(), {}
  for slot, guest in pairs(now) do
    if guest.state ~= "dead" then alive[slot] = guest end
  end
  guests = alive
  for slot, guest in pairs(before) do say_who_went(slot, guest, now[slot]) end
  for slot, guest in pairs(alive) do
    local known = guest.self or before[slot] and before[slot].pid == guest.pid
    if not known then tell("%d came", guest.pid) end
  end
  assert(well:reap())
end

-- The guest of that pid, or nil.
local function guest_of(pid)
  for _, guest in pairs(guests) do
    if guest.pid == pid then return guest end
  end
end

---- workers

-- Lua starts programs by the shell. In a session of its own, so that a terminal's Ctrl-C is for the supervisor alone.
local function start(command)
  local shell <close> = assert(io.popen(("setsid %s </dev/null >/dev/null & echo $!"):format(table.concat(command, " "))))
  return shell:read("n")
end

-- Those who are at work already have the first places.
local function adopt()
  for _, guest in pairs(guests) do
    if guest.language and #places < workers then places[#places + 1] = { pid = guest.pid } end
  end
end

local function fill_places()
  for i = 1, workers do
    local place = places[i] or {}
    local here = guest_of(place.pid)
    if here then place.comes = nil end
    if not here and os.time() >= (place.comes or 0) then
      if place.comes then tell("%d was started and did not come", place.pid) end
      places[i] = { pid = start(commands[(i - 1) % #commands + 1]), comes = os.time() + COMING }
    end
  end
end

local function all_are_at_work()
  for i = 1, workers do
    local guest = guest_of(places[i].pid)
    if not (guest and guest.language) then return false end
  end
  return true
end

-- It has signed on, or was started here: it does that a moment after it came, and signs off a moment before it goes.
local function is_worker(guest)
  for _, place in ipairs(places) do
    if place.pid == guest.pid then return true end
  end
  return guest.language ~= nil
end

---- showing

local function describe(object)
  if object.kind == "semaphore" then return ("%d of %d free"):format(object.capacity - object.held, object.capacity) end
  if object.inconsistent then return "inconsistent: its owner died" end
  local owner = guests[object.owner]
  return owner and "held by " .. owner.pid or "free"
end

local function show()
  local lines = {}
  local function add(format, ...) lines[#lines + 1] = format:format(...) end
  if on_terminal then add("\27[H\27[J%s: kill -9 one of these from another terminal; Ctrl-C ends\n", path) end
  local row = "%4s  %7s  %-10s  %-7s  %5s  %s"
  add(row, "slot", "pid", "language", "state", "turns", "holds")
  for slot = 0, SLOTS - 1 do
    local guest = guests[slot]
    if guest then
      add(row, slot, guest.pid, guest.self and "supervisor" or guest.language or "-", guest.state, guest.turns or 0, guest.holds)
    end
  end
  for _, object in ipairs(assert(well:objects())) do -- its locks; arrays and events have nobody who could die with them
    if object.kind == "semaphore" or object.kind == "mutex" then
      add("%s %s: %s, %d waiting", object.kind, object.name, describe(object), object.waiters)
    end
  end
  print(table.concat(lines, "\n"))
  if on_terminal then print(table.concat(news, "\n")) end
  io.stdout:flush()
end

---- the whole

-- Look, start, show, until Ctrl-C, the deadline, or somebody's "stop".
local function supervise()
  local deadline = os.time() + seconds
  update()
  adopt()
  while os.time() < deadline do
    fill_places()
    if once and all_are_at_work() then break end
    if on_terminal and not once then show() end
    if stop:wait(REFRESH) then break end
    update()
  end
end

local function somebody_works()
  for _, guest in pairs(guests) do
    if is_worker(guest) and guest.state == "running" then return true end
  end
  return false
end

local function send_home()
  assert(stop:set())
  local pause, deadline = assert(well:event("never")), os.time() + COMING
  while somebody_works() and os.time() < deadline do
    pause:wait(0.05) -- Lua has no sleep of its own
    update()
  end
  for _, guest in pairs(guests) do
    if is_worker(guest) then io.stderr:write(("supervisor: %d does not end; kill -9 it\n"):format(guest.pid)) end
  end
  assert(stop:clear())
end

if workers > 0 then assert(stop:clear()) end
local ok, why = pcall(supervise)
if not ok and not tostring(why):find("interrupt", 1, true) then error(why, 0) end
show()
if workers > 0 then
  send_home()
  if on_terminal then show() end
end

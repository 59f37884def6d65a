-- A bank whose money is all there, though its clerks are killed in the middle of a transfer.
--
--   bank.lua FILE                            how much is in each account, and in all
--   bank.lua FILE FROM TO AMOUNT [PAUSE]     a transfer, with so many seconds in its middle, for you to kill it with kill -9
--
-- The first to come makes FILE, a well, with 100 in each account. A mutex guards the accounts. Before it touches them, a transfer
-- writes down what was in them; if it dies, the mutex is inconsistent, and whoever acquires it next, in any of the three languages,
-- puts that back. examples/README.md says what is in the well.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local path, pause = arg[1], tonumber(arg[5] or 0)
local from, to, amount = math.tointeger(arg[2]), math.tointeger(arg[3]), math.tointeger(arg[4])
if not (path and pause and (#arg == 1 or from and to and amount)) then
  io.stderr:write("usage: bank.lua FILE [FROM TO AMOUNT [PAUSE]]\n")
  os.exit(2)
end

local SIZE, ACCOUNTS, BEGINNING = 65536, 4, 100
local STATE, FROM, TO, FROM_HAD, TO_HAD, FIELDS = 1, 2, 3, 4, 5, 5 -- of the intent
local NEW, QUIET, UNDER_WAY = 0, 1, 2                            -- its state; the zero of a new array means a new bank

local well <close> = assert(memwell.Well.file(path, SIZE))
local accounts = assert(well:array("accounts", "int64", ACCOUNTS))
local intent = assert(well:array("intent", "int64", FIELDS))

-- Accounts are numbered from 0 in the bank, elements of a view from 1 in Lua.
local function balance(account) return accounts[account + 1] or error("no account " .. account, 0) end
local function set_balance(account, has) accounts[account + 1] = has end

-- Make good what a dead clerk left, or begin. Whoever dies in here leaves the same work to the next one.
local function repair()
  if intent[STATE] == NEW then accounts:fill(BEGINNING) end
  if intent[STATE] == UNDER_WAY then
    set_balance(intent[FROM], intent[FROM_HAD])
    set_balance(intent[TO], intent[TO_HAD])
    print(("repaired: a transfer from account %d to %d died half-way, and is undone"):format(intent[FROM], intent[TO]))
  end
  intent[STATE] = QUIET
end

-- Linux tells a process's id in the first field.
local function own_pid()
  local stat <close> = assert(io.open("/proc/self/stat"))
  return stat:read("n")
end

local function transfer()
  local from_has, to_has = balance(from), balance(to)
  if from_has < amount then error(("account %d has only %d"):format(from, from_has), 0) end
  intent[FROM], intent[TO] = from, to
  intent[FROM_HAD], intent[TO_HAD] = from_has, to_has
  intent[STATE] = UNDER_WAY -- from here on all of the above counts
  set_balance(from, from_has - amount)
  print(("%d has taken %d from account %d"):format(own_pid(), amount, from))
  io.stdout:flush()
  well:event("never"):wait(pause) -- Lua has no sleep of its own
  set_balance(to, balance(to) + amount)
  intent[STATE] = QUIET -- and from here on the transfer has happened
  print(("%d has put it into account %d"):format(own_pid(), to))
end

local function show()
  for account = 0, ACCOUNTS - 1 do print(("account %d: %d"):format(account, balance(account))) end
  print(("in all: %d"):format(accounts:sum()))
end

local ledger = assert(well:mutex("ledger", { recover = repair }))
ledger:hold(function()
  if intent[STATE] == NEW then repair() end
  if from then transfer() else show() end
end)

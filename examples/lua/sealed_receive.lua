-- Read a text from memory whose sender is not trusted: it is taken only if nobody can cut it or write to it any more.
--
--   joined.py lua5.4 sealed_send.lua TEXT [SEAL ...] -- lua5.4 sealed_receive.lua
--
-- With these seals the text can be checked and then used where it lies. Without, a sender could change it in between, or cut the
-- memory under the reader's feet.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local SOCKET = 3

local letter <close> = assert(memwell.Region.receive(SOCKET, { require_seals = { "shrink", "write" } }))
local text = letter:read(0, #letter):match("^%Z*")
print(('received "%s", which nobody can change any more'):format(text))

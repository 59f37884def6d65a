-- Hand a text over in sealed memory to a reader that does not trust us.
--
--   joined.py lua5.4 sealed_send.lua TEXT [SEAL ...] -- lua5.4 sealed_receive.lua
--
-- Descriptor 3 is a Unix socket; examples/python/joined.py starts two programs with one between them. Without SEALs it seals as
-- the reader wants it: shrink, grow, write, seal.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local SOCKET = 3

local text = arg[1]
if not text then
  io.stderr:write("usage: sealed_send.lua TEXT [SEAL ...]\n")
  os.exit(2)
end
local seals = #arg > 1 and { table.unpack(arg, 2) } or { "shrink", "grow", "write", "seal" }

local letter <close> = assert(memwell.Region.memfd(#text + 1, { name = "letter" }))
letter:write(text)
assert(letter:seal(table.unpack(seals))) -- with "write" the region is read-only from here on, for us too
assert(letter:send(SOCKET))
print(("sent %d bytes"):format(#text))

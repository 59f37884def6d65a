-- Runs every tests/lua/test_*.lua:  LUA_CPATH="build/lua/?.so" lua5.4 tests/lua/run.lua [options of luaunit, such as -v]
-- Each is a program of its own too. With MEMWELL_GC=1 the collector runs all the time: a step at every allocation, and a whole
-- cycle every few instructions.
--
-- SPDX-License-Identifier: MIT
local folder = arg[0]:match("^(.*/)[^/]*$") or "./"
package.path = folder .. "?.lua;" .. package.path

local support = require "support"

local instances = {}
for file in support.run("ls " .. folder):gmatch("(test_[%w_]+)%.lua\n") do
  instances[#instances + 1] = { file, require(file) }
end
support.main(instances)

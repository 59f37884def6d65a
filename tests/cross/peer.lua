-- The Lua side of the cross tests; README.md says what each part does, peer.c and peer.py are the same program.
--
-- SPDX-License-Identifier: MIT
package.path = arg[0]:match "^(.*)/" .. "/?.lua;" .. package.path

local usage = "usage: first|second EDGES NAME ROUNDS, survey QUESTIONS NAME OFFSET, step-first|step-second EDGES PLACE STEPS, "
  .. "count NAME TIMES, well-first|well-second NAME TURNS, well-holder|well-heir NAME, cases CASES"
local verb = arg[1]

if (verb == "first" or verb == "second") and #arg == 4 then
  require("pattern").load(arg[2])
  require("rounds")[verb](arg[3], math.tointeger(tonumber(arg[4])))
elseif verb == "survey" and #arg == 4 then
  require "survey"(arg[2], arg[3], math.tointeger(tonumber(arg[4])))
elseif (verb == "step-first" or verb == "step-second") and #arg == 4 then
  require("pattern").load(arg[2])
  require("steps")[verb:match "%a+$"](arg[3], math.tointeger(tonumber(arg[4])))
elseif verb == "count" and #arg == 3 then
  require("steps").count(arg[2], math.tointeger(tonumber(arg[3])))
elseif (verb == "well-first" or verb == "well-second") and #arg == 3 then
  require("wells")[verb:match "%a+$"](arg[2], math.tointeger(tonumber(arg[3])))
elseif (verb == "well-holder" or verb == "well-heir") and #arg == 2 then
  require("wells")[verb:match "%a+$"](arg[2])
elseif verb == "cases" and #arg == 2 then
  require "cases"(arg[2])
else
  error(usage, 0)
end

-- Every case of the list of behaviours, in Lua. The environment's MEMWELL_BEHAVIOURS is the file that behaviours.py --lua wrote.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local behaviours = require "behaviours"

local tests = {}

local function is_left_out(case)
  for _, language in ipairs(case["not"] or {}) do
    if language == "lua" then return true end
  end
  return false
end

for _, case in ipairs(behaviours.cases(os.getenv("MEMWELL_BEHAVIOURS"))) do
  tests[("test %s: %s"):format(case.noun, case.name)] = function()
    if is_left_out(case) then lu.skip(case.why) end
    behaviours.run(case)
  end
end

os.exit(lu.LuaUnit.new():runSuiteByInstances { { "behaviours", tests } } == 0 and 0 or 1, true)

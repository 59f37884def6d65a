-- How luacheck reads the Lua files of the tree.
std = "lua54"
max_line_length = 132
exclude_files = { "build", ".venv", "dist" }
-- The language server's description of the module declares without using.
files["bindings/lua/meta"] = { ignore = { "211", "212", "221" } }
-- These are for another interpreter.
files["bench/*_luajit.lua"] = { std = "luajit" }
files["bench/ffi_bare.lua"] = { std = "luajit" }
-- LuaUnit collects tests from global tables whose names begin with Test.
files["tests"] = { allow_defined_top = true, globals = { "Test.*" } }

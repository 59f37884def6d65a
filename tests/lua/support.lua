-- What every Lua test needs: names of its own, a look at what it leaves behind, and errors that are looked into.
-- Main entry: support.suite, which makes a table of tests check for leaks after each, and runs it where its file is the program.
--
-- SPDX-License-Identifier: MIT
local lu = require "luaunit"
local memwell = require "memwell"

local support = {}

local function read_number(path)
  local file <close> = assert(io.open(path))
  return file:read("n")
end

support.pid = read_number("/proc/self/stat")
support.folder = (arg and arg[0] or ""):match("^(.*/)[^/]*$") or "./"
support.root = support.folder .. "../../"

-- The interpreter that runs the tests, and a command that runs another one with the same module.
local lowest = 0
while arg and arg[lowest - 1] do lowest = lowest - 1 end
support.interpreter = arg and lowest < 0 and arg[lowest] or "lua5.4"
if support.interpreter:find("%s") then support.interpreter = "lua5.4" end

function support.command(code)
  return string.format("LUA_CPATH='%s' LUA_INIT= %s -e '%s'", package.cpath, support.interpreter, code:gsub("'", "'\\''"))
end

-- What a command prints, and its exit code.
function support.run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read("a")
  local _, _, code = pipe:close()
  return output, code
end

-- Start a script in a process of its own; returns the pipe with what it prints, which is closed when it has ended, and its pid.
function support.start(code)
  local prelude = [[
    do local file <close> = assert(io.open("/proc/self/stat")) print(file:read("n")) end
    io.stdout:setvbuf("line")
  ]]
  local pipe = assert(io.popen("exec env " .. support.command(prelude .. code) .. " 2>&1"))
  return pipe, pipe:read("n", "l")
end

function support.signal(pid, signal) assert(os.execute(string.format("kill -%s %d", signal, pid))) end

-- The state of a process: the letter behind its name in brackets, or nil where there is none.
function support.state(pid)
  local file <close> = io.open(string.format("/proc/%d/stat", pid))
  local line = file and file:read("a")
  return line and line:match("^%d+ %b() (%a)")
end

local names, paths, keys, counter = {}, {}, {}, 0

-- A name that no other process has. What is left under it at the end of the test is a failure.
function support.name(suffix)
  counter = counter + 1
  local name = string.format("memwell-lua-%d-%d%s", support.pid, counter, suffix or "")
  names[#names + 1] = name
  return name
end

-- A well of this process, which goes with it.
function support.well(size, options)
  local given = { temporary = true }
  for option, value in pairs(options or {}) do given[option] = value end
  return assert(memwell.Well.create(support.name(), size or 65536, given))
end

-- Start a script that has this well as `well`; as support.start. When it says "ready", it has done what comes before that.
function support.start_in(well, code)
  return support.start(string.format([[
    local memwell = require "memwell"
    local well = assert(memwell.Well.attach(%q))
    local function ready() print "ready" end
    local function stay() memwell.Region.anonymous(4):view("int32"):wait(1, 0) end
  ]], well.name) .. code)
end

-- Start such a script, and kill it when it is ready: what it holds is the dead's then.
function support.leave(well, code)
  local pipe, pid = support.start_in(well, code .. " ready() stay()")
  local line = pipe:read("l")
  if line ~= "ready" then error(tostring(line) .. "\n" .. pipe:read("a")) end
  support.signal(pid, "KILL")
  lu.assertEquals({ pipe:close() }, { nil, "signal", 9 })
end

-- A key of System V that no other process has. A set or segment that is left under it at the end of the test is a failure.
function support.key()
  counter = counter + 1
  local key = 0x40000000 | (support.pid & 0x3fffff) << 8 | counter & 0xff
  keys[#keys + 1] = key
  return key
end

-- The lines of a table of tests/kinds, each by its columns' names.
function support.kinds(table_name)
  local columns, lines = nil, {}
  for line in io.lines(support.root .. "tests/kinds/" .. table_name .. ".tsv") do
    local cells = {}
    for cell in line:gmatch("[^\t]+") do cells[#cells + 1] = cell end
    if columns and not line:find("^#") then
      local row = {}
      for i, column in ipairs(columns) do row[column] = cells[i] end
      lines[#lines + 1] = row
    elseif not line:find("^#") then
      columns = cells
    end
  end
  return lines
end

-- A file of the given contents, which goes at the end of the test.
function support.file(contents)
  local path = os.tmpname()
  paths[#paths + 1] = path
  local file <close> = assert(io.open(path, "wb"))
  file:write(contents or "")
  return path
end

-- A path where there is nothing yet.
function support.path()
  local path = support.file()
  os.remove(path)
  return path
end

function support.contents(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

-- Cut a file to nothing, as another program would.
function support.cut(path) assert(io.open(path, "wb")):close() end

function support.exists(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil
end

-- ---- leaks

-- A descriptor is there if its fdinfo can be opened; the file that looks has the lowest free number, and does not see itself.
local function descriptors()
  local open = {}
  for fd = 0, 63 do
    local file <close> = io.open("/proc/self/fdinfo/" .. fd)
    if file then open[#open + 1] = fd end
  end
  return table.concat(open, " ")
end

-- The mappings that only memwell makes here.
local function mappings()
  local found = {}
  for line in io.lines("/proc/self/maps") do
    if line:find("/dev/shm/", 1, true) or line:find("memfd:", 1, true) or line:find("/tmp/lua_", 1, true) then
      found[#found + 1] = line
    end
  end
  return table.concat(found, "\n")
end

local function left_names()
  local left = {}
  for _, name in ipairs(names) do
    for _, path in ipairs { "/dev/shm/" .. name, "/dev/shm/sem." .. name } do
      if support.exists(path) then
        left[#left + 1] = path
        os.remove(path)
      end
    end
  end
  names = {}
  return table.concat(left, " ")
end

local function left_keys()
  local left = {}
  for _, key in ipairs(keys) do
    local set, segment = memwell.Semaphore.sysv_remove(key), memwell.Region.sysv_remove(key)
    if set or segment then left[#left + 1] = string.format("0x%x", key) end
  end
  keys = {}
  return table.concat(left, " ")
end

local before

local function set_up()
  collectgarbage()
  before = { descriptors(), mappings() }
end

local function tear_down()
  for _, path in ipairs(paths) do os.remove(path) end
  paths = {}
  collectgarbage()
  collectgarbage()
  lu.assertEquals(left_names(), "", "names left behind")
  lu.assertEquals(left_keys(), "", "keys left behind")
  lu.assertEquals(mappings(), before[2], "mappings left behind")
  lu.assertEquals(descriptors(), before[1], "descriptors left behind")
end

-- ---- running

local function collect_all_the_time()
  collectgarbage("incremental", 1, 1000, 3)
  debug.sethook(function() collectgarbage() end, "", 997)
end

-- Run a list of { name, tests } and end the process. LuaUnit takes such a list or the command line's options, not both: so give
-- it the options where it asks for none.
function support.main(instances)
  if os.getenv("MEMWELL_GC") == "1" then collect_all_the_time() end
  local runner = lu.LuaUnit.new()
  function runner:initFromArguments() return lu.LuaUnit.initFromArguments(self, table.unpack(arg)) end
  local failed = runner:runSuiteByInstances(instances)
  debug.sethook()
  os.exit(failed == 0 and #instances > 0 and 0 or 1, true)
end

-- Every test of the table is checked for leaks. Where the file is the program itself, its tests are run.
function support.suite(tests)
  tests.setUp = set_up
  tests.tearDown = tear_down
  local file = arg and arg[0]:match("(test_[%w_]+)%.lua$")
  if file then support.main { { file, tests } } end
  return tests
end

-- ---- errors

-- fn(...) raises a string that has every one of the parts in it.
function support.raises(parts, fn, ...)
  local good, message = pcall(fn, ...)
  lu.assertFalse(good, "no error was raised")
  lu.assertEquals(type(message), "string")
  for _, part in ipairs(type(parts) == "table" and parts or { parts }) do lu.assertStrContains(message, part) end
end

-- The three results are nil, a message with every one of the parts in it, and this error number.
function support.returns(parts, number, ...)
  local value, message, code = ...
  lu.assertNil(value)
  for _, part in ipairs(type(parts) == "table" and parts or { parts }) do lu.assertStrContains(message, part) end
  lu.assertEquals(code, number)
end

-- What fn(...) returns, or nil and the message where it raises.
function support.outcome(fn, ...)
  local results = table.pack(pcall(fn, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  return nil, results[2]
end

return support

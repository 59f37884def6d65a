-- What runs a case of the list of behaviours in Lua. README.md says what the data mean. The list comes as a Lua table from
-- behaviours.py. Main entries: behaviours.cases, behaviours.run.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"

local behaviours = {}

local null = setmetatable({}, { __name = "null" })

local function read_number(path)
  local file <close> = assert(io.open(path))
  return file:read("n")
end

local pid = read_number("/proc/self/stat")

-- The list, from the file that `behaviours.py --lua` wrote.
function behaviours.cases(path)
  local words = { null = null, list = function(each) return table.pack(table.unpack(each)) end }
  return assert(loadfile(path, "t", words))()
end

-- ---- what the data stand for

-- Integers of 64 bits; those from 2^63 on are the negative ones with the same bits.
local function integer(digits)
  local sum = 0
  for digit in digits:gmatch("%d") do sum = sum * 10 + tonumber(digit) end
  return digits:sub(1, 1) == "-" and -sum or sum
end

local floats = { nan = 0.0 / 0.0, inf = math.huge, ["-inf"] = -math.huge }

-- A product, not a sum, because -0.0 + 0.0 is 0.0.
local function float(text) return floats[text] or tonumber(text) * 1.0 end

local function from_hex(digits)
  return (digits:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local Scene = {}
Scene.__index = Scene

function Scene:name(short)
  self.names[short] = true
  return string.format("mw-behaviours-%d-%s", pid, short)
end

function Scene:path(short)
  self.folder = self.folder or os.tmpname()
  local path = self.folder .. "-" .. short
  self.paths[#self.paths + 1] = path
  return path
end

function Scene:key(number)
  local key = 0x40000000 | (pid & 0x3fffff) << 8 | number
  self.keys[key] = true
  return key
end

local kinds = {
  bytes = function(_, digits) return from_hex(digits) end,
  float = function(_, text) return float(text) end,
  int = function(_, digits) return integer(digits) end,
  var = function(scene, name) return scene.variables[name] end,
  name = Scene.name,
  path = Scene.path,
  key = Scene.key,
  at_least = function(_, least) return { at_least = least } end,
}

function Scene:value(data)
  if data == null then return nil end
  if type(data) ~= "table" then return data end
  if data.n then
    local values = { n = data.n }
    for i = 1, data.n do values[i] = self:value(data[i]) end
    return values
  end
  local kind, content = next(data)
  return kinds[kind](self, content)
end

-- ---- how Lua spells a call, where it is not the method or the field of that name

-- From 1, where the data count from 0; negative ones count from the end in both.
local function position(i) return math.type(i) == "integer" and i >= 0 and i + 1 or i end

local function positions(...)
  local given = table.pack(...)
  for i = 1, given.n do given[i] = position(given[i]) end
  return table.unpack(given, 1, given.n)
end

local function from_zero(i) return i and i - 1 end

local function names_of(objects)
  local names = {}
  for i, object in ipairs(objects) do names[i] = object.name end
  table.sort(names)
  return names
end

local function slice(view, dimension, start, step, count)
  if dimension == 0 then return view:slice(position(start), position(start + (count - 1) * step), step) end
  assert(step == 1, "Lua has no steps in dimensions but the first")
  local first, shape = {}, view.shape
  for i = 1, #shape do first[i] = 1 end
  first[dimension + 1], shape[dimension + 1] = position(start), count
  return view:window(first, shape)
end

local spellings = {
  ["memwell.Region"] = {
    lines = function(region, ...)
      local lines = {}
      for line in region:lines(...) do lines[#lines + 1] = line end
      return lines
    end,
    seals = function(region)
      local seals = region.seals
      table.sort(seals)
      return seals
    end,
  },
  ["memwell.View"] = {
    length = function(view) return #view end,
    strides = function() error("Lua does not show strides") end,
    ndim = function(view) return #view.shape end,
    get = function(view, ...) return view:at(positions(...)) end,
    set = function(view, ...)
      local given = table.pack(...)
      view:put(given[given.n], positions(table.unpack(given, 1, given.n - 1)))
    end,
    slice = slice,
    select = function(view, dimension, i)
      assert(dimension == 0, "Lua selects rows only")
      return view:row(position(i))
    end,
    write = function(view, data) view:copy_from(data) end,
    tobytes = function(view) return view:string() end,
    tolist = function(view) return view:totable() end,
    take = function(view, indices) return view:take { positions(table.unpack(indices, 1, indices.n)) } end,
    index = function(view, value) return from_zero(view:index(value)) end,
    wait = function(view, i, ...) return view:wait(position(i), ...) end,
    wake = function(view, i, ...) return view:wake(position(i), ...) end,
  },
  ["memwell.Well"] = {
    objects = function(well) return names_of(well:objects()) end,
    participants = function(well) return #well:participants() end,
  },
}

for _, verb in ipairs { "load", "store", "add", "sub", "and", "or", "xor", "exchange", "compare_exchange" } do
  local name = "atomic_" .. verb
  spellings["memwell.View"][name] = function(view, i, ...) return view[name](view, position(i), ...) end
end

local function spelled(target, name)
  local metatable = debug.getmetatable(target)
  local own = metatable and spellings[metatable.__name]
  return own and own[name]
end

-- ---- running a case

local function show(value)
  if type(value) ~= "table" then return string.format(math.type(value) == "float" and "%.17g" or "%s", value) end
  local parts = {}
  for key, each in pairs(value) do parts[#parts + 1] = tostring(key) .. "=" .. show(each) end
  table.sort(parts)
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function is_zero_of_other_sign(a, b) return a == 0 and 1 / a ~= 1 / b end

-- Equal in value and in kind.
local function same(got, wanted)
  if type(wanted) == "table" and wanted.at_least then return math.type(got) == "integer" and got >= wanted.at_least end
  if type(wanted) == "table" then
    if type(got) ~= "table" or #got ~= wanted.n then return false end
    for i = 1, wanted.n do
      if not same(got[i], wanted[i]) then return false end
    end
    return true
  end
  if math.type(got) ~= math.type(wanted) then return false end
  if wanted ~= wanted then return got ~= got end
  return got == wanted and not (math.type(got) == "float" and is_zero_of_other_sign(got, wanted))
end

-- Errors of the operating system that the core has no code for.
local system_only = { [memwell.errno.EIDRM] = true, [memwell.errno.EISDIR] = true }

local function is_number_of(number, code)
  if code == "EOS" then return system_only[number] end
  return memwell.errno[code] == number
end

-- What Lua raises has no number, but these words, the first of them that are in it; EINVAL has others.
local raised = {
  { "closed", "ECLOSED" },
  { "it was deleted", "ECLOSED" },
  { "read%-only", "EREADONLY" },
  { "%a expected, got ", "TYPE" },
  { "index.*out of range", "ERANGE" },
  { "the region was resized", "ERANGE" },
  { "out of range for", "EOVERFLOW" },
  { "cannot hold", "EOVERFLOW" },
  { "more than 64 bits", "EOVERFLOW" },
  { "a byte is 0 to 255", "EOVERFLOW" },
  { "release it first", "EBUSY" },
  { "holds it already", "EDEADLK" },
  { "this process holds", "ENOTOWNER" },
  { "this process does not hold", "ENOTOWNER" },
  { "found .* wanted", "EKIND" },
  { "it is no well", "EFORMAT" },
  { "it is no semaphore,", "EFORMAT" },
  { "the set was removed", "EOS" },
  { "it is no .*System V", "ENOTSUP" },
  { "keeps no descriptor", "ENOTSUP" },
  { "its size is fixed", "ENOTSUP" },
  { "a private mapping", "ENOTSUP" },
}

local function code_of(message)
  for _, each in ipairs(raised) do
    if message:find(each[1]) then return each[2] end
  end
  return "EINVAL"
end

-- Make the step's call: its first result; or nil, a message and what tells whether a code is right.
function Scene:act(step)
  local arguments = step.args and self:value(step.args) or { n = 0 }
  if step.options then
    local options = {}
    for option, each in pairs(step.options) do options[option] = self:value(each) end
    arguments.n = arguments.n + 1
    arguments[arguments.n] = options
  end
  local function invoke()
    local target, name = self.variables[step.on], step.call
    if not step.on then
      local noun
      noun, name = name:match("(%w+)%.(.*)")
      return memwell[noun][name](table.unpack(arguments, 1, arguments.n))
    end
    local attribute = spelled(target, name) or target[name]
    if type(attribute) ~= "function" then return attribute end
    return attribute(target, table.unpack(arguments, 1, arguments.n))
  end
  local good, result, message, number = pcall(invoke)
  if not good then return nil, result, function(code) return code_of(result) == code end end
  if result == nil and number then return nil, message, function(code) return is_number_of(number, code) end end
  return result
end

function Scene:take(step)
  local result, problem, is_code = self:act(step)
  if step.raises then
    local reason = (step.reason or ""):gsub("{(%w+)}", function(short) return self.names[short] and self:name(short) end)
    if not is_code then error("no failure but " .. show(result), 0) end
    if not is_code(step.raises) then error("not " .. step.raises .. ": " .. problem, 0) end
    if not problem:find(reason, 1, true) then error("no '" .. reason .. "' in: " .. problem, 0) end
    return
  end
  if is_code then error(problem, 0) end
  local wanted = self:value(step.gives)
  if step.gives ~= nil and not same(result, wanted) then error(show(result) .. ", not " .. show(wanted), 0) end
  if step.let then
    self.variables[step.let] = result
    self.order[#self.order + 1] = step.let
  end
end

-- Close what is open, and leave nothing behind.
function Scene:clear()
  for i = #self.order, 1, -1 do
    local each = self.variables[self.order[i]]
    if type(each) == "userdata" then pcall(function() each:close() end) end
  end
  for short in pairs(self.names) do
    memwell.Region.unlink(self:name(short), { missing_ok = true })
    memwell.Semaphore.unlink(self:name(short), { missing_ok = true })
  end
  for key in pairs(self.keys) do
    memwell.Region.sysv_remove(key, { missing_ok = true })
    memwell.Semaphore.sysv_remove(key, { missing_ok = true })
  end
  for _, path in ipairs(self.paths) do os.remove(path) end
  if self.folder then os.remove(self.folder) end
end

-- Run a case; raises what went wrong, with the number of the step.
function behaviours.run(case)
  local scene = setmetatable({ variables = {}, order = {}, names = {}, paths = {}, keys = {} }, Scene)
  local at
  local good, problem = pcall(function()
    for i = 1, case.steps.n do
      at = i
      scene:take(case.steps[i])
    end
  end)
  scene:clear()
  if not good then error(string.format("step %d, %s: %s", at, case.steps[at].call, problem), 0) end
end

return behaviours

-- Makes the bad calls of cases.tsv and says what each gave. Main entry: cases.
--
-- SPDX-License-Identifier: MIT
local memwell = require "memwell"
local Region, Semaphore = memwell.Region, memwell.Semaphore

-- An integer unless it can only be a float.
local function number_of(text)
  return text == "nan" and 0 / 0 or tonumber(text)
end

local function extents_of(text)
  local list = {}
  for word in text:gmatch "[^x]+" do table.insert(list, number_of(word)) end
  return list
end

-- ---- what a call is made on

local function region_of(subject)
  local how, name = subject:match "^(%S+) (.*)$"
  local region
  if how == "cut" then
    region = assert(Region.file(name, "r+"))
    assert(io.open(name, "w")):close()
  else
    region = assert(Region.attach(name, { readonly = how == "readonly" }))
  end
  if how == "closed" then region:close() end
  return region
end

local function semaphore_of(subject)
  local how, name = subject:match "^(%S+) (.*)$"
  local semaphore = assert(Semaphore.attach(name))
  if how == "closed" then semaphore:close() end
  return semaphore
end

-- Call a method with its arguments as numbers.
local function on_region(method)
  return function(subject, ...)
    local arguments = table.pack(...)
    for i = 1, arguments.n do arguments[i] = number_of(arguments[i]) end
    local region <close> = region_of(subject)
    return region[method](region, table.unpack(arguments, 1, arguments.n))
  end
end

local function make_view(region, dtype, shape, offset)
  return region:view(dtype, shape ~= "all" and extents_of(shape) or nil, { offset = number_of(offset) })
end

-- The view is made while the region is open; a subject that is closed is closed after that.
local function on_view(fn)
  return function(subject, dtype, shape, offset, ...)
    local region <close> = region_of((subject:gsub("^closed", "open")))
    local view = make_view(region, dtype, shape, offset)
    if subject:find "^closed" then region:close() end
    return fn(view, ...)
  end
end

local function on_semaphore(fn)
  return function(subject, ...)
    local semaphore <close> = semaphore_of(subject)
    return fn(semaphore, ...)
  end
end

-- ---- the calls

local calls = {
  ["Region.create"] = function(name, size) return Region.create(name, number_of(size)) end,
  ["Region.attach"] = function(name, mode) return Region.attach(name, { readonly = mode == "r" }) end,
  ["Region.open"] = function(name, size) return Region.open(name, number_of(size)) end,
  ["Region.unlink"] = function(name) return Region.unlink(name) end,
  ["Region.anonymous"] = function(size) return Region.anonymous(number_of(size)) end,
  ["Region.file"] = function(path, mode, offset, size)
    return Region.file(path, mode, { offset = number_of(offset), size = size ~= "all" and number_of(size) or nil })
  end,
  ["Region.read"] = on_region "read",
  ["Region.write"] = function(subject, offset, data)
    local region <close> = region_of(subject)
    return region:write(data, number_of(offset))
  end,
  ["Region.fill"] = function(subject, offset, size)
    local region <close> = region_of(subject)
    return region:fill(0, number_of(offset), number_of(size))
  end,
  ["Region.move"] = on_region "move",
  ["Region.flush"] = on_region "flush",
  ["Region.resize"] = function(subject, size)
    local region <close> = region_of(subject)
    return region:resize(number_of(size))
  end,
  ["Region.check"] = on_region "check",
  ["Region.view"] = function(subject, dtype, shape, offset)
    local region <close> = region_of(subject)
    return make_view(region, dtype, shape, offset)
  end,
  ["View.set"] = on_view(function(view, index, x) view[number_of(index) + 1] = number_of(x) end),
  ["View.fill"] = on_view(function(view, x) return view:fill(number_of(x)) end),
  ["View.take"] = on_view(function(view, indices)
    local list = extents_of(indices)
    for i = 1, #list do list[i] = list[i] + 1 end
    return view:take(list)
  end),
  ["View.slice"] = on_view(function(view, step) return view:slice(1, 1, number_of(step)) end),
  ["View.row"] = on_view(function(view, index) return view:row(number_of(index) + 1) end),
  ["View.reshape"] = on_view(function(view, shape) return view:reshape(extents_of(shape)) end),
  ["View.index"] = on_view(function(view, x) return view:index(number_of(x)) end),
  ["View.min"] = on_view(function(view) return view:min() end),
  ["View.sum"] = on_view(function(view) return view:sum() end),
  ["Semaphore.create"] = function(name, value) return Semaphore.create(name, number_of(value)) end,
  ["Semaphore.attach"] = function(name) return Semaphore.attach(name) end,
  ["Semaphore.open"] = function(name, value) return Semaphore.open(name, number_of(value)) end,
  ["Semaphore.unlink"] = function(name) return Semaphore.unlink(name) end,
  ["Semaphore.acquire"] = on_semaphore(function(semaphore, timeout) return semaphore:acquire(number_of(timeout)) end),
  ["Semaphore.release"] = on_semaphore(function(semaphore, n) return semaphore:release(number_of(n)) end),
  ["Semaphore.value"] = on_semaphore(function(semaphore) return semaphore.value end),
}

local function outcome(fn, arguments)
  local result = table.pack(pcall(fn, table.unpack(arguments)))
  if not result[1] then return "raised", 0, result[2] end
  if result.n > 1 and result[2] == nil then return "returned", result[4], result[3] end
  return "accepted", 0, ""
end

local function fields_of(line)
  local fields = {}
  for field in (line .. "\t"):gmatch "([^\t]*)\t" do table.insert(fields, field) end
  return fields
end

local function cases(path)
  for line in io.lines(path) do
    if line:sub(1, 1) ~= "#" then
      local fields = fields_of(line)
      local call = calls[fields[4]] or error("no such call: " .. fields[4])
      print(table.concat({ fields[1], outcome(call, table.move(fields, 5, #fields, 1, {})) }, "\t"))
    end
  end
end

return cases

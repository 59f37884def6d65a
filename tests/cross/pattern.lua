-- The numbers that both sides know without telling each other. Main entry: pattern.bits.
--
-- SPDX-License-Identifier: MIT
local pattern = {}

pattern.DTYPES = {
  "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64", "bool",
}
pattern.SIZES = {
  int8 = 1, uint8 = 1, int16 = 2, uint16 = 2, int32 = 4, uint32 = 4, int64 = 8, uint64 = 8, float16 = 2, float32 = 4, float64 = 8,
  bool = 1,
}
local SIZES <const> = pattern.SIZES
local NANS = { float16 = 0x7e00, float32 = 0x7fc00000, float64 = 0x7ff8000000000000 }
local INFINITIES = { float16 = 0x7c00, float32 = 0x7f800000, float64 = 0x7ff0000000000000 }
local TEXT = 12

local number_of = {} -- of a dtype, as README.md counts them
local edges = {}
for d, dtype in ipairs(pattern.DTYPES) do number_of[dtype] = d - 1 end

function pattern.load(path)
  local d = 0
  for line in io.lines(path) do
    if line:sub(1, 1) ~= "#" then
      local name, words = line:match "^(%S+)%s+(.*)$"
      d = d + 1
      if name ~= pattern.DTYPES[d] then error(path .. ": not a line for each dtype", 0) end
      edges[name] = {}
      for word in words:gmatch "%S+" do table.insert(edges[name], math.tointeger(tonumber(word, 16))) end
    end
  end
end

-- Lua's integers have a sign, but their sums, products and shifts are those of integers without one.
local function mix(x)
  x = x + 0x9e3779b97f4a7c15
  x = (x ~ (x >> 30)) * 0xbf58476d1ce4e5b9
  x = (x ~ (x >> 27)) * 0x94d049bb133111eb
  return x ~ (x >> 31)
end

local function draw(round, d, k)
  return mix(round << 16 | d << 8 | k)
end

local function all_bits(dtype)
  return -1 >> (64 - 8 * SIZES[dtype])
end

local function sign_bit(dtype)
  return 1 << (8 * SIZES[dtype] - 1)
end

local function is_nan(dtype, bits)
  return NANS[dtype] ~= nil and (bits & ~sign_bit(dtype)) > INFINITIES[dtype]
end

function pattern.bits(round, dtype, k)
  local x = draw(round, number_of[dtype], k)
  if x & 3 == 0 then return edges[dtype][(x >> 2) % #edges[dtype] + 1] end
  local bits = mix(x) & (dtype == "bool" and 1 or all_bits(dtype))
  return is_nan(dtype, bits) and NANS[dtype] or bits
end

function pattern.answer(dtype, bits)
  if dtype == "bool" then return bits ~ 1 end
  if not NANS[dtype] then return bits ~ all_bits(dtype) end
  return is_nan(dtype, bits) and bits or bits ~ sign_bit(dtype)
end

local NAN <const> = string.unpack("=d", string.pack("=i8", NANS.float64)) -- 0 / 0 has another sign on each machine

local function half(bits)
  local exponent, fraction = bits >> 10 & 31, bits & 1023
  local size
  if exponent == 31 then
    size = fraction > 0 and NAN or math.huge
  elseif exponent == 0 then
    size = fraction * 2.0 ^ -24
  else
    size = (fraction + 1024) * 2.0 ^ (exponent - 25)
  end
  return bits >> 15 ~= 0 and -size or size
end

-- The element in memory.
function pattern.pack(dtype, bits)
  return SIZES[dtype] == 8 and string.pack("=i8", bits) or string.pack("=I" .. SIZES[dtype], bits)
end

-- What the bits mean, found without memwell's help. A uint64 above 2^63 is a negative integer.
function pattern.value(dtype, bits)
  if dtype == "bool" then return bits ~= 0 end
  if dtype == "float16" then return half(bits) end
  if dtype == "float32" then return (string.unpack("=f", pattern.pack(dtype, bits))) end
  if dtype == "float64" then return (string.unpack("=d", pattern.pack(dtype, bits))) end
  if dtype:sub(1, 1) == "i" then return (string.unpack("=i" .. SIZES[dtype], pattern.pack(dtype, bits))) end
  return bits
end

-- Of the same type and with the same bits; one not-a-number is as good as another.
function pattern.is_same(one, other)
  if math.type(one) ~= math.type(other) or type(one) ~= type(other) then return false end
  if math.type(one) ~= "float" then return one == other end
  return one ~= one and other ~= other or string.pack("d", one) == string.pack("d", other)
end

-- Any integer `x` of the dtype with every bit changed, as that dtype.
function pattern.invert(dtype, x)
  return dtype:sub(1, 1) == "i" and ~x or ~x & all_bits(dtype)
end

function pattern.text(round)
  local words = {}
  for k = 0, 11 do words[k + 1] = string.pack("=i8", draw(round, TEXT, k)) end
  return table.concat(words)
end

return pattern

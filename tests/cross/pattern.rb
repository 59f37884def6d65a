# The numbers that both sides know without telling each other. Main entry: Pattern#bits.
#
# SPDX-License-Identifier: MIT
class Pattern
  SIZES = {
    "int8" => 1, "uint8" => 1, "int16" => 2, "uint16" => 2, "int32" => 4, "uint32" => 4, "int64" => 8, "uint64" => 8,
    "float16" => 2, "float32" => 4, "float64" => 8, "bool" => 1
  }.freeze
  DTYPES = SIZES.keys.freeze
  NANS = { "float16" => 0x7e00, "float32" => 0x7fc00000, "float64" => 0x7ff8000000000000 }.freeze
  LETTERS = { 1 => "C", 2 => "S", 4 => "L", 8 => "Q" }.freeze
  MASK = 0xffffffffffffffff
  TEXT = 12

  class << self
    def mix(x)
      x = (x + 0x9e3779b97f4a7c15) & MASK
      x = ((x ^ (x >> 30)) * 0xbf58476d1ce4e5b9) & MASK
      x = ((x ^ (x >> 27)) * 0x94d049bb133111eb) & MASK
      x ^ (x >> 31)
    end

    def draw(round, d, k) = mix((round << 16) | (d << 8) | k)

    def float?(dtype) = NANS.key?(dtype)
    def signed?(dtype) = dtype.start_with?("int")
    def all_bits(dtype) = (1 << (8 * SIZES[dtype])) - 1
    def sign_bit(dtype) = 1 << (8 * SIZES[dtype] - 1)

    # The element in memory.
    def pack(dtype, bits) = [bits].pack(LETTERS[SIZES[dtype]])

    # What the bits mean, found without memwell's help.
    def value(dtype, bits)
      case dtype
      when "bool" then bits == 1
      when "float16" then half(bits)
      when "float32" then [bits].pack("L").unpack1("f")
      when "float64" then [bits].pack("Q").unpack1("d")
      else signed?(dtype) && bits >= sign_bit(dtype) ? bits - all_bits(dtype) - 1 : bits
      end
    end

    # Of the same type and with the same bits; one not-a-number is as good as another.
    def same?(one, other)
      return false unless one.instance_of?(other.class)
      return one == other unless one.is_a?(Float)

      [one].pack("d") == [other].pack("d") || (one.nan? && other.nan?)
    end

    def answer(dtype, bits)
      return bits ^ 1 if dtype == "bool"
      return bits ^ all_bits(dtype) unless float?(dtype)

      value(dtype, bits).nan? ? bits : bits ^ sign_bit(dtype)
    end

    def text(round) = (0...12).map { |k| draw(round, TEXT, k) }.pack("Q*")

    private

    def half(bits)
      exponent, fraction = (bits >> 10) & 31, bits & 1023
      size =
        case exponent
        when 31 then fraction.positive? ? Float::NAN : Float::INFINITY
        when 0 then Math.ldexp(fraction, -24)
        else Math.ldexp(fraction + 1024, exponent - 25)
        end
      bits[15] == 1 ? -size : size
    end
  end

  attr_reader :edges

  # With the edges that a file gives.
  def initialize(path)
    lines = File.readlines(path, chomp: true).grep_v(/^#/).map(&:split)
    @edges = lines.to_h { |name, *words| [name, words.map { |word| word.to_i(16) }] }
    abort "#{path}: not a line for each dtype" unless @edges.keys == DTYPES
  end

  def bits(round, dtype, k)
    x = Pattern.draw(round, DTYPES.index(dtype), k)
    return @edges[dtype][(x >> 2) % @edges[dtype].length] if (x % 4).zero?

    bits = Pattern.mix(x) & (dtype == "bool" ? 1 : Pattern.all_bits(dtype))
    Pattern.float?(dtype) && Pattern.value(dtype, bits).nan? ? NANS[dtype] : bits
  end
end

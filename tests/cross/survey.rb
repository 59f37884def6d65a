# Answers questions about views into shared memory. Main entry: Survey.answer.
#
# SPDX-License-Identifier: MIT
require "memwell"
require_relative "pattern"

class Survey
  NOTHING, INTEGER, FLOAT, ERROR = 0, 1, 2, 3
  NAN = 0x7ff8000000000000

  def self.answer(questions, name, offset)
    Memwell::Region.attach(name) do |region|
      pairs = region.view("uint64", [(region.size - offset) / 16, 2], offset: offset)
      answers = File.foreach(questions, chomp: true).flat_map { |line| new(region, *line.split("\t", -1)).answers }
      answers.each_with_index { |pair, place| pairs[place] = pair }
      puts "#{answers.length} answers"
    end
  end

  def initialize(region, dtype, offset, shape, steps, verb, argument)
    @region, @shape, @steps, @verb, @argument = region, shape, steps, verb, argument
    @view = view_of(dtype, offset)
  end

  # Pairs of what it is, and its bits.
  def answers
    case @verb
    when "shape" then @view.shape.map { |each| told(each) }
    when "list" then @view.to_a.flatten.map { |each| told(each) }
    when "sum", "min", "max" then [told(@view.public_send(@verb))]
    when "take" then @view.take(@argument.split.map(&:to_i)).map { |each| told(each) }
    when "at" then [told(@view[*@argument.split.map(&:to_i)])]
    when "index" then [told(index)]
    when "count" then [told(@view.count(Pattern.value(@view.dtype, @argument.to_i(16))))]
    when "store" then [store(Pattern.value("float64", @argument.to_i(16)))]
    when "runs" then runs([@argument].pack("H*"))
    when "equals" then [told(@view == view_of(*@argument.split))]
    else abort "no such verb: #{@verb}"
    end
  rescue Memwell::OverflowError, Memwell::InvalidArgumentError, Memwell::RangeError
    [[ERROR, 0]]
  end

  private

  def told(x)
    case x
    when nil then [NOTHING, 0]
    when Float then [FLOAT, x.nan? ? NAN : [x].pack("d").unpack1("Q")]
    when true, false then [INTEGER, x ? 1 : 0]
    else [INTEGER, x & Pattern::MASK]
    end
  end

  def view_of(dtype, offset)
    view = @region.view(dtype, extents(@shape), offset: Integer(offset))
    @steps == "-" ? view : @steps.split(";").inject(view) { |narrowed, step| take_step(narrowed, *step.split) }
  end

  def extents(text) = text.split("x").map(&:to_i)

  def take_step(view, verb, *words)
    return view.reshape(extents(words.first)) if verb == "reshape"

    numbers = words.map(&:to_i)
    case verb
    when "row" then view[numbers.first]
    when "slice" then view.slice(0, *numbers)
    else
      row, column, rows, columns = numbers
      view[row...row + rows, column...column + columns]
    end
  end

  def index
    bits, start = @argument.split
    @view.index(Pattern.value(@view.dtype, bits.to_i(16)), start.to_i)
  end

  # Write a float64 into an element of the dtype, in memory of its own, and tell its bits.
  def store(number)
    Memwell::Region.anonymous(8) do |region|
      region.view(@view.dtype, 1)[0] = number
      [INTEGER, region.view("uint64")[0]]
    end
  end

  def runs(members)
    stop = @view.offset + @view.nbytes
    @region.each_run(members, @view.offset, stop).map { |run| [INTEGER, (run.bytesize << 8) | run.getbyte(0)] }
  end
end

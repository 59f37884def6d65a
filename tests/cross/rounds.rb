# Taking turns on one region: the first writes, the second checks and answers, the first checks the answer.
#
# Main entries: Rounds.first, Rounds.second.
#
# SPDX-License-Identifier: MIT
require "memwell"
require_relative "pattern"

class Rounds
  ELEMENTS, ROWS, COLUMNS = 8, 2, 4
  BLOCKS_AT, BLOCK_STEP, TEXT_AT, TEXT_SIZE, REGION_SIZE = 13, 67, 817, 96, 913
  ONE_BY_ONE, AT_ONCE, IN_ROWS, BACKWARDS = 0, 1, 2, 3
  WAYS = 4
  PATIENCE = 60.0 # seconds: only a peer that died is waited for so long

  # ---- both sides

  def self.first(pattern, name, count)
    Memwell::Region.create(name, REGION_SIZE) do |region|
      ping, pong = %w[ping pong].map { |word| Memwell::Semaphore.create("#{name}.#{word}") }
      rounds = new(region, pattern)
      count.times do |round|
        rounds.ask(round)
        ping.release
        wait_for(pong)
        rounds.check_answer(round)
      end
      count_units(ping, pong)
      Memwell::Region.unlink(name)
      [ping, pong].each { |semaphore| Memwell::Semaphore.unlink(semaphore.name) && semaphore.close }
    end
    puts "#{count} rounds"
  end

  def self.second(pattern, name, count)
    region = attach_when_it_appears(name)
    abort "the region has another size" unless region.size == REGION_SIZE

    ping, pong = %w[ping pong].map { |word| Memwell::Semaphore.attach("#{name}.#{word}", timeout: PATIENCE) }
    rounds = new(region, pattern)
    count.times do |round|
      wait_for(ping)
      rounds.check_question(round)
      rounds.give_answer(round)
      pong.release
    end
    pong.release(3)
    ping.release
    [ping, pong, region].each(&:close)
    puts "#{count} rounds"
  end

  def self.attach_when_it_appears(name)
    Memwell::Region.attach(name).close
  rescue Memwell::NotFoundError
    puts "waiting"
    Memwell::Region.attach(name, timeout: PATIENCE)
  else
    abort "#{name} is there already"
  end

  def self.wait_for(semaphore)
    semaphore.acquire(PATIENCE) or abort "#{semaphore.name}: nothing came in #{PATIENCE} seconds"
  end

  def self.expect_value(semaphore, wanted)
    abort "#{semaphore.name}: value #{semaphore.value} instead of #{wanted}" unless semaphore.value == wanted
  end

  # Three units given at once are three to take.
  def self.count_units(ping, pong)
    wait_for(ping)
    expect_value(ping, 0)
    [3, 2, 1].each do |left|
      expect_value(pong, left)
      pong.acquire(0) or abort "only #{3 - left} of three units came"
    end
    abort "there were more than three units" if pong.acquire(0)
  end

  # ---- one round

  def initialize(region, pattern)
    @region = region
    @pattern = pattern
  end

  def ask(round)
    @region.view("uint64", 1)[0] = round
    Pattern::DTYPES.each do |dtype|
      write_block(dtype, round % WAYS, (0...ELEMENTS).map { |k| Pattern.value(dtype, @pattern.bits(round, dtype, k)) })
    end
    @region.write(Pattern.text(round), TEXT_AT)
  end

  def check_question(round)
    found = @region.view("uint64", 1).max
    abort "round #{round}: the number is #{found}" unless found == round

    Pattern::DTYPES.each do |dtype|
      expect_block(round, dtype, (round + 1) % WAYS, (0...ELEMENTS).map { |k| @pattern.bits(round, dtype, k) })
    end
    expect_text(round, Pattern.text(round))
  end

  def give_answer(round)
    Pattern::DTYPES.each do |dtype|
      questions = read_block(dtype, (round + 2) % WAYS)
      write_block(dtype, (round + 1) % WAYS, questions.reverse.map { |x| turn(dtype, x) })
    end
    @region.write(inverted(@region.read(TEXT_AT, TEXT_SIZE)), TEXT_AT)
  end

  def check_answer(round)
    Pattern::DTYPES.each do |dtype|
      wanted = (0...ELEMENTS).map { |k| Pattern.answer(dtype, @pattern.bits(round, dtype, ELEMENTS - 1 - k)) }
      expect_block(round, dtype, round % WAYS, wanted)
    end
    expect_text(round, inverted(Pattern.text(round)))
  end

  private

  # ---- one block

  def offset_of(dtype) = BLOCKS_AT + BLOCK_STEP * Pattern::DTYPES.index(dtype)

  def block(dtype, way)
    view = @region.view(dtype, way == IN_ROWS ? [ROWS, COLUMNS] : ELEMENTS, offset: offset_of(dtype))
    way == BACKWARDS ? view.slice(0, ELEMENTS - 1, -1, ELEMENTS) : view
  end

  def write_block(dtype, way, values)
    view = block(dtype, way)
    case way
    when ONE_BY_ONE then values.each_with_index { |x, k| view[k] = x }
    when AT_ONCE then view.copy_from(values)
    when IN_ROWS then values.each_with_index { |x, k| view[*k.divmod(COLUMNS)] = x }
    else view.copy_from(values.reverse)
    end
  end

  def read_block(dtype, way)
    view = block(dtype, way)
    case way
    when ONE_BY_ONE then (0...ELEMENTS).map { |k| view[k] }
    when AT_ONCE then view.to_a
    when IN_ROWS then (0...ELEMENTS).map { |k| view[*k.divmod(COLUMNS)] }
    else view.to_a.reverse
    end
  end

  # The block has these bits in memory, and reads as what they mean.
  def expect_block(round, dtype, way, wanted)
    size = Pattern::SIZES[dtype]
    raw = @region.read(offset_of(dtype), ELEMENTS * size)
    values = read_block(dtype, way)
    wanted.each_with_index do |bits, k|
      found = raw[k * size, size]
      next if found == Pattern.pack(dtype, bits) && Pattern.same?(values[k], Pattern.value(dtype, bits))

      abort format("round %d, %s element %d: %p (%s), not 0x%x", round, dtype, k, values[k], found.unpack1("H*"), bits)
    end
  end

  def turn(dtype, x)
    case x
    when true, false then !x
    when Float then x.nan? ? x : -x
    else Pattern.signed?(dtype) ? ~x : Pattern.all_bits(dtype) - x
    end
  end

  def inverted(text) = text.reverse.bytes.map { |byte| byte ^ 0xff }.pack("C*")

  def expect_text(round, wanted)
    abort "round #{round}: another text" unless @region.read(TEXT_AT, TEXT_SIZE) == wanted
  end
end

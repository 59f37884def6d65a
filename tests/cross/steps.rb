# Atomic operations by turns: who waits for his turn sleeps on a word, and both sides know what every step makes of the elements.
#
# Main entries: Steps.first, Steps.second, Steps.count_up.
#
# SPDX-License-Identifier: MIT
require "memwell"
require_relative "pattern"
require_relative "places"

class Steps
  DTYPES = %w[int32 uint32 int64 uint64].freeze
  OPERATIONS = %i[store add sub and or xor exchange compare_exchange].freeze
  ELEMENTS_AT, ELEMENT_STEP = 64, 64
  PATIENCE = 60.0 # seconds: only a peer that died is waited for so long

  # ---- both sides

  def self.first(pattern, word, count)
    place = Places.create(word)
    puts "ready"
    new(pattern, place.region).take(count, 0)
    count.times do
      place.ping.release
      wait_for(place.pong)
    end
    wait_for(place.ping)
    expect_value(place.ping, 0)
    expect_value(place.pong, 3)
    place.close
    Places.remove(word)
    puts "#{count} steps"
  end

  def self.second(pattern, word, count)
    place = Places.attach(word)
    new(pattern, place.region).take(count, 1)
    count.times do
      wait_for(place.ping)
      place.pong.release
    end
    place.pong.release(3)
    place.ping.release
    place.close
    puts "#{count} steps"
  end

  # One of several who count at the same time, from the moment on when the second word says so.
  def self.count_up(name, count)
    Memwell::Region.attach(name) do |region|
      words = region.view("uint32", 2)
      wide = region.view("int64", 1, offset: ELEMENTS_AT)
      narrow = region.view("uint32", 1, offset: ELEMENTS_AT + ELEMENT_STEP)
      words.atomic_add(0)
      words.wake(0)
      expect(words, 1, 1)
      count.times do
        wide.atomic_add(0)
        narrow.atomic_add(0)
      end
    end
    puts "#{count} counted"
  end

  # Sleep until the word has this value.
  def self.expect(words, i, wanted)
    until (word = words.atomic_load(i)) == wanted
      words.wait(i, word, PATIENCE) or abort "#{wanted} did not come: nothing changed in time"
    end
  end

  def self.wait_for(semaphore)
    semaphore.acquire(PATIENCE) or abort "#{semaphore.kind}: nothing came in time"
  end

  def self.expect_value(semaphore, wanted)
    abort "#{semaphore.kind}: value #{semaphore.value} instead of #{wanted}" unless semaphore.value == wanted
  end

  # ---- steps

  def initialize(pattern, region)
    @pattern = pattern
    @words = region.view("uint32", 2)
    @views = DTYPES.each_with_index.to_h { |dtype, d| [dtype, region.view(dtype, 1, offset: ELEMENTS_AT + ELEMENT_STEP * d)] }
  end

  # Steps of one parity are ours, those of the other the other side's.
  def take(count, parity)
    bits = DTYPES.to_h { |dtype| [dtype, 0] }
    count.times do |step|
      ours = step % 2 == parity
      Steps.expect(@words, 0, step + 1) unless ours
      DTYPES.each do |dtype|
        make(step, dtype, bits[dtype]) if ours
        bits[dtype] = result_of(step, dtype, bits[dtype])
        check(step, dtype, bits[dtype])
      end
      next unless ours

      @words.atomic_store(0, step + 1)
      @words.wake(0)
    end
  end

  private

  def operation_of(step) = OPERATIONS[step / 2 % OPERATIONS.length]

  def expected_by(step, dtype, old) = (step / 16).even? ? old : @pattern.bits(step, dtype, 1)

  # What a step makes of an element, in bits.
  def result_of(step, dtype, old)
    n = @pattern.bits(step, dtype, 0)
    result =
      case operation_of(step)
      when :store, :exchange then n
      when :add then old + n
      when :sub then old - n
      when :and then old & n
      when :or then old | n
      when :xor then old ^ n
      else old == expected_by(step, dtype, old) ? n : old
      end
    result & Pattern.all_bits(dtype)
  end

  # Returns what the operation says was there.
  def operate(step, dtype, old)
    view, n = @views[dtype], Pattern.value(dtype, @pattern.bits(step, dtype, 0))
    case operation = operation_of(step)
    when :store
      before = view.atomic_load(0)
      view.atomic_store(0, n)
      before
    when :compare_exchange then view.atomic_compare_exchange(0, Pattern.value(dtype, expected_by(step, dtype, old)), n)
    else view.public_send("atomic_#{operation}", 0, n)
    end
  end

  def make(step, dtype, old)
    found = operate(step, dtype, old)
    return if found == Pattern.value(dtype, old)

    abort format("step %d, %s %s: it was %d, not %#x", step, dtype, operation_of(step), found, old)
  end

  # The element has these bits in memory, and loads as what they mean.
  def check(step, dtype, now)
    found = @views[dtype].atomic_load(0)
    return if found == Pattern.value(dtype, now) && @views[dtype].tobytes == Pattern.pack(dtype, now)

    abort format("step %d, %s %s: it is %d, not %#x", step, dtype, operation_of(step), found, now)
  end
end

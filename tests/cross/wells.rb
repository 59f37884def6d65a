# One well between two: arrays, turns, permits, events; and what the one that is killed leaves to the other.
#
# Main entries: Wells.first, Wells.second, Wells.holder, Wells.heir.
#
# SPDX-License-Identifier: MIT
require "memwell"

class Wells
  SIZE, ROWS, COLUMNS, PERMITS = 65536, 3, 4, 3
  PATIENCE = 60.0 # seconds: only a peer that died is waited for so long

  # ---- two that live

  def self.first(name, count)
    own = new(Memwell::Well.create(name, SIZE))
    own.answer_grid(0, 1)
    puts "ready"
    own.expect(own.pong)
    own.answer_grid(-1, 1)
    own.take_turns(count)
    count.times do
      own.ping.set
      own.expect(own.pong)
    end
    abort "#{own.counts[0]} turns" unless own.counts[0] == 2 * count
    abort "no permits" unless own.permits.acquire(0) && own.permits.acquire(0)
    own.ping.set
    own.expect(own.pong)
    own.expect_value(1)
    own.permits.release(2)
    own.print_objects
    own.close
    Memwell::Well.unlink(name)
  end

  def self.second(name, count)
    own = new(Memwell::Well.attach(name, timeout: PATIENCE))
    own.answer_grid(1, -1)
    own.pong.set
    own.take_turns(count)
    count.times do
      own.expect(own.ping)
      own.pong.set
    end
    own.expect(own.ping)
    own.expect_value(1)
    abort "not one permit was left" if !own.permits.acquire(0) || own.permits.acquire(0)
    own.permits.release
    puts "ready"
    own.print_objects
    own.pong.set
    own.close
  end

  # ---- one that is killed, and one that comes after it

  def self.holder(name)
    own = new(Memwell::Well.create(name, SIZE))
    abort "no turn, or no permits" unless own.turn.acquire(0) && own.permits.acquire(0) && own.permits.acquire(0)
    own.counts[0] = 1
    puts "holding"
    own.expect(own.ping)
  end

  def self.heir(name)
    own = new(Memwell::Well.attach(name, timeout: PATIENCE))
    own.expect_value(1)
    own.print_others
    own.print_turn(PATIENCE)
    permits = 0
    permits += 1 while own.permits.acquire(0)
    puts "permits: #{permits}"
    own.permits.release(permits)
    own.give_recovery_up
    own.print_turn(0)
    own.turn.recover { own.counts[1] = own.counts[0] }
    own.print_turn(0)
    puts "counts: #{own.counts.to_a.join(" ")}"
    own.turn.release
    own.close
    Memwell::Well.unlink(name)
  end

  # ---- its objects, found or created

  attr_reader :counts, :turn, :permits, :ping, :pong

  def initialize(well)
    @well = well
    @grid = well.array("grid", "float64", [ROWS, COLUMNS])
    @counts = well.array("counts", "int64", 2)
    @turn = well.mutex("turn")
    @permits = well.semaphore("permits", PERMITS)
    @ping, @pong = well.event("ping"), well.event("pong")
  end

  def close
    @well.check
    @well.close
  end

  # Each cell has the other side's number; leave one of our own.
  def answer_grid(wanted_sign, sign)
    [*0...ROWS].product([*0...COLUMNS]) do |row, column|
      number = row * COLUMNS + column + 0.5
      abort "grid #{row} #{column}: #{@grid[row, column]}" unless @grid[row, column] == wanted_sign * number
      @grid[row, column] = sign * number
    end
  end

  def take_turns(count)
    count.times do
      @turn.synchronize do
        abort "two have the turn: #{@counts.to_a.join(", ")}" unless @counts[0] == @counts[1]
        @counts[0] += 1
        @counts[1] += 1
      end
    end
  end

  # Wait until it is set, and clear it.
  def expect(event)
    event.wait(PATIENCE) or abort "#{event.name} was not set in time"
    event.clear
  end

  def expect_value(wanted)
    abort "permits: #{@permits.value} free instead of #{wanted}" unless @permits.value == wanted
  end

  # What the well says that it has, but for what may change at any moment.
  def print_objects
    @well.objects.sort_by(&:name).each do |info|
      puts [info.name, info.kind, info.offset, info.size, info.dtype || info.capacity, *info.shape].compact.join(" ")
    end
  end

  def print_others
    @well.participants.reject(&:own?).each do |each|
      puts "slot #{each.slot} #{each.condition}: #{@well.held(each.slot).map(&:name).sort.join(" ")}"
    end
  end

  def print_turn(timeout)
    puts @turn.acquire(timeout) ? "turn: acquired" : "turn: it did not come"
  rescue Memwell::OwnerDiedError
    puts "turn: its owner died"
  end

  def give_recovery_up
    @turn.recover { raise StopIteration }
  rescue StopIteration
    nil
  end
end

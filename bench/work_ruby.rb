# The worker in Ruby: elements of float64, one at a time and in bulk, and a semaphore that nobody else wants. n counts elements, or
# turns.
#
# SPDX-License-Identifier: MIT
require "memwell"
require "tempfile"
require_relative "serve"

Warning[:experimental] = false # IO::Buffer, which is what memwell is measured beside

FEW = 1000       # read and written one by one
MANY = 1_000_000 # in bulk: 8 MB

# Do a pass over so many elements until about n are done: how many.
def passes(n, count)
  times = [n / count, 1].max
  times.times { yield }
  times * count
end

few = Memwell::Region.anonymous(8 * FEW).view("float64").tap { |view| view.fill(1.5) }
many = Memwell::Region.anonymous(8 * MANY).view("float64").tap { |view| view.fill(1.5) }
file = Tempfile.new("memwell-bench").tap { |each| each.truncate(8 * MANY) }
mapped = IO::Buffer.map(file)
plain = Array.new(FEW, 1.5)
turn = Memwell::Semaphore.create("memwell-bench-#{Process.pid}-ruby", 1, temporary: true)
mutex = Thread::Mutex.new

serve(
  read_memwell: ->(n) { passes(n, FEW) { i = -1; few[i] while (i += 1) < FEW } },
  read_get: ->(n) { passes(n, FEW) { i = -1; few.get(i) while (i += 1) < FEW } },
  read_mapped: ->(n) { passes(n, FEW) { i = -1; mapped.get_value(:f64, 8 * i) while (i += 1) < FEW } },
  read_array: ->(n) { passes(n, FEW) { i = -1; plain[i] while (i += 1) < FEW } },
  write_memwell: ->(n) { passes(n, FEW) { i = -1; few[i] = 1.5 while (i += 1) < FEW } },
  write_mapped: ->(n) { passes(n, FEW) { i = -1; mapped.set_value(:f64, 8 * i, 1.5) while (i += 1) < FEW } },
  list_memwell: ->(n) { passes(n, MANY) { many.to_a } },
  list_mapped: ->(n) { passes(n, MANY) { mapped.get_string.unpack("d*") } },
  sum_memwell: ->(n) { passes(n, MANY) { many.sum } },
  sum_mapped: ->(n) { passes(n, MANY) { mapped.get_string.unpack("d*").sum } },
  pair_memwell: ->(n) { n.times { turn.acquire && turn.release } },
  pair_flock: ->(n) { n.times { file.flock(File::LOCK_EX) && file.flock(File::LOCK_UN) } },
  pair_mutex: ->(n) { n.times { mutex.lock && mutex.unlock } },
  block_memwell: ->(n) { n.times { turn.synchronize { nil } } },
  block_mutex: ->(n) { n.times { mutex.synchronize { nil } } }
)

# How a worker in Ruby offers its works to the runner; see serve.h for what is said. A work is a block with n that does something
# n times, or about n times, and then gives how often it did.
#
# SPDX-License-Identifier: MIT

def now = Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID, :nanosecond)

def answer(works, line)
  name, n = line.split
  work = works[name.to_sym] or return "! no work is called #{name}"
  n = Integer(n)
  GC.start
  begun = now
  done = work.call(n)
  (now - begun) * n / (done.is_a?(Integer) ? done : n)
end

# Answer until standard input ends.
def serve(works)
  $stdout.sync = true
  works.each_key { |name| puts "has #{name}" }
  puts "ready"
  $stdin.each_line { |line| puts answer(works, line) }
end

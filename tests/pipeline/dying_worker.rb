# A worker that kills itself before the Nth line of worker.rb that it executes, in the first process only: the one that makes the
# file MARKER.
#
#   dying_worker.rb WORKER N MARKER JOB NUMBER COORDINATOR
#
# SPDX-License-Identifier: MIT
worker, n, marker = ARGV.shift(3)

# Whether this process is the one that makes the file.
def make(path)
  File.new(path, File::CREAT | File::EXCL).close
  true
rescue Errno::EEXIST
  false
end

lines = 0
TracePoint.trace(:line) do |point|
  next unless point.path == worker

  lines += 1
  Process.kill(:KILL, Process.pid) if lines == Integer(n) && make(marker)
end

load worker

# Read what a writer, in any of the languages, put into named memory, and tell it so by a semaphore.
#
#   reader.rb NAME [SECONDS]      may be started before the writer
#
# SPDX-License-Identifier: MIT
require "memwell"

name, seconds = ARGV[0], Float(ARGV[1] || 10, exception: false)
unless name && seconds
  warn "usage: reader.rb NAME [SECONDS]"
  exit 2
end

begin
  Memwell::Region.attach(name, timeout: seconds, readonly: true) do |parcel|
    written, read = %w[written read].map { |word| Memwell::Semaphore.attach("#{name}.#{word}", timeout: seconds) }
    written.acquire(seconds) or abort format("nothing was written to %s within %g seconds", name, seconds)

    length = parcel.view("int64", 1, offset: 8)[0] # copied, checked, then used: the writer may be wrong
    abort "#{name} holds no parcel" unless parcel[0] == 1 && length.between?(0, 80)

    numbers = parcel.view("float64", 4, offset: 16) # a window, not a copy
    words = numbers.map { |number| format("%g", number) }
    puts format('"%s" and %s, sum %g', parcel.read(48, length).force_encoding("UTF-8"), words.join(" "), numbers.sum)
    read.release
  end
rescue Memwell::Error => error
  abort error.message
end

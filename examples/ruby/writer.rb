# Write into named memory, tell the reader by a semaphore, and wait until it has read.
#
#   writer.rb NAME TEXT [SECONDS]      then, in any of the languages: reader NAME
#
# The memory and both semaphores are temporary: their names are gone when this program ends. examples/README.md draws the parcel.
#
# SPDX-License-Identifier: MIT
require "memwell"

name, text, seconds = ARGV[0], ARGV[1], Float(ARGV[2] || 10, exception: false)
unless name && text && seconds
  warn "usage: writer.rb NAME TEXT [SECONDS]"
  exit 2
end

begin
  Memwell::Region.create(name, 128, temporary: true) do |parcel|
    written, read = %w[written read].map { |word| Memwell::Semaphore.create("#{name}.#{word}", temporary: true) }

    parcel.view("float64", 4, offset: 16).copy_from([0.5, 1.5, 2.5, 3.5])
    parcel.view("int64", 1, offset: 8)[0] = text.bytesize
    parcel.write(text, 48) # more than 80 bytes raises: they would end outside
    parcel[0] = 1          # the flag: all the rest is there
    written.release        # orders all of the above before what the reader does

    read.acquire(seconds) or abort format("nobody read %s within %g seconds", name, seconds)
    [written, read].each(&:close)
  end
rescue Memwell::Error => error
  abort error.message
end
puts "written and read"

# A worker in Ruby: counts the ranges that the coordinator puts into its mailbox.
#
#   worker.rb JOB NUMBER COORDINATOR      started by the coordinator; `Worker#run` is the main entry
#
# worker.py and worker.lua are the same. The words are found where they lie in the mapped file; only they become strings.
#
# SPDX-License-Identifier: MIT
require "memwell"

# The layout, as in layout.py.
MAIL = { ORDER: 0, FIRST: 1, COUNT: 2, RESULT_SIZE: 3, CURRENT: 4, ANSWER: 5, FIELDS: 8 }.freeze
RANGE = { BEGIN: 1, END: 2, PATH: 3, PATH_SIZE: 4, ERROR: 5, WORDS: 6, FIELDS: 8 }.freeze
RESULT_FIELDS, RESULT_HEAD = 4, 32
TICK = 1.0

SHORTER = -1 # the file ends before the range does

# The bytes that a word is made of.
WORD_BYTES = (0..255).map { |byte| byte.chr(Encoding::BINARY) }.grep(/[A-Za-z0-9_\x80-\xff]/n).join

# Where an array lies: so many bytes from `offset` on in a region.
Room = Struct.new(:region, :offset, :size) do
  def rows(fields) = region.view("int64", [size / (8 * fields), fields], offset: offset)
end

# The job's memory as regions and semaphores, each with a name of its own.
class Apart
  def initialize(job) = @job = job

  def room(name)
    region = Memwell::Region.attach("#{@job}.#{name}")
    Room.new(region, 0, region.size)
  end

  def bell(name) = Memwell::Semaphore.attach("#{@job}.#{name}")

  # Its children have another parent when it is gone.
  def has?(coordinator) = Process.ppid == coordinator
end

# The job's memory as one well.
class Together
  # An event with the calls of a semaphore. It is cleared before anybody looks, so that no ring is lost.
  Bell = Struct.new(:event) do
    def acquire(timeout) = event.wait(timeout) && (event.clear || true)
    def release = event.set
  end

  def initialize(job)
    @well = Memwell::Well.attach(job)
    @region = @well.region
  end

  def room(name)
    array = @well.array(name)
    Room.new(@region, array.offset, array.nbytes)
  end

  def bell(name) = Bell.new(@well.event(name))
  def has?(coordinator) = @well.participants.any? { |one| one.pid == coordinator && one.condition != "dead" }
end

# Everything that a worker holds. It may be killed between any two lines; whatever it leaves half-done is not looked at.
class Worker
  def initialize(job, number, coordinator)
    @memory = job.end_with?(".well") ? Together.new(job) : Apart.new(job)
    @number, @coordinator = number, coordinator
    @go, @bell = @memory.bell("go.#{number}"), @memory.bell("bell")
    @mail = @memory.room("mail").rows(MAIL[:FIELDS])[number]
    @ranges = @memory.room("ranges").rows(RANGE[:FIELDS])
    @paths = @memory.room("paths")
    @room = @memory.room("result.#{number}")
  end

  # Count what the mailbox says, until it says that there is no more or the coordinator is gone.
  def run
    while wait
      order, first, count = @mail[MAIL[:ORDER]], @mail[MAIL[:FIRST]], @mail[MAIL[:COUNT]]
      return if count.zero?

      counts = Hash.new(0)
      (first...first + count).each do |i|
        @mail[MAIL[:CURRENT]] = i
        count_range(i, counts)
      end
      answer(order, counts)
    end
  end

  private

  # Sleep until the coordinator has put something in. False if it is gone.
  def wait
    until @go.acquire(TICK)
      return false unless @memory.has?(@coordinator)
    end
    true
  end

  # Add the words of range i. A file that cannot be mapped, or has become shorter, is an error in the range's row.
  def count_range(i, counts)
    row = @ranges[i]
    error, words = 0, []
    begin
      path = @paths.region.read(@paths.offset + row[RANGE[:PATH]], row[RANGE[:PATH_SIZE]])
      Memwell::Region.file(path, keep_fd: false) do |region|
        if region.size < row[RANGE[:END]]
          error = SHORTER
        else
          words = region.each_run(WORD_BYTES, row[RANGE[:BEGIN]], row[RANGE[:END]]).to_a
        end
      end
    rescue Memwell::FaultError # it was cut under the mapping
      error, words = SHORTER, []
    rescue Memwell::Error => failure
      error = failure.errno
    end
    words.each { |word| counts[word] += 1 }
    row[RANGE[:ERROR]] = error
    row[RANGE[:WORDS]] = words.length
  end

  # Write the counts out, then the order's number: with that last store, and not before, the answer is there.
  def answer(order, counts)
    if @room.size < @mail[MAIL[:RESULT_SIZE]]
      @room.region.close
      @room = @memory.room("result.#{@number}") # the coordinator has made it larger
    end
    region, offset = @room.region, @room.offset
    text = counts.keys.join("\n".b)
    region.view("int64", counts.size, offset: offset + RESULT_HEAD).copy_from(counts.values)
    region.write(text, offset + RESULT_HEAD + 8 * counts.size)
    region.view("int64", RESULT_FIELDS, offset: offset).copy_from([order, counts.size, text.bytesize, counts.values.sum])
    @mail[MAIL[:ANSWER]] = order
    @bell.release
  end
end

Worker.new(ARGV[0], Integer(ARGV[1]), Integer(ARGV[2])).run

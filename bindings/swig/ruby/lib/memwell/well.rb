# SPDX-License-Identifier: MIT
module Memwell
  # What is had of a well.
  module Member
    # The well, which is open for as long as one of its members can be reached, unless somebody closes it.
    attr_accessor :well
  end

  # A region that describes itself: arrays and locks by name, and who is attached.
  class Well
    # What makes or finds one. With a block it is closed at the block's end.
    module Making
      def create(name, size, **options, &block) = Memwell.lend(super(name, size, options), &block)
      def attach(name, **options, &block) = Memwell.lend(super(name, options), &block)
      def open(name, size, **options, &block) = Memwell.lend(super(name, size, options), &block)
      def file(path, size = nil, **options, &block) = Memwell.lend(super(File.path(path), size || 0, options), &block)
      def unlink(name, missing_ok: false) = Memwell.unless_missing(missing_ok) { super(name) }
    end
    singleton_class.prepend Making

    # What is in it. An object that is not there is created, unless it is create: false.
    module Using
      def array(name, dtype = nil, shape = nil) = member(super)
      def semaphore(name, capacity = 0, **options) = member(super(name, capacity, options))
      def event(name, **options) = member(super(name, options))

      # recover: what mends the data after a process died in the middle of changing them; see Mutex.
      def mutex(name, recover: nil, **options) = member(super(name, options)).tap { |mutex| mutex.mender = recover }

      # An observer has none.
      def slot = readonly? ? nil : super

      # Arrays of what there was at one moment: of all objects, of those that a slot holds something of, of who is attached.
      def objects = super.to_a
      def held(slot) = super.to_a
      def participants = super.to_a
    end
    prepend Using

    alias free available

    def inspect = "#<Memwell::Well #{name.inspect}#{closed? ? " closed" : ", #{size} bytes"}>"

    private

    # What is had of a well keeps it.
    def member(object) = object.tap { object.well = self }
  end

  # Exclusion between processes, and between the threads of one.
  class Mutex
    include Lock
    include Member

    # What acquire and synchronize call, holding it, where a process died that held it. If it raises, it stays inconsistent.
    attr_writer :mender

    alias acquire_or_fail acquire
    alias owner_slot owner
    private :acquire_or_fail, :owner_slot, :recover_begin, :recover_end, :hold

    # True; or false, where the time was up. OwnerDiedError where its holder died and there is nothing that mends.
    def acquire(timeout = nil)
      return acquire_or_fail(timeout) unless @mender

      acquired = recover_begin(timeout)
      if acquired == :inconsistent
        @mender.call
        recover_end(true)
        acquired = true
      end
      acquired
    ensure
      recover_end(false) if acquired == :inconsistent
    end

    def synchronize(timeout: nil)
      hold(timeout, !@mender.nil?) do |acquired|
        raise TimeoutError.for(self, "synchronize") unless acquired

        if acquired == :inconsistent
          @mender.call
          recover_end(true)
        end
        yield
      end
    end

    # Acquire it, consistent or not, call the block, which mends, and release it. If the block raises, a mutex that was inconsistent
    # stays so. The block is called whether there is anything to mend, and told that.
    def recover(timeout: nil)
      hold(timeout, true) do |acquired|
        raise TimeoutError.for(self, "recover") unless acquired

        result = yield acquired == :inconsistent
        recover_end(true) if acquired == :inconsistent
        result
      end
    end

    # The slot of the process that holds it, or nil.
    def owner = (slot = owner_slot).negative? ? nil : slot

    def locked? = !owner.nil?

    def inspect = "#<Memwell::Mutex #{name.inspect}>"
  end

  # Permits, each of which belongs to the process that acquired it.
  class RobustSemaphore
    include Lock
    include Member

    private :hold

    def inspect = "#<Memwell::RobustSemaphore #{name.inspect}>"
  end

  # A flag to wait for.
  class Event
    include Member

    def inspect = "#<Memwell::Event #{name.inspect}>"
  end

  # What there was at one moment.
  module Listed
    include Enumerable

    def each
      length.times { |i| yield at(i) }
    end
  end
  ObjectList.include Listed
  ParticipantList.include Listed

  # One object of a well. What its kind does not have is nil.
  class ObjectInfo
    module Using
      def owner = (slot = super).negative? ? nil : slot
      def shape = dtype && super
      def capacity = kind == "semaphore" ? super : nil
      def held = kind == "semaphore" ? super : nil
    end
    prepend Using

    alias inconsistent? inconsistent
    undef_method :inconsistent

    def inspect = "#<Memwell::ObjectInfo #{kind} #{name.inspect}>"
  end

  # One attached process; its condition is "running", "stopped" or "dead".
  class ParticipantInfo
    alias own? own
    undef_method :own

    def inspect = "#<Memwell::ParticipantInfo slot #{slot}, pid #{pid}, #{condition}>"
  end
end

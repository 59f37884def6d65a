# SPDX-License-Identifier: MIT
module Memwell
  # A semaphore of POSIX, named or in a region, or of System V.
  class Semaphore
    include Lock

    private :hold

    # The region that it lies in, which it keeps.
    attr_accessor :region

    # What makes or finds one. With a block it is closed at the block's end.
    module Making
      def create(name, value = 0, **options, &block) = Memwell.lend(super(name, value, options), &block)
      def attach(name, **options, &block) = Memwell.lend(super(name, options), &block)
      def open(name, value = 0, **options, &block) = Memwell.lend(super(name, value, options), &block)

      def at(region, offset, value = nil, &block)
        Memwell.lend(super(region, offset, value).tap { |semaphore| semaphore.region = region }, &block)
      end

      def sysv(key, index = 0, **options, &block) = Memwell.lend(super(key, index, options), &block)
      def unlink(name, missing_ok: false) = Memwell.unless_missing(missing_ok) { super(name) }

      # Of a key, or of a semaphore of its set.
      def sysv_remove(key, missing_ok: false)
        Memwell.unless_missing(missing_ok) { key.is_a?(Semaphore) ? key.sysv_unlink : super(key) }
      end
    end
    singleton_class.prepend Making

    # What only those of System V have is nil of others.
    module Using
      def key = kind == "sysv" ? super : nil
      def id = kind == "sysv" ? super : nil
    end
    prepend Using

    def inspect = "#<Memwell::Semaphore #{kind}#{name && " #{name.inspect}"}#{" closed" if closed?}>"
  end
end

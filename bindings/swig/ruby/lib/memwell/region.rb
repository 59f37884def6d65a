# SPDX-License-Identifier: MIT
module Memwell
  # Memory that is mapped: named, of a file, of a descriptor, of System V, or anonymous.
  class Region
    # What makes or finds one. With a block the region is closed at its end, and the block's value returned.
    module Making
      def file(path, mode = "r", **options, &block) = Memwell.lend(super(File.path(path), mode, options), &block)
      def create(name, size, **options, &block) = Memwell.lend(super(name, size, options), &block)
      def attach(name, **options, &block) = Memwell.lend(super(name, options), &block)
      def open(name, size, **options, &block) = Memwell.lend(super(name, size, options), &block)
      def anonymous(size, **options, &block) = Memwell.lend(super(size, options), &block)
      def memfd(size, **options, &block) = Memwell.lend(super(size, options), &block)
      def from_fd(io, **options, &block) = Memwell.lend(super(Memwell.descriptor(io), options), &block)

      def sysv(key, size = nil, **options, &block)
        options[:size] = size if size
        Memwell.lend(super(key, options), &block)
      end

      def receive(socket, timeout: nil, **options, &block)
        Memwell.lend(super(Memwell.descriptor(socket), timeout, options), &block)
      end

      def unlink(name, missing_ok: false) = Memwell.unless_missing(missing_ok) { super(name) }

      # Of a key, or of the region that has it.
      def sysv_remove(key, missing_ok: false)
        Memwell.unless_missing(missing_ok) { key.is_a?(Region) ? key.sysv_unlink : super(key) }
      end
    end
    singleton_class.prepend Making

    # What it is and does.
    module Using
      def key = kind == "sysv" ? super : nil
      def id = kind == "sysv" ? super : nil

      def view(dtype = "uint8", shape = nil, offset: 0) = super(dtype, shape, offset)

      # The number of bytes that were written.
      def write(data, offset = 0)
        super
        data.is_a?(String) ? data.bytesize : data.size
      end

      def flush(offset = 0, size = nil, wait: true) = super(offset, size, wait)
      def protect(readonly:) = super(readonly)
      def seal(*names) = super(names)
      def send(socket, timeout: nil) = super(Memwell.descriptor(socket), timeout)
    end
    prepend Using

    alias length size

    # region[5] is a byte; region[0, 5] and region[0..4] are copies of bytes, as in String. region.view shows them without a copy.
    def [](place, size = nil)
      return byte_at(place) if size.nil? && place.is_a?(Integer)

      first, count = part(place, size)
      read(first, count)
    end

    # region[5] = 33, region[0, 5] = "hello". What is replaced must be as long as what replaces it.
    def []=(place, size = nil, data)
      return view.set(counted(place), data) if size.nil? && place.is_a?(Integer)

      first, count = part(place, size)
      raise ArgumentError, "#{data.bytesize} bytes for #{count}" unless data.bytesize == count

      write(data, first)
    end

    # Each line without its end, as bytes.
    def each_line(start = 0)
      return to_enum(__method__, start) unless block_given?

      while (found = line(start))
        first, last, start = found
        yield read(first, last - first)
      end
      self
    end

    def lines(start = 0) = each_line(start).to_a

    # Each of the longest runs of bytes of a set: words, where the set is that of all letters. Those that begin before `stop` are
    # meant, and end there at the latest.
    def each_run(members, start = 0, stop = size)
      return to_enum(__method__, members, start, stop) unless block_given?

      while (found = run(members, start))
        first, last, start = found
        break if first >= stop

        yield read(first, [last, stop].min - first)
      end
      self
    end

    def inspect = "#<Memwell::Region #{kind}#{name && " #{name.inspect}"}#{closed? ? " closed" : ", #{size} bytes"}>"

    private

    def counted(place) = place.negative? ? place + size : place
    def byte_at(place) = view.get(counted(place))
    def part(place, count) = place.is_a?(::Range) ? Memwell.span(place, size) : [counted(place), count]
  end
end

# SPDX-License-Identifier: MIT
module Memwell
  # A typed window on a region, of one dimension or more. Enumerable goes over elements, or over rows where there are several
  # dimensions. Views end with their region.
  class View
    include Enumerable

    # Where Enumerable has a call of the same name, it is had with Enumerable's arguments.
    module Using
      def reshape(*shape) = part(super(shape.flatten))
      def slice(dimension, start, step, count) = part(super)
      def sum(*rest, &block) = rest.empty? && block.nil? ? super() : to_a.sum(*rest, &block)
      def min(*rest, &block) = rest.empty? && block.nil? ? super() : to_a.min(*rest, &block)
      def max(*rest, &block) = rest.empty? && block.nil? ? super() : to_a.max(*rest, &block)
      def count(*value, &block) = value.empty? ? to_a.count(&block) : super(*value)
      def select(*place, &block) = place.empty? ? to_a.select(&block) : part(super(*place))

      # So many from the front, as of every Enumerable; or those at the indices. nil, whose to_a is empty, is neither.
      def take(wanted) = wanted.is_a?(Integer) ? first(wanted) : super(wanted.respond_to?(:each) ? wanted.to_a : wanted)

      def atomic_add(i, n = 1) = super
      def atomic_sub(i, n = 1) = super

      # From a view, numbers in an Array or anything else with to_a, or raw bytes; all of them or none.
      def copy_from(source)
        case source
        when View then super
        when String, IO::Buffer then write(source)
        else assign(source.to_a)
        end
        self
      end
    end
    prepend Using
    prepend Elements

    # The well that it is an array of, or nil. A view keeps it.
    attr_accessor :well

    alias size length
    alias to_a tolist
    alias entries tolist
    alias values_at take

    # view[1, 2] is an element, view[-1] the last one or the last row. A Range, a Range with a step (0..) % 2, and true for all of a
    # dimension give a view of what they cover.
    def [](*places)
      element?(places) ? get(indices(places)) : window(places)
    end

    # view[1, 2] = 5; view[1] = [1, 2, 3], or one number for all of them.
    def []=(*places, value)
      return set(indices(places), value) if element?(places)

      part = window(places)
      value.is_a?(Numeric) || value == true || value == false ? part.fill(value) : part.copy_from(value)
    end

    def each
      return to_enum(__method__) { length } unless block_given?

      length.times { |i| yield ndim == 1 ? get(i) : select(0, i) }
      self
    end

    def include?(value) = !index(value).nil?
    alias member? include?

    # The same shape and elements.
    def ==(other) = other.is_a?(View) && equals(other)

    def inspect = "#<Memwell::View #{dtype} #{shape.inspect}>"

    private

    def part(view) = @well ? view.tap { view.well = @well } : view

    def element?(places) = places.length == ndim && places.all?(Integer)

    def indices(places)
      return places if places.none?(&:negative?)

      places.zip(shape).map { |place, extent| place.negative? ? place + extent : place }
    end

    def window(places)
      raise ArgumentError, "#{places.length} places for #{ndim} dimensions" if places.length > ndim

      dimension = 0
      places.inject(self) do |view, place|
        narrowed = view.__send__(:narrow, dimension, place)
        dimension += 1 unless place.is_a?(Integer)
        narrowed
      end
    end

    def narrow(dimension, place)
      extent = shape[dimension]
      case place
      when true then self
      when Integer then select(dimension, place.negative? ? place + extent : place)
      when ::Range then slice(dimension, *stepped(place, 1, extent))
      when Enumerator::ArithmeticSequence then slice(dimension, *stepped(place, place.step, extent))
      else raise TypeError, "an Integer, a Range or true expected, not #{place.class}"
      end
    end

    # Start, step and count.
    def stepped(range, step, extent)
      raise ArgumentError, "step #{step}: it must be positive; slice takes negative ones" unless step.positive?

      first, count = Memwell.span(range, extent)
      [first, step, (count + step - 1) / step]
    end
  end
end

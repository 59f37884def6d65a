# Memory that Ruby, Python, Lua, C and more hold in common. docs/swig/ruby.md is the guide.
#
# memwell/native.so has the classes and their calls, made by SWIG. The files here add what is Ruby's: keyword arguments, blocks that
# close at their end, operators, Enumerable.
#
# SPDX-License-Identifier: MIT
require "memwell/native"

module Memwell
  VERSION = version
  PAGE_SIZE = page_size

  class << self
    # A key of System V, from a path that is there and a number from 1 to 255.
    def ftok(path, project) = Region.ftok(File.path(path), project)

    # The object; or what the block makes of it, which is closed then.
    def lend(object)
      return object unless block_given?

      begin
        yield object
      ensure
        object.close
      end
    end

    # Of an IO, or a number already.
    def descriptor(io) = io.respond_to?(:fileno) ? io.fileno : io

    # Where a Range begins in so many elements, and how many it covers; clipped at the end, as in String and Array.
    def span(range, length)
      first, last = [range.begin || 0, range.end || length].map { |place| place.negative? ? place + length : place }
      last += 1 unless range.exclude_end? || range.end.nil?
      first = first.clamp(0, length)
      [first, [[last, length].min - first, 0].max]
    end

    # Unlinking what is not there is no failure to those who say so.
    def unless_missing(missing_ok)
      yield
    rescue NotFoundError
      raise unless missing_ok
    end
  end
  private_class_method :version, :page_size
end

require_relative "memwell/error"
require_relative "memwell/region"
require_relative "memwell/view"
require_relative "memwell/lock"
require_relative "memwell/semaphore"
require_relative "memwell/well"

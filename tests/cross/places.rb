# The kinds of memory and of semaphores that two peers can share, each written as one word. README.md lists the words.
#
# Main entries: Places.create, Places.attach.
#
# SPDX-License-Identifier: MIT
require "memwell"

module Places
  Region, Semaphore = Memwell::Region, Memwell::Semaphore

  SIZE, PING_AT, PONG_AT = 4096, 512, 576

  # A region, and two semaphores: of System V where the region is, else inside it.
  Place = Struct.new(:region, :ping, :pong) do
    def close = [ping, pong, region].each(&:close)
  end

  class << self
    def create(word)
      kind, what = word.split(":")
      region = create_region(kind, what)
      return in_region(region, 0) unless kind == "key"

      ping = Semaphore.sysv(Integer(what), 0, how: :create, count: 2)
      Place.new(region, ping, Semaphore.sysv(Integer(what), 1))
    end

    def attach(word)
      kind, what = word.split(":")
      region = attach_region(kind, what)
      abort "the region has another size" unless region.size == SIZE
      return in_region(region, nil) unless kind == "key"

      Place.new(region, Semaphore.sysv(Integer(what), 0), Semaphore.sysv(Integer(what), 1))
    end

    def remove(word)
      kind, what = word.split(":")
      Region.unlink(what) if kind == "name"
      [Region, Semaphore].each { |noun| noun.sysv_remove(Integer(what)) } if kind == "key"
    end

    private

    def in_region(region, value)
      Place.new(region, Semaphore.at(region, PING_AT, value), Semaphore.at(region, PONG_AT, value))
    end

    def create_region(kind, what)
      case kind
      when "name" then Region.create(what, SIZE)
      when "key" then Region.sysv(Integer(what), SIZE, how: :create)
      when "fd" then Region.from_fd(Integer(what))
      else
        region = Region.memfd(SIZE)
        region.seal(:grow, :shrink, :seal)
        region.send(Integer(what))
        region
      end
    end

    def attach_region(kind, what)
      case kind
      when "name" then Region.attach(what)
      when "key" then Region.sysv(Integer(what))
      when "fd" then Region.from_fd(Integer(what))
      else Region.receive(Integer(what), require_seals: %w[grow shrink])
      end
    end
  end
end

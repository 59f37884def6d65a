# Who keeps what alive: regions, views, buffers and locks made, closed and collected in every order, ten thousand times.
#
# SPDX-License-Identifier: MIT
require_relative "support"

class TestLifetime < MemwellTest
  ROUNDS = 10_000

  # Every order of closing the region and forgetting what there is of it.
  ORDERS = %i[close forget_region forget_view forget_buffer].permutation.to_a.freeze

  Scene = Struct.new(:region, :view, :buffer) do
    def close = region&.close
    def forget_region = self.region = nil
    def forget_view = self.view = nil
    def forget_buffer = self.buffer = nil

    # Whatever is left of it is right or says that it is closed; nothing crashes.
    def look
      buffer&.set_value(:U8, 0, 7)
      view&.get(0)
      region&.read(0, 1)
    rescue Memwell::ClosedError
      nil
    end
  end

  def play(region, order)
    scene = Scene.new(region, region.view("uint8", 16), region.buffer)
    order.each do |act|
      scene.public_send(act)
      scene.look
    end
  end

  def settle = 3.times { GC.start }

  def assert_nothing_kept
    yield # what is made once
    settle
    before = [mappings, descriptors]
    yield
    settle
    assert_equal before, [mappings, descriptors]
  end

  def test_every_order_ten_thousand_times
    assert_nothing_kept do
      ROUNDS.times do |i|
        region = i.even? ? Region.memfd(4096) : Region.anonymous(4096)
        play(region, ORDERS[i % ORDERS.length])
      end
    end
  end

  def test_every_order_with_the_collector_at_every_allocation
    assert_nothing_kept do
      GC.stress = true
      ORDERS.each_slice(6) { |order, *| play(Region.memfd(4096), order) }
    ensure
      GC.stress = false
    end
  end

  def test_conversions_with_the_collector_at_every_allocation
    Region.anonymous(4096) do |region|
      view = region.view("float64", [3, 4])
      GC.stress = true
      view.copy_from([[1, 2, 3, 4.5], [5, 6, 7, 8], [9, 10, 11, 12]])
      assert_equal [[1.0, 2.0, 3.0, 4.5], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]], view.to_a
      assert_equal [3, 4], view.shape
      region.write("x" * 100)
      assert_equal "x" * 100, region.read(0, 100)
      assert_equal 1.5, view.tap { |each| each[0, 0] = 1.5 }[0, 0]
      assert_code("EINVAL") { Region.create("mw-ruby-#{PID}-x", 64, permissions: 0o640, on_fault: "what") }
      assert_equal %w[shrink grow], Region.memfd(64).tap { |sealed| sealed.seal("shrink", :grow) }.seals
    ensure
      GC.stress = false
    end
  end

  def test_locks_and_wells_thousands_of_times
    assert_nothing_kept do
      300.times do |i|
        semaphore = Semaphore.create(named, 1, temporary: true)
        well = Well.create(named("well"), 1 << 16, temporary: true)
        kept = [well.mutex("m"), well.semaphore("s", 1), well.event("e"), well.array("a", "int8", 4), well.objects, well.region]
        kept.first.acquire if i % 3 == 0
        semaphore.acquire
        well.close if i % 3 == 1
        semaphore.close if i.even?
        GC.start if i % 100 == 0
        semaphore = well = kept = nil
        Region.unlink(named("well"), missing_ok: true)
        Semaphore.unlink(named, missing_ok: true)
        GC.start if (i % 3).zero? # a well of which something is held is let go by the collector
      end
    end
  end

  def test_views_and_buffers_keep_their_memory_alone
    view = Region.memfd(4096).view("int32", 4)
    buffer = Region.memfd(4096).buffer
    settle
    view[0] = 5
    buffer.set_value(:U8, 0, 6)
    assert_equal [5, 6], [view[0], buffer.get_value(:U8, 0)]
  end

  def test_parts_of_views_keep_it_too
    part = Region.memfd(4096).view("int32", [4, 4])[1..2, true][0]
    settle
    part.fill(3)
    assert_equal [3, 3, 3, 3], part.to_a
  end

  def test_a_semaphore_keeps_its_region
    turn = Semaphore.at(Region.anonymous(64), 0, 1)
    settle
    assert turn.acquire(0)
  end

  def test_members_keep_their_well
    array = Well.create(named("array"), 1 << 16, temporary: true).array("a", "int8", [2, 2])[1][0..]
    mutex = Well.create(named("mutex"), 1 << 16, temporary: true).mutex("m")
    permits = Well.create(named("permits"), 1 << 16, temporary: true).semaphore("s", 1)
    event = Well.create(named("event"), 1 << 16, temporary: true).event("e")
    settle
    array[0] = 3
    assert_equal [[3, 0], 1, 1], [array.to_a, mutex.synchronize { 1 }, permits.synchronize { 1 }]
    event.set
    array.well.close
    assert_code("ECLOSED") { array[0] }
  end

  def test_threads_close_what_others_use
    10.times do
      region = Region.memfd(1 << 16)
      view = region.view("uint8", 1 << 16)
      users = 4.times.map do
        Thread.new { loop { view.sum; region.read(0, 4096); region.find("x"); region.buffer.get_value(:U8, 0) } }
      end
      users.each { |user| user.report_on_exception = false }
      Thread.pass
      region.close
      users.each { |user| assert_raises(Memwell::ClosedError) { user.value } }
    end
  end

  def test_a_process_ends_well_with_everything_open
    child = Child.new(<<~RUBY, named, named("well"))
      r = Region.create(ARGV[0], 4096, temporary: true)
      b = r.buffer.slice(1, 2)
      w = Well.create(ARGV[1], 1 << 16, temporary: true)
      m = w.mutex("m")
      m.acquire
      s = Semaphore.create(ARGV[0], 1, temporary: true)
      ObjectSpace.define_finalizer("".dup, proc { b.size })
      puts "ready"
    RUBY
    assert_equal "ready", child.line
    assert_equal 0, child.finish
    assert_equal [], Dir.children("/dev/shm").grep(/#{named}/)
  end
end

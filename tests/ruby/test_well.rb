# Wells as Ruby has them: blocks, what mends after a death, lists, children. What every language has is in tests/behaviours.
#
# SPDX-License-Identifier: MIT
require_relative "support"

class TestWell < MemwellTest
  def setup
    super
    @well = Well.create(named, 1 << 18, temporary: true)
    @numbers = @well.array("numbers", "int64", 4)
  end

  # Another Ruby that holds what it is told to hold, until it is killed.
  def holder(code)
    child = Child.new("well = Well.attach(ARGV[0]); #{code}; puts 'ready'; sleep", named)
    assert_equal "ready", child.line
    child
  end

  def killed(code)
    child = holder(code)
    child.kill
    assert_equal Signal.list["KILL"], child.finish
  end

  def test_what_is_in_it
    @well.mutex("turn").synchronize do
      info = @well.objects.to_h { |each| [each.name, each] }
      assert_equal %w[numbers turn], info.keys.sort
      numbers, turn = info.values_at("numbers", "turn")
      assert_equal ["array", "int64", [4], nil, nil], [numbers.kind, numbers.dtype, numbers.shape, numbers.owner, numbers.capacity]
      assert_equal ["mutex", nil, nil, @well.slot], [turn.kind, turn.dtype, turn.shape, turn.owner]
      assert_equal ["turn"], @well.held(@well.slot).map(&:name)
    end
    assert_equal [[Process.pid, true, "running"]], @well.participants.map { |each| [each.pid, each.own?, each.condition] }
    assert_operator @well.free, :<, @well.size
    assert_includes @well.inspect, named
  end

  def test_a_well_that_is_held_says_so_when_it_is_closed
    mutex = @well.mutex("turn")
    mutex.acquire
    assert_code("EBUSY") { @well.close }
    mutex.release
    @well.close
    assert_predicate @well, :closed?
    assert_code("ECLOSED") { @numbers[0] }
    assert_code("ECLOSED") { mutex.acquire }
  end

  def test_its_objects_outlive_it
    mutex, event, permits = @well.mutex("turn"), @well.event("event"), @well.semaphore("permits", 2)
    @well.close
    @well = @numbers = nil
    GC.start
    [-> { mutex.acquire }, -> { event.wait }, -> { permits.acquire }].each { |call| assert_code("ECLOSED", &call) }
  end

  def test_permits_of_the_dead_come_back
    permits = @well.semaphore("permits", 3)
    killed('s = well.semaphore("permits", 3); s.acquire; s.acquire')
    3.times { assert permits.acquire(60) }
    assert_equal [0, 3], [permits.value, permits.held]
    permits.release(3)
    assert_code("ENOTOWNER") { permits.release }
  end

  def test_a_mutex_whose_holder_died_is_had_only_to_mend
    killed('well.mutex("turn").acquire; well.array("numbers")[0] = 7')
    mutex = @well.mutex("turn")
    assert_code("EOWNERDEAD") { mutex.acquire }
    assert_code("EOWNERDEAD") { mutex.synchronize { flunk } }
    assert_raises(IndexError) { mutex.recover { raise IndexError } }
    assert_predicate mutex, :inconsistent?
    told = mutex.recover do |inconsistent|
      assert_equal 7, @numbers[0]
      @numbers[0] = 0
      inconsistent
    end
    assert_equal true, told
    refute_predicate mutex, :locked?
    assert_equal(false, mutex.recover { |inconsistent| inconsistent })
    assert_equal(0, mutex.synchronize { @numbers[0] })
  end

  def test_a_mutex_that_knows_how_to_mend_does
    killed('well.mutex("turn").acquire; well.array("numbers")[0] = 7')
    mended = 0
    mutex = @well.mutex("turn", recover: -> { mended += 1; @numbers[0] = 0 })
    mutex.synchronize { assert_equal [1, 0], [mended, @numbers[0]] }
    mutex.synchronize { assert_equal 1, mended }
    killed('well.mutex("turn").acquire')
    assert mutex.acquire(60)
    assert_equal [2, true], [mended, mutex.held?]
    mutex.release
  end

  def test_mending_that_fails_leaves_it_to_the_next
    killed('well.mutex("turn").acquire')
    mutex = @well.mutex("turn", recover: -> { raise IndexError })
    assert_raises(IndexError) { mutex.synchronize { flunk } }
    assert_raises(IndexError) { mutex.acquire }
    assert_equal [nil, true], [mutex.owner, mutex.inconsistent?]
    mutex.recover { nil }
    refute_predicate mutex, :inconsistent?
  end

  def test_a_forked_child_is_another_process
    mutex = @well.mutex("turn")
    mutex.acquire
    status = in_child do
      raise "held" if mutex.held?
      raise "acquired" if mutex.acquire(0)
      raise "slot" if @well.slot == 0 && mutex.owner == @well.slot

      @numbers[1] = Process.pid
    end
    assert_predicate status, :success?
    assert_equal status.pid, @numbers[1]
    assert_predicate mutex, :held?
    mutex.release
  end

  def test_a_child_that_dies_holding_gives_back
    permits = @well.semaphore("permits", 1)
    pid = fork { permits.acquire && Process.kill(:KILL, Process.pid) }
    Process.wait(pid)
    assert permits.acquire(60)
  end

  def test_who_waits_gets_what_a_killed_holder_had
    child = holder('well.semaphore("permits", 1).acquire')
    permits = @well.semaphore("permits", 1)
    waiter = Thread.new { permits.acquire }
    wait_until_asleep(waiter)
    child.kill
    assert_equal true, waiter.value
    child.finish
  end

  def test_the_dead_are_listed_and_reaped
    child = holder('well.mutex("turn").acquire')
    assert_equal 2, @well.participants.length
    child.kill
    child.finish
    assert_equal %w[dead running], @well.participants.map(&:condition).sort
    assert_equal 1, @well.reap
    assert_equal 1, @well.participants.length
  end

  def test_a_time_that_is_up
    mutex = @well.mutex("turn")
    child = holder('well.mutex("turn").acquire')
    refute mutex.acquire(0.01)
    assert_raises(Memwell::TimeoutError) { mutex.synchronize(timeout: 0.01) { flunk } }
    assert_raises(Memwell::TimeoutError) { mutex.recover(timeout: 0.01) { flunk } }
    child.kill
    child.finish
  end

  def test_a_mutex_is_not_lost_to_an_interrupt
    mutex = @well.mutex("turn", recover: -> {})
    20.times do
      thread = Thread.new { loop { mutex.synchronize { nil } } }
      Thread.pass until mutex.held? || thread.stop?
      thread.kill
      assert thread.join(60)
      refute_predicate mutex, :held?
    end
  end
end

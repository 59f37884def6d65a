# Waits: other threads run, signals and Thread#raise end them, and nothing is lost between acquiring and knowing it.
#
# SPDX-License-Identifier: MIT
require_relative "support"

class TestWait < MemwellTest
  # Each kind of wait, as something that waits for ever.
  def waits
    region = Region.anonymous(64)
    empty = Semaphore.create(named)
    @well = Well.create(named("well"), 1 << 16, temporary: true)
    permits = @well.semaphore("permits", 1)
    permits.acquire
    event = @well.event("event")
    mutex = @well.mutex("mutex")
    @holder = Thread.new { mutex.acquire && sleep }
    wait_until_asleep(@holder)
    socket, @other = UNIXSocket.pair
    {
      semaphore: -> { empty.acquire }, at: -> { Semaphore.at(region, 0, 0).acquire }, permits: -> { permits.acquire },
      mutex: -> { mutex.acquire }, recover: -> { mutex.recover { nil } }, event: -> { event.wait },
      view: -> { region.view("uint32", 1, offset: 32).wait(0, 0) },
      attach: -> { Region.attach("mw-ruby-#{PID}-nothing", timeout: nil) },
      attach_semaphore: -> { Semaphore.attach("mw-ruby-#{PID}-nothing", timeout: nil) },
      attach_well: -> { Well.attach("mw-ruby-#{PID}-nothing", timeout: nil) },
      receive: -> { Region.receive(socket) },
    }
  end

  def teardown
    @holder&.kill&.join
    super
  end

  def test_other_threads_run_and_a_thread_can_be_ended
    waits.each do |kind, wait|
      thread = Thread.new(&wait)
      wait_until_asleep(thread)
      thread.kill
      assert thread.join(60), "#{kind} cannot be killed"
    end
  end

  def test_timeout_ends_each_of_them
    waits.each do |kind, wait|
      assert_raises(Timeout::Error, kind.to_s) { Timeout.timeout(0.02) { wait.call } }
    end
  end

  def test_a_handler_of_a_signal_runs_during_each_wait_and_the_wait_goes_on
    waits.each do |kind, wait|
      handled = Thread::Queue.new
      before = trap("USR1") { handled << true }
      main = Thread.current
      helper = Thread.new do
        wait_until_asleep(main)
        Process.kill("USR1", PID)
        handled.pop
        wait_until_asleep(main)
        main.raise(IndexError)
      end
      assert_raises(IndexError, kind.to_s, &wait)
      helper.join
    ensure
      trap("USR1", before)
    end
  end

  def test_a_handler_that_sets_an_event_and_clears_it_ends_the_wait
    event = Well.create(named, 65_536).event("set and cleared")
    before = trap("USR1") do
      event.set
      event.clear
    end
    main = Thread.current
    helper = Thread.new do
      wait_until_asleep(main)
      Process.kill("USR1", PID)
    end
    assert event.wait(60)
    helper.join
    refute event.set?
  ensure
    trap("USR1", before)
  end

  def test_what_a_handler_raises_ends_the_wait
    before = trap("USR1") { raise StopIteration }
    main = Thread.current
    helper = Thread.new do
      wait_until_asleep(main)
      Process.kill("USR1", PID)
    end
    assert_raises(StopIteration) { Semaphore.create(named).acquire }
    helper.join
  ensure
    trap("USR1", before)
  end

  def test_ctrl_c_ends_a_wait
    child = Child.new(<<~RUBY, named)
      trap("INT", "DEFAULT") # which a shell's background jobs ignore
      semaphore = Semaphore.create(ARGV[0])
      begin
        puts "waiting"
        semaphore.acquire
      rescue Interrupt
        puts "interrupted"
      end
    RUBY
    assert_equal "waiting", child.line
    Timeout.timeout(60) { Thread.pass until File.read("/proc/#{child.pid}/wchan").match?(/futex/) || sleeping?(child.pid) }
    child.kill(:INT)
    assert_equal "interrupted", child.line
    assert_equal 0, child.finish
  end

  def sleeping?(pid) = File.read("/proc/#{pid}/stat")[/\) (\w)/, 1] == "S"

  def test_a_wait_ends_when_another_thread_closes
    {
      semaphore: [Semaphore.create(named), :acquire], at: [Semaphore.at(Region.anonymous(64), 0, 0), :acquire]
    }.each do |kind, (object, call)|
      waiter = Thread.new { assert_code("ECLOSED") { object.public_send(call) } }
      wait_until_asleep(waiter)
      object.close
      assert waiter.join(60), kind
    end
  end

  def test_a_wait_for_an_event_ends_when_another_thread_closes_the_well
    well = Well.create(named, 1 << 16, temporary: true)
    event = well.event("event")
    waiter = Thread.new { assert_code("ECLOSED") { event.wait } }
    wait_until_asleep(waiter)
    well.close
    assert waiter.join(60)
  end

  def test_a_name_that_is_changed_meanwhile_does_no_harm
    changing = named("later").dup
    waiter = Thread.new { Region.attach(changing, timeout: nil) }
    wait_until_asleep(waiter)
    changing.replace("x" * 10_000)
    GC.start
    Region.create(named("later"), 64)
    assert_equal 64, waiter.value.size
  end

  def test_one_thread_hands_to_another
    there, back = Semaphore.create(named("there")), Semaphore.create(named("back"))
    other = Thread.new { 1000.times { there.acquire && back.release } }
    1000.times { there.release && 0 || back.acquire }
    assert other.join(60)
    assert_equal [0, 0], [there.value, back.value]
  end

  # Threads that are killed at every moment of synchronize: in the end the permit is there.
  def test_nothing_is_lost_to_an_interrupt
    turn = Semaphore.create(named, 1)
    20.times do |i|
      thread = Thread.new { loop { turn.synchronize { nil } } }
      Thread.pass until thread.stop? || turn.value.zero?
      thread.kill
      assert thread.join(60)
      assert_equal 1, turn.value, "after #{i} kills"
    end
  end
end

class TestSynchronize < MemwellTest
  def test_it_releases_whatever_happens
    turn = Semaphore.create(named, 1)
    assert_equal(:value, turn.synchronize { :value })
    assert_raises(IndexError) { turn.synchronize { raise IndexError } }
    catch(:out) { turn.synchronize { throw :out } }
    assert_equal 1, turn.value
    turn.synchronize { assert_equal 0, turn.value }
  end

  def test_a_time_that_is_up_is_an_error_and_releases_nothing
    turn = Semaphore.create(named, 0)
    error = assert_raises(Memwell::TimeoutError) { turn.synchronize(timeout: 0.01) { flunk } }
    assert_equal ["ETIMEDOUT", Errno::ETIMEDOUT::Errno], [error.code, error.errno]
    assert_includes error.message, named
    assert_equal 0, turn.value
  end

  def test_seconds_are_had_in_several_forms
    turn = Semaphore.create(named, 0)
    [0, 0.01, 1r / 100, -1].each { |seconds| refute turn.acquire(seconds) }
    refute turn.acquire(timeout: 0)
    assert_raises(ArgumentError) { turn.acquire(seconds: 0) }
    assert_raises(ArgumentError) { turn.acquire(timeout: 0, more: 1) }
    assert_raises(TypeError) { turn.acquire("0") }
    assert_code("EINVAL") { turn.acquire(Float::NAN) }
  end
end

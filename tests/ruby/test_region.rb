# Regions as Ruby has them: keywords, blocks, operators, buffers, descriptors. What every language has is in tests/behaviours.
#
# SPDX-License-Identifier: MIT
require_relative "support"

class TestRegion < MemwellTest
  def test_a_block_closes_and_gives_its_value
    kept = nil
    answer = Region.anonymous(64) do |region|
      kept = region
      :answer
    end
    assert_equal :answer, answer
    assert_predicate kept, :closed?
  end

  def test_a_block_that_raises_closes_too
    kept = nil
    assert_raises(IndexError) do
      Region.anonymous(64) do |region|
        kept = region
        raise IndexError
      end
    end
    assert_predicate kept, :closed?
  end

  def test_every_maker_takes_a_block
    path = File.join(Dir.mktmpdir, "file")
    region = Region.create(named, 64)
    makers = {
      attach: -> (&block) { Region.attach(named, &block) }, open: -> (&block) { Region.open(named, 64, &block) },
      file: -> (&block) { Region.file(path, "w+", size: 64, &block) }, memfd: -> (&block) { Region.memfd(64, &block) },
      from_fd: -> (&block) { Region.from_fd(region, &block) }
    }
    makers.each { |maker, make| assert_equal 64, make.call(&:size), maker }
  end

  def test_bytes_are_had_as_those_of_a_string
    Region.anonymous(16) do |region|
      region[0, 5] = "hello"
      region[5] = 33
      assert_equal ["hello!", 33, 0], [region[0, 6], region[5], region[-1]]
      assert_equal %w[ell lo! he], [region[1..3], region[3...6], region[..1]]
      assert_equal Encoding::BINARY, region[0, 5].encoding
      region[-3..] = "end"
      assert_equal "end", region[13, 3]
      assert_raises(ArgumentError) { region[0, 5] = "four" }
      assert_code("ERANGE") { region[16] }
      assert_code("ERANGE") { region[-17] }
      assert_equal "", region[16..]
    end
  end

  def test_lines_and_runs
    Region.anonymous(22) do |region|
      region.write("to be,\nor not\n to be\n\n")
      assert_equal ["to be,", "or not", " to be", ""], region.lines
      assert_equal %w[to be or not to be], region.each_run("abehnorst").to_a
      assert_equal "or not", region.each_line(7).first
    end
  end

  def test_paths_and_ios_are_taken_as_what_they_are
    Dir.mktmpdir do |folder|
      path = Pathname(folder).join("file")
      Region.file(path, "w+", size: 32) { |region| region.write("text") }
      File.open(path) { |io| Region.from_fd(io, readonly: true) { |region| assert_equal "text", region[0, 4] } }
    end
  end

  def test_a_region_goes_through_a_socket
    ours, theirs = UNIXSocket.pair
    sent = Region.memfd(64)
    sent.write("sent")
    sent.seal(:shrink, "grow")
    sent.send(ours)
    Region.receive(theirs, require_seals: %w[shrink]) do |received|
      assert_equal "sent", received[0, 4]
      assert_equal %w[grow shrink], received.seals.sort
      assert received.same?(sent)
    end
    assert_code("ETIMEDOUT") { Region.receive(theirs, timeout: 0.01) }
  ensure
    [ours, theirs].each(&:close)
  end

  def test_symbols_are_texts
    Region.anonymous(64) { |region| assert_equal "float64", region.view(:float64).dtype }
  end

  def test_wrong_types_are_type_errors
    region = Region.anonymous(64)
    [
      -> { Region.create(nil, 64) }, -> { Region.create(5, 64) },
      -> { Region.create(named, "64") }, -> { Region.create(named, 64.0) },
      -> { Region.anonymous(64, private: true, guard: true, on_fault: 5) }, -> { Region.attach(named, timeout: "soon") },
      -> { region.write(nil) }, -> { region.write([1]) }, -> { region.read("0") }, -> { region.find(5) }, -> { region.same?(5) },
      -> { region.same?(nil) }, -> { region.view(5) }, -> { region.view("int8", "two") }, -> { region.view("int8", [1.5]) },
      -> { region.fill("x") }, -> { Region.from_fd("x") }, -> { region.seal(5) }, -> { Region.file(5) }
    ].each_with_index { |call, i| assert_raises(TypeError, "call #{i}", &call) }
  end

  def test_an_option_that_there_is_not_is_named
    error = assert_code("EINVAL") { Region.create(named, 64, temprary: true) }
    assert_includes error.message, "temprary"
    error = assert_code("EINVAL") { Region.attach(named, huge_pages: true) }
    assert_includes error.message, "huge_pages"
  end

  def test_nobody_makes_one_by_hand
    [Region, View, Semaphore, Well, Memwell::Mutex, Memwell::RobustSemaphore, Memwell::Event].each do |noun|
      assert_raises(TypeError) { noun.new }
      assert_raises(TypeError) { noun.allocate }
    end
    assert_raises(TypeError) { Region.anonymous(64).dup }
    assert_raises(TypeError) { Marshal.dump(Region.anonymous(64)) }
  end

  def test_what_others_made_is_found
    Region.create(named, 64)
    status = in_child { Region.attach(named) { |region| region[0, 5] = "child" } }
    assert_predicate status, :success?
    assert_equal("child", Region.attach(named) { |region| region[0, 5] })
  end

  def test_only_who_made_a_temporary_name_removes_it
    Region.create(named, 64, temporary: true) do
      assert_predicate in_child { GC.start }, :success?
      assert_equal 64, Region.attach(named).size
    end
    assert_code("ENOENT") { Region.attach(named) }
  end

  def test_it_says_what_it_is
    region = Region.create(named, 64)
    assert_equal %(#<Memwell::Region named "#{named}", 64 bytes>), region.inspect
    assert_equal "#<Memwell::View uint8 [64]>", region.view.inspect
    region.close
    assert_equal %(#<Memwell::Region named "#{named}" closed>), region.inspect
  end

  def test_a_page_that_is_lost_is_an_error
    Dir.mktmpdir do |folder|
      path = File.join(folder, "file")
      Region.file(path, "w+", size: 3 * Memwell::PAGE_SIZE) do |region|
        File.truncate(path, Memwell::PAGE_SIZE)
        assert_code("EFAULT") { region.read(Memwell::PAGE_SIZE, 4) }
        assert_predicate region, :faulted?
        region.remap
        assert_equal Memwell::PAGE_SIZE, region.size
      end
    end
  end
end

class TestBuffer < MemwellTest
  def test_it_is_the_memory_itself
    Region.anonymous(64) do |region|
      buffer = region.buffer
      assert_equal 64, buffer.size
      buffer.set_value(:u32, 8, 0xdeadbeef)
      assert_equal [0xdeadbeef].pack("L"), region[8, 4]
      region[0, 5] = "hello"
      assert_equal "hello", buffer.get_string(0, 5)
    end
  end

  def test_it_outlives_close_and_the_region
    buffer = Region.anonymous(64) { |region| region[0, 4] = "kept"; region.buffer }
    GC.start
    assert_equal "kept", buffer.get_string(0, 4)
    buffer.set_string("more")
    slice = buffer.slice(1, 3)
    buffer = nil
    GC.start
    assert_equal "ore", slice.get_string(0, 3)
  end

  def test_one_of_read_only_memory_is_read_only
    Region.create(named, 64)
    Region.attach(named, readonly: true) do |region|
      assert_predicate region.buffer, :readonly?
      assert_raises(IO::Buffer::AccessError) { region.buffer.set_string("x") }
    end
  end

  def test_regions_read_from_buffers
    Warning[:experimental] = false # of IO::Buffer itself
    Region.anonymous(64) do |region|
      assert_equal 4, region.write(IO::Buffer.for("data"))
      assert_equal 0, region.find(IO::Buffer.for("data"))
      region.view("uint8", 64).copy_from(region.buffer)
    end
  end

  def test_a_region_with_one_out_cannot_be_resized
    Region.create(named, 64) do |region|
      buffer = region.buffer
      assert_equal 1, region.exports
      assert_code("EBUSY") { region.resize(128) }
      assert_equal 64, buffer.size
    end
  end

  def test_one_of_a_view
    Region.anonymous(64) do |region|
      view = region.view("int16", [2, 3], offset: 2)
      view[1, 2] = -5
      assert_equal [12, -5], [view.buffer.size, view.buffer.get_value(:s16, 10)]
      assert_code("EINVAL") { view[true, 0].buffer }
    end
  end

  def test_one_that_was_freed_or_resized_leaves_the_region_alone
    Region.anonymous(64) do |region|
      region.buffer.free
      assert_raises(IO::Buffer::AccessError) { region.buffer.resize(128) }
      assert_equal 0, region[0]
    end
  end

  def test_an_empty_one
    Dir.mktmpdir do |folder|
      Region.file(File.join(folder, "file"), "w+") { |region| assert_equal 0, region.buffer.size }
    end
  end
end

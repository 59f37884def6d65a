# Views as Ruby has them: indices, ranges, Enumerable. What every language has is in tests/behaviours.
#
# SPDX-License-Identifier: MIT
require_relative "support"

class TestView < MemwellTest
  def setup
    super
    @region = Region.anonymous(4096)
    @table = @region.view("int32", [3, 4])
    @table.copy_from([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]])
    @row = @region.view("float64", 4, offset: 1024)
  end

  def teardown
    @region.close
    super
  end

  def test_elements
    assert_equal [12, 23, 0], [@table[1, 2], @table[-1, -1], @table[-3, 0]]
    @table[-1, 0] = 99
    assert_equal 99, @table[2, 0]
    [[3, 0], [0, 4], [-4, 0], [0, -5]].each { |indices| assert_code("ERANGE") { @table[*indices] } }
  end

  def test_rows_and_windows
    assert_equal [10, 11, 12, 13], @table[1].to_a
    assert_equal [20, 21, 22, 23], @table[-1].to_a
    assert_equal [1, 11, 21], @table[true, 1].to_a
    assert_equal [[11, 12], [21, 22]], @table[1.., 1..2].to_a
    assert_equal [[0, 2], [10, 12], [20, 22]], @table[true, (0..) % 2].to_a
    assert_equal [[0, 1, 2, 3], [20, 21, 22, 23]], @table[(0..2).step(2)].to_a
    assert_equal [], @table[3..].to_a
    assert_code("ERANGE") { @table[3] }
    assert_raises(ArgumentError) { @table[0, 0, 0] }
    assert_raises(TypeError) { @table["x"] }
    assert_raises(ArgumentError) { @table[(2..0).step(-1)] }
  end

  def test_assigning_to_a_part
    @table[0] = [7, 8, 9, 10]
    @table[1..2, 0] = [5, 6]
    @table[true, 3] = 0
    assert_equal [[7, 8, 9, 0], [5, 11, 12, 0], [6, 21, 22, 0]], @table.to_a
    @table[0] = @table[2]
    assert_equal [6, 21, 22, 0], @table[0].to_a
    @table[1] = 1..4
    assert_equal [1, 2, 3, 4], @table[1].to_a
  end

  def test_all_or_nothing
    before = @table.to_a
    assert_code("EOVERFLOW") { @table[0] = [1, 2, 3, 1 << 40] }
    assert_raises(TypeError) { @table[0] = [1, 2, 3, "4"] }
    assert_raises(TypeError) { @table[0] = [1, 2, 3, nil] }
    assert_code("EINVAL") { @table[0] = [1, 2, 3] }
    assert_code("EINVAL") { @table[0] = [1, 2, 3, 4.5] }
    assert_equal before, @table.to_a
  end

  def test_enumerable_over_elements_and_rows
    @row.copy_from([4, 2, 3, 1])
    assert_equal [8.0, 4.0, 6.0, 2.0], @row.map { |each| each * 2 }
    assert_equal [1.0, 2.0, 3.0, 4.0], @row.sort
    assert_equal [[0, 4.0], [1, 2.0]], @row.each_with_index.first(2).map(&:reverse)
    assert_equal [6, 46, 86], @table.map(&:sum)
    assert_equal 4, @row.each.size
    assert_includes @row, 3.0
    refute_includes @row, 5.0
    assert_equal [4.0, 2.0], @row.first(2)
  end

  def test_the_arguments_of_enumerable_where_it_has_the_same_names
    @row.copy_from([4, 2, 3, 1])
    assert_equal [10.0, 20.0, 11.0], [@row.sum, @row.sum { |each| each * 2 }, @row.sum(1)]
    assert_equal [1.0, [1.0, 2.0], 4.0], [@row.min, @row.min(2), @row.min { |a, b| b <=> a }]
    assert_equal [4.0, [4.0, 3.0], 1.0], [@row.max, @row.max(2), @row.max_by { |each| -each }]
    assert_equal [4, 1, 2], [@row.count, @row.count(3), @row.count { |each| each > 2 }]
    assert_equal [[4.0, 3.0], [4.0, 2.0]], [@row.select { |each| each > 2 }, @row.take(2)]
    assert_equal [1.0, 4.0], @row.take([3, 0])
    assert_equal [1.0, 4.0], @row.values_at([3, 0])
    assert_equal [@row.length, @row.size], [4, 4]
  end

  def test_integers_stay_exact
    words = @region.view("uint64", 2, offset: 2048)
    words[0] = (1 << 64) - 1
    assert_equal (1 << 64) - 1, words[0]
    assert_code("EOVERFLOW") { words[0] = 1 << 64 }
    assert_code("EOVERFLOW") { words[0] = -1 }
    signed = @region.view("int64", 2, offset: 2048)
    assert_equal(-1, signed[0])
    signed[0] = -(1 << 63)
    assert_equal(-(1 << 63), signed[0])
    assert_code("EOVERFLOW") { signed[0] = -(1 << 63) - 1 }
    assert_code("EOVERFLOW") { signed[0] = 1 << 63 }
  end

  def test_equality_is_of_shape_and_elements
    other = @region.view("int32", [3, 4], offset: 512)
    refute_equal @table, other
    other.copy_from(@table)
    assert_equal @table, other
    refute_equal @table, @table.reshape(4, 3)
    refute_equal @table, @table.to_a
  end

  def test_reshape_takes_a_list_or_several
    assert_equal [[2, 6], [12], [4, 3]], [@table.reshape([2, 6]).shape, @table.reshape(12).shape, @table.reshape(4, 3).shape]
    assert_raises(TypeError) { @table.reshape(nil) }
    assert_raises(TypeError) { @table.take(nil) }
  end

  def test_atomics_and_their_threads
    counts = @region.view("uint32", 1, offset: 3000)
    4.times.map { Thread.new { 1000.times { counts.atomic_add(0) } } }.each(&:join)
    assert_equal 4000, counts[0]
    assert_equal 4000, counts.atomic_compare_exchange(0, 4000, 1)
    waiter = Thread.new { counts.wait(0, 1) }
    wait_until_asleep(waiter)
    counts.atomic_store(0, 2)
    counts.wake(0)
    assert waiter.value
    refute counts.wait(0, 2, timeout: 0.01)
  end

  def test_a_list_that_changes_while_it_is_read_does_no_harm
    list = [1, 2, 3, 4]
    sneaky = Class.new(Numeric) { define_method(:to_int) { list.clear && 1 } }.new
    assert_raises(TypeError) { @table[0] = [1, 2, 3, sneaky] }
    deep = []
    deep << deep
    assert_code("EINVAL") { @table[0] = deep }
  end
end

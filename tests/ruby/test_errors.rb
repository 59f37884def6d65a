# Exceptions: one base, a class for each kind, with code, errno and message.
#
# SPDX-License-Identifier: MIT
require_relative "support"

class TestErrors < MemwellTest
  KINDS = %w[
    InvalidArgument NotFound Exists Permission Memory NoSpace System Interrupted Timeout NotReady Overflow Range Busy NotSupported
    Closed Format Fault ReadOnly Kind Full OwnerDied NotOwner Deadlock Broken
  ].freeze

  def test_there_is_a_class_for_each_kind_and_one_base
    assert_equal StandardError, Memwell::Error.superclass
    classes = Memwell.constants.grep(/Error\z/) - [:Error]
    assert_equal KINDS.map { |kind| :"#{kind}Error" }.sort, classes.sort
    classes.each { |each| assert_equal Memwell::Error, Memwell.const_get(each).superclass, each }
  end

  def test_an_error_says_call_object_and_reason
    error = assert_raises(Memwell::NotFoundError) { Region.attach(named) }
    assert_equal ["ENOENT", Errno::ENOENT::Errno], [error.code, error.errno]
    assert_includes error.message, %(Region.attach("#{named}"): nothing has this name)
    assert_equal Encoding::UTF_8, error.message.encoding
  end

  def test_what_ruby_itself_refuses_names_the_call_too
    assert_equal "Region.anonymous: size must not be negative, but is -1", assert_code("EINVAL") { Region.anonymous(-1) }.message
    assert_equal "View.fill", assert_code("EOVERFLOW") { Region.anonymous(64).view.fill(1 << 70) }.message[/\A[^:]+/]
    assert_includes assert_code("EINVAL") { Region.create("a\0b", 64) }.message, "NUL"
  end

  def test_text_is_utf_8
    made = "mw-ruby-#{PID}-größe"
    Region.create(made.encode("ISO-8859-1"), 64, temporary: true) do |region|
      assert_equal [made, Encoding::UTF_8], [region.name, region.name.encoding]
      assert_equal 64, Region.attach(made.b).size
    end
    error = assert_code("ENOENT") { Region.attach(made) }
    assert_includes error.message, "größe"
  end

  def test_missing_is_fine_where_one_says_so
    [Region, Semaphore].each do |noun|
      noun.unlink(named, missing_ok: true)
      assert_code("ENOENT") { noun.unlink(named) }
    end
  end

  def test_too_few_and_too_many_arguments
    assert_raises(ArgumentError) { Region.create(named) }
    assert_raises(ArgumentError) { Region.anonymous }
    assert_raises(ArgumentError) { Region.anonymous(1, 2) }
    assert_raises(ArgumentError) { Region.anonymous(64).move(1) }
  end
end

# The list of behaviours, in Ruby: a test for each case.
#
# SPDX-License-Identifier: MIT
require "minitest/autorun"
require_relative "behaviours"

class TestBehaviours < Minitest::Test
  Behaviours.cases.each_with_index do |(noun, each), i|
    define_method("test_#{noun}_#{i}_#{each.fetch("name")}") do
      skip each["why"] if each.fetch("not", []).include?("ruby")
      Behaviours.run(each)
      pass
    end
  end

  def test_that_there_are_cases_of_every_noun
    nouns = Behaviours.cases.map(&:first).uniq
    assert_equal Dir[File.join(__dir__, "*.json")].map { |path| File.basename(path, ".json") }.sort, nouns.sort
    assert_operator Behaviours.cases.length, :>, 100
  end
end

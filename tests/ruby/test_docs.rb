# Every Ruby program in the documents runs, and prints what its comments say.
#
# SPDX-License-Identifier: MIT
require_relative "support"
require "open3"

class TestDocs < MemwellTest
  DOCS = File.expand_path("../../docs", __dir__)
  PAGES = Dir[File.join(DOCS, "**/*.md")].sort

  # Each program of a page, with the line where it begins.
  def self.programs_of(page)
    text = File.read(page)
    text.to_enum(:scan, /^```ruby\n(.*?)^```$/m).map { [text[0, Regexp.last_match.begin(0)].count("\n") + 1, Regexp.last_match(1)] }
  end

  PAGES.each do |page|
    programs_of(page).each do |line, program|
      define_method("test_#{File.basename(page)}_#{line}") { try(program) }
    end
  end

  def test_the_guide_has_programs
    assert_operator self.class.programs_of(File.join(DOCS, "swig/ruby.md")).length, :>, 5
  end

  # Names in the guide are plain words; here each gets this test's own name in front, so that nothing collides.
  def try(program)
    program = program.gsub(/\b(create|attach|open|unlink)\("([a-z-]+)"/) do
      call, word = Regexp.last_match.captures
      "#{call}(#{named(word).inspect}"
    end
    wanted = program.scan(/^\s*# => (.*)$/).flatten
    Dir.mktmpdir do |folder|
      output, errors, status = Open3.capture3(RbConfig.ruby, *Child::FOLDERS, "-w", "-e", program, chdir: folder)
      assert_equal ["", true], [errors, status.success?]
      assert_equal wanted, output.lines(chomp: true)
    end
    assert_empty Dir.children("/dev/shm").grep(/mw-ruby-#{PID}-/)
  end
end

# What runs a case of the list of behaviours in Ruby. README.md says what the data mean. Main entries: Behaviours.cases,
# Behaviours.run.
#
# SPDX-License-Identifier: MIT
require "json"
require "memwell"
require "tmpdir"

module Behaviours
  # A step did not come out as the data say.
  class Wrong < StandardError; end

  AtLeast = Struct.new(:least)

  # Every case of Ruby's, with the noun whose file it is in.
  def self.cases
    Dir[File.join(__dir__, "*.json")].sort.flat_map do |path|
      JSON.parse(File.read(path)).map { |each| [File.basename(path, ".json"), each] }
    end
  end

  def self.run(each) = Dir.mktmpdir { |folder| Scene.new(folder).run(each) }

  # How Ruby spells a call, where it is not the method of that name, or the question.
  SPELLINGS = {
    "Region.seals" => ->(region) { region.seals.sort },
    "View.get" => ->(view, *indices) { view.get(indices) },
    "View.set" => ->(view, *indices, value) { view.set(indices, value) },
    "Well.objects" => ->(well) { well.objects.map(&:name).sort },
    "Well.participants" => ->(well) { well.participants.length },
    "Event.is_set" => ->(event) { event.set? },
  }.freeze

  FLOATS = { "nan" => Float::NAN, "inf" => Float::INFINITY, "-inf" => -Float::INFINITY }.freeze

  def self.same?(got, wanted)
    case wanted
    when AtLeast then got.is_a?(Integer) && got >= wanted.least
    when Array then got.is_a?(Array) && got.length == wanted.length && got.zip(wanted).all? { |pair| same?(*pair) }
    when String then got.is_a?(String) && got.b == wanted.b
    when Float then got.is_a?(Float) && same_float?(got, wanted)
    else got.instance_of?(wanted.class) && got == wanted
    end
  end

  # To the last bit; NaN is any NaN.
  def self.same_float?(got, wanted) = wanted.nan? ? got.nan? : [got].pack("d") == [wanted].pack("d")

  def self.code_of(problem)
    case problem
    when Memwell::Error then problem.code
    when TypeError then "TYPE"
    else raise problem
    end
  end

  # The variables, names, paths and keys of one run of a case.
  class Scene
    def initialize(folder)
      @folder = folder
      @variables = {}
      @names = []
      @keys = []
    end

    def run(each)
      each.fetch("steps").each { |step| take(step) }
    ensure
      clear
    end

    private

    def name(short)
      @names |= [short]
      "mw-behaviours-#{Process.pid}-#{short}"
    end

    def key(number)
      (0x40000000 | ((Process.pid & 0x3fffff) << 8) | number).tap { |key| @keys |= [key] }
    end

    # What the data stand for.
    def value(data)
      return data.map { |each| value(each) } if data.is_a?(Array)
      return data unless data.is_a?(Hash)

      kind, content = data.first
      case kind
      when "bytes" then [content].pack("H*")
      when "float" then FLOATS.fetch(content) { Float(content) }
      when "int" then Integer(content)
      when "var" then @variables.fetch(content)
      when "name" then name(content)
      when "path" then File.join(@folder, content)
      when "key" then key(content)
      when "at_least" then AtLeast.new(content)
      else raise Wrong, "no such kind of value: #{kind}"
      end
    end

    # Make the step's call.
    def act(step)
      noun, name = step.key?("on") ? [nil, step["call"]] : step["call"].split(".")
      target = noun ? Memwell.const_get(noun) : @variables.fetch(step["on"])
      arguments = value(step.fetch("args", []))
      options = step.fetch("options", {}).to_h { |option, each| [option.to_sym, value(each)] }
      spelled = SPELLINGS["#{target.class.name.split("::").last}.#{name}"]
      return spelled.call(target, *arguments, **options) if spelled

      name += "?" unless target.respond_to?(name)
      target.public_send(name, *arguments, **options)
    end

    # Make the call, and compare what came of it.
    def take(step)
      result = act(step)
    rescue Memwell::Error, TypeError => problem
      raise unless step.key?("raises")

      compare_failure(step, problem)
    else
      raise Wrong, "#{step}: no failure but #{result.inspect}" if step.key?("raises")
      raise Wrong, "#{step}: #{result.inspect}" if step.key?("gives") && !Behaviours.same?(result, value(step["gives"]))

      @variables[step["let"]] = result if step.key?("let")
    end

    def compare_failure(step, problem)
      reason = step.fetch("reason", "").gsub(/\{(\w+)\}/) { name(Regexp.last_match(1)) }
      code = Behaviours.code_of(problem)
      raise Wrong, "#{step}: #{code}, #{problem}" unless code == step["raises"] && problem.message.include?(reason)
    end

    # Close what is open, and leave nothing behind.
    def clear
      @variables.values.reverse_each { |each| close(each) }
      @names.each { |short| [Memwell::Region, Memwell::Semaphore].each { |noun| noun.unlink(name(short), missing_ok: true) } }
      @keys.each { |key| [Memwell::Region, Memwell::Semaphore].each { |noun| noun.sysv_remove(key, missing_ok: true) } }
    end

    def close(object)
      object.close if object.respond_to?(:close)
    rescue Memwell::BusyError
      nil # a well of which something is held still
    end
  end
end

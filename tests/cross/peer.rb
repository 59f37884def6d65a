# The Ruby side of the cross tests; README.md says what each part does, peer.c and peer.py are the same program.
#
# SPDX-License-Identifier: MIT
require_relative "pattern"
require_relative "rounds"
require_relative "steps"
require_relative "survey"
require_relative "wells"

$stdout.sync = true

case ARGV
in ["first", edges, name, count] then Rounds.first(Pattern.new(edges), name, Integer(count))
in ["second", edges, name, count] then Rounds.second(Pattern.new(edges), name, Integer(count))
in ["survey", questions, name, offset] then Survey.answer(questions, name, Integer(offset))
in ["step-first", edges, place, count] then Steps.first(Pattern.new(edges), place, Integer(count))
in ["step-second", edges, place, count] then Steps.second(Pattern.new(edges), place, Integer(count))
in ["count", name, times] then Steps.count_up(name, Integer(times))
in ["well-first", name, turns] then Wells.first(name, Integer(turns))
in ["well-second", name, turns] then Wells.second(name, Integer(turns))
in ["well-holder", name] then Wells.holder(name)
in ["well-heir", name] then Wells.heir(name)
else
  abort "usage: first|second EDGES NAME ROUNDS, survey QUESTIONS NAME OFFSET, step-first|step-second EDGES PLACE STEPS, " \
        "count NAME TIMES, well-first|well-second NAME TURNS, well-holder|well-heir NAME"
end

# The gem, from the tree: `gem build memwell.gemspec`. It carries the core's sources with it and needs a C compiler, and the headers
# of Ruby; and SWIG, unless it was made by bindings/swig/ruby/release.sh, which adds what SWIG makes.
#
# SPDX-License-Identifier: MIT
Gem::Specification.new do |spec|
  spec.name = "memwell"
  spec.version = File.read("core/include/memwell/version.h")[/#define MW_VERSION "([^"]+)"/, 1]
  spec.summary = "Memory that Ruby, Python, Lua and C programs hold in common"
  spec.description = "Maps files and named shared memory as typed views, without copies, and shares semaphores, and locks " \
                     "that survive the death of their holder, with any other program."
  spec.authors = ["The memwell authors"]
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  spec.require_paths = ["bindings/swig/ruby/lib"]
  spec.extensions = ["bindings/swig/ruby/ext/memwell/extconf.rb"]

  listed = %w[core/sources.txt bindings/swig/sources.txt]
  sources = listed.flat_map { |list| File.readlines(list, chomp: true).grep_v(/^#|^$/) }
  headers = Dir["core/**/*.h", "bindings/swig/src/*.h"]
  spec.files = ["LICENSE", *listed, *sources, *headers, *Dir["bindings/swig/*.i", "bindings/swig/ruby/**/*.{rb,c}"]]
end

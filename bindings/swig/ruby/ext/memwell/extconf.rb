# Writes the Makefile of memwell/native.so: the core, the layer for SWIG, and what SWIG makes of memwell.i.
#
# The sources are those of core/sources.txt and bindings/swig/sources.txt. memwell_wrap.c is made by SWIG, unless one lies beside
# this file already: a released gem brings it along, so that whoever installs one needs no SWIG.
#
# SPDX-License-Identifier: MIT
require "mkmf"
require "pathname"

ROOT = Pathname(__dir__).join("../../../../..").cleanpath
SWIG = ROOT.join("bindings/swig")
SHIPPED = File.join(__dir__, "memwell_wrap.c")

def sources(listing)
  ROOT.join(listing).readlines(chomp: true).reject { |line| line.strip.empty? || line.start_with?("#") }
end

# Named after the whole path, because several folders have a region.c.
def object_of(source) = "#{source.delete_suffix(".c").tr("/", "-")}.o"

def rule(target, prerequisites, command) = "#{target}: #{prerequisites.join(" ")}\n\t#{command}\n"

def compile(object, source)
  rule(object, [source, "$(HEADERS)"], "$(CC) $(INCFLAGS) $(CPPFLAGS) $(CFLAGS) $(COUTFLAG)$@ -c #{source}")
end

def wrap
  return compile("memwell_wrap.o", SHIPPED) if File.exist?(SHIPPED)

  find_executable("swig") or abort "memwell: no swig on PATH, and no memwell_wrap.c beside extconf.rb; install SWIG 4.1 or later"
  $cleanfiles << "memwell_wrap.c"
  interface = %w[memwell.i ruby.i].map { |name| SWIG.join(name) }
  made = rule("memwell_wrap.c", interface, "swig -ruby -initname native -I#{SWIG} -o $@ #{interface.first}")
  made + compile("memwell_wrap.o", "memwell_wrap.c")
end

abort "memwell: Linux only" unless RUBY_PLATFORM.include?("linux")
have_header("ruby/io/buffer.h") or abort "memwell: Ruby 3.1 or later, with its headers"

members = sources("core/sources.txt") + sources("bindings/swig/sources.txt")
$INCFLAGS << %w[core/include core/src bindings/swig/src].map { |folder| " -I#{ROOT.join(folder)}" }.join
$CFLAGS << " -std=gnu11 -pthread -fvisibility=hidden -DMW_EMBEDDED=1"
$warnflags = "-Wall -Wextra -Wno-unused-parameter"
$objs = ["memwell_wrap.o", *members.map { |source| object_of(source) }]
wrapper = wrap

create_makefile("memwell/native")
File.open("Makefile", "a") do |makefile|
  makefile.puts "", "HEADERS = #{ROOT.glob("{core,bindings/swig}/**/*.h").join(" ")}"
  members.each { |source| makefile.puts compile(object_of(source), ROOT.join(source)) }
  makefile.puts wrapper
end

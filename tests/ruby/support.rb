# What the tests of Ruby share: names that are removed, children to talk to, and a look at what a process holds.
#
# SPDX-License-Identifier: MIT
require "memwell"
require "minitest/autorun"
require "pathname"
require "rbconfig"
require "socket"
require "timeout"
require "tmpdir"

include Memwell # Region, View, Semaphore, Well by their bare names

# Another Ruby that runs `code`, with its standard input and output as pipes. It says "ready" to say where it is.
class Child
  FOLDERS = $LOAD_PATH.map { |folder| "-I#{folder}" }

  attr_reader :pid

  def initialize(code, *arguments)
    @io = IO.popen([RbConfig.ruby, *FOLDERS, "-rmemwell", "-e", "$stdout.sync = true; include Memwell; #{code}", *arguments], "r+")
    @pid = @io.pid
  end

  def line = Timeout.timeout(60) { @io.gets&.chomp }
  def tell(text) = @io.puts(text)
  def kill(signal = :KILL) = Process.kill(signal, pid)

  # Wait for its end: its exit status, or the signal that ended it.
  def finish
    Timeout.timeout(60) { @io.close }
    $?.exitstatus || $?.termsig
  end
end

class MemwellTest < Minitest::Test
  PID = Process.pid # a forked child uses the names of its parent
  LIMIT = 120

  def run = Timeout.timeout(LIMIT) { super }

  def setup = @names = []

  def teardown
    @names.each { |name| [Region, Semaphore].each { |noun| noun.unlink(name, missing_ok: true) } }
  end

  def named(short = "x") = "mw-ruby-#{PID}-#{short}".tap { |made| @names |= [made] }

  def assert_code(code, &block) = assert_raises(Memwell::Error, &block).tap { |error| assert_equal code, error.code, error.message }

  # Once another thread sleeps in a wait of memwell's, which lets this one run.
  def wait_until_asleep(thread)
    Timeout.timeout(60) { Thread.pass until thread.status == "sleep" }
  end

  def in_child
    pid = fork do
      yield
      exit!(0)
    rescue Exception => e # rubocop:disable Lint/RescueException
      warn e.full_message
      exit!(1)
    end
    Process.wait(pid)
    $?
  end

  def mappings = File.foreach("/proc/self/maps").count { |line| line.match?(%r{/dev/shm/|/dev/zero|memfd:|/SYSV}) }
  def descriptors = Dir.children("/proc/self/fd").length
end

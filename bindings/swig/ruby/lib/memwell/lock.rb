# SPDX-License-Identifier: MIT
module Memwell
  # What is acquired and released, and in a block is released at its end.
  module Lock
    # Acquire, call the block, release. TimeoutError where the time is up first.
    #
    # Between the return of the extension's acquire and the note of what it returned Ruby looks for no interrupt, so that neither
    # Ctrl-C nor Timeout nor Thread#kill can come between the two and leave it acquired.
    def synchronize(timeout: nil)
      acquired = acquire(timeout)
      raise TimeoutError.for("#{self.class.name.split("::").last}.synchronize", name) unless acquired

      yield
    ensure
      release if acquired
    end

    alias hold synchronize
  end
end

# SPDX-License-Identifier: MIT
module Memwell
  # What is acquired and released, and in a block is released at its end.
  module Lock
    # Acquire, call the block, release, whatever interrupts it. TimeoutError where the time is up first.
    def synchronize(timeout: nil)
      hold(timeout) do |acquired|
        raise TimeoutError.for(self, "synchronize") unless acquired

        yield
      end
    end
  end
end

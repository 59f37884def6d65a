# SPDX-License-Identifier: MIT
module Memwell
  # What every failure of memwell's own is. The message names the call, the object and the reason.
  class Error
    # The name of the code, as in C without its prefix: "ENOENT".
    attr_reader :code

    # The number of the system's error, or of the one that stands for the code.
    attr_reader :errno

    def initialize(message = nil, code: nil, errno: nil)
      super(message)
      @code = code
      @errno = errno
    end
  end

  class TimeoutError
    # Of a call that has nothing else to say that the time was up.
    def self.for(object, call)
      text = %(#{object.class.name.delete_prefix("Memwell::")}.#{call}("#{object.name}"): the time was up)
      new(text, code: "ETIMEDOUT", errno: Errno::ETIMEDOUT::Errno)
    end
  end
end

// SPDX-License-Identifier: MIT
package org.memwell;

/** What went wrong in a call of memwell's; each kind has a class of its own. */
public abstract class MemwellException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final int errno;

  MemwellException(String code, int errno, String message) {
    super(message);
    this.code = code;
    this.errno = errno;
  }

  /** The core's code: "ENOENT". */
  public String code() {
    return code;
  }

  /** The operating system's errno, or the one that stands for the code; 0 where there is none. */
  public int errno() {
    return errno;
  }

  /** The exception of a kind, as mws_error_kind names it. */
  static MemwellException of(String kind, String code, int errno, String message) {
    return switch (kind) {
      case "InvalidArgument" -> new InvalidArgumentException(code, errno, message);
      case "NotFound" -> new NotFoundException(code, errno, message);
      case "Exists" -> new ExistsException(code, errno, message);
      case "Permission" -> new PermissionException(code, errno, message);
      case "Memory" -> new MemoryException(code, errno, message);
      case "NoSpace" -> new NoSpaceException(code, errno, message);
      case "Timeout" -> new TimeoutException(code, errno, message);
      case "NotReady" -> new NotReadyException(code, errno, message);
      case "Overflow" -> new OverflowException(code, errno, message);
      case "Range" -> new RangeException(code, errno, message);
      case "Busy" -> new BusyException(code, errno, message);
      case "NotSupported" -> new NotSupportedException(code, errno, message);
      case "Closed" -> new ClosedException(code, errno, message);
      case "Format" -> new FormatException(code, errno, message);
      case "Fault" -> new FaultException(code, errno, message);
      case "ReadOnly" -> new ReadOnlyException(code, errno, message);
      case "Kind" -> new KindException(code, errno, message);
      case "Full" -> new FullException(code, errno, message);
      case "OwnerDied" -> new OwnerDiedException(code, errno, message);
      case "NotOwner" -> new NotOwnerException(code, errno, message);
      case "Deadlock" -> new DeadlockException(code, errno, message);
      case "Broken" -> new BrokenException(code, errno, message);
      default -> new SystemException(code, errno, message);
    };
  }
}

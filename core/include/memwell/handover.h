/* Handing a region over to another process through a Unix socket: its descriptor, and which part of it is meant.
 *
 * The message is 32 bytes (docs/formats.md) with one descriptor. The receiver has what the sender had, and as much right to it as
 * the descriptor gives; what the receiver trusts the sender with, it decides by require_seals.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MEMWELL_HANDOVER_H
#define MEMWELL_HANDOVER_H

#include "memwell/deadline.h"
#include "memwell/export.h"
#include "memwell/region.h"
#include "memwell/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Send a region. Both keep it; either may close first.
 *
 * socket     a connected Unix socket, blocking or not; it stays the caller's
 * deadline   how long to wait for room in the socket
 * Returns 0, or
 *   MW_ENOTSUP    the region is private or empty, keeps no descriptor (MW_NO_FD), or is System V memory
 *   MW_ETIMEDOUT, MW_EINTR  nothing was sent; call again
 *   MW_ECLOSED, MW_EFAULT
 *   MW_EOS        EPIPE: the other side is closed; ENOTSOCK, EBADF: not a socket; EOPNOTSUPP: not a Unix one
 * Threads: messages of several threads on one stream may mix. Processes, fork: safe. */
MW_API int mw_region_send(mw_region *region, int socket, mw_deadline deadline, mw_error *error);

/* Receive one that begins to come before the deadline. It can be written where the sender's could and the descriptor and its seals
 * allow it; else it is read-only. Of the options require_seals, and MW_NO_FD, MW_NO_GUARD and MW_FAULT_ABORTS count.
 *
 * A stream may deliver a message in parts. The rest of one that has begun has until the deadline, or two seconds where that is
 * later; with MW_DEADLINE_NOW it must be there.
 *
 * Ownership: *out_region is the caller's, to be closed. Returns 0, or
 *   MW_EFORMAT    what came is no such message, or has no descriptor, or more than one (all are closed)
 *   MW_EPERM      a seal that is required is missing; nothing was mapped
 *   MW_EINVAL     the object is smaller than the message says
 *   MW_ETIMEDOUT, MW_EINTR  nothing was received; call again
 *   MW_EOS        ECONNRESET: the other side closed without sending one; ENOTSOCK, EBADF
 *   MW_EMFILE, MW_ENOMEM, MW_ENOTSUP
 * Threads: as mw_region_send. Processes, fork: safe. */
MW_API int mw_region_receive(int socket, mw_deadline deadline, const mw_region_options *options, mw_error *error,
                             mw_region **out_region);

#ifdef __cplusplus
}
#endif
#endif

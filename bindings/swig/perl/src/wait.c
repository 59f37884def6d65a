/* Waiting, with Perl's safe signals: a handler runs between two opcodes, and here between two slices of a wait.
 *
 * Other interpreter threads run anyway: Perl has no lock around its interpreter.
 *
 * SPDX-License-Identifier: MIT */
#include "convert.h"

int mws_language_wait(mws_wait *wait, void *object, mw_deadline deadline, mw_error *error) {
  int status = wait(object, MW_DEADLINE_NOW, error);
  return mws_is_pending(status) && deadline != MW_DEADLINE_NOW ? mws_wait_slice(wait, object, deadline, error) : status;
}

bool mws_perl_interrupted(pTHX_ mw_error *error, SV *first, bool *kept) {
  if (error->status != MW_EINTR) return false;
  if (!*kept && SvROK(first)) sv_2mortal(SvREFCNT_inc(SvRV(first)));
  *kept = true;
  error->status = MW_OK;
  PERL_ASYNC_CHECK();
  return true;
}

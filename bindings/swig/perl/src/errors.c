/* Errors become objects of Memwell::Error's subclasses, which Perl makes: it knows which line of the program called.
 *
 * SPDX-License-Identifier: MIT */
#include "convert.h"

/* "ENOENT" of "MW_ENOENT". */
static const char *code_of(int status) { return mw_status_name(status) + sizeof "MW_" - 1; }

void mws_perl_raise(pTHX_ const mw_error *error) {
  char text[1024];
  mw_error_message(error, text, sizeof text);
  dSP;
  PUSHMARK(SP);
  EXTEND(SP, 4);
  PUSHs(mws_perl_new_text(aTHX_ mws_error_kind(error->status)));
  PUSHs(mws_perl_new_text(aTHX_ code_of(error->status)));
  PUSHs(sv_2mortal(newSViv(mws_error_errno(error))));
  PUSHs(mws_perl_new_text(aTHX_ text));
  PUTBACK;
  call_pv("Memwell::Error::raise", G_VOID);
  croak("Memwell::Error::raise returned"); /* it dies */
}

static void raise_type(pTHX_ SV *message) {
  dSP;
  PUSHMARK(SP);
  XPUSHs(message);
  PUTBACK;
  call_pv("Memwell::Error::raise_type", G_VOID);
}

/* What was given instead, short: undef, "many", ARRAY reference. */
static SV *describe(pTHX_ SV *got) {
  if (SvROK(got)) return sv_2mortal(newSVpvf("a reference to %s", sv_reftype(SvRV(got), 1)));
  if (!SvOK(got)) return mws_perl_new_text(aTHX_ "undef");
  return sv_2mortal(newSVpvf("'%.40s'", SvPV_nomg_nolen(sv_mortalcopy(got))));
}

void mws_perl_dot(char *call) {
  char *underscore = strchr(call, '_');
  if (underscore) *underscore = '.';
}

void mws_perl_refuse(pTHX_ const char *call, const char *parameter, const char *wanted, SV *got) {
  SV *message = sv_2mortal(newSVpvf("%s: %s must be %s, not %" SVf, call, parameter, wanted, SVfARG(describe(aTHX_ got))));
  mws_perl_dot(SvPVX(message));
  raise_type(aTHX_ message);
  croak("Memwell::Error::raise_type returned");
}

void mws_perl_usage(pTHX_ const char *usage) {
  raise_type(aTHX_ mws_perl_new_text(aTHX_ usage));
  croak("Memwell::Error::raise_type returned");
}

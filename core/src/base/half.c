/* binary16 by its definition: sign, five bits of exponent with bias 15, ten bits of fraction.
 *
 * Rounding happens once, from the double's 52 bits to what the half has: going over float would round twice.
 *
 * SPDX-License-Identifier: MIT */
#include "base/half.h"

#include <string.h>

#define DOUBLE_FRACTION ((UINT64_C(1) << 52) - 1)
#define HALF_INFINITY 0x7c00u
#define HALF_QUIET 0x0200u

static double double_from_bits(uint64_t bits) {
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

double mw__half_to_double(uint16_t half) {
  uint64_t sign = (uint64_t)(half >> 15) << 63;
  unsigned exponent = (half >> 10) & 0x1fu;
  uint64_t fraction = half & 0x3ffu;
  if (exponent == 0x1f) return double_from_bits(sign | UINT64_C(0x7ff) << 52 | fraction << 42);
  if (exponent != 0) return double_from_bits(sign | (uint64_t)(exponent + 1023 - 15) << 52 | fraction << 42);
  double magnitude = (double)fraction * 0x1p-24; /* zero and the subnormals */
  return sign ? -magnitude : magnitude;
}

/* Drop the lowest `shift` bits of `bits`, to nearest, ties to even. */
static uint64_t round_off(uint64_t bits, unsigned shift) {
  uint64_t kept = bits >> shift;
  uint64_t rest = bits & ((UINT64_C(1) << shift) - 1);
  uint64_t half = UINT64_C(1) << (shift - 1);
  return kept + (rest > half || (rest == half && (kept & 1)));
}

uint16_t mw__half_from_double(double number) {
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  unsigned sign = (unsigned)(bits >> 63) << 15;
  int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
  uint64_t fraction = bits & DOUBLE_FRACTION;
  if (exponent == 1024 && fraction) return (uint16_t)(sign | HALF_INFINITY | HALF_QUIET | fraction >> 42);
  if (exponent > 15) return (uint16_t)(sign | HALF_INFINITY);
  if (exponent < -25) return (uint16_t)sign; /* below half of the smallest subnormal */
  uint64_t significand = fraction | UINT64_C(1) << 52;
  if (exponent < -14) return (uint16_t)(sign | round_off(significand, (unsigned)(28 - exponent)));
  /* The leading one adds 1 to the exponent's field; a carry out of the fraction, another, up to infinity. */
  return (uint16_t)(sign | (((uint64_t)(exponent + 14) << 10) + round_off(significand, 42)));
}

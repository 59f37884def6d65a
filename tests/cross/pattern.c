/* The numbers that both sides know without telling each other. Main entry: pattern_bits.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

enum { MAX_EDGES = 16 };

static uint64_t edges[MW_DTYPE_COUNT][MAX_EDGES];
static unsigned edge_count[MW_DTYPE_COUNT];

void pattern_load(const char *path) {
  char *fields[MAX_FIELDS];
  FILE *table = open_table(path);
  for (unsigned d = 0; d < MW_DTYPE_COUNT; d++) {
    if (next_line(table, fields) != 2 || strcmp(fields[0], mw_dtype_name((mw_dtype)d)) != 0) {
      give_up("%s: no line for %s where it should be", path, mw_dtype_name((mw_dtype)d));
    }
    for (char *rest = fields[1]; *rest && edge_count[d] < MAX_EDGES;) edges[d][edge_count[d]++] = strtoull(rest, &rest, 16);
  }
  fclose(table);
}

static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

uint64_t pattern_draw(uint64_t round, unsigned d, unsigned k) { return mix(round << 16 | d << 8 | k); }

static uint64_t all_bits(mw_dtype dtype) { return UINT64_MAX >> (64 - 8 * mw_dtype_size(dtype)); }

static uint64_t sign_bit(mw_dtype dtype) { return all_bits(dtype) ^ (all_bits(dtype) >> 1); }

static bool is_nan(mw_dtype dtype, uint64_t bits) {
  uint64_t infinity = dtype == MW_FLOAT16 ? 0x7c00u : dtype == MW_FLOAT32 ? 0x7f800000u : 0x7ff0000000000000u;
  return mw_dtype_kind(dtype) == MW_VALUE_FLOAT && (bits & ~sign_bit(dtype)) > infinity;
}

static uint64_t the_nan(mw_dtype dtype) {
  return dtype == MW_FLOAT16 ? 0x7e00u : dtype == MW_FLOAT32 ? 0x7fc00000u : 0x7ff8000000000000u;
}

uint64_t pattern_bits(uint64_t round, mw_dtype dtype, unsigned k) {
  uint64_t x = pattern_draw(round, dtype, k);
  if (x % 4 == 0) return edges[dtype][(x >> 2) % edge_count[dtype]];
  uint64_t bits = mix(x) & (dtype == MW_BOOL ? 1 : all_bits(dtype));
  return is_nan(dtype, bits) ? the_nan(dtype) : bits;
}

uint64_t pattern_answer(mw_dtype dtype, uint64_t bits) {
  if (dtype == MW_BOOL) return bits ^ 1;
  if (mw_dtype_kind(dtype) != MW_VALUE_FLOAT) return bits ^ all_bits(dtype);
  return is_nan(dtype, bits) ? bits : bits ^ sign_bit(dtype);
}

static double half(uint64_t bits) {
  int exponent = (int)(bits >> 10 & 31);
  double fraction = (double)(bits & 1023);
  double size;
  if (exponent == 31) {
    size = fraction > 0 ? (double)NAN : (double)INFINITY;
  } else {
    size = exponent == 0 ? ldexp(fraction, -24) : ldexp(fraction + 1024, exponent - 25);
  }
  return bits >> 15 ? -size : size;
}

static double single(uint64_t bits) {
  uint32_t word = (uint32_t)bits;
  float number;
  memcpy(&number, &word, sizeof number);
  return (double)number;
}

mw_value pattern_value(mw_dtype dtype, uint64_t bits) {
  mw_value value = {.kind = mw_dtype_kind(dtype), .as.u = bits};
  if (value.kind == MW_VALUE_INT && (bits & sign_bit(dtype))) value.as.u |= ~all_bits(dtype);
  if (dtype == MW_FLOAT16) value.as.f = half(bits);
  if (dtype == MW_FLOAT32) value.as.f = single(bits);
  return value;
}

void pattern_pack(mw_dtype dtype, uint64_t bits, void *element) {
  uint8_t one = (uint8_t)bits;
  uint16_t two = (uint16_t)bits;
  uint32_t four = (uint32_t)bits;
  switch (mw_dtype_size(dtype)) {
    case 1: memcpy(element, &one, sizeof one); break;
    case 2: memcpy(element, &two, sizeof two); break;
    case 4: memcpy(element, &four, sizeof four); break;
    default: memcpy(element, &bits, sizeof bits);
  }
}

/* Read a text from memory whose sender is not trusted: it is taken only if nobody can cut it or write to it any more.
 *
 *   joined.py sealed_send TEXT [SEAL ...] -- sealed_receive
 *
 * With these seals the text can be checked and then used where it lies. Without, a sender could change it in between, or cut the
 * memory under the reader's feet.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "memwell.h"

enum { SOCKET = 3 };

int main(void) {
  mw_region_options options = {.size_of_struct = sizeof options, .require_seals = MW_SEAL_SHRINK | MW_SEAL_WRITE};
  mw_error error;
  mw_region *letter;
  if (mw_region_receive(SOCKET, mw_deadline_after(10), &options, &error, &letter) < 0) {
    fprintf(stderr, "sealed_receive: %s: %s\n", error.call, error.reason);
    return 1;
  }
  const char *text = mw_region_data(letter);
  size_t length = strnlen(text, mw_region_size(letter));
  printf("received \"%.*s\", which nobody can change any more\n", (int)length, text);
  mw_region_close(letter);
  return 0;
}

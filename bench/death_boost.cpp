/* What becomes of a mutex of Boost.Interprocess whose holder is killed.
 *
 * SPDX-License-Identifier: MIT */
#include <boost/interprocess/anonymous_shared_memory.hpp>
#include <boost/interprocess/exceptions.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <new>

#include "death.h"

namespace {

namespace ipc = boost::interprocess;

struct shared {
  ipc::interprocess_mutex mutex;
  pair numbers{0, 0};
};

shared *common;

void stop_half_way() {
  common->mutex.lock();
  common->numbers.first = common->numbers.first + 1;
  be_killed_here();
}

/* Since Boost 1.78 the first to come is thrown an exception, and so is everybody after it: nothing makes the mutex whole again. */
void come_next() {
  try {
    common->mutex.lock();
    say_what_is_there(&common->numbers);
    return;
  } catch (const ipc::interprocess_exception &) {}
  try {
    common->mutex.lock();
    say("recovers who comes next is told (an exception), and whoever comes then has it");
  } catch (const ipc::interprocess_exception &) {
    say("loses whoever comes is told (an exception), and nobody ever has the lock again");
  }
}

} // namespace

int main() {
  ipc::mapped_region region(ipc::anonymous_shared_memory(sizeof(shared)));
  common = new (region.get_address()) shared;
  kill_one_that(stop_half_way);
  attempt(come_next);
  return 0;
}

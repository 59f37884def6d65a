// Boost.Interprocess, in C++: attaching to named memory, making it, and its locks, which nobody else wants.
//
// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/shared_memory_object.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <boost/interprocess/sync/interprocess_semaphore.hpp>
#include <new>
#include <string>

#include "serve.h"

namespace ipc = boost::interprocess;

static const int SIZE = 4096;
static std::string attached, created;
static ipc::interprocess_mutex *mutex;
static ipc::interprocess_semaphore *semaphore;

static void attach(long n) {
  for (long i = 0; i < n; i++) {
    ipc::shared_memory_object memory(ipc::open_only, attached.c_str(), ipc::read_write);
    ipc::mapped_region region(memory, ipc::read_write);
  }
}

static void create(long n) {
  for (long i = 0; i < n; i++) {
    {
      ipc::shared_memory_object memory(ipc::create_only, created.c_str(), ipc::read_write);
      memory.truncate(SIZE);
      ipc::mapped_region region(memory, ipc::read_write);
    }
    must(ipc::shared_memory_object::remove(created.c_str()), "remove");
  }
}

static void turn_mutex(long n) {
  for (long i = 0; i < n; i++) {
    mutex->lock();
    mutex->unlock();
  }
}

static void turn_semaphore(long n) {
  for (long i = 0; i < n; i++) {
    semaphore->wait();
    semaphore->post();
  }
}

int main() {
  static const work works[] = {
      {"attach", attach}, {"create", create}, {"turn_mutex", turn_mutex}, {"turn_semaphore", turn_semaphore}};
  attached = "memwell-bench-" + std::to_string(getpid()) + "-boost";
  created = attached + "-new";
  ipc::shared_memory_object memory(ipc::create_only, attached.c_str(), ipc::read_write);
  memory.truncate(SIZE);
  ipc::mapped_region region(memory, ipc::read_write);
  mutex = new (region.get_address()) ipc::interprocess_mutex;
  semaphore = new (static_cast<char *>(region.get_address()) + 1024) ipc::interprocess_semaphore(1);
  serve(works, sizeof works / sizeof *works);
  ipc::shared_memory_object::remove(attached.c_str());
  return 0;
}

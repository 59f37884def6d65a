/* Several Lua states in several threads, each with its own copy of everything, all on the same memory and semaphores.
 *
 * Each thread runs the script below in states of its own, one after the other, while the others do the same. It finds the module
 * by LUA_CPATH. Leaves 0 where every thread saw what it had to see.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

enum { THREADS = 4, STATES = 20, TURNS = 200 };

static const char script[] = "local name, thread, turns = ...\n"
                             "local memwell = require 'memwell'\n"
                             "local region <close> = assert(memwell.Region.open(name, 4096))\n"
                             "local mutex <close> = assert(memwell.Semaphore.open(name, 1))\n"
                             "local counts = region:view('int64', 16)\n"
                             "for i = 1, turns do\n"
                             "  mutex:hold(function() counts[1] = counts[1] + 1 end)\n"
                             "  do local guard <close> = mutex:guard(60) counts[2] = counts[2] + 1 end\n"
                             "  counts[2 + thread] = counts[2 + thread] + 1\n"
                             "  assert(not pcall(counts.at, counts, 17))\n"
                             "  assert(select(3, memwell.Region.attach(name .. '-nothing')) == memwell.errno.ENOENT)\n"
                             "  local own <close> = assert(memwell.Region.anonymous(800))\n"
                             "  local view = own:view('float64')\n"
                             "  view:fill(i)\n"
                             "  assert(view:sum() == 100 * i and #view:totable() == 100)\n"
                             "end\n";

static const char verdict[] = "local name, threads, turns = ...\n"
                              "local memwell = require 'memwell'\n"
                              "local region <close> = assert(memwell.Region.attach(name))\n"
                              "local counts = region:view('int64', 16)\n"
                              "assert(region:unlink() and memwell.Semaphore.unlink(name))\n"
                              "assert(counts[1] == threads * turns, 'turns were lost')\n"
                              "assert(counts[2] == threads * turns, 'guarded turns were lost')\n"
                              "for thread = 1, threads do assert(counts[2 + thread] == turns, 'a thread lost turns') end\n";

static char name[64];

/* Run a chunk in a new state, with the name and two numbers. */
static int run(const char *chunk, int first, int second) {
  lua_State *L = luaL_newstate();
  if (L == NULL) return 1;
  luaL_openlibs(L);
  int failed = luaL_loadstring(L, chunk) != LUA_OK;
  if (!failed) {
    lua_pushstring(L, name);
    lua_pushinteger(L, first);
    lua_pushinteger(L, second);
    failed = lua_pcall(L, 3, 0, 0) != LUA_OK;
  }
  if (failed) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return failed;
}

static void *work(void *argument) {
  int *thread = argument, failed = 0;
  for (int i = 0; i < STATES && !failed; i++) failed = run(script, *thread, TURNS);
  *thread = failed;
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  int numbers[THREADS], failed = 0;
  snprintf(name, sizeof name, "memwell-lua-%ld-threads", (long)getpid());
  for (int i = 0; i < THREADS; i++) {
    numbers[i] = i + 1;
    if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0) return EXIT_FAILURE;
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    failed |= numbers[i];
  }
  failed |= run(verdict, THREADS, STATES * TURNS);
  if (failed) return EXIT_FAILURE;
  printf("%d threads, %d states each, %d turns in each\n", THREADS, STATES, TURNS);
  return EXIT_SUCCESS;
}

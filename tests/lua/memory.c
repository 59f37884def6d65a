/* Lua without memory: a script that uses a well, run again and again, in which the first allocation fails, then the second, and so
 * on until none does. Each time everything is given back: nobody holds a lock, nothing is inconsistent, only this process is
 * attached.
 *
 * It finds the module by LUA_CPATH. Leaves 0 where that was so every time.
 *
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* Gives what is run without memory, and what looks at the well afterwards. */
static const char script[] = "local name = ...\n"
                             "local memwell = require 'memwell'\n"
                             "local keep = assert(memwell.Well.create(name, 65536, { temporary = true }))\n"
                             "local mutex, permits = keep:mutex('m'), keep:semaphore('s', 2)\n"
                             "keep:event('e')\n"
                             "return function()\n"
                             "  local well <close> = assert(memwell.Well.attach(name))\n"
                             "  local array = well:array('a', 'int8', 3)\n"
                             "  local m, s, e = well:mutex('m', { recover = print }), well:semaphore('s', 2), well:event('e')\n"
                             "  do local guard <close> = m:guard() end\n"
                             "  m:hold(function() return well:objects(), well:participants() end)\n"
                             "  m:recover(function() return {} end)\n"
                             "  s:hold(function() return {} end)\n"
                             "  do local guard <close> = s:guard() array[1] = 1 end\n"
                             "  assert(e:set() and e:wait() and e:clear())\n"
                             "end, function()\n"
                             "  collectgarbage()\n"
                             "  collectgarbage()\n"
                             "  assert(not mutex.locked and not mutex.inconsistent, 'the mutex is held')\n"
                             "  assert(permits.value == 2, 'a permit is held')\n"
                             "  assert(#keep:participants() == 1 and keep:check())\n"
                             "end\n";

/* Allocates as often as it is said, and then no more. */
static void *allocate(void *left, void *block, size_t old_size, size_t size) {
  long *count = left;
  if (size == 0) {
    free(block);
    return NULL;
  }
  bool grows = block == NULL || size > old_size;
  if (grows && *count == 0) return NULL;
  if (grows) (*count)--;
  return realloc(block, size);
}

static bool fail(lua_State *L, long count) {
  fprintf(stderr, "%ld allocations: %s\n", count, lua_tostring(L, -1));
  return false;
}

/* Run the script with so many allocations; *out_done says whether they were enough. */
static bool run(lua_State *L, long *left, long count, bool *out_done) {
  char name[64];
  snprintf(name, sizeof name, "memwell-lua-%ld-memory", (long)getpid());
  luaL_openlibs(L);
  lua_settop(L, 0);
  if (luaL_loadstring(L, script) != LUA_OK) return fail(L, count);
  lua_pushstring(L, name);
  if (lua_pcall(L, 1, 2, 0) != LUA_OK) return fail(L, count);
  lua_pushvalue(L, 1);
  *left = count;
  int status = lua_pcall(L, 0, 0, 0);
  *left = LONG_MAX;
  *out_done = status == LUA_OK;
  if (status != LUA_OK && status != LUA_ERRMEM) return fail(L, count);
  lua_settop(L, 2);
  return lua_pcall(L, 0, 0, 0) == LUA_OK || fail(L, count);
}

int main(void) {
  bool good = true, done = false;
  long count = 0;
  for (; good && !done; count++) {
    long left = LONG_MAX;
    lua_State *L = lua_newstate(allocate, &left);
    if (L == NULL) return EXIT_FAILURE;
    good = run(L, &left, count, &done);
    lua_close(L);
  }
  if (!good) return EXIT_FAILURE;
  printf("%ld allocations, each failed once\n", count - 1);
  return EXIT_SUCCESS;
}

/* Several Lua states in several threads, each with its own copy of everything, all on the same memory and semaphores.
 *
 * Each thread runs the script below in states of its own, one after the other, while the others do the same. Every other state is
 * closed in the middle, with all that it has open: the module goes from that state, and the regions of the others stay guarded. It
 * finds the module by LUA_CPATH. Leaves 0 where every thread saw what it had to see.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

enum { THREADS = 8, STATES = 10, TURNS = 200 };

static const char script[] = "local name, thread, turns = ...\n"
                             "local memwell = require 'memwell'\n"
                             "local region <close> = assert(memwell.Region.open(name, 4096))\n"
                             "local mutex <close> = assert(memwell.Semaphore.open(name, 1))\n"
                             "local counts = region:view('int64', 16)\n"
                             "local well = assert(memwell.Well.attach(name .. '-well'))\n"
                             "local turns_of = well:array('turns', 'int64', 2)\n"
                             "local turn, permits = well:mutex('turn'), well:semaphore('permits', 2)\n"
                             "local path, lost = os.tmpname()\n"
                             "for i = 1, turns do\n"
                             "  mutex:hold(function() counts[1] = counts[1] + 1 end)\n"
                             "  do local guard <close> = mutex:guard(60) counts[2] = counts[2] + 1 end\n"
                             "  counts:atomic_add(3)\n"
                             "  turn:hold(function() turns_of[1] = turns_of[1] + 1 end)\n"
                             "  permits:hold(function() turns_of:atomic_add(2) assert(permits.held <= 2) end)\n"
                             "  assert(not pcall(turn.hold, turn, function() turn:acquire() end))\n"
                             "  counts[3 + thread] = counts[3 + thread] + 1\n"
                             "  assert(not pcall(counts.at, counts, 17))\n"
                             "  assert(select(3, memwell.Region.attach(name .. '-nothing')) == memwell.errno.ENOENT)\n"
                             "  local own <close> = assert(memwell.Region.anonymous(800))\n"
                             "  local view = own:view('float64')\n"
                             "  view:fill(i)\n"
                             "  assert(view:sum() == 100 * i and #view:totable() == 100)\n"
                             "  if i % 20 == 0 then\n"
                             "    lost = assert(memwell.Region.file(path, 'r+', { size = 8 * memwell.PAGE_SIZE }))\n"
                             "    local elements = lost:view('int64')\n"
                             "    elements:fill(i)\n"
                             "    assert(io.open(path, 'w')):close()\n"
                             "    assert(select(3, elements:atomic_add(i)) == memwell.errno.EIO and lost.faulted)\n"
                             "    assert(not pcall(elements.sum, elements))\n"
                             "  end\n"
                             "end\n"
                             "os.remove(path)\n"
                             "coroutine.yield()\n"
                             "assert(not pcall(function() return lost:view()[1] end))\n";

static const char verdict[] = "local name, threads, turns = ...\n"
                              "local memwell = require 'memwell'\n"
                              "local region <close> = assert(memwell.Region.attach(name))\n"
                              "local counts = region:view('int64', 16)\n"
                              "assert(region:unlink() and memwell.Semaphore.unlink(name))\n"
                              "assert(counts[1] == threads * turns, 'turns were lost')\n"
                              "assert(counts[2] == threads * turns, 'guarded turns were lost')\n"
                              "assert(counts[3] == threads * turns, 'atomic turns were lost')\n"
                              "for thread = 1, threads do assert(counts[3 + thread] == turns, 'a thread lost turns') end\n"
                              "local well <close> = assert(memwell.Well.attach(name .. '-well'))\n"
                              "local turns_of = well:array('turns')\n"
                              "assert(turns_of[1] == threads * turns, 'turns of the well were lost')\n"
                              "assert(turns_of[2] == threads * turns and well:semaphore('permits').value == 2)\n"
                              "assert(#well:participants() == 1 and well:check())\n";

/* What a state has that is there before all others and after them. */
static const char survivor[] = "local name = ...\n"
                               "local memwell = require 'memwell'\n"
                               "local well <close> = assert(memwell.Well.create(name .. '-well', 65536, { temporary = true }))\n"
                               "local path = os.tmpname()\n"
                               "local region <close> = assert(memwell.Region.file(path, 'r+', { size = 3 * memwell.PAGE_SIZE }))\n"
                               "local elements = region:view('int64')\n"
                               "elements[1] = 1\n"
                               "coroutine.yield()\n"
                               "assert(elements[1] == 1 and region:check())\n"
                               "assert(io.open(path, 'w')):close()\n"
                               "os.remove(path)\n"
                               "assert(select(3, elements:atomic_load(1)) == memwell.errno.EIO and region.faulted)\n";

static char name[64];

typedef struct state {
  lua_State *L;
  lua_State *coroutine;
} state;

/* Go on with the coroutine; false, with a message, where it raised or did not do what it was to: end or yield. */
static bool resume(state *state, int arguments, int wanted) {
  int results;
  int status = lua_resume(state->coroutine, state->L, arguments, &results);
  if (status == wanted) return true;
  fprintf(stderr, "%s\n", status > LUA_YIELD ? lua_tostring(state->coroutine, -1) : "it ended too early or too late");
  return false;
}

/* Start a chunk in a new state, with the name and two numbers. */
static bool begin(state *state, const char *chunk, int first, int second, int wanted) {
  state->L = luaL_newstate();
  if (state->L == NULL) return false;
  luaL_openlibs(state->L);
  state->coroutine = lua_newthread(state->L);
  if (luaL_loadstring(state->coroutine, chunk) != LUA_OK) return false;
  lua_pushstring(state->coroutine, name);
  lua_pushinteger(state->coroutine, first);
  lua_pushinteger(state->coroutine, second);
  return resume(state, 3, wanted);
}

static void end(state *state) {
  if (state->L != NULL) lua_close(state->L);
}

static void *work(void *argument) {
  int *thread = argument;
  bool good = true;
  for (int i = 0; i < STATES && good; i++) {
    state state;
    good = begin(&state, script, *thread, TURNS, LUA_YIELD);
    if (good && i % 2 == 0) good = resume(&state, 0, LUA_OK);
    end(&state);
  }
  *thread = good;
  return NULL;
}

static bool run_threads(void) {
  pthread_t threads[THREADS];
  int numbers[THREADS];
  bool good = true;
  for (int i = 0; i < THREADS; i++) {
    numbers[i] = i + 1;
    if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0) abort();
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    good = good && numbers[i];
  }
  return good;
}

/* Read a page that its file does not have, which no region is about. */
static void touch_beyond_the_end(void) {
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  FILE *file = tmpfile();
  if (file == NULL) _exit(EXIT_FAILURE);
  volatile char *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, fileno(file), 0);
  (void)*page;
  _exit(EXIT_SUCCESS);
}

/* With no state left, the handler that the module installed is still there to hand a fault on that is none of its own. */
static bool a_foreign_fault_kills(void) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) touch_beyond_the_end();
  int status = 0;
  bool good = waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
  if (!good) fprintf(stderr, "a fault of the program's own ended it with status 0x%x, and not by SIGBUS\n", (unsigned)status);
  return good;
}

int main(void) {
  state first, last;
  snprintf(name, sizeof name, "memwell-lua-%ld-threads", (long)getpid());
  bool good = begin(&first, survivor, 0, 0, LUA_YIELD);
  good = run_threads() && good;
  good = begin(&last, verdict, THREADS, STATES * TURNS, LUA_OK) && good;
  end(&last);
  good = good && resume(&first, 0, LUA_OK);
  end(&first);
  good = a_foreign_fault_kills() && good;
  if (!good) return EXIT_FAILURE;
  printf("%d threads, %d states each, %d turns in each\n", THREADS, STATES, TURNS);
  return EXIT_SUCCESS;
}

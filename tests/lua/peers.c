/* What tests of sockets and children need and Lua has not: socket pairs, raw messages with descriptors, fork and wait.
 *
 * A module that only the tests load. Every function returns nil, message, errno where the system refuses.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>

enum { MOST_DESCRIPTORS = 8 };

static int to_fd(lua_State *L, int arg) { return (int)luaL_checkinteger(L, arg); }

/* peers.socketpair(kind): two connected descriptors; kind is "stream" (default) or "seqpacket". */
static int peers_socketpair(lua_State *L) {
  static const char *const names[] = {"stream", "seqpacket", NULL};
  static const int kinds[] = {SOCK_STREAM, SOCK_SEQPACKET};
  int ends[2], kind = kinds[luaL_checkoption(L, 1, "stream", names)];
  if (socketpair(AF_UNIX, kind | SOCK_CLOEXEC, 0, ends) != 0) return luaL_fileresult(L, 0, NULL);
  lua_pushinteger(L, ends[0]);
  lua_pushinteger(L, ends[1]);
  return 2;
}

/* peers.close(fd) */
static int peers_close(lua_State *L) { return luaL_fileresult(L, close(to_fd(L, 1)) == 0, NULL); }

/* peers.send(fd, bytes, descriptors...): one message, with as many descriptors as are given. */
static int peers_send(lua_State *L) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  } control;
  int fds[MOST_DESCRIPTORS], count = 0;
  size_t size;
  const char *bytes = luaL_checklstring(L, 2, &size);
  for (int arg = 3; arg <= lua_gettop(L) && count < MOST_DESCRIPTORS; arg++) fds[count++] = to_fd(L, arg);
  struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE((size_t)count * sizeof *fds);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN((size_t)count * sizeof *fds);
    memcpy(CMSG_DATA(&control.header), fds, (size_t)count * sizeof *fds);
  }
  return luaL_fileresult(L, sendmsg(to_fd(L, 1), &message, MSG_NOSIGNAL) >= 0, NULL);
}

/* peers.fork(fn): the child's process id. The child calls fn and ends: with 0, or with 1 where it raises. */
static int peers_fork(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  pid_t child = fork();
  if (child < 0) return luaL_fileresult(L, 0, NULL);
  if (child == 0) {
    lua_settop(L, 1);
    int failed = lua_pcall(L, 0, 0, 0) != LUA_OK;
    if (failed) lua_writestringerror("child: %s\n", lua_tostring(L, -1));
    _exit(failed);
  }
  lua_pushinteger(L, child);
  return 1;
}

/* peers.wait(child): "exit" or "signal", and the number. */
static int peers_wait(lua_State *L) {
  int status;
  if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) < 0) return luaL_fileresult(L, 0, NULL);
  lua_pushstring(L, WIFSIGNALED(status) ? "signal" : "exit");
  lua_pushinteger(L, WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  return 2;
}

__attribute__((visibility("default"))) int luaopen_memwell_peers(lua_State *L);

int luaopen_memwell_peers(lua_State *L) {
  static const luaL_Reg functions[] = {{"socketpair", peers_socketpair},
                                       {"close", peers_close},
                                       {"send", peers_send},
                                       {"fork", peers_fork},
                                       {"wait", peers_wait},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}

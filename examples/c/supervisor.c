/* Keep workers at work on a well, and show who is attached to it, what each holds, and who died.
 *
 *   supervisor FILE [WORKERS] [--seconds S] [--once] [-- COMMAND ...] ...
 *
 * Starts so many workers (3), and a new one for each that goes: by the commands in turn, or else by pool FILE 2. Kill some from
 * another terminal, kill -9 PID, and watch. Ctrl-C sends all of them home. With 0 workers it only looks, at any well. --once shows
 * the table once, when all are at work.
 *
 * It has its news from the well, not from the system's parents and children. So the workers may be of any language, be started by
 * hand, or be left by a supervisor that was killed itself: start another one, and it goes on with them.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "memwell.h"

enum { SIZE = 65536, SLOTS = 64, MOST_COMMANDS = 8, NEWS = 8 };
enum { PID, LANGUAGE, TURNS, FIELDS }; /* of a row of the roster */
static const char *const languages[] = {"-", "c", "lua", "python"};
#define REFRESH 0.2 /* seconds between two looks */
#define COMING 5.0  /* seconds that a worker has to come after its start, and to go at the end */

/* One who is attached, as it was at one look; a pid of 0 means nobody. */
typedef struct guest {
  int64_t pid;
  mw_participant_state state;
  bool self;
  int64_t language; /* 0: it has no row in the roster */
  int64_t turns;
  char holds[128];
} guest;

/* Where a worker belongs. */
typedef struct place {
  int64_t pid;
  mw_deadline comes; /* until then it may still be starting */
} place;

static mw_error error;
static mw_well *well;
static mw_view roster;
static mw_event *stop;
static guest guests[SLOTS];
static place places[SLOTS];
static int workers = 3, command_count;
static char **commands[MOST_COMMANDS];
static char news[NEWS][160];
static bool on_terminal, once;
static volatile sig_atomic_t interrupted;

static int must(int status) {
  if (status >= 0) return status;
  char text[640];
  mw_error_message(&error, text, sizeof text);
  fprintf(stderr, "supervisor: %s\n", text);
  exit(1);
}

static void interrupt(int number) { interrupted = number; }

/* A line that the screen keeps for a while, or, where no terminal is, one that is printed at once. */
__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...) {
  memmove(news, news + 1, sizeof news - sizeof news[0]);
  time_t now = time(NULL);
  char *line = news[NEWS - 1];
  size_t length = strftime(line, sizeof news[0], "%H:%M:%S  ", localtime(&now));
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + length, sizeof news[0] - length, format, arguments);
  va_end(arguments);
  if (!on_terminal) puts(line + length);
  fflush(stdout);
}

static bool has_passed(mw_deadline deadline) { return mw_deadline_after(1e-6) >= deadline; }

/* ---- looking */

static int64_t roster_field(int slot, uint64_t field) {
  mw_view row;
  int64_t value;
  must(mw_view_select(&roster, 0, (uint64_t)slot, &error, &row));
  must(mw_view_atomic_load(&row, field, &error, &value));
  return value;
}

static void read_holds(int slot, char *text, size_t size) {
  mw_object_info held;
  size_t length = 0;
  text[0] = '\0';
  for (uint32_t cursor = 0; must(mw_well_next_held(well, slot, &cursor, &error, &held)) > 0 && length < size;)
    length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? ", " : "", held.name);
}

static void look(guest *now) {
  mw_participant_info info;
  memset(now, 0, SLOTS * sizeof *now);
  for (uint32_t cursor = 0; must(mw_well_next_participant(well, &cursor, &error, &info)) > 0;) {
    if (info.slot >= SLOTS) continue;
    guest *guest = &now[info.slot];
    *guest = (struct guest){.pid = info.pid, .state = info.state, .self = info.self};
    read_holds(info.slot, guest->holds, sizeof guest->holds);
    if (roster_field(info.slot, PID) != info.pid) continue;
    int64_t language = roster_field(info.slot, LANGUAGE);
    guest->language = language > 0 && language < 4 ? language : 0;
    guest->turns = roster_field(info.slot, TURNS);
  }
}

/* A worker that leaves takes its pid out of the roster; one that dies cannot. */
static void say_who_went(int slot, const guest *now) {
  const guest *before = &guests[slot];
  bool dead = now->pid == before->pid && now->state == MW_DEAD;
  if (before->pid == 0 || (now->pid == before->pid && !dead)) return;
  if (!dead && roster_field(slot, PID) != before->pid) {
    tell("%d left", (int)before->pid);
    return;
  }
  const char *holds = dead ? now->holds : before->holds;
  tell("%d died, holding %s", (int)before->pid, holds[0] ? holds : "nothing");
}

/* Compare with the look before, and give back what the dead hold. */
static void update(void) {
  guest now[SLOTS];
  look(now);
  for (int slot = 0; slot < SLOTS; slot++) {
    say_who_went(slot, &now[slot]);
    if (now[slot].state == MW_DEAD) now[slot].pid = 0;
    if (now[slot].pid != 0 && now[slot].pid != guests[slot].pid && !now[slot].self) tell("%d came", (int)now[slot].pid);
    guests[slot] = now[slot];
  }
  must(mw_well_reap(well, &error, &(unsigned){0}));
}

/* The guest of that pid, or NULL. */
static const guest *guest_of(int64_t pid) {
  for (int slot = 0; slot < SLOTS; slot++)
    if (pid != 0 && guests[slot].pid == pid) return &guests[slot];
  return NULL;
}

/* ---- workers */

static pid_t start(char **command) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  setpgid(0, 0); /* so that a terminal's Ctrl-C is for the supervisor alone */
  signal(SIGCHLD, SIG_DFL);
  dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
  execvp(command[0], command);
  fprintf(stderr, "supervisor: cannot start %s: %s\n", command[0], strerror(errno));
  _exit(127);
}

/* Those who are at work already have the first places. */
static void adopt(void) {
  int taken = 0;
  for (int slot = 0; slot < SLOTS && taken < workers; slot++)
    if (guests[slot].language != 0) places[taken++].pid = guests[slot].pid;
}

static void fill_places(void) {
  for (int i = 0; i < workers; i++) {
    place *place = &places[i];
    bool here = guest_of(place->pid) != NULL;
    if (here) place->comes = 0;
    if (here || !has_passed(place->comes)) continue;
    if (place->comes != 0) tell("%d was started and did not come", (int)place->pid);
    *place = (struct place){start(commands[i % command_count]), mw_deadline_after(COMING)};
  }
}

static bool all_are_at_work(void) {
  for (int i = 0; i < workers; i++) {
    const guest *guest = guest_of(places[i].pid);
    if (guest == NULL || guest->language == 0) return false;
  }
  return true;
}

/* It has signed on, or was started here: it does that a moment after it came, and signs off a moment before it goes. */
static bool is_worker(const guest *guest) {
  for (int i = 0; i < workers; i++)
    if (guest->pid != 0 && places[i].pid == guest->pid) return true;
  return guest->language != 0;
}

/* ---- showing */

static void show_guests(void) {
  printf("%4s  %7s  %-10s  %-7s  %5s  %s\n", "slot", "pid", "language", "state", "turns", "holds");
  for (int slot = 0; slot < SLOTS; slot++) {
    const guest *guest = &guests[slot];
    if (guest->pid == 0) continue;
    const char *who = guest->self ? "supervisor" : languages[guest->language];
    printf("%4d  %7d  %-10s  %-7s  %5d  %s\n", slot, (int)guest->pid, who, guest->state == MW_STOPPED ? "stopped" : "running",
           (int)guest->turns, guest->holds);
  }
}

static void describe(const mw_object_info *object, char *text, size_t size) {
  if (strcmp(object->kind, "semaphore") == 0)
    snprintf(text, size, "%u of %u free", object->capacity - object->held, object->capacity);
  else if (object->inconsistent)
    snprintf(text, size, "inconsistent: its owner died");
  else if (object->owner >= 0 && object->owner < SLOTS)
    snprintf(text, size, "held by %d", (int)guests[object->owner].pid);
  else
    snprintf(text, size, "free");
}

/* Its locks; arrays and events have nobody who could die with them. */
static void show_locks(void) {
  mw_object_info object;
  for (uint32_t cursor = 0; must(mw_well_next_object(well, &cursor, &error, &object)) > 0;) {
    if (strcmp(object.kind, "semaphore") != 0 && strcmp(object.kind, "mutex") != 0) continue;
    char text[64];
    describe(&object, text, sizeof text);
    printf("%s %s: %s, %u waiting\n", object.kind, object.name, text, object.waiters);
  }
}

static void show(void) {
  if (on_terminal) printf("\033[H\033[J%s: kill -9 one of these from another terminal; Ctrl-C ends\n\n", mw_well_name(well));
  show_guests();
  show_locks();
  for (int i = 0; i < NEWS && on_terminal; i++)
    if (news[i][0] != '\0') puts(news[i]);
  fflush(stdout);
}

/* ---- the whole */

/* Look, start, show, until Ctrl-C, the deadline, or somebody's "stop". */
static void supervise(mw_deadline deadline) {
  int status = MW_ETIMEDOUT;
  update();
  adopt();
  while (!interrupted && (status == MW_ETIMEDOUT || status == MW_EINTR) && !has_passed(deadline)) {
    fill_places();
    if (once && all_are_at_work()) break;
    if (on_terminal && !once) show();
    status = mw_event_wait(stop, mw_deadline_after(REFRESH), &error);
    update();
  }
  show();
}

static bool somebody_works(void) {
  for (int slot = 0; slot < SLOTS; slot++)
    if (is_worker(&guests[slot]) && guests[slot].state == MW_RUNNING) return true;
  return false;
}

static void send_home(void) {
  must(mw_event_set(stop, &error));
  mw_deadline deadline = mw_deadline_after(COMING);
  while (somebody_works() && !has_passed(deadline)) {
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    update();
  }
  for (int slot = 0; slot < SLOTS; slot++)
    if (is_worker(&guests[slot])) fprintf(stderr, "supervisor: %d does not end; kill -9 it\n", (int)guests[slot].pid);
  must(mw_event_clear(stop, &error));
}

static void usage(void) {
  fprintf(stderr, "usage: supervisor FILE [WORKERS] [--seconds S] [--once] [-- COMMAND ...] ...\n");
  exit(2);
}

/* Each "--" begins a command, and ends the one before it. */
static void read_commands(char **argument) {
  for (; *argument != NULL; argument++) {
    if (strcmp(*argument, "--") != 0) continue;
    *argument = NULL;
    if (argument[1] == NULL || command_count == MOST_COMMANDS) usage();
    commands[command_count++] = argument + 1;
  }
}

/* Returns the seconds that it is to take. */
static double read_arguments(char **argv) {
  static char pool[4096], two[] = "2";
  static char *by_default[] = {pool, NULL, two, NULL};
  double seconds = 1e9;
  char **argument = argv[0] && argv[1] && argv[1][0] != '-' ? argv + 2 : (usage(), argv);
  for (; *argument != NULL && strcmp(*argument, "--") != 0; argument++) {
    if (strcmp(*argument, "--once") == 0) {
      once = true;
    } else if (strcmp(*argument, "--seconds") == 0 && argument[1] != NULL) {
      seconds = atof(*++argument);
    } else if (strspn(*argument, "0123456789") == strlen(*argument) && atoi(*argument) < SLOTS) {
      workers = atoi(*argument);
    } else {
      usage();
    }
  }
  const char *slash = strrchr(argv[0], '/');
  snprintf(pool, sizeof pool, "%.*spool", slash ? (int)(slash + 1 - argv[0]) : 0, argv[0]); /* beside this program */
  by_default[1] = argv[1];
  read_commands(argument);
  if (command_count == 0) commands[command_count++] = by_default;
  return seconds;
}

int main(int argc, char **argv) {
  (void)argc;
  mw_deadline deadline = mw_deadline_after(read_arguments(argv));
  on_terminal = isatty(STDOUT_FILENO);
  struct sigaction action = {.sa_handler = interrupt};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGCHLD, SIG_IGN); /* the well says who died */
  must(mw_well_file(argv[1], SIZE, NULL, &error, &well));
  must(mw_well_array(well, "roster", MW_INT64, 2, (uint64_t[]){SLOTS, FIELDS}, &error, &roster));
  must(mw_well_event(well, "stop", 0, &error, &stop));
  if (workers > 0) must(mw_event_clear(stop, &error));
  supervise(deadline);
  if (workers > 0) send_home();
  if (workers > 0 && on_terminal) show();
  mw_event_drop(stop);
  must(mw_well_close(well, &error));
  return 0;
}

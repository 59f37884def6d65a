/* System V semaphores, which come in sets.
 *
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <time.h>

#include "platform/os.h"

#define NANOSECONDS 1000000000

/* POSIX leaves its definition to the program. */
union semun {
  int val;
  struct semid_ds *buf;
  unsigned short *array;
};

static int find(int key, int count, int flags, int *out_id) {
  int id = semget(key, count, flags);
  if (id < 0) return errno;
  *out_id = id;
  return 0;
}

int mw__os_sysv_set_find(int key, bool to_use, int *out_id) { return find(key, 0, to_use ? S_IRUSR | S_IWUSR : 0, out_id); }

int mw__os_sysv_set_create(int key, unsigned count, unsigned permissions, int *out_id) {
  return find(key, (int)count, IPC_CREAT | IPC_EXCL | (int)(permissions & 0777), out_id);
}

int mw__os_sysv_set_info(int id, mw__os_sysv_info *out_info) {
  struct semid_ds set = {0};
  if (semctl(id, 0, IPC_STAT, (union semun){.buf = &set}) != 0) return errno;
  *out_info = (mw__os_sysv_info){.owner = set.sem_perm.uid, .size = set.sem_nsems, .was_used = set.sem_otime != 0};
  return 0;
}

int mw__os_sysv_set_remove(int id) { return semctl(id, 0, IPC_RMID) == 0 ? 0 : errno; }

static int operate(int id, struct sembuf *operations, size_t count) { return semop(id, operations, count) == 0 ? 0 : errno; }

/* Down and up again in one operation leaves the value as it is; of a value of 0, to wait for 0. */
static int mark_used(int id, unsigned value) {
  struct sembuf none = {.sem_flg = IPC_NOWAIT}, down_and_up[] = {{.sem_op = -1, .sem_flg = IPC_NOWAIT}, {.sem_op = 1}};
  return value ? operate(id, down_and_up, 2) : operate(id, &none, 1);
}

int mw__os_sysv_set_begin(int id, unsigned count, unsigned value) {
  unsigned short *values = malloc(count * sizeof *values);
  if (!values) return ENOMEM;
  for (unsigned i = 0; i < count; i++) values[i] = (unsigned short)value;
  int failure = semctl(id, 0, SETALL, (union semun){.array = values}) == 0 ? 0 : errno;
  free(values);
  return failure ? failure : mark_used(id, value);
}

static struct sembuf operation(unsigned index, int change, bool undo, int flags) {
  return (struct sembuf){
      .sem_num = (unsigned short)index, .sem_op = (short)change, .sem_flg = (short)(flags | (undo ? SEM_UNDO : 0))};
}

int mw__os_sysv_set_try(int id, unsigned index, int change, bool undo) {
  struct sembuf one = operation(index, change, undo, IPC_NOWAIT);
  return operate(id, &one, 1);
}

/* What the kernel calls EAGAIN here is a time that is over. */
int mw__os_sysv_set_wait(int id, unsigned index, int change, bool undo, mw_deadline deadline) {
  struct sembuf one = operation(index, change, undo, 0);
  int64_t left = deadline - mw__os_now();
  if (left < 0) left = 0;
  struct timespec span = {.tv_sec = left / NANOSECONDS, .tv_nsec = left % NANOSECONDS};
  if (semtimedop(id, &one, 1, &span) == 0) return 0;
  return errno == EAGAIN ? ETIMEDOUT : errno;
}

int mw__os_sysv_set_value(int id, unsigned index, int *out_value) {
  int value = semctl(id, (int)index, GETVAL);
  if (value < 0) return errno;
  *out_value = value;
  return 0;
}

int mw__os_fail_sysv_set(const mw__call *call, int os_errno, unsigned count) {
  int most = 0, all = 0, sets = 0, at_once = 0;
  FILE *file = fopen("/proc/sys/kernel/sem", "re"); /* SEMMSL, SEMMNS, SEMOPM, SEMMNI */
  if (file) {
    if (fscanf(file, "%d %d %d %d", &most, &all, &at_once, &sets) != 4) most = all = sets = 0;
    fclose(file);
  }
  if (os_errno == EINVAL)
    return mw__fail_errno(call, os_errno, "%u semaphores are more than SEMMSL allows in a set (%d); root can raise kernel.sem",
                          count, most);
  if (os_errno == ENOSPC)
    return mw__fail_errno(call, os_errno,
                          "SEMMNI (%d sets) or SEMMNS (%d semaphores) is reached; remove some (ipcs, ipcrm), or have root raise "
                          "kernel.sem",
                          sets, all);
  return mw__os_fail(call, os_errno);
}

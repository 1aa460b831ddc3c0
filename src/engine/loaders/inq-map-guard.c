/* Inquadra - mapped files that get shorter: an error instead of the end of the program.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-map-guard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Enough for every shard of several models; what is beyond is guarded by inq_weights_check() alone. */
#define MAX_GUARDS 512

struct _InqMapGuard {
  guintptr begin, end; /* atomic; begin 0: free */
  int hurt;            /* atomic */
};

static InqMapGuard guards[MAX_GUARDS];
static GMutex lock;
static struct sigaction before;

static gboolean
mend (guintptr at)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  for (guint i = 0; i < MAX_GUARDS; i++) {
    guintptr begin = __atomic_load_n (&guards[i].begin, __ATOMIC_ACQUIRE);
    guintptr end = __atomic_load_n (&guards[i].end, __ATOMIC_ACQUIRE);
    if (begin == 0 || at < begin || at >= end)
      continue;
    /* Everything from here to the end of the map at once: what follows in the file is gone too. */
    guintptr from = at & ~(guintptr) (page - 1);
    __atomic_store_n (&guards[i].hurt, 1, __ATOMIC_RELEASE);
    return mmap ((void *) from, end - from, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
  }
  return FALSE;
}

static void
bus_cb (int number, siginfo_t *info, void *context)
{
  int saved = errno;
  if (info->si_code > 0 && mend ((guintptr) info->si_addr)) { /* > 0: by the kernel, not by kill() */
    errno = saved;
    return;
  }
  if (before.sa_flags & SA_SIGINFO && before.sa_sigaction) {
    before.sa_sigaction (number, info, context);
  } else if (!(before.sa_flags & SA_SIGINFO) && before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler (number);
  } else {
    signal (SIGBUS, SIG_DFL); /* the instruction is tried again, and the program ends as it would have */
    if (info->si_code <= 0)
      raise (SIGBUS);
  }
  errno = saved;
}

static void
install (void)
{
  static gsize done;
  if (!g_once_init_enter (&done))
    return;
  struct sigaction action = { .sa_sigaction = bus_cb, .sa_flags = SA_SIGINFO | SA_NODEFER };
  sigemptyset (&action.sa_mask);
  sigaction (SIGBUS, &action, &before);
  g_once_init_leave (&done, 1);
}

InqMapGuard *
inq_map_guard_new (const void *data, gsize size)
{
  InqMapGuard *guard = NULL;
  install ();
  g_mutex_lock (&lock);
  for (guint i = 0; !guard && i < MAX_GUARDS; i++)
    if (guards[i].begin == 0)
      guard = &guards[i];
  if (guard) {
    __atomic_store_n (&guard->hurt, 0, __ATOMIC_RELEASE);
    __atomic_store_n (&guard->end, (guintptr) data + size, __ATOMIC_RELEASE);
    __atomic_store_n (&guard->begin, (guintptr) data, __ATOMIC_RELEASE);
  }
  g_mutex_unlock (&lock);
  return guard;
}

void
inq_map_guard_free (InqMapGuard *guard)
{
  if (!guard)
    return;
  g_mutex_lock (&lock);
  __atomic_store_n (&guard->begin, 0, __ATOMIC_RELEASE);
  g_mutex_unlock (&lock);
}

gboolean
inq_map_guard_is_hurt (InqMapGuard *guard)
{
  return guard && __atomic_load_n (&guard->hurt, __ATOMIC_ACQUIRE);
}

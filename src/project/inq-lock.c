/* Inquadra - one editor per board file
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The lock is a flock on PATH-lock, not on the board: closing any descriptor of the board would drop SQLite's own
 * (POSIX) locks. The kernel lets go of it when the process dies; the small file that stays then does no harm. */

static char *
lock_name (const char *path)
{
  return g_strconcat (path, "-lock", NULL);
}

gboolean
inq_lock_take (const char *path, int *fd, GError **error)
{
  g_autofree char *name = lock_name (path);

  *fd = -1;
  for (;;) {
    struct stat held, named;
    int file = open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

    if (file < 0)
      file = open (name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW); /* another user's: it can be locked all the same */
    if (file < 0)
      return TRUE; /* no lock file can be made here: the write itself will tell */
    if (flock (file, LOCK_EX | LOCK_NB) != 0) {
      gboolean busy = errno == EWOULDBLOCK;

      close (file);
      if (busy) {
        g_autofree char *display = g_filename_display_basename (path);

        g_set_error (
            error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY,
            _ ("“%s” is already open for editing in another window. Close it there, or open it here to look at only."),
            display);
        return FALSE;
      }
      return TRUE; /* a filesystem without locks */
    }
    /* The holder before us may have removed the name between our open and our flock. */
    if (fstat (file, &held) == 0 && stat (name, &named) == 0 && held.st_ino == named.st_ino
        && held.st_dev == named.st_dev) {
      *fd = file;
      return TRUE;
    }
    close (file);
  }
}

gboolean
inq_lock_is_free (const char *path)
{
  g_autofree char *name = lock_name (path);
  int file = open (name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean free;

  if (file < 0)
    return TRUE;
  free = flock (file, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  close (file); /* and with it the lock, if it was had */
  return free;
}

void
inq_lock_release (const char *path, int fd)
{
  g_autofree char *name = lock_name (path);

  if (fd < 0)
    return;
  unlink (name);
  close (fd);
}

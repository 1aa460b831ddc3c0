/* Inquadra - where the file of an open document is now
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-private.h"

#include "inq-sql.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void
inq_document_watch_file (InqDocument *document)
{
  /* A path descriptor: closing it drops none of the locks SQLite holds on the file. */
  document->watch_fd = open (document->path, O_PATH | O_CLOEXEC);
}

static gboolean
is_file (const char *path, const struct stat *file)
{
  struct stat named;

  return stat (path, &named) == 0 && named.st_ino == file->st_ino && named.st_dev == file->st_dev;
}

InqFilePlace
inq_document_find_file (InqDocument *document, char **moved_to)
{
  struct stat file;
  g_autofree char *link = NULL;
  g_autofree char *now = NULL;

  if (document->watch_fd < 0 || fstat (document->watch_fd, &file) != 0 || is_file (document->path, &file))
    return INQ_FILE_HERE;
  link = g_strdup_printf ("/proc/self/fd/%d", document->watch_fd);
  now = file.st_nlink > 0 ? g_file_read_link (link, NULL) : NULL;
  if (now == NULL || !is_file (now, &file))
    return INQ_FILE_GONE;
  if (moved_to != NULL)
    *moved_to = g_steal_pointer (&now);
  return INQ_FILE_MOVED;
}

gboolean
inq_document_fold (InqDocument *document, GError **error)
{
  gint64 busy = 0;

  /* One row: whether another kept it from being done. Without a log there is none to fold. */
  if (!inq_sql_pragma (document->db, "PRAGMA wal_checkpoint (TRUNCATE)", document->path, &busy, error))
    return FALSE;
  return busy == 0 || inq_sql_fail (NULL, SQLITE_BUSY, document->path, error);
}

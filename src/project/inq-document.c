/* Inquadra - a board file: make, open, close, copy
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document.h"

#include "inq-schema.h"
#include "inq-sql.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* How long to wait for another connection (a viewer's read, an indexer) before BUSY. */
#define BUSY_MS 5000

static gboolean
fail_errno (GError **error, const char *path, int errnum)
{
  g_autofree char *name = g_filename_display_basename (path);
  InqProjectError code = INQ_PROJECT_ERROR_FAILED;

  if (errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG)
    code = INQ_PROJECT_ERROR_FULL;
  else if (errnum == EEXIST)
    code = INQ_PROJECT_ERROR_EXISTS;
  else if (errnum == ENOENT)
    code = INQ_PROJECT_ERROR_NOT_FOUND;
  else if (errnum == EACCES || errnum == EROFS || errnum == EPERM)
    code = INQ_PROJECT_ERROR_READ_ONLY;
  g_set_error (error, INQ_PROJECT_ERROR, code, _ ("“%s”: %s"), name, g_strerror (errnum));
  return FALSE;
}

/* The one name of the file, links resolved, so that the lock is the same by whatever way it is reached. */
static char *
canonical_path (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *real = realpath (absolute, NULL);
  char *result = g_strdup (real != NULL ? real : absolute);

  free (real);
  return result;
}

static void
update_cb (void *data, int op, const char *database, const char *table, sqlite3_int64 row)
{
  InqDocument *document = data;

  inq_changes_note (document->changes, table, row);
}

static void
connection_free (InqDocument *document)
{
  g_clear_pointer (&document->statements, g_hash_table_unref);
  if (document->db != NULL)
    sqlite3_close (document->db);
  document->db = NULL;
}

static void
document_dispose (InqDocument *document)
{
  connection_free (document);
  if (document->watch_fd >= 0)
    close (document->watch_fd);
  inq_lock_release (document->path, document->lock_fd);
  if (document->scratch != NULL) {
    static const char *const names[] = { "board", "board-wal", "board-shm", "board-journal" };

    for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
      g_autofree char *file = g_build_filename (document->scratch, names[i], NULL);

      g_unlink (file);
    }
    g_rmdir (document->scratch);
    g_free (document->scratch);
  }
  g_free (document->path);
  g_free (document->read_only_reason);
  g_free (document->label);
  g_free (document->merge_key);
  g_free (document->undo_label);
  g_free (document->redo_label);
  inq_changes_free (document->changes);
  inq_changes_free (document->finished);
  g_free (document);
}

static void
statement_free (gpointer statement)
{
  sqlite3_finalize (statement);
}

static InqDocument *
document_alloc (const char *path)
{
  InqDocument *document = g_new0 (InqDocument, 1);

  document->path = canonical_path (path);
  document->lock_fd = document->watch_fd = -1;
  document->statements = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, statement_free);
  document->changes = inq_changes_new ();
  document->finished = inq_changes_new ();
  return document;
}

static gboolean
open_connection (const char *file, int flags, sqlite3 **db, GError **error)
{
  int rc = sqlite3_open_v2 (file, db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

  if (rc != SQLITE_OK) {
    inq_sql_fail (*db, rc, file, error);
    sqlite3_close (*db);
    *db = NULL;
    return FALSE;
  }
  sqlite3_busy_timeout (*db, BUSY_MS);
  /* A board may come from a stranger: nothing in its schema may do more than a table does. TEMP triggers still run. */
  sqlite3_db_config (*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (*db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (*db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_exec (*db, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0", NULL, NULL, NULL);
  return TRUE;
}

/* Application and version of an open file; changes nothing. */
static gboolean
check_header (sqlite3 *db, const char *path, gint64 *version, GError **error)
{
  gint64 application = 0;

  if (!inq_sql_pragma (db, "PRAGMA application_id", path, &application, error)
      || !inq_sql_pragma (db, "PRAGMA user_version", path, version, error))
    return FALSE;
  if (application != INQ_APPLICATION_ID || *version < 1) {
    g_autofree char *name = g_filename_display_basename (path);

    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NOT_A_BOARD,
                 _ ("“%s” is not an Inquadra board. Boards end in .inquadra; pictures and models can be dropped on an "
                    "open one."),
                 name);
    return FALSE;
  }
  if (*version > INQ_SCHEMA_VERSION)
    return inq_schema_migrate (db, inq_migrations, path, error); /* says NEWER */
  return TRUE;
}

static gboolean
copy_file (const char *from, const char *to, gboolean must_exist, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) target = g_file_new_for_path (to);

  if (!must_exist && !g_file_test (from, G_FILE_TEST_EXISTS))
    return TRUE;
  return g_file_copy (source, target, G_FILE_COPY_NONE, NULL, NULL, NULL, error);
}

/* A board that a crash left with a log, in a place that cannot be written, cannot be read in place: SQLite would have
 * to play the log back; nor can one of an older format. A private copy is read instead. */
static gboolean
open_scratch (InqDocument *document, GError **error)
{
  static const char *const suffixes[] = { "", "-wal", "-journal" };
  g_autofree char *board = NULL;
  gint64 version = 0;

  document->scratch = g_dir_make_tmp ("inquadra-XXXXXX", error);
  if (document->scratch == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *from = g_strconcat (document->path, suffixes[i], NULL);
    g_autofree char *to = g_strconcat (document->scratch, "/board", suffixes[i], NULL);

    if (!copy_file (from, to, i == 0, error))
      return FALSE;
    g_chmod (to, 0600);
  }
  board = g_build_filename (document->scratch, "board", NULL);
  if (!open_connection (board, SQLITE_OPEN_READWRITE, &document->db, error)
      || !check_header (document->db, document->path, &version, error))
    return FALSE;
  /* An older format is brought forward in the copy. */
  if (version < INQ_SCHEMA_VERSION && !inq_schema_migrate (document->db, inq_migrations, document->path, error))
    return FALSE;
  return inq_sql_script (document->db, "PRAGMA query_only = ON", document->path, error);
}

static gboolean
open_read_only (InqDocument *document, GError **error)
{
  g_autoptr (GError) local = NULL;
  gint64 version = 0;

  if (!open_connection (document->path, SQLITE_OPEN_READONLY, &document->db, &local)
      || !check_header (document->db, document->path, &version, &local)) {
    int rc = document->db != NULL ? sqlite3_extended_errcode (document->db) : SQLITE_CANTOPEN;

    if (rc != SQLITE_CANTOPEN && rc != SQLITE_READONLY_ROLLBACK && rc != SQLITE_READONLY_RECOVERY
        && rc != SQLITE_READONLY_CANTINIT && rc != SQLITE_READONLY_CANTLOCK && rc != SQLITE_READONLY_DIRECTORY) {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
    version = 0;
  }
  if (version < INQ_SCHEMA_VERSION) {
    sqlite3_close (document->db);
    document->db = NULL;
    return open_scratch (document, error);
  }
  return TRUE;
}

/* Is this a board at all? Asked on a connection that cannot change the file, so that a stranger's database stays
 * untouched. */
static gboolean
peek (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  sqlite3 *db = NULL;
  gint64 version = 0;
  gboolean ok;
  int rc;

  if (!open_connection (path, SQLITE_OPEN_READONLY, &db, error))
    return FALSE;
  ok = check_header (db, path, &version, &local);
  rc = sqlite3_extended_errcode (db);
  sqlite3_close (db);
  /* With a log to play back only a writing connection can tell. */
  if (ok || (rc & 0xff) == SQLITE_READONLY || (rc & 0xff) == SQLITE_CANTOPEN)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* WAL needs memory that all who open the file share; over a network, or where files are a program's doing (FUSE), it
 * may seem to work and not do so. The rollback journal is as safe there, only slower. */
static gboolean
wal_can_work (const char *path)
{
  static const guint32 without[] = { NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC,  CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC,
                                     FUSE_SUPER_MAGIC, CODA_SUPER_MAGIC, AFS_SUPER_MAGIC,  V9FS_MAGIC };
  struct statfs info;

  if (statfs (path, &info) != 0)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (without); i++)
    if ((guint32) info.f_type == without[i])
      return FALSE;
  return TRUE;
}

static gboolean
open_read_write (InqDocument *document, GError **error)
{
  gint64 version = 0;

  if (!peek (document->path, error) || !open_connection (document->path, SQLITE_OPEN_READWRITE, &document->db, error)
      || !check_header (document->db, document->path, &version, error))
    return FALSE;
  if (!inq_sql_script (document->db, "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON",
                       document->path, error))
    return FALSE;
  sqlite3_exec (document->db,
                wal_can_work (document->path) ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE", NULL,
                NULL, NULL);
  if (version < INQ_SCHEMA_VERSION && !inq_schema_migrate (document->db, inq_migrations, document->path, error))
    return FALSE;
  if (!inq_document_install_undo (document, error))
    return FALSE;
  sqlite3_update_hook (document->db, update_cb, document);
  return TRUE;
}

static char *
why_not_writable (const char *path, InqOpenFlags flags)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (flags & INQ_OPEN_READ_ONLY)
    return g_strdup (_ ("The board is open to look at only."));
  if (faccessat (AT_FDCWD, path, W_OK, AT_EACCESS) != 0)
    return g_strdup (_ ("The file may not be written. Save a copy elsewhere to edit it."));
  if (faccessat (AT_FDCWD, folder, W_OK, AT_EACCESS) != 0)
    return g_strdup (_ ("The folder of the file may not be written. Save a copy elsewhere to edit it."));
  return NULL;
}

InqDocument *
inq_document_open (const char *path, InqOpenFlags flags, GError **error)
{
  InqDocument *document;
  struct stat info;
  gboolean ok;

  g_return_val_if_fail (path != NULL, NULL);
  document = document_alloc (path);
  if (stat (document->path, &info) != 0) {
    fail_errno (error, document->path, errno);
    goto fail;
  }
  if (!S_ISREG (info.st_mode)) {
    g_autofree char *name = g_filename_display_basename (path);

    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NOT_A_BOARD, _ ("“%s” is not a file."), name);
    goto fail;
  }
  document->read_only_reason = why_not_writable (document->path, flags);
  if (document->read_only_reason == NULL) {
    g_autoptr (GError) busy = NULL;

    if (!inq_lock_take (document->path, &document->lock_fd, &busy)) {
      if (!(flags & INQ_OPEN_FALL_BACK_READ_ONLY)) {
        g_propagate_error (error, g_steal_pointer (&busy));
        goto fail;
      }
      document->has_editor = TRUE;
      document->read_only_reason = g_strdup (
          _ ("The board is open for editing in another window; here it can be looked at."));
    }
  }
  document->read_only = document->read_only_reason != NULL;
  ok = document->read_only ? open_read_only (document, error) : open_read_write (document, error);
  if (ok && document->read_only)
    inq_document_was_changed (document);
  else if (ok)
    inq_document_watch_file (document);
  if (ok && inq_document_load_undo_state (document, error))
    return document;

fail:
  document_dispose (document);
  return NULL;
}

/* rename(2) that never replaces. */
static int
rename_no_replace (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return -1;
  if (link (from, to) == 0)
    return unlink (from);
  if (errno == EEXIST || access (to, F_OK) == 0) {
    errno = EEXIST;
    return -1;
  }
  return rename (from, to);
}

static void
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0) {
    fsync (fd);
    close (fd);
  }
}

/* A name beside @path for a file that is not whole yet. */
static char *
part_name (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);

  return g_strdup_printf ("%s/.%s.%08x.part", folder, base, g_random_int ());
}

static void
remove_part (const char *part)
{
  g_autofree char *journal = g_strconcat (part, "-journal", NULL);

  g_unlink (part);
  g_unlink (journal);
}

static gboolean
write_empty (const char *part, const char *path, const InqBoardSettings *settings, GError **error)
{
  sqlite3 *db = NULL;
  g_autofree char *sql = NULL;
  char *fill = NULL;
  gboolean ok;

  if (!open_connection (part, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, error))
    return FALSE;
  sql = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = FULL",
                         INQ_APPLICATION_ID);
  fill = sqlite3_mprintf (
      "UPDATE board SET title = %Q, frame_width = %d, frame_height = %d, rate_num = %d, rate_den = %d",
      settings->title != NULL ? settings->title : "", settings->frame_width, settings->frame_height, settings->rate.num,
      settings->rate.den);
  ok = inq_sql_script (db, sql, path, error) && inq_schema_migrate (db, inq_migrations, path, error)
       && inq_sql_script (db, fill, path, error);
  sqlite3_free (fill);
  sqlite3_close (db);
  return ok;
}

/* Renames the board @path, if there is one, and all that SQLite keeps beside it to a free name, @path~ or @path~2 and
 * so on: the log of a board that crashed and was deleted then must not be taken for the log of a new one of the same
 * name. */
static gboolean
move_aside (const char *path, GError **error)
{
  static const char *const suffixes[] = { "", "-wal", "-journal", "-shm" };
  g_autofree char *name = g_strconcat (path, "~", NULL);

  for (guint n = 2;; n++) {
    gboolean taken = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++) {
      g_autofree char *to = g_strconcat (name, suffixes[i], NULL);

      taken |= g_file_test (to, G_FILE_TEST_EXISTS);
    }
    if (!taken)
      break;
    g_free (name);
    name = g_strdup_printf ("%s~%u", path, n);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
    g_autofree char *to = g_strconcat (name, suffixes[i], NULL);

    if (rename (from, to) != 0 && errno != ENOENT)
      return fail_errno (error, from, errno);
  }
  return TRUE;
}

InqDocument *
inq_document_new (const char *path, const InqBoardSettings *settings, InqOpenFlags flags, GError **error)
{
  static const InqBoardSettings defaults = INQ_BOARD_SETTINGS_DEFAULT;
  g_autofree char *target = NULL;
  g_autofree char *part = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  if (settings == NULL)
    settings = &defaults;
  if (!inq_board_settings_check (settings, error))
    return NULL;
  target = canonical_path (path);
  if (g_file_test (target, G_FILE_TEST_EXISTS)) {
    int fd = -1;
    gboolean moved;

    if (!(flags & INQ_OPEN_REPLACE)) {
      fail_errno (error, target, EEXIST);
      return NULL;
    }
    if (!inq_lock_take (target, &fd, error))
      return NULL;
    moved = move_aside (target, error);
    inq_lock_release (target, fd);
    if (!moved)
      return NULL;
  } else if (!move_aside (target, error))
    return NULL;
  part = part_name (target);
  if (!write_empty (part, target, settings, error)) {
    remove_part (part);
    return NULL;
  }
  if (rename_no_replace (part, target) != 0) {
    fail_errno (error, target, errno);
    remove_part (part);
    return NULL;
  }
  sync_folder (target);
  return inq_document_open (target, INQ_OPEN_DEFAULT, error);
}

gboolean
inq_document_close (InqDocument *document, GError **error)
{
  gboolean ok = TRUE;

  g_return_val_if_fail (document != NULL, FALSE);
  g_warn_if_fail (document->depth == 0);
  if (document->depth > 0) {
    document->depth = 1;
    inq_document_rollback (document);
  }
  if (!document->read_only) {
    g_autoptr (GError) local = NULL;

    ok = inq_document_collect (document, NULL, error);
    g_hash_table_remove_all (document->statements);
    sqlite3_exec (document->db, "PRAGMA optimize", NULL, NULL, NULL);
    /* Another reader keeps the log from being folded away: then it stays, complete, for the next to close. */
    if (!inq_sql_script (document->db, "PRAGMA journal_mode = DELETE", document->path, &local)
        && !g_error_matches (local, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY)) {
      if (ok)
        g_propagate_error (error, g_steal_pointer (&local));
      ok = FALSE;
    }
  }
  document_dispose (document);
  return ok;
}

void
inq_document_free (InqDocument *document)
{
  g_autoptr (GError) error = NULL;

  if (document != NULL)
    inq_document_close (document, &error);
}

const char *
inq_document_get_path (InqDocument *document)
{
  return document->path;
}

gboolean
inq_document_is_read_only (InqDocument *document)
{
  return document->read_only;
}

const char *
inq_document_get_read_only_reason (InqDocument *document)
{
  return document->read_only_reason;
}

gboolean
inq_document_was_changed (InqDocument *document)
{
  gint64 version = document->data_version;

  if (document->scratch != NULL || !inq_sql_pragma (document->db, "PRAGMA data_version", document->path, &version, NULL)
      || version == document->data_version)
    return FALSE;
  document->data_version = version;
  return TRUE;
}

void
inq_document_let_go (InqDocument *document)
{
  /* A log is not removed by closing where the file was moved: SQLite leaves it to whoever moved it. */
  g_hash_table_remove_all (document->statements);
  sqlite3_exec (document->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
  document_dispose (document);
}

gboolean
inq_document_backup (InqDocument *document, const char *path, GError **error)
{
  g_autofree char *target = canonical_path (path);

  if (g_file_test (target, G_FILE_TEST_EXISTS))
    return fail_errno (error, target, EEXIST);
  return move_aside (target, error) && inq_document_copy_whole (document, target, error);
}

gboolean
inq_document_copy_whole (InqDocument *document, const char *target, GError **error)
{
  g_autofree char *part = part_name (target);

  if (!inq_sql_run (document, error, "VACUUM INTO ?1", "t", part)) {
    remove_part (part);
    return FALSE;
  }
  if (rename_no_replace (part, target) != 0) {
    fail_errno (error, target, errno);
    remove_part (part);
    return FALSE;
  }
  sync_folder (target);
  return TRUE;
}

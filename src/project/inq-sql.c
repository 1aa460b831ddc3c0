/* Inquadra - short calls into SQLite with GError
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-sql.h"

#include <errno.h>

/* @errnum: what the system said last, as far as SQLite or errno still know. */
static InqProjectError
error_code (int rc, int errnum)
{

  switch (rc & 0xff) {
  case SQLITE_FULL:
    return INQ_PROJECT_ERROR_FULL;
  case SQLITE_IOERR:
    if (errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG || rc == SQLITE_IOERR_SHMSIZE)
      return INQ_PROJECT_ERROR_FULL;
    return INQ_PROJECT_ERROR_IO;
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return INQ_PROJECT_ERROR_READ_ONLY;
  case SQLITE_NOTADB:
    return INQ_PROJECT_ERROR_NOT_A_BOARD;
  case SQLITE_CORRUPT:
    return INQ_PROJECT_ERROR_CORRUPT;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return INQ_PROJECT_ERROR_BUSY;
  case SQLITE_CANTOPEN:
    return errnum == ENOSPC || errnum == EDQUOT ? INQ_PROJECT_ERROR_FULL : INQ_PROJECT_ERROR_FAILED;
  case SQLITE_CONSTRAINT:
  case SQLITE_MISMATCH:
  case SQLITE_TOOBIG:
    return INQ_PROJECT_ERROR_INVALID;
  default:
    return INQ_PROJECT_ERROR_FAILED;
  }
}

gboolean
inq_sql_fail (sqlite3 *db, int rc, const char *path, GError **error)
{
  const int now = errno;
  const int kept = db != NULL ? sqlite3_system_errno (db) : 0;
  InqProjectError code = error_code (rc, kept != 0 ? kept : now);
  g_autofree char *name = path != NULL ? g_filename_display_basename (path) : g_strdup (_ ("the board"));
  const char *words = db != NULL ? sqlite3_errmsg (db) : sqlite3_errstr (rc);

  switch (code) {
  case INQ_PROJECT_ERROR_FULL:
    g_set_error (error, INQ_PROJECT_ERROR, code,
                 _ ("“%s” could not be saved: the disk is full. Make some space; nothing saved so far is lost."), name);
    break;
  case INQ_PROJECT_ERROR_READ_ONLY:
    g_set_error (error, INQ_PROJECT_ERROR, code, _ ("“%s” may not be written. Save a copy elsewhere to edit it."),
                 name);
    break;
  case INQ_PROJECT_ERROR_NOT_A_BOARD:
    g_set_error (error, INQ_PROJECT_ERROR, code,
                 _ ("“%s” is not an Inquadra board. Boards end in .inquadra; pictures and models can be dropped on an "
                    "open one."),
                 name);
    break;
  case INQ_PROJECT_ERROR_CORRUPT:
    g_set_error (error, INQ_PROJECT_ERROR, code,
                 _ ("“%s” is damaged (%s). Keep a copy of the file and run “inquadra-cli project check” on it."), name,
                 words);
    break;
  case INQ_PROJECT_ERROR_BUSY:
    g_set_error (error, INQ_PROJECT_ERROR, code, _ ("“%s” is in use by another program. Close it there and try again."),
                 name);
    break;
  default:
    g_set_error (error, INQ_PROJECT_ERROR, code, _ ("“%s”: %s"), name, words);
  }
  return FALSE;
}

gboolean
inq_sql_script (sqlite3 *db, const char *sql, const char *path, GError **error)
{
  int rc = sqlite3_exec (db, sql, NULL, NULL, NULL);

  return rc == SQLITE_OK || inq_sql_fail (db, sqlite3_extended_errcode (db), path, error);
}

gboolean
inq_sql_pragma (sqlite3 *db, const char *sql, const char *path, gint64 *value, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int rc = sqlite3_prepare_v2 (db, sql, -1, &statement, NULL);

  if (rc == SQLITE_OK)
    rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW && value != NULL)
    *value = sqlite3_column_int64 (statement, 0);
  else if (rc == SQLITE_DONE && value != NULL)
    *value = 0;
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
    inq_sql_fail (db, sqlite3_extended_errcode (db), path, error);
    sqlite3_finalize (statement);
    return FALSE;
  }
  sqlite3_finalize (statement);
  return TRUE;
}

static sqlite3_stmt *
query_valist (InqDocument *document, GError **error, const char *sql, const char *types, va_list args)
{
  sqlite3_stmt *statement = g_hash_table_lookup (document->statements, sql);

  if (statement == NULL) {
    int rc = sqlite3_prepare_v3 (document->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);

    if (rc != SQLITE_OK) {
      inq_sql_fail (document->db, sqlite3_extended_errcode (document->db), document->path, error);
      return NULL;
    }
    g_hash_table_insert (document->statements, (gpointer) sql, statement);
  }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  for (int i = 1; types != NULL && *types != 0; types++, i++) {
    switch (*types) {
    case 'i':
      sqlite3_bind_int64 (statement, i, va_arg (args, gint64));
      break;
    case 'n': {
      gint64 id = va_arg (args, gint64);

      if (id != 0)
        sqlite3_bind_int64 (statement, i, id);
      break;
    }
    case 'd':
      sqlite3_bind_double (statement, i, va_arg (args, double));
      break;
    case 't': {
      const char *text = va_arg (args, const char *);

      sqlite3_bind_text (statement, i, text != NULL ? text : "", -1, SQLITE_STATIC);
      break;
    }
    case 'b': {
      const void *data = va_arg (args, const void *);
      gsize size = va_arg (args, gsize);

      sqlite3_bind_blob64 (statement, i, data, size, SQLITE_STATIC);
      break;
    }
    default:
      g_assert_not_reached ();
    }
  }
  return statement;
}

sqlite3_stmt *
inq_sql_query (InqDocument *document, GError **error, const char *sql, const char *types, ...)
{
  va_list args;
  sqlite3_stmt *statement;

  va_start (args, types);
  statement = query_valist (document, error, sql, types, args);
  va_end (args);
  return statement;
}

int
inq_sql_step (InqDocument *document, sqlite3_stmt *statement, GError **error)
{
  int rc = sqlite3_step (statement);

  if (rc == SQLITE_ROW)
    return 1;
  if (rc != SQLITE_DONE) {
    inq_sql_fail (document->db, sqlite3_extended_errcode (document->db), document->path, error);
    sqlite3_reset (statement);
    return -1;
  }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return 0;
}

gboolean
inq_sql_run (InqDocument *document, GError **error, const char *sql, const char *types, ...)
{
  va_list args;
  sqlite3_stmt *statement;
  int more = 1;

  va_start (args, types);
  statement = query_valist (document, error, sql, types, args);
  va_end (args);
  if (statement == NULL)
    return FALSE;
  while (more > 0)
    more = inq_sql_step (document, statement, error);
  return more == 0;
}

gboolean
inq_sql_value (InqDocument *document, GError **error, gint64 *value, const char *sql, const char *types, ...)
{
  va_list args;
  sqlite3_stmt *statement;
  int more;

  va_start (args, types);
  statement = query_valist (document, error, sql, types, args);
  va_end (args);
  if (statement == NULL)
    return FALSE;
  more = inq_sql_step (document, statement, error);
  if (more > 0) {
    *value = sqlite3_column_int64 (statement, 0);
    sqlite3_reset (statement);
  }
  return more >= 0;
}

char *
inq_sql_dup_text (sqlite3_stmt *statement, int column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  if (text == NULL)
    return g_strdup ("");
  return g_utf8_validate (text, -1, NULL) ? g_strdup (text) : g_utf8_make_valid (text, -1);
}

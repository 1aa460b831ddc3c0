/* Inquadra - short calls into SQLite with GError
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document-private.h"

G_BEGIN_DECLS

/* Sets @error from SQLite's last failure on @db; @path names the file in the message. Returns FALSE. */
gboolean inq_sql_fail (sqlite3 *db, int rc, const char *path, GError **error);
/* Several statements without parameters. */
gboolean inq_sql_script (sqlite3 *db, const char *sql, const char *path, GError **error);
/* First column of the first row of a statement without parameters; 0 if there is none. */
gboolean inq_sql_pragma (sqlite3 *db, const char *sql, const char *path, gint64 *value, GError **error);

/* In the following @sql must be a literal or live as long as the document; statements are kept. @types has a letter per
 * parameter: i gint64   n gint64, 0 is NULL   d double   t const char *, NULL is ''   b const void *, gsize Pass
 * integers as gint64: (gint64) x. Blobs and strings are borrowed until the statement is done. */

/* A statement with its parameters, ready to step. NULL on failure. */
sqlite3_stmt *inq_sql_query (InqDocument *document, GError **error, const char *sql, const char *types, ...);
/* 1 a row, 0 no more (statement is reset), -1 failure (reset too). */
int inq_sql_step (InqDocument *document, sqlite3_stmt *statement, GError **error);
/* Runs to the end. */
gboolean inq_sql_run (InqDocument *document, GError **error, const char *sql, const char *types, ...);
/* First column of the first row, or *value as it was. */
gboolean inq_sql_value (InqDocument *document, GError **error, gint64 *value, const char *sql, const char *types, ...);

/* A text column as valid UTF-8, never NULL; free with g_free. */
char *inq_sql_dup_text (sqlite3_stmt *statement, int column);

G_END_DECLS

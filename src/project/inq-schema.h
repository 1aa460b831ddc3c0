/* Inquadra - tables of a board file and how older ones become newer
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>
#include <glib.h>

G_BEGIN_DECLS

#define INQ_APPLICATION_ID 0x496e5131 /* "InQ1" */
#define INQ_SCHEMA_VERSION 3

/* One step forward: from user_version @to - 1 to @to. */
typedef struct {
  int to;
  const char *sql; /* several statements */
} InqMigration;

/* Every step from an empty file to the present, in order, ended by to = 0. */
extern const InqMigration inq_migrations[];

/* Takes @db from its user_version to that of the last of @migrations in one transaction: all or nothing. NEWER if it is
 * beyond already.
 * @path for messages. */
gboolean inq_schema_migrate (sqlite3 *db, const InqMigration *migrations, const char *path, GError **error);

G_END_DECLS

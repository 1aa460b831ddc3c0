/* Inquadra - which panels a commit concerns
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-panels.h"

#include "inq-sql.h"

/* Puts the panels of the rows in *set in its place, and into @panels. */
static void
rows_to_panels (InqDocument *document, GHashTable **set, const char *sql, GHashTable *panels)
{
  g_autoptr (GHashTable) rows = g_steal_pointer (set);
  GHashTableIter iter;
  gpointer key;

  *set = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    gint64 panel = 0;

    inq_sql_value (document, NULL, &panel, sql, "i", *(gint64 *) key);
    if (panel == 0)
      continue;
    g_hash_table_add (*set, g_memdup2 (&panel, sizeof panel));
    g_hash_table_add (panels, g_memdup2 (&panel, sizeof panel));
  }
}

InqChanges *
inq_document_take_changes (InqDocument *document)
{
  InqChanges *changes = document->finished;

  document->finished = inq_changes_new ();
  rows_to_panels (document, &changes->variations, "SELECT panel FROM variation WHERE id = ?1", changes->panels);
  rows_to_panels (document, &changes->strokes, "SELECT panel FROM stroke WHERE id = ?1", changes->panels);
  rows_to_panels (document, &changes->job_rows, "SELECT panel FROM job WHERE id = ?1", changes->panels);
  return changes;
}

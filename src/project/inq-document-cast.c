/* Inquadra - the people of the story
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-panels.h"

#include "inq-sql.h"

void
inq_named_row_free (InqNamedRow *row)
{
  if (row == NULL)
    return;
  g_free (row->name);
  g_free (row->description);
  g_free (row);
}

static GPtrArray *
read_rows (InqDocument *document, sqlite3_stmt *q, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_named_row_free);
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    InqNamedRow *row = g_new0 (InqNamedRow, 1);

    row->id = sqlite3_column_int64 (q, 0);
    row->name = inq_sql_dup_text (q, 1);
    row->description = inq_sql_dup_text (q, 2);
    g_ptr_array_add (rows, row);
  }
  return more == 0 ? g_steal_pointer (&rows) : NULL;
}

GPtrArray *
inq_document_list_cast (InqDocument *document, GError **error)
{
  return read_rows (
      document,
      inq_sql_query (document, error,
                     "SELECT id, name, description FROM \"cast\" WHERE alive ORDER BY name COLLATE NOCASE, id", ""),
      error);
}

GPtrArray *
inq_document_list_panel_cast (InqDocument *document, gint64 panel, GError **error)
{
  return read_rows (
      document,
      inq_sql_query (document, error,
                     "SELECT m.id, m.name, m.description FROM panel_cast l JOIN \"cast\" m ON m.id = l.member"
                     " WHERE l.panel = ?1 AND l.alive AND m.alive ORDER BY m.name COLLATE NOCASE, m.id",
                     "i", panel),
      error);
}

gint64
inq_document_add_cast (InqDocument *document, const char *name, const char *description, GError **error)
{
  gint64 id = 0;
  gboolean ok;

  if (!inq_check_utf8 (name, error) || !inq_check_utf8 (description, error)
      || !inq_document_begin (document, N_ ("Add character"), NULL, error))
    return 0;
  ok = inq_sql_run (document, error, "INSERT INTO \"cast\" (name, description) VALUES (?1, ?2)", "tt", name,
                    description);
  if (ok) {
    id = sqlite3_last_insert_rowid (document->db);
    ok = inq_sql_run (document, error, "UPDATE \"cast\" SET alive = 1 WHERE id = ?1", "i", id);
  }
  return inq_document_end (document, ok, error) ? id : 0;
}

gboolean
inq_document_set_cast (InqDocument *document, gint64 cast, const char *name, const char *description, GError **error)
{
  if (!inq_check_utf8 (name, error) || !inq_check_utf8 (description, error)
      || !inq_document_begin (document, N_ ("Edit character"), NULL, error))
    return FALSE;
  document->changes->structure = TRUE; /* what prompts say of panels depends on it */
  return inq_document_end (document,
                           inq_check_alive (document, "cast", cast, error)
                               && inq_sql_run (document, error,
                                               "UPDATE \"cast\" SET name = ?2, description = ?3 WHERE id = ?1", "itt",
                                               cast, name, description),
                           error);
}

gboolean
inq_document_delete_cast (InqDocument *document, gint64 cast, GError **error)
{
  if (!inq_document_begin (document, N_ ("Delete character"), NULL, error))
    return FALSE;
  document->changes->structure = TRUE;
  return inq_document_end (
      document,
      inq_check_alive (document, "cast", cast, error)
          && inq_sql_run (document, error, "UPDATE \"cast\" SET alive = 0 WHERE id = ?1", "i", cast),
      error);
}

gboolean
inq_document_set_panel_cast (InqDocument *document, gint64 panel, const gint64 *cast, gsize n, GError **error)
{
  g_autoptr (GString) keep = g_string_new ("[");
  gboolean ok;

  if (!inq_document_begin (document, N_ ("Change who is in the shot"), NULL, error))
    return FALSE;
  ok = inq_check_alive (document, "panel", panel, error);
  for (gsize i = 0; ok && i < n; i++) {
    g_string_append_printf (keep, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", cast[i]);
    ok = inq_check_alive (document, "cast", cast[i], error)
         && inq_sql_run (document, error, "INSERT OR IGNORE INTO panel_cast (panel, member) VALUES (?1, ?2)", "ii",
                         panel, cast[i]);
  }
  g_string_append_c (keep, ']');
  ok = ok
       && inq_sql_run (document, error,
                       "UPDATE panel_cast SET alive = member IN (SELECT value FROM json_each (?2)) WHERE panel = ?1",
                       "it", panel, keep->str)
       /* so that lists of the panel are read again */
       && inq_sql_run (document, error, "UPDATE panel SET shot = shot WHERE id = ?1", "i", panel);
  return inq_document_end (document, ok, error);
}

gboolean
inq_document_put_cast (InqDocument *document, const gint64 *panels, gsize n, gint64 cast, gboolean in, GError **error)
{
  gboolean ok;

  if (!inq_document_begin (document, N_ ("Change who is in the shot"), NULL, error))
    return FALSE;
  ok = inq_check_alive (document, "cast", cast, error);
  for (gsize i = 0; ok && i < n; i++)
    ok = inq_check_alive (document, "panel", panels[i], error)
         && inq_sql_run (document, error, "INSERT OR IGNORE INTO panel_cast (panel, member) VALUES (?1, ?2)", "ii",
                         panels[i], cast)
         && inq_sql_run (document, error, "UPDATE panel_cast SET alive = ?3 WHERE panel = ?1 AND member = ?2", "iii",
                         panels[i], cast, (gint64) (in != FALSE))
         /* so that lists of the panel are read again */
         && inq_sql_run (document, error, "UPDATE panel SET shot = shot WHERE id = ?1", "i", panels[i]);
  return inq_document_end (document, ok, error);
}

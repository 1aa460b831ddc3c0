/* Inquadra - the places of the story
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-panels.h"

#include "inq-images-private.h"
#include "inq-sql.h"

void
inq_location_row_free (InqLocationRow *row)
{
  if (row == NULL)
    return;
  g_free (row->name);
  g_free (row->description);
  g_free (row->note);
  g_free (row);
}

GPtrArray *
inq_document_list_locations (InqDocument *document, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_location_row_free);
  sqlite3_stmt *q = inq_sql_query (document, error,
                                   "SELECT id, name, description, note, coalesce (image, 0) FROM location WHERE alive"
                                   " ORDER BY name COLLATE NOCASE, id",
                                   "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    InqLocationRow *row = g_new0 (InqLocationRow, 1);

    row->id = sqlite3_column_int64 (q, 0);
    row->name = inq_sql_dup_text (q, 1);
    row->description = inq_sql_dup_text (q, 2);
    row->note = inq_sql_dup_text (q, 3);
    row->image = sqlite3_column_int64 (q, 4);
    g_ptr_array_add (rows, row);
  }
  return more == 0 ? g_steal_pointer (&rows) : NULL;
}

static gboolean
check_texts (const char *name, const char *description, const char *note, GError **error)
{
  g_autofree char *stripped = NULL;

  if (!inq_check_utf8 (name, error) || !inq_check_utf8 (description, error) || !inq_check_utf8 (note, error))
    return FALSE;
  stripped = g_strstrip (g_strdup (name != NULL ? name : ""));
  if (*stripped != '\0')
    return TRUE;
  g_set_error_literal (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("A location needs a name."));
  return FALSE;
}

/* What panels show depends on it: all are read again. */
static gboolean
begin (InqDocument *document, const char *label, GError **error)
{
  if (!inq_document_begin (document, label, NULL, error))
    return FALSE;
  document->changes->structure = TRUE;
  return TRUE;
}

gint64
inq_document_add_location (InqDocument *document, const char *name, const char *description, const char *note,
                           GError **error)
{
  gint64 id = 0;
  gboolean ok;

  if (!check_texts (name, description, note, error) || !begin (document, N_ ("Add location"), error))
    return 0;
  ok = inq_sql_run (document, error, "INSERT INTO location (name, description, note) VALUES (?1, ?2, ?3)", "ttt", name,
                    description, note);
  if (ok) {
    id = sqlite3_last_insert_rowid (document->db);
    ok = inq_sql_run (document, error, "UPDATE location SET alive = 1 WHERE id = ?1", "i", id);
  }
  return inq_document_end (document, ok, error) ? id : 0;
}

gboolean
inq_document_set_location (InqDocument *document, gint64 location, const char *name, const char *description,
                           const char *note, GError **error)
{
  if (!check_texts (name, description, note, error) || !begin (document, N_ ("Edit location"), error))
    return FALSE;
  return inq_document_end (
      document,
      inq_check_alive (document, "location", location, error)
          && inq_sql_run (document, error, "UPDATE location SET name = ?2, description = ?3, note = ?4 WHERE id = ?1",
                          "ittt", location, name, description, note),
      error);
}

gboolean
inq_document_set_location_image (InqDocument *document, gint64 location, gint64 image, GError **error)
{
  if (!begin (document, N_ ("Change picture of location"), error))
    return FALSE;
  return inq_document_end (
      document,
      inq_check_alive (document, "location", location, error)
          && (image == 0 || inq_document_check_image (document, image, error))
          && inq_sql_run (document, error, "UPDATE location SET image = ?2 WHERE id = ?1", "in", location, image),
      error);
}

gboolean
inq_document_delete_location (InqDocument *document, gint64 location, GError **error)
{
  if (!begin (document, N_ ("Delete location"), error))
    return FALSE;
  /* Scenes keep their reference to the dead row, so that undo finds them as they were. */
  return inq_document_end (
      document,
      inq_check_alive (document, "location", location, error)
          && inq_sql_run (document, error, "UPDATE location SET alive = 0 WHERE id = ?1", "i", location),
      error);
}

gboolean
inq_document_set_scene_location (InqDocument *document, gint64 panel, gint64 location, GError **error)
{
  if (!begin (document, N_ ("Change location of scene"), error))
    return FALSE;
  return inq_document_end (
      document,
      inq_check_alive (document, "panel", panel, error)
          && (location == 0 || inq_check_alive (document, "location", location, error))
          && inq_sql_run (document, error,
                          "UPDATE scene SET location = ?2 WHERE id = (SELECT s.scene FROM shot s JOIN panel p"
                          " ON p.shot = s.id WHERE p.id = ?1)",
                          "in", panel, location),
      error);
}

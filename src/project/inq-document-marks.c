/* Inquadra - review marks pinned on a panel
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-strokes.h"

#include "inq-sql.h"

#include <math.h>

void
inq_mark_free (InqMark *mark)
{
  if (mark == NULL)
    return;
  g_free (mark->author);
  g_free (mark->text);
  g_free (mark);
}

GPtrArray *
inq_document_list_marks (InqDocument *document, gint64 panel, GError **error)
{
  g_autoptr (GPtrArray) marks = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_mark_free);
  sqlite3_stmt *q = inq_sql_query (document, error,
                                   "SELECT id, panel, author, text, x, y, resolved, created FROM mark"
                                   " WHERE panel = ?1 AND alive ORDER BY id",
                                   "i", panel);
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    InqMark *mark = g_new0 (InqMark, 1);

    mark->id = sqlite3_column_int64 (q, 0);
    mark->panel = sqlite3_column_int64 (q, 1);
    mark->author = inq_sql_dup_text (q, 2);
    mark->text = inq_sql_dup_text (q, 3);
    mark->x = CLAMP (sqlite3_column_double (q, 4), 0., 1.);
    mark->y = CLAMP (sqlite3_column_double (q, 5), 0., 1.);
    mark->resolved = sqlite3_column_int (q, 6) != 0;
    mark->created = sqlite3_column_int64 (q, 7);
    g_ptr_array_add (marks, mark);
  }
  return more == 0 ? g_steal_pointer (&marks) : NULL;
}

gint64
inq_document_add_mark (InqDocument *document, const InqMark *mark, GError **error)
{
  gint64 id = 0;
  gboolean ok;

  if (!inq_check_utf8 (mark->author, error) || !inq_check_utf8 (mark->text, error))
    return 0;
  if (!(mark->x >= 0 && mark->x <= 1 && mark->y >= 0 && mark->y <= 1)) {
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("A mark lies within the frame."));
    return 0;
  }
  if (!inq_document_begin (document, N_ ("Add review mark"), NULL, error))
    return 0;
  ok = inq_check_alive (document, "panel", mark->panel, error)
       && inq_sql_run (
           document, error, "INSERT INTO mark (panel, author, text, x, y, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
           "ittddi", mark->panel, mark->author, mark->text, (double) mark->x, (double) mark->y, g_get_real_time ());
  if (ok) {
    id = sqlite3_last_insert_rowid (document->db);
    ok = inq_sql_run (document, error, "UPDATE mark SET alive = 1, resolved = ?2 WHERE id = ?1", "ii", id,
                      (gint64) (mark->resolved != FALSE));
  }
  return inq_document_end (document, ok, error) ? id : 0;
}

gboolean
inq_document_set_mark_resolved (InqDocument *document, gint64 mark, gboolean resolved, GError **error)
{
  if (!inq_document_begin (document, resolved ? N_ ("Resolve review mark") : N_ ("Reopen review mark"), NULL, error))
    return FALSE;
  return inq_document_end (document,
                           inq_check_alive (document, "mark", mark, error)
                               && inq_sql_run (document, error, "UPDATE mark SET resolved = ?2 WHERE id = ?1", "ii",
                                               mark, (gint64) (resolved != FALSE)),
                           error);
}

gboolean
inq_document_delete_mark (InqDocument *document, gint64 mark, GError **error)
{
  if (!inq_document_begin (document, N_ ("Delete review mark"), NULL, error))
    return FALSE;
  return inq_document_end (document,
                           inq_check_alive (document, "mark", mark, error)
                               && inq_sql_run (document, error, "UPDATE mark SET alive = 0 WHERE id = ?1", "i", mark),
                           error);
}

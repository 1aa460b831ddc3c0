/* Inquadra - ink over a panel
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-strokes.h"

#include "inq-sql.h"

#include <math.h>
#include <string.h>

#define MAX_POINTS 1000000
#define FAR_AWAY   1000.f

G_STATIC_ASSERT (sizeof (InqPoint) == 3 * sizeof (gfloat));

InqStroke *
inq_stroke_copy (const InqStroke *stroke)
{
  InqStroke *copy = g_memdup2 (stroke, sizeof *stroke);

  copy->points = g_memdup2 (stroke->points, stroke->n_points * sizeof (InqPoint));
  copy->text = g_strdup (stroke->text != NULL ? stroke->text : "");
  return copy;
}

void
inq_stroke_free (InqStroke *stroke)
{
  if (stroke == NULL)
    return;
  g_free (stroke->points);
  g_free (stroke->text);
  g_free (stroke);
}

/* The file has little-endian floats. In place. */
static void
swap_points (InqPoint *points, gsize n)
{
#if G_BYTE_ORDER == G_BIG_ENDIAN
  guint32 *word = (guint32 *) points;

  for (gsize i = 0; i < n * 3; i++)
    word[i] = GUINT32_SWAP_LE_BE (word[i]);
#endif
}

/* A damaged coordinate must not reach a renderer. */
static void
tame (InqPoint *point)
{
  point->x = isfinite (point->x) ? CLAMP (point->x, -FAR_AWAY, FAR_AWAY) : 0;
  point->y = isfinite (point->y) ? CLAMP (point->y, -FAR_AWAY, FAR_AWAY) : 0;
  point->pressure = isfinite (point->pressure) ? CLAMP (point->pressure, 0.f, 1.f) : 0;
}

GPtrArray *
inq_document_list_strokes (InqDocument *document, gint64 panel, GError **error)
{
  g_autoptr (GPtrArray) strokes = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_stroke_free);
  sqlite3_stmt *q = inq_sql_query (document, error,
                                   "SELECT id, panel, layer, tool, colour, width, text, points FROM stroke"
                                   " WHERE panel = ?1 AND alive ORDER BY layer, id",
                                   "i", panel);
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    const void *points = sqlite3_column_blob (q, 7);
    gsize n = MIN (sqlite3_column_bytes (q, 7) / sizeof (InqPoint), MAX_POINTS);
    gint64 tool = sqlite3_column_int64 (q, 3);
    double width = sqlite3_column_double (q, 5);
    InqStroke *stroke;

    if (n == 0 || tool < INQ_TOOL_PEN || tool > INQ_TOOL_ERASER)
      continue;
    stroke = g_new0 (InqStroke, 1);
    stroke->id = sqlite3_column_int64 (q, 0);
    stroke->panel = sqlite3_column_int64 (q, 1);
    stroke->layer = sqlite3_column_int (q, 2);
    stroke->tool = tool;
    stroke->colour = (guint32) sqlite3_column_int64 (q, 4);
    stroke->width = isfinite (width) ? CLAMP (width, 0., 1.) : 0;
    stroke->text = inq_sql_dup_text (q, 6);
    stroke->n_points = n;
    stroke->points = g_memdup2 (points, n * sizeof (InqPoint));
    swap_points (stroke->points, n);
    for (gsize i = 0; i < n; i++)
      tame (&stroke->points[i]);
    g_ptr_array_add (strokes, stroke);
  }
  return more == 0 ? g_steal_pointer (&strokes) : NULL;
}

static gboolean
check_stroke (const InqStroke *stroke, GError **error)
{
  if (!inq_check_utf8 (stroke->text, error))
    return FALSE;
  if (stroke->n_points < 1 || stroke->n_points > MAX_POINTS || stroke->points == NULL
      || (gint) stroke->tool < INQ_TOOL_PEN || stroke->tool > INQ_TOOL_ERASER
      || !(stroke->width >= 0 && stroke->width <= 1)) {
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID,
                 _ ("This stroke cannot be kept: it has no points or no width."));
    return FALSE;
  }
  return TRUE;
}

static const char *
tool_label (InqTool tool)
{
  switch (tool) {
  case INQ_TOOL_ARROW:
    return N_ ("Draw arrow");
  case INQ_TOOL_TEXT:
    return N_ ("Write note");
  case INQ_TOOL_ERASER:
    return N_ ("Erase");
  default:
    return N_ ("Draw");
  }
}

static gint64
insert_stroke (InqDocument *document, const InqStroke *stroke, const char *text, gboolean alive, GError **error)
{
  g_autofree InqPoint *points = g_memdup2 (stroke->points, stroke->n_points * sizeof (InqPoint));

  for (gsize i = 0; i < stroke->n_points; i++)
    tame (&points[i]);
  swap_points (points, stroke->n_points);
  if (!inq_sql_run (document, error,
                    "INSERT INTO stroke (panel, alive, layer, tool, colour, width, text, points)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    "iiiiidtb", stroke->panel, (gint64) alive, (gint64) stroke->layer, (gint64) stroke->tool,
                    (gint64) stroke->colour, (double) stroke->width, text, points,
                    stroke->n_points * sizeof (InqPoint)))
    return 0;
  return sqlite3_last_insert_rowid (document->db);
}

gint64
inq_document_insert_stroke (InqDocument *document, const InqStroke *stroke, gboolean alive, GError **error)
{
  return insert_stroke (document, stroke, stroke->text, alive, error);
}

gint64
inq_document_add_stroke (InqDocument *document, const InqStroke *stroke, GError **error)
{
  gint64 id = 0;
  gboolean ok;

  if (!check_stroke (stroke, error) || !inq_document_begin (document, tool_label (stroke->tool), NULL, error))
    return 0;
  ok = inq_check_alive (document, "panel", stroke->panel, error)
       && (id = inq_document_insert_stroke (document, stroke, FALSE, error)) != 0
       && inq_sql_run (document, error, "UPDATE stroke SET alive = 1 WHERE id = ?1", "i", id);
  return inq_document_end (document, ok, error) ? id : 0;
}

gint64
inq_document_write_note (InqDocument *document, const InqStroke *note, guint64 session, GError **error)
{
  g_autofree char *key = g_strdup_printf ("note/%" G_GUINT64_FORMAT, session);
  gint64 id = note->id != 0 ? note->id : session == document->note_session ? document->note : 0;
  const char *text = note->text != NULL ? note->text : "";
  gboolean ok;

  g_return_val_if_fail (session != 0 && note->tool == INQ_TOOL_TEXT, 0);
  if (!check_stroke (note, error)
      || !inq_document_begin (document, note->id != 0 ? N_ ("Edit note") : N_ ("Write note"), key, error))
    return 0;
  ok = inq_check_alive (document, "panel", note->panel, error);
  /* Made without words: what is written and taken back leaves no cell changed, so no undo step. */
  if (ok && id == 0)
    ok = (id = insert_stroke (document, note, "", FALSE, error)) != 0;
  ok = ok
       && inq_sql_run (document, error, "UPDATE stroke SET text = ?2, alive = ?2 <> '' WHERE id = ?1 AND panel = ?3",
                       "iti", id, text, note->panel);
  if (!inq_document_end (document, ok, error))
    return 0;
  if (note->id == 0) {
    document->note_session = session;
    document->note = id;
  }
  return id;
}

gboolean
inq_document_set_stroke_text (InqDocument *document, gint64 stroke, const char *text, guint64 session, GError **error)
{
  g_autofree char *key = NULL;

  if (session != 0)
    key = g_strdup_printf ("stroke-text/%" G_GINT64_FORMAT "/%" G_GUINT64_FORMAT, stroke, session);
  if (!inq_check_utf8 (text, error) || !inq_document_begin (document, N_ ("Edit note"), key, error))
    return FALSE;
  return inq_document_end (
      document,
      inq_check_alive (document, "stroke", stroke, error)
          && inq_sql_run (document, error, "UPDATE stroke SET text = ?2 WHERE id = ?1", "it", stroke, text),
      error);
}

static gboolean
shift (InqDocument *document, gint64 stroke, gfloat dx, gfloat dy, GError **error)
{
  sqlite3_stmt *q = inq_sql_query (document, error, "SELECT points FROM stroke WHERE id = ?1", "i", stroke);
  g_autofree InqPoint *points = NULL;
  gsize n;

  if (q == NULL || inq_sql_step (document, q, error) <= 0)
    return FALSE;
  n = sqlite3_column_bytes (q, 0) / sizeof (InqPoint);
  points = g_memdup2 (sqlite3_column_blob (q, 0), n * sizeof (InqPoint));
  sqlite3_reset (q);
  swap_points (points, n);
  for (gsize i = 0; i < n; i++) {
    points[i].x += dx;
    points[i].y += dy;
    tame (&points[i]);
  }
  swap_points (points, n);
  return inq_sql_run (document, error, "UPDATE stroke SET points = ?2 WHERE id = ?1", "ib", stroke, points,
                      n * sizeof (InqPoint));
}

gboolean
inq_document_move_stroke (InqDocument *document, gint64 stroke, gfloat dx, gfloat dy, guint64 session, GError **error)
{
  g_autofree char *key = NULL;

  if (session != 0)
    key = g_strdup_printf ("stroke-move/%" G_GINT64_FORMAT "/%" G_GUINT64_FORMAT, stroke, session);
  if (!isfinite (dx) || !isfinite (dy)) {
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("A stroke cannot be moved there."));
    return FALSE;
  }
  if (!inq_document_begin (document, N_ ("Move ink"), key, error))
    return FALSE;
  return inq_document_end (
      document, inq_check_alive (document, "stroke", stroke, error) && shift (document, stroke, dx, dy, error), error);
}

gboolean
inq_document_remove_strokes (InqDocument *document, const gint64 *strokes, gsize n, GError **error)
{
  gboolean ok = TRUE;

  if (!inq_document_begin (document, N_ ("Remove ink"), NULL, error))
    return FALSE;
  for (gsize i = 0; ok && i < n; i++)
    ok = inq_check_alive (document, "stroke", strokes[i], error)
         && inq_sql_run (document, error, "UPDATE stroke SET alive = 0 WHERE id = ?1", "i", strokes[i]);
  return inq_document_end (document, ok, error);
}

gboolean
inq_document_clear_strokes (InqDocument *document, gint64 panel, gint layer, GError **error)
{
  if (!inq_document_begin (document, N_ ("Clear ink"), NULL, error))
    return FALSE;
  return inq_document_end (
      document,
      inq_check_alive (document, "panel", panel, error)
          && inq_sql_run (document, error,
                          "UPDATE stroke SET alive = 0 WHERE panel = ?1 AND alive AND (?2 = -1 OR layer = ?2)", "ii",
                          panel, (gint64) layer),
      error);
}

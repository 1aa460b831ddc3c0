/* Inquadra - panels of a board: text, time, order
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-panels.h"

#include "inq-places-private.h"
#include "inq-sql.h"

gboolean
inq_check_utf8 (const char *text, GError **error)
{
  if (text == NULL || g_utf8_validate (text, -1, NULL))
    return TRUE;
  g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("This text is not valid UTF-8."));
  return FALSE;
}

gboolean
inq_check_json_object (InqDocument *document, const char *json, GError **error)
{
  gint64 good = 0;

  if (!inq_check_utf8 (json, error)
      || !inq_sql_value (document, error, &good,
                         "SELECT CASE WHEN json_valid (?1) THEN json_type (?1) = 'object' ELSE 0 END", "t", json))
    return FALSE;
  if (!good)
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("A recipe must be a JSON object."));
  return good;
}

gboolean
inq_check_alive (InqDocument *document, const char *table, gint64 id, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SELECT alive FROM \"%s\" WHERE id = %" G_GINT64_FORMAT, table, id);
  gint64 alive = 0;

  if (!inq_sql_pragma (document->db, sql, document->path, &alive, error))
    return FALSE;
  if (!alive) {
    static const struct {
      const char *table, *message;
    } messages[] = {
      { "panel", N_ ("This panel is no longer on the board.") },
      { "variation", N_ ("This variation is no longer on the board.") },
      { "stroke", N_ ("This stroke is no longer on the board.") },
      { "mark", N_ ("This review mark is no longer on the board.") },
      { "cast", N_ ("This character is no longer on the board.") },
      { "location", N_ ("This location is no longer on the board.") },
    };
    const char *message = NULL;

    for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
      if (g_str_equal (table, messages[i].table))
        message = messages[i].message;
    g_set_error_literal (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW, _ (message));
  }
  return alive != 0;
}

/* ---- making ---- */

static gint64
two_seconds (InqDocument *document)
{
  g_auto (InqBoardSettings) settings = { NULL };

  if (!inq_document_get_settings (document, &settings, NULL))
    return 48;
  return inq_frames_from_seconds (2, settings.rate);
}

/* Born dead, then brought to life under the log. */
static gint64
insert_panel (InqDocument *document, gint64 shot, gint64 position, GError **error)
{
  gint64 id;

  if (!inq_sql_run (document, error, "INSERT INTO panel (shot, position, duration, created) VALUES (?1, ?2, ?3, ?4)",
                    "iiii", shot, position, two_seconds (document), g_get_real_time ()))
    return 0;
  id = sqlite3_last_insert_rowid (document->db);
  document->changes->structure = TRUE;
  return inq_sql_run (document, error, "UPDATE panel SET alive = 1 WHERE id = ?1", "i", id) ? id : 0;
}

typedef enum { NEW_PANEL, NEW_SHOT, NEW_SCENE } NewWhat;

static gint64
add_first (InqDocument *document, const char *title, GError **error)
{
  gint64 scene = inq_insert_scene (document, INQ_PLACE_GAP, title, error);
  gint64 shot = scene != 0 ? inq_insert_shot (document, scene, INQ_PLACE_GAP, error) : 0;

  return shot != 0 ? insert_panel (document, shot, INQ_PLACE_GAP, error) : 0;
}

static gint64
add_beside (InqDocument *document, NewWhat what, gint64 anchor, InqPlace place, const char *title, GError **error)
{
  gint64 shot = 0, scene = 0, position = 0;

  if (anchor == 0 && !inq_end_panel (document, place, &anchor, error))
    return 0;
  if (anchor == 0)
    return add_first (document, title, error);
  if (!inq_shot_and_scene (document, anchor, &shot, &scene, error))
    return 0;
  switch (what) {
  case NEW_PANEL:
    if (!inq_make_place (document, INQ_LEVEL_PANEL, shot, anchor, place, &position, error))
      return 0;
    return insert_panel (document, shot, position, error);
  case NEW_SHOT:
    if (!inq_make_place (document, INQ_LEVEL_SHOT, scene, shot, place, &position, error)
        || (shot = inq_insert_shot (document, scene, position, error)) == 0)
      return 0;
    return insert_panel (document, shot, INQ_PLACE_GAP, error);
  default:
    if (!inq_make_place (document, INQ_LEVEL_SCENE, 1, scene, place, &position, error)
        || (scene = inq_insert_scene (document, position, title, error)) == 0
        || (shot = inq_insert_shot (document, scene, INQ_PLACE_GAP, error)) == 0)
      return 0;
    return insert_panel (document, shot, INQ_PLACE_GAP, error);
  }
}

gint64
inq_document_add_panel (InqDocument *document, gint64 anchor, InqPlace place, GError **error)
{
  gint64 id;

  if (!inq_document_begin (document, N_ ("Add panel"), NULL, error))
    return 0;
  id = add_beside (document, NEW_PANEL, anchor, place, "", error);
  return inq_document_end (document, id != 0, error) ? id : 0;
}

gint64
inq_document_add_shot (InqDocument *document, gint64 anchor, InqPlace place, GError **error)
{
  gint64 id;

  if (!inq_document_begin (document, N_ ("Add shot"), NULL, error))
    return 0;
  id = add_beside (document, NEW_SHOT, anchor, place, "", error);
  return inq_document_end (document, id != 0, error) ? id : 0;
}

gint64
inq_document_add_scene (InqDocument *document, gint64 anchor, InqPlace place, const char *title, GError **error)
{
  gint64 id;

  if (!inq_check_utf8 (title, error) || !inq_document_begin (document, N_ ("Add scene"), NULL, error))
    return 0;
  id = add_beside (document, NEW_SCENE, anchor, place, title, error);
  return inq_document_end (document, id != 0, error) ? id : 0;
}

gboolean
inq_document_delete_panels (InqDocument *document, const gint64 *panels, gsize n, GError **error)
{
  gboolean ok = TRUE;

  if (!inq_document_begin (document, n == 1 ? N_ ("Delete panel") : N_ ("Delete panels"), NULL, error))
    return FALSE;
  document->changes->structure = TRUE;
  for (gsize i = 0; ok && i < n; i++)
    ok = inq_check_alive (document, "panel", panels[i], error)
         && inq_sql_run (document, error, "UPDATE panel SET alive = 0 WHERE id = ?1", "i", panels[i]);
  return inq_document_end (document, ok, error);
}

/* ---- moving ---- */

static gboolean
move (InqDocument *document, const gint64 *panels, gsize n, gint64 anchor, InqPlace place, GError **error)
{
  g_autoptr (GArray) sorted = inq_panels_in_order (document, panels, n, error);
  gint64 shot = 0, scene = 0;

  if (sorted == NULL || !inq_shot_and_scene (document, anchor, &shot, &scene, error))
    return FALSE;
  if (n == 1 && panels[0] == anchor)
    return TRUE;
  for (gsize i = 0; i < n; i++) {
    if (panels[i] == anchor) {
      g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID,
                   _ ("Panels cannot be moved beside one of themselves."));
      return FALSE;
    }
  }
  document->changes->structure = TRUE;
  /* Each goes after the one before it; the first one to where it was dropped. */
  for (guint i = 0; i < sorted->len; i++) {
    gint64 id = g_array_index (sorted, gint64, i);
    gint64 position = 0;

    if (!inq_make_place (document, INQ_LEVEL_PANEL, shot, anchor, place, &position, error)
        || !inq_sql_run (document, error, "UPDATE panel SET shot = ?2, position = ?3 WHERE id = ?1", "iii", id, shot,
                         position))
      return FALSE;
    anchor = id;
    place = INQ_PLACE_AFTER;
  }
  return TRUE;
}

gboolean
inq_document_move_panels (InqDocument *document, const gint64 *panels, gsize n, gint64 anchor, InqPlace place,
                          GError **error)
{
  if (!inq_document_begin (document, n == 1 ? N_ ("Move panel") : N_ ("Move panels"), NULL, error))
    return FALSE;
  return inq_document_end (document, move (document, panels, n, anchor, place, error), error);
}

/* Live panels of the shot before @panel, or live shots of the scene before its shot. */
static gboolean
count_before (InqDocument *document, gint64 panel, gint64 *in_shot, gint64 *shots, GError **error)
{
  return inq_sql_value (document, error, in_shot,
                        "SELECT count(*) FROM panel p, panel q WHERE q.id = ?1 AND p.shot = q.shot AND p.alive"
                        " AND (p.position, p.id) < (q.position, q.id)",
                        "i", panel)
         && inq_sql_value (
             document, error, shots,
             "SELECT count(*) FROM shot s, shot t, panel q WHERE q.id = ?1 AND t.id = q.shot AND s.scene = t.scene"
             " AND (s.position, s.id) < (t.position, t.id)"
             " AND EXISTS (SELECT 1 FROM panel p WHERE p.shot = s.id AND p.alive)",
             "i", panel);
}

static gboolean
split_shot (InqDocument *document, gint64 panel, GError **error)
{
  gint64 shot = 0, scene = 0, position = 0, before = 0, shots = 0, added;

  if (!inq_shot_and_scene (document, panel, &shot, &scene, error)
      || !count_before (document, panel, &before, &shots, error))
    return FALSE;
  if (before == 0)
    return TRUE;
  document->changes->structure = TRUE;
  return inq_make_place (document, INQ_LEVEL_SHOT, scene, shot, INQ_PLACE_AFTER, &position, error)
         && (added = inq_insert_shot (document, scene, position, error)) != 0
         && inq_sql_run (document, error,
                         "UPDATE panel SET shot = ?2 WHERE shot = ?3 AND (position, id) >="
                         " (SELECT position, id FROM panel WHERE id = ?1)",
                         "iii", panel, added, shot);
}

gboolean
inq_document_split_shot (InqDocument *document, gint64 panel, GError **error)
{
  if (!inq_document_begin (document, N_ ("Start new shot"), NULL, error))
    return FALSE;
  return inq_document_end (document, split_shot (document, panel, error), error);
}

static gboolean
split_scene (InqDocument *document, gint64 panel, const char *title, GError **error)
{
  gint64 shot = 0, scene = 0, position = 0, before = 0, shots = 0, added;

  if (!inq_shot_and_scene (document, panel, &shot, &scene, error)
      || !count_before (document, panel, &before, &shots, error))
    return FALSE;
  if (before == 0 && shots == 0)
    return TRUE;
  document->changes->structure = TRUE;
  return split_shot (document, panel, error) && inq_shot_and_scene (document, panel, &shot, &scene, error)
         && inq_make_place (document, INQ_LEVEL_SCENE, 1, scene, INQ_PLACE_AFTER, &position, error)
         && (added = inq_insert_scene (document, position, title, error)) != 0
         && inq_sql_run (document, error,
                         "UPDATE shot SET scene = ?2 WHERE scene = ?3 AND (position, id) >="
                         " (SELECT position, id FROM shot WHERE id = ?1)",
                         "iii", shot, added, scene);
}

gboolean
inq_document_split_scene (InqDocument *document, gint64 panel, const char *title, GError **error)
{
  if (!inq_check_utf8 (title, error) || !inq_document_begin (document, N_ ("Start new scene"), NULL, error))
    return FALSE;
  return inq_document_end (document, split_scene (document, panel, title, error), error);
}

static gboolean
join_shot (InqDocument *document, gint64 panel, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 shot = 0, scene = 0, last = 0;
  sqlite3_stmt *q;
  int more = -1;

  if (!inq_shot_and_scene (document, panel, &shot, &scene, error)
      || !inq_sql_value (document, error, &last,
                         "SELECT p.id FROM panel p JOIN shot s ON s.id = p.shot, shot t WHERE t.id = ?1 AND s.scene = "
                         "t.scene AND p.alive"
                         " AND (s.position, s.id) < (t.position, t.id)"
                         " ORDER BY s.position DESC, s.id DESC, p.position DESC, p.id DESC LIMIT 1",
                         "i", shot))
    return FALSE;
  if (last == 0)
    return TRUE;
  q = inq_sql_query (document, error, "SELECT id FROM panel WHERE shot = ?1 AND alive ORDER BY position, id", "i",
                     shot);
  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    gint64 id = sqlite3_column_int64 (q, 0);

    g_array_append_val (ids, id);
  }
  return more == 0 && move (document, (const gint64 *) ids->data, ids->len, last, INQ_PLACE_AFTER, error);
}

gboolean
inq_document_join_shot (InqDocument *document, gint64 panel, GError **error)
{
  if (!inq_document_begin (document, N_ ("Join shots"), NULL, error))
    return FALSE;
  return inq_document_end (document, join_shot (document, panel, error), error);
}

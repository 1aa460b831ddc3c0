/* Inquadra - panels of a board: text, time, order
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-panels.h"

#include "inq-sql.h"

/* Distance of neighbours among fresh positions: twenty rows fit in the same place before a renumbering. */
#define GAP ((gint64) 1 << 20)

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

/* ---- places ---- */

typedef struct {
  const char *all;      /* rows beside ?1, in order: id */
  const char *next;     /* smallest position above ?2 beside ?1 */
  const char *previous; /* greatest position below ?2 beside ?1 */
  const char *set;      /* position ?2 for row ?1 */
} Places;

static const Places scene_places = {
  "SELECT id FROM scene WHERE ?1 IS NOT NULL ORDER BY position, id",
  "SELECT min (position) FROM scene WHERE ?1 IS NOT NULL AND position > ?2",
  "SELECT max (position) FROM scene WHERE ?1 IS NOT NULL AND position < ?2",
  "UPDATE scene SET position = ?2 WHERE id = ?1",
};
static const Places shot_places = {
  "SELECT id FROM shot WHERE scene = ?1 ORDER BY position, id",
  "SELECT min (position) FROM shot WHERE scene = ?1 AND position > ?2",
  "SELECT max (position) FROM shot WHERE scene = ?1 AND position < ?2",
  "UPDATE shot SET position = ?2 WHERE id = ?1",
};
static const Places panel_places = {
  "SELECT id FROM panel WHERE shot = ?1 ORDER BY position, id",
  "SELECT min (position) FROM panel WHERE shot = ?1 AND position > ?2",
  "SELECT max (position) FROM panel WHERE shot = ?1 AND position < ?2",
  "UPDATE panel SET position = ?2 WHERE id = ?1",
};

/* NULL keeps *value: the aggregate over no row. */
static gboolean
neighbour (InqDocument *document, const char *sql, gint64 parent, gint64 at, gint64 *value, gboolean *found,
           GError **error)
{
  sqlite3_stmt *q = inq_sql_query (document, error, sql, "ii", parent, at);

  if (q == NULL || inq_sql_step (document, q, error) < 0)
    return FALSE;
  *found = sqlite3_column_type (q, 0) != SQLITE_NULL;
  if (*found)
    *value = sqlite3_column_int64 (q, 0);
  sqlite3_reset (q);
  return TRUE;
}

/* Spreads the children of @parent; dead ones keep their place among them. */
static gboolean
spread (InqDocument *document, const Places *places, gint64 parent, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *q = inq_sql_query (document, error, places->all, "i", parent);
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    gint64 id = sqlite3_column_int64 (q, 0);

    g_array_append_val (ids, id);
  }
  if (more != 0)
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    if (!inq_sql_run (document, error, places->set, "ii", g_array_index (ids, gint64, i), (gint64) (i + 1) * GAP))
      return FALSE;
  return TRUE;
}

/* A free position beside the row @anchor (at @anchor_sql's position) among the children of @parent. */
static gboolean
make_place (InqDocument *document, const Places *places, gint64 parent, const char *anchor_sql, gint64 anchor,
            InqPlace place, gint64 *position, GError **error)
{
  for (int round = 0;; round++) {
    gint64 at = 0, other = 0;
    gboolean found = FALSE;

    if (!inq_sql_value (document, error, &at, anchor_sql, "i", anchor)
        || !neighbour (document, place == INQ_PLACE_AFTER ? places->next : places->previous, parent, at, &other, &found,
                       error))
      return FALSE;
    if (!found) {
      *position = place == INQ_PLACE_AFTER ? at + GAP : at - GAP;
      return TRUE;
    }
    if (ABS (other - at) >= 2) {
      *position = at + (other - at) / 2;
      return TRUE;
    }
    g_return_val_if_fail (round == 0, FALSE);
    if (!spread (document, places, parent, error))
      return FALSE;
  }
}

#define SCENE_POSITION "SELECT position FROM scene WHERE id = ?1"
#define SHOT_POSITION  "SELECT position FROM shot WHERE id = ?1"
#define PANEL_POSITION "SELECT position FROM panel WHERE id = ?1"

/* ---- making ---- */

static gboolean
shot_and_scene (InqDocument *document, gint64 panel, gint64 *shot, gint64 *scene, GError **error)
{
  return inq_check_alive (document, "panel", panel, error)
         && inq_sql_value (document, error, shot, "SELECT shot FROM panel WHERE id = ?1", "i", panel)
         && inq_sql_value (document, error, scene, "SELECT scene FROM shot WHERE id = ?1", "i", *shot);
}

static gint64
insert_scene (InqDocument *document, gint64 position, const char *title, GError **error)
{
  if (!inq_sql_run (document, error, "INSERT INTO scene (position, title) VALUES (?1, ?2)", "it", position, title))
    return 0;
  return sqlite3_last_insert_rowid (document->db);
}

static gint64
insert_shot (InqDocument *document, gint64 scene, gint64 position, GError **error)
{
  if (!inq_sql_run (document, error, "INSERT INTO shot (scene, position) VALUES (?1, ?2)", "ii", scene, position))
    return 0;
  return sqlite3_last_insert_rowid (document->db);
}

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

/* The first or last live panel; 0 on an empty board. */
static gboolean
end_panel (InqDocument *document, InqPlace place, gint64 *panel, GError **error)
{
  g_autoptr (GArray) ids = inq_document_list_panel_ids (document, error);

  if (ids == NULL)
    return FALSE;
  *panel = 0;
  if (ids->len > 0)
    *panel = g_array_index (ids, gint64, place == INQ_PLACE_BEFORE ? 0 : ids->len - 1);
  return TRUE;
}

typedef enum { NEW_PANEL, NEW_SHOT, NEW_SCENE } NewWhat;

static gint64
add_first (InqDocument *document, const char *title, GError **error)
{
  gint64 scene = insert_scene (document, GAP, title, error);
  gint64 shot = scene != 0 ? insert_shot (document, scene, GAP, error) : 0;

  return shot != 0 ? insert_panel (document, shot, GAP, error) : 0;
}

static gint64
add_beside (InqDocument *document, NewWhat what, gint64 anchor, InqPlace place, const char *title, GError **error)
{
  gint64 shot = 0, scene = 0, position = 0;

  if (anchor == 0 && !end_panel (document, place, &anchor, error))
    return 0;
  if (anchor == 0)
    return add_first (document, title, error);
  if (!shot_and_scene (document, anchor, &shot, &scene, error))
    return 0;
  switch (what) {
  case NEW_PANEL:
    if (!make_place (document, &panel_places, shot, PANEL_POSITION, anchor, place, &position, error))
      return 0;
    return insert_panel (document, shot, position, error);
  case NEW_SHOT:
    if (!make_place (document, &shot_places, scene, SHOT_POSITION, shot, place, &position, error)
        || (shot = insert_shot (document, scene, position, error)) == 0)
      return 0;
    return insert_panel (document, shot, GAP, error);
  default:
    if (!make_place (document, &scene_places, 1, SCENE_POSITION, scene, place, &position, error)
        || (scene = insert_scene (document, position, title, error)) == 0
        || (shot = insert_shot (document, scene, GAP, error)) == 0)
      return 0;
    return insert_panel (document, shot, GAP, error);
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

static gint64
duplicate (InqDocument *document, gint64 panel, GError **error)
{
  gint64 shot = 0, scene = 0, position = 0, copy;

  if (!shot_and_scene (document, panel, &shot, &scene, error)
      || !make_place (document, &panel_places, shot, PANEL_POSITION, panel, INQ_PLACE_AFTER, &position, error))
    return 0;
  /* The artist's own number stays with the original. */
  if (!inq_sql_run (
          document, error,
          "INSERT INTO panel (shot, position, duration, prompt, negative, dialogue, action, notes, size, angle, move, "
          "time,"
          " created) SELECT shot, ?2, duration, prompt, negative, dialogue, action, notes, size, angle, move, time, ?3"
          " FROM panel WHERE id = ?1",
          "iii", panel, position, g_get_real_time ()))
    return 0;
  copy = sqlite3_last_insert_rowid (document->db);
  document->changes->structure = TRUE;
  if (!inq_sql_run (
          document, error,
          "INSERT INTO stroke (panel, alive, layer, tool, colour, width, text, points)"
          " SELECT ?2, 1, layer, tool, colour, width, text, points FROM stroke WHERE panel = ?1 AND alive ORDER BY id",
          "ii", panel, copy)
      || !inq_sql_run (
          document, error,
          "INSERT INTO variation (panel, image, alive, seed, recipe, model, rating, starred, rejected, job, created)"
          " SELECT ?2, image, 1, seed, recipe, model, rating, starred, rejected, job, created FROM variation"
          " WHERE panel = ?1 AND alive ORDER BY id",
          "ii", panel, copy)
      || !inq_sql_run (document, error,
                       "INSERT INTO panel_cast (panel, member, alive) SELECT ?2, member, 1 FROM panel_cast WHERE panel "
                       "= ?1 AND alive",
                       "ii", panel, copy)
      /* The picked one is the k-th in both. */
      || !inq_sql_run (
          document, error,
          "UPDATE panel SET alive = 1, picked = (SELECT v.id FROM variation v WHERE v.panel = ?2 AND v.alive"
          " AND (SELECT count(*) FROM variation w WHERE w.panel = ?2 AND w.alive AND w.id < v.id) ="
          " (SELECT count(*) FROM variation w, panel p WHERE p.id = ?1 AND w.panel = ?1 AND w.alive AND w.id < "
          "p.picked)"
          " AND (SELECT picked FROM panel WHERE id = ?1) IS NOT NULL) WHERE id = ?2",
          "ii", panel, copy))
    return 0;
  return copy;
}

gint64
inq_document_duplicate_panel (InqDocument *document, gint64 panel, GError **error)
{
  gint64 id;

  if (!inq_document_begin (document, N_ ("Duplicate panel"), NULL, error))
    return 0;
  id = duplicate (document, panel, error);
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

/* The @n panels in board order; FALSE if one is not on the board or named twice. */
static GArray *
in_order (InqDocument *document, const gint64 *panels, gsize n, GError **error)
{
  g_autoptr (GArray) ids = inq_document_list_panel_ids (document, error);
  g_autoptr (GArray) sorted = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (ids == NULL)
    return NULL;
  for (guint i = 0; i < ids->len; i++) {
    gboolean wanted = FALSE;

    for (gsize j = 0; j < n && !wanted; j++)
      wanted = panels[j] == g_array_index (ids, gint64, i);
    if (wanted)
      g_array_append_val (sorted, g_array_index (ids, gint64, i));
  }
  if (sorted->len != n) {
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW, _ ("This panel is no longer on the board."));
    return NULL;
  }
  return g_steal_pointer (&sorted);
}

static gboolean
move (InqDocument *document, const gint64 *panels, gsize n, gint64 anchor, InqPlace place, GError **error)
{
  g_autoptr (GArray) sorted = in_order (document, panels, n, error);
  gint64 shot = 0, scene = 0;

  if (sorted == NULL || !shot_and_scene (document, anchor, &shot, &scene, error))
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

    if (!make_place (document, &panel_places, shot, PANEL_POSITION, anchor, place, &position, error)
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

  if (!shot_and_scene (document, panel, &shot, &scene, error)
      || !count_before (document, panel, &before, &shots, error))
    return FALSE;
  if (before == 0)
    return TRUE;
  document->changes->structure = TRUE;
  return make_place (document, &shot_places, scene, SHOT_POSITION, shot, INQ_PLACE_AFTER, &position, error)
         && (added = insert_shot (document, scene, position, error)) != 0
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

  if (!shot_and_scene (document, panel, &shot, &scene, error)
      || !count_before (document, panel, &before, &shots, error))
    return FALSE;
  if (before == 0 && shots == 0)
    return TRUE;
  document->changes->structure = TRUE;
  return split_shot (document, panel, error) && shot_and_scene (document, panel, &shot, &scene, error)
         && make_place (document, &scene_places, 1, SCENE_POSITION, scene, INQ_PLACE_AFTER, &position, error)
         && (added = insert_scene (document, position, title, error)) != 0
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

  if (!shot_and_scene (document, panel, &shot, &scene, error)
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

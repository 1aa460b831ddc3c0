/* Inquadra - where rows lie among others: sparse positions in scenes, shots and panels
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-places-private.h"

#include "inq-sql.h"

typedef struct {
  const char *at;       /* position of ?1 */
  const char *all;      /* rows beside ?1, in order: id */
  const char *next;     /* smallest position above ?2 beside ?1 */
  const char *previous; /* greatest position below ?2 beside ?1 */
  const char *set;      /* position ?2 for row ?1 */
} Places;

static const Places levels[] = {
  [INQ_LEVEL_SCENE] = {
      "SELECT position FROM scene WHERE id = ?1",
      "SELECT id FROM scene WHERE ?1 IS NOT NULL ORDER BY position, id",
      "SELECT min (position) FROM scene WHERE ?1 IS NOT NULL AND position > ?2",
      "SELECT max (position) FROM scene WHERE ?1 IS NOT NULL AND position < ?2",
      "UPDATE scene SET position = ?2 WHERE id = ?1",
  },
  [INQ_LEVEL_SHOT] = {
      "SELECT position FROM shot WHERE id = ?1",
      "SELECT id FROM shot WHERE scene = ?1 ORDER BY position, id",
      "SELECT min (position) FROM shot WHERE scene = ?1 AND position > ?2",
      "SELECT max (position) FROM shot WHERE scene = ?1 AND position < ?2",
      "UPDATE shot SET position = ?2 WHERE id = ?1",
  },
  [INQ_LEVEL_PANEL] = {
      "SELECT position FROM panel WHERE id = ?1",
      "SELECT id FROM panel WHERE shot = ?1 ORDER BY position, id",
      "SELECT min (position) FROM panel WHERE shot = ?1 AND position > ?2",
      "SELECT max (position) FROM panel WHERE shot = ?1 AND position < ?2",
      "UPDATE panel SET position = ?2 WHERE id = ?1",
  },
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
    if (!inq_sql_run (document, error, places->set, "ii", g_array_index (ids, gint64, i),
                      (gint64) (i + 1) * INQ_PLACE_GAP))
      return FALSE;
  return TRUE;
}

/* Positions that sums of two do not carry over the edge. Only a hostile file has others; spreading mends them. */
static gboolean
is_near (gint64 position)
{
  return position >= -G_MAXINT64 / 4 && position <= G_MAXINT64 / 4;
}

gboolean
inq_make_place (InqDocument *document, InqLevel level, gint64 parent, gint64 anchor, InqPlace place, gint64 *position,
                GError **error)
{
  const Places *places = &levels[level];

  for (int round = 0;; round++) {
    gint64 at = 0, other = 0;
    gboolean found = FALSE;

    if (!inq_sql_value (document, error, &at, places->at, "i", anchor)
        || !neighbour (document, place == INQ_PLACE_AFTER ? places->next : places->previous, parent, at, &other, &found,
                       error))
      return FALSE;
    if (!found && is_near (at)) {
      *position = place == INQ_PLACE_AFTER ? at + INQ_PLACE_GAP : at - INQ_PLACE_GAP;
      return TRUE;
    }
    if (found && is_near (at) && is_near (other) && ABS (other - at) >= 2) {
      *position = at + (other - at) / 2;
      return TRUE;
    }
    g_return_val_if_fail (round == 0, FALSE);
    if (!spread (document, places, parent, error))
      return FALSE;
  }
}

gboolean
inq_shot_and_scene (InqDocument *document, gint64 panel, gint64 *shot, gint64 *scene, GError **error)
{
  return inq_check_alive (document, "panel", panel, error)
         && inq_sql_value (document, error, shot, "SELECT shot FROM panel WHERE id = ?1", "i", panel)
         && inq_sql_value (document, error, scene, "SELECT scene FROM shot WHERE id = ?1", "i", *shot);
}

gint64
inq_insert_scene (InqDocument *document, gint64 position, const char *title, GError **error)
{
  if (!inq_sql_run (document, error, "INSERT INTO scene (position, title) VALUES (?1, ?2)", "it", position, title))
    return 0;
  return sqlite3_last_insert_rowid (document->db);
}

gint64
inq_insert_shot (InqDocument *document, gint64 scene, gint64 position, GError **error)
{
  if (!inq_sql_run (document, error, "INSERT INTO shot (scene, position) VALUES (?1, ?2)", "ii", scene, position))
    return 0;
  return sqlite3_last_insert_rowid (document->db);
}

gboolean
inq_end_panel (InqDocument *document, InqPlace place, gint64 *panel, GError **error)
{
  g_autoptr (GArray) ids = inq_document_list_panel_ids (document, error);

  if (ids == NULL)
    return FALSE;
  *panel = 0;
  if (ids->len > 0)
    *panel = g_array_index (ids, gint64, place == INQ_PLACE_BEFORE ? 0 : ids->len - 1);
  return TRUE;
}

GArray *
inq_panels_in_order (InqDocument *document, const gint64 *panels, gsize n, GError **error)
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

/* Inquadra - copying a panel: what hangs on it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-copy-private.h"

#include "inq-document-copy.h"
#include "inq-document-jobs.h"
#include "inq-document-strokes.h"
#include "inq-images-private.h"
#include "inq-sql.h"

#include <glib/gstdio.h>

void
inq_copy_clear (InqCopy *copy)
{
  g_clear_pointer (&copy->images, g_hash_table_unref);
  g_clear_pointer (&copy->jobs, g_hash_table_unref);
  g_clear_pointer (&copy->cast, g_hash_table_unref);
  g_clear_pointer (&copy->locations, g_hash_table_unref);
}

gboolean
inq_copy_blame (InqCopy *copy, GError **error)
{
  if (copy->from != copy->to
      && (g_error_matches (*error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL)
          || g_error_matches (*error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY)
          || g_error_matches (*error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_IO)
          || g_error_matches (*error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY)))
    (*error)->code = INQ_PROJECT_ERROR_CORRUPT;
  return FALSE;
}

void
inq_remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *file = g_build_filename (path, name, NULL);

    g_unlink (file);
  }
  g_rmdir (path);
}

/* ---- what is known already ---- */

static gboolean
find (GHashTable *map, gint64 from, gint64 *to)
{
  gint64 *known = map != NULL ? g_hash_table_lookup (map, &from) : NULL;

  if (known != NULL)
    *to = *known;
  return known != NULL;
}

static gboolean
remember (GHashTable **map, gint64 from, gint64 to)
{
  if (*map == NULL)
    *map = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  g_hash_table_insert (*map, g_memdup2 (&from, sizeof from), g_memdup2 (&to, sizeof to));
  return TRUE;
}

/* First column of the first row of @sql for the row @id of @from, "" where there is none; NULL with @error.
 * (transfer full) */
static char *
read_text (InqCopy *copy, const char *sql, gint64 id, GError **error)
{
  sqlite3_stmt *q = inq_sql_query (copy->from, error, sql, "i", id);
  int more = q != NULL ? inq_sql_step (copy->from, q, error) : -1;
  char *text = more > 0 ? inq_sql_dup_text (q, 0) : more == 0 ? g_strdup ("") : NULL;

  if (more > 0)
    sqlite3_reset (q);
  if (text == NULL)
    inq_copy_blame (copy, error);
  return text;
}

/* ---- numbers ---- */

gboolean
inq_copy_own_number (InqCopy *copy, InqLevel level, gint64 row, gint64 id, GError **error)
{
  static const struct {
    const char *read, *write;
  } sql[] = {
    [INQ_LEVEL_SCENE] = { "SELECT number FROM scene WHERE id = ?1",
                          "UPDATE scene SET number = ?2 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM scene c"
                          " JOIN shot t ON t.scene = c.id JOIN panel p ON p.shot = t.id AND p.alive"
                          " WHERE c.number = ?2)" },
    [INQ_LEVEL_SHOT] = { "SELECT number FROM shot WHERE id = ?1",
                         "UPDATE shot SET number = ?2 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM shot t"
                         " JOIN panel p ON p.shot = t.id AND p.alive WHERE t.number = ?2)" },
    [INQ_LEVEL_PANEL] = { "SELECT number FROM panel WHERE id = ?1",
                          "UPDATE panel SET number = ?2 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM panel p"
                          " WHERE p.alive AND p.number = ?2)" },
  };
  g_autofree char *number = read_text (copy, sql[level].read, row, error);

  if (number == NULL)
    return FALSE;
  return *number == '\0' || inq_sql_run (copy->to, error, sql[level].write, "it", id, number);
}

/* ---- pictures ---- */

/* The picture as the board keeps it; FALSE with @error. */
static gboolean
prepare_image (InqCopy *copy, gint64 image, const char *sha256, InqPreparedImage *prepared, GError **error)
{
  g_autoptr (GBytes) png = inq_document_get_image (copy->from, image, &prepared->width, &prepared->height, error);

  if (png == NULL)
    return inq_copy_blame (copy, error);
  if (!copy->trusted)
    return inq_prepared_image_init (prepared, png, error);
  prepared->thumbnail = inq_document_get_thumbnail (copy->from, image, error);
  prepared->png = g_steal_pointer (&png);
  prepared->sha256 = g_strdup (sha256);
  return prepared->thumbnail != NULL || inq_copy_blame (copy, error);
}

static gboolean
copy_image (InqCopy *copy, gint64 image, gint64 *id, GError **error)
{
  g_auto (InqPreparedImage) prepared = { NULL };
  g_autofree char *sha256 = NULL;

  *id = image;
  if (image == 0 || copy->from == copy->to || find (copy->images, image, id))
    return TRUE;
  *id = 0;
  sha256 = read_text (copy, "SELECT sha256 FROM image WHERE id = ?1", image, error);
  /* Whose hash the board has, it has: what else the other file says of it is of no matter. */
  if (sha256 == NULL || !inq_sql_value (copy->to, error, id, "SELECT id FROM image WHERE sha256 = ?1", "t", sha256)
      || (*id == 0
          && (!prepare_image (copy, image, sha256, &prepared, error)
              || (*id = inq_document_store_image (copy->to, &prepared, error)) == 0)))
    return FALSE;
  return remember (&copy->images, image, *id);
}

/* What drew a variation, done: its words, models and pictures are asked for again by "more like this". */
static gboolean
copy_job (InqCopy *copy, gint64 job, gint64 panel, gint64 *id, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (InqJobRow) row = NULL;
  gint64 init = 0, mask = 0;

  *id = job;
  if (job == 0 || copy->from == copy->to || find (copy->jobs, job, id))
    return TRUE;
  *id = 0;
  row = inq_document_get_job (copy->from, job, &local);
  if (g_error_matches (local, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW)
      || (row != NULL && !inq_check_json_object (copy->to, row->params, NULL)))
    return TRUE;
  if (row == NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return inq_copy_blame (copy, error);
  }
  if (!copy_image (copy, row->init, &init, error) || !copy_image (copy, row->mask, &mask, error)
      || !inq_sql_run (
          copy->to, error,
          "INSERT INTO job (panel, state, params, progress, created, queued, started, finished, init, mask)"
          " VALUES (?1, 'done', ?2, 1, ?3, ?3, ?4, ?5, ?6, ?7)",
          "itiiinn", panel, row->params, row->created, row->started, row->finished, init, mask))
    return FALSE;
  *id = sqlite3_last_insert_rowid (copy->to->db);
  return remember (&copy->jobs, job, *id);
}

gboolean
inq_copy_variations (InqCopy *copy, gint64 row, gint64 id, gint64 *picked, GError **error)
{
  g_autoptr (GPtrArray) rows = inq_document_list_variations (copy->from, row, error);

  if (rows == NULL)
    return inq_copy_blame (copy, error);
  for (guint i = 0; i < rows->len; i++) {
    const InqVariationRow *v = rows->pdata[i];
    const char *recipe = inq_check_json_object (copy->to, v->recipe, NULL) ? v->recipe : "{}";
    gint64 image = 0, job = 0;

    if (!copy_image (copy, v->image, &image, error) || !copy_job (copy, v->job, id, &job, error)
        || !inq_sql_run (copy->to, error,
                         "INSERT INTO variation (panel, image, alive, seed, recipe, model, rating, starred, rejected,"
                         " job, created) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                         "iiittiiini", id, image, (gint64) v->seed, recipe, v->model, (gint64) v->rating,
                         (gint64) v->starred, (gint64) v->rejected, job, v->created))
      return FALSE;
    if (v->picked)
      *picked = sqlite3_last_insert_rowid (copy->to->db);
  }
  return TRUE;
}

/* ---- ink ---- */

gboolean
inq_copy_strokes (InqCopy *copy, gint64 row, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) strokes = inq_document_list_strokes (copy->from, row, error);

  if (strokes == NULL)
    return inq_copy_blame (copy, error);
  for (guint i = 0; i < strokes->len; i++) {
    InqStroke *stroke = strokes->pdata[i];

    stroke->panel = id;
    if (inq_document_insert_stroke (copy->to, stroke, TRUE, error) == 0)
      return FALSE;
  }
  return TRUE;
}

gboolean
inq_copy_marks (InqCopy *copy, gint64 row, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) marks = inq_document_list_marks (copy->from, row, error);

  if (marks == NULL)
    return inq_copy_blame (copy, error);
  for (guint i = 0; i < marks->len; i++) {
    const InqMark *mark = marks->pdata[i];

    if (!inq_sql_run (copy->to, error,
                      "INSERT INTO mark (panel, alive, author, text, x, y, resolved, created)"
                      " VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7)",
                      "ittddii", id, mark->author, mark->text, (double) mark->x, (double) mark->y,
                      (gint64) mark->resolved, mark->created))
      return FALSE;
  }
  return TRUE;
}

/* ---- the story ---- */

static gboolean
copy_member (InqCopy *copy, const InqNamedRow *member, gint64 *id, GError **error)
{
  gint64 from_image = 0, image = 0;

  *id = member->id;
  if (copy->from == copy->to || find (copy->cast, member->id, id))
    return TRUE;
  *id = 0;
  if (!inq_sql_value (copy->to, error, id,
                      "SELECT id FROM \"cast\" WHERE alive AND name = ?1 ORDER BY description = ?2 DESC, id LIMIT 1",
                      "tt", member->name, member->description))
    return FALSE;
  if (*id == 0) {
    if (!inq_sql_value (copy->from, error, &from_image, "SELECT coalesce (image, 0) FROM \"cast\" WHERE id = ?1", "i",
                        member->id))
      return inq_copy_blame (copy, error);
    if (!copy_image (copy, from_image, &image, error)
        || (*id = inq_document_add_cast (copy->to, member->name, member->description, error)) == 0
        || !inq_sql_run (copy->to, error, "UPDATE \"cast\" SET image = ?2 WHERE id = ?1", "in", *id, image))
      return FALSE;
  }
  return remember (&copy->cast, member->id, *id);
}

gboolean
inq_copy_cast (InqCopy *copy, gint64 row, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) members = inq_document_list_panel_cast (copy->from, row, error);

  if (members == NULL)
    return inq_copy_blame (copy, error);
  for (guint i = 0; i < members->len; i++) {
    gint64 member = 0;

    if (!copy_member (copy, members->pdata[i], &member, error)
        || !inq_sql_run (copy->to, error, "INSERT OR IGNORE INTO panel_cast (panel, member, alive) VALUES (?1, ?2, 1)",
                         "ii", id, member))
      return FALSE;
  }
  return TRUE;
}

gboolean
inq_copy_location (InqCopy *copy, gint64 location, gint64 *id, GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;
  const InqLocationRow *row = NULL;
  gint64 image = 0;

  *id = location;
  if (location == 0 || copy->from == copy->to || find (copy->locations, location, id))
    return TRUE;
  *id = 0;
  rows = inq_document_list_locations (copy->from, error);
  if (rows == NULL)
    return inq_copy_blame (copy, error);
  for (guint i = 0; i < rows->len; i++)
    if (((InqLocationRow *) rows->pdata[i])->id == location)
      row = rows->pdata[i];
  if (row == NULL)
    return TRUE;
  if (!inq_sql_value (copy->to, error, id,
                      "SELECT id FROM location WHERE alive AND name = ?1 ORDER BY description = ?2 DESC, id LIMIT 1",
                      "tt", row->name, row->description))
    return FALSE;
  if (*id == 0
      && (!copy_image (copy, row->image, &image, error)
          || (*id = inq_document_add_location (copy->to, row->name, row->description, row->note, error)) == 0
          || (image != 0 && !inq_document_set_location_image (copy->to, *id, image, error))))
    return FALSE;
  return remember (&copy->locations, location, *id);
}

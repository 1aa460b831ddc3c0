/* Inquadra - variations of a panel, their pictures and thumbnails
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-images.h"

#include "inq-images-private.h"
#include "inq-sql.h"

InqVariationRow *
inq_variation_row_copy (const InqVariationRow *row)
{
  InqVariationRow *copy = g_memdup2 (row, sizeof *row);

  copy->recipe = g_strdup (row->recipe);
  copy->model = g_strdup (row->model);
  return copy;
}

void
inq_variation_row_free (InqVariationRow *row)
{
  if (row == NULL)
    return;
  g_free (row->recipe);
  g_free (row->model);
  g_free (row);
}

/* ---- reading ---- */

#define VARIATION_SELECT                                                                                               \
  "SELECT v.id, v.panel, v.image, i.width, i.height, v.seed, v.recipe, v.model, v.rating, v.starred, v.rejected,"      \
  " v.id IS p.picked, coalesce (v.job, 0), v.created FROM variation v JOIN image i ON i.id = v.image JOIN panel p ON " \
  "p.id = v.panel"

static InqVariationRow *
read_row (sqlite3_stmt *q)
{
  InqVariationRow *row = g_new0 (InqVariationRow, 1);

  row->id = sqlite3_column_int64 (q, 0);
  row->panel = sqlite3_column_int64 (q, 1);
  row->image = sqlite3_column_int64 (q, 2);
  row->width = sqlite3_column_int (q, 3);
  row->height = sqlite3_column_int (q, 4);
  row->seed = (guint64) sqlite3_column_int64 (q, 5);
  row->recipe = inq_sql_dup_text (q, 6);
  row->model = inq_sql_dup_text (q, 7);
  row->rating = CLAMP (sqlite3_column_int (q, 8), 0, 5);
  row->starred = sqlite3_column_int (q, 9) != 0;
  row->rejected = sqlite3_column_int (q, 10) != 0;
  row->picked = sqlite3_column_int (q, 11) != 0;
  row->job = sqlite3_column_int64 (q, 12);
  row->created = sqlite3_column_int64 (q, 13);
  return row;
}

GPtrArray *
inq_document_list_variations (InqDocument *document, gint64 panel, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_variation_row_free);
  sqlite3_stmt *q = inq_sql_query (document, error, VARIATION_SELECT " WHERE v.panel = ?1 AND v.alive ORDER BY v.id",
                                   "i", panel);
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0)
    g_ptr_array_add (rows, read_row (q));
  return more == 0 ? g_steal_pointer (&rows) : NULL;
}

InqVariationRow *
inq_document_get_variation (InqDocument *document, gint64 variation, GError **error)
{
  sqlite3_stmt *q;
  InqVariationRow *row = NULL;

  if (!inq_check_alive (document, "variation", variation, error))
    return NULL;
  q = inq_sql_query (document, error, VARIATION_SELECT " WHERE v.id = ?1", "i", variation);
  if (q != NULL && inq_sql_step (document, q, error) > 0) {
    row = read_row (q);
    sqlite3_reset (q);
  }
  return row;
}

static gboolean
no_image (GError **error)
{
  g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW, _ ("This picture is no longer in the board."));
  return FALSE;
}

static GBytes *
read_png (InqDocument *document, sqlite3_stmt *q, gint *width, gint *height, gboolean *found, GError **error)
{
  GBytes *bytes = NULL;
  int more;

  *found = FALSE;
  if (q == NULL || (more = inq_sql_step (document, q, error)) < 0 || more == 0)
    return NULL;
  *found = TRUE;
  bytes = g_bytes_new (sqlite3_column_blob (q, 0), sqlite3_column_bytes (q, 0));
  if (width != NULL)
    *width = sqlite3_column_int (q, 1);
  if (height != NULL)
    *height = sqlite3_column_int (q, 2);
  sqlite3_reset (q);
  return bytes;
}

GBytes *
inq_document_get_image (InqDocument *document, gint64 image, gint *width, gint *height, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean found;
  GBytes *bytes = read_png (
      document, inq_sql_query (document, &local, "SELECT png, width, height FROM image WHERE id = ?1", "i", image),
      width, height, &found, &local);

  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!found)
    no_image (error);
  return bytes;
}

gboolean
inq_document_check_image (InqDocument *document, gint64 image, GError **error)
{
  gint64 found = 0;

  if (!inq_sql_value (document, error, &found, "SELECT count(*) FROM image WHERE id = ?1", "i", image))
    return FALSE;
  return found != 0 || no_image (error);
}

GBytes *
inq_document_get_thumbnail (InqDocument *document, gint64 image, GError **error)
{
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (GBytes) small = NULL;
  g_autoptr (GError) local = NULL;
  gboolean found;

  small = read_png (document,
                    inq_sql_query (document, &local, "SELECT png FROM thumbnail WHERE image = ?1", "i", image), NULL,
                    NULL, &found, &local);
  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  if (found && g_bytes_get_size (small) > 0)
    return g_steal_pointer (&small);
  g_clear_pointer (&small, g_bytes_unref);
  whole = inq_document_get_image (document, image, NULL, NULL, error);
  if (whole == NULL)
    return NULL;
  small = inq_png_make_thumbnail (whole, INQ_THUMBNAIL_WIDTH, error);
  if (small != NULL && !document->read_only && document->depth == 0 && inq_document_begin (document, NULL, NULL, NULL))
    /* kept for the next time where there is room */
    inq_document_end (document,
                      inq_sql_run (document, NULL, "INSERT OR REPLACE INTO thumbnail (image, png) VALUES (?1, ?2)",
                                   "ib", image, g_bytes_get_data (small, NULL), g_bytes_get_size (small)),
                      NULL);
  return g_steal_pointer (&small);
}

/* ---- adding ---- */

void
inq_prepared_image_clear (InqPreparedImage *prepared)
{
  g_clear_pointer (&prepared->png, g_bytes_unref);
  g_clear_pointer (&prepared->thumbnail, g_bytes_unref);
  g_clear_pointer (&prepared->sha256, g_free);
}

gboolean
inq_prepared_image_init (InqPreparedImage *prepared, GBytes *png, GError **error)
{
  memset (prepared, 0, sizeof *prepared);
  if (!inq_png_get_size (png, &prepared->width, &prepared->height, error))
    return FALSE;
  prepared->thumbnail = inq_png_make_thumbnail (png, INQ_THUMBNAIL_WIDTH, error);
  if (prepared->thumbnail == NULL)
    return FALSE;
  prepared->png = g_bytes_ref (png);
  prepared->sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);
  return TRUE;
}

gint64
inq_document_store_image (InqDocument *document, const InqPreparedImage *prepared, GError **error)
{
  gint64 id = 0;

  if (!inq_sql_value (document, error, &id, "SELECT id FROM image WHERE sha256 = ?1", "t", prepared->sha256))
    return 0;
  if (id != 0)
    return id;
  if (!inq_sql_run (document, error, "INSERT INTO image (sha256, width, height, png) VALUES (?1, ?2, ?3, ?4)", "tiib",
                    prepared->sha256, (gint64) prepared->width, (gint64) prepared->height,
                    g_bytes_get_data (prepared->png, NULL), g_bytes_get_size (prepared->png)))
    return 0;
  id = sqlite3_last_insert_rowid (document->db);
  return inq_sql_run (document, error, "INSERT OR REPLACE INTO thumbnail (image, png) VALUES (?1, ?2)", "ib", id,
                      g_bytes_get_data (prepared->thumbnail, NULL), g_bytes_get_size (prepared->thumbnail))
             ? id
             : 0;
}

gint64
inq_document_insert_variation (InqDocument *document, gint64 panel, const InqNewVariation *variation,
                               const InqPreparedImage *prepared, gint64 job, gboolean alive, GError **error)
{
  const char *recipe = variation->recipe != NULL ? variation->recipe : "{}";
  gint64 image;

  if (!inq_check_json_object (document, recipe, error) || !inq_check_utf8 (variation->model, error)
      || (image = inq_document_store_image (document, prepared, error)) == 0)
    return 0;
  if (!inq_sql_run (document, error,
                    "INSERT INTO variation (panel, image, alive, seed, recipe, model, job, created)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    "iiiittni", panel, image, (gint64) alive, (gint64) variation->seed, recipe, variation->model, job,
                    g_get_real_time ()))
    return 0;
  return sqlite3_last_insert_rowid (document->db);
}

gint64
inq_document_add_variation (InqDocument *document, gint64 panel, const InqNewVariation *variation, gboolean pick,
                            GError **error)
{
  g_auto (InqPreparedImage) prepared = { NULL };
  gint64 id = 0;
  gboolean ok;

  g_return_val_if_fail (variation->png != NULL, 0);
  if (!inq_document_check_writable (document, error) || !inq_prepared_image_init (&prepared, variation->png, error)
      || !inq_document_begin (document, N_ ("Add picture"), NULL, error))
    return 0;
  ok = inq_check_alive (document, "panel", panel, error)
       && (id = inq_document_insert_variation (document, panel, variation, &prepared, 0, FALSE, error)) != 0
       && inq_sql_run (document, error, "UPDATE variation SET alive = 1 WHERE id = ?1", "i", id)
       && (!pick || inq_sql_run (document, error, "UPDATE panel SET picked = ?2 WHERE id = ?1", "ii", panel, id));
  return inq_document_end (document, ok, error) ? id : 0;
}

/* ---- choosing ---- */

gboolean
inq_document_pick (InqDocument *document, gint64 panel, gint64 variation, GError **error)
{
  gint64 owner = panel;
  gboolean ok;

  if (!inq_document_begin (document, variation != 0 ? N_ ("Pick variation") : N_ ("Take pick away"), NULL, error))
    return FALSE;
  ok = inq_check_alive (document, "panel", panel, error);
  if (ok && variation != 0) {
    ok = inq_check_alive (document, "variation", variation, error)
         && inq_sql_value (document, error, &owner, "SELECT panel FROM variation WHERE id = ?1", "i", variation)
         && inq_sql_run (document, error, "UPDATE variation SET rejected = 0 WHERE id = ?1 AND rejected", "i",
                         variation);
    if (ok && owner != panel) {
      g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("This picture belongs to another panel."));
      ok = FALSE;
    }
  }
  ok = ok && inq_sql_run (document, error, "UPDATE panel SET picked = ?2 WHERE id = ?1", "in", panel, variation);
  return inq_document_end (document, ok, error);
}

static gboolean
set_number (InqDocument *document, gint64 variation, const char *label, const char *sql, gint64 value, GError **error)
{
  if (!inq_document_begin (document, label, NULL, error))
    return FALSE;
  return inq_document_end (document,
                           inq_check_alive (document, "variation", variation, error)
                               && inq_sql_run (document, error, sql, "ii", variation, value),
                           error);
}

gboolean
inq_document_set_rating (InqDocument *document, gint64 variation, gint rating, GError **error)
{
  if (rating < 0 || rating > 5) {
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("A rating is from 0 to 5."));
    return FALSE;
  }
  return set_number (document, variation, N_ ("Rate variation"), "UPDATE variation SET rating = ?2 WHERE id = ?1",
                     rating, error);
}

gboolean
inq_document_set_starred (InqDocument *document, gint64 variation, gboolean starred, GError **error)
{
  return set_number (document, variation, starred ? N_ ("Star variation") : N_ ("Take star away"),
                     "UPDATE variation SET starred = ?2 WHERE id = ?1", starred != FALSE, error);
}

#define UNPICK "UPDATE panel SET picked = NULL WHERE picked = ?1"

gboolean
inq_document_set_rejected (InqDocument *document, gint64 variation, gboolean rejected, GError **error)
{
  gboolean ok;

  if (!inq_document_begin (document, rejected ? N_ ("Reject variation") : N_ ("Take rejection back"), NULL, error))
    return FALSE;
  ok = inq_check_alive (document, "variation", variation, error)
       && inq_sql_run (document, error, "UPDATE variation SET rejected = ?2 WHERE id = ?1", "ii", variation,
                       (gint64) (rejected != FALSE))
       && (!rejected || inq_sql_run (document, error, UNPICK, "i", variation));
  return inq_document_end (document, ok, error);
}

gboolean
inq_document_delete_variations (InqDocument *document, const gint64 *variations, gsize n, GError **error)
{
  gboolean ok = TRUE;

  if (!inq_document_begin (document, n == 1 ? N_ ("Delete variation") : N_ ("Delete variations"), NULL, error))
    return FALSE;
  for (gsize i = 0; ok && i < n; i++)
    ok = inq_check_alive (document, "variation", variations[i], error)
         && inq_sql_run (document, error, "UPDATE variation SET alive = 0 WHERE id = ?1", "i", variations[i])
         && inq_sql_run (document, error, UNPICK, "i", variations[i]);
  return inq_document_end (document, ok, error);
}

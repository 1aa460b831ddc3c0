/* Inquadra - is a board file sound, and what can be mended
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-check.h"

#include "inq-document-images.h"
#include "inq-sql.h"

void
inq_check_row_free (InqCheckRow *row)
{
  if (row == NULL)
    return;
  g_free (row->what);
  g_free (row->message);
  g_free (row);
}

static void G_GNUC_PRINTF (5, 6)
    report (GPtrArray *rows, const char *what, gint64 id, gboolean repaired, const char *format, ...)
{
  InqCheckRow *row = g_new0 (InqCheckRow, 1);
  va_list args;

  va_start (args, format);
  row->message = g_strdup_vprintf (format, args);
  va_end (args);
  row->what = g_strdup (what);
  row->row = id;
  row->repaired = repaired;
  g_ptr_array_add (rows, row);
}

static gboolean
check_integrity (InqDocument *document, GPtrArray *rows, GError **error)
{
  sqlite3_stmt *q = inq_sql_query (document, error, "PRAGMA integrity_check (50)", "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    g_autofree char *text = inq_sql_dup_text (q, 0);

    if (!g_str_equal (text, "ok"))
      report (rows, "integrity", 0, FALSE, _ ("The file itself is damaged: %s"), text);
  }
  return more == 0;
}

static gboolean
check_foreign_keys (InqDocument *document, GPtrArray *rows, GError **error)
{
  sqlite3_stmt *q = inq_sql_query (document, error, "PRAGMA foreign_key_check", "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    g_autofree char *table = inq_sql_dup_text (q, 0);
    g_autofree char *parent = inq_sql_dup_text (q, 2);

    report (rows, "foreign-key", sqlite3_column_int64 (q, 1), FALSE,
            _ ("A row of “%s” points to a row of “%s” that is missing."), table, parent);
  }
  return more == 0;
}

/* Every picture against its hash and its header, one at a time. */
static gboolean
check_images (InqDocument *document, GPtrArray *rows, GError **error)
{
  sqlite3_stmt *q = inq_sql_query (document, error, "SELECT id, sha256, width, height, png FROM image ORDER BY id", "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    gint64 id = sqlite3_column_int64 (q, 0);
    g_autofree char *stored = inq_sql_dup_text (q, 1);
    g_autoptr (GBytes) png = g_bytes_new_static (sqlite3_column_blob (q, 4), sqlite3_column_bytes (q, 4));
    g_autofree char *actual = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);
    gint width = 0, height = 0;

    if (!g_str_equal (stored, actual))
      report (rows, "image-hash", id, FALSE, _ ("Picture %d is not what was stored: its bytes have changed."),
              (int) id);
    else if (!inq_png_get_size (png, &width, &height, NULL) || width != sqlite3_column_int64 (q, 2)
             || height != sqlite3_column_int64 (q, 3))
      report (rows, "image-png", id, FALSE, _ ("Picture %d is not a PNG of the size noted."), (int) id);
  }
  return more == 0;
}

/* Rows that @find names by id as first column are reported with @message (%d is the id) and mended by @mend (?1 is the
 * id). */
typedef struct {
  const char *what, *find, *message, *mend;
} Rule;

static const Rule rules[] = {
  { "pick",
    "SELECT p.id FROM panel p WHERE p.picked IS NOT NULL AND NOT EXISTS (SELECT 1 FROM variation v WHERE v.id = "
    "p.picked"
    " AND v.panel = p.id AND (v.alive OR NOT p.alive))",
    N_ ("The pick of panel %d points to no variation of it."), "UPDATE panel SET picked = NULL WHERE id = ?1" },
  { "duration", "SELECT id FROM panel WHERE typeof (duration) != 'integer' OR duration NOT BETWEEN 1 AND 2147483647",
    N_ ("Panel %d has no valid duration."), "UPDATE panel SET duration = 48 WHERE id = ?1" },
  { "job", "SELECT id FROM job WHERE state NOT IN ('queued', 'running', 'done', 'failed', 'cancelled')",
    N_ ("Job %d is in no known state."), "UPDATE job SET state = 'failed' WHERE id = ?1" },
  { "json", "SELECT id FROM job WHERE NOT json_valid (params)", N_ ("The parameters of job %d cannot be read."),
    "UPDATE job SET state = 'failed', params = '{}' WHERE id = ?1" },
  { "json", "SELECT id FROM variation WHERE NOT json_valid (recipe)", N_ ("The recipe of variation %d cannot be read."),
    "UPDATE variation SET recipe = '{}' WHERE id = ?1" },
};

static gboolean
check_rule (InqDocument *document, GPtrArray *rows, const Rule *rule, gboolean repair, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *q = inq_sql_query (document, error, rule->find, "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    gint64 id = sqlite3_column_int64 (q, 0);

    g_array_append_val (ids, id);
  }
  for (guint i = 0; more == 0 && i < ids->len; i++) {
    gint64 id = g_array_index (ids, gint64, i);
    gboolean mended = repair && inq_sql_run (document, NULL, rule->mend, "i", id);

    report (rows, rule->what, id, mended, _ (rule->message), (int) id);
  }
  return more == 0;
}

/* Small pictures that are missing or cannot be decoded. */
static gboolean
check_thumbnails (InqDocument *document, GPtrArray *rows, gboolean repair, GError **error)
{
  g_autoptr (GArray) bad = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *q = inq_sql_query (document, error,
                                   "SELECT i.id, t.png FROM image i LEFT JOIN thumbnail t ON t.image = i.id", "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    gint64 id = sqlite3_column_int64 (q, 0);
    g_autoptr (GBytes) png = g_bytes_new_static (sqlite3_column_blob (q, 1), sqlite3_column_bytes (q, 1));
    g_autoptr (GBytes) decoded = inq_png_make_thumbnail (png, INQ_THUMBNAIL_WIDTH, NULL);

    if (decoded == NULL)
      g_array_append_val (bad, id);
  }
  for (guint i = 0; more == 0 && i < bad->len; i++) {
    gint64 id = g_array_index (bad, gint64, i);
    g_autoptr (GBytes) whole = repair ? inq_document_get_image (document, id, NULL, NULL, NULL) : NULL;
    g_autoptr (GBytes) small = whole != NULL ? inq_png_make_thumbnail (whole, INQ_THUMBNAIL_WIDTH, NULL) : NULL;
    gboolean mended = small != NULL
                      && inq_sql_run (document, NULL, "INSERT OR REPLACE INTO thumbnail (image, png) VALUES (?1, ?2)",
                                      "ib", id, g_bytes_get_data (small, NULL), g_bytes_get_size (small));

    report (rows, "thumbnail", id, mended, _ ("The small picture of picture %d cannot be read."), (int) id);
  }
  return more == 0;
}

static gboolean
check_undo (InqDocument *document, GPtrArray *rows, gboolean repair, GError **error)
{
  sqlite3_stmt *q = inq_sql_query (document, error, "SELECT DISTINCT tbl, col FROM undo_op", "");
  gint64 gaps = 0;
  gboolean bad = FALSE;
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    g_autofree char *table = inq_sql_dup_text (q, 0);
    g_autofree char *column = inq_sql_dup_text (q, 1);

    bad |= !inq_undo_knows (table, column);
  }
  if (more != 0)
    return FALSE;
  /* done, done ... undone, undone: nothing undone may lie under something done */
  if (!inq_sql_value (
          document, error, &gaps,
          "SELECT count(*) FROM undo_step WHERE undone AND id < (SELECT max (id) FROM undo_step WHERE NOT undone)", "")
      || (gaps == 0
          && !inq_sql_value (document, error, &gaps,
                             "SELECT count(*) FROM undo_op WHERE tbl = 'panel' AND row NOT IN (SELECT id FROM panel)",
                             "")))
    return FALSE;
  if (bad || gaps > 0)
    report (rows, "undo", 0, repair && inq_sql_run (document, NULL, "DELETE FROM undo_step", ""),
            _ ("The undo log does not fit the board."));
  return TRUE;
}

static gboolean
check_snapshots (InqDocument *document, GPtrArray *rows, gboolean repair, GError **error)
{
  g_autoptr (GArray) broken = inq_snapshots_find_broken (document, error);

  for (guint i = 0; broken != NULL && i < broken->len; i++) {
    gint64 id = g_array_index (broken, gint64, i);

    report (rows, "version", id, repair && inq_snapshots_mend (document, id),
            _ ("Something that saved version %d holds is missing."), (int) id);
  }
  return broken != NULL;
}

/* Boards have neither triggers nor views; those of a stranger never run (open_connection()), but another program would
 * run them. */
static gboolean
check_schema (InqDocument *document, GPtrArray *rows, gboolean repair, GError **error)
{
  g_autoptr (GPtrArray) drops = g_ptr_array_new_with_free_func (g_free);
  guint first = rows->len;
  sqlite3_stmt *q = inq_sql_query (document, error,
                                   "SELECT name, type, format ('DROP %s \"%w\"', type, name) FROM sqlite_schema"
                                   " WHERE type IN ('trigger', 'view') ORDER BY type, name",
                                   "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    g_autofree char *name = inq_sql_dup_text (q, 0);
    g_autofree char *type = inq_sql_dup_text (q, 1);

    report (rows, "schema", 0, FALSE,
            g_str_equal (type, "view") ? _ ("The file holds a view, “%s”, that Inquadra did not make and does not run.")
                                       : _ ("The file holds a trigger, “%s”, that Inquadra did not make and does not "
                                            "run."),
            name);
    g_ptr_array_add (drops, inq_sql_dup_text (q, 2));
  }
  for (guint i = 0; more == 0 && repair && i < drops->len; i++)
    ((InqCheckRow *) rows->pdata[first + i])->repaired = inq_sql_script (document->db, drops->pdata[i], document->path,
                                                                         NULL);
  return more == 0;
}

GPtrArray *
inq_document_check (InqDocument *document, gboolean repair, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_check_row_free);
  gboolean ok;

  if (repair && !inq_document_begin (document, NULL, NULL, error))
    return NULL;
  ok = check_integrity (document, rows, error) && check_foreign_keys (document, rows, error)
       && check_images (document, rows, error) && check_schema (document, rows, repair, error);
  for (gsize i = 0; ok && i < G_N_ELEMENTS (rules); i++)
    ok = check_rule (document, rows, &rules[i], repair, error);
  ok = ok && check_thumbnails (document, rows, repair, error) && check_undo (document, rows, repair, error)
       && check_snapshots (document, rows, repair, error);
  if (ok && !inq_search_is_sound (document))
    report (rows, "search", 0, repair && inq_search_rebuild (document, NULL),
            _ ("The search index does not match the text."));
  if (repair) {
    document->changes->structure = TRUE;
    ok = inq_document_end (document, ok, error);
    document->merge_step = 0;
    inq_document_load_undo_state (document, NULL);
  }
  return ok ? g_steal_pointer (&rows) : NULL;
}

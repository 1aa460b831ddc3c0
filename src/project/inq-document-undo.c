/* Inquadra - acts as transactions, and the undo log that triggers write
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-undo.h"

#include "inq-sql.h"

/* sqlite.org/undoredo.html, with cells for statements: the log holds the old and the new value of each cell an act
 * changed, so undo leaves alone what jobs wrote beside it. Rows are never made or removed by undo; see inq-schema.c. */

typedef struct {
  const char *table;
  const char *columns[16];
  const char *structural; /* columns that change the order, numbers, set or setting of panels, with spaces around */
} Tracked;

static const Tracked tracked[] = {
  { "board", { "title", "frame_width", "frame_height", "rate_num", "rate_den", "drawing" }, "" },
  { "location", { "name", "description", "note", "image", "alive" }, " name description alive " },
  { "scene", { "position", "number", "title", "location" }, " position number title location " },
  { "shot", { "scene", "position", "number" }, " scene position number " },
  { "panel",
    { "shot", "position", "alive", "duration", "prompt", "negative", "dialogue", "action", "notes", "size", "angle",
      "move", "time", "number", "picked" },
    " shot position alive number " },
  { "variation", { "alive", "rating", "starred", "rejected" }, "" },
  { "cast", { "name", "description", "image", "alive" }, " name description alive " },
  { "panel_cast", { "alive" }, " alive " },
  { "stroke", { "alive", "layer", "colour", "width", "text", "points" }, "" },
  { "mark", { "alive", "text", "resolved" }, "" },
  { "snapshot", { "name", "alive" }, "" },
};

static const Tracked *
find_tracked (const char *table)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tracked); i++)
    if (g_str_equal (tracked[i].table, table))
      return &tracked[i];
  return NULL;
}

gboolean
inq_undo_knows (const char *table, const char *column)
{
  const Tracked *t = find_tracked (table);

  for (gsize i = 0; t != NULL && i < G_N_ELEMENTS (t->columns) && t->columns[i] != NULL; i++)
    if (g_str_equal (t->columns[i], column))
      return TRUE;
  return FALSE;
}

const char *
inq_undo_get_table (guint n)
{
  return n < G_N_ELEMENTS (tracked) ? tracked[n].table : NULL;
}

const char *
inq_undo_get_column (guint table, guint n)
{
  return n < G_N_ELEMENTS (tracked[table].columns) ? tracked[table].columns[n] : NULL;
}

gboolean
inq_undo_is_structural (const char *table, const char *column)
{
  const Tracked *t = find_tracked (table);
  g_autofree char *word = g_strdup_printf (" %s ", column);

  return t != NULL && strstr (t->structural, word) != NULL;
}

/* inq_undo_step (): the step that the cell about to be logged belongs to, 0 if it is not to be logged. */
static void
undo_step_cb (sqlite3_context *context, int n, sqlite3_value **values)
{
  InqDocument *document = sqlite3_user_data (context);

  if (document->step != 0)
    document->n_ops++;
  sqlite3_result_int64 (context, document->step);
}

gboolean
inq_document_install_undo (InqDocument *document, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  int rc = sqlite3_create_function (document->db, "inq_undo_step", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, document,
                                    undo_step_cb, NULL, NULL);

  if (rc != SQLITE_OK)
    return inq_sql_fail (document->db, rc, document->path, error);
  for (gsize i = 0; i < G_N_ELEMENTS (tracked); i++) {
    const char *t = tracked[i].table;

    for (gsize j = 0; j < G_N_ELEMENTS (tracked[i].columns) && tracked[i].columns[j] != NULL; j++) {
      const char *c = tracked[i].columns[j];

      g_string_append_printf (
          sql,
          "CREATE TEMP TRIGGER undo_%s_%s AFTER UPDATE OF \"%s\" ON main.\"%s\""
          " WHEN OLD.\"%s\" IS NOT NEW.\"%s\" BEGIN"
          " INSERT INTO undo_op (step, tbl, row, col, old, new)"
          " SELECT s, '%s', NEW.id, '%s', OLD.\"%s\", NEW.\"%s\" FROM (SELECT inq_undo_step () AS s LIMIT 1)"
          " WHERE s > 0; END;",
          t, c, c, t, c, c, t, c, c, c);
    }
  }
  return inq_sql_script (document->db, sql->str, document->path, error);
}

gboolean
inq_document_check_writable (InqDocument *document, GError **error)
{
  if (!document->read_only)
    return TRUE;
  g_set_error_literal (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY, document->read_only_reason);
  return FALSE;
}

static gboolean
load_label (InqDocument *document, const char *sql, char **label, GError **error)
{
  sqlite3_stmt *q = inq_sql_query (document, error, sql, "");
  int more;

  if (q == NULL || (more = inq_sql_step (document, q, error)) < 0)
    return FALSE;
  g_clear_pointer (label, g_free);
  if (more > 0) {
    *label = inq_sql_dup_text (q, 0);
    sqlite3_reset (q);
  }
  return TRUE;
}

gboolean
inq_document_load_undo_state (InqDocument *document, GError **error)
{
  return load_label (document, "SELECT label FROM undo_step WHERE NOT undone ORDER BY id DESC LIMIT 1",
                     &document->undo_label, error)
         && load_label (document, "SELECT label FROM undo_step WHERE undone ORDER BY id LIMIT 1", &document->redo_label,
                        error);
}

gboolean
inq_document_begin (InqDocument *document, const char *label, const char *merge_key, GError **error)
{
  gint64 last = 0;

  g_return_val_if_fail (document != NULL, FALSE);
  if (document->depth > 0) {
    document->depth++;
    return TRUE;
  }
  if (!inq_document_check_writable (document, error)
      || !inq_sql_script (document->db, "BEGIN IMMEDIATE", document->path, error))
    return FALSE;
  document->depth = 1;
  document->doomed = FALSE;
  document->n_ops = 0;
  document->step = 0;
  inq_changes_clear (document->changes);
  if (label == NULL)
    return TRUE;
  /* A new step drops the redo side, so it may take any number above the last one. */
  if (!inq_sql_value (document, error, &last, "SELECT max (id) FROM undo_step", "")) {
    inq_document_rollback (document);
    return FALSE;
  }
  document->step = last + 1;
  g_free (document->label);
  document->label = g_strdup (label);
  if (merge_key == NULL || g_strcmp0 (merge_key, document->merge_key) != 0) {
    document->merge_step = 0;
    g_free (document->merge_key);
    document->merge_key = g_strdup (merge_key);
  }
  return TRUE;
}

void
inq_document_rollback (InqDocument *document)
{
  g_return_if_fail (document->depth > 0);
  if (--document->depth > 0) {
    document->doomed = TRUE;
    return;
  }
  /* A statement abandoned half-way would keep its transaction alive. */
  for (sqlite3_stmt *s = NULL; (s = sqlite3_next_stmt (document->db, s)) != NULL;)
    sqlite3_reset (s);
  /* SQLite takes a transaction back by itself where the disk is full. */
  if (!sqlite3_get_autocommit (document->db))
    sqlite3_exec (document->db, "ROLLBACK", NULL, NULL, NULL);
  document->step = 0;
  inq_changes_clear (document->changes);
}

/* Joins the act's cells to the step before it: each cell keeps its first old and its last new value. */
static gboolean
merge_step (InqDocument *document, gint64 into, GError **error)
{
  gint64 left = 0;

  return inq_sql_run (document, error, "UPDATE undo_op SET step = ?1 WHERE step = ?2", "ii", into, document->step)
         && inq_sql_run (
             document, error,
             "UPDATE undo_op SET new = (SELECT l.new FROM undo_op l WHERE l.step = undo_op.step AND l.tbl = undo_op.tbl"
             " AND l.row = undo_op.row AND l.col = undo_op.col ORDER BY l.id DESC LIMIT 1) WHERE step = ?1",
             "i", into)
         && inq_sql_run (
             document, error,
             "DELETE FROM undo_op WHERE step = ?1 AND (old IS new OR id NOT IN (SELECT min (id) FROM undo_op"
             " WHERE step = ?1 GROUP BY tbl, row, col))",
             "i", into)
         && inq_sql_value (document, error, &left, "SELECT count(*) FROM undo_op WHERE step = ?1", "i", into)
         && (left > 0 || inq_sql_run (document, error, "DELETE FROM undo_step WHERE id = ?1", "i", into))
         && (document->merge_step = left > 0 ? into : 0, TRUE);
}

static gboolean
write_step (InqDocument *document, GError **error)
{
  gint64 undone = 0;

  if (!inq_sql_value (document, error, &undone, "SELECT count(*) FROM undo_step WHERE undone", ""))
    return FALSE;
  if (undone > 0) {
    if (!inq_sql_run (document, error, "DELETE FROM undo_step WHERE undone", ""))
      return FALSE;
    document->merge_step = 0;
  }
  document->changes->undo = TRUE;
  if (document->merge_step != 0)
    return merge_step (document, document->merge_step, error);
  document->merge_step = document->merge_key != NULL ? document->step : 0;
  return inq_sql_run (document, error, "INSERT INTO undo_step (id, label, created) VALUES (?1, ?2, ?3)", "iti",
                      document->step, document->label, g_get_real_time ());
}

gboolean
inq_document_commit (InqDocument *document, GError **error)
{
  gint64 merge_before = document->merge_step;

  g_return_val_if_fail (document->depth > 0, FALSE);
  if (document->depth > 1) {
    document->depth--;
    return TRUE;
  }
  if (document->doomed) {
    g_set_error_literal (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FAILED,
                         _ ("A part of the change failed; nothing was changed."));
    goto fail;
  }
  if (!inq_search_update (document, document->changes->panels, error)
      || (document->n_ops > 0 && !write_step (document, error)))
    goto fail;
  if (!inq_sql_script (document->db, "COMMIT", document->path, error))
    goto fail;
  document->depth = 0;
  document->n_commits++;
  if (document->n_ops > 0)
    inq_document_load_undo_state (document, NULL);
  document->step = 0;
  inq_changes_merge (document->finished, document->changes);
  inq_changes_clear (document->changes);
  return TRUE;

fail:
  document->merge_step = merge_before;
  inq_document_rollback (document);
  return FALSE;
}

gboolean
inq_document_end (InqDocument *document, gboolean ok, GError **error)
{
  if (ok)
    return inq_document_commit (document, error);
  inq_document_rollback (document);
  return FALSE;
}

const char *
inq_document_get_undo_label (InqDocument *document)
{
  return document->undo_label;
}

const char *
inq_document_get_redo_label (InqDocument *document)
{
  return document->redo_label;
}

static gint64
panel_of (InqDocument *document, const char *table, gint64 row)
{
  gint64 panel = 0;

  if (g_str_equal (table, "panel"))
    panel = row;
  else if (g_str_equal (table, "variation"))
    inq_sql_value (document, NULL, &panel, "SELECT panel FROM variation WHERE id = ?1", "i", row);
  else if (g_str_equal (table, "stroke"))
    inq_sql_value (document, NULL, &panel, "SELECT panel FROM stroke WHERE id = ?1", "i", row);
  else if (g_str_equal (table, "mark"))
    inq_sql_value (document, NULL, &panel, "SELECT panel FROM mark WHERE id = ?1", "i", row);
  else if (g_str_equal (table, "panel_cast"))
    inq_sql_value (document, NULL, &panel, "SELECT panel FROM panel_cast WHERE id = ?1", "i", row);
  return panel;
}

/* Writes the old (or new) values of all cells of @step. @first takes the first panel concerned. */
static gboolean
apply_step (InqDocument *document, gint64 step, gboolean undo, gint64 *first, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  sqlite3_stmt *q = inq_sql_query (document, error,
                                   undo ? "SELECT tbl, row, col, old FROM undo_op WHERE step = ?1 ORDER BY id DESC"
                                        : "SELECT tbl, row, col, new FROM undo_op WHERE step = ?1 ORDER BY id",
                                   "i", step);
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    const char *table = (const char *) sqlite3_column_text (q, 0);
    gint64 row = sqlite3_column_int64 (q, 1);
    const char *column = (const char *) sqlite3_column_text (q, 2);
    g_autofree char *sql = NULL;
    sqlite3_stmt *update = NULL;
    gint64 panel;
    int rc;

    if (table == NULL || column == NULL || !inq_undo_knows (table, column)) {
      g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_CORRUPT, _ ("The undo log of the board is damaged."));
      sqlite3_reset (q);
      return FALSE;
    }
    if (inq_undo_is_structural (table, column))
      document->changes->structure = TRUE;
    sql = g_strdup_printf ("UPDATE \"%s\" SET \"%s\" = ?1 WHERE id = ?2", table, column);
    rc = sqlite3_prepare_v2 (document->db, sql, -1, &update, NULL);
    if (rc == SQLITE_OK) {
      sqlite3_bind_value (update, 1, sqlite3_column_value (q, 3));
      sqlite3_bind_int64 (update, 2, row);
      rc = sqlite3_step (update);
    }
    if (rc != SQLITE_DONE)
      inq_sql_fail (document->db, sqlite3_extended_errcode (document->db), document->path, error);
    sqlite3_finalize (update);
    if (rc != SQLITE_DONE) {
      sqlite3_reset (q);
      return FALSE;
    }
    panel = panel_of (document, table, row);
    if (panel != 0 && *first == 0)
      *first = panel;
  }
  return more == 0;
}

static gboolean
move_through_log (InqDocument *document, gboolean undo, gint64 *panel, GError **error)
{
  gint64 step = 0, first = 0, alive = 0;

  if (panel != NULL)
    *panel = 0;
  g_return_val_if_fail (document->depth == 0, FALSE);
  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  if (!inq_sql_value (document, error, &step,
                      undo ? "SELECT id FROM undo_step WHERE NOT undone ORDER BY id DESC LIMIT 1"
                           : "SELECT id FROM undo_step WHERE undone ORDER BY id LIMIT 1",
                      ""))
    goto fail;
  if (step == 0)
    return inq_document_commit (document, error);
  if (!apply_step (document, step, undo, &first, error)
      || !inq_sql_run (document, error, "UPDATE undo_step SET undone = ?1 WHERE id = ?2", "ii", (gint64) undo, step)
      || !inq_sql_value (document, error, &alive, "SELECT alive FROM panel WHERE id = ?1", "i", first))
    goto fail;
  document->changes->undo = TRUE;
  document->merge_step = 0;
  if (!inq_document_commit (document, error))
    return FALSE;
  inq_document_load_undo_state (document, NULL);
  if (panel != NULL && alive)
    *panel = first;
  return TRUE;

fail:
  inq_document_rollback (document);
  return FALSE;
}

gboolean
inq_document_undo (InqDocument *document, gint64 *panel, GError **error)
{
  return move_through_log (document, TRUE, panel, error);
}

gboolean
inq_document_redo (InqDocument *document, gint64 *panel, GError **error)
{
  return move_through_log (document, FALSE, panel, error);
}

/* Inquadra - saved versions of a board, kept in its file
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Built on what undo rests on: rows are never made or removed by it, so a version is the values of the cells that the
 * undo log knows, and going back to one writes cells. The undo log sees those writes like any others. */
#include "config.h"

#include "inq-document-snapshots.h"

#include "inq-sql.h"

void
inq_snapshot_row_free (InqSnapshotRow *row)
{
  if (row == NULL)
    return;
  g_free (row->name);
  g_free (row);
}

/* ---- statements for every table ---- */

typedef enum {
  KEEP,  /* copies rows that no version keeps yet as they are */
  LINK,  /* notes which kept rows make up version ?1 */
  WRITE, /* writes the cells of version ?1 that differ now */
  BURY,  /* takes away what version ?1 has not */
  N_COMMANDS
} Command;

/* What of each table a version holds: live rows on live panels. Scenes and shots have no life of their own. */
static const struct {
  const char *table, *live;
  gboolean of_panel; /* rows hang on a panel; those of panels that go need not go themselves */
} parts[] = {
  { "board", "1", FALSE },
  { "location", "t.alive", FALSE },
  { "scene", "EXISTS (SELECT 1 FROM shot s JOIN panel p ON p.shot = s.id AND p.alive WHERE s.scene = t.id)", FALSE },
  { "shot", "EXISTS (SELECT 1 FROM panel p WHERE p.shot = t.id AND p.alive)", FALSE },
  { "panel", "t.alive", FALSE },
  { "variation", "t.alive AND EXISTS (SELECT 1 FROM panel p WHERE p.id = t.panel AND p.alive)", TRUE },
  { "cast", "t.alive", FALSE },
  { "panel_cast", "t.alive AND EXISTS (SELECT 1 FROM panel p WHERE p.id = t.panel AND p.alive)", TRUE },
  { "stroke", "t.alive AND EXISTS (SELECT 1 FROM panel p WHERE p.id = t.panel AND p.alive)", TRUE },
  { "mark", "t.alive AND EXISTS (SELECT 1 FROM panel p WHERE p.id = t.panel AND p.alive)", TRUE },
};

/* @format for each column undo knows of its table number @n (the column stands where %s is), joined by @between. */
static char *
each_column (guint n, const char *format, const char *between)
{
  GString *out = g_string_new (NULL);
  const char *column;

  for (guint i = 0; (column = inq_undo_get_column (n, i)) != NULL; i++) {
    g_auto (GStrv) pieces = g_strsplit (format, "%s", -1);
    g_autofree char *text = g_strjoinv (column, pieces);

    g_string_append_printf (out, "%s%s", i > 0 ? between : "", text);
  }
  return g_string_free (out, FALSE);
}

#define KEPT_OF_VERSION "kept_%1$s k JOIN snapshot_row r ON r.snapshot = ?1 AND r.tbl = '%1$s' AND r.kept = k.kept"

/* SQL of @command for table number @n of @parts; "" if there is nothing to do. (transfer full) */
static char *
make_sql (Command command, guint n, guint tracked)
{
  const char *t = parts[n].table, *live = parts[n].live;
  g_autofree char *names = each_column (tracked, "\"%s\"", ", ");
  g_autofree char *from_t = each_column (tracked, "t.\"%s\"", ", ");
  g_autofree char *from_k = each_column (tracked, "k.\"%s\"", ", ");
  g_autofree char *same = each_column (tracked, "k.\"%s\" IS t.\"%s\"", " AND ");
  gboolean has_life = inq_undo_knows (t, "alive") && !g_str_equal (t, "board");

  switch (command) {
  case KEEP:
    return g_strdup_printf ("INSERT INTO kept_%s (id, %s) SELECT t.id, %s FROM \"%s\" t WHERE %s AND NOT EXISTS"
                            " (SELECT 1 FROM kept_%s k WHERE k.id = t.id AND %s)",
                            t, names, from_t, t, live, t, same);
  case LINK:
    return g_strdup_printf ("INSERT INTO snapshot_row (snapshot, tbl, kept) SELECT ?1, '%s', min (k.kept)"
                            " FROM \"%s\" t JOIN kept_%s k ON k.id = t.id AND %s WHERE %s GROUP BY t.id",
                            t, t, t, same, live);
  case WRITE:
    return g_strdup_printf ("UPDATE \"%1$s\" AS t SET (%2$s) = (%3$s) FROM " KEPT_OF_VERSION
                            " WHERE t.id = k.id AND NOT (%4$s)",
                            t, names, from_k, same);
  case BURY:
    if (!has_life)
      return g_strdup ("");
    return g_strdup_printf (
        "UPDATE \"%1$s\" AS t SET alive = 0 WHERE alive AND id NOT IN (SELECT k.id FROM " KEPT_OF_VERSION ")%2$s", t,
        parts[n].of_panel ? " AND panel IN (SELECT k.id FROM kept_panel k JOIN snapshot_row r ON r.snapshot = ?1"
                            " AND r.tbl = 'panel' AND r.kept = k.kept)"
                          : "");
  default:
    g_return_val_if_reached (NULL);
  }
}

/* Runs @command for every table. The statements stay with the document's others, so their text does too. */
static gboolean
run_all (InqDocument *document, Command command, gint64 snapshot, GError **error)
{
  static const char *sql[N_COMMANDS][G_N_ELEMENTS (parts)];
  static gsize made = 0;

  if (g_once_init_enter (&made)) {
    for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
      guint tracked = 0;

      while (!g_str_equal (inq_undo_get_table (tracked), parts[i].table))
        tracked++;
      for (guint c = 0; c < N_COMMANDS; c++) {
        g_autofree char *text = make_sql (c, i, tracked);

        sql[c][i] = g_intern_string (text);
      }
    }
    g_once_init_leave (&made, 1);
  }
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    if (*sql[command][i] == '\0')
      continue;
    if (command == KEEP ? !inq_sql_run (document, error, sql[command][i], "")
                        : !inq_sql_run (document, error, sql[command][i], "i", snapshot))
      return FALSE;
  }
  return TRUE;
}

/* ---- public ---- */

static gboolean
check_name (const char *name, GError **error)
{
  g_autofree char *stripped = NULL;

  if (!inq_check_utf8 (name, error))
    return FALSE;
  stripped = g_strstrip (g_strdup (name != NULL ? name : ""));
  if (*stripped != '\0')
    return TRUE;
  g_set_error_literal (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("A version needs a name."));
  return FALSE;
}

static gint64
insert_snapshot (InqDocument *document, const char *name, GError **error)
{
  g_auto (InqBoardSettings) settings = { NULL };
  g_autoptr (GPtrArray) panels = NULL;
  gint64 frames = 0, cover = 0;

  if (!inq_document_get_settings (document, &settings, error)
      || (panels = inq_document_list_panels (document, error)) == NULL)
    return 0;
  for (guint i = 0; i < panels->len; i++) {
    const InqPanelRow *row = panels->pdata[i];

    frames += row->duration;
    if (cover == 0)
      cover = row->cover_image;
  }
  if (!inq_sql_run (document, error,
                    "INSERT INTO snapshot (name, created, n_panels, frames, rate_num, rate_den, cover)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    "tiiiiin", name, g_get_real_time (), (gint64) panels->len, frames, (gint64) settings.rate.num,
                    (gint64) settings.rate.den, cover))
    return 0;
  return sqlite3_last_insert_rowid (document->db);
}

gint64
inq_document_save_snapshot (InqDocument *document, const char *name, GError **error)
{
  gint64 id;
  gboolean ok;

  if (!check_name (name, error) || !inq_document_begin (document, NULL, NULL, error))
    return 0;
  id = insert_snapshot (document, name, error);
  ok = id != 0 && run_all (document, KEEP, 0, error) && run_all (document, LINK, id, error);
  return inq_document_end (document, ok, error) ? id : 0;
}

GPtrArray *
inq_document_list_snapshots (InqDocument *document, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_snapshot_row_free);
  sqlite3_stmt *q = inq_sql_query (document, error,
                                   "SELECT id, name, created, n_panels, frames, rate_num, rate_den, coalesce (cover, 0)"
                                   " FROM snapshot WHERE alive ORDER BY id DESC",
                                   "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    InqSnapshotRow *row = g_new0 (InqSnapshotRow, 1);

    row->id = sqlite3_column_int64 (q, 0);
    row->name = inq_sql_dup_text (q, 1);
    row->created = sqlite3_column_int64 (q, 2);
    row->n_panels = (gint) CLAMP (sqlite3_column_int64 (q, 3), 0, G_MAXINT);
    row->frames = MAX (sqlite3_column_int64 (q, 4), 0);
    row->rate.num = sqlite3_column_int (q, 5);
    row->rate.den = sqlite3_column_int (q, 6);
    if (!inq_rate_is_valid (row->rate))
      row->rate = INQ_RATE_DEFAULT;
    row->cover_image = sqlite3_column_int64 (q, 7);
    g_ptr_array_add (rows, row);
  }
  return more == 0 ? g_steal_pointer (&rows) : NULL;
}

gint64
inq_document_find_snapshot (InqDocument *document, const char *name, GError **error)
{
  g_autoptr (GPtrArray) rows = inq_document_list_snapshots (document, error);
  guint64 place = 0;

  if (rows == NULL)
    return 0;
  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (((InqSnapshotRow *) rows->pdata[i])->name, name))
      return ((InqSnapshotRow *) rows->pdata[i])->id;
  if (g_ascii_string_to_unsigned (name, 10, 1, G_MAXUINT, &place, NULL) && place <= rows->len)
    return ((InqSnapshotRow *) rows->pdata[place - 1])->id;
  g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW, _ ("There is no version “%s” of this board."), name);
  return 0;
}

static gboolean
check_snapshot (InqDocument *document, gint64 snapshot, GError **error)
{
  gint64 alive = 0;

  if (!inq_sql_value (document, error, &alive, "SELECT alive FROM snapshot WHERE id = ?1", "i", snapshot))
    return FALSE;
  if (!alive)
    g_set_error_literal (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW, _ ("This version is no longer there."));
  return alive != 0;
}

gboolean
inq_document_restore_snapshot (InqDocument *document, gint64 snapshot, GError **error)
{
  gboolean ok;

  if (!inq_document_begin (document, N_ ("Go back to a version"), NULL, error))
    return FALSE;
  document->changes->structure = TRUE;
  ok = check_snapshot (document, snapshot, error) && run_all (document, WRITE, snapshot, error)
       && run_all (document, BURY, snapshot, error);
  return inq_document_end (document, ok, error);
}

gboolean
inq_document_rename_snapshot (InqDocument *document, gint64 snapshot, const char *name, GError **error)
{
  if (!check_name (name, error) || !inq_document_begin (document, N_ ("Rename version"), NULL, error))
    return FALSE;
  return inq_document_end (
      document,
      check_snapshot (document, snapshot, error)
          && inq_sql_run (document, error, "UPDATE snapshot SET name = ?2 WHERE id = ?1", "it", snapshot, name),
      error);
}

gboolean
inq_document_delete_snapshot (InqDocument *document, gint64 snapshot, GError **error)
{
  if (!inq_document_begin (document, N_ ("Delete version"), NULL, error))
    return FALSE;
  return inq_document_end (
      document,
      check_snapshot (document, snapshot, error)
          && inq_sql_run (document, error, "UPDATE snapshot SET alive = 0 WHERE id = ?1", "i", snapshot),
      error);
}

/* ---- check ---- */

/* The ids @sql finds, in an array of their own: what is found is then mended on the same connection. */
static GArray *
find_ids (InqDocument *document, const char *sql, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *q = inq_sql_query (document, error, sql, "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    gint64 id = sqlite3_column_int64 (q, 0);

    g_array_append_val (ids, id);
  }
  return more == 0 ? g_steal_pointer (&ids) : NULL;
}

GArray *
inq_snapshots_find_broken (InqDocument *document, GError **error)
{
  g_autoptr (GString) sql = g_string_new ("SELECT DISTINCT snapshot FROM (");

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_string_append_printf (sql,
                            "%1$sSELECT r.snapshot FROM snapshot_row r LEFT JOIN kept_%2$s k ON k.kept = r.kept"
                            " LEFT JOIN \"%2$s\" t ON t.id = k.id WHERE r.tbl = '%2$s' AND t.id IS NULL",
                            i > 0 ? " UNION ALL " : "", parts[i].table);
  g_string_append (sql, " UNION ALL SELECT snapshot FROM snapshot_row WHERE tbl NOT IN (");
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_string_append_printf (sql, "%s'%s'", i > 0 ? ", " : "", parts[i].table);
  g_string_append (sql, ")) ORDER BY 1");
  return find_ids (document, g_intern_string (sql->str), error);
}

gboolean
inq_snapshots_mend (InqDocument *document, gint64 snapshot)
{
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autofree char *sql = g_strdup_printf (
        "DELETE FROM snapshot_row WHERE snapshot = ?1 AND tbl = '%1$s' AND kept NOT IN"
        " (SELECT k.kept FROM kept_%1$s k JOIN \"%1$s\" t ON t.id = k.id)",
        parts[i].table);

    if (!inq_sql_run (document, NULL, g_intern_string (sql), "i", snapshot))
      return FALSE;
  }
  return TRUE;
}

/* Inquadra - tests of making, opening, closing and copying board files
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include "inq-sample-board.h"
#include "inq-schema.h"
#include "inq-sql.h"

#include <glib/gstdio.h>
#include <unistd.h>

static void
assert_no_sidecars (const char *path)
{
  static const char *const suffixes[] = { "-wal", "-shm", "-journal", "-lock" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

    g_assert_false (g_file_test (name, G_FILE_TEST_EXISTS));
  }
}

static void
assert_open_fails (const char *path, InqOpenFlags flags, gint code)
{
  g_autoptr (GError) error = NULL;
  InqDocument *document = inq_document_open (path, flags, &error);

  g_assert_null (document);
  g_assert_error (error, INQ_PROJECT_ERROR, code);
  g_assert_cmpuint (strlen (error->message), >, 10);
}

static void
test_new_board (void)
{
  char *path = test_path_new ("new.inquadra");
  g_autoptr (GError) error = NULL;
  g_auto (InqBoardSettings) settings = { NULL };
  InqBoardSettings wish = { "Éclair", 2390, 1000, { 24000, 1001 } };
  InqDocument *d = inq_document_new (path, &wish, INQ_OPEN_DEFAULT, &error);
  g_autoptr (GPtrArray) rows = NULL;

  g_assert_no_error (error);
  g_assert_true (inq_document_get_settings (d, &settings, &error));
  g_assert_cmpstr (settings.title, ==, "Éclair");
  g_assert_cmpint (settings.frame_width, ==, 2390);
  g_assert_true (inq_rate_equal (settings.rate, wish.rate));
  rows = inq_document_list_panels (d, &error);
  g_assert_cmpuint (rows->len, ==, 0);
  g_assert_null (inq_document_get_undo_label (d));
  g_assert_cmpint (inq_document_find_panel (d, "1A", &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);
  test_assert_sound (d);
  test_close (d);
  assert_no_sidecars (path);
  g_assert_null (inq_document_new (path, NULL, INQ_OPEN_DEFAULT, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_EXISTS);
  g_clear_error (&error);
  wish.rate.den = 0;
  g_assert_null (inq_document_new (path, &wish, INQ_OPEN_REPLACE, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (inq_document_new ("/nowhere/at/all.inquadra", NULL, INQ_OPEN_DEFAULT, &error));
  g_assert_nonnull (error);
  test_path_free (path);
}

/* What is replaced is kept under another name, with the log a crash left; a stale log never gets into a new board. */
static void
test_replace (void)
{
  char *path = test_path_new ("replace.inquadra");
  g_autofree char *kept = g_strconcat (path, "~", NULL);
  g_autofree char *second = g_strconcat (path, "~2", NULL);
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  g_autoptr (GError) error = NULL;
  InqDocument *d = test_new (path);

  inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  g_assert_null (inq_document_new (path, NULL, INQ_OPEN_REPLACE, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY);
  test_close (d);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GPtrArray) rows = NULL;

    g_clear_error (&error);
    d = inq_document_new (path, NULL, INQ_OPEN_REPLACE, &error);
    g_assert_no_error (error);
    rows = inq_document_list_panels (d, NULL);
    g_assert_cmpuint (rows->len, ==, 0);
    test_close (d);
  }
  d = test_open (kept, INQ_OPEN_DEFAULT);
  g_assert_cmpint (inq_document_find_panel (d, "1A", NULL), !=, 0);
  test_close (d);
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
  g_unlink (path);
  g_assert_true (g_file_set_contents (wal, "a log that somebody left", -1, NULL));
  d = test_new (path);
  test_assert_sound (d);
  test_close (d);
  test_path_free (path);
}

static void
test_not_a_board (void)
{
  char *path = test_path_new ("strange.inquadra");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  sqlite3 *db = NULL;
  gsize before_size, after_size;

  assert_open_fails (path, INQ_OPEN_DEFAULT, INQ_PROJECT_ERROR_NOT_FOUND);
  assert_open_fails (folder, INQ_OPEN_DEFAULT, INQ_PROJECT_ERROR_NOT_A_BOARD);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  assert_open_fails (path, INQ_OPEN_DEFAULT, INQ_PROJECT_ERROR_NOT_A_BOARD);
  g_assert_true (
      g_file_set_contents (path,
                           "This is a letter to my grandmother, not a board. It is long enough for a header. ....."
                           "............................................................................",
                           -1, NULL));
  assert_open_fails (path, INQ_OPEN_DEFAULT, INQ_PROJECT_ERROR_NOT_A_BOARD);
  assert_open_fails (path, INQ_OPEN_READ_ONLY, INQ_PROJECT_ERROR_NOT_A_BOARD);
  g_unlink (path);
  /* a stranger's database stays as it is, byte for byte */
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, "CREATE TABLE panel (x); INSERT INTO panel VALUES (1); PRAGMA user_version = 1", NULL, NULL, NULL);
  sqlite3_close (db);
  g_assert_true (g_file_get_contents (path, &before, &before_size, NULL));
  assert_open_fails (path, INQ_OPEN_DEFAULT, INQ_PROJECT_ERROR_NOT_A_BOARD);
  assert_open_fails (path, INQ_OPEN_READ_ONLY, INQ_PROJECT_ERROR_NOT_A_BOARD);
  g_assert_true (g_file_get_contents (path, &after, &after_size, NULL));
  g_assert_cmpmem (before, before_size, after, after_size);
  assert_no_sidecars (path);
  test_path_free (path);
}

static void
patch (const char *path, const char *sql)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
test_newer (void)
{
  char *path = test_path_new ("newer.inquadra");

  test_close (test_new (path));
  patch (path, "PRAGMA user_version = 1000000");
  assert_open_fails (path, INQ_OPEN_DEFAULT, INQ_PROJECT_ERROR_NEWER);
  assert_open_fails (path, INQ_OPEN_READ_ONLY, INQ_PROJECT_ERROR_NEWER);
  assert_no_sidecars (path);
  test_path_free (path);
}

static void
test_damaged (void)
{
  char *path = test_path_new ("damaged.inquadra");
  g_autofree char *bytes = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
  gsize size;

  g_assert_true (inq_sample_board_create (path, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  /* whatever is done to the bytes: an error or a board, no crash, and check comes back */
  for (guint i = 0; i < 60; i++) {
    g_autofree char *broken = g_memdup2 (bytes, size);
    g_autoptr (GError) error = NULL;
    gsize length = i % 3 == 0 ? (gsize) g_rand_int_range (rand, 0, (gint32) size) : size;
    InqDocument *d;

    for (guint k = 0; k < 40; k++)
      broken[g_rand_int_range (rand, i % 2 == 0 ? 100 : 0, (gint32) size)] = (char) g_rand_int (rand);
    g_assert_true (g_file_set_contents (path, broken, (gssize) length, NULL));
    d = inq_document_open (path, INQ_OPEN_DEFAULT, &error);
    if (d != NULL) {
      g_autoptr (GPtrArray) rows = inq_document_list_panels (d, NULL);
      g_autoptr (GPtrArray) checked = inq_document_check (d, TRUE, NULL);

      inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
      inq_document_undo (d, NULL, NULL);
      inq_document_free (d);
    } else
      g_assert_nonnull (error);
  }
  test_path_free (path);
}

/* The machinery of migrations on made-up steps: forward in order, all or nothing, newer refused. */
static void
test_migrations (void)
{
  char *path = test_path_new ("migrate.inquadra");
  const int now = INQ_SCHEMA_VERSION;
  const InqMigration good[] = { inq_migrations[0],
                                inq_migrations[1],
                                inq_migrations[2],
                                { now + 1, "ALTER TABLE panel ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'" },
                                { now + 2, "UPDATE panel SET mood = 'tense'" },
                                { 0, NULL } };
  const InqMigration bad[] = { good[0],    good[1],
                               good[2],    good[3],
                               good[4],    { now + 3, "UPDATE panel SET mood = 'lost'; UPDATE nothing SET x = 1" },
                               { 0, NULL } };
  g_autoptr (GError) error = NULL;
  InqDocument *d = test_new (path);
  sqlite3 *db = NULL;
  gint64 value = 0;

  g_assert_cmpint (INQ_SCHEMA_VERSION, ==, good[G_N_ELEMENTS (good) - 4].to);
  g_assert_cmpint (inq_migrations[INQ_SCHEMA_VERSION].to, ==, 0);
  inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  test_close (d);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_true (inq_schema_migrate (db, good, path, &error));
  g_assert_no_error (error);
  g_assert_true (inq_sql_pragma (db, "PRAGMA user_version", path, &value, NULL) && value == now + 2);
  g_assert_true (inq_sql_pragma (db, "SELECT count(*) FROM panel WHERE mood = 'tense'", path, &value, NULL)
                 && value == 1);
  g_assert_true (inq_schema_migrate (db, good, path, &error)); /* again: nothing to do */
  g_assert_false (inq_schema_migrate (db, bad, path, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_true (inq_sql_pragma (db, "PRAGMA user_version", path, &value, NULL) && value == now + 2);
  g_assert_true (inq_sql_pragma (db, "SELECT count(*) FROM panel WHERE mood = 'tense'", path, &value, NULL)
                 && value == 1);
  g_assert_false (inq_schema_migrate (db, inq_migrations, path, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NEWER);
  sqlite3_close (db);
  test_path_free (path);
}

/* A board of the first format: looked at without a change to the file, then edited and brought forward. */
static void
test_old_format (void)
{
  char *path = test_path_new ("old.inquadra");
  const InqMigration first[] = { inq_migrations[0], { 0, NULL } };
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize size, size_after;
  sqlite3 *db = NULL;
  InqDocument *d;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, "PRAGMA application_id = 1231966513", NULL, NULL, NULL);
  g_assert_cmpint (INQ_APPLICATION_ID, ==, 1231966513);
  g_assert_true (inq_schema_migrate (db, first, path, &error));
  g_assert_cmpint (
      sqlite3_exec (db,
                    "INSERT INTO scene (position) VALUES (0);"
                    "INSERT INTO shot (scene, position) VALUES (1, 0);"
                    "INSERT INTO panel (shot, position, alive, duration, prompt, created)"
                    " VALUES (1, 0, 1, 48, 'an old prompt', 1);"
                    "INSERT INTO panel_text (rowid, prompt, dialogue, action, notes)"
                    " VALUES (1, 'an old prompt', '', '', '');"
                    "INSERT INTO job (panel, params, created, queued) VALUES (1, '{\"prompt\":\"x\"}', 1, 1)",
                    NULL, NULL, NULL),
      ==, SQLITE_OK);
  sqlite3_close (db);
  g_assert_true (g_file_get_contents (path, &before, &size, &error));

  d = test_open (path, INQ_OPEN_READ_ONLY);
  g_autoptr (InqPanelRow) row = inq_document_get_panel (d, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (row->text[INQ_FIELD_PROMPT], ==, "an old prompt");
  test_close (d);
  g_assert_true (g_file_get_contents (path, &after, &size_after, &error));
  g_assert_cmpmem (before, size, after, size_after);

  d = test_open (path, INQ_OPEN_DEFAULT);
  g_autoptr (InqJobRow) job = inq_document_claim_job (d, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (job->params, ==, "{\"prompt\":\"x\"}");
  g_assert_cmpint (job->init, ==, 0);
  g_auto (InqBoardSettings) settings = { NULL };
  g_assert_true (inq_document_get_settings (d, &settings, &error));
  g_assert_cmpstr (settings.drawing, ==, "{}");
  test_assert_sound (d);
  test_close (d);
  test_path_free (path);
}

/* How the board is drawn is undone and redone like the rest, and typing joins. */
static void
test_drawing (void)
{
  char *path = test_path_new ("drawing.inquadra");
  g_autoptr (GError) error = NULL;
  InqDocument *d = test_new (path);

  g_assert_true (inq_document_set_drawing (d, "{\"steps\":8}", "a", &error));
  g_assert_true (inq_document_set_drawing (d, "{\"steps\":9}", "a", &error));
  g_assert_false (inq_document_set_drawing (d, "[]", NULL, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  test_close (d);
  d = test_open (path, INQ_OPEN_DEFAULT);
  g_auto (InqBoardSettings) settings = { NULL };
  g_assert_true (inq_document_get_settings (d, &settings, NULL));
  g_assert_cmpstr (settings.drawing, ==, "{\"steps\":9}");
  g_assert_true (inq_document_undo (d, NULL, NULL));
  inq_board_settings_clear (&settings);
  g_assert_true (inq_document_get_settings (d, &settings, NULL));
  g_assert_cmpstr (settings.drawing, ==, "{}");
  test_close (d);
  test_path_free (path);
}

static char *
fixture_path (const char *name)
{
  const char *folder = g_getenv ("INQ_TEST_DATA");

  return folder != NULL ? g_build_filename (folder, "project", name, NULL) : NULL;
}

/* Boards that were made by every version there has been open as they were left, and their log works. */
static void
test_fixtures (void)
{
  for (int version = 1; version <= INQ_SCHEMA_VERSION; version++) {
    g_autofree char *zipped_name = g_strdup_printf ("v%d.inquadra.gz", version);
    g_autofree char *text_name = g_strdup_printf ("v%d.txt", version);
    g_autofree char *zipped = fixture_path (zipped_name);
    g_autofree char *text = fixture_path (text_name);
    g_autofree char *expected = NULL;
    g_autofree char *got = NULL;
    g_autofree char *again = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (GFile) source = NULL;
    g_autoptr (GFile) target = NULL;
    g_autoptr (GInputStream) in = NULL;
    g_autoptr (GOutputStream) out = NULL;
    g_autoptr (GZlibDecompressor) unzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
    g_autoptr (GOutputStream) unzipped = NULL;
    char *path;
    InqDocument *d;

    if (zipped == NULL) {
      g_test_skip ("INQ_TEST_DATA is not set");
      return;
    }
    path = test_path_new ("old.inquadra");
    source = g_file_new_for_path (zipped);
    target = g_file_new_for_path (path);
    in = G_INPUT_STREAM (g_file_read (source, NULL, &error));
    g_assert_no_error (error);
    out = G_OUTPUT_STREAM (g_file_create (target, G_FILE_CREATE_NONE, NULL, &error));
    g_assert_no_error (error);
    unzipped = g_converter_output_stream_new (out, G_CONVERTER (unzip));
    g_output_stream_splice (unzipped, in, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET | G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE,
                            NULL, &error);
    g_assert_no_error (error);
    g_assert_true (g_file_get_contents (text, &expected, NULL, &error));
    d = test_open (path, INQ_OPEN_DEFAULT);
    test_assert_sound (d);
    got = test_dump (d);
    g_assert_cmpstr (got, ==, expected);
    while (inq_document_get_undo_label (d) != NULL)
      g_assert_true (inq_document_undo (d, NULL, NULL));
    while (inq_document_get_redo_label (d) != NULL)
      g_assert_true (inq_document_redo (d, NULL, NULL));
    g_assert_true (inq_document_undo (d, NULL, NULL)); /* the fixture was left with one step undone */
    again = test_dump (d);
    g_assert_cmpstr (again, ==, expected);
    test_close (d);
    test_path_free (path);
  }
}

static void
test_two_editors (void)
{
  char *path = test_path_new ("two.inquadra");
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *other = g_build_filename (folder, "link.inquadra", NULL);
  g_autoptr (GError) error = NULL;
  InqDocument *first = test_new (path), *second;
  gint64 panel;

  assert_open_fails (path, INQ_OPEN_DEFAULT, INQ_PROJECT_ERROR_BUSY);
  g_assert_cmpint (symlink (path, other), ==, 0);
  assert_open_fails (other, INQ_OPEN_DEFAULT, INQ_PROJECT_ERROR_BUSY);
  second = test_open (path, INQ_OPEN_FALL_BACK_READ_ONLY);
  g_assert_true (inq_document_is_read_only (second));
  g_assert_nonnull (inq_document_get_read_only_reason (second));
  panel = inq_document_add_panel (first, 0, INQ_PLACE_AFTER, &error);
  g_assert_no_error (error);
  {
    /* what one writes the other sees, and may not write */
    g_autoptr (InqPanelRow) row = inq_document_get_panel (second, panel, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (row->number, ==, "1A");
    g_assert_false (inq_document_set_text (second, panel, INQ_FIELD_PROMPT, "mine", 0, &error));
    g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY);
    g_clear_error (&error);
    g_assert_false (inq_document_undo (second, NULL, &error));
    g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY);
    g_clear_error (&error);
    test_assert_sound (second);
  }
  /* the editor closes first, the viewer goes on */
  test_close (first);
  g_assert_cmpint (inq_document_find_panel (second, "1", &error), ==, panel);
  test_close (second);
  first = test_open (path, INQ_OPEN_DEFAULT);
  test_close (first);
  assert_no_sidecars (path);
  test_path_free (path);
}

static void
test_backup (void)
{
  char *path = test_path_new ("backup.inquadra");
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *copy = g_build_filename (folder, "copy.inquadra", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  InqDocument *d;

  g_assert_true (inq_sample_board_create (path, &error));
  d = test_open (path, INQ_OPEN_DEFAULT);
  inq_document_set_text (d, 3, INQ_FIELD_NOTES, "noted", 0, NULL);
  g_assert_true (inq_document_backup (d, copy, &error));
  g_assert_no_error (error);
  g_assert_false (inq_document_backup (d, copy, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_EXISTS);
  before = test_dump (d);
  test_close (d);
  d = test_open (copy, INQ_OPEN_DEFAULT);
  after = test_dump (d);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Edit notes");
  g_assert_true (inq_document_undo (d, NULL, NULL));
  test_assert_sound (d);
  test_close (d);
  test_path_free (path);
}

static void
test_sample (void)
{
  char *path = test_path_new ("sample.inquadra");
  InqDocument *d;
  g_autoptr (GPtrArray) rows = NULL;

  g_assert_true (inq_sample_board_create (path, NULL));
  g_assert_false (inq_sample_board_create (path, NULL));
  d = test_open (path, INQ_OPEN_DEFAULT);
  g_assert_null (inq_document_get_undo_label (d));
  rows = inq_document_list_panels (d, NULL);
  g_assert_cmpuint (rows->len, ==, 8);
  g_assert_cmpstr (((InqPanelRow *) rows->pdata[2])->number, ==, "1B-2");
  g_assert_cmpstr (((InqPanelRow *) rows->pdata[7])->scene_number, ==, "3");
  for (guint i = 0; i < rows->len; i++)
    g_assert_cmpstr (((InqPanelRow *) rows->pdata[i])->text[INQ_FIELD_PROMPT], !=, "");
  test_assert_sound (d);
  test_close (d);
  assert_no_sidecars (path);
  test_path_free (path);
}

/* What a stranger left in the file to be run is neither run nor in the way; a check says so and takes it out. */
static void
test_foreign_schema (void)
{
  char *path = test_path_new ("stranger.inquadra");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) mended = NULL;
  InqDocument *d = test_new (path);
  sqlite3 *db = NULL;
  gint64 first = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);

  inq_document_set_text (d, first, INQ_FIELD_NOTES, "mine", 0, NULL);
  test_close (d);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (
          db,
          "CREATE TRIGGER \"take \"\"over\" AFTER INSERT ON panel BEGIN UPDATE panel SET notes = 'theirs'; END;"
          "CREATE VIEW endless AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
          " SELECT i FROM n",
          NULL, NULL, NULL),
      ==, SQLITE_OK);
  sqlite3_close (db);

  d = test_open (path, INQ_OPEN_DEFAULT);
  g_assert_cmpint (inq_document_add_panel (d, first, INQ_PLACE_AFTER, &error), >, 0);
  g_assert_no_error (error);
  g_autoptr (InqPanelRow) row = inq_document_get_panel (d, first, &error);
  g_assert_cmpstr (row->text[INQ_FIELD_NOTES], ==, "mine");
  /* Ours are run. */
  g_assert_true (inq_document_undo (d, NULL, &error));
  g_assert_true (inq_document_undo (d, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (InqPanelRow) before = inq_document_get_panel (d, first, &error);
  g_assert_cmpstr (before->text[INQ_FIELD_NOTES], ==, "");

  found = inq_document_check (d, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 2);
  mended = inq_document_check (d, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (mended->len, ==, 2);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpstr (((InqCheckRow *) found->pdata[i])->what, ==, "schema");
    g_assert_false (((InqCheckRow *) found->pdata[i])->repaired);
    g_assert_true (((InqCheckRow *) mended->pdata[i])->repaired);
  }
  test_assert_sound (d);
  test_close (d);
  test_path_free (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document/new", test_new_board);
  g_test_add_func ("/document/replace", test_replace);
  g_test_add_func ("/document/not-a-board", test_not_a_board);
  g_test_add_func ("/document/newer", test_newer);
  g_test_add_func ("/document/damaged", test_damaged);
  g_test_add_func ("/document/migrations", test_migrations);
  g_test_add_func ("/document/old-format", test_old_format);
  g_test_add_func ("/document/drawing", test_drawing);
  g_test_add_func ("/document/fixtures", test_fixtures);
  g_test_add_func ("/document/foreign-schema", test_foreign_schema);
  g_test_add_func ("/document/two-editors", test_two_editors);
  g_test_add_func ("/document/backup", test_backup);
  g_test_add_func ("/document/sample", test_sample);
  return g_test_run ();
}

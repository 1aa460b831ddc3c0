/* Inquadra - saved versions: saved, gone back to, taken back, collected, checked
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include "inq-document-snapshots.h"
#include "inq-document-private.h"
#include "inq-sql.h"

static gint64
save (InqDocument *d, const char *name)
{
  g_autoptr (GError) error = NULL;
  gint64 id = inq_document_save_snapshot (d, name, &error);

  g_assert_no_error (error);
  g_assert_cmpint (id, >, 0);
  return id;
}

static void
restore (InqDocument *d, gint64 id)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (inq_document_restore_snapshot (d, id, &error));
  g_assert_no_error (error);
}

static gint64
count (InqDocument *d, const char *sql)
{
  gint64 n = -1;

  g_assert_true (inq_sql_pragma (d->db, sql, d->path, &n, NULL));
  return n;
}

/* A board with something in every table that a version holds. */
static InqDocument *
full_board (const char *path)
{
  g_autoptr (GError) error = NULL;
  InqDocument *d = test_new (path);
  gint64 first = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, &error);
  gint64 second = inq_document_add_shot (d, first, INQ_PLACE_AFTER, &error);
  gint64 third = inq_document_add_scene (d, second, INQ_PLACE_AFTER, "EXT. ROAD - DAY", &error);
  gint64 anna = inq_document_add_cast (d, "Anna", "red coat", &error);
  const gint64 panels[] = { first, second, third };

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (panels); i++) {
    g_autoptr (GBytes) png = test_png (96, 54, i + 1);
    g_autoptr (InqStroke) ink = test_stroke (panels[i], NULL);
    g_autofree char *words = g_strdup_printf ("prompt %u", i);
    InqNewVariation added = { .png = png, .seed = i };
    InqMark mark = { .panel = panels[i], .text = "closer", .x = 0.5f, .y = 0.5f };

    g_assert_cmpint (inq_document_add_variation (d, panels[i], &added, i != 1, &error), >, 0);
    g_assert_cmpint (inq_document_add_stroke (d, ink, &error), >, 0);
    g_assert_cmpint (inq_document_add_mark (d, &mark, &error), >, 0);
    g_assert_true (inq_document_set_text (d, panels[i], INQ_FIELD_PROMPT, words, 0, &error));
  }
  g_assert_true (inq_document_set_panel_cast (d, second, &anna, 1, &error));
  {
    gint64 road = inq_document_add_location (d, "Road", "a long road", "ask for the permit", &error);

    g_assert_true (inq_document_set_scene_location (d, third, road, &error));
    g_assert_true (inq_document_set_location_image (d, road, 1, &error));
  }
  g_assert_true (inq_document_set_text (d, second, INQ_FIELD_NOTES, "last", 0, &error));
  g_assert_no_error (error);
  return d;
}

/* Does a bit of everything to it. */
static void
change_all (InqDocument *d)
{
  const InqBoardSettings settings = { .title = "Another", .frame_width = 2048, .frame_height = 858, .rate = { 25, 1 } };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = inq_document_list_panel_ids (d, &error);
  gint64 first = g_array_index (ids, gint64, 0), second = g_array_index (ids, gint64, 1);
  gint64 third = g_array_index (ids, gint64, 2), added;
  g_autoptr (GPtrArray) variations = inq_document_list_variations (d, third, &error);
  g_autoptr (GBytes) png = test_png (96, 54, 77);
  InqNewVariation variation = { .png = png, .seed = 77 };

  g_assert_true (inq_document_set_settings (d, &settings, &error));
  g_assert_true (inq_document_clear_strokes (d, first, 0, &error));
  g_assert_true (inq_document_set_text (d, second, INQ_FIELD_PROMPT, "something else", 0, &error));
  g_assert_true (inq_document_set_duration (d, second, 7, 0, &error));
  g_assert_true (inq_document_set_panel_cast (d, second, NULL, 0, &error));
  {
    g_autoptr (GPtrArray) places = inq_document_list_locations (d, &error);
    gint64 road = ((InqLocationRow *) places->pdata[0])->id;

    g_assert_true (inq_document_set_location (d, road, "Lane", "a narrow lane", "", &error));
    g_assert_true (inq_document_set_location_image (d, road, 0, &error));
    g_assert_true (inq_document_set_scene_location (d, first, road, &error));
    g_assert_true (inq_document_set_scene_location (d, third, 0, &error));
  }
  g_assert_true (inq_document_add_variation (d, second, &variation, TRUE, &error) > 0);
  g_assert_true (inq_document_move_panels (d, &first, 1, third, INQ_PLACE_AFTER, &error));
  g_assert_true (inq_document_delete_variations (d, &((InqVariationRow *) variations->pdata[0])->id, 1, &error));
  g_assert_true (inq_document_delete_panels (d, &third, 1, &error));
  added = inq_document_add_scene (d, second, INQ_PLACE_AFTER, "INT. NOWHERE", &error);
  g_assert_true (added > 0 && inq_document_duplicate_panel (d, second, &error) > 0);
  g_assert_no_error (error);
}

static void
test_restore (void)
{
  char *path = test_path_new ("versions.inquadra");
  InqDocument *d = full_board (path);
  g_autofree char *before = test_dump (d);
  gint64 id = save (d, "First cut");
  g_autofree char *saved = test_dump (d);
  g_autofree char *changed = NULL;
  g_autofree char *restored = NULL;
  g_autofree char *undone = NULL;
  g_autofree char *redone = NULL;
  g_autofree char *reopened = NULL;
  g_autoptr (GArray) found = NULL;

  /* Saving changes nothing and is no step. */
  g_assert_cmpstr (saved, ==, before);
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Edit notes");

  change_all (d);
  changed = test_dump (d);
  g_assert_cmpstr (changed, !=, before);

  restore (d, id);
  restored = test_dump (d);
  g_assert_cmpstr (restored, ==, before);
  test_assert_sound (d);
  found = inq_document_search (d, "something", 10, NULL);
  g_assert_cmpuint (found->len, ==, 0);

  /* It is one step, both ways. */
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Go back to a version");
  g_assert_true (inq_document_undo (d, NULL, NULL));
  undone = test_dump (d);
  g_assert_cmpstr (undone, ==, changed);
  test_assert_sound (d);
  g_assert_true (inq_document_redo (d, NULL, NULL));
  redone = test_dump (d);
  g_assert_cmpstr (redone, ==, before);

  /* Going back to where one is changes nothing: no step. */
  {
    gint64 steps = count (d, "SELECT count(*) FROM undo_step");

    restore (d, id);
    g_assert_cmpint (count (d, "SELECT count(*) FROM undo_step"), ==, steps);
  }
  test_close (d);
  d = test_open (path, INQ_OPEN_DEFAULT);
  reopened = test_dump (d);
  g_assert_cmpstr (reopened, ==, before);
  test_close (d);
  test_path_free (path);
}

/* Everything that undo could bring back is forgotten; the version still has all it needs, its pictures above all. */
static void
test_collect (void)
{
  char *path = test_path_new ("versions.inquadra");
  InqDocument *d = full_board (path);
  g_autofree char *before = test_dump (d);
  g_autofree char *restored = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id = save (d, "First cut"), second;
  gint64 images;
  gint freed = 0;

  change_all (d);
  images = count (d, "SELECT count(*) FROM image");
  g_assert_true (inq_sql_script (d->db, "DELETE FROM undo_step", path, &error));
  g_assert_true (inq_document_collect (d, &freed, &error));
  g_assert_no_error (error);
  g_assert_cmpint (freed, ==, 0);
  g_assert_cmpint (count (d, "SELECT count(*) FROM image"), ==, images);
  test_close (d);
  d = test_open (path, INQ_OPEN_DEFAULT);
  test_assert_sound (d);
  restore (d, id);
  restored = test_dump (d);
  g_assert_cmpstr (restored, ==, before);

  /* Deleted, it can be brought back as long as the log knows it; then what it alone had goes. */
  second = save (d, "Second cut");
  g_assert_true (inq_document_delete_snapshot (d, second, &error));
  g_assert_false (inq_document_restore_snapshot (d, second, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_true (inq_document_undo (d, NULL, &error));
  restore (d, second);
  g_assert_true (inq_document_delete_snapshot (d, id, &error));
  g_assert_true (inq_document_delete_snapshot (d, second, &error));
  {
    g_autoptr (GArray) ids = inq_document_list_panel_ids (d, &error);

    g_assert_true (inq_document_delete_panels (d, (const gint64 *) ids->data, ids->len, &error));
  }
  {
    g_autoptr (GPtrArray) places = inq_document_list_locations (d, &error);

    g_assert_true (inq_document_delete_location (d, ((InqLocationRow *) places->pdata[0])->id, &error));
  }
  g_assert_true (inq_sql_script (d->db, "DELETE FROM undo_step", path, &error));
  g_assert_true (inq_document_collect (d, &freed, &error));
  g_assert_cmpint (freed, ==, 4);
  g_assert_cmpint (count (d, "SELECT count(*) FROM snapshot"), ==, 0);
  g_assert_cmpint (count (d, "SELECT count(*) FROM snapshot_row"), ==, 0);
  for (guint i = 0; inq_undo_get_table (i) != NULL; i++) {
    g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM kept_%s", inq_undo_get_table (i));

    if (!g_str_equal (inq_undo_get_table (i), "snapshot"))
      g_assert_cmpint (count (d, sql), ==, 0);
  }
  g_assert_cmpint (count (d, "SELECT count(*) FROM panel"), ==, 0);
  test_assert_sound (d);
  test_close (d);
  test_path_free (path);
}

/* What two versions have in common is kept once. */
static void
test_share (void)
{
  char *path = test_path_new ("versions.inquadra");
  InqDocument *d = full_board (path);
  gint64 kept, links;
  g_autoptr (GArray) ids = inq_document_list_panel_ids (d, NULL);

  save (d, "one");
  kept = count (d, "SELECT count(*) FROM kept_stroke") + count (d, "SELECT count(*) FROM kept_panel");
  links = count (d, "SELECT count(*) FROM snapshot_row");
  save (d, "two");
  g_assert_cmpint (count (d, "SELECT count(*) FROM kept_stroke") + count (d, "SELECT count(*) FROM kept_panel"), ==,
                   kept);
  g_assert_cmpint (count (d, "SELECT count(*) FROM snapshot_row"), ==, 2 * links);
  inq_document_set_text (d, g_array_index (ids, gint64, 1), INQ_FIELD_NOTES, "changed", 0, NULL);
  save (d, "three");
  g_assert_cmpint (count (d, "SELECT count(*) FROM kept_panel"), ==, 4);
  test_assert_sound (d);
  test_close (d);
  test_path_free (path);
}

static void
test_list (void)
{
  char *path = test_path_new ("versions.inquadra");
  InqDocument *d = full_board (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  gint64 a = save (d, "first"), b;
  const InqSnapshotRow *row;

  change_all (d);
  b = save (d, "2");
  rows = inq_document_list_snapshots (d, &error);
  g_assert_cmpuint (rows->len, ==, 2);
  row = rows->pdata[1];
  g_assert_cmpint (row->id, ==, a);
  g_assert_cmpstr (row->name, ==, "first");
  g_assert_cmpint (row->n_panels, ==, 3);
  g_assert_cmpint (row->frames, ==, 144);
  g_assert_cmpint (row->rate.num, ==, 24);
  g_assert_cmpint (row->cover_image, >, 0);
  row = rows->pdata[0];
  g_assert_cmpint (row->id, ==, b);
  g_assert_cmpint (row->n_panels, ==, 4);
  g_assert_cmpint (row->rate.num, ==, 25);

  g_assert_cmpint (inq_document_find_snapshot (d, "first", &error), ==, a);
  g_assert_cmpint (inq_document_find_snapshot (d, "1", &error), ==, b);
  g_assert_cmpint (inq_document_find_snapshot (d, "2", &error), ==, b); /* its name goes first */
  g_assert_no_error (error);
  g_assert_cmpint (inq_document_find_snapshot (d, "3", &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);

  g_assert_true (inq_document_rename_snapshot (d, a, "premier", &error));
  g_assert_cmpint (inq_document_find_snapshot (d, "premier", &error), ==, a);
  g_assert_true (inq_document_undo (d, NULL, &error));
  g_assert_cmpint (inq_document_find_snapshot (d, "first", &error), ==, a);

  /* Names that are none. */
  g_assert_cmpint (inq_document_save_snapshot (d, "  ", &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpint (inq_document_save_snapshot (d, "\xff", &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  test_close (d);
  test_path_free (path);
}

/* A job that runs while the artist goes back brings its picture all the same. */
static void
test_job_meanwhile (void)
{
  char *path = test_path_new ("versions.inquadra");
  InqDocument *d = full_board (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobRow) job = NULL;
  g_autoptr (GBytes) png = test_png (96, 54, 99);
  InqNewVariation added = { .png = png, .seed = 99 };
  gint64 id = save (d, "before"), panel;

  panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, &error);
  g_assert_cmpint (inq_document_enqueue_job (d, panel, "{}", FALSE, &error), >, 0);
  job = inq_document_claim_job (d, &error);
  g_assert_nonnull (job);
  restore (d, id);
  g_assert_true (inq_document_finish_job (d, job->id, &added, 1, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (inq_document_undo (d, NULL, &error));
  {
    g_autoptr (GPtrArray) variations = inq_document_list_variations (d, panel, &error);

    g_assert_cmpuint (variations->len, ==, 1);
  }
  test_assert_sound (d);
  test_close (d);
  test_path_free (path);
}

/* Rows that somebody took out of the file are told of, and mending lets go of them only. */
static void
test_check (void)
{
  char *path = test_path_new ("versions.inquadra");
  InqDocument *d = full_board (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  gint64 id = save (d, "one");

  g_assert_true (inq_sql_script (d->db, "DELETE FROM kept_stroke WHERE kept = 1", path, &error));
  rows = inq_document_check (d, FALSE, &error);
  g_assert_cmpuint (rows->len, ==, 1);
  g_assert_cmpstr (((InqCheckRow *) rows->pdata[0])->what, ==, "version");
  g_assert_cmpint (((InqCheckRow *) rows->pdata[0])->row, ==, id);
  g_assert_false (((InqCheckRow *) rows->pdata[0])->repaired);
  g_ptr_array_unref (g_steal_pointer (&rows));
  rows = inq_document_check (d, TRUE, &error);
  g_assert_cmpuint (rows->len, ==, 1);
  g_assert_true (((InqCheckRow *) rows->pdata[0])->repaired);
  test_assert_sound (d);
  restore (d, id);
  test_close (d);
  test_path_free (path);
}

/* Each cell that undo knows has its place in a version, so a migration cannot forget one. */
static void
test_complete (void)
{
  char *path = test_path_new ("versions.inquadra");
  InqDocument *d = test_new (path);

  for (guint i = 0; inq_undo_get_table (i) != NULL; i++) {
    const char *table = inq_undo_get_table (i), *column;

    if (g_str_equal (table, "snapshot"))
      continue;
    for (guint j = 0; (column = inq_undo_get_column (i, j)) != NULL; j++) {
      g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM pragma_table_info('kept_%s') WHERE name = '%s'",
                                              table, column);

      if (count (d, sql) != 1)
        g_error ("saved versions do not keep %s.%s", table, column);
    }
  }
  test_close (d);
  test_path_free (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/snapshots/restore", test_restore);
  g_test_add_func ("/snapshots/collect", test_collect);
  g_test_add_func ("/snapshots/share", test_share);
  g_test_add_func ("/snapshots/list", test_list);
  g_test_add_func ("/snapshots/job-meanwhile", test_job_meanwhile);
  g_test_add_func ("/snapshots/check", test_check);
  g_test_add_func ("/snapshots/complete", test_complete);
  return g_test_run ();
}

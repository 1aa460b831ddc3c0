/* Inquadra - tests of what panels carry: pictures, ink, jobs, people; collection and check
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include "inq-sql.h"

#include <math.h>

typedef struct {
  char *path;
  InqDocument *d;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->path = test_path_new ("panels.inquadra");
  f->d = test_new (f->path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  test_assert_sound (f->d);
  test_close (f->d);
  test_path_free (f->path);
}

static void
test_pictures (Fixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = test_png (640, 360, 1);
  g_autoptr (GBytes) broken = g_bytes_new_from_bytes (png, 0, g_bytes_get_size (png) / 2);
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GBytes) small = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  InqNewVariation added = { .png = png, .seed = G_MAXUINT64, .recipe = "{\"prompt\":\"x\"}", .model = "house" };
  gint64 a = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL),
         b = inq_document_add_panel (d, a, INQ_PLACE_AFTER, NULL);
  gint64 first = inq_document_add_variation (d, a, &added, FALSE, &error), second, other;
  gint width, height, freed;

  g_assert_no_error (error);
  second = inq_document_add_variation (d, a, &added, FALSE, &error);
  other = inq_document_add_variation (d, b, &added, TRUE, &error);
  rows = inq_document_list_variations (d, a, NULL);
  g_assert_cmpuint (rows->len, ==, 2);
  {
    InqVariationRow *row = rows->pdata[0], *next = rows->pdata[1];

    g_assert_cmpint (row->id, ==, first);
    g_assert_cmpint (row->image, ==, next->image); /* the same bytes are kept once */
    g_assert_true (row->seed == G_MAXUINT64);
    g_assert_cmpstr (row->recipe, ==, "{\"prompt\":\"x\"}");
    g_assert_cmpint (row->width, ==, 640);
    back = inq_document_get_image (d, row->image, &width, &height, &error);
    g_assert_true (g_bytes_equal (back, png));
    g_assert_cmpint (height, ==, 360);
    small = inq_document_get_thumbnail (d, row->image, &error);
    g_assert_true (inq_png_get_size (small, &width, &height, NULL));
    g_assert_cmpint (width, ==, INQ_THUMBNAIL_WIDTH);
    g_assert_cmpint (height, ==, 162);
  }
  added.png = broken;
  g_assert_cmpint (inq_document_add_variation (d, a, &added, FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  added.png = png;
  added.recipe = "[1]";
  g_assert_cmpint (inq_document_add_variation (d, a, &added, FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (inq_document_pick (d, a, other, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (inq_document_get_image (d, 999, NULL, NULL, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);
  g_assert_false (inq_document_set_rating (d, first, 6, &error));
  g_clear_error (&error);

  /* picking, rejecting: each takes the other back */
  g_assert_true (inq_document_pick (d, a, second, NULL));
  g_assert_true (inq_document_set_rejected (d, second, TRUE, NULL));
  {
    g_autoptr (InqPanelRow) row = inq_document_get_panel (d, a, NULL);

    g_assert_cmpint (row->picked, ==, 0);
    g_assert_cmpint (row->cover_image, !=, 0);
  }
  g_assert_true (inq_document_pick (d, a, second, NULL));
  g_clear_pointer (&rows, g_ptr_array_unref);
  rows = inq_document_list_variations (d, a, NULL);
  g_assert_true (((InqVariationRow *) rows->pdata[1])->picked);
  g_assert_false (((InqVariationRow *) rows->pdata[1])->rejected);

  /* a copy has its own variations and the same pick; the picture stays while anything has it */
  {
    gint64 copy = inq_document_duplicate_panel (d, a, &error);
    g_autoptr (InqPanelRow) row = inq_document_get_panel (d, copy, NULL);
    g_autoptr (GPtrArray) copied = inq_document_list_variations (d, copy, NULL);

    g_assert_cmpuint (copied->len, ==, 2);
    g_assert_cmpint (row->picked, ==, ((InqVariationRow *) copied->pdata[1])->id);
    g_assert_cmpint (row->picked_image, ==, ((InqVariationRow *) rows->pdata[1])->image);
  }
  g_assert_true (inq_document_collect (d, &freed, NULL));
  g_assert_cmpint (freed, ==, 0);
}

/* Small ones of every shape and kind stay in bounds. */
static void
test_thumbnails (void)
{
  static const struct {
    gint width, height, small_width, small_height;
  } cases[] = { { 1, 1, 1, 1 },      { 288, 576, 288, 576 }, { 289, 10, 288, 10 },    { 3000, 1, 288, 1 },
                { 1, 3000, 1, 576 }, { 512, 288, 288, 162 }, { 2048, 858, 288, 121 }, { 1000, 4000, 144, 576 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    for (gint channels = 1; channels <= 4; channels++) {
      const gint w = cases[i].width, h = cases[i].height;
      g_autofree guint8 *pixels = g_malloc ((gsize) w * h * channels);
      g_autoptr (GBytes) png = NULL;
      g_autoptr (GBytes) small = NULL;
      g_autoptr (GError) error = NULL;
      gint width, height;

      if (channels == 2)
        continue;
      memset (pixels, 0x80, (gsize) w * h * channels);
      png = inq_png_encode (pixels, w, h, channels, (gsize) w * channels, &error);
      g_assert_no_error (error);
      small = inq_png_make_thumbnail (png, INQ_THUMBNAIL_WIDTH, &error);
      g_assert_no_error (error);
      g_assert_true (inq_png_get_size (small, &width, &height, NULL));
      g_assert_cmpint (width, ==, cases[i].small_width);
      g_assert_cmpint (height, ==, cases[i].small_height);
    }
  }
}

/* Half black, half white is the grey that lets half the light through, not the middle of the numbers. */
static void
test_linear_light (void)
{
  g_autofree guint8 *pixels = g_malloc0 (576 * 4);
  g_autofree guint8 *expected = g_malloc (288 * 2);
  g_autoptr (GBytes) png = NULL;
  g_autoptr (GBytes) small = NULL;
  g_autoptr (GBytes) grey = NULL;

  for (gint i = 0; i < 576 * 4; i += 2)
    pixels[i] = 255;
  memset (expected, 188, 288 * 2);
  png = inq_png_encode (pixels, 576, 4, 1, 576, NULL);
  small = inq_png_make_thumbnail (png, 288, NULL);
  grey = inq_png_encode (expected, 288, 2, 1, 288, NULL);
  g_assert_true (g_bytes_equal (small, grey));
}

static gint64
count (InqDocument *d, const char *sql)
{
  gint64 n = -1;

  g_assert_true (inq_sql_pragma (d->db, sql, NULL, &n, NULL));
  return n;
}

/* A picture goes when neither the board nor the log can show it, and not before. */
static void
test_collect (Fixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GBytes) png = test_png (64, 36, 1);
  g_autoptr (GBytes) png2 = test_png (64, 36, 2);
  InqNewVariation added = { .png = png }, added2 = { .png = png2 };
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  gint64 first = inq_document_add_variation (d, panel, &added, TRUE, NULL);
  gint freed;

  inq_document_add_variation (d, panel, &added2, TRUE, NULL);
  g_assert_true (inq_document_delete_variations (d, &first, 1, NULL));
  g_assert_true (inq_document_collect (d, &freed, NULL));
  g_assert_cmpint (freed, ==, 0); /* undo brings it back */
  g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_true (inq_document_collect (d, &freed, NULL));
  g_assert_cmpint (freed, ==, 0);                                   /* redo brings the second */
  g_assert_true (inq_document_set_duration (d, panel, 7, 0, NULL)); /* drops redo: the second is gone for good */
  g_assert_true (inq_document_collect (d, &freed, NULL));
  g_assert_cmpint (freed, ==, 1);
  g_assert_cmpint (count (d, "SELECT count(*) FROM image"), ==, 1);
  g_assert_true (inq_document_delete_panels (d, &panel, 1, NULL));
  g_assert_true (inq_document_collect (d, &freed, NULL));
  g_assert_cmpint (freed, ==, 0);
  /* the log is cut: what only it could reach goes, rows of dead panels too */
  g_assert_true (inq_document_begin (d, NULL, NULL, NULL));
  g_assert_true (inq_sql_run (d, NULL, "DELETE FROM undo_step", ""));
  g_assert_true (inq_document_commit (d, NULL));
  g_assert_true (inq_document_collect (d, &freed, NULL));
  g_assert_cmpint (freed, ==, 1);
  g_assert_cmpint (count (d, "SELECT count(*) FROM panel"), ==, 0);
  g_assert_cmpint (count (d, "SELECT count(*) FROM variation"), ==, 0);
  g_assert_cmpint (count (d, "SELECT count(*) FROM thumbnail"), ==, 0);
  g_assert_cmpint (count (d, "SELECT count(*) FROM scene"), ==, 0);
  g_assert_cmpint (count (d, "SELECT count(*) FROM panel_text"), ==, 0);
}

static void
test_depth (Fixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  gint64 steps;

  g_assert_true (inq_document_begin (d, NULL, NULL, NULL));
  g_assert_true (inq_sql_run (d, NULL,
                              "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
                              " INSERT INTO undo_step (id, label, created) SELECT i, 'Edit notes', 0 FROM n",
                              "i", (gint64) INQ_UNDO_DEPTH + 50));
  g_assert_true (inq_document_commit (d, NULL));
  g_assert_true (inq_document_set_duration (d, panel, 7, 0, NULL));
  g_assert_true (inq_document_collect (d, NULL, NULL));
  steps = count (d, "SELECT count(*) FROM undo_step");
  g_assert_cmpint (steps, ==, INQ_UNDO_DEPTH);
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Change duration");
}

static void
test_ink (Fixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GError) error = NULL;
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  g_autoptr (InqStroke) pen = test_stroke (panel, NULL);
  g_autoptr (InqStroke) note = test_stroke (panel, "slower");
  g_autoptr (GPtrArray) strokes = NULL;
  InqMark mark = { .panel = panel, .author = "Ada", .text = "too dark", .x = 0.5f, .y = 0.25f };
  gint64 first, second, id;

  pen->layer = 1;
  first = inq_document_add_stroke (d, pen, &error);
  second = inq_document_add_stroke (d, note, &error);
  g_assert_no_error (error);
  strokes = inq_document_list_strokes (d, panel, NULL);
  g_assert_cmpuint (strokes->len, ==, 2);
  g_assert_cmpint (((InqStroke *) strokes->pdata[0])->id, ==, second); /* the lower layer */
  {
    InqStroke *back = strokes->pdata[1];

    g_assert_cmpuint (back->n_points, ==, pen->n_points);
    g_assert_cmpmem (back->points, back->n_points * sizeof (InqPoint), pen->points, pen->n_points * sizeof (InqPoint));
    g_assert_cmpuint (back->colour, ==, pen->colour);
    g_assert_cmpfloat (back->width, ==, pen->width);
  }
  pen->n_points = 0;
  g_assert_cmpint (inq_document_add_stroke (d, pen, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  pen->n_points = 1;
  pen->points[0].x = NAN;
  pen->points[0].pressure = 7;
  id = inq_document_add_stroke (d, pen, &error);
  g_clear_pointer (&strokes, g_ptr_array_unref);
  strokes = inq_document_list_strokes (d, panel, NULL);
  g_assert_cmpfloat (((InqStroke *) strokes->pdata[2])->points[0].x, ==, 0);
  g_assert_cmpfloat (((InqStroke *) strokes->pdata[2])->points[0].pressure, ==, 1);
  g_assert_true (inq_document_remove_strokes (d, &id, 1, NULL));
  g_assert_true (inq_document_set_stroke_text (d, second, "faster", 0, NULL));
  g_assert_true (inq_document_move_stroke (d, first, 0.5f, 0, 0, NULL));
  g_assert_false (inq_document_move_stroke (d, first, INFINITY, 0, 0, NULL));
  g_assert_true (inq_document_clear_strokes (d, panel, 0, NULL));
  g_clear_pointer (&strokes, g_ptr_array_unref);
  strokes = inq_document_list_strokes (d, panel, NULL);
  g_assert_cmpuint (strokes->len, ==, 1);
  g_assert_cmpfloat_with_epsilon (((InqStroke *) strokes->pdata[0])->points[0].x, 0.6, 1e-6);
  id = inq_document_add_mark (d, &mark, &error);
  g_assert_no_error (error);
  g_assert_true (inq_document_set_mark_resolved (d, id, TRUE, NULL));
  g_assert_true (inq_document_delete_mark (d, id, NULL));
  g_assert_false (inq_document_delete_mark (d, id, NULL));
  mark.x = 2;
  g_assert_cmpint (inq_document_add_mark (d, &mark, NULL), ==, 0);
}

static gint
n_undo (InqDocument *d)
{
  return count (d, "SELECT count(*) FROM undo_step WHERE NOT undone");
}

/* A note as it is being written: in the file at each write, and yet one note and one undo step. */
static void
test_note (Fixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GError) error = NULL;
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  g_autoptr (InqStroke) note = test_stroke (panel, "sl");
  g_autoptr (GPtrArray) strokes = NULL;
  gint before = n_undo (d);

  gint64 id = inq_document_write_note (d, note, 7, &error);
  g_assert_no_error (error);
  g_free (note->text);
  note->text = g_strdup ("slower");
  g_assert_cmpint (inq_document_write_note (d, note, 7, &error), ==, id);
  strokes = inq_document_list_strokes (d, panel, NULL);
  g_assert_cmpuint (strokes->len, ==, 1);
  g_assert_cmpstr (((InqStroke *) strokes->pdata[0])->text, ==, "slower");
  g_assert_cmpint (n_undo (d), ==, before + 1);
  g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_cmpint (count (d, "SELECT count(*) FROM stroke WHERE alive"), ==, 0);
  g_assert_true (inq_document_redo (d, NULL, NULL));
  g_assert_cmpint (count (d, "SELECT count(*) FROM stroke WHERE alive AND text = 'slower'"), ==, 1);

  /* Another stay: the same stroke, a step of its own; emptied it goes, and undo brings its words back. */
  note->id = id;
  g_free (note->text);
  note->text = g_strdup ("sl");
  g_assert_cmpint (inq_document_write_note (d, note, 8, &error), ==, id);
  g_free (note->text);
  note->text = g_strdup ("");
  g_assert_cmpint (inq_document_write_note (d, note, 8, &error), ==, id);
  g_assert_cmpint (count (d, "SELECT count(*) FROM stroke WHERE alive"), ==, 0);
  g_assert_cmpint (n_undo (d), ==, before + 2);
  g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_cmpint (count (d, "SELECT count(*) FROM stroke WHERE alive AND text = 'slower'"), ==, 1);

  /* Written and taken back is nothing done. */
  note->id = 0;
  for (int i = 0; i < 2; i++) {
    g_free (note->text);
    note->text = g_strdup (i == 0 ? "oh" : "");
    g_assert_cmpint (inq_document_write_note (d, note, 9, &error), >, id);
    g_assert_cmpint (n_undo (d), ==, before + 2 - i);
  }
  g_assert_no_error (error);
  g_assert_true (inq_document_delete_panels (d, &panel, 1, NULL));
  g_assert_cmpint (inq_document_write_note (d, note, 10, &error), ==, 0);
  g_assert_nonnull (error);
}

static void
assert_state (InqDocument *d, gint64 job, InqJobState state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobRow) row = inq_document_get_job (d, job, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (inq_job_state_get_name (row->state), ==, inq_job_state_get_name (state));
}

static gint64
claim (InqDocument *d)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobRow) row = inq_document_claim_job (d, &error);

  g_assert_no_error (error);
  return row != NULL ? row->id : 0;
}

static void
test_jobs (Fixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = test_png (64, 36, 5);
  g_autoptr (GBytes) bad = g_bytes_new_static ("no picture", 10);
  InqNewVariation brought[2] = { { .png = png, .seed = 1, .recipe = "{}" }, { .png = png, .seed = 2 } };
  g_autoptr (GPtrArray) list = NULL;
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL), ids[2];
  gint64 a = inq_document_enqueue_job (d, panel, "{\"n\":1}", FALSE, &error);
  gint64 b = inq_document_enqueue_job (d, panel, "{\"n\":2}", FALSE, &error);
  gint64 c = inq_document_enqueue_job (d, panel, "{\"n\":3}", TRUE, &error);
  gint64 e = inq_document_enqueue_job (d, panel, "{\"n\":4}", TRUE, &error);
  gint requeued, failed;

  g_assert_no_error (error);
  g_assert_cmpint (inq_document_enqueue_job (d, panel, "nonsense", FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpint (inq_document_enqueue_job (d, 99, "{}", FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Add panel"); /* a job is no step */
  g_assert_cmpint (claim (d), ==, e);
  g_assert_cmpint (claim (d), ==, c);
  list = inq_document_list_jobs (d, FALSE, NULL);
  g_assert_cmpuint (list->len, ==, 4);
  g_assert_cmpint (((InqJobRow *) list->pdata[2])->id, ==, a);
  g_assert_true (inq_document_release_job (d, c, NULL));
  g_assert_cmpint (claim (d), ==, c);
  g_assert_true (inq_document_finish_job (d, e, brought, 2, ids, &error));
  g_assert_no_error (error);
  assert_state (d, e, INQ_JOB_DONE);
  g_assert_cmpint (ids[0], <, ids[1]);
  /* all or nothing: a picture that is none leaves the job running */
  brought[1].png = bad;
  g_assert_false (inq_document_finish_job (d, c, brought, 2, NULL, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  assert_state (d, c, INQ_JOB_RUNNING);
  g_assert_true (inq_document_fail_job (d, c, "no \xff memory", NULL));
  assert_state (d, c, INQ_JOB_FAILED);
  {
    g_autoptr (InqPanelRow) row = inq_document_get_panel (d, panel, NULL);

    g_assert_cmpint (row->n_variations, ==, 2);
    g_assert_cmpint (row->jobs_queued, ==, 2);
    g_assert_cmpint (row->jobs_failed, ==, 1); /* what was done came before */
  }
  /* cancelled while it ran: what it brings all the same is kept */
  g_assert_cmpint (claim (d), ==, a);
  g_assert_true (inq_document_cancel_job (d, a, NULL));
  g_assert_true (inq_document_finish_job (d, a, brought, 1, NULL, NULL));
  assert_state (d, a, INQ_JOB_CANCELLED);
  /* a crash: once more; a second crash: no more */
  g_assert_cmpint (claim (d), ==, b);
  g_assert_true (inq_document_set_job_progress (d, b, 0.5, NULL));
  g_assert_true (inq_document_recover_jobs (d, &requeued, &failed, NULL));
  g_assert_cmpint (requeued, ==, 1);
  g_assert_cmpint (failed, ==, 0);
  g_assert_cmpint (claim (d), ==, b);
  g_assert_true (inq_document_recover_jobs (d, &requeued, &failed, NULL));
  g_assert_cmpint (requeued, ==, 0);
  g_assert_cmpint (failed, ==, 1);
  {
    g_autoptr (InqJobRow) row = inq_document_get_job (d, b, NULL);
    g_autoptr (InqPanelRow) shown = inq_document_get_panel (d, panel, NULL);

    g_assert_cmpint (row->state, ==, INQ_JOB_FAILED);
    g_assert_cmpuint (strlen (row->error), >, 10);
    g_assert_cmpint (shown->n_variations, ==, 3);
  }
  g_assert_true (inq_document_retry_job (d, b, NULL));
  assert_state (d, b, INQ_JOB_QUEUED);
  /* a deleted panel's jobs rest */
  g_assert_true (inq_document_delete_panels (d, &panel, 1, NULL));
  g_assert_cmpint (claim (d), ==, 0);
  g_clear_pointer (&list, g_ptr_array_unref);
  list = inq_document_list_jobs (d, TRUE, NULL);
  g_assert_cmpuint (list->len, ==, 0);
  g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_cmpint (claim (d), ==, b);
  g_assert_true (inq_document_cancel_jobs (d, 0, NULL));
  assert_state (d, b, INQ_JOB_CANCELLED);
  g_assert_true (inq_document_forget_finished_jobs (d, NULL));
  g_clear_pointer (&list, g_ptr_array_unref);
  list = inq_document_list_jobs (d, TRUE, NULL);
  g_assert_cmpuint (list->len, ==, 0);
}

static void
test_cast (Fixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  gint64 ada = inq_document_add_cast (d, "Ada", "red coat", NULL), nino = inq_document_add_cast (d, "Nino", NULL, NULL);
  gint64 both[] = { nino, ada };
  g_autoptr (GPtrArray) in_shot = NULL;

  g_assert_true (inq_document_set_panel_cast (d, panel, both, 2, NULL));
  g_assert_true (inq_document_set_panel_cast (d, panel, &ada, 1, NULL));
  g_assert_true (inq_document_undo (d, NULL, NULL));
  in_shot = inq_document_list_panel_cast (d, panel, NULL);
  g_assert_cmpuint (in_shot->len, ==, 2);
  g_assert_cmpstr (((InqNamedRow *) in_shot->pdata[0])->description, ==, "red coat");
  g_assert_true (inq_document_delete_cast (d, nino, NULL));
  g_clear_pointer (&in_shot, g_ptr_array_unref);
  in_shot = inq_document_list_panel_cast (d, panel, NULL);
  g_assert_cmpuint (in_shot->len, ==, 1);
  g_assert_true (inq_document_set_cast (d, ada, "Ada L.", "blue coat", NULL));
  g_assert_false (inq_document_set_cast (d, nino, "x", "y", NULL));
}

/* What check is to find, made by hand; with repair it is mended where it can be. */
static void
test_check (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *sql, *what;
    gboolean mended;
  } breaks[] = {
    { "UPDATE image SET png = substr (png, 1, 100)", "image-hash", FALSE },
    { "UPDATE thumbnail SET png = x'00'", "thumbnail", TRUE },
    { "DELETE FROM thumbnail", "thumbnail", TRUE },
    { "UPDATE panel SET picked = (SELECT max (id) FROM variation) WHERE id = 1", "pick", TRUE },
    { "UPDATE panel_text SET prompt = 'other'", "search", TRUE },
    { "DELETE FROM panel_text", "search", TRUE },
    { "UPDATE variation SET recipe = '{'", "json", TRUE },
    { "UPDATE undo_op SET col = 'nothing'", "undo", TRUE },
    { "UPDATE undo_step SET undone = 1 WHERE id = 1", "undo", TRUE },
    { "PRAGMA foreign_keys = OFF; DELETE FROM shot WHERE id = 1; PRAGMA foreign_keys = ON", "foreign-key", FALSE },
  };
  g_autoptr (GBytes) png = test_png (64, 36, 1);
  InqNewVariation added = { .png = png };
  gint64 a = inq_document_add_panel (f->d, 0, INQ_PLACE_AFTER, NULL);
  gint64 b = inq_document_add_panel (f->d, a, INQ_PLACE_AFTER, NULL);

  inq_document_set_text (f->d, b, INQ_FIELD_PROMPT, "words", 0, NULL);
  inq_document_add_variation (f->d, b, &added, TRUE, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (breaks); i++) {
    g_autofree char *copy = g_strdup_printf ("%s-%d", f->path, (int) i);
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) found = NULL;
    InqDocument *d;

    g_assert_true (inq_document_backup (f->d, copy, NULL));
    d = test_open (copy, INQ_OPEN_DEFAULT);
    g_assert_cmpint (sqlite3_exec (d->db, breaks[i].sql, NULL, NULL, NULL), ==, SQLITE_OK);
    found = inq_document_check (d, FALSE, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (found->len, >=, 1);
    g_assert_cmpstr (((InqCheckRow *) found->pdata[0])->what, ==, breaks[i].what);
    g_assert_false (((InqCheckRow *) found->pdata[0])->repaired);
    g_clear_pointer (&found, g_ptr_array_unref);
    found = inq_document_check (d, TRUE, &error);
    g_assert_no_error (error);
    g_assert_cmpint (((InqCheckRow *) found->pdata[0])->repaired, ==, breaks[i].mended);
    if (breaks[i].mended)
      test_assert_sound (d);
    inq_document_free (d);
  }
}

static gint64
count_images (InqDocument *d, guint seed)
{
  g_autoptr (GBytes) png = test_png (64, 36, seed);
  g_autofree char *sha = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);
  gint64 n = 0;

  g_assert_true (inq_sql_value (d, NULL, &n, "SELECT count(*) FROM image WHERE sha256 = ?1", "t", sha));
  return n;
}

/* What a job is drawn from lives as long as the job waits, and as what it drew. */
static void
test_job_pictures (Fixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) sketch = test_png (64, 36, 11);
  g_autoptr (GBytes) mask = test_png (64, 36, 12);
  g_autoptr (GBytes) result = test_png (64, 36, 13);
  g_autoptr (GBytes) broken = g_bytes_new_static ("no picture", 10);
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL), job, again, made;
  InqJobImages images = { .init_png = sketch, .mask_png = mask };
  const InqJobImages bad = { .init_png = broken }, gone = { .init = 4711 };
  const InqNewVariation variation = { .png = result };

  g_assert_cmpint (inq_document_enqueue_job_with (d, panel, "{}", &bad, FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpint (inq_document_enqueue_job_with (d, panel, "{}", &gone, FALSE, &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);

  job = inq_document_enqueue_job_with (d, panel, "{}", &images, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_cmpint (count_images (d, 11) + count_images (d, 12), ==, 2);
  g_autoptr (InqJobRow) row = inq_document_claim_job (d, &error);
  g_assert_cmpint (row->id, ==, job);
  g_autoptr (GBytes) back = inq_document_get_image (d, row->init, NULL, NULL, &error);
  g_assert_true (g_bytes_equal (back, sketch));
  g_assert_cmpint (row->mask, !=, row->init);

  /* The same picture again is the same row; one that the board has goes by its id. */
  images = (InqJobImages){ .init = row->init };
  again = inq_document_enqueue_job_with (d, panel, "{}", &images, FALSE, &error);
  g_assert_no_error (error);
  g_autoptr (InqJobRow) second = inq_document_get_job (d, again, NULL);
  g_assert_cmpint (second->init, ==, row->init);
  g_assert_cmpint (second->mask, ==, 0);
  g_assert_true (inq_document_cancel_job (d, again, NULL));

  g_assert_true (inq_document_finish_job (d, job, &variation, 1, &made, &error));
  g_assert_true (inq_document_forget_finished_jobs (d, &error));
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_cmpint (count_images (d, 11) + count_images (d, 12), ==, 2);
  /* Once what it drew is out of reach, so is what it was drawn from. */
  g_assert_true (inq_document_delete_variations (d, &made, 1, &error));
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_cmpint (count_images (d, 11) + count_images (d, 12), ==, 2);
  g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_NOTES, "x", 0, &error));
  g_assert_true (inq_document_delete_variations (d, &made, 1, &error));
  inq_sql_run (d, NULL, "DELETE FROM undo_step", "");
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_cmpint (count_images (d, 11) + count_images (d, 12), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/pictures/pictures", test_pictures }, { "/pictures/collect", test_collect }, { "/pictures/depth", test_depth },
    { "/pictures/ink", test_ink },           { "/pictures/jobs", test_jobs },       { "/pictures/cast", test_cast },
    { "/pictures/check", test_check },       { "/pictures/note", test_note },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  g_test_add_func ("/pictures/thumbnails", test_thumbnails);
  g_test_add_func ("/pictures/linear-light", test_linear_light);
  g_test_add ("/pictures/jobs-drawn-from", Fixture, NULL, set_up, test_job_pictures, tear_down);
  return g_test_run ();
}

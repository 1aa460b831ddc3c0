/* Inquadra - tests of what panels carry: pictures, ink, notes, people; collection and check
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include "inq-sql.h"

#include <math.h>

static void
test_pictures (TestFixture *f, gconstpointer data)
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
test_collect (TestFixture *f, gconstpointer data)
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
test_depth (TestFixture *f, gconstpointer data)
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
test_ink (TestFixture *f, gconstpointer data)
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
test_note (TestFixture *f, gconstpointer data)
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
test_cast (TestFixture *f, gconstpointer data)
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
test_check (TestFixture *f, gconstpointer data)
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

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (TestFixture *, gconstpointer);
  } tests[] = {
    { "/pictures/pictures", test_pictures }, { "/pictures/collect", test_collect }, { "/pictures/depth", test_depth },
    { "/pictures/ink", test_ink },           { "/pictures/cast", test_cast },       { "/pictures/check", test_check },
    { "/pictures/note", test_note },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, TestFixture, NULL, test_set_up, tests[i].func, test_tear_down);
  g_test_add_func ("/pictures/thumbnails", test_thumbnails);
  g_test_add_func ("/pictures/linear-light", test_linear_light);
  return g_test_run ();
}

/* Inquadra - tests of panels: numbers, order, text, rate, search
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include "inq-document-private.h"
#include "inq-sql.h"
#include "inq-terms.h"

/* The display numbers of the whole board, in order. */
static void
assert_numbers (InqDocument *d, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = inq_document_list_panels (d, &error);
  g_autoptr (GString) got = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++) {
    InqPanelRow *row = rows->pdata[i];
    g_autoptr (InqPanelRow) one = inq_document_get_panel (d, row->id, NULL);
    g_autofree char *place = g_strdup_printf ("%u", i + 1);

    g_string_append_printf (got, "%s%s", i > 0 ? " " : "", row->number);
    g_assert_cmpstr (one->number, ==, row->number);
    g_assert_cmpstr (one->shot_number, ==, row->shot_number);
    g_assert_cmpint (inq_document_find_panel (d, row->number, NULL), ==, row->id);
    g_assert_cmpint (inq_document_find_panel (d, place, NULL), ==, row->id);
  }
  g_assert_cmpstr (got->str, ==, expected);
}

static void
test_numbers (TestFixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  gint64 a = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL), b, c, s;

  assert_numbers (d, "1A");
  b = inq_document_add_panel (d, a, INQ_PLACE_AFTER, NULL);
  c = inq_document_add_panel (d, a, INQ_PLACE_BEFORE, NULL);
  assert_numbers (d, "1A 1A-2 1A-3");
  g_assert_cmpint (inq_document_find_panel (d, "1a", NULL), ==, c);
  g_assert_true (inq_document_split_shot (d, b, NULL));
  assert_numbers (d, "1A 1A-2 1B");
  s = inq_document_add_scene (d, c, INQ_PLACE_AFTER, "INT. KITCHEN", NULL);
  assert_numbers (d, "1A 1A-2 1B 2A");
  inq_document_add_shot (d, s, INQ_PLACE_BEFORE, NULL);
  assert_numbers (d, "1A 1A-2 1B 2A 2B");
  g_assert_true (inq_document_set_scene (d, s, NULL, "12", 0, NULL));
  g_assert_true (inq_document_set_text (d, c, INQ_FIELD_NUMBER, "X1", 0, NULL));
  assert_numbers (d, "X1 1A-2 1B 12A 12B");
  g_assert_true (inq_document_set_text (d, c, INQ_FIELD_NUMBER, "", 0, NULL));
  g_assert_true (inq_document_join_shot (d, b, NULL));
  assert_numbers (d, "1A 1A-2 1A-3 12A 12B");
  g_assert_true (inq_document_split_scene (d, a, "EXT. ROAD", NULL));
  assert_numbers (d, "1A 2A 2A-2 12A 12B");
  g_assert_true (inq_document_delete_panels (d, &c, 1, NULL));
  assert_numbers (d, "1A 1A-2 12A 12B");
  g_assert_true (inq_document_undo (d, NULL, NULL));
  assert_numbers (d, "1A 2A 2A-2 12A 12B");
}

/* A hostile file's positions, from one end of the numbers to the other: new panels still come where they are put. */
static void
test_far (TestFixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  gint64 expected[5], a = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  gint64 b = inq_document_add_panel (d, a, INQ_PLACE_AFTER, NULL);

  for (int round = 0; round < 2; round++) {
    g_assert_true (inq_sql_run (d, NULL, "UPDATE panel SET position = ?2 WHERE id = ?1", "ii", a, G_MININT64));
    g_assert_true (inq_sql_run (d, NULL, "UPDATE panel SET position = ?2 WHERE id = ?1", "ii", b, G_MAXINT64));
    if (round == 0) {
      expected[1] = a;
      expected[2] = inq_document_add_panel (d, a, INQ_PLACE_AFTER, NULL);
      expected[3] = b;
    } else {
      expected[0] = inq_document_add_panel (d, a, INQ_PLACE_BEFORE, NULL);
      g_assert_true (inq_sql_run (d, NULL, "UPDATE panel SET position = ?2 WHERE id = ?1", "ii", b, G_MAXINT64));
      expected[4] = inq_document_add_panel (d, b, INQ_PLACE_AFTER, NULL);
    }
  }
  g_autoptr (GArray) ids = inq_document_list_panel_ids (d, NULL);
  g_assert_cmpmem (ids->data, ids->len * sizeof (gint64), expected, sizeof expected);
}

static void
test_letters (TestFixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;
  gint64 panel = 0;

  g_assert_true (inq_document_begin (f->d, NULL, NULL, NULL)); /* one transaction: quicker */
  for (guint i = 0; i < 24 + 24 * 24 + 1; i++)
    panel = inq_document_add_shot (f->d, panel, INQ_PLACE_AFTER, NULL);
  g_assert_true (inq_document_commit (f->d, NULL));
  rows = inq_document_list_panels (f->d, NULL);
  g_assert_cmpstr (((InqPanelRow *) rows->pdata[7])->number, ==, "1H");
  g_assert_cmpstr (((InqPanelRow *) rows->pdata[8])->number, ==, "1J");
  g_assert_cmpstr (((InqPanelRow *) rows->pdata[23])->number, ==, "1Z");
  g_assert_cmpstr (((InqPanelRow *) rows->pdata[24])->number, ==, "1AA");
  g_assert_cmpstr (((InqPanelRow *) rows->pdata[24 + 24 * 24 - 1])->number, ==, "1ZZ");
  g_assert_cmpstr (((InqPanelRow *) rows->pdata[24 + 24 * 24])->number, ==, "1AAA");
}

static void
assert_order (InqDocument *d, GArray *expected)
{
  g_autoptr (GArray) got = inq_document_list_panel_ids (d, NULL);

  g_assert_cmpmem (got->data, got->len * sizeof (gint64), expected->data, expected->len * sizeof (gint64));
}

/* Hundreds of insertions and moves at the same place, against a plain array; the positions must be spread again
 * meanwhile. */
static void
test_order (TestFixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) model = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 id = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);

  g_array_append_val (model, id);
  for (guint i = 0; i < 150; i++) {
    guint at = g_test_rand_int_range (0, 4) == 0 ? (guint) g_test_rand_int_range (0, (gint32) model->len)
                                                 : MIN (1, model->len - 1);
    gboolean after = g_test_rand_bit ();

    id = inq_document_add_panel (d, g_array_index (model, gint64, at), after ? INQ_PLACE_AFTER : INQ_PLACE_BEFORE,
                                 &error);
    g_assert_no_error (error);
    g_array_insert_val (model, at + after, id);
  }
  assert_order (d, model);
  for (guint i = 0; i < 150; i++) {
    guint from = (guint) g_test_rand_int_range (0, (gint32) model->len), n = (guint) g_test_rand_int_range (1, 4), to;
    gint64 ids[3], anchor;

    n = MIN (n, model->len - from);
    for (guint k = 0; k < n; k++)
      ids[n - 1 - k] = g_array_index (model, gint64, from + k); /* in any order: they keep theirs */
    g_array_remove_range (model, from, n);
    to = (guint) g_test_rand_int_range (0, (gint32) model->len);
    anchor = g_array_index (model, gint64, to);
    g_assert_true (inq_document_move_panels (d, ids, n, anchor, INQ_PLACE_BEFORE, &error));
    for (guint k = 0; k < n; k++)
      g_array_insert_val (model, to, ids[k]);
  }
  assert_order (d, model);
  /* what cannot be */
  id = g_array_index (model, gint64, 0);
  g_assert_true (inq_document_move_panels (d, &id, 1, id, INQ_PLACE_AFTER, &error));
  {
    gint64 two[] = { id, g_array_index (model, gint64, 1) };

    g_assert_false (inq_document_move_panels (d, two, 2, id, INQ_PLACE_AFTER, &error));
    g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
    g_clear_error (&error);
    two[1] = 987654;
    g_assert_false (inq_document_delete_panels (d, two, 2, &error));
    g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
    g_clear_error (&error);
  }
  assert_order (d, model);
}

static void
test_text (TestFixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPanelRow) row = NULL;
  g_autofree char *long_text = g_strnfill (300000, 'w');
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);

  for (guint i = 0; i < INQ_N_FIELDS; i++) {
    InqPanelField back;

    g_assert_true (inq_panel_field_from_name (inq_panel_field_get_name (i), &back));
    g_assert_cmpint (back, ==, i);
    g_assert_true (inq_document_set_text (d, panel, i, inq_panel_field_get_name (i), 0, NULL));
  }
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_PROMPT, long_text, 0, &error));
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_NOTES, NULL, 0, &error));
  row = inq_document_get_panel (d, panel, NULL);
  g_assert_cmpstr (row->text[INQ_FIELD_PROMPT], ==, long_text);
  g_assert_cmpstr (row->text[INQ_FIELD_NOTES], ==, "");
  g_assert_cmpstr (row->text[INQ_FIELD_MOVE], ==, "move");
  g_assert_cmpstr (row->number, ==, "number");
  g_assert_false (inq_document_set_text (d, panel, INQ_FIELD_PROMPT, "caf\xe9", 0, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (inq_document_set_text (d, panel + 1, INQ_FIELD_PROMPT, "x", 0, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);
  g_assert_false (inq_document_set_duration (d, panel, 0, 0, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_assert_cmpstr (inq_term_find (inq_shot_sizes, "ecu")->code, ==, "ECU");
  g_assert_null (inq_term_find (inq_angles, "sideways"));
}

static void
test_rate (TestFixture *f, gconstpointer data)
{
  InqBoardSettings settings = { "t", 1920, 1080, { 60000, 1001 } };
  g_autoptr (InqPanelRow) row = NULL;
  gint64 panel = inq_document_add_panel (f->d, 0, INQ_PLACE_AFTER, NULL);

  row = inq_document_get_panel (f->d, panel, NULL);
  g_assert_cmpint (row->duration, ==, 48);
  g_assert_true (inq_document_set_settings (f->d, &settings, NULL));
  inq_panel_row_free (row);
  row = inq_document_get_panel (f->d, panel, NULL);
  g_assert_cmpint (row->duration, ==, 120); /* 2 s at 59.94 are 119.88 frames */
  inq_panel_row_free (row);
  panel = inq_document_add_panel (f->d, 0, INQ_PLACE_AFTER, NULL);
  row = inq_document_get_panel (f->d, panel, NULL);
  g_assert_cmpint (row->duration, ==, 120);
}

static void
assert_found (InqDocument *d, const char *query, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = inq_document_search (d, query, 50, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, n);
}

static void
test_search (TestFixture *f, gconstpointer data)
{
  InqDocument *d = f->d;
  gint64 a = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL),
         b = inq_document_add_panel (d, a, INQ_PLACE_AFTER, NULL);

  inq_document_set_text (d, a, INQ_FIELD_PROMPT, "Two people in the Forêt, rain", 0, NULL);
  inq_document_set_text (d, b, INQ_FIELD_DIALOGUE, "It is raining \"again\"", 0, NULL);
  assert_found (d, "rain", 2);
  assert_found (d, "foret", 1);
  assert_found (d, "FOR people", 1);
  assert_found (d, "again", 1);
  assert_found (d, "snow", 0);
  assert_found (d, "", 0);
  assert_found (d, " \" * ( ) - ", 0);
  assert_found (d, "rain\" OR \"snow", 0);
  assert_found (d, "rain*", 2);
  assert_found (d, "prompt:rain", 0);
  inq_document_delete_panels (d, &a, 1, NULL);
  assert_found (d, "rain", 1);
  inq_document_undo (d, NULL, NULL);
  assert_found (d, "rain", 2);
  inq_document_undo (d, NULL, NULL);
  assert_found (d, "again", 0);
}

/* Where a scene plays is told by all of its panels, and every change of it can be undone. */
static void
test_locations (void)
{
  char *path = test_path_new ("places.inquadra");
  g_autoptr (GError) error = NULL;
  InqDocument *d = test_new (path);
  gint64 first = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, &error);
  gint64 second = inq_document_add_shot (d, first, INQ_PLACE_AFTER, &error);
  gint64 third = inq_document_add_scene (d, second, INQ_PLACE_AFTER, NULL, &error);
  gint64 mill = inq_document_add_location (d, "Old mill", "a ruined water mill", "call the owner", &error);
  gint64 bridge = inq_document_add_location (d, "bridge", "", "", &error);
  g_autoptr (GPtrArray) rows = NULL;

  g_assert_no_error (error);
  rows = inq_document_list_locations (d, &error);
  g_assert_cmpuint (rows->len, ==, 2);
  g_assert_cmpint (((InqLocationRow *) rows->pdata[0])->id, ==, bridge); /* by name, whatever the case */
  g_assert_cmpstr (((InqLocationRow *) rows->pdata[1])->note, ==, "call the owner");

  g_assert_true (inq_document_set_scene_location (d, second, mill, &error));
  {
    g_autoptr (InqPanelRow) a = inq_document_get_panel (d, first, &error);
    g_autoptr (InqPanelRow) b = inq_document_get_panel (d, third, &error);

    g_assert_cmpint (a->location, ==, mill);
    g_assert_cmpstr (a->location_name, ==, "Old mill");
    g_assert_cmpstr (a->location_words, ==, "a ruined water mill");
    g_assert_cmpint (b->location, ==, 0);
    g_assert_cmpstr (b->location_name, ==, "");
  }
  g_assert_true (inq_document_set_location (d, mill, "Mill", "a mill", "", &error));
  g_assert_true (inq_document_delete_location (d, mill, &error));
  {
    g_autoptr (InqPanelRow) a = inq_document_get_panel (d, first, &error);

    g_assert_cmpint (a->location, ==, 0);
  }
  g_assert_false (inq_document_set_scene_location (d, first, mill, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  g_clear_error (&error);
  g_assert_true (inq_document_collect (d, NULL, &error));
  g_assert_true (inq_document_undo (d, NULL, &error));
  g_assert_true (inq_document_undo (d, NULL, &error));
  {
    g_autoptr (InqPanelRow) a = inq_document_get_panel (d, first, &error);

    g_assert_cmpstr (a->location_words, ==, "a ruined water mill");
  }
  g_assert_true (inq_document_undo (d, NULL, &error));
  {
    g_autoptr (InqPanelRow) a = inq_document_get_panel (d, first, &error);

    g_assert_cmpint (a->location, ==, 0);
  }
  g_assert_cmpint (inq_document_add_location (d, " ", "", "", &error), ==, 0);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);

  /* Its picture stays while the log or the location knows it. */
  {
    g_autoptr (GBytes) png = test_png (64, 36, 5);
    InqNewVariation added = { .png = png };
    gint64 variation = inq_document_add_variation (d, third, &added, FALSE, &error);
    g_autoptr (InqVariationRow) row = inq_document_get_variation (d, variation, &error);
    g_autoptr (GBytes) still = NULL;
    gint64 missing = row->image + 7;

    g_assert_false (inq_document_set_location_image (d, bridge, missing, &error));
    g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
    g_clear_error (&error);
    g_assert_true (inq_document_set_location_image (d, bridge, row->image, &error));
    g_assert_true (inq_document_delete_variations (d, &variation, 1, &error));
    test_close (d);
    d = test_open (path, INQ_OPEN_DEFAULT);
    still = inq_document_get_image (d, row->image, NULL, NULL, &error);
    g_assert_no_error (error);
  }

  /* Who is there is told too. */
  {
    gint64 cast[2] = { inq_document_add_cast (d, "Zoe", "tall", &error),
                       inq_document_add_cast (d, "ann", "short", &error) };
    g_autoptr (InqPanelRow) a = NULL;

    g_assert_true (inq_document_set_panel_cast (d, first, cast, 2, &error));
    a = inq_document_get_panel (d, first, &error);
    g_assert_cmpstr (a->cast_words, ==, "short, tall");
  }
  g_assert_no_error (error);
  test_assert_sound (d);
  test_close (d);
  test_path_free (path);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    void (*func) (TestFixture *, gconstpointer);
  } tests[] = {
    { "/panels/numbers", test_numbers }, { "/panels/letters", test_letters }, { "/panels/order", test_order },
    { "/panels/far", test_far },         { "/panels/text", test_text },       { "/panels/rate", test_rate },
    { "/panels/search", test_search },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, TestFixture, NULL, test_set_up, tests[i].func, test_tear_down);
  g_test_add_func ("/panels/locations", test_locations);
  return g_test_run ();
}

/* Inquadra - tests of undo and redo over everything
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

typedef struct {
  InqDocument *document;
  gint64 serial;
} Play;

static gint64
any (GArray *ids)
{
  return ids->len > 0 ? g_array_index (ids, gint64, g_test_rand_int_range (0, (gint32) ids->len)) : 0;
}

static gint64
any_variation (InqDocument *document, gint64 panel)
{
  g_autoptr (GPtrArray) rows = inq_document_list_variations (document, panel, NULL);

  return rows->len > 0 ? ((InqVariationRow *) rows->pdata[g_test_rand_int_range (0, (gint32) rows->len)])->id : 0;
}

static gint64
any_stroke (InqDocument *document, gint64 panel)
{
  g_autoptr (GPtrArray) rows = inq_document_list_strokes (document, panel, NULL);

  return rows->len > 0 ? ((InqStroke *) rows->pdata[g_test_rand_int_range (0, (gint32) rows->len)])->id : 0;
}

/* One act of an artist, whatever it is. */
static void
random_act (Play *play)
{
  InqDocument *d = play->document;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = inq_document_list_panel_ids (d, NULL);
  gint64 panel = any (ids), other = any (ids), pair[2] = { panel, other }, variation, stroke;
  InqPlace place = g_test_rand_bit () ? INQ_PLACE_AFTER : INQ_PLACE_BEFORE;
  g_autofree char *text = g_strdup_printf ("text %d", (int) ++play->serial);

  switch (panel == 0 ? 0 : g_test_rand_int_range (0, 25)) {
  case 0:
  case 1:
    inq_document_add_panel (d, panel, place, &error);
    break;
  case 2:
    inq_document_add_shot (d, panel, place, &error);
    break;
  case 3:
    inq_document_add_scene (d, panel, place, text, &error);
    break;
  case 4:
    inq_document_duplicate_panel (d, panel, &error);
    break;
  case 5:
    inq_document_delete_panels (d, pair, panel != other && g_test_rand_bit () ? 2 : 1, &error);
    break;
  case 6:
    if (panel != other)
      inq_document_move_panels (d, &panel, 1, other, place, &error);
    break;
  case 7:
    inq_document_split_shot (d, panel, &error);
    break;
  case 8:
    inq_document_split_scene (d, panel, text, &error);
    break;
  case 9:
    inq_document_join_shot (d, panel, &error);
    break;
  case 10:
  case 11:
    inq_document_set_text (d, panel, g_test_rand_int_range (0, INQ_N_FIELDS), text, g_test_rand_bit () ? 7 : 0, &error);
    break;
  case 12:
    inq_document_set_duration (d, panel, g_test_rand_int_range (1, 100), 0, &error);
    break;
  case 13:
    inq_document_set_scene (d, panel, text, g_test_rand_bit () ? text : NULL, 0, &error);
    break;
  case 14: {
    g_autoptr (GBytes) png = test_png (40, 20, (guint) g_test_rand_int_range (0, 6));
    InqNewVariation added = { .png = png, .seed = (guint64) play->serial };

    inq_document_add_variation (d, panel, &added, g_test_rand_bit (), &error);
    break;
  }
  case 15:
    inq_document_pick (d, panel, any_variation (d, panel), &error);
    break;
  case 16:
    if ((variation = any_variation (d, panel)) != 0)
      inq_document_set_rating (d, variation, g_test_rand_int_range (0, 6), &error);
    break;
  case 17:
    if ((variation = any_variation (d, panel)) != 0)
      inq_document_set_rejected (d, variation, g_test_rand_bit (), &error);
    break;
  case 18:
    if ((variation = any_variation (d, panel)) != 0)
      inq_document_delete_variations (d, &variation, 1, &error);
    break;
  case 19:
  case 20: {
    g_autoptr (InqStroke) ink = test_stroke (panel, g_test_rand_bit () ? text : NULL);

    inq_document_add_stroke (d, ink, &error);
    break;
  }
  case 21:
    if ((stroke = any_stroke (d, panel)) != 0)
      inq_document_move_stroke (d, stroke, 0.25f, -0.125f, 0, &error);
    break;
  case 22:
    if ((stroke = any_stroke (d, panel)) != 0)
      inq_document_remove_strokes (d, &stroke, 1, &error);
    else
      inq_document_clear_strokes (d, panel, -1, &error);
    break;
  case 23: {
    gint64 member = inq_document_add_cast (d, text, "tall", &error);

    if (member != 0)
      inq_document_set_panel_cast (d, panel, &member, 1, &error);
    break;
  }
  default: {
    InqBoardSettings settings = { text, 1920, 800, { g_test_rand_bit () ? 24 : 25, 1 } };

    inq_document_set_settings (d, &settings, &error);
  }
  }
  g_assert_no_error (error);
}

/* What no artist did: a job brings a picture. */
static void
job_brings (Play *play)
{
  InqDocument *d = play->document;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = inq_document_list_panel_ids (d, NULL);
  g_autoptr (InqJobRow) job = NULL;
  g_autoptr (GBytes) png = test_png (32, 18, (guint) (100 + play->serial));
  InqNewVariation brought = { .png = png, .seed = 1, .recipe = "{\"steps\":20}" };

  if (ids->len == 0)
    return;
  inq_document_enqueue_job (d, any (ids), "{}", FALSE, &error);
  g_assert_no_error (error);
  job = inq_document_claim_job (d, &error);
  g_assert_no_error (error);
  inq_document_finish_job (d, job->id, &brought, 1, NULL, &error);
  g_assert_no_error (error);
}

static guint
undo_all (InqDocument *document)
{
  g_autoptr (GError) error = NULL;
  guint n = 0;

  for (; inq_document_get_undo_label (document) != NULL; n++) {
    g_assert_true (inq_document_undo (document, NULL, &error));
    g_assert_no_error (error);
  }
  return n;
}

static guint
redo_all (InqDocument *document)
{
  g_autoptr (GError) error = NULL;
  guint n = 0;

  for (; inq_document_get_redo_label (document) != NULL; n++) {
    g_assert_true (inq_document_redo (document, NULL, &error));
    g_assert_no_error (error);
  }
  return n;
}

static void
reopen (Play *play, const char *path)
{
  test_close (play->document);
  play->document = test_open (path, INQ_OPEN_DEFAULT);
}

/* Whatever is done, undoing all of it is the start, doing all again is the end, and a restart changes neither. */
static void
test_property (void)
{
  for (guint round = 0; round < 4; round++) {
    char *path = test_path_new ("undo.inquadra");
    Play play = { .document = test_new (path) };
    g_autofree char *begin = test_dump (play.document);
    g_autofree char *end = NULL;
    guint n;

    for (guint i = 0; i < 120; i++) {
      random_act (&play);
      if (g_test_rand_int_range (0, 12) == 0)
        inq_document_undo (play.document, NULL, NULL);
      if (g_test_rand_int_range (0, 20) == 0)
        inq_document_redo (play.document, NULL, NULL);
      if (g_test_rand_int_range (0, 60) == 0)
        reopen (&play, path);
    }
    redo_all (play.document);
    end = test_dump (play.document);
    for (guint again = 0; again < 2; again++) {
      g_autofree char *start = NULL;
      g_autofree char *finish = NULL;

      n = undo_all (play.document);
      start = test_dump (play.document);
      g_assert_cmpstr (start, ==, begin);
      reopen (&play, path);
      test_assert_sound (play.document);
      g_assert_cmpuint (redo_all (play.document), ==, n);
      finish = test_dump (play.document);
      g_assert_cmpstr (finish, ==, end);
      reopen (&play, path);
      test_assert_sound (play.document);
    }
    test_close (play.document);
    test_path_free (path);
  }
}

/* Every single step goes back and forth exactly. */
static void
test_steps (void)
{
  char *path = test_path_new ("steps.inquadra");
  Play play = { .document = test_new (path) };
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *last = NULL;

  g_ptr_array_add (states, test_dump (play.document));
  while (states->len < 80) {
    char *now;

    random_act (&play);
    now = test_dump (play.document);
    if (g_strcmp0 (now, states->pdata[states->len - 1]) == 0)
      g_free (now); /* nothing happened: no step */
    else
      g_ptr_array_add (states, now);
  }
  /* adding a character and putting it into a shot are two steps but one act here: walk by state, not by count */
  for (guint i = states->len - 1; i-- > 0;) {
    g_autofree char *now = NULL;
    guint tries = 0;

    do {
      g_free (g_steal_pointer (&now));
      g_assert_true (inq_document_undo (play.document, NULL, NULL));
      now = test_dump (play.document);
    } while (g_strcmp0 (now, states->pdata[i]) != 0 && ++tries < 3);
    g_assert_cmpstr (now, ==, states->pdata[i]);
  }
  redo_all (play.document);
  last = test_dump (play.document);
  g_assert_cmpstr (last, ==, states->pdata[states->len - 1]);
  test_close (play.document);
  test_path_free (path);
}

/* Pictures come between the artist's acts; going back and forth never loses one nor breaks the file. */
static void
test_arrivals (void)
{
  for (guint round = 0; round < 4; round++) {
    char *path = test_path_new ("arrivals.inquadra");
    Play play = { .document = test_new (path) };
    g_autoptr (GError) error = NULL;
    g_autofree char *end = NULL;
    g_autofree char *again = NULL;

    for (guint i = 0; i < 60; i++) {
      guint back = (guint) g_test_rand_int_range (0, 4);

      random_act (&play);
      /* a picture arrives in the middle of a walk through the log */
      for (guint k = 0; k < back; k++)
        inq_document_undo (play.document, NULL, NULL);
      job_brings (&play);
      for (guint k = 0; k < back; k++)
        inq_document_redo (play.document, NULL, NULL);
    }
    redo_all (play.document);
    end = test_dump (play.document);
    undo_all (play.document);
    test_assert_sound (play.document);
    g_assert_true (inq_document_collect (play.document, NULL, &error));
    g_assert_no_error (error);
    redo_all (play.document);
    again = test_dump (play.document);
    g_assert_cmpstr (again, ==, end);
    test_assert_sound (play.document);
    test_close (play.document);
    test_path_free (path);
  }
}

/* Undoing an edit leaves the picture that came after it; undoing the panel hides both, redoing brings both. */
static void
test_picture_stays (void)
{
  char *path = test_path_new ("stays.inquadra");
  Play play = { .document = test_new (path) };
  InqDocument *d = play.document;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) back = NULL;
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL), touched = 0;

  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_PROMPT, "a house", 0, NULL));
  job_brings (&play);
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Edit prompt");
  g_assert_true (inq_document_undo (d, &touched, NULL));
  g_assert_cmpint (touched, ==, panel);
  rows = inq_document_list_variations (d, panel, NULL);
  g_assert_cmpuint (rows->len, ==, 1);
  g_assert_true (inq_document_undo (d, &touched, NULL));
  g_assert_cmpint (touched, ==, 0);
  g_assert_null (inq_document_get_panel (d, panel, NULL));
  g_assert_true (inq_document_collect (d, NULL, NULL));
  g_assert_true (inq_document_redo (d, NULL, NULL));
  back = inq_document_list_variations (d, panel, NULL);
  g_assert_cmpuint (back->len, ==, 1);
  test_close (d);
  test_path_free (path);
}

static guint
count_steps (InqDocument *document)
{
  guint n = undo_all (document);

  redo_all (document);
  return n;
}

static void
type (InqDocument *document, gint64 panel, InqPanelField field, const char *text, guint64 session)
{
  g_autoptr (GString) so_far = g_string_new (NULL);

  for (; *text != 0; text++) {
    g_string_append_c (so_far, *text);
    g_assert_true (inq_document_set_text (document, panel, field, so_far->str, session, NULL));
  }
}

static void
assert_text (InqDocument *document, gint64 panel, InqPanelField field, const char *expected)
{
  g_autoptr (InqPanelRow) row = inq_document_get_panel (document, panel, NULL);

  g_assert_cmpstr (row->text[field], ==, expected);
}

static void
test_typing (void)
{
  char *path = test_path_new ("typing.inquadra");
  InqDocument *d = test_new (path);
  Play play = { .document = d };
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);

  type (d, panel, INQ_FIELD_PROMPT, "rain", 1);
  g_assert_cmpuint (count_steps (d), ==, 2);
  /* after walking through the log the session does not go on in the old step */
  type (d, panel, INQ_FIELD_PROMPT, "snow", 1);
  g_assert_cmpuint (count_steps (d), ==, 3);
  type (d, panel, INQ_FIELD_ACTION, "runs", 2);
  type (d, panel, INQ_FIELD_ACTION, "falls", 3);
  g_assert_cmpuint (count_steps (d), ==, 5);
  type (d, panel, INQ_FIELD_NOTES, "on", 4);
  type (d, panel, INQ_FIELD_DIALOGUE, "hey", 4);
  type (d, panel, INQ_FIELD_NOTES, "one", 4);
  g_assert_cmpuint (count_steps (d), ==, 8);
  /* a picture that comes while one types does not cut the step */
  type (d, panel, INQ_FIELD_PROMPT, "wi", 5);
  job_brings (&play);
  type (d, panel, INQ_FIELD_PROMPT, "wide", 5);
  g_assert_cmpuint (count_steps (d), ==, 9);
  g_assert_true (inq_document_undo (d, NULL, NULL));
  assert_text (d, panel, INQ_FIELD_PROMPT, "snow");
  g_assert_true (inq_document_redo (d, NULL, NULL));
  assert_text (d, panel, INQ_FIELD_PROMPT, "wide");
  /* typed and taken back in one session: as if nothing had been */
  type (d, panel, INQ_FIELD_TIME, "n", 6);
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_TIME, "", 6, NULL));
  g_assert_cmpuint (count_steps (d), ==, 9);
  /* without a session each call is a step; the same text again is none */
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_TIME, "night", 0, NULL));
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_TIME, "night", 0, NULL));
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_TIME, "day", 0, NULL));
  g_assert_cmpuint (count_steps (d), ==, 11);
  test_close (d);
  test_path_free (path);
}

static void
test_groups (void)
{
  char *path = test_path_new ("groups.inquadra");
  InqDocument *d = test_new (path);
  g_autoptr (GError) error = NULL;
  g_autofree char *empty = test_dump (d);
  g_autofree char *after = NULL;
  g_autofree char *undone = NULL;
  gint64 panel;

  g_assert_true (inq_document_begin (d, "Paste", NULL, NULL));
  panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_PROMPT, "pasted", 0, NULL));
  g_assert_true (inq_document_commit (d, NULL));
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Paste");
  g_assert_true (inq_document_undo (d, NULL, NULL));
  undone = test_dump (d);
  g_assert_cmpstr (undone, ==, empty);
  g_assert_true (inq_document_redo (d, NULL, NULL));
  /* a part that fails dooms the whole */
  g_free (empty);
  empty = test_dump (d);
  g_assert_true (inq_document_begin (d, "Paste", NULL, NULL));
  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_PROMPT, "other", 0, NULL));
  g_assert_false (inq_document_set_duration (d, panel, 0, 0, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (inq_document_commit (d, &error));
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FAILED);
  after = test_dump (d);
  g_assert_cmpstr (after, ==, empty);
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Paste");
  test_close (d);
  test_path_free (path);
}

static void
test_redo_dropped (void)
{
  char *path = test_path_new ("redo.inquadra");
  InqDocument *d = test_new (path);
  Play play = { .document = d };
  gint64 panel = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, NULL);

  g_assert_true (inq_document_set_text (d, panel, INQ_FIELD_PROMPT, "one", 0, NULL));
  g_assert_true (inq_document_undo (d, NULL, NULL));
  g_assert_cmpstr (inq_document_get_redo_label (d), ==, "Edit prompt");
  job_brings (&play); /* no act of the artist: redo stays */
  g_assert_cmpstr (inq_document_get_redo_label (d), ==, "Edit prompt");
  g_assert_true (inq_document_set_duration (d, panel, 48, 0, NULL)); /* changes nothing: redo stays */
  g_assert_cmpstr (inq_document_get_redo_label (d), ==, "Edit prompt");
  g_assert_true (inq_document_set_duration (d, panel, 12, 0, NULL));
  g_assert_null (inq_document_get_redo_label (d));
  g_assert_true (inq_document_redo (d, NULL, NULL));
  test_close (d);
  test_path_free (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/undo/property", test_property);
  g_test_add_func ("/undo/steps", test_steps);
  g_test_add_func ("/undo/arrivals", test_arrivals);
  g_test_add_func ("/undo/picture-stays", test_picture_stays);
  g_test_add_func ("/undo/typing", test_typing);
  g_test_add_func ("/undo/groups", test_groups);
  g_test_add_func ("/undo/redo-dropped", test_redo_dropped);
  return g_test_run ();
}

/* Inquadra - tests of panels copied within a board, and taken from board to board
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "board-test.h"
#include "inq-board-panels.h"
#include "inq-document-copy.h"

#include <glib/gstdio.h>
#include <string.h>

#include "inq-sql.h"

/* Two scenes; the first with two shots of two panels and one, on which everything hangs that can. */
static void
fill (InqDocument *d, gint64 ids[4])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) one = test_png (40, 24, 1);
  g_autoptr (GBytes) two = test_png (40, 24, 2);
  g_autoptr (GBytes) init = test_png (40, 24, 3);
  const InqNewVariation drawn = { .png = one, .seed = G_MAXUINT64, .recipe = "{\"steps\": 12}", .model = "abc" };
  const InqNewVariation added = { .png = two };
  const InqJobImages images = { .init_png = init };
  g_autoptr (InqJobRow) job = NULL;
  g_autoptr (InqStroke) stroke = NULL;
  gint64 anna, hall, variation;
  InqMark mark = { .author = "Rita", .text = "closer", .x = 0.25f, .y = 0.5f };

  ids[0] = inq_document_add_scene (d, 0, INQ_PLACE_AFTER, "INT. HALL - NIGHT", &error);
  ids[1] = inq_document_add_panel (d, ids[0], INQ_PLACE_AFTER, &error);
  ids[2] = inq_document_add_shot (d, ids[1], INQ_PLACE_AFTER, &error);
  ids[3] = inq_document_add_scene (d, ids[2], INQ_PLACE_AFTER, "EXT. YARD - DAY", &error);
  anna = inq_document_add_cast (d, "Anna", "a woman in a red coat", &error);
  hall = inq_document_add_location (d, "Hall", "a marble hall", "the old theatre", &error);
  g_assert_true (inq_document_set_scene_location (d, ids[0], hall, &error));
  g_assert_true (inq_document_set_scene (d, ids[0], NULL, "7", 0, &error));
  g_assert_true (inq_document_set_panel_cast (d, ids[0], &anna, 1, &error));
  for (guint f = 0; f < INQ_N_FIELDS; f++)
    g_assert_true (
        inq_document_set_text (d, ids[0], f, f == INQ_FIELD_SIZE ? "MCU" : inq_panel_field_get_name (f), 0, &error));
  g_assert_true (inq_document_set_duration (d, ids[0], 60, 0, &error));
  g_assert_cmpint (inq_document_enqueue_job_with (d, ids[0], "{\"prompt\": \"hall\"}", &images, FALSE, &error), !=, 0);
  job = inq_document_claim_job (d, &error);
  g_assert_true (inq_document_finish_job (d, job->id, &drawn, 1, &variation, &error));
  g_assert_true (inq_document_set_rating (d, variation, 4, &error));
  g_assert_true (inq_document_set_starred (d, variation, TRUE, &error));
  variation = inq_document_add_variation (d, ids[0], &added, FALSE, &error);
  g_assert_true (inq_document_set_rejected (d, variation, TRUE, &error));
  g_assert_cmpint (inq_document_add_variation (d, ids[0], &added, TRUE, &error), !=, 0);
  stroke = test_stroke (ids[0], "left");
  g_assert_cmpint (inq_document_add_stroke (d, stroke, &error), !=, 0);
  mark.panel = ids[0];
  g_assert_true (inq_document_set_mark_resolved (d, inq_document_add_mark (d, &mark, &error), TRUE, &error));
  g_assert_true (inq_document_set_text (d, ids[3], INQ_FIELD_DIALOGUE, "There it is.", 0, &error));
  g_assert_no_error (error);
}

/* What an artist sees, without the numbers that rows have inside. */
static char *
look (InqDocument *d)
{
  g_autofree char *dump = test_dump (d);
  g_autoptr (GRegex)
      ids = g_regex_new ("\\b(panel|variation|image|stroke|mark|cast|location|shot|scene|picked|at) \\d+", 0, 0, NULL);

  return g_regex_replace (ids, dump, -1, 0, "\\1", 0, NULL);
}

/* The part of it that is about the panel @n, from 0. */
static char *
look_at (InqDocument *d, guint n)
{
  g_autofree char *all = look (d);
  g_auto (GStrv) parts = g_strsplit (all, "\npanel ", -1);
  char *end = NULL;

  g_assert_cmpuint (g_strv_length (parts), >, n + 1);
  end = strchr (parts[n + 1], '\n');
  /* without its heading: where it is, is another matter */
  return g_strdup (end != NULL ? end + 1 : "");
}

static gint64
count (InqDocument *d, const char *sql)
{
  gint64 n = -1;

  g_assert_true (inq_sql_pragma (d->db, sql, "", &n, NULL));
  return n;
}

static char *
numbers (InqDocument *d)
{
  g_autoptr (GPtrArray) rows = inq_document_list_panels (d, NULL);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", ((InqPanelRow *) rows->pdata[i])->number);
  return g_string_free (text, FALSE);
}

#define assert_numbers(d, expected)                                                                                    \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *numbers_ = numbers (d);                                                                           \
    g_assert_cmpstr (numbers_, ==, expected);                                                                          \
  }                                                                                                                    \
  G_STMT_END

static char *
write_pack (InqDocument *d, const gint64 *panels, gsize n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = inq_document_pack_panels (d, panels, n, &error);
  char *path = test_path_new ("pack");

  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error));
  return path;
}

/* ---- within a board ---- */

static void
test_duplicate (void)
{
  g_autoptr (GError) error = NULL;
  char *path = test_path_new ("a.inquadra");
  InqDocument *d = test_new (path);
  gint64 ids[4];
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *undone = NULL;
  g_autofree char *redone = NULL;
  g_autoptr (GArray) made = NULL;
  gint64 images;

  fill (d, ids);
  images = count (d, "SELECT count(*) FROM image");
  before = test_dump (d);
  /* two of one shot, named in any order: after the last of them, in that shot, in their order */
  made = inq_document_duplicate_panels (d, (gint64[]){ ids[1], ids[0] }, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (made->len, ==, 2);
  g_assert_cmpstr (inq_document_get_undo_label (d), ==, "Duplicate panels");
  assert_numbers (d, "number 7A-2 7A-3 7A-4 7B 2A");
  {
    g_autofree char *original = look_at (d, 0);
    g_autofree char *copy = look_at (d, 2);
    g_autofree char *named = g_strconcat ("  number: number\n", NULL);
    char *at = strstr (original, named);

    /* all but the number that only one may have */
    g_assert_nonnull (at);
    memmove (at, at + strlen (named), strlen (at + strlen (named)) + 1);
    g_assert_cmpstr (copy, ==, original);
  }
  g_assert_cmpint (count (d, "SELECT count(*) FROM image"), ==, images);
  test_assert_sound (d);
  after = test_dump (d);
  g_assert_true (inq_document_undo (d, NULL, &error));
  undone = test_dump (d);
  g_assert_cmpstr (undone, ==, before);
  g_assert_true (inq_document_redo (d, NULL, &error));
  redone = test_dump (d);
  g_assert_cmpstr (redone, ==, after);
  g_assert_true (inq_document_undo (d, NULL, &error));

  /* what was apart stays apart: shots after the shot, scenes after the scene */
  g_clear_pointer (&made, g_array_unref);
  made = inq_document_duplicate_panels (d, (gint64[]){ ids[1], ids[2] }, 2, &error);
  assert_numbers (d, "number 7A-2 7B 7C 7D 2A");
  g_assert_true (inq_document_undo (d, NULL, &error));
  g_clear_pointer (&made, g_array_unref);
  made = inq_document_duplicate_panels (d, (gint64[]){ ids[1], ids[2], ids[3] }, 3, &error);
  g_assert_no_error (error);
  assert_numbers (d, "number 7A-2 7B 2A 3A 3B 4A");
  {
    g_autoptr (InqPanelRow) row = inq_document_get_panel (d, g_array_index (made, gint64, 0), NULL);

    g_assert_cmpstr (row->scene_title, ==, "INT. HALL - NIGHT");
    g_assert_cmpstr (row->location_name, ==, "Hall");
  }
  g_clear_pointer (&made, g_array_unref);
  g_assert_true (inq_document_delete_panels (d, ids, 1, &error));
  made = inq_document_duplicate_panels (d, ids, 2, &error);
  g_assert_null (made);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW);
  test_close (d);
  test_path_free (path);
}

/* ---- from board to board ---- */

static void
test_carry (void)
{
  g_autoptr (GError) error = NULL;
  char *path = test_path_new ("a.inquadra"), *other = test_path_new ("b.inquadra"), *pack;
  InqDocument *a = test_new (path), *b = test_new (other);
  gint64 ids[4];
  g_autofree char *original = NULL;
  g_autofree char *copy = NULL;
  g_autofree char *empty = NULL;
  g_autofree char *undone = NULL;
  g_autoptr (GArray) made = NULL;
  gint freed = 0;

  fill (a, ids);
  original = look (a);
  pack = write_pack (a, ids, 4);
  test_close (a);

  empty = test_dump (b);
  made = inq_document_unpack_panels (b, pack, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (made->len, ==, 4);
  copy = look (b);
  g_assert_cmpstr (copy, ==, original);
  g_assert_cmpstr (inq_document_get_undo_label (b), ==, "Paste panels");
  test_assert_sound (b);
  /* the job of the drawn one came along, with what it was drawn from */
  {
    g_autoptr (GPtrArray) rows = inq_document_list_variations (b, g_array_index (made, gint64, 0), NULL);
    const InqVariationRow *first = rows->pdata[0];
    g_autoptr (InqJobRow) job = inq_document_get_job (b, first->job, &error);
    g_autoptr (GPtrArray) waiting = inq_document_list_jobs (b, FALSE, NULL);

    g_assert_no_error (error);
    g_assert_cmpstr (job->params, ==, "{\"prompt\": \"hall\"}");
    g_assert_cmpint (job->state, ==, INQ_JOB_DONE);
    g_assert_cmpint (job->init, !=, 0);
    g_assert_cmpuint (waiting->len, ==, 0);
  }
  /* one undo takes all of it, people and places too; then nothing holds the pictures any more */
  g_assert_true (inq_document_undo (b, NULL, &error));
  undone = test_dump (b);
  g_assert_cmpstr (undone, ==, empty);
  g_assert_true (inq_document_redo (b, NULL, &error));
  g_free (copy);
  copy = look (b);
  g_assert_cmpstr (copy, ==, original);
  g_assert_true (inq_document_collect (b, &freed, &error));
  g_assert_cmpint (freed, ==, 0);
  g_assert_true (inq_document_undo (b, NULL, &error));
  g_assert_cmpint (inq_document_add_panel (b, 0, INQ_PLACE_AFTER, &error), !=, 0);
  g_assert_true (inq_document_collect (b, &freed, &error));
  g_assert_cmpint (freed, ==, 3);
  test_assert_sound (b);
  test_close (b);
  test_path_free (path);
  test_path_free (other);
  test_path_free (pack);
}

/* Into a board that has some of it, at another rate, with pictures of its own; and again and again. */
static void
test_meet (void)
{
  g_autoptr (GError) error = NULL;
  char *path = test_path_new ("a.inquadra"), *other = test_path_new ("b.inquadra"), *pack;
  InqBoardSettings settings = INQ_BOARD_SETTINGS_DEFAULT;
  InqDocument *a = test_new (path), *b;
  gint64 ids[4], here[4], anna;
  g_autoptr (GArray) made = NULL;

  fill (a, ids);
  pack = write_pack (a, ids, 2);
  settings.rate = (InqRate){ 30, 1 };
  b = inq_document_new (other, &settings, INQ_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  fill (b, here);
  anna = count (b, "SELECT count(*) FROM \"cast\"");
  made = inq_document_unpack_panels (b, pack, here[3], &error);
  g_assert_no_error (error);
  assert_numbers (b, "number 7A-2 7B 2A 2A-2 2A-3");
  {
    g_autoptr (InqPanelRow) row = inq_document_get_panel (b, g_array_index (made, gint64, 0), NULL);

    g_assert_cmpint (row->duration, ==, 75); /* two seconds and a half */
    g_assert_cmpstr (row->scene_title, ==, "EXT. YARD - DAY");
    g_assert_cmpstr (row->cast_words, !=, "");
  }
  g_assert_cmpint (count (b, "SELECT count(*) FROM \"cast\""), ==, anna);
  g_assert_cmpint (count (b, "SELECT count(*) FROM image"), ==, 3);
  g_clear_pointer (&made, g_array_unref);

  /* cut here, pasted here: the number comes back, and the pictures are the ones that are there */
  g_clear_pointer (&made, g_array_unref);
  g_assert_true (inq_document_delete_panels (a, ids, 2, &error));
  made = inq_document_unpack_panels (a, pack, ids[2], &error);
  g_assert_no_error (error);
  assert_numbers (a, "7A number 7A-3 2A");
  g_assert_cmpint (count (a, "SELECT count(*) FROM image"), ==, 3);
  g_assert_true (inq_document_undo (a, NULL, &error) && inq_document_undo (a, NULL, &error));
  assert_numbers (a, "number 7A-2 7B 2A");
  test_assert_sound (a);
  test_assert_sound (b);
  test_close (a);
  /* from a board that is only looked at, too */
  a = test_open (path, INQ_OPEN_READ_ONLY);
  {
    g_autoptr (GBytes) bytes = inq_document_pack_panels (a, ids, 4, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (g_bytes_get_size (bytes), >, 4096);
  }
  g_clear_pointer (&made, g_array_unref);
  made = inq_document_unpack_panels (a, pack, 0, &error);
  g_assert_null (made);
  g_assert_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY);
  test_close (a);
  test_close (b);
  test_path_free (path);
  test_path_free (other);
  test_path_free (pack);
}

/* ---- what others may offer ---- */

static void
assert_refused (InqDocument *d, const char *path, InqProjectError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = test_dump (d);
  g_autofree char *after = NULL;
  gint64 commits = d->n_commits;
  g_autoptr (GArray) made = inq_document_unpack_panels (d, path, 0, &error);

  g_assert_null (made);
  g_assert_nonnull (error);
  g_assert_cmpint (error->domain, ==, INQ_PROJECT_ERROR);
  if (code != 0)
    g_assert_cmpint (error->code, ==, code);
  /* never what makes a board wait for room on its disk */
  g_assert_cmpint (error->code, !=, INQ_PROJECT_ERROR_FULL);
  g_assert_cmpint (error->code, !=, INQ_PROJECT_ERROR_IO);
  g_assert_cmpint (error->code, !=, INQ_PROJECT_ERROR_BUSY);
  g_assert_cmpint (d->n_commits, ==, commits);
  g_assert_cmpuint (d->depth, ==, 0);
  after = test_dump (d);
  g_assert_cmpstr (after, ==, before);
}

static void
change (const char *path, const char *sql)
{
  sqlite3 *db = NULL;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (db);
}

static void
test_hostile (void)
{
  static const struct {
    const char *sql;
    InqProjectError code; /* 0: any that is not tried again */
  } refused[] = {
    { "PRAGMA user_version = 1000", INQ_PROJECT_ERROR_NEWER },
    { "PRAGMA application_id = 7", INQ_PROJECT_ERROR_NOT_A_BOARD },
    { "UPDATE panel SET alive = 0", INQ_PROJECT_ERROR_NOT_A_BOARD },
    { "CREATE VIEW v AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i AS id FROM n",
      INQ_PROJECT_ERROR_NOT_A_BOARD },
    { "DROP TABLE stroke", 0 },
    { "UPDATE image SET png = x'00', sha256 = 'other' || id", INQ_PROJECT_ERROR_INVALID },
    { "UPDATE image SET png = substr (png, 1, length (png) - 20), sha256 = 'other' || id", INQ_PROJECT_ERROR_INVALID },
  };
  static const char *const tamed[] = {
    "UPDATE variation SET recipe = 'rm -rf', rating = 900, seed = 'x'",
    "UPDATE job SET params = '[1'",
    "UPDATE job SET params = NULL WHERE 0; UPDATE stroke SET points = x'ffff7f7fffff7f7fffff7f7f', width = 1e30",
    "UPDATE stroke SET tool = 99, points = x''",
    "UPDATE panel SET duration = 'long', prompt = CAST (x'ff41' AS TEXT)",
    "UPDATE mark SET x = 1e300, y = 'nan', text = CAST (x'c3' AS TEXT)",
    "UPDATE panel SET picked = 999; UPDATE panel SET size = zeroblob (100000)",
  };
  g_autoptr (GError) error = NULL;
  char *path = test_path_new ("a.inquadra"), *other = test_path_new ("b.inquadra"), *pack;
  InqDocument *a = test_new (path), *b = test_new (other);
  gint64 ids[4];
  g_autofree char *whole = NULL;
  gsize size;

  fill (a, ids);
  pack = write_pack (a, ids, 4);
  g_assert_true (g_file_get_contents (pack, &whole, &size, &error));
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_assert_true (g_file_set_contents (pack, whole, size, &error));
    change (pack, refused[i].sql);
    assert_refused (b, pack, refused[i].code);
  }
  /* cut off anywhere; scribbled over; something else altogether; nothing */
  for (gsize cut = 0; cut < size; cut += cut < 200 ? 40 : 12288) {
    g_assert_true (g_file_set_contents (pack, whole, cut, &error));
    assert_refused (b, pack, 0);
  }
  g_assert_true (g_file_set_contents (pack, "<html>panels</html>", -1, &error));
  assert_refused (b, pack, INQ_PROJECT_ERROR_NOT_A_BOARD);
  g_unlink (pack);
  assert_refused (b, pack, 0);
  test_assert_sound (b);

  /* values that make no sense are brought to some that do, and the board stays sound */
  for (gsize i = 0; i < G_N_ELEMENTS (tamed); i++) {
    g_autoptr (GArray) made = NULL;

    g_assert_true (g_file_set_contents (pack, whole, size, &error));
    change (pack, tamed[i]);
    made = inq_document_unpack_panels (b, pack, 0, &error);
    g_assert_no_error (error);
    g_assert_nonnull (made);
    test_assert_sound (b);
    g_assert_true (inq_document_undo (b, NULL, &error));
  }
  for (gsize at = 100; at < size; at += 2999) {
    g_autoptr (GError) local = NULL;
    g_autoptr (GArray) made = NULL;
    g_autofree char *bent = g_memdup2 (whole, size);

    for (gsize k = at; k < MIN (at + 64, size); k++)
      bent[k] ^= (char) (k * 37);
    g_assert_true (g_file_set_contents (pack, bent, size, &error));
    made = inq_document_unpack_panels (b, pack, 0, &local);
    g_assert_true ((made != NULL) == (local == NULL));
    g_assert_cmpuint (b->depth, ==, 0);
  }
  test_assert_sound (b);
  test_close (a);
  test_close (b);
  test_path_free (path);
  test_path_free (other);
  g_assert_true (g_file_set_contents (pack, "", 0, NULL));
  test_path_free (pack);
}

/* ---- on an open board ---- */

static void
test_board (BoardFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  BoardWait wait = { NULL };
  gint64 ids[3] = { board_id_at (f, 1), board_id_at (f, 2), board_id_at (f, 3) };
  char *pack = test_path_new ("pack");
  g_autoptr (GAsyncResult) packed = NULL;
  g_autoptr (GAsyncResult) pasted = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GArray) made = NULL;
  guint n = inq_board_get_n_panels (f->board);

  /* What was asked for before is in it; three typed durations of one stay are one step. */
  for (gint frames = 10; frames < 13; frames++)
    inq_board_set_durations (f->board, ids, 3, frames, 5);
  inq_board_set_texts (f->board, ids, 3, INQ_FIELD_SIZE, "ECU", 0);
  inq_board_pack_panels (f->board, ids, 3, board_wait_cb, &wait);
  packed = board_wait_for (&wait);
  bytes = inq_board_pack_panels_finish (f->board, packed, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (pack, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL));
  inq_board_delete_panels (f->board, ids, 3, NULL, NULL);
  inq_board_unpack_panels (f->board, pack, board_id_at (f, n - 1), board_wait_cb, &wait);
  pasted = board_wait_for (&wait);
  made = inq_board_panels_finish (f->board, pasted, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (made->len, ==, 3);
  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, n);
  for (guint i = 0; i < 3; i++) {
    InqPanel *panel = inq_board_find_panel (f->board, g_array_index (made, gint64, i));

    g_assert_cmpuint (inq_panel_get_index (panel), ==, n - 3 + i);
    g_assert_cmpint (inq_panel_get_duration (panel), ==, 12);
    g_assert_cmpstr (inq_panel_get_text (panel, INQ_FIELD_SIZE), ==, "ECU");
  }
  board_assert_true_to_file (f);
  /* paste, delete, sizes, durations */
  for (guint i = 0; i < 4; i++)
    inq_board_undo (f->board, NULL, NULL);
  board_drain (f);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (inq_panel_get_duration (inq_board_find_panel (f->board, ids[i])), !=, 12);
  g_assert_cmpuint (inq_board_get_n_panels (f->board), ==, n);
  test_path_free (pack);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/copy/duplicate", test_duplicate);
  g_test_add_func ("/copy/carry", test_carry);
  g_test_add_func ("/copy/meet", test_meet);
  g_test_add_func ("/copy/hostile", test_hostile);
  g_test_add ("/copy/board", BoardFixture, NULL, board_set_up, test_board, board_tear_down);
  return g_test_run ();
}

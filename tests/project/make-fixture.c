/* Inquadra - writes the board that tests/data/project keeps of each format, and what an artist sees of it
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Run once when a format is published: make-fixture FOLDER writes vN.inquadra and vN.txt; then gzip -9n the board. */
#include "config.h"

#include "project-test.h"

#include "inq-document-snapshots.h"
#include "inq-schema.h"

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *board_name = g_strdup_printf ("v%d.inquadra", INQ_SCHEMA_VERSION);
  g_autofree char *text_name = g_strdup_printf ("v%d.txt", INQ_SCHEMA_VERSION);
  g_autofree char *board = g_build_filename (argc > 1 ? argv[1] : ".", board_name, NULL);
  g_autofree char *text = g_build_filename (argc > 1 ? argv[1] : ".", text_name, NULL);
  g_autofree char *dump = NULL;
  InqBoardSettings settings = { .title = "Fixture", .frame_width = 2048, .frame_height = 858, .rate = { 24000, 1001 } };
  InqDocument *d = inq_document_new (board, &settings, INQ_OPEN_DEFAULT, &error);
  gint64 first, second, third, variation, member;
  g_autoptr (GBytes) png = test_png (96, 40, 1);
  g_autoptr (GBytes) drawn = test_png (96, 40, 2);
  InqNewVariation made = { .png = png, .seed = G_MAXUINT64, .recipe = "{\"steps\":20}", .model = "abc" };
  InqNewVariation late = { .png = drawn };
  InqMark mark;
  gint64 job;

  g_assert_no_error (error);
  first = inq_document_add_panel (d, 0, INQ_PLACE_AFTER, &error);
  second = inq_document_add_shot (d, first, INQ_PLACE_AFTER, &error);
  third = inq_document_add_scene (d, second, INQ_PLACE_AFTER, "EXT. MOOR – NIGHT", &error);
  member = inq_document_add_cast (d, "Ada", "grey coat, lantern", &error);
  inq_document_set_panel_cast (d, second, &member, 1, &error);
  for (guint i = 0; i < INQ_N_FIELDS; i++) {
    g_autofree char *words = g_strdup_printf ("%s “äß”", inq_panel_field_get_name (i));

    if (i != INQ_FIELD_NUMBER)
      inq_document_set_text (d, second, i, words, 0, &error);
  }
  inq_document_set_duration (d, third, 77, 0, &error);
  variation = inq_document_add_variation (d, second, &made, TRUE, &error);
  inq_document_set_starred (d, variation, TRUE, &error);
  inq_document_set_rating (d, variation, 4, &error);
  {
    g_autoptr (InqStroke) ink = test_stroke (first, NULL);
    g_autoptr (InqStroke) note = test_stroke (third, "closer");

    inq_document_add_stroke (d, ink, &error);
    inq_document_add_stroke (d, note, &error);
  }
  mark = (InqMark){ .panel = third, .author = "Bo", .text = "too dark", .x = 0.25f, .y = 0.75f };
  inq_document_add_mark (d, &mark, &error);
  inq_document_save_snapshot (d, "First cut", &error);
  inq_document_add_variation (d, third, &late, FALSE, &error);
  inq_document_delete_panels (d, &first, 1, &error);
  job = inq_document_enqueue_job (d, third, "{\"prompt\":\"rain\"}", FALSE, &error);
  g_assert_cmpint (job, >, 0);
  inq_document_set_text (d, third, INQ_FIELD_NOTES, "undone", 0, &error);
  inq_document_undo (d, NULL, &error);
  g_assert_no_error (error);
  dump = test_dump (d);
  g_assert_true (g_file_set_contents (text, dump, -1, NULL));
  test_close (d);
  return 0;
}

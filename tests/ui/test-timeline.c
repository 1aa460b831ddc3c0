/* Inquadra - tests: the timeline's widgets are bounded; choosing, moving and describing panels.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-document-panels.h>
#include <inq-timeline-private.h>

#include "ui-test.h"

static gboolean
add_many (InqDocument *document, gpointer data, GError **error)
{
  gint64 panel = 0;
  for (int i = 0; i < GPOINTER_TO_INT (data); i++) {
    /* A scene of forty panels, shots of four. */
    if (i % 40 == 0)
      panel = inq_document_add_scene (document, panel, INQ_PLACE_AFTER, "EXT. SOMEWHERE - DAY", error);
    else if (i % 4 == 0)
      panel = inq_document_add_shot (document, panel, INQ_PLACE_AFTER, error);
    else
      panel = inq_document_add_panel (document, panel, INQ_PLACE_AFTER, error);
    if (panel == 0)
      return FALSE;
  }
  return TRUE;
}

static guint wanted_panels;

static gboolean
has_wanted_panels (InqWindow *window)
{
  return inq_board_get_n_panels (inq_window_get_board (window)) == wanted_panels;
}

static InqWindow *
window_with_many (int n)
{
  InqWindow *window = ui_window_with_board (0);
  inq_board_act (inq_window_get_board (window), "Add panel", add_many, GINT_TO_POINTER (n), NULL, NULL, NULL);
  wanted_panels = n;
  ui_wait (has_wanted_panels, window);
  ui_settle (window);
  return window;
}

static InqTimelineStrip *
get_strip (InqWindow *window)
{
  return INQ_TIMELINE_STRIP (ui_find (GTK_WIDGET (window), "InqTimelineStrip"));
}

static int
count_widgets (GtkWidget *root)
{
  int n = 1;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    n += count_widgets (child);
  return n;
}

static gboolean
is_laid_out (InqTimelineStrip *strip)
{
  return strip->cells->len > 0 && !strip->layout_due && strip->end > strip->first
         && gtk_adjustment_get_upper (strip->adjustment[0]) > strip->x[strip->panels->len];
}

static void
test_bounded (void)
{
  InqWindow *window = window_with_many (2000);
  InqTimelineStrip *strip = get_strip (window);
  ui_wait (is_laid_out, strip);

  int first_count = count_widgets (GTK_WIDGET (strip));
  g_assert_cmpint (first_count, <, 60);
  double upper = gtk_adjustment_get_upper (strip->adjustment[0]);
  double page = gtk_adjustment_get_page_size (strip->adjustment[0]);
  g_assert_cmpfloat (upper, >, 2000 * strip->cell_width);
  for (double at = 0; at < upper; at += upper / 57) {
    gtk_adjustment_set_value (strip->adjustment[0], at);
    ui_next_frame (GTK_WIDGET (strip));
    g_assert_cmpint (strip->end - strip->first, <=, strip->cells->len);
    g_assert_cmpint (strip->cells->len, <=, (int) (page / strip->cell_width) + 3);
    /* Each cell in view shows the panel of its place. */
    for (guint i = strip->first; i < strip->end; i++) {
      GtkWidget *cell = strip->cells->pdata[i % strip->cells->len];
      g_assert_true (inq_timeline_cell_get_panel (INQ_TIMELINE_CELL (cell)) == strip->panels->pdata[i]);
      g_assert_true (gtk_widget_get_child_visible (cell));
    }
  }
  g_assert_cmpint (count_widgets (GTK_WIDGET (strip)), <, 60);
  g_assert_cmpuint (inq_textures_get_bytes (inq_textures_get (inq_window_get_board (window))), <=, INQ_TEXTURES_BUDGET);

  /* A panel far away is brought into view, at the end, at the start and in the middle. */
  guint places[] = { 1999, 0, 1234 };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    inq_window_set_panel (window, inq_board_get_panel (inq_window_get_board (window), places[i]));
    ui_next_frame (GTK_WIDGET (strip));
    double left = inq_timeline_strip_get_left (strip, places[i]);
    g_assert_cmpfloat (left, >=, 0);
    g_assert_cmpfloat (left + strip->cell_width, <=, page);
  }
  ui_shot (GTK_WIDGET (window), "timeline-2000", 1);

  /* All of them selected are still the cells in view, and say so. */
  ui_activate (window, "select-all");
  g_assert_cmpuint (inq_timeline_get_n_selected (strip->timeline), ==, 2000);
  ui_next_frame (GTK_WIDGET (strip));
  g_assert_cmpint (count_widgets (GTK_WIDGET (strip)), <, 60);
  g_assert_true (inq_timeline_cell_get_selected (strip->cells->pdata[strip->first % strip->cells->len]));
  ui_activate (window, "escape");
  g_assert_cmpuint (inq_timeline_get_n_selected (strip->timeline), ==, 1);
  g_assert_false (inq_timeline_cell_get_selected (strip->cells->pdata[strip->first % strip->cells->len]));
  ui_window_close (window);
}

static void
assert_selected (InqTimeline *timeline, InqBoard *board, const char *expected)
{
  g_autoptr (GArray) ids = inq_timeline_get_selected (timeline);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (text, "%u ",
                            inq_panel_get_index (inq_board_find_panel (board, g_array_index (ids, gint64, i))));
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_choose (void)
{
  InqWindow *window = window_with_many (8);
  InqTimelineStrip *strip = get_strip (window);
  InqBoard *board = inq_window_get_board (window);

  inq_timeline_strip_choose (strip, 2, FALSE, FALSE);
  g_assert_true (inq_window_get_panel (window) == inq_board_get_panel (board, 2));
  assert_selected (strip->timeline, board, "2 ");
  inq_timeline_strip_choose (strip, 5, TRUE, FALSE);
  assert_selected (strip->timeline, board, "2 3 4 5 ");
  inq_timeline_strip_choose (strip, 0, TRUE, FALSE);
  assert_selected (strip->timeline, board, "0 1 2 ");
  inq_timeline_strip_choose (strip, 6, FALSE, TRUE);
  assert_selected (strip->timeline, board, "0 1 2 6 ");
  inq_timeline_strip_choose (strip, 1, FALSE, TRUE);
  assert_selected (strip->timeline, board, "0 2 6 ");
  inq_timeline_strip_choose (strip, 7, FALSE, FALSE);
  assert_selected (strip->timeline, board, "7 ");
  /* What is chosen together is deleted together, and comes back by one undo. */
  inq_timeline_strip_choose (strip, 5, TRUE, FALSE);
  assert_selected (strip->timeline, board, "5 6 7 ");
  ui_activate (window, "delete");
  wanted_panels = 5;
  ui_wait (has_wanted_panels, window);
  ui_activate (window, "undo");
  wanted_panels = 8;
  ui_wait (has_wanted_panels, window);
  ui_settle (window);
  inq_timeline_strip_choose (strip, 7, FALSE, FALSE);
  /* Going on with the window's own keys leaves the group. */
  inq_timeline_strip_choose (strip, 4, TRUE, FALSE);
  ui_activate (window, "first-panel");
  assert_selected (strip->timeline, board, "0 ");
  ui_window_close (window);
}

static char *
order (InqBoard *board, gint64 *ids, int n)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < inq_board_get_n_panels (board); i++)
    for (int k = 0; k < n; k++)
      if (ids[k] == inq_panel_get_id (inq_board_get_panel (board, i)))
        g_string_append_c (text, 'a' + k);
  return g_string_free (text, FALSE);
}

static void
drop_as (InqWindow *window, InqTimelineStrip *strip, gint64 id, double x, gboolean copy)
{
  InqPanel *panel = inq_board_find_panel (inq_window_get_board (window), id);
  inq_timeline_strip_aim (strip, x, panel, copy);
  inq_timeline_strip_drop (strip, panel);
  ui_settle (window);
}

static void
drop_at (InqWindow *window, InqTimelineStrip *strip, gint64 id, double x)
{
  drop_as (window, strip, id, x, FALSE);
}

/* With Ctrl a copy falls, the dragged one stays; one undo step, and the copies are what is selected. */
static void
test_copy (void)
{
  InqWindow *window = window_with_many (8);
  InqBoard *board = inq_window_get_board (window);
  InqTimelineStrip *strip = get_strip (window);
  gint64 ids[8];

  ui_wait (is_laid_out, strip);
  for (guint i = 0; i < 8; i++)
    ids[i] = inq_panel_get_id (inq_board_get_panel (board, i));
  inq_board_set_text (board, ids[0], INQ_FIELD_PROMPT, "the one that is copied", 0);
  inq_timeline_strip_choose (strip, 0, FALSE, FALSE);
  drop_as (window, strip, ids[0], inq_timeline_strip_get_left (strip, 2) + strip->cell_width * 0.8, TRUE);
  g_assert_cmpuint (inq_board_get_n_panels (board), ==, 9);
  g_assert_cmpint (inq_panel_get_id (inq_board_get_panel (board, 0)), ==, ids[0]);
  g_assert_cmpstr (inq_panel_get_text (inq_board_get_panel (board, 3), INQ_FIELD_PROMPT), ==, "the one that is copied");
  g_assert_true (inq_window_get_panel (window) == inq_board_get_panel (board, 3));
  g_assert_cmpstr (inq_board_get_undo_label (board), ==, "Copy panel");
  ui_activate (window, "undo-board");
  ui_settle (window);
  g_autofree char *text = order (board, ids, 8);
  g_assert_cmpstr (text, ==, "abcdefgh");
  g_assert_cmpuint (inq_board_get_n_panels (board), ==, 8);

  /* Right beside itself is a place, too; several come together. */
  inq_timeline_strip_choose (strip, 0, FALSE, FALSE);
  inq_timeline_strip_choose (strip, 1, TRUE, FALSE);
  ui_next_frame (GTK_WIDGET (strip));
  drop_as (window, strip, ids[0], inq_timeline_strip_get_left (strip, 1) + strip->cell_width * 0.8, TRUE);
  g_assert_cmpuint (inq_board_get_n_panels (board), ==, 10);
  g_assert_cmpstr (inq_panel_get_text (inq_board_get_panel (board, 2), INQ_FIELD_PROMPT), ==, "the one that is copied");
  assert_selected (strip->timeline, board, "2 3 ");
  ui_window_close (window);
}

static void
test_reorder (void)
{
  InqWindow *window = window_with_many (8); /* shots abcd and efgh */
  InqBoard *board = inq_window_get_board (window);
  InqTimelineStrip *strip = get_strip (window);
  gint64 ids[8];
  g_autofree char *text = NULL;

  ui_wait (is_laid_out, strip);
  for (guint i = 0; i < 8; i++)
    ids[i] = inq_panel_get_id (inq_board_get_panel (board, i));
  inq_timeline_strip_choose (strip, 0, FALSE, FALSE);

  /* a onto the right half of c: after c */
  drop_at (window, strip, ids[0], inq_timeline_strip_get_left (strip, 2) + strip->cell_width * 0.8);
  text = order (board, ids, 8);
  g_assert_cmpstr (text, ==, "bcadefgh");
  ui_activate (window, "undo");
  ui_settle (window);
  g_free (text);
  text = order (board, ids, 8);
  g_assert_cmpstr (text, ==, "abcdefgh");

  /* b where the first shot ends: it stays in that shot; h where the second begins: there too */
  drop_at (window, strip, ids[1], inq_timeline_strip_get_left (strip, 3) + strip->cell_width * 0.9);
  g_free (text);
  text = order (board, ids, 8);
  g_assert_cmpstr (text, ==, "acdbefgh");
  g_assert_cmpint (inq_panel_get_row (inq_board_find_panel (board, ids[1]))->shot, ==,
                   inq_panel_get_row (inq_board_find_panel (board, ids[0]))->shot);
  ui_next_frame (GTK_WIDGET (strip));
  drop_at (window, strip, ids[7], inq_timeline_strip_get_left (strip, 4) + strip->cell_width * 0.1);
  g_free (text);
  text = order (board, ids, 8);
  g_assert_cmpstr (text, ==, "acdbhefg");
  g_assert_cmpint (inq_panel_get_row (inq_board_find_panel (board, ids[7]))->shot, ==,
                   inq_panel_get_row (inq_board_find_panel (board, ids[4]))->shot);

  /* Several at once keep their order; dropped among themselves nothing breaks. */
  inq_timeline_strip_choose (strip, 0, FALSE, FALSE);
  inq_timeline_strip_choose (strip, 2, FALSE, TRUE);
  ui_next_frame (GTK_WIDGET (strip));
  drop_at (window, strip, ids[0], inq_timeline_strip_get_left (strip, 7) + strip->cell_width * 0.9);
  g_free (text);
  text = order (board, ids, 8);
  g_assert_cmpstr (text, ==, "cbhefgad");
  ui_next_frame (GTK_WIDGET (strip));
  drop_at (window, strip, ids[0], inq_timeline_strip_get_left (strip, 6) + strip->cell_width * 0.5);
  g_free (text);
  text = order (board, ids, 8);
  g_assert_cmpstr (text, ==, "cbhefgad");
  ui_window_close (window);
}

static void
test_time (void)
{
  InqWindow *window = window_with_many (6);
  InqBoard *board = inq_window_get_board (window);
  InqTimelineStrip *strip = get_strip (window);
  ui_wait (is_laid_out, strip);

  /* Every panel is two seconds of 24 frames; its cell is its time. */
  for (int i = 0; i < 6; i++) {
    double left = inq_timeline_strip_get_left (strip, i);
    g_assert_cmpint (inq_timeline_strip_frame_at (strip, left), ==, 48 * i);
    g_assert_cmpint (inq_timeline_strip_frame_at (strip, left + strip->cell_width * 0.5), ==, 48 * i + 24);
    g_assert_cmpint (inq_timeline_strip_frame_at (strip, left + strip->cell_width - 0.01), ==, 48 * i + 47);
  }
  g_assert_cmpint (inq_timeline_strip_frame_at (strip, 1e5), ==, 48 * 6 - 1);
  g_assert_cmpint (inq_timeline_strip_frame_at (strip, -100), ==, 0);

  inq_timeline_set_playhead (strip->timeline, 60);
  g_assert_cmpint (strip->playhead, ==, 60);
  ui_next_frame (GTK_WIDGET (strip));
  ui_shot (GTK_WIDGET (window), "timeline-playhead", 1);
  inq_timeline_set_playhead (strip->timeline, -1);

  g_autofree char *words = inq_timeline_cell_describe (board, inq_board_get_panel (board, 0));
  g_assert_cmpstr (words, ==, "Panel 1A, 2 seconds, no picture yet");
  inq_window_set_panel (window, inq_board_get_panel (board, 0));
  ui_add_picture (window, 100, FALSE);
  ui_add_picture (window, 140, TRUE);
  inq_board_set_duration (board, inq_panel_get_id (inq_board_get_panel (board, 0)), 60, 0);
  ui_settle (window);
  g_free (words);
  words = inq_timeline_cell_describe (board, inq_board_get_panel (board, 0));
  g_assert_cmpstr (words, ==, "Panel 1A, 2.5 seconds, 2 variations, one picked");
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/timeline/bounded", test_bounded);
  g_test_add_func ("/timeline/choose", test_choose);
  g_test_add_func ("/timeline/reorder", test_reorder);
  g_test_add_func ("/timeline/copy", test_copy);
  g_test_add_func ("/timeline/time", test_time);
  return ui_test_run ();
}

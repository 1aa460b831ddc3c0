/* Inquadra - tests: every page fits a 1366x768 screen; pictures of them for people to look at ($INQ_SHOTS).
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-preferences.h>
#include <inq-shortcuts.h>

#include "ui-test.h"

static void
settle_frames (GtkWidget *widget)
{
  for (int i = 0; i < 200; i++)
    g_main_context_iteration (NULL, FALSE);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  g_assert_nonnull (clock);
  gint64 frame = gdk_frame_clock_get_frame_counter (clock);
  gtk_widget_queue_draw (widget);
  while (gdk_frame_clock_get_frame_counter (clock) < frame + 2) {
    gtk_widget_queue_draw (widget);
    g_main_context_iteration (NULL, TRUE);
  }
}

static void
assert_fits (GtkWidget *window, int width, int height)
{
  int minimum_width, minimum_height;
  gtk_widget_measure (window, GTK_ORIENTATION_HORIZONTAL, -1, &minimum_width, NULL, NULL, NULL);
  gtk_widget_measure (window, GTK_ORIENTATION_VERTICAL, width, &minimum_height, NULL, NULL, NULL);
  g_assert_cmpint (minimum_width, <=, width);
  g_assert_cmpint (minimum_height, <=, height);
}

static void
shoot (GtkWidget *window, const char *name)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  g_autofree char *light = g_strconcat (name, "-light", NULL);
  g_autofree char *dark = g_strconcat (name, "-dark", NULL);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_LIGHT);
  settle_frames (window);
  ui_shot (window, light, 1);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  settle_frames (window);
  ui_shot (window, dark, 1);
}

static gboolean
has_board (gpointer data)
{
  return inq_window_get_board (data) != NULL;
}

static gboolean
is_free (gpointer data)
{
  return inq_window_is_free (data);
}

static void
test_start (void)
{
  InqWindow *window = inq_window_new (GTK_APPLICATION (ui_application ()));
  gtk_window_set_default_size (GTK_WINDOW (window), 1366, 768);
  gtk_window_present (GTK_WINDOW (window));
  settle_frames (GTK_WIDGET (window));
  assert_fits (GTK_WIDGET (window), 1366, 768);
  shoot (GTK_WIDGET (window), "start");
  ui_window_close (window);
}

static void
test_editor (void)
{
  InqWindow *window = inq_window_new (GTK_APPLICATION (ui_application ()));
  gtk_window_set_default_size (GTK_WINDOW (window), 1366, 768);
  gtk_window_present (GTK_WINDOW (window));
  inq_window_open_sample (window);
  ui_wait (has_board, window);
  settle_frames (GTK_WIDGET (window));
  assert_fits (GTK_WIDGET (window), 1366, 768);
  shoot (GTK_WIDGET (window), "editor-empty-panel");
  for (int i = 0; i < 4; i++)
    ui_add_picture (window, 120 + 30 * i, i == 1);
  ui_activate (window, "escape");
  settle_frames (GTK_WIDGET (window));
  shoot (GTK_WIDGET (window), "editor-stage");
  ui_activate (window, "toggle-view");
  settle_frames (GTK_WIDGET (window));
  shoot (GTK_WIDGET (window), "editor-variations");
  ui_activate (window, "next-panel");
  settle_frames (GTK_WIDGET (window));
  shoot (GTK_WIDGET (window), "editor-no-variations");
  /* Back to the start page, where the board is now with its picture. */
  ui_activate (window, "boards");
  ui_wait (is_free, window);
  settle_frames (GTK_WIDGET (window));
  shoot (GTK_WIDGET (window), "start-boards");
  ui_window_close (window);
}

/* A 3840x2160 screen at scale 2 gives 1920x1080 to draw on, each pixel twice. */
static void
test_large (void)
{
  InqWindow *window = inq_window_new (GTK_APPLICATION (ui_application ()));
  gtk_window_set_default_size (GTK_WINDOW (window), 1920, 1080);
  gtk_window_present (GTK_WINDOW (window));
  inq_window_open_sample (window);
  ui_wait (has_board, window);
  ui_activate (window, "escape");
  settle_frames (GTK_WIDGET (window));
  ui_shot (GTK_WIDGET (window), "editor-3840", 2);
  ui_window_close (window);
}

static void
test_empty (void)
{
  InqWindow *window = ui_window_with_board (0);
  settle_frames (GTK_WIDGET (window));
  shoot (GTK_WIDGET (window), "editor-no-panels");
  ui_window_close (window);
}

static void
test_dialogs (void)
{
  InqWindow *window = ui_window_with_board (1);
  GtkWidget *preferences = inq_preferences_present (GTK_WINDOW (window));
  settle_frames (preferences);
  shoot (preferences, "preferences");
  gtk_window_destroy (GTK_WINDOW (preferences));
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/shots/start", test_start);
  g_test_add_func ("/shots/editor", test_editor);
  g_test_add_func ("/shots/large", test_large);
  g_test_add_func ("/shots/empty", test_empty);
  g_test_add_func ("/shots/dialogs", test_dialogs);
  return ui_test_run ();
}

/* Inquadra - tests: where a scene plays, from the side pane to the prompt.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-jobs.h>
#include <inq-location.h>
#include <inq-text.h>

#include "ui-test.h"

static InqLocation *
location (InqWindow *window)
{
  return INQ_LOCATION (ui_find (GTK_WIDGET (window), "InqLocation"));
}

static GtkWidget *
popover (InqWindow *window)
{
  return GTK_WIDGET (inq_location_get_popover (location (window)));
}

static const char *
name_here (InqWindow *window)
{
  return inq_panel_get_row (inq_window_get_panel (window))->location_name;
}

static void
click (InqWindow *window, const char *label)
{
  for (int i = 0;; i++) {
    GtkWidget *button = ui_find_nth (popover (window), "GtkButton", i);
    if (button == NULL)
      g_error ("no button “%s”", label);
    if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (button)), label) == 0) {
      g_signal_emit_by_name (button, "clicked");
      return;
    }
  }
}

static void
fill (InqWindow *window, int n, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (ui_find_nth (popover (window), "GtkEntry", n)), text);
}

static void
choose (InqWindow *window, int row)
{
  GtkWidget *list = ui_find (popover (window), "GtkListBox");
  g_signal_emit_by_name (list, "row-activated", gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), row));
}

static gboolean
at_mill (gpointer data)
{
  return g_str_equal (name_here (data), "Old mill");
}

static gboolean
at_bridge (gpointer data)
{
  return g_str_equal (name_here (data), "Bridge");
}

static gboolean
nowhere (gpointer data)
{
  return *name_here (data) == '\0';
}

static gboolean
two_rows (gpointer data)
{
  return inq_location_get_n_rows (location (data)) == 2;
}

static void
test_location (void)
{
  InqWindow *window = ui_window_with_board (1);
  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  ui_add_picture (window, 120, TRUE);
  ui_activate (window, "new-panel"); /* of the same scene */
  ui_settle (window);
  ui_activate (window, "escape");

  gtk_popover_popup (GTK_POPOVER (popover (window)));
  click (window, "_New Location…");
  click (window, "_Save"); /* without a name nothing happens */
  ui_settle (window);
  g_assert_true (nowhere (window));
  fill (window, 0, " Old mill ");
  fill (window, 1, "a ruined water mill");
  fill (window, 2, "call the owner");
  click (window, "_Save");
  ui_wait (at_mill, window);
  ui_activate (window, "first-panel");
  g_assert_true (at_mill (window));

  /* The prompt says it, once. */
  GtkWidget *inspector = ui_find (GTK_WIDGET (window), "InqInspector");
  InqText *prompt = INQ_TEXT (ui_find (inspector, "InqText"));
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (inq_text_get_view (prompt)), "two people talk", -1);
  ui_activate (window, "generate");
  InqJob *job = inq_jobs_find_for_panel (inq_window_get_jobs (window),
                                         inq_panel_get_id (inq_window_get_panel (window)));
  g_assert_cmpstr (inq_job_get_prompt (job), ==, "two people talk, a ruined water mill");
  ui_activate (window, "cancel-panel");
  ui_settle (window);

  /* A second one, with the panel's picture; then the first again, then none. */
  g_assert_false (gtk_widget_get_visible (popover (window)));
  gtk_popover_popup (GTK_POPOVER (popover (window)));
  click (window, "_New Location…");
  fill (window, 0, "Bridge");
  click (window, "Take the Panel’s _Picture");
  click (window, "_Save");
  ui_wait (at_bridge, window);
  gtk_popover_popup (GTK_POPOVER (popover (window)));
  ui_wait (two_rows, window);
  ui_settle (window);
  g_assert_cmpstr (gtk_stack_get_visible_child_name (GTK_STACK (ui_find (popover (window), "GtkStack"))), ==, "list");
  ui_shot (GTK_WIDGET (popover (window)), "location-list", 1);
  choose (window, 2);
  ui_wait (at_mill, window);
  ui_activate (window, "undo-board");
  ui_wait (at_bridge, window);
  gtk_popover_popup (GTK_POPOVER (popover (window)));
  ui_wait (two_rows, window);
  choose (window, 0);
  ui_wait (nowhere, window);
  ui_activate (window, "undo-board");
  ui_wait (at_bridge, window);

  /* Deleted, and back. */
  gtk_popover_popup (GTK_POPOVER (popover (window)));
  ui_wait (two_rows, window);
  for (int i = 0;; i++) {
    GtkWidget *button = ui_find_nth (popover (window), "GtkButton", i);
    g_assert_nonnull (button);
    if (g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (button)), "document-edit-symbolic") == 0) {
      g_signal_emit_by_name (button, "clicked");
      break;
    }
  }
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (ui_find_nth (popover (window), "GtkEntry", 0))), ==, "Bridge");
  ui_settle (window);
  ui_shot (GTK_WIDGET (popover (window)), "location-form", 1);
  click (window, "_Delete");
  ui_wait (nowhere, window);
  ui_activate (window, "undo-board");
  ui_wait (at_bridge, window);
  ui_shot (GTK_WIDGET (window), "location", 1);
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/location/window", test_location);
  return ui_test_run ();
}

/* Inquadra - tests: from the side pane to the queue and back.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-chips.h>
#include <inq-jobs.h>
#include <inq-text.h>

#include "ui-test.h"

static guint
n_jobs (InqWindow *window)
{
  return g_list_model_get_n_items (G_LIST_MODEL (inq_window_get_jobs (window)));
}

static InqJob *
job_of_panel (InqWindow *window)
{
  return inq_jobs_find_for_panel (inq_window_get_jobs (window), inq_panel_get_id (inq_window_get_panel (window)));
}

static void
write_prompt (InqWindow *window, const char *words)
{
  InqText *prompt = INQ_TEXT (ui_find (ui_find (GTK_WIDGET (window), "InqInspector"), "InqText"));
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (inq_text_get_view (prompt)), words, -1);
}

static gboolean
panel_has_size (gpointer data)
{
  return *inq_panel_get_text (inq_window_get_panel (data), INQ_FIELD_SIZE) != '\0';
}

static gboolean
no_job (gpointer data)
{
  return job_of_panel (data) == NULL;
}

/* What is in the fields at Ctrl+Enter is what is drawn, written to the file or not. */
static void
test_enqueue (void)
{
  InqWindow *window = ui_window_with_board (1);
  GtkWidget *inspector = ui_find (GTK_WIDGET (window), "InqInspector");
  GtkWidget *sizes = ui_find (inspector, "InqChips");
  GtkWidget *mcu = NULL;
  for (int i = 0; mcu == NULL; i++) {
    GtkWidget *chip = ui_find_nth (sizes, "GtkToggleButton", i);
    g_assert_nonnull (chip);
    if (g_str_equal (gtk_button_get_label (GTK_BUTTON (chip)), "MCU"))
      mcu = chip;
  }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (mcu), TRUE);
  ui_wait (panel_has_size, window);
  g_object_set (inspector, "count", 3, NULL);
  write_prompt (window, "a woman at the bar");
  ui_activate (window, "generate");

  InqJob *job = job_of_panel (window);
  g_assert_nonnull (job);
  g_assert_cmpuint (n_jobs (window), ==, 1);
  g_assert_cmpint (inq_job_get_count (job), ==, 3);
  g_assert_cmpstr (inq_job_get_prompt (job), ==, "medium close-up, a woman at the bar");
  /* The next keys are about variations. */
  g_assert_cmpstr (inq_window_get_view (window), ==, "variations");
  g_assert_false (GTK_IS_TEXT_VIEW (gtk_window_get_focus (GTK_WINDOW (window))));

  ui_activate (window, "cancel-panel");
  ui_wait (no_job, window);
  ui_settle (window);
  g_assert_cmpstr (inq_panel_get_text (inq_window_get_panel (window), INQ_FIELD_PROMPT), ==, "a woman at the bar");
  ui_window_close (window);
}

/* Another panel can be worked on while one is drawn. */
static void
test_meanwhile (void)
{
  InqWindow *window = ui_window_with_board (2);
  ui_activate (window, "first-panel");
  write_prompt (window, "a forest");
  ui_activate (window, "generate");
  ui_activate (window, "next-panel");
  g_assert_null (job_of_panel (window));
  write_prompt (window, "a road");
  ui_activate (window, "generate");
  g_assert_nonnull (job_of_panel (window));
  g_assert_cmpstr (inq_job_get_prompt (job_of_panel (window)), ==, "a road");
  ui_activate (window, "cancel-panel");
  ui_wait (no_job, window);
  ui_activate (window, "first-panel");
  ui_activate (window, "cancel-panel");
  ui_wait (no_job, window);
  ui_window_close (window);
}

static gboolean
has_failed (gpointer data)
{
  return inq_panel_get_row (inq_window_get_panel (data))->jobs_failed > 0;
}

/* The notice over the page, or NULL while it is folded. */
static const char *
notice (InqWindow *window)
{
  for (int i = 0;; i++) {
    GtkWidget *revealer = ui_find_nth (GTK_WIDGET (window), "GtkRevealer", i);
    if (revealer == NULL)
      return NULL;
    GtkWidget *child = gtk_revealer_get_child (GTK_REVEALER (revealer));
    if (child != NULL && gtk_widget_has_css_class (child, "notice"))
      return gtk_revealer_get_reveal_child (GTK_REVEALER (revealer))
                 ? gtk_label_get_label (GTK_LABEL (ui_find (child, "GtkLabel")))
                 : NULL;
  }
}

/* No such device: a sentence that says so, and everything else works. */
static void
test_no_device (void)
{
  InqWindow *window = ui_window_with_board (1);
  inq_jobs_set_device (inq_window_get_jobs (window), "a device nobody has");
  write_prompt (window, "a lighthouse");
  ui_activate (window, "generate");
  ui_wait (has_failed, window);
  ui_settle (window);
  g_assert_nonnull (notice (window));
  ui_activate (window, "hide-notice");
  g_assert_null (notice (window));
  ui_activate (window, "new-panel");
  ui_settle (window);
  g_assert_cmpuint (inq_board_get_n_panels (inq_window_get_board (window)), ==, 2);
  ui_window_close (window);
}

int
main (int argc, char **argv)
{
  ui_test_init (&argc, &argv);
  g_test_add_func ("/generate/enqueue", test_enqueue);
  g_test_add_func ("/generate/meanwhile", test_meanwhile);
  g_test_add_func ("/generate/no-device", test_no_device);
  return ui_test_run ();
}

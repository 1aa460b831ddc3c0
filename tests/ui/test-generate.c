/* Inquadra - tests: from the side pane to the queue and back.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include <inq-board-acts.h>
#include <inq-chips.h>
#include <inq-jobs.h>
#include <inq-text.h>
#include <inq-variation-cell.h>
#include <inq-variations.h>

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
  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  GtkWidget *inspector = ui_find (GTK_WIDGET (window), "InqInspector");
  GtkWidget *sizes = ui_find (inspector, "InqChips");
  GtkWidget *mcu = NULL;
  for (int i = 0; mcu == NULL; i++) {
    GtkWidget *chip = ui_find_nth (sizes, "GtkToggleButton", i);
    g_assert_nonnull (chip);
    if (g_strcmp0 (g_object_get_data (G_OBJECT (chip), "inq-id"), "MCU") == 0)
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
  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
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
  g_assert_nonnull (job_of_panel (window));
  ui_activate (window, "cancel-panel");
  ui_wait (no_job, window);
  ui_window_close (window);
}

/* One key takes back all that was asked for of a panel. */
static void
test_cancel_all (void)
{
  InqWindow *window = ui_window_with_board (1);
  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  write_prompt (window, "a pier");
  ui_activate (window, "generate");
  ui_settle (window);
  ui_activate (window, "again");
  g_assert_cmpuint (n_jobs (window), ==, 2);
  ui_activate (window, "cancel-panel");
  ui_wait (no_job, window);
  ui_window_close (window);
}

/* ---- leaving ---- */

typedef struct {
  GMutex mutex;
  GCond cond;
  gboolean release;
} Gate;

static gboolean
gate_act (InqDocument *document, gpointer data, GError **error)
{
  Gate *gate = data;
  g_mutex_lock (&gate->mutex);
  while (!gate->release)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
  return TRUE;
}

static void
let_go (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->release = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->mutex);
}

/* The cross of a cell is about its own job, also while nothing of any job is in the file yet. */
static void
test_cancel_unwritten (void)
{
  InqWindow *window = ui_window_with_board (2);
  Gate gate = { 0 };
  GtkWidget *cell = NULL;

  ui_hold (window, INQ_JOBS_HOLD_CLAIM);
  inq_board_act (inq_window_get_board (window), NULL, gate_act, &gate, NULL, NULL, NULL);
  ui_activate (window, "first-panel");
  write_prompt (window, "a forest");
  ui_activate (window, "generate");
  ui_activate (window, "next-panel");
  write_prompt (window, "a road");
  ui_activate (window, "generate");
  InqJob *job = job_of_panel (window);
  g_assert_cmpint (inq_job_get_id (job), ==, 0);
  for (int i = 0; cell == NULL || inq_variation_cell_get_job (INQ_VARIATION_CELL (cell)) != job; i++) {
    cell = ui_find_nth (GTK_WIDGET (window), "InqVariationCell", i);
    g_assert_nonnull (cell);
  }
  g_signal_emit_by_name (cell, "command", INQ_VARIATION_CANCEL);
  let_go (&gate);
  ui_wait (no_job, window);
  ui_settle (window);
  ui_activate (window, "first-panel");
  g_assert_nonnull (job_of_panel (window));
  g_assert_cmpstr (inq_job_get_prompt (job_of_panel (window)), ==, "a forest");
  ui_activate (window, "cancel-panel");
  ui_wait (no_job, window);
  ui_window_close (window);
}

static gboolean
count_cb (gpointer data)
{
  ++*(guint *) data;
  return G_SOURCE_CONTINUE;
}

static gboolean
has_no_board (InqWindow *window)
{
  return inq_window_get_board (window) == NULL;
}

static gboolean
job_is_running (gpointer data)
{
  InqJob *job = job_of_panel (data);
  return job != NULL && inq_job_get_state (job) == INQ_JOB_RUNNING;
}

/* Back to the start page in the middle of drawing: the engine's thread cannot let go before the board's writer answers,
 * and that is held here; the window lives on all the same. */
static void
test_leave (void)
{
  g_autoptr (GPtrArray) devices = inq_gpu_list (NULL);
  if (devices == NULL || devices->len == 0) {
    g_test_skip ("no Vulkan device");
    return;
  }
  InqWindow *window = ui_window_with_board (1);
  g_autofree char *path = g_strdup (inq_board_get_path (inq_window_get_board (window)));
  Gate gate = { 0 };
  guint rounds = 0;

  ui_hold (window, INQ_JOBS_HOLD_STORE);
  g_object_set (ui_find (GTK_WIDGET (window), "InqInspector"), "count", 4, NULL);
  write_prompt (window, "a lighthouse");
  ui_activate (window, "generate");
  ui_wait (job_is_running, window);
  inq_board_act (inq_window_get_board (window), NULL, gate_act, &gate, NULL, NULL, NULL);

  ui_activate (window, "boards");
  guint counter = g_idle_add (count_cb, &rounds);
  while (rounds < 1000)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (counter);
  g_assert_nonnull (inq_window_get_board (window));
  /* And nothing more can be done to the board. */
  g_assert_false (ui_enabled (window, "new-panel"));
  g_assert_false (ui_enabled (window, "generate"));
  g_assert_false (ui_enabled (window, "boards"));

  let_go (&gate);
  ui_wait (has_no_board, window);

  g_autoptr (GError) error = NULL;
  InqDocument *document = inq_document_open (path, INQ_OPEN_READ_ONLY, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) jobs = inq_document_list_jobs (document, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (jobs->len, ==, 1);
  g_assert_cmpint (((InqJobRow *) jobs->pdata[0])->state, ==, INQ_JOB_QUEUED);
  inq_document_free (document);
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

static gboolean
has_notice (gpointer data)
{
  return notice (data) != NULL;
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
  ui_wait (has_notice, window);
  ui_settle (window);
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
  g_test_add_func ("/generate/cancel-all", test_cancel_all);
  g_test_add_func ("/generate/cancel-unwritten", test_cancel_unwritten);
  g_test_add_func ("/generate/no-device", test_no_device);
  g_test_add_func ("/generate/leave", test_leave);
  return ui_test_run ();
}

/* Inquadra - the header's queue button: how much is waiting, and a popover with the jobs.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-queue-button.h"

#include <glib/gi18n.h>
#include <string.h>

#include "inq-format.h"

struct _InqQueueButton {
  AdwBin parent_instance;

  GtkMenuButton *button;
  GtkLabel *count;
  GtkLabel *more; /* of those that have no row */
  GtkListBox *list;
  GtkWidget *cancel_all;

  InqJobs *jobs;
  InqBoard *board;
};

/* Jobs shown one by one: a board of two thousand panels may be asked for at once. */
#define MOST_ROWS 40
/* Letters of a prompt laid out in a row, which shows some forty. */
#define MOST_LETTERS 200

G_DEFINE_FINAL_TYPE (InqQueueButton, inq_queue_button, ADW_TYPE_BIN)

/* ---- a row ---- */

typedef struct {
  GtkLabel *title;
  GtkLabel *state;
  GtkWidget *bar;
  GtkWidget *cancel;
  GtkWidget *retry;
} Row;

static void
job_changed (GtkWidget *widget, InqJob *job)
{
  Row *row = g_object_get_data (G_OBJECT (widget), "inq-row");
  InqJobState state = inq_job_get_state (job);
  gboolean active = state == INQ_JOB_QUEUED || state == INQ_JOB_RUNNING;
  g_autofree char *text = inq_format_job (job);

  gtk_label_set_label (row->state, text);
  gtk_widget_set_visible (row->bar, state == INQ_JOB_RUNNING);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (row->bar), CLAMP (inq_job_get_progress (job), 0, 1));
  gtk_widget_set_visible (row->cancel, active);
  /* What could not be written cannot be written over. */
  gtk_widget_set_visible (row->retry, state == INQ_JOB_FAILED && inq_job_get_id (job) != 0);
}

static void
job_notify_cb (InqJob *job, GParamSpec *pspec, GtkWidget *widget)
{
  job_changed (widget, job);
}

static void
cancel_cb (GtkButton *button, InqQueueButton *self)
{
  if (self->jobs != NULL)
    inq_jobs_cancel (self->jobs, g_object_get_data (G_OBJECT (button), "inq-job"));
}

static void
retry_cb (GtkButton *button, InqQueueButton *self)
{
  if (self->jobs != NULL)
    inq_jobs_retry (self->jobs, g_object_get_data (G_OBJECT (button), "inq-job"));
}

static GtkWidget *
row_button (InqQueueButton *self, InqJob *job, const char *icon, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  g_object_set_data_full (G_OBJECT (button), "inq-job", g_object_ref (job), g_object_unref);
  g_signal_connect_object (button, "clicked", callback, self, 0);
  return button;
}

/* The beginning of a prompt, on one line. (transfer full) */
static char *
begin_of (const char *prompt)
{
  /* 4 bytes are the most of a letter: cutting one in two leaves enough whole ones before it. */
  g_autofree char *valid = g_utf8_make_valid (prompt, (gssize) strnlen (prompt, MOST_LETTERS * 4));
  if (g_utf8_strlen (valid, -1) > MOST_LETTERS)
    *g_utf8_offset_to_pointer (valid, MOST_LETTERS) = '\0';
  return g_strdelimit (g_steal_pointer (&valid), "\n\r\t", ' ');
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  InqQueueButton *self = data;
  InqJob *job = item;
  Row *row = g_new0 (Row, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  InqPanel *panel = self->board != NULL ? inq_board_find_panel (self->board, inq_job_get_panel_id (job)) : NULL;
  const char *prompt = inq_job_get_prompt (job);
  g_autofree char *words = begin_of (prompt != NULL && *prompt != '\0' ? prompt : _ ("no words"));
  g_autofree char *title = g_strdup_printf ("%s · %s", panel != NULL ? inq_panel_get_number (panel) : "–", words);

  row->title = GTK_LABEL (gtk_label_new (title));
  row->state = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (row->title, PANGO_ELLIPSIZE_END);
  gtk_label_set_single_line_mode (row->title, TRUE);
  gtk_label_set_xalign (row->title, 0);
  gtk_label_set_wrap (row->state, TRUE);
  gtk_label_set_xalign (row->state, 0);
  gtk_widget_add_css_class (GTK_WIDGET (row->state), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (row->state), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (row->state), "numeric");
  row->bar = gtk_progress_bar_new ();
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->title));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->state));
  gtk_box_append (GTK_BOX (texts), row->bar);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), texts);
  row->retry = row_button (self, job, "view-refresh-symbolic", _ ("Try again"), G_CALLBACK (retry_cb));
  row->cancel = row_button (self, job, "window-close-symbolic", _ ("Cancel"), G_CALLBACK (cancel_cb));
  gtk_box_append (GTK_BOX (box), row->retry);
  gtk_box_append (GTK_BOX (box), row->cancel);
  gtk_widget_add_css_class (box, "queue-row");

  g_object_set_data_full (G_OBJECT (box), "inq-row", row, g_free);
  g_signal_connect_object (job, "notify", G_CALLBACK (job_notify_cb), box, 0);
  job_changed (box, job);
  return box;
}

/* ---- the button ---- */

static void
update (InqQueueButton *self)
{
  guint queued = 0, running = 0;
  if (self->jobs != NULL)
    g_object_get (self->jobs, "n-queued", &queued, "n-running", &running, NULL);
  guint n = queued + running;
  g_autofree char *number = g_strdup_printf ("%u", n);
  g_autofree char *label = n == 0 ? g_strdup (_ ("Queue: nothing is being drawn"))
                                  : g_strdup_printf (g_dngettext (NULL, "Queue: %u job", "Queue: %u jobs", n), n);

  gtk_label_set_label (self->count, number);
  gtk_widget_set_visible (GTK_WIDGET (self->count), n > 0);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_visible (self->cancel_all, n > 1);
  guint all = self->jobs != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->jobs)) : 0;
  guint rest = all > MOST_ROWS ? all - MOST_ROWS : 0;
  g_autofree char *more = g_strdup_printf (g_dngettext (NULL, "and %u more", "and %u more", rest), rest);
  gtk_label_set_label (self->more, more);
  gtk_widget_set_visible (GTK_WIDGET (self->more), rest > 0);
}

static void
cancel_all_cb (InqQueueButton *self)
{
  if (self->jobs != NULL)
    inq_jobs_cancel_all (self->jobs);
}

void
inq_queue_button_set_jobs (InqQueueButton *self, InqJobs *jobs, InqBoard *board)
{
  g_return_if_fail (INQ_IS_QUEUE_BUTTON (self));

  if (self->jobs != NULL)
    g_signal_handlers_disconnect_by_data (self->jobs, self);
  gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_set_object (&self->jobs, jobs);
  g_set_object (&self->board, board);
  if (jobs != NULL) {
    g_autoptr (GtkSliceListModel) first = gtk_slice_list_model_new (g_object_ref (G_LIST_MODEL (jobs)), 0, MOST_ROWS);
    gtk_list_box_bind_model (self->list, G_LIST_MODEL (first), create_row, self, NULL);
    g_signal_connect_swapped (jobs, "notify::n-queued", G_CALLBACK (update), self);
    g_signal_connect_swapped (jobs, "notify::n-running", G_CALLBACK (update), self);
  }
  update (self);
}

static void
inq_queue_button_dispose (GObject *object)
{
  InqQueueButton *self = INQ_QUEUE_BUTTON (object);
  if (self->jobs != NULL)
    g_signal_handlers_disconnect_by_data (self->jobs, self);
  g_clear_object (&self->jobs);
  g_clear_object (&self->board);
  G_OBJECT_CLASS (inq_queue_button_parent_class)->dispose (object);
}

static void
inq_queue_button_class_init (InqQueueButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_queue_button_dispose;
}

static void
inq_queue_button_init (InqQueueButton *self)
{
  GtkWidget *face = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->count = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "queue-count");
  gtk_widget_set_valign (GTK_WIDGET (self->count), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (face), gtk_image_new_from_icon_name ("inq-queue-symbolic"));
  gtk_box_append (GTK_BOX (face), GTK_WIDGET (self->count));

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "queue-list");
  GtkWidget *placeholder = gtk_label_new (_ ("Nothing is being drawn.\nCtrl+Enter draws variations of a panel."));
  gtk_label_set_justify (GTK_LABEL (placeholder), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (placeholder, "dim-label");
  gtk_widget_add_css_class (placeholder, "queue-empty");
  gtk_list_box_set_placeholder (self->list, placeholder);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 360);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  self->more = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->more), "dim-label");
  self->cancel_all = gtk_button_new_with_mnemonic (_ ("_Cancel All"));
  gtk_widget_add_css_class (self->cancel_all, "flat");
  g_signal_connect_swapped (self->cancel_all, "clicked", G_CALLBACK (cancel_all_cb), self);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_size_request (box, 340, -1);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->more));
  gtk_box_append (GTK_BOX (box), self->cancel_all);

  GtkWidget *popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_child (self->button, face);
  gtk_menu_button_set_popover (self->button, popover);
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "flat");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
  update (self);
}

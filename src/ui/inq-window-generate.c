/* Inquadra - the window's generating: from the fields of a panel to the queue, and what is done with variations.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <inq-gpu.h>

#include "inq-settings.h"
#include "inq-task.h"

/* ---- asking for pictures ---- */

/* The next keys are 1 to 4. */
void
inq_window_generate_show (InqWindow *self)
{
  inq_window_play_stop (self);
  inq_window_set_view (self, "variations");
  inq_window_focus_board (self);
}

/* Queues pictures of the current panel. @seed: NULL draws one. */
static void
enqueue (InqWindow *self, const guint64 *seed, gboolean first)
{
  g_return_if_fail (self->jobs != NULL && self->panel != NULL);

  g_autoptr (InqJobParams) params = inq_window_make_params (self);
  params->seed = seed != NULL ? *seed : inq_jobs_draw_seed (self->jobs);
  inq_jobs_enqueue_params (self->jobs, inq_panel_get_id (self->panel), params, NULL, first);
  inq_window_generate_show (self);
}

/* A job for each selected panel, in their order, without going from where one is. Some at a time: a board of two
 * thousand panels does not hold up the window. */
typedef struct {
  InqWindow *window;
  InqBoard *board;
  GArray *ids;
  guint next;
  gboolean first, keep_seed;
  guint64 seed;
} Many;

#define MANY_AT_A_TIME 16

static void
many_free (gpointer data)
{
  Many *many = data;
  g_object_unref (many->window);
  g_object_unref (many->board);
  g_array_unref (many->ids);
  g_free (many);
}

static gboolean
enqueue_some (gpointer data)
{
  Many *many = data;
  InqWindow *self = many->window;

  for (guint i = 0; i < MANY_AT_A_TIME && many->next < many->ids->len; i++, many->next++) {
    if (self->board != many->board || self->jobs == NULL || self->panel == NULL)
      return G_SOURCE_REMOVE;
    /* Each goes before those that wait: the last one first. */
    guint at = many->first ? many->ids->len - 1 - many->next : many->next;
    gint64 id = g_array_index (many->ids, gint64, at);
    InqPanel *panel = inq_board_find_panel (self->board, id);
    if (panel == NULL)
      continue;
    g_autoptr (InqJobParams) params = inq_window_make_params_for (self, panel);
    params->seed = many->keep_seed ? many->seed : inq_jobs_draw_seed (self->jobs);
    inq_jobs_enqueue_params (self->jobs, id, params, NULL, many->first);
  }
  return many->next < many->ids->len ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
enqueue_all (InqWindow *self, GArray *ids, const guint64 *seed, gboolean first)
{
  Many *many = g_new0 (Many, 1);

  many->window = g_object_ref (self);
  many->board = g_object_ref (self->board);
  many->ids = g_array_ref (ids);
  many->first = first;
  many->keep_seed = seed != NULL;
  many->seed = seed != NULL ? *seed : 0;
  if (enqueue_some (many) == G_SOURCE_CONTINUE)
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, enqueue_some, many, many_free);
  else
    many_free (many);
  g_autofree char *text = g_strdup_printf (
      g_dngettext (NULL, "%u panel is in the queue", "%u panels are in the queue", ids->len), ids->len);
  inq_window_toast (self, text, NULL, NULL);
}

static void
generate (InqWindow *self, gboolean first)
{
  if (inq_window_ahead_action (self, first ? "win.generate-first" : "win.generate"))
    return;
  if (inq_window_repaint (self))
    return;
  g_autoptr (GArray) ids = inq_timeline_get_selected (self->timeline);
  InqVariation *current = inq_variations_get_current (self->variations);
  gboolean keep = inq_inspector_get_keep_seed (self->inspector) && current != NULL;
  guint64 seed = keep ? inq_variation_get_row (current)->seed : 0;
  if (ids->len > 1)
    enqueue_all (self, ids, keep ? &seed : NULL, first);
  else
    enqueue (self, keep ? &seed : NULL, first);
}

static void
generate_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  generate (data, FALSE);
}

static void
generate_first_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  generate (data, TRUE);
}

static void
again_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  enqueue (data, NULL, FALSE);
}

static void
cancel_panel_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;

  for (guint i = 0;
       self->panel != NULL && self->jobs != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (self->jobs)); i++) {
    g_autoptr (InqJob) job = g_list_model_get_item (G_LIST_MODEL (self->jobs), i);
    InqJobState state = inq_job_get_state (job);
    if (inq_job_get_panel_id (job) == inq_panel_get_id (self->panel)
        && (state == INQ_JOB_QUEUED || state == INQ_JOB_RUNNING))
      inq_jobs_cancel (self->jobs, job); /* which stays in the list until its step ends */
  }
}

/* ---- what is done with a variation ---- */

static void
pick (InqWindow *self, InqVariation *variation)
{
  const InqVariationRow *row = inq_variation_get_row (variation);
  /* Picking the picked one takes the pick away. */
  inq_board_pick (self->board, row->panel, row->picked ? 0 : row->id, NULL, NULL);
}

void
inq_window_generate_pick_nth (InqWindow *self, guint n)
{
  InqVariation *variation = inq_variations_get_nth (self->variations, n);
  if (variation != NULL && !inq_board_get_read_only (self->board))
    inq_board_pick (self->board, inq_variation_get_row (variation)->panel, inq_variation_get_row (variation)->id, NULL,
                    NULL);
}

static void
do_command (InqWindow *self, InqVariationCommand command, InqVariation *variation, InqJob *job)
{
  if (self->board == NULL || inq_board_get_read_only (self->board))
    return;
  const InqVariationRow *row = variation != NULL ? inq_variation_get_row (variation) : NULL;

  switch (command) {
  case INQ_VARIATION_PICK:
    if (row != NULL)
      pick (self, variation);
    break;
  case INQ_VARIATION_REJECT:
    if (row != NULL)
      inq_board_set_rejected (self->board, row->id, !row->rejected);
    break;
  case INQ_VARIATION_STAR:
    if (row != NULL)
      inq_board_set_starred (self->board, row->id, !row->starred);
    break;
  case INQ_VARIATION_MORE:
    if (row != NULL && self->jobs != NULL)
      inq_window_more_like (self, variation);
    break;
  case INQ_VARIATION_FROM:
    if (row != NULL && self->jobs != NULL)
      inq_window_draw_from_variation (self, variation);
    break;
  case INQ_VARIATION_LARGER:
    if (row != NULL && self->jobs != NULL)
      inq_window_finish_larger (self, variation);
    break;
  case INQ_VARIATION_AGAIN:
    if (self->jobs != NULL && self->panel != NULL)
      enqueue (self, NULL, FALSE);
    break;
  case INQ_VARIATION_CANCEL:
    if (job != NULL && self->jobs != NULL)
      inq_jobs_cancel (self->jobs, job);
    break;
  case INQ_VARIATION_RETRY:
    if (job != NULL && self->jobs != NULL)
      inq_jobs_retry (self->jobs, job);
    break;
  }
}

static void
command_cb (InqVariations *variations, int command, InqVariation *variation, InqJob *job, InqWindow *self)
{
  do_command (self, command, variation, job);
}

static void
pick_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  do_command (self, INQ_VARIATION_PICK, inq_variations_get_current (self->variations), NULL);
}

static void
reject_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  do_command (self, INQ_VARIATION_REJECT, inq_variations_get_current (self->variations), NULL);
}

static void
star_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  do_command (self, INQ_VARIATION_STAR, inq_variations_get_current (self->variations), NULL);
}

static void
more_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  do_command (self, INQ_VARIATION_MORE, inq_variations_get_current (self->variations), NULL);
}

/* ---- what the queue says ---- */

static void
job_finished_cb (InqWindow *self, InqJob *job)
{
  g_autofree char *engine_error = NULL;
  g_object_get (self->jobs, "error", &engine_error, NULL);
  /* Without a device the notice says it once, not a toast for each panel. */
  if (inq_job_get_state (job) != INQ_JOB_FAILED || engine_error != NULL)
    return;
  InqPanel *panel = inq_board_find_panel (self->board, inq_job_get_panel_id (job));
  const char *error = inq_job_get_error (job);
  g_autofree char *text = g_strdup_printf (_ ("Panel %s was not drawn: %s"),
                                           panel != NULL ? inq_panel_get_number (panel) : "?",
                                           error != NULL ? error : _ ("unknown error"));
  inq_window_toast (self, text, NULL, NULL);
}

static void
notice_cb (InqWindow *self, gint64 panel, const char *message)
{
  inq_window_toast (self, message, NULL, NULL);
}

static void
engine_error_cb (InqWindow *self)
{
  g_autofree char *error = NULL;
  if (self->jobs != NULL)
    g_object_get (self->jobs, "error", &error, NULL);
  if (error == NULL)
    return;
  g_autofree char *text = g_strdup_printf (_ ("%s Everything but generating pictures works meanwhile."), error);
  inq_window_show_notice (self, text);
}

/* Looks for a device once per process, off the main thread, so that the artist hears of a missing driver before the
 * first prompt and not after. */
static void
look_for_device (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) devices = inq_gpu_list (&error);
  if (devices != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
looked_for_device_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  if (g_task_propagate_boolean (G_TASK (result), &error))
    return;
  InqWindow *self = INQ_WINDOW (source);
  g_autofree char *text = g_strdup_printf (_ ("%s Everything but generating pictures works meanwhile."),
                                           error->message);
  inq_window_show_notice (self, text);
}

static void
mapped_cb (InqWindow *self)
{
  g_signal_handlers_disconnect_by_func (self, mapped_cb, NULL);
  g_autoptr (GTask) task = inq_task_new (self, NULL, looked_for_device_cb, NULL);
  g_task_set_priority (task, G_PRIORITY_LOW);
  g_task_run_in_thread (task, look_for_device);
}

static void
variations_empty_cb (InqWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  gboolean inside = focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->variations_stack));
  gtk_stack_set_visible_child_name (self->variations_stack,
                                    inq_variations_get_empty (self->variations) ? "empty" : "grid");
  if (inside)
    inq_window_focus_board (self);
}

static void
device_changed_cb (InqWindow *self)
{
  if (self->jobs == NULL)
    return;
  g_autofree char *device = g_settings_get_string (inq_settings_get (), "device");
  inq_jobs_set_device (self->jobs, *device != '\0' ? device : NULL);
}

void
inq_window_generate_update (InqWindow *self)
{
  gboolean can = self->jobs != NULL && self->panel != NULL;
  gboolean looking = can && g_str_equal (inq_window_get_view (self), "variations");
  gboolean current = looking && inq_variations_get_current (self->variations) != NULL;

  inq_window_enable (self, "generate", can || (self->jobs != NULL && self->ahead));
  inq_window_enable (self, "generate-first", can || (self->jobs != NULL && self->ahead));
  inq_window_enable (self, "cancel-panel", can);
  inq_window_enable (self, "again", can);
  inq_window_enable (self, "pick", current);
  inq_window_enable (self, "reject", current);
  inq_window_enable (self, "star", current);
  inq_window_enable (self, "more", current);
}

static const GActionEntry entries[] = {
  { "generate", generate_action },
  { "generate-first", generate_first_action },
  { "cancel-panel", cancel_panel_action },
  { "again", again_action },
  { "pick", pick_action },
  { "reject", reject_action },
  { "star", star_action },
  { "more", more_action },
};

void
inq_window_generate_init (InqWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect (self->variations, "command", G_CALLBACK (command_cb), self);
  g_signal_connect_swapped (self->variations, "notify::empty", G_CALLBACK (variations_empty_cb), self);
  g_signal_connect_swapped (self->variations, "notify::current", G_CALLBACK (inq_window_generate_update), self);
  variations_empty_cb (self);
  g_signal_group_connect_swapped (self->jobs_group, "job-finished", G_CALLBACK (job_finished_cb), self);
  g_signal_group_connect_swapped (self->jobs_group, "notice", G_CALLBACK (notice_cb), self);
  g_signal_group_connect_swapped (self->jobs_group, "notify::error", G_CALLBACK (engine_error_cb), self);
  g_signal_connect_object (inq_settings_get (), "changed::device", G_CALLBACK (device_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (mapped_cb), NULL);
}

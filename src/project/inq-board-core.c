/* Inquadra - the core of an open board: its queues, and what goes to and comes from the main thread
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board-core-private.h"

/* Time on the main thread before other sources get their turn. */
#define BUDGET_US 4000

InqCore *
inq_core_ref (InqCore *core)
{
  g_atomic_ref_count_inc (&core->refs);
  return core;
}

void
inq_core_unref (InqCore *core)
{
  if (!g_atomic_ref_count_dec (&core->refs))
    return;
  g_queue_clear_full (&core->outcomes, (GDestroyNotify) inq_outcome_free);
  g_weak_ref_clear (&core->board);
  g_main_context_unref (core->context);
  g_mutex_clear (&core->lock);
  g_mutex_clear (&core->jobs_lock);
  g_cond_clear (&core->wake);
  g_cond_clear (&core->read_wake);
  g_cond_clear (&core->done);
  g_clear_error (&core->close_error);
  g_free (core->move_to);
  g_free (core->path);
  g_free (core);
}

void
inq_act_free (InqAct *act)
{
  if (act == NULL)
    return;
  if (act->destroy != NULL)
    act->destroy (act->data);
  g_clear_error (&act->error);
  g_free (act->label);
  g_free (act->key);
  g_free (act);
}

void
inq_outcome_free (InqOutcome *outcome)
{
  if (outcome == NULL)
    return;
  g_clear_pointer (&outcome->all, g_ptr_array_unref);
  g_clear_pointer (&outcome->some, g_ptr_array_unref);
  g_clear_pointer (&outcome->variations, g_hash_table_unref);
  g_clear_pointer (&outcome->strokes, g_hash_table_unref);
  inq_board_settings_clear (&outcome->settings);
  g_free (outcome->undo_label);
  g_free (outcome->redo_label);
  g_clear_error (&outcome->stalled);
  if (outcome->act != NULL) {
    if (outcome->act->task != NULL)
      g_object_unref (outcome->act->task); /* the act goes with it */
    else
      inq_act_free (outcome->act);
  }
  g_clear_object (&outcome->read);
  g_clear_object (&outcome->close);
  g_clear_object (&outcome->move);
  g_free (outcome->path);
  g_free (outcome);
}

/* ---- to the main thread ---- */

static InqOutcome *
pop_outcome (InqCore *core)
{
  InqOutcome *outcome;

  g_mutex_lock (&core->lock);
  outcome = g_queue_pop_head (&core->outcomes);
  if (outcome == NULL)
    core->idle_pending = FALSE;
  g_mutex_unlock (&core->lock);
  return outcome;
}

static void
deliver (InqCore *core, gint64 until)
{
  g_autoptr (InqBoard) board = g_weak_ref_get (&core->board);
  InqOutcome *outcome;

  while ((outcome = pop_outcome (core)) != NULL) {
    if (board != NULL)
      inq_board_apply (board, outcome);
    inq_outcome_free (outcome);
    if (g_get_monotonic_time () >= until)
      return;
  }
}

static gboolean
deliver_cb (gpointer data)
{
  InqCore *core = data;
  gboolean more;

  deliver (core, g_get_monotonic_time () + BUDGET_US);
  g_mutex_lock (&core->lock);
  more = core->idle_pending = core->outcomes.length > 0;
  g_mutex_unlock (&core->lock);
  return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
inq_core_flush (InqCore *core)
{
  inq_core_ref (core);
  deliver (core, G_MAXINT64);
  inq_core_unref (core);
}

void
inq_core_post (InqCore *core, InqOutcome *outcome)
{
  g_mutex_lock (&core->lock);
  g_queue_push_tail (&core->outcomes, outcome);
  if (!core->idle_pending) {
    GSource *source = g_idle_source_new ();

    core->idle_pending = TRUE;
    g_source_set_priority (source, G_PRIORITY_DEFAULT);
    g_source_set_callback (source, deliver_cb, inq_core_ref (core), (GDestroyNotify) inq_core_unref);
    g_source_set_static_name (source, "inquadra board");
    g_source_attach (source, core->context);
    g_source_unref (source);
  }
  g_mutex_unlock (&core->lock);
}

/* ---- from the board ---- */

InqCore *
inq_core_new (InqDocument *document, InqBoard *board, GMainContext *context)
{
  InqCore *core = g_new0 (InqCore, 1);

  g_atomic_ref_count_init (&core->refs);
  core->context = g_main_context_ref (context);
  g_weak_ref_init (&core->board, board);
  core->path = g_strdup (inq_document_get_path (document));
  g_mutex_init (&core->lock);
  g_mutex_init (&core->jobs_lock);
  g_cond_init (&core->wake);
  g_cond_init (&core->read_wake);
  g_cond_init (&core->done);
  core->document = document;
  inq_changes_free (inq_document_take_changes (document));
  core->reader = g_thread_new ("inq-read", inq_core_reader, inq_core_ref (core));
  g_thread_unref (g_thread_new ("inq-write", inq_core_writer, inq_core_ref (core)));
  return core;
}

gboolean
inq_core_push (InqCore *core, InqAct *act)
{
  gboolean open;

  g_mutex_lock (&core->lock);
  open = !core->closed && !core->closing;
  if (open) {
    g_queue_push_tail (&core->acts, act);
    g_cond_signal (&core->wake);
  }
  g_mutex_unlock (&core->lock);
  return open;
}

InqAct *
inq_core_replace (InqCore *core, InqAct *act)
{
  InqAct *last = NULL;

  g_mutex_lock (&core->lock);
  if (core->acts.tail != NULL && !core->closing) {
    last = core->acts.tail->data;
    if (act->key != NULL && last->task == NULL && g_strcmp0 (last->key, act->key) == 0)
      core->acts.tail->data = act;
    else
      last = NULL;
  }
  g_mutex_unlock (&core->lock);
  return last;
}

gboolean
inq_core_run (InqCore *core, const char *label, InqBoardActFunc func, gpointer data, GError **error)
{
  InqAct act = { .label = (char *) label, .func = func, .data = data, .sync = TRUE };

  g_mutex_lock (&core->lock);
  if (core->closed || core->closing) {
    g_mutex_unlock (&core->lock);
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FAILED, _ ("The board is closed."));
    return FALSE;
  }
  g_queue_push_tail (&core->acts, &act);
  g_cond_signal (&core->wake);
  while (!act.done)
    g_cond_wait (&core->done, &core->lock);
  g_mutex_unlock (&core->lock);
  if (act.error != NULL) {
    g_propagate_error (error, act.error);
    return FALSE;
  }
  return TRUE;
}

void
inq_core_retry (InqCore *core)
{
  g_mutex_lock (&core->lock);
  core->retry = TRUE;
  g_cond_signal (&core->wake);
  g_mutex_unlock (&core->lock);
}

void
inq_core_look_soon (InqCore *core)
{
  g_mutex_lock (&core->lock);
  core->look = TRUE;
  g_cond_signal (&core->wake);
  g_mutex_unlock (&core->lock);
}

void
inq_core_move (InqCore *core, const char *path, GTask *move)
{
  gboolean free;

  g_mutex_lock (&core->lock);
  free = !core->closed && !core->closing && core->move_task == NULL;
  if (free) {
    core->move_task = move;
    core->move_to = g_strdup (path);
    g_cond_signal (&core->wake);
  }
  g_mutex_unlock (&core->lock);
  if (!free) {
    InqOutcome *outcome = g_new0 (InqOutcome, 1);

    outcome->move = move;
    g_task_set_task_data (
        move, g_error_new (INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY, _ ("The board is being closed already.")),
        (GDestroyNotify) g_error_free);
    inq_core_post (core, outcome);
  }
}

void
inq_core_close (InqCore *core, gboolean discard, GTask *close)
{
  g_mutex_lock (&core->lock);
  if (core->closed || core->closing) {
    gboolean closed = core->closed;

    g_mutex_unlock (&core->lock);
    if (close != NULL) {
      InqOutcome *outcome = g_new0 (InqOutcome, 1);

      outcome->close = close;
      if (!closed)
        g_task_set_task_data (
            close, g_error_new (INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY, _ ("The board is being closed already.")),
            (GDestroyNotify) g_error_free);
      inq_core_post (core, outcome);
    }
    return;
  }
  core->closing = TRUE;
  core->discard = discard;
  core->close_task = close;
  g_cond_signal (&core->wake);
  g_mutex_unlock (&core->lock);
}

gboolean
inq_core_wait_closed (InqCore *core, GError **error)
{
  gboolean closed;

  g_mutex_lock (&core->lock);
  while (core->closing)
    g_cond_wait (&core->done, &core->lock);
  closed = core->closed;
  if (!closed && core->close_error != NULL)
    g_propagate_error (error, g_error_copy (core->close_error));
  g_mutex_unlock (&core->lock);
  return closed;
}

void
inq_core_set_jobs_func (InqCore *core, InqBoardJobsFunc func, gpointer data)
{
  g_mutex_lock (&core->jobs_lock);
  core->jobs_func = func;
  core->jobs_data = data;
  g_mutex_unlock (&core->jobs_lock);
}

gboolean
inq_core_push_read (InqCore *core, GTask *task)
{
  gboolean open;

  g_mutex_lock (&core->lock);
  open = !core->closed && !core->read_quit;
  if (open) {
    g_queue_push_tail (&core->reads, task);
    g_cond_signal (&core->read_wake);
  }
  g_mutex_unlock (&core->lock);
  return open;
}

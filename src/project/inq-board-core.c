/* Inquadra - the threads behind an open board: one writes, one reads
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board-private.h"

#include "inq-document-private.h"
#include "inq-document-undo.h"

/* How long a held act rests before it is tried again. */
#define RETRY_US (5 * G_USEC_PER_SEC)
/* How often a board that another edits is looked at for changes. */
#define FOLLOW_US G_USEC_PER_SEC
/* Time on the main thread before other sources get their turn. */
#define BUDGET_US 4000

/* Lock order: lock only; jobs_lock alone. The board is reached through the weak reference, on the main thread. */
struct _InqCore {
  gatomicrefcount refs;
  GMainContext *context;
  GWeakRef board;
  char *path;

  GMutex lock;
  GCond wake; /* the writer */
  GCond read_wake;
  GCond done;      /* who waits in inq_core_run() and inq_core_wait_closed() */
  GQueue acts;     /* InqAct, first in turn at the head */
  GQueue reads;    /* GTask */
  GQueue outcomes; /* InqOutcome */
  gboolean idle_pending;
  gboolean retry, closing, discard, closed, read_quit;
  GTask *close_task;
  GError *close_error;

  GMutex jobs_lock;
  InqBoardJobsFunc jobs_func;
  gpointer jobs_data;

  /* writer thread */
  InqDocument *document;
  GThread *reader;
  gboolean stale;       /* the board could not be told of a change: tell it everything next time */
  gboolean editor_gone; /* as told last */
};

static InqCore *
core_ref (InqCore *core)
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
  core_ref (core);
  deliver (core, G_MAXINT64);
  inq_core_unref (core);
}

static void
post (InqCore *core, InqOutcome *outcome)
{
  g_mutex_lock (&core->lock);
  g_queue_push_tail (&core->outcomes, outcome);
  if (!core->idle_pending) {
    GSource *source = g_idle_source_new ();

    core->idle_pending = TRUE;
    g_source_set_priority (source, G_PRIORITY_DEFAULT);
    g_source_set_callback (source, deliver_cb, core_ref (core), (GDestroyNotify) inq_core_unref);
    g_source_set_static_name (source, "inquadra board");
    g_source_attach (source, core->context);
    g_source_unref (source);
  }
  g_mutex_unlock (&core->lock);
}

/* ---- the writer ---- */

/* Reads again what the last commits changed. */
static InqOutcome *
read_outcome (InqCore *core)
{
  InqDocument *document = core->document;
  g_autoptr (InqChanges) changes = inq_document_take_changes (document);
  g_autoptr (GError) error = NULL;
  InqOutcome *outcome = g_new0 (InqOutcome, 1);

  if (changes->jobs) {
    g_mutex_lock (&core->jobs_lock);
    if (core->jobs_func != NULL)
      core->jobs_func (core->jobs_data);
    g_mutex_unlock (&core->jobs_lock);
  }
  if (changes->structure || core->stale) {
    outcome->all = inq_document_list_panels (document, &error);
    core->stale = outcome->all == NULL;
  } else if (g_hash_table_size (changes->panels) > 0) {
    GHashTableIter iter;
    gpointer key;

    outcome->some = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_panel_row_free);
    g_hash_table_iter_init (&iter, changes->panels);
    while (error == NULL && g_hash_table_iter_next (&iter, &key, NULL)) {
      InqPanelRow *row = inq_document_get_panel_plain (document, *(gint64 *) key, &error);

      if (row != NULL)
        g_ptr_array_add (outcome->some, row);
      else if (g_error_matches (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW))
        g_clear_error (&error); /* a deleted panel: not shown */
      else
        core->stale = TRUE;
    }
  }
  outcome->variations = g_hash_table_ref (changes->variations);
  outcome->strokes = g_hash_table_ref (changes->strokes);
  if (changes->settings)
    outcome->has_settings = inq_document_get_settings (document, &outcome->settings, NULL);
  if (changes->undo) {
    outcome->has_undo = TRUE;
    outcome->undo_label = g_strdup (inq_document_get_undo_label (document));
    outcome->redo_label = g_strdup (inq_document_get_redo_label (document));
  }
  if (error != NULL)
    g_warning ("The board could not be read again after a change: %s", error->message);
  return outcome;
}

/* TRUE: done with (act->error says how); FALSE: keep it for later. */
static gboolean
run_act (InqCore *core, InqAct *act)
{
  InqDocument *document = core->document;
  guint64 commits = document->n_commits;
  gboolean ok;

  g_clear_error (&act->error);
  ok = act->label == NULL || inq_document_begin (document, act->label, NULL, &act->error);
  if (ok) {
    ok = act->func (document, act->data, &act->error);
    if (act->label != NULL && document->depth > 0)
      ok = inq_document_end (document, ok, &act->error);
  }
  if (document->depth > 0) {
    g_critical ("An act on the board left its transaction open");
    document->depth = 1;
    inq_document_rollback (document);
  }
  if (!ok && act->error == NULL) {
    g_critical ("An act on the board failed without saying why");
    g_set_error (&act->error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FAILED, _ ("The change failed."));
  }
  if (ok)
    g_clear_error (&act->error);
  /* What has written something already would write it twice. */
  return ok || act->sync || document->n_commits != commits
         || !(g_error_matches (act->error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL)
              || g_error_matches (act->error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY)
              || g_error_matches (act->error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_IO));
}

static void
finish_act (InqCore *core, InqAct *act)
{
  const gboolean sync = act->sync; /* once posted, an act is the main thread's */
  InqOutcome *outcome = read_outcome (core);

  if (!sync)
    outcome->act = act;
  post (core, outcome);
  if (sync) {
    g_mutex_lock (&core->lock);
    act->done = TRUE;
    g_cond_broadcast (&core->done);
    g_mutex_unlock (&core->lock);
  }
}

/* The act in front waits for space: takes one of another thread out of turn, or waits. With the lock. NULL: try the
 * front one. */
static InqAct *
wait_stalled (InqCore *core)
{
  gint64 until = g_get_monotonic_time () + RETRY_US;

  for (;;) {
    for (GList *l = core->acts.head; l != NULL; l = l->next) {
      InqAct *act = l->data;

      if (act->sync) {
        g_queue_delete_link (&core->acts, l);
        return act;
      }
    }
    if (core->retry || core->closing || !g_cond_wait_until (&core->wake, &core->lock, until)) {
      core->retry = FALSE;
      return NULL;
    }
  }
}

static void
post_stalled (InqCore *core, const GError *error)
{
  InqOutcome *outcome = g_new0 (InqOutcome, 1);

  outcome->stalled = g_error_copy (error);
  post (core, outcome);
}

/* With the lock: the close asked for is over, one way or the other. */
static void
end_close (InqCore *core, gboolean closed, const GError *error)
{
  core->closing = FALSE;
  core->closed = closed;
  g_clear_error (&core->close_error);
  if (error != NULL)
    core->close_error = g_error_copy (error);
  g_cond_broadcast (&core->done);
  if (core->close_task != NULL) {
    InqOutcome *outcome = g_new0 (InqOutcome, 1);

    outcome->close = g_steal_pointer (&core->close_task);
    g_task_set_task_data (outcome->close, error != NULL ? g_error_copy (error) : NULL,
                          error != NULL ? (GDestroyNotify) g_error_free : NULL);
    g_mutex_unlock (&core->lock);
    post (core, outcome);
    g_mutex_lock (&core->lock);
  }
}

/* Everything is written: the reader goes first, so that the file can be folded into one. */
static void
close_document (InqCore *core)
{
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&core->lock);
  core->read_quit = TRUE;
  g_cond_signal (&core->read_wake);
  g_mutex_unlock (&core->lock);
  g_thread_join (core->reader);
  if (!inq_document_close (g_steal_pointer (&core->document), &error))
    g_info ("Board closed untidily, nothing is lost: %s", error->message);
}

static GHashTable *
ids_of (GPtrArray *rows)
{
  GHashTable *ids = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < rows->len; i++)
    g_hash_table_add (ids, g_memdup2 (&((InqPanelRow *) rows->pdata[i])->id, sizeof (gint64)));
  return ids;
}

/* What another wrote into a board that is only looked at here; nobody tells what it was, so all is read again. */
static void
follow (InqCore *core)
{
  InqDocument *document = core->document;
  gboolean gone = document->has_editor && inq_lock_is_free (core->path);
  g_autoptr (GError) error = NULL;
  InqOutcome *outcome = g_new0 (InqOutcome, 1);

  if (inq_document_was_changed (document) || core->stale) {
    outcome->all = inq_document_list_panels (document, &error);
    core->stale = outcome->all == NULL; /* half written, locked for a moment: the next look tells */
    if (outcome->all != NULL) {
      outcome->variations = ids_of (outcome->all);
      outcome->strokes = ids_of (outcome->all);
      outcome->has_settings = inq_document_get_settings (document, &outcome->settings, NULL);
    }
  }
  outcome->has_editor = gone != core->editor_gone;
  outcome->editor_gone = core->editor_gone = gone;
  if (outcome->all == NULL && !outcome->has_editor)
    inq_outcome_free (outcome);
  else
    post (core, outcome);
}

/* With the lock. */
static void
wait_for_act (InqCore *core)
{
  if (!core->document->read_only) {
    g_cond_wait (&core->wake, &core->lock);
    return;
  }
  if (g_cond_wait_until (&core->wake, &core->lock, g_get_monotonic_time () + FOLLOW_US))
    return;
  g_mutex_unlock (&core->lock);
  follow (core);
  g_mutex_lock (&core->lock);
}

static gpointer
writer_thread (gpointer data)
{
  InqCore *core = data;
  gboolean stalled = FALSE;

  g_mutex_lock (&core->lock);
  for (;;) {
    InqAct *act = NULL;
    gboolean front = TRUE;

    if (stalled) {
      act = wait_stalled (core);
      front = act == NULL;
    } else
      while (core->acts.length == 0 && !core->closing)
        wait_for_act (core);
    if (act == NULL)
      act = g_queue_pop_head (&core->acts);
    if (act == NULL)
      break; /* closing, and nothing left */
    if (core->discard && core->closing && stalled && front) {
      g_mutex_unlock (&core->lock);
      finish_act (core, act); /* with the error it has */
      g_mutex_lock (&core->lock);
      continue;
    }
    g_mutex_unlock (&core->lock);
    if (run_act (core, act)) {
      finish_act (core, act);
      stalled &= !front;
      g_mutex_lock (&core->lock);
      continue;
    }
    post_stalled (core, act->error);
    stalled = TRUE;
    g_mutex_lock (&core->lock);
    g_queue_push_head (&core->acts, act);
    if (core->closing && !core->discard)
      end_close (core, FALSE, act->error);
  }
  g_mutex_unlock (&core->lock);
  close_document (core);
  g_mutex_lock (&core->lock);
  end_close (core, TRUE, NULL);
  g_mutex_unlock (&core->lock);
  inq_core_unref (core);
  return NULL;
}

/* ---- the reader ---- */

static void
run_read (InqCore *core, InqDocument **document, GTask *task)
{
  InqRead *read = g_task_get_task_data (task);
  InqOutcome *outcome = g_new0 (InqOutcome, 1);

  if (!g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &read->error)) {
    if (*document == NULL)
      *document = inq_document_open (core->path, INQ_OPEN_READ_ONLY, &read->error);
    if (*document != NULL)
      read->result = read->func (*document, read->data, &read->error);
  }
  outcome->read = task;
  post (core, outcome);
}

static gpointer
reader_thread (gpointer data)
{
  InqCore *core = data;
  InqDocument *document = NULL;

  for (;;) {
    GTask *task;

    g_mutex_lock (&core->lock);
    while (core->reads.length == 0 && !core->read_quit)
      g_cond_wait (&core->read_wake, &core->lock);
    task = g_queue_pop_head (&core->reads);
    g_mutex_unlock (&core->lock);
    if (task == NULL)
      break;
    run_read (core, &document, task);
  }
  inq_document_free (document);
  inq_core_unref (core);
  return NULL;
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
  core->reader = g_thread_new ("inq-read", reader_thread, core_ref (core));
  g_thread_unref (g_thread_new ("inq-write", writer_thread, core_ref (core)));
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
      post (core, outcome);
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

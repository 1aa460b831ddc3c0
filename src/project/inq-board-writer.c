/* Inquadra - the thread that writes a board: acts one after another, kept while they cannot be written
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board-core-private.h"

#include "inq-document-undo.h"

/* How long a held act rests before it is tried again. */
#define RETRY_US (5 * G_USEC_PER_SEC)
/* How often a board that another edits is looked at for changes. */
#define FOLLOW_US G_USEC_PER_SEC

/* Reads again what the last commits changed. */
static InqOutcome *
read_outcome (InqCore *core)
{
  InqDocument *document = core->document;

  if (document == NULL)
    return g_new0 (InqOutcome, 1);
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
  InqDocument *document;
  guint64 commits;
  gboolean ok;

  g_clear_error (&act->error);
  if (core->document == NULL && !inq_core_open_again (core, &act->error))
    return act->sync;
  document = core->document;
  commits = document->n_commits;
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
  /* Without a write-ahead log SQLite refuses to write to a file that was moved: it is followed after this act. */
  else if (g_error_matches (act->error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_READ_ONLY)
           && inq_document_find_file (document, NULL) != INQ_FILE_HERE)
    act->error->code = INQ_PROJECT_ERROR_IO;
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
  inq_core_post (core, outcome);
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
    if (core->retry || core->closing || core->look || core->move_task != NULL
        || !g_cond_wait_until (&core->wake, &core->lock, until)) {
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
  inq_core_post (core, outcome);
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
    inq_core_post (core, outcome);
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
  if (core->document != NULL && !inq_document_close (g_steal_pointer (&core->document), &error))
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
    inq_core_post (core, outcome);
}

/* With the lock. */
static void
wait_for_act (InqCore *core)
{
  if (core->document == NULL || !core->document->read_only) {
    g_cond_wait (&core->wake, &core->lock);
    return;
  }
  if (g_cond_wait_until (&core->wake, &core->lock, g_get_monotonic_time () + FOLLOW_US))
    return;
  g_mutex_unlock (&core->lock);
  follow (core);
  g_mutex_lock (&core->lock);
}

/* With the lock, which it lets go of meanwhile. */
static gboolean
is_gone (InqCore *core)
{
  g_mutex_unlock (&core->lock);
  inq_core_look (core);
  g_mutex_lock (&core->lock);
  return core->file_gone;
}

gpointer
inq_core_writer (gpointer data)
{
  InqCore *core = data;
  gboolean stalled = FALSE;

  g_mutex_lock (&core->lock);
  for (;;) {
    InqAct *act = NULL;
    gboolean front = TRUE;

    inq_core_serve_place (core);
    if (stalled) {
      act = wait_stalled (core);
      front = act == NULL;
    } else
      while (core->acts.length == 0 && !core->closing && !core->look && core->move_task == NULL)
        wait_for_act (core);
    if (act == NULL && (core->look || core->move_task != NULL))
      continue;
    if (act == NULL)
      act = g_queue_pop_head (&core->acts);
    if (act == NULL) {
      /* closing, and nothing left */
      if (core->discard || !is_gone (core))
        break;
      g_autoptr (GError) gone = g_error_new (INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NOT_FOUND,
                                             _ ("The file of this board was deleted or moved to the trash. Save it "
                                                "again to keep what is in this window."));
      end_close (core, FALSE, gone);
      continue;
    }
    if (core->discard && core->closing && stalled && front) {
      g_mutex_unlock (&core->lock);
      finish_act (core, act); /* with the error it has */
      g_mutex_lock (&core->lock);
      continue;
    }
    g_mutex_unlock (&core->lock);
    if (run_act (core, act)) {
      finish_act (core, act);
      inq_core_look (core);
      stalled &= !front;
      g_mutex_lock (&core->lock);
      continue;
    }
    post_stalled (core, act->error);
    stalled = TRUE;
    inq_core_look (core);
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

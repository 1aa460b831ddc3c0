/* Inquadra - the thread that reads a board, on a connection of its own
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board-core-private.h"

/* Without a write-ahead log a writer that does not rest keeps readers out: SQLite waits, by looking now and then, and
 * gives up after seconds. This often it is asked again. */
#define TRIES 6

static void
run_read (InqCore *core, InqDocument **document, GTask *task)
{
  InqRead *read = g_task_get_task_data (task);
  InqOutcome *outcome = g_new0 (InqOutcome, 1);
  gboolean again = TRUE;

  for (int i = 0; i < TRIES && again; i++) {
    g_clear_error (&read->error);
    if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &read->error))
      break;
    if (*document == NULL)
      *document = inq_document_open (core->path, INQ_OPEN_READ_ONLY, &read->error);
    if (*document != NULL)
      read->result = read->func (*document, read->data, &read->error);
    again = g_error_matches (read->error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_BUSY);
  }
  outcome->read = task;
  inq_core_post (core, outcome);
}

gpointer
inq_core_reader (gpointer data)
{
  InqCore *core = data;
  InqDocument *document = NULL;

  for (;;) {
    GTask *task;

    g_mutex_lock (&core->lock);
    while (core->reads.length == 0 && !core->read_quit && !core->read_pause)
      g_cond_wait (&core->read_wake, &core->lock);
    if (core->read_pause) {
      g_clear_pointer (&document, inq_document_free);
      core->read_paused = TRUE;
      g_cond_broadcast (&core->done);
      while (core->read_pause)
        g_cond_wait (&core->read_wake, &core->lock);
      core->read_paused = FALSE;
      g_cond_broadcast (&core->done);
      g_mutex_unlock (&core->lock);
      continue;
    }
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

void
inq_core_pause_reader (InqCore *core)
{
  g_mutex_lock (&core->lock);
  core->read_pause = TRUE;
  g_cond_signal (&core->read_wake);
  while (!core->read_paused)
    g_cond_wait (&core->done, &core->lock);
  g_mutex_unlock (&core->lock);
}

void
inq_core_resume_reader (InqCore *core)
{
  g_mutex_lock (&core->lock);
  core->read_pause = FALSE;
  g_cond_signal (&core->read_wake);
  while (core->read_paused)
    g_cond_wait (&core->done, &core->lock);
  g_mutex_unlock (&core->lock);
}

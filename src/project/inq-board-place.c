/* Inquadra - an open board whose file was moved, renamed or deleted by someone else
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SQLite goes on writing to the file it has opened, wherever that is now, and to a log beside its old name: a crash
 * then would part the two, and a deleted file would be lost with the last act. So the writer looks after each act, and
 * whenever the window asks. What was moved is folded into one file and opened where it is now; of what was deleted a
 * copy is made, when the artist says so.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "inq-board-core-private.h"

static void
post_place (InqCore *core, const char *path)
{
  InqOutcome *outcome = g_new0 (InqOutcome, 1);

  outcome->has_place = TRUE;
  outcome->file_gone = core->file_gone;
  outcome->path = g_strdup (path);
  inq_core_post (core, outcome);
}

gboolean
inq_core_open_again (InqCore *core, GError **error)
{
  g_autoptr (GError) local = NULL;
  InqDocument *document = inq_document_open (core->path, INQ_OPEN_DEFAULT, &local);

  if (document != NULL && document->read_only) {
    g_set_error_literal (&local, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_IO, document->read_only_reason);
    g_clear_pointer (&document, inq_document_free);
  }
  if (document == NULL) {
    /* Kept and tried again, whatever it is. */
    g_set_error_literal (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_IO, local->message);
    return FALSE;
  }
  inq_changes_free (inq_document_take_changes (document));
  core->document = document;
  return TRUE;
}

/* The board goes on at @path: in the same file, which was moved there, or (@copy) in a copy made now. FALSE: nothing is
 * changed. */
static gboolean
move (InqCore *core, const char *path, gboolean copy, GError **error)
{
  g_autofree char *was = g_strdup (core->path);
  g_autoptr (GError) local = NULL;
  gboolean same = g_str_equal (path, was);

  if (core->document == NULL && !inq_core_open_again (core, error))
    return FALSE;
  /* A log that stays behind must hold nothing: neither the last acts nor what would be taken for a new file's. */
  if ((!copy || same) && !inq_document_fold (core->document, error))
    return FALSE;
  if (copy
      && !(same ? inq_document_copy_whole (core->document, path, error)
                : inq_document_backup (core->document, path, error)))
    return FALSE;
  inq_core_pause_reader (core);
  inq_document_let_go (g_steal_pointer (&core->document));
  g_free (core->path);
  core->path = g_strdup (path);
  if (!inq_core_open_again (core, &local))
    g_info ("The board was moved and cannot be opened there yet: %s", local->message);
  inq_core_resume_reader (core);
  core->file_gone = FALSE;
  post_place (core, path);
  return TRUE;
}

static gboolean
can_follow (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return faccessat (AT_FDCWD, path, W_OK, AT_EACCESS) == 0 && faccessat (AT_FDCWD, folder, W_OK, AT_EACCESS) == 0;
}

static gboolean
is_trash (const char *path)
{
  return strstr (path, "/Trash/files/") != NULL || strstr (path, "/.Trash-") != NULL;
}

void
inq_core_look (InqCore *core)
{
  g_autofree char *now = NULL;
  g_autoptr (GError) error = NULL;
  InqFilePlace place;

  if (core->document == NULL || core->document->read_only)
    return;
  place = inq_document_find_file (core->document, &now);
  if (place == INQ_FILE_MOVED && is_trash (now))
    place = INQ_FILE_GONE;
  if (place == INQ_FILE_MOVED) {
    /* Where it may not be written it is written through the old door; closing folds it into one. */
    if (can_follow (now) && !move (core, now, FALSE, &error))
      g_debug ("The board is not followed yet: %s", error->message);
  } else if (core->file_gone != (place == INQ_FILE_GONE)) {
    core->file_gone = place == INQ_FILE_GONE;
    post_place (core, NULL);
  }
}

void
inq_core_serve_place (InqCore *core)
{
  if (core->look) {
    core->look = FALSE;
    g_mutex_unlock (&core->lock);
    inq_core_look (core);
    g_mutex_lock (&core->lock);
  }
  if (core->move_task != NULL) {
    GTask *task = g_steal_pointer (&core->move_task);
    g_autofree char *to = g_steal_pointer (&core->move_to);
    InqOutcome *outcome = g_new0 (InqOutcome, 1);
    GError *error = NULL;

    g_mutex_unlock (&core->lock);
    if (!move (core, to, TRUE, &error))
      g_task_set_task_data (task, error, (GDestroyNotify) g_error_free);
    outcome->move = task;
    inq_core_post (core, outcome);
    g_mutex_lock (&core->lock);
    core->retry = TRUE;
  }
}

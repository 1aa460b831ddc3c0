/* Inquadra - acts on several panels of an open board, and panels taken from board to board
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board-panels.h"

#include "inq-board-private.h"

typedef struct {
  gint64 *panels;
  gsize n;
  InqPanelField field;
  gint frames;
  char *text; /* or path */
  gint64 anchor;
  InqPlace place;
  guint64 session;

  GArray *made;
  GBytes *packed;
} Args;

static void
args_free (gpointer data)
{
  Args *args = data;

  g_free (args->panels);
  g_free (args->text);
  g_clear_pointer (&args->made, g_array_unref);
  g_clear_pointer (&args->packed, g_bytes_unref);
  g_free (args);
}

static Args *
args_new (const gint64 *panels, gsize n, const char *text, guint64 session)
{
  Args *args = g_new0 (Args, 1);

  args->panels = g_memdup2 (panels, n * sizeof *panels);
  args->n = n;
  args->text = g_strdup (text);
  args->session = session;
  return args;
}

/* ---- edits ---- */

/* While an edit of the same stay waits for its turn, only the latest is written. */
static void
push_edit (InqBoard *board, InqBoardActFunc func, Args *args)
{
  InqAct *act = g_new0 (InqAct, 1);

  act->func = func;
  act->data = args;
  act->destroy = args_free;
  if (args->session != 0 && args->n > 0)
    act->key = g_strdup_printf ("%p/%" G_GINT64_FORMAT "/%" G_GSIZE_FORMAT "/%d/%" G_GUINT64_FORMAT, func,
                                args->panels[0], args->n, (int) args->field, args->session);
  inq_board_push_act (board, act, func, NULL, NULL);
}

static gboolean
set_texts_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_texts (document, args->panels, args->n, args->field, args->text, args->session, error);
}

void
inq_board_set_texts (InqBoard *board, const gint64 *panels, gsize n, InqPanelField field, const char *text,
                     guint64 session)
{
  Args *args = args_new (panels, n, text, session);

  args->field = field;
  push_edit (board, set_texts_cb, args);
}

static gboolean
set_durations_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_durations (document, args->panels, args->n, args->frames, args->session, error);
}

void
inq_board_set_durations (InqBoard *board, const gint64 *panels, gsize n, gint frames, guint64 session)
{
  Args *args = args_new (panels, n, NULL, session);

  args->frames = frames;
  push_edit (board, set_durations_cb, args);
}

/* ---- copies ---- */

static gboolean
duplicate_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  g_clear_pointer (&args->made, g_array_unref);
  return (args->made = inq_document_duplicate_panels (document, args->panels, args->n, error)) != NULL;
}

void
inq_board_duplicate_panels (InqBoard *board, const gint64 *panels, gsize n, GAsyncReadyCallback callback, gpointer data)
{
  inq_board_act (board, NULL, duplicate_cb, args_new (panels, n, NULL, 0), args_free, callback, data);
}

static gboolean
copy_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  g_clear_pointer (&args->made, g_array_unref);
  args->made = inq_document_copy_panels (document, args->panels, args->n, args->anchor, args->place, error);
  return args->made != NULL;
}

void
inq_board_copy_panels (InqBoard *board, const gint64 *panels, gsize n, gint64 anchor, InqPlace place,
                       GAsyncReadyCallback callback, gpointer data)
{
  Args *args = args_new (panels, n, NULL, 0);

  args->anchor = anchor;
  args->place = place;
  inq_board_act (board, NULL, copy_cb, args, args_free, callback, data);
}

static gboolean
unpack_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  g_clear_pointer (&args->made, g_array_unref);
  return (args->made = inq_document_unpack_panels (document, args->text, args->anchor, error)) != NULL;
}

void
inq_board_unpack_panels (InqBoard *board, const char *path, gint64 anchor, GAsyncReadyCallback callback, gpointer data)
{
  Args *args = args_new (NULL, 0, path, 0);

  args->anchor = anchor;
  inq_board_act (board, NULL, unpack_cb, args, args_free, callback, data);
}

GArray *
inq_board_panels_finish (InqBoard *board, GAsyncResult *result, GError **error)
{
  if (!inq_board_act_finish (board, result, error))
    return NULL;
  return g_steal_pointer (&((Args *) inq_board_act_get_data (result))->made);
}

static gboolean
pack_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  g_clear_pointer (&args->packed, g_bytes_unref);
  return (args->packed = inq_document_pack_panels (document, args->panels, args->n, error)) != NULL;
}

void
inq_board_pack_panels (InqBoard *board, const gint64 *panels, gsize n, GAsyncReadyCallback callback, gpointer data)
{
  inq_board_act (board, NULL, pack_cb, args_new (panels, n, NULL, 0), args_free, callback, data);
}

GBytes *
inq_board_pack_panels_finish (InqBoard *board, GAsyncResult *result, GError **error)
{
  if (!inq_board_act_finish (board, result, error))
    return NULL;
  return g_steal_pointer (&((Args *) inq_board_act_get_data (result))->packed);
}

/* Inquadra - the frequent acts on a board, one line each
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-board-acts.h"

#include "inq-board-private.h"
#include "inq-document-jobs.h"
#include "inq-document-undo.h"

/* What any of the acts needs. */
typedef struct {
  InqAct *act;
  gint64 row, other;
  InqJobImages images;
  gint64 *rows;
  gsize n;
  gint number;
  char *text, *text2;
  guint64 session;
  gfloat dx, dy;
  InqNewVariation variation;
  InqStroke *stroke;
  InqBoardSettings settings;
  gint64 result;
} Args;

static void
args_free (gpointer data)
{
  Args *args = data;

  g_free (args->rows);
  g_free (args->text);
  g_free (args->text2);
  g_clear_pointer (&args->variation.png, g_bytes_unref);
  g_clear_pointer (&args->images.init_png, g_bytes_unref);
  g_clear_pointer (&args->images.mask_png, g_bytes_unref);
  inq_stroke_free (args->stroke);
  inq_board_settings_clear (&args->settings);
  g_free (args);
}

static InqAct *
act_new (InqBoardActFunc func, Args args)
{
  InqAct *act = g_new0 (InqAct, 1);
  Args *kept = g_memdup2 (&args, sizeof args);

  kept->act = act;
  act->func = func;
  act->data = kept;
  act->destroy = args_free;
  return act;
}

static void
push (InqBoard *board, InqBoardActFunc func, Args args, GAsyncReadyCallback callback, gpointer data)
{
  inq_board_push_act (board, act_new (func, args), func, callback, data);
}

/* While an edit of the same field waits for its turn, only the latest is written. */
static void
push_edit (InqBoard *board, InqBoardActFunc func, Args args)
{
  InqAct *act = act_new (func, args);

  if (args.session != 0)
    act->key = g_strdup_printf ("%p/%" G_GINT64_FORMAT "/%d/%" G_GUINT64_FORMAT, func, args.row, args.number,
                                args.session);
  inq_board_push_act (board, act, func, NULL, NULL);
}

gint64
inq_board_act_id_finish (InqBoard *board, GAsyncResult *result, GError **error)
{
  Args *args;

  if (!inq_board_act_finish (board, result, error))
    return 0;
  args = inq_board_act_get_data (result);
  return args->result;
}

/* ---- undo, settings ---- */

static gboolean
undo_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  if (!inq_document_undo (document, &args->result, error))
    return FALSE;
  args->act->panel = args->result;
  return TRUE;
}

static gboolean
redo_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  if (!inq_document_redo (document, &args->result, error))
    return FALSE;
  args->act->panel = args->result;
  return TRUE;
}

static void
push_undo (InqBoard *board, InqBoardActFunc func, GAsyncReadyCallback callback, gpointer data)
{
  InqAct *act = act_new (func, (Args){ NULL });

  act->undone = TRUE;
  inq_board_push_act (board, act, func, callback, data);
}

void
inq_board_undo (InqBoard *board, GAsyncReadyCallback callback, gpointer data)
{
  push_undo (board, undo_cb, callback, data);
}

void
inq_board_redo (InqBoard *board, GAsyncReadyCallback callback, gpointer data)
{
  push_undo (board, redo_cb, callback, data);
}

static gboolean
set_settings_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_settings (document, &args->settings, error);
}

void
inq_board_set_settings (InqBoard *board, const InqBoardSettings *settings, GAsyncReadyCallback callback, gpointer data)
{
  Args args = { .settings = *settings };

  args.settings.title = g_strdup (settings->title);
  args.settings.drawing = NULL;
  push (board, set_settings_cb, args, callback, data);
}

static gboolean
set_drawing_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;
  g_autofree char *key = args->session != 0 ? g_strdup_printf ("drawing/%" G_GUINT64_FORMAT, args->session) : NULL;

  return inq_document_set_drawing (document, args->text, key, error);
}

void
inq_board_set_drawing (InqBoard *board, const char *json, guint64 session)
{
  push_edit (board, set_drawing_cb, (Args){ .text = g_strdup (json), .session = session });
}

/* ---- panels ---- */

static gboolean
add_panel_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return (args->result = inq_document_add_panel (document, args->row, args->number, error)) != 0;
}

void
inq_board_add_panel (InqBoard *board, gint64 anchor, InqPlace place, GAsyncReadyCallback callback, gpointer data)
{
  push (board, add_panel_cb, (Args){ .row = anchor, .number = place }, callback, data);
}

static gboolean
add_shot_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return (args->result = inq_document_add_shot (document, args->row, args->number, error)) != 0;
}

void
inq_board_add_shot (InqBoard *board, gint64 anchor, InqPlace place, GAsyncReadyCallback callback, gpointer data)
{
  push (board, add_shot_cb, (Args){ .row = anchor, .number = place }, callback, data);
}

static gboolean
add_scene_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return (args->result = inq_document_add_scene (document, args->row, args->number, args->text, error)) != 0;
}

void
inq_board_add_scene (InqBoard *board, gint64 anchor, InqPlace place, const char *title, GAsyncReadyCallback callback,
                     gpointer data)
{
  push (board, add_scene_cb, (Args){ .row = anchor, .number = place, .text = g_strdup (title) }, callback, data);
}

static gboolean
duplicate_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return (args->result = inq_document_duplicate_panel (document, args->row, error)) != 0;
}

void
inq_board_duplicate_panel (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data)
{
  push (board, duplicate_cb, (Args){ .row = panel }, callback, data);
}

static gboolean
delete_panels_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_delete_panels (document, args->rows, args->n, error);
}

void
inq_board_delete_panels (InqBoard *board, const gint64 *panels, gsize n, GAsyncReadyCallback callback, gpointer data)
{
  push (board, delete_panels_cb, (Args){ .rows = g_memdup2 (panels, n * sizeof *panels), .n = n }, callback, data);
}

static gboolean
move_panels_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_move_panels (document, args->rows, args->n, args->row, args->number, error);
}

void
inq_board_move_panels (InqBoard *board, const gint64 *panels, gsize n, gint64 anchor, InqPlace place,
                       GAsyncReadyCallback callback, gpointer data)
{
  push (board, move_panels_cb,
        (Args){ .rows = g_memdup2 (panels, n * sizeof *panels), .n = n, .row = anchor, .number = place }, callback,
        data);
}

static gboolean
split_shot_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_split_shot (document, args->row, error);
}

void
inq_board_split_shot (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data)
{
  push (board, split_shot_cb, (Args){ .row = panel }, callback, data);
}

static gboolean
join_shot_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_join_shot (document, args->row, error);
}

void
inq_board_join_shot (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data)
{
  push (board, join_shot_cb, (Args){ .row = panel }, callback, data);
}

static gboolean
set_text_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_text (document, args->row, args->number, args->text, args->session, error);
}

void
inq_board_set_text (InqBoard *board, gint64 panel, InqPanelField field, const char *text, guint64 session)
{
  push_edit (board, set_text_cb, (Args){ .row = panel, .number = field, .text = g_strdup (text), .session = session });
}

static gboolean
set_duration_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_duration (document, args->row, (gint) args->other, args->session, error);
}

void
inq_board_set_duration (InqBoard *board, gint64 panel, gint frames, guint64 session)
{
  push_edit (board, set_duration_cb, (Args){ .row = panel, .other = frames, .session = session });
}

static gboolean
set_scene_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_scene (document, args->row, args->text, args->text2, args->session, error);
}

void
inq_board_set_scene (InqBoard *board, gint64 panel, const char *title, const char *number, guint64 session)
{
  /* The number tells edits of the title from those of the number: one must not take the other's place. */
  push_edit (board, set_scene_cb,
             (Args){ .row = panel,
                     .text = g_strdup (title),
                     .text2 = g_strdup (number),
                     .number = (title != NULL) + 2 * (number != NULL),
                     .session = session });
}

/* ---- pictures ---- */

static gboolean
add_variation_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return (args->result = inq_document_add_variation (document, args->row, &args->variation, args->number, error)) != 0;
}

void
inq_board_add_variation (InqBoard *board, gint64 panel, const InqNewVariation *variation, gboolean pick,
                         GAsyncReadyCallback callback, gpointer data)
{
  Args args = { .row = panel, .number = pick, .variation = *variation };

  args.text = g_strdup (variation->recipe);
  args.text2 = g_strdup (variation->model);
  args.variation.png = g_bytes_ref (variation->png);
  args.variation.recipe = args.text;
  args.variation.model = args.text2;
  push (board, add_variation_cb, args, callback, data);
}

static gboolean
pick_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_pick (document, args->row, args->other, error);
}

void
inq_board_pick (InqBoard *board, gint64 panel, gint64 variation, GAsyncReadyCallback callback, gpointer data)
{
  push (board, pick_cb, (Args){ .row = panel, .other = variation }, callback, data);
}

static gboolean
set_rating_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_rating (document, args->row, args->number, error);
}

void
inq_board_set_rating (InqBoard *board, gint64 variation, gint rating)
{
  push (board, set_rating_cb, (Args){ .row = variation, .number = rating }, NULL, NULL);
}

static gboolean
set_starred_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_starred (document, args->row, args->number, error);
}

void
inq_board_set_starred (InqBoard *board, gint64 variation, gboolean starred)
{
  push (board, set_starred_cb, (Args){ .row = variation, .number = starred }, NULL, NULL);
}

static gboolean
set_rejected_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_rejected (document, args->row, args->number, error);
}

void
inq_board_set_rejected (InqBoard *board, gint64 variation, gboolean rejected)
{
  push (board, set_rejected_cb, (Args){ .row = variation, .number = rejected }, NULL, NULL);
}

static gboolean
delete_variations_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_delete_variations (document, args->rows, args->n, error);
}

void
inq_board_delete_variations (InqBoard *board, const gint64 *variations, gsize n, GAsyncReadyCallback callback,
                             gpointer data)
{
  push (board, delete_variations_cb, (Args){ .rows = g_memdup2 (variations, n * sizeof *variations), .n = n }, callback,
        data);
}

/* ---- ink ---- */

static gboolean
add_stroke_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return (args->result = inq_document_add_stroke (document, args->stroke, error)) != 0;
}

void
inq_board_add_stroke (InqBoard *board, const InqStroke *stroke, GAsyncReadyCallback callback, gpointer data)
{
  push (board, add_stroke_cb, (Args){ .stroke = inq_stroke_copy (stroke) }, callback, data);
}

static gboolean
write_note_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return (args->result = inq_document_write_note (document, args->stroke, args->session, error)) != 0;
}

void
inq_board_write_note (InqBoard *board, const InqStroke *note, guint64 session, GAsyncReadyCallback callback,
                      gpointer data)
{
  push (board, write_note_cb, (Args){ .stroke = inq_stroke_copy (note), .session = session }, callback, data);
}

static gboolean
set_stroke_text_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_set_stroke_text (document, args->row, args->text, args->session, error);
}

void
inq_board_set_stroke_text (InqBoard *board, gint64 stroke, const char *text, guint64 session)
{
  push_edit (board, set_stroke_text_cb, (Args){ .row = stroke, .text = g_strdup (text), .session = session });
}

static gboolean
move_stroke_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_move_stroke (document, args->row, args->dx, args->dy, args->session, error);
}

void
inq_board_move_stroke (InqBoard *board, gint64 stroke, gfloat dx, gfloat dy, guint64 session)
{
  /* each adds to the one before: none may be left out */
  push (board, move_stroke_cb, (Args){ .row = stroke, .dx = dx, .dy = dy, .session = session }, NULL, NULL);
}

static gboolean
remove_strokes_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_remove_strokes (document, args->rows, args->n, error);
}

void
inq_board_remove_strokes (InqBoard *board, const gint64 *strokes, gsize n, GAsyncReadyCallback callback, gpointer data)
{
  push (board, remove_strokes_cb, (Args){ .rows = g_memdup2 (strokes, n * sizeof *strokes), .n = n }, callback, data);
}

static gboolean
clear_strokes_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_clear_strokes (document, args->row, args->number, error);
}

void
inq_board_clear_strokes (InqBoard *board, gint64 panel, gint layer, GAsyncReadyCallback callback, gpointer data)
{
  push (board, clear_strokes_cb, (Args){ .row = panel, .number = layer }, callback, data);
}

/* ---- jobs ---- */

static gboolean
enqueue_job_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  args->result = inq_document_enqueue_job_with (document, args->row, args->text, &args->images, args->number, error);
  return args->result != 0;
}

void
inq_board_enqueue_job_with (InqBoard *board, gint64 panel, const char *params, const InqJobImages *images,
                            gboolean front, GAsyncReadyCallback callback, gpointer data)
{
  Args args = { .row = panel, .text = g_strdup (params), .number = front };

  if (images != NULL) {
    args.images = *images;
    if (images->init_png != NULL)
      g_bytes_ref (images->init_png);
    if (images->mask_png != NULL)
      g_bytes_ref (images->mask_png);
  }
  push (board, enqueue_job_cb, args, callback, data);
}

void
inq_board_enqueue_job (InqBoard *board, gint64 panel, const char *params, gboolean front, GAsyncReadyCallback callback,
                       gpointer data)
{
  inq_board_enqueue_job_with (board, panel, params, NULL, front, callback, data);
}

static gboolean
cancel_job_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_cancel_job (document, args->row, error);
}

void
inq_board_cancel_job (InqBoard *board, gint64 job)
{
  push (board, cancel_job_cb, (Args){ .row = job }, NULL, NULL);
}

static gboolean
cancel_jobs_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_cancel_jobs (document, args->row, error);
}

void
inq_board_cancel_jobs (InqBoard *board, gint64 panel)
{
  push (board, cancel_jobs_cb, (Args){ .row = panel }, NULL, NULL);
}

static gboolean
retry_job_cb (InqDocument *document, gpointer data, GError **error)
{
  Args *args = data;

  return inq_document_retry_job (document, args->row, error);
}

void
inq_board_retry_job (InqBoard *board, gint64 job)
{
  push (board, retry_job_cb, (Args){ .row = job }, NULL, NULL);
}

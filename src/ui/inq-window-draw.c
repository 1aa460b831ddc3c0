/* Inquadra - the window's drawing from something: more like a variation, from a picture or sketch, within a mask,
 * larger. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>
#include <inq-board-reads.h>
#include <inq-prompt.h>
#include <math.h>

#include "inq-drawing.h"
#include "inq-flatten.h"
#include "inq-settings.h"
#include "inq-task.h"

/* A picture drawn at twice the side has detail the small one had no room for. */
#define LARGER          2.0
#define LARGER_STRENGTH 0.5
/* The house model spends more of its steps in noise: less of them keeps the figures where they are. */
#define LARGER_STRENGTH_HOUSE 0.3
#define LARGER_STEPS_HOUSE    20
/* Of a picture that no recipe can make again. */
#define LARGER_FROM_PICTURE 0.35

/* ---- what is asked for ---- */

static void
set_string (char **to, char *from)
{
  g_free (*to);
  *to = from;
}

InqJobParams *
inq_window_make_params_for (InqWindow *self, InqPanel *panel)
{
  const InqPanelRow *row = inq_panel_get_row (panel);
  g_autoptr (InqDrawing) drawing = inq_drawing_of_board (self->board);
  InqJobParams *params = inq_job_params_new ();

  if (panel == self->panel) {
    /* What is in the field now: the act that writes it may still be on its way. */
    inq_inspector_flush (self->inspector);
    g_autofree char *words = inq_inspector_dup_prompt (self->inspector);
    set_string (&params->prompt, inq_prompt_compose (words, row->text[INQ_FIELD_SIZE], row->text[INQ_FIELD_ANGLE],
                                                     row->text[INQ_FIELD_TIME]));
    set_string (&params->negative, inq_inspector_dup_negative (self->inspector));
  } else {
    set_string (&params->prompt, inq_prompt_compose_row (row));
    set_string (&params->negative, g_strdup (row->text[INQ_FIELD_NEGATIVE]));
  }
  set_string (&params->model, g_settings_get_string (inq_settings_get (), "model"));
  params->count = inq_inspector_get_count (self->inspector);
  inq_drawing_apply (drawing, inq_board_get_frame_aspect (self->board), self->model_info, params);
  return params;
}

InqJobParams *
inq_window_make_params (InqWindow *self)
{
  return inq_window_make_params_for (self, self->panel);
}

/* ---- the recipe of a variation ---- */

/* A variation with what it was drawn from, read by the board's thread. */
typedef struct {
  InqWindow *window;
  InqBoard *board;
  InqVariation *variation;
  gboolean larger;

  InqJobRow *row; /* (nullable) the job that drew it */
} Again;

static void
again_free (Again *again)
{
  g_object_unref (again->window);
  g_object_unref (again->board);
  g_object_unref (again->variation);
  g_free (again);
}

static gpointer
read_job (InqDocument *document, gpointer data, GError **error)
{
  Again *again = data;
  gint64 job = inq_variation_get_row (again->variation)->job;
  InqJobRow *row = job != 0 ? inq_document_get_job (document, job, NULL) : NULL;

  /* A job that was forgotten is no error: the recipe says enough for a picture drawn from nothing. */
  return row != NULL ? row : g_new0 (InqJobRow, 1);
}

/* What drew @variation, exactly: the job for model, LoRAs and pictures, the recipe for the one picture's own. NULL: it
 * was drawn by hand. */
static InqJobParams *
params_of (Again *again, const InqJobRow *job)
{
  const InqVariationRow *row = inq_variation_get_row (again->variation);
  g_autoptr (InqJobParams) params = job->id != 0 ? inq_job_params_from_json (job->params, NULL) : NULL;

  if (params == NULL) {
    params = inq_job_params_new ();
    set_string (&params->model, g_settings_get_string (inq_settings_get (), "model"));
  }
  if (!inq_job_params_take_recipe (params, row->recipe))
    return NULL;
  params->seed = row->seed;
  return g_steal_pointer (&params);
}

static void
ask_more_like (Again *again, InqJobParams *params, const InqJobImages *images)
{
  InqWindow *self = again->window;
  g_autoptr (InqDrawing) drawing = inq_drawing_of_board (self->board);

  params->count = inq_inspector_get_count (self->inspector);
  params->variation_seed = inq_jobs_draw_seed (self->jobs);
  params->variation_strength = drawing->like;
  inq_jobs_enqueue_params (self->jobs, inq_variation_get_row (again->variation)->panel, params, images, FALSE);
  inq_window_generate_show (self);
}

static void
ask_larger (Again *again, InqJobParams *params, const InqJobImages *images)
{
  InqWindow *self = again->window;

  if (params->hires_scale > 1) {
    inq_window_toast (self, _ ("This one is finished larger already."), NULL, NULL);
    return;
  }
  params->count = 1;
  params->hires_scale = LARGER;
  gboolean house = *params->model == '\0';
  params->hires_strength = house ? LARGER_STRENGTH_HOUSE : LARGER_STRENGTH;
  params->hires_steps = house ? LARGER_STEPS_HOUSE : 0;
  inq_jobs_enqueue_params (self->jobs, inq_variation_get_row (again->variation)->panel, params, images, FALSE);
  inq_window_generate_show (self);
}

/* A picture without a recipe: drawn from itself, with today's words. */
static void
ask_from_itself (Again *again)
{
  InqWindow *self = again->window;
  const InqVariationRow *row = inq_variation_get_row (again->variation);
  g_autoptr (InqDrawing) drawing = inq_drawing_of_board (self->board);
  g_autoptr (InqJobParams) params = inq_window_make_params (self);
  const InqJobImages images = { .init = row->image };

  params->seed = inq_jobs_draw_seed (self->jobs);
  params->strength = again->larger ? LARGER_FROM_PICTURE : CLAMP (drawing->like * 1.5, 0.1, 1);
  if (again->larger) {
    gboolean native = params->width == 0;
    params->count = 1;
    params->width = (int) round ((native ? 512 : params->width) * LARGER); /* the engine rounds */
    params->height = (int) round ((native ? 288 : params->height) * LARGER);
  }
  inq_jobs_enqueue_params (self->jobs, row->panel, params, &images, FALSE);
  inq_window_generate_show (self);
}

static void
job_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Again *again = data;
  InqWindow *self = again->window;
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobRow) job = inq_board_read_finish (INQ_BOARD (source), result, &error);

  if (job == NULL) {
    inq_window_toast (self, error->message, NULL, NULL);
  } else if (self->board == again->board && self->jobs != NULL && self->panel != NULL) {
    g_autoptr (InqJobParams) params = params_of (again, job);
    const InqJobImages images = { .init = job->init, .mask = job->mask };
    if (params == NULL)
      ask_from_itself (again);
    else if (again->larger)
      ask_larger (again, params, &images);
    else
      ask_more_like (again, params, &images);
  }
  again_free (again);
}

static void
ask_again (InqWindow *self, InqVariation *variation, gboolean larger)
{
  Again *again = g_new0 (Again, 1);
  again->window = g_object_ref (self);
  again->board = g_object_ref (self->board);
  again->variation = g_object_ref (variation);
  again->larger = larger;
  inq_board_read (self->board, read_job, again, NULL, (GDestroyNotify) inq_job_row_free, NULL, job_read_cb, again);
}

void
inq_window_more_like (InqWindow *self, InqVariation *variation)
{
  ask_again (self, variation, FALSE);
}

void
inq_window_finish_larger (InqWindow *self, InqVariation *variation)
{
  ask_again (self, variation, TRUE);
}

/* ---- from a picture ---- */

void
inq_window_draw_from_variation (InqWindow *self, InqVariation *variation)
{
  const InqVariationRow *row = inq_variation_get_row (variation);
  g_autoptr (InqDrawing) drawing = inq_drawing_of_board (self->board);
  g_autoptr (InqJobParams) params = inq_window_make_params (self);
  const InqJobImages images = { .init = row->image };

  params->seed = inq_jobs_draw_seed (self->jobs);
  params->strength = drawing->strength;
  inq_jobs_enqueue_params (self->jobs, row->panel, params, &images, FALSE);
  inq_window_generate_show (self);
}

/* What is on the stage is being made one picture. */
typedef struct {
  InqWindow *window;
  gint64 panel;
  InqJobParams *params;
  GBytes *mask; /* (nullable) */
} From;

static void
flattened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  From *from = data;
  InqWindow *self = from->window;
  g_autoptr (GError) error = NULL;
  InqJobImages images = { .mask_png = from->mask };

  if (!inq_flatten_finish (result, &images, &error)) {
    inq_window_toast (self, error->message, NULL, NULL);
  } else if (self->board == INQ_BOARD (source) && self->jobs != NULL) {
    inq_jobs_enqueue_params (self->jobs, from->panel, from->params, &images, FALSE);
    inq_stage_set_masking (self->stage, FALSE);
    inq_window_generate_show (self);
  }
  g_clear_pointer (&images.init_png, g_bytes_unref);
  g_clear_pointer (&from->mask, g_bytes_unref);
  inq_job_params_free (from->params);
  g_object_unref (self);
  g_free (from);
}

/* @mask: (transfer full) (nullable) */
static void
draw_from_stage (InqWindow *self, GBytes *mask)
{
  g_autoptr (InqDrawing) drawing = inq_drawing_of_board (self->board);
  From *from = g_new0 (From, 1);

  from->window = g_object_ref (self);
  from->panel = inq_panel_get_id (self->panel);
  from->params = inq_window_make_params (self);
  from->params->seed = inq_jobs_draw_seed (self->jobs);
  from->params->strength = mask != NULL ? drawing->repaint : drawing->strength;
  from->params->mask_feather = mask != NULL ? drawing->feather : 0;
  from->mask = mask;
  inq_flatten_async (self->board, from->panel, flattened_cb, from);
}

gboolean
inq_window_repaint (InqWindow *self)
{
  if (!inq_stage_get_masking (self->stage))
    return FALSE;
  GBytes *mask = inq_stage_dup_mask (self->stage);
  if (mask == NULL)
    inq_window_toast (self, _ ("Paint over what is to change first."), NULL, NULL);
  else
    draw_from_stage (self, mask);
  return TRUE;
}

static void
draw_from_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  InqVariation *current = inq_variations_get_current (self->variations);
  if (!g_str_equal (inq_window_get_view (self), "variations"))
    draw_from_stage (self, NULL);
  else if (current != NULL)
    inq_window_draw_from_variation (self, current);
}

/* From a panel that may not be the one that shows by now: it is gone to. */
static void
draw_from_panel_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  InqPanel *panel = self->board != NULL ? inq_board_find_panel (self->board, g_variant_get_int64 (parameter)) : NULL;
  if (panel == NULL || self->jobs == NULL)
    return;
  inq_window_play_stop (self);
  inq_timeline_unselect (self->timeline);
  inq_window_set_panel (self, panel);
  draw_from_stage (self, NULL);
}

static void
finish_larger_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  InqVariation *current = inq_variations_get_current (self->variations);
  if (current != NULL)
    inq_window_finish_larger (self, current);
}

static void
change_repaint (GSimpleAction *action, GVariant *state, gpointer data)
{
  InqWindow *self = data;
  gboolean on = g_variant_get_boolean (state);
  if (on) {
    inq_window_play_stop (self);
    inq_window_set_view (self, "stage");
  }
  inq_stage_set_masking (self->stage, on);
  inq_window_focus_board (self);
}

static void
mask_cb (InqWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "repaint");
  gboolean masking = inq_stage_get_masking (self->stage);
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (masking));
  inq_window_update_hint (self);
  inq_window_update_actions (self);
}

/* ---- the model that draws ---- */

static void
look_at_model (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  InqModelInfo *info = inq_model_inspect (data, &error);
  if (info != NULL)
    g_task_return_pointer (task, info, (GDestroyNotify) inq_model_info_free);
  else
    g_task_return_error (task, error);
}

static void
looked_at_model_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqWindow *self = INQ_WINDOW (source);
  g_autofree char *now = g_settings_get_string (inq_settings_get (), "model");
  InqModelInfo *info = g_task_propagate_pointer (G_TASK (result), NULL);

  if (g_strcmp0 (now, g_task_get_task_data (G_TASK (result))) != 0) {
    inq_model_info_free (info);
    return;
  }
  g_clear_pointer (&self->model_info, inq_model_info_free);
  self->model_info = info;
}

static void
model_changed_cb (InqWindow *self)
{
  char *model = g_settings_get_string (inq_settings_get (), "model");

  g_clear_pointer (&self->model_info, inq_model_info_free);
  if (*model == '\0') {
    g_free (model);
    return;
  }
  g_autoptr (GTask) task = inq_task_new (self, NULL, looked_at_model_cb, NULL);
  g_task_set_task_data (task, model, g_free);
  g_task_run_in_thread (task, look_at_model);
}

/* ---- actions ---- */

void
inq_window_draw_update (InqWindow *self)
{
  gboolean can = self->jobs != NULL && self->panel != NULL;
  gboolean looking = can && g_str_equal (inq_window_get_view (self), "variations");
  gboolean current = looking && inq_variations_get_current (self->variations) != NULL;
  const InqPanelRow *row = can ? inq_panel_get_row (self->panel) : NULL;
  gboolean something = row != NULL && (row->cover_image != 0 || row->n_strokes > 0);

  if (g_action_map_lookup_action (G_ACTION_MAP (self), "draw-from") == NULL)
    return; /* still being made */
  inq_window_enable (self, "draw-from", looking ? current : something);
  inq_window_enable (self, "repaint", something);
  inq_window_enable (self, "finish-larger", current);
  inq_window_enable (self, "copy-picture", self->panel != NULL);
  inq_window_enable (self, "save-picture", self->panel != NULL);
}

static const GActionEntry entries[] = {
  { "draw-from", draw_from_action },
  { "draw-from-panel", draw_from_panel_action, "x" },
  { "repaint", NULL, NULL, "false", change_repaint },
  { "finish-larger", finish_larger_action },
};

void
inq_window_draw_init (InqWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_object (self->stage, "mask-changed", G_CALLBACK (mask_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->variations, "notify::current", G_CALLBACK (inq_window_draw_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (inq_settings_get (), "changed::model", G_CALLBACK (model_changed_cb), self,
                           G_CONNECT_SWAPPED);
  model_changed_cb (self);
}

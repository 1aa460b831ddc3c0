/* Inquadra - one job from row to pictures, without a window
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-job-run.h"

#include <glib/gi18n-lib.h>

typedef struct {
  const InqJobRunCallbacks *callbacks;
  InqModel *model;
  int done;
  int count;
  GCancellable *cancellable; /* ours: cancelled when store() fails, chained to the caller's */
  GError *store_error;
} Run;

static void
progress_cb (InqStage stage, int index, int step, int n_steps, const InqPicture *preview, gpointer data)
{
  Run *run = data;
  double within = n_steps > 0 ? (double) step / n_steps : 0;
  int left = run->count - run->done;
  double made;

  if (run->callbacks->progress == NULL)
    return;
  /* The decoder is about a tenth of a picture's work. */
  switch (stage) {
  case INQ_STAGE_SAMPLING:
    within *= 0.9;
    break;
  case INQ_STAGE_DECODING:
    within = 0.9 + 0.1 * within;
    break;
  case INQ_STAGE_LOADING:
  case INQ_STAGE_TEXT:
    within = 0;
    break;
  }
  made = index < 0 ? within * left : MIN (index, left) + (index < left ? within : 0);
  run->callbacks->progress (stage, index < 0 ? -1 : run->done + index, step, n_steps,
                            CLAMP ((run->done + made) / run->count, 0, 1), preview, run->callbacks->data);
}

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe_json, gpointer data)
{
  Run *run = data;
  g_autoptr (InqPicture) owned = picture;
  g_autoptr (GBytes) png = NULL;
  InqNewVariation variation = { NULL };

  if (run->store_error != NULL)
    return;
  png = inq_picture_to_png (owned, recipe_json, &run->store_error);
  if (png != NULL) {
    variation.png = png;
    variation.seed = seed;
    variation.recipe = recipe_json;
    variation.model = inq_model_get_hash (run->model);
    run->callbacks->store (&variation, run->done + index == run->count - 1, run->callbacks->data, &run->store_error);
  }
  if (run->store_error != NULL)
    g_cancellable_cancel (run->cancellable);
}

static void
notice_cb (const char *message, gpointer data)
{
  Run *run = data;

  if (run->callbacks->notice != NULL)
    run->callbacks->notice (message, run->callbacks->data);
}

static void
chain_cb (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

static const char *
text_or_null (const char *text)
{
  return text != NULL && *text != '\0' ? text : NULL;
}

void
inq_job_pictures_clear (InqJobPictures *pictures)
{
  g_clear_pointer (&pictures->init, g_bytes_unref);
  g_clear_pointer (&pictures->mask, g_bytes_unref);
}

gboolean
inq_job_pictures_read (InqJobPictures *pictures, InqDocument *document, const InqJobRow *row, GError **error)
{
  inq_job_pictures_clear (pictures);
  if (row->init != 0 && (pictures->init = inq_document_get_image (document, row->init, NULL, NULL, error)) == NULL)
    return FALSE;
  if (row->mask != 0 && (pictures->mask = inq_document_get_image (document, row->mask, NULL, NULL, error)) == NULL)
    return FALSE;
  return TRUE;
}

/* @wanted: the job is not the same without it. */
static gboolean
decode (GBytes *png, gboolean wanted, InqPicture **picture, GError **error)
{
  if (!wanted)
    return TRUE;
  if (png == NULL) {
    g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
                 "the picture that this was to be drawn from is no longer in the board; ask for it again");
    return FALSE;
  }
  return (*picture = inq_picture_from_png (png, error)) != NULL;
}

gboolean
inq_job_run (InqEngine *engine, const InqJobParams *params, const InqJobPictures *pictures, int done,
             const InqJobRunCallbacks *callbacks, GCancellable *cancellable, GError **error)
{
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  g_autofree char *house = NULL;
  g_autofree InqLoraUse *loras = g_new0 (InqLoraUse, MAX (params->loras->len, 1));
  g_autoptr (InqPicture) init = NULL;
  g_autoptr (InqPicture) mask = NULL;
  const char *path = text_or_null (params->model);
  InqGenerateParams generate;
  InqGenerateCallbacks engine_callbacks = {
    .progress = progress_cb, .picture = picture_cb, .notice = notice_cb, .previews = callbacks->progress != NULL
  };
  Run run = { .callbacks = callbacks, .done = done, .count = params->count, .cancellable = inner };
  gulong chain = 0;
  gboolean ok;

  g_return_val_if_fail (done >= 0 && done < params->count, FALSE);

  if (!decode (pictures != NULL ? pictures->init : NULL, params->init, &init, error)
      || !decode (pictures != NULL ? pictures->mask : NULL, params->mask, &mask, error))
    return FALSE;
  if (path == NULL) {
    path = house = inq_house_model_path ();
    if (path == NULL) {
      g_set_error (
          error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO,
          _ ("The house model is not installed: it belongs in %s/models/house. Install it, or choose another model"),
          INQ_DATADIR);
      return FALSE;
    }
  }
  if (callbacks->progress != NULL)
    callbacks->progress (INQ_STAGE_LOADING, -1, 0, 0, (double) done / params->count, NULL, callbacks->data);
  run.model = inq_engine_load (engine, path, error);
  if (run.model == NULL)
    return FALSE;

  inq_generate_params_init (&generate);
  generate.prompt = params->prompt;
  generate.negative = text_or_null (params->negative);
  /* With a variation the noise of the seed stays and the other's counts on. */
  generate.seed = params->variation_strength > 0 ? params->seed : params->seed + done;
  generate.variation_seed = params->variation_strength > 0 ? params->variation_seed + done : 0;
  generate.variation_strength = params->variation_strength;
  if (g_str_has_prefix (params->sampler, "tcd")) /* another sampler may have been chosen since */
    generate.eta = params->eta;
  generate.schedule = text_or_null (params->schedule);
  generate.hires_scale = params->hires_scale;
  generate.hires_strength = params->hires_strength;
  generate.hires_steps = params->hires_steps;
  generate.hires_upscale = text_or_null (params->hires_upscale);
  generate.mask_feather = params->mask_feather;
  generate.count = params->count - done;
  generate.steps = params->steps;
  generate.cfg = params->cfg;
  generate.guidance_rescale = params->guidance_rescale;
  generate.guidance_start = params->guidance_start;
  generate.guidance_end = params->guidance_end;
  generate.perturb = text_or_null (params->perturb);
  generate.sampler = text_or_null (params->sampler);
  generate.width = params->width;
  generate.height = params->height;
  for (guint i = 0; i < params->loras->len; i++) {
    const InqJobLora *lora = &g_array_index (params->loras, InqJobLora, i);

    loras[i] = (InqLoraUse){ .path = lora->path, .weight = lora->weight };
  }
  generate.loras = loras;
  generate.n_loras = params->loras->len;
  if (init != NULL) {
    generate.init = init;
    generate.strength = params->strength;
    generate.mask = mask;
  }
  engine_callbacks.data = &run;

  if (cancellable != NULL)
    chain = g_cancellable_connect (cancellable, G_CALLBACK (chain_cb), inner, NULL);
  ok = inq_engine_generate (engine, run.model, &generate, &engine_callbacks, inner, error);
  g_cancellable_disconnect (cancellable, chain);

  if (run.store_error != NULL) {
    g_clear_error (error);
    g_propagate_error (error, run.store_error);
    return FALSE;
  }
  return ok;
}

int
inq_job_count_done (InqDocument *document, gint64 job, gint64 panel, GError **error)
{
  g_autoptr (GPtrArray) rows = inq_document_list_variations (document, panel, error);
  int done = 0;

  if (rows == NULL)
    return -1;
  for (guint i = 0; i < rows->len; i++) {
    const InqVariationRow *row = g_ptr_array_index (rows, i);

    done += row->job == job;
  }
  return done;
}

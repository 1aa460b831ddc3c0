/* Inquadra - the engine: one device and the model last used on it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "gemm.h"
#include "inq-model.h"

#include <string.h>

const char *
inq_stage_name (InqStage stage)
{
  switch (stage) {
  case INQ_STAGE_LOADING:
    return "loading";
  case INQ_STAGE_TEXT:
    return "text";
  case INQ_STAGE_SAMPLING:
    return "sampling";
  case INQ_STAGE_DECODING:
  default:
    return "decoding";
  }
}

InqEngine *
inq_engine_new (const InqGpuOptions *options, GError **error)
{
  g_autoptr (InqGpu) gpu = inq_gpu_new (options, error);
  if (!gpu)
    return NULL;
  InqEngine *engine = g_new0 (InqEngine, 1);
  if (options) {
    engine->options = *options;
    engine->options.device = g_strdup (options->device);
    engine->options.cache_dir = g_strdup (options->cache_dir);
  }
  engine->gpu = g_steal_pointer (&gpu);
  return engine;
}

void
inq_engine_free (InqEngine *engine)
{
  if (!engine)
    return;
  g_clear_pointer (&engine->model, inq_model_free);
  g_clear_pointer (&engine->gpu, inq_gpu_unref);
  g_free ((char *) engine->options.device);
  g_free ((char *) engine->options.cache_dir);
  g_free (engine);
}

InqGpu *
inq_engine_get_gpu (InqEngine *engine)
{
  return engine->gpu;
}

gboolean
inq_engine_reopen (InqEngine *engine, GError **error)
{
  if (engine->model)
    inq_model_drop_device (engine->model);
  /* tiles stay what they were: a picture half made goes on */
  const InqGemmSpeeds *before = engine->gpu ? inq_gemm_get_speeds (engine->gpu) : NULL;
  g_autofree InqGemmSpeeds *speeds = before ? g_memdup2 (before, sizeof *before) : NULL;
  g_clear_pointer (&engine->gpu, inq_gpu_unref);
  engine->gpu = inq_gpu_new (&engine->options, error);
  if (engine->gpu)
    inq_gemm_set_speeds (engine->gpu, speeds);
  else
    engine->tuned = FALSE;
  return engine->gpu != NULL;
}

const char *
inq_engine_get_tuning (InqEngine *engine)
{
  return inq_tuning_name (engine->tuning);
}

static gboolean
same_files (char **a, const char *const *b)
{
  return a && b ? g_strv_equal ((const char *const *) a, b) : !a == !b;
}

InqModel *
inq_engine_load (InqEngine *engine, const char *path, GError **error)
{
  return inq_engine_load_with (engine, path, NULL, error);
}

/* Tiles are measured for models of more parameters: a small one draws before that were done. */
#define TUNED_FROM 200000000

/* Before the first plan of @model is made. */
static gboolean
tune (InqEngine *engine, const InqModel *model, GError **error)
{
  if (!engine->gpu)
    return TRUE;
  if (model->info->n_parameters < TUNED_FROM && !g_getenv ("INQ_TUNE")) {
    inq_gemm_set_speeds (engine->gpu, NULL);
    engine->tuning = INQ_TUNING_NONE;
    engine->tuned = FALSE;
    return TRUE;
  }
  if (!engine->tuned && !inq_tune (engine->gpu, &engine->tuning, error))
    return FALSE;
  engine->tuned = TRUE;
  return TRUE;
}

/* Instead of the one before. @model: (nullable) (transfer full) */
static InqModel *
keep (InqEngine *engine, InqModel *model, GError **error)
{
  if (model && !tune (engine, model, error))
    g_clear_pointer (&model, inq_model_free);
  if (!model)
    return NULL;
  g_clear_pointer (&engine->model, inq_model_free);
  engine->model = model;
  return model;
}

InqModel *
inq_engine_load_shape (InqEngine *engine, const char *name, InqDtype dtype, GError **error)
{
  return keep (engine, inq_model_open_shape (engine, name, dtype, error), error);
}

InqModel *
inq_engine_load_with (InqEngine *engine, const char *path, const char *const *beside, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *print = inq_model_files_print (absolute, beside);
  /* One whose files or settings are others by now is opened again. */
  if (engine->model && g_str_equal (engine->model->path, absolute) && same_files (engine->model->beside, beside)
      && g_strcmp0 (engine->model->print, print) == 0 && inq_weights_check (engine->model->weights, NULL))
    return engine->model;
  return keep (engine, inq_model_open (engine, absolute, beside, error), error);
}

const InqModelInfo *
inq_model_get_info (InqModel *model)
{
  return model->info;
}

/* Inquadra - running one stage of a model: find or make its plan, write, run, read.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plans are kept per network, size and batch. When device memory runs out while making one, the others are freed and it
 * is tried again.
 */
#include "config.h"

#include "inq-model.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_PLANS 8

typedef void (*BuildFunc) (InqGraph *graph, InqModel *model, const gint64 *args);
static void build_decoder (InqGraph *graph, InqModel *model, const gint64 *args);
static void build_encoder (InqGraph *graph, InqModel *model, const gint64 *args);

static gboolean
is_cancelled (gpointer data)
{
  return g_cancellable_is_cancelled (data);
}

/* Made at first need, and again after the device was lost. */
static InqDeviceWeights *
main_weights (InqModel *model)
{
  if (!model->device) {
    model->device = inq_device_weights_new (model->engine->gpu, model->weights);
    inq_lora_stack_patch (model->loras, model->device);
  }
  return model->device;
}

/* The autoencoder of SDXL overflows halves (its activations reach 10^5). */
static InqPrecision
precision_of (InqModel *model, BuildFunc build)
{
  gboolean autoencoder = build == build_decoder || build == build_encoder;

  if (model->wide || (autoencoder && model->spec->family && model->spec->family->size_ids))
    return INQ_PRECISION_F32;
  return model->engine->precision;
}

/* Whether @plan kept halves that overflowed; then the model takes f32 from now on, and the stage is to run again. */
static gboolean
overflowed (InqModel *model, InqPlan *plan, const float *out, gsize n)
{
  if (!inq_plan_get_halves (plan) || inq_find_not_finite (out, n) < 0)
    return FALSE;
  model->wide = TRUE;
  inq_model_drop_plans (model);
  return TRUE;
}

/* A plan from the cache, or a new one. @args: what the builder needs and the key is made of. */
static InqPlan *
get_plan (InqModel *model, const char *what, BuildFunc build, InqWeights *weights, InqDeviceWeights *device,
          const gint64 args[4], GError **error)
{
  g_autofree char *key = g_strdup_printf (
      "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "%s", what, args[0],
      args[1], args[2], args[3], model->engine->timed ? " timed" : "");
  for (guint i = 0; i < model->plans->len; i++) {
    InqCachedPlan *cached = g_ptr_array_index (model->plans, i);
    if (g_str_equal (cached->key, key)) {
      g_ptr_array_insert (model->plans, 0, g_ptr_array_steal_index (model->plans, i));
      return cached->plan;
    }
  }
  g_autoptr (InqGraph) graph = inq_graph_new (weights);
  build (graph, model, args);
  inq_graph_set_precision (graph, precision_of (model, build));
  g_autoptr (GError) local = NULL;
  InqPlan *plan = inq_plan_new (model->engine->gpu, graph, device, model->engine->timed, &local);
  if (!plan && model->plans->len > 0 && g_error_matches (local, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY)) {
    g_clear_error (&local);
    inq_model_drop_plans (model);
    plan = inq_plan_new (model->engine->gpu, graph, device, model->engine->timed, &local);
  }
  if (!plan) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  InqCachedPlan *cached = g_new (InqCachedPlan, 1);
  cached->key = g_steal_pointer (&key);
  cached->plan = plan;
  g_ptr_array_insert (model->plans, 0, cached);
  if (model->plans->len > MAX_PLANS)
    g_ptr_array_set_size (model->plans, MAX_PLANS);
  return plan;
}

InqPlan *
inq_model_peek_plan (InqModel *model, const char *prefix)
{
  for (guint i = 0; i < model->plans->len; i++) {
    InqCachedPlan *cached = g_ptr_array_index (model->plans, i);
    if (g_str_has_prefix (cached->key, prefix))
      return cached->plan;
  }
  return NULL;
}

static gboolean
run_plan (InqPlan *plan, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  g_autoptr (GError) local = NULL;
  if (inq_plan_run (plan, cancellable ? is_cancelled : NULL, cancellable, &local))
    return TRUE;
  if (g_error_matches (local, INQ_GPU_ERROR, INQ_GPU_ERROR_CANCELLED))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The generation was cancelled"));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gsize
count_of (InqPlan *plan, const char *name)
{
  const gint64 *d = inq_plan_get_dims (plan, name);
  return d ? (gsize) (d[0] * d[1] * d[2] * d[3]) : 0;
}

static gboolean
read_output (InqPlan *plan, const char *name, float *out, gsize expected, GError **error)
{
  gsize n = count_of (plan, name);
  if (n != expected) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE,
                 _ ("The network gives %zu numbers as its %s where %zu fit"), n, name, expected);
    return FALSE;
  }
  return inq_plan_read (plan, name, out, n, error);
}

/* ---- text ---- */

static void
build_text (InqGraph *graph, InqModel *model, const gint64 *args)
{
  inq_build_text (graph, model->spec, (guint) args[0], args[1], args[2] != 0);
}

gboolean
inq_model_run_text (InqModel *model, guint tower, const gint32 *ids, gint64 n, const InqTextStates *out,
                    GCancellable *cancellable, GError **error)
{
  const InqTowerSpec *t = &model->spec->towers[tower];
  InqHidden hidden = t->facts.context;
  gboolean all = (out->penultimate && hidden != INQ_HIDDEN_PENULTIMATE)
                 || (out->penultimate_normed && hidden != INQ_HIDDEN_PENULTIMATE_NORMED)
                 || (out->last && hidden != INQ_HIDDEN_LAST);
  const gint64 args[4] = { tower, n, all, 0 };
  InqPlan *plan = get_plan (model, "text", build_text, model->weights, main_weights (model), args, error);
  gsize count = (gsize) n * t->positions, wide = count * t->width;
  return plan && inq_plan_write (plan, "ids", ids, count, error) && run_plan (plan, cancellable, error)
         && (!out->last || read_output (plan, "last", out->last, wide, error))
         && (!out->penultimate || read_output (plan, "penultimate", out->penultimate, wide, error))
         && (!out->penultimate_normed
             || read_output (plan, "penultimate_normed", out->penultimate_normed, wide, error));
}

/* ---- UNet ---- */

static void
build_unet (InqGraph *graph, InqModel *model, const gint64 *args)
{
  inq_build_unet (graph, model->spec, args[0], args[1], args[2], args[3]);
}

gboolean
inq_model_run_unet (InqModel *model, gint64 n, gint64 h, gint64 w, const float *x, double timestep,
                    const float *context, gint64 tokens, const float *y, float *out, GCancellable *cancellable,
                    GError **error)
{
  const InqModelSpec *spec = model->spec;
  const gint64 args[4] = { n, h, w, tokens };
  InqPlan *plan = get_plan (model, "unet", build_unet, model->weights, main_weights (model), args, error);
  if (!plan)
    return FALSE;
  gsize count = (gsize) (n * h * w) * spec->latent_channels;
  g_autofree float *t = g_new (float, n);
  for (gint64 i = 0; i < n; i++)
    t[i] = (float) timestep;
  gboolean ok = inq_plan_write (plan, "x", x, count, error) && inq_plan_write (plan, "t", t, (gsize) n, error)
                && inq_plan_write (plan, "context", context, (gsize) (n * tokens) * spec->context_width, error)
                && (spec->adm_width == 0 || inq_plan_write (plan, "y", y, (gsize) n * spec->adm_width, error))
                && run_plan (plan, cancellable, error) && read_output (plan, "out", out, count, error);
  if (ok && overflowed (model, plan, out, count))
    return inq_model_run_unet (model, n, h, w, x, timestep, context, tokens, y, out, cancellable, error);
  return ok;
}

/* ---- autoencoder ---- */

static void
build_decoder (InqGraph *graph, InqModel *model, const gint64 *args)
{
  inq_build_decoder (graph, model->spec, 1, args[0], args[1]);
}

static void
build_encoder (InqGraph *graph, InqModel *model, const gint64 *args)
{
  inq_build_encoder (graph, model->spec, 1, args[0], args[1]);
}

gboolean
inq_model_run_decoder (InqModel *model, gint64 h, gint64 w, const float *z, float *image, GCancellable *cancellable,
                       GError **error)
{
  const InqModelSpec *spec = model->spec;
  const gint64 args[4] = { h, w, 0, 0 };
  InqPlan *plan = get_plan (model, "decoder", build_decoder, model->weights, main_weights (model), args, error);
  gsize pixels = (gsize) (h * w) * spec->vae_down * spec->vae_down;
  gboolean ok = plan && inq_plan_write (plan, "z", z, (gsize) (h * w) * spec->latent_channels, error)
                && run_plan (plan, cancellable, error)
                && read_output (plan, "image", image, pixels * spec->vae_channels, error);
  if (ok && overflowed (model, plan, image, pixels * spec->vae_channels))
    return inq_model_run_decoder (model, h, w, z, image, cancellable, error);
  return ok;
}

gboolean
inq_model_run_encoder (InqModel *model, gint64 h, gint64 w, const float *image, float *moments,
                       GCancellable *cancellable, GError **error)
{
  const InqModelSpec *spec = model->spec;
  const gint64 args[4] = { h, w, 0, 0 };
  InqPlan *plan = get_plan (model, "encoder", build_encoder, model->weights, main_weights (model), args, error);
  gsize latents = (gsize) ((h / spec->vae_down) * (w / spec->vae_down));
  gsize count = latents * spec->latent_channels * (spec->vae_mean_only ? 1 : 2);
  gboolean ok = plan && inq_plan_write (plan, "image", image, (gsize) (h * w) * spec->vae_channels, error)
                && run_plan (plan, cancellable, error) && read_output (plan, "moments", moments, count, error);
  if (ok && overflowed (model, plan, moments, count))
    return inq_model_run_encoder (model, h, w, image, moments, cancellable, error);
  return ok;
}

InqPicture *
inq_model_decode (InqModel *model, gint64 h, gint64 w, const float *latents, GCancellable *cancellable, GError **error)
{
  const InqModelSpec *spec = model->spec;
  gsize n = (gsize) (h * w) * spec->latent_channels;
  gint64 height = h * spec->vae_down, width = w * spec->vae_down;
  gsize pixels = (gsize) (height * width);
  g_autofree float *z = g_new (float, n);
  g_autofree float *image = g_new (float, pixels * spec->vae_channels);
  for (gsize i = 0; i < n; i++)
    z[i] = (float) (latents[i] / spec->vae_scale + spec->vae_shift);
  if (!inq_model_run_decoder (model, h, w, z, image, cancellable, error))
    return NULL;
  if (inq_find_not_finite (image, pixels * spec->vae_channels) >= 0) {
    g_set_error_literal (
        error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE,
        _ ("The autoencoder's decoder produced a number that is not finite: the model's weights are damaged"
           " or overflow"));
    return NULL;
  }
  InqPicture *picture = inq_picture_new ((int) width, (int) height);
  for (gsize i = 0; i < pixels; i++)
    for (int c = 0; c < 3; c++) {
      float v = image[i * spec->vae_channels + (spec->vae_channels == 3 ? c : 0)];
      picture->rgb[i * 3 + c] = (guint8) lrintf (CLAMP ((v + 1) * 127.5f, 0, 255));
    }
  return picture;
}

float *
inq_model_encode (InqModel *model, const InqPicture *picture, GCancellable *cancellable, GError **error)
{
  const InqModelSpec *spec = model->spec;
  gsize pixels = (gsize) picture->width * picture->height;
  gint64 h = picture->height / spec->vae_down, w = picture->width / spec->vae_down;
  int c = spec->latent_channels, stride = spec->vae_mean_only ? c : 2 * c;
  g_autofree float *image = g_new (float, pixels * spec->vae_channels);
  for (gsize i = 0; i < pixels; i++) {
    const guint8 *p = picture->rgb + i * 3;
    if (spec->vae_channels == 1)
      image[i] = (0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2]) / 127.5f - 1; /* Rec. 601 luma */
    else
      for (int k = 0; k < 3; k++)
        image[i * 3 + k] = p[k] / 127.5f - 1;
  }
  g_autofree float *moments = g_new (float, (gsize) (h * w) * stride);
  if (!inq_model_run_encoder (model, picture->height, picture->width, image, moments, cancellable, error))
    return NULL;
  float *latents = g_new (float, (gsize) (h * w) * c);
  for (gint64 i = 0; i < h * w; i++)
    for (int k = 0; k < c; k++)
      latents[i * c + k] = (float) ((moments[i * stride + k] - spec->vae_shift) * spec->vae_scale);
  if (inq_find_not_finite (latents, (gsize) (h * w) * c) >= 0) {
    g_free (latents);
    g_set_error_literal (
        error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE,
        _ ("The autoencoder's encoder produced a number that is not finite: the model's weights are damaged"
           " or overflow"));
    return NULL;
  }
  return latents;
}

/* ---- tiny autoencoder ---- */

static void
build_tiny (InqGraph *graph, InqModel *model, const gint64 *args)
{
  inq_build_tiny_decoder (graph, 1, args[0], args[1]);
}

gboolean
inq_model_has_tiny (InqModel *model)
{
  if (!model->tiny_looked_for) {
    model->tiny_looked_for = TRUE;
    g_autofree char *path = g_build_filename (model->folder, "taesd_decoder.safetensors", NULL);
    if (g_file_test (path, G_FILE_TEST_EXISTS))
      model->tiny = inq_weights_open (path, NULL); /* a broken preview file costs only the preview */
    if (model->tiny
        && (inq_weights_dim (model->tiny, 1, "1.weight") != model->spec->latent_channels
            || inq_tiny_get_down (model->tiny) != model->spec->vae_down))
      g_clear_pointer (&model->tiny, inq_weights_unref);
  }
  return model->tiny != NULL;
}

gboolean
inq_model_run_tiny_decoder (InqModel *model, gint64 h, gint64 w, const float *latents, float *image,
                            GCancellable *cancellable, GError **error)
{
  if (!model->tiny_device)
    model->tiny_device = inq_device_weights_new (model->engine->gpu, model->tiny);
  const gint64 args[4] = { h, w, 0, 0 };
  InqPlan *plan = get_plan (model, "tiny", build_tiny, model->tiny, model->tiny_device, args, error);
  gint64 down = inq_tiny_get_down (model->tiny);
  return plan && inq_plan_write (plan, "z", latents, (gsize) (h * w) * model->spec->latent_channels, error)
         && run_plan (plan, cancellable, error)
         && read_output (plan, "image", image, (gsize) (h * w * down * down) * 3, error);
}

/* ---- estimates ---- */

static gboolean
estimate (InqModel *model, BuildFunc build, const gint64 *args, gsize *arena, gsize *weights)
{
  g_autoptr (InqGraph) graph = inq_graph_new (model->weights);
  build (graph, model, args);
  inq_graph_set_precision (graph, precision_of (model, build));
  return inq_graph_estimate (graph, model->engine->gpu, arena, weights, NULL);
}

gboolean
inq_model_estimate_unet (InqModel *model, gint64 n, gint64 h, gint64 w, gsize *arena, gsize *weights)
{
  const gint64 args[4] = { n, h, w, inq_model_get_tokens (model) };
  return estimate (model, build_unet, args, arena, weights);
}

gboolean
inq_model_estimate_decoder (InqModel *model, gint64 h, gint64 w, gsize *arena, gsize *weights)
{
  const gint64 args[4] = { h, w, 0, 0 };
  return estimate (model, build_decoder, args, arena, weights);
}

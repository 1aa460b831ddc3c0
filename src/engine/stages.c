/* Inquadra - running one stage of a model: find or make its plan, write, run, read.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plans are kept per network, size and batch. When device memory runs out while making one, the others are freed and it
 * is tried again.
 */
#include "config.h"

#include "inq-model.h"
#include "memory-plan.h"
#include "vae-tiles.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_PLANS 8
#define N_ARGS    5 /* what a builder needs */

typedef void (*BuildFunc) (InqGraph *graph, InqModel *model, const gint64 *args);
static void build_decoder (InqGraph *graph, InqModel *model, const gint64 *args);
static void build_encoder (InqGraph *graph, InqModel *model, const gint64 *args);

static gboolean
is_cancelled (gpointer data)
{
  return g_cancellable_is_cancelled (data);
}

static InqWeights *
part_file (InqModel *model, InqPart part)
{
  return part == INQ_PART_TINY ? model->tiny : model->weights;
}

InqDeviceWeights *
inq_model_get_part (InqModel *model, InqPart part)
{
  if (!model->parts[part]) {
    model->parts[part] = inq_device_weights_new (model->engine->gpu, part_file (model, part));
    if (part != INQ_PART_TINY)
      inq_lora_stack_patch (model->loras, model->parts[part]);
  }
  return model->parts[part];
}

InqPrecision
inq_model_get_precision (InqModel *model, InqPart part, gboolean tiles)
{
  gboolean autoencoder = part == INQ_PART_DECODER || part == INQ_PART_ENCODER;
  if (model->wide || (autoencoder && tiles && model->spec->family && model->spec->family->size_ids))
    return INQ_PRECISION_F32;
  return model->engine->precision;
}

static InqGraph *
build_graph (InqModel *model, InqPart part, BuildFunc build, const gint64 args[N_ARGS])
{
  InqGraph *graph = inq_graph_new (part_file (model, part));
  build (graph, model, args);
  inq_graph_set_precision (graph, inq_model_get_precision (model, part, FALSE));
  return graph;
}

/* Everything but the part itself goes, whatever the budget says. */
static gboolean
drop_others (InqModel *model, InqPart part)
{
  gboolean any = model->plans->len > 0;
  inq_model_drop_plans (model);
  for (guint i = 0; i < INQ_N_PARTS; i++)
    if (i != part && model->parts[i]) {
      any = any || inq_device_weights_get_size (model->parts[i]) > 0;
      inq_model_drop_part (model, i);
    }
  return any;
}

/* Whether @plan kept halves that overflowed; then the model takes f32 from now on, and the stage is to run again. */
static gboolean
overflowed (InqModel *model, InqPlan *plan, const float *out, gsize n)
{
  if (!inq_plan_get_halves (plan) || inq_find_not_finite (out, n) < 0)
    return FALSE;
  model->wide = TRUE;
  inq_model_drop_device (model);
  return TRUE;
}

/* The same for what was made in tiles. */
static gboolean
tiles_overflowed (InqModel *model, InqPart part, const float *out, gsize n)
{
  if (inq_model_get_precision (model, part, TRUE) == INQ_PRECISION_F32 || inq_find_not_finite (out, n) < 0)
    return FALSE;
  model->wide = TRUE;
  inq_model_drop_device (model);
  return TRUE;
}

static InqPlan *
new_plan (InqModel *model, InqPart part, InqGraph *graph, const InqPartMode *mode, GError **error)
{
  InqDeviceWeights *dw = inq_model_get_part (model, part);
  InqGraphNeeds needs;
  gsize resident = mode->slot > 0 ? mode->resident : G_MAXSIZE;
  inq_graph_set_anew (graph, mode->anew);
  if (!inq_graph_measure (graph, model->engine->gpu, dw, resident, &needs, error))
    return NULL;
  if (mode->slot > 0 && needs.missing > 0 && inq_device_weights_get_size (dw) > 0) {
    inq_model_drop_part (model, part); /* what stays is another choice than before */
    return new_plan (model, part, graph, mode, error);
  }
  inq_memory_make_room (model, part, needs.arena + needs.missing + 2 * mode->slot);
  return inq_plan_new_streamed (model->engine->gpu, graph, dw, model->engine->timed, resident, mode->slot, error);
}

/* A plan from the cache, or a new one. @args: what the builder needs and the key is made of. NULL without @error where
 * there is no room for the whole: @tiles (nullable) says how to do without. */
static InqPlan *
get_plan (InqModel *model, const char *what, InqPart part, BuildFunc build, const gint64 args[N_ARGS],
          InqPartMode *tiles, GError **error)
{
  g_autofree char *key = g_strdup_printf (
      "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "%s",
      what, args[0], args[1], args[2], args[3], args[4], model->engine->timed ? " timed" : "");
  guint64 budget = inq_memory_get_budget (model);
  for (guint i = 0; i < model->plans->len; i++) {
    InqCachedPlan *cached = g_ptr_array_index (model->plans, i);
    if (g_str_equal (cached->key, key)) {
      g_ptr_array_insert (model->plans, 0, g_ptr_array_steal_index (model->plans, i));
      return cached->plan;
    }
  }
  model->budget = budget; /* plans made for another serve on: what has no room goes when the next one comes */
  g_autoptr (InqGraph) graph = build_graph (model, part, build, args);
  InqPartMode mode;
  if (!inq_memory_choose (model, part, graph, args[0], args[1], budget, &mode, NULL, NULL, error))
    return NULL;
  if (mode.tile > 0 && tiles) {
    *tiles = mode;
    return NULL;
  }
  g_autoptr (GError) local = NULL;
  InqPlan *plan = new_plan (model, part, graph, &mode, &local);
  if (!plan && g_error_matches (local, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY) && drop_others (model, part)) {
    g_clear_error (&local);
    plan = new_plan (model, part, graph, &mode, &local);
  }
  if (!plan) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  InqCachedPlan *cached = g_new (InqCachedPlan, 1);
  cached->key = g_steal_pointer (&key);
  cached->part = part;
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
  const gint64 args[N_ARGS] = { tower, n, all, 0 };
  InqPlan *plan = get_plan (model, "text", INQ_PART_TOWER + tower, build_text, args, NULL, error);
  gsize count = (gsize) n * t->positions, wide = count * t->width;
  if (!plan || !inq_plan_write (plan, "ids", ids, count, error) || !run_plan (plan, cancellable, error)
      || (out->last && !read_output (plan, "last", out->last, wide, error))
      || (out->penultimate && !read_output (plan, "penultimate", out->penultimate, wide, error))
      || (out->penultimate_normed && !read_output (plan, "penultimate_normed", out->penultimate_normed, wide, error)))
    return FALSE;
  const float *states[] = { out->last, out->penultimate, out->penultimate_normed };
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (states[i] && overflowed (model, plan, states[i], wide))
      return inq_model_run_text (model, tower, ids, n, out, cancellable, error);
  return TRUE;
}

/* ---- UNet ---- */

static void
build_unet (InqGraph *graph, InqModel *model, const gint64 *args)
{
  inq_build_unet (graph, model->spec, args[0], args[1], args[2], args[3], (InqPerturb) args[4]);
}

/* What a guidance scale looks like to a distilled network, @n rows of [width]: sinusoids of 1000 (scale - 1), as
 * diffusers' get_guidance_scale_embedding(). */
static float *
embed_guidance (double scale, gint64 n, int width)
{
  float *rows = g_new0 (float, n *width);
  int half = width / 2;
  for (gint64 row = 0; row < n; row++)
    for (int i = 0; i < half; i++) {
      double angle = 1000 * (scale - 1) * exp (-log (10000) * i / MAX (half - 1, 1));
      rows[row * width + i] = (float) sin (angle);
      rows[row * width + half + i] = (float) cos (angle);
    }
  return rows;
}

/* What goes into a network and comes out, see inq_model_run_unet(). */
typedef struct {
  gint64 n, h, w, tokens;
  const float *x, *context, *y;
  double timestep, guidance;
  float *out;
} Call;

static gboolean
run_network (InqModel *model, InqPlan *plan, const Call *call, GCancellable *cancellable, GError **error)
{
  const InqModelSpec *spec = model->spec;
  gsize n = (gsize) call->n, positions = n * (gsize) (call->h * call->w);
  g_autofree float *t = g_new (float, n);
  g_autofree float *scale = embed_guidance (call->guidance > 0 ? call->guidance : spec->cfg, call->n,
                                            spec->guidance_embed);
  for (gsize i = 0; i < n; i++)
    t[i] = (float) call->timestep;
  return inq_plan_write (plan, "x", call->x, positions * (gsize) spec->unet_in_channels, error)
         && inq_plan_write (plan, "t", t, n, error)
         && inq_plan_write (plan, "context", call->context, n * (gsize) call->tokens * spec->context_width, error)
         && (spec->adm_width == 0 || inq_plan_write (plan, "y", call->y, n * spec->adm_width, error))
         && (spec->guidance_embed == 0 || inq_plan_write (plan, "guidance", scale, n * spec->guidance_embed, error))
         && run_plan (plan, cancellable, error)
         && read_output (plan, "out", call->out, positions * (gsize) spec->latent_channels, error);
}

gboolean
inq_model_run_unet (InqModel *model, gint64 n, gint64 h, gint64 w, const float *x, double timestep,
                    const float *context, gint64 tokens, const float *y, double guidance, InqPerturb perturb,
                    float *out, GCancellable *cancellable, GError **error)
{
  const gint64 args[N_ARGS] = { n, h, w, tokens, perturb };
  const Call call = { n, h, w, tokens, x, context, y, timestep, guidance, out };
  InqPlan *plan = get_plan (model, "unet", INQ_PART_UNET, build_unet, args, NULL, error);
  if (!plan || !run_network (model, plan, &call, cancellable, error))
    return FALSE;
  return !overflowed (model, plan, out, (gsize) (n * h * w) * model->spec->latent_channels)
         || inq_model_run_unet (model, n, h, w, x, timestep, context, tokens, y, guidance, perturb, out, cancellable,
                                error);
}

static void
build_guide (InqGraph *graph, InqModel *model, const gint64 *args)
{
  inq_build_guide (graph, model->spec, args[0], args[1], args[2], args[3]);
}

gboolean
inq_model_has_guide (InqModel *model, InqPerturb perturb)
{
  return model->spec->guide_width > 0 && perturb == INQ_PERTURB_NONE;
}

gboolean
inq_model_run_guide (InqModel *model, gint64 n, gint64 h, gint64 w, const float *x, double timestep,
                     const float *context, gint64 tokens, const float *y, float *out, GCancellable *cancellable,
                     GError **error)
{
  const gint64 args[N_ARGS] = { n, h, w, tokens };
  const Call call = { n, h, w, tokens, x, context, y, timestep, 0, out };
  InqPlan *plan = get_plan (model, "guide", INQ_PART_GUIDE, build_guide, args, NULL, error);
  if (!plan || !run_network (model, plan, &call, cancellable, error))
    return FALSE;
  return !overflowed (model, plan, out, (gsize) (n * h * w) * model->spec->latent_channels)
         || inq_model_run_guide (model, n, h, w, x, timestep, context, tokens, y, out, cancellable, error);
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
  const gint64 args[N_ARGS] = { h, w, 0, 0 };
  InqPartMode tiles = { 0 };
  InqPlan *plan = get_plan (model, "decoder", INQ_PART_DECODER, build_decoder, args, &tiles, error);
  gsize pixels = (gsize) (h * w) * spec->vae_down * spec->vae_down;
  if (tiles.tile > 0) {
    if (!inq_tiles_decode (model, &tiles, h, w, z, image, cancellable, error))
      return FALSE;
    return !tiles_overflowed (model, INQ_PART_DECODER, image, pixels * spec->vae_channels)
           || inq_model_run_decoder (model, h, w, z, image, cancellable, error);
  }
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
  const gint64 args[N_ARGS] = { h, w, 0, 0 };
  InqPartMode tiles = { 0 };
  InqPlan *plan = get_plan (model, "encoder", INQ_PART_ENCODER, build_encoder, args, &tiles, error);
  gsize latents = (gsize) ((h / spec->vae_down) * (w / spec->vae_down));
  gsize count = latents * spec->latent_channels * (spec->vae_mean_only ? 1 : 2);
  if (tiles.tile > 0) {
    if (!inq_tiles_encode (model, &tiles, h, w, image, moments, cancellable, error))
      return FALSE;
    return !tiles_overflowed (model, INQ_PART_ENCODER, moments, count)
           || inq_model_run_encoder (model, h, w, image, moments, cancellable, error);
  }
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
inq_model_encode (InqModel *model, const InqPicture *picture, const InqPicture *mask, GCancellable *cancellable,
                  GError **error)
{
  const InqModelSpec *spec = model->spec;
  gsize pixels = (gsize) picture->width * picture->height;
  gint64 h = picture->height / spec->vae_down, w = picture->width / spec->vae_down;
  int c = spec->latent_channels, stride = spec->vae_mean_only ? c : 2 * c;
  g_autofree float *image = g_new (float, pixels * spec->vae_channels);
  for (gsize i = 0; i < pixels; i++) {
    const guint8 *p = picture->rgb + i * 3;
    if (mask && mask->rgb[i * 3] >= 128)
      for (int k = 0; k < spec->vae_channels; k++)
        image[i * spec->vae_channels + k] = 0;
    else if (spec->vae_channels == 1)
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
    g_autofree char *path = inq_model_find_tiny (model->file, model->spec->family->size_ids);
    if (path)
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
  const gint64 args[N_ARGS] = { h, w, 0, 0 };
  InqPlan *plan = get_plan (model, "tiny", INQ_PART_TINY, build_tiny, args, NULL, error);
  gint64 down = inq_tiny_get_down (model->tiny);
  return plan && inq_plan_write (plan, "z", latents, (gsize) (h * w) * model->spec->latent_channels, error)
         && run_plan (plan, cancellable, error)
         && read_output (plan, "image", image, (gsize) (h * w * down * down) * 3, error);
}

/* ---- for planning ---- */

InqGraph *
inq_model_build_part (InqModel *model, InqPart part, gint64 n, gint64 h, gint64 w, gint64 tokens, InqPerturb perturb)
{
  switch (part) {
  case INQ_PART_UNET:
    return build_graph (model, part, build_unet, (const gint64[N_ARGS]){ n, h, w, tokens, perturb });
  case INQ_PART_GUIDE:
    return build_graph (model, part, build_guide, (const gint64[N_ARGS]){ n, h, w, tokens });
  case INQ_PART_DECODER:
    return build_graph (model, part, build_decoder, (const gint64[N_ARGS]){ h, w, 0, 0 });
  case INQ_PART_ENCODER:
    return build_graph (model, part, build_encoder, (const gint64[N_ARGS]){ h, w, 0, 0 });
  case INQ_PART_TINY:
    return build_graph (model, part, build_tiny, (const gint64[N_ARGS]){ h, w, 0, 0 });
  case INQ_PART_TOWER:
  case INQ_N_PARTS:
  default:
    return build_graph (model, part, build_text, (const gint64[N_ARGS]){ part - INQ_PART_TOWER, n, 0, 0 });
  }
}

InqGraph *
inq_model_build_tiled (InqModel *model, InqPart part, gint64 h, gint64 w)
{
  InqGraph *graph = inq_model_build_part (model, part, 1, h, w, 0, INQ_PERTURB_NONE);
  inq_graph_set_precision (graph, inq_model_get_precision (model, part, TRUE));
  return graph;
}

/* Inquadra - the autoencoder in tiles: the walk through its layers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The layers are those of models/autoencoder.c; a step of vae-step.c is one of its convolutions or linear layers with
 * the norm before it and the residual after it.
 */
#include "config.h"

#include "memory-plan.h"
#include "vae-step.h"
#include "vae-tiles.h"

#include <string.h>

#define ROOT       "first_stage_model."
#define MAX_LEVELS 16

typedef struct {
  InqTiles *tiles;
  InqWeights *weights;
} Walk;

static const char *
name_of (char *buffer, gsize size, const char *prefix, const char *name)
{
  g_snprintf (buffer, size, "%s%s", prefix, name);
  return buffer;
}

/* @x becomes what the step makes of it. */
static gboolean
pass (Walk *k, InqPlane **x, const InqTileStep *step, GError **error)
{
  InqPlane *y = inq_tiles_step (k->tiles, *x, step, error);
  if (!y)
    return FALSE;
  inq_plane_free (*x);
  *x = y;
  return TRUE;
}

static gboolean
walk_res (Walk *k, InqPlane **x, const char *p, GError **error)
{
  char norm1[160], norm2[160], conv1[160], conv2[160], shortcut[160];
  gboolean cut = inq_weights_has_any (k->weights, "%snin_shortcut.", p);
  InqTileStep first = { .norm = name_of (norm1, sizeof norm1, p, "norm1"),
                        .act = INQ_ACT_SILU,
                        .conv = name_of (conv1, sizeof conv1, p, "conv1") };
  InqTileStep second = { .norm = name_of (norm2, sizeof norm2, p, "norm2"),
                         .act = INQ_ACT_SILU,
                         .conv = name_of (conv2, sizeof conv2, p, "conv2"),
                         .residual = *x,
                         .shortcut = cut ? name_of (shortcut, sizeof shortcut, p, "nin_shortcut") : NULL };
  g_autoptr (InqPlane) y = inq_tiles_step (k->tiles, *x, &first, error);
  InqPlane *out = y ? inq_tiles_step (k->tiles, y, &second, error) : NULL;
  if (!out)
    return FALSE;
  inq_plane_free (*x);
  *x = out;
  return TRUE;
}

static gboolean
walk_attention (Walk *k, InqPlane **x, const char *p, GError **error)
{
  char norm[160], names[4][160];
  static const char *const layers[] = { "q", "k", "v", "proj_out" };
  g_autoptr (InqPlane) q = NULL;
  g_autoptr (InqPlane) key = NULL;
  g_autoptr (InqPlane) v = NULL;
  InqPlane **into[] = { &q, &key, &v };
  name_of (norm, sizeof norm, p, "norm");
  for (int i = 0; i < 4; i++)
    name_of (names[i], sizeof names[i], p, layers[i]);
  for (int i = 0; i < 3; i++) {
    *into[i] = inq_tiles_step (k->tiles, *x, &(InqTileStep){ .norm = norm, .linear = names[i] }, error);
    if (!*into[i])
      return FALSE;
  }
  g_autoptr (InqPlane) y = inq_tiles_attention (k->tiles, q, key, v, error);
  if (!y)
    return FALSE;
  InqPlane *out = inq_tiles_step (k->tiles, y, &(InqTileStep){ .linear = names[3], .residual = *x }, error);
  if (!out)
    return FALSE;
  inq_plane_free (*x);
  *x = out;
  return TRUE;
}

static gboolean
walk_mid (Walk *k, InqPlane **x, const char *side, GError **error)
{
  char p[96];
  g_snprintf (p, sizeof p, ROOT "%s.mid.block_1.", side);
  if (!walk_res (k, x, p, error))
    return FALSE;
  g_snprintf (p, sizeof p, ROOT "%s.mid.attn_1.", side);
  if (inq_weights_has_any (k->weights, "%s", p) && !walk_attention (k, x, p, error))
    return FALSE;
  g_snprintf (p, sizeof p, ROOT "%s.mid.block_2.", side);
  return walk_res (k, x, p, error);
}

static gboolean
walk_level (Walk *k, InqPlane **x, const char *list, int level, GError **error)
{
  char p[96];
  for (int j = 0; inq_weights_has_any (k->weights, ROOT "%s.%d.block.%d.", list, level, j); j++) {
    g_snprintf (p, sizeof p, ROOT "%s.%d.block.%d.", list, level, j);
    if (!walk_res (k, x, p, error))
      return FALSE;
  }
  return TRUE;
}

static int
count_levels (Walk *k, const char *list)
{
  int n = 0;
  while (n < MAX_LEVELS && inq_weights_has_any (k->weights, ROOT "%s.%d.", list, n))
    n++;
  return n;
}

static gboolean
walk_decoder (Walk *k, InqPlane **x, GError **error)
{
  if (inq_weights_has_any (k->weights, ROOT "post_quant_conv.")
      && !pass (k, x, &(InqTileStep){ .linear = ROOT "post_quant_conv" }, error))
    return FALSE;
  if (!pass (k, x, &(InqTileStep){ .conv = ROOT "decoder.conv_in" }, error) || !walk_mid (k, x, "decoder", error))
    return FALSE;
  for (int i = count_levels (k, "decoder.up") - 1; i >= 0; i--) {
    char name[96];
    g_snprintf (name, sizeof name, ROOT "decoder.up.%d.upsample.conv", i);
    if (!walk_level (k, x, "decoder.up", i, error)
        || (inq_weights_has_any (k->weights, ROOT "decoder.up.%d.upsample.", i)
            && !pass (k, x, &(InqTileStep){ .conv = name, .up = TRUE }, error)))
      return FALSE;
  }
  return pass (k, x,
               &(InqTileStep){ .norm = ROOT "decoder.norm_out", .act = INQ_ACT_SILU, .conv = ROOT "decoder.conv_out" },
               error);
}

static gboolean
walk_encoder (Walk *k, InqPlane **x, GError **error)
{
  if (!pass (k, x, &(InqTileStep){ .conv = ROOT "encoder.conv_in" }, error))
    return FALSE;
  int levels = count_levels (k, "encoder.down");
  for (int i = 0; i < levels; i++) {
    char name[96];
    g_snprintf (name, sizeof name, ROOT "encoder.down.%d.downsample.conv", i);
    if (!walk_level (k, x, "encoder.down", i, error)
        || (inq_weights_has_any (k->weights, ROOT "encoder.down.%d.downsample.", i)
            && !pass (k, x, &(InqTileStep){ .conv = name, .down = TRUE }, error)))
      return FALSE;
  }
  if (!walk_mid (k, x, "encoder", error)
      || !pass (k, x,
                &(InqTileStep){ .norm = ROOT "encoder.norm_out", .act = INQ_ACT_SILU, .conv = ROOT "encoder.conv_out" },
                error))
    return FALSE;
  return !inq_weights_has_any (k->weights, ROOT "quant_conv.")
         || pass (k, x, &(InqTileStep){ .linear = ROOT "quant_conv" }, error);
}

/* ---- folded pictures ---- */

/* PyTorch's pixel_unshuffle and pixel_shuffle: channel c * r * r + dy * r + dx of [h / r, w / r]. */
static void
shuffle (const float *from, float *to, gint64 h, gint64 w, gint64 c, gint64 r, gboolean fold)
{
  for (gint64 y = 0; y < h; y++)
    for (gint64 x = 0; x < w; x++)
      for (gint64 k = 0; k < c; k++) {
        gsize flat = (gsize) ((y * w + x) * c + k);
        gsize folded = (gsize) (((y / r) * (w / r) + x / r) * c * r * r + k * r * r + y % r * r + x % r);
        if (fold)
          to[folded] = from[flat];
        else
          to[flat] = from[folded];
      }
}

/* ---- ways in ---- */

/* What the largest step will need goes at once, as the memory plan counts it. */
static gboolean
make_room (InqModel *model, InqPart part, const InqPartMode *mode, gint64 h, gint64 w, GError **error)
{
  InqTileNeeds needs;
  InqGraphNeeds all;
  g_autoptr (InqGraph) graph = inq_model_build_tiled (model, part, h, w);
  if (!inq_tiles_measure (model, part, h, w, mode->tile, &needs, error)
      || !inq_graph_measure (graph, model->engine->gpu, inq_model_get_part (model, part), G_MAXSIZE, &all, error))
    return FALSE;
  inq_memory_make_room (model, part, mode->slot > 0 ? needs.both : needs.activations + all.missing);
  return TRUE;
}

gboolean
inq_tiles_decode (InqModel *model, const InqPartMode *mode, gint64 h, gint64 w, const float *z, float *image,
                  GCancellable *cancellable, GError **error)
{
  const InqModelSpec *spec = model->spec;
  g_auto (InqTiles) tiles = {
    .model = model, .part = INQ_PART_DECODER, .tile = mode->tile, .drop = mode->slot > 0, .cancellable = cancellable
  };
  Walk k = { &tiles, model->weights };
  g_autoptr (InqPlane) x = inq_plane_new (h, w, spec->latent_channels, TRUE);
  memcpy (x->data, z, sizeof (float) * inq_plane_count (x));
  if (!make_room (model, INQ_PART_DECODER, mode, h, w, error) || !walk_decoder (&k, &x, error))
    return FALSE;
  gint64 r = MAX (spec->vae_patch, 1), down = spec->vae_down;
  if (x->h * r != h * down || x->w * r != w * down || x->c != spec->vae_channels * r * r) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE,
                 "the decoder's result has another shape than pictures");
    return FALSE;
  }
  shuffle (x->data, image, h * down, w * down, spec->vae_channels, r, FALSE);
  return TRUE;
}

gboolean
inq_tiles_encode (InqModel *model, const InqPartMode *mode, gint64 h, gint64 w, const float *image, float *moments,
                  GCancellable *cancellable, GError **error)
{
  const InqModelSpec *spec = model->spec;
  g_auto (InqTiles) tiles = {
    .model = model, .part = INQ_PART_ENCODER, .tile = mode->tile, .drop = mode->slot > 0, .cancellable = cancellable
  };
  Walk k = { &tiles, model->weights };
  gint64 r = MAX (spec->vae_patch, 1), down = spec->vae_down;
  g_autoptr (InqPlane) x = inq_plane_new (h / r, w / r, spec->vae_channels * r * r, TRUE);
  shuffle (image, x->data, h, w, spec->vae_channels, r, TRUE);
  if (!make_room (model, INQ_PART_ENCODER, mode, h, w, error) || !walk_encoder (&k, &x, error))
    return FALSE;
  if (x->h != h / down || x->w != w / down || x->c != spec->latent_channels * (spec->vae_mean_only ? 1 : 2)) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE,
                 "the encoder's result has another shape than latents");
    return FALSE;
  }
  memcpy (moments, x->data, sizeof (float) * inq_plane_count (x));
  return TRUE;
}

gboolean
inq_tiles_measure (InqModel *model, InqPart part, gint64 h, gint64 w, gsize tile, InqTileNeeds *needs, GError **error)
{
  const InqModelSpec *spec = model->spec;
  gboolean decoder = part == INQ_PART_DECODER;
  *needs = (InqTileNeeds){ 0 };
  g_auto (InqTiles) tiles = { .model = model, .part = part, .tile = tile, .measured = needs };
  Walk k = { &tiles, model->weights };
  gint64 r = MAX (spec->vae_patch, 1);
  g_autoptr (InqPlane) x = decoder ? inq_plane_new (h, w, spec->latent_channels, FALSE)
                                   : inq_plane_new (h / r, w / r, spec->vae_channels * r * r, FALSE);
  return decoder ? walk_decoder (&k, &x, error) : walk_encoder (&k, &x, error);
}

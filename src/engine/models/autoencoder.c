/* Inquadra - the KL autoencoder of the latent diffusion families: pictures to latents and back.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rombach et al. 2022, key names of ldm/modules/diffusionmodules/model.py. Levels, blocks, shortcuts, the attention in
 * the middle and the quant convolutions are there when their keys are. Shapes: [n, h, w, c].
 */
#include "config.h"

#include "inq-networks.h"

#define ROOT       "first_stage_model."
#define EPS        1e-6f
#define MAX_LEVELS 16

typedef struct {
  InqGraph *g;
  InqWeights *weights;
  int groups;
  gboolean scaled; /* its stream overflows halves */
} Walk;

static const InqConv conv3 = { .pad_before = 1, .pad_after = 1 };

static const char *
name_of (char *buffer, gsize size, const char *prefix, const char *name)
{
  g_snprintf (buffer, size, "%s%s", prefix, name);
  return buffer;
}
#define N(suffix) name_of (name, sizeof name, p, suffix)

static InqTensor *
build_res (Walk *k, InqTensor *x, const char *p)
{
  char name[160];
  InqTensor *skip = x;
  if (inq_weights_has_any (k->weights, "%snin_shortcut.", p))
    skip = inq_op_linear (k->g, x, N ("nin_shortcut"), &(InqEpilogue){ .scaled = k->scaled });
  InqTensor *y = inq_op_group_norm (k->g, x, N ("norm1"), k->groups, EPS, INQ_ACT_SILU);
  y = inq_op_conv (k->g, y, N ("conv1"), &conv3, &(InqEpilogue){ .scaled = k->scaled });
  y = inq_op_group_norm (k->g, y, N ("norm2"), k->groups, EPS, INQ_ACT_SILU);
  return inq_op_conv (k->g, y, N ("conv2"), &conv3, &(InqEpilogue){ .residual = skip, .scaled = k->scaled });
}

/* One head as wide as the channels, over all positions. */
static InqTensor *
build_attention (Walk *k, InqTensor *x, const char *p)
{
  char name[160];
  gint64 d[4];
  memcpy (d, inq_tensor_dims (x), sizeof d);
  InqTensor *y = inq_op_group_norm (k->g, x, N ("norm"), k->groups, EPS, INQ_ACT_NONE);
  y = inq_op_reshape (k->g, y, d[0], 1, d[1] * d[2], d[3]);
  InqTensor *q = inq_op_linear (k->g, y, N ("q"), NULL);
  InqTensor *key = inq_op_linear (k->g, y, N ("k"), NULL);
  InqTensor *v = inq_op_linear (k->g, y, N ("v"), NULL);
  y = inq_op_attention (k->g, q, key, v, 1, FALSE);
  y = inq_op_reshape (k->g, y, d[0], d[1], d[2], d[3]);
  return inq_op_linear (k->g, y, N ("proj_out"), &(InqEpilogue){ .residual = x, .scaled = k->scaled });
}

static InqTensor *
build_mid (Walk *k, InqTensor *x, const char *side)
{
  char p[96];
  g_snprintf (p, sizeof p, ROOT "%s.mid.block_1.", side);
  x = build_res (k, x, p);
  g_snprintf (p, sizeof p, ROOT "%s.mid.attn_1.", side);
  if (inq_weights_has_any (k->weights, "%s", p))
    x = build_attention (k, x, p);
  g_snprintf (p, sizeof p, ROOT "%s.mid.block_2.", side);
  return build_res (k, x, p);
}

static int
count_levels (Walk *k, const char *list)
{
  int n = 0;
  while (n < MAX_LEVELS && inq_weights_has_any (k->weights, ROOT "%s.%d.", list, n))
    n++;
  return n;
}

static InqTensor *
build_level (Walk *k, InqTensor *x, const char *list, int level)
{
  char p[96];
  for (int j = 0; inq_weights_has_any (k->weights, ROOT "%s.%d.block.%d.", list, level, j); j++) {
    g_snprintf (p, sizeof p, ROOT "%s.%d.block.%d.", list, level, j);
    x = build_res (k, x, p);
  }
  return x;
}

void
inq_build_decoder (InqGraph *graph, const InqModelSpec *spec, gint64 n, gint64 h, gint64 w)
{
  Walk k = { graph, inq_graph_get_weights (graph), spec->groups, spec->family->size_ids };
  if (!spec->has_decoder) {
    inq_graph_fail (graph, INQ_LOADER_ERROR_MISSING, "There is no autoencoder (first_stage_model.decoder.*) in %s",
                    inq_weights_get_label (k.weights));
    return;
  }
  InqTensor *x = inq_graph_input (graph, "z", n, h, w, spec->latent_channels);
  if (inq_weights_has_any (k.weights, ROOT "post_quant_conv."))
    x = inq_op_linear (graph, x, ROOT "post_quant_conv", NULL);
  x = inq_op_conv (graph, x, ROOT "decoder.conv_in", &conv3, &(InqEpilogue){ .scaled = k.scaled });
  x = build_mid (&k, x, "decoder");
  for (int i = count_levels (&k, "decoder.up") - 1; i >= 0; i--) {
    x = build_level (&k, x, "decoder.up", i);
    if (inq_weights_has_any (k.weights, ROOT "decoder.up.%d.upsample.", i)) {
      char name[96];
      g_snprintf (name, sizeof name, ROOT "decoder.up.%d.upsample.conv", i);
      x = inq_op_conv (graph, x, name, &(InqConv){ .pad_before = 1, .pad_after = 1, .upsample2 = TRUE },
                       &(InqEpilogue){ .scaled = k.scaled });
    }
  }
  x = inq_op_group_norm (graph, x, ROOT "decoder.norm_out", k.groups, EPS, INQ_ACT_SILU);
  x = inq_op_conv (graph, x, ROOT "decoder.conv_out", &conv3, NULL);
  if (spec->vae_patch > 1)
    x = inq_op_pixel_shuffle (graph, x, spec->vae_patch);
  inq_graph_output (graph, x, "image");
}

void
inq_build_encoder (InqGraph *graph, const InqModelSpec *spec, gint64 n, gint64 h, gint64 w)
{
  Walk k = { graph, inq_graph_get_weights (graph), spec->groups, spec->family->size_ids };
  if (!spec->has_encoder) {
    inq_graph_fail (graph, INQ_LOADER_ERROR_MISSING, "There is no encoder (first_stage_model.encoder.*) in %s",
                    inq_weights_get_label (k.weights));
    return;
  }
  InqTensor *x = inq_graph_input (graph, "image", n, h, w, spec->vae_channels);
  if (spec->vae_patch > 1)
    x = inq_op_pixel_unshuffle (graph, x, spec->vae_patch);
  x = inq_op_conv (graph, x, ROOT "encoder.conv_in", &conv3, &(InqEpilogue){ .scaled = k.scaled });
  int levels = count_levels (&k, "encoder.down");
  for (int i = 0; i < levels; i++) {
    x = build_level (&k, x, "encoder.down", i);
    if (inq_weights_has_any (k.weights, ROOT "encoder.down.%d.downsample.", i)) {
      char name[96];
      g_snprintf (name, sizeof name, ROOT "encoder.down.%d.downsample.conv", i);
      x = inq_op_conv (graph, x, name, &(InqConv){ .stride = 2, .pad_before = 0, .pad_after = 1 },
                       &(InqEpilogue){ .scaled = k.scaled });
    }
  }
  x = build_mid (&k, x, "encoder");
  x = inq_op_group_norm (graph, x, ROOT "encoder.norm_out", k.groups, EPS, INQ_ACT_SILU);
  x = inq_op_conv (graph, x, ROOT "encoder.conv_out", &conv3, NULL);
  if (inq_weights_has_any (k.weights, ROOT "quant_conv."))
    x = inq_op_linear (graph, x, ROOT "quant_conv", NULL);
  inq_graph_output (graph, x, "moments");
}

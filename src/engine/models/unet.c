/* Inquadra - the UNet of the latent diffusion families, built by walking the blocks that are there.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rombach et al. 2022 ("High-Resolution Image Synthesis with Latent Diffusion Models"), openaimodel.py's key names:
 * input_blocks, middle_block and output_blocks are lists of lists; which layer an entry is shows in its keys. Shapes:
 * x [n, h, w, c], emb [n, 1, 1, 4c], context [n, 1, tokens, d].
 */
#include "config.h"

#include "inq-key-map.h"
#include "inq-networks.h"

#define NORM_EPS    1e-5f /* res blocks and the head */
#define SPATIAL_EPS 1e-6f /* the spatial transformer's group norm */
#define MAX_BLOCKS  64

typedef struct {
  InqGraph *g;
  InqWeights *weights;
  const InqModelSpec *spec;
  const char *root; /* what its keys begin with */
  InqTensor *emb;   /* silu of the time embedding: every res block reads it */
  InqTensor *context;
  const gint64 *wanted; /* (nullable) dims of what upsampling leads to: an odd side is half of itself, rounded up */
  gint64 perturbed;     /* the first rows, whose self-attention is left out here */
} Walk;

static const char *
name_of (char *buffer, gsize size, const char *prefix, const char *name)
{
  g_snprintf (buffer, size, "%s%s", prefix, name);
  return buffer;
}
#define N(suffix) name_of (name, sizeof name, p, suffix)
#define R(suffix) name_of (name, sizeof name, k->root, suffix)

static InqTensor *
build_res (Walk *k, InqTensor *x, const char *p)
{
  char name[192];
  InqTensor *bias = inq_op_linear (k->g, k->emb, N ("emb_layers.1"), NULL); /* [n, 1, 1, out] */
  InqTensor *skip = x;
  if (inq_weights_has_any (k->weights, "%sskip_connection.", p))
    skip = inq_op_linear (k->g, x, N ("skip_connection"), NULL);
  InqTensor *y = inq_op_group_norm (k->g, x, N ("in_layers.0"), k->spec->groups, NORM_EPS, INQ_ACT_SILU);
  y = inq_op_conv (k->g, y, N ("in_layers.2"), &(InqConv){ .pad_before = 1, .pad_after = 1 },
                   &(InqEpilogue){ .channel_bias = bias });
  y = inq_op_group_norm (k->g, y, N ("out_layers.0"), k->spec->groups, NORM_EPS, INQ_ACT_SILU);
  return inq_op_conv (k->g, y, N ("out_layers.3"), &(InqConv){ .pad_before = 1, .pad_after = 1 },
                      &(InqEpilogue){ .residual = skip });
}

/* x + attention of norm(x) over @context (or over itself). */
static InqTensor *
build_attention (Walk *k, InqTensor *x, const char *p, const char *norm, const char *attn, InqTensor *context)
{
  char name[192], inner[160];
  InqTensor *y = inq_op_layer_norm (k->g, x, N (norm), 1e-5f);
  InqTensor *from = context ? context : y;
  g_snprintf (inner, sizeof inner, "%s%s.", p, attn);
  p = inner;
  InqTensor *q = inq_op_linear (k->g, y, N ("to_q"), NULL);
  InqTensor *key = inq_op_linear (k->g, from, N ("to_k"), NULL);
  InqTensor *v = inq_op_linear (k->g, from, N ("to_v"), NULL);
  int heads = k->spec->unet_heads;
  if (heads == 0)
    heads = q ? (int) (inq_tensor_dims (q)[3] / k->spec->unet_head_dim) : 1;
  y = inq_op_attention (k->g, q, key, v, MAX (heads, 1), FALSE);
  if (!context && k->perturbed > 0)
    y = inq_op_take_rows (k->g, v, y, k->perturbed);
  return inq_op_linear (k->g, y, N ("to_out.0"), &(InqEpilogue){ .residual = x });
}

static InqTensor *
build_transformer (Walk *k, InqTensor *x, const char *p)
{
  char name[192], block[160];
  gint64 d[4];
  InqTensor *y = inq_op_group_norm (k->g, x, N ("norm"), k->spec->groups, SPATIAL_EPS, INQ_ACT_NONE);
  y = inq_op_linear (k->g, y, N ("proj_in"), NULL);
  if (!y)
    return NULL;
  memcpy (d, inq_tensor_dims (y), sizeof d); /* heads that do not divide the width leave it narrower within */
  y = inq_op_reshape (k->g, y, d[0], 1, d[1] * d[2], d[3]);
  for (int i = 0; inq_weights_has_any (k->weights, "%stransformer_blocks.%d.", p, i); i++) {
    g_snprintf (block, sizeof block, "%stransformer_blocks.%d.", p, i);
    y = build_attention (k, y, block, "norm1", "attn1", NULL);
    y = build_attention (k, y, block, "norm2", "attn2", k->context);
    const char *outer = p;
    p = block;
    InqTensor *f = inq_op_layer_norm (k->g, y, N ("norm3"), 1e-5f);
    f = inq_op_linear (k->g, f, N ("ff.net.0.proj"), NULL);
    f = inq_op_geglu (k->g, f);
    y = inq_op_linear (k->g, f, N ("ff.net.2"), &(InqEpilogue){ .residual = y });
    p = outer;
  }
  y = inq_op_reshape (k->g, y, d[0], d[1], d[2], d[3]);
  return inq_op_linear (k->g, y, N ("proj_out"), &(InqEpilogue){ .residual = x });
}

/* Nearest x2 and a convolution. Where the side that was halved is odd the last row or column is left out before it, as
 * diffusers does. */
static InqTensor *
build_upsample (Walk *k, InqTensor *x, const char *p)
{
  char name[192];
  const gint64 *d = inq_tensor_dims (x), *to = k->wanted;
  InqConv conv = { .pad_before = 1, .pad_after = 1, .upsample2 = TRUE };
  if (to && (to[1] != 2 * d[1] || to[2] != 2 * d[2])) {
    x = inq_op_upsample2_to (k->g, x, to[1], to[2]);
    conv.upsample2 = FALSE;
  }
  return inq_op_conv (k->g, x, N ("conv"), &conv, NULL);
}

/* One entry of a block; NULL with the graph's error set when its keys are of no known layer. */
static InqTensor *
build_entry (Walk *k, InqTensor *x, const char *p)
{
  char name[192];
  if (!x)
    return NULL;
  if (inq_weights_has_any (k->weights, "%sin_layers.", p))
    return build_res (k, x, p);
  if (inq_weights_has_any (k->weights, "%sproj_in.", p))
    return build_transformer (k, x, p);
  if (inq_weights_has_any (k->weights, "%sop.", p))
    return inq_op_conv (k->g, x, N ("op"), &(InqConv){ .stride = 2, .pad_before = 1, .pad_after = 1 }, NULL);
  if (inq_weights_has_any (k->weights, "%sconv.", p))
    return build_upsample (k, x, p);
  inq_graph_fail (k->g, INQ_LOADER_ERROR_UNSUPPORTED, "%s* is a layer this version does not know, or has lost tensors",
                  p);
  return NULL;
}

static gboolean
has_entry (Walk *k, const char *list, int i, int j)
{
  return inq_weights_has_any (k->weights, "%s%s.%d.%d.", k->root, list, i, j);
}

static InqTensor *
build_block (Walk *k, InqTensor *x, const char *list, int i)
{
  char p[128];
  for (int j = 0; has_entry (k, list, i, j); j++) {
    g_snprintf (p, sizeof p, "%s%s.%d.%d.", k->root, list, i, j);
    x = build_entry (k, x, p);
  }
  return x;
}

static InqTensor *
build_embedding (Walk *k, gint64 n, int width)
{
  char name[192];
  InqTensor *emb = inq_op_timestep (k->g, inq_graph_input (k->g, "t", n, 1, 1, 1), width);
  if (k->spec->guidance_embed > 0) { /* Luo et al. 2023, "Latent Consistency Models": the scale it was distilled with */
    InqTensor *guidance = inq_graph_input (k->g, "guidance", n, 1, 1, k->spec->guidance_embed);
    emb = inq_op_linear (k->g, guidance, R ("time_embed.cond_proj"), &(InqEpilogue){ .residual = emb });
  }
  emb = inq_op_linear (k->g, emb, R ("time_embed.0"), &(InqEpilogue){ .act = INQ_ACT_SILU });
  emb = inq_op_linear (k->g, emb, R ("time_embed.2"), NULL);
  if (k->spec->adm_width > 0) {
    InqTensor *y = inq_graph_input (k->g, "y", n, 1, 1, k->spec->adm_width);
    y = inq_op_linear (k->g, y, R ("label_emb.0.0"), &(InqEpilogue){ .act = INQ_ACT_SILU });
    emb = inq_op_linear (k->g, y, R ("label_emb.0.2"), &(InqEpilogue){ .residual = emb });
  }
  return inq_op_activate (k->g, emb, INQ_ACT_SILU);
}

/* @width: of its timestep's sinusoids */
static void
build_network (Walk *k, gint64 n, gint64 h, gint64 w, gint64 tokens, int width, InqPerturb perturb)
{
  char name[192];
  InqTensor *x = inq_graph_input (k->g, "x", n, h, w, k->spec->unet_in_channels);
  k->context = inq_graph_input (k->g, "context", n, 1, tokens, k->spec->context_width);
  inq_graph_keep (k->g, k->context); /* its keys and values are the same at every step of a picture */
  k->emb = build_embedding (k, n, width);

  InqTensor *skips[MAX_BLOCKS];
  guint n_skips = 0;
  if (k->spec->unet_patch > 1)
    x = inq_op_pixel_unshuffle (k->g, x, k->spec->unet_patch);
  x = inq_op_conv (k->g, x, R ("input_blocks.0.0"), &(InqConv){ .pad_before = 1, .pad_after = 1 }, NULL);
  skips[n_skips++] = x;
  k->perturbed = perturb == INQ_PERTURB_ALL ? n / 2 : 0;
  for (int i = 1; i < MAX_BLOCKS && has_entry (k, "input_blocks", i, 0); i++) {
    x = build_block (k, x, "input_blocks", i);
    skips[n_skips++] = x;
  }
  k->perturbed = perturb == INQ_PERTURB_NONE ? 0 : n / 2;
  for (int j = 0; inq_weights_has_any (k->weights, "%smiddle_block.%d.", k->root, j); j++) {
    char p[64];
    g_snprintf (p, sizeof p, "%smiddle_block.%d.", k->root, j);
    x = build_entry (k, x, p);
  }
  k->perturbed = perturb == INQ_PERTURB_ALL ? n / 2 : 0;
  int n_out = 0;
  for (; has_entry (k, "output_blocks", n_out, 0); n_out++) {
    if (n_skips == 0) {
      inq_graph_fail (k->g, INQ_LOADER_ERROR_SHAPE, "The network has more output_blocks than input_blocks");
      return;
    }
    x = inq_op_concat (k->g, x, skips[--n_skips]);
    k->wanted = n_skips > 0 && skips[n_skips - 1] ? inq_tensor_dims (skips[n_skips - 1]) : NULL;
    x = build_block (k, x, "output_blocks", n_out);
  }
  if (n_skips > 0) {
    inq_graph_fail (k->g, INQ_LOADER_ERROR_MISSING, "The network's output_blocks.%d is missing", n_out);
    return;
  }
  x = inq_op_group_norm (k->g, x, R ("out.0"), k->spec->groups, NORM_EPS, INQ_ACT_SILU);
  x = inq_op_conv (k->g, x, R ("out.2"), &(InqConv){ .pad_before = 1, .pad_after = 1 }, NULL);
  if (k->spec->unet_patch > 1)
    x = inq_op_pixel_shuffle (k->g, x, k->spec->unet_patch);
  inq_graph_output (k->g, x, "out");
}

void
inq_build_unet (InqGraph *graph, const InqModelSpec *spec, gint64 n, gint64 h, gint64 w, gint64 tokens,
                InqPerturb perturb)
{
  Walk k = { .g = graph, .weights = inq_graph_get_weights (graph), .spec = spec, .root = INQ_UNET_PREFIX };
  if (!spec->has_unet) {
    inq_graph_fail (graph, INQ_LOADER_ERROR_MISSING, "There is no diffusion network (model.diffusion_model.*) in %s",
                    inq_weights_get_label (k.weights));
    return;
  }
  build_network (&k, n, h, w, tokens, spec->unet_width, perturb);
}

void
inq_build_guide (InqGraph *graph, const InqModelSpec *spec, gint64 n, gint64 h, gint64 w, gint64 tokens)
{
  Walk k = { .g = graph, .weights = inq_graph_get_weights (graph), .spec = spec, .root = INQ_GUIDE_PREFIX };
  build_network (&k, n, h, w, tokens, spec->guide_width, INQ_PERTURB_NONE);
}

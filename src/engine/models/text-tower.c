/* Inquadra - the text towers: CLIP's transformer in the two layouts its weights are published in.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Radford et al. 2021: token and position embeddings, pre-norm layers with causal attention, a final norm.
 * Shapes: x [n, 1, tokens, width].
 */
#include "config.h"

#include "inq-networks.h"

/* Names inside one layer. */
static const struct {
  const char *norm1, *norm2, *out, *fc1, *fc2;
} layer_names[] = {
  [INQ_TOWER_HF] = { "layer_norm1", "layer_norm2", "self_attn.out_proj", "mlp.fc1", "mlp.fc2" },
  [INQ_TOWER_OPENCLIP] = { "ln_1", "ln_2", "attn.out_proj", "mlp.c_fc", "mlp.c_proj" },
};

static const char *
join (char *buffer, gsize size, const char *prefix, const char *name)
{
  g_snprintf (buffer, size, "%s%s", prefix, name);
  return buffer;
}

static InqTensor *
build_layer (InqGraph *g, const InqTowerSpec *tower, InqTensor *x, const char *p)
{
  InqTowerLayout layout = tower->facts.layout;
  char name[256], bias[256];
#define N(suffix) join (name, sizeof name, p, suffix)
  InqTensor *y = inq_op_layer_norm (g, x, N (layer_names[layout].norm1), 1e-5f);
  InqTensor *q, *k, *v;
  gboolean fused = inq_weights_has (inq_graph_get_weights (g), "%sself_attn.in_proj.weight", p);
  if (layout == INQ_TOWER_HF && !fused) {
    q = inq_op_linear (g, y, N ("self_attn.q_proj"), NULL);
    k = inq_op_linear (g, y, N ("self_attn.k_proj"), NULL);
    v = inq_op_linear (g, y, N ("self_attn.v_proj"), NULL);
  } else {
    gint64 d = tower->width; /* in_proj [3d, d]: rows of q, k, v */
    const char *in = fused ? "self_attn.in_proj.weight" : "attn.in_proj_weight";
    join (bias, sizeof bias, p, fused ? "self_attn.in_proj.bias" : "attn.in_proj_bias");
    q = inq_op_linear_rows (g, y, N (in), bias, 0, d, NULL);
    k = inq_op_linear_rows (g, y, N (in), bias, d, d, NULL);
    v = inq_op_linear_rows (g, y, N (in), bias, 2 * d, d, NULL);
  }
  y = inq_op_attention (g, q, k, v, tower->heads, TRUE);
  x = inq_op_linear (g, y, N (layer_names[layout].out), &(InqEpilogue){ .residual = x });
  y = inq_op_layer_norm (g, x, N (layer_names[layout].norm2), 1e-5f);
  y = inq_op_linear (g, y, N (layer_names[layout].fc1), &(InqEpilogue){ .act = tower->facts.act });
  return inq_op_linear (g, y, N (layer_names[layout].fc2), &(InqEpilogue){ .residual = x });
#undef N
}

void
inq_build_text (InqGraph *graph, const InqModelSpec *spec, guint index, gint64 n, gboolean all)
{
  if (index >= spec->n_towers) {
    inq_graph_fail (graph, INQ_LOADER_ERROR_MISSING, "There is no text tower in this file");
    return;
  }
  const InqTowerSpec *tower = &spec->towers[index];
  InqTensor *ids = inq_graph_input_ids (graph, "ids", n, tower->positions);
  InqTensor *x = inq_op_embed (graph, ids, tower->token_table, tower->position_table);
  InqTensor *before_last = x;
  for (int i = 0; i < tower->layers; i++) {
    char prefix[224];
    g_snprintf (prefix, sizeof prefix, "%s%d.", tower->layer_prefix, i);
    before_last = x;
    x = build_layer (graph, tower, x, prefix);
  }
  if (tower->last_left_out)
    before_last = x;
  /* What conditions the network may need neither the last layer nor the final norm; the planner drops what no output
   * reads. */
  InqHidden wanted = tower->facts.context;
  InqTensor *last = inq_op_layer_norm (graph, x, tower->final_norm, 1e-5f);
  inq_graph_output (graph, last, "last");
  if (all || wanted != INQ_HIDDEN_LAST)
    inq_graph_output (graph, before_last, "penultimate");
  if (all || wanted == INQ_HIDDEN_PENULTIMATE_NORMED)
    inq_graph_output (graph, inq_op_layer_norm (graph, before_last, tower->final_norm, 1e-5f), "penultimate_normed");
}

const char *
inq_hidden_output_name (InqHidden hidden)
{
  switch (hidden) {
  case INQ_HIDDEN_PENULTIMATE:
    return "penultimate";
  case INQ_HIDDEN_PENULTIMATE_NORMED:
    return "penultimate_normed";
  case INQ_HIDDEN_LAST:
  default:
    return "last";
  }
}

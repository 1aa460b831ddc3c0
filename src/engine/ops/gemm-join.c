/* Inquadra - what one dispatch makes together: siblings, linear layers of the same x and shape; a product and its
 * GEGLU. SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Queries, keys and values of self attention are three products of too few tiles each to keep a card busy: side by side
 * they are one of three times the columns. Weights, results and biases stay where each has its own, a group's sibling
 * says where (gemm.glsl). GEGLU reads a product twice as wide as its result, the widest there is: made where the sums
 * are, that is never written. */
#include "config.h"

#include "ops.h"

/* Whether @b is what @a is, but for weights and result. */
static gboolean
are_siblings (InqGraph *g, const InqNode *a, const InqNode *b)
{
  const InqTensor *x = a->out, *y = b->out;

  return a->op == b->op && a->in[GEMM_X] == b->in[GEMM_X] && !b->into && !b->in[GEMM_RESIDUAL]
         && !b->in[GEMM_CHANNEL_BIAS] && inq_tensor_same_dims (x, y) && x->storage->half == y->storage->half
         && !a->weights[1].weight == !b->weights[1].weight && a->i[GEMM_ACT] == b->i[GEMM_ACT]
         && inq_device_weights_kind (g->device_weights, &a->weights[0])
                == inq_device_weights_kind (g->device_weights, &b->weights[0]);
}

/* INQ_FUSE: 0 for nothing, or the one kind that is joined; else all. */
static gboolean
is_wanted (const char *kind)
{
  const char *env = g_getenv ("INQ_FUSE");

  return !env || !*env || g_str_equal (env, "1") || g_str_equal (env, kind);
}

/* Whether @t is read by the node @reader, once, and nothing else. */
static gboolean
is_read_by (InqGraph *g, const InqTensor *t, const InqNode *reader)
{
  guint readers = 0;

  if (t->storage != t || reader->in[0] != t)
    return FALSE;
  for (guint i = 0; i < g->tensors->len; i++) {
    const InqTensor *view = g->tensors->pdata[i];

    if (view != t && view->storage == t)
      return FALSE;
  }
  for (guint i = 0; i < g->nodes->len; i++)
    for (guint k = 0; k < INQ_NODE_INPUTS; k++)
      readers += ((const InqNode *) g->nodes->pdata[i])->in[k] == t;
  return readers == 1;
}

gboolean
inq_gemm_is_gated (const InqNode *node)
{
  return node->joined[0] && node->joined[0]->op == &inq_geglu_op;
}

void
inq_gemm_join (InqGraph *g, guint i)
{
  InqNode *node = g->nodes->pdata[i], *gate = i + 1 < g->nodes->len ? g->nodes->pdata[i + 1] : NULL;

  if (node->in[GEMM_RESIDUAL] || node->in[GEMM_CHANNEL_BIAS])
    return;
  /* in eights; whether its tile can is seen when it is chosen */
  if (gate && gate->op == &inq_geglu_op && is_wanted ("geglu") && node->i[GEMM_ACT] == INQ_ACT_NONE
      && node->out->dims[3] % 16 == 0 && is_read_by (g, node->out, gate)) {
    inq_node_join (node, gate);
    return;
  }
  if (!is_wanted ("siblings"))
    return;
  for (guint k = 1; k < INQ_GEMM_MAX_SIBLINGS && i + k < g->nodes->len; k++) {
    InqNode *next = g->nodes->pdata[i + k];

    if (!are_siblings (g, node, next))
      break;
    inq_node_join (node, next);
  }
}

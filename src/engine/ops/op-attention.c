/* Inquadra - attention in one kernel with online softmax (Milakov and Gimelshein 2018; Dao et al. 2022).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "attention-subgroups.spv.h"
#include "attention-texels.spv.h"
#include "attention.spv.h"

#include <math.h>

/* Floats of queries an invocation holds, and as many of sums: a key read serves all its queries. */
#define QUERY_FLOATS 128
/* Heads over LONG channels are made in parts of LONG_PART, as in attention.comp. */
#define LONG      128
#define LONG_PART 64

static void
attention_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *q = node->in[0], *k = node->in[1], *v = node->in[2];
  guint32 heads = (guint32) node->i[0], d = (guint32) (q->dims[3] / heads);
  gboolean shared = inq_record_shared (r);
  guint local = inq_record_local (r), queries = d > LONG ? 2 : CLAMP (QUERY_FLOATS / d, 1, 8);
  InqAttentionPush push = {
    .n = (guint32) q->dims[0],
    .heads = heads,
    .tq = (guint32) q->dims[2],
    .tk = (guint32) k->dims[2],
    .scale = 1.0f / sqrtf ((float) d),
  };
  InqBind binds[] = { INQ_READ (q), INQ_READ (k), INQ_READ (v), INQ_WRITE (node->out) };
  guint32 halves = inq_bind_halves (binds, G_N_ELEMENTS (binds));
  InqGpuPipelineDesc desc = {
    .name = "attention",
    .spirv = inq_attention_spv,
    .spirv_size = sizeof inq_attention_spv,
    .n_bindings = 4,
    .push_size = sizeof push,
    .n_spec = 5,
    .spec = { local, d, node->i[1] != 0, queries, halves },
  };
  const char *label = inq_record_label ("attention:%ux%ux%ux%ux%u", push.n, heads, push.tq, push.tk, d);

  if (shared) {
    if (!inq_record_matrix (r)
        || (!inq_attention_describe ((guint) node->i[2], d, node->i[1] != 0, halves, inq_record_facts (r), &desc,
                                     &queries)
            && !inq_attention_describe (0, d, node->i[1] != 0, halves, inq_record_facts (r), &desc, &queries)))
      inq_attention_describe_shared (d, node->i[1] != 0, halves, &desc, &queries);
    inq_record_groups (r, &desc, binds, &push, (gint64) push.n * heads * ((push.tq + queries - 1) / queries), 1, label);
  } else {
    gint64 a_head = (push.tq + queries - 1) / queries, parts = d > LONG ? (d + LONG_PART - 1) / LONG_PART : 1;

    if (d % 4 == 0)
      inq_record_texels (r, &desc, binds, 7, inq_attention_texels_spv, sizeof inq_attention_texels_spv);
    if (desc.texels && d <= LONG && inq_record_texel_subgroups (r, a_head)) {
      desc.spirv = inq_attention_subgroups_spv;
      desc.spirv_size = sizeof inq_attention_subgroups_spv;
      inq_record_groups (r, &desc, binds, &push, (gint64) push.n * heads * ((a_head + local - 1) / local), 1, label);
    } else {
      inq_record_linear (r, &desc, binds, &push, (gint64) push.n * heads * a_head * parts, local, label);
    }
  }
}

/* Halves are written in pairs or fours. */
static gboolean
attention_halves (const InqNode *node)
{
  return node->out->dims[3] / node->i[0] % 4 == 0;
}

/* Causal attention is of texts, which are short: it keeps the first tile. */
static void
attention_prepare (InqGraph *g, InqGpu *gpu, const InqGpuFacts *facts, InqNode *node)
{
  gint64 d = node->out->dims[3] / node->i[0];

  if (g->attention_tile > 0)
    node->i[2] = g->attention_tile - 1;
  else
    node->i[2] = node->i[1] ? 0 : inq_attention_choose (inq_gemm_get_speeds (gpu), (guint) d, node->in[1]->dims[2]);
}

static const InqOp attention_op = {
  .name = "attention", .record = attention_record, .halves = attention_halves, .prepare = attention_prepare
};

InqTensor *
inq_op_attention (InqGraph *g, InqTensor *q, InqTensor *k, InqTensor *v, int heads, gboolean causal)
{
  InqTensor *y;
  InqNode *node;

  if (!q || !k || !v)
    return NULL;
  if (!inq_graph_check_same (g, "attention's keys and values", k, v))
    return NULL;
  if (heads < 1 || q->dims[3] % heads || q->dims[3] / heads > 512 || k->dims[3] != q->dims[3]
      || k->dims[0] != q->dims[0] || q->dims[1] != 1 || k->dims[1] != 1) {
    g_autofree char *a = inq_tensor_shape (q), *b = inq_tensor_shape (k);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE,
                    "attention: queries %s and keys %s do not fit %d heads of at most 512 channels", a, b, heads);
    return NULL;
  }
  y = inq_graph_tensor (g, q->dims[0], 1, q->dims[2], q->dims[3]);
  if (!y)
    return NULL;
  node = inq_graph_node (g, &attention_op, y);
  node->in[0] = q;
  node->in[1] = k;
  node->in[2] = v;
  node->i[0] = heads;
  node->i[1] = causal;
  node->flops = 4.0 * (double) q->dims[0] * (double) q->dims[2] * (double) k->dims[2] * (double) q->dims[3];
  return y;
}

/* Inquadra - attention in one kernel with online softmax (Milakov and Gimelshein 2018; Dao et al. 2022).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "attention-group.spv.h"
#include "attention-matrix.spv.h"
#include "attention-shared.spv.h"
#include "attention.spv.h"

#include <math.h>

/* Floats of queries an invocation holds, and as many of sums: a key read serves all its queries. */
#define QUERY_FLOATS 128
/* Heads over LONG channels are made in parts of LONG_PART, as in attention.comp. */
#define LONG      128
#define LONG_PART 64

typedef struct {
  guint32 n, heads, tq, tk;
  float scale;
} AttentionPush;

/* Of attention-shared.comp. */
#define SHARED_QUERIES 64
#define SHARED_LOCAL   256

/* Of attention-matrix.comp. */
#define MATRIX_LONG 160

const InqAttentionTile inq_attention_tiles[] = {
  { FALSE, 4, 1, 64 },   { FALSE, 4, 1, 32 }, { FALSE, 8, 1, 64 },  { FALSE, 4, 2, 64 },  { FALSE, 2, 2, 64 },
  { FALSE, 2, 2, 32 },   { FALSE, 2, 1, 64 }, { TRUE, 4, 64, 64 },  { TRUE, 4, 128, 64 }, { TRUE, 8, 128, 64 },
  { TRUE, 8, 128, 128 }, { TRUE, 4, 64, 32 }, { TRUE, 4, 64, 128 }, { TRUE, 4, 128, 32 }, { TRUE, 8, 256, 64 },
};
const guint inq_attention_n_tiles = G_N_ELEMENTS (inq_attention_tiles);

/* Keys at a time with @t, or 0 where the matrix kernel cannot do heads of @d. */
static guint
matrix_keys (InqRecorder *r, guint d, const InqAttentionTile *t)
{
  const InqGpuFacts *facts = inq_record_facts (r);
  guint pitch = (d + 15) / 16 * 2 + 1, warps = t->warps;

  if (!inq_record_matrix (r) || !facts->subgroup_shuffle || d % 8 || d > MATRIX_LONG
      || facts->matrix_subgroup % facts->matrix_m || warps * facts->matrix_subgroup > facts->max_invocations)
    return 0;
  /* a processor that plays a card compiles for minutes what a card takes at once */
  for (guint keys = facts->kind == INQ_GPU_KIND_SOFTWARE ? 16 : t->keys; keys >= 16; keys /= 2) {
    guint bytes = (2 * keys * pitch + warps * facts->matrix_m * (keys / 4 + 1)) * 16;

    if (bytes <= facts->max_shared_memory && keys / (facts->matrix_subgroup / facts->matrix_m) % 8 == 0
        && warps * t->queries * facts->matrix_m <= 2 * keys)
      return keys;
  }
  return 0;
}

/* Channels of a head as the matrices of a group want them; 0 where @t does not fit the device. */
static guint
group_channels (const InqGpuFacts *facts, const InqAttentionTile *t, guint d)
{
  guint local = t->warps * facts->matrix_subgroup;

  if (d % 8 || d > MATRIX_LONG || facts->group_matrix_shared > facts->max_shared_memory)
    return 0;
  for (guint i = 0; i < facts->n_group_matrices; i++) {
    guint m = facts->group_matrices[i].m, n = facts->group_matrices[i].n, k = facts->group_matrices[i].k;
    guint step = MAX (MAX (n, k), 16), dp = (d + step - 1) / step * step;

    if (facts->group_matrices[i].invocations == local && t->queries % m == 0 && t->keys % n == 0 && t->keys % k == 0
        && dp % n == 0 && dp % k == 0 && MAX (dp, MAX (t->queries, t->keys)) <= facts->group_matrix_max)
      return dp;
  }
  return 0;
}

static void
attention_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *q = node->in[0], *k = node->in[1], *v = node->in[2];
  guint32 heads = (guint32) node->i[0], d = (guint32) (q->dims[3] / heads);
  gboolean shared = inq_record_shared (r);
  guint local = shared ? SHARED_LOCAL : inq_record_local (r);
  guint queries = shared ? SHARED_QUERIES : d > LONG ? 2 : CLAMP (QUERY_FLOATS / d, 1, 8);
  AttentionPush push = {
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
    .spirv = shared ? inq_attention_shared_spv : inq_attention_spv,
    .spirv_size = shared ? sizeof inq_attention_shared_spv : sizeof inq_attention_spv,
    .n_bindings = 4,
    .push_size = sizeof push,
    .n_spec = shared ? 4 : 5,
    .spec = { local, d, node->i[1] != 0, shared ? halves : queries, halves },
  };
  const InqAttentionTile *tile = &inq_attention_tiles[CLAMP (node->i[2], 0, (gint64) inq_attention_n_tiles - 1)];
  guint keys = tile->group ? 0 : matrix_keys (r, d, tile);
  guint channels = tile->group && inq_record_matrix (r) && halves == 15 ? group_channels (inq_record_facts (r), tile, d)
                                                                        : 0;
  const char *label = inq_record_label ("attention:%ux%ux%ux%ux%u", push.n, heads, push.tq, push.tk, d);
  gint64 tiles = (gint64) push.n * heads * ((push.tq + queries - 1) / queries)
                 * (!shared && d > LONG ? (d + LONG_PART - 1) / LONG_PART : 1);

  if (channels > 0) {
    const guint32 spec[] = {
      tile->warps * inq_record_facts (r)->matrix_subgroup, d, node->i[1] != 0, channels, tile->queries, tile->keys
    };

    desc.spirv = inq_attention_group_spv;
    desc.spirv_size = sizeof inq_attention_group_spv;
    desc.subgroup_size = inq_record_facts (r)->matrix_subgroup;
    desc.n_spec = G_N_ELEMENTS (spec);
    memcpy (desc.spec, spec, sizeof spec);
    inq_record_groups (r, &desc, binds, &push,
                       (gint64) push.n * heads * ((push.tq + tile->queries - 1) / tile->queries), 1, label);
  } else if (keys > 0) {
    const InqGpuFacts *facts = inq_record_facts (r);
    const guint32 spec[] = { tile->warps * facts->matrix_subgroup,
                             d,
                             node->i[1] != 0,
                             halves,
                             tile->warps,
                             keys,
                             facts->matrix_m,
                             facts->matrix_n,
                             facts->matrix_k,
                             facts->matrix_subgroup,
                             tile->queries };

    queries = tile->warps * tile->queries * facts->matrix_m;
    desc.spirv = inq_attention_matrix_spv;
    desc.spirv_size = sizeof inq_attention_matrix_spv;
    desc.subgroup_size = facts->matrix_subgroup;
    desc.n_spec = G_N_ELEMENTS (spec);
    memcpy (desc.spec, spec, sizeof spec);
    inq_record_groups (r, &desc, binds, &push, (gint64) push.n * heads * ((push.tq + queries - 1) / queries), 1, label);
  } else {
    inq_record_linear (r, &desc, binds, &push, shared ? tiles * local : tiles, local, label);
  }
}

/* Halves are written in pairs or fours. */
static gboolean
attention_halves (const InqNode *node)
{
  return node->out->dims[3] / node->i[0] % 4 == 0;
}

/* The first tile is the one for everything, unless another is asked for. */
static void
attention_prepare (InqGraph *g, InqGpu *gpu, const InqGpuFacts *facts, InqNode *node)
{
  node->i[2] = MAX (g->attention_tile - 1, 0);
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

/* Inquadra - the matrix product behind linear layers and convolutions: node, kernel choice, recording.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "gemm-matrix.spv.h"
#include "gemm-merge.spv.h"
#include "gemm-shared.spv.h"
#include "gemm.spv.h"

/* Matches gemm.glsl. */
typedef struct {
  guint32 rows;    /* n * oh * ow */
  guint32 columns; /* out channels */
  guint32 pitch;   /* out channels padded, elements of a row of W */
  guint32 c;       /* in channels */
  guint32 ih, iw;
  guint32 oh, ow;
  guint32 kh, kw;
  guint32 stride, pad;
  guint32 upsample; /* 0 or 1 */
  guint32 flags;    /* FLAG_... */
  guint32 part;     /* in channels of one work group z, or the number of parts to merge */
} GemmPush;

enum {
  FLAG_BIAS = 1,
  FLAG_CHANNEL_BIAS = 2,
};

/* Of gemm.comp. Eight rows read each weight half as often as four, which is most of the cost on a processor; twelve
 * gain nothing more. */
#define TILE_COLUMNS 16
#define TILE_ROWS    8
#define TILE_FEW     4
#define SHARED_LOCAL 256 /* of gemm-shared.comp */

InqTensor *
inq_gemm_node (InqGraph *g, const InqOp *op, const char *name, InqTensor *x, InqTensor *y, const InqWeightRef *weight,
               const InqWeightRef *bias, const InqEpilogue *e, InqNode **node_out)
{
  static const InqEpilogue none;
  InqNode *node;
  gint64 out = y->dims[3];

  if (!e)
    e = &none;
  if (g->error) /* a bias of the wrong shape */
    return NULL;
  if (e->residual && !inq_graph_check_same (g, name, y, e->residual))
    return NULL;
  if (e->channel_bias
      && (e->channel_bias->dims[0] != y->dims[0] || e->channel_bias->dims[3] != out
          || inq_tensor_count (e->channel_bias) != y->dims[0] * out)) {
    g_autofree char *a = inq_tensor_shape (e->channel_bias), *b = inq_tensor_shape (y);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "'%s': channel bias %s does not fit %s", name, a, b);
    return NULL;
  }
  node = inq_graph_node (g, op, y);
  node->in[GEMM_X] = x;
  node->in[GEMM_RESIDUAL] = e->residual;
  node->in[GEMM_CHANNEL_BIAS] = e->channel_bias;
  node->weights[0] = *weight;
  node->weights[1] = *bias;
  node->i[GEMM_ACT] = e->act;
  node->flops = 2.0 * (double) inq_tensor_count (y) * (double) (inq_weight_count (weight->weight))
                / (double) (weight->form == INQ_FORM_STRAIGHT ? weight->weight->dims[1] : weight->weight->dims[0]);
  *node_out = node;
  return y;
}

static gint64
tiles (const GemmPush *push, guint rows, guint columns)
{
  return (gint64) ((push->rows + rows - 1) / rows) * ((push->columns + columns - 1) / columns);
}

static GemmPush
push_of (const InqNode *node)
{
  const InqTensor *x = node->in[GEMM_X], *y = node->out;

  return (GemmPush){
    .rows = (guint32) inq_tensor_rows (y),
    .columns = (guint32) y->dims[3],
    .pitch = (guint32) inq_weight_columns (node->weights[0].count),
    .c = (guint32) x->dims[3],
    .ih = (guint32) x->dims[1],
    .iw = (guint32) x->dims[2],
    .oh = (guint32) y->dims[1],
    .ow = (guint32) y->dims[2],
    .kh = (guint32) node->i[GEMM_KH],
    .kw = (guint32) node->i[GEMM_KW],
    .stride = (guint32) node->i[GEMM_STRIDE],
    .pad = (guint32) node->i[GEMM_PAD],
    .upsample = node->i[GEMM_UPSAMPLE] != 0,
    .flags = (node->weights[1].weight ? FLAG_BIAS : 0) | (node->in[GEMM_CHANNEL_BIAS] ? FLAG_CHANNEL_BIAS : 0),
    .part = (guint32) node->i[GEMM_PART],
  };
}

/* Adds the parts of a split sum and finishes them. */
static void
record_merge (InqRecorder *r, const InqNode *node, GemmPush push)
{
  guint local = inq_record_local (r);
  InqBind binds[] = {
    INQ_READ (node->scratch[0]),
    INQ_NO_BIND,
    INQ_WRITE (node->out),
    inq_weight_or_none (&node->weights[1]),
    inq_read_or_none (node->in[GEMM_CHANNEL_BIAS]),
    inq_read_or_none (node->in[GEMM_RESIDUAL]),
  };
  InqGpuPipelineDesc desc = {
    .name = "gemm-merge",
    .spirv = inq_gemm_merge_spv,
    .spirv_size = sizeof inq_gemm_merge_spv,
    .n_bindings = G_N_ELEMENTS (binds),
    .push_size = sizeof push,
    .n_spec = 5,
    .spec = { local, (guint32) node->i[GEMM_ACT], node->in[GEMM_RESIDUAL] != NULL, push.columns % 4 == 0,
              inq_bind_halves (binds, G_N_ELEMENTS (binds)) },
  };

  push.part = (guint32) node->i[GEMM_PARTS];
  inq_record_linear (r, &desc, binds, &push, (gint64) push.rows * (push.pitch / 4), local,
                     inq_record_label ("merge:%ux%ux%u", push.part, push.rows, push.columns));
}

void
inq_gemm_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *x = node->in[GEMM_X], *y = node->out, *channel_bias = node->in[GEMM_CHANNEL_BIAS];
  const InqGpuFacts *facts = inq_record_facts (r);
  gboolean plain = node->i[GEMM_KH] == 1 && node->i[GEMM_KW] == 1 && node->i[GEMM_STRIDE] == 1 && node->i[GEMM_PAD] == 0
                   && !node->i[GEMM_UPSAMPLE];
  GemmPush push = push_of (node);
  gboolean split = node->i[GEMM_PARTS] > 1, residual = node->in[GEMM_RESIDUAL] && !split;
  guint32 act = split ? INQ_ACT_NONE : (guint32) node->i[GEMM_ACT];
  InqBind binds[] = {
    INQ_READ (x),
    INQ_WEIGHT (&node->weights[0]),
    INQ_WRITE (split ? node->scratch[0] : y),
    split ? INQ_NO_BIND : inq_weight_or_none (&node->weights[1]),
    inq_read_or_none (split ? NULL : channel_bias),
    inq_read_or_none (split ? NULL : node->in[GEMM_RESIDUAL]),
  };
  guint32 halves = inq_bind_halves (binds, G_N_ELEMENTS (binds));
  gboolean half = inq_record_is_half (r, &node->weights[0]);
  const char *label = inq_record_label ("%s:%ux%ux%u%s", plain ? "linear" : "conv", push.rows, push.columns,
                                        push.c * push.kh * push.kw,
                                        push.upsample     ? " up"
                                        : push.stride > 1 ? " down"
                                                          : "");
  /* every constant is another kernel to compile: what costs nothing at run time is in @push */
  InqGpuPipelineDesc desc = { .name = plain ? "linear" : "conv",
                              .n_bindings = G_N_ELEMENTS (binds),
                              .push_size = sizeof push };

  if (split)
    push.flags = 0;
  if (node->i[GEMM_TILE] >= 0) {
    const InqGemmTile *t = &inq_gemm_tiles[node->i[GEMM_TILE]];
    guint local = t->m / t->warp_m * (t->n / t->warp_n) * facts->matrix_subgroup;
    const guint32 spec[] = {
      local,
      half,
      push.c % 8 == 0,
      !plain,
      act,
      residual,
      push.columns % 4 == 0,
      split,
      halves,
      t->m,
      t->n,
      t->k,
      t->warp_m,
      t->warp_n,
      t->stages,
      facts->matrix_m,
      facts->matrix_n,
      facts->matrix_k,
      facts->matrix_subgroup,
    };

    desc.spirv = inq_gemm_matrix_spv;
    desc.spirv_size = sizeof inq_gemm_matrix_spv;
    desc.subgroup_size = facts->matrix_subgroup;
    desc.n_spec = G_N_ELEMENTS (spec);
    memcpy (desc.spec, spec, sizeof spec);
    inq_record_groups (r, &desc, binds, &push, tiles (&push, t->m, t->n), (guint) node->i[GEMM_PARTS], label);
  } else if (inq_record_shared (r)) {
    guint size = (guint) -node->i[GEMM_TILE];

    desc.spirv = inq_gemm_shared_spv;
    desc.spirv_size = sizeof inq_gemm_shared_spv;
    desc.n_spec = 11;
    memcpy (desc.spec,
            (guint32[]){ SHARED_LOCAL, half, push.c % 4 == 0, !plain, act, residual, push.columns % 4 == 0, size / 16,
                         size / 16, halves, split },
            11 * sizeof (guint32));
    inq_record_groups (r, &desc, binds, &push, tiles (&push, size, size), (guint) node->i[GEMM_PARTS], label);
  } else {
    guint local = inq_record_local (r), size = push.rows <= TILE_FEW ? TILE_FEW : TILE_ROWS;

    desc.spirv = inq_gemm_spv;
    desc.spirv_size = sizeof inq_gemm_spv;
    desc.n_spec = 10;
    memcpy (desc.spec,
            (guint32[]){ local, half, push.c % 4 == 0, !plain, act, residual,
                         channel_bias && push.oh * push.ow % size != 0 && y->dims[0] > 1, push.columns % 4 == 0, size,
                         halves },
            10 * sizeof (guint32));
    inq_record_linear (r, &desc, binds, &push, tiles (&push, size, TILE_COLUMNS), local, label);
  }
  if (split)
    record_merge (r, node, push_of (node));
}

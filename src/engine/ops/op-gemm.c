/* Inquadra - the matrix product behind linear layers and convolutions: node, kernel choice, recording.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "gemm.spv.h"

/* Matches gemm.comp. */
typedef struct {
  guint32 rows;    /* n * oh * ow */
  guint32 columns; /* out channels */
  guint32 pitch;   /* out channels padded, elements of a row of W */
  guint32 c;       /* in channels */
  guint32 ih, iw;
  guint32 oh, ow;
  guint32 kh, kw;
  guint32 stride, pad;
} GemmPush;

#define TILE_ROWS    4
#define TILE_COLUMNS 16

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

void
inq_gemm_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *x = node->in[GEMM_X], *y = node->out;
  gboolean plain = node->i[GEMM_KH] == 1 && node->i[GEMM_KW] == 1 && node->i[GEMM_STRIDE] == 1 && node->i[GEMM_PAD] == 0
                   && !node->i[GEMM_UPSAMPLE] && inq_tensor_rows (x) == inq_tensor_rows (y);
  guint local = inq_record_local (r);
  InqGpuPipelineDesc desc = {
    .name = plain ? "linear" : "conv",
    .spirv = inq_gemm_spv,
    .spirv_size = sizeof inq_gemm_spv,
    .n_bindings = 6,
    .push_size = sizeof (GemmPush),
    .n_spec = 9,
    .spec = {
      local,
      inq_record_is_half (r, &node->weights[0]),
      x->dims[3] % 4 == 0,
      !plain,
      node->i[GEMM_UPSAMPLE] != 0,
      (guint32) node->i[GEMM_ACT],
      node->weights[1].weight != NULL,
      node->in[GEMM_CHANNEL_BIAS] != NULL,
      node->in[GEMM_RESIDUAL] != NULL,
    },
  };
  GemmPush push = {
    (guint32) inq_tensor_rows (y),
    (guint32) y->dims[3],
    (guint32) inq_weight_columns (node->weights[0].count),
    (guint32) x->dims[3],
    (guint32) x->dims[1],
    (guint32) x->dims[2],
    (guint32) y->dims[1],
    (guint32) y->dims[2],
    (guint32) node->i[GEMM_KH],
    (guint32) node->i[GEMM_KW],
    (guint32) node->i[GEMM_STRIDE],
    (guint32) node->i[GEMM_PAD],
  };
  InqBind binds[] = {
    INQ_READ (x),
    INQ_WEIGHT (&node->weights[0]),
    INQ_WRITE (y),
    inq_weight_or_none (&node->weights[1]),
    inq_read_or_none (node->in[GEMM_CHANNEL_BIAS]),
    inq_read_or_none (node->in[GEMM_RESIDUAL]),
  };
  gint64 tiles = (push.rows + TILE_ROWS - 1) / TILE_ROWS * ((push.columns + TILE_COLUMNS - 1) / TILE_COLUMNS);

  inq_record_linear (r, &desc, binds, &push, tiles, local,
                     inq_record_label ("%s:%ux%ux%u%s", desc.name, push.rows, push.columns, push.c * push.kh * push.kw,
                                       node->i[GEMM_UPSAMPLE] ? " up"
                                       : push.stride > 1      ? " down"
                                                              : ""));
}

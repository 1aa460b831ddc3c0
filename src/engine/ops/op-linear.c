/* Inquadra - linear layers: y = act(x W + b + channel bias) + residual.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

const InqOp inq_linear_op = {
  .name = "linear", .record = inq_gemm_record, .prepare = inq_gemm_prepare, .join = inq_gemm_join
};

static InqTensor *
linear (InqGraph *g, InqTensor *x, const char *name, const InqWeightRef *weight, const InqWeightRef *bias,
        const InqEpilogue *e)
{
  InqTensor *y = inq_graph_tensor (g, x->dims[0], x->dims[1], x->dims[2], weight->count);
  InqNode *node;

  if (!y)
    return NULL;
  y = inq_gemm_node (g, &inq_linear_op, name, x, y, weight, bias, e, &node);
  if (!y)
    return NULL;
  node->i[GEMM_KH] = node->i[GEMM_KW] = node->i[GEMM_STRIDE] = 1;
  return y;
}

static gboolean
check_matrix (InqGraph *g, const InqWeight *w, gint64 in, guint in_dim)
{
  gboolean pointwise = w->n_dims == 4 && w->dims[2] == 1 && w->dims[3] == 1;

  if ((w->n_dims != 2 && !(pointwise && in_dim == 1)) || w->dims[in_dim] != in || w->dims[1 - in_dim] < 1) {
    g_autofree char *shape = inq_weight_shape (w);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "tensor '%s' is %s, a matrix with %" G_GINT64_FORMAT " %s is needed",
                    w->name, shape, in, in_dim ? "columns" : "rows");
    return FALSE;
  }
  return TRUE;
}

InqTensor *
inq_op_linear (InqGraph *g, InqTensor *x, const char *name, const InqEpilogue *e)
{
  g_autofree char *weight_name = g_strconcat (name, ".weight", NULL);
  const InqWeight *w, *b = NULL;

  if (!x)
    return NULL;
  w = inq_graph_weight (g, weight_name);
  if (!w || !check_matrix (g, w, x->dims[3], 1))
    return NULL;
  if (!e || !e->no_bias)
    b = inq_graph_vector (g, name, ".bias", w->dims[0], FALSE);
  return linear (g, x, name, &(InqWeightRef){ w, INQ_FORM_LINEAR, 0, w->dims[0] },
                 &(InqWeightRef){ b, INQ_FORM_VECTOR, 0, w->dims[0] }, e);
}

InqTensor *
inq_op_linear_rows (InqGraph *g, InqTensor *x, const char *weight, const char *bias, gint64 first, gint64 count,
                    const InqEpilogue *e)
{
  const InqWeight *w, *b = NULL;

  if (!x)
    return NULL;
  w = inq_graph_weight (g, weight);
  if (!w || !check_matrix (g, w, x->dims[3], 1))
    return NULL;
  if (first < 0 || count < 1 || first > w->dims[0] - count) {
    g_autofree char *shape = inq_weight_shape (w);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE,
                    "tensor '%s' is %s, rows %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " are needed", weight, shape,
                    first, first + count);
    return NULL;
  }
  if (bias && !(e && e->no_bias)) {
    b = inq_graph_vector (g, bias, "", w->dims[0], TRUE);
    if (!b)
      return NULL;
  }
  return linear (g, x, weight, &(InqWeightRef){ w, INQ_FORM_LINEAR, first, count },
                 &(InqWeightRef){ b, INQ_FORM_VECTOR, first, count }, e);
}

InqTensor *
inq_op_matmul_weight (InqGraph *g, InqTensor *x, const char *weight)
{
  const InqWeight *w;

  if (!x)
    return NULL;
  w = inq_graph_weight (g, weight);
  if (!w || !check_matrix (g, w, x->dims[3], 0))
    return NULL;
  return linear (g, x, weight, &(InqWeightRef){ w, INQ_FORM_STRAIGHT, 0, w->dims[1] }, &(InqWeightRef){ 0 }, NULL);
}

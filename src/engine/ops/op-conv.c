/* Inquadra - 2-D convolution as an implicit matrix product over (ky, kx, channel).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

const InqOp inq_conv_op = { .name = "conv", .record = inq_gemm_record, .prepare = inq_gemm_prepare };

InqTensor *
inq_op_conv (InqGraph *g, InqTensor *x, const char *name, const InqConv *conv, const InqEpilogue *e)
{
  static const InqConv plain;
  g_autofree char *weight_name = g_strconcat (name, ".weight", NULL);
  const InqConv *p = conv ? conv : &plain;
  const InqWeight *w, *b = NULL;
  gint64 scale = p->upsample2 ? 2 : 1, stride = p->stride ? p->stride : 1, oh, ow;
  InqTensor *y;
  InqNode *node;

  if (!x)
    return NULL;
  w = inq_graph_weight (g, weight_name);
  if (!w)
    return NULL;
  if (w->n_dims != 4 || w->dims[1] != x->dims[3] || w->dims[0] < 1 || w->dims[2] < 1 || w->dims[3] < 1
      || w->dims[2] > 64 || w->dims[3] > 64) {
    g_autofree char *shape = inq_weight_shape (w);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE,
                    "tensor '%s' is %s, a convolution [out, %" G_GINT64_FORMAT ", kh, kw] is needed", weight_name,
                    shape, x->dims[3]);
    return NULL;
  }
  if (stride < 0 || p->pad_before < 0 || p->pad_after < 0) {
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "convolution '%s': negative stride or padding", name);
    return NULL;
  }
  oh = x->dims[1] * scale + p->pad_before + p->pad_after - w->dims[2];
  ow = x->dims[2] * scale + p->pad_before + p->pad_after - w->dims[3];
  if (oh < 0 || ow < 0) {
    g_autofree char *shape = inq_tensor_shape (x);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "convolution '%s': %s is smaller than its kernel", name, shape);
    return NULL;
  }
  if (!e || !e->no_bias)
    b = inq_graph_vector (g, name, ".bias", w->dims[0], FALSE);
  y = inq_graph_tensor (g, x->dims[0], oh / stride + 1, ow / stride + 1, w->dims[0]);
  if (!y)
    return NULL;
  y = inq_gemm_node (g, &inq_conv_op, name, x, y, &(InqWeightRef){ w, INQ_FORM_CONV, 0, w->dims[0] },
                     &(InqWeightRef){ b, INQ_FORM_VECTOR, 0, w->dims[0] }, e, &node);
  if (!y)
    return NULL;
  node->i[GEMM_KH] = w->dims[2];
  node->i[GEMM_KW] = w->dims[3];
  node->i[GEMM_STRIDE] = stride;
  node->i[GEMM_PAD] = p->pad_before;
  node->i[GEMM_UPSAMPLE] = p->upsample2;
  return y;
}

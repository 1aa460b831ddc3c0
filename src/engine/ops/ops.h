/* Inquadra - what ops share: the matrix product behind linear and convolution.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as the graph. */
#pragma once

#include "inq-graph-private.h"

G_BEGIN_DECLS

/* Meaning of InqNode.i[] of a matrix-product node. */
enum {
  GEMM_ACT,
  GEMM_KH,
  GEMM_KW,
  GEMM_STRIDE,
  GEMM_PAD,
  GEMM_UPSAMPLE,
};

/* Meaning of InqNode.in[] of a matrix-product node. */
enum {
  GEMM_X,
  GEMM_RESIDUAL,
  GEMM_CHANNEL_BIAS,
};

extern const InqOp inq_linear_op;
extern const InqOp inq_conv_op;

/* Checks the epilogue and appends a node: y [n,h,w,out] = act(x W + b + channel bias) + residual. @bias may be %NULL.
 */
InqTensor *inq_gemm_node (InqGraph *g, const InqOp *op, const char *name, InqTensor *x, InqTensor *y,
                          const InqWeightRef *weight, const InqWeightRef *bias, const InqEpilogue *e, InqNode **node);
void inq_gemm_record (InqRecorder *r, const InqNode *node);

G_END_DECLS

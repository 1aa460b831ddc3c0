/* Inquadra - what ops share: the matrix product behind linear and convolution.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as the graph. */
#pragma once

#include "attention.h"
#include "gemm.h"
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
  /* by inq_gemm_prepare() */
  GEMM_TILE,  /* of inq_gemm_tiles, or rows and columns of the shared kernel's tile */
  GEMM_PARTS, /* that the sum is split into, 1 for whole */
  GEMM_PART,  /* input channels of each */
};

/* Meaning of InqNode.in[] of a matrix-product node. */
enum {
  GEMM_X,
  GEMM_RESIDUAL,
  GEMM_CHANNEL_BIAS,
};

extern const InqOp inq_linear_op;
extern const InqOp inq_conv_op;
extern const InqOp inq_geglu_op; /* of in[0] */

/* Checks the epilogue and appends a node: y [n,h,w,out] = act(x W + b + channel bias) + residual. @bias may be %NULL.
 */
InqTensor *inq_gemm_node (InqGraph *g, const InqOp *op, const char *name, InqTensor *x, InqTensor *y,
                          const InqWeightRef *weight, const InqWeightRef *bias, const InqEpilogue *e, InqNode **node);
/* Joins products of the same x and shape that follow each other; or the GEGLU that alone reads a product. */
void inq_gemm_join (InqGraph *g, guint i);
/* Whether GEGLU was joined to @node. */
gboolean inq_gemm_is_gated (const InqNode *node);
/* Chooses tile and split. */
void inq_gemm_prepare (InqGraph *g, InqGpu *gpu, const InqGpuFacts *facts, InqNode *node);
/* One tap, stride 1, no padding, no upsampling: a plain product. */
gboolean inq_gemm_is_plain (const InqNode *node);
void inq_gemm_record (InqRecorder *r, const InqNode *node);

G_END_DECLS

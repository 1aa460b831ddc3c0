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

/* Checks the epilogue and appends a node: y [n,h,w,out] = act(x W + b + channel bias) + residual. @bias may be %NULL.
 */
InqTensor *inq_gemm_node (InqGraph *g, const InqOp *op, const char *name, InqTensor *x, InqTensor *y,
                          const InqWeightRef *weight, const InqWeightRef *bias, const InqEpilogue *e, InqNode **node);
/* Chooses tile and split. */
void inq_gemm_prepare (InqGraph *g, const InqGpuFacts *facts, InqNode *node);
void inq_gemm_record (InqRecorder *r, const InqNode *node);

/**
 * InqGemmTile: a shape that gemm-matrix.comp can take.
 * @m, @n, @k: of the group; @warp_m, @warp_n: of a subgroup; @stages: of shared memory
 * @speed: rate of a full device, relative to the others, until it is measured
 */
typedef struct {
  guint m, n, k, warp_m, warp_n, stages;
  double speed;
} InqGemmTile;
extern const InqGemmTile inq_gemm_tiles[];
extern const guint inq_gemm_n_tiles;
/* Whether the device can run @tile. */
gboolean inq_gemm_tile_fits (const InqGemmTile *tile, const InqGpuFacts *facts);

G_END_DECLS

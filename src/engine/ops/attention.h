/* Inquadra - attention's matrix kernels: shapes they can take, and which is taken where.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as the graph. */
#pragma once

#include "gemm.h"

G_BEGIN_DECLS

/* Push constants of every kernel of attention. */
typedef struct {
  guint32 n, heads, tq, tk;
  float scale; /* of scores */
} InqAttentionPush;

/**
 * InqAttentionTile: a shape that the matrix kernels of attention can take.
 * @group: matrices of a whole group (attention-group.comp), else of subgroups (attention-matrix.comp)
 * @warps: subgroups
 * @queries: of a group; of a subgroup, in matrices
 * @keys: at a time (attention-matrix.comp: fewer where memory is short)
 */
typedef struct {
  gboolean group;
  guint warps, queries, keys;
} InqAttentionTile;
/* The first one is for everything that another was not measured for. */
extern const InqAttentionTile inq_attention_tiles[];
extern const guint inq_attention_n_tiles;

/* The kernel of @tile for heads of @d channels; @halves a bit for each binding (q, k, v, y) that is kept as halves.
 * Sets the queries of a work group. FALSE where the device or the kernel cannot. */
gboolean inq_attention_describe (guint tile, guint d, gboolean causal, guint32 halves, const InqGpuFacts *facts,
                                 InqGpuPipelineDesc *desc, guint *queries);
/* The tile for heads of @d channels that see @keys keys; 0 where nothing was measured. */
guint inq_attention_choose (const InqGemmSpeeds *s, guint d, gint64 keys);
/* Finds the fastest tile of each class on this device, among those that make what the first one makes. FALSE only when
 * the device is lost or has no memory. */
gboolean inq_attention_measure (InqGpu *gpu, InqGemmSpeeds *s, GError **error);
/* Whether @tile makes on this device what the first one does, for heads of @d channels. */
gboolean inq_attention_verify (InqGpu *gpu, guint tile, guint d, GError **error);
/* Adds what says which kernels these are. */
void inq_attention_update_id (GChecksum *sum);

G_END_DECLS

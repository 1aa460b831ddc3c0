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

/* What a matrix is divided among. */
typedef enum {
  INQ_ATTENTION_SUBGROUP, /* a subgroup (attention-matrix.comp) */
  INQ_ATTENTION_ROWS,     /* a subgroup, and the driver reduces its rows (attention-rows.comp) */
  INQ_ATTENTION_GROUP,    /* a whole group (attention-group.comp) */
  INQ_ATTENTION_LONG,     /* a subgroup, which has some channels of a head over 160 (attention-long.comp) */
} InqAttentionKind;

/**
 * InqAttentionTile: a shape that the matrix kernels of attention can take.
 * @warps: subgroups; of long heads as many as their channels take
 * @queries: of a group; of a subgroup, in matrices
 * @keys: at a time (attention-matrix.comp: fewer where memory is short)
 * @part: channels of a subgroup, of long heads
 */
typedef struct {
  InqAttentionKind kind;
  guint warps, queries, keys, part;
} InqAttentionTile;
/* The first one is for everything that another was not measured for, but for long heads, which take the shared kernel.
 */
extern const InqAttentionTile inq_attention_tiles[];
extern const guint inq_attention_n_tiles;

/* The kernel of @tile for heads of @d channels; @halves a bit for each binding (q, k, v, y) that is kept as halves.
 * Sets the queries of a work group. FALSE where the device or the kernel cannot. */
gboolean inq_attention_describe (guint tile, guint d, gboolean causal, guint32 halves, const InqGpuFacts *facts,
                                 InqGpuPipelineDesc *desc, guint *queries);
/* The same of the kernel without matrices, for heads of any length. */
void inq_attention_describe_shared (guint d, gboolean causal, guint32 halves, InqGpuPipelineDesc *desc, guint *queries);
/* The tile for heads of @d channels that see @keys keys; 0 where nothing was measured. */
guint inq_attention_choose (const InqGemmSpeeds *s, guint d, gint64 keys);
/* Finds the fastest tile of each class on this device, among those that make what the first one makes (or the shared
 * kernel, of long heads). FALSE only when the device is lost or has no memory. */
gboolean inq_attention_measure (InqGpu *gpu, InqGemmSpeeds *s, GError **error);
/* Whether @tile makes on this device what the first one does (or the shared kernel), for heads of @d channels. */
gboolean inq_attention_verify (InqGpu *gpu, guint tile, guint d, GError **error);
/* Adds what says which kernels these are. */
void inq_attention_update_id (GChecksum *sum);

G_END_DECLS

/* Inquadra - which tile a matrix product takes, and into how many parts its sum is split.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A device has so many units that a product of few rows and columns leaves most of them idle however long its sum is:
 * then the sum is split over input channels, and the parts are added in order by one more kernel. Both choices are the
 * least of what the tiles took on this device when they were measured (gemm-measure.c), or else of an estimate: rounds
 * of groups over the units, times the work of a group, plus the bytes of the parts. */
#include "config.h"

#include "ops.h"

#include <math.h>

/* All give each subgroup at least a quarter of a kilobyte of both operands per step. Rates as on an NVIDIA H100 at
 * sizes of Stable Diffusion (docs/kernels.md). */
const InqGemmTile inq_gemm_tiles[] = {
  { 256, 128, 32, 64, 64, 1, 0.75 },
  { 128, 256, 32, 64, 64, 1, 1.00 },
  { 128, 128, 32, 64, 64, 2, 0.80 },
  { 128, 128, 32, 64, 32, 2, 0.80 },
  { 128, 128, 32, 64, 32, 1, 0.82 },
  { 128, 64, 32, 64, 32, 2, 0.60 },
  { 64, 128, 32, 32, 64, 2, 0.87 },
  { 64, 64, 32, 32, 32, 2, 0.85 },
  { 32, 64, 32, 32, 16, 2, 0.72 },
  { 16, 32, 16, 8, 16, 1, 0.05 },
  { 16, 32, 16, 8, 16, 2, 0.05 },
  /* more groups a unit, longer steps, 320 columns without waste, more and smaller subgroups */
  { 128, 128, 32, 64, 64, 1, 0.75 },
  { 128, 128, 64, 64, 64, 1, 0.85 },
  { 128, 128, 64, 64, 32, 1, 0.92 },
  { 160, 160, 32, 80, 32, 2, 0.75 },
  { 64, 128, 64, 32, 64, 1, 0.90 },
  { 128, 256, 32, 64, 32, 1, 1.00 },
  /* matrices of whole groups, which only some drivers have; not in the estimate. The first five were 1.1 to 1.5 times
   * as fast as the best of the above there; those that the driver fetches for were right and no faster on an H200, and
   * are taken only when asked for */
  { 128, 256, 32, 64, 64, 1, 0.30, INQ_GEMM_GROUP },
  { 128, 128, 32, 64, 64, 1, 0.30, INQ_GEMM_GROUP },
  { 128, 128, 32, 64, 32, 1, 0.30, INQ_GEMM_GROUP },
  { 128, 128, 64, 64, 32, 1, 0.30, INQ_GEMM_GROUP },
  { 64, 128, 32, 32, 64, 2, 0.30, INQ_GEMM_GROUP },
  { 128, 256, 64, 64, 64, 1, 0.30, INQ_GEMM_TENSOR },
  { 128, 256, 32, 64, 64, 1, 0.30, INQ_GEMM_TENSOR },
  { 256, 128, 64, 64, 64, 1, 0.30, INQ_GEMM_TENSOR },
  { 128, 128, 64, 32, 64, 1, 0.30, INQ_GEMM_TENSOR },
  { 128, 128, 64, 64, 64, 1, 0.30, INQ_GEMM_TENSOR },
  { 64, 128, 64, 32, 64, 1, 0.30, INQ_GEMM_TENSOR },
  { 64, 64, 64, 32, 32, 1, 0.30, INQ_GEMM_TENSOR },
  /* what arrived put away early, the first of them small enough for a processor; longer steps. The second made 297
   * TFLOP/s on an H200 where the best of the others made 249; no tile of whole groups was the best of any shape then */
  { 16, 32, 16, 8, 16, 2, 0.04, INQ_GEMM_SUBGROUP, TRUE },
  { 128, 128, 32, 64, 64, 2, 0.50, INQ_GEMM_SUBGROUP, TRUE },
  { 128, 64, 32, 64, 32, 2, 0.50, INQ_GEMM_SUBGROUP, TRUE },
  { 64, 128, 32, 32, 64, 2, 0.50, INQ_GEMM_SUBGROUP, TRUE },
  { 64, 64, 32, 32, 32, 2, 0.50, INQ_GEMM_SUBGROUP, TRUE },
  { 64, 64, 64, 32, 32, 2, 0.50, INQ_GEMM_SUBGROUP, TRUE },
  { 128, 64, 64, 64, 32, 1, 0.50 },
  { 128, 256, 16, 64, 64, 2, 0.50, INQ_GEMM_SUBGROUP, TRUE },
};
G_STATIC_ASSERT (G_N_ELEMENTS (inq_gemm_tiles) + 2 <= INQ_GEMM_MAX_CURVES);
const guint inq_gemm_n_tiles = G_N_ELEMENTS (inq_gemm_tiles);

/* Work groups that keep a device busy, about: its units. Vulkan does not tell. */
#define UNITS_DISCRETE   96
#define UNITS_INTEGRATED 16
/* Multiply-adds in the time of moving a byte of device memory: 80 to 170 on cards with matrix units. */
#define MADS_PER_BYTE 64.0
#define MAX_PARTS     16
/* Terms a part should have: below, starting and ending a group cost more than its sum. */
#define MIN_TERMS   256
#define MAX_SCRATCH (64 << 20)

/* Whether a group of @local invocations can hold the matrices of @t. */
static gboolean
group_fits (const InqGemmTile *t, guint local, guint shared, const InqGpuFacts *facts)
{
  if (MAX (t->m, t->n) > facts->group_matrix_max || shared + facts->group_matrix_shared > facts->max_shared_memory)
    return FALSE;
  for (guint i = 0; i < facts->n_group_matrices; i++)
    if (facts->group_matrices[i].invocations == local && t->m % facts->group_matrices[i].m == 0
        && t->n % facts->group_matrices[i].n == 0 && t->k % facts->group_matrices[i].k == 0)
      return TRUE;
  return FALSE;
}

gboolean
inq_gemm_tile_fits (const InqGemmTile *t, const InqGpuFacts *facts)
{
  guint warps, local, strips, stage;

  if (facts->matrix_m == 0)
    return FALSE;
  /* Sums of an invocation, in registers: Intel's have 128 in all, others about 255. What does not fit is spilled, and
   * takes minutes to compile. */
  if (t->kind == INQ_GEMM_SUBGROUP
      && t->warp_m * t->warp_n > (facts->vendor_id == INQ_GPU_VENDOR_INTEL ? 64 : 128) * facts->matrix_subgroup)
    return FALSE;
  warps = t->m / t->warp_m * (t->n / t->warp_n);
  local = warps * facts->matrix_subgroup;
  stage = (t->m * (t->k / 8 + 1) + t->k * (t->n / 8 + 1)) * 16;
  if (local > facts->max_invocations || local > facts->max_group_size[0])
    return FALSE;
  if (t->kind == INQ_GEMM_TENSOR)
    return group_fits (t, local, 16, facts);
  strips = warps * facts->matrix_m * (t->warp_n / 4 + 1) * 16;
  if (t->kind == INQ_GEMM_GROUP)
    strips = 0;
  return (t->kind == INQ_GEMM_SUBGROUP || group_fits (t, local, stage * t->stages, facts))
         && MAX (stage * t->stages, strips) <= facts->max_shared_memory && t->warp_m % facts->matrix_m == 0
         && t->warp_n % facts->matrix_n == 0 && t->k % facts->matrix_k == 0 && t->m * t->k / 8 % local == 0
         && t->n * t->k / 8 % local == 0 && local % (t->k / 8) == 0 && local % (t->n / 8) == 0;
}

typedef struct {
  gint64 rows, columns, pitch, channels, taps, siblings;
  gboolean plain;
  gboolean tensor; /* INQ_GEMM_TENSOR can */
  double units;
  const InqGemmSpeeds *speeds; /* (nullable) */
} Product;

static gint64
ceil_div (gint64 a, gint64 b)
{
  return (a + b - 1) / b;
}

/* Channels of each of @parts parts, in steps of @depth. */
static gint64
part_channels (const Product *p, gint64 parts, guint depth)
{
  return ceil_div (ceil_div (p->channels, parts), depth) * depth;
}

/* Of @tile, @m x @n: in nanoseconds if it was measured, else in multiply-adds of the whole device. */
static double
cost (const Product *p, gint64 tile, guint m, guint n, guint depth, double speed, gint64 parts)
{
  gint64 groups = ceil_div (p->rows, m) * ceil_div (p->columns, n) * p->siblings * parts;
  double part_bytes = (double) (parts * p->siblings * p->rows * p->pitch * 4);

  if (p->speeds) {
    double ns = inq_gemm_speeds_estimate (p->speeds, tile, p->plain, groups,
                                          (double) (part_channels (p, parts, depth) * p->taps));

    return parts == 1 || ns == G_MAXDOUBLE ? ns : ns + inq_gemm_speeds_estimate_merge (p->speeds, part_bytes);
  }
  double terms = (double) (part_channels (p, parts, depth) * p->taps) + 2 * depth; /* filling and emptying the pipe */
  double rounds = ceil ((double) groups / p->units);
  double work = rounds * p->units * m * n * terms / speed;

  if (parts > 1)
    work += 2 * part_bytes * MADS_PER_BYTE;
  return work;
}

static gboolean
may_split (const Product *p, gint64 parts, guint depth)
{
  return parts == 1
         || (part_channels (p, parts, depth) * p->taps >= MIN_TERMS
             && ceil_div (p->channels, part_channels (p, parts, depth)) == parts
             && parts * p->siblings * p->rows * p->pitch * 4 <= MAX_SCRATCH);
}

/* Returns the cost; tile -1 when there is none. @gated: with GEGLU of the whole sum. */
static double
choose_matrix (const Product *p, const InqGpuFacts *facts, int tile_wanted, int parts_wanted, gboolean gated,
               gint64 *tile, gint64 *parts)
{
  double best = G_MAXDOUBLE;

  *tile = -1;
  for (guint i = 0; i < inq_gemm_n_tiles; i++) {
    const InqGemmTile *t = &inq_gemm_tiles[i];

    /* those of whole groups are taken where they were tried: gemm-measure.c */
    if ((tile_wanted >= 0 && tile_wanted != (int) i) || !inq_gemm_tile_fits (t, facts)
        || (t->kind == INQ_GEMM_TENSOR && !p->tensor) || (t->kind != INQ_GEMM_SUBGROUP && tile_wanted < 0 && !p->speeds)
        || (gated && (t->kind != INQ_GEMM_SUBGROUP || t->warp_n % 16 != 0)))
      continue;
    for (gint64 k = 1; k <= (gated ? 1 : MAX_PARTS); k++) {
      double now = cost (p, i, t->m, t->n, t->k, t->speed, k);

      if (parts_wanted > 0 ? k != MIN (parts_wanted, ceil_div (p->channels, t->k)) : !may_split (p, k, t->k))
        continue;
      if (now < best) {
        best = now;
        *tile = i;
        *parts = k;
      }
    }
  }
  return best;
}

/* Tile and parts by matrices; with the GEGLU that was joined to @node, or that is taken out again where a product that
 * cannot have it and GEGLU by itself take less. */
static void
choose_matrix_for (const Product *p, const InqGpuFacts *facts, InqGraph *g, InqNode *node, gint64 *tile, gint64 *parts)
{
  double apart, together, bytes = (double) (p->rows * p->columns * 2), saved;
  gint64 gated_tile, gated_parts;

  apart = choose_matrix (p, facts, g->gemm_tile - 1, g->gemm_parts, FALSE, tile, parts);
  if (!inq_gemm_is_gated (node))
    return;
  together = choose_matrix (p, facts, g->gemm_tile - 1, g->gemm_parts, TRUE, &gated_tile, &gated_parts);
  /* as adding parts of so many bytes, or what is written, read, and written as half of it */
  saved = p->speeds ? inq_gemm_speeds_estimate_merge (p->speeds, bytes) : 2.5 * bytes * MADS_PER_BYTE;
  if (gated_tile < 0 || together > apart + saved) {
    inq_node_part (node);
    return;
  }
  *tile = gated_tile;
  *parts = gated_parts;
  node->out->unmade = TRUE;
}

/* Without measurements: 64 x 64, or 128 x 128 where that leaves a group for most units. */
static void
choose_shared (const Product *p, int parts_wanted, gint64 *tile, gint64 *parts)
{
  guint wanted = ceil_div (p->rows, INQ_GEMM_SHARED_LARGE) * ceil_div (p->columns, INQ_GEMM_SHARED_LARGE)
                         >= UNITS_DISCRETE
                     ? INQ_GEMM_SHARED_LARGE
                     : INQ_GEMM_SHARED_SMALL;
  const guint depth = INQ_GEMM_SHARED_DEPTH;
  double best = G_MAXDOUBLE;

  *tile = -(gint64) wanted;
  for (guint size = INQ_GEMM_SHARED_SMALL; size <= INQ_GEMM_SHARED_LARGE; size *= 2) {
    if (!p->speeds && size != wanted)
      continue;
    for (gint64 k = 1; k <= MAX_PARTS; k++) {
      double now = cost (p, -(gint64) size, size, size, depth, 0.1, k); /* a tenth of the rate of matrix units */

      if (parts_wanted > 0 ? k != MIN (parts_wanted, ceil_div (p->channels, depth)) : !may_split (p, k, depth))
        continue;
      if (now < best) {
        best = now;
        *tile = -(gint64) size;
        *parts = k;
      }
    }
  }
}

void
inq_gemm_prepare (InqGraph *g, InqGpu *gpu, const InqGpuFacts *facts, InqNode *node)
{
  const InqTensor *x = node->in[GEMM_X];
  const InqNode *made[1 + INQ_NODE_JOINED];
  Product p = {
    .siblings = inq_gemm_is_gated (node) ? 1 : inq_node_made (node, made),
    .rows = inq_tensor_rows (node->out),
    .columns = node->out->dims[3],
    .pitch = inq_weight_columns (node->out->dims[3]),
    .channels = x->dims[3],
    .taps = node->i[GEMM_KH] * node->i[GEMM_KW],
    .plain = inq_gemm_is_plain (node),
    /* also not of a tensor that a LoRA changes: f32 */
    .tensor = x->storage->half && inq_device_weights_kind (g->device_weights, &node->weights[0]) == INQ_WEIGHT_F16
              && x->dims[3] % 8 == 0 && node->i[GEMM_STRIDE] == 1 && !node->i[GEMM_UPSAMPLE]
              && node->out->dims[1] == x->dims[1] && node->out->dims[2] == x->dims[2],
    .speeds = g->gemm_tile > 0 ? NULL : inq_gemm_get_speeds (gpu), /* a forced one need not be measured */
    .units = facts->kind == INQ_GPU_KIND_DISCRETE ? UNITS_DISCRETE : UNITS_INTEGRATED,
  };
  gint64 tile = -1, parts = 1;
  guint depth = 16;

  node->i[GEMM_TILE] = -1;
  node->i[GEMM_PARTS] = 1;
  node->i[GEMM_PART] = p.channels;
  node->scratch[0] = NULL;
  if (g->settled == INQ_KERNELS_REGISTER)
    return;
  if (g->settled == INQ_KERNELS_MATRIX && g->halves)
    choose_matrix_for (&p, facts, g, node, &tile, &parts);
  if (tile < 0 && node->joined[0]) { /* the others come after this one */
    inq_node_part (node);
    p.siblings = 1;
  }
  if (tile >= 0) {
    depth = inq_gemm_tiles[tile].k;
  } else {
    choose_shared (&p, g->gemm_parts, &tile, &parts);
    depth = INQ_GEMM_SHARED_DEPTH;
  }
  node->i[GEMM_TILE] = tile;
  node->i[GEMM_PART] = part_channels (&p, parts, depth);
  parts = ceil_div (p.channels, node->i[GEMM_PART]);
  if (parts > 1 && parts * p.siblings * p.rows * p.pitch * 4 <= (gint64) facts->max_storage_range)
    node->scratch[0] = inq_graph_tensor (g, parts * p.siblings, 1, p.rows, p.pitch);
  else
    node->i[GEMM_PART] = p.channels;
  node->i[GEMM_PARTS] = node->scratch[0] ? parts : 1;
}

/* Inquadra - group norm (with its activation) and layer norm.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Group norm runs in three dispatches: partial moments of chunks of positions, their merge (Chan, Golub, LeVeque 1979),
 * and the application. Partial sums are taken about the chunk's first value, so that a large mean cancels nothing. No
 * atomics: the result does not depend on scheduling. */
#include "config.h"

#include "ops.h"

#include "group-norm-apply-texels.spv.h"
#include "group-norm-apply.spv.h"
#include "group-norm-merge-shared.spv.h"
#include "group-norm-merge.spv.h"
#include "group-norm-moments-texels.spv.h"
#include "group-norm-moments.spv.h"
#include "layer-norm-rows.spv.h"
#include "layer-norm-texels.spv.h"
#include "layer-norm.spv.h"

#include <math.h>

/* Positions summed together: at most 1024, as the bound of the relative error of the moments is this times 2^-24; at
 * least 32, as each chunk is one more to merge. */
#define CHUNK_MIN 32
#define CHUNK_MAX 1024
#define CHUNKS    16
/* On cards, where another kernel merges them: so many invocations sum, over no fewer positions each. */
#define CARD_LANES 65536
#define CARD_MIN   8
#define CARD_LOCAL 256

/* Matches group-norm.glsl. */
typedef struct {
  guint32 n, positions, c, groups;
  guint32 chunk, chunks;
  guint32 run;
  float eps;
} NormPush;

enum {
  NORM_GROUPS,
  NORM_ACT,
  NORM_CHUNK,
  NORM_CHUNKS,
};

static void
group_norm_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *x = node->in[0], *y = node->out, *partial = node->scratch[0], *stats = node->scratch[1];
  guint local = inq_record_local (r);
  gboolean quads = x->dims[3] % 4 == 0;
  NormPush push = {
    .n = (guint32) x->dims[0],
    .positions = (guint32) (x->dims[1] * x->dims[2]),
    .c = (guint32) x->dims[3],
    .groups = (guint32) node->i[NORM_GROUPS],
    .chunk = (guint32) node->i[NORM_CHUNK],
    .chunks = (guint32) node->i[NORM_CHUNKS],
    .run = inq_record_run (r),
    .eps = node->f[1],
  };
  gint64 lanes = push.c / (quads ? 4 : 1), runs = (push.positions + push.run - 1) / push.run;
  InqBind moments_binds[] = { INQ_READ (x), INQ_WRITE (partial) };
  InqBind apply_binds[] = { INQ_READ (x), INQ_READ (stats), INQ_WEIGHT (&node->weights[1]), INQ_WRITE (y) };
  InqBind merge_binds[] = { INQ_READ (partial), INQ_WEIGHT (&node->weights[0]), INQ_WRITE (stats) };
  guint32 halves = inq_bind_halves (apply_binds, G_N_ELEMENTS (apply_binds));
  InqGpuPipelineDesc moments = {
    .name = "group-norm-moments",
    .spirv = inq_group_norm_moments_spv,
    .spirv_size = sizeof inq_group_norm_moments_spv,
    .n_bindings = 2,
    .push_size = sizeof push,
    .n_spec = 3,
    .spec = { local, quads, halves & 1 },
  };
  InqGpuPipelineDesc merge = {
    .name = "group-norm-merge",
    .spirv = inq_group_norm_merge_spv,
    .spirv_size = sizeof inq_group_norm_merge_spv,
    .n_bindings = 3,
    .push_size = sizeof push,
    .n_spec = 1,
    .spec = { local },
  };
  InqGpuPipelineDesc apply = {
    .name = "group-norm-apply",
    .spirv = inq_group_norm_apply_spv,
    .spirv_size = sizeof inq_group_norm_apply_spv,
    .n_bindings = 4,
    .push_size = sizeof push,
    .n_spec = 4,
    .spec = { local, quads, (guint32) node->i[NORM_ACT], halves },
  };
  gboolean shared = inq_record_shared (r);
  const char *label = inq_record_label ("group-norm:%ux%ux%u", push.n, push.positions, push.c);

  if (quads) {
    inq_record_texels (r, &moments, moments_binds, 1, inq_group_norm_moments_texels_spv,
                       sizeof inq_group_norm_moments_texels_spv);
    inq_record_texels (r, &apply, apply_binds, 7, inq_group_norm_apply_texels_spv,
                       sizeof inq_group_norm_apply_texels_spv);
  }
  inq_record_linear (r, &moments, moments_binds, &push, (gint64) push.n * push.chunks * lanes, local, label);
  if (shared) {
    merge.spirv = inq_group_norm_merge_shared_spv;
    merge.spirv_size = sizeof inq_group_norm_merge_shared_spv;
    merge.n_spec = 2;
    merge.spec[0] = merge.spec[1] = CARD_LOCAL;
    inq_record_groups (r, &merge, merge_binds, &push, (gint64) push.n * push.groups, 1, label);
  } else {
    inq_record_linear (r, &merge, merge_binds, &push, (gint64) push.n * push.groups, local, label);
  }
  inq_record_linear (r, &apply, apply_binds, &push, (gint64) push.n * runs * lanes, local, label);
}

/* Chunks of positions: few on a processor, which merges them one after the other; many on a card. */
static void
group_norm_prepare (InqGraph *g, InqGpu *gpu, const InqGpuFacts *facts, InqNode *node)
{
  const InqTensor *x = node->in[0];
  gint64 positions = x->dims[1] * x->dims[2], c = x->dims[3];
  gint64 lanes = x->dims[0] * (c % 4 == 0 ? c / 4 : c), chunk;

  if (g->settled == INQ_KERNELS_REGISTER)
    chunk = CLAMP (positions / CHUNKS, CHUNK_MIN, CHUNK_MAX);
  else
    chunk = CLAMP (positions * lanes / CARD_LANES, CARD_MIN, CHUNK_MAX);
  /* the variance of numbers divided by s is s^2 times smaller */
  node->f[1] = g->halves && x->storage->scaled ? ldexpf (node->f[0], -2 * INQ_SCALED_SHIFT) : node->f[0];
  node->i[NORM_CHUNK] = chunk;
  node->i[NORM_CHUNKS] = (positions + chunk - 1) / chunk;
  node->scratch[0] = inq_graph_tensor (g, x->dims[0], node->i[NORM_CHUNKS], 2, c);
  node->scratch[1] = inq_graph_tensor (g, x->dims[0], 1, 2, c);
}

static const InqOp group_norm_op = { .name = "group-norm", .record = group_norm_record, .prepare = group_norm_prepare };

static gboolean
norm_weights (InqGraph *g, const char *name, gint64 c, InqNode *node)
{
  const InqWeight *w = inq_graph_vector (g, name, ".weight", c, TRUE);
  const InqWeight *b = w ? inq_graph_vector (g, name, ".bias", c, TRUE) : NULL;

  node->weights[0] = (InqWeightRef){ w, INQ_FORM_VECTOR, 0, c };
  node->weights[1] = (InqWeightRef){ b, INQ_FORM_VECTOR, 0, c };
  return w && b;
}

InqTensor *
inq_op_group_norm (InqGraph *g, InqTensor *x, const char *name, int groups, float eps, InqActivation act)
{
  InqTensor *y;
  gint64 c;
  InqNode *node;

  if (!x)
    return NULL;
  c = x->dims[3];
  if (groups < 1 || c % groups) {
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE,
                    "group norm '%s': %" G_GINT64_FORMAT " channels are not a multiple of %d groups", name, c, groups);
    return NULL;
  }
  y = inq_graph_tensor (g, x->dims[0], x->dims[1], x->dims[2], c);
  if (!y)
    return NULL;
  node = inq_graph_node (g, &group_norm_op, y);
  node->in[0] = x;
  node->i[NORM_GROUPS] = groups;
  node->i[NORM_ACT] = act;
  node->f[0] = eps;
  return norm_weights (g, name, c, node) ? y : NULL;
}

/* ---- layer norm ---- */

/* 128-bit words that an invocation of layer-norm-rows.comp keeps, of all its rows; a subgroup makes two rows where
 * there are so many that all units have work. */
#define ROW_WORDS 16
#define MANY_ROWS 2048

/* On cards: a row a subgroup, read once. FALSE where rows are too long for registers, or subgroups do not suit. */
static gboolean
record_rows (InqRecorder *r, const InqNode *node, const InqBind *binds, guint32 halves, const char *label)
{
  const InqGpuFacts *facts = inq_record_facts (r);
  guint32 subgroup = facts->subgroup_size, eights = (guint32) (node->in[0]->dims[3] / 8), local, words, at_once;
  struct {
    guint32 rows;
    float eps;
  } push = { (guint32) inq_tensor_rows (node->in[0]), node->f[0] };

  if (node->in[0]->dims[3] % 8 || !facts->subgroup_control || !facts->subgroup_shuffle || subgroup < facts->subgroup_min
      || subgroup > facts->subgroup_max || inq_kernel_left_out ("layer-norm-rows"))
    return FALSE;
  words = (eights + subgroup - 1) / subgroup * (halves & 1 ? 1 : 2);
  at_once = push.rows >= MANY_ROWS && 2 * words <= ROW_WORDS ? 2 : 1;
  local = MAX (64, subgroup);
  if (words > ROW_WORDS || local > facts->max_invocations)
    return FALSE;

  const InqGpuPipelineDesc desc = {
    .name = "layer-norm-rows",
    .spirv = inq_layer_norm_rows_spv,
    .spirv_size = sizeof inq_layer_norm_rows_spv,
    .n_bindings = 4,
    .push_size = sizeof push,
    .subgroup_size = subgroup,
    .n_spec = 5,
    .spec = { local, subgroup, eights, at_once, halves },
  };

  inq_record_linear (r, &desc, binds, &push, (gint64) ((push.rows + at_once - 1) / at_once) * subgroup, local, label);
  return TRUE;
}

static void
layer_norm_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *x = node->in[0];
  /* invocations of one row: a CPU gives a row to a lane, a GPU shares it */
  guint lanes = inq_record_shared (r) ? 64 : 1;
  guint local = inq_record_shared (r) ? 64 : inq_record_local (r);
  struct {
    guint32 rows, c;
    float eps;
  } push = { (guint32) inq_tensor_rows (x), (guint32) x->dims[3], node->f[0] };
  InqBind binds[] = { INQ_READ (x), INQ_WEIGHT (&node->weights[0]), INQ_WEIGHT (&node->weights[1]),
                      INQ_WRITE (node->out) };
  guint32 halves = inq_bind_halves (binds, G_N_ELEMENTS (binds));
  const char *label = inq_record_label ("layer-norm:%ux%u", push.rows, push.c);
  InqGpuPipelineDesc desc = {
    .name = "layer-norm",
    .spirv = inq_layer_norm_spv,
    .spirv_size = sizeof inq_layer_norm_spv,
    .n_bindings = 4,
    .push_size = sizeof push,
    .n_spec = 4,
    .spec = { local, lanes, x->dims[3] % 4 == 0, halves },
  };

  if (inq_record_shared (r) && record_rows (r, node, binds, halves, label))
    return;
  if (x->dims[3] % 4 == 0)
    inq_record_texels (r, &desc, binds, 7, inq_layer_norm_texels_spv, sizeof inq_layer_norm_texels_spv);
  inq_record_linear (r, &desc, binds, &push, (gint64) push.rows * lanes, local, label);
}

static const InqOp layer_norm_op = { .name = "layer-norm", .record = layer_norm_record };

InqTensor *
inq_op_layer_norm (InqGraph *g, InqTensor *x, const char *name, float eps)
{
  InqTensor *y;
  InqNode *node;

  if (!x)
    return NULL;
  y = inq_graph_tensor (g, x->dims[0], x->dims[1], x->dims[2], x->dims[3]);
  if (!y)
    return NULL;
  node = inq_graph_node (g, &layer_norm_op, y);
  node->in[0] = x;
  node->f[0] = eps;
  return norm_weights (g, name, x->dims[3], node) ? y : NULL;
}

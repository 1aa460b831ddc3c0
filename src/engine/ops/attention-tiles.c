/* Inquadra - shapes of attention's matrix kernels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "attention-group.spv.h"
#include "attention-long.spv.h"
#include "attention-matrix.spv.h"
#include "attention-rows.spv.h"
#include "attention-shared.spv.h"

#include <string.h>

#define LONGEST 160 /* channels of a head, of the kernels that keep a whole one in a subgroup */

/* Of attention-shared.comp. */
#define SHARED_QUERIES 64
#define SHARED_LOCAL   256

const InqAttentionTile inq_attention_tiles[] = {
  { INQ_ATTENTION_SUBGROUP, 4, 1, 64, 0 }, { INQ_ATTENTION_ROWS, 4, 1, 64, 0 },
  { INQ_ATTENTION_ROWS, 4, 2, 32, 0 },     { INQ_ATTENTION_ROWS, 8, 1, 64, 0 },
  { INQ_ATTENTION_ROWS, 4, 1, 32, 0 },     { INQ_ATTENTION_ROWS, 4, 2, 64, 0 },
  { INQ_ATTENTION_ROWS, 2, 2, 32, 0 },     { INQ_ATTENTION_ROWS, 8, 1, 32, 0 },
  { INQ_ATTENTION_ROWS, 4, 1, 80, 0 },     { INQ_ATTENTION_SUBGROUP, 4, 1, 32, 0 },
  { INQ_ATTENTION_SUBGROUP, 4, 1, 80, 0 }, { INQ_ATTENTION_SUBGROUP, 8, 1, 64, 0 },
  { INQ_ATTENTION_SUBGROUP, 4, 2, 64, 0 }, { INQ_ATTENTION_SUBGROUP, 2, 2, 64, 0 },
  { INQ_ATTENTION_SUBGROUP, 2, 2, 32, 0 }, { INQ_ATTENTION_SUBGROUP, 2, 1, 64, 0 },
  { INQ_ATTENTION_GROUP, 4, 64, 64, 0 },   { INQ_ATTENTION_GROUP, 4, 128, 64, 0 },
  { INQ_ATTENTION_GROUP, 8, 128, 64, 0 },  { INQ_ATTENTION_GROUP, 8, 128, 128, 0 },
  { INQ_ATTENTION_GROUP, 4, 64, 32, 0 },   { INQ_ATTENTION_GROUP, 4, 64, 128, 0 },
  { INQ_ATTENTION_GROUP, 4, 128, 32, 0 },  { INQ_ATTENTION_GROUP, 8, 256, 64, 0 },
  { INQ_ATTENTION_LONG, 0, 2, 32, 64 },    { INQ_ATTENTION_LONG, 0, 2, 16, 64 },
  { INQ_ATTENTION_LONG, 0, 1, 32, 64 },    { INQ_ATTENTION_LONG, 0, 3, 16, 64 },
  { INQ_ATTENTION_LONG, 0, 1, 32, 128 },   { INQ_ATTENTION_LONG, 0, 2, 16, 32 },
};
const guint inq_attention_n_tiles = G_N_ELEMENTS (inq_attention_tiles);

/* Keys at a time with @t, or 0 where attention-matrix.comp cannot do heads of @d. */
static guint
matrix_keys (const InqGpuFacts *facts, guint d, const InqAttentionTile *t)
{
  guint pitch = (d + 15) / 16 * 2 + 1, warps = t->warps;

  if (facts->matrix_m == 0 || !facts->subgroup_shuffle || !facts->subgroup_vote
      || facts->matrix_subgroup % facts->matrix_m || warps * facts->matrix_subgroup > facts->max_invocations)
    return 0;
  /* a processor that plays a card compiles for minutes what a card takes at once */
  for (guint keys = facts->kind == INQ_GPU_KIND_SOFTWARE ? 16 : t->keys; keys >= 16; keys /= 2) {
    guint pool = 2 * keys * pitch
                 + warps * facts->matrix_m * (keys / 4 + 1); /* in 16 bytes; first the queries lie there */

    guint rows = t->queries * facts->matrix_m, dp = (d + 15) / 16 * 16;
    /* of an invocation: keys and values on their way, sums, scores, queries */
    guint registers = dp * keys / (warps * facts->matrix_subgroup)
                      + rows * (dp + keys + dp / 2) / facts->matrix_subgroup;

    if (facts->vendor_id == INQ_GPU_VENDOR_INTEL && registers > 120)
      continue; /* of 128: they would be spilled */
    if (pool * 16 <= facts->max_shared_memory && keys / (facts->matrix_subgroup / facts->matrix_m) % 8 == 0
        && warps * t->queries * facts->matrix_m * pitch <= pool)
      return keys;
  }
  return 0;
}

/* Steps of keys and values in shared memory with @t: two where they fit, 0 where attention-rows.comp cannot. */
static guint
row_stages (const InqGpuFacts *facts, guint d, const InqAttentionTile *t)
{
  guint pitch = (d + 15) / 16 * 2 + 1, m = facts->matrix_m, n = facts->matrix_n; /* pitch: in 16 bytes */

  /* what reduces rows comes with the matrices of groups; probabilities are both a sum and an operand */
  if (facts->n_group_matrices == 0 || !facts->subgroup_vote || m == 0 || n != facts->matrix_k || n % 8 || t->keys % n
      || t->warps * facts->matrix_subgroup > facts->max_invocations)
    return 0;
  for (guint stages = 2; stages > 0; stages--)
    if (MAX (stages * 2 * t->keys, t->warps * t->queries * m) * pitch * 16 <= facts->max_shared_memory)
      return stages;
  return 0;
}

/* Channels of a head as the matrices of a group want them; 0 where @t does not fit the device. */
static guint
group_channels (const InqGpuFacts *facts, guint d, const InqAttentionTile *t)
{
  guint local = t->warps * facts->matrix_subgroup;

  if (facts->group_matrix_shared > facts->max_shared_memory || local > facts->max_invocations)
    return 0;
  for (guint i = 0; i < facts->n_group_matrices; i++) {
    guint m = facts->group_matrices[i].m, n = facts->group_matrices[i].n, k = facts->group_matrices[i].k;
    guint step = MAX (MAX (n, k), 16), dp = (d + step - 1) / step * step;

    if (facts->group_matrices[i].invocations == local && t->queries % m == 0 && t->keys % n == 0 && t->keys % k == 0
        && dp % n == 0 && dp % k == 0 && MAX (dp, MAX (t->queries, t->keys)) <= facts->group_matrix_max)
      return dp;
  }
  return 0;
}

/* Subgroups that divide a head of @d channels with @t, and what of it the device takes: fewer keys and channels each
 * where that is a processor. 0 where attention-long.comp cannot. */
static guint
long_warps (const InqGpuFacts *facts, guint d, const InqAttentionTile *t, guint *part, guint *keys)
{
  guint m = facts->matrix_m, n = facts->matrix_n, k = facts->matrix_k, subgroup = facts->matrix_subgroup;
  gboolean software = facts->kind == INQ_GPU_KIND_SOFTWARE;
  guint warps, share, rows = t->queries * m, region, pool; /* in 16 bytes */

  *part = software ? (d > 256 ? 32 : 16) : t->part;
  *keys = software ? 16 : t->keys;
  warps = (d + *part - 1) / *part;
  share = *keys / 4;
  if (d <= LONGEST || m == 0 || !facts->subgroup_shuffle || warps * subgroup > facts->max_invocations)
    return 0;
  if (*part % n || *part % k || *keys % n || *keys % k || subgroup % share || *keys * *part / 8 % subgroup
      || rows % (subgroup / share))
    return 0;
  region = MAX (MAX (*keys, m) * (*part / 8 + 1), rows * (*keys / 4 + 1));
  pool = warps * region + rows * (*keys / 8 + n / 4 + 1);
  return (pool + 1) * 16 <= facts->max_shared_memory ? warps : 0; /* one more word beside the pool */
}

void
inq_attention_describe_shared (guint d, gboolean causal, guint32 halves, InqGpuPipelineDesc *desc, guint *queries)
{
  *desc = (InqGpuPipelineDesc){ .name = "attention",
                                .spirv = inq_attention_shared_spv,
                                .spirv_size = sizeof inq_attention_shared_spv,
                                .n_bindings = 4,
                                .push_size = sizeof (InqAttentionPush),
                                .n_spec = 4,
                                .spec = { SHARED_LOCAL, d, causal != FALSE, halves } };
  *queries = SHARED_QUERIES;
}

gboolean
inq_attention_describe (guint tile, guint d, gboolean causal, guint32 halves, const InqGpuFacts *facts,
                        InqGpuPipelineDesc *desc, guint *queries)
{
  const InqAttentionTile *t = &inq_attention_tiles[MIN (tile, inq_attention_n_tiles - 1)];
  guint local = t->warps * facts->matrix_subgroup, keys = 0, channels = 0, warps = 0, part = 0, stages = 0;

  if (d % 8)
    return FALSE;
  if (t->kind == INQ_ATTENTION_LONG)
    warps = causal || inq_kernel_left_out ("attention-long") ? 0 : long_warps (facts, d, t, &part, &keys);
  else if (d > LONGEST)
    return FALSE;
  else if (t->kind == INQ_ATTENTION_GROUP)
    channels = halves == 15 && !inq_kernel_left_out ("attention-group") ? group_channels (facts, d, t) : 0;
  else if (t->kind == INQ_ATTENTION_ROWS)
    stages = !causal && halves == 15 && !inq_kernel_left_out ("attention-rows") ? row_stages (facts, d, t) : 0;
  else
    keys = matrix_keys (facts, d, t);
  if (t->kind == INQ_ATTENTION_LONG ? warps == 0 : channels == 0 && keys == 0 && stages == 0)
    return FALSE;
  *desc = (InqGpuPipelineDesc){ .name = "attention",
                                .n_bindings = 4,
                                .push_size = sizeof (InqAttentionPush),
                                .subgroup_size = facts->matrix_subgroup };
  if (t->kind == INQ_ATTENTION_LONG) {
    const guint32 spec[] = { warps * facts->matrix_subgroup,
                             d,
                             halves,
                             warps,
                             part,
                             keys,
                             t->queries,
                             facts->matrix_m,
                             facts->matrix_n,
                             facts->matrix_k,
                             facts->matrix_subgroup };

    desc->spirv = inq_attention_long_spv;
    desc->spirv_size = sizeof inq_attention_long_spv;
    desc->n_spec = G_N_ELEMENTS (spec);
    memcpy (desc->spec, spec, sizeof spec);
    *queries = t->queries * facts->matrix_m;
  } else if (t->kind == INQ_ATTENTION_ROWS) {
    const guint32 spec[] = {
      local, d, t->warps, t->queries, t->keys, stages, facts->matrix_m, facts->matrix_n, facts->matrix_subgroup
    };

    desc->spirv = inq_attention_rows_spv;
    desc->spirv_size = sizeof inq_attention_rows_spv;
    desc->n_spec = G_N_ELEMENTS (spec);
    memcpy (desc->spec, spec, sizeof spec);
    *queries = t->warps * t->queries * facts->matrix_m;
  } else if (t->kind == INQ_ATTENTION_GROUP) {
    const guint32 spec[] = { local, d, causal != FALSE, channels, t->queries, t->keys };

    desc->spirv = inq_attention_group_spv;
    desc->spirv_size = sizeof inq_attention_group_spv;
    desc->n_spec = G_N_ELEMENTS (spec);
    memcpy (desc->spec, spec, sizeof spec);
    *queries = t->queries;
  } else {
    const guint32 spec[] = { local,           d,
                             causal != FALSE, halves,
                             t->warps,        keys,
                             facts->matrix_m, facts->matrix_n,
                             facts->matrix_k, facts->matrix_subgroup,
                             t->queries };

    desc->spirv = inq_attention_matrix_spv;
    desc->spirv_size = sizeof inq_attention_matrix_spv;
    desc->n_spec = G_N_ELEMENTS (spec);
    memcpy (desc->spec, spec, sizeof spec);
    *queries = t->warps * t->queries * facts->matrix_m;
  }
  return TRUE;
}

void
inq_attention_update_id (GChecksum *sum)
{
  g_checksum_update (sum, (const guchar *) inq_attention_matrix_spv, sizeof inq_attention_matrix_spv);
  g_checksum_update (sum, (const guchar *) inq_attention_group_spv, sizeof inq_attention_group_spv);
  g_checksum_update (sum, (const guchar *) inq_attention_long_spv, sizeof inq_attention_long_spv);
  g_checksum_update (sum, (const guchar *) inq_attention_rows_spv, sizeof inq_attention_rows_spv);
  for (guint i = 0; i < inq_attention_n_tiles; i++) {
    const InqAttentionTile *t = &inq_attention_tiles[i];
    const guint32 shape[] = { t->kind, t->warps, t->queries, t->keys, t->part };

    g_checksum_update (sum, (const guchar *) shape, sizeof shape);
  }
}

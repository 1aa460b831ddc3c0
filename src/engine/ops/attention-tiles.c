/* Inquadra - shapes of attention's matrix kernels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "attention-group.spv.h"
#include "attention-matrix.spv.h"

#include <string.h>

#define LONGEST 160 /* channels of a head */

const InqAttentionTile inq_attention_tiles[] = {
  { FALSE, 4, 1, 64 },   { FALSE, 4, 1, 32 }, { FALSE, 8, 1, 64 },  { FALSE, 4, 2, 64 },  { FALSE, 2, 2, 64 },
  { FALSE, 2, 2, 32 },   { FALSE, 2, 1, 64 }, { TRUE, 4, 64, 64 },  { TRUE, 4, 128, 64 }, { TRUE, 8, 128, 64 },
  { TRUE, 8, 128, 128 }, { TRUE, 4, 64, 32 }, { TRUE, 4, 64, 128 }, { TRUE, 4, 128, 32 }, { TRUE, 8, 256, 64 },
};
const guint inq_attention_n_tiles = G_N_ELEMENTS (inq_attention_tiles);

/* Keys at a time with @t, or 0 where attention-matrix.comp cannot do heads of @d. */
static guint
matrix_keys (const InqGpuFacts *facts, guint d, const InqAttentionTile *t)
{
  guint pitch = (d + 15) / 16 * 2 + 1, warps = t->warps;

  if (facts->matrix_m == 0 || !facts->subgroup_shuffle || facts->matrix_subgroup % facts->matrix_m
      || warps * facts->matrix_subgroup > facts->max_invocations)
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

gboolean
inq_attention_describe (guint tile, guint d, gboolean causal, guint32 halves, const InqGpuFacts *facts,
                        InqGpuPipelineDesc *desc, guint *queries)
{
  const InqAttentionTile *t = &inq_attention_tiles[MIN (tile, inq_attention_n_tiles - 1)];
  guint local = t->warps * facts->matrix_subgroup, keys = 0, channels = 0;

  if (d % 8 || d > LONGEST)
    return FALSE;
  if (t->group)
    channels = halves == 15 ? group_channels (facts, d, t) : 0;
  else
    keys = matrix_keys (facts, d, t);
  if (channels == 0 && keys == 0)
    return FALSE;
  *desc = (InqGpuPipelineDesc){ .name = "attention",
                                .n_bindings = 4,
                                .push_size = sizeof (InqAttentionPush),
                                .subgroup_size = facts->matrix_subgroup };
  if (t->group) {
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
  for (guint i = 0; i < inq_attention_n_tiles; i++) {
    const InqAttentionTile *t = &inq_attention_tiles[i];
    const guint32 shape[] = { t->group, t->warps, t->queries, t->keys };

    g_checksum_update (sum, (const guchar *) shape, sizeof shape);
  }
}

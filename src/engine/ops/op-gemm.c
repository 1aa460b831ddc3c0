/* Inquadra - the matrix product behind linear layers and convolutions: node, kernel choice, recording.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "gemm-group.spv.h"
#include "gemm-matrix.spv.h"
#include "gemm-merge.spv.h"
#include "gemm-shared.spv.h"
#include "gemm-subgroups.spv.h"
#include "gemm-texels.spv.h"
#include "gemm.spv.h"

/* Of gemm.comp. Rows of a tile share the reading of weights, which is most of the cost on a processor; more than these
 * gain nothing. */
#define TILE_COLUMNS 16
#define TILE_ROWS    8
#define TILE_FEW     6
#define SHARED_LOCAL 256 /* of gemm-shared.comp */

InqTensor *
inq_gemm_node (InqGraph *g, const InqOp *op, const char *name, InqTensor *x, InqTensor *y, const InqWeightRef *weight,
               const InqWeightRef *bias, const InqEpilogue *e, InqNode **node_out)
{
  static const InqEpilogue none;
  InqNode *node;
  gint64 out = y->dims[3];

  if (!e)
    e = &none;
  if (g->error) /* a bias of the wrong shape */
    return NULL;
  if (e->residual && !inq_graph_check_same (g, name, y, e->residual))
    return NULL;
  if (e->scaled && (e->act != INQ_ACT_NONE || e->channel_bias)) {
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "'%s': its epilogue cannot be scaled", name);
    return NULL;
  }
  /* kernels add what is there: numbers of one unit */
  if ((e->residual && !e->residual->storage->scaled != !e->scaled)
      || (e->channel_bias && e->channel_bias->storage->scaled)) {
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "'%s': of result and %s one is kept scaled, the other is not", name,
                    e->residual ? "residual" : "channel bias");
    return NULL;
  }
  if (e->channel_bias
      && (e->channel_bias->dims[0] != y->dims[0] || e->channel_bias->dims[3] != out
          || inq_tensor_count (e->channel_bias) != y->dims[0] * out)) {
    g_autofree char *a = inq_tensor_shape (e->channel_bias), *b = inq_tensor_shape (y);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "'%s': channel bias %s does not fit %s", name, a, b);
    return NULL;
  }
  node = inq_graph_node (g, op, y);
  node->in[GEMM_X] = x;
  node->in[GEMM_RESIDUAL] = e->residual;
  node->in[GEMM_CHANNEL_BIAS] = e->channel_bias;
  node->weights[0] = *weight;
  node->weights[1] = *bias;
  node->weights[0].shift = (e->scaled ? INQ_SCALED_SHIFT : 0) - (x->storage->scaled ? INQ_SCALED_SHIFT : 0);
  node->weights[1].shift = e->scaled ? INQ_SCALED_SHIFT : 0;
  y->storage->scaled = e->scaled;
  node->i[GEMM_ACT] = e->act;
  node->flops = 2.0 * (double) inq_tensor_count (y) * (double) (inq_weight_count (weight->weight))
                / (double) (weight->form == INQ_FORM_STRAIGHT ? weight->weight->dims[1] : weight->weight->dims[0]);
  *node_out = node;
  return y;
}

/* ---- kernels ---- */

void
inq_gemm_describe (const InqGemmVariant *v, const InqGpuFacts *facts, InqGpuPipelineDesc *desc, guint *m, guint *n)
{
  *desc = (InqGpuPipelineDesc){ .name = v->plain ? "linear" : "conv",
                                .n_bindings = INQ_GEMM_BINDINGS,
                                .push_size = sizeof (InqGemmPush) };
  if (v->tile >= 0) {
    const InqGemmTile *t = &inq_gemm_tiles[v->tile];
    gboolean whole = t->kind != INQ_GEMM_SUBGROUP;
    guint32 local = t->m / t->warp_m * (t->n / t->warp_n) * facts->matrix_subgroup;
    const guint32 common[] = {
      local,    v->weights, v->c % 8 == 0, !v->plain, v->act, v->residual, v->columns % 4 == 0,
      v->split, v->halves,  t->m,          t->n,      t->k,
    };
    /* matrices of a group, or of a subgroup */
    const guint32 group[] = { t->kind == INQ_GEMM_TENSOR, local, t->stages };
    const guint32 subgroup[] = {
      t->warp_m, t->warp_n, t->stages, facts->matrix_m, facts->matrix_n, facts->matrix_k, facts->matrix_subgroup,
      v->gated,  t->early,
    };

    desc->spirv = whole ? inq_gemm_group_spv : inq_gemm_matrix_spv;
    desc->spirv_size = whole ? sizeof inq_gemm_group_spv : sizeof inq_gemm_matrix_spv;
    desc->subgroup_size = facts->matrix_subgroup;
    memcpy (desc->spec, common, sizeof common);
    desc->n_spec = G_N_ELEMENTS (common) + (whole ? G_N_ELEMENTS (group) : G_N_ELEMENTS (subgroup));
    memcpy (desc->spec + G_N_ELEMENTS (common), whole ? group : subgroup, whole ? sizeof group : sizeof subgroup);
    *m = t->m;
    *n = t->n;
  } else {
    guint32 size = (guint32) -v->tile;
    const guint32 spec[] = {
      SHARED_LOCAL,        v->weights, v->c % 4 == 0, !v->plain, v->act,   v->residual,
      v->columns % 4 == 0, size / 16,  size / 16,     v->halves, v->split,
    };

    desc->spirv = inq_gemm_shared_spv;
    desc->spirv_size = sizeof inq_gemm_shared_spv;
    desc->n_spec = G_N_ELEMENTS (spec);
    memcpy (desc->spec, spec, sizeof spec);
    *m = *n = size;
  }
}

void
inq_gemm_describe_merge (const InqGemmVariant *v, guint local, InqGpuPipelineDesc *desc)
{
  *desc = (InqGpuPipelineDesc){
    .name = "gemm-merge",
    .spirv = inq_gemm_merge_spv,
    .spirv_size = sizeof inq_gemm_merge_spv,
    .n_bindings = INQ_GEMM_BINDINGS,
    .push_size = sizeof (InqGemmPush),
    .n_spec = 5,
    .spec = { local, v->act, v->residual, v->columns % 4 == 0, v->halves },
  };
}

char *
inq_gemm_dup_kernels_id (void)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (sum, (const guchar *) inq_gemm_matrix_spv, sizeof inq_gemm_matrix_spv);
  g_checksum_update (sum, (const guchar *) inq_gemm_group_spv, sizeof inq_gemm_group_spv);
  g_checksum_update (sum, (const guchar *) inq_gemm_shared_spv, sizeof inq_gemm_shared_spv);
  g_checksum_update (sum, (const guchar *) inq_gemm_merge_spv, sizeof inq_gemm_merge_spv);
  for (guint i = 0; i < inq_gemm_n_tiles; i++) {
    const InqGemmTile *t = &inq_gemm_tiles[i];
    const guint32 shape[] = { t->m, t->n, t->k, t->warp_m, t->warp_n, t->stages, t->kind, t->early };

    g_checksum_update (sum, (const guchar *) shape, sizeof shape);
  }
  inq_attention_update_id (sum);
  return g_strndup (g_checksum_get_string (sum), 32);
}

/* ---- recording ---- */

gboolean
inq_gemm_is_plain (const InqNode *node)
{
  return node->i[GEMM_KH] == 1 && node->i[GEMM_KW] == 1 && node->i[GEMM_STRIDE] == 1 && node->i[GEMM_PAD] == 0
         && !node->i[GEMM_UPSAMPLE];
}

static gint64
tiles (const InqGemmPush *push, guint rows, guint columns)
{
  return (gint64) ((push->rows + rows - 1) / rows) * ((push->columns + columns - 1) / columns);
}

/* Blocks of @m positions that lie @tw in a line, @th lines in @tn pictures: as gemm-group.comp. */
static gint64
blocks (const InqGemmPush *push, guint m)
{
  guint pictures = push->rows / (push->oh * push->ow), fill = 1, tn, th, tw;

  while (fill < pictures)
    fill *= 2;
  tw = MIN (MAX (push->ow & -push->ow, 8), m);
  th = MIN (push->oh & -push->oh, m / tw);
  if (m / (tw * th) > fill)
    th = m / (tw * fill);
  tn = m / (tw * th);
  return (gint64) ((pictures + tn - 1) / tn) * ((push->oh + th - 1) / th) * ((push->ow + tw - 1) / tw);
}

gint64
inq_gemm_groups (const InqGemmVariant *v, const InqGemmPush *push, guint m, guint n)
{
  guint siblings = 1 + push->flags / INQ_GEMM_SIBLINGS;

  if (v->tile >= 0 && inq_gemm_tiles[v->tile].kind == INQ_GEMM_TENSOR && !v->plain)
    return blocks (push, m) * ((push->columns + n - 1) / n) * siblings;
  return tiles (push, m, n) * siblings;
}

static InqGemmPush
push_of (const InqNode *node)
{
  const InqTensor *x = node->in[GEMM_X], *y = node->out;

  return (InqGemmPush){
    .rows = (guint32) inq_tensor_rows (y),
    .columns = (guint32) y->dims[3],
    .pitch = (guint32) inq_weight_columns (node->weights[0].count),
    .c = (guint32) x->dims[3],
    .ih = (guint32) x->dims[1],
    .iw = (guint32) x->dims[2],
    .oh = (guint32) y->dims[1],
    .ow = (guint32) y->dims[2],
    .kh = (guint32) node->i[GEMM_KH],
    .kw = (guint32) node->i[GEMM_KW],
    .stride = (guint32) node->i[GEMM_STRIDE],
    .pad = (guint32) node->i[GEMM_PAD],
    .upsample = node->i[GEMM_UPSAMPLE] != 0,
    .flags = (node->weights[1].weight ? INQ_GEMM_BIAS : 0) | (node->in[GEMM_CHANNEL_BIAS] ? INQ_GEMM_CHANNEL_BIAS : 0),
    .part = (guint32) node->i[GEMM_PART],
  };
}

/* What the dispatches of a product make: its own result and those of its siblings, which have bindings in common. */
typedef struct {
  const InqNode *nodes[INQ_GEMM_MAX_SIBLINGS];
  guint n;
  InqBind w[INQ_GEMM_MAX_SIBLINGS], y[INQ_GEMM_MAX_SIBLINGS], bias[INQ_GEMM_MAX_SIBLINGS];
} Made;
G_STATIC_ASSERT (INQ_GEMM_MAX_SIBLINGS == 1 + INQ_NODE_JOINED);

static void
made_bind (Made *made)
{
  for (guint i = 0; i < made->n; i++) {
    made->w[i] = INQ_WEIGHT (&made->nodes[i]->weights[0]);
    made->y[i] = INQ_WRITE (inq_gemm_is_gated (made->nodes[i]) ? made->nodes[i]->joined[0]->out : made->nodes[i]->out);
    made->bias[i] = inq_weight_or_none (&made->nodes[i]->weights[1]);
  }
  made->w[0].with = &made->w[1];
  made->y[0].with = &made->y[1];
  made->bias[0].with = &made->bias[1];
  made->w[0].n_with = made->y[0].n_with = made->n - 1;
  made->bias[0].n_with = made->nodes[0]->weights[1].weight ? made->n - 1 : 0;
}

/* Where each of them begins; FALSE when they lie too far apart. */
static gboolean
made_place (const Made *made, InqRecorder *r, InqGemmPush *push)
{
  push->flags += (made->n - 1) * INQ_GEMM_SIBLINGS;
  return made->n == 1
         || (inq_record_span (r, &made->w[0], push->w_at) && inq_record_span (r, &made->y[0], push->y_at)
             && (made->bias[0].use == INQ_BIND_UNUSED || inq_record_span (r, &made->bias[0], push->bias_at)));
}

/* "3x" of siblings. */
static const char *
made_prefix (const Made *made)
{
  return made->n == 1 ? "" : inq_record_label ("%ux", made->n);
}

/* Adds the parts of a split sum and finishes them. @push: as made_place() left it. */
static void
record_merge (InqRecorder *r, const InqNode *node, const Made *made, InqGemmPush push)
{
  guint local = inq_record_local (r);
  InqBind binds[] = {
    INQ_READ (node->scratch[0]),
    INQ_NO_BIND,
    made->y[0],
    made->bias[0],
    inq_read_or_none (node->in[GEMM_CHANNEL_BIAS]),
    inq_read_or_none (node->in[GEMM_RESIDUAL]),
  };
  InqGpuPipelineDesc desc;

  inq_gemm_describe_merge (&(InqGemmVariant){ .act = (guint32) node->i[GEMM_ACT],
                                              .residual = node->in[GEMM_RESIDUAL] != NULL,
                                              .columns = push.columns,
                                              .halves = inq_bind_halves (binds, G_N_ELEMENTS (binds)) },
                           local, &desc);
  push.part = (guint32) node->i[GEMM_PARTS];
  inq_record_linear (r, &desc, binds, &push, (gint64) made->n * push.rows * (push.pitch / 4), local,
                     inq_record_label ("merge:%ux%ux%s%u", push.part, push.rows, made_prefix (made), push.columns));
}

static const char *
label_of (const InqNode *node, const InqGemmPush *push, const char *prefix)
{
  return inq_record_label ("%s:%ux%s%ux%u%s%s", inq_gemm_is_plain (node) ? "linear" : "conv", push->rows, prefix,
                           push->columns, push->c * push->kh * push->kw,
                           push->upsample     ? " up"
                           : push->stride > 1 ? " down"
                                              : "",
                           inq_gemm_is_gated (node) ? " geglu" : "");
}

/* By shared memory or matrices. FALSE when siblings lie too far apart for that. */
static gboolean
record_tiles (InqRecorder *r, const InqNode *node, Made *made)
{
  InqGemmPush push = push_of (node), merge;
  gboolean split = node->i[GEMM_PARTS] > 1;
  InqGpuPipelineDesc desc;
  guint m, n;

  made_bind (made);
  if (!made_place (made, r, &push))
    return FALSE;
  merge = push;
  InqBind binds[] = {
    INQ_READ (node->in[GEMM_X]),
    made->w[0],
    split ? INQ_WRITE (node->scratch[0]) : made->y[0],
    split ? INQ_NO_BIND : made->bias[0],
    inq_read_or_none (split ? NULL : node->in[GEMM_CHANNEL_BIAS]),
    inq_read_or_none (split ? NULL : node->in[GEMM_RESIDUAL]),
  };
  InqGemmVariant v = {
    .tile = node->i[GEMM_TILE],
    .weights = inq_record_weight_kind (r, &node->weights[0]),
    .plain = inq_gemm_is_plain (node),
    .residual = node->in[GEMM_RESIDUAL] && !split,
    .split = split,
    .gated = inq_gemm_is_gated (node),
    .act = split ? INQ_ACT_NONE : (guint32) node->i[GEMM_ACT],
    .halves = inq_bind_halves (binds, G_N_ELEMENTS (binds)),
    .c = push.c,
    .columns = push.columns,
  };

  if (split) {
    push.flags &= ~(guint32) (INQ_GEMM_BIAS | INQ_GEMM_CHANNEL_BIAS);
    for (guint i = 0; i < made->n; i++)
      push.y_at[i] = (guint32) (i * (guint) node->i[GEMM_PARTS] * push.rows * (push.pitch / 4));
  }
  inq_gemm_describe (&v, inq_record_facts (r), &desc, &m, &n);
  inq_record_groups (r, &desc, binds, &push, inq_gemm_groups (&v, &push, m, n), (guint) node->i[GEMM_PARTS],
                     label_of (node, &push, made_prefix (made)));
  if (split)
    record_merge (r, node, made, merge);
  return TRUE;
}

static void
record_registers (InqRecorder *r, const InqNode *node)
{
  const InqTensor *channel_bias = node->in[GEMM_CHANNEL_BIAS];
  InqGemmPush push = push_of (node);
  InqBind binds[] = {
    INQ_READ (node->in[GEMM_X]),     INQ_WEIGHT (&node->weights[0]),
    INQ_WRITE (node->out),           inq_weight_or_none (&node->weights[1]),
    inq_read_or_none (channel_bias), inq_read_or_none (node->in[GEMM_RESIDUAL]),
  };
  gboolean plain = inq_gemm_is_plain (node);
  const char *label = label_of (node, &push, "");
  /* every constant is another kernel to compile: what costs nothing at run time is in @push */
  InqGpuPipelineDesc desc = { .name = plain ? "linear" : "conv",
                              .spirv = inq_gemm_spv,
                              .spirv_size = sizeof inq_gemm_spv,
                              .n_bindings = G_N_ELEMENTS (binds),
                              .push_size = sizeof push };
  gboolean texels = push.c % 4 == 0
                    && inq_record_texels (r, &desc, binds, 0x3b, inq_gemm_texels_spv, sizeof inq_gemm_texels_spv);
  /* with texels, for each other or not, six were measured fastest */
  guint local = inq_record_local (r), size = texels || push.rows <= TILE_FEW ? TILE_FEW : TILE_ROWS;

  desc.n_spec = 10;
  memcpy (desc.spec,
          (guint32[]){ local, inq_record_weight_kind (r, &node->weights[0]), push.c % 4 == 0, !plain,
                       (guint32) node->i[GEMM_ACT], node->in[GEMM_RESIDUAL] != NULL,
                       channel_bias && push.oh * push.ow % size != 0 && node->out->dims[0] > 1, push.columns % 4 == 0,
                       size, inq_bind_halves (binds, G_N_ELEMENTS (binds)) },
          10 * sizeof (guint32));
  if (texels && inq_record_texel_subgroups (r, (push.rows + size - 1) / size)) {
    desc.spirv = inq_gemm_subgroups_spv;
    desc.spirv_size = sizeof inq_gemm_subgroups_spv;
    inq_record_groups (r, &desc, binds, &push, tiles (&push, size * local, TILE_COLUMNS), 1, label);
  } else {
    inq_record_linear (r, &desc, binds, &push, tiles (&push, size, TILE_COLUMNS), local, label);
  }
}

void
inq_gemm_record (InqRecorder *r, const InqNode *node)
{
  Made made = { 0 };

  if (!inq_record_shared (r)) {
    record_registers (r, node);
    return;
  }
  made.n = inq_gemm_is_gated (node) ? 1 : inq_node_made (node, made.nodes);
  made.nodes[0] = node;
  if (record_tiles (r, node, &made))
    return;
  /* with the tile that was chosen for all of them, and room for the parts of all */
  for (guint i = 0; i < made.n; i++)
    record_tiles (r, node, &(Made){ .nodes = { made.nodes[i] }, .n = 1 });
}

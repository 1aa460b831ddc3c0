/* Inquadra - what a plan decides once it knows its device: kernels, and which activations are kept as halves.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Halves are for what lies between ops: what the host writes or reads is f32, and so are the few numbers that every
 * position depends on (time embedding, moments of norms). Kernels widen what they load and sum in f32. */
#include "config.h"

#include "inq-graph-private.h"

static InqKernels
choose_kernels (InqKernels wanted, const InqGpuFacts *facts)
{
  if (wanted == INQ_KERNELS_MATRIX && facts->matrix_m == 0)
    return INQ_KERNELS_SHARED;
  if (wanted != INQ_KERNELS_AUTO)
    return wanted;
  if (facts->kind == INQ_GPU_KIND_SOFTWARE || facts->max_invocations < 256 || facts->max_shared_memory < 32768)
    return INQ_KERNELS_REGISTER;
  return facts->matrix_m > 0 ? INQ_KERNELS_MATRIX : INQ_KERNELS_SHARED;
}

gboolean
inq_precision_is_half (InqPrecision wanted, const InqGpuFacts *facts)
{
  const char *env = g_getenv ("INQ_PRECISION");

  if (wanted != INQ_PRECISION_AUTO)
    return wanted == INQ_PRECISION_F16;
  if (env && *env)
    return g_str_equal (env, "f16");
  return facts->kind != INQ_GPU_KIND_SOFTWARE;
}

/* A tensor of several positions and whole eights of channels. */
static gboolean
suits_halves (const InqTensor *t)
{
  return t->dims[3] % 8 == 0 && t->dims[1] * t->dims[2] > 1 && !t->is_input && !t->is_output && !t->is_host
         && !t->is_ids;
}

static void
settle_halves (InqGraph *g)
{
  /* what a GPU op writes, and can write so */
  for (guint i = 0; i < g->nodes->len; i++) {
    const InqNode *node = g->nodes->pdata[i];

    node->out->half = g->halves && node->op->record && node->out->storage == node->out
                      && (!node->op->halves || node->op->halves (node));
  }
  /* every view of it must suit */
  for (guint i = 0; i < g->tensors->len; i++) {
    const InqTensor *t = g->tensors->pdata[i];

    if (t->storage->half && !suits_halves (t))
      t->storage->half = FALSE;
  }
  for (guint i = 0; i < g->nodes->len; i++) {
    InqNode *node = g->nodes->pdata[i];

    for (guint k = 0; k < INQ_NODE_WEIGHTS; k++) {
      if (!g->halves)
        node->weights[k].shift = 0;
      node->weights[k].half = g->halves && node->op->record && node->weights[k].form != INQ_FORM_VECTOR;
    }
  }
}

/* Nodes into others that can make their results as well. */
static void
settle_joins (InqGraph *g)
{
  for (guint i = 0; i < g->nodes->len; i++)
    inq_node_part (g->nodes->pdata[i]);
  for (guint i = 0; i < g->tensors->len; i++)
    ((InqTensor *) g->tensors->pdata[i])->unmade = FALSE;
  for (guint i = 0; g->settled == INQ_KERNELS_MATRIX && g->halves && !g->apart && i < g->nodes->len; i++) {
    const InqNode *node = g->nodes->pdata[i];

    if (node->op->join && !node->into)
      node->op->join (g, i);
  }
}

void
inq_graph_settle (InqGraph *g, InqGpu *gpu, InqDeviceWeights *dw)
{
  const InqGpuFacts *facts = inq_gpu_get_facts (gpu);

  if (g->settled != INQ_KERNELS_AUTO || g->error)
    return;
  g->settled = choose_kernels (g->kernels, facts);
  g->halves = inq_precision_is_half (g->precision, facts);
  settle_halves (g);
  g->device_weights = dw;
  settle_joins (g);
  for (guint i = 0; i < g->nodes->len; i++) {
    InqNode *node = g->nodes->pdata[i];

    if (node->op->prepare && !node->into)
      node->op->prepare (g, gpu, facts, node);
  }
  g->device_weights = NULL;
}

/* Inquadra - a graph planned for a device: arena, recorded command list, inputs and outputs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-graph-private.h"
#include "inq-weight-stream.h"

#include <string.h>

/* What the plan remembers of an input or output after the graph is gone. */
typedef struct {
  char *name;
  gint64 dims[4];
  gboolean is_input, is_output, is_ids;
  guint index; /* of its storage, to match host ops */
  guint chunk;
  gsize offset;
  float *kept; /* of an input of inq_graph_keep(): what was written last, NULL before */
  gboolean keep;
} Port;

struct _InqPlan {
  InqGpu *gpu;
  InqWeights *weights; /* the tables of host ops live there */
  GPtrArray *chunks;   /* InqGpuBuffer */
  InqWeightStream *stream;
  InqWeightStream *kept;   /* (nullable): what runs only when an input that is kept, or a weight, changed */
  gboolean stale;          /* it has to */
  guint generation;        /* of the weights it ran with */
  InqDeviceWeights *dw;    /* borrowed: outlives the plan, as its buffers do */
  GArray *ports;           /* Port */
  GArray *fills;           /* InqHostFill */
  InqLifetime *placements; /* by tensor index */
  gsize arena;
  double flops;
  gboolean halves;
};

static void
port_clear (gpointer data)
{
  g_free (((Port *) data)->name);
  g_free (((Port *) data)->kept);
}

/* ---- what is kept ---- */

/* Whether @node computes from what is kept and weights alone. */
static gboolean
node_is_kept (const InqNode *node)
{
  guint inputs = 0;

  if (node->out->graph->anew)
    return FALSE;
  for (guint k = 0; k < INQ_NODE_INPUTS; k++) {
    if (!node->in[k])
      continue;
    if (!node->in[k]->storage->kept)
      return FALSE;
    inputs++;
  }
  return node->op->record && inputs > 0 && node->out->storage == node->out;
}

/* Nodes are in order: what one needs comes before it. */
static void
mark_kept (InqGraph *g)
{
  for (guint i = 0; i < g->nodes->len; i++) {
    const InqNode *node = g->nodes->pdata[i];

    node->out->kept = node_is_kept (node);
  }
}

/* ---- lifetimes ---- */

static void
touch (InqLifetime *items, const InqTensor *t, int step)
{
  InqLifetime *item;

  if (!t || t->is_ids || t->unmade)
    return;
  item = &items[t->storage->index];
  item->size = (gsize) inq_tensor_count (t->storage) * (t->storage->half ? 2 : 4);
  if (step < item->first)
    item->first = step;
  if (step > item->last)
    item->last = step;
}

/* When each tensor's bytes are live, in steps (node numbers). Host-written tensors live throughout, so that they may be
 * kept from run to run, and so does what follows from those of inq_graph_keep(); outputs live to the end. */
static InqLifetime *
graph_lifetimes (InqGraph *g)
{
  InqLifetime *items = g_new0 (InqLifetime, MAX (g->tensors->len, 1));
  int end = (int) g->nodes->len;

  mark_kept (g);
  for (guint i = 0; i < g->tensors->len; i++) {
    items[i].first = G_MAXINT;
    items[i].last = -1;
  }
  for (guint i = 0; i < g->nodes->len; i++) {
    const InqNode *node = g->nodes->pdata[i];

    for (guint k = 0; k < INQ_NODE_INPUTS; k++)
      touch (items, node->in[k], (int) i);
    for (guint k = 0; k < G_N_ELEMENTS (node->scratch); k++)
      touch (items, node->scratch[k], (int) i);
    touch (items, node->out, (int) i);
    for (guint k = 0; k < INQ_NODE_JOINED && node->joined[k]; k++)
      touch (items, node->joined[k]->out, (int) i);
  }
  for (guint i = 0; i < g->tensors->len; i++) {
    const InqTensor *t = g->tensors->pdata[i];

    if (t->is_host || t->kept) {
      touch (items, t, 0);
      touch (items, t, end);
    } else if (t->is_output) {
      touch (items, t, end);
    }
  }
  return items;
}

static gboolean
graph_place (InqGraph *g, InqGpu *gpu, InqDeviceWeights *dw, InqLifetime **placements, GArray *chunks, GError **error)
{
  const InqGpuFacts *facts = inq_gpu_get_facts (gpu);
  InqLifetime *items;
  int too_large = -1;

  if (g->error) {
    g_propagate_error (error, g_error_copy (g->error));
    return FALSE;
  }
  inq_graph_settle (g, gpu, dw);
  items = graph_lifetimes (g);
  for (guint i = 0; i < g->tensors->len; i++)
    if (items[i].size > facts->max_storage_range)
      too_large = (int) i;
  if (too_large < 0)
    too_large = inq_arena_plan (items, g->tensors->len, facts->max_allocation & ~(gsize) (INQ_ARENA_ALIGN - 1), chunks);
  if (too_large >= 0) {
    g_autofree char *shape = inq_tensor_shape (g->tensors->pdata[too_large]);

    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY,
                 "an activation of %s needs %" G_GSIZE_FORMAT
                 " bytes, more than %s can bind at once: use a smaller picture or tiles",
                 shape, items[too_large].size, facts->name);
    g_free (items);
    return FALSE;
  }
  *placements = items;
  return TRUE;
}

static gsize
sum (GArray *sizes)
{
  gsize total = 0;

  for (guint i = 0; i < sizes->len; i++)
    total += (g_array_index (sizes, gsize, i) + 255) & ~(gsize) 255;
  return total;
}

GArray *
inq_graph_weight_refs (InqGraph *g)
{
  GArray *refs = g_array_new (FALSE, FALSE, sizeof (InqWeightRef));

  for (guint i = 0; i < g->nodes->len; i++) {
    const InqWeightRef *reads[INQ_NODE_READS];
    guint n = inq_node_reads (g->nodes->pdata[i], reads);

    for (guint k = 0; k < n; k++)
      g_array_append_val (refs, *reads[k]);
  }
  return refs;
}

/* Bytes of the weights that one node reads. */
static gsize
largest_node (InqGraph *g, InqDeviceWeights *dw)
{
  gsize largest = 0;

  for (guint i = 0; i < g->nodes->len; i++) {
    const InqWeightRef *reads[INQ_NODE_READS];
    guint n = inq_node_reads (g->nodes->pdata[i], reads);
    gsize bytes = 0;

    for (guint k = 0; k < n; k++)
      bytes += (inq_device_weights_bytes (dw, reads[k]) + 255) & ~(gsize) 255;
    largest = MAX (largest, bytes);
  }
  return largest;
}

gboolean
inq_graph_measure (InqGraph *g, InqGpu *gpu, InqDeviceWeights *dw, gsize resident, InqGraphNeeds *needs, GError **error)
{
  g_autoptr (GArray) chunks = g_array_new (FALSE, FALSE, sizeof (gsize));
  g_autoptr (GHashTable) seen = inq_weight_ref_table_new ();
  g_autofree InqLifetime *items = NULL;
  g_autofree gboolean *stays = NULL;
  g_autoptr (GArray) refs = NULL;
  const InqGpuFacts *facts = inq_gpu_get_facts (gpu);

  *needs = (InqGraphNeeds){ .bindable = TRUE };
  if (g->error) {
    g_propagate_error (error, g_error_copy (g->error));
    return FALSE;
  }
  inq_graph_settle (g, gpu, dw);
  items = graph_lifetimes (g);
  for (guint i = 0; i < g->tensors->len; i++)
    if (items[i].size > facts->max_storage_range || items[i].size > facts->max_allocation)
      needs->bindable = FALSE;
  inq_arena_plan (items, g->tensors->len,
                  needs->bindable ? facts->max_allocation & ~(gsize) (INQ_ARENA_ALIGN - 1) : G_MAXSIZE / 2, chunks);
  needs->arena = sum (chunks);
  needs->largest = largest_node (g, dw);
  for (guint i = 0; i < g->nodes->len; i++)
    needs->heaviest = MAX (needs->heaviest, inq_node_flops (g->nodes->pdata[i]));
  refs = inq_graph_weight_refs (g);
  stays = inq_weight_stream_choose (dw, (const InqWeightRef *) refs->data, refs->len, resident, NULL);
  for (guint i = 0; i < refs->len; i++) {
    const InqWeightRef *ref = &g_array_index (refs, InqWeightRef, i);
    gsize bytes = (inq_device_weights_bytes (dw, ref) + 255) & ~(gsize) 255;

    if (!stays[i] || !g_hash_table_add (seen, (gpointer) ref))
      continue;
    needs->weights += bytes;
    if (!inq_device_weights_get (dw, ref))
      needs->missing += bytes;
  }
  return TRUE;
}

/* ---- making ---- */

static void
plan_add_ports (InqPlan *plan, InqGraph *g)
{
  for (guint i = 0; i < g->tensors->len; i++) {
    const InqTensor *t = g->tensors->pdata[i];
    const InqLifetime *at = &plan->placements[t->storage->index];
    Port port = { 0 };

    if (!t->is_input && !t->is_output)
      continue;
    port.name = g_strdup (t->name);
    memcpy (port.dims, t->dims, sizeof port.dims);
    port.is_input = t->is_input;
    port.is_output = t->is_output;
    port.is_ids = t->is_ids;
    port.keep = t->is_input && t->kept;
    port.index = t->storage->index;
    port.chunk = at->chunk;
    port.offset = at->offset;
    g_array_append_val (plan->ports, port);
  }
  for (guint i = 0; i < g->nodes->len; i++) {
    const InqNode *node = g->nodes->pdata[i];

    if (node->op->fill) {
      InqHostFill fill = { .fill = node->op->fill,
                           .weights = { node->weights[0].weight, node->weights[1].weight },
                           .source = node->in[0]->storage->index,
                           .out = node->out->index };

      memcpy (fill.dims, node->out->dims, sizeof fill.dims);
      g_array_append_val (plan->fills, fill);
    }
  }
}

/* Records the nodes of @g into @stream; those that @runs (nullable) names. */
static gboolean
record_nodes (InqPlan *plan, InqGraph *g, InqWeightStream *stream, const gboolean *runs, gboolean timed, GError **error)
{
  InqRecorder r = { 0 };

  r.gpu = plan->gpu;
  r.facts = inq_gpu_get_facts (plan->gpu);
  r.dw = plan->dw;
  r.stream = stream;
  /* matrices multiply halves */
  r.kernels = g->settled == INQ_KERNELS_MATRIX && !g->halves ? INQ_KERNELS_SHARED : g->settled;
  r.chunks = (InqGpuBuffer **) plan->chunks->pdata;
  r.placements = plan->placements;
  r.pending = inq_recorder_pending_new ();
  for (guint i = 0; i < g->nodes->len && !r.error; i++) {
    const InqNode *node = g->nodes->pdata[i];

    if (runs && !runs[i])
      continue;
    if (!inq_weight_stream_enter (stream, &r, i, timed, &r.error))
      break;
    if (stream == plan->stream)
      plan->flops += node->flops;
    if (node->op->record && !node->into)
      node->op->record (&r, node);
  }
  g_array_unref (r.pending);
  if (r.error) {
    g_propagate_error (error, r.error);
    return FALSE;
  }
  return inq_weight_stream_end (stream, error);
}

static gboolean
plan_record (InqPlan *plan, InqGraph *g, gboolean timed, gsize resident, gsize slot, GError **error)
{
  g_autofree gboolean *kept = g_new0 (gboolean, g->nodes->len + 1), *others = g_new0 (gboolean, g->nodes->len + 1);
  gboolean any = FALSE;

  for (guint i = 0; i < g->nodes->len; i++) {
    kept[i] = node_is_kept (g->nodes->pdata[i]);
    others[i] = !kept[i];
    any = any || kept[i];
  }
  if (any) {
    plan->stale = TRUE;
    plan->kept = inq_weight_stream_new (plan->gpu, g, kept, plan->dw, resident, slot, error);
    if (!plan->kept || !record_nodes (plan, g, plan->kept, kept, FALSE, error))
      return FALSE;
  }
  plan->stream = inq_weight_stream_new (plan->gpu, g, any ? others : NULL, plan->dw, resident, slot, error);
  return plan->stream && record_nodes (plan, g, plan->stream, any ? others : NULL, timed, error);
}

InqPlan *
inq_plan_new (InqGpu *gpu, InqGraph *g, InqDeviceWeights *dw, gboolean timed, GError **error)
{
  return inq_plan_new_streamed (gpu, g, dw, timed, G_MAXSIZE, 0, error);
}

InqPlan *
inq_plan_new_streamed (InqGpu *gpu, InqGraph *g, InqDeviceWeights *dw, gboolean timed, gsize resident, gsize slot,
                       GError **error)
{
  g_autoptr (InqPlan) plan = g_new0 (InqPlan, 1);
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (gsize));

  if (slot > 0)
    inq_graph_set_anew (g, TRUE);
  plan->gpu = inq_gpu_ref (gpu);
  plan->weights = inq_weights_ref (g->weights);
  plan->chunks = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_gpu_buffer_free);
  plan->ports = g_array_new (FALSE, TRUE, sizeof (Port));
  g_array_set_clear_func (plan->ports, port_clear);
  plan->fills = g_array_new (FALSE, FALSE, sizeof (InqHostFill));

  if (!graph_place (g, gpu, dw, &plan->placements, sizes, error))
    return NULL;
  plan->arena = sum (sizes);
  plan->halves = g->halves;
  for (guint i = 0; i < sizes->len; i++) {
    InqGpuBuffer *chunk = inq_gpu_buffer_new (gpu, g_array_index (sizes, gsize, i), INQ_GPU_MEMORY_DEVICE, error);

    if (!chunk) {
      g_prefix_error (error, "activations need %" G_GSIZE_FORMAT " bytes (%.1f MiB) of device memory: ", plan->arena,
                      (double) plan->arena / 1048576);
      return NULL;
    }
    g_ptr_array_add (plan->chunks, chunk);
  }
  plan_add_ports (plan, g);
  plan->dw = dw;
  if (!plan_record (plan, g, timed, resident, slot, error))
    return NULL;
  return g_steal_pointer (&plan);
}

void
inq_plan_free (InqPlan *plan)
{
  if (!plan)
    return;
  g_clear_pointer (&plan->stream, inq_weight_stream_free);
  g_clear_pointer (&plan->kept, inq_weight_stream_free);
  g_clear_pointer (&plan->chunks, g_ptr_array_unref);
  g_clear_pointer (&plan->ports, g_array_unref);
  g_clear_pointer (&plan->fills, g_array_unref);
  g_free (plan->placements);
  g_clear_pointer (&plan->weights, inq_weights_unref);
  g_clear_pointer (&plan->gpu, inq_gpu_unref);
  g_free (plan);
}

gsize
inq_plan_get_arena_size (InqPlan *plan)
{
  return plan->arena;
}

gboolean
inq_plan_get_halves (InqPlan *plan)
{
  return plan->halves;
}

double
inq_plan_get_flops (InqPlan *plan)
{
  return plan->flops;
}

/* ---- using ---- */

static Port *
plan_port (InqPlan *plan, const char *name, gboolean input)
{
  for (guint i = 0; i < plan->ports->len; i++) {
    Port *p = &g_array_index (plan->ports, Port, i);

    if ((input ? p->is_input : p->is_output) && g_str_equal (p->name, name))
      return p;
  }
  return NULL;
}

static Port *
plan_port_checked (InqPlan *plan, const char *name, gboolean input, gsize count, GError **error)
{
  Port *p = plan_port (plan, name, input);
  gsize want;

  if (!p) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED, "the graph has no %s '%s'", input ? "input" : "output",
                 name);
    return NULL;
  }
  want = (gsize) (p->dims[0] * p->dims[1] * p->dims[2] * p->dims[3]);
  if (want != count) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_FAILED,
                 "'%s' has %" G_GSIZE_FORMAT " elements, %" G_GSIZE_FORMAT " were given", name, want, count);
    return NULL;
  }
  return p;
}

const gint64 *
inq_plan_get_dims (InqPlan *plan, const char *name)
{
  const Port *p = plan_port (plan, name, TRUE);

  if (!p)
    p = plan_port (plan, name, FALSE);
  return p ? p->dims : NULL;
}

gboolean
inq_plan_write (InqPlan *plan, const char *input, const void *data, gsize count, GError **error)
{
  Port *p = plan_port_checked (plan, input, TRUE, count, error);

  if (!p)
    return FALSE;
  if (p->keep) {
    if (p->kept && memcmp (p->kept, data, count * sizeof (float)) == 0)
      return TRUE;
    g_clear_pointer (&p->kept, g_free); /* until it is written */
    plan->stale = TRUE;
  }
  if (!p->is_ids && !inq_gpu_buffer_write (plan->chunks->pdata[p->chunk], p->offset, data, count * 4, error))
    return FALSE;

  for (guint i = 0; i < plan->fills->len; i++) {
    const InqHostFill *op = &g_array_index (plan->fills, InqHostFill, i);
    const InqLifetime *at = &plan->placements[op->out];
    g_autofree float *out = NULL;

    if (op->source != p->index)
      continue;
    out = g_malloc (at->size);
    if (!op->fill (op, data, out, error))
      return FALSE;
    for (guint k = 0; k < INQ_NODE_WEIGHTS; k++)
      if (op->weights[k]) /* rows here and there of a large table, each with what the system maps around it */
        inq_weights_release (plan->weights, op->weights[k]);
    if (!inq_gpu_buffer_write (plan->chunks->pdata[at->chunk], at->offset, out, at->size, error))
      return FALSE;
  }
  if (p->keep)
    p->kept = g_memdup2 (data, count * sizeof (float));
  return TRUE;
}

/* What is kept, where anything it follows from changed. The next pass waits for it on the device. */
static gboolean
run_kept (InqPlan *plan, gboolean (*cancelled) (gpointer), gpointer data, GError **error)
{
  guint generation = inq_device_weights_get_generation (plan->dw);
  guint64 ticket;

  if (!plan->kept || (!plan->stale && plan->generation == generation))
    return TRUE;
  plan->stale = TRUE;
  if (!inq_weight_stream_submit (plan->kept, cancelled, data, &ticket, error))
    return FALSE;
  plan->stale = FALSE;
  plan->generation = generation;
  return TRUE;
}

gboolean
inq_plan_run (InqPlan *plan, gboolean (*cancelled) (gpointer), gpointer data, GError **error)
{
  guint64 ticket;

  /* submitting could wait for kernels too, but not be cancelled */
  return inq_gpu_prepare (plan->gpu, cancelled, data, error) && run_kept (plan, cancelled, data, error)
         && inq_weight_stream_submit (plan->stream, cancelled, data, &ticket, error)
         && (ticket == 0 || inq_gpu_wait (plan->gpu, ticket, cancelled, data, error))
         && inq_weight_stream_check (plan->stream, error);
}

gboolean
inq_plan_read (InqPlan *plan, const char *output, float *data, gsize count, GError **error)
{
  const Port *p = plan_port_checked (plan, output, FALSE, count, error);

  return p && inq_gpu_buffer_read (plan->chunks->pdata[p->chunk], p->offset, data, count * 4, error);
}

GArray *
inq_plan_get_timings (InqPlan *plan, GError **error)
{
  return inq_weight_stream_get_timings (plan->stream, error);
}

/* Inquadra - weights that pass through the device while a plan runs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-weight-stream.h"

#define N_SLOTS 2

typedef struct {
  InqWeightRef ref;
  InqDeviceWeight device;
} Item;

typedef struct {
  guint first_node;
  GArray *items; /* Item */
  InqGpuPass *pass;
  guint64 ticket; /* last submission */
} Segment;

struct _InqWeightStream {
  InqGpu *gpu;
  InqDeviceWeights *dw;
  InqGpuBuffer *slots[N_SLOTS];
  GArray *segments; /* Segment */
  int current;      /* being recorded, -1 before the first */
};

static void
segment_clear (gpointer data)
{
  Segment *s = data;

  g_array_unref (s->items);
  g_clear_pointer (&s->pass, inq_gpu_pass_free);
}

static gsize
aligned (gsize size)
{
  return (size + 255) & ~(gsize) 255;
}

gboolean *
inq_weight_stream_choose (InqDeviceWeights *dw, const InqWeightRef *refs, guint n_refs, gsize resident, gsize *kept)
{
  g_autoptr (GHashTable) seen = inq_weight_ref_table_new ();
  gboolean *stays = g_new0 (gboolean, MAX (n_refs, 1));
  gsize total = 0, passed = 0, used = 0;

  for (guint i = 0; i < n_refs; i++)
    if (g_hash_table_insert (seen, (gpointer) &refs[i], GINT_TO_POINTER (FALSE)))
      total += aligned (inq_device_weights_bytes (dw, &refs[i]));
  g_hash_table_remove_all (seen);
  for (guint i = 0; i < n_refs; i++) {
    gsize size = aligned (inq_device_weights_bytes (dw, &refs[i]));
    gpointer earlier;

    if (g_hash_table_lookup_extended (seen, &refs[i], NULL, &earlier)) {
      stays[i] = GPOINTER_TO_INT (earlier);
      continue;
    }
    passed += size;
    /* not more than its share so far */
    stays[i] = used + size <= resident
               && (double) (used + size) * (double) total <= (double) passed * (double) resident;
    if (stays[i])
      used += size;
    g_hash_table_insert (seen, (gpointer) &refs[i], GINT_TO_POINTER (stays[i]));
  }
  if (kept)
    *kept = used;
  return stays;
}

/* Cuts the nodes into segments. @stays: of the references in node order. */
static gboolean
cut (InqWeightStream *stream, InqGraph *g, const gboolean *stays, gsize slot, GError **error)
{
  Segment *s = NULL;
  gsize used = 0;
  guint at = 0;

  for (guint i = 0; i < g->nodes->len; i++) {
    const InqNode *node = g->nodes->pdata[i];
    Item fresh[INQ_NODE_WEIGHTS];
    guint n = 0;
    gsize more = 0;

    for (guint k = 0; node->op->record && k < INQ_NODE_WEIGHTS; k++) {
      if (!node->weights[k].weight || stays[at++])
        continue;
      fresh[n].ref = node->weights[k];
      fresh[n].device = (InqDeviceWeight){ NULL, more, inq_device_weights_bytes (stream->dw, &node->weights[k]),
                                           inq_device_weights_kind (stream->dw, &node->weights[k]) };
      more += aligned (fresh[n++].device.range);
    }
    if (more > slot) {
      g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY,
                   "a slot of %" G_GSIZE_FORMAT " bytes is too small for '%s', which needs %" G_GSIZE_FORMAT, slot,
                   fresh[0].ref.weight->name, more);
      return FALSE;
    }
    if (!s || used + more > slot) {
      Segment segment = { .first_node = i, .items = g_array_new (FALSE, FALSE, sizeof (Item)) };

      g_array_append_val (stream->segments, segment);
      s = &g_array_index (stream->segments, Segment, stream->segments->len - 1);
      used = 0;
    }
    for (guint k = 0; k < n; k++) {
      fresh[k].device.offset += used;
      fresh[k].device.buffer = stream->slots[(stream->segments->len - 1) % N_SLOTS];
      g_array_append_val (s->items, fresh[k]);
    }
    used += more;
  }
  return TRUE;
}

InqWeightStream *
inq_weight_stream_new (InqGpu *gpu, InqGraph *g, InqDeviceWeights *dw, gsize resident, gsize slot, GError **error)
{
  g_autoptr (GArray) refs = inq_graph_weight_refs (g);
  g_autofree gboolean *stays = NULL;
  g_autoptr (GArray) kept = g_array_new (FALSE, FALSE, sizeof (InqWeightRef));
  InqWeightStream *stream;

  stays = inq_weight_stream_choose (dw, (const InqWeightRef *) refs->data, refs->len, resident, NULL);
  stream = g_new0 (InqWeightStream, 1);
  stream->gpu = inq_gpu_ref (gpu);
  stream->dw = dw;
  stream->current = -1;
  stream->segments = g_array_new (FALSE, TRUE, sizeof (Segment));
  g_array_set_clear_func (stream->segments, segment_clear);
  for (guint i = 0; i < N_SLOTS; i++) {
    stream->slots[i] = inq_gpu_buffer_new (gpu, slot, INQ_GPU_MEMORY_DEVICE, error);
    if (!stream->slots[i]) {
      inq_weight_stream_free (stream);
      return NULL;
    }
  }
  for (guint i = 0; i < refs->len; i++)
    if (stays[i])
      g_array_append_val (kept, g_array_index (refs, InqWeightRef, i));
  if (!cut (stream, g, stays, slot, error)
      || !inq_device_weights_load (dw, (const InqWeightRef *) kept->data, kept->len, error)) {
    inq_weight_stream_free (stream);
    return NULL;
  }
  return stream;
}

void
inq_weight_stream_free (InqWeightStream *stream)
{
  if (!stream)
    return;
  g_array_unref (stream->segments);
  for (guint i = 0; i < N_SLOTS; i++)
    inq_gpu_buffer_free (stream->slots[i]);
  inq_gpu_unref (stream->gpu);
  g_free (stream);
}

/* ---- recording ---- */

gboolean
inq_weight_stream_enter (InqWeightStream *stream, InqRecorder *r, guint i, gboolean timed, GError **error)
{
  guint next = (guint) (stream->current + 1);
  Segment *s;

  if (next >= stream->segments->len)
    return TRUE;
  s = &g_array_index (stream->segments, Segment, next);
  if (s->first_node != i)
    return TRUE;
  if (stream->current >= 0 && !inq_gpu_pass_end (r->pass, error))
    return FALSE;
  stream->current = (int) next;
  s->pass = inq_gpu_pass_new (stream->gpu, timed, error);
  r->pass = s->pass;
  g_array_set_size (r->pending, 0); /* a command list begins with a barrier */
  return s->pass != NULL;
}

const InqDeviceWeight *
inq_weight_stream_get (InqWeightStream *stream, const InqWeightRef *ref)
{
  const Segment *s;

  if (stream->current < 0)
    return NULL;
  s = &g_array_index (stream->segments, Segment, stream->current);
  for (guint i = s->items->len; i-- > 0;) {
    const Item *item = &g_array_index (s->items, Item, i);

    if (inq_weight_ref_equal (&item->ref, ref))
      return &item->device;
  }
  return NULL;
}

gboolean
inq_weight_stream_end (InqWeightStream *stream, GError **error)
{
  if (stream->current < 0)
    return TRUE;
  return inq_gpu_pass_end (g_array_index (stream->segments, Segment, stream->current).pass, error);
}

/* ---- running ---- */

static gboolean
fill_slot (InqWeightStream *stream, const Segment *s, GError **error)
{
  for (guint i = 0; i < s->items->len; i++) {
    const Item *item = &g_array_index (s->items, Item, i);

    if (!inq_device_weights_upload (stream->dw, &item->ref, &item->device, error))
      return FALSE;
  }
  return TRUE;
}

/* The slot of segment @k was last read by the segment N_SLOTS before it, of this run or the last. */
static guint64
last_reader (InqWeightStream *stream, guint k)
{
  guint64 ticket = 0;

  for (guint i = k % N_SLOTS; i < stream->segments->len; i += N_SLOTS)
    ticket = MAX (ticket, g_array_index (stream->segments, Segment, i).ticket);
  return ticket;
}

gboolean
inq_weight_stream_run (InqWeightStream *stream, gboolean (*cancelled) (gpointer), gpointer data, GError **error)
{
  guint64 ticket = 0;

  if (!inq_device_weights_check (stream->dw, error))
    return FALSE;
  for (guint k = 0; k < stream->segments->len; k++) {
    Segment *s = &g_array_index (stream->segments, Segment, k);

    if (!inq_gpu_wait (stream->gpu, last_reader (stream, k), cancelled, data, error) || !fill_slot (stream, s, error))
      return FALSE;
    ticket = s->ticket = inq_gpu_submit (stream->gpu, s->pass, error);
    if (ticket == 0)
      return FALSE;
  }
  return (ticket == 0 || inq_gpu_wait (stream->gpu, ticket, cancelled, data, error))
         && inq_device_weights_check (stream->dw, error);
}

GArray *
inq_weight_stream_get_timings (InqWeightStream *stream, GError **error)
{
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (InqGpuTiming));

  for (guint k = 0; k < stream->segments->len; k++) {
    g_autoptr (GArray) some = inq_gpu_pass_get_timings (g_array_index (stream->segments, Segment, k).pass, error);

    if (!some)
      return NULL;
    g_array_append_vals (all, some->data, some->len);
  }
  return g_steal_pointer (&all);
}

guint
inq_weight_stream_get_segments (InqWeightStream *stream)
{
  return stream->segments->len;
}

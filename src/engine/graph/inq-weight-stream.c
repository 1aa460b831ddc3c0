/* Inquadra - a plan's command lists, and the weights that come before each.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-weight-stream.h"

#define N_SLOTS 2
#define MIB     ((gsize) 1 << 20)
/* Weights that a segment waits for at the first run: few for the first, so that it starts soon, twice as many for each
 * next, so that later runs have few submissions. With slots these decide. */
#define COMING      (32 * MIB)
#define DOUBLINGS   4
#define COMING_SLOT (256 * MIB)
/* Floating-point operations of a submission, and how many submissions are ahead of the device. Kernels reset a graphics
 * device that works on one for too long (amdgpu: 10 s, in new ones 2 s), and a cancelled run goes on as long as what
 * was submitted. A processor needs it for the latter alone: some seconds. */
#define WORK_DISCRETE   1e12
#define WORK_INTEGRATED 0.2e12
#define WORK_SOFTWARE   0.05e12
#define AHEAD           2

static double test_work;

void
inq_weight_stream_test_set_work (double flops)
{
  test_work = flops;
}

static double
work_limit (InqGpu *gpu)
{
  InqGpuKind kind = inq_gpu_get_facts (gpu)->kind;

  if (test_work > 0)
    return test_work;
  if (kind == INQ_GPU_KIND_SOFTWARE)
    return WORK_SOFTWARE;
  return kind == INQ_GPU_KIND_DISCRETE ? WORK_DISCRETE : WORK_INTEGRATED;
}

typedef struct {
  InqWeightRef ref;
  InqDeviceWeight device;
} Item;

typedef struct {
  guint first_node;
  GArray *coming; /* InqWeightRef: fetched before the first run */
  GArray *items;  /* Item: in a slot, at every run */
  InqGpuPass *pass;
  guint64 ticket; /* last submission */
} Segment;

struct _InqWeightStream {
  InqGpu *gpu;
  InqDeviceWeights *dw;
  InqGpuBuffer *slots[N_SLOTS]; /* (nullable) */
  GArray *segments;             /* Segment */
  int current;                  /* being recorded, -1 before the first */
  gboolean passing;             /* something goes through the slots */
};

static void
segment_clear (gpointer data)
{
  Segment *s = data;

  g_array_unref (s->coming);
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

static Segment *
add_segment (InqWeightStream *stream, guint first_node)
{
  Segment segment = { .first_node = first_node,
                      .coming = g_array_new (FALSE, FALSE, sizeof (InqWeightRef)),
                      .items = g_array_new (FALSE, FALSE, sizeof (Item)) };

  g_array_append_val (stream->segments, segment);
  return &g_array_index (stream->segments, Segment, stream->segments->len - 1);
}

/* What a node needs beside what is there already. */
typedef struct {
  Item items[INQ_NODE_READS];
  InqWeightRef coming[INQ_NODE_READS];
  guint n_items, n_coming;
  gsize item_bytes, coming_bytes;
} Wants;

static void
node_wants (InqWeightStream *stream, const InqNode *node, const gboolean *stays, guint *at, Wants *wants)
{
  const InqWeightRef *reads[INQ_NODE_READS];
  guint n = inq_node_reads (node, reads);

  *wants = (Wants){ 0 };
  for (guint k = 0; k < n; k++) {
    const InqWeightRef *ref = reads[k];
    gsize bytes = inq_device_weights_bytes (stream->dw, ref);

    if (!stays[(*at)++]) {
      wants->items[wants->n_items++] = (Item){ *ref, (InqDeviceWeight){ NULL, wants->item_bytes, bytes,
                                                                        inq_device_weights_kind (stream->dw, ref) } };
      wants->item_bytes += aligned (bytes);
    } else if (!inq_device_weights_is_there (stream->dw, ref)) {
      wants->coming[wants->n_coming++] = *ref;
      wants->coming_bytes += aligned (bytes);
    }
  }
}

/* Cuts the nodes into segments. @stays: of the references in node order. */
static gboolean
cut (InqWeightStream *stream, InqGraph *g, const gboolean *runs, const gboolean *stays, gsize slot, GError **error)
{
  gsize limit = 0, used = 0, coming = 0;
  double most = work_limit (stream->gpu), work = 0;
  Segment *s = NULL;
  guint at = 0;

  for (guint i = 0; i < g->nodes->len; i++) {
    const InqNode *node = g->nodes->pdata[i];
    Wants wants;

    node_wants (stream, node, stays, &at, &wants);
    if (runs && !runs[i])
      continue;
    if (wants.item_bytes > slot) {
      g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY,
                   "a slot of %" G_GSIZE_FORMAT " bytes is too small for '%s', which needs %" G_GSIZE_FORMAT, slot,
                   wants.items[0].ref.weight->name, wants.item_bytes);
      return FALSE;
    }
    if (!s || used + wants.item_bytes > slot || (coming > 0 && coming + wants.coming_bytes > limit)
        || (work > 0 && work + inq_node_flops (node) > most)) {
      limit = slot > 0 ? COMING_SLOT : COMING << MIN (stream->segments->len, DOUBLINGS);
      s = add_segment (stream, i);
      used = coming = 0;
      work = 0;
    }
    for (guint k = 0; k < wants.n_items; k++) {
      wants.items[k].device.offset += used;
      wants.items[k].device.buffer = stream->slots[(stream->segments->len - 1) % N_SLOTS];
    }
    g_array_append_vals (s->items, wants.items, wants.n_items);
    g_array_append_vals (s->coming, wants.coming, wants.n_coming);
    used += wants.item_bytes;
    coming += wants.coming_bytes;
    work += inq_node_flops (node);
    stream->passing = stream->passing || wants.n_items > 0;
  }
  return TRUE;
}

InqWeightStream *
inq_weight_stream_new (InqGpu *gpu, InqGraph *g, const gboolean *runs, InqDeviceWeights *dw, gsize resident, gsize slot,
                       GError **error)
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
  for (guint i = 0; slot > 0 && i < N_SLOTS; i++) {
    stream->slots[i] = inq_gpu_buffer_new (gpu, slot, INQ_GPU_MEMORY_DEVICE, error);
    if (!stream->slots[i]) {
      inq_weight_stream_free (stream);
      return NULL;
    }
  }
  for (guint i = 0; i < refs->len; i++)
    if (stays[i])
      g_array_append_val (kept, g_array_index (refs, InqWeightRef, i));
  if (!inq_device_weights_reserve (dw, (const InqWeightRef *) kept->data, kept->len, error)
      || !cut (stream, g, runs, stays, slot, error)) {
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

/* The slot of segment @k was last read by the segment N_SLOTS before it, of this run or the last. */
static guint64
last_reader (InqWeightStream *stream, guint k)
{
  guint64 ticket = 0;

  for (guint i = k % N_SLOTS; i < stream->segments->len; i += N_SLOTS)
    ticket = MAX (ticket, g_array_index (stream->segments, Segment, i).ticket);
  return ticket;
}

static gboolean
check_cancelled (gboolean (*cancelled) (gpointer), gpointer data, GError **error)
{
  if (!cancelled || !cancelled (data))
    return TRUE;
  g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_CANCELLED, "Cancelled");
  return FALSE;
}

/* What segment @k reads and is not there. */
static gboolean
bring (InqWeightStream *stream, guint k, gboolean (*cancelled) (gpointer), gpointer data, GError **error)
{
  Segment *s = &g_array_index (stream->segments, Segment, k);

  if (s->coming->len > 0 && !inq_device_weights_check (stream->dw, error))
    return FALSE;
  for (guint i = 0; i < s->coming->len; i++)
    if (!check_cancelled (cancelled, data, error)
        || !inq_device_weights_fetch (stream->dw, &g_array_index (s->coming, InqWeightRef, i), error))
      return FALSE;
  g_array_set_size (s->coming, 0);
  if (s->items->len == 0)
    return TRUE;
  if (!inq_gpu_wait (stream->gpu, last_reader (stream, k), cancelled, data, error))
    return FALSE;
  for (guint i = 0; i < s->items->len; i++) {
    const Item *item = &g_array_index (s->items, Item, i);

    if (!check_cancelled (cancelled, data, error)
        || !inq_device_weights_upload (stream->dw, &item->ref, &item->device, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
inq_weight_stream_submit (InqWeightStream *stream, gboolean (*cancelled) (gpointer), gpointer data, guint64 *ticket,
                          GError **error)
{
  *ticket = 0;
  if (!inq_weight_stream_check (stream, error))
    return FALSE;
  for (guint k = 0; k < stream->segments->len; k++) {
    Segment *s = &g_array_index (stream->segments, Segment, k);

    if (!bring (stream, k, cancelled, data, error))
      return FALSE;
    if (k >= AHEAD
        && !inq_gpu_wait (stream->gpu, g_array_index (stream->segments, Segment, k - AHEAD).ticket, cancelled, data,
                          error))
      return FALSE;
    *ticket = s->ticket = inq_gpu_submit (stream->gpu, s->pass, error);
    if (s->ticket == 0)
      return FALSE;
  }
  return TRUE;
}

gboolean
inq_weight_stream_check (InqWeightStream *stream, GError **error)
{
  return !stream->passing || inq_device_weights_check (stream->dw, error);
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

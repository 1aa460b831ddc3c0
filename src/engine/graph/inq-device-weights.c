/* Inquadra - weights on the device, in the layout their kernels read.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reference (tensor, form, rows) has one place, shared by all plans. One reserve() allocates one or a few buffers for
 * everything missing, so a failure gives all of it back; the numbers come when a plan first needs them. */
#include "config.h"

#include "inq-convert.h"
#include "inq-graph-private.h"
#include "inq-quantised.h"
#include "inq-repack.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* A buffer of weights is at most this large, so that heaps with holes still serve. */
#define BLOCK_LIMIT ((gsize) 256 << 20)

struct _InqDeviceWeights {
  InqGpu *gpu;
  InqWeights *weights;
  gboolean wide; /* quantised tensors are widened when they are uploaded */
  /* [1]: patched tensors, apart from the plain ones, so that they can go without a trace */
  struct {
    GPtrArray *blocks; /* InqGpuBuffer */
    GHashTable *table; /* Entry (in place) -> itself */
    gsize size;
  } sets[2];
  InqWeightPatch patch; /* zeroed: none */
  guint generation;     /* counts changes of numbers that plans may have computed with */
};

typedef struct {
  InqWeightRef ref;
  InqDeviceWeight device;
  guint block;    /* while reserving: index of its new block */
  gboolean there; /* its numbers came, from a file that was whole */
} Entry;

/* An entry begins with its reference. */
static guint
entry_hash (gconstpointer key)
{
  const InqWeightRef *r = key;

  return g_direct_hash (r->weight) ^ (guint) r->form * 0x9e3779b9u ^ (guint) r->first * 0x85ebca6bu
         ^ (guint) r->count * 0xc2b2ae35u ^ (guint) (r->half != 0) * 0x27d4eb2fu ^ (guint) r->shift * 0x165667b1u;
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const InqWeightRef *x = a, *y = b;

  return x->weight == y->weight && x->form == y->form && x->first == y->first && x->count == y->count
         && !x->half == !y->half && x->shift == y->shift;
}

gboolean
inq_weight_ref_equal (const InqWeightRef *a, const InqWeightRef *b)
{
  return entry_equal (a, b);
}

GHashTable *
inq_weight_ref_table_new (void)
{
  return g_hash_table_new (entry_hash, entry_equal);
}

InqDeviceWeights *
inq_device_weights_new (InqGpu *gpu, InqWeights *weights)
{
  InqDeviceWeights *dw = g_new0 (InqDeviceWeights, 1);

  dw->gpu = inq_gpu_ref (gpu);
  dw->weights = inq_weights_ref (weights);
  dw->wide = g_strcmp0 (g_getenv ("INQ_WEIGHTS"), "wide") == 0;
  for (guint i = 0; i < G_N_ELEMENTS (dw->sets); i++) {
    dw->sets[i].blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_gpu_buffer_free);
    dw->sets[i].table = g_hash_table_new_full (entry_hash, entry_equal, g_free, NULL);
  }
  return dw;
}

void
inq_device_weights_free (InqDeviceWeights *dw)
{
  if (!dw)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (dw->sets); i++) {
    g_hash_table_unref (dw->sets[i].table);
    g_ptr_array_unref (dw->sets[i].blocks);
  }
  inq_weights_unref (dw->weights);
  inq_gpu_unref (dw->gpu);
  g_free (dw);
}

gsize
inq_device_weights_get_size (InqDeviceWeights *dw)
{
  return dw->sets[0].size + dw->sets[1].size;
}

/* Rows of the reference's matrix: what a column of outputs is summed over. */
static gint64
ref_depth (const InqWeightRef *ref)
{
  const InqWeight *w = ref->weight;
  gint64 depth = 1;

  if (ref->form == INQ_FORM_VECTOR)
    return 1;
  if (ref->form == INQ_FORM_STRAIGHT)
    return w->dims[0];
  for (guint i = 1; i < w->n_dims; i++)
    depth *= w->dims[i];
  return depth;
}

/* Halves stay halves, and BF16 becomes halves: what it has from 2^-17 to 65504 is exact in them, less is off by 2^-25
 * at most. Kernels read them as 32-bit words and widen them, so no device feature is needed; half the loads make up for
 * it on a processor too (docs/kernels.md). Quantised matrices stay quantised unless @wide; what cannot (rows that
 * groups of one scale do not divide, as a first convolution's of 4 x 9) becomes halves, whose steps are finer. */
static InqWeightKind
ref_kind (const InqWeightRef *ref, gboolean wide)
{
  InqWeightKind kind = INQ_WEIGHT_F32;
  gsize elements, bytes;

  if (ref->form == INQ_FORM_VECTOR)
    return INQ_WEIGHT_F32;
  if (ref->form != INQ_FORM_STRAIGHT && !wide)
    kind = inq_quantised_kind (ref->weight->dtype, ref->weight->dims[1], ref_depth (ref) / ref->weight->dims[1]);
  if (kind != INQ_WEIGHT_F32)
    return kind;
  return ref->half || ref->weight->dtype == INQ_DTYPE_F16 || ref->weight->dtype == INQ_DTYPE_BF16
                 || inq_dtype_block (ref->weight->dtype, &elements, &bytes)
             ? INQ_WEIGHT_F16
             : INQ_WEIGHT_F32;
}

static gsize
ref_bytes (const InqWeightRef *ref, InqWeightKind kind)
{
  gint64 depth = ref_depth (ref), columns = inq_weight_columns (ref->count);

  if (kind > INQ_WEIGHT_F16)
    return inq_quantised_bytes (kind, depth, columns);
  return (gsize) (depth * columns) * (kind == INQ_WEIGHT_F16 ? 2 : 4);
}

/* ---- repacking ---- */

/* The tensor's numbers, of which rows @ref names count, as the device keeps them: f32 or halves, patched, scaled. */
static void
ref_read (const InqWeightRef *ref, gboolean half, const InqWeightPatch *patch, void *out)
{
  const InqWeight *w = ref->weight;
  gsize count = inq_weight_count (w);
  gboolean patched = patch->touches && patch->touches (w, patch->data);
  gboolean plain_half = half && w->dtype == INQ_DTYPE_F16 && ref->shift == 0;
  g_autofree float *wide = half && (patched || !plain_half) ? g_new (float, count) : NULL;
  float *values = wide ? wide : out;

  if (plain_half && !patched) {
    memcpy (out, w->data, w->size);
    return;
  }
  inq_weight_to_f32 (w, values);
  if (patched && ref->form == INQ_FORM_STRAIGHT)
    patch->apply (w, 0, w->dims[0], values, patch->data);
  else if (patched)
    patch->apply (w, ref->first, ref->count, values, patch->data);
  for (gsize i = 0; ref->shift != 0 && i < count; i++)
    values[i] = ldexpf (values[i], -ref->shift);
  if (half)
    inq_convert_f32_to_f16 (wide, out, count);
}

/* Whether the file's bytes are what the device keeps, in another order. */
static gboolean
ref_is_plain (const InqWeightRef *ref, gboolean half, const InqWeightPatch *patch)
{
  const InqWeight *w = ref->weight;

  return w->dtype == (half ? INQ_DTYPE_F16 : INQ_DTYPE_F32) && ref->shift == 0
         && !(patch->touches && patch->touches (w, patch->data));
}

/* Of a large matrix so much is in memory at once, beside what is made of it. */
#define PART_BYTES ((gsize) 4 << 20)

/* A matrix that the device keeps as the file does, but for the order: part by part, each of which is let go of. */
static void
ref_pack_plain (InqDeviceWeights *dw, const InqWeightRef *ref, gsize element, void *out)
{
  const InqWeight *w = ref->weight;
  gint64 depth = ref_depth (ref), inputs = ref->form == INQ_FORM_LINEAR ? depth : w->dims[1];
  gsize row = (gsize) depth * element;
  gint64 at_once = CLAMP ((gint64) (PART_BYTES / row) / 64 * 64, 64, ref->count);
  InqWeight part = *w;

  for (gint64 first = 0; first < ref->count; first += at_once) {
    gint64 n = MIN (at_once, ref->count - first);

    inq_repack_rows ((const char *) w->data + (gsize) ref->first * row, out, element, first, n, ref->count, inputs,
                     depth / inputs, inq_weight_columns (ref->count));
    part.data = (const guint8 *) w->data + (gsize) (ref->first + first) * row;
    part.size = (gsize) n * row;
    inq_weights_release (dw->weights, &part);
  }
}

/* Writes the device form of @ref to @out. */
static void
ref_pack (InqDeviceWeights *dw, const InqWeightRef *ref, InqWeightKind kind, void *out)
{
  const InqWeightPatch *patch = &dw->patch;
  gboolean half = kind == INQ_WEIGHT_F16;
  const InqWeight *w = ref->weight;
  gint64 columns = inq_weight_columns (ref->count), depth = ref_depth (ref);
  gsize element = half ? 2 : 4, count = inq_weight_count (w), from;
  gboolean plain = ref_is_plain (ref, half, patch);
  g_autofree void *own = plain || kind > INQ_WEIGHT_F16 ? NULL : g_malloc (count * element);
  const void *copy = plain ? w->data : own;

  if (kind > INQ_WEIGHT_F16) {
    inq_quantised_pack (&(InqQuantisedMatrix){ .dtype = w->dtype,
                                               .data = w->data,
                                               .first = ref->first,
                                               .rows = ref->count,
                                               .inputs = w->dims[1],
                                               .taps = depth / w->dims[1],
                                               .columns = columns,
                                               .shift = ref->shift },
                        out);
    return;
  }
  if (plain && (ref->form == INQ_FORM_LINEAR || ref->form == INQ_FORM_CONV)) {
    ref_pack_plain (dw, ref, element, out);
    return;
  }
  if (!plain)
    ref_read (ref, half, patch, own);
  from = (gsize) (ref->form == INQ_FORM_STRAIGHT || ref->form == INQ_FORM_VECTOR ? ref->first : ref->first * depth);

  switch (ref->form) {
  case INQ_FORM_VECTOR:
    memcpy (out, (const char *) copy + from * 4, (gsize) ref->count * 4);
    memset ((float *) out + ref->count, 0, (gsize) (columns - ref->count) * 4);
    break;
  case INQ_FORM_STRAIGHT:
    for (gint64 k = 0; k < depth; k++) {
      char *line = (char *) out + (gsize) (k * columns) * element;

      memcpy (line, (const char *) copy + ((gsize) (k * w->dims[1]) + from) * element, (gsize) ref->count * element);
      memset (line + (gsize) ref->count * element, 0, (gsize) (columns - ref->count) * element);
    }
    break;
  case INQ_FORM_LINEAR:
    inq_repack ((const char *) copy + from * element, out, element, ref->count, depth, 1, columns);
    break;
  case INQ_FORM_CONV:
    inq_repack ((const char *) copy + from * element, out, element, ref->count, w->dims[1], depth / w->dims[1],
                columns);
    break;
  default:
    g_assert_not_reached ();
  }
}

gboolean
inq_device_weights_upload (InqDeviceWeights *dw, const InqWeightRef *ref, const InqDeviceWeight *to, GError **error)
{
  char *map = inq_gpu_buffer_get_map (to->buffer);
  g_autofree void *bytes = NULL;

  if (map) {
    ref_pack (dw, ref, to->kind, map + to->offset);
    inq_weights_release (dw->weights, ref->weight);
    return TRUE;
  }
  bytes = g_malloc (to->range);
  ref_pack (dw, ref, to->kind, bytes);
  inq_weights_release (dw->weights, ref->weight);
  return inq_gpu_buffer_upload_ahead (to->buffer, to->offset, bytes, to->range, error);
}

/* ---- places ---- */

gboolean
inq_device_weights_check (InqDeviceWeights *dw, GError **error)
{
  return inq_weights_check (dw->weights, error) && (!dw->patch.check || dw->patch.check (dw->patch.data, error));
}

void
inq_device_weights_set_patch (InqDeviceWeights *dw, const InqWeightPatch *patch)
{
  dw->generation++;
  dw->patch = patch ? *patch : (InqWeightPatch){ 0 };
  g_hash_table_remove_all (dw->sets[1].table);
  g_ptr_array_set_size (dw->sets[1].blocks, 0);
  dw->sets[1].size = 0;
}

guint
inq_device_weights_get_generation (InqDeviceWeights *dw)
{
  return dw->generation;
}

gboolean
inq_device_weights_reload (InqDeviceWeights *dw, gboolean (*wanted) (const InqWeight *weight, gpointer data),
                           gpointer data, GError **error)
{
  GHashTableIter iter;
  gpointer key;

  dw->generation++;
  if (!inq_device_weights_check (dw, error))
    return FALSE;
  g_hash_table_iter_init (&iter, dw->sets[0].table);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    Entry *e = key;

    /* quantised ones stay as they are: changed, they are kept apart */
    if (e->there && e->device.kind <= INQ_WEIGHT_F16 && wanted (e->ref.weight, data)
        && !inq_device_weights_upload (dw, &e->ref, &e->device, error))
      return FALSE;
  }
  return inq_device_weights_check (dw, error);
}

/* The set that @ref belongs to: changed tensors are kept apart where the patch says so, and where there is no changing
 * them in their place. */
static guint
set_of (InqDeviceWeights *dw, const InqWeightRef *ref)
{
  return dw->patch.touches && dw->patch.touches (ref->weight, dw->patch.data)
         && (dw->patch.wide || ref_kind (ref, dw->wide) > INQ_WEIGHT_F16);
}

InqWeightKind
inq_device_weights_kind (InqDeviceWeights *dw, const InqWeightRef *ref)
{
  if (set_of (dw, ref) == 0)
    return ref_kind (ref, dw->wide);
  return dw->patch.wide ? INQ_WEIGHT_F32 : ref_kind (ref, TRUE);
}

gsize
inq_device_weights_bytes (InqDeviceWeights *dw, const InqWeightRef *ref)
{
  return ref_bytes (ref, inq_device_weights_kind (dw, ref));
}

/* What of @refs belongs to @set. */
static gboolean
reserve_set (InqDeviceWeights *dw, guint set, const InqWeightRef *refs, guint n_refs, GError **error)
{
  const InqGpuFacts *facts = inq_gpu_get_facts (dw->gpu);
  gsize limit = MIN (BLOCK_LIMIT, facts->max_allocation);
  g_autoptr (GHashTable) missing = g_hash_table_new_full (entry_hash, entry_equal, g_free, NULL);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_gpu_buffer_free);
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (gsize));
  gsize total = 0;

  for (guint i = 0; i < n_refs; i++) {
    Entry probe = { .ref = refs[i] }, *e;
    InqWeightKind kind = inq_device_weights_kind (dw, &refs[i]);
    gsize size, used;

    if (set_of (dw, &refs[i]) != set || g_hash_table_contains (dw->sets[set].table, &probe)
        || g_hash_table_contains (missing, &probe))
      continue;
    size = ref_bytes (&refs[i], kind);
    if (size > facts->max_storage_range || size > facts->max_allocation) {
      g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY,
                   _ ("The tensor “%s” needs %.1f MiB, more than %s can bind at once"), refs[i].weight->name,
                   (double) size / 1048576, facts->name);
      return FALSE;
    }
    e = g_memdup2 (&probe, sizeof probe);
    used = sizes->len ? g_array_index (sizes, gsize, sizes->len - 1) : 0;
    if (!sizes->len || used + size > MAX (limit, size)) {
      used = 0;
      g_array_append_val (sizes, used);
    }
    e->block = sizes->len - 1;
    e->device = (InqDeviceWeight){ NULL, used, size, kind };
    g_array_index (sizes, gsize, e->block) = (used + size + 255) & ~(gsize) 255;
    g_hash_table_add (missing, e);
    g_ptr_array_add (order, e);
  }
  for (guint i = 0; i < sizes->len; i++)
    total += g_array_index (sizes, gsize, i);

  for (guint i = 0; i < sizes->len; i++) {
    InqGpuBuffer *block = inq_gpu_buffer_new (dw->gpu, g_array_index (sizes, gsize, i), INQ_GPU_MEMORY_DEVICE, error);

    if (!block) {
      g_prefix_error (error, _ ("Weights of %s need %.1f MiB of device memory: "), inq_weights_get_label (dw->weights),
                      (double) total / 1048576);
      return FALSE;
    }
    g_ptr_array_add (blocks, block);
  }
  for (guint i = 0; i < order->len; i++) {
    Entry *e = order->pdata[i];

    e->device.buffer = blocks->pdata[e->block];
    g_hash_table_steal (missing, e);
    g_hash_table_add (dw->sets[set].table, e);
  }
  while (blocks->len)
    g_ptr_array_add (dw->sets[set].blocks, g_ptr_array_steal_index (blocks, 0));
  dw->sets[set].size += total;
  return TRUE;
}

gboolean
inq_device_weights_reserve (InqDeviceWeights *dw, const InqWeightRef *refs, guint n_refs, GError **error)
{
  return inq_device_weights_check (dw, error) && reserve_set (dw, 0, refs, n_refs, error)
         && reserve_set (dw, 1, refs, n_refs, error);
}

static Entry *
find_entry (InqDeviceWeights *dw, const InqWeightRef *ref)
{
  Entry probe = { .ref = *ref };

  return g_hash_table_lookup (dw->sets[set_of (dw, ref)].table, &probe);
}

gboolean
inq_device_weights_fetch (InqDeviceWeights *dw, const InqWeightRef *ref, GError **error)
{
  Entry *e = find_entry (dw, ref);

  g_return_val_if_fail (e != NULL, FALSE);
  /* Checked after: what a file lost while it was read came as zeros. That stays an error, so they are never used. */
  e->there = e->there
             || (inq_device_weights_upload (dw, &e->ref, &e->device, error) && inq_device_weights_check (dw, error));
  return e->there;
}

gboolean
inq_device_weights_is_there (InqDeviceWeights *dw, const InqWeightRef *ref)
{
  const Entry *e = find_entry (dw, ref);

  return e && e->there;
}

const InqDeviceWeight *
inq_device_weights_get (InqDeviceWeights *dw, const InqWeightRef *ref)
{
  const Entry *e = find_entry (dw, ref);

  return e ? &e->device : NULL;
}

/* Inquadra - turns nodes into dispatches and places the barriers between them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-graph-private.h"
#include "inq-weight-stream.h"

#include <stdarg.h>
#include <string.h>

typedef struct {
  guint chunk;
  gsize begin, end;
  gboolean write;
} PendingRange;

GArray *
inq_recorder_pending_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (PendingRange));
}

/* Local size of plain kernels: a warp or two on a GPU; one vector of lanes on a CPU, where larger groups only cost. */
guint
inq_record_local (InqRecorder *r)
{
  if (r->facts->kind == INQ_GPU_KIND_SOFTWARE)
    return MAX (r->facts->subgroup_size, 1);
  return 64;
}

guint
inq_record_run (InqRecorder *r)
{
  /* a processor divides integers slowly and has few lanes to keep busy */
  return r->facts->kind == INQ_GPU_KIND_SOFTWARE ? 16 : 4;
}

const InqGpuFacts *
inq_record_facts (InqRecorder *r)
{
  return r->facts;
}

gboolean
inq_record_shared (InqRecorder *r)
{
  return r->kernels != INQ_KERNELS_REGISTER;
}

gboolean
inq_record_matrix (InqRecorder *r)
{
  return r->kernels == INQ_KERNELS_MATRIX;
}

gboolean
inq_kernel_left_out (const char *kernel)
{
  const char *env = g_getenv ("INQ_WITHOUT");
  g_auto (GStrv) names = env && *env ? g_strsplit (env, ",", -1) : NULL;

  return names && g_strv_contains ((const char *const *) names, kernel);
}

guint32
inq_bind_halves (const InqBind *binds, guint n)
{
  guint32 bits = 0;

  for (guint i = 0; i < n; i++)
    if (inq_tensor_is_half (binds[i].tensor))
      bits |= 1u << i;
  return bits;
}

static const InqDeviceWeight *
find_weight (InqRecorder *r, const InqWeightRef *w)
{
  const InqDeviceWeight *d = inq_weight_stream_get (r->stream, w);

  return d ? d : inq_device_weights_get (r->dw, w);
}

InqWeightKind
inq_record_weight_kind (InqRecorder *r, const InqWeightRef *w)
{
  const InqDeviceWeight *d = find_weight (r, w);

  return d ? d->kind : INQ_WEIGHT_F32;
}

static gboolean
fits_texels (InqRecorder *r, const InqBind *bind)
{
  const InqDeviceWeight *d = bind->weight ? find_weight (r, bind->weight) : NULL;
  gsize bytes = d ? d->range : bind->tensor ? r->placements[bind->tensor->storage->index].size : 0;

  return bytes > 0 && bytes / 16 <= r->facts->max_texels && !inq_tensor_is_half (bind->tensor);
}

gboolean
inq_record_texels (InqRecorder *r, InqGpuPipelineDesc *desc, const InqBind *binds, guint32 texels, const guint32 *spirv,
                   gsize size)
{
  if (!r->facts->texel_reads || inq_record_shared (r))
    return FALSE;
  for (guint i = 0; i < desc->n_bindings; i++) /* what is not bound is another of them (inq_record_dispatch) */
    if (binds[i].use != INQ_BIND_UNUSED && !fits_texels (r, &binds[i]))
      return FALSE;
  desc->spirv = spirv;
  desc->spirv_size = size;
  desc->texels = texels;
  return TRUE;
}

gboolean
inq_record_texel_subgroups (InqRecorder *r, gint64 tiles)
{
  gint64 local = inq_record_local (r);

  /* lanes without a tile of their own compute for nothing */
  return r->facts->texel_subgroups && (tiles + local - 1) / local * local * 2 <= tiles * 3;
}

const char *
inq_record_label (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return g_intern_string (text);
}

static PendingRange
tensor_range (InqRecorder *r, const InqTensor *t, gboolean write)
{
  const InqLifetime *at = &r->placements[t->storage->index];

  return (PendingRange){ at->chunk, at->offset, at->offset + at->size, write };
}

static gboolean
conflicts (InqRecorder *r, const PendingRange *now)
{
  for (guint i = 0; i < r->pending->len; i++) {
    const PendingRange *old = &g_array_index (r->pending, PendingRange, i);

    if ((old->write || now->write) && old->chunk == now->chunk && old->begin < now->end && now->begin < old->end)
      return TRUE;
  }
  return FALSE;
}

static gboolean
binding_of_one (InqRecorder *r, const InqBind *bind, InqGpuBinding *out)
{
  switch (bind->use) {
  case INQ_BIND_READ:
  case INQ_BIND_WRITE: {
    const InqLifetime *at = &r->placements[bind->tensor->storage->index];

    /* vec4 views read up to the next 16 bytes, which placement's alignment has room for */
    *out = (InqGpuBinding){ r->chunks[at->chunk], at->offset, (at->size + 15) & ~(gsize) 15 };
    return TRUE;
  }
  case INQ_BIND_WEIGHT: {
    const InqDeviceWeight *d = find_weight (r, bind->weight);

    g_return_val_if_fail (d != NULL, FALSE);
    *out = (InqGpuBinding){ d->buffer, d->offset, d->range };
    return TRUE;
  }
  default:
    return FALSE;
  }
}

static gboolean
binding_for (InqRecorder *r, const InqBind *bind, InqGpuBinding *out)
{
  gboolean bound = binding_of_one (r, bind, out);

  for (guint i = 0; bound && i < bind->n_with; i++) {
    gsize end = out->offset + out->range;
    InqGpuBinding more;

    bound = binding_of_one (r, &bind->with[i], &more) && more.buffer == out->buffer;
    g_return_val_if_fail (bound, FALSE); /* inq_record_span() would have said so */
    end = MAX (end, more.offset + more.range);
    out->offset = MIN (out->offset, more.offset);
    out->range = end - out->offset;
  }
  return bound;
}

gboolean
inq_record_span (InqRecorder *r, const InqBind *bind, guint32 *at)
{
  gsize begin = G_MAXSIZE, end = 0;

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i <= bind->n_with; i++) {
      InqGpuBinding first, one;

      if (!binding_of_one (r, bind, &first) || !binding_of_one (r, i == 0 ? bind : &bind->with[i - 1], &one)
          || one.buffer != first.buffer)
        return FALSE;
      begin = MIN (begin, one.offset);
      end = MAX (end, one.offset + one.range);
      at[i] = (guint32) ((one.offset - begin) / 16);
    }
  return end - begin <= r->facts->max_storage_range;
}

/* Appends what of tensors @bind touches. */
static void
add_ranges (InqRecorder *r, const InqBind *bind, GArray *ranges)
{
  if (bind->use != INQ_BIND_READ && bind->use != INQ_BIND_WRITE)
    return;
  for (guint i = 0; i <= bind->n_with; i++) {
    PendingRange range = tensor_range (r, i == 0 ? bind->tensor : bind->with[i - 1].tensor,
                                       bind->use == INQ_BIND_WRITE);

    g_array_append_val (ranges, range);
  }
}

void
inq_record_dispatch (InqRecorder *r, const InqGpuPipelineDesc *desc, const InqBind *binds, const void *push, guint gx,
                     guint gy, guint gz, const char *label)
{
  InqGpuBinding bindings[INQ_GPU_MAX_BINDINGS] = { 0 };
  g_autoptr (GArray) ranges = inq_recorder_pending_new ();
  InqGpuBinding any = { 0 };
  InqGpuPipeline *pipeline;
  gboolean hazard = FALSE;

  if (r->error)
    return;
  pipeline = inq_gpu_get_pipeline (r->gpu, desc, &r->error);
  if (!pipeline)
    return;

  for (guint i = 0; i < desc->n_bindings; i++) {
    add_ranges (r, &binds[i], ranges);
    if (binding_for (r, &binds[i], &bindings[i]))
      any = bindings[i];
  }
  for (guint i = 0; i < ranges->len; i++)
    hazard = hazard || conflicts (r, &g_array_index (ranges, PendingRange, i));
  if (hazard) {
    inq_gpu_pass_barrier (r->pass);
    g_array_set_size (r->pending, 0);
    r->barriers++;
  }
  g_array_append_vals (r->pending, ranges->data, ranges->len);
  for (guint i = 0; i < desc->n_bindings; i++)
    if (binds[i].use == INQ_BIND_UNUSED)
      bindings[i] = any;
  inq_gpu_pass_dispatch (r->pass, pipeline, bindings, push, gx, gy, gz, label);
  r->dispatches++;
}

void
inq_record_linear (InqRecorder *r, const InqGpuPipelineDesc *desc, const InqBind *binds, const void *push, gint64 items,
                   guint local, const char *label)
{
  inq_record_groups (r, desc, binds, push, (items + local - 1) / local, 1, label);
}

void
inq_record_groups (InqRecorder *r, const InqGpuPipelineDesc *desc, const InqBind *binds, const void *push,
                   gint64 groups, guint gz, const char *label)
{
  gint64 limit = MIN (r->facts->max_groups[0], 65535);
  gint64 gy = (groups + limit - 1) / limit;

  inq_record_dispatch (r, desc, binds, push, (guint) ((groups + gy - 1) / gy), (guint) gy, gz, label);
}

/* Inquadra - ops that move channels, rows and pixels: concat, slice, take-rows, pixel shuffle and unshuffle, upsample.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "channels-texels.spv.h"
#include "channels.spv.h"
#include "pixels.spv.h"

/* ---- concat and slice: a run of channels from one place to another ---- */

typedef struct {
  guint32 rows, count; /* what is copied */
  guint32 from_pitch, from_first;
  guint32 to_pitch, to_first;
  guint32 run; /* rows of an invocation */
} ChannelsPush;

/* @what says where; its run is the recorder's to choose. */
static void
copy (InqRecorder *r, const InqTensor *from, const InqTensor *to, ChannelsPush what, const char *label)
{
  guint local = inq_record_local (r);
  gboolean quads = ((what.count | what.from_pitch | what.from_first | what.to_pitch | what.to_first) & 3) == 0;
  InqBind binds[] = { INQ_READ (from), INQ_WRITE (to) };
  InqGpuPipelineDesc desc = {
    .name = "channels",
    .spirv = inq_channels_spv,
    .spirv_size = sizeof inq_channels_spv,
    .n_bindings = 2,
    .push_size = sizeof what,
    .n_spec = 3,
    .spec = { local, quads, inq_bind_halves (binds, G_N_ELEMENTS (binds)) },
  };

  if (quads)
    inq_record_texels (r, &desc, binds, 1, inq_channels_texels_spv, sizeof inq_channels_texels_spv);
  what.run = inq_record_run (r);
  inq_record_linear (r, &desc, binds, &what,
                     (gint64) ((what.rows + what.run - 1) / what.run) * (what.count / (quads ? 4 : 1)), local, label);
}

static void
copy_channels (InqRecorder *r, const InqTensor *from, gint64 from_first, const InqTensor *to, gint64 to_first,
               gint64 count, const char *label)
{
  copy (r, from, to,
        (ChannelsPush){
            .rows = (guint32) inq_tensor_rows (to),
            .count = (guint32) count,
            .from_pitch = (guint32) from->dims[3],
            .from_first = (guint32) from_first,
            .to_pitch = (guint32) to->dims[3],
            .to_first = (guint32) to_first,
        },
        label);
}

static void
concat_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *a = node->in[0], *b = node->in[1], *y = node->out;
  const char *label = inq_record_label ("concat:%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT, inq_tensor_rows (y),
                                        y->dims[3]);

  copy_channels (r, a, 0, y, 0, a->dims[3], label);
  copy_channels (r, b, 0, y, a->dims[3], b->dims[3], label);
}

static void
slice_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *y = node->out;

  copy_channels (r, node->in[0], node->i[0], y, 0, y->dims[3],
                 inq_record_label ("slice:%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT, inq_tensor_rows (y), y->dims[3]));
}

/* Both tensors as one long row each, of which a run is copied to the same place. */
static void
copy_part (InqRecorder *r, const InqTensor *from, const InqTensor *to, gint64 first, gint64 count, const char *label)
{
  guint32 pitch = (guint32) inq_tensor_count (to), at = (guint32) first;

  copy (r, from, to, (ChannelsPush){ 1, (guint32) count, pitch, at, pitch, at, 0 }, label);
}

static void
take_rows_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *y = node->out;
  gint64 count = inq_tensor_count (y), part = count / y->dims[0] * node->i[0];
  const char *label = inq_record_label ("take-rows:%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT, inq_tensor_rows (y),
                                        y->dims[3]);

  copy_part (r, node->in[0], y, 0, part, label);
  copy_part (r, node->in[1], y, part, count - part, label);
}

/* Halves are written in fours. */
static gboolean
concat_halves (const InqNode *node)
{
  return node->in[0]->dims[3] % 4 == 0 && node->in[1]->dims[3] % 4 == 0;
}

static gboolean
slice_halves (const InqNode *node)
{
  return node->in[0]->dims[3] % 4 == 0 && node->i[0] % 4 == 0;
}

static gboolean
take_rows_halves (const InqNode *node)
{
  return node->out->dims[3] % 4 == 0;
}

static const InqOp concat_op = { .name = "concat", .record = concat_record, .halves = concat_halves };
static const InqOp take_rows_op = { .name = "take-rows", .record = take_rows_record, .halves = take_rows_halves };
static const InqOp slice_op = { .name = "slice", .record = slice_record, .halves = slice_halves };

InqTensor *
inq_op_concat (InqGraph *g, InqTensor *a, InqTensor *b)
{
  InqTensor *y;
  InqNode *node;

  if (!a || !b)
    return NULL;
  if (a->dims[0] != b->dims[0] || a->dims[1] != b->dims[1] || a->dims[2] != b->dims[2]) {
    g_autofree char *x = inq_tensor_shape (a), *z = inq_tensor_shape (b);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "concat: %s and %s differ in more than channels", x, z);
    return NULL;
  }
  y = inq_graph_tensor (g, a->dims[0], a->dims[1], a->dims[2], a->dims[3] + b->dims[3]);
  if (!y)
    return NULL;
  node = inq_graph_node (g, &concat_op, y);
  node->in[0] = a;
  node->in[1] = b;
  return y;
}

InqTensor *
inq_op_slice_channels (InqGraph *g, InqTensor *x, gint64 first, gint64 count)
{
  InqTensor *y;
  InqNode *node;

  if (!x)
    return NULL;
  if (first < 0 || count < 1 || first > x->dims[3] - count) {
    g_autofree char *shape = inq_tensor_shape (x);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "slice of %s: no channels %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                    shape, first, first + count);
    return NULL;
  }
  y = inq_graph_tensor (g, x->dims[0], x->dims[1], x->dims[2], count);
  if (!y)
    return NULL;
  node = inq_graph_node (g, &slice_op, y);
  node->in[0] = x;
  node->i[0] = first;
  return y;
}

InqTensor *
inq_op_take_rows (InqGraph *g, InqTensor *a, InqTensor *b, gint64 n)
{
  InqTensor *y;
  InqNode *node;

  if (!a || !b)
    return NULL;
  if (memcmp (a->dims, b->dims, sizeof a->dims) != 0 || n < 1 || n >= a->dims[0]) {
    g_autofree char *x = inq_tensor_shape (a), *z = inq_tensor_shape (b);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "take rows: %" G_GINT64_FORMAT " of %s and the rest of %s", n, x, z);
    return NULL;
  }
  y = inq_graph_tensor (g, a->dims[0], a->dims[1], a->dims[2], a->dims[3]);
  if (!y)
    return NULL;
  node = inq_graph_node (g, &take_rows_op, y);
  node->in[0] = a;
  node->in[1] = b;
  node->i[0] = n;
  return y;
}

/* ---- pixels ---- */

enum {
  PIXELS_UNSHUFFLE,
  PIXELS_SHUFFLE,
  PIXELS_UPSAMPLE,
};

typedef struct {
  guint32 n, h, w, c; /* of the result */
  guint32 ih, iw, ic;
  guint32 r;
} PixelsPush;

static void
pixels_record (InqRecorder *r, const InqNode *node)
{
  static const char *const names[] = { "pixel-unshuffle", "pixel-shuffle", "upsample2" };
  const InqTensor *x = node->in[0], *y = node->out;
  guint local = inq_record_local (r);
  PixelsPush push = { (guint32) y->dims[0], (guint32) y->dims[1], (guint32) y->dims[2], (guint32) y->dims[3],
                      (guint32) x->dims[1], (guint32) x->dims[2], (guint32) x->dims[3], (guint32) node->i[1] };
  InqBind binds[] = { INQ_READ (x), INQ_WRITE (y) };
  InqGpuPipelineDesc desc = {
    .name = names[node->i[0]],
    .spirv = inq_pixels_spv,
    .spirv_size = sizeof inq_pixels_spv,
    .n_bindings = 2,
    .push_size = sizeof push,
    .n_spec = 3,
    .spec = { local, (guint32) node->i[0], inq_bind_halves (binds, G_N_ELEMENTS (binds)) },
  };

  inq_record_linear (r, &desc, binds, &push, inq_tensor_count (y), local,
                     inq_record_label ("%s:%ux%ux%u", desc.name, push.h, push.w, push.c));
}

/* One channel at a time: no halves. */
static gboolean
pixels_halves (const InqNode *node)
{
  return FALSE;
}

static const InqOp pixels_op = { .name = "pixels", .record = pixels_record, .halves = pixels_halves };

static InqTensor *
pixels (InqGraph *g, InqTensor *x, int kind, gint64 r, gint64 h, gint64 w, gint64 c)
{
  InqTensor *y = inq_graph_tensor (g, x->dims[0], h, w, c);
  InqNode *node;

  if (!y)
    return NULL;
  node = inq_graph_node (g, &pixels_op, y);
  node->in[0] = x;
  node->i[0] = kind;
  node->i[1] = r;
  return y;
}

InqTensor *
inq_op_pixel_unshuffle (InqGraph *g, InqTensor *x, int r)
{
  if (!x)
    return NULL;
  if (r < 1 || x->dims[1] % r || x->dims[2] % r) {
    g_autofree char *shape = inq_tensor_shape (x);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "pixel unshuffle of %s: sides are not multiples of %d", shape, r);
    return NULL;
  }
  return pixels (g, x, PIXELS_UNSHUFFLE, r, x->dims[1] / r, x->dims[2] / r, x->dims[3] * r * r);
}

InqTensor *
inq_op_pixel_shuffle (InqGraph *g, InqTensor *x, int r)
{
  if (!x)
    return NULL;
  if (r < 1 || x->dims[3] % ((gint64) r * r)) {
    g_autofree char *shape = inq_tensor_shape (x);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "pixel shuffle of %s: channels are not a multiple of %d x %d", shape, r,
                    r);
    return NULL;
  }
  return pixels (g, x, PIXELS_SHUFFLE, r, x->dims[1] * r, x->dims[2] * r, x->dims[3] / ((gint64) r * r));
}

InqTensor *
inq_op_upsample2 (InqGraph *g, InqTensor *x)
{
  return x ? inq_op_upsample2_to (g, x, x->dims[1] * 2, x->dims[2] * 2) : NULL;
}

InqTensor *
inq_op_upsample2_to (InqGraph *g, InqTensor *x, gint64 h, gint64 w)
{
  if (!x)
    return NULL;
  if ((h + 1) / 2 != x->dims[1] || (w + 1) / 2 != x->dims[2]) {
    g_autofree char *shape = inq_tensor_shape (x);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "%s cannot be upsampled to %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT,
                    shape, h, w);
    return NULL;
  }
  return pixels (g, x, PIXELS_UPSAMPLE, 2, h, w, x->dims[3]);
}

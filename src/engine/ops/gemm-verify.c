/* Inquadra - whether a kernel of the matrix product computes on this device what the plain shared kernel does.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The matrices of whole groups are a driver's work in large part, and no software device has them: before such a kernel
 * is used it makes two small products, one with every edge and one of whole tiles, and nothing outside of the result;
 * linear layers three at once, and with GEGLU where it can.
 */
#include "config.h"

#include "gemm.h"
#include "inq-convert.h"

#include <math.h>
#include <string.h>

/* Bytes behind a result that have to stay as they were. */
#define GUARD     4096
#define UNTOUCHED 0x7c01 /* a half that is not a number */

typedef struct {
  guint n, h, w, c, columns;
} Product;

/* [plain]: edges of rows, columns, lines and depth; whole tiles. */
static const Product products[2][2] = {
  { { 2, 10, 40, 72, 152 }, { 1, 16, 32, 128, 256 } },
  { { 1, 1, 300, 72, 152 }, { 1, 1, 512, 256, 256 } },
};

static void
random_halves (guint16 *out, gsize count, float scale, guint32 state)
{
  for (gsize i = 0; i < count; i++) {
    float value;

    state = state * 1664525u + 1013904223u;
    value = ((float) (state >> 8) / 8388608.0f - 1) * scale;
    out[i] = inq_f32_to_f16 (value);
  }
}

gboolean
inq_gemm_alike (const guint16 *got, const guint16 *want, gsize count)
{
  double squares = 0, worst = 0;

  for (gsize i = 0; i < count; i++) {
    double b = inq_f16_to_f32 (want[i]), off = fabs (inq_f16_to_f32 (got[i]) - b);

    if (!isfinite (off))
      return FALSE;
    squares += b * b;
    worst = MAX (worst, off);
  }
  return worst <= 1e-2 * sqrt (squares / (double) MAX (count, 1));
}

typedef struct {
  InqGpuBuffer *x, *w, *y, *bias;
} Buffers;

static void
buffers_clear (Buffers *b)
{
  g_clear_pointer (&b->x, inq_gpu_buffer_free);
  g_clear_pointer (&b->w, inq_gpu_buffer_free);
  g_clear_pointer (&b->y, inq_gpu_buffer_free);
  g_clear_pointer (&b->bias, inq_gpu_buffer_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Buffers, buffers_clear)

/* @count halves at random. */
static InqGpuBuffer *
random_buffer (InqGpu *gpu, gsize count, float scale, guint32 seed, GError **error)
{
  g_autofree guint16 *data = g_new (guint16, count);
  g_autoptr (InqGpuBuffer) buffer = inq_gpu_buffer_new (gpu, count * 2, INQ_GPU_MEMORY_DEVICE, error);

  random_halves (data, count, scale, seed);
  return buffer && inq_gpu_buffer_write (buffer, 0, data, count * 2, error) ? g_steal_pointer (&buffer) : NULL;
}

static InqGpuBuffer *
bias_buffer (InqGpu *gpu, guint count, GError **error)
{
  g_autofree float *data = g_new (float, count);
  g_autoptr (InqGpuBuffer) buffer = inq_gpu_buffer_new (gpu, count * 4, INQ_GPU_MEMORY_DEVICE, error);

  for (guint i = 0; i < count; i++)
    data[i] = (float) (i % 7) / 4 - 0.75f;
  return buffer && inq_gpu_buffer_write (buffer, 0, data, count * 4, error) ? g_steal_pointer (&buffer) : NULL;
}

/* What a trial makes: @siblings products of one x, or one @gated. */
typedef struct {
  const Product *p;
  gboolean plain, gated;
  guint siblings;
  gsize n_w, n_y; /* halves from one sibling's to the next: multiples of 256 bytes */
} Trial;

/* One dispatch of @tile for all of @t, or for its sibling @only. */
static gboolean
add_dispatch (InqGpu *gpu, InqGpuPass *pass, const Trial *t, gint64 tile, int only, const Buffers *b, GError **error)
{
  const Product *p = t->p;
  InqGemmVariant v = { .tile = tile,
                       .weights = 1,
                       .plain = t->plain,
                       .gated = t->gated && only < 0,
                       .halves = 5,
                       .c = p->c,
                       .columns = p->columns };
  guint taps = t->plain ? 1 : 3;
  gsize w = only < 0 ? 0 : (gsize) only * t->n_w * 2, y = only < 0 ? 0 : (gsize) only * t->n_y * 2;
  InqGemmPush push = {
    .rows = p->n * p->h * p->w,
    .columns = p->columns,
    .pitch = (p->columns + 15) / 16 * 16,
    .c = p->c,
    .ih = p->h,
    .iw = p->w,
    .oh = p->h,
    .ow = p->w,
    .kh = taps,
    .kw = taps,
    .stride = 1,
    .pad = taps / 2,
    .flags = INQ_GEMM_BIAS + (only < 0 ? (t->siblings - 1) * INQ_GEMM_SIBLINGS : 0),
    .part = p->c,
  };
  InqGpuPipelineDesc desc;
  InqGpuPipeline *pipeline;
  guint m, n;
  const InqGpuBinding bindings[INQ_GEMM_BINDINGS] = {
    { b->x, 0, inq_gpu_buffer_get_size (b->x) },
    { b->w, w, inq_gpu_buffer_get_size (b->w) - w },
    { b->y, y, inq_gpu_buffer_get_size (b->y) - y },
    { b->bias, 0, inq_gpu_buffer_get_size (b->bias) },
    { b->w, 0, 256 },
    { b->w, 0, 256 },
  };

  for (guint i = 0; only < 0 && i < t->siblings; i++) {
    push.w_at[i] = (guint32) (i * t->n_w / 8);
    push.y_at[i] = (guint32) (i * t->n_y / 8);
  }
  inq_gemm_describe (&v, inq_gpu_get_facts (gpu), &desc, &m, &n);
  pipeline = inq_gpu_get_pipeline (gpu, &desc, error);
  if (!pipeline)
    return FALSE;
  inq_gpu_pass_dispatch (pass, pipeline, bindings, &push, (guint) inq_gemm_groups (&v, &push, m, n), 1, 1, "verify");
  return TRUE;
}

/* Makes @t with @tile, at once or one by one, y in @out followed by the guard. */
static gboolean
make (InqGpu *gpu, const Trial *t, gint64 tile, gboolean at_once, const Buffers *b, guint16 *out, gsize count,
      GError **error)
{
  g_autoptr (InqGpuPass) pass = inq_gpu_pass_new (gpu, FALSE, error);
  guint64 ticket;

  if (!pass)
    return FALSE;
  inq_gpu_pass_fill (pass, b->y, 0, inq_gpu_buffer_get_size (b->y), UNTOUCHED << 16 | UNTOUCHED);
  inq_gpu_pass_barrier (pass);
  for (guint i = 0; i < (at_once ? 1 : t->siblings); i++)
    if (!add_dispatch (gpu, pass, t, tile, at_once ? -1 : (int) i, b, error))
      return FALSE;
  if (!inq_gpu_pass_end (pass, error))
    return FALSE;
  ticket = inq_gpu_submit (gpu, pass, error);
  return ticket != 0 && inq_gpu_wait (gpu, ticket, NULL, NULL, error)
         && inq_gpu_buffer_read (b->y, 0, out, count * 2, error);
}

static float
gelu (float x)
{
  return 0.5f * x * (1 + erff (x * 0.70710678f));
}

/* GEGLU of @wide, @rows x @columns, at the beginning of @out; the rest as it was before anything was made. */
static void
gate (const guint16 *wide, gsize rows, gsize columns, guint16 *out, gsize count)
{
  for (gsize i = 0; i < count; i++)
    out[i] = UNTOUCHED;
  for (gsize i = 0; i < rows * (columns / 2); i++) {
    const guint16 *row = wide + i / (columns / 2) * columns;
    gsize k = i % (columns / 2);

    out[i] = inq_f32_to_f16 (inq_f16_to_f32 (row[k]) * gelu (inq_f16_to_f32 (row[columns / 2 + k])));
  }
}

static gboolean
verify_product (InqGpu *gpu, gint64 tile, Trial *t, GError **error)
{
  const Product *p = t->p;
  gsize n_x = (gsize) p->n * p->h * p->w * p->c, rows = (gsize) p->n * p->h * p->w, n_y = rows * p->columns;
  gsize pitch = (p->columns + 15) / 16 * 16, n_w = (gsize) (t->plain ? 1 : 9) * p->c * pitch, n_out;
  g_autofree guint16 *got = NULL, *want = NULL;
  g_auto (Buffers) b = { NULL };
  gboolean right = TRUE;

  t->n_w = (n_w + 127) / 128 * 128;
  t->n_y = (n_y + GUARD / 2 + 127) / 128 * 128;
  n_out = t->siblings * t->n_y;
  got = g_new (guint16, n_out);
  want = g_new (guint16, n_out);
  b.x = random_buffer (gpu, n_x, 1, 1, error);
  b.w = b.x ? random_buffer (gpu, t->siblings * t->n_w, 0.1f, 2, error) : NULL;
  b.bias = b.w ? bias_buffer (gpu, (guint) pitch, error) : NULL;
  b.y = b.bias ? inq_gpu_buffer_new (gpu, n_out * 2, INQ_GPU_MEMORY_DEVICE, error) : NULL;
  if (!b.y || !make (gpu, t, -INQ_GEMM_SHARED_SMALL, FALSE, &b, want, n_out, error)
      || !make (gpu, t, tile, TRUE, &b, got, n_out, error))
    return FALSE;
  if (t->gated) {
    g_autofree guint16 *wide = g_steal_pointer (&want);

    want = g_new (guint16, n_out);
    gate (wide, rows, p->columns, want, n_out);
    n_y /= 2;
  }
  for (guint i = 0; i < t->siblings; i++) {
    gsize at = i * t->n_y;

    right = right && inq_gemm_alike (got + at, want + at, n_y)
            && memcmp (got + at + n_y, want + at + n_y, (t->n_y - n_y) * 2) == 0;
  }
  if (!right)
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE, "%s multiplies wrongly with tile %d",
                 inq_gpu_get_facts (gpu)->name, (int) tile);
  return right;
}

gboolean
inq_gemm_verify (InqGpu *gpu, gint64 tile, gboolean plain, GError **error)
{
  gboolean matrix = tile >= 0, gates = matrix && plain && inq_gemm_tiles[tile].kind == INQ_GEMM_SUBGROUP;

  for (guint i = 0; i < 2; i++) {
    const Product *p = &products[plain != FALSE][i];
    Product halved = *p; /* gates are half of the columns, in eights */

    halved.columns -= p->columns % 16;
    if (!verify_product (gpu, tile, &(Trial){ p, plain, FALSE, matrix && plain ? INQ_GEMM_MAX_SIBLINGS : 1 }, error)
        || (gates && !verify_product (gpu, tile, &(Trial){ &halved, plain, TRUE, 1 }, error)))
      return FALSE;
  }
  return TRUE;
}

/* Inquadra - whether a kernel of the matrix product computes on this device what the plain shared kernel does.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The matrices of whole groups are a driver's work in large part, and no software device has them: before such a kernel
 * is used it makes two small products, one with every edge and one of whole tiles, and nothing outside of the result.
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

/* Makes @p with @tile, y in @out followed by the guard. */
static gboolean
make (InqGpu *gpu, gint64 tile, gboolean plain, const Product *p, const Buffers *b, guint16 *out, gsize count,
      GError **error)
{
  InqGemmVariant v = { .tile = tile, .weights = 1, .plain = plain, .halves = 5, .c = p->c, .columns = p->columns };
  guint taps = plain ? 1 : 3;
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
    .flags = INQ_GEMM_BIAS,
    .part = p->c,
  };
  g_autoptr (InqGpuPass) pass = inq_gpu_pass_new (gpu, FALSE, error);
  InqGpuPipelineDesc desc;
  InqGpuPipeline *pipeline;
  guint m, n;
  guint64 ticket;
  const InqGpuBinding bindings[INQ_GEMM_BINDINGS] = {
    { b->x, 0, inq_gpu_buffer_get_size (b->x) },
    { b->w, 0, inq_gpu_buffer_get_size (b->w) },
    { b->y, 0, inq_gpu_buffer_get_size (b->y) },
    { b->bias, 0, inq_gpu_buffer_get_size (b->bias) },
    { b->w, 0, 256 },
    { b->w, 0, 256 },
  };

  inq_gemm_describe (&v, inq_gpu_get_facts (gpu), &desc, &m, &n);
  pipeline = pass ? inq_gpu_get_pipeline (gpu, &desc, error) : NULL;
  if (!pipeline)
    return FALSE;
  inq_gpu_pass_fill (pass, b->y, 0, inq_gpu_buffer_get_size (b->y), UNTOUCHED << 16 | UNTOUCHED);
  inq_gpu_pass_barrier (pass);
  inq_gpu_pass_dispatch (pass, pipeline, bindings, &push, (guint) inq_gemm_groups (&v, &push, m, n), 1, 1, "verify");
  if (!inq_gpu_pass_end (pass, error))
    return FALSE;
  ticket = inq_gpu_submit (gpu, pass, error);
  return ticket != 0 && inq_gpu_wait (gpu, ticket, NULL, NULL, error)
         && inq_gpu_buffer_read (b->y, 0, out, count * 2, error);
}

static gboolean
verify_product (InqGpu *gpu, gint64 tile, gboolean plain, const Product *p, GError **error)
{
  gsize n_x = (gsize) p->n * p->h * p->w * p->c, n_y = (gsize) p->n * p->h * p->w * p->columns;
  gsize pitch = (p->columns + 15) / 16 * 16, n_w = (gsize) (plain ? 1 : 9) * p->c * pitch, n_out = n_y + GUARD / 2;
  g_autofree guint16 *got = g_new (guint16, n_out), *want = g_new (guint16, n_out);
  g_auto (Buffers) b = { NULL };

  b.x = random_buffer (gpu, n_x, 1, 1, error);
  b.w = b.x ? random_buffer (gpu, n_w, 0.1f, 2, error) : NULL;
  b.bias = b.w ? bias_buffer (gpu, (guint) pitch, error) : NULL;
  b.y = b.bias ? inq_gpu_buffer_new (gpu, n_out * 2, INQ_GPU_MEMORY_DEVICE, error) : NULL;
  if (!b.y || !make (gpu, -INQ_GEMM_SHARED_SMALL, plain, p, &b, want, n_out, error)
      || !make (gpu, tile, plain, p, &b, got, n_out, error))
    return FALSE;
  if (!inq_gemm_alike (got, want, n_y) || memcmp (got + n_y, want + n_y, GUARD) != 0) {
    g_set_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_UNSUITABLE, "%s multiplies wrongly with tile %d",
                 inq_gpu_get_facts (gpu)->name, (int) tile);
    return FALSE;
  }
  return TRUE;
}

gboolean
inq_gemm_verify (InqGpu *gpu, gint64 tile, gboolean plain, GError **error)
{
  for (guint i = 0; i < 2; i++)
    if (!verify_product (gpu, tile, plain, &products[plain != FALSE][i], error))
      return FALSE;
  return TRUE;
}

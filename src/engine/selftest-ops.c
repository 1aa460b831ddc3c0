/* Inquadra - self test: each kind of kernel against plain arithmetic, in the precision plans use on this device.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shapes are those of small pictures, with odd sizes where kernels have edges. References are summed in f64.
 */
#include "config.h"

#include "inq-convert.h"
#include "selftest.h"

#include <math.h>
#include <string.h>

typedef struct {
  GString *header;
  GByteArray *data;
  guint32 random;
} Table;

/* Uniform in -1..1, the same on every machine. */
static float
next_random (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return (float) (*state >> 8) / 8388608.0f - 1;
}

/* A tensor of halves (vectors: f32) times @scale plus @offset; its values as the device reads them. (transfer full) */
static float *
add_tensor (Table *t, const char *name, const gint64 *dims, guint n_dims, float scale, float offset)
{
  gsize n = 1, begin = t->data->len;
  gboolean half = n_dims > 1;
  g_string_append_printf (t->header, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[", t->header->len > 1 ? "," : "", name,
                          half ? "F16" : "F32");
  for (guint i = 0; i < n_dims; i++) {
    n *= (gsize) dims[i];
    g_string_append_printf (t->header, "%s%" G_GINT64_FORMAT, i ? "," : "", dims[i]);
  }
  float *values = g_new (float, n);
  for (gsize i = 0; i < n; i++) {
    values[i] = offset + scale * next_random (&t->random);
    if (half)
      values[i] = roundf (values[i] * 512) / 512; /* halves have room for it */
  }
  if (half) {
    g_autofree guint16 *halves = g_new (guint16, n);
    inq_convert_f32_to_f16 (values, halves, n);
    g_byte_array_append (t->data, (const guint8 *) halves, (guint) (n * 2));
  } else {
    g_byte_array_append (t->data, (const guint8 *) values, (guint) (n * 4));
  }
  g_string_append_printf (t->header, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%u]}", begin, t->data->len);
  return values;
}

static InqWeights *
table_end (Table *t, GError **error)
{
  g_string_append_c (t->header, '}');
  while (t->header->len % 8)
    g_string_append_c (t->header, ' ');
  guint64 length = GUINT64_TO_LE ((guint64) t->header->len);
  GByteArray *all = g_byte_array_new ();
  g_byte_array_append (all, (const guint8 *) &length, 8);
  g_byte_array_append (all, (const guint8 *) t->header->str, (guint) t->header->len);
  g_byte_array_append (all, t->data->data, t->data->len);
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (all);
  return inq_weights_new_from_bytes (bytes, "self test", error);
}

/* ---- plain arithmetic ---- */

static double
silu (double x)
{
  return x / (1 + exp (-x));
}

static double
gelu (double x)
{
  return 0.5 * x * (1 + erf (x / sqrt (2)));
}

static void
plain_conv (const float *x, gint64 h, gint64 w, gint64 c, const float *weight, const float *bias, gint64 out,
            gint64 stride, gboolean up, float *y)
{
  gint64 uh = up ? 2 * h : h, uw = up ? 2 * w : w, oh = (uh - 1) / stride + 1, ow = (uw - 1) / stride + 1;
  for (gint64 i = 0; i < oh; i++)
    for (gint64 j = 0; j < ow; j++)
      for (gint64 o = 0; o < out; o++) {
        double sum = bias[o];
        for (gint64 ky = 0; ky < 3; ky++)
          for (gint64 kx = 0; kx < 3; kx++) {
            gint64 r = i * stride + ky - 1, s = j * stride + kx - 1;
            if (r < 0 || s < 0 || r >= uh || s >= uw)
              continue;
            const float *at = x + ((up ? r / 2 : r) * w + (up ? s / 2 : s)) * c;
            for (gint64 k = 0; k < c; k++)
              sum += (double) at[k] * weight[((o * c + k) * 3 + ky) * 3 + kx];
          }
        y[(i * ow + j) * out + o] = (float) sum;
      }
}

static void
plain_group_norm (const float *x, gint64 positions, gint64 c, gint64 groups, const float *weight, const float *bias,
                  float *y)
{
  gint64 width = c / groups;
  for (gint64 g = 0; g < groups; g++) {
    double sum = 0, squares = 0, n = (double) (positions * width);
    for (gint64 p = 0; p < positions; p++)
      for (gint64 k = g * width; k < (g + 1) * width; k++)
        sum += x[p * c + k];
    for (gint64 p = 0; p < positions; p++)
      for (gint64 k = g * width; k < (g + 1) * width; k++)
        squares += (x[p * c + k] - sum / n) * (x[p * c + k] - sum / n);
    double scale = 1 / sqrt (squares / n + 1e-5);
    for (gint64 p = 0; p < positions; p++)
      for (gint64 k = g * width; k < (g + 1) * width; k++)
        y[p * c + k] = (float) silu ((x[p * c + k] - sum / n) * scale * weight[k] + bias[k]);
  }
}

static void
plain_attention (const float *q, const float *k, const float *v, gint64 tq, gint64 tk, gint64 heads, gint64 d, float *y)
{
  g_autofree double *p = g_new (double, tk);
  gint64 c = heads * d;
  for (gint64 h = 0; h < heads; h++)
    for (gint64 i = 0; i < tq; i++) {
      double max = -INFINITY, sum = 0;
      for (gint64 j = 0; j < tk; j++) {
        double dot = 0;
        for (gint64 e = 0; e < d; e++)
          dot += (double) q[i * c + h * d + e] * k[j * c + h * d + e];
        p[j] = dot / sqrt ((double) d);
        max = MAX (max, p[j]);
      }
      for (gint64 j = 0; j < tk; j++)
        sum += p[j] = exp (p[j] - max);
      for (gint64 e = 0; e < d; e++) {
        double value = 0;
        for (gint64 j = 0; j < tk; j++)
          value += p[j] / sum * v[j * c + h * d + e];
        y[i * c + h * d + e] = (float) value;
      }
    }
}

/* ---- checks ---- */

/* The input passes through a first layer, so that what is tested reads what a plan keeps between ops. */
#define H   12
#define W   11
#define C   32
#define OUT 48

typedef struct {
  const char *name;
  gsize n; /* values of the result */
  InqTensor *(*build) (InqGraph *g, InqTensor *x);
  void (*plain) (const float *x, float *const *weights, float *y);
} Check;

/* weights of the table, in this order */
enum { LINEAR, LINEAR_BIAS, CONV, CONV_BIAS, NORM, NORM_BIAS, WIDE, WIDE_BIAS, N_WEIGHTS };

static InqTensor *
build_linear (InqGraph *g, InqTensor *x)
{
  return inq_op_linear (g, x, "linear", NULL);
}

static void
linear_rows (const float *x, gint64 rows, const float *weight, const float *bias, gint64 out, float *y)
{
  for (gint64 r = 0; r < rows; r++)
    for (gint64 o = 0; o < out; o++) {
      double sum = bias[o];
      for (gint64 k = 0; k < C; k++)
        sum += (double) x[r * C + k] * weight[o * C + k];
      y[r * out + o] = (float) sum;
    }
}

static void
do_linear (const float *x, float *const *w, float *y)
{
  linear_rows (x, H * W, w[LINEAR], w[LINEAR_BIAS], OUT, y);
}

static InqTensor *
build_conv (InqGraph *g, InqTensor *x)
{
  return inq_op_conv (g, x, "conv", &(InqConv){ .pad_before = 1, .pad_after = 1 }, NULL);
}

static void
do_conv (const float *x, float *const *w, float *y)
{
  plain_conv (x, H, W, C, w[CONV], w[CONV_BIAS], OUT, 1, FALSE, y);
}

static InqTensor *
build_up (InqGraph *g, InqTensor *x)
{
  return inq_op_conv (g, x, "conv", &(InqConv){ .pad_before = 1, .pad_after = 1, .upsample2 = TRUE }, NULL);
}

static void
do_up (const float *x, float *const *w, float *y)
{
  plain_conv (x, H, W, C, w[CONV], w[CONV_BIAS], OUT, 1, TRUE, y);
}

static InqTensor *
build_down (InqGraph *g, InqTensor *x)
{
  return inq_op_conv (g, x, "conv", &(InqConv){ .stride = 2, .pad_before = 1, .pad_after = 1 }, NULL);
}

static void
do_down (const float *x, float *const *w, float *y)
{
  plain_conv (x, H, W, C, w[CONV], w[CONV_BIAS], OUT, 2, FALSE, y);
}

static InqTensor *
build_group_norm (InqGraph *g, InqTensor *x)
{
  return inq_op_group_norm (g, x, "norm", 8, 1e-5f, INQ_ACT_SILU);
}

static void
do_group_norm (const float *x, float *const *w, float *y)
{
  plain_group_norm (x, H * W, C, 8, w[NORM], w[NORM_BIAS], y);
}

static InqTensor *
build_layer_norm (InqGraph *g, InqTensor *x)
{
  return inq_op_layer_norm (g, x, "norm", 1e-5f);
}

static void
do_layer_norm (const float *x, float *const *w, float *y)
{
  for (gint64 r = 0; r < H * W; r++) {
    double sum = 0, squares = 0;
    for (gint64 k = 0; k < C; k++)
      sum += x[r * C + k];
    for (gint64 k = 0; k < C; k++)
      squares += (x[r * C + k] - sum / C) * (x[r * C + k] - sum / C);
    for (gint64 k = 0; k < C; k++)
      y[r * C + k] = (float) ((x[r * C + k] - sum / C) / sqrt (squares / C + 1e-5) * w[NORM][k] + w[NORM_BIAS][k]);
  }
}

static InqTensor *
build_attention (InqGraph *g, InqTensor *x)
{
  InqTensor *t = inq_op_reshape (g, x, 1, 1, H * W, C);
  return inq_op_attention (g, t, t, t, 2, FALSE);
}

static void
do_attention (const float *x, float *const *w, float *y)
{
  plain_attention (x, x, x, H * W, H * W, 2, C / 2, y);
}

static InqTensor *
build_geglu (InqGraph *g, InqTensor *x)
{
  return inq_op_geglu (g, inq_op_linear (g, x, "wide", NULL));
}

static void
do_geglu (const float *x, float *const *w, float *y)
{
  g_autofree float *wide = g_new (float, H *W * 2 * OUT);
  linear_rows (x, H * W, w[WIDE], w[WIDE_BIAS], 2 * OUT, wide);
  for (gint64 r = 0; r < H * W; r++)
    for (gint64 k = 0; k < OUT; k++)
      y[r * OUT + k] = (float) (wide[r * 2 * OUT + k] * gelu (wide[r * 2 * OUT + OUT + k]));
}

static const Check checks[] = {
  { "matrix product", H *W *OUT, build_linear, do_linear },
  { "convolution", H *W *OUT, build_conv, do_conv },
  { "convolution, upsampled", 4 * H *W *OUT, build_up, do_up },
  { "convolution, downsampled", (H / 2) * ((W + 1) / 2) * OUT, build_down, do_down },
  { "group norm", H *W *C, build_group_norm, do_group_norm },
  { "layer norm", H *W *C, build_layer_norm, do_layer_norm },
  { "attention", H *W *C, build_attention, do_attention },
  { "gated linear unit", H *W *OUT, build_geglu, do_geglu },
};

static double
relative_error (const float *a, const float *b, gsize n)
{
  double sum = 0, squares = 0, max = 0;
  for (gsize i = 0; i < n; i++) {
    double d = fabs ((double) a[i] - b[i]);
    if (!isfinite (d))
      return INFINITY;
    max = MAX (max, d);
    sum += b[i];
    squares += (double) b[i] * b[i];
  }
  return max / sqrt (MAX (squares / (double) n - sum * sum / (double) n / (double) n, 1e-30));
}

/* Runs twice; the same bytes are asked of both. */
static void
run_check (InqSelftest *test, InqEngine *engine, const Check *check, InqWeights *weights, float *const *plain,
           const float *x)
{
  double tolerance = g_str_equal (test->precision, "f16") ? INQ_SELFTEST_F16 : INQ_SELFTEST_F32;
  g_autofree float *want = g_new (float, check->n);
  g_autofree float *got = g_new (float, check->n);
  g_autofree float *again = g_new (float, check->n);
  g_autoptr (InqGraph) g = inq_graph_new (weights);
  InqTensor *in = inq_op_activate (g, inq_graph_input (g, "x", 1, H, W, C), INQ_ACT_NONE);
  inq_graph_output (g, check->build (g, in), "y");
  inq_graph_set_precision (g, engine->precision);
  InqDeviceWeights *dw = inq_device_weights_new (engine->gpu, weights);
  g_autoptr (GError) error = NULL;
  InqPlan *plan = inq_plan_new (engine->gpu, g, dw, FALSE, &error);
  gboolean ok = plan && inq_plan_write (plan, "x", x, H * W * C, &error) && inq_plan_run (plan, NULL, NULL, &error)
                && inq_plan_read (plan, "y", got, check->n, &error) && inq_plan_run (plan, NULL, NULL, &error)
                && inq_plan_read (plan, "y", again, check->n, &error);
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (dw);
  if (!ok) {
    inq_selftest_add (test, check->name, INFINITY, tolerance, error->message);
    return;
  }
  check->plain (x, plain, want);
  gboolean same = memcmp (got, again, sizeof (float) * check->n) == 0;
  inq_selftest_add (test, check->name, relative_error (got, want, check->n), tolerance,
                    same ? NULL : "two runs gave different bytes");
}

/* What is too large for halves becomes infinite, so that a stage that overflows is seen and runs again in f32. */
static void
run_overflow (InqSelftest *test, InqEngine *engine, InqWeights *weights, const float *x)
{
  const gsize n = H * W * OUT;
  g_autofree float *large = g_new (float, H *W *C), *got = g_new (float, n);
  g_autoptr (InqGraph) g = inq_graph_new (weights);
  g_autoptr (GError) error = NULL;
  gboolean seen = FALSE;

  if (!g_str_equal (test->precision, "f16"))
    return;
  for (gsize i = 0; i < H * W * C; i++)
    large[i] = x[i] * 1e6f;
  inq_graph_output (
      g, inq_op_linear (g, inq_op_activate (g, inq_graph_input (g, "x", 1, H, W, C), INQ_ACT_NONE), "linear", NULL),
      "y");
  inq_graph_set_precision (g, engine->precision);
  InqDeviceWeights *dw = inq_device_weights_new (engine->gpu, weights);
  InqPlan *plan = inq_plan_new (engine->gpu, g, dw, FALSE, &error);
  gboolean ok = plan && inq_plan_write (plan, "x", large, H * W * C, &error) && inq_plan_run (plan, NULL, NULL, &error)
                && inq_plan_read (plan, "y", got, n, &error);
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (dw);
  for (gsize i = 0; ok && i < n; i++)
    seen = seen || !isfinite (got[i]);
  inq_selftest_add (test, "overflow", seen ? 0 : INFINITY, 0,
                    !ok    ? error->message
                    : seen ? NULL
                           : "a number too large for halves was made a smaller one");
}

gboolean
inq_selftest_run_ops (InqSelftest *test, InqEngine *engine, GCancellable *cancellable, GError **error)
{
  Table t = { g_string_new ("{"), g_byte_array_new (), 7 };
  float *plain[N_WEIGHTS];
  plain[LINEAR] = add_tensor (&t, "linear.weight", (gint64[]){ OUT, C }, 2, 0.25f, 0);
  plain[LINEAR_BIAS] = add_tensor (&t, "linear.bias", (gint64[]){ OUT }, 1, 0.5f, 0);
  plain[CONV] = add_tensor (&t, "conv.weight", (gint64[]){ OUT, C, 3, 3 }, 4, 0.125f, 0);
  plain[CONV_BIAS] = add_tensor (&t, "conv.bias", (gint64[]){ OUT }, 1, 0.5f, 0);
  plain[NORM] = add_tensor (&t, "norm.weight", (gint64[]){ C }, 1, 0.25f, 1);
  plain[NORM_BIAS] = add_tensor (&t, "norm.bias", (gint64[]){ C }, 1, 0.25f, 0);
  plain[WIDE] = add_tensor (&t, "wide.weight", (gint64[]){ 2 * OUT, C }, 2, 0.25f, 0);
  plain[WIDE_BIAS] = add_tensor (&t, "wide.bias", (gint64[]){ 2 * OUT }, 1, 0.5f, 0);
  g_autoptr (InqWeights) weights = table_end (&t, error);
  g_autofree float *x = g_new (float, H *W *C);
  for (gsize i = 0; i < H * W * C; i++)
    x[i] = roundf (2 * next_random (&t.random) * 256) / 256; /* exact in halves */
  gboolean ok = weights != NULL;
  for (guint i = 0; ok && i < G_N_ELEMENTS (checks); i++) {
    ok = !g_cancellable_set_error_if_cancelled (cancellable, error);
    if (ok)
      run_check (test, engine, &checks[i], weights, plain, x);
  }
  if (ok)
    run_overflow (test, engine, weights, x);
  for (guint i = 0; i < N_WEIGHTS; i++)
    g_free (plain[i]);
  g_string_free (t.header, TRUE);
  g_byte_array_unref (t.data);
  return ok;
}

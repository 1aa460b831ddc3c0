/* Inquadra - plain C references of the graph's ops, sums in double. For tests only.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ref-ops.h"

#include <math.h>

float
ref_activate (float x, InqActivation act)
{
  double v = x;

  switch (act) {
  case INQ_ACT_SILU:
    return (float) (v / (1 + exp (-v)));
  case INQ_ACT_GELU:
    return (float) (0.5 * v * (1 + erf (v / sqrt (2.0))));
  case INQ_ACT_QUICK_GELU:
    return (float) (v / (1 + exp (-1.702 * v)));
  case INQ_ACT_RELU:
    return v > 0 ? x : 0;
  case INQ_ACT_TANH3:
    return (float) (tanh (v / 3) * 3);
  default:
    return x;
  }
}

float *
ref_linear (const float *x, gint64 n, gint64 area, gint64 in, const float *w, gint64 out, gboolean transposed,
            const float *bias, const float *channel_bias, InqActivation act, const float *residual)
{
  float *y = g_new (float, n *area *out);

  for (gint64 b = 0; b < n; b++)
    for (gint64 p = 0; p < area; p++)
      for (gint64 o = 0; o < out; o++) {
        gint64 row = b * area + p;
        double sum = (bias ? bias[o] : 0) + (channel_bias ? channel_bias[b * out + o] : 0);

        for (gint64 i = 0; i < in; i++)
          sum += (double) x[row * in + i] * w[transposed ? i * out + o : o * in + i];
        y[row * out + o] = ref_activate ((float) sum, act) + (residual ? residual[row * out + o] : 0);
      }
  return y;
}

float *
ref_conv (const float *x, gint64 n, gint64 h, gint64 w, gint64 c, const float *weight, gint64 out, gint64 kh, gint64 kw,
          const InqConv *conv, const float *bias, const float *channel_bias, InqActivation act, const float *residual,
          gint64 *oh_out, gint64 *ow_out)
{
  gint64 scale = conv->upsample2 ? 2 : 1, stride = conv->stride ? conv->stride : 1;
  gint64 oh = (h * scale + conv->pad_before + conv->pad_after - kh) / stride + 1;
  gint64 ow = (w * scale + conv->pad_before + conv->pad_after - kw) / stride + 1;
  float *y = g_new (float, n *oh *ow *out);

  for (gint64 b = 0; b < n; b++)
    for (gint64 oy = 0; oy < oh; oy++)
      for (gint64 ox = 0; ox < ow; ox++)
        for (gint64 o = 0; o < out; o++) {
          gint64 at = ((b * oh + oy) * ow + ox) * out + o;
          double sum = (bias ? bias[o] : 0) + (channel_bias ? channel_bias[b * out + o] : 0);

          for (gint64 ky = 0; ky < kh; ky++)
            for (gint64 kx = 0; kx < kw; kx++) {
              gint64 iy = oy * stride + ky - conv->pad_before, ix = ox * stride + kx - conv->pad_before;

              if (iy < 0 || ix < 0 || iy >= h * scale || ix >= w * scale)
                continue;
              for (gint64 i = 0; i < c; i++)
                sum += (double) x[((b * h + iy / scale) * w + ix / scale) * c + i]
                       * weight[((o * c + i) * kh + ky) * kw + kx];
            }
          y[at] = ref_activate ((float) sum, act) + (residual ? residual[at] : 0);
        }
  *oh_out = oh;
  *ow_out = ow;
  return y;
}

float *
ref_group_norm (const float *x, gint64 n, gint64 area, gint64 c, int groups, const float *weight, const float *bias,
                float eps, InqActivation act)
{
  float *y = g_new (float, n *area *c);
  gint64 width = c / groups;

  for (gint64 b = 0; b < n; b++)
    for (int g = 0; g < groups; g++) {
      double mean = 0, squares = 0, scale;

      for (gint64 p = 0; p < area; p++)
        for (gint64 k = g * width; k < (g + 1) * width; k++)
          mean += x[(b * area + p) * c + k];
      mean /= (double) (area * width);
      for (gint64 p = 0; p < area; p++)
        for (gint64 k = g * width; k < (g + 1) * width; k++)
          squares += (x[(b * area + p) * c + k] - mean) * (x[(b * area + p) * c + k] - mean);
      scale = 1 / sqrt (squares / (double) (area * width) + eps);
      for (gint64 p = 0; p < area; p++)
        for (gint64 k = g * width; k < (g + 1) * width; k++) {
          gint64 at = (b * area + p) * c + k;

          y[at] = ref_activate ((float) ((x[at] - mean) * scale * weight[k] + bias[k]), act);
        }
    }
  return y;
}

float *
ref_layer_norm (const float *x, gint64 rows, gint64 c, const float *weight, const float *bias, float eps)
{
  float *y = g_new (float, rows *c);

  for (gint64 r = 0; r < rows; r++) {
    double mean = 0, squares = 0, scale;

    for (gint64 k = 0; k < c; k++)
      mean += x[r * c + k];
    mean /= (double) c;
    for (gint64 k = 0; k < c; k++)
      squares += (x[r * c + k] - mean) * (x[r * c + k] - mean);
    scale = 1 / sqrt (squares / (double) c + eps);
    for (gint64 k = 0; k < c; k++)
      y[r * c + k] = (float) ((x[r * c + k] - mean) * scale * weight[k] + bias[k]);
  }
  return y;
}

float *
ref_attention (const float *q, const float *k, const float *v, gint64 n, gint64 tq, gint64 tk, int heads, gint64 d,
               gboolean causal)
{
  gint64 c = heads * d;
  float *y = g_new (float, n *tq *c);
  g_autofree double *p = g_new (double, tk);

  for (gint64 b = 0; b < n; b++)
    for (int head = 0; head < heads; head++)
      for (gint64 t = 0; t < tq; t++) {
        gint64 keys = causal ? MIN (tk, t + 1) : tk;
        double peak = -INFINITY, total = 0;

        for (gint64 j = 0; j < keys; j++) {
          p[j] = 0;
          for (gint64 i = 0; i < d; i++)
            p[j] += (double) q[(b * tq + t) * c + head * d + i] * k[(b * tk + j) * c + head * d + i];
          p[j] /= sqrt ((double) d);
          peak = MAX (peak, p[j]);
        }
        for (gint64 j = 0; j < keys; j++) {
          p[j] = exp (p[j] - peak);
          total += p[j];
        }
        for (gint64 i = 0; i < d; i++) {
          double sum = 0;

          for (gint64 j = 0; j < keys; j++)
            sum += p[j] * v[(b * tk + j) * c + head * d + i];
          y[(b * tq + t) * c + head * d + i] = (float) (sum / total);
        }
      }
  return y;
}

float *
ref_geglu (const float *x, gint64 rows, gint64 c)
{
  float *y = g_new (float, rows *c);

  for (gint64 r = 0; r < rows; r++)
    for (gint64 k = 0; k < c; k++)
      y[r * c + k] = x[r * 2 * c + k] * ref_activate (x[r * 2 * c + c + k], INQ_ACT_GELU);
  return y;
}

float *
ref_pixel_unshuffle (const float *x, gint64 n, gint64 h, gint64 w, gint64 c, int r)
{
  float *y = g_new (float, n *h *w *c);
  gint64 oh = h / r, ow = w / r, oc = c * r * r;

  for (gint64 b = 0; b < n; b++)
    for (gint64 iy = 0; iy < h; iy++)
      for (gint64 ix = 0; ix < w; ix++)
        for (gint64 k = 0; k < c; k++)
          y[((b * oh + iy / r) * ow + ix / r) * oc + k * r * r + iy % r * r + ix % r] =
              x[((b * h + iy) * w + ix) * c + k];
  return y;
}

float *
ref_pixel_shuffle (const float *x, gint64 n, gint64 h, gint64 w, gint64 c, int r)
{
  float *y = g_new (float, n *h *w *c);
  gint64 oc = c / r / r;

  for (gint64 b = 0; b < n; b++)
    for (gint64 iy = 0; iy < h; iy++)
      for (gint64 ix = 0; ix < w; ix++)
        for (gint64 k = 0; k < c; k++)
          y[((b * h * r + iy * r + k % (r * r) / r) * w * r + ix * r + k % r) * oc + k / (r * r)] =
              x[((b * h + iy) * w + ix) * c + k];
  return y;
}

float *
ref_upsample2 (const float *x, gint64 n, gint64 h, gint64 w, gint64 c)
{
  float *y = g_new (float, n * 4 * h * w * c);

  for (gint64 b = 0; b < n; b++)
    for (gint64 oy = 0; oy < 2 * h; oy++)
      for (gint64 ox = 0; ox < 2 * w; ox++)
        for (gint64 k = 0; k < c; k++)
          y[((b * 2 * h + oy) * 2 * w + ox) * c + k] = x[((b * h + oy / 2) * w + ox / 2) * c + k];
  return y;
}

float *
ref_timestep (const float *t, gint64 n, gint64 c)
{
  float *y = g_new (float, n *c);

  for (gint64 b = 0; b < n; b++)
    for (gint64 i = 0; i < c / 2; i++) {
      double angle = t[b] * exp (-log (10000.0) * (double) i / (double) (c / 2));

      y[b * c + i] = (float) cos (angle);
      y[b * c + c / 2 + i] = (float) sin (angle);
    }
  return y;
}

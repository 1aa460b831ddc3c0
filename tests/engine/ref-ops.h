/* Inquadra - plain C references of the graph's ops, sums in double. For tests only.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tensors are [n, h, w, c] as in inq-graph.h; weights in the file's layout. Results are (transfer full).
 *
 * Thread-safety: pure functions. */
#pragma once

#include <inq-graph.h>

float ref_activate (float x, InqActivation act);
/* w [out][in], or [in][out] when @transposed; bias, channel_bias [n][out], residual may be NULL; rows of a picture:
 * @area */
float *ref_linear (const float *x, gint64 n, gint64 area, gint64 in, const float *w, gint64 out, gboolean transposed,
                   const float *bias, const float *channel_bias, InqActivation act, const float *residual);
/* w [out][in][kh][kw]; *oh, *ow are set */
float *ref_conv (const float *x, gint64 n, gint64 h, gint64 w, gint64 c, const float *weight, gint64 out, gint64 kh,
                 gint64 kw, const InqConv *conv, const float *bias, const float *channel_bias, InqActivation act,
                 const float *residual, gint64 *oh, gint64 *ow);
float *ref_group_norm (const float *x, gint64 n, gint64 area, gint64 c, int groups, const float *weight,
                       const float *bias, float eps, InqActivation act);
float *ref_layer_norm (const float *x, gint64 rows, gint64 c, const float *weight, const float *bias, float eps);
float *ref_attention (const float *q, const float *k, const float *v, gint64 n, gint64 tq, gint64 tk, int heads,
                      gint64 d, gboolean causal);
float *ref_geglu (const float *x, gint64 rows, gint64 c);
float *ref_pixel_unshuffle (const float *x, gint64 n, gint64 h, gint64 w, gint64 c, int r);
float *ref_pixel_shuffle (const float *x, gint64 n, gint64 h, gint64 w, gint64 c, int r);
float *ref_upsample2 (const float *x, gint64 n, gint64 h, gint64 w, gint64 c);
float *ref_timestep (const float *t, gint64 n, gint64 c);

/* Inquadra - the noise pictures start from: Philox, equal to PyTorch's CUDA randn for a seed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-noise.h"

#include <math.h>

/* Constants of Salmon et al. 2011, section 4.3 and table 2. */
#define MULTIPLY_0 0xd2511f53u
#define MULTIPLY_1 0xcd9e8d57u
#define WEYL_0     0x9e3779b9u /* golden ratio */
#define WEYL_1     0xbb67ae85u /* square root of 3, less 1 */
#define ROUNDS     10

void
inq_philox4x32 (guint32 counter[4], const guint32 key[2])
{
  guint32 k0 = key[0], k1 = key[1];

  for (int round = 0; round < ROUNDS; round++) {
    guint64 product0 = (guint64) MULTIPLY_0 * counter[0];
    guint64 product1 = (guint64) MULTIPLY_1 * counter[2];
    guint32 c1 = counter[1], c3 = counter[3];

    counter[0] = (guint32) (product1 >> 32) ^ c1 ^ k0;
    counter[1] = (guint32) product1;
    counter[2] = (guint32) (product0 >> 32) ^ c3 ^ k1;
    counter[3] = (guint32) product0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
}

/* cuRAND's: u in (0, 1], v in (0, 2 pi], then the sine. Fused as nvcc does it, and so the same on every host. */
static float
box_muller (guint32 x, guint32 y)
{
  float u = fmaf ((float) x, 0x1p-32f, 0x1p-33f);
  float v = fmaf ((float) y, (float) (0x1p-31 * G_PI), (float) (0x1p-32 * G_PI));

  return sqrtf (-2.0f * logf (u)) * sinf (v);
}

/* PyTorch starts a thread per element (up to some multiple of what the card holds at once); thread i takes the first of
 * the four normals that its counter gives: words 0 and 1. The counter's upper half is the thread, its lower the draw.
 */
void
inq_noise_fill (guint64 seed, guint32 draw, float *out, gsize n)
{
  const guint32 key[2] = { (guint32) seed, (guint32) (seed >> 32) };

  for (gsize i = 0; i < n; i++) {
    guint32 counter[4] = { draw, 0, (guint32) i, (guint32) ((guint64) i >> 32) };
    inq_philox4x32 (counter, key);
    out[i] = box_muller (counter[0], counter[1]);
  }
}

void
inq_noise_turn (float *x, const float *towards, double strength, int channels, gint64 height, gint64 width)
{
  gsize columns = (gsize) channels * width;
  g_autofree double *dots = g_new (double, columns);
  double mean = 0;

  for (gsize k = 0; k < columns; k++) {
    gsize first = k / (gsize) width * (gsize) (height * width) + k % (gsize) width;
    double xx = 0, yy = 0, xy = 0;
    for (gint64 row = 0; row < height; row++) {
      double a = x[first + row * width], b = towards[first + row * width];
      xx += a * a;
      yy += b * b;
      xy += a * b;
    }
    dots[k] = xx > 0 && yy > 0 ? CLAMP (xy / sqrt (xx * yy), -1, 1) : 1;
    mean += dots[k] / columns;
  }
  for (gsize k = 0; k < columns; k++) {
    gsize first = k / (gsize) width * (gsize) (height * width) + k % (gsize) width;
    double angle = acos (dots[k]), s = sin (angle), of_x = 1 - strength, of_y = strength;
    /* The original mixes evenly where the two are nearly the same (and mixes the two up there); so do we where an angle
     * would divide by nothing. */
    if (mean <= 0.9995 && s > 1e-6) {
      of_x = sin ((1 - strength) * angle) / s;
      of_y = sin (strength * angle) / s;
    }
    for (gint64 row = 0; row < height; row++) {
      gsize i = first + row * width;
      x[i] = (float) (of_x * x[i] + of_y * towards[i]);
    }
  }
}

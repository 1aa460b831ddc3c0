/* Inquadra - tests of the noise: Philox's published answers and PyTorch's.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-noise.h"

#include <math.h>
#include <string.h>

/* The known answers that the authors publish with their code (Random123, examples/kat_vectors, philox4x32 10). */
static void
test_philox (void)
{
  static const guint32 rows[][10] = {
    { 0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 },
    { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6,
      0x6d5451fd },
    { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
      0x24126ea1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint32 counter[4];
    memcpy (counter, rows[i], sizeof counter);
    inq_philox4x32 (counter, rows[i] + 4);
    g_assert_cmpmem (counter, sizeof counter, rows[i] + 6, sizeof counter);
  }
}

/* torch.randn (12) on CUDA with seed 0, as the authors of a host-side port report it (rng_philox.py of
 * AUTOMATIC1111/stable-diffusion-webui, in the head comment). Not measured by us. */
static void
test_torch (void)
{
  static const float expected[] = { -0.92466259, -0.42534415, -2.6438457,  0.14518388,  -0.12086647, -0.57972564,
                                    -0.62285122, -0.32838709, -1.07454231, -0.36314407, -1.67105067, 2.26550497 };
  float out[G_N_ELEMENTS (expected)];

  inq_noise_fill (0, 0, out, G_N_ELEMENTS (out));
  for (guint i = 0; i < G_N_ELEMENTS (out); i++)
    g_assert_cmpfloat_with_epsilon (out[i], expected[i], 2e-6);
}

static void
test_independence (void)
{
  float longer[100], shorter[10], other[10];

  /* An element does not depend on how many are drawn. */
  inq_noise_fill (0x123456789abcdef0, 0, longer, 100);
  inq_noise_fill (0x123456789abcdef0, 0, shorter, 10);
  g_assert_cmpmem (shorter, sizeof shorter, longer, sizeof shorter);
  /* Both halves of the seed and the draw count. */
  inq_noise_fill (0x9abcdef0, 0, other, 10);
  g_assert_cmpint (memcmp (shorter, other, sizeof other), !=, 0);
  inq_noise_fill (0x123456789abcdef0, 1, other, 10);
  g_assert_cmpint (memcmp (shorter, other, sizeof other), !=, 0);
}

static void
test_moments (void)
{
  const gsize n = 200000;
  g_autofree float *out = g_new (float, n);
  double sums[4] = { 0 };

  inq_noise_fill (7, 0, out, n);
  for (gsize i = 0; i < n; i++) {
    double power = 1;
    g_assert_true (isfinite (out[i]));
    for (int k = 0; k < 4; k++)
      sums[k] += power *= out[i];
  }
  /* Within five standard errors of a unit normal's moments. */
  g_assert_cmpfloat_with_epsilon (sums[0] / n, 0, 5 / sqrt (n));
  g_assert_cmpfloat_with_epsilon (sums[1] / n, 1, 5 * sqrt (2.0 / n));
  g_assert_cmpfloat_with_epsilon (sums[2] / n, 0, 5 * sqrt (15.0 / n));
  g_assert_cmpfloat_with_epsilon (sums[3] / n, 3, 5 * sqrt (96.0 / n));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/noise/philox", test_philox);
  g_test_add_func ("/noise/torch", test_torch);
  g_test_add_func ("/noise/independence", test_independence);
  g_test_add_func ("/noise/moments", test_moments);
  return g_test_run ();
}

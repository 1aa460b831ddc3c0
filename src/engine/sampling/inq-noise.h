/* Inquadra - the noise pictures start from: Philox, equal to PyTorch's CUDA randn for a seed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counter-based: element i depends on the seed, the draw and i alone. Philox4x32-10 is from Salmon et al. 2011,
 * "Parallel random numbers: as easy as 1, 2, 3" (SC11); the normal deviates are Box and Muller's (1958).
 *
 * Thread-safety: pure functions.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The Philox4x32-10 bijection: @counter is replaced by its four random words. */
void inq_philox4x32 (guint32 counter[4], const guint32 key[2]);

/* Unit normal noise, @n values. @draw counts the calls a PyTorch generator would have had before (0 for a picture's
 * initial noise). Equal in f32, to rounding of log, sqrt and sin, to what torch.randn(n, device="cuda",
 * generator=torch.Generator("cuda").manual_seed(seed)) gives, while n is at most the number of threads the card starts
 * (true for a picture's latents on any recent card). */
void inq_noise_fill (guint64 seed, guint32 draw, float *out, gsize n);

/* Where a sampler's noise comes from: @out [@n] is unit normal noise, the same for the same @draw. Draw 0 is a
 * picture's initial noise. */
typedef void (*InqNoiseFunc) (guint32 draw, float *out, gsize n, gpointer data);

/* @x = noise turned towards @towards by @strength, 0..1, along the sphere: both [channels, height, width], the angle of
 * each column (over the height) by itself, as AUTOMATIC1111's web interface has its variation seeds (its slerp() takes
 * dimension 1 of one picture's noise). */
void inq_noise_turn (float *x, const float *towards, double strength, int channels, gint64 height, gint64 width);

G_END_DECLS

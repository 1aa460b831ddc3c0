/* Inquadra - classifier-free guidance, and its rescaling.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure functions. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * inq_guide:
 * @out: one picture's prediction, @n values; may be @uncond or @cond
 * @cfg: out = uncond + cfg (cond - uncond), Ho and Salimans 2022
 * @rescale: 0 for that; up to 1, by so much of the way it is shrunk until it deviates as much as @cond does: phi of Lin
 * et al. 2023 (section 3.4), against the glare that strong guidance makes where a schedule ends in pure noise
 */
void inq_guide (const float *uncond, const float *cond, float *out, gsize n, double cfg, double rescale);

G_END_DECLS

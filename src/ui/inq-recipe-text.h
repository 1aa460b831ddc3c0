/* Inquadra - what made a picture, in words.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <inq-panel.h>

G_BEGIN_DECLS

/* Prompt, seed, steps, sampler, model and size of a variation, a line each, for a tooltip. A long prompt is cut.
 * (transfer full) */
char *inq_recipe_describe (const InqVariationRow *row);

G_END_DECLS

/* Inquadra - the recipe of a picture: everything needed to make the same bytes again, as JSON.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure functions.
 */
#pragma once

#include "inq-engine.h"
#include "loras.h"

G_BEGIN_DECLS

/* What was asked for after defaults and rounding; strings borrowed. */
typedef struct {
  const char *prompt;
  const char *negative;
  const char *read; /* (nullable) the prompt as the seed made its choices */
  guint64 seed;
  guint64 variation_seed;
  double variation_strength; /* 0: none */
  int steps;
  double cfg;
  double guidance_rescale; /* 0: none */
  double guidance_start;
  double guidance_end; /* 0: not said, guided to the end */
  const char *perturb; /* (nullable) not said: none */
  const char *sampler;
  const char *schedule; /* (nullable) the sampler's own */
  double eta;           /* below 0: none */
  int width;
  int height;
  double hires_scale; /* 0: none */
  double hires_strength;
  int hires_steps;
  const char *hires_upscale;
  double strength;       /* 1 without a start picture */
  const char *init_hash; /* (nullable) */
  const char *mask_hash; /* (nullable) */
  int mask_feather;
  InqLoraStack *loras; /* (nullable) */
  const char *model;
  const char *model_hash;
  const char *device;
} InqRecipe;

/* One flat JSON object on one line, keys in the order above; what was not asked for is left out. A seed over 2^63 - 1
 * is written as a string. (transfer full) */
char *inq_recipe_to_json (const InqRecipe *recipe);
/* SHA-256 over size and pixels, hex. (transfer full) */
char *inq_picture_hash (const InqPicture *picture);

G_END_DECLS

/* Inquadra - what a checkpoint was trained for, from its keys, its metadata and its name.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-detect.h"

#include "inq-engine.h"
#include "inq-key-map.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/**
 * Distillation: a way of making a checkpoint draw in few steps
 * @word: how its name says so; a word of it begins so ("turbovision"), or is it (@whole)
 * @needs_steps: only with a number of steps in the name ("hyper_8steps"): the word alone means other things
 * @samplers: the one that suits it best, of those this version has; NULL-terminated
 */
static const struct {
  const char *word;
  gboolean whole, needs_steps;
  int steps;
  double cfg;
  const char *samplers[3];
} distillations[] = {
  /* Sauer et al. 2023; Lin et al. 2024; Luo et al. 2023; Yin et al. 2024; Ren et al. 2024; Zheng et al. 2024 */
  { "turbo", FALSE, FALSE, 4, 1, { "euler_a_trailing", "euler_trailing" } },
  { "lightning", FALSE, FALSE, 4, 1, { "euler_trailing" } },
  { "lcm", TRUE, FALSE, 6, 1, { "lcm", "euler_trailing" } },
  { "dmd2", TRUE, FALSE, 4, 1, { "lcm", "euler_trailing" } },
  { "hypersd", FALSE, FALSE, 8, 1, { "euler_trailing" } },
  { "hyper", TRUE, TRUE, 8, 1, { "euler_trailing" } },
  { "tcd", TRUE, FALSE, 4, 1, { "tcd", "euler_trailing" } },
};

static gboolean
is_true (const char *text)
{
  return text && (g_ascii_strcasecmp (text, "true") == 0 || g_str_equal (text, "1"));
}

/* "epsilon", "v", and what others call it: "v_prediction", "v-prediction" */
static gboolean
read_prediction (const char *text, InqPrediction *prediction)
{
  if (!text)
    return FALSE;
  if (inq_prediction_from_name (text, prediction))
    return TRUE;
  if (g_ascii_strcasecmp (text, "v_prediction") == 0 || g_ascii_strcasecmp (text, "v-prediction") == 0
      || g_ascii_strcasecmp (text, "v_pred") == 0 || g_ascii_strcasecmp (text, "vpred") == 0)
    *prediction = INQ_PREDICTION_V;
  else if (g_ascii_strcasecmp (text, "eps") == 0 || g_ascii_strcasecmp (text, "epsilon_prediction") == 0)
    *prediction = INQ_PREDICTION_EPSILON;
  else
    return FALSE;
  return TRUE;
}

/* Names that a family is distilled under come in words: "sd_xl_turbo_1.0_fp16", "DreamShaperXL-Lightning". */
static char **
words_of (const char *text)
{
  GString *spaced = g_string_new (NULL);
  for (const char *p = text; *p; p++) {
    gboolean upper = g_ascii_isupper (*p) && p > text && g_ascii_islower (p[-1]); /* "realTurbo" */
    if (upper)
      g_string_append_c (spaced, ' ');
    g_string_append_c (spaced, g_ascii_isalnum (*p) ? g_ascii_tolower (*p) : ' ');
  }
  char **words = g_strsplit (spaced->str, " ", -1);
  g_string_free (spaced, TRUE);
  return words;
}

/* "4step", "8steps", "4 steps"; 0 for none */
static int
steps_in (char **words)
{
  for (guint i = 0; words[i]; i++) {
    char *end;
    long n = strtol (words[i], &end, 10);
    if (end == words[i] || n < 1 || n > 16)
      continue;
    if (g_str_has_prefix (end, "step") || (!*end && words[i + 1] && g_str_has_prefix (words[i + 1], "step")))
      return (int) n;
  }
  return 0;
}

static const char *
choose_sampler (const char *const *candidates)
{
  const char *sampler, *schedule;
  guint i = 0;
  while (candidates[i + 1] && !inq_sampler_split (candidates[i], &sampler, &schedule))
    i++;
  return candidates[i];
}

static gboolean
distilled_by (InqModelSpec *spec, const char *text)
{
  if (!text)
    return FALSE;
  g_auto (GStrv) words = words_of (text);
  int steps = steps_in (words);
  for (guint i = 0; i < G_N_ELEMENTS (distillations); i++)
    for (guint w = 0; words[w]; w++) {
      if (distillations[i].whole ? !g_str_equal (words[w], distillations[i].word)
                                 : !g_str_has_prefix (words[w], distillations[i].word))
        continue;
      if (distillations[i].needs_steps && steps == 0)
        continue;
      spec->distilled = TRUE;
      spec->steps = steps > 0 ? steps : distillations[i].steps;
      spec->cfg = distillations[i].cfg;
      g_free (spec->sampler);
      spec->sampler = g_strdup (choose_sampler (distillations[i].samplers));
      return TRUE;
    }
  return FALSE;
}

static gboolean
says_no (const char *text)
{
  return text
         && (g_ascii_strcasecmp (text, "false") == 0 || g_ascii_strcasecmp (text, "no") == 0
             || g_str_equal (text, "0"));
}

/* (transfer full) "model.safetensors" says nothing: its folder's name does. */
static char *
dup_name (InqWeights *weights)
{
  const char *path = inq_weights_get_path (weights);
  if (!path || !g_str_has_prefix (inq_weights_get_label (weights), "model."))
    return g_strdup (inq_weights_get_label (weights));
  g_autofree char *folder = g_path_get_dirname (path);
  return g_path_get_basename (folder);
}

/* Nothing in the tensors of Stable Diffusion 2 tells the 512 pixel base and its distillation, which predict epsilon,
 * from the 768 pixel model, which predicts v: only the names they are published under ("512-base-ema", "v2-1_512-ema-
 * pruned", "sd_turbo"). */
static gboolean
is_small_sd2 (InqWeights *weights)
{
  g_autofree char *name = dup_name (weights);
  g_auto (GStrv) words = words_of (name);
  for (guint i = 0; words[i]; i++)
    if (g_str_equal (words[i], "512") || g_str_has_prefix (words[i], "turbo"))
      return TRUE;
  return FALSE;
}

static void
detect_distillation (InqModelSpec *spec, InqWeights *weights)
{
  const char *own = inq_weights_get_metadata (weights, "inquadra.distilled");
  if (says_no (own) || g_str_equal (spec->family->id, "house"))
    return;
  g_autofree char *name = dup_name (weights);
  /* A guidance embedding is what the whole distilled models of Luo et al. have. */
  if (!distilled_by (spec, own) && !distilled_by (spec, inq_weights_get_metadata (weights, "modelspec.architecture"))
      && !distilled_by (spec, inq_weights_get_metadata (weights, "modelspec.title"))
      && !distilled_by (spec, inq_weights_get_metadata (weights, "general.name")) && !distilled_by (spec, name)
      && (spec->guidance_embed > 0 || is_true (own)))
    distilled_by (spec, "lcm");
  if (spec->distilled && spec->guidance_embed > 0)
    spec->cfg = 8; /* told to the network, which draws as if it were guided so strongly */
}

void
inq_model_spec_detect (InqModelSpec *spec, InqWeights *weights)
{
  const char *own = inq_weights_get_metadata (weights, "inquadra.prediction");
  gboolean named = read_prediction (own, &spec->prediction)
                   || read_prediction (inq_weights_get_metadata (weights, "modelspec.prediction_type"),
                                       &spec->prediction);
  if (own && !named) /* another guess would draw noise */
    g_ptr_array_add (spec->missing, g_strdup_printf (_ ("the network is said to predict “%.40s”, which this version"
                                                        " does not know (epsilon, v, flow)"),
                                                     own));
  /* Empty tensors that trainers leave as marks. */
  if (!named && (inq_weights_has (weights, "v_pred") || inq_weights_has (weights, INQ_UNET_PREFIX "v_pred")))
    spec->prediction = INQ_PREDICTION_V;
  else if (!named && g_str_equal (spec->family->id, "sd2")) {
    if (is_small_sd2 (weights)) {
      spec->prediction = INQ_PREDICTION_EPSILON;
      spec->width = spec->height = 512;
    }
    g_ptr_array_add (
        spec->notes,
        g_strdup_printf (_ ("The file does not say what its network predicts; by its name it is taken to be"
                            " “%s”. If pictures are noise, write \"prediction\": \"%s\" into the model's"
                            " settings (NAME.json beside it)"),
                         inq_prediction_name (spec->prediction),
                         spec->prediction == INQ_PREDICTION_V ? "epsilon" : "v"));
  }
  const char *snr = inq_weights_get_metadata (weights, "inquadra.zero_terminal_snr");
  spec->zero_terminal_snr = snr ? is_true (snr)
                                : inq_weights_has (weights, "ztsnr")
                                      || inq_weights_has (weights, INQ_UNET_PREFIX "ztsnr")
                                      || is_true (inq_weights_get_metadata (weights, "modelspec.zero_terminal_snr"))
                                      || is_true (inq_weights_get_metadata (weights, "ss_zero_terminal_snr"));
  detect_distillation (spec, weights);
}

static double
number_in (InqWeights *weights, const char *key, double max)
{
  const char *text = inq_weights_get_metadata (weights, key);
  double v = text ? g_ascii_strtod (text, NULL) : 0;
  return isfinite (v) ? CLAMP (v, 0, max) : 0;
}

/* A guide that does not fit is no reason to draw without: the picture would be another. */
void
inq_model_spec_find_guide (InqModelSpec *spec, InqWeights *weights)
{
  int patch2 = spec->unet_patch * spec->unet_patch;
  if (!spec->has_unet || !inq_weights_has_any (weights, INQ_GUIDE_PREFIX))
    return;
  spec->guide_start = number_in (weights, "inquadra.guide_start", 1);
  spec->guide_cfg = number_in (weights, "inquadra.guide_cfg", 50);
  spec->guide_width = (int) inq_weights_dim (weights, 1, INQ_GUIDE_PREFIX "time_embed.0.weight");
  if (spec->guide_width <= 0
      || inq_weights_dim (weights, 1, INQ_GUIDE_PREFIX "input_blocks.0.0.weight")
             != (gint64) spec->unet_in_channels * patch2
      || inq_weights_dim (weights, 0, INQ_GUIDE_PREFIX "out.2.weight") != (gint64) spec->latent_channels * patch2
      || inq_weights_dim (weights, 1, INQ_GUIDE_PREFIX "label_emb.0.0.weight") != (gint64) spec->adm_width
      || inq_weights_dim (weights, 1, INQ_GUIDE_PREFIX "time_embed.cond_proj.weight") != (gint64) spec->guidance_embed)
    g_ptr_array_add (
        spec->missing,
        g_strdup_printf (_ ("the network that guides (%s*) does not fit the diffusion network"), INQ_GUIDE_PREFIX));
}

/* Inquadra - model families as data, and what one model's tensors say about its networks.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-family.h"

#include "inq-detect.h"
#include "inq-engine.h"
#include "inq-tokenizer.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNET "model.diffusion_model."
#define VAE  "first_stage_model."

/* CLIP's towers have heads of 64 at every published width. */
#define CLIP_HEAD 64

/* More than published models have, by far: what is beyond is no such model. */
#define MAX_LAYERS    256
#define MAX_POSITIONS 4096
#define MAX_BLOCKS    64
#define MAX_DOWN      512 /* how often smaller a network's sides are than the picture's */

static const InqFamily families[] = {
  { .id = "house",
    .title = "Inquadra house model",
    .prediction = INQ_PREDICTION_FLOW,
    .groups = 16,
    .unet_head_dim = 32,
    .vae_scale = 1,
    .width = 512,
    .height = 288,
    .steps = 20,
    .cfg = 4,
    .sampler = "euler",
    .plain_prompts = TRUE,
    .even = TRUE,
    .mean_pooled = TRUE,
    .n_towers = 1,
    .towers = { { INQ_TOWER_HF,
                  INQ_ACT_QUICK_GELU,
                  INQ_HIDDEN_LAST,
                  INQ_TOKENIZER_PAD_END,
                  FALSE,
                  32,
                  { "cond_stage_model.transformer.text_model." } } } },
  { .id = "sd1",
    .title = "Stable Diffusion 1.x",
    .prediction = INQ_PREDICTION_EPSILON,
    .groups = 32,
    .unet_heads = 8,
    .vae_scale = 0.18215,
    .width = 512,
    .height = 512,
    .steps = 20,
    .cfg = 7,
    .sampler = "dpmpp_2m_karras",
    .n_towers = 1,
    .towers = { { INQ_TOWER_HF,
                  INQ_ACT_QUICK_GELU,
                  INQ_HIDDEN_LAST,
                  INQ_TOKENIZER_PAD_END,
                  FALSE,
                  CLIP_HEAD,
                  { "cond_stage_model.transformer.text_model.", "cond_stage_model.transformer." } } } },
  { .id = "sd2",
    .title = "Stable Diffusion 2.x",
    .prediction = INQ_PREDICTION_V,
    .groups = 32,
    .unet_head_dim = 64,
    .vae_scale = 0.18215,
    .width = 768,
    .height = 768,
    .steps = 20,
    .cfg = 7,
    .sampler = "dpmpp_2m_karras",
    .n_towers = 1,
    .towers = { { INQ_TOWER_OPENCLIP,
                  INQ_ACT_GELU,
                  INQ_HIDDEN_PENULTIMATE_NORMED,
                  0,
                  FALSE,
                  CLIP_HEAD,
                  { "cond_stage_model.model.", "cond_stage_model.transformer.text_model." } } } },
  { .id = "sdxl",
    .title = "Stable Diffusion XL",
    .prediction = INQ_PREDICTION_EPSILON,
    .groups = 32,
    .unet_head_dim = 64,
    .vae_scale = 0.13025,
    .width = 1024,
    .height = 1024,
    .steps = 25,
    .cfg = 6,
    .sampler = "dpmpp_2m_karras",
    .size_ids = TRUE,
    .n_towers = 2,
    .towers = { { INQ_TOWER_HF,
                  INQ_ACT_QUICK_GELU,
                  INQ_HIDDEN_PENULTIMATE,
                  INQ_TOKENIZER_PAD_END,
                  FALSE,
                  CLIP_HEAD,
                  { "conditioner.embedders.0.transformer.text_model.", "cond_stage_model.transformer.text_model." } },
                { INQ_TOWER_OPENCLIP,
                  INQ_ACT_GELU,
                  INQ_HIDDEN_PENULTIMATE,
                  0,
                  TRUE,
                  CLIP_HEAD,
                  { "conditioner.embedders.1.model.", "conditioner.embedders.1.transformer.text_model.",
                    "cond_stage_model.1.transformer.text_model." } } } },
  { .id = "unknown",
    .title = "an unknown family",
    .groups = 32,
    .unet_heads = 8,
    .vae_scale = 1,
    .width = 512,
    .height = 512,
    .steps = 20,
    .cfg = 7,
    .sampler = "euler" },
};

gboolean
inq_weights_has (InqWeights *weights, const char *format, ...)
{
  char name[256];
  va_list args;
  va_start (args, format);
  g_vsnprintf (name, sizeof name, format, args);
  va_end (args);
  return inq_weights_lookup (weights, name) != NULL;
}

gint64
inq_weights_dim (InqWeights *weights, guint dim, const char *format, ...)
{
  char name[256];
  va_list args;
  va_start (args, format);
  g_vsnprintf (name, sizeof name, format, args);
  va_end (args);
  const InqWeight *weight = inq_weights_lookup (weights, name);
  return weight && dim < weight->n_dims ? weight->dims[dim] : 0;
}

gboolean
inq_weights_has_any (InqWeights *weights, const char *format, ...)
{
  char prefix[256];
  va_list args;
  va_start (args, format);
  g_vsnprintf (prefix, sizeof prefix, format, args);
  va_end (args);
  for (guint i = 0; i < inq_weights_get_count (weights); i++)
    if (g_str_has_prefix (inq_weights_get (weights, i)->name, prefix))
      return TRUE;
  return FALSE;
}

static const InqFamily *
family_by_id (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_strcmp0 (families[i].id, id) == 0)
      return &families[i];
  return NULL;
}

/* What the network listens to. */
static int
context_width (InqWeights *weights)
{
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *weight = inq_weights_get (weights, i);
    if (g_str_has_prefix (weight->name, UNET) && g_str_has_suffix (weight->name, "attn2.to_k.weight")
        && weight->n_dims == 2)
      return (int) MIN (weight->dims[1], G_MAXINT);
  }
  return 0;
}

/* (nullable) What leads into one of the network's transformers: a 1 x 1 convolution, or a matrix. */
static const InqWeight *
transformer_projection (InqWeights *weights)
{
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *weight = inq_weights_get (weights, i);
    if (g_str_has_prefix (weight->name, UNET "input_blocks.") && g_str_has_suffix (weight->name, ".proj_in.weight"))
      return weight;
  }
  return NULL;
}

/* By what is there: metadata, vector conditioning, the tower's layout, the kind of projection in the transformer. */
static const InqFamily *
recognise (InqWeights *weights)
{
  const InqFamily *named = family_by_id (inq_weights_get_metadata (weights, "inquadra.family"));
  if (named)
    return named;
  if (inq_weights_has (weights, UNET "label_emb.0.0.weight") || inq_weights_has_any (weights, "conditioner.embedders.")
      || inq_weights_has_any (weights, "cond_stage_model.1."))
    return family_by_id ("sdxl");
  const InqWeight *projection = transformer_projection (weights);
  gboolean convolves = projection && projection->n_dims == 4;
  if (inq_weights_has_any (weights, "cond_stage_model.model.") || (context_width (weights) == 1024 && !convolves))
    return family_by_id ("sd2");
  if (inq_weights_has_any (weights, "cond_stage_model.transformer."))
    return family_by_id ("sd1");
  return family_by_id (!projection ? "unknown" : convolves ? "sd1" : "sd2");
}

static void miss (InqModelSpec *spec, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
miss (InqModelSpec *spec, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_ptr_array_add (spec->missing, g_strdup_vprintf (format, args));
  va_end (args);
}

/* ---- towers ---- */

/* The first of the NULL-terminated candidates that @weights has after @prefix, as prefix + candidate. */
static char *
pick_name (InqWeights *weights, const char *prefix, const char *suffix, const char *const *candidates)
{
  for (guint i = 0; candidates[i]; i++)
    if (inq_weights_has (weights, "%s%s%s", prefix, candidates[i], suffix))
      return g_strconcat (prefix, candidates[i], NULL);
  return NULL;
}

static gboolean
read_tower (InqWeights *weights, const InqTowerFacts *facts, const char *prefix, gboolean ends_early, InqTowerSpec *out)
{
  static const char *const layers_hf[] = { "encoder.layers.", NULL };
  static const char *const layers_open[] = { "transformer.resblocks.", "resblocks.", NULL };
  static const char *const norms[] = { "final_layer_norm", "ln_final", "text_model.final_layer_norm", NULL };
  static const char *const tokens[] = { "embeddings.token_embedding.weight", "token_embedding.weight",
                                        "text_model.embeddings.token_embedding.weight", NULL };
  static const char *const positions[] = { "embeddings.position_embedding.weight", "positional_embedding",
                                           "text_model.embeddings.position_embedding.weight", NULL };
  static const char *const projections[] = { "text_projection", "text_projection.weight", NULL };
  InqTowerSpec t = { .facts = *facts };
  t.token_table = pick_name (weights, prefix, "", tokens);
  t.position_table = pick_name (weights, prefix, "", positions);
  t.final_norm = pick_name (weights, prefix, ".weight", norms);
  t.layer_prefix = pick_name (weights, prefix, "0.layer_norm1.weight", layers_hf);
  t.facts.layout = t.layer_prefix ? INQ_TOWER_HF : INQ_TOWER_OPENCLIP;
  if (!t.layer_prefix)
    t.layer_prefix = pick_name (weights, prefix, "0.ln_1.weight", layers_open);
  if (!t.token_table || !t.position_table || !t.final_norm || !t.layer_prefix
      || inq_weights_dim (weights, 0, "%s", t.position_table) > MAX_POSITIONS) {
    g_free (t.token_table);
    g_free (t.position_table);
    g_free (t.final_norm);
    g_free (t.layer_prefix);
    return FALSE;
  }
  t.prefix = g_strdup (prefix);
  t.n_ids = (int) inq_weights_dim (weights, 0, "%s", t.token_table);
  t.width = (int) inq_weights_dim (weights, 1, "%s", t.token_table);
  t.positions = (int) inq_weights_dim (weights, 0, "%s", t.position_table);
  t.heads = MAX (1, t.width / facts->head_dim);
  while (t.layers < MAX_LAYERS && inq_weights_has_any (weights, "%s%d.", t.layer_prefix, t.layers))
    t.layers++;
  /* Converters of SD 2 leave out the tower's last layer, which is not used. */
  t.last_left_out = facts->context == INQ_HIDDEN_PENULTIMATE_NORMED && (t.layers == 23 || ends_early);
  t.pooled_width = t.width;
  g_autofree char *projection = facts->project ? pick_name (weights, prefix, "", projections) : NULL;
  if (facts->project && !projection && g_str_has_suffix (prefix, "text_model.")) {
    /* transformers keeps it beside the tower, not in it */
    g_autofree char *outer = g_strndup (prefix, strlen (prefix) - strlen ("text_model."));
    projection = pick_name (weights, outer, "", projections);
  }
  t.projection_is_linear = projection && g_str_has_suffix (projection, ".weight");
  if (projection && inq_weights_dim (weights, t.projection_is_linear ? 1 : 0, "%s", projection) == t.width
      && inq_weights_lookup (weights, projection)->n_dims == 2) {
    t.pooled_width = (int) inq_weights_dim (weights, t.projection_is_linear ? 0 : 1, "%s", projection);
    t.text_projection = g_steal_pointer (&projection);
  }
  *out = t;
  return TRUE;
}

/* What a diffusers folder's configurations say of tower @i. Whether its last layer's state is the one to use. */
static gboolean
read_tower_metadata (InqWeights *weights, guint i, InqTowerFacts *facts)
{
  char key[40];
  g_snprintf (key, sizeof key, "inquadra.tower%u.head_dim", i);
  const char *value = inq_weights_get_metadata (weights, key);
  if (value)
    facts->head_dim = CLAMP (atoi (value), 1, 1024);
  g_snprintf (key, sizeof key, "inquadra.tower%u.act", i);
  value = inq_weights_get_metadata (weights, key);
  if (value)
    facts->act = g_str_equal (value, "quick_gelu") ? INQ_ACT_QUICK_GELU : INQ_ACT_GELU;
  g_snprintf (key, sizeof key, "inquadra.tower%u.context", i);
  return g_strcmp0 (inq_weights_get_metadata (weights, key), "last") == 0;
}

static void
read_towers (InqModelSpec *spec, InqWeights *weights)
{
  for (guint i = 0; i < spec->family->n_towers; i++) {
    const InqTowerFacts *facts = &spec->family->towers[i];
    InqTowerFacts own = *facts;
    const char *value = inq_weights_get_metadata (weights, "inquadra.text.head_dim");
    if (value)
      own.head_dim = CLAMP (atoi (value), 1, 1024);
    value = inq_weights_get_metadata (weights, "inquadra.text.act");
    if (value)
      own.act = g_str_equal (value, "gelu") ? INQ_ACT_GELU : INQ_ACT_QUICK_GELU;
    gboolean ends_early = read_tower_metadata (weights, i, &own);
    gboolean found = FALSE;
    for (guint c = 0; !found && c < G_N_ELEMENTS (own.prefixes) && own.prefixes[c]; c++)
      found = read_tower (weights, &own, own.prefixes[c], ends_early, &spec->towers[spec->n_towers]);
    if (found)
      spec->n_towers++;
    else
      miss (
          spec,
          _ ("the text tower (%s*) is not in the file: pictures cannot be told what to show. Put it beside the model as"
             " NAME.%s.safetensors (%s.safetensors in a model's own folder)"),
          own.prefixes[0], i == 0 ? "tower" : "tower2", i == 0 ? "tower" : "tower2");
  }
}

/* ---- UNet and autoencoder ---- */

static void
read_unet (InqModelSpec *spec, InqWeights *weights)
{
  spec->has_unet = inq_weights_has (weights, UNET "input_blocks.0.0.weight")
                   && inq_weights_has (weights, UNET "out.2.weight");
  if (!spec->has_unet) {
    miss (spec, _ ("the diffusion network (%s*) is not in the file"), UNET);
    return;
  }
  int patch2 = spec->unet_patch * spec->unet_patch;
  spec->unet_width = (int) inq_weights_dim (weights, 1, UNET "time_embed.0.weight");
  spec->latent_channels = (int) inq_weights_dim (weights, 0, UNET "out.2.weight") / patch2;
  spec->adm_width = (int) inq_weights_dim (weights, 1, UNET "label_emb.0.0.weight");
  spec->unet_down = spec->unet_patch;
  /* the blocks that unet.c walks */
  for (int i = 1; i < MAX_BLOCKS && inq_weights_has_any (weights, UNET "input_blocks.%d.0.", i); i++)
    if (spec->unet_down <= MAX_DOWN && inq_weights_has_any (weights, UNET "input_blocks.%d.0.op.", i))
      spec->unet_down *= 2;
  spec->context_width = context_width (weights);
  gint64 in = inq_weights_dim (weights, 1, UNET "input_blocks.0.0.weight");
  spec->inpaint = in == (gint64) (2 * spec->latent_channels + 1) * patch2;
  spec->unet_in_channels = spec->inpaint ? 2 * spec->latent_channels + 1 : spec->latent_channels;
  spec->guidance_embed = (int) inq_weights_dim (weights, 1, UNET "time_embed.cond_proj.weight");
  if (spec->latent_channels <= 0 || spec->unet_width <= 0 || spec->context_width <= 0)
    miss (spec, _ ("the diffusion network's tensors do not fit together"));
  else if (in != (gint64) spec->unet_in_channels * patch2)
    miss (spec, _ ("the network takes %d channels and gives %d: editing networks are not supported in this version"),
          (int) in, spec->latent_channels * patch2);
  int size_ids = spec->family->size_ids ? 6 * 256
                                        : 0; /* SDXL's vector: the pooled state, then six sizes as sinusoids */
  if (spec->adm_width > 0 && spec->n_towers == spec->family->n_towers && spec->n_towers > 0
      && spec->adm_width != spec->towers[spec->n_towers - 1].pooled_width + size_ids)
    miss (
        spec,
        _ ("the network's vector conditioning is %d wide where %d belong: refiners are not supported in this version"),
        spec->adm_width, spec->towers[spec->n_towers - 1].pooled_width + size_ids);
  gint64 towers = 0;
  for (guint i = 0; i < spec->n_towers; i++)
    towers += spec->towers[i].width;
  if (spec->n_towers == spec->family->n_towers && towers != spec->context_width)
    miss (spec, _ ("the text tower is %d wide, the network listens to %d"), (int) towers, spec->context_width);
}

static void
read_autoencoder (InqModelSpec *spec, InqWeights *weights)
{
  spec->has_decoder = inq_weights_has (weights, VAE "decoder.conv_in.weight")
                      && inq_weights_has (weights, VAE "decoder.conv_out.weight");
  spec->has_encoder = inq_weights_has (weights, VAE "encoder.conv_in.weight")
                      && inq_weights_has (weights, VAE "encoder.conv_out.weight");
  int patch2 = spec->vae_patch * spec->vae_patch;
  spec->vae_down = spec->vae_patch;
  spec->vae_channels = 3;
  if (!spec->has_decoder) {
    miss (spec,
          _ ("the autoencoder (%s*) is not in the file: latents cannot become pictures. Put one beside the model as"
             " NAME.vae.safetensors (vae.safetensors in a model's own folder)"),
          VAE "decoder.");
    return;
  }
  for (int i = 0; i < MAX_BLOCKS && inq_weights_has_any (weights, VAE "decoder.up.%d.", i); i++)
    if (spec->vae_down <= MAX_DOWN && inq_weights_has_any (weights, VAE "decoder.up.%d.upsample.", i))
      spec->vae_down *= 2;
  spec->vae_channels = (int) inq_weights_dim (weights, 0, VAE "decoder.conv_out.weight") / patch2;
  int z = (int) inq_weights_dim (weights, 1, VAE "decoder.conv_in.weight");
  if (!spec->has_unet)
    spec->latent_channels = z;
  else if (z != spec->latent_channels)
    miss (spec, _ ("the autoencoder has %d latent channels, the network %d"), z, spec->latent_channels);
  if (spec->vae_channels != 1 && spec->vae_channels != 3)
    miss (spec, _ ("the autoencoder gives %d colour channels"), spec->vae_channels);
  if (spec->has_encoder) {
    gint64 out = inq_weights_has (weights, VAE "quant_conv.weight")
                     ? inq_weights_dim (weights, 0, VAE "quant_conv.weight")
                     : inq_weights_dim (weights, 0, VAE "encoder.conv_out.weight");
    spec->vae_mean_only = out == z;
    if (out != z && out != 2 * z)
      spec->has_encoder = FALSE;
  }
}

/* ---- metadata ---- */

static void
read_int (InqWeights *weights, const char *key, int min, int max, int *value)
{
  const char *text = inq_weights_get_metadata (weights, key);
  if (text)
    *value = (int) CLAMP (g_ascii_strtoll (text, NULL, 10), min, max);
}

static void
read_double (InqWeights *weights, const char *key, double min, double max, double *value)
{
  const char *text = inq_weights_get_metadata (weights, key);
  if (!text)
    return;
  double v = g_ascii_strtod (text, NULL);
  if (isfinite (v))
    *value = CLAMP (v, min, max);
}

/* What the networks need to know to be read. */
static void
read_geometry (InqModelSpec *spec, InqWeights *weights)
{
  read_int (weights, "inquadra.unet.patch", 1, 8, &spec->unet_patch);
  read_int (weights, "inquadra.unet.heads", 0, 1024, &spec->unet_heads);
  read_int (weights, "inquadra.unet.head_dim", 1, 1024, &spec->unet_head_dim);
  read_int (weights, "inquadra.vae.patch", 1, 16, &spec->vae_patch);
  read_int (weights, "inquadra.groups", 1, 256, &spec->groups);
  read_double (weights, "inquadra.vae.scale", 1e-6, 1e6, &spec->vae_scale);
  read_double (weights, "inquadra.vae.shift", -1e6, 1e6, &spec->vae_shift);
}

/* An autoencoder that was put in the place of the model's own. Those of Stable Diffusion 1 and XL have the same shapes,
 * but latents of another size: pictures come out grey or burnt, and nothing fails. */
static void
check_other_autoencoder (InqModelSpec *spec, InqWeights *weights)
{
  const char *name = inq_weights_get_metadata (weights, INQ_OTHER_VAE);
  const InqFamily *likely = family_by_id (inq_weights_get_metadata (weights, INQ_OTHER_VAE_FAMILY));
  double stated = spec->vae_scale;
  if (!name)
    return;
  read_double (weights, INQ_OTHER_VAE_SCALE, 1e-6, 1e6, &stated);
  if (fabs (stated / spec->vae_scale - 1) > 0.01)
    miss (spec,
          _ ("the autoencoder “%s” says that its latents are scaled by %g, the network draws such as are scaled by %g:"
             " take one that belongs to the model, or, where the network was trained with this one, write"
             " \"vae_scale\": %g into the model's settings (NAME.json beside it)"),
          name, stated, spec->vae_scale, stated);
  else if (likely && !g_str_equal (likely->id, "sdxl") != !g_str_equal (spec->family->id, "sdxl"))
    g_ptr_array_add (spec->notes,
                     g_strdup_printf (_ ("By its name the autoencoder “%s” belongs to %s, not to %s: their shapes are"
                                         " the same, so it is used, with latents scaled by %g. If pictures are grey or"
                                         " burnt, take another, or write its \"vae_scale\" into the model's settings"
                                         " (NAME.json beside it)"),
                                      name, likely->title, spec->family->title, spec->vae_scale));
}

static const char *const perturb_names[] = { "none", "middle", "all" };

gboolean
inq_perturb_from_name (const char *name, InqPerturb *perturb)
{
  for (guint i = 0; i < G_N_ELEMENTS (perturb_names); i++)
    if (g_strcmp0 (name, perturb_names[i]) == 0) {
      *perturb = i;
      return TRUE;
    }
  return FALSE;
}

const char *
inq_perturb_name (InqPerturb perturb)
{
  return perturb_names[perturb];
}

/* What the file wants to be drawn with, over what its kind suggests. */
static void
read_defaults (InqModelSpec *spec, InqWeights *weights)
{
  read_int (weights, "inquadra.steps", 1, 150, &spec->steps);
  read_double (weights, "inquadra.cfg", 1, 50, &spec->cfg);
  read_double (weights, "inquadra.negative_cfg", 1, 100, &spec->negative_cfg);
  spec->guidance_end = 1;
  read_double (weights, "inquadra.guidance_end", 1e-3, 1, &spec->guidance_end);
  inq_perturb_from_name (inq_weights_get_metadata (weights, "inquadra.perturb"), &spec->perturb);
  read_double (weights, "inquadra.flow_shift", 1e-3, 1e3, &spec->flow_shift);
  const char *sampler = inq_weights_get_metadata (weights, "inquadra.sampler");
  const char *name, *schedule;
  if (sampler && inq_sampler_split (sampler, &name, &schedule)) { /* what this version does not know is not taken */
    g_free (spec->sampler);
    spec->sampler = g_strdup (sampler);
  }
  const char *size = inq_weights_get_metadata (weights, "inquadra.size");
  int width, height;
  if (size && sscanf (size, "%dx%d", &width, &height) == 2 && width >= 8 && height >= 8 && width <= 16384
      && height <= 16384) {
    spec->width = width;
    spec->height = height;
  }
}

InqModelSpec *
inq_model_spec_new (InqWeights *weights)
{
  InqModelSpec *spec = g_new0 (InqModelSpec, 1);
  const InqFamily *family = recognise (weights);
  *spec = (InqModelSpec){
    .family = family,
    .prediction = family->prediction,
    .flow_shift = 1,
    .groups = family->groups,
    .unet_heads = family->unet_heads,
    .unet_head_dim = family->unet_head_dim,
    .unet_patch = 1,
    .unet_down = 1,
    .vae_patch = 1,
    .vae_scale = family->vae_scale,
    .vae_shift = family->vae_shift,
    .width = family->width,
    .height = family->height,
    .steps = family->steps,
    .cfg = family->cfg,
    .sampler = g_strdup (family->sampler),
    .missing = g_ptr_array_new_with_free_func (g_free),
    .notes = g_ptr_array_new_with_free_func (g_free),
  };
  if (g_str_equal (family->id, "unknown")) {
    miss (spec, _ ("this is no kind of model this version knows (Stable Diffusion 1.x, 2.x and XL single files, or the"
                   " house model)"));
    return spec;
  }
  read_geometry (spec, weights);
  read_towers (spec, weights);
  read_unet (spec, weights);
  inq_model_spec_find_guide (spec, weights);
  read_autoencoder (spec, weights);
  if (spec->vae_down * spec->unet_down > MAX_DOWN)
    miss (spec, _ ("the networks shrink sides %d times, this version takes at most %d"),
          spec->vae_down * spec->unet_down, MAX_DOWN);
  check_other_autoencoder (spec, weights);
  inq_model_spec_detect (spec, weights);
  read_defaults (spec, weights);
  return spec;
}

void
inq_model_spec_free (InqModelSpec *spec)
{
  if (!spec)
    return;
  for (guint i = 0; i < spec->n_towers; i++) {
    InqTowerSpec *tower = &spec->towers[i];
    g_free (tower->prefix);
    g_free (tower->token_table);
    g_free (tower->position_table);
    g_free (tower->final_norm);
    g_free (tower->text_projection);
    g_free (tower->layer_prefix);
  }
  g_free (spec->sampler);
  g_ptr_array_unref (spec->missing);
  g_ptr_array_unref (spec->notes);
  g_free (spec);
}

int
inq_model_spec_get_multiple (const InqModelSpec *spec)
{
  /* folding needs whole folds; halving takes odd sides, as diffusers' networks do */
  return spec->vae_down * (spec->family->even ? spec->unet_down : spec->unet_patch);
}

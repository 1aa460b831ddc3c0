/* Inquadra - names of tensors: what a file's parts are called, and their single-file (LDM) names.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pairs follow diffusers' convert_original_stable_diffusion_to_diffusers.py, which goes the other way. */
#include "config.h"

#include "inq-key-map.h"

#include <stdio.h>
#include <string.h>

#define MAX_BLOCKS 16

const char *const inq_tower_prefixes[2] = { "cond_stage_model.transformer.text_model.",
                                            "cond_stage_model.1.transformer.text_model." };

/* diffusers' name and the single-file one: the longest that a name begins with is replaced, the rest stays. */
typedef struct {
  const char *from, *to;
} Pair;

static const Pair unet_top[] = {
  { "conv_in.", "input_blocks.0.0." },
  { "time_embedding.linear_1.", "time_embed.0." },
  { "time_embedding.linear_2.", "time_embed.2." },
  { "time_embedding.cond_proj.", "time_embed.cond_proj." },
  { "add_embedding.linear_1.", "label_emb.0.0." },
  { "add_embedding.linear_2.", "label_emb.0.2." },
  { "conv_norm_out.", "out.0." },
  { "conv_out.", "out.2." },
  { "mid_block.resnets.0.", "middle_block.0." },
  { "mid_block.attentions.0.", "middle_block.1." },
  { "mid_block.resnets.1.", "middle_block.2." },
};
static const Pair unet_res[] = {
  { "norm1.", "in_layers.0." },  { "conv1.", "in_layers.2." },  { "time_emb_proj.", "emb_layers.1." },
  { "norm2.", "out_layers.0." }, { "conv2.", "out_layers.3." }, { "conv_shortcut.", "skip_connection." },
};
static const Pair vae_top[] = {
  { "mid_block.resnets.0.", "mid.block_1." },
  { "mid_block.resnets.1.", "mid.block_2." },
  { "mid_block.attentions.0.", "mid.attn_1." },
  { "conv_norm_out.", "norm_out." },
};
static const Pair vae_res[] = { { "conv_shortcut.", "nin_shortcut." } };
/* Both generations of attention names. */
static const Pair vae_attention[] = {
  { "group_norm.", "norm." },
  { "query.", "q." },
  { "key.", "k." },
  { "value.", "v." },
  { "to_q.", "q." },
  { "to_k.", "k." },
  { "to_v.", "v." },
  { "to_out.0.", "proj_out." },
  { "proj_attn.", "proj_out." },
};
static const Pair tower_top[] = {
  { "text_model.", "" },
  { "text_projection.", "text_projection." },
};

typedef struct {
  InqKeyStyle style;
  guint tower;
  const char *const *drop;
  /* of the UNet: first number of each level's blocks; of the autoencoder: levels of the decoder */
  int down[MAX_BLOCKS + 1], up[MAX_BLOCKS + 1];
  gboolean up_attention[MAX_BLOCKS]; /* beside the last res block */
  int n_up;
} Map;

/* @rest after the pair that fits, to @out; the name as it is where none does. */
static gboolean
apply (const Pair *pairs, guint n, const char *name, const char *prefix, char *out)
{
  const char *to = "";
  for (guint i = 0; i < n; i++)
    if (g_str_has_prefix (name, pairs[i].from)) {
      to = pairs[i].to;
      name += strlen (pairs[i].from);
      break;
    }
  return g_snprintf (out, INQ_MAX_NAME + 1, "%s%s%s", prefix, to, name) <= INQ_MAX_NAME;
}
#define APPLY(pairs, name, prefix, out) apply (pairs, G_N_ELEMENTS (pairs), name, prefix, out)

/* "3.rest" -> 3, rest; FALSE where no small number stands. */
static gboolean
take_number (const char **text, int *value)
{
  const char *p = *text;
  int v = 0, n = 0;
  for (; g_ascii_isdigit (p[n]) && n < 3; n++)
    v = v * 10 + (p[n] - '0');
  if (n == 0 || p[n] != '.')
    return FALSE;
  *text = p + n + 1;
  *value = v;
  return TRUE;
}

static gboolean
take_word (const char **text, const char *word)
{
  if (!g_str_has_prefix (*text, word))
    return FALSE;
  *text += strlen (word);
  return TRUE;
}

/* "down_blocks.1.resnets.0.rest": level, kind ("resnets.") and number. */
static gboolean
take_block (const char **text, const char *list, int *level, const char **kind, int *number)
{
  static const char *const kinds[] = { "resnets.", "attentions.", "downsamplers.", "upsamplers." };
  const char *p = *text;
  if (!take_word (&p, list) || !take_number (&p, level) || *level >= MAX_BLOCKS)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (take_word (&p, kinds[i]) && take_number (&p, number) && *number < MAX_BLOCKS) {
      *kind = kinds[i];
      *text = p;
      return TRUE;
    }
  return FALSE;
}

/* Counts what the levels hold, in all files of the part. */
static void
measure (Map *map, GPtrArray *files)
{
  int down[MAX_BLOCKS] = { 0 }, up[MAX_BLOCKS] = { 0 };
  int last_attention[MAX_BLOCKS] = { 0 }; /* number + 1 */
  gboolean sampler[MAX_BLOCKS] = { FALSE };
  gboolean vae = map->style == INQ_KEYS_VAE_DIFFUSERS;
  for (guint f = 0; f < files->len; f++)
    for (guint i = 0; i < inq_weights_get_count (files->pdata[f]); i++) {
      const char *name = inq_weights_get (files->pdata[f], i)->name, *kind;
      int level, number;
      if (vae && !take_word (&name, "decoder."))
        continue;
      if (take_block (&name, "down_blocks.", &level, &kind, &number)) {
        if (g_str_equal (kind, "resnets."))
          down[level] = MAX (down[level], number + 1);
        else if (g_str_equal (kind, "downsamplers."))
          sampler[level] = TRUE;
      } else if (take_block (&name, "up_blocks.", &level, &kind, &number)) {
        map->n_up = MAX (map->n_up, level + 1);
        if (g_str_equal (kind, "resnets."))
          up[level] = MAX (up[level], number + 1);
        else if (g_str_equal (kind, "attentions."))
          last_attention[level] = MAX (last_attention[level], number + 1);
      }
    }
  map->down[0] = 1; /* input_blocks.0 is the first convolution */
  for (int i = 0; i < MAX_BLOCKS; i++) {
    map->down[i + 1] = map->down[i] + down[i] + (sampler[i] ? 1 : 0);
    map->up[i + 1] = map->up[i] + up[i];
    map->up_attention[i] = last_attention[i] > 0 && last_attention[i] == up[i];
  }
}

static gboolean
rename_unet (const Map *map, const char *name, char *out)
{
  char prefix[96];
  const char *kind, *rest = name;
  int level, number;
  if (take_block (&rest, "down_blocks.", &level, &kind, &number)) {
    gboolean attention = g_str_equal (kind, "attentions.");
    if (g_str_equal (kind, "downsamplers.")) {
      g_snprintf (prefix, sizeof prefix, INQ_UNET_PREFIX "input_blocks.%d.0.op.", map->down[level + 1] - 1);
      return take_word (&rest, "conv.") && APPLY (unet_res, rest, prefix, out);
    }
    g_snprintf (prefix, sizeof prefix, INQ_UNET_PREFIX "input_blocks.%d.%d.", map->down[level] + number, attention);
    return attention ? apply (NULL, 0, rest, prefix, out) : APPLY (unet_res, rest, prefix, out);
  }
  if (take_block (&rest, "up_blocks.", &level, &kind, &number)) {
    gboolean attention = g_str_equal (kind, "attentions.");
    if (g_str_equal (kind, "upsamplers.")) {
      g_snprintf (prefix, sizeof prefix, INQ_UNET_PREFIX "output_blocks.%d.%d.", map->up[level + 1] - 1,
                  map->up_attention[level] ? 2 : 1);
      return apply (NULL, 0, rest, prefix, out);
    }
    g_snprintf (prefix, sizeof prefix, INQ_UNET_PREFIX "output_blocks.%d.%d.", map->up[level] + number, attention);
    return attention ? apply (NULL, 0, rest, prefix, out) : APPLY (unet_res, rest, prefix, out);
  }
  char inner[INQ_MAX_NAME + 1];
  if (!APPLY (unet_top, name, INQ_UNET_PREFIX, inner))
    return FALSE;
  /* The names within the two blocks in the middle. */
  for (int i = 0; i <= 2; i += 2) {
    g_snprintf (prefix, sizeof prefix, INQ_UNET_PREFIX "middle_block.%d.", i);
    if (g_str_has_prefix (inner, prefix))
      return APPLY (unet_res, inner + strlen (prefix), prefix, out);
  }
  g_strlcpy (out, inner, INQ_MAX_NAME + 1);
  return TRUE;
}

static gboolean
rename_vae (const Map *map, const char *name, char *out)
{
  char prefix[96];
  const char *kind, *rest = name, *side = NULL;
  int level, number;
  if (take_word (&rest, "encoder."))
    side = "encoder";
  else if (take_word (&rest, "decoder."))
    side = "decoder";
  if (!side)
    return apply (NULL, 0, name, INQ_VAE_PREFIX, out);
  if (take_block (&rest, "down_blocks.", &level, &kind, &number)
      || take_block (&rest, "up_blocks.", &level, &kind, &number)) {
    gboolean up = g_str_has_prefix (name + 8, "up_blocks.");
    const char *list = up ? "up" : "down";
    if (up) /* the levels of the decoder are counted from the picture */
      level = map->n_up - 1 - level;
    if (g_str_equal (kind, "resnets.")) {
      g_snprintf (prefix, sizeof prefix, INQ_VAE_PREFIX "%s.%s.%d.block.%d.", side, list, level, number);
      return APPLY (vae_res, rest, prefix, out);
    }
    g_snprintf (prefix, sizeof prefix, INQ_VAE_PREFIX "%s.%s.%d.%ssample.", side, list, level, list);
    return !g_str_equal (kind, "attentions.") && apply (NULL, 0, rest, prefix, out);
  }
  char inner[INQ_MAX_NAME + 1];
  g_snprintf (prefix, sizeof prefix, INQ_VAE_PREFIX "%s.", side);
  if (!APPLY (vae_top, rest, prefix, inner))
    return FALSE;
  g_snprintf (prefix, sizeof prefix, INQ_VAE_PREFIX "%s.mid.attn_1.", side);
  if (g_str_has_prefix (inner, prefix))
    return APPLY (vae_attention, inner + strlen (prefix), prefix, out);
  if (strstr (inner, ".mid.block_")) {
    g_strlcpy (prefix, inner, strlen (INQ_VAE_PREFIX "decoder.mid.block_1.") + 1);
    return APPLY (vae_res, inner + strlen (prefix), prefix, out);
  }
  g_strlcpy (out, inner, INQ_MAX_NAME + 1);
  return TRUE;
}

static gboolean
rename_any (const InqWeight *weight, char out[INQ_MAX_NAME + 1], gpointer data)
{
  const Map *map = data;
  const char *name = weight->name;
  gboolean good = TRUE;
  switch (map->style) {
  case INQ_KEYS_UNET:
    good = apply (NULL, 0, name, INQ_UNET_PREFIX, out);
    break;
  case INQ_KEYS_UNET_DIFFUSERS:
    good = rename_unet (map, name, out);
    break;
  case INQ_KEYS_VAE:
    good = apply (NULL, 0, name, INQ_VAE_PREFIX, out);
    break;
  case INQ_KEYS_VAE_DIFFUSERS:
    good = rename_vae (map, name, out);
    break;
  case INQ_KEYS_TOWER_HF:
    /* position_ids are numbers 0, 1, .. that old files hold */
    good = !g_str_has_suffix (name, ".position_ids") && APPLY (tower_top, name, inq_tower_prefixes[map->tower], out);
    break;
  case INQ_KEYS_TOWER_OPENCLIP:
    good = apply (NULL, 0, name, map->tower ? "conditioner.embedders.1.model." : "cond_stage_model.model.", out);
    break;
  default:
    good = apply (NULL, 0, name, "", out);
    break;
  }
  for (guint i = 0; good && map->drop && map->drop[i]; i++)
    good = !g_str_has_prefix (out, map->drop[i]);
  return good;
}

InqKeyStyle
inq_keys_recognise (InqWeights *weights)
{
  static const struct {
    const char *prefix;
    InqKeyStyle style;
  } signs[] = {
    /* whole files first: a bare autoencoder's names are no part of theirs */
    { INQ_UNET_PREFIX, INQ_KEYS_LDM },
    { INQ_VAE_PREFIX, INQ_KEYS_LDM },
    { "cond_stage_model.", INQ_KEYS_LDM },
    { "conditioner.embedders.", INQ_KEYS_LDM },
    { "input_blocks.0.0.", INQ_KEYS_UNET },
    { "down_blocks.0.resnets.", INQ_KEYS_UNET_DIFFUSERS },
    { "time_embedding.linear_1.", INQ_KEYS_UNET_DIFFUSERS },
    { "decoder.mid.block_1.", INQ_KEYS_VAE },
    { "encoder.mid.block_1.", INQ_KEYS_VAE },
    { "decoder.mid_block.", INQ_KEYS_VAE_DIFFUSERS },
    { "encoder.mid_block.", INQ_KEYS_VAE_DIFFUSERS },
    { "text_model.encoder.layers.", INQ_KEYS_TOWER_HF },
    { "transformer.resblocks.", INQ_KEYS_TOWER_OPENCLIP },
    { "3.conv.0.", INQ_KEYS_TINY },
  };
  guint best = G_N_ELEMENTS (signs);
  for (guint i = 0; i < inq_weights_get_count (weights); i++)
    for (guint s = 0; s < best; s++)
      if (g_str_has_prefix (inq_weights_get (weights, i)->name, signs[s].prefix))
        best = s;
  return best < G_N_ELEMENTS (signs) ? signs[best].style : INQ_KEYS_UNKNOWN;
}

gboolean
inq_keys_join (InqWeights *joined, GPtrArray *files, InqKeyStyle style, guint tower, const char *const *drop,
               GError **error)
{
  Map map = { .style = style, .tower = MIN (tower, 1), .drop = drop };
  measure (&map, files);
  for (guint i = 0; i < files->len; i++)
    if (!inq_weights_join (joined, files->pdata[i], rename_any, &map, FALSE, error))
      return FALSE;
  return TRUE;
}

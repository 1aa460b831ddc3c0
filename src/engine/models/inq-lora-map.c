/* Inquadra - which of a model's tensors a LoRA's modules change.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-lora-map.h"

#include <string.h>

#define UNET       "model.diffusion_model."
#define MAX_BLOCKS 64

/* Single-file names within a layer, and diffusers' names. Where none matches the two are the same. */
typedef struct {
  const char *ldm, *diffusers;
} Pair;

static const Pair in_res[] = {
  { "in_layers.0", "norm1" },  { "in_layers.2", "conv1" },  { "emb_layers.1", "time_emb_proj" },
  { "out_layers.0", "norm2" }, { "out_layers.3", "conv2" }, { "skip_connection", "conv_shortcut" },
};
static const Pair in_unet[] = {
  { "time_embed.0", "time_embedding.linear_1" },
  { "time_embed.2", "time_embedding.linear_2" },
  { "label_emb.0.0", "add_embedding.linear_1" },
  { "label_emb.0.2", "add_embedding.linear_2" },
  { "input_blocks.0.0", "conv_in" },
  { "out.2", "conv_out" },
};
/* OpenCLIP's names and those of the other towers, which LoRA files use for both. */
static const Pair in_openclip[] = {
  { "attn.out_proj", "self_attn.out_proj" },
  { "mlp.c_fc", "mlp.fc1" },
  { "mlp.c_proj", "mlp.fc2" },
};

static void
add (GHashTable *map, const char *name, const InqWeight *weight, gint64 first, gint64 count, gboolean transposed)
{
  InqLoraTarget target = { weight, first, count, transposed };
  char *key = g_strdelimit (g_strdup (name), ".", '_');
  if (g_hash_table_contains (map, key))
    g_free (key);
  else
    g_hash_table_insert (map, key, g_memdup2 (&target, sizeof target));
}

static const char *
translate (const Pair *pairs, guint n, const char *ldm)
{
  for (guint i = 0; i < n; i++)
    if (g_str_equal (pairs[i].ldm, ldm))
      return pairs[i].diffusers;
  return ldm;
}

/* ---- the UNet ---- */

typedef struct {
  InqWeights *weights;
  GHashTable *map;
  int level, resnets, attentions; /* within a level */
} Walk;

/* The matrices of the layer @ldm ("input_blocks.4.1") under the name @diffusers. */
static void
add_layer (Walk *k, const char *ldm, const char *diffusers, const Pair *pairs, guint n)
{
  g_autofree char *prefix = g_strconcat (UNET, ldm, ".", NULL);
  for (guint i = 0; i < inq_weights_get_count (k->weights); i++) {
    const InqWeight *w = inq_weights_get (k->weights, i);
    if (w->n_dims < 2 || !g_str_has_prefix (w->name, prefix) || !g_str_has_suffix (w->name, ".weight"))
      continue;
    g_autofree char *inner = g_strndup (w->name + strlen (prefix), strlen (w->name + strlen (prefix)) - 7);
    g_autofree char *name = g_strconcat ("unet_", diffusers, ".", translate (pairs, n, inner), NULL);
    add (k->map, name, w, 0, w->dims[0], FALSE);
  }
}

/* Entry @j of block @i of @list; FALSE when there is none. @side: "down" or "up". */
static gboolean
add_entry (Walk *k, const char *list, const char *side, int i, int j)
{
  g_autofree char *ldm = g_strdup_printf ("%s.%d.%d", list, i, j);
  g_autofree char *name = NULL;
  const Pair *pairs = NULL;
  guint n = 0;
  if (inq_weights_has (k->weights, UNET "%s.in_layers.0.weight", ldm)) {
    name = g_strdup_printf ("%s_blocks.%d.resnets.%d", side, k->level, k->resnets++);
    pairs = in_res;
    n = G_N_ELEMENTS (in_res);
  } else if (inq_weights_has (k->weights, UNET "%s.proj_in.weight", ldm)) {
    name = g_strdup_printf ("%s_blocks.%d.attentions.%d", side, k->level, k->attentions++);
  } else if (inq_weights_has (k->weights, UNET "%s.op.weight", ldm)) {
    static const Pair down[] = { { "op", "conv" } };
    name = g_strdup_printf ("%s_blocks.%d.downsamplers.0", side, k->level);
    pairs = down;
    n = 1;
  } else if (inq_weights_has (k->weights, UNET "%s.conv.weight", ldm)) {
    name = g_strdup_printf ("%s_blocks.%d.upsamplers.0", side, k->level);
  } else {
    return FALSE;
  }
  add_layer (k, ldm, name, pairs, n);
  /* Sampling ends a level. */
  if (g_str_has_suffix (name, "samplers.0")) {
    k->level++;
    k->resnets = k->attentions = 0;
  }
  return TRUE;
}

static void
add_unet (InqWeights *weights, GHashTable *map)
{
  Walk k = { weights, map, 0, 0, 0 };
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *w = inq_weights_get (weights, i);
    if (w->n_dims < 2 || !g_str_has_prefix (w->name, UNET) || !g_str_has_suffix (w->name, ".weight"))
      continue;
    g_autofree char *inner = g_strndup (w->name + strlen (UNET), strlen (w->name) - strlen (UNET) - 7);
    const char *other = translate (in_unet, G_N_ELEMENTS (in_unet), inner);
    g_autofree char *own = g_strconcat ("unet_", inner, NULL), *diffusers = g_strconcat ("unet_", other, NULL);
    add (map, own, w, 0, w->dims[0], FALSE);
    add (map, diffusers, w, 0, w->dims[0], FALSE);
  }
  for (int i = 1; i < MAX_BLOCKS; i++)
    for (int j = 0; add_entry (&k, "input_blocks", "down", i, j); j++)
      ;
  k.level = k.resnets = k.attentions = 0;
  for (int i = 0; i < MAX_BLOCKS; i++)
    for (int j = 0; add_entry (&k, "output_blocks", "up", i, j); j++)
      ;
  for (int j = 0, res = 0, attn = 0; j < MAX_BLOCKS; j++) {
    g_autofree char *ldm = g_strdup_printf ("middle_block.%d", j);
    gboolean is_res = inq_weights_has (weights, UNET "%s.in_layers.0.weight", ldm);
    g_autofree char *name = is_res ? g_strdup_printf ("mid_block.resnets.%d", res++)
                                   : g_strdup_printf ("mid_block.attentions.%d", attn++);
    add_layer (&k, ldm, name, is_res ? in_res : NULL, is_res ? G_N_ELEMENTS (in_res) : 0);
  }
}

/* ---- towers ---- */

static void
add_tower (InqWeights *weights, const InqTowerSpec *tower, const char *prefix, GHashTable *map)
{
  gboolean open = tower->facts.layout == INQ_TOWER_OPENCLIP;
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *w = inq_weights_get (weights, i);
    if (w->n_dims != 2 || !g_str_has_prefix (w->name, tower->layer_prefix))
      continue;
    const char *rest = w->name + strlen (tower->layer_prefix), *dot = strchr (rest, '.');
    if (!dot)
      continue;
    g_autofree char *layer = g_strdup_printf ("%stext_model_encoder_layers_%.*s", prefix, (int) (dot - rest), rest);
    gboolean packed = g_str_equal (dot, open ? ".attn.in_proj_weight" : ".self_attn.in_proj.weight");
    if (packed && w->dims[0] == 3 * (gint64) tower->width) {
      static const char *const parts[] = { "q", "k", "v" };
      for (guint p = 0; p < G_N_ELEMENTS (parts); p++) {
        g_autofree char *name = g_strdup_printf ("%s_self_attn_%s_proj", layer, parts[p]);
        add (map, name, w, p * (gint64) tower->width, tower->width, FALSE);
      }
    }
    if (!g_str_has_suffix (dot, ".weight"))
      continue;
    g_autofree char *inner = g_strndup (dot + 1, strlen (dot + 1) - 7);
    g_autofree char *name = g_strconcat (
        layer, "_", open ? translate (in_openclip, G_N_ELEMENTS (in_openclip), inner) : inner, NULL);
    add (map, name, w, 0, w->dims[0], FALSE);
  }
  const InqWeight *projection = tower->text_projection ? inq_weights_lookup (weights, tower->text_projection) : NULL;
  if (projection && projection->n_dims == 2) {
    g_autofree char *name = g_strconcat (prefix, "text_projection", NULL);
    add (map, name, projection, 0, tower->pooled_width, !tower->projection_is_linear);
  }
}

GHashTable *
inq_lora_map_new (InqWeights *weights, const InqModelSpec *spec)
{
  static const char *const prefixes[INQ_MAX_TOWERS] = { "te_", "te2_" };
  GHashTable *map = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  add_unet (weights, map);
  for (guint i = 0; i < spec->n_towers; i++)
    add_tower (weights, &spec->towers[i], prefixes[i], map);
  return map;
}

gboolean
inq_lora_target_fits (const InqLoraTarget *target, const InqLoraModule *module)
{
  const InqWeight *w = target->weight;
  const gint64 *d = module->dims;
  gint64 depth = 1;
  if (target->transposed)
    return d[0] == w->dims[1] && d[1] == w->dims[0] && d[2] == 1 && d[3] == 1;
  for (guint i = 1; i < w->n_dims; i++)
    depth *= w->dims[i];
  if (w->n_dims > 4 || d[0] != target->count || d[1] * d[2] * d[3] != depth)
    return FALSE;
  for (guint i = 2; i < 4; i++)
    if (d[i] != 1 && d[i] != (i < w->n_dims ? w->dims[i] : 1))
      return FALSE;
  return TRUE;
}

/* Inquadra - diffusers folders: a model as a folder of parts, each with a config.json.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * huggingface.co/docs/diffusers: model_index.json names the pipeline; unet/, vae/, text_encoder/, text_encoder_2/ hold
 * "diffusion_pytorch_model" or "model" + ".safetensors", in shards listed by an index of tensor -> file, and with a
 * variant in the name ("model.fp16.safetensors"); scheduler/ says what the network predicts. */
#include "config.h"

#include "inq-diffusers.h"

#include "inq-json-file.h"
#include "inq-key-map.h"
#include "inq-weights-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_SHARDS 256

gboolean
inq_is_diffusers (const char *folder)
{
  g_autofree char *index = g_build_filename (folder, "model_index.json", NULL);
  g_autofree char *unet = g_build_filename (folder, "unet", "config.json", NULL);
  return g_file_test (index, G_FILE_TEST_IS_REGULAR) || g_file_test (unet, G_FILE_TEST_IS_REGULAR);
}

/* ---- files of a part ---- */

static InqWeights *
open_file (const char *folder, const char *part, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, part, name, NULL);
  g_autofree char *label = g_strconcat (part, "/", name, NULL);
  return inq_weights_open_labelled (path, label, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The shards that @index (of @part) lists, each once, in the order of their names. */
static gboolean
open_shards (const char *folder, const char *part, const char *index, GPtrArray *files, GError **error)
{
  g_autofree char *path = g_build_filename (folder, part, index, NULL);
  g_autoptr (JsonObject) root = inq_json_load (path, error);
  if (!root)
    return FALSE;
  JsonNode *node = json_object_get_member (root, "weight_map");
  JsonObject *map = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  JsonObjectIter iter;
  const char *tensor;
  if (map)
    json_object_iter_init (&iter, map);
  while (map && json_object_iter_next (&iter, &tensor, NULL)) {
    const char *name = inq_json_get_string (map, tensor, NULL);
    /* a file beside the index and nowhere else */
    if (!name || !*name || strpbrk (name, "/\\") || name[0] == '.' || !g_str_has_suffix (name, ".safetensors")) {
      g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT,
                   _ ("“%s/%s” is damaged: %s. Download or copy it again"), part, index,
                   _ ("it names a file that is no .safetensors file beside it"));
      return FALSE;
    }
    if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
      g_ptr_array_add (names, g_strdup (name));
    if (names->len > MAX_SHARDS)
      break;
  }
  if (names->len == 0 || names->len > MAX_SHARDS) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT,
                 _ ("“%s/%s” is damaged: %s. Download or copy it again"), part, index,
                 names->len ? _ ("it lists too many files") : _ ("it lists no files"));
    return FALSE;
  }
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    g_autofree char *shard = g_build_filename (folder, part, name, NULL);
    if (!g_file_test (shard, G_FILE_TEST_EXISTS)) {
      g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING,
                   _ ("“%s/%s” lists the file %s, which is not there. Download it into the same folder"), part, index,
                   name);
      return FALSE;
    }
    InqWeights *file = open_file (folder, part, name, error);
    if (!file)
      return FALSE;
    g_ptr_array_add (files, file);
  }
  /* Every tensor must be where the index says. */
  json_object_iter_init (&iter, map);
  while (json_object_iter_next (&iter, &tensor, NULL)) {
    const char *name = inq_json_get_string (map, tensor, NULL);
    for (guint i = 0; i < names->len; i++)
      if (g_str_equal (names->pdata[i], name) && !inq_weights_lookup (files->pdata[i], tensor)) {
        g_autofree char *shown = g_utf8_make_valid (tensor, -1);
        g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT,
                     _ ("“%s/%s” lists the tensor “%s”, which %s does not hold. Download both again"), part, index,
                     shown, name);
        return FALSE;
      }
  }
  return TRUE;
}

GPtrArray *
inq_diffusers_open_part (const char *folder, const char *part, GError **error)
{
  static const char *const stems[] = { "diffusion_pytorch_model", "model" };
  static const struct {
    const char *suffix;
    gboolean index;
  } kinds[] = {
    { ".fp16.safetensors", FALSE }, { ".safetensors.index.fp16.json", TRUE }, { ".fp16.safetensors.index.json", TRUE },
    { ".safetensors", FALSE },      { ".safetensors.index.json", TRUE },
  };
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_weights_unref);
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (guint s = 0; s < G_N_ELEMENTS (stems); s++) {
      g_autofree char *name = g_strconcat (stems[s], kinds[k].suffix, NULL);
      g_autofree char *path = g_build_filename (folder, part, name, NULL);
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      if (kinds[k].index)
        return open_shards (folder, part, name, files, error) ? g_steal_pointer (&files) : NULL;
      InqWeights *file = open_file (folder, part, name, error);
      if (!file)
        return NULL;
      g_ptr_array_add (files, file);
      return g_steal_pointer (&files);
    }
  for (guint s = 0; s < G_N_ELEMENTS (stems); s++) {
    static const char *const pickles[] = { ".bin", ".fp16.bin", ".bin.index.json" };
    for (guint k = 0; k < G_N_ELEMENTS (pickles); k++) {
      g_autofree char *name = g_strconcat (s ? "pytorch_model" : stems[s], pickles[k], NULL);
      g_autofree char *path = g_build_filename (folder, part, name, NULL);
      if (g_file_test (path, G_FILE_TEST_EXISTS)) {
        g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
                     _ ("“%s/%s” is a pickle, which can run any program when it is opened and is not read. Download the"
                        " .safetensors file of the same part"),
                     part, name);
        return NULL;
      }
    }
  }
  return g_steal_pointer (&files);
}

/* ---- configurations ---- */

static void
set_int (InqWeights *weights, gint64 value, const char *key)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);
  inq_weights_set_metadata (weights, key, text);
}

static void
set_double (InqWeights *weights, double value, const char *key)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  inq_weights_set_metadata (weights, key, g_ascii_dtostr (text, sizeof text, value));
}

/* (nullable) a part's configuration; FALSE with @error when it is there and cannot be read */
static gboolean
load_config (const char *folder, const char *part, const char *name, JsonObject **config, GError **error)
{
  g_autofree char *path = g_build_filename (folder, part, name, NULL);
  *config = NULL;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  *config = inq_json_load (path, error);
  return *config != NULL;
}

/* attention_head_dim is the number of heads, by an old mistake that stayed; a list has one per level. */
static void
read_unet_config (InqWeights *weights, JsonObject *config, int vae_down)
{
  JsonNode *widths = json_object_get_member (config, "block_out_channels");
  gint64 heads = inq_json_get_item (config, "num_attention_heads", 0, 0);
  if (heads <= 0)
    heads = inq_json_get_item (config, "attention_head_dim", 0, 8);
  guint levels = widths && JSON_NODE_HOLDS_ARRAY (widths) ? json_array_get_length (json_node_get_array (widths)) : 0;
  const char *from = json_object_has_member (config, "num_attention_heads")
                             && inq_json_get_item (config, "num_attention_heads", 0, 0) > 0
                         ? "num_attention_heads"
                         : "attention_head_dim";
  JsonNode *node = json_object_get_member (config, from);
  if (node && JSON_NODE_HOLDS_ARRAY (node) && levels > 1) {
    /* as many channels a head at every level */
    gint64 width = inq_json_get_item (config, "block_out_channels", levels - 1, 0);
    gint64 last = inq_json_get_item (config, from, levels - 1, heads);
    if (last > 0 && width > 0 && width % last == 0) {
      set_int (weights, 0, "inquadra.unet.heads");
      set_int (weights, width / last, "inquadra.unet.head_dim");
    }
  } else if (heads > 0) {
    set_int (weights, heads, "inquadra.unet.heads");
  }
  gint64 groups = inq_json_get_int (config, "norm_num_groups", 0);
  if (groups > 0)
    set_int (weights, groups, "inquadra.groups");
  gint64 size = inq_json_get_item (config, "sample_size", 0, 0);
  if (size > 0 && size <= 1024) {
    g_autofree char *text = g_strdup_printf ("%dx%d", (int) size * vae_down, (int) size * vae_down);
    inq_weights_set_metadata (weights, "inquadra.size", text);
  }
}

static void
read_tower_config (InqWeights *weights, JsonObject *config, guint tower, gboolean last)
{
  static const char *const keys[][3] = {
    { "inquadra.tower0.head_dim", "inquadra.tower0.act", "inquadra.tower0.context" },
    { "inquadra.tower1.head_dim", "inquadra.tower1.act", "inquadra.tower1.context" }
  };
  gint64 width = inq_json_get_int (config, "hidden_size", 0);
  gint64 heads = inq_json_get_int (config, "num_attention_heads", 0);
  const char *act = inq_json_get_string (config, "hidden_act", NULL);
  if (heads > 0 && width > 0 && width % heads == 0)
    set_int (weights, width / heads, keys[tower][0]);
  if (act)
    inq_weights_set_metadata (weights, keys[tower][1], act);
  if (last) /* the published towers of SD 2 end before the layer that is not used */
    inq_weights_set_metadata (weights, keys[tower][2], "last");
}

static void
read_scheduler_config (InqWeights *weights, JsonObject *config)
{
  const char *prediction = inq_json_get_string (config, "prediction_type", NULL);
  if (prediction)
    inq_weights_set_metadata (weights, "inquadra.prediction", prediction);
  if (inq_json_get_bool (config, "rescale_betas_zero_snr", FALSE))
    inq_weights_set_metadata (weights, "inquadra.zero_terminal_snr", "true");
  const char *class = inq_json_get_string (config, "_class_name", "");
  if (g_str_equal (class, "LCMScheduler"))
    inq_weights_set_metadata (weights, "inquadra.distilled", "lcm");
  else if (g_str_equal (class, "TCDScheduler"))
    inq_weights_set_metadata (weights, "inquadra.distilled", "tcd");
  else if (g_str_equal (class, "EulerAncestralDiscreteScheduler")
           && g_str_equal (inq_json_get_string (config, "timestep_spacing", ""), "trailing"))
    inq_weights_set_metadata (weights, "inquadra.distilled", "turbo"); /* as SD-Turbo and SDXL-Turbo are published */
}

static const char *
family_of (JsonObject *index, JsonObject *unet, gboolean second_tower)
{
  const char *class = inq_json_get_string (index, "_class_name", "");
  if (strstr (class, "XL") || second_tower
      || g_strcmp0 (inq_json_get_string (unet, "addition_embed_type", NULL), "text_time") == 0)
    return "sdxl";
  return inq_json_get_bool (unet, "use_linear_projection", FALSE) ? "sd2" : "sd1";
}

/* Stable Diffusion 1, 2 and XL, whatever they are for; the rest has other networks. */
static gboolean
check_class (JsonObject *index, GError **error)
{
  static const char *const known[] = { "StableDiffusionPipeline", "StableDiffusionXL", "StableDiffusionInpaint",
                                       "StableDiffusionImg2Img", "LatentConsistencyModel" };
  const char *class = inq_json_get_string (index, "_class_name", NULL);
  if (!class)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_has_prefix (class, known[i]))
      return TRUE;
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
               _ ("The folder holds a %.80s, which this version does not draw with: it knows Stable Diffusion 1, 2 and"
                  " XL"),
               class);
  return FALSE;
}

InqWeights *
inq_diffusers_open (const char *folder, const char *const *drop, GError **error)
{
  static const struct {
    const char *name;
    InqKeyStyle style;
    guint tower;
  } parts[] = {
    { "text_encoder", INQ_KEYS_TOWER_HF, 0 },
    { "text_encoder_2", INQ_KEYS_TOWER_HF, 1 },
    { "unet", INQ_KEYS_UNET_DIFFUSERS, 0 },
    { "vae", INQ_KEYS_VAE_DIFFUSERS, 0 },
  };
  g_autofree char *label = g_path_get_basename (folder);
  g_autoptr (InqWeights) weights = inq_weights_new_joined (label, "diffusers");
  g_autoptr (JsonObject) index = NULL, unet = NULL, vae = NULL, scheduler = NULL;
  if (!load_config (folder, ".", "model_index.json", &index, error) || (index && !check_class (index, error))
      || !load_config (folder, "unet", "config.json", &unet, error)
      || !load_config (folder, "vae", "config.json", &vae, error)
      || !load_config (folder, "scheduler", "scheduler_config.json", &scheduler, error))
    return NULL;
  gboolean second = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autoptr (GPtrArray) files = inq_diffusers_open_part (folder, parts[i].name, error);
    if (!files)
      return NULL;
    if (files->len == 0)
      continue;
    InqKeyStyle style = INQ_KEYS_UNKNOWN;
    for (guint f = 0; f < files->len && style == INQ_KEYS_UNKNOWN; f++)
      style = inq_keys_recognise (files->pdata[f]);
    if (style != parts[i].style) {
      g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
                   _ ("The part “%s” holds another kind of network than its name says"), parts[i].name);
      return NULL;
    }
    if (!inq_keys_join (weights, files, style, parts[i].tower, drop, error))
      return NULL;
    second |= parts[i].tower == 1;
  }
  const char *family = family_of (index, unet, second);
  inq_weights_set_metadata (weights, "inquadra.family", family);
  /* Every level but the last halves. */
  JsonNode *widths = vae ? json_object_get_member (vae, "block_out_channels") : NULL;
  guint levels = widths && JSON_NODE_HOLDS_ARRAY (widths) ? json_array_get_length (json_node_get_array (widths)) : 4;
  if (unet)
    read_unet_config (weights, unet, 1 << (CLAMP (levels, 1, 8) - 1));
  if (inq_json_get_double (vae, "scaling_factor", 0) > 0)
    set_double (weights, inq_json_get_double (vae, "scaling_factor", 0), "inquadra.vae.scale");
  for (guint i = 0; i < 2; i++) {
    g_autoptr (JsonObject) config = NULL;
    if (!load_config (folder, parts[i].name, "config.json", &config, error))
      return NULL;
    if (config)
      read_tower_config (weights, config, parts[i].tower, g_str_equal (family, "sd2"));
  }
  if (scheduler)
    read_scheduler_config (weights, scheduler);
  return g_steal_pointer (&weights);
}

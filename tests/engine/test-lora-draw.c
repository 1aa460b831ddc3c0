/* Inquadra - tests: pictures drawn with LoRAs and without, files that do not fit, LoRAs named in prompts.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "gguf-writer.h"
#include "lora-maker.h"

#include <glib/gstdio.h>
#include <inq-lora-map.h>
#include <inq-prompt.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *tmp;

/* ---- pictures ---- */

typedef struct {
  GPtrArray *pictures;
  char *recipe;
} Seen;

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe, gpointer data)
{
  Seen *seen = data;
  g_ptr_array_add (seen->pictures, picture);
  g_free (seen->recipe);
  seen->recipe = g_strdup (recipe);
}

/* One small picture's bytes. @recipe (nullable) out. */
static GBytes *
draw (InqEngine *engine, const char *folder, const char *prompt, const InqLoraUse *loras, guint n, char **recipe,
      GError **error)
{
  InqModel *model = inq_engine_load (engine, folder, error);
  g_assert_nonnull (model);
  Seen seen = { .pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_picture_free) };
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = prompt;
  params.seed = 5;
  params.steps = 2;
  params.width = 32;
  params.height = 32;
  params.sampler = "euler";
  params.loras = loras;
  params.n_loras = n;
  gboolean ok = inq_engine_generate (engine, model, &params,
                                     &(InqGenerateCallbacks){ .picture = picture_cb, .data = &seen }, NULL, error);
  GBytes *bytes = NULL;
  if (ok) {
    const InqPicture *picture = seen.pictures->pdata[0];
    bytes = g_bytes_new (picture->rgb, (gsize) picture->width * picture->height * 3);
  }
  if (recipe)
    *recipe = g_steal_pointer (&seen.recipe);
  g_free (seen.recipe);
  g_ptr_array_unref (seen.pictures);
  return bytes;
}

static GBytes *
draw_good (InqEngine *engine, const char *folder, const InqLoraUse *loras, guint n)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = draw (engine, folder, "wide shot", loras, n, NULL, &error);
  g_assert_no_error (error);
  return bytes;
}

/* Changes of the UNet's attention and convolution, and of the tower. */
static char *
style (const char *name, guint64 seed)
{
  g_auto (Maker) m = maker_new (seed);
  maker_pair (&m, "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k", 64, 64, 2);
  maker_pair (&m, "lora_unet_mid_block_attentions_0_transformer_blocks_0_ff_net_0_proj", 256, 64, 2);
  maker_pair (&m, "lora_te_text_model_encoder_layers_0_self_attn_q_proj", 64, 64, 2);
  maker_add_alpha (&m, "lora_te_text_model_encoder_layers_0_self_attn_q_proj.alpha", 1);
  maker_add (&m, "lora_unet_down_blocks_1_resnets_0_conv2.lora_down.weight", 2, 64, 3, 3);
  maker_add (&m, "lora_unet_down_blocks_1_resnets_0_conv2.lora_up.weight", 64, 2, 1, 1);
  return maker_save (&m, tmp, name);
}

/* The fixture with @lora merged into its file. */
static char *
merged_model (const char *folder, const char *lora_path, float weight)
{
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (InqWeights) weights = inq_weights_open (file, NULL);
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  g_autoptr (GHashTable) map = inq_lora_map_new (weights, spec);
  g_autoptr (InqLora) lora = maker_open (lora_path);
  g_auto (Maker) m = maker_new (0);
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *w = inq_weights_get (weights, i);
    float *data = g_new (float, inq_weight_count (w));
    inq_weight_to_f32 (w, data);
    for (guint k = 0; k < inq_lora_get_count (lora); k++) {
      const InqLoraTarget *target = g_hash_table_lookup (map, inq_lora_get (lora, k)->name);
      if (target->weight == w)
        inq_lora_module_add (inq_lora_get (lora, k), weight, 0, w->dims[0], data);
    }
    maker_add_data (&m, w->name, w->n_dims, w->dims, data);
  }
  g_autofree char *other = g_build_filename (tmp, "merged", NULL),
                  *tokenizer = g_build_filename (other, "tokenizer", NULL);
  g_assert_cmpint (g_mkdir_with_parents (tokenizer, 0755), ==, 0);
  g_autofree char *from = g_build_filename (folder, "tokenizer", "merges.txt", NULL), *text = NULL;
  g_autofree char *to = g_build_filename (tokenizer, "merges.txt", NULL);
  g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (to, text, -1, NULL));
  g_autofree char *path = maker_save (&m, tmp, "merged/model.safetensors");
  return g_steal_pointer (&other);
}

/* With a LoRA as with the merged file, and without it again as before: to the byte. */
static void
test_pictures (gconstpointer in_place)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *a = style ("a.safetensors", 1000), *b = style ("b.safetensors", 2000);
  g_autofree char *merged = merged_model (folder, a, 0.25f);
  g_autoptr (InqEngine) engine = fixture_engine ();
  engine->loras_in_place = in_place != NULL;
  const InqLoraUse first[] = { { a, 0.25, FALSE } }, other[] = { { a, 0.5, FALSE } };
  const InqLoraUse both[] = { { a, 0.25, FALSE }, { b, -0.25, FALSE } }, none[] = { { a, 0, FALSE } };
  g_autoptr (GBytes) plain = draw_good (engine, folder, NULL, 0);
  g_autoptr (GBytes) with = draw_good (engine, folder, first, 1);
  g_autoptr (GBytes) again = draw_good (engine, folder, first, 1);
  g_autoptr (GBytes) stronger = draw_good (engine, folder, other, 1);
  g_autoptr (GBytes) two = draw_good (engine, folder, both, 2);
  g_autoptr (GBytes) back = draw_good (engine, folder, first, 1);
  g_autoptr (GBytes) zero = draw_good (engine, folder, none, 1);
  g_autoptr (GBytes) after = draw_good (engine, folder, NULL, 0);
  g_assert_false (g_bytes_equal (plain, with));
  g_assert_true (g_bytes_equal (with, again));
  g_assert_false (g_bytes_equal (with, stronger));
  g_assert_false (g_bytes_equal (with, two));
  g_assert_true (g_bytes_equal (with, back));
  g_assert_true (g_bytes_equal (plain, zero));
  g_assert_true (g_bytes_equal (plain, after));
  g_autoptr (GBytes) reference = draw_good (engine, merged, NULL, 0);
  g_assert_true (g_bytes_equal (with, reference));
}

/* Quantised tensors are never changed in their place: the file's come back to the byte, whichever way a card has room
 * for. */
static void
test_quantised (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL), *gguf = NULL;
  g_autofree char *a = style ("a.safetensors", 1000), *merged = merged_model (folder, a, 0.25f);
  const InqLoraUse use = { a, 0.25, FALSE };
  g_autoptr (GBytes) reference = NULL;
  g_autofree char *model = g_build_filename (merged, "model.safetensors", NULL);

  g_assert_cmpint (g_unlink (model), ==, 0);
  gguf = g_build_filename (merged, "model.gguf", NULL);
  gguf_convert (file, gguf, INQ_DTYPE_Q8_0, NULL);
  for (int in_place = 0; in_place < 2; in_place++) {
    g_autoptr (InqEngine) engine = fixture_engine ();
    engine->loras_in_place = in_place;
    g_autoptr (GBytes) plain = draw_good (engine, merged, NULL, 0);
    g_autoptr (GBytes) with = draw_good (engine, merged, &use, 1);
    g_autoptr (GBytes) after = draw_good (engine, merged, NULL, 0);
    g_autoptr (GBytes) back = draw_good (engine, merged, &use, 1);
    gsize n = g_bytes_get_size (with);
    const guint8 *p = g_bytes_get_data (with, NULL), *q = reference ? g_bytes_get_data (reference, NULL) : NULL;
    g_assert_false (g_bytes_equal (plain, with));
    g_assert_true (g_bytes_equal (plain, after));
    g_assert_true (g_bytes_equal (with, back));
    for (gsize i = 0; q && i < n; i++) /* f32 beside, halves in place */
      g_assert_cmpint (abs (p[i] - q[i]), <=, 2);
    if (!reference)
      reference = g_bytes_ref (with);
  }
  g_assert_cmpint (g_unlink (gguf), ==, 0);
}

/* ---- what does not fit ---- */

static void
refuse (InqEngine *engine, const char *folder, const char *path, GQuark domain, int code, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) none = draw (engine, folder, "wide shot", &(InqLoraUse){ path, 1, FALSE }, 1, NULL, &error);
  g_assert_null (none);
  g_test_message ("%s", error->message);
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_refused (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  const char *k = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k";
  g_autoptr (GBytes) before = draw_good (engine, folder, NULL, 0);
  { /* another family: the second layer is too wide */
    g_auto (Maker) m = maker_new (1);
    maker_pair (&m, "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_k", 64, 64, 2);
    maker_pair (&m, k, 64, 2048, 2);
    maker_pair (&m, "lora_te2_text_model_encoder_layers_0_mlp_fc1", 64, 64, 2);
    g_autofree char *path = maker_save (&m, tmp, "wide.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE, "1 of its 3 layers fit");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE, "attn2_to_k changes a matrix of 64x2048");
  }
  { /* half a pair */
    g_auto (Maker) m = maker_new (2);
    maker_add (&m, "lora_unet_conv_in.lora_down.weight", 2, 4, 3, 3);
    g_autofree char *path = maker_save (&m, tmp, "half.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, "lora_unet_conv_in.lora_up.weight");
  }
  { /* ranks that differ */
    g_auto (Maker) m = maker_new (3);
    maker_add (&m, "lora_unet_conv_in.lora_down.weight", 2, 4, 3, 3);
    maker_add (&m, "lora_unet_conv_in.lora_up.weight", 32, 3, 1, 1);
    g_autofree char *path = maker_save (&m, tmp, "ranks.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE, "[32, 3, 1, 1]");
  }
  { /* small matrices that make a huge one on the way */
    g_auto (Maker) m = maker_new (6);
    maker_add (&m, "lora_unet_conv_in.lora_down.weight", 1, 4096, 1, 1);
    maker_add (&m, "lora_unet_conv_in.lora_mid.weight", 8192, 1, 3, 3);
    maker_add (&m, "lora_unet_conv_in.lora_up.weight", 4, 8192, 1, 1);
    g_autofree char *path = maker_save (&m, tmp, "huge.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE, "[8192, 1, 3, 3]");
  }
  { /* a vector, and alpha that is none */
    g_auto (Maker) m = maker_new (4);
    maker_add (&m, "lora_unet_conv_in.lora_down.weight", 36, 0, 0, 0);
    maker_add (&m, "lora_unet_conv_in.lora_up.weight", 32, 1, 0, 0);
    g_autofree char *path = maker_save (&m, tmp, "vector.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE, "no matrix");
    g_auto (Maker) n = maker_new (5);
    maker_pair (&n, k, 64, 64, 2);
    g_autofree char *alpha = g_strconcat (k, ".alpha", NULL);
    maker_add_alpha (&n, alpha, NAN);
    g_autofree char *nan_path = maker_save (&n, tmp, "alpha.safetensors");
    refuse (engine, folder, nan_path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT, "not one number");
  }
  { /* the same part twice, in two spellings */
    g_auto (Maker) m = maker_new (6);
    maker_pair (&m, "lora_unet_conv_in", 32, 36, 2);
    maker_add (&m, "unet.conv_in.lora_A.weight", 2, 36, 0, 0);
    g_autofree char *path = maker_save (&m, tmp, "twice.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT, "the same part");
  }
  { /* a checkpoint, no LoRA; nothing at all; no file */
    g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
    refuse (engine, folder, file, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED, "no part of a LoRA");
    g_auto (Maker) m = maker_new (7);
    g_autofree char *path = maker_save (&m, tmp, "nothing.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, "holds nothing");
    refuse (engine, folder, "/nonexistent/x.safetensors", INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, "x.safetensors");
    refuse (engine, folder, "unheard-of", INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, "unheard-of");
  }
  { /* weights out of range */
    g_autofree char *path = style ("strong.safetensors", 9);
    g_autoptr (GError) error = NULL;
    g_assert_null (draw (engine, folder, "", &(InqLoraUse){ path, 11, FALSE }, 1, NULL, &error));
    g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
    g_clear_error (&error);
    g_assert_null (draw (engine, folder, "", &(InqLoraUse){ path, NAN, FALSE }, 1, NULL, &error));
    g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
  }
  g_autoptr (GBytes) after = draw_good (engine, folder, NULL, 0);
  g_assert_true (g_bytes_equal (before, after));
}

/* A file cut short while it is used is an error, and the model then has no LoRA. */
static void
test_shrinks (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *path = style ("shrinks.safetensors", 3000);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqModel *model = inq_engine_load (engine, folder, NULL);
  g_autoptr (GBytes) plain = draw_good (engine, folder, NULL, 0);
  g_autoptr (GError) error = NULL;
  inq_model_drop_device (model);
  g_assert_true (inq_model_set_loras (model, &(InqLoraUse){ path, 1, FALSE }, 1, &error));
  g_assert_cmpint (truncate (path, 1000), ==, 0);
  const gint32 ids[20] = { 0 };
  g_autofree float *last = g_new (float, 20 * 64);
  g_assert_false (inq_model_run_text (model, 0, ids, 1, &(InqTextStates){ .last = last }, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
  g_autoptr (GBytes) after = draw_good (engine, folder, NULL, 0);
  g_assert_true (g_bytes_equal (plain, after));
}

/* ---- prompts ---- */

static void
test_tags (void)
{
  static const struct {
    const char *prompt, *rest, *name;
    double weight;
  } good[] = { { "a fox", "a fox", NULL, 0 },
               { "a <fox> < b", "a <fox> < b", NULL, 0 },
               { "ink <lora:Ink Wash:0.8>, night", "ink , night", "Ink Wash", 0.8 },
               { "<lora:x>", "", "x", 1 },
               { "<lyco:y:-1.5:-1.5>z", "z", "y", -1.5 },
               { "<lora: é : .5 >", "", "é", 0.5 } };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GArray) loras = inq_prompt_loras_new ();
    g_autoptr (GError) error = NULL;
    g_autofree char *rest = inq_prompt_take_loras (good[i].prompt, loras, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (rest, ==, good[i].rest);
    g_assert_cmpuint (loras->len, ==, good[i].name != NULL);
    if (good[i].name) {
      g_assert_cmpstr (g_array_index (loras, InqPromptLora, 0).name, ==, good[i].name);
      g_assert_cmpfloat (g_array_index (loras, InqPromptLora, 0).weight, ==, good[i].weight);
    }
  }
  static const char *const bad[] = { "<lora:x:much>", "a <lora:x",    "<lora:>",        "<lora::1>",
                                     "<lora:x:>",     "<lora:x:nan>", "<lora:x:1:0.5>", "<lora:\xff\xfe:q>" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GArray) loras = inq_prompt_loras_new ();
    g_autoptr (GError) error = NULL;
    g_assert_null (inq_prompt_take_loras (bad[i], loras, &error));
    g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
}

/* A name in the prompt means a file in the user's folder, and nothing outside of it. */
static void
test_prompt (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *loras = inq_loras_folder (), *nested = g_build_filename (loras, "ink", NULL);
  g_assert_true (g_str_has_prefix (loras, tmp));
  g_assert_cmpint (g_mkdir_with_parents (nested, 0755), ==, 0);
  g_autofree char *path = style ("wash.safetensors", 4000),
                  *installed = g_build_filename (nested, "wash.safetensors", NULL);
  g_assert_cmpint (g_rename (path, installed), ==, 0);
  g_auto (GStrv) list = inq_loras_list ();
  g_assert_cmpuint (g_strv_length (list), ==, 1);
  g_assert_cmpstr (list[0], ==, installed);

  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  g_autofree char *recipe = NULL;
  g_autoptr (GBytes) by_tag = draw (engine, folder, "wide <lora:wash:0.5>shot", NULL, 0, &recipe, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) by_hand = draw_good (engine, folder, &(InqLoraUse){ "wash", 0.5, FALSE }, 1);
  g_autoptr (GBytes) without = draw_good (engine, folder, NULL, 0);
  g_assert_true (g_bytes_equal (by_tag, by_hand));
  g_assert_false (g_bytes_equal (by_tag, without));

  g_autoptr (JsonNode) node = json_from_string (recipe, &error);
  g_assert_no_error (error);
  JsonObject *object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "prompt"), ==, "wide <lora:wash:0.5>shot");
  JsonArray *array = json_object_get_array_member (object, "loras");
  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  JsonObject *one = json_array_get_object_element (array, 0);
  g_autoptr (InqWeights) weights = inq_weights_open (installed, NULL);
  g_assert_cmpstr (json_object_get_string_member (one, "name"), ==, "wash");
  g_assert_cmpstr (json_object_get_string_member (one, "hash"), ==, inq_weights_get_hash (weights));
  g_assert_cmpfloat (json_object_get_double_member (one, "weight"), ==, 0.5);
  g_assert_true (json_object_get_boolean_member (one, "in_prompt"));

  g_autofree char *outside = style ("outside.safetensors", 5000);
  g_autofree char *tag = g_strdup_printf ("<lora:%s:1>", outside);
  g_assert_null (draw (engine, folder, tag, NULL, 0, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
}

int
main (int argc, char **argv)
{
  tmp = fixture_folder_new ();
  g_setenv ("XDG_DATA_HOME", tmp, TRUE);
  if (!fixture_have_engine ()) {
    fixture_folder_free (tmp);
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/lora-draw/pictures/beside", NULL, test_pictures);
  g_test_add_data_func ("/lora-draw/pictures/in-place", "in place", test_pictures);
  g_test_add_func ("/lora-draw/pictures/quantised", test_quantised);
  g_test_add_func ("/lora-draw/refused", test_refused);
  g_test_add_func ("/lora-draw/shrinks", test_shrinks);
  g_test_add_func ("/lora-draw/tags", test_tags);
  g_test_add_func ("/lora-draw/prompt", test_prompt);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

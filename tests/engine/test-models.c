/* Inquadra - tests: models recognised and built from their tensors alone.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <inq-shape.h>

#include <inq-model.h>

static char *tmp;

static InqModelInfo *
inspect (const char *family, FixtureFlags flags)
{
  g_autofree char *folder = fixture_model (tmp, family, flags);
  g_autoptr (GError) error = NULL;
  InqModelInfo *info = inq_model_inspect (folder, &error);
  g_assert_no_error (error);
  return info;
}

static void
test_house (void)
{
  g_autoptr (InqModelInfo) info = inspect ("house", 0);
  g_assert_cmpstr (info->family, ==, "house");
  g_assert_cmpstr (info->name, ==, "Fixture");
  g_assert_cmpstr (info->prediction, ==, "flow");
  g_assert_cmpstr (info->license, ==, "CC0-1.0");
  g_assert_cmpint (info->width, ==, 64);
  g_assert_cmpint (info->height, ==, 32);
  g_assert_cmpint (info->latent_channels, ==, 4);
  g_assert_cmpint (info->size_multiple, ==, 16); /* fold 2, halved once; fold 2, halved once */
  g_assert_cmpint (info->context_tokens, ==, 24);
  g_assert_cmpint (info->default_steps, ==, 4);
  g_assert_cmpfloat (info->default_cfg, ==, 3);
  g_assert_true (info->has_text && info->has_unet && info->has_vae && info->has_tokenizer);
  g_assert_null (info->missing);
}

static void
test_sd1 (void)
{
  g_autoptr (InqModelInfo) info = inspect ("sd1", 0);
  g_assert_cmpstr (info->family, ==, "sd1");
  g_assert_cmpstr (info->prediction, ==, "epsilon");
  g_assert_cmpstr (info->name, ==, "sd1-0");    /* the folder's */
  g_assert_cmpint (info->size_multiple, ==, 2); /* of latents: the network takes odd sides */
  g_assert_cmpint (info->context_tokens, ==, 20);
  g_assert_null (info->missing);
}

/* What kind of model names and shapes are taken for. */
static const char *
family_of (const InqWeight *tensors, guint n)
{
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  g_autoptr (InqWeights) weights = inq_weights_new_table (tensors, n, none, "table");
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  return spec->family->id;
}

static void
test_family (void)
{
#define KEY  "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
#define PROJ "model.diffusion_model.input_blocks.1.1.proj_in.weight"
  InqWeight t[] = {
    { .name = "cond_stage_model.transformer.text_model.final_layer_norm.weight", .n_dims = 1, .dims = { 1024 } },
    { .name = KEY, .n_dims = 2, .dims = { 32, 1024 } },
    { .name = PROJ, .n_dims = 4, .dims = { 32, 32, 1, 1 } }
  };
  g_assert_cmpstr (family_of (t, 3), ==, "sd1"); /* whatever its width */
  g_assert_cmpstr (family_of (t + 1, 2), ==, "sd1");
  t[2].n_dims = 2;
  g_assert_cmpstr (family_of (t, 3), ==, "sd2");
  t[1].dims[1] = 96;
  g_assert_cmpstr (family_of (t + 1, 2), ==, "sd2");
  g_assert_cmpstr (family_of (t, 3), ==, "sd1");
  g_assert_cmpstr (family_of (t + 1, 1), ==, "unknown");
}

/* transformers keeps the matrix that leads out of a tower beside it. */
static void
test_projection (void)
{
#define TOWER "conditioner.embedders.1.transformer."
  const InqWeight t[] = {
    { .name = TOWER "text_model.embeddings.token_embedding.weight", .n_dims = 2, .dims = { 100, 64 } },
    { .name = TOWER "text_model.embeddings.position_embedding.weight", .n_dims = 2, .dims = { 77, 64 } },
    { .name = TOWER "text_model.encoder.layers.0.layer_norm1.weight", .n_dims = 1, .dims = { 64 } },
    { .name = TOWER "text_model.final_layer_norm.weight", .n_dims = 1, .dims = { 64 } },
    { .name = TOWER "text_projection.weight", .n_dims = 2, .dims = { 48, 64 } },
  };
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  g_autoptr (InqWeights) weights = inq_weights_new_table (t, G_N_ELEMENTS (t), none, "table");
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  g_assert_cmpuint (spec->n_towers, ==, 1);
  g_assert_cmpstr (spec->towers[0].text_projection, ==, TOWER "text_projection.weight");
  g_assert_true (spec->towers[0].projection_is_linear);
  g_assert_cmpint (spec->towers[0].pooled_width, ==, 48);
}

static void
test_missing (void)
{
  const struct {
    FixtureFlags flags;
    const char *says;
  } cases[] = { { FIXTURE_NO_TEXT, "text tower" },
                { FIXTURE_NO_UNET, "diffusion network" },
                { FIXTURE_NO_DECODER, "autoencoder" } };
  for (guint f = 0; f < 2; f++)
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
      g_autoptr (InqModelInfo) info = inspect (f ? "sd1" : "house", cases[i].flags);
      g_assert_nonnull (info->missing);
      g_assert_nonnull (strstr (info->missing[0], cases[i].says));
    }
  g_autoptr (InqModelInfo) info = inspect ("house", FIXTURE_NO_ENCODER); /* only img2img needs it */
  g_assert_null (info->missing);
  g_autoptr (InqModelInfo) pooled = inspect ("house", FIXTURE_POOLED);
  g_assert_null (pooled->missing);
  g_autoptr (InqModelInfo) odd = inspect ("house", FIXTURE_POOLED_ODD);
  g_assert_nonnull (odd->missing);
  g_assert_nonnull (strstr (odd->missing[0], "17 wide where 16 belong"));
}

static void
test_unknown (void)
{
  g_autofree char *file = g_build_filename (tmp, "alien.safetensors", NULL);
  float value = 1;
  g_autoptr (GError) error = NULL;
  inq_weights_write (file, &(InqWeightOut){ .name = "a.weight", .n_dims = 1, .dims = { 1 }, .data = &value }, 1,
                     &error);
  g_assert_no_error (error);
  g_autoptr (InqModelInfo) info = inq_model_inspect (file, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->family, ==, "unknown");
  g_assert_cmpstr (info->name, ==, "alien");
  g_assert_nonnull (info->missing);
}

static void
test_not_a_model (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (inq_model_inspect ("/nonexistent/model.safetensors", &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
  g_clear_error (&error);
  g_autofree char *empty = g_build_filename (tmp, "empty", NULL);
  g_mkdir_with_parents (empty, 0755);
  g_assert_null (inq_model_inspect (empty, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
  g_clear_error (&error);
  g_autofree char *pickle = g_build_filename (tmp, "model.ckpt", NULL);
  g_file_set_contents (pickle, "PK\003\004 whatever", -1, NULL);
  g_assert_null (inq_model_inspect (pickle, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED);
}

typedef void (*Build) (InqGraph *graph, const InqModelSpec *spec);

static void
build_unet (InqGraph *g, const InqModelSpec *spec)
{
  inq_build_unet (g, spec, 2, 8, 16, spec->n_towers ? spec->towers[0].positions : 7, INQ_PERTURB_NONE);
}

static void
build_text (InqGraph *g, const InqModelSpec *spec)
{
  inq_build_text (g, spec, 0, 3, TRUE);
}

static void
build_decoder (InqGraph *g, const InqModelSpec *spec)
{
  inq_build_decoder (g, spec, 1, 6, 5);
}

static void
build_encoder (InqGraph *g, const InqModelSpec *spec)
{
  inq_build_encoder (g, spec, 1, 16, 32);
}

/* Every network of both fixtures builds without a shape or a name going wrong, at odd sizes too. */
static void
test_walk (void)
{
  const Build builds[] = { build_text, build_unet, build_decoder, build_encoder };
  const FixtureFlags flags[] = { 0, FIXTURE_MID_ATTENTION };
  for (guint f = 0; f < 4; f++) {
    g_autofree char *folder = fixture_model (tmp, f & 1 ? "sd1" : "house", flags[f / 2]);
    g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
    g_autoptr (InqWeights) weights = inq_weights_open (file, NULL);
    g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
    for (guint i = 0; i < G_N_ELEMENTS (builds); i++) {
      g_autoptr (InqGraph) graph = inq_graph_new (weights);
      builds[i](graph, spec);
      g_assert_no_error (inq_graph_get_error (graph));
    }
  }
}

/* What is missing is named. */
static void
test_walk_missing (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", FIXTURE_SHORT_UNET);
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (InqWeights) weights = inq_weights_open (file, NULL);
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  g_autoptr (InqGraph) graph = inq_graph_new (weights);
  build_unet (graph, spec);
  g_assert_error (inq_graph_get_error (graph), INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
  g_assert_nonnull (strstr (inq_graph_get_error (graph)->message, "output_blocks.3"));

  g_autofree char *no_text = fixture_model (tmp, "house", FIXTURE_NO_TEXT);
  g_autofree char *file2 = g_build_filename (no_text, "model.safetensors", NULL);
  g_autoptr (InqWeights) weights2 = inq_weights_open (file2, NULL);
  g_autoptr (InqModelSpec) spec2 = inq_model_spec_new (weights2);
  g_autoptr (InqGraph) graph2 = inq_graph_new (weights2);
  build_text (graph2, spec2);
  g_assert_error (inq_graph_get_error (graph2), INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
}

/* The file @bytes with one tensor renamed away (0), its dims turned round (1), with one more dimension (2), or flat
 * (3).
 */
static GBytes *
mutate (GBytes *file, const InqWeight *victim, int how)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);
  guint64 length;
  memcpy (&length, data, 8);
  length = GUINT64_FROM_LE (length);
  g_autofree char *header = g_strndup ((const char *) data + 8, length);
  g_autofree char *key = g_strdup_printf ("\"%s\":{\"dtype\":\"F32\",\"shape\":[", victim->name);
  char *at = strstr (header, key);
  g_assert_nonnull (at);
  const char *rest = strchr (at, ']');
  g_autoptr (GString) out = g_string_new_len (header, at - header);
  if (how == 0)
    g_string_append_printf (out, "\"gone\":%s", at + strlen (victim->name) + 3);
  else {
    g_string_append (out, key);
    for (guint d = 0; d < victim->n_dims && how < 3; d++)
      g_string_append_printf (out, "%s%" G_GINT64_FORMAT, d ? "," : "",
                              victim->dims[how == 1 ? victim->n_dims - 1 - d : d]);
    if (how == 2)
      g_string_append (out, ",1");
    if (how == 3)
      g_string_append_printf (out, "%" G_GSIZE_FORMAT, inq_weight_count (victim));
    g_string_append (out, rest);
  }
  guint64 new_length = GUINT64_TO_LE (out->len);
  GByteArray *all = g_byte_array_new ();
  g_byte_array_append (all, (const guint8 *) &new_length, 8);
  g_byte_array_append (all, (const guint8 *) out->str, (guint) out->len);
  g_byte_array_append (all, data + 8 + length, (guint) (size - 8 - length));
  return g_byte_array_free_to_bytes (all);
}

/* No tensor that is missing or misshapen may do worse than an error. */
static void
test_mutants (gconstpointer family)
{
  const Build builds[] = { build_text, build_unet, build_decoder, build_encoder };
  g_autofree char *folder = fixture_model (tmp, family, 0);
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (InqWeights) whole = inq_weights_open (file, NULL);
  g_autofree char *data = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (file, &data, &size, NULL));
  g_autoptr (GBytes) original = g_bytes_new (data, size);
  guint n = inq_weights_get_count (whole), refused = 0;
  for (guint i = 0; i < n; i++)
    for (int how = 0; how < 4; how++) {
      g_autoptr (GBytes) bytes = mutate (original, inq_weights_get (whole, i), how);
      g_autoptr (GError) error = NULL;
      g_autoptr (InqWeights) weights = inq_weights_new_from_bytes (bytes, "mutant", &error);
      g_assert_no_error (error);
      g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
      gboolean bad = spec->missing->len > 0;
      for (guint b = 0; b < G_N_ELEMENTS (builds); b++) {
        g_autoptr (InqGraph) graph = inq_graph_new (weights);
        builds[b](graph, spec);
        bad |= inq_graph_get_error (graph) != NULL;
      }
      refused += bad;
      if (how == 0 && !g_str_has_suffix (inq_weights_get (whole, i)->name, ".bias"))
        g_assert_cmpstr (bad ? "refused" : inq_weights_get (whole, i)->name, ==,
                         "refused"); /* a network without one of its weights is never built */
    }
  g_test_message ("%u of %u mutants refused", refused, 4 * n);
  g_assert_cmpuint (refused, >, n);
}

static void
test_add_and_list (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
  g_autofree char *named = g_build_filename (tmp, "painted.safetensors", NULL);
  g_autoptr (GFile) from = g_file_new_for_path (file);
  g_autoptr (GFile) to = g_file_new_for_path (named);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error));
  g_autofree char *added = inq_models_add (named, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_auto (GStrv) paths = inq_models_list ();
  g_assert_true (g_strv_contains ((const char *const *) paths, added));
  g_assert_null (inq_models_add (named, NULL, NULL, NULL, &error)); /* never over another */
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_autofree char *alien = g_build_filename (tmp, "alien.safetensors", NULL);
  g_assert_null (inq_models_add (alien, NULL, NULL, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
}

/* ---- shapes ---- */

/* The published numbers of parameters, so every layer is there and as large. */
static void
test_shapes (void)
{
  static const struct {
    const char *name, *family;
    gsize unet, vae;
    int tokens, context;
  } published[] = {
    { "sd15", "sd1", 859520964, 83653863, 49408, 768 },
    { "sd2", "sd2", 865910724, 83653863, 49408, 1024 },
    { "sdxl", "sdxl", 2567463684, 83653863, 49408, 2048 },
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (published); i++) {
    g_autoptr (InqWeights) weights = inq_shape_new (published[i].name, i == 1 ? INQ_DTYPE_Q8_0 : INQ_DTYPE_F16, &error);
    g_assert_no_error (error);
    g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
    gsize unet = 0, vae = 0;
    for (guint k = 0; k < inq_weights_get_count (weights); k++) {
      const InqWeight *w = inq_weights_get (weights, k);
      if (g_str_has_prefix (w->name, "model.diffusion_model."))
        unet += inq_weight_count (w);
      else if (g_str_has_prefix (w->name, "first_stage_model."))
        vae += inq_weight_count (w);
    }
    g_assert_cmpuint (unet, ==, published[i].unet);
    g_assert_cmpuint (vae, ==, published[i].vae);
    g_assert_cmpstr (spec->family->id, ==, published[i].family);
    g_assert_cmpuint (spec->missing->len, ==, 0);
    g_assert_cmpint (spec->towers[0].n_ids, ==, published[i].tokens);
    g_assert_cmpint (spec->context_width, ==, published[i].context);
    const InqWeight *w = inq_weights_lookup (
        weights, "model.diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_q.weight");
    g_assert_cmpint (w->dtype, ==, i == 1 ? INQ_DTYPE_Q8_0 : INQ_DTYPE_F16);
    g_autofree float *values = g_new (float, 4096);
    double squares = 0;
    inq_weight_slice_to_f32 (w, 0, 4096, values);
    for (int k = 0; k < 4096; k++)
      squares += values[k] * values[k];
    g_assert_cmpfloat (squares / 4096, >, 1e-4);
    g_assert_cmpfloat (squares / 4096, <, 1e-3);
  }
  g_assert_null (inq_shape_new ("sd99", INQ_DTYPE_F16, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED);
}

/* Counts of levels and kinds of parts that a file makes up. */
static void
test_hostile (void)
{
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  InqWeight t[62] = { { .name = "model.diffusion_model.input_blocks.0.0.weight", .n_dims = 1, .dims = { 1 } },
                      { .name = "model.diffusion_model.out.2.weight", .n_dims = 1, .dims = { 1 } } };
  for (guint i = 2; i < G_N_ELEMENTS (t); i++) {
    g_ptr_array_add (names, g_strdup_printf (i < 42 ? "model.diffusion_model.input_blocks.%u.0.op.x"
                                                    : "first_stage_model.decoder.up.%u.upsample.x",
                                             i < 42 ? i - 1 : i - 42));
    t[i] = (InqWeight){ .name = g_ptr_array_index (names, i - 2), .n_dims = 1, .dims = { 1 } };
  }
  g_autoptr (InqWeights) weights = inq_weights_new_table (t, G_N_ELEMENTS (t), none, "t");
  inq_weights_set_metadata (weights, "inquadra.family", "sdxl");
  inq_weights_set_metadata (weights, INQ_OTHER_VAE, "x");
  inq_weights_set_metadata (weights, INQ_OTHER_VAE_FAMILY, "bogus");
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  g_assert_cmpuint (spec->missing->len, >, 0);
  g_assert_cmpint (spec->unet_down, >, 0);
  g_assert_cmpint (inq_model_spec_get_multiple (spec), >, 0);
}

int
main (int argc, char **argv)
{
  tmp = fixture_folder_new ();
  g_setenv ("XDG_DATA_HOME", tmp, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/models/shapes", test_shapes);
  g_test_add_func ("/models/house", test_house);
  g_test_add_func ("/models/sd1", test_sd1);
  g_test_add_func ("/models/family", test_family);
  g_test_add_func ("/models/projection", test_projection);
  g_test_add_func ("/models/missing", test_missing);
  g_test_add_func ("/models/hostile", test_hostile);
  g_test_add_func ("/models/unknown", test_unknown);
  g_test_add_func ("/models/not-a-model", test_not_a_model);
  g_test_add_func ("/models/walk", test_walk);
  g_test_add_func ("/models/walk-missing", test_walk_missing);
  g_test_add_data_func ("/models/mutants/house", "house", test_mutants);
  g_test_add_data_func ("/models/mutants/sd1", "sd1", test_mutants);
  g_test_add_func ("/models/add-and-list", test_add_and_list);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

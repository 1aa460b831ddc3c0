/* Inquadra - tests: verify finds what is right, what is wrong, and what it cannot know; the references pass.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <glib/gstdio.h>
#include <inq-noise.h>
#include <inq-weights.h>
#include <math.h>
#include <string.h>

static char *tmp;

typedef struct {
  InqEngine *engine;
  InqModel *model;
  char *expect;
} Set;

static const char json[] = "{\"prompts\": [\"wide shot\", \"\"], \"negative\": \"night\", \"samplers\": {"
                           "\"euler\": {\"steps\": 3, \"cfg\": 4.0, \"prompt\": 0}}}";

static const char *const results[] = { "text0.last",      "text0.penultimate", "text0.pooled",
                                       "context",         "unet.eps.500",      "vae.decode",
                                       "vae.encode.mean", "sample.euler",      "sample.euler.image" };

static GPtrArray *
verify (Set *set, const char *expect, const char *dump, GError **error)
{
  return inq_engine_verify (set->engine, set->model, expect, dump, NULL, NULL, error);
}

static const InqVerifyRow *
find_row (GPtrArray *rows, const char *name)
{
  for (guint i = 0; i < rows->len; i++) {
    const InqVerifyRow *row = g_ptr_array_index (rows, i);
    if (g_str_equal (row->name, name))
      return row;
  }
  return NULL;
}

/* Inputs and results (with what is in @from where it has them) as a set of its own; returns the .safetensors. */
static char *
write_set (const char *name, InqWeights *from, const char *bent, const char *extra)
{
  g_autofree char *json_name = g_strconcat (name, ".json", NULL);
  g_autofree char *file_name = g_strconcat (name, ".safetensors", NULL);
  g_autofree char *json_path = g_build_filename (tmp, json_name, NULL);
  char *path = g_build_filename (tmp, file_name, NULL);
  g_assert_true (g_file_set_contents (json_path, json, -1, NULL));
  static float x[2 * 4 * 8 * 16], image[64 * 32], zero[4];
  inq_noise_fill (1, 0, x, G_N_ELEMENTS (x));
  inq_noise_fill (2, 0, image, G_N_ELEMENTS (image));
  g_autoptr (GArray) out = g_array_new (FALSE, TRUE, sizeof (InqWeightOut));
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func (g_free);
  const InqWeightOut inputs[] = {
    { .name = "unet.x", .n_dims = 4, .dims = { 2, 4, 8, 16 }, .data = x },
    { .name = "vae.z", .n_dims = 4, .dims = { 1, 4, 8, 16 }, .data = x },
    { .name = "sample.noise", .n_dims = 4, .dims = { 1, 4, 8, 16 }, .data = x },
    { .name = "vae.image", .n_dims = 4, .dims = { 1, 1, 32, 64 }, .data = image },
  };
  g_array_append_vals (out, inputs, G_N_ELEMENTS (inputs));
  for (guint i = 0; i < G_N_ELEMENTS (results); i++) {
    InqWeightOut one = { .name = results[i], .n_dims = 1, .dims = { 4 }, .data = zero };
    const InqWeight *w = from ? inq_weights_lookup (from, results[i]) : NULL;
    if (w) {
      float *data = g_new (float, inq_weight_count (w));
      inq_weight_to_f32 (w, data);
      if (bent && g_str_equal (bent, results[i]))
        data[3] += 0.5f;
      one.n_dims = w->n_dims;
      memcpy (one.dims, w->dims, sizeof one.dims);
      one.data = data;
      g_ptr_array_add (owned, data);
    }
    g_array_append_val (out, one);
  }
  if (extra) {
    InqWeightOut one = { .name = extra, .n_dims = 1, .dims = { 4 }, .data = zero };
    g_array_append_val (out, one);
  }
  g_autoptr (GError) error = NULL;
  inq_weights_write (path, (const InqWeightOut *) out->data, out->len, &error);
  g_assert_no_error (error);
  return path;
}

/* First against rubbish, dumping what was computed; then against the dump. */
static void
test_round_trip (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  Set set = { engine, inq_engine_load (engine, folder, &error), NULL };
  g_assert_no_error (error);
  g_autofree char *dump = g_build_filename (tmp, "dump.safetensors", NULL);
  g_autofree char *blank = write_set ("blank", NULL, NULL, NULL);
  g_autoptr (GPtrArray) first = verify (&set, blank, dump, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (first->len, ==, G_N_ELEMENTS (results));
  for (guint i = 0; i < first->len; i++) { /* all of the wrong shape */
    const InqVerifyRow *row = g_ptr_array_index (first, i);
    g_assert_false (row->passed);
    g_assert_true (isinf (row->max_error));
    g_assert_nonnull (strstr (row->reason, "shapes differ"));
  }
  g_autoptr (InqWeights) computed = inq_weights_open (dump, &error);
  g_assert_no_error (error);
  g_autofree char *good = write_set ("good", computed, NULL, NULL);
  g_autoptr (GPtrArray) rows = verify (&set, good, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++) {
    const InqVerifyRow *row = g_ptr_array_index (rows, i);
    g_assert_true (row->passed);
    g_assert_cmpfloat (row->max_error, <=, 1e-6);
  }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++) {
    if (g_str_equal (results[i], "context")) /* an input of the network: others move with it */
      continue;
    g_autofree char *bent = write_set ("bent", computed, results[i], NULL);
    g_autoptr (GPtrArray) bent_rows = verify (&set, bent, NULL, &error);
    for (guint k = 0; k < bent_rows->len; k++) {
      const InqVerifyRow *row = g_ptr_array_index (bent_rows, k);
      g_assert_cmpint (row->passed, ==, !g_str_equal (row->name, results[i]));
    }
    if (i > 1) /* three bent sets show it; each costs a sampling run */
      break;
  }
}

static void
test_unknown_names (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  Set set = { engine, inq_engine_load (engine, folder, &error), NULL };
  const char *const names[] = { "text7.last", "text0.middle", "unet.eps.abc", "sample.magic", "vae.encode.logvar",
                                "i2i.x9",     "taesd.decode", "lora.eps.500", "unheard.of" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (tmp, "odd.safetensors", NULL);
    g_autofree char *json_path = g_build_filename (tmp, "odd.json", NULL);
    float zero[4] = { 0 };
    g_assert_true (g_file_set_contents (json_path, json, -1, NULL));
    g_assert_true (inq_weights_write (
        path, &(InqWeightOut){ .name = names[i], .n_dims = 1, .dims = { 4 }, .data = zero }, 1, &error));
    g_autoptr (GPtrArray) rows = verify (&set, path, NULL, &error);
    g_assert_no_error (error);
    const InqVerifyRow *row = find_row (rows, names[i]);
    g_assert_nonnull (row);
    g_assert_false (row->passed);
    g_assert_nonnull (row->reason);
    g_test_message ("%s: %s", names[i], row->reason);
  }
}

static float
value_of (InqWeights *dump, const char *name, gsize i)
{
  const InqWeight *w = inq_weights_lookup (dump, name);
  g_assert_nonnull (w);
  g_autofree float *values = g_new (float, inq_weight_count (w));
  inq_weight_to_f32 (w, values);
  g_assert_cmpuint (i, <, inq_weight_count (w));
  return values[i];
}

/* What verify computes for a set whose vae.z is its noise times @times. */
static InqWeights *
dump_described (Set *set, const char *description, float times)
{
  static const char *const asked[] = { "vae.decode", "sample.a", "sample.b", "sample.euler" };
  enum { PER = 4 * 8 * 16, CONTEXT = 2 * 20 * 64 };
  static float z[2 * PER], noise[2 * PER], context[CONTEXT], zero[4];
  inq_noise_fill (1, 0, noise, G_N_ELEMENTS (noise));
  inq_noise_fill (2, 0, context, CONTEXT);
  for (guint i = 0; i < G_N_ELEMENTS (z); i++)
    z[i] = noise[i] * times;
  InqWeightOut out[3 + G_N_ELEMENTS (asked)] = {
    { .name = "context", .n_dims = 3, .dims = { 2, 20, 64 }, .data = context },
    { .name = "vae.z", .n_dims = 4, .dims = { 2, 4, 8, 16 }, .data = z },
    { .name = "sample.noise", .n_dims = 4, .dims = { 2, 4, 8, 16 }, .data = noise },
  };
  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    out[3 + i] = (InqWeightOut){ .name = asked[i], .n_dims = 1, .dims = { 4 }, .data = zero };
  g_autofree char *path = g_build_filename (tmp, "told.safetensors", NULL);
  g_autofree char *json_path = g_build_filename (tmp, "told.json", NULL);
  g_autofree char *dump = g_build_filename (tmp, "told-dump.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (json_path, description, -1, NULL));
  g_assert_true (inq_weights_write (path, out, G_N_ELEMENTS (out), &error));
  g_autoptr (GPtrArray) rows = verify (set, path, dump, &error);
  g_assert_no_error (error);
  InqWeights *computed = inq_weights_open (dump, &error);
  g_assert_no_error (error);
  return computed;
}

/* What a description says of runs, batches, schedules and scales is what is computed. */
static void
test_described (void)
{
  static const char first[] =
      "{\"prompts\": [\"\"], \"scaling_factor\": 0.5, \"schedule\": {\"beta_start\": 0.001, \"beta_end\": 0.02},"
      " \"samplers\": {\"a\": {\"sampler\": \"euler\", \"schedule\": \"trailing\", \"steps\": 2},"
      " \"b\": {\"sampler\": \"euler\", \"steps\": 2, \"timesteps\": [999, 499.0]}, \"euler\": {\"steps\": 2}}}";
  static const char second[] = "{\"prompts\": [\"\"], \"scaling_factor\": 1, \"samplers\": {"
                               "\"a\": {\"sampler\": \"euler_trailing\", \"steps\": 2}, \"b\": {\"steps\": 2},"
                               " \"euler\": {\"steps\": 2, \"timesteps\": [[1], \"x\"]}}}";
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  Set set = { engine, inq_engine_load (engine, folder, NULL), NULL };
  g_autoptr (InqWeights) one = dump_described (&set, first, 1), two = dump_described (&set, second, 2);
  const InqWeight *picture = inq_weights_lookup (one, "vae.decode"), *run = inq_weights_lookup (one, "sample.a");
  g_assert_cmpint (picture->dims[0], ==, 2);
  g_assert_cmpint (run->dims[0], ==, 2);
  gsize last = inq_weight_count (run) - 1;
  g_assert_cmpfloat (value_of (one, "sample.a", last), ==, value_of (one, "sample.b", last));
  g_assert_cmpfloat (value_of (one, "sample.a", last), !=, value_of (one, "sample.euler", last));
  g_assert_cmpfloat (value_of (one, "sample.a", last), !=, value_of (two, "sample.a", last)); /* other betas */
  g_assert_null (inq_weights_lookup (two, "sample.b"));                                       /* no sampler */
  gsize end = inq_weight_count (picture) - 1;
  g_assert_cmpfloat (value_of (one, "vae.decode", end), ==, value_of (two, "vae.decode", end));
  g_assert_cmpfloat (value_of (one, "vae.decode", end), !=, value_of (one, "vae.decode", end / 2));
}

static void
test_no_reference (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  Set set = { engine, inq_engine_load (engine, folder, NULL), NULL };
  g_autoptr (GError) error = NULL;
  g_assert_null (verify (&set, "/nonexistent.safetensors", NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (verify (&set, "/etc/passwd", NULL, &error));
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
  g_clear_error (&error);
  g_autofree char *path = write_set ("alone", NULL, NULL, NULL);
  g_autofree char *json_path = g_build_filename (tmp, "alone.json", NULL);
  g_assert_true (g_file_set_contents (json_path, "[1, 2", -1, NULL));
  g_assert_null (verify (&set, path, NULL, &error));
  g_assert_nonnull (error);
}

/* ---- what PyTorch computed ---- */

static void
check_set (const char *model_path, const char *expect)
{
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  /* Software devices compute in f32 throughout, and come far closer than what halves allow. */
  double share = inq_gpu_get_facts (inq_engine_get_gpu (engine))->kind == INQ_GPU_KIND_SOFTWARE ? 0.05 : 1;
  Set set = { engine, inq_engine_load (engine, model_path, &error), NULL };
  g_assert_no_error (error);
  g_autoptr (GPtrArray) rows = verify (&set, expect, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, >, 0);
  for (guint i = 0; i < rows->len; i++) {
    const InqVerifyRow *row = g_ptr_array_index (rows, i);
    g_test_message ("%-28s %.3e of %.1e%s%s", row->name, row->max_error, row->tolerance, row->reason ? ": " : "",
                    row->reason ? row->reason : "");
    g_assert_true (row->passed);
    g_assert_cmpfloat (row->max_error, <=, row->tolerance * share);
  }
}

static void
test_reference (gconstpointer data)
{
#ifdef __SANITIZE_ADDRESS__
  /* Minutes each. engine-memory and engine-model-formats read and run the same files under the sanitizers; whether the
   * numbers are PyTorch's is asked without. */
  g_test_skip ("numbers are compared without the sanitizers");
  return;
#endif
  const char *reference = g_getenv ("INQ_REFERENCE");
  g_autofree char *model = g_build_filename (reference ? reference : "", data, "model.safetensors", NULL);
  g_autofree char *clip = g_build_filename (reference ? reference : "", "clip", "bpe_simple_vocab_16e6.txt.gz", NULL);
  if (!reference || !g_file_test (model, G_FILE_TEST_EXISTS)) {
    g_test_skip ("$INQ_REFERENCE holds no reference set");
    return;
  }
  g_setenv ("INQ_CLIP_BPE", clip, FALSE);
  const char *const names[] = { "expect.safetensors", "expect-extra.safetensors" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *expect = g_build_filename (reference, data, names[i], NULL);
    if (g_file_test (expect, G_FILE_TEST_EXISTS))
      check_set (model, expect);
  }
}

/* ---- the same as a diffusers folder ---- */

/* One sampler's run, from prompts to picture, of EXPECT and its JSON: as a set of its own. (transfer full) */
static char *
cut_set (const char *expect, const char *name)
{
  static const char *const wanted[] = { "sample.noise", "sample.euler", "sample.euler.image" };
  g_autoptr (GError) error = NULL;
  g_autoptr (InqWeights) all = inq_weights_open (expect, &error);
  g_assert_no_error (error);
  InqWeightOut out[G_N_ELEMENTS (wanted)];
  guint n = 0;
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    const InqWeight *w = inq_weights_lookup (all, wanted[i]);
    if (!w)
      continue;
    float *values = g_new (float, inq_weight_count (w));
    inq_weight_to_f32 (w, values);
    out[n] = (InqWeightOut){ .name = wanted[i], .n_dims = w->n_dims, .data = values };
    memcpy (out[n++].dims, w->dims, sizeof w->dims);
  }
  g_assert_cmpuint (n, >=, 2);
  g_autofree char *file = g_strconcat (name, ".safetensors", NULL), *json_file = g_strconcat (name, ".json", NULL);
  char *path = g_build_filename (tmp, file, NULL);
  g_assert_true (inq_weights_write (path, out, n, &error));
  for (guint i = 0; i < n; i++)
    g_free ((float *) out[i].data);
  g_autofree char *stem = g_strndup (expect, strlen (expect) - strlen (".safetensors"));
  g_autofree char *from = g_strconcat (stem, ".json", NULL), *to = g_build_filename (tmp, json_file, NULL),
                  *text = NULL;
  g_assert_true (g_file_get_contents (from, &text, NULL, NULL) && g_file_set_contents (to, text, -1, NULL));
  return path;
}

/* The network's shards and their index become those of an "fp16" variant. */
static void
rename_shards (const char *folder)
{
  static const char *const names[][2] = {
    { "diffusion_pytorch_model-00001-of-00002.safetensors", "diffusion_pytorch_model.fp16-00001-of-00002.safetensors" },
    { "diffusion_pytorch_model-00002-of-00002.safetensors", "diffusion_pytorch_model.fp16-00002-of-00002.safetensors" },
  };
  g_autofree char *unet = g_build_filename (folder, "unet", NULL), *text = NULL;
  g_autofree char *index = g_build_filename (unet, "diffusion_pytorch_model.safetensors.index.json", NULL);
  g_autofree char *to_index = g_build_filename (unet, "diffusion_pytorch_model.fp16.safetensors.index.json", NULL);
  g_assert_true (g_file_get_contents (index, &text, NULL, NULL));
  g_autoptr (GString) fixed = g_string_new (text);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *from = g_build_filename (unet, names[i][0], NULL),
                    *to = g_build_filename (unet, names[i][1], NULL);
    g_assert_cmpint (g_rename (from, to), ==, 0);
    g_string_replace (fixed, names[i][0], names[i][1], 0);
  }
  g_assert_true (g_file_set_contents (to_index, fixed->str, -1, NULL));
  g_remove (index);
}

static void
test_diffusers (gconstpointer data)
{
  const char *set = data, *reference = g_getenv ("INQ_REFERENCE"), *test_data = g_getenv ("INQ_TEST_DATA");
  g_autofree char *python = g_find_program_in_path ("python3");
  g_autofree char *model = g_build_filename (reference ? reference : "", set, "model.safetensors", NULL);
  g_autofree char *expect = g_build_filename (reference ? reference : "", set, "expect.safetensors", NULL);
  g_autofree char *clip = g_build_filename (reference ? reference : "", "clip", "bpe_simple_vocab_16e6.txt.gz", NULL);
  g_autofree char *script = g_build_filename (test_data ? test_data : "", "files", "make-diffusers.py", NULL);
  g_autofree char *folder = g_build_filename (tmp, set, NULL);
  const char *family = g_str_has_prefix (set, "sd15") ? "sd1" : g_str_has_prefix (set, "sd2") ? "sd2" : "sdxl";
  g_autoptr (GError) error = NULL;
  int status;
  if (!reference || !python || !g_file_test (model, G_FILE_TEST_EXISTS)) {
    g_test_skip ("$INQ_REFERENCE holds no reference set, or there is no python3 to write it as a folder");
    return;
  }
  g_setenv ("INQ_CLIP_BPE", clip, FALSE);
  const char *argv[] = { python, script, model, family, folder, NULL };
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error));
  g_assert_true (g_spawn_check_wait_status (status, &error));
  g_autofree char *cut = cut_set (expect, set);
  if (g_str_equal (family, "sd1"))
    rename_shards (folder);
  check_set (folder, cut);
}

static void
test_house (void)
{
  const char *data = g_getenv ("INQ_TEST_DATA");
  g_autofree char *expect = g_build_filename (data ? data : "", "house", "expect.safetensors", NULL);
  g_autofree char *house = inq_house_model_path ();
  if (!house || !g_file_test (expect, G_FILE_TEST_EXISTS)) {
    g_test_skip ("the house model or what PyTorch made of it is not at hand");
    return;
  }
  check_set (house, expect);
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verify/round-trip", test_round_trip);
  g_test_add_func ("/verify/unknown-names", test_unknown_names);
  g_test_add_func ("/verify/described", test_described);
  g_test_add_func ("/verify/no-reference", test_no_reference);
  g_test_add_func ("/verify/house", test_house);
  g_test_add_data_func ("/verify/reference/sd15-mini", "sd15-mini", test_reference);
  g_test_add_data_func ("/verify/reference/sd2-mini", "sd2-mini", test_reference);
  g_test_add_data_func ("/verify/reference/sdxl-mini", "sdxl-mini", test_reference);
  g_test_add_data_func ("/verify/diffusers/sd15-mini", "sd15-mini", test_diffusers);
  g_test_add_data_func ("/verify/diffusers/sd2-mini", "sd2-mini", test_diffusers);
  g_test_add_data_func ("/verify/diffusers/sdxl-mini", "sdxl-mini", test_diffusers);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

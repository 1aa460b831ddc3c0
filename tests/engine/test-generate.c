/* Inquadra - tests: the whole path from prompt to picture, with small random models.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "generate-fixture.h"

#include <inq-gpu-test.h>
#include <inq-noise.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <recipe.h>
#include <stdio.h>

static char *tmp;

/* Same recipe, same bytes; in a fresh engine too; another seed or prompt, another picture. */
static void
test_deterministic (gconstpointer family)
{
  g_autofree char *folder = fixture_model (tmp, family, 0);
  InqGenerateParams params = default_params ();
  params.width = 32;
  params.height = 16;
  params.steps = 3;
  g_auto (Seen) seen = seen_new ();
  g_autoptr (GError) error = NULL;
  for (int i = 0; i < 2; i++) {
    g_autoptr (InqEngine) engine = fixture_engine ();
    params.count = i == 0 ? 3 : 1;
    g_auto (Seen) once = seen_new ();
    g_assert_true (run (engine, folder, &params, &once, NULL, FALSE, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (once.pictures->len, ==, (guint) params.count);
    g_assert_cmpuint (once.steps, ==, (guint) (3 * params.count));
    g_assert_cmpuint (once.decodes, ==, (guint) params.count);
    for (int k = 0; k < params.count; k++)
      g_ptr_array_add (seen.pictures, inq_picture_copy (picture (&once, (guint) k)));
    if (i == 1) { /* seed 42 alone is picture 1 of the run from 41 */
      params.seed = 42;
      g_auto (Seen) alone = seen_new ();
      g_assert_true (run (engine, folder, &params, &alone, NULL, FALSE, &error));
      assert_same (picture (&alone, 0), picture (&seen, 1));
      params.prompt = "the night";
      g_auto (Seen) other = seen_new ();
      g_assert_true (run (engine, folder, &params, &other, NULL, FALSE, &error));
      g_assert_cmpuint (count_different (picture (&other, 0), picture (&seen, 1)), >, 0);
    }
  }
  assert_same (picture (&seen, 3), picture (&seen, 0));
  g_assert_cmpuint (count_different (picture (&seen, 0), picture (&seen, 1)), >, 100);
}

/* The network itself: three pictures in one batch are the bytes of each alone. */
static void
test_batch_is_alone (gconstpointer family)
{
  g_autofree char *folder = fixture_model (tmp, family, 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  InqModel *model = inq_engine_load (engine, folder, &error);
  g_assert_no_error (error);
  const InqPromptContext *cond = inq_model_get_context (model, "wide shot", NULL, &error);
  const InqPromptContext *uncond = inq_model_get_context (model, "", NULL, &error);
  g_assert_no_error (error);
  const gint64 h = 8, w = 12;
  gsize per = (gsize) (h * w) * model->spec->latent_channels;
  g_autofree float *together = g_new (float, 3 * per);
  g_autofree float *alone = g_new (float, per);
  InqSampling s = { .n = 3, .h = h, .w = w, .cfg = 5, .cond = cond->context, .uncond = uncond->context, .x = together };
  inq_sampler_params_init (&s.params);
  s.params.prediction = model->spec->prediction;
  s.params.steps = 3;
  for (guint64 i = 0; i < 3; i++)
    inq_noise_fill (7 + i, 0, together + i * per, per);
  g_assert_true (inq_model_sample (model, &s, NULL, &error));
  g_assert_no_error (error);
  s.n = 1;
  for (guint64 i = 0; i < 3; i++) {
    inq_noise_fill (7 + i, 0, alone, per);
    s.x = alone;
    g_assert_true (inq_model_sample (model, &s, NULL, &error));
    g_assert_cmpmem (alone, per * sizeof (float), together + i * per, per * sizeof (float));
  }
}

/* A network that is called without guidance is guided where it is told what to leave out. */
static void
test_negative_guides (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autofree char *beside = g_build_filename (folder, "inquadra.json", NULL);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  static const struct {
    const char *negative;
    double cfg, used;
  } cases[] = { { "", 0, 1 }, { "night", 0, 2 }, { "night", 1, 1 }, { "", 2.5, 2.5 } };

  g_file_set_contents (beside, "{\"cfg\": 1, \"negative_cfg\": 2}", -1, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    InqGenerateParams params = default_params ();
    g_auto (Seen) seen = seen_new ();

    params.negative = cases[i].negative;
    params.cfg = cases[i].cfg;
    g_assert_true (run (engine, folder, &params, &seen, NULL, FALSE, &error));
    g_assert_no_error (error);
    g_autoptr (JsonNode) node = json_from_string (g_ptr_array_index (seen.recipes, 0), NULL);
    g_assert_cmpfloat (json_object_get_double_member (json_node_get_object (node), "cfg"), ==, cases[i].used);
  }
  g_remove (beside);
}

static void
test_recipe (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = default_params ();
  params.seed = 5;
  g_auto (Seen) seen = seen_new ();
  g_autoptr (GError) error = NULL;
  g_assert_true (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_autoptr (JsonNode) node = json_from_string (g_ptr_array_index (seen.recipes, 0), &error);
  g_assert_no_error (error);
  JsonObject *o = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (o, "prompt"), ==, "wide shot");
  g_assert_cmpstr (json_object_get_string_member (o, "negative"), ==, "night");
  g_assert_cmpint (json_object_get_int_member (o, "seed"), ==, 5);
  g_assert_cmpint (json_object_get_int_member (o, "steps"), ==, 4); /* the model's own */
  g_assert_cmpfloat (json_object_get_double_member (o, "cfg"), ==, 3);
  g_assert_cmpstr (json_object_get_string_member (o, "sampler"), ==, "euler");
  g_assert_cmpint (json_object_get_int_member (o, "width"), ==, 64);
  g_assert_cmpint (json_object_get_int_member (o, "height"), ==, 32);
  g_assert_cmpstr (json_object_get_string_member (o, "model_hash"), ==,
                   inq_model_get_hash (inq_engine_load (engine, folder, NULL)));
  g_assert_true (json_object_has_member (o, "device") && json_object_has_member (o, "engine"));
  g_assert_false (json_object_has_member (o, "init"));
  g_assert_false (json_object_has_member (o, "guidance_rescale"));
  params.guidance_rescale = 0.5;
  g_auto (Seen) rescaled = seen_new ();
  g_assert_true (run (engine, folder, &params, &rescaled, NULL, FALSE, &error));
  g_assert_nonnull (strstr (g_ptr_array_index (rescaled.recipes, 0), "\"guidance_rescale\":0.5"));
  const InqPicture *a = g_ptr_array_index (seen.pictures, 0), *b = g_ptr_array_index (rescaled.pictures, 0);
  g_assert_true (memcmp (a->rgb, b->rgb, (gsize) a->width * a->height * 3) != 0);
  params.guidance_rescale = 1.1;
  g_assert_false (run (engine, folder, &params, &rescaled, NULL, FALSE, &error));
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
  g_clear_error (&error);
  params.guidance_rescale = 0;
  g_assert_false (json_object_has_member (o, "eta"));
  g_autoptr (InqPicture) usual = NULL;
  for (int i = 0; i < 2; i++) {
    g_auto (Seen) other = seen_new ();
    params.sampler = "tcd";
    params.eta = i == 0 ? -1 : 0.5;
    g_assert_true (run (engine, folder, &params, &other, NULL, FALSE, &error));
    g_autoptr (JsonNode) told = json_from_string (g_ptr_array_index (other.recipes, 0), NULL);
    g_assert_cmpfloat (json_object_get_double_member (json_node_get_object (told), "eta"), ==, i == 0 ? 0.3 : 0.5);
    if (usual)
      g_assert_cmpuint (count_different (usual, picture (&other, 0)), >, 0);
    else
      usual = inq_picture_copy (picture (&other, 0));
  }
}

/* Guided in a part of the run: all of it is what no interval gives, none of it what no guidance gives, and a run from a
 * picture counts from where the full one would be. */
static void
test_guidance_interval (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = default_params ();
  g_autofree char *recipe = NULL;
  g_autofree char *full = picture_hash (engine, folder, &params, &recipe);
  g_assert_null (strstr (recipe, "guidance_end"));
  params.cfg = 1;
  g_autofree char *none = picture_hash (engine, folder, &params, NULL);
  params.cfg = 0;
  params.guidance_start = params.guidance_end = 0.5;
  g_autofree char *empty = picture_hash (engine, folder, &params, NULL);
  g_assert_cmpstr (empty, ==, none);
  params.guidance_start = 0;
  g_free (g_steal_pointer (&recipe));
  g_autofree char *half = picture_hash (engine, folder, &params, &recipe);
  g_assert_nonnull (strstr (recipe, "\"guidance_end\":0.5"));
  g_assert_cmpstr (half, !=, none);
  g_assert_cmpstr (half, !=, full);
  params.guidance_start = 0.5;
  params.guidance_end = 1;
  g_autofree char *other_half = picture_hash (engine, folder, &params, NULL);
  g_assert_cmpstr (other_half, !=, half);
  g_assert_cmpstr (other_half, !=, full);

  g_autoptr (InqPicture) init = inq_picture_new (64, 32);
  params.init = init;
  params.strength = 0.5; /* the last two of four steps */
  g_autofree char *late = picture_hash (engine, folder, &params, NULL);
  params.guidance_start = 0;
  g_autofree char *all = picture_hash (engine, folder, &params, NULL);
  g_assert_cmpstr (late, ==, all);
  params.guidance_end = 0.5;
  g_autofree char *early = picture_hash (engine, folder, &params, NULL);
  params.cfg = 1;
  g_autofree char *unguided = picture_hash (engine, folder, &params, NULL);
  g_assert_cmpstr (early, ==, unguided);

  g_auto (Seen) seen = seen_new ();
  g_autoptr (GError) error = NULL;
  params.guidance_start = 0.6;
  g_assert_false (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
}

static void
test_notices (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GString) words = g_string_new (NULL);
  for (int i = 0; i < 10000; i++)
    g_string_append (words, "night ");
  InqGenerateParams params = default_params ();
  params.prompt = words->str;
  params.negative = "shot \xff\xfe";
  params.width = 70;
  params.height = 9;
  params.steps = 1;
  g_auto (Seen) seen = seen_new ();
  g_autoptr (GError) error = NULL;
  g_assert_true (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (seen.notices->len, ==, 3);
  g_assert_nonnull (strstr (g_ptr_array_index (seen.notices, 0), "64x16"));
  g_assert_nonnull (strstr (g_ptr_array_index (seen.notices, 1), "the first 22"));
  g_assert_nonnull (strstr (g_ptr_array_index (seen.notices, 2), "UTF-8"));
  for (guint i = 0; i < 3; i++)
    g_assert_true (g_utf8_validate (g_ptr_array_index (seen.notices, i), -1, NULL));
  g_assert_cmpint (picture (&seen, 0)->width, ==, 64);
  g_assert_cmpint (picture (&seen, 0)->height, ==, 16);
}

static void
test_bad_parameters (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_auto (Seen) seen = seen_new ();
  InqGenerateParams good = default_params (), p[9];
  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    p[i] = good;
  g_autoptr (InqPicture) mask = inq_picture_new (8, 8);
  p[0].sampler = "magic";
  p[1].steps = 151;
  p[2].cfg = 0.5;
  p[3].count = 65;
  p[4].count = 0;
  p[5].width = 100000;
  p[6].mask = mask;
  p[7].cfg = NAN;
  p[8].eta = 0.5; /* not of its sampler */
  for (guint i = 0; i < G_N_ELEMENTS (p); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (run (engine, folder, &p[i], &seen, NULL, FALSE, &error));
    g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
    if (i == 0)
      g_assert_nonnull (strstr (error->message, "euler"));
  }
  g_assert_cmpuint (seen.pictures->len, ==, 0);
}

static void
test_missing_parts (void)
{
  const FixtureFlags flags[] = { FIXTURE_NO_TEXT, FIXTURE_NO_UNET, FIXTURE_NO_DECODER, FIXTURE_SHORT_UNET };
  g_autoptr (InqEngine) engine = fixture_engine ();
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    g_autofree char *folder = fixture_model (tmp, "house", flags[i]);
    g_auto (Seen) seen = seen_new ();
    g_autoptr (GError) error = NULL;
    InqGenerateParams params = default_params ();
    g_assert_false (run (engine, folder, &params, &seen, NULL, FALSE, &error));
    g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
  }
  g_autofree char *no_merges = fixture_model (tmp, "house", FIXTURE_NO_MERGES);
  g_auto (Seen) seen = seen_new ();
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = default_params ();
  gboolean ok = run (engine, no_merges, &params, &seen, NULL, FALSE, &error);
  g_assert_false (ok); /* no list at all, or CLIP's, which is too large for this model */
  g_assert_true (g_error_matches (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NO_TOKENIZER)
                 || g_error_matches (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE));
  g_autofree char *place = g_build_filename (no_merges, "tokenizer", "merges.txt", NULL);
  g_assert_nonnull (strstr (error->message, place)); /* says where the model's own belongs */
  g_clear_error (&error);
  g_autoptr (InqModelInfo) info = inq_model_inspect (no_merges, &error);
  g_assert_no_error (error);
  g_assert_false (info->has_tokenizer);
  g_assert_nonnull (info->missing);
  g_assert_nonnull (strstr (info->missing[0], place));
}

/* Cancelled between steps: the error says so, and the same engine then makes the same picture as ever. */
static void
test_cancel (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = default_params ();
  g_auto (Seen) before = seen_new ();
  g_assert_true (run (engine, folder, &params, &before, NULL, FALSE, &error));
  g_auto (Seen) cancelled = seen_new ();
  cancelled.cancel_at_step = cancellable;
  params.steps = 150;
  g_assert_false (run (engine, folder, &params, &cancelled, cancellable, FALSE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (cancelled.steps, <, 150);
  g_assert_cmpuint (cancelled.pictures->len, ==, 0);
  g_clear_error (&error);
  params.steps = 0;
  g_auto (Seen) after = seen_new ();
  g_assert_true (run (engine, folder, &params, &after, NULL, FALSE, &error));
  assert_same (picture (&before, 0), picture (&after, 0));
}

/* A lost device is opened again once, and the run goes on where it was. */
static void
test_device_lost (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = default_params ();
  params.count = 2;
  g_auto (Seen) before = seen_new ();
  g_assert_true (run (engine, folder, &params, &before, NULL, FALSE, &error));
  g_auto (Seen) seen = seen_new ();
  seen.lose = inq_engine_get_gpu (engine);
  g_assert_true (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (seen.pictures->len, ==, 2);
  g_assert_cmpuint (seen.notices->len, ==, 1);
  for (guint i = 0; i < 2; i++)
    assert_same (picture (&before, i), picture (&seen, i));
}

static void
test_out_of_memory (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = default_params ();
  params.steps = 1;
  params.width = params.height = 96;
  inq_gpu_set_memory_limit (inq_engine_get_gpu (engine), 4 << 20);
  g_auto (Seen) seen = seen_new ();
  g_assert_false (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
  g_test_message ("%s", error->message);
  const char *fits = strstr (error->message, " would fit");
  g_assert_nonnull (fits);
  /* and what it says would fit does */
  const char *size = fits;
  while (size > error->message && size[-1] != ' ')
    size--;
  g_assert_cmpint (sscanf (size, "%dx%d", &params.width, &params.height), ==, 2);
  g_clear_error (&error);
  g_assert_true (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_assert_no_error (error);
  inq_gpu_set_memory_limit (inq_engine_get_gpu (engine), 0);
  params.width = params.height = 96;
  g_auto (Seen) again = seen_new ();
  g_assert_true (run (engine, folder, &params, &again, NULL, FALSE, &error));
  g_assert_no_error (error);
}

/* Previews come at steps between, change no byte of the picture, and use the tiny decoder where one lies beside. */
static void
test_previews (gconstpointer family)
{
  g_autofree char *folder = fixture_model (tmp, family, 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = default_params ();
  params.width = 32;
  params.height = 16;
  params.steps = 8;
  g_auto (Seen) without = seen_new ();
  g_auto (Seen) with = seen_new ();
  g_assert_true (run (engine, folder, &params, &without, NULL, FALSE, &error));
  g_assert_true (run (engine, folder, &params, &with, NULL, TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (without.previews, ==, 0);
  g_assert_cmpuint (with.previews, ==, 6);
  assert_same (picture (&without, 0), picture (&with, 0));
  if (g_str_equal (family, "sd1")) {
    fixture_tiny (folder, 0);
    g_autoptr (InqEngine) fresh = fixture_engine ();
    g_auto (Seen) tiny = seen_new ();
    g_assert_true (run (fresh, folder, &params, &tiny, NULL, TRUE, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (tiny.previews, >, 0);
    assert_same (picture (&without, 0), picture (&tiny, 0));
    g_assert_nonnull (inq_model_peek_plan (inq_engine_load (fresh, folder, NULL), "tiny"));
  }
}

/* What guidance leads away from changes the picture only where there is guidance; the recipe says it. Numbers: verify.
 */
static void
test_perturb (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = default_params ();
  g_autofree char *recipe = NULL, *said = NULL;
  g_autofree char *plain = picture_hash (engine, folder, &params, &recipe);
  g_assert_null (strstr (recipe, "perturb"));
  params.perturb = "none";
  g_autofree char *none = picture_hash (engine, folder, &params, NULL);
  g_assert_cmpstr (none, ==, plain);
  params.perturb = "middle";
  g_autofree char *middle = picture_hash (engine, folder, &params, NULL);
  params.perturb = "all";
  g_autofree char *all = picture_hash (engine, folder, &params, &said);
  g_assert_nonnull (strstr (said, "\"perturb\":\"all\""));
  g_assert_cmpstr (middle, !=, plain);
  g_assert_cmpstr (all, !=, middle);
  params.cfg = 1;
  g_autofree char *unguided = picture_hash (engine, folder, &params, NULL);
  params.perturb = NULL;
  g_autofree char *same = picture_hash (engine, folder, &params, NULL);
  g_assert_cmpstr (unguided, ==, same);

  g_auto (Seen) seen = seen_new ();
  g_autoptr (GError) error = NULL;
  params.perturb = "some";
  g_assert_false (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
}

/* Latents of 10^6 are beyond halves: the stage runs again in f32 and gives what f32 gives; others stay halves. */
static void
test_halves_overflow (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  engine->precision = INQ_PRECISION_F16;
  InqModel *model = inq_engine_load (engine, folder, &error);
  g_assert_no_error (error);
  gint64 h = 8, w = 8, tokens = inq_model_get_tokens (model);
  gsize n = (gsize) (h * w) * model->spec->latent_channels, n_context = (gsize) tokens * model->spec->context_width;
  g_autofree float *x = g_new (float, n), *out = g_new (float, n), *wide = g_new (float, n);
  g_autofree float *context = g_new (float, n_context);
  inq_noise_fill (1, 0, x, n);
  inq_noise_fill (2, 0, context, n_context);
  g_assert_true (
      inq_model_run_unet (model, 1, h, w, x, 500, context, tokens, NULL, 0, INQ_PERTURB_NONE, out, NULL, &error));
  g_assert_true (inq_plan_get_halves (inq_model_peek_plan (model, "unet")));
  for (gsize i = 0; i < n; i++)
    x[i] *= 1e6f;
  g_assert_true (
      inq_model_run_unet (model, 1, h, w, x, 500, context, tokens, NULL, 0, INQ_PERTURB_NONE, out, NULL, &error));
  g_assert_false (inq_plan_get_halves (inq_model_peek_plan (model, "unet")));
  g_assert_cmpint (inq_find_not_finite (out, n), ==, -1);
  engine->precision = INQ_PRECISION_F32;
  inq_model_drop_plans (model);
  g_assert_true (
      inq_model_run_unet (model, 1, h, w, x, 500, context, tokens, NULL, 0, INQ_PERTURB_NONE, wide, NULL, &error));
  g_assert_cmpmem (out, n * sizeof *out, wide, n * sizeof *wide);
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/generate/deterministic/house", "house", test_deterministic);
  g_test_add_data_func ("/generate/deterministic/sd1", "sd1", test_deterministic);
  g_test_add_data_func ("/generate/batch-is-alone/house", "house", test_batch_is_alone);
  g_test_add_data_func ("/generate/batch-is-alone/sd1", "sd1", test_batch_is_alone);
  g_test_add_func ("/generate/recipe", test_recipe);
  g_test_add_func ("/generate/negative-guides", test_negative_guides);
  g_test_add_func ("/generate/guidance-interval", test_guidance_interval);
  g_test_add_func ("/generate/perturb", test_perturb);
  g_test_add_func ("/generate/notices", test_notices);
  g_test_add_func ("/generate/bad-parameters", test_bad_parameters);
  g_test_add_func ("/generate/missing-parts", test_missing_parts);
  g_test_add_func ("/generate/cancel", test_cancel);
  g_test_add_func ("/generate/device-lost", test_device_lost);
  g_test_add_func ("/generate/out-of-memory", test_out_of_memory);
  g_test_add_data_func ("/generate/previews/house", "house", test_previews);
  g_test_add_data_func ("/generate/previews/sd1", "sd1", test_previews);
  g_test_add_func ("/generate/halves-overflow", test_halves_overflow);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

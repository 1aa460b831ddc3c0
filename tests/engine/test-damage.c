/* Inquadra - tests: damaged and misplaced files end in an error that says where, never in a wrong picture.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <glib/gstdio.h>
#include <inq-key-map.h>
#include <inq-model.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static char *tmp;

/* ---- helpers ---- */

typedef struct {
  InqPicture *picture; /* (nullable) */
  GString *notices;    /* one a line */
  guint previews;
} Seen;

static void
seen_clear (Seen *seen)
{
  g_clear_pointer (&seen->picture, inq_picture_free);
  g_string_free (seen->notices, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe, gpointer data)
{
  ((Seen *) data)->picture = picture;
}

static void
notice_cb (const char *message, gpointer data)
{
  g_string_append_printf (((Seen *) data)->notices, "%s\n", message);
}

static void
progress_cb (InqStage stage, int index, int step, int n_steps, const InqPicture *preview, gpointer data)
{
  Seen *seen = data;
  seen->previews += preview != NULL;
  for (gsize i = 0; preview && i < (gsize) (preview->width * preview->height * 3); i++)
    if (preview->rgb[i])
      return;
  g_assert_null (preview); /* black all over */
}

static InqGenerateParams
params_new (void)
{
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = "wide shot";
  params.negative = "night";
  params.seed = 3;
  params.width = 64;
  params.height = 32;
  params.steps = 3;
  params.cfg = 3;
  return params;
}

static gboolean
draw (InqEngine *engine, const char *path, const char *vae, const InqGenerateParams *params, Seen *seen, GError **error)
{
  const char *const beside[] = { vae, NULL };
  const InqGenerateCallbacks callbacks = {
    .picture = picture_cb, .notice = notice_cb, .progress = progress_cb, .data = seen, .previews = TRUE
  };
  *seen = (Seen){ .notices = g_string_new (NULL) };
  InqModel *model = inq_engine_load_with (engine, path, vae ? beside : NULL, error);
  return model && inq_engine_generate (engine, model, params, &callbacks, NULL, error);
}

static void
must_draw (InqEngine *engine, const char *path, const char *vae, const InqGenerateParams *params, Seen *seen)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (draw (engine, path, vae, params, seen, &error));
  g_assert_no_error (error);
  g_assert_nonnull (seen->picture);
}

static void
must_fail (InqEngine *engine, const char *path, const InqGenerateParams *params, const char *const *says)
{
  g_autoptr (GError) error = NULL;
  g_auto (Seen) seen = { 0 };
  g_assert_false (draw (engine, path, NULL, params, &seen, &error));
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE);
  g_test_message ("%s", error->message);
  for (guint i = 0; says[i]; i++)
    if (!strstr (error->message, says[i]))
      g_error ("\"%s\" does not say \"%s\"", error->message, says[i]);
  g_assert_null (seen.picture);
}

static InqPicture *
gradient (void)
{
  InqPicture *p = inq_picture_new (64, 32);
  for (int i = 0; i < 64 * 32 * 3; i++)
    p->rgb[i] = (guint8) (i / 3 % 64 * 4);
  return p;
}

/* A model's own folder with the fixture's word list and whatever @edit makes of its tensors. */
static char *
edited (const char *fixture, const char *name, FixtureEdit edit)
{
  g_autofree char *words = g_build_filename (tmp, name, "tokenizer", NULL);
  g_autofree char *from = g_build_filename (fixture, "tokenizer", "merges.txt", NULL);
  g_autofree char *to = g_build_filename (words, "merges.txt", NULL);
  g_autofree char *file = g_build_filename (fixture, "model.safetensors", NULL);
  g_autofree char *text = NULL;
  char *folder = g_build_filename (tmp, name, NULL);
  g_assert_cmpint (g_mkdir_with_parents (words, 0755), ==, 0);
  g_assert_true (g_file_get_contents (from, &text, NULL, NULL) && g_file_set_contents (to, text, -1, NULL));
  fixture_rewrite (file, folder, edit, NULL, 0);
  return folder;
}

/* ---- numbers that are not finite ---- */

/* Each stage in turn has NaN for weights, and each is named, with the tensor; the engine then draws as before. */
static void
test_stages (gconstpointer family)
{
  static const struct {
    FixtureFlags flags;
    gboolean init;
    const char *says[3];
  } cases[] = { { FIXTURE_NAN_TEXT, FALSE, { "text encoder", "cond_stage_model." } },
                { FIXTURE_NAN_UNET, FALSE, { "step 1 of 3", INQ_UNET_PREFIX } },
                { FIXTURE_NAN_DECODER, FALSE, { "decoder", INQ_VAE_PREFIX "decoder." } },
                { FIXTURE_NAN_ENCODER, TRUE, { "encoder", INQ_VAE_PREFIX "encoder." } } };
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (InqPicture) init = gradient ();
  g_autofree char *good = fixture_model (tmp, family, 0);
  InqGenerateParams params = params_new ();
  g_auto (Seen) before = { 0 }, after = { 0 };
  must_draw (engine, good, NULL, &params, &before);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *folder = fixture_model (tmp, family, cases[i].flags);
    InqGenerateParams own = params;
    own.init = cases[i].init ? init : NULL;
    own.strength = 1;
    must_fail (engine, folder, &own, cases[i].says);
  }
  must_draw (engine, good, NULL, &params, &after);
  g_assert_cmpmem (before.picture->rgb, 64 * 32 * 3, after.picture->rgb, 64 * 32 * 3);
  g_assert_cmpuint (before.previews, >, 0);
}

/* The output is so large that what the next step makes of it overflows. */
static float explosion;

static gboolean
explode (InqWeightOut *t, float **values)
{
  gsize n = 1;
  float factor = g_str_equal (t->name, INQ_UNET_PREFIX "out.2.weight")              ? explosion
                 : g_str_equal (t->name, INQ_UNET_PREFIX "input_blocks.0.0.weight") ? 1e3f
                                                                                    : 1;
  for (guint i = 0; i < t->n_dims; i++)
    n *= (gsize) t->dims[i];
  for (gsize i = 0; i < n; i++)
    (*values)[i] *= factor;
  return TRUE;
}

static void
test_later_step (void)
{
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = params_new ();
  g_autofree char *sd1 = fixture_model (tmp, "sd1", 0);
  explosion = 3e36f;
  g_autofree char *burst = edited (sd1, "bursts", explode);
  params.cfg = 1;
  params.steps = 4;
  params.sampler = "euler";
  must_fail (engine, burst, &params, (const char *const[]){ "diffusion network", "step 2 of 4", NULL });
  /* what the sampler makes of it overflows */
  explosion = 3e37f;
  g_autofree char *shot = edited (sd1, "bursts-at-once", explode);
  must_fail (engine, shot, &params, (const char *const[]){ "sampler “euler”", "step 1 of 4", NULL });
}

/* The first pass ends with numbers that the second cannot take. */
static void
test_hires (void)
{
  g_autofree char *sd1 = fixture_model (tmp, "sd1", 0);
  explosion = 3e36f;
  g_autofree char *folder = edited (sd1, "bursts-larger", explode);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = params_new ();
  params.cfg = 1;
  params.sampler = "euler";
  params.steps = 1;
  params.hires_steps = 4;
  params.hires_scale = 2;
  must_fail (engine, folder, &params, (const char *const[]){ "Hires pass: ", "step 1 of 2", NULL });
}

/* A damaged decoder for previews costs its previews, which are not black, and is named once. */
static void
test_tiny (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", FIXTURE_MID_ATTENTION);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = params_new ();
  params.steps = 6;
  fixture_tiny (folder, NAN);
  g_auto (Seen) seen = { 0 };
  must_draw (engine, folder, NULL, &params, &seen);
  g_test_message ("%s", seen.notices->str);
  const char *at = strstr (seen.notices->str, "taesd_decoder.safetensors");
  g_assert_nonnull (at);
  g_assert_null (strstr (at + 1, "taesd_decoder.safetensors"));
  g_assert_nonnull (strstr (seen.notices->str, "No preview at step"));
  g_assert_cmpuint (seen.previews, >, 0); /* the others are made another way */
}

/* .. and so does a damaged encoder, when no other preview can be had. */
static void
test_encoder_of_previews (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", FIXTURE_NAN_ENCODER);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = params_new ();
  g_auto (Seen) seen = { 0 };
  must_draw (engine, folder, NULL, &params, &seen);
  g_assert_nonnull (strstr (seen.notices->str, "encoder"));
  g_assert_cmpuint (seen.previews, ==, 0);
}

static void
test_lora (void)
{
  const char *const stem = "lora_unet_mid_block_attentions_0_transformer_blocks_0_ff_net_0_proj";
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *path = g_build_filename (tmp, "style.safetensors", NULL);
  g_autofree char *down = g_strconcat (stem, ".lora_down.weight", NULL);
  g_autofree char *up = g_strconcat (stem, ".lora_up.weight", NULL);
  g_autofree float *values = g_new0 (float, 256);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = params_new ();
  values[40] = INFINITY;
  const InqWeightOut tensors[] = { { down, 2, { 1, 64 }, values }, { up, 2, { 256, 1 }, values } };
  g_assert_true (inq_weights_write (path, tensors, 2, &error));
  params.loras = &(InqLoraUse){ path, 1, FALSE };
  params.n_loras = 1;
  must_fail (engine, folder, &params, (const char *const[]){ "step 1 of 3", "LoRA “style.safetensors”", down, NULL });
  params.n_loras = 0;
  g_auto (Seen) seen = { 0 };
  must_draw (engine, folder, NULL, &params, &seen);
}

/* ---- zeros ---- */

static gboolean
blank (InqWeightOut *t, float **values)
{
  if (g_str_equal (t->name, INQ_UNET_PREFIX "middle_block.0.in_layers.2.weight"))
    memset (*values, 0, sizeof (float) * 64 * 64 * 9);
  return TRUE;
}

static gboolean
keep_all (InqWeightOut *tensor, float **values)
{
  return TRUE;
}

static void
test_zeros (void)
{
  g_autofree char *good = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = params_new ();
  g_autofree char *hole = edited (good, "hole", blank);
  {
    g_auto (Seen) seen = { 0 }, again = { 0 };
    must_draw (engine, hole, NULL, &params, &seen);
    g_assert_nonnull (strstr (seen.notices->str, INQ_UNET_PREFIX "middle_block.0.in_layers.2.weight"));
    must_draw (engine, hole, NULL, &params, &again);
    g_assert_cmpstr (again.notices->str, ==, ""); /* said once */
  }
  /* A download that was given its room at once and did not finish. */
  g_autofree char *part = edited (good, "part", keep_all);
  g_autofree char *file = g_build_filename (part, "model.safetensors", NULL);
  GStatBuf info;
  g_assert_cmpint (g_stat (file, &info), ==, 0);
  g_test_message ("%" G_GINT64_FORMAT " bytes", (gint64) info.st_size);
  g_assert_cmpint (truncate (file, info.st_size - (2 << 20)), ==, 0);
  g_assert_cmpint (truncate (file, info.st_size), ==, 0);
  g_auto (Seen) seen = { 0 };
  g_assert_false (draw (engine, part, NULL, &params, &seen, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, "did not finish"));
}

/* ---- another model's autoencoder ---- */

static gboolean
only_vae (InqWeightOut *tensor, float **values)
{
  return g_str_has_prefix (tensor->name, INQ_VAE_PREFIX);
}

static void
test_vae (void)
{
  g_autofree char *model = fixture_model (tmp, "sd1", 0);
  g_autofree char *vae_folder = edited (model, "vae", only_vae);
  g_autofree char *made = g_build_filename (vae_folder, "model.safetensors", NULL);
  g_autofree char *told = g_build_filename (vae_folder, "diffusion_pytorch_model.safetensors", NULL);
  g_autofree char *named = g_build_filename (vae_folder, "sdxl_vae.safetensors", NULL);
  g_autofree char *config = g_build_filename (vae_folder, "config.json", NULL);
  g_autofree char *settings = g_build_filename (model, "inquadra.json", NULL);
  g_autofree char *bytes = NULL;
  gsize n;
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = params_new ();
  g_assert_true (g_file_get_contents (made, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (told, bytes, (gssize) n, NULL));
  g_assert_true (g_file_set_contents (named, bytes, (gssize) n, NULL));
  {
    g_auto (Seen) seen = { 0 };
    must_draw (engine, model, told, &params, &seen); /* nothing tells */
    g_assert_cmpstr (seen.notices->str, ==, "");
  }
  {
    g_auto (Seen) seen = { 0 };
    must_draw (engine, model, named, &params, &seen);
    g_assert_nonnull (strstr (seen.notices->str, "belongs to Stable Diffusion XL"));
    g_assert_nonnull (strstr (seen.notices->str, "0.18215"));
  }
  g_assert_true (
      g_file_set_contents (config, "{\"_class_name\": \"AutoencoderKL\", \"scaling_factor\": 0.13025}", -1, NULL));
  inq_engine_load (engine, vae_folder, NULL); /* not from the engine's memory */
  {
    g_auto (Seen) seen = { 0 };
    g_assert_false (draw (engine, model, told, &params, &seen, &error));
    g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
    g_assert_nonnull (strstr (error->message, "scaled by 0.13025"));
    g_assert_nonnull (strstr (error->message, "vae_scale"));
  }
  /* Whoever knows better says so. */
  g_assert_true (g_file_set_contents (settings, "{\"vae_scale\": 0.13025}", -1, NULL));
  inq_engine_load (engine, vae_folder, NULL);
  {
    g_auto (Seen) seen = { 0 };
    must_draw (engine, model, told, &params, &seen);
    g_assert_cmpstr (seen.notices->str, ==, "");
    g_assert_cmpfloat_with_epsilon (
        inq_engine_load_with (engine, model, (const char *const[]){ told, NULL }, NULL)->spec->vae_scale, 0.13025,
        1e-9);
  }
  g_remove (settings);
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/damage/stages/house", "house", test_stages);
  g_test_add_data_func ("/damage/stages/sd1", "sd1", test_stages);
  g_test_add_func ("/damage/later-step", test_later_step);
  g_test_add_func ("/damage/hires", test_hires);
  g_test_add_func ("/damage/tiny", test_tiny);
  g_test_add_func ("/damage/encoder-of-previews", test_encoder_of_previews);
  g_test_add_func ("/damage/lora", test_lora);
  g_test_add_func ("/damage/zeros", test_zeros);
  g_test_add_func ("/damage/vae", test_vae);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

/* Inquadra - tests: what a picture starts from, with small random models: another picture, a mask, any size, the
 * model's files. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "generate-fixture.h"

#include <glib/gstdio.h>
#include <recipe.h>
#include <string.h>

static char *tmp;

static void
test_init_and_mask (gconstpointer family)
{
  g_autofree char *folder = fixture_model (tmp, family, 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPicture) init = gradient (64, 32);
  g_autoptr (InqPicture) mask = inq_picture_new (64, 32);
  memset (mask->rgb, 0, 64 * 32 * 3);
  for (int y = 0; y < 32; y++)
    memset (mask->rgb + 3 * (64 * y + 32), 255, 3 * 32); /* the right half may change */
  InqGenerateParams params = default_params ();
  params.width = 64;
  params.height = 32;
  params.steps = 6;
  params.init = init;
  params.strength = 0.5;
  g_auto (Seen) seen = seen_new ();
  g_assert_true (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (seen.steps, ==, 3); /* the last half of six */
  g_assert_nonnull (strstr (g_ptr_array_index (seen.recipes, 0), "\"strength\":0.5"));
  params.mask = mask;
  g_auto (Seen) repainted = seen_new ();
  g_assert_true (run (engine, folder, &params, &repainted, NULL, FALSE, &error));
  g_assert_no_error (error);
  const InqPicture *masked = picture (&repainted, 0);
  guint changed = 0;
  for (int y = 0; y < 32; y++)
    for (int x = 0; x < 64; x++) {
      int i = 3 * (64 * y + x);
      if (x < 32)
        g_assert_cmpmem (masked->rgb + i, 3, init->rgb + i, 3);
      else
        changed += memcmp (masked->rgb + i, init->rgb + i, 3) != 0;
    }
  g_assert_cmpuint (changed, >, 500);
  g_assert_nonnull (strstr (g_ptr_array_index (repainted.recipes, 0), "\"mask\""));

  g_autofree char *no_encoder = fixture_model (tmp, family, FIXTURE_NO_ENCODER);
  g_assert_false (run (engine, no_encoder, &params, &seen, NULL, FALSE, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
}

/* Of so few steps that not one fits the strength, enough are taken: never one that begins with nothing of the picture.
 */
static void
test_few_steps (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPicture) init = gradient (32, 32);
  InqGenerateParams params = default_params ();
  params.width = params.height = 32;
  params.init = init;
  params.strength = 0.25;
  params.steps = 4;
  g_autofree char *four = picture_hash (engine, folder, &params, NULL);
  params.steps = 1;
  g_auto (Seen) seen = seen_new ();
  g_assert_true (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (seen.notices->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (seen.notices, 0), "4 were taken"));
  g_assert_nonnull (strstr (g_ptr_array_index (seen.recipes, 0), "\"steps\":4"));
  g_autofree char *hash = inq_picture_hash (g_ptr_array_index (seen.pictures, 0));
  g_assert_cmpstr (hash, ==, four);
}

/* Sides need be no more than multiples of what one latent is; the smallest is what the deepest level sees. */
static void
test_odd_sizes (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPicture) init = gradient (66, 34), mask = inq_picture_new (66, 34);
  InqGenerateParams params = default_params ();
  memset (mask->rgb, 255, 66 * 34 * 3);
  params.width = 66; /* 33 x 17 latents */
  params.height = 34;
  params.steps = 2;
  g_auto (Seen) seen = seen_new ();
  g_assert_true (run (engine, folder, &params, &seen, NULL, FALSE, &error));
  g_assert_no_error (error);
  params.init = init;
  params.mask = mask;
  params.strength = 0.9;
  g_assert_cmpint (picture (&seen, 0)->width, ==, 66);
  g_assert_cmpint (picture (&seen, 0)->height, ==, 34);
  g_assert_cmpuint (seen.notices->len, ==, 0);
  g_auto (Seen) masked = seen_new ();
  g_assert_true (run (engine, folder, &params, &masked, NULL, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (picture (&masked, 0)->width, ==, 66);
  g_assert_cmpuint (masked.notices->len, ==, 0);
  params.init = params.mask = NULL;
  params.width = params.height = 1;
  g_auto (Seen) small = seen_new ();
  g_assert_true (run (engine, folder, &params, &small, NULL, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (picture (&small, 0)->width, ==, 4);
}

static void
test_load_keeps (void)
{
  g_autofree char *one = fixture_model (tmp, "house", 0);
  g_autofree char *two = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqModel *model = inq_engine_load (engine, one, NULL);
  g_assert_true (inq_engine_load (engine, one, NULL) == model);
  g_autoptr (GError) error = NULL;
  g_assert_null (inq_engine_load (engine, "/nonexistent", &error));
  g_assert_true (inq_engine_load (engine, one, NULL) == model); /* a failure drops nothing */
  g_assert_nonnull (inq_engine_load (engine, two, NULL));

  /* What lies beside a model is read again when it is another; so is the model. */
  InqModel *plain = inq_engine_load (engine, two, NULL);
  g_autofree char *settings = g_build_filename (two, "inquadra.json", NULL);
  g_assert_true (inq_engine_load (engine, two, NULL) == plain);
  g_assert_cmpint (inq_model_get_info (plain)->default_steps, !=, 7);
  g_assert_true (g_file_set_contents (settings, "{\"steps\": 7}", -1, NULL));
  g_assert_cmpint (inq_model_get_info (inq_engine_load (engine, two, NULL))->default_steps, ==, 7);
  g_remove (settings);
  g_assert_cmpint (inq_model_get_info (inq_engine_load (engine, two, NULL))->default_steps, !=, 7);
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/start/init-and-mask/house", "house", test_init_and_mask);
  g_test_add_data_func ("/start/init-and-mask/sd1", "sd1", test_init_and_mask);
  g_test_add_func ("/start/few-steps", test_few_steps);
  g_test_add_func ("/start/odd-sizes", test_odd_sizes);
  g_test_add_func ("/start/load-keeps", test_load_keeps);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

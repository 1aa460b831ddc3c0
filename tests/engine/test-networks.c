/* Inquadra - tests: small random networks that inpaint, hear their guidance scale or get odd sides, against diffusers'
 * numbers of the same weights (tests/data/inpaint).
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <inq-model.h>
#include <json-glib/json-glib.h>
#include <math.h>

static char *tmp;

#define SIDE   8
#define TOKENS 20
#define WIDTH  64

/* make.py's wave() of [channels, 8, 8], as [8, 8, channels] */
static float *
wave (double scale, double a, double b, gboolean cosine, int channels)
{
  int n = channels * SIDE * SIDE;
  g_autofree float *nchw = g_new (float, n);
  float *nhwc = g_new (float, n);
  for (int i = 0; i < n; i++)
    nchw[i] = (float) (scale * (float) (cosine ? cos (a * i + b) : sin (a * i + b)));
  inq_nchw_to_nhwc (nchw, nhwc, 1, channels, SIDE, SIDE);
  return nhwc;
}

static void
fill_context (float *context, double a, double b)
{
  for (int i = 0; i < TOKENS * WIDTH; i++)
    context[i] = (float) (0.5 * (float) sin (a * i + b));
}

static void
check_latents (const float *x, JsonObject *root, const char *name)
{
  JsonArray *expected = json_object_get_array_member (root, name);
  int n = 4 * SIDE * SIDE;
  g_autofree float *nchw = g_new (float, n);
  double sum = 0, worst = 0;
  g_assert_cmpuint (json_array_get_length (expected), ==, (guint) n);
  inq_nhwc_to_nchw (x, nchw, 1, 4, SIDE, SIDE);
  for (int i = 0; i < n; i++) {
    double e = json_array_get_double_element (expected, (guint) i);
    sum += e * e;
    worst = MAX (worst, fabs (nchw[i] - e));
  }
  g_test_message ("%s: %g of the standard deviation", name, worst / sqrt (sum / n));
  g_assert_cmpfloat (worst / sqrt (sum / n), <, 2e-3);
}

static void
test_diffusers (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *path = g_build_filename (g_getenv ("INQ_TEST_DATA"), "inpaint", "expect.json", NULL);
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  g_autoptr (InqEngine) engine = fixture_engine ();
  float cond[TOKENS * WIDTH], uncond[TOKENS * WIDTH], mask[SIDE * SIDE];
  fill_context (cond, 0.37, 0.1);
  fill_context (uncond, 0.53, 0.9);
  for (int i = 0; i < SIDE * SIDE; i++)
    mask[i] = i / SIDE > 0 && i % SIDE >= 3;
  g_autofree float *x0 = wave (0.8, 0.31, 1.0, FALSE, 4), *masked = wave (0.7, 0.23, 0.2, TRUE, 4);

  g_autofree char *inpaint = fixture_model (tmp, "sd1", FIXTURE_INPAINT);
  InqModel *model = inq_engine_load (engine, inpaint, &error);
  g_assert_no_error (error);
  g_assert_true (model->spec->inpaint);
  for (int half = 0; half < 2; half++) {
    g_autofree float *x = wave (1.3, 0.9, 0.4, FALSE, 4);
    InqSampling s = { .n = 1,
                      .h = SIDE,
                      .w = SIDE,
                      .cfg = 3,
                      .cond = cond,
                      .uncond = uncond,
                      .tokens = TOKENS,
                      .x = x,
                      .x0 = half ? x0 : NULL,
                      .mask = mask,
                      .masked = masked };
    inq_sampler_params_init (&s.params);
    s.params.steps = 6;
    s.params.strength = half ? 0.5 : 1;
    g_assert_true (inq_model_sample (model, &s, NULL, &error));
    g_assert_no_error (error);
    check_latents (x, root, half ? "inpaint_half" : "inpaint");
  }

  g_autofree char *told = fixture_model (tmp, "sd1", FIXTURE_GUIDANCE);
  model = inq_engine_load (engine, told, &error);
  g_assert_no_error (error);
  g_assert_cmpint (model->spec->guidance_embed, ==, 8);
  for (int two = 0; two < 2; two++) {
    g_autofree float *x = wave (1.3, 0.9, 0.4, FALSE, 4);
    InqSampling s = { .n = 1, .h = SIDE, .w = SIDE, .cfg = two ? 2 : 8.5, .cond = cond, .tokens = TOKENS, .x = x };
    inq_sampler_params_init (&s.params);
    s.params.name = "lcm";
    s.params.steps = 1;
    g_assert_true (inq_model_sample (model, &s, NULL, &error));
    g_assert_no_error (error);
    check_latents (x, root, two ? "lcm_2" : "lcm_8.5");
  }
}

/* Latents of 7 x 5, which the network halves to 4 x 3. */
static void
test_odd_sides (void)
{
  enum { H = 7, W = 5, N = 4 * H * W };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *path = g_build_filename (g_getenv ("INQ_TEST_DATA"), "inpaint", "expect.json", NULL);
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  JsonArray *expected = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "odd");
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  InqModel *model = inq_engine_load (engine, folder, &error);
  g_assert_no_error (error);
  float cond[TOKENS * WIDTH], nchw[N], x[N], out[N];
  double worst = 0;
  fill_context (cond, 0.37, 0.1);
  for (int i = 0; i < N; i++)
    nchw[i] = (float) (1.3 * (float) sin (0.9 * i + 0.4));
  inq_nchw_to_nhwc (nchw, x, 1, 4, H, W);
  g_assert_true (
      inq_model_run_unet (model, 1, H, W, x, 500, cond, TOKENS, NULL, 0, INQ_PERTURB_NONE, out, NULL, &error));
  g_assert_no_error (error);
  inq_nhwc_to_nchw (out, nchw, 1, 4, H, W);
  g_assert_cmpuint (json_array_get_length (expected), ==, N);
  for (guint i = 0; i < N; i++)
    worst = MAX (worst, fabs (nchw[i] - json_array_get_double_element (expected, i)));
  g_assert_cmpfloat (worst, <, 2e-3);
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/networks/diffusers", test_diffusers);
  g_test_add_func ("/networks/odd-sides", test_odd_sides);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

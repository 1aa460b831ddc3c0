/* Inquadra - tests of samplers and schedules: diffusers' numbers for a toy network, and what must hold of any.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-engine.h"
#include "inq-guidance.h"
#include "inq-sampler.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#define N 6

static JsonParser *
load_json (const char *folder, const char *name, const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, name, file, NULL);
  JsonParser *parser = json_parser_new ();

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return parser;
}

static void
get_floats (JsonArray *array, float *out, guint n)
{
  g_assert_cmpuint (json_array_get_length (array), ==, n);
  for (guint i = 0; i < n; i++)
    out[i] = (float) json_array_get_double_element (array, i);
}

static void
assert_close (const float *x, JsonArray *array, double tolerance)
{
  float expected[N];

  get_floats (array, expected, N);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (x[i], expected[i], tolerance * (1 + fabs (expected[i])));
}

/* The network of tests/data/samplers/traces.json. */
static void
toy_network (InqSampler *sampler, guint step, const float *x, float *out)
{
  double scale = inq_sampler_get_input_scale (sampler, step), t = inq_sampler_get_timestep (sampler, step);

  for (guint i = 0; i < N; i++) {
    double in = (float) (scale * x[i]);
    out[i] = (float) (0.6 * sin (1.7 * in + 0.003 * t) + 0.1 * in);
  }
}

/* Draw @draw of tests/data/samplers/more.py. */
static void
toy_noise (guint32 draw, float *out, gsize n, gpointer data)
{
  for (gsize i = 0; i < n; i++)
    out[i] = (float) (1.3 * sin (2.1 * draw + 0.9 * (double) i + 0.4));
}

static void
check_run (JsonObject *root, JsonObject *run)
{
  g_autoptr (GError) error = NULL;
  InqSamplerParams params;
  float noise[N], x0[N], mask[3], x[N], out[N];
  JsonArray *timesteps = json_object_get_array_member (run, "timesteps");
  JsonArray *after = json_object_get_array_member (run, "after");
  gboolean from_picture = json_object_has_member (run, "strength");

  get_floats (json_object_get_array_member (root, "noise"), noise, N);
  get_floats (json_object_get_array_member (root, "x0"), x0, N);
  get_floats (json_object_get_array_member (root, "mask"), mask, 3);
  inq_sampler_params_init (&params);
  params.name = json_object_get_string_member (run, "sampler");
  params.steps = (int) json_object_get_int_member (run, "steps");
  params.strength = json_object_get_double_member_with_default (run, "strength", 1);
  params.shift = json_object_get_double_member_with_default (run, "shift", 1);
  params.schedule = json_object_get_string_member_with_default (run, "schedule", NULL);
  params.eta = json_object_get_double_member_with_default (run, "eta", -1);
  params.zero_snr = json_object_get_boolean_member_with_default (run, "zero_snr", FALSE);
  params.ays_xl = json_object_get_boolean_member_with_default (run, "xl", FALSE);
  g_assert_true (inq_prediction_from_name (json_object_get_string_member (run, "prediction"), &params.prediction));
  g_autoptr (InqSampler) sampler = inq_sampler_new (&params, &error);
  g_assert_no_error (error);
  g_test_message ("%s %s %s %d steps from %g", params.name, params.schedule ? params.schedule : "",
                  inq_prediction_name (params.prediction), params.steps, params.strength);
  inq_sampler_set_noise (sampler, toy_noise, NULL);

  /* From a sigma of 4096 diffusers' Euler subtracts latents of thousands in f32. */
  double tolerance = params.zero_snr && g_str_equal (params.name, "euler") ? 1e-3 : 2e-5;
  guint n_steps = inq_sampler_get_n_steps (sampler);
  g_assert_cmpuint (n_steps, ==, json_array_get_length (timesteps));
  memcpy (x, noise, sizeof x);
  inq_sampler_start (sampler, x, from_picture ? x0 : NULL, N);
  assert_close (x, json_object_get_array_member (run, "start"), 1e-6);
  for (guint i = 0; i < n_steps; i++) {
    g_assert_cmpfloat_with_epsilon (inq_sampler_get_timestep (sampler, i), json_array_get_double_element (timesteps, i),
                                    5e-4);
    toy_network (sampler, i, x, out);
    inq_sampler_step (sampler, i, x, out, N);
    if (json_object_has_member (run, "keep"))
      inq_sampler_keep (sampler, i, x, x0, noise, N, mask, 3);
    if (json_array_get_length (after) == n_steps)
      assert_close (x, json_array_get_array_element (after, i), tolerance);
  }
  assert_close (x, json_array_get_array_element (after, json_array_get_length (after) - 1), tolerance);
}

static void
test_traces (void)
{
  g_autoptr (JsonParser) parser = load_json (g_getenv ("INQ_TEST_DATA"), "samplers", "traces.json");
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  JsonArray *runs = json_object_get_array_member (root, "runs");

  g_assert_cmpuint (json_array_get_length (runs), >, 60);
  for (guint i = 0; i < json_array_get_length (runs); i++)
    check_run (root, json_array_get_object_element (runs, i));
}

/* The others' schedules and the samplers that add noise or call twice: more.py says where each number comes from. */
static void
test_more (void)
{
  g_autoptr (JsonParser) inputs = load_json (g_getenv ("INQ_TEST_DATA"), "samplers", "traces.json");
  g_autoptr (JsonParser) parser = load_json (g_getenv ("INQ_TEST_DATA"), "samplers", "more.json");
  JsonObject *root = json_node_get_object (json_parser_get_root (inputs));
  JsonArray *runs = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "runs");

  g_assert_cmpuint (json_array_get_length (runs), >=, 95);
  for (guint i = 0; i < json_array_get_length (runs); i++)
    check_run (root, json_array_get_object_element (runs, i));
}

/* The schedule's noise levels as the references write them: Euler's per step and 0; DPM++'s all, rising; UniPC's for
 * every training step. */
static void
check_sigmas (InqSampler *sampler, const char *name, JsonArray *sigmas)
{
  guint n = inq_sampler_get_n_steps (sampler);
  double alpha, sigma;

  if (!g_str_has_prefix (name, "euler"))
    return;
  g_assert_cmpuint (json_array_get_length (sigmas), ==, n + 1);
  for (guint i = 0; i <= n; i++) {
    inq_sampler_get_levels (sampler, i, &alpha, &sigma);
    g_assert_cmpfloat (alpha, ==, 1);
    double expected = json_array_get_double_element (sigmas, i);
    g_assert_cmpfloat_with_epsilon (sigma, expected, 1e-6 * expected + 1e-12);
    g_assert_cmpfloat_with_epsilon (inq_sampler_get_input_scale (sampler, i), 1 / sqrt (1 + expected * expected), 1e-6);
  }
}

static void
test_reference (void)
{
  static const char *const models[] = { "sd15-mini", "sd2-mini", "sdxl-mini" };
  const char *reference = g_getenv ("INQ_REFERENCE");

  if (!reference || !g_file_test (reference, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("no reference data ($INQ_REFERENCE)");
    return;
  }
  for (guint m = 0; m < G_N_ELEMENTS (models); m++) {
    g_autoptr (JsonParser) parser = load_json (reference, models[m], "expect.json");
    JsonObject *root = json_node_get_object (json_parser_get_root (parser));
    JsonObject *samplers = json_object_get_object_member (root, "samplers");
    g_autoptr (GList) names = json_object_get_members (samplers);
    g_assert_cmpuint (g_list_length (names), ==, 6);
    for (GList *l = names; l; l = l->next) {
      JsonObject *row = json_object_get_object_member (samplers, l->data);
      JsonArray *timesteps = json_object_get_array_member (row, "timesteps");
      g_autoptr (GError) error = NULL;
      InqSamplerParams params;
      inq_sampler_params_init (&params);
      params.name = l->data;
      params.steps = (int) json_object_get_int_member (row, "steps");
      g_autoptr (InqSampler) sampler = inq_sampler_new (&params, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (inq_sampler_get_n_steps (sampler), ==, json_array_get_length (timesteps));
      for (guint i = 0; i < json_array_get_length (timesteps); i++)
        g_assert_cmpfloat_with_epsilon (inq_sampler_get_timestep (sampler, i),
                                        json_array_get_double_element (timesteps, i), 1e-4);
      check_sigmas (sampler, params.name, json_object_get_array_member (row, "sigmas"));
    }
  }
}

/* A network that knows the picture: every sampler must arrive at it, whatever the prediction and number of steps. */
static void
test_exact (void)
{
  static const float picture[N] = { 0.8f, -0.5f, 0.3f, -1.2f, 0.05f, 1 };

  for (const char *const *name = inq_samplers (); *name; name++)
    for (int prediction = INQ_PREDICTION_EPSILON; prediction <= INQ_PREDICTION_FLOW; prediction++)
      for (int steps = 1; steps <= 40; steps += 1 + steps / 3) {
        float x[N] = { -1.5f, -0.6f, -0.1f, 0.25f, 0.9f, 2 }, out[N], promised[N];
        double alpha, sigma;
        g_autoptr (GError) error = NULL;
        InqSamplerParams params;
        inq_sampler_params_init (&params);
        params.name = *name;
        params.prediction = prediction;
        params.steps = steps;
        g_autoptr (InqSampler) sampler = inq_sampler_new (&params, &error);
        g_assert_no_error (error);
        inq_sampler_start (sampler, x, NULL, N);
        for (guint i = 0; i < inq_sampler_get_n_steps (sampler); i++) {
          inq_sampler_get_levels (sampler, i, &alpha, &sigma);
          double norm = sqrt (alpha * alpha + sigma * sigma);
          for (guint k = 0; k < N; k++) {
            double noise = (x[k] - alpha * picture[k]) / sigma;
            out[k] = (float) (prediction == INQ_PREDICTION_EPSILON ? noise
                              : prediction == INQ_PREDICTION_V     ? (alpha * noise - sigma * picture[k]) / norm
                                                                   : noise - picture[k]);
          }
          inq_sampler_predict (sampler, i, x, out, promised, N);
          for (guint k = 0; k < N; k++)
            g_assert_cmpfloat_with_epsilon (promised[k], picture[k], 1e-4);
          inq_sampler_step (sampler, i, x, out, N);
        }
        /* What noise the schedule's end leaves; none but DDIM's kind has any. */
        inq_sampler_get_levels (sampler, inq_sampler_get_n_steps (sampler), &alpha, &sigma);
        for (guint k = 0; k < N; k++)
          g_assert_cmpfloat_with_epsilon (x[k], alpha * picture[k], 4 * sigma + 1e-4);
      }
}

/* Solvers of second order with a few steps must come nearer to a fine solution than the first-order one. */
static void
solve_flow (const char *name, int steps, float *x)
{
  InqSamplerParams params;
  float out[N];

  inq_sampler_params_init (&params);
  params.name = name;
  params.prediction = INQ_PREDICTION_FLOW;
  params.steps = steps;
  g_autoptr (InqSampler) sampler = inq_sampler_new (&params, NULL);
  for (guint i = 0; i < N; i++)
    x[i] = 0.4f * i - 1;
  inq_sampler_start (sampler, x, NULL, N);
  for (guint i = 0; i < inq_sampler_get_n_steps (sampler); i++) {
    toy_network (sampler, i, x, out);
    inq_sampler_step (sampler, i, x, out, N);
  }
}

static void
test_order (void)
{
  float fine[N], x[N];
  double errors[2] = { 0 };
  static const char *const names[] = { "euler", "dpmpp_2m_karras" };

  solve_flow ("euler", 150, fine);
  for (guint k = 0; k < G_N_ELEMENTS (names); k++) {
    solve_flow (names[k], 12, x);
    for (guint i = 0; i < N; i++)
      errors[k] = MAX (errors[k], fabs (x[i] - fine[i]));
  }
  g_test_message ("euler %g, dpm++ %g", errors[0], errors[1]);
  g_assert_cmpfloat (errors[1], <, errors[0]);
}

/* Starting again forgets the run before. */
static void
test_restart (void)
{
  InqSamplerParams params;
  float first[N], x[N], out[N];

  inq_sampler_params_init (&params);
  params.name = "unipc";
  params.steps = 6;
  g_autoptr (InqSampler) sampler = inq_sampler_new (&params, NULL);
  for (int run = 0; run < 2; run++) {
    for (guint i = 0; i < N; i++)
      x[i] = 0.5f * i;
    inq_sampler_start (sampler, x, NULL, N);
    for (guint i = 0; i < inq_sampler_get_n_steps (sampler); i++) {
      toy_network (sampler, i, x, out);
      inq_sampler_step (sampler, i, x, out, N);
    }
    if (run == 0)
      memcpy (first, x, sizeof x);
  }
  g_assert_cmpmem (x, sizeof x, first, sizeof first);
}

static void
assert_invalid (const InqSamplerParams *params, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqSampler) sampler = inq_sampler_new (params, &error);

  g_assert_null (sampler);
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, says));
}

/* diffusers 0.21.4's EulerDiscreteScheduler (timestep_spacing "leading", steps_offset 1): init_noise_sigma for 4 steps
 * is sqrt (sigma^2 + 1), but from a picture the noise is added as it is. */
static void
test_start (void)
{
  InqSamplerParams params;
  inq_sampler_params_init (&params);
  params.name = "euler_leading";
  params.steps = 4;
  g_autoptr (InqSampler) sampler = inq_sampler_new (&params, NULL);
  float x = 1, from_picture = 1, picture = 0.5f;
  inq_sampler_start (sampler, &x, NULL, 1);
  inq_sampler_start (sampler, &from_picture, &picture, 1);
  g_assert_cmpfloat (inq_sampler_get_timestep (sampler, 0), ==, 751);
  g_assert_cmpfloat_with_epsilon (x, 4.236414, 1e-4);
  g_assert_cmpfloat_with_epsilon (from_picture, 4.116698 + 0.5, 1e-4);
}

static void
test_invalid (void)
{
  InqSamplerParams good, bad;
  InqPrediction prediction;

  inq_sampler_params_init (&good);
  bad = good;
  bad.name = "magic";
  assert_invalid (&bad, "dpmpp_2m_sde");
  bad.name = NULL;
  assert_invalid (&bad, "dpmpp_2m_sde");
  bad = good;
  bad.steps = 0;
  assert_invalid (&bad, "150");
  bad.steps = 151;
  assert_invalid (&bad, "150");
  bad = good;
  bad.strength = NAN;
  assert_invalid (&bad, "strength");
  bad.strength = 1.01;
  assert_invalid (&bad, "strength");
  bad = good;
  bad.beta_end = 1;
  assert_invalid (&bad, "rise");
  bad = good;
  bad.n_train = 1;
  assert_invalid (&bad, "1,000,000");
  bad = good;
  bad.shift = 0;
  assert_invalid (&bad, "shift");
  bad = good;
  bad.eta = 0.3;
  assert_invalid (&bad, "tcd");
  bad.name = "tcd";
  bad.eta = 1.5;
  assert_invalid (&bad, "between 0 and 1");
  bad.eta = NAN;
  assert_invalid (&bad, "between 0 and 1");
  g_assert_false (inq_prediction_from_name ("x", &prediction));
  g_assert_false (inq_prediction_from_name (NULL, &prediction));

  /* However little is asked for, one step runs. */
  good.strength = 0;
  g_autoptr (InqSampler) sampler = inq_sampler_new (&good, NULL);
  g_assert_cmpuint (inq_sampler_get_n_steps (sampler), ==, 1);
}

/* Numbers by numpy, std of n - 1 as diffusers' rescale_noise_cfg takes it. */
static void
test_guidance (void)
{
  static const float uncond[6] = { 0.5f, -1.25f, 2, 0.25f, -0.75f, 1.5f };
  static const float cond[6] = { 1, -1.5f, 1.25f, 0.5f, -0.25f, 3 };
  static const struct {
    double cfg, rescale;
    float want[6];
  } cases[] = {
    { 7.5, 0.7, { 2.030557f, -1.493056f, -1.731945f, 1.015278f, 1.433334f, 6.09167f } },
    { 3, 1, { 1.124441f, -1.124441f, -0.1405551f, 0.5622206f, 0.4216654f, 3.373323f } },
    { 5, 0, { 3, -2.5f, -1.75f, 1.5f, 1.75f, 9 } },
  };
  const float same[3] = { 2, 2, 2 };
  float out[6];

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    inq_guide (uncond, cond, out, 6, cases[c].cfg, cases[c].rescale);
    for (int i = 0; i < 6; i++)
      g_assert_cmpfloat_with_epsilon (out[i], cases[c].want[i], 1e-5);
  }
  inq_guide (same, same, out, 3, 7, 1); /* nothing to deviate from */
  g_assert_cmpfloat (out[0], ==, 2);
  inq_guide (same, same, out, 0, 7, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/traces", test_traces);
  g_test_add_func ("/sampler/more", test_more);
  g_test_add_func ("/sampler/reference", test_reference);
  g_test_add_func ("/sampler/exact", test_exact);
  g_test_add_func ("/sampler/order", test_order);
  g_test_add_func ("/sampler/restart", test_restart);
  g_test_add_func ("/sampler/start", test_start);
  g_test_add_func ("/sampler/invalid", test_invalid);
  g_test_add_func ("/sampler/guidance", test_guidance);
  return g_test_run ();
}

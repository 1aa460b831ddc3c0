/* Inquadra - tests: small random networks that inpaint, hear their guidance scale or get odd sides, against diffusers'
 * numbers of the same weights (tests/data/inpaint); and a network that guides another, against both alone.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <inq-model.h>
#include <memory-plan.h>
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

/* ---- guided by another network ---- */

enum { GH = 8, GW = 16, GC = 4, G_TOKENS = 24, G_WIDTH = 16, G_N = GH * GW * GC };

/* The file with its two networks in each other's place: their prefixes are of one length. */
static char *
exchanged (const char *folder)
{
  const char *names[] = { "model.diffusion_model.", "guide.diffusion_model." };
  g_autoptr (GError) error = NULL;
  g_autofree char *from = g_build_filename (folder, "model.safetensors", NULL), *data = NULL;
  char *to = g_build_filename (folder, "exchanged.safetensors", NULL);
  gsize size;
  g_assert_true (g_file_get_contents (from, &data, &size, &error));
  gsize header = (guint8) data[0] | (gsize) (guint8) data[1] << 8 | (gsize) (guint8) data[2] << 16;
  for (gsize i = 8; i + strlen (names[0]) < 8 + header; i++)
    for (int k = 0; k < 2; k++)
      if (memcmp (data + i, names[k], strlen (names[k])) == 0) {
        memcpy (data + i, names[1 - k], strlen (names[k]));
        break;
      }
  g_assert_true (g_file_set_contents (to, data, (gssize) size, &error));
  return to;
}

typedef struct {
  float x[G_N], cond[G_TOKENS * G_WIDTH], uncond[G_TOKENS * G_WIDTH];
} Given;

static void
given (Given *g)
{
  for (int i = 0; i < G_N; i++)
    g->x[i] = (float) (1.2 * sin (0.9 * i + 0.4));
  for (int i = 0; i < G_TOKENS * G_WIDTH; i++) {
    g->cond[i] = (float) (0.7 * sin (0.37 * i + 0.1));
    g->uncond[i] = (float) (0.7 * sin (0.53 * i + 0.9));
  }
}

/* (transfer full) latents after @steps Euler steps, guidance 3 until @end */
static float *
sampled (InqModel *model, const Given *g, guint steps, double end, InqPerturb perturb)
{
  g_autoptr (GError) error = NULL;
  float *x = g_memdup2 (g->x, sizeof g->x);
  InqSampling s = { .n = 1,
                    .h = GH,
                    .w = GW,
                    .cfg = 3,
                    .guidance_end = end,
                    .perturb = perturb,
                    .cond = g->cond,
                    .uncond = g->uncond,
                    .tokens = G_TOKENS,
                    .x = x };
  inq_sampler_params_init (&s.params);
  s.params.prediction = INQ_PREDICTION_FLOW;
  s.params.steps = steps;
  g_assert_true (inq_model_sample (model, &s, NULL, &error));
  g_assert_no_error (error);
  return x;
}

static double
apart (const float *a, const float *b)
{
  double worst = 0;
  for (int i = 0; i < G_N; i++)
    worst = MAX (worst, fabs (a[i] - b[i]));
  return worst;
}

static InqModel *
opened (InqEngine *engine, FixtureFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = fixture_model (tmp, "house", flags);
  InqModel *model = inq_engine_load (engine, folder, &error);
  g_assert_no_error (error);
  return model;
}

static void
alone (InqModel *model, const Given *g, const float *context, gboolean guide, float *out)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = guide ? inq_model_run_guide (model, 1, GH, GW, g->x, 1000, context, G_TOKENS, NULL, out, NULL, &error)
                      : inq_model_run_unet (model, 1, GH, GW, g->x, 1000, context, G_TOKENS, NULL, 0, INQ_PERTURB_NONE,
                                            out, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
test_guide (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqEngine) engine = fixture_engine (), second = fixture_engine ();
  g_autofree char *folder = fixture_model (tmp, "house", FIXTURE_GUIDE), *other = exchanged (folder);
  Given g;
  float c[G_N], u[G_N], same[G_N], expected[G_N];
  given (&g);
  InqModel *model = inq_engine_load (engine, folder, &error), *swapped = inq_engine_load (second, other, &error);
  g_assert_no_error (error);
  g_assert_cmpint (model->spec->guide_width, ==, 8);
  g_assert_cmpint (model->spec->unet_width, ==, 16);
  g_assert_cmpint (swapped->spec->guide_width, ==, 16);
  alone (model, &g, g.cond, FALSE, c);
  alone (swapped, &g, g.uncond, FALSE, u);
  alone (model, &g, g.uncond, TRUE, same);
  g_assert_cmpfloat (apart (u, same), <, 1e-4);
  for (int i = 0; i < G_N; i++) /* one step from noise to picture along the guided velocity */
    expected[i] = g.x[i] - (u[i] + 3 * (c[i] - u[i]));
  g_autofree float *one = sampled (model, &g, 1, 1, INQ_PERTURB_NONE);
  g_assert_cmpfloat (apart (one, expected), <, 1e-3);

  /* the second of two steps unguided: only the prompt's own velocity */
  g_autofree float *ends = sampled (model, &g, 2, 0.5, INQ_PERTURB_NONE);
  g_autofree float *goes_on = sampled (model, &g, 2, 1, INQ_PERTURB_NONE);
  g_assert_cmpfloat (apart (ends, goes_on), >, 0.1);

  /* another scale than the network's own where that is asked for as the model has it, and in between */
  model->spec->guide_cfg = 2;
  model->spec->cfg = 3;
  for (int i = 0; i < G_N; i++)
    expected[i] = g.x[i] - (u[i] + 2 * (c[i] - u[i]));
  g_autofree float *weaker = sampled (model, &g, 1, 1, INQ_PERTURB_NONE);
  g_assert_cmpfloat (apart (weaker, expected), <, 1e-3);
  model->spec->cfg = 5;
  for (int i = 0; i < G_N; i++)
    expected[i] = g.x[i] - (u[i] + 1.5 * (c[i] - u[i]));
  g_autofree float *weakest = sampled (model, &g, 1, 1, INQ_PERTURB_NONE);
  g_assert_cmpfloat (apart (weakest, expected), <, 1e-3);

  /* it comes in late: the first of two steps is guided by the network itself */
  model->spec->guide_start = 0.5;
  alone (model, &g, g.uncond, FALSE, u);
  for (int i = 0; i < G_N; i++)
    expected[i] = g.x[i] - (u[i] + 3 * (c[i] - u[i]));
  g_autofree float *itself = sampled (model, &g, 1, 1, INQ_PERTURB_NONE);
  g_assert_cmpfloat (apart (itself, expected), <, 1e-3);
  g_autofree float *late = sampled (model, &g, 2, 1, INQ_PERTURB_NONE);
  model->spec->guide_start = 1;
  g_autofree float *never = sampled (model, &g, 2, 1, INQ_PERTURB_NONE);
  g_assert_cmpfloat (apart (late, never), >, 0.01);
}

/* A perturbed network of its own takes the guide's place: as without one. */
static void
test_guide_or_perturbed (void)
{
  g_autoptr (InqEngine) engine = fixture_engine (), second = fixture_engine ();
  InqModel *model = opened (engine, FIXTURE_GUIDE), *without = opened (second, 0);
  Given g;
  given (&g);
  g_assert_cmpint (without->spec->guide_width, ==, 0);
  g_autofree float *a = sampled (model, &g, 2, 1, INQ_PERTURB_ALL), *b = sampled (without, &g, 2, 1, INQ_PERTURB_ALL);
  g_assert_cmpfloat (apart (a, b), <, 1e-4);
  g_autofree float *guided = sampled (model, &g, 2, 1, INQ_PERTURB_NONE);
  g_autofree float *itself = sampled (without, &g, 2, 1, INQ_PERTURB_NONE);
  g_assert_cmpfloat (apart (guided, itself), >, 0.1);
}

static void
test_guide_is_planned (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqModel *model = opened (engine, FIXTURE_GUIDE);
  InqGenerateParams params = { 0 };
  inq_generate_params_init (&params);
  params.prompt = "a";
  for (int guided = 0; guided < 2; guided++) {
    params.cfg = guided ? 3 : 1;
    g_autoptr (InqMemoryPlan) plan = inq_engine_plan_memory (engine, model, &params, &error);
    g_assert_no_error (error);
    guint64 bytes = 0;
    for (guint i = 0; i < plan->n_stages; i++)
      if (g_str_equal (plan->stages[i].name, "guide"))
        bytes = plan->stages[i].all_weights;
    g_assert_cmpint (bytes > 0, ==, guided);
  }
}

static void
test_guide_that_does_not_fit (void)
{
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqModel *model = opened (engine, FIXTURE_GUIDE_ODD);
  g_assert_cmpuint (model->spec->missing->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (model->spec->missing, 0), "guide.diffusion_model."));
}

/* Settings beside the file say when and how strongly it guides. */
static void
test_guide_settings (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autofree char *folder = fixture_model (tmp, "house", FIXTURE_GUIDE);
  g_autofree char *beside = g_build_filename (folder, "inquadra.json", NULL);

  g_file_set_contents (beside, "{\"guidance_end\": 0.75, \"guide_start\": 0.25, \"guide_cfg\": 2.5}", -1, &error);
  g_assert_no_error (error);
  InqModel *model = inq_engine_load (engine, folder, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (model->spec->guidance_end, ==, 0.75);
  g_assert_cmpfloat (model->spec->guide_start, ==, 0.25);
  g_assert_cmpfloat (model->spec->guide_cfg, ==, 2.5);
  g_remove (beside);
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
  g_test_add_func ("/networks/guide", test_guide);
  g_test_add_func ("/networks/guide-or-perturbed", test_guide_or_perturbed);
  g_test_add_func ("/networks/guide-is-planned", test_guide_is_planned);
  g_test_add_func ("/networks/guide-that-does-not-fit", test_guide_that_does_not_fit);
  g_test_add_func ("/networks/guide-settings", test_guide_settings);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

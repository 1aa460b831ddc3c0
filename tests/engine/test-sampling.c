/* Inquadra - tests: what pictures start from and how they are sampled, with small random models: variations, noise on
 * the way, the hires pass, masks, networks that inpaint or are told their guidance scale.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <inq-model.h>
#include <inq-noise.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <start.h>
#include <string.h>

static char *tmp;

typedef struct {
  GPtrArray *pictures; /* InqPicture */
  GPtrArray *recipes;  /* JsonNode */
  GArray *seeds;       /* guint64 */
  GPtrArray *notices;
  int calls, n_calls; /* network calls told, and how many were foretold */
} Seen;

static void
seen_clear (Seen *seen)
{
  g_ptr_array_unref (seen->pictures);
  g_ptr_array_unref (seen->recipes);
  g_ptr_array_unref (seen->notices);
  g_array_unref (seen->seeds);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

static void
progress_cb (InqStage stage, int index, int step, int n_steps, const InqPicture *preview, gpointer data)
{
  Seen *seen = data;
  if (stage != INQ_STAGE_SAMPLING)
    return;
  g_assert_cmpint (step, <=, n_steps);
  seen->calls += step > 0;
  seen->n_calls = n_steps;
}

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe, gpointer data)
{
  Seen *seen = data;
  g_ptr_array_add (seen->pictures, picture);
  g_ptr_array_add (seen->recipes, json_from_string (recipe, NULL));
  g_array_append_val (seen->seeds, seed);
}

static void
notice_cb (const char *message, gpointer data)
{
  Seen *seen = data;
  g_ptr_array_add (seen->notices, g_strdup (message));
}

static Seen
draw (InqEngine *engine, const char *folder, const InqGenerateParams *params)
{
  Seen seen = { .pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_picture_free),
                .recipes = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref),
                .notices = g_ptr_array_new_with_free_func (g_free),
                .seeds = g_array_new (FALSE, FALSE, sizeof (guint64)) };
  const InqGenerateCallbacks callbacks = {
    .progress = progress_cb, .picture = picture_cb, .notice = notice_cb, .data = &seen
  };
  g_autoptr (GError) error = NULL;
  InqModel *model = inq_engine_load (engine, folder, &error);
  g_assert_no_error (error);
  inq_engine_generate (engine, model, params, &callbacks, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (seen.pictures->len, ==, (guint) params->count);
  return seen;
}

static InqGenerateParams
default_params (void)
{
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = "wide shot";
  params.negative = "night";
  params.seed = 41;
  params.width = 16;
  params.height = 16;
  params.steps = 3;
  return params;
}

static const InqPicture *
picture (const Seen *seen, guint i)
{
  return seen->pictures->pdata[i];
}

static JsonObject *
recipe (const Seen *seen, guint i)
{
  return json_node_get_object (seen->recipes->pdata[i]);
}

static gboolean
same (const InqPicture *a, const InqPicture *b)
{
  return a->width == b->width && a->height == b->height
         && memcmp (a->rgb, b->rgb, (gsize) a->width * (gsize) a->height * 3) == 0;
}

static double
distance (const InqPicture *a, const InqPicture *b)
{
  double sum = 0;
  int n = a->width * a->height * 3;
  for (int i = 0; i < n; i++)
    sum += abs (a->rgb[i] - b->rgb[i]);
  return sum / n;
}

/* ---- parts ---- */

/* slerp() of AUTOMATIC1111's rng.py in PyTorch, on noise [2, 3, 2]. */
static void
test_turn (void)
{
  static const float a[12] = { 0.4433f,  1.3639f,  -0.7948f, -1.1591f, 1.0935f,  0.8774f,
                               -1.3195f, -0.5373f, 1.458f,   0.1616f,  -1.4997f, 0.2248f };
  static const float b[12] = { 1.2f,   -0.7995f, -0.1346f, 0.9789f,  -1.1698f, 0.58f,
                               0.397f, -1.109f,  1.0808f,  -0.3312f, -0.6394f, 1.1833f };
  static const float expected[2][12] = { { 0.686446f, 1.342564f, -0.84738f, -1.056325f, 0.908293f, 1.172995f,
                                           -1.174836f, -0.608356f, 1.472791f, 0.111932f, -1.460629f, 0.331399f },
                                         { 1.437884f, 0.062513f, -0.567143f, 0.328187f, -0.570645f, 1.433695f,
                                           -0.151155f, -0.974843f, 1.310851f, -0.188427f, -0.992795f, 0.929018f } };
  float x[12];
  for (int k = 0; k < 2; k++) {
    memcpy (x, a, sizeof x);
    inq_noise_turn (x, b, k == 0 ? 0.1 : 0.7, 2, 3, 2);
    for (int i = 0; i < 12; i++)
      g_assert_cmpfloat_with_epsilon (x[i], expected[k][i], 3e-5);
  }
  memcpy (x, a, sizeof x);
  inq_noise_turn (x, a, 0.5, 2, 3, 2); /* no angle to turn by */
  for (int i = 0; i < 12; i++)
    g_assert_cmpfloat_with_epsilon (x[i], a[i], 1e-5);
}

/* torch.nn.functional.interpolate (size=(3, 5), align_corners=False) of [2, 3]. */
static void
test_resize (void)
{
  static const float x[6] = { 0.841f, 0.042f, -0.883f, 0.85f, 0.025f, -0.875f };
  static const float bilinear[15] = { 0.841f,  0.5214f, 0.042f, -0.513f, -0.883f, 0.8455f, 0.5207f, 0.0335f,
                                      -0.514f, -0.879f, 0.85f,  0.52f,   0.025f,  -0.515f, -0.875f };
  static const float bicubic[15] = { 0.916706f, 0.597839f, 0.043476f, -0.581318f, -0.972703f,
                                     0.923452f, 0.596144f, 0.0335f,   -0.583414f, -0.9666f,
                                     0.930198f, 0.594449f, 0.023524f, -0.58551f,  -0.960497f };
  g_autofree float *one = inq_latents_resize (x, 2, 3, 1, 3, 5, FALSE);
  g_autofree float *two = inq_latents_resize (x, 2, 3, 1, 3, 5, TRUE);
  for (int i = 0; i < 15; i++) {
    g_assert_cmpfloat_with_epsilon (one[i], bilinear[i], 1e-5);
    g_assert_cmpfloat_with_epsilon (two[i], bicubic[i], 1e-5);
  }
}

/* ---- variations and noise on the way ---- */

static void
test_variation (gconstpointer family)
{
  g_autofree char *folder = fixture_model (tmp, family, 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = default_params ();
  g_auto (Seen) plain = draw (engine, folder, &params);
  params.variation_seed = 7;
  params.variation_strength = 0.1;
  params.count = 3;
  g_auto (Seen) near = draw (engine, folder, &params);
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpuint (g_array_index (near.seeds, guint64, i), ==, 41);
    g_assert_cmpint (json_object_get_int_member (recipe (&near, i), "seed"), ==, 41);
    g_assert_cmpint (json_object_get_int_member (recipe (&near, i), "variation_seed"), ==, 7 + (int) i);
    g_assert_cmpfloat (json_object_get_double_member (recipe (&near, i), "variation_strength"), ==, 0.1);
  }
  g_assert_false (json_object_has_member (recipe (&plain, 0), "variation_seed"));
  g_assert_false (same (picture (&near, 0), picture (&near, 1)));
  /* as its recipe says, alone */
  params.count = 1;
  params.variation_seed = 9;
  g_auto (Seen) alone = draw (engine, folder, &params);
  g_assert_true (same (picture (&alone, 0), picture (&near, 2)));
  /* the whole way is the other seed, and a little is nearer than that */
  params.variation_strength = 1;
  g_auto (Seen) whole = draw (engine, folder, &params);
  params.variation_strength = 0;
  params.seed = 9;
  g_auto (Seen) other = draw (engine, folder, &params);
  g_assert_cmpfloat (distance (picture (&whole, 0), picture (&other, 0)), <, 0.1);
  g_assert_cmpfloat (distance (picture (&plain, 0), picture (&alone, 0)), <,
                     0.7 * distance (picture (&plain, 0), picture (&other, 0)));
}

/* Where noise is added on the way, strength turns all of it: the whole way is the other seed's picture. */
static void
test_variation_on_the_way (gconstpointer sampler)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = default_params ();
  params.sampler = sampler;
  g_auto (Seen) plain = draw (engine, folder, &params);
  params.variation_seed = 7;
  g_auto (Seen) none = draw (engine, folder, &params);
  g_assert_true (same (picture (&plain, 0), picture (&none, 0)));
  params.variation_strength = 0.3;
  g_auto (Seen) near = draw (engine, folder, &params);
  params.variation_strength = 1;
  g_auto (Seen) whole = draw (engine, folder, &params);
  params.variation_strength = 0;
  params.seed = 7;
  g_auto (Seen) other = draw (engine, folder, &params);
  double all = distance (picture (&plain, 0), picture (&other, 0));
  double some = distance (picture (&plain, 0), picture (&near, 0));
  g_test_message ("%s: %g of %g, %g at the end", (const char *) sampler, some, all,
                  distance (picture (&whole, 0), picture (&other, 0)));
  g_assert_cmpfloat (distance (picture (&whole, 0), picture (&other, 0)), <, 0.1);
  g_assert_cmpfloat (some, >, 0.15 * all);
  g_assert_cmpfloat (some, <, 0.8 * all);
}

/* Every sampler with every schedule ends in a picture; picture 1 of two is seed + 1 alone, its own noise included. */
static void
test_samplers (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GPtrArray) seen_before = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_picture_free);
  for (const char *const *name = inq_samplers (); *name; name++) {
    const char *sampler, *schedule;
    g_assert_true (inq_sampler_split (*name, &sampler, &schedule));
    g_assert_cmpstr (sampler, ==, *name);
    InqGenerateParams params = default_params ();
    params.sampler = *name;
    params.count = 2;
    g_auto (Seen) two = draw (engine, folder, &params);
    params.seed++;
    params.count = 1;
    params.schedule = schedule; /* the one it takes by itself */
    g_auto (Seen) alone = draw (engine, folder, &params);
    g_assert_true (same (picture (&two, 1), picture (&alone, 0)));
    g_assert_cmpstr (json_object_get_string_member (recipe (&alone, 0), "schedule"), ==, schedule);
    gboolean twice = g_str_equal (*name, "heun") || g_str_equal (*name, "dpmpp_sde");
    g_assert_cmpint (alone.calls, ==, twice ? 5 : 3);
    g_assert_cmpint (alone.n_calls, ==, alone.calls);
    for (guint i = 0; i < seen_before->len; i++)
      g_assert_false (same (seen_before->pdata[i], picture (&alone, 0)));
    g_ptr_array_add (seen_before, inq_picture_copy (picture (&alone, 0)));
  }
  InqGenerateParams params = default_params ();
  params.steps = 2;
  for (const char *const *schedule = inq_schedules (); *schedule; schedule++) {
    params.schedule = *schedule;
    params.sampler = "euler_a";
    g_auto (Seen) seen = draw (engine, folder, &params);
    g_autofree char *joined = g_strconcat ("euler_a_", *schedule, NULL);
    params.schedule = NULL;
    params.sampler = joined;
    g_auto (Seen) again = draw (engine, folder, &params);
    g_assert_true (same (picture (&seen, 0), picture (&again, 0)));
  }
  const char *sampler, *schedule;
  g_assert_true (inq_sampler_split ("dpmpp_2m_sde_karras", &sampler, &schedule));
  g_assert_cmpstr (sampler, ==, "dpmpp_2m_sde");
  g_assert_cmpstr (schedule, ==, "karras");
  g_assert_false (inq_sampler_split ("euler_", &sampler, &schedule));
  g_assert_false (inq_sampler_split ("eulera", &sampler, &schedule));
}

/* A flow model has a schedule of its own, and says so. */
static void
test_flow_schedule (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = default_params ();
  g_auto (Seen) plain = draw (engine, folder, &params);
  params.schedule = "karras";
  g_auto (Seen) seen = draw (engine, folder, &params);
  g_assert_true (same (picture (&plain, 0), picture (&seen, 0)));
  g_assert_cmpuint (seen.notices->len, ==, 1);
  g_assert_nonnull (strstr (seen.notices->pdata[0], "karras"));
}

/* ---- start pictures ---- */

static InqPicture *
gradient (int width, int height)
{
  InqPicture *p = inq_picture_new (width, height);
  for (int i = 0; i < width * height * 3; i++)
    p->rgb[i] = (guint8) (i / 3 % width * 255 / width);
  return p;
}

/* Its right half may change. */
static InqPicture *
half_mask (int width, int height)
{
  InqPicture *p = inq_picture_new (width, height);
  for (int y = 0; y < height; y++)
    memset (p->rgb + 3 * (width * y + width / 2), 255, (gsize) (3 * (width - width / 2)));
  return p;
}

static void
test_feather (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (InqPicture) init = gradient (64, 32), mask = half_mask (64, 32);
  InqGenerateParams params = default_params ();
  params.width = 64;
  params.height = 32;
  params.init = init;
  params.mask = mask;
  g_auto (Seen) hard = draw (engine, folder, &params);
  params.mask_feather = 8;
  g_auto (Seen) soft = draw (engine, folder, &params);
  g_assert_cmpint (json_object_get_int_member (recipe (&soft, 0), "mask_feather"), ==, 8);
  g_assert_false (json_object_has_member (recipe (&hard, 0), "mask_feather"));
  double left = 0, right = 0;
  for (int y = 0; y < 32; y++)
    for (int x = 0; x < 64; x++) {
      const guint8 *p = picture (&soft, 0)->rgb + 3 * (64 * y + x), *q = picture (&hard, 0)->rgb + 3 * (64 * y + x);
      const guint8 *start = init->rgb + 3 * (64 * y + x);
      if (x < 32 - 13) /* beyond the fade: 3 sigma */
        g_assert_cmpmem (p, 3, start, 3);
      else if (x >= 32 + 13)
        g_assert_cmpmem (p, 3, q, 3);
      else if (x < 32)
        left += abs (p[0] - start[0]);
      else
        right += abs (p[0] - q[0]);
    }
  g_assert_cmpfloat (left, >, 0); /* on both sides of the edge */
  g_assert_cmpfloat (right, >, 0);
}

static void
test_hires (gconstpointer family)
{
  g_autofree char *folder = fixture_model (tmp, family, 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = default_params ();
  params.count = 2;
  params.hires_scale = 2;
  params.hires_steps = 6;
  params.hires_strength = 0.5;
  g_auto (Seen) seen = draw (engine, folder, &params);
  g_assert_cmpint (picture (&seen, 0)->width, ==, 32);
  g_assert_cmpint (picture (&seen, 0)->height, ==, 32);
  g_assert_cmpint (seen.calls, ==, 2 * (3 + 3));
  g_assert_cmpint (seen.n_calls, ==, 3 + 3);
  JsonObject *o = recipe (&seen, 0);
  g_assert_cmpint (json_object_get_int_member (o, "width"), ==, 16);
  g_assert_cmpfloat (json_object_get_double_member (o, "hires_scale"), ==, 2);
  g_assert_cmpfloat (json_object_get_double_member (o, "hires_strength"), ==, 0.5);
  g_assert_cmpint (json_object_get_int_member (o, "hires_steps"), ==, 6);
  g_assert_cmpstr (json_object_get_string_member (o, "hires_upscale"), ==, "bicubic");
  params.seed = 42;
  params.count = 1;
  g_auto (Seen) alone = draw (engine, folder, &params);
  g_assert_true (same (picture (&alone, 0), picture (&seen, 1)));
  params.hires_upscale = "bilinear";
  g_auto (Seen) bilinear = draw (engine, folder, &params);
  g_assert_false (same (picture (&alone, 0), picture (&bilinear, 0)));

  /* What a mask keeps is the start picture's, at the larger size. */
  g_autoptr (InqPicture) init = gradient (32, 32), mask = half_mask (32, 32);
  params.init = init;
  params.mask = mask;
  g_auto (Seen) masked = draw (engine, folder, &params);
  for (int y = 0; y < 32; y++)
    g_assert_cmpmem (picture (&masked, 0)->rgb + 3 * 32 * y, 3 * 16, init->rgb + 3 * 32 * y, 3 * 16);
}

static void
test_bad (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autofree char *blind = fixture_model (tmp, "sd1", FIXTURE_INPAINT | FIXTURE_NO_ENCODER);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams p[9];
  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    p[i] = default_params ();
  p[0].schedule = "magic";
  p[1].variation_strength = 1.5;
  p[2].variation_strength = NAN;
  p[3].hires_scale = 0.5;
  p[4].hires_scale = 9;
  p[5].hires_scale = 2;
  p[5].hires_upscale = "magic";
  p[6].mask_feather = -1;
  p[7].hires_steps = 151;
  p[8].hires_scale = 4; /* 4096 at most */
  p[8].width = 2048;
  for (guint i = 0; i < G_N_ELEMENTS (p); i++) {
    g_autoptr (GError) error = NULL;
    InqModel *model = inq_engine_load (engine, folder, NULL);
    g_assert_false (inq_engine_generate (engine, model, &p[i], NULL, NULL, &error));
    g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
    if (i == 0)
      g_assert_nonnull (strstr (error->message, "sgm_uniform"));
  }
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = default_params ();
  g_assert_false (inq_engine_generate (engine, inq_engine_load (engine, blind, NULL), &params, NULL, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
}

/* ---- networks that inpaint, or are told their guidance scale ---- */

/* From the params down: with a mask, with a picture alone, and with neither. */
static void
test_inpaint_network (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", FIXTURE_INPAINT);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (InqPicture) init = gradient (16, 16), mask = half_mask (16, 16);
  InqGenerateParams params = default_params ();
  g_auto (Seen) nothing = draw (engine, folder, &params);
  params.strength = 1;
  params.init = init;
  g_auto (Seen) whole = draw (engine, folder, &params);
  g_assert_false (same (picture (&nothing, 0), picture (&whole, 0)));
  params.mask = mask;
  g_auto (Seen) masked = draw (engine, folder, &params);
  g_assert_cmpint (masked.calls, ==, 3);
  for (int y = 0; y < 16; y++)
    g_assert_cmpmem (picture (&masked, 0)->rgb + 3 * 16 * y, 3 * 8, init->rgb + 3 * 16 * y, 3 * 8);
  /* What the mask hides is not seen; what it keeps is. */
  g_autoptr (InqPicture) hidden = inq_picture_copy (init), shown = inq_picture_copy (init);
  for (int y = 0; y < 16; y++)
    for (int x = 0; x < 16; x++)
      (x < 8 ? shown : hidden)->rgb[3 * (16 * y + x) + 1] ^= 0x55;
  InqModel *model = inq_engine_load (engine, folder, NULL);
  const InqPicture *starts[] = { init, hidden, shown };
  g_autoptr (GPtrArray) seen_latents = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++) {
    InqCanvas canvas;
    inq_canvas_init (&canvas, model->spec, 16, 16);
    inq_canvas_set_start (&canvas, model->spec, starts[i], mask, 0);
    g_assert_true (inq_canvas_encode (&canvas, model, NULL, NULL));
    g_ptr_array_add (seen_latents, g_steal_pointer (&canvas.masked));
    inq_canvas_clear (&canvas);
  }
  gsize bytes = sizeof (float) * 8 * 8 * 4;
  g_assert_cmpint (memcmp (seen_latents->pdata[0], seen_latents->pdata[1], bytes), ==, 0);
  g_assert_cmpint (memcmp (seen_latents->pdata[0], seen_latents->pdata[2], bytes), !=, 0);
}

/* One row of the network, whatever the scale; and the scale matters. */
static void
test_told_network (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", FIXTURE_GUIDANCE);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqGenerateParams params = default_params ();
  params.sampler = "lcm";
  params.cfg = 2;
  g_auto (Seen) two = draw (engine, folder, &params);
  g_assert_nonnull (inq_model_peek_plan (inq_engine_load (engine, folder, NULL), "unet 1 "));
  g_assert_null (inq_model_peek_plan (inq_engine_load (engine, folder, NULL), "unet 2 "));
  params.cfg = 8;
  g_auto (Seen) eight = draw (engine, folder, &params);
  g_assert_false (same (picture (&two, 0), picture (&eight, 0)));
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampling/turn", test_turn);
  g_test_add_func ("/sampling/resize", test_resize);
  g_test_add_data_func ("/sampling/variation/house", "house", test_variation);
  g_test_add_data_func ("/sampling/variation/sd1", "sd1", test_variation);
  g_test_add_data_func ("/sampling/variation/euler_a", "euler_a", test_variation_on_the_way);
  g_test_add_data_func ("/sampling/variation/lcm", "lcm", test_variation_on_the_way);
  g_test_add_data_func ("/sampling/variation/dpmpp_sde", "dpmpp_sde", test_variation_on_the_way);
  g_test_add_func ("/sampling/samplers", test_samplers);
  g_test_add_func ("/sampling/flow-schedule", test_flow_schedule);
  g_test_add_func ("/sampling/feather", test_feather);
  g_test_add_data_func ("/sampling/hires/house", "house", test_hires);
  g_test_add_data_func ("/sampling/hires/sd1", "sd1", test_hires);
  g_test_add_func ("/sampling/bad", test_bad);
  g_test_add_func ("/sampling/inpaint-network", test_inpaint_network);
  g_test_add_func ("/sampling/told-network", test_told_network);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

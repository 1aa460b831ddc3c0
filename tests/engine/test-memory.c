/* Inquadra - tests: generations within less and less memory, and with allocations that fail.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The device's own count of what it gave out is what plans are held against. The reference models are used where they
 * are at hand.
 */
#include "config.h"

#include "model-fixture.h"

#include <inq-gpu-test.h>
#include <inq-model.h>
#include <inq-noise.h>
#include <math.h>
#include <memory-plan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vae-tiles.h>

static char *tmp;

typedef struct {
  GPtrArray *pictures; /* InqPicture */
  GPtrArray *notices;
  InqEngine *lose; /* (nullable) its device is lost at each first step */
} Seen;

static Seen
seen_new (void)
{
  return (Seen){ g_ptr_array_new_with_free_func ((GDestroyNotify) inq_picture_free),
                 g_ptr_array_new_with_free_func (g_free) };
}

static void
seen_clear (Seen *seen)
{
  g_ptr_array_unref (seen->pictures);
  g_ptr_array_unref (seen->notices);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe, gpointer data)
{
  g_ptr_array_add (((Seen *) data)->pictures, picture);
}

static void
progress_cb (InqStage stage, int index, int step, int n_steps, const InqPicture *preview, gpointer data)
{
  Seen *seen = data;
  if (seen->lose && stage == INQ_STAGE_SAMPLING && step == 1)
    inq_gpu_test_inject_lost (inq_engine_get_gpu (seen->lose), 0);
}

static void
notice_cb (const char *message, gpointer data)
{
  g_test_message ("notice: %s", message);
  g_ptr_array_add (((Seen *) data)->notices, g_strdup (message));
}

static void
log_cb (GLogLevelFlags level, const char *message, gpointer data)
{
  g_test_message ("%s", message);
}

static InqEngine *
engine_new (guint64 max_memory)
{
  g_autoptr (GError) error = NULL;
  InqEngine *engine = inq_engine_new (&(InqGpuOptions){ .max_memory = max_memory, .log = log_cb }, &error);
  g_assert_no_error (error);
  return engine;
}

static gboolean
run (InqEngine *engine, const char *path, const InqGenerateParams *params, Seen *seen, GError **error)
{
  InqModel *model = inq_engine_load (engine, path, error);
  const InqGenerateCallbacks callbacks = {
    .progress = progress_cb, .picture = picture_cb, .notice = notice_cb, .data = seen
  };
  return model && inq_engine_generate (engine, model, params, &callbacks, NULL, error);
}

static InqGenerateParams
small_params (int width, int height)
{
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = "wide shot";
  params.negative = "night";
  params.seed = 41;
  params.steps = 1;
  params.width = width;
  params.height = height;
  return params;
}

/* (nullable) a reference model's file */
static char *
reference_path (const char *name)
{
  const char *folder = g_getenv ("INQ_REFERENCE");
  g_autofree char *path = g_build_filename (folder ? folder : "", name, "model.safetensors", NULL);
  return folder && g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

static int
max_difference (const InqPicture *a, const InqPicture *b)
{
  int max = 0;
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  for (int i = 0; i < a->width * a->height * 3; i++)
    max = MAX (max, abs (a->rgb[i] - b->rgb[i]));
  return max;
}

static const InqPicture *
picture (const Seen *seen, guint i)
{
  return g_ptr_array_index (seen->pictures, i);
}

static guint64
peak_of (InqEngine *engine)
{
  guint64 peak;
  inq_gpu_get_memory (inq_engine_get_gpu (engine), NULL, &peak);
  return peak;
}

static InqMemoryPlan *
plan_for (InqEngine *engine, const char *path, const InqGenerateParams *params)
{
  g_autoptr (GError) error = NULL;
  InqModel *model = inq_engine_load (engine, path, &error);
  g_assert_no_error (error);
  InqMemoryPlan *plan = inq_engine_plan_memory (engine, model, params, &error);
  g_assert_no_error (error);
  return plan;
}

/* What is planned is what is used, to the byte where the host maps the device's memory. */
static void
check_planned_peak (const char *family, InqGpuTestFlags flags)
{
  g_autofree char *folder = fixture_model (tmp, family, 0);
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = small_params (64, 32);
  inq_gpu_test_set_flags (flags);
  g_autoptr (InqEngine) engine = engine_new (0);
  inq_gpu_test_set_flags (0);
  g_autoptr (InqMemoryPlan) plan = plan_for (engine, folder, &params);
  g_assert_cmpstr (plan->summary, ==, "whole");
  g_assert_true (plan->fits);
  g_assert_cmpuint (plan->needed, ==, plan->whole);
  g_assert_cmpuint (plan->needed, ==, plan->weights + plan->activations);
  g_assert_cmpuint (peak_of (engine), ==, 0); /* shapes alone */
  g_auto (Seen) seen = seen_new ();
  g_assert_true (run (engine, folder, &params, &seen, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (seen.notices->len, ==, 0);
  g_test_message ("%s: planned %" G_GUINT64_FORMAT ", used %" G_GUINT64_FORMAT, family, plan->needed, peak_of (engine));
  g_assert_cmpuint (peak_of (engine), <=, plan->needed);
  if (inq_gpu_get_staging_size (inq_engine_get_gpu (engine)) == 0)
    g_assert_cmpuint (peak_of (engine), ==, plan->needed);
}

static void
test_planned_peak (gconstpointer family)
{
  check_planned_peak (family, 0);
  check_planned_peak (family, INQ_GPU_TEST_STAGING);
}

/* A picture within @limit: the same, and the device never gave more. Returns the plan. */
static InqMemoryPlan *
check_within (const char *path, const InqGenerateParams *params, guint64 limit, const InqPicture *want,
              InqGpuTestFlags flags)
{
  g_autoptr (GError) error = NULL;
  inq_gpu_test_set_flags (flags);
  g_autoptr (InqEngine) engine = engine_new (limit);
  inq_gpu_test_set_flags (0);
  InqMemoryPlan *plan = plan_for (engine, path, params);
  g_auto (Seen) seen = seen_new ();
  if (!plan->fits)
    return plan;
  g_assert_cmpuint (plan->budget, ==, limit);
  g_assert_true (run (engine, path, params, &seen, &error));
  g_assert_no_error (error);
  g_test_message ("limit %" G_GUINT64_FORMAT ": planned %" G_GUINT64_FORMAT ", used %" G_GUINT64_FORMAT ": %s", limit,
                  plan->needed, peak_of (engine), plan->summary);
  g_assert_cmpuint (peak_of (engine), <=, limit);
  g_assert_cmpuint (peak_of (engine), <=, plan->needed);
  g_assert_cmpuint (seen.notices->len, ==, g_str_equal (plan->summary, "whole") ? 0 : 1);
  gboolean tiles = strstr (plan->summary, "tiles") != NULL;
  g_assert_cmpint (max_difference (picture (&seen, 0), want), <=, tiles ? 1 : 0);
  /* and again on what is there now, with words of its own */
  InqGenerateParams other = *params;
  other.prompt = "night shot";
  g_assert_true (run (engine, path, &other, &seen, &error));
  g_assert_true (run (engine, path, params, &seen, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (peak_of (engine), <=, limit);
  g_assert_cmpint (max_difference (picture (&seen, 2), picture (&seen, 0)), ==, 0);
  return plan;
}

/* Less and less memory, until nothing fits: every way of doing without is seen, and the picture stays the same. */
static void
check_ladder (const char *path, const InqGenerateParams *params, InqGpuTestFlags flags, GHashTable *ways, double step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqEngine) engine = engine_new (0);
  g_autoptr (InqMemoryPlan) whole = plan_for (engine, path, params);
  g_auto (Seen) seen = seen_new ();
  g_assert_true (run (engine, path, params, &seen, &error));
  g_assert_no_error (error);
  for (double share = 1; share > 0.01; share *= step) {
    guint64 limit = (guint64) (share * (double) whole->whole) + (flags ? 1 << 20 : 0);
    g_autoptr (InqMemoryPlan) plan = check_within (path, params, limit, picture (&seen, 0), flags);
    g_auto (GStrv) parts = g_strsplit (plan->summary, ", ", -1);
    if (!plan->fits)
      break;
    for (guint i = 0; parts[i]; i++)
      g_hash_table_add (ways, g_strdup (parts[i]));
  }
}

static void
assert_ways (GHashTable *ways, const char *const *wanted)
{
  GHashTableIter iter;
  gpointer way;
  g_hash_table_iter_init (&iter, ways);
  while (g_hash_table_iter_next (&iter, &way, NULL))
    g_test_message ("seen: %s", (const char *) way);
  for (guint i = 0; wanted[i]; i++)
    if (!g_hash_table_contains (ways, wanted[i]))
      g_error ("no limit led to \"%s\"", wanted[i]);
}

static void
test_ladder (gconstpointer family)
{
  static const char *const wanted[] = { "whole", "towers dropped after use", "weights streamed", NULL };
  g_autofree char *folder = fixture_model (tmp, family, FIXTURE_MID_ATTENTION);
  g_autoptr (GHashTable) ways = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  InqGenerateParams params = small_params (32, 32);
  check_ladder (folder, &params, 0, ways, 0.8);
  assert_ways (ways, wanted);
  check_ladder (folder, &params, INQ_GPU_TEST_STAGING, ways, 0.55);
  check_ladder (folder, &params, INQ_GPU_TEST_STAGING | INQ_GPU_TEST_COPIES, ways, 0.3);
}

/* Larger pictures are where decoding is what does not fit. */
static void
test_ladder_tiles (gconstpointer family)
{
  static const char *const wanted[] = { "decode in tiles", "encode in tiles", NULL };
  g_autofree char *folder = fixture_model (tmp, family, FIXTURE_MID_ATTENTION);
  g_autoptr (GHashTable) ways = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (InqPicture) init = inq_picture_new (256, 128);
  for (int i = 0; i < 256 * 128 * 3; i++)
    init->rgb[i] = (guint8) (i * 7 / 3 % 251);
  InqGenerateParams params = small_params (256, 128);
  params.init = init;
  params.strength = 1;
  check_ladder (folder, &params, 0, ways, 0.6);
  assert_ways (ways, wanted);
}

/* ---- tiles ---- */

/* Largest difference of a row of @a and @b; of rows [first, first + n) */
static double
row_difference (const float *a, const float *b, gsize row, gint64 first, gint64 n)
{
  double max = 0;
  for (gsize i = (gsize) first * row; i < (gsize) (first + n) * row; i++)
    max = MAX (max, fabs ((double) a[i] - b[i]));
  return max;
}

/* Decoder and encoder in tiles of any size against the whole: rounding apart the same, in every row. */
static void
check_tiles (const char *path, gint64 h, gint64 w, InqPrecision precision, double tolerance)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqEngine) engine = engine_new (0);
  engine->precision = precision;
  InqModel *model = inq_engine_load (engine, path, &error);
  g_assert_no_error (error);
  const InqModelSpec *spec = model->spec;
  gint64 height = h * spec->vae_down, width = w * spec->vae_down;
  gsize n = (gsize) (h * w) * spec->latent_channels, pixels = (gsize) (height * width) * spec->vae_channels;
  gsize n_moments = n * (spec->vae_mean_only ? 1 : 2);
  g_autofree float *z = g_new (float, n);
  g_autofree float *whole = g_new (float, pixels);
  g_autofree float *tiled = g_new (float, pixels);
  g_autofree float *moments = g_new (float, n_moments);
  g_autofree float *tiled_moments = g_new (float, n_moments);
  inq_noise_fill (3, 0, z, n);
  g_assert_true (inq_model_run_decoder (model, h, w, z, whole, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (inq_model_run_encoder (model, height, width, whole, moments, NULL, &error));
  g_assert_no_error (error);
  for (gsize tile = 1 << 20; tile >= 4 << 10; tile /= 16) {
    const InqPartMode mode = { .tile = tile, .slot = tile < 1 << 16 };
    InqTileNeeds needs;
    guint64 before, peak;
    inq_model_drop_device (model);
    g_assert_true (inq_tiles_measure (model, INQ_PART_DECODER, h, w, tile, &needs, &error));
    g_assert_true (inq_tiles_decode (model, &mode, h, w, z, tiled, NULL, &error));
    g_assert_no_error (error);
    inq_gpu_get_memory (engine->gpu, &before, &peak);
    g_test_message ("tile %" G_GSIZE_FORMAT ": activations %" G_GUINT64_FORMAT ", error %g", tile, needs.activations,
                    row_difference (whole, tiled, pixels, 0, 1));
    for (gint64 y = 0; y < height; y++)
      g_assert_cmpfloat (row_difference (whole, tiled, pixels / (gsize) height, y, 1), <, tolerance);
    g_assert_true (inq_tiles_encode (model, &mode, height, width, whole, tiled_moments, NULL, &error));
    g_assert_no_error (error);
    g_assert_cmpfloat (row_difference (moments, tiled_moments, n_moments, 0, 1), <, tolerance);
  }
}

static void
test_tiles (void)
{
  g_autofree char *house = fixture_model (tmp, "house", FIXTURE_MID_ATTENTION);
  g_autofree char *sd1 = fixture_model (tmp, "sd1", 0);
  check_tiles (house, 24, 20, INQ_PRECISION_F32, 2e-5);
  check_tiles (sd1, 34, 18, INQ_PRECISION_F32, 2e-5);
  check_tiles (sd1, 2, 2, INQ_PRECISION_F32, 2e-5);
  check_tiles (sd1, 34, 18, INQ_PRECISION_F16, 2e-2);
}

static void
test_tiles_reference (void)
{
  g_autofree char *house = inq_house_model_path ();
  if (house)
    check_tiles (house, 12, 16, INQ_PRECISION_F32, 1e-4);
  g_autofree char *sd15 = reference_path ("sd15-mini");
  if (sd15)
    check_tiles (sd15, 12, 8, INQ_PRECISION_F32, 1e-4);
  else
    g_test_message ("no reference models at hand: skipped");
}

/* A device that binds too little at once for a layer's activation: the decoder goes in tiles, however much memory there
 * is. */
static void
test_small_bindings (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = small_params (112, 64);
  params.cfg = 1; /* one row of the network */
  g_autoptr (InqEngine) engine = engine_new (0);
  g_auto (Seen) seen = seen_new ();
  g_assert_true (run (engine, folder, &params, &seen, &error));
  g_assert_no_error (error);
  g_autoptr (InqEngine) small = engine_new (0);
  ((InqGpuFacts *) inq_gpu_get_facts (inq_engine_get_gpu (small)))->max_storage_range = 3 << 18;
  g_autoptr (InqMemoryPlan) plan = plan_for (small, folder, &params);
  g_assert_cmpstr (plan->summary, ==, "decode in tiles");
  g_assert_true (plan->fits);
  g_assert_true (run (small, folder, &params, &seen, &error));
  g_assert_no_error (error);
  g_assert_cmpint (max_difference (picture (&seen, 0), picture (&seen, 1)), <=, 1);
}

/* A hires pass is planned with both of its sizes. */
static void
test_hires (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = small_params (64, 32);
  params.hires_scale = 2;
  params.hires_steps = 2;
  g_autoptr (InqEngine) engine = engine_new (0);
  g_autoptr (InqMemoryPlan) plan = plan_for (engine, folder, &params);
  g_auto (Seen) seen = seen_new ();
  g_assert_true (run (engine, folder, &params, &seen, &error));
  g_assert_no_error (error);
  g_assert_cmpint (picture (&seen, 0)->width, ==, 128);
  g_assert_cmpuint (peak_of (engine), ==, plan->needed);
  g_assert_cmpuint (plan->needed, ==, plan->whole);
}

/* ---- allocations that fail ---- */

/* Each allocation of a generation fails in its turn: either the picture is made all the same, or the error says so, and
 * the engine works on. */
static void
check_each_allocation (const char *family, InqGpuTestFlags flags)
{
  g_autofree char *folder = fixture_model (tmp, family, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqPicture) init = inq_picture_new (32, 16);
  InqGenerateParams params = small_params (32, 16);
  for (int i = 0; i < 32 * 16 * 3; i++)
    init->rgb[i] = (guint8) (i * 7 / 3 % 251);
  params.init = init;
  params.strength = 1;
  inq_gpu_test_set_flags (flags);
  g_auto (Seen) want = seen_new ();
  guint n, made = 0;
  {
    g_autoptr (InqEngine) engine = engine_new (0);
    g_assert_true (run (engine, folder, &params, &want, &error));
    g_assert_no_error (error);
    n = inq_gpu_test_get_allocations (inq_engine_get_gpu (engine));
  }
  g_assert_cmpuint (n, >, 5);
  /* once; and from there on, at every third where that costs much */
  for (guint times = 1; times <= 1000; times *= 1000)
    for (guint i = 0; i < n; i += times == 1 || (flags == 0 && g_str_equal (family, "house")) ? 1 : 3) {
      g_autoptr (InqEngine) engine = engine_new (0);
      g_auto (Seen) seen = seen_new ();
      guint64 before, after;
      inq_gpu_test_inject_oom (inq_engine_get_gpu (engine), (int) i, times);
      gboolean ok = run (engine, folder, &params, &seen, &error);
      if (times == 1)
        g_assert_true (ok); /* once is got over */
      if (ok) {
        made++;
        g_assert_cmpint (max_difference (picture (&seen, 0), picture (&want, 0)), <=, 1);
      } else {
        g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_OUT_OF_MEMORY);
        g_assert_nonnull (strstr (error->message, "32x16"));
        g_clear_error (&error);
        inq_gpu_get_memory (inq_engine_get_gpu (engine), &before, NULL);
        g_assert_cmpuint (before, <=, inq_gpu_get_staging_size (engine->gpu)); /* nothing else is left behind */
      }
      inq_gpu_test_inject_oom (inq_engine_get_gpu (engine), -1, 0);
      g_auto (Seen) again = seen_new ();
      g_assert_true (run (engine, folder, &params, &again, &error));
      g_assert_no_error (error);
      g_assert_cmpint (max_difference (picture (&again, 0), picture (&want, 0)), ==, 0);
      inq_gpu_get_memory (inq_engine_get_gpu (engine), &after, NULL);
    }
  g_assert_cmpuint (made, >=, n);
  inq_gpu_test_set_flags (0);
}

static void
test_each_allocation (gconstpointer family)
{
  check_each_allocation (family, 0);
  if (g_str_equal (family, "house"))
    check_each_allocation (family, INQ_GPU_TEST_STAGING);
}

/* The device is lost at each submission in turn: opened again once, and the picture is the same; lost again, the error
 * says so and the next run has a new device. */
static void
test_each_submission (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autoptr (GError) error = NULL;
  InqGenerateParams params = small_params (64, 32);
  g_auto (Seen) want = seen_new ();
  {
    g_autoptr (InqEngine) engine = engine_new (0);
    g_assert_true (run (engine, folder, &params, &want, &error));
  }
  for (guint i = 0; i < 8; i++) {
    g_autoptr (InqEngine) engine = engine_new (0);
    g_auto (Seen) seen = seen_new ();
    inq_gpu_test_inject_lost (inq_engine_get_gpu (engine), i);
    g_assert_true (run (engine, folder, &params, &seen, &error));
    g_assert_no_error (error);
    g_assert_cmpint (max_difference (picture (&seen, 0), picture (&want, 0)), ==, 0);
  }
  g_autoptr (InqEngine) engine = engine_new (0);
  g_auto (Seen) seen = seen_new ();
  seen.lose = engine;
  g_assert_false (run (engine, folder, &params, &seen, &error));
  g_assert_error (error, INQ_GPU_ERROR, INQ_GPU_ERROR_DEVICE_LOST);
  g_clear_error (&error);
  seen.lose = NULL;
  g_assert_true (run (engine, folder, &params, &seen, &error));
  g_assert_no_error (error);
  g_assert_cmpint (max_difference (picture (&seen, 0), picture (&want, 0)), ==, 0);
}

/* ---- a file that gets shorter while it is read ---- */

typedef struct {
  const char *path;
  guint n, at; /* submissions so far; the one at which the file ends early, 0 for none */
} Shrink;

static void
submitted_cb (gpointer data)
{
  Shrink *shrink = data;
  if (++shrink->n == shrink->at)
    g_assert_cmpint (truncate (shrink->path, 4096), ==, 0);
}

/* Within @limit, at @share of a generation's submissions: a clear error, and the engine works on. */
static void
check_shrinks (const char *folder, guint64 limit, const char *way, double share)
{
  g_autofree char *path = g_build_filename (folder, "model.safetensors", NULL), *whole = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  g_autoptr (InqEngine) counting = engine_new (limit), engine = engine_new (limit);
  InqGenerateParams params = small_params (32, 32);
  g_auto (Seen) seen = seen_new ();
  Shrink shrink = { .path = path };
  params.steps = 2;
  g_assert_true (g_file_get_contents (path, &whole, &size, NULL));
  g_autoptr (InqMemoryPlan) plan = plan_for (counting, folder, &params);
  g_assert_nonnull (strstr (plan->summary, way));
  inq_gpu_test_watch (inq_engine_get_gpu (counting), submitted_cb, &shrink);
  run (counting, folder, &params, &seen, &error);
  g_assert_no_error (error);
  shrink.at = MAX ((guint) (shrink.n * share), 1);
  shrink.n = 0;
  inq_gpu_test_watch (inq_engine_get_gpu (engine), submitted_cb, &shrink);
  g_assert_false (run (engine, folder, &params, &seen, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "shorter"));
  g_assert_cmpuint (seen.pictures->len, ==, 1);
  g_clear_error (&error);
  shrink.at = 0;
  g_assert_true (g_file_set_contents (path, whole, (gssize) size, NULL));
  g_assert_true (run (engine, folder, &params, &seen, &error));
  g_assert_no_error (error);
  g_assert_cmpint (max_difference (picture (&seen, 0), picture (&seen, 1)), ==, 0);
}

static void
test_shrinks (void)
{
  g_autofree char *fixture = fixture_model (tmp, "sd1", 0);
  InqGenerateParams params = small_params (32, 32);
  guint64 limit = 0;
  for (double share = 0.9; limit == 0; share *= 0.9) {
    g_autoptr (InqEngine) engine = engine_new (0);
    g_autoptr (InqMemoryPlan) whole = plan_for (engine, fixture, &params);
    guint64 less = (guint64) (share * (double) whole->whole);
    g_autoptr (InqEngine) smaller = engine_new (less);
    g_autoptr (InqMemoryPlan) plan = plan_for (smaller, fixture, &params);
    g_assert_true (plan->fits);
    if (strstr (plan->summary, "weights streamed"))
      limit = less;
  }
  check_shrinks (fixture, 0, "whole", 0); /* while the text is read: the network's weights come after */
  check_shrinks (fixture, limit, "weights streamed", 0.5);
}

/* ---- reference models ---- */

static void
test_reference (gconstpointer name)
{
  static const char *const wanted[] = { "whole", "weights streamed", NULL };
  g_autofree char *path = reference_path (name);
  if (!path) {
    g_test_skip ("no reference models at hand");
    return;
  }
  g_autoptr (GHashTable) ways = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  InqGenerateParams params = small_params (64, 64);
  check_ladder (path, &params, 0, ways, 0.5);
  assert_ways (ways, wanted);
}

/* SDXL's decoder has convolutions that an integrated device takes seconds for; 1.5's at its size has none. */
static void
test_heavy (void)
{
  const double layer = 2.0 * 9 * 512 * 512 * 256 * 256;

  g_assert_true (inq_memory_is_heavy (INQ_GPU_KIND_INTEGRATED, 4 * layer));
  g_assert_false (inq_memory_is_heavy (INQ_GPU_KIND_INTEGRATED, layer));
  g_assert_false (inq_memory_is_heavy (INQ_GPU_KIND_DISCRETE, 4 * layer));
  g_assert_false (inq_memory_is_heavy (INQ_GPU_KIND_SOFTWARE, 4 * layer));
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/memory/planned-peak/house", "house", test_planned_peak);
  g_test_add_data_func ("/memory/planned-peak/sd1", "sd1", test_planned_peak);
  g_test_add_func ("/memory/heavy", test_heavy);
  g_test_add_func ("/memory/tiles/fixtures", test_tiles);
  g_test_add_func ("/memory/tiles/reference", test_tiles_reference);
  g_test_add_func ("/memory/small-bindings", test_small_bindings);
  g_test_add_func ("/memory/hires", test_hires);
  g_test_add_data_func ("/memory/ladder/house", "house", test_ladder);
  g_test_add_data_func ("/memory/ladder/sd1", "sd1", test_ladder);
  g_test_add_data_func ("/memory/ladder-tiles/house", "house", test_ladder_tiles);
  g_test_add_data_func ("/memory/each-allocation/house", "house", test_each_allocation);
  g_test_add_data_func ("/memory/each-allocation/sd1", "sd1", test_each_allocation);
  g_test_add_func ("/memory/each-submission", test_each_submission);
  g_test_add_func ("/memory/shrinks", test_shrinks);
  g_test_add_data_func ("/memory/reference/sd15-mini", "sd15-mini", test_reference);
  g_test_add_data_func ("/memory/reference/sdxl-mini", "sdxl-mini", test_reference);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

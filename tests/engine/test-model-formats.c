/* Inquadra - tests: the same model in every format draws the same; networks with more inputs than usual; files that
 * change while they are drawn with.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "gguf-writer.h"
#include "model-fixture.h"

#include <glib/gstdio.h>
#include <inq-key-map.h>
#include <inq-model.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *tmp;

/* ---- helpers ---- */

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe, gpointer data)
{
  *(InqPicture **) data = picture;
}

/* (nullable) with @error */
static InqPicture *
draw (InqEngine *engine, const char *path, const char *const *beside, int size, GError **error)
{
  InqPicture *picture = NULL;
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = "wide shot";
  params.negative = "night";
  params.seed = 3;
  params.width = params.height = size;
  params.steps = 2;
  params.cfg = 3;
  params.sampler = "euler";
  InqModel *model = inq_engine_load_with (engine, path, beside, error);
  const InqGenerateCallbacks callbacks = { .picture = picture_cb, .data = &picture };
  if (!model || !inq_engine_generate (engine, model, &params, &callbacks, NULL, error))
    return NULL;
  return picture;
}

static InqPicture *
must_draw (InqEngine *engine, const char *path, const char *const *beside, int size)
{
  g_autoptr (GError) error = NULL;
  InqPicture *picture = draw (engine, path, beside, size, &error);
  g_assert_no_error (error);
  return picture;
}

/* Root of the mean square of differences, in steps of 8 bits. */
static double
distance (const InqPicture *a, const InqPicture *b)
{
  double sum = 0;
  int n = a->width * a->height * 3;
  g_assert_true (a->width == b->width && a->height == b->height);
  for (int i = 0; i < n; i++)
    sum += (double) (a->rgb[i] - b->rgb[i]) * (a->rgb[i] - b->rgb[i]);
  return sqrt (sum / n);
}

static double
contrast (const InqPicture *p)
{
  g_autoptr (InqPicture) mean = inq_picture_copy (p);
  double sum = 0;
  int n = p->width * p->height * 3;
  for (int i = 0; i < n; i++)
    sum += p->rgb[i];
  memset (mean->rgb, (int) (sum / n), (gsize) n);
  return distance (p, mean);
}

/* A model's own folder with the fixture's word list. */
static char *
folder_like (const char *fixture, const char *name)
{
  g_autofree char *words = g_build_filename (tmp, name, "tokenizer", NULL);
  g_autofree char *from = g_build_filename (fixture, "tokenizer", "merges.txt", NULL);
  g_autofree char *to = g_build_filename (words, "merges.txt", NULL);
  g_autofree char *text = NULL;
  gsize n;
  g_assert_cmpint (g_mkdir_with_parents (words, 0755), ==, 0);
  g_assert_true (g_file_get_contents (from, &text, &n, NULL));
  g_assert_true (g_file_set_contents (to, text, (gssize) n, NULL));
  return g_build_filename (tmp, name, NULL);
}

static gboolean
keep_all (InqWeightOut *tensor, float **values)
{
  return TRUE;
}

/* Bytes of mapped files that are in memory, those of a file system in memory too; 0 where that is not told. */
static gsize
resident_file (void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  const char *file = strstr (text, "RssFile:"), *shared = strstr (text, "RssShmem:");
  return ((file ? (gsize) g_ascii_strtoull (file + 8, NULL, 10) : 0)
          + (shared ? (gsize) g_ascii_strtoull (shared + 9, NULL, 10) : 0))
         * 1024;
}

/* ---- formats ---- */

static void
check_gguf (const char *fixture, int size, InqDtype dtype, double most)
{
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autofree char *file = g_build_filename (fixture, "model.safetensors", NULL);
  g_autofree char *folder = folder_like (fixture, inq_dtype_name (dtype));
  g_autofree char *gguf = g_build_filename (folder, "model.gguf", NULL);
  gguf_convert (file, gguf, dtype, NULL);
  g_autoptr (InqPicture) plain = must_draw (engine, fixture, NULL, size);
  g_autoptr (InqPicture) same = must_draw (engine, folder, NULL, size);
  double d = distance (plain, same), c = contrast (plain);
  g_test_message ("%s: %.3f steps of 255 apart, contrast %.1f", inq_dtype_name (dtype), d, c);
  g_assert_cmpfloat (d, <, most * c);
  /* quantised weights are widened by the kernels; widened at upload they make the same picture, but for roundings */
  guint64 kept, wide;
  inq_gpu_get_memory (engine->gpu, &kept, NULL);
  g_setenv ("INQ_WEIGHTS", "wide", TRUE);
  g_autoptr (InqEngine) other = fixture_engine ();
  g_autoptr (InqPicture) widened = must_draw (other, folder, NULL, size);
  g_unsetenv ("INQ_WEIGHTS");
  inq_gpu_get_memory (other->gpu, &wide, NULL);
  g_test_message ("kept as they are: %" G_GUINT64_FORMAT " bytes, widened: %" G_GUINT64_FORMAT "; %.4f steps apart",
                  kept, wide, distance (same, widened));
  g_assert_cmpfloat (distance (same, widened), <=, 0.01 * c);
  if (dtype == INQ_DTYPE_F16)
    g_assert_cmpuint (kept, ==, wide);
  else
    g_assert_cmpuint (kept, <, wide);
  g_autoptr (InqModelInfo) info = inq_model_inspect (folder, NULL);
  g_assert_cmpstr (info->format, ==, "gguf");
  g_assert_null (info->missing);
}

static void
test_gguf (void)
{
  g_autofree char *fixture = fixture_model (tmp, "sd1", 0);
  check_gguf (fixture, 32, INQ_DTYPE_F16, 0.02);
  check_gguf (fixture, 32, INQ_DTYPE_Q8_0, 0.1);
  check_gguf (fixture, 32, INQ_DTYPE_Q4_0, 0.8);
}

/* A network alone under bare names, as ComfyUI's files are, with the rest beside it or named. */
static void
test_gguf_bare (void)
{
  g_autofree char *fixture = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (fixture, "model.safetensors", NULL);
  g_autofree char *folder = folder_like (fixture, "bare");
  g_autofree char *unet = g_build_filename (folder, "net-Q8_0.gguf", NULL);
  g_autofree char *vae = g_build_filename (folder, "net-Q8_0.vae.gguf", NULL);
  g_autofree char *tower = g_build_filename (folder, "words.gguf", NULL);
  g_autofree char *together = g_build_filename (folder, "net-Q8_0.tower.gguf", NULL);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  gguf_convert (file, unet, INQ_DTYPE_Q8_0, INQ_UNET_PREFIX);
  gguf_convert (file, vae, INQ_DTYPE_F16, INQ_VAE_PREFIX);
  gguf_convert (file, tower, INQ_DTYPE_F16, "cond_stage_model.transformer.");
  g_autoptr (InqPicture) none = draw (engine, unet, NULL, 32, &error);
  g_assert_null (none);
  g_assert_nonnull (strstr (error->message, "text tower"));
  const char *const beside[] = { tower, NULL };
  g_autoptr (InqPicture) plain = must_draw (engine, fixture, NULL, 32);
  g_autoptr (InqPicture) named = must_draw (engine, unet, beside, 32);
  g_assert_cmpfloat (distance (plain, named), <, 0.1 * contrast (plain));
  g_assert_cmpint (g_rename (tower, together), ==, 0);
  g_autoptr (InqPicture) found = must_draw (engine, unet, NULL, 32);
  g_assert_cmpmem (named->rgb, 32 * 32 * 3, found->rgb, 32 * 32 * 3);
}

/* Folders hold the same numbers: the same bytes come out. */
static void
test_diffusers (void)
{
  g_autofree char *fixture = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (fixture, "model.safetensors", NULL);
  g_autofree char *folder = folder_like (fixture, "folder");
  g_autofree char *python = g_find_program_in_path ("python3");
  g_autofree char *script = g_build_filename (g_getenv ("INQ_TEST_DATA"), "files", "make-diffusers.py", NULL);
  if (!python) {
    g_test_skip ("no python3 to write a diffusers folder with");
    return;
  }
  g_autoptr (GError) error = NULL;
  const char *argv[] = { python, script, file, "sd1", folder, NULL };
  int status;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (InqPicture) plain = must_draw (engine, fixture, NULL, 32);
  g_autoptr (InqPicture) same = must_draw (engine, folder, NULL, 32);
  g_assert_cmpmem (plain->rgb, 32 * 32 * 3, same->rgb, 32 * 32 * 3);
}

/* Real depth, where the reference is at hand. */
static void
test_gguf_reference (void)
{
  const char *reference = g_getenv ("INQ_REFERENCE");
  g_autofree char *file = g_build_filename (reference ? reference : "", "sd15-mini", "model.safetensors", NULL);
  g_autofree char *clip = g_build_filename (reference ? reference : "", "clip", "bpe_simple_vocab_16e6.txt.gz", NULL);
  if (!g_file_test (file, G_FILE_TEST_EXISTS)) {
    g_test_skip ("the reference is not at hand");
    return;
  }
  g_setenv ("INQ_CLIP_BPE", clip, FALSE);
  g_autofree char *gguf = g_build_filename (tmp, "mini.gguf", NULL);
  g_autoptr (InqEngine) engine = fixture_engine ();
  gguf_convert (file, gguf, INQ_DTYPE_Q8_0, NULL);
  g_autoptr (InqPicture) plain = must_draw (engine, file, NULL, 64);
  g_autoptr (InqPicture) same = must_draw (engine, gguf, NULL, 64);
  g_test_message ("Q8_0: %.3f steps of 255 apart, contrast %.1f", distance (plain, same), contrast (plain));
  g_assert_cmpfloat (distance (plain, same), <, 0.1 * contrast (plain));
}

/* ---- more inputs ---- */

#define H 8
#define W 8

/* One call on fixed inputs. (transfer full) [H, W, 4] */
static float *
call (InqEngine *engine, const char *folder, double guidance, float more)
{
  g_autoptr (GError) error = NULL;
  InqModel *model = inq_engine_load (engine, folder, &error);
  g_assert_no_error (error);
  const InqModelSpec *spec = model->spec;
  int c = spec->unet_in_channels, tokens = inq_model_get_tokens (model);
  g_autofree float *x = g_new (float, H *W *c);
  g_autofree float *context = g_new (float, tokens * spec->context_width);
  float *out = g_new (float, H *W * 4);
  for (int i = 0; i < H * W; i++)
    for (int k = 0; k < c; k++)
      x[i * c + k] = k < 4 ? sinf ((float) (i * 4 + k)) : more;
  for (int i = 0; i < tokens * spec->context_width; i++)
    context[i] = cosf ((float) i);
  inq_model_run_unet (model, 1, H, W, x, 500, context, tokens, NULL, guidance, INQ_PERTURB_NONE, out, NULL, &error);
  g_assert_no_error (error);
  return out;
}

static double
apart (const float *a, const float *b)
{
  double most = 0;
  for (int i = 0; i < H * W * 4; i++)
    most = MAX (most, fabs (a[i] - b[i]));
  return most;
}

#define FIRST INQ_UNET_PREFIX "input_blocks.0.0.weight"

/* [c, 4, 3, 3] -> [c, 9, 3, 3]; the new inputs count nothing but the mask, which counts a little */
static gboolean
widen (InqWeightOut *t, float **values)
{
  if (!g_str_equal (t->name, FIRST))
    return TRUE;
  float *wide = g_new0 (float, t->dims[0] * 9 * 9);
  for (gint64 o = 0; o < t->dims[0]; o++) {
    memcpy (wide + o * 81, *values + o * 36, sizeof (float) * 36);
    wide[o * 81 + 36 + 4] = 0.1f;
  }
  g_free (*values);
  *values = wide;
  t->dims[1] = 9;
  return TRUE;
}

static void
test_inpaint_network (void)
{
  g_autofree char *fixture = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (fixture, "model.safetensors", NULL);
  g_autofree char *folder = folder_like (fixture, "nine");
  fixture_rewrite (file, folder, widen, NULL, 0);
  g_autoptr (InqModelInfo) info = inq_model_inspect (folder, NULL);
  g_assert_true (info->inpaint);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autofree float *plain = call (engine, fixture, 0, 0);
  g_autofree float *nine = call (engine, folder, 0, 0);
  g_autofree float *masked = call (engine, folder, 0, 1);
  g_assert_cmpfloat (apart (plain, nine), <, 1e-4);
  g_assert_cmpfloat (apart (plain, masked), >, 1e-3);
}

/* With time_embed.cond_proj the network hears of the guidance; a matrix of zeros changes nothing. */
static void
test_guidance_embedding (void)
{
  g_autofree char *fixture = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (fixture, "model.safetensors", NULL);
  g_autofree char *zero = folder_like (fixture, "guided-zero"), *some = folder_like (fixture, "guided");
  g_autofree float *values = g_new0 (float, 32 * 16);
  InqWeightOut t = { INQ_UNET_PREFIX "time_embed.cond_proj.weight", 2, { 32, 16 }, values };
  fixture_rewrite (file, zero, keep_all, &t, 1);
  for (int i = 0; i < 32 * 16; i++)
    values[i] = sinf ((float) i * 0.7f);
  fixture_rewrite (file, some, keep_all, &t, 1);
  g_autoptr (InqModelInfo) info = inq_model_inspect (some, NULL);
  g_assert_true (info->distilled);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autofree float *plain = call (engine, fixture, 0, 0);
  g_autofree float *nothing = call (engine, zero, 5, 0);
  g_autofree float *two = call (engine, some, 2, 0);
  g_autofree float *eight = call (engine, some, 8, 0);
  g_autofree float *own = call (engine, some, 0, 0);
  g_assert_cmpfloat (apart (plain, nothing), <, 1e-5);
  g_assert_cmpfloat (apart (two, eight), >, 1e-3);
  g_assert_cmpfloat (apart (eight, own), ==, 0); /* 8 is what such a model is told when nothing is said */
}

/* ---- files that change ---- */

static void
test_shrinks (void)
{
  g_autofree char *fixture = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (fixture, "model.safetensors", NULL);
  g_autofree char *folder = folder_like (fixture, "shrinks");
  g_autofree char *path = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  fixture_rewrite (file, folder, keep_all, NULL, 0);
  InqModel *model = inq_engine_load (engine, folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (truncate (path, 100000), ==, 0);
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = "wide shot";
  params.width = params.height = 32;
  params.steps = 1;
  params.sampler = "euler";
  InqPicture *picture = NULL;
  const InqGenerateCallbacks callbacks = { .picture = picture_cb, .data = &picture };
  g_assert_false (inq_engine_generate (engine, model, &params, &callbacks, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
  g_assert_null (picture);
  g_clear_error (&error);
  /* Whole again, it draws: in the same engine. */
  fixture_rewrite (file, folder, keep_all, NULL, 0);
  g_autoptr (InqPicture) again = must_draw (engine, folder, NULL, 32);
  g_autoptr (InqPicture) plain = must_draw (engine, fixture, NULL, 32);
  g_assert_cmpmem (plain->rgb, 32 * 32 * 3, again->rgb, 32 * 32 * 3);
}

/* A single bad number deep in the file is named. */
static gboolean
poison (InqWeightOut *t, float **values)
{
  if (g_str_equal (t->name, INQ_UNET_PREFIX "middle_block.1.proj_in.weight"))
    (*values)[70] = NAN;
  return TRUE;
}

static void
test_not_finite (void)
{
  g_autofree char *fixture = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (fixture, "model.safetensors", NULL);
  g_autofree char *folder = folder_like (fixture, "poisoned");
  fixture_rewrite (file, folder, poison, NULL, 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  g_assert_null (draw (engine, folder, NULL, 32, &error));
  g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_NOT_FINITE);
  g_assert_nonnull (strstr (error->message, "step 1"));
  g_assert_nonnull (strstr (error->message, INQ_UNET_PREFIX "middle_block.1.proj_in.weight"));
  g_autoptr (InqPicture) after = must_draw (engine, fixture, NULL, 32);
}

/* The host holds what is mapped of a large tensor only while it is read. */
static void
test_host_memory (void)
{
  enum { ROWS = 4096, COLUMNS = 8192 }; /* 128 MB */
  g_autofree float *values = g_new0 (float, (gsize) ROWS *COLUMNS);
  g_autofree char *path = g_build_filename (tmp, "large.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  inq_weights_write (path, &(InqWeightOut){ "l.weight", 2, { ROWS, COLUMNS }, values }, 1, &error);
  g_assert_no_error (error);
  g_autoptr (InqWeights) weights = inq_weights_open (path, &error);
  const InqWeight *w = inq_weights_get (weights, 0);
  gsize least = resident_file ();
  inq_weight_to_f32 (w, values);
  gsize before = resident_file ();
  inq_weights_release (weights, w);
  gsize after = resident_file ();
  if (before > least + (120 << 20)) /* else the system told nothing, or took it back itself: memory is short */
    g_assert_cmpuint (after, <, before - (120 << 20));
  else
    g_test_message ("only %.1f MB of it were in memory", (before - least) / 1e6);
  values[0] = 1;
  inq_weight_to_f32 (w, values); /* still there */
  g_assert_cmpfloat (values[0], ==, 0);
}

/* Peak of resident memory since the last reset, which this does; 0 where that cannot be. */
static gsize
peak_memory (void)
{
  g_autofree char *text = NULL;
  const char *at = g_file_get_contents ("/proc/self/status", &text, NULL, NULL) ? strstr (text, "VmHWM:") : NULL;
  gsize peak = at ? (gsize) g_ascii_strtoull (at + 6, NULL, 10) * 1024 : 0;
#ifdef __SANITIZE_ADDRESS__
  return 0; /* what was freed stays for a while */
#endif
  FILE *reset = fopen ("/proc/self/clear_refs", "w");
  if (!reset)
    return 0;
  gboolean done = fputs ("5", reset) >= 0;
  return fclose (reset) == 0 && done ? peak : 0;
}

/* A model of many matrices goes to the device with little more host memory than it has there: at most a fifth, beside
 * what one matrix takes while it is turned. */
static void
test_upload_memory (void)
{
  enum { N = 12, SIDE = 2048 }; /* 12 of 8 MB in halves */
  gsize each = (gsize) SIDE * SIDE * 2;
  g_autofree char *path = g_build_filename (tmp, "many.gguf", NULL);
  g_autoptr (GError) error = NULL;
  {
    g_autofree float *values = g_new0 (float, (gsize) SIDE *SIDE);
    GgufWriter *w = gguf_new (3);
    for (int i = 0; i < N; i++) {
      g_autofree char *name = g_strdup_printf ("l%d.weight", i);
      gguf_add_tensor (w, name, INQ_DTYPE_F16, (gint64[]){ SIDE, SIDE }, 2, values);
    }
    g_autoptr (GBytes) bytes = gguf_finish (w);
    gsize n;
    const char *data = g_bytes_get_data (bytes, &n);
    g_assert_true (g_file_set_contents (path, data, (gssize) n, NULL));
  }
  g_autoptr (InqGpu) gpu = inq_gpu_new (NULL, &error);
  g_assert_no_error (error);
  g_autoptr (InqWeights) weights = inq_weights_open (path, &error);
  g_assert_no_error (error);
  g_autoptr (InqGraph) graph = inq_graph_new (weights);
  InqTensor *x = inq_graph_input (graph, "x", 1, 1, 1, SIDE);
  for (int i = 0; i < N; i++) {
    g_autofree char *name = g_strdup_printf ("l%d", i);
    x = inq_op_linear (graph, x, name, NULL);
  }
  inq_graph_output (graph, x, "y");
  /* Once for the kernels: what compiling them takes is not meant here. */
  static const float zeros[SIDE];
  InqDeviceWeights *dw = inq_device_weights_new (gpu, weights);
  g_autoptr (InqPlan) first = inq_plan_new (gpu, graph, dw, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (inq_plan_write (first, "x", zeros, SIDE, &error));
  g_assert_true (inq_plan_run (first, NULL, NULL, &error));
  g_clear_pointer (&first, inq_plan_free);
  inq_device_weights_free (dw);

  dw = inq_device_weights_new (gpu, weights);
  gboolean known = peak_memory () > 0;
  gsize before = peak_memory ();
  g_autoptr (InqPlan) plan = inq_plan_new (gpu, graph, dw, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (inq_plan_write (plan, "x", zeros, SIDE, &error));
  g_assert_true (inq_plan_run (plan, NULL, NULL, &error));
  gsize rise = peak_memory () - before, device = inq_device_weights_get_size (dw);
  g_test_message ("%.1f MB on the device, %.1f MB more on the host at most", device / 1e6, rise / 1e6);
  g_assert_cmpuint (device, >=, N * each);
  if (known && inq_gpu_get_facts (gpu)->kind == INQ_GPU_KIND_SOFTWARE) /* whose memory is the host's */
    g_assert_cmpuint (rise, <, device * 12 / 10 + 4 * each);
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (dw);
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/gguf", test_gguf);
  g_test_add_func ("/formats/gguf-bare", test_gguf_bare);
  g_test_add_func ("/formats/diffusers", test_diffusers);
  g_test_add_func ("/formats/gguf-reference", test_gguf_reference);
  g_test_add_func ("/formats/inpaint-network", test_inpaint_network);
  g_test_add_func ("/formats/guidance-embedding", test_guidance_embedding);
  g_test_add_func ("/formats/shrinks", test_shrinks);
  g_test_add_func ("/formats/not-finite", test_not_finite);
  g_test_add_func ("/formats/host-memory", test_host_memory);
  g_test_add_func ("/formats/upload-memory", test_upload_memory);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

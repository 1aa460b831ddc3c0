/* Inquadra - bench: what each stage of a picture costs, op by op.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-model.h"
#include "inq-noise.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  InqModel *model;
  GPtrArray *rows;
  gint64 h, w;
  float *x, *out; /* two rows of latents */
  float *context;
  float *y;
} Bench;

static void
bench_clear (Bench *bench)
{
  g_free (bench->x);
  g_free (bench->out);
  g_free (bench->context);
  g_free (bench->y);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static void
row_free (InqBenchRow *row)
{
  g_free (row->stage);
  g_free (row->label);
  g_free (row);
}

static void
add_row (Bench *bench, const char *stage, const char *label, double ms, double gflop, guint calls)
{
  InqBenchRow *row = g_new0 (InqBenchRow, 1);
  row->stage = g_strdup (stage);
  row->label = g_strdup (label);
  row->ms = ms;
  row->gflop = gflop;
  row->calls = calls;
  g_ptr_array_add (bench->rows, row);
}

static int
by_time (gconstpointer a, gconstpointer b)
{
  const InqBenchRow *ra = *(InqBenchRow *const *) a, *rb = *(InqBenchRow *const *) b;
  return ra->ms < rb->ms ? 1 : ra->ms > rb->ms ? -1 : 0;
}

/* GFLOP of one call of the op that @label names (op-*.c), 0 when it does none worth counting. */
static double
label_gflop (const char *label)
{
  double a, b, c, d, e;
  const char *shape = strchr (label, ':');
  if (!shape)
    return 0;
  if (g_str_has_prefix (label, "linear:") && sscanf (shape, ":%lfx%lfx%lfx%lf", &a, &b, &c, &d) == 4)
    return 2e-9 * a * b * c * d; /* several of them */
  if ((g_str_has_prefix (label, "linear:") || g_str_has_prefix (label, "conv:"))
      && sscanf (shape, ":%lfx%lfx%lf", &a, &b, &c) == 3)
    return 2e-9 * a * b * c;
  if (g_str_has_prefix (label, "attention:") && sscanf (shape, ":%lfx%lfx%lfx%lfx%lf", &a, &b, &c, &d, &e) == 5)
    return 4e-9 * a * b * c * d * e;
  return 0;
}

/* Rows of the ops of the plan's last run, equal labels joined. */
static gboolean
add_ops (Bench *bench, const char *stage, const char *plan_name, GError **error)
{
  InqPlan *plan = inq_model_peek_plan (bench->model, plan_name);
  if (!plan || !inq_gpu_get_facts (bench->model->engine->gpu)->timestamps)
    return TRUE;
  g_autoptr (GArray) timings = inq_plan_get_timings (plan, error);
  if (!timings)
    return FALSE;
  g_autoptr (GHashTable) joined = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) ops = g_ptr_array_new ();
  for (guint i = 0; i < timings->len; i++) {
    const InqGpuTiming *timing = &g_array_index (timings, InqGpuTiming, i);
    InqBenchRow *row = g_hash_table_lookup (joined, timing->label);
    if (!row) {
      row = g_new0 (InqBenchRow, 1);
      row->stage = g_strdup (stage);
      row->label = g_strdup (timing->label);
      g_hash_table_insert (joined, row->label, row);
      g_ptr_array_add (ops, row);
    }
    row->ms += timing->ns * 1e-6;
    row->gflop += label_gflop (timing->label);
    row->calls++;
  }
  g_ptr_array_sort (ops, by_time);
  for (guint i = 0; i < ops->len; i++)
    g_ptr_array_add (bench->rows, ops->pdata[i]);
  return TRUE;
}

typedef gboolean (*StageFunc) (Bench *bench, GError **error);

static gboolean
run_text (Bench *bench, GError **error)
{
  for (guint i = 0; i < bench->model->spec->n_towers; i++) {
    const InqTowerSpec *tower = &bench->model->spec->towers[i];
    gsize n = (gsize) tower->positions * tower->width;
    g_autofree gint32 *ids = g_new0 (gint32, tower->positions);
    g_autofree float *hidden = g_new (float, n);
    for (int k = 0; k < tower->positions; k++)
      ids[k] = (k * 37 + 11) % MAX (tower->n_ids, 1);
    InqTextStates states = { 0 };
    if (tower->facts.context == INQ_HIDDEN_LAST)
      states.last = hidden;
    else if (tower->facts.context == INQ_HIDDEN_PENULTIMATE)
      states.penultimate = hidden;
    else
      states.penultimate_normed = hidden;
    if (!inq_model_run_text (bench->model, i, ids, 1, &states, NULL, error))
      return FALSE;
  }
  return TRUE;
}

/* Guided: a row for the prompt and one for the negative, unless another network predicts that all the way. */
static gboolean
run_unet (Bench *bench, GError **error)
{
  gboolean guide = inq_model_has_guide (bench->model, INQ_PERTURB_NONE) && bench->model->spec->guide_start <= 0;
  int rows = guide || bench->model->spec->cfg == 1 ? 1 : 2; /* as pictures are made */
  return inq_model_run_unet (bench->model, rows, bench->h, bench->w, bench->x, 500, bench->context,
                             inq_model_get_tokens (bench->model), bench->y, 0, INQ_PERTURB_NONE, bench->out, NULL,
                             error);
}

static gboolean
run_guide (Bench *bench, GError **error)
{
  return inq_model_run_guide (bench->model, 1, bench->h, bench->w, bench->x, 500, bench->context,
                              inq_model_get_tokens (bench->model), bench->y, bench->out, NULL, error);
}

static gboolean
run_decoder (Bench *bench, GError **error)
{
  gsize pixels = (gsize) (bench->h * bench->w) * bench->model->spec->vae_down * bench->model->spec->vae_down;
  g_autofree float *image = g_new (float, pixels * bench->model->spec->vae_channels);
  return inq_model_run_decoder (bench->model, bench->h, bench->w, bench->x, image, NULL, error);
}

/* One run to load, @runs to time; on cards another plan for the ops, whose timestamps would come between kernels. */
static gboolean
measure (Bench *bench, const char *stage, const char *plan_name, StageFunc func, int runs, GError **error)
{
  InqEngine *engine = bench->model->engine;
  const InqGpuFacts *facts = inq_gpu_get_facts (engine->gpu);
  gboolean apart = facts->timestamps && facts->kind != INQ_GPU_KIND_SOFTWARE;
  engine->timed = !apart;
  gint64 begin = g_get_monotonic_time ();
  if (!func (bench, error))
    return FALSE;
  double first = (g_get_monotonic_time () - begin) / 1000.0;
  begin = g_get_monotonic_time ();
  for (int i = 0; i < runs; i++)
    if (!func (bench, error))
      return FALSE;
  double ms = (g_get_monotonic_time () - begin) / 1000.0 / runs;
  InqPlan *plan = inq_model_peek_plan (bench->model, plan_name);
  add_row (bench, "load", stage, MAX (0, first - ms), 0, 1);
  add_row (bench, stage, "total", ms, plan ? inq_plan_get_flops (plan) * 1e-9 : 0, (guint) runs);
  if (apart) {
    engine->timed = TRUE;
    inq_model_drop_plans (bench->model);
    /* twice: what is computed once a text is in the first one only */
    if (!func (bench, error) || !func (bench, error))
      return FALSE;
  }
  return add_ops (bench, stage, plan_name, error);
}

/* A plain matrix product of @n cubed: the rate the stages are measured against. Of halves where the stages keep halves:
 * the copies around it see to that, and are not counted where the device tells the time of a kernel. */
static gboolean
run_product (InqGpu *gpu, InqPrecision precision, gint64 n, double *ms, double *gflop, GError **error)
{
  g_autofree char *header = g_strdup_printf ("{\"p.weight\":{\"dtype\":\"F16\",\"shape\":[%" G_GINT64_FORMAT
                                             ",%" G_GINT64_FORMAT "],\"data_offsets\":[0,%" G_GINT64_FORMAT "]}}",
                                             n, n, 2 * n * n);
  guint64 length = strlen (header), size = 8 + length + 2 * (guint64) (n * n);
  guint8 *file = g_malloc0 (size); /* zero weights cost what others do */
  guint64 little = GUINT64_TO_LE (length);
  memcpy (file, &little, 8);
  memcpy (file + 8, header, length);
  g_autoptr (GBytes) bytes = g_bytes_new_take (file, size);
  g_autoptr (InqWeights) weights = inq_weights_new_from_bytes (bytes, "product", error);
  if (!weights)
    return FALSE;
  gboolean timed = inq_gpu_get_facts (gpu)->timestamps;
  g_autoptr (InqGraph) graph = inq_graph_new (weights);
  InqTensor *x = inq_graph_input (graph, "x", 1, 1, n, n);
  x = inq_op_linear (graph, timed ? inq_op_scale (graph, x, 1, 0) : x, "p", NULL);
  inq_graph_output (graph, timed ? inq_op_scale (graph, x, 1, 0) : x, "y");
  inq_graph_set_precision (graph, precision);
  InqDeviceWeights *device = inq_device_weights_new (gpu, weights);
  InqPlan *plan = inq_plan_new (gpu, graph, device, timed, error);
  gboolean ok = plan != NULL;
  *ms = 0;
  for (int i = 0; ok && i < 6; i++) { /* the first compiles */
    gint64 begin = g_get_monotonic_time ();
    ok = inq_plan_run (plan, NULL, NULL, error);
    double run = (g_get_monotonic_time () - begin) / 1000.0;
    g_autoptr (GArray) timings = ok && timed ? inq_plan_get_timings (plan, NULL) : NULL;
    for (guint k = 0; timings && k < timings->len; k++) {
      const InqGpuTiming *timing = &g_array_index (timings, InqGpuTiming, k);
      run = (k == 0 ? 0 : run) + (g_str_has_prefix (timing->label, "scale") ? 0 : timing->ns * 1e-6);
    }
    *ms = i <= 1 ? run : MIN (*ms, run);
  }
  *gflop = ok ? inq_plan_get_flops (plan) * 1e-9 : 0;
  g_clear_pointer (&plan, inq_plan_free);
  inq_device_weights_free (device);
  return ok;
}

static gboolean
bench_product (Bench *bench, GError **error)
{
  double ms, gflop;
  gint64 n = 512;
  do { /* large enough to keep the device busy for a while */
    n *= 2;
    if (!run_product (bench->model->engine->gpu, bench->model->engine->precision, n, &ms, &gflop, error))
      return FALSE;
    g_autofree char *label = g_strdup_printf ("linear:%dx%dx%d", (int) n, (int) n, (int) n);
    add_row (bench, "device", label, ms, gflop, 1);
  } while (ms < 5 && n < 8192);
  return TRUE;
}

static gboolean
bench_all (Bench *bench, int steps, GError **error)
{
  return bench_product (bench, error) && measure (bench, "text", "text", run_text, 2, error)
         && measure (bench, "unet", "unet", run_unet, steps, error)
         && (!inq_model_has_guide (bench->model, INQ_PERTURB_NONE)
             || measure (bench, "guide", "guide", run_guide, steps, error))
         && measure (bench, "decode", "decoder", run_decoder, 2, error);
}

GPtrArray *
inq_engine_bench (InqEngine *engine, InqModel *model, int width, int height, int steps, GError **error)
{
  const InqModelSpec *spec = model->spec;
  if (spec->missing->len > 0) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, _ ("%s cannot draw: %s"), model->info->name,
                 (const char *) g_ptr_array_index (spec->missing, 0));
    return NULL;
  }
  int multiple = inq_model_spec_get_multiple (spec);
  width = width > 0 ? width : spec->width;
  height = height > 0 ? height : spec->height;
  width = MAX (multiple, width / multiple * multiple);
  height = MAX (multiple, height / multiple * multiple);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  g_auto (Bench) bench = { .model = model, .rows = rows, .h = height / spec->vae_down, .w = width / spec->vae_down };
  gsize n = 2 * (gsize) (bench.h * bench.w) * spec->latent_channels;
  gsize n_in = 2 * (gsize) (bench.h * bench.w) * spec->unet_in_channels;
  gsize n_context = 2 * (gsize) inq_model_get_tokens (model) * spec->context_width;
  bench.x = g_new (float, n_in);
  bench.out = g_new (float, n);
  bench.context = g_new (float, n_context);
  inq_noise_fill (1, 0, bench.x, n_in);
  inq_noise_fill (2, 0, bench.context, n_context);
  if (spec->adm_width > 0)
    bench.y = g_new0 (float, 2 * spec->adm_width);
  gboolean timed = engine->timed;
  engine->timed = TRUE;
  gboolean ok = bench_all (&bench, steps > 0 ? steps : 5, error);
  engine->timed = timed;
  return ok ? g_steal_pointer (&rows) : NULL;
}

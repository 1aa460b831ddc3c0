/* Inquadra - inquadra-cli bench and devices: what this machine computes on, and how fast.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <stdio.h>

static char *opt_model, *opt_shape, *opt_weights, *opt_size;
static int opt_steps, opt_top = 12, opt_count = 1;
static gboolean opt_plan;

static const GOptionEntry entries[] = {
  { "model", 'm', 0, G_OPTION_ARG_FILENAME, &opt_model,
    N_ ("Model file, folder or name (the house model if not given)"), N_ ("MODEL") },
  { "shape", 0, 0, G_OPTION_ARG_STRING, &opt_shape,
    N_ ("Instead of a model: random weights of published size (sd15, sd2, sdxl)"), N_ ("NAME") },
  { "weights", 0, 0, G_OPTION_ARG_STRING, &opt_weights, N_ ("Of a shape: f16, q8_0 or q4_0 (f16)"), N_ ("TYPE") },
  { "size", 0, 0, G_OPTION_ARG_STRING, &opt_size, N_ ("Size in pixels"), N_ ("WIDTHxHEIGHT") },
  { "steps", 0, 0, G_OPTION_ARG_INT, &opt_steps, N_ ("Network calls to average over (5)"), N_ ("N") },
  { "top", 0, 0, G_OPTION_ARG_INT, &opt_top, N_ ("Ops to show of each stage (12)"), N_ ("N") },
  { "plan", 0, 0, G_OPTION_ARG_NONE, &opt_plan,
    N_ ("Only say how a generation would use the device's memory; nothing is computed"), NULL },
  { "count", 0, 0, G_OPTION_ARG_INT, &opt_count, N_ ("With --plan: pictures of the generation (1)"), N_ ("N") },
  { NULL },
};

/* ---- memory ---- */

static double
mib (guint64 bytes)
{
  return (double) bytes / 1048576;
}

static void
print_plan (const InqMemoryPlan *plan)
{
  printf ("%-10s %12s %12s %12s %12s\n", _ ("stage"), _ ("weights"), _ ("of"), _ ("activations"), _ ("in use"));
  for (guint i = 0; i < plan->n_stages; i++) {
    const InqMemoryStage *s = &plan->stages[i];
    printf ("%-10s %8.1f MiB %8.1f MiB %8.1f MiB %8.1f MiB%s%s\n", s->name, mib (s->weights), mib (s->all_weights),
            mib (s->activations), mib (s->used), s->streamed ? _ (" streamed") : "", s->tiled ? _ (" in tiles") : "");
  }
  printf (_ ("planned peak %.1f MiB, budget %.1f MiB, everything kept %.1f MiB, %d at once: %s\n"), mib (plan->needed),
          mib (plan->budget), mib (plan->whole), plan->batch, plan->summary);
}

static int
plan_memory (InqEngine *engine, InqModel *model, int width, int height)
{
  g_autoptr (GError) error = NULL;
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.width = width;
  params.height = height;
  params.count = opt_count;
  g_autoptr (InqMemoryPlan) plan = inq_engine_plan_memory (engine, model, &params, &error);
  if (!plan)
    return cli_fail (error);
  if (cli_common.json) {
    g_autoptr (JsonBuilder) b = json_builder_new ();
    json_builder_begin_object (b);
    cli_json_string (b, "model", inq_model_get_info (model)->name);
    cli_json_string (b, "device", inq_gpu_get_facts (inq_engine_get_gpu (engine))->name);
    cli_json_memory (b, plan);
    json_builder_end_object (b);
    cli_print_json (b);
  } else {
    print_plan (plan);
  }
  return CLI_OK;
}

/* ---- time ---- */

static double
rate (const InqBenchRow *row)
{
  return row->ms > 0 ? row->gflop / row->ms * 1000 : 0;
}

/* The best rate of the plain matrix products that the bench measured first: what this device can do, measured. */
static double
find_peak (GPtrArray *rows)
{
  double peak = 0;
  for (guint i = 0; i < rows->len; i++) {
    const InqBenchRow *row = g_ptr_array_index (rows, i);
    if (g_str_equal (row->stage, "device"))
      peak = MAX (peak, rate (row));
  }
  return peak;
}

static void
print_table (GPtrArray *rows)
{
  double peak = find_peak (rows);
  const char *stage = "";
  int shown = 0;
  for (guint i = 0; i < rows->len; i++) {
    const InqBenchRow *row = g_ptr_array_index (rows, i);
    gboolean total = g_str_equal (row->label, "total");
    if (!g_str_equal (row->stage, stage)) {
      stage = row->stage;
      shown = 0;
    }
    if (!total && !g_str_equal (stage, "load") && !g_str_equal (stage, "device") && shown++ >= opt_top)
      continue;
    printf ("%-7s %10.2f ms", row->stage, row->ms);
    if (row->gflop > 0)
      printf (" %9.2f GFLOP %8.1f GFLOP/s", row->gflop, rate (row));
    if (row->gflop > 0 && peak > 0)
      printf (" %4.0f %%", 100 * rate (row) / peak);
    printf ("  %s", row->label);
    if (row->calls > 1 && !total)
      printf (" x%u", row->calls);
    putchar ('\n');
  }
  if (peak > 0)
    printf (_ ("The percentage is of the plain matrix product above (%.1f GFLOP/s).\n"), peak);
}

static void
print_json (GPtrArray *rows, InqEngine *engine, InqModel *model)
{
  guint created, compiled;
  guint64 current, most;
  double peak = find_peak (rows);
  InqGpu *gpu = inq_engine_get_gpu (engine);
  inq_gpu_get_pipeline_stats (gpu, &created, &compiled);
  inq_gpu_get_memory (gpu, &current, &most);
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  cli_json_string (b, "device", inq_gpu_get_facts (gpu)->name);
  cli_json_string (b, "driver", inq_gpu_get_facts (gpu)->driver);
  cli_json_string (b, "model", inq_model_get_info (model)->name);
  cli_json_string (b, "tiles", inq_engine_get_tuning (engine));
  cli_json_int (b, "pipelines", created);
  cli_json_int (b, "compiled", compiled);
  cli_json_int (b, "memory_peak", (gint64) most);
  cli_json_double (b, "peak_gflop_per_s", peak);
  json_builder_set_member_name (b, "rows");
  json_builder_begin_array (b);
  for (guint i = 0; i < rows->len; i++) {
    const InqBenchRow *row = g_ptr_array_index (rows, i);
    json_builder_begin_object (b);
    cli_json_string (b, "stage", row->stage);
    cli_json_string (b, "label", row->label);
    cli_json_double (b, "ms", row->ms);
    cli_json_double (b, "gflop", row->gflop);
    cli_json_double (b, "gflop_per_s", rate (row));
    cli_json_double (b, "share", peak > 0 ? rate (row) / peak : 0);
    cli_json_int (b, "calls", row->calls);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
  json_builder_end_object (b);
  cli_print_json (b);
}

static InqModel *
load (InqEngine *engine, const char *path, GError **error)
{
  static const InqDtype types[] = { INQ_DTYPE_F16, INQ_DTYPE_Q8_0, INQ_DTYPE_Q4_0 };
  if (!opt_shape)
    return inq_engine_load (engine, path, error);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (!opt_weights || g_ascii_strcasecmp (opt_weights, inq_dtype_name (types[i])) == 0)
      return inq_engine_load_shape (engine, opt_shape, types[i], error);
  g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
               _ ("A shape has no weights called “%s”. Choose f16, q8_0 or q4_0"), opt_weights);
  return NULL;
}

int
cli_bench (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = cli_context_new (
      "bench", "", _ ("Times the stages of one picture: per run in milliseconds, with the arithmetic they do."),
      entries);
  int code = cli_parse (context, &argc, &argv, 0, 0), width = 0, height = 0;
  if (code >= 0)
    return code;
  if (!cli_parse_size (opt_size, &width, &height))
    return CLI_USAGE;
  g_autoptr (GError) error = NULL;
  if (opt_shape && opt_model) {
    g_printerr (_ ("inquadra-cli: a model or a shape is timed, not both\n"));
    return CLI_USAGE;
  }
  g_autofree char *path = opt_shape ? g_strdup (opt_shape) : cli_find_model (opt_model, &error);
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (InqEngine) engine = path ? cli_engine_new (&error) : NULL;
  double device_ms = (g_get_monotonic_time () - begin) / 1000.0;
  InqModel *model = engine ? load (engine, path, &error) : NULL;
  double open_ms = (g_get_monotonic_time () - begin) / 1000.0 - device_ms;
  if (model && opt_plan)
    return plan_memory (engine, model, width, height);
  g_autoptr (GPtrArray) rows = model ? inq_engine_bench (engine, model, width, height, opt_steps, &error) : NULL;
  if (!rows)
    return cli_fail (error);
  if (cli_common.json) {
    print_json (rows, engine, model);
    return CLI_OK;
  }
  InqGpu *gpu = inq_engine_get_gpu (engine);
  guint created, compiled;
  guint64 current, peak;
  inq_gpu_get_pipeline_stats (gpu, &created, &compiled);
  inq_gpu_get_memory (gpu, &current, &peak);
  printf (_ ("%s (%s), %s\n"), inq_gpu_get_facts (gpu)->name, inq_gpu_get_facts (gpu)->driver,
          inq_model_get_info (model)->name);
  printf (_ ("start   %10.2f ms  device opened\nstart   %10.2f ms  model mapped\n"), device_ms, open_ms);
  print_table (rows);
  g_autofree char *memory = g_format_size (peak);
  printf (_ ("%u pipelines, %u of them not from the driver's cache file; %s of device memory at most.\n"), created,
          compiled, memory);
  return CLI_OK;
}

/* ---- devices ---- */

static const char *
kind_name (InqGpuKind kind)
{
  static const char *const names[] = { "discrete", "integrated", "virtual", "software" };
  return names[MIN ((guint) kind, G_N_ELEMENTS (names) - 1)];
}

int
cli_devices (int argc, char **argv)
{
  g_autoptr (GOptionContext)
      context = cli_context_new ("devices", "", _ ("Lists the devices that can compute, the one used first."), NULL);
  int code = cli_parse (context, &argc, &argv, 0, 0);
  if (code >= 0)
    return code;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = inq_gpu_list (&error);
  if (!devices)
    return cli_fail (error);
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_array (b);
  for (guint i = 0; i < devices->len; i++) {
    const InqGpuFacts *f = g_ptr_array_index (devices, i);
    json_builder_begin_object (b);
    cli_json_int (b, "index", i);
    cli_json_string (b, "name", f->name);
    cli_json_string (b, "driver", f->driver);
    cli_json_string (b, "kind", kind_name (f->kind));
    cli_json_int (b, "memory", (gint64) f->memory_total);
    cli_json_int (b, "memory_free", (gint64) f->memory_budget);
    cli_json_int (b, "subgroup_size", f->subgroup_size);
    cli_json_bool (b, "storage_f16", f->storage_f16);
    cli_json_bool (b, "arithmetic_f16", f->arithmetic_f16);
    cli_json_bool (b, "cooperative_matrix", f->cooperative_matrix);
    cli_json_bool (b, "unified_memory", f->unified_memory);
    json_builder_end_object (b);
    if (!cli_common.json) {
      g_autofree char *memory = g_format_size (f->memory_total);
      printf ("%u  %-12s %s (%s), %s%s%s\n", i, kind_name (f->kind), f->name, f->driver, memory,
              f->arithmetic_f16 ? ", f16" : "", f->cooperative_matrix ? ", matrix units" : "");
    }
  }
  json_builder_end_array (b);
  if (cli_common.json)
    cli_print_json (b);
  return CLI_OK;
}

/* Inquadra - what the subcommands of inquadra-cli share.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

CliCommon cli_common;

/* ---- options ---- */

/* Bytes, or so many K, M or G (of 1024). */
static gboolean
max_memory_cb (const char *option, const char *value, gpointer data, GError **error)
{
  static const char units[] = "kmg";
  char *end = NULL;
  double number = g_ascii_strtod (value, &end), bytes = number;
  const char *unit = *end ? strchr (units, g_ascii_tolower (*end)) : NULL;
  for (const char *u = units; unit && u <= unit; u++)
    bytes *= 1024;
  const char *rest = unit ? end + 1 : end;
  if (unit && g_ascii_strcasecmp (rest, "iB") != 0 && g_ascii_strcasecmp (rest, "B") != 0 && *rest)
    unit = NULL;
  if (end == value || (*end && !unit) || !(bytes >= 1 && bytes < 1e18)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("\"%s\" is not an amount of memory: write it as in 4G, 800M or 500000000"), value);
    return FALSE;
  }
  cli_common.max_memory = (guint64) bytes;
  return TRUE;
}

GOptionContext *
cli_context_new (const char *name, const char *parameters, const char *summary, const GOptionEntry *entries)
{
  static const GOptionEntry common[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &cli_common.json, N_ ("Print the result as JSON"), NULL },
    { "device", 0, 0, G_OPTION_ARG_STRING, &cli_common.device, N_ ("Device by number or part of its name"),
      N_ ("DEVICE") },
    { "max-memory", 0, 0, G_OPTION_ARG_CALLBACK, max_memory_cb, N_ ("Graphics memory to stay within, as in 4G or 800M"),
      N_ ("SIZE") },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &cli_common.verbose, N_ ("Say what the graphics layer says"), NULL },
    { NULL },
  };
  g_autofree char *line = g_strdup_printf ("%s", parameters);
  GOptionContext *context = g_option_context_new (line);
  g_autofree char *program = g_strdup_printf ("inquadra-cli %s", name);
  g_set_prgname (program);
  g_option_context_set_summary (context, summary);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  if (entries)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  return context;
}

int
cli_parse (GOptionContext *context, int *argc, char ***argv, int min, int max)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = g_option_context_parse (context, argc, argv, &error);
  int given = *argc - 1;
  if (ok && given >= min && given <= max)
    return -1;
  if (!ok)
    cli_say ("%s", error->message);
  else
    cli_say (given < min ? _ ("an argument is missing") : _ ("there are too many arguments"));
  g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
  const char *end = strchr (help, '\n');
  const char *usage = end && end[1] ? end + 1 : help; /* "Usage:" stands on a line of its own */
  const char *stop = strchr (usage, '\n');
  fprintf (stderr, "%.*s\n", stop ? (int) (stop - usage) : (int) strlen (usage), usage);
  return CLI_USAGE;
}

gboolean
cli_parse_size (const char *text, int *width, int *height)
{
  if (!text)
    return TRUE;
  char *end;
  gint64 w = g_ascii_strtoll (text, &end, 10);
  if (end != text && (*end == 'x' || *end == 'X')) {
    const char *second = end + 1;
    gint64 h = g_ascii_strtoll (second, &end, 10);
    if (end != second && *end == '\0' && w > 0 && h > 0 && w <= G_MAXINT && h <= G_MAXINT) {
      *width = (int) w;
      *height = (int) h;
      return TRUE;
    }
  }
  cli_say (_ ("\"%s\" is not a size: write WIDTHxHEIGHT in pixels, as in 512x288"), text);
  return FALSE;
}

/* ---- telling ---- */

void
cli_say (const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "inquadra-cli: %s\n", message);
}

int
cli_exit_code (const GError *error)
{
  return g_error_matches (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID) || error->domain == G_OPTION_ERROR
             ? CLI_USAGE
             : CLI_FAILED;
}

int
cli_fail (const GError *error)
{
  cli_say ("%s", error->message);
  if (cli_common.json) {
    g_autoptr (JsonBuilder) b = json_builder_new ();
    json_builder_begin_object (b);
    cli_json_error (b, error);
    json_builder_end_object (b);
    cli_print_json (b);
  }
  return cli_exit_code (error);
}

int
cli_fail_usage (const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_autoptr (GError) error = g_error_new_literal (G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, message);
  return cli_fail (error);
}

void
cli_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, TRUE);
  puts (text);
  fflush (stdout);
}

void
cli_json_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value) {
    g_autofree char *valid = g_utf8_make_valid (value, -1);
    json_builder_add_string_value (builder, valid);
  } else {
    json_builder_add_null_value (builder);
  }
}

void
cli_json_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/* JSON knows no infinity: null. */
void
cli_json_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  if (value - value == 0)
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
cli_json_bool (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
cli_json_error (JsonBuilder *builder, const GError *error)
{
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  cli_json_string (builder, "domain", g_quark_to_string (error->domain));
  cli_json_int (builder, "code", error->code);
  cli_json_string (builder, "message", error->message);
  json_builder_end_object (builder);
}

void
cli_json_memory (JsonBuilder *builder, const InqMemoryPlan *plan)
{
  json_builder_set_member_name (builder, "memory");
  if (!plan) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  cli_json_string (builder, "summary", plan->summary);
  cli_json_int (builder, "needed", (gint64) plan->needed);
  cli_json_int (builder, "budget", (gint64) plan->budget);
  cli_json_int (builder, "whole", (gint64) plan->whole);
  cli_json_int (builder, "weights", (gint64) plan->weights);
  cli_json_int (builder, "activations", (gint64) plan->activations);
  cli_json_int (builder, "batch", plan->batch);
  cli_json_bool (builder, "fits", plan->fits);
  json_builder_set_member_name (builder, "stages");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->n_stages; i++) {
    const InqMemoryStage *stage = &plan->stages[i];
    json_builder_begin_object (builder);
    cli_json_string (builder, "name", stage->name);
    cli_json_int (builder, "weights", (gint64) stage->weights);
    cli_json_int (builder, "all_weights", (gint64) stage->all_weights);
    cli_json_int (builder, "activations", (gint64) stage->activations);
    cli_json_int (builder, "used", (gint64) stage->used);
    cli_json_bool (builder, "streamed", stage->streamed);
    cli_json_bool (builder, "tiled", stage->tiled);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* ---- engine ---- */

static void
log_cb (GLogLevelFlags level, const char *message, gpointer data)
{
  if (cli_common.verbose || level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
    cli_say ("%s", message);
}

InqEngine *
cli_engine_new (GError **error)
{
  const InqGpuOptions options = { .device = cli_common.device, .max_memory = cli_common.max_memory, .log = log_cb };
  return inq_engine_new (&options, error);
}

/* Whether @name means the model at @path: its file or folder name, with or without the extension. */
static gboolean
is_named (const char *path, const char *name)
{
  g_autofree char *base = g_path_get_basename (path);
  if (g_ascii_strcasecmp (base, name) == 0)
    return TRUE;
  static const char *const extensions[] = { ".safetensors", ".gguf" };
  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++)
    if (g_str_has_suffix (base, extensions[i]))
      base[strlen (base) - strlen (extensions[i])] = '\0';
  return g_ascii_strcasecmp (base, name) == 0;
}

char *
cli_find_model (const char *name, GError **error)
{
  if (!name || g_str_equal (name, "house")) {
    char *house = inq_house_model_path ();
    if (!house)
      g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING,
                   _ ("The house model is not installed: %s holds none. Set INQ_HOUSE_MODEL to its folder, or give"
                      " another model with --model"),
                   INQ_DATADIR "/models/house");
    return house;
  }
  if (g_file_test (name, G_FILE_TEST_EXISTS))
    return g_canonicalize_filename (name, NULL);
  g_auto (GStrv) paths = inq_models_list ();
  for (guint i = 0; paths[i]; i++)
    if (is_named (paths[i], name))
      return g_strdup (paths[i]);
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING,
               _ ("There is no model \"%s\": neither a file nor one of those that `inquadra-cli models list` shows"),
               name);
  return NULL;
}

/* ---- Ctrl+C ---- */

static gpointer
signal_thread (gpointer data)
{
  sigset_t set;
  int signal_number;
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigwait (&set, &signal_number);
  g_cancellable_cancel (data);
  sigwait (&set, &signal_number);
  _exit (128 + signal_number);
}

GCancellable *
cli_cancellable (void)
{
  static GCancellable *cancellable;
  if (!cancellable) {
    sigset_t set;
    cancellable = g_cancellable_new ();
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    pthread_sigmask (SIG_BLOCK, &set, NULL); /* every later thread inherits it */
    g_thread_unref (g_thread_new ("signals", signal_thread, cancellable));
  }
  return cancellable;
}

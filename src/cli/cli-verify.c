/* Inquadra - inquadra-cli verify: a reference set recomputed and compared.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <stdio.h>

static char *opt_dump;

static const GOptionEntry entries[] = {
  { "dump", 0, 0, G_OPTION_ARG_FILENAME, &opt_dump, N_ ("Also write what was computed, under the same names, f32"),
    N_ ("OUT.safetensors") },
  { NULL },
};

static void
row_cb (const InqVerifyRow *row, gpointer data)
{
  printf ("%-4s  %10.3e  %8.1e  %s\n", row->passed ? _ ("ok") : _ ("FAIL"), row->max_error, row->tolerance, row->name);
  if (row->reason)
    printf ("      %s\n", row->reason);
  fflush (stdout);
}

static void
print_json (GPtrArray *rows, InqModel *model, guint failed)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  cli_json_string (b, "model", inq_model_get_info (model)->name);
  cli_json_bool (b, "passed", failed == 0);
  json_builder_set_member_name (b, "tensors");
  json_builder_begin_array (b);
  for (guint i = 0; i < rows->len; i++) {
    const InqVerifyRow *row = g_ptr_array_index (rows, i);
    json_builder_begin_object (b);
    cli_json_string (b, "name", row->name);
    cli_json_double (b, "error", row->max_error);
    cli_json_double (b, "tolerance", row->tolerance);
    cli_json_bool (b, "passed", row->passed);
    if (row->reason)
      cli_json_string (b, "reason", row->reason);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
  json_builder_end_object (b);
  cli_print_json (b);
}

int
cli_verify (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = cli_context_new (
      "verify", _ ("MODEL EXPECT.safetensors"),
      _ ("Recomputes every result of a reference set and compares: largest difference over standard\n"
         "deviation, tolerance, name. Fails when one is over its tolerance."),
      entries);
  int code = cli_parse (context, &argc, &argv, 2, 2);
  if (code >= 0)
    return code;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = cli_find_model (argv[1], &error);
  g_autoptr (InqEngine) engine = path ? cli_engine_new (&error) : NULL;
  InqModel *model = engine ? inq_engine_load (engine, path, &error) : NULL;
  if (!model)
    return cli_fail (error);
  g_autoptr (GPtrArray)
      rows = inq_engine_verify (engine, model, argv[2], opt_dump, cli_common.json ? NULL : row_cb, NULL, &error);
  if (!rows)
    return cli_fail (error);
  guint failed = 0;
  for (guint i = 0; i < rows->len; i++)
    failed += !((const InqVerifyRow *) g_ptr_array_index (rows, i))->passed;
  if (cli_common.json)
    print_json (rows, model, failed);
  if (rows->len == 0) {
    cli_say (_ ("%s holds no result to check"), argv[2]);
    return CLI_FAILED;
  }
  if (failed > 0)
    cli_say (_ ("%u of %u results differ or could not be computed"), failed, rows->len);
  return failed > 0 ? CLI_FAILED : CLI_OK;
}

/* Inquadra - inquadra-cli selftest: whether this device and its driver can be trusted.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <stdio.h>

static void
print_json (const InqSelftest *test)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  cli_json_string (b, "device", test->device);
  cli_json_string (b, "driver", test->driver);
  cli_json_string (b, "precision", test->precision);
  cli_json_bool (b, "trusted", test->trusted);
  cli_json_bool (b, "complete", test->complete);
  cli_json_string (b, "verdict", test->verdict);
  json_builder_set_member_name (b, "checks");
  json_builder_begin_array (b);
  for (guint i = 0; i < test->checks->len; i++) {
    const InqSelftestCheck *check = g_ptr_array_index (test->checks, i);
    json_builder_begin_object (b);
    cli_json_string (b, "name", check->name);
    cli_json_bool (b, "passed", check->passed);
    cli_json_double (b, "error", check->error);
    cli_json_double (b, "tolerance", check->tolerance);
    if (check->reason)
      cli_json_string (b, "reason", check->reason);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
  json_builder_end_object (b);
  cli_print_json (b);
}

static void
print_table (const InqSelftest *test)
{
  for (guint i = 0; i < test->checks->len; i++) {
    const InqSelftestCheck *check = g_ptr_array_index (test->checks, i);
    printf ("%-4s  %10.3e  %8.1e  %s\n", check->passed ? _ ("ok") : _ ("FAIL"), check->error, check->tolerance,
            check->name);
    if (check->reason)
      printf ("      %s\n", check->reason);
  }
  printf ("%s\n", test->verdict);
}

int
cli_selftest (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = cli_context_new (
      "selftest", "",
      _ ("Computes with every kind of kernel, and pictures with the house model, what is known already:\n"
         "largest difference over standard deviation, tolerance, name. Fails when the device and its\n"
         "driver cannot be trusted."),
      NULL);
  int code = cli_parse (context, &argc, &argv, 0, 0);
  if (code >= 0)
    return code;
  GCancellable *cancellable = cli_cancellable ();
  g_autoptr (GError) error = NULL;
  g_autoptr (InqEngine) engine = cli_engine_new (&error);
  g_autoptr (InqSelftest) test = engine ? inq_engine_selftest (engine, cancellable, &error) : NULL;
  if (!test)
    return cli_fail (error);
  if (cli_common.json)
    print_json (test);
  else
    print_table (test);
  return test->trusted ? CLI_OK : CLI_FAILED;
}

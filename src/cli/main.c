/* Inquadra - inquadra-cli: everything the engine and a project can do without a display.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "cli-project.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>

static const struct {
  const char *name;
  CliRun run;
  const char *summary;
} commands[] = {
  { "generate", cli_generate, N_ ("make pictures from a prompt") },
  { "prompt", cli_prompt, N_ ("show a prompt as a model reads it") },
  { "verify", cli_verify, N_ ("recompute a reference set and compare") },
  { "bench", cli_bench, N_ ("time a model's stages on this machine") },
  { "selftest", cli_selftest, N_ ("check that this device computes right") },
  { "devices", cli_devices, N_ ("list the devices that can compute") },
  { "models", cli_models, N_ ("list, inspect and add models") },
  { "project", cli_project, N_ ("make, inspect, check, render and pick on boards") },
  { "demo", cli_demo, N_ ("draw a sample board and its contact sheet into a folder") },
};

static void
print_help (FILE *to)
{
  fprintf (to, _ ("Usage:\n  inquadra-cli COMMAND [OPTION…] …\n\nCommands:\n"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (to, "  %-10s %s\n", commands[i].name, _ (commands[i].summary));
  fprintf (to, _ ("\n`inquadra-cli COMMAND --help` tells its options. Results go to stdout (as JSON with --json),\n"
                  "messages to stderr; the exit code is 0, 1 when it failed, 2 when the command line is wrong.\n"));
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  const char *locale_dir = g_getenv ("INQ_LOCALEDIR"); /* set where the catalogues are not installed */
  bindtextdomain (GETTEXT_PACKAGE, locale_dir ? locale_dir : INQ_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  const char *name = argc > 1 ? argv[1] : NULL;
  if (!name) {
    print_help (stderr);
    return CLI_USAGE;
  }
  if (g_str_equal (name, "--help") || g_str_equal (name, "-h") || g_str_equal (name, "help")) {
    print_help (stdout);
    return CLI_OK;
  }
  if (g_str_equal (name, "--version")) {
    printf ("inquadra-cli %s\n", INQ_VERSION);
    return CLI_OK;
  }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (name, commands[i].name))
      return commands[i].run (argc - 1, argv + 1);
  cli_say (_ ("there is no command \"%s\""), name);
  print_help (stderr);
  return CLI_USAGE;
}

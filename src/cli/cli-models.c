/* Inquadra - inquadra-cli models: list, inspect, add.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

static void
add_json (JsonBuilder *b, const InqModelInfo *info)
{
  json_builder_begin_object (b);
  cli_json_string (b, "name", info->name);
  cli_json_string (b, "path", info->path);
  cli_json_string (b, "family", info->family);
  cli_json_string (b, "prediction", info->prediction);
  cli_json_string (b, "license", info->license);
  cli_json_int (b, "tensors", info->n_tensors);
  cli_json_int (b, "parameters", (gint64) info->n_parameters);
  cli_json_int (b, "size", (gint64) info->size);
  cli_json_int (b, "width", info->width);
  cli_json_int (b, "height", info->height);
  cli_json_int (b, "size_multiple", info->size_multiple);
  cli_json_int (b, "latent_channels", info->latent_channels);
  cli_json_int (b, "context_tokens", info->context_tokens);
  cli_json_int (b, "steps", info->default_steps);
  cli_json_double (b, "cfg", info->default_cfg);
  cli_json_string (b, "sampler", info->default_sampler);
  cli_json_bool (b, "text", info->has_text);
  cli_json_bool (b, "unet", info->has_unet);
  cli_json_bool (b, "vae", info->has_vae);
  cli_json_bool (b, "tokenizer", info->has_tokenizer);
  json_builder_set_member_name (b, "missing");
  json_builder_begin_array (b);
  for (guint i = 0; info->missing && info->missing[i]; i++) {
    g_autofree char *valid = g_utf8_make_valid (info->missing[i], -1);
    json_builder_add_string_value (b, valid);
  }
  json_builder_end_array (b);
  json_builder_end_object (b);
}

static int
run_list (void)
{
  g_auto (GStrv) paths = inq_models_list ();
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_array (b);
  for (guint i = 0; paths[i]; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (InqModelInfo) info = inq_model_inspect (paths[i], &error);
    if (!info) {
      cli_say ("%s", error->message);
      continue;
    }
    add_json (b, info);
    if (!cli_common.json) {
      g_autofree char *size = g_format_size (info->size);
      printf ("%-24s %-7s %5dx%-5d %9s  %s%s\n", info->name, info->family, info->width, info->height, size, info->path,
              info->missing ? _ ("  (cannot draw, see inspect)") : "");
    }
  }
  json_builder_end_array (b);
  if (cli_common.json)
    cli_print_json (b);
  else if (!paths[0])
    cli_say (_ ("there is no model yet: add one with `inquadra-cli models add FILE.safetensors`"));
  return CLI_OK;
}

static int
run_inspect (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = cli_find_model (name, &error);
  g_autoptr (InqModelInfo) info = path ? inq_model_inspect (path, &error) : NULL;
  if (!info)
    return cli_fail (error);
  if (cli_common.json) {
    g_autoptr (JsonBuilder) b = json_builder_new ();
    add_json (b, info);
    cli_print_json (b);
    return CLI_OK;
  }
  g_autofree char *size = g_format_size (info->size);
  printf (_ ("name        %s\npath        %s\nfamily      %s, predicts %s\nlicense     %s\n"), info->name, info->path,
          info->family, info->prediction, info->license ? info->license : _ ("not told by the file"));
  printf (_ ("file        %s, %u tensors, %.1f million parameters\n"), size, info->n_tensors, info->n_parameters / 1e6);
  printf (_ ("pictures    %dx%d, sides multiples of %d\nprompt      %d tokens\n"), info->width, info->height,
          info->size_multiple, info->context_tokens);
  printf (_ ("defaults    %d steps of %s, cfg %g\n"), info->default_steps, info->default_sampler, info->default_cfg);
  for (guint i = 0; info->missing && info->missing[i]; i++)
    printf (_ ("missing     %s\n"), info->missing[i]);
  return CLI_OK;
}

static void
progress_cb (goffset done, goffset total, gpointer data)
{
  if (total > 0)
    fprintf (stderr, "\r%3d %%", (int) (done * 100 / total));
}

static int
run_add (const char *file)
{
  g_autoptr (GError) error = NULL;
  gboolean tty = isatty (STDERR_FILENO);
  g_autofree char *path = inq_models_add (file, cli_cancellable (), tty ? progress_cb : NULL, NULL, &error);
  if (tty)
    fputs ("\r\033[K", stderr);
  if (!path)
    return cli_fail (error);
  g_autoptr (InqModelInfo) info = inq_model_inspect (path, &error);
  if (!info)
    return cli_fail (error);
  for (guint i = 0; info->missing && info->missing[i]; i++)
    cli_say (_ ("note: %s"), info->missing[i]);
  if (cli_common.json) {
    g_autoptr (JsonBuilder) b = json_builder_new ();
    add_json (b, info);
    cli_print_json (b);
  } else {
    puts (path);
  }
  return CLI_OK;
}

int
cli_models (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = cli_context_new (
      "models", _ ("list | inspect MODEL | add FILE.safetensors"),
      _ ("Shows what models are at hand, what a file holds, and adds files to the user's folder."), NULL);
  int code = cli_parse (context, &argc, &argv, 1, 2);
  if (code >= 0)
    return code;
  const char *verb = argv[1];
  gboolean has_argument = argc == 3;
  if (g_str_equal (verb, "list") && !has_argument)
    return run_list ();
  if (g_str_equal (verb, "inspect") && has_argument)
    return run_inspect (argv[2]);
  if (g_str_equal (verb, "add") && has_argument)
    return run_add (argv[2]);
  cli_say (_ ("write `models list`, `models inspect MODEL` or `models add FILE.safetensors`"));
  return CLI_USAGE;
}

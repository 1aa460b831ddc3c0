/* Inquadra - inquadra-cli models: list, inspect, add, remove.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

static void
add_strings (JsonBuilder *b, const char *name, char *const *strings)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_array (b);
  for (guint i = 0; strings && strings[i]; i++) {
    g_autofree char *valid = g_utf8_make_valid (strings[i], -1);
    json_builder_add_string_value (b, valid);
  }
  json_builder_end_array (b);
}

/* @hash is nullable: not computed. */
static void
add_json (JsonBuilder *b, const InqModelInfo *info, const char *hash)
{
  json_builder_begin_object (b);
  cli_json_string (b, "name", info->name);
  cli_json_string (b, "path", info->path);
  cli_json_string (b, "kind", info->kind);
  cli_json_string (b, "format", info->format);
  cli_json_string (b, "dtypes", info->dtypes);
  cli_json_string (b, "hash", hash);
  cli_json_string (b, "family", info->family);
  cli_json_string (b, "prediction", info->prediction);
  cli_json_bool (b, "zero_terminal_snr", info->zero_terminal_snr);
  cli_json_bool (b, "inpaint", info->inpaint);
  cli_json_bool (b, "distilled", info->distilled);
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
  add_strings (b, "parts", info->parts);
  add_strings (b, "missing", info->missing);
  add_strings (b, "notes", info->notes);
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
    add_json (b, info, NULL);
    if (!cli_common.json) {
      g_autofree char *size = g_format_size (info->size);
      printf ("%-24s %-7s %-12s %5dx%-5d %9s  %s%s\n", info->name, info->family, info->dtypes, info->width,
              info->height, size, info->path, info->missing ? _ ("  (cannot draw, see inspect)") : "");
    }
  }
  json_builder_end_array (b);
  if (cli_common.json)
    cli_print_json (b);
  else if (!paths[0])
    cli_say (_ ("there is no model yet: add one with `inquadra-cli models add FILE`"));
  return CLI_OK;
}

static void
progress_cb (goffset done, goffset total, gpointer data)
{
  const char *what = data;
  if (total > 0)
    fprintf (stderr, "\r%s %3d %%", what, (int) (done * 100 / total));
}

/* (transfer full) hash of a model, with progress where someone watches */
static char *
compute_hash (const char *path, GError **error)
{
  gboolean tty = isatty (STDERR_FILENO);
  char *hash = inq_model_hash (path, cli_cancellable (), tty ? progress_cb : NULL, (gpointer) _ ("hashing"), error);
  if (tty)
    fputs ("\r\033[K", stderr);
  return hash;
}

static void
print_info (const InqModelInfo *info, const char *hash)
{
  g_autofree char *size = g_format_size (info->size);
  printf (_ ("name        %s\npath        %s\nkind        %s, %s, numbers in %s\n"), info->name, info->path, info->kind,
          info->format, info->dtypes);
  for (guint i = 0; info->parts && info->parts[i]; i++)
    printf (_ ("with        %s\n"), info->parts[i]);
  printf (_ ("hash        %s\nfile        %s, %u tensors, %.1f million parameters\n"), hash, size, info->n_tensors,
          info->n_parameters / 1e6);
  printf (_ ("license     %s\n"), info->license ? info->license : _ ("not told by the file"));
  if (!g_str_equal (info->kind, "checkpoint"))
    return;
  printf (_ ("family      %s, predicts %s%s%s%s\n"), info->family, info->prediction,
          info->zero_terminal_snr ? _ (", zero terminal SNR") : "", info->inpaint ? _ (", for inpainting") : "",
          info->distilled ? _ (", made for few steps without guidance") : "");
  printf (_ ("pictures    %dx%d, sides multiples of %d\nprompt      %d tokens\n"), info->width, info->height,
          info->size_multiple, info->context_tokens);
  printf (_ ("defaults    %d steps of %s, cfg %g\n"), info->default_steps, info->default_sampler, info->default_cfg);
  for (guint i = 0; info->missing && info->missing[i]; i++)
    printf (_ ("missing     %s\n"), info->missing[i]);
  for (guint i = 0; info->notes && info->notes[i]; i++)
    printf (_ ("note        %s\n"), info->notes[i]);
}

static int
run_inspect (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = cli_find_model (name, &error);
  g_autoptr (InqModelInfo) info = path ? inq_model_inspect (path, &error) : NULL;
  g_autofree char *hash = info ? compute_hash (path, &error) : NULL;
  if (!hash)
    return cli_fail (error);
  if (cli_common.json) {
    g_autoptr (JsonBuilder) b = json_builder_new ();
    add_json (b, info, hash);
    cli_print_json (b);
  } else {
    print_info (info, hash);
  }
  return CLI_OK;
}

static int
run_add (const char *file)
{
  g_autoptr (GError) error = NULL;
  gboolean tty = isatty (STDERR_FILENO);
  g_auto (GStrv) copied = inq_models_add_listed (file, cli_cancellable (), tty ? progress_cb : NULL,
                                                 (gpointer) _ ("copying"), &error);
  const char *path = copied ? copied[0] : NULL;
  if (tty)
    fputs ("\r\033[K", stderr);
  g_autoptr (InqModelInfo) info = path ? inq_model_inspect (path, &error) : NULL;
  g_autofree char *hash = info ? compute_hash (path, &error) : NULL; /* kept: drawing with it need not read it again */
  if (copied && g_cancellable_is_cancelled (cli_cancellable ())) {
    g_clear_error (&error);
    if (inq_models_discard ((const char *const *) copied, &error))
      g_cancellable_set_error_if_cancelled (cli_cancellable (), &error);
    return cli_fail (error);
  }
  if (!hash)
    return cli_fail (error);
  for (guint i = 0; g_str_equal (info->kind, "checkpoint") && info->missing && info->missing[i]; i++)
    cli_say (_ ("note: %s"), info->missing[i]);
  for (guint i = 0; info->notes && info->notes[i]; i++)
    cli_say (_ ("note: %s"), info->notes[i]);
  if (cli_common.json) {
    g_autoptr (JsonBuilder) b = json_builder_new ();
    add_json (b, info, hash);
    cli_print_json (b);
  } else {
    puts (path);
  }
  return CLI_OK;
}

/* A model, or a LoRA, by name or path. */
static int
run_remove (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = cli_find_model (name, &error);
  if (!path) {
    g_autofree char *lora = inq_lora_find (name, NULL);
    if (lora && g_file_test (lora, G_FILE_TEST_EXISTS)) {
      g_clear_error (&error);
      path = g_steal_pointer (&lora);
    }
  }
  if (!path || !inq_models_remove (path, &error))
    return cli_fail (error);
  if (cli_common.json) {
    g_autoptr (JsonBuilder) b = json_builder_new ();
    json_builder_begin_object (b);
    cli_json_string (b, "removed", path);
    json_builder_end_object (b);
    cli_print_json (b);
  } else {
    cli_say (_ ("%s is in the trash now"), path);
  }
  return CLI_OK;
}

int
cli_models (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = cli_context_new (
      "models", _ ("list | inspect MODEL | add FILE|FOLDER | remove MODEL"),
      _ ("Shows what models are at hand, what a file holds, adds models and LoRAs to the user's folders"
         " and puts them into the trash."),
      NULL);
  int code = cli_parse (context, &argc, &argv, 1, 2);
  if (code >= 0)
    return code;
  static const struct {
    const char *verb;
    int (*run) (const char *argument);
  } verbs[] = { { "inspect", run_inspect }, { "add", run_add }, { "remove", run_remove } };
  if (g_str_equal (argv[1], "list") && argc == 2)
    return run_list ();
  for (guint i = 0; argc == 3 && i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (argv[1], verbs[i].verb))
      return verbs[i].run (argv[2]);
  cli_say (_ ("write `models list`, `models inspect MODEL`, `models add FILE` or `models remove MODEL`"));
  return CLI_USAGE;
}

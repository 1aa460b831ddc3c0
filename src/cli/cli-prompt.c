/* Inquadra - inquadra-cli prompt: a prompt as a model reads it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <stdio.h>

static char *opt_model, *opt_seed;

static const GOptionEntry entries[] = {
  { "model", 'm', 0, G_OPTION_ARG_FILENAME, &opt_model,
    N_ ("Model file, folder or name (the house model if not given)"), N_ ("MODEL") },
  { "seed", 's', 0, G_OPTION_ARG_STRING, &opt_seed, N_ ("Seed that makes the choices (0 if not given)"), N_ ("N") },
  { NULL },
};

/* What JSON can hold. */
static void
json_text (JsonBuilder *b, const char *name, const char *text)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;
  cli_json_string (b, name, valid);
}

static void
print_json (const InqPromptReading *reading)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  json_text (b, "text", reading->text);
  cli_json_bool (b, "plain", reading->plain);
  json_builder_set_member_name (b, "loras");
  json_builder_begin_array (b);
  for (guint i = 0; i < reading->loras->len; i++) {
    const InqLoraUse *use = &g_array_index (reading->loras, InqLoraUse, i);
    json_builder_begin_object (b);
    json_text (b, "name", use->path);
    cli_json_double (b, "weight", use->weight);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
  json_builder_set_member_name (b, "parts");
  json_builder_begin_array (b);
  for (guint i = 0; i < reading->parts->len; i++) {
    const InqPromptPart *part = reading->parts->pdata[i];
    json_builder_begin_object (b);
    json_text (b, "text", part->text);
    cli_json_double (b, "weight", part->weight);
    cli_json_bool (b, "begins_chunk", part->begins_chunk);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
  cli_json_int (b, "chunks", reading->n_chunks);
  cli_json_int (b, "chunk_size", reading->chunk_size);
  cli_json_int (b, "dropped", reading->n_dropped);
  json_builder_set_member_name (b, "tokens");
  json_builder_begin_array (b);
  for (guint i = 0; i < reading->tokens->len; i++) {
    const InqPromptToken *token = reading->tokens->pdata[i];
    json_builder_begin_object (b);
    cli_json_int (b, "chunk", token->chunk);
    cli_json_int (b, "id", token->id);
    json_text (b, "text", token->text);
    cli_json_double (b, "weight", token->weight);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
  json_builder_end_object (b);
  cli_print_json (b);
}

static void
print_text (const InqPromptReading *reading)
{
  for (guint i = 0; i < reading->parts->len; i++) {
    const InqPromptPart *part = reading->parts->pdata[i];
    if (part->begins_chunk)
      puts ("-----");
    g_autofree char *text = g_strstrip (g_strdup (part->text));
    if (*text)
      printf ("%5.3g  %s\n", part->weight, text);
  }
  for (guint i = 0; i < reading->loras->len; i++) {
    const InqLoraUse *use = &g_array_index (reading->loras, InqLoraUse, i);
    printf (_ ("%5.3g  LoRA %s\n"), use->weight, use->path);
  }
  guint chunk = G_MAXUINT;
  for (guint i = 0; i < reading->tokens->len; i++) {
    const InqPromptToken *token = reading->tokens->pdata[i];
    if (token->chunk != chunk)
      printf (_ ("%sChunk %u of %u, up to %u tokens:"), chunk == G_MAXUINT ? "\n" : "\n\n", token->chunk + 1,
              reading->n_chunks, reading->chunk_size);
    chunk = token->chunk;
    printf (" %s", token->text);
  }
  if (reading->tokens->len > 0)
    putchar ('\n');
  if (reading->n_dropped > 0)
    printf (_ ("%u tokens at the end are left out.\n"), reading->n_dropped);
}

int
cli_prompt (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = cli_context_new (
      "prompt", _ ("TEXT"),
      _ ("Shows a prompt as a model reads it: its pieces with their strength, the LoRAs it names, its tokens\n"
         "by chunks. Lines that begin with // are left out, of {a|b} the seed takes one."),
      entries);
  int code = cli_parse (context, &argc, &argv, 1, 1);
  guint64 seed = 0;
  if (code >= 0)
    return code;
  if (opt_seed && !g_ascii_string_to_unsigned (opt_seed, 10, 0, G_MAXUINT64, &seed, NULL)) {
    cli_say (_ ("\"%s\" is not a seed: a number from 0 to 18446744073709551615"), opt_seed);
    return CLI_USAGE;
  }
  g_autoptr (GError) error = NULL;
  g_autofree char *path = cli_find_model (opt_model, &error);
  g_autoptr (InqEngine) engine = path ? cli_engine_new (&error) : NULL;
  InqModel *model = engine ? inq_engine_load (engine, path, &error) : NULL;
  g_autoptr (InqPromptReading) reading = model ? inq_model_read_prompt (model, argv[1], seed, &error) : NULL;
  if (!reading)
    return cli_fail (error);
  if (cli_common.json)
    print_json (reading);
  else
    print_text (reading);
  return CLI_OK;
}

/* Inquadra - what inquadra-cli's commands share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static gboolean progress_shown;

gboolean
cli_parse (int *argc, char ***argv, const GOptionEntry *entries, const char *usage, int min, int max)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *summary = g_strdup_printf ("inquadra-cli %s", usage);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context, summary);
  for (int i = 1; i < *argc; i++)
    if (g_str_equal ((*argv)[i], "--help") || g_str_equal ((*argv)[i], "-h")) {
      g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

      g_print ("%s", help);
      exit (CLI_OK);
    }
  if (!g_option_context_parse (context, argc, argv, &error)) {
    cli_error ("%s (inquadra-cli %s)", error->message, usage);
    return FALSE;
  }
  /* A lone "--" ends options and is no argument. */
  if (*argc > 1 && g_str_equal ((*argv)[1], "--")) {
    for (int i = 1; i < *argc; i++)
      (*argv)[i] = (*argv)[i + 1];
    --*argc;
  }
  if (*argc - 1 < min || *argc - 1 > max) {
    cli_error ("%s arguments: inquadra-cli %s", *argc - 1 < min ? "missing" : "too many", usage);
    return FALSE;
  }
  return TRUE;
}

static void
say (const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);

  if (progress_shown) {
    g_printerr ("\r\033[K");
    progress_shown = FALSE;
  }
  g_printerr ("inquadra-cli: %s\n", text);
}

void
cli_error (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  say (format, args);
  va_end (args);
}

void
cli_notice (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  say (format, args);
  va_end (args);
}

void
cli_progress (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (!isatty (STDERR_FILENO))
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("\r\033[K%s", text);
  progress_shown = *text != '\0';
}

/* The handler may only do what is safe in a signal: it writes to a pipe that a thread reads. */
static int signal_pipe[2];

static void
signal_cb (int number)
{
  ssize_t written = write (signal_pipe[1], "", 1);

  (void) written;
}

static gpointer
signal_thread (gpointer cancellable)
{
  char byte;

  if (read (signal_pipe[0], &byte, 1) == 1)
    g_cancellable_cancel (cancellable);
  /* A second one means it. */
  if (read (signal_pipe[0], &byte, 1) == 1)
    _exit (CLI_FAILED);
  return NULL;
}

GCancellable *
cli_cancellable (void)
{
  static GCancellable *cancellable;

  if (cancellable == NULL) {
    cancellable = g_cancellable_new ();
    if (pipe (signal_pipe) == 0) {
      g_thread_unref (g_thread_new ("signals", signal_thread, cancellable));
      signal (SIGINT, signal_cb);
      signal (SIGTERM, signal_cb);
    }
  }
  return cancellable;
}

void
cli_json_string (JsonBuilder *json, const char *name, const char *value)
{
  json_builder_set_member_name (json, name);
  if (value != NULL)
    json_builder_add_string_value (json, value);
  else
    json_builder_add_null_value (json);
}

void
cli_json_int (JsonBuilder *json, const char *name, gint64 value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, value);
}

void
cli_json_double (JsonBuilder *json, const char *name, double value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_double_value (json, value);
}

void
cli_json_bool (JsonBuilder *json, const char *name, gboolean value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_boolean_value (json, value);
}

void
cli_json_print (JsonBuilder *json)
{
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  g_autofree char *text = json_to_string (root, TRUE);

  g_print ("%s\n", text);
}

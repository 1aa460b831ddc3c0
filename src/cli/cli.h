/* Inquadra - what inquadra-cli's commands share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Exit statuses: a stable contract. */
enum {
  CLI_OK = 0,
  CLI_FAILED = 1,
  CLI_USAGE = 2,
};

/* Parses options out of @argv (argv[0] is the command's last word) and checks that between @min and @max arguments are
 * left after it. Says what is wrong on stderr. @usage: "project new FILE". --help prints and exits the program with
 * CLI_OK. */
gboolean cli_parse (int *argc, char ***argv, const GOptionEntry *entries, const char *usage, int min, int max);

/* "inquadra-cli: MESSAGE" on stderr. */
void cli_error (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* The same for what is worth knowing but no failure. */
void cli_notice (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* A line on stderr that replaces the one before it, when stderr is a terminal; nothing otherwise. An empty text clears
 * it. */
void cli_progress (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Cancelled by SIGINT and SIGTERM from the first call on. (transfer none) */
GCancellable *cli_cancellable (void);

void cli_json_string (JsonBuilder *json, const char *name, const char *value);
void cli_json_int (JsonBuilder *json, const char *name, gint64 value);
void cli_json_double (JsonBuilder *json, const char *name, double value);
void cli_json_bool (JsonBuilder *json, const char *name, gboolean value);
/* Pretty-printed on stdout with a newline. */
void cli_json_print (JsonBuilder *json);

G_END_DECLS

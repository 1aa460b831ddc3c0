/* Inquadra - what the subcommands of inquadra-cli share: exit codes, messages, JSON, the engine, Ctrl+C.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results go to stdout (JSON with --json), everything said to a person goes to stderr.
 *
 * Thread-safety: main thread.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include <inq-engine.h>

G_BEGIN_DECLS

/* The stable contract of exit codes. */
#define CLI_OK     0
#define CLI_FAILED 1
#define CLI_USAGE  2

/* Runs one subcommand: argv[0] is its name. Returns an exit code. */
typedef int (*CliRun) (int argc, char **argv);

int cli_generate (int argc, char **argv);
int cli_prompt (int argc, char **argv);
int cli_verify (int argc, char **argv);
int cli_bench (int argc, char **argv);
int cli_devices (int argc, char **argv);
int cli_selftest (int argc, char **argv);
int cli_models (int argc, char **argv);

/* ---- options ---- */

/* What the options say that every command has; cli_context_new() adds them. */
typedef struct {
  gboolean json;
  gboolean verbose;
  char *device;
  guint64 max_memory; /* bytes, 0 for what the device has */
} CliCommon;
extern CliCommon cli_common;

/* A context for `inquadra-cli NAME PARAMETERS` with @entries and the common options. (transfer full) */
GOptionContext *cli_context_new (const char *name, const char *parameters, const char *summary,
                                 const GOptionEntry *entries);
/* Parses; -1 when all is well, else the exit code (after saying what is wrong). Wants @min..@max arguments left. */
int cli_parse (GOptionContext *context, int *argc, char ***argv, int min, int max);
/* "512x288"; FALSE with a message said. NULL leaves both as they are. */
gboolean cli_parse_size (const char *text, int *width, int *height);

/* ---- telling ---- */
void cli_say (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Says the error and returns the exit code that fits it: bad parameters are CLI_USAGE. With --json an object with
 * "error" also goes to stdout. */
int cli_fail (const GError *error);
/* Says that the command line is wrong, as cli_fail() does; CLI_USAGE. */
int cli_fail_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* The exit code alone. */
int cli_exit_code (const GError *error);
/* Prints a finished builder, indented, and a newline. */
void cli_print_json (JsonBuilder *builder);
void cli_json_string (JsonBuilder *builder, const char *name, const char *value);
void cli_json_int (JsonBuilder *builder, const char *name, gint64 value);
void cli_json_double (JsonBuilder *builder, const char *name, double value);
void cli_json_bool (JsonBuilder *builder, const char *name, gboolean value);
void cli_json_error (JsonBuilder *builder, const GError *error);

/* A member "memory": what the plan (nullable) says. */
void cli_json_memory (JsonBuilder *builder, const InqMemoryPlan *plan);

/* ---- engine ---- */

/* Opens the device named by --device or $INQ_DEVICE. */
InqEngine *cli_engine_new (GError **error);
/* A path, "house", or the name of a model in the user's folder. NULL means the house model. (transfer full) */
char *cli_find_model (const char *name, GError **error);
/* Cancelled by the first SIGINT or SIGTERM; the second ends the process. (transfer none) */
GCancellable *cli_cancellable (void);

G_END_DECLS

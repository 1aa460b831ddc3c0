/* Inquadra - inquadra-cli's commands over boards
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

#include <inq-document-jobs.h>
#include <inq-document-panels.h>
#include <inq-job-params.h>

G_BEGIN_DECLS

/* `inquadra-cli project ...` and `inquadra-cli demo [DIR]`; exit status 0, 1 or 2. @argv[0] is "project" or "demo". */
int cli_project (int argc, char **argv);
int cli_demo (int argc, char **argv);

/* One line a panel: "1A  3 variations, picked 2  wide shot ..." or its JSON. */
int cli_project_info (int argc, char **argv);
int cli_project_add_panel (int argc, char **argv);
int cli_project_pick (int argc, char **argv);
int cli_project_render (int argc, char **argv);
int cli_project_sheet (int argc, char **argv);
int cli_project_snapshots (int argc, char **argv);
int cli_project_snapshot (int argc, char **argv);
int cli_project_restore (int argc, char **argv);

/* Parses the options of one of these; -1 to go on, else the exit status. */
int cli_options (int *argc, char ***argv, const GOptionEntry *entries, const char *name, const char *parameters,
                 int min, int max);

/* Opens @path, saying why not as cli_fail() does. */
InqDocument *cli_open_board (const char *path, InqOpenFlags flags);
/* Closes; a failure to tidy is said on stderr and makes the status 1. */
int cli_close_board (InqDocument *document, int status);

/* Begins what a command that changes a board tells with --json: an object with one member, others may follow. (transfer
 * full) */
JsonBuilder *cli_tell (const char *name, const char *value);
/* Closes the board (nullable) and, if that went well, prints what was begun with cli_tell() under --json, else @text
 * (nullable: nothing) and a newline. Returns the exit code. */
int cli_close_and_tell (InqDocument *document, JsonBuilder *json, const char *text);

/* What to make of each panel; zero and NULL: as the board is drawn, which may leave it to the model. */
typedef struct {
  const char *model;
  int count;
  int steps;
  double cfg;
  gint64 seed; /* -1: drawn for each panel */
} CliRenderOptions;

/* Queues a job for each of @panels and runs the queue to its end (jobs left from before included). Returns the number
 * of failed jobs, which are said on stderr, and -1 with @error set when nothing could run or Ctrl+C stopped it. */
int cli_render_panels (InqDocument *document, const gint64 *panels, gsize n, const CliRenderOptions *options,
                       GError **error);
/* Closes the board and says with --json how many jobs failed: CLI_FAILED if any did. */
int cli_close_rendered (InqDocument *document, int n_failed);

/* Draws every panel with its number, text, duration and variations into a PNG. @columns of panels. What lay at @path
 * is replaced when the whole picture is there. */
gboolean cli_write_sheet (InqDocument *document, const char *path, int columns, GError **error);

G_END_DECLS

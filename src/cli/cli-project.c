/* Inquadra - inquadra-cli project: its commands; new, info, check, add-panel, pick
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-project.h"

#include <glib/gi18n.h>
#include <inq-document-check.h>
#include <inq-sample-board.h>
#include <inq-timecode.h>
#include <stdio.h>
#include <string.h>

InqDocument *
cli_open_board (const char *path, InqOpenFlags flags)
{
  g_autoptr (GError) error = NULL;
  InqDocument *document = inq_document_open (path, flags, &error);

  if (document == NULL)
    cli_fail (error);
  return document;
}

int
cli_close_board (InqDocument *document, int status)
{
  g_autoptr (GError) error = NULL;

  if (inq_document_close (document, &error))
    return status;
  cli_say ("%s", error->message);
  return CLI_FAILED;
}

JsonBuilder *
cli_tell (const char *name, const char *value)
{
  JsonBuilder *json = json_builder_new ();

  json_builder_begin_object (json);
  cli_json_string (json, name, value);
  return json;
}

int
cli_close_and_tell (InqDocument *document, JsonBuilder *json, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (document != NULL && !inq_document_close (document, &error))
    return cli_fail (error);
  if (cli_common.json) {
    json_builder_end_object (json);
    cli_print_json (json);
  } else if (text != NULL) {
    g_print ("%s\n", text);
  }
  return CLI_OK;
}

int
cli_options (int *argc, char ***argv, const GOptionEntry *entries, const char *name, const char *parameters, int min,
             int max)
{
  g_autoptr (GOptionContext) context = cli_context_new (name, parameters, NULL, entries);

  return cli_parse (context, argc, argv, min, max);
}

static int
project_new (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *title = NULL;
  g_autofree char *frame = NULL;
  g_autofree char *rate = NULL;
  gboolean sample = FALSE;
  g_auto (InqBoardSettings) settings = INQ_BOARD_SETTINGS_DEFAULT;
  int status;
  const GOptionEntry entries[] = {
    { "title", 0, 0, G_OPTION_ARG_STRING, &title, N_ ("Title of the board"), N_ ("TEXT") },
    { "frame", 0, 0, G_OPTION_ARG_STRING, &frame, N_ ("Frame size in pixels (1920x1080)"), "WxH" },
    { "rate", 0, 0, G_OPTION_ARG_STRING, &rate, N_ ("Frames a second (24, 23.976, 30000/1001)"), N_ ("RATE") },
    { "sample", 0, 0, G_OPTION_ARG_NONE, &sample, N_ ("Start from the sample board"), NULL },
    { NULL },
  };

  if ((status = cli_options (&argc, &argv, entries, "project new", "FILE.inquadra", 1, 1)) >= 0)
    return status;
  if (sample && (title != NULL || frame != NULL || rate != NULL))
    return cli_fail_usage (_ ("the sample board brings its own title, frame and rate: --sample goes without them"));
  if (frame != NULL && !cli_parse_size (frame, &settings.frame_width, &settings.frame_height))
    return CLI_USAGE;
  if (rate != NULL && !inq_rate_from_string (rate, &settings.rate))
    return cli_fail_usage (_ ("--rate \"%s\" is not a frame rate: 24, 25, 23.976, 29.97, 30000/1001 ..."), rate);

  InqDocument *document = NULL;
  settings.title = g_steal_pointer (&title);
  if (sample ? !inq_sample_board_create (argv[1], &error)
             : (document = inq_document_new (argv[1], &settings, INQ_OPEN_DEFAULT, &error)) == NULL)
    return cli_fail (error);
  g_autoptr (JsonBuilder) json = cli_tell ("path", argv[1]);
  return cli_close_and_tell (document, json, NULL);
}

static void
add_panel_json (JsonBuilder *json, const InqPanelRow *row, GPtrArray *variations)
{
  json_builder_begin_object (json);
  cli_json_string (json, "number", row->number);
  cli_json_string (json, "scene", row->scene_number);
  cli_json_string (json, "scene_title", row->scene_title);
  cli_json_string (json, "shot", row->shot_number);
  cli_json_int (json, "duration_frames", row->duration);
  for (int field = 0; field < INQ_FIELD_NUMBER; field++)
    cli_json_string (json, inq_panel_field_get_name (field), row->text[field]);
  cli_json_int (json, "strokes", row->n_strokes);
  cli_json_int (json, "jobs_queued", row->jobs_queued + row->jobs_running);
  cli_json_int (json, "jobs_failed", row->jobs_failed);
  json_builder_set_member_name (json, "variations");
  json_builder_begin_array (json);
  for (guint i = 0; variations != NULL && i < variations->len; i++) {
    const InqVariationRow *variation = g_ptr_array_index (variations, i);
    g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, variation->seed);

    json_builder_begin_object (json);
    cli_json_int (json, "width", variation->width);
    cli_json_int (json, "height", variation->height);
    cli_json_string (json, "seed", seed);
    cli_json_string (json, "model", variation->model);
    cli_json_bool (json, "picked", variation->picked);
    cli_json_bool (json, "starred", variation->starred);
    cli_json_bool (json, "rejected", variation->rejected);
    json_builder_end_object (json);
  }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static int
print_info (InqDocument *document)
{
  g_autoptr (GError) error = NULL;
  g_auto (InqBoardSettings) settings = INQ_BOARD_SETTINGS_DEFAULT;
  g_autoptr (GPtrArray) panels = NULL;
  gint64 frames = 0;

  if (!inq_document_get_settings (document, &settings, &error)
      || (panels = inq_document_list_panels (document, &error)) == NULL)
    return cli_fail (error);
  for (guint i = 0; i < panels->len; i++)
    frames += ((InqPanelRow *) g_ptr_array_index (panels, i))->duration;
  char code[INQ_TIMECODE_LENGTH];
  const char *total = inq_timecode_format (frames, settings.rate, code);

  if (!cli_common.json) {
    g_print (_ ("%s: %u panels, %s at %d/%d frames a second, frame %dx%d\n"),
             *settings.title != '\0' ? settings.title : inq_document_get_path (document), panels->len, total,
             settings.rate.num, settings.rate.den, settings.frame_width, settings.frame_height);
    for (guint i = 0; i < panels->len; i++) {
      const InqPanelRow *row = g_ptr_array_index (panels, i);

      /* Translators: a line of a list: number, length, variations, prompt */
      g_print (row->picked != 0 ? _ ("%-6s %4d frames  %d variations, picked  %s\n")
                                : _ ("%-6s %4d frames  %d variations  %s\n"),
               row->number, row->duration, row->n_variations, row->text[INQ_FIELD_PROMPT]);
    }
    return CLI_OK;
  }

  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  cli_json_string (json, "title", settings.title);
  cli_json_int (json, "frame_width", settings.frame_width);
  cli_json_int (json, "frame_height", settings.frame_height);
  cli_json_int (json, "rate_num", settings.rate.num);
  cli_json_int (json, "rate_den", settings.rate.den);
  cli_json_int (json, "total_frames", frames);
  cli_json_string (json, "total", total);
  json_builder_set_member_name (json, "panels");
  json_builder_begin_array (json);
  for (guint i = 0; i < panels->len; i++) {
    const InqPanelRow *row = g_ptr_array_index (panels, i);
    g_autoptr (GPtrArray) variations = inq_document_list_variations (document, row->id, &error);

    if (variations == NULL)
      return cli_fail (error);
    add_panel_json (json, row, variations);
  }
  json_builder_end_array (json);
  json_builder_end_object (json);
  cli_print_json (json);
  return CLI_OK;
}

int
cli_project_info (int argc, char **argv)
{
  int status;
  const GOptionEntry entries[] = { { NULL } };
  InqDocument *document;

  if ((status = cli_options (&argc, &argv, entries, "project info", "FILE", 1, 1)) >= 0)
    return status;
  document = cli_open_board (argv[1], INQ_OPEN_READ_ONLY);
  return document != NULL ? cli_close_board (document, print_info (document)) : CLI_FAILED;
}

static int
project_check (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  gboolean repair = FALSE;
  int status;
  const GOptionEntry entries[] = {
    { "repair", 0, 0, G_OPTION_ARG_NONE, &repair, N_ ("Mend what can be mended without losing anything"), NULL },
    { NULL },
  };
  if ((status = cli_options (&argc, &argv, entries, "project check", "FILE", 1, 1)) >= 0)
    return status;
  InqDocument *document = cli_open_board (argv[1], repair ? INQ_OPEN_DEFAULT : INQ_OPEN_READ_ONLY);
  if (document == NULL)
    return CLI_FAILED;
  rows = inq_document_check (document, repair, &error);
  if (rows == NULL)
    return cli_close_board (document, cli_fail (error));

  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_array (json);
  status = CLI_OK;
  for (guint i = 0; i < rows->len; i++) {
    const InqCheckRow *row = g_ptr_array_index (rows, i);

    if (!row->repaired)
      status = CLI_FAILED;
    json_builder_begin_object (json);
    cli_json_string (json, "what", row->what);
    cli_json_int (json, "row", row->row);
    cli_json_string (json, "message", row->message);
    cli_json_bool (json, "repaired", row->repaired);
    json_builder_end_object (json);
    if (!cli_common.json)
      g_print (row->repaired ? _ ("%s: %s (repaired)\n") : "%s: %s\n", row->what, row->message);
  }
  json_builder_end_array (json);
  if (cli_common.json)
    cli_print_json (json);
  else if (rows->len == 0)
    g_print (_ ("%s: sound\n"), argv[1]);
  return cli_close_board (document, status);
}

/* How long a panel is to be, from the options (nullable); 0: as the board does it. A day at most. */
static gboolean
parse_duration (const char *seconds, const char *frames, InqRate rate, int *duration)
{
  const double most = 24 * 60 * 60;
  double value = 0;
  char *end;

  *duration = 0;
  if (seconds != NULL) {
    value = g_ascii_strtod (seconds, &end);
    if (end == seconds || *end != '\0' || !(value > 0 && value <= most)) {
      cli_fail_usage (_ ("--seconds \"%s\" is not a length: more than 0, at most a day, as in 2.5"), seconds);
      return FALSE;
    }
    *duration = (int) MAX (1, inq_frames_from_seconds (value, rate));
  }
  if (frames != NULL) {
    value = g_ascii_strtod (frames, &end);
    if (end == frames || *end != '\0' || !(value >= 1 && value <= most * rate.num / rate.den) || value != (int) value) {
      cli_fail_usage (_ ("--frames \"%s\" is not a length: a whole number from 1, at most a day"), frames);
      return FALSE;
    }
    *duration = (int) value;
  }
  return TRUE;
}

int
cli_project_add_panel (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_auto (InqBoardSettings) settings = INQ_BOARD_SETTINGS_DEFAULT;
  g_autofree char *after = NULL;
  char *text[INQ_N_FIELDS] = { NULL };
  g_autofree char *seconds = NULL;
  g_autofree char *frames = NULL;
  int duration;
  int status;
  const GOptionEntry entries[] = {
    { "prompt", 0, 0, G_OPTION_ARG_STRING, &text[INQ_FIELD_PROMPT], N_ ("What is in the shot"), N_ ("TEXT") },
    { "negative", 0, 0, G_OPTION_ARG_STRING, &text[INQ_FIELD_NEGATIVE], N_ ("What is not"), N_ ("TEXT") },
    { "dialogue", 0, 0, G_OPTION_ARG_STRING, &text[INQ_FIELD_DIALOGUE], N_ ("Dialogue"), N_ ("TEXT") },
    { "action", 0, 0, G_OPTION_ARG_STRING, &text[INQ_FIELD_ACTION], N_ ("Action"), N_ ("TEXT") },
    { "notes", 0, 0, G_OPTION_ARG_STRING, &text[INQ_FIELD_NOTES], N_ ("Notes"), N_ ("TEXT") },
    { "shot-size", 0, 0, G_OPTION_ARG_STRING, &text[INQ_FIELD_SIZE], N_ ("ELS LS MLS MS MCU CU ECU ..."), N_ ("CODE") },
    { "angle", 0, 0, G_OPTION_ARG_STRING, &text[INQ_FIELD_ANGLE], N_ ("high, low, dutch ..."), N_ ("CODE") },
    { "move", 0, 0, G_OPTION_ARG_STRING, &text[INQ_FIELD_MOVE], N_ ("pan, tilt, dolly ..."), N_ ("CODE") },
    { "time", 0, 0, G_OPTION_ARG_STRING, &text[INQ_FIELD_TIME], N_ ("day, night ..."), N_ ("CODE") },
    { "seconds", 0, 0, G_OPTION_ARG_STRING, &seconds, N_ ("Duration (2 seconds)"), "X" },
    { "frames", 0, 0, G_OPTION_ARG_STRING, &frames, N_ ("Duration in frames"), "N" },
    { "after", 0, 0, G_OPTION_ARG_STRING, &after, N_ ("Panel to put it after (the last one)"), N_ ("PANEL") },
    { NULL },
  };
  gint64 anchor = 0, panel = 0;
  gboolean ok, wrong;

  if ((status = cli_options (&argc, &argv, entries, "project add-panel", "FILE", 1, 1)) >= 0)
    return status;
  InqDocument *document = cli_open_board (argv[1], INQ_OPEN_DEFAULT);
  if (document == NULL)
    return CLI_FAILED;

  ok = inq_document_get_settings (document, &settings, &error);
  wrong = ok && !parse_duration (seconds, frames, settings.rate, &duration);
  ok = ok && !wrong && (after == NULL || (anchor = inq_document_find_panel (document, after, &error)) != 0)
       && inq_document_begin (document, N_ ("Add panel"), NULL, &error);
  if (ok) {
    ok = (panel = inq_document_add_panel (document, anchor, INQ_PLACE_AFTER, &error)) != 0;
    for (int field = 0; ok && field < INQ_N_FIELDS; field++)
      if (text[field] != NULL)
        ok = inq_document_set_text (document, panel, field, text[field], 0, &error);
    if (ok && duration != 0)
      ok = inq_document_set_duration (document, panel, duration, 0, &error);
    if (ok)
      ok = inq_document_commit (document, &error);
    else
      inq_document_rollback (document);
  }
  for (int field = 0; field < INQ_N_FIELDS; field++)
    g_free (text[field]);
  if (!ok)
    return cli_close_board (document, wrong ? CLI_USAGE : cli_fail (error));

  g_autoptr (InqPanelRow) row = inq_document_get_panel (document, panel, &error);
  if (row == NULL)
    return cli_close_board (document, cli_fail (error));
  g_autoptr (JsonBuilder) json = cli_tell ("number", row->number);
  return cli_close_and_tell (document, json, row->number);
}

int
cli_project_pick (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) variations = NULL;
  int status;
  const GOptionEntry entries[] = { { NULL } };
  char *end;
  gint64 panel, n;
  gboolean ok;

  if ((status = cli_options (&argc, &argv, entries, "project pick", "FILE PANEL N", 3, 3)) >= 0)
    return status;
  n = g_ascii_strtoll (argv[3], &end, 10);
  if (end == argv[3] || *end != '\0' || n < 0)
    return cli_fail_usage (_ ("\"%s\" is not the number of a variation: 1 for the first, 0 for none"), argv[3]);
  InqDocument *document = cli_open_board (argv[1], INQ_OPEN_DEFAULT);
  if (document == NULL)
    return CLI_FAILED;
  ok = (panel = inq_document_find_panel (document, argv[2], &error)) != 0
       && (variations = inq_document_list_variations (document, panel, &error)) != NULL;
  if (ok && n > variations->len) {
    g_set_error (&error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW,
                 _ ("panel %s has %u variations, there is no number %s"), argv[2], variations->len, argv[3]);
    ok = FALSE;
  }
  ok = ok
       && inq_document_pick (document, panel,
                             n == 0 ? 0 : ((InqVariationRow *) g_ptr_array_index (variations, n - 1))->id, &error);
  if (!ok)
    return cli_close_board (document, cli_fail (error));
  g_autoptr (InqPanelRow) row = inq_document_get_panel (document, panel, NULL);
  g_autoptr (JsonBuilder) json = cli_tell ("number", row != NULL ? row->number : argv[2]);
  cli_json_int (json, "picked", n);
  return cli_close_and_tell (document, json, NULL);
}

int
cli_project (int argc, char **argv)
{
  static const struct {
    const char *name;
    int (*run) (int argc, char **argv);
    const char *arguments; /* the words of the options are the same in every language */
    const char *help;
  } commands[] = {
    { "new", project_new, "FILE [--title T] [--frame WxH] [--rate R] [--sample]", N_ ("make a board") },
    { "info", cli_project_info, "FILE [--json]", N_ ("what is on it") },
    { "check", project_check, "FILE [--repair] [--json]", N_ ("is the file sound") },
    { "add-panel", cli_project_add_panel, "FILE --prompt T ...", N_ ("add a panel") },
    { "render", cli_project_render, "FILE [--count N] [--panel P] ...", N_ ("generate variations") },
    { "pick", cli_project_pick, "FILE PANEL N", N_ ("choose a variation") },
    { "snapshots", cli_project_snapshots, "FILE [--json]", N_ ("list the saved versions") },
    { "snapshot", cli_project_snapshot, "FILE NAME [--delete] [--rename NAME]", N_ ("save a version") },
    { "restore", cli_project_restore, "FILE NAME", N_ ("go back to a saved version") },
    { "sheet", cli_project_sheet, "FILE OUT.png [--columns N]", N_ ("contact sheet") },
  };
  gboolean help = argc >= 2 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0);
  FILE *to = help ? stdout : stderr;

  if (argc >= 2)
    for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
      if (strcmp (argv[1], commands[i].name) == 0)
        return commands[i].run (argc - 1, argv + 1);
  if (argc >= 2 && !help)
    cli_say (_ ("no such command: project %s"), argv[1]);
  fprintf (to, "%s\n", _ ("usage:"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    g_autofree char *line = g_strdup_printf ("%s %s", commands[i].name, commands[i].arguments);

    fprintf (to, "  inquadra-cli project %-60s %s\n", line, _ (commands[i].help));
  }
  return help ? CLI_OK : CLI_USAGE;
}

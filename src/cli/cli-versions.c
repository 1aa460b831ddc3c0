/* Inquadra - inquadra-cli project snapshots, snapshot, restore: saved versions of a board
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-project.h"

#include <glib/gi18n.h>
#include <inq-document-snapshots.h>
#include <inq-timecode.h>

static char *
format_time (gint64 created)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (created / G_USEC_PER_SEC);

  return utc != NULL ? g_date_time_format_iso8601 (utc) : g_strdup ("");
}

static void
print_row (const InqSnapshotRow *row, guint place)
{
  g_autoptr (GDateTime) local = g_date_time_new_from_unix_local (row->created / G_USEC_PER_SEC);
  g_autofree char *when = local != NULL ? g_date_time_format (local, "%F %H:%M") : g_strdup ("");
  g_autofree char *length = inq_duration_format (row->frames, row->rate);
  g_autofree char *panels = g_strdup_printf (g_dngettext (NULL, "%u panel", "%u panels", (gulong) row->n_panels),
                                             (guint) row->n_panels);

  g_print ("%-3u %s  %s, %s  %s\n", place, when, panels, length, row->name);
}

static void
add_json (JsonBuilder *json, const InqSnapshotRow *row)
{
  g_autofree char *when = format_time (row->created);

  json_builder_begin_object (json);
  cli_json_string (json, "name", row->name);
  cli_json_string (json, "created", when);
  cli_json_int (json, "panels", row->n_panels);
  cli_json_int (json, "total_frames", row->frames);
  cli_json_int (json, "rate_num", row->rate.num);
  cli_json_int (json, "rate_den", row->rate.den);
  json_builder_end_object (json);
}

int
cli_project_snapshots (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (JsonBuilder) json = json_builder_new ();
  const GOptionEntry entries[] = { { NULL } };
  InqDocument *document;
  int status;

  if ((status = cli_options (&argc, &argv, entries, "project snapshots", "FILE", 1, 1)) >= 0)
    return status;
  if ((document = cli_open_board (argv[1], INQ_OPEN_READ_ONLY)) == NULL)
    return CLI_FAILED;
  if ((rows = inq_document_list_snapshots (document, &error)) == NULL)
    return cli_close_board (document, cli_fail (error));
  json_builder_begin_array (json);
  for (guint i = 0; i < rows->len; i++) {
    add_json (json, rows->pdata[i]);
    if (!cli_common.json)
      print_row (rows->pdata[i], i + 1);
  }
  json_builder_end_array (json);
  if (cli_common.json)
    cli_print_json (json);
  return cli_close_board (document, CLI_OK);
}

int
cli_project_snapshot (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *new_name = NULL;
  gboolean remove = FALSE, ok;
  const GOptionEntry entries[] = {
    { "delete", 0, 0, G_OPTION_ARG_NONE, &remove, N_ ("Delete the version of that name or number"), NULL },
    { "rename", 0, 0, G_OPTION_ARG_STRING, &new_name, N_ ("Give it another name"), N_ ("NAME") },
    { NULL },
  };
  InqDocument *document;
  gint64 id;
  int status;

  if ((status = cli_options (&argc, &argv, entries, "project snapshot", "FILE NAME", 2, 2)) >= 0)
    return status;
  if (remove && new_name != NULL)
    return cli_fail_usage (_ ("--delete and --rename do not go together"));
  if ((document = cli_open_board (argv[1], INQ_OPEN_DEFAULT)) == NULL)
    return CLI_FAILED;
  if (!remove && new_name == NULL)
    ok = inq_document_save_snapshot (document, argv[2], &error) != 0;
  else
    ok = (id = inq_document_find_snapshot (document, argv[2], &error)) != 0
         && (remove ? inq_document_delete_snapshot (document, id, &error)
                    : inq_document_rename_snapshot (document, id, new_name, &error));
  if (!ok)
    return cli_close_board (document, cli_fail (error));
  g_autoptr (JsonBuilder) json = cli_tell ("version", new_name != NULL ? new_name : argv[2]);
  return cli_close_and_tell (document, json, NULL);
}

int
cli_project_restore (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = { { NULL } };
  InqDocument *document;
  gint64 id;
  gboolean ok;
  int status;

  if ((status = cli_options (&argc, &argv, entries, "project restore", "FILE NAME", 2, 2)) >= 0)
    return status;
  if ((document = cli_open_board (argv[1], INQ_OPEN_DEFAULT)) == NULL)
    return CLI_FAILED;
  ok = (id = inq_document_find_snapshot (document, argv[2], &error)) != 0
       && inq_document_restore_snapshot (document, id, &error);
  if (!ok)
    return cli_close_board (document, cli_fail (error));
  g_autoptr (JsonBuilder) json = cli_tell ("version", argv[2]);
  return cli_close_and_tell (document, json, NULL);
}

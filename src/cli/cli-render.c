/* Inquadra - inquadra-cli project render: the board's queue, run to its end without a window
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-project.h"

#include <glib/gi18n.h>
#include <inq-drawing.h>
#include <inq-job-run.h>
#include <inq-prompt.h>
#include <string.h>
#include <unistd.h>

static gboolean progress_shown;

/* A line on stderr that replaces the one before it, when a person watches. */
static void
show_progress (const char *text)
{
  if (!isatty (STDERR_FILENO) || (*text == '\0' && !progress_shown))
    return;
  g_printerr ("\r\033[K%s", text);
  progress_shown = *text != '\0';
}

typedef struct {
  InqDocument *document;
  gint64 job;
  const char *number; /* of the panel */
  int count;
  int stored;
} Running;

static gboolean
store_cb (const InqNewVariation *variation, gboolean last, gpointer data, GError **error)
{
  Running *running = data;

  running->stored++;
  if (last)
    return inq_document_finish_job (running->document, running->job, variation, 1, NULL, error);
  return inq_document_add_job_variations (running->document, running->job, variation, 1, NULL, error);
}

static const char *
stage_word (InqStage stage)
{
  switch (stage) {
  case INQ_STAGE_LOADING:
    return _ ("loading");
  case INQ_STAGE_TEXT:
    return _ ("reading the prompt");
  case INQ_STAGE_SAMPLING:
    return _ ("drawing");
  case INQ_STAGE_DECODING:
  default:
    return _ ("decoding");
  }
}

static void
progress_cb (InqStage stage, int index, int step, int n_steps, double fraction, const InqPicture *preview,
             gpointer data)
{
  Running *running = data;

  g_autofree char *text = g_strdup_printf (_ ("panel %s: %d of %d, %s, %3.0f %%"), running->number,
                                           MIN (running->stored + 1, running->count), running->count,
                                           stage_word (stage), fraction * 100);

  show_progress (text);
}

static void
notice_cb (const char *message, gpointer data)
{
  show_progress ("");
  cli_say (_ ("panel %s: %s"), ((Running *) data)->number, message);
}

/* How the panels of a board are drawn: as in the window. */
typedef struct {
  InqDrawing *drawing;
  double aspect;
  InqModelInfo *info; /* (nullable) */
} How;

static void
how_clear (How *how)
{
  g_clear_pointer (&how->drawing, inq_drawing_free);
  g_clear_pointer (&how->info, inq_model_info_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (How, how_clear)

static gboolean
how_read (How *how, InqDocument *document, const CliRenderOptions *options, GError **error)
{
  g_auto (InqBoardSettings) settings = INQ_BOARD_SETTINGS_DEFAULT;

  if (!inq_document_get_settings (document, &settings, error))
    return FALSE;
  how->drawing = inq_drawing_from_json (settings.drawing);
  how->aspect = (double) settings.frame_width / settings.frame_height;
  if (options->model != NULL)
    how->info = inq_model_inspect (options->model, NULL); /* what is wrong with it, the job says */
  return TRUE;
}

static gboolean
enqueue (InqDocument *document, const InqPanelRow *row, const How *how, const CliRenderOptions *options, GError **error)
{
  g_autoptr (InqJobParams) params = inq_job_params_new ();
  g_autofree char *json = NULL;

  if (options->model != NULL) {
    g_free (params->model);
    params->model = g_strdup (options->model);
  }
  g_free (params->prompt);
  params->prompt = inq_prompt_compose_row (row);
  g_free (params->negative);
  params->negative = g_strdup (row->text[INQ_FIELD_NEGATIVE]);
  params->seed = options->seed >= 0 ? (guint64) options->seed : (g_random_int () & 0x7fffffff);
  params->count = options->count;
  inq_drawing_apply (how->drawing, how->aspect, how->info, params);
  if (options->steps != 0)
    params->steps = options->steps;
  if (options->cfg != 0)
    params->cfg = options->cfg;
  json = inq_job_params_to_json (params);
  return inq_document_enqueue_job (document, row->id, json, FALSE, error) != 0;
}

/* Runs one claimed row. FALSE: it failed, which is written and said. */
static gboolean
run_row (InqEngine *engine, InqDocument *document, const InqJobRow *row)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) write_error = NULL;
  g_autoptr (InqJobParams) params = inq_job_params_from_json (row->params, &error);
  g_autoptr (InqPanelRow) panel = inq_document_get_panel (document, row->panel, NULL);
  Running running = { .document = document, .job = row->id, .number = panel != NULL ? panel->number : "?" };
  g_auto (InqJobPictures) pictures = { NULL };
  const InqJobRunCallbacks callbacks = { store_cb, progress_cb, notice_cb, &running };
  int done;
  gboolean ok = FALSE;

  if (params != NULL && (done = inq_job_count_done (document, row->id, row->panel, &error)) >= 0) {
    running.count = params->count;
    running.stored = done;
    ok = done >= params->count
             ? inq_document_finish_job (document, row->id, NULL, 0, NULL, &error)
             : inq_job_pictures_read (&pictures, document, row, &error)
                   && inq_job_run (engine, params, &pictures, done, &callbacks, cli_cancellable (), &error);
  }
  show_progress ("");
  if (ok)
    return TRUE;
  cli_say (_ ("panel %s: %s"), running.number, error->message);
  /* Interrupted: the row waits for the next run. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ok = inq_document_release_job (document, row->id, &write_error);
  else
    ok = inq_document_fail_job (document, row->id, error->message, &write_error);
  if (!ok)
    cli_say ("%s", write_error->message);
  return FALSE;
}

int
cli_render_panels (InqDocument *document, const gint64 *panels, gsize n, const CliRenderOptions *options,
                   GError **error)
{
  g_autoptr (InqEngine) engine = NULL;
  g_auto (How) how = { NULL };
  int n_failed = 0, n_given_up = 0;

  if (!inq_document_recover_jobs (document, NULL, &n_given_up, error))
    return -1;
  if (n_given_up > 0)
    cli_say (g_dngettext (
                 NULL, "%d generation was interrupted twice and is given up. Try a smaller picture or another device.",
                 "%d generations were interrupted twice and are given up. Try smaller pictures or another "
                 "device.",
                 n_given_up),
             n_given_up);
  /* The engine before anything is queued: without a device nothing could run it. */
  if ((engine = cli_engine_new (error)) == NULL || !how_read (&how, document, options, error))
    return -1;
  for (gsize i = 0; i < n; i++) {
    g_autoptr (InqPanelRow) row = inq_document_get_panel (document, panels[i], error);

    if (row == NULL || !enqueue (document, row, &how, options, error))
      return -1;
  }

  while (!g_cancellable_is_cancelled (cli_cancellable ())) {
    g_autoptr (GError) claim_error = NULL;
    InqJobRow *row = inq_document_claim_job (document, &claim_error);

    if (claim_error != NULL) {
      g_propagate_error (error, g_steal_pointer (&claim_error));
      return -1;
    }
    if (row == NULL)
      return n_failed;
    n_failed += !run_row (engine, document, row);
    inq_job_row_free (row);
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("stopped: what is left waits for the next time"));
  return -1;
}

int
cli_close_rendered (InqDocument *document, int n_failed)
{
  if (cli_common.json) {
    g_autoptr (JsonBuilder) json = json_builder_new ();

    json_builder_begin_object (json);
    cli_json_int (json, "failed", n_failed);
    json_builder_end_object (json);
    cli_print_json (json);
  }
  return cli_close_board (document, n_failed == 0 ? CLI_OK : CLI_FAILED);
}

int
cli_project_render (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;
  g_autofree char *model = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  CliRenderOptions options = { .count = 4, .seed = -1 };
  gboolean all = FALSE;
  int status;
  const GOptionEntry entries[] = {
    { "panel", 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, N_ ("Only this panel (may be given again)"), N_ ("PANEL") },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, N_ ("Every panel, those with variations too"), NULL },
    { "count", 0, 0, G_OPTION_ARG_INT, &options.count, N_ ("Variations of each panel (4)"), "N" },
    { "model", 0, 0, G_OPTION_ARG_STRING, &model, N_ ("Model file (the house model)"), N_ ("FILE") },
    { "steps", 0, 0, G_OPTION_ARG_INT, &options.steps, N_ ("Sampler steps (the board's)"), "N" },
    { "cfg", 0, 0, G_OPTION_ARG_DOUBLE, &options.cfg, N_ ("Guidance (the board's)"), "X" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options.seed, N_ ("Seed of the first variation of each panel (drawn)"), "N" },
    { NULL },
  };

  if ((status = cli_options (&argc, &argv, entries, "project render", "FILE", 1, 1)) >= 0)
    return status;
  if (options.count < 1 || options.count > 64 || options.steps < 0 || options.steps > 150)
    return cli_fail_usage (_ ("--count goes from 1 to 64, --steps from 1 to 150"));
  if (model != NULL && (path = cli_find_model (model, &error)) == NULL)
    return cli_fail (error);
  options.model = path;

  InqDocument *document = cli_open_board (argv[1], INQ_OPEN_DEFAULT);
  if (document == NULL)
    return CLI_FAILED;
  for (char **name = names; name != NULL && *name != NULL; name++) {
    gint64 id = inq_document_find_panel (document, *name, &error);

    if (id == 0)
      return cli_close_board (document, cli_fail (error));
    g_array_append_val (ids, id);
  }
  if (names == NULL) {
    g_autoptr (GPtrArray) rows = inq_document_list_panels (document, &error);

    if (rows == NULL)
      return cli_close_board (document, cli_fail (error));
    for (guint i = 0; i < rows->len; i++) {
      const InqPanelRow *row = g_ptr_array_index (rows, i);

      if (all || (row->n_variations == 0 && row->jobs_queued + row->jobs_running == 0))
        g_array_append_val (ids, row->id);
    }
  }
  int n_failed = cli_render_panels (document, (const gint64 *) ids->data, ids->len, &options, &error);
  return n_failed < 0 ? cli_close_board (document, cli_fail (error)) : cli_close_rendered (document, n_failed);
}

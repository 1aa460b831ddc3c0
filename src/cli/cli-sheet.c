/* Inquadra - inquadra-cli project sheet, and the demonstration without a display
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli-project.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <inq-sample-board.h>
#include <inq-terms.h>
#include <inq-timecode.h>
#include <pango/pangocairo.h>

/* Layout in pixels. */
enum {
  MARGIN = 32,
  GAP = 24,
  PICTURE_WIDTH = 512,
  SMALL = 124, /* width of a variation below the picture */
  TEXT = 74,
};

typedef struct {
  GBytes *bytes;
  gsize at;
} Reader;

static cairo_status_t
read_cb (void *closure, unsigned char *data, unsigned int length)
{
  Reader *reader = closure;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (reader->bytes, &size);

  if (length > size - reader->at)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (data, bytes + reader->at, length);
  reader->at += length;
  return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t
write_cb (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
draw_picture (cairo_t *cr, GBytes *png, double x, double y, double width, double height)
{
  Reader reader = { png, 0 };
  cairo_surface_t *surface = cairo_image_surface_create_from_png_stream (read_cb, &reader);

  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS) {
    double sx = width / cairo_image_surface_get_width (surface);
    double sy = height / cairo_image_surface_get_height (surface);
    double scale = MIN (sx, sy);

    cairo_save (cr);
    cairo_translate (cr, x + (width - scale * cairo_image_surface_get_width (surface)) / 2,
                     y + (height - scale * cairo_image_surface_get_height (surface)) / 2);
    cairo_scale (cr, scale, scale);
    cairo_set_source_surface (cr, surface, 0, 0);
    cairo_paint (cr);
    cairo_restore (cr);
  }
  cairo_surface_destroy (surface);
}

static void
draw_text (cairo_t *cr, double x, double y, double width, double height, const char *font, const char *markup)
{
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (cr);
  PangoFontDescription *description = pango_font_description_from_string (font);

  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_height (layout, (int) (height * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_markup (layout, markup, -1);
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
}

static gboolean
draw_panel (cairo_t *cr, InqDocument *document, const InqPanelRow *row, InqRate rate, double x, double y,
            double picture_height, double small_height, GError **error)
{
  g_autoptr (GPtrArray) variations = inq_document_list_variations (document, row->id, error);
  char code[INQ_TIMECODE_LENGTH];

  if (variations == NULL)
    return FALSE;
  if (row->cover_image != 0) {
    g_autoptr (GBytes) png = inq_document_get_image (document, row->cover_image, NULL, NULL, error);

    if (png == NULL)
      return FALSE;
    draw_picture (cr, png, x, y, PICTURE_WIDTH, picture_height);
  }
  cairo_set_source_rgb (cr, 0.2, 0.2, 0.2);
  cairo_set_line_width (cr, 1.5);
  cairo_rectangle (cr, x, y, PICTURE_WIDTH, picture_height);
  cairo_stroke (cr);

  double left = x, top = y + picture_height + 6;
  for (guint i = 0; i < variations->len && left + SMALL <= x + PICTURE_WIDTH + 1; i++) {
    const InqVariationRow *variation = g_ptr_array_index (variations, i);
    g_autoptr (GBytes) png = inq_document_get_thumbnail (document, variation->image, error);

    if (png == NULL)
      return FALSE;
    draw_picture (cr, png, left, top, SMALL, small_height);
    if (variation->picked) {
      cairo_set_source_rgb (cr, 0.9, 0.33, 0.24);
      cairo_set_line_width (cr, 4);
      cairo_rectangle (cr, left, top, SMALL, small_height);
      cairo_stroke (cr);
    }
    left += SMALL + (PICTURE_WIDTH - 4 * SMALL) / 3.0;
  }

  g_autofree char *markup = g_markup_printf_escaped (
      "<b>%s</b>   %s   %s\n%s", row->number, inq_timecode_format (row->duration, rate, code),
      row->text[INQ_FIELD_SIZE],
      *row->text[INQ_FIELD_PROMPT] != '\0' ? row->text[INQ_FIELD_PROMPT] : row->text[INQ_FIELD_ACTION]);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  draw_text (cr, x, top + small_height + 6, PICTURE_WIDTH, TEXT - 12, "Cantarell, Sans 13px", markup);
  return TRUE;
}

gboolean
cli_write_sheet (InqDocument *document, const char *path, int columns, GError **error)
{
  g_auto (InqBoardSettings) settings = INQ_BOARD_SETTINGS_DEFAULT;
  g_autoptr (GPtrArray) panels = NULL;
  gboolean ok = TRUE;

  if (!inq_document_get_settings (document, &settings, error)
      || (panels = inq_document_list_panels (document, error)) == NULL)
    return FALSE;

  double aspect = (double) settings.frame_width / settings.frame_height;
  double picture_height = PICTURE_WIDTH / aspect, small_height = SMALL / aspect;
  double cell = picture_height + 6 + small_height + TEXT + GAP;
  int rows = ((int) panels->len + columns - 1) / columns;
  double width = 2 * MARGIN + columns * PICTURE_WIDTH + (columns - 1) * GAP;
  double height = 2 * MARGIN + 40 + MAX (rows, 1) * cell;

  if (width > 32000 || height > 32000) {
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID,
                 _ ("%u panels in %d columns make too large a picture: try more columns"), panels->len, columns);
    return FALSE;
  }
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) width, (int) height);
  cairo_t *cr = cairo_create (surface);
  g_autofree char *base = g_path_get_basename (inq_document_get_path (document));
  g_autofree char *title = g_markup_escape_text (*settings.title != '\0' ? settings.title : base, -1);

  cairo_set_source_rgb (cr, 0.97, 0.96, 0.94);
  cairo_paint (cr);
  cairo_set_source_rgb (cr, 0.1, 0.1, 0.1);
  draw_text (cr, MARGIN, MARGIN, width - 2 * MARGIN, 32, "Cantarell Bold, Sans Bold 22px", title);
  for (guint i = 0; ok && i < panels->len; i++)
    ok = draw_panel (cr, document, g_ptr_array_index (panels, i), settings.rate,
                     MARGIN + (int) (i % columns) * (PICTURE_WIDTH + GAP), MARGIN + 40 + (int) (i / columns) * cell,
                     picture_height, small_height, error);
  cairo_destroy (cr);
  if (ok) {
    g_autoptr (GByteArray) png = g_byte_array_new ();
    cairo_status_t status = cairo_surface_write_to_png_stream (surface, write_cb, png);

    ok = status == CAIRO_STATUS_SUCCESS;
    if (!ok)
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("%s could not be written: %s"), path,
                   cairo_status_to_string (status));
    else
      ok = g_file_set_contents (path, (const char *) png->data, png->len, error);
  }
  cairo_surface_destroy (surface);
  return ok;
}

/* Whether both names lead to one file. */
static gboolean
is_same_file (const char *a, const char *b)
{
  GStatBuf first, second;

  return g_stat (a, &first) == 0 && g_stat (b, &second) == 0 && first.st_dev == second.st_dev
         && first.st_ino == second.st_ino;
}

static gboolean
is_png_name (const char *path)
{
  gsize length = strlen (path);

  return length > 4 && g_ascii_strcasecmp (path + length - 4, ".png") == 0;
}

int
cli_project_sheet (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int columns = 3;
  int status;
  const GOptionEntry entries[] = {
    { "columns", 0, 0, G_OPTION_ARG_INT, &columns, N_ ("Panels side by side (3)"), "N" },
    { NULL },
  };

  if ((status = cli_options (&argc, &argv, entries, "project sheet", "FILE OUT.png", 2, 2)) >= 0)
    return status;
  if (columns < 1 || columns > 20)
    return cli_fail_usage (_ ("--columns goes from 1 to 20"));
  if (!is_png_name (argv[2]) || is_same_file (argv[1], argv[2]))
    return cli_fail_usage (_ ("a sheet is written into a file of its own whose name ends in .png, not into \"%s\""),
                           argv[2]);
  InqDocument *document = cli_open_board (argv[1], INQ_OPEN_READ_ONLY);
  if (document == NULL)
    return CLI_FAILED;
  if (!cli_write_sheet (document, argv[2], columns, &error))
    return cli_close_board (document, cli_fail (error));
  g_autoptr (JsonBuilder) json = cli_tell ("path", argv[2]);
  return cli_close_and_tell (document, json, NULL);
}

/* Without a display the program shows what it does all the same: the sample board, four variations of each panel, one
 * picked, a sheet. */
int
cli_demo (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  const CliRenderOptions options = { .count = 4, .seed = 1 };
  int status;
  const GOptionEntry entries[] = { { NULL } };
  int failures = 0;
  gboolean fresh;

  if ((status = cli_options (&argc, &argv, entries, "demo", "[DIR]", 0, 1)) >= 0)
    return status;

  const char *folder = argc > 1 ? argv[1] : "inquadra-demo";
  g_autofree char *board = g_build_filename (folder, "sample.inquadra", NULL);
  g_autofree char *sheet = g_build_filename (folder, "contact-sheet.png", NULL);
  if (g_mkdir_with_parents (folder, 0777) != 0) {
    int code = errno;

    g_set_error (&error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", folder, g_strerror (code));
    return cli_fail (error);
  }
  fresh = !g_file_test (board, G_FILE_TEST_EXISTS);
  if (fresh && !inq_sample_board_create (board, &error))
    return cli_fail (error);
  InqDocument *document = cli_open_board (board, INQ_OPEN_DEFAULT);
  if (document == NULL)
    return CLI_FAILED;
  rows = inq_document_list_panels (document, &error);
  for (guint i = 0; rows != NULL && i < rows->len; i++) {
    const InqPanelRow *row = g_ptr_array_index (rows, i);

    /* The sample brings pictures; what this machine draws is the point here. A second run goes on where the first was
     * stopped. */
    if ((fresh || row->n_variations == 0) && row->jobs_queued + row->jobs_running == 0)
      g_array_append_val (ids, row->id);
  }
  cli_say (g_dngettext (NULL, "%s: %u panel to draw, four variations", "%s: %u panels to draw, four variations each",
                        ids->len),
           board, ids->len);
  if (rows == NULL
      || (failures = cli_render_panels (document, (const gint64 *) ids->data, ids->len, &options, &error)) < 0)
    return cli_close_board (document, cli_fail (error));
  if (failures > 0)
    return cli_close_rendered (document, failures);
  for (guint i = 0; i < rows->len; i++) {
    const InqPanelRow *row = g_ptr_array_index (rows, i);
    g_autoptr (GPtrArray) variations = inq_document_list_variations (document, row->id, &error);

    if (variations != NULL && variations->len > (guint) row->n_variations)
      inq_document_pick (document, row->id, ((InqVariationRow *) g_ptr_array_index (variations, row->n_variations))->id,
                         &error);
    if (error != NULL)
      return cli_close_board (document, cli_fail (error));
  }
  if (!cli_write_sheet (document, sheet, 3, &error))
    return cli_close_board (document, cli_fail (error));
  g_autoptr (JsonBuilder) json = cli_tell ("board", board);
  g_autofree char *both = g_strdup_printf ("%s\n%s", board, sheet);
  cli_json_string (json, "sheet", sheet);
  return cli_close_and_tell (document, json, both);
}

/* Inquadra - what the tests of board files share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "project-test.h"

#include <glib/gstdio.h>

char *
test_path_new_on_disk (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("inquadra-test-XXXXXX", &error);

  g_assert_no_error (error);
  return g_build_filename (folder, name, NULL);
}

char *
test_path_new (const char *name)
{
  char folder[] = "/dev/shm/inquadra-test-XXXXXX";

  /* thousands of transactions are synced: in memory that is no wait */
  if (g_mkdtemp (folder) == NULL)
    return test_path_new_on_disk (name);
  return g_build_filename (folder, name, NULL);
}

void
test_path_free (char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *file = g_build_filename (folder, name, NULL);

    g_unlink (file);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (path);
}

GBytes *
test_png (gint width, gint height, guint seed)
{
  g_autofree guint8 *pixels = g_malloc ((gsize) width * height);
  g_autoptr (GError) error = NULL;
  GBytes *png;

  for (gint y = 0; y < height; y++)
    for (gint x = 0; x < width; x++)
      pixels[y * width + x] = (guint8) (x * 7 + y * 13 + seed * 31 + (seed >> 8));
  png = inq_png_encode (pixels, width, height, 1, width, &error);
  g_assert_no_error (error);
  return png;
}

static void
dump_variations (InqDocument *document, gint64 panel, GString *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = inq_document_list_variations (document, panel, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++) {
    InqVariationRow *row = rows->pdata[i];

    g_string_append_printf (out, "  variation %d image %d seed %" G_GUINT64_FORMAT " %s rating %d%s%s%s\n",
                            (int) row->id, (int) row->image, row->seed, row->recipe, row->rating,
                            row->starred ? " starred" : "", row->rejected ? " rejected" : "",
                            row->picked ? " picked" : "");
  }
}

static void
dump_ink (InqDocument *document, gint64 panel, GString *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) strokes = inq_document_list_strokes (document, panel, &error);
  g_autoptr (GPtrArray) marks = NULL;
  g_autoptr (GPtrArray) cast = NULL;

  g_assert_no_error (error);
  for (guint i = 0; i < strokes->len; i++) {
    InqStroke *stroke = strokes->pdata[i];

    g_string_append_printf (out, "  stroke %d layer %d tool %d %08x %g “%s”", (int) stroke->id, stroke->layer,
                            stroke->tool, stroke->colour, stroke->width, stroke->text);
    for (gsize j = 0; j < stroke->n_points; j++)
      g_string_append_printf (out, " %g,%g,%g", stroke->points[j].x, stroke->points[j].y, stroke->points[j].pressure);
    g_string_append_c (out, '\n');
  }
  marks = inq_document_list_marks (document, panel, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < marks->len; i++) {
    InqMark *mark = marks->pdata[i];

    g_string_append_printf (out, "  mark %d %s “%s”%s\n", (int) mark->id, mark->author, mark->text,
                            mark->resolved ? " resolved" : "");
  }
  cast = inq_document_list_panel_cast (document, panel, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < cast->len; i++)
    g_string_append_printf (out, "  with %s\n", ((InqNamedRow *) cast->pdata[i])->name);
}

char *
test_dump (InqDocument *document)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GPtrArray) rows = inq_document_list_panels (document, &error);
  g_autoptr (GPtrArray) cast = NULL;
  g_autoptr (GPtrArray) locations = NULL;
  g_auto (InqBoardSettings) settings = { NULL };

  g_assert_no_error (error);
  inq_document_get_settings (document, &settings, &error);
  g_assert_no_error (error);
  g_string_append_printf (out, "board “%s” %dx%d %d/%d\n", settings.title, settings.frame_width, settings.frame_height,
                          settings.rate.num, settings.rate.den);
  if (!g_str_equal (settings.drawing, "{}"))
    g_string_append_printf (out, "drawn %s\n", settings.drawing);
  cast = inq_document_list_cast (document, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < cast->len; i++) {
    InqNamedRow *row = cast->pdata[i];

    g_string_append_printf (out, "cast %d %s: %s\n", (int) row->id, row->name, row->description);
  }
  locations = inq_document_list_locations (document, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < locations->len; i++) {
    InqLocationRow *row = locations->pdata[i];

    g_string_append_printf (out, "location %d %s: %s (%s) image %d\n", (int) row->id, row->name, row->description,
                            row->note, (int) row->image);
  }
  for (guint i = 0; i < rows->len; i++) {
    InqPanelRow *row = rows->pdata[i];

    g_string_append_printf (out, "panel %d %s shot %d %s scene %d %s “%s” %d frames picked %d\n", (int) row->id,
                            row->number, (int) row->shot, row->shot_number, (int) row->scene, row->scene_number,
                            row->scene_title, row->duration, (int) row->picked);
    for (guint f = 0; f < INQ_N_FIELDS; f++)
      if (*row->text[f] != 0)
        g_string_append_printf (out, "  %s: %s\n", inq_panel_field_get_name (f), row->text[f]);
    if (row->location != 0)
      g_string_append_printf (out, "  at %d %s: %s\n", (int) row->location, row->location_name, row->location_words);
    dump_variations (document, row->id, out);
    dump_ink (document, row->id, out);
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

void
test_assert_sound (InqDocument *document)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = inq_document_check (document, FALSE, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++) {
    InqCheckRow *row = rows->pdata[i];

    g_test_message ("check: %s %d: %s", row->what, (int) row->row, row->message);
  }
  g_assert_cmpuint (rows->len, ==, 0);
}

InqDocument *
test_new (const char *path)
{
  g_autoptr (GError) error = NULL;
  InqDocument *document = inq_document_new (path, NULL, INQ_OPEN_DEFAULT, &error);

  g_assert_no_error (error);
  g_assert_nonnull (document);
  return document;
}

InqDocument *
test_open (const char *path, InqOpenFlags flags)
{
  g_autoptr (GError) error = NULL;
  InqDocument *document = inq_document_open (path, flags, &error);

  g_assert_no_error (error);
  g_assert_nonnull (document);
  return document;
}

void
test_close (InqDocument *document)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = inq_document_close (document, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

InqStroke *
test_stroke (gint64 panel, const char *text)
{
  static InqPoint points[] = { { 0.1f, 0.2f, 0.5f }, { 0.3f, 0.4f, 0.75f }, { 0.5f, 0.25f, 1.f } };
  InqStroke stroke = {
    .panel = panel,
    .tool = text != NULL ? INQ_TOOL_TEXT : INQ_TOOL_PEN,
    .colour = 0xff0000ff,
    .width = 0.004f,
    .points = points,
    .n_points = text != NULL ? 1 : G_N_ELEMENTS (points),
    .text = (char *) text,
  };

  return inq_stroke_copy (&stroke);
}

void
test_set_up (TestFixture *f, gconstpointer data)
{
  f->path = test_path_new ("panels.inquadra");
  f->d = test_new (f->path);
}

void
test_tear_down (TestFixture *f, gconstpointer data)
{
  test_assert_sound (f->d);
  test_close (f->d);
  test_path_free (f->path);
}

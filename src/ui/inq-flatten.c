/* Inquadra - a panel's picture and ink as one picture, over white paper, for the engine to draw from.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-flatten.h"
#include "inq-task.h"

#include <glib/gi18n.h>
#include <math.h>

#include "inq-ink-shape.h"
#include "inq-resample.h"
#include "inq-textures.h"

/* As much as any model draws at first; the engine brings it to its own size. */
#define WIDTH 1024

typedef struct {
  gint64 panel;
  int width, height;
  gboolean look; /* as one sees it, not to draw from */

  /* found on the writer's thread, after the acts that were asked for before */
  gint64 image;
  GBytes *png; /* of the image, where there is ink to draw on it */
  GPtrArray *strokes;

  GBytes *flat; /* the result, or NULL: the image itself */
} Flatten;

static void
flatten_free (gpointer data)
{
  Flatten *flatten = data;
  g_clear_pointer (&flatten->png, g_bytes_unref);
  g_clear_pointer (&flatten->strokes, g_ptr_array_unref);
  g_clear_pointer (&flatten->flat, g_bytes_unref);
  g_free (flatten);
}

static gboolean
draw_picture (cairo_t *cr, GBytes *png, int width, int height, GError **error)
{
  g_autoptr (GdkTexture) whole = inq_texture_decode (png, 0, 0, error);
  int w, h;
  if (whole == NULL)
    return FALSE;
  inq_fit ((double) gdk_texture_get_width (whole) / gdk_texture_get_height (whole), width, height, &w, &h);
  g_autoptr (GdkTexture) texture = inq_texture_decode (png, w, h, error);
  if (texture == NULL)
    return FALSE;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, w, h);
  gdk_texture_download (texture, cairo_image_surface_get_data (surface), cairo_image_surface_get_stride (surface));
  cairo_surface_mark_dirty (surface);
  cairo_set_source_surface (cr, surface, (width - w) / 2, (height - h) / 2);
  cairo_paint (cr);
  cairo_surface_destroy (surface);
  return TRUE;
}

GBytes *
inq_flatten (GBytes *picture, GPtrArray *strokes, int width, int height, GError **error)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);
  GBytes *png = NULL;

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  if (picture == NULL || draw_picture (cr, picture, width, height, error)) {
    for (guint i = 0; i < strokes->len; i++) {
      cairo_save (cr);
      inq_ink_draw (cr, strokes->pdata[i], width, height);
      cairo_restore (cr);
    }
    cairo_surface_flush (surface);
    const guint8 *pixels = cairo_image_surface_get_data (surface);
    gsize stride = cairo_image_surface_get_stride (surface);
    g_autofree guint8 *rgb = g_malloc ((gsize) width * height * 3);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        guint32 pixel;
        memcpy (&pixel, pixels + y * stride + x * 4, sizeof pixel);
        guint8 *to = rgb + ((gsize) y * width + x) * 3;
        to[0] = pixel >> 16;
        to[1] = pixel >> 8;
        to[2] = pixel;
      }
    png = inq_png_encode (rgb, width, height, 3, (gsize) width * 3, error);
  }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return png;
}

static void
flatten_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Flatten *flatten = data;
  GError *error = NULL;

  flatten->flat = inq_flatten (flatten->png, flatten->strokes, flatten->width, flatten->height, &error);
  if (flatten->flat != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
collect_act (InqDocument *document, gpointer data, GError **error)
{
  Flatten *flatten = data;
  g_autoptr (InqPanelRow) row = inq_document_get_panel (document, flatten->panel, error);

  g_clear_pointer (&flatten->png, g_bytes_unref);
  g_clear_pointer (&flatten->strokes, g_ptr_array_unref);
  if (row == NULL || (flatten->strokes = inq_document_list_strokes (document, flatten->panel, error)) == NULL)
    return FALSE;
  flatten->image = row->cover_image;
  if (flatten->image == 0 || (flatten->strokes->len == 0 && !flatten->look))
    return TRUE;
  flatten->png = inq_document_get_image (document, flatten->image, NULL, NULL, error);
  return flatten->png != NULL;
}

static void
collected_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Flatten *flatten = g_task_get_task_data (task);
  GError *error = NULL;

  if (!inq_board_act_finish (INQ_BOARD (object), result, &error))
    g_task_return_error (task, error);
  else if (flatten->strokes->len > 0 || flatten->png != NULL)
    g_task_run_in_thread (task, flatten_thread);
  else if (flatten->image != 0)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW,
                             flatten->look
                                 ? _ ("There is nothing on this panel yet.")
                                 : _ ("There is nothing to draw from yet: sketch on the panel or add a picture."));
}

static void
start (InqBoard *board, gint64 panel, gboolean look, GAsyncReadyCallback callback, gpointer data)
{
  Flatten *flatten = g_new0 (Flatten, 1);
  GTask *task = inq_task_new (board, NULL, callback, data);

  flatten->panel = panel;
  flatten->look = look;
  if (look) {
    inq_board_get_frame_size (board, &flatten->width, &flatten->height);
  } else {
    flatten->width = WIDTH;
    flatten->height = CLAMP (round (WIDTH / inq_board_get_frame_aspect (board)), 16, 4 * WIDTH);
  }
  g_task_set_task_data (task, flatten, flatten_free);
  inq_board_act (board, NULL, collect_act, flatten, NULL, collected_cb, task);
}

void
inq_flatten_async (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data)
{
  start (board, panel, FALSE, callback, data);
}

void
inq_flatten_look_async (InqBoard *board, gint64 panel, GAsyncReadyCallback callback, gpointer data)
{
  start (board, panel, TRUE, callback, data);
}

GBytes *
inq_flatten_look_finish (GAsyncResult *result, GError **error)
{
  Flatten *flatten = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&flatten->flat) : NULL;
}

gboolean
inq_flatten_finish (GAsyncResult *result, InqJobImages *images, GError **error)
{
  Flatten *flatten = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  images->init = flatten->flat != NULL ? 0 : flatten->image;
  images->init_png = g_steal_pointer (&flatten->flat);
  return TRUE;
}

/* Inquadra - tiles of ink drawn in a thread.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-ink-drawing.h"

void
inq_ink_drawing_free (gpointer data)
{
  InqInkDrawing *drawing = data;
  for (int i = 0; i < drawing->n; i++)
    g_clear_object (&drawing->result[i]);
  g_free (drawing->result);
  g_free (drawing->index);
  g_ptr_array_unref (drawing->strokes);
  g_free (drawing);
}

static GdkTexture *
draw_tile (InqInkDrawing *drawing, const cairo_rectangle_int_t *bounds, int column, int row)
{
  cairo_surface_t *surface = NULL;
  cairo_t *cr = NULL;
  int x = column * INQ_INK_TILE, y = row * INQ_INK_TILE;

  for (guint i = 0; i < drawing->strokes->len; i++) {
    const cairo_rectangle_int_t *b = &bounds[i];
    if (b->x >= x + INQ_INK_TILE || b->x + b->width <= x || b->y >= y + INQ_INK_TILE || b->y + b->height <= y)
      continue;
    if (surface == NULL) {
      surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, INQ_INK_TILE, INQ_INK_TILE);
      cr = cairo_create (surface);
      cairo_translate (cr, -x, -y);
    }
    inq_ink_draw (cr, drawing->strokes->pdata[i], drawing->width, drawing->height);
  }
  if (surface == NULL)
    return NULL;
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  GBytes *bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface), stride * INQ_INK_TILE,
                                              (GDestroyNotify) cairo_surface_destroy, surface);
  GdkTexture *texture = gdk_memory_texture_new (INQ_INK_TILE, INQ_INK_TILE, GDK_MEMORY_DEFAULT, bytes, stride);
  g_bytes_unref (bytes);
  return texture;
}

void
inq_ink_drawing_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  InqInkDrawing *drawing = data;
  g_autofree cairo_rectangle_int_t *bounds = g_new (cairo_rectangle_int_t, drawing->strokes->len + 1);

  for (guint i = 0; i < drawing->strokes->len; i++)
    inq_ink_bounds (drawing->strokes->pdata[i], drawing->width, drawing->height, &bounds[i]);
  for (int i = 0; i < drawing->n; i++)
    drawing->result[i] = draw_tile (drawing, bounds, drawing->index[i] % drawing->columns,
                                    drawing->index[i] / drawing->columns);
  g_task_return_boolean (task, TRUE);
}

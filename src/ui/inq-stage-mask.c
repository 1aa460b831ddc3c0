/* Inquadra - painting over the part of a picture that is to change.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A mask is of the moment: it is no ink, goes into no file until something is drawn with it, and has its own undo while
 * it is painted. It is kept as a small grey surface over the frame, brought up to date as the brush moves, and shown as
 * a red veil whose edge fades as the engine will make it fade.
 */
#include "config.h"

#include "inq-stage-private.h"

#include <glib/gi18n.h>
#include <math.h>

/* Width of the mask in pixels: what the models draw, about; the veil is scaled up smoothly. */
#define MASK_WIDTH 512
/* Of what is handed to the engine. */
#define RESULT_WIDTH 1024
/* The brush, as a share of the frame's width, before the artist's own factor. */
#define BRUSH 0.07

typedef struct {
  GArray *points; /* of graphene_point_t, 0..1 over the frame */
  double radius;  /* as a share of the frame's width */
  gboolean erase;
} MaskStroke;

static void
stroke_free (gpointer data)
{
  MaskStroke *stroke = data;
  g_array_unref (stroke->points);
  g_free (stroke);
}

/* ---- painting ---- */

/* The part of @stroke from point @from on. */
static void
draw_stroke (cairo_t *cr, const MaskStroke *stroke, guint from, int width, int height)
{
  cairo_set_operator (cr, stroke->erase ? CAIRO_OPERATOR_CLEAR : CAIRO_OPERATOR_OVER);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, MAX (1, 2 * stroke->radius * width));
  for (guint i = from; i < stroke->points->len; i++) {
    const graphene_point_t *p = &g_array_index (stroke->points, graphene_point_t, i);
    cairo_line_to (cr, p->x * width, p->y * height);
    if (stroke->points->len - from == 1)
      cairo_line_to (cr, p->x * width, p->y * height + 0.01);
  }
  cairo_stroke (cr);
}

static cairo_surface_t *
draw_all (GPtrArray *strokes, int width, int height)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
  cairo_t *cr = cairo_create (surface);
  for (guint i = 0; i < strokes->len; i++)
    draw_stroke (cr, strokes->pdata[i], 0, width, height);
  cairo_destroy (cr);
  return surface;
}

static int
mask_height (InqStageView *self, int width)
{
  return CLAMP (round (width / inq_board_get_frame_aspect (self->board)), 8, 4 * width);
}

static void
changed (InqStageView *self)
{
  g_clear_object (&self->veil);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
redraw (InqStageView *self)
{
  g_clear_pointer (&self->mask_surface, cairo_surface_destroy);
  changed (self);
}

static void
extend (InqStageView *self)
{
  MaskStroke *stroke = self->mask_strokes->pdata[self->mask_strokes->len - 1];
  if (self->mask_surface != NULL) {
    cairo_t *cr = cairo_create (self->mask_surface);
    draw_stroke (cr, stroke, stroke->points->len > 1 ? stroke->points->len - 2 : 0,
                 cairo_image_surface_get_width (self->mask_surface),
                 cairo_image_surface_get_height (self->mask_surface));
    cairo_destroy (cr);
  }
  changed (self);
}

static void
add_point (InqStageView *self, const graphene_rect_t *frame, double x, double y)
{
  MaskStroke *stroke = self->mask_strokes->pdata[self->mask_strokes->len - 1];
  graphene_point_t point = GRAPHENE_POINT_INIT ((x - frame->origin.x) / frame->size.width,
                                                (y - frame->origin.y) / frame->size.height);
  g_array_append_val (stroke->points, point);
  extend (self);
}

gboolean
inq_stage_mask_down (InqStageView *self, double x, double y, gboolean eraser_tip)
{
  graphene_rect_t frame;
  if (!inq_stage_can_draw (self) || !inq_stage_get_frame (self, &frame))
    return FALSE;
  MaskStroke *stroke = g_new0 (MaskStroke, 1);
  stroke->points = g_array_new (FALSE, FALSE, sizeof (graphene_point_t));
  stroke->radius = BRUSH / 2 * self->width;
  stroke->erase = self->mask_erasing || eraser_tip;
  g_ptr_array_set_size (self->mask_undone, 0);
  g_ptr_array_add (self->mask_strokes, stroke);
  self->mask_live = TRUE;
  add_point (self, &frame, x, y);
  return TRUE;
}

void
inq_stage_mask_move (InqStageView *self, double x, double y)
{
  graphene_rect_t frame;
  if (self->mask_live && inq_stage_get_frame (self, &frame))
    add_point (self, &frame, x, y);
}

static void
emit_changed (InqStageView *self)
{
  g_signal_emit_by_name (self, "mask-changed");
}

void
inq_stage_mask_up (InqStageView *self, gboolean keep)
{
  if (!self->mask_live)
    return;
  self->mask_live = FALSE;
  if (!keep) {
    g_ptr_array_set_size (self->mask_strokes, self->mask_strokes->len - 1);
    redraw (self);
  }
  emit_changed (self);
}

double
inq_stage_mask_radius (InqStageView *self, const graphene_rect_t *frame)
{
  return BRUSH / 2 * self->width * frame->size.width;
}

/* ---- the veil ---- */

/* One pass of a box of 2 * @radius + 1 along a line of @n values @step apart; outside counts as the edge. */
static void
blur_line (const guint8 *from, guint8 *to, int n, gsize step, int radius)
{
  int sum = 0, size = 2 * radius + 1;
  for (int i = -radius; i <= radius; i++)
    sum += from[CLAMP (i, 0, n - 1) * step];
  for (int i = 0; i < n; i++) {
    to[i * step] = (sum + size / 2) / size;
    sum += from[MIN (i + radius + 1, n - 1) * step] - from[MAX (i - radius, 0) * step];
  }
}

/* Two boxes each way fade an edge over about four radii. */
static void
soften (guint8 *pixels, int width, int height, gsize stride, int radius)
{
  g_autofree guint8 *other = g_malloc0 (stride * height);
  if (radius < 1)
    return;
  for (int pass = 0; pass < 2; pass++) {
    for (int y = 0; y < height; y++)
      blur_line (pixels + y * stride, other + y * stride, width, 1, radius);
    for (int x = 0; x < width; x++)
      blur_line (other + x, pixels + x, height, stride, radius);
  }
}

static GdkTexture *
make_veil (InqStageView *self)
{
  int width = MASK_WIDTH, height = mask_height (self, width);
  if (self->mask_surface == NULL)
    self->mask_surface = draw_all (self->mask_strokes, width, height);
  cairo_surface_flush (self->mask_surface);
  gsize stride = cairo_image_surface_get_stride (self->mask_surface);
  g_autofree guint8 *grey = g_memdup2 (cairo_image_surface_get_data (self->mask_surface), stride * height);
  soften (grey, width, height, stride, (self->mask_feather + 2) / 4);

  /* The red of masking film, in which both ink and white paper still show. */
  static const guint8 red[3] = { 36, 28, 214 };
  guint8 *bgra = g_malloc ((gsize) width * height * 4);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      guint alpha = grey[y * stride + x] * 140 / 255;
      guint8 *to = bgra + ((gsize) y * width + x) * 4;
      for (int c = 0; c < 3; c++)
        to[c] = red[c] * alpha / 255;
      to[3] = alpha;
    }
  g_autoptr (GBytes) bytes = g_bytes_new_take (bgra, (gsize) width * height * 4);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_B8G8R8A8_PREMULTIPLIED, bytes, (gsize) width * 4);
}

void
inq_stage_mask_snapshot (InqStageView *self, GtkSnapshot *snapshot, const graphene_rect_t *frame)
{
  if (!self->masking || self->mask_strokes->len == 0)
    return;
  if (self->veil == NULL)
    self->veil = make_veil (self);
  gtk_snapshot_append_texture (snapshot, self->veil, frame);
}

/* ---- the mode ---- */

void
inq_stage_mask_init (InqStageView *self)
{
  self->mask_strokes = g_ptr_array_new_with_free_func (stroke_free);
  self->mask_undone = g_ptr_array_new_with_free_func (stroke_free);
}

void
inq_stage_mask_clear (InqStageView *self)
{
  self->mask_live = FALSE;
  g_ptr_array_set_size (self->mask_strokes, 0);
  g_ptr_array_set_size (self->mask_undone, 0);
  redraw (self);
}

void
inq_stage_set_masking (InqStageView *self, gboolean masking)
{
  g_return_if_fail (INQ_IS_STAGE (self));

  masking = masking && inq_stage_can_draw (self);
  if (self->masking == masking)
    return;
  inq_stage_text_end (self);
  inq_stage_pen_up (self, TRUE);
  self->masking = masking;
  self->mask_erasing = FALSE;
  inq_stage_mask_clear (self);
  inq_stage_input_update (self);
  g_object_notify (G_OBJECT (self), "masking");
  emit_changed (self);
}

gboolean
inq_stage_get_masking (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), FALSE);
  return self->masking;
}

void
inq_stage_set_mask_erasing (InqStageView *self, gboolean erasing)
{
  g_return_if_fail (INQ_IS_STAGE (self));
  self->mask_erasing = erasing;
}

void
inq_stage_set_mask_feather (InqStageView *self, int pixels)
{
  g_return_if_fail (INQ_IS_STAGE (self));
  self->mask_feather = CLAMP (pixels, 0, 256);
  changed (self);
}

static gboolean
move_stroke (InqStageView *self, GPtrArray *from, GPtrArray *to)
{
  if (!self->masking || self->mask_live || from->len == 0)
    return FALSE;
  g_ptr_array_add (to, g_ptr_array_steal_index (from, from->len - 1));
  redraw (self);
  emit_changed (self);
  return TRUE;
}

gboolean
inq_stage_mask_undo (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), FALSE);
  return move_stroke (self, self->mask_strokes, self->mask_undone);
}

gboolean
inq_stage_mask_redo (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), FALSE);
  return move_stroke (self, self->mask_undone, self->mask_strokes);
}

gboolean
inq_stage_mask_can_undo (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), FALSE);
  return self->masking && self->mask_strokes->len > 0;
}

gboolean
inq_stage_mask_can_redo (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), FALSE);
  return self->masking && self->mask_undone->len > 0;
}

GBytes *
inq_stage_dup_mask (InqStageView *self)
{
  g_return_val_if_fail (INQ_IS_STAGE (self), NULL);

  if (!self->masking || self->mask_strokes->len == 0)
    return NULL;
  int width = RESULT_WIDTH, height = mask_height (self, width);
  cairo_surface_t *surface = draw_all (self->mask_strokes, width, height);
  cairo_surface_flush (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  const guint8 *grey = cairo_image_surface_get_data (surface);
  gboolean any = FALSE;
  for (int y = 0; y < height && !any; y++)
    for (int x = 0; x < width && !any; x++)
      any = grey[y * stride + x] > 127;
  GBytes *png = any ? inq_png_encode (grey, width, height, 1, stride, NULL) : NULL;
  cairo_surface_destroy (surface);
  return png;
}

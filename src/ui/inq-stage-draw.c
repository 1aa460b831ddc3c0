/* Inquadra - what the stage draws: picture, neighbours shining through, ink, the pen's tip.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-stage-private.h"

#include <glib/gi18n.h>

#include "inq-draw.h"

/* How long a new size must hold before pictures are asked for at it. */
#define SETTLE_MS 90
/* Panels ahead that are decoded, so that playing never waits. */
#define AHEAD 3

static void
ask_again_cb (gpointer data)
{
  InqStageView *self = data;
  self->settle_id = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The frame's size in device pixels has held still: worth decoding for. The first size is at once. */
static gboolean
size_settled (InqStageView *self, int width, int height)
{
  if (self->asked_width == width && self->asked_height == height)
    return self->settle_id == 0;
  gboolean first = self->asked_width == 0;
  self->asked_width = width;
  self->asked_height = height;
  if (first)
    return TRUE;
  g_clear_handle_id (&self->settle_id, g_source_remove);
  self->settle_id = g_timeout_add_once (SETTLE_MS, ask_again_cb, self);
  return FALSE;
}

static void
draw_panel_picture (InqStageView *self, GtkSnapshot *snapshot, const graphene_rect_t *frame, int scale)
{
  gint64 image = inq_panel_get_cover_image (self->panel);
  int width = frame->size.width * scale + 0.5, height = frame->size.height * scale + 0.5;
  gboolean settled = size_settled (self, width, height);

  if (!inq_shown_update (&self->shown, self->textures, image, width, height, settled)) {
    g_autoptr (PangoLayout)
        layout = inq_text_layout (GTK_WIDGET (self), _ ("This picture cannot be read."), 1.1, PANGO_WEIGHT_NORMAL);
    int w, h;
    pango_layout_get_pixel_size (layout, &w, &h);
    inq_draw_text (snapshot, layout, frame->origin.x + (frame->size.width - w) / 2,
                   frame->origin.y + (frame->size.height - h) / 2, &(GdkRGBA){ 0.4f, 0.4f, 0.4f, 1 });
  }
  if (self->shown.texture != NULL)
    inq_texture_append (snapshot, self->shown.texture, frame, scale);

  if (settled && image != 0 && self->shown.image == image)
    for (int i = 1; i <= AHEAD; i++) {
      InqPanel *next = inq_stage_get_neighbour (self, i);
      if (next != NULL)
        inq_textures_load (self->textures, inq_panel_get_cover_image (next), width, height, FALSE);
    }
}

/* Dark lines of a neighbour in one colour, its white paper clear. */
static void
draw_neighbour (InqStageView *self, GtkSnapshot *snapshot, const graphene_rect_t *frame, int scale, InqPanel *panel,
                InqInk *ink, const graphene_vec3_t *colour)
{
  if (panel == NULL)
    return;
  gint64 image = inq_panel_get_cover_image (panel);
  GdkTexture *texture = inq_textures_load (self->textures, image, frame->size.width * scale + 0.5,
                                           frame->size.height * scale + 0.5, FALSE);
  float r = graphene_vec3_get_x (colour), g = graphene_vec3_get_y (colour), b = graphene_vec3_get_z (colour);
  graphene_matrix_t matrix;
  graphene_vec4_t offset;

  gtk_snapshot_push_opacity (snapshot, 0.45);
  if (texture != NULL) {
    /* alpha = 1 - luma, colour fixed; GSK's matrices take column vectors with alpha last. */
    graphene_matrix_init_from_float (
        &matrix, (const float[16]){ 0, 0, 0, -0.299f, 0, 0, 0, -0.587f, 0, 0, 0, -0.114f, 0, 0, 0, 0 });
    graphene_vec4_init (&offset, r, g, b, 1);
    gtk_snapshot_push_color_matrix (snapshot, &matrix, &offset);
    inq_texture_append (snapshot, texture, frame, scale);
    gtk_snapshot_pop (snapshot);
  }
  if (ink != NULL && inq_panel_get_row (panel)->n_strokes > 0) {
    /* The same where there is ink; its light casing goes like the paper. */
    graphene_matrix_init_from_float (
        &matrix, (const float[16]){ 0, 0, 0, -0.299f, 0, 0, 0, -0.587f, 0, 0, 0, -0.114f, 0, 0, 0, 1 });
    graphene_vec4_init (&offset, r, g, b, 0);
    gtk_snapshot_push_color_matrix (snapshot, &matrix, &offset);
    gtk_snapshot_save (snapshot);
    gtk_snapshot_translate (snapshot, &frame->origin);
    inq_ink_snapshot (ink, snapshot, frame->size.width, frame->size.height, scale);
    gtk_snapshot_restore (snapshot);
    gtk_snapshot_pop (snapshot);
  }
  gtk_snapshot_pop (snapshot);
}

static void
draw_ring (InqStageView *self, GtkSnapshot *snapshot, const graphene_rect_t *frame)
{
  if (!self->hovering || !inq_stage_can_draw (self) || self->editor != NULL)
    return;
  double radius = inq_stage_tip_radius (self, frame);
  if (radius < 4 || (self->live != NULL && self->tool != INQ_STAGE_TOOL_ERASER))
    return;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (self->hover_x - radius, self->hover_y - radius, 2 * radius, 2 * radius);
  GdkRGBA dark = { 0, 0, 0, 0.6f }, light = { 1, 1, 1, 0.8f };
  inq_draw_ring (snapshot, &rect, radius, 1, &dark);
  graphene_rect_inset (&rect, 1, 1);
  if (radius > 1)
    inq_draw_ring (snapshot, &rect, radius - 1, 1, &light);
}

void
inq_stage_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  InqStageView *self = INQ_STAGE (widget);
  int scale = gtk_widget_get_scale_factor (widget);
  graphene_rect_t frame;

  if (!inq_stage_get_frame (self, &frame))
    return;
  if (self->backdrop) {
    GskRoundedRect outline;
    gsk_rounded_rect_init_from_rect (&outline, &frame, 0);
    gtk_snapshot_append_outset_shadow (snapshot, &outline, &(GdkRGBA){ 0, 0, 0, 0.3f }, 0, 2, 0, 12);
    gtk_snapshot_append_outset_shadow (snapshot, &outline, &(GdkRGBA){ 0, 0, 0, 0.25f }, 0, 0, 1, 0);
  }
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 1, 1, 1, 1 }, &frame);

  gtk_snapshot_push_clip (snapshot, &frame);
  draw_panel_picture (self, snapshot, &frame, scale);
  if (self->onion && self->interactive) {
    graphene_vec3_t blue, red;
    graphene_vec3_init (&blue, 0.1f, 0.35f, 0.95f);
    graphene_vec3_init (&red, 0.9f, 0.15f, 0.1f);
    draw_neighbour (self, snapshot, &frame, scale, inq_stage_get_neighbour (self, -1), self->ink_before, &blue);
    draw_neighbour (self, snapshot, &frame, scale, inq_stage_get_neighbour (self, 1), self->ink_after, &red);
  }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &frame.origin);
  inq_ink_snapshot (self->ink, snapshot, frame.size.width, frame.size.height, scale);
  if (self->live != NULL)
    inq_ink_live_snapshot (self->live, snapshot, scale);
  gtk_snapshot_restore (snapshot);
  inq_stage_mask_snapshot (self, snapshot, &frame);
  gtk_snapshot_pop (snapshot);

  if (self->editor != NULL)
    gtk_widget_snapshot_child (widget, self->editor, snapshot);
  draw_ring (self, snapshot, &frame);
  if (gtk_widget_has_visible_focus (widget)) {
    GdkRGBA accent = inq_color_with_alpha (widget, INQ_COLOR_ACCENT, 0.6f);
    graphene_rect_t ring = frame;
    graphene_rect_inset (&ring, -3, -3);
    inq_draw_ring (snapshot, &ring, 3, 2, &accent);
  }
}

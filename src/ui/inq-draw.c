/* Inquadra - what the widgets that draw themselves share: theme colours, small text, rounded shapes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-draw.h"

#include <adwaita.h>

static const struct {
  const char *name;
  float alpha, high_contrast; /* of it, as it is and where the system asks for more */
  GdkRGBA otherwise;
} colors[] = {
  [INQ_COLOR_FOREGROUND] = { "window_fg_color", 1, 1, { 0.2f, 0.2f, 0.2f, 1 } },
  [INQ_COLOR_DIM] = { "window_fg_color", 0.62f, 0.95f, { 0.4f, 0.4f, 0.4f, 1 } },
  [INQ_COLOR_LINE] = { "window_fg_color", 0.16f, 0.6f, { 0, 0, 0, 0.16f } },
  [INQ_COLOR_SURFACE] = { "window_bg_color", 1, 1, { 0.98f, 0.98f, 0.98f, 1 } },
  [INQ_COLOR_PAPER] = { "window_fg_color", 0.07f, 0.12f, { 0, 0, 0, 0.07f } },
  [INQ_COLOR_ACCENT] = { "accent_bg_color", 1, 1, { 0.21f, 0.52f, 0.89f, 1 } },
  [INQ_COLOR_ON_ACCENT] = { "accent_fg_color", 1, 1, { 1, 1, 1, 1 } },
  [INQ_COLOR_ERROR] = { "error_bg_color", 1, 1, { 0.88f, 0.11f, 0.14f, 1 } },
  [INQ_COLOR_WARNING] = { "warning_bg_color", 1, 1, { 0.9f, 0.65f, 0.04f, 1 } },
};

GdkRGBA
inq_color_with_alpha (GtkWidget *widget, InqColor color, float alpha)
{
  GdkRGBA rgba = inq_color (widget, color);
  rgba.alpha *= alpha;
  return rgba;
}

GdkRGBA
inq_color (GtkWidget *widget, InqColor color)
{
  GdkRGBA rgba;
  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), colors[color].name, &rgba))
    return colors[color].otherwise;
  gboolean high_contrast = adw_style_manager_get_high_contrast (adw_style_manager_get_default ());
  rgba.alpha *= high_contrast ? colors[color].high_contrast : colors[color].alpha;
  return rgba;
}

PangoLayout *
inq_text_layout (GtkWidget *widget, const char *text, double scale, PangoWeight weight)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (widget, text);
  PangoAttrList *attributes = pango_attr_list_new ();
  pango_attr_list_insert (attributes, pango_attr_scale_new (scale));
  pango_attr_list_insert (attributes, pango_attr_weight_new (weight));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

int
inq_text_height (GtkWidget *widget, double scale)
{
  g_autoptr (PangoLayout) layout = inq_text_layout (widget, "Åg", scale, PANGO_WEIGHT_NORMAL);
  int height;
  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

void
inq_draw_text (GtkSnapshot *snapshot, PangoLayout *layout, float x, float y, const GdkRGBA *color)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

void
inq_draw_rounded (GtkSnapshot *snapshot, const graphene_rect_t *rect, float radius, const GdkRGBA *color)
{
  GskRoundedRect rounded;
  gsk_rounded_rect_init_from_rect (&rounded, rect, radius);
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, color, rect);
  gtk_snapshot_pop (snapshot);
}

void
inq_draw_ring (GtkSnapshot *snapshot, const graphene_rect_t *rect, float radius, float width, const GdkRGBA *color)
{
  GskRoundedRect rounded;
  gsk_rounded_rect_init_from_rect (&rounded, rect, radius);
  gtk_snapshot_append_border (snapshot, &rounded, (float[4]){ width, width, width, width },
                              (GdkRGBA[4]){ *color, *color, *color, *color });
}

float
inq_draw_pill (GtkSnapshot *snapshot, PangoLayout *layout, float right, float y, const GdkRGBA *background,
               const GdkRGBA *color)
{
  int width, height;
  pango_layout_get_pixel_size (layout, &width, &height);
  float h = height + 2, w = MAX (width + 10, h);
  inq_draw_rounded (snapshot, &GRAPHENE_RECT_INIT (right - w, y, w, h), h / 2, background);
  inq_draw_text (snapshot, layout, right - w + (w - width) / 2, y + 1, color);
  return w;
}

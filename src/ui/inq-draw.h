/* Inquadra - what the widgets that draw themselves share: theme colours, small text, rounded shapes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum {
  INQ_COLOR_FOREGROUND,
  INQ_COLOR_DIM,     /* foreground that steps back */
  INQ_COLOR_LINE,    /* borders and ticks */
  INQ_COLOR_SURFACE, /* what a widget of ours stands on */
  INQ_COLOR_PAPER,   /* a panel with no picture yet */
  INQ_COLOR_ACCENT,
  INQ_COLOR_ON_ACCENT,
  INQ_COLOR_ERROR,
  INQ_COLOR_WARNING,
} InqColor;

/* The theme's colour for @widget, in dark and light. */
GdkRGBA inq_color (GtkWidget *widget, InqColor color);
GdkRGBA inq_color_with_alpha (GtkWidget *widget, InqColor color, float alpha);

/* A layout in the widget's font times @scale with figures of one width. @weight of Pango. (transfer full) */
PangoLayout *inq_text_layout (GtkWidget *widget, const char *text, double scale, PangoWeight weight);
/* Pixel height of a line of such text. */
int inq_text_height (GtkWidget *widget, double scale);

void inq_draw_text (GtkSnapshot *snapshot, PangoLayout *layout, float x, float y, const GdkRGBA *color);
void inq_draw_rounded (GtkSnapshot *snapshot, const graphene_rect_t *rect, float radius, const GdkRGBA *color);
void inq_draw_ring (GtkSnapshot *snapshot, const graphene_rect_t *rect, float radius, float width,
                    const GdkRGBA *color);
/* A pill of at least its height's width with @layout in it, its right end at @right; returns its width. */
float inq_draw_pill (GtkSnapshot *snapshot, PangoLayout *layout, float right, float y, const GdkRGBA *background,
                     const GdkRGBA *color);

G_END_DECLS

/* Inquadra - the drawing tools at the stage's left edge.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-tool-strip.h"

#include <glib/gi18n.h>
#include <math.h>

#include "inq-settings.h"

#define N_TOOLS    INQ_STAGE_TOOL_ERASER
#define WIDTH_STEP 1.25

static const struct {
  const char *icon;
  const char *name;
} tools[N_TOOLS] = {
  { "inq-pencil-symbolic", N_ ("Pencil") }, { "inq-pen-symbolic", N_ ("Pen") },
  { "inq-brush-symbolic", N_ ("Brush") },   { "inq-tone-symbolic", N_ ("Tone") },
  { "inq-arrow-symbolic", N_ ("Arrow") },   { "inq-text-symbolic", N_ ("Text") },
  { "inq-eraser-symbolic", N_ ("Eraser") },
};

static const struct {
  const char *color;
  const char *name;
} palette[] = {
  { "#1a1a1a", N_ ("Ink black (8)") }, { "#3b7dd8", N_ ("Pencil blue (9)") }, { "#d8392b", N_ ("Correction red (0)") },
  { "#6f6f6f", N_ ("Grey") },          { "#ffffff", N_ ("White") },           { "#e8a317", N_ ("Amber") },
  { "#2e8b57", N_ ("Green") },         { "#7b4fb5", N_ ("Violet") },
};

struct _InqToolStrip {
  AdwBin parent_instance;

  GtkToggleButton *buttons[N_TOOLS];
  GtkWidget *color_button;
  GtkWidget *swatch;
  GtkColorChooser *custom;
  GtkRange *width;
  InqStageView *stage;
  GdkRGBA color;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (InqToolStrip, inq_tool_strip, ADW_TYPE_BIN)

/* ---- a swatch ---- */

static void
draw_swatch (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const GdkRGBA *color = data;
  double radius = MIN (width, height) / 2.0 - 1;
  GdkRGBA ring;

  /* White on a white bar and black on a black one must still be seen: a ring of the text's colour, a little apart. */
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &ring);
  ring.alpha *= 0.55f;
  cairo_arc (cr, width / 2.0, height / 2.0, radius, 0, 2 * G_PI);
  gdk_cairo_set_source_rgba (cr, &ring);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_arc (cr, width / 2.0, height / 2.0, radius - 2.75, 0, 2 * G_PI);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_fill (cr);
}

static GtkWidget *
swatch_new (const GdkRGBA *color)
{
  GtkWidget *area = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), 22);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), 22);
  gtk_widget_set_halign (area, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_swatch, (gpointer) color, NULL);
  return area;
}

/* ---- what is in the hand ---- */

static void
set_tool (InqToolStrip *self, int tool)
{
  self->setting = TRUE;
  for (int i = 0; i < N_TOOLS; i++)
    gtk_toggle_button_set_active (self->buttons[i], i + 1 == tool);
  self->setting = FALSE;
  inq_stage_set_tool (self->stage, tool);
  g_settings_set_int (inq_settings_get (), "ink-tool", tool);
}

static void
set_color (InqToolStrip *self, const GdkRGBA *color)
{
  g_autofree char *text = gdk_rgba_to_string (color);
  self->color = *color;
  inq_stage_set_color (self->stage, color);
  g_settings_set_string (inq_settings_get (), "ink-color", text);
  gtk_widget_queue_draw (self->swatch);
}

static void
tool_toggled_cb (GtkToggleButton *button, InqToolStrip *self)
{
  if (self->setting)
    return;
  int tool = INQ_STAGE_TOOL_NONE;
  for (int i = 0; i < N_TOOLS; i++)
    if (self->buttons[i] == button && gtk_toggle_button_get_active (button))
      tool = i + 1;
  set_tool (self, tool);
  gtk_widget_grab_focus (GTK_WIDGET (self->stage));
}

static void
color_clicked_cb (GtkButton *button, InqToolStrip *self)
{
  set_color (self, g_object_get_data (G_OBJECT (button), "inq-color"));
  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->color_button));
}

static void
custom_set_cb (GtkColorButton *button, InqToolStrip *self)
{
  GdkRGBA color;
  gtk_color_chooser_get_rgba (GTK_COLOR_CHOOSER (button), &color);
  set_color (self, &color);
}

static void
width_changed_cb (GtkRange *range, InqToolStrip *self)
{
  double width = pow (2, gtk_range_get_value (range));
  inq_stage_set_width (self->stage, width);
  g_settings_set_double (inq_settings_get (), "ink-width", width);
}

void
inq_tool_strip_digit (InqToolStrip *self, int digit)
{
  g_return_if_fail (INQ_IS_TOOL_STRIP (self));

  if (digit >= 1 && digit <= N_TOOLS) {
    set_tool (self, digit);
  } else {
    GdkRGBA color;
    gdk_rgba_parse (&color, palette[digit == 8 ? 0 : digit == 9 ? 1 : 2].color);
    set_color (self, &color);
  }
}

void
inq_tool_strip_change_width (InqToolStrip *self, int steps)
{
  g_return_if_fail (INQ_IS_TOOL_STRIP (self));
  gtk_range_set_value (self->width, gtk_range_get_value (self->width) + steps * log2 (WIDTH_STEP));
}

void
inq_tool_strip_set_stage (InqToolStrip *self, InqStageView *stage)
{
  g_return_if_fail (INQ_IS_TOOL_STRIP (self));
  g_return_if_fail (self->stage == NULL);

  GSettings *settings = inq_settings_get ();
  g_autofree char *text = g_settings_get_string (settings, "ink-color");
  GdkRGBA color;

  self->stage = g_object_ref (stage);
  if (!gdk_rgba_parse (&color, text))
    gdk_rgba_parse (&color, palette[0].color);
  set_color (self, &color);
  set_tool (self, g_settings_get_int (settings, "ink-tool"));
  double width = g_settings_get_double (settings, "ink-width");
  inq_stage_set_width (stage, width);
  gtk_range_set_value (self->width, log2 (width));
  g_signal_connect (self->width, "value-changed", G_CALLBACK (width_changed_cb), self);
}

/* ---- construction ---- */

static GtkWidget *
color_popover (InqToolStrip *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *grid = gtk_grid_new ();
  for (guint i = 0; i < G_N_ELEMENTS (palette); i++) {
    GdkRGBA *color = g_new0 (GdkRGBA, 1);
    gdk_rgba_parse (color, palette[i].color);
    GtkWidget *button = gtk_button_new ();
    gtk_button_set_child (GTK_BUTTON (button), swatch_new (color));
    gtk_widget_set_tooltip_text (button, _ (palette[i].name));
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (palette[i].name), -1);
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "pen-target");
    g_object_set_data_full (G_OBJECT (button), "inq-color", color, g_free);
    g_signal_connect (button, "clicked", G_CALLBACK (color_clicked_cb), self);
    gtk_grid_attach (GTK_GRID (grid), button, i % 4, i / 4, 1, 1);
  }
  gtk_box_append (GTK_BOX (box), grid);

  GtkWidget *custom = gtk_color_button_new ();
  self->custom = GTK_COLOR_CHOOSER (custom);
  gtk_color_button_set_title (GTK_COLOR_BUTTON (custom), _ ("Ink Colour"));
  gtk_widget_set_tooltip_text (custom, _ ("Another colour"));
  g_signal_connect (custom, "color-set", G_CALLBACK (custom_set_cb), self);
  gtk_box_append (GTK_BOX (box), custom);

  GtkWidget *label = gtk_label_new (_ ("Width ([ and ])"));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_widget_add_css_class (label, "dim-label");
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, -2, 3, 0.1);
  self->width = GTK_RANGE (scale);
  gtk_scale_set_draw_value (GTK_SCALE (scale), FALSE);
  gtk_scale_add_mark (GTK_SCALE (scale), 0, GTK_POS_BOTTOM, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Width of the ink"), -1);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), scale);
  gtk_widget_add_css_class (box, "popover-form");

  GtkWidget *popover = gtk_popover_new ();
  gtk_popover_set_position (GTK_POPOVER (popover), GTK_POS_RIGHT);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

static void
inq_tool_strip_dispose (GObject *object)
{
  g_clear_object (&INQ_TOOL_STRIP (object)->stage);
  G_OBJECT_CLASS (inq_tool_strip_parent_class)->dispose (object);
}

static void
inq_tool_strip_class_init (InqToolStripClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_tool_strip_dispose;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_TOOLBAR);
}

static void
inq_tool_strip_init (InqToolStrip *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_widget_add_css_class (box, "tool-strip");
  for (int i = 0; i < N_TOOLS; i++) {
    GtkWidget *button = gtk_toggle_button_new ();
    gtk_button_set_icon_name (GTK_BUTTON (button), tools[i].icon);
    g_autofree char *tooltip = g_strdup_printf ("%s (%d)", _ (tools[i].name), i + 1);
    gtk_widget_set_tooltip_text (button, tooltip);
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (tools[i].name), -1);
    gtk_widget_set_focus_on_click (button, FALSE);
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "pen-target");
    g_signal_connect (button, "toggled", G_CALLBACK (tool_toggled_cb), self);
    gtk_box_append (GTK_BOX (box), button);
    self->buttons[i] = GTK_TOGGLE_BUTTON (button);
  }
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));

  self->swatch = swatch_new (&self->color);
  self->color_button = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->color_button), self->swatch);
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (self->color_button), GTK_ARROW_RIGHT);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->color_button), color_popover (self));
  gtk_widget_set_tooltip_text (self->color_button, _ ("Colour and width of the ink"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->color_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Colour and width of the ink"), -1);
  gtk_widget_add_css_class (self->color_button, "flat");
  gtk_widget_add_css_class (self->color_button, "pen-target");
  gtk_box_append (GTK_BOX (box), self->color_button);

  GtkWidget *mask = gtk_toggle_button_new ();
  gtk_button_set_icon_name (GTK_BUTTON (mask), "inq-mask-symbolic");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (mask), "win.repaint");
  gtk_widget_set_tooltip_text (mask, _ ("Repaint an area: paint over what is to change (M)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (mask), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Repaint an area"), -1);
  gtk_widget_set_focus_on_click (mask, FALSE);
  gtk_widget_add_css_class (mask, "flat");
  gtk_widget_add_css_class (mask, "pen-target");
  gtk_widget_add_css_class (mask, "mask-mode");
  gtk_box_append (GTK_BOX (box), mask);

  GtkWidget *clear = gtk_button_new_from_icon_name ("user-trash-symbolic");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (clear), "win.ink-clear");
  gtk_widget_set_tooltip_text (clear, _ ("Clear the ink of this panel"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (clear), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Clear the ink"), -1);
  gtk_widget_set_focus_on_click (clear, FALSE);
  gtk_widget_add_css_class (clear, "flat");
  gtk_widget_add_css_class (clear, "pen-target");
  gtk_box_append (GTK_BOX (box), clear);

  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_EXTERNAL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  adw_bin_set_child (ADW_BIN (self), scroller);
}

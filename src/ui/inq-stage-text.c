/* Inquadra - notes written in place on the stage.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-stage-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "inq-text.h"

#define NOTE_SIZE 0.055

static void
style_editor (InqStageView *self)
{
  graphene_rect_t frame;
  if (!inq_stage_get_frame (self, &frame))
    return;
  guint32 c = self->editor_colour;
  InqStroke stroke = { .width = self->editor_size };
  /* Letters as large as they will be drawn; the CSS is parsed by C rules, so no locale's comma may slip in. */
  char size[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (size, sizeof size, "%.2f", inq_ink_font_size (&stroke, frame.size.height));
  gboolean light = (c >> 24) * 2 + (c >> 16 & 255) * 5 + (c >> 8 & 255) > 8 * 140;
  g_autofree char *css = g_strdup_printf (
      "textview.inq-note { font: 600 %spx Cantarell, Sans; border-radius: 4px; background: %s; box-shadow: 0 0 0 1.5px "
      "@accent_bg_color; caret-color: #%06x; color: #%06x; } textview.inq-note text { background: none; color: #%06x; "
      "}",
      size, light ? "rgba(30,30,30,0.8)" : "rgba(255,255,255,0.86)", c >> 8, c >> 8, c >> 8);
  gtk_css_provider_load_from_data (self->editor_css, css, -1);
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, InqStageView *self)
{
  switch (key) {
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
    if (state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK))
      return GDK_EVENT_PROPAGATE;
    inq_stage_text_end (self);
    return GDK_EVENT_STOP;
  case GDK_KEY_Escape: /* what was written is never dropped: Undo takes it back */
    inq_stage_text_end (self);
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

static gboolean
left_idle (gpointer data)
{
  InqStageView *self = data;
  if (self->editor != NULL && !gtk_widget_has_focus (self->editor))
    inq_stage_text_end (self);
  return G_SOURCE_REMOVE;
}

static void
leave_cb (GtkEventControllerFocus *focus, InqStageView *self)
{
  /* Not from within the change of focus, and not when only the window lost it. */
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  if (root != NULL && GTK_IS_WINDOW (root) && gtk_root_get_focus (root) == self->editor)
    return;
  g_idle_add_full (G_PRIORITY_DEFAULT, left_idle, g_object_ref (self), g_object_unref);
}

/* What stands there is in the file from now on. */
static void
keep (InqStageView *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->editor));
  GtkTextIter begin, end;

  g_clear_handle_id (&self->editor_keep_id, g_source_remove);
  gtk_text_buffer_get_bounds (buffer, &begin, &end);
  g_autofree char *text = g_strstrip (gtk_text_buffer_get_text (buffer, &begin, &end, FALSE));
  inq_ink_note_write (self->ink, text);
}

static gboolean
keep_cb (gpointer data)
{
  InqStageView *self = data;
  self->editor_keep_id = 0;
  keep (self);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (InqStageView *self)
{
  if (self->editor_keep_id == 0)
    self->editor_keep_id = g_timeout_add (INQ_TEXT_KEEP_MS, keep_cb, self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

void
inq_stage_text_begin (InqStageView *self, double x, double y)
{
  graphene_rect_t frame;
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  g_return_if_fail (self->editor == NULL);
  if (!inq_stage_get_frame (self, &frame))
    return;
  const InqStroke *text = inq_ink_find_text (self->ink, (x - frame.origin.x) * scale, (y - frame.origin.y) * scale);
  self->editor = gtk_text_view_new ();
  if (text != NULL) {
    self->editor_at = text->points[0];
    self->editor_size = text->width;
    self->editor_colour = text->colour;
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->editor)), text->text, -1);
    inq_ink_note_begin (self->ink, text);
  } else {
    const GdkRGBA *c = &self->color;
    self->editor_size = NOTE_SIZE * CLAMP (self->width, 0.5, 4);
    self->editor_colour = (guint32) (c->red * 255 + 0.5) << 24 | (guint32) (c->green * 255 + 0.5) << 16
                          | (guint32) (c->blue * 255 + 0.5) << 8 | (guint32) (c->alpha * 255 + 0.5);
    /* The click says where the middle of the first line is. */
    self->editor_at = (InqPoint){ (x - frame.origin.x) / frame.size.width,
                                  (y - frame.origin.y) / frame.size.height - self->editor_size / 2, 1 };
    const InqStroke note = { .tool = INQ_TOOL_TEXT,
                             .colour = self->editor_colour,
                             .width = self->editor_size,
                             .points = &self->editor_at,
                             .n_points = 1 };
    inq_ink_note_begin (self->ink, &note);
  }
  self->editor_css = gtk_css_provider_new ();
  style_editor (self);
  gtk_widget_add_css_class (self->editor, "inq-note");
  gtk_style_context_add_provider_for_display (gtk_widget_get_display (self->editor),
                                              GTK_STYLE_PROVIDER (self->editor_css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->editor), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->editor), FALSE);
  gtk_widget_set_tooltip_text (self->editor, _ ("Enter or Escape ends the note, Undo takes it back"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->editor), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Note"), -1);

  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (self->editor, keys);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  g_signal_connect (focus, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (self->editor, focus);

  gtk_widget_set_parent (self->editor, GTK_WIDGET (self));
  g_signal_connect_object (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->editor)), "changed", G_CALLBACK (changed_cb),
                           self, G_CONNECT_SWAPPED);
  gtk_widget_grab_focus (self->editor);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

gboolean
inq_stage_text_end (InqStageView *self)
{
  if (self->editor == NULL)
    return FALSE;
  keep (self);
  inq_ink_note_end (self->ink);
  GtkWidget *editor = g_steal_pointer (&self->editor);
  gboolean focused = gtk_widget_has_focus (editor);
  gtk_style_context_remove_provider_for_display (gtk_widget_get_display (editor),
                                                 GTK_STYLE_PROVIDER (self->editor_css));
  gtk_widget_unparent (editor);
  g_clear_object (&self->editor_css);
  if (focused)
    gtk_widget_grab_focus (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

void
inq_stage_text_allocate (InqStageView *self)
{
  graphene_rect_t frame;
  int text_width, natural_height;

  if (self->editor == NULL || !inq_stage_get_frame (self, &frame))
    return;
  double x = frame.origin.x + self->editor_at.x * frame.size.width;
  double y = frame.origin.y + self->editor_at.y * frame.size.height;
  int room = MAX (frame.origin.x + frame.size.width - x, frame.size.width * 0.15);

  /* As wide as the note will be drawn: a text view that wraps asks for next to nothing. */
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->editor));
  GtkTextIter begin, end;
  gtk_text_buffer_get_bounds (buffer, &begin, &end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &begin, &end, FALSE);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (self->editor, text);
  pango_layout_get_pixel_size (layout, &text_width, NULL);
  int width = CLAMP (text_width + 12, MIN (80, room), room);
  gtk_widget_measure (self->editor, GTK_ORIENTATION_VERTICAL, width, NULL, &natural_height, NULL, NULL);
  /* A text view knows the height of its lines only after it was shown once. */
  InqStroke stroke = { .width = self->editor_size };
  int lines = gtk_text_buffer_get_line_count (buffer);
  natural_height = MAX (natural_height, (int) ceil (lines * inq_ink_font_size (&stroke, frame.size.height) * 1.3));
  gtk_widget_size_allocate (self->editor, &(GtkAllocation){ round (x), round (y), width, natural_height }, -1);
}

/* Inquadra - what is typed while the panel it is for is being made.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A panel shows when it is in the file, which a slow or a full disk delays. Whoever presses N types on meanwhile, and
 * those letters are words, not keys of the board that copy, reject and delete.
 */
#include "config.h"

#include "inq-window-private.h"

void
inq_window_ahead_begin (InqWindow *self)
{
  self->ahead = TRUE;
  g_set_weak_pointer (&self->ahead_focus, gtk_window_get_focus (GTK_WINDOW (self)));
  inq_window_generate_update (self);
}

void
inq_window_ahead_drop (InqWindow *self)
{
  if (!self->ahead)
    return;
  self->ahead = FALSE;
  self->ahead_action = NULL;
  g_clear_weak_pointer (&self->ahead_focus);
  g_string_truncate (self->ahead_text, 0);
  inq_window_generate_update (self);
}

gboolean
inq_window_ahead_action (InqWindow *self, const char *action)
{
  if (self->ahead)
    self->ahead_action = action;
  return self->ahead;
}

void
inq_window_ahead_end (InqWindow *self)
{
  if (!self->ahead)
    return;
  const char *action = self->ahead_action;
  if (self->ahead_text->len > 0)
    inq_inspector_type (self->inspector, self->ahead_text->str);
  inq_window_ahead_drop (self);
  if (action != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), action, NULL);
}

/* Whoever went on to another field, because a full disk keeps the panel away for long, writes there. */
static gboolean
writes_elsewhere (InqWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  return focus != self->ahead_focus && (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus));
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, InqWindow *self)
{
  gunichar letter = gdk_keyval_to_unicode (key);

  if (!self->ahead || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK)) != 0
      || writes_elsewhere (self))
    return GDK_EVENT_PROPAGATE;
  if (key == GDK_KEY_Escape) {
    inq_window_ahead_drop (self);
  } else if (key == GDK_KEY_BackSpace) {
    const char *end = self->ahead_text->str + self->ahead_text->len;
    const char *last = g_utf8_find_prev_char (self->ahead_text->str, end);
    if (last != NULL)
      g_string_truncate (self->ahead_text, (gsize) (last - self->ahead_text->str));
  } else if (g_unichar_isprint (letter)) {
    g_string_append_unichar (self->ahead_text, letter);
  } else {
    return GDK_EVENT_PROPAGATE;
  }
  return GDK_EVENT_STOP;
}

void
inq_window_ahead_init (InqWindow *self)
{
  self->ahead_text = g_string_new (NULL);
  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_name (keys, "inq-type-ahead");
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

/* Inquadra - the side pane: what is written and chosen in it goes to the board.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-inspector-private.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <inq-board-panels.h>
#include <inq-terms.h>
#include <string.h>

#include "inq-format.h"
#include "inq-settings.h"

static guint64
session_for (InqInspector *self, gpointer field)
{
  if (self->session == 0 || self->session_field != field) {
    self->session = inq_board_new_session (self->board);
    self->session_field = field;
  }
  return self->session;
}

void
inq_inspector_end_session (InqInspector *self)
{
  self->session = 0;
}

static void
text_committed_cb (InqText *text, const char *value, InqInspector *self)
{
  if (self->panel == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (inq_text_fields); i++)
    if (self->texts[inq_text_fields[i]] == text)
      inq_board_set_text (self->board, inq_panel_get_id (self->panel), inq_text_fields[i], value,
                          session_for (self, text));
}

/* What is chosen is said of all that are selected, what is written of the current one. */
static void
chip_chosen_cb (InqChips *chips, const char *value, InqInspector *self)
{
  if (self->panel == NULL)
    return;
  gint64 id = inq_panel_get_id (self->panel);
  const gint64 *ids = self->group != NULL ? (const gint64 *) self->group->data : &id;
  for (guint i = 0; i < G_N_ELEMENTS (inq_chip_fields); i++)
    if (self->chips[inq_chip_fields[i]] == chips)
      inq_board_set_texts (self->board, ids, self->group != NULL ? self->group->len : 1, inq_chip_fields[i], value, 0);
}

static void
set_duration (InqInspector *self, int frames)
{
  guint64 session = session_for (self, self->duration);
  if (self->group != NULL)
    inq_board_set_durations (self->board, (const gint64 *) self->group->data, self->group->len, frames, session);
  else
    inq_board_set_duration (self->board, inq_panel_get_id (self->panel), frames, session);
}

static gboolean
has_other_duration (InqInspector *self, int frames)
{
  for (guint i = 0; self->group != NULL && i < self->group->len; i++) {
    InqPanel *panel = inq_board_find_panel (self->board, g_array_index (self->group, gint64, i));
    if (panel != NULL && inq_panel_get_duration (panel) != frames)
      return TRUE;
  }
  return inq_panel_get_duration (self->panel) != frames;
}

/* ---- the style, which stands in the prompt ---- */

static void
show_style (InqInspector *self)
{
  g_autofree char *prompt = inq_text_dup_text (self->texts[INQ_FIELD_PROMPT]);
  const InqTerm *said = inq_term_said (inq_styles, prompt, NULL, NULL);
  inq_chips_set_value (self->style, said != NULL ? said->code : "");
}

/* The prompt with @words (NULL: none) at its end, and without those of the style before. Any thread. */
static char *
restyle (const char *prompt, const char *words)
{
  g_autoptr (GString) text = g_string_new (prompt);
  gsize start, end;

  while (inq_term_said (inq_styles, text->str, &start, &end) != NULL) {
    while (start > 0 && strchr (", ", text->str[start - 1]) != NULL)
      start--;
    if (start == 0)
      while (text->str[end] != '\0' && strchr (", ", text->str[end]) != NULL)
        end++;
    g_string_erase (text, start, end - start);
  }
  if (words != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", words);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

typedef struct {
  GArray *panels; /* of gint64 */
  char *words;
} StyleAct;

static void
style_act_free (gpointer data)
{
  StyleAct *act = data;
  g_array_unref (act->panels);
  g_free (act->words);
  g_free (act);
}

/* Writer thread. */
static gboolean
act_style (InqDocument *document, gpointer data, GError **error)
{
  const StyleAct *act = data;

  for (guint i = 0; i < act->panels->len; i++) {
    gint64 id = g_array_index (act->panels, gint64, i);
    g_autoptr (InqPanelRow) row = inq_document_get_panel (document, id, error);
    g_autofree char *text = row != NULL ? restyle (row->text[INQ_FIELD_PROMPT], act->words) : NULL;
    if (text == NULL || !inq_document_set_text (document, id, INQ_FIELD_PROMPT, text, 0, error))
      return FALSE;
  }
  return TRUE;
}

/* Writes the style's words at the end of the prompt, in the artist's language where the model knows it, and takes away
 * those of the style before; of all panels that are selected. */
static void
style_chosen_cb (InqChips *chips, const char *value, InqInspector *self)
{
  InqText *field = self->texts[INQ_FIELD_PROMPT];
  const InqTerm *term = inq_term_find (inq_styles, value);
  const char *words = term != NULL ? term->prompt : NULL;
  g_autofree char *model = g_settings_get_string (inq_settings_get (), "model");

  if (term != NULL && *model == '\0' && inq_prompt_notes_knows (self->notes_on_prompt, _ (term->prompt)))
    words = _ (term->prompt);
  if (self->group != NULL) {
    inq_text_commit (field);
    StyleAct *act = g_new0 (StyleAct, 1);
    act->panels = g_array_ref (self->group);
    act->words = g_strdup (words);
    inq_board_act (self->board, N_ ("Change style"), act_style, act, style_act_free, NULL, NULL);
    return;
  }
  g_autofree char *prompt = inq_text_dup_text (field);
  g_autofree char *text = restyle (prompt, words);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (inq_text_get_view (field));
  GtkTextIter from, to;
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_get_bounds (buffer, &from, &to);
  gtk_text_buffer_delete (buffer, &from, &to);
  gtk_text_buffer_insert (buffer, &from, text, -1);
  gtk_text_buffer_end_user_action (buffer);
  inq_text_commit (field);
}

void
inq_inspector_show_duration (InqInspector *self, gint64 frames)
{
  g_autofree char *text = inq_format_duration_field (frames, inq_board_get_rate (self->board));
  inq_editable_begin (self->duration, text);
  g_free (self->duration_shown);
  self->duration_shown = g_steal_pointer (&text);
  gtk_widget_remove_css_class (GTK_WIDGET (self->duration), "error");
}

/* @said: Enter was pressed; going through the field makes nothing equal. */
static void
duration_apply (InqInspector *self, gboolean said)
{
  gint64 frames;
  if (self->panel == NULL)
    return;
  if (!inq_duration_parse (gtk_editable_get_text (self->duration), inq_board_get_rate (self->board), &frames)
      || frames > G_MAXINT) {
    gtk_widget_add_css_class (GTK_WIDGET (self->duration), "error");
    return;
  }
  if (said ? has_other_duration (self, frames) : frames != inq_panel_get_duration (self->panel))
    set_duration (self, frames);
  else
    frames = inq_panel_get_duration (self->panel);
  inq_inspector_show_duration (self, frames);
}

void
inq_inspector_duration_apply (InqInspector *self)
{
  if (g_strcmp0 (gtk_editable_get_text (self->duration), self->duration_shown) != 0)
    duration_apply (self, FALSE);
}

static void
duration_activate_cb (GtkEntry *entry, InqInspector *self)
{
  duration_apply (self, TRUE);
}

static void
duration_leave_cb (GtkEventControllerFocus *controller, InqInspector *self)
{
  duration_apply (self, FALSE);
  if (self->panel != NULL && gtk_widget_has_css_class (GTK_WIDGET (self->duration), "error"))
    inq_inspector_show_duration (self, inq_panel_get_duration (self->panel));
  inq_inspector_end_session (self);
}

void
inq_inspector_show_scene (InqInspector *self, const char *title)
{
  inq_editable_begin (self->scene, title);
  self->scene_due = FALSE;
  g_clear_handle_id (&self->scene_keep_id, g_source_remove);
}

void
inq_inspector_scene_apply (InqInspector *self)
{
  g_clear_handle_id (&self->scene_keep_id, g_source_remove);
  if (self->panel == NULL)
    return;
  g_autofree char *title = g_strstrip (g_strdup (gtk_editable_get_text (self->scene)));
  if (g_strcmp0 (title, inq_panel_get_row (self->panel)->scene_title) != 0)
    inq_board_set_scene (self->board, inq_panel_get_id (self->panel), title, NULL, session_for (self, self->scene));
}

static gboolean
scene_keep_cb (gpointer data)
{
  InqInspector *self = data;
  self->scene_keep_id = 0;
  inq_inspector_scene_apply (self);
  return G_SOURCE_REMOVE;
}

static void
scene_changed_cb (InqInspector *self)
{
  self->scene_due = FALSE;
  if (self->scene_keep_id == 0)
    self->scene_keep_id = g_timeout_add (INQ_TEXT_KEEP_MS, scene_keep_cb, self);
}

static void
scene_leave_cb (GtkEventControllerFocus *controller, InqInspector *self)
{
  inq_inspector_scene_apply (self);
  inq_inspector_end_session (self);
}

/* Up and Down: a frame; with Shift: a second. */
static gboolean
duration_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state,
                 InqInspector *self)
{
  int step = keyval == GDK_KEY_Up ? 1 : keyval == GDK_KEY_Down ? -1 : 0;
  if (step == 0 || self->panel == NULL)
    return GDK_EVENT_PROPAGATE;
  if (state & GDK_SHIFT_MASK)
    step *= inq_rate_timebase (inq_board_get_rate (self->board));
  /* From what stands there: keys come faster than the disk answers. */
  gint64 now;
  if (!inq_duration_parse (gtk_editable_get_text (self->duration), inq_board_get_rate (self->board), &now))
    now = inq_panel_get_duration (self->panel);
  int frames = CLAMP (now + step, 1, G_MAXINT);
  inq_inspector_show_duration (self, frames);
  set_duration (self, frames);
  return GDK_EVENT_STOP;
}

void
inq_inspector_edit_init (InqInspector *self)
{
  g_signal_connect (self->style, "chosen", G_CALLBACK (style_chosen_cb), self);
  g_signal_connect_object (gtk_text_view_get_buffer (inq_text_get_view (self->texts[INQ_FIELD_PROMPT])), "changed",
                           G_CALLBACK (show_style), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (inq_text_fields); i++) {
    InqText *text = self->texts[inq_text_fields[i]];
    g_signal_connect (text, "committed", G_CALLBACK (text_committed_cb), self);
    /* Another stay in the field is another undo step. */
    GtkEventController *focus = gtk_event_controller_focus_new ();
    g_signal_connect_swapped (focus, "enter", G_CALLBACK (inq_inspector_end_session), self);
    gtk_widget_add_controller (GTK_WIDGET (text), focus);
  }
  for (guint i = 0; i < G_N_ELEMENTS (inq_chip_fields); i++)
    g_signal_connect (self->chips[inq_chip_fields[i]], "chosen", G_CALLBACK (chip_chosen_cb), self);

  g_signal_connect_swapped (self->scene, "changed", G_CALLBACK (scene_changed_cb), self);
  g_signal_connect_swapped (self->scene, "activate", G_CALLBACK (inq_inspector_scene_apply), self);
  GtkEventController *scene_focus = gtk_event_controller_focus_new ();
  g_signal_connect (scene_focus, "leave", G_CALLBACK (scene_leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->scene), scene_focus);

  g_signal_connect (self->duration, "activate", G_CALLBACK (duration_activate_cb), self);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  g_signal_connect (focus, "leave", G_CALLBACK (duration_leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->duration), focus);
  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (duration_key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->duration), keys);
}

/* Inquadra - a text field of several lines that grows with what is in it, with a placeholder.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-text.h"

struct _InqText {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkTextView *view;
  GtkLabel *hint;
  int min_lines;
  int max_lines;
  char *saved; /* what was last set or committed */
  gboolean setting;
  guint keep_id;
};

G_DEFINE_FINAL_TYPE (InqText, inq_text, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_PLACEHOLDER, PROP_LABEL, PROP_MIN_LINES, PROP_MAX_LINES, N_PROPS };
static GParamSpec *properties[N_PROPS];
enum { EDITED, COMMITTED, N_SIGNALS };
static guint signals[N_SIGNALS];

char *
inq_text_dup_text (InqText *self)
{
  g_return_val_if_fail (INQ_IS_TEXT (self), NULL);

  GtkTextIter start, end;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

gboolean
inq_text_get_dirty (InqText *self)
{
  g_return_val_if_fail (INQ_IS_TEXT (self), FALSE);

  g_autofree char *text = inq_text_dup_text (self);
  return g_strcmp0 (text, self->saved) != 0;
}

void
inq_text_commit (InqText *self)
{
  g_return_if_fail (INQ_IS_TEXT (self));

  g_clear_handle_id (&self->keep_id, g_source_remove);
  g_autofree char *text = inq_text_dup_text (self);
  if (g_strcmp0 (text, self->saved) == 0)
    return;
  g_free (self->saved);
  self->saved = g_strdup (text);
  g_signal_emit (self, signals[COMMITTED], 0, text);
}

static gboolean
keep_cb (gpointer data)
{
  InqText *self = data;
  self->keep_id = 0;
  inq_text_commit (self);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (GtkTextBuffer *buffer, InqText *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->hint), gtk_text_buffer_get_char_count (buffer) == 0);
  if (self->setting)
    return;
  if (self->keep_id == 0)
    self->keep_id = g_timeout_add (INQ_TEXT_KEEP_MS, keep_cb, self);
  g_signal_emit (self, signals[EDITED], 0);
}

static void
focus_leave_cb (GtkEventControllerFocus *controller, InqText *self)
{
  inq_text_commit (self);
}

void
inq_text_set_text (InqText *self, const char *text)
{
  g_return_if_fail (INQ_IS_TEXT (self));

  g_autofree char *now = inq_text_dup_text (self);
  g_clear_handle_id (&self->keep_id, g_source_remove);
  g_free (self->saved);
  self->saved = g_strdup (text != NULL ? text : "");
  if (g_str_equal (now, self->saved))
    return;

  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  self->setting = TRUE;
  gtk_text_buffer_begin_irreversible_action (buffer);
  gtk_text_buffer_set_text (buffer, self->saved, -1);
  gtk_text_buffer_end_irreversible_action (buffer);
  self->setting = FALSE;
}

void
inq_text_begin (InqText *self, const char *text)
{
  g_return_if_fail (INQ_IS_TEXT (self));

  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  inq_text_set_text (self, text);
  /* Forgets. */
  gtk_text_buffer_set_enable_undo (buffer, FALSE);
  gtk_text_buffer_set_enable_undo (buffer, TRUE);
}

void
inq_editable_begin (GtkEditable *editable, const char *text)
{
  g_return_if_fail (GTK_IS_EDITABLE (editable));

  if (text == NULL)
    text = "";
  gtk_editable_set_enable_undo (editable, FALSE);
  if (!g_str_equal (gtk_editable_get_text (editable), text))
    gtk_editable_set_text (editable, text);
  gtk_editable_set_enable_undo (editable, TRUE);
}

GtkTextView *
inq_text_get_view (InqText *self)
{
  g_return_val_if_fail (INQ_IS_TEXT (self), NULL);
  return self->view;
}

/* Lines to pixels in the font of now; text scale follows the system, so this runs again on every style change. */
static void
update_height (InqText *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self->view));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int line = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));
  pango_font_metrics_unref (metrics);
  int margins = gtk_text_view_get_top_margin (self->view) + gtk_text_view_get_bottom_margin (self->view);

  GtkScrolledWindow *scroller = GTK_SCROLLED_WINDOW (self->scroller);
  gtk_scrolled_window_set_max_content_height (scroller, -1);
  gtk_scrolled_window_set_min_content_height (scroller, self->min_lines * line + margins);
  gtk_scrolled_window_set_max_content_height (scroller, MAX (self->min_lines, self->max_lines) * line + margins);
}

static void
inq_text_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (inq_text_parent_class)->css_changed (widget, change);
  if (INQ_TEXT (widget)->view != NULL)
    update_height (INQ_TEXT (widget));
}

static gboolean
inq_text_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (INQ_TEXT (widget)->view));
}

static gboolean
inq_text_mnemonic_activate (GtkWidget *widget, gboolean group_cycling)
{
  return gtk_widget_grab_focus (GTK_WIDGET (INQ_TEXT (widget)->view));
}

static void
inq_text_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqText *self = INQ_TEXT (object);
  switch (id) {
  case PROP_PLACEHOLDER:
    g_value_set_string (value, gtk_label_get_label (self->hint));
    break;
  case PROP_MIN_LINES:
    g_value_set_int (value, self->min_lines);
    break;
  case PROP_MAX_LINES:
    g_value_set_int (value, self->max_lines);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
inq_text_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InqText *self = INQ_TEXT (object);
  const char *string = G_VALUE_HOLDS_STRING (value) ? g_value_get_string (value) : NULL;
  switch (id) {
  case PROP_PLACEHOLDER:
    gtk_label_set_label (self->hint, string != NULL ? string : "");
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_PLACEHOLDER,
                                    string != NULL ? string : "", -1);
    break;
  case PROP_LABEL:
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    string != NULL ? string : "", -1);
    break;
  case PROP_MIN_LINES:
    self->min_lines = g_value_get_int (value);
    update_height (self);
    break;
  case PROP_MAX_LINES:
    self->max_lines = g_value_get_int (value);
    update_height (self);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
inq_text_dispose (GObject *object)
{
  InqText *self = INQ_TEXT (object);
  g_clear_handle_id (&self->keep_id, g_source_remove);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  self->view = NULL;
  G_OBJECT_CLASS (inq_text_parent_class)->dispose (object);
}

static void
inq_text_finalize (GObject *object)
{
  g_free (INQ_TEXT (object)->saved);
  G_OBJECT_CLASS (inq_text_parent_class)->finalize (object);
}

static void
inq_text_class_init (InqTextClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  int flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = inq_text_get_property;
  object_class->set_property = inq_text_set_property;
  object_class->dispose = inq_text_dispose;
  object_class->finalize = inq_text_finalize;
  widget_class->css_changed = inq_text_css_changed;
  widget_class->grab_focus = inq_text_grab_focus;
  widget_class->mnemonic_activate = inq_text_mnemonic_activate;
  properties[PROP_PLACEHOLDER] = g_param_spec_string ("placeholder", NULL, NULL, "", flags);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, "", G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_MIN_LINES] = g_param_spec_int ("min-lines", NULL, NULL, 1, 40, 2, flags);
  properties[PROP_MAX_LINES] = g_param_spec_int ("max-lines", NULL, NULL, 1, 80, 10, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[EDITED] = g_signal_new ("edited", INQ_TYPE_TEXT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[COMMITTED] = g_signal_new ("committed", INQ_TYPE_TEXT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                     G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "inqtext");
}

static void
inq_text_init (InqText *self)
{
  self->saved = g_strdup ("");
  self->min_lines = 2;
  self->max_lines = 10;

  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_top_margin (self->view, 8);
  gtk_text_view_set_bottom_margin (self->view, 8);
  gtk_text_view_set_left_margin (self->view, 10);
  gtk_text_view_set_right_margin (self->view, 10);
  gtk_text_view_set_input_hints (self->view, GTK_INPUT_HINT_SPELLCHECK);
  gtk_text_buffer_set_enable_undo (gtk_text_view_get_buffer (self->view), TRUE);

  self->hint = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->hint, TRUE);
  gtk_label_set_xalign (self->hint, 0);
  gtk_widget_set_valign (GTK_WIDGET (self->hint), GTK_ALIGN_START);
  gtk_widget_set_margin_top (GTK_WIDGET (self->hint), 8);
  gtk_widget_set_margin_start (GTK_WIDGET (self->hint), 10);
  gtk_widget_set_margin_end (GTK_WIDGET (self->hint), 10);
  gtk_widget_set_can_target (GTK_WIDGET (self->hint), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->hint), "dim-label");

  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->view));

  GtkWidget *overlay = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->scroller);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (self->hint));
  gtk_widget_set_parent (overlay, GTK_WIDGET (self));
  update_height (self);

  g_signal_connect (gtk_text_view_get_buffer (self->view), "changed", G_CALLBACK (changed_cb), self);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  g_signal_connect (focus, "leave", G_CALLBACK (focus_leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), focus);
}

GtkWidget *
inq_text_new (void)
{
  return g_object_new (INQ_TYPE_TEXT, NULL);
}

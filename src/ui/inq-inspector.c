/* Inquadra - the side pane: what is in the shot, how it is framed, what is said and done.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-inspector-private.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <inq-prompt.h>
#include <inq-terms.h>
#include <string.h>

#include "inq-format.h"
#include "inq-settings.h"
#include "inq-term-picture.h"

G_DEFINE_FINAL_TYPE (InqInspector, inq_inspector, ADW_TYPE_BIN)

enum { PROP_0, PROP_BOARD, PROP_PANEL, PROP_JOBS, PROP_COUNT, PROP_KEEP_SEED, N_PROPS };
static GParamSpec *properties[N_PROPS];

void
inq_inspector_flush (InqInspector *self)
{
  g_return_if_fail (INQ_IS_INSPECTOR (self));

  if (self->panel == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (inq_text_fields); i++)
    inq_text_commit (self->texts[inq_text_fields[i]]);
  if (self->scene_keep_id != 0 || gtk_widget_get_focus_child (GTK_WIDGET (self->scene)) != NULL)
    inq_inspector_scene_apply (self);
  inq_inspector_duration_apply (self);
}

/* ---- showing ---- */

/* What can be edited follows the board only while nothing of ours is on its way there: a change that arrives in
 * between tells of the past, and would take back what was typed since. */
static void
show_fields (InqInspector *self)
{
  if (self->panel == NULL || inq_board_get_n_waiting (self->board) > 0)
    return;
  const InqPanelRow *row = inq_panel_get_row (self->panel);
  if (gtk_widget_get_focus_child (GTK_WIDGET (self->scene)) == NULL || self->scene_due)
    inq_inspector_show_scene (self, row->scene_title);
  for (guint i = 0; i < G_N_ELEMENTS (inq_text_fields); i++)
    if (!inq_text_get_dirty (self->texts[inq_text_fields[i]]))
      inq_text_set_text (self->texts[inq_text_fields[i]], row->text[inq_text_fields[i]]);
  for (guint i = 0; i < G_N_ELEMENTS (inq_chip_fields); i++)
    inq_chips_set_value (self->chips[inq_chip_fields[i]], row->text[inq_chip_fields[i]]);
  if (g_strcmp0 (gtk_editable_get_text (self->duration), self->duration_shown) == 0)
    inq_inspector_show_duration (self, inq_panel_get_duration (self->panel)); /* nobody is writing there */
}

static void
show_group (InqInspector *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->several), self->group != NULL);
  if (self->group == NULL || self->panel == NULL)
    return;
  /* Translators: several panels are selected; %2$s is the number of the current one */
  g_autofree char *text = g_strdup_printf (
      g_dngettext (NULL, "Words apply to %2$s, the rest to the %1$u selected panel.",
                   "Words apply to %2$s, the rest to all %1$u selected panels.", self->group->len),
      self->group->len, inq_panel_get_number (self->panel));
  gtk_label_set_label (self->several, text);
}

static void
panel_notify_cb (InqInspector *self)
{
  const InqPanelRow *row = inq_panel_get_row (self->panel);
  g_autofree char *scene = g_strdup_printf (_ ("Scene %s"), row->scene_number);

  gtk_label_set_label (self->number, row->number);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->scene), scene);
  show_group (self);
  show_fields (self);
}

static void
undone_cb (InqInspector *self)
{
  self->scene_due = TRUE;
  show_fields (self);
}

static void update_job (InqInspector *self);

static void
count_changed (InqInspector *self)
{
  int count = inq_inspector_get_count (self);
  g_autofree char *label = count == 1 ? g_strdup (_ ("Generate")) : g_strdup_printf (_ ("Generate ×%d"), count);
  if (self->group != NULL) {
    g_free (label);
    /* Translators: pictures for several panels; the second number is how many for each */
    label = count == 1 ? g_strdup_printf (_ ("Generate %u"), self->group->len)
                       : g_strdup_printf (_ ("Generate %u×%d"), self->group->len, count);
  }
  gtk_button_set_label (self->generate, label);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
}

void
inq_inspector_set_group (InqInspector *self, GArray *ids)
{
  g_return_if_fail (INQ_IS_INSPECTOR (self));

  if (ids != NULL)
    g_array_ref (ids);
  g_clear_pointer (&self->group, g_array_unref);
  self->group = ids;
  inq_cast_set_group (self->cast, ids);
  inq_location_set_group (self->location, ids);
  inq_inspector_end_session (self);
  show_group (self);
  count_changed (self);
  update_job (self);
}

static void
keep_seed_toggled (InqInspector *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KEEP_SEED]);
}

static void
job_notify_cb (InqInspector *self)
{
  g_autofree char *text = inq_format_job (self->job);
  gtk_label_set_label (self->progress_label, text);
  if (inq_job_get_state (self->job) == INQ_JOB_RUNNING)
    gtk_progress_bar_set_fraction (self->progress_bar, CLAMP (inq_job_get_progress (self->job), 0, 1));
  else
    gtk_progress_bar_set_fraction (self->progress_bar, 0);
}

static void
update_job (InqInspector *self)
{
  InqJob *job = NULL;
  /* Several can be asked for while some of them are drawn already. */
  if (self->jobs != NULL && self->panel != NULL && self->group == NULL)
    job = inq_jobs_find_for_panel (self->jobs, inq_panel_get_id (self->panel));
  g_set_object (&self->job, job);
  g_signal_group_set_target (self->job_group, job);
  gtk_stack_set_visible_child_name (self->footer, job != NULL ? "progress" : "generate");
  if (job != NULL)
    job_notify_cb (self);
}

static void
job_state_cb (InqInspector *self)
{
  update_job (self);
}

/* ---- properties ---- */

void
inq_inspector_set_board (InqInspector *self, InqBoard *board)
{
  g_return_if_fail (INQ_IS_INSPECTOR (self));
  g_return_if_fail (self->panel == NULL);

  if (!g_set_object (&self->board, board))
    return;
  inq_inspector_end_session (self);
  inq_how_set_board (self->how, board);
  gtk_widget_set_sensitive (self->fields, board != NULL && !inq_board_get_read_only (board));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOARD]);
}

void
inq_inspector_set_panel (InqInspector *self, InqPanel *panel)
{
  g_return_if_fail (INQ_IS_INSPECTOR (self));

  if (self->panel == panel)
    return;
  inq_inspector_flush (self);
  inq_inspector_end_session (self);
  g_set_object (&self->panel, panel);
  g_signal_group_set_target (self->panel_group, panel);
  g_signal_group_set_target (self->board_group, self->board);
  inq_cast_set_panel (self->cast, self->board, panel);
  inq_location_set_panel (self->location, self->board, panel);
  if (panel != NULL) {
    inq_inspector_show_scene (self, inq_panel_get_row (panel)->scene_title);
    for (guint i = 0; i < G_N_ELEMENTS (inq_text_fields); i++)
      inq_text_begin (self->texts[inq_text_fields[i]], inq_panel_get_text (panel, inq_text_fields[i]));
    for (guint i = 0; i < G_N_ELEMENTS (inq_chip_fields); i++)
      inq_chips_set_value (self->chips[inq_chip_fields[i]], inq_panel_get_text (panel, inq_chip_fields[i]));
    inq_inspector_show_duration (self, inq_panel_get_duration (panel));
    panel_notify_cb (self);
    if (*inq_panel_get_text (panel, INQ_FIELD_NEGATIVE) != '\0')
      gtk_expander_set_expanded (self->negative_expander, TRUE);
  }
  update_job (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANEL]);
}

void
inq_inspector_set_jobs (InqInspector *self, InqJobs *jobs)
{
  g_return_if_fail (INQ_IS_INSPECTOR (self));

  if (!g_set_object (&self->jobs, jobs))
    return;
  g_signal_group_set_target (self->jobs_group, jobs);
  update_job (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOBS]);
}

char *
inq_inspector_dup_prompt (InqInspector *self)
{
  g_return_val_if_fail (INQ_IS_INSPECTOR (self), NULL);

  g_autofree char *prompt = inq_text_dup_text (self->texts[INQ_FIELD_PROMPT]);
  g_autofree char *cast = inq_cast_dup_words (self->cast);
  return inq_prompt_add_setting (prompt, cast,
                                 self->panel != NULL ? inq_panel_get_row (self->panel)->location_words : NULL);
}

char *
inq_inspector_dup_negative (InqInspector *self)
{
  g_return_val_if_fail (INQ_IS_INSPECTOR (self), NULL);
  return inq_text_dup_text (self->texts[INQ_FIELD_NEGATIVE]);
}

void
inq_inspector_focus_prompt (InqInspector *self)
{
  g_return_if_fail (INQ_IS_INSPECTOR (self));

  GtkTextView *view = inq_text_get_view (self->texts[INQ_FIELD_PROMPT]);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GtkTextIter end;
  gtk_widget_grab_focus (GTK_WIDGET (view));
  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_place_cursor (buffer, &end);
}

void
inq_inspector_type (InqInspector *self, const char *text)
{
  g_return_if_fail (INQ_IS_INSPECTOR (self) && text != NULL);

  GtkTextView *view = inq_text_get_view (self->texts[INQ_FIELD_PROMPT]);
  gtk_text_buffer_insert_interactive_at_cursor (gtk_text_view_get_buffer (view), text, -1, TRUE);
}

int
inq_inspector_get_count (InqInspector *self)
{
  g_return_val_if_fail (INQ_IS_INSPECTOR (self), 1);
  return gtk_spin_button_get_value_as_int (self->count);
}

gboolean
inq_inspector_get_keep_seed (InqInspector *self)
{
  g_return_val_if_fail (INQ_IS_INSPECTOR (self), FALSE);
  return gtk_toggle_button_get_active (self->keep_seed);
}

static void
inq_inspector_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  InqInspector *self = INQ_INSPECTOR (object);
  switch (id) {
  case PROP_BOARD:
    g_value_set_object (value, self->board);
    break;
  case PROP_PANEL:
    g_value_set_object (value, self->panel);
    break;
  case PROP_JOBS:
    g_value_set_object (value, self->jobs);
    break;
  case PROP_COUNT:
    g_value_set_int (value, inq_inspector_get_count (self));
    break;
  case PROP_KEEP_SEED:
    g_value_set_boolean (value, inq_inspector_get_keep_seed (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
inq_inspector_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  InqInspector *self = INQ_INSPECTOR (object);
  switch (id) {
  case PROP_BOARD:
    inq_inspector_set_board (self, g_value_get_object (value));
    break;
  case PROP_PANEL:
    inq_inspector_set_panel (self, g_value_get_object (value));
    break;
  case PROP_JOBS:
    inq_inspector_set_jobs (self, g_value_get_object (value));
    break;
  case PROP_COUNT:
    gtk_spin_button_set_value (self->count, g_value_get_int (value));
    break;
  case PROP_KEEP_SEED:
    gtk_toggle_button_set_active (self->keep_seed, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

/* ---- construction ---- */

/* @letters: the code is what the trade writes ("MCU"), and the name is for the tooltip. */
static void
add_terms (InqChips *chips, const InqTerm *terms, InqTermKind kind, gboolean letters)
{
  for (; terms->code != NULL; terms++)
    inq_chips_add_picture (chips, terms->code, letters ? terms->code : _ (terms->name),
                           letters ? _ (terms->name) : NULL, inq_term_picture_new (kind, terms->code));
}

static void
inq_inspector_dispose (GObject *object)
{
  InqInspector *self = INQ_INSPECTOR (object);

  g_clear_handle_id (&self->scene_keep_id, g_source_remove);
  g_clear_pointer (&self->duration_shown, g_free);
  g_clear_object (&self->job_group);
  g_clear_object (&self->jobs_group);
  g_clear_object (&self->panel_group);
  g_clear_object (&self->board_group);
  g_clear_object (&self->job);
  g_clear_object (&self->jobs);
  g_clear_pointer (&self->group, g_array_unref);
  g_clear_object (&self->panel);
  g_clear_object (&self->board);
  G_OBJECT_CLASS (inq_inspector_parent_class)->dispose (object);
}

static void
inq_inspector_class_init (InqInspectorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  int flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = inq_inspector_get_property;
  object_class->set_property = inq_inspector_set_property;
  object_class->dispose = inq_inspector_dispose;
  properties[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, INQ_TYPE_BOARD, flags);
  properties[PROP_PANEL] = g_param_spec_object ("panel", NULL, NULL, INQ_TYPE_PANEL, flags);
  properties[PROP_JOBS] = g_param_spec_object ("jobs", NULL, NULL, INQ_TYPE_JOBS, flags);
  properties[PROP_COUNT] = g_param_spec_int ("count", NULL, NULL, 1, 8, 4, flags);
  properties[PROP_KEEP_SEED] = g_param_spec_boolean ("keep-seed", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (INQ_TYPE_CHIPS);
  g_type_ensure (INQ_TYPE_TEXT);
  g_type_ensure (INQ_TYPE_CAST);
  g_type_ensure (INQ_TYPE_LOCATION);
  g_type_ensure (INQ_TYPE_HOW);
  g_type_ensure (INQ_TYPE_PROMPT_NOTES);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/inquadra/Inquadra/ui/inq-inspector.ui");
  gtk_widget_class_bind_template_child (widget_class, InqInspector, fields);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, number);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, several);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, scene);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, duration);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, cast);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, location);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, how);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, style);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, notes_on_prompt);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, negative_expander);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, footer);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, generate);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, keep_seed);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, count);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, progress_label);
  gtk_widget_class_bind_template_child (widget_class, InqInspector, progress_bar);
  for (guint i = 0; i < G_N_ELEMENTS (inq_text_fields); i++)
    gtk_widget_class_bind_template_child_full (widget_class, inq_panel_field_get_name (inq_text_fields[i]), FALSE,
                                               G_STRUCT_OFFSET (InqInspector, texts)
                                                   + inq_text_fields[i] * sizeof (gpointer));
  for (guint i = 0; i < G_N_ELEMENTS (inq_chip_fields); i++)
    gtk_widget_class_bind_template_child_full (widget_class, inq_panel_field_get_name (inq_chip_fields[i]), FALSE,
                                               G_STRUCT_OFFSET (InqInspector, chips)
                                                   + inq_chip_fields[i] * sizeof (gpointer));
}

/* Which words are strange depends on who reads them. */
static void
model_changed_cb (InqInspector *self)
{
  g_autofree char *model = g_settings_get_string (inq_settings_get (), "model");
  inq_prompt_notes_set_house (self->notes_on_prompt, *model == '\0');
}

static void
inq_inspector_init (InqInspector *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->negative_expander), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_expander_get_label (self->negative_expander), -1);

  add_terms (self->chips[INQ_FIELD_SIZE], inq_shot_sizes, INQ_TERM_SIZE, TRUE);
  add_terms (self->chips[INQ_FIELD_ANGLE], inq_angles, INQ_TERM_ANGLE, FALSE);
  add_terms (self->chips[INQ_FIELD_MOVE], inq_moves, INQ_TERM_MOVE, FALSE);
  add_terms (self->chips[INQ_FIELD_TIME], inq_times_of_day, INQ_TERM_TIME, FALSE);
  add_terms (self->style, inq_styles, INQ_TERM_STYLE, FALSE);
  inq_inspector_edit_init (self);

  self->panel_group = g_signal_group_new (INQ_TYPE_PANEL);
  g_signal_group_connect_swapped (self->panel_group, "notify", G_CALLBACK (panel_notify_cb), self);
  self->board_group = g_signal_group_new (INQ_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_group, "notify::saved-state", G_CALLBACK (show_fields), self);
  g_signal_group_connect_swapped (self->board_group, "undone", G_CALLBACK (undone_cb), self);
  self->jobs_group = g_signal_group_new (INQ_TYPE_JOBS);
  g_signal_group_connect_swapped (self->jobs_group, "items-changed", G_CALLBACK (update_job), self);
  self->job_group = g_signal_group_new (INQ_TYPE_JOB);
  g_signal_group_connect_swapped (self->job_group, "notify", G_CALLBACK (job_notify_cb), self);
  g_signal_group_connect_swapped (self->job_group, "notify::state", G_CALLBACK (job_state_cb), self);

  g_settings_bind (inq_settings_get (), "default-count", gtk_spin_button_get_adjustment (self->count), "value",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_swapped (self->count, "value-changed", G_CALLBACK (count_changed), self);
  g_signal_connect_swapped (self->keep_seed, "toggled", G_CALLBACK (keep_seed_toggled), self);
  inq_prompt_notes_set_text (self->notes_on_prompt, self->texts[INQ_FIELD_PROMPT]);
  g_signal_connect_object (inq_settings_get (), "changed::model", G_CALLBACK (model_changed_cb), self,
                           G_CONNECT_SWAPPED);
  model_changed_cb (self);
  count_changed (self);
}

GtkWidget *
inq_inspector_new (void)
{
  return g_object_new (INQ_TYPE_INSPECTOR, NULL);
}

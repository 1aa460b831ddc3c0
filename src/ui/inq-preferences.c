/* Inquadra - the preferences: which device and model draw, how many at a time, light or dark.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-preferences.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <inq-engine.h>
#include <inq-gpu.h>

#include "inq-model-infos.h"
#include "inq-models-page.h"
#include "inq-settings.h"
#include "inq-task.h"

struct _InqPreferences {
  AdwPreferencesWindow parent_instance;

  AdwComboRow *device;
  AdwComboRow *model;
  AdwComboRow *appearance;
  GtkSpinButton *count;

  GPtrArray *device_values; /* of char*: what the setting holds for each entry */
  GPtrArray *model_values;
  gboolean filling;
};

#define INQ_TYPE_PREFERENCES (inq_preferences_get_type ())
G_DECLARE_FINAL_TYPE (InqPreferences, inq_preferences, INQ, PREFERENCES, AdwPreferencesWindow)
G_DEFINE_FINAL_TYPE (InqPreferences, inq_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* ---- looking for devices and models ---- */

typedef struct {
  GPtrArray *devices; /* of InqGpuFacts, or NULL */
  char *device_error;
  GPtrArray *models; /* of InqModelFound that can be read */
} Found;

static void
found_free (gpointer data)
{
  Found *found = data;
  g_clear_pointer (&found->devices, g_ptr_array_unref);
  g_clear_pointer (&found->models, g_ptr_array_unref);
  g_free (found->device_error);
  g_free (found);
}

static void
look (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Found *found = g_new0 (Found, 1);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) models = inq_models_list ();

  found->devices = inq_gpu_list (&error);
  if (found->devices == NULL)
    found->device_error = g_strdup (error->message);
  found->models = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_model_found_unref);
  for (guint i = 0; models != NULL && models[i] != NULL; i++) {
    g_autoptr (InqModelFound) model = inq_model_infos_look (models[i]);
    if (model->info != NULL)
      g_ptr_array_add (found->models, g_steal_pointer (&model));
  }
  g_task_return_pointer (task, found, found_free);
}

/* ---- filling the rows ---- */

static void
fill (AdwComboRow *row, GtkStringList *names, GPtrArray *values, const char *value)
{
  guint selected = 0;
  for (guint i = 0; i < values->len; i++)
    if (g_strcmp0 (values->pdata[i], value) == 0)
      selected = i;
  adw_combo_row_set_model (row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (row, selected);
}

static const char *
kind_name (InqGpuKind kind)
{
  switch (kind) {
  case INQ_GPU_KIND_DISCRETE:
    return _ ("graphics card");
  case INQ_GPU_KIND_INTEGRATED:
    return _ ("built-in graphics");
  case INQ_GPU_KIND_VIRTUAL:
    return _ ("virtual");
  case INQ_GPU_KIND_SOFTWARE:
  default:
    return _ ("processor, slow");
  }
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqPreferences *self = INQ_PREFERENCES (source);
  Found *found = g_task_propagate_pointer (G_TASK (result), NULL);
  GSettings *settings = inq_settings_get ();
  g_autofree char *device = g_settings_get_string (settings, "device");
  g_autofree char *model = g_settings_get_string (settings, "model");
  g_autoptr (GtkStringList) devices = gtk_string_list_new (NULL);
  g_autoptr (GtkStringList) models = gtk_string_list_new (NULL);

  if (found == NULL)
    return;
  self->filling = TRUE;
  g_ptr_array_set_size (self->device_values, 0);
  g_ptr_array_add (self->device_values, g_strdup (""));
  gtk_string_list_append (devices, _ ("The best there is"));
  for (guint i = 0; found->devices != NULL && i < found->devices->len; i++) {
    const InqGpuFacts *facts = found->devices->pdata[i];
    g_autofree char *text = g_strdup_printf ("%s (%s)", facts->name, kind_name (facts->kind));
    gtk_string_list_append (devices, text);
    g_ptr_array_add (self->device_values, g_strdup (facts->name));
  }
  fill (self->device, devices, self->device_values, device);
  gtk_widget_set_sensitive (GTK_WIDGET (self->device), found->devices != NULL);
  if (found->device_error != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->device), found->device_error);

  g_autofree char *house = inq_house_model_path ();
  g_ptr_array_set_size (self->model_values, 0);
  g_ptr_array_add (self->model_values, g_strdup (""));
  gtk_string_list_append (models, _ ("House model"));
  for (guint i = 0; i < found->models->len; i++) {
    const InqModelInfo *info = ((InqModelFound *) found->models->pdata[i])->info;
    if (g_strcmp0 (info->path, house) == 0 || g_strcmp0 (info->family, "house") == 0)
      continue;
    gtk_string_list_append (models, info->name);
    g_ptr_array_add (self->model_values, g_strdup (info->path));
  }
  fill (self->model, models, self->model_values, model);
  self->filling = FALSE;
  found_free (found);
}

/* ---- what the user chooses ---- */

static void
choose (InqPreferences *self, AdwComboRow *row, GPtrArray *values, const char *key)
{
  guint selected = adw_combo_row_get_selected (row);
  if (!self->filling && selected < values->len)
    g_settings_set_string (inq_settings_get (), key, values->pdata[selected]);
}

static void
device_selected_cb (InqPreferences *self)
{
  choose (self, self->device, self->device_values, "device");
}

static void
model_selected_cb (InqPreferences *self)
{
  choose (self, self->model, self->model_values, "model");
}

static void
appearance_selected_cb (InqPreferences *self)
{
  if (!self->filling)
    g_settings_set_enum (inq_settings_get (), "appearance", adw_combo_row_get_selected (self->appearance));
}

/* ---- widget ---- */

static void
inq_preferences_finalize (GObject *object)
{
  InqPreferences *self = INQ_PREFERENCES (object);
  g_ptr_array_unref (self->device_values);
  g_ptr_array_unref (self->model_values);
  G_OBJECT_CLASS (inq_preferences_parent_class)->finalize (object);
}

static void
inq_preferences_class_init (InqPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = inq_preferences_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/inquadra/Inquadra/ui/inq-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, InqPreferences, device);
  gtk_widget_class_bind_template_child (widget_class, InqPreferences, model);
  gtk_widget_class_bind_template_child (widget_class, InqPreferences, appearance);
  gtk_widget_class_bind_template_child (widget_class, InqPreferences, count);
}

static void
look_around (InqPreferences *self)
{
  g_autoptr (GTask) task = inq_task_new (self, NULL, looked_cb, NULL);
  g_task_run_in_thread (task, look);
}

static void
inq_preferences_init (InqPreferences *self)
{
  GSettings *settings = inq_settings_get ();

  self->device_values = g_ptr_array_new_with_free_func (g_free);
  self->model_values = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));

  self->filling = TRUE;
  adw_combo_row_set_selected (self->appearance, g_settings_get_enum (settings, "appearance"));
  self->filling = FALSE;
  g_settings_bind (settings, "default-count", gtk_spin_button_get_adjustment (self->count), "value",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_swapped (self->device, "notify::selected", G_CALLBACK (device_selected_cb), self);
  g_signal_connect_swapped (self->model, "notify::selected", G_CALLBACK (model_selected_cb), self);
  g_signal_connect_swapped (self->appearance, "notify::selected", G_CALLBACK (appearance_selected_cb), self);

  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (self), ADW_PREFERENCES_PAGE (inq_models_page_new ()));
  look_around (self);
  /* Chosen, added or removed on the other page. */
  g_signal_connect_object (settings, "changed::model", G_CALLBACK (look_around), self, G_CONNECT_SWAPPED);
}

GtkWidget *
inq_preferences_present (GtkWindow *parent)
{
  GtkWidget *window = g_object_new (INQ_TYPE_PREFERENCES, "transient-for", parent, NULL);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

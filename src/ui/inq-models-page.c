/* Inquadra - the preferences' page of models: what is installed, what fits this device, adding, removing, checking.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-models-page.h"

#include <glib/gi18n.h>
#include <inq-engine.h>

#include "inq-device-check.h"
#include "inq-model-add.h"
#include "inq-model-facts.h"
#include "inq-settings.h"
#include "inq-toast.h"
#include "inq-task.h"

struct _InqModelsPage {
  AdwPreferencesPage parent_instance;

  AdwPreferencesGroup *models, *loras;
  GPtrArray *rows;       /* of GtkWidget, borrowed: what is listed now */
  GtkCheckButton *group; /* never shown: a lone radio button looks like a check box */

  GCancellable *cancellable; /* of looking */
  GHashTable *leaving;       /* (owned path): hidden, to the trash when their toast is gone */
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (InqModelsPage, inq_models_page, ADW_TYPE_PREFERENCES_PAGE)

static void look (InqModelsPage *self, gboolean read);
static void look_again (InqModelsPage *self);

static void
show_toast (InqModelsPage *self, AdwToast *toast)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  if (ADW_IS_PREFERENCES_WINDOW (root))
    adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (root), toast);
  else
    g_object_unref (g_object_ref_sink (toast));
}

static void
say (InqModelsPage *self, const char *text)
{
  show_toast (self, inq_toast_new (text));
}

/* ---- looking ---- */

typedef struct {
  char *path;
  InqModelFound *found; /* NULL: not looked at yet */
  gboolean house, lora;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_clear_pointer (&entry->found, inq_model_found_unref);
  g_free (entry->path);
  g_free (entry);
}

static void
add_entries (GPtrArray *all, char **paths, gboolean loras, gboolean look, GCancellable *cancellable)
{
  g_autofree char *house = loras ? NULL : inq_house_model_path ();

  for (guint i = 0; paths != NULL && paths[i] != NULL && !g_cancellable_is_cancelled (cancellable); i++) {
    Entry *entry = g_new0 (Entry, 1);
    entry->path = g_strdup (paths[i]);
    entry->found = look ? inq_model_infos_look (paths[i]) : inq_model_infos_peek (paths[i]);
    entry->house = g_strcmp0 (paths[i], house) == 0;
    entry->lora = entry->found != NULL && entry->found->info != NULL ? g_str_equal (entry->found->info->kind, "lora")
                                                                     : loras;
    g_ptr_array_add (all, entry);
  }
}

/* @data: whether to read what is not known yet. */
static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (entry_free);
  gboolean look = GPOINTER_TO_INT (data);
  g_auto (GStrv) models = inq_models_list ();
  g_auto (GStrv) loras = inq_loras_list ();

  add_entries (all, models, FALSE, look, cancellable);
  add_entries (all, loras, TRUE, look, cancellable);
  g_task_return_pointer (task, all, (GDestroyNotify) g_ptr_array_unref);
}

/* ---- what fits ---- */

typedef struct {
  char *device;
  GPtrArray *paths;  /* of utf8 */
  GPtrArray *answer; /* of utf8, in the same order: translated */
} Fit;

static void
fit_free (gpointer data)
{
  Fit *fit = data;
  g_free (fit->device);
  g_ptr_array_unref (fit->paths);
  g_ptr_array_unref (fit->answer);
  g_free (fit);
}

static void
fit_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Fit *fit = data;
  const InqGpuOptions options = { .device = fit->device };
  g_autoptr (InqEngine) engine = inq_engine_new (&options, NULL);

  for (guint i = 0; engine != NULL && i < fit->paths->len && !g_cancellable_is_cancelled (cancellable); i++)
    g_ptr_array_add (fit->answer, inq_model_fits (engine, fit->paths->pdata[i]));
  g_task_return_boolean (task, TRUE);
}

static void
set_subtitle (GtkWidget *row, const char *fits)
{
  const char *facts = g_object_get_data (G_OBJECT (row), "inq-facts");
  g_autofree char *text = fits != NULL && *fits != '\0' ? g_strdup_printf ("%s · %s", facts, fits) : g_strdup (facts);
  g_autofree char *markup = g_markup_escape_text (text, -1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup);
}

static const char *
row_path (gpointer row)
{
  return g_object_get_data (G_OBJECT (row), "inq-path");
}

static void
fit_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqModelsPage *self = INQ_MODELS_PAGE (source);
  Fit *fit = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return;
  for (guint i = 0; i < fit->answer->len; i++)
    for (guint k = 0; k < self->rows->len; k++)
      if (g_strcmp0 (row_path (self->rows->pdata[k]), fit->paths->pdata[i]) == 0)
        set_subtitle (self->rows->pdata[k], fit->answer->pdata[i]);
}

/* ---- rows ---- */

static void
radio_cb (GtkCheckButton *radio, InqModelsPage *self)
{
  if (!self->setting && gtk_check_button_get_active (radio))
    g_settings_set_string (inq_settings_get (), "model", g_object_get_data (G_OBJECT (radio), "inq-setting"));
}

/* ---- removing ---- */

static void
to_trash (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  if (inq_models_remove (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
in_trash_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqModelsPage *self = INQ_MODELS_PAGE (source);
  g_autoptr (GError) error = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), &error)) {
    say (self, error->message);
    look_again (self);
  }
}

/* @self: NULL when the page is going: nobody is told then, and nothing may hold it. */
static void
remove_now (InqModelsPage *self, const char *path)
{
  g_autoptr (GTask) task = inq_task_new (self, NULL, self != NULL ? in_trash_cb : NULL, NULL);
  g_autofree char *model = g_settings_get_string (inq_settings_get (), "model");
  if (g_str_equal (model, path))
    g_settings_reset (inq_settings_get (), "model");
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, to_trash);
}

static void
toast_gone_cb (AdwToast *toast, InqModelsPage *self)
{
  const char *path = g_object_get_data (G_OBJECT (toast), "inq-path");
  if (self->leaving != NULL && g_hash_table_remove (self->leaving, path))
    remove_now (self, path);
}

static void
keep_cb (AdwToast *toast, InqModelsPage *self)
{
  const char *path = g_object_get_data (G_OBJECT (toast), "inq-path");
  g_hash_table_remove (self->leaving, path);
  for (guint i = 0; i < self->rows->len; i++)
    if (g_strcmp0 (row_path (self->rows->pdata[i]), path) == 0)
      gtk_widget_set_visible (self->rows->pdata[i], TRUE);
}

static void
remove_cb (GtkButton *button, InqModelsPage *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (button), ADW_TYPE_ACTION_ROW);
  g_autofree char *text = g_strdup_printf (_ ("“%s” goes to the trash"),
                                           adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
  AdwToast *toast = inq_toast_new (text);

  adw_toast_set_button_label (toast, _ ("_Undo"));
  g_object_set_data_full (G_OBJECT (toast), "inq-path", g_strdup (row_path (row)), g_free);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (keep_cb), self, 0);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (toast_gone_cb), self, 0);
  g_hash_table_add (self->leaving, g_strdup (row_path (row)));
  gtk_widget_set_visible (row, FALSE);
  show_toast (self, toast);
}

/* ---- the list ---- */

/* What is known of it now; the row stays, and with it the focus. */
static void
fill_row (GtkWidget *row, const Entry *entry)
{
  const InqModelFound *found = entry->found;
  g_autofree char *base = g_path_get_basename (entry->path);
  const char *name = entry->house ? _ ("House model") : found != NULL && found->info != NULL ? found->info->name : base;
  g_autofree char *title = g_markup_escape_text (name, -1);
  g_autofree char *label = g_strdup_printf (_ ("Remove %s"), name);
  GtkWidget *radio = g_object_get_data (G_OBJECT (row), "inq-radio");
  GtkWidget *remove = g_object_get_data (G_OBJECT (row), "inq-remove");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  g_object_set_data_full (G_OBJECT (row), "inq-facts",
                          found != NULL ? inq_model_facts (found) : g_strdup (_ ("Reading…")), g_free);
  set_subtitle (row, NULL);
  if (radio != NULL) {
    gtk_widget_set_sensitive (radio, found != NULL && inq_model_can_draw (found));
    gtk_accessible_update_property (GTK_ACCESSIBLE (radio), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  }
  if (remove != NULL) {
    gtk_widget_set_tooltip_text (remove, label);
    gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  }
}

static void
add_row (InqModelsPage *self, const Entry *entry)
{
  GtkWidget *row = adw_action_row_new ();

  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  g_object_set_data_full (G_OBJECT (row), "inq-path", g_strdup (entry->path), g_free);
  if (!entry->lora) {
    GtkWidget *radio = gtk_check_button_new ();
    const char *setting = entry->house ? "" : entry->path;
    g_autofree char *model = g_settings_get_string (inq_settings_get (), "model");
    gtk_check_button_set_group (GTK_CHECK_BUTTON (radio), self->group);
    gtk_check_button_set_active (GTK_CHECK_BUTTON (radio), g_str_equal (model, setting));
    gtk_widget_set_valign (radio, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text (radio, _ ("Draw with this model"));
    g_object_set_data (G_OBJECT (row), "inq-radio", radio);
    g_object_set_data_full (G_OBJECT (radio), "inq-setting", g_strdup (setting), g_free);
    g_signal_connect (radio, "toggled", G_CALLBACK (radio_cb), self);
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), radio);
    adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), radio);
  }
  if (!entry->house) {
    GtkWidget *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");
    gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class (remove, "flat");
    g_object_set_data (G_OBJECT (row), "inq-remove", remove);
    g_signal_connect (remove, "clicked", G_CALLBACK (remove_cb), self);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), remove);
  }
  fill_row (row, entry);
  gtk_widget_set_visible (row, !g_hash_table_contains (self->leaving, entry->path));
  adw_preferences_group_add (entry->lora ? self->loras : self->models, row);
  g_ptr_array_add (self->rows, row);
}

/* The rows that show are those of @all, in this order and in their lists. */
static gboolean
are_listed (InqModelsPage *self, GPtrArray *all)
{
  gboolean same = self->rows->len == all->len;

  for (guint i = 0; same && i < all->len; i++) {
    const Entry *entry = all->pdata[i];
    same = g_str_equal (row_path (self->rows->pdata[i]), entry->path)
           && entry->lora == gtk_widget_is_ancestor (self->rows->pdata[i], GTK_WIDGET (self->loras));
  }
  return same;
}

static void
list_rows (InqModelsPage *self, GPtrArray *all)
{
  if (are_listed (self, all)) {
    for (guint i = 0; i < all->len; i++)
      fill_row (self->rows->pdata[i], all->pdata[i]);
    return;
  }
  for (guint i = 0; i < self->rows->len; i++) {
    GtkWidget *row = self->rows->pdata[i];
    adw_preferences_group_remove (gtk_widget_is_ancestor (row, GTK_WIDGET (self->loras)) ? self->loras : self->models,
                                  row);
  }
  g_ptr_array_set_size (self->rows, 0);
  self->setting = TRUE;
  for (guint i = 0; i < all->len; i++)
    add_row (self, all->pdata[i]);
  self->setting = FALSE;
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqModelsPage *self = INQ_MODELS_PAGE (source);
  g_autoptr (GPtrArray) all = g_task_propagate_pointer (G_TASK (result), NULL);
  Fit *fit;
  gboolean any_lora = FALSE, unknown = FALSE;

  if (all == NULL || self->leaving == NULL)
    return;
  list_rows (self, all);
  fit = g_new0 (Fit, 1);
  fit->paths = g_ptr_array_new_with_free_func (g_free);
  fit->answer = g_ptr_array_new_with_free_func (g_free);
  fit->device = g_settings_get_string (inq_settings_get (), "device");
  if (*fit->device == '\0')
    g_clear_pointer (&fit->device, g_free);
  for (guint i = 0; i < all->len; i++) {
    const Entry *entry = all->pdata[i];
    any_lora |= entry->lora;
    unknown |= entry->found == NULL;
    if (entry->found != NULL && inq_model_can_draw (entry->found))
      g_ptr_array_add (fit->paths, g_strdup (entry->path));
  }
  gtk_widget_set_visible (GTK_WIDGET (self->loras), any_lora);
  if (unknown) {
    fit_free (fit);
    look (self, TRUE);
    return;
  }

  g_autoptr (GTask) task = inq_task_new (self, self->cancellable, fit_cb, NULL);
  g_task_set_task_data (task, fit, fit_free);
  g_task_set_priority (task, G_PRIORITY_LOW);
  g_task_run_in_thread (task, fit_thread);
}

static void
look (InqModelsPage *self, gboolean read)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = inq_task_new (self, self->cancellable, looked_cb, NULL);
  g_task_set_task_data (task, GINT_TO_POINTER (read), NULL);
  g_task_run_in_thread (task, look_thread);
}

/* What is known shows at once, the names of the others too; then those are read. */
static void
look_again (InqModelsPage *self)
{
  if (self->leaving != NULL) /* else the page is gone */
    look (self, FALSE);
}

/* ---- adding ---- */

typedef struct {
  InqModelsPage *page; /* owned */
  GtkWidget *row;      /* owned */
  GtkProgressBar *bar;
  GCancellable *cancellable;
} Adding;

static void
adding_progress_cb (const char *what, double fraction, gpointer data)
{
  Adding *adding = data;
  adw_action_row_set_subtitle (ADW_ACTION_ROW (adding->row), what);
  gtk_progress_bar_set_fraction (adding->bar, fraction);
}

static void
adding_stop_cb (Adding *adding)
{
  g_cancellable_cancel (adding->cancellable);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Adding *adding = data;
  InqModelsPage *self = adding->page;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = inq_model_add_finish (result, NULL, &error);

  adw_preferences_group_remove (self->models, adding->row);
  if (path == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    say (self, error->message);
  look_again (self); /* if it was taken back too: it may have been listed meanwhile */
  g_object_unref (adding->row);
  g_object_unref (adding->cancellable);
  g_object_unref (adding->page);
  g_free (adding);
}

void
inq_models_page_add (InqModelsPage *self, const char *path)
{
  g_return_if_fail (INQ_IS_MODELS_PAGE (self));

  Adding *adding = g_new0 (Adding, 1);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *title = g_markup_escape_text (base, -1);
  GtkWidget *bar = gtk_progress_bar_new (), *stop = gtk_button_new_from_icon_name ("process-stop-symbolic");

  adding->page = g_object_ref (self);
  adding->row = g_object_ref_sink (adw_action_row_new ());
  adding->bar = GTK_PROGRESS_BAR (bar);
  adding->cancellable = g_cancellable_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (adding->row), title);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL, base, -1);
  gtk_widget_set_valign (stop, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (stop, "flat");
  gtk_widget_set_tooltip_text (stop, _ ("Cancel"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (stop), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Cancel"), -1);
  g_signal_connect_swapped (stop, "clicked", G_CALLBACK (adding_stop_cb), adding);
  adw_action_row_add_suffix (ADW_ACTION_ROW (adding->row), bar);
  adw_action_row_add_suffix (ADW_ACTION_ROW (adding->row), stop);
  adw_preferences_group_add (self->models, adding->row);
  inq_model_add_async (path, adding->cancellable, adding_progress_cb, adding, added_cb, adding);
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, InqModelsPage *self)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    if (file != NULL && g_file_peek_path (file) != NULL)
      inq_models_page_add (self, g_file_peek_path (file));
  }
  g_object_unref (dialog);
}

static void
choose (InqModelsPage *self, gboolean folder)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      folder ? _ ("Add a Folder") : _ ("Add a Model"), window,
      folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Add"), NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  if (!folder) {
    g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
    gtk_file_filter_set_name (filter, _ ("Models and LoRAs"));
    gtk_file_filter_add_suffix (filter, "safetensors");
    gtk_file_filter_add_suffix (filter, "gguf");
    gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  }
  g_signal_connect_object (chooser, "response", G_CALLBACK (chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
choose_file_cb (InqModelsPage *self)
{
  choose (self, FALSE);
}

static void
choose_folder_cb (InqModelsPage *self)
{
  choose (self, TRUE);
}

/* ---- widget ---- */

static void
inq_models_page_dispose (GObject *object)
{
  InqModelsPage *self = INQ_MODELS_PAGE (object);

  if (self->leaving != NULL) {
    g_autoptr (GHashTable) leaving = g_steal_pointer (&self->leaving);
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init (&iter, leaving);
    while (g_hash_table_iter_next (&iter, &path, NULL))
      remove_now (NULL, path);
  }
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (inq_models_page_parent_class)->dispose (object);
}

static void
inq_models_page_finalize (GObject *object)
{
  g_ptr_array_unref (INQ_MODELS_PAGE (object)->rows);
  g_object_unref (INQ_MODELS_PAGE (object)->group);
  G_OBJECT_CLASS (inq_models_page_parent_class)->finalize (object);
}

static void
inq_models_page_class_init (InqModelsPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_models_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = inq_models_page_finalize;
}

static GtkWidget *
flat_button (const char *icon, const char *tooltip, GCallback callback, InqModelsPage *self)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  g_signal_connect_swapped (button, "clicked", callback, self);
  return button;
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, InqModelsPage *self)
{
  GSList *files = g_value_get_boxed (value);
  for (GSList *l = files; l != NULL; l = l->next)
    if (g_file_peek_path (l->data) != NULL)
      inq_models_page_add (self, g_file_peek_path (l->data));
  return files != NULL;
}

static void
inq_models_page_init (InqModelsPage *self)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->rows = g_ptr_array_new ();
  self->group = g_object_ref_sink (GTK_CHECK_BUTTON (gtk_check_button_new ()));
  self->leaving = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  adw_preferences_page_set_title (ADW_PREFERENCES_PAGE (self), _ ("Models"));
  adw_preferences_page_set_icon_name (ADW_PREFERENCES_PAGE (self), "inq-variations-symbolic");

  self->models = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->models, _ ("Models"));
  adw_preferences_group_set_description (self->models, _ ("Safetensors and GGUF files, diffusers folders, LoRAs: add "
                                                          "them here or drop them on the window."));
  gtk_box_append (GTK_BOX (buttons), flat_button ("list-add-symbolic", _ ("Add a model or LoRA from a file"),
                                                  G_CALLBACK (choose_file_cb), self));
  gtk_box_append (GTK_BOX (buttons), flat_button ("folder-open-symbolic", _ ("Add a diffusers folder"),
                                                  G_CALLBACK (choose_folder_cb), self));
  gtk_widget_set_valign (buttons, GTK_ALIGN_CENTER);
  adw_preferences_group_set_header_suffix (self->models, buttons);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self), self->models);

  self->loras = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->loras, _ ("LoRAs"));
  gtk_widget_set_visible (GTK_WIDGET (self->loras), FALSE);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self), self->loras);

  AdwPreferencesGroup *device = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_add (device, inq_device_check_new ());
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self), device);
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
  look_again (self);
}

GtkWidget *
inq_models_page_new (void)
{
  return g_object_new (INQ_TYPE_MODELS_PAGE, NULL);
}

/* Inquadra - the application: one process per session, its windows and its application-wide actions.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-application.h"

#include <glib/gi18n.h>
#include <inq-about.h>
#include <inq-preferences.h>
#include <inq-settings.h>
#include <inq-shortcuts.h>
#include <inq-window.h>

struct _InqApplication {
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (InqApplication, inq_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "new", 'n', 0, G_OPTION_ARG_NONE, NULL, N_ ("Start a new board"), NULL },
  { "sample", 's', 0, G_OPTION_ARG_NONE, NULL, N_ ("Open the sample board"), NULL },
  { "version", 'v', 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_ ("[FILE…]") },
  { NULL },
};

/* A window to show a board in: the one on the start page if there is one, else a new one. */
static InqWindow *
free_window (InqApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (INQ_IS_WINDOW (l->data) && inq_window_is_free (l->data))
      return l->data;
  return inq_window_new (GTK_APPLICATION (self));
}

/* The window that shows @file already, or NULL: one board is never open twice in one process. */
static InqWindow *
window_of_file (InqApplication *self, GFile *file)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next) {
    GFile *open = INQ_IS_WINDOW (l->data) ? inq_window_get_file (l->data) : NULL;
    if (open != NULL && g_file_equal (open, file))
      return l->data;
  }
  return NULL;
}

static void
open_file (InqApplication *self, GFile *file)
{
  InqWindow *window = window_of_file (self, file);
  if (window == NULL) {
    window = free_window (self);
    inq_window_open (window, file);
  }
  inq_window_come_back (window, TRUE);
  gtk_window_present (GTK_WINDOW (window));
}

static void
open_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));
  open_file (data, file);
}

static void
new_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *window = free_window (data);
  inq_window_new_board (window);
  gtk_window_present (GTK_WINDOW (window));
}

static void
sample_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *window = free_window (data);
  inq_window_open_sample (window);
  gtk_window_present (GTK_WINDOW (window));
}

static void
preferences_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inq_preferences_present (gtk_application_get_active_window (data));
}

static void
shortcuts_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inq_shortcuts_present (gtk_application_get_active_window (data));
}

static void
about_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inq_about_present (gtk_application_get_active_window (data));
}

/* Closes window by window, so that each writes what its text fields still hold. */
static void
quit_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (data));
  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

static const GActionEntry actions[] = {
  { "open", open_action_cb, "s" },      { "new", new_action_cb },
  { "sample", sample_action_cb },       { "preferences", preferences_action_cb },
  { "shortcuts", shortcuts_action_cb }, { "about", about_action_cb },
  { "quit", quit_action_cb },
};

static void
appearance_changed_cb (GSettings *settings, const char *key, gpointer data)
{
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT,
                                            ADW_COLOR_SCHEME_FORCE_DARK };
  int appearance = g_settings_get_enum (settings, "appearance");
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      schemes[CLAMP (appearance, 0, (int) G_N_ELEMENTS (schemes) - 1)]);
}

static void
inq_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (inq_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions), application);
  inq_shortcuts_install (GTK_APPLICATION (application));
  gtk_window_set_default_icon_name (INQ_APP_ID);

  GSettings *settings = inq_settings_get ();
  g_signal_connect_object (settings, "changed::appearance", G_CALLBACK (appearance_changed_cb), application, 0);
  appearance_changed_cb (settings, "appearance", application);
}

static void
inq_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));
  if (window == NULL)
    window = GTK_WINDOW (inq_window_new (GTK_APPLICATION (application)));
  if (INQ_IS_WINDOW (window))
    inq_window_come_back (INQ_WINDOW (window), FALSE);
  gtk_window_present (window);
}

static int
inq_application_handle_local_options (GApplication *application, GVariantDict *dict)
{
  if (g_variant_dict_contains (dict, "version")) {
    g_print ("inquadra %s\n", INQ_VERSION);
    return 0;
  }
  g_autoptr (GError) error = NULL;
  if (!inq_settings_init (&error)) {
    g_printerr ("inquadra: %s\n", error->message);
    return 1;
  }
  return -1;
}

/* Runs in the first process, also for command lines of later ones. */
static int
inq_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  GVariantDict *dict = g_application_command_line_get_options_dict (command_line);
  g_autofree const char **files = NULL;

  if (g_variant_dict_lookup (dict, G_OPTION_REMAINING, "^a&ay", &files)) {
    for (guint i = 0; files[i] != NULL; i++) {
      g_autoptr (GFile) file = g_application_command_line_create_file_for_arg (command_line, files[i]);
      open_file (INQ_APPLICATION (application), file);
    }
  } else if (g_variant_dict_contains (dict, "new")) {
    g_action_group_activate_action (G_ACTION_GROUP (application), "new", NULL);
  } else if (g_variant_dict_contains (dict, "sample")) {
    g_action_group_activate_action (G_ACTION_GROUP (application), "sample", NULL);
  } else {
    g_application_activate (application);
  }
  return 0;
}

/* Files handed over by the desktop through D-Bus. */
static void
inq_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  for (int i = 0; i < n_files; i++)
    open_file (INQ_APPLICATION (application), files[i]);
}

static void
inq_application_class_init (InqApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = inq_application_startup;
  application_class->activate = inq_application_activate;
  application_class->handle_local_options = inq_application_handle_local_options;
  application_class->command_line = inq_application_command_line;
  application_class->open = inq_application_open;
}

static void
inq_application_init (InqApplication *self)
{
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), NULL);
}

InqApplication *
inq_application_new (void)
{
  return g_object_new (INQ_TYPE_APPLICATION, "application-id", INQ_APP_ID, "resource-base-path",
                       "/io/github/inquadra/Inquadra", "flags",
                       G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_HANDLES_OPEN, NULL);
}

/* Inquadra - the window's boards: open, make, copy, close; files dropped on it.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <inq-sample-board.h>

#include "inq-import.h"
#include "inq-recents.h"
#include "inq-settings.h"
#include "inq-versions.h"
#include "inq-task.h"

/* ---- opening ---- */

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (InqBoard) board = inq_board_open_finish (result, &error);

  g_application_release (G_APPLICATION (g_application_get_default ()));
  if (board == NULL) {
    g_clear_object (&self->file);
    inq_start_page_set_busy (self->start_page, FALSE);
    inq_window_toast (self, error->message, NULL, NULL);
    return;
  }
  inq_start_page_set_busy (self->start_page, FALSE);
  if (self->closed || !gtk_widget_get_visible (GTK_WIDGET (self))) {
    /* The window was closed meanwhile: the board closes itself. */
    g_clear_object (&self->file);
    return;
  }
  inq_recents_add (board);
  inq_window_set_board (self, board);
}

void
inq_window_open (InqWindow *self, GFile *file)
{
  g_return_if_fail (INQ_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (self->board == NULL);

  const char *path = g_file_peek_path (file);
  if (path == NULL) {
    inq_window_toast (self, _ ("Only boards on this machine can be opened. Copy the file here first."), NULL, NULL);
    return;
  }
  g_set_object (&self->file, file);
  self->fresh = FALSE;
  inq_start_page_set_busy (self->start_page, TRUE);
  g_application_hold (G_APPLICATION (g_application_get_default ()));
  inq_board_open_async (path, INQ_OPEN_FALL_BACK_READ_ONLY, NULL, opened_cb, g_object_ref (self));
}

void
inq_window_new_board (InqWindow *self)
{
  g_return_if_fail (INQ_IS_WINDOW (self));
  g_return_if_fail (self->board == NULL);

  g_autofree char *folder = inq_boards_folder ();
  g_autofree char *path = NULL;
  for (guint i = 1; path == NULL || g_file_test (path, G_FILE_TEST_EXISTS); i++) {
    g_autofree char *name = i == 1 ? g_strdup (_ ("Untitled board")) : g_strdup_printf (_ ("Untitled board %u"), i);
    g_autofree char *file = g_strconcat (name, ".inquadra", NULL);
    g_free (path);
    path = g_build_filename (folder, file, NULL);
  }
  g_clear_object (&self->file);
  self->file = g_file_new_for_path (path);
  self->fresh = TRUE;
  inq_start_page_set_busy (self->start_page, TRUE);
  g_application_hold (G_APPLICATION (g_application_get_default ()));
  inq_board_new_async (path, NULL, INQ_OPEN_DEFAULT, NULL, opened_cb, g_object_ref (self));
}

static void
make_sample (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  if (g_file_test (data, G_FILE_TEST_EXISTS) || inq_sample_board_create (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
sample_made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqWindow *self = INQ_WINDOW (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = g_object_ref (self->file);

  if (g_task_propagate_boolean (G_TASK (result), &error)) {
    inq_window_open (self, file);
  } else {
    g_clear_object (&self->file);
    inq_start_page_set_busy (self->start_page, FALSE);
    inq_window_toast (self, error->message, NULL, NULL);
  }
}

void
inq_window_open_sample (InqWindow *self)
{
  g_return_if_fail (INQ_IS_WINDOW (self));
  g_return_if_fail (self->board == NULL);

  g_autofree char *folder = inq_boards_folder ();
  g_autofree char *name = g_strconcat (_ ("Sample board"), ".inquadra", NULL);
  char *path = g_build_filename (folder, name, NULL);
  g_clear_object (&self->file);
  self->file = g_file_new_for_path (path);
  inq_start_page_set_busy (self->start_page, TRUE);
  g_autoptr (GTask) task = inq_task_new (self, NULL, sample_made_cb, NULL);
  g_task_set_task_data (task, path, g_free);
  g_task_run_in_thread (task, make_sample);
}

gboolean
inq_window_is_free (InqWindow *self)
{
  g_return_val_if_fail (INQ_IS_WINDOW (self), FALSE);
  return self->board == NULL && self->file == NULL;
}

GFile *
inq_window_get_file (InqWindow *self)
{
  g_return_val_if_fail (INQ_IS_WINDOW (self), NULL);
  return self->file;
}

/* ---- closing ---- */

/* Between asking and having closed nothing can be done with the board; the window goes on living. */
static void
set_leaving (InqWindow *self, gboolean leaving)
{
  self->leaving = leaving;
  gtk_widget_set_sensitive (GTK_WIDGET (self->pages), !leaving);
  inq_window_update_title (self);
  inq_window_update_actions (self);
}

static void
close_answer_cb (AdwMessageDialog *dialog, const char *response, InqWindow *self)
{
  if (g_str_equal (response, "retry"))
    inq_window_close_board (self, FALSE);
  else if (g_str_equal (response, "again"))
    inq_window_save_again (self);
  else if (g_str_equal (response, "discard"))
    inq_window_close_board (self, TRUE);
  else
    self->closing = FALSE;
}

/* The one thing worth stopping for: what was done last, or all of it, would be lost. */
static void
ask_to_close (InqWindow *self, const GError *error)
{
  gboolean gone = g_error_matches (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NOT_FOUND);
  const char *best = gone ? "again" : "retry";
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), gone ? _ ("The Board’s File Is Gone") : _ ("The Last Changes Are Not Saved"), error->message);

  gtk_window_present (GTK_WINDOW (self));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Keep Open"), "discard",
                                    gone ? _ ("_Close Without It") : _ ("_Discard Changes"), best,
                                    gone ? _ ("_Save It Again") : _ ("_Try Again"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), best, ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), best);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (close_answer_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqWindow) self = data;
  InqBoard *board = INQ_BOARD (source);
  g_autoptr (GError) error = NULL;
  gboolean ok = inq_board_close_finish (board, result, &error);

  if (self->board != board)
    return;
  set_leaving (self, FALSE);
  if (!ok) {
    ask_to_close (self, error);
    inq_window_start_jobs (self);
    return;
  }

  /* A new board nothing was done with leaves no file behind. One that another made is not this window's to delete. */
  if (self->fresh && inq_board_get_n_panels (board) == 0 && !inq_board_get_can_undo (board)
      && !inq_board_get_can_redo (board) && !inq_board_get_read_only (board) && !inq_board_get_file_gone (board)
      && (self->closing || !self->reopening)) {
    g_autoptr (GFile) file = g_file_new_for_path (inq_board_get_path (board));
    g_autofree char *uri = g_file_get_uri (file);
    g_file_delete_async (file, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
    inq_recents_forget (uri);
  }
  g_autoptr (GFile) file = self->file != NULL ? g_object_ref (self->file) : NULL;
  inq_window_set_board (self, NULL);
  inq_start_page_reload (self->start_page);
  if (self->reopening && !self->closing && file != NULL)
    inq_window_open (self, file);
  else
    self->reopen_panel = 0;
  self->reopening = FALSE;
  if (self->closing) {
    self->closed = TRUE;
    gtk_window_destroy (GTK_WINDOW (self));
  }
}

static void
close_file (InqWindow *self, gboolean discard)
{
  inq_board_close_async (self->board, discard, closed_cb, g_object_ref (self));
}

static void
jobs_stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqWindow) self = data;

  inq_jobs_shutdown_finish (INQ_JOBS (source), result);
  if (self->board != NULL && self->leaving)
    close_file (self, self->leaving_discard);
}

void
inq_window_close_board (InqWindow *self, gboolean discard)
{
  g_return_if_fail (self->board != NULL);

  if (self->closing)
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  if (self->leaving)
    return;
  inq_window_play_stop (self);
  inq_window_flush (self);
  inq_window_keep_place (self);
  inq_recents_add (self->board);
  inq_recents_keep_thumbnail (self->board);
  self->leaving_discard = discard;
  /* The engine writes back what it was at before the file closes. */
  if (self->jobs != NULL)
    inq_window_stop_jobs (self, jobs_stopped_cb, g_object_ref (self));
  else
    close_file (self, discard);
  set_leaving (self, TRUE);
}

static void
reopen (InqWindow *self)
{
  self->reopening = TRUE;
  self->reopen_panel = self->panel != NULL ? inq_panel_get_id (self->panel) : 0;
}

void
inq_window_come_back (InqWindow *self, gboolean reopen_board)
{
  g_return_if_fail (INQ_IS_WINDOW (self));

  if (!self->leaving || self->closed)
    return;
  self->closing = FALSE;
  if (reopen_board)
    reopen (self);
}

/* The one who edited has let go: the board is opened anew, to edit. */
static void
edit_here_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  reopen (self);
  inq_window_close_board (self, FALSE);
}

static void
boards_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inq_window_close_board (data, FALSE);
}

/* ---- file choosers ---- */

static void
remember_folder (GFile *file)
{
  g_autoptr (GFile) parent = g_file_get_parent (file);
  if (parent != NULL && g_file_peek_path (parent) != NULL)
    g_settings_set_string (inq_settings_get (), "last-folder", g_file_peek_path (parent));
}

static GtkFileChooserNative *
chooser_new (InqWindow *self, const char *title, GtkFileChooserAction action, const char *accept)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, NULL);
  g_autofree char *last = g_settings_get_string (inq_settings_get (), "last-folder");
  g_autofree char *folder = *last != '\0' ? g_steal_pointer (&last) : inq_boards_folder ();
  g_autoptr (GFile) file = g_file_new_for_path (folder);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser), file, NULL);
  return chooser;
}

static void
add_filter (GtkFileChooserNative *chooser, const char *name, const char *suffix)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, name);
  if (suffix != NULL)
    gtk_file_filter_add_suffix (filter, suffix);
  else
    gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
}

static void
open_response_cb (GtkNativeDialog *dialog, int response, InqWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    g_autofree char *uri = g_file_get_uri (file);
    remember_folder (file);
    g_action_group_activate_action (G_ACTION_GROUP (gtk_window_get_application (GTK_WINDOW (self))), "open",
                                    g_variant_new_string (uri));
  }
  g_object_unref (dialog);
}

static void
open_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkFileChooserNative *chooser = chooser_new (data, _ ("Open a Board"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"));
  add_filter (chooser, _ ("Inquadra boards"), "inquadra");
  g_signal_connect_object (chooser, "response", G_CALLBACK (open_response_cb), data, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqWindow) self = data;
  g_autoptr (GError) error = NULL;
  if (inq_board_act_finish (INQ_BOARD (source), result, &error))
    inq_window_toast (self, _ ("A copy of the board was saved"), NULL, NULL);
  else
    inq_window_toast (self, error->message, NULL, NULL);
}

GtkFileChooserNative *
inq_window_board_chooser (InqWindow *self, const char *title, const char *name)
{
  GtkFileChooserNative *chooser = chooser_new (self, title, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"));
  g_autofree char *file = g_strconcat (name, ".inquadra", NULL);
  add_filter (chooser, _ ("Inquadra boards"), "inquadra");
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), g_strdelimit (file, "/", '-'));
  return chooser;
}

char *
inq_window_chosen_board (GtkFileChooser *chooser)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (chooser);
  g_autofree char *path = g_file_get_path (file);
  remember_folder (file);
  return path == NULL || g_str_has_suffix (path, ".inquadra") ? g_steal_pointer (&path)
                                                              : g_strconcat (path, ".inquadra", NULL);
}

/* A copy is made of the file: while that is not up to date, what was done last would be missing from it in silence. */
static gboolean
copy_would_lack (InqWindow *self)
{
  if (inq_board_get_saved_state (self->board) != INQ_SAVED_FAILED)
    return FALSE;
  inq_window_toast (self,
                    _ ("What you did last is not in the file yet, and a copy would lack it. Go on in a copy on another "
                       "disk instead."),
                    _ ("Save _Elsewhere…"), "win.save-elsewhere");
  return TRUE;
}

static void
copy_response_cb (GtkNativeDialog *dialog, int response, InqWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT && self->board != NULL) {
    g_autofree char *path = inq_window_chosen_board (GTK_FILE_CHOOSER (dialog));
    if (path == NULL || g_file_test (path, G_FILE_TEST_EXISTS))
      inq_window_toast (self, _ ("There is a file of that name. Choose another: a copy replaces nothing."), NULL, NULL);
    else if (!copy_would_lack (self))
      inq_board_backup (self->board, path, copied_cb, g_object_ref (self));
  }
  g_object_unref (dialog);
}

static void
save_copy_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_window_flush (self);
  if (copy_would_lack (self))
    return;
  g_autofree char *name = g_strdup_printf (_ ("%s (copy)"), inq_board_get_title (self->board));
  GtkFileChooserNative *chooser = inq_window_board_chooser (self, _ ("Save a Copy"), name);
  g_signal_connect_object (chooser, "response", G_CALLBACK (copy_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- versions ---- */

static void
restored_cb (InqVersions *versions, const char *name, InqWindow *self)
{
  /* Translators: %s is the name of a saved version */
  g_autofree char *message = g_strdup_printf (_ ("The board is as in “%s” again"), name);
  inq_window_toast_undo (self, message);
}

static void
show_versions (InqWindow *self, gboolean save)
{
  inq_window_flush (self);
  GtkWidget *versions = inq_versions_present (GTK_WINDOW (self), self->board, save);
  g_signal_connect_object (versions, "restored", G_CALLBACK (restored_cb), self, 0);
}

static void
versions_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  show_versions (data, FALSE);
}

static void
save_version_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  show_versions (data, TRUE);
}

/* ---- pictures ---- */

static void
picture_response_cb (GtkNativeDialog *dialog, int response, InqWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT && self->board != NULL && self->panel != NULL) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    inq_import_picture (self, file, inq_panel_get_id (self->panel));
  }
  g_object_unref (dialog);
}

static void
add_picture_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkFileChooserNative *chooser = chooser_new (data, _ ("Add a Picture"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Add"));
  add_filter (chooser, _ ("Pictures"), NULL);
  g_signal_connect_object (chooser, "response", G_CALLBACK (picture_response_cb), data, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* ---- dropping ---- */

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, InqWindow *self)
{
  GSList *files = g_value_get_boxed (value);
  for (GSList *l = files; l != NULL; l = l->next)
    inq_import_file (self, l->data);
  return files != NULL;
}

static const GActionEntry entries[] = {
  { "open", open_action },
  { "save-copy", save_copy_action },
  { "save-version", save_version_action },
  { "versions", versions_action },
  { "boards", boards_action },
  { "edit-here", edit_here_action },
  { "add-picture", add_picture_action },
};

void
inq_window_file_init (InqWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

/* Inquadra - a panel's picture taken elsewhere: copied, or saved as a file.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>

#include "inq-flatten.h"

/* ---- copied ---- */

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = inq_flatten_look_finish (result, &error);
  g_autoptr (GdkTexture) texture = png != NULL ? gdk_texture_new_from_bytes (png, &error) : NULL;

  if (texture == NULL) {
    inq_window_toast (self, error->message, NULL, NULL);
    return;
  }
  gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (self)), texture);
  inq_window_toast (self, _ ("The picture is copied"), NULL, NULL);
}

static void
copy_picture_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  inq_flatten_look_async (self->board, inq_panel_get_id (self->panel), copied_cb, g_object_ref (self));
}

/* ---- saved ---- */

typedef struct {
  InqWindow *window;
  GFile *file;
} Save;

static void
save_free (Save *save)
{
  g_object_unref (save->window);
  g_object_unref (save->file);
  g_free (save);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Save *save = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (save->file);
  g_autofree char *text = NULL;

  if (g_file_replace_contents_finish (save->file, result, NULL, &error))
    text = g_strdup_printf (_ ("The picture was saved as “%s”"), name);
  else
    text = g_strdup_printf (_ ("“%s” was not saved: %s"), name, error->message);
  inq_window_toast (save->window, text, NULL, NULL);
  save_free (save);
}

static void
flattened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Save *save = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = inq_flatten_look_finish (result, &error);

  if (png == NULL) {
    inq_window_toast (save->window, error->message, NULL, NULL);
    save_free (save);
    return;
  }
  g_file_replace_contents_bytes_async (save->file, png, NULL, FALSE, G_FILE_CREATE_NONE, NULL, written_cb, save);
}

void
inq_window_save_picture (InqWindow *self, GFile *file)
{
  Save *save = g_new0 (Save, 1);

  g_return_if_fail (self->panel != NULL);
  save->window = g_object_ref (self);
  save->file = g_object_ref (file);
  inq_flatten_look_async (self->board, inq_panel_get_id (self->panel), flattened_cb, save);
}

static void
save_response_cb (GtkNativeDialog *dialog, int response, InqWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT && self->board != NULL && self->panel != NULL) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    inq_window_save_picture (self, file);
  }
  g_object_unref (dialog);
}

static void
save_picture_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_ ("Save the Picture"), GTK_WINDOW (self),
                                                               GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), NULL);
  g_autofree char *name = g_strdup_printf ("%s %s.png", inq_board_get_title (self->board),
                                           inq_panel_get_number (self->panel));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), g_strdelimit (name, "/", '-'));
  g_signal_connect_object (chooser, "response", G_CALLBACK (save_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static const GActionEntry entries[] = {
  { "copy-picture", copy_picture_action },
  { "save-picture", save_picture_action },
};

void
inq_window_picture_init (InqWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

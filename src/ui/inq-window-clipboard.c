/* Inquadra - cut, copy and paste: panels with everything on them, pictures of others.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>
#include <inq-board-panels.h>

#include "inq-clip.h"
#include "inq-import.h"

/* ---- cut and copy ---- */

typedef struct {
  InqWindow *window;
  InqBoard *board;
  GArray *ids;
  char *number; /* of the panel, where it is one */
  gboolean cut;
} Copy;

static void
copied_cb (GObject *clip, GAsyncResult *result, gpointer data)
{
  Copy *copy = data;
  InqWindow *self = copy->window;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!inq_clip_finish (INQ_CLIP (clip), result, &error)) {
    inq_window_toast (self, error->message, NULL, NULL);
  } else if (!copy->cut) {
    text = copy->ids->len > 1 ? g_strdup_printf (
               g_dngettext (NULL, "%u panel copied", "%u panels copied", copy->ids->len), copy->ids->len)
                              : g_strdup_printf (_ ("Panel %s copied"), copy->number);
    inq_window_toast (self, text, NULL, NULL);
  } else if (self->board == copy->board) {
    /* Only now that they are safe elsewhere. */
    text = copy->ids->len > 1
               ? g_strdup_printf (g_dngettext (NULL, "%u panel cut", "%u panels cut", copy->ids->len), copy->ids->len)
               : g_strdup_printf (_ ("Panel %s cut"), copy->number);
    inq_window_delete_panels (self, copy->ids, text);
  }
  g_object_unref (copy->window);
  g_object_unref (copy->board);
  g_array_unref (copy->ids);
  g_free (copy->number);
  g_free (copy);
}

static void
copy (InqWindow *self, gboolean cut)
{
  Copy *data = g_new0 (Copy, 1);

  inq_inspector_flush (self->inspector);
  data->window = g_object_ref (self);
  data->board = g_object_ref (self->board);
  data->ids = inq_timeline_get_selected (self->timeline);
  data->number = g_strdup (inq_panel_get_number (self->panel));
  data->cut = cut;
  g_autoptr (InqClip)
      clip = inq_clip_new (self->board, (const gint64 *) data->ids->data, data->ids->len, copied_cb, data);
  gdk_clipboard_set_content (gtk_widget_get_clipboard (GTK_WIDGET (self)), GDK_CONTENT_PROVIDER (clip));
}

static void
copy_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy (data, FALSE);
}

static void
cut_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy (data, TRUE);
}

/* ---- panels pasted ---- */

/* What was copied is brought into a file, which is read as a board is, whoever wrote it. */
typedef struct {
  InqWindow *window;
  InqBoard *board;
  gint64 anchor;
  char *folder, *path;
  GFileOutputStream *file;
} Paste;

static void
paste_free (Paste *paste)
{
  if (paste->folder != NULL)
    inq_remove_folder (paste->folder);
  g_object_unref (paste->window);
  g_object_unref (paste->board);
  g_clear_object (&paste->file);
  g_free (paste->folder);
  g_free (paste->path);
  g_free (paste);
}

static void
paste_fail (Paste *paste, GError *error)
{
  inq_window_toast (paste->window, error->message, NULL, NULL);
  g_error_free (error);
  paste_free (paste);
}

static void
pasted_cb (GObject *board, GAsyncResult *result, gpointer data)
{
  Paste *paste = data;
  GError *error = NULL;
  g_autoptr (GArray) made = inq_board_panels_finish (INQ_BOARD (board), result, &error);

  if (made == NULL) {
    paste_fail (paste, error);
    return;
  }
  if (paste->window->board == paste->board)
    inq_window_show_made (paste->window, made);
  paste_free (paste);
}

static void
received_cb (GObject *file, GAsyncResult *result, gpointer data)
{
  Paste *paste = data;
  GError *error = NULL;

  if (g_output_stream_splice_finish (G_OUTPUT_STREAM (file), result, &error) < 0)
    paste_fail (paste, error);
  else
    inq_board_unpack_panels (paste->board, paste->path, paste->anchor, pasted_cb, paste);
}

static void
offered_cb (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  Paste *paste = data;
  GError *error = NULL;
  g_autoptr (GInputStream) stream = gdk_clipboard_read_finish (GDK_CLIPBOARD (clipboard), result, NULL, &error);

  if (stream == NULL || (paste->folder = g_dir_make_tmp ("inquadra-XXXXXX", &error)) == NULL) {
    paste_fail (paste, error);
    return;
  }
  /* The name is what an error speaks of. */
  g_autofree char *name = g_strdelimit (g_strdup (_ ("What was copied")), "/", '-');
  paste->path = g_build_filename (paste->folder, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (paste->path);
  paste->file = g_file_create (file, G_FILE_CREATE_PRIVATE, NULL, &error);
  if (paste->file == NULL)
    paste_fail (paste, error);
  else
    g_output_stream_splice_async (G_OUTPUT_STREAM (paste->file), stream,
                                  G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                  G_PRIORITY_DEFAULT, NULL, received_cb, paste);
}

static void
paste_panels (InqWindow *self, GdkClipboard *clipboard)
{
  static const char *types[] = { INQ_CLIP_MIME_TYPE, NULL };
  g_autoptr (GArray) ids = inq_timeline_get_selected (self->timeline);
  Paste *paste = g_new0 (Paste, 1);

  inq_inspector_flush (self->inspector);
  paste->window = g_object_ref (self);
  paste->board = g_object_ref (self->board);
  paste->anchor = ids->len > 0 ? g_array_index (ids, gint64, ids->len - 1) : 0;
  gdk_clipboard_read_async (clipboard, types, G_PRIORITY_DEFAULT, NULL, offered_cb, paste);
}

/* ---- pictures pasted ---- */

typedef struct {
  InqWindow *window;
  gint64 panel;
} PastePicture;

static void
pasted_picture_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  PastePicture *paste = data;
  g_autoptr (InqWindow) self = paste->window;
  g_autoptr (GdkTexture) texture = gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, NULL);

  if (texture == NULL)
    inq_window_toast (self, _ ("There is no picture to paste."), NULL, NULL);
  else if (self->board != NULL && inq_board_find_panel (self->board, paste->panel) != NULL)
    inq_import_texture (self, texture, paste->panel);
  else
    inq_window_toast (self, _ ("Pictures go on a panel: open a board and make a panel first."), NULL, NULL);
  g_free (paste);
}

/* Files copied in a file manager are as good as dropped ones. */
static void
pasted_files_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  PastePicture *paste = data;
  g_autoptr (InqWindow) self = paste->window;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);

  if (value == NULL)
    inq_window_toast (self, _ ("There is no picture to paste."), NULL, NULL);
  for (GSList *l = value != NULL ? g_value_get_boxed (value) : NULL; l != NULL; l = l->next)
    inq_import_file (self, l->data);
  g_free (paste);
}

static void
paste_picture (InqWindow *self, GdkClipboard *clipboard)
{
  PastePicture *paste = g_new0 (PastePicture, 1);
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);

  paste->window = g_object_ref (self);
  paste->panel = self->panel != NULL ? inq_panel_get_id (self->panel) : 0;
  if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST)
      || gdk_content_formats_contain_mime_type (formats, "text/uri-list"))
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL, pasted_files_cb, paste);
  else
    gdk_clipboard_read_texture_async (clipboard, NULL, pasted_picture_cb, paste);
}

static void
paste_picture_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  paste_picture (data, gtk_widget_get_clipboard (data));
}

static void
paste_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));

  if (gdk_content_formats_contain_mime_type (gdk_clipboard_get_formats (clipboard), INQ_CLIP_MIME_TYPE))
    paste_panels (self, clipboard);
  else
    paste_picture (self, clipboard);
}

/* ---- actions ---- */

void
inq_window_clipboard_update (InqWindow *self)
{
  gboolean board = self->board != NULL && !self->leaving;
  gboolean edit = board && !inq_board_get_read_only (self->board);

  inq_window_enable (self, "copy", board && self->panel != NULL);
  inq_window_enable (self, "cut", edit && self->panel != NULL);
  inq_window_enable (self, "paste", edit);
  inq_window_enable (self, "paste-picture", edit && self->panel != NULL);
}

static const GActionEntry entries[] = {
  { "cut", cut_action },
  { "copy", copy_action },
  { "paste", paste_action },
  { "paste-picture", paste_picture_action },
};

void
inq_window_clipboard_init (InqWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

/* Inquadra - files an artist drops on the window: boards, pictures, models.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-import.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <inq-engine.h>

#include "inq-model-add.h"
#include "inq-picture-file.h"
#include "inq-window-private.h"
#include "inq-task.h"

typedef struct {
  char *path; /* one of these two */
  GdkTexture *texture;
  InqBoard *board;
  gint64 panel;
  gboolean smaller;
} Import;

static void
import_free (gpointer data)
{
  Import *import = data;
  g_free (import->path);
  g_clear_object (&import->texture);
  g_clear_object (&import->board);
  g_free (import);
}

/* ---- pictures ---- */

static void
read_picture (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Import *import = data;
  GError *error = NULL;
  GBytes *png = import->texture != NULL ? inq_picture_from_texture (import->texture, &import->smaller, &error)
                                        : inq_picture_file_read (import->path, &import->smaller, &error);
  if (png != NULL)
    g_task_return_pointer (task, png, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

typedef struct {
  InqWindow *window;
  gint64 panel;
  gboolean smaller;
} Added;

static void
added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Added *added = data;
  g_autoptr (InqWindow) window = added->window;
  g_autoptr (GError) error = NULL;

  if (inq_board_act_id_finish (INQ_BOARD (source), result, &error) == 0) {
    inq_window_toast (window, error->message, NULL, NULL);
    return;
  }
  g_autofree char *text = added->smaller ? g_strdup_printf (
                              _ ("The picture is on the panel, made smaller: %d pixels at most"), INQ_PICTURE_MOST)
                                         : g_strdup (_ ("The picture is on the panel"));
  g_autofree char *draw = g_strdup_printf ("win.draw-from-panel(int64 %" G_GINT64_FORMAT ")", added->panel);
  inq_window_toast (window, text, _ ("Draw from This"), draw);
}

static void
picture_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqWindow *window = INQ_WINDOW (source);
  Import *import = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = g_task_propagate_pointer (G_TASK (result), &error);

  if (png == NULL) {
    g_autofree char *name = import->path != NULL ? g_filename_display_basename (import->path)
                                                 : g_strdup (_ ("What was copied"));
    g_autofree char *text = g_strdup_printf (_ ("“%s” cannot be read as a picture: %s"), name, error->message);
    inq_window_toast (window, text, NULL, NULL);
    return;
  }
  InqNewVariation variation = { .png = png };
  const Added added = { g_object_ref (window), import->panel, import->smaller };
  inq_board_add_variation (import->board, import->panel, &variation, TRUE, added_cb, g_memdup2 (&added, sizeof added));
}

static void
import (InqWindow *window, const char *path, GdkTexture *texture, gint64 panel)
{
  Import *data = g_new0 (Import, 1);
  data->path = g_strdup (path);
  data->texture = texture != NULL ? g_object_ref (texture) : NULL;
  data->board = g_object_ref (inq_window_get_board (window));
  data->panel = panel;
  g_autoptr (GTask) task = inq_task_new (window, NULL, picture_read_cb, NULL);
  g_task_set_task_data (task, data, import_free);
  g_task_run_in_thread (task, read_picture);
}

void
inq_import_picture (InqWindow *window, GFile *file, gint64 panel)
{
  g_return_if_fail (INQ_IS_WINDOW (window));
  g_return_if_fail (inq_window_get_board (window) != NULL);

  if (g_file_peek_path (file) != NULL)
    import (window, g_file_peek_path (file), NULL, panel);
  else
    inq_window_toast (window, _ ("Only pictures on this machine can be added. Copy the file here first."), NULL, NULL);
}

void
inq_import_texture (InqWindow *window, GdkTexture *texture, gint64 panel)
{
  g_return_if_fail (INQ_IS_WINDOW (window));
  g_return_if_fail (inq_window_get_board (window) != NULL);

  import (window, NULL, texture, panel);
}

/* ---- models ---- */

/* A model on its way into the user's folder, told of by a toast that stays as long as it takes. */
typedef struct {
  InqWindow *window;
  AdwToast *toast;
  char *file;
  GCancellable *cancellable;
} Adding;

static void
set_title (AdwToast *toast, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);
  adw_toast_set_title (toast, markup);
}

static void
adding_progress_cb (const char *what, double fraction, gpointer data)
{
  Adding *adding = data;
  /* Translators: "Copying dream.safetensors: 40 %" */
  g_autofree char *text = g_strdup_printf (_ ("%s %s: %d %%"), what, adding->file, (int) (fraction * 100));
  set_title (adding->toast, text);
}

static void
model_added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Adding *adding = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = inq_model_add_finish (result, &name, &error);

  adw_toast_dismiss (adding->toast);
  if (path != NULL) {
    g_autofree char *text = g_strdup_printf (_ ("The model “%s” is here. Choose it in the preferences."), name);
    inq_window_toast (adding->window, text, _ ("_Preferences"), "app.preferences");
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_autofree char *text = g_strdup_printf (_ ("“%s” was not added: %s"), adding->file, error->message);
    inq_window_toast (adding->window, text, NULL, NULL);
  }
  g_object_unref (adding->window);
  g_object_unref (adding->toast);
  g_object_unref (adding->cancellable);
  g_free (adding->file);
  g_free (adding);
}

static void
stop_cb (Adding *adding)
{
  g_cancellable_cancel (adding->cancellable);
}

static void
add_model (InqWindow *window, GFile *file)
{
  Adding *adding = g_new0 (Adding, 1);

  adding->window = g_object_ref (window);
  adding->file = g_file_get_basename (file);
  adding->cancellable = g_cancellable_new ();
  adding->toast = adw_toast_new ("");
  set_title (adding->toast, adding->file);
  adw_toast_set_timeout (adding->toast, 0);
  adw_toast_set_button_label (adding->toast, _ ("Cancel"));
  g_signal_connect_swapped (adding->toast, "button-clicked", G_CALLBACK (stop_cb), adding);
  adw_toast_overlay_add_toast (window->toasts, g_object_ref (adding->toast));
  inq_model_add_async (g_file_peek_path (file), adding->cancellable, adding_progress_cb, adding, model_added_cb,
                       adding);
}

/* ---- anything ---- */

static gboolean
has_suffix (const char *name, const char *const *suffixes)
{
  for (; *suffixes != NULL; suffixes++)
    if (g_str_has_suffix (name, *suffixes))
      return TRUE;
  return FALSE;
}

void
inq_import_file (InqWindow *window, GFile *file)
{
  static const char *const boards[] = { ".inquadra", NULL };
  static const char *const models[] = { ".safetensors", ".gguf", NULL };
  static const char *const pickles[] = { ".ckpt", ".pt", ".pth", ".bin", NULL };
  static const char *const pictures[] = { ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", NULL };

  g_return_if_fail (INQ_IS_WINDOW (window));
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = g_utf8_strdown (base != NULL ? base : "", -1);

  if (has_suffix (name, boards)) {
    g_autofree char *uri = g_file_get_uri (file);
    g_action_group_activate_action (G_ACTION_GROUP (gtk_window_get_application (GTK_WINDOW (window))), "open",
                                    g_variant_new_string (uri));
  } else if (has_suffix (name, pictures)) {
    InqBoard *board = inq_window_get_board (window);
    InqPanel *panel = inq_window_get_panel (window);
    if (board == NULL || panel == NULL)
      inq_window_toast (window, _ ("Pictures go on a panel: open a board and make a panel first."), NULL, NULL);
    else
      inq_import_picture (window, file, inq_panel_get_id (panel));
  } else if (has_suffix (name, models) && g_file_peek_path (file) != NULL) {
    add_model (window, file);
  } else if (has_suffix (name, pickles)) {
    inq_window_toast (window,
                      _ ("That is a pickle, a file that can run programs, so it is not opened. Get the model as "
                         ".safetensors."),
                      NULL, NULL);
  } else if (g_file_peek_path (file) != NULL && g_file_test (g_file_peek_path (file), G_FILE_TEST_IS_DIR)) {
    add_model (window, file);
  } else {
    inq_window_toast (window,
                      _ ("Boards (.inquadra), pictures and models (safetensors and GGUF files, diffusers folders) "
                         "can be dropped here."),
                      NULL, NULL);
  }
}

/* Inquadra - the boards opened lately, shared with the desktop's list of recent files.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-recents.h"

#include <inq-board-reads.h>

#include "inq-settings.h"

/* As many boards as one may come back to. */
#define MOST_PLACES 100

void
inq_recent_free (InqRecent *recent)
{
  g_free (recent->uri);
  g_free (recent->title);
  g_free (recent->folder);
  g_free (recent->thumbnail);
  g_free (recent);
}

static char *
thumbnail_path (const char *uri)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA1, uri, -1);
  g_autofree char *name = g_strconcat (hash, ".png", NULL);
  return g_build_filename (g_get_user_cache_dir (), "inquadra", "boards", name, NULL);
}

static int
compare_when (gconstpointer a, gconstpointer b)
{
  const InqRecent *const *left = a, *const *right = b;
  return ((*left)->when < (*right)->when) - ((*left)->when > (*right)->when);
}

static gint64
unix_time (GDateTime *time)
{
  return time != NULL ? g_date_time_to_unix (time) : 0;
}

GPtrArray *
inq_recents_list (guint most)
{
  GPtrArray *recents = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_recent_free);
  g_autofree char *own = inq_boards_folder ();
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());

  for (GList *l = items; l != NULL; l = l->next) {
    GtkRecentInfo *info = l->data;
    if (g_strcmp0 (gtk_recent_info_get_mime_type (info), INQ_BOARD_MIME_TYPE) != 0 || !gtk_recent_info_is_local (info)
        || !gtk_recent_info_exists (info))
      continue;
    InqRecent *recent = g_new0 (InqRecent, 1);
    recent->uri = g_strdup (gtk_recent_info_get_uri (info));
    recent->title = g_strdup (gtk_recent_info_get_display_name (info));
    recent->when = MAX (unix_time (gtk_recent_info_get_visited (info)),
                        unix_time (gtk_recent_info_get_modified (info)));
    g_autofree char *path = g_filename_from_uri (recent->uri, NULL, NULL);
    g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;
    recent->folder = folder != NULL && g_strcmp0 (folder, own) != 0 ? g_filename_display_basename (folder)
                                                                    : g_strdup ("");
    recent->thumbnail = thumbnail_path (recent->uri);
    if (!g_file_test (recent->thumbnail, G_FILE_TEST_IS_REGULAR))
      g_clear_pointer (&recent->thumbnail, g_free);
    g_ptr_array_add (recents, recent);
  }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
  g_ptr_array_sort (recents, compare_when);
  if (recents->len > most)
    g_ptr_array_set_size (recents, most);
  return recents;
}

void
inq_recents_add (InqBoard *board)
{
  g_return_if_fail (INQ_IS_BOARD (board));

  g_autofree char *uri = g_filename_to_uri (inq_board_get_path (board), NULL, NULL);
  g_autofree char *title = g_strdup (inq_board_get_title (board));
  GtkRecentData data = {
    .display_name = title,
    .mime_type = (char *) INQ_BOARD_MIME_TYPE,
    .app_name = (char *) g_get_application_name (),
    .app_exec = (char *) "inquadra %u",
  };
  if (uri != NULL)
    gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
}

static void
wrote_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_debug ("thumbnail of the board: %s", error->message);
}

void
inq_recents_keep_thumbnail (InqBoard *board)
{
  g_return_if_fail (INQ_IS_BOARD (board));

  guint n = MIN (inq_board_get_n_panels (board), 50);
  for (guint i = 0; i < n; i++) {
    gint64 image = inq_panel_get_cover_image (inq_board_get_panel (board, i));
    g_autoptr (GBytes) png = image != 0 ? inq_board_peek_thumbnail (board, image) : NULL;
    g_autofree char *uri = g_filename_to_uri (inq_board_get_path (board), NULL, NULL);
    if (png == NULL || uri == NULL)
      continue;
    g_autofree char *path = thumbnail_path (uri);
    g_autofree char *folder = g_path_get_dirname (path);
    g_mkdir_with_parents (folder, 0700);
    g_autoptr (GFile) file = g_file_new_for_path (path);
    g_file_replace_contents_bytes_async (file, png, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, wrote_cb, NULL);
    return;
  }
}

void
inq_recents_keep_panel (InqBoard *board, InqPanel *panel)
{
  g_return_if_fail (INQ_IS_BOARD (board) && INQ_IS_PANEL (panel));

  GVariantBuilder builder;
  g_autoptr (GVariant) before = g_settings_get_value (inq_settings_get (), "last-panels");
  const char *board_path = inq_board_get_path (board), *path;
  gint64 id;
  guint n = 1;
  GVariantIter iter;

  if (!g_utf8_validate (board_path, -1, NULL))
    return;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sx)"));
  g_variant_builder_add (&builder, "(sx)", board_path, inq_panel_get_id (panel));
  g_variant_iter_init (&iter, before);
  while (n < MOST_PLACES && g_variant_iter_next (&iter, "(&sx)", &path, &id))
    if (!g_str_equal (path, board_path)) {
      g_variant_builder_add (&builder, "(sx)", path, id);
      n++;
    }
  g_settings_set_value (inq_settings_get (), "last-panels", g_variant_builder_end (&builder));
}

InqPanel *
inq_recents_find_panel (InqBoard *board)
{
  g_return_val_if_fail (INQ_IS_BOARD (board), NULL);

  g_autoptr (GVariant) places = g_settings_get_value (inq_settings_get (), "last-panels");
  const char *path;
  gint64 id;
  GVariantIter iter;

  g_variant_iter_init (&iter, places);
  while (g_variant_iter_next (&iter, "(&sx)", &path, &id))
    if (g_str_equal (path, inq_board_get_path (board)))
      return inq_board_find_panel (board, id);
  return NULL;
}

void
inq_recents_forget (const char *uri)
{
  gtk_recent_manager_remove_item (gtk_recent_manager_get_default (), uri, NULL);
}

char *
inq_boards_folder (void)
{
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  char *folder = documents != NULL ? g_build_filename (documents, "Inquadra", NULL)
                                   : g_build_filename (g_get_user_data_dir (), "inquadra", "boards", NULL);
  g_mkdir_with_parents (folder, 0755);
  return folder;
}

/* Inquadra - the saved versions of a board: save one, look at what there is, go back to one.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-versions.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <inq-board-reads.h>
#include <inq-board-versions.h>

#include "inq-format.h"
#include "inq-toast.h"

/* A row's picture, in pixels of the layout. */
#define PICTURE_WIDTH  96
#define PICTURE_HEIGHT 54

struct _InqVersions {
  AdwPreferencesWindow parent_instance;

  AdwPreferencesGroup *save_group;
  AdwEntryRow *name;
  AdwPreferencesGroup *list_group;
  GPtrArray *rows; /* (borrowed GtkWidget) in list_group */
  gboolean was_read;
  AdwToast *toast; /* (nullable) the last, while it may show */

  InqBoard *board;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (InqVersions, inq_versions, ADW_TYPE_PREFERENCES_WINDOW)

enum { SIGNAL_RESTORED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void reload (InqVersions *self);

static void
toast_gone_cb (AdwToast *toast, InqVersions *self)
{
  if (self->toast == toast)
    g_clear_object (&self->toast);
}

static void
toast (InqVersions *self, const char *message, gboolean undo)
{
  AdwToast *toast = inq_toast_new (message);

  /* Its Undo would be about what was done since. */
  if (self->toast != NULL)
    adw_toast_dismiss (self->toast);
  g_set_object (&self->toast, toast);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (toast_gone_cb), self, 0);
  if (undo) {
    adw_toast_set_button_label (toast, _ ("_Undo"));
    adw_toast_set_action_name (toast, "versions.undo");
  }
  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self), toast);
}

/* ---- acts ---- */

/* The version a button is about. */
typedef struct {
  gint64 id;
  char *name;
} Version;

static void
version_free (gpointer data, GClosure *closure)
{
  Version *version = data;
  g_free (version->name);
  g_free (version);
}

static Version *
version_new (const InqSnapshotRow *row)
{
  Version *version = g_new0 (Version, 1);
  version->id = row->id;
  version->name = g_strdup (row->name);
  return version;
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqVersions) self = data;
  g_autoptr (GError) error = NULL;
  if (self->board == NULL)
    return;
  if (!inq_board_act_finish (INQ_BOARD (source), result, &error)) {
    toast (self, error->message, FALSE);
    return;
  }
  gtk_editable_set_text (GTK_EDITABLE (self->name), "");
  toast (self, _ ("Version saved"), FALSE);
  reload (self);
}

static void
save_cb (InqVersions *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  if (*name == '\0') {
    gtk_widget_error_bell (GTK_WIDGET (self->name));
    gtk_widget_grab_focus (GTK_WIDGET (self->name));
    return;
  }
  inq_board_save_snapshot (self->board, name, saved_cb, g_object_ref (self));
}

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqVersions) self = data;
  g_autoptr (GError) error = NULL;
  if (self->board == NULL)
    return;
  if (!inq_board_act_finish (INQ_BOARD (source), result, &error))
    toast (self, error->message, FALSE);
  reload (self);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqVersions) self = data;
  g_autoptr (GError) error = NULL;
  if (self->board == NULL)
    return;
  if (inq_board_act_finish (INQ_BOARD (source), result, &error))
    toast (self, _ ("Version deleted"), TRUE);
  else
    toast (self, error->message, FALSE);
  reload (self);
}

static void
delete_cb (GtkButton *button, Version *version)
{
  InqVersions *self = INQ_VERSIONS (gtk_widget_get_root (GTK_WIDGET (button)));
  inq_board_delete_snapshot (self->board, version->id, deleted_cb, g_object_ref (self));
}

static void
undo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  InqVersions *self = INQ_VERSIONS (widget);
  inq_board_undo (self->board, acted_cb, g_object_ref (self));
}

typedef struct {
  InqVersions *self;
  char *name;
} Restoring;

static void
restored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Restoring *restoring = data;
  g_autoptr (InqVersions) self = restoring->self;
  g_autofree char *name = restoring->name;
  g_autoptr (GError) error = NULL;

  g_free (restoring);
  if (self->board == NULL)
    return;
  if (!inq_board_act_finish (INQ_BOARD (source), result, &error)) {
    toast (self, error->message, FALSE);
    reload (self);
    return;
  }
  g_signal_emit (self, signals[SIGNAL_RESTORED], 0, name);
  gtk_window_close (GTK_WINDOW (self));
}

static void
restore_cb (GtkButton *button, Version *version)
{
  InqVersions *self = INQ_VERSIONS (gtk_widget_get_root (GTK_WIDGET (button)));
  Restoring *restoring = g_new0 (Restoring, 1);
  restoring->self = g_object_ref (self);
  restoring->name = g_strdup (version->name);
  inq_board_restore_snapshot (self->board, version->id, restored_cb, restoring);
}

/* ---- the list ---- */

static void
thumbnail_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkPicture) picture = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = inq_board_read_bytes_finish (INQ_BOARD (source), result, &error);
  g_autoptr (GdkTexture) texture = png != NULL ? gdk_texture_new_from_bytes (png, &error) : NULL;

  if (texture != NULL)
    gtk_picture_set_paintable (picture, GDK_PAINTABLE (texture));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_debug ("picture of a version: %s", error->message);
}

static GtkWidget *
picture_new (InqVersions *self, gint64 image)
{
  GtkWidget *picture;
  if (image != 0) {
    picture = gtk_picture_new ();
    gtk_picture_set_content_fit (GTK_PICTURE (picture), GTK_CONTENT_FIT_CONTAIN);
    inq_board_read_thumbnail (self->board, image, self->cancellable, thumbnail_cb, g_object_ref (picture));
  } else {
    picture = gtk_image_new_from_icon_name ("inq-frame-symbolic");
    gtk_image_set_pixel_size (GTK_IMAGE (picture), 24);
  }
  gtk_widget_set_size_request (picture, PICTURE_WIDTH, PICTURE_HEIGHT);
  gtk_widget_set_valign (picture, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_top (picture, 8);
  gtk_widget_set_margin_bottom (picture, 8);
  gtk_widget_add_css_class (picture, "board-picture");
  return picture;
}

static GtkWidget *
button_new (const char *label, const char *icon, const char *what, const InqSnapshotRow *row, GCallback callback)
{
  GtkWidget *button = icon != NULL ? gtk_button_new_from_icon_name (icon) : gtk_button_new_with_mnemonic (label);
  g_autofree char *words = g_strdup_printf (what, row->name);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  g_signal_connect_data (button, "clicked", callback, version_new (row), version_free, 0);
  return button;
}

static GtkWidget *
row_new (InqVersions *self, const InqSnapshotRow *snapshot)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *when = inq_format_when (snapshot->created / G_USEC_PER_SEC);
  g_autofree char *panels = g_strdup_printf (g_dngettext (NULL, "%u panel", "%u panels", (gulong) snapshot->n_panels),
                                             (guint) snapshot->n_panels);
  g_autofree char *length = inq_duration_format (snapshot->frames, snapshot->rate);
  g_autofree char *under = g_strdup_printf ("%s · %s · %s", when, panels, length);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), snapshot->name);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), under);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), picture_new (self, snapshot->cover_image));
  if (!inq_board_get_read_only (self->board)) {
    /* Translators: the accessible name of a button; %s is the name of a saved version */
    GtkWidget *restore = button_new (_ ("_Restore"), NULL, _ ("Restore “%s”"), snapshot, G_CALLBACK (restore_cb));
    GtkWidget *delete = button_new (NULL, "user-trash-symbolic", _ ("Delete “%s”"), snapshot, G_CALLBACK (delete_cb));
    gtk_widget_set_tooltip_text (delete, _ ("Delete this version"));
    gtk_widget_add_css_class (delete, "flat");
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), restore);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), delete);
  }
  return row;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqVersions) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) snapshots = inq_board_read_finish (INQ_BOARD (source), result, &error);

  if (self->board == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (snapshots == NULL) {
    toast (self, error->message, FALSE);
    return;
  }
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->list_group, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < snapshots->len; i++) {
    GtkWidget *row = row_new (self, snapshots->pdata[i]);
    adw_preferences_group_add (self->list_group, row);
    g_ptr_array_add (self->rows, row);
  }
  self->was_read = TRUE;
  adw_preferences_group_set_description (
      self->list_group, snapshots->len > 0 ? _ ("Going back to a version can be undone.")
                                           : _ ("None yet. A version keeps the whole board as it is now: order, words, "
                                                "picks and ink. You can go back to it at any time."));
}

static void
reload (InqVersions *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  inq_board_read_snapshots (self->board, self->cancellable, read_cb, g_object_ref (self));
}

int
inq_versions_get_n_rows (InqVersions *self)
{
  g_return_val_if_fail (INQ_IS_VERSIONS (self), -1);
  return self->was_read ? (int) self->rows->len : -1;
}

/* ---- widget ---- */

static void
inq_versions_dispose (GObject *object)
{
  InqVersions *self = INQ_VERSIONS (object);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->board);
  g_clear_object (&self->toast);
  G_OBJECT_CLASS (inq_versions_parent_class)->dispose (object);
}

static void
inq_versions_finalize (GObject *object)
{
  g_ptr_array_unref (INQ_VERSIONS (object)->rows);
  G_OBJECT_CLASS (inq_versions_parent_class)->finalize (object);
}

static void
inq_versions_class_init (InqVersionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_versions_dispose;
  G_OBJECT_CLASS (klass)->finalize = inq_versions_finalize;
  signals[SIGNAL_RESTORED] = g_signal_new ("restored", INQ_TYPE_VERSIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "versions.undo", NULL, undo_action);
}

static void
inq_versions_init (InqVersions *self)
{
  self->rows = g_ptr_array_new ();
  self->save_group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  self->name = ADW_ENTRY_ROW (adw_entry_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->name), _ ("Name of a new version"));
  adw_entry_row_set_show_apply_button (self->name, FALSE);
  g_signal_connect_swapped (self->name, "entry-activated", G_CALLBACK (save_cb), self);
  GtkWidget *save = gtk_button_new_with_mnemonic (_ ("_Save"));
  gtk_widget_set_valign (save, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (save, "suggested-action");
  g_signal_connect_swapped (save, "clicked", G_CALLBACK (save_cb), self);
  adw_entry_row_add_suffix (self->name, save);
  adw_preferences_group_add (self->save_group, GTK_WIDGET (self->name));

  self->list_group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->list_group, _ ("Saved Versions"));

  GtkWidget *page = adw_preferences_page_new ();
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), self->save_group);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), self->list_group);
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (self), ADW_PREFERENCES_PAGE (page));
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (self), FALSE);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Versions"));
  gtk_window_set_default_size (GTK_WINDOW (self), 560, 560);
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
}

GtkWidget *
inq_versions_present (GtkWindow *parent, InqBoard *board, gboolean save)
{
  g_return_val_if_fail (INQ_IS_BOARD (board), NULL);

  InqVersions *self = g_object_new (INQ_TYPE_VERSIONS, "transient-for", parent, NULL);
  self->board = g_object_ref (board);
  gtk_widget_set_visible (GTK_WIDGET (self->save_group), !inq_board_get_read_only (board));
  reload (self);
  gtk_window_present (GTK_WINDOW (self));
  if (save)
    gtk_widget_grab_focus (GTK_WIDGET (self->name));
  return GTK_WIDGET (self);
}

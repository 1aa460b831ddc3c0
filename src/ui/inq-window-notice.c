/* Inquadra - the line over the board: what keeps it from being saved, edited or drawn, and what can be done.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-window-private.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>

#include "inq-recents.h"

/* ---- showing ---- */

static void
show (InqWindow *self)
{
  InqNotice *notice = &self->next_notice;

  self->notice_due = FALSE;
  self->notice_about = notice->about;
  if (notice->text != NULL)
    gtk_label_set_label (self->notice, notice->text);
  gtk_widget_set_visible (GTK_WIDGET (self->notice_button), notice->button != NULL);
  if (notice->button != NULL) {
    gtk_button_set_label (self->notice_button, notice->button);
    gtk_actionable_set_action_name (GTK_ACTIONABLE (self->notice_button), notice->action);
  }
  gtk_revealer_set_reveal_child (self->notice_revealer, notice->text != NULL);
}

static void
set_notice (InqWindow *self, InqNoticeAbout about, const char *text, const char *button, const char *action)
{
  g_free (self->next_notice.text);
  self->next_notice = (InqNotice){ about, g_strdup (text), button, action };
  /* The line pushes the stage down, which would end the stroke under the pen: it waits until that is drawn. */
  self->notice_due = TRUE;
  if (!inq_stage_is_busy (self->stage))
    show (self);
}

static void
pen_lifted_cb (InqWindow *self)
{
  if (self->notice_due)
    show (self);
}

void
inq_window_show_notice (InqWindow *self, const char *text)
{
  set_notice (self, INQ_NOTICE_OTHER, text, NULL, NULL);
}

/* ---- what the board says ---- */

static void
show_save (InqWindow *self, const GError *error, const char *stalled)
{
  const char *said = error != NULL ? error->message : stalled;
  g_autofree char *why = g_strconcat (said, g_str_has_suffix (said, ".") ? NULL : ".",
                                      NULL); /* the system's have none */
  g_autofree char *text = NULL;

  if (g_error_matches (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_FULL))
    text = g_strdup (_ ("The disk is full. What you do is kept here and saved as soon as there is room: make some, or "
                        "go on in a copy on another disk."));
  else
    text = g_strdup_printf (_ ("%s What you do is kept here and tried again."), why);
  set_notice (self, INQ_NOTICE_SAVE, text, _ ("Save _Elsewhere…"), "win.save-elsewhere");
}

void
inq_window_update_notice (InqWindow *self)
{
  g_autofree char *stalled = NULL;

  if (self->jobs != NULL)
    g_object_get (self->jobs, "stalled", &stalled, NULL);
  if (self->board != NULL && inq_board_get_file_gone (self->board))
    set_notice (
        self, INQ_NOTICE_GONE,
        _ ("The file of this board was deleted or moved to the trash. Everything is still here, in this window."),
        _ ("_Save It Again"), "win.save-again");
  else if (self->board != NULL && (inq_board_get_saved_state (self->board) == INQ_SAVED_FAILED || stalled != NULL))
    show_save (self, inq_board_get_save_error (self->board), stalled);
  else if (self->board != NULL && inq_board_get_read_only (self->board))
    /* A board that is only looked at: why, and what can be done about it. */
    set_notice (self, INQ_NOTICE_LOOK_ONLY,
                inq_board_get_editor_gone (self->board) ? _ ("The board is no longer open for editing elsewhere.")
                                                        : inq_board_get_read_only_reason (self->board),
                inq_board_get_editor_gone (self->board) ? _ ("_Edit Here") : NULL, "win.edit-here");
  else if (self->next_notice.about != INQ_NOTICE_OTHER)
    set_notice (self, INQ_NOTICE_OTHER, NULL, NULL, NULL);
  inq_window_update_title (self);
}

void
inq_window_saved_state_changed (InqWindow *self)
{
  inq_window_update_title (self);
  /* Acts under way change nothing that is said: a line that comes and goes with each would flicker. */
  if (self->board == NULL || inq_board_get_saved_state (self->board) != INQ_SAVED_SAVING)
    inq_window_update_notice (self);
}

static void
editor_gone_cb (InqWindow *self)
{
  inq_window_update_notice (self);
  inq_window_update_actions (self);
}

static void
hide_notice_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inq_window_show_notice (data, NULL);
}

/* ---- going on elsewhere ---- */

static void
went_on_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!inq_board_go_on_at_finish (INQ_BOARD (source), result, &error)) {
    inq_window_toast (self, error->message, NULL, NULL);
    self->closing = FALSE;
  } else if (self->closing && self->board == INQ_BOARD (source)) {
    inq_window_close_board (self, FALSE);
  }
}

void
inq_window_save_again (InqWindow *self)
{
  const char *path = inq_board_get_path (self->board);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *free_path = g_strdup (path);

  g_mkdir_with_parents (folder, 0755);
  for (guint i = 2; g_file_test (free_path, G_FILE_TEST_EXISTS); i++) {
    g_autofree char *base = g_str_has_suffix (path, ".inquadra")
                                ? g_strndup (path, strlen (path) - strlen (".inquadra"))
                                : g_strdup (path);
    g_free (free_path);
    free_path = g_strdup_printf ("%s %u.inquadra", base, i);
  }
  inq_board_go_on_at_async (self->board, free_path, went_on_cb, g_object_ref (self));
}

static void
save_again_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  inq_window_save_again (data);
}

static void
elsewhere_cb (GtkNativeDialog *dialog, int response, InqWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT && self->board != NULL) {
    g_autofree char *path = inq_window_chosen_board (GTK_FILE_CHOOSER (dialog));
    if (path == NULL || g_file_test (path, G_FILE_TEST_EXISTS))
      inq_window_toast (self, _ ("There is a file of that name. Choose another: a copy replaces nothing."), NULL, NULL);
    else
      inq_board_go_on_at_async (self->board, path, went_on_cb, g_object_ref (self));
  }
  g_object_unref (dialog);
}

static void
save_elsewhere_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  InqWindow *self = data;
  GtkFileChooserNative *chooser = inq_window_board_chooser (self, _ ("Go On Elsewhere"),
                                                            inq_board_get_title (self->board));
  g_signal_connect_object (chooser, "response", G_CALLBACK (elsewhere_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
path_changed_cb (InqWindow *self)
{
  g_autoptr (GFile) was = self->file != NULL ? g_object_ref (self->file) : NULL;
  g_autofree char *name = g_filename_display_basename (inq_board_get_path (self->board));
  g_autofree char *text = g_strdup_printf (_ ("The board goes on as “%s”"), name);

  g_clear_object (&self->file);
  self->file = g_file_new_for_path (inq_board_get_path (self->board));
  self->fresh = FALSE; /* somebody gave it a name */
  if (was != NULL && !g_file_query_exists (was, NULL)) {
    g_autofree char *uri = g_file_get_uri (was);
    inq_recents_forget (uri);
  }
  inq_recents_add (self->board);
  inq_window_toast (self, text, NULL, NULL);
}

/* Files are moved and deleted in another window: one looks on coming back. */
static void
active_cb (InqWindow *self)
{
  if (self->board != NULL && !self->leaving && gtk_window_is_active (GTK_WINDOW (self)))
    inq_board_look_at_file (self->board);
}

static const GActionEntry entries[] = {
  { "hide-notice", hide_notice_action },
  { "save-again", save_again_action },
  { "save-elsewhere", save_elsewhere_action },
};

void
inq_window_notice_init (InqWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_swapped (self->stage, "pen-lifted", G_CALLBACK (pen_lifted_cb), self);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (active_cb), NULL);
  g_signal_group_connect_swapped (self->board_group, "notify::saved-state", G_CALLBACK (inq_window_saved_state_changed),
                                  self);
  g_signal_group_connect_swapped (self->board_group, "notify::editor-gone", G_CALLBACK (editor_gone_cb), self);
  g_signal_group_connect_swapped (self->board_group, "notify::file-gone", G_CALLBACK (inq_window_update_notice), self);
  g_signal_group_connect_swapped (self->board_group, "notify::path", G_CALLBACK (path_changed_cb), self);
  g_signal_group_connect_swapped (self->jobs_group, "notify::stalled", G_CALLBACK (inq_window_update_notice), self);
}

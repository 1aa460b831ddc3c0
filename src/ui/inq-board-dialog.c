/* Inquadra - what holds for a whole board: title, frame, rate.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-board-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <math.h>

static const struct {
  const char *name;
  int width, height;
} frames[] = {
  { N_ ("16:9 · HD"), 1920, 1080 },        { N_ ("1.85 · cinema flat"), 1998, 1080 },
  { N_ ("2.00 · univisium"), 2160, 1080 }, { N_ ("2.39 · scope"), 2048, 858 },
  { N_ ("4:3 · classic"), 1440, 1080 },    { N_ ("1:1 · square"), 1080, 1080 },
  { N_ ("4:5 · portrait"), 1080, 1350 },   { N_ ("9:16 · vertical"), 1080, 1920 },
};

typedef struct {
  InqBoard *board;
  GtkEditable *title;
  AdwComboRow *frame;
  AdwComboRow *rate;
  int own_width, own_height; /* of the list's last entry, where the file has a size of its own */
  InqRate own_rate;
} Dialog;

static void
dialog_free (gpointer data)
{
  Dialog *dialog = data;
  g_clear_object (&dialog->board);
  g_free (dialog);
}

static void
apply (Dialog *dialog)
{
  gsize n_rates;
  const InqRate *rates = inq_rates (&n_rates);
  guint frame = adw_combo_row_get_selected (dialog->frame), rate = adw_combo_row_get_selected (dialog->rate);
  int width, height;
  const char *title = gtk_editable_get_text (dialog->title), *own = inq_board_get_own_title (dialog->board);
  /* The file's name, untouched, stays the file's name. */
  gboolean renamed = !g_str_equal (title, inq_board_get_title (dialog->board));
  InqBoardSettings settings = {
    .title = (char *) (renamed ? title : own),
    .frame_width = frame < G_N_ELEMENTS (frames) ? frames[frame].width : dialog->own_width,
    .frame_height = frame < G_N_ELEMENTS (frames) ? frames[frame].height : dialog->own_height,
    .rate = rate < n_rates ? rates[rate] : dialog->own_rate,
  };
  inq_board_get_frame_size (dialog->board, &width, &height);
  if (!g_str_equal (settings.title, own) || settings.frame_width != width || settings.frame_height != height
      || !inq_rate_equal (settings.rate, inq_board_get_rate (dialog->board)))
    inq_board_set_settings (dialog->board, &settings, NULL, NULL);
}

static gboolean
close_request_cb (GtkWindow *window, Dialog *dialog)
{
  apply (dialog);
  return FALSE;
}

static AdwComboRow *
combo_new (const char *title, const char *subtitle, GtkStringList *items, guint selected)
{
  GtkWidget *row = adw_combo_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (items));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), selected);
  return ADW_COMBO_ROW (row);
}

static AdwComboRow *
frame_row_new (Dialog *dialog)
{
  g_autoptr (GtkStringList) items = gtk_string_list_new (NULL);
  guint selected = G_N_ELEMENTS (frames);

  inq_board_get_frame_size (dialog->board, &dialog->own_width, &dialog->own_height);
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++) {
    gtk_string_list_append (items, _ (frames[i].name));
    if (frames[i].width == dialog->own_width && frames[i].height == dialog->own_height)
      selected = i;
  }
  if (selected == G_N_ELEMENTS (frames)) {
    g_autofree char *own = g_strdup_printf ("%d × %d", dialog->own_width, dialog->own_height);
    gtk_string_list_append (items, own);
  }
  return combo_new (_ ("Frame"), _ ("Set it before pictures are drawn: they keep their shape"), items, selected);
}

static AdwComboRow *
rate_row_new (Dialog *dialog)
{
  g_autoptr (GtkStringList) items = gtk_string_list_new (NULL);
  gsize n;
  const InqRate *rates = inq_rates (&n);
  guint selected = n;

  dialog->own_rate = inq_board_get_rate (dialog->board);
  for (gsize i = 0; i < n; i++) {
    g_autofree char *rate = inq_rate_to_string (rates[i]);
    g_autofree char *text = g_strdup_printf (_ ("%s frames a second"), rate);
    gtk_string_list_append (items, text);
    if (inq_rate_equal (rates[i], dialog->own_rate))
      selected = i;
  }
  if (selected == n) {
    g_autofree char *rate = inq_rate_to_string (dialog->own_rate);
    g_autofree char *text = g_strdup_printf (_ ("%s frames a second"), rate);
    gtk_string_list_append (items, text);
  }
  return combo_new (_ ("Rate"), _ ("Every panel keeps its length in seconds"), items, selected);
}

GtkWidget *
inq_board_dialog_present (GtkWindow *parent, InqBoard *board)
{
  g_return_val_if_fail (INQ_IS_BOARD (board), NULL);

  Dialog *dialog = g_new0 (Dialog, 1);
  dialog->board = g_object_ref (board);

  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *title = adw_entry_row_new ();
  dialog->title = GTK_EDITABLE (title);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (title), _ ("Title"));
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (title), TRUE);
  gtk_editable_set_text (dialog->title, inq_board_get_title (board));
  dialog->frame = frame_row_new (dialog);
  dialog->rate = rate_row_new (dialog);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (dialog->frame));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (dialog->rate));
  g_autofree char *path = g_filename_display_name (inq_board_get_path (board));
  GtkWidget *file = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (file), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (file), _ ("File"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (file), path);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), file);

  g_signal_connect_swapped (title, "apply", G_CALLBACK (apply), dialog);
  g_signal_connect_swapped (dialog->frame, "notify::selected", G_CALLBACK (apply), dialog);
  g_signal_connect_swapped (dialog->rate, "notify::selected", G_CALLBACK (apply), dialog);

  GtkWidget *page = adw_preferences_page_new ();
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  GtkWidget *window = adw_preferences_window_new ();
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), ADW_PREFERENCES_PAGE (page));
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Board Settings"));
  gtk_window_set_default_size (GTK_WINDOW (window), 480, 400);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  g_object_set_data_full (G_OBJECT (window), "inq-dialog", dialog, dialog_free);
  g_signal_connect (window, "close-request", G_CALLBACK (close_request_cb), dialog);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

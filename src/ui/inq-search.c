/* Inquadra - finding panels by what is written in them.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-search.h"

#include <glib/gi18n.h>
#include <inq-board-reads.h>

#define MOST 500

struct _InqSearch {
  AdwBin parent_instance;

  GtkEditable *entry;
  GtkLabel *count;
  GtkWidget *previous;
  GtkWidget *next;

  InqBoard *board;
  GCancellable *cancellable;
  GArray *found; /* panel ids in board order */
  guint at;
};

G_DEFINE_FINAL_TYPE (InqSearch, inq_search, ADW_TYPE_BIN)

static guint found_signal;

static void
show (InqSearch *self)
{
  guint n = self->found != NULL ? self->found->len : 0;
  gboolean asked = *gtk_editable_get_text (self->entry) != '\0';
  g_autofree char *text = !asked   ? g_strdup ("")
                          : n == 0 ? g_strdup (_ ("Nothing found"))
                                   : g_strdup_printf (_ ("%u of %u"), self->at + 1, n);
  gtk_label_set_label (self->count, text);
  gtk_widget_set_sensitive (self->previous, n > 1);
  gtk_widget_set_sensitive (self->next, n > 1);
  InqPanel *panel = n > 0 && self->board != NULL
                        ? inq_board_find_panel (self->board, g_array_index (self->found, gint64, self->at))
                        : NULL;
  if (panel != NULL)
    g_signal_emit (self, found_signal, 0, panel);
}

static void
step (InqSearch *self, int by)
{
  int n = self->found != NULL ? self->found->len : 0;
  if (n == 0)
    return;
  self->at = ((int) self->at + by + n) % n;
  show (self);
}

static int
compare_place (gconstpointer a, gconstpointer b, gpointer data)
{
  InqPanel *left = inq_board_find_panel (data, *(const gint64 *) a);
  InqPanel *right = inq_board_find_panel (data, *(const gint64 *) b);
  gint64 i = left != NULL ? inq_panel_get_index (left) : G_MAXUINT;
  gint64 j = right != NULL ? inq_panel_get_index (right) : G_MAXUINT;
  return (i > j) - (i < j);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqSearch) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) found = inq_board_search_finish (INQ_BOARD (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->board != INQ_BOARD (source))
    return;
  g_clear_pointer (&self->found, g_array_unref);
  if (found != NULL) {
    g_array_sort_with_data (found, compare_place, source);
    self->found = g_steal_pointer (&found);
  }
  self->at = 0;
  show (self);
}

static void
changed_cb (InqSearch *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  const char *query = gtk_editable_get_text (self->entry);
  if (self->board == NULL || *query == '\0') {
    g_clear_pointer (&self->found, g_array_unref);
    show (self);
    return;
  }
  self->cancellable = g_cancellable_new ();
  inq_board_search (self->board, query, MOST, self->cancellable, found_cb, g_object_ref (self));
}

static void
previous_cb (InqSearch *self)
{
  step (self, -1);
}

static void
next_cb (InqSearch *self)
{
  step (self, 1);
}

void
inq_search_set_board (InqSearch *self, InqBoard *board)
{
  g_return_if_fail (INQ_IS_SEARCH (self));

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->found, g_array_unref);
  g_set_object (&self->board, board);
  gtk_editable_set_text (self->entry, "");
}

GtkEditable *
inq_search_get_entry (InqSearch *self)
{
  g_return_val_if_fail (INQ_IS_SEARCH (self), NULL);
  return self->entry;
}

static void
inq_search_dispose (GObject *object)
{
  InqSearch *self = INQ_SEARCH (object);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->found, g_array_unref);
  g_clear_object (&self->board);
  G_OBJECT_CLASS (inq_search_parent_class)->dispose (object);
}

static void
inq_search_class_init (InqSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_search_dispose;
  found_signal = g_signal_new ("found", INQ_TYPE_SEARCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                               INQ_TYPE_PANEL);
}

static GtkWidget *
step_button (InqSearch *self, const char *icon, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_focus_on_click (button, FALSE);
  g_signal_connect_swapped (button, "clicked", callback, self);
  return button;
}

static void
inq_search_init (InqSearch *self)
{
  GtkWidget *entry = gtk_search_entry_new ();
  self->entry = GTK_EDITABLE (entry);
  g_object_set (entry, "placeholder-text", _ ("Find in prompts, dialogue, action and notes"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Find in the board"), -1);
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_editable_set_width_chars (self->entry, 36);
  g_signal_connect_swapped (entry, "search-changed", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (next_cb), self);
  g_signal_connect_swapped (entry, "next-match", G_CALLBACK (next_cb), self);
  g_signal_connect_swapped (entry, "previous-match", G_CALLBACK (previous_cb), self);

  self->count = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_width_chars (self->count, 12);
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "numeric");
  self->previous = step_button (self, "go-up-symbolic", _ ("Previous"), G_CALLBACK (previous_cb));
  self->next = step_button (self, "go-down-symbolic", _ ("Next (Enter)"), G_CALLBACK (next_cb));
  GtkWidget *steps = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (steps, "linked");
  gtk_box_append (GTK_BOX (steps), self->previous);
  gtk_box_append (GTK_BOX (steps), self->next);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (box), steps);
  adw_bin_set_child (ADW_BIN (self), box);
  show (self);
}

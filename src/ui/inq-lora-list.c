/* Inquadra - the LoRAs of a board: a switch, a name and a weight each, and a menu of those installed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-lora-list.h"
#include "inq-task.h"

#include <glib/gi18n.h>
#include <inq-engine.h>
#include <math.h>
#include <string.h>

struct _InqLoraList {
  GtkBox parent_instance;

  GtkWidget *rows;
  GtkWidget *choices; /* in the popover */
  GtkWidget *popover;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (InqLoraList, inq_lora_list, GTK_TYPE_BOX)

static guint changed_signal;

static void
changed_cb (InqLoraList *self)
{
  if (!self->setting)
    g_signal_emit (self, changed_signal, 0);
}

/* ---- a row ---- */

static const char *
row_name (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "inq-name");
}

static GtkCheckButton *
row_check (GtkWidget *row)
{
  return GTK_CHECK_BUTTON (gtk_widget_get_first_child (row));
}

static GtkSpinButton *
row_weight (GtkWidget *row)
{
  return GTK_SPIN_BUTTON (gtk_widget_get_next_sibling (gtk_widget_get_first_child (row)));
}

static void
remove_cb (GtkButton *button, InqLoraList *self)
{
  gtk_box_remove (GTK_BOX (self->rows), gtk_widget_get_parent (GTK_WIDGET (button)));
  changed_cb (self);
}

static void
add_row (InqLoraList *self, const char *name, double weight, gboolean on)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *spin = gtk_spin_button_new_with_range (-2, 2, 0.05);
  GtkWidget *remove = gtk_button_new_from_icon_name ("list-remove-symbolic");
  g_autofree char *of = g_strdup_printf (_ ("Weight of %s"), name);
  g_autofree char *without = g_strdup_printf (_ ("Take %s away"), name);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (check, TRUE);
  gtk_widget_set_tooltip_text (check, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), on);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), 2);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), weight);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 5);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (spin), 5);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL, of, -1);
  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_tooltip_text (remove, without);
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, without, -1);

  /* A long name is cut, not the controls beside it. */
  gtk_check_button_set_child (GTK_CHECK_BUTTON (check), label);
  gtk_box_append (GTK_BOX (row), check);
  gtk_box_append (GTK_BOX (row), spin);
  gtk_box_append (GTK_BOX (row), remove);
  g_object_set_data_full (G_OBJECT (row), "inq-name", g_strdup (name), g_free);
  g_signal_connect_swapped (check, "toggled", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (changed_cb), self);
  g_signal_connect (remove, "clicked", G_CALLBACK (remove_cb), self);
  gtk_box_append (GTK_BOX (self->rows), row);
}

void
inq_lora_list_show (InqLoraList *self, const InqDrawing *drawing)
{
  g_return_if_fail (INQ_IS_LORA_LIST (self));

  GtkWidget *row = gtk_widget_get_first_child (self->rows);
  gboolean same = TRUE;
  guint n = 0;

  self->setting = TRUE;
  for (; row != NULL; row = gtk_widget_get_next_sibling (row), n++)
    same &= n < drawing->loras->len
            && g_strcmp0 (row_name (row), g_array_index (drawing->loras, InqDrawingLora, n).name) == 0;
  if (!same || n != drawing->loras->len) {
    while ((row = gtk_widget_get_first_child (self->rows)) != NULL)
      gtk_box_remove (GTK_BOX (self->rows), row);
    for (guint i = 0; i < drawing->loras->len; i++) {
      const InqDrawingLora *lora = &g_array_index (drawing->loras, InqDrawingLora, i);
      add_row (self, lora->name, lora->weight, lora->on);
    }
  } else {
    row = gtk_widget_get_first_child (self->rows);
    for (guint i = 0; i < n; i++, row = gtk_widget_get_next_sibling (row)) {
      const InqDrawingLora *lora = &g_array_index (drawing->loras, InqDrawingLora, i);
      gtk_check_button_set_active (row_check (row), lora->on);
      if (fabs (gtk_spin_button_get_value (row_weight (row)) - lora->weight) > 1e-6)
        gtk_spin_button_set_value (row_weight (row), lora->weight);
    }
  }
  gtk_widget_set_visible (self->rows, drawing->loras->len > 0);
  self->setting = FALSE;
}

void
inq_lora_list_take (InqLoraList *self, InqDrawing *drawing)
{
  g_return_if_fail (INQ_IS_LORA_LIST (self));

  g_array_set_size (drawing->loras, 0);
  for (GtkWidget *row = gtk_widget_get_first_child (self->rows); row != NULL; row = gtk_widget_get_next_sibling (row))
    inq_drawing_add_lora (drawing, row_name (row), gtk_spin_button_get_value (row_weight (row)),
                          gtk_check_button_get_active (row_check (row)));
}

/* ---- those installed ---- */

static void
choose_cb (GtkButton *button, InqLoraList *self)
{
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  add_row (self, g_object_get_data (G_OBJECT (button), "inq-name"), 1, TRUE);
  gtk_widget_set_visible (self->rows, TRUE);
  changed_cb (self);
}

static void
add_note (InqLoraList *self, const char *text)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 34);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (self->choices), label);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqLoraList *self = INQ_LORA_LIST (source);
  g_auto (GStrv) files = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autofree char *folder = inq_loras_folder ();
  GtkWidget *child;
  gboolean any = FALSE;

  while ((child = gtk_widget_get_first_child (self->choices)) != NULL)
    gtk_box_remove (GTK_BOX (self->choices), child);
  for (guint i = 0; files != NULL && files[i] != NULL; i++) {
    /* The name that a prompt would use: the path in the folder, without its ending. */
    const char *inside = g_str_has_prefix (files[i], folder) ? files[i] + strlen (folder) + 1 : files[i];
    g_autofree char *name = g_str_has_suffix (inside, ".safetensors")
                                ? g_strndup (inside, strlen (inside) - strlen (".safetensors"))
                                : g_strdup (inside);
    gboolean used = FALSE;
    for (GtkWidget *row = gtk_widget_get_first_child (self->rows); row != NULL; row = gtk_widget_get_next_sibling (row))
      used |= g_strcmp0 (row_name (row), name) == 0;
    if (used)
      continue;
    GtkWidget *button = gtk_button_new_with_label (name);
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_set_halign (gtk_button_get_child (GTK_BUTTON (button)), GTK_ALIGN_START);
    g_object_set_data_full (G_OBJECT (button), "inq-name", g_steal_pointer (&name), g_free);
    g_signal_connect (button, "clicked", G_CALLBACK (choose_cb), self);
    gtk_box_append (GTK_BOX (self->choices), button);
    any = TRUE;
  }
  if (!any)
    add_note (self, _ ("No other LoRA is installed. Drop one on the window, or add it in the preferences."));
}

static void
list_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, inq_loras_list (), (GDestroyNotify) g_strfreev);
}

static void
popover_shown_cb (InqLoraList *self)
{
  g_autoptr (GTask) task = inq_task_new (self, NULL, listed_cb, NULL);
  g_task_run_in_thread (task, list_thread);
}

/* ---- widget ---- */

static void
inq_lora_list_class_init (InqLoraListClass *klass)
{
  changed_signal = g_signal_new ("changed", INQ_TYPE_LORA_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
inq_lora_list_init (InqLoraList *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (_ ("LoRAs"));
  GtkWidget *add = gtk_menu_button_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 4);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_set_tooltip_text (title, _ ("Small files that teach the model a style or a person. “<lora:NAME:0.8>” in a "
                                         "prompt does the same for one panel."));
  self->choices = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 280);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->choices);
  self->popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (self->popover), scroller);
  g_signal_connect_swapped (self->popover, "show", G_CALLBACK (popover_shown_cb), self);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (add), "list-add-symbolic");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (add), self->popover);
  gtk_widget_add_css_class (add, "flat");
  gtk_widget_set_tooltip_text (add, _ ("Add an installed LoRA"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (add), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Add an installed LoRA"), -1);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), add);
  gtk_box_append (GTK_BOX (self), head);
  self->rows = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_set_visible (self->rows, FALSE);
  gtk_box_append (GTK_BOX (self), self->rows);
}

GtkWidget *
inq_lora_list_new (void)
{
  return g_object_new (INQ_TYPE_LORA_LIST, NULL);
}

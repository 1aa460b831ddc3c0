/* Inquadra - under the stage while one paints over what is to change: brush, edge, how much, and go.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-mask-bar.h"

#include <glib/gi18n.h>

#include "inq-drawing.h"

struct _InqMaskBar {
  AdwBin parent_instance;

  GtkToggleButton *erase;
  GtkRange *feather, *amount;
  InqStageView *stage;
  InqBoard *board;
  guint64 session;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (InqMaskBar, inq_mask_bar, ADW_TYPE_BIN)

static void
changed_cb (InqMaskBar *self)
{
  inq_stage_set_mask_feather (self->stage, gtk_range_get_value (self->feather));
  if (self->setting || self->board == NULL)
    return;
  g_autoptr (InqDrawing) drawing = inq_drawing_of_board (self->board);
  drawing->feather = gtk_range_get_value (self->feather);
  drawing->repaint = gtk_range_get_value (self->amount);
  inq_drawing_save (drawing, self->board, self->session);
}

static void
erase_toggled_cb (InqMaskBar *self)
{
  inq_stage_set_mask_erasing (self->stage, gtk_toggle_button_get_active (self->erase));
  gtk_widget_grab_focus (GTK_WIDGET (self->stage));
}

static void
masking_cb (InqMaskBar *self)
{
  gboolean masking = inq_stage_get_masking (self->stage);
  if (masking) {
    InqBoard *board = NULL;
    g_object_get (self->stage, "board", &board, NULL);
    g_set_object (&self->board, board);
    g_clear_object (&board);
    g_autoptr (InqDrawing) drawing = inq_drawing_of_board (self->board);
    self->session = inq_board_new_session (self->board);
    self->setting = TRUE;
    gtk_range_set_value (self->feather, drawing->feather);
    gtk_range_set_value (self->amount, drawing->repaint);
    gtk_toggle_button_set_active (self->erase, FALSE);
    changed_cb (self);
    self->setting = FALSE;
  } else {
    g_clear_object (&self->board);
  }
  gtk_widget_set_visible (GTK_WIDGET (self), masking);
}

void
inq_mask_bar_set_stage (InqMaskBar *self, InqStageView *stage)
{
  g_return_if_fail (INQ_IS_MASK_BAR (self) && self->stage == NULL);

  self->stage = g_object_ref (stage);
  g_signal_connect_object (stage, "notify::masking", G_CALLBACK (masking_cb), self, G_CONNECT_SWAPPED);
  masking_cb (self);
}

/* ---- construction ---- */

static GtkRange *
add_scale (GtkWidget *box, const char *name, const char *tooltip, double low, double high, double step)
{
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, low, high, step);
  gtk_widget_add_css_class (label, "caption");
  gtk_scale_set_draw_value (GTK_SCALE (scale), FALSE);
  gtk_widget_set_size_request (scale, 96, 44);
  gtk_widget_set_tooltip_text (scale, tooltip);
  gtk_widget_set_focus_on_click (scale, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, tooltip, -1);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), scale);
  return GTK_RANGE (scale);
}

static GtkWidget *
add_button (GtkWidget *box, const char *label, const char *action, const char *tooltip, const char *class)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_widget_set_focus_on_click (button, FALSE);
  if (class != NULL)
    gtk_widget_add_css_class (button, class);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static void
inq_mask_bar_dispose (GObject *object)
{
  g_clear_object (&INQ_MASK_BAR (object)->stage);
  g_clear_object (&INQ_MASK_BAR (object)->board);
  G_OBJECT_CLASS (inq_mask_bar_parent_class)->dispose (object);
}

static void
inq_mask_bar_class_init (InqMaskBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_mask_bar_dispose;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_TOOLBAR);
}

static void
inq_mask_bar_init (InqMaskBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *erase = gtk_toggle_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (erase), "inq-eraser-symbolic");
  gtk_widget_set_tooltip_text (erase, _ ("Take away from the veil"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (erase), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Take away from the veil"),
                                  -1);
  gtk_widget_set_focus_on_click (erase, FALSE);
  gtk_widget_add_css_class (erase, "flat");
  gtk_widget_add_css_class (erase, "pen-target");
  self->erase = GTK_TOGGLE_BUTTON (erase);
  g_signal_connect_swapped (erase, "toggled", G_CALLBACK (erase_toggled_cb), self);
  gtk_box_append (GTK_BOX (box), erase);

  self->feather = add_scale (box, _ ("Soft edge"), _ ("How wide the edge of the veil fades into the picture"), 0, 64,
                             1);
  self->amount = add_scale (box, _ ("Change"), _ ("How far what is under the veil may change"), 0.1, 1, 0.05);
  g_signal_connect_swapped (self->feather, "value-changed", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (self->amount, "value-changed", G_CALLBACK (changed_cb), self);

  add_button (box, _ ("Cancel"), "win.escape", _ ("Leave the picture as it is (Escape)"), NULL);
  add_button (box, _ ("Repaint"), "win.generate", _ ("Draw what is under the veil anew (Ctrl+Enter)"),
              "suggested-action");

  gtk_widget_add_css_class (box, "mask-bar");
  gtk_widget_add_css_class (GTK_WIDGET (self), "mask-bar-area");
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Repaint an area"), -1);
  adw_bin_set_child (ADW_BIN (self), box);
}

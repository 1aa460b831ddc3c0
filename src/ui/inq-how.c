/* Inquadra - the side pane's part on how pictures are drawn: from what is there, with which LoRAs and sampler.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-how.h"

#include <glib/gi18n.h>
#include <inq-engine.h>

#include "inq-drawing.h"
#include "inq-lora-list.h"

/* Units a slider needs to be of use. */
#define STRENGTH_WIDTH 72

struct _InqHow {
  GtkBox parent_instance;

  GtkRange *strength, *like;
  InqLoraList *loras;
  GtkDropDown *sampler, *schedule, *size;
  GtkSpinButton *steps, *cfg;
  GtkWidget *expander;

  InqBoard *board;
  GSignalGroup *board_group;
  guint64 session; /* of the control now used */
  gpointer session_control;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (InqHow, inq_how, GTK_TYPE_BOX)

/* What those who use them call them. */
static const struct {
  const char *id, *name;
} names[] = {
  { "euler", "Euler" },
  { "euler_a", "Euler a" },
  { "heun", "Heun" },
  { "unipc", "UniPC" },
  { "ddim", "DDIM" },
  { "lcm", "LCM" },
  { "tcd", "TCD" },
  { "dpmpp_2m", "DPM++ 2M" },
  { "dpmpp_2m_sde", "DPM++ 2M SDE" },
  { "dpmpp_sde", "DPM++ SDE" },
  { "karras", "Karras" },
  { "exponential", "Exponential" },
  { "sgm_uniform", "SGM uniform" },
  { "ays", "Align Your Steps" },
  { "linspace", "Linspace" },
  { "leading", "Leading" },
  { "trailing", "Trailing" },
};

static const int sizes[] = { 0, 384, 512, 640, 768, 1024, 1280 };

static const char *
display_name (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i].id, id))
      return names[i].name;
  return id;
}

/* ---- reading and writing ---- */

/* Id number @index - 1 of @ids; 0 is the model's own. */
static char *
dup_id (const char *const *ids, guint index)
{
  for (guint i = 0; ids[i] != NULL; i++)
    if (i + 1 == index)
      return g_strdup (ids[i]);
  return g_strdup ("");
}

static guint
find_id (const char *const *ids, const char *id)
{
  for (guint i = 0; ids[i] != NULL; i++)
    if (g_str_equal (ids[i], id))
      return i + 1;
  return 0;
}

static void
changed_cb (GtkWidget *control, InqHow *self)
{
  if (self->setting || self->board == NULL)
    return;
  if (self->session == 0 || self->session_control != control) {
    self->session = inq_board_new_session (self->board);
    self->session_control = control;
  }
  g_autoptr (InqDrawing) drawing = inq_drawing_of_board (self->board);
  drawing->strength = gtk_range_get_value (self->strength);
  drawing->like = gtk_range_get_value (self->like);
  g_free (drawing->sampler);
  drawing->sampler = dup_id (inq_samplers (), gtk_drop_down_get_selected (self->sampler));
  g_free (drawing->schedule);
  drawing->schedule = dup_id (inq_schedules (), gtk_drop_down_get_selected (self->schedule));
  drawing->steps = gtk_spin_button_get_value_as_int (self->steps);
  drawing->cfg = gtk_spin_button_get_value (self->cfg);
  drawing->pixels = sizes[MIN (gtk_drop_down_get_selected (self->size), G_N_ELEMENTS (sizes) - 1)];
  inq_lora_list_take (self->loras, drawing);
  inq_drawing_save (drawing, self->board, self->session);
}

static void
selected_cb (GObject *control, GParamSpec *pspec, InqHow *self)
{
  changed_cb (GTK_WIDGET (control), self);
}

static void
show_drawing (InqHow *self)
{
  if (self->board == NULL || inq_board_get_n_waiting (self->board) > 0)
    return;
  g_autoptr (InqDrawing) drawing = inq_drawing_of_board (self->board);
  guint size = 0;

  self->setting = TRUE;
  gtk_range_set_value (self->strength, drawing->strength);
  gtk_range_set_value (self->like, drawing->like);
  gtk_drop_down_set_selected (self->sampler, find_id (inq_samplers (), drawing->sampler));
  gtk_drop_down_set_selected (self->schedule, find_id (inq_schedules (), drawing->schedule));
  gtk_spin_button_set_value (self->steps, drawing->steps);
  gtk_spin_button_set_value (self->cfg, drawing->cfg);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (sizes[i] <= drawing->pixels)
      size = i;
  gtk_drop_down_set_selected (self->size, size);
  inq_lora_list_show (self->loras, drawing);
  self->setting = FALSE;
}

void
inq_how_set_board (InqHow *self, InqBoard *board)
{
  g_return_if_fail (INQ_IS_HOW (self));

  if (!g_set_object (&self->board, board))
    return;
  self->session = 0;
  g_signal_group_set_target (self->board_group, board);
  show_drawing (self);
}

/* ---- construction ---- */

static GtkWidget *
caption (const char *text)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_widget_add_css_class (label, "dim-label");
  return label;
}

static GtkRange *
add_scale (GtkWidget *box, const char *name, const char *tooltip, double low, double standard)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, low, 1, 0.05);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_scale_set_draw_value (GTK_SCALE (scale), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (scale), GTK_POS_RIGHT);
  gtk_scale_set_digits (GTK_SCALE (scale), 2);
  gtk_scale_add_mark (GTK_SCALE (scale), standard, GTK_POS_BOTTOM, NULL);
  gtk_widget_set_hexpand (scale, TRUE);
  gtk_widget_set_tooltip_text (scale, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (scale), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, tooltip, -1);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), scale);
  gtk_box_append (GTK_BOX (box), row);
  return GTK_RANGE (scale);
}

static GtkWidget *
action_button (const char *icon, const char *label, const char *action, const char *tooltip)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon));
  if (label != NULL)
    gtk_box_append (GTK_BOX (box), gtk_label_new (label));
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label != NULL ? label : tooltip, -1);
  gtk_widget_set_focus_on_click (button, FALSE);
  return button;
}

static void
add_row (GtkWidget *grid, int row, const char *name, const char *tooltip, GtkWidget *control)
{
  GtkWidget *label = gtk_label_new (name);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (control, TRUE);
  gtk_widget_set_tooltip_text (control, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_grid_attach (GTK_GRID (grid), label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), control, 1, row, 1, 1);
}

static GtkDropDown *
drop_down (const char *const *ids)
{
  GtkStringList *list = gtk_string_list_new (NULL);
  gtk_string_list_append (list, _ ("As the model likes it"));
  for (guint i = 0; ids[i] != NULL; i++)
    gtk_string_list_append (list, display_name (ids[i]));
  return GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (list), NULL));
}

static GtkDropDown *
size_drop_down (void)
{
  GtkStringList *list = gtk_string_list_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    /* Translators: as many pixels as a square of this side has */
    g_autofree char *text = sizes[i] == 0 ? g_strdup (_ ("As the model likes it"))
                                          : g_strdup_printf (_ ("As much as %d × %d"), sizes[i], sizes[i]);
    gtk_string_list_append (list, text);
  }
  return GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (list), NULL));
}

/* 0 says whose value it is. */
static gboolean
spin_output_cb (GtkSpinButton *spin, gpointer data)
{
  if (gtk_spin_button_get_value (spin) != 0)
    return FALSE;
  gtk_editable_set_text (GTK_EDITABLE (spin), _ ("Model’s own"));
  return TRUE;
}

static int
spin_input_cb (GtkSpinButton *spin, double *value, gpointer data)
{
  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (spin)), _ ("Model’s own")))
    return FALSE;
  *value = 0;
  return TRUE;
}

static GtkSpinButton *
own_spin (double high, double step, guint digits)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (0, high, step);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), digits);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), FALSE); /* or the words for 0 are swallowed */
  g_signal_connect (spin, "output", G_CALLBACK (spin_output_cb), NULL);
  g_signal_connect (spin, "input", G_CALLBACK (spin_input_cb), NULL);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 12);
  gtk_spin_button_update (GTK_SPIN_BUTTON (spin));
  return GTK_SPIN_BUTTON (spin);
}

static void
build_advanced (InqHow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *grid = gtk_grid_new ();

  self->loras = INQ_LORA_LIST (inq_lora_list_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->loras));
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  self->sampler = drop_down (inq_samplers ());
  self->schedule = drop_down (inq_schedules ());
  self->steps = own_spin (150, 1, 0);
  self->cfg = own_spin (30, 0.5, 1);
  self->size = size_drop_down ();
  add_row (grid, 0, _ ("Sampler"), _ ("The way from noise to picture"), GTK_WIDGET (self->sampler));
  add_row (grid, 1, _ ("Schedule"), _ ("Which levels of noise are visited"), GTK_WIDGET (self->schedule));
  add_row (grid, 2, _ ("Steps"), _ ("More take longer and are finer, up to a point"), GTK_WIDGET (self->steps));
  add_row (grid, 3, _ ("Guidance"), _ ("How closely the words are followed"), GTK_WIDGET (self->cfg));
  add_row (grid, 4, _ ("Pixels"), _ ("How large pictures are drawn; their shape is the frame’s"),
           GTK_WIDGET (self->size));
  gtk_box_append (GTK_BOX (box), grid);
  self->like = add_scale (box, _ ("More like this"), _ ("How far “more like this” (R) goes from the picture chosen"),
                          0.05, INQ_DRAWING_LIKE);
  gtk_widget_set_margin_top (box, 6);

  self->expander = gtk_expander_new (_ ("Advanced"));
  gtk_widget_add_css_class (self->expander, "caption-heading");
  gtk_widget_add_css_class (box, "body");
  gtk_expander_set_child (GTK_EXPANDER (self->expander), box);
  gtk_box_append (GTK_BOX (self), self->expander);

  g_signal_connect (self->loras, "changed", G_CALLBACK (changed_cb), self);
  g_signal_connect (self->sampler, "notify::selected", G_CALLBACK (selected_cb), self);
  g_signal_connect (self->schedule, "notify::selected", G_CALLBACK (selected_cb), self);
  g_signal_connect (self->size, "notify::selected", G_CALLBACK (selected_cb), self);
  g_signal_connect (self->steps, "value-changed", G_CALLBACK (changed_cb), self);
  g_signal_connect (self->cfg, "value-changed", G_CALLBACK (changed_cb), self);
  g_signal_connect (self->like, "value-changed", G_CALLBACK (changed_cb), self);
}

static void
inq_how_dispose (GObject *object)
{
  InqHow *self = INQ_HOW (object);
  g_clear_object (&self->board_group);
  g_clear_object (&self->board);
  G_OBJECT_CLASS (inq_how_parent_class)->dispose (object);
}

static void
inq_how_class_init (InqHowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_how_dispose;
}

static void
inq_how_init (InqHow *self)
{
  GtkWidget *from = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 16);
  gtk_box_append (GTK_BOX (from), caption (_ ("From the picture or sketch")));
  gtk_box_append (GTK_BOX (buttons),
                  action_button ("inq-from-symbolic", _ ("Draw from this"), "win.draw-from",
                                 _ ("Draw variations of what is on the panel: its picture, its ink, or both (F)")));
  gtk_box_append (GTK_BOX (buttons), action_button ("inq-mask-symbolic", NULL, "win.repaint",
                                                    _ ("Paint over what is to change, keep the rest (M)")));
  GtkWidget *strength = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0.05, 1, 0.05);
  self->strength = GTK_RANGE (strength);
  gtk_scale_set_draw_value (GTK_SCALE (strength), FALSE);
  gtk_scale_add_mark (GTK_SCALE (strength), INQ_DRAWING_STRENGTH, GTK_POS_BOTTOM, NULL);
  gtk_widget_set_hexpand (strength, TRUE);
  gtk_widget_set_size_request (strength, STRENGTH_WIDTH, -1); /* however large the words beside it are */
  gtk_widget_set_tooltip_text (strength, _ ("Freedom: left keeps to what is there, right takes it as a hint"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (strength), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Freedom: left keeps to what is there, right takes it as a hint"), -1);
  gtk_box_append (GTK_BOX (buttons), strength);
  gtk_box_append (GTK_BOX (from), buttons);
  gtk_box_append (GTK_BOX (self), from);
  g_signal_connect (self->strength, "value-changed", G_CALLBACK (changed_cb), self);
  build_advanced (self);

  self->board_group = g_signal_group_new (INQ_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_group, "notify::settings-revision", G_CALLBACK (show_drawing), self);
  g_signal_group_connect_swapped (self->board_group, "notify::saved-state", G_CALLBACK (show_drawing), self);
}

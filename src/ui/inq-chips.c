/* Inquadra - a row of chips, at most one of them chosen: shot size, angle, move, time of day.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-chips.h"

#include "inq-wrap-layout.h"

struct _InqChips {
  GtkWidget parent_instance;

  char *value;
  GtkWidget *stranger; /* the chip of a value not among ours, borrowed */
  gboolean setting;    /* the buttons follow "value" now, not the user */
};

G_DEFINE_FINAL_TYPE (InqChips, inq_chips, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_VALUE, N_PROPS };
static GParamSpec *properties[N_PROPS];
static guint chosen_signal;

static const char *
chip_id (GtkWidget *chip)
{
  return g_object_get_data (G_OBJECT (chip), "inq-id");
}

static void
chip_toggled_cb (GtkToggleButton *chip, InqChips *self)
{
  if (self->setting)
    return;
  inq_chips_set_value (self, gtk_toggle_button_get_active (chip) ? chip_id (GTK_WIDGET (chip)) : "");
  g_signal_emit (self, chosen_signal, 0, self->value);
}

static GtkWidget *
add_chip (InqChips *self, const char *id, const char *label, const char *tooltip)
{
  GtkWidget *chip = gtk_toggle_button_new_with_label (label);

  gtk_widget_add_css_class (chip, "chip");
  gtk_widget_set_focus_on_click (chip, FALSE);
  if (tooltip != NULL) {
    gtk_widget_set_tooltip_text (chip, tooltip);
    gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  }
  g_object_set_data_full (G_OBJECT (chip), "inq-id", g_strdup (id), g_free);
  g_signal_connect (chip, "toggled", G_CALLBACK (chip_toggled_cb), self);
  gtk_widget_set_parent (chip, GTK_WIDGET (self));
  return chip;
}

void
inq_chips_add (InqChips *self, const char *id, const char *label, const char *tooltip)
{
  g_return_if_fail (INQ_IS_CHIPS (self));
  g_return_if_fail (id != NULL && *id != '\0');

  add_chip (self, id, label, tooltip);
}

void
inq_chips_add_picture (InqChips *self, const char *id, const char *label, const char *tooltip, GtkWidget *picture)
{
  g_return_if_fail (INQ_IS_CHIPS (self));
  g_return_if_fail (id != NULL && *id != '\0');

  GtkWidget *chip = add_chip (self, id, label, tooltip);
  if (picture == NULL)
    return;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkWidget *text = gtk_label_new (label);
  gtk_widget_add_css_class (text, "caption");
  gtk_box_append (GTK_BOX (box), picture);
  gtk_box_append (GTK_BOX (box), text);
  gtk_button_set_child (GTK_BUTTON (chip), box);
  gtk_widget_add_css_class (chip, "picture");
  if (tooltip == NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

void
inq_chips_set_value (InqChips *self, const char *value)
{
  g_return_if_fail (INQ_IS_CHIPS (self));

  if (value == NULL)
    value = "";
  if (g_strcmp0 (self->value, value) == 0)
    return;
  g_autofree char *keep = self->value;
  self->value = g_strdup (value);

  self->setting = TRUE;
  gboolean known = *value == '\0';
  GtkWidget *next = NULL;
  for (GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self)); chip != NULL; chip = next) {
    next = gtk_widget_get_next_sibling (chip);
    gboolean active = g_str_equal (chip_id (chip), self->value);
    if (chip == self->stranger && !active) {
      /* Its own "toggled" may be running: let that finish first. */
      g_object_ref (chip);
      self->stranger = NULL;
      gtk_widget_unparent (chip);
      g_idle_add_once ((GSourceOnceFunc) g_object_unref, chip);
      continue;
    }
    known |= active;
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (chip), active);
  }
  if (!known) {
    self->stranger = add_chip (self, self->value, self->value, NULL);
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->stranger), TRUE);
  }
  self->setting = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUE]);
}

const char *
inq_chips_get_value (InqChips *self)
{
  g_return_val_if_fail (INQ_IS_CHIPS (self), "");
  return self->value;
}

static void
inq_chips_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_VALUE)
    g_value_set_string (value, INQ_CHIPS (object)->value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
inq_chips_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_VALUE)
    inq_chips_set_value (INQ_CHIPS (object), g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
inq_chips_dispose (GObject *object)
{
  GtkWidget *chip;
  while ((chip = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (chip);
  INQ_CHIPS (object)->stranger = NULL;
  G_OBJECT_CLASS (inq_chips_parent_class)->dispose (object);
}

static void
inq_chips_finalize (GObject *object)
{
  g_free (INQ_CHIPS (object)->value);
  G_OBJECT_CLASS (inq_chips_parent_class)->finalize (object);
}

static void
inq_chips_class_init (InqChipsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = inq_chips_get_property;
  object_class->set_property = inq_chips_set_property;
  object_class->dispose = inq_chips_dispose;
  object_class->finalize = inq_chips_finalize;
  properties[PROP_VALUE] = g_param_spec_string ("value", NULL, NULL, "",
                                                G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  chosen_signal = g_signal_new ("chosen", INQ_TYPE_CHIPS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_STRING);
  gtk_widget_class_set_css_name (widget_class, "chips");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
inq_chips_init (InqChips *self)
{
  self->value = g_strdup ("");
  gtk_widget_set_layout_manager (GTK_WIDGET (self), inq_wrap_layout_new (5));
}

GtkWidget *
inq_chips_new (void)
{
  return g_object_new (INQ_TYPE_CHIPS, NULL);
}

/* Inquadra - the page a window starts on: recent boards, a new one, the sample, and how it goes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-start-page.h"

#include <glib/gi18n.h>

#include "inq-format.h"
#include "inq-recents.h"

#define MOST_RECENTS 12
#define CARD_WIDTH   208
#define CARD_HEIGHT  117

struct _InqStartPage {
  AdwBin parent_instance;

  GtkMenuButton *menu;
  GtkSpinner *spinner;
  GtkWidget *content;
  GtkWidget *recent_box;
  GtkFlowBox *recents;
  GtkFlowBox *steps;
  GtkWidget *new_button;
};

G_DEFINE_FINAL_TYPE (InqStartPage, inq_start_page, ADW_TYPE_BIN)

enum { PROP_0, PROP_MENU_MODEL, N_PROPS };
static GParamSpec *properties[N_PROPS];

static GtkWidget *
label_new (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

/* ---- recent boards ---- */

/* Of one shape whatever is in it, and with nothing in it, so that cards in a row are alike. */
static GtkWidget *
card_picture (const InqRecent *recent)
{
  GtkWidget *overlay = gtk_overlay_new (), *shape = gtk_picture_new (), *picture;
  g_autoptr (GdkPaintable) empty = gdk_paintable_new_empty (CARD_WIDTH, CARD_HEIGHT);

  gtk_picture_set_paintable (GTK_PICTURE (shape), empty);
  gtk_widget_set_size_request (shape, CARD_WIDTH, CARD_HEIGHT);
  gtk_accessible_update_state (GTK_ACCESSIBLE (shape), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  if (recent->thumbnail != NULL) {
    picture = gtk_picture_new_for_filename (recent->thumbnail);
    gtk_picture_set_content_fit (GTK_PICTURE (picture), GTK_CONTENT_FIT_CONTAIN);
  } else {
    picture = gtk_image_new_from_icon_name ("inq-frame-symbolic");
    gtk_image_set_pixel_size (GTK_IMAGE (picture), 48);
  }
  gtk_overlay_set_child (GTK_OVERLAY (overlay), shape);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), picture);
  gtk_widget_add_css_class (overlay, "board-picture");
  gtk_widget_set_can_target (overlay, FALSE);
  return overlay;
}

static GtkWidget *
card_new (const InqRecent *recent)
{
  g_autofree char *when = inq_format_when (recent->when);
  g_autofree char *under = *recent->folder != '\0' ? g_strdup_printf ("%s · %s", when, recent->folder)
                                                   : g_strdup (when);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = label_new (recent->title, NULL);
  GtkWidget *sub = label_new (under, "caption");

  gtk_label_set_max_width_chars (GTK_LABEL (title), 20);
  gtk_label_set_max_width_chars (GTK_LABEL (sub), 24);
  gtk_widget_add_css_class (sub, "dim-label");
  gtk_widget_add_css_class (texts, "board-texts");
  gtk_box_append (GTK_BOX (texts), title);
  gtk_box_append (GTK_BOX (texts), sub);
  gtk_box_append (GTK_BOX (box), card_picture (recent));
  gtk_box_append (GTK_BOX (box), texts);
  gtk_widget_set_overflow (box, GTK_OVERFLOW_HIDDEN);

  /* A flow box child, so that arrow keys go from card to card. */
  GtkWidget *child = gtk_flow_box_child_new ();
  gtk_widget_add_css_class (child, "card");
  gtk_widget_add_css_class (child, "activatable");
  gtk_widget_add_css_class (child, "board-card");
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), box);
  gtk_widget_set_overflow (child, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_halign (child, GTK_ALIGN_FILL);
  g_autofree char *words = g_strdup_printf ("%s, %s", recent->title, when);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  g_object_set_data_full (G_OBJECT (child), "inq-uri", g_strdup (recent->uri), g_free);
  return child;
}

static void
card_activated_cb (GtkFlowBox *box, GtkFlowBoxChild *child, InqStartPage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "app.open", "s", g_object_get_data (G_OBJECT (child), "inq-uri"));
}

void
inq_start_page_reload (InqStartPage *self)
{
  g_return_if_fail (INQ_IS_START_PAGE (self));

  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->recents))) != NULL)
    gtk_flow_box_remove (self->recents, child);
  g_autoptr (GPtrArray) recents = inq_recents_list (MOST_RECENTS);
  for (guint i = 0; i < recents->len; i++)
    gtk_flow_box_insert (self->recents, card_new (recents->pdata[i]), -1);
  gtk_widget_set_visible (self->recent_box, recents->len > 0);
}

/* ---- how it goes ---- */

static void
add_step (InqStartPage *self, const char *key, const char *title, const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *cap = gtk_label_new (key);
  GtkWidget *body = gtk_label_new (text);

  gtk_widget_add_css_class (cap, "keycap");
  gtk_widget_set_halign (cap, GTK_ALIGN_START);
  gtk_label_set_wrap (GTK_LABEL (body), TRUE);
  gtk_label_set_xalign (GTK_LABEL (body), 0);
  gtk_label_set_width_chars (GTK_LABEL (body), 20);
  gtk_label_set_max_width_chars (GTK_LABEL (body), 26);
  gtk_widget_add_css_class (body, "dim-label");
  gtk_box_append (GTK_BOX (box), cap);
  gtk_box_append (GTK_BOX (box), label_new (title, NULL));
  gtk_box_append (GTK_BOX (box), body);
  GtkWidget *child = gtk_flow_box_child_new ();
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), box);
  gtk_widget_set_focusable (child, FALSE);
  gtk_flow_box_insert (self->steps, child, -1);
}

void
inq_start_page_set_busy (InqStartPage *self, gboolean busy)
{
  g_return_if_fail (INQ_IS_START_PAGE (self));

  gtk_widget_set_sensitive (self->content, !busy);
  gtk_spinner_set_spinning (self->spinner, busy);
}

/* ---- widget ---- */

static void
inq_start_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_MENU_MODEL)
    gtk_menu_button_set_menu_model (INQ_START_PAGE (object)->menu, g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static gboolean
inq_start_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (INQ_START_PAGE (widget)->new_button);
}

static void
inq_start_page_class_init (InqStartPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = inq_start_page_set_property;
  widget_class->grab_focus = inq_start_page_grab_focus;
  properties[PROP_MENU_MODEL] = g_param_spec_object ("menu-model", NULL, NULL, G_TYPE_MENU_MODEL,
                                                     G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/inquadra/Inquadra/ui/inq-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, InqStartPage, menu);
  gtk_widget_class_bind_template_child (widget_class, InqStartPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, InqStartPage, content);
  gtk_widget_class_bind_template_child (widget_class, InqStartPage, recent_box);
  gtk_widget_class_bind_template_child (widget_class, InqStartPage, recents);
  gtk_widget_class_bind_template_child (widget_class, InqStartPage, steps);
  gtk_widget_class_bind_template_child (widget_class, InqStartPage, new_button);
}

static void
inq_start_page_init (InqStartPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self->recents, "child-activated", G_CALLBACK (card_activated_cb), self);
  add_step (self, "N", _ ("A new panel"), _ ("It comes after the one you are at, and you can write at once."));
  add_step (self, _ ("words"), _ ("What is in the shot"),
            _ ("“Wide shot, two people walk through a forest at night, rain”"));
  add_step (self, _ ("Ctrl + Enter"), _ ("Four variations"),
            _ ("They grow before your eyes. Go on with the next panel meanwhile."));
  add_step (self, "1 – 4", _ ("Pick one"),
            _ ("Then draw on it: arrows, notes, corrections. Everything can be undone."));
  inq_start_page_reload (self);
}

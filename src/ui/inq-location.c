/* Inquadra - where the scene plays: a chip that tells it and opens the board's places.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-location.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <inq-board-reads.h>

#include "inq-text.h"
#include "inq-textures.h"

#define PICTURE_WIDTH  224
#define PICTURE_HEIGHT 126

struct _InqLocation {
  GtkWidget parent_instance;

  GtkMenuButton *button;
  GtkLabel *label;
  GtkStack *pages; /* "list" and "form" */
  GtkListBox *list;
  GtkWidget *add;
  GtkEditable *name;
  GtkEditable *words;
  GtkEditable *note;
  GtkWidget *picture_box;
  GtkPicture *picture;
  GtkWidget *take_picture;
  GtkWidget *drop_picture;
  GtkWidget *delete;

  InqBoard *board;
  InqPanel *panel;
  GArray *group;   /* (nullable) ids of several panels, this one among them */
  GPtrArray *rows; /* of InqLocationRow, in the order of the list; NULL before they were read */
  gint64 edited;   /* location in the form; 0: a new one */
  gint64 edited_image;
  GSignalGroup *panel_group;
  GSignalGroup *textures_group;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (InqLocation, inq_location, GTK_TYPE_WIDGET)

static void reload (InqLocation *self);

/* ---- acts ---- */

typedef enum { CHOOSE, SAVE, DELETE } What;

typedef struct {
  What what;
  GArray *panels; /* of gint64 */
  gint64 location, image;
  char *name, *words, *note;
} Act;

static void
act_free (gpointer data)
{
  Act *act = data;
  g_array_unref (act->panels);
  g_free (act->name);
  g_free (act->words);
  g_free (act->note);
  g_free (act);
}

static gboolean
choose (InqDocument *document, const Act *act, gint64 location, GError **error)
{
  for (guint i = 0; i < act->panels->len; i++)
    if (!inq_document_set_scene_location (document, g_array_index (act->panels, gint64, i), location, error))
      return FALSE;
  return TRUE;
}

/* Writer thread; may run twice, so a new id goes nowhere but into the file. */
static gboolean
act_location (InqDocument *document, gpointer data, GError **error)
{
  const Act *act = data;
  gint64 location = act->location;

  switch (act->what) {
  case CHOOSE:
    return choose (document, act, location, error);
  case DELETE:
    return inq_document_delete_location (document, location, error);
  case SAVE:
  default:
    if (location == 0) {
      location = inq_document_add_location (document, act->name, act->words, act->note, error);
      return location != 0
             && (act->image == 0 || inq_document_set_location_image (document, location, act->image, error))
             && choose (document, act, location, error);
    }
    return inq_document_set_location (document, location, act->name, act->words, act->note, error)
           && inq_document_set_location_image (document, location, act->image, error);
  }
}

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqLocation) self = data;
  g_autoptr (GError) error = NULL;
  if (!inq_board_act_finish (INQ_BOARD (source), result, &error))
    g_signal_emit_by_name (source, "act-failed", error);
  reload (self);
}

static void
push (InqLocation *self, const char *label, Act act)
{
  act.panels = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (self->group != NULL) {
    g_array_append_vals (act.panels, self->group->data, self->group->len);
  } else {
    gint64 id = inq_panel_get_id (self->panel);
    g_array_append_val (act.panels, id);
  }
  inq_board_act (self->board, label, act_location, g_memdup2 (&act, sizeof act), act_free, acted_cb,
                 g_object_ref (self));
}

/* ---- the form ---- */

static void
show_picture (InqLocation *self)
{
  GdkTexture *texture = NULL;
  if (self->edited_image != 0 && self->board != NULL) {
    int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
    texture = inq_textures_load (inq_textures_get (self->board), self->edited_image, PICTURE_WIDTH * scale,
                                 PICTURE_HEIGHT * scale, TRUE);
  }
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  gtk_widget_set_visible (self->picture_box, self->edited_image != 0);
  gtk_widget_set_visible (self->drop_picture, self->edited_image != 0);
  gtk_widget_set_visible (self->take_picture, self->panel != NULL && inq_panel_get_cover_image (self->panel) != 0
                                                  && inq_panel_get_cover_image (self->panel) != self->edited_image);
}

static void
loaded_cb (InqLocation *self, gint64 image)
{
  if (image == self->edited_image)
    show_picture (self);
}

static void
show_form (InqLocation *self, const InqLocationRow *row)
{
  self->edited = row != NULL ? row->id : 0;
  self->edited_image = row != NULL ? row->image : 0;
  inq_editable_begin (self->name, row != NULL ? row->name : "");
  inq_editable_begin (self->words, row != NULL ? row->description : "");
  inq_editable_begin (self->note, row != NULL ? row->note : "");
  gtk_widget_set_visible (self->delete, row != NULL);
  show_picture (self);
  gtk_stack_set_visible_child_name (self->pages, "form");
  gtk_widget_grab_focus (GTK_WIDGET (self->name));
}

static void
take_picture_cb (InqLocation *self)
{
  self->edited_image = self->panel != NULL ? inq_panel_get_cover_image (self->panel) : 0;
  show_picture (self);
}

static void
drop_picture_cb (InqLocation *self)
{
  self->edited_image = 0;
  show_picture (self);
}

static void
save_cb (InqLocation *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->name)));
  if (*name == '\0') {
    gtk_widget_error_bell (GTK_WIDGET (self->name));
    gtk_widget_grab_focus (GTK_WIDGET (self->name));
    return;
  }
  if (self->panel == NULL)
    return;
  push (self, self->edited != 0 ? N_ ("Edit location") : N_ ("Add location"),
        (Act){ .what = SAVE,
               .location = self->edited,
               .image = self->edited_image,
               .name = g_steal_pointer (&name),
               .words = g_strstrip (g_strdup (gtk_editable_get_text (self->words))),
               .note = g_strstrip (g_strdup (gtk_editable_get_text (self->note))) });
  gtk_popover_popdown (gtk_menu_button_get_popover (self->button));
}

static void
delete_cb (InqLocation *self)
{
  if (self->panel != NULL && self->edited != 0)
    push (self, N_ ("Delete location"), (Act){ .what = DELETE, .location = self->edited });
  gtk_stack_set_visible_child_name (self->pages, "list");
}

static void
back_cb (InqLocation *self)
{
  gtk_stack_set_visible_child_name (self->pages, "list");
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
new_cb (InqLocation *self)
{
  show_form (self, NULL);
}

/* ---- the list ---- */

static void
edit_cb (GtkButton *button, InqLocation *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (button), GTK_TYPE_LIST_BOX_ROW);
  int index = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row)) - 1;
  if (self->rows != NULL && index >= 0 && index < (int) self->rows->len)
    show_form (self, self->rows->pdata[index]);
}

static void
row_activated_cb (InqLocation *self, GtkListBoxRow *row)
{
  int index = gtk_list_box_row_get_index (row) - 1;
  gint64 location = index >= 0 && self->rows != NULL ? ((InqLocationRow *) self->rows->pdata[index])->id : 0;

  gtk_popover_popdown (gtk_menu_button_get_popover (self->button));
  if (self->panel != NULL && !inq_board_get_read_only (self->board)
      && (self->group != NULL || location != inq_panel_get_row (self->panel)->location))
    push (self, N_ ("Change location of scene"), (Act){ .what = CHOOSE, .location = location });
}

/* @row NULL: nowhere in particular. */
static GtkWidget *
row_new (InqLocation *self, const InqLocationRow *row, gint64 current)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *check = gtk_image_new_from_icon_name ("object-select-symbolic");
  GtkWidget *name = gtk_label_new (row != NULL ? row->name : _ ("Not said"));
  gboolean chosen = current == (row != NULL ? row->id : 0);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (texts), name);
  if (row == NULL)
    gtk_widget_add_css_class (name, "dim-label");
  if (row != NULL && *row->description != '\0') {
    GtkWidget *words = gtk_label_new (row->description);
    gtk_label_set_xalign (GTK_LABEL (words), 0);
    gtk_label_set_ellipsize (GTK_LABEL (words), PANGO_ELLIPSIZE_END);
    gtk_label_set_max_width_chars (GTK_LABEL (words), 32);
    gtk_widget_add_css_class (words, "caption");
    gtk_widget_add_css_class (words, "dim-label");
    gtk_box_append (GTK_BOX (texts), words);
  }
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_widget_set_opacity (check, chosen ? 1 : 0);
  gtk_box_append (GTK_BOX (box), check);
  gtk_box_append (GTK_BOX (box), texts);
  if (row != NULL && !inq_board_get_read_only (self->board)) {
    GtkWidget *edit = gtk_button_new_from_icon_name ("document-edit-symbolic");
    /* Translators: %s is the name of a place */
    g_autofree char *label = g_strdup_printf (_ ("Edit “%s”"), row->name);
    gtk_widget_add_css_class (edit, "flat");
    gtk_widget_set_valign (edit, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text (edit, _ ("Edit"));
    gtk_accessible_update_property (GTK_ACCESSIBLE (edit), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
    g_signal_connect (edit, "clicked", G_CALLBACK (edit_cb), self);
    gtk_box_append (GTK_BOX (box), edit);
  }
  GtkWidget *list_row = gtk_list_box_row_new ();
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (list_row), box);
  if (row != NULL && *row->note != '\0')
    gtk_widget_set_tooltip_text (list_row, row->note);
  gtk_accessible_update_state (GTK_ACCESSIBLE (list_row), GTK_ACCESSIBLE_STATE_SELECTED, chosen, -1);
  return list_row;
}

static void
show_rows (InqLocation *self)
{
  GtkWidget *child;
  gint64 current = self->panel != NULL ? inq_panel_get_row (self->panel)->location : 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  gtk_list_box_append (self->list, row_new (self, NULL, current));
  for (guint i = 0; i < self->rows->len; i++)
    gtk_list_box_append (self->list, row_new (self, self->rows->pdata[i], current));
}

static gpointer
read_locations (InqDocument *document, gpointer data, GError **error)
{
  return inq_document_list_locations (document, error);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqLocation) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = inq_board_read_finish (INQ_BOARD (source), result, &error);
  if (rows == NULL) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_debug ("locations: %s", error->message);
    return;
  }
  if (self->board != INQ_BOARD (source))
    return;
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  self->rows = g_steal_pointer (&rows);
  show_rows (self);
}

static void
reload (InqLocation *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->board == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  inq_board_read (self->board, read_locations, NULL, NULL, (GDestroyNotify) g_ptr_array_unref, self->cancellable,
                  read_cb, g_object_ref (self));
}

static void
panel_notify_cb (InqLocation *self)
{
  const char *name = self->panel != NULL ? inq_panel_get_row (self->panel)->location_name : "";
  const char *words = self->panel != NULL ? inq_panel_get_row (self->panel)->location_words : "";
  gboolean set = *name != '\0';
  g_autofree char *spoken = set ? g_strdup_printf (_ ("Location: %s"), name) : g_strdup (_ ("Location: not said"));

  gtk_label_set_label (self->label, set ? name : _ ("Set a location"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), *words != '\0' ? words : _ ("Where the scene plays"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  if (self->rows != NULL)
    show_rows (self);
}

static void
popover_shown_cb (InqLocation *self)
{
  gtk_stack_set_visible_child_name (self->pages, "list");
  reload (self);
}

/* ---- public ---- */

void
inq_location_set_panel (InqLocation *self, InqBoard *board, InqPanel *panel)
{
  g_return_if_fail (INQ_IS_LOCATION (self));
  g_return_if_fail (panel == NULL || board != NULL);

  if (g_set_object (&self->board, board)) {
    g_clear_pointer (&self->rows, g_ptr_array_unref);
    g_signal_group_set_target (self->textures_group, board != NULL ? inq_textures_get (board) : NULL);
  }
  gtk_widget_set_visible (self->add, board != NULL && !inq_board_get_read_only (board));
  g_set_object (&self->panel, panel);
  g_signal_group_set_target (self->panel_group, panel);
  panel_notify_cb (self);
}

void
inq_location_set_group (InqLocation *self, GArray *panels)
{
  g_return_if_fail (INQ_IS_LOCATION (self));

  if (panels != NULL)
    g_array_ref (panels);
  g_clear_pointer (&self->group, g_array_unref);
  self->group = panels;
}

int
inq_location_get_n_rows (InqLocation *self)
{
  g_return_val_if_fail (INQ_IS_LOCATION (self), -1);
  return self->rows != NULL ? (int) self->rows->len : -1;
}

GtkPopover *
inq_location_get_popover (InqLocation *self)
{
  g_return_val_if_fail (INQ_IS_LOCATION (self), NULL);
  return gtk_menu_button_get_popover (self->button);
}

/* ---- widget ---- */

static void
inq_location_dispose (GObject *object)
{
  InqLocation *self = INQ_LOCATION (object);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->panel_group);
  g_clear_object (&self->textures_group);
  g_clear_object (&self->panel);
  g_clear_object (&self->board);
  g_clear_pointer ((GtkWidget **) &self->button, gtk_widget_unparent);
  G_OBJECT_CLASS (inq_location_parent_class)->dispose (object);
}

static void
inq_location_finalize (GObject *object)
{
  InqLocation *self = INQ_LOCATION (object);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->group, g_array_unref);
  G_OBJECT_CLASS (inq_location_parent_class)->finalize (object);
}

static void
inq_location_class_init (InqLocationClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = inq_location_dispose;
  G_OBJECT_CLASS (klass)->finalize = inq_location_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "location");
}

static GtkEditable *
add_entry (InqLocation *self, GtkWidget *box, const char *label)
{
  GtkWidget *entry = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (save_cb), self);
  gtk_box_append (GTK_BOX (box), entry);
  return GTK_EDITABLE (entry);
}

static GtkWidget *
add_button (InqLocation *self, GtkWidget *box, const char *label, const char *style, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);
  if (style != NULL)
    gtk_widget_add_css_class (button, style);
  g_signal_connect_swapped (button, "clicked", callback, self);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static GtkWidget *
list_page_new (InqLocation *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Locations"), -1);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "plain-list");
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 320);
  gtk_box_append (GTK_BOX (page), scroller);
  self->add = add_button (self, page, _ ("_New Location…"), "flat", G_CALLBACK (new_cb));
  return page;
}

static GtkWidget *
form_page_new (InqLocation *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *pictures = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->name = add_entry (self, page, _ ("Name"));
  self->words = add_entry (self, page, _ ("How it looks, for the prompt"));
  self->note = add_entry (self, page, _ ("Note for the crew"));
  self->picture = GTK_PICTURE (gtk_picture_new ());
  gtk_picture_set_content_fit (self->picture, GTK_CONTENT_FIT_CONTAIN);
  gtk_picture_set_alternative_text (self->picture, _ ("Reference picture"));
  gtk_widget_set_size_request (GTK_WIDGET (self->picture), PICTURE_WIDTH, PICTURE_HEIGHT);
  gtk_widget_add_css_class (GTK_WIDGET (self->picture), "board-picture");
  self->picture_box = GTK_WIDGET (self->picture);
  gtk_box_append (GTK_BOX (page), self->picture_box);
  gtk_box_set_homogeneous (GTK_BOX (pictures), TRUE);
  self->take_picture = add_button (self, pictures, _ ("Take the Panel’s _Picture"), "flat",
                                   G_CALLBACK (take_picture_cb));
  self->drop_picture = add_button (self, pictures, _ ("_Remove Picture"), "flat", G_CALLBACK (drop_picture_cb));
  gtk_box_append (GTK_BOX (page), pictures);
  add_button (self, buttons, _ ("_Back"), NULL, G_CALLBACK (back_cb));
  self->delete = add_button (self, buttons, _ ("_Delete"), "destructive-action", G_CALLBACK (delete_cb));
  GtkWidget *save = add_button (self, buttons, _ ("_Save"), "suggested-action", G_CALLBACK (save_cb));
  gtk_widget_set_hexpand (save, TRUE);
  gtk_box_append (GTK_BOX (page), buttons);
  return page;
}

static void
inq_location_init (InqLocation *self)
{
  self->panel_group = g_signal_group_new (INQ_TYPE_PANEL);
  g_signal_group_connect_swapped (self->panel_group, "notify::location", G_CALLBACK (panel_notify_cb), self);
  self->textures_group = g_signal_group_new (INQ_TYPE_TEXTURES);
  g_signal_group_connect_swapped (self->textures_group, "loaded", G_CALLBACK (loaded_cb), self);

  self->pages = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->pages, TRUE);
  gtk_stack_set_vhomogeneous (self->pages, FALSE);
  gtk_stack_set_interpolate_size (self->pages, TRUE);
  gtk_stack_add_named (self->pages, list_page_new (self), "list");
  gtk_stack_add_named (self->pages, form_page_new (self), "form");
  gtk_widget_add_css_class (GTK_WIDGET (self->pages), "popover-form");
  gtk_widget_set_size_request (GTK_WIDGET (self->pages), 300, -1);

  GtkWidget *popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (popover), GTK_WIDGET (self->pages));
  g_signal_connect_swapped (popover, "show", G_CALLBACK (popover_shown_cb), self);

  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->label, PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (content), gtk_image_new_from_icon_name ("mark-location-symbolic"));
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->label));
  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_child (self->button, content);
  gtk_menu_button_set_popover (self->button, popover);
  gtk_widget_set_halign (GTK_WIDGET (self->button), GTK_ALIGN_START);
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "chip-button");
  gtk_widget_set_parent (GTK_WIDGET (self->button), GTK_WIDGET (self));
  panel_notify_cb (self);
}

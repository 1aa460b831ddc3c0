/* Inquadra - who is in the panel: a chip for each of the board's cast, and one to add somebody.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-cast.h"

#include <glib/gi18n.h>
#include <inq-board-acts.h>
#include <inq-board-reads.h>

#include "inq-wrap-layout.h"

struct _InqCast {
  GtkWidget parent_instance;

  GtkWidget *add;
  GtkEditable *name;
  GtkEditable *description;

  InqBoard *board;
  InqPanel *panel;
  GArray *group;    /* (nullable) ids of several panels, this one among them */
  GPtrArray *rows;  /* of InqNamedRow, in the order of the chips */
  gint64 shown;     /* the panel the chips tell of; 0: none */
  gboolean setting; /* the chips follow the board now, not the user */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (InqCast, inq_cast, GTK_TYPE_WIDGET)

typedef struct {
  gint64 panel;
  GPtrArray *all;
  GHashTable *in; /* set of gint64 */
} CastRead;

static void
cast_read_free (CastRead *read)
{
  g_clear_pointer (&read->all, g_ptr_array_unref);
  g_clear_pointer (&read->in, g_hash_table_unref);
  g_free (read);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CastRead, cast_read_free)

/* Reading thread. */
static gpointer
read_cast (InqDocument *document, gpointer data, GError **error)
{
  g_autoptr (CastRead) read = g_new0 (CastRead, 1);
  read->panel = *(gint64 *) data;
  read->all = inq_document_list_cast (document, error);
  if (read->all == NULL)
    return NULL;
  g_autoptr (GPtrArray) in = inq_document_list_panel_cast (document, read->panel, error);
  if (in == NULL)
    return NULL;
  read->in = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < in->len; i++)
    g_hash_table_add (read->in, g_memdup2 (&((InqNamedRow *) in->pdata[i])->id, sizeof (gint64)));
  return g_steal_pointer (&read);
}

static void reload (InqCast *self);

typedef struct {
  GArray *panels; /* of gint64 */
  gint64 member;
  gboolean in;
  char *name; /* somebody new, or NULL */
  char *description;
} CastAct;

static void
cast_act_free (gpointer data)
{
  CastAct *act = data;
  g_array_unref (act->panels);
  g_free (act->name);
  g_free (act->description);
  g_free (act);
}

/* Writer thread; may run twice, so the new id goes nowhere but into the file. */
static gboolean
act_cast (InqDocument *document, gpointer data, GError **error)
{
  const CastAct *act = data;
  gint64 member = act->member;
  if (act->name != NULL && (member = inq_document_add_cast (document, act->name, act->description, error)) == 0)
    return FALSE;
  return inq_document_put_cast (document, (const gint64 *) (gpointer) act->panels->data, act->panels->len, member,
                                act->in, error);
}

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqCast) self = data;
  g_autoptr (GError) error = NULL;
  if (!inq_board_act_finish (INQ_BOARD (source), result, &error))
    g_signal_emit_by_name (source, "act-failed", error);
  reload (self);
}

static void
write_cast (InqCast *self, const char *label, CastAct what)
{
  CastAct *act = g_memdup2 (&what, sizeof what);
  act->panels = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (self->group != NULL) {
    g_array_append_vals (act->panels, self->group->data, self->group->len);
  } else {
    gint64 id = inq_panel_get_id (self->panel);
    g_array_append_val (act->panels, id);
  }
  inq_board_act (self->board, label, act_cast, act, cast_act_free, acted_cb, g_object_ref (self));
}

static void
chip_toggled_cb (GtkToggleButton *chip, InqCast *self)
{
  if (self->panel == NULL || self->setting)
    return;
  const gint64 *member = g_object_get_data (G_OBJECT (chip), "inq-member");
  /* Translators: what undo says */
  write_cast (self, N_ ("Change cast of panel"),
              (CastAct){ .member = *member, .in = gtk_toggle_button_get_active (chip) });
}

static void
add_cb (InqCast *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->name)));
  g_autofree char *description = g_strstrip (g_strdup (gtk_editable_get_text (self->description)));
  if (*name == '\0') {
    gtk_widget_grab_focus (GTK_WIDGET (self->name));
    return;
  }
  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->add));
  gtk_editable_set_text (self->name, "");
  gtk_editable_set_text (self->description, "");
  if (self->panel != NULL)
    /* Translators: what undo says */
    write_cast (self, N_ ("Add to cast"),
                (CastAct){ .in = TRUE, .name = g_strdup (name), .description = g_strdup (description) });
}

static gboolean
has_rows (InqCast *self, GPtrArray *rows)
{
  if (self->rows == NULL || self->rows->len != rows->len)
    return FALSE;
  for (guint i = 0; i < rows->len; i++) {
    const InqNamedRow *a = self->rows->pdata[i], *b = rows->pdata[i];
    if (a->id != b->id || !g_str_equal (a->name, b->name) || !g_str_equal (a->description, b->description))
      return FALSE;
  }
  return TRUE;
}

/* The same people: their chips stay, and with them the focus. */
static void
show_in (InqCast *self, GHashTable *in)
{
  guint i = 0;
  self->setting = TRUE;
  for (GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self)); chip != NULL && chip != self->add;
       chip = gtk_widget_get_next_sibling (chip), i++)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (chip),
                                  g_hash_table_contains (in, &((InqNamedRow *) self->rows->pdata[i])->id));
  self->setting = FALSE;
}

static void
show_rows (InqCast *self, CastRead *read)
{
  GtkWidget *chip;
  self->shown = read->panel;
  if (has_rows (self, read->all)) {
    show_in (self, read->in);
    return;
  }
  while ((chip = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL && chip != self->add)
    gtk_widget_unparent (chip);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  self->rows = g_steal_pointer (&read->all);
  for (guint i = 0; i < self->rows->len; i++) {
    const InqNamedRow *row = self->rows->pdata[i];
    chip = gtk_toggle_button_new_with_label (row->name);
    gtk_widget_add_css_class (chip, "chip");
    gtk_widget_set_focus_on_click (chip, FALSE);
    if (*row->description != '\0')
      gtk_widget_set_tooltip_text (chip, row->description);
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (chip), g_hash_table_contains (read->in, &row->id));
    g_object_set_data_full (G_OBJECT (chip), "inq-member", g_memdup2 (&row->id, sizeof row->id), g_free);
    g_signal_connect (chip, "toggled", G_CALLBACK (chip_toggled_cb), self);
    gtk_widget_insert_before (chip, GTK_WIDGET (self), self->add);
  }
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqCast) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CastRead) read = inq_board_read_finish (INQ_BOARD (source), result, &error);
  if (read == NULL) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_debug ("cast: %s", error->message);
    return;
  }
  if (self->panel != NULL && inq_panel_get_id (self->panel) == read->panel)
    show_rows (self, read);
}

static void
reload (InqCast *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->panel == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  gint64 id = inq_panel_get_id (self->panel);
  inq_board_read (self->board, read_cast, g_memdup2 (&id, sizeof id), g_free, (GDestroyNotify) cast_read_free,
                  self->cancellable, read_cb, g_object_ref (self));
}

void
inq_cast_set_panel (InqCast *self, InqBoard *board, InqPanel *panel)
{
  g_return_if_fail (INQ_IS_CAST (self));
  g_return_if_fail (panel == NULL || board != NULL);

  if (self->board != board) {
    if (self->board != NULL)
      g_signal_handlers_disconnect_by_data (self->board, self);
    g_set_object (&self->board, board);
    self->shown = 0;
    if (board != NULL)
      g_signal_connect_object (board, "undone", G_CALLBACK (reload), self, G_CONNECT_SWAPPED);
  }
  g_set_object (&self->panel, panel);
  gtk_widget_set_sensitive (self->add, board != NULL && !inq_board_get_read_only (board));
  reload (self);
}

void
inq_cast_set_group (InqCast *self, GArray *panels)
{
  g_return_if_fail (INQ_IS_CAST (self));

  if (panels != NULL)
    g_array_ref (panels);
  g_clear_pointer (&self->group, g_array_unref);
  self->group = panels;
}

char *
inq_cast_dup_words (InqCast *self)
{
  g_return_val_if_fail (INQ_IS_CAST (self), NULL);

  /* Who is in a panel that was just gone to is still being read: its row says it. */
  if (self->panel != NULL && self->shown != inq_panel_get_id (self->panel))
    return g_strdup (inq_panel_get_row (self->panel)->cast_words);

  GString *words = g_string_new (NULL);
  guint i = 0;
  for (GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self)); chip != NULL && chip != self->add;
       chip = gtk_widget_get_next_sibling (chip), i++) {
    const InqNamedRow *row = self->rows->pdata[i];
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (chip)) && *row->description != '\0')
      g_string_append_printf (words, "%s%s", words->len > 0 ? ", " : "", row->description);
  }
  return g_string_free (words, FALSE);
}

static void
inq_cast_dispose (GObject *object)
{
  InqCast *self = INQ_CAST (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->panel);
  g_clear_object (&self->board);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->group, g_array_unref);
  G_OBJECT_CLASS (inq_cast_parent_class)->dispose (object);
}

static void
inq_cast_class_init (InqCastClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = inq_cast_dispose;
  gtk_widget_class_set_css_name (widget_class, "chips");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkEditable *
add_entry (GtkWidget *box, const char *label)
{
  GtkWidget *entry = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), label);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 28);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_box_append (GTK_BOX (box), entry);
  return GTK_EDITABLE (entry);
}

static void
inq_cast_init (InqCast *self)
{
  gtk_widget_set_layout_manager (GTK_WIDGET (self), inq_wrap_layout_new (5));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Cast"), -1);
  self->rows = g_ptr_array_new ();

  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_add_css_class (box, "popover-form");
  self->name = add_entry (box, _ ("Name"));
  self->description = add_entry (box, _ ("How they look, for the prompt"));
  GtkWidget *button = gtk_button_new_with_label (_ ("Add to Cast"));
  gtk_widget_add_css_class (button, "suggested-action");
  gtk_box_append (GTK_BOX (box), button);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (add_cb), self);
  g_signal_connect_swapped (self->name, "activate", G_CALLBACK (add_cb), self);
  g_signal_connect_swapped (self->description, "activate", G_CALLBACK (add_cb), self);

  GtkWidget *popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  self->add = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->add), "list-add-symbolic");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->add), popover);
  gtk_widget_set_tooltip_text (self->add, _ ("Add somebody to the cast"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->add), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Add somebody to the cast"), -1);
  gtk_widget_add_css_class (self->add, "chip-add");
  gtk_widget_set_parent (self->add, GTK_WIDGET (self));
}

/* Inquadra - which panels of the timeline are selected: always the current one, and more by Shift, Ctrl and Ctrl+A.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-timeline-private.h"

#include <glib/gi18n.h>

static gboolean
has (InqTimelineStrip *self, InqPanel *panel)
{
  gint64 id = panel != NULL ? inq_panel_get_id (panel) : 0;
  return g_hash_table_contains (self->selected, &id);
}

static void
add (InqTimelineStrip *self, InqPanel *panel)
{
  gint64 id = inq_panel_get_id (panel);
  g_hash_table_add (self->selected, g_memdup2 (&id, sizeof id));
}

gboolean
inq_timeline_strip_is_grouped (InqTimelineStrip *self, InqPanel *panel)
{
  return has (self, panel);
}

guint
inq_timeline_strip_get_n_selected (InqTimelineStrip *self)
{
  return MAX (g_hash_table_size (self->selected), self->current != NULL ? 1 : 0);
}

/* For a screen reader: where one is, and how many would be acted on. */
static void
describe (InqTimelineStrip *self)
{
  guint n = g_hash_table_size (self->selected);

  if (self->current == NULL)
    return;
  g_autofree char *panel = inq_timeline_cell_describe (self->board, self->current);
  g_autofree char *count = g_strdup_printf (g_dngettext (NULL, "%u panel selected", "%u panels selected", n), n);
  g_autofree char *both = g_strdup_printf ("%s; %s", panel, count);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, n > 1 ? both : panel, -1);
}

static void
changed (InqTimelineStrip *self)
{
  if (g_hash_table_size (self->selected) < 2)
    g_hash_table_remove_all (self->selected);
  describe (self);
  inq_timeline_strip_update_cells (self);
  inq_timeline_selection_changed (self->timeline);
}

static gboolean
is_gone (gpointer key, gpointer value, gpointer data)
{
  InqTimelineStrip *self = data;
  return inq_board_find_panel (self->board, *(gint64 *) key) == NULL;
}

void
inq_timeline_strip_check_selected (InqTimelineStrip *self)
{
  if (self->board == NULL) {
    g_hash_table_remove_all (self->selected);
  } else if (self->current != NULL && !has (self, self->current)) {
    /* Shift selects from here on. */
    g_hash_table_remove_all (self->selected);
    self->anchor = inq_panel_get_id (self->current);
  } else {
    g_hash_table_foreach_remove (self->selected, is_gone, self);
  }
  changed (self);
}

/* The selected panel nearest to @index, the one after before the one before. */
static InqPanel *
nearest (InqTimelineStrip *self, int index)
{
  for (int i = index + 1; i < (int) self->panels->len; i++)
    if (has (self, self->panels->pdata[i]))
      return self->panels->pdata[i];
  for (int i = index - 1; i >= 0; i--)
    if (has (self, self->panels->pdata[i]))
      return self->panels->pdata[i];
  return NULL;
}

/* All from where the selecting began to @index. */
static void
extend_to (InqTimelineStrip *self, int index)
{
  InqPanel *anchor = self->anchor != 0 ? inq_board_find_panel (self->board, self->anchor) : NULL;
  if (anchor == NULL)
    anchor = self->current != NULL ? self->current : self->panels->pdata[index];
  self->anchor = inq_panel_get_id (anchor);
  guint from = inq_panel_get_index (anchor), to = index;
  g_hash_table_remove_all (self->selected);
  for (guint i = MIN (from, to); i <= MAX (from, to); i++)
    add (self, self->panels->pdata[i]);
}

void
inq_timeline_strip_choose (InqTimelineStrip *self, int index, gboolean extend, gboolean toggle)
{
  InqPanel *panel = index >= 0 && index < (int) self->panels->len ? self->panels->pdata[index] : NULL;
  if (panel == NULL)
    return;
  gint64 id = inq_panel_get_id (panel);

  if (extend) {
    extend_to (self, index);
  } else if (toggle) {
    if (g_hash_table_size (self->selected) == 0 && self->current != NULL)
      add (self, self->current);
    self->anchor = id;
    if (!g_hash_table_remove (self->selected, &id))
      add (self, panel);
    else if (panel != self->current)
      panel = self->current; /* one stays where one was */
    else
      panel = nearest (self, index);
    if (panel == NULL) /* the last one: there is always a current panel */
      return;
  } else {
    g_hash_table_remove_all (self->selected);
    self->anchor = id;
  }
  inq_timeline_set_panel (self->timeline, panel);
  changed (self);
}

void
inq_timeline_strip_select_all (InqTimelineStrip *self)
{
  for (guint i = 0; i < self->panels->len; i++)
    add (self, self->panels->pdata[i]);
  changed (self);
}

void
inq_timeline_strip_select (InqTimelineStrip *self, const gint64 *ids, gsize n)
{
  g_hash_table_remove_all (self->selected);
  for (gsize i = 0; i < n; i++) {
    InqPanel *panel = inq_board_find_panel (self->board, ids[i]);
    if (panel != NULL)
      add (self, panel);
  }
  if (n > 0)
    self->anchor = ids[0];
  inq_timeline_strip_check_selected (self);
}

gboolean
inq_timeline_strip_unselect (InqTimelineStrip *self)
{
  if (g_hash_table_size (self->selected) == 0)
    return FALSE;
  g_hash_table_remove_all (self->selected);
  self->anchor = self->current != NULL ? inq_panel_get_id (self->current) : 0;
  changed (self);
  return TRUE;
}

GArray *
inq_timeline_strip_get_group (InqTimelineStrip *self, InqPanel *panel)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (panel != NULL && !has (self, panel)) {
    gint64 id = inq_panel_get_id (panel);
    g_array_append_val (ids, id);
    return ids;
  }
  for (guint i = 0; i < self->panels->len; i++)
    if (has (self, self->panels->pdata[i])) {
      gint64 id = inq_panel_get_id (self->panels->pdata[i]);
      g_array_append_val (ids, id);
    }
  return ids;
}

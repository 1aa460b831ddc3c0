/* Inquadra - what a commit changed, for who shows it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-changes.h"

static GHashTable *
id_set_new (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

InqChanges *
inq_changes_new (void)
{
  InqChanges *changes = g_new0 (InqChanges, 1);

  changes->panels = id_set_new ();
  changes->variations = id_set_new ();
  changes->strokes = id_set_new ();
  changes->job_rows = id_set_new ();
  return changes;
}

void
inq_changes_free (InqChanges *changes)
{
  if (changes == NULL)
    return;
  g_hash_table_unref (changes->panels);
  g_hash_table_unref (changes->variations);
  g_hash_table_unref (changes->strokes);
  g_hash_table_unref (changes->job_rows);
  g_free (changes);
}

void
inq_changes_clear (InqChanges *changes)
{
  changes->structure = changes->settings = changes->jobs = changes->undo = FALSE;
  g_hash_table_remove_all (changes->panels);
  g_hash_table_remove_all (changes->variations);
  g_hash_table_remove_all (changes->strokes);
  g_hash_table_remove_all (changes->job_rows);
}

gboolean
inq_changes_is_empty (InqChanges *changes)
{
  return !changes->structure && !changes->settings && !changes->jobs && !changes->undo
         && g_hash_table_size (changes->panels) == 0 && g_hash_table_size (changes->variations) == 0
         && g_hash_table_size (changes->strokes) == 0 && g_hash_table_size (changes->job_rows) == 0;
}

static void
add_id (GHashTable *set, gint64 id)
{
  if (!g_hash_table_contains (set, &id))
    g_hash_table_add (set, g_memdup2 (&id, sizeof id));
}

static void
merge_set (GHashTable *to, GHashTable *from)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    add_id (to, *(gint64 *) key);
}

void
inq_changes_merge (InqChanges *to, InqChanges *from)
{
  to->structure |= from->structure;
  to->settings |= from->settings;
  to->jobs |= from->jobs;
  to->undo |= from->undo;
  merge_set (to->panels, from->panels);
  merge_set (to->variations, from->variations);
  merge_set (to->strokes, from->strokes);
  merge_set (to->job_rows, from->job_rows);
}

void
inq_changes_note (InqChanges *changes, const char *table, gint64 row)
{
  if (g_str_equal (table, "panel"))
    add_id (changes->panels, row);
  else if (g_str_equal (table, "variation"))
    add_id (changes->variations, row);
  else if (g_str_equal (table, "stroke"))
    add_id (changes->strokes, row);
  else if (g_str_equal (table, "job")) {
    changes->jobs = TRUE;
    add_id (changes->job_rows, row);
  } else if (g_str_equal (table, "board"))
    changes->settings = TRUE;
  else if (g_str_equal (table, "undo_step"))
    changes->undo = TRUE;
}

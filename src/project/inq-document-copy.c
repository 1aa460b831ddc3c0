/* Inquadra - panels copied within a board, and taken from board to board
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Row by row through two connections, never ATTACH: what comes from a stranger is read like a stranger's board and
 * written like the artist's own. */
#include "config.h"

#include "inq-document-copy.h"

#include "inq-copy-private.h"
#include "inq-places-private.h"
#include "inq-sql.h"

#include <string.h>

/* ---- where the next one goes ---- */

static gboolean
begin_scene (InqCopy *copy, const InqPanelRow *row, GError **error)
{
  gint64 position = INQ_PLACE_GAP, location = 0;

  if ((copy->scene != 0
       && !inq_make_place (copy->to, INQ_LEVEL_SCENE, 1, copy->scene, INQ_PLACE_AFTER, &position, error))
      || (copy->scene = inq_insert_scene (copy->to, position, row->scene_title, error)) == 0
      || !inq_copy_location (copy, row->location, &location, error)
      || !inq_sql_run (copy->to, error, "UPDATE scene SET location = ?2 WHERE id = ?1", "in", copy->scene, location)
      || !inq_copy_own_number (copy, INQ_LEVEL_SCENE, row->scene, copy->scene, error))
    return FALSE;
  copy->shot = 0;
  return TRUE;
}

static gboolean
begin_shot (InqCopy *copy, const InqPanelRow *row, GError **error)
{
  gint64 position = INQ_PLACE_GAP;

  if ((copy->shot != 0
       && !inq_make_place (copy->to, INQ_LEVEL_SHOT, copy->scene, copy->shot, INQ_PLACE_AFTER, &position, error))
      || (copy->shot = inq_insert_shot (copy->to, copy->scene, position, error)) == 0
      || !inq_copy_own_number (copy, INQ_LEVEL_SHOT, row->shot, copy->shot, error))
    return FALSE;
  copy->panel = 0;
  return TRUE;
}

static gboolean
find_place (InqCopy *copy, const InqPanelRow *row, gint64 *position, GError **error)
{
  if (copy->new_scenes && row->scene != copy->from_scene && !begin_scene (copy, row, error))
    return FALSE;
  if ((copy->shot == 0 || (copy->new_shots && row->shot != copy->from_shot)) && !begin_shot (copy, row, error))
    return FALSE;
  copy->from_scene = row->scene;
  copy->from_shot = row->shot;
  *position = INQ_PLACE_GAP;
  return copy->panel == 0
         || inq_make_place (copy->to, INQ_LEVEL_PANEL, copy->shot, copy->panel, INQ_PLACE_AFTER, position, error);
}

/* ---- one panel ---- */

static gint64
copy_duration (InqCopy *copy, gint frames)
{
  const InqRate a = copy->from_rate, b = copy->to_rate;

  if (a.num == b.num && a.den == b.den)
    return frames;
  return CLAMP (inq_frames_from_seconds (inq_frames_to_seconds (frames, a), b), 1, G_MAXINT);
}

/* Born dead with all that hangs on it, then brought to life under the log. */
static gboolean
copy_panel (InqCopy *copy, const InqPanelRow *row, GError **error)
{
  char *const *text = row->text;
  gint64 position = 0, picked = 0, id;

  if (!find_place (copy, row, &position, error)
      || !inq_sql_run (
          copy->to, error,
          "INSERT INTO panel (shot, position, duration, created, prompt, negative, dialogue, action, notes,"
          " size, angle, move, time) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
          "iiiittttttttt", copy->shot, position, copy_duration (copy, row->duration), g_get_real_time (),
          text[INQ_FIELD_PROMPT], text[INQ_FIELD_NEGATIVE], text[INQ_FIELD_DIALOGUE], text[INQ_FIELD_ACTION],
          text[INQ_FIELD_NOTES], text[INQ_FIELD_SIZE], text[INQ_FIELD_ANGLE], text[INQ_FIELD_MOVE],
          text[INQ_FIELD_TIME]))
    return FALSE;
  copy->panel = id = sqlite3_last_insert_rowid (copy->to->db);
  return inq_copy_strokes (copy, row->id, id, error) && inq_copy_marks (copy, row->id, id, error)
         && inq_copy_cast (copy, row->id, id, error) && inq_copy_variations (copy, row->id, id, &picked, error)
         && inq_copy_own_number (copy, INQ_LEVEL_PANEL, row->id, id, error)
         && inq_sql_run (copy->to, error, "UPDATE panel SET alive = 1, picked = ?2 WHERE id = ?1", "in", id, picked);
}

/* ---- several ---- */

static GPtrArray *
read_rows (InqDocument *from, GArray *ids, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_panel_row_free);

  for (guint i = 0; i < ids->len; i++) {
    InqPanelRow *row = inq_document_get_panel_plain (from, g_array_index (ids, gint64, i), error);

    if (row == NULL)
      return NULL;
    g_ptr_array_add (rows, row);
  }
  return g_steal_pointer (&rows);
}

static gboolean
begin_copy (InqCopy *copy, GPtrArray *rows, gint64 anchor, GError **error)
{
  g_auto (InqBoardSettings) to = { NULL };
  g_auto (InqBoardSettings) from = { NULL };
  const InqPanelRow *first = rows->pdata[0];

  if (!inq_document_get_settings (copy->to, &to, error))
    return FALSE;
  if (!inq_document_get_settings (copy->from, &from, error))
    return inq_copy_blame (copy, error);
  copy->to_rate = to.rate;
  copy->from_rate = from.rate;
  for (guint i = 1; i < rows->len; i++) {
    const InqPanelRow *row = rows->pdata[i];

    copy->new_shots |= row->shot != first->shot;
    copy->new_scenes |= row->scene != first->scene;
  }
  if (anchor == 0 && !inq_end_panel (copy->to, INQ_PLACE_AFTER, &anchor, error))
    return FALSE;
  copy->panel = anchor;
  if (anchor == 0)
    copy->new_shots = copy->new_scenes = TRUE;
  return anchor == 0 || inq_shot_and_scene (copy->to, anchor, &copy->shot, &copy->scene, error);
}

/* The panels @ids of @copy's from, which are in board order, as one step called @label (NULL: none). */
static GArray *
copy_panels (InqCopy *copy, const char *label, GArray *ids, gint64 anchor, GError **error)
{
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) local = NULL;
  gboolean ok;

  if (!inq_document_begin (copy->to, label, NULL, error))
    return NULL;
  copy->to->changes->structure = TRUE;
  rows = read_rows (copy->from, ids, &local);
  ok = rows != NULL ? begin_copy (copy, rows, anchor, &local) : inq_copy_blame (copy, &local);
  for (guint i = 0; ok && i < rows->len; i++) {
    ok = copy_panel (copy, rows->pdata[i], &local);
    g_array_append_val (made, copy->panel);
  }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return inq_document_end (copy->to, ok, error) ? g_steal_pointer (&made) : NULL;
}

GArray *
inq_document_duplicate_panels (InqDocument *document, const gint64 *panels, gsize n, GError **error)
{
  g_auto (InqCopy) copy = { .to = document, .from = document };
  g_autoptr (GArray) ids = inq_panels_in_order (document, panels, n, error);

  g_return_val_if_fail (n > 0, NULL);
  if (ids == NULL)
    return NULL;
  return copy_panels (&copy, n == 1 ? N_ ("Duplicate panel") : N_ ("Duplicate panels"), ids,
                      g_array_index (ids, gint64, n - 1), error);
}

GArray *
inq_document_copy_panels (InqDocument *document, const gint64 *panels, gsize n, gint64 anchor, InqPlace place,
                          GError **error)
{
  g_autoptr (GArray) made = NULL;
  gboolean ok;

  if (!inq_document_begin (document, n == 1 ? N_ ("Copy panel") : N_ ("Copy panels"), NULL, error))
    return NULL;
  made = inq_document_duplicate_panels (document, panels, n, error);
  ok = made != NULL
       && inq_document_move_panels (document, (const gint64 *) (gpointer) made->data, made->len, anchor, place, error);
  return inq_document_end (document, ok, error) ? g_steal_pointer (&made) : NULL;
}

gint64
inq_document_duplicate_panel (InqDocument *document, gint64 panel, GError **error)
{
  g_autoptr (GArray) made = inq_document_duplicate_panels (document, &panel, 1, error);

  return made != NULL ? g_array_index (made, gint64, 0) : 0;
}

/* ---- from board to board ---- */

static GBytes *
pack (InqDocument *document, GArray *ids, const char *path, GError **error)
{
  g_auto (InqCopy) copy = { .from = document, .trusted = TRUE };
  g_auto (InqBoardSettings) settings = { NULL };
  g_autoptr (GArray) made = NULL;
  g_autoptr (GMappedFile) file = NULL;

  if (!inq_document_get_settings (document, &settings, error)
      || (copy.to = inq_document_new (path, &settings, INQ_OPEN_DEFAULT, error)) == NULL)
    return NULL;
  /* Nobody will look for it after a crash. */
  sqlite3_exec (copy.to->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
  made = copy_panels (&copy, NULL, ids, 0, error);
  if (made == NULL) {
    inq_document_free (copy.to);
    return NULL;
  }
  if (!inq_document_close (copy.to, error) || (file = g_mapped_file_new (path, FALSE, error)) == NULL)
    return NULL;
  return g_mapped_file_get_bytes (file);
}

GBytes *
inq_document_pack_panels (InqDocument *document, const gint64 *panels, gsize n, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *folder = NULL;
  GBytes *bytes = NULL;
  g_autoptr (GArray) ids = inq_panels_in_order (document, panels, n, &local);

  g_return_val_if_fail (n > 0, NULL);
  if (ids != NULL && (folder = g_dir_make_tmp ("inquadra-XXXXXX", &local)) != NULL) {
    g_autofree char *path = g_build_filename (folder, "panels.inquadra", NULL);

    bytes = pack (document, ids, path, &local);
    inq_remove_folder (folder);
  }
  if (bytes == NULL)
    /* Room where copies go is not room on the board's disk: waiting for it would hold up what the artist saves. */
    g_set_error (error, INQ_PROJECT_ERROR,
                 g_error_matches (local, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW) ? INQ_PROJECT_ERROR_NO_ROW
                                                                                      : INQ_PROJECT_ERROR_FAILED,
                 _ ("The panels were not copied: %s"), local->message);
  return bytes;
}

static gboolean
not_panels (GError **error)
{
  g_set_error_literal (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NOT_A_BOARD,
                       _ ("What was copied is not panels of a board."));
  return FALSE;
}

/* A board has tables and nothing that computes; and here, unlike in a board that one would rather see in part than not
 * at all, it must be whole. */
static gboolean
check_sound (InqDocument *from, GError **error)
{
  gint64 strange = 0;
  sqlite3_stmt *q;
  g_autofree char *text = NULL;

  if (!inq_sql_value (from, error, &strange, "SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')",
                      ""))
    return FALSE;
  if (strange > 0)
    return not_panels (error);
  q = inq_sql_query (from, error, "PRAGMA quick_check (1)", "");
  if (q == NULL || inq_sql_step (from, q, error) < 0)
    return FALSE;
  text = inq_sql_dup_text (q, 0);
  sqlite3_reset (q);
  if (g_str_equal (text, "ok"))
    return TRUE;
  g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_CORRUPT, _ ("What was copied is damaged: %s"), text);
  return FALSE;
}

GArray *
inq_document_unpack_panels (InqDocument *document, const char *path, gint64 anchor, GError **error)
{
  g_auto (InqCopy) copy = { .to = document };
  g_autoptr (GError) local = NULL;
  g_autoptr (GArray) ids = NULL;
  GArray *made = NULL;

  copy.from = inq_document_open (path, INQ_OPEN_READ_ONLY, &local);
  if (copy.from != NULL && check_sound (copy.from, &local))
    ids = inq_document_list_panel_ids (copy.from, &local);
  if (ids == NULL) {
    inq_copy_blame (&copy, &local);
    g_propagate_error (error, g_steal_pointer (&local));
  } else if (ids->len == 0) {
    not_panels (error);
  } else {
    made = copy_panels (&copy, ids->len == 1 ? N_ ("Paste panel") : N_ ("Paste panels"), ids, anchor, error);
  }
  inq_document_free (copy.from);
  return made;
}

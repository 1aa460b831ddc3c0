/* Inquadra - panels of a board: reading them, numbering them
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-panels.h"

#include "inq-sql.h"

static const char *const field_names[INQ_N_FIELDS] = { "prompt", "negative", "dialogue", "action", "notes",
                                                       "size",   "angle",    "move",     "time",   "number" };

const char *
inq_panel_field_get_name (InqPanelField field)
{
  g_return_val_if_fail ((guint) field < INQ_N_FIELDS, NULL);
  return field_names[field];
}

gboolean
inq_panel_field_from_name (const char *name, InqPanelField *field)
{
  for (guint i = 0; i < INQ_N_FIELDS; i++) {
    if (g_strcmp0 (field_names[i], name) == 0) {
      *field = i;
      return TRUE;
    }
  }
  return FALSE;
}

InqPanelRow *
inq_panel_row_copy (const InqPanelRow *row)
{
  InqPanelRow *copy = g_memdup2 (row, sizeof *row);

  copy->number = g_strdup (row->number);
  copy->scene_number = g_strdup (row->scene_number);
  copy->scene_title = g_strdup (row->scene_title);
  copy->shot_number = g_strdup (row->shot_number);
  copy->location_name = g_strdup (row->location_name);
  copy->location_words = g_strdup (row->location_words);
  copy->cast_words = g_strdup (row->cast_words);
  for (guint i = 0; i < INQ_N_FIELDS; i++)
    copy->text[i] = g_strdup (row->text[i]);
  return copy;
}

void
inq_panel_row_free (InqPanelRow *row)
{
  if (row == NULL)
    return;
  g_free (row->number);
  g_free (row->scene_number);
  g_free (row->scene_title);
  g_free (row->shot_number);
  g_free (row->location_name);
  g_free (row->location_words);
  g_free (row->cast_words);
  for (guint i = 0; i < INQ_N_FIELDS; i++)
    g_free (row->text[i]);
  g_free (row);
}

#define PANEL_COLUMNS                                                                                                  \
  "p.id, p.shot, s.scene, p.duration, p.prompt, p.negative, p.dialogue, p.action, p.notes, p.size, p.angle, p.move, "  \
  "p.time,"                                                                                                            \
  " p.number, coalesce (p.picked, 0),"                                                                                 \
  " coalesce ((SELECT image FROM variation WHERE id = p.picked), 0),"                                                  \
  " coalesce ((SELECT image FROM variation WHERE panel = p.id AND alive AND NOT rejected ORDER BY id DESC LIMIT 1), "  \
  "0),"                                                                                                                \
  " (SELECT count(*) FROM variation WHERE panel = p.id AND alive),"                                                    \
  " (SELECT count(*) FROM stroke WHERE panel = p.id AND alive),"                                                       \
  " (SELECT count(*) FROM job WHERE panel = p.id AND state = 'queued'),"                                               \
  " (SELECT count(*) FROM job WHERE panel = p.id AND state = 'running'),"                                              \
  " (SELECT count(*) FROM job WHERE panel = p.id AND state = 'failed'"                                                 \
  " AND finished > coalesce ((SELECT max (finished) FROM job WHERE panel = p.id AND state = 'done'), -1)),"            \
  " c.title, coalesce (w.id, 0), w.name, w.description,"                                                               \
  " (SELECT group_concat (d, ', ') FROM (SELECT m.description AS d FROM panel_cast l JOIN \"cast\" m"                  \
  " ON m.id = l.member AND m.alive AND m.description != '' WHERE l.panel = p.id AND l.alive"                           \
  " ORDER BY m.name COLLATE NOCASE, m.id))"
#define PANEL_TABLES                                                                                                   \
  " FROM scene c JOIN shot s ON s.scene = c.id JOIN panel p ON p.shot = s.id AND p.alive"                              \
  " LEFT JOIN location w ON w.id = c.location AND w.alive"
#define PANEL_ORDER " ORDER BY c.position, c.id, s.position, s.id, p.position, p.id"

/* A, B ... Z without I and O (they read as 1 and 0), then AA, AB ... @n from 0. */
static char *
shot_letters (guint n)
{
  static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";
  const guint base = sizeof letters - 1;
  char text[16];
  guint at = sizeof text;

  text[--at] = 0;
  for (n++; n > 0; n /= base)
    text[--at] = letters[--n % base];
  return g_strdup (text + at);
}

/* Counts along the board; the numbers of the row it stands on. */
typedef struct {
  gint64 scene, shot;
  guint n_scene, n_shot, n_panel; /* 1-based */
  char *scene_number, *shot_number;
} Counter;

static void
counter_clear (Counter *counter)
{
  g_free (counter->scene_number);
  g_free (counter->shot_number);
}

/* @scene_own and the like: what the artist set, "" to derive. Returns the panel's number; g_free. */
static char *
counter_next (Counter *counter, gint64 scene, gint64 shot, const char *scene_own, const char *shot_own,
              const char *panel_own)
{
  if (scene != counter->scene) {
    counter->scene = scene;
    counter->n_scene++;
    counter->n_shot = 0;
    counter->shot = 0;
    g_free (counter->scene_number);
    counter->scene_number = *scene_own ? g_strdup (scene_own) : g_strdup_printf ("%u", counter->n_scene);
  }
  if (shot != counter->shot) {
    g_autofree char *letters = shot_letters (counter->n_shot++);

    counter->shot = shot;
    counter->n_panel = 0;
    g_free (counter->shot_number);
    counter->shot_number = *shot_own ? g_strdup (shot_own) : g_strconcat (counter->scene_number, letters, NULL);
  }
  counter->n_panel++;
  if (*panel_own)
    return g_strdup (panel_own);
  if (counter->n_panel == 1)
    return g_strdup (counter->shot_number);
  return g_strdup_printf ("%s-%u", counter->shot_number, counter->n_panel);
}

static InqPanelRow *
read_row (sqlite3_stmt *q)
{
  InqPanelRow *row = g_new0 (InqPanelRow, 1);

  row->id = sqlite3_column_int64 (q, 0);
  row->shot = sqlite3_column_int64 (q, 1);
  row->scene = sqlite3_column_int64 (q, 2);
  row->duration = CLAMP (sqlite3_column_int64 (q, 3), 1, G_MAXINT);
  for (int i = 0; i < INQ_N_FIELDS; i++)
    row->text[i] = inq_sql_dup_text (q, 4 + i);
  row->picked = sqlite3_column_int64 (q, 14);
  row->picked_image = sqlite3_column_int64 (q, 15);
  row->cover_image = row->picked_image != 0 ? row->picked_image : sqlite3_column_int64 (q, 16);
  row->n_variations = sqlite3_column_int (q, 17);
  row->n_strokes = sqlite3_column_int (q, 18);
  row->jobs_queued = sqlite3_column_int (q, 19);
  row->jobs_running = sqlite3_column_int (q, 20);
  row->jobs_failed = sqlite3_column_int (q, 21);
  row->scene_title = inq_sql_dup_text (q, 22);
  row->location = sqlite3_column_int64 (q, 23);
  row->location_name = inq_sql_dup_text (q, 24);
  row->location_words = inq_sql_dup_text (q, 25);
  row->cast_words = inq_sql_dup_text (q, 26);
  return row;
}

GPtrArray *
inq_document_list_panels (InqDocument *document, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_panel_row_free);
  Counter counter = { 0 };
  sqlite3_stmt *q = inq_sql_query (document, error,
                                   "SELECT " PANEL_COLUMNS ", c.number, s.number" PANEL_TABLES PANEL_ORDER, "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    InqPanelRow *row = read_row (q);
    g_autofree char *scene_own = inq_sql_dup_text (q, 27);
    g_autofree char *shot_own = inq_sql_dup_text (q, 28);

    row->number = counter_next (&counter, row->scene, row->shot, scene_own, shot_own, row->text[INQ_FIELD_NUMBER]);
    row->scene_number = g_strdup (counter.scene_number);
    row->shot_number = g_strdup (counter.shot_number);
    g_ptr_array_add (rows, row);
  }
  counter_clear (&counter);
  return more == 0 ? g_steal_pointer (&rows) : NULL;
}

/* Calls @func for every panel in order with its number; stops when it returns TRUE. */
typedef gboolean (*NumberFunc) (gint64 panel, guint place, const char *number, const Counter *counter, gpointer data);

static gboolean
walk_numbers (InqDocument *document, NumberFunc func, gpointer data, GError **error)
{
  Counter counter = { 0 };
  guint place = 0;
  sqlite3_stmt *q = inq_sql_query (
      document, error, "SELECT p.id, s.id, c.id, p.number, s.number, c.number" PANEL_TABLES PANEL_ORDER, "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    g_autofree char *panel_own = inq_sql_dup_text (q, 3);
    g_autofree char *shot_own = inq_sql_dup_text (q, 4);
    g_autofree char *scene_own = inq_sql_dup_text (q, 5);
    g_autofree char *number = counter_next (&counter, sqlite3_column_int64 (q, 2), sqlite3_column_int64 (q, 1),
                                            scene_own, shot_own, panel_own);

    if (func (sqlite3_column_int64 (q, 0), ++place, number, &counter, data)) {
      sqlite3_reset (q);
      more = 0;
      break;
    }
  }
  counter_clear (&counter);
  return more == 0;
}

static gboolean
fill_number_cb (gint64 panel, guint place, const char *number, const Counter *counter, gpointer data)
{
  InqPanelRow *row = data;

  if (panel != row->id)
    return FALSE;
  row->number = g_strdup (number);
  row->scene_number = g_strdup (counter->scene_number);
  row->shot_number = g_strdup (counter->shot_number);
  return TRUE;
}

InqPanelRow *
inq_document_get_panel_plain (InqDocument *document, gint64 panel, GError **error)
{
  sqlite3_stmt *q = inq_sql_query (document, error, "SELECT " PANEL_COLUMNS PANEL_TABLES " WHERE p.id = ?1", "i",
                                   panel);
  InqPanelRow *row = NULL;
  int more;

  if (q == NULL || (more = inq_sql_step (document, q, error)) < 0)
    return NULL;
  if (more == 0) {
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW, _ ("This panel is no longer on the board."));
    return NULL;
  }
  row = read_row (q);
  sqlite3_reset (q);
  return row;
}

InqPanelRow *
inq_document_get_panel (InqDocument *document, gint64 panel, GError **error)
{
  g_autoptr (InqPanelRow) row = inq_document_get_panel_plain (document, panel, error);

  if (row == NULL || !walk_numbers (document, fill_number_cb, row, error))
    return NULL;
  return g_steal_pointer (&row);
}

GArray *
inq_document_list_panel_ids (InqDocument *document, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *q = inq_sql_query (document, error, "SELECT p.id" PANEL_TABLES PANEL_ORDER, "");
  int more = -1;

  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    gint64 id = sqlite3_column_int64 (q, 0);

    g_array_append_val (ids, id);
  }
  return more == 0 ? g_steal_pointer (&ids) : NULL;
}

typedef struct {
  const char *number;
  guint64 place;
  gint64 by_number, by_place;
} Find;

static gboolean
find_cb (gint64 panel, guint place, const char *number, const Counter *counter, gpointer data)
{
  Find *find = data;

  if (find->by_number == 0 && g_ascii_strcasecmp (number, find->number) == 0)
    find->by_number = panel;
  if (place == find->place)
    find->by_place = panel;
  return find->by_number != 0;
}

gint64
inq_document_find_panel (InqDocument *document, const char *number, GError **error)
{
  Find find = { .number = number };

  if (!g_ascii_string_to_unsigned (number, 10, 1, G_MAXUINT, &find.place, NULL))
    find.place = 0;
  if (!walk_numbers (document, find_cb, &find, error))
    return 0;
  if (find.by_number == 0 && find.by_place == 0)
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NO_ROW, _ ("There is no panel “%s” on this board."),
                 number);
  return find.by_number != 0 ? find.by_number : find.by_place;
}

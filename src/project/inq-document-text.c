/* Inquadra - panels of a board: text, time, the scene's heading
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-panels.h"

#include "inq-sql.h"

static const struct {
  const char *label, *sql;
} fields[INQ_N_FIELDS] = {
  [INQ_FIELD_PROMPT] = { N_ ("Edit prompt"), "UPDATE panel SET prompt = ?2 WHERE id = ?1" },
  [INQ_FIELD_NEGATIVE] = { N_ ("Edit negative prompt"), "UPDATE panel SET negative = ?2 WHERE id = ?1" },
  [INQ_FIELD_DIALOGUE] = { N_ ("Edit dialogue"), "UPDATE panel SET dialogue = ?2 WHERE id = ?1" },
  [INQ_FIELD_ACTION] = { N_ ("Edit action"), "UPDATE panel SET action = ?2 WHERE id = ?1" },
  [INQ_FIELD_NOTES] = { N_ ("Edit notes"), "UPDATE panel SET notes = ?2 WHERE id = ?1" },
  [INQ_FIELD_SIZE] = { N_ ("Change shot size"), "UPDATE panel SET size = ?2 WHERE id = ?1" },
  [INQ_FIELD_ANGLE] = { N_ ("Change angle"), "UPDATE panel SET angle = ?2 WHERE id = ?1" },
  [INQ_FIELD_MOVE] = { N_ ("Change camera move"), "UPDATE panel SET move = ?2 WHERE id = ?1" },
  [INQ_FIELD_TIME] = { N_ ("Change time of day"), "UPDATE panel SET time = ?2 WHERE id = ?1" },
  [INQ_FIELD_NUMBER] = { N_ ("Change panel number"), "UPDATE panel SET number = ?2 WHERE id = ?1" },
};

static char *
merge_key (const char *what, gint64 row, guint64 session)
{
  if (session == 0)
    return NULL;
  return g_strdup_printf ("%s/%" G_GINT64_FORMAT "/%" G_GUINT64_FORMAT, what, row, session);
}

gboolean
inq_document_set_text (InqDocument *document, gint64 panel, InqPanelField field, const char *text, guint64 session,
                       GError **error)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail ((guint) field < INQ_N_FIELDS, FALSE);
  key = merge_key (inq_panel_field_get_name (field), panel, session);
  if (!inq_check_utf8 (text, error) || !inq_document_begin (document, fields[field].label, key, error))
    return FALSE;
  if (field == INQ_FIELD_NUMBER)
    document->changes->structure = TRUE;
  return inq_document_end (document,
                           inq_check_alive (document, "panel", panel, error)
                               && inq_sql_run (document, error, fields[field].sql, "it", panel, text),
                           error);
}

static gboolean
write_duration (InqDocument *document, gint64 panel, gint frames, GError **error)
{
  if (frames < 1) {
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID, _ ("A panel lasts at least one frame."));
    return FALSE;
  }
  return inq_check_alive (document, "panel", panel, error)
         && inq_sql_run (document, error, "UPDATE panel SET duration = ?2 WHERE id = ?1", "ii", panel, (gint64) frames);
}

gboolean
inq_document_set_duration (InqDocument *document, gint64 panel, gint frames, guint64 session, GError **error)
{
  g_autofree char *key = merge_key ("duration", panel, session);

  if (!inq_document_begin (document, N_ ("Change duration"), key, error))
    return FALSE;
  return inq_document_end (document, write_duration (document, panel, frames, error), error);
}

/* Edits of several panels join while they are of the same ones. */
static char *
merge_key_of_several (const char *what, const gint64 *panels, gsize n, guint64 session)
{
  g_autofree char *several = g_strdup_printf ("%s/%" G_GSIZE_FORMAT, what, n);

  return n > 0 ? merge_key (several, panels[0], session) : NULL;
}

gboolean
inq_document_set_durations (InqDocument *document, const gint64 *panels, gsize n, gint frames, guint64 session,
                            GError **error)
{
  g_autofree char *key = merge_key_of_several ("duration", panels, n, session);
  gboolean ok = TRUE;

  if (!inq_document_begin (document, n == 1 ? N_ ("Change duration") : N_ ("Change durations"), key, error))
    return FALSE;
  for (gsize i = 0; ok && i < n; i++)
    ok = write_duration (document, panels[i], frames, error);
  return inq_document_end (document, ok, error);
}

gboolean
inq_document_set_texts (InqDocument *document, const gint64 *panels, gsize n, InqPanelField field, const char *text,
                        guint64 session, GError **error)
{
  g_autofree char *key = NULL;
  gboolean ok = TRUE;

  g_return_val_if_fail ((guint) field < INQ_N_FIELDS, FALSE);
  key = merge_key_of_several (inq_panel_field_get_name (field), panels, n, session);
  if (!inq_check_utf8 (text, error) || !inq_document_begin (document, fields[field].label, key, error))
    return FALSE;
  if (field == INQ_FIELD_NUMBER)
    document->changes->structure = TRUE;
  for (gsize i = 0; ok && i < n; i++)
    ok = inq_check_alive (document, "panel", panels[i], error)
         && inq_sql_run (document, error, fields[field].sql, "it", panels[i], text);
  return inq_document_end (document, ok, error);
}

gboolean
inq_document_set_scene (InqDocument *document, gint64 panel, const char *title, const char *number, guint64 session,
                        GError **error)
{
  gint64 scene = 0;
  gboolean ok;
  g_autofree char *key = merge_key ("scene", panel, session);

  if (!inq_check_utf8 (title, error) || !inq_check_utf8 (number, error)
      || !inq_document_begin (document, N_ ("Change scene heading"), key, error))
    return FALSE;
  document->changes->structure = TRUE;
  ok = inq_check_alive (document, "panel", panel, error)
       && inq_sql_value (document, error, &scene,
                         "SELECT s.scene FROM panel p JOIN shot s ON s.id = p.shot WHERE p.id = ?1", "i", panel);
  if (ok && title != NULL)
    ok = inq_sql_run (document, error, "UPDATE scene SET title = ?2 WHERE id = ?1", "it", scene, title);
  if (ok && number != NULL)
    ok = inq_sql_run (document, error, "UPDATE scene SET number = ?2 WHERE id = ?1", "it", scene, number);
  return inq_document_end (document, ok, error);
}

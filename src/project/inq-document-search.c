/* Inquadra - full text search over the panels
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-panels.h"

#include "inq-sql.h"

#define TEXT_OF_PANEL "SELECT id, prompt, dialogue, action, notes FROM panel"
#define INSERT_TEXT   "INSERT OR REPLACE INTO panel_text (rowid, prompt, dialogue, action, notes) "

gboolean
inq_search_update (InqDocument *document, GHashTable *panels, GError **error)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, panels);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    gint64 panel = *(gint64 *) key;

    if (!inq_sql_run (document, error,
                      INSERT_TEXT TEXT_OF_PANEL
                      " p WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM panel_text t WHERE t.rowid = ?1"
                      " AND t.prompt IS p.prompt AND t.dialogue IS p.dialogue AND t.action IS p.action"
                      " AND t.notes IS p.notes)",
                      "i", panel)
        || !inq_sql_run (document, error,
                         "DELETE FROM panel_text WHERE rowid = ?1 AND NOT EXISTS (SELECT 1 FROM panel WHERE id = ?1)",
                         "i", panel))
      return FALSE;
  }
  return TRUE;
}

gboolean
inq_search_is_sound (InqDocument *document)
{
  gint64 differing = -1;

  return inq_sql_value (
             document, NULL, &differing,
             "SELECT count(*) FROM (SELECT * FROM (" TEXT_OF_PANEL " EXCEPT"
             " SELECT rowid, prompt, dialogue, action, notes FROM panel_text) UNION ALL"
             " SELECT * FROM (SELECT rowid, prompt, dialogue, action, notes FROM panel_text EXCEPT " TEXT_OF_PANEL "))",
             "")
         && differing == 0
         /* FTS5's own check is a write in form */
         && (document->read_only
             || inq_sql_run (document, NULL, "INSERT INTO panel_text (panel_text) VALUES ('integrity-check')", ""));
}

gboolean
inq_search_rebuild (InqDocument *document, GError **error)
{
  return inq_sql_run (document, error, "DELETE FROM panel_text", "")
         && inq_sql_run (document, error, INSERT_TEXT TEXT_OF_PANEL, "")
         && inq_sql_run (document, error, "INSERT INTO panel_text (panel_text) VALUES ('rebuild')", "");
}

GArray *
inq_document_search (InqDocument *document, const char *query, gint limit, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GString) match = g_string_new (NULL);
  g_auto (GStrv) words = NULL;
  sqlite3_stmt *q;
  int more = -1;

  if (!inq_check_utf8 (query, error))
    return NULL;
  /* Every word a quoted prefix, so that nothing in it is query syntax. */
  words = g_strsplit_set (query != NULL ? query : "", " \t\r\n", -1);
  for (gsize i = 0; words[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (words[i], "\"", -1);
    g_autofree char *word = g_strjoinv ("", parts);
    gboolean has_letter = FALSE;

    for (const char *c = word; *c; c = g_utf8_next_char (c))
      has_letter |= g_unichar_isalnum (g_utf8_get_char (c));
    if (has_letter)
      g_string_append_printf (match, "%s\"%s\"*", match->len > 0 ? " " : "", word);
  }
  if (match->len == 0)
    return g_steal_pointer (&ids);
  q = inq_sql_query (
      document, error,
      "SELECT t.rowid FROM panel_text t JOIN panel p ON p.id = t.rowid AND p.alive WHERE panel_text MATCH ?1"
      " ORDER BY t.rank, t.rowid LIMIT ?2",
      "ti", match->str, (gint64) MAX (limit, 0));
  while (q != NULL && (more = inq_sql_step (document, q, error)) > 0) {
    gint64 id = sqlite3_column_int64 (q, 0);

    g_array_append_val (ids, id);
  }
  return more == 0 ? g_steal_pointer (&ids) : NULL;
}

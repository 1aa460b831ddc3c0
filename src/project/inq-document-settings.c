/* Inquadra - title, frame and rate of a board
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document.h"

#include "inq-sql.h"

void
inq_board_settings_clear (InqBoardSettings *settings)
{
  g_clear_pointer (&settings->title, g_free);
  g_clear_pointer (&settings->drawing, g_free);
}

gboolean
inq_board_settings_check (const InqBoardSettings *settings, GError **error)
{
  if (!inq_check_utf8 (settings->title, error))
    return FALSE;
  if (settings->frame_width >= 1 && settings->frame_width <= 16384 && settings->frame_height >= 1
      && settings->frame_height <= 16384 && inq_rate_is_valid (settings->rate))
    return TRUE;
  g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_INVALID,
               _ ("A frame of %d × %d at %d/%d per second is not possible."), settings->frame_width,
               settings->frame_height, settings->rate.num, settings->rate.den);
  return FALSE;
}

gboolean
inq_document_get_settings (InqDocument *document, InqBoardSettings *settings, GError **error)
{
  sqlite3_stmt *q = inq_sql_query (
      document, error, "SELECT title, frame_width, frame_height, rate_num, rate_den, drawing FROM board WHERE id = 1",
      "");
  int more;

  memset (settings, 0, sizeof *settings);
  if (q == NULL || (more = inq_sql_step (document, q, error)) < 0)
    return FALSE;
  if (more == 0) {
    g_set_error (error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_CORRUPT, _ ("The board has lost its settings."));
    return FALSE;
  }
  settings->title = inq_sql_dup_text (q, 0);
  settings->frame_width = CLAMP (sqlite3_column_int64 (q, 1), 1, 16384);
  settings->frame_height = CLAMP (sqlite3_column_int64 (q, 2), 1, 16384);
  settings->rate.num = sqlite3_column_int (q, 3);
  settings->rate.den = sqlite3_column_int (q, 4);
  if (!inq_rate_is_valid (settings->rate))
    settings->rate = INQ_RATE_DEFAULT;
  settings->drawing = inq_sql_dup_text (q, 5);
  sqlite3_reset (q);
  return TRUE;
}

gboolean
inq_document_set_settings (InqDocument *document, const InqBoardSettings *settings, GError **error)
{
  g_auto (InqBoardSettings) old = { NULL };
  gint64 up, down;

  if (!inq_board_settings_check (settings, error)
      || !inq_document_begin (document, N_ ("Change board settings"), NULL, error))
    return FALSE;
  if (!inq_document_get_settings (document, &old, error)
      || !inq_sql_run (document, error,
                       "UPDATE board SET title = ?1, frame_width = ?2, frame_height = ?3, rate_num = ?4, rate_den = ?5",
                       "tiiii", settings->title, (gint64) settings->frame_width, (gint64) settings->frame_height,
                       (gint64) settings->rate.num, (gint64) settings->rate.den))
    goto fail;
  if (!inq_rate_equal (old.rate, settings->rate)) {
    /* new frames = old frames x (new rate / old rate), to the nearest */
    up = (gint64) settings->rate.num * old.rate.den;
    down = (gint64) settings->rate.den * old.rate.num;
    if (!inq_sql_run (document, error, "UPDATE panel SET duration = max (1, (duration * ?1 * 2 + ?2) / (?2 * 2))", "ii",
                      up, down))
      goto fail;
  }
  return inq_document_commit (document, error);

fail:
  inq_document_rollback (document);
  return FALSE;
}

gboolean
inq_document_set_drawing (InqDocument *document, const char *json, const char *merge_key, GError **error)
{
  if (json == NULL)
    json = "{}";
  if (!inq_document_begin (document, N_ ("Change how the board is drawn"), merge_key, error))
    return FALSE;
  return inq_document_end (document,
                           inq_check_json_object (document, json, error)
                               && inq_sql_run (document, error, "UPDATE board SET drawing = ?1", "t", json),
                           error);
}

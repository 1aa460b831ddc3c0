/* Inquadra - forgetting what nothing can reach any more
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-undo.h"

#include "inq-sql.h"

#define STRINGIFY_(x) #x
#define STRINGIFY(x)  STRINGIFY_ (x)

/* An undo op reaches the row it writes and the rows that its old and new values point to; a kept row of a saved version
 * likewise. */
#define NO_OP(table)     "NOT EXISTS (SELECT 1 FROM undo_op o WHERE o.tbl = '" table "' AND o.row = \"" table "\".id)"
#define UNREACHED(table) NO_OP (table) " AND NOT EXISTS (SELECT 1 FROM kept_" table " k WHERE k.id = \"" table "\".id)"
/* No cell of that column, past or kept, holds this row's id. */
#define UNNAMED(table, column)                                                                                         \
  "id NOT IN (SELECT old FROM undo_op WHERE tbl = '" table "' AND col = '" column "' AND old IS NOT NULL)"             \
  " AND id NOT IN (SELECT new FROM undo_op WHERE tbl = '" table "' AND col = '" column "' AND new IS NOT NULL)"        \
  " AND id NOT IN (SELECT " column " FROM kept_" table " WHERE " column " IS NOT NULL)"

static const char *const forget[] = {
  "DELETE FROM undo_step WHERE id <= (SELECT id FROM undo_step ORDER BY id DESC LIMIT 1 OFFSET " STRINGIFY (
      INQ_UNDO_DEPTH) ")",
  "DELETE FROM snapshot WHERE NOT alive AND " NO_OP ("snapshot"),
#define KEPT(table)                                                                                                    \
  "DELETE FROM kept_" table " WHERE NOT EXISTS"                                                                        \
  " (SELECT 1 FROM snapshot_row r WHERE r.tbl = '" table "' AND r.kept = kept_" table ".kept)"
  KEPT ("board"),
  KEPT ("location"),
  KEPT ("scene"),
  KEPT ("shot"),
  KEPT ("panel"),
  KEPT ("variation"),
  KEPT ("cast"),
  KEPT ("panel_cast"),
  KEPT ("stroke"),
  KEPT ("mark"),
#undef KEPT
  "DELETE FROM panel WHERE NOT alive AND " UNREACHED (
      "panel") " AND NOT EXISTS"
               " (SELECT 1 FROM job j WHERE j.panel = panel.id AND j.state = 'running')",
  "DELETE FROM variation WHERE NOT alive AND " UNREACHED (
      "variation") " AND NOT EXISTS"
                   " (SELECT 1 FROM panel p WHERE p.picked = variation.id) AND " UNNAMED ("panel", "picked"),
  /* What a job was drawn from is part of the recipe of what it drew. */
  "UPDATE job SET init = NULL, mask = NULL WHERE state = 'done' AND (init NOT NULL OR mask NOT NULL)"
  " AND NOT EXISTS (SELECT 1 FROM variation v WHERE v.job = job.id)",
  "DELETE FROM stroke WHERE NOT alive AND " UNREACHED ("stroke"),
  "DELETE FROM mark WHERE NOT alive AND " UNREACHED ("mark"),
  "DELETE FROM panel_cast WHERE NOT alive AND " UNREACHED ("panel_cast"),
  "DELETE FROM shot WHERE NOT EXISTS (SELECT 1 FROM panel p WHERE p.shot = shot.id) AND " UNREACHED (
      "shot") " AND " UNNAMED ("panel", "shot"),
  "DELETE FROM scene WHERE NOT EXISTS (SELECT 1 FROM shot s WHERE s.scene = scene.id) AND " UNREACHED (
      "scene") " AND " UNNAMED ("shot", "scene"),
  "DELETE FROM location WHERE NOT alive AND " UNREACHED (
      "location") " AND NOT EXISTS"
                  " (SELECT 1 FROM scene s WHERE s.location = location.id) AND " UNNAMED ("scene", "location"),
  "DELETE FROM \"cast\" WHERE NOT alive AND " UNREACHED (
      "cast") " AND NOT EXISTS"
              " (SELECT 1 FROM panel_cast l WHERE l.member = \"cast\".id)",
};

gboolean
inq_document_collect (InqDocument *document, gint *freed, GError **error)
{
  gint n = 0;

  if (freed != NULL)
    *freed = 0;
  g_return_val_if_fail (document->depth == 0, FALSE);
  if (!inq_document_begin (document, NULL, NULL, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (forget); i++)
    if (!inq_sql_run (document, error, forget[i], ""))
      goto fail;
  if (!inq_sql_run (document, error,
                    "DELETE FROM image WHERE NOT EXISTS (SELECT 1 FROM variation v WHERE v.image = image.id)"
                    " AND NOT EXISTS (SELECT 1 FROM job j WHERE j.init = image.id)"
                    " AND NOT EXISTS (SELECT 1 FROM job j WHERE j.mask = image.id)"
                    " AND NOT EXISTS (SELECT 1 FROM \"cast\" c WHERE c.image = image.id)"
                    " AND NOT EXISTS (SELECT 1 FROM location l WHERE l.image = image.id)"
                    " AND " UNNAMED ("cast", "image") " AND " UNNAMED ("location", "image"),
                    ""))
    goto fail;
  n = sqlite3_changes (document->db);
  document->changes->undo = TRUE;
  if (!inq_document_commit (document, error))
    return FALSE;
  document->merge_step = 0;
  inq_document_load_undo_state (document, NULL);
  if (n > 0)
    inq_sql_script (document->db, "PRAGMA incremental_vacuum", document->path, NULL);
  if (freed != NULL)
    *freed = n;
  return TRUE;

fail:
  inq_document_rollback (document);
  return FALSE;
}

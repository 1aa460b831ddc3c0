/* Inquadra - forgetting what nothing can reach any more
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-document-undo.h"

#include "inq-sql.h"

#define STRINGIFY_(x) #x
#define STRINGIFY(x)  STRINGIFY_ (x)

/* An undo op reaches the row it writes and the rows that its old and new values point to. */
static const char *const forget[] = {
  "DELETE FROM undo_step WHERE id <= (SELECT id FROM undo_step ORDER BY id DESC LIMIT 1 OFFSET " STRINGIFY (
      INQ_UNDO_DEPTH) ")",
  "DELETE FROM panel WHERE NOT alive AND NOT EXISTS (SELECT 1 FROM undo_op o WHERE o.tbl = 'panel' AND o.row = "
  "panel.id)"
  " AND NOT EXISTS (SELECT 1 FROM job j WHERE j.panel = panel.id AND j.state = 'running')",
  "DELETE FROM variation WHERE NOT alive AND NOT EXISTS (SELECT 1 FROM undo_op o WHERE o.tbl = 'variation' AND o.row = "
  "variation.id)"
  " AND NOT EXISTS (SELECT 1 FROM panel p WHERE p.picked = variation.id)"
  " AND id NOT IN (SELECT old FROM undo_op WHERE tbl = 'panel' AND col = 'picked' AND old IS NOT NULL)"
  " AND id NOT IN (SELECT new FROM undo_op WHERE tbl = 'panel' AND col = 'picked' AND new IS NOT NULL)",
  /* What a job was drawn from is part of the recipe of what it drew. */
  "UPDATE job SET init = NULL, mask = NULL WHERE state = 'done' AND (init NOT NULL OR mask NOT NULL)"
  " AND NOT EXISTS (SELECT 1 FROM variation v WHERE v.job = job.id)",
  "DELETE FROM stroke WHERE NOT alive AND NOT EXISTS (SELECT 1 FROM undo_op o WHERE o.tbl = 'stroke' AND o.row = "
  "stroke.id)",
  "DELETE FROM mark WHERE NOT alive AND NOT EXISTS (SELECT 1 FROM undo_op o WHERE o.tbl = 'mark' AND o.row = mark.id)",
  "DELETE FROM panel_cast WHERE NOT alive AND NOT EXISTS"
  " (SELECT 1 FROM undo_op o WHERE o.tbl = 'panel_cast' AND o.row = panel_cast.id)",
  "DELETE FROM shot WHERE NOT EXISTS (SELECT 1 FROM panel p WHERE p.shot = shot.id)"
  " AND NOT EXISTS (SELECT 1 FROM undo_op o WHERE o.tbl = 'shot' AND o.row = shot.id)"
  " AND id NOT IN (SELECT old FROM undo_op WHERE tbl = 'panel' AND col = 'shot' AND old IS NOT NULL)"
  " AND id NOT IN (SELECT new FROM undo_op WHERE tbl = 'panel' AND col = 'shot' AND new IS NOT NULL)",
  "DELETE FROM scene WHERE NOT EXISTS (SELECT 1 FROM shot s WHERE s.scene = scene.id)"
  " AND NOT EXISTS (SELECT 1 FROM undo_op o WHERE o.tbl = 'scene' AND o.row = scene.id)"
  " AND id NOT IN (SELECT old FROM undo_op WHERE tbl = 'shot' AND col = 'scene' AND old IS NOT NULL)"
  " AND id NOT IN (SELECT new FROM undo_op WHERE tbl = 'shot' AND col = 'scene' AND new IS NOT NULL)",
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
                    " AND id NOT IN (SELECT old FROM undo_op WHERE tbl = 'cast' AND col = 'image' AND old IS NOT NULL)"
                    " AND id NOT IN (SELECT new FROM undo_op WHERE tbl = 'cast' AND col = 'image' AND new IS NOT NULL)",
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

/* Inquadra - is a board file sound, and what can be mended
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document.h"

G_BEGIN_DECLS

typedef struct {
  char *what;    /* stable name: "integrity", "foreign-key", "image-hash", "image-png", "pick", "job", "search", "undo",
                    "duration", "thumbnail", "json", "schema" */
  gint64 row;    /* id concerned, 0 if none */
  char *message; /* translated */
  gboolean repaired;
} InqCheckRow;

void inq_check_row_free (InqCheckRow *row);

/* Looks at everything: SQLite's own integrity and foreign keys, every picture against its hash, picks, jobs, durations,
 * the search index, the undo log, triggers and views that are not ours. With @repair it mends what can be mended
 * without losing anything (makes thumbnails again, rebuilds the index, takes away picks that point nowhere, drops an
 * undo log that does not apply, and triggers and views). (element-type InqCheckRow): empty when the board is sound. */
GPtrArray *inq_document_check (InqDocument *document, gboolean repair, GError **error);

G_END_DECLS

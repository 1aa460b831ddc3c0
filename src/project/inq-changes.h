/* Inquadra - what a commit changed, for who shows it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Filled by SQLite's update hook (rows) and by those who know that the order changes (structure). */
typedef struct {
  gboolean structure; /* set, order or numbers of panels */
  gboolean settings;
  gboolean jobs;
  gboolean undo;          /* the undo log moved */
  GHashTable *panels;     /* (gint64 set) rows to read again */
  GHashTable *variations; /* (gint64 set) variation rows touched; inq_document_take_changes() makes panels of them */
  GHashTable *strokes;    /* the same for strokes and marks */
  GHashTable *job_rows;
} InqChanges;

InqChanges *inq_changes_new (void);
void inq_changes_free (InqChanges *changes);
void inq_changes_clear (InqChanges *changes);
gboolean inq_changes_is_empty (InqChanges *changes);
/* Adds all of @from to @to. */
void inq_changes_merge (InqChanges *to, InqChanges *from);
/* One row of @table was inserted, updated or deleted. */
void inq_changes_note (InqChanges *changes, const char *table, gint64 row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqChanges, inq_changes_free)

G_END_DECLS

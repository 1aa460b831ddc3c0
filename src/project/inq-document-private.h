/* Inquadra - inside an open document (not for other folders)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>
#include <glib/gi18n-lib.h>
#include "inq-document.h"
#include "inq-changes.h"
#include "inq-document-panels.h"
#include "inq-document-strokes.h"

G_BEGIN_DECLS

struct _InqDocument {
  sqlite3 *db;
  char *path; /* canonical */
  gboolean read_only;
  char *read_only_reason;
  gboolean has_editor; /* read-only because another edits it */
  gint64 data_version; /* read-only: SQLite's count of what others wrote, when last looked at */
  int lock_fd;         /* of PATH-lock, flocked; -1 */
  int watch_fd;        /* of the file, to find it where it is moved to; -1 */
  char *scratch; /* folder of a private copy that is shown instead of a file that cannot be read in place, or NULL */
  GHashTable *statements; /* (utf8 SQL -> sqlite3_stmt) */

  /* the act under way */
  guint depth;
  guint64 n_commits; /* since it was opened */
  gboolean doomed;
  char *merge_key;
  char *label;
  gint64 step;  /* undo step that triggers write to; 0: not recorded */
  gint64 n_ops; /* cells the triggers have logged in this act */

  char *undo_label, *redo_label;
  gint64 merge_step; /* the last step, if an act with its key may join it; 0 */

  /* the note that inq_document_write_note() made last */
  guint64 note_session;
  gint64 note;

  InqChanges *changes;  /* of the act under way */
  InqChanges *finished; /* of acts committed since inq_document_take_changes() */
};

/* FALSE with READ_ONLY if the document may not be changed. */
gboolean inq_document_check_writable (InqDocument *document, GError **error);
/* Commits the act begun if @ok, takes it back (error is set already) if not; returns whether it is done. */
gboolean inq_document_end (InqDocument *document, gboolean ok, GError **error);
/* Reads undo_label and redo_label again. */
gboolean inq_document_load_undo_state (InqDocument *document, GError **error);
/* Registers inq_undo_step() and makes the TEMP triggers that log cells. */
gboolean inq_document_install_undo (InqDocument *document, GError **error);
/* TRUE if (table, column) is one the undo log may write. */
gboolean inq_undo_knows (const char *table, const char *column);
/* The tables the log knows and the columns of each, from 0; NULL after the last. */
const char *inq_undo_get_table (guint n);
const char *inq_undo_get_column (guint table, guint n);
/* Undoing a change of this cell changes the order, numbers or set of panels. */
gboolean inq_undo_is_structural (const char *table, const char *column);

/* What the commits since the last call changed; (transfer full). */
InqChanges *inq_document_take_changes (InqDocument *document);

/* FALSE with INVALID unless the settings make sense. */
gboolean inq_board_settings_check (const InqBoardSettings *settings, GError **error);
/* FALSE with INVALID unless @text is UTF-8 (NULL counts as ""). */
gboolean inq_check_utf8 (const char *text, GError **error);
/* FALSE with INVALID unless @json is a JSON object. */
gboolean inq_check_json_object (InqDocument *document, const char *json, GError **error);
/* FALSE with NO_ROW unless @table has a live row @id. */
gboolean inq_check_alive (InqDocument *document, const char *table, gint64 id, GError **error);

/* Within an act: a row for @stroke, which is a sound one; 0 with @error. @alive: it lives at once and undo knows
 * nothing of it. */
gint64 inq_document_insert_stroke (InqDocument *document, const InqStroke *stroke, gboolean alive, GError **error);

/* Brings the search index to the text of @panels (a set of gint64), within an act. */
gboolean inq_search_update (InqDocument *document, GHashTable *panels, GError **error);
gboolean inq_search_is_sound (InqDocument *document);
gboolean inq_search_rebuild (InqDocument *document, GError **error);

/* Saved versions with rows that are missing, each once; and letting go of those rows. */
GArray *inq_snapshots_find_broken (InqDocument *document, GError **error);
gboolean inq_snapshots_mend (InqDocument *document, gint64 snapshot);

/* A panel without its numbers (they are NULL). */
InqPanelRow *inq_document_get_panel_plain (InqDocument *document, gint64 panel, GError **error);

/* TRUE if others have written since the last call, or since it was opened. A private copy never changes. */
gboolean inq_document_was_changed (InqDocument *document);
typedef enum {
  INQ_FILE_HERE,  /* where it was opened, or nobody can tell */
  INQ_FILE_MOVED, /* elsewhere on the same disk */
  INQ_FILE_GONE,  /* deleted */
} InqFilePlace;

/* From here on the file can be found. */
void inq_document_watch_file (InqDocument *document);
/* @moved_to: (out) (optional): set with MOVED only. */
InqFilePlace inq_document_find_file (InqDocument *document, char **moved_to);
/* Brings everything from the log into the file; the log is empty then. BUSY if a reader keeps it from that. */
gboolean inq_document_fold (InqDocument *document, GError **error);
/* As inq_document_backup(), for a @path whose log is this document's own. */
gboolean inq_document_copy_whole (InqDocument *document, const char *path, GError **error);
/* Closes without tidying up; its log goes. */
void inq_document_let_go (InqDocument *document);
/* Is PATH-lock held by nobody now? */
gboolean inq_lock_is_free (const char *path);
/* Takes PATH-lock; FALSE with BUSY if another holds it. *fd is -1 where the filesystem knows no locks. */
gboolean inq_lock_take (const char *path, int *fd, GError **error);
void inq_lock_release (const char *path, int fd);

G_END_DECLS

/* Inquadra - a board file: open, close, settings, acts
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "inq-project-error.h"
#include "inq-timecode.h"

G_BEGIN_DECLS

/**
 * InqDocument:
 *
 * One `*.inquadra` file, open. Synchronous and plain; the desktop application uses it through #InqBoard, the command
 * line directly.
 *
 * Thread-safety: one thread at a time; the caller sees to that.
 *
 * Every changing call is one transaction: on return TRUE it is on the disk (synchronous=FULL), on FALSE with a #GError
 * nothing changed. A call that the artist would call an action is also one undo step. Calls between
 * inq_document_begin() and inq_document_commit() make one transaction and one step together.
 *
 * Ids are gint64, above 0, never used again. Rows an artist removes are only marked dead until no undo step can bring
 * them back, so ids held elsewhere stay safe to ask for (INQ_PROJECT_ERROR_NO_ROW if dead).
 *
 * Strings handed in are copied; NULL counts as "". Text must be UTF-8 (INVALID otherwise).
 *
 * Never open(2) the file of an open board in the same process by other means: closing that descriptor would drop
 * SQLite's locks. Copies are made with inq_document_backup().
 */
typedef struct _InqDocument InqDocument;

/* What must be right before a picture is drawn. */
typedef struct {
  char *title;                    /* "" shows the file name */
  gint frame_width, frame_height; /* pixels of the frame as it is presented; their quotient is the aspect; 1..16384 */
  InqRate rate;
  char *drawing; /* read-only here, see inq_document_set_drawing(); NULL in settings that are handed in */
} InqBoardSettings;

#define INQ_BOARD_SETTINGS_DEFAULT                                                                                     \
  {                                                                                                                    \
    NULL, 1920, 1080,                                                                                                  \
    {                                                                                                                  \
      24, 1                                                                                                            \
    }                                                                                                                  \
  }

void inq_board_settings_clear (InqBoardSettings *settings);

typedef enum {
  INQ_OPEN_DEFAULT = 0,
  INQ_OPEN_READ_ONLY = 1 << 0,           /* look, do not touch; takes no lock */
  INQ_OPEN_FALL_BACK_READ_ONLY = 1 << 1, /* read-only instead of INQ_PROJECT_ERROR_BUSY */
  INQ_OPEN_REPLACE = 1 << 2,             /* inq_document_new(): an existing file is kept as FILE~ (FILE~2 ...) */
} InqOpenFlags;

/**
 * inq_document_new:
 * @settings: (nullable): NULL for the defaults (1920x1080, 24)
 *
 * Makes an empty board (no scene, no panel) at @path and opens it for editing. The file appears whole or not at all.
 * Errors: EXISTS, FULL, FAILED (folder missing or not writable).
 */
InqDocument *inq_document_new (const char *path, const InqBoardSettings *settings, InqOpenFlags flags, GError **error);

/**
 * inq_document_open:
 *
 * Opens a board, migrating older schemas forward (in a private copy where the file is only looked at). A file or folder
 * that may not be written opens read-only (see inq_document_get_read_only_reason()). Jobs left running by a crash are
 * not touched: inq_document_recover_jobs(). Errors: NOT_FOUND, NOT_A_BOARD, NEWER, BUSY (another process or another
 * InqDocument edits it), CORRUPT, FULL.
 */
InqDocument *inq_document_open (const char *path, InqOpenFlags flags, GError **error);

/**
 * inq_document_close:
 *
 * Drops what nothing can reach any more, folds the log into the one file, frees @document whatever happens. FALSE with
 * an error means the file could not be tidied (disk full, say): every committed act is safe in the file and its -wal
 * all the same.
 */
gboolean inq_document_close (InqDocument *document, GError **error);
void inq_document_free (InqDocument *document); /* close, errors dropped; NULL allowed */

const char *inq_document_get_path (InqDocument *document);
gboolean inq_document_is_read_only (InqDocument *document);
/* NULL when it can be edited, else a translated sentence. */
const char *inq_document_get_read_only_reason (InqDocument *document);

gboolean inq_document_get_settings (InqDocument *document, InqBoardSettings *settings, GError **error);
/* Undoable. Changing the rate keeps every panel's length in seconds, to the nearest frame. */
gboolean inq_document_set_settings (InqDocument *document, const InqBoardSettings *settings, GError **error);

/* How pictures of this board are drawn, a JSON object that src/jobs reads and writes: LoRAs, sampler and so on. NULL
 * counts as "{}". Undoable; steps with the same @merge_key (nullable) join. */
gboolean inq_document_set_drawing (InqDocument *document, const char *json, const char *merge_key, GError **error);

/* Writes a consistent, compact copy of the board as it is now to @path (must not exist), undo log included. */
gboolean inq_document_backup (InqDocument *document, const char *path, GError **error);

/**
 * inq_document_begin:
 * @label: (nullable): what the artist did, an untranslated msgid such as "Add panel"; NULL for what is not the artist's
 *   act (job states, generated pictures): no undo step is made
 * @merge_key: (nullable): the step joins the one before it when both have this key and nothing came between
 *
 * Nests: only the outermost pair is a transaction, and its label and key count. Every begin needs a commit or a
 * rollback.
 */
gboolean inq_document_begin (InqDocument *document, const char *label, const char *merge_key, GError **error);
/* Outermost: writes. When this fails everything since the outermost begin is undone. An inner rollback dooms the outer
 * commit. */
gboolean inq_document_commit (InqDocument *document, GError **error);
void inq_document_rollback (InqDocument *document);

/* Deletes rows and pictures that neither the board nor its undo log can reach; close does it too. @freed (nullable)
 * takes the number of pictures. */
gboolean inq_document_collect (InqDocument *document, gint *freed, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InqBoardSettings, inq_board_settings_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqDocument, inq_document_free)

G_END_DECLS

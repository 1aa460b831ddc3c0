/* Inquadra - ink over a panel, and review marks
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document.h"

G_BEGIN_DECLS

typedef enum {
  INQ_TOOL_PEN,
  INQ_TOOL_ARROW,  /* first and last point are tail and head, those between its way */
  INQ_TOOL_TEXT,   /* one point: top left of the text */
  INQ_TOOL_ERASER, /* takes away ink of its layer under it, drawn before it */
} InqTool;

/* A point of a stroke: x and y from 0 to 1 over the frame (outside is allowed, up to 1000 either way), pressure 0 to 1.
 */
typedef struct {
  gfloat x, y, pressure;
} InqPoint;

typedef struct {
  gint64 id, panel;
  gint layer; /* 0 is the note layer; higher lies above */
  InqTool tool;
  guint32 colour; /* 0xRRGGBBAA, straight alpha */
  gfloat width;   /* at full pressure, as a share of the frame's width; for text the height of a line as a share of the
                     frame's height */
  InqPoint *points;
  gsize n_points; /* 1 to 1,000,000 */
  char *text;     /* INQ_TOOL_TEXT, else "" */
} InqStroke;

InqStroke *inq_stroke_copy (const InqStroke *stroke);
void inq_stroke_free (InqStroke *stroke);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqStroke, inq_stroke_free)

/* In drawing order (layer, then age): (element-type InqStroke). */
GPtrArray *inq_document_list_strokes (InqDocument *document, gint64 panel, GError **error);

/* One undo step each. @stroke's id is ignored; returns the new id, 0 on failure. */
gint64 inq_document_add_stroke (InqDocument *document, const InqStroke *stroke, GError **error);
/* What stands in a note while it is being written: @note's text in stroke @note->id, or in a new one where that is 0
 * and nothing was written in this @session (not 0) yet. Writes of one session are one note, and one undo step while
 * nothing else is done between. An empty text takes the note away; what comes after brings it back. Returns the note's
 * id, 0 on failure. */
gint64 inq_document_write_note (InqDocument *document, const InqStroke *note, guint64 session, GError **error);
gboolean inq_document_set_stroke_text (InqDocument *document, gint64 stroke, const char *text, guint64 session,
                                       GError **error);
/* Moves a stroke by a share of the frame. */
gboolean inq_document_move_stroke (InqDocument *document, gint64 stroke, gfloat dx, gfloat dy, guint64 session,
                                   GError **error);
gboolean inq_document_remove_strokes (InqDocument *document, const gint64 *strokes, gsize n, GError **error);
/* Every stroke of one layer, or of all with @layer -1. */
gboolean inq_document_clear_strokes (InqDocument *document, gint64 panel, gint layer, GError **error);

/* What a reviewer pinned on a panel; undoable like the rest. */
typedef struct {
  gint64 id, panel;
  char *author, *text;
  gfloat x, y; /* 0 to 1 over the frame */
  gboolean resolved;
  gint64 created; /* Unix time, microseconds */
} InqMark;
void inq_mark_free (InqMark *mark);
GPtrArray *inq_document_list_marks (InqDocument *document, gint64 panel,
                                    GError **error); /* (element-type InqMark) oldest first */
gint64 inq_document_add_mark (InqDocument *document, const InqMark *mark, GError **error);
gboolean inq_document_set_mark_resolved (InqDocument *document, gint64 mark, gboolean resolved, GError **error);
gboolean inq_document_delete_mark (InqDocument *document, gint64 mark, GError **error);

G_END_DECLS

/* Inquadra - panels of a board: list, add, move, text, time
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "inq-document.h"

G_BEGIN_DECLS

/* Text fields of a panel. SIZE, ANGLE, MOVE and TIME hold codes of inq-terms.h or the artist's own word. NUMBER
 * overrides the derived display number ("" derives again). */
typedef enum {
  INQ_FIELD_PROMPT,
  INQ_FIELD_NEGATIVE,
  INQ_FIELD_DIALOGUE,
  INQ_FIELD_ACTION,
  INQ_FIELD_NOTES,
  INQ_FIELD_SIZE,
  INQ_FIELD_ANGLE,
  INQ_FIELD_MOVE,
  INQ_FIELD_TIME,
  INQ_FIELD_NUMBER,
  INQ_N_FIELDS
} InqPanelField;

/* Stable names for JSON and the command line: "prompt", "negative", "dialogue" ... */
const char *inq_panel_field_get_name (InqPanelField field);
gboolean inq_panel_field_from_name (const char *name, InqPanelField *field);

typedef enum { INQ_PLACE_BEFORE, INQ_PLACE_AFTER } InqPlace;

/**
 * InqPanelRow:
 *
 * What a list shows of one panel. Owned by whoever got it; immutable by convention once shared.
 *
 * Display numbers: a scene is its place (1, 2 ...) or its own text; a shot is its scene plus a letter, A to Z without I
 * and O, then AA, AB ... ("12A"); the first panel of a shot has the shot's number, the following add theirs ("12A",
 * "12A-2", "12A-3"). Scenes and shots without panels do not count.
 */
typedef struct {
  gint64 id, shot, scene;
  char *number;                                /* display number: derived or INQ_FIELD_NUMBER; never identity */
  char *scene_number;                          /* "12" */
  char *scene_title;                           /* "EXT. FOREST - NIGHT" or "" */
  char *shot_number;                           /* "12A" */
  gint64 location;                             /* of the scene; 0 for none */
  char *location_name;                         /* "" for none */
  char *location_words;                        /* what the prompt says of it; "" */
  char *cast_words;                            /* what the prompt says of those in the panel; "" */
  gint duration;                               /* frames, at least 1 */
  char *text[INQ_N_FIELDS];                    /* never NULL */
  gint64 picked;                               /* variation, 0 for none */
  gint64 picked_image;                         /* its picture, 0 for none */
  gint64 cover_image;                          /* what to show: picked, else the newest not rejected, else 0 */
  gint n_variations;                           /* alive ones, rejected included */
  gint n_strokes;                              /* alive ones */
  gint jobs_queued, jobs_running, jobs_failed; /* failed: failed jobs newer than the newest job done */
} InqPanelRow;

InqPanelRow *inq_panel_row_copy (const InqPanelRow *row);
void inq_panel_row_free (InqPanelRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqPanelRow, inq_panel_row_free)

/* All panels in order: (element-type InqPanelRow), owns its rows. No picture is read; 2,000 panels take some 20 ms. */
GPtrArray *inq_document_list_panels (InqDocument *document, GError **error);
/* One panel, its number derived too; NO_ROW if it is not on the board. */
InqPanelRow *inq_document_get_panel (InqDocument *document, gint64 panel, GError **error);
/* Ids in order: (element-type gint64). */
GArray *inq_document_list_panel_ids (InqDocument *document, GError **error);
/* The panel with this display number ("1A-2", ASCII case ignored) or this 1-based place ("3"), number first; 0 with
 * NO_ROW if none. */
gint64 inq_document_find_panel (InqDocument *document, const char *number, GError **error);

/* Each of the following is one undo step. Adding returns the new id, 0 on failure. */

/* A panel of two seconds beside @anchor, in its shot; @anchor 0: at the board's begin (BEFORE) or end (AFTER). On an
 * empty board scene 1 and shot A come with it. */
gint64 inq_document_add_panel (InqDocument *document, gint64 anchor, InqPlace place, GError **error);
/* The same in a new shot beside the anchor's shot; or in a new scene titled @title (nullable) beside the anchor's
 * scene. */
gint64 inq_document_add_shot (InqDocument *document, gint64 anchor, InqPlace place, GError **error);
gint64 inq_document_add_scene (InqDocument *document, gint64 anchor, InqPlace place, const char *title, GError **error);
/* Copy right after @panel, same shot, with everything on it; see inq-document-copy.h. */
gint64 inq_document_duplicate_panel (InqDocument *document, gint64 panel, GError **error);
gboolean inq_document_delete_panels (InqDocument *document, const gint64 *panels, gsize n, GError **error);
/* Moves panels, in their board order, beside @anchor into its shot. An anchor among them is an error (INVALID) unless
 * alone: then nothing happens. */
gboolean inq_document_move_panels (InqDocument *document, const gint64 *panels, gsize n, gint64 anchor, InqPlace place,
                                   GError **error);
/* @panel and those after it in its shot become a new shot (new scene) after it. Already the first: no change, TRUE. */
gboolean inq_document_split_shot (InqDocument *document, gint64 panel, GError **error);
gboolean inq_document_split_scene (InqDocument *document, gint64 panel, const char *title, GError **error);
/* The panel's shot joins the shot before it in the same scene; first shot of a scene: no change. */
gboolean inq_document_join_shot (InqDocument *document, gint64 panel, GError **error);

/* @session: 0, or a number of the caller's choice: edits of one field of one panel in one session are one undo step (a
 * new session when the field gets the focus, or after a pause). Every call is written at once all the same. */
gboolean inq_document_set_text (InqDocument *document, gint64 panel, InqPanelField field, const char *text,
                                guint64 session, GError **error);
gboolean inq_document_set_duration (InqDocument *document, gint64 panel, gint frames, guint64 session, GError **error);
/* The same for several panels, one step. */
gboolean inq_document_set_texts (InqDocument *document, const gint64 *panels, gsize n, InqPanelField field,
                                 const char *text, guint64 session, GError **error);
gboolean inq_document_set_durations (InqDocument *document, const gint64 *panels, gsize n, gint frames, guint64 session,
                                     GError **error);
/* Title and number ("" derives) of the panel's scene; NULL leaves one as it is. @session as above. */
gboolean inq_document_set_scene (InqDocument *document, gint64 panel, const char *title, const char *number,
                                 guint64 session, GError **error);

/* People and places of the story. */
typedef struct {
  gint64 id;
  char *name, *description; /* the description goes into prompts */
} InqNamedRow;
void inq_named_row_free (InqNamedRow *row);
GPtrArray *inq_document_list_cast (InqDocument *document, GError **error); /* (element-type InqNamedRow) by name */
gint64 inq_document_add_cast (InqDocument *document, const char *name, const char *description, GError **error);
gboolean inq_document_set_cast (InqDocument *document, gint64 cast, const char *name, const char *description,
                                GError **error);
gboolean inq_document_delete_cast (InqDocument *document, gint64 cast, GError **error);
/* Who is in a panel. */
GPtrArray *inq_document_list_panel_cast (InqDocument *document, gint64 panel,
                                         GError **error); /* (element-type InqNamedRow) */
gboolean inq_document_set_panel_cast (InqDocument *document, gint64 panel, const gint64 *cast, gsize n, GError **error);
/* One character comes into all of these panels, or leaves them. */
gboolean inq_document_put_cast (InqDocument *document, const gint64 *panels, gsize n, gint64 cast, gboolean in,
                                GError **error);

/* Where scenes play. @description goes into the prompts of all panels of its scenes. */
typedef struct {
  gint64 id;
  char *name, *description;
  char *note;   /* for the crew */
  gint64 image; /* reference picture, 0 for none */
} InqLocationRow;
void inq_location_row_free (InqLocationRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqLocationRow, inq_location_row_free)
GPtrArray *inq_document_list_locations (InqDocument *document,
                                        GError **error); /* (element-type InqLocationRow) by name */
/* Each of the following is one undo step; INVALID if the name is blank, NO_ROW if there is no such location. */
gint64 inq_document_add_location (InqDocument *document, const char *name, const char *description, const char *note,
                                  GError **error);
gboolean inq_document_set_location (InqDocument *document, gint64 location, const char *name, const char *description,
                                    const char *note, GError **error);
/* An image of the board; 0 takes the picture away. */
gboolean inq_document_set_location_image (InqDocument *document, gint64 location, gint64 image, GError **error);
/* Scenes that play there play nowhere then, until undo brings it back. */
gboolean inq_document_delete_location (InqDocument *document, gint64 location, GError **error);
/* Where the scene of @panel plays; 0: not said. */
gboolean inq_document_set_scene_location (InqDocument *document, gint64 panel, gint64 location, GError **error);

/* Full text over prompt, dialogue, action and notes: every word of @query (prefixes count, accents and case do not),
 * best first. (element-type gint64) of panels; an empty query finds nothing. */
GArray *inq_document_search (InqDocument *document, const char *query, gint limit, GError **error);

G_END_DECLS

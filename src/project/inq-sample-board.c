/* Inquadra - the board a new artist meets first
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-sample-board.h"

#include "inq-document-panels.h"
#include "inq-sql.h"

#include <glib/gstdio.h>

typedef struct {
  const char *scene; /* a heading begins a scene */
  gboolean shot;     /* begins a shot within the scene */
  gint tenths;
  const char *size, *angle, *move, *time;
  const char *prompt, *action, *dialogue, *notes;
} Panel;

static const Panel panels[] = {
  { N_ ("EXT. FOREST ROAD - NIGHT"), FALSE, 40, "ELS", "high", "static", "night",
    "extreme long shot, two people walk through a forest at night, rain, high angle",
    N_ ("A road between black trees. Rain. Two small figures with one lamp."), "",
    N_ ("Let it breathe: no cut before the lamp stops.") },
  { NULL, TRUE, 25, "2S", "eye", "truck", "night", "medium shot, two people walk in a forest at night, rain, eye level",
    N_ ("ADA carries the lamp, NINO the map, soaked through."), N_ ("NINO: It should be here. It has to be here."),
    "" },
  { NULL, FALSE, 15, "CU", "eye", "static", "night", "close-up, a woman at night, rain, eye level",
    N_ ("Ada lifts the lamp. Something ahead gives the light back."), N_ ("ADA: Then what is that?"), "" },
  { N_ ("EXT. CLEARING - NIGHT"), FALSE, 35, "LS", "low", "dolly", "night",
    "long shot, two people stand in front of a house at night, rain, low angle",
    N_ ("A house with a single lit window, where the map shows nothing."), "", N_ ("Push in slowly on the window.") },
  { NULL, TRUE, 20, "OTS L", "eye", "static", "night", "over the shoulder shot, a man looks at a house at night",
    N_ ("Over Nino’s shoulder: a shape passes behind the window."), N_ ("NINO: Someone is home."), "" },
  { N_ ("INT. KITCHEN - DAY"), FALSE, 30, "MS", "eye", "pan", "day",
    "medium shot, a woman sits at a table in a kitchen, day, eye level",
    N_ ("Morning. Ada wakes at a table laid for three."), "", "" },
  { NULL, TRUE, 12, "INS", "bird", "static", "day", "insert shot, a cup on a table, day, bird's-eye view",
    N_ ("The third cup is still warm."), "", "" },
  { NULL, TRUE, 28, "MCU", "low", "static", "day", "medium close-up, a woman in a kitchen, day, low angle",
    N_ ("She looks up, past us."), N_ ("ADA: Good morning?"), N_ ("Hold. Cut on the door.") },
};

static gboolean
fill (InqDocument *document, GError **error)
{
  gint64 panel = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (panels); i++) {
    const Panel *p = &panels[i];
    const struct {
      InqPanelField field;
      const char *text;
    } texts[] = {
      { INQ_FIELD_SIZE, p->size },
      { INQ_FIELD_ANGLE, p->angle },
      { INQ_FIELD_MOVE, p->move },
      { INQ_FIELD_TIME, p->time },
      { INQ_FIELD_PROMPT, p->prompt },
      { INQ_FIELD_ACTION, *p->action ? _ (p->action) : "" },
      { INQ_FIELD_DIALOGUE, *p->dialogue ? _ (p->dialogue) : "" },
      { INQ_FIELD_NOTES, *p->notes ? _ (p->notes) : "" },
    };

    if (p->scene != NULL)
      panel = inq_document_add_scene (document, panel, INQ_PLACE_AFTER, _ (p->scene), error);
    else if (p->shot)
      panel = inq_document_add_shot (document, panel, INQ_PLACE_AFTER, error);
    else
      panel = inq_document_add_panel (document, panel, INQ_PLACE_AFTER, error);
    if (panel == 0 || !inq_document_set_duration (document, panel, p->tenths * 24 / 10, 0, error))
      return FALSE;
    for (gsize j = 0; j < G_N_ELEMENTS (texts); j++)
      if (!inq_document_set_text (document, panel, texts[j].field, texts[j].text, 0, error))
        return FALSE;
  }
  return TRUE;
}

gboolean
inq_sample_board_create (const char *path, GError **error)
{
  InqBoardSettings settings = INQ_BOARD_SETTINGS_DEFAULT;
  InqDocument *document;
  gboolean ok;

  settings.title = _ ("The third cup");
  document = inq_document_new (path, &settings, INQ_OPEN_DEFAULT, error);
  if (document == NULL)
    return FALSE;
  /* An act without a label makes no step: the artist's log begins empty. */
  ok = inq_document_begin (document, NULL, NULL, error) && inq_document_end (document, fill (document, error), error);
  if (!inq_document_close (document, ok ? error : NULL))
    ok = FALSE;
  if (!ok)
    g_unlink (path);
  return ok;
}

/* Inquadra - the board a new artist meets first
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-sample-board.h"

#include "inq-document-images.h"
#include "inq-document-panels.h"
#include "inq-sql.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

typedef struct {
  const char *scene; /* a heading begins a scene */
  gboolean shot;     /* begins a shot within the scene */
  gint tenths;
  const char *size, *angle, *move, *time;
  const char *prompt, *action, *dialogue, *notes;
} Panel;

static const Panel panels[] = {
  { N_ ("EXT. FOREST ROAD - NIGHT"), FALSE, 40, "MLS", "eye", "static", "night",
    "medium long shot, two people walk through a forest at night, rain",
    N_ ("A road between black trees. Rain. Two figures, one lamp."), "",
    N_ ("Let it breathe: no cut before the lamp stops.") },
  { NULL, TRUE, 25, "2S", "eye", "truck", "night", "medium shot, two people walk in a forest at night, rain, eye level",
    N_ ("ADA carries the lamp, NINO the map, soaked through."), N_ ("NINO: It should be here. It has to be here."),
    "" },
  { NULL, FALSE, 15, "CU", "eye", "static", "night", "close-up, a woman in a forest at night, rain, eye level",
    N_ ("Ada lifts the lamp. Something ahead gives the light back."), N_ ("ADA: Then what is that?"), "" },
  { N_ ("EXT. FARM - NIGHT"), FALSE, 35, "LS", "low", "dolly", "night",
    "long shot, two people stand on a farm at night, rain, low angle",
    N_ ("A farm with a single lit window, where the map shows nothing."), "", N_ ("Push in slowly on the window.") },
  { NULL, TRUE, 20, "MCU", "eye", "static", "night", "medium close-up, a man on a farm at night, eye level",
    N_ ("Nino stops. A shape passes behind the window."), N_ ("NINO: Someone is home."), "" },
  { N_ ("INT. KITCHEN - DAY"), FALSE, 30, "MS", "eye", "pan", "day",
    "medium shot, a woman sits at a table in a kitchen, day, eye level",
    N_ ("Morning. Ada wakes at a table laid for three."), "", "" },
  { NULL, TRUE, 12, "ECU", "eye", "static", "day", "extreme close-up, a woman in a kitchen, day, eye level",
    N_ ("Her eyes find the third cup. It is still warm."), "", "" },
  { NULL, TRUE, 28, "MCU", "low", "static", "day", "medium close-up, a woman in a kitchen, day, low angle",
    N_ ("She looks up, past us."), N_ ("ADA: Good morning?"), N_ ("Hold. Cut on the door.") },
};

/* ---- pictures: data/sample/sample.json lists files of that folder and the recipes that made them ---- */

static char *
find_pictures (void)
{
  const char *const folders[] = { INQ_DATADIR, INQ_SOURCE_DATADIR };

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path = g_build_filename (folders[i], "sample", "sample.json", NULL);

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      return g_steal_pointer (&path);
  }
  return NULL;
}

/* One picture: {"panel": 0, "file": "1a.png", "pick": true, "recipe": {"seed": ..., "model_hash": ...}} */
static gboolean
add_picture (InqDocument *document, const char *folder, JsonObject *entry, const gint64 *ids, GError **error)
{
  gint64 panel = json_object_get_int_member_with_default (entry, "panel", -1);
  const char *file = json_object_get_string_member_with_default (entry, "file", NULL);
  const char *seed = json_object_get_string_member_with_default (entry, "seed", "0");
  JsonNode *recipe = json_object_get_member (entry, "recipe");
  g_autofree char *path = NULL;
  g_autofree char *recipe_text = NULL;
  g_autoptr (GBytes) png = NULL;
  char *bytes;
  gsize size;

  if (panel < 0 || panel >= (gint64) G_N_ELEMENTS (panels) || file == NULL)
    return TRUE;
  path = g_build_filename (folder, file, NULL);
  if (!g_file_get_contents (path, &bytes, &size, error))
    return FALSE;
  png = g_bytes_new_take (bytes, size);
  recipe_text = recipe != NULL ? json_to_string (recipe, FALSE) : NULL;
  const InqNewVariation variation = { .png = png,
                                      .seed = g_ascii_strtoull (seed, NULL, 10),
                                      .recipe = recipe_text,
                                      .model = json_object_get_string_member_with_default (entry, "model", NULL) };
  return inq_document_add_variation (document, ids[panel], &variation,
                                     json_object_get_boolean_member_with_default (entry, "pick", FALSE), error)
         != 0;
}

/* A sample without pictures is a sample all the same: a missing or odd list is no error, a full disk is. */
static gboolean
add_pictures (InqDocument *document, const gint64 *ids, GError **error)
{
  g_autofree char *list = find_pictures ();
  g_autofree char *folder = list != NULL ? g_path_get_dirname (list) : NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (list == NULL || !json_parser_load_from_file (parser, list, NULL)
      || !JSON_NODE_HOLDS_ARRAY (json_parser_get_root (parser)))
    return TRUE;
  JsonArray *entries = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (entries); i++) {
    JsonNode *node = json_array_get_element (entries, i);

    if (JSON_NODE_HOLDS_OBJECT (node) && !add_picture (document, folder, json_node_get_object (node), ids, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
fill (InqDocument *document, GError **error)
{
  gint64 ids[G_N_ELEMENTS (panels)];
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
    ids[i] = panel;
  }
  return add_pictures (document, ids, error);
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

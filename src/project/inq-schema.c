/* Inquadra - tables of a board file and how older ones become newer
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-schema.h"

#include "inq-sql.h"

/* What the artist takes away stays as a row with alive = 0 until the undo log forgets it, and what the artist makes is
 * born dead and then brought to life. So undo only ever writes cells of rows that exist, and what jobs add meanwhile
 * never loses the row it hangs on. Positions are sparse: a row that comes between two others takes the middle.
 *
 * Published versions are never edited: a change of the schema is a new entry of inq_migrations. */
static const char schema_1[] =
    "CREATE TABLE board ("
    " id INTEGER PRIMARY KEY CHECK (id = 1),"
    " title TEXT NOT NULL DEFAULT '',"
    " frame_width INTEGER NOT NULL DEFAULT 1920,"
    " frame_height INTEGER NOT NULL DEFAULT 1080,"
    " rate_num INTEGER NOT NULL DEFAULT 24,"
    " rate_den INTEGER NOT NULL DEFAULT 1,"
    " created INTEGER NOT NULL);"
    "CREATE TABLE location ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL,"
    " description TEXT NOT NULL DEFAULT '',"
    " alive INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE scene ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " position INTEGER NOT NULL,"
    " number TEXT NOT NULL DEFAULT ''," /* the artist's own; '' derives it */
    " title TEXT NOT NULL DEFAULT '',"
    " location INTEGER REFERENCES location (id) ON DELETE SET NULL);"
    "CREATE TABLE shot ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " scene INTEGER NOT NULL REFERENCES scene (id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL,"
    " number TEXT NOT NULL DEFAULT '');"
    "CREATE INDEX shot_scene ON shot (scene, position);"
    "CREATE TABLE panel ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " shot INTEGER NOT NULL REFERENCES shot (id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL,"
    " alive INTEGER NOT NULL DEFAULT 0,"
    " duration INTEGER NOT NULL CHECK (duration > 0)," /* frames */
    " prompt TEXT NOT NULL DEFAULT '',"
    " negative TEXT NOT NULL DEFAULT '',"
    " dialogue TEXT NOT NULL DEFAULT '',"
    " action TEXT NOT NULL DEFAULT '',"
    " notes TEXT NOT NULL DEFAULT '',"
    " size TEXT NOT NULL DEFAULT '',"
    " angle TEXT NOT NULL DEFAULT '',"
    " move TEXT NOT NULL DEFAULT '',"
    " time TEXT NOT NULL DEFAULT '',"
    " number TEXT NOT NULL DEFAULT '',"
    " picked INTEGER REFERENCES variation (id) ON DELETE SET NULL,"
    " created INTEGER NOT NULL);" /* times are Unix microseconds */
    "CREATE INDEX panel_shot ON panel (shot, position);"
    "CREATE INDEX panel_picked ON panel (picked);"
    "CREATE TABLE image ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " sha256 TEXT NOT NULL UNIQUE," /* of png, lower-case hex */
    " width INTEGER NOT NULL,"
    " height INTEGER NOT NULL,"
    " png BLOB NOT NULL);"
    "CREATE TABLE thumbnail ("
    " image INTEGER PRIMARY KEY REFERENCES image (id) ON DELETE CASCADE,"
    " png BLOB NOT NULL);"
    "CREATE TABLE variation ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " panel INTEGER NOT NULL REFERENCES panel (id) ON DELETE CASCADE,"
    " image INTEGER NOT NULL REFERENCES image (id),"
    " alive INTEGER NOT NULL DEFAULT 0,"
    " seed INTEGER NOT NULL," /* the 64 bits of an unsigned number */
    " recipe TEXT NOT NULL DEFAULT '{}',"
    " model TEXT NOT NULL DEFAULT '',"
    " rating INTEGER NOT NULL DEFAULT 0,"
    " starred INTEGER NOT NULL DEFAULT 0,"
    " rejected INTEGER NOT NULL DEFAULT 0,"
    " job INTEGER REFERENCES job (id) ON DELETE SET NULL,"
    " created INTEGER NOT NULL);"
    "CREATE INDEX variation_panel ON variation (panel);"
    "CREATE INDEX variation_image ON variation (image);"
    "CREATE INDEX variation_job ON variation (job);"
    "CREATE TABLE \"cast\" ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL,"
    " description TEXT NOT NULL DEFAULT '',"
    " image INTEGER REFERENCES image (id) ON DELETE SET NULL,"
    " alive INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX cast_image ON \"cast\" (image);"
    "CREATE TABLE panel_cast ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " panel INTEGER NOT NULL REFERENCES panel (id) ON DELETE CASCADE,"
    " member INTEGER NOT NULL REFERENCES \"cast\" (id) ON DELETE CASCADE,"
    " alive INTEGER NOT NULL DEFAULT 0,"
    " UNIQUE (panel, member));"
    "CREATE INDEX panel_cast_member ON panel_cast (member);"
    "CREATE TABLE stroke ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " panel INTEGER NOT NULL REFERENCES panel (id) ON DELETE CASCADE,"
    " alive INTEGER NOT NULL DEFAULT 0,"
    " layer INTEGER NOT NULL DEFAULT 0,"
    " tool INTEGER NOT NULL,"   /* InqTool */
    " colour INTEGER NOT NULL," /* 0xRRGGBBAA */
    " width REAL NOT NULL,"
    " text TEXT NOT NULL DEFAULT '',"
    " points BLOB NOT NULL);" /* x, y, pressure: little-endian 32-bit floats */
    "CREATE INDEX stroke_panel ON stroke (panel);"
    "CREATE TABLE mark ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " panel INTEGER NOT NULL REFERENCES panel (id) ON DELETE CASCADE,"
    " alive INTEGER NOT NULL DEFAULT 0,"
    " author TEXT NOT NULL DEFAULT '',"
    " text TEXT NOT NULL DEFAULT '',"
    " x REAL NOT NULL,"
    " y REAL NOT NULL,"
    " resolved INTEGER NOT NULL DEFAULT 0,"
    " created INTEGER NOT NULL);"
    "CREATE INDEX mark_panel ON mark (panel);"
    "CREATE TABLE job ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " panel INTEGER NOT NULL REFERENCES panel (id) ON DELETE CASCADE,"
    " state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),"
    " rank INTEGER NOT NULL DEFAULT 0," /* lower goes first, then the earlier queued */
    " params TEXT NOT NULL DEFAULT '{}',"
    " error TEXT NOT NULL DEFAULT '',"
    " attempts INTEGER NOT NULL DEFAULT 0,"
    " progress REAL NOT NULL DEFAULT 0,"
    " created INTEGER NOT NULL,"
    " queued INTEGER NOT NULL,"
    " started INTEGER NOT NULL DEFAULT 0,"
    " finished INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX job_state ON job (state, rank, queued);"
    "CREATE INDEX job_panel ON job (panel, state);"
    /* One op per cell changed; undone steps are those that redo would do again. */
    "CREATE TABLE undo_step ("
    " id INTEGER PRIMARY KEY,"
    " label TEXT NOT NULL,"
    " undone INTEGER NOT NULL DEFAULT 0,"
    " created INTEGER NOT NULL);"
    "CREATE TABLE undo_op ("
    " id INTEGER PRIMARY KEY,"
    " step INTEGER NOT NULL REFERENCES undo_step (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,"
    " tbl TEXT NOT NULL,"
    " row INTEGER NOT NULL,"
    " col TEXT NOT NULL,"
    " old BLOB,"
    " new BLOB);"
    "CREATE INDEX undo_op_step ON undo_op (step);"
    "CREATE INDEX undo_op_row ON undo_op (tbl, row);"
    /* Written before each commit (inq-document-search.c), not by triggers: with an untrusted schema those may not touch
       it. */
    "CREATE VIRTUAL TABLE panel_text USING fts5 (prompt, dialogue, action, notes,"
    " tokenize='unicode61 remove_diacritics 2', prefix='2 3');"
    "INSERT INTO board (id, created) VALUES (1, CAST ((julianday ('now') - 2440587.5) * 86400000000 AS INTEGER));";

/* Pictures a job starts from and may change within; how this board is drawn (inq_document_set_drawing()). */
static const char schema_2[] = "ALTER TABLE job ADD COLUMN init INTEGER REFERENCES image (id);"
                               "ALTER TABLE job ADD COLUMN mask INTEGER REFERENCES image (id);"
                               "CREATE INDEX job_init ON job (init);"
                               "CREATE INDEX job_mask ON job (mask);"
                               "ALTER TABLE board ADD COLUMN drawing TEXT NOT NULL DEFAULT '{}';";

/* Saved versions ("snapshots"): what the cells that undo knows of held when one was saved. A row that did not change
 * between two versions is kept once: snapshot_row says which kept rows make up a version. Kept rows name the rows they
 * are of by id; collection leaves those alone. */
static const char schema_3[] =
    "ALTER TABLE location ADD COLUMN note TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE location ADD COLUMN image INTEGER REFERENCES image (id) ON DELETE SET NULL;"
    "CREATE INDEX location_image ON location (image);"
    "CREATE INDEX scene_location ON scene (location);"
    "CREATE TABLE snapshot ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL,"
    " created INTEGER NOT NULL,"
    " n_panels INTEGER NOT NULL,"
    " frames INTEGER NOT NULL," /* length of the whole board then */
    " rate_num INTEGER NOT NULL,"
    " rate_den INTEGER NOT NULL,"
    " cover INTEGER REFERENCES image (id) ON DELETE SET NULL," /* of the first panel that had a picture */
    " alive INTEGER NOT NULL DEFAULT 1);"
    "CREATE INDEX snapshot_cover ON snapshot (cover);"
    "CREATE TABLE snapshot_row ("
    " snapshot INTEGER NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,"
    " tbl TEXT NOT NULL,"
    " kept INTEGER NOT NULL," /* of kept_TBL */
    " PRIMARY KEY (snapshot, tbl, kept)) WITHOUT ROWID;"
    "CREATE INDEX snapshot_row_kept ON snapshot_row (tbl, kept);"
    "CREATE TABLE kept_board (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, title, frame_width, "
    "frame_height, rate_num, rate_den, drawing);"
    "CREATE INDEX kept_board_id ON kept_board (id);"
    "CREATE TABLE kept_location (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, name, description, note, "
    "image, alive);"
    "CREATE INDEX kept_location_id ON kept_location (id);"
    "CREATE TABLE kept_scene (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, position, number, title, "
    "location);"
    "CREATE INDEX kept_scene_id ON kept_scene (id);"
    "CREATE TABLE kept_shot (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, scene, position, number);"
    "CREATE INDEX kept_shot_id ON kept_shot (id);"
    "CREATE TABLE kept_panel (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, shot, position, alive, "
    "duration, prompt, negative, dialogue, action, notes, size, angle, move, time, number, picked);"
    "CREATE INDEX kept_panel_id ON kept_panel (id);"
    "CREATE TABLE kept_variation (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, alive, rating, starred, "
    "rejected);"
    "CREATE INDEX kept_variation_id ON kept_variation (id);"
    "CREATE TABLE kept_cast (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, name, description, image, "
    "alive);"
    "CREATE INDEX kept_cast_id ON kept_cast (id);"
    "CREATE TABLE kept_panel_cast (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, alive);"
    "CREATE INDEX kept_panel_cast_id ON kept_panel_cast (id);"
    "CREATE TABLE kept_stroke (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, alive, layer, colour, "
    "width, text, points);"
    "CREATE INDEX kept_stroke_id ON kept_stroke (id);"
    "CREATE TABLE kept_mark (kept INTEGER PRIMARY KEY, id INTEGER NOT NULL, alive, text, resolved);"
    "CREATE INDEX kept_mark_id ON kept_mark (id);";

const InqMigration inq_migrations[] = { { 1, schema_1 }, { 2, schema_2 }, { 3, schema_3 }, { 0, NULL } };

gboolean
inq_schema_migrate (sqlite3 *db, const InqMigration *migrations, const char *path, GError **error)
{
  gint64 version = 0;
  int last = 0;

  for (const InqMigration *m = migrations; m->to != 0; m++) {
    g_assert (m->to == last + 1);
    last = m->to;
  }
  if (!inq_sql_pragma (db, "PRAGMA user_version", path, &version, error))
    return FALSE;
  if (version == last)
    return TRUE;
  if (version > last) {
    g_autofree char *name = g_filename_display_basename (path);

    g_set_error (
        error, INQ_PROJECT_ERROR, INQ_PROJECT_ERROR_NEWER,
        _ ("“%s” was made by a newer Inquadra (format %d, this one reads up to %d). Update Inquadra to open it."), name,
        (int) version, last);
    return FALSE;
  }
  if (!inq_sql_script (db, "BEGIN IMMEDIATE", path, error))
    return FALSE;
  for (const InqMigration *m = migrations; m->to != 0; m++) {
    g_autofree char *stamp = g_strdup_printf ("PRAGMA user_version = %d", m->to);

    if (m->to <= version)
      continue;
    if (!inq_sql_script (db, m->sql, path, error) || !inq_sql_script (db, stamp, path, error))
      goto fail;
  }
  if (!inq_sql_script (db, "COMMIT", path, error))
    goto fail;
  return TRUE;

fail:
  if (!sqlite3_get_autocommit (db))
    sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

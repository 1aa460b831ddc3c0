/* Inquadra - the ink of one panel, ready to be shown.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-ink.h"

#include <string.h>

#include "inq-ink-drawing.h"
#include "inq-task.h"

#define TILE INQ_INK_TILE

/* A finished stroke of ours that the tiles do not show yet. */
typedef struct {
  InqInkLive *live;
  guint64 serial; /* of the drawing that has it */
} Settling;

/* A note that is being written, or that was and whose acts are under way. */
typedef struct {
  gatomicrefcount refs;
  guint64 session;
  gint64 id;         /* 0 until the file has it */
  InqStroke *stroke; /* ours, with the text last written */
} Note;

struct _InqInk {
  GObject parent_instance;
  InqBoard *board;
  InqPanel *panel;
  GSignalGroup *signals;
  GCancellable *cancellable; /* of this panel's reads */

  GPtrArray *strokes;  /* InqStroke: what is shown */
  GHashTable *erasing; /* gint64 set: out of sight, not yet removed */
  Note *note;          /* (nullable) out of sight */
  guint acts;          /* under way: reads asked before do not count */
  gboolean reading, read_again;

  /* tiles as they are shown; NULL is an empty one */
  GdkTexture **tiles;
  int width, height; /* device pixels; 0: none drawn yet */
  int columns, rows;
  /* and as they are wanted */
  int want_width, want_height;
  guint8 *stale; /* a flag a tile */
  gboolean drawing;
  guint64 serial; /* counts changes of strokes */
  GQueue settling;
};

G_DEFINE_FINAL_TYPE (InqInk, inq_ink, G_TYPE_OBJECT)

static guint changed_signal;

static void draw_stale (InqInk *self);
static void read_strokes (InqInk *self);

static void
settling_free (gpointer data)
{
  Settling *settling = data;
  inq_ink_live_free (settling->live);
  g_free (settling);
}

static void
note_unref (Note *note)
{
  if (note == NULL || !g_atomic_ref_count_dec (&note->refs))
    return;
  inq_stroke_free (note->stroke);
  g_free (note);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Note, note_unref)

static void
changed (InqInk *self)
{
  g_signal_emit (self, changed_signal, 0);
}

/* ---- tiles ---- */

static void
drop_tiles (InqInk *self)
{
  for (int i = 0; i < self->columns * self->rows; i++)
    g_clear_object (&self->tiles[i]);
  g_clear_pointer (&self->tiles, g_free);
  g_clear_pointer (&self->stale, g_free);
  self->columns = self->rows = self->width = self->height = 0;
}

static void
drawn_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  InqInk *self = INQ_INK (source);
  InqInkDrawing *drawing = g_task_get_task_data (G_TASK (result));
  gboolean of_this_panel = self->cancellable == g_task_get_cancellable (G_TASK (result));

  self->drawing = FALSE;
  if (of_this_panel && drawing->whole) {
    drop_tiles (self);
    self->width = drawing->width;
    self->height = drawing->height;
    self->columns = drawing->columns;
    self->rows = drawing->n / drawing->columns;
    self->tiles = g_new0 (GdkTexture *, drawing->n);
    self->stale = g_new0 (guint8, drawing->n);
    /* What changed meanwhile is not told apart: all of it once more. */
    if (drawing->serial != self->serial)
      memset (self->stale, 1, drawing->n);
  }
  if (of_this_panel && self->width == drawing->width && self->height == drawing->height) {
    for (int i = 0; i < drawing->n; i++) {
      g_clear_object (&self->tiles[drawing->index[i]]);
      self->tiles[drawing->index[i]] = g_steal_pointer (&drawing->result[i]);
    }
    while (self->settling.length > 0) {
      Settling *first = g_queue_peek_head (&self->settling);
      if (first->serial > drawing->serial)
        break;
      settling_free (g_queue_pop_head (&self->settling));
    }
  }
  draw_stale (self);
  changed (self);
}

static gboolean
is_shown (InqInk *self, const InqStroke *stroke)
{
  return stroke->id == 0
         || ((self->note == NULL || stroke->id != self->note->id)
             && !g_hash_table_contains (self->erasing, &stroke->id));
}

/* Starts drawing what is out of date, unless a drawing is under way: it comes here when done. */
static void
draw_stale (InqInk *self)
{
  if (self->drawing || self->panel == NULL || self->want_width <= 0)
    return;

  gboolean whole = self->want_width != self->width || self->want_height != self->height;
  int columns = (self->want_width + TILE - 1) / TILE, rows = (self->want_height + TILE - 1) / TILE;
  InqInkDrawing *drawing = g_new0 (InqInkDrawing, 1);
  drawing->width = self->want_width;
  drawing->height = self->want_height;
  drawing->columns = columns;
  drawing->whole = whole;
  drawing->serial = self->serial;
  drawing->index = g_new (int, columns *rows);
  for (int i = 0; i < columns * rows; i++)
    if (whole || self->stale[i]) {
      drawing->index[drawing->n++] = i;
      if (!whole)
        self->stale[i] = 0;
    }
  drawing->result = g_new0 (GdkTexture *, drawing->n);
  drawing->strokes = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_stroke_free);
  if (drawing->n == 0) {
    inq_ink_drawing_free (drawing);
    return;
  }
  for (guint i = 0; i < self->strokes->len; i++)
    if (is_shown (self, self->strokes->pdata[i]))
      g_ptr_array_add (drawing->strokes, inq_stroke_copy (self->strokes->pdata[i]));

  self->drawing = TRUE;
  g_autoptr (GTask) task = inq_task_new (self, self->cancellable, drawn_cb, NULL);
  g_task_set_source_tag (task, draw_stale);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, drawing, inq_ink_drawing_free);
  g_task_run_in_thread (task, inq_ink_drawing_thread);
}

static void
mark_stale (InqInk *self, const InqStroke *stroke)
{
  cairo_rectangle_int_t box;

  if (self->stale == NULL)
    return;
  inq_ink_bounds (stroke, self->width, self->height, &box);
  if (box.width <= 0 || box.height <= 0)
    return;
  int left = MAX (0, box.x / TILE), right = MIN (self->columns - 1, (box.x + box.width - 1) / TILE);
  int top = MAX (0, box.y / TILE), bottom = MIN (self->rows - 1, (box.y + box.height - 1) / TILE);
  for (int row = top; row <= bottom; row++)
    for (int column = left; column <= right; column++)
      self->stale[row * self->columns + column] = 1;
}

/* ---- what the file says ---- */

static gboolean
same (const InqStroke *a, const InqStroke *b)
{
  return a->id == b->id && a->n_points == b->n_points && a->colour == b->colour && a->width == b->width
         && g_strcmp0 (a->text, b->text) == 0 && memcmp (a->points, b->points, a->n_points * sizeof *a->points) == 0;
}

static void
take_strokes (InqInk *self, GPtrArray *strokes)
{
  g_autoptr (GHashTable) before = g_hash_table_new (g_int64_hash, g_int64_equal);
  gboolean any = FALSE;

  for (guint i = 0; i < self->strokes->len; i++) {
    InqStroke *stroke = self->strokes->pdata[i];
    if (stroke->id != 0) {
      g_hash_table_insert (before, &stroke->id, stroke);
    } else { /* a note that was ended before the file had it, or could not be kept */
      any = TRUE;
      mark_stale (self, stroke);
    }
  }
  for (guint i = 0; i < strokes->len; i++) {
    InqStroke *stroke = strokes->pdata[i], *old = g_hash_table_lookup (before, &stroke->id);
    if (old != NULL)
      g_hash_table_remove (before, &stroke->id);
    if (old != NULL && same (old, stroke))
      continue;
    any = TRUE;
    mark_stale (self, stroke);
    if (old != NULL)
      mark_stale (self, old);
  }
  GHashTableIter iter;
  gpointer gone;
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, NULL, &gone)) {
    any = TRUE;
    mark_stale (self, gone);
  }
  g_ptr_array_unref (self->strokes);
  self->strokes = g_ptr_array_ref (strokes);
  if (any) {
    self->serial++;
    draw_stale (self);
    changed (self);
  }
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (InqInk) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) strokes = inq_board_read_array_finish (INQ_BOARD (source), result, &error);

  if (strokes == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* another panel's reads count now */
  self->reading = FALSE;
  if (strokes != NULL && self->acts == 0 && !self->read_again)
    take_strokes (self, strokes);
  if (self->read_again)
    read_strokes (self);
}

static void
read_strokes (InqInk *self)
{
  if (self->panel == NULL)
    return;
  self->read_again = self->reading || self->acts > 0;
  if (self->read_again)
    return;
  self->reading = TRUE;
  inq_board_read_strokes (self->board, inq_panel_get_id (self->panel), self->cancellable, read_cb, g_object_ref (self));
}

void
inq_ink_set_panel (InqInk *self, InqBoard *board, InqPanel *panel)
{
  g_return_if_fail (INQ_IS_INK (self));

  if (self->panel == panel && self->board == board)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_set_object (&self->board, board);
  g_set_object (&self->panel, panel);
  g_signal_group_set_target (self->signals, panel);
  self->reading = self->read_again = FALSE;
  self->acts = 0;
  g_clear_pointer (&self->note, note_unref);
  g_hash_table_remove_all (self->erasing);
  g_ptr_array_unref (self->strokes);
  self->strokes = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_stroke_free);
  self->serial++;
  g_queue_clear_full (&self->settling, settling_free);
  drop_tiles (self);
  if (panel != NULL && inq_panel_get_row (panel)->n_strokes > 0)
    read_strokes (self);
  changed (self);
}

/* ---- acts ---- */

typedef struct {
  InqInk *self;
  GCancellable *panel; /* the panel it was for, by its reads */
  InqStroke *stroke;   /* (nullable) waits for its id */
  Note *note;          /* (nullable) likewise */
} Act;

static Act *
act_new (InqInk *self, InqStroke *stroke)
{
  Act *act = g_new0 (Act, 1);
  act->self = g_object_ref (self);
  act->panel = g_object_ref (self->cancellable);
  act->stroke = stroke;
  self->acts++;
  return act;
}

static void
act_done (Act *act, InqBoard *board, gint64 id, GError *error)
{
  InqInk *self = act->self;

  if (act->note != NULL && id != 0)
    act->note->id = id;
  /* The strokes of a panel left meanwhile are gone. */
  if (act->panel == self->cancellable) {
    self->acts--;
    if (act->stroke != NULL && id != 0)
      act->stroke->id = id;
    else if (act->stroke != NULL) {
      mark_stale (self, act->stroke);
      self->serial++;
      g_ptr_array_remove (self->strokes, act->stroke);
      draw_stale (self);
    }
    if (self->acts == 0) {
      self->reading = FALSE;
      self->read_again = FALSE;
      read_strokes (self);
    }
  }
  if (error != NULL)
    g_signal_emit_by_name (board, "act-failed", error);
  note_unref (act->note);
  g_object_unref (act->panel);
  g_object_unref (act->self);
  g_free (act);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 id = inq_board_act_id_finish (INQ_BOARD (source), result, &error);
  act_done (data, INQ_BOARD (source), id, error);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  inq_board_act_finish (INQ_BOARD (source), result, &error);
  act_done (data, INQ_BOARD (source), 0, error);
}

void
inq_ink_add (InqInk *self, InqStroke *stroke, InqInkLive *live)
{
  g_return_if_fail (INQ_IS_INK (self) && self->panel != NULL && stroke != NULL);

  stroke->id = 0;
  stroke->panel = inq_panel_get_id (self->panel);
  g_ptr_array_add (self->strokes, stroke);
  self->serial++;
  if (live != NULL) {
    Settling *settling = g_new0 (Settling, 1);
    settling->live = live;
    settling->serial = self->serial;
    g_queue_push_tail (&self->settling, settling);
  }
  mark_stale (self, stroke);
  draw_stale (self);
  changed (self);
  inq_board_add_stroke (self->board, stroke, added_cb, act_new (self, stroke));
}

gboolean
inq_ink_erase (InqInk *self, double x0, double y0, double x1, double y1, double radius)
{
  g_return_val_if_fail (INQ_IS_INK (self), FALSE);

  gboolean any = FALSE;
  double w = self->want_width, h = self->want_height;
  for (guint i = 0; i < self->strokes->len; i++) {
    const InqStroke *stroke = self->strokes->pdata[i];
    if (stroke->id == 0 || stroke->tool == INQ_TOOL_ERASER || !is_shown (self, stroke)
        || !inq_ink_hit (stroke, w, h, x0, y0, x1, y1, radius))
      continue;
    g_hash_table_add (self->erasing, g_memdup2 (&stroke->id, sizeof stroke->id));
    mark_stale (self, stroke);
    any = TRUE;
  }
  if (any) {
    self->serial++;
    draw_stale (self);
  }
  return any;
}

void
inq_ink_erase_finish (InqInk *self, gboolean keep)
{
  g_return_if_fail (INQ_IS_INK (self));

  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = self->strokes->len; i-- > 0;) {
    InqStroke *stroke = self->strokes->pdata[i];
    if (stroke->id == 0 || !g_hash_table_contains (self->erasing, &stroke->id))
      continue;
    if (!keep) {
      mark_stale (self, stroke);
      continue;
    }
    g_array_append_val (ids, stroke->id);
    g_ptr_array_remove_index (self->strokes, i);
  }
  g_hash_table_remove_all (self->erasing);
  self->serial++;
  draw_stale (self);
  if (ids->len > 0)
    inq_board_remove_strokes (self->board, (const gint64 *) ids->data, ids->len, removed_cb, act_new (self, NULL));
}

/* ---- a note that is being written ---- */

void
inq_ink_note_begin (InqInk *self, const InqStroke *stroke)
{
  g_return_if_fail (INQ_IS_INK (self) && self->panel != NULL && stroke != NULL);

  inq_ink_note_end (self);
  Note *note = g_new0 (Note, 1);
  g_atomic_ref_count_init (&note->refs);
  note->session = inq_board_new_session (self->board);
  note->id = stroke->id;
  note->stroke = inq_stroke_copy (stroke);
  note->stroke->panel = inq_panel_get_id (self->panel);
  self->note = note;
  if (note->id != 0) {
    mark_stale (self, note->stroke);
    self->serial++;
    draw_stale (self);
  }
}

void
inq_ink_note_write (InqInk *self, const char *text)
{
  g_return_if_fail (INQ_IS_INK (self) && text != NULL);

  Note *note = self->note;
  if (note == NULL || g_str_equal (note->stroke->text, text))
    return;
  g_free (note->stroke->text);
  note->stroke->text = g_strdup (text);
  Act *act = act_new (self, NULL);
  act->note = note;
  g_atomic_ref_count_inc (&note->refs);
  inq_board_write_note (self->board, note->stroke, note->session, added_cb, act);
}

void
inq_ink_note_end (InqInk *self)
{
  g_return_if_fail (INQ_IS_INK (self));

  g_autoptr (Note) note = g_steal_pointer (&self->note);
  if (note == NULL)
    return;
  /* What is shown is what was written, now; the file says the same a little later. */
  gboolean written = *note->stroke->text != '\0', found = FALSE;
  for (guint i = 0; note->id != 0 && !found && i < self->strokes->len; i++) {
    InqStroke *old = self->strokes->pdata[i];
    found = old->id == note->id;
    if (!found)
      continue;
    mark_stale (self, old);
    if (written) {
      g_free (old->text);
      old->text = g_strdup (note->stroke->text);
      mark_stale (self, old);
    } else {
      g_ptr_array_remove_index (self->strokes, i);
    }
  }
  if (written && !found) {
    InqStroke *stroke = inq_stroke_copy (note->stroke);
    stroke->id = note->id;
    g_ptr_array_add (self->strokes, stroke);
    mark_stale (self, stroke);
  }
  self->serial++;
  draw_stale (self);
  changed (self);
}

/* ---- showing ---- */

void
inq_ink_snapshot (InqInk *self, GtkSnapshot *snapshot, double width, double height, double scale)
{
  g_return_if_fail (INQ_IS_INK (self));

  self->want_width = width * scale + 0.5;
  self->want_height = height * scale + 0.5;
  if (self->strokes->len > 0 || self->width > 0)
    draw_stale (self);
  if (self->width > 0) {
    double unit_x = width / self->width, unit_y = height / self->height;
    gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
    for (int i = 0; i < self->columns * self->rows; i++)
      if (self->tiles[i] != NULL)
        gtk_snapshot_append_texture (snapshot, self->tiles[i],
                                     &GRAPHENE_RECT_INIT (i % self->columns * TILE * unit_x,
                                                          i / self->columns * TILE * unit_y, TILE * unit_x,
                                                          TILE * unit_y));
    gtk_snapshot_pop (snapshot);
  }
  for (GList *l = self->settling.head; l != NULL; l = l->next)
    inq_ink_live_snapshot (((Settling *) l->data)->live, snapshot, scale);
}

GPtrArray *
inq_ink_get_strokes (InqInk *self)
{
  g_return_val_if_fail (INQ_IS_INK (self), NULL);

  return self->strokes;
}

gboolean
inq_ink_is_settled (InqInk *self)
{
  g_return_val_if_fail (INQ_IS_INK (self), TRUE);

  if (self->panel == NULL)
    return TRUE;
  return !self->reading && !self->read_again && self->acts == 0 && !self->drawing && self->settling.length == 0;
}

const InqStroke *
inq_ink_find_text (InqInk *self, double x, double y)
{
  g_return_val_if_fail (INQ_IS_INK (self), NULL);

  for (guint i = self->strokes->len; i-- > 0;) {
    const InqStroke *stroke = self->strokes->pdata[i];
    if (stroke->tool == INQ_TOOL_TEXT && stroke->id != 0
        && inq_ink_hit (stroke, self->want_width, self->want_height, x, y, x, y, 0))
      return stroke;
  }
  return NULL;
}

static void
inq_ink_dispose (GObject *object)
{
  InqInk *self = INQ_INK (object);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->signals);
  g_clear_object (&self->panel);
  g_clear_object (&self->board);
  G_OBJECT_CLASS (inq_ink_parent_class)->dispose (object);
}

static void
inq_ink_finalize (GObject *object)
{
  InqInk *self = INQ_INK (object);
  drop_tiles (self);
  note_unref (self->note);
  g_queue_clear_full (&self->settling, settling_free);
  g_ptr_array_unref (self->strokes);
  g_hash_table_unref (self->erasing);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (inq_ink_parent_class)->finalize (object);
}

static void
inq_ink_class_init (InqInkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inq_ink_dispose;
  G_OBJECT_CLASS (klass)->finalize = inq_ink_finalize;
  changed_signal = g_signal_new ("changed", INQ_TYPE_INK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
inq_ink_init (InqInk *self)
{
  self->cancellable = g_cancellable_new ();
  self->strokes = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_stroke_free);
  self->erasing = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->signals = g_signal_group_new (INQ_TYPE_PANEL);
  g_signal_group_connect_swapped (self->signals, "notify::strokes-revision", G_CALLBACK (read_strokes), self);
}

InqInk *
inq_ink_new (void)
{
  return g_object_new (INQ_TYPE_INK, NULL);
}

/* Inquadra - the stroke under the pen.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-ink-live.h"

#include <math.h>

#define TILE 256
/* Points closer than this many device pixels are one. */
#define NEAR 0.8
/* The curve's last pieces still move with the next point: they are drawn anew each time. */
#define OPEN_END 2

typedef struct {
  cairo_surface_t *surface;
  GdkTexture *texture; /* NULL: the surface has news */
} Tile;

struct _InqInkLive {
  InqStroke stroke; /* points is NULL, see below */
  GArray *points;   /* of InqPoint */
  GHashTable *tiles;
  int width, height;
  double steadying;
  double x, y, pressure; /* steadied */
  InqPoint raw;          /* as the device said last */
  gsize drawn;           /* index of the point up to which the tiles are drawn */
  gboolean straight;
};

static void
tile_free (gpointer data)
{
  Tile *tile = data;
  cairo_surface_destroy (tile->surface);
  g_clear_object (&tile->texture);
  g_free (tile);
}

InqInkLive *
inq_ink_live_new (const InqStroke *stroke, int width, int height, double steadying)
{
  g_return_val_if_fail (stroke != NULL && width > 0 && height > 0, NULL);

  InqInkLive *self = g_new0 (InqInkLive, 1);
  self->stroke = *stroke;
  self->stroke.points = NULL;
  self->stroke.n_points = 0;
  self->stroke.text = g_strdup ("");
  self->points = g_array_new (FALSE, FALSE, sizeof (InqPoint));
  self->tiles = g_hash_table_new_full (NULL, NULL, NULL, tile_free);
  self->width = width;
  self->height = height;
  self->steadying = CLAMP (steadying, 0, 0.9);
  return self;
}

void
inq_ink_live_free (InqInkLive *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->points);
  g_hash_table_unref (self->tiles);
  g_free (self->stroke.text);
  g_free (self);
}

gsize
inq_ink_live_get_n_points (InqInkLive *self)
{
  return self->points->len;
}

/* ---- tiles ---- */

static Tile *
get_tile (InqInkLive *self, int column, int row)
{
  gpointer key = GINT_TO_POINTER ((row << 12 | column) + 1);
  Tile *tile = g_hash_table_lookup (self->tiles, key);
  if (tile == NULL) {
    tile = g_new0 (Tile, 1);
    tile->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, TILE, TILE);
    g_hash_table_insert (self->tiles, key, tile);
  }
  return tile;
}

static void
set_source (InqInkLive *self, cairo_t *cr)
{
  guint32 colour = self->stroke.colour;
  cairo_set_source_rgb (cr, (colour >> 24) / 255.0, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0);
}

/* Draws the curve's pieces between two points into the tiles they touch, at full opacity. */
static void
draw_pieces (InqInkLive *self, gsize from, gsize to)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (InqInkNode));
  const InqPoint *points = (const InqPoint *) self->points->data;
  double x0 = G_MAXDOUBLE, y0 = G_MAXDOUBLE, x1 = -G_MAXDOUBLE, y1 = -G_MAXDOUBLE;

  inq_ink_smooth (points, self->points->len, from, to, self->stroke.width, self->width, self->height, nodes);
  const InqInkNode *node = (const InqInkNode *) nodes->data;
  for (guint i = 0; i < nodes->len; i++) {
    x0 = MIN (x0, node[i].x - node[i].radius - 1);
    y0 = MIN (y0, node[i].y - node[i].radius - 1);
    x1 = MAX (x1, node[i].x + node[i].radius + 1);
    y1 = MAX (y1, node[i].y + node[i].radius + 1);
  }
  int left = MAX (0, (int) floor (x0 / TILE)), right = MIN ((self->width - 1) / TILE, (int) floor (x1 / TILE));
  int top = MAX (0, (int) floor (y0 / TILE)), bottom = MIN ((self->height - 1) / TILE, (int) floor (y1 / TILE));
  for (int row = top; row <= bottom; row++)
    for (int column = left; column <= right; column++) {
      Tile *tile = get_tile (self, column, row);
      cairo_t *cr = cairo_create (tile->surface);
      cairo_translate (cr, -column * TILE, -row * TILE);
      set_source (self, cr);
      inq_ink_outline (cr, node, nodes->len);
      cairo_fill (cr);
      cairo_destroy (cr);
      g_clear_object (&tile->texture);
    }
}

static void
draw_settled (InqInkLive *self, gsize until)
{
  if (until > self->drawn && self->stroke.tool == INQ_TOOL_PEN && !self->straight) {
    draw_pieces (self, self->drawn, until);
    self->drawn = until;
  }
}

/* ---- positions ---- */

static gboolean
append (InqInkLive *self, double x, double y, double pressure)
{
  if (self->points->len > 0) {
    const InqPoint *last = &g_array_index (self->points, InqPoint, self->points->len - 1);
    if (hypot ((x - last->x) * self->width, (y - last->y) * self->height) < NEAR)
      return FALSE;
  }
  if (self->points->len >= 1000000)
    return FALSE;
  InqPoint point = { CLAMP (x, -1000, 1000), CLAMP (y, -1000, 1000), CLAMP (pressure, 0, 1) };
  g_array_append_val (self->points, point);
  return TRUE;
}

void
inq_ink_live_add (InqInkLive *self, double x, double y, double pressure)
{
  double keep = self->points->len > 0 ? self->steadying : 0;

  /* The same place told twice (a device's history ends with the event itself) would drag the steadied line there and
   * make corners of a curve. */
  if (self->points->len > 0 && hypot ((x - self->raw.x) * self->width, (y - self->raw.y) * self->height) < 0.3) {
    self->pressure = self->pressure * keep + pressure * (1 - keep);
    return;
  }
  self->raw = (InqPoint){ x, y, pressure };
  self->x = self->x * keep + x * (1 - keep);
  self->y = self->y * keep + y * (1 - keep);
  self->pressure = self->pressure * keep + pressure * (1 - keep);
  if (self->straight) {
    g_array_set_size (self->points, 1);
    append (self, x, y, g_array_index (self->points, InqPoint, 0).pressure);
  } else if (append (self, self->x, self->y, self->pressure) && self->points->len > OPEN_END + 1) {
    draw_settled (self, self->points->len - 1 - OPEN_END);
  }
}

void
inq_ink_live_set_straight (InqInkLive *self, gboolean straight)
{
  if (self->straight == straight || self->points->len == 0)
    return;
  self->straight = straight;
  g_hash_table_remove_all (self->tiles);
  self->drawn = 0;
  if (straight) {
    g_array_set_size (self->points, 1);
    append (self, self->raw.x, self->raw.y, g_array_index (self->points, InqPoint, 0).pressure);
  }
}

/* A mouse counts whole pixels, which makes facets of a gentle bend: each point gives a little to its neighbours. Where
 * the line turns on purpose it stays. */
static void
even_out (InqInkLive *self)
{
  InqPoint *point = (InqPoint *) self->points->data;
  InqPoint before = point[0];

  for (guint i = 1; i + 1 < self->points->len; i++) {
    InqPoint here = point[i], after = point[i + 1];
    double ax = (here.x - before.x) * self->width, ay = (here.y - before.y) * self->height;
    double bx = (after.x - here.x) * self->width, by = (after.y - here.y) * self->height;
    if (ax * bx + ay * by > 0.9 * hypot (ax, ay) * hypot (bx, by)) {
      point[i].x = (before.x + 2 * here.x + after.x) / 4;
      point[i].y = (before.y + 2 * here.y + after.y) / 4;
      point[i].pressure = (before.pressure + 2 * here.pressure + after.pressure) / 4;
    }
    before = here;
  }
}

InqStroke *
inq_ink_live_finish (InqInkLive *self)
{
  if (!self->straight && self->points->len > 0)
    append (self, self->raw.x, self->raw.y, self->pressure);
  if (self->points->len > 0)
    draw_settled (self, self->points->len - 1);
  for (int i = 0; i < 2 && self->steadying > 0 && self->points->len > 2; i++)
    even_out (self);
  InqStroke stroke = self->stroke;
  stroke.points = (InqPoint *) self->points->data;
  stroke.n_points = self->points->len;
  return inq_stroke_copy (&stroke);
}

/* ---- drawing ---- */

/* What the tiles do not have yet: a pen line's open end, or all of an arrow or straight line. */
static void
draw_open_end (InqInkLive *self, GtkSnapshot *snapshot, double scale)
{
  InqStroke part = self->stroke;
  gsize from = self->drawn;
  cairo_rectangle_int_t box;

  if (self->points->len == 0 || (from > 0 && from == self->points->len - 1))
    return;
  /* The point before gives the curve its direction, so the piece joins what the tiles show. */
  part.points = &g_array_index (self->points, InqPoint, from);
  part.n_points = self->points->len - from;
  part.colour |= 255;
  inq_ink_bounds (&part, self->width, self->height, &box);
  cairo_rectangle_int_t frame = { 0, 0, self->width, self->height };
  cairo_region_t *region = cairo_region_create_rectangle (&box);
  cairo_region_intersect_rectangle (region, &frame);
  cairo_region_get_extents (region, &box);
  cairo_region_destroy (region);
  if (box.width <= 0 || box.height <= 0)
    return;

  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (box.x / scale, box.y / scale, box.width / scale, box.height / scale));
  cairo_scale (cr, 1 / scale, 1 / scale);
  if (part.tool == INQ_TOOL_PEN) {
    g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (InqInkNode));
    inq_ink_smooth ((const InqPoint *) self->points->data, self->points->len, from, self->points->len - 1, part.width,
                    self->width, self->height, nodes);
    set_source (self, cr);
    inq_ink_outline (cr, (const InqInkNode *) nodes->data, nodes->len);
    cairo_fill (cr);
  } else {
    inq_ink_draw (cr, &part, self->width, self->height);
  }
  cairo_destroy (cr);
}

static GdkTexture *
upload (cairo_surface_t *surface)
{
  cairo_surface_flush (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  g_autoptr (GBytes) bytes = g_bytes_new (cairo_image_surface_get_data (surface), stride * TILE);
  return gdk_memory_texture_new (TILE, TILE, GDK_MEMORY_DEFAULT, bytes, stride);
}

void
inq_ink_live_snapshot (InqInkLive *self, GtkSnapshot *snapshot, double scale)
{
  double alpha = (self->stroke.colour & 255) / 255.0;
  GHashTableIter iter;
  gpointer key, value;

  /* Nothing of a line shows outside of the frame. */
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, self->width / scale, self->height / scale));
  if (alpha < 1)
    gtk_snapshot_push_opacity (snapshot, alpha);
  g_hash_table_iter_init (&iter, self->tiles);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    Tile *tile = value;
    int at = GPOINTER_TO_INT (key) - 1, column = at & 0xfff, row = at >> 12;
    if (tile->texture == NULL)
      tile->texture = upload (tile->surface);
    gtk_snapshot_append_texture (
        snapshot, tile->texture,
        &GRAPHENE_RECT_INIT (column * TILE / scale, row * TILE / scale, TILE / scale, TILE / scale));
  }
  draw_open_end (self, snapshot, scale);
  if (alpha < 1)
    gtk_snapshot_pop (snapshot);
  gtk_snapshot_pop (snapshot);
}

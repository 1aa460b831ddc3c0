/* Inquadra - what a stroke looks like, at any size.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-ink-shape.h"

#include <math.h>
#include <pango/pangocairo.h>

/* Length in pixels of a straight piece of a smoothed line. */
#define PIECE 2.0
/* An arrow's head, in line widths. */
#define HEAD_LENGTH 4.2
#define HEAD_HALF   1.9

float
inq_ink_radius (float width, float pressure, double frame_width)
{
  return MAX (0.35, width * frame_width * 0.5 * (0.12 + 0.88 * CLAMP (pressure, 0, 1)));
}

/* ---- curve ---- */

typedef struct {
  double x, y;
} Vec;

static Vec
at (const InqPoint *p, double w, double h)
{
  return (Vec){ p->x * w, p->y * h };
}

static double
length (Vec a, Vec b)
{
  return hypot (b.x - a.x, b.y - a.y);
}

/* Direction of the curve at @i, unit speed: of the parabola through it and its neighbours, by chord length. */
static Vec
tangent (const InqPoint *points, gsize n, gsize i, double w, double h)
{
  Vec p = at (&points[i], w, h);
  Vec a = i > 0 ? at (&points[i - 1], w, h) : p, b = i + 1 < n ? at (&points[i + 1], w, h) : p;
  double before = length (a, p), after = length (p, b);

  if (before < 1e-6 && after < 1e-6)
    return (Vec){ 0, 0 };
  if (before < 1e-6)
    return (Vec){ (b.x - p.x) / after, (b.y - p.y) / after };
  if (after < 1e-6)
    return (Vec){ (p.x - a.x) / before, (p.y - a.y) / before };
  double u = after / (before + after), v = before / (before + after);
  return (Vec){ (p.x - a.x) / before * u + (b.x - p.x) / after * v,
                (p.y - a.y) / before * u + (b.y - p.y) / after * v };
}

void
inq_ink_smooth (const InqPoint *points, gsize n, gsize from, gsize to, float width, double frame_width,
                double frame_height, GArray *nodes)
{
  g_return_if_fail (n > 0 && from <= to && to < n);

  InqInkNode node = { points[from].x * frame_width, points[from].y * frame_height,
                      inq_ink_radius (width, points[from].pressure, frame_width) };
  g_array_append_val (nodes, node);
  for (gsize i = from; i < to; i++) {
    Vec a = at (&points[i], frame_width, frame_height), b = at (&points[i + 1], frame_width, frame_height);
    Vec m = tangent (points, n, i, frame_width, frame_height),
        o = tangent (points, n, i + 1, frame_width, frame_height);
    double d = length (a, b);
    int steps = CLAMP ((int) ceil (d / PIECE), 1, 256);

    for (int s = 1; s <= steps; s++) {
      double t = (double) s / steps, t2 = t * t, t3 = t2 * t;
      double ka = 2 * t3 - 3 * t2 + 1, kb = 3 * t2 - 2 * t3, km = (t3 - 2 * t2 + t) * d, ko = (t3 - t2) * d;
      float pressure = points[i].pressure + (points[i + 1].pressure - points[i].pressure) * t;
      node = (InqInkNode){ a.x * ka + b.x * kb + m.x * km + o.x * ko, a.y * ka + b.y * kb + m.y * km + o.y * ko,
                           inq_ink_radius (width, pressure, frame_width) };
      g_array_append_val (nodes, node);
    }
  }
}

/* ---- outline ---- */

static void
add_disc (cairo_t *cr, const InqInkNode *node)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, node->x, node->y, node->radius, 0, 2 * G_PI);
  cairo_close_path (cr);
}

/* The four-sided piece from @a to @b, always turning like the discs, so that winding numbers only add up. */
static void
add_piece (cairo_t *cr, const InqInkNode *a, const InqInkNode *b, Vec na, Vec nb)
{
  Vec corner[4] = { { a->x + na.x * a->radius, a->y + na.y * a->radius },
                    { b->x + nb.x * b->radius, b->y + nb.y * b->radius },
                    { b->x - nb.x * b->radius, b->y - nb.y * b->radius },
                    { a->x - na.x * a->radius, a->y - na.y * a->radius } };
  double area = 0;
  for (int i = 0; i < 4; i++)
    area += corner[i].x * corner[(i + 1) % 4].y - corner[(i + 1) % 4].x * corner[i].y;
  cairo_move_to (cr, corner[0].x, corner[0].y);
  for (int i = 1; i < 4; i++) {
    const Vec *c = &corner[area >= 0 ? i : 4 - i];
    cairo_line_to (cr, c->x, c->y);
  }
  cairo_close_path (cr);
}

void
inq_ink_outline (cairo_t *cr, const InqInkNode *nodes, gsize n)
{
  gboolean joined = FALSE;
  Vec shared = { 0, 0 };

  if (n == 0)
    return;
  add_disc (cr, &nodes[0]);
  gsize i = 0;
  while (i + 1 < n) {
    gsize next = i + 1;
    double d = hypot (nodes[next].x - nodes[i].x, nodes[next].y - nodes[i].y);
    while (d < 0.25 && next + 1 < n) {
      next++;
      d = hypot (nodes[next].x - nodes[i].x, nodes[next].y - nodes[i].y);
    }
    if (d < 1e-4)
      break;
    Vec dir = { (nodes[next].x - nodes[i].x) / d, (nodes[next].y - nodes[i].y) / d };
    Vec own = { -dir.y, dir.x };
    Vec start = joined ? shared : own;

    /* Around a gentle bend both pieces share a corner; around a sharp one a disc fills the gap. */
    joined = FALSE;
    Vec end = own;
    if (next + 1 < n) {
      double d2 = hypot (nodes[next + 1].x - nodes[next].x, nodes[next + 1].y - nodes[next].y);
      if (d2 >= 0.25) {
        Vec dir2 = { (nodes[next + 1].x - nodes[next].x) / d2, (nodes[next + 1].y - nodes[next].y) / d2 };
        double turn = fabs (dir.x * dir2.y - dir.y * dir2.x), along = dir.x * dir2.x + dir.y * dir2.y;
        if (along > 0.9 && turn * nodes[next].radius < MIN (d, d2) * 0.8) {
          Vec sum = { -dir.y - dir2.y, dir.x + dir2.x };
          double l = hypot (sum.x, sum.y);
          end = shared = (Vec){ sum.x / l, sum.y / l };
          joined = TRUE;
        }
      }
    }
    add_piece (cr, &nodes[i], &nodes[next], start, end);
    if (!joined)
      add_disc (cr, &nodes[next]);
    i = next;
  }
}

/* ---- drawing ---- */

static void
set_colour (cairo_t *cr, guint32 colour)
{
  cairo_set_source_rgb (cr, (colour >> 24) / 255.0, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0);
}

/* What sets a colour off from any picture under it. */
static void
set_casing (cairo_t *cr, guint32 colour)
{
  double luma = 0.2126 * (colour >> 24) + 0.7152 * (colour >> 16 & 255) + 0.0722 * (colour >> 8 & 255);
  if (luma > 140)
    cairo_set_source_rgb (cr, 0.16, 0.16, 0.16);
  else
    cairo_set_source_rgb (cr, 0.97, 0.97, 0.97);
}

static double
casing_width (double frame_width)
{
  return MAX (1, frame_width * 0.0014);
}

double
inq_ink_font_size (const InqStroke *stroke, double height)
{
  return MAX (4, stroke->width * height * 0.76);
}

static PangoLayout *
text_layout (cairo_t *cr, const InqStroke *stroke, double width, double height)
{
  PangoLayout *layout = pango_cairo_create_layout (cr);
  PangoFontDescription *font = pango_font_description_from_string ("Cantarell, Sans Semi-Bold");
  pango_font_description_set_absolute_size (font, inq_ink_font_size (stroke, height) * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_set_text (layout, stroke->text != NULL ? stroke->text : "", -1);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  double room = (1 - stroke->points[0].x) * width;
  pango_layout_set_width (layout, MAX (room, width * 0.15) * PANGO_SCALE);
  return layout;
}

static void
draw_text (cairo_t *cr, const InqStroke *stroke, double width, double height)
{
  g_autoptr (PangoLayout) layout = text_layout (cr, stroke, width, height);
  cairo_move_to (cr, stroke->points[0].x * width, stroke->points[0].y * height);
  pango_cairo_layout_path (cr, layout);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, MAX (1.5, inq_ink_font_size (stroke, height) * 0.17));
  set_casing (cr, stroke->colour);
  cairo_stroke_preserve (cr);
  set_colour (cr, stroke->colour);
  cairo_fill (cr);
}

static void
draw_arrow (cairo_t *cr, const InqStroke *stroke, double width, double height)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (InqInkNode));
  inq_ink_smooth (stroke->points, stroke->n_points, 0, stroke->n_points - 1, stroke->width, width, height, nodes);
  InqInkNode *node = (InqInkNode *) nodes->data;
  float radius = inq_ink_radius (stroke->width, 1, width);
  double whole = 0;
  for (guint i = 0; i < nodes->len; i++) {
    node[i].radius = radius;
    if (i > 0)
      whole += hypot (node[i].x - node[i - 1].x, node[i].y - node[i - 1].y);
  }
  double head = MIN (2 * radius * HEAD_LENGTH, MAX (whole * 0.7, 1e-3));
  InqInkNode tip = node[nodes->len - 1];

  /* The line ends where the head begins, which points from there to the tip. */
  guint last = nodes->len - 1;
  while (last > 0 && hypot (tip.x - node[last].x, tip.y - node[last].y) < head * 0.85)
    last--;
  double dx = tip.x - node[last].x, dy = tip.y - node[last].y, d = hypot (dx, dy);
  if (d > 1e-3) {
    dx /= d;
    dy /= d;
  } else {
    dx = 1;
    dy = 0;
  }
  double half = head * HEAD_HALF / HEAD_LENGTH;
  for (int layer = 0; layer < 2; layer++) {
    double casing = layer == 0 ? casing_width (width) : 0;
    if (layer == 0)
      set_casing (cr, stroke->colour);
    else
      set_colour (cr, stroke->colour);
    for (guint i = 0; i <= last; i++)
      node[i].radius = radius + casing;
    inq_ink_outline (cr, node, last + 1);
    /* The head is stroked with its own width too, which rounds its corners and carries the casing around it. */
    cairo_fill (cr);
    cairo_move_to (cr, tip.x, tip.y);
    cairo_line_to (cr, tip.x - dx * head - dy * half, tip.y - dy * head + dx * half);
    cairo_line_to (cr, tip.x - dx * head * 0.8, tip.y - dy * head * 0.8);
    cairo_line_to (cr, tip.x - dx * head + dy * half, tip.y - dy * head - dx * half);
    cairo_close_path (cr);
    cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_width (cr, radius * 0.5 + 2 * casing);
    cairo_stroke_preserve (cr);
    cairo_fill (cr);
  }
}

void
inq_ink_draw (cairo_t *cr, const InqStroke *stroke, double width, double height)
{
  double alpha = (stroke->colour & 255) / 255.0;

  if (stroke->n_points == 0)
    return;
  cairo_save (cr);
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_WINDING);
  if (stroke->tool == INQ_TOOL_PEN || stroke->tool == INQ_TOOL_ERASER) {
    g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (InqInkNode));
    inq_ink_smooth (stroke->points, stroke->n_points, 0, stroke->n_points - 1, stroke->width, width, height, nodes);
    inq_ink_outline (cr, (const InqInkNode *) nodes->data, nodes->len);
    if (stroke->tool == INQ_TOOL_ERASER)
      cairo_set_operator (cr, CAIRO_OPERATOR_DEST_OUT);
    cairo_set_source_rgba (cr, (stroke->colour >> 24) / 255.0, (stroke->colour >> 16 & 255) / 255.0,
                           (stroke->colour >> 8 & 255) / 255.0, stroke->tool == INQ_TOOL_ERASER ? 1 : alpha);
    cairo_fill (cr);
  } else {
    if (alpha < 1)
      cairo_push_group (cr);
    if (stroke->tool == INQ_TOOL_ARROW)
      draw_arrow (cr, stroke, width, height);
    else
      draw_text (cr, stroke, width, height);
    if (alpha < 1) {
      cairo_pop_group_to_source (cr);
      cairo_paint_with_alpha (cr, alpha);
    }
  }
  cairo_restore (cr);
}

/* ---- where it is ---- */

static void
text_size (const InqStroke *stroke, double width, double height, int *w, int *h)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, 1, 1);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (PangoLayout) layout = text_layout (cr, stroke, width, height);
  pango_layout_get_pixel_size (layout, w, h);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

void
inq_ink_bounds (const InqStroke *stroke, double width, double height, cairo_rectangle_int_t *bounds)
{
  double x0 = G_MAXDOUBLE, y0 = G_MAXDOUBLE, x1 = -G_MAXDOUBLE, y1 = -G_MAXDOUBLE;
  double margin = stroke->width * width / 2 + 2;

  for (gsize i = 0; i < stroke->n_points; i++) {
    x0 = MIN (x0, stroke->points[i].x * width);
    y0 = MIN (y0, stroke->points[i].y * height);
    x1 = MAX (x1, stroke->points[i].x * width);
    y1 = MAX (y1, stroke->points[i].y * height);
  }
  if (stroke->tool == INQ_TOOL_ARROW)
    margin = stroke->width * width * HEAD_LENGTH + casing_width (width) + 2;
  if (stroke->tool == INQ_TOOL_TEXT && stroke->n_points > 0) {
    int w, h;
    text_size (stroke, width, height, &w, &h);
    x1 += w;
    y1 += h;
    margin = inq_ink_font_size (stroke, height) * 0.3 + 2;
  } else {
    /* The curve may swing out between two points, by at most a quarter of their distance. */
    double swing = 0;
    for (gsize i = 1; i < stroke->n_points; i++)
      swing = MAX (swing, length (at (&stroke->points[i - 1], width, height), at (&stroke->points[i], width, height)));
    margin += swing / 4;
  }
  if (stroke->n_points == 0) {
    *bounds = (cairo_rectangle_int_t){ 0 };
    return;
  }
  /* Points far outside of the frame stay countable. */
  x0 = CLAMP (x0 - margin, -1e6, 1e6);
  y0 = CLAMP (y0 - margin, -1e6, 1e6);
  x1 = CLAMP (x1 + margin, -1e6, 1e6);
  y1 = CLAMP (y1 + margin, -1e6, 1e6);
  bounds->x = floor (x0);
  bounds->y = floor (y0);
  bounds->width = ceil (x1) - bounds->x;
  bounds->height = ceil (y1) - bounds->y;
}

static double
point_to_piece (Vec p, Vec a, Vec b)
{
  double dx = b.x - a.x, dy = b.y - a.y, l = dx * dx + dy * dy;
  double t = l > 0 ? CLAMP (((p.x - a.x) * dx + (p.y - a.y) * dy) / l, 0, 1) : 0;
  return hypot (p.x - a.x - t * dx, p.y - a.y - t * dy);
}

static double
cross (Vec o, Vec a, Vec b)
{
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

static double
piece_to_piece (Vec p0, Vec p1, Vec q0, Vec q1)
{
  if (cross (p0, p1, q0) * cross (p0, p1, q1) < 0 && cross (q0, q1, p0) * cross (q0, q1, p1) < 0)
    return 0;
  return MIN (MIN (point_to_piece (p0, q0, q1), point_to_piece (p1, q0, q1)),
              MIN (point_to_piece (q0, p0, p1), point_to_piece (q1, p0, p1)));
}

gboolean
inq_ink_hit (const InqStroke *stroke, double width, double height, double x0, double y0, double x1, double y1,
             double radius)
{
  cairo_rectangle_int_t box;
  inq_ink_bounds (stroke, width, height, &box);
  if (MAX (x0, x1) + radius < box.x || MIN (x0, x1) - radius > box.x + box.width || MAX (y0, y1) + radius < box.y
      || MIN (y0, y1) - radius > box.y + box.height)
    return FALSE;
  if (stroke->tool == INQ_TOOL_TEXT)
    return TRUE;

  Vec p0 = { x0, y0 }, p1 = { x1, y1 };
  for (gsize i = 0; i < stroke->n_points; i++) {
    Vec a = at (&stroke->points[i > 0 ? i - 1 : 0], width, height), b = at (&stroke->points[i], width, height);
    float pressure = stroke->tool == INQ_TOOL_ARROW ? 1 : stroke->points[i].pressure;
    if (piece_to_piece (p0, p1, a, b) <= radius + inq_ink_radius (stroke->width, pressure, width))
      return TRUE;
  }
  return FALSE;
}

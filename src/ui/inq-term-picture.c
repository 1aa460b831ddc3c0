/* Inquadra - the little drawing of what a word of the trade means: a size, an angle, a move, a time, a style.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything is drawn over a field of 36 x 24 units in one colour: outlines 1.5 wide, figures filled.
 */
#include "config.h"

#include "inq-term-picture.h"

#include <math.h>

#define W INQ_TERM_PICTURE_WIDTH
#define H INQ_TERM_PICTURE_HEIGHT

/* ---- parts ---- */

static void
line (cairo_t *cr, double x0, double y0, double x1, double y1)
{
  cairo_move_to (cr, x0, y0);
  cairo_line_to (cr, x1, y1);
  cairo_stroke (cr);
}

static void
disc (cairo_t *cr, double x, double y, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_fill (cr);
}

static void
circle (cairo_t *cr, double x, double y, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_stroke (cr);
}

static void
rounded (cairo_t *cr, double x, double y, double w, double h, double r)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + w - r, y + r, r, -G_PI / 2, 0);
  cairo_arc (cr, x + w - r, y + h - r, r, 0, G_PI / 2);
  cairo_arc (cr, x + r, y + h - r, r, G_PI / 2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
}

/* An arrow whose head is at (x1, y1). */
static void
arrow (cairo_t *cr, double x0, double y0, double x1, double y1)
{
  double angle = atan2 (y1 - y0, x1 - x0), head = 4.2;
  line (cr, x0, y0, x1, y1);
  cairo_move_to (cr, x1 - head * cos (angle - 0.6), y1 - head * sin (angle - 0.6));
  cairo_line_to (cr, x1, y1);
  cairo_line_to (cr, x1 - head * cos (angle + 0.6), y1 - head * sin (angle + 0.6));
  cairo_stroke (cr);
}

/* The picture's frame; what follows is clipped to it until cairo_restore(). */
static void
frame (cairo_t *cr)
{
  rounded (cr, 1, 1, W - 2, H - 2, 2.5);
  cairo_stroke (cr);
  cairo_save (cr);
  rounded (cr, 1.75, 1.75, W - 3.5, H - 3.5, 2);
  cairo_clip (cr);
}

/* A standing figure of @height from its crown at (x, top): head a seventh of it, arms at its sides. */
static void
figure (cairo_t *cr, double x, double top, double height)
{
  double head = height / 13.5, shoulder = height * 0.125, hip = height * 0.08, neck = top + 2 * head + height * 0.02;
  double waist = top + height * 0.5;

  disc (cr, x, top + head, head);
  cairo_move_to (cr, x - shoulder + height * 0.03, neck);
  cairo_line_to (cr, x + shoulder - height * 0.03, neck);
  cairo_curve_to (cr, x + shoulder, neck, x + shoulder + height * 0.01, neck + height * 0.03, x + shoulder,
                  neck + height * 0.1);
  cairo_line_to (cr, x + shoulder, waist);
  cairo_line_to (cr, x + hip * 1.05, waist);
  cairo_line_to (cr, x + hip, top + height);
  cairo_line_to (cr, x + hip * 0.2, top + height);
  cairo_line_to (cr, x, waist + height * 0.06);
  cairo_line_to (cr, x - hip * 0.2, top + height);
  cairo_line_to (cr, x - hip, top + height);
  cairo_line_to (cr, x - hip * 1.05, waist);
  cairo_line_to (cr, x - shoulder, waist);
  cairo_line_to (cr, x - shoulder, neck + height * 0.1);
  cairo_curve_to (cr, x - shoulder - height * 0.01, neck + height * 0.03, x - shoulder, neck,
                  x - shoulder + height * 0.03, neck);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* Head and shoulders of a face that is open: a line round it, eyes and mouth, for the close sizes. */
static void
face (cairo_t *cr, double x, double y, double radius)
{
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, 0.82, 1);
  cairo_new_sub_path (cr);
  cairo_arc (cr, 0, 0, radius, 0, 2 * G_PI);
  cairo_restore (cr);
  cairo_stroke (cr);
  disc (cr, x - radius * 0.32, y - radius * 0.08, MAX (0.9, radius * 0.11));
  disc (cr, x + radius * 0.32, y - radius * 0.08, MAX (0.9, radius * 0.11));
  line (cr, x - radius * 0.22, y + radius * 0.48, x + radius * 0.22, y + radius * 0.48);
}

static void
eye (cairo_t *cr, double x, double y, double half)
{
  cairo_move_to (cr, x - half, y);
  cairo_curve_to (cr, x - half * 0.4, y - half * 0.75, x + half * 0.4, y - half * 0.75, x + half, y);
  cairo_curve_to (cr, x + half * 0.4, y + half * 0.75, x - half * 0.4, y + half * 0.75, x - half, y);
  cairo_close_path (cr);
  cairo_stroke (cr);
  disc (cr, x, y, half * 0.34);
}

/* Head and shoulder of somebody seen from behind, at the left edge. */
static void
back (cairo_t *cr)
{
  disc (cr, 9, 9, 5.2);
  cairo_move_to (cr, 0, H);
  cairo_curve_to (cr, 0, 14, 4, 14.5, 9, 14.5);
  cairo_curve_to (cr, 14, 14.5, 17.5, 17, 18, H);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* A camera that looks to its right, turned by @angle. */
static void
camera (cairo_t *cr, double x, double y, double angle)
{
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_rotate (cr, angle);
  rounded (cr, -4, -2.6, 6, 5.2, 1);
  cairo_fill (cr);
  cairo_move_to (cr, 2.4, 0);
  cairo_line_to (cr, 5.2, -2.4);
  cairo_line_to (cr, 5.2, 2.4);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_restore (cr);
}

/* A dashed line of sight. */
static void
sight (cairo_t *cr, double x0, double y0, double x1, double y1)
{
  const double dash[] = { 2, 2 };
  cairo_save (cr);
  cairo_set_line_width (cr, 1.2);
  cairo_set_dash (cr, dash, 2, 0);
  line (cr, x0, y0, x1, y1);
  cairo_restore (cr);
}

/* ---- sizes ---- */

static gboolean
draw_size (cairo_t *cr, const char *code)
{
  static const struct {
    const char *code;
    double top, height; /* of a whole figure */
  } figures[] = {
    { "ELS", 13, 6 }, { "LS", 3.5, 17 }, { "MLS", 3.5, 25 }, { "MS", 3.5, 38 }, { "MCU", 3.5, 62 },
  };

  frame (cr);
  gboolean known = TRUE, done = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (figures) && !done; i++)
    if (g_str_equal (code, figures[i].code)) {
      figure (cr, W / 2.0, figures[i].top, figures[i].height);
      done = TRUE;
      if (i == 0)
        line (cr, 0, 19.5, W, 19.5);
    }
  if (done) {
    /* a whole figure, cut by the frame where the size cuts it */
  } else if (g_str_equal (code, "CU")) {
    face (cr, W / 2.0, 11.5, 8.2);
    cairo_move_to (cr, 4, H + 2);
    cairo_curve_to (cr, 5, 20, 12, 19.5, W / 2.0, 19.7);
    cairo_curve_to (cr, W - 12, 19.5, W - 5, 20, W - 4, H + 2);
    cairo_stroke (cr);
  } else if (g_str_equal (code, "BCU")) {
    face (cr, W / 2.0, 12.5, 12.5);
  } else if (g_str_equal (code, "ECU")) {
    eye (cr, 10, 13, 6);
    eye (cr, W - 10, 13, 6);
    line (cr, 4.5, 6.5, 14, 5.8);
    line (cr, W - 4.5, 6.5, W - 14, 5.8);
  } else if (g_str_equal (code, "EST")) {
    static const double roofs[][4] = { { 4, 9, 5, 14 }, { 10, 5, 6, 18 }, { 17, 11, 6, 12 }, { 24, 7, 7, 16 } };
    for (guint i = 0; i < G_N_ELEMENTS (roofs); i++) {
      cairo_rectangle (cr, roofs[i][0], roofs[i][1], roofs[i][2], roofs[i][3]);
      cairo_fill (cr);
    }
    line (cr, 0, 20.5, W, 20.5);
  } else if (g_str_equal (code, "OTS L")) {
    back (cr);
    face (cr, 26, 10.5, 5.6);
  } else if (g_str_equal (code, "OTS R")) {
    cairo_translate (cr, W, 0);
    cairo_scale (cr, -1, 1);
    back (cr);
    face (cr, 26, 10.5, 5.6);
  } else if (g_str_equal (code, "2S")) {
    figure (cr, 12, 4.5, 32);
    figure (cr, 24, 5.5, 31);
  } else if (g_str_equal (code, "POV")) {
    eye (cr, W / 2.0, H / 2.0, 10);
  } else if (g_str_equal (code, "INS")) {
    /* a cup on a table, larger than life */
    rounded (cr, 11, 7, 11, 11, 2);
    cairo_fill (cr);
    cairo_arc (cr, 23, 12, 3.4, -G_PI / 2, G_PI / 2);
    cairo_stroke (cr);
    line (cr, 5, 20, W - 5, 20);
  } else {
    known = FALSE;
  }
  cairo_restore (cr);
  return known;
}

/* ---- angles ---- */

/* Seen from the side: where the camera is and what it looks at. */
static gboolean
draw_angle (cairo_t *cr, const char *code)
{
  if (g_str_equal (code, "dutch")) {
    cairo_save (cr);
    cairo_translate (cr, W / 2.0, H / 2.0);
    cairo_rotate (cr, -0.28);
    cairo_translate (cr, -W / 2.0, -H / 2.0);
    cairo_rectangle (cr, 6, 4, W - 12, H - 8);
    cairo_stroke (cr);
    line (cr, 6.5, 17, W - 6.5, 17);
    figure (cr, W / 2.0, 6.5, 10.5);
    cairo_restore (cr);
    return TRUE;
  }
  line (cr, 2, 22.5, W - 2, 22.5);
  if (g_str_equal (code, "eye")) {
    figure (cr, 28, 4, 18.5);
    camera (cr, 7, 6, 0);
    sight (cr, 14, 6, 24, 6);
  } else if (g_str_equal (code, "high")) {
    figure (cr, 28, 9, 13.5);
    camera (cr, 7, 4.5, 0.45);
    sight (cr, 13.5, 7.5, 24.5, 12.5);
  } else if (g_str_equal (code, "low")) {
    figure (cr, 28, 3, 19.5);
    camera (cr, 7, 18.5, -0.45);
    sight (cr, 13.5, 15.5, 25, 9.5);
  } else if (g_str_equal (code, "bird")) {
    figure (cr, W / 2.0, 13.5, 9);
    camera (cr, W / 2.0, 4, G_PI / 2);
    sight (cr, W / 2.0 - 4, 11, 8, 21);
    sight (cr, W / 2.0 + 4, 11, W - 8, 21);
  } else if (g_str_equal (code, "worm")) {
    figure (cr, 25, 2, 20.5);
    camera (cr, 14.5, 18.6, -1.15);
    sight (cr, 17.5, 12.5, 21.5, 4.5);
  } else {
    return FALSE;
  }
  return TRUE;
}

/* ---- moves ---- */

static void
curved_arrow (cairo_t *cr, double x, double y, double radius, double from, double to)
{
  cairo_arc (cr, x, y, radius, from, to);
  cairo_stroke (cr);
  double tip_x = x + radius * cos (to), tip_y = y + radius * sin (to), along = to + G_PI / 2;
  cairo_move_to (cr, tip_x - 4.4 * cos (along - 0.75), tip_y - 4.4 * sin (along - 0.75));
  cairo_line_to (cr, tip_x, tip_y);
  cairo_line_to (cr, tip_x - 4.4 * cos (along + 0.45), tip_y - 4.4 * sin (along + 0.45));
  cairo_stroke (cr);
}

static gboolean
draw_move (cairo_t *cr, const char *code)
{
  const double cx = W / 2.0;

  if (g_str_equal (code, "static")) {
    camera (cr, cx - 0.5, 7.5, 0);
    line (cr, cx - 1.5, 10.5, cx - 7.5, 22);
    line (cr, cx - 1.5, 10.5, cx + 4.5, 22);
    line (cr, cx - 1.5, 10.5, cx - 1.5, 22);
  } else if (g_str_equal (code, "pan")) {
    disc (cr, cx, 19.5, 2.2);
    curved_arrow (cr, cx, 22, 15, G_PI * 1.17, G_PI * 1.83);
  } else if (g_str_equal (code, "tilt")) {
    disc (cr, cx - 8, H / 2.0, 2.2);
    curved_arrow (cr, cx - 11, H / 2.0, 15, -0.68, 0.68);
  } else if (g_str_equal (code, "dolly")) {
    line (cr, 7, 22, 14.5, 5);
    line (cr, W - 7, 22, W - 14.5, 5);
    arrow (cr, cx, 21.5, cx, 8);
  } else if (g_str_equal (code, "truck")) {
    arrow (cr, 5, 9, W - 5, 9);
    circle (cr, 12, 17.5, 2.8);
    circle (cr, W - 12, 17.5, 2.8);
    line (cr, 5, 22, W - 5, 22);
  } else if (g_str_equal (code, "crane")) {
    line (cr, 5, 22, 24, 6);
    line (cr, 2.5, 22.5, 11, 22.5);
    camera (cr, 24, 6, 0);
    arrow (cr, W - 3.5, 21, W - 3.5, 6);
  } else if (g_str_equal (code, "zoom")) {
    cairo_rectangle (cr, 2, 2, W - 4, H - 4);
    cairo_stroke (cr);
    cairo_rectangle (cr, 12.5, 8, 11, 8);
    cairo_stroke (cr);
    line (cr, 3, 3, 12, 8);
    line (cr, W - 3, 3, W - 12, 8);
    line (cr, 3, H - 3, 12, H - 8);
    line (cr, W - 3, H - 3, W - 12, H - 8);
  } else if (g_str_equal (code, "track")) {
    figure (cr, 11, 1.5, 15);
    arrow (cr, 18, 9, W - 3, 9);
    line (cr, 3, 19.5, W - 3, 19.5);
    line (cr, 3, 22.8, W - 3, 22.8);
  } else if (g_str_equal (code, "handheld")) {
    cairo_move_to (cr, 3, 4.5);
    for (int i = 0; i < 4; i++)
      cairo_rel_curve_to (cr, 2.5, i % 2 ? 2.5 : -2.5, 5, i % 2 ? 2.5 : -2.5, 7.5, 0);
    cairo_stroke (cr);
    camera (cr, cx - 1, 12.5, -0.14);
    cairo_move_to (cr, 3, 21);
    for (int i = 0; i < 4; i++)
      cairo_rel_curve_to (cr, 2.5, i % 2 ? 2.5 : -2.5, 5, i % 2 ? 2.5 : -2.5, 7.5, 0);
    cairo_stroke (cr);
  } else if (g_str_equal (code, "rack")) {
    const double dash[] = { 1.5, 2 };
    disc (cr, 9, H / 2.0, 5.5);
    arrow (cr, 16, H / 2.0, 21.5, H / 2.0);
    cairo_save (cr);
    cairo_set_dash (cr, dash, 2, 0);
    circle (cr, 28.5, H / 2.0, 5.5);
    cairo_restore (cr);
  } else {
    return FALSE;
  }
  return TRUE;
}

/* ---- times ---- */

static void
rays (cairo_t *cr, double x, double y, double from, double to, int first, int last)
{
  for (int i = first; i <= last; i++) {
    double a = i * G_PI / 4;
    line (cr, x + from * cos (a), y + from * sin (a), x + to * cos (a), y + to * sin (a));
  }
}

static gboolean
draw_time (cairo_t *cr, const char *code)
{
  const double cx = W / 2.0;

  if (g_str_equal (code, "day")) {
    disc (cr, cx, H / 2.0, 4.8);
    rays (cr, cx, H / 2.0, 7.2, 10.4, 0, 7);
  } else if (g_str_equal (code, "night")) {
    cairo_arc (cr, cx - 1, H / 2.0, 8.2, G_PI * 0.28, G_PI * 1.52);
    cairo_curve_to (cr, cx - 5.5, 8, cx - 4, 17, cx + 4.2, 18.2);
    cairo_close_path (cr);
    cairo_fill (cr);
    disc (cr, cx + 8, 6.5, 1.4);
    disc (cr, cx + 5, 12, 1);
  } else if (g_str_equal (code, "dawn") || g_str_equal (code, "dusk")) {
    gboolean dawn = g_str_equal (code, "dawn");
    cairo_arc (cr, 13, 19, 5.4, G_PI, 2 * G_PI);
    cairo_close_path (cr);
    if (dawn)
      cairo_fill (cr);
    else
      cairo_stroke (cr);
    if (dawn)
      rays (cr, 13, 19, 7.8, 10.8, 5, 7);
    line (cr, 2, 20, W - 2, 20);
    arrow (cr, 29, dawn ? 16 : 5, 29, dawn ? 5 : 16);
  } else {
    return FALSE;
  }
  return TRUE;
}

/* ---- styles ---- */

static gboolean
draw_style (cairo_t *cr, const char *code)
{
  if (g_str_equal (code, "pencil")) {
    cairo_set_line_width (cr, 0.9);
    for (int i = 0; i < 8; i++)
      line (cr, 4 + i * 3.2, 20, 9 + i * 3.2, 5 + (i % 3));
    line (cr, 3, 17, 33, 13.5);
  } else if (g_str_equal (code, "ink")) {
    cairo_move_to (cr, 3, 18);
    cairo_curve_to (cr, 10, 2, 18, 3, 20, 11);
    cairo_curve_to (cr, 21.5, 17, 28, 15, 33, 5);
    cairo_curve_to (cr, 29, 18, 19, 22, 17, 13);
    cairo_curve_to (cr, 15.5, 6, 9, 8, 3, 18);
    cairo_fill (cr);
    disc (cr, 27, 19.5, 2.2);
  } else if (g_str_equal (code, "wash")) {
    cairo_push_group (cr);
    cairo_set_line_width (cr, 6);
    cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
    line (cr, 3, 8, 30, 8);
    line (cr, 6, 16, 33, 16);
    cairo_pop_group_to_source (cr);
    cairo_paint_with_alpha (cr, 0.45);
    return TRUE;
  } else if (g_str_equal (code, "blue")) {
    /* The one that has a colour of its own. */
    cairo_set_source_rgb (cr, 0.23, 0.5, 0.87);
    cairo_set_line_width (cr, 1.2);
    circle (cr, 14, 10, 6);
    circle (cr, 15, 10.6, 6.4);
    line (cr, 14, 2, 15, 22);
    line (cr, 6, 12, 24, 9.5);
    cairo_move_to (cr, 15, 17);
    cairo_curve_to (cr, 20, 17, 28, 18, 32, 22);
    cairo_stroke (cr);
  } else {
    return FALSE;
  }
  return TRUE;
}

gboolean
inq_term_draw (cairo_t *cr, InqTermKind kind, const char *code, double width, double height)
{
  static gboolean (*const draw[]) (cairo_t *, const char *) = { [INQ_TERM_SIZE] = draw_size,
                                                                [INQ_TERM_ANGLE] = draw_angle,
                                                                [INQ_TERM_MOVE] = draw_move,
                                                                [INQ_TERM_TIME] = draw_time,
                                                                [INQ_TERM_STYLE] = draw_style };
  double scale = MIN (width / W, height / H);
  gboolean known;

  cairo_save (cr);
  cairo_translate (cr, (width - W * scale) / 2, (height - H * scale) / 2);
  cairo_scale (cr, scale, scale);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  known = draw[kind](cr, code);
  cairo_restore (cr);
  return known;
}

/* ---- the widget ---- */

typedef struct {
  InqTermKind kind;
  char *code;
} Term;

static void
term_free (gpointer data)
{
  g_free (((Term *) data)->code);
  g_free (data);
}

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const Term *term = data;
  GdkRGBA color;
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &color);
  gdk_cairo_set_source_rgba (cr, &color);
  inq_term_draw (cr, term->kind, term->code, width, height);
}

GtkWidget *
inq_term_picture_new (InqTermKind kind, const char *code)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, 1, 1);
  cairo_t *cr = cairo_create (surface);
  gboolean known = inq_term_draw (cr, kind, code, 1, 1);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  if (!known)
    return NULL;

  Term *term = g_new0 (Term, 1);
  GtkWidget *area = g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  term->kind = kind;
  term->code = g_strdup (code);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), W);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), H);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_cb, term, term_free);
  gtk_widget_set_halign (area, GTK_ALIGN_CENTER);
  return area;
}

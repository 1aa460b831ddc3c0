/* Inquadra - one variation, or one picture of a generation under way.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-variation-cell.h"

#include <glib/gi18n.h>

#include "inq-draw.h"
#include "inq-format.h"
#include "inq-recipe-text.h"
#include "inq-shown.h"
#include "inq-variations.h"

#define PAD    INQ_VARIATION_CELL_PAD
#define RADIUS 4

struct _InqVariationCell {
  GtkWidget parent_instance;

  /* children */
  GtkWidget *bar; /* buttons of a finished one */
  GtkWidget *pick, *star, *reject, *more, *from, *larger;
  GtkWidget *stop;  /* cancels or retries the job */
  GtkWidget *words; /* how far, or why not */

  /* owned */
  InqBoard *board;
  InqVariation *variation;
  InqJob *job;
  GSignalGroup *job_signals;
  InqShown shown;
  int index, digit;
  gboolean current;
  gboolean first;       /* of the pictures its job still makes */
  gboolean preview_due; /* the job has news */
};

G_DEFINE_FINAL_TYPE (InqVariationCell, inq_variation_cell, GTK_TYPE_WIDGET)

static guint command_signal;

/* ---- words ---- */

/* One place tells how far the job is: that of the picture being made, or the first of those to come. */
static gboolean
speaks (InqVariationCell *self)
{
  int now = inq_job_get_index (self->job);
  if (inq_job_get_state (self->job) != INQ_JOB_RUNNING || now < self->index)
    return self->first;
  return now == self->index;
}

static void
update_words (InqVariationCell *self)
{
  g_autofree char *label = NULL;

  if (self->variation != NULL) {
    const InqVariationRow *row = inq_variation_get_row (self->variation);
    GString *text = g_string_new (NULL);
    if (self->digit > 0)
      g_string_append_printf (text, _ ("Variation %d"), self->digit);
    else
      g_string_append (text, _ ("Variation"));
    if (row->picked)
      g_string_append_printf (text, ", %s", _ ("picked"));
    if (row->starred)
      g_string_append_printf (text, ", %s", _ ("starred"));
    if (row->rejected)
      g_string_append_printf (text, ", %s", _ ("rejected"));
    label = g_string_free (text, FALSE);
    g_autofree char *recipe = inq_recipe_describe (row);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, recipe, -1);
  } else if (self->job != NULL) {
    g_autofree char *state = inq_format_job (self->job);
    InqJobState now = inq_job_get_state (self->job);
    gboolean mine = speaks (self);
    gtk_label_set_label (GTK_LABEL (self->words), mine ? state : "");
    gtk_widget_set_visible (self->words, mine);
    if (now == INQ_JOB_FAILED)
      label = g_strdup_printf (_ ("Drawing failed: %s"), state);
    else
      label = g_strdup_printf (_ ("Picture %d of %d, %s"), self->index + 1, inq_job_get_count (self->job), state);
  }
  if (label != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

/* ---- what it shows ---- */

static void
set_button (GtkWidget *button, const char *icon, const char *name, gboolean on)
{
  gtk_button_set_icon_name (GTK_BUTTON (button), icon);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (on)
    gtk_widget_add_css_class (button, "accent");
  else
    gtk_widget_remove_css_class (button, "accent");
}

static void
update (InqVariationCell *self)
{
  gboolean finished = self->variation != NULL, hover = (gtk_widget_get_state_flags (GTK_WIDGET (self))
                                                        & (GTK_STATE_FLAG_PRELIGHT | GTK_STATE_FLAG_FOCUS_WITHIN))
                                                       != 0;
  gboolean editable = self->board != NULL && !inq_board_get_read_only (self->board);
  gboolean failed = self->job != NULL && inq_job_get_state (self->job) == INQ_JOB_FAILED;

  gtk_widget_set_child_visible (self->bar, finished && editable && (hover || self->current));
  gtk_widget_set_child_visible (self->words, !finished && self->job != NULL);
  /* One button for the job is enough; on the others it waits for the pointer. */
  gboolean mine = self->job != NULL && (speaks (self) || failed);
  gtk_widget_set_child_visible (self->stop,
                                !finished && self->job != NULL && inq_job_get_id (self->job) != 0 && (mine || hover));
  if (finished) {
    const InqVariationRow *row = inq_variation_get_row (self->variation);
    set_button (self->pick, "object-select-symbolic", row->picked ? _ ("Take the pick away") : _ ("Pick"), row->picked);
    set_button (self->star, row->starred ? "starred-symbolic" : "non-starred-symbolic",
                row->starred ? _ ("Take the star away (S)") : _ ("Star (S)"), row->starred);
    set_button (self->reject, row->rejected ? "edit-undo-symbolic" : "edit-delete-symbolic",
                row->rejected ? _ ("Take back the rejection (X)") : _ ("Reject (X)"), FALSE);
  } else if (self->job != NULL) {
    self->preview_due = TRUE;
    if (failed) {
      set_button (self->stop, "view-refresh-symbolic", _ ("Queue it once more"), FALSE);
      gtk_button_set_label (GTK_BUTTON (self->stop), _ ("Try Again"));
      gtk_widget_remove_css_class (self->stop, "circular");
      gtk_widget_remove_css_class (self->stop, "osd");
      gtk_widget_add_css_class (self->stop, "pill");
    } else {
      set_button (self->stop, "process-stop-symbolic", _ ("Cancel"), FALSE);
      gtk_widget_remove_css_class (self->stop, "pill");
      gtk_widget_add_css_class (self->stop, "circular");
      gtk_widget_add_css_class (self->stop, "osd");
    }
    gtk_widget_queue_allocate (GTK_WIDGET (self));
  }
  update_words (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
inq_variation_cell_set_variation (InqVariationCell *self, InqBoard *board, InqVariation *variation, int digit)
{
  g_return_if_fail (INQ_IS_VARIATION_CELL (self) && INQ_IS_VARIATION (variation));

  gint64 old = self->variation != NULL ? inq_variation_get_row (self->variation)->image : 0;
  gboolean from_job = self->job != NULL;
  g_set_object (&self->board, board);
  g_set_object (&self->variation, variation);
  g_clear_object (&self->job);
  g_signal_group_set_target (self->job_signals, NULL);
  self->digit = digit;
  /* The last preview stays until the picture it became is decoded. */
  if (!from_job && old != inq_variation_get_row (variation)->image)
    inq_shown_clear (&self->shown);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  update (self);
}

void
inq_variation_cell_set_job (InqVariationCell *self, InqBoard *board, InqJob *job, int index, gboolean first)
{
  g_return_if_fail (INQ_IS_VARIATION_CELL (self) && INQ_IS_JOB (job));

  if (self->variation != NULL || self->job != job || self->index != index)
    inq_shown_clear (&self->shown);
  g_set_object (&self->board, board);
  g_clear_object (&self->variation);
  g_set_object (&self->job, job);
  g_signal_group_set_target (self->job_signals, job);
  self->index = index;
  self->first = first;
  self->digit = 0;
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  update (self);
}

void
inq_variation_cell_set_current (InqVariationCell *self, gboolean current)
{
  g_return_if_fail (INQ_IS_VARIATION_CELL (self));

  if (self->current == current)
    return;
  self->current = current;
  update (self);
}

void
inq_variation_cell_image_loaded (InqVariationCell *self, gint64 image)
{
  g_return_if_fail (INQ_IS_VARIATION_CELL (self));

  if (self->variation != NULL && inq_variation_get_row (self->variation)->image == image)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

InqVariation *
inq_variation_cell_get_variation (InqVariationCell *self)
{
  return self->variation;
}

InqJob *
inq_variation_cell_get_job (InqVariationCell *self)
{
  return self->job;
}

int
inq_variation_cell_get_index (InqVariationCell *self)
{
  return self->index;
}

int
inq_variation_cell_get_digit (InqVariationCell *self)
{
  return self->digit;
}

/* ---- drawing ---- */

static void
get_picture (InqVariationCell *self, graphene_rect_t *rect)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self)), w, h;
  int width = (gtk_widget_get_width (GTK_WIDGET (self)) - 2 * PAD) * scale;
  int height = (gtk_widget_get_height (GTK_WIDGET (self)) - 2 * PAD) * scale;
  double aspect = self->board != NULL ? inq_board_get_frame_aspect (self->board) : 16.0 / 9;
  inq_fit (aspect, MAX (1, width), MAX (1, height), &w, &h);
  *rect = GRAPHENE_RECT_INIT (PAD + (float) ((width - w) / 2) / scale, PAD + (float) ((height - h) / 2) / scale,
                              (float) w / scale, (float) h / scale);
}

static void
take_preview (InqVariationCell *self)
{
  const InqPicture *preview = inq_job_get_preview (self->job, self->index);
  if (preview == NULL || !self->preview_due)
    return;
  self->preview_due = FALSE;
  /* Small: 64 or so pixels a side. */
  g_autoptr (GBytes) bytes = g_bytes_new (preview->rgb, (gsize) preview->width * preview->height * 3);
  g_autoptr (GdkTexture) texture = gdk_memory_texture_new (preview->width, preview->height, GDK_MEMORY_R8G8B8, bytes,
                                                           (gsize) preview->width * 3);
  inq_shown_set_texture (&self->shown, texture);
}

static void
draw_picture (InqVariationCell *self, GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int scale = gtk_widget_get_scale_factor (widget);
  GdkRGBA paper = inq_color (widget, INQ_COLOR_PAPER);
  GskRoundedRect clip;

  gsk_rounded_rect_init_from_rect (&clip, rect, RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  gtk_snapshot_append_color (snapshot, &paper, rect);
  if (self->variation != NULL) {
    const InqVariationRow *row = inq_variation_get_row (self->variation);
    inq_shown_update (&self->shown, inq_textures_get (self->board), row->image, rect->size.width * scale + 0.5,
                      rect->size.height * scale + 0.5, TRUE);
    if (row->rejected)
      gtk_snapshot_push_opacity (snapshot, 0.3);
    if (self->shown.texture != NULL)
      inq_texture_append (snapshot, self->shown.texture, rect, scale);
    if (row->rejected)
      gtk_snapshot_pop (snapshot);
  } else if (self->job != NULL) {
    take_preview (self);
    if (self->shown.texture != NULL)
      inq_texture_append (snapshot, self->shown.texture, rect, scale);
  }
  gtk_snapshot_pop (snapshot);
}

/* A check as in a circle, drawn, so that it is as crisp as the frame it belongs to. */
static void
draw_check (InqVariationCell *self, GtkSnapshot *snapshot, float x, float y, float size)
{
  GdkRGBA accent = inq_color (GTK_WIDGET (self), INQ_COLOR_ACCENT);
  GdkRGBA on_accent = inq_color (GTK_WIDGET (self), INQ_COLOR_ON_ACCENT);
  graphene_rect_t rect = GRAPHENE_RECT_INIT (x, y, size, size);
  inq_draw_rounded (snapshot, &rect, size / 2, &accent);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &rect);
  gdk_cairo_set_source_rgba (cr, &on_accent);
  cairo_set_line_width (cr, size * 0.12);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_move_to (cr, x + size * 0.28, y + size * 0.52);
  cairo_line_to (cr, x + size * 0.44, y + size * 0.68);
  cairo_line_to (cr, x + size * 0.73, y + size * 0.35);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
draw_marks (InqVariationCell *self, GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const InqVariationRow *row = inq_variation_get_row (self->variation);
  GdkRGBA shade = { 0, 0, 0, 0.6f }, white = { 1, 1, 1, 1 }, gold = { 1, 0.8f, 0.25f, 1 };
  float left = rect->origin.x + 8, top = rect->origin.y + 8;

  if (self->digit > 0 && self->digit <= 9) {
    g_autofree char *digit = g_strdup_printf ("%d", self->digit);
    g_autoptr (PangoLayout) layout = inq_text_layout (widget, digit, 1, PANGO_WEIGHT_BOLD);
    int w, h;
    pango_layout_get_pixel_size (layout, &w, &h);
    float width = MAX (w + 10, h + 2);
    left += inq_draw_pill (snapshot, layout, left + width, top, &shade, &white) + 4;
  }
  if (row->starred) {
    g_autoptr (PangoLayout) layout = inq_text_layout (widget, "★", 1, PANGO_WEIGHT_NORMAL);
    int w, h;
    pango_layout_get_pixel_size (layout, &w, &h);
    float width = MAX (w + 10, h + 2);
    left += inq_draw_pill (snapshot, layout, left + width, top, &shade, &gold) + 4;
  }
  if (row->rejected) {
    g_autoptr (PangoLayout) layout = inq_text_layout (widget, _ ("Rejected"), 0.86, PANGO_WEIGHT_NORMAL);
    int w, h;
    pango_layout_get_pixel_size (layout, &w, &h);
    inq_draw_pill (snapshot, layout, left + w + 10, top, &shade, &white);
  }
  if (row->picked) {
    float size = inq_text_height (widget, 1) + 8;
    draw_check (self, snapshot, rect->origin.x + rect->size.width - size - 8, top, size);
  }
}

static void
draw_progress (InqVariationCell *self, GtkSnapshot *snapshot, const graphene_rect_t *rect)
{
  int now = inq_job_get_index (self->job), n_steps = 0, step = 0;
  graphene_rect_t bar = GRAPHENE_RECT_INIT (rect->origin.x, rect->origin.y + rect->size.height - 4, rect->size.width,
                                            4);
  GdkRGBA track = { 0.5f, 0.5f, 0.5f, 0.35f }, accent = inq_color (GTK_WIDGET (self), INQ_COLOR_ACCENT);
  double done;

  if (inq_job_get_state (self->job) != INQ_JOB_RUNNING)
    return;
  g_object_get (self->job, "step", &step, "n-steps", &n_steps, NULL);
  if (now < 0)
    done = inq_job_get_progress (self->job);
  else if (now == self->index)
    done = n_steps > 0 ? (double) step / n_steps : 0;
  else
    done = now > self->index ? 1 : 0;
  gtk_snapshot_append_color (snapshot, &track, &bar);
  bar.size.width *= CLAMP (done, 0, 1);
  gtk_snapshot_append_color (snapshot, &accent, &bar);
}

static void
inq_variation_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  InqVariationCell *self = INQ_VARIATION_CELL (widget);
  graphene_rect_t rect;

  get_picture (self, &rect);
  draw_picture (self, snapshot, &rect);
  GdkRGBA line = inq_color (widget, INQ_COLOR_LINE), accent = inq_color (widget, INQ_COLOR_ACCENT);
  graphene_rect_t ring = rect;
  inq_draw_ring (snapshot, &rect, RADIUS, 1, &line);
  if (self->variation != NULL && inq_variation_get_row (self->variation)->picked) {
    graphene_rect_inset (&ring, -4, -4);
    inq_draw_ring (snapshot, &ring, RADIUS + 3, 4, &accent);
  } else if (self->current) {
    GdkRGBA soft = inq_color_with_alpha (widget, INQ_COLOR_FOREGROUND, 0.45f);
    graphene_rect_inset (&ring, -4, -4);
    inq_draw_ring (snapshot, &ring, RADIUS + 3, 2, &soft);
  }
  if (gtk_widget_has_visible_focus (widget)) {
    graphene_rect_t focus = rect;
    graphene_rect_inset (&focus, -7, -7);
    inq_draw_ring (snapshot, &focus, RADIUS + 5, 2, &accent);
  }
  if (self->variation != NULL)
    draw_marks (self, snapshot, &rect);
  else if (self->job != NULL)
    draw_progress (self, snapshot, &rect);
  gtk_widget_snapshot_child (widget, self->words, snapshot);
  gtk_widget_snapshot_child (widget, self->stop, snapshot);
  gtk_widget_snapshot_child (widget, self->bar, snapshot);
}

/* ---- widget ---- */

static void
inq_variation_cell_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 60;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : 180;
}

static void
allocate_child (GtkWidget *child, int right, int bottom, int width, int height)
{
  gtk_widget_size_allocate (child, &(GtkAllocation){ right - width, bottom - height, width, height }, -1);
}

static void
inq_variation_cell_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  InqVariationCell *self = INQ_VARIATION_CELL (widget);
  graphene_rect_t rect;
  GtkRequisition bar, stop;
  int words_height, words_width, right, bottom;

  get_picture (self, &rect);
  right = rect.origin.x + rect.size.width;
  bottom = rect.origin.y + rect.size.height;
  gtk_widget_get_preferred_size (self->bar, NULL, &bar);
  gtk_widget_get_preferred_size (self->stop, NULL, &stop);
  allocate_child (self->bar, right - 8, bottom - 8, MIN (bar.width, MAX (1, rect.size.width - 16)), bar.height);
  gboolean failed = self->job != NULL && inq_job_get_state (self->job) == INQ_JOB_FAILED;
  int room = MAX (40, rect.size.width - 32 - (failed ? 0 : stop.width)), words_room = rect.size.height - 24;
  if (failed)
    words_room -= stop.height + 12;
  gtk_widget_measure (self->words, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &words_width, NULL, NULL);
  words_width = MIN (words_width, room);
  gtk_widget_measure (self->words, GTK_ORIENTATION_VERTICAL, words_width, NULL, &words_height, NULL, NULL);
  words_height = MIN (words_height, MAX (1, words_room));
  if (failed) {
    /* Why not, and what to do, in the middle. */
    int middle = rect.origin.x + rect.size.width / 2, height_of_both = words_height + 12 + stop.height;
    int y = rect.origin.y + (rect.size.height - height_of_both) / 2;
    allocate_child (self->words, middle + words_width / 2, y + words_height, words_width, words_height);
    allocate_child (self->stop, middle + stop.width / 2, y + height_of_both, stop.width, stop.height);
  } else {
    allocate_child (self->words, rect.origin.x + 10 + words_width, bottom - 12, words_width, words_height);
    allocate_child (self->stop, right - 8, bottom - 12, stop.width, stop.height);
  }
}

static void
inq_variation_cell_state_flags_changed (GtkWidget *widget, GtkStateFlags old)
{
  if ((old ^ gtk_widget_get_state_flags (widget))
      & (GTK_STATE_FLAG_PRELIGHT | GTK_STATE_FLAG_FOCUS_WITHIN | GTK_STATE_FLAG_FOCUS_VISIBLE))
    update (INQ_VARIATION_CELL (widget));
  GTK_WIDGET_CLASS (inq_variation_cell_parent_class)->state_flags_changed (widget, old);
}

static gboolean
tooltip_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer data)
{
  InqVariationCell *self = INQ_VARIATION_CELL (widget);
  if (self->variation == NULL)
    return FALSE;
  g_autofree char *text = inq_recipe_describe (inq_variation_get_row (self->variation));
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
button_cb (GtkButton *button, InqVariationCell *self)
{
  GtkWidget *widget = GTK_WIDGET (button);
  int command = widget == self->pick                                                   ? INQ_VARIATION_PICK
                : widget == self->star                                                 ? INQ_VARIATION_STAR
                : widget == self->reject                                               ? INQ_VARIATION_REJECT
                : widget == self->more                                                 ? INQ_VARIATION_MORE
                : widget == self->from                                                 ? INQ_VARIATION_FROM
                : widget == self->larger                                               ? INQ_VARIATION_LARGER
                : self->job != NULL && inq_job_get_state (self->job) == INQ_JOB_FAILED ? INQ_VARIATION_RETRY
                                                                                       : INQ_VARIATION_CANCEL;
  g_signal_emit (self, command_signal, 0, command);
}

static GtkWidget *
make_button (InqVariationCell *self)
{
  GtkWidget *button = gtk_button_new ();
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_focus_on_click (button, FALSE);
  g_signal_connect (button, "clicked", G_CALLBACK (button_cb), self);
  return button;
}

static void
inq_variation_cell_dispose (GObject *object)
{
  InqVariationCell *self = INQ_VARIATION_CELL (object);
  g_clear_pointer (&self->bar, gtk_widget_unparent);
  g_clear_pointer (&self->stop, gtk_widget_unparent);
  g_clear_pointer (&self->words, gtk_widget_unparent);
  g_clear_object (&self->job_signals);
  g_clear_object (&self->board);
  g_clear_object (&self->variation);
  g_clear_object (&self->job);
  inq_shown_clear (&self->shown);
  G_OBJECT_CLASS (inq_variation_cell_parent_class)->dispose (object);
}

static void
inq_variation_cell_class_init (InqVariationCellClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = inq_variation_cell_dispose;
  widget_class->measure = inq_variation_cell_measure;
  widget_class->size_allocate = inq_variation_cell_size_allocate;
  widget_class->snapshot = inq_variation_cell_snapshot;
  widget_class->state_flags_changed = inq_variation_cell_state_flags_changed;
  gtk_widget_class_set_css_name (widget_class, "variationcell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GRID_CELL);
  command_signal = g_signal_new ("command", INQ_TYPE_VARIATION_CELL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
inq_variation_cell_init (InqVariationCell *self)
{
  self->job_signals = g_signal_group_new (INQ_TYPE_JOB);
  g_signal_group_connect_swapped (self->job_signals, "notify", G_CALLBACK (update), self);

  self->bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->bar, "osd");
  gtk_widget_add_css_class (self->bar, "toolbar");
  gtk_widget_add_css_class (self->bar, "variation-bar");
  self->pick = make_button (self);
  self->star = make_button (self);
  self->more = make_button (self);
  self->from = make_button (self);
  self->larger = make_button (self);
  self->reject = make_button (self);
  set_button (self->more, "inq-variations-symbolic", _ ("More like this (R)"), FALSE);
  set_button (self->from, "inq-from-symbolic", _ ("Draw from this (F)"), FALSE);
  set_button (self->larger, "inq-larger-symbolic", _ ("Finish larger (L)"), FALSE);
  gtk_box_append (GTK_BOX (self->bar), self->pick);
  gtk_box_append (GTK_BOX (self->bar), self->star);
  gtk_box_append (GTK_BOX (self->bar), self->more);
  gtk_box_append (GTK_BOX (self->bar), self->from);
  gtk_box_append (GTK_BOX (self->bar), self->larger);
  gtk_box_append (GTK_BOX (self->bar), self->reject);
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));

  self->words = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->words), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->words), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_ellipsize (GTK_LABEL (self->words), PANGO_ELLIPSIZE_END);
  gtk_label_set_lines (GTK_LABEL (self->words), 4);
  gtk_label_set_xalign (GTK_LABEL (self->words), 0);
  gtk_label_set_yalign (GTK_LABEL (self->words), 1);
  gtk_widget_set_can_target (self->words, FALSE);
  gtk_widget_add_css_class (self->words, "variation-words");
  gtk_widget_set_parent (self->words, GTK_WIDGET (self));

  self->stop = make_button (self);
  gtk_widget_remove_css_class (self->stop, "flat");
  gtk_widget_add_css_class (self->stop, "circular");
  gtk_widget_add_css_class (self->stop, "osd");
  gtk_widget_set_parent (self->stop, GTK_WIDGET (self));

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (tooltip_cb), NULL);
}

GtkWidget *
inq_variation_cell_new (void)
{
  return g_object_new (INQ_TYPE_VARIATION_CELL, NULL);
}

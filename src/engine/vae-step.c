/* Inquadra - one layer of the autoencoder over a picture that is in the host's memory, a band of rows at a time.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A band is a window of rows of the input. The layer runs on the window as if it were the picture; the rows of its
 * result that would have read beyond the window are left for the next one. All windows of a step have the same height,
 * so that one plan serves them: the last one is moved up to end with the picture.
 */
#include "config.h"

#include "memory-plan.h"
#include "vae-step.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define EPS       1e-6
#define LEAST     4 /* rows of a window */
#define MOST_ROWS 4096

InqPlane *
inq_plane_new (gint64 h, gint64 w, gint64 c, gboolean data)
{
  InqPlane *plane = g_new0 (InqPlane, 1);
  *plane = (InqPlane){ h, w, c, NULL };
  if (data)
    plane->data = g_new (float, inq_plane_count (plane));
  return plane;
}

void
inq_plane_free (InqPlane *plane)
{
  if (!plane)
    return;
  g_free (plane->data);
  g_free (plane);
}

void
inq_tiles_clear (InqTiles *tiles)
{
  g_free (tiles->mean);
  g_free (tiles->variance);
}

static gboolean
is_cancelled (gpointer data)
{
  return g_cancellable_is_cancelled (data);
}

/* ---- moments ---- */

/* Of each group over the whole plane, in f64: of each row first, so that the sums stay small (Chan et al. 1979). */
static void
take_moments (InqTiles *tiles, const InqPlane *x, int groups)
{
  gint64 width = x->c / groups;
  g_autofree double *sum = g_new (double, x->c);
  g_autofree double *squares = g_new (double, x->c);
  g_free (tiles->mean);
  g_free (tiles->variance);
  tiles->mean = g_new0 (double, groups);
  tiles->variance = g_new0 (double, groups);
  double count = 0;
  for (gint64 y = 0; y < x->h; y++) {
    const float *row = x->data + (gsize) (y * x->w * x->c);
    memset (sum, 0, sizeof (double) * (gsize) x->c);
    memset (squares, 0, sizeof (double) * (gsize) x->c);
    for (gint64 i = 0; i < x->w; i++, row += x->c)
      for (gint64 k = 0; k < x->c; k++) {
        double v = row[k] - tiles->mean[k / width]; /* about the mean so far */
        sum[k] += v;
        squares[k] += v * v;
      }
    double more = (double) (x->w * width), total = count + more;
    for (int g = 0; g < groups; g++) {
      double s = 0, q = 0;
      for (gint64 k = g * width; k < (g + 1) * width; k++) {
        s += sum[k];
        q += squares[k];
      }
      double delta = s / more;
      tiles->mean[g] += delta * more / total;
      tiles->variance[g] += q - s * s / more + delta * delta * count * more / total;
    }
    count = total;
  }
  for (int g = 0; g < groups; g++)
    tiles->variance[g] /= count;
}

/* [3][c]: mean, weight / deviation, bias */
static float *
norm_numbers (InqTiles *tiles, const InqPlane *x, const char *norm)
{
  int groups = tiles->model->spec->groups;
  gint64 width = x->c / groups;
  float *how = g_new (float, 3 * x->c);
  g_autofree char *weight = g_strconcat (norm, ".weight", NULL);
  g_autofree char *bias = g_strconcat (norm, ".bias", NULL);
  const InqWeight *w = inq_weights_lookup (tiles->model->weights, weight);
  const InqWeight *b = inq_weights_lookup (tiles->model->weights, bias);
  inq_weight_to_f32 (w, how + x->c);
  inq_weight_to_f32 (b, how + 2 * x->c);
  inq_lora_stack_apply (tiles->model->loras, w, how + x->c);
  inq_lora_stack_apply (tiles->model->loras, b, how + 2 * x->c);
  take_moments (tiles, x, groups);
  for (gint64 k = 0; k < x->c; k++) {
    how[k] = (float) tiles->mean[k / width];
    how[x->c + k] *= (float) (1 / sqrt (tiles->variance[k / width] + EPS));
  }
  return how;
}

/* ---- the graph of a band ---- */

static const InqConv plain3 = { .pad_before = 1, .pad_after = 1 };
static const InqConv up3 = { .pad_before = 1, .pad_after = 1, .upsample2 = TRUE };
static const InqConv down3 = { .stride = 2, .pad_after = 1 };

/* The layer over @rows of @x. Inputs "x", "how", "residual"; output "y". */
static InqGraph *
band_graph (InqTiles *tiles, const InqPlane *x, const InqTileStep *step, gint64 rows)
{
  InqGraph *g = inq_graph_new (tiles->model->weights);
  InqTensor *t = inq_graph_input (g, "x", 1, rows, x->w, x->c), *residual = NULL;
  if (step->norm) {
    /* known to be there with its shape: inq_op_group_norm() has looked when the whole was measured */
    int groups = tiles->model->spec->groups;
    g_autofree char *weight = g_strconcat (step->norm, ".weight", NULL);
    g_autofree char *bias = g_strconcat (step->norm, ".bias", NULL);
    if (groups < 1 || x->c % groups || inq_weights_dim (tiles->model->weights, 0, "%s", weight) != x->c
        || inq_weights_dim (tiles->model->weights, 0, "%s", bias) != x->c)
      inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "group norm '%s' does not fit %d channels in %d groups", step->norm,
                      (int) x->c, groups);
    t = inq_op_channel_scale (g, t, inq_graph_input (g, "how", 1, 1, 3, x->c), step->act);
  }
  const InqConv *conv = step->up ? &up3 : step->down ? &down3 : &plain3;
  gint64 out_rows = step->up ? 2 * rows : step->down ? rows / 2 : rows;
  if (step->residual) {
    residual = inq_graph_input (g, "residual", 1, out_rows, step->residual->w, step->residual->c);
    if (step->shortcut)
      residual = inq_op_linear (g, residual, step->shortcut, NULL);
  }
  InqEpilogue epilogue = { .residual = residual };
  t = step->conv ? inq_op_conv (g, t, step->conv, conv, &epilogue) : inq_op_linear (g, t, step->linear, &epilogue);
  inq_graph_output (g, t, "y");
  inq_graph_set_precision (g, inq_model_get_precision (tiles->model, tiles->part, TRUE));
  return g;
}

/* Makes the plan of a band, with as many rows as the tile allows. (transfer full) NULL with @error, or while measuring;
 * @dims: of its result. */
static InqPlan *
band_plan (InqTiles *tiles, InqGraph *(*build) (InqTiles *, const void *, gint64), const void *what, gint64 height,
           gint64 least, gint64 *rows, gint64 dims[4], GError **error)
{
  InqGpu *gpu = tiles->model->engine->gpu;
  InqDeviceWeights *dw = inq_model_get_part (tiles->model, tiles->part);
  InqGraphNeeds needs;
  g_autoptr (InqGraph) g = NULL;
  for (*rows = MIN (height, MOST_ROWS);; *rows = MAX (least, *rows / 4 * 2)) {
    g_clear_pointer (&g, inq_graph_free);
    *rows = MIN (*rows, height);
    g = build (tiles, what, *rows);
    if (!inq_graph_measure (g, gpu, dw, G_MAXSIZE, &needs, error))
      return NULL;
    if ((needs.bindable && needs.arena <= tiles->tile) || *rows <= least)
      break;
  }
  memcpy (dims, inq_graph_get_output (g, "y"), sizeof (gint64[4]));
  if (tiles->measured) {
    tiles->measured->activations = MAX (tiles->measured->activations, needs.arena);
    tiles->measured->both = MAX (tiles->measured->both, needs.arena + needs.weights);
    return NULL;
  }
  inq_memory_make_room (tiles->model, tiles->part, needs.arena + needs.missing);
  return inq_plan_new (gpu, g, dw, FALSE, error);
}

static gboolean
run_band (InqTiles *tiles, InqPlan *plan, GError **error)
{
  GCancellable *c = tiles->cancellable;
  g_autoptr (GError) local = NULL;
  if (inq_plan_run (plan, c ? is_cancelled : NULL, c, &local))
    return TRUE;
  if (g_error_matches (local, INQ_GPU_ERROR, INQ_GPU_ERROR_CANCELLED))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The generation was cancelled"));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
finish_step (InqTiles *tiles)
{
  if (tiles->drop && !tiles->measured)
    inq_model_drop_part (tiles->model, tiles->part);
}

/* ---- a layer ---- */

typedef struct {
  const InqPlane *x;
  const InqTileStep *step;
} Layer;

static InqGraph *
build_layer (InqTiles *tiles, const void *what, gint64 rows)
{
  const Layer *layer = what;
  return band_graph (tiles, layer->x, layer->step, rows);
}

static gboolean
write_rows (InqPlan *plan, const char *input, const InqPlane *plane, gint64 first, gint64 rows, GError **error)
{
  gsize row = (gsize) (plane->w * plane->c);
  return inq_plan_write (plan, input, plane->data + (gsize) first * row, (gsize) rows * row, error);
}

/* All windows of @rows rows of @x. */
static gboolean
run_layer (InqTiles *tiles, const Layer *layer, InqPlan *plan, gint64 rows, InqPlane *y, GError **error)
{
  const InqPlane *x = layer->x;
  const InqTileStep *step = layer->step;
  gint64 before = step->conv && !step->down, after = step->conv != NULL; /* rows of the result that need a neighbour */
  gint64 out_rows = step->up ? 2 * rows : step->down ? rows / 2 : rows;
  gsize row = (gsize) (y->w * y->c);
  g_autofree float *band = g_new (float, (gsize) out_rows *row);
  g_autofree float *how = step->norm ? norm_numbers (tiles, x, step->norm) : NULL;
  if (how && !inq_plan_write (plan, "how", how, (gsize) (3 * x->c), error))
    return FALSE;
  for (gint64 done = 0; done < y->h;) {
    gint64 start = MAX (0, done - before);
    start = step->up ? start / 2 : step->down ? start * 2 : start;
    start = MIN (start, x->h - rows);
    gint64 out = step->up ? 2 * start : step->down ? start / 2 : start;
    gint64 end = out + out_rows - (start + rows < x->h ? after : 0);
    if (!write_rows (plan, "x", x, start, rows, error)
        || (step->residual && !write_rows (plan, "residual", step->residual, out, out_rows, error))
        || !run_band (tiles, plan, error) || !inq_plan_read (plan, "y", band, (gsize) out_rows * row, error))
      return FALSE;
    memcpy (y->data + (gsize) done * row, band + (gsize) (done - out) * row,
            sizeof (float) * (gsize) (end - done) * row);
    done = end;
  }
  return TRUE;
}

InqPlane *
inq_tiles_step (InqTiles *tiles, const InqPlane *x, const InqTileStep *step, GError **error)
{
  Layer layer = { x, step };
  g_autoptr (GError) local = NULL;
  gint64 rows, dims[4] = { 0 };
  gint64 height = step->down ? x->h / 2 * 2 : x->h;
  g_autoptr (InqPlan) plan = band_plan (tiles, build_layer, &layer, height, LEAST, &rows, dims, &local);
  if (local) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  g_autoptr (InqPlane) y = inq_plane_new (step->up     ? 2 * x->h
                                          : step->down ? x->h / 2
                                                       : x->h,
                                          dims[2], dims[3], tiles->measured == NULL);
  if (plan && !run_layer (tiles, &layer, plan, rows, y, error))
    return NULL;
  g_clear_pointer (&plan, inq_plan_free);
  finish_step (tiles);
  return g_steal_pointer (&y);
}

/* ---- attention ---- */

typedef struct {
  const InqPlane *q, *k;
} Attention;

/* @rows of queries against all keys. */
static InqGraph *
build_attention (InqTiles *tiles, const void *what, gint64 rows)
{
  const Attention *a = what;
  gint64 tokens = a->k->h * a->k->w;
  InqGraph *g = inq_graph_new (tiles->model->weights);
  InqTensor *q = inq_graph_input (g, "q", 1, 1, rows * a->q->w, a->q->c);
  InqTensor *k = inq_graph_input (g, "k", 1, 1, tokens, a->k->c);
  InqTensor *v = inq_graph_input (g, "v", 1, 1, tokens, a->k->c);
  inq_graph_output (g, inq_op_attention (g, q, k, v, 1, FALSE), "y");
  inq_graph_set_precision (g, inq_model_get_precision (tiles->model, tiles->part, TRUE));
  return g;
}

InqPlane *
inq_tiles_attention (InqTiles *tiles, const InqPlane *q, const InqPlane *k, const InqPlane *v, GError **error)
{
  Attention what = { q, k };
  g_autoptr (GError) local = NULL;
  gint64 rows, dims[4];
  g_autoptr (InqPlan) plan = band_plan (tiles, build_attention, &what, q->h, 1, &rows, dims, &local);
  if (local) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  g_autoptr (InqPlane) y = inq_plane_new (q->h, q->w, q->c, tiles->measured == NULL);
  if (!plan)
    return g_steal_pointer (&y);
  gsize row = (gsize) (q->w * q->c);
  if (!inq_plan_write (plan, "k", k->data, inq_plane_count (k), error)
      || !inq_plan_write (plan, "v", v->data, inq_plane_count (v), error))
    return NULL;
  for (gint64 done = 0; done < q->h;) {
    gint64 start = MIN (done, q->h - rows);
    if (!write_rows (plan, "q", q, start, rows, error) || !run_band (tiles, plan, error)
        || !inq_plan_read (plan, "y", y->data + (gsize) start * row, (gsize) rows * row, error))
      return NULL;
    done = start + rows;
  }
  g_clear_pointer (&plan, inq_plan_free);
  finish_step (tiles);
  return g_steal_pointer (&y);
}

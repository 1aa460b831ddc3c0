/* Inquadra - token embedding, gathered on the host.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A prompt needs 77 rows of a table that may be larger than a device binds at once; they are read from the mapped file
 * when the ids are written, and the table never goes to the device. */
#include "config.h"

#include "ops.h"

static gboolean
check_table (InqGraph *g, const InqWeight *w, gint64 c, gint64 rows)
{
  if (w->n_dims == 2 && (c == 0 || w->dims[1] == c) && w->dims[0] >= rows && w->dims[1] > 0)
    return TRUE;
  {
    g_autofree char *shape = inq_weight_shape (w);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE,
                    "tensor '%s' is %s, a table of at least %" G_GINT64_FORMAT " rows of %" G_GINT64_FORMAT
                    " is needed",
                    w->name, shape, rows, c);
  }
  return FALSE;
}

/* Row @row of a table as f32. */
static void
table_row (const InqWeight *table, gint64 row, float *out)
{
  gsize c = (gsize) table->dims[1];

  inq_weight_slice_to_f32 (table, (gsize) row * c, c, out);
}

static gboolean
embed_fill (const InqHostFill *op, const void *in, float *out, GError **error)
{
  const InqWeight *table = op->weights[0], *position = op->weights[1];
  gint64 n = op->dims[0], tokens = op->dims[2], c = op->dims[3];
  g_autofree float *add = g_new (float, (gsize) c);
  const guint32 *ids = in;

  for (gint64 i = 0; i < n * tokens; i++) {
    float *row = out + i * c;

    if (ids[i] >= table->dims[0]) {
      g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE,
                   "token %u is outside of '%s' with %" G_GINT64_FORMAT " rows", ids[i], table->name, table->dims[0]);
      return FALSE;
    }
    table_row (table, ids[i], row);
    if (position) {
      table_row (position, i % tokens, add);
      for (gint64 k = 0; k < c; k++)
        row[k] += add[k];
    }
  }
  return TRUE;
}

static const InqOp embed_op = { .name = "embed", .fill = embed_fill };

InqTensor *
inq_op_embed (InqGraph *g, InqTensor *ids, const char *table, const char *position)
{
  const InqWeight *t, *p = NULL;
  InqTensor *y;
  InqNode *node;

  if (!ids)
    return NULL;
  if (!ids->is_ids) {
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "embedding '%s': the input is not token ids", table);
    return NULL;
  }
  t = inq_graph_weight (g, table);
  if (!t || !check_table (g, t, 0, 1))
    return NULL;
  if (position) {
    p = inq_graph_weight (g, position);
    if (!p || !check_table (g, p, t->dims[1], ids->dims[2]))
      return NULL;
  }
  y = inq_graph_tensor (g, ids->dims[0], 1, ids->dims[2], t->dims[1]);
  if (!y)
    return NULL;
  y->is_host = TRUE;
  node = inq_graph_node (g, &embed_op, y);
  node->in[0] = ids;
  node->weights[0].weight = t;
  node->weights[1].weight = p;
  return y;
}

/* Inquadra - tensor graph: tensors, nodes, the first error.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-graph-private.h"

#include <string.h>

static void
tensor_free (gpointer data)
{
  InqTensor *t = data;

  g_free (t->name);
  g_free (t);
}

InqGraph *
inq_graph_new (InqWeights *weights)
{
  InqGraph *g = g_new0 (InqGraph, 1);

  g->weights = inq_weights_ref (weights);
  g->tensors = g_ptr_array_new_with_free_func (tensor_free);
  g->nodes = g_ptr_array_new_with_free_func (g_free);
  return g;
}

void
inq_graph_free (InqGraph *g)
{
  if (!g)
    return;
  g_ptr_array_unref (g->nodes);
  g_ptr_array_unref (g->tensors);
  g_clear_error (&g->error);
  inq_weights_unref (g->weights);
  g_free (g);
}

const gint64 *
inq_tensor_dims (const InqTensor *t)
{
  static const gint64 none[4];

  return t ? t->dims : none;
}

const GError *
inq_graph_get_error (InqGraph *g)
{
  return g->error;
}

void
inq_graph_fail (InqGraph *g, int loader_error, const char *format, ...)
{
  va_list args;

  if (g->error)
    return;
  va_start (args, format);
  g->error = g_error_new_valist (INQ_LOADER_ERROR, loader_error, format, args);
  va_end (args);
}

InqWeights *
inq_graph_get_weights (InqGraph *g)
{
  return g->weights;
}

void
inq_graph_set_kernels (InqGraph *g, InqKernels kernels)
{
  g->kernels = kernels;
  g->settled = INQ_KERNELS_AUTO;
}

void
inq_graph_set_gemm (InqGraph *g, int tile, int parts)
{
  g->gemm_tile = tile + 1;
  g->gemm_parts = parts;
  g->settled = INQ_KERNELS_AUTO;
}

void
inq_graph_set_apart (InqGraph *g, gboolean apart)
{
  g->apart = apart;
  g->settled = INQ_KERNELS_AUTO;
}

void
inq_graph_set_attention (InqGraph *g, int tile)
{
  g->attention_tile = tile + 1;
}

void
inq_graph_set_precision (InqGraph *g, InqPrecision precision)
{
  g->precision = precision;
  g->settled = INQ_KERNELS_AUTO;
}

/* ---- inputs and outputs ---- */

InqTensor *
inq_graph_tensor (InqGraph *g, gint64 n, gint64 h, gint64 w, gint64 c)
{
  InqTensor *t;
  gint64 count;

  if (n < 1 || h < 1 || w < 1 || c < 1 || __builtin_mul_overflow (n, h, &count)
      || __builtin_mul_overflow (count, w, &count) || __builtin_mul_overflow (count, c, &count)
      || count > INQ_MAX_ELEMENTS) {
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE,
                    "a tensor of [%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                    "] is empty or too large: use a smaller picture or batch",
                    n, h, w, c);
    return NULL;
  }
  t = g_new0 (InqTensor, 1);
  t->graph = g;
  t->dims[0] = n;
  t->dims[1] = h;
  t->dims[2] = w;
  t->dims[3] = c;
  t->storage = t;
  t->index = g->tensors->len;
  g_ptr_array_add (g->tensors, t);
  return t;
}

static InqTensor *
graph_input (InqGraph *g, const char *name, gint64 n, gint64 h, gint64 w, gint64 c)
{
  InqTensor *t = inq_graph_tensor (g, n, h, w, c);

  if (!t)
    return NULL;
  t->name = g_strdup (name);
  t->is_input = t->is_host = TRUE;
  return t;
}

InqTensor *
inq_graph_input (InqGraph *g, const char *name, gint64 n, gint64 h, gint64 w, gint64 c)
{
  return graph_input (g, name, n, h, w, c);
}

void
inq_graph_keep (InqGraph *g, InqTensor *input)
{
  if (input && input->is_host && !input->is_ids)
    input->kept = TRUE;
}

void
inq_graph_set_anew (InqGraph *g, gboolean anew)
{
  g->anew = anew;
}

InqTensor *
inq_graph_input_ids (InqGraph *g, const char *name, gint64 n, gint64 tokens)
{
  InqTensor *t = graph_input (g, name, n, 1, tokens, 1);

  if (t)
    t->is_ids = TRUE;
  return t;
}

void
inq_graph_output (InqGraph *g, InqTensor *t, const char *name)
{
  InqTensor *view;

  if (!t)
    return;
  if (t->is_ids) {
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "token ids cannot be the output '%s'", name);
    return;
  }
  if (t->storage->scaled) {
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "what is kept scaled cannot be the output '%s'", name);
    return;
  }
  /* an alias, so that one tensor can be read under several names and an input can be an output */
  view = inq_op_reshape (g, t, t->dims[0], t->dims[1], t->dims[2], t->dims[3]);
  if (!view)
    return;
  view->name = g_strdup (name);
  view->is_output = TRUE;
}

const gint64 *
inq_graph_get_output (InqGraph *g, const char *name)
{
  for (guint i = 0; i < g->tensors->len; i++) {
    const InqTensor *t = g->tensors->pdata[i];

    if (t->is_output && g_str_equal (t->name, name))
      return t->dims;
  }
  return inq_tensor_dims (NULL);
}

/* ---- for ops ---- */

InqNode *
inq_graph_node (InqGraph *g, const InqOp *op, InqTensor *out)
{
  InqNode *node = g_new0 (InqNode, 1);

  node->op = op;
  node->out = out;
  g_ptr_array_add (g->nodes, node);
  return node;
}

void
inq_node_join (InqNode *node, InqNode *later)
{
  guint n = 0;

  while (n < INQ_NODE_JOINED && node->joined[n])
    n++;
  g_return_if_fail (n < INQ_NODE_JOINED && !node->into && !later->into && !later->joined[0]);
  node->joined[n] = later;
  later->into = node;
}

void
inq_node_part (InqNode *node)
{
  for (guint i = 0; i < INQ_NODE_JOINED; i++) {
    if (node->joined[i])
      node->joined[i]->into = NULL;
    node->joined[i] = NULL;
  }
}

guint
inq_node_reads (const InqNode *node, const InqWeightRef *reads[INQ_NODE_READS])
{
  const InqNode *made[1 + INQ_NODE_JOINED];
  guint n_made = inq_node_made (node, made), n = 0;

  if (!node->op->record || node->into)
    return 0;
  for (guint i = 0; i < n_made; i++)
    for (guint k = 0; k < INQ_NODE_WEIGHTS; k++)
      if (made[i]->weights[k].weight)
        reads[n++] = &made[i]->weights[k];
  return n;
}

double
inq_node_flops (const InqNode *node)
{
  const InqNode *made[1 + INQ_NODE_JOINED];
  guint n = inq_node_made (node, made);
  double flops = 0;

  for (guint i = 0; i < n && !node->into; i++)
    flops += made[i]->flops;
  return flops;
}

static char *
shape_string (const gint64 *dims, guint n)
{
  GString *s = g_string_new ("[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (s, "%s%" G_GINT64_FORMAT, i ? ", " : "", dims[i]);
  g_string_append_c (s, ']');
  return g_string_free (s, FALSE);
}

char *
inq_tensor_shape (const InqTensor *t)
{
  return shape_string (t->dims, 4);
}

char *
inq_weight_shape (const InqWeight *w)
{
  return shape_string (w->dims, w->n_dims);
}

const InqWeight *
inq_graph_weight (InqGraph *g, const char *name)
{
  const InqWeight *w = inq_weights_lookup (g->weights, name);

  if (!w)
    inq_graph_fail (g, INQ_LOADER_ERROR_MISSING, "%s has no tensor '%s'", inq_weights_get_label (g->weights), name);
  return w;
}

const InqWeight *
inq_graph_vector (InqGraph *g, const char *name, const char *suffix, gint64 count, gboolean needed)
{
  g_autofree char *full = g_strconcat (name, suffix, NULL);
  const InqWeight *w = inq_weights_lookup (g->weights, full);

  if (!w) {
    if (needed)
      inq_graph_weight (g, full);
    return NULL;
  }
  if (w->n_dims != 1 || w->dims[0] != count) {
    g_autofree char *shape = inq_weight_shape (w);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "tensor '%s' is %s, [%" G_GINT64_FORMAT "] is needed", full, shape,
                    count);
    return NULL;
  }
  return w;
}

gboolean
inq_graph_check_same (InqGraph *g, const char *what, const InqTensor *a, const InqTensor *b)
{
  g_autofree char *x = NULL, *y = NULL;

  if (inq_tensor_same_dims (a, b))
    return TRUE;
  x = inq_tensor_shape (a);
  y = inq_tensor_shape (b);
  inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "%s: %s and %s are not the same shape", what, x, y);
  return FALSE;
}

InqTensor *
inq_op_reshape (InqGraph *g, InqTensor *x, gint64 n, gint64 h, gint64 w, gint64 c)
{
  InqTensor *t;

  if (!x)
    return NULL;
  t = inq_graph_tensor (g, n, h, w, c);
  if (!t)
    return NULL;
  if (inq_tensor_count (t) != inq_tensor_count (x)) {
    g_autofree char *a = inq_tensor_shape (x), *b = inq_tensor_shape (t);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "reshape of %s to %s: element counts differ", a, b);
    return NULL;
  }
  t->storage = x->storage;
  t->is_ids = x->is_ids;
  return t;
}

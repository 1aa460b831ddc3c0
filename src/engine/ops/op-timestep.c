/* Inquadra - sinusoidal timestep embedding, computed by the host.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A device's cos() of an argument of 999 may be off by 5e-4 (the Vulkan specification promises no more); libm's is not,
 * and the vector is tiny. */
#include "config.h"

#include "ops.h"

#include <math.h>

#define MAX_PERIOD 10000.0

/* LDM's timestep_embedding: cosines, then sines; arguments in f32 as there. */
static gboolean
timestep_fill (const InqHostFill *op, const void *in, float *out, GError **error)
{
  const float *t = in;
  gint64 n = op->dims[0], c = op->dims[3], half = c / 2;

  for (gint64 b = 0; b < n; b++)
    for (gint64 i = 0; i < half; i++) {
      float frequency = (float) exp (-log (MAX_PERIOD) * (double) i / (double) half);
      float angle = t[b] * frequency;

      out[b * c + i] = cosf (angle);
      out[b * c + half + i] = sinf (angle);
    }
  return TRUE;
}

static const InqOp timestep_op = { .name = "timestep", .fill = timestep_fill };

InqTensor *
inq_op_timestep (InqGraph *g, InqTensor *t, gint64 c)
{
  InqTensor *y;

  if (!t)
    return NULL;
  if (inq_tensor_count (t) != t->dims[0] || c < 2 || c % 2) {
    g_autofree char *shape = inq_tensor_shape (t);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE,
                    "timestep embedding of %s with %" G_GINT64_FORMAT
                    " channels: one timestep a picture and an even number of channels are needed",
                    shape, c);
    return NULL;
  }
  if (!t->storage->is_input || t->is_ids) {
    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "timestep embedding: the timesteps are not an input of the graph");
    return NULL;
  }
  y = inq_graph_tensor (g, t->dims[0], 1, 1, c);
  if (!y)
    return NULL;
  y->is_host = TRUE;
  inq_graph_node (g, &timestep_op, y)->in[0] = t;
  return y;
}

/* Inquadra - one mean, scale and shift a channel, then an activation: group norm whose moments are known.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "channel-scale.spv.h"

/* Matches channel-scale.comp. */
typedef struct {
  guint32 positions, c, run;
} ScalePush;

static void
channel_scale_record (InqRecorder *r, const InqNode *node)
{
  const InqTensor *x = node->in[0];
  gboolean quads = x->dims[3] % 4 == 0;
  ScalePush push = { (guint32) inq_tensor_rows (x), (guint32) x->dims[3], inq_record_run (r) };
  guint local = inq_record_local (r);
  gint64 lanes = push.c / (quads ? 4 : 1), runs = (push.positions + push.run - 1) / push.run;
  InqGpuPipelineDesc desc = {
    .name = "channel-scale",
    .spirv = inq_channel_scale_spv,
    .spirv_size = sizeof inq_channel_scale_spv,
    .n_bindings = 3,
    .push_size = sizeof push,
    .n_spec = 3,
    .spec = { local, quads, (guint32) node->i[0] },
  };

  inq_record_linear (r, &desc, (InqBind[]){ INQ_READ (x), INQ_READ (node->in[1]), INQ_WRITE (node->out) }, &push,
                     runs * lanes, local, inq_record_label ("channel-scale:%ux%u", push.positions, push.c));
}

/* Reads an input and writes for the convolution behind it alone. */
static gboolean
channel_scale_halves (const InqNode *node)
{
  return FALSE;
}

static const InqOp channel_scale_op = { .name = "channel-scale",
                                        .record = channel_scale_record,
                                        .halves = channel_scale_halves };

InqTensor *
inq_op_channel_scale (InqGraph *g, InqTensor *x, InqTensor *how, InqActivation act)
{
  InqTensor *y;
  InqNode *node;

  if (!x || !how)
    return NULL;
  if (how->dims[3] != x->dims[3] || inq_tensor_rows (how) != 3) {
    g_autofree char *a = inq_tensor_shape (x), *b = inq_tensor_shape (how);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "channel scale: %s does not fit %s", b, a);
    return NULL;
  }
  y = inq_graph_tensor (g, x->dims[0], x->dims[1], x->dims[2], x->dims[3]);
  if (!y)
    return NULL;
  node = inq_graph_node (g, &channel_scale_op, y);
  node->in[0] = x;
  node->in[1] = how;
  node->i[0] = act;
  return y;
}

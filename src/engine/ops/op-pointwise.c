/* Inquadra - element-wise ops: activation, sum, scale and shift, GEGLU.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ops.h"

#include "geglu-texels.spv.h"
#include "geglu.spv.h"
#include "pointwise.spv.h"

enum {
  POINTWISE_ACT,
  POINTWISE_ADD,
  POINTWISE_SCALE,
};

typedef struct {
  guint32 quads; /* groups of four elements, the last one may reach into padding */
  float scale, shift;
} PointwisePush;

typedef struct {
  guint32 rows, c; /* of the result */
  guint32 run;     /* rows of an invocation */
} GegluPush;

static void
pointwise_record (InqRecorder *r, const InqNode *node)
{
  static const char *const names[] = { "activate", "add", "scale" };
  guint local = inq_record_local (r);
  gint64 count = inq_tensor_count (node->out);
  InqBind binds[] = { INQ_READ (node->in[0]), INQ_WRITE (node->out), inq_read_or_none (node->in[1]) };
  InqGpuPipelineDesc desc = {
    .name = names[node->i[0]],
    .spirv = inq_pointwise_spv,
    .spirv_size = sizeof inq_pointwise_spv,
    .n_bindings = 3,
    .push_size = sizeof (PointwisePush),
    .n_spec = 4,
    .spec = { local, (guint32) node->i[0], (guint32) node->i[1], inq_bind_halves (binds, G_N_ELEMENTS (binds)) },
  };
  PointwisePush push = { (guint32) ((count + 3) / 4), node->f[0], node->f[1] };

  inq_record_linear (r, &desc, binds, &push, push.quads, local,
                     inq_record_label ("%s:%" G_GINT64_FORMAT, desc.name, count));
}

static const InqOp pointwise_op = { .name = "pointwise", .record = pointwise_record };

static InqNode *
pointwise (InqGraph *g, InqTensor *x, int kind)
{
  InqTensor *y = inq_graph_tensor (g, x->dims[0], x->dims[1], x->dims[2], x->dims[3]);
  InqNode *node;

  if (!y)
    return NULL;
  node = inq_graph_node (g, &pointwise_op, y);
  node->in[0] = x;
  node->i[0] = kind;
  return node;
}

InqTensor *
inq_op_activate (InqGraph *g, InqTensor *x, InqActivation act)
{
  InqNode *node = x ? pointwise (g, x, POINTWISE_ACT) : NULL;

  if (!node)
    return NULL;
  node->i[1] = act;
  return node->out;
}

InqTensor *
inq_op_add (InqGraph *g, InqTensor *a, InqTensor *b)
{
  InqNode *node;

  if (!a || !b || !inq_graph_check_same (g, "sum", a, b))
    return NULL;
  node = pointwise (g, a, POINTWISE_ADD);
  if (!node)
    return NULL;
  node->in[1] = b;
  return node->out;
}

InqTensor *
inq_op_scale (InqGraph *g, InqTensor *a, float scale, float shift)
{
  InqNode *node = a ? pointwise (g, a, POINTWISE_SCALE) : NULL;

  if (!node)
    return NULL;
  node->f[0] = scale;
  node->f[1] = shift;
  return node->out;
}

/* ---- GEGLU ---- */

static void
geglu_record (InqRecorder *r, const InqNode *node)
{
  guint local = inq_record_local (r);
  gboolean quads = node->out->dims[3] % 4 == 0;
  InqBind binds[] = { INQ_READ (node->in[0]), INQ_WRITE (node->out) };
  InqGpuPipelineDesc desc = {
    .name = "geglu",
    .spirv = inq_geglu_spv,
    .spirv_size = sizeof inq_geglu_spv,
    .n_bindings = 2,
    .push_size = sizeof (GegluPush),
    .n_spec = 3,
    .spec = { local, quads, inq_bind_halves (binds, G_N_ELEMENTS (binds)) },
  };
  GegluPush push = { (guint32) inq_tensor_rows (node->out), (guint32) node->out->dims[3], inq_record_run (r) };
  gint64 runs = (push.rows + push.run - 1) / push.run;

  if (quads)
    inq_record_texels (r, &desc, binds, 1, inq_geglu_texels_spv, sizeof inq_geglu_texels_spv);
  inq_record_linear (r, &desc, binds, &push, runs * (push.c / (quads ? 4 : 1)), local,
                     inq_record_label ("geglu:%ux%u", push.rows, push.c));
}

const InqOp inq_geglu_op = { .name = "geglu", .record = geglu_record };

InqTensor *
inq_op_geglu (InqGraph *g, InqTensor *x)
{
  InqTensor *y;

  if (!x)
    return NULL;
  if (x->dims[3] % 2) {
    g_autofree char *shape = inq_tensor_shape (x);

    inq_graph_fail (g, INQ_LOADER_ERROR_SHAPE, "geglu of %s: odd number of channels", shape);
    return NULL;
  }
  y = inq_graph_tensor (g, x->dims[0], x->dims[1], x->dims[2], x->dims[3] / 2);
  if (!y)
    return NULL;
  inq_graph_node (g, &inq_geglu_op, y)->in[0] = x;
  return y;
}

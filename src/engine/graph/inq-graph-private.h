/* Inquadra - inside of the tensor graph: nodes, weight references, recording. For graph/ and ops/ only.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An op is a function that checks shapes and appends a node, and a record callback that turns the node into dispatches
 * when a plan is made. Record callbacks name what each dispatch reads and writes; the recorder places barriers.
 *
 * Thread-safety: one thread at a time, as the graph.
 */
#pragma once

#include "inq-graph.h"
#include "inq-planner.h"

#include <stdint.h>
#include <string.h>

G_BEGIN_DECLS

#define INQ_NODE_INPUTS  4
#define INQ_NODE_WEIGHTS 2
#define INQ_NODE_INTS    12
/* Nodes that another one's dispatches make as well. */
#define INQ_NODE_JOINED 2

/* Weights are laid out with the output dimension contiguous and padded with zeros to this many columns. */
#define INQ_WEIGHT_PAD 16

typedef enum {
  INQ_FORM_VECTOR,   /* f32 [count], padded with zeros */
  INQ_FORM_LINEAR,   /* file [out, in(, 1, 1)] -> [in][out padded] */
  INQ_FORM_STRAIGHT, /* file [in, out] -> [in][out padded] */
  INQ_FORM_CONV,     /* file [out, in, kh, kw] -> [kh][kw][in][out padded] */
} InqWeightForm;

/* Rows @first .. @first + @count of the tensor @name in a device form. */
typedef struct {
  const InqWeight *weight;
  InqWeightForm form;
  gint64 first;
  gint64 count;
  gboolean half; /* wanted as halves whatever the file has (a plan of halves) */
  int shift;     /* its numbers divided by so many powers of two */
} InqWeightRef;

/* Of InqEpilogue.scaled. SDXL's autoencoder goes up to a few times what halves hold; more would push its small weights
 * among the halves that have few digits. */
#define INQ_SCALED_SHIFT 5

typedef struct _InqNode InqNode;
typedef struct _InqHostFill InqHostFill;
typedef struct _InqRecorder InqRecorder;
typedef struct _InqWeightStream InqWeightStream; /* inq-weight-stream.h */

typedef struct {
  const char *name;
  /* one of these: dispatches, or the host's work when the input in[0] is written */
  void (*record) (InqRecorder *r, const InqNode *node);
  gboolean (*fill) (const InqHostFill *op, const void *in, float *out, GError **error);
  /* (nullable): whether the kernels can write @node's result as halves; its channels are a multiple of 8 then */
  gboolean (*halves) (const InqNode *node);
  /* (nullable): chooses kernels once the device is known and the types are settled; may give @node scratch tensors */
  void (*prepare) (InqGraph *g, InqGpu *gpu, const InqGpuFacts *facts, InqNode *node);
  /* (nullable): before that, in plans of matrix kernels: node @i of @g may take some of those after it into itself
   * (inq_node_join()), if its dispatches can make their results as well */
  void (*join) (InqGraph *g, guint i);
} InqOp;

struct _InqTensor {
  InqGraph *graph;
  gint64 dims[4];
  InqTensor *storage; /* itself, or the tensor whose bytes these are */
  char *name;         /* of an input or output */
  gboolean is_input;
  gboolean is_output;
  gboolean is_ids;  /* u32, stays on the host */
  gboolean is_host; /* written by the host before a run: an input, or an embedding */
  gboolean half;    /* of a storage: kept as halves (inq_graph_settle) */
  gboolean scaled;  /* of a storage: see InqEpilogue.scaled */
  gboolean unmade;  /* nothing writes it: what reads it was joined to what would (by inq_graph_settle()) */
  gboolean kept;    /* of a storage: follows from inputs of inq_graph_keep() and weights alone, or is one of them */
  guint index;      /* among the graph's tensors */
};

struct _InqNode {
  const InqOp *op;
  InqTensor *in[INQ_NODE_INPUTS];
  InqTensor *out;
  InqTensor *scratch[2];
  InqWeightRef weights[INQ_NODE_WEIGHTS]; /* weight NULL: none */
  gint64 i[INQ_NODE_INTS];
  float f[4];
  double flops;
  /* by inq_graph_settle() */
  InqNode *joined[INQ_NODE_JOINED]; /* whose results its dispatches make as well; NULL after the last */
  InqNode *into; /* (nullable): the node that this one is joined to: it has no dispatches of its own */
};

/* Both before the device's memory is planned: @later comes after @node, and nothing between depends on it. */
void inq_node_join (InqNode *node, InqNode *later);
/* Takes everything that was joined to @node out again. */
void inq_node_part (InqNode *node);
/* @node and what is joined to it, those there are. */
static inline guint
inq_node_made (const InqNode *node, const InqNode *made[1 + INQ_NODE_JOINED])
{
  guint n = 1;

  made[0] = node;
  while (n <= INQ_NODE_JOINED && node->joined[n - 1]) {
    made[n] = node->joined[n - 1];
    n++;
  }
  return n;
}
/* The weights that the dispatches of @node read, at most INQ_NODE_READS: none when another makes its result. */
#define INQ_NODE_READS (INQ_NODE_WEIGHTS * (1 + INQ_NODE_JOINED))
guint inq_node_reads (const InqNode *node, const InqWeightRef *reads[INQ_NODE_READS]);
/* Operations of its dispatches. */
double inq_node_flops (const InqNode *node);

typedef enum {
  INQ_KERNELS_AUTO, /* what suits the device */
  INQ_KERNELS_REGISTER,
  INQ_KERNELS_SHARED,
  INQ_KERNELS_MATRIX, /* cooperative matrices where they can, else shared memory */
} InqKernels;
/* For tests and measurements: which kernels plans of @g use. */
void inq_graph_set_kernels (InqGraph *g, InqKernels kernels);
/* The same: the tile of matrix kernels by number and the parts of every sum; -1 and 0 for what suits. */
void inq_graph_set_gemm (InqGraph *g, int tile, int parts);
/* Every node by dispatches of its own, though one could make several. */
void inq_graph_set_apart (InqGraph *g, gboolean apart);
/* Likewise of inq_attention_tiles (tests and measurements); -1 for the default. */
void inq_graph_set_attention (InqGraph *g, int tile);

struct _InqGraph {
  InqWeights *weights;
  GPtrArray *tensors; /* InqTensor, owned */
  GPtrArray *nodes;   /* InqNode, owned */
  GError *error;
  InqKernels kernels;
  InqPrecision precision;
  int gemm_tile, gemm_parts; /* forced: number + 1, parts; 0 for none */
  int attention_tile;        /* likewise */
  gboolean apart;            /* see inq_graph_set_apart() */
  gboolean anew;             /* see inq_graph_set_anew() */
  /* by inq_graph_settle() */
  InqDeviceWeights *device_weights; /* while it is at it */
  InqKernels settled;               /* never AUTO once done */
  gboolean halves;
};

/* Decides what depends on the device: the kernels, which activations are kept as halves, and what ops choose in their
 * prepare(). Does nothing when it was done before. */
void inq_graph_settle (InqGraph *g, InqGpu *gpu, InqDeviceWeights *dw);

/* ---- for ops ---- */

/* A fresh activation. */
InqTensor *inq_graph_tensor (InqGraph *g, gint64 n, gint64 h, gint64 w, gint64 c);
/* Appends a node that writes @out; the op fills it in. */
InqNode *inq_graph_node (InqGraph *g, const InqOp *op, InqTensor *out);
static inline gint64
inq_tensor_count (const InqTensor *t)
{
  return t->dims[0] * t->dims[1] * t->dims[2] * t->dims[3];
}
/* Rows of the token matrix: n * h * w. */
static inline gint64
inq_tensor_rows (const InqTensor *t)
{
  return t->dims[0] * t->dims[1] * t->dims[2];
}
static inline gboolean
inq_tensor_same_dims (const InqTensor *a, const InqTensor *b)
{
  return memcmp (a->dims, b->dims, sizeof a->dims) == 0;
}
/* "[1, 9, 16, 192]" (transfer full) */
char *inq_tensor_shape (const InqTensor *t);
char *inq_weight_shape (const InqWeight *w);
/* Looks @name up; fails the graph when it is missing. */
const InqWeight *inq_graph_weight (InqGraph *g, const char *name);
/* A float vector of @count elements named "@name@suffix"; fails the graph when it is missing (if @needed) or has
 * another shape. */
const InqWeight *inq_graph_vector (InqGraph *g, const char *name, const char *suffix, gint64 count, gboolean needed);
/* The same shape, or the graph fails with @what and both shapes. */
gboolean inq_graph_check_same (InqGraph *g, const char *what, const InqTensor *a, const InqTensor *b);
/* Largest number of elements of one tensor, so that 32-bit indices reach it. */
#define INQ_MAX_ELEMENTS G_GINT64_CONSTANT (0x40000000)

/* ---- device weights ---- */

/* How a weight is kept on a device; the number is what kernels are compiled for (gemm.glsl): f32, pairs of halves, or
 * quantised as inq-quantised.h says. */
typedef guint32 InqWeightKind;
#define INQ_WEIGHT_F32 0
#define INQ_WEIGHT_F16 1

typedef struct {
  InqGpuBuffer *buffer;
  gsize offset;
  gsize range;
  InqWeightKind kind;
} InqDeviceWeight;

/* Bytes of @ref on a device, and how they are kept. */
gsize inq_device_weights_bytes (InqDeviceWeights *dw, const InqWeightRef *ref);
InqWeightKind inq_device_weights_kind (InqDeviceWeights *dw, const InqWeightRef *ref);
gboolean inq_weight_ref_equal (const InqWeightRef *a, const InqWeightRef *b);
/* Keys are borrowed InqWeightRef. */
GHashTable *inq_weight_ref_table_new (void);
/* Every reference to a weight that the device reads, in node order, repetitions included. (transfer full) */
GArray *inq_graph_weight_refs (InqGraph *g);
/* Columns of a row of the device form: count padded. */
static inline gint64
inq_weight_columns (gint64 count)
{
  return (count + INQ_WEIGHT_PAD - 1) / INQ_WEIGHT_PAD * INQ_WEIGHT_PAD;
}
/* A place on the device for every reference of @refs that has none yet: all or none. */
gboolean inq_device_weights_reserve (InqDeviceWeights *dw, const InqWeightRef *refs, guint n_refs, GError **error);
/* Where that is, whether or not its numbers are there; NULL when it has none. */
const InqDeviceWeight *inq_device_weights_get (InqDeviceWeights *dw, const InqWeightRef *ref);
/* Brings the numbers of @ref, which has a place, unless they are there. Work submitted later sees them. */
gboolean inq_device_weights_fetch (InqDeviceWeights *dw, const InqWeightRef *ref, GError **error);
gboolean inq_device_weights_is_there (InqDeviceWeights *dw, const InqWeightRef *ref);
/* The file is still what was opened: before data is read. */
gboolean inq_device_weights_check (InqDeviceWeights *dw, GError **error);
/* Writes @ref to @to in its device form. Work submitted later sees it. */
gboolean inq_device_weights_upload (InqDeviceWeights *dw, const InqWeightRef *ref, const InqDeviceWeight *to,
                                    GError **error);

/* ---- recording ---- */

typedef enum {
  INQ_BIND_UNUSED, /* nothing the shader touches: bound to some valid bytes */
  INQ_BIND_READ,
  INQ_BIND_WRITE,
  INQ_BIND_WEIGHT,
} InqBindUse;

typedef struct _InqBind {
  InqBindUse use;
  const InqTensor *tensor;
  const InqWeightRef *weight;
  const struct _InqBind *with; /* (nullable), @n_with: more of this use, in the same binding: see inq_record_span() */
  guint n_with;
} InqBind;

#define INQ_READ(t)   ((InqBind){ INQ_BIND_READ, (t), NULL, NULL, 0 })
#define INQ_WRITE(t)  ((InqBind){ INQ_BIND_WRITE, (t), NULL, NULL, 0 })
#define INQ_WEIGHT(w) ((InqBind){ INQ_BIND_WEIGHT, NULL, (w), NULL, 0 })
#define INQ_NO_BIND   ((InqBind){ INQ_BIND_UNUSED, NULL, NULL, NULL, 0 })

/* Whether the kernel finds halves in @t. */
static inline gboolean
inq_tensor_is_half (const InqTensor *t)
{
  return t && t->storage->half;
}
/* A bit for each binding whose tensor is kept as halves: the shaders' HALVES. */
guint32 inq_bind_halves (const InqBind *binds, guint n);

/* Makes @desc the kernel @spirv, which reads the bindings @texels (a bit each) as buffers of 16-byte texels, if this is
 * faster on this device and can be done: f32 or weights. What it reads is in fours, the caller sees to that. */
gboolean inq_record_texels (InqRecorder *r, InqGpuPipelineDesc *desc, const InqBind *binds, guint32 texels,
                            const guint32 *spirv, gsize size);
/* Whether lanes should then read for each other, in groups of one subgroup that share columns or a head and go through
 * @tiles tiles of those. */
gboolean inq_record_texel_subgroups (InqRecorder *r, gint64 tiles);

/* An optional input. */
static inline InqBind
inq_read_or_none (const InqTensor *t)
{
  return t ? INQ_READ (t) : INQ_NO_BIND;
}
static inline InqBind
inq_weight_or_none (const InqWeightRef *w)
{
  return w->weight ? INQ_WEIGHT (w) : INQ_NO_BIND;
}

/* Whether all that @bind names lies in one buffer, near enough for one binding. @at: where each begins in it, the first
 * one's first, in 16 bytes. */
gboolean inq_record_span (InqRecorder *r, const InqBind *bind, guint32 *at);
/* Records one dispatch with as many entries of @binds as @desc has bindings. A barrier goes first if it reads what a
 * dispatch since the last barrier wrote, or writes what one read or wrote. */
void inq_record_dispatch (InqRecorder *r, const InqGpuPipelineDesc *desc, const InqBind *binds, const void *push,
                          guint gx, guint gy, guint gz, const char *label);
/* The same for @items invocations in groups of @local, spread over x and y when there are more groups than x takes
 * (inq_linear_id() in common.glsl). */
void inq_record_linear (InqRecorder *r, const InqGpuPipelineDesc *desc, const InqBind *binds, const void *push,
                        gint64 items, guint local, const char *label);
/* The same for @groups work groups, over x and y, @gz times. */
void inq_record_groups (InqRecorder *r, const InqGpuPipelineDesc *desc, const InqBind *binds, const void *push,
                        gint64 groups, guint gz, const char *label);
const InqGpuFacts *inq_record_facts (InqRecorder *r);
/* Whether to use kernels that pass data through shared memory: on a processor they only wait for each other. */
gboolean inq_record_shared (InqRecorder *r);
/* Whether kernels may use cooperative matrices. */
gboolean inq_record_matrix (InqRecorder *r);
/* Whether @kernel is among those that $INQ_WITHOUT names, with commas between: another is taken then, to compare. */
gboolean inq_kernel_left_out (const char *kernel);
InqWeightKind inq_record_weight_kind (InqRecorder *r, const InqWeightRef *w);
/* printf into an interned string */
const char *inq_record_label (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Invocations of a group that suit the device for plain element-wise kernels. */
guint inq_record_local (InqRecorder *r);
/* Rows that one invocation of such a kernel goes through: its address arithmetic is paid once a run. */
guint inq_record_run (InqRecorder *r);

struct _InqRecorder {
  InqGpu *gpu;
  const InqGpuFacts *facts;
  InqDeviceWeights *dw;
  InqWeightStream *stream; /* knows what of the weights is not in @dw */
  InqKernels kernels;
  InqGpuPass *pass;
  InqGpuBuffer **chunks;         /* of the arena */
  const InqLifetime *placements; /* by tensor index */
  GArray *pending;               /* of PendingRange, since the last barrier */
  guint barriers;
  guint dispatches;
  GError *error; /* first one */
};

GArray *inq_recorder_pending_new (void);

/* ---- ops done by the host when their input is written: small ones that want more precision or larger tables than a
 * device has ---- */
struct _InqHostFill {
  /* Computes @out, f32, from what was written to the input. */
  gboolean (*fill) (const InqHostFill *op, const void *in, float *out, GError **error);
  const InqWeight *weights[INQ_NODE_WEIGHTS];
  gint64 dims[4]; /* of the result */
  guint source;   /* storage index of the input */
  guint out;      /* tensor index of the result */
};

G_END_DECLS

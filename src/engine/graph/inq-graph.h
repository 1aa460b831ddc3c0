/* Inquadra - tensor graph: build once per (model, size, batch), plan, record, replay.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Activations are f32, or halves where a plan says so (InqPrecision), channels last: a tensor has four dims [n, h, w,
 * c] with c contiguous; a token matrix is [n, 1, tokens, c], so a picture [n, h, w, c] is the token matrix [n, 1, h*w,
 * c] without moving a byte. Weights keep the file's layout in the table (linear [out, in], convolution [out, in, kh,
 * kw]); ops repack and convert on upload.
 *
 * Building: every function takes and returns borrowed InqTensor handles owned by the graph. A wrong shape or a missing
 * weight makes the graph remember the first error (naming the tensor and both shapes) and return NULL; NULL inputs give
 * NULL outputs, so builders need no checks in between: inq_plan_new() reports the error.
 *
 * Thread-safety: one thread at a time.
 */
#pragma once

#include <inq-gpu.h>
#include <inq-weights.h>

G_BEGIN_DECLS

typedef struct _InqGraph InqGraph;
typedef struct _InqTensor InqTensor;
typedef struct _InqPlan InqPlan;
typedef struct _InqDeviceWeights InqDeviceWeights;

typedef enum {
  INQ_ACT_NONE,
  INQ_ACT_SILU,
  INQ_ACT_GELU,       /* exact, erf */
  INQ_ACT_QUICK_GELU, /* x * sigmoid(1.702 x), CLIP-L */
  INQ_ACT_RELU,
  INQ_ACT_TANH3, /* tanh(x / 3) * 3, the tiny autoencoder's input clamp */
} InqActivation;

InqGraph *inq_graph_new (InqWeights *weights);
void inq_graph_free (InqGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqGraph, inq_graph_free)

/**
 * InqPrecision: how a plan keeps the activations between ops; sums are f32 always, inputs and outputs are f32.
 * @INQ_PRECISION_AUTO: as $INQ_PRECISION says ("f16", "f32"), else halves on graphics cards, f32 on processors
 * @INQ_PRECISION_F32: where halves overflow (the autoencoder of SDXL)
 * @INQ_PRECISION_F16: halves, and weights as halves
 */
typedef enum {
  INQ_PRECISION_AUTO,
  INQ_PRECISION_F32,
  INQ_PRECISION_F16,
} InqPrecision;
void inq_graph_set_precision (InqGraph *graph, InqPrecision precision);
/* What @precision means on a device. */
gboolean inq_precision_is_half (InqPrecision precision, const InqGpuFacts *facts);
/* dims of @t as [n, h, w, c]; zeros for NULL */
const gint64 *inq_tensor_dims (const InqTensor *t);
/* First error so far, or %NULL (borrowed). */
const GError *inq_graph_get_error (InqGraph *graph);
/* Sets the graph's error by hand (model builders: "no UNet in this file"). First one wins. */
void inq_graph_fail (InqGraph *graph, int loader_error, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* The table given to inq_graph_new (borrowed), to look at shapes. */
InqWeights *inq_graph_get_weights (InqGraph *graph);

/* ---- inputs and outputs ---- */
/* A tensor written from the host before each run (or kept from the last run). */
InqTensor *inq_graph_input (InqGraph *graph, const char *name, gint64 n, gint64 h, gint64 w, gint64 c);
/* Says that @input is mostly written anew with the numbers it has: what follows from it and from weights alone is kept,
 * and computed again only when other numbers are written, or weights change. */
void inq_graph_keep (InqGraph *graph, InqTensor *input);
/* Whether that is computed at every run nevertheless, and takes no memory in between; so it is with streamed weights,
 * which come by at every run anyway. Results are the same bytes. */
void inq_graph_set_anew (InqGraph *graph, gboolean anew);
/* u32 token ids, [n, 1, tokens, 1] */
InqTensor *inq_graph_input_ids (InqGraph *graph, const char *name, gint64 n, gint64 tokens);
/* Marks @t to be readable after a run. */
void inq_graph_output (InqGraph *graph, InqTensor *t, const char *name);
/* dims of the output @name, zeros when there is none. */
const gint64 *inq_graph_get_output (InqGraph *graph, const char *name);

/* ---- ops; @name is the weight's name without ".weight" / ".bias"; a missing bias is no bias unless said ---- */

/* Epilogue of linear and convolution: y = act(x W + b) + residual; fields zeroed mean none. */
typedef struct {
  InqActivation act;
  InqTensor *residual;     /* same shape as the result */
  InqTensor *channel_bias; /* [n, 1, 1, out]: added before act (the timestep embedding of a res block) */
  gboolean no_bias;        /* ignore a bias in the file */
  /* The result may be too large for halves: where activations are halves it is kept as 1/32 of itself, exactly, by
   * scaling what is multiplied and added (a residual must be scaled too, act none). Linear layers, convolutions and
   * group norms read such tensors for what they are; nothing else does. */
  gboolean scaled;
} InqEpilogue;

/* [n,h,w,in] -> [n,h,w,out]; accepts weight [out,in] and [out,in,1,1] */
InqTensor *inq_op_linear (InqGraph *g, InqTensor *x, const char *name, const InqEpilogue *e);
/* Rows @first..@first+@count of a packed weight (a fused q,k,v as OpenCLIP stores in_proj). Full tensor names; @bias
 * may be NULL. */
InqTensor *inq_op_linear_rows (InqGraph *g, InqTensor *x, const char *weight, const char *bias, gint64 first,
                               gint64 count, const InqEpilogue *e);
/* x times the [in, out] matrix @weight (CLIP's text_projection is stored transposed). */
InqTensor *inq_op_matmul_weight (InqGraph *g, InqTensor *x, const char *weight);

typedef struct {
  int stride;         /* 0 means 1 */
  int pad_before;     /* top and left */
  int pad_after;      /* bottom and right: differs from before in the autoencoder's downsampling (0, 1) */
  gboolean upsample2; /* nearest-neighbour x2 of the input, read on the fly */
} InqConv;
/* 2-D convolution, kernel size from the weight. [n,h,w,in] -> [n,h',w',out] */
InqTensor *inq_op_conv (InqGraph *g, InqTensor *x, const char *name, const InqConv *conv, const InqEpilogue *e);

/* Group norm over [h, w, c/groups], then act. Weight and bias required. */
InqTensor *inq_op_group_norm (InqGraph *g, InqTensor *x, const char *name, int groups, float eps, InqActivation act);
/* act((x - mean) * scale + shift) with @how [1, 1, 3, c] = mean, scale, shift: a group norm whose moments were taken
 * over more than @x. */
InqTensor *inq_op_channel_scale (InqGraph *g, InqTensor *x, InqTensor *how, InqActivation act);
InqTensor *inq_op_layer_norm (InqGraph *g, InqTensor *x, const char *name, float eps);
/* q [n,1,tq,heads*d], k and v [n,1,tk,heads*d] -> [n,1,tq,heads*d]; scale 1/sqrt(d); causal masks key > query. Online
 * softmax, one kernel. d is any multiple of 1 up to 512 (the autoencoder's single head is as wide as its channels). */
InqTensor *inq_op_attention (InqGraph *g, InqTensor *q, InqTensor *k, InqTensor *v, int heads, gboolean causal);
/* [.., 2c] -> [.., c]: first half times gelu(second half) (GEGLU, Shazeer 2020) */
InqTensor *inq_op_geglu (InqGraph *g, InqTensor *x);
InqTensor *inq_op_activate (InqGraph *g, InqTensor *x, InqActivation act);
InqTensor *inq_op_add (InqGraph *g, InqTensor *a, InqTensor *b);
/* a * scale + shift */
InqTensor *inq_op_scale (InqGraph *g, InqTensor *a, float scale, float shift);
/* along channels */
InqTensor *inq_op_concat (InqGraph *g, InqTensor *a, InqTensor *b);
/* channels @first..@first+@count */
InqTensor *inq_op_slice_channels (InqGraph *g, InqTensor *x, gint64 first, gint64 count);
/* The first @n rows of the batch from @a, the others from @b: tensors of one shape, 0 < n < their batch. */
InqTensor *inq_op_take_rows (InqGraph *g, InqTensor *a, InqTensor *b, gint64 n);
/* token row @ids[n] -> embedding [n,1,tokens,c] plus position_embedding rows 0..tokens-1 when @position is given */
InqTensor *inq_op_embed (InqGraph *g, InqTensor *ids, const char *table, const char *position);
/* [n,1,1,1] timesteps -> [n,1,1,c] sinusoids, cos first then sin, max period 10000 (LDM's timestep_embedding) */
InqTensor *inq_op_timestep (InqGraph *g, InqTensor *t, gint64 c);
/* channel order of torch pixel_unshuffle / pixel_shuffle: c*r*r + dy*r + dx */
InqTensor *inq_op_pixel_unshuffle (InqGraph *g, InqTensor *x, int r);
InqTensor *inq_op_pixel_shuffle (InqGraph *g, InqTensor *x, int r);
/* nearest-neighbour x2 on its own (convolution has it fused) */
InqTensor *inq_op_upsample2 (InqGraph *g, InqTensor *x);
/* The same to [n,@h,@w,c], which may lack the last row and the last column of the doubled ones. */
InqTensor *inq_op_upsample2_to (InqGraph *g, InqTensor *x, gint64 h, gint64 w);
/* Same bytes, other dims (element count equal). */
InqTensor *inq_op_reshape (InqGraph *g, InqTensor *x, gint64 n, gint64 h, gint64 w, gint64 c);

/* ---- device weights: shared by all plans of a model, uploaded when first run with in the form its kernels read ----
 */
InqDeviceWeights *inq_device_weights_new (InqGpu *gpu, InqWeights *weights);
void inq_device_weights_free (InqDeviceWeights *dw);
gsize inq_device_weights_get_size (InqDeviceWeights *dw);

/**
 * InqWeightPatch: changes made to tensors on their way to the device (LoRA); zeroed members are none.
 * @check: called before tensors are read; FALSE stops the upload
 * @touches: whether @weight changes
 * @wide: keep changed tensors in f32 beside the plain ones, instead of rounding them to the file's type in their place
 * @apply: changes rows @first .. @first + @count of @values, the whole tensor in f32 in the file's layout; other rows
 * are not read
 */
typedef struct {
  gboolean (*check) (gpointer data, GError **error);
  gboolean (*touches) (const InqWeight *weight, gpointer data);
  void (*apply) (const InqWeight *weight, gint64 first, gint64 count, float *values, gpointer data);
  gboolean wide;
  gpointer data;
} InqWeightPatch;

/* For uploads from now on; NULL for none. What was changed in its place stays until inq_device_weights_reload(); what
 * was changed beside it is freed, so no plan that read it may be left. */
void inq_device_weights_set_patch (InqDeviceWeights *dw, const InqWeightPatch *patch);
/* Uploads again what the device has, in its place, of the tensors that @wanted names: plans stay valid, none may be
 * running. After a failure some tensors are old and some new: free @dw. */
gboolean inq_device_weights_reload (InqDeviceWeights *dw, gboolean (*wanted) (const InqWeight *weight, gpointer data),
                                    gpointer data, GError **error);
/* Another number than before when what plans computed from weights may be out of date. */
guint inq_device_weights_get_generation (InqDeviceWeights *dw);

/* ---- plan ---- */
/* Plans lifetimes into one packed arena, reserves room for weights, records the command lists. Missing weights are
 * uploaded by the first run, which computes with the first of them while others come. @timed: keep timestamps per op.
 * The graph may be freed after. Out of memory comes back as INQ_GPU_ERROR_OUT_OF_MEMORY with the bytes wanted in the
 * message; nothing leaks. */
InqPlan *inq_plan_new (InqGpu *gpu, InqGraph *graph, InqDeviceWeights *dw, gboolean timed, GError **error);
void inq_plan_free (InqPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqPlan, inq_plan_free)
/* The same for a device with room for @resident bytes of the weights only: the others pass through two slots of @slot
 * bytes (at least InqGraphNeeds.largest) at each run, uploaded while others are computed with. Results are the same
 * bytes. @slot 0: all weights stay. */
InqPlan *inq_plan_new_streamed (InqGpu *gpu, InqGraph *graph, InqDeviceWeights *dw, gboolean timed, gsize resident,
                                gsize slot, GError **error);

/**
 * InqGraphNeeds: what a plan takes of a device, known without making it. Bytes, as allocated.
 * @arena: activations
 * @weights: weights that stay on the device, of at most the @resident that was given
 * @missing: those of them that are not there yet
 * @largest: weights of the one op that reads most
 * @heaviest: floating point operations of the one op that takes most
 * @bindable: every activation is small enough for one binding of this device; when not, @arena is what a device without
 * such a limit needs
 */
typedef struct {
  gsize arena;
  gsize weights;
  gsize missing;
  gsize largest;
  double heaviest;
  gboolean bindable;
} InqGraphNeeds;
/* @resident: G_MAXSIZE for all weights. Fails with the graph's own error. */
gboolean inq_graph_measure (InqGraph *graph, InqGpu *gpu, InqDeviceWeights *dw, gsize resident, InqGraphNeeds *needs,
                            GError **error);
/* Bytes of activation memory the plan has. */
gsize inq_plan_get_arena_size (InqPlan *plan);
/* Whether activations are kept as halves. */
gboolean inq_plan_get_halves (InqPlan *plan);
/* Floating point operations of one run (2 per multiply-add, GEMM-like ops only). */
double inq_plan_get_flops (InqPlan *plan);
/* @count elements of f32 (u32 for ids) in [n,h,w,c] order; must match exactly. */
gboolean inq_plan_write (InqPlan *plan, const char *input, const void *data, gsize count, GError **error);
/* Submits and waits. @cancelled as in inq_gpu_wait(). */
gboolean inq_plan_run (InqPlan *plan, gboolean (*cancelled) (gpointer), gpointer data, GError **error);
gboolean inq_plan_read (InqPlan *plan, const char *output, float *data, gsize count, GError **error);
/* dims [n,h,w,c] of an input or output; NULL when there is none of that name */
const gint64 *inq_plan_get_dims (InqPlan *plan, const char *name);
/* Of the last run when timed: (transfer full) GArray of InqGpuTiming, labels "op:shape". */
GArray *inq_plan_get_timings (InqPlan *plan, GError **error);

/* NCHW <-> NHWC on the host. */
void inq_nchw_to_nhwc (const float *in, float *out, gint64 n, gint64 c, gint64 h, gint64 w);
void inq_nhwc_to_nchw (const float *in, float *out, gint64 n, gint64 c, gint64 h, gint64 w);

G_END_DECLS

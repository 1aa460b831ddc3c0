/* Inquadra - the matrix product's kernels: variants, tiles, and what is known of their speed on a device.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as the graph; an InqGemmSpeeds is read only once it is made. */
#pragma once

#include <inq-gpu.h>

G_BEGIN_DECLS

/* Products of the same x and shape that one dispatch makes: siblings. */
#define INQ_GEMM_MAX_SIBLINGS 3

/* Push constants of every kernel of the matrix product; matches gemm.glsl. */
typedef struct {
  guint32 rows;    /* n * oh * ow */
  guint32 columns; /* out channels */
  guint32 pitch;   /* out channels padded, elements of a row of W */
  guint32 c;       /* in channels */
  guint32 ih, iw;
  guint32 oh, ow;
  guint32 kh, kw;
  guint32 stride, pad;
  guint32 upsample; /* 0 or 1 */
  guint32 flags;    /* INQ_GEMM_BIAS, INQ_GEMM_CHANNEL_BIAS; INQ_GEMM_SIBLINGS times those beside the first */
  guint32 part;     /* in channels of one work group z, or the number of parts to merge */
  /* where each sibling's begin in its buffer, in 16 bytes */
  guint32 w_at[INQ_GEMM_MAX_SIBLINGS], y_at[INQ_GEMM_MAX_SIBLINGS], bias_at[INQ_GEMM_MAX_SIBLINGS];
} InqGemmPush;

enum {
  INQ_GEMM_BIAS = 1,
  INQ_GEMM_CHANNEL_BIAS = 2,
  INQ_GEMM_SIBLINGS = 256,
};
#define INQ_GEMM_BINDINGS 6

/* Whose matrices a kernel multiplies, and who fetches them. */
typedef enum {
  INQ_GEMM_SUBGROUP, /* a subgroup's, the kernel through shared memory (gemm-matrix.comp) */
  INQ_GEMM_GROUP,    /* a whole group's, the kernel through shared memory (gemm-group.comp) */
  INQ_GEMM_TENSOR,   /* a whole group's, the driver, by the layout of the tensors (gemm-group.comp) */
} InqGemmKind;

/**
 * InqGemmTile: a shape that gemm-matrix.comp or gemm-group.comp can take.
 * @m, @n, @k: of the group; @warp_m, @warp_n: of a subgroup (whole groups: how many subgroups there are); @stages: of
 * shared memory
 * @speed: rate of a full device, relative to the others, where it was not measured
 * @early: of two stages: bytes are put away, and the next ones loaded, during a step's multiplication, not after it
 */
typedef struct {
  guint m, n, k, warp_m, warp_n, stages;
  double speed;
  InqGemmKind kind;
  gboolean early;
} InqGemmTile;
extern const InqGemmTile inq_gemm_tiles[];
extern const guint inq_gemm_n_tiles;
/* Whether the device can run @tile. */
gboolean inq_gemm_tile_fits (const InqGemmTile *tile, const InqGpuFacts *facts);

/* Sizes of the shared kernel's tile. */
#define INQ_GEMM_SHARED_SMALL 64
#define INQ_GEMM_SHARED_LARGE 128
#define INQ_GEMM_SHARED_DEPTH 16

/**
 * InqGemmVariant: what a kernel of the matrix product is compiled for.
 * @tile: of inq_gemm_tiles, or minus the rows and columns of the shared kernel's tile; 0 has no meaning here of its own
 * @weights: InqWeightKind of W
 * @plain: one tap, stride 1, no padding, no upsampling
 * @split: one of several parts of the sum
 * @gated: GEGLU of the product, which has twice the columns of the result (INQ_GEMM_SUBGROUP, whole)
 * @halves: a bit for each binding that is kept as halves
 */
typedef struct {
  gint64 tile;
  gboolean plain, residual, split, gated;
  guint32 weights, act, halves;
  guint32 c, columns;
} InqGemmVariant;

/* The kernel of @v, which is no register kernel. Sets the rows and columns of a group's tile. */
void inq_gemm_describe (const InqGemmVariant *v, const InqGpuFacts *facts, InqGpuPipelineDesc *desc, guint *m,
                        guint *n);
/* Groups that @push takes with tiles of @m x @n, those of inq_gemm_describe() for @v. */
gint64 inq_gemm_groups (const InqGemmVariant *v, const InqGemmPush *push, guint m, guint n);
/* The kernel that adds the parts of a split sum, @local invocations a group. */
void inq_gemm_describe_merge (const InqGemmVariant *v, guint local, InqGpuPipelineDesc *desc);
/* Says which kernels these are: changes when they do. (transfer full) */
char *inq_gemm_dup_kernels_id (void);

/* ---- speeds ---- */

/* Groups of a measured dispatch, and the terms each sums over. */
#define INQ_GEMM_N_KNOTS  13
#define INQ_GEMM_N_DEPTHS 2
extern const guint inq_gemm_knots[INQ_GEMM_N_KNOTS];
/* [plain or convolution][short or long], in terms of the sum */
extern const guint inq_gemm_depths[2][INQ_GEMM_N_DEPTHS];

/**
 * InqGemmCurve: nanoseconds that dispatches of one kernel took.
 * @n: knots measured, from the first; 0: the kernel was not measured and is not to be chosen
 */
typedef struct {
  guint n;
  guint64 ns[INQ_GEMM_N_DEPTHS][INQ_GEMM_N_KNOTS];
} InqGemmCurve;

/* Room for every tile and the two of the shared kernel. */
#define INQ_GEMM_MAX_CURVES 64

/* Lengths of heads, each with many keys, some and few. */
#define INQ_ATTENTION_CLASSES 15

typedef struct {
  InqGemmCurve curves[2][INQ_GEMM_MAX_CURVES]; /* [plain or convolution][inq_gemm_curve_index()] */
  guint64 merge_ns;                            /* of adding few parts */
  guint64 merge_mib_ns;                        /* more for each MiB of them */
  guint64 attention[INQ_ATTENTION_CLASSES];    /* tiles of attention (attention.h) */
} InqGemmSpeeds;

guint inq_gemm_curve_index (gint64 tile);
/* The least of both; where one goes further, what it has. */
void inq_gemm_curve_add (InqGemmCurve *curve, const InqGemmCurve *more);
/* How long a dispatch of @groups groups that each sum over @terms would take, about; G_MAXDOUBLE where not measured. */
double inq_gemm_speeds_estimate (const InqGemmSpeeds *s, gint64 tile, gboolean plain, gint64 groups, double terms);
double inq_gemm_speeds_estimate_merge (const InqGemmSpeeds *s, double bytes);
/* As text, with @key (one line) that says what it was measured with. (transfer full) */
char *inq_gemm_speeds_format (const InqGemmSpeeds *s, const char *key);
/* FALSE when @text is damaged or of another @key; @key NULL accepts any. */
gboolean inq_gemm_speeds_parse (const char *text, const char *key, InqGemmSpeeds *s);

/* ---- tuning ---- */

/**
 * InqGemmMeasure: what is measured.
 * @shared_only: only the shared kernels, also where there are matrices
 * @small_only: only the smallest of them, for linear layers
 * @max_groups: no dispatch of more
 */
typedef struct {
  gboolean shared_only, small_only;
  guint max_groups;
  guint max_rounds; /* 0 for as many as bring something */
} InqGemmMeasure;

/* Times the tiles on this device. @how may be NULL. FALSE when the device cannot: no timestamps, no memory. */
gboolean inq_gemm_measure (InqGpu *gpu, const InqGemmMeasure *how, InqGemmSpeeds *s, GError **error);
/* Whether the kernel of @tile makes on this device what the shared kernel does, in halves; FALSE also when it cannot be
 * made. */
gboolean inq_gemm_verify (InqGpu *gpu, gint64 tile, gboolean plain, GError **error);
/* Whether results in halves agree within their rounding. */
gboolean inq_gemm_alike (const guint16 *got, const guint16 *want, gsize count);
/* What the speeds of @gpu are known by. (transfer full) */
char *inq_gemm_dup_key (InqGpu *gpu);
/* The speeds that plans for @gpu choose tiles by; NULL for the estimates. (transfer none) */
const InqGemmSpeeds *inq_gemm_get_speeds (InqGpu *gpu);
void inq_gemm_set_speeds (InqGpu *gpu, const InqGemmSpeeds *s);

G_END_DECLS

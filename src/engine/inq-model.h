/* Inquadra - inside of an engine and its model: plans, cached contexts, and one call per stage.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Host tensors are f32, channels last, packed. Latents here are what the UNet works on (scaled); inq_model_decode() and
 * inq_model_encode() do the scaling.
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-engine.h"
#include "inq-family.h"
#include "inq-networks.h"
#include "inq-tokenizer.h"
#include "loras.h"
#include "model-files.h"
#include "tuning.h"

G_BEGIN_DECLS

/* What is loaded and dropped as one: the weights of a network and the plans that read them. */
typedef enum {
  INQ_PART_TOWER, /* the first text tower; the others follow */
  INQ_PART_UNET = INQ_PART_TOWER + INQ_MAX_TOWERS,
  INQ_PART_GUIDE,
  INQ_PART_DECODER,
  INQ_PART_ENCODER,
  INQ_PART_TINY,
  INQ_N_PARTS,
} InqPart;

/* How a part runs; zeroed: all weights on the device, the picture whole. */
typedef struct {
  gsize slot;     /* > 0: weights are streamed through slots of this size; of tiles: they go after each use */
  gsize resident; /* of streamed weights, the bytes that stay */
  gsize tile;     /* > 0: in tiles of about so many bytes */
  gboolean anew;  /* what follows from the text is computed at every step, see inq_graph_set_anew() */
} InqPartMode;

struct _InqEngine {
  InqGpu *gpu;
  InqGpuOptions options;   /* strings owned: to open the device again after it was lost */
  InqModel *model;         /* the most recent one */
  InqPrecision precision;  /* of plans made from now on; stages that need more take f32 */
  gboolean tuned;          /* the device has been asked for its tiles, and has them */
  InqTuning tuning;        /* what came of it */
  gboolean timed;          /* plans made from now on keep timestamps (bench) */
  gboolean loras_in_place; /* for tests: as if the device were too small to keep changed weights in f32 */
};

/* What a prompt became. */
typedef struct {
  char *text;
  int tokens;     /* a row of the model's, or several (a prompt in chunks) */
  float *context; /* [tokens, context_width] */
  float *pooled;  /* (nullable) [pooled width] of the last tower */
  char *notice;   /* (nullable) what was left out or replaced */
} InqPromptContext;

typedef struct {
  char *key; /* "unet 64x36x2" */
  InqPart part;
  InqPlan *plan;
} InqCachedPlan;

/* 3 x 3 latents and a constant to sub x sub pixels of r, g, b: see preview.c */
typedef struct {
  gboolean tried;
  int channels;
  int sub;
  int features;  /* 9 * channels + 1 */
  int outputs;   /* 3 * sub * sub */
  float *matrix; /* (nullable) [features][outputs] */
} InqPreviewProjection;

struct _InqModel {
  InqEngine *engine;
  char *path;    /* as given, absolute: the cache key */
  char **beside; /* (nullable) as given: part of the key */
  char *file;    /* the main file, or the folder of a diffusers model */
  char *folder;  /* where files lie beside the model */
  char *print;   /* (nullable) inq_model_files_print() when it was opened */
  char *hash;    /* (nullable) see inq_model_get_hash() */
  InqWeights *weights;
  InqModelSpec *spec;
  InqModelInfo *info;
  InqTokenizer *tokenizer;              /* (nullable) opened at first use */
  InqDeviceWeights *parts[INQ_N_PARTS]; /* (nullable) weights on the device */
  guint64 budget;                       /* bytes of the device that plans were made for; see memory-plan.h */
  guint64 budget_cap;                   /* less than the device said it has, where it failed to give it; 0 for none */
  gboolean wide;                        /* halves overflowed once: everything in f32 since */
  InqLoraStack *loras;                  /* (nullable) what it draws with; see inq_model_set_loras() */
  GPtrArray *plans;                     /* of InqCachedPlan, most recently used first */
  GPtrArray *contexts;                  /* of InqPromptContext, most recently used first */
  guint notes_told;                     /* of spec->notes */
  gboolean content_checked;
  gboolean tiny_looked_for;
  InqWeights *tiny; /* (nullable) a tiny decoder beside the model, see inq_model_find_tiny() */
  InqPreviewProjection projection;
};

/* ---- lifetime ---- */
InqModel *inq_model_open (InqEngine *engine, const char *path, const char *const *beside, GError **error);
/* Of inq_shape_new(). */
InqModel *inq_model_open_shape (InqEngine *engine, const char *name, InqDtype dtype, GError **error);
void inq_model_free (InqModel *model);
/* Drops everything on the device; host caches stay. What is needed next is uploaded again. */
void inq_model_drop_device (InqModel *model);
/* Frees cached plans (not weights). */
void inq_model_drop_plans (InqModel *model);
/* The same of one part alone; its weights too. */
void inq_model_drop_part_plans (InqModel *model, InqPart part);
void inq_model_drop_part (InqModel *model, InqPart part);
/* How it keeps activations: the autoencoder of SDXL overflows halves (they reach 10^5). In one piece it is scaled
 * (InqEpilogue.scaled); in @tiles, which meet in the host's memory, it is f32. */
InqPrecision inq_model_get_precision (InqModel *model, InqPart part, gboolean tiles);
/* The weights of a part: made at first need, and again after the device was lost; what is uploaded comes with plans.
 * (transfer none) */
InqDeviceWeights *inq_model_get_part (InqModel *model, InqPart part);
/* After INQ_GPU_ERROR_DEVICE_LOST: a new device for the engine and its model. */
gboolean inq_engine_reopen (InqEngine *engine, GError **error);

InqModelInfo *inq_model_info_new (const char *path, const InqModelFiles *files, const InqModelSpec *spec);
/* Sets the hashes that are known from before, and keeps those computed now: see inq_model_get_hash(). @progress
 * (nullable) is told of the bytes of large files as they are read. */
gboolean inq_hash_files (InqWeights *weights, GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                         GError **error);

/* ---- stages; @cancellable is nullable everywhere ---- */

/* Every state of one tower for @n rows of ids [n, positions]. NULL outputs are skipped. last, penultimate, normed
 * [n, positions, width]. */
typedef struct {
  float *last;
  float *penultimate;
  float *penultimate_normed;
} InqTextStates;
gboolean inq_model_run_text (InqModel *model, guint tower, const gint32 *ids, gint64 n, const InqTextStates *out,
                             GCancellable *cancellable, GError **error);
/* The pooled state of one row: @last [positions, width] at the first end marker, through text_projection where the
 * tower has one; of families with mean_pooled the mean of all positions. (transfer full) *@width values. */
float *inq_model_pool (InqModel *model, guint tower, const float *last, const gint32 *ids, int *width);
/* Tokens of @text for @tower. (transfer full) [positions] */
gint32 *inq_model_tokenize (InqModel *model, guint tower, const char *text, InqTokenizeReport *report, GError **error);
/* Cached; (transfer none), valid until 16 other prompts were asked for. */
const InqPromptContext *inq_model_get_context (InqModel *model, const char *text, GCancellable *cancellable,
                                               GError **error);
/* Opened at first use; (transfer none). */
InqTokenizer *inq_model_get_tokenizer (InqModel *model, GError **error);
/* Tokens of a prompt in one row. */
int inq_model_get_tokens (InqModel *model);
/* height, width, crop top, crop left, target height, target width */
#define INQ_SIZE_IDS 6
/* The vector conditioning [adm_width]: @pooled (nullable) and what the network is told of sizes; NULL where it takes
 * none. (transfer full) */
float *inq_model_make_vector (InqModel *model, const float *pooled, const double ids[INQ_SIZE_IDS]);

/* x [n, h, w, spec->unet_in_channels], out [n, h, w, c]; @guidance: the scale, for networks distilled with it, 0 for
 * the model's own; @perturb: what is left out for the first half of the rows; context [n, tokens, context_width]; y [n,
 * adm_width] (nullable where the network has none) */
gboolean inq_model_run_unet (InqModel *model, gint64 n, gint64 h, gint64 w, const float *x, double timestep,
                             const float *context, gint64 tokens, const float *y, double guidance, InqPerturb perturb,
                             float *out, GCancellable *cancellable, GError **error);
/* Whether guidance leads away from what another network predicts, see InqModelSpec.guide_width; a perturbed one of its
 * own takes its place. */
gboolean inq_model_has_guide (InqModel *model, InqPerturb perturb);
/* The same of that network. */
gboolean inq_model_run_guide (InqModel *model, gint64 n, gint64 h, gint64 w, const float *x, double timestep,
                              const float *context, gint64 tokens, const float *y, float *out,
                              GCancellable *cancellable, GError **error);
/* z [h, w, c] unscaled -> image [h * down, w * down, vae_channels] in -1..1 */
gboolean inq_model_run_decoder (InqModel *model, gint64 h, gint64 w, const float *z, float *image,
                                GCancellable *cancellable, GError **error);
/* image [h, w, vae_channels] -> moments [h / down, w / down, c or 2c] */
gboolean inq_model_run_encoder (InqModel *model, gint64 h, gint64 w, const float *image, float *moments,
                                GCancellable *cancellable, GError **error);
/* The tiny decoder beside the model: latents [h, w, c] -> image [8h, 8w, 3] in 0..1. */
gboolean inq_model_has_tiny (InqModel *model);
gboolean inq_model_run_tiny_decoder (InqModel *model, gint64 h, gint64 w, const float *latents, float *image,
                                     GCancellable *cancellable, GError **error);

/* Latents to picture and back, scaling included. */
InqPicture *inq_model_decode (InqModel *model, gint64 h, gint64 w, const float *latents, GCancellable *cancellable,
                              GError **error);
/* @picture's sides must be multiples of the model's. Where @mask (nullable, of the same size) is white it is mid-grey.
 * (transfer full) latents [h, w, c] */
float *inq_model_encode (InqModel *model, const InqPicture *picture, const InqPicture *mask, GCancellable *cancellable,
                         GError **error);

/* The network of a part as it would run: @n rows of [h, w] latents (pictures for the encoder), @tokens of context.
 * (transfer full); has an error when it cannot be built. */
InqGraph *inq_model_build_part (InqModel *model, InqPart part, gint64 n, gint64 h, gint64 w, gint64 tokens,
                                InqPerturb perturb);
/* The decoder or encoder in one piece, in the precision of its tiles: their weights are its own. (transfer full) */
InqGraph *inq_model_build_tiled (InqModel *model, InqPart part, gint64 h, gint64 w);

/* The most recently used plan whose key starts with @prefix (for bench). */
InqPlan *inq_model_peek_plan (InqModel *model, const char *prefix);

/* Before drawing, once: whether the files hold what their tables say, or zeros as a download leaves them that did not
 * finish. INQ_LOADER_ERROR_CORRUPT; what is doubtful is added to spec->notes. Reads little. */
gboolean inq_model_check_content (InqModel *model, GError **error);
/* After a stage gave numbers that are not finite: adds to @error which tensor of the LoRAs or the model holds such
 * numbers, if any does. Reads all of them. */
void inq_model_blame (InqModel *model, GError **error);
/* Index of the first value that is NaN or infinite, or -1. */
gssize inq_find_not_finite (const float *values, gsize n);

/* ---- sampling: shared by generate and verify ---- */

typedef struct _InqSampling InqSampling;

/* Which noise a picture gets: each draw of @seed, the first and those on the way, turned towards the same draw of
 * @variation_seed by @variation_strength (0: not at all, 1: wholly), see inq_noise_turn(). */
typedef struct {
  guint64 seed, variation_seed;
  double variation_strength;
} InqNoiseOf;

/**
 * InqSampling:
 * @n, @h, @w: pictures and latents
 * @params: sampler; its prediction and shift are the caller's to set
 * @cfg: 1 for none. A network that was distilled with a guidance scale is told it: such need no @uncond
 * @guidance_rescale: see inq_guide()
 * @guidance_start, @guidance_end: shares of a full run between which there is guidance, see InqGenerateParams; 0 for
 * @guidance_end is to the end
 * @perturb: what the network leaves out where it predicts for @uncond
 * @cond, @uncond: [tokens, context_width]; @uncond may be NULL when @cfg is 1
 * @tokens: of both; 0 for one row of the model's
 * @cond_y, @uncond_y: (nullable) [adm_width]
 * @noise: (nullable) [n] for samplers that add noise on the way, see inq-sampler.h; seed 0 each without
 * @x: in unit noise, out latents [n, h, w, c]
 * @x0: (nullable) latents to start from [h, w, c]
 * @kept: (nullable) latents that @mask keeps [h, w, c]; @x0 without
 * @mask: (nullable) [h, w], 1 = repaint
 * @masked: for networks that inpaint: latents of the picture without what is repainted [h, w, c]; they see it and @mask
 * (NULL: all is repainted), and nothing is kept by force
 * @step: (nullable) told after each step; @predicted is the x0 seen at this step, [n, h, w, c], when @want_predicted
 * said so before
 */
struct _InqSampling {
  gint64 n, h, w;
  InqSamplerParams params;
  double cfg;
  double guidance_rescale;
  double guidance_start, guidance_end;
  InqPerturb perturb;
  const float *cond, *uncond;
  gint64 tokens;
  const float *cond_y, *uncond_y;
  const InqNoiseOf *noise;
  float *x;
  const float *x0;
  const float *kept;
  const float *mask;
  const float *masked;
  gboolean (*want_predicted) (guint step, guint n_steps, gpointer data);
  void (*step) (guint step, guint n_steps, const float *predicted, gpointer data);
  gpointer data;
};
gboolean inq_model_sample (InqModel *model, InqSampling *sampling, GCancellable *cancellable, GError **error);

/* ---- previews ---- */

/* A small picture of @latents [h, w, c]; NULL when the model has no cheap way to one, with @error (once) where what it
 * would be made with is damaged. @rich: the tiny decoder may be used. */
InqPicture *inq_model_preview (InqModel *model, gint64 h, gint64 w, const float *latents, gboolean rich,
                               GCancellable *cancellable, GError **error);

G_END_DECLS

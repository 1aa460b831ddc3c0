/* Inquadra - one call of inq_engine_generate() while it runs.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-model.h"
#include "memory-plan.h"
#include "start.h"

G_BEGIN_DECLS

typedef struct {
  InqEngine *engine;
  InqModel *model;
  const InqGenerateCallbacks *callbacks;
  GCancellable *cancellable;
  const char *prompt, *negative;
  const InqGenerateParams *params;
  gboolean rolls;       /* whether prompt or negative differ from seed to seed */
  char *words;          /* the prompt, choices made, without the LoRAs it names */
  char *against;        /* the negative likewise */
  GArray *tags;         /* the LoRAs named: InqPromptLora */
  GArray *loras;        /* InqLoraUse: those, then the caller's */
  float *cond, *uncond; /* (uncond nullable) [tokens, context_width] */
  gint64 tokens;
  const InqPromptContext *cond_text, *uncond_text; /* (uncond nullable) */
  guint64 seed;
  int count, steps;
  double cfg, strength, guidance_end;
  InqPerturb perturb;
  gboolean guided; /* two rows of the network for each picture */
  const char *sampler;
  double eta;       /* below 0: it has none */
  InqCanvas base;   /* what pictures are made at */
  InqCanvas large;  /* width 0 for no hires pass */
  InqCanvas *final; /* of the two */
  int hires_steps;
  double hires_strength;
  char *init_hash, *mask_hash;
  guint base_calls, large_calls; /* of the network for one picture */
  int done;                      /* pictures handed over */
  int batch;                     /* pictures at once; 1 with a hires pass, whose size fills a device by itself */
  int first;                     /* of the batch being sampled */
  int in_batch;                  /* how many those are */
  gboolean told_hashing;
  gboolean enlarging;    /* whether it is the hires pass */
  int rich_every;        /* steps between previews with the tiny decoder, 0 for never */
  InqMemoryPlan *memory; /* (nullable) */
  int tries;             /* plans that did not hold */
} InqRun;

void inq_run_clear (InqRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (InqRun, inq_run_clear)

/* Told to the caller's callbacks, where there are any. */
void inq_run_notice (InqRun *run, const char *format, ...) G_GNUC_PRINTF (2, 3);
void inq_run_progress (InqRun *run, InqStage stage, int index, int step, int n_steps, const InqPicture *preview);

/* ---- generate-params.c: what was asked for ---- */

/* Checks, defaults and rounding; reads the prompts of the first picture. Nothing is uploaded. */
gboolean inq_run_begin (InqRun *run, const InqGenerateParams *params, GError **error);
/* Start picture and mask at the sizes of the run. */
void inq_run_take_start (InqRun *run, const InqGenerateParams *params);
/* What prompt and negative say for @seed. */
gboolean inq_run_read_prompts (InqRun *run, guint64 seed, GError **error);
/* @large: of the hires pass. */
void inq_run_fill_sampler (InqRun *run, gboolean large, InqSamplerParams *params);
/* Of picture @index: a variation keeps its seed and takes another variation's. */
guint64 inq_run_seed (InqRun *run, int index);
guint64 inq_run_variation_seed (InqRun *run, int index);

/* ---- generate-memory.c ---- */

/* What is left to be made, for planning. */
InqMemoryAsk inq_run_memory_ask (InqRun *run);
/* How the rest will use the device: said before it does. */
gboolean inq_run_plan_memory (InqRun *run, GError **error);
/* After an allocation failed: a plan for less. FALSE when there is none. */
gboolean inq_run_plan_less (InqRun *run);

G_END_DECLS

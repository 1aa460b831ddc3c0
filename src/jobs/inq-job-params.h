/* Inquadra - what a job row says is to be made, as JSON
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: plain values; functions may be called from any thread.
 */
#pragma once

#include <inq-engine.h>

G_BEGIN_DECLS

/* A LoRA and how strongly it acts; see InqLoraUse. */
typedef struct {
  char *path; /* a file, or the name of one in the user's folder */
  double weight;
} InqJobLora;

/* A row's params. Strings owned; zeroed numbers mean the model's default. */
typedef struct {
  char *ticket; /* random name of the request, so that the window finds its job before the row has an id */
  char *model;  /* path, "" for the house model */
  char *prompt;
  char *negative;
  char *sampler; /* "" for the model's default */
  guint64 seed;  /* of the first picture */
  int count;
  int steps;
  double cfg;
  double guidance_rescale;
  double guidance_start, guidance_end; /* as in InqGenerateParams */
  char *perturb;                       /* "" for the model's own */
  int width;
  int height;
  char *schedule;            /* "" for the sampler's own */
  guint64 variation_seed;    /* other noise to turn to, see InqGenerateParams */
  double variation_strength; /* 0..1, 0: none */
  double eta;                /* as in InqGenerateParams; below 0: the sampler's own */
  double hires_scale;        /* 0 or 1: none */
  double hires_strength;
  int hires_steps;
  char *hires_upscale; /* "" for the engine's own */
  gboolean init, mask; /* the row has a picture to start from, one that says where it may change */
  double strength;     /* how far to leave @init, 0..1 */
  int mask_feather;    /* pixels */
  GArray *loras;       /* of InqJobLora, never NULL */
} InqJobParams;

InqJobParams *inq_job_params_new (void);
InqJobParams *inq_job_params_copy (const InqJobParams *params);
void inq_job_params_add_lora (InqJobParams *params, const char *path, double weight);
void inq_job_params_free (InqJobParams *params);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqJobParams, inq_job_params_free)

/* (transfer full) a JSON object. The seed is a string in it: JSON numbers lose bits over 2^53. */
char *inq_job_params_to_json (const InqJobParams *params);
/* Reads a row written by this or an older version; unknown members are ignored, numbers clamped to what the engine
 * takes. */
InqJobParams *inq_job_params_from_json (const char *json, GError **error);
/* Puts what a variation's recipe says into @params: words, seed, size, sampler and so on, but neither model, LoRAs (it
 * names no files) nor pictures. FALSE, @params untouched: @recipe says nothing of the kind (a picture that was drawn or
 * added by hand). */
gboolean inq_job_params_take_recipe (InqJobParams *params, const char *recipe);

G_END_DECLS

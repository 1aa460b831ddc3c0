/* Inquadra - inside of verify: the reference set and what was computed for it so far.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-model.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A result in the reference's own layout (NCHW). */
typedef struct {
  char *name;
  guint n_dims;
  gint64 dims[4];
  float *data;
} InqComputed;

typedef struct {
  InqModel *model;
  InqWeights *expect;    /* the file asked for */
  InqWeights *base;      /* (nullable) the file whose inputs it shares */
  JsonObject *json;      /* of the file asked for */
  JsonObject *base_json; /* (nullable) */
  char *folder;
  int n_texts; /* prompts, then the negative */
  gint32 *ids[INQ_MAX_TOWERS];
  InqTextStates states[INQ_MAX_TOWERS];
  GHashTable *samples; /* name -> float *latents [sample_n, sample_h, sample_w, c] */
  gint64 sample_n, sample_h, sample_w;
} InqVerify;

/* Computes the result @name; FALSE with @error saying why not. */
gboolean inq_verify_compute (InqVerify *verify, const char *name, InqComputed *out, GError **error);
/* Whether @name is something results are computed from. */
gboolean inq_verify_is_input (const char *name);
/* Largest |difference| that passes, over the reference's standard deviation. @halves: activations are kept so */
double inq_verify_get_tolerance (const char *name, gboolean halves);

/* ---- inputs and stages, verify-compute.c ---- */

/* A member that is an object (nullable), or that is a number. @parent: (nullable) */
JsonObject *inq_verify_child (JsonObject *parent, const char *name);
double inq_verify_number (JsonObject *object, const char *name, double fallback);
/* A 4-D input with @channels as NHWC; its dims n, c, h, w to @d. */
float *inq_verify_read (InqVerify *verify, const char *name, gint64 channels, gint64 d[4], GError **error);
void inq_verify_give (InqComputed *out, const float *nhwc, gint64 n, gint64 c, gint64 h, gint64 w);
/* What latents are scaled by: what the description says, else the model. */
double inq_verify_get_scale (InqVerify *verify);
/* Scaled latents [@n, @h, @w, c] to pictures as the reference has them in @name. */
gboolean inq_verify_decode (InqVerify *verify, const char *name, const float *latents, gint64 n, gint64 h, gint64 w,
                            InqComputed *out, GError **error);
/* Of vae.image. @part: 0 mean, 1 log variance */
gboolean inq_verify_encode (InqVerify *verify, int part, InqComputed *out, GError **error);

/* ---- runs, verify-sample.c ---- */

/* @what: "NAME" or "NAME.image", NAME a member of the description's samplers */
gboolean inq_verify_sample (InqVerify *verify, const char *what, InqComputed *out, GError **error);
/* @what: "x0", "img2img" or "inpaint" */
gboolean inq_verify_i2i (InqVerify *verify, const char *what, InqComputed *out, GError **error);

/* ---- inputs and texts, verify-text.c ---- */

/* A tensor or a member of the description, from the file asked for or from the one it shares inputs with. (nullable) */
const InqWeight *inq_verify_lookup (InqVerify *verify, const char *name);
JsonNode *inq_verify_json (InqVerify *verify, const char *name);
/* Sets INQ_ENGINE_ERROR_UNSUPPORTED and returns FALSE. */
gboolean inq_verify_unsupported (GError **error, const char *reason);
/* Runs a tower over every text, once. */
gboolean inq_verify_ensure_text (InqVerify *verify, guint tower, GError **error);
/* @what: "last", "penultimate", "penultimate_normed" or "pooled" */
gboolean inq_verify_compute_text (InqVerify *verify, guint tower, const char *what, InqComputed *out, GError **error);
/* What conditions the network, for every text: the towers' states side by side. */
gboolean inq_verify_compute_context (InqVerify *verify, InqComputed *out, GError **error);
/* The reference's own context where it has one (each stage is judged alone), else ours: [@rows, tokens, width]. */
float *inq_verify_get_context (InqVerify *verify, int *rows, GError **error);
/* Vector conditioning of every text [rows, adm_width]; NULL without error where the network takes none. */
float *inq_verify_get_vectors (InqVerify *verify, int rows, gint64 height, gint64 width, GError **error);

G_END_DECLS

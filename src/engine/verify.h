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
  GHashTable *samples; /* name -> float *latents [h, w, c] */
  gint64 sample_h, sample_w;
} InqVerify;

/* Computes the result @name; FALSE with @error saying why not. */
gboolean inq_verify_compute (InqVerify *verify, const char *name, InqComputed *out, GError **error);
/* Whether @name is something results are computed from. */
gboolean inq_verify_is_input (const char *name);
/* Largest |difference| that passes, over the reference's standard deviation. */
double inq_verify_get_tolerance (const char *name);

G_END_DECLS

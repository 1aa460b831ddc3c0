/* Inquadra - what a job row says is to be made, as JSON
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: plain values; functions may be called from any thread.
 */
#pragma once

#include <inq-engine.h>

G_BEGIN_DECLS

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
  int width;
  int height;
} InqJobParams;

InqJobParams *inq_job_params_new (void);
InqJobParams *inq_job_params_copy (const InqJobParams *params);
void inq_job_params_free (InqJobParams *params);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqJobParams, inq_job_params_free)

/* (transfer full) a JSON object. The seed is a string in it: JSON numbers lose bits over 2^53. */
char *inq_job_params_to_json (const InqJobParams *params);
/* Reads a row written by this or an older version; unknown members are ignored, numbers clamped to what the engine
 * takes. */
InqJobParams *inq_job_params_from_json (const char *json, GError **error);

G_END_DECLS

/* Inquadra - tests: LoRA files made of noise.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <inq-lora.h>
#include <inq-model.h>
#include <model-fixture.h>

G_BEGIN_DECLS

typedef struct {
  GArray *out; /* InqWeightOut */
  GPtrArray *owned;
  guint64 seed;
} Maker;

/* Each tensor of noise takes the next seed from @seed on. */
Maker maker_new (guint64 seed);
void maker_clear (Maker *m);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Maker, maker_clear)

/* @data (transfer full), returned for comparing. */
const float *maker_add_data (Maker *m, const char *name, guint n_dims, const gint64 *dims, float *data);
/* A tensor of noise; trailing zeros of dims end them. */
const float *maker_add (Maker *m, const char *name, gint64 a, gint64 b, gint64 c, gint64 d);
void maker_add_alpha (Maker *m, const char *name, float value);
/* lora_down [rank, in] and lora_up [out, rank] */
void maker_pair (Maker *m, const char *path, gint64 out, gint64 in, gint64 rank);
/* (transfer full) the path */
char *maker_save (Maker *m, const char *folder, const char *name);
/* A file that must be one. (transfer full) */
InqLora *maker_open (const char *path);

G_END_DECLS

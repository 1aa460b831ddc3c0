/* Inquadra - a model in words: what it is, and whether it fits a device.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "inq-model-infos.h"

G_BEGIN_DECLS

/* "Stable Diffusion XL · few steps · f16 · 6.9 GB · 1024 × 1024", or why it cannot be read. (transfer full) */
char *inq_model_facts (const InqModelFound *found);
/* A checkpoint with nothing missing. */
gboolean inq_model_can_draw (const InqModelFound *found);
/* Whether @path fits the device of @engine, "" where that cannot be told. Blocks; on the engine's thread.
 * (transfer full) */
char *inq_model_fits (InqEngine *engine, const char *path);

G_END_DECLS

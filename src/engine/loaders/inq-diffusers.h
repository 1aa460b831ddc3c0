/* Inquadra - diffusers folders: a model as a folder of parts, each with a config.json.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure functions.
 */
#pragma once

#include <inq-weights.h>

G_BEGIN_DECLS

/* Whether @folder is one: it holds model_index.json, or unet/config.json. */
gboolean inq_is_diffusers (const char *folder);

/* Opens the parts of @folder as one table with single-file names. Of a part's files the f16 ones are taken where there
 * are several; what their configurations say becomes metadata ("inquadra.*", see inq-family.c). A part that is not
 * there is left out; a shard that its index names must be there. @drop: as in inq_keys_join(). */
InqWeights *inq_diffusers_open (const char *folder, const char *const *drop, GError **error);

/* The weights files of one part, f16 before others: (transfer full) array of InqWeights; empty when the folder holds
 * none. */
GPtrArray *inq_diffusers_open_part (const char *folder, const char *part, GError **error);

G_END_DECLS

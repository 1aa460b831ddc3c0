/* Inquadra - names of tensors: what a file's parts are called, and their single-file (LDM) names.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checkpoints come in several spellings. The engine knows the single-file one; the others are renamed when a model's
 * files are put together, by tables. Numbers of blocks are counted from the names that are there.
 *
 * Thread-safety: pure functions.
 */
#pragma once

#include <inq-weights.h>

G_BEGIN_DECLS

/**
 * InqKeyStyle: how the tensors of a file are named
 * @INQ_KEYS_UNKNOWN: none of these
 * @INQ_KEYS_LDM: "model.diffusion_model.", "first_stage_model.", "cond_stage_model.": nothing to rename
 * @INQ_KEYS_UNET: a network alone, "input_blocks."
 * @INQ_KEYS_UNET_DIFFUSERS: "down_blocks.0.resnets."
 * @INQ_KEYS_VAE: an autoencoder alone, "decoder.mid.block_1."
 * @INQ_KEYS_VAE_DIFFUSERS: "decoder.mid_block."
 * @INQ_KEYS_TOWER_HF: "text_model.encoder.layers."
 * @INQ_KEYS_TOWER_OPENCLIP: "transformer.resblocks."
 * @INQ_KEYS_TINY: a tiny autoencoder: "1.weight", "3.conv.0.weight"
 */
typedef enum {
  INQ_KEYS_UNKNOWN,
  INQ_KEYS_LDM,
  INQ_KEYS_UNET,
  INQ_KEYS_UNET_DIFFUSERS,
  INQ_KEYS_VAE,
  INQ_KEYS_VAE_DIFFUSERS,
  INQ_KEYS_TOWER_HF,
  INQ_KEYS_TOWER_OPENCLIP,
  INQ_KEYS_TINY,
} InqKeyStyle;

#define INQ_UNET_PREFIX "model.diffusion_model."
/* A second, weaker network of the same inputs and outputs: see InqModelSpec.guide_width. */
#define INQ_GUIDE_PREFIX "guide.diffusion_model."
#define INQ_VAE_PREFIX   "first_stage_model."
/* Where a separate tower of the transformers library's layout is put; index 0 or 1. */
extern const char *const inq_tower_prefixes[2];

InqKeyStyle inq_keys_recognise (InqWeights *weights);
/* Joins the files of one part (the shards of a network; array of InqWeights), renamed from @style. @tower: 0 or 1,
 * which of the model's towers it is. @drop: (nullable) NULL-terminated: tensors whose names would begin so are left
 * out. */
gboolean inq_keys_join (InqWeights *joined, GPtrArray *files, InqKeyStyle style, guint tower, const char *const *drop,
                        GError **error);

G_END_DECLS

/* Inquadra - which of a model's tensors a LoRA's modules change.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thread-safety: pure functions; the table is immutable.
 */
#pragma once

#include "inq-family.h"
#include "inq-lora.h"

G_BEGIN_DECLS

/* Rows @first .. @first + @count of a tensor. */
typedef struct {
  const InqWeight *weight;
  gint64 first, count;
  gboolean transposed; /* the tensor is [in, out]: OpenCLIP's text_projection */
} InqLoraTarget;

/* Every matrix of the model under each name that LoRA files give it, in inq-lora.h's spelling: the single-file name
 * ("unet_input_blocks_1_1_proj_in") and the diffusers name ("unet_down_blocks_0_attentions_0_proj_in"), whose numbers
 * are counted from the blocks that are there. (transfer full) name -> InqLoraTarget */
GHashTable *inq_lora_map_new (InqWeights *weights, const InqModelSpec *spec);

/* Whether dW has @target's shape: a convolution's inputs and kernel may be flattened into one dimension. */
gboolean inq_lora_target_fits (const InqLoraTarget *target, const InqLoraModule *module);

G_END_DECLS

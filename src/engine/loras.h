/* Inquadra - the LoRAs a model draws with at the moment.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A stack is immutable: setting LoRAs makes a new one and uploads the tensors again that either changes. Nothing is
 * kept twice: the model's file stays mapped, changed tensors are computed while they are uploaded.
 *
 * Thread-safety: as inq-engine.h.
 */
#pragma once

#include "inq-engine.h"
#include "inq-family.h"
#include "inq-graph.h"

G_BEGIN_DECLS

typedef struct _InqLoraStack InqLoraStack;

/* What the recipe says of one; strings borrowed from the stack. */
typedef struct {
  const char *name;
  const char *hash;
  double weight;
  gboolean in_prompt;
} InqLoraRecord;

/* NULL for no LoRAs. */
guint inq_lora_stack_get_count (InqLoraStack *stack);
InqLoraRecord inq_lora_stack_get (InqLoraStack *stack, guint i);
InqWeights *inq_lora_stack_get_weights (InqLoraStack *stack, guint i);
void inq_lora_stack_free (InqLoraStack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqLoraStack, inq_lora_stack_free)
/* Adds what the stack (nullable) changes of a tensor that the host reads, all of it, to @values. */
void inq_lora_stack_apply (InqLoraStack *stack, const InqWeight *weight, float *values);
/* For device weights made while the stack (nullable) is the model's. */
void inq_lora_stack_patch (InqLoraStack *stack, InqDeviceWeights *dw);

/* From now on the model draws with these and no others. When one of them cannot be used nothing has changed; when the
 * upload fails the model has none and everything on the device was dropped. */
gboolean inq_model_set_loras (InqModel *model, const InqLoraUse *uses, guint n_uses, GError **error);

G_END_DECLS

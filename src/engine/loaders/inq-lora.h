/* Inquadra - LoRA files: low-rank changes to some of a model's weight matrices.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hu et al. 2021 (LoRA), Hyeon-Woo et al. 2022 (LoHa), Yeh et al. 2024 (LyCORIS, LoKr). A module is a change dW to one
 * matrix [out, in(, kh, kw)], kept as factors:
 *
 *   LoRA   dW = up [out, r] down [r, in, kh, kw]                       (optional core: lora_mid [r, r, kh, kw])
 *   LoHa   dW = (a1 [out, r] b1 [r, in...]) * (a2 b2), element-wise    (optional cores: hada_t1, hada_t2)
 *   LoKr   dW = kron (w1, w2), each whole or as a product              (optional core: lokr_t2)
 *
 * times alpha / r. Keys of kohya's scripts ("lora_unet_down_blocks_0_...", "lora_te1_..."), of diffusers and PEFT
 * ("unet.down_blocks.0...lora_A.weight", "text_encoder_2....") and of the single-file names
 * ("lora_unet_input_blocks_...", "diffusion_model....") all become one spelling: "unet_", "te_" (the first tower) or
 * "te2_" and the module's path with underscores. Every factor's shape is checked when the file is opened.
 *
 * Thread-safety: an InqLora is immutable after opening; any thread may read.
 */
#pragma once

#include <inq-weights.h>

G_BEGIN_DECLS

typedef enum {
  INQ_LORA_PLAIN,
  INQ_LORA_HADAMARD,
  INQ_LORA_KRONECKER,
} InqLoraKind;

/* A matrix [rows, columns...] as in the file: whole, or up times down, with a core between them where there is one. */
typedef struct {
  const InqWeight *whole;
  const InqWeight *up;
  const InqWeight *down;
  const InqWeight *core; /* (nullable) [up's r, down's r, kh, kw] */
  gboolean up_is_flat;   /* [r, rows] (LyCORIS's factors beside a core), else [rows, r] */
} InqLoraMatrix;

typedef struct {
  const char *name; /* in the one spelling */
  const char *key;  /* as the file begins it, for messages */
  InqLoraKind kind;
  InqLoraMatrix a;
  InqLoraMatrix b; /* second factor of LoHa and LoKr */
  gint64 dims[4];  /* of dW: out, in, kh, kw; ones where the file has fewer */
  float scale;     /* alpha / r */
} InqLoraModule;

typedef struct _InqLora InqLora;

/* Whether a tensor of this name would be part of a module. */
gboolean inq_lora_is_part (const char *name);

/* Opens a .safetensors file of any of these kinds. INQ_LOADER_ERROR_MISSING: it holds no such module, or half of one;
 * _SHAPE: factors that do not multiply; _UNSUPPORTED: kinds of layers that are not applied. The file stays mapped. */
InqLora *inq_lora_open (const char *path, GError **error);
InqLora *inq_lora_new (InqWeights *weights, GError **error);
void inq_lora_free (InqLora *lora);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqLora, inq_lora_free)

InqWeights *inq_lora_get_weights (InqLora *lora);
guint inq_lora_get_count (InqLora *lora);
/* In the order of the file. */
const InqLoraModule *inq_lora_get (InqLora *lora, guint i);

/* Adds @weight * dW, rows @first .. @first + @count, to @rows [count, in * kh * kw]. In f32, on several threads where
 * there is much to do; same bytes whatever their number. */
void inq_lora_module_add (const InqLoraModule *module, float weight, gint64 first, gint64 count, float *rows);

G_END_DECLS

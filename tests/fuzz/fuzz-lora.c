/* Inquadra - fuzzer of the LoRA reader: what it accepts can be applied to matrices of the shapes it claims.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-lora.h"

#include <stdint.h>

#define MAX_VALUES 4096

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqWeights) weights = inq_weights_new_from_bytes (bytes, "fuzz", &error);
  if (!weights)
    return 0;
  g_autoptr (InqLora) lora = inq_lora_new (weights, &error);
  g_assert_true ((lora != NULL) == (error == NULL));
  if (!lora) {
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  for (guint i = 0; i < inq_lora_get_count (lora); i++) {
    const InqLoraModule *module = inq_lora_get (lora, i);
    gint64 count = 1;
    gboolean small = TRUE;
    for (guint d = 0; d < 4 && small; d++)
      small = !__builtin_mul_overflow (count, module->dims[d], &count) && count <= MAX_VALUES;
    if (!small || count == 0)
      continue;
    g_autofree float *matrix = g_new0 (float, (gsize) count);
    inq_lora_module_add (module, 0.5f, 0, module->dims[0], matrix);
  }
  return 0;
}

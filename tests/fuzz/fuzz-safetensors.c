/* Inquadra - fuzzer of the safetensors reader: whatever it accepts must lie inside of the file.
 * Then what family it is, and what its networks are made of, is read from it like from a model.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-family.h"
#include "inq-weights.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (InqWeights) weights = inq_weights_new_from_bytes (bytes, "fuzz", &error);

  g_assert_true ((weights != NULL) == (error == NULL));
  if (!weights) {
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *weight = inq_weights_get (weights, i);
    const uint8_t *begin = weight->data;
    gsize count = 1;
    for (guint d = 0; d < weight->n_dims; d++)
      count *= (gsize) weight->dims[d];
    g_assert_true (count == inq_weight_count (weight));
    g_assert_true (count * inq_dtype_size (weight->dtype) == weight->size);
    g_assert_true (begin >= data && begin <= data + size && weight->size <= (gsize) (data + size - begin));
    g_assert_true (inq_weights_lookup (weights, weight->name) == weight);
    g_autofree float *values = g_new (float, count);
    inq_weight_to_f32 (weight, values);
  }
  inq_weights_get_metadata (weights, "format");
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  g_assert_true (spec->missing->len > 0 || inq_model_spec_get_multiple (spec) > 0);
  return 0;
}

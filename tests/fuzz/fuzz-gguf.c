/* Inquadra - fuzzer of the GGUF reader and of the names of tensors: whatever it accepts must lie inside of the file,
 * and is renamed from every spelling. SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-key-map.h"

#include <stdint.h>
#include <string.h>

#define MAX_VALUES (1 << 20) /* larger tensors are slow, not interesting */

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 4)
    return 0;
  /* Always of this kind; the other one has a fuzzer of its own. A copy, so that reads beyond the end are seen. */
  g_autofree uint8_t *copy = g_memdup2 (data, size);
  memcpy (copy, "GGUF", 4);
  g_autoptr (GBytes) bytes = g_bytes_new_static (copy, size);
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
    g_assert_true (weight->n_dims <= INQ_MAX_DIMS);
    for (guint d = 0; d < weight->n_dims; d++)
      count *= (gsize) weight->dims[d];
    g_assert_true (count == inq_weight_count (weight));
    g_assert_true (begin >= copy && begin <= copy + size && weight->size <= (gsize) (copy + size - begin));
    g_assert_true (inq_weights_lookup (weights, weight->name) == weight);
    if (count > MAX_VALUES)
      continue;
    g_autofree float *values = g_new (float, count);
    inq_weight_to_f32 (weight, values);
    if (count > 3)
      inq_weight_slice_to_f32 (weight, 1, count - 2, values);
  }
  inq_weights_get_metadata (weights, "general.name");
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_ptr_array_add (files, weights);
  inq_keys_recognise (weights);
  for (int style = INQ_KEYS_UNKNOWN; style <= INQ_KEYS_TINY; style++) {
    static const char *const drop[] = { "first_stage_model.encoder.", NULL };
    g_autoptr (InqWeights) joined = inq_weights_new_joined ("joined", "gguf");
    if (inq_keys_join (joined, files, style, (guint) style & 1, style & 2 ? drop : NULL, NULL))
      for (guint i = 0; i < inq_weights_get_count (joined); i++)
        g_assert_true (strlen (inq_weights_get (joined, i)->name) <= INQ_MAX_NAME);
  }
  return 0;
}

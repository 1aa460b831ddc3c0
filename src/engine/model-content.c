/* Inquadra - whether a model's numbers can be what was trained: found before drawing, or after it went wrong.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-key-map.h"
#include "inq-model.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* ---- zeros ---- */

#define TAIL       ((gsize) 1 << 20) /* as many zeros at a file's end are no weights */
#define SMALL_FILE (4 * TAIL)
#define SMALL      4096 /* bytes; biases and scales may be zero */
#define LOOK       ((gsize) 64 << 10)

static gboolean
is_drawn_with (const InqWeight *w)
{
  static const char *const prefixes[] = { INQ_UNET_PREFIX, INQ_GUIDE_PREFIX, INQ_VAE_PREFIX, "cond_stage_model.",
                                          "conditioner." };
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (w->name, prefixes[i]))
      return w->n_dims >= 2 && w->size >= SMALL;
  return FALSE;
}

gboolean
inq_model_check_content (InqModel *model, GError **error)
{
  InqWeights *weights = model->weights;
  if (model->content_checked)
    return TRUE;
  for (guint i = 0; i < inq_weights_get_n_files (weights); i++) {
    InqWeights *file = inq_weights_get_file (weights, i);
    if (inq_weights_get_size (file) < SMALL_FILE || !inq_weights_is_blank (file, NULL, TAIL))
      continue;
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT,
                 _ ("“%s” ends in zeros, as a download does that did not finish: download it again"),
                 inq_weights_get_label (file));
    return FALSE;
  }
  guint n = 0;
  const char *first = NULL;
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *w = inq_weights_get (weights, i);
    if (is_drawn_with (w) && inq_weights_is_blank (weights, w, LOOK) && n++ == 0)
      first = w->name;
  }
  model->content_checked = TRUE;
  if (n == 0)
    return TRUE;
  g_autofree char *shown = g_utf8_make_valid (first, -1);
  g_ptr_array_add (model->spec->notes,
                   g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                                 "%u tensor of the model, “%s”, holds nothing but zeros. If pictures"
                                                 " are wrong, compare the file's hash with its publisher's",
                                                 "%u tensors of the model, the first “%s”, hold nothing but zeros. If"
                                                 " pictures are wrong, compare the file's hash with its publisher's",
                                                 n),
                                    n, shown));
  return TRUE;
}

/* ---- numbers that are not finite ---- */

gssize
inq_find_not_finite (const float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      return (gssize) i;
  return -1;
}

/* (nullable) The first tensor that holds such a number. */
static const InqWeight *
find_damaged (InqWeights *weights)
{
  enum { PIECE = 1 << 16 };
  g_autofree float *values = g_new (float, PIECE);
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *w = inq_weights_get (weights, i);
    gsize n = inq_weight_count (w);
    for (gsize at = 0; at < n; at += PIECE) {
      inq_weight_slice_to_f32 (w, at, MIN (n - at, PIECE), values);
      if (inq_find_not_finite (values, MIN (n - at, PIECE)) >= 0)
        return w;
    }
    inq_weights_release (weights, w);
  }
  return NULL;
}

void
inq_model_blame (InqModel *model, GError **error)
{
  guint n_loras = inq_lora_stack_get_count (model->loras);
  for (guint i = 0; i <= n_loras; i++) {
    InqWeights *weights = i < n_loras ? inq_lora_stack_get_weights (model->loras, i) : model->weights;
    const InqWeight *w = find_damaged (weights);
    if (!w)
      continue;
    g_autofree char *shown = g_utf8_make_valid (w->name, -1);
    g_autofree char *before = g_strdup ((*error)->message);
    int code = (*error)->code;
    g_clear_error (error);
    g_set_error (error, INQ_ENGINE_ERROR, code,
                 i < n_loras ? _ ("%s. The tensor “%s” of the LoRA “%s” holds such a number: download the LoRA again")
                             : _ ("%s. The tensor “%s” of “%s” holds such a number: download the model again"),
                 before, shown, inq_weights_get_label (weights));
    return;
  }
}

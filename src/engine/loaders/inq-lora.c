/* Inquadra - LoRA files: low-rank changes to some of a model's weight matrices.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "inq-lora.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Numbers that a core and its down matrix make together on the way; real ones are below 10^7. */
#define MAX_FOLDED (1 << 28)

/* What a tensor is to its module. */
typedef enum {
  PART_DOWN,
  PART_UP,
  PART_MID,
  PART_ALPHA,
  PART_HADA_W1_A,
  PART_HADA_W1_B,
  PART_HADA_W2_A,
  PART_HADA_W2_B,
  PART_HADA_T1,
  PART_HADA_T2,
  PART_LOKR_W1,
  PART_LOKR_W1_A,
  PART_LOKR_W1_B,
  PART_LOKR_W2,
  PART_LOKR_W2_A,
  PART_LOKR_W2_B,
  PART_LOKR_T2,
  N_PARTS,
} Part;

static const struct {
  const char *suffix;
  Part part;
} suffixes[] = {
  /* kohya; PEFT; diffusers, newest first */
  { ".lora_down.weight", PART_DOWN },
  { ".lora_up.weight", PART_UP },
  { ".lora_mid.weight", PART_MID },
  { ".lora_A.weight", PART_DOWN },
  { ".lora_B.weight", PART_UP },
  { ".lora_A.default.weight", PART_DOWN },
  { ".lora_B.default.weight", PART_UP },
  { ".lora.down.weight", PART_DOWN },
  { ".lora.up.weight", PART_UP },
  { ".lora_linear_layer.down.weight", PART_DOWN },
  { ".lora_linear_layer.up.weight", PART_UP },
  { "_lora.down.weight", PART_DOWN },
  { "_lora.up.weight", PART_UP },
  { ".alpha", PART_ALPHA },
  /* LyCORIS */
  { ".hada_w1_a", PART_HADA_W1_A },
  { ".hada_w1_b", PART_HADA_W1_B },
  { ".hada_w2_a", PART_HADA_W2_A },
  { ".hada_w2_b", PART_HADA_W2_B },
  { ".hada_t1", PART_HADA_T1 },
  { ".hada_t2", PART_HADA_T2 },
  { ".lokr_w1", PART_LOKR_W1 },
  { ".lokr_w1_a", PART_LOKR_W1_A },
  { ".lokr_w1_b", PART_LOKR_W1_B },
  { ".lokr_w2", PART_LOKR_W2 },
  { ".lokr_w2_a", PART_LOKR_W2_A },
  { ".lokr_w2_b", PART_LOKR_W2_B },
  { ".lokr_t2", PART_LOKR_T2 },
};

/* How a module's path begins, and in the one spelling. The first that fits is taken. */
static const struct {
  const char *from, *to;
} prefixes[] = {
  { "base_model.model.unet.", "unet_" },
  { "base_model.model.text_encoder_2.", "te2_" },
  { "base_model.model.text_encoder.", "te_" },
  { "base_model.model.", "unet_" },
  { "lora_unet_", "unet_" },
  { "lora_te1_", "te_" },
  { "lora_te2_", "te2_" },
  { "lora_te_", "te_" },
  { "unet.", "unet_" },
  { "text_encoder_2.", "te2_" },
  { "text_encoder.", "te_" },
  { "model.diffusion_model.", "unet_" },
  { "diffusion_model.", "unet_" },
  { "down_blocks.", "unet_down_blocks_" },
  { "mid_block.", "unet_mid_block_" },
  { "up_blocks.", "unet_up_blocks_" },
};

struct _InqLora {
  InqWeights *weights;
  GStringChunk *strings;
  GArray *modules; /* InqLoraModule */
};

/* A module while its parts are being gathered. */
typedef struct {
  const char *name, *key;
  const InqWeight *parts[N_PARTS];
} Draft;

static gboolean fail (GError **error, InqLora *lora, InqLoaderError code, const char *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (GError **error, InqLora *lora, InqLoaderError code, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, INQ_LOADER_ERROR, code, _ ("The LoRA “%s” %s"), inq_weights_get_label (lora->weights), text);
  return FALSE;
}

/* ---- names ---- */

/* In place: every @from becomes @to, which is no longer. */
static void
replace (char *text, const char *from, const char *to)
{
  gsize n = strlen (from), m = strlen (to);
  for (char *at = text; (at = strstr (at, from)); at += m) {
    memcpy (at, to, m);
    memmove (at + m, at + n, strlen (at + n) + 1);
  }
}

/* "unet.mid_block.attentions.0.attn1.to_k" -> "unet_mid_block_attentions_0_attn1_to_k" (transfer full) */
static char *
spell (const char *path)
{
  char *name = NULL;
  for (guint i = 0; !name && i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (path, prefixes[i].from))
      name = g_strconcat (prefixes[i].to, path + strlen (prefixes[i].from), NULL);
  if (!name)
    name = g_strdup (path);
  g_strdelimit (name, ".", '_');
  /* Early diffusers kept the factors in attention "processors". */
  replace (name, "_processor_", "_");
  replace (name, "self_attn_to_", "self_attn_");
  static const char *const short_names[] = { "self_attn_q", "self_attn_k", "self_attn_v" };
  for (guint i = 0; i < G_N_ELEMENTS (short_names); i++)
    if (g_str_has_suffix (name, short_names[i])) {
      char *full = g_strconcat (name, "_proj", NULL);
      g_free (name);
      return full;
    }
  if (g_str_has_suffix (name, "self_attn_out") || g_str_has_suffix (name, "_to_out")) {
    char *full = g_strconcat (name, g_str_has_suffix (name, "_to_out") ? "_0" : "_proj", NULL);
    g_free (name);
    return full;
  }
  return name;
}

static gboolean
split_key (const char *key, char **path, Part *part)
{
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (key, suffixes[i].suffix)) {
      *path = g_strndup (key, strlen (key) - strlen (suffixes[i].suffix));
      *part = suffixes[i].part;
      return TRUE;
    }
  return FALSE;
}

gboolean
inq_lora_is_part (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (suffixes[i].part != PART_ALPHA && g_str_has_suffix (name, suffixes[i].suffix))
      return TRUE;
  return FALSE;
}

/* ---- shapes ---- */

/* Dimension @i, 1 past the end. */
static gint64
dim (const InqWeight *w, guint i)
{
  return i < w->n_dims ? w->dims[i] : 1;
}

static char *
shape (const InqWeight *w)
{
  GString *text = g_string_new ("[");
  for (guint i = 0; i < w->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i ? ", " : "", w->dims[i]);
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

static gboolean
is_float (const InqWeight *w)
{
  return w->dtype == INQ_DTYPE_F32 || w->dtype == INQ_DTYPE_F16 || w->dtype == INQ_DTYPE_BF16
         || w->dtype == INQ_DTYPE_F64;
}

static gboolean
clash (GError **error, InqLora *lora, const InqWeight *a, const InqWeight *b)
{
  g_autofree char *sa = shape (a), *sb = shape (b);
  return fail (error, lora, INQ_LOADER_ERROR_SHAPE, _ ("does not fit together: %s is %s, %s is %s"), a->name, sa,
               b->name, sb);
}

static gboolean
multiply (gint64 a, gint64 b, gint64 *out)
{
  return !__builtin_mul_overflow (a, b, out) && *out <= G_MAXINT32;
}

/* Checks that the matrix's parts multiply; its shape to @d, the inner dimension to @rank (0 for a whole one). */
static gboolean
matrix_check (InqLora *lora, const InqLoraMatrix *m, gint64 d[4], gint64 *rank, GError **error)
{
  const InqWeight *parts[] = { m->whole, m->up, m->down, m->core };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    if (!parts[i])
      continue;
    g_autofree char *s = shape (parts[i]);
    if (!is_float (parts[i]) || parts[i]->n_dims < 2 || parts[i]->n_dims > 4 || parts[i]->size == 0)
      return fail (error, lora, INQ_LOADER_ERROR_SHAPE, _ ("is damaged: %s is %s %s, no matrix"), parts[i]->name,
                   inq_dtype_name (parts[i]->dtype), s);
  }
  for (guint i = 0; m->whole && i < 4; i++)
    d[i] = dim (m->whole, i);
  *rank = 0;
  if (m->whole)
    return TRUE;
  gint64 inner = m->up_is_flat ? dim (m->up, 0) : dim (m->up, 1);
  d[0] = m->up_is_flat ? dim (m->up, 1) : dim (m->up, 0);
  d[1] = dim (m->down, 1);
  d[2] = dim (m->core ? m->core : m->down, 2);
  d[3] = dim (m->core ? m->core : m->down, 3);
  *rank = dim (m->down, 0);
  if (dim (m->up, 2) != 1 || dim (m->up, 3) != 1)
    return clash (error, lora, m->up, m->down);
  if (!m->core)
    return inner == *rank || clash (error, lora, m->up, m->down);
  if (inner != dim (m->core, 0) || dim (m->core, 1) != *rank || dim (m->down, 2) != 1 || dim (m->down, 3) != 1)
    return clash (error, lora, m->core, m->down);
  gint64 folded = 1; /* what core and down make together on the way */
  for (guint i = 0; i < 4; i++)
    if (!multiply (folded, i == 0 ? inner : d[i], &folded) || folded > MAX_FOLDED)
      return clash (error, lora, m->core, m->down);
  return TRUE;
}

static gboolean
need (GError **error, InqLora *lora, const Draft *draft, Part part)
{
  if (draft->parts[part])
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (suffixes[i].part == part)
      return fail (error, lora, INQ_LOADER_ERROR_MISSING, _ ("is incomplete: %s%s is missing"), draft->key,
                   suffixes[i].suffix);
  return FALSE;
}

/* alpha / rank; 1 without alpha. */
static gboolean
read_scale (InqLora *lora, const Draft *draft, gint64 rank, float *scale, GError **error)
{
  const InqWeight *alpha = draft->parts[PART_ALPHA];
  *scale = 1;
  if (!alpha || rank == 0)
    return TRUE;
  float value = 0;
  if (inq_weight_count (alpha) == 1)
    inq_weight_to_f32 (alpha, &value);
  if (inq_weight_count (alpha) != 1 || !isfinite (value))
    return fail (error, lora, INQ_LOADER_ERROR_CORRUPT, _ ("is damaged: %s is not one number"), alpha->name);
  *scale = value / (float) rank;
  return TRUE;
}

static gboolean
finish_module (InqLora *lora, const Draft *draft, InqLoraModule *out, GError **error)
{
  const InqWeight *const *p = draft->parts;
  gint64 a[4], b[4], rank_a, rank_b = 0;
  *out = (InqLoraModule){ .name = draft->name, .key = draft->key };
  if (p[PART_DOWN] || p[PART_UP] || p[PART_MID]) {
    out->a = (InqLoraMatrix){ .up = p[PART_UP], .down = p[PART_DOWN], .core = p[PART_MID] };
    if (!need (error, lora, draft, PART_UP) || !need (error, lora, draft, PART_DOWN)
        || !matrix_check (lora, &out->a, a, &rank_a, error))
      return FALSE;
    memcpy (out->dims, a, sizeof a);
    return read_scale (lora, draft, rank_a, &out->scale, error);
  }
  if (p[PART_HADA_W1_A] || p[PART_HADA_W1_B] || p[PART_HADA_W2_A] || p[PART_HADA_W2_B]) {
    out->kind = INQ_LORA_HADAMARD;
    for (Part part = PART_HADA_W1_A; part <= PART_HADA_W2_B; part++)
      if (!need (error, lora, draft, part))
        return FALSE;
    out->a = (InqLoraMatrix){ NULL, p[PART_HADA_W1_A], p[PART_HADA_W1_B], p[PART_HADA_T1], p[PART_HADA_T1] != NULL };
    out->b = (InqLoraMatrix){ NULL, p[PART_HADA_W2_A], p[PART_HADA_W2_B], p[PART_HADA_T2], p[PART_HADA_T2] != NULL };
    if (!matrix_check (lora, &out->a, a, &rank_a, error) || !matrix_check (lora, &out->b, b, &rank_b, error))
      return FALSE;
    if (memcmp (a, b, sizeof a) != 0)
      return clash (error, lora, p[PART_HADA_W1_B], p[PART_HADA_W2_B]);
    memcpy (out->dims, a, sizeof a);
    return read_scale (lora, draft, rank_a, &out->scale, error);
  }
  if (p[PART_LOKR_W1] || p[PART_LOKR_W1_A] || p[PART_LOKR_W1_B] || p[PART_LOKR_W2] || p[PART_LOKR_W2_A]
      || p[PART_LOKR_W2_B]) {
    out->kind = INQ_LORA_KRONECKER;
    if (p[PART_LOKR_W1])
      out->a.whole = p[PART_LOKR_W1];
    else if (need (error, lora, draft, PART_LOKR_W1_A) && need (error, lora, draft, PART_LOKR_W1_B))
      out->a = (InqLoraMatrix){ .up = p[PART_LOKR_W1_A], .down = p[PART_LOKR_W1_B] };
    else
      return FALSE;
    if (p[PART_LOKR_W2])
      out->b.whole = p[PART_LOKR_W2];
    else if (need (error, lora, draft, PART_LOKR_W2_A) && need (error, lora, draft, PART_LOKR_W2_B))
      out->b = (InqLoraMatrix){ NULL, p[PART_LOKR_W2_A], p[PART_LOKR_W2_B], p[PART_LOKR_T2], p[PART_LOKR_T2] != NULL };
    else
      return FALSE;
    if (!matrix_check (lora, &out->a, a, &rank_a, error) || !matrix_check (lora, &out->b, b, &rank_b, error))
      return FALSE;
    if (a[2] != 1 || a[3] != 1 || !multiply (a[0], b[0], &out->dims[0]) || !multiply (a[1], b[1], &out->dims[1]))
      return clash (error, lora, out->a.whole ? out->a.whole : out->a.up, out->b.whole ? out->b.whole : out->b.up);
    out->dims[2] = b[2];
    out->dims[3] = b[3];
    return read_scale (lora, draft, rank_b ? rank_b : rank_a, &out->scale, error);
  }
  return fail (error, lora, INQ_LOADER_ERROR_MISSING, _ ("is incomplete: of %s there is only part"), draft->key);
}

/* ---- opening ---- */

static gboolean
gather (InqLora *lora, GPtrArray *drafts, GHashTable *by_name, GError **error)
{
  for (guint i = 0; i < inq_weights_get_count (lora->weights); i++) {
    const InqWeight *w = inq_weights_get (lora->weights, i);
    g_autofree char *path = NULL;
    Part part;
    if (!split_key (w->name, &path, &part))
      return fail (error, lora, INQ_LOADER_ERROR_UNSUPPORTED,
                   _ ("cannot be applied: %s is no part of a LoRA, LoHa or LoKr layer"), w->name);
    g_autofree char *name = spell (path);
    Draft *draft = g_hash_table_lookup (by_name, name);
    if (!draft) {
      draft = g_new0 (Draft, 1);
      draft->name = g_string_chunk_insert (lora->strings, name);
      draft->key = g_string_chunk_insert (lora->strings, path);
      g_ptr_array_add (drafts, draft);
      g_hash_table_insert (by_name, (gpointer) draft->name, draft);
    }
    if (draft->parts[part])
      return fail (error, lora, INQ_LOADER_ERROR_CORRUPT, _ ("is damaged: %s and %s are the same part"), w->name,
                   draft->parts[part]->name);
    draft->parts[part] = w;
  }
  return TRUE;
}

InqLora *
inq_lora_new (InqWeights *weights, GError **error)
{
  g_autoptr (GPtrArray) drafts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (InqLora) lora = g_new0 (InqLora, 1);
  lora->weights = inq_weights_ref (weights);
  lora->strings = g_string_chunk_new (16384);
  lora->modules = g_array_new (FALSE, TRUE, sizeof (InqLoraModule));
  if (!inq_weights_check (weights, error) || !gather (lora, drafts, by_name, error))
    return NULL;
  for (guint i = 0; i < drafts->len; i++) {
    InqLoraModule module;
    if (!finish_module (lora, drafts->pdata[i], &module, error))
      return NULL;
    g_array_append_val (lora->modules, module);
  }
  if (lora->modules->len == 0) {
    fail (error, lora, INQ_LOADER_ERROR_MISSING, _ ("holds nothing"));
    return NULL;
  }
  return g_steal_pointer (&lora);
}

InqLora *
inq_lora_open (const char *path, GError **error)
{
  g_autoptr (InqWeights) weights = inq_weights_open (path, error);
  return weights ? inq_lora_new (weights, error) : NULL;
}

void
inq_lora_free (InqLora *lora)
{
  if (!lora)
    return;
  g_array_unref (lora->modules);
  g_string_chunk_free (lora->strings);
  inq_weights_unref (lora->weights);
  g_free (lora);
}

InqWeights *
inq_lora_get_weights (InqLora *lora)
{
  return lora->weights;
}

guint
inq_lora_get_count (InqLora *lora)
{
  return lora->modules->len;
}

const InqLoraModule *
inq_lora_get (InqLora *lora, guint i)
{
  g_return_val_if_fail (i < lora->modules->len, NULL);
  return &g_array_index (lora->modules, InqLoraModule, i);
}

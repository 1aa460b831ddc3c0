/* Inquadra - the LoRAs a model draws with at the moment.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "loras.h"

#include "inq-lora-map.h"
#include "inq-model.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define MAX_WEIGHT 10
/* Rounded to halves, changed weights lose what a small change adds: a network call then differs by some 2e-3 of its
 * deviation, as it does in every program that merges in f16. While the changed tensors in f32 take little memory they
 * are kept so. The limit depends on nothing but the device and the files: the same recipe gives the same bytes. */
#define WIDE_LIMIT ((guint64) 512 << 20)
#define WIDE_SHARE 32

/* One file, kept open from stack to stack while it is used and has not changed. */
typedef struct {
  grefcount refs;
  char *path;
  InqLora *lora;
  gint64 size, modified;
} File;

typedef struct {
  File *file;
  char *name;
  double weight;
  gboolean in_prompt;
} Item;

/* One module's change to (part of) one tensor. */
typedef struct {
  const InqLoraModule *module;
  InqLoraTarget target;
  double weight;
} Patch;

struct _InqLoraStack {
  GArray *items;       /* Item */
  GHashTable *patches; /* InqWeight -> GArray of Patch, in the order of items */
  gboolean in_towers;  /* whether any changes a text tower */
  gboolean wide;       /* changed tensors are kept in f32 */
};

static void
file_unref (File *file)
{
  if (!g_ref_count_dec (&file->refs))
    return;
  inq_lora_free (file->lora);
  g_free (file->path);
  g_free (file);
}

static void
item_clear (gpointer data)
{
  Item *item = data;
  file_unref (item->file);
  g_free (item->name);
}

void
inq_lora_stack_free (InqLoraStack *stack)
{
  if (!stack)
    return;
  g_hash_table_unref (stack->patches);
  g_array_unref (stack->items);
  g_free (stack);
}

static Item *
item_at (InqLoraStack *stack, guint i)
{
  return &g_array_index (stack->items, Item, i);
}

guint
inq_lora_stack_get_count (InqLoraStack *stack)
{
  return stack ? stack->items->len : 0;
}

InqLoraRecord
inq_lora_stack_get (InqLoraStack *stack, guint i)
{
  Item *item = item_at (stack, i);
  return (InqLoraRecord){ item->name, inq_weights_get_hash (inq_lora_get_weights (item->file->lora)), item->weight,
                          item->in_prompt };
}

InqWeights *
inq_lora_stack_get_weights (InqLoraStack *stack, guint i)
{
  return inq_lora_get_weights (item_at (stack, i)->file->lora);
}

/* ---- applying ---- */

/* dW of OpenCLIP's text_projection lies the other way round. */
static void
apply_transposed (const Patch *patch, float *values)
{
  const gint64 *d = patch->module->dims;
  g_autofree float *delta = g_new0 (float, d[0] * d[1]);
  inq_lora_module_add (patch->module, (float) patch->weight, 0, d[0], delta);
  for (gint64 o = 0; o < d[0]; o++)
    for (gint64 i = 0; i < d[1]; i++)
      values[i * d[0] + o] += delta[o * d[1] + i];
}

static void
apply_rows (const InqWeight *weight, gint64 first, gint64 count, float *values, gpointer data)
{
  InqLoraStack *stack = data;
  GArray *patches = g_hash_table_lookup (stack->patches, weight);
  gint64 depth = (gint64) inq_weight_count (weight) / weight->dims[0];
  for (guint i = 0; patches && i < patches->len; i++) {
    const Patch *patch = &g_array_index (patches, Patch, i);
    if (patch->target.transposed) {
      apply_transposed (patch, values);
      continue;
    }
    gint64 begin = MAX (first, patch->target.first);
    gint64 end = MIN (first + count, patch->target.first + patch->target.count);
    if (begin < end)
      inq_lora_module_add (patch->module, (float) patch->weight, begin - patch->target.first, end - begin,
                           values + begin * depth);
  }
}

void
inq_lora_stack_apply (InqLoraStack *stack, const InqWeight *weight, float *values)
{
  if (stack && g_hash_table_contains (stack->patches, weight))
    apply_rows (weight, 0, weight->dims[0], values, stack);
}

static gboolean
touches (const InqWeight *weight, gpointer data)
{
  InqLoraStack *stack = data;
  return g_hash_table_contains (stack->patches, weight);
}

static gboolean
check (gpointer data, GError **error)
{
  InqLoraStack *stack = data;
  for (guint i = 0; i < stack->items->len; i++)
    if (!inq_weights_check (inq_lora_get_weights (item_at (stack, i)->file->lora), error))
      return FALSE;
  return TRUE;
}

void
inq_lora_stack_patch (InqLoraStack *stack, InqDeviceWeights *dw)
{
  inq_device_weights_set_patch (
      dw,
      stack ? &(
          InqWeightPatch){ .check = check, .touches = touches, .apply = apply_rows, .wide = stack->wide, .data = stack }
            : NULL);
}

/* ---- where they lie ---- */

char *
inq_loras_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "inquadra", "loras", NULL);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

static void
collect (const char *folder, int depth, GPtrArray *paths)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    if (name[0] == '.')
      continue;
    if (g_file_test (path, G_FILE_TEST_IS_DIR)) {
      if (depth > 0)
        collect (path, depth - 1, paths);
    } else if (g_str_has_suffix (name, ".safetensors")) {
      g_ptr_array_add (paths, g_steal_pointer (&path));
    }
  }
  g_clear_pointer (&dir, g_dir_close);
}

char **
inq_loras_list (void)
{
  GPtrArray *paths = g_ptr_array_new ();
  g_autofree char *folder = inq_loras_folder ();
  collect (folder, 3, paths);
  g_ptr_array_sort (paths, compare_paths);
  g_ptr_array_add (paths, NULL);
  return (char **) g_ptr_array_free (paths, FALSE);
}

/* In the folder and nowhere else: a prompt may be somebody else's. */
static char *
find_named (const char *name, GError **error)
{
  g_autofree char *file = g_str_has_suffix (name, ".safetensors") ? g_strdup (name)
                                                                  : g_strconcat (name, ".safetensors", NULL);
  g_auto (GStrv) paths = inq_loras_list ();
  for (guint i = 0; paths[i]; i++) {
    g_autofree char *base = g_path_get_basename (paths[i]);
    if (g_str_equal (base, file))
      return g_strdup (paths[i]);
  }
  g_autofree char *folder = inq_loras_folder ();
  g_autofree char *shown = g_utf8_make_valid (name, -1);
  g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, _ ("There is no LoRA “%s”: %s is not in %s"), shown,
               file, folder);
  return NULL;
}

char *
inq_lora_find (const char *name, GError **error)
{
  if (strchr (name, G_DIR_SEPARATOR) || g_file_test (name, G_FILE_TEST_IS_REGULAR))
    return g_canonicalize_filename (name, NULL);
  return find_named (name, error);
}

/* ---- opening ---- */

static gboolean
stat_path (const char *path, gint64 *size, gint64 *modified)
{
  GStatBuf info;
  if (g_stat (path, &info) != 0)
    return FALSE;
  *size = info.st_size;
  *modified = (gint64) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
  return TRUE;
}

static File *
file_open (InqLoraStack *old, InqLoraStack *stack, const char *path, GError **error)
{
  gint64 size = -1, modified = -1;
  gboolean known = stat_path (path, &size, &modified);
  InqLoraStack *stacks[] = { old, stack };
  for (guint s = 0; known && s < G_N_ELEMENTS (stacks); s++)
    for (guint i = 0; i < inq_lora_stack_get_count (stacks[s]); i++) {
      File *file = item_at (stacks[s], i)->file;
      if (g_str_equal (file->path, path) && file->size == size && file->modified == modified) {
        g_ref_count_inc (&file->refs);
        return file;
      }
    }
  InqLora *lora = inq_lora_open (path, error);
  if (!lora)
    return NULL;
  File *file = g_new (File, 1);
  *file = (File){ .path = g_strdup (path), .lora = lora, .size = size, .modified = modified };
  g_ref_count_init (&file->refs);
  return file;
}

static char *
module_shape (const InqLoraModule *module)
{
  const gint64 *d = module->dims;
  return d[2] * d[3] == 1
             ? g_strdup_printf ("%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT, d[0], d[1])
             : g_strdup_printf ("%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT,
                                d[0], d[1], d[2], d[3]);
}

static char *
target_shape (const InqLoraTarget *target)
{
  const InqWeight *w = target->weight;
  if (target->transposed)
    return g_strdup_printf ("%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT, w->dims[1], w->dims[0]);
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "%" G_GINT64_FORMAT, target->count);
  for (guint i = 1; i < w->n_dims; i++)
    if (w->n_dims != 4 || i == 1 || w->dims[2] * w->dims[3] != 1)
      g_string_append_printf (text, "x%" G_GINT64_FORMAT, w->dims[i]);
  return g_string_free (text, FALSE);
}

/* (nullable) Whose network a LoRA's file was made for, by what its attention listens to. Static. */
static const char *
made_for_width (InqLora *lora)
{
  for (guint i = 0; i < inq_lora_get_count (lora); i++) {
    const InqLoraModule *module = inq_lora_get (lora, i);
    if (!g_str_has_prefix (module->name, "unet_") || !g_str_has_suffix (module->name, "attn2_to_k"))
      continue;
    switch (module->dims[1]) {
    case 768:
      return "Stable Diffusion 1.x";
    case 1024:
      return "Stable Diffusion 2.x";
    case 2048:
      return "Stable Diffusion XL";
    default:
      return NULL;
    }
  }
  return NULL;
}

static void
set_mismatch (GError **error, InqModel *model, InqLora *lora, const InqLoraModule *module, const InqLoraTarget *target,
              guint fits)
{
  InqWeights *weights = inq_lora_get_weights (lora);
  const char *made_for = inq_weights_get_metadata (weights, "modelspec.architecture");
  if (!made_for)
    made_for = inq_weights_get_metadata (weights, "ss_base_model_version");
  if (!made_for)
    made_for = made_for_width (lora);
  g_autofree char *valid = made_for ? g_utf8_make_valid (made_for, -1) : NULL;
  g_autofree char *hint = valid ? g_strdup_printf (_ (". It says it was made for %.80s"), valid) : g_strdup ("");
  g_autofree char *why = NULL;
  if (target) {
    g_autofree char *have = module_shape (module), *want = target_shape (target);
    why = g_strdup_printf (_ ("%s changes a matrix of %s, the model's %s is %s"), module->key, have,
                           target->weight->name, want);
  } else {
    why = g_strdup_printf (_ ("the model has no layer %s"), module->key);
  }
  g_set_error (
      error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE,
      _ ("The LoRA “%s” does not fit %s (%s): %s; %u of its %u layers fit%s. Take a LoRA made for %s, or the model"
         " that this one was made for"),
      inq_weights_get_label (weights), model->info->name, model->spec->family->title, why, fits,
      inq_lora_get_count (lora), hint, model->spec->family->title);
}

/* All of a file's modules, or an error naming the first that does not fit. */
static gboolean
add_patches (InqLoraStack *stack, InqModel *model, GHashTable *map, const Item *item, GError **error)
{
  InqLora *lora = item->file->lora;
  const InqLoraModule *first_bad = NULL;
  const InqLoraTarget *first_target = NULL;
  guint fits = 0;
  for (guint i = 0; i < inq_lora_get_count (lora); i++) {
    const InqLoraModule *module = inq_lora_get (lora, i);
    const InqLoraTarget *target = g_hash_table_lookup (map, module->name);
    if (target && inq_lora_target_fits (target, module)) {
      fits++;
    } else if (!first_bad) {
      first_bad = module;
      first_target = target;
    }
  }
  if (first_bad) {
    set_mismatch (error, model, lora, first_bad, first_target, fits);
    return FALSE;
  }
  for (guint i = 0; item->weight != 0 && i < inq_lora_get_count (lora); i++) {
    const InqLoraModule *module = inq_lora_get (lora, i);
    const InqLoraTarget *target = g_hash_table_lookup (map, module->name);
    Patch patch = { module, *target, item->weight };
    GArray *patches = g_hash_table_lookup (stack->patches, target->weight);
    if (!patches) {
      patches = g_array_new (FALSE, FALSE, sizeof (Patch));
      g_hash_table_insert (stack->patches, (gpointer) target->weight, patches);
    }
    g_array_append_val (patches, patch);
    stack->in_towers |= !g_str_has_prefix (module->name, "unet_");
  }
  return TRUE;
}

static gboolean
is_small (InqLoraStack *stack, const InqGpuFacts *facts)
{
  guint64 bytes = 0;
  GHashTableIter iter;
  gpointer weight;
  g_hash_table_iter_init (&iter, stack->patches);
  while (g_hash_table_iter_next (&iter, &weight, NULL))
    bytes += (guint64) inq_weight_count (weight) * sizeof (float);
  return bytes <= MIN (WIDE_LIMIT, facts->memory_total / WIDE_SHARE);
}

static InqLoraStack *
stack_new (InqModel *model, const InqLoraUse *uses, guint n_uses, GError **error)
{
  g_autoptr (InqLoraStack) stack = g_new0 (InqLoraStack, 1);
  stack->items = g_array_new (FALSE, TRUE, sizeof (Item));
  g_array_set_clear_func (stack->items, item_clear);
  stack->patches = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  g_autoptr (GHashTable) map = inq_lora_map_new (model->weights, model->spec);
  for (guint i = 0; i < n_uses; i++) {
    if (!isfinite (uses[i].weight) || fabs (uses[i].weight) > MAX_WEIGHT) {
      g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
                   _ ("The weight of the LoRA %s is %g; it can be -%d to %d"), uses[i].path, uses[i].weight, MAX_WEIGHT,
                   MAX_WEIGHT);
      return NULL;
    }
    g_autofree char *found = uses[i].in_prompt ? find_named (uses[i].path, error) : inq_lora_find (uses[i].path, error);
    File *file = found ? file_open (model->loras, stack, found, error) : NULL;
    if (!file)
      return NULL;
    g_autofree char *base = g_path_get_basename (found);
    if (g_str_has_suffix (base, ".safetensors"))
      base[strlen (base) - strlen (".safetensors")] = '\0';
    Item item = { file, g_steal_pointer (&base), uses[i].weight, uses[i].in_prompt };
    g_array_append_val (stack->items, item);
    if (!add_patches (stack, model, map, item_at (stack, stack->items->len - 1), error))
      return NULL;
  }
  stack->wide = !model->engine->loras_in_place && is_small (stack, inq_gpu_get_facts (model->engine->gpu));
  return g_steal_pointer (&stack);
}

/* ---- setting ---- */

static gboolean
same_effect (InqLoraStack *a, InqLoraStack *b)
{
  guint n = inq_lora_stack_get_count (a);
  if (n != inq_lora_stack_get_count (b))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (item_at (a, i)->file != item_at (b, i)->file || item_at (a, i)->weight != item_at (b, i)->weight)
      return FALSE;
  return TRUE;
}

typedef struct {
  InqLoraStack *old, *new;
} Change;

static gboolean
changes (const InqWeight *weight, gpointer data)
{
  const Change *change = data;
  return (change->old && !change->old->wide && touches (weight, change->old))
         || (change->new && !change->new->wide &&touches (weight, change->new));
}

/* Quantised tensors that change are kept apart: plans read other bytes then. */
static gboolean
is_quantised (InqWeights *weights)
{
  gsize elements, bytes;
  for (guint i = 0; i < inq_weights_get_count (weights); i++)
    if (inq_dtype_block (inq_weights_get (weights, i)->dtype, &elements, &bytes))
      return TRUE;
  return FALSE;
}

gboolean
inq_model_set_loras (InqModel *model, const InqLoraUse *uses, guint n_uses, GError **error)
{
  g_autoptr (InqLoraStack) stack = NULL;
  if (n_uses > 0 && !(stack = stack_new (model, uses, n_uses, error)))
    return FALSE;
  g_autoptr (InqLoraStack) old = g_steal_pointer (&model->loras);
  model->loras = g_steal_pointer (&stack);
  if (same_effect (old, model->loras)) { /* what is on the device is right, and may go on being read */
    InqLoraStack *same = g_steal_pointer (&model->loras);
    model->loras = g_steal_pointer (&old);
    old = same;
    for (guint i = 0; i < n_uses; i++)
      item_at (model->loras, i)->in_prompt = uses[i].in_prompt;
    return TRUE;
  }
  if (model->wide) { /* it may have been theirs that overflowed */
    model->wide = FALSE;
    inq_model_drop_device (model);
  }
  if ((old && old->in_towers) || (model->loras && model->loras->in_towers))
    g_ptr_array_set_size (model->contexts, 0);
  if ((old && old->wide) || (model->loras && model->loras->wide) || is_quantised (model->weights))
    inq_model_drop_plans (model);
  Change change = { old, model->loras };
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < INQ_N_PARTS; i++) {
    if (!model->parts[i] || i == INQ_PART_TINY)
      continue;
    inq_lora_stack_patch (model->loras, model->parts[i]);
    ok = inq_device_weights_reload (model->parts[i], changes, &change, error);
  }
  if (ok)
    return TRUE;
  g_clear_pointer (&model->loras, inq_lora_stack_free);
  inq_model_drop_device (model);
  return FALSE;
}

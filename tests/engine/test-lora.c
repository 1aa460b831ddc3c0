/* Inquadra - tests: LoRA files against plain arithmetic, their names, and pictures drawn with and without them.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "gguf-writer.h"
#include "model-fixture.h"

#include <glib/gstdio.h>
#include <inq-lora-map.h>
#include <inq-model.h>
#include <inq-noise.h>
#include <inq-prompt.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *tmp;

/* ---- files ---- */

typedef struct {
  GArray *out; /* InqWeightOut */
  GPtrArray *owned;
  guint64 seed;
} Maker;

static Maker
maker_new (guint64 seed)
{
  return (Maker){ g_array_new (FALSE, TRUE, sizeof (InqWeightOut)), g_ptr_array_new_with_free_func (g_free), seed };
}

static void
maker_clear (Maker *m)
{
  g_array_unref (m->out);
  g_ptr_array_unref (m->owned);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Maker, maker_clear)

static const float *
add_data (Maker *m, const char *name, guint n_dims, const gint64 *dims, float *data)
{
  InqWeightOut one = { .name = g_strdup (name), .n_dims = n_dims, .data = data };
  memcpy (one.dims, dims, n_dims * sizeof *dims);
  g_ptr_array_add (m->owned, (gpointer) one.name);
  g_ptr_array_add (m->owned, data);
  g_array_append_val (m->out, one);
  return data;
}

/* A tensor of noise; trailing zeros of dims end them. */
static const float *
add (Maker *m, const char *name, gint64 a, gint64 b, gint64 c, gint64 d)
{
  const gint64 dims[] = { a, b, c, d };
  gsize n = 1;
  guint n_dims = 0;
  for (; n_dims < 4 && dims[n_dims] > 0; n_dims++)
    n *= (gsize) dims[n_dims];
  float *data = g_new (float, n);
  inq_noise_fill (m->seed++, 0, data, n);
  return add_data (m, name, n_dims, dims, data);
}

static void
add_alpha (Maker *m, const char *name, float value)
{
  float *data = g_new (float, 1);
  *data = value;
  add_data (m, name, 0, (const gint64[]){ 0 }, data);
}

static char *
save (Maker *m, const char *name)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (tmp, name, NULL);
  inq_weights_write (path, (const InqWeightOut *) m->out->data, m->out->len, &error);
  g_assert_no_error (error);
  return path;
}

static void
pair (Maker *m, const char *path, gint64 out, gint64 in, gint64 rank)
{
  g_autofree char *down = g_strconcat (path, ".lora_down.weight", NULL);
  g_autofree char *up = g_strconcat (path, ".lora_up.weight", NULL);
  add (m, down, rank, in, 0, 0);
  add (m, up, out, rank, 0, 0);
}

/* ---- arithmetic ---- */

static InqLora *
open_good (const char *path)
{
  g_autoptr (GError) error = NULL;
  InqLora *lora = inq_lora_open (path, &error);
  g_assert_no_error (error);
  return lora;
}

/* dW from @expect [out][depth] onto ones, whole and by rows. */
static void
check_delta (const InqLoraModule *module, double scale, const double *expect)
{
  const gint64 *d = module->dims;
  gsize depth = (gsize) (d[1] * d[2] * d[3]), n = (gsize) d[0] * depth;
  g_autofree float *whole = g_new (float, n), *rows = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    whole[i] = rows[i] = 1;
  inq_lora_module_add (module, 0.5f, 0, d[0], whole);
  for (gint64 first = 0; first < d[0]; first += 3)
    inq_lora_module_add (module, 0.5f, first, MIN (3, d[0] - first), rows + (gsize) first * depth);
  g_assert_cmpmem (whole, n * sizeof *whole, rows, n * sizeof *rows);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (whole[i], 1 + 0.5 * scale * expect[i], 2e-4);
}

/* up [out][r] down [r][depth], @flat: up as [r][out] */
static double *
multiply (const float *up, const float *down, int out, int r, int depth, gboolean flat)
{
  double *y = g_new0 (double, out *depth);
  for (int o = 0; o < out; o++)
    for (int k = 0; k < r; k++)
      for (int x = 0; x < depth; x++)
        y[o * depth + x] += (double) (flat ? up[k * out + o] : up[o * r + k]) * down[k * depth + x];
  return y;
}

/* sum over i, j: up[i -> out] core [i][j][taps] down [j][in] */
static double *
multiply_core (const float *up, const float *core, const float *down, int out, int r, int in, int taps, gboolean flat)
{
  double *y = g_new0 (double, out *in *taps);
  for (int o = 0; o < out; o++)
    for (int i = 0; i < r; i++)
      for (int j = 0; j < r; j++)
        for (int x = 0; x < in; x++)
          for (int t = 0; t < taps; t++)
            y[(o * in + x) * taps + t] += (double) (flat ? up[i * out + o] : up[o * r + i])
                                          * core[(i * r + j) * taps + t] * down[j * in + x];
  return y;
}

static void
test_plain (void)
{
  g_auto (Maker) m = maker_new (1);
  const float *down = add (&m, "lora_unet_a.lora_down.weight", 6, 10, 0, 0);
  const float *up = add (&m, "lora_unet_a.lora_up.weight", 8, 6, 0, 0);
  add_alpha (&m, "lora_unet_a.alpha", 3);
  const float *conv_down = add (&m, "lora_unet_b.lora_down.weight", 5, 4, 3, 3);
  const float *conv_up = add (&m, "lora_unet_b.lora_up.weight", 7, 5, 1, 1);
  const float *mid_down = add (&m, "lora_unet_c.lora_down.weight", 3, 4, 1, 1);
  const float *mid = add (&m, "lora_unet_c.lora_mid.weight", 3, 3, 3, 3);
  const float *mid_up = add (&m, "lora_unet_c.lora_up.weight", 6, 3, 1, 1);
  /* enough of it that threads share the rows */
  const float *big_down = add (&m, "lora_unet_d.lora_down.weight", 33, 400, 0, 0);
  const float *big_up = add (&m, "lora_unet_d.lora_up.weight", 401, 33, 0, 0);
  g_autofree char *path = save (&m, "plain.safetensors");
  g_autoptr (InqLora) lora = open_good (path);
  g_assert_cmpuint (inq_lora_get_count (lora), ==, 4);
  g_autofree double *a = multiply (up, down, 8, 6, 10, FALSE), *b = multiply (conv_up, conv_down, 7, 5, 36, FALSE);
  g_autofree double *c = multiply_core (mid_up, mid, mid_down, 6, 3, 4, 9, FALSE);
  g_autofree double *d = multiply (big_up, big_down, 401, 33, 400, FALSE);
  check_delta (inq_lora_get (lora, 0), 0.5, a);
  check_delta (inq_lora_get (lora, 1), 1, b);
  check_delta (inq_lora_get (lora, 2), 1, c);
  check_delta (inq_lora_get (lora, 3), 1, d);
}

static void
test_hadamard (void)
{
  g_auto (Maker) m = maker_new (100);
  const float *a1 = add (&m, "lora_unet_a.hada_w1_a", 8, 4, 0, 0), *b1 = add (&m, "lora_unet_a.hada_w1_b", 4, 10, 0, 0);
  const float *a2 = add (&m, "lora_unet_a.hada_w2_a", 8, 4, 0, 0), *b2 = add (&m, "lora_unet_a.hada_w2_b", 4, 10, 0, 0);
  add_alpha (&m, "lora_unet_a.alpha", 1);
  const float *c1 = add (&m, "lora_unet_b.hada_w1_a", 3, 6, 0, 0), *d1 = add (&m, "lora_unet_b.hada_w1_b", 3, 4, 0, 0);
  const float *c2 = add (&m, "lora_unet_b.hada_w2_a", 3, 6, 0, 0), *d2 = add (&m, "lora_unet_b.hada_w2_b", 3, 4, 0, 0);
  const float *t1 = add (&m, "lora_unet_b.hada_t1", 3, 3, 3, 3), *t2 = add (&m, "lora_unet_b.hada_t2", 3, 3, 3, 3);
  g_autofree char *path = save (&m, "loha.safetensors");
  g_autoptr (InqLora) lora = open_good (path);
  g_autofree double *x = multiply (a1, b1, 8, 4, 10, FALSE), *y = multiply (a2, b2, 8, 4, 10, FALSE);
  for (int i = 0; i < 80; i++)
    x[i] *= y[i];
  check_delta (inq_lora_get (lora, 0), 0.25, x);
  g_autofree double *u = multiply_core (c1, t1, d1, 6, 3, 4, 9, TRUE),
                    *v = multiply_core (c2, t2, d2, 6, 3, 4, 9, TRUE);
  for (int i = 0; i < 6 * 36; i++)
    u[i] *= v[i];
  check_delta (inq_lora_get (lora, 1), 1, u);
}

/* kron of [p1][q1] and [p2][q2 * taps] */
static double *
kron (const double *a, int p1, int q1, const double *b, int p2, int q2taps)
{
  double *y = g_new (double, p1 *p2 *q1 *q2taps);
  for (int i = 0; i < p1; i++)
    for (int k = 0; k < p2; k++)
      for (int j = 0; j < q1; j++)
        for (int l = 0; l < q2taps; l++)
          y[((i * p2 + k) * q1 + j) * q2taps + l] = a[i * q1 + j] * b[k * q2taps + l];
  return y;
}

static double *
widen (const float *x, int n)
{
  double *y = g_new (double, n);
  for (int i = 0; i < n; i++)
    y[i] = x[i];
  return y;
}

static void
test_kronecker (void)
{
  g_auto (Maker) m = maker_new (200);
  const float *w1 = add (&m, "lora_unet_a.lokr_w1", 2, 3, 0, 0);
  const float *w2a = add (&m, "lora_unet_a.lokr_w2_a", 4, 2, 0, 0),
              *w2b = add (&m, "lora_unet_a.lokr_w2_b", 2, 5, 0, 0);
  add_alpha (&m, "lora_unet_a.alpha", 1);
  const float *x1 = add (&m, "lora_unet_b.lokr_w1", 2, 2, 0, 0), *x2 = add (&m, "lora_unet_b.lokr_w2", 3, 2, 3, 3);
  add_alpha (&m, "lora_unet_b.alpha", 7); /* both whole: alpha says nothing */
  const float *y1a = add (&m, "lora_unet_c.lokr_w1_a", 2, 1, 0, 0),
              *y1b = add (&m, "lora_unet_c.lokr_w1_b", 1, 2, 0, 0);
  const float *y2a = add (&m, "lora_unet_c.lokr_w2_a", 2, 3, 0, 0),
              *y2b = add (&m, "lora_unet_c.lokr_w2_b", 2, 4, 0, 0);
  const float *yt = add (&m, "lora_unet_c.lokr_t2", 2, 2, 3, 3);
  g_autofree char *path = save (&m, "lokr.safetensors");
  g_autoptr (InqLora) lora = open_good (path);
  g_autofree double *a = widen (w1, 6), *b = multiply (w2a, w2b, 4, 2, 5, FALSE), *ab = kron (a, 2, 3, b, 4, 5);
  check_delta (inq_lora_get (lora, 0), 0.5, ab);
  g_autofree double *c = widen (x1, 4), *d = widen (x2, 54), *cd = kron (c, 2, 2, d, 3, 18);
  check_delta (inq_lora_get (lora, 1), 1, cd);
  g_autofree double *e = multiply (y1a, y1b, 2, 1, 2, FALSE), *f = multiply_core (y2a, yt, y2b, 3, 2, 4, 9, TRUE);
  g_autofree double *ef = kron (e, 2, 2, f, 3, 36);
  check_delta (inq_lora_get (lora, 2), 1, ef);
  g_assert_cmpint (inq_lora_get (lora, 2)->dims[0], ==, 6);
  g_assert_cmpint (inq_lora_get (lora, 2)->dims[1], ==, 8);
  g_assert_cmpint (inq_lora_get (lora, 2)->dims[2], ==, 3);
}

/* ---- names ---- */

/* The fixture has a transformer in the second level down and the first up, and one in the middle. */
static void
test_names (void)
{
  static const struct {
    const char *key, *tensor;
  } names[] = {
    { "lora_unet_down_blocks_1_attentions_0_transformer_blocks_1_attn1_to_q.lora_down.weight",
      "input_blocks.3.1.transformer_blocks.1.attn1.to_q.weight" },
    { "lora_unet_input_blocks_3_1_transformer_blocks_1_attn1_to_k.lora_down.weight",
      "input_blocks.3.1.transformer_blocks.1.attn1.to_k.weight" },
    { "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_out.0.lora_A.weight",
      "input_blocks.3.1.transformer_blocks.0.attn2.to_out.0.weight" },
    { "unet.mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_out_lora.down.weight",
      "middle_block.1.transformer_blocks.0.attn1.to_out.0.weight" },
    { "base_model.model.up_blocks.0.attentions.0.proj_in.lora_A.default.weight", "output_blocks.0.1.proj_in.weight" },
    { "lora_unet_up_blocks_0_upsamplers_0_conv.lora_down.weight", "output_blocks.1.1.conv.weight" },
    { "lora_unet_up_blocks_0_resnets_1_conv_shortcut.lora_down.weight", "output_blocks.1.0.skip_connection.weight" },
    { "lora_unet_up_blocks_1_resnets_1_conv2.lora_down.weight", "output_blocks.3.0.out_layers.3.weight" },
    { "lora_unet_down_blocks_0_downsamplers_0_conv.lora_down.weight", "input_blocks.2.0.op.weight" },
    { "lora_unet_down_blocks_1_resnets_0_time_emb_proj.lora_down.weight", "input_blocks.3.0.emb_layers.1.weight" },
    { "lora_unet_mid_block_resnets_1_conv1.lora_down.weight", "middle_block.2.in_layers.2.weight" },
    { "lora_unet_conv_in.lora_down.weight", "input_blocks.0.0.weight" },
    { "lora_unet_time_embedding_linear_2.lora_down.weight", "time_embed.2.weight" },
    { "diffusion_model.out.2.lora_A.weight", "out.2.weight" },
    { "lora_te_text_model_encoder_layers_0_mlp_fc1.lora_down.weight", "encoder.layers.0.mlp.fc1.weight" },
    { "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.down.weight",
      "encoder.layers.0.self_attn.q_proj.weight" },
    { "text_encoder.text_model.encoder.layers.0.self_attn.to_v_lora.down.weight",
      "encoder.layers.0.self_attn.v_proj.weight" },
  };
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (InqWeights) weights = inq_weights_open (file, NULL);
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  g_autoptr (GHashTable) map = inq_lora_map_new (weights, spec);
  g_auto (Maker) m = maker_new (300);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *up = g_strdup (names[i].key);
    char *at = strstr (up, "lora_A");
    if (at) {
      at[5] = 'B';
    } else {
      at = strstr (up, "down.weight");
      memcpy (at, "up.weight", sizeof "up.weight");
    }
    add (&m, names[i].key, 2, 5, 0, 0);
    add (&m, up, 5, 2, 0, 0);
  }
  g_autofree char *path = save (&m, "names.safetensors");
  g_autoptr (InqLora) lora = open_good (path);
  g_assert_cmpuint (inq_lora_get_count (lora), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const InqLoraTarget *target = g_hash_table_lookup (map, inq_lora_get (lora, i)->name);
    g_test_message ("%s", inq_lora_get (lora, i)->name);
    g_assert_nonnull (target);
    g_assert_true (g_str_has_suffix (target->weight->name, names[i].tensor));
  }
  g_assert_null (g_hash_table_lookup (map, "unet_down_blocks_0_attentions_0_proj_in"));
}

/* OpenCLIP keeps q, k and v in one matrix and its projection the other way round. */
static void
test_packed (void)
{
  g_auto (Maker) m = maker_new (400);
  const char *p = "conditioner.embedders.1.model.";
  static const struct {
    const char *name;
    gint64 a, b;
  } tensors[] = { { "token_embedding.weight", 20, 64 },
                  { "positional_embedding", 8, 64 },
                  { "ln_final.weight", 64, 0 },
                  { "transformer.resblocks.0.ln_1.weight", 64, 0 },
                  { "transformer.resblocks.0.attn.in_proj_weight", 192, 64 },
                  { "transformer.resblocks.0.attn.out_proj.weight", 64, 64 },
                  { "transformer.resblocks.0.mlp.c_fc.weight", 128, 64 },
                  { "text_projection", 64, 48 } };
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++) {
    g_autofree char *name = g_strconcat (p, tensors[i].name, NULL);
    add (&m, name, tensors[i].a, tensors[i].b, 0, 0);
  }
  static const char *const first_tower[] = { "embeddings.token_embedding.weight",
                                             "embeddings.position_embedding.weight", "final_layer_norm.weight",
                                             "encoder.layers.0.layer_norm1.weight", "encoder.layers.0.mlp.fc1.weight" };
  for (guint i = 0; i < G_N_ELEMENTS (first_tower); i++) {
    g_autofree char *name = g_strconcat ("conditioner.embedders.0.transformer.text_model.", first_tower[i], NULL);
    add (&m, name, 64, 64, 0, 0);
  }
  g_autofree char *path = save (&m, "packed.safetensors");
  g_autoptr (InqWeights) weights = inq_weights_open (path, NULL);
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  g_assert_cmpuint (spec->n_towers, ==, 2);
  g_autoptr (GHashTable) map = inq_lora_map_new (weights, spec);
  const InqLoraTarget *k = g_hash_table_lookup (map, "te2_text_model_encoder_layers_0_self_attn_k_proj");
  g_assert_nonnull (k);
  g_assert_cmpint (k->first, ==, 64);
  g_assert_cmpint (k->count, ==, 64);
  g_assert_true (g_str_has_suffix (k->weight->name, "in_proj_weight"));
  const InqLoraTarget *fc = g_hash_table_lookup (map, "te2_text_model_encoder_layers_0_mlp_fc1");
  g_assert_cmpint (fc->count, ==, 128);
  g_assert_nonnull (g_hash_table_lookup (map, "te_text_model_encoder_layers_0_mlp_fc1"));
  const InqLoraTarget *projection = g_hash_table_lookup (map, "te2_text_projection");
  g_assert_true (projection->transposed);
  g_assert_true (inq_lora_target_fits (projection, &(InqLoraModule){ .dims = { 48, 64, 1, 1 } }));
  g_assert_false (inq_lora_target_fits (projection, &(InqLoraModule){ .dims = { 64, 48, 1, 1 } }));
}

/* ---- pictures ---- */

typedef struct {
  GPtrArray *pictures;
  char *recipe;
} Seen;

static void
picture_cb (int index, guint64 seed, InqPicture *picture, const char *recipe, gpointer data)
{
  Seen *seen = data;
  g_ptr_array_add (seen->pictures, picture);
  g_free (seen->recipe);
  seen->recipe = g_strdup (recipe);
}

/* One small picture's bytes. @recipe (nullable) out. */
static GBytes *
draw (InqEngine *engine, const char *folder, const char *prompt, const InqLoraUse *loras, guint n, char **recipe,
      GError **error)
{
  InqModel *model = inq_engine_load (engine, folder, error);
  g_assert_nonnull (model);
  Seen seen = { .pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) inq_picture_free) };
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = prompt;
  params.seed = 5;
  params.steps = 2;
  params.width = 32;
  params.height = 32;
  params.sampler = "euler";
  params.loras = loras;
  params.n_loras = n;
  gboolean ok = inq_engine_generate (engine, model, &params,
                                     &(InqGenerateCallbacks){ .picture = picture_cb, .data = &seen }, NULL, error);
  GBytes *bytes = NULL;
  if (ok) {
    const InqPicture *picture = seen.pictures->pdata[0];
    bytes = g_bytes_new (picture->rgb, (gsize) picture->width * picture->height * 3);
  }
  if (recipe)
    *recipe = g_steal_pointer (&seen.recipe);
  g_free (seen.recipe);
  g_ptr_array_unref (seen.pictures);
  return bytes;
}

static GBytes *
draw_good (InqEngine *engine, const char *folder, const InqLoraUse *loras, guint n)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = draw (engine, folder, "wide shot", loras, n, NULL, &error);
  g_assert_no_error (error);
  return bytes;
}

/* Changes of the UNet's attention and convolution, and of the tower. */
static char *
style (const char *name, guint64 seed)
{
  g_auto (Maker) m = maker_new (seed);
  pair (&m, "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k", 64, 64, 2);
  pair (&m, "lora_unet_mid_block_attentions_0_transformer_blocks_0_ff_net_0_proj", 256, 64, 2);
  pair (&m, "lora_te_text_model_encoder_layers_0_self_attn_q_proj", 64, 64, 2);
  add_alpha (&m, "lora_te_text_model_encoder_layers_0_self_attn_q_proj.alpha", 1);
  add (&m, "lora_unet_down_blocks_1_resnets_0_conv2.lora_down.weight", 2, 64, 3, 3);
  add (&m, "lora_unet_down_blocks_1_resnets_0_conv2.lora_up.weight", 64, 2, 1, 1);
  return save (&m, name);
}

/* The fixture with @lora merged into its file. */
static char *
merged_model (const char *folder, const char *lora_path, float weight)
{
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (InqWeights) weights = inq_weights_open (file, NULL);
  g_autoptr (InqModelSpec) spec = inq_model_spec_new (weights);
  g_autoptr (GHashTable) map = inq_lora_map_new (weights, spec);
  g_autoptr (InqLora) lora = open_good (lora_path);
  g_auto (Maker) m = maker_new (0);
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *w = inq_weights_get (weights, i);
    float *data = g_new (float, inq_weight_count (w));
    inq_weight_to_f32 (w, data);
    for (guint k = 0; k < inq_lora_get_count (lora); k++) {
      const InqLoraTarget *target = g_hash_table_lookup (map, inq_lora_get (lora, k)->name);
      if (target->weight == w)
        inq_lora_module_add (inq_lora_get (lora, k), weight, 0, w->dims[0], data);
    }
    add_data (&m, w->name, w->n_dims, w->dims, data);
  }
  g_autofree char *other = g_build_filename (tmp, "merged", NULL),
                  *tokenizer = g_build_filename (other, "tokenizer", NULL);
  g_assert_cmpint (g_mkdir_with_parents (tokenizer, 0755), ==, 0);
  g_autofree char *from = g_build_filename (folder, "tokenizer", "merges.txt", NULL), *text = NULL;
  g_autofree char *to = g_build_filename (tokenizer, "merges.txt", NULL);
  g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (to, text, -1, NULL));
  g_autofree char *path = save (&m, "merged/model.safetensors");
  return g_steal_pointer (&other);
}

/* With a LoRA as with the merged file, and without it again as before: to the byte. */
static void
test_pictures (gconstpointer in_place)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *a = style ("a.safetensors", 1000), *b = style ("b.safetensors", 2000);
  g_autofree char *merged = merged_model (folder, a, 0.25f);
  g_autoptr (InqEngine) engine = fixture_engine ();
  engine->loras_in_place = in_place != NULL;
  const InqLoraUse first[] = { { a, 0.25, FALSE } }, other[] = { { a, 0.5, FALSE } };
  const InqLoraUse both[] = { { a, 0.25, FALSE }, { b, -0.25, FALSE } }, none[] = { { a, 0, FALSE } };
  g_autoptr (GBytes) plain = draw_good (engine, folder, NULL, 0);
  g_autoptr (GBytes) with = draw_good (engine, folder, first, 1);
  g_autoptr (GBytes) again = draw_good (engine, folder, first, 1);
  g_autoptr (GBytes) stronger = draw_good (engine, folder, other, 1);
  g_autoptr (GBytes) two = draw_good (engine, folder, both, 2);
  g_autoptr (GBytes) back = draw_good (engine, folder, first, 1);
  g_autoptr (GBytes) zero = draw_good (engine, folder, none, 1);
  g_autoptr (GBytes) after = draw_good (engine, folder, NULL, 0);
  g_assert_false (g_bytes_equal (plain, with));
  g_assert_true (g_bytes_equal (with, again));
  g_assert_false (g_bytes_equal (with, stronger));
  g_assert_false (g_bytes_equal (with, two));
  g_assert_true (g_bytes_equal (with, back));
  g_assert_true (g_bytes_equal (plain, zero));
  g_assert_true (g_bytes_equal (plain, after));
  g_autoptr (GBytes) reference = draw_good (engine, merged, NULL, 0);
  g_assert_true (g_bytes_equal (with, reference));
}

/* Quantised tensors are never changed in their place: the file's come back to the byte, whichever way a card has room
 * for. */
static void
test_quantised (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL), *gguf = NULL;
  g_autofree char *a = style ("a.safetensors", 1000), *merged = merged_model (folder, a, 0.25f);
  const InqLoraUse use = { a, 0.25, FALSE };
  g_autoptr (GBytes) reference = NULL;
  g_autofree char *model = g_build_filename (merged, "model.safetensors", NULL);

  g_assert_cmpint (g_unlink (model), ==, 0);
  gguf = g_build_filename (merged, "model.gguf", NULL);
  gguf_convert (file, gguf, INQ_DTYPE_Q8_0, NULL);
  for (int in_place = 0; in_place < 2; in_place++) {
    g_autoptr (InqEngine) engine = fixture_engine ();
    engine->loras_in_place = in_place;
    g_autoptr (GBytes) plain = draw_good (engine, merged, NULL, 0);
    g_autoptr (GBytes) with = draw_good (engine, merged, &use, 1);
    g_autoptr (GBytes) after = draw_good (engine, merged, NULL, 0);
    g_autoptr (GBytes) back = draw_good (engine, merged, &use, 1);
    gsize n = g_bytes_get_size (with);
    const guint8 *p = g_bytes_get_data (with, NULL), *q = reference ? g_bytes_get_data (reference, NULL) : NULL;
    g_assert_false (g_bytes_equal (plain, with));
    g_assert_true (g_bytes_equal (plain, after));
    g_assert_true (g_bytes_equal (with, back));
    for (gsize i = 0; q && i < n; i++) /* f32 beside, halves in place */
      g_assert_cmpint (abs (p[i] - q[i]), <=, 2);
    if (!reference)
      reference = g_bytes_ref (with);
  }
  g_assert_cmpint (g_unlink (gguf), ==, 0);
}

/* ---- what does not fit ---- */

static void
refuse (InqEngine *engine, const char *folder, const char *path, GQuark domain, int code, const char *says)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) none = draw (engine, folder, "wide shot", &(InqLoraUse){ path, 1, FALSE }, 1, NULL, &error);
  g_assert_null (none);
  g_test_message ("%s", error->message);
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_refused (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autoptr (InqEngine) engine = fixture_engine ();
  const char *k = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k";
  g_autoptr (GBytes) before = draw_good (engine, folder, NULL, 0);
  { /* another family: the second layer is too wide */
    g_auto (Maker) m = maker_new (1);
    pair (&m, "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_k", 64, 64, 2);
    pair (&m, k, 64, 2048, 2);
    pair (&m, "lora_te2_text_model_encoder_layers_0_mlp_fc1", 64, 64, 2);
    g_autofree char *path = save (&m, "wide.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE, "1 of its 3 layers fit");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE, "attn2_to_k changes a matrix of 64x2048");
  }
  { /* half a pair */
    g_auto (Maker) m = maker_new (2);
    add (&m, "lora_unet_conv_in.lora_down.weight", 2, 4, 3, 3);
    g_autofree char *path = save (&m, "half.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, "lora_unet_conv_in.lora_up.weight");
  }
  { /* ranks that differ */
    g_auto (Maker) m = maker_new (3);
    add (&m, "lora_unet_conv_in.lora_down.weight", 2, 4, 3, 3);
    add (&m, "lora_unet_conv_in.lora_up.weight", 32, 3, 1, 1);
    g_autofree char *path = save (&m, "ranks.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE, "[32, 3, 1, 1]");
  }
  { /* a vector, and alpha that is none */
    g_auto (Maker) m = maker_new (4);
    add (&m, "lora_unet_conv_in.lora_down.weight", 36, 0, 0, 0);
    add (&m, "lora_unet_conv_in.lora_up.weight", 32, 1, 0, 0);
    g_autofree char *path = save (&m, "vector.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_SHAPE, "no matrix");
    g_auto (Maker) n = maker_new (5);
    pair (&n, k, 64, 64, 2);
    g_autofree char *alpha = g_strconcat (k, ".alpha", NULL);
    add_alpha (&n, alpha, NAN);
    g_autofree char *nan_path = save (&n, "alpha.safetensors");
    refuse (engine, folder, nan_path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT, "not one number");
  }
  { /* the same part twice, in two spellings */
    g_auto (Maker) m = maker_new (6);
    pair (&m, "lora_unet_conv_in", 32, 36, 2);
    add (&m, "unet.conv_in.lora_A.weight", 2, 36, 0, 0);
    g_autofree char *path = save (&m, "twice.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_CORRUPT, "the same part");
  }
  { /* a checkpoint, no LoRA; nothing at all; no file */
    g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
    refuse (engine, folder, file, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED, "no part of a LoRA");
    g_auto (Maker) m = maker_new (7);
    g_autofree char *path = save (&m, "nothing.safetensors");
    refuse (engine, folder, path, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, "holds nothing");
    refuse (engine, folder, "/nonexistent/x.safetensors", INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, "x.safetensors");
    refuse (engine, folder, "unheard-of", INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING, "unheard-of");
  }
  { /* weights out of range */
    g_autofree char *path = style ("strong.safetensors", 9);
    g_autoptr (GError) error = NULL;
    g_assert_null (draw (engine, folder, "", &(InqLoraUse){ path, 11, FALSE }, 1, NULL, &error));
    g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
    g_clear_error (&error);
    g_assert_null (draw (engine, folder, "", &(InqLoraUse){ path, NAN, FALSE }, 1, NULL, &error));
    g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
  }
  g_autoptr (GBytes) after = draw_good (engine, folder, NULL, 0);
  g_assert_true (g_bytes_equal (before, after));
}

/* A file cut short while it is used is an error, and the model then has no LoRA. */
static void
test_shrinks (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *path = style ("shrinks.safetensors", 3000);
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqModel *model = inq_engine_load (engine, folder, NULL);
  g_autoptr (GBytes) plain = draw_good (engine, folder, NULL, 0);
  g_autoptr (GError) error = NULL;
  inq_model_drop_device (model);
  g_assert_true (inq_model_set_loras (model, &(InqLoraUse){ path, 1, FALSE }, 1, &error));
  g_assert_cmpint (truncate (path, 1000), ==, 0);
  const gint32 ids[20] = { 0 };
  g_autofree float *last = g_new (float, 20 * 64);
  g_assert_false (inq_model_run_text (model, 0, ids, 1, &(InqTextStates){ .last = last }, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO);
  g_autoptr (GBytes) after = draw_good (engine, folder, NULL, 0);
  g_assert_true (g_bytes_equal (plain, after));
}

/* ---- prompts ---- */

static void
test_tags (void)
{
  static const struct {
    const char *prompt, *rest, *name;
    double weight;
  } good[] = { { "a fox", "a fox", NULL, 0 },
               { "a <fox> < b", "a <fox> < b", NULL, 0 },
               { "ink <lora:Ink Wash:0.8>, night", "ink , night", "Ink Wash", 0.8 },
               { "<lora:x>", "", "x", 1 },
               { "<lyco:y:-1.5:-1.5>z", "z", "y", -1.5 },
               { "<lora: é : .5 >", "", "é", 0.5 } };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GArray) loras = inq_prompt_loras_new ();
    g_autoptr (GError) error = NULL;
    g_autofree char *rest = inq_prompt_take_loras (good[i].prompt, loras, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (rest, ==, good[i].rest);
    g_assert_cmpuint (loras->len, ==, good[i].name != NULL);
    if (good[i].name) {
      g_assert_cmpstr (g_array_index (loras, InqPromptLora, 0).name, ==, good[i].name);
      g_assert_cmpfloat (g_array_index (loras, InqPromptLora, 0).weight, ==, good[i].weight);
    }
  }
  static const char *const bad[] = { "<lora:x:much>", "a <lora:x",    "<lora:>",        "<lora::1>",
                                     "<lora:x:>",     "<lora:x:nan>", "<lora:x:1:0.5>", "<lora:\xff\xfe:q>" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GArray) loras = inq_prompt_loras_new ();
    g_autoptr (GError) error = NULL;
    g_assert_null (inq_prompt_take_loras (bad[i], loras, &error));
    g_assert_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
}

/* A name in the prompt means a file in the user's folder, and nothing outside of it. */
static void
test_prompt (void)
{
  g_autofree char *folder = fixture_model (tmp, "sd1", 0);
  g_autofree char *loras = inq_loras_folder (), *nested = g_build_filename (loras, "ink", NULL);
  g_assert_true (g_str_has_prefix (loras, tmp));
  g_assert_cmpint (g_mkdir_with_parents (nested, 0755), ==, 0);
  g_autofree char *path = style ("wash.safetensors", 4000),
                  *installed = g_build_filename (nested, "wash.safetensors", NULL);
  g_assert_cmpint (g_rename (path, installed), ==, 0);
  g_auto (GStrv) list = inq_loras_list ();
  g_assert_cmpuint (g_strv_length (list), ==, 1);
  g_assert_cmpstr (list[0], ==, installed);

  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GError) error = NULL;
  g_autofree char *recipe = NULL;
  g_autoptr (GBytes) by_tag = draw (engine, folder, "wide <lora:wash:0.5>shot", NULL, 0, &recipe, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) by_hand = draw_good (engine, folder, &(InqLoraUse){ "wash", 0.5, FALSE }, 1);
  g_autoptr (GBytes) without = draw_good (engine, folder, NULL, 0);
  g_assert_true (g_bytes_equal (by_tag, by_hand));
  g_assert_false (g_bytes_equal (by_tag, without));

  g_autoptr (JsonNode) node = json_from_string (recipe, &error);
  g_assert_no_error (error);
  JsonObject *object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "prompt"), ==, "wide <lora:wash:0.5>shot");
  JsonArray *array = json_object_get_array_member (object, "loras");
  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  JsonObject *one = json_array_get_object_element (array, 0);
  g_autoptr (InqWeights) weights = inq_weights_open (installed, NULL);
  g_assert_cmpstr (json_object_get_string_member (one, "name"), ==, "wash");
  g_assert_cmpstr (json_object_get_string_member (one, "hash"), ==, inq_weights_get_hash (weights));
  g_assert_cmpfloat (json_object_get_double_member (one, "weight"), ==, 0.5);
  g_assert_true (json_object_get_boolean_member (one, "in_prompt"));

  g_autofree char *outside = style ("outside.safetensors", 5000);
  g_autofree char *tag = g_strdup_printf ("<lora:%s:1>", outside);
  g_assert_null (draw (engine, folder, tag, NULL, 0, NULL, &error));
  g_assert_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_MISSING);
}

int
main (int argc, char **argv)
{
  tmp = fixture_folder_new ();
  g_setenv ("XDG_DATA_HOME", tmp, TRUE);
  if (!fixture_have_engine ()) {
    fixture_folder_free (tmp);
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lora/plain", test_plain);
  g_test_add_func ("/lora/hadamard", test_hadamard);
  g_test_add_func ("/lora/kronecker", test_kronecker);
  g_test_add_func ("/lora/names", test_names);
  g_test_add_func ("/lora/packed", test_packed);
  g_test_add_data_func ("/lora/pictures/beside", NULL, test_pictures);
  g_test_add_data_func ("/lora/pictures/in-place", "in place", test_pictures);
  g_test_add_func ("/lora/pictures/quantised", test_quantised);
  g_test_add_func ("/lora/refused", test_refused);
  g_test_add_func ("/lora/shrinks", test_shrinks);
  g_test_add_func ("/lora/tags", test_tags);
  g_test_add_func ("/lora/prompt", test_prompt);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

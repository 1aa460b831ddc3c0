/* Inquadra - tests: LoRA files against plain arithmetic and their names.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "lora-maker.h"

#include <inq-lora-map.h>

static char *tmp;

/* ---- arithmetic ---- */

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
  const float *down = maker_add (&m, "lora_unet_a.lora_down.weight", 6, 10, 0, 0);
  const float *up = maker_add (&m, "lora_unet_a.lora_up.weight", 8, 6, 0, 0);
  maker_add_alpha (&m, "lora_unet_a.alpha", 3);
  const float *conv_down = maker_add (&m, "lora_unet_b.lora_down.weight", 5, 4, 3, 3);
  const float *conv_up = maker_add (&m, "lora_unet_b.lora_up.weight", 7, 5, 1, 1);
  const float *mid_down = maker_add (&m, "lora_unet_c.lora_down.weight", 3, 4, 1, 1);
  const float *mid = maker_add (&m, "lora_unet_c.lora_mid.weight", 3, 3, 3, 3);
  const float *mid_up = maker_add (&m, "lora_unet_c.lora_up.weight", 6, 3, 1, 1);
  /* enough of it that threads share the rows */
  const float *big_down = maker_add (&m, "lora_unet_d.lora_down.weight", 33, 400, 0, 0);
  const float *big_up = maker_add (&m, "lora_unet_d.lora_up.weight", 401, 33, 0, 0);
  g_autofree char *path = maker_save (&m, tmp, "plain.safetensors");
  g_autoptr (InqLora) lora = maker_open (path);
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
  const float *a1 = maker_add (&m, "lora_unet_a.hada_w1_a", 8, 4, 0, 0),
              *b1 = maker_add (&m, "lora_unet_a.hada_w1_b", 4, 10, 0, 0);
  const float *a2 = maker_add (&m, "lora_unet_a.hada_w2_a", 8, 4, 0, 0),
              *b2 = maker_add (&m, "lora_unet_a.hada_w2_b", 4, 10, 0, 0);
  maker_add_alpha (&m, "lora_unet_a.alpha", 1);
  const float *c1 = maker_add (&m, "lora_unet_b.hada_w1_a", 3, 6, 0, 0),
              *d1 = maker_add (&m, "lora_unet_b.hada_w1_b", 3, 4, 0, 0);
  const float *c2 = maker_add (&m, "lora_unet_b.hada_w2_a", 3, 6, 0, 0),
              *d2 = maker_add (&m, "lora_unet_b.hada_w2_b", 3, 4, 0, 0);
  const float *t1 = maker_add (&m, "lora_unet_b.hada_t1", 3, 3, 3, 3),
              *t2 = maker_add (&m, "lora_unet_b.hada_t2", 3, 3, 3, 3);
  g_autofree char *path = maker_save (&m, tmp, "loha.safetensors");
  g_autoptr (InqLora) lora = maker_open (path);
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
  const float *w1 = maker_add (&m, "lora_unet_a.lokr_w1", 2, 3, 0, 0);
  const float *w2a = maker_add (&m, "lora_unet_a.lokr_w2_a", 4, 2, 0, 0),
              *w2b = maker_add (&m, "lora_unet_a.lokr_w2_b", 2, 5, 0, 0);
  maker_add_alpha (&m, "lora_unet_a.alpha", 1);
  const float *x1 = maker_add (&m, "lora_unet_b.lokr_w1", 2, 2, 0, 0),
              *x2 = maker_add (&m, "lora_unet_b.lokr_w2", 3, 2, 3, 3);
  maker_add_alpha (&m, "lora_unet_b.alpha", 7); /* both whole: alpha says nothing */
  const float *y1a = maker_add (&m, "lora_unet_c.lokr_w1_a", 2, 1, 0, 0),
              *y1b = maker_add (&m, "lora_unet_c.lokr_w1_b", 1, 2, 0, 0);
  const float *y2a = maker_add (&m, "lora_unet_c.lokr_w2_a", 2, 3, 0, 0),
              *y2b = maker_add (&m, "lora_unet_c.lokr_w2_b", 2, 4, 0, 0);
  const float *yt = maker_add (&m, "lora_unet_c.lokr_t2", 2, 2, 3, 3);
  g_autofree char *path = maker_save (&m, tmp, "lokr.safetensors");
  g_autoptr (InqLora) lora = maker_open (path);
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
    maker_add (&m, names[i].key, 2, 5, 0, 0);
    maker_add (&m, up, 5, 2, 0, 0);
  }
  g_autofree char *path = maker_save (&m, tmp, "names.safetensors");
  g_autoptr (InqLora) lora = maker_open (path);
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
    maker_add (&m, name, tensors[i].a, tensors[i].b, 0, 0);
  }
  static const char *const first_tower[] = { "embeddings.token_embedding.weight",
                                             "embeddings.position_embedding.weight", "final_layer_norm.weight",
                                             "encoder.layers.0.layer_norm1.weight", "encoder.layers.0.mlp.fc1.weight" };
  for (guint i = 0; i < G_N_ELEMENTS (first_tower); i++) {
    g_autofree char *name = g_strconcat ("conditioner.embedders.0.transformer.text_model.", first_tower[i], NULL);
    maker_add (&m, name, 64, 64, 0, 0);
  }
  g_autofree char *path = maker_save (&m, tmp, "packed.safetensors");
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
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

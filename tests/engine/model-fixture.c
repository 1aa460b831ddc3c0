/* Inquadra - small models with random weights, written as the files the engine reads.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  GString *header;
  GByteArray *data;
  GRand *rand;
  const char *root; /* of the networks that follow */
  float poison;     /* added to every weight from here on: 0, or NaN */
} Writer;

static void
add (Writer *w, const char *name, const gint64 *dims, guint n_dims, float scale, float offset)
{
  gsize n = 1, begin = w->data->len;
  g_string_append_printf (w->header, ",\"%s\":{\"dtype\":\"F32\",\"shape\":[", name);
  for (guint i = 0; i < n_dims; i++) {
    n *= (gsize) dims[i];
    g_string_append_printf (w->header, "%s%" G_GINT64_FORMAT, i ? "," : "", dims[i]);
  }
  for (gsize i = 0; i < n; i++) {
    /* sum of uniforms: near enough to normal, unit variance */
    double v = 0;
    for (int k = 0; k < 3; k++)
      v += g_rand_double (w->rand) * 2 - 1;
    float value = (float) v * scale + offset + w->poison;
    g_byte_array_append (w->data, (const guint8 *) &value, sizeof value);
  }
  g_string_append_printf (w->header, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%u]}", begin, w->data->len);
}

static void
linear (Writer *w, const char *prefix, const char *name, gint64 in, gint64 out, gboolean bias)
{
  g_autofree char *weight = g_strdup_printf ("%s%s.weight", prefix, name);
  add (w, weight, (gint64[]){ out, in }, 2, 1 / sqrtf ((float) in), 0);
  if (bias) {
    g_autofree char *b = g_strdup_printf ("%s%s.bias", prefix, name);
    add (w, b, (gint64[]){ out }, 1, 0.02f, 0);
  }
}

static void
conv (Writer *w, const char *prefix, const char *name, gint64 in, gint64 out, gint64 k, gboolean bias)
{
  g_autofree char *weight = g_strdup_printf ("%s%s.weight", prefix, name);
  add (w, weight, (gint64[]){ out, in, k, k }, 4, 1 / sqrtf ((float) (in * k * k)), 0);
  if (bias) {
    g_autofree char *b = g_strdup_printf ("%s%s.bias", prefix, name);
    add (w, b, (gint64[]){ out }, 1, 0.02f, 0);
  }
}

static void
norm (Writer *w, const char *prefix, const char *name, gint64 c)
{
  g_autofree char *weight = g_strdup_printf ("%s%s.weight", prefix, name);
  g_autofree char *bias = g_strdup_printf ("%s%s.bias", prefix, name);
  add (w, weight, (gint64[]){ c }, 1, 0.1f, 1);
  add (w, bias, (gint64[]){ c }, 1, 0.05f, 0);
}

/* ---- networks ---- */

static void
tower (Writer *w, gint64 ids, gint64 positions, gint64 d, int layers)
{
  const char *p = "cond_stage_model.transformer.text_model.";
  g_autofree char *token = g_strconcat (p, "embeddings.token_embedding.weight", NULL);
  g_autofree char *position = g_strconcat (p, "embeddings.position_embedding.weight", NULL);
  add (w, token, (gint64[]){ ids, d }, 2, 0.3f, 0);
  add (w, position, (gint64[]){ positions, d }, 2, 0.1f, 0);
  for (int i = 0; i < layers; i++) {
    g_autofree char *l = g_strdup_printf ("%sencoder.layers.%d.", p, i);
    norm (w, l, "layer_norm1", d);
    norm (w, l, "layer_norm2", d);
    linear (w, l, "self_attn.q_proj", d, d, TRUE);
    linear (w, l, "self_attn.k_proj", d, d, TRUE);
    linear (w, l, "self_attn.v_proj", d, d, TRUE);
    linear (w, l, "self_attn.out_proj", d, d, TRUE);
    linear (w, l, "mlp.fc1", d, 2 * d, TRUE);
    linear (w, l, "mlp.fc2", 2 * d, d, TRUE);
  }
  norm (w, p, "final_layer_norm", d);
}

static void
res (Writer *w, const char *where, gint64 in, gint64 out, gint64 emb)
{
  g_autofree char *p = g_strdup_printf ("%s%s.", w->root, where);
  norm (w, p, "in_layers.0", in);
  conv (w, p, "in_layers.2", in, out, 3, TRUE);
  linear (w, p, "emb_layers.1", emb, out, TRUE);
  norm (w, p, "out_layers.0", out);
  conv (w, p, "out_layers.3", out, out, 3, TRUE);
  if (in != out)
    conv (w, p, "skip_connection", in, out, 1, TRUE);
}

static void
transformer (Writer *w, const char *where, gint64 d, gint64 context, gboolean linear_projection, int depth)
{
  g_autofree char *p = g_strdup_printf ("%s%s.", w->root, where);
  norm (w, p, "norm", d);
  if (linear_projection) {
    linear (w, p, "proj_in", d, d, TRUE);
    linear (w, p, "proj_out", d, d, TRUE);
  } else {
    conv (w, p, "proj_in", d, d, 1, TRUE);
    conv (w, p, "proj_out", d, d, 1, TRUE);
  }
  for (int i = 0; i < depth; i++) {
    g_autofree char *b = g_strdup_printf ("%stransformer_blocks.%d.", p, i);
    for (int a = 1; a <= 2; a++) {
      g_autofree char *n = g_strdup_printf ("%sattn%d.", b, a);
      gint64 from = a == 1 ? d : context;
      linear (w, n, "to_q", d, d, FALSE);
      linear (w, n, "to_k", from, d, FALSE);
      linear (w, n, "to_v", from, d, FALSE);
      linear (w, n, "to_out.0", d, d, TRUE);
    }
    norm (w, b, "norm1", d);
    norm (w, b, "norm2", d);
    norm (w, b, "norm3", d);
    linear (w, b, "ff.net.0.proj", d, 4 * d, TRUE);
    linear (w, b, "ff.net.2", 2 * d, d, TRUE);
  }
}

/* Two levels of widths c and d, transformers at the second. @io: channels in and out, @more: of the input alone. */
static void
unet (Writer *w, gint64 io, gint64 more, gint64 c, gint64 d, gint64 context, gboolean linear_projection,
      FixtureFlags flags)
{
  const char *root = w->root;
  gint64 e = 4 * c;
  linear (w, root, "time_embed.0", c, e, TRUE);
  linear (w, root, "time_embed.2", e, e, TRUE);
  if (flags & FIXTURE_GUIDANCE)
    linear (w, root, "time_embed.cond_proj", 8, c, FALSE);
  if (flags & (FIXTURE_POOLED | FIXTURE_POOLED_ODD)) {
    linear (w, root, "label_emb.0.0", flags & FIXTURE_POOLED ? context : context + 1, e, TRUE);
    linear (w, root, "label_emb.0.2", e, e, TRUE);
  }
  conv (w, root, "input_blocks.0.0", io + more, c, 3, TRUE);
  res (w, "input_blocks.1.0", c, c, e);
  conv (w, root, "input_blocks.2.0.op", c, c, 3, TRUE);
  res (w, "input_blocks.3.0", c, d, e);
  transformer (w, "input_blocks.3.1", d, context, linear_projection, 2);
  res (w, "middle_block.0", d, d, e);
  transformer (w, "middle_block.1", d, context, linear_projection, 1);
  res (w, "middle_block.2", d, d, e);
  res (w, "output_blocks.0.0", 2 * d, d, e);
  transformer (w, "output_blocks.0.1", d, context, linear_projection, 1);
  res (w, "output_blocks.1.0", d + c, d, e);
  conv (w, root, "output_blocks.1.1.conv", d, c, 3, TRUE);
  res (w, "output_blocks.2.0", 2 * c, c, e);
  if (!(flags & FIXTURE_SHORT_UNET))
    res (w, "output_blocks.3.0", 2 * c, c, e);
  norm (w, root, "out.0", c);
  conv (w, root, "out.2", c, io, 3, TRUE);
}

static void
ae_block (Writer *w, const char *p, gint64 in, gint64 out)
{
  norm (w, p, "norm1", in);
  conv (w, p, "conv1", in, out, 3, TRUE);
  norm (w, p, "norm2", out);
  conv (w, p, "conv2", out, out, 3, TRUE);
  if (in != out)
    conv (w, p, "nin_shortcut", in, out, 1, TRUE);
}

static void
ae_mid (Writer *w, const char *side, gint64 c, gboolean attention)
{
  g_autofree char *one = g_strdup_printf ("first_stage_model.%s.mid.block_1.", side);
  g_autofree char *two = g_strdup_printf ("first_stage_model.%s.mid.block_2.", side);
  g_autofree char *attn = g_strdup_printf ("first_stage_model.%s.mid.attn_1.", side);
  ae_block (w, one, c, c);
  ae_block (w, two, c, c);
  if (!attention)
    return;
  norm (w, attn, "norm", c);
  conv (w, attn, "q", c, c, 1, TRUE);
  conv (w, attn, "k", c, c, 1, TRUE);
  conv (w, attn, "v", c, c, 1, TRUE);
  conv (w, attn, "proj_out", c, c, 1, TRUE);
}

/* Two levels of widths a and b: one halving. @io: channels of the (folded) picture; @z: latents; @moments: of the
 * encoder. */
static void
decoder (Writer *w, gint64 io, gint64 z, gint64 a, gint64 b, gboolean attention, gboolean quant)
{
  const char *root = "first_stage_model.";
  conv (w, root, "decoder.conv_in", z, b, 3, TRUE);
  ae_mid (w, "decoder", b, attention);
  ae_block (w, "first_stage_model.decoder.up.0.block.0.", a, a);
  ae_block (w, "first_stage_model.decoder.up.1.block.0.", b, a);
  conv (w, root, "decoder.up.1.upsample.conv", a, a, 3, TRUE);
  norm (w, root, "decoder.norm_out", a);
  conv (w, root, "decoder.conv_out", a, io, 3, TRUE);
  if (quant)
    conv (w, root, "post_quant_conv", z, z, 1, TRUE);
}

static void
encoder (Writer *w, gint64 io, gint64 moments, gint64 a, gint64 b, gboolean attention, gboolean quant)
{
  const char *root = "first_stage_model.";
  conv (w, root, "encoder.conv_in", io, a, 3, TRUE);
  ae_block (w, "first_stage_model.encoder.down.0.block.0.", a, a);
  conv (w, root, "encoder.down.0.downsample.conv", a, a, 3, TRUE);
  ae_block (w, "first_stage_model.encoder.down.1.block.0.", a, b);
  ae_mid (w, "encoder", b, attention);
  norm (w, root, "encoder.norm_out", b);
  conv (w, root, "encoder.conv_out", b, moments, 3, TRUE);
  if (quant)
    conv (w, root, "quant_conv", moments, moments, 1, TRUE);
}

/* ---- files ---- */

static const char merges[] =
    "#version: 0.2\nt h\nth e</w>\ni n\na n\nr e\no n</w>\nw i\nwi d\nwid e</w>\ns h\no t</w>\n"
    "sh ot</w>\na t</w>\nn i\nni g\n";
#define N_MERGES 15
#define N_IDS    (514 + N_MERGES)

static void
write_file (const char *path, Writer *w, const char *metadata)
{
  g_autofree char *header = g_strdup_printf ("{\"__metadata__\":{%s}%s}", metadata, w->header->str);
  guint64 size = GUINT64_TO_LE ((guint64) strlen (header));
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_byte_array_append (all, (const guint8 *) &size, sizeof size);
  g_byte_array_append (all, (const guint8 *) header, (guint) strlen (header));
  g_byte_array_append (all, w->data->data, w->data->len);
  g_file_set_contents (path, (const char *) all->data, (gssize) all->len, &error);
  g_assert_no_error (error);
}

static void
write_house (Writer *w, FixtureFlags flags)
{
  gboolean attention = (flags & FIXTURE_MID_ATTENTION) != 0;
  w->poison = flags & FIXTURE_NAN_TEXT ? NAN : 0;
  if (!(flags & FIXTURE_NO_TEXT))
    tower (w, N_IDS, 24, 16, 2);
  w->poison = flags & FIXTURE_NAN_UNET ? NAN : 0;
  if (!(flags & FIXTURE_NO_UNET))
    unet (w, 16, 0, 16, 24, 16, FALSE, flags);
  w->root = "guide.diffusion_model.";
  if (flags & (FIXTURE_GUIDE | FIXTURE_GUIDE_ODD))
    unet (w, flags & FIXTURE_GUIDE ? 16 : 12, 0, 8, 16, 16, FALSE, flags);
  w->poison = flags & FIXTURE_NAN_DECODER ? NAN : 0;
  if (!(flags & FIXTURE_NO_DECODER))
    decoder (w, 4, 4, 8, 12, attention, FALSE);
  w->poison = flags & FIXTURE_NAN_ENCODER ? NAN : 0;
  if (!(flags & FIXTURE_NO_ENCODER))
    encoder (w, 4, 4, 8, 12, attention, FALSE);
}

static void
write_sd1 (Writer *w, FixtureFlags flags)
{
  w->poison = flags & FIXTURE_NAN_TEXT ? NAN : 0;
  if (!(flags & FIXTURE_NO_TEXT))
    tower (w, N_IDS, 20, 64, 1);
  w->poison = flags & FIXTURE_NAN_UNET ? NAN : 0;
  if (!(flags & FIXTURE_NO_UNET))
    unet (w, 4, flags & FIXTURE_INPAINT ? 5 : 0, 32, 64, 64, TRUE, flags);
  w->poison = flags & FIXTURE_NAN_DECODER ? NAN : 0;
  if (!(flags & FIXTURE_NO_DECODER))
    decoder (w, 3, 4, 32, 32, TRUE, TRUE);
  w->poison = flags & FIXTURE_NAN_ENCODER ? NAN : 0;
  if (!(flags & FIXTURE_NO_ENCODER))
    encoder (w, 3, 8, 32, 32, TRUE, TRUE);
}

static Writer
writer_new (guint32 seed)
{
  return (Writer){ .header = g_string_new (NULL),
                   .data = g_byte_array_new (),
                   .rand = g_rand_new_with_seed (seed),
                   .root = "model.diffusion_model." };
}

static void
writer_clear (Writer *w)
{
  g_string_free (w->header, TRUE);
  g_byte_array_unref (w->data);
  g_rand_free (w->rand);
}

char *
fixture_model (const char *parent, const char *family, FixtureFlags flags)
{
  gboolean house = g_str_equal (family, "house");
  g_autofree char *name = g_strdup_printf ("%s-%x", family, (guint) flags);
  char *folder = g_build_filename (parent, name, NULL);
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer", NULL);
  g_autofree char *list = g_build_filename (tokenizer, "merges.txt", NULL);
  g_assert_cmpint (g_mkdir_with_parents (tokenizer, 0755), ==, 0);
  Writer w = writer_new (house ? 11 : 12);
  if (house)
    write_house (&w, flags);
  else
    write_sd1 (&w, flags);
  write_file (file, &w,
              house ? "\"inquadra.family\":\"house\",\"inquadra.name\":\"Fixture\",\"inquadra.prediction\":\"flow\","
                      "\"inquadra.unet.patch\":\"2\",\"inquadra.unet.head_dim\":\"8\",\"inquadra.vae.patch\":\"2\","
                      "\"inquadra.groups\":\"4\",\"inquadra.vae.scale\":\"0.5\",\"inquadra.vae.shift\":\"0.1\","
                      "\"inquadra.text.head_dim\":\"8\",\"inquadra.text.act\":\"quick_gelu\","
                      "\"inquadra.size\":\"64x32\",\"inquadra.sampler\":\"euler\",\"inquadra.steps\":\"4\","
                      "\"inquadra.cfg\":\"3\",\"inquadra.flow_shift\":\"1.5\",\"inquadra.license\":\"CC0-1.0\""
                    : "\"format\":\"pt\"");
  writer_clear (&w);
  if (!(flags & FIXTURE_NO_MERGES))
    g_assert_true (g_file_set_contents (list, merges, -1, NULL));
  return folder;
}

void
fixture_tiny (const char *folder, float poison)
{
  g_autofree char *file = g_build_filename (folder, "taesd_decoder.safetensors", NULL);
  Writer w = writer_new (5);
  w.poison = poison;
  conv (&w, "", "1", 4, 16, 3, TRUE);
  for (int i = 3; i <= 4; i++) {
    g_autofree char *p = g_strdup_printf ("%d.", i);
    conv (&w, p, "conv.0", 16, 16, 3, TRUE);
    conv (&w, p, "conv.2", 16, 16, 3, TRUE);
    conv (&w, p, "conv.4", 16, 16, 3, TRUE);
  }
  conv (&w, "", "6", 16, 16, 3, FALSE); /* after the doubling at 5 */
  conv (&w, "", "7", 16, 3, 3, TRUE);
  write_file (file, &w, "\"format\":\"pt\"");
  writer_clear (&w);
}

void
fixture_rewrite (const char *from, const char *folder, FixtureEdit edit, const InqWeightOut *extra, guint n_extra)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqWeights) weights = inq_weights_open (from, &error);
  g_assert_no_error (error);
  g_autoptr (GArray) out = g_array_new (FALSE, FALSE, sizeof (InqWeightOut));
  g_autoptr (GPtrArray) data = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < inq_weights_get_count (weights); i++) {
    const InqWeight *w = inq_weights_get (weights, i);
    InqWeightOut t = { .name = w->name, .n_dims = w->n_dims };
    memcpy (t.dims, w->dims, sizeof t.dims);
    float *values = g_new (float, inq_weight_count (w));
    inq_weight_to_f32 (w, values);
    gboolean keep = edit (&t, &values);
    t.data = values;
    g_ptr_array_add (data, values);
    if (keep)
      g_array_append_val (out, t);
  }
  g_array_append_vals (out, extra, n_extra);
  g_autofree char *path = g_build_filename (folder, "model.safetensors", NULL);
  inq_weights_write (path, (const InqWeightOut *) out->data, out->len, &error);
  g_assert_no_error (error);
}

char *
fixture_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("inquadra-test-XXXXXX", &error);
  g_assert_no_error (error);
  return folder;
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;
  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *inner = g_build_filename (path, name, NULL);
    remove_tree (inner);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

void
fixture_folder_free (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

static void
log_cb (GLogLevelFlags level, const char *message, gpointer data)
{
  g_test_message ("%s", message);
}

gboolean
fixture_have_engine (void)
{
  g_autoptr (GError) error = NULL;
  InqGpu *gpu = inq_gpu_new (NULL, &error);
  if (!gpu)
    printf ("1..0 # SKIP %s\n", error->message);
  inq_gpu_unref (gpu);
  return gpu != NULL;
}

InqEngine *
fixture_engine (void)
{
  g_autoptr (GError) error = NULL;
  InqEngine *engine = inq_engine_new (&(InqGpuOptions){ .log = log_cb }, &error);
  g_assert_no_error (error);
  return engine;
}

/* Inquadra - models of published size with random weights, made in memory.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-shape.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define UNET "model.diffusion_model."
#define VAE  "first_stage_model."

typedef struct {
  const char *name;
  int mult[4]; /* of the network's width, 0: no such level */
  int depth[4];
  int middle;
  int context;
  int adm;            /* 0: none */
  gboolean straight;  /* projections around transformers are linear layers, else 1 x 1 convolutions */
  const char *clip_l; /* (nullable) prefix */
  const char *openclip;
  int open_layers, open_width;
} Shape;

#define WIDTH     320
#define EMB       (4 * WIDTH)
#define N_TOKENS  49408
#define POSITIONS 77

static const Shape shapes[] = {
  { "sd15", { 1, 2, 4, 4 }, { 1, 1, 1, 0 }, 1, 768, 0, FALSE, "cond_stage_model.transformer.", NULL, 0, 0 },
  { "sd2", { 1, 2, 4, 4 }, { 1, 1, 1, 0 }, 1, 1024, 0, TRUE, NULL, "cond_stage_model.", 24, 1024 },
  { "sdxl",
    { 1, 2, 4, 0 },
    { 0, 2, 10, 0 },
    10,
    2048,
    2816,
    TRUE,
    "conditioner.embedders.0.transformer.",
    "conditioner.embedders.1.",
    32,
    1280 },
};

typedef enum {
  NOISE,
  ZERO,
  ONE,
  EMBEDDING, /* noise that stays halves */
} Fill;

typedef struct {
  GArray *tensors; /* InqWeight, without data */
  GArray *fills;   /* Fill */
  GStringChunk *names;
} Maker;

static void
add (Maker *m, const char *prefix, const char *suffix, Fill fill, guint n_dims, int a, int b, int kernel)
{
  g_autofree char *name = g_strconcat (prefix, suffix, NULL);
  InqWeight w = { .name = g_string_chunk_insert (m->names, name),
                  .dtype = INQ_DTYPE_F16,
                  .n_dims = n_dims,
                  .dims = { a, b, kernel, kernel } };

  g_array_append_val (m->tensors, w);
  g_array_append_val (m->fills, fill);
}

static void
linear (Maker *m, const char *p, int in, int out, gboolean bias)
{
  add (m, p, ".weight", NOISE, 2, out, in, 0);
  if (bias)
    add (m, p, ".bias", ZERO, 1, out, 0, 0);
}

static void
conv (Maker *m, const char *p, int in, int out, int kernel)
{
  add (m, p, ".weight", NOISE, 4, out, in, kernel);
  add (m, p, ".bias", ZERO, 1, out, 0, 0);
}

static void
norm (Maker *m, const char *p, int c)
{
  add (m, p, ".weight", ONE, 1, c, 0, 0);
  add (m, p, ".bias", ZERO, 1, c, 0, 0);
}

/* A name for as long as the block lasts. */
#define N(...) names_keep (m->names, g_strdup_printf (__VA_ARGS__))

static const char *
names_keep (GStringChunk *names, char *name)
{
  const char *kept = g_string_chunk_insert (names, name);

  g_free (name);
  return kept;
}

/* ---- network ---- */

static void
res (Maker *m, const char *p, int in, int out)
{
  norm (m, N ("%s.in_layers.0", p), in);
  conv (m, N ("%s.in_layers.2", p), in, out, 3);
  linear (m, N ("%s.emb_layers.1", p), EMB, out, TRUE);
  norm (m, N ("%s.out_layers.0", p), out);
  conv (m, N ("%s.out_layers.3", p), out, out, 3);
  if (in != out)
    conv (m, N ("%s.skip_connection", p), in, out, 1);
}

static void
transformer (Maker *m, const Shape *s, const char *p, int c, int depth)
{
  norm (m, N ("%s.norm", p), c);
  for (int i = 0; i < 2; i++) {
    const char *name = N ("%s.proj_%s", p, i ? "out" : "in");

    if (s->straight)
      linear (m, name, c, c, TRUE);
    else
      conv (m, name, c, c, 1);
  }
  for (int d = 0; d < depth; d++) {
    const char *b = N ("%s.transformer_blocks.%d", p, d);

    for (int i = 1; i <= 2; i++) {
      int from = i == 1 ? c : s->context;

      linear (m, N ("%s.attn%d.to_q", b, i), c, c, FALSE);
      linear (m, N ("%s.attn%d.to_k", b, i), from, c, FALSE);
      linear (m, N ("%s.attn%d.to_v", b, i), from, c, FALSE);
      linear (m, N ("%s.attn%d.to_out.0", b, i), c, c, TRUE);
    }
    linear (m, N ("%s.ff.net.0.proj", b), c, 8 * c, TRUE);
    linear (m, N ("%s.ff.net.2", b), 4 * c, c, TRUE);
    for (int i = 1; i <= 3; i++)
      norm (m, N ("%s.norm%d", b, i), c);
  }
}

static void
unet (Maker *m, const Shape *s)
{
  int skips[16], n_skips = 0, c = WIDTH, levels = s->mult[3] ? 4 : 3, n = 1;

  linear (m, UNET "time_embed.0", WIDTH, EMB, TRUE);
  linear (m, UNET "time_embed.2", EMB, EMB, TRUE);
  if (s->adm) {
    linear (m, UNET "label_emb.0.0", s->adm, EMB, TRUE);
    linear (m, UNET "label_emb.0.2", EMB, EMB, TRUE);
  }
  conv (m, UNET "input_blocks.0.0", 4, WIDTH, 3);
  skips[n_skips++] = WIDTH;
  for (int level = 0; level < levels; level++) {
    for (int i = 0; i < 2; i++, n++) {
      int out = WIDTH * s->mult[level];

      res (m, N (UNET "input_blocks.%d.0", n), c, out);
      c = out;
      if (s->depth[level])
        transformer (m, s, N (UNET "input_blocks.%d.1", n), c, s->depth[level]);
      skips[n_skips++] = c;
    }
    if (level + 1 < levels) {
      conv (m, N (UNET "input_blocks.%d.0.op", n++), c, c, 3);
      skips[n_skips++] = c;
    }
  }
  res (m, UNET "middle_block.0", c, c);
  transformer (m, s, UNET "middle_block.1", c, s->middle);
  res (m, UNET "middle_block.2", c, c);
  n = 0;
  for (int level = levels; level-- > 0;)
    for (int i = 0; i < 3; i++, n++) {
      int out = WIDTH * s->mult[level];

      res (m, N (UNET "output_blocks.%d.0", n), c + skips[--n_skips], out);
      c = out;
      if (s->depth[level])
        transformer (m, s, N (UNET "output_blocks.%d.1", n), c, s->depth[level]);
      if (level && i == 2)
        conv (m, N (UNET "output_blocks.%d.%d.conv", n, s->depth[level] ? 2 : 1), c, c, 3);
    }
  norm (m, UNET "out.0", WIDTH);
  conv (m, UNET "out.2", WIDTH, 4, 3);
}

/* ---- autoencoder ---- */

static void
vae_res (Maker *m, const char *p, int in, int out)
{
  norm (m, N ("%s.norm1", p), in);
  conv (m, N ("%s.conv1", p), in, out, 3);
  norm (m, N ("%s.norm2", p), out);
  conv (m, N ("%s.conv2", p), out, out, 3);
  if (in != out)
    conv (m, N ("%s.nin_shortcut", p), in, out, 1);
}

static void
vae_middle (Maker *m, const char *p, int c)
{
  static const char *const names[] = { "q", "k", "v", "proj_out" };

  vae_res (m, N ("%s.mid.block_1", p), c, c);
  norm (m, N ("%s.mid.attn_1.norm", p), c);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    conv (m, N ("%s.mid.attn_1.%s", p, names[i]), c, c, 1);
  vae_res (m, N ("%s.mid.block_2", p), c, c);
}

static void
vae (Maker *m)
{
  static const int mult[4] = { 1, 2, 4, 4 };
  int c = 128;

  conv (m, VAE "encoder.conv_in", 3, c, 3);
  for (int level = 0; level < 4; level++) {
    for (int i = 0; i < 2; i++) {
      vae_res (m, N (VAE "encoder.down.%d.block.%d", level, i), c, 128 * mult[level]);
      c = 128 * mult[level];
    }
    if (level < 3)
      conv (m, N (VAE "encoder.down.%d.downsample.conv", level), c, c, 3);
  }
  vae_middle (m, VAE "encoder", c);
  norm (m, VAE "encoder.norm_out", c);
  conv (m, VAE "encoder.conv_out", c, 8, 3);
  conv (m, VAE "quant_conv", 8, 8, 1);
  conv (m, VAE "post_quant_conv", 4, 4, 1);
  conv (m, VAE "decoder.conv_in", 4, c, 3);
  vae_middle (m, VAE "decoder", c);
  for (int level = 4; level-- > 0;) {
    for (int i = 0; i < 3; i++) {
      vae_res (m, N (VAE "decoder.up.%d.block.%d", level, i), c, 128 * mult[level]);
      c = 128 * mult[level];
    }
    if (level)
      conv (m, N (VAE "decoder.up.%d.upsample.conv", level), c, c, 3);
  }
  norm (m, VAE "decoder.norm_out", c);
  conv (m, VAE "decoder.conv_out", c, 3, 3);
}

/* ---- towers ---- */

static void
clip_l (Maker *m, const char *root)
{
  static const char *const names[] = { "q_proj", "k_proj", "v_proj", "out_proj" };
  const int c = 768;
  const char *p = N ("%stext_model.", root);

  add (m, p, "embeddings.token_embedding.weight", EMBEDDING, 2, N_TOKENS, c, 0);
  add (m, p, "embeddings.position_embedding.weight", EMBEDDING, 2, POSITIONS, c, 0);
  for (int i = 0; i < 12; i++) {
    const char *b = N ("%sencoder.layers.%d", p, i);

    for (guint k = 0; k < G_N_ELEMENTS (names); k++)
      linear (m, N ("%s.self_attn.%s", b, names[k]), c, c, TRUE);
    linear (m, N ("%s.mlp.fc1", b), c, 4 * c, TRUE);
    linear (m, N ("%s.mlp.fc2", b), 4 * c, c, TRUE);
    norm (m, N ("%s.layer_norm1", b), c);
    norm (m, N ("%s.layer_norm2", b), c);
  }
  norm (m, N ("%sfinal_layer_norm", p), c);
}

static void
openclip (Maker *m, const Shape *s)
{
  const int c = s->open_width;
  const char *p = N ("%smodel.", s->openclip);

  add (m, p, "token_embedding.weight", EMBEDDING, 2, N_TOKENS, c, 0);
  add (m, p, "positional_embedding", EMBEDDING, 2, POSITIONS, c, 0);
  add (m, p, "text_projection", EMBEDDING, 2, c, c, 0);
  for (int i = 0; i < s->open_layers; i++) {
    const char *b = N ("%stransformer.resblocks.%d", p, i);

    add (m, b, ".attn.in_proj_weight", NOISE, 2, 3 * c, c, 0);
    add (m, b, ".attn.in_proj_bias", ZERO, 1, 3 * c, 0, 0);
    linear (m, N ("%s.attn.out_proj", b), c, c, TRUE);
    linear (m, N ("%s.mlp.c_fc", b), c, 4 * c, TRUE);
    linear (m, N ("%s.mlp.c_proj", b), 4 * c, c, TRUE);
    norm (m, N ("%s.ln_1", b), c);
    norm (m, N ("%s.ln_2", b), c);
  }
  norm (m, N ("%sln_final", p), c);
}

/* ---- numbers ---- */

static gsize
elements_of (const InqWeight *w)
{
  gsize n = 1;

  for (guint i = 0; i < w->n_dims; i++)
    n *= (gsize) w->dims[i];
  return n;
}

/* Halves of 2^-7 to 2^-5 with either sign: over 4000 terms that is a deviation of about one. Or blocks of a half, as
 * small, and a byte for each number or two. */
static void
fill_noise (guint8 *data, gsize size, InqDtype dtype)
{
  guint64 state = 88172645463325252u; /* xorshift, Marsaglia 2003 */
  gsize elements, block;
  guint16 d = GUINT16_TO_LE (dtype == INQ_DTYPE_Q4_0 ? 0x1a00 : 0x0a00); /* 2^-8.4, 2^-12.4 */

  for (gsize i = 0; i + 8 <= size; i += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    memcpy (data + i, &state, 8);
  }
  if (inq_dtype_block (dtype, &elements, &block)) {
    for (gsize i = 0; i + block <= size; i += block)
      memcpy (data + i, &d, sizeof d);
    return;
  }
  for (gsize i = 0; i + 2 <= size; i += 2) {
    guint16 bits;

    memcpy (&bits, data + i, 2);
    bits = GUINT16_TO_LE ((bits & 0x87ff) | 0x2000);
    memcpy (data + i, &bits, 2);
  }
}

typedef struct {
  guint8 *bytes;
  gsize size;
} Pool;

static void
pool_need (Pool *pool, gsize size)
{
  pool->size = MAX (pool->size, size);
}

/* Points tensors into one piece of memory: noise, blocks of noise, zeros, ones. */
static GBytes *
fill_tensors (Maker *m, InqDtype dtype)
{
  Pool pools[4] = { { NULL, 0 } };
  gsize elements, block, total = 0, at = 0;
  guint8 *all;

  inq_dtype_block (dtype, &elements, &block);
  for (guint i = 0; i < m->tensors->len; i++) {
    InqWeight *w = &g_array_index (m->tensors, InqWeight, i);
    Fill fill = g_array_index (m->fills, Fill, i);
    gsize n = elements_of (w);

    /* convolutions as ComfyUI's writers do: in blocks where their elements are whole rows of 256 */
    if (fill == NOISE && elements > 1
        && (w->n_dims == 2 ? w->dims[1] % (gint64) elements == 0 : w->n_dims == 4 && n % 256 == 0))
      w->dtype = dtype;
    w->size = w->dtype == INQ_DTYPE_F16 ? 2 * n : n / elements * block;
    pool_need (&pools[w->dtype != INQ_DTYPE_F16 ? 1 : fill == ZERO ? 2 : fill == ONE ? 3 : 0], w->size);
  }
  for (guint i = 0; i < G_N_ELEMENTS (pools); i++)
    total += pools[i].size = (pools[i].size + 63) & ~(gsize) 63;
  all = g_try_malloc (total);
  if (!all)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (pools); i++) {
    pools[i].bytes = all + at;
    at += pools[i].size;
  }
  fill_noise (pools[0].bytes, pools[0].size, INQ_DTYPE_F16);
  fill_noise (pools[1].bytes, pools[1].size, dtype);
  memset (pools[2].bytes, 0, pools[2].size);
  for (gsize i = 0; i < pools[3].size; i += 2)
    memcpy (pools[3].bytes + i, &(guint16){ GUINT16_TO_LE (0x3c00) }, 2);
  for (guint i = 0; i < m->tensors->len; i++) {
    InqWeight *w = &g_array_index (m->tensors, InqWeight, i);
    Fill fill = g_array_index (m->fills, Fill, i);

    w->data = pools[w->dtype != INQ_DTYPE_F16 ? 1 : fill == ZERO ? 2 : fill == ONE ? 3 : 0].bytes;
  }
  return g_bytes_new_take (all, total);
}

const char *const *
inq_shape_names (void)
{
  static const char *const names[] = { "sd15", "sd2", "sdxl", NULL };

  return names;
}

InqWeights *
inq_shape_new (const char *name, InqDtype dtype, GError **error)
{
  const Shape *s = NULL;
  Maker maker = { 0 }, *m = &maker;
  g_autoptr (GBytes) bytes = NULL;
  InqWeights *weights = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (g_str_equal (shapes[i].name, name))
      s = &shapes[i];
  if (!s || (dtype != INQ_DTYPE_F16 && dtype != INQ_DTYPE_Q8_0 && dtype != INQ_DTYPE_Q4_0)) {
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_UNSUPPORTED,
                 _ ("There is no shape “%s”. Choose sd15, sd2 or sdxl, of f16, q8_0 or q4_0"), name);
    return NULL;
  }
  maker.tensors = g_array_new (FALSE, FALSE, sizeof (InqWeight));
  maker.fills = g_array_new (FALSE, FALSE, sizeof (Fill));
  maker.names = g_string_chunk_new (65536);
  unet (m, s);
  vae (m);
  if (s->clip_l)
    clip_l (m, s->clip_l);
  if (s->openclip)
    openclip (m, s);
  bytes = fill_tensors (m, dtype);
  if (bytes)
    weights = inq_weights_new_table ((const InqWeight *) m->tensors->data, m->tensors->len, bytes, name);
  else
    g_set_error (error, INQ_LOADER_ERROR, INQ_LOADER_ERROR_IO, _ ("There is not enough memory for the shape “%s”"),
                 name);
  g_array_unref (maker.tensors);
  g_array_unref (maker.fills);
  g_string_chunk_free (maker.names);
  return weights;
}

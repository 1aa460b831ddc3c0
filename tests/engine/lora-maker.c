/* Inquadra - tests: LoRA files made of noise.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "lora-maker.h"

#include <inq-noise.h>
#include <string.h>

Maker
maker_new (guint64 seed)
{
  return (Maker){ g_array_new (FALSE, TRUE, sizeof (InqWeightOut)), g_ptr_array_new_with_free_func (g_free), seed };
}

void
maker_clear (Maker *m)
{
  g_array_unref (m->out);
  g_ptr_array_unref (m->owned);
}

const float *
maker_add_data (Maker *m, const char *name, guint n_dims, const gint64 *dims, float *data)
{
  InqWeightOut one = { .name = g_strdup (name), .n_dims = n_dims, .data = data };
  memcpy (one.dims, dims, n_dims * sizeof *dims);
  g_ptr_array_add (m->owned, (gpointer) one.name);
  g_ptr_array_add (m->owned, data);
  g_array_append_val (m->out, one);
  return data;
}

/* A tensor of noise; trailing zeros of dims end them. */
const float *
maker_add (Maker *m, const char *name, gint64 a, gint64 b, gint64 c, gint64 d)
{
  const gint64 dims[] = { a, b, c, d };
  gsize n = 1;
  guint n_dims = 0;
  for (; n_dims < 4 && dims[n_dims] > 0; n_dims++)
    n *= (gsize) dims[n_dims];
  float *data = g_new (float, n);
  inq_noise_fill (m->seed++, 0, data, n);
  return maker_add_data (m, name, n_dims, dims, data);
}

void
maker_add_alpha (Maker *m, const char *name, float value)
{
  float *data = g_new (float, 1);
  *data = value;
  maker_add_data (m, name, 0, (const gint64[]){ 0 }, data);
}

char *
maker_save (Maker *m, const char *folder, const char *name)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, name, NULL);
  inq_weights_write (path, (const InqWeightOut *) m->out->data, m->out->len, &error);
  g_assert_no_error (error);
  return path;
}

void
maker_pair (Maker *m, const char *path, gint64 out, gint64 in, gint64 rank)
{
  g_autofree char *down = g_strconcat (path, ".lora_down.weight", NULL);
  g_autofree char *up = g_strconcat (path, ".lora_up.weight", NULL);
  maker_add (m, down, rank, in, 0, 0);
  maker_add (m, up, out, rank, 0, 0);
}

InqLora *
maker_open (const char *path)
{
  g_autoptr (GError) error = NULL;
  InqLora *lora = inq_lora_open (path, &error);
  g_assert_no_error (error);
  return lora;
}

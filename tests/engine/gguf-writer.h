/* Inquadra - writes small GGUF files for tests.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <inq-weights.h>

G_BEGIN_DECLS

typedef struct _GgufWriter GgufWriter;

GgufWriter *gguf_new (guint32 version);
void gguf_add_string (GgufWriter *w, const char *key, const char *value);
void gguf_add_u32 (GgufWriter *w, const char *key, guint32 value);
/* A list of i32. */
void gguf_add_ints (GgufWriter *w, const char *key, const gint64 *values, guint n);
/* Writes the pair, too. */
void gguf_set_alignment (GgufWriter *w, guint32 alignment);
/* Where the next tensor claims to lie. */
void gguf_set_offset (GgufWriter *w, guint64 offset);
/* @dims outermost first. F32, F16, BF16, Q8_0, Q4_0: rounded from @values; others: @values are the bytes. */
void gguf_add_tensor (GgufWriter *w, const char *name, InqDtype dtype, const gint64 *dims, guint n_dims,
                      const void *values);
/* Ends it and frees @w. */
GBytes *gguf_finish (GgufWriter *w);

/* Writes every tensor of the model at @from as @dtype where its rows are whole blocks of 32 (and it is a matrix) or, of
 * convolutions, where its elements are whole rows of 256, as ComfyUI's writers do; else as F16, to @to. @strip:
 * (nullable) only tensors whose names begin so, without that beginning. */
void gguf_convert (const char *from, const char *to, InqDtype dtype, const char *strip);

G_END_DECLS

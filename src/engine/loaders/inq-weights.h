/* Inquadra - the named tensors of a model, mapped from its files.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An InqWeights is a read-only table name -> tensor over one or more memory-mapped files. Names are the single-file
 * (LDM / SGM) names; loaders of other layouts map theirs to these. Every offset, size and shape was checked when the
 * file was opened: data of a listed tensor lies inside the map and has exactly the bytes its shape and dtype need.
 *
 * Thread-safety: immutable after opening; any thread may read. Reference counted atomically.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define INQ_LOADER_ERROR (inq_loader_error_quark ())
GQuark inq_loader_error_quark (void);

/**
 * InqLoaderError:
 * @INQ_LOADER_ERROR_IO: cannot open, read or map
 * @INQ_LOADER_ERROR_UNSUPPORTED: a format that is not read; pickles (.ckpt, .pt, .bin) say why and what to do
 * @INQ_LOADER_ERROR_CORRUPT: truncated, overlapping, oversized or otherwise contradictory
 * @INQ_LOADER_ERROR_MISSING: a tensor or a part (tower, autoencoder, UNet) that the model needs is not there
 * @INQ_LOADER_ERROR_SHAPE: a tensor has another shape or dtype than the network needs
 */
typedef enum {
  INQ_LOADER_ERROR_IO,
  INQ_LOADER_ERROR_UNSUPPORTED,
  INQ_LOADER_ERROR_CORRUPT,
  INQ_LOADER_ERROR_MISSING,
  INQ_LOADER_ERROR_SHAPE,
} InqLoaderError;

typedef enum {
  INQ_DTYPE_F32,
  INQ_DTYPE_F16,
  INQ_DTYPE_BF16,
  INQ_DTYPE_F64,
  INQ_DTYPE_I8,
  INQ_DTYPE_U8,
  INQ_DTYPE_I16,
  INQ_DTYPE_I32,
  INQ_DTYPE_I64,
  INQ_DTYPE_BOOL,
  /* GGML's block types: runs of 32 (K: 256) elements of a row share scales */
  INQ_DTYPE_Q8_0,
  INQ_DTYPE_Q4_0,
  INQ_DTYPE_Q4_1,
  INQ_DTYPE_Q5_0,
  INQ_DTYPE_Q5_1,
  INQ_DTYPE_Q2_K,
  INQ_DTYPE_Q3_K,
  INQ_DTYPE_Q4_K,
  INQ_DTYPE_Q5_K,
  INQ_DTYPE_Q6_K,
} InqDtype;

/* Bytes of one element; 0 for block types. */
gsize inq_dtype_size (InqDtype dtype);
/* What is stored together: @elements consecutive elements in @bytes (1 and the element size for plain types). TRUE for
 * block types. */
gboolean inq_dtype_block (InqDtype dtype, gsize *elements, gsize *bytes);
/* "F16", "Q4_K", .. */
const char *inq_dtype_name (InqDtype dtype);

#define INQ_MAX_DIMS 5

typedef struct {
  const char *name;
  InqDtype dtype;
  guint n_dims;              /* 0 for a scalar */
  gint64 dims[INQ_MAX_DIMS]; /* outermost first, as in the file */
  const void *data;          /* into the map; aligned to the element size only if the file was: read with memcpy */
  gsize size;                /* bytes */
} InqWeight;

typedef struct _InqWeights InqWeights;

/* Opens one .safetensors file. The file stays mapped while the table lives. */
InqWeights *inq_weights_open (const char *path, GError **error);
/* Same from bytes (for tests and fuzzing); @bytes is referenced. @label names it in messages. */
InqWeights *inq_weights_new_from_bytes (GBytes *bytes, const char *label, GError **error);
InqWeights *inq_weights_ref (InqWeights *weights);
void inq_weights_unref (InqWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqWeights, inq_weights_unref)

/* (nullable) (transfer none) */
const InqWeight *inq_weights_lookup (InqWeights *weights, const char *name);
guint inq_weights_get_count (InqWeights *weights);
/* The @i-th tensor in the order of the file. */
const InqWeight *inq_weights_get (InqWeights *weights, guint i);
/* (nullable) a value of the file's __metadata__ */
const char *inq_weights_get_metadata (InqWeights *weights, const char *key);
/* Bytes of the whole file. */
gsize inq_weights_get_size (InqWeights *weights);
/* Whether the file still has all the bytes that were mapped. A file cut short while it is mapped would end the program
 * with SIGBUS at the next read beyond its new end: call this before reading the data (an upload), so that a download
 * that starts over, or an edit, is an error instead. Cheap. What is cut during the reading itself is not caught. */
gboolean inq_weights_check (InqWeights *weights, GError **error);
/* File name without folder, for messages. */
const char *inq_weights_get_label (InqWeights *weights);
/* SHA-256 of the file's bytes as lower-case hex, computed at first call (seconds for gigabytes) and cached. (transfer
 * none) */
const char *inq_weights_get_hash (InqWeights *weights);
/* Converts a tensor to f32 (any dtype; block types are dequantised exactly as GGML does). @out has room for its element
 * count. */
void inq_weight_to_f32 (const InqWeight *weight, float *out);
/* The same of @count elements from element @first on, which need not begin or end a block. */
void inq_weight_slice_to_f32 (const InqWeight *weight, gsize first, gsize count, float *out);
/* Number of elements. */
gsize inq_weight_count (const InqWeight *weight);

/* Writes a .safetensors file (f32) atomically: used by verify --dump. @names, @dims [n][4], @n_dims, @data. */
typedef struct {
  const char *name;
  guint n_dims;
  gint64 dims[INQ_MAX_DIMS];
  const float *data;
} InqWeightOut;
gboolean inq_weights_write (const char *path, const InqWeightOut *tensors, guint n_tensors, GError **error);

G_END_DECLS

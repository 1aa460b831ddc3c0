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
#include <glib/gstdio.h>

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

/* Opens one .safetensors or .gguf file, told apart by its first bytes. The file stays mapped while the table lives. */
InqWeights *inq_weights_open (const char *path, GError **error);
/* The same under another name in messages. */
InqWeights *inq_weights_open_labelled (const char *path, const char *label, GError **error);
/* Same from bytes (for tests and fuzzing); @bytes is referenced. @label names it in messages. */
InqWeights *inq_weights_new_from_bytes (GBytes *bytes, const char *label, GError **error);
/* A table of tensors made otherwise: names are copied, their data lies in @bytes, which is referenced, and may overlap.
 * Its hash is @label. */
InqWeights *inq_weights_new_table (const InqWeight *tensors, guint n, GBytes *bytes, const char *label);
InqWeights *inq_weights_ref (InqWeights *weights);
void inq_weights_unref (InqWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqWeights, inq_weights_unref)

/**
 * InqRename: the name of a tensor of one file in a table of several
 * @out: gets the name; room for INQ_MAX_NAME and its end
 *
 * Returns FALSE for a tensor that is left out.
 */
#define INQ_MAX_NAME 255
typedef gboolean (*InqRename) (const InqWeight *weight, char out[INQ_MAX_NAME + 1], gpointer data);
/* An empty table to add files to. @format: static, see inq_weights_get_format(). */
InqWeights *inq_weights_new_joined (const char *label, const char *format);
/* Adds the tensors of @part under the names that @rename (nullable: as they are) gives them. @part is referenced.
 * @replace: a name that is there already now means the new tensor; else that is INQ_LOADER_ERROR_CORRUPT. Before the
 * table is shared only. */
gboolean inq_weights_join (InqWeights *joined, InqWeights *part, InqRename rename, gpointer data, gboolean replace,
                           GError **error);
/* Sets a value of the metadata; before the table is shared only. */
void inq_weights_set_metadata (InqWeights *weights, const char *key, const char *value);

/* (nullable) (transfer none) */
const InqWeight *inq_weights_lookup (InqWeights *weights, const char *name);
guint inq_weights_get_count (InqWeights *weights);
/* The @i-th tensor in the order of the file. */
const InqWeight *inq_weights_get (InqWeights *weights, guint i);
/* (nullable) a value of the file's __metadata__ */
const char *inq_weights_get_metadata (InqWeights *weights, const char *key);
/* Metadata by position, for copying. (transfer none) */
GHashTable *inq_weights_get_all_metadata (InqWeights *weights);
/* "safetensors", "gguf", "diffusers" */
const char *inq_weights_get_format (InqWeights *weights);
/* The files the tensors come from: @weights itself, or the parts of a joined table. (transfer none) */
guint inq_weights_get_n_files (InqWeights *weights);
InqWeights *inq_weights_get_file (InqWeights *weights, guint i);
/* (nullable) Where a file lies, absolute; NULL for bytes and joined tables. */
/* Whether the first and the last @look bytes of @weight, or the last @look of one whole file (@weight NULL), are all
 * zero. Read from the file, not through its map: little is read and nothing stays in memory. */
gboolean inq_weights_is_blank (InqWeights *weights, const InqWeight *weight, gsize look);
const char *inq_weights_get_path (InqWeights *weights);
/* Of the open file, whatever has its name by now; FALSE when there is none. */
gboolean inq_weights_stat (InqWeights *weights, GStatBuf *info);
/* Bytes of the whole file, or of all files. */
gsize inq_weights_get_size (InqWeights *weights);
/* Whether the files still have all the bytes that were mapped, and nothing was read of what they lost. Reading what a
 * file cut short no longer has gives zeros instead of a SIGBUS (inq-map-guard.h): call this before reading the data (an
 * upload), and after it, so that a download that starts over, or an edit, is an error and no picture. Cheap. */
gboolean inq_weights_check (InqWeights *weights, GError **error);
/* Lets go of the memory that reading @weight (or a part of one: data and size say which) took: the pages stay in the
 * system's cache and are mapped again at the next read. For whoever reads a whole model once, so that it is not
 * resident twice. */
void inq_weights_release (InqWeights *weights, const InqWeight *weight);
/* File name without folder, for messages. */
const char *inq_weights_get_label (InqWeights *weights);
/* SHA-256 of the file's bytes as lower-case hex, computed at first call (seconds for gigabytes) and cached; of a joined
 * table over the lines "HASH  LABEL" of its files, as sha256sum prints them, sorted by label. (transfer none) */
const char *inq_weights_get_hash (InqWeights *weights);
/* The same of one file (not of a joined table), with @each (nullable) told of the bytes done so far after each piece;
 * when it says FALSE there is no hash yet and FALSE is returned. */
gboolean inq_weights_hash (InqWeights *weights, gboolean (*each) (gsize done, gpointer data), gpointer data);
/* Hands in a hash known from before. */
void inq_weights_set_hash (InqWeights *weights, const char *hash);
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

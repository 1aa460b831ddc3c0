/* Inquadra - the diffusion engine's one public header: models in, pictures out.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prompts, seeds and pictures go in and out; tensors stay inside. The engine never includes GTK or SQLite and never
 * aborts, exits or prints.
 *
 * Thread-safety: an InqEngine and its InqModels belong to one thread at a time (the jobs worker, or the command line's
 * main thread). Callbacks run on that thread. inq_model_inspect() and inq_gpu_list() are safe anywhere.
 */
#pragma once

#include <gio/gio.h>
#include <inq-gpu.h>
#include <inq-weights.h>

G_BEGIN_DECLS

#define INQ_ENGINE_ERROR (inq_engine_error_quark ())
GQuark inq_engine_error_quark (void);

/**
 * InqEngineError:
 * @INQ_ENGINE_ERROR_INVALID: a parameter out of range, with the range in the message
 * @INQ_ENGINE_ERROR_NOT_FINITE: a stage produced a NaN or infinity; the message names stage and step. Never returned as
 * a picture
 * @INQ_ENGINE_ERROR_UNSUPPORTED: a model family or feature this version does not run
 * @INQ_ENGINE_ERROR_NO_TOKENIZER: the model's vocabulary (CLIP's merge list) is not at hand; the message says where it
 * is looked for
 * @INQ_ENGINE_ERROR_MISMATCH: verify found a difference over tolerance
 *
 * Out of memory and device errors come through as INQ_GPU_ERROR, file errors as INQ_LOADER_ERROR, cancelling as
 * G_IO_ERROR_CANCELLED.
 */
typedef enum {
  INQ_ENGINE_ERROR_INVALID,
  INQ_ENGINE_ERROR_NOT_FINITE,
  INQ_ENGINE_ERROR_UNSUPPORTED,
  INQ_ENGINE_ERROR_NO_TOKENIZER,
  INQ_ENGINE_ERROR_MISMATCH,
} InqEngineError;

/* ---- pictures ---- */

/* 8-bit RGB, rows packed, no alpha. */
typedef struct {
  int width;
  int height;
  guint8 *rgb; /* width * height * 3 bytes, owned */
} InqPicture;

InqPicture *inq_picture_new (int width, int height);
InqPicture *inq_picture_copy (const InqPicture *picture);
void inq_picture_free (InqPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqPicture, inq_picture_free)
/* PNG with @text (nullable) as a tEXt/iTXt chunk "parameters". Deterministic bytes. (transfer full) */
GBytes *inq_picture_to_png (const InqPicture *picture, const char *text, GError **error);
/* Any 8- or 16-bit PNG (alpha over white); hostile-input safe; at most 16384 pixels a side. */
InqPicture *inq_picture_from_png (GBytes *png, GError **error);
/* Area average down / bicubic up; returns a new picture. */
InqPicture *inq_picture_scale (const InqPicture *picture, int width, int height);

/* ---- models ---- */

/**
 * InqModelInfo: what a model's files are, read from their tensors without a device.
 * @kind: "checkpoint" (a diffusion network, with or without the rest), "lora", "vae", "tower" (a text tower alone),
 * "tiny" (a tiny autoencoder for previews), "unknown". Only checkpoints draw; the others go beside one
 * @format: "safetensors", "gguf" or "diffusers" (a folder of parts)
 * @dtypes: the number formats of its tensors, the one with most bytes first: "f16", "q8_0 + f32"
 * @parts: files beside @path that belong to it: a separate autoencoder, towers, settings
 * @distilled: made for few steps without guidance; default_steps, default_cfg and default_sampler say how
 * @zero_terminal_snr: its noise schedule ends in pure noise
 */
typedef struct {
  char *path; /* as given, absolute */
  char *name; /* file or folder name without extension, or the name in its metadata */
  char *kind;
  char *format;
  char *dtypes;
  char **parts;     /* (nullable) */
  gboolean inpaint; /* its network also reads a mask and the masked picture */
  gboolean distilled;
  gboolean zero_terminal_snr;
  char *family;     /* "house", "sd1", "sd2", "sdxl", "unknown" */
  char *prediction; /* "epsilon", "v", "flow" */
  char *license;    /* (nullable) from metadata */
  guint n_tensors;
  guint64 n_parameters;
  guint64 size;      /* bytes on disk */
  int width, height; /* native size */
  int size_multiple; /* sides are rounded to this */
  int latent_channels;
  int context_tokens; /* length of a prompt in tokens, markers included */
  int default_steps;
  double default_cfg;
  char *default_sampler;
  gboolean has_text, has_unet, has_vae;
  gboolean has_tokenizer; /* a merge list was found */
  char **missing;         /* (nullable) what keeps it from generating, in words */
  char **notes;           /* (nullable) what had to be guessed, and how to say it; generate says the same once */
} InqModelInfo;

/* @path: a .safetensors or .gguf file, a folder holding model.safetensors (or .gguf) and tokenizer/merges.txt, or a
 * diffusers folder (docs/models.md). */
InqModelInfo *inq_model_inspect (const char *path, GError **error);
void inq_model_info_free (InqModelInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqModelInfo, inq_model_info_free)
/* Where the house model lies: $INQ_HOUSE_MODEL, the source tree when run from the build, else the installed data
 * folder. (transfer full) (nullable) */
char *inq_house_model_path (void);
/* Models in the user's data folder ("inquadra/models"), the house model first. (transfer full) strv of paths */
char **inq_models_list (void);
/* Copies a checkpoint (a file with what belongs to it beside it, or a diffusers folder) into that folder after looking
 * at it, a LoRA into inq_loras_folder(); a partial copy never stays. Cancelled before the last byte is in its place,
 * nothing stays; later it is too late. Returns the new path. Blocks; safe on any thread. @progress is nullable. */
char *inq_models_add (const char *path, GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                      GError **error);
/* The same, and tells all that was copied, for inq_models_discard(): the model, then the files beside it; a folder of
 * its own stands for what is in it. (transfer full) strv of paths */
char **inq_models_add_listed (const char *path, GCancellable *cancellable, GFileProgressCallback progress,
                              gpointer data, GError **error);
/* Takes back what inq_models_add_listed() just copied: the copies at @paths are deleted for good. Refused as a whole
 * where one lies outside the user's folders; what is gone already is no error. Blocks; safe on any thread. */
gboolean inq_models_discard (const char *const *paths, GError **error);
/* The hash that recipes carry (inq_model_get_hash()) of the model at @path, without a device. Reads all of it unless
 * the hash is known from before; blocks, safe on any thread. (transfer full) */
char *inq_model_hash (const char *path, GCancellable *cancellable, GFileProgressCallback progress, gpointer data,
                      GError **error);
/* Puts a model or LoRA of the user's folders into the trash, with the files that belong to it alone. What lies
 * elsewhere, or cannot be put into the trash, is refused with the reason: nothing is deleted for good. */
gboolean inq_models_remove (const char *path, GError **error);

/* ---- LoRAs ---- */

/**
 * InqLoraUse: a small file of changes to a model's weights, and how strongly they act.
 * @path: a .safetensors file, or the name of one in the user's folder without extension
 * @weight: 1 as trained, 0 not at all, negative the other way; -10..10
 * @in_prompt: @path came from a prompt: only the user's folder is looked at
 */
typedef struct {
  const char *path;
  double weight;
  gboolean in_prompt;
} InqLoraUse;

/* The user's data folder "inquadra/loras" (which may not exist), and the .safetensors files in it and in its folders,
 * sorted. (transfer full) */
char *inq_loras_folder (void);
char **inq_loras_list (void);
/* The file that @name means: a path as it is, else NAME.safetensors in the user's folder. (transfer full) */
char *inq_lora_find (const char *name, GError **error);

/* ---- prompts ---- */

/* What a prompt says before a model reads it: lines that begin with "//" are left out, of "{a|b|c}" (which nest) one is
 * taken, another for another seed. (transfer full) */
char *inq_prompt_resolve (const char *prompt, guint64 seed);

/* A piece of a prompt that is read with one strength. */
typedef struct {
  char *text;
  double weight;         /* 1 as it is */
  gboolean begins_chunk; /* after BREAK */
} InqPromptPart;

/* How the CLIP families read emphasis: (word), [word], (word:1.2), BREAK; "\\(" is a parenthesis. For showing, too.
 * (transfer full) array of InqPromptPart, pieces in order, empty for an empty prompt. */
GPtrArray *inq_prompt_parse (const char *prompt);

typedef struct _InqEngine InqEngine;
typedef struct _InqModel InqModel;

/* @options may be NULL; the device is opened here. The engine plans within @options->max_memory and what the device has
 * free. */
InqEngine *inq_engine_new (const InqGpuOptions *options, GError **error);
void inq_engine_free (InqEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqEngine, inq_engine_free)
InqGpu *inq_engine_get_gpu (InqEngine *engine);
/* How the tiles of the matrix product were chosen for the model: "estimated" (always on processors and for small models
 * such as the house model's), "kept" (measured by an earlier run) or "measured" (when it was loaded). */
const char *inq_engine_get_tuning (InqEngine *engine);

/* Maps a model; weights are uploaded when first needed. The engine keeps the most recent model alive: loading the same
 * path again is free. (transfer none) valid until another model is loaded or the engine freed. */
InqModel *inq_engine_load (InqEngine *engine, const char *path, GError **error);
/* The same with other parts than lie beside and in it: @beside (nullable) names files of an autoencoder and of text
 * towers, in this order of the towers. */
InqModel *inq_engine_load_with (InqEngine *engine, const char *path, const char *const *beside, GError **error);
/* A model of published size with random weights, to measure without a checkpoint: @name is "sd15", "sd2" or "sdxl",
 * @dtype F16, or Q8_0 or Q4_0 for the matrices of its linear layers and convolutions that can be. It has no vocabulary.
 * (transfer none) as inq_engine_load() */
InqModel *inq_engine_load_shape (InqEngine *engine, const char *name, InqDtype dtype, GError **error);
const InqModelInfo *inq_model_get_info (InqModel *model);
/* SHA-256 of the weights file (hex); of a model in several files, over their hashes and names. */
const char *inq_model_get_hash (InqModel *model);

/* One token of a prompt. @text as it stands in the vocabulary, "</w>" ends a word. */
typedef struct {
  guint chunk;
  gint32 id;
  double weight;
  char *text;
} InqPromptToken;

/**
 * InqPromptReading: what a model makes of a prompt, for showing
 * @text: what is read: comments left out, choices made, LoRA tags taken out
 * @plain: brackets are words like others to this model, and a prompt is one chunk
 * @loras: of InqLoraUse, those the prompt names; @path is the name and owned by the reading
 * @parts: of InqPromptPart
 * @tokens: of InqPromptToken, without markers and padding
 * @n_chunks, @chunk_size: chunks, and the tokens one holds
 * @n_dropped: tokens that are left out, from the end
 */
typedef struct {
  char *text;
  gboolean plain;
  GArray *loras;
  GPtrArray *parts;
  GPtrArray *tokens;
  guint n_chunks, chunk_size, n_dropped;
} InqPromptReading;

/* Needs no device memory. (transfer full) */
InqPromptReading *inq_model_read_prompt (InqModel *model, const char *prompt, guint64 seed, GError **error);
void inq_prompt_reading_free (InqPromptReading *reading);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqPromptReading, inq_prompt_reading_free)

/* ---- generation ---- */

typedef enum {
  INQ_STAGE_LOADING,
  INQ_STAGE_TEXT,
  INQ_STAGE_SAMPLING,
  INQ_STAGE_DECODING,
} InqStage;
const char *inq_stage_name (InqStage stage);

/**
 * InqGenerateParams: zeroed fields mean the default; see inq_generate_params_init().
 * @prompt, @negative: UTF-8; invalid bytes are replaced, and said through notice(). Choices and comments are resolved
 * as by inq_prompt_resolve() with the picture's seed. CLIP's families read emphasis (inq_prompt_parse()) and prompts of
 * any length, in chunks; for others what is over-long is left out, and said
 * @seed: of the first picture; picture k uses seed + k and equals that seed alone (with a variation: see there)
 * @count: pictures, 1..64
 * @steps: 1..150; 0 for the model's default
 * @cfg: guidance scale; 0 for the model's default (which may be another where there is a negative prompt:
 * inquadra.negative_cfg); 1 means none (one network call per step)
 * @guidance_rescale: 0 to 1: how far the guided prediction is shrunk to deviate as much as the prompt's own (phi of Lin
 * et al. 2023; 0.7 is theirs), for models of zero terminal SNR and strong guidance. Nothing without guidance
 * @guidance_start, @guidance_end: shares of a full run's steps, 0..1: between them pictures are guided, before and
 * after the network is called once a step, with the prompt alone (Kynkäänniemi et al. 2024, "Applying Guidance in a
 * Limited Interval Improves Sample and Distribution Quality in Diffusion Models"). @guidance_end 0 for the model's
 * default
 * @perturb: (nullable) what the network leaves out where it predicts what guidance leads away from: "none", "middle"
 * (self-attention of the middle block) or "all" (of every block); NULL for the model's default. With it, guidance leads
 * away from pictures that do not hold together (D. Ahn et al. 2024, "Self-Rectifying Diffusion Sampling with
 * Perturbed-Attention Guidance"; there it is a third prediction, here the negative prompt's, so it costs nothing)
 * @sampler: (nullable) see inq_samplers(); NULL for the model's default. A name may end in its schedule
 * ("dpmpp_2m_karras")
 * @schedule: (nullable) see inq_schedules(); NULL for the one that the sampler's name or the model says. Flow models
 * have one of their own, and say so
 * @eta: for the sampler "tcd": how much of the noise is fresh at each step, 0..1; below 0 (as set by
 * inq_generate_params_init()) for its own, 0.3. Other samplers have none
 * @width, @height: pixels, rounded to what the model needs (said through notice()); 0 for the model's native size
 * @init, @strength: picture to start from and how far to leave it, 0..1
 * @mask: white where the picture may change
 * @mask_feather: pixels over which the mask's edge fades, either way; 0 for as it is; at most 256
 * @variation_seed, @variation_strength: "more like this": the noise of @seed, the first and what samplers add on the
 * way, is turned towards that of @variation_seed, 0 (not at all) to 1 (wholly). Above 0 picture k keeps @seed and uses
 * variation_seed + k
 * @hires_scale: 0 or 1 for none, up to 4: each picture is first made at @width x @height, its latents are enlarged, and
 * the last part of a run at the larger size draws the detail
 * @hires_strength: how far that run leaves what was enlarged, 0..1; 0 for 0.5
 * @hires_steps: of a full run at that size, of which @hires_strength tells the part; 0 for as @steps
 * @hires_upscale: (nullable) "bilinear" or "bicubic" (NULL)
 * @loras, @n_loras: applied for this call, after those that the prompt names ("<lora:NAME:0.8>"). One that does not fit
 * the model is an error before any work is done; what the last call applied is taken back exactly
 */
typedef struct {
  const char *prompt;
  const char *negative;
  guint64 seed;
  int count;
  int steps;
  double cfg;
  double guidance_rescale;
  double guidance_start;
  double guidance_end;
  const char *perturb;
  const char *sampler;
  const char *schedule;
  double eta;
  int width;
  int height;
  const InqPicture *init;
  double strength;
  const InqPicture *mask;
  int mask_feather;
  guint64 variation_seed;
  double variation_strength;
  double hires_scale;
  double hires_strength;
  int hires_steps;
  const char *hires_upscale;
  const InqLoraUse *loras;
  guint n_loras;
} InqGenerateParams;

void inq_generate_params_init (InqGenerateParams *params);

/**
 * InqGenerateCallbacks: all nullable; called on the engine's thread.
 * @progress: @index which picture (-1 for all), @step of @n_steps within the stage; @preview (nullable, borrowed) a
 * small picture of where it is going
 * @picture: a finished one: @picture is handed over (transfer full), @recipe_json is its full recipe (borrowed):
 * prompt, negative, seed, steps, cfg, sampler, size, model name and hash, engine version, device, and what else was
 * asked for, under the names of InqGenerateParams. "width" and "height" are those of the params: with a hires pass the
 * picture is larger
 * @notice: something the user should know (truncated prompt, rounded size)
 */
typedef struct {
  void (*progress) (InqStage stage, int index, int step, int n_steps, const InqPicture *preview, gpointer data);
  void (*picture) (int index, guint64 seed, InqPicture *picture, const char *recipe_json, gpointer data);
  void (*notice) (const char *message, gpointer data);
  gpointer data;
  gboolean previews; /* whether to spend time on previews */
} InqGenerateCallbacks;

/* Runs the whole path. Returns FALSE with @error on the first failure; pictures already delivered stay valid.
 * Cancelling acts between sampler steps and within 100 ms of the running submission (G_IO_ERROR_CANCELLED). */
gboolean inq_engine_generate (InqEngine *engine, InqModel *model, const InqGenerateParams *params,
                              const InqGenerateCallbacks *callbacks, GCancellable *cancellable, GError **error);

/* ---- memory ---- */

/* One stage of a generation. @name: "text", "text 2", "encode", "unet", "guide", "decode". Bytes of device memory. */
typedef struct {
  const char *name;
  guint64 weights;     /* kept on the device, slots of streamed ones included */
  guint64 all_weights; /* what the stage's weights are altogether */
  guint64 activations;
  guint64 used;      /* by everything, while the stage runs */
  gboolean streamed; /* weights pass through the device at each run */
  gboolean tiled;    /* made in tiles; activations then wait in the host's memory */
} InqMemoryStage;

/**
 * InqMemoryPlan: how a generation will use a device's memory, before it runs.
 * @needed: bytes at the highest point, from an engine that holds nothing yet
 * @budget: bytes that this process may take: the device's free memory, or InqGpuOptions.max_memory if that is less
 * @whole: bytes at the highest point if nothing were dropped, streamed or tiled
 * @weights, @activations: of @needed, at its highest point
 * @batch: pictures at once
 * @fits: @needed is within @budget. When it is not, the plan is the leanest there is, and is tried all the same
 * @summary: what will happen, in English, for messages: "whole", or what is done for want of memory, joined by ", ":
 * "working memory shared", "towers dropped after use", "network dropped before decoding", "weights streamed", "text
 * gone through at every step", "towers streamed", "decode in tiles", "encode in tiles", "one picture at a time"
 */
typedef struct {
  guint64 needed;
  guint64 budget;
  guint64 whole;
  guint64 weights;
  guint64 activations;
  int batch;
  gboolean fits;
  char *summary;
  guint n_stages;
  InqMemoryStage *stages;
} InqMemoryPlan;

/* What inq_engine_generate() would do with these parameters; it tells the same through notice() before work begins when
 * the summary is not "whole". Reads shapes only; nothing is uploaded. (transfer full) NULL with @error for parameters
 * or models that generate would refuse. */
InqMemoryPlan *inq_engine_plan_memory (InqEngine *engine, InqModel *model, const InqGenerateParams *params,
                                       GError **error);
void inq_memory_plan_free (InqMemoryPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqMemoryPlan, inq_memory_plan_free)

/* Names of the samplers and of the schedules (which noise levels are visited), NULL-terminated, static. Any sampler
 * works with any schedule. */
const char *const *inq_samplers (void);
const char *const *inq_schedules (void);
/* Splits a sampler's name that may end in its schedule ("dpmpp_2m_karras", a model's default_sampler): static strings
 * from the lists above; @schedule is the sampler's own where the name has none. FALSE for a name that means nothing. */
gboolean inq_sampler_split (const char *name, const char **sampler, const char **schedule);

/* ---- verification and measurement ---- */

typedef struct {
  char *name;       /* of the reference tensor */
  double max_error; /* max |difference| over the reference's standard deviation; infinity when shapes differ or not
                       finite */
  double tolerance;
  gboolean passed;
  char *reason; /* (nullable) why it could not be computed; such a row has not passed */
} InqVerifyRow;

/* Recomputes every result in @expect (a .safetensors with its .json beside it) from its inputs; inputs that another
 * file of the set holds are read from there ("expect-extra" takes them from "expect"). (transfer full) array of
 * InqVerifyRow, or NULL with @error when it could not run at all. A name this version cannot compute is a row that has
 * not passed, with the reason. @dump: (nullable) file to write what was computed to, under the same names. @each
 * (nullable) is told of each row as it is known. */
GPtrArray *inq_engine_verify (InqEngine *engine, InqModel *model, const char *expect, const char *dump,
                              void (*each) (const InqVerifyRow *row, gpointer data), gpointer data, GError **error);

/**
 * InqSelftestCheck: one comparison on this device
 * @name: in words, as shown to people: "matrix product", "pictures: unet.eps.999"
 * @error, @tolerance: largest difference over the reference's standard deviation; infinity when it could not be
 * computed
 * @reason: (nullable) why it did not pass, where that is not the difference
 */
typedef struct {
  char *name;
  gboolean passed;
  double error;
  double tolerance;
  char *reason;
} InqSelftestCheck;

/**
 * InqSelftest: whether a device and its driver compute what they should
 * @precision: "f16" or "f32": how plans on this device keep activations
 * @checks: of InqSelftestCheck: each kind of kernel against plain arithmetic, each twice for the same bytes; then the
 * house model, from words to picture, against PyTorch's results
 * @complete: the house model and its reference were at hand
 * @trusted: every check passed
 * @verdict: one sentence for people, translated
 */
typedef struct {
  char *device;
  char *driver;
  char *precision;
  GPtrArray *checks;
  gboolean complete;
  gboolean trusted;
  char *verdict;
} InqSelftest;

/* Takes seconds; the engine's model stays as it is. @cancellable acts between checks. (transfer full) NULL with @error
 * only when cancelled or when the device cannot be used at all. */
InqSelftest *inq_engine_selftest (InqEngine *engine, GCancellable *cancellable, GError **error);
void inq_selftest_free (InqSelftest *test);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InqSelftest, inq_selftest_free)

typedef struct {
  char *stage;  /* "text", "unet", "guide", "decode" */
  char *label;  /* "total" or an op with its shape */
  double ms;    /* per run of the stage */
  double gflop; /* per run; 0 where not counted */
  guint calls;
} InqBenchRow;
/* Times the stages of one picture: first each stage's "total" (host time of a run, transfers included), then its ops
 * from the longest down where the device has timestamps. Stage "load" is what the first run of each network cost above
 * that: upload, shader compiling, planning. Stage "device" is a plain matrix product, the rate to measure the others
 * against. (transfer full) array of InqBenchRow */
GPtrArray *inq_engine_bench (InqEngine *engine, InqModel *model, int width, int height, int steps, GError **error);

G_END_DECLS

/* Inquadra - inquadra-cli generate: pictures from a prompt, as PNG files that carry their recipe.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "cli.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *opt_model, *opt_prompt, *opt_negative, *opt_seed, *opt_perturb, *opt_sampler, *opt_schedule, *opt_size,
    *opt_init, *opt_mask, *opt_out, *opt_variation_seed, *opt_hires_upscale;
static char **opt_lora, **opt_tower;
static char *opt_vae;
static int opt_count = 1, opt_steps, opt_mask_feather, opt_hires_steps;
static double opt_eta = -1, opt_cfg, opt_guidance_rescale, opt_guidance_start, opt_guidance_end, opt_strength = -1,
              opt_variation_strength, opt_hires, opt_hires_strength;

/* Prompts are taken as bytes: what is not UTF-8 is replaced and said, whatever the locale. */
static const GOptionEntry entries[] = {
  { "model", 'm', 0, G_OPTION_ARG_FILENAME, &opt_model,
    N_ ("Model file, folder or name (the house model if not given)"), N_ ("MODEL") },
  { "prompt", 'p', 0, G_OPTION_ARG_FILENAME, &opt_prompt, N_ ("What the picture shows"), N_ ("TEXT") },
  { "negative", 'n', 0, G_OPTION_ARG_FILENAME, &opt_negative, N_ ("What it should not show"), N_ ("TEXT") },
  { "seed", 's', 0, G_OPTION_ARG_STRING, &opt_seed, N_ ("Seed of the first picture (drawn if not given)"), N_ ("N") },
  { "count", 'c', 0, G_OPTION_ARG_INT, &opt_count, N_ ("Number of pictures; picture k has seed N + k"), N_ ("N") },
  { "steps", 0, 0, G_OPTION_ARG_INT, &opt_steps, N_ ("Sampling steps (the model's own if not given)"), N_ ("N") },
  { "cfg", 0, 0, G_OPTION_ARG_DOUBLE, &opt_cfg, N_ ("How closely to follow the prompt; 1 for no guidance"), N_ ("X") },
  { "guidance-rescale", 0, 0, G_OPTION_ARG_DOUBLE, &opt_guidance_rescale,
    N_ ("Less glare where guidance is strong, 0 to 1"), N_ ("X") },
  { "guidance-start", 0, 0, G_OPTION_ARG_DOUBLE, &opt_guidance_start,
    N_ ("Share of the steps before it is guided, 0 to 1 (0)"), N_ ("X") },
  { "guidance-end", 0, 0, G_OPTION_ARG_DOUBLE, &opt_guidance_end,
    N_ ("Share of the steps after which it is no longer guided, 0 to 1 (the model's own if not given)"), N_ ("X") },
  { "perturb", 0, 0, G_OPTION_ARG_STRING, &opt_perturb,
    N_ ("What guidance leads away from: pictures drawn without self-attention in the “middle” or in “all” blocks, or"
        " “none” (the model's own if not given)"),
    N_ ("WHERE") },
  { "sampler", 0, 0, G_OPTION_ARG_STRING, &opt_sampler, N_ ("Sampler"), N_ ("NAME") },
  { "schedule", 0, 0, G_OPTION_ARG_STRING, &opt_schedule, N_ ("Which noise levels it visits (its own if not given)"),
    N_ ("NAME") },
  { "eta", 0, 0, G_OPTION_ARG_DOUBLE, &opt_eta,
    N_ ("How much of the noise the sampler tcd renews at each step, 0 to 1 (0.3)"), N_ ("X") },
  { "size", 0, 0, G_OPTION_ARG_STRING, &opt_size, N_ ("Size in pixels"), N_ ("WIDTHxHEIGHT") },
  { "init", 0, 0, G_OPTION_ARG_FILENAME, &opt_init, N_ ("Picture to start from"), N_ ("PNG") },
  { "strength", 0, 0, G_OPTION_ARG_DOUBLE, &opt_strength, N_ ("How far to leave it, 0 to 1 (0.6)"), N_ ("X") },
  { "mask", 0, 0, G_OPTION_ARG_FILENAME, &opt_mask, N_ ("White where it may change"), N_ ("PNG") },
  { "mask-feather", 0, 0, G_OPTION_ARG_INT, &opt_mask_feather, N_ ("Over how many pixels the mask's edge fades"),
    N_ ("N") },
  { "variation-seed", 0, 0, G_OPTION_ARG_STRING, &opt_variation_seed,
    N_ ("Noise to turn to for more like this; picture k takes N + k and all the same seed"), N_ ("N") },
  { "variation-strength", 0, 0, G_OPTION_ARG_DOUBLE, &opt_variation_strength,
    N_ ("How far to turn there, 0 to 1 (0.1 with --variation-seed)"), N_ ("X") },
  { "hires", 0, 0, G_OPTION_ARG_DOUBLE, &opt_hires, N_ ("Enlarge so many times and draw the detail"), N_ ("X") },
  { "hires-strength", 0, 0, G_OPTION_ARG_DOUBLE, &opt_hires_strength,
    N_ ("How far that leaves what was enlarged, 0 to 1 (0.5)"), N_ ("X") },
  { "hires-steps", 0, 0, G_OPTION_ARG_INT, &opt_hires_steps, N_ ("Sampling steps for that (as --steps)"), N_ ("N") },
  { "hires-upscale", 0, 0, G_OPTION_ARG_STRING, &opt_hires_upscale, N_ ("How it is enlarged: bilinear or bicubic"),
    N_ ("NAME") },
  { "lora", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &opt_lora,
    N_ ("LoRA file, or name of one of your own, and its weight; can be given several times"), N_ ("FILE[:WEIGHT]") },
  { "vae", 0, 0, G_OPTION_ARG_FILENAME, &opt_vae, N_ ("Autoencoder to take instead of the model's"), N_ ("FILE") },
  { "tower", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &opt_tower,
    N_ ("Text tower to take instead of the model's; the second one of two is given second"), N_ ("FILE") },
  { "out", 'o', 0, G_OPTION_ARG_FILENAME, &opt_out, N_ ("Folder, or name ending in .png"), N_ ("DIR|FILE.png") },
  { NULL },
};

typedef struct {
  int count;
  gboolean variations; /* all of one seed */
  guint64 variation_seed;
  gboolean tty;
  gboolean line; /* a progress line stands on the terminal */
  gint64 begin;
  JsonBuilder *pictures; /* array being built */
  JsonBuilder *notices;
  GCancellable *cancellable;
  GError *write_error;   /* the first file that could not be written */
  InqMemoryPlan *memory; /* (nullable) with --json */
} Run;

static void
end_line (Run *run)
{
  if (run->line)
    fputs ("\r\033[K", stderr);
  run->line = FALSE;
}

static void
progress_cb (InqStage stage, int index, int step, int n_steps, const InqPicture *preview, gpointer data)
{
  Run *run = data;
  if (!run->tty)
    return;
  char bar[21];
  int filled = n_steps > 0 ? 20 * step / n_steps : 0;
  for (int i = 0; i < 20; i++)
    bar[i] = i < filled ? '#' : '.';
  bar[20] = '\0';
  double seconds = (g_get_monotonic_time () - run->begin) / 1e6;
  fprintf (stderr, _ ("\r[%s] picture %d of %d, %s %d/%d, %.1f s\033[K"), bar, MAX (index, 0) + 1, run->count,
           inq_stage_name (stage), step, n_steps, seconds);
  fflush (stderr);
  run->line = TRUE;
}

static void
notice_cb (const char *message, gpointer data)
{
  Run *run = data;
  end_line (run);
  cli_say ("%s", message);
  g_autofree char *valid = g_utf8_make_valid (message, -1);
  json_builder_add_string_value (run->notices, valid);
}

/* DIR/SEED.png (DIR/SEED-VARIATION.png), FILE.png, or FILE-K.png for several */
static char *
picture_path (Run *run, int index, guint64 seed)
{
  if (!g_str_has_suffix (opt_out, ".png")) {
    g_autofree char *variation = run->variations
                                     ? g_strdup_printf ("-%" G_GUINT64_FORMAT, run->variation_seed + (guint64) index)
                                     : g_strdup ("");
    g_autofree char *name = g_strdup_printf ("%" G_GUINT64_FORMAT "%s.png", seed, variation);
    return g_build_filename (opt_out, name, NULL);
  }
  if (run->count == 1)
    return g_strdup (opt_out);
  g_autofree char *stem = g_strndup (opt_out, strlen (opt_out) - strlen (".png"));
  return g_strdup_printf ("%s-%d.png", stem, index + 1);
}

static void
add_picture (Run *run, int index, guint64 seed, const char *path, const InqPicture *picture, const char *recipe)
{
  JsonBuilder *b = run->pictures;
  json_builder_begin_object (b);
  cli_json_int (b, "index", index);
  if (seed <= G_MAXINT64) {
    cli_json_int (b, "seed", (gint64) seed);
  } else {
    g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, seed);
    cli_json_string (b, "seed", text);
  }
  cli_json_string (b, "path", path);
  cli_json_int (b, "width", picture->width);
  cli_json_int (b, "height", picture->height);
  cli_json_double (b, "seconds", (g_get_monotonic_time () - run->begin) / 1e6);
  g_autoptr (JsonNode) node = json_from_string (recipe, NULL);
  json_builder_set_member_name (b, "recipe");
  json_builder_add_value (b, g_steal_pointer (&node));
  json_builder_end_object (b);
}

static void
picture_cb (int index, guint64 seed, InqPicture *taken, const char *recipe, gpointer data)
{
  Run *run = data;
  g_autoptr (InqPicture) picture = taken;
  g_autofree char *path = picture_path (run, index, seed);
  g_autoptr (GBytes) png = inq_picture_to_png (picture, recipe, run->write_error ? NULL : &run->write_error);
  if (!png || run->write_error) {
    g_cancellable_cancel (run->cancellable);
    return;
  }
  gsize size;
  const void *bytes = g_bytes_get_data (png, &size);
  if (!g_file_set_contents (path, bytes, (gssize) size, &run->write_error)) {
    g_cancellable_cancel (run->cancellable); /* no use in drawing what cannot be kept */
    return;
  }
  end_line (run);
  add_picture (run, index, seed, path, picture, recipe);
  if (!cli_common.json) {
    puts (path);
    fflush (stdout);
  }
}

static InqPicture *
read_picture (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) bytes = g_file_load_bytes (file, NULL, NULL, error);
  if (!bytes)
    return NULL;
  InqPicture *picture = inq_picture_from_png (bytes, error);
  if (!picture)
    g_prefix_error (error, "%s: ", path);
  return picture;
}

static gboolean
parse_seed (const char *text, guint64 *seed)
{
  if (!text) {
    *seed = g_random_int ();
    return TRUE;
  }
  g_autoptr (GError) error = NULL;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, seed, &error))
    return TRUE;
  cli_say (_ ("\"%s\" is not a seed: a number from 0 to 18446744073709551615"), text);
  return FALSE;
}

static void
lora_use_clear (gpointer data)
{
  g_free ((char *) ((InqLoraUse *) data)->path);
}

/* Of FILE[:WEIGHT]; a colon that no number follows belongs to the name. (transfer full) InqLoraUse array */
static GArray *
parse_loras (void)
{
  GArray *loras = g_array_new (FALSE, TRUE, sizeof (InqLoraUse));
  g_array_set_clear_func (loras, lora_use_clear);
  for (guint i = 0; opt_lora && opt_lora[i]; i++) {
    const char *colon = strrchr (opt_lora[i], ':');
    char *end = NULL;
    double weight = colon ? g_ascii_strtod (colon + 1, &end) : 1;
    gboolean weighted = colon && end != colon + 1 && *end == '\0';
    InqLoraUse use = { .path = weighted ? g_strndup (opt_lora[i], (gsize) (colon - opt_lora[i]))
                                        : g_strdup (opt_lora[i]),
                       .weight = weighted ? weight : 1 };
    g_array_append_val (loras, use);
  }
  return loras;
}

static gboolean
prepare_out (GError **error)
{
  g_autofree char *folder = g_str_has_suffix (opt_out, ".png") ? g_path_get_dirname (opt_out) : g_strdup (opt_out);
  if (g_mkdir_with_parents (folder, 0755) == 0)
    return TRUE;
  int saved = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _ ("The folder %s cannot be made: %s"), folder,
               g_strerror (saved));
  return FALSE;
}

static int
usage_error (void)
{
  if (!opt_out)
    cli_say (_ ("--out is missing: a folder, or a file name ending in .png"));
  else if (opt_count < 1)
    cli_say (_ ("--count is %d; it can be 1 to 64"), opt_count);
  else if (opt_mask && !opt_init)
    cli_say (_ ("--mask needs a picture to change: give it with --init"));
  else if (opt_strength != -1 && !opt_init)
    cli_say (_ ("--strength says how far to leave a picture: give it with --init"));
  else if (opt_mask_feather && !opt_mask)
    cli_say (_ ("--mask-feather needs a mask: give it with --mask"));
  else if ((opt_hires_strength || opt_hires_steps || opt_hires_upscale) && !opt_hires)
    cli_say (_ ("--hires-strength, --hires-steps and --hires-upscale need --hires"));
  else
    return -1;
  return CLI_USAGE;
}

static void
print_result (Run *run, InqEngine *engine, InqModel *model, const GError *error)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_end_array (run->pictures);
  json_builder_end_array (run->notices);
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "pictures");
  json_builder_add_value (b, json_builder_get_root (run->pictures));
  json_builder_set_member_name (b, "notices");
  json_builder_add_value (b, json_builder_get_root (run->notices));
  cli_json_string (b, "model", model ? inq_model_get_info (model)->name : NULL);
  cli_json_string (b, "device", inq_gpu_get_facts (inq_engine_get_gpu (engine))->name);
  cli_json_double (b, "seconds", (g_get_monotonic_time () - run->begin) / 1e6);
  cli_json_memory (b, run->memory);
  if (error)
    cli_json_error (b, error);
  json_builder_end_object (b);
  cli_print_json (b);
}

/* Whether --vae and --tower name what they should: each would serve as the other. */
static gboolean
check_part (const char *path, const char *kind, GError **error)
{
  g_autoptr (InqModelInfo) info = inq_model_inspect (path, error);
  gboolean vae = g_str_equal (kind, "vae");
  if (!info)
    return FALSE;
  if (g_str_equal (info->kind, kind))
    return TRUE;
  g_set_error (error, INQ_ENGINE_ERROR, INQ_ENGINE_ERROR_INVALID,
               vae ? _ ("“%s” is no autoencoder alone (%s). Give --vae the file of one")
                   : _ ("“%s” is no text tower alone (%s). Give --tower the file of one"),
               path, info->kind);
  return FALSE;
}

static gboolean
generate (Run *run, InqEngine *engine, InqModel **model, guint64 seed, GError **error)
{
  g_autoptr (InqPicture) init = NULL;
  g_autoptr (InqPicture) mask = NULL;
  g_autofree char *path = cli_find_model (opt_model, error);
  if (!path || !prepare_out (error))
    return FALSE;
  if ((opt_init && !(init = read_picture (opt_init, error))) || (opt_mask && !(mask = read_picture (opt_mask, error))))
    return FALSE;
  g_autoptr (GArray) loras = parse_loras ();
  g_autoptr (GPtrArray) beside = g_ptr_array_new ();
  if (opt_vae && !check_part (opt_vae, "vae", error))
    return FALSE;
  if (opt_vae)
    g_ptr_array_add (beside, opt_vae);
  for (guint i = 0; opt_tower && opt_tower[i]; i++) {
    if (!check_part (opt_tower[i], "tower", error))
      return FALSE;
    g_ptr_array_add (beside, opt_tower[i]);
  }
  gboolean parts = beside->len > 0;
  g_ptr_array_add (beside, NULL);
  *model = inq_engine_load_with (engine, path, parts ? (const char *const *) beside->pdata : NULL, error);
  if (!*model)
    return FALSE;
  InqGenerateParams params;
  inq_generate_params_init (&params);
  params.prompt = opt_prompt;
  params.negative = opt_negative;
  params.seed = seed;
  params.count = opt_count;
  params.steps = opt_steps;
  params.cfg = opt_cfg;
  params.guidance_rescale = opt_guidance_rescale;
  params.guidance_start = opt_guidance_start;
  params.guidance_end = opt_guidance_end;
  params.perturb = opt_perturb;
  params.sampler = opt_sampler;
  params.schedule = opt_schedule;
  params.eta = opt_eta;
  params.variation_seed = run->variation_seed;
  params.variation_strength = opt_variation_strength;
  params.hires_scale = opt_hires;
  params.hires_strength = opt_hires_strength;
  params.hires_steps = opt_hires_steps;
  params.hires_upscale = opt_hires_upscale;
  params.mask_feather = opt_mask_feather;
  params.init = init;
  params.mask = mask;
  params.strength = opt_strength == -1 ? params.strength : opt_strength;
  params.loras = (const InqLoraUse *) loras->data;
  params.n_loras = loras->len;
  cli_parse_size (opt_size, &params.width, &params.height);
  const InqGenerateCallbacks callbacks = {
    .progress = progress_cb, .picture = picture_cb, .notice = notice_cb, .data = run
  };
  if (cli_common.json)
    run->memory = inq_engine_plan_memory (engine, *model, &params, NULL); /* generate says what is wrong */
  gboolean ok = inq_engine_generate (engine, *model, &params, &callbacks, run->cancellable, error);
  if (run->write_error) { /* what really went wrong */
    g_clear_error (error);
    g_propagate_error (error, g_steal_pointer (&run->write_error));
    ok = FALSE;
  }
  return ok;
}

int
cli_generate (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = cli_context_new ("generate", _ ("--prompt TEXT --out DIR|FILE.png"),
                                                        _ ("Makes pictures from a prompt."), entries);
  int code = cli_parse (context, &argc, &argv, 0, 0), width, height;
  guint64 seed, variation_seed;
  if (code >= 0 || (code = usage_error ()) >= 0)
    return code;
  if (opt_variation_seed && opt_variation_strength == 0)
    opt_variation_strength = 0.1;
  if (!parse_seed (opt_seed, &seed) || !parse_seed (opt_variation_seed, &variation_seed)
      || !cli_parse_size (opt_size, &width, &height))
    return CLI_USAGE;

  GCancellable *cancellable = cli_cancellable (); /* before the driver starts threads of its own */
  g_autoptr (GError) error = NULL;
  g_autoptr (InqEngine) engine = cli_engine_new (&error);
  if (!engine)
    return cli_fail (error);
  g_autoptr (JsonBuilder) pictures = json_builder_new ();
  g_autoptr (JsonBuilder) notices = json_builder_new ();
  json_builder_begin_array (pictures);
  json_builder_begin_array (notices);
  Run run = {
    .count = opt_count,
    .variations = opt_variation_strength > 0,
    .variation_seed = variation_seed,
    .tty = isatty (STDERR_FILENO),
    .begin = g_get_monotonic_time (),
    .pictures = pictures,
    .notices = notices,
    .cancellable = cancellable,
  };
  InqModel *model = NULL;
  gboolean ok = generate (&run, engine, &model, seed, &error);
  end_line (&run);
  if (cli_common.json)
    print_result (&run, engine, model, error);
  g_clear_pointer (&run.memory, inq_memory_plan_free);
  if (!ok)
    cli_say ("%s", error->message);
  return ok ? CLI_OK : cli_exit_code (error);
}

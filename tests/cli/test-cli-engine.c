/* Inquadra - tests: inquadra-cli's engine commands, from outside: exit codes, JSON, messages, files, Ctrl+C.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

static char *tmp;
static char *house; /* fixture folder */

typedef struct {
  int code;
  char *out, *err;
} Result;

static void
result_clear (Result *result)
{
  g_free (result->out);
  g_free (result->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static GSubprocess *
spawn (const char *const *env, const char *const *args)
{
  g_autoptr (GSubprocessLauncher)
      launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  for (guint i = 0; env && env[i] && env[i + 1]; i += 2)
    g_subprocess_launcher_setenv (launcher, env[i], env[i + 1], TRUE);
  g_ptr_array_add (argv, (gpointer) g_getenv ("INQ_CLI"));
  for (guint i = 0; args[i]; i++)
    g_ptr_array_add (argv, (gpointer) args[i]);
  g_ptr_array_add (argv, NULL);
  GSubprocess *process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  return process;
}

static char *
text_of (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  return size > 0 ? g_strndup (data, size) : g_strdup ("");
}

static Result
run_env (const char *const *env, const char *const *args)
{
  Result result = { 0 };
  g_autoptr (GSubprocess) process = spawn (env, args);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) out = NULL;
  g_autoptr (GBytes) err = NULL;
  g_subprocess_communicate (process, NULL, NULL, &out, &err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process)); /* never a crash */
  result.code = g_subprocess_get_exit_status (process);
  result.out = text_of (out);
  result.err = text_of (err);
  g_test_message ("%s -> %d: %s", args[0], result.code, result.err);
  return result;
}

#define RUN(...) run_env (NULL, (const char *const[]){ __VA_ARGS__, NULL })

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);
  g_assert_no_error (error);
  return node;
}

static char *
in_tmp (const char *name)
{
  return g_build_filename (tmp, name, NULL);
}

static void
test_usage (void)
{
  g_auto (Result) nothing = RUN ("--version");
  g_assert_cmpint (nothing.code, ==, 0);
  g_assert_nonnull (strstr (nothing.out, INQ_VERSION));
  g_auto (Result) unknown = RUN ("paint");
  g_assert_cmpint (unknown.code, ==, 2);
  g_assert_cmpstr (unknown.out, ==, "");
  g_assert_nonnull (strstr (unknown.err, "paint"));
  g_auto (Result) option = RUN ("generate", "--colour", "red");
  g_assert_cmpint (option.code, ==, 2);
  g_auto (Result) no_out = RUN ("generate", "--prompt", "a");
  g_assert_cmpint (no_out.code, ==, 2);
  g_assert_nonnull (strstr (no_out.err, "--out"));
  g_auto (Result) size = RUN ("generate", "--prompt", "a", "--out", tmp, "--size", "12");
  g_assert_cmpint (size.code, ==, 2);
  g_auto (Result) strength = RUN ("generate", "--prompt", "a", "--out", tmp, "--strength", "0.3");
  g_assert_cmpint (strength.code, ==, 2);
  g_auto (Result) feather = RUN ("generate", "--prompt", "a", "--out", tmp, "--mask-feather", "3");
  g_assert_cmpint (feather.code, ==, 2);
  g_auto (Result) hires = RUN ("generate", "--prompt", "a", "--out", tmp, "--hires-steps", "3");
  g_assert_cmpint (hires.code, ==, 2);
  g_auto (Result) seed = RUN ("generate", "--prompt", "a", "--out", tmp, "--seed", "-1");
  g_assert_cmpint (seed.code, ==, 2);
  g_auto (Result) verify = RUN ("verify", house);
  g_assert_cmpint (verify.code, ==, 2);
  g_auto (Result) models = RUN ("models", "forget");
  g_assert_cmpint (models.code, ==, 2);
  g_auto (Result) help = RUN ("generate", "--help");
  g_assert_cmpint (help.code, ==, 0);
  g_assert_nonnull (strstr (help.out, "--strength"));
}

static void
test_generate (void)
{
  g_autofree char *folder = in_tmp ("pictures");
  g_auto (Result) r = RUN ("generate", "--model", house, "--prompt", "wide shot", "--seed", "9", "--count", "2",
                           "--steps", "2", "--out", folder, "--json");
  g_assert_cmpint (r.code, ==, 0);
  g_autoptr (JsonNode) node = parse (r.out);
  JsonObject *root = json_node_get_object (node);
  JsonArray *pictures = json_object_get_array_member (root, "pictures");
  g_assert_cmpuint (json_array_get_length (pictures), ==, 2);
  for (guint i = 0; i < 2; i++) {
    JsonObject *one = json_array_get_object_element (pictures, i);
    g_assert_cmpint (json_object_get_int_member (one, "seed"), ==, 9 + i);
    g_autofree char *png = NULL;
    gsize size;
    g_assert_true (g_file_get_contents (json_object_get_string_member (one, "path"), &png, &size, NULL));
    g_autoptr (GBytes) bytes = g_bytes_new (png, size);
    g_autoptr (InqPicture) picture = inq_picture_from_png (bytes, NULL);
    g_assert_nonnull (picture);
    g_assert_cmpint (picture->width, ==, 64);
    g_assert_nonnull (memmem (png, size, "wide shot", 9)); /* it carries its recipe */
    g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (one, "recipe"), "prompt"), ==,
                     "wide shot");
  }
  /* without --json: one path a line on stdout, nothing on stderr when there is nothing to say */
  g_autofree char *file = in_tmp ("one.png");
  g_auto (Result) plain = RUN ("generate", "--model", house, "--steps", "1", "--out", file);
  g_assert_cmpint (plain.code, ==, 0);
  g_assert_true (g_str_has_prefix (plain.out, file));
  g_assert_cmpstr (plain.err, ==, "");
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
}

static void
test_bad_input (void)
{
  g_autofree char *ckpt = in_tmp ("model.ckpt");
  g_autofree char *broken = in_tmp ("broken.safetensors");
  g_autofree char *no_text = fixture_model (tmp, "house", FIXTURE_NO_TEXT);
  g_assert_true (g_file_set_contents (ckpt, "\200\002}q", -1, NULL));
  g_assert_true (g_file_set_contents (broken, "\377\377\377\377\377\377\377\177{}", -1, NULL));
  const struct {
    const char *model;
    const char *says;
  } cases[] = {
    { ckpt, "safetensors" }, { broken, "broken.safetensors" }, { no_text, "text tower" }, { "/nonexistent", "no model" }
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Result) r = RUN ("generate", "--model", cases[i].model, "--prompt", "a", "--out", tmp, "--json");
    g_assert_cmpint (r.code, ==, 1);
    g_assert_nonnull (strstr (r.err, cases[i].says));
    g_autoptr (JsonNode) node = parse (r.out);
    JsonObject *error = json_object_get_object_member (json_node_get_object (node), "error");
    const char *domain = error != NULL ? json_object_get_string_member (error, "domain") : NULL;
    g_assert_true (domain != NULL && g_str_has_prefix (domain, "inq-"));
    g_assert_null (strchr (domain, ' '));
  }
  g_auto (Result) sampler = RUN ("generate", "--model", house, "--prompt", "a", "--out", tmp, "--sampler", "magic");
  g_assert_cmpint (sampler.code, ==, 2);
  g_assert_nonnull (strstr (sampler.err, "dpmpp_2m_sde"));
  g_auto (Result) steps = RUN ("generate", "--model", house, "--prompt", "a", "--out", tmp, "--steps", "1000");
  g_assert_cmpint (steps.code, ==, 2);
  g_auto (Result) init = RUN ("generate", "--model", house, "--prompt", "a", "--out", tmp, "--init", ckpt);
  g_assert_cmpint (init.code, ==, 1);
  g_auto (Result) out = RUN ("generate", "--model", house, "--steps", "1", "--out", "/proc/no/such");
  g_assert_cmpint (out.code, ==, 1);
}

static void
test_odd_prompts (void)
{
  g_autofree char *file = in_tmp ("odd.png");
  g_autoptr (GString) words = g_string_new (NULL);
  for (int i = 0; i < 10000; i++)
    g_string_append (words, "shot ");
  g_auto (Result) odd = run_env ((const char *const[]){ "LC_ALL", "C", NULL },
                                 (const char *const[]){ "generate", "--model", house, "--prompt", words->str,
                                                        "--negative", "caf\xe9", "--size", "70x20", "--steps", "1",
                                                        "--out", file, "--json", NULL });
  g_assert_cmpint (odd.code, ==, 0);
  g_autoptr (JsonNode) node = parse (odd.out);
  JsonArray *notices = json_object_get_array_member (json_node_get_object (node), "notices");
  g_assert_cmpuint (json_array_get_length (notices), ==, 3); /* size, length, bytes */
}

static void
test_no_vulkan (void)
{
  const char *const env[] = { "INQ_VULKAN_LOADER", "/nonexistent/libvulkan.so.1", NULL };
  const char *const commands[][8] = { { "devices", NULL },
                                      { "generate", "--model", house, "--out", tmp, NULL },
                                      { "bench", "--model", house, NULL } };
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    g_auto (Result) r = run_env (env, commands[i]);
    g_assert_cmpint (r.code, ==, 1);
    g_assert_nonnull (strstr (r.err, "mesa-vulkan-drivers"));
  }
  g_auto (Result) inspect = run_env (env, (const char *const[]){ "models", "inspect", house, NULL });
  g_assert_cmpint (inspect.code, ==, 0); /* needs no device */
}

static void
test_models (void)
{
  g_autofree char *file = g_build_filename (house, "model.safetensors", NULL);
  g_autofree char *named = in_tmp ("sketch.safetensors");
  g_autoptr (GFile) from = g_file_new_for_path (file);
  g_autoptr (GFile) to = g_file_new_for_path (named);
  g_assert_true (g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, NULL));
  g_auto (Result) add = RUN ("models", "add", named);
  g_assert_cmpint (add.code, ==, 0);
  g_auto (Result) list = RUN ("models", "list", "--json");
  g_assert_cmpint (list.code, ==, 0);
  g_autoptr (JsonNode) node = parse (list.out);
  gboolean found = FALSE;
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonObject *one = json_array_get_object_element (array, i);
    found |= g_str_has_suffix (json_object_get_string_member (one, "path"), "/inquadra/models/sketch.safetensors");
  }
  g_assert_true (found);
  g_auto (Result) inspect = RUN ("models", "inspect", "sketch", "--json"); /* by name */
  g_assert_cmpint (inspect.code, ==, 0);
  g_autoptr (JsonNode) info = parse (inspect.out);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (info), "family"), ==, "house");
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (info), "kind"), ==, "checkpoint");
  g_assert_cmpuint (strlen (json_object_get_string_member (json_node_get_object (info), "hash")), ==, 64);
  g_auto (Result) again = RUN ("models", "add", named);
  g_assert_cmpint (again.code, ==, 1);
  g_auto (Result) elsewhere = RUN ("models", "remove", named); /* not in the user's folder */
  g_assert_cmpint (elsewhere.code, ==, 2);
  g_auto (Result) removed = RUN ("models", "remove", "sketch", "--json");
  g_auto (Result) after = RUN ("models", "inspect", "sketch");
  g_assert_cmpint (after.code, ==, removed.code == 0 ? 1 : 0); /* gone where there is a trash, else as it was */
}

static void
test_verify (void)
{
  g_autofree char *expect = in_tmp ("expect.safetensors");
  g_autofree char *json = in_tmp ("expect.json");
  g_autofree char *dump = in_tmp ("dump.safetensors");
  float zeros[4 * 16] = { 0 };
  g_assert_true (g_file_set_contents (json, "{\"prompts\": [\"shot\"]}", -1, NULL));
  g_assert_true (inq_weights_write (
      expect, &(InqWeightOut){ .name = "text0.pooled", .n_dims = 2, .dims = { 1, 16 }, .data = zeros }, 1, NULL));
  g_auto (Result) wrong = RUN ("verify", house, expect, "--dump", dump, "--json");
  g_assert_cmpint (wrong.code, ==, 1);
  g_autoptr (JsonNode) node = parse (wrong.out);
  g_assert_false (json_object_get_boolean_member (json_node_get_object (node), "passed"));
  g_assert_cmpint (g_rename (dump, expect), ==, 0); /* what was computed is now what is expected */
  g_auto (Result) right = RUN ("verify", house, expect);
  g_assert_cmpint (right.code, ==, 0);
  g_assert_nonnull (strstr (right.out, "text0.pooled"));
  g_auto (Result) nothing = RUN ("verify", house, "/nonexistent.safetensors");
  g_assert_cmpint (nothing.code, ==, 1);
}

static void
test_bench (void)
{
  g_auto (Result) r = RUN ("bench", "--model", house, "--size", "32x32", "--steps", "1", "--json");
  g_assert_cmpint (r.code, ==, 0);
  g_autoptr (JsonNode) node = parse (r.out);
  JsonArray *rows = json_object_get_array_member (json_node_get_object (node), "rows");
  guint totals = 0;
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);
    totals += g_str_equal (json_object_get_string_member (row, "label"), "total");
  }
  g_assert_cmpuint (totals, ==, 3);
}

static void
test_selftest (void)
{
  g_auto (Result) r = RUN ("selftest", "--json");
  g_assert_cmpint (r.code, ==, 0);
  g_autoptr (JsonNode) node = parse (r.out);
  JsonObject *o = json_node_get_object (node);
  g_assert_true (json_object_get_boolean_member (o, "trusted"));
  g_assert_nonnull (strstr (json_object_get_string_member (o, "verdict"), json_object_get_string_member (o, "driver")));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (o, "checks")), >=, 8);
}

/* What will happen is said on stderr and in the JSON; the picture is the same; what can never fit is an error. */
static void
test_max_memory (void)
{
  g_autofree char *whole = in_tmp ("whole.png"), *short_of = in_tmp ("short.png");
  g_auto (Result) all = RUN ("generate", "--model", house, "--seed", "5", "--prompt", "a", "--out", whole, "--json");
  g_assert_cmpint (all.code, ==, 0);
  g_autoptr (JsonNode) all_node = parse (all.out);
  JsonObject *memory = json_object_get_object_member (json_node_get_object (all_node), "memory");
  g_assert_cmpstr (json_object_get_string_member (memory, "summary"), ==, "whole");
  g_autofree char *limit = g_strdup_printf ("%" G_GINT64_FORMAT,
                                            json_object_get_int_member (memory, "needed") * 6 / 10);
  g_auto (Result) less = RUN ("generate", "--model", house, "--seed", "5", "--prompt", "a", "--out", short_of, "--json",
                              "--max-memory", limit);
  g_assert_cmpint (less.code, ==, 0);
  g_assert_nonnull (strstr (less.err, "towers dropped after use"));
  g_autoptr (JsonNode) less_node = parse (less.out);
  memory = json_object_get_object_member (json_node_get_object (less_node), "memory");
  g_assert_nonnull (strstr (json_object_get_string_member (memory, "summary"), "towers dropped after use"));
  g_autofree char *a = NULL, *b = NULL;
  gsize n_a, n_b;
  g_assert_true (g_file_get_contents (whole, &a, &n_a, NULL) && g_file_get_contents (short_of, &b, &n_b, NULL));
  g_assert_cmpmem (a, n_a, b, n_b);
  g_auto (Result) none = RUN ("generate", "--model", house, "--out", whole, "--max-memory", "20K");
  g_assert_cmpint (none.code, ==, 1);
  g_assert_nonnull (strstr (none.err, "memory"));
  const char *const wrong[] = { "4X", "G", "-1", "0", "nan", "4Gi", "1e30" };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_auto (Result) r = RUN ("generate", "--model", house, "--out", whole, "--max-memory", wrong[i]);
    g_assert_cmpint (r.code, ==, 2);
  }
}

/* Interrupted when the first picture is there: it stays, the rest is not made, the exit code says so. */
static void
test_interrupt (void)
{
  g_autofree char *folder = in_tmp ("interrupted");
  g_autoptr (GSubprocess)
      process = spawn (NULL, (const char *const[]){ "generate", "--model", house, "--seed", "1", "--count", "64",
                                                    "--steps", "100", "--out", folder, NULL });
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  g_autoptr (GError) error = NULL;
  g_autofree char *first = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (first);
  g_subprocess_send_signal (process, SIGINT);
  g_assert_true (g_subprocess_wait (process, NULL, &error));
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
  g_assert_true (g_file_test (first, G_FILE_TEST_EXISTS));
  g_autofree char *last = g_build_filename (folder, "64.png", NULL);
  g_assert_false (g_file_test (last, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_setenv ("XDG_DATA_HOME", tmp, TRUE);
  g_test_init (&argc, &argv, NULL);
  house = fixture_model (tmp, "house", 0);
  g_test_add_func ("/cli/usage", test_usage);
  g_test_add_func ("/cli/generate", test_generate);
  g_test_add_func ("/cli/bad-input", test_bad_input);
  g_test_add_func ("/cli/odd-prompts", test_odd_prompts);
  g_test_add_func ("/cli/no-vulkan", test_no_vulkan);
  g_test_add_func ("/cli/models", test_models);
  g_test_add_func ("/cli/verify", test_verify);
  g_test_add_func ("/cli/bench", test_bench);
  g_test_add_func ("/cli/selftest", test_selftest);
  g_test_add_func ("/cli/max-memory", test_max_memory);
  g_test_add_func ("/cli/interrupt", test_interrupt);
  int result = g_test_run ();
  g_free (house);
  fixture_folder_free (tmp);
  return result;
}

/* Inquadra - tests: the self test passes on this device, and says what is wrong when something is.
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "config.h"

#include "model-fixture.h"

#include <inq-gpu-test.h>
#include <inq-model.h>
#include <string.h>

static char *tmp;

static InqSelftest *
run (InqEngine *engine)
{
  g_autoptr (GError) error = NULL;
  InqSelftest *test = inq_engine_selftest (engine, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < test->checks->len; i++) {
    const InqSelftestCheck *check = g_ptr_array_index (test->checks, i);
    g_test_message ("%s %g of %g: %s%s%s", check->passed ? "ok" : "FAIL", check->error, check->tolerance, check->name,
                    check->reason ? ": " : "", check->reason ? check->reason : "");
  }
  g_test_message ("%s", test->verdict);
  g_assert_true (g_utf8_validate (test->verdict, -1, NULL));
  g_assert_nonnull (strstr (test->verdict, test->device));
  g_assert_nonnull (strstr (test->verdict, test->driver));
  return test;
}

/* What is shipped: the reference belongs to the weights, and this device passes. The engine's model stays. */
static void
test_passes (void)
{
  g_autofree char *folder = fixture_model (tmp, "house", 0);
  g_autofree char *house = inq_house_model_path ();
  g_autoptr (InqEngine) engine = fixture_engine ();
  InqModel *model = inq_engine_load (engine, folder, NULL);
  g_autoptr (InqSelftest) test = run (engine);
  g_assert_true (test->trusted);
  g_assert_cmpuint (test->checks->len, >, 8);
  if (house)
    g_assert_true (test->complete);
  g_assert_true (inq_engine_load (engine, folder, NULL) == model);
}

static void
copy (const char *from, const char *to, const char *name, gsize spoil)
{
  g_autofree char *source = g_build_filename (from, name, NULL);
  g_autofree char *target = g_build_filename (to, name, NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (source, &bytes, &size, &error));
  if (spoil)
    bytes[size - spoil] ^= 0x40; /* an exponent's bit of the last tensor */
  g_assert_true (g_file_set_contents (target, bytes, (gssize) size, &error));
}

/* One number of the reference that is not what the device computes: the check is named, the device is not trusted. With
 * a reference of other weights the rest is still told. */
static void
test_differs (void)
{
  g_autofree char *house = inq_house_model_path ();
  if (!house) {
    g_test_skip ("no house model");
    return;
  }
  g_autofree char *folder = g_build_filename (tmp, "spoilt", NULL);
  g_autofree char *before = g_strdup (g_getenv ("INQ_HOUSE_MODEL"));
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer", NULL);
  g_autofree char *from = g_build_filename (house, "tokenizer", NULL);
  g_assert_cmpint (g_mkdir_with_parents (tokenizer, 0755), ==, 0);
  copy (from, tokenizer, "merges.txt", 0);
  copy (house, folder, "model.safetensors", 0);
  copy (house, folder, "selftest.json", 0);
  copy (house, folder, "selftest.safetensors", 1);
  g_setenv ("INQ_HOUSE_MODEL", folder, TRUE);
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (InqSelftest) spoilt = run (engine);
  g_assert_false (spoilt->trusted);
  g_assert_nonnull (strstr (spoilt->verdict, "pictures: vae.image") ? NULL : strstr (spoilt->verdict, "pictures: "));

  copy (house, folder, "model.safetensors", 1000);
  g_autoptr (InqSelftest) other = run (engine);
  g_assert_true (other->trusted);
  g_assert_false (other->complete);
  if (before)
    g_setenv ("INQ_HOUSE_MODEL", before, TRUE);
  else
    g_unsetenv ("INQ_HOUSE_MODEL");
}

/* A device that goes away is not trusted; one that is cancelled is not judged. */
static void
test_stops (void)
{
  g_autoptr (InqEngine) engine = fixture_engine ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_cancellable_cancel (cancellable);
  g_assert_null (inq_engine_selftest (engine, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  inq_gpu_test_inject_lost (inq_engine_get_gpu (engine), 3);
  g_autoptr (InqSelftest) test = run (engine);
  g_assert_false (test->trusted);
  g_assert_nonnull (strstr (test->verdict, "lost"));
}

int
main (int argc, char **argv)
{
  if (!fixture_have_engine ())
    return 0;
  tmp = fixture_folder_new ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/selftest/passes", test_passes);
  g_test_add_func ("/selftest/differs", test_differs);
  g_test_add_func ("/selftest/stops", test_stops);
  int result = g_test_run ();
  fixture_folder_free (tmp);
  return result;
}

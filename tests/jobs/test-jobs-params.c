/* Inquadra - tests of what a job is to do, as its row says it, and of the words it draws from
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <inq-drawing.h>
#include <inq-prompt.h>
#include <string.h>

#include "jobs-fixture.h"

static void
test_params (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobParams) params = inq_job_params_new ();
  g_autoptr (InqJobParams) read = NULL;
  g_autofree char *json = NULL;

  g_free (params->prompt);
  params->prompt = g_strdup ("a \"quoted\" caf\u00e9\n");
  params->seed = G_MAXUINT64 - 1;
  params->count = 4;
  params->cfg = 3.5;
  params->guidance_rescale = 0.7;
  params->guidance_start = 0.1;
  params->guidance_end = 0.6;
  params->schedule = (g_free (params->schedule), g_strdup ("karras"));
  params->variation_seed = G_MAXUINT64 - 7;
  params->variation_strength = 0.3;
  params->hires_scale = 2;
  params->hires_strength = 0.5;
  params->hires_steps = 12;
  params->hires_upscale = (g_free (params->hires_upscale), g_strdup ("bilinear"));
  params->init = params->mask = TRUE;
  params->strength = 0.6;
  params->mask_feather = 9;
  inq_job_params_add_lora (params, "ink \"wash\"", 0.8);
  inq_job_params_add_lora (params, "/tmp/other.safetensors", -1.5);
  json = inq_job_params_to_json (params);
  read = inq_job_params_from_json (json, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (read->guidance_rescale, ==, 0.7);
  g_assert_cmpfloat (read->guidance_start, ==, 0.1);
  g_assert_cmpfloat (read->guidance_end, ==, 0.6);
  g_assert_cmpstr (read->schedule, ==, "karras");
  g_assert_cmpuint (read->variation_seed, ==, G_MAXUINT64 - 7);
  g_assert_cmpfloat (read->variation_strength, ==, 0.3);
  g_assert_cmpfloat (read->hires_scale, ==, 2);
  g_assert_cmpfloat (read->hires_strength, ==, 0.5);
  g_assert_cmpint (read->hires_steps, ==, 12);
  g_assert_cmpstr (read->hires_upscale, ==, "bilinear");
  g_assert_true (read->init && read->mask);
  g_assert_cmpfloat (read->strength, ==, 0.6);
  g_assert_cmpint (read->mask_feather, ==, 9);
  g_assert_cmpuint (read->loras->len, ==, 2);
  g_assert_cmpstr (g_array_index (read->loras, InqJobLora, 0).path, ==, "ink \"wash\"");
  g_assert_cmpfloat (g_array_index (read->loras, InqJobLora, 1).weight, ==, -1.5);
  g_autoptr (InqJobParams) copy = inq_job_params_copy (read);
  g_autofree char *again = inq_job_params_to_json (copy);
  g_assert_cmpstr (again, ==, json);
  g_assert_cmpstr (read->prompt, ==, params->prompt);
  g_assert_cmpstr (read->ticket, ==, params->ticket);
  g_assert_cmpuint (read->seed, ==, params->seed);
  g_assert_cmpint (read->count, ==, 4);
  g_assert_cmpfloat (read->cfg, ==, 3.5);
}

static void
test_params_hostile (void)
{
  const char *bad[] = { "", "[]", "7", "{\"count\":" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (inq_job_params_from_json (bad[i], &error));
    g_assert_nonnull (error);
  }

  g_autoptr (InqJobParams)
      odd = inq_job_params_from_json ("{\"count\":1e9,\"steps\":-4,\"prompt\":3,\"seed\":[],\"width\":\"x\"}", NULL);
  g_assert_cmpint (odd->count, ==, 64);
  g_assert_cmpint (odd->steps, ==, 0);
  g_assert_cmpstr (odd->prompt, ==, "");
  g_assert_cmpint (odd->width, ==, 0);

  g_autoptr (InqJobParams) wild = inq_job_params_from_json (
      "{\"loras\":[3,{\"path\":7},{\"path\":\"x\",\"weight\":1e9},{}],\"strength\":5,"
      "\"variation_strength\":\"much\",\"init\":1,\"mask_feather\":-3,\"hires_scale\":99}",
      NULL);
  g_assert_cmpuint (wild->loras->len, ==, 1);
  g_assert_cmpfloat (g_array_index (wild->loras, InqJobLora, 0).weight, ==, 10);
  g_assert_cmpfloat (wild->strength, ==, 1);
  g_assert_cmpfloat (wild->variation_strength, ==, 0);
  g_assert_false (wild->init);
  g_assert_cmpint (wild->mask_feather, ==, 0);
  g_assert_cmpfloat (wild->hires_scale, ==, 8);
}

/* A row as the first version wrote it. */
static void
test_params_old (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (InqJobParams) params = inq_job_params_from_json (
      "{\"version\":1,\"ticket\":\"t\",\"model\":\"\",\"prompt\":\"a dog\",\"negative\":\"\","
      "\"sampler\":\"\",\"seed\":\"18446744073709551615\",\"count\":4,\"steps\":0,\"cfg\":0,"
      "\"width\":512,\"height\":288}",
      &error);

  g_assert_no_error (error);
  g_assert_cmpuint (params->seed, ==, G_MAXUINT64);
  g_assert_cmpint (params->width, ==, 512);
  g_assert_false (params->init || params->mask);
  g_assert_cmpstr (params->schedule, ==, "");
  g_assert_cmpfloat (params->variation_strength, ==, 0);
  g_assert_cmpuint (params->loras->len, ==, 0);
}

static void
test_prompt (void)
{
  static const struct {
    const char *prompt, *size, *angle, *time, *expect;
  } cases[] = {
    { "a woman at the bar", "", "", "", "a woman at the bar" },
    { "MCU, a woman at the bar", "LS", "", "", "MCU, a woman at the bar" },
    { "  spaced  ", "", "", "", "spaced" },
    { "", "", "", "", "" },
    { "a dog", "Cowboy two", "", "", "Cowboy two, a dog" },
    { "a dog, cowboy two", "Cowboy two", "", "", "a dog, cowboy two" },
    /* Where somebody looks is not where the camera stands; the trade's Italian is. */
    { "a boy looking up at the sky", "", "low", "", "low angle, a boy looking up at the sky" },
    { "una donna, plongée", "", "low", "", "una donna, plongée" },
    { "primissimo piano, una donna", "LS", "", "", "primissimo piano, una donna" },
    /* A code is an abbreviation, not the word that looks like it. */
    { "EST. BOSCO - NOTTE", "CU", "", "", "close-up, EST. BOSCO - NOTTE" },
    { "vento da est", "CU", "", "", "close-up, vento da est" },
    { "EST, a harbour", "CU", "", "", "EST, a harbour" },
    { "Ms Anna", "CU", "", "", "close-up, Ms Anna" },
    { "MS Anna", "CU", "", "", "MS Anna" },
    { "ms, anna", "CU", "", "", "ms, anna" },
    { "Ms Anna, MS", "CU", "", "", "Ms Anna, MS" },
    { "a forms-MS sheet", "CU", "", "", "close-up, a forms-MS sheet" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = inq_prompt_compose (cases[i].prompt, cases[i].size, cases[i].angle, cases[i].time);

    g_assert_cmpstr (text, ==, cases[i].expect);
  }
  /* Fields are said in words, in the order size, angle, prompt, time, and only once. */
  g_autofree char *all = inq_prompt_compose ("two people walk", "LS", "low", "night");
  g_autofree char *again = inq_prompt_compose (all, "LS", "low", "night");
  g_assert_nonnull (strstr (all, ", two people walk, "));
  g_assert_cmpstr (again, ==, all);
  /* Who is there and where, unless the prompt says it. */
  g_autofree char *set = inq_prompt_add_setting (" two people talk ", "a tall man", "a ruined mill");
  g_autofree char *said = inq_prompt_add_setting ("the tall man in A Ruined Mill", "a tall man", "a ruined mill");
  g_autofree char *alone = inq_prompt_add_setting ("", NULL, "a ruined mill");
  g_assert_cmpstr (set, ==, "two people talk, a tall man, a ruined mill");
  g_assert_cmpstr (said, ==, "the tall man in A Ruined Mill, a tall man");
  g_assert_cmpstr (alone, ==, "a ruined mill");
  /* A prompt that is about light is not about the angle. */
  g_autofree char *light = inq_prompt_compose ("low light", "", "low", "");
  g_assert_cmpstr (light, !=, "low light");
}

/* A board's frame is drawn in the nearest that the house model's training knows; odd ones have its pixels. */
static void
test_house_frames (void)
{
  static const struct {
    double aspect;
    int pixels, width, height;
  } cases[] = {
    { 16.0 / 9, 0, 0, 0 },      { 1920.0 / 1038, 0, 544, 288 }, { 1.85, 0, 544, 288 },
    { 4.0 / 3, 0, 416, 320 },   { 2.39, 0, 608, 256 },          { 1, 0, 384, 384 },
    { 9.0 / 16, 0, 288, 512 },  { 1.5, 0, 480, 320 },           { 3, 0, 672, 224 },
    { 4.0 / 3, 512, 576, 448 }, { 1.85, 512, 704, 384 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (InqDrawing) drawing = inq_drawing_new ();
    int width, height;
    drawing->pixels = cases[i].pixels;
    inq_drawing_get_size (drawing, cases[i].aspect, 0, 0, 32, &width, &height);
    g_test_message ("%g at %d: %dx%d", cases[i].aspect, cases[i].pixels, width, height);
    g_assert_cmpint (width, ==, cases[i].width);
    g_assert_cmpint (height, ==, cases[i].height);
  }
}

int
main (int argc, char **argv)
{
  jobs_test_init (&argc, &argv);
  g_test_add_func ("/jobs/params", test_params);
  g_test_add_func ("/jobs/params/hostile", test_params_hostile);
  g_test_add_func ("/jobs/params/old", test_params_old);
  g_test_add_func ("/jobs/prompt", test_prompt);
  g_test_add_func ("/jobs/house-frames", test_house_frames);
  return g_test_run ();
}

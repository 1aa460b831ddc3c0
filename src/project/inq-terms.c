/* Inquadra - the words of the trade: shot sizes, angles, moves, times of day
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-terms.h"

#include <glib/gi18n-lib.h>

const InqTerm inq_shot_sizes[] = {
  { "ELS", N_ ("Extreme long shot"), "extreme long shot" },
  { "LS", N_ ("Long shot"), "long shot" },
  { "MLS", N_ ("Medium long shot"), "medium long shot" },
  { "MS", N_ ("Medium shot"), "medium shot" },
  { "MCU", N_ ("Medium close-up"), "medium close-up" },
  { "CU", N_ ("Close-up"), "close-up" },
  { "BCU", N_ ("Big close-up"), "big close-up" },
  { "ECU", N_ ("Extreme close-up"), "extreme close-up" },
  { "EST", N_ ("Establishing shot"), "establishing shot" },
  { "OTS L", N_ ("Over the left shoulder"), "over the left shoulder shot" },
  { "OTS R", N_ ("Over the right shoulder"), "over the right shoulder shot" },
  { "2S", N_ ("Two-shot"), "two-shot" },
  { "POV", N_ ("Point of view"), "point of view shot" },
  { "INS", N_ ("Insert"), "insert shot" },
  { NULL, NULL, NULL },
};

const InqTerm inq_angles[] = {
  { "bird", N_ ("Bird’s-eye"), "bird's-eye view" },
  { "high", N_ ("High angle"), "high angle" },
  { "eye", N_ ("Eye level"), "eye level" },
  { "low", N_ ("Low angle"), "low angle" },
  { "worm", N_ ("Worm’s-eye"), "worm's-eye view" },
  { "dutch", N_ ("Dutch angle"), "dutch angle" },
  { NULL, NULL, NULL },
};

const InqTerm inq_moves[] = {
  { "static", N_ ("Static"), "static camera" },
  { "pan", N_ ("Pan"), "pan" },
  { "tilt", N_ ("Tilt"), "tilt" },
  { "dolly", N_ ("Dolly"), "dolly" },
  { "truck", N_ ("Truck"), "truck" },
  { "crane", N_ ("Crane"), "crane shot" },
  { "zoom", N_ ("Zoom"), "zoom" },
  { "track", N_ ("Track"), "tracking shot" },
  { "handheld", N_ ("Handheld"), "handheld camera" },
  { "rack", N_ ("Rack focus"), "rack focus" },
  { NULL, NULL, NULL },
};

const InqTerm inq_times_of_day[] = {
  { "day", N_ ("Day"), "day" },
  { "night", N_ ("Night"), "night" },
  { "dawn", N_ ("Dawn"), "dawn" },
  { "dusk", N_ ("Dusk"), "dusk" },
  { NULL, NULL, NULL },
};

const InqTerm *
inq_term_find (const InqTerm *terms, const char *code)
{
  for (; code != NULL && terms->code != NULL; terms++)
    if (g_ascii_strcasecmp (terms->code, code) == 0)
      return terms;
  return NULL;
}

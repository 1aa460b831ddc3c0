/* Inquadra - what shaders share.
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Must stand before the first use of gl_WorkGroupSize, or glslang takes its default of 1. */
layout (local_size_x_id = 0) in;

/* Number of this invocation in a dispatch spread over x and y (inq_record_linear). */
uint inq_linear_id ()
{
  return (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
}

/* Activations are f32, or halves in pairs in 32-bit words, which no device feature is needed for: a kernel takes a bit for
 * each of its bindings, in a specialisation constant named HALVES. Halves are only of tensors whose channels are a multiple
 * of 8. */
#define INQ_HALVES(binding) ((HALVES >> binding & 1u) != 0u)

vec4 inq_unpack4 (uvec2 h)
{
  return vec4 (unpackHalf2x16 (h.x), unpackHalf2x16 (h.y));
}

/* The @i-th four floats, the @i-th float of what is read: of a buffer of 16-byte texels (InqGpuFacts.texel_reads; f32
 * alone), or of storage buffers, one for each width. */
#ifdef TEXELS
vec4 inq_texel4 (usamplerBuffer from, uint i)
{
  return uintBitsToFloat (texelFetch (from, int (i)));
}

float inq_texel (usamplerBuffer from, uint i)
{
  return inq_texel4 (from, i / 4)[i % 4];
}

#define INQ_AT4(four, i)     inq_texel4 (four, i)
#define INQ_AT(one, four, i) inq_texel (four, i)
#else
#define INQ_AT4(four, i)     four[i]
#define INQ_AT(one, four, i) one[i]
#endif

/* What halves hold of v, ties to even, and infinity for what is too large. packHalf2x16 alone may round towards zero (it
 * does on AMD), makes 65504 of that, and nobody would see that something overflowed. */
vec4 inq_round4 (vec4 v)
{
  uvec4 b = floatBitsToUint (v), size = b & 0x7fffffffu;
  uvec4 r = (b + 0xfffu + (b >> 13 & 1u)) & ~0x1fffu;

  r = mix (r, b & 0x80000000u | 0x7f800000u, greaterThanEqual (size, uvec4 (0x477ff000u))); /* 65520 */
  r = mix (r, b, greaterThan (size, uvec4 (0x7f800000u)));                                  /* NaN */
  r = mix (r, b, lessThan (size, uvec4 (0x38800000u)));                                     /* below 2^-14 */
  return uintBitsToFloat (r);
}

/* Of numbers known to be small. */
uvec2 inq_pack4_small (vec4 v)
{
  return uvec2 (packHalf2x16 (v.xy), packHalf2x16 (v.zw));
}

uvec2 inq_pack4 (vec4 v)
{
  v = inq_round4 (v);
  return uvec2 (packHalf2x16 (v.xy), packHalf2x16 (v.zw));
}

/* InqActivation */
#define ACT_NONE 0
#define ACT_SILU 1
#define ACT_GELU 2
#define ACT_QUICK_GELU 3
#define ACT_RELU 4
#define ACT_TANH3 5

/* Abramowitz and Stegun 7.1.26: absolute error below 1.5e-7 */
float inq_erf (float x)
{
  float a = abs (x);
  float t = 1.0 / (1.0 + 0.3275911 * a);
  float p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));

  return sign (x) * (1.0 - p * exp (-a * a));
}

/* The argument of exp is kept where the result is finite, so that no device makes a NaN of inf / inf. */
float inq_sigmoid (float x)
{
  return 1.0 / (1.0 + exp (-clamp (x, -80.0, 80.0)));
}

float inq_gelu (float x)
{
  return 0.5 * x * (1.0 + inq_erf (clamp (x, -12.0, 12.0) * 0.70710678118654752));
}

float inq_activate (float x, uint act)
{
  if (act == ACT_SILU)
    return x * inq_sigmoid (x);
  if (act == ACT_GELU)
    return inq_gelu (x);
  if (act == ACT_QUICK_GELU)
    return x * inq_sigmoid (1.702 * x);
  if (act == ACT_RELU)
    return max (x, 0.0);
  if (act == ACT_TANH3)
    return tanh (clamp (x / 3.0, -12.0, 12.0)) * 3.0;
  return x;
}

vec4 inq_activate (vec4 x, uint act)
{
  if (act == ACT_NONE)
    return x;
  return vec4 (inq_activate (x.x, act), inq_activate (x.y, act), inq_activate (x.z, act), inq_activate (x.w, act));
}

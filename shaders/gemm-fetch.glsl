/* Inquadra - how a group of the matrix kernels fetches its tiles of x and W through shared memory, as halves. The including
 * shader declares BM, BN, BK, LOCAL (invocations), FETCH_X and FETCH_W (eights of a tile each of them fetches), PX and PW
 * (pitches in 16 bytes), TILE_W (where W begins in a stage) and pool; and GATED and WN: the columns of a subgroup are half of
 * them values, half of them the gates of those, which W has behind all values.
 * SPDX-License-Identifier: GPL-3.0-or-later */

layout (set = 0, binding = 0) readonly buffer XHalf8 { uvec4 x_half8[]; };

uvec4 pack8 (vec4 a, vec4 b)
{
  return uvec4 (inq_pack4 (a), inq_pack4 (b));
}

/* Eight channels of x from element @at, @k of c. */
uvec4 load_x (uint at, uint k)
{
  if (EIGHTS)
    return INQ_HALVES (0) ? x_half8[at / 8] : pack8 (x4[at / 4], x4[at / 4 + 1]);
  vec4 a, b;

  [[unroll]] for (uint u = 0; u < 4; u++)
  {
    a[u] = k + u < c ? x[at + u] : 0.0;
    b[u] = k + 4 + u < c ? x[at + 4 + u] : 0.0;
  }
  return pack8 (a, b);
}

/* What an invocation fetches: channels fetch_k of FETCH_X positions, FETCH_W rows of W; where of the sum it is. */
uint fetch_p, fetch_k, fetch_d, fetch_c, fetch_column, row_tile, column_tile;
bool fetch_inside; /* that column */
uint first_k, last_k, k0, ky, kx, w_row;
float quant_unit;
uint image[FETCH_X];
int y0[FETCH_X], x0[FETCH_X];
uint base[FETCH_X];
bool inside[FETCH_X];
uvec4 next_x[FETCH_X], next_w[FETCH_W];
bool is_x[FETCH_X], is_w[FETCH_W]; /* else zero */

/* Which row of a tile of x the @i-th run of invocations fetches that one row takes, in eights of rows: eight invocations
 * store at once, 128 bytes, which must lie in different banks. Rows are PX = BK / 8 + 1 times 16 bytes apart, so neighbours
 * would share some; rows BK / 8 apart do not. */
uint spread_row (uint i)
{
  const uint eights = BK / 8, at_once = max (8 / eights, 1);

  if (eights >= 8 || LOCAL / eights % 8 != 0)
    return i;
  return i / 8 * 8 + i / at_once % eights + i % at_once * eights;
}

void begin_fetching ()
{
  uint lane = gl_LocalInvocationID.x;

  fetch_p = spread_row (lane / (BK / 8));
  fetch_k = lane % (BK / 8) * 8;
  fetch_d = lane / (BN / 8);
  fetch_c = lane % (BN / 8) * 8;
  if (GATED) {
    uint within = fetch_c % WN, value = (column_tile + fetch_c - within) / 2 + within % (WN / 2);

    fetch_inside = value < columns / 2;
    fetch_column = value + (within < WN / 2 ? 0 : columns / 2);
  } else {
    fetch_column = column_tile + fetch_c;
    fetch_inside = fetch_column < pitch;
  }
  ky = kx = w_row = 0;
  k0 = first_k;
  quant_unit = QUANTISED ? inq_quant_unit () : 1.0;
  [[unroll]] for (uint i = 0; i < FETCH_X; i++)
  {
    uint p = row_tile + fetch_p + i * (LOCAL / (BK / 8));

    inside[i] = p < rows;
    p = min (p, rows - 1);
    base[i] = p * c;
    if (CONV) {
      uint line = p / ow, b = line / oh;

      image[i] = b * ih * iw;
      y0[i] = inside[i] ? int ((line - b * oh) * stride) - int (pad) : -0x40000000;
      x0[i] = int ((p - line * ow) * stride) - int (pad);
    }
  }
}

/* Before the first bytes of a step: a new tap's addresses. */
void fetch_begin ()
{
  if (CONV && k0 == first_k) {
    [[unroll]] for (uint i = 0; i < FETCH_X; i++)
    {
      int iy = y0[i] + int (ky), ix = x0[i] + int (kx);

      inside[i] = uint (iy) < ih << upsample && uint (ix) < iw << upsample;
      base[i] = inside[i] ? (image[i] + uint (iy >> upsample) * iw + uint (ix >> upsample)) * c : 0;
    }
  }
}

/* The bytes of a step on their way into registers, those there are (@any: of a step at all). Every invocation loads
 * something, zero is chosen on arrival: a load that is not behind a branch is waited for only where it is used. */
void fetch_x (uint i, bool any)
{
  is_x[i] = any && inside[i] && k0 + fetch_k < last_k;
  next_x[i] = load_x (is_x[i] ? base[i] + k0 + fetch_k : 0, k0 + fetch_k);
}

void fetch_w (uint i, bool any)
{
  uint k = k0 + fetch_d + i * (LOCAL / (BN / 8)), col = fetch_column;

  is_w[i] = any && k < last_k && fetch_inside;
  if (HALF) {
    next_w[i] = inq_w16 (is_w[i] ? ((w_row + k) * pitch + col) / 8 : 0);
  } else if (is_w[i]) {
    vec4 a, b;

    if (QUANTISED) {
      a = inq_quant4 (k, ky * kw + kx, col, quant_unit);
      b = inq_quant4 (k, ky * kw + kx, col + 4, quant_unit);
    } else {
      inq_weights8 (((w_row + k) * pitch + col) / 8, a, b);
    }
    next_w[i] = uvec4 (inq_pack4_small (a), inq_pack4_small (b)); /* not beyond what files of halves hold */
  }
}

/* After the last. */
void fetch_end ()
{
  k0 += BK;
  if (k0 >= last_k) {
    k0 = first_k;
    w_row += c;
    kx++;
    if (kx == kw) {
      kx = 0;
      ky++;
    }
  }
}

void fetch ()
{
  fetch_begin ();
  [[unroll]] for (uint i = 0; i < FETCH_X; i++)
    fetch_x (i, true);
  [[unroll]] for (uint i = 0; i < FETCH_W; i++)
    fetch_w (i, true);
  fetch_end ();
}

/* What was fetched, into the stage at @to of shared memory. */
void put_x (uint to, uint i)
{
  pool[to + (fetch_p + i * (LOCAL / (BK / 8))) * PX + fetch_k / 8] = is_x[i] ? next_x[i] : uvec4 (0);
}

void put_w (uint to, uint i)
{
  pool[to + TILE_W + (fetch_d + i * (LOCAL / (BN / 8))) * PW + fetch_c / 8] = is_w[i] ? next_w[i] : uvec4 (0);
}

void put (uint to)
{
  [[unroll]] for (uint i = 0; i < FETCH_X; i++)
    put_x (to, i);
  [[unroll]] for (uint i = 0; i < FETCH_W; i++)
    put_w (to, i);
}

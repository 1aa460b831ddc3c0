/* Inquadra - the engine's error domain.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-engine.h"

G_DEFINE_QUARK (inq - engine - error - quark, inq_engine_error)

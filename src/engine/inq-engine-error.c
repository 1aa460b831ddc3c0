/* Inquadra - the engine's error domain.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "inq-engine.h"

/* The name is the text of the domain; clang-format takes it for a subtraction. */
/* clang-format off */
G_DEFINE_QUARK (inq-engine-error-quark, inq_engine_error)
/* clang-format on */

/* Inquadra - tests: what libraries allocate before main() is no leak of ours. Linked under the address sanitizer alone.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GLib makes its table of quarks (2048 pointers, 16 KB) as it is loaded, and gives it up on purpose when there are
 * more, since others may be reading it (g_quark_new() in its gquark.c). A window needs more. The stack of that
 * allocation ends at g_malloc(), so no suppression could tell it from a leak of our own.
 */
#include <sanitizer/lsan_interface.h>

/* Run before any library's constructor, and after all of them. */
__attribute__ ((section (".preinit_array"), used)) static void (*const before) (void) = __lsan_disable;

__attribute__ ((constructor)) static void
after (void)
{
  __lsan_enable ();
}

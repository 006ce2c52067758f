/* SPDX-License-Identifier: GPL-3.0-or-later
 * ss_info.h -- what ss prints of a socket beside its state and ends.
 */
#pragma once
#include <stdio.h>

#include "models/tcp/look.h"

/* " timer:(on,200ms,0)" (-o) */
void ss_put_timer(const struct tcp_socket *k, FILE *out);
/* " ino:7 <->" (-e): the connection's number stands for the inode. */
void ss_put_details(const struct tcp_socket *k, FILE *out);
/* " skmem:(r0,rb131072,...)" (-m) */
void ss_put_memory(const struct tcp_socket *k, FILE *out);
/* " ts sack reno wscale:7,7 rto:204 ..." (-i), the words of options only with -o. What the
 * endpoint does not know is left out. */
void ss_put_info(const struct tcp_socket *k, bool with_options, FILE *out);

/* SPDX-License-Identifier: GPL-3.0-or-later
 * script.h -- a list of socket calls, each at its time, and what each should return.
 *
 *   steps:
 *     - {at: 0s,   call: connect, port: 5000, local_port: 5000, returns: ECONNREFUSED}
 *     - {at: 30ms, call: send, bytes: 100B}
 *     - {at: 1s,   call: close}
 *
 * Sockets are those of models/tcp/sock.h; a script has as many as it gives names to, and
 * socket() comes before the first call of each. connect and accept stand for calls that block:
 * they return when their outcome is known, which may be after later steps. send writes as a
 * blocking call would, in the background. All others return at once.
 *
 * Not modelled: two connections that one socket has accepted, at a time.
 */
#pragma once
#include "models/apps/conn.h"

struct script_step {
    sim_time at;                 /* from the start of the run; never decreases along the list */
    const char *call;            /* a choice of SCRIPT_STEP_KEYS' call */
    char socket[TEXT_MAX_BYTES]; /* by name; "": the one without */
    uint16_t port;               /* bind, listen: local; connect: remote, 0: that of `to` */
    uint16_t local_port;         /* connect; 0: ephemeral */
    int64_t backlog;             /* listen; 0: that of the host's TCP */
    int64_t bytes;               /* send, recv; 0: not given */
    const char *how;             /* shutdown: rd, wr, rdwr; NULL: not given */
    char option[TEXT_MAX_BYTES]; /* set, get: a name of TCP_OPTIONS; "": not given */
    int64_t value;               /* set */
    char returns[TEXT_MAX_BYTES]; /* an errno's name, or a count or bytes; "": anything */
};
extern const struct key SCRIPT_STEP_KEYS[]; /* ends with {0} */

struct script_params {
    char to[NAME_MAX_BYTES]; /* "": nobody */
    struct key_list steps;   /* of struct script_step */
    bool read;
};
extern const struct app_kind APP_SCRIPT;

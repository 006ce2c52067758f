/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/params.h"

#include "models/tcp/ack.h"
#include "models/tcp/cc.h"
#include "models/tcp/handshake.h"
#include "models/tcp/icmp.h"
#include "models/tcp/isn.h"
#include "models/tcp/options.h"
#include "models/tcp/ports.h"
#include "models/tcp/synq.h"
#include "models/tcp/time_wait.h"
#include "sim/assert.h"
#include "sim/util.h"

#include <string.h>

static const struct choice PROFILE_CHOICES[] = {
    {"rfc9293", "what RFC 9293, 6298 and 1122 ask for"},
    {"linux", "Linux 6.18's values"},
    {"bsd", "FreeBSD 14's and 15's values"},
    {"textbook", "the state diagram as lectures draw it: every segment acknowledged at once"},
    {NULL, NULL},
};
static const struct choice CLOSED_PORT_CHOICES[] = {
    {"rst", "a reset, RFC 9293 §3.10.7.1"},
    {"drop", "silence: the host is gone, or a filter eats its resets"},
    {NULL, NULL},
};
static const struct choice FIN_ACK_CHOICES[] = {
    {"fin-wait-2", "through FIN-WAIT-2 for 0 ns, in the order of RFC 9293 §3.10.7.4"},
    {"time-wait", "straight to TIME-WAIT, RFC 9293 figure 5, note 2"},
    {NULL, NULL},
};
static const struct choice REPEATED_SYN_CHOICES[] = {
    {"ack", "an ACK, RFC 9293 §3.10.7.4: the segment is not acceptable"},
    {"syn-ack", "the SYN-ACK again, and its timer begins anew (Linux, FreeBSD)"},
    {NULL, NULL},
};
static const struct choice HANDSHAKE_ACK_CHOICES[] = {
    {"with-data", "data that the application has ready rides on the handshake's last ACK"},
    {"alone", "the ACK leaves before the application is told (Linux)"},
    {NULL, NULL},
};
static const struct choice SYN_DATA_CHOICES[] = {
    {"keep", "queued until ESTABLISHED, RFC 9293 §3.10.7.2"},
    {"ignore", "thrown away, the SYN-ACK acknowledges the SYN alone (Linux)"},
    {NULL, NULL},
};
static const struct choice CROSSED_SYN_CHOICES[] = {
    {"keep", "queued until ESTABLISHED, RFC 9293 §3.10.7.3"},
    {"no-fin", "its data is queued, a FIN forgotten (FreeBSD)"},
    {"ignore", "thrown away (Linux)"},
    {NULL, NULL},
};
static const struct choice SYN_ACK_IN_LISTEN_CHOICES[] = {
    {"rst", "a reset, RFC 9293 §3.10.7.2"},
    {"drop", "nothing (FreeBSD)"},
    {NULL, NULL},
};
static const struct choice DROP_SYNFIN_CHOICES[] = {
    {"no", "it opens, RFC 9293 §3.10.7"},
    {"listen", "thrown away by a listener (Linux)"},
    {"always", "thrown away in every state (FreeBSD's sysctl)"},
    {NULL, NULL},
};
static const struct choice RESET_ERROR_CHOICES[] = {
    {"rfc9293", "§3.10.7.4: ECONNREFUSED for a connect() a SYN has crossed, else ECONNRESET"},
    {"linux", "ECONNRESET there too, EPIPE where the peer had closed already"},
    {NULL, NULL},
};
static const struct choice RTO_MIN_CHOICES[] = {
    {"rto", "RTO = max(rto_min, SRTT + 4 RTTVAR), RFC 6298 §2.4"},
    {"variance", "RTO = SRTT + max(rto_min, 4 RTTVAR) (Linux)"},
    {NULL, NULL},
};

static const struct choice RETRIES_CHOICES[] = {
    {"count", "after so many repeats"},
    {"time",
     "when so many repeats, the first rto_min after the segment, would be over (Linux)"},
    {NULL, NULL},
};

static const struct choice FIN_TIMEOUT_CHOICES[] = {
    {"exact", "it lasts so long"},
    {"linux", "3.5 timeouts at least; what lies beyond 2 msl counts twice (Linux)"},
    {NULL, NULL},
};

static const struct choice RTT_STAMP_CHOICES[] = {
    {"none", "one segment at a time is timed, RFC 6298 §3"},
    {"repeats",
     "so too; of what was sent again, which that forbids, echoed timestamps tell (Linux)"},
    {"all", "every ACK of new data, RFC 7323 §4.1, without its weights (FreeBSD)"},
    {NULL, NULL},
};

static const struct choice NAGLE_CHOICES[] = {
    {"rfc896", "for the ACK of everything outstanding, RFC 9293 §3.7.4"},
    {"minshall", "for the ACK of the last small segment only (Linux)"},
    {NULL, NULL},
};

static const struct choice SOCKET_BUFFER_CHOICES[] = {
    {"payload", "bytes of payload, as asked"},
    {"linux",
     "twice what is asked, at most 2 x 212992, of which the window takes half (Linux)"},
    {"freebsd", "as asked, at most 2 MiB, else ENOBUFS (FreeBSD: kern.ipc.maxsockbuf)"},
    {NULL, NULL},
};

static const struct choice RECEIVE_WINDOW_CHOICES[] = {
    {"buffer", "all that the receive buffer has room for"},
    {"linux",
     "a limit that grows with what arrives, in a buffer that counts packets with their "
     "overhead (Linux)"},
    {NULL, NULL},
};

static const struct choice PROBE_CHOICES[] = {
    {"octet", "the next octet, RFC 9293 §3.8.6.1"},
    {"old-ack", "an empty segment with an old sequence number, which must be answered (Linux)"},
    {NULL, NULL},
};
static const struct choice SEQ_VALIDATION_CHOICES[] = {
    {"rfc9293", "the window as announced; what lies outside is answered and changes nothing"},
    {"freebsd", "for what has no data the window is the buffer's room; what is all old is "
                "answered, and acknowledges all the same"},
    {"linux", "what begins in the window and ends beyond is taken whole if nothing is unread, "
              "else refused whole; a FIN may stand behind the window"},
    {NULL, NULL},
};
static const struct choice VALIDATION_CHOICES[] = {
    {"rfc5961",
     "exactly the next number is believed, the rest of the window gets a challenge ACK"},
    {"rfc793", "any number in the window is believed"},
    {NULL, NULL},
};
static const struct choice UNSENT_ACK_CHOICES[] = {
    {"ack", "an ACK, RFC 9293 §3.10.7.4"},
    {"drop", "nothing (Linux)"},
    {NULL, NULL},
};
static const struct choice ACK_VALIDATION_CHOICES[] = {
    {"rfc5961",
     "nothing older than the largest window that the peer has had; else a challenge ACK"},
    {"rfc793", "anything up to SND.NXT: an old one is a duplicate, and its segment is taken"},
    {NULL, NULL},
};

/* clang-format off */
#define AT(field) offsetof(struct tcp_params, field)
#define CHOICE(name, text, rows, help) {#name, KEY_CHOICE, AT(name), text, help, .choices = rows}
#define QUANTITY(name, unit, lo, hi, text, help) {#name, KEY_QUANTITY, AT(name), text, help, unit, lo, hi}
const struct key TCP_KEYS[] = {
    CHOICE(profile, "rfc9293", PROFILE_CHOICES, "whose behaviour: a row of values for all the keys below"),
    CHOICE(handshake, "three-way", TCP_HANDSHAKE_CHOICES, "how a connection is opened; both ends must agree"),
    CHOICE(isn, "rfc6528", TCP_ISN_CHOICES, "how initial sequence numbers are chosen, RFC 9293 §3.4.1: MUST-8, SHLD-1"),
    CHOICE(congestion_control, "reno", TCP_CC_CHOICES, "what limits the sender beside the receiver's window (RFC 9293 MUST-19)"),
    QUANTITY(init_cwnd, UNIT_COUNT, 1, 10000, "10", "initial congestion window in segments, RFC 6928"),
    QUANTITY(slow_start_segments, UNIT_COUNT, 0, 10000, "1", "in slow start an ACK adds at most so many segments, RFC 5681 §3.1; 0: all that it acknowledges (Linux)"),
    {"cwnd_by_delivery", KEY_BOOL, AT(cwnd_by_delivery), "no", "an ACK adds to the congestion window what it is the first to tell of; no: all that it acknowledges, whatever SACK or duplicate ACKs have told (Linux: yes)"},
    {"slow_start_after_idle", KEY_BOOL, AT(slow_start_after_idle), "yes", "back to the initial window after a silence of an RTO, RFC 5681 §4.1"},
    QUANTITY(tso_segs, UNIT_COUNT, 1, 64, "1", "full segments that leave in one burst, of which the last carries PSH; 1: none (Linux: 2, tcp_min_tso_segs)"),
    QUANTITY(early_retrans, UNIT_COUNT, 0, 4, "0", "3 or 4: a tail loss probe, RFC 8985 §7, before the retransmission timeout; else none"),
    QUANTITY(fin_timeout, UNIT_TIME, 0, SIM_NEVER, "never", "how long FIN-WAIT-2 lasts once the application has let go"),
    CHOICE(fin_timeout_rule, "exact", FIN_TIMEOUT_CHOICES, "how fin_timeout is counted"),
    CHOICE(closed_port, "rst", CLOSED_PORT_CHOICES, "the answer to a segment for no connection"),
    CHOICE(fin_ack_in_fin_wait_1, "fin-wait-2", FIN_ACK_CHOICES, "the way of a FIN that acknowledges ours"),
    CHOICE(handshake_ack, "with-data", HANDSHAKE_ACK_CHOICES, "whether data may ride on the client's first ACK"),
    CHOICE(syn_data, "keep", SYN_DATA_CHOICES, "what a listener does with data on a SYN"),
    CHOICE(crossed_syn_text, "keep", CROSSED_SYN_CHOICES, "what becomes of data and FIN on a SYN that crosses ours"),
    CHOICE(syn_ack_in_listen, "rst", SYN_ACK_IN_LISTEN_CHOICES, "a listener's answer to a SYN-ACK"),
    QUANTITY(msl, UNIT_TIME, 0, SEC(86400), "120s", "maximum segment lifetime; TIME-WAIT lasts twice as long, RFC 9293 §3.4.2"),
    QUANTITY(hz, UNIT_COUNT, 0, 1000, "0", "ticks a second of the host's timers, which are late by a tick, or by up to an eighth of a long wait (Linux: CONFIG_HZ, 250); 0: they are exact"),
    QUANTITY(uptime, UNIT_TIME, 0, SEC(86400) * 365, "0s", "how long the host has been up when the run begins: the phase of its ticks"),
    QUANTITY(rto_initial, UNIT_TIME, MS(1), SEC(3600), "1s", "retransmission timeout before the first measurement, RFC 6298 §2.1"),
    QUANTITY(rto_min, UNIT_TIME, 0, SEC(3600), "1s", "its lower bound, RFC 6298 §2.4"),
    QUANTITY(rto_slop, UNIT_TIME, 0, SEC(60), "0s", "added to every timeout but a SYN's first (FreeBSD: rexmit_slop)"),
    QUANTITY(timeout_min, UNIT_TIME, 0, SIM_NEVER, "never", "until a SYN is repeated for the first time once an ACK of nothing has come in SYN-SENT (Linux: TCP_TIMEOUT_MIN, two ticks); never: that changes nothing"),
    CHOICE(rtt_timestamps, "repeats", RTT_STAMP_CHOICES, "what timestamps, where both ends use them, measure of round trips"),
    CHOICE(rto_min_bounds, "rto", RTO_MIN_CHOICES, "what rto_min is the lower bound of"),
    QUANTITY(rto_max, UNIT_TIME, MS(1), SEC(86400), "240s", "its upper bound, at least 60 s by RFC 6298 §2.5"),
    QUANTITY(syn_retries, UNIT_COUNT, 0, 127, "7", "repeats of a SYN; 7 doublings from 1 s last 255 s, RFC 9293 MUST-23: at least 180 s"),
    QUANTITY(synack_retries, UNIT_COUNT, 0, 127, "5", "repeats of a SYN-ACK; 5 doublings from 1 s last 63 s"),
    QUANTITY(keepinit, UNIT_TIME, 0, SEC(86400) * 365, "0s", "an opening of so long is given up, however many repeats are left: TCP_KEEPINIT (FreeBSD); 0s: the repeats alone count"),
    QUANTITY(syn_linear_timeouts, UNIT_COUNT, 0, 127, "0", "first repeats of a SYN that do not double the timeout, not counted in syn_retries (Linux)"),
    QUANTITY(retries1, UNIT_COUNT, 0, 127, "3", "repeats after which the route is in doubt: R1, RFC 9293 §3.8.3"),
    QUANTITY(retries2, UNIT_COUNT, 0, 127, "8", "repeats of a data segment or FIN before the connection is given up: R2, RFC 9293 §3.8.3"),
    QUANTITY(orphan_retries, UNIT_COUNT, 0, 127, "8", "the same once the application has closed; 0 by Linux's rule: 8 while the timeout is below rto_max"),
    CHOICE(retries_rule, "count", RETRIES_CHOICES, "what retries1, retries2 and orphan_retries count"),
    QUANTITY(user_timeout, UNIT_TIME, 0, INT64_C(1) << 62, "0s", "how long data may stay unacknowledged before the connection is given up: TCP_USER_TIMEOUT, RFC 5482; 0s: as R2 says"),
    {"keepalive", KEY_BOOL, AT(keepalive), "no", "connections are asked whether they are alive: SO_KEEPALIVE (FreeBSD: always_keepalive)"},
    QUANTITY(keepalive_time, UNIT_TIME, 1, SEC(86400) * 365, "7200s", "after so long a silence, TCP_KEEPIDLE, RFC 9293 §3.8.4"),
    QUANTITY(keepalive_intvl, UNIT_TIME, 1, SEC(86400) * 365, "75s", "and again so long after a question without an answer, TCP_KEEPINTVL"),
    QUANTITY(keepalive_probes, UNIT_COUNT, 1, 127, "9", "it is given up after so many of these, TCP_KEEPCNT"),
    QUANTITY(max_orphans, UNIT_COUNT, 0, 1 << 30, "0", "most connections that nobody holds any more, beyond which close() resets (Linux); 0: no limit"),
    QUANTITY(delack, UNIT_TIME, 0, MS(500), "200ms", "longest delay of an ACK, below 0.5 s, RFC 9293 §3.8.6.3; 0s: none"),
    QUANTITY(delack_segments, UNIT_COUNT, 1, 1000, "2", "an ACK at the latest every so many full segments"),
    CHOICE(window_probe, "octet", PROBE_CHOICES, "what is sent into a closed window"),
    QUANTITY(persmin, UNIT_TIME, 0, SEC(3600), "0s", "least wait for a window probe, which then begins with 4 SRTT and 8 RTTVAR (FreeBSD); 0s: it begins with the retransmission timeout, RFC 9293 §3.8.6.1"),
    QUANTITY(persmax, UNIT_TIME, MS(1), SEC(86400), "60s", "with persmin, the longest one"),
    CHOICE(ack_rule, "rfc5681", TCP_ACK_RULE_CHOICES, "when acknowledgments leave"),
    CHOICE(drop_synfin, "no", DROP_SYNFIN_CHOICES, "what a SYN with FIN does"),
    CHOICE(time_wait, "rfc9293", TCP_TIME_WAIT_CHOICES, "what a segment does to a connection in TIME-WAIT"),
    CHOICE(seq_validation, "rfc9293", SEQ_VALIDATION_CHOICES, "which sequence numbers are acceptable"),
    CHOICE(rst_validation, "rfc5961", VALIDATION_CHOICES, "which resets are believed"),
    CHOICE(reset_error, "rfc9293", RESET_ERROR_CHOICES, "what a reset is called in SYN-RECEIVED and CLOSE-WAIT"),
    CHOICE(syn_validation, "rfc5961", VALIDATION_CHOICES, "what a SYN for an open connection does"),
    CHOICE(ack_validation, "rfc5961", ACK_VALIDATION_CHOICES, "which acknowledgment numbers are acceptable"),
    CHOICE(unsent_ack, "ack", UNSENT_ACK_CHOICES, "what an acknowledgment of what was never sent gets in ESTABLISHED"),
    QUANTITY(challenge_ack_limit, UNIT_COUNT, 0, INT32_MAX, "0", "challenge ACKs of the host a second, RFC 5961 §7; 0: no limit, as Linux's default"),
    QUANTITY(invalid_ratelimit, UNIT_TIME, 0, SEC(3600), "0s", "least time between a connection's ACKs of segments that are out of step and have no data (Linux); 0s: none"),
    CHOICE(icmp_errors, "rfc9293", TCP_ICMP_RULE_CHOICES, "what ICMP errors about its segments do"),
    {"icmp_may_rst", KEY_BOOL, AT(icmp_may_rst), "yes", "with icmp_errors: freebsd, a message that refuses ends what opens (FreeBSD)"},
    {"mtu_discovery", KEY_BOOL, AT(mtu_discovery), "yes", "segments get as small as ICMP says that the path needs, RFC 1191, RFC 8201 (Linux: ip_no_pmtu_disc, FreeBSD: path_mtu_discovery)"},
    QUANTITY(mtu_expires, UNIT_TIME, 1, SIM_NEVER, "600s", "how long that is remembered of a destination, RFC 1191 §6.3 (Linux; FreeBSD: hostcache.expire)"),
    QUANTITY(min_pmtu, UNIT_BYTES, 68, 65535, "68B", "no message makes IPv4 packets smaller than this (Linux; FreeBSD: minmss and 40)"),
    QUANTITY(mtu_probing, UNIT_COUNT, 0, 1, "0", "1: from R1 on a path without an answer is taken for a black hole, and segments get smaller, RFC 4821 §7.7 (Linux; FreeBSD: pmtud_blackhole_detection)"),
    QUANTITY(base_mss, UNIT_BYTES, 48, 65495, "1024B", "... at first to so many bytes, then by halves"),
    QUANTITY(mtu_probe_floor, UNIT_BYTES, 48, 65495, "48B", "... and no smaller"),
    {"window_scaling", KEY_BOOL, AT(window_scaling), "no", "windows beyond 65,535 bytes, RFC 7323 §2"},
    {"timestamps", KEY_BOOL, AT(timestamps), "no", "timestamps and PAWS, RFC 7323 §3 to §5; 12 bytes of every segment"},
    {"sack", KEY_BOOL, AT(sack), "no", "selective acknowledgments, RFC 2018"},
    {"dsack", KEY_BOOL, AT(dsack), "no", "a duplicate is told in the first SACK block, RFC 2883"},
    QUANTITY(ecn, UNIT_COUNT, 0, 2, "0", "Explicit Congestion Notification, RFC 3168: 0 none, 1 SYNs ask for it, 2 it is granted to who asks (Linux)"),
    CHOICE(option_layout, "linux", TCP_OPTION_LAYOUT_CHOICES, "the order of the options in a segment"),
    {"nagle", KEY_BOOL, AT(nagle), "yes", "small segments wait for outstanding ACKs, RFC 9293 §3.7.4; no is TCP_NODELAY"},
    CHOICE(nagle_rule, "rfc896", NAGLE_CHOICES, "for which ACKs they wait"),
    QUANTITY(mss, UNIT_BYTES, 1, 65495, "1460B", "largest segment it announces to take, RFC 9293 §3.7.1; over IPv6 20 B less"),
    QUANTITY(rcvbuf, UNIT_BYTES, 1, INT64_C(1) << 30, "65535B", "receive buffer, payload bytes; windows beyond 65535 need window_scaling"),
    QUANTITY(rcvbuf_max, UNIT_BYTES, 1, INT64_C(1) << 30, "65535B", "largest receive buffer there may ever be: the shift of window_scaling is the least that can tell it, or rcvbuf if that is larger"),
    QUANTITY(sndbuf, UNIT_BYTES, 1, INT64_C(1) << 40, "128KiB", "send buffer, payload bytes"),
    {"rcvbuf_in_mss", KEY_BOOL, AT(rcvbuf_in_mss), "no", "rcvbuf is rounded up to whole segments when the MSS is known (FreeBSD)"},
    CHOICE(receive_window, "buffer", RECEIVE_WINDOW_CHOICES, "how much of the receive buffer is told"),
    {"moderate_rcvbuf", KEY_BOOL, AT(moderate_rcvbuf), "yes", "with receive_window: linux, the buffer grows up to rcvbuf_max with what is read in a round trip, unless SO_RCVBUF was set (Linux)"},
    CHOICE(socket_buffers, "payload", SOCKET_BUFFER_CHOICES, "what setsockopt() makes of SO_RCVBUF and SO_SNDBUF"),
    QUANTITY(syn_window, UNIT_BYTES, 0, 65535, "0B", "largest window announced in a SYN or SYN-ACK; 0B: the receive buffer"),
    {"window_in_mss", KEY_BOOL, AT(window_in_mss), "no", "the window in a SYN is a whole multiple of the MSS (Linux)"},
    QUANTITY(port_min, UNIT_COUNT, 1, 65535, "49152", "first ephemeral port, RFC 6335 §6"),
    QUANTITY(port_max, UNIT_COUNT, 1, 65535, "65535", "last ephemeral port"),
    CHOICE(port_selection, "sequential", TCP_PORT_CHOICES, "which ephemeral port is next"),
    QUANTITY(max_tw_buckets, UNIT_COUNT, 0, 1 << 30, "0", "most entries in TIME-WAIT, beyond which a connection is CLOSED at once (Linux); 0: no limit"),
    QUANTITY(tw_reuse, UNIT_COUNT, 0, 2, "0", "connect() takes the ends of a connection in TIME-WAIT with timestamps after tw_reuse_delay: 0 never, 1 always, 2 on loopback (Linux)"),
    QUANTITY(tw_reuse_delay, UNIT_TIME, 0, SEC(3600), "1s", "how old TIME-WAIT must be for that (Linux)"),
    {"rfc1337", KEY_BOOL, AT(rfc1337), "no", "no reset ends TIME-WAIT, RFC 1337 (Linux)"},
    {"reset_time_wait", KEY_BOOL, AT(reset_time_wait), "no", "whose close() or abort resets a connection stays in TIME-WAIT, RFC 9293 §3.5.2"},
    CHOICE(syn_queue, "drop", TCP_SYNQ_CHOICES, "what happens to a SYN that finds the SYN queue full"),
    CHOICE(repeated_syn, "ack", REPEATED_SYN_CHOICES, "the answer to the SYN of a half-open connection that comes again"),
    QUANTITY(syncookies, UNIT_COUNT, 0, 2, "0", "SYN cookies: 0 none, 1 when the SYN queue is full, 2 always (Linux)"),
    QUANTITY(max_syn_backlog, UNIT_COUNT, 0, 1 << 24, "0", "without cookies its last quarter is for proven peers, and each queue has its own backlog (Linux); 0: one backlog for both queues together"),
    QUANTITY(somaxconn, UNIT_COUNT, 0, 1 << 24, "1048576", "upper bound of every backlog (Linux)"),
    {"syn_pruning", KEY_BOOL, AT(syn_pruning), "no", "while the SYN queue is half full the old leave it the earlier, the fewer young there are (Linux)"},
    {"abort_on_overflow", KEY_BOOL, AT(abort_on_overflow), "no", "an ACK that finds the accept queue full is answered by a reset, not ignored (Linux)"},
    QUANTITY(defer_accept, UNIT_TIME, 0, SEC(86400), "0s", "for so long an ACK without data completes no handshake: TCP_DEFER_ACCEPT (Linux); 0s: it always does"),
    QUANTITY(syn_cache_buckets, UNIT_COUNT, 1, 1 << 20, "512", "buckets of syn_queue syn-cache (FreeBSD: syncache.hashsize)"),
    QUANTITY(syn_cache_limit, UNIT_COUNT, 1, 1 << 16, "30", "requests a bucket (FreeBSD: syncache.bucketlimit)"),
    QUANTITY(fastopen, UNIT_COUNT, 0, 0x7ffff, "0", "bits of Linux's sysctl: 1 clients, 2 servers, 4 clients' data without a cookie, 512 servers without, 1024 every listener; handshake fast-open has the first two and the last on"),
    QUANTITY(fastopen_qlen, UNIT_COUNT, 0, 1 << 20, "0", "children of Fast Open that a listener may have in SYN-RECEIVED, TCP_FASTOPEN (Linux); 0: its backlog, where every listener has it on, else none"),
    QUANTITY(fastopen_path_disable_time, UNIT_TIME, 0, SEC(86400) * 365, "0s", "a client asks a server that refused a cookie for none again for so long (FreeBSD); 0s: next time by the experimental option (Linux)"),
    QUANTITY(cookie_life, UNIT_TIME, 0, SEC(86400), "60s", "how long a cookie of handshake cookie-echo is good (SCTP: Valid.Cookie.Life)"),
    QUANTITY(backlog, UNIT_COUNT, 0, 1 << 20, "128", "connections that may wait for accept()"),
    /* the objects request_sock_TCP, tw_sock_TCP and TCP of /proc/slabinfo, Linux 6.18 on x86-64 */
    QUANTITY(request_bytes, UNIT_BYTES, 0, 1 << 20, "320B", "what an entry of the SYN queue weighs, for the metric `memory` (Linux: struct tcp_request_sock)"),
    QUANTITY(time_wait_bytes, UNIT_BYTES, 0, 1 << 20, "256B", "... an entry in TIME-WAIT (Linux: struct tcp_timewait_sock)"),
    QUANTITY(endpoint_bytes, UNIT_BYTES, 0, 1 << 20, "2368B", "... a whole connection, without its buffers, file and inode (Linux: struct tcp_sock)"),
    {0},
};

/* The defaults are this profile. Where RFC 9293 leaves a choice: timers by RFC 6298, ports by RFC
 * 6335, ISNs by RFC 6528; what it does not ask for (RFC 7323, RFC 2018, RFC 3168) is off. */
static const struct tcp_profile_row RFC9293_ROWS[] = {{NULL, NULL}};

/* Documentation/networking/ip-sysctl.rst, where it says more than a name; else the constant or
 * the function that says so. Its ISNs are RFC 6528's by a clock of 64 ns; ours ticks as the
 * RFC's. A challenge_ack_limit of INT_MAX is none. What depends on memory is that of a machine
 * of 64 GiB or more, whose table of connections has 524288 places. */
static const struct tcp_profile_row LINUX_ROWS[] = {
    /* opening */
    {"handshake_ack", "alone"}, /* tcp_rcv_synsent_state_process() */
    {"syn_data", "ignore"}, {"crossed_syn_text", "ignore"}, /* without Fast Open */
    {"drop_synfin", "listen"}, /* tcp_rcv_state_process(), TCP_LISTEN */
    {"syn_retries", "6"}, {"syn_linear_timeouts", "4"}, /* TCP_SYN_RETRIES; 1 + 1 + 1 + 1 + 1 + 2 ... s */
    {"timeout_min", "8ms"}, /* TCP_TIMEOUT_MIN, 2 ticks of 4 ms */
    {"backlog", "4096"}, {"somaxconn", "4096"}, /* SOMAXCONN since 5.4 */
    {"max_syn_backlog", "4096"}, /* 524288 / 128 */
    {"syncookies", "1"}, {"syn_pruning", "yes"}, {"repeated_syn", "syn-ack"}, /* reqsk_timer_handler(), tcp_check_req() */
    {"fastopen", "1"}, /* TFO_CLIENT_ENABLE */
    {"port_min", "32768"}, {"port_max", "60999"}, {"port_selection", "linux"}, /* __inet_hash_connect() */
    /* options */
    {"window_scaling", "yes"}, {"timestamps", "yes"}, {"sack", "yes"}, {"dsack", "yes"},
    {"ecn", "2"}, /* TCP_ECN_IN_ECN_OUT_NOECN */
    /* timers */
    {"rto_min", "200ms"}, {"rto_min_bounds", "variance"}, {"rto_max", "120s"}, /* TCP_RTO_MIN, tcp_rtt_estimator(), TCP_RTO_MAX */
    {"retries2", "15"}, {"orphan_retries", "0"}, {"retries_rule", "time"}, /* TCP_RETR2, tcp_orphan_retries(), retransmits_timed_out() */
    {"early_retrans", "3"}, {"delack", "40ms"}, /* TCP_DELACK_MIN */
    {"ack_rule", "linux"}, {"window_probe", "old-ack"}, /* tcp_xmit_probe_skb() */
    /* data */
    {"nagle_rule", "minshall"}, /* tcp_nagle_check() */
    {"slow_start_segments", "0"}, {"cwnd_by_delivery", "yes"}, /* tcp_slow_start(), tcp_cong_control() */
    {"tso_segs", "2"}, /* min_tso_segs */
    {"rcvbuf", "65536B"}, /* half of tcp_rmem's 131072: the rest is for the headers */
    {"rcvbuf_max", "6291456B"}, {"window_in_mss", "yes"}, {"socket_buffers", "linux"}, {"receive_window", "linux"}, /* tcp_rmem[2], tcp_select_initial_window() */
    /* what is believed */
    {"seq_validation", "linux"}, {"unsent_ack", "drop"}, /* tcp_sequence(), tcp_ack() */
    {"invalid_ratelimit", "500ms"},
    {"icmp_errors", "linux"}, {"min_pmtu", "552B"}, /* tcp_v4_err(), DEFAULT_MIN_PMTU */
    /* closing */
    {"reset_error", "linux"}, /* tcp_reset() */
    {"fin_timeout", "60s"}, {"fin_timeout_rule", "linux"}, /* TCP_FIN_TIMEOUT, tcp_fin_time() */
    {"msl", "30s"}, /* TCP_TIMEWAIT_LEN is 60 s */
    {"time_wait", "reuse"}, {"tw_reuse", "2"}, /* tcp_timewait_state_process() */
    {"max_tw_buckets", "262144"}, {"max_orphans", "262144"}, /* 524288 / 2: tcp_set_hashinfo(), tcp_init() */
    {NULL, NULL},
};

/* FreeBSD 14 and 15, stack `freebsd`: tcp(4), syncache(4), sysctl names of net.inet.tcp. Of its
 * ISNs those of a connect() are RFC 6528's with a clock that steps at random, those of SYN-ACKs
 * cookies. It blackholes nothing (blackhole(4)). */
static const struct tcp_profile_row BSD_ROWS[] = {
    /* opening */
    {"syn_data", "ignore"}, {"crossed_syn_text", "no-fin"}, {"syn_ack_in_listen", "drop"},
    {"syn_retries", "12"}, {"keepinit", "75s"}, /* TCP_MAXRXTSHIFT, keepinit */
    {"synack_retries", "3"}, {"repeated_syn", "syn-ack"}, /* syncache.rexmtlimit, syncache_add() */
    {"syn_queue", "syn-cache"}, {"syncookies", "1"}, /* hashsize 512, bucketlimit 30 */
    {"somaxconn", "128"}, /* kern.ipc.soacceptqueue */
    {"abort_on_overflow", "yes"}, /* syncache.rst_on_sock_fail */
    {"fastopen", "1"}, {"fastopen_path_disable_time", "900s"}, /* fastopen.client_enable, fastopen.path_disable_time */
    {"port_min", "10000"}, {"port_selection", "random"}, /* IPPORT_EPHEMERALFIRST, ip.portrange.randomized */
    /* options */
    {"window_scaling", "yes"}, {"timestamps", "yes"}, {"sack", "yes"}, {"dsack", "yes"}, {"option_layout", "bsd"},
    {"ecn", "2"}, /* ecn.enable */
    /* timers */
    {"rto_min", "30ms"}, {"rto_slop", "200ms"}, {"rto_max", "64s"}, /* rexmit_min, rexmit_slop, TCPTV_REXMTMAX */
    {"rtt_timestamps", "all"}, {"retries2", "12"}, {"orphan_retries", "12"}, /* TCP_MAXRXTSHIFT */
    {"keepalive", "yes"}, {"keepalive_probes", "8"}, /* always_keepalive, keepcnt */
    {"delack", "40ms"}, {"ack_rule", "freebsd"}, /* delacktime, DELAY_ACK() */
    {"persmin", "5s"}, /* persmin, tcp_setpersist() */
    /* data */
    {"slow_start_segments", "2"}, /* abc_l_var */
    {"rcvbuf", "65536B"}, {"rcvbuf_max", "2097152B"}, {"rcvbuf_in_mss", "yes"}, /* recvspace, recvbuf_max, tcp_mss() */
    {"socket_buffers", "freebsd"},
    /* what is believed */
    {"seq_validation", "freebsd"},
    {"icmp_errors", "freebsd"}, {"mtu_expires", "3600s"}, {"min_pmtu", "256B"}, /* tcp_ctlinput(), hostcache.expire, minmss 216 */
    /* closing */
    {"fin_timeout", "675s"}, /* keepcnt * keepintvl and one keepintvl more, tcp_timer_2msl(); finwait2_timeout is of fast_finwait2_recycle, which is off */
    {"time_wait", "freebsd"}, {"msl", "30s"}, /* tcp_twcheck(), msl */
    {NULL, NULL},
};

/* Every number and every segment can be followed on the board: the clock of RFC 793, the checks
 * of RFC 793 without RFC 5961, every segment acknowledged, nothing but the window in the way. */
static const struct tcp_profile_row TEXTBOOK_ROWS[] = {
    {"isn", "clock"}, {"congestion_control", "none"}, {"nagle", "no"},
    {"fin_ack_in_fin_wait_1", "time-wait"}, /* figure 5 draws this arrow */
    {"rst_validation", "rfc793"}, {"syn_validation", "rfc793"}, {"ack_validation", "rfc793"},
    {"delack", "0s"}, {"delack_segments", "1"},
    {NULL, NULL},
};

const struct tcp_profile TCP_PROFILES[] = {
    {"rfc9293", "what RFC 9293, 6298 and 1122 ask for", RFC9293_ROWS},
    {"linux", "Linux 6.18's values", LINUX_ROWS},
    {"bsd", "FreeBSD 14's and 15's values", BSD_ROWS},
    {"textbook", "the state diagram as lectures draw it: every segment acknowledged at once", TEXTBOOK_ROWS},
    {NULL, NULL, NULL},
};
/* clang-format on */

/* The rows hold only quantities, choices and booleans; a text that does not parse is our own
 * bug. */
static void set_text(struct tcp_params *p, const struct key *k, const char *text)
{
    void *field = (char *)p + k->offset;
    if (k->kind == KEY_QUANTITY) {
        struct err e; /* not looked at: to clear it would take longer than all else */
        const int bad = unit_parse(text, k->unit, field, NULL, &e);
        sim_assert(NULL, bad == 0);
    } else if (k->kind == KEY_BOOL) {
        *(bool *)field = strcmp(text, "yes") == 0;
    } else {
        const struct choice *c = k->choices;
        while (c->name != NULL && strcmp(c->name, text) != 0)
            c++;
        sim_assert(NULL, c->name != NULL);
        *(const char **)field = c->name;
    }
}

static const struct key *key_named(const char *name)
{
    const struct key *k = TCP_KEYS;
    while (k->name != NULL && (k->name[0] != name[0] || strcmp(k->name, name) != 0))
        k++;
    sim_assert(NULL, k->name != NULL);
    return k;
}

int tcp_params_init(struct tcp_params *p, const char *profile)
{
    const struct tcp_profile *f = TCP_PROFILES;
    while (f->name != NULL && strcmp(f->name, profile) != 0)
        f++;
    if (f->name == NULL)
        return -1;
    *p = (struct tcp_params){0};
    for (const struct key *k = TCP_KEYS; k->name != NULL; k++)
        set_text(p, k, k->default_text);
    for (const struct tcp_profile_row *r = f->rows; r->key != NULL; r++)
        set_text(p, key_named(r->key), r->value);
    set_text(p, &TCP_KEYS[0], profile);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 * puppet.h -- one TCP on strings: a test plays its application and its peer, and reads what it
 * sends and tells.
 *
 *   "connect; < SA 0 ack 1" --puppet_do--> struct tcp_stack --> sent "S 0, A 1 ack 1"
 *                                                               told "connected"
 *
 * Segments are written and read as FLAGS SEQ(LEN) ack ACK win WIN: "S 0", "PA 1(100) ack 1".
 * Flags are letters of SFRPA in this order, "-" is none. Numbers are relative, the peer's to
 * its ISN, the stack's to its own; "$R" and the like stand for the numbers set in sym (a
 * letter each), "$R-1" is arithmetic. Behind it may stand, when injected: off N and stream N
 * (payload identity, the next bytes of the peer's stream unless said), from N (another port of
 * the peer), corrupt (its checksum fails), and the options mss N, ws N (shift), sackok, ts N
 * (TSval), ecr N (TSecr, in ms from the beginning of the play; else 0).
 *
 * Commands, separated by ";":
 *   < SEGMENT             arrives from the peer
 *   listen [BACKLOG]      connect      accept        hold (do not accept at once)      unlisten
 *   send N    recv N      close        abort         shutdown rd|wr|rdwr
 *   nodelay 0|1           rcvbuf N     sndbuf N      maxseg N
 *   set OPTION VALUE      a row of TCP_OPTIONS, with its unit: "set keepidle 3s"
 *   icmp TYPE CODE SEQ    about a segment of the stack's; mtu N, bytes N (its length), from N;
 *                         tells whether it was taken
 *   error                 SO_ERROR
 *   on EVENT COMMAND      done within the next such event
 *   show win|mss|opts     the window, the MSS or the other options of what is sent are printed
 *   show sent             the event "sent" is told
 * recv tells what it returns, the others only what is less than asked or an error ("=EPIPE").
 *
 * A payload byte that recv hands out must be the next one of the peer's stream.
 */
#pragma once
#include "models/icmp.h"
#include "models/tcp/tcp.h"
#include "tests/check.h"

enum { PUPPET_HERE = 0x0a000001, PUPPET_PEER = 0x0a000002 }; /* IPv4 addresses */
enum { PUPPET_PORT = 80, PUPPET_PEER_PORT = 1000, PUPPET_PEERS = 8 };
enum { PUPPET_STREAM = 7000, PUPPET_EVENTS = 7 };

struct puppet {
    struct tcp_user user; /* first */
    const char *story;
    struct sim *sim;
    struct tcp_stack *stack;
    struct tcp_account account;
    struct tcp_listener *listener;
    struct tcp *t;              /* connected or accepted; NULL: none, or let go */
    uint32_t irs;               /* the peer's ISN */
    uint32_t iss[PUPPET_PEERS]; /* the stack's ISN towards each port of the peer */
    long long sym['Z' - 'A' + 1];
    sim_time began_at, step_at; /* what is sent at another instant has "@NNNms" before it */
    uint64_t n_read;
    const char *reaction[PUPPET_EVENTS];
    int n_doubts; /* R1 was told so often */
    bool show_win, show_mss, show_opts, show_sent, hold;
    char sent[4096], told[1024]; /* since the last puppet_do */
};

/* params: "profile=linux mss=100B ...", keys of TCP_KEYS; without it rfc9293 with isn=clock, so
 * that the stack's first ISN is iss: the run begins when the clock says so. */
void puppet_init(struct puppet *p, const char *story, const char *params, uint32_t iss,
                 uint32_t irs);
/* Checks the books and that no packet is left. */
void puppet_fini(struct puppet *p);

/* Runs to `at` (from the beginning of the play), then does the commands. sent and told hold
 * what came of both. */
void puppet_do(struct puppet *p, sim_time at, const char *commands);
/* What the first connection is in: a name of RFC 9293; "LISTEN" or "CLOSED" before it. */
const char *puppet_state(const struct puppet *p);
/* All states that the first connection entered, with a blank between. */
const char *puppet_path(const struct puppet *p, char *buf, size_t size);
/* text with every $X replaced. Returns buf. */
const char *puppet_expand(const struct puppet *p, const char *text, char *buf, size_t size);

/* What the stack sends, appended to text; what the peer sends, a packet of the simulation's.
 * No $X stands in text. */
void puppet_write_segment(const struct puppet *p, const struct packet *s, char *text,
                          size_t size);
struct packet *puppet_read_segment(struct puppet *p, const char *text);
struct icmp_error puppet_read_icmp(const struct puppet *p, const char *text);
/* The number behind a word of such a text; `otherwise` when the word is not there. */
long long puppet_field(const char *text, const char *word, long long otherwise);

struct play_step {
    sim_time at;
    const char *does, *sends, *tells;
    const char *state; /* NULL: not looked at */
};
enum { PLAY_STEPS = 28 };
struct play {
    const char *story, *params;
    struct play_step steps[PLAY_STEPS]; /* up to the first without does */
};

/* clang-format off */
/* Steps that plays begin with: a connect() that is answered at once, after 20 ms, and so with other words. */
#define OPEN_AT_ONCE    {0, "connect; < SA 0 ack 1", "S 0, A 1 ack 1", "connected", "ESTABLISHED"}
#define OPEN_WITH(more) {0, "connect", "S 0", ""}, {MS(20), "< SA 0 ack 1 " more, "A 1 ack 1", "connected", "ESTABLISHED"}
#define OPEN_IN_20MS    OPEN_WITH("mss 1000")
#define OPEN_WIN_0      OPEN_WITH("mss 1000 win 0")
/* clang-format on */
#define DATA(at)   "PA " #at "(10) ack 1" /* what `send 10` sends */
#define BARE_LINUX "profile=linux early_retrans=0 timestamps=no sack=no window_scaling=no "

/* Plays every step with the given ISNs and checks what it says. */
void puppet_play(const struct play *play, uint32_t iss, uint32_t irs);
/* The same with ISNs far from and just before the wrap of sequence numbers, on each side. */
void puppet_play_wrapped(const struct play *play);

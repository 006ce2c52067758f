/* SPDX-License-Identifier: GPL-3.0-or-later
 * inside.h -- one script under way, for the files of drill/ only.
 *
 *   run.c      events, the clock            wire.c     packets in and out, numbers
 *   settings.c --name=value                 match.c    a packet against what was expected
 *   calls.c    the table of system calls    say.c      a packet as a script writes it
 *   sockaddr.c addresses in them            icmp.c     ICMP messages in
 *   sockets.c  socket ... close, ioctl      commands.c in backticks
 *   transfer.c read, write and their kin    sysctl.c   parameters of the endpoint
 *   sockopt.c, sockopt_odd.c: options       code.c     %{ Python }%
 *   poll.c     poll and epoll               suite.h    what public runners define
 *   udp.c      the calls of a UDP socket    udp_sockopt.c its options
 *
 * A script names sockets by numbers of its own and sequence numbers from 0; "live" is what the
 * endpoint uses. The packets of one connection at a time are looked at: the flow under test.
 */
#pragma once
#include "drill/run.h"
#include "models/tcp/sock.h"
#include "models/udp_sock.h"
#include "sim/address.h"

struct drill_run;

/* ---- --name=value */

enum drill_ip_version { DRILL_IPV4, DRILL_IPV6, DRILL_IPV4_MAPPED };

struct drill_config {
    sim_time tolerance;
    int64_t tolerance_permille; /* of the time since the previous event */
    enum drill_ip_version ip_version;
    int64_t mtu;
    int64_t mss; /* of what inbound packets were coalesced; 0: each is one segment */
    int64_t bind_port, connect_port;
    struct key_address local_given, remote_given;
    ip_addr local, remote; /* the same as the run knows them */
    int64_t ts_tick_us;    /* 0: outbound timestamps are not checked */
    bool ts_ecr_scaled, strict_segments;
};

/* Defaults, then the script's settings, then the command line's. 0, or -1 with e set: what
 * names no setting or has no value of its kind. *lacks names a setting that has no model, or
 * stays NULL. */
int drill_config_read(struct drill_config *c, const struct drill_setting *script, int n_script,
                      const struct drill_setting *given, int n_given, const char **lacks,
                      struct err *e);

/* ---- the wire */

enum flow_state {
    FLOW_NEW,
    FLOW_LISTENING,
    FLOW_CONNECTING,
    FLOW_SYN_SENT,
    FLOW_PASSIVE,
    FLOW_OPEN
};

struct drill_stamp {
    uint32_t script, live;
};

/* The socket under test as the wire sees it. The peer's numbers are the script's own. */
struct drill_flow {
    enum flow_state state;
    uint8_t proto; /* PROTO_TCP, PROTO_UDP */
    uint16_t local_port, remote_port;
    uint32_t local_isn, script_local_isn; /* live, script */
    bool has_local_isn, has_script_isn;   /* learnt, from the first SYN or SYN-ACK only */
    uint32_t remote_isn;
    uint32_t first_sent;        /* of run.sent; what left before is not its own */
    struct drill_stamp *stamps; /* outbound TS val */
    uint32_t n_stamps, cap_stamps;
};

/* A packet that was sent or injected, in live numbers. */
struct drill_sent {
    sim_time at;
    bool outbound;
    const struct drill_flow *flow;   /* the one it was mapped with; NULL: not yet */
    const struct drill_packet *icmp; /* an injected ICMP message is this; else NULL */
    struct packet p;
    uint8_t options[OPTION_BYTES];
};

/* ---- sockets */

enum socket_kind {
    SOCKET_NEW,
    SOCKET_LISTENER,
    SOCKET_CONNECTION,
    SOCKET_EPOLL,
    SOCKET_DATAGRAM /* of UDP, in every state */
};

struct drill_interest { /* what an epoll waits for */
    int fd;
    uint32_t events;
    int64_t data;
    bool disarmed; /* EPOLLONESHOT has fired */
};

struct drill_socket {
    struct tcp_user user; /* first */
    int fd;               /* the script's */
    enum socket_kind kind;
    bool open, nonblock;
    struct {
        sim_time receive, send; /* SO_RCVTIMEO, SO_SNDTIMEO; 0: none */
    } timeout;
    int64_t mtu_discover; /* IP_MTU_DISCOVER, which is only told */
    struct tcp_sock sock;
    struct udp_sock *udp; /* SOCKET_DATAGRAM */
    struct tcp *closing;  /* what a lingering close() waits for */
    bool gone;            /* the connection behind a close has ended */
    struct drill_flow *flow;
    struct drill_interest *interests;
    uint32_t n_interests, cap_interests;
};

/* ---- system calls */

/* A call that has begun: its function is called again after every event of the simulation until
 * it says that it is done. */
struct drill_pending {
    const struct drill_event *event;
    const struct drill_call *call;
    sim_time from, due; /* due: when it must return, SIM_NEVER: at once */
    bool begun;         /* the function has been here before */
    int64_t moved;      /* bytes of a write or read that goes on */
    bool opens;         /* a write that waits for the connection which it has opened */
    sim_time until;     /* a timeout of its own (poll, linger) */
    struct drill_socket *socket;
    int64_t value; /* the result, -1 with error set */
    int error;     /* positive errno */
};

struct drill_run {
    const struct drill_script *script;
    const struct drill_options *options;
    const char *name;
    struct drill_config config;
    bool linux_like;    /* SO_RCVBUF is doubled, and so on */
    bool blocked;       /* a queue of length 0 takes nothing */
    int64_t counted[1]; /* what nstat has told: commands.c */
    struct sim *sim;
    struct tcp_stack *stack;
    struct udp_stack *udp;
    struct tcp_params params;
    struct tcp_account account;
    const struct drill_event *event; /* under way */
    sim_time due;                    /* its time, end of a range: due_to */
    sim_time due_to;
    sim_time previous_due;
    struct drill_flow *flow; /* under test; NULL: none yet */
    uint32_t n_children;     /* flows made for inbound packets */
    struct drill_sent *sent;
    uint32_t n_sent, cap_sent;
    uint32_t next_sent; /* the first outbound one not yet looked at */
    struct drill_socket **sockets;
    uint32_t n_sockets, cap_sockets;
    struct drill_pending pending; /* a blocking call; call == NULL: none */
    char *code;                   /* Python, malloc'd; NULL: none */
    size_t code_bytes;
    FILE *code_out;
    struct drill_verdict *verdict;
    bool decided;
};

/* Decides the verdict; the first decision stays. line: of `at`. */
void drill_fail(struct drill_run *r, const struct mark *at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
void drill_lacks(struct drill_run *r, const struct mark *at, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* Adds to the verdict's detail. */
void drill_detail(struct drill_run *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- run.c */
/* One event of the simulation, if there is one until then, and a look at the pending call. */
bool drill_step(struct drill_run *r, sim_time until);
/* Up to an instant, all events of that instant included. */
void drill_advance(struct drill_run *r, sim_time until);
sim_time drill_tolerance(const struct drill_run *r, sim_time since, sim_time due);

/* ---- wire.c */
void drill_wire_output(void *run, struct packet *p); /* the stack's way out */
/* TCP or UDP. */
void drill_inject(struct drill_run *r, const struct drill_packet *p);
/* An ICMP message about the flow goes into the list of packets. */
void drill_note_icmp(struct drill_run *r, const struct drill_flow *f,
                     const struct drill_packet *p);
/* The flow that an expected packet belongs to; NULL with the verdict decided. */
struct drill_flow *drill_flow_out(struct drill_run *r, const struct drill_packet *p);
/* The next outbound packet of the flow under test that is there already; NULL: none. Others on
 * the way are passed. */
const struct drill_sent *drill_next_sent(struct drill_run *r);
void drill_note_stamp(struct drill_run *r, struct drill_flow *f, uint32_t script,
                      uint32_t live);
/* Options of a script in wire form, numbers as they stand; bytes, or -1 with the verdict
 * decided. */
int drill_encode_options(struct drill_run *r, const struct drill_packet *p,
                         uint8_t out[OPTION_BYTES]);
struct drill_flow *drill_flow_new(struct drill_run *r, enum flow_state state);

/* ---- icmp.c */
void drill_inject_icmp(struct drill_run *r, const struct drill_packet *p);

/* ---- match.c */
void drill_expect(struct drill_run *r, const struct drill_packet *p);

/* ---- say.c */
/* A packet with numbers of the script, as a script writes it. Returns buf. */
const char *drill_say(const struct packet *p, const uint8_t *options, char *buf, size_t size);
/* The live packet s in the script's numbers; options too. */
void drill_to_script(const struct drill_sent *s, struct packet *p,
                     uint8_t options[OPTION_BYTES]);
/* An ICMP message, as a script writes it. Returns buf. */
const char *drill_say_icmp(const struct drill_packet *p, char *buf, size_t size);
/* An option's bytes in wire form, as a script writes it. Returns buf. */
const char *drill_say_option(const uint8_t *option, int len, char *buf, size_t size);
char *drill_ladder(const struct drill_run *r); /* malloc'd */

/* ---- calls.c */
void drill_call_begin(struct drill_run *r, const struct drill_event *e);
/* Looks whether a pending call can go on. */
void drill_call_poll(struct drill_run *r);
/* Waits for the pending call, if there is one. */
void drill_call_await(struct drill_run *r);
struct drill_socket *drill_socket_of(const struct drill_run *r,
                                     int64_t fd); /* NULL: not open */
/* Values of arguments; what is not a number of a known name decides the verdict, 0 then. */
int64_t drill_value(struct drill_run *r, const struct drill_expr *e);
/* The member of a struct argument by name, NULL: none. */
const struct drill_expr *drill_member(const struct drill_expr *e, const char *name);

enum call_status { CALL_DONE, CALL_WAITS };
typedef enum call_status drill_call_fn(struct drill_run *r, struct drill_pending *c);
struct drill_call_row {
    const char *name;
    drill_call_fn *fn;
};
enum call_status drill_done(struct drill_pending *c, int64_t value); /* negative: -errno */
/* drill_value of what is an int in C: one that does not fit decides the verdict, 0 then. */
int64_t drill_int(struct drill_run *r, const struct drill_expr *e);
/* Argument i as an int; "..." and a missing one are 0. */
int64_t drill_arg(struct drill_run *r, const struct drill_pending *c, int i);
/* Whether argument i is NULL. */
bool drill_arg_is_null(const struct drill_pending *c, int i);
/* A write opens the connection, MSG_FASTOPEN: bytes that its SYN carries, or -errno. */
int64_t drill_open_by_write(struct drill_run *r, struct drill_socket *s, int64_t bytes);
/* How an active open stands: 0 done, -EINPROGRESS, or why it failed. */
int drill_progress_of(struct drill_socket *s);
/* The socket that argument 0 names; NULL with the call done: EBADF, or of an epoll `other`,
 * which is -ENOTSOCK for calls that want a socket. */
struct drill_socket *drill_socket_arg(struct drill_run *r, struct drill_pending *c, int other);
/* Whether a list is as long as the script says; else the verdict is decided. */
bool drill_list_has(struct drill_run *r, const struct drill_pending *c,
                    const struct drill_expr *list, const char *what, int64_t n);
/* The number that an output argument such as [5] must have become. */
void drill_check_out(struct drill_run *r, const struct drill_pending *c,
                     const struct drill_expr *want, const char *what, int64_t actual);

/* ---- sockaddr.c: an address argument */
/* What a call says of the address in argument i and its length behind it before it looks into
 * it: 0, or -errno; it may decide the verdict. */
int drill_check_address(struct drill_run *r, const struct drill_pending *c, int i,
                        int64_t least);
/* AF_INET where none is given. */
int64_t drill_family_of(struct drill_run *r, const struct drill_expr *addr);
/* Bytes of a struct sockaddr_in, or what the kernel wants of a struct sockaddr_in6. */
int64_t drill_least_length(struct drill_run *r, const struct drill_expr *addr);
/* False: none is given, or the verdict is decided. */
bool drill_ip_of(struct drill_run *r, const struct drill_expr *addr, ip_addr *out);
/* "..." is the runner's choice. */
uint16_t drill_port_of(struct drill_run *r, const struct drill_expr *addr, int64_t choice);

/* ---- transfer.c: what a call reads or writes */
struct drill_buffer {
    int64_t bytes;
    int error; /* -errno that is told before the socket is looked at; 0: none */
    bool null; /* a fault, as soon as a byte is to move */
};
/* Arguments 1 and 2. */
struct drill_buffer drill_flat(struct drill_run *r, const struct drill_pending *c);
/* The same as an I/O vector and its length. */
struct drill_buffer drill_vector(struct drill_run *r, const struct drill_pending *c);
/* The vector of the struct msghdr in argument 1. */
struct drill_buffer drill_message(struct drill_run *r, const struct drill_pending *c);

/* ---- udp.c */
extern const struct drill_call_row DRILL_UDP_CALLS[]; /* ends with {NULL} */
/* An ICMP error about a datagram of one of the sockets. */
void drill_udp_icmp(struct drill_run *r, const struct icmp_error *e);
drill_call_fn drill_udp_getsockopt, drill_udp_setsockopt;
/* socket(SOCK_DGRAM) */
enum call_status drill_udp_open(struct drill_run *r, struct drill_pending *c, bool nonblock);

/* ---- sockets.c, transfer.c, sockopt.c, poll.c: the system calls by name */
drill_call_fn drill_socket, drill_bind, drill_listen, drill_accept, drill_connect, drill_close,
    drill_shutdown, drill_fcntl, drill_ioctl, drill_read, drill_readv, drill_recv,
    drill_recvmsg, drill_write, drill_writev, drill_send, drill_sendmsg, drill_getsockopt,
    drill_setsockopt, drill_poll, drill_epoll_create, drill_epoll_ctl, drill_epoll_wait;
/* A socket under the script's number, which is the result that the call expects. */
struct drill_socket *drill_socket_new(struct drill_run *r, struct drill_pending *c,
                                      enum socket_kind kind);
/* Whether the call may wait for s: not with O_NONBLOCK, nor when `timeout` is over, which is
 * counted from the first time that this is asked. */
bool drill_may_wait(struct drill_run *r, struct drill_pending *c, const struct drill_socket *s,
                    sim_time timeout);

/* ---- sockopt.c, sockopt_odd.c: an option that is no int */
struct drill_odd_option {
    const char *level, *name;
    int64_t least; /* bytes of it; 0: any */
    /* 0 or -errno. */
    int (*set)(struct drill_run *r, struct drill_pending *c, struct drill_socket *s);
    /* Compares; NULL: unsupported. */
    void (*get)(struct drill_run *r, struct drill_pending *c, struct drill_socket *s);
};
const struct drill_odd_option *drill_odd_option(int64_t level, int64_t option); /* NULL: none */
/* Whether a script's numbers are those of these names; name may be NULL. */
bool drill_option_is(const char *row_level, const char *row_name, int64_t level,
                     int64_t option);
/* What poll() would tell of it. */
uint32_t drill_events_of(const struct drill_socket *s);
/* The sum of the lengths in an I/O vector, [{..., 5}, {..., 7}]; -EINVAL: one is negative. */
int64_t drill_iov_bytes(struct drill_run *r, const struct drill_expr *iov);

/* ---- sysctl.c: into r->params */
/* NAME=VALUE, the name dotted or a path below /proc/sys; changes word. */
void drill_sysctl(struct drill_run *r, const struct mark *at, char *word);
/* What a public suite sets before each script (defaults.sh). */
enum drill_suite { SUITE_GOOGLE, SUITE_KERNEL };
void drill_sysctl_baseline(struct drill_run *r, const struct mark *at, enum drill_suite suite);

/* ---- commands.c */
void drill_command(struct drill_run *r, const char *text, const struct mark *at);

/* ---- code.c */
void drill_code_note(struct drill_run *r, const struct drill_event *e);
void drill_code_run(struct drill_run *r);

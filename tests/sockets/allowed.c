/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sockets/allowed.h"

#include <errno.h>

#define S(state) (UINT32_C(1) << (state))
enum { MOST = 14 };

/* Groups of states, as the man pages speak of them. */
#define NEW        S(SOCK_NEW)
#define DEFERRED   S(SOCK_DEFERRED)
#define LISTENS    S(TCP_LISTEN)
#define OPENING    (S(TCP_SYN_SENT) | S(TCP_SYN_RECEIVED))
#define MAY_SEND   (S(TCP_ESTABLISHED) | S(TCP_CLOSE_WAIT))
#define FIN_SENT   (S(TCP_FIN_WAIT_1) | S(TCP_FIN_WAIT_2) | S(TCP_CLOSING) | S(TCP_LAST_ACK))
#define FIN_COME   (S(TCP_CLOSE_WAIT) | S(TCP_CLOSING) | S(TCP_LAST_ACK) | S(TCP_TIME_WAIT))
#define NO_FIN_YET (S(TCP_ESTABLISHED) | S(TCP_FIN_WAIT_1) | S(TCP_FIN_WAIT_2))
#define OVER       (S(TCP_CLOSED) | S(TCP_TIME_WAIT))
#define CONNECTED  (MAY_SEND | FIN_SENT | OVER)
#define ANY        (NEW | DEFERRED | LISTENS | OPENING | CONNECTED)

/* clang-format off */
/* facts: all of these must hold. */
static const struct {
    enum sock_call call;
    uint32_t states, facts;
    int errnos[MOST];
    const char *source;
} CALLS[] = {
    {CALL_BIND, ANY, FACT_FOREIGN, {EADDRNOTAVAIL}, "bind(2): a nonexistent interface, or not local"},
    {CALL_BIND, NEW, FACT_BOUND, {EINVAL}, "bind(2): the socket is already bound to an address"},
    {CALL_BIND, ANY & ~NEW, 0, {EINVAL}, "the same"},
    {CALL_BIND, NEW, 0, {EADDRINUSE}, "bind(2), ip(7); also no ephemeral port is free"},
    {CALL_LISTEN, NEW, 0, {EADDRINUSE}, "listen(2)"},
    {CALL_LISTEN, DEFERRED | OPENING | CONNECTED, 0, {EINVAL}, "POSIX listen(): the socket is already connected"},
    {CALL_ACCEPT, LISTENS, 0, {EAGAIN}, "accept(2)"},
    {CALL_ACCEPT, ANY & ~LISTENS, 0, {EINVAL}, "accept(2): socket is not listening for connections"},
    {CALL_CONNECT, NEW, 0, {EINPROGRESS, EADDRNOTAVAIL}, "connect(2); no port, or the pair of ends is taken"},
    {CALL_CONNECT, OPENING, 0, {EALREADY}, "connect(2): a previous attempt has not yet been completed"},
    {CALL_CONNECT, LISTENS | DEFERRED | CONNECTED, 0, {EISCONN}, "connect(2)"},
    {CALL_CONNECT, S(TCP_SYN_RECEIVED), 0, {EISCONN}, "RFC 7413 §4.2.2: accept() gives it before its handshake is done"},
    {CALL_CONNECT, OVER, 0, {ECONNABORTED}, "connect(2) at the end of an attempt that nothing is known about"},
    {CALL_FASTOPEN, NEW | DEFERRED, 0, {EADDRNOTAVAIL}, "connect(2)"},
    {CALL_FASTOPEN, NEW, FACT_NO_CLIENT, {EOPNOTSUPP}, "RFC 7413 appendix A.1; the sysctl forbids it"},
    {CALL_FASTOPEN, OPENING, 0, {EALREADY}, "connect(2)"},
    {CALL_FASTOPEN, LISTENS | S(TCP_SYN_RECEIVED) | CONNECTED, 0, {EISCONN}, "send(2)"},
    {CALL_FASTOPEN, MAY_SEND, 0, {EAGAIN}, "send(2), of an attempt that nobody knew to be done"},
    {CALL_FASTOPEN, OVER | FIN_SENT, 0, {ECONNABORTED, EPIPE}, "connect(2), send(2), the same"},
    {CALL_SEND, OPENING | MAY_SEND, 0, {EAGAIN}, "send(2): no room, or not yet"},
    {CALL_SEND, NEW | LISTENS | FIN_SENT | OVER, 0, {EPIPE}, "send(2): the local end has been shut down, or there is no connection"},
    {CALL_SEND, S(TCP_SYN_RECEIVED), FACT_SHUT, {EPIPE}, "the same, of a child of Fast Open"},
    {CALL_RECV, DEFERRED | OPENING | NO_FIN_YET, 0, {EAGAIN}, "recv(2)"},
    {CALL_RECV, NEW | LISTENS, 0, {ENOTCONN}, "recv(2)"},
    {CALL_SHUTDOWN, NEW | OVER, 0, {ENOTCONN}, "shutdown(2)"},
    {CALL_SETSOCKOPT, ANY, FACT_RANGE, {EINVAL}, "setsockopt(2), tcp(7)"},
    {CALL_SETSOCKOPT, ANY, FACT_BUFFER, {EINVAL, ENOBUFS}, "FreeBSD's setsockopt(2), sb_max"},
    {CALL_SETSOCKOPT, ANY, FACT_NO_CLIENT | FACT_RANGE, {EOPNOTSUPP}, "TCP_FASTOPEN_CONNECT: the sysctl forbids it"},
};

/* Each once it is the reason for giving up, or at once while the connection opens: Linux's
 * icmp_err_convert of IPv4, documented in icmp(7) and ip(7). That a packet was too long ends
 * nothing. */
static const int BY_ICMP[MOST] = {EHOSTUNREACH, ENETUNREACH, ENOPROTOOPT, EPROTO,
                                  EOPNOTSUPP, EHOSTDOWN, ENONET, ECONNREFUSED};
static const struct {
    uint32_t states, facts;
    int errnos[MOST];
    const char *source;
} ENDINGS[] = {
    {S(TCP_SYN_SENT), 0, {ECONNREFUSED, ETIMEDOUT}, "connect(2); RFC 9293 §3.10.7.3"},
    {S(TCP_SYN_RECEIVED), 0, {ECONNRESET, ETIMEDOUT}, "Linux's name, and that of a child of Fast Open"},
    {S(TCP_SYN_RECEIVED), FACT_ECONNRESET, {ECONNREFUSED}, "RFC 9293 §3.10.7.4"},
    {(MAY_SEND | FIN_SENT) & ~S(TCP_CLOSE_WAIT), 0, {ECONNRESET, ETIMEDOUT}, "RFC 9293 §3.10.7.4, §3.10.8; tcp(7)"},
    {S(TCP_CLOSE_WAIT), 0, {ETIMEDOUT}, "tcp(7)"},
    {S(TCP_CLOSE_WAIT), FACT_EPIPE, {EPIPE}, "Linux's name for a reset behind the peer's FIN"},
    {S(TCP_CLOSE_WAIT), FACT_ECONNRESET, {ECONNRESET}, "RFC 9293 §3.10.7.4"},
};
/* clang-format on */

static bool has(const int *errnos, int error)
{
    for (int i = 0; i < MOST && errnos[i] != 0; i++)
        if (errnos[i] == error)
            return true;
    return false;
}

static bool hold(uint32_t needed, uint32_t facts)
{
    return (needed & ~facts) == 0;
}

/* Why a connection ended. */
static bool is_an_end(enum tcp_state ended_in, uint32_t facts, int error)
{
    for (size_t i = 0; i < ARRAY_LEN(ENDINGS); i++)
        if ((ENDINGS[i].states & S(ended_in)) != 0 && hold(ENDINGS[i].facts, facts) &&
            has(ENDINGS[i].errnos, error))
            return true;
    return (facts & FACT_ICMP) != 0 && ended_in != TCP_CLOSED && has(BY_ICMP, error);
}

bool ending_is_allowed(enum tcp_state ended_in, uint32_t facts, int error)
{
    return is_an_end(ended_in, facts, error) ||
           ((facts & FACT_ICMP) != 0 && has(BY_ICMP, error));
}

/* setsockopt() alone does not hand the connection's end over. */
bool errno_is_allowed(struct sock_asked a, int error)
{
    const bool hands_over = a.call == CALL_CONNECT || a.call == CALL_FASTOPEN ||
                            a.call == CALL_SEND || a.call == CALL_RECV;
    for (size_t i = 0; i < ARRAY_LEN(CALLS); i++)
        if (CALLS[i].call == a.call && (CALLS[i].states & S(a.state)) != 0 &&
            hold(CALLS[i].facts, a.facts) && has(CALLS[i].errnos, error))
            return true;
    const bool at_once = hold(FACT_ICMP | FACT_RECVERR, a.facts) && has(BY_ICMP, error);
    return hands_over && (at_once || is_an_end(a.ended_in, a.facts, error));
}

/* tcp(7), socket(7), and do_tcp_setsockopt() where they are silent. */
bool option_has_a_range(enum tcp_option option)
{
    static const enum tcp_option EVERY_INT[] = {
        TCP_OPT_NODELAY,   TCP_OPT_RCVBUF,    TCP_OPT_SNDBUF,        TCP_OPT_CORK,
        TCP_OPT_REUSEADDR, TCP_OPT_REUSEPORT, TCP_OPT_NOTSENT_LOWAT, TCP_OPT_RCVLOWAT,
        TCP_OPT_KEEPALIVE, TCP_OPT_LINGER2,   TCP_OPT_DEFER_ACCEPT,  TCP_OPT_QUICKACK,
        TCP_OPT_LINGER_ON, TCP_OPT_RECVERR};
    for (size_t i = 0; i < ARRAY_LEN(EVERY_INT); i++)
        if (EVERY_INT[i] == option)
            return false;
    return true;
}

const char *sock_call_name(enum sock_call call)
{
    static const char *const names[N_SOCK_CALLS] = {[CALL_BIND] = "bind",
                                                    [CALL_LISTEN] = "listen",
                                                    [CALL_ACCEPT] = "accept",
                                                    [CALL_CONNECT] = "connect",
                                                    [CALL_FASTOPEN] = "sendto",
                                                    [CALL_SEND] = "send",
                                                    [CALL_RECV] = "recv",
                                                    [CALL_SHUTDOWN] = "shutdown",
                                                    [CALL_SETSOCKOPT] = "setsockopt"};
    return names[call];
}

const char *sock_state_name(int state)
{
    return state == SOCK_NEW        ? "new"
           : state == SOCK_DEFERRED ? "deferred"
                                    : tcp_state_name((enum tcp_state)state);
}

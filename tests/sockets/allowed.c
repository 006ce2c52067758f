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
static const struct {
    enum sock_call call;
    uint32_t states;
    int errnos[MOST];
    const char *source;
} CALLS[] = {
    {CALL_BIND, ANY, {EINVAL, EADDRNOTAVAIL}, "bind(2): already bound; a nonexistent interface or not local"},
    {CALL_BIND, NEW, {EADDRINUSE}, "bind(2), ip(7); also no ephemeral port is free"},
    {CALL_LISTEN, NEW, {EADDRINUSE}, "listen(2)"},
    {CALL_LISTEN, DEFERRED | OPENING | CONNECTED, {EINVAL}, "POSIX listen(): the socket is already connected"},
    {CALL_ACCEPT, LISTENS, {EAGAIN}, "accept(2)"},
    {CALL_ACCEPT, ANY & ~LISTENS, {EINVAL}, "accept(2): socket is not listening for connections"},
    {CALL_CONNECT, NEW, {EINPROGRESS, EADDRNOTAVAIL, EADDRINUSE, ENETUNREACH}, "connect(2)"},
    {CALL_CONNECT, OPENING, {EALREADY}, "connect(2): a previous attempt has not yet been completed"},
    {CALL_CONNECT, LISTENS | DEFERRED | CONNECTED, {EISCONN}, "connect(2)"},
    {CALL_CONNECT, S(TCP_SYN_RECEIVED), {EISCONN}, "RFC 7413 §4.2.2: accept() gives it before its handshake is done"},
    {CALL_CONNECT, OVER, {ECONNABORTED}, "connect(2) at the end of an attempt that nothing is known about"},
    {CALL_FASTOPEN, NEW | DEFERRED, {EINPROGRESS, EOPNOTSUPP, EADDRNOTAVAIL, EADDRINUSE, ENETUNREACH}, "RFC 7413 appendix A.1; the sysctl forbids it"},
    {CALL_FASTOPEN, OPENING, {EALREADY}, "connect(2)"},
    {CALL_FASTOPEN, LISTENS | OPENING | CONNECTED, {EISCONN, EALREADY}, "send(2)"},
    {CALL_SEND, OPENING, {EAGAIN}, "send(2)"},
    {CALL_SEND, MAY_SEND, {EAGAIN}, "send(2): no room"},
    {CALL_SEND, ANY, {EPIPE}, "send(2): the local end has been shut down, or there is no connection"},
    {CALL_RECV, OPENING | NO_FIN_YET, {EAGAIN}, "recv(2)"},
    {CALL_RECV, NEW | DEFERRED | LISTENS | S(TCP_CLOSED), {ENOTCONN}, "recv(2)"},
    {CALL_SHUTDOWN, NEW | DEFERRED | OVER, {ENOTCONN}, "shutdown(2)"},
    {CALL_SETSOCKOPT, ANY, {EINVAL, ENOBUFS, EPERM, EOPNOTSUPP}, "setsockopt(2), tcp(7); ENOBUFS: FreeBSD's buffers"},
};

/* ICMP's, each once it is the reason for giving up, or at once while the connection opens: Linux's
 * icmp_err_convert, documented in icmp(7) and ip(7); EACCES: ICMPv6's administratively prohibited. */
#define BY_ICMP EHOSTUNREACH, ENETUNREACH, ENOPROTOOPT, EPROTO, EMSGSIZE, EOPNOTSUPP, EHOSTDOWN, ENONET, EACCES
static const struct {
    uint32_t states;
    int errnos[MOST];
    const char *source;
} ENDINGS[] = {
    {S(TCP_SYN_SENT), {ECONNREFUSED, ETIMEDOUT, BY_ICMP}, "connect(2); RFC 9293 §3.10.7.3"},
    {S(TCP_SYN_RECEIVED), {ECONNREFUSED, ECONNRESET, ETIMEDOUT, BY_ICMP}, "RFC 9293 §3.10.7.4; a child of Fast Open is reset"},
    {MAY_SEND | FIN_SENT, {ECONNRESET, ETIMEDOUT, BY_ICMP}, "RFC 9293 §3.10.7.4, §3.10.8; tcp(7)"},
    {S(TCP_CLOSE_WAIT), {EPIPE}, "Linux's name for a reset behind the peer's FIN"},
};
/* clang-format on */

static bool has(const int *errnos, int error)
{
    for (int i = 0; i < MOST && errnos[i] != 0; i++)
        if (errnos[i] == error)
            return true;
    return false;
}

bool ending_is_allowed(enum tcp_state ended_in, int error)
{
    for (size_t i = 0; i < ARRAY_LEN(ENDINGS); i++)
        if ((ENDINGS[i].states & S(ended_in)) != 0 && has(ENDINGS[i].errnos, error))
            return true;
    return false;
}

/* setsockopt() alone does not hand the connection's end over. */
bool errno_is_allowed(enum sock_call call, int state, enum tcp_state ended_in, int error)
{
    const bool hands_over = call == CALL_CONNECT || call == CALL_SEND || call == CALL_RECV;
    for (size_t i = 0; i < ARRAY_LEN(CALLS); i++)
        if (CALLS[i].call == call && (CALLS[i].states & S(state)) != 0 &&
            has(CALLS[i].errnos, error))
            return true;
    return hands_over && ending_is_allowed(ended_in, error);
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

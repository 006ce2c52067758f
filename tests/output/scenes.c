/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/output/scenes.h"

#include "tests/output/records.h"

enum { F = 1, S = 2, R = 4, P = 8, A = 16 };
#define ISN_CLIENT 4294967290u /* its numbers wrap within the first data segment */
#define ISN_SERVER 5000u

/* Beyond the two hosts of records.h: an attacker, and a router between client and server. */
enum { ATTACKER = N_TEST_SUBJECTS + 1, FORGED, ROUTER, IN, OUT };

struct scene {
    struct recorder *r;
    uint32_t client_isn;
    uint32_t n_packets;
};

/* One event of a packet; numbers relative to the sender's and the receiver's ISN. */
static void packet(struct scene *scene, sim_time at, uint32_t link, const char *event,
                   uint32_t id, uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len,
                   const char *cause)
{
    const bool up = link == UP || link == IN || link == OUT;
    const uint32_t isn = up ? scene->client_isn : ISN_SERVER,
                   peer_isn = up ? ISN_SERVER : scene->client_isn;
    const ip_addr client = ip4(0x0a000001), server = ip4(0x0a000002);
    emit(scene->r, at, &REC_SEGMENTS,
         &(struct rec_segment){.link = link,
                               .packet = id,
                               .proto = 6,
                               .conn = up ? 1 : 2,
                               .event = event,
                               .src = up ? client : server,
                               .dst = up ? server : client,
                               .sport = up ? 40001 : 80,
                               .dport = up ? 80 : 40001,
                               .ttl = 64,
                               .flags = flags,
                               .seq = isn + seq,
                               .ack = (flags & A) != 0 ? peer_isn + ack : 0,
                               .len = len,
                               .win = 65535,
                               .cause = cause});
}

/* A segment that takes 10 ms. */
static void segment(struct scene *scene, sim_time at, uint32_t link, uint32_t flags,
                    uint32_t seq, uint32_t ack, uint32_t len)
{
    const uint32_t id = ++scene->n_packets;
    packet(scene, at, link, "send", id, flags, seq, ack, len, NULL);
    packet(scene, at + MS(10), link, "recv", id, flags, seq, ack, len, NULL);
}

static void state(struct scene *scene, sim_time at, uint32_t host, uint32_t conn,
                  const char *to)
{
    emit(scene->r, at, &REC_TRANSITION, &(struct rec_transition){host, conn, "", to, ""});
}

static void handshake(struct scene *s, sim_time at)
{
    state(s, at, CLIENT, 1, "SYN-SENT");
    segment(s, at, UP, S, 0, 0, 0);
    state(s, at + MS(10), SERVER, 2, "SYN-RECEIVED");
    segment(s, at + MS(10), DOWN, S | A, 0, 1, 0);
    state(s, at + MS(20), CLIENT, 1, "ESTABLISHED");
    segment(s, at + MS(20), UP, A, 1, 1, 0);
    state(s, at + MS(30), SERVER, 2, "ESTABLISHED");
}

/* The prototype's picture: the first SYN is lost, the second opens; data; an active close. */
static void lost_syn(struct scene *s)
{
    state(s, 0, SERVER, 0, "LISTEN");
    state(s, 0, CLIENT, 1, "SYN-SENT");
    packet(s, 0, UP, "send", ++s->n_packets, S, 0, 0, 0, NULL);
    packet(s, MS(10), UP, "drop", s->n_packets, S, 0, 0, 0, "loss");
    segment(s, SEC(1), UP, S, 0, 0, 0);
    segment(s, MS(1010), DOWN, S | A, 0, 1, 0);
    segment(s, MS(1020), UP, A, 1, 1, 0);
    segment(s, MS(1021), UP, P | A, 1, 1, 460);
    segment(s, MS(1031), DOWN, A, 1, 461, 0);
    state(s, MS(1041), CLIENT, 1, "FIN-WAIT-1");
    segment(s, MS(1041), UP, F | A, 461, 1, 0);
    state(s, MS(1051), SERVER, 2, "CLOSE-WAIT");
    segment(s, MS(1051), DOWN, A, 1, 462, 0);
    state(s, MS(1061), CLIENT, 1, "FIN-WAIT-2");
    state(s, MS(1200), SERVER, 2, "LAST-ACK");
    segment(s, MS(1200), DOWN, F | A, 1, 462, 0);
    state(s, MS(1210), CLIENT, 1, "TIME-WAIT");
    segment(s, MS(1210), UP, A, 462, 2, 0);
    state(s, MS(61210), CLIENT, 1, "CLOSED");
}

/* Arrows that cross: both ends send at once. */
static void simultaneous(struct scene *s)
{
    for (int i = 0; i < 2; i++) {
        state(s, MS(10) * i, CLIENT, 1, i == 0 ? "SYN-SENT" : "SYN-RECEIVED");
        state(s, MS(10) * i, SERVER, 2, i == 0 ? "SYN-SENT" : "SYN-RECEIVED");
        segment(s, MS(10) * i, UP, i == 0 ? S : S | A, 0, 1, 0);
        segment(s, MS(10) * i, DOWN, i == 0 ? S : S | A, 0, 1, 0);
    }
}

/* The stale SYN: held for two minutes, it makes a second connection whose sender is gone. Its
 * ISN is another one: each number must be counted from its own. */
static void held_syn(struct scene *s)
{
    state(s, 0, CLIENT, 1, "SYN-SENT");
    packet(s, 0, UP, "send", ++s->n_packets, S, 0, 0, 0, NULL);
    packet(s, 0, UP, "hold", 1, S, 0, 0, 0, "fault:old-syn");
    s->client_isn += 1000000;
    handshake(s, SEC(1));
    segment(s, SEC(1) + MS(31), UP, P | A, 1, 1, 100);
    s->client_isn -= 1000000;
    packet(s, SEC(121), UP, "release", 1, S, 0, 0, 0, "fault:old-syn");
    packet(s, SEC(121) + MS(10), UP, "recv", 1, S, 0, 0, 0, NULL);
    state(s, SEC(121) + MS(10), SERVER, 3, "ESTABLISHED");
    emit(s->r, SEC(121) + MS(10), &REC_TYPE_EVENT,
         &(struct rec_event){SERVER, 3, "ghost", "no such sender"});
    segment(s, SEC(121) + MS(10), DOWN, S | A, 0, 1, 0);
    segment(s, SEC(121) + MS(20), UP, R, 1, 0, 0);
    state(s, SEC(121) + MS(30), SERVER, 3, "CLOSED");
}

/* Several segments in one instant, states in one instant, all on the same way. */
static void back_to_back(struct scene *s)
{
    handshake(s, 0);
    segment(s, MS(20), UP, P | A, 1, 1, 100);
    segment(s, MS(20), UP, A, 101, 1, 1460);
    segment(s, MS(20), UP, A, 1561, 1, 1460);
    segment(s, MS(20), UP, F | P | A, 3021, 1, 1460);
    state(s, MS(20), CLIENT, 1, "FIN-WAIT-1");
    state(s, MS(30), SERVER, 2, "CLOSE-WAIT");
    state(s, MS(30), SERVER, 2, "LAST-ACK");
    segment(s, MS(30), DOWN, F | A, 1, 4482, 0);
}

/* All that can go wrong with a segment in a few milliseconds. */
static void troubles(struct scene *s)
{
    handshake(s, 0);
    packet(s, MS(40), UP, "send", 50, P | A, 1, 1, 100, NULL);
    packet(s, MS(50), UP, "drop", 50, P | A, 1, 1, 100, "loss");
    packet(s, MS(41), UP, "drop", 51, P | A, 101, 1, 100, "queue");
    packet(s, MS(42), UP, "send", 52, P | A, 201, 1, 100, NULL);
    packet(s, MS(42), UP, "dup", 53, P | A, 201, 1, 100, NULL);
    packet(s, MS(52), UP, "recv", 52, P | A, 201, 1, 100, NULL);
    packet(s, MS(58), UP, "recv", 53, P | A, 201, 1, 100, NULL);
    segment(s, MS(52), DOWN, A, 1, 1, 0);
    segment(s, MS(58), DOWN, A, 1, 1, 0);
    packet(s, MS(62), UP, "send", 60, P | A, 1, 1, 100, NULL);
    packet(s, MS(62), UP, "delay", 60, P | A, 1, 1, 100, "fault:slow");
    packet(s, MS(500), UP, "recv", 60, P | A, 1, 1, 100, NULL);
    segment(s, MS(300), DOWN, R | A, 1, 1, 0);
    packet(s, MS(600), UP, "send", 61, F | A, 301, 1, 0,
           NULL); /* under way when the run ends */
}

/* Far more than a page holds: 1 + 300 full segments and their ACKs, a loss in the middle. */
static void long_transfer(struct scene *s)
{
    handshake(s, 0);
    for (uint32_t i = 0; i < 300; i++) {
        segment(s, MS(40) + MS(5) * i, UP, A, 1 + 1000 * i, 1, 1000);
        segment(s, MS(50) + MS(5) * i, DOWN, A, 1, 1001 + 1000 * i, 0);
    }
    segment(s, SEC(3), UP, F | A, 300001, 1, 0);
}

/* A third host: the one in the middle has its states between the lines, and an arrow passes it.
 */
static void forged_reset(struct scene *s)
{
    handshake(s, 0);
    const ip_addr client = ip4(0x0a000001), server = ip4(0x0a000002);
    struct rec_segment rst = {.link = FORGED,
                              .packet = 90,
                              .proto = 6,
                              .event = "send",
                              .src = server,
                              .dst = client,
                              .sport = 80,
                              .dport = 40001,
                              .ttl = 64,
                              .flags = R,
                              .seq = ISN_SERVER + 1,
                              .injected_by = ATTACKER};
    emit(s->r, MS(35), &REC_SEGMENTS, &rst);
    rst.event = "recv";
    emit(s->r, MS(45), &REC_SEGMENTS, &rst);
    state(s, MS(45), CLIENT, 1, "CLOSED");
    segment(s, MS(36), DOWN, P | A, 1, 1, 100);
    segment(s, MS(46), UP, R, 1, 0, 0);
    state(s, MS(56), SERVER, 2, "CLOSED");
}

/* The two hosts' run with more declared behind it; most scenarios leave that idle. */
static struct sim all_nodes(void)
{
    static struct subject subjects[OUT + 1];
    struct sim sim = two_hosts(SEC(600));
    memcpy(subjects, sim.subjects, (N_TEST_SUBJECTS + 1) * sizeof(*subjects));
    subjects[ATTACKER] = (struct subject){"host", "attacker"};
    subjects[FORGED] = (struct subject){"link", "attacker->client"};
    subjects[ROUTER] = (struct subject){"router", "router"};
    subjects[IN] = (struct subject){"link", "client->router"};
    subjects[OUT] = (struct subject){"link", "router->server"};
    sim.subjects = subjects;
    sim.n_subjects = OUT;
    return sim;
}

/* A segment over the router; end: what becomes of it on the second link. */
static void routed_segment(struct scene *s, sim_time at, uint32_t flags, uint32_t seq,
                           uint32_t len, const char *end)
{
    const uint32_t id = ++s->n_packets;
    packet(s, at, IN, "send", id, flags, seq, 1, len, NULL);
    packet(s, at + MS(9), IN, "recv", id, flags, seq, 1, len, NULL);
    packet(s, at + MS(9), OUT, "send", id, flags, seq, 1, len, NULL);
    packet(s, at + MS(18), OUT, end, id, flags, seq, 1, len,
           strcmp(end, "drop") == 0 ? "queue" : NULL);
}

/* The SYN is lost behind the router and sent again; then 200 times 100 bytes. */
static void routed(struct scene *s)
{
    routed_segment(s, 0, S, 0, 0, "drop");
    routed_segment(s, SEC(1), S, 0, 0, "recv");
    for (uint32_t i = 0; i < 200; i++)
        routed_segment(s, SEC(2) + MS(20) * i, P | A, 1 + 100 * i, 100, "recv");
}

/* 400 retransmissions: nothing is dull, and yet it cannot all be told. */
static void endless(struct scene *s)
{
    handshake(s, 0);
    for (int i = 0; i < 400; i++) {
        segment(s, SEC(1 + i), UP, P | A, 1, 1, 100);
        state(s, SEC(1 + i), CLIENT, 1, "ESTABLISHED");
    }
}

const struct scenario SCENARIOS[N_SCENARIOS] = {
    {"lost SYN",
     lost_syn,
     "en",
     {"SYN seq=0 (loss)", "SYN seq=0", "SYN,ACK seq=0 ack=1", "ACK ack=1", "PSH,ACK 1:461",
      "ACK ack=461", "FIN,ACK seq=461", "FIN,ACK seq=1", "TIME-WAIT", "≈ 0.99 s", "≈ 60 s",
      "1.021", "client", "10.0.0.2:80"}},
    {"simultaneous open", simultaneous, "en", {"0", "10", "20", "time (ms)", "10.0.0.1:40001"}},
    {"held SYN",
     held_syn,
     "en",
     {"SYN seq=0 (held 121 s)", "ESTABLISHED #2", "ghost #2", "RST seq=1", "PSH,ACK 1:101",
      "CLOSED #2", "≈ 120 s", "held", "reset", "retransmission"}},
    {"held SYN in Chinese",
     held_syn,
     "zh",
     {"SYN seq=0 (滞留 121 s)", "幽灵连接 #2", "时间 (s)", "滞留", "复位"}},
    {"back to back",
     back_to_back,
     "en",
     {"PSH,ACK 1:101", "ACK 101:1561", "ACK 1561:3021", "FIN,PSH,ACK 3021:4481", "CLOSE-WAIT",
      "LAST-ACK", "FIN-WAIT-1"}},
    {"troubles",
     troubles,
     "en",
     {"PSH,ACK 1:101 (loss)", "PSH,ACK 101:201 (queue)", "PSH,ACK 1:101", "RST,ACK seq=1 ack=1",
      "FIN,ACK seq=301", "lost", "duplicate", "delayed", "reset", "≈ 0.232 s"}},
    /* The dull stretch is the handshake's ACK, then 300 times data and ACK; three stay at each
     * end. So of the data the first and the last stay, of the ACKs the handshake's, the first
     * and the last two. */
    {"long transfer",
     long_transfer,
     "en",
     {"… 298 segments 1001:299001, 297 ACKs …", "ACK 1:1001", "ACK 299001:300001",
      "FIN,ACK seq=300001", "SYN seq=0"}},
    {"forged reset",
     forged_reset,
     "en",
     {"attacker", "client", "10.0.0.2:80", "SYN-RECEIVED", "PSH,ACK 1:101"}},
    {"endless", endless, "en", {"SYN,ACK seq=0 ack=1"}},
    /* Data on two links is 400 arrows; 3 of them stay at each end: first the 1st segment on
     * both and the 2nd on one, last the 199th on the second and the 200th on both. Between
     * them set out the 3rd to the 199th: 197 segments, the bytes 201 up to 19901. */
    {"routed",
     routed,
     "en",
     {"router", "SYN seq=0 (queue)", "retransmission", "… 197 segments 201:19901 …",
      "10.0.0.1:40001", "10.0.0.2:80"}},
};

void scenes_record(const char *path)
{
    struct err e = {0};
    struct recorder *r = recorder_open(path, &e);
    check_str("opens", e.text, "");
    recorder_experiment(r, "demo_{1}", "", 1);
    recorder_point(r, 1, NULL, "kind=it's \"odd\"_{x}^2");
    for (size_t i = 0; i < N_SCENARIOS; i++) {
        struct scene scene = {.r = r, .client_isn = ISN_CLIENT};
        const struct sim sim = all_nodes();
        recorder_run_begin(r, (int64_t)i + 1, 1, (int64_t)i, 1);
        SCENARIOS[i].play(&scene);
        check_eq(SCENARIOS[i].name, recorder_run_end(r, &sim, 0), 0);
    }
    recorder_run_begin(r, EMPTY_RUN, 1, EMPTY_RUN, 1);
    const struct sim sim = two_hosts(0);
    recorder_run_end(r, &sim, 0);
    recorder_close(r, "ok", &e);
    check_str("closes", e.text, "");
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every state against every kind of segment: what comes back, what the application is told,
 * where the state goes.
 *
 * Expected by RFC 9293 §3.10.7 with RFC 5961 in it, read clause by clause. In a row $U is
 * SND.UNA, $N is SND.NXT, $R is RCV.NXT and $E the right edge of the receive window (RCV.NXT +
 * RCV.WND); $Z is sequence number 0.
 */
#include "tests/tcp/puppet.h"

#define DELACK_NONE "delack=0s rcvbuf=10000B msl=1s"

enum {
    CL = 1,
    LI = 2,
    SS = 4,
    SP = 8,
    SA = 16,
    ES = 32,
    F1 = 64,
    F2 = 128,
    CW = 256,
    CG = 512,
    LA = 1024,
    TW = 2048,
    EP = 4096
};
enum {
    OPENING = CL | LI | SS,
    HALF = SP | SA, /* SYN-RECEIVED, from LISTEN and from SYN-SENT */
    EST = ES | EP,  /* ESTABLISHED, active and passive */
    RECEIVING = EST | F1 | F2,
    LATE = CW | CG | LA | TW, /* the peer's FIN has come */
    SYNCHRONIZED = RECEIVING | LATE,
    LIVE = HALF | SYNCHRONIZED,
    ALL = OPENING | LIVE,
};

/* How to get there: the four ways out of ESTABLISHED use shutdown(), so that the application
 * goes on listening. */
static const struct state_row {
    int bit;
    const char *name, *way;
    int una, nxt, rcv_nxt;
} states[] = {
    {CL, "CLOSED", "show sent", 0, 0, 0},
    {LI, "LISTEN", "listen", 0, 0, 0},
    {SS, "SYN-SENT", "connect", 0, 1, 0},
    {SP, "SYN-RECEIVED", "listen; < S 0", 0, 1, 1},
    {SA, "SYN-RECEIVED", "connect; < S 0", 0, 1, 1},
    {ES, "ESTABLISHED", "connect; < SA 0 ack 1", 1, 1, 1},
    {EP, "ESTABLISHED", "listen; < S 0; < A 1 ack 1", 1, 1, 1},
    {F1, "FIN-WAIT-1", "connect; < SA 0 ack 1; shutdown wr", 1, 2, 1},
    {F2, "FIN-WAIT-2", "connect; < SA 0 ack 1; shutdown wr; < A 1 ack 2", 2, 2, 1},
    {CW, "CLOSE-WAIT", "connect; < SA 0 ack 1; < FA 1 ack 1", 1, 1, 2},
    {CG, "CLOSING", "connect; < SA 0 ack 1; shutdown wr; < FA 1 ack 1", 1, 2, 2},
    {LA, "LAST-ACK", "connect; < SA 0 ack 1; < FA 1 ack 1; shutdown wr", 1, 2, 2},
    {TW, "TIME-WAIT", "connect; < SA 0 ack 1; shutdown wr; < A 1 ack 2; < FA 1 ack 2", 2, 2, 2},
};

#define SAME NULL
#define ACK  "A $N ack $R" /* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */

/* clang-format off */
static const struct row {
    const char *kind;
    int states;
    const char *segment, *sends, *tells;
    const char *next; /* SAME, or the state after */
} rows[] = {
    /* ---- SYN */
    {"SYN",                   CL,           "S 0",               "RA $Z ack 1",  "",  SAME}, /* <SEQ=0><ACK=SEG.SEQ+SEG.LEN> */
    {"SYN",                   LI,           "S 0",               "SA 0 ack 1",   "",  "SYN-RECEIVED"},
    {"SYN",                   SS,           "S 0",               "SA 0 ack 1",   "",  "SYN-RECEIVED"}, /* figure 7 */
    {"SYN",                   LIVE,         "S 0",               ACK,            "",  SAME}, /* the old one: not acceptable */
    {"SYN at RCV.NXT",        SP,           "S $R",              "",             "",  "LISTEN"},
    {"SYN at RCV.NXT",        LIVE & ~SP,   "S $R",              ACK,            "",  SAME}, /* RFC 5961 §4: challenge */
    {"SYN in window",         SP,           "S $R+5",            "",             "",  "LISTEN"},
    {"SYN in window",         LIVE & ~SP,   "S $R+5",            ACK,            "",  SAME},
    {"SYN beyond window",     LIVE,         "S $E",              ACK,            "",  SAME},
    {"SYN and RST",           OPENING,      "SR 0",              "",             "",  SAME}, /* the RST is looked at first */
    {"SYN with data",         CL,           "S 0(10)",           "RA $Z ack 11", "",  SAME},
    {"SYN with data",         LI,           "S 0(10)",           "SA 0 ack 11",  "",  "SYN-RECEIVED"}, /* kept */
    {"SYN with data",         SS,           NULL,                "",             "",  SAME}, /* test_open.c */
    /* ---- SYN-ACK */
    {"SYN-ACK",               CL | LI,      "SA 0 ack 1",        "R 1",          "",  SAME}, /* <SEQ=SEG.ACK><CTL=RST> */
    {"SYN-ACK",               SS,           "SA 0 ack 1",        "A 1 ack 1",    "connected", "ESTABLISHED"},
    {"SYN-ACK",               SP,           "SA 0 ack 1",        "A 1 ack 1",    "",  SAME}, /* not acceptable: an ACK */
    {"SYN-ACK",               SA,           "SA 0 ack 1",        "A 1 ack 1",    "connected", "ESTABLISHED"}, /* stated deviation */
    {"SYN-ACK",               SYNCHRONIZED, "SA 0 ack 1",        ACK,            "",  SAME},
    {"SYN-ACK of no SYN",     OPENING,      "SA 0 ack 2",        "R 2",          "",  SAME},
    {"SYN-ACK of no SYN",     HALF,         "SA 0 ack 2",        NULL,           "",  SAME}, /* the RST of its ACK */
    {"SYN-ACK of no SYN",     SYNCHRONIZED, "SA 0 ack 3",        ACK,            "",  SAME},
    {"SYN-ACK of ISS",        OPENING,      "SA 0 ack 0",        "R 0",          "",  SAME}, /* SEG.ACK =< ISS */
    {"SYN-ACK in window",     SP,           "SA $R+5 ack $N",    "",             "",  "LISTEN"},
    {"SYN-ACK in window",     LIVE & ~SP,   "SA $R+5 ack $N",    ACK,            "",  SAME},
    /* ---- RST */
    {"RST",                   OPENING,      "R 0",               "",             "",  SAME},
    {"RST with good ACK",     CL | LI,      "RA 0 ack 1",        "",             "",  SAME},
    {"RST with good ACK",     SS,           "RA 0 ack 1",        "",             "error:ECONNREFUSED", "CLOSED"},
    {"RST with bad ACK",      OPENING,      "RA 0 ack 2",        "",             "",  SAME},
    {"RST with ACK of ISS",   OPENING,      "RA 0 ack 0",        "",             "",  SAME},
    {"RST exact",             SP,           "R $R",              "",             "",  "LISTEN"},
    {"RST exact",             SA,           "R $R",              "",             "error:ECONNREFUSED", "CLOSED"},
    {"RST exact",             EST | F1 | F2 | CW | CG | LA, "R $R", "",             "error:ECONNRESET",   "CLOSED"},
    {"RST exact",             TW,           "R $R",              "",             "closed",      "CLOSED"},
    {"RST with data",         SP,                "R $R(10)",          "",             "",  "LISTEN"}, /* SHLD-2 */
    {"RST with data",         SA,                "R $R(10)",          "",             "error:ECONNREFUSED", "CLOSED"},
    {"RST with data",         TW,                "R $R(10)",          "",             "closed",      "CLOSED"},
    {"RST with data",         EST | F1 | F2 | CW | CG | LA, "R $R(10)", "",         "error:ECONNRESET",   "CLOSED"},
    {"RST exact, bad ACK",    SP,           "RA $R ack $N+7",    "",             "",  "LISTEN"}, /* RST before ACK */
    {"RST exact, bad ACK",    SA,           "RA $R ack $N+7",    "",             "error:ECONNREFUSED", "CLOSED"},
    {"RST exact, bad ACK",    EST | F1 | F2 | CW | CG | LA, "RA $R ack $N+7", "",     "error:ECONNRESET",   "CLOSED"},
    {"RST exact, bad ACK",    TW,           "RA $R ack $N+7",    "",             "closed",      "CLOSED"},
    {"RST in window",         LIVE,         "R $R+1",            ACK,            "",  SAME}, /* RFC 5961 §3: challenge */
    {"RST last in window",    LIVE,         "R $E-1",            ACK,            "",  SAME},
    {"RST beyond window",     LIVE,         "R $E",              "",             "",  SAME},
    {"RST before window",     LIVE,         "R $R-1",            "",             "",  SAME},
    /* ---- ACK */
    {"ACK",                   CL | LI,      "A 1 ack 1",         "R 1",          "",  SAME},
    {"ACK",                   SS,           "A 1 ack 1",         "",             "",  SAME}, /* fifth: neither SYN nor RST */
    {"ACK of nothing sent",   OPENING,      "A 1 ack 2",         "R 2",          "",  SAME},
    {"ACK of nothing new",    HALF,         "A $R ack $U",       "R $U",         "",  SAME},
    {"ACK of nothing new",    SYNCHRONIZED, "A $R ack $U",       "",             "",  SAME},
    {"ACK of all",            SP,           "A $R ack $N",       "",             "accepted",  "ESTABLISHED"},
    {"ACK of all",            SA,           "A $R ack $N",       "",             "connected", "ESTABLISHED"},
    {"ACK of all",            EST | F2 | CW | TW, "A $R ack $N", "",             "",  SAME},
    {"ACK of all",            F1,           "A $R ack $N",       "",             "",  "FIN-WAIT-2"},
    {"ACK of all",            CG,           "A $R ack $N",       "",             "",  "TIME-WAIT"},
    {"ACK of all",            LA,           "A $R ack $N",       "",             "closed", "CLOSED"},
    {"ACK beyond SND.NXT",    HALF,         "A $R ack $N+1",     "R $N+1",       "",  SAME},
    {"ACK beyond SND.NXT",    SYNCHRONIZED, "A $R ack $N+1",     ACK,            "",  SAME},
    {"oldest ACK allowed",    HALF,         "A $R ack $U-65535", "R $U-65535",   "",  SAME},
    {"oldest ACK allowed",    SYNCHRONIZED, "A $R ack $U-65535", "",             "",  SAME}, /* SND.UNA - MAX.SND.WND */
    {"ACK older than that",   HALF,         "A $R ack $U-65536", "R $U-65536",   "",  SAME},
    {"ACK older than that",   SYNCHRONIZED, "A $R ack $U-65536", ACK,            "",  SAME}, /* RFC 5961 §5 */
    {"ACK before window",     LIVE,         "A $R-1 ack $N",     ACK,            "",  SAME},
    {"ACK beyond window",     LIVE,         "A $E ack $N",       ACK,            "",  SAME},
    {"ACK at window's end",   HALF,         "A $E-1 ack $U",     "R $U",         "",  SAME},
    {"ACK at window's end",   SYNCHRONIZED & ~TW, "A $E-1 ack $U", "",           "",  SAME},
    {"ACK at window's end",   TW,           "A $E-1 ack $U",     ACK,            "",  SAME}, /* fifth: only the FIN again can come */
    {"no flags",              CL,           "- 1",               "RA $Z ack 1",  "",  SAME},
    {"no flags",              LI | SS,      "- 1",               "",             "",  SAME},
    {"no flags",              LIVE,         "- $R",              "",             "",  SAME}, /* "if the ACK bit is off, drop" */
    /* ---- data */
    {"data without ACK",      CL,           "- 1(10)",           "RA $Z ack 11", "",  SAME},
    {"data without ACK",      LI | SS,      "- 1(10)",           "",             "",  SAME},
    {"data without ACK",      LIVE,         "- $R(10)",          "",             "",  SAME},
    {"new data",              HALF,         "PA $R(100) ack $U", "R $U",         "",  SAME},
    {"new data",              RECEIVING,    "PA $R(100) ack $U", "A $N ack 101", "readable", SAME},
    {"new data",               LATE & ~TW,   "PA $R(100) ack $U", "",             "",  SAME}, /* "ignore the segment text" */
    {"new data",               TW,           "PA $R(100) ack $U", ACK,            "",  SAME},
    {"data and ACK of all",   SP,           "PA $R(100) ack $N", "A 1 ack 101",  "accepted readable",  "ESTABLISHED"},
    {"data and ACK of all",   SA,           "PA $R(100) ack $N", "A 1 ack 101",  "connected readable", "ESTABLISHED"},
    {"data and ACK of all",   EST | F2,     "PA $R(100) ack $N", "A $N ack 101", "readable", SAME},
    {"data and ACK of all",   F1,           "PA $R(100) ack $N", "A 2 ack 101",  "readable", "FIN-WAIT-2"},
    {"data and ACK of all",    CW,           "PA $R(100) ack $N", "",             "",  SAME},
    {"data and ACK of all",    TW,           "PA $R(100) ack $N", ACK,            "",  SAME},
    {"data and ACK of all",   CG,           "PA $R(100) ack $N", "",             "",  "TIME-WAIT"},
    {"data and ACK of all",   LA,           "PA $R(100) ack $N", "",             "closed", "CLOSED"},
    {"data, bad ACK",         HALF,         "PA $R(100) ack $N+1", "R $N+1",     "",  SAME},
    {"data, bad ACK",         SYNCHRONIZED, "PA $R(100) ack $N+1", ACK,          "",  SAME},
    {"old data",              LIVE,         "PA $R-10(10) ack $N", ACK,          "",  SAME},
    {"overlaps on the left",  HALF,         "PA $R-10(20) ack $U", "R $U",       "",  SAME},
    {"overlaps on the left",  RECEIVING,    "PA $R-10(20) ack $U", "A $N ack 11", "readable", SAME},
    {"overlaps on the left",   LATE & ~TW,   "PA $R-10(20) ack $U", "",             "",  SAME},
    {"overlaps on the left",   TW,           "PA $R-10(20) ack $U", ACK,            "",  SAME},
    {"overlaps on the right", HALF,         "PA $E-10(20) ack $U", "R $U",       "",  SAME},
    {"overlaps on the right", RECEIVING,    "PA $E-10(20) ack $U", ACK,          "",  SAME}, /* out of order: at once */
    {"overlaps on the right",  LATE & ~TW,   "PA $E-10(20) ack $U", "",             "",  SAME},
    {"overlaps on the right",  TW,           "PA $E-10(20) ack $U", ACK,            "",  SAME},
    {"data beyond window",    LIVE,         "PA $E(10) ack $N",  ACK,            "",  SAME},
    {"round the window",      LIVE,         "PA $R-1(10002) ack $N", ACK,        "",  SAME}, /* neither end lies in it */
    {"out of order",          HALF,         "PA $R+50(10) ack $U", "R $U",       "",  SAME},
    {"out of order",          RECEIVING,    "PA $R+50(10) ack $U", ACK,          "",  SAME},
    {"out of order",           LATE & ~TW,   "PA $R+50(10) ack $U", "",             "",  SAME},
    {"out of order",           TW,           "PA $R+50(10) ack $U", ACK,            "",  SAME},
    /* ---- FIN */
    {"FIN without ACK",       CL,           "F 1",               "RA $Z ack 2",  "",  SAME},
    {"FIN without ACK",       LI | SS,      "F 1",               "",             "",  SAME},
    {"FIN without ACK",       LIVE,         "F $R",              "",             "",  SAME},
    {"FIN",                   CL | LI,      "FA 1 ack 1",        "R 1",          "",  SAME},
    {"FIN",                   SS,           "FA 1 ack 1",        "",             "",  SAME},
    {"FIN",                   HALF,         "FA $R ack $U",      "R $U",         "",  SAME},
    {"FIN",                   EST,          "FA $R ack $U",      "A 1 ack 2",    "eof", "CLOSE-WAIT"},
    {"FIN",                   F1,           "FA $R ack $U",      "A 2 ack 2",    "eof", "CLOSING"},
    {"FIN",                   F2,           "FA $R ack $U",      "A 2 ack 2",    "eof", "TIME-WAIT"},
    {"FIN",                   LATE,         "FA $R-1 ack $N",    ACK,            "",  SAME}, /* the same again */
    {"FIN and ACK of all",    SP,           "FA $R ack $N",      "A 1 ack 2",    "accepted eof",  "CLOSE-WAIT"},
    {"FIN and ACK of all",    SA,           "FA $R ack $N",      "A 1 ack 2",    "connected eof", "CLOSE-WAIT"},
    {"FIN and ACK of all",    EST,          "FA $R ack $N",      "A 1 ack 2",    "eof", "CLOSE-WAIT"},
    {"FIN and ACK of all",    F1 | F2,      "FA $R ack $N",      "A 2 ack 2",    "eof", "TIME-WAIT"},
    {"FIN and ACK of all",    LATE,         "FPA $R-11(10) ack $N", ACK,         "",  SAME},
    {"FIN with data",         HALF,         "FPA $R(100) ack $U", "R $U",        "",  SAME},
    {"FIN with data",         EST,          "FPA $R(100) ack $U", "A 1 ack 102", "readable eof", "CLOSE-WAIT"},
    {"FIN with data",         F1,           "FPA $R(100) ack $U", "A 2 ack 102", "readable eof", "CLOSING"},
    {"FIN with data",         F2,           "FPA $R(100) ack $U", "A 2 ack 102", "readable eof", "TIME-WAIT"},
    {"FIN with data",         LATE,         "FPA $R(100) ack $N+1", ACK,         "",  SAME}, /* its ACK is wrong */
    {"FIN out of order",      HALF,         "FA $R+5 ack $U",    "R $U",         "",  SAME},
    {"FIN out of order",      RECEIVING,    "FA $R+5 ack $U",    ACK,            "",  SAME}, /* RFC 5681 §4.2: at once */
    {"FIN out of order",      LATE,         "FA $R+5 ack $N+1",  ACK,            "",  SAME},
    {"FIN behind the window", HALF,         "FPA $E-10(10) ack $U", "R $U",      "",  SAME},
    {"FIN behind the window", RECEIVING,    "FPA $E-10(10) ack $U", ACK,         "",  SAME},
    {"FIN behind the window", LATE,         "FA $E ack $N",      ACK,            "",  SAME},
};
/* clang-format on */

static void check_row(const struct row *r, const struct state_row *s, uint32_t iss,
                      uint32_t irs)
{
    struct puppet p;
    char story[256], text[256];
    snprintf(story, sizeof story, "%s in %s (\"%s\"; ISN %u, peer's %u)", r->kind, s->name,
             s->way, iss, irs);
    puppet_init(&p, story, DELACK_NONE, iss, irs);
    p.sym['U' - 'A'] = s->una;
    p.sym['N' - 'A'] = s->nxt;
    p.sym['R' - 'A'] = s->rcv_nxt;
    p.sym['E' - 'A'] = 10001; /* 1 + rcvbuf */
    p.sym['Z' - 'A'] = (int32_t)(0 - iss);
    puppet_do(&p, 0, s->way);
    check_str(story, puppet_state(&p), s->name);
    snprintf(text, sizeof text, "< %s", r->segment);
    puppet_do(&p, 0, text);
    if (r->sends != NULL)
        check_str(story, p.sent, puppet_expand(&p, r->sends, text, sizeof text));
    check_str(story, p.told, r->tells);
    check_str(story, puppet_state(&p), r->next == SAME ? s->name : r->next);
    puppet_fini(&p);
}

static void every_state_meets_every_segment(void **state)
{
    static const uint32_t isns[] = {1000, 0xffffffff, 0xfffffff8, 0x7ffffffd};
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++)
        for (const struct state_row *s = states; s < states + ARRAY_LEN(states); s++)
            for (size_t i = 0; r->segment != NULL && (r->states & s->bit) != 0 && i < 16; i++)
                check_row(r, s, isns[i / 4], isns[i % 4]);
}

/* Each kind stands once for each state before, or each state after the first SYN, or all. */
static void the_table_is_complete(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        int seen = 0;
        for (const struct row *q = rows; q < rows + ARRAY_LEN(rows); q++) {
            if (strcmp(q->kind, r->kind) != 0)
                continue;
            check_eq(r->kind, seen & q->states, 0);
            seen |= q->states;
        }
        check_true(r->kind, seen == OPENING || seen == LIVE || seen == ALL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_segment),
        cmocka_unit_test(the_table_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

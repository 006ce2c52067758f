-- SPDX-License-Identifier: GPL-3.0-or-later
-- schema.sql -- the result file. What a reader may rely on are the views; the row_ tables under
-- them may change.
--
--   A view's run_id is run.id, the rank of (point, replication) from 1. Times end in _ns:
--   integer nanoseconds from the start of the run. Texts that repeat stand once in row_text. An
--   address is prefix * 2^32 + its low 32 bits; prefix 0 is IPv4, others stand in row_prefix;
--   $address stands for the expression that makes its text of it (output/schema.h).
--   The key of a row that belongs to a run is run * 2^32 + its number within the run, so that
--   `WHERE run_id = 7` is a range of keys and rows lie in the order in which they happened,
--   without an index. Records of all types share one count, so the order of simultaneous ones
--   in different tables is kept too.
--
-- A record type that has no table here gets its own, row_NAME, and a view NAME(run_id, t_ns,
-- its fields...). A later version of this schema adds columns and views and raises
-- user_version; it takes nothing away.

PRAGMA application_id = 1751215206; -- "half"
PRAGMA user_version = 2;

CREATE TABLE row_text (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- What was asked.
CREATE TABLE row_experiment (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, config TEXT NOT NULL,
    config_sha256 TEXT NOT NULL, seed INTEGER NOT NULL, status TEXT NOT NULL) STRICT;
CREATE TABLE row_point (id INTEGER PRIMARY KEY, variant TEXT, label TEXT NOT NULL) STRICT;
CREATE TABLE row_param (
    id INTEGER PRIMARY KEY, point INTEGER NOT NULL, key TEXT NOT NULL,
    value TEXT NOT NULL) STRICT;

-- A seed is a 64-bit pattern; SQLite's integers are signed.
CREATE VIEW experiment AS
SELECT id, name, config, config_sha256, iif(seed < 0, format('%u', seed), seed) AS seed, status
FROM row_experiment;
CREATE VIEW point AS SELECT id, variant, label FROM row_point;
CREATE VIEW param AS SELECT point, key, value FROM row_param ORDER BY point, id;

-- What was run.
CREATE TABLE row_run (
    id INTEGER PRIMARY KEY, point INTEGER NOT NULL, replication INTEGER NOT NULL,
    seed INTEGER NOT NULL, status TEXT NOT NULL, sim_end_ns INTEGER, n_events INTEGER) STRICT;
CREATE TABLE row_host_fact (
    run INTEGER PRIMARY KEY, cpu_s REAL, created_at TEXT NOT NULL, version TEXT NOT NULL,
    machine TEXT NOT NULL, kernel TEXT NOT NULL) STRICT;
CREATE TABLE row_subject (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL) STRICT;

CREATE VIEW run AS
SELECT id, point, replication, iif(seed < 0, format('%u', seed), seed) AS seed, status,
       sim_end_ns, n_events
FROM row_run;
-- All that differs from machine to machine and from day to day, and nothing else; not in a
-- dump.
CREATE VIEW host_fact AS
SELECT run AS run_id, cpu_s, created_at, version, machine, kernel FROM row_host_fact;
-- Whatever rows can be about: hosts, routers, links, faults and apps, in the order of declaration.
CREATE VIEW subject AS
SELECT r.id AS run_id, s.id & 0xffffffff AS subject, s.kind, s.name
FROM row_run r CROSS JOIN row_subject s
     ON s.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff;
CREATE VIEW host AS SELECT run_id, subject, name FROM subject WHERE kind = 'host';
CREATE VIEW router AS SELECT run_id, subject, name FROM subject WHERE kind = 'router';
CREATE VIEW link AS SELECT run_id, subject, name FROM subject WHERE kind = 'link';
CREATE VIEW app AS SELECT run_id, subject, name FROM subject WHERE kind = 'app';
CREATE VIEW fault AS SELECT run_id, subject, name FROM subject WHERE kind = 'fault';

-- What came out.
CREATE TABLE row_metric (
    id INTEGER PRIMARY KEY, subject INTEGER NOT NULL, name INTEGER NOT NULL,
    unit INTEGER NOT NULL, num INTEGER, den INTEGER, text TEXT) STRICT;
CREATE TABLE row_expectation (
    id INTEGER PRIMARY KEY, point INTEGER NOT NULL, metric TEXT NOT NULL, op TEXT NOT NULL,
    want TEXT, tol TEXT, got TEXT, n INTEGER NOT NULL, verdict TEXT NOT NULL,
    source TEXT NOT NULL) STRICT;

-- value is an integer in `unit` ("ns", "B", ... ; a fraction's is 1e-12), a ratio of two
-- integers, a text, or NULL: it did not happen. A ratio's integers stand in num and den.
CREATE VIEW metric AS
SELECT r.id AS run_id, s.value AS subject, n.value AS name,
       coalesce(m.text, iif(m.den = 1, m.num, CAST(m.num AS REAL) / m.den)) AS value,
       u.value AS unit, m.num, m.den
FROM row_run r CROSS JOIN row_metric m
     ON m.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff
CROSS JOIN row_text s ON s.id = m.subject CROSS JOIN row_text n ON n.id = m.name
CROSS JOIN row_text u ON u.id = m.unit;
CREATE VIEW expectation AS
SELECT point, metric, op, want, tol, got, n, verdict, source FROM row_expectation ORDER BY id;

-- Records. Columns are those of the record types, in any order; the recorder fills them by
-- name.
CREATE TABLE row_conn (
    id INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, conn INTEGER, host INTEGER, app INTEGER,
    passive INTEGER, local INTEGER, local_port INTEGER, remote INTEGER,
    remote_port INTEGER) STRICT;
CREATE TABLE row_transition (
    id INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, host INTEGER, conn INTEGER,
    from_state INTEGER, to_state INTEGER, cause INTEGER) STRICT;
CREATE TABLE row_segment (
    id INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, link INTEGER, event INTEGER, packet INTEGER,
    parent INTEGER, proto INTEGER, conn INTEGER, src INTEGER, dst INTEGER, sport INTEGER,
    dport INTEGER, ttl INTEGER, flags INTEGER, seq INTEGER, ack INTEGER, len INTEGER,
    win INTEGER, options BLOB, stream INTEGER, offset INTEGER, bytes INTEGER, cause INTEGER,
    injected_by INTEGER) STRICT;
CREATE TABLE row_sample (
    id INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, subject INTEGER, name INTEGER,
    value INTEGER) STRICT;
CREATE TABLE row_event (
    id INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, subject INTEGER, conn INTEGER, kind INTEGER,
    detail INTEGER) STRICT;

-- The first 96 bits of IPv6 addresses: the text of the address whose last 32 bits are 0, and
-- what stands before the last group of others, or, where they have two groups, before those.
CREATE TABLE row_prefix (
    id INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, prefix INTEGER, zero INTEGER, low INTEGER,
    high INTEGER) STRICT;
CREATE INDEX row_prefix_by_number ON row_prefix (prefix);
CREATE VIEW prefix AS
SELECT r.id AS run_id, p.t_ns, p.prefix,
       (SELECT value FROM row_text WHERE id = p.zero) AS zero,
       (SELECT value FROM row_text WHERE id = p.low) AS low,
       (SELECT value FROM row_text WHERE id = p.high) AS high
FROM row_run r CROSS JOIN row_prefix p
     ON p.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff;

-- A connection's incarnation at one end; its number is also the name of the stream that it
-- sends.
CREATE VIEW conn AS
SELECT r.id AS run_id, c.t_ns, c.conn,
       (SELECT name FROM row_subject WHERE id = (r.id << 32) + c.host) AS host,
       (SELECT name FROM row_subject WHERE id = (r.id << 32) + c.app) AS app, c.passive,
       $address(c.local) AS local, c.local_port, $address(c.remote) AS remote, c.remote_port
FROM row_run r CROSS JOIN row_conn c
     ON c.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff;

CREATE VIEW stream AS SELECT run_id, conn AS stream, conn, host, app FROM conn;

CREATE VIEW transition AS
SELECT r.id AS run_id, t.t_ns,
       (SELECT name FROM row_subject WHERE id = (r.id << 32) + t.host) AS host, t.conn,
       (SELECT value FROM row_text WHERE id = t.from_state) AS from_state,
       (SELECT value FROM row_text WHERE id = t.to_state) AS to_state,
       (SELECT value FROM row_text WHERE id = t.cause) AS cause
FROM row_run r CROSS JOIN row_transition t
     ON t.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff;

-- event: send, recv, drop, dup, hold, release, delay, corrupt. flags is the wire's 9 bits,
-- flag_names tcpdump's words for them.
CREATE VIEW segment AS
SELECT r.id AS run_id, s.t_ns,
       (SELECT name FROM row_subject WHERE id = (r.id << 32) + s.link) AS link,
       (SELECT value FROM row_text WHERE id = s.event) AS event, s.packet, s.parent, s.proto,
       s.conn, $address(s.src) AS src, $address(s.dst) AS dst,
       s.ttl, s.flags, s.seq, s.ack, s.len, s.win, s.options, s.stream, s.offset,
       (SELECT value FROM row_text WHERE id = s.cause) AS cause,
       (SELECT name FROM row_subject WHERE id = (r.id << 32) + s.injected_by) AS injected_by,
       s.sport, s.dport, s.bytes,
       rtrim(iif(s.flags & 2, 'SYN,', '') || iif(s.flags & 1, 'FIN,', '') ||
             iif(s.flags & 4, 'RST,', '') || iif(s.flags & 8, 'PSH,', '') ||
             iif(s.flags & 16, 'ACK,', '') || iif(s.flags & 32, 'URG,', '') ||
             iif(s.flags & 64, 'ECE,', '') || iif(s.flags & 128, 'CWR,', '') ||
             iif(s.flags & 256, 'AE,', ''), ',') AS flag_names
FROM row_run r CROSS JOIN row_segment s
     ON s.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff;

CREATE VIEW sample AS
SELECT r.id AS run_id, s.t_ns,
       (SELECT name FROM row_subject WHERE id = (r.id << 32) + s.subject) AS subject,
       (SELECT value FROM row_text WHERE id = s.name) AS name, s.value
FROM row_run r CROSS JOIN row_sample s
     ON s.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff;

CREATE VIEW event AS
SELECT r.id AS run_id, e.t_ns,
       (SELECT name FROM row_subject WHERE id = (r.id << 32) + e.subject) AS subject,
       (SELECT value FROM row_text WHERE id = e.kind) AS kind,
       (SELECT value FROM row_text WHERE id = e.detail) AS detail, e.conn
FROM row_run r CROSS JOIN row_event e
     ON e.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff;

-- Derived: nothing of their own, so not in a dump.

-- A metric over the replications of its point. n counts those in which it has a value;
-- variance is the unbiased one (divided by n - 1), NULL when n < 2.
CREATE VIEW metric_by_point AS
WITH value AS (
    SELECT r.point, m.subject, m.name, m.unit, m.value,
           avg(m.value) OVER (PARTITION BY r.point, m.subject, m.name, m.unit) AS mean
    FROM metric m CROSS JOIN row_run r ON r.id = m.run_id
    WHERE typeof(m.value) <> 'text')
SELECT v.point, p.label, v.subject, v.name, count(v.value) AS n, v.mean,
       min(v.value) AS min, max(v.value) AS max, v.unit,
       sum((v.value - v.mean) * (v.value - v.mean)) / (count(v.value) - 1) AS variance
FROM value v CROSS JOIN row_point p ON p.id = v.point
GROUP BY v.point, v.subject, v.name, v.unit;

-- How long a connection stayed in each state; until_ns is NULL for the state in which the run
-- ended.
CREATE VIEW dwell AS
SELECT r.id AS run_id,
       (SELECT name FROM row_subject WHERE id = (r.id << 32) + t.host) AS host, t.conn,
       (SELECT value FROM row_text WHERE id = t.to_state) AS state, t.t_ns AS from_ns,
       lead(t.t_ns) OVER (PARTITION BY r.id, t.host, t.conn ORDER BY t.id) AS until_ns
FROM row_run r CROSS JOIN row_transition t
     ON t.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff;

-- The stays of a host's connections in a state: n, of which the run's end cut n_open short. One
-- of these says something of the others' length only when it is longer already than every
-- finished one: mean_ns, min_ns and max_ns are of the finished stays and such n_longer, whose
-- length counts up to the run's end. total_s is of all; divided by the run's length it is the
-- number of connections that were in the state on average.
CREATE VIEW dwell_by_state AS
WITH stay AS (
    SELECT d.run_id, d.host, d.state, d.until_ns IS NULL AS is_open,
           coalesce(d.until_ns, r.sim_end_ns) - d.from_ns AS ns,
           max(d.until_ns - d.from_ns) OVER (PARTITION BY d.run_id, d.host, d.state) AS longest
    FROM dwell d JOIN run r ON r.id = d.run_id),
known AS (SELECT *, NOT is_open OR longest IS NULL OR ns > longest AS counts FROM stay)
SELECT run_id, host, state, count(*) AS n, sum(is_open) AS n_open,
       sum(is_open AND counts) AS n_longer, avg(ns) FILTER (WHERE counts) AS mean_ns,
       min(ns) FILTER (WHERE counts) AS min_ns, max(ns) FILTER (WHERE counts) AS max_ns,
       total(ns) / 1e9 AS total_s
FROM known
GROUP BY run_id, host, state;

-- Bytes that a host sent once more: what they are, and when. A packet counts where it enters
-- the network, not on each link that it crosses.
CREATE VIEW retransmission AS
SELECT run_id, t_ns, packet, conn, stream, offset, len
FROM (SELECT run_id, t_ns, packet, conn, stream, offset, len,
             max(offset + len) OVER (PARTITION BY run_id, stream ORDER BY packet
                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS sent
      FROM (SELECT run_id, min(t_ns) AS t_ns, packet, conn, stream, offset, len
            FROM segment WHERE event = 'send' AND len > 0 AND stream > 0
            GROUP BY run_id, packet))
WHERE offset < sent;

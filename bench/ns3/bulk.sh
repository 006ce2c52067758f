#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What bulk.cc does in ns-3, for N flows, as an experiment of halfopen on standard output.
#
#   bulk.sh N
set -eu
cat <<YAML
name: bulk-$1
topology:
  dumbbell:
    pairs: $1
    access: {delay: 10ms, rate: 1Gbit, queue: 10000}
    bottleneck: {delay: 10ms, rate: 100Mbit, queue: 500}
tcp: {congestion_control: reno, sack: yes, window_scaling: yes, rcvbuf: 4MiB, sndbuf: 4MiB}
apps:
YAML
i=0
while [ $i -lt "$1" ]; do
    at=$((10 * i))ms
    i=$((i + 1))
    echo "  sink$i: {kind: server, host: server$i, port: 5000}"
    echo "  flow$i: {kind: bulk, host: client$i, to: sink$i, at: $at, close: never}"
done
echo "stop: 60s"
echo "record: metrics"

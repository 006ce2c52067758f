/* SPDX-License-Identifier: GPL-3.0-or-later
 * bulk.cc -- ns-3's side of the bulk transfers over a dumbbell; bench/ns3/bulk.sh has ours.
 *
 *   sender 1 --1 Gbit/s--\                                 /--1 Gbit/s-- receiver 1
 *        ...              left --100 Mbit/s, 500 packets-- right           ...
 *   sender n ------------/            10 ms a hop          \------------ receiver n
 *
 * NewReno, SACK, no timestamps, MSS 1460, initial window 10, buffers of 4 MiB; flow i starts at
 * 10 i ms. Prints one line of key=value.
 */
#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

#include <cstdio>

#include "usage.h"

using namespace ns3;

static const uint32_t MSS = 1460;
static uint64_t n_drops = 0;

static void OnDrop(Ptr<const Packet>)
{
    n_drops++;
}

static void Configure()
{
    Config::SetDefault("ns3::TcpL4Protocol::SocketType",
                       TypeIdValue(TypeId::LookupByName("ns3::TcpNewReno")));
    Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(true));
    Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(MSS));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(4 << 20));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(4 << 20));
}

static PointToPointHelper Wire(const char *rate, const char *queue)
{
    PointToPointHelper p;
    p.SetDeviceAttribute("DataRate", StringValue(rate));
    p.SetChannelAttribute("Delay", StringValue("10ms"));
    p.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue(queue));
    return p;
}

/* Two nodes, a network of their own, no queue discipline above the device's queue. */
static Ipv4InterfaceContainer Join(PointToPointHelper &wire, Ptr<Node> a, Ptr<Node> b,
                                   const std::string &network)
{
    NetDeviceContainer devices = wire.Install(a, b);
    Ipv4AddressHelper address(network.c_str(), "255.255.255.0");
    Ipv4InterfaceContainer interfaces = address.Assign(devices);
    TrafficControlHelper().Uninstall(devices);
    return interfaces;
}

int main(int argc, char **argv)
{
    uint32_t n = 10;
    double seconds = 60;
    CommandLine cmd(__FILE__);
    cmd.AddValue("n", "flows", n);
    cmd.AddValue("seconds", "simulated time", seconds);
    cmd.Parse(argc, argv);
    Configure();

    NodeContainer senders(n), receivers(n), routers(2);
    InternetStackHelper().InstallAll();
    PointToPointHelper access = Wire("1Gbps", "10000p"), bottleneck = Wire("100Mbps", "500p");
    Join(bottleneck, routers.Get(0), routers.Get(1), "10.0.0.0");
    /* Without a discipline of its own this layer is what finds the device's queue full. */
    routers.Get(0)->GetObject<TrafficControlLayer>()->TraceConnectWithoutContext(
        "TcDrop", MakeCallback(&OnDrop));

    ApplicationContainer sinks;
    for (uint32_t i = 0; i < n; i++) {
        const std::string net = std::to_string(i) + ".0";
        Join(access, senders.Get(i), routers.Get(0), "10.1." + net);
        Ipv4Address to = Join(access, routers.Get(1), receivers.Get(i), "10.2." + net).GetAddress(1);
        PacketSinkHelper sink("ns3::TcpSocketFactory",
                              InetSocketAddress(Ipv4Address::GetAny(), 5000));
        sinks.Add(sink.Install(receivers.Get(i)));
        BulkSendHelper bulk("ns3::TcpSocketFactory", InetSocketAddress(to, 5000));
        bulk.SetAttribute("SendSize", UintegerValue(10 * MSS));
        bulk.Install(senders.Get(i)).Start(MilliSeconds(10 * i));
    }
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();

    const double began = user_seconds();
    Simulator::Stop(Seconds(seconds));
    Simulator::Run();
    const double user = user_seconds() - began;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += DynamicCast<PacketSink>(sinks.Get(i))->GetTotalRx();
    printf("user_s=%.3f segments=%.0f goodput_mbps=%.3f drops=%lu\n", user, double(bytes) / MSS,
           double(bytes) * 8 / seconds / 1e6, n_drops);
    return 0;
}

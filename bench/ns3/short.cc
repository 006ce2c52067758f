/* SPDX-License-Identifier: GPL-3.0-or-later
 * short.cc -- ns-3's side of the short connections; bench/ns3/short.yaml has ours.
 *
 *   client 1..8 --1 Gbit/s, 10 ms-- router --1 Gbit/s, 10 ms-- server
 *
 * Connections arrive as a Poisson process of 1000/s, the clients in turn: connect, a request of
 * 100 B, a reply of 10 kB, the server closes first, then the client. Prints one line of
 * key=value.
 */
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

#include <cstdio>
#include <unistd.h>
#include <unordered_map>

#include "usage.h"

using namespace ns3;

static const uint32_t REQUEST = 100, REPLY = 10000, N_CLIENTS = 8;
static const double PER_SECOND = 1000;
static uint64_t n_connections = 10000, n_begun = 0, n_done = 0, n_failed = 0;
static std::unordered_map<Socket *, uint32_t> got; /* bytes, by socket of either side */
static NodeContainer clients;
static Address server_address;
static Ptr<ExponentialRandomVariable> gap;

static void Gone(Ptr<Socket> s)
{
    got.erase(PeekPointer(s));
}

static void Broken(Ptr<Socket> s)
{
    n_failed++;
    Gone(s);
}

static uint32_t Read(Ptr<Socket> s)
{
    uint32_t &sum = got[PeekPointer(s)];
    for (Ptr<Packet> p = s->Recv(); p && p->GetSize() > 0; p = s->Recv())
        sum += p->GetSize();
    return sum;
}

static void ServerReads(Ptr<Socket> s)
{
    if (Read(s) == REQUEST) {
        s->Send(Create<Packet>(REPLY));
        s->Close();
    }
}

static void ServerAccepts(Ptr<Socket> s, const Address &)
{
    s->SetRecvCallback(MakeCallback(&ServerReads));
    s->SetCloseCallbacks(MakeCallback(&Gone), MakeCallback(&Broken));
}

static void ClientConnected(Ptr<Socket> s)
{
    s->Send(Create<Packet>(REQUEST));
}

static void ClientReads(Ptr<Socket> s)
{
    const uint32_t before = got[PeekPointer(s)];
    n_done += Read(s) == REPLY && before < REPLY;
}

static void ClientSeesClose(Ptr<Socket> s)
{
    s->Close();
    Gone(s);
}

static void Begin()
{
    Ptr<Socket> s =
        Socket::CreateSocket(clients.Get(n_begun % N_CLIENTS), TcpSocketFactory::GetTypeId());
    s->SetConnectCallback(MakeCallback(&ClientConnected), MakeCallback(&Broken));
    s->SetRecvCallback(MakeCallback(&ClientReads));
    s->SetCloseCallbacks(MakeCallback(&ClientSeesClose), MakeCallback(&Broken));
    n_failed += s->Connect(server_address) != 0;
    if (++n_begun < n_connections)
        Simulator::Schedule(Seconds(gap->GetValue()), &Begin);
}

static Ipv4InterfaceContainer Join(Ptr<Node> a, Ptr<Node> b, const std::string &network)
{
    PointToPointHelper wire;
    wire.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
    wire.SetChannelAttribute("Delay", StringValue("10ms"));
    wire.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("10000p"));
    NetDeviceContainer devices = wire.Install(a, b);
    Ipv4AddressHelper address(network.c_str(), "255.255.255.0");
    Ipv4InterfaceContainer interfaces = address.Assign(devices);
    TrafficControlHelper().Uninstall(devices);
    return interfaces;
}

static void Build(double msl)
{
    Config::SetDefault("ns3::TcpL4Protocol::SocketType",
                       TypeIdValue(TypeId::LookupByName("ns3::TcpNewReno")));
    Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
    Config::SetDefault("ns3::TcpSocketBase::MaxSegLifetime", DoubleValue(msl));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1460));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
    NodeContainer router(1), server(1);
    clients.Create(N_CLIENTS);
    InternetStackHelper().InstallAll();
    Ipv4InterfaceContainer last = Join(router.Get(0), server.Get(0), "10.0.0.0");
    server_address = InetSocketAddress(last.GetAddress(1), 80);
    for (uint32_t i = 0; i < N_CLIENTS; i++)
        Join(clients.Get(i), router.Get(0), "10.1." + std::to_string(i) + ".0");
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();

    static Ptr<Socket> listener =
        Socket::CreateSocket(server.Get(0), TcpSocketFactory::GetTypeId());
    listener->Bind(InetSocketAddress(Ipv4Address::GetAny(), 80));
    listener->Listen();
    listener->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address &>(),
                                MakeCallback(&ServerAccepts));
    gap = CreateObject<ExponentialRandomVariable>();
    gap->SetAttribute("Mean", DoubleValue(1 / PER_SECOND));
    gap->SetStream(7);
}

int main(int argc, char **argv)
{
    double msl = 120;
    CommandLine cmd(__FILE__);
    cmd.AddValue("n", "connections", n_connections);
    cmd.AddValue("msl", "maximum segment lifetime, seconds", msl);
    cmd.Parse(argc, argv);
    Build(msl);
    Simulator::Schedule(Seconds(gap->GetValue()), &Begin);
    const double began = user_seconds();
    Simulator::Stop(Seconds(n_connections / PER_SECOND + 5));
    Simulator::Run();
    printf("user_s=%.3f begun=%lu done=%lu failed=%lu\n", user_seconds() - began, n_begun, n_done,
           n_failed);
    fflush(stdout);
    _exit(0); /* taking apart a million objects is not the work that is measured */
}

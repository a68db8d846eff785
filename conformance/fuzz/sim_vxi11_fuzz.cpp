// SPDX-License-Identifier: MIT
// Whatever a client sends to the VXI-11 server of the bench, in whatever pieces, with a fault on or
// not: what comes back is whole records, unless a fault says otherwise, and the next client is
// served. First byte: how the input is cut (bits 0 to 3), a fault (bit 4, of the kind the last byte
// says). The rest is the stream of the core channel.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "tools/sim/description/described_instrument.h"
#include "tools/sim/rpc/xdr.h"
#include "tools/sim/scpi/pyvisa_instrument.h"
#include "tools/sim/vxi11/vxi11_core.h"
#include "tools/sim/vxi11/vxi11_server.h"

namespace {

using visa::sim::Clock;
using visa::sim::FileDescriptor;
using visa::sim::TcpServer;
using visa::sim::XdrReader;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::unique_ptr<visa::sim::Instrument> make_small() {
  static const auto kDescription = visa::sim::read_description(
      "[instrument]\nname=\"a\"\nidentity=\"A,B,C,D\"\ntrigger=\"acquire\"\n"
      "[vxi11]\ngpib=\"5,2\"\nlargest_answer=7\nmax_receive=64\n",
      "fuzz");
  return visa::sim::make_instrument(kDescription);
}

// A client's end of a connection that nobody accepted.
class Peer {
 public:
  Peer(visa::sim::Vxi11Server& server, TcpServer& tcp) : tcp_(tcp) {
    int ends[2];
    demand(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    own_ = FileDescriptor(ends[0]);
    auto core =
        std::make_unique<visa::sim::Vxi11Core>(server.registry(), tcp, FileDescriptor(ends[1]));
    core_ = core.get();
    tcp.adopt(std::move(core));
  }
  bool alive() const { return tcp_.clients() > 0; }
  void send(std::string_view bytes) {
    while (!bytes.empty() && alive()) {
      const ssize_t sent = ::send(own_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      serve();
    }
  }
  // Lets the server read, write and wait as long as that changes anything.
  void serve() {
    for (int i = 0; i < 100; ++i) {
      const std::size_t before = received.size();
      if (alive()) core_->on_events(EPOLLIN);
      if (alive()) core_->on_due(Clock::time_point::max());
      if (alive()) core_->on_events(EPOLLOUT);
      take();
      if (!alive() || received.size() == before) break;
    }
  }
  std::string received;

 private:
  void take() {
    char bytes[65536];
    for (ssize_t n = 0; (n = ::recv(own_.get(), bytes, sizeof bytes, 0)) > 0;) {
      received.append(bytes, static_cast<std::size_t>(n));
    }
  }
  TcpServer& tcp_;
  FileDescriptor own_;
  visa::sim::Vxi11Core* core_ = nullptr;
};

void check_records(std::string_view stream) {
  while (!stream.empty()) {
    const std::uint32_t mark = XdrReader(stream).number();
    const std::size_t length = mark & 0x7FFFFFFFU;
    demand((mark & 0x80000000U) != 0 && length % 4 == 0 && length >= 20);
    demand(length + 4 <= stream.size());
    XdrReader reply(stream.substr(4, length));
    reply.number();
    demand(reply.number() == 1 && reply.number() <= 1);
    stream.remove_prefix(length + 4);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned choice = data[0];
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  visa::sim::EventLoop loop;
  visa::sim::PyvisaInstrument first;
  const auto second = make_small();
  visa::sim::Vxi11Server server(loop, "127.0.0.1", 0, 0);
  visa::sim::Vxi11Description place;
  place.gpib = visa::sim::GpibAddress{3, std::nullopt};
  const auto wire = server.serve(first, &place, 0);
  place.gpib = visa::sim::GpibAddress{5, 2};
  place.largest_answer = 7;
  place.max_receive = 64;
  const auto other_wire = server.serve(*second, &place, 0);
  const bool faulty = (choice & 0x10U) != 0;
  if (faulty) {
    visa::sim::Fault fault;
    const auto kinds = visa::sim::fault_kinds(visa::sim::builtin_wires());
    fault.kind = kinds[data[size - 1] % kinds.size()];
    fault.error = data[size - 1] / 8;
    fault.count = 2;
    first.faults().add(fault);
    second->faults().add(fault);
  }
  TcpServer tcp(loop, "127.0.0.1", 0, {});
  {
    Peer peer(server, tcp);
    const std::size_t cut = (choice & 0x0FU) == 0 ? rest.size() : (choice & 0x0FU);
    while (!rest.empty() && peer.alive()) {
      peer.send(rest.substr(0, cut));
      rest.remove_prefix(std::min(cut, rest.size()));
    }
    if (!faulty) check_records(peer.received);
    demand(server.registry().budget().used() <= visa::sim::Vxi11Registry::kRecordBudget);
  }
  return 0;
}

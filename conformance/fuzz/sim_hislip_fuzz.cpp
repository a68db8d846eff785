// SPDX-License-Identifier: MIT
// Whatever clients send to the HiSLIP server of the bench, on both channels of two sessions and on
// connections that are none yet, in whatever pieces, with a fault on or not: what comes back is
// whole messages, unless a fault says otherwise, and the next client is served.
//
// First byte: a fault (bit 4, of the kind the last byte says), overlap mode (bit 5), a raw first
// connection (bit 6), an instrument with TLS (bit 7). Then pieces: a byte whose bits 0 to 2 say
// which connection, bit 7 that a header is made (type, control and id from three bytes, else raw),
// and the others how long it is.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/description/described_instrument.h"
#include "tools/sim/hislip/hislip_connection.h"
#include "tools/sim/hislip/hislip_server.h"
#include "tools/sim/scpi/pyvisa_instrument.h"

namespace {

using visa::sim::Clock;
using visa::sim::FileDescriptor;
using visa::sim::HislipHeader;
using visa::sim::HislipType;
using visa::sim::TcpServer;

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string message(HislipType type, std::uint8_t control, std::uint32_t parameter,
                    std::string_view payload) {
  const auto head = visa::sim::hislip_bytes(
      {static_cast<std::uint8_t>(type), control, parameter, payload.size()});
  return std::string(head.data(), head.size()) + std::string(payload);
}

// A client's end of a connection that nobody accepted, and the server's.
class Peer {
 public:
  explicit Peer(visa::sim::HislipServer& server) : server_(server) {
    int ends[2];
    demand(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    own_ = FileDescriptor(ends[0]);
    auto made = std::make_unique<visa::sim::HislipConnection>(server.registry(), server.tcp(),
                                                              FileDescriptor(ends[1]));
    connection_ = made.get();
    server.tcp().adopt(std::move(made));
  }

  bool alive() const {
    bool found = false;
    server_.tcp().for_each([&](const auto& one) { found = found || &one == connection_; });
    return found;
  }
  void send(std::string_view bytes) {
    for (int i = 0; i < 64 && !bytes.empty() && alive(); ++i) {
      const ssize_t sent = ::send(own_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      serve(EPOLLIN);
    }
  }
  void serve(std::uint32_t events) {
    if (alive()) connection_->on_events(events);
    if (alive()) connection_->on_due(Clock::now());
    take();
  }
  std::string received;

 private:
  void take() {
    char bytes[65536];
    for (ssize_t n = 0;
         received.size() < (1U << 22) && (n = ::recv(own_.get(), bytes, sizeof bytes, 0)) > 0;) {
      received.append(bytes, static_cast<std::size_t>(n));
    }
  }
  visa::sim::HislipServer& server_;
  FileDescriptor own_;
  visa::sim::HislipConnection* connection_ = nullptr;
};

void check_messages(std::string_view stream) {
  visa::sim::HislipReader reader;
  while (reader.read_header(stream)) {
    const HislipHeader& header = reader.header();
    demand(reader.well_formed() && header.type <= 27);
    const bool data = header.kind() == HislipType::data || header.kind() == HislipType::data_end;
    demand(data || header.length <= 256);
    if (header.length > stream.size()) return;  // the rest has not been taken
    stream.remove_prefix(static_cast<std::size_t>(header.length));
    reader.next();
  }
}

void switch_on(visa::sim::Instrument& instrument, std::uint8_t choice) {
  visa::sim::Fault fault;
  const auto kinds = visa::sim::fault_kinds(visa::sim::builtin_wires());
  fault.kind = kinds[choice % kinds.size()];
  fault.error = choice;
  fault.count = 3;
  instrument.faults().add(fault);
}

// Both channels of a session to `device`.
void open(std::vector<std::unique_ptr<Peer>>& peers, visa::sim::HislipServer& server,
          std::string_view device) {
  peers.push_back(std::make_unique<Peer>(server));
  peers.back()->send(message(HislipType::initialize, 0, 0x02004656, device));
  const std::string_view hello = peers.back()->received;
  const std::uint32_t id = hello.size() < 8 ? 0
                                            : static_cast<unsigned char>(hello[6]) * 256U +
                                                  static_cast<unsigned char>(hello[7]);
  peers.push_back(std::make_unique<Peer>(server));
  peers.back()->send(message(HislipType::async_initialize, 0, id, {}));
}

void play(std::vector<std::unique_ptr<Peer>>& peers, std::string_view script) {
  std::uint32_t id = visa::sim::kHislipFirstId;
  int steps = 0;
  while (!script.empty()) {
    const auto how = static_cast<unsigned char>(script[0]);
    script.remove_prefix(1);
    std::string bytes;
    const bool made = (how & 0x80U) != 0 && script.size() >= 2;
    const std::size_t skipped = made ? 2 : 0;
    const std::string_view payload =
        script.substr(skipped, std::min<std::size_t>((how >> 3U) & 0x0FU, script.size()));
    if (made) {
      bytes = message(static_cast<HislipType>(script[0]), static_cast<std::uint8_t>(script[1]), id,
                      payload);
      id += 2;
    } else {
      bytes = payload;
    }
    script.remove_prefix(std::min(script.size(), skipped + payload.size()));
    const std::size_t which = (how & 7U) % peers.size();
    peers[which]->send(bytes);
    peers[std::min(which ^ 1U, peers.size() - 1)]->serve(EPOLLOUT);  // the other channel
    if (++steps % 8 == 0) {
      for (const auto& one : peers) one->serve(EPOLLOUT);
    }
  }
  for (const auto& one : peers) one->serve(EPOLLOUT);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned choice = data[0];
  const std::string_view script(reinterpret_cast<const char*>(data + 1), size - 1);
  static const auto kDescription = visa::sim::read_description(
      "[instrument]\nname=\"a\"\nidentity=\"A,B,C,D\"\ntrigger=\"acquire\"\n", "fuzz");
  visa::sim::EventLoop loop;
  visa::sim::PyvisaInstrument first;
  const auto second = visa::sim::make_instrument(kDescription);
  visa::sim::HislipServer server(loop, "127.0.0.1", 0);
  visa::sim::HislipDescription what;
  const auto wire = server.serve(first, &what, 0);
  what.overlap =
      (choice & 0x20U) != 0 ? visa::sim::HislipOverlap::preferred : visa::sim::HislipOverlap::never;
  what.max_receive = 64;
  what.largest_answer = 7;
  const bool secure = (choice & 0x80U) != 0 && visa::sim::tls_available();
  if (secure) what.encryption = visa::sim::HislipEncryption::optional;
  const auto other_wire = server.serve(*second, &what, 0);
  const bool faulty = (choice & 0x10U) != 0;
  if (faulty) {
    switch_on(first, data[size - 1]);
    switch_on(*second, data[size - 1]);
  }
  std::vector<std::unique_ptr<Peer>> peers;
  if ((choice & 0x40U) != 0) peers.push_back(std::make_unique<Peer>(server));
  open(peers, server, "hislip1");
  open(peers, server, "hislip1");
  open(peers, server, "hislip0");
  play(peers, script);
  if (!faulty && !secure) {
    for (const auto& one : peers) check_messages(one->received);
  }
  Peer last(server);
  last.send(message(HislipType::initialize, 0, 0x01000000, "hislip0"));
  demand(faulty || last.received.size() == visa::sim::kHislipHeaderBytes);
  return 0;
}

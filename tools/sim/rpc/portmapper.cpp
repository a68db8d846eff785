// SPDX-License-Identifier: MIT
// RFC 1833 section 3. A datagram is answered by one datagram of about its size, so an attacker
// gains nothing by using the bench against a third host: DUMP has three entries.
#include "tools/sim/rpc/portmapper.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <system_error>
#include <utility>

#include "tools/sim/net/listener.h"
#include "tools/sim/rpc/rpc_connection.h"
#include "tools/sim/rpc/rpc_faults.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kTcp = 6;
constexpr std::uint32_t kUdp = 17;
constexpr std::size_t kLongestCall = 2048;
constexpr int kDatagramsInOneTurn = 64;

}  // namespace

// One socket: what comes there is answered from `reply_socket`, or from here.
class Portmapper::Datagrams : public EventHandler {
 public:
  Datagrams(Portmapper& owner, EventLoop& loop, FileDescriptor socket, int reply_socket)
      : owner_(owner), loop_(loop), socket_(std::move(socket)), reply_socket_(reply_socket) {
    loop_.add(socket_.get(), EPOLLIN, *this);
  }
  ~Datagrams() override { loop_.remove(socket_.get()); }
  int socket() const noexcept { return socket_.get(); }

  void on_events(std::uint32_t) override {
    for (int i = 0; i < kDatagramsInOneTurn; ++i) {
      std::array<char, kLongestCall> bytes;
      sockaddr_storage from{};
      socklen_t length = sizeof from;
      const ssize_t count = ::recvfrom(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT,
                                       reinterpret_cast<sockaddr*>(&from), &length);
      if (count < 0) return;
      const auto call = parse_call({bytes.data(), static_cast<std::size_t>(count)});
      const FaultBoard::Active* fault = nullptr;
      auto reply = call ? owner_.answer(*call, fault) : std::nullopt;
      if (!reply) continue;
      const std::string text = std::move(*reply).datagram(fault);
      if (!text.empty()) {
        static_cast<void>(::sendto(reply_socket_ >= 0 ? reply_socket_ : socket_.get(), text.data(),
                                   text.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                                   reinterpret_cast<const sockaddr*>(&from), length));
      }
    }
  }

 private:
  Portmapper& owner_;
  EventLoop& loop_;
  FileDescriptor socket_;
  int reply_socket_;
};

class Portmapper::Connection : public RpcConnection {
 public:
  Connection(Portmapper& owner, FileDescriptor socket)
      : RpcConnection(owner.tcp_, std::move(socket), kLongestCall, owner.budget_), owner_(owner) {}

 private:
  void on_call(const RpcCall& call, std::string_view) override {
    const FaultBoard::Active* fault = nullptr;
    if (auto reply = owner_.answer(call, fault)) std::move(*reply).send(output(), fault);
  }
  Portmapper& owner_;
};

Portmapper::Portmapper(EventLoop& loop, const std::string& address, std::uint16_t port,
                       std::vector<Mapping> mappings, NextFault next_fault)
    : mappings_(std::move(mappings)),
      next_fault_(std::move(next_fault)),
      tcp_(loop, address, port, [this](FileDescriptor socket) {
        return std::make_unique<Connection>(*this, std::move(socket));
      }) {
  bind_datagrams(loop, address, tcp_.port());
}

Portmapper::~Portmapper() = default;

void Portmapper::bind_datagrams(EventLoop& loop, const std::string& address, std::uint16_t port) {
  udp_.push_back(std::make_unique<Datagrams>(*this, loop, datagram_socket(address, port), -1));
  // A socket bound to one address of a network hears no broadcast.
  for (const std::string& broadcast : broadcast_addresses(address)) {
    try {
      udp_.push_back(std::make_unique<Datagrams>(*this, loop, datagram_socket(broadcast, port),
                                                 udp_.front()->socket()));
    } catch (const std::system_error&) {
      // Another bench on this machine may have it: that one is found then.
    }
  }
}

std::optional<RpcReply> Portmapper::answer(const RpcCall& call, const FaultBoard::Active*& fault) {
  std::string refusal;
  if (!check_call(call, kPortmapProgram, kPortmapVersion, refusal)) {
    return RpcReply(std::move(refusal));
  }
  const bool getport = call.procedure == kGetport.number;
  if (!getport && call.procedure != kDump.number) {
    put_accepted(refusal, call.xid,
                 call.procedure == 0 ? Accepted::success : Accepted::procedure_unavailable);
    return RpcReply(std::move(refusal));
  }
  const RpcProcedure& procedure = getport ? kGetport : kDump;
  if (const auto* const active = next_fault_(FaultPoint::call, &procedure)) {
    if (active->fault.kind == &kRpcSilenceFault) return std::nullopt;
    put_refusal(refusal, call.xid, active->fault.error);
    return RpcReply(std::move(refusal));
  }
  std::optional<std::uint32_t> port;
  if (getport) {
    port = find_port(call.arguments);
    if (!port) {
      put_accepted(refusal, call.xid, Accepted::garbage_arguments);
      return RpcReply(std::move(refusal));
    }
  }
  fault = next_fault_(FaultPoint::reply, &procedure);
  return getport ? RpcReply(call.xid).number(*port) : dump(call.xid);
}

// The port that GETPORT asks for, 0 where none is served; nothing if the arguments are cut off.
std::optional<std::uint32_t> Portmapper::find_port(XdrReader arguments) const {
  const std::uint32_t program = arguments.number();
  const std::uint32_t version = arguments.number();
  const std::uint32_t transport = arguments.number();
  arguments.number();  // port: means nothing here
  if (!arguments.good()) return std::nullopt;
  const bool own = program == kPortmapProgram && (transport == kTcp || transport == kUdp);
  std::uint32_t port = own ? tcp_.port() : 0;
  for (const Mapping& one : mappings_) {
    // RFC 1833 3.2: whatever version is registered will do if the one asked for is not.
    if (one.program == program && transport == kTcp && (port == 0 || one.version == version)) {
      port = one.port;
    }
  }
  return port;
}

RpcReply Portmapper::dump(std::uint32_t xid) const {
  RpcReply reply(xid);
  const auto entry = [&reply](std::uint32_t program, std::uint32_t version, std::uint32_t transport,
                              std::uint32_t port) {
    reply.number(1).number(program).number(version).number(transport).number(port);
  };
  entry(kPortmapProgram, kPortmapVersion, kTcp, tcp_.port());
  entry(kPortmapProgram, kPortmapVersion, kUdp, tcp_.port());
  for (const Mapping& one : mappings_) entry(one.program, one.version, kTcp, one.port);
  reply.number(0);
  return reply;
}

}  // namespace visa::sim

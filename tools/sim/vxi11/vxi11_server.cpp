// SPDX-License-Identifier: MIT
#include "tools/sim/vxi11/vxi11_server.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "tools/sim/net/listener.h"
#include "tools/sim/rpc/rpc_connection.h"
#include "tools/sim/vxi11/vxi11_core.h"
#include "tools/sim/vxi11/vxi11_error.h"

namespace visa::sim {
namespace {

constexpr std::string_view kBusName = "gpib0";
constexpr std::string_view kInstrumentName = "inst";
constexpr std::size_t kAbortRecord = 1024;
constexpr int kMostAddress = 30;
constexpr int kPortTries = 20;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

std::optional<std::uint8_t> bus_number(std::string_view text) noexcept {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 ||
      value > kMostAddress) {
    return std::nullopt;
  }
  return static_cast<std::uint8_t>(value);
}

}  // namespace

std::optional<GpibAddress> parse_gpib_address(std::string_view text) {
  const std::size_t comma = text.find(',');
  const auto primary = bus_number(text.substr(0, comma));
  if (!primary) {
    return std::nullopt;
  }
  GpibAddress address{*primary, std::nullopt};
  if (comma != std::string_view::npos) {
    address.secondary = bus_number(text.substr(comma + 1));
    if (!address.secondary) {
      return std::nullopt;
    }
  }
  return address;
}

// The abort channel: a connection that only knows device_abort.
class Vxi11Server::Abort : public RpcConnection {
 public:
  Abort(Vxi11Server& server, FileDescriptor socket)
      : RpcConnection(server.abort_, std::move(socket), kAbortRecord, server.budget_),
        server_(server) {}

 private:
  void on_call(const RpcCall& call, std::string_view) override {
    std::string refusal;
    if (!check_call(call, kAbortProgram, kVxi11Version, refusal)) {
      RpcReply(std::move(refusal)).send(output(), nullptr);
      return;
    }
    const RpcProcedure& procedure = vxi11_procedure(Vxi11Procedure::device_abort);
    Vxi11Arguments arguments;
    if (call.procedure != procedure.number) {
      put_accepted(refusal, call.xid,
                   call.procedure == 0 ? Accepted::success : Accepted::procedure_unavailable);
    } else if (!arguments.read(Vxi11Procedure::device_abort, call.arguments, 0)) {
      put_accepted(refusal, call.xid, Accepted::garbage_arguments);
    }
    if (!refusal.empty()) {
      RpcReply(std::move(refusal)).send(output(), nullptr);
      return;
    }
    Vxi11Link* const link = server_.find_link(arguments.link);
    FaultBoard* const board = link != nullptr ? link->faults() : nullptr;
    const auto next = [&](FaultPoint point) {
      return board != nullptr ? board->next(point, link->client(), &procedure) : nullptr;
    };
    std::uint32_t error = link != nullptr ? 0 : kVxi11InvalidLink;
    if (link != nullptr && link->logged()) {
      link->log("call", arguments.text(procedure));
    }
    if (const auto* const active = next(FaultPoint::call)) {
      if (active->fault.kind != FaultKind::rpc_error) {
        return;
      }
      error = active->fault.error;
    } else if (link != nullptr) {
      link->core().abort(*link);
    }
    RpcReply(call.xid).number(error).send(output(), next(FaultPoint::reply));
  }

  Vxi11Server& server_;
};

// What the Bench sees of one instrument.
class Vxi11Server::DeviceWire : public Wire {
 public:
  DeviceWire(const Vxi11Server& server, const Vxi11Device& device)
      : server_(server), device_(device) {}
  std::string resource_name() const override {
    return "TCPIP0::" + resource_host(server_.address()) + "::" + device_.name() + "::INSTR";
  }
  std::string transport() const override {
    return "core_port = " + std::to_string(server_.core_port()) +
           ", abort_port = " + std::to_string(server_.abort_port());
  }
  std::uint16_t port() const noexcept override { return server_.core_port(); }
  std::size_t clients() const noexcept override { return device_.links; }

 private:
  const Vxi11Server& server_;
  const Vxi11Device& device_;
};

Vxi11Server::Vxi11Server(EventLoop& loop, const std::string& address, std::uint16_t core_port,
                         std::uint16_t abort_port)
    : loop_(loop),
      address_(address),
      core_(loop, address, core_port,
            [this](FileDescriptor socket) {
              return std::make_unique<Vxi11Core>(*this, core_, std::move(socket));
            }),
      abort_(loop, address, abort_port, [this](FileDescriptor socket) {
        return std::make_unique<Abort>(*this, std::move(socket));
      }) {}

Vxi11Server::~Vxi11Server() {
  for (Vxi11Device& device : devices_) {
    device.instrument()->remove_fault_listener(*this);
  }
}

std::string Vxi11Server::free_name() const {
  for (std::size_t number = 0;; ++number) {
    std::string name = std::string(kInstrumentName) + std::to_string(number);
    if (std::none_of(devices_.begin(), devices_.end(),
                     [&name](const Vxi11Device& one) { return one.name() == name; })) {
      return name;
    }
  }
}

std::unique_ptr<Wire> Vxi11Server::add(Instrument& instrument, Vxi11Description description) {
  std::string name = description.device.empty() ? free_name() : lower(description.device);
  for (const Vxi11Device& one : devices_) {
    if (one.name() == name) {
      // Two of a kind: the second takes a free name.
      name = free_name();
    }
    if (description.gpib && one.description().gpib == description.gpib) {
      description.gpib.reset();
    }
  }
  if (description.gpib && bus_ == nullptr) {
    bus_ = std::make_unique<Vxi11Device>(std::string(kBusName), nullptr, Vxi11Description{});
  }
  Vxi11Device& device = devices_.emplace_back(std::move(name), &instrument, std::move(description));
  instrument.add_fault_listener(*this);
  return std::make_unique<DeviceWire>(*this, device);
}

std::vector<Portmapper::Mapping> Vxi11Server::mappings() const {
  return {{kCoreProgram, kVxi11Version, core_port()}, {kAbortProgram, kVxi11Version, abort_port()}};
}

void Vxi11Server::open_portmapper(std::uint16_t port) {
  for (int tries = port == 0 ? kPortTries : 1; portmapper_ == nullptr; --tries) {
    try {
      portmapper_ =
          std::make_unique<Portmapper>(loop_, address_, port, mappings(),
                                       [this](FaultPoint point, const RpcProcedure* procedure) {
                                         return next_fault(point, procedure);
                                       });
    } catch (const std::system_error&) {  // the port is free for TCP and taken for UDP
      if (tries <= 1) {
        throw;
      }
    }
  }
}

Vxi11Server::Found Vxi11Server::find_device(std::string_view text) {
  const std::string name = text.empty() ? std::string(kInstrumentName) + "0" : lower(text);
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789,_-") != std::string::npos) {
    return {nullptr, kVxi11SyntaxError, false};
  }
  for (Vxi11Device& device : devices_) {
    if (device.name() == name) {
      return {&device, 0, false};
    }
  }
  if (bus_ != nullptr && name == kBusName) {
    return {bus_.get(), 0, true};
  }
  if (bus_ == nullptr || !name.starts_with(std::string(kBusName) + ",")) {
    return {nullptr, kVxi11NotAccessible, false};
  }
  const auto address = parse_gpib_address(std::string_view(name).substr(kBusName.size() + 1));
  if (!address) {
    return {nullptr, kVxi11InvalidAddress, false};
  }
  for (Vxi11Device& device : devices_) {
    if (device.description().gpib == address) {
      return {&device, 0, true};
    }
  }
  return {nullptr, kVxi11NotAccessible, false};
}

std::vector<GpibInterface::Place> Vxi11Server::places() const {
  std::vector<GpibInterface::Place> result;
  for (const Vxi11Device& device : devices_) {
    if (device.description().gpib) {
      result.push_back({*device.description().gpib, device.instrument()});
    }
  }
  return result;
}

// From 0 on, which a client must not take for "none".
std::optional<std::int32_t> Vxi11Server::new_link_id() {
  if (links_.size() >= kMostLinks) {
    return std::nullopt;
  }
  while (links_.contains(next_link_)) {
    next_link_ = (next_link_ + 1) & 0x7FFFFFFF;
  }
  const std::int32_t id = next_link_;
  next_link_ = (next_link_ + 1) & 0x7FFFFFFF;
  return id;
}

void Vxi11Server::add_link(Vxi11Link& link) {
  links_.emplace(link.id(), &link);
}

void Vxi11Server::remove_link(const Vxi11Link& link) noexcept {
  links_.erase(link.id());
}

Vxi11Link* Vxi11Server::find_link(std::int32_t id) const noexcept {
  const auto found = links_.find(id);
  return found != links_.end() ? found->second : nullptr;
}

// VXI-11.2: the bus has one SRQ line, so every link of the gateway is told, and has to poll.
void Vxi11Server::service_requested(Vxi11Link& link) {
  if (!link.gateway()) {
    link.core().send_service_request(link);
    return;
  }
  for (const auto& [id, other] : links_) {
    if (other->gateway()) {
      other->core().send_service_request(*other);
    }
  }
}

const FaultBoard::Active* Vxi11Server::next_fault(FaultPoint point, const RpcProcedure* procedure) {
  for (Vxi11Device& device : devices_) {
    FaultBoard& board = device.instrument()->faults();
    if (!board.empty()) {
      if (const auto* const active = board.next(point, 0, procedure)) {
        return active;
      }
    }
  }
  return nullptr;
}

void Vxi11Server::on_faults_changed() {
  core_.for_each([](TcpConnection& one) { static_cast<Vxi11Core&>(one).faults_changed(); });
}

}  // namespace visa::sim

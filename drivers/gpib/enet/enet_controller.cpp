// SPDX-License-Identifier: MIT
// The box sends EOI with the last byte of each write: a write without END cannot be done.
#include "drivers/gpib/enet/enet_controller.h"

#include <charconv>
#include <type_traits>
#include <utility>

namespace visa::drivers::gpib::enet {
namespace {

/// The ports beside the main one must exist.
constexpr std::uint16_t kMostPort = 65535 - (kCompanionPort - kMainPort);

template <class Outcome>
Outcome failure(Status status) {
  if constexpr (std::is_constructible_v<Outcome, Status>) {
    return Outcome(status);
  } else {
    Outcome outcome{};
    outcome.status = status;
    return outcome;
  }
}

Result<std::string> identify(const BoardRequest& request, Call& call) {
  const auto target = read_target(request, call);
  if (!target) return target.status();
  return "enet100 " + target->host + " " + std::to_string(target->port);
}

Result<std::unique_ptr<Controller>> open(const BoardRequest& request, Call& call) {
  auto target = read_target(request, call);
  if (!target) return target.status();
  return std::unique_ptr<Controller>(std::make_unique<EnetController>(*std::move(target)));
}

}  // namespace

constinit const BackEnd kBackEnd{"enet100", {}, &identify, &open, nullptr};

Result<EnetTarget> read_target(const BoardRequest& request, Call& call) {
  EnetTarget target;
  const std::string& text = request.target;
  const auto colon = text.find(':');
  target.host = text.substr(0, colon);
  bool good = !target.host.empty() && target.host.find('/') == std::string::npos;
  if (good && colon != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + colon + 1, end, target.port);
    good = error == std::errc() && at == end && target.port > 0 && target.port <= kMostPort;
  }
  if (good) return target;
  return call.fail(Status::error_inv_setup,
                   "GPIB" + std::to_string(request.number) + ": enet100://" + text +
                       " names no box; write enet100://HOST or enet100://HOST:5000");
}

EnetController::EnetController(EnetTarget target)
    : target_(std::move(target)), name_("GPIB-ENET/100 at " + target_.host) {}

void EnetController::close(Call& call) noexcept {
  std::map<Address, LinkPtr> links;
  {
    const MutexLock lock(mutex_);
    links.swap(links_);
  }
  for (const auto& [address, link] : links) link->close(call);
}

void EnetController::wake() noexcept {
  const MutexLock lock(mutex_);
  for (const auto& [address, link] : links_) link->wake();
}

Result<EnetController::LinkPtr> EnetController::link(const Address& address, Call& call) {
  {
    const MutexLock lock(mutex_);
    const auto at = links_.find(address);
    if (at != links_.end()) return at->second;
  }
  auto made = EnetLink::open(target_, address, call);
  if (!made) return made.status();
  const MutexLock lock(mutex_);
  return links_[address] = std::shared_ptr<EnetLink>(*std::move(made));
}

void EnetController::drop(const Address& address, Call& call) noexcept {
  LinkPtr link;
  {
    const MutexLock lock(mutex_);
    const auto at = links_.find(address);
    if (at == links_.end()) return;
    link = std::move(at->second);
    links_.erase(at);
  }
  link->close(call);
}

Status EnetController::attach(const Address& address, Call& call) {
  return link(address, call).status();
}

void EnetController::detach(const Address& address, Call& call) noexcept {
  drop(address, call);
}

Status EnetController::attach_board(Call& call) {
  const auto link = EnetLink::open(target_, Address{1}, call);
  if (link) (*link)->close(call);
  return link.status();
}

template <class Operation>
auto EnetController::on(const Address& address, Call& call, Operation&& operation) {
  const auto open = link(address, call);
  using Outcome = decltype(operation(**open));
  if (!open) return failure<Outcome>(open.status());
  auto outcome = operation(**open);
  if ((*open)->stale()) {
    Call ending(Deadline::immediate());
    drop(address, ending);
  }
  return outcome;
}

spi::WriteResult EnetController::write(const Address& to, std::span<const std::byte> data,
                                       const spi::WriteRule& rule, const AddressRule&, Call& call) {
  if (rule.end != spi::WriteEnd::end) {
    return {call.fail(Status::error_nsup_oper,
                      name_ + ": the box ends every write with END; set VI_ATTR_SEND_END_EN"),
            0};
  }
  return on(to, call, [&](EnetLink& link) { return link.write(data, call); });
}

spi::ReadResult EnetController::read(const Address& from, std::span<std::byte> into,
                                     const spi::EndRule& rule, const AddressRule&, Call& call) {
  return on(from, call, [&](EnetLink& link) { return link.read(into, rule, call); });
}

Result<std::uint8_t> EnetController::serial_poll(const Address& device, Call& call) {
  return on(device, call, [&](EnetLink& link) { return link.serial_poll(call); });
}

Status EnetController::clear(const Address& device, Call& call) {
  return on(device, call, [&](EnetLink& link) { return link.clear(call); });
}

Status EnetController::trigger(const Address& device, Call& call) {
  return on(device, call, [&](EnetLink& link) { return link.command(enet::trigger(), call); });
}

Status EnetController::control_ren(const Address* device, spi::RenMode mode, Call& call) {
  if (device == nullptr || mode != spi::RenMode::address_gtl) {
    return call.fail(Status::error_inv_mode,
                     name_ +
                         ": the box can send a device to local (VI_GPIB_REN_ADDRESS_GTL) and "
                         "nothing else");
  }
  return on(*device, call, [&](EnetLink& link) { return link.command(go_to_local(), call); });
}

std::optional<Address> EnetController::any_device() const {
  const MutexLock lock(mutex_);
  if (links_.empty()) return std::nullopt;
  return links_.begin()->first;
}

/// The box wants a main connection for this, too.
Status EnetController::send_ifc(Call& call) {
  const auto device = any_device();
  if (device) {
    return on(*device, call, [&](EnetLink& link) { return link.clear_interface(call); });
  }
  auto link = EnetLink::open(target_, Address{1}, call);
  if (!link) return link.status();
  const Status status = (*link)->clear_interface(call);
  (*link)->close(call);
  return status;
}

Result<bool> EnetController::service_requested(Call& call) {
  const auto device = any_device();
  if (!device) return false;
  constexpr std::uint16_t kAsked = kServiceLine | kServiceRequest;
  const auto state =
      on(*device, call, [&](EnetLink& link) { return link.bus_state(kAsked, call); });
  if (!state) return state.status();
  return (*state & kAsked) != 0;
}

}  // namespace visa::drivers::gpib::enet

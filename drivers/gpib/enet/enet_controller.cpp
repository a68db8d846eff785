// SPDX-License-Identifier: MIT
// The box sends EOI with the last byte of each write: a write without END cannot be done.
#include "drivers/gpib/enet/enet_controller.h"

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <utility>

namespace visa::drivers::gpib::enet {
namespace {

/// What the board's own link names, because each has to name a device; nothing is sent there.
constexpr Address kAnyDevice{1};
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
  LinkPtr board;
  {
    const MutexLock lock(mutex_);
    links.swap(links_);
    board.swap(board_);
  }
  for (const auto& [address, link] : links) link->close(call);
  if (board != nullptr) board->close(call);
}

void EnetController::wake() noexcept {
  const MutexLock lock(mutex_);
  for (const auto& [address, link] : links_) link->wake();
  if (board_ != nullptr) board_->wake();
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

Result<EnetController::LinkPtr> EnetController::board_link(Call& call) {
  {
    const MutexLock lock(mutex_);
    if (board_ != nullptr) return board_;
  }
  auto made = EnetLink::open(target_, kAnyDevice, call);
  if (!made) return made.status();
  const MutexLock lock(mutex_);
  return board_ = std::shared_ptr<EnetLink>(*std::move(made));
}

Result<EnetController::LinkPtr> EnetController::any_link(Call& call) {
  {
    const MutexLock lock(mutex_);
    if (!links_.empty()) return links_.begin()->second;
  }
  return board_link(call);
}

std::vector<EnetController::LinkPtr> EnetController::links() const {
  std::vector<LinkPtr> all;
  const MutexLock lock(mutex_);
  for (const auto& [address, link] : links_) all.push_back(link);
  return all;
}

void EnetController::drop(const LinkPtr& link, Call& call) {
  {
    const MutexLock lock(mutex_);
    std::erase_if(links_, [&](const auto& one) { return one.second == link; });
    if (board_ == link) board_.reset();
  }
  link->close(call);
}

Status EnetController::attach(const Address& address, Call& call) {
  return link(address, call).status();
}

void EnetController::detach(const Address& address, Call& call) noexcept {
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

Status EnetController::attach_board(Call& call) {
  return any_link(call).status();
}

template <class Operation>
auto EnetController::on(const Result<LinkPtr>& link, Operation&& operation) {
  using Outcome = decltype(operation(**link));
  if (!link) return failure<Outcome>(link.status());
  auto outcome = operation(**link);
  if ((*link)->stale()) {
    Call ending(Deadline::immediate());
    drop(*link, ending);
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
  return on(link(to, call), [&](EnetLink& link) { return link.write(data, call); });
}

spi::ReadResult EnetController::read(const Address& from, std::span<std::byte> into,
                                     const spi::EndRule& rule, const AddressRule&, Call& call) {
  return on(link(from, call), [&](EnetLink& link) { return link.read(into, rule, call); });
}

Result<std::uint8_t> EnetController::serial_poll(const Address& device, Call& call) {
  return on(link(device, call), [&](EnetLink& link) { return link.serial_poll(call); });
}

Status EnetController::clear(const Address& device, Call& call) {
  return on(link(device, call), [&](EnetLink& link) { return link.clear(call); });
}

Status EnetController::trigger(const Address& device, Call& call) {
  return on(link(device, call),
            [&](EnetLink& link) { return link.command(enet::trigger(), call); });
}

Status EnetController::control_ren(const Address* device, spi::RenMode mode, Call& call) {
  if (device == nullptr || mode != spi::RenMode::address_gtl) {
    return call.fail(Status::error_inv_mode,
                     name_ +
                         ": the box can send a device to local (VI_GPIB_REN_ADDRESS_GTL) and "
                         "nothing else");
  }
  return on(link(*device, call), [&](EnetLink& link) { return link.command(go_to_local(), call); });
}

/// The box wants a main connection for this, too.
Status EnetController::send_ifc(Call& call) {
  return on(any_link(call), [&](EnetLink& link) { return link.clear_interface(call); });
}

Result<BusState> EnetController::state(Call& call) {
  const auto word =
      on(any_link(call), [&](EnetLink& link) { return link.bus_state(kServiceLine, call); });
  if (!word) return word.status();
  BusState now;
  // A box that polls devices by itself takes requests off the line: its silence means nothing.
  if ((*word & kServiceLine) != 0) now.srq = State::asserted;
  return now;
}

/// What the box tells on the connections of one device may concern that device alone, so each is
/// asked.
Result<bool> EnetController::service_requested(Call& call) {
  std::vector<LinkPtr> all = links();
  if (all.empty()) {
    const auto board = board_link(call);
    if (!board) return board.status();
    all.push_back(*board);
  }
  constexpr std::uint16_t kAsked = kServiceLine | kServiceRequest;
  Status status = Status::success;
  for (const LinkPtr& one : all) {
    const auto word = on(one, [&](EnetLink& link) { return link.bus_state(kAsked, call); });
    if (word && (*word & kAsked) != 0) return true;
    if (ok(status)) status = word.status();
  }
  if (failed(status)) return status;
  return false;
}

}  // namespace visa::drivers::gpib::enet

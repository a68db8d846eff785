// SPDX-License-Identifier: MIT
// The order of the bytes is that of other controllers: the board's own talk address comes first in
// a write, because it ends the talker of before; UNL, because listeners add up. There is no UNT
// after a transfer unless a session wants it, so that instruments stay addressed and ATN stays
// released.
#include "drivers/gpib/command_controller.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace visa::drivers::gpib {
namespace {

using namespace std::chrono_literals;

/// A device that is there answers a serial poll far sooner.
constexpr auto kLongestPoll = 1000ms;
/// To leave the bus in order after an operation whose time is over.
constexpr auto kTidy = 20ms;

std::byte byte(std::uint8_t value) noexcept {
  return static_cast<std::byte>(value);
}

/// The rest of the time of `call`. One that was cancelled cannot be cancelled again.
Deadline tidy_until(const Call& call) {
  const Deadline least = Deadline::after(kTidy);
  return call.cancelled() ? least : std::max(call.deadline, least);
}

}  // namespace

spi::WriteResult CommandController::put(std::span<const std::byte> bytes, Call& call) {
  if (polling_) {
    const Status status = end_poll(call);
    if (failed(status)) return {status, 0};
  }
  return put_commands(bytes, call);
}

Status CommandController::end_poll(Call& call) {
  static constexpr std::array<std::byte, 2> kEnd{std::byte{kSpd}, std::byte{kUnt}};
  const Status status = put_commands(kEnd, call).status;
  if (ok(status)) polling_ = false;
  return status;
}

Status CommandController::commands(std::span<const std::byte> bytes, Call& call) {
  const auto sent = put(bytes, call);
  if (failed(sent.status)) forget_addressing();
  return sent.status;
}

Status CommandController::commands(std::initializer_list<std::uint8_t> bytes, Call& call) {
  std::vector<std::byte> copy;
  for (const auto one : bytes) copy.push_back(byte(one));
  return commands(copy, call);
}

bool CommandController::is_addressed(Role role, const Address& device,
                                     const AddressRule& addressing) const noexcept {
  if (addressed_.role != role || addressed_.device != device) return false;
  return addressed_.inside || !addressing.readdress;
}

Status CommandController::address(Role role, const Address& device, Call& call) {
  std::vector<std::byte> bytes;
  if (role == Role::listener) {
    append_talk(bytes, own_address());
    bytes.push_back(byte(kUnl));
    append_listen(bytes, device);
  } else {
    bytes.push_back(byte(kUnl));
    append_listen(bytes, own_address());
    append_talk(bytes, device);
  }
  forget_addressing();  // also where this thread is ended by force
  const Status status = commands(bytes, call);
  if (ok(status)) addressed_ = {role, device, false};
  return status;
}

void CommandController::unaddress(const AddressRule& addressing, Call& call) {
  if (!addressing.unaddress || addressed_.role == Role::none || addressed_.inside) return;
  Call tidy(tidy_until(call));
  commands({kUnl, kUnt}, tidy);
  forget_addressing();
}

spi::WriteResult CommandController::write(const Address& to, std::span<const std::byte> data,
                                          const spi::WriteRule& rule, const AddressRule& addressing,
                                          Call& call) {
  if (!is_addressed(Role::listener, to, addressing)) {
    if (const Status status = address(Role::listener, to, call); failed(status)) return {status, 0};
  }
  const bool eoi = rule.end == spi::WriteEnd::end;
  const auto result = put_data(data, eoi, call);
  addressed_.inside = ok(result.status) && !eoi;
  unaddress(addressing, call);
  return result;
}

spi::ReadResult CommandController::read(const Address& from, std::span<std::byte> into,
                                        const spi::EndRule& rule, const AddressRule& addressing,
                                        Call& call) {
  spi::ReadResult result;
  if (into.empty()) return result;
  if (!is_addressed(Role::talker, from, addressing)) {
    result.status = address(Role::talker, from, call);
    if (failed(result.status)) return result;
  }
  result = take_data(into, rule, call);
  // A read that was given up may go on, too: the talker stays where it is.
  const bool given_up = result.status == Status::error_tmo || result.status == Status::error_abort;
  addressed_.inside = given_up || (ok(result.status) && result.reason != spi::StopReason::end);
  if (failed(result.status) && !given_up) forget_addressing();
  unaddress(addressing, call);
  return result;
}

Result<std::uint8_t> CommandController::serial_poll(const Address& device, Call& call) {
  std::vector<std::byte> bytes{byte(kUnl)};
  append_listen(bytes, own_address());
  bytes.push_back(byte(kSpe));
  append_talk(bytes, device);
  forget_addressing();
  Status status = polling_ ? end_poll(call) : Status::success;
  if (ok(status)) {
    polling_ = true;  // also where this thread is ended by force
    status = put_commands(bytes, call).status;
  }
  std::byte answer{};
  if (ok(status)) {
    Call part(call, std::min(call.deadline, Deadline::after(kLongestPoll)));
    const auto taken = take_data({&answer, 1}, {}, part);
    status = taken.status;
    if (failed(status)) call.detail = part.detail;
    if (ok(status) && taken.count == 0) {
      status = call.fail(Status::error_io,
                         name() + ", address " + device.text() + ": a poll without a status byte");
    }
  }
  // Else the devices would answer the next read with their status byte.
  Call tidy(tidy_until(call));
  const Status ended = end_poll(tidy);
  forget_addressing();
  if (failed(status)) return status;
  if (failed(ended)) return call.fail(ended, tidy.detail);
  return static_cast<std::uint8_t>(answer);
}

Status CommandController::listener_command(const Address& device, std::uint8_t command,
                                           Call& call) {
  std::vector<std::byte> bytes;
  append_talk(bytes, own_address());
  bytes.push_back(byte(kUnl));
  append_listen(bytes, device);
  bytes.push_back(byte(command));
  forget_addressing();
  const Status status = commands(bytes, call);
  if (ok(status)) addressed_ = {Role::listener, device, false};
  return status;
}

Status CommandController::clear(const Address& device, Call& call) {
  return listener_command(device, kSdc, call);
}

Status CommandController::trigger(const Address& device, Call& call) {
  return listener_command(device, kGet, call);
}

Status CommandController::control_ren(const Address* device, spi::RenMode mode, Call& call) {
  using enum spi::RenMode;
  if (device == nullptr && mode != deassert && mode != assert_ren && mode != assert_llo) {
    return Status::error_inv_mode;
  }
  Status status = Status::success;
  if (mode == assert_ren || mode == assert_address || mode == assert_llo ||
      mode == assert_address_llo) {
    status = set_ren(true, call);
  }
  if (failed(status)) return status;
  if (mode == assert_address) return address(Role::listener, *device, call);
  if (mode == assert_llo) return commands({kLlo}, call);
  if (mode == assert_address_llo) return listener_command(*device, kLlo, call);
  if (mode == deassert_gtl || mode == address_gtl) status = listener_command(*device, kGtl, call);
  if (failed(status) || (mode != deassert && mode != deassert_gtl)) return status;
  return set_ren(false, call);
}

spi::WriteResult CommandController::command(std::span<const std::byte> bytes, Call& call) {
  forget_addressing();
  return put(bytes, call);
}

spi::WriteResult CommandController::send(std::span<const std::byte> data, bool eoi, Call& call) {
  forget_addressing();
  return put_data(data, eoi, call);
}

spi::ReadResult CommandController::receive(std::span<std::byte> into, const spi::EndRule& rule,
                                           Call& call) {
  forget_addressing();
  return take_data(into, rule, call);
}

Status CommandController::send_ifc(Call& call) {
  forget_addressing();
  const Status status = pulse_ifc(call);
  if (ok(status)) polling_ = false;  // IFC ends it, too
  return status;
}

Status CommandController::pass_control(const Address& device, Call& call) {
  std::vector<std::byte> bytes{byte(kUnl)};
  append_talk(bytes, device);
  bytes.push_back(byte(kTct));
  const Status status = commands(bytes, call);
  forget_addressing();
  if (failed(status)) return status;
  // The device takes control as soon as ATN is released.
  return control_atn(AtnMode::deassert, call);
}

Status CommandController::trigger_listeners(Call& call) {
  return commands({kGet}, call);
}

}  // namespace visa::drivers::gpib

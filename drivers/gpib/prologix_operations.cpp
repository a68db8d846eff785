// SPDX-License-Identifier: MIT
// What is no transfer. An operation whose effect matters to the next one (clear) waits until the
// adapter has done it; the others are lines without an answer.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "drivers/gpib/prologix_controller.h"

namespace visa::drivers::gpib {
namespace {

using std::chrono::milliseconds;

/// The adapter gives up a poll after that long.
constexpr int kLongestPoll = 1000;

struct CommandWord {
  std::uint8_t byte;
  std::string_view line;
};
/// The command bytes that an AR488 sends by a word of its own.
constexpr std::array<CommandWord, 4> kWords{
    {{kUnl, "++unl\n"}, {kUnt, "++unt\n"}, {kDcl, "++dcl\n"}, {kLlo, "++llo all\n"}}};

std::string_view word_for(std::byte command) noexcept {
  for (const CommandWord& one : kWords) {
    if (one.byte == static_cast<std::uint8_t>(command)) return one.line;
  }
  return {};
}

}  // namespace

Result<std::uint8_t> PrologixController::serial_poll(const Address& device, Call& call) {
  if (const Status ready = prepare(call); failed(ready)) return ready;
  const auto left = std::chrono::ceil<milliseconds>(call.deadline.remaining()).count();
  const int most = static_cast<int>(std::clamp<std::int64_t>(left, 1, kLongestPoll));
  std::string lines;
  if (link_->timer() == 0 || link_->timer() > most) lines = link_->timer_line(most);
  const auto reply = ask(lines + "++spoll" + address_arguments(device) + "\n", call);
  if (!reply) return reply.status();
  if (reply->empty()) {
    return call.fail(Status::error_tmo, name() + ", address " + device.text() +
                                            ": no answer to a serial poll; is the instrument on?");
  }
  const auto status = number_in(*reply);
  if (!status || *status > 0xFF) {
    return call.fail(Status::error_outp_prot_viol,
                     name() + ": the adapter's answer to ++spoll is no status byte");
  }
  return static_cast<std::uint8_t>(*status);
}

Status PrologixController::clear(const Address& device, Call& call) {
  if (const Status ready = settle(&device, call); failed(ready)) return ready;
  return ask(address_line(device) + "++clr\n", call).status();
}

Status PrologixController::trigger(const Address& device, Call& call) {
  if (const Status ready = prepare(call); failed(ready)) return ready;
  return tell(address_line(device) + "++trg\n", call);
}

// REN is asserted while the adapter is controller. A Prologix cannot release it.
Status PrologixController::control_ren(const Address* device, spi::RenMode mode, Call& call) {
  using enum spi::RenMode;
  if (const Status ready = prepare(call); failed(ready)) return ready;
  if (device != nullptr && mode == address_gtl) {
    return tell(address_line(*device) + "++loc\n", call);
  }
  if (device != nullptr && mode == assert_address_llo) {
    return tell(address_line(*device) + (is_ar488() ? "++ren 1\n++llo\n" : "++llo\n"), call);
  }
  if (is_ar488()) {
    if (mode == deassert) return tell("++ren 0\n", call);
    if (mode == assert_ren) return tell("++ren 1\n", call);
    if (mode == assert_llo) return tell("++ren 1\n++llo all\n", call);
    if (mode == deassert_gtl) return tell(address_line(*device) + "++loc\n++ren 0\n", call);
  } else if (mode == assert_ren) {
    return Status::success;
  }
  return call.fail(Status::error_inv_mode, name() + ": the adapter cannot do that with REN");
}

spi::WriteResult PrologixController::command(std::span<const std::byte> bytes, Call& call) {
  std::string lines;
  for (const std::byte one : bytes) {
    const std::string_view word = is_ar488() ? word_for(one) : std::string_view();
    if (word.empty()) {
      return {call.fail(Status::error_nsup_oper,
                        name() + ": the adapter cannot send these command bytes"),
              0};
    }
    lines += word;
  }
  const Status status = tell(lines, call);
  return {status, ok(status) ? bytes.size() : 0};
}

Status PrologixController::send_ifc(Call& call) {
  return tell("++ifc\n", call);
}

Status PrologixController::pass_control(const Address& device, Call& call) {
  if (!is_ar488()) return Status::error_nsup_oper;
  return tell("++tct" + address_arguments(device) + "\n", call);
}

Result<bool> PrologixController::service_requested(Call& call) {
  const auto reply = ask("++srq\n", call);
  if (!reply) return reply.status();
  const auto number = number_in(*reply);
  if (!number) {
    return call.fail(Status::error_nsup_oper,
                     name() + ": the adapter's answer to ++srq does not tell of service requests");
  }
  return *number == 1;
}

Status PrologixController::find_service(Call& call) {
  const Status status = service_requested(call).status();
  return status == Status::error_nsup_oper ? Status::error_nsup_mech : status;
}

// A line that the adapter does not tell in time is unknown; what needs no question is known all the
// same.
Result<BusState> PrologixController::state(Call& call) {
  BusState state;
  state.controller_in_charge = State::asserted;  // ++mode 1
  state.system_controller = State::asserted;
  const auto srq = line_state("++srq\n", call);
  if (!srq) return srq.status();
  state.srq = *srq;
  if (!is_ar488()) return state;
  const auto ren = line_state("++ren\n", call);
  if (!ren) return ren.status();
  state.ren = *ren;
  return state;
}

Result<State> PrologixController::line_state(std::string_view question, Call& call) {
  const auto reply = ask(question, call);
  if (!reply && reply.status() != Status::error_tmo) return reply.status();
  const auto number = reply ? number_in(*reply) : std::nullopt;
  if (!number) {
    call.detail.clear();
    return State::unknown;
  }
  return *number != 0 ? State::asserted : State::unasserted;
}

}  // namespace visa::drivers::gpib

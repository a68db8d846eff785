// SPDX-License-Identifier: MIT
// Addressing is the gateway's: READDR_EN and UNADDR_EN have no effect, an answer in parts goes on
// where it stopped, and what a device sends too late is dropped by the VXI-11 driver.
#include "drivers/gpib/gateway/gateway_controller.h"

#include <string>
#include <type_traits>
#include <utility>

namespace visa::drivers::gpib::gateway {
namespace {

State state_of(std::uint16_t word) noexcept {
  return word != 0 ? State::asserted : State::unasserted;
}

template <class Outcome>
Status status_of(const Outcome& outcome) {
  if constexpr (std::is_same_v<Outcome, Status>) {
    return outcome;
  } else if constexpr (requires { outcome.status(); }) {
    return outcome.status();
  } else {
    return outcome.status;
  }
}

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

}  // namespace

GatewayController::GatewayController(GatewayTarget target, spi::Settings settings,
                                     spi::Wires& wires)
    : name_("VXI-11 gateway " + target.host + " (" + target.interface + ")"),
      links_(std::move(target), std::move(settings), wires) {}

void GatewayController::wake() noexcept {
  links_.wake();
  service_.look_again();
}

Status GatewayController::attach(const Address& address, Call& call) {
  const Status status = links_.device(address, call).status();
  if (ok(status)) service_.look_again();
  return status;
}

template <class Operation>
auto GatewayController::on(Result<LinkPtr> link, Call& call, Operation&& operation) {
  using Outcome = decltype(operation((*link)->channel()));
  if (!link) return failure<Outcome>(link.status());
  auto outcome = operation((*link)->channel());
  if (status_of(outcome) == Status::error_conn_lost) {
    Call ending(call.deadline);  // the reason stays that of the loss
    links_.drop(*link, ending);
  }
  return outcome;
}

template <class Operation>
auto GatewayController::on_device(const Address& address, Call& call, Operation&& operation) {
  return on(links_.device(address, call), call, std::forward<Operation>(operation));
}

template <class Operation>
auto GatewayController::on_board(Call& call, Operation&& operation) {
  return on(links_.board(call), call, std::forward<Operation>(operation));
}

spi::WriteResult GatewayController::write(const Address& to, std::span<const std::byte> data,
                                          const spi::WriteRule& rule, const AddressRule&,
                                          Call& call) {
  return on_device(to, call,
                   [&](spi::Channel& channel) { return channel.write(data, rule, call); });
}

spi::ReadResult GatewayController::read(const Address& from, std::span<std::byte> into,
                                        const spi::EndRule& rule, const AddressRule&, Call& call) {
  return on_device(from, call,
                   [&](spi::Channel& channel) { return channel.read(into, rule, call); });
}

Result<std::uint8_t> GatewayController::serial_poll(const Address& device, Call& call) {
  constexpr std::uint8_t kRequest = 0x40;
  const auto status = on_device(
      device, call, [&](spi::Channel& channel) { return channel.read_status_byte(call); });
  if (status && (*status & kRequest) != 0) service_.found();
  return status;
}

Status GatewayController::clear(const Address& device, Call& call) {
  return on_device(device, call, [&](spi::Channel& channel) { return channel.clear(call); });
}

Status GatewayController::trigger(const Address& device, Call& call) {
  return on_device(device, call, [&](spi::Channel& channel) {
    return channel.trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call);
  });
}

// VXI-11 asserts REN with every device_remote; the line alone and LLO go by the interface.
Status GatewayController::control_ren(const Address* device, spi::RenMode mode, Call& call) {
  using enum spi::RenMode;
  const bool by_link = mode == assert_address || mode == assert_address_llo || mode == address_gtl;
  if (device == nullptr || (!by_link && mode != deassert_gtl)) {
    if (device != nullptr || mode == deassert || mode == assert_ren || mode == assert_llo) {
      return CommandController::control_ren(device, mode, call);
    }
    return Status::error_inv_mode;
  }
  return on_device(*device, call, [&](spi::Channel& channel) {
    auto* remote = channel.facets().remote_local;
    return remote == nullptr ? Status::error_nsup_oper : remote->control_ren(mode, call);
  });
}

spi::WriteResult GatewayController::put_commands(std::span<const std::byte> bytes, Call& call) {
  return on_board(
      call, [&](spi::Channel& channel) { return GatewayCommands(channel).send(bytes, call); });
}

spi::WriteResult GatewayController::put_data(std::span<const std::byte> data, bool eoi,
                                             Call& call) {
  const spi::WriteRule rule(eoi ? spi::WriteEnd::end : spi::WriteEnd::none);
  return on_board(call, [&](spi::Channel& channel) { return channel.write(data, rule, call); });
}

spi::ReadResult GatewayController::take_data(std::span<std::byte> into, const spi::EndRule& rule,
                                             Call& call) {
  return on_board(call, [&](spi::Channel& channel) { return channel.read(into, rule, call); });
}

Status GatewayController::pulse_ifc(Call& call) {
  return on_board(
      call, [&](spi::Channel& channel) { return GatewayCommands(channel).clear_interface(call); });
}

Status GatewayController::set_ren(bool on, Call& call) {
  return on_board(
      call, [&](spi::Channel& channel) { return GatewayCommands(channel).set_remote(on, call); });
}

Status GatewayController::control_atn(AtnMode mode, Call& call) {
  if (mode != AtnMode::deassert && mode != AtnMode::assert_atn) {
    return call.fail(Status::error_nsup_mode,
                     name_ + ": VXI-11 can assert and deassert ATN, and nothing else");
  }
  const bool assert_it = mode == AtnMode::assert_atn;
  return on_board(call, [&](spi::Channel& channel) {
    return GatewayCommands(channel).set_attention(assert_it, call);
  });
}

Status GatewayController::pass_control(const Address& device, Call& call) {
  if (device.secondary) {
    return call.fail(Status::error_nsup_oper,
                     name_ + ": VXI-11 passes control to primary addresses only");
  }
  return on_board(call, [&](spi::Channel& channel) {
    return GatewayCommands(channel).pass_control(device.primary, call);
  });
}

Status GatewayController::trigger_listeners(Call& call) {
  return on_board(call, [&](spi::Channel& channel) {
    return channel.trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call);
  });
}

Result<State> GatewayController::ask(BusQuestion question, Call& call) {
  const auto word = on_board(
      call, [&](spi::Channel& channel) { return GatewayCommands(channel).ask(question, call); });
  if (word) return state_of(*word);
  if (word.status() == Status::error_nsup_oper || word.status() == Status::error_io) {
    return State::unknown;  // the gateway does not tell
  }
  return word.status();
}

Result<BusState> GatewayController::state(Call& call) {
  BusState now;
  if (probing_) {
    const auto held = ask(BusQuestion::ndac, call);
    if (!held) return held.status();
    now.ndac = *held;
    return now;
  }
  const struct {
    BusQuestion question;
    State BusState::*line;
  } rows[] = {{BusQuestion::remote, &BusState::ren},
              {BusQuestion::service_request, &BusState::srq},
              {BusQuestion::ndac, &BusState::ndac},
              {BusQuestion::system_controller, &BusState::system_controller},
              {BusQuestion::controller_in_charge, &BusState::controller_in_charge}};
  for (const auto& row : rows) {
    const auto level = ask(row.question, call);
    if (!level) return level.status();
    now.*row.line = *level;
  }
  const auto talker = ask(BusQuestion::talker, call);
  const auto listener = ask(BusQuestion::listener, call);
  if (!talker || !listener) return failed(talker.status()) ? talker.status() : listener.status();
  if (*talker == State::asserted) now.addressed = Addressed::talker;
  if (*listener == State::asserted) now.addressed = Addressed::listener;
  return now;
}

Status GatewayController::learn_address(Call& call) {
  const auto word = on_board(call, [&](spi::Channel& channel) {
    return GatewayCommands(channel).ask(BusQuestion::address, call);
  });
  if (word && *word <= kMostAddress) own_ = Address{static_cast<std::uint8_t>(*word)};
  return word.status();
}

Result<std::vector<Address>> GatewayController::find_listeners(Call& call) {
  if (const Status status = learn_address(call); failed(status)) return status;
  probing_ = true;
  auto found = CommandController::find_listeners(call);
  probing_ = false;
  return found;
}

Status GatewayController::set_own_address(const Address& address, Call& call) {
  if (address.secondary) return Status::error_nsup_attr_state;
  const Status status = on_board(call, [&](spi::Channel& channel) {
    return GatewayCommands(channel).set_address(address.primary, call);
  });
  if (ok(status)) own_ = address;
  // Not every gateway can move. viSetAttribute has a status for that, and none for an I/O error.
  const bool refused = status == Status::error_nsup_oper || status == Status::error_io;
  return refused ? Status::error_nsup_attr_state : status;
}

}  // namespace visa::drivers::gpib::gateway

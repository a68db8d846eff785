// SPDX-License-Identifier: MIT
// The commands of Prologix' manual, and those of an AR488 that a client may need. Commands that set
// something print nothing; without an argument they print what is set.
#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "tools/sim/gpib/gpib_adapter.h"

namespace visa::sim {
namespace {

constexpr unsigned kSecondary = 96;
constexpr unsigned kMostAddress = 30;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

}  // namespace

const std::array<GpibAdapter::Command, 27> GpibAdapter::kCommands{{
    {"addr", &GpibAdapter::set_address},
    {"auto", &GpibAdapter::set_auto},
    {"clr", &GpibAdapter::clear},
    {"dcl", &GpibAdapter::clear_all, true},
    {"eoi", &GpibAdapter::set_eoi},
    {"eor", &GpibAdapter::set_eor, true},
    {"eos", &GpibAdapter::set_eos},
    {"eot_char", &GpibAdapter::set_eot_char},
    {"eot_enable", &GpibAdapter::set_eot_enable},
    {"fndl", &GpibAdapter::find_listeners, true},
    {"ifc", &GpibAdapter::interface_clear},
    {"llo", &GpibAdapter::ignore},
    {"loc", &GpibAdapter::ignore},
    {"lon", &GpibAdapter::ignore},
    {"mode", &GpibAdapter::set_mode},
    {"read", &GpibAdapter::read},
    {"read_tmo_ms", &GpibAdapter::set_timer},
    {"ren", &GpibAdapter::set_ren, true},
    {"savecfg", &GpibAdapter::save},
    {"spoll", &GpibAdapter::poll},
    {"srq", &GpibAdapter::tell_srq},
    {"srqauto", &GpibAdapter::set_srq_auto, true},
    {"tct", &GpibAdapter::ignore, true},
    {"trg", &GpibAdapter::trigger},
    {"unl", &GpibAdapter::ignore, true},
    {"unt", &GpibAdapter::ignore, true},
    {"ver", &GpibAdapter::tell_version},
}};

void GpibAdapter::execute(std::string_view line) {
  const std::size_t blank = std::min(line.find(' '), line.size());
  const std::string_view name = line.substr(0, blank);
  for (const Command& one : kCommands) {
    if (one.name != name || (one.ar488_only && !is_ar488())) continue;
    (this->*one.act)(trimmed(line.substr(blank)));
    return;
  }
  ++unknown_;
  answer("Unrecognized command");
}

void GpibAdapter::setting(std::string_view arguments, unsigned least, unsigned most,
                          unsigned& value) {
  if (arguments.empty()) return answer(std::to_string(value));
  const auto wanted = number(arguments);
  if (!wanted || *wanted < least || *wanted > most) {
    ++unknown_;
    return answer("Unrecognized command");
  }
  value = *wanted;
  if (!is_ar488() && save_config_ == 1) ++saves_;
}

std::optional<GpibPlace> GpibAdapter::place_in(std::string_view arguments) const {
  const std::size_t blank = std::min(arguments.find(' '), arguments.size());
  const auto primary = number(arguments.substr(0, blank));
  if (!primary || *primary > kMostAddress) return std::nullopt;
  std::optional<GpibPlace> place(std::in_place);
  place->primary = static_cast<std::uint8_t>(*primary);
  const std::string_view rest = trimmed(arguments.substr(blank));
  if (rest.empty()) return place;
  auto secondary = number(rest);
  if (!secondary) return std::nullopt;
  if (*secondary >= kSecondary) {
    *secondary -= kSecondary;
  } else if (!is_ar488()) {
    return std::nullopt;
  }
  if (*secondary > kMostAddress) return std::nullopt;
  place->secondary = static_cast<std::uint8_t>(*secondary);
  return place;
}

void GpibAdapter::set_address(std::string_view arguments) {
  if (arguments.empty()) {
    std::string text = std::to_string(place_.primary);
    if (place_.secondary) {
      text += (is_ar488() ? "," : " ") + std::to_string(kSecondary + *place_.secondary);
    }
    return answer(text);
  }
  if (const auto place = place_in(arguments)) {
    place_ = *place;
    if (!is_ar488() && save_config_ == 1) ++saves_;
    return;
  }
  ++unknown_;
  answer("Unrecognized command");
}

void GpibAdapter::set_timer(std::string_view arguments) {
  auto value = static_cast<unsigned>(timer_.count());
  setting(arguments, 1, is_ar488() ? 32000 : 3000, value);
  timer_ = std::chrono::milliseconds(value);
}

// On an AR488 the command itself writes.
void GpibAdapter::save(std::string_view arguments) {
  if (is_ar488()) {
    ++saves_;
    return;
  }
  setting(arguments, 0, 1, save_config_);
}

void GpibAdapter::clear(std::string_view) {
  GpibStation* const station = addressed();
  if (!absent(kGpibClear, station)) station->link().device_clear();
}

void GpibAdapter::clear_all(std::string_view) {
  for (const auto& one : bus_.stations()) one->link().device_clear();
}

void GpibAdapter::trigger(std::string_view arguments) {
  const auto place = arguments.empty() ? place_ : place_in(arguments).value_or(place_);
  GpibStation* const station = bus_.find(place);
  if (!absent(kGpibTrigger, station)) station->link().trigger();
}

void GpibAdapter::poll(std::string_view arguments) {
  const auto place = arguments.empty() ? place_ : place_in(arguments);
  if (!place) {
    ++unknown_;
    return answer("Unrecognized command");
  }
  GpibStation* const station = bus_.find(*place);
  if (absent(kGpibPoll, station)) return wait();
  send(std::to_string(station->link().serial_poll()) + "\r\n", kGpibPoll);
}

void GpibAdapter::find_listeners(std::string_view) {
  std::string text;
  for (const auto& one : bus_.stations()) {
    if (one->place().secondary || absent(kGpibPoll, one.get())) continue;
    text += (text.empty() ? "" : ",") + std::to_string(one->place().primary);
  }
  answer(text);
}

void GpibAdapter::interface_clear(std::string_view) {}

void GpibAdapter::ignore(std::string_view) {}

void GpibAdapter::tell_srq(std::string_view) {
  answer(bus_.srq() ? "1" : "0");
}

void GpibAdapter::tell_version(std::string_view) {
  answer(version_);
}

}  // namespace visa::sim

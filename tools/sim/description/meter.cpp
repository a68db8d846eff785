// SPDX-License-Identifier: MIT
// A reading comes from what is connected, within the range, with noise and the resolution of its
// integration time. What selects function and range is in meter_settings.cpp.
#include "tools/sim/description/meter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "tools/sim/engine/link.h"

namespace visa::sim {

Meter::Meter(ScpiInstrument& instrument, const MeterDescription& description)
    : instrument_(instrument), description_(description) {
  for (const MeterDescription::Function& described : description.functions) {
    Function function;
    function.described = &described;
    function.range = {0, described.lowest, described.highest, described.preset};
    function.input = described.input;
    functions_.push_back(function);
  }
  samples_ = {0, 1, static_cast<double>(description.most_samples), 1};
  triggers_ = {0, 1, kMostTriggers, 1};
  reset();
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    add_measuring_commands(i);
    add_range_commands(functions_[i]);
    add_integration_commands(functions_[i]);
  }
  add_function_selection();
  add_trigger_commands();
  add_count_commands();
  add_input_commands();
}

void Meter::reset() {
  for (Function& function : functions_) reset(function);
  selected_ = 0;
  samples_.reset();
  triggers_.reset();
  endless_ = false;
  source_ = Source::immediate;
  idle();
}

void Meter::reset(Function& function) const {
  function.range.reset();
  function.automatic = true;
  function.integration = description_.preset_integration;
}

void Meter::idle() {
  waiting_ = false;
  readings_.clear();
}

void Meter::add_measuring_commands(std::size_t index) {
  const std::string& pattern = functions_[index].described->header;
  CommandTable& commands = instrument_.commands();
  commands.add(
      "CONFigure:" + pattern, [this, index](Command& command) { configure(command, index); }, 0, 2);
  commands.add(
      "MEASure:" + pattern + "?",
      [this, index](Command& command) {
        if (configure(command, index)) read(command);
      },
      0, 2);
}

bool Meter::configure(Command& command, std::size_t index) {
  Function wanted = functions_[index];
  reset(wanted);
  if (command.count() > 0 && !command.is_mnemonic(0, "AUTO") &&
      !command.is_mnemonic(0, "DEFault")) {
    const auto range = command.number(0, wanted.range);
    if (!range) return false;
    set_range(wanted, *range);
  }
  if (command.count() > 1 && !command.is_mnemonic(1, "DEFault")) {
    const auto place = integration_asked(command, 1, wanted);
    if (!place) return false;
    wanted.integration = *place;
  }
  functions_[index] = wanted;
  selected_ = index;
  samples_.reset();
  triggers_.reset();
  endless_ = false;
  source_ = Source::immediate;
  idle();
  return true;
}

double Meter::reading() {
  Function& function = functions_[selected_];
  noise_ = noise_ * 1664525U + 1013904223U;
  const double noise = (static_cast<double>(noise_ >> 8) / 0x1p23 - 1) * description_.noise;
  const double value = function.input * (1 + noise);
  if (function.automatic) choose_range(function, value);
  const bool overload = function.described->overload != 0 &&
                        std::abs(value) > function.range.value * description_.overrange;
  instrument_.status().questionable.set_condition(function.described->overload, overload);
  if (overload) return std::copysign(kOverload, value);
  const double digit = resolution(function);
  return std::round(value / digit) * digit;
}

void Meter::measure(double count) {
  const double room = static_cast<double>(description_.most_samples);
  const auto taken = static_cast<std::size_t>(std::min(count, room));
  const std::size_t together = readings_.size() + taken;
  if (together > description_.most_samples) {
    const std::size_t oldest = together - description_.most_samples;
    readings_.erase(readings_.begin(), readings_.begin() + static_cast<std::ptrdiff_t>(oldest));
  }
  for (std::size_t i = 0; i < taken; ++i) readings_.push_back(reading());
}

double Meter::readings_wanted() const {
  return endless_ ? kOverload : samples_.value * triggers_.value;
}

void Meter::read(Command& command) {
  if (endless_) {
    command.error(-221);  // the answer would have no end
    return;
  }
  if (readings_wanted() > static_cast<double>(description_.most_samples)) {
    command.error(-321);
    return;
  }
  idle();
  measure(readings_wanted());
  answer_readings(command);
}

void Meter::trigger() {
  if (!waiting_ || source_ != Source::bus) {
    instrument_.report(-211);
    return;
  }
  measure(samples_.value);
  triggers_left_ -= endless_ ? 0 : 1;
  waiting_ = triggers_left_ > 0;
}

void Meter::answer_readings(Command& command) {
  if (description_.delay.count() > 0) {
    command.link().delay(description_.delay * static_cast<std::int64_t>(readings_.size()));
  }
  std::string list;
  list.reserve(readings_.size() * 16);
  for (const double value : readings_) {
    std::array<char, 32> text{};
    const int length = std::snprintf(text.data(), text.size(), "%+.8E,", value);
    list.append(text.data(), static_cast<std::size_t>(length));
  }
  if (!list.empty()) list.pop_back();
  command.answer(list);
}

void Meter::answer_configuration(Command& command) {
  const Function& function = functions_[selected_];
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), " %+.8E,%+.8E", function.range.value,
                resolution(function));
  command.answer_string(function.described->name + text.data());
}

void Meter::add_trigger_commands() {
  CommandTable& commands = instrument_.commands();
  commands.add("CONFigure?", [this](Command& command) { answer_configuration(command); });
  commands.add("READ?", [this](Command& command) {
    if (source_ == Source::bus) {
      command.error(-214);  // the query would block the bus that has to bring the trigger
      return;
    }
    read(command);
  });
  commands.add("INITiate[:IMMediate]", [this](Command& command) {
    if (waiting_) {
      command.error(-213);
      return;
    }
    idle();
    if (source_ == Source::immediate) {
      measure(readings_wanted());
    } else {
      waiting_ = true;
      triggers_left_ = triggers_.value;
    }
  });
  commands.add("FETCh?", [this](Command& command) {
    if (readings_.empty()) {
      command.error(-230);
    } else {
      answer_readings(command);
    }
  });
  commands.add("DATA:POINts?", [this](Command& command) {
    command.answer_integer(static_cast<std::int64_t>(readings_.size()));
  });
  commands.add("ABORt", [this](Command&) { waiting_ = false; });
  commands.add(
      "TRIGger:SOURce",
      [this](Command& command) {
        if (const auto place = command.choice(0, {"IMMediate", "BUS", "EXTernal"})) {
          source_ = static_cast<Source>(*place);
          waiting_ = false;
        }
      },
      1);
  commands.add("TRIGger:SOURce?", [this](Command& command) {
    constexpr std::array<std::string_view, 3> kNames = {"IMM", "BUS", "EXT"};
    command.answer(kNames[static_cast<std::size_t>(source_)]);
  });
}

void Meter::add_count_commands() {
  CommandTable& commands = instrument_.commands();
  instrument_.add_number("SAMPle:COUNt", samples_,
                         [this] { samples_.value = std::floor(samples_.value); });
  if (instrument_.signed_integers()) {  // those that sign their integers answer one here
    commands.add(
        "SAMPle:COUNt?",
        [this](Command& command) {
          if (const auto value = command.asked_value(samples_)) {
            command.answer_integer(std::llround(*value));
          }
        },
        0, 1);
  }
  commands.add(
      "TRIGger:COUNt",
      [this](Command& command) {
        const bool endless = command.is_mnemonic(0, "INFinity");
        const auto value = endless ? std::optional(triggers_.value) : command.number(0, triggers_);
        if (value) {
          triggers_.value = std::floor(*value);
          endless_ = endless;
          waiting_ = false;
        }
      },
      1);
  commands.add(
      "TRIGger:COUNt?",
      [this](Command& command) {
        const auto value = command.asked_value(triggers_);
        if (value) command.answer_number(command.count() == 0 && endless_ ? kOverload : *value);
      },
      0, 1);
}

void Meter::add_input_commands() {
  if (description_.input_header.empty()) return;
  CommandTable& commands = instrument_.commands();
  commands.add(
      description_.input_header,
      [this](Command& command) {
        if (const auto value = command.number(0, {0, -1e12, 1e12, 0})) {
          functions_[selected_].input = *value;
        }
      },
      1);
  commands.add(description_.input_header + "?",
               [this](Command& command) { command.answer_number(functions_[selected_].input); });
}

}  // namespace visa::sim

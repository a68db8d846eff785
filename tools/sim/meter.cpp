// SPDX-License-Identifier: MIT
#include "tools/sim/meter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "tools/sim/link.h"

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
  reset();
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    add_function_commands(i);
  }
  add_trigger_commands();
  add_input_commands();
}

void Meter::reset() {
  for (Function& function : functions_) {
    function.range.reset();
    function.automatic = true;
  }
  selected_ = 0;
  samples_.reset();
  source_ = Source::immediate;
  waiting_ = false;
  readings_.clear();
}

void Meter::add_function_commands(std::size_t index) {
  Function& function = functions_[index];
  const std::string& pattern = function.described->header;
  CommandTable& commands = instrument_.commands();
  commands.add(
      "CONFigure:" + pattern, [this, index](Command& command) { configure(command, index); }, 0, 2);
  commands.add(
      "MEASure:" + pattern + "?",
      [this, index](Command& command) {
        if (configure(command, index)) {
          measure();
          answer_readings(command);
        }
      },
      0, 2);
  const std::string range = "[SENSe:]" + pattern + ":RANGe";
  commands.add(
      range + "[:UPPer]",
      [&function](Command& command) {
        if (const auto wanted = command.number(0, function.range)) {
          set_range(function, *wanted);
        }
      },
      1);
  commands.add(
      range + "[:UPPer]?",
      [&function](Command& command) {
        if (const auto value = command.asked_value(function.range)) {
          command.answer_number(*value);
        }
      },
      0, 1);
  instrument_.add_boolean(range + ":AUTO", function.automatic);
}

void Meter::set_range(Function& function, double wanted) {
  double range = function.range.minimum;
  while (range * 1.000001 < wanted && range < function.range.maximum) {
    range *= function.described->step;
  }
  function.range.value = std::min(range, function.range.maximum);
  function.automatic = false;
}

bool Meter::configure(Command& command, std::size_t index) {
  Function& function = functions_[index];
  std::optional<double> wanted;
  if (command.count() > 0 && !command.is_mnemonic(0, "AUTO") &&
      !command.is_mnemonic(0, "DEFault")) {
    wanted = command.number(0, function.range);
    if (!wanted) {
      return false;
    }
  }
  if (command.count() > 1 && !command.number(1, {0, 0, function.range.maximum, 0})) {
    return false;  // the resolution is checked; this meter always gives all its digits
  }
  function.range.reset();
  function.automatic = true;
  if (wanted) {
    set_range(function, *wanted);
  }
  selected_ = index;
  samples_.reset();
  source_ = Source::immediate;
  waiting_ = false;
  readings_.clear();
  return true;
}

double Meter::reading() {
  Function& function = functions_[selected_];
  noise_ = noise_ * 1664525U + 1013904223U;
  const double noise = (static_cast<double>(noise_ >> 8) / 0x1p23 - 1) * description_.noise;
  const double value = function.input * (1 + noise);
  if (function.automatic) {
    set_range(function, std::abs(value) / description_.overrange);
    function.automatic = true;
  }
  const bool overload = function.described->overload != 0 &&
                        std::abs(value) > function.range.value * description_.overrange;
  instrument_.status().questionable.set_condition(function.described->overload, overload);
  if (overload) {
    return std::copysign(kOverload, value);
  }
  const double digit = function.range.value * description_.resolution;
  return std::round(value / digit) * digit;
}

void Meter::measure() {
  waiting_ = false;
  readings_.clear();
  const auto count = static_cast<std::size_t>(samples_.value);
  for (std::size_t i = 0; i < count; ++i) {
    readings_.push_back(reading());
  }
}

void Meter::trigger() {
  if (!waiting_ || source_ != Source::bus) {
    instrument_.report(-211);
    return;
  }
  measure();
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
  if (!list.empty()) {
    list.pop_back();
  }
  command.answer(list);
}

void Meter::answer_configuration(Command& command) {
  const Function& function = functions_[selected_];
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), " %+.8E,%+.8E", function.range.value,
                function.range.value * description_.resolution);
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
    measure();
    answer_readings(command);
  });
  commands.add("INITiate[:IMMediate]", [this](Command& command) {
    if (waiting_) {
      command.error(-213);
    } else if (source_ == Source::immediate) {
      measure();
    } else {
      readings_.clear();
      waiting_ = true;
    }
  });
  commands.add("FETCh?", [this](Command& command) {
    if (readings_.empty()) {
      command.error(-230);
    } else {
      answer_readings(command);
    }
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
  instrument_.add_number("SAMPle:COUNt", samples_,
                         [this] { samples_.value = std::floor(samples_.value); });
}

void Meter::add_input_commands() {
  if (description_.input_header.empty()) {
    return;
  }
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

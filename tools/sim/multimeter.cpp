// SPDX-License-Identifier: MIT
#include "tools/sim/multimeter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace visa::sim {
namespace {

constexpr double kResolution = 3e-7;  // of the range
constexpr double kNoise = 2e-6;       // of the input
constexpr double kOverrange = 1.2;    // a range measures up to 120 % of its name
constexpr std::size_t kLongestDisplay = 40;

}  // namespace

Multimeter::Multimeter() : ScpiInstrument("FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0") {
  functions_ = {{
      {"VOLTage[:DC]", "VOLT", {0, 0.1, 1000, 10}, 10, kVoltageOverload, 4.99871},
      {"VOLTage:AC", "VOLT:AC", {0, 0.1, 750, 10}, 10, kVoltageOverload, 0.56568},
      {"CURRent[:DC]", "CURR", {0, 1e-3, 3, 1}, 10, kCurrentOverload, 0.012345},
      {"CURRent:AC", "CURR:AC", {0, 1e-3, 3, 1}, 10, kCurrentOverload, 0.004321},
      {"RESistance", "RES", {0, 100, 1e8, 1e3}, 10, kOhmsOverload, 998.73},
      {"FRESistance", "FRES", {0, 100, 1e8, 1e3}, 10, kOhmsOverload, 998.41},
      {"FREQuency", "FREQ", {0, 3, 3e5, 20}, 1e5, 0, 1000.02},
  }};
  samples_ = {0, 1, 10000, 1};
  Multimeter::reset();
  for (std::size_t i = 0; i < kFunctions; ++i) {
    add_function_commands(i);
  }
  add_trigger_commands();
  add_input_commands();
}

void Multimeter::reset() {
  for (Function& function : functions_) {
    function.range.reset();
    function.automatic = true;
  }
  selected_ = 0;
  samples_.reset();
  source_ = Source::immediate;
  waiting_ = false;
  readings_.clear();
  display_.clear();
}

void Multimeter::add_function_commands(std::size_t index) {
  Function& function = functions_[index];
  const std::string pattern(function.pattern);
  commands().add(
      "CONFigure:" + pattern, [this, index](Command& command) { configure(command, index); }, 0, 2);
  commands().add(
      "MEASure:" + pattern + "?",
      [this, index](Command& command) {
        if (configure(command, index)) {
          measure();
          answer_readings(command);
        }
      },
      0, 2);
  const std::string range = "[SENSe:]" + pattern + ":RANGe";
  commands().add(
      range + "[:UPPer]",
      [this, &function](Command& command) {
        if (const auto wanted = command.number(0, function.range)) {
          set_range(function, *wanted);
        }
      },
      1);
  commands().add(
      range + "[:UPPer]?",
      [&function](Command& command) {
        if (const auto value = command.asked_value(function.range)) {
          command.answer_number(*value);
        }
      },
      0, 1);
  add_boolean(range + ":AUTO", function.automatic);
}

void Multimeter::set_range(Function& function, double wanted) {
  double range = function.range.minimum;
  while (range * 1.000001 < wanted) {
    range *= function.range_step;
  }
  function.range.value = std::min(range, function.range.maximum);
  function.automatic = false;
}

bool Multimeter::configure(Command& command, std::size_t index) {
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

double Multimeter::reading() {
  Function& function = functions_[selected_];
  noise_ = noise_ * 1664525U + 1013904223U;
  const double noise = (static_cast<double>(noise_ >> 8) / 0x1p23 - 1) * kNoise;
  const double value = function.input * (1 + noise);
  if (function.automatic) {
    set_range(function, std::abs(value) / kOverrange);
    function.automatic = true;
  }
  const bool overload =
      function.overload != 0 && std::abs(value) > function.range.value * kOverrange;
  status().questionable.set_condition(function.overload, overload);
  if (overload) {
    return std::copysign(kOverload, value);
  }
  const double digit = function.range.value * kResolution;
  return std::round(value / digit) * digit;
}

void Multimeter::measure() {
  waiting_ = false;
  readings_.clear();
  const auto count = static_cast<std::size_t>(samples_.value);
  for (std::size_t i = 0; i < count; ++i) {
    readings_.push_back(reading());
  }
}

void Multimeter::on_trigger() {
  if (!waiting_ || source_ != Source::bus) {
    report(-211);
    return;
  }
  measure();
}

void Multimeter::answer_readings(Command& command) {
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

void Multimeter::answer_configuration(Command& command) {
  const Function& function = functions_[selected_];
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), " %+.8E,%+.8E", function.range.value,
                function.range.value * kResolution);
  command.answer_string(std::string(function.name) + text.data());
}

void Multimeter::add_trigger_commands() {
  commands().add("CONFigure?", [this](Command& command) { answer_configuration(command); });
  commands().add("READ?", [this](Command& command) {
    if (source_ == Source::bus) {
      command.error(-214);  // the query would block the bus that has to bring the trigger
      return;
    }
    measure();
    answer_readings(command);
  });
  commands().add("INITiate[:IMMediate]", [this](Command& command) {
    if (waiting_) {
      command.error(-213);
    } else if (source_ == Source::immediate) {
      measure();
    } else {
      readings_.clear();
      waiting_ = true;
    }
  });
  commands().add("FETCh?", [this](Command& command) {
    if (readings_.empty()) {
      command.error(-230);
    } else {
      answer_readings(command);
    }
  });
  commands().add("ABORt", [this](Command&) { waiting_ = false; });
  commands().add(
      "TRIGger:SOURce",
      [this](Command& command) {
        if (const auto place = command.choice(0, {"IMMediate", "BUS", "EXTernal"})) {
          source_ = static_cast<Source>(*place);
          waiting_ = false;
        }
      },
      1);
  commands().add("TRIGger:SOURce?", [this](Command& command) {
    constexpr std::array<std::string_view, 3> kNames = {"IMM", "BUS", "EXT"};
    command.answer(kNames[static_cast<std::size_t>(source_)]);
  });
  add_number("SAMPle:COUNt", samples_, [this] { samples_.value = std::floor(samples_.value); });
}

void Multimeter::add_input_commands() {
  commands().add(
      "SIMulation:INPut",
      [this](Command& command) {
        if (const auto value = command.number(0, {0, -1e12, 1e12, 0})) {
          functions_[selected_].input = *value;
        }
      },
      1);
  commands().add("SIMulation:INPut?",
                 [this](Command& command) { command.answer_number(functions_[selected_].input); });
  commands().add("SYSTem:BEEPer[:IMMediate]", [](Command&) {});
  commands().add(
      "DISPlay[:WINDow]:TEXT[:DATA]",
      [this](Command& command) {
        if (auto text = command.string(0)) {
          text->resize(std::min(text->size(), kLongestDisplay));
          display_ = std::move(*text);
        }
      },
      1);
  commands().add("DISPlay[:WINDow]:TEXT[:DATA]?",
                 [this](Command& command) { command.answer_string(display_); });
  commands().add("DISPlay[:WINDow]:TEXT:CLEar", [this](Command&) { display_.clear(); });
}

}  // namespace visa::sim

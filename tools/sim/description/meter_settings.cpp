// SPDX-License-Identifier: MIT
// Range, time of integration and resolution of a meter's functions, and FUNCtion, which selects
// one.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/description/meter.h"

namespace visa::sim {
namespace {

constexpr double kRounding = 1.000001;  // of values that were printed and read again

}  // namespace

void Meter::set_range(Function& function, double wanted) {
  double range = function.range.minimum;
  while (range * kRounding < wanted && range < function.range.maximum) {
    range *= function.described->step;
  }
  function.range.value = std::min(range, function.range.maximum);
  function.automatic = false;
}

void Meter::choose_range(Function& function, double value) const {
  const bool automatic = function.automatic;
  set_range(function, std::abs(value) / description_.overrange);
  function.automatic = automatic;
}

std::size_t Meter::integration_of(double nplc) const {
  std::size_t place = 0;
  while (place + 1 < description_.integration.size() &&
         description_.integration[place].nplc * kRounding < nplc) {
    ++place;
  }
  return place;
}

std::size_t Meter::integration_for(const Function& function, double resolution) const {
  std::size_t place = 0;
  while (place + 1 < description_.integration.size() &&
         description_.integration[place].resolution * function.range.value >
             resolution * kRounding) {
    ++place;
  }
  return place;
}

double Meter::resolution(const Function& function) const {
  return function.range.value * (function.described->integrates
                                     ? description_.integration[function.integration].resolution
                                     : function.described->resolution);
}

NumberSetting Meter::resolution_range(const Function& function) const {
  NumberSetting setting;
  setting.value = resolution(function);
  setting.preset = setting.value;
  setting.maximum = function.range.maximum;
  if (function.described->integrates) {
    const auto& times = description_.integration;
    const auto preset = times[description_.preset_integration];
    setting.minimum = times.back().resolution * function.range.value;
    setting.preset = preset.resolution * function.range.value;
  }
  return setting;
}

std::optional<std::size_t> Meter::integration_asked(Command& command, std::size_t argument,
                                                    const Function& function) const {
  NumberSetting range = resolution_range(function);
  range.minimum /= kRounding;
  const auto wanted = command.number(argument, range);
  return wanted ? std::optional(integration_for(function, *wanted)) : std::nullopt;
}

void Meter::add_range_commands(Function& function) {
  CommandTable& commands = instrument_.commands();
  const std::string range = "[SENSe:]" + function.described->header + ":RANGe";
  commands.add(
      range + "[:UPPer]",
      [&function](Command& command) {
        if (const auto wanted = command.number(0, function.range)) set_range(function, *wanted);
      },
      1);
  commands.add(
      range + "[:UPPer]?",
      [&function](Command& command) {
        if (const auto value = command.asked_value(function.range)) command.answer_number(*value);
      },
      0, 1);
  instrument_.add_boolean(range + ":AUTO", function.automatic);
  commands.add(
      range + ":AUTO",
      [this, &function](Command& command) {
        if (command.is_mnemonic(0, "ONCE")) {  // now, and not from now on
          choose_range(function, function.input);
          function.automatic = false;
        } else if (const auto on = command.boolean(0)) {
          function.automatic = *on;
        }
      },
      1);
}

void Meter::add_integration_commands(Function& function) {
  CommandTable& commands = instrument_.commands();
  const std::string header = "[SENSe:]" + function.described->header;
  commands.add(
      header + ":RESolution",
      [this, &function](Command& command) {
        if (const auto place = integration_asked(command, 0, function)) {
          function.integration = *place;
        }
      },
      1);
  commands.add(
      header + ":RESolution?",
      [this, &function](Command& command) {
        if (const auto value = command.asked_value(resolution_range(function))) {
          command.answer_number(*value);
        }
      },
      0, 1);
  if (!function.described->integrates) return;
  const auto nplc = [this, &function] {
    const auto& times = description_.integration;
    return NumberSetting{times[function.integration].nplc, times.front().nplc, times.back().nplc,
                         times[description_.preset_integration].nplc, ""};
  };
  commands.add(
      header + ":NPLC",
      [this, &function, nplc](Command& command) {
        if (const auto wanted = command.number(0, nplc())) {
          function.integration = integration_of(*wanted);
        }
      },
      1);
  commands.add(
      header + ":NPLC?",
      [nplc](Command& command) {
        if (const auto value = command.asked_value(nplc())) command.answer_number(*value);
      },
      0, 1);
}

std::optional<std::size_t> Meter::find_function(Command& command, std::string_view text) {
  ProgramMessage parser(text);
  Unit unit;
  Suffixes suffixes{};
  if (parser.next(unit) == ProgramMessage::Result::unit && !unit.query &&
      unit.argument_count == 0) {
    const CommandTable::Entry* const entry = headers_.find(unit, suffixes);
    if (entry != nullptr && parser.next(unit) == ProgramMessage::Result::end) {
      entry->handler(command);
      return found_;
    }
  }
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    if (equal_ignoring_case(functions_[i].described->name, text)) return i;
  }
  return std::nullopt;
}

// FUNCtion "VOLT:DC" selects a function. Its settings stay, the readings go.
void Meter::add_function_selection() {
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    headers_.add(functions_[i].described->header, [this, i](Command&) { found_ = i; });
  }
  CommandTable& commands = instrument_.commands();
  commands.add(
      "[SENSe:]FUNCtion[:ON]",
      [this](Command& command) {
        const auto text = command.string(0);
        if (!text) return;
        if (const auto function = find_function(command, *text)) {
          selected_ = *function;
          idle();
        } else {
          command.error(-224);
        }
      },
      1);
  commands.add("[SENSe:]FUNCtion[:ON]?", [this](Command& command) {
    command.answer_string(functions_[selected_].described->name);
  });
}

}  // namespace visa::sim

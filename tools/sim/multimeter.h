// SPDX-License-Identifier: MIT
// A 6.5-digit multimeter: configure, measure, trigger, ranges with overload. Its inputs can be set
// (SIMulation:INPut), so a program can be tried with the values it must cope with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/scpi_instrument.h"

namespace visa::sim {

class Multimeter : public ScpiInstrument {
 public:
  static constexpr std::size_t kFunctions = 7;
  static constexpr std::uint16_t kVoltageOverload = 0x0001;  // bits of STATus:QUEStionable
  static constexpr std::uint16_t kCurrentOverload = 0x0002;
  static constexpr std::uint16_t kOhmsOverload = 0x0200;
  static constexpr double kOverload = 9.9e37;  // the answer SCPI prescribes

  Multimeter();

 protected:
  void reset() override;
  void on_trigger() override;

 private:
  struct Function {
    std::string_view pattern;  // "VOLTage[:DC]"
    std::string_view name;     // "VOLT", as CONFigure? answers
    NumberSetting range;
    double range_step = 10;      // ranges are minimum * step^n
    std::uint16_t overload = 0;  // status bit, 0: the quantity cannot overload
    double input = 0;            // what is connected
    bool automatic = true;
  };
  enum class Source : std::uint8_t { immediate, bus, external };

  void add_function_commands(std::size_t index);
  void add_trigger_commands();
  void add_input_commands();
  // Selects a function with CONFigure's parameters; false, with the error recorded, if they are
  // wrong.
  bool configure(Command& command, std::size_t index);
  void set_range(Function& function, double wanted);
  // Takes the readings of one trigger into readings_.
  void measure();
  double reading();
  void answer_readings(Command& command);
  void answer_configuration(Command& command);

  std::array<Function, kFunctions> functions_;
  std::size_t selected_ = 0;
  NumberSetting samples_;
  Source source_ = Source::immediate;
  bool waiting_ = false;  // INITiate was given, the trigger has not come
  std::vector<double> readings_;
  std::uint32_t noise_ = 1;
  std::string display_;
};

}  // namespace visa::sim

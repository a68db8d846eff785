// SPDX-License-Identifier: MIT
// The [meter] of a description: measuring functions with ranges and overload, CONFigure, MEASure,
// READ?, INITiate, FETCh?, triggers. Its inputs can be set while it runs, so a program can be tried
// with the values it must cope with.
//
// Owned by a DescribedInstrument, whose command table refers to it; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/sim/command.h"
#include "tools/sim/description.h"
#include "tools/sim/scpi_instrument.h"

namespace visa::sim {

class Meter {
 public:
  static constexpr double kOverload = 9.9e37;  // the answer SCPI prescribes

  // Adds its commands to `instrument`; both arguments outlive it.
  Meter(ScpiInstrument& instrument, const MeterDescription& description);
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  void reset();
  void trigger();

 private:
  struct Function {
    const MeterDescription::Function* described = nullptr;
    NumberSetting range;
    double input = 0;
    bool automatic = true;
  };
  enum class Source : std::uint8_t { immediate, bus, external };

  void add_function_commands(std::size_t index);
  void add_trigger_commands();
  void add_input_commands();
  // Selects a function with CONFigure's parameters; false, with the error recorded, if they are
  // wrong.
  bool configure(Command& command, std::size_t index);
  static void set_range(Function& function, double wanted);
  // Takes the readings of one trigger into readings_.
  void measure();
  double reading();
  void answer_readings(Command& command);
  void answer_configuration(Command& command);

  ScpiInstrument& instrument_;
  const MeterDescription& description_;
  std::vector<Function> functions_;
  std::size_t selected_ = 0;
  NumberSetting samples_;
  Source source_ = Source::immediate;
  bool waiting_ = false;  // INITiate was given, the trigger has not come
  std::vector<double> readings_;
  std::uint32_t noise_ = 1;
};

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// The [meter] of a description: measuring functions with ranges and overload, CONFigure, MEASure,
// FUNCtion, READ?, INITiate, FETCh?, triggers. Its inputs can be set while it runs, so a program
// can be tried with the values it must cope with. meter_settings.cpp has what is set and asked of a
// function, meter.cpp what measures.
//
// Owned by a DescribedInstrument, whose command table refers to it; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/description/description.h"
#include "tools/sim/scpi/command.h"
#include "tools/sim/scpi/scpi_instrument.h"

namespace visa::sim {

class Meter {
 public:
  static constexpr double kOverload = 9.9e37;  ///< the answer SCPI prescribes
  static constexpr double kMostTriggers = 1e6;

  /// Adds its commands to `instrument`; both arguments outlive it.
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
    std::size_t integration = 0;  ///< a line of MeterDescription::integration
  };
  enum class Source : std::uint8_t { immediate, bus, external };

  void add_measuring_commands(std::size_t index);
  void add_trigger_commands();
  void add_count_commands();
  void add_input_commands();
  void add_function_selection();
  /// The place of the function of that header or name.
  std::optional<std::size_t> find_function(Command& command, std::string_view text);
  void add_range_commands(Function& function);
  void add_integration_commands(Function& function);
  void reset(Function& function) const;
  /// Selects a function with CONFigure's parameters; false, with the error recorded, if they are
  /// wrong.
  bool configure(Command& command, std::size_t index);
  static void set_range(Function& function, double wanted);
  /// The range that holds what is connected now.
  void choose_range(Function& function, double value) const;
  /// The shortest integration that gives no less than `nplc`, or no coarser than `resolution`.
  std::size_t integration_of(double nplc) const;
  std::size_t integration_for(const Function& function, double resolution) const;
  double resolution(const Function& function) const;
  NumberSetting resolution_range(const Function& function) const;
  /// Parameter number `argument`, a resolution; nothing, with the error recorded, if it is wrong.
  std::optional<std::size_t> integration_asked(Command& command, std::size_t argument,
                                               const Function& function) const;
  /// Takes up to `count` readings; of more than there is room for the newest stay.
  void measure(double count);
  double reading();
  /// The readings of all triggers; INFinity: more than any limit.
  double readings_wanted() const;
  /// Measures and answers, unless that would never end or has no room.
  void read(Command& command);
  void idle();
  void answer_readings(Command& command);
  void answer_configuration(Command& command);

  ScpiInstrument& instrument_;
  const MeterDescription& description_;
  std::vector<Function> functions_;
  CommandTable headers_;   ///< of the functions, in all spellings
  std::size_t found_ = 0;  ///< by a search in them
  std::size_t selected_ = 0;
  NumberSetting samples_;
  NumberSetting triggers_;
  bool endless_ = false;  ///< TRIGger:COUNt INFinity
  Source source_ = Source::immediate;
  bool waiting_ = false;      ///< INITiate was given, a trigger is still to come ...
  double triggers_left_ = 0;  ///< ... so many
  std::vector<double> readings_;
  std::uint32_t noise_ = 1;
};

}  // namespace visa::sim

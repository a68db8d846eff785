// SPDX-License-Identifier: MIT
// An instrument that speaks SCPI: parser, IEEE 488.2 common commands, status model, error queue. A
// concrete instrument adds its commands to the table and says what *RST means.
//
// Shared by all its links, on the bench's thread only (see instrument.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/scpi/command.h"
#include "tools/sim/scpi/command_table.h"
#include "tools/sim/scpi/service_watch.h"
#include "tools/sim/scpi/status_model.h"

namespace visa::sim {

class ScpiInstrument : public Instrument, public CommandHost {
 public:
  /// `identity`: the four fields of *IDN?, separated by commas.
  explicit ScpiInstrument(std::string identity);

  void execute(Link& link, std::string_view message) override;
  void refuse_long_message(Link& link) override;
  void interrupted(Link& link) override;
  void unterminated(Link& link) override;
  void deadlocked(Link& link) override;
  void device_clear(Link& link) override;
  void trigger(Link& link) override;
  std::uint8_t status_byte(const Link& link) const override;
  void output_changed(Link& link) override { watch_.look_between(status_, link); }

  void report(int code, std::string_view detail = {}) override { status_.report(code, detail); }
  CommandTable& commands() noexcept { return commands_; }
  StatusModel& status() noexcept { return status_; }
  /// From a command: all links request service when its message ends, whatever *SRE says.
  void request_service_of_all() noexcept { watch_.request_on_all(); }
  /// How registers, counts and the code of SYSTem:ERRor? are answered: "+0" instead of "0".
  bool signed_integers() const noexcept override { return signed_integers_; }
  /// A number with its query: "<pattern> <n>|MIN|MAX|DEF" and "<pattern>? [MIN|MAX|DEF]".
  /// `changed`, if any, runs after the value has become another.
  void add_number(std::string_view pattern, NumberSetting& setting,
                  std::function<void()> changed = {});
  void add_boolean(std::string_view pattern, bool& setting, std::function<void()> changed = {});
  void separate_answer(Link& link) override;

 protected:
  /// *RST: settings to their presets (the status model is not touched, 488.2 10.32).
  virtual void reset() = 0;
  /// *TRG and the wire's trigger.
  virtual void on_trigger() = 0;
  virtual void before_message(Link& link) { static_cast<void>(link); }
  /// After each unit and each trigger of the wire, before requests for service are looked at.
  virtual void after_command() {}
  void sign_integers() noexcept { signed_integers_ = true; }

 private:
  void add_common_commands();
  void add_system_commands();
  void add_status_group(const std::string& name, StatusGroup& group);
  void execute_unit(Link& link, const Unit& unit);
  /// What happens to the instrument outside of a message.
  void report_to(Link& link, int code);

  std::string identity_;
  CommandTable commands_;
  StatusModel status_;
  ServiceWatch watch_;
  bool answered_ = false;  ///< the message under execution has an answer already
  bool signed_integers_ = false;
};

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// An instrument that speaks SCPI: parser, IEEE 488.2 common commands, status model, error queue. A
// concrete instrument adds its commands to the table and says what *RST means.
//
// Shared by all its links, on the bench's thread only (see instrument.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/sim/command.h"
#include "tools/sim/command_table.h"
#include "tools/sim/instrument.h"
#include "tools/sim/status_model.h"

namespace visa::sim {

class ScpiInstrument : public Instrument {
 public:
  // `identity`: the four fields of *IDN?, separated by commas.
  explicit ScpiInstrument(std::string identity);

  void execute(Link& link, std::string_view message) override;
  void refuse_long_message(Link& link) override;
  void interrupted(Link& link) override;
  void unterminated(Link& link) override;
  void deadlocked(Link& link) override;
  void device_clear(Link& link) override;
  void trigger(Link& link) override;
  std::uint8_t status_byte(const Link& link) const override;

  // Records an error in the queue and the ESR.
  void report(int code, std::string_view detail = {}) { status_.report(code, detail); }
  CommandTable& commands() noexcept { return commands_; }
  StatusModel& status() noexcept { return status_; }
  // A number with its query: "<pattern> <n>|MIN|MAX|DEF" and "<pattern>? [MIN|MAX|DEF]". `changed`,
  // if any, runs after the value has become another.
  void add_number(std::string_view pattern, NumberSetting& setting,
                  std::function<void()> changed = {});
  void add_boolean(std::string_view pattern, bool& setting, std::function<void()> changed = {});
  // Puts ';' before the second and further answers of a message.
  void separate_answer(Link& link);

 protected:
  // *RST: settings to their presets (the status model is not touched, 488.2 10.32).
  virtual void reset() = 0;
  // *TRG and the wire's trigger.
  virtual void on_trigger() = 0;
  // After the last unit, before the answer ends and requests for service are looked at.
  virtual void after_message(Link& link) { static_cast<void>(link); }

 private:
  void add_common_commands();
  void add_system_commands();
  void add_status_group(const std::string& name, StatusGroup& group);
  void execute_unit(Link& link, const Unit& unit);
  // Requests service on every link whose master summary has risen.
  void update_service_requests();

  std::string identity_;
  CommandTable commands_;
  StatusModel status_;
  bool answered_ = false;  // the message under execution has an answer already
  bool service_was_enabled_ = false;
};

}  // namespace visa::sim

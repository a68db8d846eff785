// SPDX-License-Identifier: MIT
// IEEE 488.2 chapters 6 (message exchange), 10 (common commands), 11 (status); SCPI-99 volume 2
// chapters 20 and 21. Every command here is sequential, so *WAI has nothing to wait for and *OPC is
// complete at once.
#include "tools/sim/scpi/scpi_instrument.h"

#include <utility>

#include "tools/sim/engine/link.h"

namespace visa::sim {

ScpiInstrument::ScpiInstrument(std::string identity) : identity_(std::move(identity)) {
  add_common_commands();
  add_system_commands();
  add_status_group("STATus:OPERation", status_.operation);
  add_status_group("STATus:QUEStionable", status_.questionable);
}

void ScpiInstrument::execute(Link& link, std::string_view message) {
  watch_.begin(status_, links(), link);
  before_message(link);
  answered_ = false;
  ProgramMessage parser(message);
  Unit unit;
  auto result = parser.next(unit);
  for (; result == ProgramMessage::Result::unit; result = parser.next(unit)) {
    execute_unit(link, unit);
    after_command();
    watch_.look(status_, link);  // the next command may take the reason away
  }
  if (result == ProgramMessage::Result::error) report(parser.error(), unit.header);
  if (answered_) {
    link.answer("\n");
    link.end_answer();
  }
  watch_.finish(status_, links(), link);
}

void ScpiInstrument::execute_unit(Link& link, const Unit& unit) {
  Suffixes suffixes{};
  const CommandTable::Entry* const entry = commands_.find(unit, suffixes);
  if (entry == nullptr) {
    report(-113, unit.header);
    return;
  }
  if (unit.argument_count < entry->least_arguments) {
    report(-109, unit.header);
    return;
  }
  if (unit.argument_count > entry->most_arguments) {
    report(-108, unit.header);
    return;
  }
  Command command(*this, link, unit, suffixes);
  entry->handler(command);
}

void ScpiInstrument::separate_answer(Link& link) {
  if (std::exchange(answered_, true)) link.answer(";");
}

// The reason may be new although another one has only just gone: a message available that was.
void ScpiInstrument::report_to(Link& link, int code) {
  watch_.begin(status_, links(), link);
  report(code);
  watch_.finish(status_, links(), link);
}

void ScpiInstrument::refuse_long_message(Link& link) {
  report_to(link, -363);
}

void ScpiInstrument::interrupted(Link& link) {
  report_to(link, -410);
}

void ScpiInstrument::unterminated(Link& link) {
  report_to(link, -420);
}

void ScpiInstrument::deadlocked(Link& link) {
  report_to(link, -430);
}

// 488.2 5.8: device clear empties the queues of the interface and changes neither settings nor
// status.
void ScpiInstrument::device_clear(Link& link) {
  output_changed(link);
}

void ScpiInstrument::trigger(Link& link) {
  watch_.begin(status_, links(), link);
  on_trigger();
  after_command();
  watch_.finish(status_, links(), link);
}

std::uint8_t ScpiInstrument::status_byte(const Link& link) const {
  return status_.summary(link.message_available());
}

void ScpiInstrument::add_number(std::string_view pattern, NumberSetting& setting,
                                std::function<void()> changed) {
  commands_.add(
      pattern,
      [&setting, changed = std::move(changed)](Command& command) {
        if (const auto value = command.number(0, setting)) {
          const bool differs = setting.value != *value;
          setting.value = *value;
          if (differs && changed) changed();
        }
      },
      1);
  commands_.add(
      std::string(pattern) + "?",
      [&setting](Command& command) {
        if (const auto value = command.asked_value(setting)) command.answer_number(*value);
      },
      0, 1);
}

void ScpiInstrument::add_boolean(std::string_view pattern, bool& setting,
                                 std::function<void()> changed) {
  commands_.add(
      pattern,
      [&setting, changed = std::move(changed)](Command& command) {
        if (const auto value = command.boolean(0)) {
          setting = *value;
          if (changed) changed();
        }
      },
      1);
  commands_.add(std::string(pattern) + "?",
                [&setting](Command& command) { command.answer(setting ? "1" : "0"); });
}

void ScpiInstrument::add_common_commands() {
  commands_.add("*IDN?", [this](Command& command) { command.answer(identity_); });
  commands_.add("*OPC?", [](Command& command) { command.answer("1"); });
  commands_.add("*STB?", [this](Command& command) {
    const bool message_available = command.link().message_available();
    unsigned stb = status_.summary(message_available);
    stb |= status_.wants_service(message_available) ? kStbRequestService : 0U;
    command.answer_integer(stb);
  });
  commands_.add("*ESR?", [this](Command& command) { command.answer_integer(status_.take_esr()); });
  commands_.add("*CLS", [this](Command&) { status_.clear(); });
  commands_.add("*RST", [this](Command&) { reset(); });
  commands_.add("*OPC", [this](Command&) { status_.set_event(kEsrOperationComplete); });
  commands_.add("*WAI", [](Command&) {});
  commands_.add("*TST?", [](Command& command) { command.answer_integer(0); });
  commands_.add("*OPT?", [](Command& command) { command.answer("0"); });
  commands_.add("*TRG", [this](Command&) { on_trigger(); });
  commands_.add("*ESE?", [this](Command& command) { command.answer_integer(status_.ese()); });
  commands_.add("*SRE?", [this](Command& command) { command.answer_integer(status_.sre()); });
  commands_.add(
      "*ESE",
      [this](Command& command) {
        if (const auto bits = command.integer(0, 0, 255)) {
          status_.set_ese(static_cast<std::uint8_t>(*bits));
        }
      },
      1);
  commands_.add(
      "*SRE",
      [this](Command& command) {
        if (const auto bits = command.integer(0, 0, 255)) {
          status_.set_sre(static_cast<std::uint8_t>(*bits));
        }
      },
      1);
}

void ScpiInstrument::add_system_commands() {
  commands_.add("SYSTem:ERRor[:NEXT]?", [this](Command& command) {
    const ScpiError oldest = status_.errors.pop();
    const char* const sign = signed_integers_ && oldest.code >= 0 ? "+" : "";
    command.answer(sign + std::to_string(oldest.code) + ",\"" + oldest.text + "\"");
  });
  commands_.add("SYSTem:ERRor:COUNt?", [this](Command& command) {
    command.answer_integer(static_cast<std::int64_t>(status_.errors.size()));
  });
  commands_.add("SYSTem:VERSion?", [](Command& command) { command.answer("1999.0"); });
  commands_.add("STATus:PRESet", [this](Command&) { status_.preset(); });
}

void ScpiInstrument::add_status_group(const std::string& name, StatusGroup& group) {
  commands_.add(name + "[:EVENt]?", [&group](Command& command) {
    command.answer_integer(std::exchange(group.event, std::uint16_t{0}));
  });
  commands_.add(name + ":CONDition?",
                [&group](Command& command) { command.answer_integer(group.condition); });
  const auto add_mask = [this, &name](const char* node, std::uint16_t& mask) {
    commands_.add(name + node + "?", [&mask](Command& command) { command.answer_integer(mask); });
    commands_.add(
        name + node,
        [&mask](Command& command) {
          if (const auto bits = command.integer(0, 0, kStatusBits)) {
            mask = static_cast<std::uint16_t>(*bits);
          }
        },
        1);
  };
  add_mask(":ENABle", group.enable);
  add_mask(":PTRansition", group.positive);
  add_mask(":NTRansition", group.negative);
}

}  // namespace visa::sim

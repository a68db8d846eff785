// SPDX-License-Identifier: MIT
// A command resets, then takes its parameters, then sets what its file says, then has its effects.
#include "tools/sim/description/described_instrument.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "tools/sim/engine/link.h"
#include "tools/sim/recording/recorded_instrument.h"
#include "tools/sim/scpi/loopback_instrument.h"
#include "tools/sim/scpi/pyvisa_instrument.h"
#include "tools/sim/signal/screenshot.h"

namespace visa::sim {
namespace {

// The short form of a word, as instruments answer it: "IMMediate" is IMM.
std::string short_form(std::string_view word) {
  std::string result;
  for (const char c : word) {
    if (upper(c) == c) result += c;
  }
  return result;
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    result += c;
    if (c == '"') result += c;
  }
  return result + "\"";
}

}  // namespace

DescribedInstrument::DescribedInstrument(std::shared_ptr<const Description> description,
                                         std::size_t pool_limit)
    : ScpiInstrument(description->identity),
      description_(std::move(description)),
      store_(description_->properties),
      pool_(pool_limit) {
  if (description_->signed_integers) sign_integers();
  const std::string options = description_->options;
  commands().add("*OPT?", [options](Command& command) { command.answer(options); });
  if (description_->meter) meter_ = std::make_unique<Meter>(*this, *description_->meter);
  add_records();
  for (std::size_t i = 0; i < description_->properties.size(); ++i) add_property(i);
  for (const DialogueDescription& dialogue : description_->dialogues) add_dialogue(dialogue);
  for (const CommandDescription& command : description_->commands) add_command(command);
  for (const Fault& fault : description_->faults) faults().add(fault);
  update_conditions();
}

void DescribedInstrument::reset() {
  store_.reset();
  if (meter_ != nullptr) meter_->reset();
}

void DescribedInstrument::on_trigger() {
  if (meter_ != nullptr) {
    meter_->trigger();
  } else if (description_->trigger_acquires) {
    acquire();
  } else {
    report(-211);
  }
}

void DescribedInstrument::acquire() {
  for (const auto& record : records_) record->acquire();
}

void DescribedInstrument::before_message(Link& link) {
  if (description_->delay.count() > 0) link.delay(description_->delay);
}

void DescribedInstrument::after_command() {
  if (store_.version() != conditions_version_) update_conditions();
}

void DescribedInstrument::update_conditions() {
  conditions_version_ = store_.version();
  for (const ConditionDescription& condition : description_->conditions) {
    StatusGroup& group =
        condition.where == StatusRegister::operation ? status().operation : status().questionable;
    group.set_condition(condition.bits, condition.when.evaluate(store_) != 0);
  }
}

void DescribedInstrument::apply(const Effects& effects, Link& link) {
  if (effects.acquire) acquire();
  if (effects.trigger) on_trigger();
  for (const StatusChange& change : effects.status) {
    switch (change.where) {
      case StatusRegister::standard:
        status().set_event(static_cast<std::uint8_t>(change.bits));
        break;
      case StatusRegister::operation:
        status().operation.set_condition(change.bits, change.on);
        break;
      case StatusRegister::questionable:
        status().questionable.set_condition(change.bits, change.on);
        break;
    }
  }
  if (effects.service_request) request_service_of_all();
  if (effects.delay.count() > 0) link.delay(effects.delay);
}

NumberSetting DescribedInstrument::range_of(const PropertyDescription& property,
                                            std::size_t channel) const {
  NumberSetting range;
  range.minimum = property.minimum;
  range.maximum = property.maximum;
  range.preset =
      property.presets[std::min(channel == 0 ? 0 : channel - 1, property.presets.size() - 1)];
  range.unit = property.unit;
  range.range_error = property.range_error;
  range.type_error = property.type_error;
  range.choice_error = property.choice_error;
  return range;
}

void DescribedInstrument::add_property(std::size_t index) {
  const PropertyDescription& property = description_->properties[index];
  const bool asks_limits =
      property.type == PropertyType::number || property.type == PropertyType::integer;
  for (std::size_t i = 0; i < property.headers.size(); ++i) {
    const auto channel_of = [suffix = property.suffix, count = property.count,
                             channel = i + 1](Command& command) {
      return suffix ? command.suffix(0, count) : std::optional(channel);
    };
    for (const std::string& header : property.headers[i]) {
      if (property.settable) {
        commands().add(
            header,
            [this, index, channel_of](Command& command) {
              if (const auto channel = channel_of(command)) {
                set_property(command, index, *channel, 0);
              }
            },
            1);
      }
      commands().add(
          header + "?",
          [this, index, channel_of](Command& command) {
            if (const auto channel = channel_of(command)) answer_property(command, index, *channel);
          },
          0, asks_limits ? 1 : 0);
    }
  }
}

bool DescribedInstrument::check_property(Command& command, std::size_t index, std::size_t argument,
                                         double& number, std::string& text) {
  const PropertyDescription& property = description_->properties[index];
  switch (property.type) {
    case PropertyType::number:
    case PropertyType::integer: {
      const auto value = command.number(argument, range_of(property, 1));
      number = value.value_or(0);
      if (property.type == PropertyType::integer) number = std::round(number);
      return value.has_value();
    }
    case PropertyType::boolean: {
      const bool once = property.once && command.is_mnemonic(argument, "ONCE");
      const auto value = once ? std::optional(false) : command.boolean(argument);
      number = value.value_or(false) ? 1 : 0;
      return value.has_value();
    }
    case PropertyType::choice: {
      const auto value =
          command.choice(argument, property.choices, property.choice_error, property.type_error);
      number = static_cast<double>(value.value_or(0));
      return value.has_value();
    }
    case PropertyType::text: {
      auto value = command.string(argument);
      if (!value) return false;
      if (value->size() > property.longest && !property.cut) {
        command.error(-223);
        return false;
      }
      text = value->substr(0, property.longest);
      return true;
    }
  }
  return false;
}

void DescribedInstrument::store_property(std::size_t index, std::size_t channel, double number,
                                         std::string text) {
  if (description_->properties[index].type == PropertyType::text) {
    store_.set_text(index, channel, std::move(text));
  } else {
    store_.set_number(index, channel, number);
  }
}

void DescribedInstrument::set_property(Command& command, std::size_t index, std::size_t channel,
                                       std::size_t argument) {
  double number = 0;
  std::string text;
  if (check_property(command, index, argument, number, text)) {
    store_property(index, channel, number, std::move(text));
    apply(description_->properties[index].effects, command.link());
  }
}

void DescribedInstrument::answer_property(Command& command, std::size_t index,
                                          std::size_t channel) {
  const PropertyDescription& property = description_->properties[index];
  if (property.query_delay.count() > 0) command.link().delay(property.query_delay);
  if (property.type == PropertyType::number || property.type == PropertyType::integer) {
    NumberSetting setting = range_of(property, channel);
    setting.value = store_.number(index, channel);
    if (const auto value = command.asked_value(setting)) {
      command.answer(format_number(*value, property.format));
    }
    return;
  }
  command.answer(property_text(index, channel, property.type == PropertyType::text));
}

std::string DescribedInstrument::property_text(std::size_t index, std::size_t channel,
                                               bool quoted) const {
  const PropertyDescription& property = description_->properties[index];
  std::string text;
  if (property.type == PropertyType::text) {
    text = store_.text(index, channel);
  } else if (property.type == PropertyType::choice) {
    text = short_form(property.choices[static_cast<std::size_t>(store_.number(index, channel))]);
  } else {
    text = format_number(store_.number(index, channel), property.format);
  }
  return quoted ? in_quotes(text) : text;
}

std::string DescribedInstrument::fill(const Template& text, std::size_t channel) {
  std::string result;
  for (const Template::Piece& piece : text.pieces) {
    result += piece.text;
    if (piece.property) {
      result += property_text(*piece.property, channel, piece.quoted);
    } else if (piece.value) {
      result += format_number(piece.value->evaluate(store_, channel), piece.format);
    }
  }
  return result;
}

void DescribedInstrument::add_dialogue(const DialogueDescription& dialogue) {
  for (const std::string& query : dialogue.queries) {
    commands().add(
        query,
        [this, &dialogue](Command& command) {
          const auto channel = dialogue.suffixes > 0 ? command.suffix(0, dialogue.suffixes)
                                                     : std::optional(dialogue.channel);
          if (!channel) return;
          apply(dialogue.effects, command.link());
          if (dialogue.error != 0) {
            command.error(dialogue.error);
          } else if (dialogue.generator == Generator::peak_to_peak && !records_.empty()) {
            command.answer_number(records_.front()->peak_to_peak());
          } else {
            command.answer(fill(dialogue.answer, *channel));
          }
        },
        0, dialogue.arguments);
  }
}

void DescribedInstrument::add_command(const CommandDescription& described) {
  for (const std::string& header : described.headers) {
    commands().add(
        header, [this, &described](Command& command) { run_command(command, described); },
        described.required, described.parameters.size() + described.ignored);
  }
}

void DescribedInstrument::run_command(Command& command, const CommandDescription& described) {
  const auto channel = described.suffixes > 0 ? command.suffix(0, described.suffixes)
                                              : std::optional(described.channel);
  if (!channel) return;
  if (described.error != 0) {
    command.error(described.error);
    return;
  }
  // All parameters are looked at before the first is taken.
  const std::size_t given = std::min(command.count(), described.parameters.size());
  std::vector<std::pair<double, std::string>> values(given);
  for (std::size_t i = 0; i < given; ++i) {
    if (!check_property(command, described.parameters[i], i, values[i].first, values[i].second)) {
      return;
    }
  }
  if (described.reset_all) {
    PropertyStore before = store_;
    reset();
    for (const std::size_t index : described.keep) {
      for (std::size_t i = 1; i <= description_->properties[index].count; ++i) {
        store_property(index, i, before.number(index, i), before.text(index, i));
      }
    }
  }
  for (const std::size_t index : described.reset) store_.reset(index);
  for (std::size_t i = 0; i < given; ++i) {
    store_property(described.parameters[i], *channel, values[i].first, std::move(values[i].second));
  }
  for (const CommandDescription::Assignment& assignment : described.set) {
    const PropertyDescription& property = description_->properties[assignment.property];
    const double value = assignment.value.evaluate(store_, *channel);
    // What is no number becomes the minimum.
    store_.set_number(
        assignment.property, *channel,
        value > property.minimum ? std::min(value, property.maximum) : property.minimum);
  }
  apply(described.effects, command.link());
}

void DescribedInstrument::add_records() {
  for (const RecordDescription& described : description_->records) {
    records_.push_back(std::make_unique<Record>(described, store_, pool_));
    Record& record = *records_.back();
    for (const std::string& query : described.queries) {
      commands().add(query, [this, &described, &record](Command& command) {
        apply(described.effects, command.link());
        record.answer(command);
      });
    }
  }
  if (!description_->screenshot) return;
  for (const std::string& query : description_->screenshot->queries) {
    commands().add(query, [this](Command& command) {
      answer_screenshot(command, *description_->screenshot, *records_.front(), store_, pool_);
    });
  }
}

std::unique_ptr<Instrument> make_instrument(const std::shared_ptr<const Description>& description) {
  if (description->recording) return std::make_unique<RecordedInstrument>(description->recording);
  std::unique_ptr<Instrument> instrument;
  if (description->pyvisa_test) instrument = std::make_unique<PyvisaInstrument>();
  if (description->loopback) instrument = std::make_unique<LoopbackInstrument>();
  if (instrument == nullptr) return std::make_unique<DescribedInstrument>(description);
  for (const Fault& fault : description->faults) instrument->faults().add(fault);
  return instrument;
}

}  // namespace visa::sim

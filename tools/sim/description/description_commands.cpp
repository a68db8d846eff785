// SPDX-License-Identifier: MIT
// Dialogues, commands and status conditions, and what all tables share: headers, formulas, effects.
#include <algorithm>
#include <array>

#include <utility>

#include "tools/sim/description/description_reader.h"
#include "tools/sim/scpi/command_table.h"

namespace visa::sim {
namespace {

constexpr std::size_t kMostPieces = 64;
constexpr std::size_t kLongestAnswer = 1 << 20;

std::optional<StatusRegister> find_register(TableReader& table) {
  const auto place = table.word("register", {"standard", "operation", "questionable"});
  table.require("register", "\"standard\", \"operation\" or \"questionable\"");
  return place ? std::optional(static_cast<StatusRegister>(*place)) : std::nullopt;
}

std::uint16_t read_bit(TableReader& table, StatusRegister where) {
  table.require("bit", "its number");
  const std::int64_t most = where == StatusRegister::standard ? 7 : 14;
  return static_cast<std::uint16_t>(1U << table.integer("bit", 0, most).value_or(0));
}

}  // namespace

std::optional<std::size_t> DescriptionReader::find_property(std::string_view name) const {
  const auto& all = description_->properties;
  const auto found =
      std::find_if(all.begin(), all.end(),
                   [name](const PropertyDescription& property) { return property.name == name; });
  return found == all.end() ? std::nullopt
                            : std::optional(static_cast<std::size_t>(found - all.begin()));
}

NameLookup DescriptionReader::names(bool channel) const {
  return [this, channel](std::string_view name) -> std::optional<NameInfo> {
    const auto place = find_property(name);
    if (!place) return std::nullopt;
    const PropertyDescription& property = description_->properties[*place];
    return NameInfo{*place, property.count, channel, property.type == PropertyType::text,
                    property.type == PropertyType::choice ? &property.choices : nullptr};
  };
}

void DescriptionReader::formula(TableReader& table, std::string_view key, bool channel,
                                Expression& result) {
  if (const Node* const node = table.any(key)) formula(table, key, *node, channel, result);
}

void DescriptionReader::formula(TableReader& table, std::string_view key, const Node& node,
                                bool channel, Expression& result) {
  if (const auto* const text = node.get<std::string>()) {
    Expression::Fault fault;
    if (auto parsed = Expression::parse(*text, names(channel), channel, fault)) {
      result = std::move(*parsed);
    } else {
      const Place place{node.place.line,
                        node.place.column + 1 + static_cast<std::uint32_t>(fault.at)};
      mistakes_.add(place, table.what() + ": " + std::string(key) + ": " + fault.reason);
    }
  } else if (const auto* const number = node.get<double>()) {
    result = Expression(*number);
  } else if (const auto* const integer = node.get<std::int64_t>()) {
    result = Expression(static_cast<double>(*integer));
  } else if (const auto* const flag = node.get<bool>()) {
    result = Expression(*flag ? 1.0 : 0.0);
  } else {
    table.mistake(key, "expected a number or a formula in quotes");
  }
}

std::vector<std::string> DescriptionReader::headers(TableReader& table, std::string_view key,
                                                    bool query, bool suffix) {
  std::vector<std::string> result = table.texts(key);
  for (const std::string& header : result) {
    const std::string fault = CommandTable::pattern_fault(header);
    if (!fault.empty()) {
      table.mistake(key, cited(header) + ": " + fault);
    } else if (header.ends_with('?') != query) {
      table.mistake(key, cited(header) + (query ? ": expected '?' at the end"
                                                : ": expected no '?' at the end"));
    } else if (!suffix && header.find('#') != std::string::npos) {
      table.mistake(key, cited(header) + ": expected no '#' here");
    } else if (std::count(header.begin(), header.end(), '#') > 1) {
      table.mistake(key, cited(header) + ": expected one '#' at most");
    }
  }
  return result;
}

std::size_t DescriptionReader::suffixes(TableReader& table, std::string_view key,
                                        const std::vector<std::string>& headers) {
  const auto count = static_cast<std::size_t>(table.integer("count", 1, 64).value_or(0));
  const auto with = std::count_if(headers.begin(), headers.end(), [](const std::string& header) {
    return header.find('#') != std::string::npos;
  });
  if (with > 0 && !table.has("count")) {
    table.mistake(key, "expected count = the highest number that '#' takes");
  } else if (table.has("count") && with != static_cast<std::ptrdiff_t>(headers.size())) {
    table.mistake(key, "expected a '#', as there is a count");
  }
  return count;
}

std::vector<std::size_t> DescriptionReader::property_list(TableReader& table,
                                                          std::string_view key) {
  std::vector<std::size_t> result;
  for (const std::string& name : table.texts(key)) {
    if (const auto place = find_property(name)) {
      result.push_back(*place);
    } else {
      table.mistake(key, "expected the name of a property instead of " + cited(name));
    }
  }
  return result;
}

std::optional<std::size_t> DescriptionReader::choice_property(TableReader& table,
                                                              std::string_view key) {
  const auto list = property_list(table, key);
  if (list.empty()) return std::nullopt;
  if (list.size() > 1 || description_->properties[list[0]].type != PropertyType::choice) {
    table.mistake(key, "expected one property of type 'choice'");
    return std::nullopt;
  }
  return list[0];
}

Effects DescriptionReader::read_effects(TableReader& table) {
  Effects effects;
  effects.acquire = table.boolean("acquire").value_or(false);
  effects.trigger = table.boolean("trigger").value_or(false);
  effects.service_request = table.boolean("service_request").value_or(false);
  effects.delay = milliseconds(table, "delay_ms");
  for (const Node* const node : table.tables("status")) {
    TableReader one(*node->get<Table>(), node->place, table.what() + " status", mistakes_);
    StatusChange change;
    change.where = find_register(one).value_or(StatusRegister::operation);
    change.bits = read_bit(one, change.where);
    change.on = one.boolean("on").value_or(true);
    one.finish();
    effects.status.push_back(change);
  }
  return effects;
}

bool DescriptionReader::read_piece(std::string_view text, bool channel, Template::Piece& piece,
                                   Expression::Fault& fault) {
  std::string_view value = text;
  const std::size_t bar = text.find('|');
  if (bar != std::string_view::npos) {
    value = text.substr(0, bar);
    const std::string_view style = text.substr(bar + 1);
    const auto format = read_format(style);
    piece.quoted = style == "quoted";
    if (!format && !piece.quoted) {
      fault = {bar + 1, "expected d, +d, f or e and digits, or quoted after '|'"};
      return false;
    }
    piece.format = format.value_or(piece.format);
  }
  if (const auto place = find_property(value)) {
    const PropertyDescription& property = description_->properties[*place];
    const bool as_it_is = bar == std::string_view::npos || piece.quoted;
    if (as_it_is && (property.count == 1 || channel)) {
      piece.property = place;
      return true;
    }
  }
  if (piece.quoted) {
    fault = {0, "expected the name of a property before '|quoted'"};
    return false;
  }
  piece.value = Expression::parse(value, names(channel), channel, fault);
  return piece.value.has_value();
}

Template DescriptionReader::read_template(TableReader& table, std::string_view key, bool channel) {
  Template result;
  const Node* const node = table.any(key);
  const auto* const text = node != nullptr ? node->get<std::string>() : nullptr;
  if (text == nullptr) {
    if (node != nullptr) table.mistake(key, "expected a string");
    return result;
  }
  if (text->size() > kLongestAnswer) {
    table.mistake(key, "expected at most 1048576 bytes");
    return result;
  }
  Expression::Fault fault;
  if (!parse_template(*text, channel, result, fault)) {
    mistakes_.add({node->place.line, node->place.column + 1 + static_cast<std::uint32_t>(fault.at)},
                  table.what() + ": " + std::string(key) + ": " + fault.reason);
  }
  return result;
}

// False, with `fault`, at what is no text with values.
bool DescriptionReader::parse_template(std::string_view text, bool channel, Template& result,
                                       Expression::Fault& fault) {
  Template::Piece piece;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    const bool brace = c == '{' || c == '}';
    if (brace && at + 1 < text.size() && text[at + 1] == c) {
      piece.text += c;
      at += 2;
      continue;
    }
    if (!brace) {
      piece.text += c;
      ++at;
      continue;
    }
    if (c == '}') {
      fault = {at, "expected '{' before ('}}' stands for one brace)"};
      return false;
    }
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos || result.pieces.size() >= kMostPieces) {
      fault = {at, end == std::string_view::npos ? "expected '}' ('{{' stands for one brace)"
                                                 : "expected at most 64 values"};
      return false;
    }
    if (!read_piece(text.substr(at + 1, end - at - 1), channel, piece, fault)) {
      fault.at += at + 1;
      return false;
    }
    result.pieces.push_back(std::exchange(piece, {}));
    at = end + 1;
  }
  if (!piece.text.empty()) result.pieces.push_back(std::move(piece));
  return true;
}

void DescriptionReader::read_dialogue(const Node& node, const Channels& channels) {
  TableReader table(*node.get<Table>(), node.place, "[[dialogue]]", mistakes_);
  DialogueDescription dialogue;
  table.require("query", "\"HEADer?\"");
  const auto queries = headers(table, "query", true, channels.prefix.empty());
  dialogue.suffixes = channels.prefix.empty() ? suffixes(table, "query", queries) : 0;
  const bool channel = !channels.prefix.empty() || dialogue.suffixes > 0;
  dialogue.answer = read_template(table, "answer", channel);
  if (table.word("generator", {"peak-to-peak"})) dialogue.generator = Generator::peak_to_peak;
  dialogue.error = static_cast<int>(table.integer("error", -32768, 32767).value_or(0));
  if (!table.has("answer") && !table.has("generator") && !table.has("error")) {
    table.require("answer", "\"text\"");
  }
  dialogue.arguments = static_cast<std::size_t>(table.integer("arguments", 0, 32).value_or(0));
  dialogue.effects = read_effects(table);
  table.finish();
  for (std::size_t i = 1; i <= channels.count; ++i) {
    dialogue.channel = channels.prefix.empty() ? 0 : i;
    dialogue.queries = of_channel(queries, channels, i);
    description_->dialogues.push_back(dialogue);
  }
}

void DescriptionReader::read_assignments(TableReader& table, CommandDescription& command,
                                         bool channel) {
  const Node* const node = table.table("set");
  if (node == nullptr) return;
  for (const Entry& entry : *node->get<Table>()) {
    const auto place = find_property(entry.key);
    if (!place || description_->properties[*place].type == PropertyType::text) {
      mistakes_.add(entry.place, table.what() +
                                     ": set: expected the name of a property that has a " +
                                     "number instead of " + cited(entry.key));
      continue;
    }
    CommandDescription::Assignment assignment;
    assignment.property = *place;
    formula(table, "set", entry.value, channel, assignment.value);
    command.set.push_back(std::move(assignment));
  }
}

void DescriptionReader::read_command(const Node& node, const Channels& channels) {
  TableReader table(*node.get<Table>(), node.place, "[[command]]", mistakes_);
  CommandDescription command;
  table.require("header", "\"HEADer\"");
  const auto given = headers(table, "header", false, channels.prefix.empty());
  command.suffixes = channels.prefix.empty() ? suffixes(table, "header", given) : 0;
  const bool channel = !channels.prefix.empty() || command.suffixes > 0;
  command.parameters = property_list(table, "parameters");
  const auto most = static_cast<std::int64_t>(command.parameters.size());
  command.required = static_cast<std::size_t>(table.integer("required", 0, most).value_or(most));
  command.ignored = static_cast<std::size_t>(table.integer("arguments", 0, 32).value_or(0));
  read_assignments(table, command, channel);
  // reset = true: everything; reset = ["name", ...]: these
  if (const Node* const reset = table.any("reset");
      reset != nullptr && reset->get<bool>() != nullptr) {
    command.reset_all = *reset->get<bool>();
  } else {
    command.reset = property_list(table, "reset");
  }
  command.keep = property_list(table, "keep");
  command.error = static_cast<int>(table.integer("error", -32768, 32767).value_or(0));
  command.effects = read_effects(table);
  table.finish();
  for (std::size_t i = 1; i <= channels.count; ++i) {
    command.channel = channels.prefix.empty() ? 0 : i;
    command.headers = of_channel(given, channels, i);
    description_->commands.push_back(command);
  }
}

void DescriptionReader::read_condition(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[[status]]", mistakes_);
  ConditionDescription condition;
  condition.where = find_register(table).value_or(StatusRegister::operation);
  if (condition.where == StatusRegister::standard) {
    table.mistake("register", "expected operation or questionable, which have conditions");
  }
  condition.bits = read_bit(table, condition.where);
  table.require("when", "\"a formula\"");
  formula(table, "when", false, condition.when);
  table.finish();
  description_->conditions.push_back(std::move(condition));
}

}  // namespace visa::sim

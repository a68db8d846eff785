// SPDX-License-Identifier: MIT
// The file as a whole, [instrument], [[property]] and [[channel]]. Every mistake is noted before
// the file is refused.
#include "tools/sim/description/description_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "tools/sim/scpi/command_table.h"
#include "tools/sim/scpi/program_message.h"

namespace visa::sim {
namespace {

constexpr std::size_t kMostChannels = 64;
constexpr std::size_t kMostProperties = 2000;
constexpr std::int64_t kLongestDelay = 3600000;  // ms
constexpr std::size_t kLargestFile = 1 << 20;

bool is_recording(std::string_view text) {
  return text.find("[[recorded]]") != std::string_view::npos;
}

}  // namespace

bool DescriptionReader::plain_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 32 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string::npos;
}

std::string format_number(double value, const NumberFormat& format) {
  if (std::isnan(value)) {
    value = 9.91e37;  // SCPI-99 volume 1 7.2.1.5: not a number
  } else if (std::isinf(value)) {
    value = std::copysign(9.9e37, value);
  }
  std::array<char, 400> text{};
  const char* style = "%+.*E";
  if (format.style == NumberFormat::Style::integer && std::abs(value) < 1e18) {
    const std::string digits = std::to_string(std::llround(value));
    return format.sign && !digits.starts_with('-') ? "+" + digits : digits;
  }
  if (format.style == NumberFormat::Style::fixed) style = "%+.*f";
  std::snprintf(text.data(), text.size(), style, format.digits, value);
  return text.data();
}

std::shared_ptr<const Description> read_description(std::string_view text, const std::string& file,
                                                    WireKinds wires) {
  return DescriptionReader(file, wires).read(text).front();
}

std::vector<std::shared_ptr<const Description>> read_descriptions(std::string_view text,
                                                                  const std::string& file,
                                                                  bool delays, WireKinds wires) {
  return DescriptionReader(file, wires, delays).read(text);
}

std::vector<std::shared_ptr<const Description>> DescriptionReader::read(std::string_view text) {
  const std::size_t most = is_recording(text) ? Recording::kLargestText : kLargestFile;
  const tomlio::TomlDocument document =
      text.size() <= most
          ? tomlio::parse_toml(text)
          : tomlio::TomlDocument{
                {}, false, "expected a file of at most " + std::to_string(most) + " bytes", {}};
  if (!document.good) {
    mistakes_.add(document.error_place, document.error);
    throw DescriptionError(mistakes_.text());
  }
  TableReader root(document.root, {}, "the file", mistakes_);
  if (const auto recorded = root.tables("recorded"); !recorded.empty()) {
    std::vector<std::shared_ptr<const Description>> all;
    for (const Node* const node : recorded) {
      description_ = std::make_shared<Description>();
      read_recorded(*node);
      all.push_back(description_);
    }
    root.finish();
    if (!mistakes_.empty()) throw DescriptionError(mistakes_.text());
    return all;
  }
  read_tables(root);
  root.finish();
  if (description_->pyvisa_test || description_->loopback) {
    want_no_commands(root, document.root.size());
  }
  if (!mistakes_.empty()) throw DescriptionError(mistakes_.text());
  return {description_};
}

void DescriptionReader::read_tables(TableReader& root) {
  const auto one = [&root](std::string_view key, auto read) {
    if (const Node* const node = root.table(key)) read(*node);
  };
  const auto each = [&root](std::string_view key, auto read) {
    for (const Node* const node : root.tables(key)) read(*node);
  };
  root.require("instrument", "a table: [instrument]");
  one("instrument", [this](const Node& node) { read_instrument(node); });
  const auto channels = root.tables("channel");
  each("property", [this](const Node& node) { read_property(node, {}); });
  for (const bool properties : {true, false}) {
    for (const Node* const node : channels) read_channels(*node, properties);
  }
  each("dialogue", [this](const Node& node) { read_dialogue(node, {}); });
  each("command", [this](const Node& node) { read_command(node, {}); });
  each("status", [this](const Node& node) { read_condition(node); });
  one("meter", [this](const Node& node) { read_meter(node); });
  each("record", [this](const Node& node) { read_record(node); });
  one("screenshot", [this](const Node& node) { read_screenshot(node); });
  for (const WireKind* const wire : wires_) {
    if (wire->has_section()) {
      one(wire->name(), [this, wire](const Node& node) { read_section(*wire, node); });
    }
  }
  each("fault", [this](const Node& node) { read_fault(node); });
}

// An instrument of another kind is not described by a file; what goes wrong with it may be.
void DescriptionReader::want_no_commands(const TableReader& root, std::size_t tables) {
  std::string allowed = "[instrument]";
  std::size_t known = 1U + (root.has("fault") ? 1 : 0);
  for (const WireKind* const wire : wires_) {
    if (wire->has_section()) {
      allowed += ", [" + std::string(wire->name()) + "]";
      known += root.has(wire->name()) ? 1 : 0;
    }
  }
  if (tables > known) {
    const std::string kind = description_->loopback ? "loopback" : "pyvisa-test";
    mistakes_.add(root.place("instrument"),
                  "kind = '" + kind + "': expected nothing but " + allowed + " and [[fault]]");
  }
}

void DescriptionReader::read_instrument(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[instrument]", mistakes_);
  const auto kind = table.word("kind", {"scpi", "pyvisa-test", "loopback"});
  description_->pyvisa_test = kind == std::optional<std::size_t>(1);
  description_->loopback = kind == std::optional<std::size_t>(2);
  table.require("name", "\"a short name\"");
  description_->name = table.text("name").value_or("instrument");
  if (!plain_name(description_->name))
    table.mistake("name", "expected 1 to 32 letters, digits, '-' and '_'");
  description_->title = table.text("description").value_or("");
  description_->port = static_cast<std::uint16_t>(table.integer("port", 1, 65535).value_or(0));
  if (!description_->pyvisa_test && !description_->loopback) {
    table.require("identity", "\"maker,model,serial number,version\"");
    description_->identity = table.text("identity").value_or("");
    const bool one_line = std::all_of(description_->identity.begin(), description_->identity.end(),
                                      [](char c) { return c >= ' ' && c <= '~'; });
    if (!one_line || description_->identity.empty()) {
      table.mistake("identity", "expected printable ASCII");
    }
    description_->options = table.text("options").value_or("0");
    description_->signed_integers =
        table.word("integers", {"d", "+d"}) == std::optional<std::size_t>(1);
    description_->delay = milliseconds(table, "delay_ms");
    description_->trigger_acquires =
        table.word("trigger", {"nothing", "acquire"}) == std::optional<std::size_t>(1);
  }
  table.finish();
}

void DescriptionReader::read_channels(const Node& node, bool properties) {
  TableReader table(*node.get<Table>(), node.place, "[[channel]]", mistakes_);
  Channels channels;
  const auto prefix = table.text("prefix");
  const auto count = table.integer("count", 1, kMostChannels);
  const auto property = table.tables("property");
  const auto dialogue = table.tables("dialogue");
  const auto command = table.tables("command");
  channels.prefix = prefix.value_or("");
  channels.count = static_cast<std::size_t>(count.value_or(1));
  if (properties) {
    table.require("prefix", "\"CHANnel\"");
    table.require("count", "the number of channels");
    if (prefix) {
      const std::string fault = CommandTable::pattern_fault(channels.prefix);
      if (!fault.empty() || channels.prefix.find_first_of("#?*") != std::string::npos) {
        table.mistake("prefix", "expected a word as in CHANnel");
      }
    }
    table.finish();
    for (const Node* const one : property) read_property(*one, channels);
    return;
  }
  for (const Node* const one : dialogue) read_dialogue(*one, channels);
  for (const Node* const one : command) read_command(*one, channels);
}

void DescriptionReader::read_property(const Node& node, const Channels& channels) {
  TableReader table(*node.get<Table>(), node.place, "[[property]]", mistakes_);
  PropertyDescription property;
  table.require("name", "\"the name formulas use\"");
  property.name = table.text("name").value_or("");
  const bool word = !property.name.empty() &&
                    property.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") ==
                        std::string::npos &&
                    !(property.name[0] >= '0' && property.name[0] <= '9');
  constexpr std::array<std::string_view, 5> kReserved = {"and", "or", "not", "channel", "pi"};
  if (table.has("name") &&
      (!word || std::find(kReserved.begin(), kReserved.end(), property.name) != kReserved.end())) {
    table.mistake("name",
                  "expected small letters, digits and '_', and none of and, or, not, channel, pi");
  } else if (find_property(property.name)) {
    table.mistake("name", "there is another property " + cited(property.name));
  }
  const std::vector<std::string> given = headers(table, "header", false, channels.prefix.empty());
  property.count = channels.count;
  if (channels.prefix.empty()) {
    property.headers.push_back(given);
    const std::size_t count = suffixes(table, "header", given);
    property.suffix = !given.empty() && count > 0;
    property.count = std::max<std::size_t>(count, 1);
  } else {
    for (std::size_t channel = 1; channel <= channels.count; ++channel) {
      property.headers.push_back(of_channel(given, channels, channel));
    }
  }
  property.settable = !table.boolean("read_only").value_or(false);
  property.keeps_on_reset = table.boolean("keeps_on_reset").value_or(false);
  const auto type = table.word("type", {"number", "integer", "boolean", "choice", "string"});
  table.require("type", "\"number\", \"integer\", \"boolean\", \"choice\" or \"string\"");
  property.type = static_cast<PropertyType>(type.value_or(0));
  if (property.type == PropertyType::text || property.type == PropertyType::choice) {
    read_text_property(table, property);
  } else {
    read_number_property(table, property);
  }
  read_errors(table, property);
  property.effects = read_effects(table);
  property.query_delay = milliseconds(table, "query_delay_ms");
  check_presets(table, property);
  table.finish();
  if (description_->properties.size() >= kMostProperties) {
    table.mistake("name", "expected at most 2000 properties");
    return;
  }
  description_->properties.push_back(std::move(property));
}

void DescriptionReader::read_number_property(TableReader& table, PropertyDescription& property) {
  if (property.type == PropertyType::boolean) {
    property.maximum = 1;
    property.format = {NumberFormat::Style::integer, 0};
    property.once = table.boolean("once").value_or(false);
    const Node* const preset = table.any("default");
    const std::vector<Node> one =
        preset != nullptr ? std::vector<Node>{*preset} : std::vector<Node>{};
    const auto* const several = preset != nullptr ? preset->get<std::vector<Node>>() : nullptr;
    for (const Node& node : several != nullptr ? *several : one) {
      const bool* const value = node.get<bool>();
      if (value == nullptr) {
        table.mistake("default", "expected true or false, or a list of them");
        break;
      }
      property.presets.push_back(*value ? 1 : 0);
    }
    return;
  }
  table.require("min", "the lowest value");
  table.require("max", "the highest value");
  table.require("default", "the value after *RST");
  property.minimum = table.number("min").value_or(0);
  property.maximum = table.number("max").value_or(0);
  if (table.has("min") && table.has("max") && property.minimum > property.maximum) {
    table.mistake("max", "expected no less than min");
  }
  property.presets = table.numbers("default");
  property.unit = table.text("unit").value_or("");
  if (property.type == PropertyType::integer) {
    property.format = {NumberFormat::Style::integer, 0};
  }
  if (const auto text = table.text("format")) {
    if (const auto format = read_format(*text)) {
      property.format = *format;
    } else {
      table.mistake("format",
                    "expected \"d\" or \"+d\", or \"f\" or \"e\" and digits, as in \"f3\"");
    }
  }
}

void DescriptionReader::read_text_property(TableReader& table, PropertyDescription& property) {
  property.texts = table.texts("default");
  if (property.type == PropertyType::text) {
    property.longest = static_cast<std::size_t>(table.integer("longest", 1, 65536).value_or(255));
    property.cut = table.boolean("cut").value_or(false);
    return;
  }
  table.require("choices", "a list of words, [\"BYTE\", \"WORD\"]");
  property.choices = table.texts("choices");
  for (const std::string& choice : property.choices) {
    if (!CommandTable::pattern_fault(choice).empty() ||
        choice.find_first_of(":[]*?#") != std::string::npos) {
      table.mistake("choices", "expected words as in IMMediate instead of " + cited(choice));
    }
  }
  property.maximum =
      property.choices.empty() ? 0 : static_cast<double>(property.choices.size() - 1);
  property.format = {NumberFormat::Style::integer, 0};
  for (const std::string& preset : property.texts) {
    const auto found = std::find_if(
        property.choices.begin(), property.choices.end(), [&preset](const std::string& choice) {
          return equal_ignoring_case(choice, preset) || matches_mnemonic(choice, preset);
        });
    if (found == property.choices.end()) {
      table.mistake("default", "expected one of the choices instead of " + cited(preset));
    }
    property.presets.push_back(static_cast<double>(found - property.choices.begin()));
  }
  property.texts.clear();
}

void DescriptionReader::read_errors(TableReader& table, PropertyDescription& property) {
  const Node* const node = table.table("errors");
  if (node == nullptr) return;
  TableReader errors(*node->get<Table>(), node->place, table.what() + " errors", mistakes_);
  const auto code = [&errors](std::string_view key, int preset) {
    return static_cast<int>(errors.integer(key, -32768, 32767).value_or(preset));
  };
  property.range_error = code("range", property.range_error);
  property.type_error = code("type", property.type_error);
  property.choice_error = code("choice", property.choice_error);
  errors.finish();
}

void DescriptionReader::check_presets(TableReader& table, PropertyDescription& property) {
  const std::size_t given =
      property.type == PropertyType::text ? property.texts.size() : property.presets.size();
  if (given > 1 && given != property.count) {
    table.mistake("default",
                  "expected one value, or " + std::to_string(property.count) + ", one a channel");
  }
  for (const double preset : property.presets) {
    if (preset < property.minimum || preset > property.maximum) {
      table.mistake("default", "expected a value from min to max");
      break;
    }
  }
  if (property.presets.empty()) property.presets.push_back(property.minimum);
  if (property.texts.empty()) property.texts.emplace_back();
}

std::optional<NumberFormat> DescriptionReader::read_format(std::string_view text) {
  if (text == "d" || text == "+d") {
    return NumberFormat{NumberFormat::Style::integer, 0, text == "+d"};
  }
  if (text.size() < 2 || text.size() > 3 || (text[0] != 'f' && text[0] != 'e')) return std::nullopt;
  int digits = 0;
  for (const char c : text.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    digits = digits * 10 + (c - '0');
  }
  if (digits > 17) return std::nullopt;
  return NumberFormat{text[0] == 'f' ? NumberFormat::Style::fixed : NumberFormat::Style::exponent,
                      digits};
}

std::vector<std::string> DescriptionReader::of_channel(const std::vector<std::string>& headers,
                                                       const Channels& channels,
                                                       std::size_t channel) {
  if (channels.prefix.empty()) return headers;
  std::vector<std::string> result;
  for (const std::string& header : headers) {
    const std::string rest = header.starts_with('[') ? header : ":" + header;
    result.push_back(channels.prefix + std::to_string(channel) + rest);
    if (channel == 1) {  // a suffix that is left out is 1
      result.push_back(channels.prefix + rest);
    }
  }
  return result;
}

std::chrono::milliseconds DescriptionReader::milliseconds(TableReader& table,
                                                          std::string_view key) {
  return std::chrono::milliseconds(table.integer(key, 0, kLongestDelay).value_or(0));
}

}  // namespace visa::sim

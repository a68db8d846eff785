// SPDX-License-Identifier: MIT
// Invariant of the result: every name parses, every alias is fit for viOpen and means one resource,
// every value is in its range.
#include "lib/config/config_reader.h"

#include <map>
#include <optional>
#include <set>

#include "lib/config/attribute_entry.h"
#include "lib/config/salvage.h"
#include "lib/model/ascii.h"
#include "lib/toml/toml_tree.h"

namespace visa::config {

namespace {

using tomlio::Entry;
using tomlio::Node;
using tomlio::Table;

constexpr std::size_t kLongestAlias = 255;  // VI_FIND_BUFLEN without the NUL

enum class Numbers { range, ends };  // every one from low to high, or just these two

struct SettingRow {
  std::string_view key;
  std::int64_t Settings::*number;
  bool Settings::*flag;
  std::int64_t low;  // of a number
  std::int64_t high;
  Numbers numbers = Numbers::range;
};
constexpr SettingRow kSettings[] = {
    {"connect_timeout_ms", &Settings::connect_timeout_ms, nullptr, 1, 600'000},
    {"find_timeout_ms", &Settings::find_timeout_ms, nullptr, 50, 60'000},
    {"formatted_long", &Settings::formatted_long, nullptr, 32, 64, Numbers::ends},
    {"formatted_long_double", nullptr, &Settings::formatted_long_double, 0, 0},
    {"lan_cache_s", &Settings::lan_cache_s, nullptr, 0, 3600},
    {"lan_discovery", nullptr, &Settings::lan_discovery, 0, 0},
};

bool allows(const SettingRow& row, std::int64_t value) {
  if (row.numbers == Numbers::ends) return value == row.low || value == row.high;
  return value >= row.low && value <= row.high;
}

/// An alias must not look like a resource name and must survive every string of the C API.
bool fit_for_alias(std::string_view alias) {
  if (alias.empty() || alias.size() > kLongestAlias) return false;
  for (const char c : alias) {
    if (c < ' ' || c > '~') return false;
  }
  return alias.front() != ' ' && alias.back() != ' ' && alias.find("::") == std::string_view::npos;
}

class Reader {
 public:
  Reader(std::string_view file, ProblemLog& problems) : file_(file), problems_(problems) {}

  FileEntries read(const Table& root) {
    for (const Entry& entry : root) {
      if (entry.key == "settings") {
        read_settings(entry);
      } else if (entry.key == "resource") {
        read_resources(entry);
      } else if (entry.key == "aliases") {
        read_aliases(entry);
      } else {
        unknown_key(entry, "the file", "[settings], [[resource]], [aliases]");
      }
    }
    return std::move(result_);
  }

 private:
  void unknown_key(const Entry& entry, std::string_view where, std::string_view known) {
    problems_.harmless(entry.place, "unknown key " + in_quotes(entry.key) + " in " +
                                        std::string(where) + " is ignored: expected one of " +
                                        std::string(known));
  }

  /// Says that `entry` needs another type, and fails.
  bool wrong_type(const Entry& entry, std::string_view expected) {
    problems_.lost(entry.value.place, in_quotes(entry.key) + ": expected " + std::string(expected));
    return false;
  }

  void read_settings(const Entry& section) {
    const auto* table = section.value.get<Table>();
    if (table == nullptr) {
      wrong_type(section, "a table, [settings]");
      return;
    }
    for (const Entry& entry : *table) {
      const SettingRow* known = nullptr;
      std::string names;
      for (const SettingRow& row : kSettings) {
        if (row.key == entry.key) known = &row;
        names += (names.empty() ? "" : ", ") + std::string(row.key);
      }
      if (known == nullptr) {
        unknown_key(entry, "[settings]", names);
        continue;
      }
      read_setting(entry, *known);
    }
  }

  void read_setting(const Entry& entry, const SettingRow& known) {
    if (known.flag != nullptr) {
      if (const bool* flag = entry.value.get<bool>()) {
        result_.settings.push_back({nullptr, known.flag, *flag});
      } else {
        wrong_type(entry, "true or false");
      }
      return;
    }
    const auto* value = entry.value.get<std::int64_t>();
    if (value == nullptr || !allows(known, *value)) {
      wrong_type(entry, "a whole number, " + std::to_string(known.low) +
                            (known.numbers == Numbers::ends ? " or " : " to ") +
                            std::to_string(known.high));
      return;
    }
    result_.settings.push_back({known.number, nullptr, *value});
  }

  void read_resources(const Entry& section) {
    const auto* array = section.value.get<std::vector<Node>>();
    if (array == nullptr) {
      wrong_type(section, "an array of tables, [[resource]] with two brackets on each side");
      return;
    }
    for (const Node& node : *array) {
      if (const auto* table = node.get<Table>()) {
        read_resource(*table, node.place);
      } else {
        problems_.lost(node.place, "\"resource\": expected tables, [[resource]]");
      }
    }
  }

  void read_resource(const Table& table, Place place) {
    Resource resource;
    if (!read_name(table, place, resource)) return;
    if (const auto line = places_.try_emplace(resource.parsed.key(), place.line); !line.second) {
      problems_.lost(place, in_quotes(resource.name) + " stands in line " +
                                std::to_string(line.first->second) +
                                " already: this second entry is ignored");
      return;
    }
    resource.origin = std::string(file_) + ":" + std::to_string(place.line);
    for (const Entry& entry : table) {
      if (entry.key == "name") continue;
      if (entry.key == "alias") {
        read_alias_of(entry, entry.value, resource);
      } else if (entry.key == "aliases") {
        read_alias_list(entry, resource);
      } else if (entry.key == "instead_of") {
        read_instead_of(entry, resource);
      } else if (entry.key == "listed") {
        const bool* listed = entry.value.get<bool>();
        listed != nullptr ? void(resource.listed = *listed)
                          : void(wrong_type(entry, "true or false"));
      } else if (entry.key == "attributes") {
        read_attributes(entry, resource);
      } else if (entry.key == "transport") {
        read_transport(entry, resource);
      } else {
        unknown_key(entry, "[[resource]]",
                    "name, alias, aliases, instead_of, listed, attributes, transport");
      }
    }
    result_.resources.push_back(std::move(resource));
  }

  bool read_name(const Table& table, Place place, Resource& resource) {
    for (const Entry& entry : table) {
      if (entry.key != "name") continue;
      auto parsed = parse_name(entry, entry.value);
      if (!parsed) return false;
      resource.name = parsed->canonical();
      resource.parsed = *std::move(parsed);
      return true;
    }
    problems_.lost(place, "[[resource]] without name: expected name = \"TCPIP0::...\"");
    return false;
  }

  /// `node` is the value of `entry`, or one of a list.
  std::optional<model::ResourceName> parse_name(const Entry& entry, const Node& node) {
    const auto* text = node.get<std::string>();
    if (text == nullptr) {
      problems_.lost(node.place, in_quotes(entry.key) +
                                     ": expected a resource name in quotes, such as "
                                     "\"TCPIP0::10.0.0.5::5025::SOCKET\"");
      return {};
    }
    model::Mistake mistake;
    auto parsed = model::parse_resource_name(*text, &mistake);
    if (!parsed) {
      problems_.lost(node.place,
                     in_quotes(*text) + " is no resource name: " + model::explain(*text, mistake));
      return {};
    }
    return *std::move(parsed);
  }

  /// One name, or a list of them.
  void read_instead_of(const Entry& entry, Resource& resource) {
    const auto* list = entry.value.get<std::vector<Node>>();
    if (list == nullptr) {
      read_fixed_name(entry, entry.value, resource);
      return;
    }
    for (const Node& node : *list) read_fixed_name(entry, node, resource);
  }

  void read_fixed_name(const Entry& entry, const Node& node, Resource& resource) {
    auto name = parse_name(entry, node);
    if (!name) return;
    const std::string own = resource.parsed.key();
    if (name->key() == own) {
      problems_.lost(node.place, "instead_of: " + in_quotes(resource.name) +
                                     " is the name of the resource itself: expected another one");
      return;
    }
    const auto taken = fixed_names_.try_emplace(name->key(), own, node.place.line);
    if (taken.second) {
      resource.instead_of.push_back(*std::move(name));
    } else if (taken.first->second.first != own) {
      problems_.lost(node.place, "instead_of: " + in_quotes(name->canonical()) +
                                     " opens another resource since line " +
                                     std::to_string(taken.first->second.second) +
                                     ": this second meaning is ignored");
    }
  }

  /// True when `alias` may stand for the resource of `key` in this file.
  bool take_alias(std::string_view alias, const std::string& key, Place place) {
    if (!fit_for_alias(alias)) {
      problems_.lost(place,
                     in_quotes(alias) +
                         " is no alias: expected 1 to 255 ASCII characters without \"::\" and "
                         "without a space at either end");
      return false;
    }
    const auto taken = aliases_.try_emplace(model::lower_case(alias), key, place.line);
    if (taken.second || taken.first->second.first == key) return true;
    problems_.lost(place, "alias " + in_quotes(alias) + " means another resource since line " +
                              std::to_string(taken.first->second.second) +
                              ": this second meaning is ignored");
    return false;
  }

  void read_alias_of(const Entry& entry, const Node& node, Resource& resource) {
    const auto* alias = node.get<std::string>();
    if (alias == nullptr) {
      problems_.lost(node.place, in_quotes(entry.key) + ": expected an alias in quotes");
    } else if (take_alias(*alias, resource.parsed.key(), node.place)) {
      resource.aliases.push_back(*alias);
    }
  }

  void read_alias_list(const Entry& entry, Resource& resource) {
    const auto* list = entry.value.get<std::vector<Node>>();
    if (list == nullptr) {
      wrong_type(entry, "a list, such as [\"dmm\", \"meter\"]");
      return;
    }
    for (const Node& node : *list) read_alias_of(entry, node, resource);
  }

  void read_aliases(const Entry& section) {
    const auto* table = section.value.get<Table>();
    if (table == nullptr) {
      wrong_type(section, "a table, [aliases]");
      return;
    }
    for (const Entry& entry : *table) {
      auto target = parse_name(entry, entry.value);
      if (target && take_alias(entry.key, target->key(), entry.place)) {
        result_.aliases.push_back({entry.key, *std::move(target)});
      }
    }
  }

  void read_attributes(const Entry& section, Resource& resource) {
    const auto* table = section.value.get<Table>();
    if (table == nullptr) {
      wrong_type(section, "a table, such as { VI_ATTR_TMO_VALUE = 5000 }");
      return;
    }
    std::set<ViAttr> seen;
    for (const Entry& entry : *table) {
      auto attribute = read_attribute(entry, resource.parsed.kind, problems_);
      if (!attribute) continue;
      if (seen.insert(attribute->first).second) {
        resource.attributes.push_back(*std::move(attribute));
      } else {
        problems_.lost(entry.place, in_quotes(entry.key) + " is set twice: the first value counts");
      }
    }
  }

  void read_transport(const Entry& section, Resource& resource) {
    const auto* table = section.value.get<Table>();
    if (table == nullptr) {
      wrong_type(section, "a table, such as { connect_timeout_ms = 500 }");
      return;
    }
    for (const Entry& entry : *table) {
      const auto put = [&](auto value) { resource.transport.emplace(entry.key, std::move(value)); };
      if (const auto* flag = entry.value.get<bool>()) {
        put(*flag);
      } else if (const auto* integer = entry.value.get<std::int64_t>()) {
        put(*integer);
      } else if (const auto* number = entry.value.get<double>()) {
        put(*number);
      } else if (const auto* text = entry.value.get<std::string>();
                 text != nullptr && text->find('\0') == std::string::npos) {
        put(*text);
      } else {
        wrong_type(entry, "true, false, a number or a string");
      }
    }
  }

  std::string_view file_;
  ProblemLog& problems_;
  FileEntries result_;
  std::map<std::string, std::uint32_t> places_;           // key of a resource -> line of its entry
  using Meaning = std::pair<std::string, std::uint32_t>;  // key of the resource, line
  std::map<std::string, Meaning> aliases_;                // by their lower case
  std::map<std::string, Meaning> fixed_names_;            // instead_of, by their key
};

}  // namespace

FileEntries read_entries(std::string_view text, std::string_view file, ProblemLog& problems) {
  problems.enter(file);
  const tomlio::TomlDocument document = tomlio::parse_toml(text);
  if (document.good) return Reader(file, problems).read(document.root);
  const Salvaged rest = salvage(text, document);
  if (rest.root.empty()) {
    problems.unread(document.error_place, "the file is not loaded: " + document.error);
    return {};
  }
  for (const auto& [place, error] : rest.losses) {
    problems.lost(place, "this section is not loaded: " + error);
  }
  return Reader(file, problems).read(rest.root);
}

}  // namespace visa::config

// SPDX-License-Identifier: MIT
// Invariant of the result: every name parses, every alias is fit for viOpen and means one resource.
#include "lib/config/resource_reader.h"

#include <set>
#include <utility>

#include "lib/config/attribute_entry.h"
#include "lib/config/setting_values.h"
#include "lib/model/ascii.h"

namespace visa::config {
namespace {

using tomlio::Entry;
using tomlio::Node;
using tomlio::Table;

constexpr std::size_t kLongestAlias = 255;  // VI_FIND_BUFLEN without the NUL

/// An alias must not look like a resource name and must survive every string of the C API.
bool fit_for_alias(std::string_view alias) {
  if (alias.empty() || alias.size() > kLongestAlias) return false;
  for (const char c : alias) {
    if (c < ' ' || c > '~') return false;
  }
  return alias.front() != ' ' && alias.back() != ' ' && alias.find("::") == std::string_view::npos;
}

}  // namespace

void ResourceReader::read_resources(const Entry& section) {
  const auto* array = section.value.get<std::vector<Node>>();
  if (array == nullptr) {
    problems_.wrong_value(section,
                          "an array of tables, [[resource]] with two brackets on each side");
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

void ResourceReader::read_resource(const Table& table, Place place) {
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
                        : void(problems_.wrong_value(entry, "true or false"));
    } else if (entry.key == "attributes") {
      read_attributes(entry, resource);
    } else if (entry.key == "transport") {
      read_transport(entry, resource);
    } else {
      problems_.unknown_key(entry, "[[resource]]",
                            "name, alias, aliases, instead_of, listed, attributes, transport");
    }
  }
  resources_.push_back(std::move(resource));
}

bool ResourceReader::read_name(const Table& table, Place place, Resource& resource) {
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

std::optional<model::ResourceName> ResourceReader::parse_name(const Entry& entry,
                                                              const Node& node) {
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

void ResourceReader::read_instead_of(const Entry& entry, Resource& resource) {
  const auto* list = entry.value.get<std::vector<Node>>();
  if (list == nullptr) {
    read_fixed_name(entry, entry.value, resource);
    return;
  }
  for (const Node& node : *list) read_fixed_name(entry, node, resource);
}

void ResourceReader::read_fixed_name(const Entry& entry, const Node& node, Resource& resource) {
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

bool ResourceReader::take_alias(std::string_view alias, const std::string& key, Place place) {
  if (!fit_for_alias(alias)) {
    problems_.lost(place, in_quotes(alias) +
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

void ResourceReader::read_alias_of(const Entry& entry, const Node& node, Resource& resource) {
  const auto* alias = node.get<std::string>();
  if (alias == nullptr) {
    problems_.lost(node.place, in_quotes(entry.key) + ": expected an alias in quotes");
  } else if (take_alias(*alias, resource.parsed.key(), node.place)) {
    resource.aliases.push_back(*alias);
  }
}

void ResourceReader::read_alias_list(const Entry& entry, Resource& resource) {
  const auto* list = entry.value.get<std::vector<Node>>();
  if (list == nullptr) {
    problems_.wrong_value(entry, "a list, such as [\"dmm\", \"meter\"]");
    return;
  }
  for (const Node& node : *list) read_alias_of(entry, node, resource);
}

void ResourceReader::read_aliases(const Entry& section) {
  const auto* table = section.value.get<Table>();
  if (table == nullptr) {
    problems_.wrong_value(section, "a table, [aliases]");
    return;
  }
  for (const Entry& entry : *table) {
    auto target = parse_name(entry, entry.value);
    if (target && take_alias(entry.key, target->key(), entry.place)) {
      alias_entries_.push_back({entry.key, *std::move(target)});
    }
  }
}

void ResourceReader::read_attributes(const Entry& section, Resource& resource) {
  const auto* table = section.value.get<Table>();
  if (table == nullptr) {
    problems_.wrong_value(section, "a table, such as { VI_ATTR_TMO_VALUE = 5000 }");
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

void ResourceReader::read_transport(const Entry& section, Resource& resource) {
  const auto* table = section.value.get<Table>();
  if (table == nullptr) {
    problems_.wrong_value(section, "a table, such as { connect_timeout_ms = 500 }");
    return;
  }
  resource.transport = read_setting_table(*table, "", file_, problems_);
}

}  // namespace visa::config

// SPDX-License-Identifier: MIT
// Invariant of the result: every name parses, every value of the library's own is in its range.
// Values for drivers and finders have a type that a setting may have; more is not known here.
#include "lib/config/config_reader.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "lib/config/credential_reader.h"
#include "lib/config/salvage.h"
#include "lib/config/setting_values.h"
#include "lib/toml/toml_tree.h"

namespace visa::config {
namespace {

using tomlio::Entry;
using tomlio::Node;
using tomlio::Place;
using tomlio::Table;

constexpr std::string_view kSections =
    "[settings], [[resource]], [[interface]], [finder.NAME], [[credential]], [aliases]";
// The finder that two keys of [settings] are about.
constexpr const char* kLan = "lan";

class Reader {
 public:
  Reader(std::string_view file, ProblemLog& problems, bool open_to_others)
      : file_(file),
        open_to_others_(open_to_others),
        problems_(problems),
        resources_(file, problems) {}

  FileEntries read(const Table& root) {
    for (const Entry& entry : root) read_section(entry);
    // Last, so that [finder.lan] wins over the older spelling wherever in the file it stands.
    if (!older_lan_.empty()) result_.finders[kLan].merge(older_lan_);
    result_.resources = resources_.take_resources();
    result_.aliases = resources_.take_aliases();
    return std::move(result_);
  }

 private:
  void read_section(const Entry& entry) {
    if (entry.key == "settings") {
      auto settings = read_library_settings(entry, file_, problems_);
      result_.settings = std::move(settings.library);
      older_lan_ = std::move(settings.lan);
    } else if (entry.key == "resource") {
      resources_.read_resources(entry);
    } else if (entry.key == "aliases") {
      resources_.read_aliases(entry);
    } else if (entry.key == "interface") {
      read_interfaces(entry);
    } else if (entry.key == "finder") {
      read_finders(entry);
    } else if (entry.key == "credential") {
      result_.credentials = read_credentials(entry, file_, open_to_others_, problems_);
    } else {
      problems_.unknown_key(entry, "the file", kSections);
    }
  }

  void read_interfaces(const Entry& section) {
    const auto* array = section.value.get<std::vector<Node>>();
    if (array == nullptr) {
      problems_.wrong_value(section,
                            "an array of tables, [[interface]] with two brackets on each side");
      return;
    }
    for (const Node& node : *array) {
      if (const auto* table = node.get<Table>()) {
        read_interface(*table, node.place);
      } else {
        problems_.lost(node.place, "\"interface\": expected tables, [[interface]]");
      }
    }
  }

  void read_interface(const Table& table, Place place) {
    const auto name = read_interface_name(table, place);
    if (!name) return;
    const auto [line, fresh] = interface_lines_.try_emplace(*name, place.line);
    if (!fresh) {
      problems_.lost(place, "interface " + in_quotes(name->canonical()) + " stands in line " +
                                std::to_string(line->second) +
                                " already: this second entry is ignored");
      return;
    }
    result_.interfaces.push_back({*name, read_setting_table(table, "name", file_, problems_),
                                  std::string(file_) + ":" + std::to_string(place.line)});
  }

  std::optional<InterfaceName> read_interface_name(const Table& table, Place place) {
    for (const Entry& entry : table) {
      if (entry.key != "name") continue;
      const auto* text = entry.value.get<std::string>();
      if (text == nullptr) {
        problems_.wrong_value(entry, "an interface in quotes, such as \"GPIB0\"");
        return {};
      }
      const auto name = parse_interface_name(*text);
      if (!name) {
        problems_.lost(
            entry.value.place,
            in_quotes(*text) +
                " is no interface: expected a board such as \"GPIB0\" "
                "with a number from 0 to 65535, or the word alone for all boards; the words "
                "are " +
                interface_keywords());
      }
      return name;
    }
    problems_.lost(place, "[[interface]] without name: expected name = \"GPIB0\" or the like");
    return {};
  }

  void read_finders(const Entry& section) {
    const auto* finders = section.value.get<Table>();
    if (finders == nullptr) {
      problems_.wrong_value(section, "tables such as [finder.lan], with one bracket on each side");
      return;
    }
    for (const Entry& finder : *finders) {
      if (const auto* table = finder.value.get<Table>()) {
        result_.finders[finder.key] = read_setting_table(*table, "", file_, problems_);
      } else {
        problems_.lost(finder.place, in_quotes(finder.key) +
                                         " in [finder]: expected a table, "
                                         "[finder.NAME], such as [finder.lan]");
      }
    }
  }

  std::string_view file_;
  bool open_to_others_;
  ProblemLog& problems_;
  ResourceReader resources_;
  FileEntries result_;
  spi::Settings older_lan_;
  std::map<InterfaceName, std::uint32_t> interface_lines_;
};

}  // namespace

FileEntries read_entries(std::string_view text, std::string_view file, ProblemLog& problems,
                         bool open_to_others) {
  problems.enter(file);
  const tomlio::TomlDocument document = tomlio::parse_toml(text);
  if (document.good) return Reader(file, problems, open_to_others).read(document.root);
  const Salvaged rest = salvage(text, document);
  if (rest.root.empty()) {
    problems.unread(document.error_place, "the file is not loaded: " + document.error);
    return {};
  }
  for (const auto& [place, error] : rest.losses) {
    problems.lost(place, "this section is not loaded: " + error);
  }
  return Reader(file, problems, open_to_others).read(rest.root);
}

}  // namespace visa::config

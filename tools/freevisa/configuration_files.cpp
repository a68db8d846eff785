// SPDX-License-Identifier: MIT
// docs/configuration.md says which files there are, and which entries name a resource.
#include "tools/freevisa/configuration_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>

#include "lib/toml/toml_tree.h"
#include "tools/freevisa/environment.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {
namespace {

constexpr const char* kFile = "/freevisa/freevisa.toml";
constexpr std::size_t kLargest = std::size_t{1} << 20;  // what the library reads

const tomlio::Node* find(const tomlio::Table& table, std::string_view key) {
  for (const tomlio::Entry& entry : table)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

std::string text_of(const tomlio::Node* node) {
  const std::string* const text = node != nullptr ? node->get<std::string>() : nullptr;
  return text != nullptr ? *text : "";
}

void add_resource(const tomlio::Table& entry, const std::string& file,
                  std::vector<ConfiguredName>& names) {
  const tomlio::Node* const name = find(entry, "name");
  const std::string resource = text_of(name);
  if (resource.empty()) return;
  const std::size_t before = names.size();
  const auto add = [&](const tomlio::Node& alias) {
    if (!text_of(&alias).empty())
      names.push_back({resource, text_of(&alias), file, alias.place.line});
  };
  if (const tomlio::Node* const alias = find(entry, "alias")) add(*alias);
  if (const tomlio::Node* const aliases = find(entry, "aliases"))
    if (const auto* const list = aliases->get<std::vector<tomlio::Node>>())
      for (const tomlio::Node& alias : *list) add(alias);
  if (names.size() == before) names.push_back({resource, "", file, name->place.line});
}

/// An entry of [[interface]], where it is about one GPIB board or about all. The first counts.
void add_board(const tomlio::Table& entry, const std::string& file,
               std::vector<ConfiguredBoard>& boards) {
  constexpr std::string_view kGpib = "GPIB";
  const tomlio::Node* const name = find(entry, "name");
  const std::string text = text_of(name);
  if (!same_alias(std::string_view(text).substr(0, kGpib.size()), kGpib)) return;
  const std::string_view figures = std::string_view(text).substr(kGpib.size());
  ConfiguredBoard board;
  const auto [end, error] =
      std::from_chars(figures.data(), figures.data() + figures.size(), board.number);
  if (end != figures.data() + figures.size() || (error != std::errc() && !figures.empty())) return;
  const tomlio::Node* const adapter = find(entry, "adapter");
  board.adapter = text_of(adapter);
  board.file = file;
  board.line = adapter != nullptr ? adapter->place.line : name->place.line;
  const auto same = [&board](const auto& one) { return one.number == board.number; };
  if (std::none_of(boards.begin(), boards.end(), same)) boards.push_back(std::move(board));
}

std::string unreadable(const std::string& path, int error) {
  std::string text = "cannot read " + path + ": " + std::generic_category().message(error);
  if (error == EACCES)
    text += "\n  'ls -l' shows whose it is; FREEVISA_CONFIG or --file names another";
  if (error == EISDIR) text += "\n  FREEVISA_CONFIG and --file name a file, as .../freevisa.toml";
  return text;
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

std::vector<ConfigurationFile> configuration_files() {
  std::vector<ConfigurationFile> files = {{std::string("/etc") + kFile, "system"}};
  constexpr std::string_view kInstallation = FREEVISA_SYSCONFDIR;
  if (kInstallation != "/etc")
    files.push_back({std::string(kInstallation) + kFile, "installation"});
  const std::string config_home = environment("XDG_CONFIG_HOME").value_or("");
  const std::string home = environment("HOME").value_or("");
  if (config_home.starts_with('/')) {
    files.push_back({config_home + kFile, "user"});
  } else if (home.starts_with('/')) {
    files.push_back({home + "/.config" + kFile, "user"});
  }
  if (const auto named = environment("FREEVISA_CONFIG"))
    files.push_back({*named, "FREEVISA_CONFIG"});
  for (ConfigurationFile& file : files) file.exists = exists(file.path);
  return files;
}

std::string own_configuration_file() {
  const ConfigurationFile last = configuration_files().back();
  if (last.role == "user" || last.role == "FREEVISA_CONFIG") return last.path;
  throw VisaFailure(
      "no configuration file of yours: neither FREEVISA_CONFIG nor HOME is set; --file names one");
}

std::string read_configuration(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "re");
  if (file == nullptr && errno == ENOENT) return "";
  if (file == nullptr) throw VisaFailure(unreadable(path, errno));
  std::string text(kLargest + 1, '\0');
  errno = 0;
  text.resize(std::fread(text.data(), 1, text.size(), file));
  const int error = std::ferror(file) != 0 ? errno : 0;
  std::fclose(file);
  if (error != 0) throw VisaFailure(unreadable(path, error));
  if (text.size() > kLargest)
    throw VisaFailure(path + " is larger than 1 MiB, which FreeVISA does not read");
  return text;
}

std::vector<ConfiguredName> configured_names(std::string_view text, const std::string& file) {
  std::vector<ConfiguredName> names;
  const tomlio::TomlDocument document = tomlio::parse_toml(text);
  for (const tomlio::Entry& entry : document.root) {
    if (entry.key == "aliases") {
      if (const auto* const table = entry.value.get<tomlio::Table>())
        for (const tomlio::Entry& alias : *table)
          if (!text_of(&alias.value).empty())
            names.push_back({text_of(&alias.value), alias.key, file, alias.place.line});
    } else if (entry.key == "resource") {
      if (const auto* const list = entry.value.get<std::vector<tomlio::Node>>())
        for (const tomlio::Node& node : *list)
          if (const auto* const resource = node.get<tomlio::Table>())
            add_resource(*resource, file, names);
    }
  }
  return names;
}

std::vector<ConfiguredName> configured_names() {
  std::vector<ConfiguredName> all;
  for (const ConfigurationFile& file : configuration_files()) {
    if (!file.exists) continue;
    std::vector<ConfiguredName> names;
    try {
      names = configured_names(read_configuration(file.path), file.path);
    } catch (const VisaFailure&) {
      continue;  // opening the manager tells of it
    }
    for (ConfiguredName& name : names) {
      const auto same = [&name](const ConfiguredName& other) {
        return !name.alias.empty() && other.file != name.file &&
               same_alias(other.alias, name.alias);
      };
      all.erase(std::remove_if(all.begin(), all.end(), same), all.end());
      all.push_back(std::move(name));
    }
  }
  return all;
}

std::vector<ConfiguredBoard> configured_boards(std::string_view text, const std::string& file) {
  std::vector<ConfiguredBoard> boards;
  const tomlio::TomlDocument document = tomlio::parse_toml(text);
  for (const tomlio::Entry& entry : document.root) {
    const auto* const list =
        entry.key == "interface" ? entry.value.get<std::vector<tomlio::Node>>() : nullptr;
    if (list == nullptr) continue;
    for (const tomlio::Node& node : *list) {
      const auto* const table = node.get<tomlio::Table>();
      if (table != nullptr) add_board(*table, file, boards);
    }
  }
  return boards;
}

std::vector<ConfiguredBoard> configured_boards() {
  std::vector<ConfiguredBoard> all;
  for (const ConfigurationFile& file : configuration_files()) {
    if (!file.exists) continue;
    try {
      for (ConfiguredBoard& board : configured_boards(read_configuration(file.path), file.path)) {
        std::erase_if(all, [&board](const auto& one) { return one.number == board.number; });
        all.push_back(std::move(board));
      }
    } catch (const VisaFailure&) {
      continue;  // opening the manager tells of it
    }
  }
  return all;
}

bool same_alias(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

}  // namespace visa::tool

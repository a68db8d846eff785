// SPDX-License-Identifier: MIT
// What the user configured: static resources, aliases, attribute values for VI_LOAD_CONFIG,
// settings of interfaces, resources, finders and the library, merged from up to four TOML files.
// Made with each resource manager (viOpenDefaultRM), immutable afterwards: any thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/config_reader.h"
#include "lib/config/config_source.h"
#include "lib/config/resource.h"

namespace visa::config {

class Configuration {
 public:
  /// Nothing configured; what a system without files has.
  Configuration() = default;

  /// Reads the files in their order. Never fails: what is broken is left out and told by
  /// problems(). An entry of a later file replaces the whole entry of that resource or interface in
  /// an earlier one; an alias, a setting and a key of a finder replace that one alone.
  static Configuration load(const Sources& sources);

  /// The places of config_source.h.
  static Sources default_sources() { return config::default_sources(); }

  /// One file from memory; `file` is for messages.
  static Configuration from_text(std::string_view text, std::string_view file);

  /// False when a file as a whole has no effect: VI_WARN_CONFIG_NLOADED.
  bool every_file_read() const noexcept { return every_file_read_; }

  /// False when something the user wrote has no effect.
  bool complete() const noexcept { return loss_.empty(); }

  /// What has no effect, in one line: the first problem and how many more there are; "" for none.
  const std::string& loss() const noexcept { return loss_; }

  /// One line each: file, line, column, cause, what was expected. Also harmless ones.
  std::span<const std::string> problems() const noexcept { return problems_; }

  /// The [[resource]] entries in the order of the files.
  std::span<const Resource> resources() const noexcept { return resources_; }

  /// The entry of a resource; nullptr without one. The text may have any case; a text that is no
  /// resource name has no entry.
  const Resource* find(const model::ResourceName& name) const;
  const Resource* find(std::string_view name) const;

  /// The resource that `name` opens instead of its own (`instead_of`); nullptr for none. One step:
  /// the name of what it answers is meant as it stands, so two resources can change places.
  /// A GPIB name with the secondary address 0 is also found without it.
  const Resource* instead_of(const model::ResourceName& name) const;

  /// The canonical name behind `alias`, in any case.
  std::optional<std::string> resolve_alias(std::string_view alias) const;

  /// The alias of a resource, as written: the first of the last file that gives it one; "" for
  /// none.
  std::string alias_of(const model::ResourceName& name) const;
  std::string alias_of(std::string_view name) const;

  const Settings& settings() const noexcept { return settings_; }

  /// What a driver gets for a resource: the settings of all boards of its interface, over them
  /// those of its board, over them the `transport` table of its entry.
  spi::Settings settings_for(const model::ResourceName& name) const;

  /// The [[interface]] entry of exactly this interface; nullptr without one.
  const Interface* find(const InterfaceName& name) const;

  /// The [[credential]] entry of this name, as it is written; nullptr without one.
  const spi::Credential* find_credential(std::string_view name) const;

  /// The [[interface]] entries that name a board of `interface`, by its number.
  spi::BoardSettings boards_of(model::Interface interface) const;

  /// The tables [finder.NAME].
  const FinderTables& finders() const noexcept { return finders_; }

 private:
  class Merge;
  struct Target {
    std::string name;  // canonical
    std::string key;
  };

  bool every_file_read_ = true;
  std::string loss_;
  std::vector<std::string> problems_;
  std::vector<Resource> resources_;
  std::map<std::string, std::size_t, std::less<>> index_;        // key -> place in resources_
  std::map<std::string, std::size_t, std::less<>> instead_of_;   // key -> place in resources_
  std::map<std::string, Target, std::less<>> aliases_;           // folded alias -> resource
  std::map<std::string, std::string, std::less<>> alias_names_;  // key -> alias as written
  std::map<InterfaceName, Interface> interfaces_;
  FinderTables finders_;
  std::map<std::string, spi::Credential, std::less<>> credentials_;
  Settings settings_;
};

}  // namespace visa::config

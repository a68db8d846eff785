// SPDX-License-Identifier: MIT
// Resources are compared by ResourceName::key(), which folds the case, aliases by their lower case.
#include "lib/config/configuration.h"

#include <utility>

#include "lib/config/problem_log.h"
#include "lib/model/ascii.h"

namespace visa::config {

/// Puts the entries of files together, in the order of loading.
class Configuration::Merge {
 public:
  ProblemLog& problems() { return problems_; }

  void add(FileEntries entries) {
    ++file_;
    for (const SettingEntry& entry : entries.settings) entry.apply(result_.settings_);
    for (Interface& interface : entries.interfaces) {
      result_.interfaces_.insert_or_assign(interface.name, std::move(interface));
    }
    for (spi::Credential& credential : entries.credentials) {
      std::string name = credential.name;
      result_.credentials_.insert_or_assign(std::move(name), std::move(credential));
    }
    for (auto& [finder, settings] : entries.finders) {
      settings.merge(result_.finders_[finder]);  // keeps what it has
      result_.finders_[finder] = std::move(settings);
    }
    for (Resource& resource : entries.resources) {
      const std::string key = resource.parsed.key();
      const auto [entry, fresh] = result_.index_.try_emplace(key, result_.resources_.size());
      for (const std::string& alias : resource.aliases) {
        wishes_.push_back({alias, {resource.name, key}, file_, entry->second});
      }
      if (fresh) {
        result_.resources_.push_back(std::move(resource));
        entry_files_.push_back(file_);
      } else {
        result_.resources_[entry->second] = std::move(resource);
        entry_files_[entry->second] = file_;
      }
      for (const auto& name : result_.resources_[entry->second].instead_of) {
        substitutes_.push_back({name.key(), file_, entry->second});
      }
    }
    for (const AliasEntry& alias : entries.aliases) {
      wishes_.push_back(
          {alias.alias, {alias.target.canonical(), alias.target.key()}, file_, kNoEntry});
    }
  }

  Configuration finish() {
    // Aliases of an entry that a later file replaced go with it.
    std::erase_if(wishes_, [&](const Wish& wish) {
      return wish.entry != kNoEntry && entry_files_[wish.entry] != wish.file;
    });
    for (const Wish& wish : wishes_) {  // later files override
      result_.aliases_.insert_or_assign(model::lower_case(wish.alias), wish.target);
    }
    for (const Substitute& wish : substitutes_) {
      if (entry_files_[wish.entry] == wish.file) {
        result_.instead_of_.insert_or_assign(wish.key, wish.entry);
      }
    }
    std::map<std::string, int> named_by;  // key -> the file that gave alias_names_ its alias
    for (const Wish& wish : wishes_) {
      if (result_.aliases_.find(model::lower_case(wish.alias))->second.key != wish.target.key) {
        continue;  // the alias means another resource by now
      }
      const auto [by, fresh] = named_by.try_emplace(wish.target.key, wish.file);
      if (!fresh && by->second == wish.file) continue;
      by->second = wish.file;
      result_.alias_names_.insert_or_assign(wish.target.key, wish.alias);
    }
    result_.every_file_read_ = problems_.every_file_read();
    result_.loss_ = problems_.loss();
    result_.problems_ = problems_.lines();
    return std::move(result_);
  }

 private:
  static constexpr std::size_t kNoEntry = static_cast<std::size_t>(-1);
  struct Wish {
    std::string alias;
    Target target;
    int file;
    std::size_t entry;  // the [[resource]] it stands in, or kNoEntry for [aliases]
  };

  struct Substitute {
    std::string key;  // of the name
    int file;
    std::size_t entry;  // what it opens
  };

  Configuration result_;
  ProblemLog problems_;
  int file_ = 0;
  std::vector<int> entry_files_;  // per resource, the file its entry is from
  std::vector<Wish> wishes_;
  std::vector<Substitute> substitutes_;
};

Configuration Configuration::load(const Sources& sources) {
  Merge merge;
  for (const Source& source : sources) {
    bool open_to_others = false;
    const auto text = read_source(source, merge.problems(), &open_to_others);
    if (text) merge.add(read_entries(*text, source.path, merge.problems(), open_to_others));
  }
  return merge.finish();
}

Configuration Configuration::from_text(std::string_view text, std::string_view file) {
  Merge merge;
  merge.add(read_entries(text, file, merge.problems()));
  return merge.finish();
}

const Resource* Configuration::find(const model::ResourceName& name) const {
  if (index_.empty()) return nullptr;
  const auto entry = index_.find(name.key());
  return entry == index_.end() ? nullptr : &resources_[entry->second];
}

const Resource* Configuration::find(std::string_view name) const {
  const auto parsed = model::parse_resource_name(name);
  return parsed ? find(*parsed) : nullptr;
}

// It calls itself once, with a name that has no secondary address.
const Resource* Configuration::instead_of(const model::ResourceName& name) const {
  if (instead_of_.empty()) return nullptr;
  const auto entry = instead_of_.find(name.key());
  if (entry != instead_of_.end()) return &resources_[entry->second];
  // PyVISA up to 1.11 writes GPIB0::2::0::INSTR where its user wrote GPIB0::2::INSTR.
  if (name.interface != model::Interface::gpib || name.gpib_secondary != 0) return nullptr;
  auto primary = name;
  primary.gpib_secondary.reset();
  return instead_of(primary);
}

const Interface* Configuration::find(const InterfaceName& name) const {
  const auto entry = interfaces_.find(name);
  return entry == interfaces_.end() ? nullptr : &entry->second;
}

const spi::Credential* Configuration::find_credential(std::string_view name) const {
  const auto entry = credentials_.find(name);
  return entry == credentials_.end() ? nullptr : &entry->second;
}

spi::Settings Configuration::settings_for(const model::ResourceName& name) const {
  spi::Settings settings;
  if (const auto* resource = find(name)) settings = resource->transport;
  const auto add = [&](const InterfaceName& interface) {
    const auto* entry = find(interface);
    if (entry != nullptr) settings.insert(entry->settings.begin(), entry->settings.end());
  };
  // The nearest first: what is there already stays.
  if (const auto board = board_of(name)) add(*board);
  add({name.interface, std::nullopt});
  return settings;
}

spi::BoardSettings Configuration::boards_of(model::Interface interface) const {
  spi::BoardSettings boards;
  for (const auto& [name, entry] : interfaces_) {
    if (name.interface == interface && name.board) boards.emplace(*name.board, entry.settings);
  }
  return boards;
}

std::optional<std::string> Configuration::resolve_alias(std::string_view alias) const {
  const auto entry = aliases_.find(model::lower_case(alias));
  if (entry == aliases_.end()) return {};
  return entry->second.name;
}

std::string Configuration::alias_of(const model::ResourceName& name) const {
  if (alias_names_.empty()) return {};
  const auto entry = alias_names_.find(name.key());
  return entry == alias_names_.end() ? std::string() : entry->second;
}

std::string Configuration::alias_of(std::string_view name) const {
  const auto parsed = model::parse_resource_name(name);
  return parsed ? alias_of(*parsed) : std::string();
}

}  // namespace visa::config

// SPDX-License-Identifier: MIT
// Reads the [[resource]] and [aliases] sections of one file: what they may say, and that a name
// means one thing throughout the file. On the stack of the function that reads the file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/config/problem_log.h"
#include "lib/config/resource.h"

namespace visa::config {

/// An entry of the [aliases] table.
struct AliasEntry {
  std::string alias;  // as written
  model::ResourceName target;
};

class ResourceReader {
 public:
  /// `file` is for messages only.
  ResourceReader(std::string_view file, ProblemLog& problems) : file_(file), problems_(problems) {}

  void read_resources(const tomlio::Entry& section);
  void read_aliases(const tomlio::Entry& section);

  std::vector<Resource> take_resources() { return std::move(resources_); }
  std::vector<AliasEntry> take_aliases() { return std::move(alias_entries_); }

 private:
  void read_resource(const tomlio::Table& table, Place place);
  bool read_name(const tomlio::Table& table, Place place, Resource& resource);
  /// `node` is the value of `entry`, or one of a list.
  std::optional<model::ResourceName> parse_name(const tomlio::Entry& entry,
                                                const tomlio::Node& node);
  /// One name, or a list of them.
  void read_instead_of(const tomlio::Entry& entry, Resource& resource);
  void read_fixed_name(const tomlio::Entry& entry, const tomlio::Node& node, Resource& resource);
  /// True when `alias` may stand for the resource of `key` in this file.
  bool take_alias(std::string_view alias, const std::string& key, Place place);
  void read_alias_of(const tomlio::Entry& entry, const tomlio::Node& node, Resource& resource);
  void read_alias_list(const tomlio::Entry& entry, Resource& resource);
  void read_attributes(const tomlio::Entry& section, Resource& resource);
  void read_transport(const tomlio::Entry& section, Resource& resource);

  std::string_view file_;
  ProblemLog& problems_;
  std::vector<Resource> resources_;
  std::vector<AliasEntry> alias_entries_;
  std::map<std::string, std::uint32_t> places_;           // key of a resource -> line of its entry
  using Meaning = std::pair<std::string, std::uint32_t>;  // key of the resource, line
  std::map<std::string, Meaning> aliases_;                // by their lower case
  std::map<std::string, Meaning> fixed_names_;            // instead_of, by their key
};

}  // namespace visa::config

// SPDX-License-Identifier: MIT
// A session to the Default Resource Manager: finds, parses and opens resources, and owns what was
// made through it, so that closing it closes all of that (VPP-4.3 chapter 4). Owned by the object
// table. Thread-safe.
#pragma once

#include <visa.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/configuration.h"
#include "lib/core/library.h"
#include "lib/core/resource.h"
#include "lib/model/resource_name.h"

namespace visa::core {

class Session;

/// What viFindRsrc answers: at least one match.
struct Found {
  std::string first;
  std::uint32_t count = 0;
  Handle list = 0;  // 0 where none was wanted
};

/// What viParseRsrcEx answers.
struct ParsedName {
  model::ResourceName name;
  std::string canonical;
  std::string alias;  // "" where the resource has none
};

class ResourceManager final : public Resource {
 public:
  ResourceManager(Library& library, std::shared_ptr<const config::Configuration> configuration);

  static constexpr bool holds(model::Kind kind) noexcept {
    return kind == model::Kind::resource_manager;
  }

  /// viOpenDefaultRM: warn_config_nloaded travels with the handle when the configuration is broken.
  static Result<Handle> open_default();

  /// In a child of fork: makes the parent's manager sessions anew in `library`, under their
  /// handles.
  static void adopt_managers(Library& library);

  /// viFindRsrc. `keep_list`: the caller wants a find list for the rest.
  Result<Found> find(std::string_view expression, bool keep_list);

  /// viParseRsrc, viParseRsrcEx: contacts nothing.
  Result<ParsedName> parse(std::string_view name_or_alias) const;

  /// viOpen.
  Result<Handle> open(std::string_view name_or_alias, ViAccessMode mode, ViUInt32 timeout);

  /// Forgets a session or find list that was closed by itself.
  void forget(Handle child) VISA_EXCLUDES(children_mutex_);

  Status close() override;

 protected:
  Result<model::AttributeValue> computed(const model::Attribute& row) const override;
  void wake() override {}  // its calls look at their own tokens

 private:
  Result<model::ResourceName> resolve(std::string_view name_or_alias) const;
  Result<std::unique_ptr<spi::Channel>> connect(const model::ResourceName& name, ViAccessMode mode,
                                                ViUInt32 timeout, Call& call, bool& config_missing);
  spi::Driver* driver_for(const model::ResourceName& name) const;
  Status adopt(std::shared_ptr<Object> child, Handle& handle) VISA_EXCLUDES(children_mutex_);
  void stand_at(Library::Managers::Place* place) VISA_EXCLUDES(children_mutex_);
  bool load_attributes(Session& session) const;

  Library& library_;
  const std::shared_ptr<const config::Configuration> configuration_;
  Mutex children_mutex_;
  std::set<Handle> children_ VISA_GUARDED_BY(children_mutex_);
  bool closed_ VISA_GUARDED_BY(children_mutex_) = false;
  // Until close(). Null where there was no memory: a child of fork then finds the session dead.
  Library::Managers::Place* place_ VISA_GUARDED_BY(children_mutex_) = nullptr;
};

/// viClose for every kind of handle: error_inv_object where there is none.
Status close_handle(Library& library, Handle handle);

}  // namespace visa::core

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
struct Opening;

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

  /// viOpenDefaultRM: warn_config_nloaded travels with the handle when a configuration file could
  /// not be read at all; what is wrong in a file that counts otherwise is in the trace.
  static Result<Handle> open_default();

  /// In a child of fork: makes the parent's manager sessions anew in `library`, under their
  /// handles.
  static void adopt_managers(Library& library);

  /// The library of this process, made if need be.
  static Library& library() { return Library::instance(adopt_managers); }

  /// The library in which a call on `handle` looks it up, see Library::serving.
  static Library* library_of(Handle handle) { return Library::serving(handle, adopt_managers); }

  /// viFindRsrc. `keep_list`: the caller wants a find list for the rest.
  Result<Found> find(std::string_view expression, bool keep_list);

  /// viParseRsrc, viParseRsrcEx: contacts nothing.
  Result<ParsedName> parse(std::string_view name_or_alias);

  /// viOpen.
  Result<Handle> open(std::string_view name_or_alias, ViAccessMode mode, ViUInt32 timeout);

  /// Forgets a session or find list that was closed by itself.
  void forget(Handle child) VISA_EXCLUDES(children_mutex_);

  Status close() override;

  /// Also what is wrong with the configuration, for VI_WARN_CONFIG_NLOADED, whatever
  /// viOpenDefaultRM answered and whatever failed since; and, where nothing has failed for want of
  /// a driver, the drivers there are, for VI_ERROR_LIBRARY_NFOUND: 'freevisa info' asks for that.
  std::string detail_of(Status status) const override;

 protected:
  /// For this thread, too: after a failed viOpen a program has no session to ask.
  void keep(Status status, std::string&& detail) override;
  Result<model::AttributeValue> computed(const model::Attribute& row) const override;
  void wake() override {}  // its calls look at their own tokens

 private:
  /// The name, or what the alias stands for. A failure is remembered with its reason.
  Result<model::ResourceName> resolve(std::string_view name_or_alias);
  /// Null, and the reason in `status`, where it fails; a warning may come with a session.
  std::shared_ptr<Session> make_session(const Opening& opening, Call& call, Status& status);
  Status remember_open(const Opening& opening, Status status, std::string&& detail);
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

// SPDX-License-Identifier: MIT
// viOpen: alias, name, channel (channel_opening.h), session; then the lock of the access mode,
// whose wait is openTimeout taken literally, also when it is 0.
#include "lib/core/resource_manager.h"

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/log.h"
#include "lib/core/channel_opening.h"
#include "lib/core/event_object.h"
#include "lib/core/find_list.h"
#include "lib/core/search.h"
#include "lib/core/session.h"
#include "lib/core/thread_failure.h"
#include "lib/model/attribute_table.h"
#include "lib/model/find_expression.h"

namespace visa::core {
namespace {

using model::AttributeValue;
using namespace std::chrono_literals;

// The lock domain of the Default RM: no resource name has this form.
constexpr std::string_view kManagerDomain = "(resource manager)";
constexpr auto kCloseGrace = 1s;
// What is left of the time for a search once the finders are through: viFindRsrc keeps its promise.
constexpr auto kFindMargin = 20ms;

constexpr ViAccessMode kLockModes = VI_EXCLUSIVE_LOCK | VI_SHARED_LOCK;

/// Closes a session that viOpen cannot give to its caller: its lock was refused, or what it needed
/// further threw.
class HalfOpen {
 public:
  HalfOpen(Library& library, Handle handle) noexcept : library_(library), handle_(handle) {}
  HalfOpen(const HalfOpen&) = delete;
  HalfOpen& operator=(const HalfOpen&) = delete;
  ~HalfOpen() {
    if (handle_ == 0) return;
    try {
      close_handle(library_, handle_);
    } catch (const std::exception&) {  // no memory: it is closed with its manager
    }
  }
  void keep() noexcept { handle_ = 0; }

 private:
  Library& library_;
  Handle handle_;
};

std::shared_ptr<const config::Configuration> load_configuration() {
  return std::make_shared<const config::Configuration>(
      config::Configuration::load(config::Configuration::default_sources()));
}

format::FormatSettings formats(const config::Settings& settings) {
  return {settings.formatted_long == 64, settings.formatted_long_double};
}

}  // namespace

ResourceManager::ResourceManager(Library& library,
                                 std::shared_ptr<const config::Configuration> configuration)
    : Resource(model::Kind::resource_manager, library.lock_registry.domain(kManagerDomain)),
      library_(library),
      configuration_(std::move(configuration)) {
  end_calls_on_signal(configuration_->settings().abort_on_signal);
}

Result<Handle> ResourceManager::open_default() {
  auto& library = ResourceManager::library();
  auto configuration = load_configuration();
  auto manager = std::make_shared<ResourceManager>(library, configuration);
  for (const auto& problem : configuration->problems()) log::line("configuration: " + problem);
  // A mistake in an entry is no warning: programs that take VI_SUCCESS only would stop for it.
  auto status = Status::success;
  if (!configuration->every_file_read()) {
    status = Status::warn_config_nloaded;
    manager->remember(status, std::string(configuration->loss()));
  }
  const Handle handle = library.objects.insert(manager);
  manager->stand_at(Library::managers().enter(handle));
  return {handle, status};
}

// A program that guesses handles may have closed it already.
void ResourceManager::stand_at(Library::Managers::Place* place) {
  const MutexLock lock(children_mutex_);
  if (!closed_) {
    place_ = place;
  } else if (place != nullptr) {
    Library::Managers::leave(place);
  }
}

void ResourceManager::adopt_managers(Library& library) {
  std::shared_ptr<const config::Configuration> configuration;
  Library::managers().each([&](Library::Managers::Place& place) {
    const Handle handle = place.load();
    if (handle == 0) return;
    if (configuration == nullptr) configuration = load_configuration();
    auto manager = std::make_shared<ResourceManager>(library, configuration);
    manager->stand_at(&place);
    library.objects.insert_as(handle, std::move(manager));
  });
}

std::string ResourceManager::detail_of(Status status) const {
  auto detail = Resource::detail_of(status);
  if (!detail.empty()) return detail;
  if (status == Status::warn_config_nloaded) return configuration_->loss();
  if (status != Status::error_library_nfound) return detail;
  for (const auto& driver : library_.drivers) {
    detail += detail.empty() ? "This FreeVISA has the drivers: " : ", ";
    detail += driver->name();
  }
  return detail;
}

void ResourceManager::keep(Status status, std::string&& detail) {
  note_thread_failure(status, detail);
  Resource::keep(status, std::move(detail));
}

Result<AttributeValue> ResourceManager::computed(const model::Attribute& row) const {
  switch (row.id) {
    case VI_ATTR_RSRC_CLASS:
    case VI_ATTR_RSRC_NAME:  // RULE 4.2.1: the empty string
      return AttributeValue(std::string());
    case VI_ATTR_RM_SESSION:  // RULE 4.2.2
      return AttributeValue(std::uint64_t{VI_NULL});
    default:
      return Status::error_nsup_attr;
  }
}

Result<Found> ResourceManager::find(std::string_view text, bool keep_list) {
  model::Mistake mistake;
  const auto expression = model::FindExpression::parse(text, &mistake);
  if (!expression) return remember(expression.status(), model::describe(text, mistake));
  const auto time = std::chrono::milliseconds(configuration_->settings().find_timeout_ms);
  Call call(Deadline::after(time - kFindMargin));
  std::vector<std::string> names;
  {
    const Passage passage(traffic(), call, Lane::none);
    if (failed(passage.status())) return passage.status();
    names = search(*expression, *configuration_, library_.finders, library_.openable(), call,
                   &library_.wires);
  }
  if (names.empty()) return remember(Status::error_rsrc_nfound, std::move(call.detail));
  Found found;
  found.first = std::move(names.front());
  found.count = static_cast<std::uint32_t>(names.size());
  if (!keep_list) return found;
  names.erase(names.begin());
  const auto adopted = adopt(std::make_shared<FindList>(std::move(names), handle()), found.list);
  if (failed(adopted)) return adopted;
  return found;
}

Result<model::ResourceName> ResourceManager::resolve(std::string_view name_or_alias) {
  const auto target = configuration_->resolve_alias(name_or_alias);
  const auto text = target ? std::string_view(*target) : name_or_alias;
  model::Mistake mistake;
  auto name = model::parse_resource_name(text, &mistake);
  if (!name) return remember(name.status(), model::describe(text, mistake));
  return name;
}

Result<ParsedName> ResourceManager::parse(std::string_view name_or_alias) {
  auto name = resolve(name_or_alias);
  if (!name) return name.status();
  ParsedName parsed;
  parsed.canonical = name->canonical();
  // A fixed name parses as itself: programs ask what kind of session to expect. Where it leads is
  // told as its alias.
  const auto* other = configuration_->instead_of(*name);
  parsed.alias = configuration_->alias_of(other != nullptr ? other->parsed : *name);
  if (other != nullptr && parsed.alias.empty()) parsed.alias = other->name;
  parsed.name = *std::move(name);
  return parsed;
}

// The rest of VI_LOAD_CONFIG: what the session keeps itself. False when a value was refused.
bool ResourceManager::load_attributes(Session& session) const {
  const auto* configured = configuration_->find(session.name());
  if (configured == nullptr) return false;
  bool all = true;
  for (const auto& [id, value] : configured->attributes) {
    const auto* row = model::find_attribute(id, session.kind());
    if (row != nullptr && row->home == model::Home::driver) continue;
    const auto number = model::number(value);
    const auto raw = static_cast<ViAttrState>(number);
    // With addresses of 32 bits a caller could not pass a wider number either.
    const bool fits = raw == number || static_cast<std::int64_t>(number) < 0;
    if (fits && session.set_attribute(id, raw) == Status::success) continue;
    all = false;
    auto text = session.name().canonical() + ": the configured value of " +
                (row != nullptr ? std::string(row->name) : "an attribute") + " was refused";
    log::line(text);  // a program that did not ask for the values hears of it nowhere else
    session.remember(Status::warn_config_nloaded, std::move(text));
  }
  return all;
}

std::shared_ptr<Session> ResourceManager::make_session(const Opening& opening, Call& call,
                                                       Status& status) {
  const Passage passage(traffic(), call, Lane::none);
  status = passage.status();
  if (failed(status)) return nullptr;
  auto opened = open_channel(library_, *configuration_, opening, call);
  status = opened.status();
  if (!opened) return nullptr;
  const bool ends_messages = opened->channel->traits().ends_messages;
  auto session = std::make_shared<Session>(opening.name, std::move(opened->channel), handle(),
                                           library_.lock_registry.domain(opened->identity.key),
                                           formats(configuration_->settings()),
                                           std::move(opened->identity.interface_name));
  session->end_calls_on_signal(configuration_->settings().abort_on_signal);
  session->hide_answers(std::move(opened->secrets));
  // END ends a read, as where it comes from the wire.
  if (ends_messages) session->set_attribute(VI_ATTR_SUPPRESS_END_EN, VI_FALSE);
  if (!opening.loads_values()) return session;
  if (opened->values_missing && opening.asks_for_values()) {
    session->remember(
        Status::warn_config_nloaded,
        session->name().canonical() + ": no configuration file has attributes for this resource");
  }
  const bool loaded = load_attributes(*session) && !opened->values_missing;
  if (!loaded && opening.asks_for_values()) status = Status::warn_config_nloaded;
  return session;
}

Status ResourceManager::remember_open(const Opening& opening, Status status, std::string&& detail) {
  if (!opening.substituted()) return remember(status, std::move(detail));
  auto both = opening.asked.canonical() + " (configured as " + opening.name.canonical() + ")";
  if (!detail.empty()) both += ": " + detail;
  return remember(status, std::move(both));
}

Result<Handle> ResourceManager::open(std::string_view name_or_alias, ViAccessMode mode,
                                     ViUInt32 timeout) {
  if ((mode & ~(kLockModes | VI_LOAD_CONFIG)) != 0 || (mode & kLockModes) == kLockModes) {
    return Status::error_inv_acc_mode;
  }
  const auto asked = resolve(name_or_alias);
  if (!asked) return asked.status();
  const auto* other = configuration_->instead_of(*asked);
  const Opening opening{*asked, other != nullptr ? other->parsed : *asked, mode, timeout};
  if (other != nullptr && log::enabled()) {
    log::line(asked->canonical() + " is configured as " + other->name + " (" + other->origin + ")");
  }

  const auto lock_wait = deadline_of(timeout);  // runs from the start, together with connecting
  Call call(lock_wait);
  auto status = Status::success;
  const auto session = make_session(opening, call, status);
  if (failed(status)) return remember_open(opening, status, std::move(call.detail));

  Handle made = 0;
  const auto adopted = adopt(session, made);
  if (failed(adopted)) {
    session->close();
    return adopted;
  }
  HalfOpen half_open(library_, made);
  if ((mode & kLockModes) != 0) {
    const auto kind =
        (mode & VI_EXCLUSIVE_LOCK) != 0 ? locks::LockKind::exclusive : locks::LockKind::shared;
    auto granted = session->lock_until(kind, std::nullopt, lock_wait);
    if (failed(granted.status)) {
      return remember_open(opening, granted.status, session->detail_of(granted.status));
    }
  }
  half_open.keep();
  return {made, status};
}

Status ResourceManager::adopt(std::shared_ptr<Object> child, Handle& handle) {
  const MutexLock lock(children_mutex_);
  if (closed_) return Status::error_inv_object;
  handle = library_.objects.insert(std::move(child), children_);
  return Status::success;
}

void ResourceManager::forget(Handle child) {
  const MutexLock lock(children_mutex_);
  children_.erase(child);
}

// Children first; each waits for its own calls.
Status ResourceManager::close() {
  const CancelShield shield;  // bounded, as each of them is
  std::set<Handle> children;
  {
    const MutexLock lock(children_mutex_);
    closed_ = true;
    if (place_ != nullptr) Library::Managers::leave(std::exchange(place_, nullptr));
    children.swap(children_);
  }
  end_calls(Deadline::after(kCloseGrace));
  events().close();
  for (const auto child : children) {
    if (const auto object = library_.objects.remove(child)) object->close();
  }
  domain().release_all(handle());
  return Status::success;
}

Status close_handle(Library& library, Handle handle) {
  const auto object = library.objects.remove(handle);
  if (object == nullptr) return Status::error_inv_object;
  Handle manager = 0;
  if (Session::holds(object->kind())) {
    manager = static_cast<Session&>(*object).manager();
  } else if (FindList::holds(object->kind())) {
    manager = static_cast<FindList&>(*object).manager();
  }
  if (EventObject::holds(object->kind())) {
    const auto session = static_cast<EventObject&>(*object).session();
    if (const auto owner = library.objects.find<Resource>(session)) owner->events().forget(handle);
  }
  if (const auto owner = library.objects.find<ResourceManager>(manager)) owner->forget(handle);
  return object->close();
}

}  // namespace visa::core

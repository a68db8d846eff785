// SPDX-License-Identifier: MIT
// Opening as architecture section 4 has it: alias, parse, best driver; connect by openTimeout, or
// the configured time when it is 0 (RECOMMENDATION 4.3.3; PyVISA passes 0); then the lock, whose
// wait is taken literally.
#include "lib/core/resource_manager.h"

#include <chrono>
#include <exception>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/log.h"
#include "lib/base/no_destructor.h"
#include "lib/core/event_object.h"
#include "lib/core/find_list.h"
#include "lib/core/search.h"
#include "lib/core/session.h"
#include "lib/model/attribute_table.h"
#include "lib/model/find_expression.h"

namespace visa::core {
namespace {

using model::AttributeValue;
using namespace std::chrono_literals;

// The lock domain of the Default RM: no resource name has this form.
constexpr std::string_view kManagerDomain = "(resource manager)";
constexpr std::string_view kConnectTimeout = "connect_timeout_ms";
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

bool known_setting(const spi::Driver& driver, std::string_view key) {
  if (key == kConnectTimeout) return true;
  for (const auto known : driver.setting_keys()) {
    if (known == key) return true;
  }
  return false;
}

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
      configuration_(std::move(configuration)) {}

Result<Handle> ResourceManager::open_default() {
  auto& library = Library::instance();
  auto configuration = load_configuration();
  auto manager = std::make_shared<ResourceManager>(library, configuration);
  auto status = Status::success;
  if (!configuration->complete()) {
    status = Status::warn_config_nloaded;
    const auto problems = configuration->problems();
    for (const auto& problem : problems) log::line("configuration: " + problem);
    if (!problems.empty()) manager->remember(status, std::string(problems.front()));
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

Result<AttributeValue> ResourceManager::computed(const model::Attribute& row) const {
  switch (row.id) {
    case VI_ATTR_RSRC_CLASS:
    case VI_ATTR_RSRC_NAME:  // RULE 4.2.1: the empty string
      return AttributeValue(std::string());
    case VI_ATTR_RM_SESSION:
      return AttributeValue(std::uint64_t{handle()});
    default:
      return Status::error_nsup_attr;
  }
}

Result<Found> ResourceManager::find(std::string_view text, bool keep_list) {
  const auto expression = model::FindExpression::parse(text);
  if (!expression) return expression.status();
  const auto time = std::chrono::milliseconds(configuration_->settings().find_timeout_ms);
  Call call(Deadline::after(time - kFindMargin));
  std::vector<std::string> names;
  {
    const Passage passage(traffic(), call, Lane::none);
    if (failed(passage.status())) return passage.status();
    names = search(*expression, *configuration_, library_.finders, library_.openable(), call);
  }
  if (names.empty()) return Status::error_rsrc_nfound;
  Found found;
  found.first = std::move(names.front());
  found.count = static_cast<std::uint32_t>(names.size());
  if (!keep_list) return found;
  names.erase(names.begin());
  const auto adopted = adopt(std::make_shared<FindList>(std::move(names), handle()), found.list);
  if (failed(adopted)) return adopted;
  return found;
}

Result<model::ResourceName> ResourceManager::resolve(std::string_view name_or_alias) const {
  const auto target = configuration_->resolve_alias(name_or_alias);
  return model::parse_resource_name(target ? std::string_view(*target) : name_or_alias);
}

Result<ParsedName> ResourceManager::parse(std::string_view name_or_alias) const {
  auto name = resolve(name_or_alias);
  if (!name) return name.status();
  ParsedName parsed;
  parsed.canonical = name->canonical();
  parsed.alias = configuration_->alias_of(*name);
  parsed.name = *std::move(name);
  return parsed;
}

spi::Driver* ResourceManager::driver_for(const model::ResourceName& name) const {
  spi::Driver* best = nullptr;
  auto fit = spi::Fit::no;
  for (const auto& driver : library_.drivers) {
    const auto offered = driver->fits(name);
    if (offered <= fit) continue;
    best = driver.get();
    fit = offered;
  }
  return best;
}

Result<std::unique_ptr<spi::Channel>> ResourceManager::connect(const model::ResourceName& name,
                                                               ViAccessMode mode, ViUInt32 timeout,
                                                               Call& call, bool& config_missing) {
  auto* driver = driver_for(name);
  if (driver == nullptr) {
    return call.fail(Status::error_library_nfound,
                     name.canonical() + ": this FreeVISA was built without a driver for " +
                         std::string(model::name(name.kind)) +
                         "; see 'freevisa info' for those it has");
  }
  const auto* configured = configuration_->find(name);
  static NoDestructor<const spi::TransportSettings> no_settings;
  const auto& settings = configured != nullptr ? configured->transport : *no_settings;
  for (const auto& [key, value] : settings) {
    if (known_setting(*driver, key) || !log::enabled()) continue;
    log::line(name.canonical() + ": transport setting '" + key + "' means nothing to the driver " +
              std::string(driver->name()) + " and is passed over");
  }
  if (timeout == 0) {
    auto connect = std::chrono::milliseconds(configuration_->settings().connect_timeout_ms);
    const auto own = settings.find(kConnectTimeout);
    if (own != settings.end()) {
      if (const auto* value = std::get_if<std::int64_t>(&own->second); value && *value > 0) {
        connect = std::chrono::milliseconds(*value);
      }
    }
    call.deadline = Deadline::after(connect);
  }
  std::vector<std::pair<ViAttr, AttributeValue>> initial;
  if ((mode & VI_LOAD_CONFIG) != 0) {
    config_missing = configured == nullptr || configured->attributes.empty();
    if (configured != nullptr) {
      for (const auto& [id, value] : configured->attributes) {
        const auto* row = model::find_attribute(id, name.kind);
        if (row != nullptr && row->home == model::Home::driver) initial.emplace_back(id, value);
      }
    }
  }
  return driver->open({name, settings, initial}, call);
}

// The rest of VI_LOAD_CONFIG: what the session keeps itself. False when a value was refused.
bool ResourceManager::load_attributes(Session& session) const {
  const auto* configured = configuration_->find(session.name());
  if (configured == nullptr) return false;
  bool all = true;
  for (const auto& [id, value] : configured->attributes) {
    const auto* row = model::find_attribute(id, session.kind());
    if (row != nullptr && row->home == model::Home::driver) continue;
    const auto status = session.set_attribute(id, model::number(value));
    if (status == Status::success) continue;
    all = false;
    if (log::enabled()) {
      log::line(session.name().canonical() + ": the configured value of an attribute was refused");
    }
  }
  return all;
}

Result<Handle> ResourceManager::open(std::string_view name_or_alias, ViAccessMode mode,
                                     ViUInt32 timeout) {
  if ((mode & ~(kLockModes | VI_LOAD_CONFIG)) != 0 || (mode & kLockModes) == kLockModes) {
    return Status::error_inv_acc_mode;
  }
  auto name = resolve(name_or_alias);
  if (!name) return name.status();

  const auto lock_wait = deadline_of(timeout);  // runs from the start, together with connecting
  Call call(lock_wait);
  auto status = Status::success;
  std::shared_ptr<Session> session;
  {
    const Passage passage(traffic(), call, Lane::none);
    status = passage.status();
    bool config_missing = false;
    if (ok(status)) {
      auto channel = connect(*name, mode, timeout, call, config_missing);
      status = channel.status();
      if (channel) {
        auto domain = library_.lock_registry.domain(name->key());
        session = std::make_shared<Session>(*std::move(name), *std::move(channel), handle(),
                                            std::move(domain), formats(configuration_->settings()));
      }
    }
    if (session != nullptr && (mode & VI_LOAD_CONFIG) != 0) {
      if (config_missing || !load_attributes(*session)) status = Status::warn_config_nloaded;
    }
  }
  if (failed(status)) return remember(status, std::move(call.detail));

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
      return remember(granted.status, session->detail_of(granted.status));
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

// SPDX-License-Identifier: MIT
// Invariant: whatever fails after the driver has opened its channel, the channel is closed before
// this returns. RECOMMENDATION 4.3.3: a timeout of 0 means a time of the library's; PyVISA passes
// 0.
#include "lib/core/channel_opening.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/log.h"
#include "lib/core/message_channel.h"
#include "lib/core/tracing_channel.h"
#include "lib/core/wire_trace.h"
#include "lib/model/attribute_table.h"

namespace visa::core {
namespace {

using model::AttributeValue;
using InitialValues = std::vector<std::pair<ViAttr, AttributeValue>>;

constexpr std::string_view kConnectTimeout = "connect_timeout_ms";
constexpr std::int64_t kLongestConnect = 600'000;  // ms, as in [settings]
constexpr std::string_view kCredential = "credential";
constexpr std::string_view kMessageEnd = "message_end";
constexpr std::string_view kSessionAdvice = "close this session";

bool known_setting(const spi::Driver& driver, std::string_view key) {
  if (key == kConnectTimeout || key == kMessageEnd) return true;
  for (const auto known : driver.setting_keys()) {
    if (known == key) return true;
  }
  return false;
}

/// How long viOpen with a timeout of 0 may take to connect: the resource's own time, or
/// everybody's.
std::chrono::milliseconds connect_time(const config::Settings& library,
                                       const spi::Settings& settings) {
  const auto own = settings.find(kConnectTimeout);
  if (own != settings.end()) {
    const auto* value = std::get_if<std::int64_t>(&own->second);
    if (value != nullptr && *value > 0) {
      return std::chrono::milliseconds(std::min(*value, kLongestConnect));
    }
  }
  return std::chrono::milliseconds(library.connect_timeout_ms);
}

bool is_stream(const model::ResourceName& name) {
  return name.kind == model::Kind::tcpip_socket || name.kind == model::Kind::asrl_instr;
}

/// What ends messages on a raw socket where the program counts on an END; nothing where it does
/// not, or the wire has an END. error_inv_setup for a setting that cannot be meant.
Result<std::optional<char>> message_mark(const model::ResourceName& asked,
                                         const model::ResourceName& name,
                                         const spi::Settings& settings, Call& call) {
  using Mark = std::optional<char>;
  if (name.kind != model::Kind::tcpip_socket) return Mark();
  const auto own = settings.find(kMessageEnd);
  if (own == settings.end()) return is_stream(asked) ? Mark() : Mark('\n');
  const auto* text = std::get_if<std::string>(&own->second);
  if (text == nullptr || text->size() > 1) {
    return call.fail(
        Status::error_inv_setup,
        name.canonical() +
            ": the setting message_end must be one character, such as \"\\n\", or \"\" "
            "for none");
  }
  return text->empty() ? Mark() : Mark(text->front());
}

/// Wires end the text for a lost connection with what to do about the session. A failed viOpen has
/// none that could be closed.
void drop_session_advice(std::string& detail) {
  const auto advice = detail.find(kSessionAdvice);
  if (advice == std::string::npos) return;
  const auto clause = detail.rfind(';', advice);
  detail.erase(clause == std::string::npos ? advice : clause);
}

void trace_unknown(const spi::Driver& driver, const model::ResourceName& name,
                   const spi::Settings& settings) {
  if (!log::enabled()) return;
  for (const auto& [key, value] : settings) {
    if (known_setting(driver, key)) continue;
    log::line(name.canonical() + ": transport setting '" + key + "' means nothing to the driver " +
              std::string(driver.name()) + " and is passed over (" + value.origin + ")");
  }
}

/// The credential that the name gives, or else the settings.
const spi::Credential* credential_for(const config::Configuration& configuration,
                                      const model::ResourceName& name,
                                      const spi::Settings& settings) {
  if (name.has_credential) return configuration.find_credential(name.credential);
  const auto own = settings.find(kCredential);
  if (own == settings.end()) return nullptr;
  const auto* text = std::get_if<std::string>(&own->second);
  return text == nullptr ? nullptr : configuration.find_credential(*text);
}

/// Those of the configured values that the driver has to have before it touches the device.
InitialValues initial_values(const config::Resource* configured) {
  InitialValues values;
  if (configured == nullptr) return values;
  for (const auto& [id, value] : configured->attributes) {
    const auto* row = model::find_attribute(id, configured->parsed.kind);
    if (row != nullptr && row->home == model::Home::driver) values.emplace_back(id, value);
  }
  return values;
}

/// The lines of the calls need it, too: it knows which answers are secrets.
void trace_wire(const model::ResourceName& name, OpenedChannel& opened) {
  const auto secrets = std::make_shared<MessageSecrets>();
  opened.secrets = secrets;
  auto trace = std::make_unique<WireTrace>(name.canonical(), wire_detail_wanted(), secrets);
  trace->seen({.operation = "open"});
  opened.channel = std::make_unique<TracingChannel>(std::move(opened.channel), std::move(trace));
}

}  // namespace

Result<OpenedChannel> open_channel(Library& library, const config::Configuration& configuration,
                                   const Opening& opening, Call& call) {
  const auto& name = opening.name;
  auto* driver = driver_for(library.drivers, name.kind);
  if (driver == nullptr) {
    return call.fail(Status::error_library_nfound,
                     name.canonical() + ": this FreeVISA was built without a driver for " +
                         std::string(model::name(name.kind)) +
                         "; see 'freevisa info' for those it has");
  }
  const auto* configured = configuration.find(name);
  const auto settings = configuration.settings_for(name);
  trace_unknown(*driver, name, settings);
  const auto mark = message_mark(opening.asked, name, settings, call);
  if (!mark) return mark.status();
  if (opening.timeout == 0) {
    call.deadline = Deadline::after(connect_time(configuration.settings(), settings));
  }
  const InitialValues initial = initial_values(opening.loads_values() ? configured : nullptr);
  const auto boards = configuration.boards_of(name.interface);
  const spi::OpenRequest request{name,
                                 settings,
                                 initial,
                                 library.openable(),
                                 credential_for(configuration, name, settings),
                                 &library.wires,
                                 &boards};

  auto identity = driver->identify(request, call);
  if (!identity) return identity.status();
  OpenedChannel opened;
  opened.identity = *std::move(identity);
  opened.values_missing =
      opening.loads_values() && (configured == nullptr || configured->attributes.empty());
  auto channel = driver->open(request, call);
  if (!channel) {
    drop_session_advice(call.detail);
    return channel.status();
  }
  opened.channel = *std::move(channel);
  if (log::enabled()) trace_wire(name, opened);
  if (mark->has_value()) {
    opened.channel = std::make_unique<MessageChannel>(std::move(opened.channel), **mark);
  }
  return opened;
}

}  // namespace visa::core

// SPDX-License-Identifier: MIT
// Opening: settings and initial attributes first, then the look-up of the host, the connections and
// the initialization, all within one deadline.
#include "drivers/hislip/hislip_driver.h"

#include <utility>

#include "drivers/common/connector.h"
#include "drivers/common/resolver.h"
#include "drivers/common/tcp_attributes.h"
#include "drivers/hislip/hislip_channel.h"
#include "drivers/hislip/hislip_session.h"
#include "drivers/hislip/hislip_settings.h"
#include "drivers/hislip/security_plan.h"

namespace visa::drivers::hislip {
namespace {

/// The initial attributes of an open: those of the sockets, and those of HiSLIP.
struct Initial {
  ConnectOptions options;
  std::uint32_t message_kb = kDefaultMessageKb;
  std::optional<bool> overlap;
  std::optional<bool> encryption;
};

Status apply(const spi::OpenRequest& request, Initial& initial) {
  std::vector<std::pair<ViAttr, model::AttributeValue>> of_socket;
  for (const auto& [id, value] : request.initial_attributes) {
    if (id == VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB) {
      initial.message_kb = static_cast<std::uint32_t>(model::number(value));
    } else if (id == VI_ATTR_TCPIP_HISLIP_OVERLAP_EN) {
      initial.overlap = model::number(value) != 0;
    } else if (id == VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN) {
      initial.encryption = model::number(value) != 0;
    } else {
      of_socket.emplace_back(id, value);
    }
  }
  return apply_initial({request.name, request.settings, of_socket, request.openable},
                       initial.options);
}

/// viOpen has no status for a lost connection or an I/O error.
Status as_open_status(Status status) noexcept {
  const bool lost = status == Status::error_conn_lost || status == Status::error_io;
  return lost ? Status::error_rsrc_nfound : status;
}

}  // namespace

std::vector<std::string_view> HislipDriver::setting_keys() const {
  return Settings::keys();
}

Result<spi::Identity> HislipDriver::identify(const spi::OpenRequest& request, Call&) {
  model::ResourceName plain = request.name;
  plain.has_credential = false;
  return spi::Identity{plain.key()};
}

Result<std::unique_ptr<spi::Channel>> HislipDriver::open(const spi::OpenRequest& request,
                                                         Call& call) {
  const model::ResourceName& name = request.name;
  const auto settings = read_settings(request.settings, call);
  if (!settings) return settings.status();
  Initial initial;
  initial.options.keepalive_idle = settings->keepalive_idle;
  if (const Status set = apply(request, initial); failed(set)) return set;
  auto plan = read_plan(request, *settings, call);
  if (!plan) return plan.status();
  plan->by_attribute = initial.encryption.value_or(false);

  const auto addresses = resolve(name.host, name.port, call);
  if (!addresses) return addresses.status();
  auto session = Session::open(*addresses, name.host, name.device, initial.options,
                               initial.message_kb, *std::move(plan), call);
  if (!session) return session.status();
  if (initial.encryption && *initial.encryption != (*session)->encrypted()) {
    const Status status = (*session)->set_encryption(*initial.encryption, call);
    if (failed(status)) return as_open_status(status);
  }
  if (initial.overlap && *initial.overlap != (*session)->state().overlap()) {
    const Status status = (*session)->sync().clear(*initial.overlap, call);
    if (failed(status)) return as_open_status(status);
  }
  return std::unique_ptr<spi::Channel>(std::make_unique<HislipChannel>(
      *std::move(session), name.host, name.device, initial.options, initial.message_kb));
}

}  // namespace visa::drivers::hislip

namespace visa::drivers {

std::unique_ptr<spi::Driver> make_hislip_driver() {
  return std::make_unique<hislip::HislipDriver>();
}

}  // namespace visa::drivers

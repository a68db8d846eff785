// SPDX-License-Identifier: MIT
// The links of a board that is a VXI-11 gateway: one VXI-11 channel for each device in use
// ("gpib0,5"), and one to the interface itself ("gpib0") once it is needed. A link that the network
// has ended is made anew by the next operation.
//
// The bus calls one operation at a time; a waiting thread may ask for links beside it, and any
// thread may wake them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/gpib/gpib_address.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"
#include "lib/spi/channel.h"
#include "lib/spi/event_sink.h"
#include "lib/spi/settings.h"
#include "lib/spi/wires.h"

namespace visa::drivers::gpib::gateway {

/// Which gateway and which of its interfaces: "192.0.2.1/gpib0".
struct GatewayTarget {
  std::string host;  // as in a resource name: an IPv6 address is in brackets
  std::string interface = "gpib0";
};

/// One link. Shared, so that it outlives a use beside its end.
class GatewayLink {
 public:
  explicit GatewayLink(std::unique_ptr<spi::Channel> channel) : channel_(std::move(channel)) {}
  spi::Channel& channel() const noexcept { return *channel_; }

  /// Service requests go to `sink`; a second call does nothing. Not after close().
  Status enable(spi::EventSink& sink, Call& call) VISA_EXCLUDES(events_);
  /// Ends them, and the connection. A second call does nothing.
  void close(Call& call) noexcept VISA_EXCLUDES(events_);

 private:
  const std::unique_ptr<spi::Channel> channel_;
  Mutex events_;
  bool enabled_ VISA_GUARDED_BY(events_) = false;
  bool closed_ VISA_GUARDED_BY(events_) = false;
};

class GatewayLinks {
 public:
  GatewayLinks(GatewayTarget target, spi::Settings settings, spi::Wires& wires);

  using LinkPtr = std::shared_ptr<GatewayLink>;

  /// The link to a device, or to the interface; made if there is none.
  Result<LinkPtr> device(const Address& address, Call& call) VISA_EXCLUDES(mutex_);
  Result<LinkPtr> board(Call& call) VISA_EXCLUDES(mutex_);
  /// Ends the link to a device.
  void end(const Address& address, Call& call) noexcept VISA_EXCLUDES(mutex_);
  /// The link of an operation that ended with error_conn_lost: the next one is made anew.
  void drop(const LinkPtr& link, Call& call) noexcept VISA_EXCLUDES(mutex_);
  /// Ends all links.
  void close(Call& call) noexcept VISA_EXCLUDES(mutex_);

  /// Those to devices that there are now.
  std::vector<LinkPtr> devices() const VISA_EXCLUDES(mutex_);
  std::vector<Address> addresses() const VISA_EXCLUDES(mutex_);
  void wake() noexcept VISA_EXCLUDES(mutex_);

 private:
  Result<LinkPtr> connect(const std::string& device, Call& call);

  const GatewayTarget target_;
  const spi::Settings settings_;
  spi::Wires& wires_;
  mutable Mutex mutex_;
  std::map<Address, LinkPtr> devices_ VISA_GUARDED_BY(mutex_);
  LinkPtr board_ VISA_GUARDED_BY(mutex_);
};

}  // namespace visa::drivers::gpib::gateway

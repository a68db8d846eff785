// SPDX-License-Identifier: MIT
// The loop device does the work; this file maps the calls of spi::Channel to it and explains
// failures to the user.
#include "drivers/example/example_channel.h"

#include <algorithm>

namespace visa::drivers::example {

ExampleChannel::ExampleChannel(LoopDevices::Lease device, std::string name)
    : device_(std::move(device)), name_(std::move(name)) {}

void ExampleChannel::close(Call& call) noexcept {
  for (const auto kind : {spi::RemoteLockKind::exclusive, spi::RemoteLockKind::shared}) {
    device_->unlock(this, kind);
  }
  device_.release(call);
}

spi::ReadResult ExampleChannel::read(std::span<std::byte> into, const spi::EndRule& rule,
                                     Call& call) {
  const auto result = device_->read(into, rule, call);
  if (result.status == Status::error_tmo) {
    call.fail(result.status, name_ + ": nothing was written to the loop; write before you read");
  }
  return result;
}

spi::WriteResult ExampleChannel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                       Call& call) {
  return device_->write(data, rule.end == spi::WriteEnd::end, call);
}

void ExampleChannel::wake() noexcept {
  device_->wake();
}

Result<std::uint8_t> ExampleChannel::read_status_byte(Call&) {
  return device_->poll();
}

Status ExampleChannel::clear(Call&) {
  device_->clear();
  device_->raise(VI_EVENT_CLEAR);
  return Status::success;
}

Status ExampleChannel::trigger(const spi::TriggerRule& rule, Call&) {
  if (rule.protocol != spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}) return Status::error_inv_prot;
  device_->raise(VI_EVENT_TRIG);
  return Status::success;
}

std::span<const spi::Binding<ExampleChannel>> ExampleChannel::bindings() noexcept {
  static constexpr spi::Binding<ExampleChannel> kBindings[] = {
      {VI_ATTR_TCPIP_DEVICE_NAME, &ExampleChannel::device_name, nullptr},  // null: read-only
      {VI_ATTR_DEV_STATUS_BYTE, &ExampleChannel::status_byte, &ExampleChannel::set_status_byte},
  };
  return kBindings;
}

Result<model::AttributeValue> ExampleChannel::get_attribute(ViAttr id, Call& call) {
  return spi::get_bound(bindings(), *this, id, call);
}

Status ExampleChannel::set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) {
  return spi::set_bound(bindings(), *this, id, value, call);
}

Result<model::AttributeValue> ExampleChannel::device_name(Call&) {
  return model::AttributeValue(name_);
}

Result<model::AttributeValue> ExampleChannel::status_byte(Call&) {
  return model::AttributeValue(std::uint64_t{device_->status_byte()});
}

Status ExampleChannel::set_status_byte(const model::AttributeValue& value, Call&) {
  device_->set_status_byte(static_cast<std::uint8_t>(model::number(value)));
  return Status::success;
}

Status ExampleChannel::enable_event(ViEventType type, spi::EventSink& sink, Call&) {
  if (type != VI_EVENT_SERVICE_REQ && type != VI_EVENT_TRIG && type != VI_EVENT_CLEAR) {
    return Status::error_inv_event;
  }
  enabled_.emplace_back(type, &sink);
  device_->subscribe(type, sink);
  return Status::success;
}

Status ExampleChannel::disable_event(ViEventType type, Call&) {
  const auto at = std::find_if(enabled_.begin(), enabled_.end(),
                               [type](const auto& one) { return one.first == type; });
  if (at == enabled_.end()) return Status::error_inv_event;
  device_->unsubscribe(type, *at->second);
  enabled_.erase(at);
  return Status::success;
}

spi::Facets ExampleChannel::facets() noexcept {
  spi::Facets facets;
  facets.remote_lock = this;
  return facets;
}

Status ExampleChannel::lock(spi::RemoteLockKind kind, std::string_view key, Call& call) {
  return device_->lock(this, kind, key, call);
}

Status ExampleChannel::unlock(spi::RemoteLockKind kind, Call&) {
  device_->unlock(this, kind);
  return Status::success;
}

}  // namespace visa::drivers::example

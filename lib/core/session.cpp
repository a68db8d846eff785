// SPDX-License-Identifier: MIT
// What a session is: its attributes that follow from the name, the rules its attributes make for a
// transfer, and its end. The transfers themselves are in session_io.cpp.
#include "lib/core/session.h"

#include <chrono>
#include <type_traits>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/log.h"
#include "lib/model/attribute_table.h"

namespace visa::core {
namespace {

using model::AttributeValue;
using namespace std::chrono_literals;

// How long viClose waits for calls that were told to end, and for the goodbye of the wire.
constexpr auto kCloseGrace = 1s;

}  // namespace

Session::Session(model::ResourceName name, std::unique_ptr<spi::Channel> channel, Handle manager,
                 std::shared_ptr<locks::LockDomain> domain, format::FormatSettings formats,
                 std::string interface_name)
    : Resource(name.kind, std::move(domain)),
      name_(std::move(name)),
      canonical_(name_.canonical()),
      interface_name_(std::move(interface_name)),
      channel_(std::move(channel)),
      manager_(manager),
      formats_(formats) {}

Result<AttributeValue> Session::computed(const model::Attribute& row) const {
  switch (row.id) {
    case VI_ATTR_RSRC_CLASS:
      return AttributeValue(std::string(model::keyword(name_.resource_class)));
    case VI_ATTR_RSRC_NAME:
      return AttributeValue(canonical_);
    case VI_ATTR_RM_SESSION:
      return AttributeValue(std::uint64_t{manager_});
    case VI_ATTR_INTF_TYPE:
      return AttributeValue(static_cast<std::uint64_t>(name_.interface));
    case VI_ATTR_INTF_NUM:
      return AttributeValue(std::uint64_t{name_.board});
    case VI_ATTR_RD_BUF_SIZE:
      return AttributeValue(std::uint64_t{read_buffer_size_.load(std::memory_order_relaxed)});
    case VI_ATTR_WR_BUF_SIZE:
      return AttributeValue(std::uint64_t{write_buffer_size_.load(std::memory_order_relaxed)});
    case VI_ATTR_INTF_INST_NAME:
      if (!interface_name_.empty()) return AttributeValue(interface_name_);
      return AttributeValue(std::string(model::keyword(name_.interface)) +
                            std::to_string(name_.board) + " (" + canonical_ + ")");
    default:
      return Status::error_nsup_attr;
  }
}

Result<AttributeValue> Session::asked_of_driver(const model::Attribute& row, Call& call) {
  return channel_->get_attribute(row.id, call);
}

Status Session::give_to_driver(const model::Attribute& row, std::uint64_t value, Call& call) {
  return channel_->set_attribute(row.id, AttributeValue(value), call);
}

// What comes from the wire is the driver's to raise; the rest is raised above it.
Status Session::start_event(ViEventType type) {
  if (type == VI_EVENT_EXCEPTION) return Resource::start_event(type);
  if (type == VI_EVENT_IO_COMPLETION) return Status::success;
  const auto hub = events().hub();
  if (hub == nullptr) return Status::error_inv_object;
  Call call(store().deadline());
  const Passage passage(traffic(), call, Lane::none);  // keeps the channel open meanwhile
  if (failed(passage.status())) return passage.status();
  if (type == VI_EVENT_ASRL_TERMCHAR && channel_->facets().serial != nullptr) {
    channel_->facets().serial->watch_termchar(store().termchar());
  }
  const auto status = channel_->enable_event(type, *hub, call);
  return remember(status, std::move(call.detail));
}

void Session::stop_event(ViEventType type) {
  if (type == VI_EVENT_EXCEPTION) return Resource::stop_event(type);
  if (type == VI_EVENT_IO_COMPLETION) return;
  // Also while the session closes: the channel is closed only after this.
  Call call(Deadline::after(kCloseGrace));
  const CancelShield shield;
  channel_->disable_event(type, call);
}

void Session::wake() {
  const CancelShield shield;  // it may write to an eventfd
  channel_->wake();
}

// ASRL alone has its own idea of END (6.1.6, 6.1.7): nothing, a bit, or the termination character.
spi::EndRule Session::end_rule() const noexcept {
  spi::EndRule rule{.suppress_end = store().suppress_end(),
                    .termchar_enabled = store().termchar_enabled(),
                    .termchar = store().termchar(),
                    .protocol = store().io_protocol()};
  if (kind() != model::Kind::asrl_instr) return rule;
  const auto end_in = store().end_in();
  if (!rule.suppress_end) {
    rule.termchar_enabled |= end_in == VI_ASRL_END_TERMCHAR;
    rule.last_bit = end_in == VI_ASRL_END_LAST_BIT;
  }
  rule.suppress_end = true;  // a pause on the line is no END
  return rule;
}

spi::WriteEnd Session::write_end() const noexcept {
  if (kind() != model::Kind::asrl_instr) {
    return store().send_end() ? spi::WriteEnd::end : spi::WriteEnd::none;
  }
  if (!store().send_end()) return spi::WriteEnd::none;
  switch (store().end_out()) {
    case VI_ASRL_END_LAST_BIT:
      return spi::WriteEnd::last_bit;
    case VI_ASRL_END_TERMCHAR:
      return spi::WriteEnd::termchar;
    case VI_ASRL_END_BREAK:
      return spi::WriteEnd::break_;
    default:
      return spi::WriteEnd::none;
  }
}

spi::WriteRule Session::write_rule() const noexcept {
  spi::WriteRule rule{write_end(), store().io_protocol()};
  if (kind() != model::Kind::asrl_instr) return rule;
  rule.termchar = store().termchar();
  // Also with VI_ATTR_SEND_END_EN false: then every byte goes out with its last bit clear.
  rule.masks_last_bit = store().end_out() == VI_ASRL_END_LAST_BIT;
  return rule;
}

// VI_ATTR_TRIG_ID is there only on the kinds that have trigger lines.
spi::TriggerRule Session::trigger_rule(ViUInt16 protocol) const {
  const auto* line = model::find_attribute(VI_ATTR_TRIG_ID, kind());
  if (line == nullptr || line->home != model::Home::stored) return spi::TriggerProtocol{protocol};
  return {spi::TriggerProtocol{protocol}, static_cast<std::int16_t>(store().get(*line))};
}

spi::RegisterRule Session::register_rule() const {
  spi::RegisterRule rule;
  const auto read = [this](ViAttr id, auto& value) {
    using Value = std::remove_reference_t<decltype(value)>;
    const auto* row = model::find_attribute(id, kind());
    if (row == nullptr || row->home != model::Home::stored) return;
    value = static_cast<Value>(store().get(*row));
  };
  read(VI_ATTR_SRC_INCREMENT, rule.source_increment);
  read(VI_ATTR_DEST_INCREMENT, rule.destination_increment);
  read(VI_ATTR_SRC_BYTE_ORDER, rule.source_order);
  read(VI_ATTR_DEST_BYTE_ORDER, rule.destination_order);
  read(VI_ATTR_SRC_ACCESS_PRIV, rule.source_access);
  read(VI_ATTR_DEST_ACCESS_PRIV, rule.destination_access);
  read(VI_ATTR_DMA_ALLOW_EN, rule.dma_allowed);
  return rule;
}

// 6.1.1: END outranks all; 6.1.2: then the termination character; 6.1.3: then the count. 6.1.7: on
// ASRL with END_IN = TERMCHAR the character is the END.
Status Session::completion(const spi::ReadResult& result, const spi::EndRule& rule) const noexcept {
  if (result.status != Status::success) return result.status;
  switch (result.reason) {
    case spi::StopReason::end:
      // 6.1.4: with SUPPRESS_END_EN a plain success is forbidden; no driver may stop for END then.
    case spi::StopReason::closed:
      return Status::success;
    case spi::StopReason::termchar:
      if (kind() == model::Kind::asrl_instr && store().end_in() == VI_ASRL_END_TERMCHAR &&
          !store().suppress_end()) {
        return Status::success;
      }
      return rule.termchar_enabled ? Status::success_term_char : Status::success_max_cnt;
    case spi::StopReason::count:
      break;
  }
  return Status::success_max_cnt;
}

bool Session::asks_by_message() const noexcept {
  return channel_->traits().stream && store().io_protocol() == VI_PROT_4882_STRS;
}

// Runs once, when no call is inside: on the closing thread, or, where a driver did not come back in
// time, on the thread of the last call to leave.
void Session::close_channel() {
  if (!traffic().wait_until_empty(Deadline::immediate())) return;
  if (channel_closed_.exchange(true)) return;
  Call goodbye(Deadline::after(kCloseGrace));
  const CancelShield shield;
  channel_->close(goodbye);
}

// docs/architecture.md, viClose. The handle has left the object table already.
Status Session::close() {
  // Half a close would leave threads and a connection nobody can reach. All of it is bounded.
  const CancelShield shield;
  const auto grace = Deadline::after(kCloseGrace);
  end_jobs();
  const bool empty = end_calls(grace);  // jobs that are inside, too
  join_jobs(grace);
  events().close();
  if (!empty) {
    // Set before close_channel looks again: either it finds the call gone, or the call finds this.
    // And after the events were disabled, which is the last the channel hears but for its close.
    abandoned_.store(true, std::memory_order_release);
    if (log::enabled()) {
      log::line(canonical_ +
                ": a call did not end within 1 s of viClose; the connection is closed "
                "when it returns");
    }
  }
  close_channel();
  domain().release_all(handle());
  return Status::success;
}

}  // namespace visa::core

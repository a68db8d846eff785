// SPDX-License-Identifier: MIT
// A transfer in ends with a short packet or a full buffer, and its buffer is a multiple of the
// packet size: a packet that does not fit would be lost. So the last packet of a read goes through
// a buffer of the pipe, which keeps what the caller did not ask for.
#include "drivers/usb/raw_device.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "drivers/libusb/usb_error.h"
#include "drivers/usb/tmc_wire.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::usb {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20U;
/// Up to this much is received into the pipe's own buffer.
constexpr std::size_t kBuffered = 65536;
constexpr std::chrono::milliseconds kLeastRead{10};
constexpr std::chrono::milliseconds kLeastWrite{50};

std::vector<InterfaceInfo> settings_of(const UsbResource& resource) {
  std::vector<InterfaceInfo> settings;
  for (const InterfaceInfo& one : resource.device->interfaces) {
    if (one.number == resource.interface->number) settings.push_back(one);
  }
  return settings;
}

std::size_t interfaces_of(const UsbDeviceInfo& device) {
  std::set<std::uint8_t> numbers;
  for (const InterfaceInfo& one : device.interfaces) numbers.insert(one.number);
  return numbers.size();
}

}  // namespace

RawDevice::RawDevice(std::unique_ptr<UsbInterface> usb, const UsbResource& resource)
    : usb_(std::move(usb)),
      facts_(facts_of(resource)),
      settings_(settings_of(resource)),
      interfaces_(interfaces_of(*resource.device)) {}

void RawDevice::close(Call&) noexcept {
  const CancelShield shield;
  pipes_.clear();
  usb_->close();
}

const InterfaceInfo& RawDevice::setting() const noexcept {
  return settings_[setting_.load(std::memory_order_acquire)];
}

const EndpointInfo* RawDevice::endpoint(int address) const noexcept {
  const auto& endpoints = setting().endpoints;
  const auto found = std::find_if(endpoints.begin(), endpoints.end(),
                                  [&](const auto& one) { return one.address == address; });
  return found == endpoints.end() ? nullptr : &*found;
}

Status RawDevice::set_alternate(std::uint8_t wanted, Call& call) {
  if (sessions_.load() > 1) {
    return call.fail(Status::error_attr_readonly,
                     facts_.name + ": another session of this program uses the device");
  }
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    if (settings_[i].alternate != wanted) continue;
    pipes_.clear();
    const UsbOutcome outcome = usb_->set_alternate(wanted);
    if (outcome != UsbOutcome::done)
      return fail(outcome, facts_.name, "changing the setting", call);
    setting_.store(i, std::memory_order_release);
    return Status::success;
  }
  return call.fail(Status::error_nsup_attr_state,
                   facts_.name + ": the interface has no alternate setting of this number");
}

RawDevice::Pipe& RawDevice::pipe(std::uint8_t address) {
  Pipe& one = pipes_[address];
  if (one.transfer == nullptr) one.transfer = usb_->transfer(address);
  return one;
}

/// Waits for what was started, and stops it when the wait is given up.
UsbEnd RawDevice::finish(Pipe& pipe, const Call& call, Deadline until) {
  struct Stop {  // a destructor, for forced unwinding: the buffer is the caller's
    UsbTransfer& transfer;
    ~Stop() { transfer.stop(); }
  } const stop{*pipe.transfer};
  UsbEnd end = pipe.transfer->wait(call, until);
  if (end.outcome == UsbOutcome::timed_out || end.outcome == UsbOutcome::cancelled) {
    const UsbEnd stopped = pipe.transfer->stop();
    end.count = stopped.count;
    if (stopped.outcome != UsbOutcome::stopped) end = stopped;
  }
  pipe.state = end.outcome == UsbOutcome::stalled ? PipeState::stalled : PipeState::ready;
  return end;
}

UsbEnd RawDevice::receive(Pipe& pipe, std::span<std::byte> into, Call& call) {
  pipe.transfer->start(into, false);
  return finish(pipe, call, with_least(call.deadline, kLeastRead));
}

spi::ReadResult RawDevice::read(const EndpointInfo& info, RawEnd end, std::span<std::byte> into,
                                const spi::EndRule& rule, Call& call) {
  spi::ReadResult result;
  if (into.empty()) return result;
  Pipe& from = pipe(info.address);
  const bool short_ends = end != RawEnd::none;
  while (!from.kept.deliver(into, rule, result)) {
    const std::size_t room = into.size() - result.count;
    const bool direct = room >= kBuffered && !rule.termchar_enabled;
    const std::size_t wanted = direct ? std::min(room, kPiece) / info.packet * info.packet
                                      : round_up(std::min(room, kBuffered), info.packet);
    const auto buffer =
        direct ? into.subspan(result.count, wanted) : from.kept.room(wanted).first(wanted);
    const UsbEnd got = receive(from, buffer, call);
    const bool ended = short_ends && got.outcome == UsbOutcome::done && got.count < wanted;
    if (direct) {
      result.count += got.count;
      from.kept.note_end(ended, false);
    } else {
      from.kept.keep(0, got.count, ended, false);
    }
    if (got.outcome == UsbOutcome::done) continue;
    from.kept.deliver(into, rule, result);
    result.status = fail(got.outcome, facts_.name, "reading", call);
    return result;
  }
  return result;
}

spi::WriteResult RawDevice::write(const EndpointInfo& info, std::span<const std::byte> data,
                                  Call& call) {
  spi::WriteResult result;
  Pipe& to = pipe(info.address);
  while (result.count < data.size()) {
    const std::size_t full = kPiece / info.packet * info.packet;
    const std::size_t size = std::min(data.size() - result.count, full);
    // libusb does not write to what goes out.
    to.transfer->start({const_cast<std::byte*>(data.data()) + result.count, size}, false);
    const UsbEnd sent = finish(to, call, with_least(call.deadline, kLeastWrite));
    result.count += sent.count;
    if (sent.outcome != UsbOutcome::done) {
      result.status = fail(sent.outcome, facts_.name, "writing", call);
      return result;
    }
  }
  return result;
}

PipeState RawDevice::state(int address) const {
  const auto at = pipes_.find(static_cast<std::uint8_t>(address));
  return at == pipes_.end() ? PipeState::unknown : at->second.state;
}

Status RawDevice::clear_halt(int address, Call& call) {
  const UsbOutcome outcome = usb_->clear_halt(static_cast<std::uint8_t>(address), call,
                                              with_least(call.deadline, kLeastWrite));
  if (outcome != UsbOutcome::done) return fail(outcome, facts_.name, "clearing the stall", call);
  pipe(static_cast<std::uint8_t>(address)).state = PipeState::ready;
  return Status::success;
}

Result<std::size_t> RawDevice::control(const spi::UsbSetup& setup, std::span<std::byte> data,
                                       Call& call) {
  const UsbEnd end = usb_->control(setup, data, call, with_least(call.deadline, kLeastWrite));
  if (end.outcome != UsbOutcome::done) {
    return fail(end.outcome, facts_.name, "control transfer", call);
  }
  return end.count;
}

void RawDevice::interrupt(UsbOutcome outcome, std::span<const std::byte> packet) {
  if (outcome == UsbOutcome::done) {
    subscribers_.post(VI_EVENT_USB_INTR, packet);
    return;
  }
  const MutexLock lock(listening_mutex_);
  listening_ = 0;
}

Status RawDevice::subscribe(const EndpointInfo& info, spi::EventSink& sink, std::size_t most,
                            Call& call) {
  bool listen = false;
  {
    const MutexLock lock(listening_mutex_);
    if (listening_ != 0 && listening_ != info.address && subscribers_.any()) {
      return call.fail(Status::error_inv_setup,
                       facts_.name + ": another session listens to another interrupt pipe");
    }
    listen = listening_ != info.address;
    listening_ = info.address;
  }
  subscribers_.subscribe(VI_EVENT_USB_INTR, sink, most);
  if (!listen) return Status::success;
  usb_->stop_listening();
  const UsbOutcome outcome = usb_->listen(info.address, info.packet, *this);
  if (outcome == UsbOutcome::done) return Status::success;
  subscribers_.unsubscribe(VI_EVENT_USB_INTR, sink);
  const MutexLock lock(listening_mutex_);
  listening_ = 0;
  return fail(outcome, facts_.name, "listening to the interrupt pipe", call);
}

void RawDevice::unsubscribe(const spi::EventSink& sink) {
  subscribers_.unsubscribe(VI_EVENT_USB_INTR, sink);
}

}  // namespace visa::drivers::usb

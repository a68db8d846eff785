// SPDX-License-Identifier: MIT
// USBTMC 1.0, 3.2: header, data and padding are one transfer. A short packet inside it would end
// it, so the data is copied to stand after its header.
#include "drivers/usb/bulk_out.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "drivers/libusb/usb_error.h"

namespace visa::drivers::usb {
namespace {

/// The shortest time for a transfer (VI_TMO_IMMEDIATE): an instrument that can take it does.
constexpr std::chrono::milliseconds kLeastWait{50};

}  // namespace

BulkOut::BulkOut(TmcWire& wire, Recovery& recovery)
    : wire_(wire), recovery_(recovery), out_(wire.usb.transfer(wire.out.address)) {}

BulkOut::Sending::~Sending() {
  if (over) return;
  out.out_->stop();
  out.recovery_.note_out(tag);
}

// Sends the first `size` bytes of the buffer. A halted endpoint took nothing, so it is cleared and
// tried once more.
Status BulkOut::send(std::size_t size, std::uint8_t tag, Call& call) {
  const Deadline until = with_least(call.deadline, kLeastWait);
  UsbEnd end;
  Sending sending{*this, tag};
  for (int attempt = 0; attempt < 2; ++attempt) {
    out_->start(std::span(buffer_).first(size), false);
    end = out_->wait(call, until);
    if (end.outcome != UsbOutcome::stalled) break;
    const UsbOutcome cleared = wire_.usb.clear_halt(wire_.out.address, call, until);
    const bool over = cleared == UsbOutcome::timed_out || cleared == UsbOutcome::cancelled;
    if (over) end.outcome = cleared;
    if (over || end.count > 0) break;
  }
  const UsbOutcome why = end.outcome;
  if (why == UsbOutcome::timed_out || why == UsbOutcome::cancelled) end = out_->stop();
  sending.over = true;
  if (end.outcome == UsbOutcome::done || end.count == size) return Status::success;
  recovery_.note_out(tag);
  recovery_.begin();
  return fail(why, wire_.label, "writing", call);
}

spi::WriteResult BulkOut::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                Call& call) {
  spi::WriteResult result;
  if (data.empty()) return result;
  result.status = recovery_.settle(call);
  const auto id =
      rule.protocol == VI_PROT_USBTMC_VENDOR ? MessageId::vendor_out : MessageId::dev_dep_out;
  while (ok(result.status) && result.count < data.size()) {
    const std::size_t size = std::min(data.size() - result.count, kPiece);
    const bool last = result.count + size == data.size();
    const std::uint8_t tag = wire_.tag.next();
    const Header header = message_header(id, tag, static_cast<std::uint32_t>(size),
                                         last && rule.end == spi::WriteEnd::end);
    const std::size_t whole = round_up(kHeaderSize + size, kAlignment);
    if (buffer_.size() < whole) buffer_.resize(whole);
    std::memcpy(buffer_.data(), header.data(), kHeaderSize);
    std::memcpy(buffer_.data() + kHeaderSize, data.data() + result.count, size);
    std::fill(buffer_.data() + kHeaderSize + size, buffer_.data() + whole, std::byte{0});
    result.status = send(whole, tag, call);
    if (ok(result.status)) result.count += size;
  }
  return result;
}

Status BulkOut::trigger(Call& call) {
  if (const Status ready = recovery_.settle(call); failed(ready)) return ready;
  const std::uint8_t tag = wire_.tag.next();
  const Header header = trigger_header(tag);
  if (buffer_.size() < header.size()) buffer_.resize(header.size());
  std::copy(header.begin(), header.end(), buffer_.begin());
  return send(header.size(), tag, call);
}

}  // namespace visa::drivers::usb

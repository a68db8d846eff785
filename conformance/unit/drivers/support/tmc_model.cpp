// SPDX-License-Identifier: MIT
// Written from USBTMC 1.0 and USB488 1.0, not from the driver.
#include "conformance/unit/drivers/support/tmc_model.h"

#include <algorithm>
#include <cerrno>

namespace visa::test {
namespace {

std::uint32_t word(const Bytes& data, std::size_t at) {
  return data[at] | (std::uint32_t{data[at + 1]} << 8U) | (std::uint32_t{data[at + 2]} << 16U) |
         (std::uint32_t{data[at + 3]} << 24U);
}

constexpr std::uint8_t kSuccess = 1;
constexpr std::uint8_t kPending = 2;
constexpr std::uint8_t kBusy = 0x20;
constexpr std::uint8_t kFailed = 0x80;
constexpr std::uint8_t kNotInProgress = 0x81;

Urb failed_with(int error) {
  return {.error = error};
}

void endpoint(Bytes& to, std::uint8_t address, std::uint8_t type, std::size_t size) {
  const Bytes one{
      7, 5, address, type, static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8U),
      1};
  to.insert(to.end(), one.begin(), one.end());
}

}  // namespace

Bytes TmcModel::device_descriptor() const {
  return {18, 1, 0, 2, 0, 0, 0, 64, 0x09, 0x12, 0x01, 0x00, 0, 1, 1, 2, 3, 1};
}

Bytes TmcModel::configuration() const {
  Bytes inner{9, 4, interface, 0, 3, 0xFE, 3, protocol, 0};
  endpoint(inner, kOut, 2, packet);
  endpoint(inner, kIn, 2, packet);
  endpoint(inner, kInterrupt, 3, 8);
  Bytes all{9, 2, static_cast<std::uint8_t>(9 + inner.size()), 0, 1, 1, 0, 0x80, 50};
  all.insert(all.end(), inner.begin(), inner.end());
  return all;
}

Urb TmcModel::reply(Bytes data, std::size_t room) const {
  if (data.size() > room) data.resize(room);
  return {.data = std::move(data)};
}

Urb TmcModel::control(const spi::UsbSetup& setup, const Bytes& out, std::size_t room) {
  if (setup.request_type == 0x02 && setup.request == 1) {  // CLEAR_FEATURE(ENDPOINT_HALT)
    if (halts_stay) return {.ended = false};
    clear_halt(static_cast<std::uint8_t>(setup.index));
    return {};
  }
  if ((setup.request_type & 0x60) == 0x40) {  // of the maker: what was written is read back
    if ((setup.request_type & 0x80) == 0) {
      vendor_control = out;
      return {};
    }
    return reply(vendor_control, room);
  }
  control_requests.push_back(setup.request);
  const bool abort = setup.request >= 1 && setup.request <= 4;
  if (abort && abort_refused) return failed_with(EPIPE);
  switch (setup.request) {
    case 1:
      halted_out_ = true;
      message_.clear();
      return reply({kSuccess, static_cast<std::uint8_t>(setup.value)}, room);
    case 2:
      return reply(
          {abort_pending > 0 && abort_pending-- > 0 ? kPending : kSuccess, 0, 0, 0, 0, 0, 0, 0},
          room);
    case 3:
      return abort_in(static_cast<std::uint8_t>(setup.value), room);
    case 4:
      return reply(
          {abort_pending > 0 && abort_pending-- > 0 ? kPending : kSuccess, 0, 0, 0, 0, 0, 0, 0},
          room);
    case 5:
      if (clear_refused) return failed_with(EPIPE);
      forget();
      halted_out_ = true;
      return reply({kSuccess}, room);
    case 6:
      return reply({clear_pending > 0 && clear_pending-- > 0 ? kPending : kSuccess, 0}, room);
    case 7: {
      Bytes data(24);
      data[0] = kSuccess;
      data[3] = 1;
      data[5] = capabilities_tmc;
      data[13] = 1;
      data[14] = capabilities_488;
      data[15] = 4;
      return reply(std::move(data), room);
    }
    case 128:
      return read_status(static_cast<std::uint8_t>(setup.value), room);
    case 160:
      ren.push_back(setup.value);
      return reply({kSuccess}, room);
    case 161:
    case 162:
      return reply({kSuccess}, room);
    default:
      return failed_with(EPIPE);
  }
}

Urb TmcModel::abort_in(std::uint8_t tag, std::size_t room) {
  if (!request_ && !transfer_) return reply({kFailed, tag}, room);
  const std::uint8_t now = request_ ? request_->tag : tag;
  if (now != tag) return reply({kNotInProgress, now}, room);
  request_.reset();
  transfer_ = Bytes{};  // a short packet ends what was under way
  aborted_ = true;
  sent_ = 0;
  queue_.clear();
  return reply({kSuccess, tag}, room);
}

Urb TmcModel::read_status(std::uint8_t tag, std::size_t room) {
  if (protocol != 1) return failed_with(EPIPE);
  if (status_busy > 0 && status_busy-- > 0) return reply({kBusy, tag, 0}, room);
  const std::uint8_t status = status_byte;
  status_byte = static_cast<std::uint8_t>(status & ~0x40U);
  if (status_lost) return reply({kSuccess, tag, status}, room);
  if (status_in_reply_only) return reply({kSuccess, tag, status}, room);
  interrupts_.push_back({static_cast<std::uint8_t>(0x80U | tag), status});
  return reply({kSuccess, tag, 0}, room);
}

void TmcModel::request_service(std::uint8_t status) {
  status_byte = static_cast<std::uint8_t>(status | 0x40U);
  interrupts_.push_back({0x81, status_byte});
}

Urb TmcModel::out(const Bytes& data) {
  if (stall_out > 0) {
    --stall_out;
    halted_out_ = true;
  }
  if (halted_out_) return failed_with(EPIPE);
  if (deaf) return {.ended = false};
  ++out_urbs;
  if (data.size() < 12 || data[1] == 0 || data[2] != static_cast<std::uint8_t>(~data[1])) {
    halted_out_ = true;
    return failed_with(EPIPE);
  }
  const std::uint8_t id = data[0];
  if (id == 1 || id == 126) {
    message_part(data);
  } else if (id == 2 || id == 127) {
    const std::uint32_t size = word(data, 4);
    requests.push_back(size);
    if (request_ || transfer_) ++overtaken;
    termchar_asked = (data[8] & 2) != 0 ? std::optional(data[9]) : std::nullopt;
    request_ = Request{id, data[1], size, termchar_asked};
  } else if (id == 128) {
    ++triggers;
  }
  return {};
}

void TmcModel::message_part(const Bytes& data) {
  const std::uint32_t size = word(data, 4);
  if (data.size() < 12 + size || data.size() % 4 != 0) {
    halted_out_ = true;
    return;
  }
  message_.append(data.begin() + 12, data.begin() + 12 + size);
  if (data[0] == 126 || (data[8] & 1) != 0) message_done();
}

void TmcModel::message_done() {
  if (!queue_.empty() || transfer_) ++interrupted;
  queue_.clear();  // query interrupted
  messages.push_back(message_);
  const auto known = answers.find(message_);
  if (known != answers.end()) {
    queue_ += known->second;
  } else if (other) {
    queue_ += other(message_).value_or("");
  }
  message_.clear();
}

// The answer to the open request, if there is something to say.
void TmcModel::make_answer() {
  if (transfer_ || !request_ || queue_.empty() || silent) return;
  if (most_requested && request_->size > *most_requested) return;
  std::size_t size = std::min<std::size_t>(request_->size, queue_.size());
  if (split > 0) size = std::min(size, split);
  bool met = false;
  if (request_->termchar) {
    const auto at = queue_.find(static_cast<char>(*request_->termchar));
    met = at != std::string::npos && at < size;
    if (met) size = at + 1;
  }
  const bool end = size == queue_.size();
  Bytes transfer(12);
  const bool other_tag = wrong_tag > 0 && wrong_tag-- > 0;
  const bool other_id = wrong_id > 0 && wrong_id-- > 0;
  transfer[0] = other_id ? 0x55 : request_->id;
  transfer[1] = static_cast<std::uint8_t>(request_->tag + (other_tag ? 1 : 0));
  transfer[2] = static_cast<std::uint8_t>(~transfer[1]);
  const auto told = static_cast<std::uint32_t>(size + size_added);
  for (unsigned i = 0; i < 4; ++i) transfer[4 + i] = static_cast<std::uint8_t>(told >> (8 * i));
  transfer[8] = static_cast<std::uint8_t>((end ? 1 : 0) | (met ? 2 : 0));
  transfer.insert(transfer.end(), queue_.begin(),
                  queue_.begin() + static_cast<std::ptrdiff_t>(size));
  transfer.insert(transfer.end(), static_cast<std::size_t>(padding), 0);
  queue_.erase(0, size);
  transfer_ = std::move(transfer);
  sent_ = 0;
}

Urb TmcModel::in(std::size_t room, std::size_t have) {
  if (stall_in > 0) {
    --stall_in;
    halted_in_ = true;
  }
  if (halted_in_) return failed_with(EPIPE);
  make_answer();
  if (!transfer_) return {.ended = false};
  if (empty_packets > 0) {
    --empty_packets;
    return {};
  }
  if (stale > 0 && have == 0) {
    --stale;
    Bytes late = *transfer_;
    late.resize(13);
    late[1] = static_cast<std::uint8_t>(late[1] - 1);
    late[2] = static_cast<std::uint8_t>(~late[1]);
    late[4] = 1;
    return {.data = late};
  }
  if (have == 0) ++in_urbs;
  if (endless && !aborted_) transfer_->resize(std::max(transfer_->size(), room + 1), 'x');
  std::size_t size = std::min(room, transfer_->size());
  bool early = false;
  if (cut > 0 && sent_ + size >= cut) {
    size = cut - sent_;
    if (size == 0) return {.ended = false};
  }
  if (short_after > 0 && sent_ < short_after && sent_ + size >= short_after) {
    size = short_after - sent_;
    early = true;
  }
  Urb urb{.data =
              Bytes(transfer_->begin(), transfer_->begin() + static_cast<std::ptrdiff_t>(size))};
  transfer_->erase(transfer_->begin(), transfer_->begin() + static_cast<std::ptrdiff_t>(size));
  sent_ += size;
  const bool full = size == room;
  const bool over = transfer_->empty();
  const bool ends_short = over && (sent_ % packet != 0 || sent_ == 0);
  // After a last packet that is full comes an empty one: at once where there is room for it.
  const bool empty_follows = over && sent_ % packet == 0 && !short_packet_missing;
  if (over && (ends_short || !empty_follows || !full)) {
    transfer_.reset();
    if (!aborted_) request_.reset();
    aborted_ = false;
  }
  urb.ended = full || early || ends_short || empty_follows;
  if (cut > 0 && sent_ == cut && !full) urb.ended = false;
  return urb;
}

Urb TmcModel::interrupt() {
  if (interrupts_.empty()) return {.ended = false};
  Urb urb{.data = interrupts_.front()};
  interrupts_.pop_front();
  return urb;
}

void TmcModel::clear_halt(std::uint8_t endpoint) {
  if (endpoint == kOut) halted_out_ = false;
  if (endpoint == kIn) halted_in_ = false;
}

void TmcModel::forget() {
  message_.clear();
  queue_.clear();
  request_.reset();
  transfer_.reset();
  aborted_ = false;
  sent_ = 0;
}

}  // namespace visa::test

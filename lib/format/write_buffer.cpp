// SPDX-License-Identifier: MIT
// Invariant: while a message is open, its last byte is in the buffer, so that END can be put on it
// when the message ends. A transfer that fails empties the buffer; otherwise the rest of the
// message would begin the next one.
#include "lib/format/write_buffer.h"

#include <algorithm>
#include <span>
#include <utility>

namespace visa::format {

void WriteBuffer::set_size(std::uint32_t size) {
  std::unique_ptr<char[]> data;
  if (size > kDefaultBufferSize) data = std::make_unique_for_overwrite<char[]>(size);
  size_ = size;
  data_ = std::move(data);
}

WireSink::WireSink(WriteBuffer& buffer, FormattedDevice& wire)
    : buffer_(buffer), wire_(wire), used_before_(buffer.used_) {
  if (begin() == nullptr) return;
  at_ = begin() + buffer_.used_;
  end_ = begin() + std::max(buffer_.size_, 1u);
}

WireSink::~WireSink() {
  const auto used = static_cast<std::size_t>(at_ - begin());
  buffer_.used_ = kept_ ? used : transferred_ ? 0 : used_before_;
}

Status WireSink::send(std::string_view data, const spi::WriteRule& rule) {
  transferred_ = true;
  wire_.next_transfer();
  const auto result =
      wire_.channel.write(std::as_bytes(std::span(data.data(), data.size())), rule, wire_.call);
  sent_ += result.count;
  return result.status;
}

Status WireSink::send_buffer(const spi::WriteRule& rule) {
  const std::string_view data(begin(), static_cast<std::size_t>(at_ - begin()));
  at_ = begin();
  return send(data, rule);
}

Status WireSink::end_message() {
  return at_ == begin() ? Status::success : send_buffer(wire_.rule_of_write);
}

Status WireSink::overflow(std::string_view data) {
  if (begin() == nullptr) {
    const std::size_t size = std::max(buffer_.size_, 1u);
    buffer_.data_ = std::make_unique_for_overwrite<char[]>(size);
    at_ = begin();
    end_ = at_ + size;
  }
  const auto copy = [this, &data](std::size_t size) {
    at_ = std::copy_n(data.data(), size, at_);
    data.remove_prefix(size);
  };
  const auto room = static_cast<std::size_t>(end_ - at_);
  if (data.size() <= room) {
    copy(data.size());
    return Status::success;
  }
  copy(room);
  const spi::WriteRule part = wire_.rule_of_write.part();
  auto status = send_buffer(part);
  const auto whole = static_cast<std::size_t>(end_ - begin());
  if (!failed(status) && data.size() > whole) {
    status = send(data.substr(0, data.size() - 1), part);
    data.remove_prefix(data.size() - 1);
  }
  if (!failed(status)) copy(data.size());
  return status;
}

}  // namespace visa::format

// SPDX-License-Identifier: MIT
// What instruments do otherwise than USBTMC says, as data: one table by vendor and product, each
// row with its source, and settings of the configuration that overrule it. Values and free
// functions: any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace visa::drivers::usb {

struct Quirks {
  /// The largest size in a request for an answer, in bytes; larger counts are asked for in pieces.
  std::uint32_t most_requested = std::uint32_t{1} << 30U;
  /// An answer whose length is a multiple of the packet size has no short packet after it, so that
  /// a larger receive buffer would wait for ever.
  bool no_short_packet = false;
  /// The whole answer follows one request, whatever size its header gives, and a second request
  /// begins the answer again: the length is that of the IEEE 488.2 block it begins with.
  bool block_length = false;
  /// The header of an answer may have another MsgID.
  bool any_message_id = false;
  /// No control request that is not needed: none for remote control when the device is opened.
  bool no_optional_requests = false;
  /// The abort requests do harm or nothing: what is left of an answer is read and dropped instead.
  bool no_abort = false;
  /// The status byte comes in the reply to the request, although there is an interrupt endpoint.
  bool status_in_reply = false;
  /// The status byte must not be read while a message is under way.
  bool status_alone = false;

  friend bool operator==(const Quirks&, const Quirks&) = default;
};

struct QuirkRow {
  std::uint16_t vendor;
  std::uint16_t first_product;  // to
  std::uint16_t last_product;
  Quirks quirks;
  std::string_view source;  // where the behaviour was reported
};

/// Every known instrument with quirks.
std::span<const QuirkRow> quirk_rows() noexcept;

/// Those of one product; the defaults where it has none.
Quirks quirks_of(std::uint16_t vendor, std::uint16_t product) noexcept;

}  // namespace visa::drivers::usb

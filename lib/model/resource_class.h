// SPDX-License-Identifier: MIT
// What a handle can stand for: the interface and class of a resource name, and the Kind, which
// decides which attributes, operations and events exist. TCPIP INSTR is two kinds, because VXI-11
// and HiSLIP differ in attributes (VPP-4.3 5.1.16, 5.1.17). Values and constants only: any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace visa::model {

/// The interface of a resource. The numbers are VI_INTF_*.
enum class Interface : std::uint8_t {
  none = 0,
  gpib = 1,
  vxi = 2,
  gpib_vxi = 3,
  asrl = 4,
  pxi = 5,
  tcpip = 6,
  usb = 7,
  firewire = 9,
};

enum class ResourceClass : std::uint8_t {
  none,
  instr,
  intfc,
  servant,
  memacc,
  backplane,
  socket,
  raw,
};

/// The kind of an object, by which the tables of attributes and events are indexed. Values stay
/// below kKindCount, so that a set of kinds fits 64 bits.
enum class Kind : std::uint8_t {
  resource_manager,
  asrl_instr,
  gpib_instr,
  gpib_intfc,
  gpib_servant,
  gpib_vxi_instr,
  gpib_vxi_memacc,
  gpib_vxi_backplane,
  vxi_instr,
  vxi_memacc,
  vxi_backplane,
  vxi_servant,
  pxi_instr,
  pxi_memacc,
  pxi_backplane,
  tcpip_vxi11,
  tcpip_hislip,
  tcpip_socket,
  tcpip_servant,
  usb_instr,
  usb_raw,
  firewire_instr,
  find_list,
  event_io_completion,
  event_exception,
  event_service_req,
  event_clear,
  event_trig,
  event_gpib_cic,
  event_gpib_talk,
  event_gpib_listen,
  event_vxi_vme_sysfail,
  event_vxi_vme_sysreset,
  event_vxi_sigp,
  event_vxi_vme_intr,
  event_pxi_intr,
  event_tcpip_connect,
  event_usb_intr,
  event_vxi_dev_cmd,
  event_asrl,  // NI's break, line and character events, which have no attributes of their own
  count,
};

inline constexpr unsigned kKindCount = static_cast<unsigned>(Kind::count);
static_assert(kKindCount <= 64);

/// A set of kinds.
class KindSet {
 public:
  constexpr KindSet() noexcept = default;
  constexpr KindSet(Kind kind) noexcept  // NOLINT(google-explicit-constructor)
      : bits_(std::uint64_t{1} << static_cast<unsigned>(kind)) {}

  constexpr bool contains(Kind kind) const noexcept { return (bits_ & KindSet(kind).bits_) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr bool intersects(KindSet other) const noexcept { return (bits_ & other.bits_) != 0; }
  constexpr std::uint64_t bits() const noexcept { return bits_; }

  friend constexpr KindSet operator|(KindSet a, KindSet b) noexcept {
    return from_bits(a.bits_ | b.bits_);
  }
  friend constexpr KindSet operator&(KindSet a, KindSet b) noexcept {
    return from_bits(a.bits_ & b.bits_);
  }
  /// The kinds of `a` that are not in `b`.
  friend constexpr KindSet operator-(KindSet a, KindSet b) noexcept {
    return from_bits(a.bits_ & ~b.bits_);
  }
  friend constexpr bool operator==(KindSet a, KindSet b) noexcept = default;
  static constexpr KindSet from_bits(std::uint64_t bits) noexcept {
    KindSet set;
    set.bits_ = bits;
    return set;
  }

 private:
  std::uint64_t bits_ = 0;
};

constexpr KindSet operator|(Kind a, Kind b) noexcept {
  return KindSet(a) | KindSet(b);
}

/// Every kind of session that viOpen can open.
inline constexpr KindSet kIoKinds = KindSet::from_bits(
    ((std::uint64_t{1} << static_cast<unsigned>(Kind::find_list)) - 1) & ~std::uint64_t{1});

/// Every kind of event context.
inline constexpr KindSet kEventKinds = KindSet::from_bits(
    ((std::uint64_t{1} << kKindCount) - 1) &
    ~((std::uint64_t{1} << static_cast<unsigned>(Kind::event_io_completion)) - 1));

/// The keyword of a resource name ("GPIB-VXI"), in capitals; "" for none.
std::string_view keyword(Interface interface) noexcept;

/// The class suffix of a resource name ("INSTR"), in capitals; "" for none.
std::string_view keyword(ResourceClass resource_class) noexcept;

/// A name for traces and tests ("TCPIP SOCKET", "event IO_COMPLETION").
std::string_view name(Kind kind) noexcept;

}  // namespace visa::model

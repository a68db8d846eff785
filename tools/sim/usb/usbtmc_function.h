// SPDX-License-Identifier: MIT
// The USBTMC interface of an instrument, with the subclass USB488: messages on the bulk endpoints,
// requests, status bytes and requests for service.
//
// Owned by a UsbDevice, from plugging in until it is unplugged: what one program has left unread is
// there for the next one, as with a real instrument. On the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/engine/link.h"
#include "tools/sim/usb/usb_description.h"
#include "tools/sim/usb/usb_faults.h"
#include "tools/sim/usb/usb_function.h"
#include "tools/sim/usb/usbtmc_header.h"
#include "tools/sim/usb/usbtmc_transfers.h"

namespace visa::sim {

/// What tests and the control socket ask about a device. Survives unplugging.
struct UsbState {
  std::uint64_t indicator_pulses = 0;
  std::uint64_t clears = 0;
  std::uint64_t bulk_out_transfers = 0;  ///< messages that began with a header
  std::uint64_t bulk_in_transfers = 0;   ///< answers that were begun
  std::uint64_t violations = 0;          ///< what a host must not do; the log has each of them
  bool ren = false;
  bool remote = false;
  bool lockout = false;
};

class UsbtmcFunction : public UsbFunction, private LinkEvents, private FaultListener {
 public:
  static constexpr std::uint8_t kOut = 0x01;
  static constexpr std::uint8_t kIn = 0x82;
  static constexpr std::uint8_t kInterrupt = 0x83;
  static constexpr std::size_t kMostInterrupts = 64;
  static constexpr std::size_t kMostVendorBytes = 65536;

  /// All outlive it. `holder` names the program that has claimed the interface.
  UsbtmcFunction(UsbPort& port, Instrument& instrument, const UsbDescription& description,
                 UsbState& state, std::function<std::string()> holder);
  ~UsbtmcFunction() override;
  UsbtmcFunction(const UsbtmcFunction&) = delete;
  UsbtmcFunction& operator=(const UsbtmcFunction&) = delete;

  const UsbLayout& layout() const noexcept override { return layout_; }
  UsbAnswer control(const UsbSetup& setup, std::string_view data, bool waited) override;
  std::size_t take(std::uint8_t endpoint, std::string_view bytes, bool ends) override;
  UsbGiven give(std::uint8_t endpoint, std::size_t room) override;
  void on_halt_cleared(std::uint8_t endpoint) override;
  void reset() override;
  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

  /// Puts a packet of the vendor's own on the interrupt endpoint; false if there is none.
  bool interrupt(std::string_view packet);

 private:
  using Incoming = UsbtmcIncoming;
  using Wanted = UsbtmcWanted;
  using Outgoing = UsbtmcOutgoing;

  void on_late_answer() override { port_.wake(); }
  void on_service_request() override;
  void on_interrupted() override;
  void on_drop(bool reset) override;
  std::string peer() const override { return holder_(); }
  void on_faults_changed() override;

  void violation(std::string_view what);
  bool hung() noexcept;
  const FaultBoard::Active* next_fault(FaultPoint point, const WireOperation* operation);

  // usbtmc_function.cpp: from the host
  std::size_t take_header(std::string_view bytes, bool ends);
  std::size_t take_data(std::string_view bytes);
  void begin_message(const UsbtmcHeader& header);
  bool meet_message_fault(const UsbtmcHeader& header, Incoming& incoming);
  void check_tag(std::uint8_t tag);
  void finish_incoming(bool whole);
  void request_answer(const UsbtmcHeader& header, const Incoming& incoming);

  // usbtmc_answer.cpp: to the host
  void begin_answer(Clock::time_point now);
  void begin_device_answer(const UsbtmcHeader& wanted);
  void begin_vendor_answer(const UsbtmcHeader& wanted);
  void send(std::uint8_t tag, OutputQueue data, std::uint8_t attributes,
            const FaultBoard::Active* active);
  void shape(Outgoing& outgoing, OutputQueue bytes, const FaultBoard::Active& active);
  void pace(Outgoing& outgoing, OutputQueue bytes, const FaultBoard::Active& active);
  void put_before(std::uint8_t tag, const Fault& fault);
  UsbGiven give_interrupt(std::size_t room);
  UsbGiven give_bulk(std::size_t room);
  UsbGiven give_before(std::size_t room);
  UsbGiven give_last(std::string bytes);
  void finish_answer();
  std::uint16_t bulk_packet() const noexcept { return layout_.endpoints[0].packet; }

  // usbtmc_control.cpp: requests and status
  std::optional<UsbAnswer> meet_request_fault(UsbtmcRequest request,
                                              const FaultBoard::Active& active);
  UsbAnswer perform(UsbtmcRequest request, const UsbSetup& setup, const FaultKind* fault);
  UsbAnswer abort_out(std::uint8_t tag);
  UsbAnswer abort_in(std::uint8_t tag, bool silent);
  UsbAnswer check_abort_in();
  UsbAnswer clear();
  UsbAnswer check_clear();
  UsbAnswer capabilities() const;
  UsbAnswer status_byte(const UsbSetup& setup, bool in_control);
  void forget_messages();
  UsbAnswer remote(UsbtmcRequest request, const UsbSetup& setup);
  void put_interrupt(std::string packet, bool answers_request);

  UsbPort& port_;
  const UsbDescription& description_;
  UsbState& state_;
  std::function<std::string()> holder_;
  UsbLayout layout_;
  Link link_;

  std::optional<Incoming> incoming_;
  std::optional<Wanted> wanted_;
  std::optional<Outgoing> outgoing_;
  std::deque<OutputQueue> before_;  ///< transfers that faults put before the next answer
  std::uint32_t announced_ = 0;     ///< at most, by the fault usb-header-once
  std::uint8_t last_tag_ = 0;       ///< 0: there was none
  std::uint32_t aborted_out_ = 0;   ///< bytes of the transfer that was aborted
  std::uint32_t aborted_in_ = 0;
  bool aborting_in_ = false;  ///< a short packet has still to be read
  bool drain_ = false;        ///< likewise, after a clear
  std::optional<Clock::time_point> clear_until_;
  std::deque<std::string> interrupts_;
  bool status_waits_ = false;  ///< an answer to READ_STATUS_BYTE is among them
  std::string vendor_message_;
  std::string vendor_data_;  ///< of control requests
  std::uint32_t hung_by_ = 0;
  bool hung_ = false;
  bool leaving_ = false;  ///< a fault has unplugged the device
};

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// What a client of a GPIB-ENET/100 says on its main connection: requests of twelve bytes, each with
// one reply, for the device that it has named. A request for the bus waits while another client has
// it, and the requests after it stand in input_. On the bench's thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/base/paced_output.h"
#include "tools/sim/gpib/enet_box.h"
#include "tools/sim/gpib/gpib_conversation.h"
#include "tools/sim/gpib/gpib_reply.h"

namespace visa::sim {

class EnetSession final : public GpibConversation, public EnetClient {
 public:
  /// `port` is that of the client. Both others outlive the session.
  EnetSession(EnetBox& box, std::uint16_t port, Carrier& carrier);
  ~EnetSession() override;
  EnetSession(const EnetSession&) = delete;
  EnetSession& operator=(const EnetSession&) = delete;

  void receive(std::string_view bytes) override;
  bool accepting() const noexcept override { return input_.size() < kMostInput; }
  OutputQueue& output() noexcept override { return paced_.ready(); }
  bool ending() const noexcept override { return paced_.ending() != PacedOutput::Ending::none; }
  bool ends_by_reset() const noexcept override {
    return paced_.ending() == PacedOutput::Ending::reset;
  }
  void go_on(Clock::time_point now) override;
  std::optional<Clock::time_point> due() const override;

  std::uint16_t port() const noexcept override { return port_; }
  void wake() override { carrier_.on_adapter_changed(); }
  GpibStation* station() override { return place_ ? box_.bus().find(*place_) : nullptr; }

 private:
  struct Writing {
    std::uint32_t left = 0;  // bytes that have not come
    std::uint32_t taken = 0;
    std::string refusal = {};  // the bytes are thrown away, and this is the answer
    Clock::time_point answers_at = {};
  };
  struct Later {
    std::string payload = {};
    Clock::time_point at = {};
  };
  struct Reading {
    GpibStation* station = nullptr;  // null: nothing talks
    Clock::time_point until = {};
    std::uint32_t count = 0;
    bool started = false;
  };
  using Act = void (EnetSession::*)(std::string_view frame);
  struct Request {
    std::uint8_t operation;
    Act act;
    bool uses_bus;
  };
  static const std::array<Request, 10> kRequests;

  void work();
  bool step();
  void take_data();
  bool read_on(Clock::time_point now);
  void send(const std::string& chunk, bool last);
  /// Null also where a fault says that the device is switched off.
  GpibStation* present(const WireOperation& operation);
  void answer(std::string payload, Clock::time_point when = {});
  bool busy() const noexcept { return writing_ || reading_ || later_; }

  void name(std::string_view frame);
  void set(std::string_view frame);
  void write(std::string_view frame);
  void read(std::string_view frame);
  void clear(std::string_view frame);
  void trigger(std::string_view frame);
  void go_to_local(std::string_view frame);
  void poll(std::string_view frame);

  static constexpr std::size_t kMostInput = std::size_t{64} << 10;
  static constexpr std::size_t kMostOutput = std::size_t{256} << 10;

  EnetBox& box_;
  const std::uint16_t port_;
  Carrier& carrier_;
  std::string input_;  // received and not worked off
  PacedOutput paced_;
  GpibReply reply_;
  std::optional<GpibPlace> place_;
  std::uint8_t timeout_code_ = 0;
  std::optional<Writing> writing_;
  std::optional<Reading> reading_;
  std::optional<Later> later_;
};

}  // namespace visa::sim

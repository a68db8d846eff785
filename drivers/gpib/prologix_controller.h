// SPDX-License-Identifier: MIT
// A Prologix kind adapter as a controller. It addresses devices itself and sends whole answers
// unasked for their length, so what a read does not take is kept. It has no command bytes, and of
// the lines it tells SRQ alone; an AR488 has a few more.
//
// A query costs one send (write) and one send and receive (read): the address travels with the
// data, and only when it changes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "drivers/gpib/controller.h"
#include "drivers/gpib/kept_answers.h"
#include "drivers/gpib/prologix_link.h"

namespace visa::drivers::gpib {

class PrologixController final : public Controller {
 public:
  explicit PrologixController(std::unique_ptr<PrologixLink> link) noexcept
      : link_(std::move(link)) {}

  void close(Call&) noexcept override { link_->close(); }
  const std::string& name() const noexcept override { return link_->name(); }
  bool gone() const noexcept override { return link_->lost(); }
  void wake() noexcept override { link_->wake(); }

  spi::WriteResult write(const Address& to, std::span<const std::byte> data,
                         const spi::WriteRule& rule, const AddressRule& addressing,
                         Call& call) override;
  spi::ReadResult read(const Address& from, std::span<std::byte> into, const spi::EndRule& rule,
                       const AddressRule& addressing, Call& call) override;
  Result<std::uint8_t> serial_poll(const Address& device, Call& call) override;
  Status clear(const Address& device, Call& call) override;
  Status trigger(const Address& device, Call& call) override;
  Status control_ren(const Address* device, spi::RenMode mode, Call& call) override;
  /// An AR488 searches itself. The others poll each address, but only while SRQ is not asserted: a
  /// poll ends a request. They find no secondary addresses.
  Result<std::vector<Address>> find_listeners(Call& call) override;
  /// An AR488 has UNL, UNT, DCL and LLO.
  spi::WriteResult command(std::span<const std::byte> bytes, Call& call) override;
  Status send_ifc(Call& call) override;
  Status pass_control(const Address& device, Call& call) override;
  Result<BusState> state(Call& call) override;
  Result<bool> service_requested(Call& call) override;
  bool tells_service() const noexcept override { return true; }
  /// Some do not know ++srq.
  bool may_lack_service() const noexcept override { return true; }
  Status find_service(Call& call) override;

 private:
  bool is_ar488() const noexcept { return link_->dialect().kind == AdapterKind::ar488; }
  std::string address_line(const Address& device);
  std::string eoi_line(bool eoi);
  Status settle(const Address* dropped, Call& call);
  Status prepare(Call& call) { return settle(nullptr, call); }
  Result<std::string> ask(std::string_view lines, Call& call);
  Result<State> line_state(std::string_view question, Call& call);
  Status tell(std::string_view lines, Call& call);
  Status start_read(const Address& from, Call& call);
  Status read_again(const Address& from, Call& call);
  spi::ReadResult take(std::span<std::byte> into, const spi::EndRule& rule, Call& call);
  bool take_ready(std::span<std::byte> into, const spi::EndRule& rule, spi::ReadResult& result);
  void look_for_end(spi::ReadResult& result, Call& call);

  const std::unique_ptr<PrologixLink> link_;
  KeptAnswers kept_;
  std::optional<Address> addressed_;  // what the adapter has
  std::optional<Address> reading_;    // whose answer is owed
  bool after_mark_ = false;           // a read of it stopped at its termination character just now
  std::optional<bool> eoi_ = true;    // what the adapter has; nothing: not known
};

}  // namespace visa::drivers::gpib

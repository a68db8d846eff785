// SPDX-License-Identifier: MIT
// A GPIB board that is NI's GPIB-ENET/100: a link for each device in use, which the box addresses
// by itself. Of the bus itself the box offers interface clear and the state of SRQ; where no device
// is in use, they go by a link that the board has for itself. Written from what others have read
// off the wire, and tried with a model of the box only.
//
// Threads as Controller says.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/gpib/back_end.h"
#include "drivers/gpib/controller.h"
#include "drivers/gpib/enet/enet_link.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::gpib::enet {

class EnetController final : public Controller {
 public:
  explicit EnetController(EnetTarget target);

  void close(Call& call) noexcept override;
  const std::string& name() const noexcept override { return name_; }
  /// A link that is lost is made anew.
  bool gone() const noexcept override { return false; }
  void wake() noexcept override VISA_EXCLUDES(mutex_);

  Status attach(const Address& address, Call& call) override;
  void detach(const Address& address, Call& call) noexcept override;
  /// Sees whether the box is there.
  Status attach_board(Call& call) override;

  spi::WriteResult write(const Address& to, std::span<const std::byte> data,
                         const spi::WriteRule& rule, const AddressRule& addressing,
                         Call& call) override;
  spi::ReadResult read(const Address& from, std::span<std::byte> into, const spi::EndRule& rule,
                       const AddressRule& addressing, Call& call) override;
  Result<std::uint8_t> serial_poll(const Address& device, Call& call) override;
  Status clear(const Address& device, Call& call) override;
  Status trigger(const Address& device, Call& call) override;
  /// VI_GPIB_REN_ADDRESS_GTL alone: the box keeps REN asserted.
  Status control_ren(const Address* device, spi::RenMode mode, Call& call) override;
  Status send_ifc(Call& call) override;
  /// SRQ, where the box says that it is asserted; nothing else is known.
  Result<BusState> state(Call& call) override;
  /// By serial polls: the box has no test for listeners. Secondary addresses are not tried.
  Result<std::vector<Address>> find_listeners(Call& call) override;

  bool tells_service() const noexcept override { return true; }
  Result<bool> service_requested(Call& call) override;

 private:
  using LinkPtr = std::shared_ptr<EnetLink>;

  Result<LinkPtr> link(const Address& address, Call& call) VISA_EXCLUDES(mutex_);
  /// The board's own.
  Result<LinkPtr> board_link(Call& call) VISA_EXCLUDES(mutex_);
  /// That of any device, else the board's own.
  Result<LinkPtr> any_link(Call& call) VISA_EXCLUDES(mutex_);
  /// Those of devices.
  std::vector<LinkPtr> links() const VISA_EXCLUDES(mutex_);
  void drop(const LinkPtr& link, Call& call) VISA_EXCLUDES(mutex_);
  /// Runs `operation(link)`; a link that is stale after it is made anew by the next operation.
  template <class Operation>
  auto on(const Result<LinkPtr>& link, Operation&& operation);

  const EnetTarget target_;
  const std::string name_;
  mutable Mutex mutex_;
  std::map<Address, LinkPtr> links_ VISA_GUARDED_BY(mutex_);
  LinkPtr board_ VISA_GUARDED_BY(mutex_);
};

/// "HOST" or "HOST:PORT". error_inv_setup.
Result<EnetTarget> read_target(const BoardRequest& request, Call& call);

/// Scheme "enet100": enet100://192.0.2.1.
extern const BackEnd kBackEnd;

}  // namespace visa::drivers::gpib::enet

// SPDX-License-Identifier: MIT
// /dev/gpibN: a GPIB board by the kernel's driver, without libgpib. Several processes share a board
// by the mutex of the kernel (KernelWorker); each operation addresses its device anew after another
// process may have had the board. While an answer is being read in parts the board is kept for
// kKeep, so that the next part follows without addressing.
//
// Threads as Controller says.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "drivers/gpib/command_controller.h"
#include "drivers/gpib/kernel/kernel_error.h"
#include "drivers/gpib/kernel/kernel_jobs.h"
#include "drivers/gpib/kernel/kernel_watch.h"
#include "drivers/gpib/kernel/kernel_worker.h"

namespace visa::drivers::gpib::kernel {

class KernelController final : public CommandController {
 public:
  /// Opens the board at `path` and, if no controller is in charge and this board may, makes it
  /// controller by IFC and asserts REN.
  static Result<std::unique_ptr<Controller>> open(const std::string& path, Call& call);

  void close(Call& call) noexcept override;
  const std::string& name() const noexcept override { return path_; }
  bool gone() const noexcept override { return gone_.load(std::memory_order_relaxed); }
  void wake() noexcept override;
  Status begin(Call& call) override;
  void end() noexcept override;

  spi::WriteResult write(const Address& to, std::span<const std::byte> data,
                         const spi::WriteRule& rule, const AddressRule& addressing,
                         Call& call) override;
  spi::ReadResult read(const Address& from, std::span<std::byte> into, const spi::EndRule& rule,
                       const AddressRule& addressing, Call& call) override;
  Result<std::uint8_t> serial_poll(const Address& device, Call& call) override;
  Status clear(const Address& device, Call& call) override;

  Status control_atn(AtnMode mode, Call& call) override;
  Result<BusState> state(Call& call) override;
  Address own_address() const noexcept override { return own_; }
  Status set_own_address(const Address& address, Call& call) override;
  Status set_system_controller(bool on, Call& call) override;
  std::uint8_t own_status() const noexcept override { return own_status_; }
  Status set_own_status(std::uint8_t status, Call& call) override;

  BusEvents awaitable() const noexcept override { return watch_.awaitable(); }
  Result<BusEvents> wait_events(BusEvents wanted, Call& call) override {
    return watch_.wait(wanted, call);
  }

 protected:
  spi::WriteResult put_commands(std::span<const std::byte> bytes, Call& call) override;
  spi::WriteResult put_data(std::span<const std::byte> data, bool eoi, Call& call) override;
  spi::ReadResult take_data(std::span<std::byte> into, const spi::EndRule& rule,
                            Call& call) override;
  Status pulse_ifc(Call& call) override;
  Status set_ren(bool on, Call& call) override;

 private:
  /// An answer of a device that came after its read was given up.
  struct Late {
    std::shared_ptr<ReadJob> job;
    std::size_t delivered = 0;
  };

  explicit KernelController(std::string path) : path_(std::move(path)), watch_(path_) {}

  Status look(Call& call);
  Status start_up(Call& call);
  /// Runs the job and turns its failure into a status and a text.
  Status run(Step step, const std::shared_ptr<BoardJob>& job, Call& call);
  template <class T>
  Status ask(Step step, unsigned long request, T argument, Call& call, Needs needs = Needs::mutex);
  Status report(Step step, int error, Call& call);
  bool deliver_late(const Address& from, std::span<std::byte> into, const spi::EndRule& rule,
                    spi::ReadResult& result, Call& call);

  const std::string path_;
  std::unique_ptr<KernelWorker> worker_;
  KernelWatch watch_;
  Address own_;
  bool system_controller_ = false;
  bool in_charge_ = false;  // when it was opened
  std::uint8_t own_status_ = 0;
  std::atomic<bool> gone_{false};
  bool unfinished_ = false;  // the last read stopped on its count
  std::optional<Address> reading_;
  std::map<Address, Late> late_;
};

}  // namespace visa::drivers::gpib::kernel

// SPDX-License-Identifier: MIT
// Admits one operation at a time to a GPIB bus, in order of arrival as far as the system keeps one,
// and puts each between `begin` and `end` of the controller. Any thread.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "drivers/common/gate.h"
#include "drivers/gpib/controller.h"
#include "lib/base/call.h"

namespace visa::drivers::gpib {

class BusAccess {
 public:
  explicit BusAccess(std::unique_ptr<Controller> controller) noexcept
      : controller_(std::move(controller)) {}
  BusAccess(const BusAccess&) = delete;
  BusAccess& operator=(const BusAccess&) = delete;

  Controller& controller() const noexcept { return *controller_; }

  /// Runs `operation()` alone on the bus, on this thread. It returns a Status, a Result or a result
  /// with a `status`, and so does this. error_tmo: the bus was not free in time. error_abort;
  /// error_conn_lost once the adapter is gone.
  template <class Operation>
  auto inside(Call& call, Operation&& operation) {
    using Outcome = decltype(operation());
    const GatePass pass(gate_, call);
    Status status = pass.status();
    if (ok(status)) {
      const Block block(*controller_, call);
      if (ok(block.status)) return operation();
      status = block.status;
    } else if (status == Status::error_tmo) {
      call.fail(status,
                controller_->name() + ": another session or thread is using the bus; wait longer");
    }
    if constexpr (std::is_constructible_v<Outcome, Status>) {
      return Outcome(status);
    } else {
      Outcome outcome{};
      outcome.status = status;
      return outcome;
    }
  }

  /// Makes the operation inside and those that wait look at their cancel tokens.
  void wake() noexcept {
    gate_.wake();
    controller_->wake();
  }

 private:
  struct Block {
    Block(Controller& of, Call& call) : controller(of), status(enter(of, call)) {}
    ~Block() {
      if (ok(status)) controller.end();
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    Controller& controller;
    const Status status;
  };
  static Status enter(Controller& controller, Call& call) {
    if (!controller.gone()) return controller.begin(call);
    return call.fail(
        Status::error_conn_lost,
        controller.name() + ": the adapter is gone; close this session and open it again");
  }

  Gate gate_;
  const std::unique_ptr<Controller> controller_;
};

}  // namespace visa::drivers::gpib

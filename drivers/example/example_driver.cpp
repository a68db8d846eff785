// SPDX-License-Identifier: MIT
// A driver that compiles and serves nothing: the starting point for a new wire, and the shortest
// description of what the library expects of one. Built with -DFREEVISA_DRIVER_EXAMPLE=ON.
//
// To make a wire of it: copy the folder, rename it, add `add_subdirectory(<wire>)` to
// drivers/CMakeLists.txt. The name in visa_add_driver gives the switch FREEVISA_DRIVER_<WIRE> and
// the function make_<wire>_driver() that the build puts into the table of drivers. A driver
// includes lib/base, lib/model, lib/spi and drivers/common, nothing else.
#include <memory>

#include "lib/spi/bindings.h"
#include "lib/spi/driver.h"

namespace visa::drivers {
namespace {

/// One connection. A real one owns its descriptor and reaches it through drivers/common.
class ExampleChannel final : public spi::Channel {
 public:
  /// Ends the connection. The destructor only frees memory: it also runs in a child of fork, which
  /// must not touch the wire.
  void close(Call&) noexcept override {}

  /// duplex: a read and a write may run at once, so the core gives them a gate each.
  /// status_beside_transfer: the status byte can be asked for during a read.
  spi::Traits traits() const noexcept override { return {}; }

  /// Says why the read stopped; the core makes the VISA status of it. Every wait ends at
  /// call.deadline and soon after call.cancelled(). What was received is delivered with its count,
  /// whatever the status.
  spi::ReadResult read(std::span<std::byte>, const spi::EndRule&, Call& call) override {
    return {call.fail(Status::error_nsup_oper, "the example driver has no wire"), 0};
  }

  spi::WriteResult write(std::span<const std::byte>, spi::WriteEnd, Call& call) override {
    return {call.fail(Status::error_nsup_oper, "the example driver has no wire"), 0};
  }

  /// Any thread, never blocks, may come too early or too late.
  void wake() noexcept override {}

  // read_status_byte, clear, trigger, events and facets: a wire that lacks them leaves them out,
  // and the default answers "not supported".

  /// Attributes whose home is "driver": one constant table, in both directions.
  Status get_attribute(ViAttr id, model::AttributeValue& value) const override {
    return spi::get_bound<ExampleChannel>(kBindings, *this, id, value);
  }
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override {
    return spi::set_bound<ExampleChannel>(kBindings, *this, id, value, call);
  }

 private:
  model::AttributeValue address() const { return std::string("192.0.2.1"); }

  static constexpr spi::Binding<ExampleChannel> kBindings[] = {
      {VI_ATTR_TCPIP_ADDR, &ExampleChannel::address, nullptr},  // null: read-only
  };
};

/// One object per library; its methods are called from several threads at once.
class ExampleDriver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "example"; }

  /// `no` for every name: this driver never takes a resource away from a real one.
  spi::Fit fits(const model::ResourceName&) const noexcept override { return spi::Fit::no; }

  model::KindSet kinds() const noexcept override { return {}; }

  /// Connects within the deadline. On failure nothing stays open and call.detail says which thing
  /// failed, why, and what to do. A success would return the channel.
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest&, Call& call) override {
    static_cast<void>(sizeof(ExampleChannel));
    return call.fail(Status::error_nsup_oper, "the example driver opens nothing");
  }
};

}  // namespace

std::unique_ptr<spi::Driver> make_example_driver();
std::unique_ptr<spi::Driver> make_example_driver() {
  return std::make_unique<ExampleDriver>();
}

}  // namespace visa::drivers

// SPDX-License-Identifier: MIT
// A complete driver without an instrument: a loop that returns what was written to it. A new wire
// starts from a copy of it (docs/adding-a-wire.md), and the tests of the driver interface run it.
// Built with -DFREEVISA_DRIVER_EXAMPLE=ON; no release contains it. It opens kinds that no other
// driver has, and both mean loop number n: TCPIP<n>::SERVANT is the side of the device, where its
// status byte is set, and GPIB-VXI<n>::0::INSTR the side of the controller, which receives service
// requests. The loop is no VXI device: the attributes of VXI hardware are not supported.
#include <memory>

#include "drivers/common/setting_reader.h"
#include "drivers/example/example_channel.h"
#include "lib/spi/driver.h"

namespace visa::drivers {
namespace {

using example::ExampleChannel;
using example::LoopDevice;
using example::LoopDevices;

// The devices belong to the process, not to the driver object, because all driver objects of a
// process use the same hardware.
constinit LoopDevices loop_devices;

/// One object per library; several threads call its methods at the same time.
class ExampleDriver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "example"; }

  model::KindSet kinds() const noexcept override {
    return model::Kind::tcpip_servant | model::Kind::gpib_vxi_instr;
  }

  /// The keys of [[resource]] transport = { ... } and of [[interface]] that the driver knows.
  std::vector<std::string_view> setting_keys() const override { return {"joined_with"}; }

  /// Which physical device the name means. The core asks before it decides on locks and sharing.
  Result<spi::Identity> identify(const spi::OpenRequest& request, Call& call) override {
    const auto loop = loop_of(request, call);
    if (!loop) return loop.status();
    return spi::Identity{"loop" + *loop, "Loop " + *loop};
  }

  /// Connects within the deadline. After a failure nothing is left open, and call.detail says what
  /// failed, why, and what to do.
  Result<std::unique_ptr<spi::Channel>> open(const spi::OpenRequest& request, Call& call) override {
    const auto loop = loop_of(request, call);
    if (!loop) return loop.status();
    auto lease =
        loop_devices.open("loop" + *loop, call, [](Call&) -> Result<std::unique_ptr<LoopDevice>> {
          return std::make_unique<LoopDevice>();
        });
    if (!lease) return lease.status();
    auto channel = std::make_unique<ExampleChannel>(*std::move(lease), "loop" + *loop);
    // Initial attributes are set before the device is used.
    for (const auto& [id, value] : request.initial_attributes) {
      if (const auto set = channel->set_attribute(id, value, call); failed(set)) {
        channel->close(call);
        return set;
      }
    }
    return std::unique_ptr<spi::Channel>(std::move(channel));
  }

 private:
  /// The number of the loop: that of the resource name, unless the setting joined_with names
  /// another.
  static Result<std::string> loop_of(const spi::OpenRequest& request, Call& call) {
    if (request.name.vxi_logical_address != 0) {
      return call.fail(Status::error_rsrc_nfound, "a loop has one device; open it as GPIB-VXI" +
                                                      std::to_string(request.name.board) +
                                                      "::0::INSTR");
    }
    int number = request.name.board;
    SettingReader reader(request.settings, call);
    reader.number("joined_with", 0, 0xFFFF, number);
    if (failed(reader.status())) return reader.status();
    return std::to_string(number);
  }
};

}  // namespace

std::unique_ptr<spi::Driver> make_example_driver();
std::unique_ptr<spi::Driver> make_example_driver() {
  return std::make_unique<ExampleDriver>();
}

}  // namespace visa::drivers

// SPDX-License-Identifier: MIT
// A driver that is whole and serves nobody's instrument: a loop that gives back what was written to
// it. It is where a new wire starts (docs/adding-a-wire.md) and what the tests of the driver
// interface run. Built with -DFREEVISA_DRIVER_EXAMPLE=ON; no release contains it. It opens
// TCPIP<n>::SERVANT, a class that no other driver has: loop number n.
#include <memory>

#include "drivers/common/setting_reader.h"
#include "drivers/example/example_channel.h"
#include "lib/spi/driver.h"

namespace visa::drivers {
namespace {

using example::ExampleChannel;
using example::LoopDevice;
using example::LoopDevices;

// Devices are the process's, not the driver object's: a second library in the process would meet
// the same hardware.
constinit LoopDevices loop_devices;

/// One object per library; its methods are called from several threads at once.
class ExampleDriver final : public spi::Driver {
 public:
  std::string_view name() const noexcept override { return "example"; }

  model::KindSet kinds() const noexcept override { return model::Kind::tcpip_servant; }

  /// The keys of [[resource]] transport = { ... } and of [[interface]] that the driver knows.
  std::vector<std::string_view> setting_keys() const override { return {"joined_with"}; }

  /// Which physical thing the name means, before locks and sharing are decided.
  Result<spi::Identity> identify(const spi::OpenRequest& request, Call& call) override {
    const auto loop = loop_of(request, call);
    if (!loop) return loop.status();
    return spi::Identity{"loop" + *loop, "Loop " + *loop};
  }

  /// Connects within the deadline. On failure nothing stays open and call.detail says which thing
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
    // Initial attributes count before the device is touched.
    for (const auto& [id, value] : request.initial_attributes) {
      if (const auto set = channel->set_attribute(id, value, call); failed(set)) {
        channel->close(call);
        return set;
      }
    }
    return std::unique_ptr<spi::Channel>(std::move(channel));
  }

 private:
  /// The number of the loop: that of the name, unless the settings join it with another.
  static Result<std::string> loop_of(const spi::OpenRequest& request, Call& call) {
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

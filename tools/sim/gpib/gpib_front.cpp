// SPDX-License-Identifier: MIT
// Options that do not belong to the kind of adapter are refused, not passed over.
#include "tools/sim/gpib/gpib_front.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "tools/sim/gpib/enet_box.h"
#include "tools/sim/gpib/enet_ports.h"
#include "tools/sim/gpib/gpib_adapter.h"
#include "tools/sim/gpib/gpib_carriers.h"
#include "tools/sim/gpib/kernel_board.h"
#include "tools/sim/gpib/kernel_machine.h"
#include "tools/sim/net/listener.h"
#include "tools/sim/usb/usb_machine.h"
#include "tools/sim/usb/usb_wire.h"

namespace visa::sim {
namespace {

constexpr std::uint16_t kPrologixPort = 1234;
constexpr std::uint16_t kEnetPort = 5000;
constexpr std::uint32_t kMostPort = 65535;
/// The box's other ports must exist.
constexpr std::uint32_t kMostEnetPort = kMostPort - 15;

/// What the adapters say of themselves.
std::string version_of(AdapterKind kind, bool serial) {
  if (kind == AdapterKind::ar488) return "AR488 GPIB controller, ver. 0.53.04";
  return serial ? "Prologix GPIB-USB Controller version 6.107"
                : "Prologix GPIB-ETHERNET Controller version 01.06.06.00";
}

Wire::State state_of(const GpibAdapter& adapter) {
  return {{"saves", adapter.saves()}, {"unknown", adapter.unknown()}};
}

std::string with_port(const std::string& address, std::uint16_t port) {
  return resource_host(address) + ":" + std::to_string(port);
}

class TcpFront final : public GpibFront {
 public:
  TcpFront(EventLoop& loop, GpibBus& bus, AdapterKind kind, const std::string& address,
           std::uint16_t port)
      : address_(address),
        adapter_(bus, kind, version_of(kind, false)),
        port_(loop, adapter_, address, port) {}
  std::string target() const override { return "prologix://" + with_port(address_, port_.port()); }
  std::size_t clients() const noexcept override { return port_.clients(); }
  Wire::State state() const override { return state_of(adapter_); }

 private:
  const std::string address_;
  GpibAdapter adapter_;
  GpibTcpPort port_;
};

class SerialFront final : public GpibFront {
 public:
  SerialFront(EventLoop& loop, GpibBus& bus, AdapterKind kind, std::string file)
      : adapter_(bus, kind, version_of(kind, true)) {
    if (file == "-") {
      file = (std::filesystem::temp_directory_path() / "freevisa-gpib-XXXXXX").string();
      if (::mkdtemp(file.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), file);
      }
      own_folder_ = file;
      file += "/adapter";
    }
    file = std::filesystem::absolute(file).lexically_normal().string();
    port_.emplace(loop, adapter_, file);
  }
  ~SerialFront() override {
    port_.reset();
    std::error_code ignored;
    if (!own_folder_.empty()) std::filesystem::remove_all(own_folder_, ignored);
  }
  SerialFront(const SerialFront&) = delete;
  SerialFront& operator=(const SerialFront&) = delete;
  std::string target() const override { return "prologix-serial://" + port_->path(); }
  std::size_t clients() const noexcept override { return port_->connected() ? 1U : 0U; }
  Wire::State state() const override { return state_of(adapter_); }

 private:
  std::string own_folder_;
  GpibAdapter adapter_;
  std::optional<GpibSerialPort> port_;
};

class EnetFront final : public GpibFront {
 public:
  EnetFront(EventLoop& loop, GpibBus& bus, const std::string& address, std::uint16_t port)
      : address_(address), box_(bus), ports_(loop, box_, address, port) {}
  std::string target() const override { return "enet100://" + with_port(address_, ports_.port()); }
  std::size_t clients() const noexcept override { return box_.clients(); }
  Wire::State state() const override {
    return {{"unknown", box_.unknown()}, {"interface_clears", box_.interface_clears()}};
  }

 private:
  const std::string address_;
  EnetBox box_;
  EnetPorts ports_;
};

class KernelFront final : public GpibFront {
 public:
  KernelFront(EventLoop& loop, GpibBus& bus) : board_(loop, bus), machine_(loop, board_) {}
  std::string target() const override { return {}; }
  std::vector<std::string> environment() const override { return machine_.environment(); }
  std::size_t clients() const noexcept override { return machine_.files(); }
  Wire::State state() const override {
    return {{"refused", board_.refused()}, {"interface_clears", board_.interface_clears()}};
  }

 private:
  KernelBoard board_;
  KernelMachine machine_;
};

std::uint16_t port_of(const WireSettings& settings, std::uint16_t usual, std::uint32_t most) {
  if (!settings.has("--gpib-port")) return settings.usual_ports ? usual : std::uint16_t{0};
  return static_cast<std::uint16_t>(settings.number("--gpib-port", most));
}

void refuse(const WireSettings& settings, std::string_view kind, std::string_view option) {
  if (!settings.has(option)) return;
  throw std::invalid_argument(std::string(option) + " does not go with --gpib " +
                              std::string(kind));
}

std::unique_ptr<GpibFront> make_kernel(EventLoop& loop, GpibBus& bus,
                                       const WireSettings& settings) {
  for (const std::string_view other : {"--gpib-port", "--gpib-serial", "--usb"}) {
    refuse(settings, "kernel", other);
  }
  if (!usb_preload_is_there()) {
    throw std::system_error(ENOENT, std::generic_category(),
                            std::string("--gpib kernel needs ") + UsbMachine::kPreload +
                                " of umockdev (Debian, Ubuntu: apt install umockdev)");
  }
  return std::make_unique<KernelFront>(loop, bus);
}

std::unique_ptr<GpibFront> make_enet(EventLoop& loop, GpibBus& bus, const WireSettings& settings) {
  refuse(settings, "enet100", "--gpib-serial");
  if (settings.address.find(':') != std::string::npos) {
    throw std::invalid_argument("--gpib enet100 needs an IPv4 address, as the box has");
  }
  return std::make_unique<EnetFront>(loop, bus, settings.address,
                                     port_of(settings, kEnetPort, kMostEnetPort));
}

}  // namespace

std::span<const std::string_view> gpib_front_names() noexcept {
  static constexpr std::string_view kNames[] = {"prologix", "ar488", "enet100", "kernel"};
  return kNames;
}

std::unique_ptr<GpibFront> make_gpib_front(EventLoop& loop, GpibBus& bus,
                                           const WireSettings& settings) {
  const std::string wanted = settings.value("--gpib").value_or("");
  if (wanted == "kernel") return make_kernel(loop, bus, settings);
  if (wanted == "enet100") return make_enet(loop, bus, settings);
  const AdapterKind kind = wanted == "ar488" ? AdapterKind::ar488 : AdapterKind::prologix;
  if (const auto file = settings.value("--gpib-serial")) {
    return std::make_unique<SerialFront>(loop, bus, kind, *file);
  }
  return std::make_unique<TcpFront>(loop, bus, kind, settings.address,
                                    port_of(settings, kPrologixPort, kMostPort));
}

}  // namespace visa::sim

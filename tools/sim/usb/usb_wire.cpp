// SPDX-License-Identifier: MIT
// The wire is open where it is asked for: its programs see no other devices than the bench's.
#include "tools/sim/usb/usb_wire.h"

#include <dlfcn.h>

#include <cerrno>
#include <system_error>

#include "tools/sim/usb/usb_description.h"
#include "tools/sim/usb/usb_faults.h"
#include "tools/sim/usb/usb_machine.h"
#include "tools/sim/usb/usb_server.h"
#include "tools/sim/usb/usbtmc_header.h"

namespace visa::sim {
namespace {

class UsbKind final : public WireKind {
 public:
  std::string_view name() const noexcept override { return "usb"; }
  std::string_view alias_suffix() const noexcept override { return "-usb"; }
  std::span<const FaultKind* const> faults() const noexcept override { return usb_faults(); }
  const WireOperation* find_operation(std::string_view name) const noexcept override {
    return find_usbtmc_operation(name);
  }
  bool has_section() const noexcept override { return true; }
  std::unique_ptr<const WireSection> read_section(TableReader& table) const override {
    return read_usb_description(table);
  }
  std::span<const WireOption> options() const noexcept override {
    static constexpr WireOption kOptions[] = {
        {.name = "--usb",
         .help = "plug the instruments into the USB of PROGRAM, which sees no other devices then; "
                 "needs umockdev. Without PROGRAM: of each program that is started with the "
                 "environment printed as a comment of the configuration."},
        {.name = "--usb-small-urbs",
         .help = "with --usb: the kernel takes no transfer of more than 16 KiB, as old ones"},
    };
    return kOptions;
  }
  std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const override {
    if (!settings.has("--usb")) return nullptr;
    if (!usb_preload_is_there()) {
      throw std::system_error(ENOENT, std::generic_category(),
                              std::string("--usb needs ") + UsbMachine::kPreload +
                                  " of umockdev (Debian, Ubuntu: apt install umockdev)");
    }
    return std::make_unique<UsbServer>(
        loop, UsbfsOptions{.small_urbs = settings.has("--usb-small-urbs")});
  }
};

}  // namespace

bool usb_preload_is_there() {
  void* const library = ::dlopen(UsbMachine::kPreload, RTLD_LAZY | RTLD_LOCAL);
  if (library != nullptr) ::dlclose(library);
  return library != nullptr;
}

const WireKind& usb_wire_kind() noexcept {
  static constexpr UsbKind kKind;
  return kKind;
}

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// The wire is open where it is asked for: its programs see no other USB devices than the bench's.
#include "tools/sim/dongle/dongle_wire.h"

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

#include "tools/sim/dongle/dongle_description.h"
#include "tools/sim/dongle/dongle_faults.h"
#include "tools/sim/dongle/dongle_model.h"
#include "tools/sim/dongle/dongle_server.h"
#include "tools/sim/tables/table_reader.h"
#include "tools/sim/usb/usb_machine.h"
#include "tools/sim/usb/usb_wire.h"

namespace visa::sim {
namespace {

class DongleKind final : public WireKind {
 public:
  std::string_view name() const noexcept override { return "dongle"; }
  std::string_view alias_suffix() const noexcept override { return "-dongle"; }
  std::span<const FaultKind* const> faults() const noexcept override { return dongle_faults(); }
  const WireOperation* find_operation(std::string_view name) const noexcept override {
    return find_dongle_operation(name);
  }
  bool has_section() const noexcept override { return true; }
  std::unique_ptr<const WireSection> read_section(TableReader& table) const override {
    auto said = std::make_unique<DongleDescription>();
    if (const auto text = table.text("address")) {
      said->place = parse_gpib_place(*text);
      if (!said->place) {
        table.mistake("address", "expected an address as in \"5\" or \"5,2\", 0 to 30");
      }
    }
    return said;
  }
  std::span<const WireOption> options() const noexcept override {
    static constexpr std::string_view kKinds[] = {
        "ni-hs",  "ni-hs-plus", "ni-hs-plus-boot", "kusb-488a", "mcc-usb-488",
        "82357a", "82357b",     "82357b-clone",    "xyphro",    "gpibee"};
    static constexpr WireOption kOptions[] = {
        {.name = "--dongle",
         .value = "KIND",
         .help = "all instruments are on one GPIB bus too, with a USB adapter of this kind on the "
                 "USB of PROGRAM, as with --usb: ni-hs, ni-hs-plus, ni-hs-plus-boot (without "
                 "firmware), kusb-488a, mcc-usb-488, 82357a, 82357b (they want firmware first), "
                 "82357b-clone (it has it), xyphro and gpibee (with raw access)",
         .words = kKinds},
        {.name = "--dongle-kernel-driver",
         .help = "with --dongle: the kernel has its driver on the adapter"},
    };
    return kOptions;
  }
  std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const override {
    const auto wanted = settings.value("--dongle");
    if (!wanted) return nullptr;
    const DongleModel* const model = find_dongle_model(*wanted);
    if (model == nullptr) throw std::invalid_argument("there is no USB adapter " + *wanted);
    if (!usb_preload_is_there()) {
      throw std::system_error(ENOENT, std::generic_category(),
                              std::string("--dongle needs ") + UsbMachine::kPreload +
                                  " of umockdev (Debian, Ubuntu: apt install umockdev)");
    }
    return std::make_unique<DongleServer>(loop, *model, settings.has("--gpib") ? 1 : 0,
                                          settings.has("--dongle-kernel-driver"));
  }
};

}  // namespace

const WireKind& dongle_wire_kind() noexcept {
  static constexpr DongleKind kKind;
  return kKind;
}

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// The folder is the bench's own and goes with it, unless the user has named one.
#include "tools/sim/serial/serial_wire.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/serial/serial_faults.h"
#include "tools/sim/serial/serial_line.h"
#include "tools/sim/tables/table_reader.h"

namespace visa::sim {
namespace {

struct SerialDescription : WireSection {
  bool paced = false;
};

class SerialWire final : public Wire {
 public:
  SerialWire(EventLoop& loop, Instrument& instrument, std::string path, bool paced)
      : line_(loop, instrument, std::move(path), paced) {}
  std::string resource_name() const override {
    return "ASRL" + line_.terminal().path() + "::INSTR";
  }
  std::size_t clients() const noexcept override { return line_.connected() ? 1 : 0; }

 private:
  SerialLine line_;
};

class SerialServer final : public WireServer {
 public:
  SerialServer(EventLoop& loop, const std::string& folder, bool paced)
      : loop_(loop), own_(folder.empty()), folder_(folder), paced_(paced) {
    if (own_) {
      folder_ = (std::filesystem::temp_directory_path() / "freevisa-sim-XXXXXX").string();
      if (::mkdtemp(folder_.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), folder_);
      }
    } else {
      folder_ = std::filesystem::absolute(folder_).lexically_normal().string();
      std::filesystem::create_directories(folder_);
    }
  }
  ~SerialServer() override {
    std::error_code ignored;
    if (own_) std::filesystem::remove_all(folder_, ignored);
  }
  SerialServer(const SerialServer&) = delete;
  SerialServer& operator=(const SerialServer&) = delete;

  std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection* section,
                              std::uint16_t) override {
    const auto* const said = static_cast<const SerialDescription*>(section);
    const bool paced = paced_ || (said != nullptr && said->paced);
    return std::make_unique<SerialWire>(loop_, instrument, folder_ + "/" + instrument.log_name(),
                                        paced);
  }

 private:
  EventLoop& loop_;
  const bool own_;
  std::string folder_;
  const bool paced_;
};

class SerialKind final : public WireKind {
 public:
  std::string_view name() const noexcept override { return "serial"; }
  std::string_view alias_suffix() const noexcept override { return "-serial"; }
  std::span<const FaultKind* const> faults() const noexcept override { return serial_faults(); }
  bool has_section() const noexcept override { return true; }
  std::unique_ptr<const WireSection> read_section(TableReader& table) const override {
    auto said = std::make_unique<SerialDescription>();
    said->paced = table.boolean("paced").value_or(false);
    return said;
  }
  std::span<const WireOption> options() const noexcept override {
    static constexpr WireOption kOptions[] = {
        {.name = "--serial-dir",
         .value = "FOLDER",
         .help =
             "where the names of the serial ports are made, one for each instrument; without it "
             "a folder for temporary files"},
        {.name = "--serial-pace",
         .help = "answers on serial ports take as long as the baud rate says"},
        {.name = "--no-serial", .help = "without serial ports"},
    };
    return kOptions;
  }
  std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const override {
    if (settings.has("--no-serial")) return nullptr;
    return std::make_unique<SerialServer>(loop, settings.value("--serial-dir").value_or(""),
                                          settings.has("--serial-pace"));
  }
};

}  // namespace

const WireKind& serial_wire_kind() noexcept {
  static constexpr SerialKind kKind;
  return kKind;
}

}  // namespace visa::sim

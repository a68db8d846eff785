// SPDX-License-Identifier: MIT
// What the bench knows of a kind of wire: its name, its faults, its table of an instrument file,
// its options of `freevisa sim`, and how it is opened. A wire is a folder that has one constant
// object of class WireKind and a line in bench/wires.cpp; everything else on the bench learns of it
// here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/engine/faults.h"
#include "tools/sim/engine/wire.h"

namespace visa::sim {

class EventLoop;
class Instrument;
class TableReader;

/// What the table of a wire says in an instrument file. Each wire derives its own.
struct WireSection {
  virtual ~WireSection() = default;
};

/// An option of `freevisa sim` that belongs to a wire.
struct WireOption {
  std::string_view name;        ///< "--vxi11-port"
  std::string_view value = {};  ///< what stands for its value in the help, "N"; empty: a switch
  std::string_view help = {};   ///< what it does; the help breaks the lines
  std::uint32_t most = 0;       ///< its value is a number from 0 to this, 0 if it has none,
  std::span<const std::string_view> words = {};  ///< or one of these words
};

/// What the user chose for the wires of a bench.
struct WireSettings {
  std::string address = "127.0.0.1";  ///< numeric, to listen on
  /// Where a protocol has a port that its clients expect and no option says another, that port is
  /// taken; else one the system chooses.
  bool usual_ports = false;
  /// Options by name, without a value for switches.
  std::map<std::string, std::string, std::less<>> options = {};

  bool has(std::string_view option) const { return options.find(option) != options.end(); }
  std::optional<std::string> value(std::string_view option) const;
  /// 0 without that option. Throws std::invalid_argument, with a text for the user, for what is no
  /// number from 0 to `most`.
  std::uint32_t number(std::string_view option, std::uint32_t most) const;
};

/// A kind of wire that is open on a bench. Owned by the Bench, on whose thread it lives; goes after
/// the wires it made and before their instruments.
class WireServer {
 public:
  virtual ~WireServer() = default;
  /// Serves an instrument. `section` is what its file says of this wire, null if nothing. `port`,
  /// 0 for one the system chooses, is for wires that have one for each instrument. Throws
  /// std::system_error, with a text that names address and port, and std::runtime_error for a file
  /// that `section` names and that is no good.
  virtual std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection* section,
                                      std::uint16_t port) = 0;
  /// Called once, when everything is served and before the bench runs; it may wait, for some
  /// seconds at most. Throws std::runtime_error with a text for the user.
  virtual void start() {}
  /// What a program needs in its environment to reach the instruments, "NAME=value".
  virtual std::vector<std::string> environment() const { return {}; }
  /// What the configuration has to say beside the resources, as TOML: tables that end with a line
  /// feed each; may be empty.
  virtual std::string configuration() const { return {}; }
  /// What the user has to know beside the configuration, a line each.
  virtual std::vector<std::string> remarks() const { return {}; }
};

/// Constant; any thread.
class WireKind {
 public:
  /// As bench and tests call it; also that of its table in an instrument file ("vxi11"), if
  /// has_section().
  virtual std::string_view name() const noexcept = 0;
  /// The aliases of its resources are those of the instruments and this ("-vxi11").
  virtual std::string_view alias_suffix() const noexcept { return {}; }
  /// The kinds of fault it has beyond those of answers, in the order in which users see them.
  virtual std::span<const FaultKind* const> faults() const noexcept { return {}; }
  /// Null if it has no operation of that name.
  virtual const WireOperation* find_operation(std::string_view name) const noexcept {
    static_cast<void>(name);
    return nullptr;
  }
  virtual bool has_section() const noexcept { return false; }
  /// Reads its table; what is wrong with it is noted in `table`. Keys that were not asked for are
  /// reported by the caller.
  virtual std::unique_ptr<const WireSection> read_section(TableReader& table) const {
    static_cast<void>(table);
    return nullptr;
  }
  virtual std::span<const WireOption> options() const noexcept { return {}; }
  /// Opens what it has for all instruments together; null if the settings say that the wire is not
  /// wanted. `loop` outlives the server. Throws std::system_error, with a text that names address
  /// and port, and std::invalid_argument for a setting that is no good.
  virtual std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const = 0;

 protected:
  ~WireKind() = default;
};

using WireKinds = std::span<const WireKind* const>;

/// The wires that are built in, in the order in which an instrument gets its resources. Defined in
/// bench/wires.cpp, the one file that names them all.
WireKinds builtin_wires() noexcept;

/// The kinds of fault of answers and of `wires`, in the order in which users see them.
std::vector<const FaultKind*> fault_kinds(WireKinds wires);
/// Null if there is none.
const FaultKind* find_fault_kind(WireKinds wires, std::string_view name);
const WireOperation* find_operation(WireKinds wires, std::string_view name);

}  // namespace visa::sim

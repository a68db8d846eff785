// SPDX-License-Identifier: MIT
// A driver: it says which resource names its wire serves and opens channels. One object per wire,
// made once from the generated table (builtin.h), alive as long as the process. Several threads may
// call every method at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/model/attribute_value.h"
#include "lib/model/resource_class.h"
#include "lib/model/resource_name.h"
#include "lib/spi/channel.h"
#include "lib/spi/credential.h"
#include "lib/spi/settings.h"
#include "lib/spi/wires.h"

namespace visa::spi {

struct OpenRequest {
  const model::ResourceName& name;
  /// Those of the interfaces the resource is on, overlaid by its own.
  const Settings& settings;
  /// Values to apply before the driver touches the device (VI_LOAD_CONFIG); only attributes whose
  /// home is "driver".
  const std::vector<std::pair<ViAttr, model::AttributeValue>>& initial_attributes;
  /// The kinds this build has drivers for, so that a message never suggests a name that cannot be
  /// opened.
  model::KindSet openable = {};
  /// The [[credential]] that the name gives, or else the setting `credential`; null where neither
  /// does, and where the configuration has none of that name.
  const Credential* credential = nullptr;
  /// For drivers that run over another wire; null where there is none, and for the driver below.
  Wires* wires = nullptr;
  /// What the configuration says of all boards of the interface, by number, for boards that get
  /// the numbers it leaves free; null: nothing.
  const BoardSettings* boards = nullptr;
};

/// The physical thing that a name means: a port, a board, a device on a host.
struct Identity {
  /// Names with the same key share their locks and everything else that is global to a resource:
  /// "ASRL1::INSTR" and "ASRL/dev/ttyS0::INSTR" are one port.
  std::string key;
  /// VI_ATTR_INTF_INST_NAME; "" for the usual text, made from the name.
  std::string interface_name = {};
};

class Driver {
 public:
  virtual ~Driver() = default;

  /// In lower case, as in the switch of the build ("socket").
  virtual std::string_view name() const noexcept = 0;

  /// The kinds this driver opens. viOpen picks the driver that has the kind of the name, and
  /// viFindRsrc lists only kinds that some driver has. Two drivers with one kind are a bug, which a
  /// unit test finds.
  virtual model::KindSet kinds() const noexcept = 0;

  /// The keys of Settings this driver understands.
  virtual std::vector<std::string_view> setting_keys() const { return {}; }

  /// Says which physical thing the name means. The core calls it before `open` and before it
  /// decides about locks and sharing. It opens nothing and asks no instrument; reading the system's
  /// own tables is fine. viOpen returns its failures.
  virtual Result<Identity> identify(const OpenRequest& request, Call&) {
    return Identity{request.name.key()};
  }

  /// Connects within `call.deadline`. On failure nothing stays open, and `call.detail` says which
  /// host or file and what to do. Statuses are those of viOpen: error_rsrc_nfound (not there),
  /// error_tmo, error_rsrc_busy, error_npermission, error_alloc, error_abort; never conn_lost or
  /// io. No lock of the library is held.
  virtual Result<std::unique_ptr<Channel>> open(const OpenRequest& request, Call& call) = 0;
};

}  // namespace visa::spi

// SPDX-License-Identifier: MIT
// Discovery: a finder searches for resources that can be opened. It is apart from drivers, because
// one search may serve several wires. All finders run in parallel under one deadline; a finder that
// fails leaves a trace line, never an error. A finder opens no resource and asks no instrument
// anything.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/call.h"
#include "lib/model/attribute_value.h"
#include "lib/model/find_expression.h"
#include "lib/model/resource_class.h"
#include "lib/model/resource_name.h"
#include "lib/spi/settings.h"
#include "lib/spi/wires.h"

namespace visa::spi {

/// One resource that was found, with what is known of it without opening it: the answers to the
/// attribute expressions of viFindRsrc.
struct Descriptor {
  model::ResourceName name;
  std::map<ViAttr, model::AttributeValue> known;
};

/// Takes what a finder found. Any thread.
class DescriptorSink {
 public:
  virtual ~DescriptorSink() = default;
  virtual void found(Descriptor descriptor) = 0;
};

/// What a finder looks for.
struct FindScope {
  const model::FindExpression& expression;
  model::KindSet openable;   // the kinds this build has drivers for; other names cannot be opened
  const Settings& settings;  // the table [finder.NAME] of this finder
  const BoardSettings* boards = nullptr;  // of the interface that it covers; null: none
  Wires* wires = nullptr;                 // to boards that are reached over another wire
};

class Finder {
 public:
  virtual ~Finder() = default;

  /// In lower case, for traces and as NAME of [finder.NAME] ("lan", "serial").
  virtual std::string_view name() const noexcept = 0;

  /// The keys of Settings this finder understands.
  virtual std::vector<std::string_view> setting_keys() const { return {}; }

  /// The interface whose resources it finds. The finder runs only when the expression can match
  /// one.
  virtual model::Interface covers() const noexcept = 0;

  /// Reports the resources present now; stops at `call.deadline` or when cancelled.
  virtual void find(const FindScope& scope, Call& call, DescriptorSink& sink) = 0;
};

}  // namespace visa::spi

// SPDX-License-Identifier: MIT
// An instrument made from a Description: its properties, dialogues and commands are entries of the
// command table, its conditions are looked at after every command.
//
// Shared by all its links, on the bench's thread only (see instrument.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/sim/description/description.h"
#include "tools/sim/description/meter.h"
#include "tools/sim/description/property_store.h"
#include "tools/sim/description/record.h"
#include "tools/sim/scpi/block.h"
#include "tools/sim/scpi/scpi_instrument.h"

namespace visa::sim {

class DescribedInstrument : public ScpiInstrument {
 public:
  /// All records and pictures that clients have not finished reading, together.
  static constexpr std::size_t kPoolLimit = std::size_t{512} << 20;

  explicit DescribedInstrument(std::shared_ptr<const Description> description,
                               std::size_t pool_limit = kPoolLimit);

  const Description& description() const noexcept { return *description_; }
  PropertyStore& store() noexcept { return store_; }
  BlockPool& pool() noexcept { return pool_; }

 protected:
  void reset() override;
  void on_trigger() override;
  void before_message(Link& link) override;
  void after_command() override;

 private:
  void add_property(std::size_t index);
  void set_property(Command& command, std::size_t index, std::size_t channel, std::size_t argument);
  /// Whether the parameter fits the property; the error is recorded.
  bool check_property(Command& command, std::size_t index, std::size_t argument, double& number,
                      std::string& text);
  void store_property(std::size_t index, std::size_t channel, double number, std::string text);
  void answer_property(Command& command, std::size_t index, std::size_t channel);
  /// As it stands in an answer.
  std::string property_text(std::size_t index, std::size_t channel, bool quoted) const;
  void add_dialogue(const DialogueDescription& dialogue);
  void add_command(const CommandDescription& described);
  void run_command(Command& command, const CommandDescription& described);
  void add_records();
  std::string fill(const Template& text, std::size_t channel);
  void apply(const Effects& effects, Link& link);
  void acquire();
  void update_conditions();
  NumberSetting range_of(const PropertyDescription& property, std::size_t channel) const;

  std::shared_ptr<const Description> description_;
  PropertyStore store_;
  BlockPool pool_;
  std::unique_ptr<Meter> meter_;
  std::vector<std::unique_ptr<Record>> records_;
  std::uint64_t conditions_version_ = 0;  ///< of the store when they were last looked at
};

/// The instrument a description asks for, of whatever class that is.
std::unique_ptr<Instrument> make_instrument(const std::shared_ptr<const Description>& description);

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// The settings of a described instrument: numbers, words and texts by property and channel. Owned
// by the instrument and shared by all its clients; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace visa::sim {

struct PropertyDescription;

class PropertyStore {
 public:
  /// `properties` outlives the store.
  explicit PropertyStore(const std::vector<PropertyDescription>& properties);

  /// `channel` counts from 1 and is brought into the property's range; 0 is the first.
  double number(std::size_t property, std::size_t channel) const;
  const std::string& text(std::size_t property, std::size_t channel) const;
  /// Both return whether the value is another one now.
  bool set_number(std::size_t property, std::size_t channel, double value);
  bool set_text(std::size_t property, std::size_t channel, std::string value);
  void reset(std::size_t property);
  void reset();

  /// Grows with every change.
  std::uint64_t version() const noexcept { return version_; }
  /// Triangular over -1..1, the same row of numbers in every run.
  double random() noexcept;

 private:
  std::size_t place(std::size_t property, std::size_t channel) const;

  const std::vector<PropertyDescription>& properties_;
  std::vector<std::size_t> first_;  ///< of each property, in the next two
  std::vector<double> numbers_;
  std::vector<std::string> texts_;
  std::uint64_t version_ = 1;
  std::uint64_t random_ = 0x9E3779B97F4A7C15U;
};

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// A property has one value for each of its channels, which are counted from 1.
#include "tools/sim/description/property_store.h"

#include <algorithm>
#include <utility>

#include "tools/sim/description/description.h"

namespace visa::sim {

PropertyStore::PropertyStore(const std::vector<PropertyDescription>& properties)
    : properties_(properties) {
  std::size_t total = 0;
  for (const PropertyDescription& property : properties) {
    first_.push_back(total);
    total += property.count;
  }
  numbers_.resize(total);
  texts_.resize(total);
  for (std::size_t i = 0; i < properties.size(); ++i) reset(i);
}

std::size_t PropertyStore::place(std::size_t property, std::size_t channel) const {
  const std::size_t last = properties_[property].count - 1;
  return first_[property] + std::min(channel == 0 ? 0 : channel - 1, last);
}

double PropertyStore::number(std::size_t property, std::size_t channel) const {
  return numbers_[place(property, channel)];
}

const std::string& PropertyStore::text(std::size_t property, std::size_t channel) const {
  return texts_[place(property, channel)];
}

bool PropertyStore::set_number(std::size_t property, std::size_t channel, double value) {
  const bool differs = std::exchange(numbers_[place(property, channel)], value) != value;
  version_ += differs ? 1 : 0;
  return differs;
}

bool PropertyStore::set_text(std::size_t property, std::size_t channel, std::string value) {
  std::string& stored = texts_[place(property, channel)];
  const bool differs = stored != value;
  stored = std::move(value);
  version_ += differs ? 1 : 0;
  return differs;
}

void PropertyStore::reset(std::size_t property) {
  const PropertyDescription& described = properties_[property];
  for (std::size_t i = 0; i < described.count; ++i) {
    if (described.type == PropertyType::text) {
      set_text(property, i + 1, described.texts[std::min(i, described.texts.size() - 1)]);
    } else {
      set_number(property, i + 1, described.presets[std::min(i, described.presets.size() - 1)]);
    }
  }
}

void PropertyStore::reset() {
  for (std::size_t i = 0; i < properties_.size(); ++i) {
    if (!properties_[i].keeps_on_reset) reset(i);
  }
}

double PropertyStore::random() noexcept {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  const auto low = static_cast<std::int32_t>(random_);
  const auto high = static_cast<std::int32_t>(random_ >> 32);
  return (static_cast<double>(low) + static_cast<double>(high)) * 0x1p-32;
}

}  // namespace visa::sim

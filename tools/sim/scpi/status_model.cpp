// SPDX-License-Identifier: MIT
// SCPI-99 21.8.2: the hundred of an error's code says which ESR bit it sets.
#include "tools/sim/scpi/status_model.h"

#include <utility>

namespace visa::sim {
namespace {

std::uint8_t esr_bit(int code) noexcept {
  if (code <= -100 && code > -200) return kEsrCommandError;
  if (code <= -200 && code > -300) return kEsrExecutionError;
  if (code <= -400 && code > -500) return kEsrQueryError;
  return kEsrDeviceError;
}

}  // namespace

void StatusGroup::set_condition(std::uint16_t bits, bool on) noexcept {
  const unsigned before = condition;
  const unsigned after = on ? before | bits : before & ~static_cast<unsigned>(bits);
  const unsigned came = after & ~before & positive;
  const unsigned went = before & ~after & negative;
  condition = static_cast<std::uint16_t>(after);
  event = static_cast<std::uint16_t>(event | came | went);
}

void StatusGroup::preset() noexcept {
  enable = 0;
  positive = kStatusBits;
  negative = 0;
}

void StatusModel::report(int code, std::string_view detail) {
  set_event(esr_bit(code));
  if (!errors.push(code, detail)) set_event(esr_bit(-350));
}

std::uint8_t StatusModel::take_esr() noexcept {
  return std::exchange(esr_, std::uint8_t{0});
}

void StatusModel::clear() noexcept {
  esr_ = 0;
  operation.event = 0;
  questionable.event = 0;
  errors.clear();
}

void StatusModel::preset() noexcept {
  operation.preset();
  questionable.preset();
}

std::uint8_t StatusModel::summary(bool message_available) const noexcept {
  unsigned stb = 0;
  stb |= errors.empty() ? 0U : kStbErrorQueue;
  stb |= questionable.summary() ? kStbQuestionable : 0U;
  stb |= message_available ? kStbMessageAvailable : 0U;
  stb |= (esr_ & ese_) != 0 ? kStbEventSummary : 0U;
  stb |= operation.summary() ? kStbOperation : 0U;
  return static_cast<std::uint8_t>(stb);
}

}  // namespace visa::sim

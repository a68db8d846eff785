// SPDX-License-Identifier: MIT
// The stack machine of a formula. The parser has seen to it that the stack neither under- nor
// overflows.
#include <algorithm>
#include <array>
#include <cmath>

#include "tools/sim/description/expression.h"
#include "tools/sim/description/property_store.h"

namespace visa::sim {

double Expression::evaluate(PropertyStore& store, std::size_t channel) const {
  std::array<double, kMostSteps + 1> stack;
  std::size_t top = 0;  // number of values
  for (const Step& step : steps_) {
    double* const last = &stack[top == 0 ? 0 : top - 1];  // only used by steps with operands
    switch (step.code) {
      case Code::constant:
        stack[top++] = step.value;
        continue;
      case Code::property:
        stack[top++] = store.number(step.property, channel);
        continue;
      case Code::channel:
        stack[top++] = static_cast<double>(channel);
        continue;
      case Code::indexed_property:
        *last = store.number(step.property, *last >= 1 && *last < 1e6
                                                ? static_cast<std::size_t>(std::lround(*last))
                                                : 1);
        continue;
      case Code::negate:
        *last = -*last;
        continue;
      case Code::invert:
        *last = *last == 0 ? 1 : 0;
        continue;
      case Code::absolute:
        *last = std::abs(*last);
        continue;
      case Code::square_root:
        *last = std::sqrt(*last);
        continue;
      case Code::exponential:
        *last = std::exp(*last);
        continue;
      case Code::logarithm:
        *last = std::log10(*last);
        continue;
      case Code::down:
        *last = std::floor(*last);
        continue;
      case Code::nearest:
        *last = std::round(*last);
        continue;
      case Code::sine:
        *last = std::sin(*last);
        continue;
      case Code::noise:
        *last = *last * store.random();
        continue;
      case Code::select:
        top -= 2;
        stack[top - 1] = stack[top - 1] != 0 ? stack[top] : stack[top + 1];
        continue;
      default:
        break;
    }
    const double b = *last;
    --top;
    double& a = stack[top - 1];
    switch (step.code) {
      case Code::add:
        a += b;
        break;
      case Code::subtract:
        a -= b;
        break;
      case Code::multiply:
        a *= b;
        break;
      case Code::divide:
        a = b == 0 ? std::copysign(HUGE_VAL, a) : a / b;
        break;
      case Code::remainder:
        a = std::fmod(a, b);
        break;
      case Code::less:
        a = a < b ? 1 : 0;
        break;
      case Code::less_equal:
        a = a <= b ? 1 : 0;
        break;
      case Code::greater:
        a = a > b ? 1 : 0;
        break;
      case Code::greater_equal:
        a = a >= b ? 1 : 0;
        break;
      case Code::equal:
        a = a == b ? 1 : 0;
        break;
      case Code::unequal:
        a = a != b ? 1 : 0;
        break;
      case Code::both:
        a = a != 0 && b != 0 ? 1 : 0;
        break;
      case Code::either:
        a = a != 0 || b != 0 ? 1 : 0;
        break;
      case Code::minimum:
        a = std::min(a, b);
        break;
      case Code::maximum:
        a = std::max(a, b);
        break;
      case Code::power:
        a = std::pow(a, b);
        break;
      default:
        break;
    }
  }
  return stack[0];
}

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// SASL on the synchronous channel: IVI-6.1 2.0, GetSaslMechanismList to AuthenticationResult.
#include <algorithm>
#include <utility>

#include "tools/sim/hislip/hislip_security_faults.h"
#include "tools/sim/hislip/hislip_session.h"

namespace visa::sim {

// Nothing that is secret may be sent in clear.
void HislipSession::authenticate(const HislipHeader& header, std::string_view payload) {
  if (security_.stage != Stage::secure) {
    insecure("the connection has to be secure first: " + hislip_type_name(header.type));
  } else if (header.kind() == HislipType::get_sasl_mechanism_list) {
    mechanism_list();
  } else if (header.kind() == HislipType::authentication_start) {
    authentication_start(payload);
  } else {
    authentication_exchange(payload);
  }
}

void HislipSession::mechanism_list() {
  std::string list;
  for (const std::string& name : device_.description.mechanisms) {
    list += (list.empty() ? "" : " ") + name;
  }
  const auto* const active =
      next_fault(FaultPoint::reply, hislip_operation(HislipType::get_sasl_mechanism_list));
  list = spoiled_list(std::move(list), active != nullptr ? &active->fault : nullptr);
  send(*sync_,
       {.type = HislipType::get_sasl_mechanism_list_response, .payload = hislip_payload(list)},
       active);
}

// A new start forgets what was before it.
void HislipSession::authentication_start(std::string_view mechanism) {
  security_.authenticated = false;
  security_.endless = false;
  security_.exchange.reset();
  const auto& known = device_.description.mechanisms;
  if (std::find(known.begin(), known.end(), mechanism) == known.end()) {
    error(*sync_, HislipError::authentication,
          "this mechanism is not supported; GetSaslMechanismList names those that are");
    return;
  }
  security_.mechanism = mechanism;
  security_.exchange = device_.accounts->begin(mechanism, sync_->client_name());
}

void HislipSession::authentication_exchange(std::string_view response) {
  if (security_.exchange == nullptr) {
    insecure("AuthenticationExchange comes without AuthenticationStart");
    return;
  }
  const auto* const active =
      next_fault(FaultPoint::reply, hislip_operation(HislipType::authentication_exchange));
  SaslStep step = security_.endless ? SaslStep{SaslStep::Kind::challenge, "and then?"}
                                    : security_.exchange->step(response);
  if (active != nullptr) step = spoiled_step(std::move(step), active->fault);
  if (step.kind == SaslStep::Kind::garbage) {
    insecure(security_.mechanism + ": " + step.data);
    return;
  }
  if (step.kind == SaslStep::Kind::challenge) {
    // A fault has taken the place of the exchange, which may be over.
    const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
    security_.endless =
        security_.endless || kind == &kHislipSaslEndlessFault || kind == &kHislipSaslChallengeFault;
    send(*sync_,
         {.type = HislipType::authentication_exchange, .payload = hislip_payload(step.data)},
         active);
    return;
  }
  finish_authentication(step, active);
}

void HislipSession::finish_authentication(const SaslStep& step, const FaultBoard::Active* active) {
  const bool known = step.kind == SaslStep::Kind::success;
  if (link_.logged()) {
    link_.log("sasl", security_.mechanism + (known ? " user " + security_.exchange->user()
                                                   : " failed: " + step.data));
  }
  security_.authenticated = known;
  security_.was_secure = security_.was_secure || known;
  security_.exchange.reset();
  send(*sync_,
       {.type = HislipType::authentication_result,
        .control = static_cast<std::uint8_t>(known ? 1 : 0),
        .parameter = step.code,
        .payload = hislip_payload(step.data)},
       active);
}

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// One function for each operation. Each asks the request for all the keys it knows, then for
// others, before it changes anything.
#include "tools/sim/control/control_commands.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "tools/sim/control/control_request.h"
#include "tools/sim/control/json.h"
#include "tools/sim/engine/link.h"

namespace visa::sim {
namespace {

constexpr std::size_t kLongestAnswer = std::size_t{64} << 10;
class Control {
 public:
  Control(Bench& bench, Request& request) : bench_(bench), request_(request) {}

  Json run() {
    const std::string* const name = request_.text("op");
    if (name == nullptr) {
      throw Refusal{"expected \"op\""};
    }
    for (const auto& [operation, function] : kOperations) {
      if (operation == *name) return (this->*function)();
    }
    throw Refusal{
        "op: expected instruments, clients, state, fault_on, fault_off, faults, drop, unplug, "
        "plug, notify or send instead of '" +
        name->substr(0, 60) + "'"};
  }

 private:
  using Function = Json (Control::*)();
  static const std::array<std::pair<std::string_view, Function>, 11> kOperations;

  // The instruments the request is about: one, under any of its aliases, or all when it names none.
  // Each once, as the first of its resources.
  std::vector<const Bench::Resource*> chosen() {
    std::vector<const Bench::Resource*> result;
    const std::string* const name = request_.text("instrument");
    const Instrument* named = nullptr;
    if (const auto* const resource = name != nullptr ? bench_.find(*name) : nullptr) {
      named = resource->instrument;
    }
    const Instrument* last = nullptr;  // the resources of an instrument stand together
    for (const Bench::Resource& resource : bench_.resources()) {
      if ((name == nullptr || resource.instrument == named) && resource.instrument != last) {
        result.push_back(&resource);
        last = resource.instrument;
      }
    }
    if (result.empty()) {
      throw Refusal{"instrument: expected a name that \"instruments\" lists instead of '" +
                    (name != nullptr ? name->substr(0, 60) : "") + "'"};
    }
    return result;
  }
  const Bench::Resource& one() {
    const auto list = chosen();
    if (list.size() > 1) {
      throw Refusal{"expected \"instrument\""};
    }
    return *list.front();
  }

  Json instruments() {
    request_.finish();
    Json list = Json::array();
    for (const Bench::Resource& resource : bench_.resources()) {
      list.push_back(Json::object({{"instrument", resource.alias},
                                   {"resource", resource.name},
                                   {"clients", resource.wire->clients()}}));
    }
    return Json::object({{"instruments", std::move(list)}});
  }

  Json clients() {
    const auto instruments = chosen();
    request_.finish();
    Json list = Json::array();
    for (const Bench::Resource* const resource : instruments) {
      for (const Link* const link : resource->instrument->links()) {
        list.push_back(Json::object({{"instrument", resource->alias},
                                     {"client", link->id()},
                                     {"peer", link->peer()},
                                     {"unread", link->output().size()}}));
      }
    }
    return Json::object({{"clients", std::move(list)}});
  }

  Json fault_on() {
    Instrument& instrument = *one().instrument;
    Fault fault;
    const std::string* const kind = request_.text("kind");
    const FaultKind* const found =
        kind != nullptr ? find_fault_kind(bench_.wire_kinds(), *kind) : nullptr;
    if (found == nullptr) {
      std::string names;
      for (const FaultKind* const one : fault_kinds(bench_.wire_kinds())) {
        names += (names.empty() ? "" : ", ") + std::string(one->name);
      }
      throw Refusal{"kind: expected " + names};
    }
    fault.kind = found;
    fault.client = request_.number("client", 1, kMostCount).value_or(0);
    fault.delay = std::chrono::milliseconds(request_.number("ms", 0, 3600000).value_or(0));
    fault.pieces = static_cast<std::size_t>(request_.number("pieces", 2, 1000).value_or(2));
    if (const auto bytes = request_.number("bytes", 0, 1 << 20)) {
      fault.bytes = static_cast<std::size_t>(*bytes);
    }
    fault.reset = request_.boolean("reset", false);
    fault.terminated = request_.boolean("terminated", true);
    fault.count = request_.number("count", 0, kMostCount).value_or(0);
    fault.after = request_.number("after", 0, kMostCount).value_or(0);
    read_call_keys(fault);
    request_.finish();
    const auto id = instrument.faults().add(fault);
    if (!id) {
      throw Refusal{"there are 256 faults on already; expected a fault_off before"};
    }
    return Json::object({{"fault", *id}});
  }

  void read_call_keys(Fault& fault) {
    constexpr std::uint64_t kMostNumber = std::numeric_limits<std::uint32_t>::max();
    if (const std::string* const name = request_.text("procedure")) {
      fault.operation = find_operation(bench_.wire_kinds(), *name);
      if (fault.operation == nullptr) {
        throw Refusal{"procedure: expected a name as in device_read"};
      }
    }
    if (const auto length = request_.number("length", 0, kMostNumber)) {
      fault.length = static_cast<std::uint32_t>(*length);
    }
    const auto error = request_.number("error", 0, kMostNumber);
    fault.error = static_cast<std::uint32_t>(error.value_or(0));
    if (fault.kind->needs_error && !error) {
      throw Refusal{"error: expected the number that is answered"};
    }
  }

  Json fault_off() {
    const auto instruments = chosen();
    const auto id = request_.number("fault", 1, std::numeric_limits<std::uint32_t>::max());
    request_.finish();
    if (id && instruments.size() > 1) {
      throw Refusal{"expected \"instrument\" with \"fault\""};
    }
    std::size_t removed = 0;
    for (const Bench::Resource* const resource : instruments) {
      FaultBoard& board = resource->instrument->faults();
      std::vector<std::uint32_t> ids;
      for (const FaultBoard::Active& active : board.active()) {
        if (!id || active.id == *id) ids.push_back(active.id);
      }
      for (const std::uint32_t one : ids) removed += board.remove(one) ? 1 : 0;
      resource->instrument->faults_changed();
    }
    return Json::object({{"removed", removed}});
  }

  Json faults() {
    const auto instruments = chosen();
    request_.finish();
    Json list = Json::array();
    for (const Bench::Resource* const resource : instruments) {
      for (const FaultBoard::Active& active : resource->instrument->faults().active()) {
        Json object = Json::object({{"instrument", resource->alias},
                                    {"fault", active.id},
                                    {"kind", active.fault.kind->name},
                                    {"applied", active.applied}});
        if (active.fault.count > 0) object["left"] = active.fault.count - active.applied;
        list.push_back(std::move(object));
      }
    }
    return Json::object({{"faults", std::move(list)}});
  }

  Json drop() {
    const auto instruments = chosen();
    const auto client = request_.number("client", 1, kMostCount);
    const bool reset = request_.boolean("reset", false);
    request_.finish();
    std::size_t dropped = 0;
    for (const Bench::Resource* const resource : instruments) {
      for (Link* const link : resource->instrument->links()) {
        if (!client || link->id() == *client) {
          link->drop(reset);
          ++dropped;
        }
      }
    }
    return Json::object({{"dropped", dropped}});
  }

  // The wires of the one instrument that is named.
  std::vector<Wire*> wires_of_one() {
    const Instrument* const instrument = one().instrument;
    std::vector<Wire*> result;
    for (const Bench::Resource& resource : bench_.resources()) {
      if (resource.instrument == instrument) result.push_back(resource.wire);
    }
    return result;
  }

  Json state() {
    const auto wires = wires_of_one();
    request_.finish();
    Json list = Json::array();
    for (const Wire* const wire : wires) {
      const Wire::State state = wire->state();
      if (state.empty()) continue;
      Json object = Json::object({{"resource", wire->resource_name()}});
      for (const auto& [name, number] : state) object[name] = number;
      list.push_back(std::move(object));
    }
    return Json::object({{"state", std::move(list)}});
  }

  Json unplug() { return plug_in(false); }
  Json plug() { return plug_in(true); }
  Json plug_in(bool in) {
    const auto wires = wires_of_one();
    request_.finish();
    std::size_t changed = 0;
    for (Wire* const wire : wires) changed += wire->plug(in) ? 1 : 0;
    if (changed == 0) throw Refusal{"instrument: expected one that is plugged in, with --usb"};
    return Json::object({{"changed", changed}});
  }

  Json notify() {
    const auto wires = wires_of_one();
    const std::string* const text = request_.text("text");
    request_.finish();
    if (text == nullptr) throw Refusal{"expected \"text\""};
    std::size_t sent = 0;
    for (Wire* const wire : wires) sent += wire->notify(bytes_of_text(*text)) ? 1 : 0;
    return Json::object({{"sent", sent}});
  }

  // A message as from a client of its own, which meets no fault and no delay.
  Json send() {
    Instrument& instrument = *one().instrument;
    const std::string* const text = request_.text("text");
    if (text == nullptr) {
      throw Refusal{"expected \"text\""};
    }
    request_.finish();
    Link link(instrument, Exchange::stream);
    link.exempt_from_faults();
    const std::string message = *text + "\n";
    std::string_view rest = message;
    std::string answer;
    bool cut = false;
    while (!rest.empty()) {
      rest.remove_prefix(link.receive(rest, false));
      link.release(Clock::time_point::max());
      while (!link.output().empty()) {
        if (answer.size() < kLongestAnswer) {
          answer += link.output().take(kLongestAnswer - answer.size()).bytes;
        } else {
          cut = true;
          link.output().clear();
        }
      }
    }
    // A byte is a character, as in the log.
    Json result = Json::object({{"answer", text_of_bytes(answer)}});
    if (cut) result["cut"] = true;
    return result;
  }

  Bench& bench_;
  Request& request_;
};

const std::array<std::pair<std::string_view, Control::Function>, 11> Control::kOperations = {{
    {"instruments", &Control::instruments},
    {"clients", &Control::clients},
    {"state", &Control::state},
    {"fault_on", &Control::fault_on},
    {"fault_off", &Control::fault_off},
    {"faults", &Control::faults},
    {"drop", &Control::drop},
    {"unplug", &Control::unplug},
    {"plug", &Control::plug},
    {"notify", &Control::notify},
    {"send", &Control::send},
}};

}  // namespace

std::string execute_control(Bench& bench, std::string_view line) {
  Json answer = Json::object();
  auto [json, error] = parse_json(line);
  if (error.empty() && !json.is_object()) error = "expected an object: {\"op\":\"instruments\"}";
  if (error.empty()) {
    Request request(json);
    if (const Json* const id = request.take("id")) answer["id"] = *id;
    try {
      const Json result = Control(bench, request).run();
      answer["ok"] = true;
      answer.update(result);
      return json_text(answer);
    } catch (const Refusal& refusal) {
      error = refusal.text;
    }
  }
  answer["ok"] = false;
  answer["error"] = error;
  return json_text(answer);
}

}  // namespace visa::sim

// SPDX-License-Identifier: MIT
// VPP-4.3 chapter 4 over VXI-11: what viOpen returns for the errors of create_link, device names,
// gateways, the portmapper, and which calls opening and closing make.
#include <optional>

#include "conformance/rules/check.h"
#include "conformance/rules/configuration.h"
#include "conformance/rules/second_client.h"
#include "conformance/rules/wire.h"

namespace visa::rules {
namespace {

ViStatus open(Check& check, ViAccessMode mode, ViUInt32 timeout, ViSession& vi) {
  vi = VI_NULL;
  return check.visa().viOpen(check.manager(), check.resource().name.c_str(), mode, timeout, &vi);
}

// Section 4.3.3, B.6.5: each error becomes a status of viOpen's list, and leaves no session.
void rule_s4_3_3_errors_of_create_link(Check& check) {
  Wire wire(check);
  struct Expected {
    std::uint32_t error;
    ViStatus status;  // VI_SUCCESS stands for any error of viOpen
  };
  constexpr Expected kExpected[] = {{1, VI_ERROR_INV_RSRC_NAME},
                                    {3, VI_ERROR_RSRC_NFOUND},
                                    {21, VI_ERROR_RSRC_NFOUND},
                                    {9, VI_ERROR_ALLOC},
                                    {11, VI_ERROR_RSRC_LOCKED},
                                    {5, VI_SUCCESS},
                                    {8, VI_SUCCESS},
                                    {15, VI_SUCCESS},
                                    {17, VI_SUCCESS},
                                    {1234, VI_SUCCESS}};
  for (const Expected& expected : kExpected) {
    wire.fault(R"("kind":"rpc-error","count":1,"procedure":"create_link","error":)" +
               std::to_string(expected.error));
    ViSession vi = VI_NULL;
    const ViStatus status = open(check, VI_NO_LOCK, 3000, vi);
    const std::string what = "viOpen where create_link gives " + std::to_string(expected.error);
    check.refused(what.c_str(), status);
    check.that(vi == VI_NULL, what + ": a failed viOpen returns a session");
    if (!check.options().strict) continue;
    if (expected.status != VI_SUCCESS) check.answered(what.c_str(), status, {expected.status});
    check.that(status != VI_ERROR_CONN_LOST && status != VI_ERROR_IO,
               what + ": answers " + check.symbol(status) + ", which is not in its list");
  }
  wire.no_faults();
  check.that(!check.ask(check.talk(), "*IDN?\n").empty(), "no session is to be had afterwards");
}

// Pain 33: the instrument stays silent, or the connection breaks, while the link is made.
void rule_s4_3_3_a_silent_instrument_cannot_be_opened(Check& check) {
  Wire wire(check);
  for (const char* const fault : {R"("kind":"rpc-silence")", R"("kind":"rpc-close","bytes":3)"}) {
    wire.fault(fault + std::string(R"(,"count":1,"procedure":"create_link")"));
    ViSession vi = VI_NULL;
    ViStatus status = VI_SUCCESS;
    const double seconds = seconds_of([&] { status = open(check, VI_NO_LOCK, 600, vi); });
    check.refused("viOpen of a silent instrument", status);
    check.that(vi == VI_NULL, "a failed viOpen returns a session");
    check.that(seconds < 10, "it took " + std::to_string(seconds) + " s");
    if (!check.options().strict) continue;
    check.that(status != VI_ERROR_CONN_LOST && status != VI_ERROR_IO,
               "viOpen answers " + check.symbol(status) + ", which is not in its list");
  }
}

// 4.3.6, 4.3.7: a device that the instrument does not have.
void rule_s4_3_3_a_device_that_is_not_there(Check& check) {
  const std::string& name = check.resource().name;
  const auto device = name.find("::inst");
  if (device == std::string::npos) throw NotShown{"the bench's device is no inst"};
  const auto end = name.find("::", device + 2);
  std::string other = name;
  other.replace(device + 2, end - device - 2, "inst77");
  std::optional<Configuration> configuration;
  if (check.options().configure) configuration.emplace(check, configured(check, other));
  ViSession vi = VI_NULL;
  const ViStatus status =
      check.visa().viOpen(check.manager(), other.c_str(), VI_NO_LOCK, 3000, &vi);
  check.refused(("viOpen " + other).c_str(), status);
  if (check.options().strict) {
    check.answered(("viOpen " + other).c_str(), status, {VI_ERROR_RSRC_NFOUND});
  }
}

// viOpen takes its lock by a separate call; if that fails, nothing is left at the instrument.
void rule_table_a4_vxi11_open_then_lock(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  ViSession vi = VI_NULL;
  check.need("viOpen(VI_EXCLUSIVE_LOCK)", open(check, VI_EXCLUSIVE_LOCK, 2000, vi), {VI_SUCCESS});
  if (check.options().strict) {
    const WireCalls calls = wire.calls();
    check.need_that(calls.size() == 2 && calls[0].procedure == "create_link" &&
                        calls[1].procedure == "device_lock",
                    "viOpen with a lock is not create_link and device_lock");
    check.that(calls[0]["lock"] == 0, "create_link asks for the lock, which some mishandle");
  }
  ANSWERS(viClose(vi), VI_SUCCESS);
  SecondClient second(check);
  check.need_that(second.lock() == 0, "the second client gets no lock");
  const int before = wire.clients();
  check.refused("viOpen(VI_EXCLUSIVE_LOCK) of a device another client has locked",
                open(check, VI_EXCLUSIVE_LOCK, 300, vi));
  check.that(vi == VI_NULL, "a failed viOpen returns a session");
  wire.events();  // waits until the instrument has handled the closed link
  check.that(wire.clients() == before, "a failed viOpen leaves a link at the instrument");
  check.answered("viOpen(VI_NO_LOCK)", open(check, VI_NO_LOCK, 2000, vi), {VI_SUCCESS});
}

// B.6.9: every link is destroyed, also after errors.
void rule_vxi11_b_6_9_links_are_given_back(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const int before = wire.clients();
  wire.events();
  for (int i = 0; i < 20; ++i) MUST_ANSWER(viClose(check.open()), VI_SUCCESS);
  check.that(wire.calls("destroy_link").size() == 20, "not every viClose destroys its link");
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 50);
  ViStatus status = VI_SUCCESS;
  check.read(vi, 10, status);
  check.answered("viRead of nothing", status, {VI_ERROR_TMO});
  ANSWERS(viClose(vi), VI_SUCCESS);
  check.that(wire.calls("destroy_link").size() == 1, "viClose after an error leaves the link");
  check.that(wire.clients() == before, "links are left at the instrument");
}

// 4.3.7, 5.1.30: gpib means VXI-11, like inst, and reaches the same instrument.
void rule_4_3_7_gateways(Check& check) {
  Wire direct(check, "dmm-vxi11");
  const std::string name = "TCPIP0::127.0.0.1::gpib0,22::INSTR";
  std::optional<Configuration> configuration;
  if (check.options().configure) {
    configuration.emplace(check, configured(check, name) + configured(check, direct.resource()));
  }
  const auto& visa = check.visa();
  const ViSession vi = check.talk_name(name);
  ViBoolean is_hislip = 77;
  ANSWERS(viGetAttribute(vi, VI_ATTR_TCPIP_IS_HISLIP, &is_hislip), VI_SUCCESS);
  check.that(is_hislip == VI_FALSE, "VI_ATTR_TCPIP_IS_HISLIP is wrong");
  ViChar text[512] = {};
  ANSWERS(viGetAttribute(vi, VI_ATTR_TCPIP_DEVICE_NAME, text), VI_SUCCESS);
  check.that(std::string(text) == "gpib0,22", std::string("the device name is ") + text);
  ANSWERS(viGetAttribute(vi, VI_ATTR_RSRC_NAME, text), VI_SUCCESS);
  check.that(name == text, std::string("the name is ") + text);
  const std::string through = check.ask(vi, "*IDN?\n");
  const std::string beside = check.ask(check.talk_name(direct.resource()), "*IDN?\n");
  check.that(!through.empty() && through == beside, "the gateway leads to " + through);
  ViUInt16 byte = 0;
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  ANSWERS(viClear(vi), VI_SUCCESS);
}

// 4.3.8: a name without a device is opened by VXI-11, found through the portmapper.
void rule_4_3_8_no_device_name(Check& check) {
  const int port = check.options().bench.portmapper_port;
  if (port == 0) throw NotShown{"the bench was not started by the suite (--sim)"};
  const std::string name = "TCPIP::127.0.0.1::INSTR";
  std::optional<Configuration> configuration;
  if (check.options().configure) {
    configuration.emplace(check, "[[resource]]\nname = \"" + name +
                                     "\"\ntransport = { portmapper_port = " + std::to_string(port) +
                                     " }\n");
  }
  const auto& visa = check.visa();
  const ViSession vi = check.talk_name(name);
  ViBoolean is_hislip = 77;
  ANSWERS(viGetAttribute(vi, VI_ATTR_TCPIP_IS_HISLIP, &is_hislip), VI_SUCCESS);
  check.that(is_hislip == VI_FALSE, "VI_ATTR_TCPIP_IS_HISLIP is wrong");
  check.that(!check.ask(vi, "*IDN?\n").empty(), "no answer");
}

void rule_5_1_16_what_the_attributes_say(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  const auto is = [&](ViAttr id, const char* name, const std::string& wanted) {
    ViChar text[512] = {};
    check.answered(name, visa.viGetAttribute(vi, id, text), {VI_SUCCESS});
    check.that(text == wanted, std::string(name) + " is '" + text + "', expected '" + wanted + "'");
  };
  const std::string& name = check.resource().name;
  if (name.find("::127.0.0.1::inst") == std::string::npos) {
    throw NotShown{"the bench is on another machine"};
  }
  const auto device = name.find("inst");
  is(VI_ATTR_TCPIP_ADDR, "VI_ATTR_TCPIP_ADDR", "127.0.0.1");
  is(VI_ATTR_TCPIP_DEVICE_NAME, "VI_ATTR_TCPIP_DEVICE_NAME",
     name.substr(device, name.find("::", device) - device));
  is(VI_ATTR_RSRC_CLASS, "VI_ATTR_RSRC_CLASS", "INSTR");
  ViBoolean hislip = 77;
  ANSWERS(viGetAttribute(vi, VI_ATTR_TCPIP_IS_HISLIP, &hislip), VI_SUCCESS);
  check.that(hislip == VI_FALSE, "VI_ATTR_TCPIP_IS_HISLIP is wrong");
}

// Pain 32: the program can switch keepalive on, for any default.
void rule_vxi11_keepalive(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const ViStatus status = visa.viSetAttribute(vi, VI_ATTR_TCPIP_KEEPALIVE, VI_TRUE);
  if (status == VI_ERROR_NSUP_ATTR) throw NotShown{"the attribute is SOCKET's and HiSLIP's"};
  check.need("viSetAttribute(VI_ATTR_TCPIP_KEEPALIVE)", status, {VI_SUCCESS});
  ViBoolean value = 77;
  ANSWERS(viGetAttribute(vi, VI_ATTR_TCPIP_KEEPALIVE, &value), VI_SUCCESS);
  check.that(value == VI_TRUE, "VI_ATTR_TCPIP_KEEPALIVE is not what was set");
}

}  // namespace

Rules vxi11_open_rules() {
  constexpr On kOn = On::answering;
  constexpr const char* kKind = "TCPIP_VXI11";
  return {
      {"rule_s4_3_3_errors_of_create_link", rule_s4_3_3_errors_of_create_link, kOn, kKind},
      {"rule_s4_3_3_a_silent_instrument_cannot_be_opened",
       rule_s4_3_3_a_silent_instrument_cannot_be_opened, kOn, kKind},
      {"rule_s4_3_3_a_device_that_is_not_there", rule_s4_3_3_a_device_that_is_not_there, kOn,
       kKind},
      {"rule_table_a4_vxi11_open_then_lock", rule_table_a4_vxi11_open_then_lock, kOn, kKind},
      {"rule_vxi11_b_6_9_links_are_given_back", rule_vxi11_b_6_9_links_are_given_back, kOn, kKind},
      {"rule_4_3_7_gateways", rule_4_3_7_gateways, kOn, kKind},
      {"rule_4_3_8_no_device_name", rule_4_3_8_no_device_name, kOn, kKind},
      {"rule_5_1_16_what_the_attributes_say", rule_5_1_16_what_the_attributes_say, kOn, kKind},
      {"rule_vxi11_keepalive", rule_vxi11_keepalive, kOn, kKind},
  };
}

}  // namespace visa::rules

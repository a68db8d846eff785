// SPDX-License-Identifier: MIT
// Names are not looked up here. inet_pton alone decides what an address is: it takes neither octal
// parts nor short forms, which resolvers read in different ways.
#include "lib/model/resource_host.h"

#include <arpa/inet.h>

#include <string>

#include "lib/model/ascii.h"
#include "lib/model/resource_name_fields.h"

namespace visa::model {
namespace {

bool is_ipv6(std::string_view text) {
  const std::size_t percent = text.find('%');
  if (percent != std::string_view::npos) {
    const std::string_view zone = text.substr(percent + 1);  // the name of a network interface
    if (zone.empty() || zone.size() > 15 || !all(zone, [](char c) {
          return is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '@' || c == ':';
        })) {
      return false;
    }
    text = text.substr(0, percent);
  }
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool is_host(std::string_view text) {
  if (text.empty() || !is_alphanumeric(text.front()) || text.find("..") != std::string_view::npos) {
    return false;
  }
  if (all(text, [](char c) { return is_digit(c) || c == '.'; })) {
    in_addr address;
    return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
  }
  return all(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

}  // namespace

bool read_host(std::string_view text, ResourceName& name) {
  const std::size_t at = text.rfind('@', text.find('['));  // the last one; a zone may hold another
  if (at != std::string_view::npos) {
    name.has_credential = true;
    name.credential = text.substr(0, at);
    text.remove_prefix(at + 1);
    if (!all(name.credential, [](char c) { return c > ' ' && c != ':' && c != '[' && c != ']'; })) {
      return false;
    }
  }
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    name.host_is_ipv6 = true;
    text = text.substr(1, text.size() - 2);
    name.host = text;
    return is_ipv6(text);
  }
  name.host = text;
  return is_host(text);
}

}  // namespace visa::model

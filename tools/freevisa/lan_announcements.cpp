// SPDX-License-Identifier: MIT
// Lines as "find lan: mDNS: NAME._lxi._tcp at HOST port 80 (txtvers=1, Manufacturer=M, Model=N)".
// What stands in them comes from the network: what is not as expected is left out.
#include "tools/freevisa/lan_announcements.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace visa::tool {
namespace {

constexpr std::string_view kMark = "find lan: mDNS: ";

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= 'a' && letter <= 'z') || letter == '.' || letter == '-';
  });
}

std::string value_of(std::string_view texts, std::string_view key) {
  for (std::size_t at = 0; at < texts.size();) {
    const std::size_t end = std::min(texts.find(", ", at), texts.size());
    const std::string_view text = texts.substr(at, end - at);
    if (text.size() > key.size() && text.starts_with(key) && text[key.size()] == '=')
      return std::string(text.substr(key.size() + 1));
    at = end + 2;
  }
  return "";
}

std::string model_in(std::string_view texts) {
  const std::string maker = value_of(texts, "Manufacturer");
  const std::string model = value_of(texts, "Model");
  return maker + (maker.empty() || model.empty() ? "" : " ") + model;
}

}  // namespace

std::vector<Announcement> announcements_in(std::string_view trace) {
  std::vector<Announcement> all;
  std::map<std::string_view, std::set<std::string>> told;  // models by host
  for (std::size_t at = trace.find(kMark); at != std::string_view::npos;
       at = trace.find(kMark, at + 1)) {
    const std::string_view line =
        trace.substr(at + kMark.size(), trace.find('\n', at) - at - kMark.size());
    const std::size_t service = line.find("._");
    const std::size_t place = line.find(" at ", std::min(service, line.size()));
    const std::size_t port = line.find(" port ", std::min(place, line.size()));
    if (port == std::string_view::npos) continue;
    const std::string_view host = line.substr(place + 4, port - place - 4);
    if (!is_host(host)) continue;
    const std::size_t open = line.find(" (", port);
    const std::string_view texts = open != std::string_view::npos && line.ends_with(')')
                                       ? line.substr(open + 2, line.size() - open - 3)
                                       : std::string_view();
    auto known = std::find_if(all.begin(), all.end(),
                              [host](const Announcement& one) { return one.host == host; });
    if (known == all.end()) {
      known = all.insert(known, {std::string(host), std::string(line.substr(0, service))});
    }
    std::set<std::string>& models = told[host];
    if (std::string model = model_in(texts); !model.empty()) models.insert(std::move(model));
    if (!models.empty()) known->model = models.size() == 1 ? *models.begin() : "";
  }
  return all;
}

}  // namespace visa::tool

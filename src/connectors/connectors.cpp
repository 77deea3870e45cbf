#include "connectors/connectors.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace mend {
namespace {

constexpr std::array kNames = {
#define CONNECTOR(name) std::string_view(#name),
#include "connectors/connectors.def"
#undef CONNECTOR
};

}  // namespace

std::span<const std::string_view> connector_names() { return kNames; }

Result<std::unique_ptr<Connector>> make_connector(std::string_view name, const ConnectorSettings& settings) {
#define CONNECTOR(kind) \
  if (name == #kind) return make_##kind##_connector(settings.kind);
#include "connectors/connectors.def"
#undef CONNECTOR
  const std::string_view near = nearest(name, kNames);
  return fail(ErrorKind::not_found, near.empty() ? fmt::format("there is no connector named {}", name)
                                                 : fmt::format("there is no connector named {}; did you mean {}?", name, near));
}

}  // namespace mend

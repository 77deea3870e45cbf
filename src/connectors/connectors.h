// The registry of connectors. A new one is a header, its files, one line in connectors.def and one member of ConnectorSettings.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "connectors/local.h"
#include "ports/connector.h"

namespace mend {

struct ConnectorSettings {
  LocalConnectorSettings local;
};

// The names a job's `connector:` may hold.
std::span<const std::string_view> connector_names();

// A new connector of this name; not_found, with the nearest name, when there is none.
Result<std::unique_ptr<Connector>> make_connector(std::string_view name, const ConnectorSettings& settings);

}  // namespace mend

// Ids are types: an IncidentId cannot be passed where a RunId is wanted. Thread-safe as a std::string is.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace mend {

template <class Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}
  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }
  auto operator<=>(const StrongId&) const = default;
  bool operator==(const StrongId&) const = default;

 private:
  std::string value_;
};

}  // namespace mend

template <class Tag>
struct std::hash<mend::StrongId<Tag>> {
  std::size_t operator()(const mend::StrongId<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};

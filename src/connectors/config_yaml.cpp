// YAML: yaml-cpp says on which line a value begins; it ends where the next one begins.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "base/text.h"
#include "connectors/config_edit.h"

namespace mend {
namespace {

constexpr int kDeepest = 40;
constexpr std::size_t kMostNodes = 40'000;

struct Lines {
  explicit Lines(std::string_view text) : text_(text) {
    begins_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n' && i + 1 < text.size()) begins_.push_back(i + 1);
  }
  std::size_t count() const { return begins_.size(); }
  std::size_t begin(std::size_t line) const { return begins_[line]; }
  std::size_t end(std::size_t line) const {  // without the line end
    std::size_t at = line + 1 < begins_.size() ? begins_[line + 1] - 1 : text_.size();
    if (line + 1 == begins_.size() && at > begins_[line] && text_[at - 1] == '\n') --at;
    return at;
  }
  std::string_view content(std::size_t line) const { return trim(text_.substr(begin(line), end(line) - begin(line))); }

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;
};

class Walker {
 public:
  struct Leaf {
    std::string key, value;
    std::size_t line;
  };

  Result<void> walk(const YAML::Node& node, const std::string& path, std::size_t line, int depth) {
    if (depth > kDeepest) return fail(ErrorKind::invalid_input, "the structure is too deep, or refers to itself");
    if (++nodes_ > kMostNodes) return fail(ErrorKind::invalid_input, "the structure is too large");
    starts_.insert(line);
    if (node.IsMap() && node.size() > 0) {
      std::set<std::string> names;
      for (const auto& item : node) {
        if (!item.first.IsScalar()) return fail(ErrorKind::invalid_input, "a key that is not a plain name");
        const std::string& name = item.first.Scalar();
        const std::size_t key_line = line_of(item.first, line);
        if (!names.insert(name).second)
          return fail(ErrorKind::invalid_input, fmt::format("line {}: {} stands there twice", key_line + 1, name));
        MEND_CHECK(walk(item.second, path.empty() ? escape_key(name) : path + "." + escape_key(name), key_line, depth + 1));
      }
      return {};
    }
    if (node.IsSequence() && node.size() > 0) {
      std::size_t index = 0;
      for (const auto& item : node) {
        MEND_CHECK(walk(item, fmt::format("{}[{}]", path, index), line_of(item, line), depth + 1));
        ++index;
      }
      return {};
    }
    std::string value;
    switch (node.Type()) {
      case YAML::NodeType::Map: value = "{}"; break;
      case YAML::NodeType::Sequence: value = "[]"; break;
      case YAML::NodeType::Scalar: value = node.Tag() + " " + node.Scalar(); break;
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined: value = "~"; break;
    }
    leaves_.push_back({path, std::move(value), line});
    return {};
  }

  std::vector<ConfigEntry> entries(const Lines& lines) const {
    std::vector<ConfigEntry> entries;
    for (const Leaf& leaf : leaves_) {
      // An empty value can be found behind the last line end, and line ends of other kinds are counted there but not here.
      if (leaf.line >= lines.count()) {
        entries.push_back({leaf.key, leaf.value, lines.end(lines.count() - 1), lines.end(lines.count() - 1)});
        continue;
      }
      const auto next = starts_.upper_bound(leaf.line);
      std::size_t last = (next == starts_.end() ? lines.count() : std::min(*next, lines.count())) - 1;
      // Comments and blank lines before the next key belong to that one.
      while (last > leaf.line && (lines.content(last).empty() || lines.content(last).starts_with('#'))) --last;
      entries.push_back({leaf.key, leaf.value, lines.begin(leaf.line), lines.end(last)});
    }
    return entries;
  }

 private:
  static std::size_t line_of(const YAML::Node& node, std::size_t otherwise) {
    const YAML::Mark mark = node.Mark();
    return mark.line < 0 ? otherwise : std::size_t(mark.line);
  }
  std::size_t nodes_ = 0;
  std::set<std::size_t> starts_;
  std::vector<Leaf> leaves_;
};

// Sees a document without building it.
class Ignore final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// Not by LoadAll: on a text such as ",x" yaml-cpp 0.7 finds documents without end there, until memory is full.
bool several_documents(const std::string& text) {
  std::istringstream input(text);
  YAML::Parser parser(input);
  Ignore ignore;
  return parser.HandleNextDocument(ignore) && parser.HandleNextDocument(ignore);
}

}  // namespace

Result<std::vector<ConfigEntry>> read_yaml_config(std::string_view text) {
  try {
    const std::string copy(text);
    if (several_documents(copy)) return fail(ErrorKind::invalid_input, "the file holds several documents");
    const YAML::Node document = YAML::Load(copy);
    if (!document.IsDefined() || document.IsNull()) return std::vector<ConfigEntry>{};
    if (document.IsScalar()) return fail(ErrorKind::invalid_input, "the file is one plain text, not keys and values");
    Walker walker;
    MEND_CHECK(walker.walk(document, "", 0, 0));
    const Lines lines(text);
    std::vector<ConfigEntry> entries = walker.entries(lines);
    return entries;
  } catch (const YAML::Exception& error) {
    return fail(ErrorKind::invalid_input, fmt::format("line {}: {}", error.mark.line + 1, error.msg));
  } catch (const std::exception& error) {
    return fail(ErrorKind::invalid_input, error.what());
  }
}

}  // namespace mend

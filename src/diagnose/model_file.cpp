#include "diagnose/model_file.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "model/json.h"

namespace mend {
namespace {
constexpr std::string_view kMagic = "MENDMODEL1\n";
constexpr std::size_t kAlign = 64;
std::size_t aligned(std::size_t size) { return (size + kAlign - 1) / kAlign * kAlign; }
}  // namespace

Result<std::unique_ptr<ModelFile>> ModelFile::open(const std::filesystem::path& path) {
  auto model = std::make_unique<ModelFile>();
  MEND_TRY(model->file_, MappedFile::open(path));
  const std::string_view bytes = model->file_->bytes();
  const auto damaged = [&](std::string_view why) { return fail(ErrorKind::corrupt, fmt::format("{}: {}", path.string(), why)); };
  if (!bytes.starts_with(kMagic)) return damaged("not a model file");
  const auto end = bytes.find('\n', kMagic.size());
  if (end == std::string_view::npos) return damaged("cut off");
  const auto header = parse_json(bytes.substr(kMagic.size(), end - kMagic.size()));
  if (!header || !header->is_object()) return damaged("its header is damaged");
  try {
    std::string hashes;
    for (const auto& item : header->at("sections").as_array()) {
      const std::string name(item.at("name").as_string());
      const auto offset = item.at("offset").to_number<std::size_t>();
      const auto size = item.at("size").to_number<std::size_t>();
      if (offset > bytes.size() || size > bytes.size() - offset) return damaged("cut off in section " + name);
      const std::string_view section = bytes.substr(offset, size);
      const std::string expected(item.at("hash64").as_string());
      if (fmt::format("{:016x}", hash64(section)) != expected) return damaged("section " + name + " was changed");
      model->sections_.emplace(name, section);
      hashes += expected;
    }
    model->version_ = blake2b_hex(hashes, 16).substr(0, 12);
  } catch (const std::exception&) {
    return damaged("its header is damaged");
  }
  return model;
}

std::string_view ModelFile::section(std::string_view name) const {
  const auto found = sections_.find(name);
  return found == sections_.end() ? std::string_view{} : found->second;
}

Result<void> ModelFile::write(const std::filesystem::path& path, const std::map<std::string, std::string>& sections) {
  // The header's length depends on the offsets in it, and they on its length: room for the largest numbers is left.
  const std::size_t header_room = aligned(kMagic.size() + 64 + sections.size() * 160);
  boost::json::array list;
  std::size_t offset = header_room;
  for (const auto& [name, content] : sections) {
    list.push_back({{"name", name}, {"offset", offset}, {"size", content.size()}, {"hash64", fmt::format("{:016x}", hash64(content))}});
    offset = aligned(offset + content.size());
  }
  std::string out(kMagic);
  out += to_line(boost::json::object{{"sections", list}});
  out += '\n';
  out.resize(header_room, ' ');
  for (const auto& [name, content] : sections) {
    out += content;
    out.resize(aligned(out.size()), '\0');
  }
  return write_file_durably(path, out, 0644);
}

}  // namespace mend

#include <fmt/format.h>

#include <boost/json.hpp>
#include <limits>

#include "base/file.h"
#include "main/cli/commands.h"
#include "main/cli/home_access.h"
#include "main/diagnosis_engine.h"
#include "main/home_vectors.h"
#include "main/output.h"

namespace mend {
namespace {

// Of what ships: read from nowhere, written to the file. The build's part.
Result<std::size_t> index_shipped(const AppContext& app, const std::string& file) {
  const DiagnosisEngine engine = make_diagnosis_engine(app);
  SemanticIndex& semantic = *engine.library->semantic();
  MEND_CHECK(semantic.fill(std::numeric_limits<std::size_t>::max()));
  VectorFile out;
  out.model = semantic.model();
  out.dimension = semantic.index(Shelf::cases)->dimension();
  for (const Shelf shelf : {Shelf::cases, Shelf::passages})
    semantic.index(shelf)->for_each([&](VectorKey key, std::span<const std::uint16_t> vector) {
      out.vectors.push_back({key, PackedVector(vector.begin(), vector.end())});
    });
  if (out.vectors.empty()) return fail(ErrorKind::not_found, "there are no cases and runbooks: is model.bin in the data folder?");
  constexpr unsigned kReadable = 0644;
  MEND_CHECK(write_file_durably(file, write_vectors(out), kReadable));
  return out.vectors.size();
}

Result<std::size_t> index_home(AppContext& app, Store& store) {
  DiagnosisEngine engine = make_diagnosis_engine(app, &store);
  MEND_CHECK(add_home_knowledge(engine, store, *app.log));
  const auto progress = [&](std::size_t left) {
    if (app.err_terminal) print_error(fmt::format("\r\x1b[K{} texts to embed", left));
  };
  const auto done = index_knowledge(*engine.library->semantic(), store, progress);
  if (app.err_terminal) print_error("\r\x1b[K");
  return done;
}

}  // namespace

ExitStatus knowledge_index_command(AppContext& app, const KnowledgeFileOptions& options) {
  Result<std::size_t> count = std::size_t(0);
  if (!options.file.empty()) {
    count = index_shipped(app, options.file);
  } else {
    const auto store = open_existing_store(app);
    if (!store) return report_error(store.error());
    if (!*store) return report_error(no_home_error(app));
    count = index_home(app, **store);
  }
  if (!count) return report_error(count.error());
  if (options.json)
    print_json(boost::json::object{{"vectors", *count}});
  else
    print(fmt::format("{} texts have their vectors\n", *count));
  return ExitStatus::ok;
}

}  // namespace mend

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "base/text.h"
#include "main/cli/commands.h"
#include "main/cli/input.h"
#include "main/cli/knowledge_item.h"
#include "main/diagnosis_engine.h"
#include "main/home_vectors.h"
#include "main/output.h"
#include "main/session.h"

namespace mend {
namespace {

namespace fs = std::filesystem;

struct Rejected {
  std::string where;  // "line 7", "notes.md"
  std::string reason;
};

// Takes items one by one and writes them down in pieces, each with its audit record: what was reported is durable.
class Importer {
 public:
  Importer(AppContext& app, Store& store, const StrategyRegistry& registry, std::string source)
      : app_(app), store_(store), registry_(registry), source_(std::move(source)) {}

  Result<void> add(const std::string& where, Result<KnowledgeItem> item) {
    if (item)
      if (const auto* past = std::get_if<Case>(&*item))
        if (auto checked = check_case(*past, registry_); !checked) item = std::unexpected(checked.error());
    if (item) item = redacted_item(*app_.redactor, std::move(*item));
    if (!item) {
      constexpr std::size_t kMostShown = 1000;
      ++rejected_count;
      if (rejected.size() < kMostShown) rejected.push_back({where, app_.redactor->redact(item.error().message)});
      return {};
    }
    waiting_.push_back(std::move(*item));
    constexpr std::size_t kPiece = 500;
    return waiting_.size() < kPiece ? Result<void>() : flush();
  }

  Result<void> flush() {
    if (waiting_.empty()) return {};
    const WallTime now = app_.clock.now();
    std::size_t new_cases = 0, new_runbooks = 0;
    MEND_CHECK(store_.write([&](StoreTransaction& tx) -> Result<void> {
      new_cases = new_runbooks = 0;
      for (const KnowledgeItem& item : waiting_) {
        if (const auto* past = std::get_if<Case>(&item)) {
          MEND_CHECK(tx.put_case(*past));
          ++new_cases;
        } else {
          MEND_CHECK(tx.put_runbook(std::get<Runbook>(item), now));
          ++new_runbooks;
        }
      }
      MEND_CHECK(tx.append_audit(knowledge_audit(
          app_, "knowledge.imported",
          fmt::format("{} cases, {} runbooks from {}, beginning with {}", new_cases, new_runbooks, source_, id_of(waiting_.front())))));
      return {};
    }));
    cases += new_cases;
    runbooks += new_runbooks;
    waiting_.clear();
    return {};
  }

  std::size_t cases = 0, runbooks = 0, rejected_count = 0;
  std::vector<Rejected> rejected;

 private:
  AppContext& app_;
  Store& store_;
  const StrategyRegistry& registry_;
  std::string source_;
  std::vector<KnowledgeItem> waiting_;
};

Result<void> import_lines(Importer& importer, LineReader& reader) {
  for (;;) {
    MEND_TRY(const auto line, reader.next());
    if (!line) return importer.flush();
    if (!line->too_long && trim(line->text).empty()) continue;
    MEND_CHECK(importer.add(fmt::format("line {}", reader.number()), line->too_long
                                                                         ? fail(ErrorKind::invalid_input, "the line is longer than 16 MiB")
                                                                         : parse_knowledge_line(line->text)));
  }
}

Result<KnowledgeItem> read_runbook(const fs::path& path, const std::string& name) {
  constexpr std::size_t kMostRunbook = 1U << 20U;
  MEND_TRY(const std::string text, read_file(path, kMostRunbook));
  MEND_TRY(Runbook runbook, runbook_of(text, name));
  return runbook;
}

// Every Markdown file below the folder, in the order of the names. Of two with one id the second is refused.
Result<void> import_folder(Importer& importer, const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  for (fs::recursive_directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem))
    if (it->is_regular_file(problem) && it->path().extension() == ".md") files.push_back(it->path());
  if (problem) return fail(ErrorKind::not_found, fmt::format("{}: {}", folder.string(), problem.message()));
  if (files.empty()) return fail(ErrorKind::not_found, fmt::format("{} holds no Markdown file (*.md)", folder.string()));
  std::ranges::sort(files);
  std::map<std::string, std::string> names;  // by id
  for (const fs::path& file : files) {
    const std::string name = file.lexically_relative(folder).string();
    auto runbook = read_runbook(file, name);
    if (runbook) {
      const auto [first, added] = names.emplace(id_of(*runbook), name);
      if (!added) runbook = fail(ErrorKind::invalid_input, fmt::format("{}: id '{}' is that of {} too", name, first->first, first->second));
    }
    MEND_CHECK(importer.add(name, std::move(runbook)));
  }
  return importer.flush();
}

// Without vectors the items are found by their words: nothing that went wrong here is worth more than a line.
void make_vectors(AppContext& app, Store& store) {
  DiagnosisEngine engine = make_diagnosis_engine(app, &store);
  auto done = add_home_knowledge(engine, store, *app.log);
  const auto progress = [&](std::size_t left) {
    if (app.err_terminal) print_error(fmt::format("\r\x1b[K{} texts to embed", left));
  };
  if (done) {
    const auto indexed = index_knowledge(*engine.library->semantic(), store, progress);
    if (!indexed) done = std::unexpected(indexed.error());
  }
  if (app.err_terminal) print_error("\r\x1b[K");
  if (!done) app.log->warning("found by words alone until `mendline knowledge index` works: {}", done.error().message);
}

void print_result(const Importer& done, bool json) {
  if (json) {
    boost::json::array rejected;
    for (const Rejected& one : done.rejected) rejected.push_back({{"where", one.where}, {"reason", one.reason}});
    print_json(boost::json::object{
        {"cases", done.cases}, {"runbooks", done.runbooks}, {"rejected", std::move(rejected)}, {"rejected_count", done.rejected_count}});
    return;
  }
  for (const Rejected& one : done.rejected)
    print_error(fmt::format("mendline: {}\n",
                            one.reason.starts_with(one.where) ? printable(one.reason) : one.where + ": " + printable(one.reason)));
  print(fmt::format("{} cases and {} runbooks imported, {} rejected\n", done.cases, done.runbooks, done.rejected_count));
}

}  // namespace

ExitStatus knowledge_import_command(AppContext& app, const KnowledgeFileOptions& options) {
  if (auto ready = app.load_redactor(); !ready) return report_error(ready.error());
  const auto registry = load_registry(app);
  if (!registry) return report_error(registry.error());
  std::error_code problem;
  const bool folder = options.file != "-" && fs::is_directory(options.file, problem);
  const bool markdown = options.file.ends_with(".md") && !folder;
  std::unique_ptr<LineReader> lines;
  if (!folder && !markdown) {
    auto reader = LineReader::open(options.file);
    if (!reader) return report_error(reader.error());
    lines = std::move(*reader);
  }
  const auto store = Session::open_store(app);
  if (!store) return report_error(store.error());
  const std::string source = options.file == "-" ? "standard input" : app.redactor->redact(fs::path(options.file).filename().string());
  Importer importer(app, **store, *registry, source);
  Result<void> done;
  if (folder) {
    done = import_folder(importer, options.file);
  } else if (markdown) {
    const std::string name = fs::path(options.file).filename().string();
    done = importer.add(name, read_runbook(options.file, name));
    if (done) done = importer.flush();
  } else {
    done = import_lines(importer, *lines);
  }
  if (!done) return report_error(done.error());
  if (importer.cases + importer.runbooks > 0 && !options.no_vectors) make_vectors(app, **store);
  print_result(importer, options.json);
  return importer.rejected_count > 0 ? ExitStatus::some_bad : ExitStatus::ok;
}

}  // namespace mend

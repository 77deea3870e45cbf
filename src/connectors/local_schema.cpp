// Brings a SQLite table in line with the file that is to be loaded into it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>

#include "base/file.h"
#include "base/text.h"
#include "connectors/csv.h"
#include "connectors/local_handler.h"
#include "connectors/local_state.h"
#include "connectors/sqlite_alter.h"
#include "model/json.h"

namespace mend {
namespace {

constexpr std::size_t kSampleBytes = 8U << 20U;
constexpr std::size_t kSampleRows = 1000;

struct Head {
  std::string bytes;
  bool complete = false;
};

// The first part of a file that may be of any size.
Result<Head> read_head(const std::filesystem::path& path, std::size_t most) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return fail_errno("reading " + path.string(), errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno("reading " + path.string(), errno);
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::invalid_input, fmt::format("{} is not a regular file", path.string()));
  Head head;
  head.bytes.resize(std::min(std::size_t(status.st_size), most));
  std::size_t have = 0;
  while (have < head.bytes.size()) {
    const ssize_t count = ::read(file.get(), head.bytes.data() + have, head.bytes.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("reading " + path.string(), errno);
    if (count == 0) break;
    have += std::size_t(count);
  }
  head.bytes.resize(have);
  head.complete = std::size_t(status.st_size) <= most;
  return head;
}

bool usable(const DataTarget& target) {
  return target.kind == "sqlite" && !target.database.empty() && !target.table.empty() && !target.source.empty();
}

class SchemaHandler final : public CapabilityHandler {
 public:
  explicit SchemaHandler(const LocalConnectorSettings& settings) : settings_(settings) {}
  Capability capability() const override { return Capability::alter_schema; }
  bool offered(const JobSpec& job) const override { return std::ranges::any_of(job.targets, usable); }

  Result<std::vector<Step>> plan(const PlanRequest& request, CallContext& call) override {
    std::vector<Step> steps;
    std::vector<std::string> notes;
    for (const DataTarget* target : targets_meant(request)) {
      MEND_CHECK(call.check());
      auto step = plan_target(request.job, *target, call);
      if (!step) {
        // Names in a file's header are anybody's text.
        notes.push_back(settings_.redact(step.error().message));
      } else if (*step) {
        (*step)->ordinal = int(steps.size());
        steps.push_back(std::move(**step));
      }
    }
    if (!steps.empty()) return steps;
    if (notes.empty()) return fail(ErrorKind::not_found, "the table and the incoming file agree: there is nothing to change");
    return fail(ErrorKind::invalid_input, fmt::format("{}", fmt::join(notes, "; ")));
  }

  Result<std::string> capture(const JobSpec& job, const Step& step, CallContext& call) override {
    MEND_TRY(const Work work, work_of(job, step));
    MEND_TRY(SqliteDb db, SqliteDb::open(work.database, SqliteDb::Access::read_only, settings_.database_timeout, call));
    MEND_TRY(const TableImage image, capture_table(db, work.table, step.id.str()));
    if (image.schema.hash() != work.schema_hash)
      return fail(ErrorKind::conflict, fmt::format("table {} changed since the plan was made", work.table));
    return to_line(to_json(image));
  }

  Result<StepCheck> check(const JobSpec& job, const Step& step, CallContext& call) override {
    MEND_TRY(const Work work, work_of(job, step));
    MEND_TRY(const TableImage image, image_of(work, step));
    auto db = SqliteDb::open(work.database, SqliteDb::Access::read_only, settings_.database_timeout, call);
    if (!db && db.error().kind == ErrorKind::not_found) return StepCheck::changed;
    if (!db) return std::unexpected(db.error());
    MEND_TRY(const TableState state, table_state(*db, image, work.operations));
    switch (state) {
      case TableState::as_before: return StepCheck::not_applied;
      case TableState::as_after: return StepCheck::applied;
      case TableState::different: break;
    }
    return StepCheck::changed;
  }

  Result<std::string> apply(const JobSpec& job, const Step& step, CallContext& call) override {
    MEND_TRY(const Work work, work_of(job, step));
    MEND_TRY(const TableImage image, image_of(work, step));
    if (image.schema.hash() != work.schema_hash) return fail(ErrorKind::conflict, "what was captured is not what the plan was made for");
    MEND_TRY(SqliteDb db, SqliteDb::open(work.database, SqliteDb::Access::read_write, settings_.database_timeout, call));
    MEND_CHECK(apply_operations(db, image, work.operations));
    return settings_.redact(fmt::format("table {}: {}; {} rows compared equal before and after, kept in {}", work.table,
                                        describe(work.operations), image.rows, image.backup));
  }

  Result<std::string> undo(const JobSpec& job, const Step& step, CallContext& call) override {
    MEND_TRY(const Work work, work_of(job, step));
    MEND_TRY(const TableImage image, image_of(work, step));
    MEND_TRY(SqliteDb db, SqliteDb::open(work.database, SqliteDb::Access::read_write, settings_.database_timeout, call));
    MEND_CHECK(restore_table(db, image, work.operations));
    return fmt::format("table {} has its former schema and its {} rows of then", work.table, image.rows);
  }

 private:
  struct Work {
    std::filesystem::path database;
    std::string table;
    std::string schema_hash;
    std::vector<SchemaOperation> operations;
  };

  // Only a table that the job lists may be touched, whatever a step says.
  static Result<Work> work_of(const JobSpec& job, const Step& step) {
    MEND_TRY(const std::string database, parameter(step, "database"));
    MEND_TRY(const std::string table, parameter(step, "table"));
    if (std::ranges::none_of(
            job.targets, [&](const DataTarget& target) { return usable(target) && target.database == database && target.table == table; }))
      return fail(ErrorKind::permission, fmt::format("table {} of {} is not among the job's targets", table, database));
    Work work{.database = job_path(job, database), .table = table, .schema_hash = {}, .operations = {}};
    MEND_TRY(work.schema_hash, parameter(step, "schema_hash"));
    MEND_TRY(const std::string operations, parameter(step, "operations"));
    MEND_TRY(work.operations, operations_from_json(operations));
    return work;
  }
  static Result<TableImage> image_of(const Work& work, const Step& step) {
    MEND_TRY(const boost::json::object json, pre_image_of(step));
    MEND_TRY(TableImage image, table_image_from_json(json));
    if (!same_name(image.schema.name, work.table)) return fail(ErrorKind::corrupt, "the pre-image is of another table");
    return image;
  }

  static std::string describe(const std::vector<SchemaOperation>& operations) {
    std::vector<std::string> texts;
    for (const SchemaOperation& operation : operations) texts.push_back(operation.text());
    return fmt::format("{}", fmt::join(texts, ", "));
  }

  // The table that the diagnosis names, when it is one of the job's; else all.
  static std::vector<const DataTarget*> targets_meant(const PlanRequest& request) {
    std::vector<const DataTarget*> all, named;
    for (const DataTarget& target : request.job.targets) {
      if (!usable(target)) continue;
      all.push_back(&target);
      if (std::ranges::any_of(request.diagnosis.facts,
                              [&](const Fact& fact) { return fact.name == "table" && same_name(fact.value, target.table); }))
        named.push_back(&target);
    }
    return named.empty() ? all : named;
  }

  // Nothing when the target needs no change.
  Result<std::optional<Step>> plan_target(const JobSpec& job, const DataTarget& target, CallContext& call) const {
    MEND_TRY(const Head head, read_head(job_path(job, target.source), kSampleBytes));
    auto sample = read_csv(head.bytes, kSampleRows, head.complete);
    if (!sample) return std::unexpected(sample.error().in(target.source));
    MEND_TRY(SqliteDb db, SqliteDb::open(job_path(job, target.database), SqliteDb::Access::read_only, settings_.database_timeout, call));
    MEND_TRY(const TableSchema table, read_table(db, target.table));
    MEND_TRY(const auto operations, compare_schema(table, *sample));
    if (operations.empty()) return std::optional<Step>();
    MEND_CHECK(check_values_fit(db, table, operations));
    Step step;
    step.capability = Capability::alter_schema;
    step.parameters = {{"database", target.database},
                       {"table", target.table},
                       {"schema_hash", table.hash()},
                       {"operations", operations_to_json(operations)}};
    step.text =
        settings_.redact(fmt::format("table {} in {}: {}, as in {}", target.table, target.database, describe(operations), target.source));
    step.undo_text = fmt::format(
        "restore the schema and the rows of {} from a backup table in the same database; rows loaded in between disappear", target.table);
    step.risk = needs_rebuild(operations) || job.criticality == Criticality::high ? Risk::medium : Risk::low;
    step.reversible = true;
    return std::optional(std::move(step));
  }

  const LocalConnectorSettings& settings_;
};

}  // namespace

std::unique_ptr<CapabilityHandler> make_schema_handler(const LocalConnectorSettings& settings) {
  return std::make_unique<SchemaHandler>(settings);
}

}  // namespace mend

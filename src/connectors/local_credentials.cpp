// Runs the job's refresh command. The credential itself is never on a command line, in a log, in the journal or, unsealed,
// in the state folder; what the command prints is not kept.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "base/time_text.h"
#include "connectors/local_handler.h"
#include "connectors/local_state.h"
#include "model/json.h"
#include "runtime/process.h"

namespace mend {
namespace {

constexpr std::size_t kLargest = 4U << 20U;
constexpr std::size_t kShortestSecret = 6;  // shorter words of a credential file are not looked for in messages

std::string command_hash(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) text += fmt::format("{}:{};", word.size(), word);
  return blake2b_hex(text, 16);
}

// `line` without the words that stand in any of the credential files, whatever they look like.
std::string without_words_of(const std::vector<std::string>& files, std::string line) {
  constexpr std::string_view kBetween = " \t\r\n\"'=,;";
  for (const std::string& file : files) {
    for (std::size_t at = 0; at < file.size();) {
      const std::size_t begin = file.find_first_not_of(kBetween, at);
      if (begin == std::string::npos) break;
      const std::size_t end = std::min(file.find_first_of(kBetween, begin), file.size());
      const std::string word = file.substr(begin, end - begin);
      at = end;
      if (word.size() < kShortestSecret) continue;
      constexpr std::string_view kInstead = "[redacted:credential]";
      for (std::size_t found = line.find(word); found != std::string::npos; found = line.find(word, found + kInstead.size()))
        line.replace(found, word.size(), kInstead);
    }
  }
  return line;
}

class CredentialsHandler final : public CapabilityHandler {
 public:
  explicit CredentialsHandler(const LocalConnectorSettings& settings) : settings_(settings) {}
  Capability capability() const override { return Capability::refresh_credentials; }
  bool offered(const JobSpec& job) const override {
    return job.credentials && !job.credentials->refresh_command.empty() && settings_.sealer != nullptr;
  }

  Result<std::vector<Step>> plan(const PlanRequest& request, CallContext&) override {
    const Credentials& credentials = *request.job.credentials;
    for (const std::string& file : credentials.files) {
      const auto now = read_regular_file(job_path(request.job, file), kLargest);
      if (!now && now.error().kind != ErrorKind::not_found) return std::unexpected(now.error());
    }
    Step step;
    step.capability = Capability::refresh_credentials;
    step.parameters = {{"command_hash", command_hash(credentials.refresh_command)}, {"files", files_text(credentials)}};
    step.text = settings_.redact(fmt::format("run the job's refresh command ({})", credentials.refresh_command.front()));
    if (!credentials.files.empty()) step.text += fmt::format(", which writes {}", fmt::join(credentials.files, ", "));
    // Without a list of files there is nothing that could be put back.
    step.reversible = !credentials.files.empty();
    step.undo_text = step.reversible ? fmt::format("put back {} from sealed copies", fmt::join(credentials.files, ", ")) : "";
    step.risk = step.reversible ? Risk::low : Risk::high;
    return std::vector{std::move(step)};
  }

  Result<std::string> capture(const JobSpec& job, const Step& step, CallContext&) override {
    MEND_TRY(const Credentials credentials, credentials_of(job, step));
    const JobState state(settings_, job);
    boost::json::array files;
    for (std::size_t i = 0; i < credentials.files.size(); ++i) {
      boost::json::object file;
      file["path"] = credentials.files[i];
      const auto now = read_regular_file(job_path(job, credentials.files[i]), kLargest);
      if (now) {
        const std::filesystem::path copy = copy_path(state, step, i);
        MEND_CHECK(state.write_sealed(copy, now->bytes));
        file["copy"] = copy.string();
        file["mode"] = now->mode;
        file["owner"] = now->owner;
        file["group"] = now->group;
      } else if (now.error().kind == ErrorKind::not_found) {
        file["copy"] = nullptr;
      } else {
        return std::unexpected(now.error());
      }
      files.push_back(std::move(file));
    }
    boost::json::object image;
    image["files"] = std::move(files);
    return to_line(image);
  }

  Result<StepCheck> check(const JobSpec& job, const Step& step, CallContext&) override {
    const JobState state(settings_, job);
    MEND_TRY(const auto files, read_files(state, job, step));
    MEND_TRY(const auto record, read_record(state, step));
    if (files.empty()) return record ? StepCheck::applied : StepCheck::not_applied;
    if (std::ranges::all_of(files, [](const File& file) { return file.now == file.before; })) return StepCheck::not_applied;
    if (!record) return StepCheck::changed;
    // Interrupted while the command ran: what differs is the command's work.
    if (record->empty()) return StepCheck::applied;
    return hashes(files) == *record ? StepCheck::applied : StepCheck::changed;
  }

  Result<std::string> apply(const JobSpec& job, const Step& step, CallContext& call) override {
    MEND_TRY(const Credentials credentials, credentials_of(job, step));
    const JobState state(settings_, job);
    MEND_TRY(const auto before, read_files(state, job, step));
    if (!std::ranges::all_of(before, [](const File& file) { return file.now == file.before; }))
      return fail(ErrorKind::conflict, "a credential file changed since it was captured: left alone");
    // The record tells a later check that the command was started; its content, added afterwards, what it led to.
    MEND_CHECK(state.write_sealed(record_path(state, step), to_line(boost::json::array{})));

    ProcessSpec spec;
    spec.argv = credentials.refresh_command;
    spec.folder = job.folder;
    spec.env = job.env;
    spec.env["MENDLINE_JOB"] = job.id.str();
    spec.timeout = settings_.refresh_timeout;
    spec.output = ProcessOutput::capture;
    const auto result = run_process(spec, call);
    MEND_TRY(const auto after, read_files(state, job, step));
    if (!after.empty()) MEND_CHECK(state.write_sealed(record_path(state, step), record_text(hashes(after))));
    if (!result) return std::unexpected(result.error().in("the refresh command"));
    if (result->exit_code != 0) return fail_command(*result, after);
    if (!after.empty() && std::ranges::all_of(after, [](const File& file) { return file.now == file.before; }))
      return fail(ErrorKind::unavailable, "the refresh command succeeded but changed none of the credential files");
    const auto changed = std::ranges::count_if(after, [](const File& file) { return file.now != file.before; });
    if (after.empty()) return fmt::format("the refresh command succeeded in {}", format_duration(result->wall_time));
    return fmt::format("the refresh command succeeded in {}; {} of {} credential files are new", format_duration(result->wall_time),
                       changed, after.size());
  }

  Result<std::string> undo(const JobSpec& job, const Step& step, CallContext&) override {
    const JobState state(settings_, job);
    MEND_TRY(const auto files, read_files(state, job, step));
    MEND_TRY(const auto record, read_record(state, step));
    std::vector<std::string> left;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const File& file = files[i];
      if (file.now == file.before) continue;
      const bool ours = record && (record->empty() || (i < record->size() && (*record)[i] == hash_of(file.now)));
      if (!ours) {
        left.push_back(file.path);
        continue;
      }
      if (file.before) {
        MEND_CHECK(replace_file(job_path(job, file.path), *file.before, file.like));
      } else if (const auto path = job_path(job, file.path); ::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return fail_errno("removing " + path.string(), errno);
      }
    }
    if (!left.empty())
      return fail(ErrorKind::conflict, fmt::format("changed by somebody else meanwhile and left alone: {}", fmt::join(left, ", ")));
    return fmt::format("the credential files are as they were before");
  }

 private:
  struct File {
    std::string path;
    FileState like;                          // mode and owner at capture
    std::optional<std::string> before, now;  // nothing: not there
  };
  using Record = std::vector<std::string>;  // a hash a file, sealed; empty while the command runs

  static std::string files_text(const Credentials& credentials) { return fmt::format("{}", fmt::join(credentials.files, "\n")); }
  static std::filesystem::path copy_path(const JobState& state, const Step& step, std::size_t index) {
    return state.undo_copy(step, fmt::format("credential{}", index));
  }
  static std::filesystem::path record_path(const JobState& state, const Step& step) { return state.undo_copy(step, "refresh"); }

  static Result<Credentials> credentials_of(const JobSpec& job, const Step& step) {
    MEND_TRY(const std::string hash, parameter(step, "command_hash"));
    MEND_TRY(const std::string files, parameter(step, "files"));
    if (!job.credentials || command_hash(job.credentials->refresh_command) != hash || files_text(*job.credentials) != files)
      return fail(ErrorKind::conflict, "the job's credentials were configured anew since the plan was made");
    return *job.credentials;
  }

  // Every file as it was captured and as it is now. The pre-image may only name the files that the job lists.
  static Result<std::vector<File>> read_files(const JobState& state, const JobSpec& job, const Step& step) {
    MEND_TRY(const boost::json::object image, pre_image_of(step));
    const boost::json::value* list = image.if_contains("files");
    if (list == nullptr || !list->is_array()) return fail(ErrorKind::corrupt, "the pre-image lacks the files");
    std::vector<File> files;
    for (const boost::json::value& value : list->as_array()) {
      if (!value.is_object()) return fail(ErrorKind::corrupt, "the pre-image lacks a file");
      const boost::json::object& object = value.as_object();
      File file;
      MEND_TRY(file.path, text_in(object, "path"));
      if (!job.credentials || std::ranges::find(job.credentials->files, file.path) == job.credentials->files.end())
        return fail(ErrorKind::permission, fmt::format("{} is not among the job's credential files", file.path));
      const boost::json::value* copy = object.if_contains("copy");
      if (copy != nullptr && copy->is_string()) {
        if (copy_path(state, step, files.size()).string() != std::string_view(copy->as_string()))
          return fail(ErrorKind::corrupt, "the pre-image names a copy that is not this step's");
        MEND_TRY(file.before, state.read_sealed(copy_path(state, step, files.size())));
        const auto number = [&](const char* name) {
          const boost::json::value* found = object.if_contains(name);
          boost::system::error_code error;
          return found == nullptr ? 0U : found->to_number<std::uint32_t>(error);
        };
        file.like.mode = number("mode");
        file.like.owner = number("owner");
        file.like.group = number("group");
      }
      auto now = read_regular_file(job_path(job, file.path), kLargest);
      if (now) {
        file.now = std::move(now->bytes);
      } else if (now.error().kind != ErrorKind::not_found) {
        return std::unexpected(now.error());
      }
      files.push_back(std::move(file));
    }
    return files;
  }

  static std::string hash_of(const std::optional<std::string>& content) { return content ? blake2b_hex(*content, 16) : "absent"; }
  static Record hashes(const std::vector<File>& files) {
    Record record;
    for (const File& file : files) record.push_back(hash_of(file.now));
    return record;
  }
  static std::string record_text(const Record& record) {
    boost::json::array array;
    for (const std::string& hash : record) array.emplace_back(hash);
    return to_line(array);
  }
  static Result<std::optional<Record>> read_record(const JobState& state, const Step& step) {
    MEND_TRY(const auto text, state.read_sealed_if_there(record_path(state, step)));
    if (!text) return std::optional<Record>();
    MEND_TRY(const boost::json::value json, parse_json(*text));
    Record record;
    if (!json.is_array()) return fail(ErrorKind::corrupt, "the record of the refresh is damaged");
    for (const boost::json::value& hash : json.as_array()) record.push_back(hash.is_string() ? std::string(hash.as_string()) : "");
    return std::optional(std::move(record));
  }

  std::unexpected<Error> fail_command(const ProcessResult& result, const std::vector<File>& files) const {
    if (result.timed_out)
      return fail(ErrorKind::timed_out,
                  fmt::format("the refresh command did not end within {}", format_duration(settings_.refresh_timeout)));
    if (result.stopped) return fail(ErrorKind::cancelled, "the refresh command was stopped");
    std::vector<std::string> contents;
    for (const File& file : files) {
      if (file.before) contents.push_back(*file.before);
      if (file.now) contents.push_back(*file.now);
    }
    const std::string printed = to_valid_utf8(trim(result.err_tail).empty() ? result.out_tail : result.err_tail);
    const auto lines = split_lines(trim(printed));
    const std::string last =
        lines.empty() ? "" : settings_.redact(without_words_of(contents, std::string(cut_utf8(trim(lines.back()), 500))));
    const std::string how = result.signal ? fmt::format("was killed by signal {}", *result.signal)
                                          : fmt::format("exited with {}", result.exit_code.value_or(-1));
    return fail(ErrorKind::unavailable,
                last.empty() ? fmt::format("the refresh command {}", how) : fmt::format("the refresh command {}: {}", how, last));
  }

  const LocalConnectorSettings& settings_;
};

}  // namespace

std::unique_ptr<CapabilityHandler> make_credentials_handler(const LocalConnectorSettings& settings) {
  return std::make_unique<CredentialsHandler>(settings);
}

}  // namespace mend

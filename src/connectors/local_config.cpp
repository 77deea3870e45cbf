// Sets a configuration file back, one key or a few lines, to what it was at the job's last success.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/text.h"
#include "connectors/config_edit.h"
#include "connectors/local_handler.h"
#include "connectors/local_state.h"
#include "model/json.h"

namespace mend {
namespace {

constexpr std::size_t kLargest = 1U << 20U;
constexpr std::size_t kSmallDiff = 3;     // lines that may be put back as a whole
constexpr std::size_t kShortestWord = 3;  // shorter names and values stand in a text by chance

// One thing that could be set back.
struct Candidate {
  std::string file;  // as the job names it
  bool whole_file = false;
  std::vector<std::string> keys;  // one for a key, all that are gone or new for a file
  std::string now_value;          // of a key
  std::string describe() const {
    return whole_file ? (keys.empty() ? fmt::format("the lines of {}", file) : fmt::format("{} in {}", fmt::join(keys, ", "), file))
                      : fmt::format("{} in {}", keys.front(), file);
  }
};

struct FilePair {
  std::string file;
  std::optional<ConfigFormat> format;
  std::string now, good;
};

bool word_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// Whether `word` stands in `text` as a word of its own; both in lower case.
bool mentions(std::string_view text, std::string_view word) {
  if (word.size() < kShortestWord) return false;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !word_byte(word.front()) || !word_byte(text[at - 1]);
    const std::size_t after = at + word.size();
    const bool ends = after == text.size() || !word_byte(word.back()) || !word_byte(text[after]);
    if (begins && ends) return true;
  }
  return false;
}

// A value as a person would see it in a message: without a YAML tag and without quotes.
std::string plain_value(std::string_view value, ConfigFormat format) {
  if (format == ConfigFormat::yaml) {
    const auto blank = value.find(' ');
    value = blank == std::string_view::npos ? value : value.substr(blank + 1);
  }
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
    value = value.substr(1, value.size() - 2);
  return std::string(value);
}

bool looks_secret(std::string_view key) {
  constexpr std::array kWords = {"password", "passwd", "pwd",     "passphrase", "secret", "token", "credential",
                                 "private",  "apikey", "api_key", "access_key", "auth",   "dsn"};
  const std::string lower = lower_ascii(key);
  return std::ranges::any_of(kWords, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

class ConfigHandler final : public CapabilityHandler {
 public:
  explicit ConfigHandler(const LocalConnectorSettings& settings) : settings_(settings) {}
  Capability capability() const override { return Capability::set_config; }
  bool offered(const JobSpec& job) const override { return !job.config_files.empty() && settings_.sealer != nullptr; }

  Result<std::vector<Step>> plan(const PlanRequest& request, CallContext& call) override {
    const JobSpec& job = request.job;
    const JobState state(settings_, job);
    std::vector<Candidate> candidates;
    std::vector<FilePair> pairs;
    std::vector<std::string> notes;  // why a file gave nothing
    for (const std::string& file : job.config_files) {
      MEND_CHECK(call.check());
      MEND_TRY(const auto good, state.read_sealed_if_there(state.good_copy(job_path(job, file))));
      if (!good) {
        notes.push_back(fmt::format("no last known good copy of {} yet: the job has not succeeded since it was configured", file));
        continue;
      }
      auto now = read_regular_file(job_path(job, file), kLargest);
      if (!now) {
        notes.push_back(now.error().message);
        continue;
      }
      if (now->bytes == *good) continue;
      pairs.push_back({file, config_format_of(file), std::move(now->bytes), *good});
      find_candidates(pairs.back(), candidates, notes);
    }
    if (candidates.empty()) {
      if (notes.empty()) return fail(ErrorKind::not_found, "every configuration file is as it was at the job's last success");
      return fail(ErrorKind::invalid_input, fmt::format("{}", fmt::join(notes, "; ")));
    }
    MEND_TRY(const Candidate chosen, choose(candidates, pairs, request));
    const auto pair = std::ranges::find(pairs, chosen.file, &FilePair::file);
    MEND_TRY(Step step, make_step(chosen, *pair, job));
    return std::vector{std::move(step)};
  }

  Result<std::string> capture(const JobSpec& job, const Step& step, CallContext&) override {
    MEND_TRY(const Target target, target_of(job, step));
    MEND_TRY(const FileState now, read_regular_file(target.path, kLargest));
    if (blake2b_hex(now.bytes, 16) != target.before)
      return fail(ErrorKind::conflict, fmt::format("{} changed since the plan was made", target.file));
    const JobState state(settings_, job);
    const std::filesystem::path copy = state.undo_copy(step, "config");
    MEND_CHECK(state.write_sealed(copy, now.bytes));
    boost::json::object image;
    image["file"] = target.path.string();
    image["hash"] = target.before;
    image["result_hash"] = target.after;
    image["copy"] = copy.string();
    return to_line(image);
  }

  Result<StepCheck> check(const JobSpec& job, const Step& step, CallContext&) override {
    MEND_CHECK(pre_image_of(step));
    MEND_TRY(const Target target, target_of(job, step));
    const auto now = read_regular_file(target.path, kLargest);
    if (!now) {
      // Gone, or a link now: somebody changed it.
      if (now.error().kind == ErrorKind::not_found || now.error().kind == ErrorKind::invalid_input ||
          now.error().kind == ErrorKind::exhausted)
        return StepCheck::changed;
      return std::unexpected(now.error());
    }
    const std::string hash = blake2b_hex(now->bytes, 16);
    if (hash == target.before) return StepCheck::not_applied;
    return hash == target.after ? StepCheck::applied : StepCheck::changed;
  }

  Result<std::string> apply(const JobSpec& job, const Step& step, CallContext&) override {
    MEND_TRY(const Target target, target_of(job, step));
    const JobState state(settings_, job);
    MEND_TRY(const std::string copy, copy_of(state, step));
    MEND_TRY(const std::string good, state.read_sealed(state.good_copy(target.path)));
    MEND_TRY(const std::string good_hash, parameter(step, "good_value_hash"));
    if (blake2b_hex(good, 16) != good_hash) return fail(ErrorKind::conflict, "the last known good copy changed since the plan was made");
    MEND_TRY(const FileState now, read_regular_file(target.path, kLargest));
    if (blake2b_hex(now.bytes, 16) != target.before || now.bytes != copy)
      return fail(ErrorKind::conflict, fmt::format("{} changed since it was captured: left alone", target.file));
    MEND_TRY(const std::string result, result_of(step, now.bytes, good));
    if (blake2b_hex(result, 16) != target.after) return fail(ErrorKind::internal, "the edit came out different from the plan's");
    MEND_CHECK(replace_file(target.path, result, now));
    return fmt::format("set {} back to its last known good {}", target.what, target.whole_file ? "lines" : "value");
  }

  Result<std::string> undo(const JobSpec& job, const Step& step, CallContext&) override {
    MEND_TRY(const Target target, target_of(job, step));
    MEND_TRY(const std::string copy, copy_of(JobState(settings_, job), step));
    if (blake2b_hex(copy, 16) != target.before) return fail(ErrorKind::corrupt, "the kept copy is not what was captured");
    MEND_TRY(const FileState now, read_regular_file(target.path, kLargest));
    const std::string hash = blake2b_hex(now.bytes, 16);
    const std::string done = fmt::format("{} is as it was before", target.file);
    if (hash == target.before) return done;
    if (hash != target.after)
      return fail(ErrorKind::conflict, fmt::format("{} was changed by somebody else meanwhile: left alone", target.file));
    MEND_CHECK(replace_file(target.path, copy, now));
    return done;
  }

 private:
  struct Target {
    std::string file, what;
    std::filesystem::path path;
    std::string before, after;  // hashes
    bool whole_file = false;
  };

  // Only a file that the job lists may be touched, whatever a step says.
  static Result<Target> target_of(const JobSpec& job, const Step& step) {
    Target target;
    MEND_TRY(target.file, parameter(step, "file"));
    if (std::ranges::find(job.config_files, target.file) == job.config_files.end())
      return fail(ErrorKind::permission, fmt::format("{} is not among the job's config_files", target.file));
    MEND_TRY(const std::string mode, parameter(step, "mode"));
    MEND_TRY(const std::string key, parameter(step, "key"));
    target.whole_file = mode == "file";
    target.what = target.whole_file ? target.file : fmt::format("{} in {}", key, target.file);
    target.path = job_path(job, target.file);
    MEND_TRY(target.before, parameter(step, "expected_hash"));
    MEND_TRY(target.after, parameter(step, "result_hash"));
    return target;
  }

  static Result<std::string> copy_of(const JobState& state, const Step& step) {
    MEND_TRY(const boost::json::object image, pre_image_of(step));
    MEND_TRY(const std::string copy, text_in(image, "copy"));
    if (copy != state.undo_copy(step, "config").string())
      return fail(ErrorKind::corrupt, "the pre-image names a copy that is not this step's");
    return state.read_sealed(copy);
  }

  static Result<std::string> result_of(const Step& step, const std::string& now, const std::string& good) {
    MEND_TRY(const std::string mode, parameter(step, "mode"));
    if (mode == "file") return good;
    MEND_TRY(const std::string key, parameter(step, "key"));
    MEND_TRY(const std::string format_name, parameter(step, "format"));
    const auto format = parse_config_format(format_name);
    if (mode != "key" || !format) return fail(ErrorKind::invalid_input, "the step's mode or format is unknown");
    return set_back_key(*format, now, good, key);
  }

  static void find_candidates(const FilePair& pair, std::vector<Candidate>& candidates, std::vector<std::string>& notes) {
    const bool small = changed_lines(pair.now, pair.good) <= kSmallDiff;
    const auto offer_file = [&](std::vector<std::string> keys, const std::string& why) {
      if (small) {
        candidates.push_back({.file = pair.file, .whole_file = true, .keys = std::move(keys), .now_value = {}});
      } else {
        notes.push_back(fmt::format("{}: {}, and more than {} lines differ from the last known good copy", pair.file, why, kSmallDiff));
      }
    };
    if (!pair.format) return offer_file({}, "the format is not known");
    const auto good = parse_config(*pair.format, pair.good);
    if (!good) return offer_file({}, "the last known good copy cannot be read (" + good.error().message + ")");
    const auto now = parse_config(*pair.format, pair.now);
    if (!now) return offer_file({}, now.error().message);
    const ConfigDiff diff = compare_config(*now, *good);
    for (const std::string& key : diff.changed) {
      const auto entry = std::ranges::find(*now, key, &ConfigEntry::key);
      candidates.push_back({.file = pair.file, .whole_file = false, .keys = {key}, .now_value = plain_value(entry->value, *pair.format)});
    }
    if (!diff.removed.empty() || !diff.added.empty()) {
      std::vector<std::string> keys = diff.removed;
      keys.insert(keys.end(), diff.added.begin(), diff.added.end());
      offer_file(keys, fmt::format("{} came or went", fmt::join(std::span(keys).first(std::min<std::size_t>(keys.size(), 5)), ", ")));
    }
    if (diff.empty()) notes.push_back(fmt::format("{} differs from its last known good copy in comments or layout only", pair.file));
  }

  static bool named_by(const Candidate& candidate, std::string_view name) {
    const std::string wanted = lower_ascii(trim(name));
    if (wanted.empty()) return false;
    return std::ranges::any_of(candidate.keys,
                               [&](const std::string& key) { return lower_ascii(key) == wanted || lower_ascii(last_part(key)) == wanted; });
  }

  static Result<Candidate> choose(const std::vector<Candidate>& candidates, const std::vector<FilePair>& pairs,
                                  const PlanRequest& request) {
    const std::string text = lower_ascii(request.error_text);
    const auto by_fact = [&](const Candidate& candidate) {
      return std::ranges::any_of(request.diagnosis.facts, [&](const Fact& fact) {
        return (fact.name == "setting" || fact.name == "key") && named_by(candidate, fact.value);
      });
    };
    const auto by_name = [&](const Candidate& candidate) {
      return std::ranges::any_of(candidate.keys, [&](const std::string& key) {
        return mentions(text, lower_ascii(last_part(key))) || mentions(text, lower_ascii(key));
      });
    };
    const auto by_value = [&](const Candidate& candidate) {
      return !candidate.whole_file &&
             (mentions(text, lower_ascii(candidate.now_value)) || std::ranges::any_of(request.diagnosis.facts, [&](const Fact& fact) {
                return fact.name == "value" && !candidate.now_value.empty() && fact.value == candidate.now_value;
              }));
    };
    const auto only = [&](const auto& matches) {
      std::vector<const Candidate*> found;
      for (const Candidate& candidate : candidates)
        if (matches(candidate)) found.push_back(&candidate);
      return found;
    };
    // The first way of telling that singles anything out decides.
    for (const auto& found : {only(by_fact), only(by_name), only(by_value), only([](const Candidate&) { return true; })}) {
      if (found.size() == 1) return with_fallback(*found.front(), pairs);
      if (found.size() > 1) {
        std::vector<std::string> names;
        for (const Candidate* candidate : found) names.push_back(candidate->describe());
        if (names.size() > 10) names.resize(10), names.emplace_back("...");
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} changed since the job's last success and nothing says which of them is at fault: {}", found.size(),
                                fmt::join(names, "; ")));
      }
    }
    return fail(ErrorKind::internal, "no candidate");
  }

  // A key that cannot be set back alone (it shares its line): the whole file when that is a small change too.
  static Result<Candidate> with_fallback(Candidate chosen, const std::vector<FilePair>& pairs) {
    if (chosen.whole_file) return chosen;
    const auto pair = std::ranges::find(pairs, chosen.file, &FilePair::file);
    const auto edited = set_back_key(*pair->format, pair->now, pair->good, chosen.keys.front());
    if (edited) return chosen;
    if (changed_lines(pair->now, pair->good) > kSmallDiff) return std::unexpected(edited.error());
    chosen.whole_file = true;
    return chosen;
  }

  Result<Step> make_step(const Candidate& chosen, const FilePair& pair, const JobSpec& job) const {
    Step step;
    step.capability = Capability::set_config;
    step.parameters = {{"file", pair.file},
                       {"key", chosen.whole_file ? "" : chosen.keys.front()},
                       {"format", pair.format ? std::string(to_string(*pair.format)) : "unknown"},
                       {"mode", chosen.whole_file ? "file" : "key"},
                       {"expected_hash", blake2b_hex(pair.now, 16)},
                       {"good_value_hash", blake2b_hex(pair.good, 16)}};
    MEND_TRY(const std::string result, result_of(step, pair.now, pair.good));
    step.parameters["result_hash"] = blake2b_hex(result, 16);
    step.text = settings_.redact(chosen.whole_file ? fmt::format("put {} back to its last known good content\n{}", pair.file,
                                                                 shown_diff(pair.now, result, chosen.keys))
                                                   : fmt::format("set {} in {} back to its last known good value\n{}", chosen.keys.front(),
                                                                 pair.file, shown_diff(pair.now, result, chosen.keys)));
    step.undo_text = fmt::format("put the bytes of {} back as they are now", pair.file);
    step.risk = job.criticality == Criticality::high ? Risk::medium : Risk::low;
    step.reversible = true;
    return step;
  }

  static std::string shown_diff(std::string_view now, std::string_view result, const std::vector<std::string>& keys) {
    if (std::ranges::any_of(keys, looks_secret)) return "(the values are not shown: they may be secret)";
    return line_diff(now, result, 2 * kSmallDiff);
  }

  const LocalConnectorSettings& settings_;
};

}  // namespace

std::unique_ptr<CapabilityHandler> make_config_handler(const LocalConnectorSettings& settings) {
  return std::make_unique<ConfigHandler>(settings);
}

Result<void> remember_good_config(const LocalConnectorSettings& settings, const JobSpec& job, CallContext& call) {
  const JobState state(settings, job);
  for (const std::string& file : job.config_files) {
    const std::filesystem::path path = job_path(job, file);
    const auto now = read_regular_file(path, kLargest);
    if (!now) {
      call.log().warning("job {}: {} is not kept as last known good: {}", job.id.str(), file, now.error().message);
      continue;
    }
    const std::filesystem::path copy = state.good_copy(path);
    // Sealing gives other bytes every time: only write when the content is another one.
    const auto before = state.read_sealed(copy);
    if (before && *before == now->bytes) continue;
    MEND_CHECK(state.write_sealed(copy, now->bytes));
  }
  return {};
}

}  // namespace mend

#include "main/job_secrets.h"

#include <algorithm>
#include <fmt/format.h>

namespace mend {
namespace {

constexpr std::size_t kWordsBefore = 8;  // that can name a secret: "curl -s -u name:password"

std::vector<std::string> clean_words(const std::vector<std::string>& words, const Redactor& redactor) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = redactor.redact(words[i]);
    std::string before;
    for (std::size_t j = i > kWordsBefore ? i - kWordsBefore : 0; j < i; ++j) before += words[j] + " ";
    const std::string clean_before = redactor.redact(before), both = redactor.redact(before + words[i]);
    if (both.starts_with(clean_before)) {
      if (const std::string rest = both.substr(clean_before.size()); rest != words[i]) word = redactor.redact(rest);
    }
    out.push_back(std::move(word));
  }
  return out;
}

}  // namespace

JobSpec without_secrets(const JobSpec& job, const Redactor& redactor) {
  JobSpec out = job;
  out.command = clean_words(job.command, redactor);
  for (auto& [name, value] : out.env) {
    const std::string pair = redactor.redact(name + "=" + value);
    value = pair.starts_with(name + "=") ? pair.substr(name.size() + 1) : pair;
  }
  if (out.credentials) out.credentials->refresh_command = clean_words(out.credentials->refresh_command, redactor);
  return out;
}

Result<void> check_job_name(const JobId& job, const Redactor& redactor) {
  if (const std::string clean = redactor.redact(job.str()); clean != job.str())
    return fail(ErrorKind::invalid_input, fmt::format("the job's name holds a secret or a personal datum ({}); a name is shown and stored "
                                                      "everywhere: choose another one", clean));
  return {};
}

Result<void> check_job_names(const JobsFile& file, const Redactor& redactor) {
  for (const JobSpec& job : file.jobs)
    if (auto fine = check_job_name(job.id, redactor); !fine)
      return fail(ErrorKind::invalid_input, fmt::format("{}: {}", file.path.string(), fine.error().message));
  return {};
}

Result<JobsFile> load_jobs_file(AppContext& app, const std::filesystem::path& path) {
  auto file = load_jobs_file(path);
  if (file) return file;
  MEND_CHECK(app.load_redactor());
  Error error = std::move(file.error());
  error.message = app.redactor->redact(error.message);
  return std::unexpected(std::move(error));
}

}  // namespace mend

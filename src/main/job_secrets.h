// A job's secrets stay in its jobs file: what of it is stored, shown or quoted in an error is redacted here.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "main/app_context.h"
#include "main/jobs_file.h"
#include "model/job.h"
#include "redact/redactor.h"

namespace mend {

// What may be stored and shown of a job. Values are judged together with what names them: a variable's with its name, a word of a
// command with the words before it ("--password" "x").
JobSpec without_secrets(const JobSpec& job, const Redactor& redactor);

// A job's name stands everywhere, so it may hold no secret: invalid_input.
Result<void> check_job_name(const JobId& job, const Redactor& redactor);
Result<void> check_job_names(const JobsFile& file, const Redactor& redactor);

// As load_jobs_file, but what an error quotes of the file is redacted.
Result<JobsFile> load_jobs_file(AppContext& app, const std::filesystem::path& path);

}  // namespace mend

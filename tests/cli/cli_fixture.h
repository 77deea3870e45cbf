// A folder with a home of its own, in which the real program is run.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "support/run_binary.h"
#include "support/temp_folder.h"

namespace mend {

using ::testing::HasSubstr;
using ::testing::Not;

class Cli : public ::testing::Test {
 protected:
  std::filesystem::path folder() const { return folder_.path(); }
  std::filesystem::path home() const { return folder() / "home"; }

  std::map<std::string, std::string> environment() const {
    return {{"MENDLINE_HOME", home().string()}, {"MENDLINE_USER", "ada"},         {"MENDLINE_KEY", ""},
            {"MENDLINE_KEY_COMMAND", ""},       {"MENDLINE_FAIL_POINTS", ""},     {"MENDLINE_DATA", ""}};
  }
  std::unique_ptr<BinaryChild> start(std::vector<std::string> arguments, const std::string& input = {}) const {
    return std::make_unique<BinaryChild>(mendline_program(), std::move(arguments), folder(), environment(), input);
  }
  Ran run(std::vector<std::string> arguments, const std::string& input = {}) const { return start(std::move(arguments), input)->wait(); }

  // The JSON that a command prints; it must end with `status`.
  boost::json::value json(std::vector<std::string> arguments, int status = 0) const {
    const Ran ran = run(std::move(arguments));
    EXPECT_EQ(ran.status, status) << ran.err;
    boost::system::error_code problem;
    auto value = boost::json::parse(ran.out, problem);
    EXPECT_FALSE(problem) << ran.out << ran.err;
    return value;
  }
  static std::string text(const boost::json::value& value, std::string_view key) {
    const auto* const found = value.is_object() ? value.get_object().if_contains(key) : nullptr;
    return found && found->is_string() ? std::string(found->get_string()) : "(no " + std::string(key) + ")";
  }

  // A job that fails by the network until the file "up" is there, and one whose settings can be broken.
  void write_jobs(const std::string& mode = "assist") const {
    write_text(folder() / "fetch.sh",
               "if [ -e up ]; then echo fetched; exit 0; fi\n"
               "echo 'fetch.sh: could not connect to warehouse.example.org port 5432: Connection timed out' >&2\nexit 1\n");
    write_text(
        folder() / "load.sh",
        "value=$(sed -n 's/^batch_size = //p' settings.ini)\n"
        "case $value in *[!0-9]*) echo \"load.sh: configuration error: settings.ini: invalid value '$value' for setting 'batch_size' in "
        "section [load]: expected a positive whole number\" >&2; exit 1;; esac\necho loaded\n");
    write_text(folder() / "settings.ini", kGoodSettings);
    write_text(folder() / "mendline.yaml",
               "version: 1\nmode: " + mode +
                   "\njobs:\n"
                   "  fetch:\n    command: [sh, fetch.sh]\n    retry_delay: 10ms\n    max_retries: 1\n"
                   "  load:\n    command: [sh, load.sh]\n    retry_delay: 10ms\n    config_files: [settings.ini]\n");
  }
  Ran run_job(const std::string& job) const { return run({"run", "--config", "mendline.yaml", "--job", job}); }

  // Runs the job, which fails, and gives its newest incident.
  std::string failed_incident(const std::string& job) const {
    EXPECT_NE(run_job(job).status, 0);
    const auto incidents = json({"incidents", "--job", job, "--json"});
    if (!incidents.is_array() || incidents.get_array().empty()) {
      ADD_FAILURE() << "no incident of " << job;
      return "none";
    }
    return text(incidents.get_array().front(), "id");
  }
  std::string state_of(const std::string& incident) const { return text(json({"show", incident, "--json"}).at("incident"), "state"); }
  // How often an action stands in the incident's audit.
  int audited(const std::string& incident, std::string_view action, std::string_view actor) const {
    int count = 0;
    const auto records = json({"audit", "--incident", incident, "--limit", "1000", "--json"});
    for (const auto& record : records.as_array()) count += text(record, "action") == action && text(record, "actor") == actor;
    return count;
  }

  static constexpr const char* kGoodSettings = "[load]\nbatch_size = 500\n";
  static constexpr const char* kBrokenSettings = "[load]\nbatch_size = 5O0\n";

 private:
  ScratchFolder folder_;
};

}  // namespace mend

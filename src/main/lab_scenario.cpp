#include "main/lab_scenario.h"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "main/yaml_reader.h"
#include "model/incident.h"
#include "runtime/process.h"

namespace mend {
namespace {

namespace fs = std::filesystem;

Result<int> free_port() {
  const FileHandle probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (!probe.valid() || ::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return fail_errno("finding a free port on loopback", errno);
  return int(ntohs(address.sin_port));
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
  return text;
}

Result<LabScenario> load_scenario(const fs::path& folder) {
  const fs::path file = folder / "scenario.yaml";
  MEND_TRY(const std::string text, read_file(file));
  MEND_TRY(const YAML::Node root, load_yaml(text, file.string()));
  YamlProblems problems(file.string());
  const YamlMap map(root, "the scenario", {"title", "story", "expected", "strategy", "error_type", "order", "good_run_first"}, problems);
  LabScenario out;
  out.folder = folder;
  out.name = folder.filename().string();
  if (map.valid()) {
    out.title = map.text("title").value_or("");
    out.story = map.text("story").value_or("");
    out.expected = map.text("expected").value_or("");
    out.strategy = map.text("strategy").value_or("");
    out.error_type = map.text("error_type").value_or("");
    out.order = int(map.integer("order", 0, 1000).value_or(1000));
    out.good_run_first = map.text("good_run_first").value_or("false") == "true";
    if (!parse_incident_state(out.expected)) map.problem("expected", "is an incident's state: healed, escalated or awaiting_approval");
  }
  if (problems.any()) return fail(ErrorKind::invalid_input, problems.text());
  return out;
}

}  // namespace

Result<std::vector<LabScenario>> load_scenarios(const fs::path& folder) {
  std::error_code problem;
  std::vector<LabScenario> out;
  for (const auto& entry : fs::directory_iterator(folder, problem))
    if (entry.is_directory() && fs::exists(entry.path() / "scenario.yaml")) {
      MEND_TRY(LabScenario scenario, load_scenario(entry.path()));
      out.push_back(std::move(scenario));
    }
  if (problem) return fail(ErrorKind::not_found, fmt::format("the lab's folder {}: {}", folder.string(), problem.message()));
  if (out.empty()) return fail(ErrorKind::not_found, fmt::format("no scenarios in {}", folder.string()));
  std::ranges::sort(out, [](const LabScenario& a, const LabScenario& b) { return a.order != b.order ? a.order < b.order : a.name < b.name; });
  return out;
}

// The scenario's HTTP server: a child that lives as long as this.
struct LabSetup::Service {
  std::stop_source stop;
  std::jthread thread;

  Service(const fs::path& work, int port, CallContext& outer) {
    thread = std::jthread([this, work, port, &clock = outer.clock(), &log = outer.log()] {
      CallContext call(clock, log, stop.get_token(), "lab/service");
      ProcessSpec spec;
      // Its output goes to a file, where the lab sees that it is ready.
      spec.argv = {"sh", "-c", "exec python3 -u service.py >service.out 2>&1"};
      spec.folder = work.string();
      spec.env = {{"LAB_WORK", work.string()}, {"LAB_PORT", fmt::format("{}", port)}};
      spec.grace = std::chrono::milliseconds{300};
      if (auto ended = run_process(spec, call); !ended) log.error("the lab's service: {}", ended.error().message);
    });
  }
  ~Service() {
    stop.request_stop();
    thread.join();
  }
};

LabSetup::LabSetup(const LabScenario& scenario, fs::path work) : scenario_(scenario), work_(std::move(work)) {}
LabSetup::~LabSetup() = default;

Result<std::unique_ptr<LabSetup>> LabSetup::make(const LabScenario& scenario, const fs::path& work, CallContext& call) {
  std::unique_ptr<LabSetup> setup(new LabSetup(scenario, work));
  std::error_code problem;
  fs::create_directories(work, problem);
  fs::copy(scenario.folder, work, fs::copy_options::recursive | fs::copy_options::overwrite_existing, problem);
  if (problem) return fail(ErrorKind::permission, fmt::format("copying {} to {}: {}", scenario.folder.string(), work.string(), problem.message()));
  MEND_TRY(setup->port_, free_port());
  MEND_TRY(std::string yaml, read_file(work / "mendline.yaml"));
  yaml = replaced(std::move(yaml), "${LAB_PORT}", fmt::format("{}", setup->port_));
  yaml = replaced(std::move(yaml), "${LAB_WORK}", work.string());
  MEND_CHECK(write_file_durably(work / "mendline.yaml", yaml));
  MEND_TRY(setup->jobs_, parse_jobs_file(yaml, work / "mendline.yaml"));
  for (JobSpec& job : setup->jobs_.jobs) {
    job.env.emplace("LAB_PORT", fmt::format("{}", setup->port_));
    job.env.emplace("LAB_WORK", work.string());
  }
  if (fs::exists(work / "prepare.py")) {
    int status = 0;
    MEND_TRY(const std::string said, setup->run_script("prepare.py", call, status));
    if (status != 0) return fail(ErrorKind::internal, fmt::format("{}: prepare.py ended with {}: {}", scenario.name, status, said));
  }
  if (fs::exists(work / "service.py")) {
    setup->service_ = std::make_unique<Service>(work, setup->port_, call);
    CallContext waiting = call.within(std::chrono::seconds{20}, scenario.name + "/service");
    for (;;) {
      const auto said = read_file(work / "service.out");
      if (said && said->find("ready") != std::string::npos) break;
      if (auto waited = waiting.sleep(std::chrono::milliseconds{20}); !waited)
        return fail(ErrorKind::timed_out, fmt::format("{}: service.py did not say 'ready': {}", scenario.name, said ? *said : ""));
    }
  }
  return setup;
}

Result<std::string> LabSetup::run_script(const char* script, CallContext& call, int& status) {
  ProcessSpec spec;
  spec.argv = {"python3", script};
  spec.folder = work_.string();
  spec.env = {{"LAB_WORK", work_.string()}, {"LAB_PORT", fmt::format("{}", port_)}};
  spec.timeout = std::chrono::seconds{60};
  MEND_TRY(const ProcessResult ended, run_process(spec, call));
  status = ended.exit_code.value_or(128 + ended.signal.value_or(0));
  std::string said = ended.out_tail + ended.err_tail;
  return std::string(trim(said));
}

Result<void> LabSetup::break_it(CallContext& call) {
  int status = 0;
  MEND_TRY(const std::string said, run_script("break.py", call, status));
  if (status != 0) return fail(ErrorKind::internal, fmt::format("{}: break.py ended with {}: {}", scenario_.name, status, said));
  return {};
}

Result<LabSetup::Check> LabSetup::check(CallContext& call) {
  int status = 0;
  MEND_TRY(std::string said, run_script("check.py", call, status));
  return Check{status == 0, status == 4, std::move(said)};
}

}  // namespace mend

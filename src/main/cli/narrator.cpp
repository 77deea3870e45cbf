#include "main/cli/narrator.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"
#include "main/output.h"

namespace mend {
namespace {

Colour colour_of(IncidentState state) {
  switch (state) {
    case IncidentState::healed: case IncidentState::resolved: return Colour::green;
    case IncidentState::escalated: case IncidentState::failed: return Colour::red;
    case IncidentState::rolling_back: case IncidentState::rolled_back: case IncidentState::awaiting_approval: return Colour::yellow;
    default: return Colour::cyan;
  }
}

// The end of an error says most: its last lines.
std::string last_lines(std::string_view text, std::size_t most) {
  std::vector<std::string_view> lines;
  for (const auto line : split_lines(text))
    if (!trim(line).empty()) lines.push_back(line);
  std::string out;
  for (std::size_t i = lines.size() > most ? lines.size() - most : 0; i < lines.size(); ++i) out += fmt::format("    {}\n", one_line(lines[i], 150));
  return out;
}

}  // namespace

Narrator::Narrator(int fd, bool colours, std::string prefix, bool quiet)
    : fd_(fd), colours_(colours), prefix_(std::move(prefix)), quiet_(quiet) {}

void Narrator::say(std::string_view text) {
  if (quiet_) return;
  std::string out;
  for (const auto line : split_lines(text)) {
    out += prefix_;
    out += line;
    out += '\n';
  }
  const std::lock_guard lock(mutex_);
  for (std::string_view rest = out; !rest.empty();) {
    const ssize_t count = ::write(fd_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    rest.remove_prefix(std::size_t(count));
  }
}

void Narrator::diagnosed(const Incident& incident, const Diagnosis& d) {
  std::string out = fmt::format("{} failed ({})\n", paint(incident.job.str(), Colour::bold, colours_), incident.id.str());
  out += last_lines(incident.error_text, 4);
  out += fmt::format("  diagnosis   {}{}, confidence {}, {}\n", paint(to_string(d.type), Colour::bold, colours_), d.cause.empty() ? "" : "/" + d.cause,
                     paint(fmt::format("{:.2f}", d.confidence), tier_of(d.confidence) == Tier::automatic ? Colour::green : Colour::yellow, colours_),
                     to_string(d.evidence_status));
  for (const auto& fact : d.facts) out += fmt::format("  fact        {} = {}\n", fact.name, one_line(fact.value, 100));
  int shown = 0;
  for (const auto& item : d.evidence) {
    if (item.kind == EvidenceKind::signature && shown < 2) {
      out += fmt::format("  signature   {}\n", item.id);
      ++shown;
    }
  }
  for (const auto& item : d.evidence)
    if (item.kind == EvidenceKind::similar_case) out += fmt::format("  case {:.2f}   {} {}\n", item.score, item.id, one_line(item.text, 90));
  for (const auto& item : d.evidence)
    if (item.kind == EvidenceKind::runbook) {
      out += fmt::format("  runbook     {}\n", item.text);
      break;
    }
  for (const auto& note : d.notes) out += fmt::format("  note        {}\n", note);
  say(out);
}

void Narrator::decided(const Incident& incident, const Decision& decision, const Plan* plan) {
  const bool go = decision.verdict == Verdict::automatic;
  std::string out = fmt::format("  decision    {}: {}\n",
                                paint(to_string(decision.verdict), go ? Colour::green : decision.verdict == Verdict::escalate ? Colour::red : Colour::yellow, colours_),
                                decision.strategy);
  for (const auto& rule : decision.rules) out += fmt::format("    {:<15} {}: {}\n", rule.effect, rule.rule, rule.text);
  if (plan) {
    out += fmt::format("  plan        {} risk, hash {}\n", to_string(plan->risk), plan->hash.substr(0, 12));
    for (const auto& step : plan->steps) {
      out += fmt::format("    {}. {}\n", step.ordinal + 1, one_line(step.text, 140));
      if (!step.undo_text.empty() && step.capability != Capability::retry) out += fmt::format("       undo: {}\n", one_line(step.undo_text, 130));
    }
  }
  if (incident.state == IncidentState::awaiting_approval)
    out += fmt::format("  waits       for approval: mendline approve {}\n", incident.id.str());
  if (incident.state == IncidentState::escalated) out += fmt::format("  {}   {}\n", paint("escalated", Colour::red, colours_), incident.reason);
  say(out);
}

void Narrator::joined(const Incident& incident) {
  say(fmt::format("{} failed again ({}, seen {} times)\n{}  {} {}\n", paint(incident.job.str(), Colour::bold, colours_), incident.id.str(),
                  incident.occurrences, last_lines(incident.error_text, 4),
                  paint(fmt::format("{:<11}", to_string(incident.state)), colour_of(incident.state), colours_),
                  incident.reason));
}

void Narrator::incident_moved(const Incident& incident) {
  say(fmt::format("  {} {}\n", paint(fmt::format("{:<11}", to_string(incident.state)), colour_of(incident.state), colours_), incident.reason));
}

void Narrator::step_moved(const Step& step) {
  if (step.state == StepState::skipped) return;
  const std::string what = step.outcome.empty() ? step.text : step.outcome;
  say(fmt::format("    step {} {}: {}\n", step.ordinal + 1, to_string(step.state), one_line(what, 140)));
}

void Narrator::run_ended(const Run& run) {
  if (run.succeeded) return;
  say(fmt::format("    it failed again: {}\n", one_line(trim(run.error_text).substr(trim(run.error_text).rfind('\n') + 1), 120)));
}

}  // namespace mend

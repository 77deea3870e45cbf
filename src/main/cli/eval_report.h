// An evaluation as people and as programs read it.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "diagnose/evaluation/figures.h"
#include "diagnose/evaluation/intervals.h"

namespace mend {

// One message that is shown by itself.
struct ShownMessage {
  Judged judged;
  std::string beginning;  // of the redacted message, on one line
};

struct EvalReport {
  EvalFigures figures;
  EvalIntervals intervals;
  std::vector<ShownMessage> wrong;    // the most confident first
  std::vector<ShownMessage> slowest;  // the slowest first
};

boost::json::object to_json(const EvalReport& report);
std::string eval_text(const EvalReport& report, bool colours);

}  // namespace mend

// An evaluation as a picture: reliability diagram, risk-coverage curve and confusion matrix in one SVG that needs nothing else.
#pragma once

#include <string>

#include "diagnose/evaluation/figures.h"

namespace mend {

// The whole document. Holds numbers and names of error types, and no text of any message. Pure.
std::string evaluation_svg(const EvalFigures& figures);

}  // namespace mend

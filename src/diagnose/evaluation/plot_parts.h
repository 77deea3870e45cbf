// The three plots, each drawn into a place of the canvas.
#pragma once

#include "diagnose/evaluation/figures.h"
#include "diagnose/evaluation/svg.h"

namespace mend {

// Where the plot itself is; axis names and numbers stand outside of it.
struct PlotPlace {
  double left = 0, top = 0, width = 0, height = 0;
  // Of a share in [0, 1].
  double x(double share) const { return left + share * width; }
  double y(double share) const { return top + (1 - share) * height; }
};

// Each bin as a dot with the 95 % interval (Wilson) of its accuracy, beside the diagonal on which they would all lie; below, how many
// messages a bin has.
void draw_reliability(SvgCanvas& canvas, const PlotPlace& place, const EvalFigures& figures);
// Part that is wrong over the part that is acted on, for every threshold; that of the automatic tier is marked.
void draw_risk_coverage(SvgCanvas& canvas, const PlotPlace& place, const EvalFigures& figures);
// Rows: what it is; columns: what was said.
void draw_confusion(SvgCanvas& canvas, const PlotPlace& place, const EvalFigures& figures);

}  // namespace mend

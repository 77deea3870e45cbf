#include "diagnose/evaluation/plot.h"

#include <fmt/format.h>

#include "diagnose/evaluation/plot_parts.h"

namespace mend {
namespace {

constexpr double kWidth = 1120, kHeight = 1120;

// Light by itself; a viewer that knows of dark surroundings says so. The paper is drawn, so that the picture is readable on any page.
constexpr std::string_view kStyle =
    ".paper{fill:#ffffff}.t{font:13px sans-serif;fill:#1b1f24}.s{font:11px sans-serif;fill:#57606a}.h{font:bold 16px "
    "sans-serif;fill:#1b1f24}\n"
    ".grid{stroke:#d8dee4;stroke-width:1}.axis{stroke:#57606a;stroke-width:1}.ideal{stroke:#57606a;stroke-width:1.5;stroke-dasharray:6 4}\n"
    ".mark{stroke:#bc4c00;stroke-width:1.5;stroke-dasharray:3 3}.markt{font:bold 12px sans-serif;fill:#bc4c00}.markd{fill:#bc4c00}\n"
    ".curve{fill:none;stroke:#0969da;stroke-width:2}.dot{fill:#0969da}.bar{stroke:#0969da;stroke-width:1.5}\n"
    ".good{fill:#2da44e}.bad{fill:#cf222e}.cell{fill:#eaeef2}\n"
    "@media (prefers-color-scheme:dark){.paper{fill:#0d1117}.t,.h{fill:#e6edf3}.s{fill:#9da7b1}.grid{stroke:#30363d}\n"
    ".axis,.ideal{stroke:#9da7b1}.mark{stroke:#f0883e}.markt,.markd{fill:#f0883e}.curve,.bar{stroke:#58a6ff}.dot{fill:#58a6ff}\n"
    ".good{fill:#3fb950}.bad{fill:#f85149}.cell{fill:#21262d}}\n";

}  // namespace

std::string evaluation_svg(const EvalFigures& figures) {
  SvgCanvas canvas;
  canvas.text(40, 34, fmt::format("Evaluation on {} labelled messages", figures.count), "h");
  canvas.text(
      40, 54,
      fmt::format("accuracy {:.3f}, macro-F1 {:.3f}, calibration error {:.3f}; automatic: {:.1f} % of the messages, {:.1f} % of them right",
                  figures.accuracy_alt, figures.macro_f1_alt, figures.calibration_error, figures.auto_coverage * 100,
                  figures.auto_precision * 100),
      "s");
  draw_reliability(canvas, {90, 110, 420, 340}, figures);
  draw_risk_coverage(canvas, {650, 110, 420, 340}, figures);
  draw_confusion(canvas, {230, 690, 820, 396}, figures);
  return canvas.document(kWidth, kHeight, "Mendline: evaluation of the diagnosis", kStyle);
}

}  // namespace mend

// The little of SVG that the plots need. Colours come from classes, so that one style sheet serves light and dark viewers.
#pragma once

#include <string>
#include <string_view>

namespace mend {

// Text as XML: markup becomes entities, what XML 1.0 does not allow becomes "?".
std::string xml_text(std::string_view text);

// A drawing that grows from back to front. Lengths are in pixels, y grows downwards.
class SvgCanvas {
 public:
  enum class Anchor : unsigned char { start, middle, end };

  void line(double x1, double y1, double x2, double y2, std::string_view css);
  // `opacity` in [0, 1].
  void rectangle(double x, double y, double width, double height, std::string_view css, double opacity = 1);
  // `says` is shown where a viewer shows such texts on pointing at it.
  void dot(double x, double y, double radius, std::string_view css, std::string_view says = {});
  // `points` as "x,y x,y".
  void polyline(std::string_view points, std::string_view css);
  // `turn` in degrees around the text's place.
  void text(double x, double y, std::string_view words, std::string_view css = "t", Anchor anchor = Anchor::start, double turn = 0);

  // The whole document.
  std::string document(double width, double height, std::string_view title, std::string_view style) const;

 private:
  std::string body_;
};

}  // namespace mend

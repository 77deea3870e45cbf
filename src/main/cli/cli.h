// The command line: what can be typed, its help, and where it leads.
#pragma once

namespace mend {
int run_cli(int argc, char** argv);
}

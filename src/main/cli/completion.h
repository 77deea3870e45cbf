// Completion scripts for shells, made from the tree of commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mend {

struct CommandOption {
  std::string name;   // "--json", or "-h,--help" as the command line library spells it
  std::string help;
};

struct CommandTree {
  std::string name;
  std::string help;
  std::vector<CommandOption> options;
  std::vector<CommandTree> subcommands;
};

// `shell` is bash, zsh or fish.
std::string completion_script(const CommandTree& tree, std::string_view shell);

}  // namespace mend

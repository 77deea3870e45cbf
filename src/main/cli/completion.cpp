#include "main/cli/completion.h"

#include <functional>

#include <fmt/format.h>

#include "base/text.h"

namespace mend {
namespace {

// A place in the tree: "" is the program itself, "/audit/verify" a command below a command.
using Visit = std::function<void(const std::string& place, const CommandTree& tree)>;

void walk(const CommandTree& tree, const std::string& place, const Visit& visit) {
  visit(place, tree);
  for (const CommandTree& sub : tree.subcommands) walk(sub, place + "/" + sub.name, visit);
}

// "-h,--help" is two spellings of one option.
std::vector<std::string> spellings(const CommandOption& option) {
  std::vector<std::string> out;
  for (std::string_view rest = option.name; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    const std::string_view name = trim(rest.substr(0, comma));
    if (name.starts_with('-')) out.emplace_back(name);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return out;
}

std::string first_line(std::string_view help) {
  const auto lines = split_lines(help);
  return lines.empty() ? std::string() : std::string(lines.front());
}

// 'text' for a shell; what stands for a quote inside differs.
std::string quoted(std::string_view text, std::string_view inner_quote) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += inner_quote;
    else out += c;
  }
  return out + "'";
}

// Every place below the program, as patterns of a case branch.
std::vector<std::string> places(const CommandTree& tree) {
  std::vector<std::string> out;
  walk(tree, "", [&](const std::string& place, const CommandTree&) {
    if (!place.empty()) out.push_back(place);
  });
  return out;
}

std::string bash_script(const CommandTree& tree) {
  std::string out = fmt::format(R"(# bash completion for {0}
_{0}() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" place="" commands="" options="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ "${{COMP_WORDS[i]}}" == "--" ]] && return
    case "$place/${{COMP_WORDS[i]}}" in
      {1}) place="$place/${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "$place" in
)",
                                tree.name, fmt::join(places(tree), "|"));
  walk(tree, "", [&](const std::string& place, const CommandTree& at) {
    std::vector<std::string> commands, options;
    for (const CommandTree& sub : at.subcommands) commands.push_back(sub.name);
    for (const CommandOption& option : at.options)
      for (auto& name : spellings(option)) options.push_back(std::move(name));
    out += fmt::format("    \"{}\") commands=\"{}\" options=\"{}\" ;;\n", place, fmt::join(commands, " "), fmt::join(options, " "));
  });
  // Without an answer of ours bash completes file names (-o default).
  return out + fmt::format(R"(  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  fi
}}
complete -o default -F _{0} {0}
)",
                           tree.name);
}

std::string zsh_entry(std::string_view name, std::string_view help) {
  return quoted(fmt::format("{}:{}", name, first_line(help)), "'\\''");
}

std::string zsh_script(const CommandTree& tree) {
  // `path` would be the shell's own PATH there, hence `place`.
  std::string out = fmt::format(R"(#compdef {0}
_{0}() {{
  local place="" i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    if [[ "${{words[i]}}" == "--" ]]; then
      _files
      return
    fi
    case "$place/${{words[i]}}" in
      {1}) place="$place/${{words[i]}}" ;;
    esac
  done
  case "$place" in
)",
                                tree.name, fmt::join(places(tree), "|"));
  walk(tree, "", [&](const std::string& place, const CommandTree& at) {
    out += fmt::format("    \"{}\")\n      commands=(", place);
    for (const CommandTree& sub : at.subcommands) out += "\n        " + zsh_entry(sub.name, sub.help);
    out += ")\n      options=(";
    for (const CommandOption& option : at.options)
      for (const auto& name : spellings(option)) out += "\n        " + zsh_entry(name, option.help);
    out += ") ;;\n";
  });
  return out + fmt::format(R"(  esac
  if [[ "${{words[CURRENT]}}" == -* ]]; then
    _describe -o option options
  elif (( ${{#commands}} )); then
    _describe command commands
  else
    _files
  fi
}}
if [[ "${{funcstack[1]}}" == "_{0}" ]]; then
  _{0} "$@"
else
  compdef _{0} {0}
fi
)",
                           tree.name);
}

std::string fish_script(const CommandTree& tree) {
  std::string out = fmt::format(R"(# fish completion for {0}
function __{0}_at
    set -l place ""
    set -l typed (commandline -opc)
    set -e typed[1]
    for word in $typed
        switch "$place/$word"
            case {1}
                set place "$place/$word"
        end
    end
    test "$place" = "$argv[1]"
end
)",
                                tree.name, fmt::join(places(tree), " "));
  walk(tree, "", [&](const std::string& place, const CommandTree& at) {
    const std::string begin = fmt::format("complete -c {0} -n '__{0}_at \"{1}\"'", tree.name, place);
    for (const CommandTree& sub : at.subcommands)
      out += fmt::format("{} -f -a {} -d {}\n", begin, sub.name, quoted(first_line(sub.help), "\\'"));
    for (const CommandOption& option : at.options) {
      std::string names;
      for (const auto& name : spellings(option)) names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!names.empty()) out += fmt::format("{}{} -d {}\n", begin, names, quoted(first_line(option.help), "\\'"));
    }
  });
  return out;
}

}  // namespace

std::string completion_script(const CommandTree& tree, std::string_view shell) {
  if (shell == "zsh") return zsh_script(tree);
  if (shell == "fish") return fish_script(tree);
  return bash_script(tree);
}

}  // namespace mend

package dev.kelvin.app;

import dev.kelvin.cli.Command;
import dev.kelvin.cli.Commands;
import dev.kelvin.cli.Option;
import java.io.PrintWriter;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code kelvin completion SHELL}: a script that completes commands, options and their values. */
final class CompletionCommand {
  static final String NAME = "completion";

  /** The script is one that both understand. */
  private static final List<String> SHELLS = List.of("bash", "zsh");

  private CompletionCommand() {}

  static CommandSpec spec() {
    var completion = CommandSpec.create().name(NAME).mixinStandardHelpOptions(true);
    completion
        .usageMessage()
        .width(100)
        .description(
            "Prints a script that completes commands, options and their values. For this shell:",
            "  source <(kelvin completion bash)",
            "For every later one, put that line into ~/.bashrc, or ~/.zshrc with zsh.");
    completion.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("SHELL")
            .index("0")
            .arity("1")
            .required(true)
            .type(String.class)
            .completionCandidates(SHELLS)
            .description("bash or zsh.")
            .build());
    return completion;
  }

  /**
   * @param line of the node's program; gets the commands that ask a cluster
   * @return the exit code
   * @throws OptionException for another shell
   */
  static int run(ParseResult parsed, CommandLine line, PrintWriter out) {
    String shell = parsed.matchedPositionalValue(0, "");
    if (!SHELLS.contains(shell)) {
      throw new OptionException("SHELL must be bash or zsh, got \"" + shell + "\"");
    }
    for (var command : Commands.KELVIN.commands()) {
      add(line.getCommandSpec(), command);
    }
    // Part of the build, not for people.
    line.getCommandSpec().removeSubcommand(TrainCommand.NAME);
    out.print(AutoComplete.bash("kelvin", line));
    out.flush();
    return 0;
  }

  private static void add(CommandSpec to, Command command) {
    var there = to.subcommands().get(command.name());
    if (there != null) {
      command.commands().forEach(c -> add(there.getCommandSpec(), c));
      return;
    }
    var spec = CommandSpec.create().name(command.name()).mixinStandardHelpOptions(true);
    command.commands().forEach(c -> add(spec, c));
    if (command.commands().isEmpty()) {
      command.options().forEach(option -> spec.addOption(option(option)));
      Commands.SHARED_OPTIONS.forEach(option -> spec.addOption(option(option)));
    }
    to.addSubcommand(command.name(), spec);
  }

  private static OptionSpec option(Option option) {
    var spec = OptionSpec.builder(option.names().toArray(String[]::new)).description(option.help());
    if (!option.isFlag()) {
      spec.type(String.class).arity("1").paramLabel(option.parameter());
    }
    if (!option.values().isEmpty()) {
      spec.completionCandidates(option.values());
    }
    return spec.build();
  }
}

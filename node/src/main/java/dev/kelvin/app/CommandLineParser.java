package dev.kelvin.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line, read before any framework starts. What asks a cluster is the command line's own
 * module: {@link dev.kelvin.cli.Commands}.
 */
final class CommandLineParser {
  /** As usual for a wrong command line. */
  static final int USAGE_ERROR = 2;

  /**
   * Either options to run with, or an exit code after everything has been said.
   *
   * @param whenServing as in {@link Launch}
   */
  record Result(Optional<Options> options, Runnable whenServing, int exitCode) {
    static Result exit(int code) {
      return new Result(Optional.empty(), () -> {}, code);
    }

    static Result run(Options options, Runnable whenServing) {
      return new Result(Optional.of(options), whenServing, 0);
    }
  }

  private CommandLineParser() {}

  static Result parse(
      String[] args,
      Map<String, String> environment,
      String version,
      PrintWriter out,
      PrintWriter err) {
    var line = new CommandLine(kelvin(version)).setCaseInsensitiveEnumValuesAllowed(true);
    if (!isOurs(args, line)) {
      return Result.exit(dev.kelvin.cli.Main.run(args, environment));
    }
    try {
      var parsed = line.parseArgs(args);
      var commands = parsed.asCommandLineList();
      var command = commands.getLast();
      if (command.isUsageHelpRequested()) {
        command.usage(out);
        return Result.exit(0);
      }
      if (command.isVersionHelpRequested()) {
        command.printVersionHelp(out);
        return Result.exit(0);
      }
      if (commands.get(1).getCommandName().equals(CareCommand.NAME)) {
        return Result.exit(new CareCommand(out).run(command.getParseResult(), err));
      }
      if (commands.get(1).getCommandName().equals(InspectCommand.NAME)) {
        return Result.exit(InspectCommand.run(command.getParseResult(), out, err));
      }
      if (commands.get(1).getCommandName().equals(SnapshotCommand.NAME)) {
        return Result.exit(SnapshotCommand.run(command.getParseResult(), out, err));
      }
      if (commands.get(1).getCommandName().equals(CompletionCommand.NAME)) {
        return Result.exit(CompletionCommand.run(command.getParseResult(), line, out));
      }
      if (commands.get(1).getCommandName().equals(TrainCommand.NAME)) {
        return TrainCommand.run(command.getParseResult(), err);
      }
      return Result.run(options(command, environment), () -> {});
    } catch (UnmatchedArgumentException e) {
      err.println("kelvin: " + unknown(e));
    } catch (ParameterException e) {
      err.println("kelvin: " + e.getMessage().lines().findFirst().orElse("wrong command line"));
    } catch (OptionException e) {
      err.println("kelvin: " + e.getMessage());
    }
    return Result.exit(USAGE_ERROR);
  }

  /** Whether the first words are a command of the node's program. */
  private static boolean isOurs(String[] args, CommandLine line) {
    if (args.length == 0 || !line.getSubcommands().containsKey(args[0])) {
      return false;
    }
    return !args[0].equals(SnapshotCommand.NAME)
        || args.length > 1 && args[1].equals(SnapshotCommand.STATUS);
  }

  private static String unknown(UnmatchedArgumentException e) {
    var argument = e.getUnmatched().getFirst();
    var name = argument.split("=", 2)[0];
    if (name.startsWith("-")) {
      var key = name.replaceFirst("^--?", "");
      return "unknown option "
          + name
          + Setting.like(key).map(s -> ", did you mean " + s.option() + "?").orElse("");
    }
    return "unknown argument " + argument + ", see kelvin --help";
  }

  private static Options options(CommandLine command, Map<String, String> environment) {
    var given = command.getParseResult();
    var values = new EnumMap<Setting, String>(Setting.class);
    for (var setting : Setting.values()) {
      if (given.hasMatchedOption(setting.option())) {
        var value = given.matchedOptionValue(setting.option(), (Object) null);
        values.put(
            setting,
            value instanceof List<?> list
                ? String.join(",", list.stream().map(Object::toString).toList())
                : value.toString());
      }
    }
    Path config = given.matchedOptionValue("--config", null);
    return OptionParser.parse(Sources.merge(values, environment, config));
  }

  static CommandSpec kelvin(String version) {
    var kelvin =
        CommandSpec.create()
            .name("kelvin")
            .version("kelvin " + version)
            .mixinStandardHelpOptions(true);
    kelvin.addSubcommand("server", server(version));
    kelvin.addSubcommand(CareCommand.NAME, CareCommand.spec());
    kelvin.addSubcommand(InspectCommand.NAME, InspectCommand.spec());
    kelvin.addSubcommand(SnapshotCommand.NAME, SnapshotCommand.spec());
    kelvin.addSubcommand(CompletionCommand.NAME, CompletionCommand.spec());
    kelvin.addSubcommand(TrainCommand.NAME, TrainCommand.spec());
    return kelvin;
  }

  private static CommandSpec server(String version) {
    var server =
        CommandSpec.create()
            .name("server")
            .version("kelvin " + version)
            .mixinStandardHelpOptions(true);
    server
        .usageMessage()
        .width(100)
        .description("Runs a node.")
        .footer(
            "",
            "Each option is also an environment variable (--data-dir: KELVIN_DATA_DIR) and a line of",
            "the --config file (kelvin.data-dir=...). The command line wins over the environment,",
            "that over the file.");
    server.addOption(
        OptionSpec.builder("--config")
            .paramLabel("FILE")
            .type(Path.class)
            .description("File of settings, as lines kelvin.option=value.")
            .build());
    for (var setting : Setting.values()) {
      var standard = setting.standard();
      var option =
          OptionSpec.builder(setting.option())
              .paramLabel(setting.form())
              .description(
                  setting.help() + (standard.isEmpty() ? "" : " Default: " + standard + "."));
      if (setting.flag()) {
        // Alone it means true.
        option.type(String.class).arity("0..1").fallbackValue("true");
      } else if (setting.list()) {
        option.type(List.class).auxiliaryTypes(String.class).arity("1");
      } else {
        option.type(String.class).arity("1");
      }
      server.addOption(option.build());
    }
    return server;
  }
}

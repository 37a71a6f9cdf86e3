package dev.kelvin.app;

import dev.kelvin.member.Inspection;
import dev.kelvin.member.StartException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code kelvin inspect DIR}: what is in a data directory, and what a start would do with it. */
final class InspectCommand {
  static final String NAME = "inspect";

  /** Damage, or anything else for which a start would be refused. */
  private static final int NOT_WELL = 1;

  private InspectCommand() {}

  static CommandSpec spec() {
    var inspect = CommandSpec.create().name(NAME).mixinStandardHelpOptions(true);
    inspect
        .usageMessage()
        .width(100)
        .description(
            "Shows what is in the data directory of a node that does not run, verifies its",
            "checksums, and says what a start would do. Changes nothing.")
        .footer("", "Exit code: 0 if all is well, 1 for damage or where a start would be refused.");
    inspect.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("DIR")
            .index("0")
            .arity("1")
            .required(true)
            .type(Path.class)
            .description("The node's data directory.")
            .build());
    return inspect;
  }

  /** Returns the exit code. */
  static int run(ParseResult parsed, PrintWriter out, PrintWriter err) {
    Path directory = parsed.matchedPositionalValue(0, Path.of(""));
    try {
      return Inspection.run(directory.toAbsolutePath().normalize(), out) ? 0 : NOT_WELL;
    } catch (StartException e) {
      err.println("kelvin: " + e.getMessage());
      return NOT_WELL;
    }
  }
}

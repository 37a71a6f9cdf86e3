package dev.kelvin.app;

import dev.kelvin.store.BadSnapshotFileException;
import dev.kelvin.store.SnapshotFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code kelvin snapshot status FILE}: whether a snapshot file is whole, and what is in it. */
final class SnapshotCommand {
  static final String NAME = "snapshot";

  static final String STATUS = "status";
  private static final String OUTPUT = "--output";

  /** The file is no whole snapshot. */
  private static final int NOT_WELL = 1;

  /** How it is said. */
  private enum Form {
    TABLE,
    JSON
  }

  private SnapshotCommand() {}

  static CommandSpec spec() {
    var status = CommandSpec.create().name(STATUS).mixinStandardHelpOptions(true);
    status
        .usageMessage()
        .width(100)
        .description(
            "Reads a snapshot file to its end, verifies its checksums, and says what is in it. A new",
            "cluster is founded from it by: kelvin server --bootstrap --from-snapshot FILE")
        .footer("", "Exit code: 0 if the file is whole, 1 if not.");
    status.addOption(
        OptionSpec.builder("-w", OUTPUT)
            .paramLabel("FORM")
            .type(Form.class)
            .defaultValue("table")
            .description("table or json. Default: table.")
            .build());
    status.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("FILE")
            .index("0")
            .arity("1")
            .required(true)
            .type(Path.class)
            .description("As written by kelvin snapshot save, or etcdctl's.")
            .build());
    var snapshot = CommandSpec.create().name(NAME).mixinStandardHelpOptions(true);
    snapshot.usageMessage().width(100).description("Looks at snapshot files.");
    snapshot.addSubcommand(STATUS, status);
    return snapshot;
  }

  /**
   * Does what the command line says.
   *
   * @param parsed of the innermost command
   * @return the exit code
   * @throws OptionException for a command line that says nothing sensible
   */
  static int run(ParseResult parsed, PrintWriter out, PrintWriter err) {
    if (!parsed.commandSpec().name().equals(STATUS)) {
      throw new OptionException("what of the snapshot? See \"kelvin snapshot --help\"");
    }
    Path file = parsed.matchedPositionalValue(0, Path.of(""));
    SnapshotFile.Summary summary;
    try {
      summary = SnapshotFile.check(file);
    } catch (BadSnapshotFileException e) {
      err.println("kelvin: " + e.getMessage());
      return NOT_WELL;
    }
    if (parsed.matchedOptionValue(OUTPUT, Form.TABLE) == Form.JSON) {
      json(summary, out);
    } else {
      table(summary, out);
    }
    return 0;
  }

  private static void table(SnapshotFile.Summary summary, PrintWriter out) {
    var header = summary.header();
    out.printf("hash              %08x%n", summary.hash());
    out.printf("revision          %d%n", header.revision());
    out.printf("compact revision  %d%n", Math.max(0, header.compact()));
    out.printf("total keys        %d%n", header.keys());
    out.printf("leases            %d%n", header.leases());
    out.printf("total size        %d%n", summary.size());
    out.printf("cluster           %016x%n", header.cluster());
    out.printf("saved at          %s%n", Instant.ofEpochMilli(header.savedAt()));
    out.printf("written by        kelvin %s%n", header.writer());
  }

  /** The first four as etcdutl names them. */
  private static void json(SnapshotFile.Summary summary, PrintWriter out) {
    var header = summary.header();
    out.printf(
        "{\"hash\":%d,\"revision\":%d,\"totalKey\":%d,\"totalSize\":%d,\"compactRevision\":%d,\"leases\":%d,\"cluster\":\"%016x\",\"savedAt\":\"%s\",\"writtenBy\":\"%s\"}%n",
        Integer.toUnsignedLong(summary.hash()),
        header.revision(),
        header.keys(),
        summary.size(),
        Math.max(0, header.compact()),
        header.leases(),
        header.cluster(),
        Instant.ofEpochMilli(header.savedAt()),
        header.writer().replaceAll("[^A-Za-z0-9._+-]", "?"));
  }
}

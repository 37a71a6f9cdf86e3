package dev.kelvin.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code kelvin-bench load|ledger|verify|compare|disk-use}. */
@Command(
    name = "kelvin-bench",
    description = "Load, check and compare etcd v3 servers.",
    mixinStandardHelpOptions = true,
    subcommands = {
      LoadCommand.class,
      LedgerCommand.class,
      VerifyCommand.class,
      CompareCommand.class,
      DiskUseCommand.class
    })
public final class Bench {
  private Bench() {}

  /** Runs the command and exits with its status. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Bench()).setCaseInsensitiveEnumValuesAllowed(true);
  }
}

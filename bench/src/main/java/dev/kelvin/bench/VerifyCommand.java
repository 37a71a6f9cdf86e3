package dev.kelvin.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code verify}: looks for every acknowledged write of a ledger. */
@Command(
    name = "verify",
    description = "Look for every write that FILE, made by ledger, has as acknowledged.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE")
  private Path file;

  @Option(
      names = {"--endpoint", "--endpoints"},
      split = ",",
      defaultValue = "127.0.0.1:2379",
      description = "one or more; each is asked for everything")
  private List<String> endpoints;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Map<String, Ledger.Entry> acknowledged = Ledger.read(file);
    if (acknowledged.isEmpty()) {
      throw new IllegalArgumentException(file + " has no acknowledged write");
    }
    String key = acknowledged.keySet().iterator().next();
    String prefix = key.substring(0, key.indexOf('/', LedgerCommand.ROOT.length()) + 1);
    boolean holds = true;
    try (var connections = new Connections(endpoints, endpoints.size())) {
      for (int i = 0; i < endpoints.size(); i++) {
        var verdict =
            Ledger.verify(acknowledged, Ledger.held(new Reader(connections.get(i)), prefix));
        holds &= verdict.holds();
        var out = spec.commandLine().getOut();
        out.printf(
            "%s: acknowledged %d, missing %d, different %d, of unknown outcome %d%s%n",
            endpoints.get(i),
            verdict.acknowledged(),
            verdict.missing(),
            verdict.different(),
            verdict.unrecorded(),
            verdict.holds() ? "" : "; for example " + verdict.example());
        out.flush();
      }
    }
    return holds ? 0 : 1;
  }
}

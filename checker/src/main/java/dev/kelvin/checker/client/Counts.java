package dev.kelvin.checker.client;

import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.NotDone;
import dev.kelvin.checker.Operation.Rejected;
import dev.kelvin.checker.Operation.Unknown;
import dev.kelvin.checker.Request;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many operations there were of each kind, in words. */
public final class Counts {
  private final Map<String, Long> byKind = new TreeMap<>();

  public void add(List<Operation> history) {
    history.forEach(op -> byKind.merge(kind(op), 1L, Long::sum));
  }

  private static String kind(Operation op) {
    return switch (op.result()) {
      case Unknown ignored -> "tries of unknown outcome";
      case NotDone ignored -> "tries certainly not carried out";
      case Rejected ignored -> "refused";
      case Answered ignored ->
          switch (op.request()) {
            case Request.Put put -> "puts";
            case Request.Range range ->
                range.serializable() ? "serializable reads" : "linearizable reads";
            case Request.DeleteRange delete -> "deletes";
            case Request.Txn txn -> "compare-and-puts";
            case Request.Compact compact -> "compactions";
          };
    };
  }

  public Map<String, Long> byKind() {
    return Map.copyOf(byKind);
  }

  public long all() {
    return byKind.values().stream().mapToLong(n -> n).sum();
  }

  /** For people: a line for each kind. */
  public String table() {
    var table = new StringBuilder(line(all(), "operations, of them"));
    byKind.forEach((what, n) -> table.append(line(n, "  " + what)));
    return table.toString();
  }

  public static String line(long number, String text) {
    return "%,14d  %s%n".formatted(number, text);
  }
}

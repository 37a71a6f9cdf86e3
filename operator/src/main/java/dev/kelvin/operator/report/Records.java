package dev.kelvin.operator.report;

import dev.kelvin.operator.crd.KvClusterStatus;
import dev.kelvin.operator.crd.KvClusterStatus.FoundingStatus;
import dev.kelvin.operator.crd.KvClusterStatus.OperationStatus;
import dev.kelvin.operator.crd.KvClusterStatus.RecoveryStatus;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Operation;
import dev.kelvin.operator.facts.Operation.Kind;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.facts.Recovery;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What the operator has to remember, in the status, and as text on objects. What cannot be read is
 * an error and never taken for nothing: a founding must not be overlooked.
 */
public final class Records {
  private Records() {}

  /**
   * @throws IllegalArgumentException when somebody wrote what cannot be read
   */
  public static Recorded read(KvClusterStatus status) {
    if (status == null) {
      return Recorded.NOTHING;
    }
    return new Recorded(
        Optional.ofNullable(status.founding())
            .map(f -> new Founding(id(f.clusterId()), id(f.incarnation()))),
        Optional.ofNullable(status.recovery()).map(Records::recovery),
        Optional.ofNullable(status.operation()).map(Records::operation));
  }

  private static Recovery recovery(RecoveryStatus r) {
    return new Recovery(
        r.name(),
        Recovery.Outcome.valueOf(r.outcome()),
        ordinal(r.survivor()),
        id(r.member()),
        id(r.from()),
        id(r.to()));
  }

  private static Operation operation(OperationStatus o) {
    var kind =
        Arrays.stream(Kind.values())
            .filter(k -> k.word().equals(o.kind()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("operation " + o.kind()));
    return new Operation(
        kind,
        o.target(),
        o.members(),
        o.progress(),
        Instant.parse(o.startedAt()),
        Instant.parse(o.deadline()));
  }

  static FoundingStatus write(Founding f) {
    return new FoundingStatus(hex(f.clusterId()), hex(f.incarnation()));
  }

  /**
   * @param pod name of the survivor's
   */
  static RecoveryStatus write(Recovery r, String pod) {
    return new RecoveryStatus(
        r.name(), r.outcome().name(), pod, hex(r.member()), hex(r.from()), hex(r.to()));
  }

  static OperationStatus write(Operation o) {
    return new OperationStatus(
        o.kind().word(),
        o.target(),
        o.members(),
        o.progress(),
        o.since().toString(),
        o.deadline().toString());
  }

  /** A founding as an annotation: cluster and incarnation, in hexadecimal. */
  public static String mark(Founding f) {
    return hex(f.clusterId()) + "/" + hex(f.incarnation());
  }

  /**
   * @throws IllegalArgumentException when it is not what {@link #mark(Founding)} made
   */
  public static Founding founding(String mark) {
    var parts = mark.split("/", -1);
    if (parts.length != 2) {
      throw new IllegalArgumentException("not the mark of a founding: " + mark);
    }
    return new Founding(id(parts[0]), id(parts[1]));
  }

  /** A recovery as an annotation; its name, which may hold anything, comes last. */
  public static String mark(Recovery r) {
    return "%s %d %s %s %s %s"
        .formatted(
            r.outcome(), r.survivor(), hex(r.member()), hex(r.from()), hex(r.to()), r.name());
  }

  /**
   * @throws IllegalArgumentException when it is not what {@link #mark(Recovery)} made
   */
  public static Recovery recovery(String mark) {
    var parts = mark.split(" ", 6);
    if (parts.length != 6) {
      throw new IllegalArgumentException("not the mark of a recovery: " + mark);
    }
    return new Recovery(
        parts[5],
        Recovery.Outcome.valueOf(parts[0]),
        Integer.parseInt(parts[1]),
        id(parts[2]),
        id(parts[3]),
        id(parts[4]));
  }

  /** IDs as people see them: 16 hexadecimal digits. */
  public static String hex(long id) {
    return "%016x".formatted(id);
  }

  private static long id(String hex) {
    return HexFormat.fromHexDigitsToLong(hex);
  }

  /** Of a pod's name. */
  private static int ordinal(String pod) {
    return Integer.parseInt(pod.substring(pod.lastIndexOf('-') + 1));
  }
}

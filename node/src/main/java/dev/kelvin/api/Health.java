package dev.kelvin.api;

import com.google.protobuf.ByteString;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.store.Alarm;
import java.util.List;

/**
 * Whether a node lives, and whether it should get requests, as checks under etcd's names and some
 * of our own. All are answered at once, from memory: a probe must not wait for a disk or a quorum.
 *
 * <p>A node should get requests that is a voter, has caught up and hears a leader, or lost it less
 * than {@value #SILENCE_MILLIS} ms ago (an election must not take every pod out of service).
 */
public final class Health {
  /** Silence of the leader that a ready node may have, in milliseconds. */
  public static final long SILENCE_MILLIS = 10_000;

  /** Entries that a caught-up voter may still have to apply. */
  private static final long MAX_LAG = 5_000;

  /** etcd's smallest key, which may exist or not. */
  private static final RangeRequest SOME_KEY =
      RangeRequest.newBuilder()
          .setKey(ByteString.copyFrom(new byte[1]))
          .setKeysOnly(true)
          .setLimit(1)
          .setSerializable(true)
          .build();

  /**
   * One reason a node is well or not.
   *
   * @param reason for people; empty when it holds
   */
  public record Check(String name, boolean holds, String reason) {
    private static Check of(String name, boolean holds, String reason) {
      return new Check(name, holds, holds ? "" : reason);
    }
  }

  private Health() {}

  /** Only of this process: a node without quorum, or without data yet, must not be restarted. */
  public static List<Check> live(Node node) {
    return List.of(serializableRead(node));
  }

  public static List<Check> ready(Node node) {
    var state = node.state();
    var corruption =
        Check.of(
            "data_corruption",
            alarms(node).stream().noneMatch(alarm -> alarm.type() == Alarm.CORRUPT),
            "alarm activated: CORRUPT");
    return List.of(
        corruption,
        serializableRead(node),
        Check.of("linearizable_read", readAgo(node).isEmpty(), readAgo(node)),
        Check.of("non_learner", state != Node.State.LEARNER, "not supported for learner"),
        Check.of("voter", state == Node.State.VOTER, "node is " + state),
        caughtUp(node),
        leader(node));
  }

  /** Alarms that stand in the cluster, as far as this node knows; none while it has no data. */
  public static List<Alarm> alarms(Node node) {
    var reader = node.reader();
    return reader == null ? List.of() : reader.alarms();
  }

  /** What memory knows counts, and that the store answers at all. */
  private static Check serializableRead(Node node) {
    var reader = node.reader();
    String trouble = "";
    if (reader != null) {
      try {
        reader.range(SOME_KEY, true);
      } catch (RuntimeException e) {
        trouble = "the store does not answer: " + e.getMessage();
      }
    }
    return Check.of("serializable_read", trouble.isEmpty(), trouble);
  }

  /** Why there was no linearizable read lately; empty if there was: the node does one a second. */
  private static String readAgo(Node node) {
    long ago = node.caughtUpAgoMillis();
    if (ago < 0) {
      return "no linearizable read since the start";
    }
    return ago < SILENCE_MILLIS ? "" : "no linearizable read for " + ago + " ms";
  }

  private static Check caughtUp(Node node) {
    var replica = node.replica();
    if (replica == null) {
      return Check.of("caught-up", false, "node is " + node.state());
    }
    RaftStatus status = replica.status();
    long lag = status.commit() - status.applied();
    if (lag > MAX_LAG) {
      return Check.of("caught-up", false, lag + " committed entries are to be applied");
    }
    long ago = node.caughtUpAgoMillis();
    return Check.of(
        "caught-up",
        ago >= 0 && ago < SILENCE_MILLIS,
        ago < 0
            ? "has not caught up since its start"
            : "has not been known to be caught up for " + ago + " ms");
  }

  private static Check leader(Node node) {
    long silence = node.leaderSilenceMillis();
    return Check.of(
        "leader",
        silence >= 0 && silence < SILENCE_MILLIS,
        silence < 0 ? "no leader heard of yet" : "no leader heard for " + silence + " ms");
  }
}

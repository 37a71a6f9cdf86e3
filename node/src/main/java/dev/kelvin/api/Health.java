package dev.kelvin.api;

import dev.kelvin.member.Node;
import dev.kelvin.raft.RaftStatus;
import java.util.List;

/**
 * Whether a node should get requests: a voter that has caught up and hears a leader, or lost it
 * less than {@value #SILENCE_MILLIS} ms ago (an election must not take every pod out of service).
 */
public final class Readiness {
  /** Silence of the leader that a ready node may have, in milliseconds. */
  public static final long SILENCE_MILLIS = 10_000;

  /** Entries that a caught-up voter may still have to apply. */
  private static final long MAX_LAG = 5_000;

  /**
   * One reason a node is ready or not.
   *
   * @param reason for people; empty when it holds
   */
  public record Check(String name, boolean holds, String reason) {}

  private Readiness() {}

  public static List<Check> of(Node node) {
    var state = node.state();
    boolean voter = state == Node.State.VOTER;
    var replica = node.replica();
    var member = new Check("voter", voter, voter ? "" : "node is " + state);
    if (replica == null) {
      return List.of(member);
    }
    return List.of(member, caughtUp(node, replica.status()), leader(node));
  }

  private static Check caughtUp(Node node, RaftStatus status) {
    long lag = status.commit() - status.applied();
    if (lag > MAX_LAG) {
      return new Check("caught-up", false, lag + " committed entries are to be applied");
    }
    long ago = node.caughtUpAgoMillis();
    boolean holds = ago >= 0 && ago < SILENCE_MILLIS;
    var reason =
        ago < 0
            ? "has not caught up since its start"
            : "has not been known to be caught up for " + ago + " ms";
    return new Check("caught-up", holds, holds ? "" : reason);
  }

  private static Check leader(Node node) {
    long silence = node.leaderSilenceMillis();
    boolean holds = silence >= 0 && silence < SILENCE_MILLIS;
    var reason = silence < 0 ? "no leader heard of yet" : "no leader heard for " + silence + " ms";
    return new Check("leader", holds, holds ? "" : reason);
  }

  public static boolean ready(List<Check> checks) {
    return checks.stream().allMatch(Check::holds);
  }
}

package dev.kelvin.raft;

/**
 * Limits and timings of a core. Times are in ticks, sizes in bytes.
 *
 * @param member this replica's ID, not 0
 * @param electionTicks T; how long a leader is waited for is drawn from [T, 1.5 T). A fifth of it
 *     should be enough for a message, a write and the answer
 * @param heartbeatTicks well below {@code electionTicks}
 * @param maxMessageBytes of entries in one AppendRequest
 * @param maxInflightMessages AppendRequests to one follower that are not yet answered
 * @param maxInflightBytes the same by bytes of entries
 * @param maxUncommittedBytes proposals that are in the log and not yet committed; more are refused
 * @param maxApplyingBytes committed entries handed out and not yet reported applied
 */
public record RaftConfig(
    long member,
    int electionTicks,
    int heartbeatTicks,
    int maxMessageBytes,
    int maxInflightMessages,
    long maxInflightBytes,
    long maxUncommittedBytes,
    long maxApplyingBytes) {

  public RaftConfig {
    if (member == 0) {
      throw new IllegalArgumentException("member must not be 0");
    }
    if (heartbeatTicks < 1 || electionTicks <= heartbeatTicks) {
      throw new IllegalArgumentException(
          "need 1 <= heartbeat < election, got " + heartbeatTicks + " and " + electionTicks);
    }
  }

  /** Ticks of 10 ms, heartbeat 100 ms, election timeout 1 s. */
  public static RaftConfig defaults(long member) {
    return new RaftConfig(member, 100, 10, 1 << 20, 256, 16L << 20, 256L << 20, 64L << 20);
  }
}

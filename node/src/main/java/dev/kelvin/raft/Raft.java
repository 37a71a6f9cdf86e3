package dev.kelvin.raft;

import java.util.List;
import java.util.random.RandomGenerator;

/** Consensus core. */
public final class Raft {
  public Raft(
      RaftConfig config,
      EntrySource log,
      HardState hardState,
      Membership membership,
      long applied,
      RandomGenerator random) {}

  /** 10 ms passed. */
  public void tick() {}

  public void step(Message message) {}

  /** Outcome of {@link #propose}. */
  public enum Accepted {
    YES,
    NOT_LEADER,
    /** Leadership is being handed over; hold the proposals for the next leader. */
    TRANSFERRING,
    /** Too much is uncommitted. */
    OVERLOADED,
    /** Membership change only: one is in flight, or none of the own term has committed yet. */
    CHANGE_PENDING
  }

  /** Appends all of them, in order, or none. */
  public Accepted propose(List<byte[]> commands) {
    return Accepted.NOT_LEADER;
  }

  public Accepted proposeMembership(byte[] command) {
    return Accepted.NOT_LEADER;
  }

  public void readIndex(long context) {}

  /**
   * @return whether a transfer to that member is now under way
   */
  public boolean transferLeadership(long to) {
    return false;
  }

  public void campaign() {}

  public void leaderConnectionLost(long member) {}

  public void peerUnreachable(long member) {}

  public void persisted(long term, long index) {}

  public void applied(long index) {}

  public void membershipApplied(long index, Membership membership) {}

  public void snapshotSent(long to, long index, boolean success) {}

  public void snapshotInstalled(SnapshotMeta snapshot) {}

  public Effects effects() {
    return null;
  }

  public RaftStatus status() {
    return null;
  }

  public long term() {
    return 0;
  }

  public long leader() {
    return 0;
  }

  public boolean isLeader() {
    return false;
  }
}

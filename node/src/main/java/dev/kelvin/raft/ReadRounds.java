package dev.kelvin.raft;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A leader's linearizable reads (Raft dissertation, 6.4). A round is a heartbeat to everyone with a
 * number used once; it serves exactly the reads that were waiting when it was sent, at the commit
 * index of that moment. At most one is under way; reads that come later wait for the next.
 */
final class ReadRounds {
  /** A read, and the member that asked. */
  record Read(long member, long context) {}

  /** Beyond so many waiting reads more are refused. */
  static final int MAX_WAITING = 1 << 16;

  private List<Read> waiting = new ArrayList<>();
  private List<Read> served = List.of();
  private final Set<Long> acknowledged = new HashSet<>();
  private long round;
  private long index;

  /**
   * @return whether there was room
   */
  boolean add(long member, long context) {
    if (waiting.size() >= MAX_WAITING) {
      return false;
    }
    waiting.add(new Read(member, context));
    return true;
  }

  /** Number of the round under way, 0 if there is none. */
  long round() {
    return round;
  }

  boolean startable() {
    return round == 0 && !waiting.isEmpty();
  }

  void start(long number, long commit) {
    round = number;
    index = commit;
    served = waiting;
    waiting = new ArrayList<>();
    acknowledged.clear();
  }

  /** A voter answered; answers to other rounds say nothing about this one. */
  void acknowledge(long voter, long answered) {
    if (round != 0 && answered == round) {
      acknowledged.add(voter);
    }
  }

  /** Whether that many of the voters confirmed, the leader itself (if it votes) included. */
  boolean confirmed(Set<Long> voters, long self) {
    return round != 0
        && Quorum.reached(voters, voter -> voter == self || acknowledged.contains(voter));
  }

  /** Index at which the confirmed round's reads are linearizable. */
  long index() {
    return index;
  }

  /** Ends the round and returns its reads. */
  List<Read> finish() {
    var done = served;
    round = 0;
    served = List.of();
    acknowledged.clear();
    return done;
  }

  /** Ends everything and returns all reads. */
  List<Read> abandon() {
    var all = new ArrayList<Read>(finish());
    all.addAll(waiting);
    waiting = new ArrayList<>();
    return all;
  }
}

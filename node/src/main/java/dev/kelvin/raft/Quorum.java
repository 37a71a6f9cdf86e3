package dev.kelvin.raft;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.LongPredicate;

/** Arithmetic of majorities. An empty group has no majority: it decides nothing. */
final class Quorum {
  /** State of a vote. */
  enum Verdict {
    PENDING,
    WON,
    LOST
  }

  private Quorum() {}

  /** How many of {@code voters} are a majority. */
  static int majority(int voters) {
    return voters / 2 + 1;
  }

  /** Whether more than half of the voters satisfy the test. */
  static boolean reached(Collection<Long> voters, LongPredicate yes) {
    int count = 0;
    for (long voter : voters) {
      if (yes.test(voter)) {
        count++;
      }
    }
    return count >= majority(voters.size());
  }

  /**
   * Highest index that a majority has reached (Raft paper, figure 2, rules for leaders).
   *
   * @param matches one per voter; sorted here, only the first {@code count} are looked at
   */
  static long committed(long[] matches, int count) {
    if (count == 0) {
      return 0;
    }
    Arrays.sort(matches, 0, count);
    return matches[count - majority(count)];
  }

  /** Verdict of a vote of which some ballots are in. */
  static Verdict verdict(int voters, int granted, int refused) {
    int majority = majority(voters);
    if (granted >= majority) {
      return Verdict.WON;
    }
    return voters - refused < majority ? Verdict.LOST : Verdict.PENDING;
  }
}

package dev.kelvin.raft;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Ballots of one election or pre-election. Anybody's are kept, only voters' are counted, so that a
 * membership applied meanwhile decides.
 */
final class Votes {
  private final Map<Long, Boolean> ballots = new HashMap<>();

  /** Notes a ballot; a member's first one stands. */
  void record(long member, boolean granted) {
    ballots.putIfAbsent(member, granted);
  }

  Quorum.Verdict verdict(Set<Long> voters) {
    int granted = 0;
    int refused = 0;
    for (Long voter : voters) {
      Boolean ballot = ballots.get(voter);
      if (ballot != null) {
        if (ballot) {
          granted++;
        } else {
          refused++;
        }
      }
    }
    return Quorum.verdict(voters.size(), granted, refused);
  }
}

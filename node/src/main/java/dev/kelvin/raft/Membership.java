package dev.kelvin.raft;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** Who votes and who only learns. Immutable; no member is both. */
public record Membership(SortedSet<Long> voters, SortedSet<Long> learners) {
  public static final Membership EMPTY = new Membership(new TreeSet<>(), new TreeSet<>());

  public Membership {
    voters = Collections.unmodifiableSortedSet(new TreeSet<>(voters));
    learners = Collections.unmodifiableSortedSet(new TreeSet<>(learners));
    if (!Collections.disjoint(voters, learners)) {
      throw new IllegalArgumentException(
          "a member cannot be voter and learner at once: " + voters + ", " + learners);
    }
  }

  public static Membership of(Collection<Long> voters, Collection<Long> learners) {
    return new Membership(new TreeSet<>(voters), new TreeSet<>(learners));
  }

  public boolean contains(long member) {
    return voters.contains(member) || learners.contains(member);
  }
}

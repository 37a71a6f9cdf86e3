package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.StatefulSet;
import java.util.Optional;

/** The children are there, and as they are to be; the StatefulSet holds every member's pod. */
final class Children implements Concern {
  @Override
  public Optional<Step> next(View view) {
    var wanted = view.wanted();
    var present = view.facts().statefulSet();
    int size = size(view);
    int budget = budget(view);
    boolean snapshot = FoundingOnce.showsSnapshot(view);
    var children = snapshot ? wanted.founding().orElseThrow() : wanted.children();
    long volume = present.map(StatefulSet::volumeBytes).orElse(wanted.volumeBytes());
    boolean right =
        present.filter(s -> s.replicas() == size && s.children().equals(children)).isPresent()
            && view.facts().budget() == budget;
    return right
        ? Optional.empty()
        : Optional.of(new Step.ApplyChildren(size, budget, volume, snapshot));
  }

  /**
   * Never less than takes in every member; while nobody leads, never less than it is: who the
   * members are is not certain then. While a snapshot is to be taken over one pod is enough: a
   * volume with the file may be for one machine only.
   */
  static int size(View view) {
    int least =
        FoundingOnce.showsSnapshot(view) ? 1 : Math.max(view.goal(), view.highestMember() + 1);
    return view.leader().isPresent()
        ? least
        : Math.max(least, view.facts().statefulSet().map(StatefulSet::replicas).orElse(0));
  }

  /** A quorum of the voters there are, or are to be if that is more. */
  static int budget(View view) {
    int voters = Math.max(view.voters().size(), view.goal());
    return voters > 1 ? View.majority(voters) : 0;
  }
}

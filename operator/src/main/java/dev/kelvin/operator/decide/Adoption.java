package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.Claim;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.StatefulSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Any trace of an earlier founding (an annotation, a node with data) is taken over into the status;
 * so is the cluster that the recorded one was recovered into.
 */
final class Adoption implements Concern {
  @Override
  public Optional<Step> next(View view) {
    var facts = view.facts();
    if (facts.statefulSet().filter(s -> !s.ours()).isPresent()) {
      return View.wait(
          "ForeignStatefulSet",
          "a StatefulSet %s of another owner is there; waiting until it is gone",
          view.wanted().name());
    }
    var traces = traces(facts);
    if (view.founding().isPresent()) {
      long known = view.founding().get().clusterId();
      return successor(facts, known).map(Step.AdoptFounding::new);
    }
    if (traces.size() > 1) {
      return View.wait(
          "FoundingsConflict",
          "traces of several clusters are there (%s) and the status tells of none; delete the volume claims of those that are not meant",
          traces.keySet().stream().map(View::hex).collect(Collectors.joining(", ")));
    }
    return traces.values().stream().findFirst().map(Step.AdoptFounding::new);
  }

  /** Foundings of which something is left, by cluster, without those that were recovered from. */
  static Map<Long, Founding> traces(Facts facts) {
    Map<Long, Founding> found = new TreeMap<>();
    var written =
        Stream.concat(
                facts.statefulSet().flatMap(StatefulSet::founding).stream(),
                facts.claims().stream().map(Claim::founding).flatMap(Optional::stream))
            .toList();
    written.forEach(f -> found.putIfAbsent(f.clusterId(), f));
    var nodes = nodes(facts);
    nodes.forEach(n -> found.putIfAbsent(n.cluster(), new Founding(n.cluster(), n.incarnation())));
    Set<Long> superseded = new HashSet<>();
    nodes.forEach(n -> superseded.addAll(n.ancestors()));
    found.keySet().removeAll(superseded);
    return found;
  }

  /** The cluster that was recovered from the known one, if a member of it answers. */
  private static Optional<Founding> successor(Facts facts, long known) {
    return nodes(facts).stream()
        .filter(n -> n.state() == NodeStatus.State.VOTER && n.ancestors().contains(known))
        .min(Comparator.comparingInt(n -> n.ancestors().indexOf(known)))
        .map(n -> new Founding(n.cluster(), n.incarnation()));
  }

  private static List<NodeStatus> nodes(Facts facts) {
    return facts.pods().stream()
        .flatMap(p -> p.node().stream())
        .filter(n -> n.cluster() != 0)
        .toList();
  }
}

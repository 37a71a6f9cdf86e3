package dev.kelvin.operator.decide;

import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.NodeStatus.Alarm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What keeps clients from writing although members are healthy: alarms, which stand until somebody
 * disarms them, and disks that are nearly full. Nothing is done about it; it is said.
 */
public final class Alarms {
  private static final String DISK = "ShortOfDiskSpace";
  private static final String NOSPACE = "AlarmNoSpace";
  private static final String CORRUPT = "AlarmCorrupt";
  private static final String OTHER = "Alarm";

  /** Reasons of the condition Degraded that are news of their own. */
  public static final Set<String> REASONS = Set.of(DISK, NOSPACE, CORRUPT, OTHER);

  /** Anybody can raise alarms of members that there are not: more names help nobody. */
  private static final int NAMES = 7;

  private Alarms() {}

  /**
   * One trouble.
   *
   * @param reason one word
   * @param message for a person
   */
  record Trouble(String reason, String message) {}

  /** The gravest comes last. */
  static List<Trouble> of(View view) {
    List<Trouble> troubles = new ArrayList<>();
    var small =
        view.facts().pods().stream()
            .filter(p -> p.node().filter(NodeStatus::shortOfSpace).isPresent())
            .map(p -> view.pod(p.ordinal()))
            .toList();
    if (!small.isEmpty()) {
      troubles.add(
          new Trouble(
              DISK,
              "short of disk space: %s; a leader without space refuses writes that add data: delete keys and compact, or enlarge the volumes"
                  .formatted(names(small))));
    }
    var types = standing(view);
    var noSpace = types.remove("NOSPACE");
    var corrupt = types.remove("CORRUPT");
    types.forEach(
        (type, whose) ->
            troubles.add(
                new Trouble(
                    OTHER,
                    "alarm %s of %s stands until it is disarmed".formatted(type, names(whose)))));
    if (noSpace != null) {
      troubles.add(
          new Trouble(
              NOSPACE,
              "alarm NOSPACE of %s: writes that add data are refused; delete keys and compact, or raise node.quotaBackendBytes, then disarm it (etcdctl alarm disarm)"
                  .formatted(names(noSpace))));
    }
    if (corrupt != null) {
      troubles.add(
          new Trouble(
              CORRUPT,
              "alarm CORRUPT of %s: nothing can be changed until it is disarmed (etcdctl alarm disarm)"
                  .formatted(names(corrupt))));
    }
    return troubles;
  }

  /** By type, whose they are: as the leader says; while nobody leads, as anybody says. */
  private static TreeMap<String, TreeSet<String>> standing(View view) {
    var types = new TreeMap<String, TreeSet<String>>();
    view.serving()
        .map(l -> l.alarms().stream())
        .orElseGet(() -> view.ours().flatMap(n -> n.alarms().stream()))
        .forEach(a -> types.computeIfAbsent(a.type(), _ -> new TreeSet<>()).add(whose(view, a)));
    return types;
  }

  private static String whose(View view, Alarm alarm) {
    return view.members().stream()
        .filter(m -> m.id() == alarm.member() && m.ordinal() >= 0)
        .findFirst()
        .map(m -> view.pod(m.ordinal()))
        .orElseGet(() -> "member " + View.hex(alarm.member()));
  }

  private static String names(Collection<String> all) {
    var some = String.join(", ", all.stream().limit(NAMES).toList());
    return all.size() > NAMES ? "%s and %d more".formatted(some, all.size() - NAMES) : some;
  }
}

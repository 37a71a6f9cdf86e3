package dev.kelvin.operator.observe;

import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Why a pod does not run, as scheduler and kubelet say it: an image that cannot be had, no room.
 */
final class Troubles {
  /** What every pod goes through. */
  private static final Set<String> ORDINARY = Set.of("ContainerCreating", "PodInitializing");

  private static final int LONGEST = 300;

  private Troubles() {}

  /**
   * @return in one line; empty when there is nothing to say
   */
  static String of(PodStatus status) {
    return container(status).or(() -> unscheduled(status)).orElse("");
  }

  private static Optional<String> container(PodStatus status) {
    return status.getContainerStatuses().stream()
        .flatMap(c -> Optional.ofNullable(c.getState()).map(s -> s.getWaiting()).stream())
        .filter(w -> w.getReason() != null && !ORDINARY.contains(w.getReason()))
        .findFirst()
        .map((ContainerStateWaiting w) -> line(w.getReason(), w.getMessage()));
  }

  private static Optional<String> unscheduled(PodStatus status) {
    return status.getConditions().stream()
        .filter(c -> c.getType().equals("PodScheduled") && c.getStatus().equals("False"))
        .filter(c -> Objects.equals(c.getReason(), "Unschedulable"))
        .findFirst()
        .map(c -> line(c.getReason(), c.getMessage()));
  }

  private static String line(String reason, String message) {
    var said =
        message == null || message.isBlank()
            ? reason
            : reason + ": " + message.strip().replaceAll("\\s+", " ");
    return said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said;
  }
}

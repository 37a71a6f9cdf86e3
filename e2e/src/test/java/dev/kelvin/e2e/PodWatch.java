package dev.kelvin.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.HashMap;
import java.util.Map;

/** What the pods of a cluster go through, change by change: nothing between two looks is missed. */
final class PodWatch implements Watcher<Pod>, AutoCloseable {
  private final Map<String, Boolean> ready = new HashMap<>();
  private final Watch watch;
  private long mostAway;
  private WatcherException broken;

  /** Begins with the pods there are. */
  PodWatch(Scenario scenario, String cluster) {
    watch =
        Kubernetes.get()
            .client()
            .pods()
            .inNamespace(scenario.namespace())
            .withLabel(Cluster.INSTANCE, cluster)
            .watch(this);
  }

  /** Runs, serves, and is not on its way out. */
  static boolean ready(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null
        && pod.getStatus().getConditions() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  @Override
  public synchronized void eventReceived(Action action, Pod pod) {
    ready.put(pod.getMetadata().getName(), action != Action.DELETED && ready(pod));
    mostAway = Math.max(mostAway, ready.values().stream().filter(r -> !r).count());
  }

  @Override
  public synchronized void onClose(WatcherException cause) {
    broken = cause;
  }

  /** The most pods that were not ready at a time, of those that have ever been there. */
  synchronized long mostAway() {
    if (broken != null) {
      throw new IllegalStateException("the watch ended", broken);
    }
    return mostAway;
  }

  @Override
  public void close() {
    watch.close();
  }
}

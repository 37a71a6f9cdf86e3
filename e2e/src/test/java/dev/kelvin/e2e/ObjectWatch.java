package dev.kelvin.e2e;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A watch of the config maps of a namespace, by one request that first tells what there is. It
 * fails when a revision is told twice or out of order.
 */
final class ObjectWatch implements Watcher<ConfigMap>, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String END_OF_THE_FIRST = "k8s.io/initial-events-end";

  private record Told(Action action, String name, long revision) {}

  private final List<Told> told = new ArrayList<>();
  private final Watch watch;
  private boolean allThereWas;
  private String wrong;

  ObjectWatch(KubernetesClient client, String namespace) {
    watch =
        client
            .configMaps()
            .inNamespace(namespace)
            .watch(
                new ListOptionsBuilder()
                    .withSendInitialEvents(true)
                    .withResourceVersionMatch("NotOlderThan")
                    .withAllowWatchBookmarks(true)
                    .build(),
                this);
  }

  @Override
  public synchronized void eventReceived(Action action, ConfigMap object) {
    var metadata = object.getMetadata();
    long revision = Long.parseLong(metadata.getResourceVersion());
    if (action == Action.BOOKMARK) {
      var annotations = metadata.getAnnotations();
      allThereWas |= annotations != null && "true".equals(annotations.get(END_OF_THE_FIRST));
      return;
    }
    // What there was at the beginning is told in the order of names.
    if (allThereWas && !told.isEmpty() && told.getLast().revision >= revision) {
      wrong = "revision %d after %s".formatted(revision, told.getLast());
    }
    told.add(new Told(action, metadata.getName(), revision));
  }

  @Override
  public synchronized void onClose(WatcherException cause) {
    wrong = "ended: " + cause;
  }

  void awaitAllThereWas() {
    Await.until("all there was", PATIENCE, this::allThereWas, yes -> yes);
  }

  private synchronized boolean allThereWas() {
    return allThereWas;
  }

  /** Waits until that many of a kind were told. */
  void await(Action action, int count) {
    Await.until(count + " times " + action, PATIENCE, () -> names(action).size(), n -> n >= count);
  }

  /** Of what was told so far, in order. */
  synchronized List<String> names(Action action) {
    if (wrong != null) {
      throw new AssertionError(wrong);
    }
    return told.stream().filter(t -> t.action == action).map(Told::name).toList();
  }

  @Override
  public void close() {
    watch.close();
  }
}

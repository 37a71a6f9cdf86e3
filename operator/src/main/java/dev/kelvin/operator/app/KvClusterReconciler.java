package dev.kelvin.operator.app;

import dev.kelvin.operator.app.Rounds.Course;
import dev.kelvin.operator.crd.KvCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells when to run a round: the spec changed, or a pod, the StatefulSet or a claim did, or some
 * time is over, for nodes send no events. No finalizer and no dependents: owner references delete
 * the children, and an operator that is gone keeps nothing from being deleted. The SDK runs one
 * round of a cluster at a time.
 */
@ControllerConfiguration(name = KvClusterReconciler.NAME)
public class KvClusterReconciler implements Reconciler<KvCluster> {
  static final String NAME = "kvcluster";
  private static final String INSTANCE = "app.kubernetes.io/instance";
  private static final String SELECTOR =
      "app.kubernetes.io/name=kelvin,app.kubernetes.io/managed-by=kelvin-operator," + INSTANCE;

  private final Rounds rounds;
  private final Map<ResourceID, Course> courses = new ConcurrentHashMap<>();

  KvClusterReconciler(Rounds rounds) {
    this.rounds = rounds;
  }

  @Override
  public List<EventSource<?, KvCluster>> prepareEventSources(
      EventSourceContext<KvCluster> context) {
    return List.of(
        watch(Pod.class, context),
        watch(StatefulSet.class, context),
        watch(PersistentVolumeClaim.class, context));
  }

  private static <R extends HasMetadata> EventSource<?, KvCluster> watch(
      Class<R> type, EventSourceContext<KvCluster> context) {
    var configuration =
        InformerEventSourceConfiguration.from(type, KvCluster.class)
            .withName(type.getSimpleName())
            .withLabelSelector(SELECTOR)
            .withSecondaryToPrimaryMapper(KvClusterReconciler::cluster)
            .build();
    return new InformerEventSource<>(configuration, context);
  }

  private static Set<ResourceID> cluster(HasMetadata child) {
    var meta = child.getMetadata();
    return Set.of(new ResourceID(meta.getLabels().get(INSTANCE), meta.getNamespace()));
  }

  @Override
  public UpdateControl<KvCluster> reconcile(KvCluster cached, Context<KvCluster> context)
      throws InterruptedException {
    var id = ResourceID.fromResource(cached);
    // Nobody tells of a cluster that was deleted; what it leaves is forgotten with the next look.
    courses.keySet().removeIf(i -> !i.equals(id) && context.getPrimaryCache().get(i).isEmpty());
    var course = courses.computeIfAbsent(id, i -> new Course());
    var next = rounds.run(id.getNamespace().orElseThrow(), id.getName(), course);
    var control = UpdateControl.<KvCluster>noUpdate();
    if (next.isEmpty()) {
      courses.remove(id);
      return control;
    }
    return control.rescheduleAfter(next.get());
  }
}

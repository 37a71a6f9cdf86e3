package dev.kelvin.operator.report;

import dev.kelvin.operator.children.Children;
import dev.kelvin.operator.crd.KvCluster;
import dev.kelvin.operator.crd.KvClusterStatus;
import dev.kelvin.operator.crd.KvClusterStatus.MemberStatus;
import dev.kelvin.operator.decide.Decision;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.Recorded;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;

/**
 * Writes status and events. The status is replaced only as it was read, so that nothing on record
 * is lost to somebody who writes at the same time.
 */
public final class Reporter {
  /** As the API server has it: more is refused. */
  private static final int LONGEST_NOTE = 1024;

  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final String instance;

  /**
   * @param instance which operator speaks: its pod's name
   */
  public Reporter(KubernetesClient client, String instance) {
    this.client = client;
    this.instance = instance;
  }

  /**
   * Writes the status that follows from a decision, unless it is already there.
   *
   * @param read the cluster as it was read, or as an earlier write left it
   * @param recorded what is to stay on record
   * @return the cluster as it is now
   * @throws KubernetesClientException with 409 when somebody else wrote meanwhile
   */
  public KvCluster status(
      KvCluster read, Facts facts, Recorded recorded, Decision decision, Instant now) {
    var before = read.getStatus();
    var after =
        StatusReport.status(
            facts, recorded, decision, before, Children.names(read).selector(), now);
    if (before != null && same(before, after)) {
      return read;
    }
    var written = new KvCluster();
    written.setMetadata(read.getMetadata());
    written.setSpec(read.getSpec());
    written.setStatus(after);
    // Locked: update sends the version of the object that was read.
    return client.resource(written).updateStatus();
  }

  /** Whether two say the same. Under load members' lag differs with every look: its size counts. */
  static boolean same(KvClusterStatus a, KvClusterStatus b) {
    return Serialization.asJson(rounded(a)).equals(Serialization.asJson(rounded(b)));
  }

  private static KvClusterStatus rounded(KvClusterStatus s) {
    var members = s.members() == null ? null : s.members().stream().map(Reporter::rounded).toList();
    return new KvClusterStatus(
        s.observedGeneration(),
        s.conditions(),
        s.replicas(),
        s.readyReplicas(),
        s.selector(),
        s.leader(),
        s.version(),
        s.clusterId(),
        members == null || members.isEmpty() ? null : members,
        s.operation(),
        s.founding(),
        s.recovery());
  }

  private static MemberStatus rounded(MemberStatus m) {
    Long lag = m.lag() == null ? null : Long.valueOf(m.lag() / 1000);
    return new MemberStatus(m.pod(), m.id(), m.role(), m.healthy(), lag, m.version());
  }

  /**
   * Tells a story as an event.
   *
   * @throws KubernetesClientException when it cannot be told; the cluster is none the worse
   */
  public void tell(KvCluster cluster, Story story, Instant now) {
    var meta = cluster.getMetadata();
    var note = story.message();
    var event =
        new EventBuilder()
            .withNewMetadata()
            .withGenerateName(meta.getName() + "-")
            .withNamespace(meta.getNamespace())
            .endMetadata()
            .withRegarding(
                new ObjectReferenceBuilder()
                    .withApiVersion(cluster.getApiVersion())
                    .withKind(cluster.getKind())
                    .withNamespace(meta.getNamespace())
                    .withName(meta.getName())
                    .withUid(Objects.requireNonNull(meta.getUid()))
                    .build())
            .withType(story.warning() ? "Warning" : "Normal")
            .withReason(story.reason())
            .withAction(story.reason())
            .withNote(note.length() > LONGEST_NOTE ? note.substring(0, LONGEST_NOTE) : note)
            .withReportingController("kelvin.dev/operator")
            .withReportingInstance(instance)
            .withNewEventTime(MICROS.format(now))
            .build();
    client.resource(event).create();
  }
}

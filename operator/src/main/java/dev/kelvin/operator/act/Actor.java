package dev.kelvin.operator.act;

import dev.kelvin.operator.care.CareAddress;
import dev.kelvin.operator.care.CareClient;
import dev.kelvin.operator.care.CareException;
import dev.kelvin.operator.children.Effective;
import dev.kelvin.operator.children.Names;
import dev.kelvin.operator.children.Shape;
import dev.kelvin.operator.crd.KvCluster;
import dev.kelvin.operator.decide.Decision;
import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.operator.facts.Pod;
import dev.kelvin.operator.facts.Recorded;
import dev.kelvin.operator.observe.Observation;
import dev.kelvin.operator.report.Records;
import dev.kelvin.operator.report.Reporter;
import dev.kelvin.proto.care.Snapshot;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * Carries out exactly one step, on the very objects and nodes it was decided for: what has another
 * UID, version, incarnation or cluster by now refuses. Any thread may act.
 */
public final class Actor {
  private final Objects objects;
  private final CareClient care;
  private final Reporter reporter;

  public Actor(Objects objects, CareClient care, Reporter reporter) {
    this.objects = objects;
    this.care = care;
    this.reporter = reporter;
  }

  /**
   * What came of a step.
   *
   * @param cluster as it was read, or as the step left it
   * @param recorded what is on record now
   */
  public record Outcome(KvCluster cluster, Recorded recorded) {}

  /**
   * Carries out the step of a decision.
   *
   * @throws CareException when a node refuses or does not answer: it may have done it all the same
   * @throws io.fabric8.kubernetes.client.KubernetesClientException when the API server refuses: 404
   *     and 409 mean that the step was decided on what is no more
   */
  public Outcome act(Observation seen, Facts facts, Decision decision, Instant now)
      throws CareException {
    var step = decision.step();
    var recorded = recorded(facts.recorded(), step);
    var cluster = seen.cluster();
    if (!recorded.equals(facts.recorded())) {
      cluster = reporter.status(cluster, facts, recorded, decision, now);
    }
    var names = new Names(facts.wanted().name(), cluster.getMetadata().getNamespace());
    switch (step) {
      case Step.Wait _, Step.RecordFounding _, Step.AdoptFounding _ -> {
        // Nothing but what is on record.
      }
      case Step.ApplyChildren(int size, int budget, long volumeBytes, boolean snapshot) ->
          objects.apply(seen, new Shape(size, budget, volumeBytes, snapshot));
      case Step.MarkFounding(var founding, boolean statefulSet, var claims) -> {
        if (statefulSet) {
          objects.annotateStatefulSet(seen, Map.of(Names.FOUNDING, Records.mark(founding)));
        }
        for (var claim : claims) {
          objects.annotateClaim(names, claim, Map.of(Names.FOUNDING, Records.mark(founding)));
        }
      }
      case Step.RecordRecovery(var recovery) -> {
        if (seen.statefulSet() != null) {
          objects.annotateStatefulSet(seen, Map.of(Names.RECOVERY, Records.mark(recovery)));
        }
      }
      case Step.Bootstrap(int ordinal, var founding, boolean snapshot) ->
          care.bootstrap(
              node(seen, ordinal),
              founding.clusterId(),
              founding.incarnation(),
              snapshot ? Optional.of(snapshot(cluster)) : Optional.empty());
      case Step.Join(int ordinal, long incarnation, var members) ->
          care.join(node(seen, ordinal), incarnation, members);
      case Step.Promote(long id, long member) ->
          care.promote(voter(seen, facts, id, 0), id, member);
      case Step.Remove(long id, long member, _, _) ->
          care.remove(voter(seen, facts, id, member), id, member);
      case Step.Transfer(long id, long to, _, _) ->
          care.transfer(voter(seen, facts, id, 0), id, to);
      case Step.SetAside(int ordinal, long member) -> care.setAside(node(seen, ordinal), member);
      case Step.Recover(var r) ->
          care.recover(node(seen, r.survivor()), r.member(), r.from(), r.to());
      case Step.DeletePod(int ordinal, var uid, var version, _) ->
          objects.deletePod(names, ordinal, uid, version);
      case Step.DeleteClaim(var claim) -> objects.deleteClaim(names, claim);
      case Step.GrowVolume(var claim, long bytes) -> objects.growClaim(names, claim, bytes);
      case Step.RenewStatefulSet _ -> objects.orphanStatefulSet(seen);
      case Step.LabelLeader(int ordinal) -> objects.labelLeader(seen, ordinal);
    }
    return new Outcome(cluster, recorded);
  }

  /** What is on record once a step is carried out. */
  static Recorded recorded(Recorded before, Step step) {
    return switch (step) {
      case Step.RecordFounding(var founding) ->
          new Recorded(Optional.of(founding), before.recovery(), before.operation());
      case Step.AdoptFounding(var founding) ->
          new Recorded(Optional.of(founding), before.recovery(), before.operation());
      case Step.RecordRecovery(var recovery) ->
          new Recorded(before.founding(), Optional.of(recovery), before.operation());
      default -> before;
    };
  }

  /** As the spec names it, where the pod has it. */
  private static Snapshot snapshot(KvCluster cluster) {
    var from = Effective.of(cluster).fromSnapshot().orElseThrow();
    return Snapshot.newBuilder()
        .setPath(Names.SNAPSHOT_PATH + "/" + from.path())
        .setBumpRevision(from.bumpRevision() == null ? 0 : from.bumpRevision())
        .setMarkCompacted(Boolean.TRUE.equals(from.markCompacted()))
        .build();
  }

  private static CareAddress node(Observation seen, int ordinal) throws CareException {
    return seen.podAt(ordinal)
        .flatMap(Observation::address)
        .orElseThrow(() -> CareException.noAddress("pod " + ordinal));
  }

  /**
   * Whom to ask for a change of the cluster: the leader, or any voter, who passes it on.
   *
   * @param not member that must not be asked; 0 for none
   */
  private static CareAddress voter(Observation seen, Facts facts, long cluster, long not)
      throws CareException {
    var pod =
        facts.pods().stream()
            .filter(
                p ->
                    p.node()
                        .filter(n -> n.state() == NodeStatus.State.VOTER)
                        .filter(n -> n.cluster() == cluster && n.member() != not)
                        .isPresent())
            .max(Comparator.comparing(Actor::leads));
    return node(seen, pod.map(Pod::ordinal).orElseThrow(() -> CareException.noAddress("a voter")));
  }

  private static boolean leads(Pod pod) {
    return pod.node().filter(NodeStatus::leads).isPresent();
  }
}

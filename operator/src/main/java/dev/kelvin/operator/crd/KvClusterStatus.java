package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;

/** What a cluster is, as last observed, and what the operator has to remember about it. */
@JsonClassDescription(
    "What the cluster is, as last observed, and what the operator has to remember about it.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KvClusterStatus(
    @JsonPropertyDescription("Generation of the spec that this status is about.")
        Long observedGeneration,
    @JsonPropertyDescription(
            "Available: clients can read and write. Progressing: an operation is under way. Degraded: something is not as it should be; the message says what, and what to do.")
        List<Condition> conditions,
    @JsonPropertyDescription("Pods that the StatefulSet has.") @StatusReplicas Integer replicas,
    @JsonPropertyDescription("Members that are healthy voters.") Integer readyReplicas,
    @JsonPropertyDescription("Selects the pods, for kubectl scale and autoscalers.") @LabelSelector
        String selector,
    @JsonPropertyDescription("Pod of the member that leads.") String leader,
    @JsonPropertyDescription("Version that the members run; the lowest while they differ.")
        String version,
    @JsonPropertyDescription("ID of the cluster, in hexadecimal.") String clusterId,
    @JsonPropertyDescription("The members, as the leader knows them.") List<MemberStatus> members,
    @JsonPropertyDescription("The operation in flight.") OperationStatus operation,
    @JsonPropertyDescription(
            "The founding, recorded before it was carried out. The operator never founds where there is one.")
        FoundingStatus founding,
    @JsonPropertyDescription("The last recovery from a lost quorum that was asked for.")
        RecoveryStatus recovery) {

  /** A member. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MemberStatus(
      @JsonPropertyDescription("Its pod; empty if it is none of the StatefulSet's.") String pod,
      @JsonPropertyDescription("Its ID, in hexadecimal.") String id,
      @JsonPropertyDescription("Leader, Follower or Learner.") Role role,
      @JsonPropertyDescription("Whether it is heard of, has caught up, and answers.")
          Boolean healthy,
      @JsonPropertyDescription("Log entries it is behind the leader.") Long lag,
      @JsonPropertyDescription("Version it runs.") String version) {}

  /** What a member is. */
  public enum Role {
    Leader,
    Follower,
    Learner
  }

  /** The operation in flight. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record OperationStatus(
      @JsonPropertyDescription(
              "Found, Replace, ScaleUp, ScaleDown, ResizeVolumes, Rollout or Recover.")
          String kind,
      @JsonPropertyDescription("What it is to reach.") String target,
      @JsonPropertyDescription("Members the cluster is to have while it lasts.") Integer members,
      @JsonPropertyDescription("How far it is.") String progress,
      @JsonPropertyDescription("When it began.") String startedAt,
      @JsonPropertyDescription(
              "When it counts as stuck, unless it makes a step forward before. Nothing else is begun meanwhile.")
          String deadline) {}

  /** The founding. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record FoundingStatus(
      @JsonPropertyDescription("ID the cluster was given, in hexadecimal.") String clusterId,
      @JsonPropertyDescription("Data directory that founded it, in hexadecimal.")
          String incarnation) {}

  /** A recovery. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record RecoveryStatus(
      @JsonPropertyDescription("As asked for.") String name,
      @JsonPropertyDescription("BEGUN, DONE or REFUSED.") String outcome,
      @JsonPropertyDescription("Pod whose data live on.") String survivor,
      @JsonPropertyDescription("Its member ID, in hexadecimal.") String member,
      @JsonPropertyDescription("Cluster that lost its quorum, in hexadecimal.") String from,
      @JsonPropertyDescription("Cluster that goes on, in hexadecimal.") String to) {}
}

package dev.kelvin.operator.report;

import dev.kelvin.operator.crd.KvClusterStatus;
import dev.kelvin.operator.decide.Alarms;
import dev.kelvin.operator.decide.Condition;
import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.facts.Recovery;
import dev.kelvin.operator.facts.Wanted;
import java.util.Optional;

/**
 * What an event says of a step: read in order, events tell what happened to a cluster.
 *
 * @param reason one word
 * @param message for a person
 * @param warning whether it is more than the ordinary course of things
 */
public record Story(String reason, String message, boolean warning) {

  /**
   * @return empty for a step that is nobody's news
   */
  public static Optional<Story> of(Wanted wanted, Step step) {
    return Optional.ofNullable(
        switch (step) {
          case Step.Wait _, Step.LabelLeader _, Step.MarkFounding _ -> null;
          case Step.ApplyChildren(int size, _, _, _) ->
              normal("ChildrenApplied", "applies the children, with %d pods", size);
          case Step.RecordFounding(var founding) ->
              normal(
                  "FoundingRecorded",
                  "cluster %s is to be founded",
                  Records.hex(founding.clusterId()));
          case Step.AdoptFounding(var founding) ->
              warning(
                  "FoundingAdopted",
                  "found traces of cluster %s, and goes on as that one",
                  Records.hex(founding.clusterId()));
          case Step.Bootstrap(int ordinal, var founding, boolean snapshot) ->
              normal(
                  "Founded",
                  "%s founds cluster %s%s",
                  wanted.pod(ordinal),
                  Records.hex(founding.clusterId()),
                  snapshot ? " from the snapshot" : "");
          case Step.Join(int ordinal, _, _) ->
              normal("Joining", "%s is to join", wanted.pod(ordinal));
          case Step.Promote(_, long member) ->
              normal("Promoted", "learner %s is to be a voter", Records.hex(member));
          case Step.Remove(_, long member, int ordinal, var why) ->
              normal(
                  "MemberRemoved",
                  "removes member %s of %s: %s",
                  Records.hex(member),
                  wanted.pod(ordinal),
                  why);
          case Step.Transfer(_, _, int ordinal, var why) ->
              normal("LeaderMoved", "moves leadership to %s: %s", wanted.pod(ordinal), why);
          case Step.SetAside(int ordinal, long member) ->
              normal(
                  "DataSetAside",
                  "%s sets the data of removed member %s aside",
                  wanted.pod(ordinal),
                  Records.hex(member));
          case Step.DeletePod(int ordinal, _, _, var why) ->
              normal("PodRenewed", "deletes %s: %s", wanted.pod(ordinal), why);
          case Step.DeleteClaim(var claim) ->
              normal(
                  "ClaimDeleted",
                  "deletes the volume claim of %s, which was scaled away",
                  wanted.pod(claim.ordinal()));
          case Step.GrowVolume(var claim, long bytes) ->
              normal(
                  "VolumeGrows",
                  "the volume of %s grows to %d bytes",
                  wanted.pod(claim.ordinal()),
                  bytes);
          case Step.RenewStatefulSet _ ->
              normal("StatefulSetRenewed", "renews the StatefulSet and leaves its pods");
          case Step.RecordRecovery(var recovery) -> recorded(wanted, recovery);
          case Step.Recover(var recovery) ->
              warning(
                  "Recovering",
                  "%s goes on alone as cluster %s",
                  wanted.pod(recovery.survivor()),
                  Records.hex(recovery.to()));
        });
  }

  /**
   * What an event says of a condition: that clients are, or may be, refused writes.
   *
   * @param before the status so far, or null
   * @return empty when it was said, or is no such news
   */
  public static Optional<Story> of(KvClusterStatus before, Condition condition) {
    boolean known =
        before != null
            && before.conditions().stream()
                .anyMatch(
                    c ->
                        c.getType().equals(condition.type().word())
                            && c.getReason().equals(condition.reason()));
    return condition.type() == Condition.Type.DEGRADED
            && condition.holds()
            && Alarms.REASONS.contains(condition.reason())
            && !known
        ? Optional.of(new Story(condition.reason(), condition.message(), true))
        : Optional.empty();
  }

  private static Story recorded(Wanted wanted, Recovery recovery) {
    return switch (recovery.outcome()) {
      case BEGUN ->
          warning(
              "RecoveryBegun",
              "recovery %s begins with %s",
              recovery.name(),
              wanted.pod(recovery.survivor()));
      case DONE -> normal("RecoveryDone", "recovery %s is done", recovery.name());
      case REFUSED ->
          warning(
              "RecoveryRefused",
              "recovery %s is refused: a quorum answers; the name is spent",
              recovery.name());
    };
  }

  private static Story normal(String reason, String message, Object... values) {
    return new Story(reason, message.formatted(values), false);
  }

  private static Story warning(String reason, String message, Object... values) {
    return new Story(reason, message.formatted(values), true);
  }
}

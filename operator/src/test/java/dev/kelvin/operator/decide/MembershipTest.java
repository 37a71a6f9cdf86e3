package dev.kelvin.operator.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.decide.Step.ClaimId;
import dev.kelvin.operator.facts.Founding;
import dev.kelvin.operator.facts.Member;
import dev.kelvin.operator.facts.NodeStatus.State;
import dev.kelvin.operator.facts.Operation.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MembershipTest {
  /** One member of three that are wanted; the others wait. */
  private static Given growing() {
    var given = Given.cluster(1);
    given.replicas = 3;
    given.setSize = 3;
    given.budget = 2;
    given.addWaiting(1);
    given.addWaiting(2);
    return given;
  }

  @Test
  void aClusterThatIsWellIsLeftAlone() {
    assertEquals("AsSpecified", Given.cluster(3).waits());
    assertTrue(Given.cluster(3).condition(Condition.Type.AVAILABLE).holds());
    assertTrue(Given.cluster(3).decision().operation().isEmpty());
  }

  @Test
  void theLowestPodJoinsFirst() {
    assertEquals(new Step.Join(1, 1001, List.of("demo-0:2380")), growing().step());
    assertEquals(Kind.SCALE_UP, growing().decision().operation().orElseThrow().kind());
  }

  @Test
  void whileOneAsksToBeLetInNoOtherJoins() {
    var given = growing();
    given.pod(2).state = State.JOINING;
    given.pod(2).refusal = "demo-0:2380 did not let this node in: no leader";
    var waiting = assertInstanceOf(Step.Wait.class, given.step());
    assertEquals("Joining", waiting.reason());
    assertTrue(waiting.message().contains("no leader"), waiting.message());
  }

  @Test
  void aLearnerThatIsBehindIsWaitedFor() {
    var given = growing();
    given.pod(1).state = State.LEARNER;
    given.pod(1).member = 101;
    given.pod(1).cluster = Given.CLUSTER;
    given.members.add(new Member(101, 1, "demo-1:2380", true, 1001, 0, false));
    assertEquals("CatchingUp", given.waits());
  }

  @Test
  void aLearnerThatCaughtUpIsPromotedBeforeTheNextJoins() {
    var given = growing();
    given.pod(1).state = State.LEARNER;
    given.pod(1).member = 101;
    given.pod(1).cluster = Given.CLUSTER;
    given.members.add(Given.member(1, true));
    assertEquals(new Step.Promote(Given.CLUSTER, 101), given.step());
  }

  @Test
  void aJoinWhoseAnswerGotLostIsRepeated() {
    var given = growing();
    given.members.add(Given.member(1, true));
    assertEquals(new Step.Join(1, 1001, List.of("demo-0:2380")), given.step());
  }

  @Test
  void aLearnerThatLostItsDiskIsRemoved() {
    var given = growing();
    given.members.add(Given.member(1, true));
    given.pod(1).incarnation = 4444;
    assertInstanceOf(Step.Remove.class, given.step());
  }

  @Test
  void nobodyJoinsBeforeItsClaimIsMarked() {
    var given = growing();
    given.claims.put(1, Given.claim(1, Optional.empty(), 10, true));
    assertEquals(
        new Step.MarkFounding(Given.FOUNDING, false, List.of(new ClaimId(1, "claim-1"))),
        given.step());
    given.claims.remove(1);
    assertEquals("MarksMissing", given.waits());
  }

  @Test
  void aPodThatIsAwayChangesNoMembership() {
    var given = Given.cluster(3);
    given.lose(2);
    assertEquals("PodNotReady", given.waits());
    given.pods.remove(2);
    assertEquals("PodNotReady", given.waits());
    var degraded = given.condition(Condition.Type.DEGRADED);
    assertTrue(degraded.message().contains("not healthy: demo-2"), degraded.message());
  }

  @Test
  void aMemberWhosePodCameBackEmptyIsRemoved() {
    var given = Given.cluster(3);
    given.pod(2).blank(5555);
    given.inactive(2);
    assertEquals(
        new Step.Remove(Given.CLUSTER, 102, 2, "its pod came back with an empty disk"),
        given.step());
    var operation = given.decision().operation().orElseThrow();
    assertEquals(Kind.REPLACE, operation.kind());
    assertEquals("demo-2", operation.target());
  }

  @Test
  void soIsTheFirstPods() {
    var given = Given.cluster(3);
    given.leader = 1;
    given.pod(0).blank(5555);
    given.inactive(0);
    assertEquals(
        new Step.Remove(Given.CLUSTER, 100, 0, "its pod came back with an empty disk"),
        given.step());
  }

  @Test
  void aMemberThatIsStillHeardOfIsNotRemoved() {
    var given = Given.cluster(3);
    given.pod(2).blank(5555);
    assertEquals("StillHeardOf", given.waits());
  }

  @Test
  void afterThatThePodJoinsAsANewMember() {
    var given = Given.cluster(3);
    given.pod(2).blank(5555);
    given.removeMember(2);
    assertEquals(new Step.Join(2, 5555, List.of("demo-0:2380", "demo-1:2380")), given.step());
  }

  @Test
  void nothingIsRemovedWithoutAQuorum() {
    var given = Given.cluster(3);
    given.pod(2).blank(5555);
    given.inactive(2);
    given.lose(1);
    assertEquals("QuorumLost", given.waits());
  }

  @Test
  void aLeaderThatHasNotSettledIsNotTrusted() {
    var given = Given.cluster(3);
    given.pod(2).blank(5555);
    given.inactive(2);
    given.settledLeader = false;
    assertEquals("MembersChange", given.waits());
    assertTrue(given.condition(Condition.Type.AVAILABLE).holds());
  }

  @Test
  void dataOfARemovedIdentityAreSetAside() {
    var given = growing();
    given.pod(1).state = State.REMOVED;
    given.pod(1).member = 77;
    given.pod(1).cluster = Given.CLUSTER;
    assertEquals(new Step.SetAside(1, 77), given.step());
  }

  @Test
  void dataOfAMemberAreNeverSetAsideWhateverItsNodeSays() {
    var given = Given.cluster(3);
    given.pod(2).state = State.REMOVED;
    assertEquals("PodNotReady", given.waits());
  }

  @Test
  void whileNobodyAnswersNothingBeginsAndWhatIsInFlightLasts() {
    var given = Given.cluster(5);
    given.replicas = 3;
    given.operation = given.decision().operation();
    assertEquals(Kind.SCALE_DOWN, given.operation.orElseThrow().kind());
    given.budget = 2;
    given.pods.values().forEach(p -> p.unreachable());
    assertEquals(given.operation.get().target(), given.decision().operation().get().target());
    given.operation = Optional.empty();
    assertTrue(given.decision().operation().isEmpty());
  }

  @Test
  void dataOfAnotherClusterAreAPersonsBusiness() {
    var given = Given.cluster(3);
    given.removeMember(2);
    given.pod(2).cluster = 8;
    given.pod(2).member = 3;
    assertEquals("ForeignData", given.waits());
  }

  private static Member stranger(boolean learner) {
    return new Member(900, -1, "elsewhere:2380", learner, 77, 500, true);
  }

  /** Whoever lets it in by etcd's MemberAdd, or by a JOIN of the cache protocol. */
  @Test
  void aVoterThatIsNoneOfThePodsCountsAndIsLeftAlone() {
    var given = Given.cluster(3);
    given.members.add(stranger(false));
    assertEquals(new Step.ApplyChildren(3, 3, 10), given.step());
    given.budget = 3;
    assertEquals("AsSpecified", given.waits());
    given.outdated(2);
    given.operation = given.decision().operation();
    assertInstanceOf(Step.DeletePod.class, given.step());
    given.lose(1);
    assertTrue(given.waits().length() > 0, "two of four that vote are no quorum");
  }

  @Test
  void aLearnerThatIsNoneOfThePodsIsAPersonsBusiness() {
    var given = Given.cluster(3);
    given.members.add(stranger(true));
    assertEquals("ForeignLearner", given.waits());
  }

  @Test
  void leadershipLeavesBeforeTheMemberDoes() {
    var given = Given.cluster(3);
    given.replicas = 1;
    given.leader = 2;
    assertEquals(new Step.Transfer(Given.CLUSTER, 100, 0, "demo-2 is to leave"), given.step());
  }

  @Test
  void theHighestMemberLeavesFirstAndThePodsStay() {
    var given = Given.cluster(5);
    given.replicas = 3;
    assertEquals(
        new Step.Remove(Given.CLUSTER, 104, 4, "the cluster is scaled down"), given.step());
  }

  @Test
  void thenTheStatefulSetShrinks() {
    var given = Given.cluster(5);
    given.replicas = 3;
    given.removeMember(4);
    assertEquals(new Step.ApplyChildren(4, 3, 10), given.step());
  }

  @Test
  void nobodyLeavesWhileTheOthersAreNoHealthyQuorum() {
    var given = Given.cluster(3);
    given.replicas = 1;
    given.leader = 1;
    given.lose(0);
    assertEquals("QuorumAtRisk", given.waits());
  }

  @Test
  void oneThatIsDownAndIsToLeaveAnywayMayGoBeforeTheHighest() {
    var given = Given.cluster(3);
    given.replicas = 1;
    given.leader = 2;
    given.lose(1);
    assertEquals(
        new Step.Remove(Given.CLUSTER, 101, 1, "the cluster is scaled down"), given.step());
  }

  @Test
  void theStatefulSetDoesNotShrinkWhileNobodyKnowsTheMembers() {
    var given = Given.cluster(5);
    given.replicas = 3;
    given.pods.values().forEach(p -> p.unreachable());
    given.budget = 2;
    assertEquals("PodsStarting", given.waits());
  }

  @Test
  void aClaimThatIsLeftIsDeletedOnlyWhereTheSpecSaysSo() {
    var given = Given.cluster(3);
    given.claims.put(3, Given.claim(3, given.marked, 10, true));
    assertEquals("AsSpecified", given.waits());
    given.deleteClaims = true;
    assertEquals(new Step.DeleteClaim(new ClaimId(3, "claim-3")), given.step());
  }

  @Test
  void aClaimWithoutTheClustersMarkIsNobodysToDelete() {
    var given = Given.cluster(3);
    given.deleteClaims = true;
    given.claims.put(3, Given.claim(3, Optional.of(new Founding(8, 1)), 10, true));
    assertEquals("AsSpecified", given.waits());
  }

  @Test
  void theBudgetKeepsAQuorumOfTheVotersThereAreOrAreToBe() {
    var given = Given.cluster(3);
    given.budget = 0;
    assertEquals(new Step.ApplyChildren(3, 2, 10), given.step());
    var smaller = Given.cluster(5);
    smaller.replicas = 3;
    smaller.budget = 2;
    assertEquals(new Step.ApplyChildren(5, 3, 10), smaller.step());
  }
}

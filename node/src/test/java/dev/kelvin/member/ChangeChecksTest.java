package dev.kelvin.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.kelvin.raft.Membership;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.store.ClusterState;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Member 1 leads; members that are not named as living do not answer it. */
class ChangeChecksTest {
  private static final long LAST = 100_000;

  @Test
  void aVoterIsAddedWhereTheLivingAreStillAQuorumWithIt() {
    assertNull(check(add(false), voters(1, 2, 3), living(2, 3)));
    assertEquals(Refusal.UNHEALTHY, check(add(false), voters(1, 2, 3), living(2)));
    assertNull(check(add(false), voters(1, 2, 3, 4), living(2, 3)));
    assertEquals(Refusal.UNHEALTHY, check(add(false), voters(1, 2), living()));
    assertNull(check(add(false), voters(1), living()));
  }

  @Test
  void aLearnerIsAddedAlways() {
    assertNull(check(add(true), voters(1, 2, 3), living(2)));
  }

  @Test
  void membersThatNeverStartedDoNotCountForAnAddition() {
    var cluster = with(voters(1, 2), unstarted(3), unstarted(4));
    assertEquals(Refusal.NOT_ENOUGH_STARTED, check(add(false), cluster, living(2, 3, 4)));
  }

  @Test
  void aLearnerIsPromotedOnceItIsInSync() {
    var cluster = with(voters(1, 2, 3), learner(9));
    var promote = new MemberChange.Promote(9);
    assertNull(check(promote, cluster, living(2, 3, 9)));
    assertEquals(Refusal.LEARNER_NOT_READY, check(promote, cluster, living(2, 3)));
    assertEquals(
        Refusal.LEARNER_NOT_READY,
        check(
            promote,
            cluster,
            status(
                living(2, 3),
                new RaftStatus.Peer(9, true, 10, 11, RaftStatus.State.REPLICATE, true))));
    assertEquals(
        Refusal.LEARNER_NOT_READY,
        check(
            promote,
            cluster,
            status(
                living(2, 3),
                new RaftStatus.Peer(9, true, LAST, LAST, RaftStatus.State.SNAPSHOT, true))));
  }

  @Test
  void aPromotionThatWouldLoseTheQuorumIsRefused() {
    var cluster = with(voters(1, 2, 3, 4), learner(9));
    assertEquals(Refusal.UNHEALTHY, check(new MemberChange.Promote(9), cluster, living(9)));
  }

  @Test
  void aLivingVoterIsRemovedWhereTheRestIsAQuorum() {
    assertNull(check(new MemberChange.Remove(2), voters(1, 2, 3), living(2, 3)));
    assertEquals(Refusal.UNHEALTHY, check(new MemberChange.Remove(2), voters(1, 2, 3), living(2)));
    assertNull(check(new MemberChange.Remove(3), voters(1, 2, 3), living(2)));
    assertNull(check(new MemberChange.Remove(1), voters(1, 2, 3), living(2, 3)));
  }

  @Test
  void theLastVoterIsNeverRemoved() {
    assertEquals(
        Refusal.NOT_ENOUGH_STARTED, check(new MemberChange.Remove(1), voters(1), living()));
    assertEquals(
        Refusal.NOT_ENOUGH_STARTED,
        check(new MemberChange.Remove(1), with(voters(1), unstarted(2)), living()));
  }

  @Test
  void aLearnerIsRemovedAlways() {
    var cluster = with(voters(1, 2, 3), learner(9));
    assertNull(check(new MemberChange.Remove(9), cluster, living(2)));
  }

  @Test
  void leadershipGoesToTheLivingVoterThatIsFurthest() {
    var status =
        status(
            List.of(
                new RaftStatus.Peer(2, false, LAST - 5, LAST, RaftStatus.State.REPLICATE, true),
                new RaftStatus.Peer(3, false, LAST - 1, LAST, RaftStatus.State.REPLICATE, true),
                new RaftStatus.Peer(4, false, LAST, LAST, RaftStatus.State.REPLICATE, false),
                new RaftStatus.Peer(5, true, LAST, LAST, RaftStatus.State.REPLICATE, true)));
    assertEquals(Optional.of(3L), ChangeChecks.successor(status));
    assertEquals(Optional.empty(), ChangeChecks.successor(status(List.of())));
  }

  private static Refusal check(
      MemberChange change, ClusterState cluster, List<RaftStatus.Peer> peers) {
    return check(change, cluster, status(peers));
  }

  private static Refusal check(MemberChange change, ClusterState cluster, RaftStatus status) {
    return ChangeChecks.check(change, cluster, status);
  }

  private static MemberChange add(boolean learner) {
    return PeerUrls.add(77, List.of("http://127.0.0.1:9977"), learner);
  }

  private static ClusterState voters(long... ids) {
    var members = new ArrayList<Member>();
    for (long id : ids) {
      members.add(member(id, false, 1));
    }
    return new ClusterState(1, members, Set.of(), List.of());
  }

  private static ClusterState with(ClusterState cluster, Member... more) {
    var members = new ArrayList<>(cluster.members());
    members.addAll(List.of(more));
    return new ClusterState(1, members, Set.of(), List.of());
  }

  private static Member learner(long id) {
    return member(id, true, 1);
  }

  private static Member unstarted(long id) {
    return member(id, false, 0);
  }

  private static Member member(long id, boolean learner, long incarnation) {
    return new Member(
        id, "n" + id, List.of("http://127.0.0.1:" + id), List.of(), learner, incarnation, 1);
  }

  private static List<RaftStatus.Peer> living(long... ids) {
    var peers = new ArrayList<RaftStatus.Peer>();
    for (long id : ids) {
      peers.add(new RaftStatus.Peer(id, false, LAST, LAST, RaftStatus.State.REPLICATE, true));
    }
    return peers;
  }

  private static RaftStatus status(List<RaftStatus.Peer> peers, RaftStatus.Peer... more) {
    var all = new ArrayList<>(peers);
    all.addAll(List.of(more));
    return new RaftStatus(
        1,
        RaftStatus.Role.LEADER,
        3,
        1,
        LAST,
        LAST,
        1,
        LAST,
        Membership.of(List.of(1L), List.of()),
        0,
        all,
        true,
        true);
  }
}

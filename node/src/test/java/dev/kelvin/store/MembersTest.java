package dev.kelvin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembersTest {
  private static final Member FIRST = member(1, false, 11);
  private static final Member SECOND = member(2, false, 12);
  private static final Member ADDED = member(3, true, 0);

  private final ClusterState cluster =
      new ClusterState(5, List.of(FIRST, SECOND, ADDED), Set.of(8L), List.of());

  @Test
  void whoJoinsFromTheAddressOfAnAnnouncedMemberIsThatMember() {
    var joining = new Member(99, "n3", ADDED.peerUrls(), List.of("http://c:3"), true, 13, 1);
    var done = done(new MemberChange.Add(joining));
    assertEquals(3, done.member().id());
    assertEquals(13, done.member().incarnation());
    assertEquals("n3", done.member().name());
    assertEquals(3, done.cluster().members().size());
  }

  @Test
  void whoJoinsFromTheAddressOfAClaimedMemberIsRefused() {
    var joining = new Member(99, "n2", SECOND.peerUrls(), List.of(), true, 14, 1);
    refused(StoreError.PEER_URL_EXISTS, new MemberChange.Add(joining));
  }

  @Test
  void aRepeatedJoinIsTheSameMember() {
    var again = new Member(99, "n2", SECOND.peerUrls(), List.of(), true, 12, 1);
    assertEquals(SECOND, done(new MemberChange.Add(again)).member());
  }

  @Test
  void anIdentityIsClaimedByOneIncarnationOnly() {
    refused(StoreError.IDENTITY_CLAIMED, claim(2, 77));
    assertEquals(77, done(claim(3, 77)).member().incarnation());
  }

  @Test
  void aRemovedMemberNeverComesBack() {
    var removed = done(new MemberChange.Remove(2)).cluster();
    assertEquals(Set.of(2L, 8L), removed.removed());
    var same = new Member(2, "n2", List.of("http://new:2"), List.of(), true, 0, 1);
    assertEquals(
        new Outcome.Failed(StoreError.MEMBER_EXISTS),
        Members.apply(removed, new MemberChange.Add(same)).outcome());
  }

  @Test
  void theLastVoterStays() {
    var alone = new ClusterState(5, List.of(FIRST, ADDED), Set.of(), List.of());
    var result = Members.apply(alone, new MemberChange.Remove(1));
    assertEquals(new Outcome.Failed(StoreError.NOT_ENOUGH_STARTED), result.outcome());
    assertSame(alone, result.cluster());
  }

  @Test
  void addressesAreUpdatedUnlessAnotherHasThem() {
    var moved = List.of("http://moved:2");
    assertEquals(moved, done(new MemberChange.Update(2, moved)).member().peerUrls());
    refused(StoreError.PEER_URL_EXISTS, new MemberChange.Update(2, FIRST.peerUrls()));
    refused(StoreError.MEMBER_NOT_FOUND, new MemberChange.Update(7, moved));
  }

  @Test
  void aSurvivorGoesOnAloneUnderANewId() {
    var recovered = done(new MemberChange.Recover(6, 2)).cluster();
    assertEquals(new ClusterState(6, List.of(SECOND), Set.of(1L, 3L, 8L), List.of(5L)), recovered);
    var again = Members.apply(recovered, new MemberChange.Recover(7, 2)).cluster();
    assertEquals(List.of(6L, 5L), again.ancestors());
  }

  private Outcome.MemberDone done(MemberChange change) {
    return (Outcome.MemberDone) Members.apply(cluster, change).outcome();
  }

  private void refused(StoreError error, MemberChange change) {
    var result = Members.apply(cluster, change);
    assertEquals(new Outcome.Failed(error), result.outcome());
    assertSame(cluster, result.cluster());
  }

  private static MemberChange claim(long id, long incarnation) {
    return new MemberChange.Claim(
        id, incarnation, "x", List.of("http://127.0.0.1:" + id), List.of(), 1);
  }

  private static Member member(long id, boolean learner, long incarnation) {
    return new Member(
        id, "n" + id, List.of("http://127.0.0.1:" + id), List.of(), learner, incarnation, 1);
  }
}

package dev.kelvin.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.children.Names;
import dev.kelvin.operator.facts.Answer;
import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.proto.care.Member;
import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodesTest {
  private static final Names NAMES = new Names("demo", "shop");
  private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

  /** Of a leader in term 4, with entries up to 90 of which 80 are applied. */
  private static StatusResponse.Builder leader() {
    return StatusResponse.newBuilder()
        .setState(State.VOTER)
        .setName("demo-1")
        .setIncarnation(55)
        .setMemberId(11)
        .setClusterId(7)
        .addAncestors(6)
        .setTerm(4)
        .setLeader(11)
        .setCommitIndex(85)
        .setAppliedIndex(80)
        .setLag(5)
        .setLastIndex(90)
        .setLastTerm(4)
        .setLeaderSilenceMs(30)
        .setVersion("1.2.3");
  }

  private static NodeStatus node(StatusResponse.Builder said) {
    return assertInstanceOf(NodeStatus.class, Nodes.answer(NAMES, "demo-1", said.build(), SINCE));
  }

  private static Member peer(String url) {
    return Member.newBuilder()
        .setId(12)
        .addPeerUrls(url)
        .setLearner(true)
        .setIncarnation(56)
        .setMatchIndex(70)
        .setActive(true)
        .build();
  }

  @Test
  void whatANodeSaysIsTaken() {
    var node = node(leader());
    assertEquals(NodeStatus.State.VOTER, node.state());
    assertEquals(55, node.incarnation());
    assertEquals(11, node.member());
    assertEquals(7, node.cluster());
    assertEquals(List.of(6L), node.ancestors());
    assertEquals(85, node.commit());
    assertEquals(5, node.lag());
    assertEquals(90, node.lastIndex());
    assertEquals(Optional.of(Duration.ofMillis(30)), node.silence());
    assertEquals(Optional.empty(), node(leader().setLeaderSilenceMs(-1)).silence());
    assertTrue(node.leads());
  }

  @Test
  void alarmsAndWantOfSpaceAreTaken() {
    var said = leader().setShortOfSpace(true);
    said.addAlarmsBuilder().setMemberId(11).setType("NOSPACE");
    assertTrue(node(said).shortOfSpace());
    assertEquals(List.of(new NodeStatus.Alarm(11, "NOSPACE")), node(said).alarms());
    assertEquals(List.of(), node(leader()).alarms());
  }

  @Test
  void everyStateHasItsCounterpart() {
    for (var state : NodeStatus.State.values()) {
      assertEquals(state, node(leader().setState(State.valueOf(state.name()))).state());
    }
    assertEquals(
        NodeStatus.State.values().length + 2,
        State.values().length,
        "all but unspecified and unrecognized: " + Arrays.toString(State.values()));
  }

  @Test
  void anAnswerOfAnotherNodeIsNone() {
    var other = leader().setName("demo-2").build();
    assertEquals(new Answer.Unreachable(SINCE), Nodes.answer(NAMES, "demo-1", other, SINCE));
  }

  @Test
  void aMembersOrdinalIsThatOfThePodItsAddressPointsAt() {
    var ours = node(leader().addMembers(peer("http://demo-2.demo-peers.shop.svc:2380")));
    assertEquals(2, ours.members().getFirst().ordinal());
    assertEquals("demo-2.demo-peers.shop.svc:2380", ours.members().getFirst().peer());
    assertTrue(ours.members().getFirst().learner());
    for (var foreign :
        List.of(
            "http://demo-2.demo-peers.other.svc:2380",
            "http://10.0.0.1:2380",
            "http://demo-2.demo-peers.shop.svc:9",
            "http://demos-2.demo-peers.shop.svc:2380")) {
      assertEquals(-1, node(leader().addMembers(peer(foreign))).members().getFirst().ordinal());
    }
  }

  @Test
  void onlyTheNodeItselfKnowsThatItsListOfMembersCanBeActedOn() {
    assertFalse(node(leader()).settled());
    assertTrue(node(leader().setMembersSettled(true)).settled());
  }
}

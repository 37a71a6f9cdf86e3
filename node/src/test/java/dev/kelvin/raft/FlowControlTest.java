package dev.kelvin.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is under way, uncommitted or being applied is bounded. */
class FlowControlTest {
  private static Net pair(RaftConfig first) {
    Net net = new Net();
    var members = Membership.of(List.of(1L, 2L), List.of());
    net.add(first, members);
    net.add(2, members);
    net.elect(1);
    return net;
  }

  private static RaftConfig config(
      int messageBytes, int inflights, long inflightBytes, long uncommitted, long applying) {
    return new RaftConfig(1, 10, 1, messageBytes, inflights, inflightBytes, uncommitted, applying);
  }

  private static List<Integer> batches(Net net) {
    var sizes = new ArrayList<Integer>();
    for (Message message : net.collect(1)) {
      if (message instanceof Message.AppendRequest request) {
        sizes.add(request.entries().size());
      }
    }
    return sizes;
  }

  private static void propose(Net net, int count) {
    for (int i = 0; i < count; i++) {
      net.propose(1, "x");
    }
  }

  @Test
  void messagesAreLimitedInSizeAndNumber() {
    Net net = pair(config(3 * 33, 2, 1 << 20, 1 << 20, 1 << 20));
    propose(net, 10);
    assertEquals(List.of(3, 3), batches(net));
    assertEquals(List.of(), batches(net), "the window is full");
    net.raft(1).step(new Message.AppendResponse(2, 1, 1, true, 4, 0, 0));
    assertEquals(List.of(3), batches(net), "one answered, one more");
  }

  @Test
  void bytesUnderWayAreLimited() {
    Net net = pair(config(2 * 33, 100, 4 * 33, 1 << 20, 1 << 20));
    propose(net, 10);
    assertEquals(List.of(2, 2), batches(net));
  }

  @Test
  void anEntryLargerThanAMessageIsSentByItself() {
    Net net = pair(config(40, 100, 50, 1 << 20, 1 << 20));
    net.propose(1, "y".repeat(1000), "z".repeat(1000));
    assertEquals(List.of(1), batches(net));
    net.settle();
    assertEquals(2, net.node(2).commands.size());
  }

  @Test
  void aFullWindowIsProbedWithTheHeartbeatSoThatALossIsNoticed() {
    Net net = pair(config(33, 2, 1 << 20, 1 << 20, 1 << 20));
    propose(net, 4);
    assertEquals(List.of(1, 1), batches(net));
    net.wire.clear();
    net.tick(1, 1);
    net.settle();
    assertEquals(5, net.peer(1, 2).match());
  }

  @Test
  void aProbeIsOneMessageUntilItIsAnswered() {
    Net net = pair(config(33, 100, 1 << 20, 1 << 20, 1 << 20));
    net.raft(1).peerUnreachable(2);
    propose(net, 4);
    assertEquals(List.of(1), batches(net));
    assertEquals(List.of(), batches(net));
    net.raft(1).step(new Message.HeartbeatResponse(2, 1, 1, 0));
    assertEquals(List.of(1), batches(net), "the same once more");
    net.raft(1).step(new Message.AppendResponse(2, 1, 1, true, 2, 0, 0));
    assertEquals(List.of(1, 1, 1), batches(net), "pipelined from now on");
  }

  @Test
  void tooMuchUncommittedIsRefusedButNeverTheFirst() {
    Net net = pair(config(1 << 20, 100, 1 << 20, 100, 1 << 20));
    net.isolate(2);
    assertEquals(Raft.Accepted.YES, net.propose(1, "y".repeat(1000)));
    assertEquals(Raft.Accepted.OVERLOADED, net.propose(1, "z"));
    net.settle();
    net.heal();
    net.pass(2);
    assertEquals(1, net.node(1).commands.size());
    assertEquals(Raft.Accepted.YES, net.propose(1, "z"));
    assertEquals(Raft.Accepted.YES, net.propose(1, "z"), "66 of 100 bytes");
    assertEquals(Raft.Accepted.YES, net.propose(1, "z"), "99 of 100 bytes");
    assertEquals(Raft.Accepted.OVERLOADED, net.propose(1, "z"));
  }

  @Test
  void aBatchIsRefusedAsAWhole() {
    Net net = pair(config(1 << 20, 100, 1 << 20, 100, 1 << 20));
    net.propose(1, "a");
    long last = net.raft(1).status().lastIndex();
    assertEquals(Raft.Accepted.OVERLOADED, net.propose(1, "b", "c", "d"));
    assertEquals(last, net.raft(1).status().lastIndex());
  }

  @Test
  void entriesBeingAppliedAreLimited() {
    Net net = pair(config(1 << 20, 100, 1 << 20, 1 << 20, 2 * 33));
    propose(net, 5);
    net.collect(1);
    net.node(1).write();
    net.raft(1).step(new Message.AppendResponse(2, 1, 1, true, 6, 0, 0));
    net.collect(1);
    assertEquals(2, net.node(1).applying.size());
    net.collect(1);
    assertEquals(2, net.node(1).applying.size());
    net.node(1).apply();
    net.node(1).apply();
    net.collect(1);
    assertEquals(2, net.node(1).applying.size());
  }

  @Test
  void newsOfTheCommitIndexIsOneMessageForMany() {
    Net net = pair(config(1 << 20, 100, 1 << 20, 1 << 20, 1 << 20));
    propose(net, 3);
    net.collect(1);
    net.node(1).write();
    for (long index = 2; index <= 4; index++) {
      net.raft(1).step(new Message.AppendResponse(2, 1, 1, true, index, 0, 0));
    }
    assertEquals(List.of(new Message.AppendRequest(1, 2, 1, 4, 1, 4, List.of())), net.collect(1));
    assertEquals(List.of(), net.collect(1));
  }

  @Test
  void nothingToDoIsNothing() {
    Net net = pair(config(1 << 20, 100, 1 << 20, 1 << 20, 1 << 20));
    assertTrue(net.raft(1).effects().isEmpty());
    net.raft(1).tick();
    assertFalse(net.raft(1).effects().isEmpty(), "a heartbeat");
    assertTrue(net.raft(1).effects().isEmpty());
  }
}
